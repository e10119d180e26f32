#!/bin/sh
# The library in a host's own program: from C++, and as copies hidden in the plugins of one process.
set -u
: "${CC:=cc}" "${CXX:=c++}" "${NM:=nm}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
work=$OUT/embed archive=$OUT/liblambdest.a record=tests/records/async-failure-unhandled-python.json
libraries=$($PKG_CONFIG --libs jansson) || exit 1
status=0
rm -rf "$work"
mkdir -p "$work" || exit 1

fail() {
    echo "embed: FAILED: $*" >&2
    status=1
}

try() { # what it shows, command...
    what=$1
    shift
    if "$@"; then echo "  $what"; else fail "$what"; fi
}

compile() { $CC -std=c11 -O1 -g -Wall -Wextra -Werror -Iinclude "$@"; }
plugin() { # name, what it is linked with...
    name=$1
    shift
    compile -fPIC -shared -fvisibility=hidden -Wl,-z,defs -o "$work/$name.so" tests/embed/plugin.c "$@" \
        $libraries || fail "$name.so does not build"
}

# Whether a name of the library can be seen from outside, given or asked for.
shows_names() { # file
    $NM -D "$1" | grep -E '[ ]lambdest_'
}

# ---- C++ ----

rpath=$(cd "$OUT" && pwd)
cxx() { # name, what it is linked with...
    name=$1
    shift
    $CXX -std=c++17 -O1 -g -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude \
        -o "$work/$name" tests/embed/raii.cc "$@" && "$work/$name" >"$work/$name.log" || {
        cat "$work/$name.log" >&2
        fail "C++17, $name"
        return
    }
    echo "  C++17, $name: $(cat "$work/$name.log")"
}
cxx static "$archive" $libraries
cxx shared "-L$OUT" -llambdest "-Wl,-rpath,$rpath"

# ---- copies ----

plugin one "$archive" -Wl,--exclude-libs,ALL
plugin two "$archive" -Wl,--exclude-libs,ALL
plugin beside "-L$OUT" -llambdest "-Wl,-rpath,$rpath"
plugin leaking "$archive"
compile -o "$work/host" tests/embed/host.c -pthread -ldl || fail 'the host does not build'

for name in one two; do
    shows_names "$work/$name.so" && fail "$name.so shows names of the library"
    [ "$($NM -D --defined-only "$work/$name.so" | awk '{ print $NF }')" = embed_copy ] ||
        fail "$name.so shows more than embed_copy"
done
shows_names "$work/leaking.so" >/dev/null || fail 'without --exclude-libs no name is seen either'
[ $status -ne 0 ] || echo '  a plugin shows nothing of the copy inside'

one="one.so $work/one.so" two="two.so $work/two.so" beside="liblambdest.so $work/beside.so"
for scope in '' global; do
    try "two plugins${scope:+, $scope}" "$work/host" $scope "$record" $one $two
    try "two plugins and the shared library${scope:+, $scope}" "$work/host" $scope "$record" $one $two $beside
    try "the shared library first${scope:+, $scope}" "$work/host" $scope "$record" $beside $one $two
done

# Names that are not hidden meet in one process, and the host sees it: the test above can fail.
if "$work/host" global "$record" $beside "leaking.so" "$work/leaking.so" 2>"$work/log"; then
    fail 'a copy that is not hidden passes as one of its own'
else
    echo "  the host notices a copy that is not hidden: $(sed 's/.*: //' "$work/log")"
fi
exit $status
