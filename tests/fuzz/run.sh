#!/bin/sh
# run.sh replay|corpus|fuzz: seeds, what was found and mutations of both through the replay driver; that without mutations
# and with the corpus; or libFuzzer. From make, which says where things are.
set -u
: "${JOBS:=$(nproc 2>/dev/null || echo 1)}"
failed=0

# Those of these folders that are there.
there() {
    for folder; do
        if [ -d "$folder" ]; then printf '%s\n' "$folder"; fi
    done
}

# The more inputs there are, the fewer mutations of each: all harnesses get as many runs.
replay_one() { # topic, runs; 0: once each, with the corpus
    corpus= each=0
    if [ "$2" -eq 0 ]; then corpus=$FUZZ_DIR/corpus/$1; fi
    folders=$(there "$REPLAY_DIR/seeds/$1" "tests/fuzz/found/$1" $corpus)
    count=$(find $folders -type f | wc -l)
    if [ "$count" -gt 0 ]; then each=$(($2 / count)); fi
    line=$("$REPLAY_DIR/replay_$1" -n "$each" -o "$REPLAY_DIR/failed_$1" $folders 2>&1)
    status=$?
    printf '%-10s %s\n' "$1" "$line"
    [ $status -eq 0 ] || echo "FAILED: $REPLAY_DIR/replay_$1 $REPLAY_DIR/failed_$1"
    return $status
}

replay() { # runs of each harness
    printf '%s\n' $FUZZ_TOPICS | xargs -P "$JOBS" -I TOPIC sh "$0" replay-one TOPIC "$1" || failed=1
}

fuzz_one() { # topic, seconds
    log=$FUZZ_DIR/log/$1
    mkdir -p "$FUZZ_DIR/corpus/$1"
    "$FUZZ_DIR/bin/$1" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -dict=tests/fuzz/lambdest.dict -artifact_prefix="$FUZZ_DIR/failed_$1_" "$FUZZ_DIR/corpus/$1" \
        $(there "$REPLAY_DIR/seeds/$1" "tests/fuzz/found/$1") >"$log" 2>&1 || echo "exit $?" >>"$log"
}

# Executions, a second, edges, features, inputs of the corpus.
report() {
    awk -v topic="$1" '
    /number_of_executed_units/ { runs = $2 }
    /average_exec_per_sec/ { rate = $2 }
    / cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") cov = $(i + 1); if ($i == "ft:") ft = $(i + 1) } }
    /new_units_added/ { fresh = $2 }
    /^exit / { result = "  FAILED" }
    END { printf "%-10s %10d %8d %7d %7d %7d%s\n", topic, runs, rate, cov, ft, fresh, result }' "$FUZZ_DIR/log/$1"
}

fuzz() {
    seconds=$((FUZZ_SECONDS * 2 / $(echo "$FUZZ_TOPICS" | wc -w)))
    if [ "$seconds" -lt 1 ]; then seconds=1; fi
    mkdir -p "$FUZZ_DIR/log"
    rm -f "$FUZZ_DIR"/log/*
    two=0
    for topic in $FUZZ_TOPICS; do
        fuzz_one "$topic" "$seconds" &
        two=$((two + 1))
        if [ "$two" -eq 2 ]; then
            wait
            two=0
        fi
    done
    wait
    printf '%-10s %10s %8s %7s %7s %7s\n' harness executions exec/s edges features new
    for topic in $FUZZ_TOPICS; do
        report "$topic"
        if ! grep -q number_of_executed_units "$FUZZ_DIR/log/$topic"; then failed=1; fi
        if grep -q '^exit ' "$FUZZ_DIR/log/$topic"; then
            tail -40 "$FUZZ_DIR/log/$topic" >&2
            failed=1
        fi
    done
}

case $1 in
replay-one) replay_one "$2" "$3" || failed=1 ;;
replay) replay "$REPLAY_RUNS" ;;
corpus) replay 0 ;;
fuzz) fuzz ;;
esac
exit $failed
