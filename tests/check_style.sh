#!/bin/sh
# What the code may not contain. Reads the text: comments and literals are blanked before a search.
set -u
LC_ALL=C
export LC_ALL
status=0

complain() { # reads "file:line: text" lines; $1 says what is wrong with them
    while IFS= read -r line; do
        echo "$line  <- $1"
    done
}

# Prints "file:line: code". A // outside of comments and literals is left in the code.
code() {
    awk '
    FNR == 1 { comment = 0 }
    {
        out = ""; n = length($0); quote = ""
        for (i = 1; i <= n; i++) {
            c = substr($0, i, 1); two = substr($0, i, 2)
            if (comment) {
                if (two == "*/") { comment = 0; i++ }
            } else if (quote != "") {
                if (c == "\\") i++
                else if (c == quote) { quote = ""; out = out c }
            } else if (two == "/*") {
                comment = 1; i++; out = out " "
            } else {
                if (c == "\"" || c == "\047") quote = c
                out = out c
            }
        }
        # The name of an included file is wanted, not blanked.
        if (!comment && $0 ~ /^#[ ]*include/) out = $0
        printf "%s:%d: %s\n", FILENAME, FNR, out
    }' "$@"
}

# A finding is a line on standard output; the exit status comes from whether there was any.
findings() {
    sources=$(find lib -name '*.[ch]' | sort)
    headers=$(find include -name '*.h' | sort)
    lib=$(code $sources)
    public=$(code $headers)

    search() { # text, pattern, what is wrong
        printf '%s\n' "$1" | grep -E "^[^:]*:[0-9]+: (.*[^A-Za-z0-9_])?($2)" | complain "$3"
    }
    call() { search "$lib" "($1)[ ]*\\(" "$2"; }

    call 'strcpy|strcat|strncat|stpcpy|strtok|strtok_r|gets|alloca' 'unbounded or stateful'
    call 'atoi|atol|atoll|atof|strtod|strtof|strtold' 'no error, or the locale decides'
    call 'setlocale|localeconv|getenv|secure_getenv' 'the process belongs to the host'
    call 'assert|abort|exit|_exit|signal|sleep|usleep|nanosleep' 'the process belongs to the host'
    call 'time|clock|clock_gettime|gettimeofday|gmtime|gmtime_r|localtime|localtime_r|mktime|strftime' \
        'time comes from the caller'
    call 'v?f?printf|v?sn?printf|v?dprintf|v?asprintf|puts|fputs|putchar|perror|v?f?scanf|v?sscanf' \
        'the library does not print, and locales decide what printf writes'
    call 'is(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)|tolower|toupper' \
        'the locale decides, and a negative char is undefined'
    call 'json_set_alloc_funcs2?|json_loadb?|json_loads|json_loadf|json_load_[a-z]*|json_dumps|json_dumpf' \
        'not a sound call of jansson'
    call 'json_dump_file|json_dump_callback|json_dumpfd|json_pack|json_unpack' 'not a sound call of jansson'
    search "$lib" '#[ ]*include[ ]*<(assert|ctype|locale|setjmp|signal|time|wctype|pthread)\.h>' 'not in lib/'
    printf '%s\n' "$lib" | grep -v '^lib/base/alloc\.c:' |
        grep -E '[^A-Za-z0-9_](malloc|calloc|realloc|reallocarray|free|strdup|strndup)[ ]*\(' |
        complain 'memory comes from the object'\''s allocator (lib/base/alloc.h)'
    printf '%s\n%s\n' "$lib" "$public" | grep -v '#[ ]*include' | grep '//' | complain 'comments are /* */'

    search "$public" '(long|time_t|off_t|ssize_t|bool|_Bool|FILE|union|va_list)([^A-Za-z0-9_]|$)' \
        'not in a public header'
    printf '%s\n' "$public" | grep -F '...' | complain 'no variable arguments'
    printf '%s\n' "$public" | grep -E ':[0-9]+: .*[A-Za-z0-9_]+[ ]*:[ ]*[0-9A-Z_]+[ ]*[,;]' | complain 'no bit-fields'

    for source in $(find lib -mindepth 2 -name '*.c' | sort); do
        room=${source#lib/}
        file=${room##*/}
        test=tests/test_${room%%/*}_$file
        [ -f "$test" ] || echo "$source: has no $test"
    done

    printf '%s\n' "$lib" | awk '
    BEGIN { n = split("base json envelope outcome carrier delivery", room, " "); for (i = 1; i <= n; i++) rank[room[i]] = i }
    /:[0-9]+: #[ ]*include[ ]*"/ {
        split($0, part, "\""); split(part[2], to, "/"); split($0, from, "/")
        if (!(from[2] in rank)) print $0 "  <- a room that the arrows do not know"
        else if (!(to[1] in rank) || to[2] == "") print $0 "  <- write \"room/file.h\""
        else if (rank[to[1]] > rank[from[2]]) print $0 "  <- arrows go down only"
    }'
    [ "$(printf '%s\n' "$lib" | grep -E '#[ ]*include[ ]*<(lambdest/)?jansson\.h>' | cut -d: -f1 | sort -u | wc -l)" -le 1 ] ||
        echo 'lib: more than one file includes jansson.h'

    # lib/ must be able to be one translation unit (.packaging/amalgamate.sh).
    awk '
    function name(text) {
        if (text ~ /^_POSIX_C_SOURCE/) return
        sub(/[^A-Za-z0-9_].*/, "", text)
        if (text in owner && owner[text] != FILENAME)
            printf "%s:%d: %s stands in %s too  <- one name, one meaning in all of lib/\n", FILENAME, FNR, text, owner[text]
        else owner[text] = FILENAME
    }
    FILENAME !~ /\.c$/ { next }
    /^#[ ]*define / { line = $0; sub(/^#[ ]*define */, "", line); name(line) }
    /^(static|LAMBDEST__[A-Z_]*INLINE|[A-Z0-9_]*INLINE[A-Z0-9_]*) / && match($0, /[A-Za-z_0-9]+(\(|\[| =|;)/) {
        name(substr($0, RSTART, RLENGTH))
    }
    /^} [a-z_0-9]+;/ { name(substr($0, 3)) }
    /^typedef .*;/ { line = $0; sub(/\(.*/, "", line); sub(/;.*/, "", line); sub(/.*[ *]/, "", line); name(line) }
    /^enum [a-z_]+ {/ { name($2) }
    /^    [A-Z][A-Z0-9_]+( = .*)?,?( +\/\*.*)?$/ { name($1) }' $sources

    awk '
    FNR == 1 { start = 0 }
    /^[A-Za-z_]/ && !/;[ ]*$/ { start = FNR }
    /^\}[ ]*$/ {
        if (start && FNR - start + 1 > 60)
            printf "%s:%d: a function of %d lines (at most 60)\n", FILENAME, start, FNR - start + 1
        start = 0
    }' $sources

    # A continuation byte of UTF-8 takes no column.
    awk '
    /\t/ { printf "%s:%d: a tab\n", FILENAME, FNR }
    /[ \r]$/ { printf "%s:%d: white space at the end\n", FILENAME, FNR }
    { gsub(/[\200-\277]/, ""); if (length($0) > 110) printf "%s:%d: over 110 columns\n", FILENAME, FNR }' \
        $sources $headers
}

found=$(findings)
if [ -n "$found" ]; then
    printf '%s\n' "$found" >&2
    status=1
fi
exit $status
