#!/bin/sh
# The library as lambdest.c and lambdest.h: compiles as a stranger would compile it, without a warning;
# shows the public functions and nothing else; passes the public part of the test suite (PUBLIC_TESTS) and the
# examples' scenarios; two copies in one process do not meet.
# The Makefile's amalgamation target has made the two files; PUBLIC_TESTS and PROGRAMS come from there.
set -u
: "${PKG_CONFIG:=pkg-config}" "${NM:=nm}" "${OUT:=build/release}" "${FILES:=build/amalgamation}"
: "${COMPILERS:=gcc clang}" "${PUBLIC_TESTS:?names of test sources}" \
    "${PROGRAMS:?names of examples}"
LC_ALL=C
export LC_ALL
here=$PWD work=$PWD/$OUT/check-amalgamation
case $OUT in /*) work=$OUT/check-amalgamation ;; esac
case $FILES in /*) ;; *) FILES=$here/$FILES ;; esac
rm -rf "$work"
mkdir -p "$work/lambdest" "$work/tests" "$work/examples" || exit 1
status=0

fail() {
    echo "amalgamation: $*" >&2
    status=1
}

die() {
    fail "$*"
    exit 1
}

jansson=$($PKG_CONFIG --cflags jansson) libs=$($PKG_CONFIG --libs jansson cmocka) || exit 1

# ---- it compiles ----

# Tells the processor's time, so that another's work does not count.
compiled_by() { # compiler
    (
        cd "$work" && $1 -std=c11 -O2 -Wall -Wextra -Werror $jansson -c "$FILES/lambdest.c" -o "lambdest-$1.o" || exit 1
        times >"$1.times"
    ) || die "$1 does not compile it without a warning"
    awk -v compiler="$1" 'NR == 2 { split($1, t, /[ms]/)
        print "amalgamation: " compiler " -O2: " 60 * t[1] + t[2] " s" }' "$work/$1.times"
    $NM -g --defined-only "$work/lambdest-$1.o" | awk '{ print $3 }' | diff lib/lambdest.sym - ||
        fail "$1: other globals than the public functions"
    "$1" -std=c11 -Wall -Wextra -Werror -DLAMBDEST_PORTABLE $jansson -fsyntax-only "$FILES/lambdest.c" ||
        fail "$1: a warning without the ways of x86"
    exit $status
}

# What runs at once has to end well.
all_end() { # processes
    for process; do wait "$process" || status=1; done
}

started=
for compiler in $COMPILERS; do
    compiled_by "$compiler" &
    started="$started $!"
done
all_end $started
[ $status -eq 0 ] || exit 1
[ -n "$started" ] || die 'no compiler'
set -- $COMPILERS
CC=$1
cp "$work/lambdest-$CC.o" "$work/lambdest.o"

# ---- the public tests and the examples ----

# Tests and examples name the headers one by one; each is the one header here.
for header in include/lambdest/*.h; do
    case $header in */jansson.h) echo '#define LAMBDEST_WITH_JANSSON' ;; esac >"$work/lambdest/${header##*/}"
    echo "#include \"$FILES/lambdest.h\"" >>"$work/lambdest/${header##*/}"
done

build() { # source, out, more
    $CC -std=c11 -O0 -g -Wall -Wextra -Werror -I"$work" -I"$FILES" -Itests $jansson -o "$2" "$1" $3 "$work/lambdest.o" \
        $libs || fail "$1 does not build against it"
}

$CC -std=c11 -O0 -g -I"$work" -I"$FILES" -c tests/support.c -o "$work/support.o" || die 'tests/support.c needs more'
run_test() { # source
    name=${1##*/} name=${name%.c}
    build "$1" "$work/tests/$name" "$work/support.o"
    if ! "$work/tests/$name" >"$work/tests/$name.log" 2>&1; then
        cat "$work/tests/$name.log" >&2
        fail "$name fails"
    fi
    passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$work/tests/$name.log")
    [ "${passed:-0}" -gt 0 ] || fail "$name: no test ran"
    echo "${passed:-0}" >>"$work/cases"
    exit $status
}

started=
for source in $PUBLIC_TESTS; do
    run_test "$source" &
    started="$started $!"
    case $started in *' '*' '*) all_end $started && started= ;; esac
done
all_end $started
programs=$(wc -l <"$work/cases") cases=$(awk '{ n += $1 } END { print n }' "$work/cases")
for name in $PROGRAMS; do
    build "tests/examples/$name.c" "$work/examples/$name" ''
done
EXAMPLES=$work/examples sh tests/examples/check.sh >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail 'the examples do not do what they should'
}
echo "amalgamation: $programs test programs, $cases cases; $(tail -1 "$work/log")"

# ---- two copies, of two versions, each in a shared object of one process ----

mkdir "$work/other" && cp "$FILES/lambdest.c" "$work/other" &&
    sed 's/^\(#define LAMBDEST_VERSION_PATCH\) .*/\1 999/' "$FILES/lambdest.h" >"$work/other/lambdest.h" || exit 1
for copy in one two; do
    echo "#include <lambdest.h>
unsigned $copy(void);
unsigned $copy(void) { return lambdest_version(); }" >"$work/$copy.c"
done
cat >"$work/both.c" <<'END'
unsigned one(void);
unsigned two(void);
int main(void)
{
    return one() % 1000 != 999 && two() % 1000 == 999 ? 0 : 1;
}
END
(
    cd "$work" &&
        $CC -std=c11 -O0 -fPIC -shared -I"$FILES" $jansson -o libone.so one.c "$FILES/lambdest.c" $libs &&
        $CC -std=c11 -O0 -fPIC -shared -Iother $jansson -o libtwo.so two.c other/lambdest.c $libs &&
        $CC -o both both.c -L. -lone -ltwo && LD_LIBRARY_PATH=. ./both
) || fail 'two copies in one process meet'
$NM -D --defined-only "$work/libone.so" | grep lambdest_ && fail 'a shared object shows its copy'
(
    cd "$work" && $CC -std=c11 -O0 -fPIC -shared '-DLAMBDEST_API=__attribute__((visibility("default")))' $jansson \
        -o libshown.so "$FILES/lambdest.c" $libs
) || fail 'LAMBDEST_API cannot be chosen'
$NM -D --defined-only "$work/libshown.so" | awk '{ print $3 }' | diff lib/lambdest.sym - || fail 'LAMBDEST_API is not heeded'

[ $status -ne 0 ] || rm -rf "$work"
exit $status
