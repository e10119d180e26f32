#!/bin/sh
# One version everywhere; the macros in include/lambdest/base.h are its source.
set -u
: "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
work=$OUT/check-version
status=0
mkdir -p "$work" || exit 1

same() { # what, seen, wanted
    if [ "$2" != "$3" ]; then
        echo "$1: '$2', and not '$3'" >&2
        status=1
    fi
}

macro() {
    sed -n "s/^ *# *define  *LAMBDEST_VERSION_$1  *\([0-9][0-9]*\).*/\1/p" include/lambdest/base.h
}
major=$(macro MAJOR) minor=$(macro MINOR) patch=$(macro PATCH)
version=$major.$minor.$patch
abi=$(sed -n 's/^ABI := //p' Makefile)

cat >"$work/version.c" <<'END'
#include <lambdest/base.h>
#include <stdio.h>
int main(void)
{
    printf("%lu %lu\n", (unsigned long)lambdest_version(),
           LAMBDEST_VERSION_MAJOR * 1000000ul + LAMBDEST_VERSION_MINOR * 1000ul + LAMBDEST_VERSION_PATCH);
    return 0;
}
END
number=$((major * 1000000 + minor * 1000 + patch))
if $CC -Iinclude -o "$work/version" "$work/version.c" "$OUT/liblambdest.so" "-Wl,-rpath,$(cd "$OUT" && pwd)"; then
    same 'lambdest_version() and the macros' "$("$work/version")" "$number $number"
else
    status=1
fi

same "$OUT/lambdest.pc" "$(sed -n 's/^Version: *//p' "$OUT/lambdest.pc")" "$version"
same 'the newest entry of CHANGELOG.md' \
    "$(sed -n 's/^## *\[\{0,1\}\([0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' CHANGELOG.md | head -n 1)" "$version"
same "$OUT/liblambdest.so" "$(readlink "$OUT/liblambdest.so")" "liblambdest.so.$abi"
same "$OUT/liblambdest.so.$abi" "$(readlink "$OUT/liblambdest.so.$abi")" "liblambdest.so.$version"
same soname "$(objdump -p "$OUT/liblambdest.so.$version" | sed -n 's/^ *SONAME *//p')" "liblambdest.so.$abi"
same 'version node' "$(sed -n '1s/ {$//p' "$OUT/lambdest.map")" "LAMBDEST_$abi"
exit $status
