#include "delivery.h"

#include "delivery/router.h"

#include <lambdest/outcome.h>

static int try_add(lambdest_router *router, uint32_t when, const char *name, const lambdest_sink *sink,
                   lambdest_error *err)
{
    return lambdest_router_add_sink(router, when, name, name ? strlen(name) : 0, sink, err);
}

static lambdest_sink plain(void)
{
    lambdest_sink sink = {.size = sizeof sink};

    return sink;
}

static void expect_refused(lambdest_router *router, const lambdest_sink *sink, const char *where)
{
    lambdest_error err;

    assert_int_equal(try_add(router, LAMBDEST_ON_SUCCESS, "new", sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, where);
}

static void each_wrong_member_is_named(void **state)
{
    lambdest_router *router = new_router(*state);
    probe p = {0};
    lambdest_sink sink;

#define REFUSED(member, value, where)                                                                        \
    do {                                                                                                     \
        sink = probe_sink(&p);                                                                               \
        sink.member = (value);                                                                               \
        expect_refused(router, &sink, where);                                                                \
    } while (0)

    REFUSED(size, 0, "sink.size");
    REFUSED(size, sizeof sink - 1, "sink.size");
    REFUSED(target, 1, "sink.target");
    REFUSED(form, LAMBDEST_RECORD - 1, "sink.form");
    REFUSED(form, LAMBDEST_CLOUDEVENT + 1, "sink.form");
    REFUSED(form, LAMBDEST_ASYNC, "sink.form");
    REFUSED(write_flags, 4, "sink.write_flags");
    REFUSED(oversize, 714, "sink.oversize");
    REFUSED(oversize, LAMBDEST_VERDICT_NONE, "sink.oversize");
    REFUSED(oversize, LAMBDEST_OVERSIZE_DROP, "sink.max_bytes");
    REFUSED(oversize, LAMBDEST_OVERSIZE_HAND_ON, "sink.max_bytes");
    REFUSED(only_cause, LAMBDEST_CAUSE_RETURNED - 1, "sink.only_cause");
    REFUSED(only_cause, LAMBDEST_CAUSE_OTHER + 1, "sink.only_cause");
    REFUSED(reserved, &p, "sink.reserved");
    REFUSED(arn_len, 1, "sink.arn");
    REFUSED(only_function_len, 1, "sink.only_function");
    REFUSED(only_condition_len, 1, "sink.only_condition");
    REFUSED(overflow_len, 1, "sink.overflow");
    REFUSED(overflow, "x", "sink.overflow");
#undef REFUSED
    lambdest_router_free(router);
    assert_int_equal(p.destroyed, 0);
    assert_int_equal(p.closed, 0);
}

static void a_name_and_an_outcome_are_needed(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    lambdest_error err;

    assert_int_equal(try_add(router, 0, "a", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "when");
    assert_int_equal(try_add(router, 32, "a", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "when");
    assert_int_equal(try_add(router, 1, NULL, &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
    assert_int_equal(try_add(router, 1, "", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
    assert_int_equal(lambdest_router_add_sink(router, 1, "a\xFFz", 3, &sink, &err), LAMBDEST_E_UTF8);
    support_expect_error(&err, LAMBDEST_E_UTF8, 1, "name");
    assert_int_equal(try_add(router, 1, "a", NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink");
    assert_int_equal(try_add(NULL, 1, "a", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "router");
    add(router, 1, "a", &sink);
    assert_int_equal(try_add(router, 2, "a", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
    lambdest_router_free(router);
}

static void texts_must_be_utf8_and_arns_arns(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    lambdest_error err;

    sink.only_function = "a\xC0";
    sink.only_function_len = 2;
    assert_int_equal(try_add(router, 1, "a", &sink, &err), LAMBDEST_E_UTF8);
    support_expect_error(&err, LAMBDEST_E_UTF8, 1, "sink.only_function");
    sink = plain();
    sink.target = LAMBDEST_TARGET_SQS;
    sink.arn = "arn:aws:sqs:eu-west-1:111122223333:q.fifo";
    sink.arn_len = strlen(sink.arn);
    assert_int_equal(try_add(router, 1, "a", &sink, &err), LAMBDEST_E_UNSUPPORTED);
    support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 0, "sink.arn");
    sink.arn = "arn:aws:sns:eu-west-1:111122223333:t";
    sink.arn_len = strlen(sink.arn);
    assert_int_equal(try_add(router, 1, "a", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink.arn");
    lambdest_router_free(router);
}

static void an_overflow_sink_was_added_before(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    lambdest_error err;

    sink.max_bytes = 10;
    sink.oversize = LAMBDEST_OVERSIZE_HAND_ON;
    assert_int_equal(try_add(router, 1, "small", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink.overflow");
    sink.overflow = "small";
    sink.overflow_len = 5;
    assert_int_equal(try_add(router, 1, "small", &sink, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink.overflow");
    sink.overflow = "large";
    assert_int_equal(try_add(router, 1, "small", &sink, &err), LAMBDEST_E_INVAL);
    sink.oversize = 0;
    sink.overflow = NULL;
    sink.overflow_len = 0;
    add(router, LAMBDEST_ON_OVERFLOW, "large", &sink);
    sink.oversize = LAMBDEST_OVERSIZE_HAND_ON;
    sink.overflow = "large";
    sink.overflow_len = 5;
    add(router, 1, "small", &sink);
    add(router, 1, "smaller", &sink);
    assert_int_equal(router->sinks.overflow_count, 1);
    assert_int_equal(router->sinks.at[1]->overflow, 0);
    assert_int_equal(router->sinks.at[2]->overflow, 0);
    lambdest_router_free(router);
}

static void texts_are_copied(void **state)
{
    lambdest_router *router = new_router(*state);
    char name[] = "name", function[] = "orders", condition[] = "Success";
    char arn[] = "arn:aws:sqs:eu-west-1:111122223333:q";
    lambdest_sink sink = plain();
    const lambdest__route *route;

    sink.target = LAMBDEST_TARGET_SQS;
    sink.arn = arn;
    sink.arn_len = strlen(arn);
    sink.only_function = function;
    sink.only_function_len = strlen(function);
    sink.only_condition = condition;
    sink.only_condition_len = strlen(condition);
    add(router, 3, name, &sink);
    memset(name, 'x', 4);
    memset(arn, 'x', 5);
    memset(function, 'x', 5);
    memset(condition, 'x', 5);
    memset(&sink, 0xEE, sizeof sink);
    route = router->sinks.at[0];
    assert_string_equal(route->name, "name");
    assert_string_equal(route->sink.arn, "arn:aws:sqs:eu-west-1:111122223333:q");
    assert_string_equal(route->sink.only_function, "orders");
    assert_string_equal(route->sink.only_condition, "Success");
    assert_int_equal(route->sink.form, LAMBDEST_RECORD);
    assert_int_equal(route->sink.oversize, LAMBDEST_OVERSIZE_REFUSE);
    lambdest_router_free(router);
}

static void a_longer_sink_with_nothing_new_is_taken(void **state)
{
    lambdest_router *router = new_router(*state);
    struct {
        lambdest_sink sink;
        unsigned char more[8];
    } later = {0};

    later.sink.size = sizeof later;
    add(router, 1, "a", &later.sink);
    later.more[7] = 1;
    assert_int_equal(try_add(router, 1, "b", &later.sink, NULL), LAMBDEST_E_INVAL);
    lambdest_router_free(router);
}

static void a_place_without_a_target_may_be_any(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = {.size = sizeof sink};

    sink.arn = "no ARN";
    sink.arn_len = 6;
    add(router, 1, "no target", &sink);
    sink.target = LAMBDEST_TARGET_PLAIN;
    add(router, 1, "plain", &sink);
    sink.target = LAMBDEST_TARGET_SQS;
    expect_refused(router, &sink, "sink.arn");
    lambdest_router_free(router);
}

static void put_name(char name[8], size_t number)
{
    size_t i;

    for (i = 7; i-- > 0; number /= 10)
        name[i] = (char)('0' + number % 10);
    name[7] = '\0';
}

static void ten_thousand_names_are_told_apart(void **state)
{
    enum {
        COUNT = 10000
    };
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    char name[8];
    size_t i;

    /* 7919 is prime to 10,000: every name once, in no order. */
    for (i = 0; i < COUNT; i++) {
        put_name(name, i * 7919 % COUNT);
        assert_int_equal(try_add(router, 1, name, &sink, NULL), LAMBDEST_OK);
    }
    for (i = 0; i < COUNT; i++) {
        put_name(name, i);
        assert_int_equal(try_add(router, 1, name, &sink, NULL), LAMBDEST_E_INVAL);
        assert_int_equal(router->sinks.at[i]->number, i);
    }
    lambdest_router_free(router);
}

static void names_that_begin_alike_are_told_apart(void **state)
{
    static const char longest[] = "aaaaaaaaaaaaaaaaaaaa";
    static const size_t order[] = {10, 5, 15, 1, 20, 8, 3, 12, 18, 7, 2, 19, 4, 11, 9, 6, 13, 17, 14, 16};
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    size_t i;

    for (i = 0; i < 20; i++)
        assert_int_equal(lambdest_router_add_sink(router, 1, longest, order[i], &sink, NULL), LAMBDEST_OK);
    for (i = 0; i < 20; i++)
        assert_int_equal(lambdest_router_add_sink(router, 1, longest, order[i], &sink, NULL),
                         LAMBDEST_E_INVAL);
    lambdest_router_free(router);
}

static void every_cause_may_be_asked_for(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    char name[2] = "a";
    uint32_t cause;

    for (cause = LAMBDEST_CAUSE_RETURNED; cause <= LAMBDEST_CAUSE_OTHER; cause++, name[0]++) {
        sink.only_cause = cause;
        add(router, 1, name, &sink);
    }
    lambdest_router_free(router);
}

static void sinks_of_one_arn_are_alike(void **state)
{
    static const char *const arns[] = {"b", "a", NULL, "b", NULL, "ab", "a", ""};
    static const uint32_t like[] = {0, 1, 2, 0, 2, 5, 1, 2};
    lambdest_router *router = new_router(*state);
    lambdest_sink sink = plain();
    char name[2] = "a";
    size_t i;

    for (i = 0; i < sizeof arns / sizeof arns[0]; i++, name[0]++) {
        sink.arn = arns[i];
        sink.arn_len = arns[i] ? strlen(arns[i]) : 0;
        add(router, 1, name, &sink);
        assert_int_equal(router->sinks.at[i]->like, like[i]);
    }
    lambdest_router_free(router);
}

static int add_many(support_memory *m, void *arg)
{
    lambdest_options options = options_of(m);
    lambdest_router *router = NULL;
    probe p[20];
    char name[2] = "a";
    size_t i, added = 0;
    lambdest_error err;
    int rc = lambdest_router_new(&options, &router, NULL);

    (void)arg;
    memset(p, 0, sizeof p);
    for (i = 0; i < 20 && !rc; i++, name[0]++) {
        lambdest_sink sink = probe_sink(&p[i]);
        size_t blocks = m->blocks, bytes = m->bytes;

        rc = try_add(router, 1, name, &sink, &err);
        added += rc ? 0 : 1;
        if (rc) {
            support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
            assert_int_equal(m->blocks, blocks);
            assert_int_equal(m->bytes, bytes);
        }
    }
    lambdest_router_free(router);
    for (i = 0; i < 20; i++)
        assert_int_equal(p[i].destroyed, i < added ? 1 : 0);
    return rc;
}

static void a_failed_allocation_leaves_user_data_with_the_caller(void **state)
{
    support_exhaust(*state, add_many, NULL);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(each_wrong_member_is_named),
        WITH_MEMORY(a_name_and_an_outcome_are_needed),
        WITH_MEMORY(texts_must_be_utf8_and_arns_arns),
        WITH_MEMORY(an_overflow_sink_was_added_before),
        WITH_MEMORY(texts_are_copied),
        WITH_MEMORY(a_longer_sink_with_nothing_new_is_taken),
        WITH_MEMORY(a_place_without_a_target_may_be_any),
        WITH_MEMORY(ten_thousand_names_are_told_apart),
        WITH_MEMORY(names_that_begin_alike_are_told_apart),
        WITH_MEMORY(every_cause_may_be_asked_for),
        WITH_MEMORY(sinks_of_one_arn_are_alike),
        WITH_MEMORY(a_failed_allocation_leaves_user_data_with_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
