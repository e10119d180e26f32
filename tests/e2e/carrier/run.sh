#!/bin/sh
# Carriers with real clients from npm. Installs them under build/; `make examples` comes first.
set -u
bin=${EXAMPLES:-build/examples}
modules=$PWD/build/e2e-carrier
packages='@aws-sdk/client-sqs@3.1169.0 @aws-sdk/client-sns@3.1169.0 fauxqs@1.9.2 @aws-lambda-powertools/parser@2.35.0
    zod@4.6.7 @middy/core@6.4.5 @middy/event-normalizer@6.4.5 cloudevents@10.0.0'

for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || {
        echo "carrier: $tool is not here: nothing was checked" >&2
        exit 1
    }
done
mkdir -p "$modules" || exit 1
if [ ! -f "$modules/installed" ]; then
    (cd "$modules" && timeout 240 npm install --no-audit --no-fund --silent --no-save $packages && : >installed) \
        >"$modules/log" 2>&1 || {
        echo 'carrier: npm could not install the clients: nothing was checked' >&2
        exit 1
    }
fi
NODE_NO_WARNINGS=1 timeout 120 node tests/e2e/carrier/check.mjs "$modules/node_modules" "$bin"
