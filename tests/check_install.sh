#!/bin/sh
# Installs, builds a host program as a stranger would, runs it, uninstalls; nothing may stay behind.
set -u
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
work=$PWD/$OUT/check-install
case $OUT in /*) work=$OUT/check-install ;; esac
rm -rf "$work"
mkdir -p "$work" || exit 1
prefix=$work/prefix root=$work/root

die() {
    echo "$*" >&2
    exit 1
}

run_make() {
    $MAKE --no-print-directory "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        die "make $* failed"
    }
}

left() { find "$1" ! -type d; }

run_make install "PREFIX=$prefix" DESTDIR=
cat >"$work/host.c" <<'END'
#include <lambdest.h>
#include <stdio.h>
int main(void)
{
    unsigned version = (unsigned)lambdest_version();

    printf("%u.%u.%u\n", version / 1000000, version / 1000 % 1000, version % 1000);
    return 0;
}
END
PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
version=$($PKG_CONFIG --modversion lambdest) || exit 1
$PKG_CONFIG --libs lambdest | grep -q jansson && die 'Libs shows jansson: it belongs to Libs.private'
cmp "$($PKG_CONFIG --variable=cdef lambdest)" "$OUT/lambdest.cdef" || die 'lambdest.pc does not say where lambdest.cdef is'

(
    cd "$work" || exit 1
    $CC -Wall -Werror $($PKG_CONFIG --cflags lambdest) -o host-shared host.c $($PKG_CONFIG --libs lambdest) &&
        $CC -Wall -Werror $($PKG_CONFIG --cflags lambdest) -o host-static host.c \
            $($PKG_CONFIG --static --libs lambdest | sed 's/-llambdest/-l:liblambdest.a/')
) || die 'a program does not build against the installed library'
[ "$(LD_LIBRARY_PATH=$prefix/lib "$work/host-shared")" = "$version" ] || die 'the shared program does not run'
[ "$("$work/host-static")" = "$version" ] || die 'the static program does not run'
objdump -p "$work/host-shared" | grep -q "NEEDED *liblambdest.so.${version%%.*}\$" || die 'the shared program is not'
objdump -p "$work/host-static" | grep -q 'NEEDED *liblambdest' && die 'the static program is not'

# The optional door: the one header that needs jansson's, for a program that names both packages.
cat >"$work/door.c" <<'END'
#include <lambdest/jansson.h>
int main(void)
{
    json_t *value = NULL;
    lambdest_envelope *env;

    if (lambdest_envelope_new(NULL, &env, NULL) || lambdest_envelope_to_value(env, 0, 0, &value, NULL))
        return 1;
    lambdest_envelope_free(env);
    json_decref(value);
    return 0;
}
END
(
    cd "$work" || exit 1
    $CC -Wall -Werror $($PKG_CONFIG --cflags lambdest jansson) -o door-shared door.c \
        $($PKG_CONFIG --libs lambdest jansson) &&
        $CC -Wall -Werror $($PKG_CONFIG --cflags lambdest jansson) -o door-static door.c \
            $($PKG_CONFIG --static --libs lambdest | sed 's/-llambdest/-l:liblambdest.a/')
) || die 'a program that uses the door to jansson does not build'
LD_LIBRARY_PATH=$prefix/lib "$work/door-shared" && "$work/door-static" || die 'the door to jansson does not work'

# Each name a page documents can be asked for with man(1).
for page in "$prefix"/share/man/man*/*; do
    [ -f "$page" ] || continue
    target=$(sed -n '1s/^\.so //p' "$page")
    [ -z "$target" ] || [ -f "$prefix/share/man/$target" ] || die "$page: points to $target, which is not there"
done

# DESTDIR moves the files and is found in none of them.
run_make install PREFIX=/usr "DESTDIR=$root"
(cd "$prefix" && find . ! -type d | sort) >"$work/plain"
(cd "$root/usr" && find . ! -type d | sort) >"$work/staged"
diff "$work/plain" "$work/staged" || die 'DESTDIR installs other files'
grep -rqF "$root" "$root" && die 'DESTDIR stands in an installed file'
grep -qx 'prefix=/usr' "$root/usr/lib/pkgconfig/lambdest.pc" || die 'lambdest.pc has an old prefix'

run_make uninstall "PREFIX=$prefix" DESTDIR=
run_make uninstall PREFIX=/usr "DESTDIR=$root"
[ -z "$(left "$prefix")$(left "$root")" ] || die "left behind: $(left "$prefix") $(left "$root")"
for dir in include/lambdest lib/cmake/lambdest share/lambdest; do
    [ ! -d "$prefix/$dir" ] || die "left behind: $dir"
done
rm -rf "$work"
exit 0
