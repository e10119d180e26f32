#include "delivery.h"

#include <limits.h>

static void close_comes_before_destroy_and_each_once(void **state)
{
    char log[40] = "";
    probe a = {.log = log, .letter = 'a'}, b = {.log = log, .letter = 'b'};
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = probe_sink(&a);

    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    sink = probe_sink(&b);
    add(router, LAMBDEST_ON_FAILURE, "b", &sink);
    lambdest_router_free(router);
    assert_string_equal(log, "ccdd");
    assert_int_equal(a.closed, 1);
    assert_int_equal(a.destroyed, 1);
    assert_true(a.closed_first);
    assert_int_equal(b.destroyed, 1);
    assert_int_equal(a.deadline, -1);
}

static void a_router_outlives_its_pointer_while_a_plan_needs_it(void **state)
{
    support_memory *m = *state;
    probe p = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = probe_sink(&p);
    lambdest_plan *first, *second;

    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_plan(router, env, 0, &first, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_router_plan(router, env, 0, &second, NULL), LAMBDEST_OK);
    lambdest_router_free(router);
    lambdest_plan_free(first);
    assert_int_equal(lambdest_router_plan(router, env, 0, &first, NULL), LAMBDEST_E_INVAL);
    assert_null(first);
    assert_int_equal(lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS, TEXT("b"), &sink, NULL),
                     LAMBDEST_E_INVAL);
    assert_int_equal(p.closed, 0);
    assert_int_equal(lambdest_plan_run(second), LAMBDEST_OK);
    assert_int_equal(p.delivered, 1);
    lambdest_plan_free(second);
    assert_int_equal(p.closed, 1);
    assert_int_equal(p.destroyed, 1);
    lambdest_envelope_free(env);
}

static void flush_asks_all_with_one_deadline(void **state)
{
    probe a = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    probe b = {.verdict = LAMBDEST_VERDICT_RETRY, .then = LAMBDEST_VERDICT_DELIVERED};
    probe silent = {0};
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = probe_sink(&a);
    lambdest_plan *plan;
    lambdest_error err;

    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    sink = probe_sink(&b);
    add(router, LAMBDEST_ON_FAILURE, "b", &sink);
    sink.flush = NULL;
    sink.destroy = NULL;
    add(router, LAMBDEST_ON_FAILURE, "no flush", &sink);
    sink = probe_sink(&silent);
    add(router, LAMBDEST_ON_OVERFLOW, "silent", &sink);
    assert_int_equal(lambdest_router_flush(router, 1234, &plan, &err), LAMBDEST_E_PARTIAL);
    support_expect_error(&err, LAMBDEST_E_PARTIAL, 0, "");
    assert_string_equal(sinks_of(plan), "a b silent");
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_RETRY);
    assert_int_equal(verdict_of(plan, 2), LAMBDEST_VERDICT_NONE);
    assert_int_equal(a.deadline, 1234);
    assert_int_equal(b.deadline, 1234);
    assert_int_equal(silent.deadline, 1234);
    assert_null(lambdest_delivery_body(lambdest_plan_at(plan, 0), NULL));
    assert_null(lambdest_delivery_envelope(lambdest_plan_at(plan, 0)));
    silent.verdict = LAMBDEST_VERDICT_DELIVERED;
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(a.flushed, 1);
    assert_int_equal(b.flushed, 2);
    assert_int_equal(silent.flushed, 2);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_OK);
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED), 0);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_DELIVERED), 0);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED), 0);
    lambdest_router_free(router);
}

static void close_happens_once_whatever_it_reports(void **state)
{
    support_memory *m = *state;
    probe p = {.verdict = LAMBDEST_VERDICT_RETRY}, q = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = probe_sink(&q);
    lambdest_plan *before, *plan;
    lambdest_error err;

    add(router, LAMBDEST_ON_FAILURE, "q", &sink);
    sink = probe_sink(&p);
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_plan(router, env, 0, &before, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_router_close(router, 77, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(p.closed, 1);
    assert_int_equal(p.deadline, 77);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_RETRY);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 1), LAMBDEST_VERDICT_DELIVERED, NULL, 0),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(p.closed, 1);
    assert_int_equal(q.closed, 1);
    lambdest_plan_free(plan);

    assert_int_equal(lambdest_plan_run(before), LAMBDEST_E_PARTIAL);
    assert_int_equal(p.delivered, 0);
    lambdest_plan_free(before);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED), 1);

    assert_int_equal(lambdest_router_plan(router, env, 0, &plan, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "router");
    assert_null(plan);
    assert_int_equal(lambdest_router_add_sink(router, 1, "b", 1, &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "router");
    assert_int_equal(lambdest_router_close(router, 78, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_count(plan), 0);
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_router_flush(router, 78, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_count(plan), 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    assert_int_equal(p.closed, 1);
    assert_int_equal(p.destroyed, 1);
    assert_int_equal(q.closed, 1);
    lambdest_envelope_free(env);
}

/* ---- from inside a callback ---- */

typedef struct meddler {
    lambdest_router *router;
    lambdest_envelope *env;
    lambdest_plan *plan; /* another one of the router */
    lambdest_plan *out;
    int add, plan_rc, dispatch, flush, close, run, settle;
    lambdest_error err[5];
    uint64_t planned;
    int calls;
} meddler;

static void meddle(lambdest_delivery *d, void *user_data)
{
    meddler *m = user_data;
    lambdest_sink sink = {.size = sizeof sink};

    m->calls++;
    m->add = lambdest_router_add_sink(m->router, 1, "x", 1, &sink, &m->err[0]);
    m->plan_rc = lambdest_router_plan(m->router, m->env, 0, &m->out, &m->err[1]);
    m->dispatch = lambdest_router_dispatch(m->router, m->env, 0, &m->out, &m->err[2]);
    m->flush = lambdest_router_flush(m->router, 0, &m->out, &m->err[3]);
    m->close = lambdest_router_close(m->router, 0, &m->out, &m->err[4]);
    m->run = lambdest_plan_run(m->plan);
    m->settle = lambdest_plan_settle(m->plan);
    m->planned = lambdest_router_total(m->router, LAMBDEST_TOTAL_PLANNED);
    lambdest_delivery_report(d, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

static void expect_busy(const meddler *m)
{
    size_t i;

    assert_int_equal(m->calls, 1);
    assert_int_equal(m->add, LAMBDEST_E_BUSY);
    assert_int_equal(m->plan_rc, LAMBDEST_E_BUSY);
    assert_int_equal(m->dispatch, LAMBDEST_E_BUSY);
    assert_int_equal(m->flush, LAMBDEST_E_BUSY);
    assert_int_equal(m->close, LAMBDEST_E_BUSY);
    assert_int_equal(m->run, LAMBDEST_E_BUSY);
    assert_int_equal(m->settle, LAMBDEST_E_BUSY);
    assert_null(m->out);
    for (i = 0; i < 5; i++)
        support_expect_error(&m->err[i], LAMBDEST_E_BUSY, 0, "");
}

static void what_would_change_the_router_is_busy(void **state)
{
    support_memory *memory = *state;
    meddler m = {0};
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *plan;

    m.env = parse_text(memory, SUCCESS_TEXT);
    m.router = new_router(memory);
    sink.deliver = meddle;
    sink.flush = meddle;
    sink.close = meddle;
    sink.user_data = &m;
    add(m.router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_plan(m.router, m.env, 0, &m.plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_router_dispatch(m.router, m.env, 0, &plan, NULL), LAMBDEST_OK);
    expect_busy(&m);
    assert_int_equal(m.planned, 2);
    lambdest_plan_free(plan);
    m.calls = 0;
    assert_int_equal(lambdest_router_flush(m.router, 0, &plan, NULL), LAMBDEST_OK);
    expect_busy(&m);
    lambdest_plan_free(plan);
    /* Afterwards all is as before. */
    assert_int_equal(lambdest_plan_run(m.plan), LAMBDEST_OK);
    m.calls = 0;
    assert_int_equal(lambdest_router_close(m.router, 0, &plan, NULL), LAMBDEST_OK);
    expect_busy(&m);
    lambdest_plan_free(plan);
    lambdest_plan_free(m.plan);
    lambdest_router_free(m.router);
    lambdest_envelope_free(m.env);
}

static void close_by_free_may_not_meddle_either(void **state)
{
    support_memory *memory = *state;
    meddler m = {0};
    lambdest_sink sink = {.size = sizeof sink};

    m.env = parse_text(memory, SUCCESS_TEXT);
    m.router = new_router(memory);
    sink.close = meddle;
    sink.user_data = &m;
    add(m.router, LAMBDEST_ON_SUCCESS, "a", &sink);
    m.plan = NULL;
    lambdest_router_free(m.router);
    assert_int_equal(m.calls, 1);
    assert_int_equal(m.plan_rc, LAMBDEST_E_BUSY);
    assert_int_equal(m.add, LAMBDEST_E_BUSY);
    lambdest_envelope_free(m.env);
}

static void free_router(lambdest_delivery *d, void *user_data)
{
    lambdest_router *router = *(lambdest_router **)user_data;

    lambdest_router_free(router);
    lambdest_router_free(router);
    lambdest_delivery_report(d, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

static void a_router_may_be_freed_in_its_own_callback(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *plan;

    sink.deliver = free_router;
    sink.user_data = &router;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
}

static void arguments_are_checked(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_options options = {.size = 3};
    lambdest_router *none = router;
    lambdest_plan *plan = (lambdest_plan *)(void *)router;
    lambdest_error err;

    assert_int_equal(lambdest_router_new(NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_router_new(&options, &none, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    assert_null(none);
    assert_int_equal(lambdest_router_flush(NULL, 0, &plan, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "router");
    assert_null(plan);
    assert_int_equal(lambdest_router_flush(router, 0, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_router_close(router, 0, NULL, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_router_total(NULL, LAMBDEST_TOTAL_PLANNED), 0);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED - 1), 0);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED + 1), 0);
    assert_int_equal(lambdest_router_total(router, INT_MIN), 0);
    assert_int_equal(lambdest_router_total(router, INT_MAX), 0);
    lambdest_router_free(NULL);
    lambdest_router_free(router);
}

/* ---- memory ---- */

static int flush_and_close(support_memory *m, void *arg)
{
    probe p = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_options options = options_of(m);
    lambdest_router *router = NULL;
    lambdest_plan *flushed = NULL, *closed = NULL;
    lambdest_sink sink = probe_sink(&p);
    lambdest_error err;
    int rc = lambdest_router_new(&options, &router, &err);

    (void)arg;
    if (!rc)
        rc = lambdest_router_add_sink(router, 1, "a", 1, &sink, &err);
    if (!rc)
        rc = lambdest_router_flush(router, 0, &flushed, &err);
    if (!rc)
        rc = lambdest_router_close(router, 0, &closed, &err);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    /* Asked if and only if there is a row that says so. */
    assert_int_equal(p.flushed, flushed ? 1 : 0);
    assert_int_equal(p.closed, closed ? 1 : 0);
    lambdest_plan_free(flushed);
    lambdest_plan_free(closed);
    lambdest_router_free(router);
    return rc;
}

static void nobody_is_asked_without_memory_for_the_answer(void **state)
{
    support_exhaust(*state, flush_and_close, NULL);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(close_comes_before_destroy_and_each_once),
        WITH_MEMORY(a_router_outlives_its_pointer_while_a_plan_needs_it),
        WITH_MEMORY(flush_asks_all_with_one_deadline),
        WITH_MEMORY(close_happens_once_whatever_it_reports),
        WITH_MEMORY(what_would_change_the_router_is_busy),
        WITH_MEMORY(close_by_free_may_not_meddle_either),
        WITH_MEMORY(a_router_may_be_freed_in_its_own_callback),
        WITH_MEMORY(arguments_are_checked),
        WITH_MEMORY(nobody_is_asked_without_memory_for_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
