#include "envelope/batch.h"

#include "base/alloc.h"
#include "envelope/model.h"
#include "envelope/walk.h"
#include "json/number.h"
#include "json/string.h"

#include <string.h>

/* Where the texts go while a view is filled. */
typedef struct filling {
    lambdest__batch_view *view;
    unsigned char *at;
} filling;

static size_t range_total(size_t range_count)
{
    return range_count ? range_count : 1; /* a shard or a single record is a range too */
}

size_t lambdest__batch_memory(size_t info_len, size_t range_count)
{
    size_t size = range_total(range_count);

    /* A decoded text and its NUL are shorter than the token; names are kept whole and split. */
    if (!lambdest__multiply_size(&size, sizeof(lambdest__range)))
        return SIZE_MAX;
    if (!lambdest__add_size(&size, info_len) || !lambdest__add_size(&size, info_len))
        return SIZE_MAX;
    return size;
}

static lambdest__span *range_text(lambdest__range *range, int member)
{
    return &range->texts[member - LAMBDEST_RANGE_NAME];
}

static lambdest__span keep_value(filling *f, const unsigned char *text, size_t len)
{
    lambdest__span kept = {f->at, len};

    memmove(f->at, text, len);
    f->at[len] = '\0';
    f->at += len + 1;
    return kept;
}

static lambdest__span keep_inner(filling *f, lambdest__span inner)
{
    lambdest__span kept = {f->at, lambdest__string_decode(inner, f->at)};

    f->at[kept.len] = '\0';
    f->at += kept.len + 1;
    return kept;
}

/* The decoded text of a field that may not be there. */
static lambdest__span keep_field(filling *f, const lambdest__walk *w, int level, int slot)
{
    int field = lambdest__field_of(level, slot);
    lambdest__span none = {NULL, 0};

    if (!lambdest__walk_saw(w, field))
        return none;
    return keep_inner(f, lambdest__string_inner(w->value[field]));
}

static int64_t integer_field(const lambdest__walk *w, int level, int slot)
{
    int field = lambdest__field_of(level, slot);
    int64_t n = -1;

    if (lambdest__walk_saw(w, field))
        (void)lambdest__number_integer(w->value[field], &n); /* the walk took no other */
    return n;
}

static void keep_ends(filling *f, const lambdest__walk *w, int level, lambdest__range *range)
{
    *range_text(range, LAMBDEST_RANGE_FIRST) = keep_field(f, w, level, BATCH_START);
    *range_text(range, LAMBDEST_RANGE_LAST) = keep_field(f, w, level, BATCH_END);
    *range_text(range, LAMBDEST_RANGE_FIRST_TIME) = keep_field(f, w, level, BATCH_FIRST_TIME);
    *range_text(range, LAMBDEST_RANGE_LAST_TIME) = keep_field(f, w, level, BATCH_LAST_TIME);
}

static lambdest__range *next_range(lambdest__batch_view *view)
{
    lambdest__range *range = &view->ranges[view->range_count++];

    memset(range, 0, sizeof *range);
    return range;
}

/* Topics may hold hyphens, partitions do not: the last one parts them. */
static void split_name(filling *f, lambdest__range *range)
{
    lambdest__span name = *range_text(range, LAMBDEST_RANGE_NAME);
    size_t at = name.len;

    while (at && name.data[at - 1] != '-')
        at--;
    if (!at)
        return;
    *range_text(range, LAMBDEST_RANGE_TOPIC) = keep_value(f, name.data, at - 1);
    *range_text(range, LAMBDEST_RANGE_PARTITION) = keep_value(f, name.data + at, name.len - at);
}

static void take_range(lambdest__walk *w, lambdest__span name)
{
    filling *f = w->range_data;
    lambdest__range *range = next_range(f->view);

    *range_text(range, LAMBDEST_RANGE_NAME) = keep_inner(f, name);
    split_name(f, range);
    keep_ends(f, w, LEVEL_KAFKA_RANGE, range);
}

static void take_shard(filling *f, const lambdest__walk *w, int level)
{
    lambdest__range *range = next_range(f->view);

    *range_text(range, LAMBDEST_RANGE_NAME) = keep_field(f, w, level, BATCH_SHARD);
    keep_ends(f, w, level, range);
}

/* A Kafka topic as destination gets one record, which is first and last. */
static void take_batch_record(filling *f, const lambdest__walk *w)
{
    lambdest__range *range = next_range(f->view);

    *range_text(range, LAMBDEST_RANGE_FIRST) = keep_field(f, w, LEVEL_KAFKA_RECORD, BATCH_START);
    *range_text(range, LAMBDEST_RANGE_LAST) = *range_text(range, LAMBDEST_RANGE_FIRST);
    *range_text(range, LAMBDEST_RANGE_FIRST_TIME) = keep_field(f, w, LEVEL_KAFKA_RECORD, BATCH_FIRST_TIME);
    *range_text(range, LAMBDEST_RANGE_LAST_TIME) = *range_text(range, LAMBDEST_RANGE_FIRST_TIME);
}

void lambdest__batch_build(lambdest__span info, int slot, const lambdest__limits *limits, size_t range_count,
                           unsigned char *memory, lambdest__batch_view *view)
{
    int level = lambdest__batch_level(slot);
    filling f = {view, memory + range_total(range_count) * sizeof(lambdest__range)};
    lambdest__walk w;

    memset(view, 0, sizeof *view);
    view->ranges = (lambdest__range *)(void *)memory;
    lambdest__walk_init(&w, (const char *)info.data, info.len, limits, NULL);
    w.range = take_range;
    w.range_data = &f;
    (void)lambdest__walk_through(&w, level); /* it was checked before */
    view->source_arn = keep_field(&f, &w, level, BATCH_SOURCE);
    view->batch_size = integer_field(&w, level, BATCH_SIZE);
    view->payload_size = -1;
    if (level != LEVEL_KAFKA) {
        take_shard(&f, &w, level);
        return;
    }
    view->payload_size = integer_field(&w, level, BATCH_PAYLOAD_SIZE);
    if (!view->range_count && lambdest__walk_saw(&w, lambdest__field_of(level, BATCH_RECORD)))
        take_batch_record(&f, &w);
}

size_t lambdest_envelope_range_count(const lambdest_envelope *env)
{
    return env ? env->batch.range_count : 0;
}

const char *lambdest_envelope_range_text(const lambdest_envelope *env, size_t index, int member, size_t *len)
{
    const lambdest__span *text;

    if (len)
        *len = 0;
    if (!env || index >= env->batch.range_count)
        return NULL;
    if (member < LAMBDEST_RANGE_NAME || member > LAMBDEST_RANGE_LAST_TIME)
        return NULL;
    text = range_text(&env->batch.ranges[index], member);
    if (len)
        *len = text->len;
    return (const char *)text->data;
}
