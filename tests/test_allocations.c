#include "support.h"

#include <lambdest.h>
#include <stdlib.h>
#include <string.h>

/* How often memory is asked for: promises of the headers and of the README's table. */

static const char event[] = "{\"Records\":[{\"body\":\"{\\\"order\\\":44}\",\"n\":[1,2.5,-3e2,null]}]}";
static const char error_text[] =
    "{\"errorMessage\":\"no such order\",\"errorType\":\"OrderError\",\"stackTrace\":[\"a\","
    "\"b \\\"c\\\"\",{\"path\":\"x\"}]}";

static lambdest_options options_of(support_memory *m, uint32_t flags)
{
    lambdest_options options = {sizeof options, flags, 0, 0, 0, 0, &m->alloc, NULL};

    return options;
}

static void set(lambdest_envelope *env, int member, const char *text)
{
    assert_int_equal(lambdest_envelope_set_text(env, member, text, strlen(text), NULL), LAMBDEST_OK);
}

/* Everything a failure's record has, with a payload of `len` bytes. */
static lambdest_envelope *build(support_memory *m, uint32_t flags, const char *payload, size_t len)
{
    lambdest_options options = options_of(m, flags);
    lambdest_envelope *env;

    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    set(env, LAMBDEST_REQUEST_ID, "e4b46cbf-b738-xmpl-8880-a18cdf61200e");
    set(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST");
    set(env, LAMBDEST_CONDITION, "RetriesExhausted");
    set(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    assert_int_equal(lambdest_envelope_set_integer(env, LAMBDEST_TIMESTAMP_MS, 1573755365568, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_integer(env, LAMBDEST_INVOKE_COUNT, 3, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, payload, len, NULL),
                     LAMBDEST_OK);
    assert_int_equal(
        lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, error_text, sizeof error_text - 1, NULL),
        LAMBDEST_OK);
    return env;
}

static char *large_payload(size_t len)
{
    char *text = malloc(len);

    assert_non_null(text);
    memset(text, 'x', len);
    text[0] = text[len - 1] = '"';
    return text;
}

static void building_takes_one_and_a_large_copied_payload_one_more(void **state)
{
    support_memory *m = *state;
    char *large = large_payload(100000);
    lambdest_envelope *env = build(m, LAMBDEST_BORROW, event, sizeof event - 1);

    assert_int_equal(m->calls, 1);
    lambdest_envelope_free(env);
    m->calls = 0;
    env = build(m, LAMBDEST_BORROW, large, 100000);
    assert_int_equal(m->calls, 1);
    lambdest_envelope_free(env);
    m->calls = 0;
    env = build(m, 0, event, sizeof event - 1);
    assert_int_equal(m->calls, 1);
    lambdest_envelope_free(env);
    m->calls = 0;
    env = build(m, 0, large, 100000);
    assert_int_equal(m->calls, 2);
    lambdest_envelope_free(env);
    free(large);
}

static void parsing_takes_one(void **state)
{
    support_memory *m = *state;
    uint32_t flags;
    lambdest_envelope *env = build(m, 0, event, sizeof event - 1);
    size_t len;
    char *text;

    assert_int_equal(lambdest_envelope_write_alloc(env, 0, 0, &text, &len, NULL), LAMBDEST_OK);
    lambdest_envelope_free(env);
    for (flags = 0; flags <= LAMBDEST_BORROW; flags++) {
        lambdest_options options = options_of(m, flags);

        m->calls = 0;
        assert_int_equal(lambdest_envelope_parse(text, len, &options, &env, NULL), LAMBDEST_OK);
        assert_int_equal(m->calls, 1);
        assert_int_equal(lambdest_envelope_frame_count(env), 3);
        lambdest_envelope_free(env);
    }
    lambdest_free(text);
}

static void writing_and_reading_take_none(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = build(m, 0, event, sizeof event - 1);
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need, count;
    char buf[4096], *text;
    int form;

    m->calls = 0;
    for (form = LAMBDEST_RECORD; form <= LAMBDEST_DOCUMENT; form++) {
        assert_int_equal(lambdest_envelope_write(env, form, 0, NULL, 0, &need, NULL), LAMBDEST_E_NOSPC);
        assert_int_equal(lambdest_envelope_write(env, form, 0, buf, sizeof buf, &need, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_write(env, form, LAMBDEST_COMPACT, buf, need + 1, &need, NULL),
                         LAMBDEST_OK);
        assert_int_equal(
            lambdest_envelope_write_parts(env, form, 0, buf, sizeof buf, &need, parts, &count, NULL),
            LAMBDEST_OK);
    }
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_FAILURE);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_RAISED);
    assert_int_equal(lambdest_envelope_contradictory(env), 0);
    assert_non_null(lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL));
    assert_int_equal(lambdest_runtime_error_type(env, buf, sizeof buf, &need), LAMBDEST_OK);
    assert_int_equal(lambdest_runtime_error_body(env, sizeof buf, buf, sizeof buf, &need), LAMBDEST_OK);
    assert_int_equal(m->calls, 0);
    assert_int_equal(lambdest_envelope_write_alloc(env, 0, 0, &text, NULL, NULL), LAMBDEST_OK);
    assert_int_equal(m->calls, 1);
    lambdest_free(text);
    lambdest_envelope_free(env);
}

/* The same of parts, which together are what a write gives. */
static void expect_same_parts(const lambdest_envelope *env, int form, uint32_t flags, const char *wide,
                              size_t wide_len)
{
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need, len, count, cap, i, at, wrong = 0;
    char *tight;

    (void)lambdest_envelope_write_parts(env, form, flags, NULL, 0, &len, NULL, &count, NULL);
    for (cap = 0; cap<len + 2200; cap += cap> len ? 17 : 1) {
        int rc;

        tight = malloc(cap + 1);
        assert_non_null(tight);
        memset(tight, 0x55, cap + 1);
        rc = lambdest_envelope_write_parts(env, form, flags, tight, cap, &need, parts, &count, NULL);
        wrong += need != len || rc != (cap > len ? LAMBDEST_OK : LAMBDEST_E_NOSPC);
        for (i = rc ? 0 : len + 1; i <= cap; i++)
            wrong += tight[i] != 0x55;
        for (i = at = 0; !rc && i < count; at += parts[i++].len)
            wrong += at + parts[i].len > wide_len || memcmp(wide + at, parts[i].data, parts[i].len);
        wrong += !rc && at != wide_len;
        free(tight);
    }
    assert_int_equal(wrong, 0);
}

/* A buffer with room to spare is written in one pass, for another it is measured first: the bytes are the
 * same, and a buffer that is too small by one byte or by many is not touched. */
static void expect_same_in_every_buffer(const lambdest_envelope *env, int form, uint32_t flags)
{
    char wide[8192], *tight;
    size_t need, len, cap, i, changed = 0;

    assert_int_equal(lambdest_envelope_write(env, form, flags, wide, sizeof wide, &len, NULL), LAMBDEST_OK);
    for (cap = 0; cap<len + 2200; cap += cap> len ? 17 : cap + 100 > len ? 1 : 23) {
        int rc;

        tight = malloc(cap + 1);
        assert_non_null(tight);
        memset(tight, 0x55, cap + 1);
        rc = lambdest_envelope_write(env, form, flags, tight, cap, &need, NULL);
        assert_int_equal(need, len);
        assert_int_equal(rc, cap > len ? LAMBDEST_OK : LAMBDEST_E_NOSPC);
        if (rc == LAMBDEST_OK)
            support_expect_bytes(tight, len + 1, wide, len + 1);
        for (i = rc ? 0 : len + 1; i <= cap; i++)
            changed += tight[i] != 0x55;
        free(tight);
    }
    assert_int_equal(changed, 0);
    expect_same_parts(env, form, flags, wide, len);
}

static void room_to_spare_changes_nothing(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = build(m, 0, event, sizeof event - 1), *parsed;
    static const char controls[] = "\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2\3\4\5\6\7";
    size_t len;
    uint32_t flags;
    char *text;
    int form, round;

    for (round = 0; round < 3; round++) {
        assert_int_equal(lambdest_envelope_write_alloc(env, 0, 0, &text, &len, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_parse(text, len, NULL, &parsed, NULL), LAMBDEST_OK);
        for (form = LAMBDEST_RECORD; form <= LAMBDEST_CLOUDEVENT; form++)
            for (flags = 0; flags < 4; flags++) {
                expect_same_in_every_buffer(env, form, flags);
                expect_same_in_every_buffer(parsed, form, flags);
            }
        lambdest_envelope_free(parsed);
        lambdest_free(text);
        /* Then what makes it longest: texts that grow, the error twice, every member there is. */
        if (round == 0) {
            set(env, LAMBDEST_CONDITION, controls);
            set(env, LAMBDEST_REQUEST_ID, controls);
            set(env, LAMBDEST_EXECUTED_VERSION, controls);
            set(env, LAMBDEST_RECORD_VERSION, controls);
        } else {
            static const char object[] = "{\"a\":[1, 2, \"three\"]}";
            size_t n = sizeof object - 1;

            assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, object, n, NULL), LAMBDEST_OK);
            assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_DELIVERY_ERROR, object, n, NULL),
                             LAMBDEST_OK);
            assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_TIME_WINDOW_INFO, object, n, NULL),
                             LAMBDEST_OK);
            assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_BATCH_PAYLOAD, object, n, NULL),
                             LAMBDEST_OK);
            assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, object, n, NULL),
                             LAMBDEST_OK);
            assert_int_equal(
                lambdest_envelope_set_state(env, LAMBDEST_INVOCATION_ERROR, LAMBDEST_ABSENT, NULL),
                LAMBDEST_OK);
        }
    }
    lambdest_envelope_free(env);
}

static void report_delivered(lambdest_delivery *row, void *user_data)
{
    (void)user_data;
    (void)lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, "taken", 5);
}

/* What making and running a plan for so many sinks, of three forms, asks for. */
static int allocations_of_a_plan(support_memory *m, const lambdest_envelope *env, size_t sinks)
{
    lambdest_options options = options_of(m, 0);
    lambdest_router *router;
    lambdest_plan *plan;
    lambdest_sink sink;
    int calls;
    size_t i;

    assert_int_equal(lambdest_router_new(&options, &router, NULL), LAMBDEST_OK);
    memset(&sink, 0, sizeof sink);
    sink.size = sizeof sink;
    sink.deliver = report_delivered;
    for (i = 0; i < sinks; i++) {
        char name[] = {(char)('A' + i), '\0'};

        sink.form = (uint32_t)(LAMBDEST_RECORD + (int)(i % 3));
        assert_int_equal(lambdest_router_add_sink(router, LAMBDEST_ON_FAILURE, name, 1, &sink, NULL),
                         LAMBDEST_OK);
    }
    m->calls = 0;
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
    calls = (int)m->calls;
    assert_int_equal(lambdest_plan_count(plan), sinks);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    return calls;
}

static void a_plan_takes_as_many_for_one_sink_as_for_many(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = build(m, 0, event, sizeof event - 1);
    int one = allocations_of_a_plan(m, env, 1);

    assert_int_equal(allocations_of_a_plan(m, env, 4), one);
    assert_int_equal(allocations_of_a_plan(m, env, 26), one);
    assert_in_range(one, 1, 3);
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(building_takes_one_and_a_large_copied_payload_one_more, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(parsing_takes_one, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(writing_and_reading_take_none, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_plan_takes_as_many_for_one_sink_as_for_many, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(room_to_spare_changes_nothing, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
