#!/bin/sh
# What programs are compiled against, compared with the committed baseline: the layout of structs and the
# functions' types (abidiff of a build with debug information), and the value of every enumerator, which
# functions take as plain ints. Any difference fails, an addition too: it is a line in the baseline first.
#   sh tests/abi/check.sh          compare
#   sh tests/abi/check.sh renew    write the baseline anew
set -u
: "${MAKE:=make}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
CC=${ABI_CC:-gcc} # compilers tell the same types in different words
LC_ALL=C
export LC_ALL
here=${ABI_BASELINE:-$PWD/tests/abi}
work=$PWD/$OUT/abi
case $OUT in /*) work=$OUT/abi ;; esac
mkdir -p "$work" || exit 1
rm -f "$work"/*.abi "$work"/constants*

die() {
    echo "$*" >&2
    exit 1
}

machine=$($CC -dumpmachine) || exit 1
machine=${machine%%-*}
so=$work/build/release/liblambdest.so
(
    unset MAKEFLAGS MFLAGS MAKEOVERRIDES VARIANT MAKELEVEL
    $MAKE BUILD="$work/build" CC="$CC" PKG_CONFIG="$PKG_CONFIG" CFLAGS='-g -O0' LDFLAGS= "$so" >"$work/log" 2>&1
) || {
    cat "$work/log" >&2
    die 'the library does not build'
}

# A struct is public if it is defined in one of these; abidw knows headers by their names alone.
rm -rf "$work/headers" && mkdir "$work/headers" &&
    cp $(grep -l '^typedef struct lambdest_[a-z]* {' include/lambdest/*.h) "$work/headers" || exit 1
for header in "$work"/headers/*; do
    for private in lib/*/"${header##*/}"; do
        [ ! -f "$private" ] || die "$private has the name of a public header that defines a struct"
    done
done

# The dump says nothing of the machine it was made on, nor where in a file a thing stands.
abidw --headers-dir "$work/headers" --drop-private-types --exported-interfaces-only \
    --no-corpus-path --no-comp-dir-path --short-locs --no-parameter-names --no-elf-needed --type-id-style hash \
    "$so" >"$work/raw.abi" || die 'abidw failed'
sed "s/ filepath='[^']*'//; s/ line='[0-9]*'//; s/ column='[0-9]*'//; s/ visibility='default'//" \
    "$work/raw.abi" >"$work/liblambdest.abi" || exit 1
rm -f "$work/raw.abi"

# Every enumerator, as the compiler has it.
names=$(awk '
{
    text = text " " $0
}
END {
    while (i = index(text, "/*")) {
        rest = substr(text, i + 2)
        text = substr(text, 1, i - 1) " " substr(rest, index(rest, "*/") + 2)
    }
    while (match(text, /enum lambdest_[a-z_]* *\{[^}]*\}/)) {
        body = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
        sub(/^[^{]*\{/, "", body); sub(/\}$/, "", body)
        n = split(body, part, ",")
        for (i = 1; i <= n; i++)
            if (match(part[i], /LAMBDEST_[A-Z0-9_]+/)) print substr(part[i], RSTART, RLENGTH)
    }
}' include/lambdest/*.h)
{
    printf '#include <lambdest.h>\n#include <stdio.h>\nint main(void)\n{\n'
    for name in $names; do
        printf '    printf("%s %%d\\n", (int)%s);\n' "$name" "$name"
    done
    printf '    return 0;\n}\n'
} >"$work/constants.c"
$CC -std=c11 -Iinclude -o "$work/constants.bin" "$work/constants.c" && "$work/constants.bin" | sort >"$work/constants" ||
    die 'the enumerators do not compile'
[ "$(wc -l <"$work/constants")" -gt 100 ] || die 'enumerators were not found'

if [ "${1:-}" = renew ]; then
    cp "$work/liblambdest.abi" "$here/liblambdest-$machine.abi" && cp "$work/constants" "$here/constants" || exit 1
    echo "abi: written: $here/liblambdest-$machine.abi, constants"
    exit 0
fi

status=0
[ -f "$here/liblambdest-$machine.abi" ] || die "there is no baseline for $machine: make abi-baseline"
abidiff --harmless "$here/liblambdest-$machine.abi" "$work/liblambdest.abi" >"$work/report" 2>&1
result=$?
if [ $result -ne 0 ]; then
    cat "$work/report" >&2
    if [ $((result & 8)) -ne 0 ]; then echo 'abi: incompatible' >&2; else echo "abi: changed ($result)" >&2; fi
    status=1
fi
if ! diff "$here/constants" "$work/constants" >"$work/constants.diff"; then
    cat "$work/constants.diff" >&2
    if grep -q '^<' "$work/constants.diff"; then echo 'abi: an enumerator is gone or has another value' >&2; fi
    status=1
fi
[ $status -eq 0 ] || echo 'abi: not the baseline; if that is meant, make abi-baseline and say so in CHANGELOG.md' >&2
exit $status
