#include "delivery.h"

typedef struct fixture {
    lambdest_router *router;
    lambdest_envelope *env;
    probe first, second, last;
    char log[100];
} fixture;

/* Two sinks for successes, and one for what they do not take if `route` is set. */
static void begin(fixture *f, support_memory *m, bool route)
{
    lambdest_sink sink;

    memset(f, 0, sizeof *f);
    f->router = new_router(m);
    f->env = parse_text(m, SUCCESS_TEXT);
    f->first.letter = '1';
    f->second.letter = '2';
    f->last.letter = 'u';
    f->first.log = f->second.log = f->last.log = f->log;
    sink = probe_sink(&f->first);
    add(f->router, LAMBDEST_ON_SUCCESS, "first", &sink);
    if (route) {
        sink = probe_sink(&f->last);
        add(f->router, LAMBDEST_ON_UNDELIVERED, "last", &sink);
    }
    sink = probe_sink(&f->second);
    add(f->router, LAMBDEST_ON_SUCCESS, "second", &sink);
}

static void end(fixture *f)
{
    lambdest_router_free(f->router);
    lambdest_envelope_free(f->env);
}

static void expect_totals(const fixture *f, uint64_t planned, uint64_t delivered, uint64_t rejected,
                          uint64_t too_big, uint64_t abandoned)
{
    assert_int_equal(lambdest_router_total(f->router, LAMBDEST_TOTAL_PLANNED), planned);
    assert_int_equal(lambdest_router_total(f->router, LAMBDEST_TOTAL_DELIVERED), delivered);
    assert_int_equal(lambdest_router_total(f->router, LAMBDEST_TOTAL_REJECTED), rejected);
    assert_int_equal(lambdest_router_total(f->router, LAMBDEST_TOTAL_TOO_BIG), too_big);
    assert_int_equal(lambdest_router_total(f->router, LAMBDEST_TOTAL_ABANDONED), abandoned);
}

static void a_plan_calls_nobody(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, true);
    assert_int_equal(lambdest_router_plan(f.router, f.env, 0, &plan, NULL), LAMBDEST_OK);
    assert_string_equal(f.log, "");
    assert_string_equal(sinks_of(plan), "first second");
    assert_int_equal(lambdest_plan_undelivered(plan), 2);
    assert_null(lambdest_plan_at(plan, 2));
    expect_totals(&f, 2, 0, 0, 0, 0);
    lambdest_plan_free(plan);
    expect_totals(&f, 2, 0, 0, 0, 2);
    end(&f);
}

static void a_failing_sink_stops_no_other(void **state)
{
    fixture f;
    lambdest_plan *plan;
    lambdest_error err;

    begin(&f, *state, false);
    f.second.verdict = LAMBDEST_VERDICT_DELIVERED;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, &err), LAMBDEST_E_PARTIAL);
    support_expect_error(&err, LAMBDEST_E_PARTIAL, 0, "");
    assert_string_equal(f.log, "12");
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_NONE);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 1);
    assert_int_equal(integer_of(plan, 1, LAMBDEST_DELIVERY_ATTEMPTS), 1);
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    lambdest_plan_free(plan);
    expect_totals(&f, 2, 1, 0, 0, 1);
    end(&f);
}

static void what_is_open_is_called_again(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, false);
    f.first.verdict = LAMBDEST_VERDICT_RETRY;
    f.first.then = LAMBDEST_VERDICT_DELIVERED;
    f.first.detail = "later";
    f.second.verdict = LAMBDEST_VERDICT_REJECTED;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_string_equal(detail_of(plan, 0), "later");
    f.first.detail = NULL;
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(f.log, "121");
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_null(detail_of(plan, 0));
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 2);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(f.log, "121");
    lambdest_plan_free(plan);
    expect_totals(&f, 2, 1, 1, 0, 1);
    end(&f);
}

static void a_silent_attempt_forgets_the_one_before(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, false);
    f.first.verdict = LAMBDEST_VERDICT_RETRY;
    f.first.detail = "later";
    f.second.verdict = LAMBDEST_VERDICT_DELIVERED;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    f.first.verdict = 0;
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_NONE);
    assert_null(detail_of(plan, 0));
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 2);
    lambdest_plan_free(plan);
    end(&f);
}

static void rows_without_a_callback_wait_for_the_host(void **state)
{
    support_memory *m = *state;
    lambdest_router *router = new_router(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *plan;
    int marker;

    sink.user_data = &marker;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 0);
    assert_ptr_equal(lambdest_delivery_user_data(lambdest_plan_at(plan, 0)), &marker);
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 0), LAMBDEST_VERDICT_RETRY, NULL, 0), 0);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 0), LAMBDEST_VERDICT_DELIVERED, NULL, 0),
                     0);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_undelivered(plan), 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

/* ---- the undelivered route ---- */

static void settle_hands_the_rest_on_once(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, true);
    f.first.verdict = LAMBDEST_VERDICT_DELIVERED;
    f.second.verdict = LAMBDEST_VERDICT_RETRY;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(sinks_of(plan), "first second last");
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_HANDED_ON), 0);
    assert_int_equal(integer_of(plan, 1, LAMBDEST_DELIVERY_HANDED_ON), 1);
    assert_int_equal(integer_of(plan, 2, LAMBDEST_DELIVERY_HANDED_ON), 0);
    expect_totals(&f, 3, 1, 0, 0, 0);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_count(plan), 3);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(f.log, "12u");
    f.last.verdict = LAMBDEST_VERDICT_DELIVERED;
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_string_equal(f.log, "12uu");
    assert_ptr_equal(f.last.body, f.second.body);
    /* A row that was given up may still be reported, and says the truth. */
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 1), LAMBDEST_VERDICT_DELIVERED, NULL, 0),
                     LAMBDEST_OK);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_OK);
    lambdest_plan_free(plan);
    expect_totals(&f, 3, 3, 0, 0, 0);
    end(&f);
}

/* What the undelivered route refuses is no row, and counts, only once it is opened. */
static void a_row_that_waits_is_not_counted(void **state)
{
    fixture f;
    lambdest_sink sink;
    lambdest_plan *plan;

    begin(&f, *state, false);
    sink = probe_sink(&f.last);
    sink.max_bytes = 10;
    add(f.router, LAMBDEST_ON_UNDELIVERED, "too small", &sink);
    assert_int_equal(lambdest_router_plan(f.router, f.env, 0, &plan, NULL), LAMBDEST_OK);
    expect_totals(&f, 2, 0, 0, 0, 0);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(sinks_of(plan), "first second too small");
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    expect_totals(&f, 3, 0, 0, 1, 0);
    lambdest_plan_free(plan);
    expect_totals(&f, 3, 0, 0, 1, 1);
    end(&f);
}

static void what_the_last_route_loses_is_counted(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, true);
    f.last.verdict = LAMBDEST_VERDICT_REJECTED;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    lambdest_plan_free(plan);
    expect_totals(&f, 3, 0, 1, 0, 1);
    end(&f);
}

static void settle_without_need_or_route_changes_nothing(void **state)
{
    fixture f;
    lambdest_plan *plan;

    begin(&f, *state, true);
    f.first.verdict = f.second.verdict = LAMBDEST_VERDICT_DELIVERED;
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_count(plan), 2);
    lambdest_plan_free(plan);
    end(&f);

    begin(&f, *state, false);
    assert_int_equal(lambdest_router_dispatch(f.router, f.env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_count(plan), 2);
    assert_int_equal(lambdest_plan_undelivered(plan), 2);
    lambdest_plan_free(plan);
    end(&f);
}

/* ---- from inside a callback ---- */

typedef struct freer {
    lambdest_plan *plan;
    int calls;
    int report;
} freer;

static void free_plan(lambdest_delivery *d, void *user_data)
{
    freer *f = user_data;

    f->calls++;
    lambdest_plan_free(f->plan);
    lambdest_plan_free(f->plan);
    f->report = lambdest_delivery_report(d, LAMBDEST_VERDICT_DELIVERED, "still here", 10);
}

static void a_plan_may_be_freed_in_its_own_callback(void **state)
{
    support_memory *m = *state;
    lambdest_router *router = new_router(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    freer f = {0};
    size_t blocks;

    sink.deliver = free_plan;
    sink.user_data = &f;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    add(router, LAMBDEST_ON_SUCCESS, "b", &sink);
    blocks = m->blocks;
    assert_int_equal(lambdest_router_plan(router, env, 0, &f.plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(f.plan), LAMBDEST_OK);
    assert_int_equal(f.calls, 2);
    assert_int_equal(f.report, LAMBDEST_OK);
    assert_int_equal(m->blocks, blocks);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_DELIVERED), 2);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED), 0);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

typedef struct sender {
    lambdest_delivery *row; /* of another plan */
    int report;
} sender;

static void report_another(lambdest_delivery *d, void *user_data)
{
    sender *s = user_data;

    s->report = lambdest_delivery_report(s->row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
    lambdest_delivery_report(d, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

static void a_callback_may_report_rows_of_other_plans(void **state)
{
    support_memory *m = *state;
    lambdest_router *router = new_router(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *other, *plan;
    sender s = {0};

    sink.deliver = report_another;
    sink.user_data = &s;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_plan(router, env, 0, &other, NULL), LAMBDEST_OK);
    s.row = lambdest_plan_at(other, 0);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(s.report, LAMBDEST_OK);
    assert_int_equal(verdict_of(other, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(lambdest_plan_run(other), LAMBDEST_OK);
    assert_int_equal(integer_of(other, 0, LAMBDEST_DELIVERY_ATTEMPTS), 1);
    lambdest_plan_free(other);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void no_plan_is_an_empty_one(void **state)
{
    (void)state;
    assert_int_equal(lambdest_plan_count(NULL), 0);
    assert_int_equal(lambdest_plan_undelivered(NULL), 0);
    assert_null(lambdest_plan_at(NULL, 0));
    assert_int_equal(lambdest_plan_run(NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_plan_settle(NULL), LAMBDEST_E_INVAL);
    lambdest_plan_free(NULL);
}

static void running_allocates_nothing(void **state)
{
    support_memory *m = *state;
    fixture f;
    lambdest_plan *plan;
    size_t calls;

    begin(&f, m, true);
    f.first.verdict = LAMBDEST_VERDICT_RETRY;
    f.first.detail = "later";
    assert_int_equal(lambdest_router_plan(f.router, f.env, 0, &plan, NULL), LAMBDEST_OK);
    calls = m->calls;
    lambdest_plan_run(plan);
    lambdest_plan_settle(plan);
    lambdest_plan_run(plan);
    assert_int_equal(m->calls, calls);
    assert_string_equal(f.log, "12u");
    lambdest_plan_free(plan);
    end(&f);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(a_plan_calls_nobody),
        WITH_MEMORY(a_failing_sink_stops_no_other),
        WITH_MEMORY(what_is_open_is_called_again),
        WITH_MEMORY(a_silent_attempt_forgets_the_one_before),
        WITH_MEMORY(rows_without_a_callback_wait_for_the_host),
        WITH_MEMORY(settle_hands_the_rest_on_once),
        WITH_MEMORY(what_the_last_route_loses_is_counted),
        WITH_MEMORY(a_row_that_waits_is_not_counted),
        WITH_MEMORY(settle_without_need_or_route_changes_nothing),
        WITH_MEMORY(a_plan_may_be_freed_in_its_own_callback),
        WITH_MEMORY(a_callback_may_report_rows_of_other_plans),
        WITH_MEMORY(no_plan_is_an_empty_one),
        WITH_MEMORY(running_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
