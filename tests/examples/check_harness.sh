#!/bin/sh
# The harness with a small runtime of bad manners beside it: what each handler does ends in the file, under the condition and
# with the error that it should. Needs neither npm nor a network beyond loopback.
set -u
: "${EXAMPLES:=build/examples}" "${OUT:=build/release}"
work=$OUT/check-harness
status=0
rm -rf "$work"
mkdir -p "$work" || exit 1
printf ' {"order": 42, "n": 1e+21}\n' >"$work/event.json"

fail() {
    echo "harness: $*" >&2
    status=1
}

# handler, options, the file that must hold the record, texts that must stand in it
expect() {
    handler=$1 options=$2 file=$3
    shift 3
    rm -f "$work"/*.ndjson
    # shellcheck disable=SC2086
    if ! _HANDLER=$handler timeout 60 "$EXAMPLES/harness" $options -o "$work/success.ndjson" \
        -f "$work/failure.ndjson" "$work/event.json" -- "$EXAMPLES/rogue" \
        >"$work/out" 2>"$work/err"; then
        fail "$handler: the harness failed: $(cat "$work/err")"
        return
    fi
    for other in success failure; do
        if [ $other = "$file" ]; then
            [ "$(wc -l <"$work/$other.ndjson")" -eq 1 ] || fail "$handler: not one record in $other"
        elif [ -e "$work/$other.ndjson" ]; then
            fail "$handler: a record in $other"
        fi
    done
    for text; do
        case $file in
        none) grep -qF -- "$text" "$work/out" || fail "$handler: no $text in $(cat "$work/out")" ;;
        *) grep -qF -- "$text" "$work/$file.ndjson" || fail "$handler: no $text in $(cat "$work/$file.ndjson")" ;;
        esac
    done
}

count() { printf '"condition":"%s","approximateInvokeCount":%d}' "$1" "$2"; }
exit_error='{"errorType":"Runtime.ExitError","errorMessage":"RequestId: 00000000-0000-4000-8000-000000000001 Error: Runtime exited'

expect echo '' success "$(count Success 1)" '"requestPayload":{"order":42,"n":1e+21},"responseContext":{"statusCode":200,"executedVersion":"$LATEST"},"responsePayload":{"order":42,"n":1e+21}}'
expect looks_like_an_error '' success "$(count Success 1)" '"responsePayload":{"errorType":"Error"'
expect text '' success '"deliveryError":{"statusCode":400,'
expect raise '' failure "$(count RetriesExhausted 3)" '"functionError":"Unhandled"' '"responsePayload":{"errorMessage":"say \"no\"\n\u0001 café ☃","errorType":"Order.Rejected café","stackTrace":[]}'
expect raise '-r 0' failure "$(count RetriesExhausted 1)"
expect raise '-r 1' failure "$(count RetriesExhausted 2)"
expect raise '-a 60' failure "$(count EventAgeExceeded 1)"
expect raise '-a 90' failure "$(count EventAgeExceeded 2)"
expect exit '' failure "$(count RetriesExhausted 3)" "$exit_error with error: exit status 3\"}"
expect abort '-r 0' failure "$exit_error with error: signal: aborted\"}"
expect hang '-r 0 -t 300' failure '"errorType":"Sandbox.Timedout"' 'Task timed out after 0.30 seconds'
expect skip '-r 0' failure '"errorType":"Runtime.NoResponse"'
expect cut '-r 0' failure '"errorType":"Runtime.TruncatedResponse"' 'body ends after 5 of 15 bytes' '"executedVersion":"$LATEST"'
grep -q 'body ends after 5 of 15 bytes' "$work/err" || fail 'cut: not told'
for handler in cut_stream die_in_stream; do
    expect $handler '-r 0' failure "$(count RetriesExhausted 1)" '"errorType":"Runtime.TruncatedResponse"' 'stream ends after 8 bytes, without an end' '"executedVersion":"$LATEST","functionError":"Unhandled"'
    grep -q '"responsePayload":{"a":' "$work/failure.ndjson" && fail "$handler: a part of the stream is in the record"
done
expect none_such '' failure "$(count RetriesExhausted 3)" '"errorType":"Runtime.HandlerNotFound"'
expect echo -S none '{"order": 42, "n": 1e+21}'
expect raise -S none '"errorType":"Order.Rejected café"'

# A command that is none, an event that is no JSON, policies that AWS refuses, and no arguments at all.
"$EXAMPLES/harness" -r 0 -o "$work/s" -f "$work/missing" "$work/event.json" -- "$work/none-such" >/dev/null 2>&1
grep -q 'exit status 127' "$work/missing" || fail 'a command that is none'
printf '{not' >"$work/bad.json"
"$EXAMPLES/harness" -o "$work/s" -f "$work/f" "$work/bad.json" -- "$EXAMPLES/rogue" >/dev/null 2>&1 && fail 'bad event'
mkdir "$work/folder"
_HANDLER=echo "$EXAMPLES/harness" -o "$work/folder" "$work/event.json" -- "$EXAMPLES/rogue" >/dev/null 2>"$work/err"
[ $? -eq 1 ] && grep -q "^harness: $work/folder: " "$work/err" || fail 'a file that cannot be written'
"$EXAMPLES/harness" -a 30 "$work/event.json" -- "$EXAMPLES/rogue" >/dev/null 2>&1 && fail 'age 30'
"$EXAMPLES/harness" -r 3 "$work/event.json" -- "$EXAMPLES/rogue" >/dev/null 2>&1 && fail 'retries 3'
"$EXAMPLES/harness" "$work/event.json" >/dev/null 2>&1
[ $? -eq 2 ] || fail 'usage'
exit $status
