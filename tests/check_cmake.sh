#!/bin/sh
# find_package(lambdest) as a stranger uses it, after the installed tree was moved: the README's program against
# each target, what it links to, which versions are taken, and what is said when something is missing. Then the
# amalgamation as a part of the stranger's own project.
set -u
: "${MAKE:=make}" "${CC:=cc}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
LC_ALL=C
export LC_ALL CC
work=$PWD/$OUT/check-cmake
case $OUT in /*) work=$OUT/check-cmake ;; esac
here=$PWD
rm -rf "$work"
mkdir -p "$work/host" "$work/vendor" || exit 1
unset CMAKE_PREFIX_PATH lambdest_DIR lambdest_ROOT

die() {
    echo "cmake: $*" >&2
    exit 1
}

logged() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        die "failed: $*"
    }
}

block() {
    awk -v fence="\`\`\`$1" '$0 == fence && !done { on = 1; next } /^```/ { if (on) done = 1; on = 0 } on' README.md
}

block c >"$work/host/first.c"
block console | grep -v '^\$' >"$work/expected"
input=$here/$(block console | sed -n 's/^\$ \.\/first <//p')
version=$(awk '/^#define LAMBDEST_VERSION_/ { v = v (v ? "." : "") $3 } END { print v }' include/lambdest/base.h)

triplet=$($CC -print-multiarch 2>/dev/null)
lib=lib${triplet:+/$triplet}

# The Debian way to lay a library out, found through its other name as well (/lib is a link to /usr/lib).
logged $MAKE --no-print-directory install PREFIX="$work/first/usr" LIBDIR="$work/first/usr/$lib" DESTDIR=
mv "$work/first" "$work/moved" && ln -s usr/lib "$work/moved/lib" || exit 1
grep -rlF "$work" "$work"/moved/usr/$lib/cmake && die 'a path of this machine stands in it'

cat >"$work/host/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(host C)
find_package(lambdest ${WANTED} REQUIRED)
message(STATUS "found ${lambdest_VERSION}")
add_executable(shared first.c)
target_link_libraries(shared PRIVATE lambdest::lambdest)
add_executable(static first.c)
target_link_libraries(static PRIVATE lambdest::static)
END
for way in usr .; do
    logged cmake -S "$work/host" -B "$work/build" -DWANTED='0.1;COMPONENTS;static' -DCMAKE_C_FLAGS=-Werror \
        "-Dlambdest_DIR=$work/moved/$way/$lib/cmake/lambdest"
    grep -q "found $version" "$work/log" || die 'lambdest_VERSION is not the version'
    logged cmake --build "$work/build"
    for program in shared static; do
        "$work/build/$program" <"$input" >"$work/got" && diff "$work/expected" "$work/got" || die "$program does not run"
    done
    objdump -p "$work/build/shared" | grep -q "NEEDED *liblambdest.so.${version%%.*}\$" || die 'shared is not'
    objdump -p "$work/build/static" | grep -q 'NEEDED *liblambdest' && die 'static is not'
    rm -rf "$work/build"
done

cat >"$work/host/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(host C)
find_package(lambdest ${WANTED} QUIET)
message(STATUS "taken ${lambdest_FOUND}")
if(TARGET lambdest::lambdest)
    get_target_property(kind lambdest::lambdest TYPE)
    message(STATUS "kind ${kind}")
endif()
END
taken() { # what is asked for, what is expected, more
    logged cmake -S "$work/host" -B "$work/build" "-DWANTED=$1" "-DCMAKE_PREFIX_PATH=$work/moved/usr" $3
    grep -qi "^-- taken $2\$" "$work/log" || die "asked for '$1': $(grep taken "$work/log"), not $2"
    rm -rf "$work/build"
}
major=${version%%.*} rest=${version#*.}
minor=${rest%%.*}
taken '' 1 ''
taken "$major" 1 ''
taken "$major.$minor" 1 ''
taken "$version;EXACT" 1 ''
taken "$major.$minor.999" 0 ''
taken "$major.$((minor + 1))" 0 ''
taken "$((major + 1))" 0 ''
taken "0.0.1...$((major + 1))" 1 ''
taken "0.0.1...<$version" 0 ''
[ "$major" -gt 0 ] || taken 0.0.9 0 ''
taken ';COMPONENTS;nonesuch' 0 ''
taken ';OPTIONAL_COMPONENTS;nonesuch' 1 ''
rm "$work"/moved/usr/$lib/liblambdest.so*
taken ';COMPONENTS;static' 1 ''
grep -q 'kind INTERFACE' "$work/log" || die 'the static library does not stand in for the shared one'
taken ';COMPONENTS;static' 0 "-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=TRUE -DLAMBDEST_JANSSON_LIBRARY="
rm "$work"/moved/usr/$lib/liblambdest.a
taken '' 0 ''

# The two files in a project of one's own.
sh .packaging/amalgamate.sh "$work/vendor/lambdest" && cp "$work/host/first.c" "$work/vendor" || exit 1
cat >"$work/vendor/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.13)
project(host C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.14)
add_library(lambdest STATIC lambdest/lambdest.c)
target_include_directories(lambdest PUBLIC lambdest)
target_link_libraries(lambdest PRIVATE PkgConfig::JANSSON)
add_executable(first first.c)
target_link_libraries(first PRIVATE lambdest)
END
logged cmake -S "$work/vendor" -B "$work/build"
logged cmake --build "$work/build"
"$work/build/first" <"$input" >"$work/got" && diff "$work/expected" "$work/got" || die 'the vendored program does not run'
rm -rf "$work"
exit 0
