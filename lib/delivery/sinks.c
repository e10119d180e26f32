#include "delivery/sinks.h"

#include "base/error.h"
#include "base/first.h"
#include "base/options.h"
#include "delivery/limits.h"
#include "delivery/target.h"
#include "json/utf8.h"

#include <lambdest/outcome.h>

#include <string.h>

enum {
    ALL_WHEN = LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE | LAMBDEST_ON_INDETERMINATE |
               LAMBDEST_ON_UNDELIVERED | LAMBDEST_ON_OVERFLOW,
    ALL_WRITE_FLAGS = LAMBDEST_COMPACT | LAMBDEST_EXPLICIT_ERROR,
    SINKS_CAP = 8
};

int lambdest__sink_read(const lambdest_sink *from, lambdest_sink *out)
{
    return lambdest__struct_read(out, sizeof *out, from, from->size, LAMBDEST__FIRST_SINK);
}

int lambdest__sink_fill(lambdest_sink *to, const lambdest_sink *from)
{
    return lambdest__struct_write(to, from, sizeof *from, LAMBDEST__FIRST_SINK);
}

/* ---- what may be added ---- */

static int invalid_sink(lambdest_error *err, const char *message, const char *where)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, where);
}

static int check_sink_text(const char *text, size_t len, const char *where, lambdest_error *err)
{
    size_t offset;

    if (!text && len)
        return invalid_sink(err, "a length without a text", where);
    if (!lambdest__utf8_check((const unsigned char *)text, len, &offset))
        return lambdest__fail(err, LAMBDEST_E_UTF8, offset, NULL, where);
    return LAMBDEST_OK;
}

static int check_values(const lambdest_sink *s, lambdest_error *err)
{
    lambdest__limit limit;

    if (!lambdest__limit_of(s->target, &limit))
        return invalid_sink(err, "no such target", "sink.target");
    if (s->form && (s->form < LAMBDEST_RECORD || s->form > LAMBDEST_CLOUDEVENT))
        return invalid_sink(err, "no such form", "sink.form");
    if (s->write_flags & ~(uint32_t)ALL_WRITE_FLAGS)
        return invalid_sink(err, "unknown flag", "sink.write_flags");
    if (s->oversize && (s->oversize < LAMBDEST_OVERSIZE_REFUSE || s->oversize > LAMBDEST_OVERSIZE_HAND_ON))
        return invalid_sink(err, "no such rule", "sink.oversize");
    if (s->oversize > LAMBDEST_OVERSIZE_REFUSE && !s->max_bytes)
        return invalid_sink(err, "a rule for what is too big, and no limit", "sink.max_bytes");
    if (s->only_cause && (s->only_cause < LAMBDEST_CAUSE_RETURNED || s->only_cause > LAMBDEST_CAUSE_OTHER))
        return invalid_sink(err, "no such cause", "sink.only_cause");
    if (s->reserved)
        return invalid_sink(err, "reserved member set", "sink.reserved");
    if ((s->oversize == LAMBDEST_OVERSIZE_HAND_ON) != (s->overflow != NULL))
        return invalid_sink(err, "LAMBDEST_OVERSIZE_HAND_ON and overflow go together", "sink.overflow");
    return LAMBDEST_OK;
}

static int check_arn(const lambdest_sink *s, lambdest_error *err)
{
    lambdest__span arn = {(const unsigned char *)s->arn, s->arn_len};
    uint32_t target;
    int rc;

    if (!s->arn || !s->target || s->target == LAMBDEST_TARGET_PLAIN)
        return LAMBDEST_OK;
    rc = lambdest__target_of(arn, &target, err);
    if (!rc && target != s->target)
        rc = invalid_sink(err, "an ARN of another target", "sink.arn");
    return rc;
}

static int check_sink(const lambdest_sink *s, uint32_t when, lambdest__span name, lambdest_error *err)
{
    int rc;

    if (!name.data || !name.len)
        return invalid_sink(err, "a sink has a name", "name");
    if (!when || when & ~(uint32_t)ALL_WHEN)
        return invalid_sink(err, "no outcome, or an unknown flag", "when");
    rc = check_values(s, err);
    if (!rc)
        rc = check_sink_text((const char *)name.data, name.len, "name", err);
    if (!rc)
        rc = check_sink_text(s->arn, s->arn_len, "sink.arn", err);
    if (!rc)
        rc = check_sink_text(s->only_function, s->only_function_len, "sink.only_function", err);
    if (!rc)
        rc = check_sink_text(s->only_condition, s->only_condition_len, "sink.only_condition", err);
    if (!rc)
        rc = check_sink_text(s->overflow, s->overflow_len, "sink.overflow", err);
    return rc ? rc : check_arn(s, err);
}

/* ---- finding ---- */

static lambdest__span name_of(const lambdest__route *r)
{
    lambdest__span text = {(const unsigned char *)r->name, r->name_len};

    return text;
}

static lambdest__span arn_of(const lambdest__route *r)
{
    lambdest__span text = {(const unsigned char *)r->sink.arn, r->sink.arn ? r->sink.arn_len : 0};

    return text;
}

static int compare(lambdest__span a, lambdest__span b)
{
    int order = a.len && b.len ? memcmp(a.data, b.data, a.len < b.len ? a.len : b.len) : 0;

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Where in a sorted index the text is, or would go. */
static size_t find_route(const lambdest__sinks *s, const uint32_t *index, size_t count,
                         lambdest__span (*key)(const lambdest__route *), lambdest__span text, bool *found)
{
    size_t from = 0, to = count;

    *found = false;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(key(s->at[index[middle]]), text);

        if (!order) {
            *found = true;
            return middle;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void insert(uint32_t *index, size_t count, size_t place, uint32_t number)
{
    memmove(index + place + 1, index + place, (count - place) * sizeof *index);
    index[place] = number;
}

/* ---- memory ---- */

enum {
    SLOT = sizeof(lambdest__route *) + 2 * sizeof(uint32_t)
};

/* The three arrays share a block, so that growing is one step. */
static int grow(lambdest__sinks *s)
{
    size_t cap = s->cap ? s->cap * 2 : SINKS_CAP, size = SLOT;
    lambdest__route **at;
    uint32_t *by_name, *by_arn;

    if (s->count < s->cap)
        return LAMBDEST_OK;
    if (cap >= LAMBDEST__NO_SINK || !lambdest__multiply_size(&size, cap))
        return LAMBDEST_E_NOMEM;
    at = lambdest__alloc(&s->alloc, size);
    if (!at)
        return LAMBDEST_E_NOMEM;
    by_name = (uint32_t *)(void *)(at + cap);
    by_arn = by_name + cap;
    if (s->count) {
        memcpy(at, s->at, s->count * sizeof(lambdest__route *));
        memcpy(by_name, s->by_name, s->count * sizeof *by_name);
        memcpy(by_arn, s->by_arn, s->arn_count * sizeof *by_arn);
    }
    lambdest__release(&s->alloc, s->at, s->cap * SLOT);
    s->at = at;
    s->by_name = by_name;
    s->by_arn = by_arn;
    s->cap = cap;
    return LAMBDEST_OK;
}

void lambdest__sinks_free(const lambdest__sinks *s)
{
    size_t i;

    for (i = 0; i < s->count; i++)
        lambdest__release(&s->alloc, s->at[i], s->at[i]->size);
    lambdest__release(&s->alloc, s->at, s->cap * SLOT);
}

static const char *put_copy(char **to, const char *text, size_t len)
{
    char *at = *to;

    if (!text)
        return NULL;
    if (len)
        memcpy(at, text, len);
    at[len] = '\0';
    *to = at + len + 1;
    return at;
}

static lambdest__route *copy(const lambdest_alloc *alloc, lambdest__span name, const lambdest_sink *s)
{
    size_t size = sizeof(lambdest__route) + 4;
    lambdest__route *r;
    char *to;

    if (!lambdest__add_size(&size, name.len) || !lambdest__add_size(&size, s->arn_len) ||
        !lambdest__add_size(&size, s->only_function_len) || !lambdest__add_size(&size, s->only_condition_len))
        return NULL;
    r = lambdest__alloc(alloc, size);
    if (!r)
        return NULL;
    memset(r, 0, sizeof *r);
    to = (char *)(r + 1);
    r->sink = *s;
    r->size = size;
    r->name = put_copy(&to, (const char *)name.data, name.len);
    r->name_len = name.len;
    r->sink.arn = put_copy(&to, s->arn, s->arn_len);
    r->sink.only_function = put_copy(&to, s->only_function, s->only_function_len);
    r->sink.only_condition = put_copy(&to, s->only_condition, s->only_condition_len);
    r->sink.overflow = NULL;
    r->overflow = LAMBDEST__NO_SINK;
    if (!r->sink.target)
        r->sink.target = LAMBDEST_TARGET_PLAIN;
    if (!r->sink.form)
        r->sink.form = LAMBDEST_RECORD;
    if (!r->sink.oversize)
        r->sink.oversize = LAMBDEST_OVERSIZE_REFUSE;
    return r;
}

/* ---- adding ---- */

static void enter_route(lambdest__sinks *s, lambdest__route *r, size_t place)
{
    bool known;
    size_t like = find_route(s, s->by_arn, s->arn_count, arn_of, arn_of(r), &known);

    r->number = (uint32_t)s->count;
    r->like = known ? s->by_arn[like] : r->number;
    s->at[s->count] = r;
    insert(s->by_name, s->count, place, r->number);
    if (!known)
        insert(s->by_arn, s->arn_count++, like, r->number);
    s->count++;
    if (r->overflow == LAMBDEST__NO_SINK)
        return;
    s->overflow_count += s->at[r->overflow]->takes_overflow ? 0 : 1;
    s->at[r->overflow]->takes_overflow = true;
}

int lambdest__sinks_add(lambdest__sinks *s, uint32_t when, lambdest__span name, const lambdest_sink *sink,
                        lambdest_error *err)
{
    lambdest__span overflow = {(const unsigned char *)sink->overflow, sink->overflow_len};
    size_t place, taker = 0;
    bool found;
    lambdest__route *r;
    int rc = check_sink(sink, when, name, err);

    if (rc)
        return rc;
    place = find_route(s, s->by_name, s->count, name_of, name, &found);
    if (found)
        return invalid_sink(err, "another sink has this name", "name");
    found = true;
    if (overflow.data)
        taker = find_route(s, s->by_name, s->count, name_of, overflow, &found);
    if (!found)
        return invalid_sink(err, "no sink of this name was added before", "sink.overflow");
    /* Growing comes last, for it cannot be undone. */
    r = copy(&s->alloc, name, sink);
    if (!r || grow(s)) {
        if (r)
            lambdest__release(&s->alloc, r, r->size);
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    }
    r->when = when;
    if (overflow.data)
        r->overflow = s->by_name[taker];
    enter_route(s, r, place);
    return lambdest__ok(err);
}
