#!/bin/sh
# Builds the benchmark and runs it: sh tests/bench/run.sh [quick|portable|full|scale|bounds|count|check-count]
#   quick  the twenty cells of build and parse; full (the default) all operations and styles
#   portable the same twenty with a library in plain C, without SSE2 and AVX2
#   scale  the exponent by which time grows with size, from 1 KB to 64 MB
#   bounds texts as bad as can be, 64 MiB each (or MIB), beside a good one; fails over its limits
#   count  instructions of each operation, by callgrind, into tests/bench/instructions
#   check-count  complains of more than 3 % over what stands there
# Works on build/release; CC, CXX, MAKE, OUT, ROUNDS may be set. Peers that are not installed are named and left out.
set -u
: "${CC:=cc}" "${CXX:=c++}" "${MAKE:=make}" "${OUT:=build/release}" "${PKG_CONFIG:=pkg-config}" "${VALGRIND:=valgrind}"
LC_ALL=C
export LC_ALL
work=$OUT/bench here=tests/bench
mkdir -p "$work" || exit 1
flags="-O2 -Wall -Wextra -Iinclude -I$here"
peers=

compile() { # program, source, libraries…
    name=$1 source=$2
    shift 2
    case $source in
    *.cc) $CXX -std=c++17 $flags -c -o "$work/$name.o" "$here/$source" ;;
    *) $CC -std=gnu11 $flags -c -o "$work/$name.o" "$here/$source" ;;
    esac && $CXX -o "$work/$name" "$work/$name.o" "$work/worker.o" "$work/input.o" "$@"
}

peer() { # name, source, test header, language, Debian package, libraries…
    name=$1 source=$2 header=$3 lang=$4 package=$5
    shift 5
    if ! echo "#include <$header>" | $CXX -std=c++17 -x "$lang" -E - >/dev/null 2>&1; then
        echo "$name: not installed ($package)" >&2
    elif compile "$name" "$source" "$@" 2>"$work/$name.log"; then
        peers="$peers $name=$work/$name"
    else
        echo "$name: does not build, see $work/$name.log" >&2
    fi
}

for file in worker input; do
    $CC -std=gnu11 $flags -c -o "$work/$file.o" "$here/$file.c" || exit 1
done
$CC -std=gnu11 $flags -o "$work/driver" "$here/driver.c" -lm || exit 1
compile ours ours.c "$OUT/liblambdest.a" $($PKG_CONFIG --libs jansson) || exit 1

operations='build build-copied build-checked parse parse-copied write parts convert classify unwrap plan'

count() { # prints "operation style bytes instructions"
    for op in $operations; do
        for cell in 'sqs 2000' 'num 2000' 'deep 2000' 'utf8 2000' 'unicode 2000' 'pretty 2000' 'sqs 200' 'sqs 20000'; do
            set -- $cell
            few=$($VALGRIND --tool=callgrind --callgrind-out-file=/dev/null "$work/ours" "$op" "$1" "$2" 10 2>&1 |
                sed -n 's/.*Collected : //p')
            more=$($VALGRIND --tool=callgrind --callgrind-out-file=/dev/null "$work/ours" "$op" "$1" "$2" 110 2>&1 |
                sed -n 's/.*Collected : //p')
            echo "$op $1 $2 $(((more - few) / 100))"
        done
    done
}

case ${1:-full} in
bounds)
    $CC -std=c11 $flags -o "$work/bounds" "$here/bounds.c" "$OUT/liblambdest.a" $($PKG_CONFIG --libs jansson) || exit 1
    exec "$work/bounds" "${MIB:-64}"
    ;;
count)
    count | tee "$here/instructions"
    exit
    ;;
check-count)
    count >"$work/instructions"
    awk 'NR == FNR { was[$1, $2, $3] = $4; next }
        ($1, $2, $3) in was && $4 > was[$1, $2, $3] * 1.03 + 10 {
            printf "%s %s %s: %d instructions, were %d\n", $1, $2, $3, $4, was[$1, $2, $3]; bad = 1 }
        END { exit bad }' "$here/instructions" "$work/instructions"
    exit
    ;;
scale)
    exec "$work/driver" "${ROUNDS:-3}" parse,build,parse-copied,unwrap sqs,num,deep,utf8 \
        1000,4000,16000,64000,256000,1000000,4000000,16000000,64000000 "ours=$work/ours"
    ;;
esac

peer jansson peer_jansson.c jansson.h c libjansson-dev $($PKG_CONFIG --libs jansson)
peer json-c peer_json_c.c json-c/json.h c libjson-c-dev -ljson-c
peer cJSON peer_cjson.c cjson/cJSON.h c libcjson-dev -lcjson
peer RapidJSON peer_rapidjson.cc rapidjson/document.h c++ rapidjson-dev
peer simdjson peer_simdjson.cc simdjson.h c++ libsimdjson-dev -lsimdjson
compile memcpy peer_memcpy.c || exit 1

date -u '+%Y-%m-%d'
sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | sed -n 1p
echo 'Times longer than ours, from the fewest nanoseconds of interleaved rounds on one processor; spread: how far the'
echo 'median of ours lies above its least; mem and peak: allocations of one operation of ours, and their bytes.'
echo
sizes=200,2000,20000,262144,1000000
cells() { # program
    "$work/driver" "${ROUNDS:-7}" build,parse sqs,num,deep,utf8 $sizes "ours=$1" $peers "memcpy=$work/memcpy"
}

case ${1:-full} in
quick)
    cells "$work/ours"
    exit
    ;;
portable)
    $MAKE --no-print-directory BUILD="$work/portable" CPPFLAGS=-DLAMBDEST_PORTABLE all >/dev/null &&
        compile in_plain_c ours.c "$work/portable/release/liblambdest.a" $($PKG_CONFIG --libs jansson) &&
        cells "$work/in_plain_c"
    exit
    ;;
esac
cells "$work/ours"
"$work/driver" "${ROUNDS:-7}" build,parse unicode,pretty,plain $sizes "ours=$work/ours" $peers "memcpy=$work/memcpy"
"$work/driver" "${ROUNDS:-7}" build-copied,build-checked,parse-copied,parse-write,convert,write,parts,classify,unwrap sqs,num \
    $sizes "ours=$work/ours" $peers "memcpy=$work/memcpy"
echo 'plan: an envelope that exists to four sinks of one form; beside it one build'
$CC -std=gnu11 $flags -DBENCH_AS_BUILD -c -o "$work/build.o" "$here/ours.c" &&
    $CXX -o "$work/build" "$work/build.o" "$work/worker.o" "$work/input.o" "$OUT/liblambdest.a" \
        $($PKG_CONFIG --libs jansson) || exit 1
"$work/driver" "${ROUNDS:-7}" plan sqs,num $sizes "ours=$work/ours" "build=$work/build"
