#!/bin/sh
# lambdest.cdef: plain C without a preprocessor, with every function, and every enumerator with its value, each
# on a line of its own. What the enumerators are is asked of the compiler's debugging information.
set -u
: "${CC:=cc}" "${OUT:=build/release}"
LC_ALL=C
export LC_ALL
cdef=$OUT/lambdest.cdef work=$OUT/check-cdef
status=0
rm -rf "$work"
mkdir -p "$work" || exit 1

fail() {
    echo "$*" >&2
    status=1
}

{
    printf '#include <stddef.h>\n#include <stdint.h>\n'
    cat "$cdef"
} >"$work/cdef.c"
$CC -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$work/cdef.c" || fail "$cdef is not plain C"
grep -nE '#|__|(^|[^a-z_])(bool|long|float|double|union|inline|static|volatile|restrict)[^a-z_]|\.\.\.' "$cdef" &&
    fail "$cdef has what an interface for other languages must not have"
grep -n '(.*[( ]enum ' "$cdef" && fail "$cdef has an enumeration as an argument"

# The functions that give and take json_t are left out: they need jansson's header.
sed -n 's/^[a-z].*[ *]\(lambdest_[a-z0-9_]*\)(.*);$/\1/p' "$cdef" | sort >"$work/functions"
sed -n 's/.*[ *]\(lambdest_[a-z0-9_]*\)(.*/\1/p' include/lambdest/jansson.h | grep -xF -f lib/lambdest.sym |
    sort -u - "$work/functions" | diff - lib/lambdest.sym || fail "$cdef does not declare what lib/lambdest.sym lists"

echo '#include <lambdest.h>' >"$work/all.c"
$CC -Iinclude -g -fno-eliminate-unused-debug-types -c -o "$work/all.o" "$work/all.c" || status=1
readelf --debug-dump=info "$work/all.o" | awk '
    /DW_TAG_/ { on = /DW_TAG_enumerator/ }
    on && /DW_AT_name/ { name = $NF }
    on && /DW_AT_const_value/ { print name, $NF }' | sort >"$work/compiled"
sed -n 's/^ *\(LAMBDEST_[A-Z0-9_]*\) = \(-\{0,1\}[0-9]*\),\{0,1\}$/\1 \2/p' "$cdef" | sort >"$work/listed"
diff "$work/compiled" "$work/listed" || fail "$cdef: other enumerators or values than the headers"
[ -s "$work/listed" ] || fail 'no enumerator was found'
echo "$(grep -c . "$work/functions") functions, $(grep -c . "$work/listed") enumerators"
exit $status
