#!/bin/sh
# Runs the small programs as their users would. EXAMPLES is the folder they were built into.
# explain.expected holds, a record a line, what explain must print: outcomes and causes by hand from what is
# known of each condition, status and error type.
set -u
here=tests/examples
bin=${EXAMPLES:-build/examples}
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

ok() {
    passed=$((passed + 1))
}

bad() {
    failed=$((failed + 1))
    echo "examples: FAILED: $*" >&2
}

# same NAME EXPECTED_FILE ACTUAL_FILE
same() {
    if cmp -s "$2" "$3"; then
        ok
    else
        bad "$1"
        diff "$2" "$3" >&2
    fi
}

# status NAME EXPECTED COMMAND...: exit status, output to $tmp/out and $tmp/err
status() {
    name=$1 expected=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    if [ "$got" = "$expected" ]; then
        ok
    else
        bad "$name: exit status $got, not $expected"
        cat "$tmp/err" >&2
    fi
}

check_explain() {
    tab=$(printf '\t')
    while IFS="$tab" read -r record line; do
        printf '%s\n' "$line" >"$tmp/expected"
        "$bin/explain" "tests/records/$record.json" >"$tmp/got"
        same "explain $record" "$tmp/expected" "$tmp/got"
    done <$here/explain.expected
    for file in tests/records/not-a-record-pipes-dlq.json; do
        status "explain $file" 1 "$bin/explain" "$file"
    done
    printf '{"requestContext":{"\303\251":1, "condition": 5}}' >"$tmp/in"
    status "explain of a wrong type" 1 "$bin/explain" "$tmp/in"
    echo 'explain: 1:40: not a string (requestContext.condition)' >"$tmp/expected"
    same "explain of a wrong type: message" "$tmp/expected" "$tmp/err"
    printf '{"requestPayload":\n  [1,2,],' >"$tmp/in"
    status "explain of broken JSON" 1 "$bin/explain" "$tmp/in"
    echo 'explain: 2:8: a value is missing (requestPayload)' >"$tmp/expected"
    same "explain of broken JSON: message" "$tmp/expected" "$tmp/err"
    status "explain --no-such-flag" 2 "$bin/explain" --no-such-flag
}

check_request() {
    printf '{"a" : 1,  "b":[ 1,2 ]}' >"$tmp/expected"
    "$bin/explain" --request tests/records/async-success-raw-splice.json >"$tmp/got"
    same "explain --request" "$tmp/expected" "$tmp/got"
    "$bin/explain" --request <tests/records/async-success-raw-splice.json >"$tmp/got"
    same "explain --request from standard input" "$tmp/expected" "$tmp/got"
    status "explain --request of a batch record" 1 "$bin/explain" --request tests/records/kinesis-failure.json
}

check_convert() {
    while read -r record _; do
        file=tests/records/$record.json
        "$bin/convert" --to record "$file" >"$tmp/got"
        same "convert --to record $record" "$file" "$tmp/got"
        case $record in
        kinesis-* | dynamodb-* | kafka-*)
            status "convert --to document $record" 1 "$bin/convert" --to document "$file"
            continue
            ;;
        esac
        "$bin/convert" --to record --compact "$file" >"$tmp/compact"
        "$bin/convert" --to document --compact "$file" >"$tmp/document"
        "$bin/convert" --to record "$tmp/document" >"$tmp/got"
        same "record to document and back: $record" "$tmp/compact" "$tmp/got"
        "$bin/convert" --to document "$tmp/document" >"$tmp/got"
        same "document to document: $record" "$tmp/document" "$tmp/got"
    done <$here/explain.expected
    status "convert --to nothing" 2 "$bin/convert" --to nothing
}

check_demo() {
    mkdir -p "$tmp/build/demo"
    ln -s "$PWD/tests" "$tmp/tests"
    (cd "$tmp" && "$bin/demo") >"$tmp/demo" || bad "demo failed"
    sed -n 1,5p "$tmp/demo" >"$tmp/got"
    same "demo's lines" $here/demo.expected "$tmp/got"
    for file in success failure; do
        while IFS= read -r line; do
            printf '%s' "$line" | "$bin/explain" || bad "demo: $file.ndjson holds a line that is no envelope"
        done <"$tmp/build/demo/$file.ndjson" >"$tmp/lines"
        sed 's/.*"outcome":"\([a-z]*\)".*"requestId":"[0-9a-f]*-\([0-9]*\).*/\1 \2/' "$tmp/lines"
    done >"$tmp/got"
    printf 'success 0001\nsuccess 0003\nsuccess 0004\nfailure 0002\nfailure 0005\n' >"$tmp/expected"
    same "demo's files" "$tmp/expected" "$tmp/got"
}

# What explain says of an item, and where it found it: carrier, item, outcome or kind of bad item.
brief() {
    sed 's/.*"outcome":"\([a-z]*\)".*"carrier":"\([a-z/]*\)","item":\([0-9]*\)}/\2 \3 \1/
         s/.*"kind":"\([a-z0-9-]*\)","error":"[^"]*","carrier":"\([a-z/]*\)","item":\([0-9]*\)}/\2 \3 \1/; s/^ /bare /'
}

check_carriers() {
    while read -r record expected; do
        "$bin/explain" "tests/records/$record.json" 2>"$tmp/err" >"$tmp/lines"
        brief <"$tmp/lines" | paste -sd, >"$tmp/got"
        echo "$expected" >"$tmp/expected"
        same "explain $record" "$tmp/expected" "$tmp/got"
    done <<END
sqs-in-lambda sqs 0 failure
sns-in-lambda sns 0 failure
sns-notification-http-or-sqs sns 0 failure
sns-in-sqs-in-lambda sqs/sns 0 failure
eventbridge-success eventbridge 0 success
eventbridge-in-sqs-in-lambda sqs/eventbridge 0 success
sqs-in-lambda-batch-mixed sqs 0 success,sqs 1 failure,sqs 2 broken
not-a-record-dlq-sqs-message sqs 0 dead-letter
not-a-record-pipes-dlq bare 0 pipes-dead-letter
event-sqs sqs 0 broken,sqs 1 broken
END
    status "explain of a batch with a bad message" 1 "$bin/explain" tests/records/sqs-in-lambda-batch-mixed.json
    printf '{"Records":[]}' >"$tmp/in"
    status "explain of no records" 0 "$bin/explain" "$tmp/in"
}

# Into every carrier and out again; EventBridge prints the record anew.
check_wrapping() {
    for record in async-failure-unhandled-python async-success-raw-splice kinesis-partial-batch-failure kafka-s3-with-payload; do
        file=tests/records/$record.json
        "$bin/convert" --to record --compact "$file" >"$tmp/compact"
        for carrier in sqs-event sns-event sns-notification cloudevent; do
            "$bin/convert" --to $carrier "$file" >"$tmp/carrier" && "$bin/convert" --to record "$tmp/carrier" >"$tmp/got"
            same "$record to $carrier and back" "$file" "$tmp/got"
        done
        "$bin/convert" --to eventbridge-event "$file" >"$tmp/carrier" && "$bin/convert" --to record "$tmp/carrier" >"$tmp/got"
        same "$record to eventbridge-event and back" "$tmp/compact" "$tmp/got"
        status "$record to eventbridge-entry" 0 "$bin/convert" --to eventbridge-entry "$file"
    done
    { echo '['; cat tests/records/async-success.json; echo ','; cat tests/records/kinesis-failure.json; echo ']'; } >"$tmp/two"
    for carrier in sqs-event sns-event; do
        "$bin/convert" --to $carrier "$tmp/two" >"$tmp/carrier"
        "$bin/explain" "$tmp/carrier" | brief | paste -sd, >"$tmp/got"
        echo "${carrier%-event} 0 success,${carrier%-event} 1 failure" >"$tmp/expected"
        same "two to $carrier" "$tmp/expected" "$tmp/got"
    done
    status "two to sns-notification" 1 "$bin/convert" --to sns-notification "$tmp/two"
    echo 'convert: one sns-notification holds one envelope; an sqs-event or sns-event holds many' >"$tmp/expected"
    same "two to sns-notification: message" "$tmp/expected" "$tmp/err"
    status "a bad item in convert" 1 "$bin/convert" --to record tests/records/sqs-in-lambda-batch-mixed.json
    "$bin/convert" --to sqs-event tests/records/async-success-raw-splice.json >"$tmp/carrier"
    "$bin/explain" --request "$tmp/carrier" >"$tmp/got"
    printf '{"a" : 1,  "b":[ 1,2 ]}' >"$tmp/expected"
    same "explain --request of a carrier" "$tmp/expected" "$tmp/got"
    { echo '['; cat tests/records/async-success-raw-splice.json; echo ','; cat tests/records/async-success-raw-splice.json; echo ']'; } >"$tmp/two"
    "$bin/explain" --request "$tmp/two" >"$tmp/got"
    printf '{"a":1,"b":[1,2]}\n{"a":1,"b":[1,2]}\n' >"$tmp/expected"
    same "explain --request of two" "$tmp/expected" "$tmp/got"
}

check_consumer() {
    "$bin/consumer" <tests/records/sqs-in-lambda-batch-mixed.json >"$tmp/got" 2>"$tmp/err" || bad "consumer failed"
    same "consumer" $here/consumer.expected "$tmp/got"
    status "consumer of no event" 1 "$bin/consumer" </dev/null
}

check_delivery() {
    "$bin/fanout" "$tmp/fanout" >"$tmp/got" || bad "fanout failed"
    same "fanout's report" $here/fanout.expected "$tmp/got"
    [ "$(wc -l <"$tmp/fanout/audit.ndjson")" -eq 3 ] && ok || bad "fanout: audit lines"
    "$bin/pull" >"$tmp/got" || bad "pull failed"
    same "pull's report" $here/pull.expected "$tmp/got"
    status "harness_test" 0 "$bin/harness_test"
}

check_harness() {
    if EXAMPLES=$bin sh $here/check_harness.sh >"$tmp/got" 2>&1; then
        ok
    else
        bad "harness"
        cat "$tmp/got" >&2
    fi
}

# What cannot be written is told. Not every system has a full device.
check_full() {
    [ -c /dev/full ] || return 0
    record=tests/records/async-success.json
    for command in "explain $record" "explain --request $record" "convert --to record $record" consumer pull demo \
        "fanout $tmp/full" harness_test; do
        # shellcheck disable=SC2086
        if "$bin/"$command <"$record" >/dev/full 2>"$tmp/err"; then bad "$command >/dev/full"; else ok; fi
    done
}

check_explain
check_full
check_carriers
check_wrapping
check_consumer
check_request
check_convert
check_demo
check_delivery
check_harness
echo "examples: $passed passed, $failed failed"
[ "$failed" = 0 ]
