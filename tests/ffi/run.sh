#!/bin/sh
# Installs the library under build/ffi and runs the scenario from nine languages against that, found by
# pkg-config as a binding finds it. Each must print what scenario.expected says and leave with status 0. A
# language that is not there is a failure. Needed are what .ci/stage.d/30-ffi lists, and npm's registry for
# koffi, which goes under build/ffi.
set -u
: "${MAKE:=make}" "${PKG_CONFIG:=pkg-config}" "${PYTHON:=python3}" "${PYTHON_CFFI:=/usr/bin/python3}"
: "${RUSTC:=rustc}"
LC_ALL=C.UTF-8
export LC_ALL
work=$PWD/build/ffi
passed=0 failed=0

# What is installed is all that a program sees of the library.
rm -rf "$work/prefix" "$work/log"
mkdir -p "$work/log" || exit 1
$MAKE --no-print-directory install "PREFIX=$work/prefix" DESTDIR= >"$work/log/install" 2>&1 || {
    cat "$work/log/install" >&2
    exit 1
}
PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
version=$($PKG_CONFIG --modversion lambdest) || exit 1
LAMBDEST_CDEF=$($PKG_CONFIG --variable=cdef lambdest)
LD_LIBRARY_PATH=$($PKG_CONFIG --variable=libdir lambdest)
export LAMBDEST_CDEF LD_LIBRARY_PATH
sed "s/@VERSION@/$version/" tests/ffi/scenario.expected >"$work/expected"

run() { # language, command...
    name=$1
    shift
    "$@" >"$work/log/$name" 2>"$work/log/$name.err"
    status=$?
    diff "$work/expected" "$work/log/$name" >"$work/log/$name.diff"
    if [ "$?$status" = 00 ]; then
        passed=$((passed + 1))
        echo "ffi: $name: $(grep -c . "$work/log/$name") lines as expected"
    else
        failed=$((failed + 1))
        echo "ffi: $name: FAILED with status $status" >&2
        cat "$work/log/$name.err" "$work/log/$name.diff" >&2
    fi
}

go_cgo() {
    GO111MODULE=off GOFLAGS='' GOPATH=$work/go GOCACHE=$work/go/cache \
        go build -o "$work/go_cgo" tests/ffi/go_cgo.go &&
        "$work/go_cgo"
}

# The constants for Rust come from the declarations by one expression.
rust_extern() {
    sed -n 's/^ *LAMBDEST_\([A-Z0-9_]*\) = \(-\{0,1\}[0-9]*\),\{0,1\}$/pub const \1: i32 = \2;/p' \
        "$LAMBDEST_CDEF" >"$work/constants.rs" &&
        LAMBDEST_CONSTANTS=$work/constants.rs "$RUSTC" --edition 2021 $($PKG_CONFIG --libs lambdest) \
            -o "$work/rust_extern" tests/ffi/rust_extern.rs &&
        "$work/rust_extern"
}

[ -d "$work/node_modules/koffi" ] ||
    (cd "$work" && npm install --silent --no-audit --no-fund --no-save koffi@3.3.4 >/dev/null) ||
    echo 'ffi: npm could not install koffi' >&2

run 'Python ctypes' "$PYTHON" tests/ffi/python_ctypes.py
run 'Python cffi' "$PYTHON_CFFI" tests/ffi/python_cffi.py
run 'LuaJIT' luajit tests/ffi/luajit.lua
run 'Ruby Fiddle' ruby tests/ffi/ruby_fiddle.rb
run 'Perl FFI::Platypus' perl tests/ffi/perl_platypus.pl
run 'PHP FFI' php tests/ffi/php_ffi.php
run 'Node koffi' env "NODE_PATH=$work/node_modules" node tests/ffi/node_koffi.js
run 'Go cgo' go_cgo
run 'Rust extern "C"' rust_extern

# The program of lambdest_ffi(7), and what the page says that it prints.
awk -v base="$work/example" '
    /^\.Sh/ { on = $2 == "EXAMPLES" }
    on && /^\.Ed/ { block = 0 }
    block { print >(base "." n) }
    on && /^\.Bd -literal/ { block = 1; n++ }' man/lambdest_ffi.7
if ! "$PYTHON_CFFI" "$work/example.1" >"$work/log/example" || ! diff "$work/example.2" "$work/log/example"; then
    failed=$((failed + 1))
    echo 'ffi: the example of lambdest_ffi(7) FAILED' >&2
fi
echo "ffi: $passed of 9 languages passed, $failed failed"
[ "$passed" -eq 9 ] && [ "$failed" -eq 0 ]
