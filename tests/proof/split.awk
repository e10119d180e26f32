# Writes a source with the splits of its file put in: awk -v file=NAME -f split.awk splits SOURCE. Fails if one
# has no place.
BEGIN { FS = " *[|] *" }
FNR == NR {
    if ($0 !~ /^#/ && $1 == file) {
        n++
        in_function[n] = $2; text[n] = $3; by[n] = $4
    }
    next
}
{
    if ($0 ~ /^[A-Za-z_].*\(/ && $0 !~ /;[ ]*$/) {
        name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
    }
    for (i = 1; i <= n; i++)
        if (!done[i] && in_function[i] == name && index($0, text[i])) {
            count = split(by[i], expression, /; */)
            for (k = 1; k <= count; k++)
                printf "/*@ split %s; */ ; ", expression[k]
            done[i] = 1
        }
    print
}
END {
    for (i = 1; i <= n; i++)
        if (!done[i]) {
            printf "%s: no place for a split in %s: %s\n", file, in_function[i], text[i] >"/dev/stderr"
            exit 1
        }
}
