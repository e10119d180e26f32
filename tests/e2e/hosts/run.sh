#!/bin/sh
# The runtime and the sinks for AWS (tests/examples: runtime, deliver) against the harness, an unfriendly Runtime
# API and a local AWS. Installs clients from npm under build/; `make examples` comes first, with libcurl.
set -u
bin=${EXAMPLES:-build/examples}
for program in runtime deliver harness convert explain consumer; do
    [ -x "$bin/$program" ] || {
        echo "hosts: $bin/$program is not built: nothing was checked" >&2
        exit 1
    }
done
. tests/e2e/clients.sh
work=$PWD/build/e2e-hosts
rm -rf "$work"
mkdir -p "$work" || exit 1
NODE_NO_WARNINGS=1 timeout 240 node tests/e2e/hosts/check.mjs "$modules/node_modules" "$bin" "$work"
