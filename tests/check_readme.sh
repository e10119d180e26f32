#!/bin/sh
# The README's first program compiles without a warning and prints what the README says it does.
set -u
CC=${CC:-cc}
PKG_CONFIG=${PKG_CONFIG:-pkg-config}
OUT=${OUT:-build/release}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# block LANGUAGE: the first fenced block of this language
block() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done { on = 1; next } /^```/ { if (on) done = 1; on = 0 } on' README.md
}

block c >"$tmp/first.c"
block console >"$tmp/console"
[ -s "$tmp/first.c" ] && [ -s "$tmp/console" ] || { echo 'README.md: no program or no console' >&2; exit 1; }
$CC -std=c11 -Wall -Wextra -Werror -Iinclude "$tmp/first.c" "$OUT/liblambdest.a" \
    $($PKG_CONFIG --libs jansson) -o "$tmp/first" || exit 1
input=$(sed -n 's/^\$ \.\/first <//p' "$tmp/console")
"$tmp/first" <"$input" >"$tmp/got" || exit 1
grep -v '^\$' "$tmp/console" >"$tmp/expected"
diff "$tmp/expected" "$tmp/got" || exit 1

# Whatever envelope it is given, it prints words: not what printf makes of a NULL, nor the name of a 0.
echo '{"requestPayload":{}}' >"$tmp/bare.json"
told=0
for file in tests/records/*.json "$tmp/bare.json"; do
    "$tmp/first" <"$file" >"$tmp/got" 2>/dev/null || continue # no envelope
    told=$((told + 1))
    ! grep -F -e '(null)' -e ', ok:' "$tmp/got" || { echo "README.md: of $file" >&2; exit 1; }
done
[ $told -gt 1 ]
