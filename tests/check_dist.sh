#!/bin/sh
# A stranger with the tarball and no git: it builds with its objects elsewhere, passes its tests, installs and
# uninstalls without a rest, leaves its sources as they came, and makes the same tarball again.
set -u
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}" "${TARBALL:?made by make dist}"
LC_ALL=C
export LC_ALL
work=$PWD/$OUT/check-dist
case $OUT in /*) work=$OUT/check-dist ;; esac
case $TARBALL in /*) ;; *) TARBALL=$PWD/$TARBALL ;; esac
chmod -R u+w "$work" 2>/dev/null
rm -rf "$work"
mkdir -p "$work/source" || exit 1

die() {
    echo "distcheck: $*" >&2
    exit 1
}

# The outer make's own settings must not leak in.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES BUILD VARIANT MAKELEVEL

tar -C "$work/source" -xzf "$TARBALL" || die 'does not unpack'
name=${TARBALL##*/} name=${name%.tar.gz}
[ "$(ls -A "$work/source")" = "$name" ] || die "does not unpack into $name alone"
cd "$work/source/$name" || exit 1
[ ! -e .git ] || die 'holds .git'

# Root may write to what is read-only; so the files are compared as well.
state() { find . -exec stat -c '%n %a %s %Y' {} + | sort; find . -type f -exec cksum {} + | sort -k 3; }
chmod -R a-w . || exit 1
state >"$work/before"

run() {
    $MAKE --no-print-directory BUILD="$work/build" CC="$CC" PKG_CONFIG="$PKG_CONFIG" PREFIX=/usr "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        die "make $* failed"
    }
}

run check
tail -1 "$work/log" | sed 's/^/distcheck: /'
run install DESTDIR="$work/root"
[ -f "$work/root/usr/lib/liblambdest.a" ] || die 'nothing was installed'
run uninstall DESTDIR="$work/root"
[ -z "$(find "$work/root" ! -type d)" ] || die "left behind: $(find "$work/root" ! -type d)"
run dist
cmp "$TARBALL" "$work/build/$name.tar.gz" || die 'the tarball of the tarball is another'
state >"$work/after"
diff "$work/before" "$work/after" || die 'the sources were written to'
chmod -R u+w "$work"
rm -rf "$work"
exit 0
