#include "base/alloc.h"
#include "base/error.h"
#include "carrier/items.h"
#include "json/emit.h"

#include <string.h>

/* A message that failed, and where it stands among them. */
typedef struct failed_message {
    lambdest__span id;
    size_t place;
    bool twice;
} failed_message;

typedef bool before_fn(const failed_message *a, const failed_message *b);

int lambdest_items_fail(lambdest_items *items, size_t index)
{
    lambdest__sender *sender;

    if (!items)
        return LAMBDEST_E_INVAL;
    if (index >= items->count)
        return LAMBDEST_E_ABSENT;
    sender = items->items[index].sender;
    if (!sender || !sender->by_sqs || !sender->id.data)
        return LAMBDEST_E_UNSUPPORTED;
    sender->failed = true;
    return LAMBDEST_OK;
}

static bool place_before(const failed_message *a, const failed_message *b)
{
    return a->place < b->place;
}

static bool id_before(const failed_message *a, const failed_message *b)
{
    size_t n = a->id.len < b->id.len ? a->id.len : b->id.len;
    int order = memcmp(a->id.data, b->id.data, n);

    if (order)
        return order < 0;
    return a->id.len == b->id.len ? place_before(a, b) : a->id.len < b->id.len;
}

static void sift_messages(failed_message *m, size_t root, size_t count, before_fn *before)
{
    for (;;) {
        size_t child = 2 * root + 1;
        failed_message keep = m[root];

        if (child >= count)
            return;
        if (child + 1 < count && before(&m[child], &m[child + 1]))
            child++;
        if (!before(&m[root], &m[child]))
            return;
        m[root] = m[child];
        m[child] = keep;
        root = child;
    }
}

/* Heapsort: many ids may be the same, or made to be a bad case. */
static void sort_messages(failed_message *m, size_t count, before_fn *before)
{
    size_t i;

    for (i = count / 2; i > 0; i--)
        sift_messages(m, i - 1, count, before);
    for (i = count; i > 1; i--) {
        failed_message keep = m[0];

        m[0] = m[i - 1];
        m[i - 1] = keep;
        sift_messages(m, 0, i - 1, before);
    }
}

/* Items of one message follow each other. */
static size_t list_failed(const lambdest_items *items, failed_message *list)
{
    const lambdest__sender *last = NULL;
    size_t i, count = 0;

    for (i = 0; i < items->count; i++) {
        const lambdest__sender *sender = items->items[i].sender;

        if (!sender || !sender->failed || sender == last)
            continue;
        last = sender;
        if (list) {
            list[count].id = sender->id;
            list[count].place = count;
            list[count].twice = false;
        }
        count++;
    }
    return count;
}

static void find_twice(failed_message *list, size_t count)
{
    size_t i;

    sort_messages(list, count, id_before);
    for (i = 1; i < count; i++)
        list[i].twice = list[i].id.len == list[i - 1].id.len &&
                        !memcmp(list[i].id.data, list[i - 1].id.data, list[i].id.len);
    sort_messages(list, count, place_before);
}

static size_t write_failures(const failed_message *list, size_t count, char *out)
{
    lambdest__emit e;
    size_t i;

    lambdest__emit_init(&e, (unsigned char *)out, false);
    lambdest__emit_open(&e, '{');
    lambdest__emit_name(&e, "batchItemFailures");
    lambdest__emit_open(&e, '[');
    for (i = 0; i < count; i++) {
        if (list[i].twice)
            continue;
        lambdest__emit_next(&e);
        lambdest__emit_open(&e, '{');
        lambdest__emit_name(&e, "itemIdentifier");
        lambdest__emit_text(&e, list[i].id.data, list[i].id.len);
        lambdest__emit_close(&e, '}');
    }
    lambdest__emit_close(&e, ']');
    lambdest__emit_close(&e, '}');
    return lambdest__emit_total(&e);
}

int lambdest_items_response(const lambdest_items *items, char **out, size_t *len)
{
    failed_message *list = NULL;
    size_t count, size;

    if (out)
        *out = NULL;
    if (len)
        *len = 0;
    if (!items || !out)
        return LAMBDEST_E_INVAL;
    count = list_failed(items, NULL);
    size = count * sizeof *list; /* no more than the items themselves take */
    if (count && !(list = lambdest__alloc(&items->limits.alloc, size)))
        return LAMBDEST_E_NOMEM;
    if (count) {
        list_failed(items, list);
        find_twice(list, count);
    }
    *out = lambdest__text_new(&items->limits.alloc, write_failures(list, count, NULL));
    if (*out) {
        size_t written = write_failures(list, count, *out);

        if (len)
            *len = written;
    }
    lambdest__release(&items->limits.alloc, list, size);
    return *out ? LAMBDEST_OK : LAMBDEST_E_NOMEM;
}
