#include "carrier/items.h"

#include "base/alloc.h"
#include "base/error.h"

#include <string.h>

enum {
    CHUNK = 1024
};

static lambdest__chunk *add_chunk(lambdest_items *items, size_t room)
{
    size_t size = sizeof(lambdest__chunk);
    lambdest__chunk *chunk;

    if (!lambdest__add_size(&size, room))
        return NULL;
    chunk = lambdest__alloc(&items->limits.alloc, size);
    if (!chunk)
        return NULL;
    chunk->next = NULL;
    chunk->size = size;
    chunk->used = sizeof *chunk;
    return chunk;
}

/* What is big gets a chunk of its own, behind the one that is being filled. */
static lambdest__chunk *chunk_for(lambdest_items *items, size_t size)
{
    lambdest__chunk *first = items->chunks, *chunk;

    if (first && first->size - first->used >= size)
        return first;
    chunk = add_chunk(items, size < CHUNK / 4 ? CHUNK : size);
    if (chunk && first && size >= CHUNK / 4) {
        chunk->next = first->next;
        first->next = chunk;
    } else if (chunk) {
        chunk->next = first;
        items->chunks = chunk;
    }
    return chunk;
}

void *lambdest__items_memory(lambdest_items *items, size_t size)
{
    lambdest__chunk *chunk;
    unsigned char *memory;

    if (!lambdest__add_size(&size, 7))
        return NULL;
    size &= ~(size_t)7;
    chunk = chunk_for(items, size);
    if (!chunk)
        return NULL;
    memory = (unsigned char *)chunk + chunk->used;
    chunk->used += size;
    return memory;
}

lambdest_item *lambdest__items_add(lambdest_items *items, lambdest__span body)
{
    lambdest_item *item;

    if (items->count == items->cap) {
        item = lambdest__grow(&items->limits.alloc, items->items, &items->cap, 1, sizeof *item);
        if (!item)
            return NULL;
        items->items = item;
    }
    item = &items->items[items->count++];
    memset(item, 0, sizeof *item);
    item->kind = LAMBDEST_ITEM_BROKEN;
    item->path = &items->bare;
    item->body = body;
    return item;
}

lambdest__path *lambdest__path_on(lambdest_items *items, lambdest__path *path, int kind)
{
    static const char *const names[CARRIER_KINDS] = {"sqs", "sns", "eventbridge", "s3"};
    size_t name_len = strlen(names[kind]), len = path->len + (path->len > 0) + name_len;
    lambdest__path *next = path->next[kind];
    char *text;

    if (next)
        return next;
    next = lambdest__items_memory(items, sizeof *next + len + 1);
    if (!next)
        return NULL;
    memset(next, 0, sizeof *next);
    text = (char *)(next + 1);
    memcpy(text, path->text, path->len);
    if (path->len)
        text[path->len] = '/';
    memcpy(text + len - name_len, names[kind], name_len + 1);
    next->text = text;
    next->len = len;
    path->next[kind] = next;
    return next;
}

void lambdest_items_free(lambdest_items *items)
{
    lambdest__chunk *chunk, *next;
    lambdest_alloc alloc;
    size_t i;

    if (!items)
        return;
    alloc = items->limits.alloc;
    for (i = 0; i < items->count; i++)
        lambdest_envelope_free(items->items[i].envelope);
    for (chunk = items->chunks; chunk; chunk = next) {
        next = chunk->next;
        lambdest__release(&alloc, chunk, chunk->size);
    }
    lambdest__release(&alloc, items->items, items->cap * sizeof *items->items);
    lambdest__release(&alloc, items, items->size);
}

size_t lambdest_items_count(const lambdest_items *items)
{
    return items ? items->count : 0;
}

const lambdest_item *lambdest_items_at(const lambdest_items *items, size_t index)
{
    return items && index < items->count ? &items->items[index] : NULL;
}

int lambdest_item_kind(const lambdest_item *item)
{
    return item ? item->kind : 0;
}

const lambdest_envelope *lambdest_item_envelope(const lambdest_item *item)
{
    return item ? item->envelope : NULL;
}

int lambdest_item_error(const lambdest_item *item, lambdest_error *err)
{
    if (!item)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!item->error.code)
        return lambdest__ok(err);
    if (err)
        *err = item->error;
    return item->error.code;
}

static lambdest__span item_text(const lambdest_item *item, int member)
{
    lambdest__span text = {NULL, 0};

    switch (member) {
    case LAMBDEST_ITEM_ID:
        return item->sender ? item->sender->id : text;
    case LAMBDEST_ITEM_CARRIER:
        text.data = (const unsigned char *)item->path->text;
        text.len = item->path->len;
        return text;
    case LAMBDEST_ITEM_SOURCE:
        return item->sender ? item->sender->source : text;
    case LAMBDEST_ITEM_BODY:
        return item->body;
    case LAMBDEST_ITEM_REQUEST_ID:
        return item->letter.request_id;
    case LAMBDEST_ITEM_ERROR_CODE:
        return item->letter.error_code;
    case LAMBDEST_ITEM_ERROR_MESSAGE:
        return item->letter.error_message;
    default:
        return text;
    }
}

const char *lambdest_item_text(const lambdest_item *item, int member, size_t *len)
{
    lambdest__span text = {NULL, 0};

    if (item)
        text = item_text(item, member);
    if (len)
        *len = text.len;
    return (const char *)text.data;
}
