#include "delivery/router.h"

#include "base/error.h"
#include "base/options.h"
#include "delivery/plan.h"

#include <string.h>

int lambdest_router_new(const lambdest_options *options, lambdest_router **out, lambdest_error *err)
{
    lambdest__limits limits;
    lambdest_router *r;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the router", "out");
    *out = NULL;
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    r = lambdest__alloc(&limits.alloc, sizeof *r);
    if (!r)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    memset(r, 0, sizeof *r);
    r->alloc = limits.alloc;
    r->sinks.alloc = limits.alloc;
    *out = r;
    return lambdest__ok(err);
}

static void close_sinks(lambdest_router *r)
{
    size_t i;

    for (i = 0; i < r->sinks.count; i++)
        lambdest__plan_close_one(r, r->sinks.at[i]);
}

static void destroy(lambdest_router *r)
{
    lambdest_alloc alloc = r->alloc;
    size_t i;

    /* A plan made by a careless close would outlive its router: it is refused as busy. */
    r->busy = true;
    close_sinks(r);
    for (i = 0; i < r->sinks.count; i++)
        if (r->sinks.at[i]->sink.destroy)
            r->sinks.at[i]->sink.destroy(r->sinks.at[i]->sink.user_data);
    lambdest__sinks_free(&r->sinks);
    lambdest__release(&alloc, r, sizeof *r);
}

void lambdest_router_free(lambdest_router *r)
{
    if (!r || r->let_go)
        return;
    r->let_go = true;
    if (!r->plans)
        destroy(r);
}

void lambdest__router_hold(lambdest_router *r)
{
    r->plans++;
}

void lambdest__router_drop(lambdest_router *r)
{
    if (!--r->plans && r->let_go)
        destroy(r);
}

void lambdest__router_count(lambdest_router *r, int total, uint64_t rows)
{
    r->totals[total - LAMBDEST_TOTAL_PLANNED] += rows;
}

uint64_t lambdest_router_total(const lambdest_router *r, int total)
{
    if (!r || total < LAMBDEST_TOTAL_PLANNED || total > LAMBDEST_TOTAL_ABANDONED)
        return 0;
    return r->totals[total - LAMBDEST_TOTAL_PLANNED];
}

int lambdest_router_add_sink(lambdest_router *r, uint32_t when, const char *name, size_t name_len,
                             const struct lambdest_sink *sink, lambdest_error *err)
{
    lambdest__span text = {(const unsigned char *)name, name_len};
    lambdest_sink copy;

    if (!r || !sink)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no router or no sink", r ? "sink" : "router");
    if (r->busy)
        return lambdest__fail(err, LAMBDEST_E_BUSY, 0, NULL, "");
    if (r->closed || r->let_go)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "the router was closed", "router");
    if (lambdest__sink_read(sink, &copy))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "wrong size", "sink.size");
    return lambdest__sinks_add(&r->sinks, when, text, &copy, err);
}

/* ---- flush and close ---- */

static bool is_asked(const lambdest__route *route, enum lambdest__plan_kind kind)
{
    if (route->closed)
        return false;
    return kind == LAMBDEST__FLUSH ? route->sink.flush != NULL : route->sink.close != NULL;
}

static lambdest_plan *ask_all(lambdest_router *r, enum lambdest__plan_kind kind, int64_t deadline_ms)
{
    lambdest_plan *plan = lambdest__plan_new(r, kind, r->sinks.count);
    size_t i;

    if (!plan)
        return NULL;
    for (i = 0; i < r->sinks.count; i++)
        if (is_asked(r->sinks.at[i], kind))
            lambdest__plan_add(plan, r->sinks.at[i]);
    plan->count = plan->reserved;
    plan->deadline_ms = deadline_ms;
    plan->has_deadline = true;
    return plan;
}

static int ask(lambdest_router *r, enum lambdest__plan_kind kind, int64_t deadline_ms, lambdest_plan **out,
               lambdest_error *err)
{
    lambdest_plan *plan;
    size_t i;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the plan", "out");
    *out = NULL;
    if (!r || r->let_go)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no router", "router");
    if (r->busy)
        return lambdest__fail(err, LAMBDEST_E_BUSY, 0, NULL, "");
    plan = ask_all(r, kind, deadline_ms);
    if (!plan)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    if (kind == LAMBDEST__CLOSE) {
        r->closed = true;
        for (i = 0; i < r->sinks.count; i++)
            r->sinks.at[i]->closed = true;
    }
    rc = lambdest__plan_call(plan);
    *out = plan;
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}

int lambdest_router_flush(lambdest_router *r, int64_t deadline_ms, lambdest_plan **out, lambdest_error *err)
{
    return ask(r, LAMBDEST__FLUSH, deadline_ms, out, err);
}

int lambdest_router_close(lambdest_router *r, int64_t deadline_ms, lambdest_plan **out, lambdest_error *err)
{
    return ask(r, LAMBDEST__CLOSE, deadline_ms, out, err);
}
