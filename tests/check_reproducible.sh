#!/bin/sh
# The same sources in two directories, of names unlike in length, give the same bytes.
set -u
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
work=$PWD/$OUT/check-reproducible
case $OUT in /*) work=$OUT/check-reproducible ;; esac
rm -rf "$work"
status=0

# The outer make's own settings must not leak in: its BUILD is not the copies'.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES BUILD VARIANT MAKELEVEL

for dir in a some/longer/name; do
    mkdir -p "$work/$dir" && cp -R Makefile include lib pkgconfig "$work/$dir" &&
        (cd "$work/$dir" && $MAKE CC="$CC" PKG_CONFIG="$PKG_CONFIG" all) >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
done
for file in "$work"/a/build/release/liblambdest.*; do
    cmp "$file" "$work/some/longer/name/build/release/${file##*/}" || status=1
    if grep -qaF "$work" "$file"; then
        echo "$file: holds the path of its build" >&2
        status=1
    fi
done
[ $status -ne 0 ] || rm -rf "$work"
exit $status
