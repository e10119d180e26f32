#include "delivery.h"

typedef struct fixture {
    lambdest_memory *memory;
    lambdest_router *router;
} fixture;

static void begin(fixture *f, support_memory *m, const lambdest_options *options)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;

    assert_int_equal(lambdest_memory_new(options, &f->memory, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(lambdest_memory_sink(f->memory, &sink), LAMBDEST_OK);
    f->router = new_router(m);
    add(f->router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE | LAMBDEST_ON_INDETERMINATE, "memory", &sink);
}

static void end(fixture *f)
{
    lambdest_router_free(f->router);
    lambdest_memory_free(f->memory);
}

static lambdest_plan *deliver(fixture *f, support_memory *m, const char *text, int outcome)
{
    lambdest_envelope *env = parse_text(m, text);
    lambdest_plan *plan;

    lambdest_router_dispatch(f->router, env, outcome, &plan, NULL);
    assert_int_equal(lambdest_plan_count(plan), 1);
    /* A sink that kept what it was lent would read freed memory later. */
    lambdest_envelope_free(env);
    return plan;
}

static int verdict_for(fixture *f, support_memory *m, const char *text, int outcome)
{
    lambdest_plan *plan = deliver(f, m, text, outcome);
    int verdict = verdict_of(plan, 0);

    lambdest_plan_free(plan);
    return verdict;
}

static void expect_found(const fixture *f, size_t from, int outcome, const char *id, int code, size_t index)
{
    size_t at = 99;

    assert_int_equal(lambdest_memory_find(f->memory, from, outcome, id, id ? strlen(id) : 0, &at), code);
    assert_int_equal(at, index);
}

static void what_was_delivered_is_kept_in_order(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    const lambdest_envelope *env;
    fixture f;

    options.flags = LAMBDEST_BORROW;
    begin(&f, m, &options);
    assert_int_equal(lambdest_memory_count(f.memory), 0);
    assert_null(lambdest_memory_at(f.memory, 0));
    assert_int_equal(verdict_for(&f, m, SUCCESS_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_for(&f, m, FAILURE_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_for(&f, m, UNCLEAR_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_for(&f, m, SUCCESS_TEXT, LAMBDEST_FAILURE), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(lambdest_memory_count(f.memory), 4);
    env = lambdest_memory_at(f.memory, 1);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, NULL), "no stock");
    assert_null(lambdest_memory_at(f.memory, 4));

    expect_found(&f, 0, 0, NULL, LAMBDEST_OK, 0);
    expect_found(&f, 3, 0, NULL, LAMBDEST_OK, 3);
    expect_found(&f, 4, 0, NULL, LAMBDEST_E_ABSENT, 0);
    expect_found(&f, SIZE_MAX, 0, NULL, LAMBDEST_E_ABSENT, 0);
    expect_found(&f, 0, LAMBDEST_FAILURE, NULL, LAMBDEST_OK, 1);
    expect_found(&f, 2, LAMBDEST_FAILURE, NULL, LAMBDEST_OK, 3);
    expect_found(&f, 0, LAMBDEST_INDETERMINATE, NULL, LAMBDEST_OK, 2);
    expect_found(&f, 0, 0, "r-2", LAMBDEST_OK, 1);
    expect_found(&f, 0, LAMBDEST_SUCCESS, "r-2", LAMBDEST_E_ABSENT, 0);
    expect_found(&f, 1, 0, "r-1", LAMBDEST_OK, 3);
    expect_found(&f, 0, 0, "r", LAMBDEST_E_ABSENT, 0);
    expect_found(&f, 0, 0, "", LAMBDEST_E_ABSENT, 0);
    expect_found(&f, 0, 0, "r-9", LAMBDEST_E_ABSENT, 0);
    assert_int_equal(verdict_for(&f, m, "{\"requestPayload\":1,\"responsePayload\":2}", LAMBDEST_SUCCESS),
                     LAMBDEST_VERDICT_DELIVERED);
    expect_found(&f, 4, 0, "r-1", LAMBDEST_E_ABSENT, 0);
    expect_found(&f, 4, 0, "", LAMBDEST_E_ABSENT, 0);
    end(&f);
}

static void a_full_memory_rejects_and_keeps(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_plan *plan;
    fixture f;

    options.max_items = 2;
    begin(&f, m, &options);
    assert_int_equal(verdict_for(&f, m, SUCCESS_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_for(&f, m, FAILURE_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    plan = deliver(&f, m, UNCLEAR_TEXT, 0);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_REJECTED);
    assert_string_equal(detail_of(plan, 0), "full");
    assert_int_equal(detail_len(plan, 0), 4);
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_memory_count(f.memory), 2);
    expect_found(&f, 0, 0, "r-1", LAMBDEST_OK, 0);
    assert_int_equal(lambdest_memory_clear(f.memory), LAMBDEST_OK);
    assert_int_equal(lambdest_memory_count(f.memory), 0);
    assert_null(lambdest_memory_at(f.memory, 0));
    assert_int_equal(verdict_for(&f, m, UNCLEAR_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(lambdest_memory_count(f.memory), 1);
    end(&f);
}

static void what_is_over_its_limits_is_told(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_plan *plan;
    fixture f;

    options.max_bytes = sizeof SUCCESS_TEXT - 2;
    begin(&f, m, &options);
    assert_int_equal(verdict_for(&f, m, SUCCESS_TEXT, 0), LAMBDEST_VERDICT_TOO_BIG);
    end(&f);
    options.max_bytes = 0;
    options.max_depth = 1;
    begin(&f, m, &options);
    plan = deliver(&f, m, "{\"requestContext\":{\"condition\":\"Success\"},\"requestPayload\":[[1]]}", 0);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_REJECTED);
    assert_string_equal(detail_of(plan, 0), "nested too deeply");
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_memory_count(f.memory), 0);
    end(&f);
}

static void a_body_that_is_no_envelope_is_rejected(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_memory *memory;
    lambdest_router *router = new_router(m);
    lambdest_plan *plan;

    assert_int_equal(lambdest_memory_new(&options, &memory, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_memory_sink(memory, &sink), LAMBDEST_OK);
    sink.target = LAMBDEST_TARGET_EVENTBRIDGE;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_REJECTED);
    assert_int_equal(lambdest_memory_count(memory), 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_memory_free(memory);
    lambdest_envelope_free(env);
}

static void arguments_are_checked(void **state)
{
    lambdest_options options = {.size = 1};
    lambdest_memory *memory = *state;
    lambdest_sink sink = {.size = 1};
    lambdest_error err;
    size_t at = 9;

    assert_int_equal(lambdest_memory_new(NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_memory_new(&options, &memory, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    assert_null(memory);
    assert_int_equal(lambdest_memory_new(NULL, &memory, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_memory_sink(memory, &sink), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_sink(memory, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_sink(NULL, &sink), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_count(NULL), 0);
    assert_null(lambdest_memory_at(NULL, 0));
    assert_int_equal(lambdest_memory_clear(NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_find(NULL, 0, 0, NULL, 0, &at), LAMBDEST_E_INVAL);
    assert_int_equal(at, 0);
    assert_int_equal(lambdest_memory_find(memory, 0, 0, NULL, 0, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_find(memory, 0, 7, NULL, 0, &at), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_find(memory, 0, LAMBDEST_CAUSE_RAISED, NULL, 0, &at), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_memory_find(memory, 0, 0, NULL, 1, &at), LAMBDEST_E_INVAL);
    lambdest_memory_free(memory);
    lambdest_memory_free(NULL);
}

/* ---- memory of the memory ---- */

typedef struct greedy {
    support_memory *m;
    lambdest_memory *memory;
    int clear;
} greedy;

static void *clearing_alloc(void *ctx, size_t size)
{
    greedy *g = ctx;

    g->clear = g->memory ? lambdest_memory_clear(g->memory) : 1;
    return g->m->alloc.alloc(g->m->alloc.ctx, size);
}

static void *clearing_resize(void *ctx, void *old, size_t old_size, size_t size)
{
    greedy *g = ctx;

    return g->m->alloc.resize(g->m->alloc.ctx, old, old_size, size);
}

static void clearing_release(void *ctx, void *old, size_t size)
{
    greedy *g = ctx;

    g->m->alloc.release(g->m->alloc.ctx, old, size);
}

static void it_is_not_cleared_while_it_takes(void **state)
{
    support_memory *m = *state;
    greedy g = {.m = m};
    lambdest_alloc alloc = {clearing_alloc, clearing_resize, clearing_release, &g};
    lambdest_options options = {.size = sizeof options};
    fixture f;

    options.alloc = &alloc;
    begin(&f, m, &options);
    g.memory = f.memory;
    assert_int_equal(verdict_for(&f, m, SUCCESS_TEXT, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(g.clear, LAMBDEST_E_BUSY);
    assert_int_equal(lambdest_memory_count(f.memory), 1);
    g.memory = NULL;
    end(&f);
}

static int keep_many(support_memory *m, void *arg)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_memory *memory = NULL;
    lambdest_router *router = arg;
    lambdest_envelope *env = NULL;
    lambdest_plan *plan = NULL;
    size_t i, kept = 0;
    lambdest_error err;
    int rc = lambdest_memory_new(&options, &memory, &err);

    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    else
        rc = lambdest_router_new(&options, &router, NULL);
    if (!rc)
        rc = lambdest_memory_sink(memory, &sink);
    if (!rc)
        rc = lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS, "a", 1, &sink, NULL);
    if (!rc)
        rc = lambdest_envelope_parse(TEXT(SUCCESS_TEXT), &options, &env, NULL);
    for (i = 0; i < 20 && !rc; i++) {
        rc = lambdest_router_dispatch(router, env, 0, &plan, NULL);
        if (rc == LAMBDEST_E_PARTIAL) {
            assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
            assert_string_equal(detail_of(plan, 0), "no memory");
            rc = LAMBDEST_E_NOMEM;
        }
        kept += rc ? 0 : 1;
        assert_int_equal(lambdest_memory_count(memory), kept);
        lambdest_plan_free(plan);
        plan = NULL;
    }
    lambdest_envelope_free(env);
    lambdest_router_free(router);
    lambdest_memory_free(memory);
    return rc;
}

static void a_failed_allocation_is_a_retry(void **state)
{
    support_exhaust(*state, keep_many, NULL);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(what_was_delivered_is_kept_in_order),
        WITH_MEMORY(a_full_memory_rejects_and_keeps),
        WITH_MEMORY(what_is_over_its_limits_is_told),
        WITH_MEMORY(a_body_that_is_no_envelope_is_rejected),
        WITH_MEMORY(arguments_are_checked),
        WITH_MEMORY(it_is_not_cleared_while_it_takes),
        WITH_MEMORY(a_failed_allocation_is_a_retry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
