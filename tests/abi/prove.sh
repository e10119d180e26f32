#!/bin/sh
# check.sh sees what it is for: a copy of the library is broken on purpose, then grown, and each change must be
# named in the report.
set -u
: "${MAKE:=make}" "${PKG_CONFIG:=pkg-config}" "${OUT:=build/release}"
unset WERROR # what breaks an interface may warn too
work=$PWD/$OUT/abi-prove
case $OUT in /*) work=$OUT/abi-prove ;; esac
rm -rf "$work"
mkdir -p "$work" || exit 1
baseline=$PWD/tests/abi
status=0

fail() {
    echo "abi: $*" >&2
    status=1
}

copy() {
    rm -rf "$work/tree" && mkdir "$work/tree" && cp -R Makefile include lib pkgconfig "$work/tree" &&
        mkdir -p "$work/tree/tests/abi" && cp tests/abi/check.sh "$work/tree/tests/abi" || exit 1
}

# edit FILE... EXPRESSION: each must change
edit() {
    expression=$1
    shift
    for file; do
        sed "$expression" "$work/tree/$file" >"$work/edited" || exit 1
        ! cmp -s "$work/edited" "$work/tree/$file" || fail "$file has nothing to edit by $expression"
        cp "$work/edited" "$work/tree/$file" || exit 1
    done
}

# refused WHAT WORD...: check.sh fails and names each
refused() {
    what=$1
    shift
    if (cd "$work/tree" && ABI_BASELINE=$baseline MAKE=$MAKE OUT=build/release sh tests/abi/check.sh) \
        >"$work/out" 2>&1; then
        fail "$what passed"
    fi
    told=yes
    for word; do
        grep -q "$word" "$work/out" || { fail "$what: not told: $word"; told=no; }
    done
    [ $told = yes ] || cat "$work/out" >&2
}

copy
edit 's/^    size_t len;$/    uint32_t len;/' include/lambdest/base.h
edit 's/LAMBDEST_FAILURE = 532/LAMBDEST_FAILURE = 534/' include/lambdest/outcome.h
edit '/lambdest_locate(/ s/uint64_t offset/uint32_t offset/' include/lambdest/base.h lib/base/error.c
edit 's/lambdest_items_count(const lambdest_items \*/lambdest_items_count(const lambdest_item */' \
    include/lambdest/carrier.h
edit 's/^size_t lambdest_items_count(const lambdest_items \*items)/size_t lambdest_items_count(const lambdest_item *own)/
      /^size_t lambdest_items_count/,/^}/ s/^{/{ const lambdest_items *items = (const void *)own;/' lib/carrier/items.c
edit '/^lambdest_plan_settle$/d' lib/lambdest.sym
refused 'a broken interface' 'abi: incompatible' lambdest_slice 'LAMBDEST_FAILURE 534' lambdest_locate \
    lambdest_items_count 'lambdest_plan_settle.*{' 'an enumerator is gone'

copy
edit '/^LAMBDEST_API uint32_t lambdest_version/ s/$/ LAMBDEST_API int lambdest_added(void);/' include/lambdest/base.h
edit '$ s/$/ int lambdest_added(void) { return 0; }/' lib/base/version.c
edit 's/^lambdest_delivery_body$/lambdest_added\n&/' lib/lambdest.sym
edit 's/^} lambdest_options;/    uint64_t grown;\n&/' include/lambdest/base.h
edit 's/LAMBDEST_CAUSE_OTHER = 567 /LAMBDEST_CAUSE_ADDED = 568, &/' include/lambdest/outcome.h
refused 'an addition' lambdest_added lambdest_options 'LAMBDEST_CAUSE_ADDED 568'

copy
if ! (cd "$work/tree" && ABI_BASELINE=$baseline MAKE=$MAKE OUT=build/release sh tests/abi/check.sh) >"$work/out" 2>&1; then
    cat "$work/out" >&2
    fail 'the interface as it is was refused'
fi
[ $status -ne 0 ] || rm -rf "$work"
exit $status
