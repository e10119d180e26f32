#!/bin/sh
# The Debian packages: lintian finds no error and no warning; unpacked, they hold what they should, and the
# README's program builds and runs with them.
set -u
: "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}" "${PACKAGES:?folder of make deb}"
LC_ALL=C
export LC_ALL
work=$PWD/$OUT/check-deb
case $OUT in /*) work=$OUT/check-deb ;; esac
rm -rf "$work"
mkdir -p "$work/root" || exit 1

die() {
    echo "deb: $*" >&2
    exit 1
}

# They are not uploaded to Debian, so no bug asks for them there.
lintian --allow-root --no-cfg --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs "$PACKAGES"/*.changes ||
    die 'lintian'

for package in liblambdest0 liblambdest-dev liblambdest-doc; do
    set -- "$PACKAGES/$package"_*.deb
    [ $# -eq 1 ] && [ -f "$1" ] || die "there is no $package"
    dpkg -x "$1" "$work/root" && dpkg -e "$1" "$work/$package" || exit 1
done
grep -qx 'Depends:.*libjansson4 (>= 2.14).*' "$work/liblambdest0/control" || die 'liblambdest0 does not depend on jansson'
grep -q '^Depends:.*liblambdest0 (= ' "$work/liblambdest-dev/control" || die '-dev goes with another library'
sed -n 's/^ \(lambdest_[a-z_]*\)@LAMBDEST_[0-9]* .*/\1/p' "$work/liblambdest0/symbols" | diff lib/lambdest.sym - ||
    die 'its symbols file is not lib/lambdest.sym'

# Every file that make install puts down is in one of them.
${MAKE:-make} --no-print-directory install PREFIX=/usr DESTDIR="$work/installed" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    die 'make install failed'
}
names() { (cd "$1" && find . ! -type d | sed 's|/lib/[a-z0-9_]*-linux-[a-z0-9]*/|/lib/|; s/\.gz$//' | sort); }
names "$work/installed/usr" >"$work/wanted"
names "$work/root/usr" | grep -v '^\./share/doc/' | diff "$work/wanted" - || die 'not the files of make install'
[ -f "$work/root/usr/share/doc/liblambdest-dev/examples/consumer.c" ] || die 'no examples'

block() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done { on = 1; next } /^```/ { if (on) done = 1; on = 0 } on' README.md
}
block c >"$work/first.c"
block console | grep -v '^\$' >"$work/expected"
input=$(block console | sed -n 's/^\$ \.\/first <//p')
lib=$(dirname "$(find "$work/root/usr/lib" -name 'liblambdest.so.0')")
PKG_CONFIG_PATH=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
$CC -Wall -Werror "$work/first.c" $($PKG_CONFIG --cflags --libs lambdest) -o "$work/shared" &&
    $CC -Wall -Werror "$work/first.c" $($PKG_CONFIG --cflags lambdest) -o "$work/static" \
        $($PKG_CONFIG --static --libs lambdest | sed 's/-llambdest/-l:liblambdest.a/') || die 'a program does not build'
LD_LIBRARY_PATH=$lib "$work/shared" <"$input" | diff "$work/expected" - || die 'the shared program does not run'
"$work/static" <"$input" | diff "$work/expected" - || die 'the static program does not run'
rm -rf "$work"
exit 0
