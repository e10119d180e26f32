#include "base/options.h"

#include "base/alloc.h"
#include "base/error.h"
#include "base/first.h"

#include <string.h>

int lambdest__struct_read(void *out, size_t known, const void *in, size_t given, size_t least)
{
    const unsigned char *bytes = in;
    size_t i;

    if (given < least)
        return LAMBDEST_E_INVAL;
    for (i = known; i < given; i++)
        if (bytes[i])
            return LAMBDEST_E_INVAL;
    memset(out, 0, known);
    memcpy(out, in, given < known ? given : known);
    return LAMBDEST_OK;
}

int lambdest__struct_write(void *to, const void *from, size_t known, size_t least)
{
    uint32_t size;

    memcpy(&size, to, sizeof size);
    if (size < least)
        return LAMBDEST_E_INVAL;
    memset(to, 0, size);
    memcpy(to, from, size < known ? size : known);
    memcpy(to, &size, sizeof size);
    return LAMBDEST_OK;
}

static int check_options(const lambdest_options *o, lambdest_error *err)
{
    if (o->flags & ~(uint32_t)LAMBDEST_BORROW)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "unknown flag", "options.flags");
    if (o->max_depth > LAMBDEST__DEPTH_LIMIT)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "depth over 65,536", "options.max_depth");
    if (o->reserved)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "reserved member set", "options.reserved");
    if (o->alloc && (!o->alloc->alloc || !o->alloc->resize || !o->alloc->release))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "incomplete allocator", "options.alloc");
    return LAMBDEST_OK;
}

int lambdest__options_read(const lambdest_options *options, lambdest__limits *out, lambdest_error *err)
{
    lambdest_options copy = {0};
    const lambdest_options *o = options;
    int rc;

    if (!options || options->size != sizeof copy) {
        o = &copy;
        rc = options
                 ? lambdest__struct_read(&copy, sizeof copy, options, options->size, LAMBDEST__FIRST_OPTIONS)
                 : LAMBDEST_OK;
        if (rc)
            return lambdest__fail(err, rc, 0, "wrong size", "options.size");
    }
    rc = check_options(o, err);
    if (rc)
        return rc;
    out->alloc = lambdest__alloc_or_libc(o->alloc);
    out->max_bytes = o->max_bytes ? o->max_bytes : (uint64_t)256 * 1024 * 1024;
    out->max_items = o->max_items ? o->max_items : 10000;
    out->max_depth = o->max_depth ? o->max_depth : 512;
    out->max_nesting = o->max_nesting ? o->max_nesting : 8;
    out->flags = o->flags;
    return LAMBDEST_OK;
}
