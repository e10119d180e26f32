#!/bin/sh
# The library as two files, lambdest.h and lambdest.c, for a program with no build system:
#   cc -std=c11 -c lambdest.c $(pkg-config --cflags jansson)
# Everything but the public functions is static, and those are hidden, so that two shared objects of one process
# may each have a copy of their own. The files of lib/ share no static name (tests/check_style.sh).
#   sh .packaging/amalgamate.sh FOLDER
set -u
LC_ALL=C
export LC_ALL
out=${1:?folder}
mkdir -p "$out" || exit 1

version=$(awk '/^#define LAMBDEST_VERSION_/ { v = v (v ? "." : "") $3 } END { print v }' include/lambdest/base.h)

notice() {
    echo "/* lambdest $version, $1."
    echo ' *'
    sed 's/^/ * /; s/ *$//' LICENSE
    echo ' */'
}

# Each header once, where it is first asked for; the public ones are in lambdest.h. The one of jansson's values
# is last, for those who want it.
header() {
    notice 'its header: made from include/, do not edit'
    cat <<'END'
#if !defined(LAMBDEST_API) && defined(__GNUC__)
#define LAMBDEST_API __attribute__((visibility("hidden")))
#endif
END
    awk '
    function take(path,   line) {
        if (seen[path]++) return
        while ((getline line <path) > 0)
            if (line ~ /^#include <lambdest\//) {
                sub(/^#include </, "", line); sub(/>.*/, "", line)
                if (path !~ /jansson/) take("include/" line)
            } else if (line ~ /^#include <jansson.h>/)
                jansson = 1
            else
                print line
        close(path)
    }
    BEGIN {
        take("include/lambdest.h")
        print "\n#if defined(LAMBDEST_WITH_JANSSON) && !defined(LAMBDEST_JANSSON_H)\n#include <jansson.h>"
        take("include/lambdest/jansson.h")
        print "#endif"
    }'
}

source() {
    notice 'the whole library: made from lib/, do not edit'
    cat <<'END'
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#define LAMBDEST_WITH_JANSSON
#include "lambdest.h"
END
    for room in base json envelope outcome carrier delivery; do
        printf '%s\n' lib/$room/*.c
    done | awk '
    # A prototype makes the function static; a definition after it needs no word.
    function header(path,   line) {
        if (seen[path]++) return
        print "\n/* ---- " path " ---- */\n"
        while ((getline line <path) > 0)
            if (!include(line)) {
                if (line ~ /^extern const /) sub(/^extern/, "static", line)
                else if (line ~ /^(LAMBDEST__FOR_TESTS )?[a-z].* \**lambdest__[a-z0-9_]+(\(|;$)/ && line !~ /^(static|typedef|struct [a-z_]+;)/)
                    line = "static " line
                print line
            }
        close(path)
    }
    function include(line) {
        if (line ~ /^#include <lambdest[\/.]/ || line ~ /^#define _POSIX_C_SOURCE /) return 1
        if (line !~ /^#include "/) return 0
        sub(/^#include "/, "", line); sub(/".*/, "", line)
        header("lib/" line)
        return 1
    }
    function file(path,   line, name, n, i, macro) {
        # What it includes comes before its own line, so that the banner stands where the file begins.
        while ((getline line <path) > 0)
            if (line ~ /^#include "/) include(line)
        close(path)
        print "\n/* ---- " path " ---- */\n"
        while ((getline line <path) > 0) {
            if (include(line)) continue
            if (line ~ /^const .*lambdest__[a-z0-9_]+\[/) line = "static " line
            if (line ~ /^# *define /) {
                name = line; sub(/^# *define */, "", name); sub(/[^A-Za-z0-9_].*/, "", name)
                macro[++n] = name
            }
            print line
        }
        close(path)
        for (i = 1; i <= n; i++) print "#undef " macro[i]
    }
    { file($0) }'
}

header >"$out/lambdest.h" && source >"$out/lambdest.c"
