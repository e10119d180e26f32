#!/bin/sh
# That the shared library as built is hardened: what the linker was asked for, and what the compiler put in.
set -u
: "${CC:=cc}" "${NM:=nm}" "${READELF:=readelf}" "${OUT:=build/release}"
LC_ALL=C
export LC_ALL
so=$OUT/liblambdest.so work=$OUT/check-hardening
status=0
mkdir -p "$work" || exit 1

fail() {
    echo "$so: $*" >&2
    status=1
}

$READELF -dW "$so" >"$work/dynamic" && $READELF -lW "$so" >"$work/segments" &&
    $NM -D --undefined-only "$so" | awk '{ sub(/@.*/, "", $NF); print $NF }' >"$work/asked" || exit 1

# Full RELRO: all is resolved at the start, and then nothing of it can be written.
grep -q 'BIND_NOW' "$work/dynamic" || fail 'symbols are resolved late (no BIND_NOW)'
grep -q 'GNU_RELRO' "$work/segments" || fail 'relocated data stays writable (no GNU_RELRO)'
grep -q 'TEXTREL' "$work/dynamic" && fail 'relocations in the code (TEXTREL)'
grep -q 'R\(UN\)\?PATH' "$work/dynamic" && fail 'a path to libraries of its own (RPATH, RUNPATH)'

# Missing, the mark of the stack means that it may be executable.
awk '$1 == "GNU_STACK" { seen = 1; if ($7 ~ /E/) bad = 1 } END { exit bad || !seen }' "$work/segments" ||
    fail 'an executable stack'
awk '$1 == "LOAD" { flags = ""; for (i = 7; i < NF; i++) flags = flags $i; if (flags ~ /W/ && flags ~ /E/) exit 1 }' \
    "$work/segments" || fail 'memory both writable and executable'

grep -qx '__stack_chk_fail' "$work/asked" || fail 'no stack protector'

# Only glibc has checked functions, and only where the Makefile has asked for them: its flags are on record.
if echo '#include <stddef.h>
#include <stdlib.h>
#ifdef __GLIBC__
glibc
#endif' | $CC -E - 2>/dev/null | grep -qx glibc && ! grep -qe '-O0' "$OUT/flags"; then
    grep -qe '-D_FORTIFY_SOURCE=[23]' "$OUT/flags" || fail 'not built with _FORTIFY_SOURCE'
    grep -q '^__.*_chk$' "$work/asked" ||
        fail 'no call of a checked function (_FORTIFY_SOURCE)'
fi

exit $status
