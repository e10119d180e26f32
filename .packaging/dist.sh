#!/bin/sh
# A tarball of the sources, lambdest-VERSION.tar.gz: what git tracks, or, in an unpacked tarball, what is there.
# The same files give the same bytes: names in order, no owner, one time (SOURCE_DATE_EPOCH, else the last
# commit's, else that of the tarball this tree came from).
#   sh .packaging/dist.sh FOLDER BUILD-FOLDER
set -u
LC_ALL=C
export LC_ALL
out=${1:?folder} build=${2:?build folder}
version=$(awk '/^#define LAMBDEST_VERSION_/ { v = v (v ? "." : "") $3 } END { print v }' include/lambdest/base.h)
name=lambdest-$version
mkdir -p "$out" || exit 1

die() {
    echo "dist: $*" >&2
    exit 1
}

if [ -e .git ]; then
    git ls-files >"$out/$name.files" || die 'git cannot list its files'
    time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} || exit 1
else
    find . -type f ! -path "./${build#./}/*" | sed 's|^\./||' >"$out/$name.files" || exit 1
    time=${SOURCE_DATE_EPOCH:-$(stat -c %Y Makefile)} || exit 1
fi
sort -o "$out/$name.files" "$out/$name.files" || exit 1
[ -s "$out/$name.files" ] && [ -n "$time" ] || die 'no files, or no time'
tar --create --format=ustar --no-recursion --mtime="@$time" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX --transform="s|^|$name/|" --files-from="$out/$name.files" --file="$out/$name.tar" || exit 1
gzip -n -9 -f "$out/$name.tar" || exit 1
rm -f "$out/$name.files"
echo "$out/$name.tar.gz"
