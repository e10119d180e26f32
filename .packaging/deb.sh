#!/bin/sh
# Debian packages from the tarball of `make dist`: its tree, and a debian/ from the templates beside this file.
# MAINTAINER is who answers for the packages; DEB_BUILD_OPTIONS=nocheck leaves the tests out.
#   sh .packaging/deb.sh FOLDER TARBALL
set -u
LC_ALL=C.UTF-8
export LC_ALL
out=${1:?folder} tarball=${2:?tarball}
: "${MAINTAINER:=lambdest authors <lambdest@lambdest.invalid>}"
templates=$PWD/.packaging/debian
value() { sed -n "s/^#define LAMBDEST_VERSION_$1 \([0-9]*\)$/\1/p" include/lambdest/base.h; }
abi=$(sed -n 's/^ABI := //p' Makefile)
version=$(value MAJOR).$(value MINOR).$(value PATCH)

die() {
    echo "deb: $*" >&2
    exit 1
}

rm -rf "$out"
mkdir -p "$out" && cp "$tarball" "$out/lambdest_$version.orig.tar.gz" && tar -C "$out" -xzf "$tarball" || exit 1
tree=$out/lambdest-$version
mkdir "$tree/debian" || exit 1

# Each of these stands on a line of its own in a template.
date -R -u -d "@$(stat -c %Y "$tree/Makefile")" >"$out/DATE"
sed -n 's/^Copyright (c) /Copyright: /p' LICENSE >"$out/COPYRIGHT"
sed '1,/^Copyright/ d' LICENSE | sed '1 { /^$/ d; }; s/^$/./; s/^/ /' >"$out/LICENSE"
{ echo "LAMBDEST_$abi"; cat lib/lambdest.sym; } | sed "s/.*/ &@LAMBDEST_$abi $version/" >"$out/SYMBOLS"
awk -v version="[$version]" '/^## / { on = index($0, version); next } on && /^### / { next } on' CHANGELOG.md |
    awk '
    function flush(   n, word, i, line) { # one item, its lines as long as Debian wants them
        n = split(item, word, " ")
        line = "  *"
        for (i = 1; i <= n; i++) {
            if (length(line " " word[i]) > 78) { print line; line = "   " }
            line = line " " word[i]
        }
        if (n) print line
        item = ""
    }
    /^- / { flush(); sub(/^- /, "") }
    NF && (item != "" || /^[A-Za-z`]/) { item = item " " $0 }
    !NF { flush() }
    END { flush() }' >"$out/CHANGES" || exit 1
[ -s "$out/CHANGES" ] || die "CHANGELOG.md says nothing of $version"

(cd "$templates" && find . -type f) | while read -r file; do
    mkdir -p "$(dirname "$tree/debian/$file")" &&
        awk -v out="$out" -v maintainer="$MAINTAINER" -v version="$version" -v soname="liblambdest.so.$abi" '
        BEGIN { getline date <(out "/DATE") }
        match($0, /^@[A-Z]+@$/) {
            name = out "/" substr($0, 2, length($0) - 2)
            while ((getline line <name) > 0) print line
            next
        }
        { gsub(/@MAINTAINER@/, maintainer); gsub(/@VERSION@/, version); gsub(/@DATE@/, date); gsub(/@SONAME@/, soname); print }
        ' "$templates/$file" >"$tree/debian/$file" || exit 1
    [ ! -x "$templates/$file" ] || chmod 755 "$tree/debian/$file"
done
! grep -rn '@[A-Z][A-Z]*@' "$tree/debian" || die 'a place in a template was not filled'
rm -f "$out/DATE" "$out/COPYRIGHT" "$out/LICENSE" "$out/SYMBOLS" "$out/CHANGES"

# The outer make's own settings must not leak in.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES BUILD VARIANT MAKELEVEL CC CXX CFLAGS CPPFLAGS LDFLAGS PKG_CONFIG
(cd "$tree" && dpkg-buildpackage -us -uc) >"$out/log" 2>&1 || {
    cat "$out/log" >&2
    die 'dpkg-buildpackage failed'
}
ls "$out"/*.deb
