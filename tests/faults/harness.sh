#!/bin/sh
# harness.sh harness|runtime BIN WORK: one invocation of the small runtime by the harness, of which one gets what
# FAULT_AT and its like say. Prints the record without its time. A runtime that gives up is a failure, reported.
set -u
who=$1 bin=$2 work=$3
rm -f "$work/success" "$work/failure"
well='env -u FAULT_AT -u FAULT_ON -u FAULT_COUNT'
case $who in
harness) harness= runtime=$well ;;
*) harness=$well runtime="env FAULT_AT=$FAULT_AT ${FAULT_ON:+FAULT_ON=1} ${FAULT_COUNT:+FAULT_COUNT=$FAULT_COUNT}" ;;
esac
# shellcheck disable=SC2086
_HANDLER=echo $harness "$bin/harness" -r 0 -o "$work/success" -f "$work/failure" "$work/event.json" -- \
    $runtime "$bin/rogue"
status=$?
if [ "$who" = runtime ] && [ $status -eq 0 ] && [ -e "$work/failure" ]; then
    if [ -e "$work/success" ] || ! grep -q '"functionError":"Unhandled".*Runtime.ExitError' "$work/failure"; then
        echo 'neither a success nor a failure' >&2
        exit 126
    fi
    exit 3
fi
cat "$work/success" "$work/failure" 2>/dev/null | sed 's/"timestamp":"[^"]*"//'
exit $status
