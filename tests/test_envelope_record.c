#include "support_envelope.h"

#include <stdio.h>

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer"
#define AWS_HEAD                                                                                             \
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:07.318Z\",\"requestContext\":{"                   \
    "\"requestId\":\"0b6f6c0e-51c5-4f0c-9d0b-7c6a51f8a101\",\"functionArn\":\"" ARN

/* What every record has; the time is 2026-03-02T09:14:07.318Z. */
static lambdest_envelope *begun(const char *arn, const char *condition, int64_t count, const char *payload)
{
    lambdest_envelope *env = support_new(NULL, 0);

    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, payload);
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, count);
    support_set_text(env, LAMBDEST_CONDITION, condition);
    support_set_text(env, LAMBDEST_FUNCTION_ARN, arn);
    support_set_text(env, LAMBDEST_REQUEST_ID, "0b6f6c0e-51c5-4f0c-9d0b-7c6a51f8a101");
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772442847318));
    return env;
}

static void expect_and_free(lambdest_envelope *env, const char *expected)
{
    support_expect_record(env, expected);
    support_expect_written(env, 0, 0, expected, strlen(expected));
    lambdest_envelope_free(env);
}

/* Facts, section 1.1, member for member. */
static void builds_a_success(void **state)
{
    lambdest_envelope *env = begun(ARN, "Success", 1, "{\"bucket\":\"b\"}");

    (void)state;
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "{\"made\":2}");
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    expect_and_free(env, AWS_HEAD ":$LATEST\",\"condition\":\"Success\",\"approximateInvokeCount\":1},"
                                  "\"requestPayload\":{\"bucket\":\"b\"},"
                                  "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\"},"
                                  "\"responsePayload\":{\"made\":2}}");
}

/* The byte splice that AWS was seen to do. */
static void pastes_payloads(void **state)
{
    lambdest_envelope *env = begun(ARN ":$LATEST", "Success", 1, " {\"a\" : 1,  \"b\":[ 1,2 ]}\n");

    (void)state;
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "{\"made\": 2}");
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    expect_and_free(env, AWS_HEAD ":$LATEST\",\"condition\":\"Success\",\"approximateInvokeCount\":1},"
                                  "\"requestPayload\": {\"a\" : 1,  \"b\":[ 1,2 ]}\n,"
                                  "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\"},"
                                  "\"responsePayload\":{\"made\": 2}}");
}

static void builds_a_failure(void **state)
{
    lambdest_envelope *env = begun(ARN, "RetriesExhausted", 3, "{}");
    static const lambdest_slice frame = {"  File \"a\", line 1\n", 19};

    (void)state;
    assert_int_equal(
        lambdest_envelope_set_error(env, "ValueError", 10, "Simulated processing error", 26, &frame, 1, NULL),
        LAMBDEST_OK);
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    expect_and_free(env, AWS_HEAD
                    ":$LATEST\",\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3},"
                    "\"requestPayload\":{},\"responseContext\":{\"statusCode\":200,"
                    "\"executedVersion\":\"$LATEST\",\"functionError\":\"Unhandled\"},"
                    "\"responsePayload\":{\"errorMessage\":\"Simulated processing error\","
                    "\"errorType\":\"ValueError\",\"stackTrace\":[\"  File \\\"a\\\", line 1\\n\"]}}");
}

/* Expired before it ran: status 429, count 0, no response. */
static void builds_what_never_ran(void **state)
{
    lambdest_envelope *env = begun(ARN, "EventAgeExceeded", 0, "{}");

    (void)state;
    support_set_integer(env, LAMBDEST_STATUS_CODE, 429);
    expect_and_free(env,
                    AWS_HEAD ":$LATEST\",\"condition\":\"EventAgeExceeded\",\"approximateInvokeCount\":0},"
                             "\"requestPayload\":{},\"responseContext\":{\"statusCode\":429}}");
    env = begun(ARN ":live", "RetriesExhausted", 1, "{}");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 404);
    expect_and_free(env, AWS_HEAD ":live\",\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":1},"
                                  "\"requestPayload\":{},\"responseContext\":{\"statusCode\":404}}");
    expect_and_free(begun(ARN, "ZeroReservedConcurrency", 0, "{}"),
                    AWS_HEAD ":$LATEST\",\"condition\":\"ZeroReservedConcurrency\","
                             "\"approximateInvokeCount\":0},\"requestPayload\":{}}");
}

/* The answer was no JSON: a delivery error stands where the answer would. */
static void builds_a_delivery_error(void **state)
{
    lambdest_envelope *env = begun(ARN ":17", "Success", 1, "null");

    (void)state;
    support_set_json(env, LAMBDEST_DELIVERY_ERROR,
                     "{\"statusCode\":400,\"errorCode\":\"InvalidRequestContentException\"}");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "17");
    expect_and_free(
        env, AWS_HEAD
        ":17\",\"condition\":\"Success\",\"approximateInvokeCount\":1},"
        "\"requestPayload\":null,\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"17\"},"
        "\"deliveryError\":{\"statusCode\":400,\"errorCode\":\"InvalidRequestContentException\"}}");
}

/* Absent is left out, null is null. */
static void tells_absent_from_null(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    support_expect_record(env, "{\"version\":\"1.0\",\"requestContext\":{}}");
    support_set_state(env, LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_NULL);
    support_set_state(env, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_NULL);
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_NULL);
    support_expect_record(env, "{\"version\":\"1.0\",\"requestContext\":{},\"requestPayload\":null,"
                               "\"responseContext\":null,\"responsePayload\":null}");
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    support_set_state(env, LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_ABSENT);
    support_set_state(env, LAMBDEST_RECORD_VERSION, LAMBDEST_ABSENT);
    support_expect_record(env, "{\"requestContext\":{},\"responseContext\":{\"functionError\":null},"
                               "\"responsePayload\":null}");
    lambdest_envelope_free(env);
}

static void writes_texts_as_json(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    support_set_text(env, LAMBDEST_REQUEST_ID, "a\"b\\c/\n\x01\x7F\xC3\xA9\xF0\x9F\x98\x80");
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "\0x", 2, NULL), LAMBDEST_OK);
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "");
    support_expect_record(
        env, "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":"
             "\"a\\\"b\\\\c/\\n\\u0001\x7F\xC3\xA9\xF0\x9F\x98\x80\",\"condition\":\"\\u0000x\"},"
             "\"responseContext\":{\"executedVersion\":\"\"}}");
    lambdest_envelope_free(env);
}

/* Where there is a response payload too, the error has a member of its own. */
static void names_an_error_beside_an_answer(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    support_set_state(env, LAMBDEST_RECORD_VERSION, LAMBDEST_ABSENT);
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"E\"}");
    support_expect_record(env, "{\"requestContext\":{},\"responseContext\":{\"statusCode\":200,"
                               "\"functionError\":\"Unhandled\"},\"responsePayload\":{\"errorType\":\"E\"}}");
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "1");
    support_set_json(env, LAMBDEST_DELIVERY_ERROR, "{}");
    support_expect_record(env, "{\"requestContext\":{},\"responseContext\":{\"statusCode\":200,"
                               "\"functionError\":\"Unhandled\"},\"responsePayload\":1,\"deliveryError\":{},"
                               "\"invocationError\":{\"errorType\":\"E\"}}");
    lambdest_envelope_free(env);
}

/* A null beside a function error is seen, so that the answer is not taken for the error. */
static void names_a_null_error_beside_an_answer(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0), *again;
    size_t len;
    char *text;

    (void)state;
    support_set_state(env, LAMBDEST_RECORD_VERSION, LAMBDEST_ABSENT);
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "{\"errorType\":\"only data\"}");
    support_set_state(env, LAMBDEST_INVOCATION_ERROR, LAMBDEST_NULL);
    support_expect_record(env, "{\"requestContext\":{},\"responsePayload\":{\"errorType\":\"only data\"}}");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "null");
    support_expect_record(env, "{\"requestContext\":{},\"responseContext\":{\"statusCode\":200,"
                               "\"functionError\":\"Unhandled\"},\"responsePayload\":"
                               "{\"errorType\":\"only data\"},\"invocationError\":null}");
    text = support_write(env, LAMBDEST_RECORD, 0, &len);
    again = support_parse(NULL, text, len, 0);
    support_expect_json(again, LAMBDEST_INVOCATION_ERROR, "null");
    support_expect_json(again, LAMBDEST_RESPONSE_PAYLOAD, "{\"errorType\":\"only data\"}");
    support_expect_text(again, LAMBDEST_ERROR_TYPE, NULL);
    lambdest_free(text);
    lambdest_envelope_free(again);
    lambdest_envelope_free(env);
}

/* ---- from documents ---- */

static const struct turned {
    const char *document, *record;
} turned[] = {
    /* by the names of members alone */
    {"{\"version\":\"1.0\",\"invocationId\":\"i\",\"functionName\":\"f\","
     "\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:f\","
     "\"invocationRequest\":{\"event\": [1] "
     ",\"context\":{}},\"invocationResponse\":{\"status\":200,\"body\":\"x\"}}",
     "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"i\","
     "\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:f\"},\"requestPayload\": [1] ,"
     "\"responseContext\":{\"statusCode\":200},\"responsePayload\":\"x\"}"},
    {"{\"invocationId\":\"i\",\"invocationError\":{\"errorType\":\"E\"}}",
     "{\"requestContext\":{\"requestId\":\"i\"},\"responseContext\":{\"statusCode\":200,"
     "\"functionError\":\"Unhandled\"},\"responsePayload\":{\"errorType\":\"E\"}}"},
    {"{\"invocationId\":\"i\",\"invocationResponse\":{\"body\":1}}",
     "{\"requestContext\":{\"requestId\":\"i\",\"condition\":\"Success\"},\"responsePayload\":1}"},
    {"{\"invocationId\":\"i\",\"invocationResponse\":{\"status\":500}}",
     "{\"requestContext\":{\"requestId\":\"i\",\"condition\":\"Success\"},\"responseContext\":{"
     "\"statusCode\":500}}"},
    {"{\"invocationResponse\":{\"body\":1,\"status\":200},\"invocationError\":\"e\"}",
     "{\"requestContext\":{\"condition\":\"Success\"},\"responseContext\":{\"statusCode\":200},"
     "\"responsePayload\":1,\"invocationError\":\"e\"}"},
    {"{\"invocationResponse\":null,\"invocationError\":null,\"functionName\":\"f\"}",
     "{\"requestContext\":{}}"},
    {"{\"functionName\":\"f\",\"more\":1}", "{\"requestContext\":{}}"},
    {"{\"invocationError\":1,\"invocationMetadata\":{\"record\":{\"responseContext\":null}}}",
     "{\"responseContext\":{\"statusCode\":200,\"functionError\":\"Unhandled\"},\"responsePayload\":1}"},
    {"{\"invocationError\":1,\"invocationMetadata\":{\"functionError\":null,\"statusCode\":0}}",
     "{\"responseContext\":{\"statusCode\":0,\"functionError\":\"Unhandled\"},\"responsePayload\":1}"},
    {"{\"functionName\":\"f\",\"invocationMetadata\":{\"deliveryError\":{ }}}", "{\"deliveryError\":{ }}"},
    {"{\"invocationRequest\":{\"event\":null}}", "{\"requestPayload\":null}"},
    {"{\"invocationMetadata\":{\"executedVersion\":\"1\"}}",
     "{\"responseContext\":{\"executedVersion\":\"1\"}}"},
    {"{\"invocationMetadata\":{\"timestamp\":\"t\"}}", "{\"timestamp\":\"t\",\"requestContext\":{}}"},
    /* with metadata, in the record's order */
    {"{\"invocationId\":\"i\",\"invocationMetadata\":{\"functionError\":\"Handled\",\"executedVersion\":"
     "\"3\","
     "\"statusCode\":201,\"approximateInvokeCount\":2,\"condition\":\"Odd\",\"timestamp\":\"t\","
     "\"deliveryError\":{\"a\":1}},\"invocationError\":{}}",
     "{\"timestamp\":\"t\",\"requestContext\":{\"requestId\":\"i\",\"condition\":\"Odd\","
     "\"approximateInvokeCount\":2},\"responseContext\":{\"statusCode\":201,\"executedVersion\":\"3\","
     "\"functionError\":\"Handled\"},\"responsePayload\":{},\"deliveryError\":{\"a\":1}}"},
    {"{\"invocationId\":\"i\",\"invocationMetadata\":{\"record\":{\"responseContext\":null,\"x\":[ 1 ],"
     "\"requestContext\":{\"y\":2},\"payload\":3,\"timeWindowInfo\":{},\"responsePayload\":4}}}",
     "{\"requestContext\":{\"requestId\":\"i\",\"y\":2},\"responseContext\":null,\"responsePayload\":4,"
     "\"timeWindowInfo\":{},\"payload\":3,\"x\":[ 1 ]}"},
};

static void writes_documents_as_records(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(turned); i++) {
        lambdest_envelope *env = support_parse_text(turned[i].document);

        support_expect_record(env, turned[i].record);
        lambdest_envelope_free(env);
        env = support_parse_text(turned[i].record);
        assert_int_equal(lambdest_envelope_form(env), LAMBDEST_RECORD);
        lambdest_envelope_free(env);
    }
}

/* Members not known follow the known of their level, as they came. */
static void keeps_unknown_members_behind(void **state)
{
    lambdest_envelope *env =
        support_parse_text("{\"z\": {\"q\" : 1 } , \"requestContext\":{\"n\\u0065w\":[ "
                           "],\"condition\":\"a\"},\"responseContext\":"
                           "{\"o\":1,\"statusCode\":2.0e2},\"y\":2,\"requestPayload\":0}");

    (void)state;
    support_set_text(env, LAMBDEST_CONDITION, "b");
    support_expect_record(env,
                          "{\"requestContext\":{\"condition\":\"b\",\"n\\u0065w\":[ ]},\"requestPayload\":0,"
                          "\"responseContext\":{\"statusCode\":2.0e2,\"o\":1},\"z\":{\"q\" : 1 },\"y\":2}");
    lambdest_envelope_free(env);
}

/* A record loses what it was known by, and only members not known are left. */
static void shows_its_form_beside_unknown_members(void **state)
{
    static const char *const records[][2] = {
        {"{\"requestContext\":{\"requestId\":\"1\"},\"responsePayload\":2,\"more\":3}",
         "{\"requestContext\":{\"requestId\":\"1\"},\"responseContext\":{},\"more\":3}"},
        {"{\"requestContext\":{\"id\":\"1\"},\"responsePayload\":2}",
         "{\"requestContext\":{\"id\":\"1\"},\"responseContext\":{}}"},
        {"{\"responsePayload\":2,\"more\":3}", "{\"responseContext\":{},\"more\":3}"},
        {"{\"requestContext\":{\"condition\":\"1\"},\"responsePayload\":2,\"more\":3}",
         "{\"requestContext\":{\"condition\":\"1\"},\"more\":3}"},
        {"{\"requestContext\":{\"requestId\":\"1\"},\"responsePayload\":2}",
         "{\"requestContext\":{\"requestId\":\"1\"}}"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(records); i++) {
        lambdest_envelope *env = support_parse_text(records[i][0]), *again;

        support_set_state(env, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_ABSENT);
        support_expect_record(env, records[i][1]);
        again = support_parse_text(records[i][1]);
        assert_int_equal(lambdest_envelope_form(again), LAMBDEST_RECORD);
        lambdest_envelope_free(again);
        lambdest_envelope_free(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_success),
        cmocka_unit_test(pastes_payloads),
        cmocka_unit_test(builds_a_failure),
        cmocka_unit_test(builds_what_never_ran),
        cmocka_unit_test(builds_a_delivery_error),
        cmocka_unit_test(tells_absent_from_null),
        cmocka_unit_test(writes_texts_as_json),
        cmocka_unit_test(names_an_error_beside_an_answer),
        cmocka_unit_test(names_a_null_error_beside_an_answer),
        cmocka_unit_test(writes_documents_as_records),
        cmocka_unit_test(keeps_unknown_members_behind),
        cmocka_unit_test(shows_its_form_beside_unknown_members),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
