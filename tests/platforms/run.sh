#!/bin/sh
# Every test on other machines, with another C library, other compilers and their settings: a line a platform.
#   PLATFORMS   names from `settings` below; without it all of `all`
#   JOBS        how many processors to use
# What a platform needs and is not there is a failure that names it. Tests take strides (LAMBDEST_TEST_QUICK).
set -u
all='musl m32 arm64 s390x O0 O1 O3 lto clang-O0 clang-O1 clang-O3 clang-lto standards'
: "${MAKE:=make}" "${PLATFORMS:=$all}" "${JOBS:=2}" "${OUT:=build/platforms}"
LAMBDEST_TEST_QUICK=1 CMOCKA_MESSAGE_OUTPUT=STDOUT
export LAMBDEST_TEST_QUICK CMOCKA_MESSAGE_OUTPUT

# The outer make's own settings are not those of the platforms.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL BUILD VARIANT WERROR CFLAGS CPPFLAGS LDFLAGS
OUT=$(mkdir -p "$OUT" && cd "$OUT" && pwd) || exit 1
status=0

# The tools of a platform; `mark` is a pattern that readelf prints of its programs and not of others.
settings() {
    cc=gcc ar=ar flags= link= libraries= emulator= whole= mark='Class: *ELF64'
    case $1 in
    musl) cc=musl-gcc libraries=$OUT/musl-libraries/pkgconfig mark='interpreter: .*ld-musl' ;;
    m32)
        # The kernel's headers for x86-64 are those for 32 bit too; gcc-multilib would link them in place.
        cc='gcc -m32 -idirafter /usr/include/x86_64-linux-gnu'
        libraries=/usr/lib/i386-linux-gnu/pkgconfig mark='Class: *ELF32'
        # An emulated program sees places in directories that are a 64-bit machine's.
        runs_here || emulator=qemu-i386 flags=-D_FILE_OFFSET_BITS=64
        ;;
    arm64) cross aarch64 AArch64 ;;
    s390x) cross s390x 'Data: .*big endian' ;;
    O[013]) flags=-$1 ;;
    lto) ar=gcc-ar flags=-flto whole='-flto=auto -flinker-output=nolto-rel' ;;
    clang-O[013]) cc=clang flags=-${1#clang-} mark='clang version' ;;
    clang-lto)
        cc=clang ar=llvm-ar flags=-flto link=-fuse-ld=lld mark='clang version'
        whole="-flto $link"
        ;;
    *)
        echo "there is no platform $1; there are: $all" >&2
        return 1
        ;;
    esac
}

# Some kernels for 64 bit run no programs for 32.
runs_here() {
    echo 'int main(void) { return 0; }' | $cc -x c -o "$OUT/runs-here" - 2>/dev/null && "$OUT/runs-here" 2>/dev/null
}

cross() { # machine, mark
    cc=$1-linux-gnu-gcc ar=$1-linux-gnu-ar emulator=qemu-$1 libraries=/usr/lib/$1-linux-gnu/pkgconfig mark=$2
}

build() { # directory, make's arguments...
    directory=$1
    shift
    mkdir -p "$directory"
    $MAKE --no-print-directory -j"$JOBS" CC="$cc" AR="$ar" CFLAGS="$flags" LDFLAGS="$link" WERROR=1 \
        BUILD="$directory" \
        PKG_CONFIG="env ${libraries:+PKG_CONFIG_LIBDIR=$libraries} pkg-config" "$@" \
        >"$directory/log" 2>&1 || {
        cat "$directory/log" >&2
        return 1
    }
}

# The examples are linked with the archive of what is to be optimised at link time. The tests are many, so the
# archive is optimised as one object, once, and they are linked with that.
build_whole() { # directory
    build "$1" all examples && has_no_code "$1" || return 1
    $cc $whole -O2 -r -nostdlib -o "$1/whole.o" -Wl,--whole-archive "$1/release/liblambdest.a" || return 1
    flags= link="$link $1/whole.o"
    build "$1/tests" tests && rm -rf "$1/release/tests" && mv "$1/tests/release/tests" "$1/release/tests"
}

has_no_code() { # directory
    $ar p "$1/release/liblambdest.a" alloc.o >"$1/alloc.o" || return 1
    [ "$(head -c 2 "$1/alloc.o")" = BC ] || readelf -W -S "$1/alloc.o" | grep -q '\.gnu\.lto_' || {
        echo 'the archive holds no objects for link-time optimisation' >&2
        return 1
    }
}

# A platform that is not what its name says would prove nothing.
is_genuine() { # directory
    readelf -W -h -l -p .comment "$1/release/tests/test_base_version" 2>/dev/null | grep -q "$mark" || {
        echo "the programs are not of this platform: readelf shows no '$mark'" >&2
        return 1
    }
}

# Runs the tests; prints "programs passed failed skipped", and the logs of those that failed to standard
# error.
run_tests() { # directory
    bin=$1/release/tests
    for test in tests/test_*.c; do basename "$test" .c; done |
        EMULATOR=$emulator xargs -P "$JOBS" -I NAME sh -c \
            'timeout 300 $EMULATOR "$1/$2" >"$1/$2.log" 2>&1; echo "status $?" >>"$1/$2.log"' - "$bin" NAME
    for test in tests/test_*.c; do
        log=$bin/$(basename "$test" .c).log
        awk '/^\[  PASSED  \]/ { p += $4 } /^\[  FAILED  \] [0-9]+ test/ { f += $4 }
            /^\[  SKIPPED \] [0-9]+ test/ { s += $4 } /^status / { rc = $2 }
            END { if (!f && (rc || p + s == 0)) f = 1; print 1, p + 0, f + 0, s + 0, FILENAME }' "$log"
    done >"$bin/results"
    sed -n 's/^\[  SKIPPED \] \([a-z].*\)/\1/p' "$bin"/test_*.log | sort -u | tr '\n' ' ' >"$1/skipped"
    awk '{ n++; p += $2; f += $3; s += $4 } END { print n, p, f, s }' "$bin/results"
    awk '$3 { print $5 }' "$bin/results" | while read -r log; do cat "$log" >&2; done
}

# An emulator cannot run what a program starts, but a script that starts the emulator can be started.
wrap_examples() { # directory
    mkdir -p "$1/emulated"
    for program in "$1"/examples/*; do
        printf '#!/bin/sh\nexec %s %s "$@"\n' "$emulator" "$program" >"$1/emulated/${program##*/}"
    done
    chmod +x "$1"/emulated/*
}

run_examples() { # directory
    set -- "$1" "$1/examples"
    [ -z "$emulator" ] || {
        wrap_examples "$1" && set -- "$1" "$1/emulated"
    }
    EXAMPLES=$2 OUT=$1/release CC=$cc sh tests/examples/check.sh >"$1/examples.log" 2>&1 || {
        cat "$1/examples.log" >&2
        return 1
    }
}

# Prints the line's middle.
platform() {
    dir=$OUT/$1
    settings "$1" || return 1
    for tool in "${cc%% *}" "$ar" $emulator; do
        command -v "$tool" >/dev/null 2>&1 || {
            echo "missing: $tool" >&2
            return 1
        }
    done
    [ "$1" != musl ] || sh tests/platforms/musl.sh "$OUT/musl-libraries" || return 1
    if [ -n "$whole" ]; then
        build_whole "$dir" || return 1
    else
        build "$dir" all tests examples || return 1
    fi
    is_genuine "$dir" || return 1
    set -- $(run_tests "$dir")
    printf '%3d programs, %d passed, %d failed, %d skipped; examples ' "$@"
    if run_examples "$dir"; then
        printf 'passed'
    else
        printf 'FAILED'
        return 1
    fi
    [ "$3" -eq 0 ]
}

# The library alone, for the standards that a host's build may ask for: it compiles without a warning.
standards() {
    for standard in c17 gnu11 c2x; do echo gcc $standard; echo clang $standard; done | xargs -P "$JOBS" -n 2 sh -c \
        'exec $1 -std=$2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -Iinclude -Ilib lib/*/*.c' - \
        >&2 || return 1
    printf 'the library as C17, GNU11 and C2x by gcc and clang'
}

for name in $PLATFORMS; do
    begin=$(date +%s) what=platform
    [ "$name" != standards ] || what=standards
    if line=$($what "$name"); then result=; else result=FAILED status=1; fi
    printf '  %-10s %s %s %4d s\n' "$name" "$line" "$result" $(($(date +%s) - begin))
    [ ! -s "$OUT/$name/skipped" ] || printf '  %-10s skipped: %s\n' '' "$(cat "$OUT/$name/skipped")"
done
exit $status
