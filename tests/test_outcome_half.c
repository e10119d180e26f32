/* The response half: put whole, in place of all that was concluded before, or not at all. */
#include "support_envelope.h"

#include "outcome/half.h"

#include <lambdest/outcome.h>
#include <stdlib.h>
#include <string.h>

static void emit_long(lambdest__emit *e, const void *data)
{
    size_t i;

    (void)data;
    lambdest__emit_raw(e, "\"", 1);
    for (i = 0; i < 3000; i++)
        lambdest__emit_raw(e, "x", 1);
    lambdest__emit_raw(e, "\"", 1);
}

static lambdest_envelope *make(support_memory *m)
{
    static const char record[] =
        "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:11.002Z\",\"requestContext\":{\"requestId\":"
        "\"r\","
        "\"functionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:f:live\",\"condition\":\"Success\","
        "\"approximateInvokeCount\":2},\"requestPayload\":1,\"responseContext\":{\"statusCode\":200,"
        "\"executedVersion\":\"7\"},\"responsePayload\":2,\"more\":3}";
    lambdest_options options = {.size = sizeof options, .alloc = &m->alloc};
    lambdest_envelope *env;

    if (lambdest_envelope_parse(record, sizeof record - 1, &options, &env, NULL))
        return NULL;
    return env;
}

static void is_record(const lambdest_envelope *env, const char *expected)
{
    char record[8192];
    size_t len;

    assert_int_equal(lambdest_envelope_write(env, 0, 0, record, sizeof record, &len, NULL), LAMBDEST_OK);
    support_expect_bytes(record, len, expected, strlen(expected));
}

static void all_is_replaced(void **state)
{
    static const unsigned char error[] = " {\"errorType\":\"T\"}";
    lambdest_envelope *env = make(*state);
    lambdest__half half = {.status = 200, .ran = HALF_RAN, .function_error = "Unhandled"};
    lambdest_error err;

    half.error.raw.data = error;
    half.error.raw.len = sizeof error - 1;
    half.error.value.data = error + 1;
    half.error.value.len = sizeof error - 2;
    half.error.copy = true;
    assert_int_equal(lambdest__half_put(env, &half, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    is_record(env, "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"r\","
                   "\"functionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:f:live\"},"
                   "\"requestPayload\":1,\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"7\","
                   "\"functionError\":\"Unhandled\"},\"responsePayload\": {\"errorType\":\"T\"},\"more\":3}");
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL), "T");
    memset(&half, 0, sizeof half);
    half.condition = LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY;
    assert_int_equal(lambdest__half_put(env, &half, NULL), LAMBDEST_OK);
    is_record(env, "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"r\","
                   "\"functionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:f:live\","
                   "\"condition\":\"ZeroReservedConcurrency\"},\"requestPayload\":1,\"more\":3}");
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT), LAMBDEST_ABSENT);
    lambdest_envelope_free(env);
}

static int try_put(support_memory *m, void *arg)
{
    lambdest__half half = {.status = 200, .ran = HALF_RAN, .function_error = "Unhandled"};
    lambdest_envelope *env = make(m);
    char before[1024], after[8192];
    size_t before_len, after_len, len;
    int rc;

    (void)arg;
    if (!env)
        return LAMBDEST_E_NOMEM;
    rc = support_fill(m, env);
    if (rc) {
        lambdest_envelope_free(env);
        return rc;
    }
    half.condition = LAMBDEST_CONDITION_RETRIES_EXHAUSTED;
    half.error.emit = emit_long;
    half.payload.emit = emit_long;
    half.delivery_error.emit = emit_long;
    assert_int_equal(lambdest_envelope_write(env, 0, 0, before, sizeof before, &before_len, NULL),
                     LAMBDEST_OK);
    rc = lambdest__half_put(env, &half, NULL);
    if (rc) {
        assert_int_equal(lambdest_envelope_write(env, 0, 0, after, sizeof after, &after_len, NULL),
                         LAMBDEST_OK);
        support_expect_bytes(after, after_len, before, before_len);
        assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_SUCCESS);
    } else {
        assert_non_null(lambdest_envelope_json(env, LAMBDEST_INVOCATION_ERROR, &len));
        assert_int_equal(len, 3002);
    }
    lambdest_envelope_free(env);
    return rc;
}

static void no_memory(void **state)
{
    support_exhaust(*state, try_put, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {TEST(all_is_replaced), TEST(no_memory)};

    return cmocka_run_group_tests_name("outcome/half", tests, NULL, NULL);
}
