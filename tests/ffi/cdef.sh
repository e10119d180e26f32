#!/bin/sh
# Prints the public API as plain declarations: no preprocessor, no attributes, no includes. What cffi,
# LuaJIT and PHP take as it is.
set -eu
CC=${CC:-cc}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/stddef.h"
: >"$tmp/stdint.h"
echo '/* lambdest: the API as plain declarations, made from the public headers. */'
printf '#include <lambdest.h>\n' |
    $CC -E -P -nostdinc -I"$tmp" -Iinclude -U__GNUC__ -x c - |
    sed 's/[[:space:]][[:space:]]*/ /g; s/^ //' | grep -v '^ *$'
