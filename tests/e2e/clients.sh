# Sourced: installs the clients from npm under build/ and sets $modules to the folder that holds node_modules.
modules=$PWD/build/e2e-carrier
packages='@aws-sdk/client-sqs@3.1169.0 @aws-sdk/client-sns@3.1169.0 fauxqs@1.9.2 @aws-lambda-powertools/parser@2.35.0
    zod@4.6.7 @middy/core@6.4.5 @middy/event-normalizer@6.4.5 cloudevents@10.0.0'

for tool in node npm; do
    command -v $tool >/dev/null 2>&1 || {
        echo "e2e: $tool is not here: nothing was checked" >&2
        exit 1
    }
done
mkdir -p "$modules" || exit 1
if [ ! -f "$modules/installed" ]; then
    (cd "$modules" && timeout 240 npm install --no-audit --no-fund --silent --no-save $packages && : >installed) \
        >"$modules/log" 2>&1 || {
        echo 'e2e: npm could not install the clients: nothing was checked' >&2
        exit 1
    }
fi
