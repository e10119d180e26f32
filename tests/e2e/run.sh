#!/bin/sh
# The harness against the real Node.js runtime client: npm's aws-lambda-ric, which is installed under build/e2e and
# compiles its native part there (C++ compiler, make, cmake). Needs node and npm, and build/examples. Status 1 if
# anything is not as expected, or cannot be run. `run.sh install` only installs it; a run that comes later waits.
set -u
work=${E2E_WORK:-build/e2e}
EXAMPLES=${EXAMPLES:-build/examples}
export EXAMPLES

for tool in node npm cmake make c++; do
    command -v $tool >/dev/null || {
        echo "e2e: $tool is not installed: nothing was run against the real runtime client"
        exit 1
    }
done
mkdir -p "$work" || exit 1
exec 9>"$work/lock"
flock 9 || exit 1
# The client declares Node 22; npm has that as a package.
if ! [ -x "$work/node_modules/.bin/aws-lambda-ric" ] || ! [ -x "$work/node_modules/node/bin/node" ]; then
    echo '{"name":"e2e","private":true}' >"$work/package.json"
    timeout 600 npm install --prefix "$work" --no-audit --no-fund --loglevel=error \
        aws-lambda-ric@4.0.2 node@22.23.3 >"$work/npm.log" 2>&1 || {
        tail -n 20 "$work/npm.log" >&2
        echo 'e2e: npm could not install aws-lambda-ric@4.0.2: nothing was run against the real runtime client'
        exit 1
    }
fi
exec 9>&-
[ "${1-}" != install ] || exit 0
for program in harness explain; do
    [ -x "$EXAMPLES/$program" ] || {
        echo "e2e: $EXAMPLES/$program is not built: run \"make examples\" first"
        exit 1
    }
done
PATH=$(cd "$work/node_modules/node/bin" && pwd):$PATH
export PATH
timeout 300 node tests/e2e/check.js "$work"
