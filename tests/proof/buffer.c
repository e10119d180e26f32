#include "base/buffer.h"
#include "proof.h"

#include <string.h>

enum {
    MOST = 1000,
    LONGEST = 300,
    STEPS = 3
};

static unsigned char blocks[STEPS][MOST];
static int taken;

/* An allocator that may refuse at any call, and that gives what was asked for and not a byte more: the end of a
 * block of its own. */
static void *take(void *ctx, size_t size)
{
    (void)ctx;
    /*@ assert 0 < size <= MOST && taken < STEPS; */
    if (Frama_C_interval_split(0, 1))
        return NULL;
    return blocks[taken++] + (MOST - size);
}

static void *resize(void *ctx, void *old, size_t old_size, size_t size)
{
    void *block = take(ctx, size);

    if (block)
        memcpy(block, old, old_size < size ? old_size : size);
    return block;
}

static void release(void *ctx, void *old, size_t size)
{
    (void)ctx;
    /*@ assert old == blocks[taken - 1] + (MOST - size); */
}

int main(void)
{
    static const size_t mosts[] = {0, 1, 256, 257, 512, MOST}, lens[] = {0, 1, 256, LONGEST};
    lambdest_alloc alloc = {take, resize, release, NULL};
    unsigned char bytes[LONGEST];
    size_t max = mosts[Frama_C_interval_split(0, 5)];
    lambdest__buffer b;
    int i;

    Frama_C_make_unknown((char *)bytes, sizeof bytes);
    lambdest__buffer_init(&b, &alloc, max);
    for (i = 0; i < STEPS; i++) {
        size_t len = lens[Frama_C_interval_split(0, 3)];

        (void)lambdest__buffer_append(&b, bytes + (LONGEST - len), len);
        /*@ split b.len; */ ;
        /*@ split b.cap; */ ;
        /*@ assert b.len <= b.cap <= max; */
    }
    lambdest__buffer_free(&b);
    return 0;
}
