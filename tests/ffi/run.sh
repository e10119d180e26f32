#!/bin/sh
# Runs every program of this folder against the shared library. What a language needs must be there
# (python3, python3-cffi, node, npm); koffi comes from npm into build/ffi. Fails if one did not run.
set -u
OUT=${OUT:-build/release}
PYTHON=${PYTHON:-python3}
LAMBDEST_LIBRARY=$(pwd)/$OUT/liblambdest.so
LAMBDEST_CDEF=$(pwd)/$OUT/lambdest.cdef
export LAMBDEST_LIBRARY LAMBDEST_CDEF
failed=0
passed=0

run() {
    name=$1
    shift
    if [ "$("$@")" = ok ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "ffi: $name FAILED" >&2
    fi
}


mkdir -p build/ffi
[ -d build/ffi/node_modules/koffi ] ||
    (cd build/ffi && npm install --silent --no-audit --no-fund --no-save koffi@3.3.4 >/dev/null) ||
    echo 'ffi: npm could not install koffi' >&2
run 'Python ctypes' "$PYTHON" tests/ffi/python_ctypes.py
run 'Python cffi' /usr/bin/python3 tests/ffi/python_cffi.py
run 'Node koffi' env NODE_PATH=build/ffi/node_modules node tests/ffi/node_koffi.js
echo "ffi: $passed passed, $failed failed"
[ "$failed" = 0 ]
