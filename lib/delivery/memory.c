#include "base/error.h"
#include "base/options.h"
#include "delivery/builtin.h"
#include "delivery/sinks.h"

#include <lambdest/outcome.h>

#include <string.h>

enum {
    MEMORY_CAP = 16
};

typedef struct kept {
    lambdest_envelope *env;
    int outcome; /* it was routed by */
} kept;

struct lambdest_memory {
    lambdest__limits limits;
    kept *items;
    size_t count;
    size_t cap;
    bool busy;
};

int lambdest_memory_new(const lambdest_options *options, lambdest_memory **out, lambdest_error *err)
{
    lambdest__limits limits;
    lambdest_memory *m;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the sink", "out");
    *out = NULL;
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    m = lambdest__alloc(&limits.alloc, sizeof *m);
    if (!m)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    memset(m, 0, sizeof *m);
    m->limits = limits;
    *out = m;
    return lambdest__ok(err);
}

static void forget(lambdest_memory *m)
{
    size_t i;

    for (i = 0; i < m->count; i++)
        lambdest_envelope_free(m->items[i].env);
    m->count = 0;
}

void lambdest_memory_free(lambdest_memory *m)
{
    lambdest_alloc alloc;

    if (!m)
        return;
    alloc = m->limits.alloc;
    forget(m);
    lambdest__release(&alloc, m->items, m->cap * sizeof *m->items);
    lambdest__release(&alloc, m, sizeof *m);
}

int lambdest_memory_clear(lambdest_memory *m)
{
    if (!m)
        return LAMBDEST_E_INVAL;
    if (m->busy)
        return LAMBDEST_E_BUSY;
    forget(m);
    return LAMBDEST_OK;
}

size_t lambdest_memory_count(const lambdest_memory *m)
{
    return m ? m->count : 0;
}

const lambdest_envelope *lambdest_memory_at(const lambdest_memory *m, size_t index)
{
    return m && index < m->count ? m->items[index].env : NULL;
}

static bool has_id(const lambdest_envelope *env, const char *id, size_t id_len)
{
    size_t len;
    const char *text = lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, &len);

    return !id || (text && len == id_len && !memcmp(text, id, len));
}

int lambdest_memory_find(const lambdest_memory *m, size_t from, int outcome, const char *request_id,
                         size_t request_id_len, size_t *index)
{
    size_t i;

    if (index)
        *index = 0;
    if (!m || !index || (!request_id && request_id_len))
        return LAMBDEST_E_INVAL;
    if (outcome && (outcome < LAMBDEST_SUCCESS || outcome > LAMBDEST_INDETERMINATE))
        return LAMBDEST_E_INVAL;
    for (i = from; i < m->count; i++) {
        if (outcome && m->items[i].outcome != outcome)
            continue;
        if (has_id(m->items[i].env, request_id, request_id_len)) {
            *index = i;
            return LAMBDEST_OK;
        }
    }
    return LAMBDEST_E_ABSENT;
}

/* ---- the sink ---- */

static int make_place(lambdest_memory *m)
{
    kept *items;

    if (m->count >= m->limits.max_items)
        return LAMBDEST_E_TOO_BIG;
    if (m->count < m->cap)
        return LAMBDEST_OK;
    items = lambdest__grow(&m->limits.alloc, m->items, &m->cap, MEMORY_CAP, sizeof *items);
    if (!items)
        return LAMBDEST_E_NOMEM;
    m->items = items;
    return LAMBDEST_OK;
}

static int keep_envelope(lambdest_memory *m, const lambdest_delivery *delivery)
{
    lambdest_options options = {.size = sizeof options};
    size_t len;
    const char *body = lambdest_delivery_body(delivery, &len);
    int64_t outcome;
    int rc = make_place(m);

    if (rc)
        return rc;
    options.max_depth = m->limits.max_depth;
    options.max_bytes = m->limits.max_bytes;
    options.alloc = &m->limits.alloc;
    rc = lambdest_envelope_parse(body, len, &options, &m->items[m->count].env, NULL);
    if (rc)
        return rc;
    lambdest_delivery_integer(delivery, LAMBDEST_DELIVERY_OUTCOME, &outcome);
    m->items[m->count++].outcome = (int)outcome;
    return LAMBDEST_OK;
}

static void memory_deliver(lambdest_delivery *delivery, void *user_data)
{
    lambdest_memory *m = user_data;
    bool full = m->count >= m->limits.max_items;
    int rc;

    m->busy = true;
    rc = keep_envelope(m, delivery);
    m->busy = false;
    if (!rc)
        lambdest_delivery_report(delivery, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
    else if (full)
        lambdest_delivery_report(delivery, LAMBDEST_VERDICT_REJECTED, "full", 4);
    else
        lambdest__report_code(
            delivery, rc == LAMBDEST_E_NOMEM ? LAMBDEST_VERDICT_RETRY : LAMBDEST_VERDICT_REJECTED, rc);
}

int lambdest_memory_sink(lambdest_memory *m, lambdest_sink *sink)
{
    lambdest_sink made = {
        .target = LAMBDEST_TARGET_PLAIN,
        .form = LAMBDEST_RECORD,
        .oversize = LAMBDEST_OVERSIZE_REFUSE,
        .deliver = memory_deliver,
        .user_data = m,
    };

    if (!m || !sink)
        return LAMBDEST_E_INVAL;
    made.max_bytes = m->limits.max_bytes;
    return lambdest__sink_fill(sink, &made);
}
