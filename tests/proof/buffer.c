/* base/buffer: reservations and appends of every size listed, two after one another, on a buffer of every
 * limit listed, with each of their allocations failing or none. Blocks are as large as was asked for. */
#include "proof.h"

#include "base/buffer.h"

enum {
    SIZES = 7,
    CALLS = 3
};

static const size_t sizes[SIZES] = {0, 1, 255, 256, 257, BOUND, SIZE_MAX};
static int left; /* the allocation that fails, counted down */

static void *take(void *ctx, size_t size)
{
    (void)ctx;
    return left-- ? malloc(size) : NULL;
}

static void *resize(void *ctx, void *old, size_t old_size, size_t size)
{
    (void)ctx;
    (void)old_size;
    return left-- ? realloc(old, size) : NULL;
}

static void release(void *ctx, void *old, size_t size)
{
    (void)ctx;
    (void)size;
    free(old);
}

static const lambdest_alloc memory = {take, resize, release, NULL};
static unsigned char bytes[BOUND];

static void grow(size_t max, size_t first, size_t second)
{
    lambdest__buffer b;

    lambdest__buffer_init(&b, &memory, max);
    lambdest__buffer_reserve(&b, first);
    lambdest__buffer_append(&b, bytes, first < BOUND ? first : BOUND);
    lambdest__buffer_append(&b, bytes, second < BOUND ? second : BOUND);
    lambdest__buffer_reserve(&b, second);
    lambdest__buffer_append(&b, NULL, 0);
    lambdest__buffer_free(&b);
}

int main(void)
{
    size_t i, k, m;
    int fails;

    Frama_C_make_unknown((char *)bytes, sizeof bytes);
    /*@ loop unroll SIZES; */
    for (m = 0; m < SIZES; m++)
        /*@ loop unroll SIZES; */
        for (i = 0; i < SIZES; i++)
            /*@ loop unroll SIZES; */
            for (k = 0; k < SIZES; k++)
                /*@ loop unroll CALLS + 1; */
                for (fails = 0; fails <= CALLS; fails++) {
                    left = fails;
                    grow(sizes[m], sizes[i], sizes[k]);
                }
    return 0;
}
