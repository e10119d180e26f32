/* Reading a caller's lambdest_options: its size checked, defaults filled in. */
#ifndef LAMBDEST_BASE_OPTIONS_H
#define LAMBDEST_BASE_OPTIONS_H

#include <lambdest/base.h>
#include <stdbool.h>

enum {
    LAMBDEST__DEPTH_LIMIT = 65536
};

/* What an object remembers of the options it was born with. */
typedef struct lambdest__limits {
    lambdest_alloc alloc;
    uint64_t max_bytes;
    uint64_t max_items;
    uint32_t max_depth;
    uint32_t max_nesting;
    uint32_t flags;
} lambdest__limits;

/* INVAL, with the member in err->where. */
int lambdest__options_read(const lambdest_options *options, lambdest__limits *out, lambdest_error *err);

/* Copies a caller's size-first struct of `given` bytes into one of `known` bytes, the rest zero. INVAL if
 * it is shorter than `least` or has a byte set beyond what is known. */
int lambdest__struct_read(void *out, size_t known, const void *in, size_t given, size_t least);

/* The other way: fills a caller's size-first struct from one of `known` bytes, as much of it as the caller
 * has, what is not known here zero, its size kept. INVAL, with nothing touched, if it is shorter than
 * `least`. */
int lambdest__struct_write(void *to, const void *from, size_t known, size_t least);

#endif
