#!/bin/sh
# jansson and cmocka for musl, built from Debian's own sources: Debian has neither as a package for musl.
# apt-get fetches and checks them with a list of its own, so that the machine's lists stay as they are.
# Usage: musl.sh DIRECTORY; pkg-config then finds both in DIRECTORY/pkgconfig.
set -u
: "${MUSL_CC:=musl-gcc}" "${AR:=ar}"
here=$(mkdir -p "$1" && cd "$1" && pwd) || exit 1
src=$here/src

missing() {
    echo "musl: missing: $*" >&2
    exit 1
}

for tool in "$MUSL_CC=musl-tools" apt-get=apt xz=xz-utils; do
    command -v "${tool%%=*}" >/dev/null 2>&1 || missing "${tool%%=*} (Debian: ${tool#*=})"
done

# The machine's own archives, asked for sources instead of packages.
write_list() {
    mkdir -p "$src/lists/partial"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ ! -f "$file" ] || { sed 's/^Types:.*/Types: deb-src/' "$file" && echo; }
    done >"$src/source.sources"
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ ! -f "$file" ] || sed -n 's/^deb /deb-src /p' "$file"
    done >"$src/source.list"
}

apt() {
    mkdir -p "$src/sources.d" && cp "$src/source.sources" "$src/source.list" "$src/sources.d" || return 1
    apt-get -qq -o Acquire::Retries=3 -o Acquire::Languages=none -o Dir::Etc::sourcelist=/dev/null \
        -o "Dir::Etc::sourceparts=$src/sources.d" -o "Dir::State::lists=$src/lists" -o Dir::Cache::pkgcache= \
        -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

fetch() { # package, pattern of its tarball
    set -- "$1" "$src/$1_*.orig.tar.*z"
    [ -f $2 ] && return 0
    [ -d "$src/sources.d" ] || {
        write_list
        apt update || :
    }
    (cd "$src" && apt --download-only source "$1" >&2) || :
    [ -f $2 ] || missing "the source of $1: no 'apt-get source $1' from the archives that this machine knows"
}

unpack() { # package
    rm -rf "$here/$1" && mkdir "$here/$1" && tar -xf $src/$1_*.orig.tar.*z -C "$here/$1" --strip-components=1
}

have() { # macros' names
    for name; do
        echo "#define HAVE_$name 1"
    done
}

pc() { # package, its version
    mkdir -p "$here/pkgconfig"
    printf 'Name: %s\nDescription: for musl\nVersion: %s\nCflags: -isystem %s\nLibs: -L%s -l%s\n' "$1" "$2" \
        "$here/include" "$here" "$1" >"$here/pkgconfig/$1.pc"
}

build() { # package, include directory; sources from standard input
    rm -f "$here/lib$1.a"
    while read -r file; do
        object=$here/$1/${file##*/}.o
        "$MUSL_CC" -O2 -fPIC -w -DHAVE_CONFIG_H -I"$here/$1" -I"$2" -I"$here/include" -c -o "$object" \
            "$file" && "$AR" rcs "$here/lib$1.a" "$object" || return 1
    done
}

jansson() {
    from=$here/jansson/src
    fetch jansson && unpack jansson && cp "$from/jansson.h" "$here/include" &&
        sed -e 's/@json_inline@/inline/' -e 's/@json_have_[a-z_]*@/1/' "$from/jansson_config.h.in" \
            >"$here/include/jansson_config.h" &&
        have STDINT_H UNISTD_H FCNTL_H SCHED_H SYS_TYPES_H SYS_STAT_H SYS_TIME_H SYS_PARAM_H ENDIAN_H OPEN \
            CLOSE READ GETTIMEOFDAY GETPID SCHED_YIELD ATOMIC_BUILTINS >"$from/jansson_private_config.h" &&
        find "$from" -name '*.c' | build jansson "$from" &&
        pc jansson "$(sed -n 's/^#define JANSSON_VERSION *"\(.*\)"/\1/p' "$from/jansson.h")"
}

cmocka() {
    fetch cmocka && unpack cmocka && cp "$here/cmocka/include/cmocka.h" "$here/include" &&
        have MALLOC_H INTTYPES_H SIGNAL_H STRINGS_H GCC_THREAD_LOCAL_STORAGE CLOCK_REALTIME CLOCK_GETTIME \
            STRUCT_TIMESPEC STRSIGNAL SIGLONGJMP >"$here/cmocka/config.h" &&
        echo "$here/cmocka/src/cmocka.c" | build cmocka "$here/cmocka/include" && pc cmocka 1.1
}

mkdir -p "$here/include" "$src" || exit 1
[ -f "$here/pkgconfig/jansson.pc" ] || jansson || missing 'jansson: it does not build'
[ -f "$here/pkgconfig/cmocka.pc" ] || cmocka || missing 'cmocka: it does not build'
