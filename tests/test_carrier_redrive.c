#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lambdest_envelope *parsed(const char *text)
{
    lambdest_envelope *env;

    assert_int_equal(lambdest_envelope_parse(text, strlen(text), NULL, &env, NULL), LAMBDEST_OK);
    return env;
}

/* expected NULL: the code. */
static void expect_event(const char *text, const char *expected, int code)
{
    lambdest_envelope *env = parsed(text);
    char *out = (char *)env;
    size_t len = 1;

    assert_int_equal(lambdest_redrive(env, &out, &len), code);
    if (expected) {
        support_expect_bytes(out, len, expected, strlen(expected));
        assert_int_equal(out[len], 0);
    } else {
        assert_null(out);
        assert_int_equal(len, 0);
    }
    lambdest_free(out);
    lambdest_envelope_free(env);
}

static void gives_the_event_byte_for_byte(void **state)
{
    (void)state;
    expect_event("{\"requestPayload\": {\"a\" :1e+21,\"a\":\"\\ud83d\"}\n}",
                 "{\"a\" :1e+21,\"a\":\"\\ud83d\"}", LAMBDEST_OK);
    expect_event("{\"requestPayload\":null}", "null", LAMBDEST_OK);
    expect_event("{\"requestPayload\":\"{}\"}", "\"{}\"", LAMBDEST_OK);
    expect_event("{\"invocationId\":\"i\",\"invocationRequest\":{\"event\":[ 1 ]}}", "[ 1 ]", LAMBDEST_OK);
    expect_event("{\"responsePayload\":1}", NULL, LAMBDEST_E_ABSENT);
}

static void takes_a_batch_out_of_its_string(void **state)
{
    (void)state;
    expect_event("{\"KinesisBatchInfo\":{},\"payload\":\"{\\\"Records\\\":[\\\"\\\\n\\u00e9\\\"]}\"}",
                 "{\"Records\":[\"\\n\xC3\xA9\"]}", LAMBDEST_OK);
    expect_event("{\"KafkaBatchInfo\":{},\"payload\": {\"records\":{}} }", "{\"records\":{}}", LAMBDEST_OK);
    expect_event("{\"KafkaBatchInfo\":{}}", NULL, LAMBDEST_E_ABSENT);
    expect_event("{\"KafkaBatchInfo\":{},\"payload\":null}", NULL, LAMBDEST_E_ABSENT);
    expect_event("{\"KafkaBatchInfo\":{},\"payload\":\"no JSON\"}", NULL, LAMBDEST_E_SCHEMA);
    expect_event("{\"KafkaBatchInfo\":{},\"payload\":\"\\\"\\ud83d\\\"\"}", NULL, LAMBDEST_E_UTF8);
    expect_event("{\"KafkaBatchInfo\":{},\"requestPayload\":1}", NULL, LAMBDEST_E_ABSENT);
}

static void refuses_null(void **state)
{
    lambdest_envelope *env = parsed("{\"requestPayload\":1}");
    char *out = (char *)state;
    size_t len = 1;

    assert_int_equal(lambdest_redrive(NULL, &out, &len), LAMBDEST_E_INVAL);
    assert_null(out);
    assert_int_equal(len, 0);
    assert_int_equal(lambdest_redrive(env, NULL, &len), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_redrive(env, &out, NULL), LAMBDEST_OK);
    lambdest_free(out);
    lambdest_envelope_free(env);
}

static void every_record_says_what_to_invoke(void **state)
{
    static const char *const files[] = {"kinesis-s3-with-payload", "dynamodb-s3-with-payload",
                                        "kafka-topic-with-payload", "kafka-s3-with-payload",
                                        "async-failure-timeout"};
    size_t i, len;

    (void)state;
    for (i = 0; i < sizeof files / sizeof files[0]; i++) {
        lambdest_envelope *env;
        char path[128], *text, *out;

        sprintf(path, "tests/records/%s.json", files[i]);
        text = support_load(path, &len);
        assert_int_equal(lambdest_envelope_parse(text, len, NULL, &env, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_redrive(env, &out, &len), LAMBDEST_OK);
        assert_int_equal(support_jansson(out, len), SUPPORT_VALID);
        assert_int_equal(*out, '{');
        lambdest_free(out);
        lambdest_envelope_free(env);
        free(text);
    }
}

static int attempt(support_memory *m, void *arg)
{
    lambdest_options options = {0};
    lambdest_envelope *env;
    char *out;
    int rc;

    options.size = sizeof options;
    options.alloc = &m->alloc;
    rc = lambdest_envelope_parse(arg, strlen(arg), &options, &env, NULL);
    if (rc)
        return rc;
    rc = lambdest_redrive(env, &out, NULL);
    lambdest_free(out);
    lambdest_envelope_free(env);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    char one[] = "{\"requestPayload\":1}", two[] = "{\"KafkaBatchInfo\":{},\"payload\":\"{}\"}";

    support_exhaust(*state, attempt, one);
    support_exhaust(*state, attempt, two);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_event_byte_for_byte),
        cmocka_unit_test(takes_a_batch_out_of_its_string),
        cmocka_unit_test(refuses_null),
        cmocka_unit_test(every_record_says_what_to_invoke),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
