#include "delivery/plan.h"

#include <string.h>

lambdest_plan *lambdest__plan_new(lambdest_router *router, enum lambdest__plan_kind kind, size_t rows)
{
    size_t size = rows;
    lambdest_plan *p;

    if (!lambdest__multiply_size(&size, sizeof(lambdest_delivery)) || !lambdest__add_size(&size, sizeof *p))
        return NULL;
    p = lambdest__alloc(&router->alloc, size);
    if (!p)
        return NULL;
    memset(p, 0, sizeof *p);
    p->router = router;
    p->kind = kind;
    p->rows = (lambdest_delivery *)(p + 1);
    p->cap = rows;
    lambdest__router_hold(router);
    return p;
}

lambdest_delivery *lambdest__plan_add(lambdest_plan *p, const lambdest__route *route)
{
    lambdest_delivery *row = &p->rows[p->reserved++];

    memset(row, 0, sizeof *row);
    row->plan = p;
    row->route = route;
    row->verdict = LAMBDEST_VERDICT_NONE;
    return row;
}

void lambdest__plan_discard(lambdest_plan *p)
{
    lambdest_router *router = p->router;

    lambdest__release(&router->alloc, p->texts, p->texts_size);
    lambdest__release(&router->alloc, p->entries, p->entries_size);
    lambdest__release(&router->alloc, p, sizeof *p + p->cap * sizeof *p->rows);
    lambdest__router_drop(router);
}

void lambdest__plan_count_rows(const lambdest_plan *p, size_t from)
{
    size_t i;

    lambdest__router_count(p->router, LAMBDEST_TOTAL_PLANNED, p->count - from);
    for (i = from; i < p->count; i++)
        if (p->rows[i].verdict == LAMBDEST_VERDICT_REJECTED)
            lambdest__router_count(p->router, LAMBDEST_TOTAL_REJECTED, 1);
        else if (p->rows[i].verdict == LAMBDEST_VERDICT_TOO_BIG)
            lambdest__router_count(p->router, LAMBDEST_TOTAL_TOO_BIG, 1);
}

static bool is_undelivered(const lambdest_delivery *row)
{
    return row->verdict != LAMBDEST_VERDICT_DELIVERED && !row->handed_on;
}

size_t lambdest_plan_count(const lambdest_plan *p)
{
    return p ? p->count : 0;
}

size_t lambdest_plan_undelivered(const lambdest_plan *p)
{
    size_t i, n = 0;

    if (!p)
        return 0;
    for (i = 0; i < p->count; i++)
        n += is_undelivered(&p->rows[i]) ? 1 : 0;
    return n;
}

lambdest_delivery *lambdest_plan_at(lambdest_plan *p, size_t index)
{
    return p && index < p->count ? &p->rows[index] : NULL;
}

void lambdest_plan_free(lambdest_plan *p)
{
    if (!p)
        return;
    if (p->running) {
        p->doomed = true;
        return;
    }
    if (p->kind == LAMBDEST__DELIVER)
        lambdest__router_count(p->router, LAMBDEST_TOTAL_ABANDONED, lambdest_plan_undelivered(p));
    lambdest__plan_discard(p);
}

/* ---- calling ---- */

static lambdest_delivery_fn callback_of(const lambdest_delivery *row)
{
    const lambdest_sink *sink = &row->route->sink;

    if (row->plan->kind == LAMBDEST__CLOSE)
        return sink->close;
    if (row->route->closed)
        return NULL;
    return row->plan->kind == LAMBDEST__FLUSH ? sink->flush : sink->deliver;
}

static bool is_due(const lambdest_delivery *row)
{
    if (row->verdict != LAMBDEST_VERDICT_NONE && row->verdict != LAMBDEST_VERDICT_RETRY)
        return false;
    return !row->handed_on && callback_of(row);
}

/* What an earlier attempt said is forgotten first: a callback that raises reports nothing. */
static void call(lambdest_delivery *row)
{
    row->verdict = LAMBDEST_VERDICT_NONE;
    row->has_detail = false;
    row->reported = false;
    row->called = true;
    callback_of(row)(row, row->route->sink.user_data);
    row->called = false;
    if (!row->reported)
        row->attempts++;
}

int lambdest__plan_call(lambdest_plan *p)
{
    lambdest_router *router = p->router;
    size_t i;
    int rc;

    router->busy = true;
    p->running = true;
    for (i = 0; i < p->count; i++)
        if (is_due(&p->rows[i]))
            call(&p->rows[i]);
    p->running = false;
    router->busy = false;
    rc = lambdest_plan_undelivered(p) ? LAMBDEST_E_PARTIAL : LAMBDEST_OK;
    if (p->doomed)
        lambdest_plan_free(p);
    return rc;
}

int lambdest_plan_run(lambdest_plan *p)
{
    if (!p)
        return LAMBDEST_E_INVAL;
    if (p->router->busy)
        return LAMBDEST_E_BUSY;
    if (p->kind == LAMBDEST__CLOSE)
        return lambdest_plan_undelivered(p) ? LAMBDEST_E_PARTIAL : LAMBDEST_OK;
    return lambdest__plan_call(p);
}

void lambdest__plan_close_one(lambdest_router *router, const lambdest__route *route)
{
    lambdest_plan plan = {0};
    lambdest_delivery row = {0};

    if (route->closed)
        return;
    plan.router = router;
    plan.kind = LAMBDEST__CLOSE;
    plan.rows = &row;
    row.plan = &plan;
    row.route = route;
    if (route->sink.close)
        call(&row);
}

/* ---- the undelivered route ---- */

/* The last row of that route is handed on to nobody, so that one is undelivered now. */
static void open_undelivered(lambdest_plan *p)
{
    size_t i, from = p->count;

    for (i = 0; i < from; i++)
        if (is_undelivered(&p->rows[i]))
            p->rows[i].handed_on = true;
    p->count = p->reserved;
    lambdest__plan_count_rows(p, from);
}

int lambdest_plan_settle(lambdest_plan *p)
{
    if (!p)
        return LAMBDEST_E_INVAL;
    if (p->router->busy)
        return LAMBDEST_E_BUSY;
    if (!lambdest_plan_undelivered(p))
        return LAMBDEST_OK;
    if (p->count < p->reserved)
        open_undelivered(p);
    return LAMBDEST_E_PARTIAL;
}
