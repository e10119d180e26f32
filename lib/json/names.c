#include "json/names.h"

#include "json/string.h"

enum {
    HASH_FROM = 64
};

typedef int compare_fn(const lambdest__named *a, const lambdest__named *b);

static int by_place(const lambdest__named *a, const lambdest__named *b)
{
    return (a->name.data > b->name.data) - (a->name.data < b->name.data);
}

static int by_name(const lambdest__named *a, const lambdest__named *b)
{
    int order = (a->level > b->level) - (a->level < b->level);

    if (!order)
        order = (a->hash > b->hash) - (a->hash < b->hash);
    if (!order)
        order = lambdest__string_compare(a->name, b->name);
    return order ? order : by_place(a, b);
}

static void swap(lambdest__named *a, lambdest__named *b)
{
    lambdest__named keep = *a;

    *a = *b;
    *b = keep;
}

static void sift(lambdest__named *m, size_t root, size_t count, compare_fn *compare)
{
    for (;;) {
        size_t child = 2 * root + 1;

        if (child >= count)
            return;
        if (child + 1 < count && compare(&m[child], &m[child + 1]) < 0)
            child++;
        if (compare(&m[root], &m[child]) >= 0)
            return;
        swap(&m[root], &m[child]);
        root = child;
    }
}

/* Heapsort: no memory, no bad case. */
static void sort(lambdest__named *m, size_t count, compare_fn *compare)
{
    size_t i;

    for (i = count / 2; i > 0; i--)
        sift(m, i - 1, count, compare);
    for (i = count; i > 1; i--) {
        swap(&m[0], &m[i - 1]);
        sift(m, 0, i - 1, compare);
    }
}

static bool same_name(const lambdest__named *a, const lambdest__named *b)
{
    return a->level == b->level && a->hash == b->hash && !lambdest__string_compare(a->name, b->name);
}

const lambdest__named *lambdest__names_duplicate(lambdest__named *members, size_t count)
{
    const unsigned char *first = NULL;
    size_t i;

    if (count < 2)
        return NULL;
    /* The order by name is nobody's but ours: with many names, long ones are seldom looked at twice. */
    for (i = 0; i < count; i++)
        members[i].hash = count < HASH_FROM ? 0 : lambdest__string_hash(members[i].name);
    sort(members, count, by_name);
    for (i = 1; i < count; i++)
        if (same_name(&members[i - 1], &members[i]) && (!first || members[i].name.data < first))
            first = members[i].name.data;
    sort(members, count, by_place);
    for (i = 0; first && i < count; i++)
        if (members[i].name.data == first)
            return &members[i];
    return NULL;
}
