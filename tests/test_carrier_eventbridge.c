#include "delivery.h"

#include "carrier/eventbridge.h"

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:orders"
#define BUS "arn:aws:events:eu-west-1:111122223333:event-bus/my-bus"

static lambdest__span span_of(const char *text)
{
    lambdest__span span = {(const unsigned char *)text, strlen(text)};

    return span;
}

static void expect_entry(const lambdest__entry_facts *facts, const char *detail, const char *expected)
{
    size_t len = lambdest__entry_length(facts, span_of(detail));
    char *out = malloc(len + 1);

    assert_non_null(out);
    assert_int_equal(lambdest__entry_write(facts, span_of(detail), (unsigned char *)out), len);
    support_expect_bytes(out, len, expected, strlen(expected));
    assert_int_equal(support_jansson(out, len), SUPPORT_VALID);
    free(out);
}

static void an_entry_says_what_lambda_says(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest__entry_facts facts;

    lambdest__entry_facts_read(env, LAMBDEST_SUCCESS, &facts);
    facts.bus_arn = span_of(BUS);
    /* 2026-03-02T09:14:07Z is 1772442847 seconds after 1970. */
    expect_entry(&facts, "{\"a\":\"b\\n\"}",
                 "{\"Time\":1772442847,\"Source\":\"lambda\",\"Resources\":[\"" BUS "\",\"" ARN ":$LATEST\"],"
                 "\"DetailType\":\"Lambda Function Invocation Result - Success\","
                 "\"Detail\":\"{\\\"a\\\":\\\"b\\\\n\\\"}\",\"EventBusName\":\"" BUS "\"}");
    assert_int_equal(lambdest__entry_counted(&facts, 9),
                     14 + 6 + strlen("Lambda Function Invocation Result - Success") + 9 + strlen(BUS) +
                         strlen(ARN ":$LATEST"));
    lambdest_envelope_free(env);
}

static void an_unqualified_function_is_latest(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, "{\"requestContext\":{\"functionArn\":\"" ARN "\"},"
                                           "\"requestPayload\":1}");
    lambdest__entry_facts facts;

    lambdest__entry_facts_read(env, LAMBDEST_FAILURE, &facts);
    expect_entry(&facts, "{}",
                 "{\"Source\":\"lambda\",\"Resources\":[\"" ARN ":$LATEST\"],"
                 "\"DetailType\":\"Lambda Function Invocation Result - Failure\",\"Detail\":\"{}\"}");
    assert_int_equal(lambdest__entry_counted(&facts, 2),
                     6 + strlen("Lambda Function Invocation Result - Failure") + 2 + strlen(ARN ":$LATEST"));
    lambdest_envelope_free(env);
}

static void what_is_not_known_is_left_out(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, UNCLEAR_TEXT);
    lambdest__entry_facts facts;

    lambdest__entry_facts_read(env, LAMBDEST_INDETERMINATE, &facts);
    expect_entry(
        &facts, "{}",
        "{\"Source\":\"lambda\",\"DetailType\":\"Lambda Function Invocation Result - Indeterminate\","
        "\"Detail\":\"{}\"}");
    lambdest_envelope_free(env);
}

static void an_arn_that_is_none_stays_a_string(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env =
        parse_text(m, "{\"requestContext\":{\"functionArn\":\"a\\\"b\"},\"requestPayload\":1}");
    lambdest__entry_facts facts;

    lambdest__entry_facts_read(env, LAMBDEST_SUCCESS, &facts);
    expect_entry(&facts, "{}",
                 "{\"Source\":\"lambda\",\"Resources\":[\"a\\\"b\"],"
                 "\"DetailType\":\"Lambda Function Invocation Result - Success\",\"Detail\":\"{}\"}");
    lambdest_envelope_free(env);
}

static void a_batch_record_keeps_its_arn(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, "{\"requestContext\":{\"functionArn\":\"" ARN "\",\"condition\":"
                                           "\"RetryAttemptsExhausted\"},\"KinesisBatchInfo\":{}}");
    lambdest__entry_facts facts;

    lambdest__entry_facts_read(env, LAMBDEST_FAILURE, &facts);
    assert_false(facts.add_latest);
    lambdest_envelope_free(env);
}

static void a_time_before_1970_is_cut_down(void **state)
{
    lambdest__entry_facts facts = {0};

    (void)state;
    facts.has_time = true;
    facts.outcome = LAMBDEST_SUCCESS;
    facts.time_ms = -1;
    expect_entry(&facts, "1",
                 "{\"Time\":-1,\"Source\":\"lambda\",\"DetailType\":\"Lambda Function Invocation Result - "
                 "Success\",\"Detail\":\"1\"}");
    facts.time_ms = -1000;
    expect_entry(&facts, "1",
                 "{\"Time\":-1,\"Source\":\"lambda\",\"DetailType\":\"Lambda Function Invocation Result - "
                 "Success\",\"Detail\":\"1\"}");
}

static void a_size_that_does_not_fit_is_the_largest(void **state)
{
    lambdest__entry_facts facts = {0};

    (void)state;
    assert_int_equal(lambdest__entry_counted(&facts, SIZE_MAX - 10), SIZE_MAX);
    facts.function_arn.len = SIZE_MAX - 200;
    assert_int_equal(lambdest__entry_counted(&facts, 300), SIZE_MAX);
    facts.function_arn.len = 0;
    facts.bus_arn.len = SIZE_MAX - 100;
    assert_int_equal(lambdest__entry_counted(&facts, 100), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_entry_says_what_lambda_says, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(an_unqualified_function_is_latest, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_left_out, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(an_arn_that_is_none_stays_a_string, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_batch_record_keeps_its_arn, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_time_before_1970_is_cut_down, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_size_that_does_not_fit_is_the_largest, support_setup,
                                        support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
