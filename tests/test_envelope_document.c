#include "support_envelope.h"

#include <stdio.h>

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer"

/* ---- built ---- */

static lambdest_envelope *begun(const char *arn)
{
    lambdest_envelope *env = support_new(NULL, 0);

    support_set_text(env, LAMBDEST_REQUEST_ID, "i");
    support_set_text(env, LAMBDEST_FUNCTION_ARN, arn);
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "{\"a\": 1}");
    support_set_json(env, LAMBDEST_CONTEXT, "{\"c\":2}");
    return env;
}

#define HEAD(qualifier)                                                                                      \
    "{\"version\":\"1.0\",\"invocationId\":\"i\",\"functionName\":\"thumbnailer\",\"functionArn\":\"" ARN    \
    ":" qualifier "\",\"invocationRequest\":{\"event\":{\"a\": 1},\"context\":{\"c\":2}}"

static void builds_a_success(void **state)
{
    lambdest_envelope *env = begun(ARN);

    (void)state;
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "[ true ]");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_expect_document(env,
                            HEAD("$LATEST") ",\"invocationResponse\":{\"status\":200,\"body\":[ true ]}}");
    support_set_text(env, LAMBDEST_CONDITION, "Success");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 1);
    support_set_text(env, LAMBDEST_TIMESTAMP, "2026-03-02T09:14:07.318Z");
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_set_json(env, LAMBDEST_DELIVERY_ERROR, "{\"d\":3}");
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    support_expect_document(
        env, HEAD("$LATEST") ",\"invocationResponse\":{\"status\":200,\"body\":[ true ]},"
                             "\"invocationMetadata\":{\"timestamp\":\"2026-03-02T09:14:07.318Z\","
                             "\"condition\":\"Success\",\"approximateInvokeCount\":1,"
                             "\"executedVersion\":\"$LATEST\",\"functionError\":null,"
                             "\"deliveryError\":{\"d\":3}}}");
    lambdest_envelope_free(env);
}

static void builds_a_failure(void **state)
{
    lambdest_envelope *env = begun(ARN ":live");

    (void)state;
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, " {\"errorMessage\": \"m\"}\n");
    support_expect_document(env, HEAD("live") ",\"invocationError\": {\"errorMessage\": \"m\"}\n,"
                                              "\"invocationMetadata\":{\"statusCode\":200,"
                                              "\"functionError\":\"Unhandled\"}}");
    support_set_text(env, LAMBDEST_CONDITION, "RetriesExhausted");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 3);
    support_expect_document(env, HEAD("live") ",\"invocationError\": {\"errorMessage\": \"m\"}\n,"
                                              "\"invocationMetadata\":{\"condition\":\"RetriesExhausted\","
                                              "\"approximateInvokeCount\":3,\"statusCode\":200,"
                                              "\"functionError\":\"Unhandled\"}}");
    lambdest_envelope_free(env);
    env = begun(ARN ":live");
    support_set_text(env, LAMBDEST_CONDITION, "EventAgeExceeded");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 429);
    support_expect_document(env, HEAD("live") ",\"invocationMetadata\":{\"condition\":\"EventAgeExceeded\","
                                              "\"statusCode\":429}}");
    lambdest_envelope_free(env);
}

/* ---- record, document, record ---- */

static const char *const compact_records[] = {
    "async-event-age-exceeded-after-attempt",
    "async-event-age-exceeded-no-response",
    "async-failure-handled",
    "async-failure-runtime-exit",
    "async-failure-timeout-legacy",
    "async-failure-timeout",
    "async-failure-unhandled-dotnet-cause",
    "async-failure-unhandled-go-panic",
    "async-failure-unhandled-nodejs",
    "async-failure-unhandled-python",
    "async-success-alias",
    "async-success-delivery-error",
    "async-success-empty-response",
    "async-success-http-500-body",
    "async-success-null-response",
    "async-success-raw-splice",
    "async-success",
    "async-target-deleted",
    "async-zero-reserved-concurrency",
    "s3-async-failure-object",
};

static lambdest_envelope *converted(const lambdest_envelope *env, int form)
{
    size_t len;
    char *text = support_write(env, form, 0, &len);
    lambdest_envelope *other = support_parse(NULL, text, len, 0);

    assert_int_equal(lambdest_envelope_form(other), form);
    lambdest_free(text);
    return other;
}

static void expect_same_verdict(const lambdest_envelope *a, const lambdest_envelope *b)
{
    assert_int_equal(lambdest_envelope_outcome(a), lambdest_envelope_outcome(b));
    assert_int_equal(lambdest_envelope_cause(a), lambdest_envelope_cause(b));
    assert_int_equal(lambdest_envelope_contradictory(a), lambdest_envelope_contradictory(b));
}

/* There and back: equal in value; in bytes where the record is compact, known and in order. */
static void expect_round_trip(const char *text, size_t len, bool same_bytes)
{
    lambdest_envelope *env = support_parse(NULL, text, len, 0);
    lambdest_envelope *document = converted(env, LAMBDEST_DOCUMENT);
    lambdest_envelope *back = converted(document, LAMBDEST_RECORD);
    size_t back_len;
    char *back_text = support_write(back, 0, 0, &back_len);

    expect_same_verdict(env, document);
    expect_same_verdict(env, back);
    if (same_bytes)
        support_expect_bytes(back_text, back_len, text, len);
    support_expect_same_value(back_text, back_len, text, len);
    lambdest_free(back_text);
    lambdest_envelope_free(back);
    lambdest_envelope_free(document);
    lambdest_envelope_free(env);
}

static void returns_every_record(void **state)
{
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(compact_records); i++) {
        char path[120], *text, *compact;
        json_t *value;

        snprintf(path, sizeof path, "tests/records/%s.json", compact_records[i]);
        text = support_load(path, &len);
        expect_round_trip(text, len, false);
        value = support_value(text, len);
        compact = json_dumps(value, JSON_COMPACT);
        expect_round_trip(compact, strlen(compact), true);
        if (!strcmp(compact_records[i], "async-success-raw-splice"))
            expect_round_trip(text, len, true);
        json_decref(value);
        free(compact);
        free(text);
    }
}

/* Records as they come seldom, in the order that a record is written in: the same bytes return. */
static const char *const odd_records[] = {
    "{\"requestContext\":{}}",
    "{\"requestPayload\": null }",
    "{\"version\":\"2\",\"timestamp\":\"?\",\"requestContext\":{},\"requestPayload\":\"\"}",
    "{\"responseContext\":null}",
    "{\"responseContext\":{}}",
    "{\"requestContext\":{},\"responseContext\":null,\"responsePayload\":null}",
    "{\"requestContext\":{\"requestId\":\"\"},\"responseContext\":{\"functionError\":null}}",
    "{\"responseContext\":{\"statusCode\":2.0E2,\"executedVersion\":\"\\u0037\",\"functionError\":\"\"}}",
    "{\"responseContext\":{\"functionError\":\"Unhandled\"},\"responsePayload\":null}",
    "{\"responseContext\":{\"statusCode\":200},\"responsePayload\":1E400}",
    "{\"responseContext\":{\"statusCode\":500},\"responsePayload\":{\"a\":1,\"a\":2}}",
    "{\"responsePayload\":-0}",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responsePayload\":\"\\ud83d\"}",
    "{\"requestContext\":{\"condition\":\"Odd\"},\"responsePayload\":12345678901234567890123}",
    "{\"requestContext\":{\"condition\":\"Odd\"},\"responsePayload\":1,\"deliveryError\":{ \"a\":1} }",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responseContext\":{\"statusCode\":404}}",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responseContext\":{\"functionError\":\"Unhandled\"}}",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responseContext\":{\"functionError\":\"Unhandled\"},"
    "\"responsePayload\":{\"errorType\":\"E\"}}",
    "{\"requestPayload\":1,\"invocationError\":null}",
    "{\"requestPayload\":1,\"invocationError\": {\"errorType\":\"E\"} }",
    "{\"requestPayload\":1,\"responsePayload\":2,\"invocationError\":3}",
    "{\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Handled\"},\"responsePayload\":2,"
    "\"invocationError\":{}}",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responsePayload\":2,\"invocationError\":null}",
    "{\"requestContext\":{\"condition\":\"Success\"},\"responsePayload\":2,\"invocationError\":{\"a\":[]}}",
    "{\"requestContext\":{\"functionArn\":\"not an arn\"},\"requestPayload\":1}",
    "{\"requestContext\":{\"functionArn\":\"" ARN "\",\"condition\":\"Success\"},\"requestPayload\":1}",
    "{\"requestPayload\":1,\"timeWindowInfo\":{\"a\": 1},\"payload\":\"{}\"}",
    /* members not known, on every level */
    "{\"requestContext\":{\"condition\":\"Success\",\"a\":1,\"b\":[ 2 ]},\"requestPayload\":1,"
    "\"responseContext\":{\"statusCode\":200,\"c\":null,\"\\u0064\":{}},\"responsePayload\":2,\"e\":\"\","
    "\"f\":0}",
    "{\"requestContext\":{\"functionArn\":\"x\"},\"responseContext\":{\"c\":1},\"functionArn\":1,"
    "\"functionName\":2,"
    "\"context\":3}",
    "{\"requestContext\":{\"condition\":\"Odd\"},\"invocationId2\":1,\"record\":2,\"invocationMetadata2\":{}"
    "}",
};

/* jansson's value of these would be none, or another. */
static bool is_beyond_jansson(const char *text)
{
    return strstr(text, "1E400") || strstr(text, "\\ud83d") || strstr(text, "890123");
}

static void returns_odd_records(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(odd_records); i++) {
        lambdest_envelope *env = support_parse_text(odd_records[i]), *document, *back;

        document = converted(env, LAMBDEST_DOCUMENT);
        back = converted(document, LAMBDEST_RECORD);
        expect_same_verdict(env, document);
        expect_same_verdict(env, back);
        support_expect_record(document, odd_records[i]);
        support_expect_record(back, odd_records[i]);
        lambdest_envelope_free(back);
        lambdest_envelope_free(document);
        lambdest_envelope_free(env);
        if (!is_beyond_jansson(odd_records[i]))
            expect_round_trip(odd_records[i], strlen(odd_records[i]), true);
    }
}

/* What goes where, by hand. */
static const char *const turned[][2] = {
    {"{\"version\":\"1.0\",\"timestamp\":\"t\",\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"" ARN
     ":1\",\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3},\"requestPayload\": 1 ,"
     "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"1\",\"functionError\":\"Unhandled\"},"
     "\"responsePayload\": {\"errorType\" : \"E\"} }",
     "{\"version\":\"1.0\",\"invocationId\":\"i\",\"functionName\":\"thumbnailer\",\"functionArn\":\"" ARN
     ":1\","
     "\"invocationRequest\":{\"event\": 1 },\"invocationError\": {\"errorType\" : \"E\"} ,"
     "\"invocationMetadata\":{\"timestamp\":\"t\",\"condition\":\"RetriesExhausted\","
     "\"approximateInvokeCount\":3,\"statusCode\":200,\"executedVersion\":\"1\","
     "\"functionError\":\"Unhandled\"}}"},
    {"{\"responseContext\":{\"functionError\":\"\"},\"responsePayload\":null}",
     "{\"invocationError\":null,\"invocationMetadata\":{\"functionError\":\"\"}}"},
    {"{\"requestContext\":{\"condition\":\"Success\"},\"responsePayload\": null}",
     "{\"invocationResponse\":{\"body\": null},\"invocationMetadata\":{\"condition\":\"Success\"}}"},
    {"{\"responseContext\":{\"statusCode\":204}}", "{\"invocationResponse\":{\"status\":204}}"},
    {"{\"responseContext\":{\"statusCode\":404},\"responsePayload\":1}",
     "{\"invocationMetadata\":{\"statusCode\":404,\"record\":{\"responsePayload\":1}}}"},
    {"{\"responsePayload\":1,\"invocationError\":{}}",
     "{\"invocationError\":{},\"invocationMetadata\":{\"record\":{\"responsePayload\":1,"
     "\"invocationError\":null}}}"},
    {"{\"requestContext\":{\"a\":1,\"condition\":\"Success\"},\"responseContext\":{\"b\":2},\"payload\":3,"
     "\"timeWindowInfo\":{},\"c\":4}",
     "{\"invocationResponse\":{},\"invocationMetadata\":{\"condition\":\"Success\",\"record\":{"
     "\"requestContext\":{\"a\":1},\"responseContext\":{\"b\":2},\"timeWindowInfo\":{},\"payload\":3,\"c\":4}"
     "}}"},
    {"{\"requestContext\":{},\"responseContext\":{}}",
     "{\"invocationMetadata\":{\"record\":{\"requestContext\":{},\"responseContext\":{}}}}"},
    {"{\"requestContext\":{\"requestId\":\"i\"}}", "{\"invocationId\":\"i\"}"},
    {"{\"requestContext\":{\"functionArn\":\"a\"}}", "{\"functionArn\":\"a\"}"},
    {"{\"requestContext\":{\"approximateInvokeCount\":0}}",
     "{\"invocationMetadata\":{\"approximateInvokeCount\":0}}"},
    {"{\"responseContext\":{\"executedVersion\":\"1\"}}",
     "{\"invocationMetadata\":{\"executedVersion\":\"1\"}}"},
    {"{\"responseContext\":{\"functionError\":null}}", "{\"invocationMetadata\":{\"functionError\":null}}"},
    {"{\"deliveryError\":{}}", "{\"invocationMetadata\":{\"deliveryError\":{}}}"},
};

static void writes_records_as_documents(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(turned); i++) {
        lambdest_envelope *env = support_parse_text(turned[i][0]);

        support_expect_document(env, turned[i][1]);
        lambdest_envelope_free(env);
    }
}

/* In another order and with space around them, values return. */
static void returns_values_in_any_order(void **state)
{
    static const char *const texts[] = {"{ \"e\" : 1 , \"responsePayload\":{\"b\":2 ,\"a\":1}, "
                                        "\"responseContext\" : { \"x\":1, \"functionError\" "
                                        ":null,\"statusCode\":200 }\n,\"requestPayload\":[ "
                                        "],\"requestContext\":{\"u\":{},\"condition\":\"Success\"}}",
                                        "{\"invocationError\":{\"errorType\":\"E\"},\"responsePayload\":1,"
                                        "\"requestPayload\":2,\"version\":\"9\"}",
                                        "{\"responseContext\": null , \"requestContext\": "
                                        "{\"approximateInvokeCount\":0,\"requestId\":\"a\"} }"};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++)
        expect_round_trip(texts[i], strlen(texts[i]), false);
}

/* ---- documents as they are welcome ---- */

static const char *const documents[] = {
    "{\"version\":\"1.0\",\"invocationId\":\"i\",\"functionName\":\"f\",\"functionArn\":\"a\","
    "\"invocationRequest\":"
    "{\"event\":1,\"context\":null,\"x\":1},\"invocationResponse\":{\"status\":200,\"body\":{},\"y\":2},"
    "\"invocationMetadata\":{\"timestamp\":\"t\",\"z\":3,\"record\":{\"w\":4}},\"v\":5}",
    "{\"invocationId\":\"i\",\"invocationRequest\":{},\"invocationError\":{\"errorType\":\"E\"},\"v\":{ }}",
    "{\"invocationId\":\"i\",\"invocationResponse\":null,\"invocationError\":null}",
    "{\"invocationId\":\"i\",\"invocationResponse\":{},\"invocationMetadata\":{}}",
    "{\"invocationId\":\"i\",\"functionName\":\"f\"}",
};

/* A change and back again in value: known members in order, others after them. */
static void keeps_foreign_members_when_changed(void **state)
{
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(documents); i++) {
        lambdest_envelope *env = support_parse_text(documents[i]);
        char *changed = NULL;

        support_set_text(env, LAMBDEST_REQUEST_ID, "j");
        support_set_text(env, LAMBDEST_REQUEST_ID, "i");
        changed = support_write(env, 0, 0, &len);
        support_expect_same_value(changed, len, documents[i], strlen(documents[i]));
        support_expect_bytes(changed, len, documents[i], strlen(documents[i]));
        lambdest_free(changed);
        lambdest_envelope_free(env);
    }
}

/* A document that was read and changed: what it says of the response stays where it was. */
static void changes_documents(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"functionName\":\"f\",\"functionArn\":\"" ARN "\"}");

    (void)state;
    support_set_text(env, LAMBDEST_CONDITION, "Success");
    support_expect_document(env, "{\"functionName\":\"f\",\"functionArn\":\"" ARN "\","
                                 "\"invocationMetadata\":{\"condition\":\"Success\"}}");
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "1");
    support_expect_document(env, "{\"functionName\":\"f\",\"functionArn\":\"" ARN "\","
                                 "\"invocationResponse\":{\"body\":1},"
                                 "\"invocationMetadata\":{\"condition\":\"Success\"}}");
    support_set_state(env, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_ABSENT);
    support_set_state(env, LAMBDEST_CONDITION, LAMBDEST_ABSENT);
    support_expect_document(env, "{\"functionName\":\"f\",\"functionArn\":\"" ARN "\"}");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_expect_document(env, "{\"functionName\":\"f\",\"functionArn\":\"" ARN "\","
                                 "\"invocationResponse\":{\"status\":200}}");
    lambdest_envelope_free(env);
    env = support_parse_text("{\"x\":1,\"invocationResponse\":{\"y\":2,\"status\":200}}");
    support_set_state(env, LAMBDEST_STATUS_CODE, LAMBDEST_ABSENT);
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "3");
    support_expect_document(env,
                            "{\"invocationRequest\":{\"event\":3},\"invocationResponse\":{\"y\":2},\"x\":1}");
    lambdest_envelope_free(env);
    env = support_parse_text("{\"invocationResponse\":null}");
    support_set_json(env, LAMBDEST_CONTEXT, "3");
    support_expect_document(env, "{\"invocationRequest\":{\"context\":3},\"invocationResponse\":null}");
    lambdest_envelope_free(env);
}

/* The name goes with the ARN that is set, and stays when an ARN goes. */
static void tells_the_name_of_the_function(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"functionName\":\"f\",\"functionArn\":\"" ARN "\"}");

    (void)state;
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, "thumbnailer");
    support_set_text(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:g:1");
    support_expect_document(env, "{\"functionName\":\"g\",\"functionArn\":"
                                 "\"arn:aws:lambda:eu-west-1:111122223333:function:g:1\"}");
    support_set_state(env, LAMBDEST_FUNCTION_ARN, LAMBDEST_ABSENT);
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, "f");
    support_expect_document(env, "{\"functionName\":\"f\"}");
    lambdest_envelope_free(env);
}

/* What was removed with its object does not come back by way of a document. */
static void leaves_removed_contexts_out(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"requestPayload\":1,\"responseContext\":{\"x\":1}}");

    (void)state;
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    support_expect_record(env, "{\"requestPayload\":1}");
    support_expect_document(env, "{\"invocationRequest\":{\"event\":1}}");
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_NULL);
    support_expect_record(env, "{\"requestPayload\":1,\"responseContext\":null}");
    support_expect_document(env, "{\"invocationRequest\":{\"event\":1},"
                                 "\"invocationMetadata\":{\"record\":{\"responseContext\":null}}}");
    lambdest_envelope_free(env);
}

/* Of a document that tells a success: the response goes in two steps, then nothing speaks against an error. */
static void turns_a_success_into_a_failure(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"invocationId\":\"i\",\"invocationResponse\":"
                                                "{\"status\":200,\"y\":1,\"body\":{}}}");

    (void)state;
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    support_expect_document(env, "{\"invocationId\":\"i\",\"invocationResponse\":{\"body\":{},\"y\":1}}");
    support_set_state(env, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_ABSENT);
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    support_expect_document(env, "{\"invocationId\":\"i\"}");
    assert_int_equal(lambdest_envelope_set_error(env, "E", 1, "m", 1, NULL, 0, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_FAILURE);
    assert_int_equal(lambdest_envelope_contradictory(env), 0);
    support_expect_document(env, "{\"invocationId\":\"i\",\"invocationError\":{\"errorMessage\":\"m\","
                                 "\"errorType\":\"E\",\"stackTrace\":[]},\"invocationMetadata\":"
                                 "{\"statusCode\":200,\"functionError\":\"Unhandled\"}}");
    lambdest_envelope_free(env);
}

static void shows_that_it_is_one(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0), *again;

    (void)state;
    support_set_state(env, LAMBDEST_RECORD_VERSION, LAMBDEST_ABSENT);
    again = converted(env, LAMBDEST_DOCUMENT);
    support_expect_record(again, "{\"requestContext\":{}}");
    lambdest_envelope_free(again);
    lambdest_envelope_free(env);
    env = support_parse_text("{\"invocationError\":{}}");
    support_set_state(env, LAMBDEST_INVOCATION_ERROR, LAMBDEST_ABSENT);
    support_expect_document(env, "{\"invocationMetadata\":{}}");
    lambdest_envelope_free(env);
}

/* ---- changed at random: what a document says is what the envelope says ---- */

static const int text_members[] = {
    LAMBDEST_REQUEST_ID,         LAMBDEST_FUNCTION_ARN,   LAMBDEST_CONDITION, LAMBDEST_EXECUTED_VERSION,
    LAMBDEST_FUNCTION_ERROR,     LAMBDEST_RECORD_VERSION, LAMBDEST_TIMESTAMP, LAMBDEST_FUNCTION_NAME,
    LAMBDEST_FUNCTION_QUALIFIER, LAMBDEST_ERROR_TYPE};
static const int json_members[] = {
    LAMBDEST_REQUEST_PAYLOAD,  LAMBDEST_INVOCATION_ERROR, LAMBDEST_CONTEXT,         LAMBDEST_DELIVERY_ERROR,
    LAMBDEST_TIME_WINDOW_INFO, LAMBDEST_BATCH_PAYLOAD,    LAMBDEST_RESPONSE_PAYLOAD};

static void change_at_random(lambdest_envelope *env, uint64_t *seed)
{
    static const char *const words[] = {"", "Success", "Odd", "\xC3\xA9"};
    static const char *const jsons[] = {"null", " {\"errorType\":\"E\"} ", "[ 1 ]", "\"x\""};
    int text = text_members[support_below(seed, 6)], json = json_members[support_below(seed, 7)];
    const char *word = words[support_below(seed, 4)], *value = jsons[support_below(seed, 4)];

    if (text == LAMBDEST_FUNCTION_ARN)
        word = ARN ":live";
    if (json == LAMBDEST_DELIVERY_ERROR || json == LAMBDEST_TIME_WINDOW_INFO)
        value = jsons[1];
    switch (support_below(seed, 6)) {
    case 0:
        support_set_text(env, text, word);
        break;
    case 1:
        support_set_integer(env, support_below(seed, 2) ? LAMBDEST_STATUS_CODE : LAMBDEST_INVOKE_COUNT,
                            (int64_t)support_below(seed, 1000));
        break;
    case 2:
        support_set_json(env, json, value);
        break;
    case 3:
        support_set_state(env, text, LAMBDEST_ABSENT);
        break;
    case 4:
        support_set_state(env, json, LAMBDEST_ABSENT);
        break;
    default:
        support_set_state(env, support_below(seed, 2) ? LAMBDEST_RESPONSE_CONTEXT : LAMBDEST_FUNCTION_ERROR,
                          support_below(seed, 2) ? LAMBDEST_NULL : LAMBDEST_ABSENT);
        break;
    }
}

/* A failure's response payload is read back as the error alone. */
static bool became_the_error(const lambdest_envelope *was, const lambdest_envelope *is, int member)
{
    size_t a_len, b_len;
    const char *a = lambdest_envelope_json(was, member, &a_len);
    const char *b = lambdest_envelope_json(is, LAMBDEST_INVOCATION_ERROR, &b_len);

    return member == LAMBDEST_RESPONSE_PAYLOAD && a && b && a_len == b_len && !memcmp(a, b, a_len) &&
           lambdest_envelope_state(is, member) == LAMBDEST_ABSENT;
}

static void expect_same_members(const lambdest_envelope *was, const lambdest_envelope *is)
{
    int64_t a_value, b_value;
    size_t i, a_len, b_len;

    for (i = 0; i < COUNT_OF(text_members); i++) {
        const char *a = lambdest_envelope_text(was, text_members[i], &a_len);
        const char *b = lambdest_envelope_text(is, text_members[i], &b_len);

        if (text_members[i] == LAMBDEST_FUNCTION_QUALIFIER && !a)
            continue; /* $LATEST is added */
        if (text_members[i] != LAMBDEST_FUNCTION_ARN)
            support_expect_bytes(b, b_len, a, a_len);
        assert_int_equal(lambdest_envelope_state(was, text_members[i]),
                         lambdest_envelope_state(is, text_members[i]));
    }
    for (i = 0; i < COUNT_OF(json_members); i++) {
        const char *a = lambdest_envelope_json(was, json_members[i], &a_len);
        const char *b = lambdest_envelope_json(is, json_members[i], &b_len);

        if (!became_the_error(was, is, json_members[i]))
            support_expect_bytes(b, b_len, a, a_len);
    }
    assert_int_equal(lambdest_envelope_integer(was, LAMBDEST_STATUS_CODE, &a_value),
                     lambdest_envelope_integer(is, LAMBDEST_STATUS_CODE, &b_value));
    assert_int_equal(a_value, b_value);
    assert_int_equal(lambdest_envelope_integer(was, LAMBDEST_INVOKE_COUNT, &a_value),
                     lambdest_envelope_integer(is, LAMBDEST_INVOKE_COUNT, &b_value));
    assert_int_equal(a_value, b_value);
}

static void says_what_was_changed(void **state)
{
    size_t round, i, rounds = support_quick() ? 30 : 1000;
    uint64_t seed = 7;

    (void)state;
    for (round = 0; round < rounds; round++) {
        lambdest_envelope *env = support_parse_text(documents[round % COUNT_OF(documents)]), *again;

        for (i = 0; i < 12; i++) {
            change_at_random(env, &seed);
            again = converted(env, LAMBDEST_DOCUMENT);
            expect_same_members(env, again);
            expect_same_verdict(env, again);
            lambdest_envelope_free(again);
            again = converted(env, LAMBDEST_RECORD);
            assert_int_equal(lambdest_envelope_outcome(env), lambdest_envelope_outcome(again));
            lambdest_envelope_free(again);
        }
        lambdest_envelope_free(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_success),
        cmocka_unit_test(builds_a_failure),
        cmocka_unit_test(writes_records_as_documents),
        cmocka_unit_test(returns_every_record),
        cmocka_unit_test(returns_odd_records),
        cmocka_unit_test(returns_values_in_any_order),
        cmocka_unit_test(keeps_foreign_members_when_changed),
        cmocka_unit_test(changes_documents),
        cmocka_unit_test(tells_the_name_of_the_function),
        cmocka_unit_test(leaves_removed_contexts_out),
        cmocka_unit_test(turns_a_success_into_a_failure),
        cmocka_unit_test(shows_that_it_is_one),
        cmocka_unit_test(says_what_was_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
