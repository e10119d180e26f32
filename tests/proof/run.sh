#!/bin/sh
# Frama-C's Eva over the drivers here: sh tests/proof/run.sh [PROGRAM…]. For each it prints what is left unproven:
# alarms (a read or write that might be out of bounds or of nothing, an overflow, a comparison of strange pointers)
# and assertions or preconditions of which Eva does not know. More, or fewer, than the table says fails. README
# here tells what that proves. FRAMA_C, OUT and SECONDS_EACH may be set.
set -u
: "${FRAMA_C:=frama-c}" "${OUT:=build/release}" "${SECONDS_EACH:=600}"
LC_ALL=C
export LC_ALL
work=$OUT/proof
status=0 programs=" $* "

rm -rf "$work"
mkdir -p "$work" && cp -R lib include "$work" && mkdir "$work/tests" && cp -R tests/proof "$work/tests" || exit 1
for file in $(sed -n 's/^\(lib[^ ]*\) .*/\1/p' tests/proof/splits | sort -u); do
    awk -v file="$file" -f tests/proof/split.awk tests/proof/splits "$file" >"$work/$file" || exit 1
done

# Sums up one report: alarms, and properties that are not known to hold.
tally() {
    awk '/^  [0-9]+ alarms? generated/ { n += $1; seen = 1 }
        /^    (Assertions|Preconditions) / { n += $4 + $6 }
        END { print seen ? n : "none" }' "$1"
}

prove() { # program, driver, what may remain, options, sources of the library…
    name=$1 driver=$2 expected=$3 options=$4
    shift 4
    case $programs in *" $name "* | '  ') ;; *) return ;; esac
    from=$(date +%s)
    (cd "$work" && timeout "$SECONDS_EACH" "$FRAMA_C" -machdep gcc_x86_64 -c11 -eva -eva-no-show-progress \
        -cpp-extra-args="-Iinclude -Ilib -Itests/proof -DLAMBDEST_PORTABLE ${define:-}" $options \
        "tests/proof/$driver" "$@") >"$work/$name.log" 2>&1
    left=$(tally "$work/$name.log")
    printf '  %-10s %-20s unproven: %s (%ds)\n' "$name" "$1" "$left" $(($(date +%s) - from))
    [ "$left" = "$expected" ] && return
    grep -A1 -E 'eva:alarm|User Error' "$work/$name.log" | grep -v '^--'
    echo "  $name: expected $expected" >&2
    status=1
}

text='lib/json/utf8.c'
scan="lib/json/scan.c $text lib/base/error.c lib/base/name.c"

prove base64 base64.c 0 '-eva-precision 4' lib/base/base64.c lib/base/alloc.c
prove buffer buffer.c 0 '-eva-precision 4 -eva-slevel 20000 -eva-split-return full -eva-interprocedural-splits' \
    lib/base/buffer.c lib/base/alloc.c
prove utf8 utf8.c 0 '-eva-precision 4 -eva-slevel-function main:5000,check:5000,cut:5000' $text
prove check check.c 0 '-eva-precision 4 -eva-slevel-function lambdest__utf8_check:1000,lambdest__check_portable:1000' \
    lib/json/check.c $text
prove encoding string.c 0 '-main encoding -eva-precision 4 -eva-slevel-function encoding:2000' lib/json/string.c $text
prove measuring string.c 1 '-main measuring -eva-precision 4 -eva-slevel-function measuring:2000,lambdest__string_encoded:2000' lib/json/string.c $text
define=-U__BYTE_ORDER__
prove decoding string.c 1 '-main decoding -eva-precision 3 -eva-slevel 500 -eva-split-limit 1000' lib/json/string.c $text
define=
prove scan scan.c 0 '-main slowly -eva-precision 3 -eva-interprocedural-splits
    -eva-slevel-function slowly:5000,lambdest__scan_slowly:500' $scan
prove name scan.c 2 '-main name -eva-precision 4' $scan
exit $status
