#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

typedef struct text_head {
    lambdest_alloc alloc;
    size_t size;
} text_head;

static void *libc_alloc(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size);
}

static void *libc_resize(void *ctx, void *old, size_t old_size, size_t size)
{
    (void)ctx;
    (void)old_size;
    return realloc(old, size);
}

static void libc_release(void *ctx, void *old, size_t size)
{
    (void)ctx;
    (void)size;
    free(old);
}

lambdest_alloc lambdest__alloc_or_libc(const lambdest_alloc *given)
{
    static const lambdest_alloc libc = {libc_alloc, libc_resize, libc_release, NULL};

    return given ? *given : libc;
}

void lambdest__clear(void *data, size_t size)
{
    memset(data, 0, size);
}

void *lambdest__alloc(const lambdest_alloc *alloc, size_t size)
{
    return size ? alloc->alloc(alloc->ctx, size) : NULL;
}

void *lambdest__resize(const lambdest_alloc *alloc, void *old, size_t old_size, size_t size)
{
    if (!old)
        return lambdest__alloc(alloc, size);
    return alloc->resize(alloc->ctx, old, old_size, size);
}

void *lambdest__grow(const lambdest_alloc *alloc, void *old, size_t *cap, size_t first, size_t each)
{
    size_t more = *cap ? *cap : first, size;
    void *grown;

    if (*cap && !lambdest__multiply_size(&more, 2))
        return NULL;
    size = more;
    if (!lambdest__multiply_size(&size, each))
        return NULL;
    grown = lambdest__resize(alloc, old, *cap * each, size);
    if (grown)
        *cap = more;
    return grown;
}

char *lambdest__text_new(const lambdest_alloc *alloc, size_t len)
{
    size_t size = sizeof(text_head) + 1;
    text_head *head;
    char *text;

    if (!lambdest__add_size(&size, len))
        return NULL;
    head = lambdest__alloc(alloc, size);
    if (!head)
        return NULL;
    head->alloc = *alloc;
    head->size = size;
    text = (char *)(head + 1);
    text[len] = '\0';
    return text;
}

void lambdest_free(char *text)
{
    text_head *head;
    lambdest_alloc alloc;

    if (!text)
        return;
    head = (text_head *)(void *)(text - sizeof(text_head));
    alloc = head->alloc;
    lambdest__release(&alloc, head, head->size);
}
