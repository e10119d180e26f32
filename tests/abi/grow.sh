#!/bin/sh
# A stranger upgrades the library under a program, or runs a new program with an old library. The headers are
# copied with one member more at the end of each struct that may grow (those that begin with `uint32_t size`),
# a library is built from them, and grow.c is compiled against both: each program runs with each library.
set -u
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
work=$PWD/$OUT/grow
case $OUT in /*) work=$OUT/grow ;; esac
rm -rf "$work"
mkdir -p "$work/grown/tests" "$work/spool" || exit 1

die() {
    echo "$*" >&2
    exit 1
}

cp -R Makefile include lib pkgconfig "$work/grown" || exit 1
for header in include/lambdest/*.h; do
    awk '
    /^typedef struct lambdest_[a-z]+ \{/ { first = 1; grows = 0; print; next }
    first { first = 0; grows = /^ *uint32_t size;/ }
    /^\} lambdest_[a-z]+;/ && grows { print "    uint64_t grown;"; grows = 0 }
    { print }' "$header" >"$work/grown/$header" || exit 1
done
cat "$work"/grown/include/lambdest/*.h | awk '/uint64_t grown;/ { on = 1; next } on { gsub(/[};]/, ""); print $1; on = 0 }' |
    sort >"$work/grew"
sed -n 's/.*= OPEN(\(lambdest_[a-z]*\),.*/\1/p' tests/abi/grow.c | sort >"$work/tested"
[ "$(grep -c '^ *uint32_t size;' include/lambdest/*.h | awk -F: '{ n += $2 } END { print n }')" = "$(wc -l <"$work/grew")" ] ||
    die 'a struct that begins with its size did not grow'
diff "$work/grew" "$work/tested" || die 'tests/abi/grow.c does not test the structs that may grow'

# The outer make's own settings must not leak in: its BUILD is not the copy's.
(
    unset MAKEFLAGS MFLAGS MAKEOVERRIDES BUILD VARIANT MAKELEVEL
    cd "$work/grown" && $MAKE CC="$CC" PKG_CONFIG="$PKG_CONFIG" CFLAGS=-O0 LDFLAGS= build/release/liblambdest.so >"$work/log" 2>&1
) || {
    cat "$work/log" >&2
    die 'the library does not build from grown headers'
}

jansson=$($PKG_CONFIG --cflags --libs jansson)
compile() { # program, headers, flags
    $CC -std=c11 -Wall -Wextra -Werror -g $3 -I"$2" -o "$work/$1" tests/abi/grow.c "$OUT/liblambdest.so" $jansson ||
        die "grow.c does not compile against $2"
}
compile old include ''
compile new "$work/grown/include" -DGROWN

status=0
run() { # program, library's folder, what the library knows
    LD_LIBRARY_PATH=$2 "$work/$1" "$3" "$1 program, $3 library" "$work/spool" || status=1
}
run old "$work/grown/build/release" grown
run new "$OUT" today
run old "$OUT" today
run new "$work/grown/build/release" grown
[ $status -ne 0 ] || rm -rf "$work"
exit $status
