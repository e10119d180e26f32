#include "support_envelope.h"

#include <stdio.h>

/* ---- every bare record, by hand from what is known of the formats ---- */

typedef struct expected_record {
    const char *file;
    int kind;
    int outcome;
    int cause;
    const char *request_id;
    const char *function;
    const char *qualifier;
    const char *condition;
    int64_t attempts;
    int64_t status; /* -1: absent */
    const char *error_type;
    const char *error_message;
    size_t frames;
    size_t ranges;
} expected_record;

#define ASYNC_SUCCESS LAMBDEST_ASYNC, LAMBDEST_SUCCESS, LAMBDEST_CAUSE_RETURNED
#define ASYNC_FAILURE LAMBDEST_ASYNC, LAMBDEST_FAILURE
#define BATCH_FAILURE LAMBDEST_BATCH, LAMBDEST_FAILURE
#define THUMBNAILER "thumbnailer", "$LATEST"
#define ORDERS "orders-stream", NULL
#define NO_ERROR NULL, NULL, 0

static const expected_record expected_records[] = {
    {"async-event-age-exceeded-after-attempt", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED,
     "b7c6d5e4-f3a2-4b1c-8d0e-9f8a7b6c110f", THUMBNAILER, "EventAgeExceeded", 1, 200, "RuntimeError",
     "queue full", 1, 0},
    {"async-event-age-exceeded-no-response", ASYNC_FAILURE, LAMBDEST_CAUSE_THROTTLED,
     "2c3d4e5f-6071-4829-93a4-b5c6d7e81110", THUMBNAILER, "EventAgeExceeded", 0, 429, NO_ERROR, 0},
    {"async-failure-handled", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED, "77c1e5d0-9f1e-4b0b-93c5-2a1b3c4d1107",
     THUMBNAILER, "RetriesExhausted", 3, 200, "ImageError", "unsupported colour space", 1, 0},
    {"async-failure-runtime-exit", ASYNC_FAILURE, LAMBDEST_CAUSE_CRASHED,
     "61e5d4c3-b2a1-4f0e-8d9c-7b6a5948110e", THUMBNAILER, "RetriesExhausted", 3, 200, "Runtime.ExitError",
     "RequestId: 61e5d4c3-b2a1-4f0e-8d9c-7b6a5948110e Error: Runtime exited with error: signal: killed", 0,
     0},
    {"async-failure-timeout-legacy", ASYNC_FAILURE, LAMBDEST_CAUSE_TIMED_OUT,
     "a9b8c7d6-e5f4-4321-9087-6543210f110d", THUMBNAILER, "RetriesExhausted", 3, 200, NULL,
     "2024-02-11T18:05:44.871Z a9b8c7d6-e5f4-4321-9087-6543210f110d Task timed out after 3.00 seconds", 0, 0},
    {"async-failure-timeout", ASYNC_FAILURE, LAMBDEST_CAUSE_TIMED_OUT, "f0c1b2a3-9485-4768-a6b5-c4d3e2f1110c",
     THUMBNAILER, "RetriesExhausted", 3, 200, "Sandbox.Timedout",
     "RequestId: f0c1b2a3-9485-4768-a6b5-c4d3e2f1110c Error: Task timed out after 3.00 seconds", 0, 0},
    {"async-failure-unhandled-dotnet-cause", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED,
     "4f8e7d6c-5b4a-4392-8170-6f5e4d3c110b", THUMBNAILER, "RetriesExhausted", 3, 200, "AggregateException",
     "One or more errors occurred. (disk full)", 2, 0},
    {"async-failure-unhandled-go-panic", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED,
     "8b1d2c3e-4f50-4a61-b728-39c4d5e6110a", THUMBNAILER, "RetriesExhausted", 3, 200, "boundsError",
     "runtime error: index out of range [3] with length 2", 2, 0},
    {"async-failure-unhandled-nodejs", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED,
     "12ab9f44-8d21-4f3a-9a6e-7b5c0d9e1109", THUMBNAILER, "RetriesExhausted", 1, 200, "TypeError",
     "Cannot read properties of undefined (reading 'width')", 3, 0},
    {"async-failure-unhandled-python", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED,
     "e27a4bb1-3c7f-4b6e-8a5d-90c3d2f51108", THUMBNAILER, "RetriesExhausted", 3, 200, "ZeroDivisionError",
     "division by zero", 1, 0},
    {"async-success-alias", ASYNC_SUCCESS, "5a3d0f6a-0f5b-4a55-8a36-0f6f7a7be102", "thumbnailer", "live",
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success-delivery-error", ASYNC_SUCCESS, "9e0f3a67-1b2c-4d3e-8f40-5a6b7c8d1105", THUMBNAILER,
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success-empty-response", ASYNC_SUCCESS, "3b8f7a52-7a6b-4c1c-a4b5-40f2f3d91104", THUMBNAILER,
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success-http-500-body", ASYNC_SUCCESS, "d1f0a9c3-22b4-4e8e-bb17-6d0c9e4f1106", THUMBNAILER,
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success-null-response", ASYNC_SUCCESS, "c5d4c7b8-6d8f-4a0e-8a31-1f0f5b8c1103", THUMBNAILER,
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success-raw-splice", ASYNC_SUCCESS, "fb0a1c2d-3e4f-4a5b-8c6d-7e8f90a11113", THUMBNAILER,
     "Success", 1, 200, NO_ERROR, 0},
    {"async-success", ASYNC_SUCCESS, "0b6f6c0e-51c5-4f0c-9d0b-7c6a51f8a101", THUMBNAILER, "Success", 1, 200,
     NO_ERROR, 0},
    {"async-target-deleted", ASYNC_FAILURE, LAMBDEST_CAUSE_TARGET_GONE,
     "0a1b2c3d-4e5f-4607-8192-a3b4c5d61112", "thumbnailer", "live", "RetriesExhausted", 1, 404, NO_ERROR, 0},
    {"async-zero-reserved-concurrency", ASYNC_FAILURE, LAMBDEST_CAUSE_NO_CONCURRENCY,
     "7d8e9fa0-b1c2-4d3e-8f40-516273841111", THUMBNAILER, "ZeroReservedConcurrency", 0, -1, NO_ERROR, 0},
    {"s3-async-failure-object", ASYNC_FAILURE, LAMBDEST_CAUSE_RAISED, "e27a4bb1-3c7f-4b6e-8a5d-90c3d2f51108",
     THUMBNAILER, "RetriesExhausted", 3, 200, "ZeroDivisionError", "division by zero", 1, 0},
    {"dynamodb-failure", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "20304050-6070-4809-91a2-b3c4d5e61301", ORDERS,
     "RetryAttemptsExhausted", 2, 200, NO_ERROR, 1},
    {"dynamodb-partial-batch-failure", BATCH_FAILURE, LAMBDEST_CAUSE_PARTIAL_BATCH,
     "20304050-6070-4809-91a2-b3c4d5e61302", ORDERS, "RetryAttemptsExhausted", 4, 200, NO_ERROR, 1},
    {"dynamodb-s3-with-payload", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "20304050-6070-4809-91a2-b3c4d5e61303",
     ORDERS, "RetryAttemptsExhausted", 2, 200, NO_ERROR, 1},
    {"kafka-failure", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "30405060-7080-490a-92b3-c4d5e6f71401", ORDERS,
     "RetryAttemptsExhausted", 3, 200, NO_ERROR, 2},
    {"kafka-payload-size-exceeded", BATCH_FAILURE, LAMBDEST_CAUSE_PAYLOAD_TOO_LARGE,
     "30405060-7080-490a-92b3-c4d5e6f71402", ORDERS, "MaximumPayloadSizeExceeded", 1, -1, NO_ERROR, 2},
    {"kafka-s3-with-payload", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "30405060-7080-490a-92b3-c4d5e6f71403",
     ORDERS, "RetryAttemptsExhausted", 3, 200, NO_ERROR, 2},
    {"kafka-topic-with-payload", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "30405060-7080-490a-92b3-c4d5e6f71404",
     "orders-stream", "$LATEST", "RetriesExhausted", 3, 200, NO_ERROR, 1},
    {"kinesis-failure", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "10203040-5060-4708-8910-a1b2c3d41201", ORDERS,
     "RetryAttemptsExhausted", 3, 200, NO_ERROR, 1},
    {"kinesis-oversized-no-response", BATCH_FAILURE, LAMBDEST_CAUSE_OTHER,
     "10203040-5060-4708-8910-a1b2c3d41204", ORDERS, "RetryAttemptsExhausted", 1, -1, NO_ERROR, 1},
    {"kinesis-partial-batch-failure", BATCH_FAILURE, LAMBDEST_CAUSE_PARTIAL_BATCH,
     "10203040-5060-4708-8910-a1b2c3d41202", ORDERS, "RetryAttemptsExhausted", 4, 200, NO_ERROR, 1},
    {"kinesis-record-age-exceeded", BATCH_FAILURE, LAMBDEST_CAUSE_RECORD_EXPIRED,
     "10203040-5060-4708-8910-a1b2c3d41203", ORDERS, "RecordAgeExceeded", 8, -1, NO_ERROR, 1},
    {"kinesis-s3-with-payload", BATCH_FAILURE, LAMBDEST_CAUSE_RAISED, "10203040-5060-4708-8910-a1b2c3d41205",
     ORDERS, "RetryAttemptsExhausted", 2, 200, NO_ERROR, 1},
};

static char *load_record(const char *name, size_t *len)
{
    char path[160];

    snprintf(path, sizeof path, "tests/records/%s.json", name);
    return support_load(path, len);
}

static void expect_record(const lambdest_envelope *env, const expected_record *r)
{
    print_message("%s\n", r->file);
    assert_int_equal(lambdest_envelope_form(env), LAMBDEST_RECORD);
    assert_int_equal(lambdest_envelope_kind(env), r->kind);
    assert_int_equal(lambdest_envelope_outcome(env), r->outcome);
    assert_int_equal(lambdest_envelope_cause(env), r->cause);
    assert_int_equal(lambdest_envelope_contradictory(env), 0);
    support_expect_text(env, LAMBDEST_REQUEST_ID, r->request_id);
    support_expect_text(env, LAMBDEST_FUNCTION_PARTITION, "aws");
    support_expect_text(env, LAMBDEST_FUNCTION_REGION, "eu-west-1");
    support_expect_text(env, LAMBDEST_FUNCTION_ACCOUNT, "111122223333");
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, r->function);
    support_expect_text(env, LAMBDEST_FUNCTION_QUALIFIER, r->qualifier);
    support_expect_text(env, LAMBDEST_CONDITION, r->condition);
    support_expect_text(env, LAMBDEST_RECORD_VERSION, "1.0");
    support_expect_integer(env, LAMBDEST_INVOKE_COUNT, r->attempts);
    support_expect_integer(env, LAMBDEST_STATUS_CODE, r->status);
    support_expect_text(env, LAMBDEST_ERROR_TYPE, r->error_type);
    support_expect_text(env, LAMBDEST_ERROR_MESSAGE, r->error_message);
    assert_int_equal(lambdest_envelope_frame_count(env), r->frames);
    assert_int_equal(lambdest_envelope_range_count(env), r->ranges);
}

static void reads_every_record(void **state)
{
    size_t i;

    for (i = 0; i < 2 * COUNT_OF(expected_records); i++) {
        const expected_record *r = &expected_records[i / 2];
        size_t len;
        char *text = load_record(r->file, &len);
        lambdest_envelope *env = support_parse(*state, text, len, i % 2 ? LAMBDEST_BORROW : 0);

        if (!(i % 2))
            memset(text, '?', len);
        expect_record(env, r);
        lambdest_envelope_free(env);
        free(text);
    }
}

/* Members that not every record has, in those that have them. */
static void reads_what_single_records_have(void **state)
{
    size_t len;
    char *text = load_record("async-success-delivery-error", &len);
    lambdest_envelope *env = support_parse(*state, text, len, 0);
    const char *json = lambdest_envelope_json(env, LAMBDEST_DELIVERY_ERROR, &len);
    static const char error[] =
        "{\"errorCode\":\"InvalidRequestContentException\",\"statusCode\":400,"
        "\"errorMessage\":\"The function response payload could not be parsed as JSON.\"}";

    free(text);
    support_expect_same_value(json, len, error, sizeof error - 1);
    support_expect_json(env, LAMBDEST_RESPONSE_PAYLOAD, NULL);
    support_expect_text(env, LAMBDEST_TIMESTAMP, "2026-03-02T09:16:40.907Z");
    support_expect_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772443000907));
    support_expect_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, NULL);
    lambdest_envelope_free(env);
}

static void refuses_what_is_no_record(void **state)
{
    static const char *const wrapped[] = {
        "not-a-record-dlq-sqs-message",
        "eventbridge-failure",
        "eventbridge-in-sqs-in-lambda",
        "eventbridge-success",
        "sns-in-lambda",
        "sns-in-sqs-in-lambda",
        "sns-notification-http-or-sqs",
        "sqs-in-lambda-batch-mixed",
        "sqs-in-lambda",
    };
    size_t i, len;
    char *text;

    (void)state;
    for (i = 0; i < COUNT_OF(wrapped); i++) {
        text = load_record(wrapped[i], &len);
        support_refuse(text, len, LAMBDEST_E_SCHEMA, 0, "$");
        free(text);
    }
    text = load_record("not-a-record-pipes-dlq", &len);
    support_refuse(text, len, LAMBDEST_E_UNSUPPORTED, 0, "context");
    free(text);
    support_refuse("{\"KinesisBatchInfo\":{},\"context\":1}", 35, LAMBDEST_E_UNSUPPORTED, 0, "context");
    support_refuse("{\"context\":1,\"KafkaBatchInfo\":{}}", 33, LAMBDEST_E_UNSUPPORTED, 0, "context");
}

/* ---- the form ---- */

typedef struct form_case {
    const char *text;
    int form; /* 0: refused as neither, or as both */
    int kind;
} form_case;

static const form_case form_cases[] = {
    {"{\"requestPayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"responsePayload\":null}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"responseContext\":null}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"deliveryError\":{}}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"KinesisBatchInfo\":{}}", LAMBDEST_RECORD, LAMBDEST_BATCH},
    {"{\"DDBStreamBatchInfo\":{}}", LAMBDEST_RECORD, LAMBDEST_BATCH},
    {"{\"KafkaBatchInfo\":{}}", LAMBDEST_RECORD, LAMBDEST_BATCH},
    {"{\"requestContext\":{}}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"requestContext\":{\"requestId\":\"a\"}}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"requestContext\":{\"functionArn\":\"a\"},\"more\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"requestContext\":{\"condition\":\"a\"},\"more\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"requestContext\":{\"approximateInvokeCount\":1},\"more\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"invocationError\":{},\"requestPayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"functionName\":\"a\",\"functionArn\":\"b\",\"requestPayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"context\":{},\"requestPayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"context\":{},\"requestContext\":{\"condition\":\"a\"},\"KafkaBatchInfo\":{}}", LAMBDEST_RECORD,
     LAMBDEST_BATCH},
    {"{\"request\\u0050ayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{\"invocationId\":\"a\"}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationRequest\":{}}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationResponse\":{}}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationResponse\":null}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationMetadata\":{}}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"functionArn\":\"a\"}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"functionName\":\"a\"}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationError\":{}}", LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"invocationId\":\"a\",\"timestamp\":1,\"timeWindowInfo\":2,\"payload\":3,\"context\":4}",
     LAMBDEST_DOCUMENT, LAMBDEST_ASYNC},
    {"{\"functionName\":1,\"functionArn\":null,\"requestPayload\":1}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
    {"{}", 0, 0},
    {"{\"version\":\"1.0\"}", 0, 0},
    {"{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:16:40.907Z\"}", 0, 0},
    {"{\"payload\":{},\"timeWindowInfo\":{}}", 0, 0},
    {"{\"context\":{}}", 0, 0},
    {"{\"more\":1}", 0, 0},
    {"{\"requestContext\":{\"requestId\":\"a\",\"accountId\":\"b\"},\"body\":null}", 0, 0},
    {"{\"invocationId\":\"a\",\"requestPayload\":1}", 0, 0},
    {"{\"invocationRequest\":{},\"responseContext\":null}", 0, 0},
    {"{\"invocationMetadata\":{},\"KinesisBatchInfo\":{}}", 0, 0},
    {"{\"invocationId\":\"a\",\"requestContext\":{}}", 0, 0},
    {"{\"functionArn\":\"a\",\"requestContext\":{\"requestId\":\"b\"},\"more\":1}", 0, 0},
    {"{\"functionArn\":\"a\",\"requestContext\":{\"requestId\":\"b\"}}", 0, 0},
    {"{\"functionName\":\"a\",\"requestContext\":{}}", 0, 0},
    {"{\"functionArn\":\"a\",\"requestContext\":{\"condition\":\"b\"}}", LAMBDEST_RECORD, LAMBDEST_ASYNC},
};

static void detects_the_form(void **state)
{
    size_t i;

    for (i = 0; i < COUNT_OF(form_cases); i++) {
        const form_case *c = &form_cases[i];
        lambdest_envelope *env;

        print_message("%s\n", c->text);
        if (!c->form) {
            support_refuse(c->text, strlen(c->text), LAMBDEST_E_SCHEMA, 0, "$");
            continue;
        }
        env = support_parse(*state, c->text, strlen(c->text), 0);
        assert_int_equal(lambdest_envelope_form(env), c->form);
        assert_int_equal(lambdest_envelope_kind(env), c->kind);
        support_expect_written(env, 0, 0, c->text, strlen(c->text));
        lambdest_envelope_free(env);
    }
}

static void refuses_values_that_are_no_object(void **state)
{
    static const char *const texts[] = {"null", "true", "0", "\"{}\"", "[]", "[{\"requestPayload\":1}]"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        support_refuse(texts[i], strlen(texts[i]), LAMBDEST_E_SCHEMA, 0, "$");
    support_refuse("\n\t []", 5, LAMBDEST_E_SCHEMA, 3, "$");
}

/* A document's members, wherever they may stand. */
static void reads_a_document(void **state)
{
    static const char text[] =
        "{\"invocationMetadata\":{\"functionError\":null,\"deliveryError\":{\"a\":1},\"executedVersion\":"
        "\"7\","
        "\"statusCode\":201,\"approximateInvokeCount\":2,\"condition\":\"Odd\",\"timestamp\":\"then\"},"
        "\"invocationError\": {\"errorType\":\"E\",\"errorMessage\":\"m\",\"stackTrace\":[\"f\"]} ,"
        "\"invocationRequest\":{\"context\":{\"clientContext\":{\"k\":1}},\"event\":[ 1 ]},"
        "\"functionArn\":\"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:v_1\",\"functionName\":\"g\","
        "\"invocationId\":\"i\",\"version\":\"2.0\"}";
    lambdest_envelope *env = support_parse(*state, text, sizeof text - 1, 0);

    assert_int_equal(lambdest_envelope_form(env), LAMBDEST_DOCUMENT);
    support_expect_text(env, LAMBDEST_RECORD_VERSION, "2.0");
    support_expect_text(env, LAMBDEST_REQUEST_ID, "i");
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, "f");
    support_expect_text(env, LAMBDEST_FUNCTION_PARTITION, "aws-cn");
    support_expect_text(env, LAMBDEST_FUNCTION_REGION, "cn-north-1");
    support_expect_text(env, LAMBDEST_FUNCTION_ACCOUNT, "123456789012");
    support_expect_text(env, LAMBDEST_FUNCTION_QUALIFIER, "v_1");
    support_expect_text(env, LAMBDEST_CONDITION, "Odd");
    support_expect_text(env, LAMBDEST_TIMESTAMP, "then");
    support_expect_integer(env, LAMBDEST_TIMESTAMP_MS, -1);
    support_expect_text(env, LAMBDEST_EXECUTED_VERSION, "7");
    support_expect_integer(env, LAMBDEST_INVOKE_COUNT, 2);
    support_expect_integer(env, LAMBDEST_STATUS_CODE, 201);
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_FUNCTION_ERROR), LAMBDEST_NULL);
    support_expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "[ 1 ]");
    support_expect_json(env, LAMBDEST_CONTEXT, "{\"clientContext\":{\"k\":1}}");
    support_expect_json(env, LAMBDEST_CLIENT_CONTEXT, "{\"k\":1}");
    support_expect_json(env, LAMBDEST_RESPONSE_PAYLOAD, NULL);
    support_expect_json(env, LAMBDEST_INVOCATION_ERROR,
                        "{\"errorType\":\"E\",\"errorMessage\":\"m\",\"stackTrace\":[\"f\"]}");
    support_expect_json(env, LAMBDEST_DELIVERY_ERROR, "{\"a\":1}");
    support_expect_text(env, LAMBDEST_ERROR_TYPE, "E");
    lambdest_envelope_free(env);
}

/* An ARN that is none is kept and has no parts; texts are decoded. */
static void keeps_what_it_does_not_understand(void **state)
{
    static const char text[] =
        "{\"requestContext\":{\"functionArn\":\"my-function:3\",\"condition\":\"\\u00fcber\\u0000\\ud83d!\"},"
        "\"responseContext\":{\"functionError\":\"\"},\"timestamp\":\"\",\"version\":\"\"}";
    lambdest_envelope *env = support_parse(*state, text, sizeof text - 1, 0);
    size_t len;
    const char *condition = lambdest_envelope_text(env, LAMBDEST_CONDITION, &len);

    support_expect_bytes(condition, len + 1,
                         "\xC3\xBC"
                         "ber\0\xEF\xBF\xBD!",
                         11);
    support_expect_text(env, LAMBDEST_FUNCTION_ARN, "my-function:3");
    support_expect_text(env, LAMBDEST_FUNCTION_PARTITION, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_REGION, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_ACCOUNT, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_QUALIFIER, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, "");
    support_expect_text(env, LAMBDEST_TIMESTAMP, "");
    support_expect_text(env, LAMBDEST_RECORD_VERSION, "");
    support_expect_text(env, LAMBDEST_REQUEST_ID, NULL);
    lambdest_envelope_free(env);
}

/* ---- texts that are no JSON ---- */

static void refuses_every_cut(void **state)
{
    size_t i, k, len, stride = support_quick() ? 13 : 1;

    (void)state;
    for (i = 0; i < COUNT_OF(expected_records); i++) {
        char *text = load_record(expected_records[i].file, &len);
        char *exact;

        while (text[len - 1] == '\n')
            len--;
        exact = support_exact(text, len);
        for (k = 0; k < len; k += stride) {
            /* The end of the block is the end of the text. */
            char *cut = exact + (len - k);
            lambdest_envelope *env = NULL;
            lambdest_error err;

            memcpy(cut, text, k);
            assert_int_equal(lambdest_envelope_parse(cut, k, NULL, &env, &err), LAMBDEST_E_SYNTAX);
            assert_null(env);
            assert_int_equal(err.offset, k);
            assert_true(*err.where && *err.message);
        }
        free(exact);
        free(text);
    }
}

static void refuses_what_follows(void **state)
{
    static const char *const tails[] = {"x", "{}", ",", "}", "null", "\"", "\xEF\xBB\xBF", "//"};
    char text[64];
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(tails); i++) {
        len = (size_t)snprintf(text, sizeof text, "{\"requestPayload\":1}\n %s", tails[i]);
        support_refuse(text, len, LAMBDEST_E_SYNTAX, 22, "$");
    }
    support_refuse("{\"requestPayload\":1}\0", 21, LAMBDEST_E_SYNTAX, 20, "$");
    support_refuse("{\"requestPayload\":1}\xFF", 21, LAMBDEST_E_UTF8, 20, "$");
}

static void refuses_marks_and_nothing(void **state)
{
    (void)state;
    support_refuse("", 0, LAMBDEST_E_SYNTAX, 0, "$");
    support_refuse(" \n\t\r", 4, LAMBDEST_E_SYNTAX, 4, "$");
    support_refuse("\xEF\xBB\xBF{\"requestPayload\":1}", 23, LAMBDEST_E_SYNTAX, 0, "$");
    support_refuse("\xFF\xFE{\0}\0", 6, LAMBDEST_E_UTF8, 0, "$");
    support_refuse("\0{}", 3, LAMBDEST_E_SYNTAX, 0, "$");
    support_refuse("{\0}", 3, LAMBDEST_E_SYNTAX, 1, "$");
    support_refuse("{\"a\0\":1}", 8, LAMBDEST_E_SYNTAX, 3, "$");
    support_refuse("{\"version\":\"a\0\"}", 16, LAMBDEST_E_SYNTAX, 13, "version");
    support_refuse("{\"requestPayload\":\"a\0\"}", 23, LAMBDEST_E_SYNTAX, 20, "requestPayload");
    support_refuse("{\"version\":\"\n\"}", 15, LAMBDEST_E_SYNTAX, 12, "version");
    support_refuse("{\"requestContext\":{\"condition\":\"\\x\"}}", 37, LAMBDEST_E_SYNTAX, 33,
                   "requestContext.condition");
    support_refuse("{\"version\" \"1.0\"}", 17, LAMBDEST_E_SYNTAX, 11, "$");
    support_refuse("{\"requestPayload\":01}", 21, LAMBDEST_E_SYNTAX, 19, "requestPayload");
    support_refuse("{\"requestPayload\":1,}", 21, LAMBDEST_E_SYNTAX, 20, "$");
    support_refuse("{'requestPayload':1}", 20, LAMBDEST_E_SYNTAX, 1, "$");
    support_refuse("{\"requestPayload\":NaN}", 22, LAMBDEST_E_SYNTAX, 18, "requestPayload");
    support_refuse("{\"requestPayload\":{\"a\":[1,}}", 28, LAMBDEST_E_SYNTAX, 26, "requestPayload");
}

static void refuses_bad_utf8(void **state)
{
    static const char *const bad[] = {
        "\x80",         "\xBF",         "\xC0\x80", "\xC1\xBF",         "\xC3(",        "\xE0\x80\x80",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x80\x80\x80", "\xF0\x9F\x98", "\xF4\x90\x80\x80",
        "\xF5\x80\x80", "\xFE",         "\xFF"};
    static const struct place {
        const char *before, *behind, *where;
    } places[] = {
        {"{\"requestPayload\":\"a", "\"}", "requestPayload"},
        {"{\"requestPayload\":{\"a", "\":1}}", "requestPayload"},
        {"{\"version\":\"", "\"}", "version"},
        {"{\"requestContext\":{\"requestId\":\"", "\"}}", "requestContext.requestId"},
        {"{\"KafkaBatchInfo\":{\"bootstrapServers\":\"", "\"}}", "KafkaBatchInfo.bootstrapServers"},
        {"{\"more", "\":1}", "$"},
        {"{\"more\":\"", "\"}", "*"},
        {"{\"requestPayload\":1 ", "}", "requestPayload"},
        {"", "{\"requestPayload\":1}", "$"},
    };
    char text[80];
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(bad); i++)
        for (k = 0; k < COUNT_OF(places); k++) {
            int len = snprintf(text, sizeof text, "%s%s%s", places[k].before, bad[i], places[k].behind);

            support_refuse(text, (size_t)len, LAMBDEST_E_UTF8, strlen(places[k].before), places[k].where);
        }
}

/* ---- limits, options, arguments ---- */

static void parse_limited(const char *text, size_t len, uint64_t max_bytes, uint32_t max_depth,
                          lambdest_envelope **out, lambdest_error *err)
{
    lambdest_options options = support_options(NULL, LAMBDEST_BORROW);

    options.max_bytes = max_bytes;
    options.max_depth = max_depth;
    lambdest_envelope_parse(text, len, &options, out, err);
}

static void keeps_to_max_bytes(void **state)
{
    static const char text[] = "{\"requestPayload\":1} ";
    lambdest_envelope *env;
    lambdest_error err;

    (void)state;
    parse_limited(text, sizeof text - 1, sizeof text - 1, 0, &env, &err);
    support_expect_ok(&err);
    lambdest_envelope_free(env);
    parse_limited(text, sizeof text - 1, sizeof text - 2, 0, &env, &err);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, sizeof text - 2, "$");
    assert_null(env);
}

static void takes_a_long_string(void **state)
{
    static const char head[] = "{\"requestPayload\":\"", tail[] = "\"}";
    size_t size = (size_t)(support_quick() ? 1 : 64) << 20, len = sizeof head - 1 + size + sizeof tail - 1,
           got;
    char *text = malloc(len);
    lambdest_envelope *env;
    lambdest_error err;

    (void)state;
    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, 'x', size);
    memcpy(text + len - 2, tail, 2);
    env = support_parse(NULL, text, len, LAMBDEST_BORROW);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &got), text + sizeof head - 2);
    assert_int_equal(got, size + 2);
    lambdest_envelope_free(env);
    env = support_parse(NULL, text, len, 0);
    support_expect_written(env, 0, 0, text, len);
    lambdest_envelope_free(env);
    parse_limited(text, len, size, 0, &env, &err);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, size, "$");
    assert_null(env);
    free(text);
}

/* {before}[[[…]]]{behind} with so many brackets. */
static char *nested(const char *before, size_t depth, const char *behind, size_t *len)
{
    size_t head = strlen(before), tail = strlen(behind);
    char *text = malloc(head + 2 * depth + tail);

    assert_non_null(text);
    memcpy(text, before, head);
    memset(text + head, '[', depth);
    memset(text + head + depth, ']', depth);
    memcpy(text + head + 2 * depth, behind, tail);
    *len = head + 2 * depth + tail;
    return text;
}

static void expect_depth(const char *before, const char *behind, const char *where, uint32_t max_depth)
{
    uint32_t most = max_depth ? max_depth : 512;
    lambdest_envelope *env;
    lambdest_error err;
    size_t len;
    char *text = nested(before, most, behind, &len);

    parse_limited(text, len, 0, max_depth, &env, &err);
    support_expect_ok(&err);
    lambdest_envelope_free(env);
    free(text);
    text = nested(before, most + 1, behind, &len);
    parse_limited(text, len, 0, max_depth, &env, &err);
    assert_null(env);
    support_expect_error(&err, LAMBDEST_E_DEPTH, strlen(before) + most, where);
    free(text);
}

static void keeps_to_max_depth(void **state)
{
    static const uint32_t depths[] = {0, 1, 3, 63, 64, 65, 2049, 65536};
    size_t i, len;
    char *text;

    (void)state;
    for (i = 0; i < COUNT_OF(depths); i++) {
        expect_depth("{\"requestPayload\":", "}", "requestPayload", depths[i]);
        expect_depth("{\"invocationRequest\":{\"event\":", "}}", "invocationRequest.event", depths[i]);
        expect_depth("{\"requestPayload\":1,\"more\": ", "}", "*", depths[i]);
        expect_depth("{\"KafkaBatchInfo\":{\"recordsInfo\":{\"a-0\":{\"more\":", "}}}}",
                     "KafkaBatchInfo.recordsInfo.*.*", depths[i]);
    }
    text = nested("{\"requestPayload\":", 100000, "}", &len);
    support_refuse(text, len, LAMBDEST_E_DEPTH, 18 + 512, "requestPayload");
    support_refuse(text + 18, 100000, LAMBDEST_E_DEPTH, 512 + 6, "$");
    free(text);
}

static void refuses_bad_options(void **state)
{
    static const char text[] = "{\"requestPayload\":1}";
    lambdest_options options = support_options(NULL, 0);
    lambdest_envelope *env = NULL;
    lambdest_error err;

    (void)state;
    options.size--;
    assert_int_equal(lambdest_envelope_parse(text, 20, &options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    options.size = 0;
    assert_int_equal(lambdest_envelope_new(&options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    options = support_options(NULL, 2);
    assert_int_equal(lambdest_envelope_parse(text, 20, &options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.flags");
    assert_int_equal(lambdest_envelope_new(&options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.flags");
    options = support_options(NULL, 0);
    options.max_depth = 65537;
    assert_int_equal(lambdest_envelope_parse(text, 20, &options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.max_depth");
    assert_int_equal(lambdest_envelope_new(&options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.max_depth");
    assert_null(env);
}

static void refuses_null_arguments(void **state)
{
    static const char text[] = "{\"requestPayload\":1}";
    lambdest_envelope *env = (lambdest_envelope *)(void *)&env;
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(NULL, 1, NULL, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_null(env);
    assert_int_equal(lambdest_envelope_parse(NULL, 0, NULL, &env, &err), LAMBDEST_E_SYNTAX);
    support_expect_error(&err, LAMBDEST_E_SYNTAX, 0, "$");
    assert_int_equal(lambdest_envelope_parse(text, 20, NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_envelope_parse(text, 20, NULL, NULL, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_parse(text, 19, NULL, &env, NULL), LAMBDEST_E_SYNTAX);
    assert_int_equal(lambdest_envelope_parse(text, 20, NULL, &env, NULL), LAMBDEST_OK);
    lambdest_envelope_free(env);
}

/* ---- memory ---- */

typedef struct parse_job {
    const char *text;
    size_t len;
    uint32_t flags;
} parse_job;

static int attempt_parse(support_memory *m, void *arg)
{
    const parse_job *job = arg;
    lambdest_options options = support_options(m, job->flags);
    lambdest_envelope *env = (lambdest_envelope *)arg;
    lambdest_error err;
    int rc = lambdest_envelope_parse(job->text, job->len, &options, &env, &err);

    if (rc) {
        assert_null(env);
        support_expect_error(&err, rc, 0, "");
    }
    lambdest_envelope_free(env);
    return rc;
}

static void takes_one_allocation(void **state)
{
    static const char more[] = "{\"a\":1,\"requestContext\":{\"b\":{}},\"requestPayload\":1,\"c\":[]}";
    support_memory *m = *state;
    size_t i, calls = m->calls;

    for (i = 0; i < 2 * COUNT_OF(expected_records); i++) {
        parse_job job = {NULL, 0, i % 2 ? LAMBDEST_BORROW : 0};
        char *text = load_record(expected_records[i / 2].file, &job.len);

        job.text = text;
        assert_int_equal(attempt_parse(m, &job), LAMBDEST_OK);
        assert_int_equal(m->calls, ++calls);
        support_exhaust(m, attempt_parse, &job);
        calls = m->calls;
        free(text);
    }
    for (i = 0; i < 2; i++) {
        parse_job job = {more, sizeof more - 1, i ? LAMBDEST_BORROW : 0};

        assert_int_equal(attempt_parse(m, &job), LAMBDEST_OK);
        assert_int_equal(m->calls, ++calls);
    }
}

static void takes_none_for_what_it_refuses(void **state)
{
    support_memory *m = *state;
    lambdest_options options = support_options(m, 0);
    lambdest_envelope *env;
    size_t i;
    static const char *const texts[] = {"", "{}", "{\"requestPayload\":}", "{\"version\":1}",
                                        "{\"version\":\"1\",\"version\":\"1\"}"};

    for (i = 0; i < COUNT_OF(texts); i++)
        assert_true(lambdest_envelope_parse(texts[i], strlen(texts[i]), &options, &env, NULL) < 0);
    assert_int_equal(m->calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_every_record, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(reads_what_single_records_have, support_setup, support_teardown),
        cmocka_unit_test(refuses_what_is_no_record),
        cmocka_unit_test_setup_teardown(detects_the_form, support_setup, support_teardown),
        cmocka_unit_test(refuses_values_that_are_no_object),
        cmocka_unit_test_setup_teardown(reads_a_document, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(keeps_what_it_does_not_understand, support_setup, support_teardown),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(refuses_what_follows),
        cmocka_unit_test(refuses_marks_and_nothing),
        cmocka_unit_test(refuses_bad_utf8),
        cmocka_unit_test(keeps_to_max_bytes),
        cmocka_unit_test(takes_a_long_string),
        cmocka_unit_test(keeps_to_max_depth),
        cmocka_unit_test(refuses_bad_options),
        cmocka_unit_test(refuses_null_arguments),
        cmocka_unit_test_setup_teardown(takes_one_allocation, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(takes_none_for_what_it_refuses, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
