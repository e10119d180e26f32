#!/bin/sh
# Line and branch coverage of lib/, by file, from a build with VARIANT=cov whose tests have run. Fails on
# what no test reaches and tests/coverage.excluded does not list, and on an exclusion that is not needed.
#
#   OUT=build/cov GCOV=gcov sh tests/check_coverage.sh
set -eu
cd "$(dirname "$0")/.."
out=${OUT:-build/cov}
excluded=tests/coverage.excluded

# One line for each line and each branch: kind, file, line number, branch number, how often, text.
facts() {
    for object in "$out"/lib/*/*.o; do
        ${GCOV:-gcov} -b -c -t -o "$object" "${object%.o}.c" 2>/dev/null
    done | awk '
        /^ *-: *0:Source:/ { file = substr($0, index($0, "Source:") + 7); sub(/^\.\//, "", file); next }
        /^ *[^:]*: *[0-9]+:/ {
            count = $0; sub(/:.*/, "", count); gsub(/[ *]/, "", count)
            number = substr($0, index($0, ":") + 1); text = number
            sub(/:.*/, "", number); number += 0
            text = substr(text, index(text, ":") + 1); gsub(/^ +| +$/, "", text)
            branch = 0
            if (count != "-" && number && file ~ /^lib\//)
                print "line\t" file "\t" number "\t0\t" (count ~ /^[#=]/ ? 0 : 1) "\t" text
            next
        }
        /^branch / && file ~ /^lib\// {
            print "branch\t" file "\t" number "\t" branch++ "\t" ($3 == "taken" && $4 > 0) "\t" text
        }'
}

# A header is read by several objects: what one of them reaches is reached.
facts | sort -t '	' -k1,1 -k2,2 -k3,3n -k4,4n -k5,5nr | awk -F '\t' '!seen[$1, $2, $3, $4]++' >"$out/coverage.facts"
[ -s "$out/coverage.facts" ] || { echo "coverage: no results under $out" >&2; exit 1; }

awk -F '\t' -v excluded="$excluded" '
    function percent(a, b) { return b ? sprintf("%6.2f%%", 100 * a / b) : "      -" }
    BEGIN {
        while ((getline entry < excluded) > 0) {
            if (entry ~ /^(#| |$)/) continue
            split(entry, part, ": "); split(part[2], what, " ")
            text = substr(entry, length(part[1]) + length(part[2]) + 5)
            allowed[part[1], (what[2] ~ /^branch/ ? "branch" : "line"), text] += what[1]
        }
    }
    {
        if (!($2 in files)) { files[$2]; order[++n] = $2 }
        total[$1, $2]++; total[$1]++
        if ($5) { hit[$1, $2]++; hit[$1]++; next }
        if (allowed[$2, $1, $6] > 0) { allowed[$2, $1, $6]--; skipped[$1]++; next }
        missed[++m] = sprintf("%s:%d: %s %s: %s", $2, $3, $1, $1 == "line" ? "not run" : $4 " not taken", $6)
    }
    END {
        printf "%-36s %5s %7s %8s %7s\n", "file", "lines", "run", "branches", "taken"
        for (i = 1; i <= n; i++) {
            f = order[i]
            printf "%-36s %5d %s %8d %s\n", f, total["line", f], percent(hit["line", f], total["line", f]), \
                total["branch", f], percent(hit["branch", f], total["branch", f])
        }
        printf "%-36s %5d %s %8d %s\n", "all", total["line"], percent(hit["line"], total["line"]), \
            total["branch"], percent(hit["branch"], total["branch"])
        printf "excluded: %d lines, %d branches (%s)\n", skipped["line"], skipped["branch"], excluded
        for (i = 1; i <= m; i++) print missed[i]
        for (key in allowed) if (allowed[key] > 0) {
            split(key, part, SUBSEP); unneeded++
            printf "%s: %s: excluded and reached: %s\n", part[1], part[2], part[3]
        }
        exit m + unneeded > 0
    }' "$out/coverage.facts"
