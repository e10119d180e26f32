#include "base/error.h"
#include "carrier/eventbridge.h"
#include "delivery/body.h"
#include "delivery/limits.h"
#include "delivery/plan.h"

#include <lambdest/outcome.h>

#include <string.h>

#define NO_VARIANT UINT32_MAX

/* A plan in the making. */
typedef struct planner {
    lambdest_router *router;
    lambdest_plan *plan;
    lambdest__bodies bodies;
    lambdest__entry_facts facts;
    lambdest__span function;
    lambdest__span condition;
    uint32_t *row_of; /* by a sink's number: a row of it, from 1, or 0 */
    int cause;
} planner;

/* ---- matching ---- */

static uint32_t when_of(int outcome)
{
    if (outcome == LAMBDEST_SUCCESS)
        return LAMBDEST_ON_SUCCESS;
    return outcome == LAMBDEST_FAILURE ? LAMBDEST_ON_FAILURE : LAMBDEST_ON_INDETERMINATE;
}

static bool passes(const char *only, size_t only_len, lambdest__span text)
{
    return !only || (text.data && text.len == only_len && !memcmp(text.data, only, only_len));
}

static bool matches(const planner *p, const lambdest__route *r, uint32_t when)
{
    const lambdest_sink *s = &r->sink;

    return r->when & when && (!s->only_cause || (int)s->only_cause == p->cause) &&
           passes(s->only_function, s->only_function_len, p->function) &&
           passes(s->only_condition, s->only_condition_len, p->condition);
}

static lambdest__span filter_text(const lambdest_envelope *env, int member)
{
    lambdest__span text;

    text.data = (const unsigned char *)lambdest_envelope_text(env, member, &text.len);
    return text;
}

/* How many rows the route may take: the matching sinks, and those they may hand on to. */
static size_t count_route(const planner *p, uint32_t when)
{
    const lambdest__sinks *s = &p->router->sinks;
    bool hands_on = false;
    size_t i, rows = 0;

    for (i = 0; i < s->count; i++)
        if (matches(p, s->at[i], when)) {
            rows++;
            hands_on = hands_on || s->at[i]->overflow != LAMBDEST__NO_SINK;
        }
    return rows + (hands_on ? s->overflow_count : 0);
}

/* ---- fitting a body to a sink ---- */

static size_t counted(planner *p, const lambdest__route *r, size_t len)
{
    if (r->sink.target != LAMBDEST_TARGET_EVENTBRIDGE)
        return len;
    p->facts.bus_arn.data = (const unsigned char *)r->sink.arn;
    p->facts.bus_arn.len = r->sink.arn_len;
    return lambdest__entry_counted(&p->facts, len);
}

static bool fits_limit(planner *p, const lambdest__route *r, uint32_t variant)
{
    size_t len = counted(p, r, p->bodies.variants[variant].len);

    return len != SIZE_MAX && (!r->sink.max_bytes || len <= r->sink.max_bytes);
}

/* Finds the fullest variant that the sink takes; the row is refused if there is none. NOMEM. */
static int fit(planner *p, lambdest_delivery *row)
{
    const lambdest__route *r = row->route;
    uint32_t level, levels = r->sink.oversize == LAMBDEST_OVERSIZE_DROP ? LAMBDEST__LEVELS : 1;

    row->variant = NO_VARIANT;
    for (level = 0; level < levels; level++) {
        uint32_t number;
        int rc = lambdest__bodies_measure(&p->bodies, r->sink.form, r->sink.write_flags, level, &number);

        if (rc)
            return rc;
        if (!p->bodies.variants[number].possible) {
            lambdest__delivery_refuse(row, LAMBDEST_VERDICT_REJECTED, "the form cannot hold this envelope",
                                      NULL);
            return LAMBDEST_OK;
        }
        if (fits_limit(p, r, number)) {
            p->bodies.variants[number].wanted = true;
            row->variant = number;
            row->dropped = level;
            return LAMBDEST_OK;
        }
    }
    lambdest__delivery_refuse(row, LAMBDEST_VERDICT_TOO_BIG, "over the limit", NULL);
    return LAMBDEST_OK;
}

/* Adds a row for the sink and, while each is too big, for the one it hands on to; a sink that has a row
 * already takes no second. The chain ends, for a sink names one that was added before. */
static int add_rows(planner *p, const lambdest__route *r)
{
    for (;;) {
        lambdest_delivery *row;
        int rc;

        if (p->row_of[r->number])
            return LAMBDEST_OK;
        row = lambdest__plan_add(p->plan, r);
        p->row_of[r->number] = (uint32_t)p->plan->reserved;
        rc = fit(p, row);
        if (rc || row->verdict != LAMBDEST_VERDICT_TOO_BIG || r->overflow == LAMBDEST__NO_SINK)
            return rc;
        row->handed_on = true;
        r = p->router->sinks.at[r->overflow];
    }
}

static void forget_rows(planner *p)
{
    if (p->router->sinks.count)
        memset(p->row_of, 0, p->router->sinks.count * sizeof *p->row_of);
}

static int add_route(planner *p, uint32_t when)
{
    const lambdest__sinks *s = &p->router->sinks;
    size_t i;
    int rc = LAMBDEST_OK;

    forget_rows(p);
    for (i = 0; i < s->count && !rc; i++)
        if (matches(p, s->at[i], when))
            rc = add_rows(p, s->at[i]);
    return rc;
}

/* ---- bodies ---- */

static void refuse_at(lambdest_delivery *row, const char *detail, size_t offset)
{
    lambdest__delivery_refuse(row, LAMBDEST_VERDICT_REJECTED, detail, &offset);
}

/* What a target refuses is looked for once in each text. */
static void check_characters(lambdest_delivery *row, lambdest__variant *v)
{
    lambdest__span text = {v->text, v->len};
    lambdest__limit limit;

    lambdest__limit_of(row->route->sink.target, &limit);
    if (limit.xml_text && v->bad_character == SIZE_MAX)
        v->bad_character = lambdest__limit_character(text);
    if (limit.event && v->too_deep == SIZE_MAX)
        v->too_deep = lambdest__limit_depth(text, LAMBDEST__EVENT_DEPTH);
    if (limit.xml_text && v->bad_character < v->len)
        refuse_at(row, "a character that the target refuses, at byte ", v->bad_character);
    else if (limit.event && v->too_deep < v->len)
        refuse_at(row, "nested deeper than the target allows, at byte ", v->too_deep);
}

static void take_texts(planner *p)
{
    size_t i;

    for (i = 0; i < p->plan->reserved; i++) {
        lambdest_delivery *row = &p->plan->rows[i];

        if (row->variant == NO_VARIANT)
            continue;
        row->body = p->bodies.variants[row->variant].text;
        row->body_len = p->bodies.variants[row->variant].len;
        check_characters(row, &p->bodies.variants[row->variant]);
    }
}

static bool is_entry(const lambdest_delivery *row)
{
    return row->variant != NO_VARIANT && row->route->sink.target == LAMBDEST_TARGET_EVENTBRIDGE;
}

/* The row before this one that has the same entry; else NULL, and the next such row will find this one. */
static lambdest_delivery *same_entry(planner *p, const lambdest_delivery *row)
{
    uint32_t *known = &p->row_of[row->route->like];
    lambdest_delivery *before = *known ? &p->plan->rows[*known - 1] : NULL;

    if (before && before->variant == row->variant)
        return before;
    *known = (uint32_t)(row - p->plan->rows) + 1;
    return NULL;
}

static void read_facts(planner *p, const lambdest_delivery *row, lambdest__span *detail)
{
    p->facts.bus_arn.data = (const unsigned char *)row->route->sink.arn;
    p->facts.bus_arn.len = row->route->sink.arn_len;
    detail->data = p->bodies.variants[row->variant].text;
    detail->len = p->bodies.variants[row->variant].len;
}

static bool measure_entries(planner *p, size_t *sum)
{
    lambdest__span detail;
    size_t i;

    *sum = 0;
    forget_rows(p);
    for (i = 0; i < p->plan->reserved; i++) {
        const lambdest_delivery *row = &p->plan->rows[i];

        if (!is_entry(row) || same_entry(p, row))
            continue;
        read_facts(p, row, &detail);
        if (!lambdest__add_size(sum, lambdest__entry_length(&p->facts, detail)) ||
            !lambdest__add_size(sum, 1))
            return false;
    }
    return true;
}

static void write_entries(planner *p, unsigned char *to)
{
    lambdest__span detail;
    size_t i;

    forget_rows(p);
    for (i = 0; i < p->plan->reserved; i++) {
        lambdest_delivery *row = &p->plan->rows[i];
        const lambdest_delivery *same;

        if (!is_entry(row))
            continue;
        same = same_entry(p, row);
        if (same) {
            row->body = same->body;
            row->body_len = same->body_len;
            continue;
        }
        read_facts(p, row, &detail);
        row->body = to;
        row->body_len = lambdest__entry_write(&p->facts, detail, to);
        to += row->body_len;
        *to++ = '\0';
    }
}

static int write_bodies(planner *p)
{
    lambdest_plan *plan = p->plan;
    size_t size;
    int rc = lambdest__bodies_write(&p->bodies, &plan->texts, &plan->texts_size);

    if (rc)
        return rc;
    take_texts(p);
    if (!measure_entries(p, &size))
        return LAMBDEST_E_NOMEM;
    if (!size)
        return LAMBDEST_OK;
    plan->entries = lambdest__alloc(p->bodies.alloc, size);
    if (!plan->entries)
        return LAMBDEST_E_NOMEM;
    plan->entries_size = size;
    write_entries(p, plan->entries);
    return LAMBDEST_OK;
}

/* ---- planning ---- */

/* An indeterminate envelope that nobody asked for takes the undelivered route at once. */
static int add_rows_by_outcome(planner *p, uint32_t when, bool undelivered_first)
{
    lambdest_plan *plan = p->plan;
    int rc = add_route(p, when);

    plan->count = plan->reserved;
    if (!rc && plan->count && !undelivered_first)
        rc = add_route(p, LAMBDEST_ON_UNDELIVERED);
    return rc ? rc : write_bodies(p);
}

static int build_plan(planner *p, const lambdest_envelope *env, int outcome)
{
    uint32_t when = when_of(outcome);
    size_t rows = count_route(p, when), last = count_route(p, LAMBDEST_ON_UNDELIVERED);
    bool undelivered_first = !rows && outcome == LAMBDEST_INDETERMINATE;
    int rc;

    if (undelivered_first && !last)
        return LAMBDEST_E_ABSENT;
    if (undelivered_first)
        when = LAMBDEST_ON_UNDELIVERED;
    else if (!rows)
        last = 0;
    if (!undelivered_first && !lambdest__add_size(&last, rows))
        return LAMBDEST_E_NOMEM;
    p->plan = lambdest__plan_new(p->router, LAMBDEST__DELIVER, last);
    if (!p->plan)
        return LAMBDEST_E_NOMEM;
    p->plan->env = env;
    p->plan->outcome = outcome;
    rc = add_rows_by_outcome(p, when, undelivered_first);
    if (rc)
        lambdest__plan_discard(p->plan);
    return rc;
}

static int plan(lambdest_router *router, const lambdest_envelope *env, int outcome, lambdest_plan **out)
{
    planner p;
    size_t size = router->sinks.count * sizeof *p.row_of;
    int rc;

    p.row_of = lambdest__alloc(&router->alloc, size);
    if (size && !p.row_of)
        return LAMBDEST_E_NOMEM;
    p.router = router;
    p.function = filter_text(env, LAMBDEST_FUNCTION_NAME);
    p.condition = filter_text(env, LAMBDEST_CONDITION);
    p.cause = lambdest_envelope_cause(env);
    lambdest__bodies_init(&p.bodies, &router->alloc, env);
    lambdest__entry_facts_read(env, outcome, &p.facts);
    rc = build_plan(&p, env, outcome);
    lambdest__bodies_free(&p.bodies);
    lambdest__release(&router->alloc, p.row_of, size);
    if (rc)
        return rc;
    lambdest__plan_count_rows(p.plan, 0);
    *out = p.plan;
    return LAMBDEST_OK;
}

int lambdest_router_plan(lambdest_router *router, const lambdest_envelope *env, int outcome,
                         lambdest_plan **out, lambdest_error *err)
{
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the plan", "out");
    *out = NULL;
    if (!router || !env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no router or no envelope",
                              router ? "env" : "router");
    if (outcome && (outcome < LAMBDEST_SUCCESS || outcome > LAMBDEST_INDETERMINATE))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no such outcome", "outcome");
    if (router->busy)
        return lambdest__fail(err, LAMBDEST_E_BUSY, 0, NULL, "");
    if (router->closed || router->let_go)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "the router was closed", "router");
    rc = plan(router, env, outcome ? outcome : lambdest_envelope_outcome(env), out);
    if (rc == LAMBDEST_E_ABSENT)
        return lambdest__fail(err, rc, 0, "indeterminate, and no sink takes that or the undelivered", "");
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}

int lambdest_router_dispatch(lambdest_router *router, const lambdest_envelope *env, int outcome,
                             lambdest_plan **out, lambdest_error *err)
{
    lambdest_plan *made;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the plan", "out");
    *out = NULL;
    rc = lambdest_router_plan(router, env, outcome, &made, err);
    if (rc)
        return rc;
    rc = lambdest__plan_call(made);
    *out = made;
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}
