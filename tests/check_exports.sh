#!/bin/sh
# What the libraries show and what they ask for.
set -u
: "${CC:=cc}" "${NM:=nm}" "${OUT:=build/release}"
LC_ALL=C
export LC_ALL
list=lib/lambdest.sym so=$OUT/liblambdest.so archive=$OUT/liblambdest.a work=$OUT/check-exports
status=0
rm -rf "$work"
mkdir -p "$work" || exit 1

fail() {
    echo "$*" >&2
    status=1
}

sort -c -u $list || fail "$list: not sorted, or a name stands twice"

$NM -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
diff $list "$work/exported" || fail "$so does not export what $list says"

# What the headers promise: the name before the first parenthesis of each LAMBDEST_API declaration.
cat include/lambdest/*.h | awk '
{
    sub(/^#.*/, ""); text = text " " $0
}
END {
    while (i = index(text, "/*")) {
        rest = substr(text, i + 2)
        text = substr(text, 1, i - 1) " " substr(rest, index(rest, "*/") + 2)
    }
    n = split(text, part, ";")
    for (i = 1; i <= n; i++)
        if (j = index(part[i], "LAMBDEST_API")) {
            name = substr(part[i], j + 12); sub(/[ ]*\(.*/, "", name); sub(/.*[ *]/, "", name); print name
        }
}' | sort >"$work/declared"
diff "$work/declared" $list || fail "$list is not what the headers declare"

# A name without the prefix could meet another in a static program.
$NM -g --defined-only "$archive" | awk 'NF == 3 && $3 !~ /^lambdest_/ { print $3 }' >"$work/foreign"
[ ! -s "$work/foreign" ] || fail "$archive has globals without the prefix: $(tr '\n' ' ' <"$work/foreign")"

# No global state: nothing writable that is not a relocated constant.
size -A "$archive" | awk '$1 == "ex" { next } /:$|\(ex / { file = $1 } /^\.t?(data|bss)(\.|[ ])/ && $1 !~ /rel\.ro/ && $2 > 0 {
    print file, $1, $2 }' >"$work/state"
[ ! -s "$work/state" ] || fail "writable data: $(cat "$work/state")"

# The process is the host's: calls that may not even come in through a macro.
$NM -D --undefined-only "$so" | awk '{ sub(/@.*/, "", $NF); print $NF }' |
    grep -E '^(abort|__assert.*|_?exit|(secure_)?getenv|setlocale|signal|sigaction|pthread_create|fork|sleep|usleep|nanosleep|time|clock|clock_gettime|gettimeofday|rand|srand|random|(__)?v?(f|s|sn|d|as)?printf(_chk)?|puts|putchar|perror|__ctype_b_loc|__ctype_to(low|upp)er_loc|json_set_alloc_funcs2?|json_load.*|json_dumpf?|json_dumps|json_dump_(file|callback))$' \
    >"$work/banned" && fail "$so calls $(tr '\n' ' ' <"$work/banned")"

exit $status
