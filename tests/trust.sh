#!/bin/sh
# All that shows whether the library can be trusted, CI's part and what is too long for it, one line a step:
# how long it took and what it says it tried. The whole output of each is in OUT/trust.
#   STEPS          which; without it all of them
#   FUZZ_SECONDS   how long to fuzz
set -u
: "${MAKE:=make}" "${OUT:=build}" "${FUZZ_SECONDS:=3600}"
: "${STEPS:=check asan ubsan tsan valgrind analyze proof coverage faults mutants bench-bounds check-count check-platforms fuzz}"
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL
work=$OUT/trust
mkdir -p "$work" || exit 1
failed=0

step() {
    case $1 in
    ubsan) $MAKE CC=clang VARIANT=ubsan BUILD="$OUT/trust-ubsan" CHECKS= check ;;
    fuzz) $MAKE -j2 fuzz-build && $MAKE fuzz FUZZ_SECONDS="$FUZZ_SECONDS" ;;
    *) $MAKE "$1" ;;
    esac
}

for name in $STEPS; do
    start=$(date +%s)
    if step "$name" >"$work/$name.log" 2>&1; then result=held; else result=FAILED failed=$((failed + 1)); fi
    printf '%-16s %-6s %5d s  %s\n' "$name" $result $(($(date +%s) - start)) "$(grep . "$work/$name.log" | tail -1)"
done
[ $failed -eq 0 ]
