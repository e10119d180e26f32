#!/bin/sh
# The static analysers over lib/: each says nothing, or this fails. sh tests/analyze.sh [gcc|clang-tidy|cppcheck]
#   gcc         -fanalyzer, and all warnings of the build
#   clang-tidy  what .clang-tidy asks for
#   cppcheck    but what tests/cppcheck.suppress names; three machines: x86-64, another, the portable code
# GCC, CLANG_TIDY and CPPCHECK may name them; WARN, the build's warnings, comes from make. Two jobs.
set -u
: "${GCC:=gcc}" "${CLANG_TIDY:=clang-tidy}" "${CPPCHECK:=cppcheck}" "${PKG_CONFIG:=pkg-config}" "${WARN:=-Wall -Wextra}"
LC_ALL=C
export LC_ALL CLANG_TIDY
sources=$(find lib -name '*.c' | sort)
flags="-std=c11 -Iinclude -Ilib $($PKG_CONFIG --cflags jansson)" || exit 1
export flags
status=0

run() { # name, command…: what it prints is a finding
    name=$1
    shift
    found=$("$@" 2>&1)
    result=$?
    if [ $result -eq 0 ] && [ -z "$found" ]; then
        printf '  %-12s silent over %d files\n' "$name" "$(echo "$sources" | wc -l)"
    else
        printf '%s\n  %-12s FAILED (%d)\n' "$found" "$name" $result
        status=1
    fi
}

of_gcc() {
    echo "$sources" | xargs -P 2 -I FILE "$GCC" $flags $WARN -O1 -fanalyzer -Werror -c -o /dev/null FILE
}

# It counts what it found in files that were not asked for on standard error.
of_clang_tidy() {
    echo "$sources" | xargs -P 2 -n 8 sh -c 'exec "$CLANG_TIDY" --quiet "$@" -- $flags' tidy 2>/dev/null
}

of_cppcheck() {
    for machine in '-D__GNUC__=12 -D__x86_64__=1 -D__SSE2__=1' '-D__GNUC__=12' '-DLAMBDEST_PORTABLE=1'; do
        "$CPPCHECK" --quiet --std=c11 --library=posix --enable=warning,performance,portability --error-exitcode=1 \
            --suppressions-list=tests/cppcheck.suppress -DJANSSON_VERSION_HEX=0x020e00 $machine \
            -Iinclude -Ilib lib || return 1
    done
}

for tool in ${1:-gcc clang-tidy cppcheck}; do
    case $tool in
    gcc) run "$GCC" of_gcc ;;
    clang-tidy) run "$CLANG_TIDY" of_clang_tidy ;;
    cppcheck) run "$CPPCHECK" of_cppcheck ;;
    *) echo "no such analyser: $tool" >&2; exit 2 ;;
    esac
done
exit $status
