#!/bin/sh
# Memory that fails, calls of the system that fail, a full disk, writers killed: the long runs. Needs what
# `make faults` builds; OUT is where, JOBS how many run at once (a processor each). Prints what it tried; the exit
# status says whether all held.
set -u
: "${OUT:=build/release}"
LC_ALL=C
export LC_ALL
: "${JOBS:=$(nproc 2>/dev/null || echo 1)}"
here=tests/faults
rehearsed=$OUT/rehearsed
work=$OUT/faults
failed=0

bad() {
    failed=$((failed + 1))
    echo "faults: FAILED: $*" >&2
}

# ---- every call of every test and example, each of its allocations failing first ----

# The functions whose contract names NOMEM, or the codes of one that has it.
promised() {
    cat include/lambdest/*.h | awk '
    /^\/\*/ { comment = ""; open = 1 }
    open { sub(/^ \*/, ""); comment = comment $0 " "; gsub(/  +/, " ", comment); if (/\*\//) open = 0; next }
    /^LAMBDEST_API/ {
        name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
        if (comment ~ /NOMEM|(and the|The) codes of lambdest_/) print name
    }' | sort
}

# A test of a room's inside calls functions that are nobody's to call, so memory outside of a call is no fault.
strictness() {
    if grep -qE '^#include "(base|json|envelope|outcome|carrier|delivery)/' "$1"; then
        echo LAMBDEST_TEST_REHEARSED=1
    else
        echo REHEARSE_STRICT=1
    fi
}

# A line of the log is appended at once, so several may run.
rehearse_one() { # program
    name=${1##*/} quick=
    case $name in
    test_envelope_value_jansson | test_secrets | test_threads) quick=LAMBDEST_TEST_QUICK=1 ;; # less by chance
    esac
    # shellcheck disable=SC2086
    env $(strictness "tests/$name.c") $quick "$1" >"$work/$name.log" 2>&1 || {
        grep -E '^rehearse:|LINE|FAILED|ERROR:' "$work/$name.log" >&2
        echo "$name" >>"$work/broken"
    }
}

rehearse() {
    export LAMBDEST_TEST_REHEARSED=1 REHEARSE_LOG="$work/tries"
    # What the tests of json call takes no memory.
    find "$rehearsed" -maxdepth 1 -name 'test_*' ! -name '*.*' ! -name 'test_json_*' | sort |
        OUT=$OUT xargs -P "$JOBS" -n 1 sh "$0" --one || bad 'a rehearsal came to no end'
    [ ! -f "$work/broken" ] || bad "rehearsed: $(tr '\n' ' ' <"$work/broken")"
    EXAMPLES=$rehearsed/examples REHEARSE_STRICT=1 sh tests/examples/check.sh >"$work/examples.log" 2>&1 || {
        cat "$work/examples.log" >&2
        bad 'the examples, rehearsed'
    }
    unset LAMBDEST_TEST_REHEARSED REHEARSE_LOG
    promised >"$work/promised"
    awk '{ calls[$1] += $2; one[$1] += $3; all[$1] += $4 }
    END { for (name in calls) print name, calls[name], one[name], all[name] }' "$work/tries" | sort >"$work/sums"
    awk '$3 > 0 && $4 > 0 { print $1 }' "$work/sums" >"$work/tried"
    diff "$work/promised" "$work/tried" || bad 'functions that may return NOMEM, and those that did'
    awk '{ printf "  %-32s %8d calls, %8d tries with one failure, %8d with all from it on\n", $1, $2, $3, $4
        calls += $2; one += $3; all += $4 }
    END { printf "memory: %d functions, %d calls rehearsed, %d tries with one failure, %d with all from it on\n", \
        NR, calls, one, all }' "$work/sums"
}

# ---- examples whose nth allocation fails and is not tried again ----

# Right and 0, or not 0 and why: never a crash, never another result with 0.
judge() { # name, n, mode, status
    if [ "$4" -ge 126 ] || { [ -s "$work/err" ] && grep -q 'Sanitizer\|runtime error' "$work/err"; }; then
        bad "$1 with allocation $2 $3 failing: status $4: $(head -3 "$work/err")"
    elif [ "$4" -eq 0 ]; then
        cmp -s "$work/reference" "$work/out" ||
            bad "$1 with allocation $2 $3 failing: another result: $(head -c 300 "$work/out")"
        right=$((right + 1))
    elif ! grep -q 'memory\|cannot read all\|not all delivered\|^harness_test.c:' "$work/err"; then
        bad "$1 with allocation $2 $3 failing: status $4 without a reason: $(head -3 "$work/err")"
    fi
}

# With over 200 allocations every N up to 100 and then each a tenth further.
each_nth() {
    awk -v most="$1" 'BEGIN { for (n = 1; n <= most; n += most > 200 && n > 100 ? int(n / 10) : 1) print n }'
}

# name, standard input, command...: result is what it prints
starve() {
    name=$1 input=$2
    shift 2
    rm -f "$work/count"
    env FAULT_AT=0 FAULT_COUNT="$work/count" "$@" <"$input" >"$work/reference" 2>"$work/err" ||
        bad "$name: $(cat "$work/err")"
    count=$(cat "$work/count") tries=0 right=0
    [ "$count" -gt 0 ] || bad "$name: no allocation was there to fail"
    for n in $(each_nth "$count"); do
        env FAULT_AT="$n" "$@" <"$input" >"$work/out" 2>"$work/err"
        judge "$name" "$n" alone $?
        env FAULT_AT="$n" FAULT_ON=1 "$@" <"$input" >"$work/out" 2>"$work/err"
        judge "$name" "$n" 'and all after it' $?
        tries=$((tries + 2))
    done
    runs=$((runs + tries))
    echo "  $name: $count allocations, $tries runs, $right of them right"
}

starve_examples() {
    runs=0
    bin=$rehearsed/examples records=tests/records
    # A program that gives up does not tidy up.
    export ASAN_OPTIONS="${ASAN_OPTIONS:-allocator_may_return_null=1}:detect_leaks=0"
    mkdir -p build/demo
    for record in async-success async-failure-unhandled-python kinesis-partial-batch-failure \
        sns-in-sqs-in-lambda eventbridge-in-sqs-in-lambda kafka-s3-with-payload; do
        starve "explain $record" /dev/null "$bin/explain" $records/$record.json
        [ $record = kinesis-partial-batch-failure ] || # which does not carry it
            starve "explain --request $record" /dev/null "$bin/explain" --request $records/$record.json
        for form in record cloudevent sqs-event sns-notification eventbridge-event eventbridge-entry; do
            starve "convert --to $form $record" /dev/null "$bin/convert" --to $form $records/$record.json
        done
    done
    starve 'convert --to document' /dev/null "$bin/convert" --to document --compact $records/async-success.json
    starve consumer $records/sqs-in-lambda-batch-mixed.json "$bin/consumer"
    starve demo /dev/null sh -c '"$0" && cat build/demo/*.ndjson' "$bin/demo"
    # A line that waited for memory took an attempt more.
    starve fanout /dev/null sh -c 'rm -rf "$1"; out=$("$0" "$1") || exit; echo "$out" | sed "s/\(audit.*\) x[12]/\1/"' \
        "$bin/fanout" "$work/fanout"
    starve pull /dev/null "$bin/pull"
    starve harness_test /dev/null "$bin/harness_test"
    printf '{"order": 42, "n": 1e+21}\n' >"$work/event.json"
    starve runtime /dev/null sh "$here/harness.sh" runtime "$bin" "$work"
    starve harness /dev/null sh "$here/harness.sh" harness "$bin" "$work"
    echo "examples: $runs runs with an allocation failing"
}

# ---- the system ----

long() { # tests, as many at once as there are processors
    printf '%s\n' "$@" | xargs -P "$JOBS" -I NAME sh -c 'LAMBDEST_TEST_LONG=1 CMOCKA_MESSAGE_OUTPUT=STDOUT \
        "$1/NAME" >"$2/NAME.log" 2>&1 || echo NAME >>"$2/failed"' - "$OUT/tests" "$work" || bad 'a test came to no end'
    for name; do sed -n 's/^tried: /system: /p' "$work/$name.log"; done
    [ ! -f "$work/failed" ] || while read -r name; do
        cat "$work/$name.log" >&2
        bad "$name"
    done <"$work/failed"
}

if [ "${1-}" = --one ]; then
    rehearse_one "$2"
    exit 0
fi
rm -rf "$work"
mkdir -p "$work" || exit 1
rehearse
starve_examples
long test_io_faults test_full_disk test_delivery_spool test_delivery_stream test_secrets
if [ $failed -gt 0 ]; then
    echo "faults: $failed FAILED"
    exit 1
fi
echo 'faults: all held'
