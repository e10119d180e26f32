#!/bin/sh
# The JSON Schemas, checked with ajv. Installs it under build/; `make examples` comes first.
set -u
bin=${EXAMPLES:-build/examples}
modules=$PWD/build/e2e-schema
version=8.20.0

for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || {
        echo "schema: $tool is not here: nothing was checked" >&2
        exit 1
    }
done
mkdir -p "$modules" || exit 1
if [ ! -f "$modules/node_modules/ajv/package.json" ]; then
    (cd "$modules" && timeout 120 npm install --no-audit --no-fund --silent --no-save "ajv@$version") >"$modules/log" 2>&1 || {
        echo 'schema: npm could not install ajv: nothing was checked' >&2
        exit 1
    }
fi
timeout 120 node tests/e2e/schema/check.mjs "$modules/node_modules" "$bin"
