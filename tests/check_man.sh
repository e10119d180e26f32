#!/bin/sh
# The man pages: lint; every exported function has a prototype on some page and is named by that page;
# every SYNOPSIS agrees with the headers; every complete program in EXAMPLES compiles and runs.
set -u
: "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
LC_ALL=C
export LC_ALL
work=$PWD/$OUT/check-man
case $OUT in /*) work=$OUT/check-man ;; esac
status=0
rm -rf "$work"
mkdir -p "$work" || exit 1

fail() {
    echo "$*" >&2
    status=1
}

pages=$(find man -name '*.[357]' 2>/dev/null | sort)
if [ -z "$pages" ]; then
    echo 'no man pages yet'
    exit 0
fi

if command -v mandoc >/dev/null 2>&1; then
    mandoc -Tlint -Wwarning $pages || fail 'mandoc complains'
elif [ "${CI:-}" = true ]; then
    fail 'mandoc is missing'
else
    echo 'no mandoc: lint is left out'
fi

# Turns a SYNOPSIS into C: .In gives an include, .Ft with .Fn or .Fo .Fa .Fc a declaration.
declarations() {
    awk '
    # Splits a macro line into arg[1..n]; a quoted argument is one.
    function arguments(line,   i, c, word, quoted, open) {
        n = 0; word = ""; open = quoted = 0
        for (i = 1; i <= length(line); i++) {
            c = substr(line, i, 1)
            if (c == "\"") { quoted = !quoted; open = 1 }
            else if (c == " " && !quoted) { if (open) arg[++n] = word; word = ""; open = 0 }
            else { word = word c; open = 1 }
        }
        if (open) arg[++n] = word
    }
    function plain(s) { gsub(/\\&/, "", s); gsub(/\\-/, "-", s); gsub(/\\ /, " ", s); return s }
    function add(s) { if (s !~ /^[,;.]?$/) list = list (list == "" ? "" : ", ") plain(s) }
    function declare() {
        print type (type ~ /\*$/ ? "" : " ") name "(" (list == "" ? "void" : list) ");"
    }
    /^\.Sh/ { on = $2 == "SYNOPSIS"; next }
    !on { next }
    { line = $0; macro = $1; sub(/^[^ ]+[ ]*/, "", line); arguments(line) }
    macro == ".In" { print "#include <" arg[1] ">" }
    macro == ".Ft" { type = ""; for (i = 1; i <= n; i++) type = type (i > 1 ? " " : "") plain(arg[i]) }
    macro == ".Fn" { name = plain(arg[1]); list = ""; for (i = 2; i <= n; i++) add(arg[i]); declare() }
    macro == ".Fo" { name = plain(arg[1]); list = "" }
    macro == ".Fa" { for (i = 1; i <= n; i++) add(arg[i]) }
    macro == ".Fc" { declare() }
    ' "$1"
}

# Writes each block of EXAMPLES that holds a main() to $2_N.c, as man(1) would show it.
programs() {
    awk -v base="$2" '
    function shown(s,   out, i, c, e) {
        out = ""
        for (i = 1; i <= length(s); i++) {
            c = substr(s, i, 1)
            if (c != "\\") { out = out c; continue }
            c = substr(s, ++i, 1)
            if (c == "e") out = out "\\"
            else if (c == "-" || c == " " || c == ".") out = out c
            else if (c == "&") continue
            else if (c == "(") {
                e = substr(s, i + 1, 2); i += 2
                if (!(e in special)) { printf "%s:%d: \\(%s is not known here\n", FILENAME, FNR, e > "/dev/stderr"; bad = 1 }
                out = out special[e]
            } else { printf "%s:%d: \\%s is not known here\n", FILENAME, FNR, c > "/dev/stderr"; bad = 1 }
        }
        return out
    }
    BEGIN {
        special["rs"] = "\\"; special["aq"] = "\047"; special["dq"] = "\""; special["ga"] = "`"
        special["ha"] = "^"; special["ti"] = "~"; special["en"] = "-"
    }
    /^\.Sh/ { on = $2 == "EXAMPLES" }
    on && /^\.Bd/ { block = /-literal/; text = ""; first = FNR + 1; next }
    on && /^\.Ed/ {
        if (block && text ~ /(^|[^A-Za-z0-9_])main\(/) {
            file = base "_" ++count ".c"
            printf "#line %d \"%s\"\n%s", first, FILENAME, text > file
            close(file)
        }
        block = 0; next
    }
    block && /^\.\\"/ { next }
    block { text = text shown($0) "\n" }
    END { exit bad }' "$1"
}

jansson_cflags=$($PKG_CONFIG --cflags jansson) jansson_libs=$($PKG_CONFIG --libs jansson)
: >"$work/documented"
count=0
for page in $pages; do
    name=${page##*/}
    name=${name%.*}
    {
        echo '#include <lambdest.h>'
        declarations "$page"
    } >"$work/$name.synopsis.c"
    $CC -std=c11 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -Iinclude $jansson_cflags \
        -fsyntax-only "$work/$name.synopsis.c" || fail "$page: SYNOPSIS and headers differ"

    sed -n 's/^[^#].*[ *]\(lambdest_[a-z0-9_]*\)(.*/\1/p' "$work/$name.synopsis.c" | sort -u >"$work/prototypes"
    awk '/^\.Sh/ { on = $2 == "NAME" } on && /^\.Nm/ { print $2 }' "$page" | sort -u >"$work/named"
    case $page in
        *.3) comm -23 "$work/prototypes" "$work/named" | while read -r f; do
            echo "$page: $f is not in NAME"
        done >"$work/unnamed" ;;
        *) : >"$work/unnamed" ;;
    esac
    [ ! -s "$work/unnamed" ] || fail "$(cat "$work/unnamed")"
    # A declaration that the headers do not have would compile: it must be one of the exported.
    comm -23 "$work/prototypes" lib/lambdest.sym >"$work/unknown"
    [ ! -s "$work/unknown" ] || fail "$page: not exported: $(tr '\n' ' ' <"$work/unknown")"
    cat "$work/prototypes" >>"$work/documented"

    programs "$page" "$work/$name" || fail "$page: an example cannot be read"
    for program in "$work/$name"_[0-9]*.c; do
        [ -f "$program" ] || continue
        count=$((count + 1))
        if $CC -std=c11 -Wall -Wextra -Werror -Iinclude $jansson_cflags -o "${program%.c}" "$program" \
            "$OUT/liblambdest.a" $jansson_libs; then
            mkdir -p "$work/run" &&
                (cd "$work/run" && "${program%.c}" </dev/null >"$work/output" 2>&1) || {
                cat "$work/output" >&2
                fail "$page: an example fails when it runs (${program##*/})"
            }
        else
            fail "$page: an example does not compile"
        fi
    done
done

sort -u "$work/documented" | comm -13 - lib/lambdest.sym >"$work/missing"
[ ! -s "$work/missing" ] || fail "no page has a prototype of: $(tr '\n' ' ' <"$work/missing")"
echo "$(printf '%s\n' $pages | wc -l) pages, $(sort -u "$work/documented" | wc -l) functions, $count programs"
exit $status
