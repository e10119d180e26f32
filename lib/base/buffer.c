#include "base/buffer.h"

#include <string.h>

enum {
    BUFFER_CAP = 256
};

void lambdest__buffer_init(lambdest__buffer *b, const lambdest_alloc *alloc, size_t max)
{
    b->alloc = alloc;
    b->data = NULL;
    b->len = 0;
    b->cap = 0;
    b->max = max;
}

int lambdest__buffer_reserve(lambdest__buffer *b, size_t more)
{
    size_t first = b->max < BUFFER_CAP ? b->max : BUFFER_CAP;
    size_t need = b->len, cap = b->cap ? b->cap : first;
    unsigned char *data;

    if (!lambdest__add_size(&need, more) || need > b->max)
        return LAMBDEST_E_TOO_BIG;
    if (need <= b->cap)
        return LAMBDEST_OK;
    while (cap < need)
        cap = cap > b->max / 2 ? b->max : cap * 2;
    data = lambdest__resize(b->alloc, b->data, b->cap, cap);
    if (!data)
        return LAMBDEST_E_NOMEM;
    b->data = data;
    b->cap = cap;
    return LAMBDEST_OK;
}

int lambdest__buffer_append(lambdest__buffer *b, const void *data, size_t len)
{
    int rc = lambdest__buffer_reserve(b, len);

    if (rc)
        return rc;
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    return LAMBDEST_OK;
}

void lambdest__buffer_free(lambdest__buffer *b)
{
    lambdest__release(b->alloc, b->data, b->cap);
    lambdest__buffer_init(b, b->alloc, b->max);
}
