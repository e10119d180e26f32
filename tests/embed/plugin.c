/* A plugin with a copy of the library inside. It shows one function, embed_copy. */
#include "copy.h"

#include <lambdest.h>
#include <stdlib.h>
#include <string.h>

copy_fn embed_copy;

/* ---- memory that knows whose it is ---- */

typedef union block {
    struct {
        const void *owner;
        size_t size;
    } is;
    max_align_t align;
} block;

static size_t alive_blocks, foreign_blocks;

static void *take_block(void *ctx, size_t size)
{
    block *b = malloc(sizeof *b + size);

    if (!b)
        return NULL;
    b->is.owner = ctx;
    b->is.size = size;
    alive_blocks++;
    return b + 1;
}

static void release_block(void *ctx, void *old, size_t size)
{
    block *b = (block *)old - 1;

    if (b->is.owner != ctx || b->is.size != size) {
        foreign_blocks++;
        return;
    }
    b->is.owner = NULL;
    alive_blocks--;
    free(b);
}

static void *resize_block(void *ctx, void *old, size_t old_size, size_t size)
{
    void *moved = take_block(ctx, size);

    if (!moved)
        return NULL;
    memcpy(moved, old, old_size < size ? old_size : size);
    release_block(ctx, old, old_size);
    return moved;
}

static const lambdest_alloc memory = {take_block, resize_block, release_block, &alive_blocks};
static const lambdest_options options = {.size = sizeof options, .alloc = &memory};

/* ---- the table ---- */

static void *parse(const char *text, size_t len)
{
    lambdest_envelope *env;

    return lambdest_envelope_parse(text, len, &options, &env, NULL) ? NULL : env;
}

static size_t write_record(const void *envelope, char *buf, size_t cap)
{
    size_t need;

    return lambdest_envelope_write(envelope, 0, 0, buf, cap, &need, NULL) ? 0 : need;
}

typedef struct taker {
    copy_take_fn *take;
    void *user_data;
} taker;

static void on_delivery(lambdest_delivery *delivery, void *user_data)
{
    const taker *to = user_data;
    size_t len;
    const char *body = lambdest_delivery_body(delivery, &len);
    int taken = to->take(body, len, to->user_data);

    lambdest_delivery_report(delivery, taken ? LAMBDEST_VERDICT_DELIVERED : LAMBDEST_VERDICT_REJECTED, NULL,
                             0);
}

static int deliver(const void *envelope, copy_take_fn *take, void *user_data)
{
    taker to = {take, user_data};
    lambdest_sink sink = {.size = sizeof sink, .deliver = on_delivery, .user_data = &to};
    uint32_t when = LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE;
    lambdest_router *router;
    lambdest_plan *plan = NULL;
    int rc = lambdest_router_new(&options, &router, NULL);

    if (!rc)
        rc = lambdest_router_add_sink(router, when, "host", 4, &sink, NULL);
    if (!rc)
        rc = lambdest_router_dispatch(router, envelope, 0, &plan, NULL);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    return !rc;
}

static void release(void *envelope)
{
    lambdest_envelope_free(envelope);
}

static size_t alive(void)
{
    return alive_blocks;
}

static size_t foreign(void)
{
    return foreign_blocks;
}

__attribute__((visibility("default"))) const copy *embed_copy(void)
{
    static copy table = {NULL, parse, write_record, deliver, release, alive, foreign};
    uint32_t (*code)(void) = lambdest_version;

    memcpy(&table.code, &code, sizeof code);
    return &table;
}
