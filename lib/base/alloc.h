/* Memory of one object: the caller's allocator, sizes checked, libc's only by default. */
#ifndef LAMBDEST_BASE_ALLOC_H
#define LAMBDEST_BASE_ALLOC_H

#include <lambdest/base.h>
#include <stdbool.h>

/* The allocator to be copied into an object: `given`, or libc's for NULL. */
lambdest_alloc lambdest__alloc_or_libc(const lambdest_alloc *given);

/* NULL for a failure and for size 0. */
void *lambdest__alloc(const lambdest_alloc *alloc, size_t size);

/* `old` may be NULL. On failure NULL, and `old` stands. */
void *lambdest__resize(const lambdest_alloc *alloc, void *old, size_t old_size, size_t size);

/* An array of *cap elements of `each` bytes made twice as long, or made with `first` elements if *cap is 0.
 * On failure NULL, and `old` and *cap stand. */
void *lambdest__grow(const lambdest_alloc *alloc, void *old, size_t *cap, size_t first, size_t each);

/* Fills with zeros. For what is larger than a compiler should clear in place. */
void lambdest__clear(void *data, size_t size);

/* NULL is fine. */
static inline void lambdest__release(const lambdest_alloc *alloc, void *old, size_t size)
{
    if (old)
        alloc->release(alloc->ctx, old, size);
}

/* Long text: a block that knows its allocator, so that lambdest_free needs nothing else. Room for `len`
 * bytes and a NUL, which is already set. */
char *lambdest__text_new(const lambdest_alloc *alloc, size_t len);

/* false, and *sum unchanged, if the sum or product does not fit. */
static inline bool lambdest__add_size(size_t *sum, size_t more)
{
    if (more > SIZE_MAX - *sum)
        return false;
    *sum += more;
    return true;
}

static inline bool lambdest__multiply_size(size_t *product, size_t factor)
{
    if (factor && *product > SIZE_MAX / factor)
        return false;
    *product *= factor;
    return true;
}

#endif
