#!/bin/sh
# Carriers with real clients from npm. Installs them under build/; `make examples` comes first.
set -u
bin=${EXAMPLES:-build/examples}
. tests/e2e/clients.sh
NODE_NO_WARNINGS=1 timeout 120 node tests/e2e/carrier/check.mjs "$modules/node_modules" "$bin"
