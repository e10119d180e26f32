#!/bin/sh
# Runs test programs, JOBS at once, a line each as it ends: sh tests/run.sh PROGRAM...
#   RUN       what to run them with
#   V=1       prints the output of those that pass too
# Beside each program stay its .log and its .tally: passed, failed, skipped. The exit status says whether all
# passed, and each had something that could.
set -u
: "${RUN:=}" "${V:=}" "${JOBS:=$(nproc 2>/dev/null || echo 1)}"

# In cmocka's own form or in TAP.
tally() {
    awk '/^\[  PASSED  \]/ { p += $4 } /^\[  FAILED  \] [0-9]+ test/ { f += $4 }
        /^\[  SKIPPED \] [0-9]+ test/ { s += $4 }
        /^(not )?ok .*# SKIP/ { s++; next } /^ok / { p++ } /^not ok / { f++ } END { print p + 0, f + 0, s + 0 }' "$1"
}

run() { # program
    program=$1 log=$1.log
    # shellcheck disable=SC2086
    env $RUN "$program" >"$log" 2>&1
    status=$?
    # shellcheck disable=SC2046
    set -- $(tally "$log")
    passed=$1 failed=$2 skipped=$3
    if [ $((passed + failed + skipped)) -eq 0 ]; then
        echo 'no test ran' >>"$log"
        failed=1
    elif [ $status -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    echo "$passed $failed $skipped" >"$program.tally"
    # In one piece: others print too.
    printf '%s' "$(
        if [ "$failed" -gt 0 ] || [ "$V" = 1 ]; then cat "$log"; fi
        printf '  %-36s %4d passed' "${program##*/}" "$passed"
        if [ "$skipped" -gt 0 ]; then printf ', %d skipped' "$skipped"; fi
        if [ "$failed" -gt 0 ]; then printf ', %d FAILED (exit %d)' "$failed" $status; fi
    )
"
    [ "$failed" -eq 0 ]
}

case ${1-} in
--one) run "$2" ;;
*) printf '%s\n' "$@" | RUN=$RUN V=$V xargs -P "$JOBS" -n 1 sh "$0" --one ;;
esac
