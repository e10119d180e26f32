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
compile() { # compiler, out, flags
    (
        cd "$work" && $1 -std=c11 -O2 -Wall -Wextra -Werror $3 $jansson -c "$FILES/lambdest.c" -o "$2" || exit 1
        times >"$work/times"
    ) || die "$1 does not compile it without a warning"
    spent=$(awk 'NR == 2 { split($1, t, /[ms]/); print 60 * t[1] + t[2] }' "$work/times")
    echo "amalgamation: $1 -O2: $spent s"
}

for compiler in $COMPILERS; do
    compile "$compiler" "lambdest-$compiler.o" ''
    $NM -g --defined-only "$work/lambdest-$compiler.o" | awk '{ print $3 }' >"$work/globals"
    diff lib/lambdest.sym "$work/globals" || fail "$compiler: other globals than the public functions"
    "$compiler" -std=c11 -Wall -Wextra -Werror -DLAMBDEST_PORTABLE $jansson -fsyntax-only "$FILES/lambdest.c" ||
        fail "$compiler: a warning without the ways of x86"
done
[ -f "$work/globals" ] || die 'no compiler'
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
programs=0 cases=0
for source in $PUBLIC_TESTS; do
    name=${source##*/} name=${name%.c}
    build "$source" "$work/tests/$name" "$work/support.o"
    programs=$((programs + 1))
    if ! "$work/tests/$name" >"$work/log" 2>&1; then
        cat "$work/log" >&2
        fail "$name fails"
    fi
    passed=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$work/log")
    [ "${passed:-0}" -gt 0 ] || fail "$name: no test ran"
    cases=$((cases + ${passed:-0}))
done
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
