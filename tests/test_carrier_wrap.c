#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE "arn:aws:sqs:eu-west-1:111122223333:results"
#define TOPIC "arn:aws:sns:cn-north-1:111122223333:results"
#define BUS "arn:aws:events:eu-west-1:111122223333:event-bus/results"
#define FUNCTION "arn:aws:lambda:eu-west-1:111122223333:function:orders"

static const char record[] =
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:24:58.046Z\",\"requestContext\":{\"requestId\":\"r-"
    "1\","
    "\"functionArn\":\"" FUNCTION ":$LATEST\",\"condition\":\"Success\",\"approximateInvokeCount\":1},"
    "\"requestPayload\": {\"a\" : \"\\ud83d \\u00e9\"} }";

static lambdest_message message_of(const char *body, const char *id, const char *source)
{
    lambdest_message m = {0};

    m.body = body;
    m.body_len = body ? strlen(body) : 0;
    m.id = id;
    m.id_len = id ? strlen(id) : 0;
    m.source = source;
    m.source_len = source ? strlen(source) : 0;
    m.time_ms = INT64_C(1772443498090);
    return m;
}

static void expect_text(int carrier, const lambdest_message *m, size_t count, const char *expected)
{
    lambdest_error err;
    size_t len;
    char *out;

    assert_int_equal(lambdest_wrap(carrier, m, count, NULL, &out, &len, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    support_expect_bytes(out, len, expected, strlen(expected));
    assert_int_equal(out[len], 0);
    lambdest_free(out);
}

static void expect_error(int carrier, const lambdest_message *m, size_t count, int code, const char *where)
{
    lambdest_error err;
    char *out = (char *)&err;
    size_t len = 1;

    assert_int_equal(lambdest_wrap(carrier, m, count, NULL, &out, &len, &err), code);
    assert_null(out);
    assert_int_equal(len, 0);
    /* An offset is a place in a text; what is wrong elsewhere has none. */
    support_expect_error(&err, code, code == LAMBDEST_E_UTF8 || code == LAMBDEST_E_SYNTAX ? err.offset : 0,
                         where);
}

/* ---- the exact shapes ---- */

static void writes_what_a_queue_hands_out(void **state)
{
    lambdest_message m[2] = {message_of("a\"b\x01", "m-1", QUEUE), message_of("", "m-2", QUEUE)};

    (void)state;
    expect_text(
        LAMBDEST_SQS_EVENT, m, 2,
        "{\"Records\":[{\"messageId\":\"m-1\",\"receiptHandle\":\"m-1\",\"body\":\"a\\\"b\\u0001\","
        "\"attributes\":{"
        "\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"1772443498090\",\"SenderId\":\"111122223333\","
        "\"ApproximateFirstReceiveTimestamp\":\"1772443498090\"},\"messageAttributes\":{},"
        "\"md5OfBody\":\"39714668a206c14950228642688f2914\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"
        "\"" QUEUE "\",\"awsRegion\":\"eu-west-1\"},{\"messageId\":\"m-2\",\"receiptHandle\":\"m-2\","
        "\"body\":\"\",\"attributes\":{"
        "\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"1772443498090\",\"SenderId\":\"111122223333\","
        "\"ApproximateFirstReceiveTimestamp\":\"1772443498090\"},\"messageAttributes\":{},"
        "\"md5OfBody\":\"d41d8cd98f00b204e9800998ecf8427e\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"
        "\"" QUEUE "\",\"awsRegion\":\"eu-west-1\"}]}");
    expect_text(LAMBDEST_SQS_EVENT, NULL, 0, "{\"Records\":[]}");
    expect_text(LAMBDEST_SNS_EVENT, NULL, 0, "{\"Records\":[]}");
}

static void writes_what_a_topic_sends(void **state)
{
    lambdest_message m = message_of("hi", "n-1", "arn:aws:sns:eu-west-1:111122223333:t");
    lambdest_message china = message_of("hi", "n-1", "arn:aws-cn:sns:cn-north-1:111122223333:t");

    (void)state;
    expect_text(LAMBDEST_SNS_NOTIFICATION, &m, 1,
                "{\"Type\":\"Notification\",\"MessageId\":\"n-1\",\"TopicArn\":\"arn:aws:sns:eu-west-1:"
                "111122223333:t\","
                "\"Message\":\"hi\",\"Timestamp\":\"2026-03-02T09:24:58.090Z\",\"SignatureVersion\":\"1\","
                "\"Signature\":\"AAAA\","
                "\"SigningCertURL\":\"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-"
                "00000000000000000000000000000000.pem\",\"UnsubscribeURL\":\"https://"
                "sns.eu-west-1.amazonaws.com/?Action="
                "Unsubscribe&SubscriptionArn=arn:aws:sns:eu-west-1:111122223333:t:00000000-0000-0000-0000-"
                "000000000000\"}");
    expect_text(
        LAMBDEST_SNS_EVENT, &china, 1,
        "{\"Records\":[{\"EventSource\":\"aws:sns\",\"EventVersion\":\"1.0\",\"EventSubscriptionArn\":"
        "\"arn:aws-cn:sns:cn-north-1:111122223333:t:00000000-0000-0000-0000-000000000000\",\"Sns\":{"
        "\"Type\":\"Notification\",\"MessageId\":\"n-1\",\"TopicArn\":\"arn:aws-cn:sns:cn-north-1:"
        "111122223333:t\","
        "\"Subject\":null,\"Message\":\"hi\",\"Timestamp\":\"2026-03-02T09:24:58.090Z\",\"SignatureVersion\":"
        "\"1\","
        "\"Signature\":\"AAAA\",\"SigningCertUrl\":\"https://sns.cn-north-1.amazonaws.com.cn/"
        "SimpleNotificationService-"
        "00000000000000000000000000000000.pem\",\"UnsubscribeUrl\":\"https://sns.cn-north-1.amazonaws.com.cn/"
        "?Action="
        "Unsubscribe&SubscriptionArn=arn:aws-cn:sns:cn-north-1:111122223333:t:00000000-0000-0000-0000-"
        "000000000000\","
        "\"MessageAttributes\":{}}}]}");
}

static void a_topics_event_has_all_its_messages(void **state)
{
    lambdest_message m[3] = {message_of("1", "n-1", TOPIC), message_of("2", "n-2", TOPIC),
                             message_of("3", "n-3", TOPIC)};
    lambdest_items *items;
    size_t i, len;
    char *out;

    (void)state;
    assert_int_equal(lambdest_wrap(LAMBDEST_SNS_EVENT, m, 3, NULL, &out, &len, NULL), LAMBDEST_OK);
    assert_int_equal(support_jansson(out, len), SUPPORT_VALID);
    assert_int_equal(lambdest_unwrap(out, len, NULL, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), 3);
    for (i = 0; i < 3; i++)
        assert_string_equal(lambdest_item_text(lambdest_items_at(items, i), LAMBDEST_ITEM_ID, NULL), m[i].id);
    lambdest_items_free(items);
    lambdest_free(out);
}

/* The first and the last millisecond that a timestamp can name. */
static void times_have_four_digits_for_the_year(void **state)
{
    lambdest_message m = message_of("hi", "n-1", TOPIC);
    char *out;

    (void)state;
    m.time_ms = INT64_C(-62167219200000);
    assert_int_equal(lambdest_wrap(LAMBDEST_SNS_NOTIFICATION, &m, 1, NULL, &out, NULL, NULL), LAMBDEST_OK);
    assert_non_null(strstr(out, "\"Timestamp\":\"0000-01-01T00:00:00.000Z\""));
    lambdest_free(out);
    m.time_ms = INT64_C(253402300799999);
    assert_int_equal(lambdest_wrap(LAMBDEST_SNS_NOTIFICATION, &m, 1, NULL, &out, NULL, NULL), LAMBDEST_OK);
    assert_non_null(strstr(out, "\"Timestamp\":\"9999-12-31T23:59:59.999Z\""));
    lambdest_free(out);
}

static void only_china_has_another_domain(void **state)
{
    lambdest_message m = message_of("hi", "n-1", "arn:aws-us:sns:us-iso-1:111122223333:t");
    char *out;

    (void)state;
    assert_int_equal(lambdest_wrap(LAMBDEST_SNS_NOTIFICATION, &m, 1, NULL, &out, NULL, NULL), LAMBDEST_OK);
    assert_non_null(strstr(out, "\"https://sns.us-iso-1.amazonaws.com/?Action"));
    lambdest_free(out);
}

static void writes_what_a_bus_sends(void **state)
{
    lambdest_message m = message_of(record, "e-1", BUS);

    (void)state;
    expect_text(LAMBDEST_EVENTBRIDGE_EVENT, &m, 1,
                "{\"version\":\"0\",\"id\":\"e-1\",\"detail-type\":\"Lambda Function Invocation Result - "
                "Success\",\"source\":"
                "\"lambda\",\"account\":\"111122223333\",\"time\":\"2026-03-02T09:24:58Z\",\"region\":\"eu-"
                "west-1\",\"resources\":["
                "\"" BUS "\",\"" FUNCTION
                ":$LATEST\"],\"detail\":{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:24:58.046Z\","
                "\"requestContext\":{\"requestId\":\"r-1\",\"functionArn\":\"" FUNCTION
                ":$LATEST\",\"condition\":\"Success\","
                "\"approximateInvokeCount\":1},\"requestPayload\":{\"a\":\"\\ud83d \\u00e9\"}}}");
    m = message_of("{\"responseContext\": {\"functionError\":\"Unhandled\"},\"requestPayload\":1}", NULL,
                   NULL);
    expect_text(LAMBDEST_EVENTBRIDGE_ENTRY, &m, 1,
                "{\"Time\":1772443498,\"Source\":\"lambda\",\"DetailType\":\"Lambda Function Invocation "
                "Result - Failure\","
                "\"Detail\":\"{\\\"responseContext\\\": "
                "{\\\"functionError\\\":\\\"Unhandled\\\"},\\\"requestPayload\\\":1}\"}");
    m.time_ms = 0;
    m.source = BUS;
    m.source_len = sizeof BUS - 1;
    expect_text(LAMBDEST_EVENTBRIDGE_ENTRY, &m, 1,
                "{\"Source\":\"lambda\",\"Resources\":[\"" BUS
                "\"],\"DetailType\":\"Lambda Function Invocation Result - Failure\","
                "\"Detail\":\"{\\\"responseContext\\\": "
                "{\\\"functionError\\\":\\\"Unhandled\\\"},\\\"requestPayload\\\":1}\","
                "\"EventBusName\":\"" BUS "\"}");
}

static void names_what_a_bucket_gets(void **state)
{
    lambdest_message m = message_of(record, "9a4c7d2e", NULL);
    size_t len;
    char *text;

    (void)state;
    expect_text(LAMBDEST_S3_KEY, &m, 1, "aws/lambda/async/orders/2026/03/02/2026-03-02T09.24.58-9a4c7d2e");
    m.body = "{\"requestContext\":{\"functionArn\":\"" FUNCTION ":1\"}}";
    m.body_len = strlen(m.body);
    expect_text(LAMBDEST_S3_KEY, &m, 1, "aws/lambda/async/orders/2026/03/02/2026-03-02T09.24.58-9a4c7d2e");
    m.body = "{\"requestContext\":{}}";
    m.body_len = strlen(m.body);
    expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_ABSENT, "requestContext.functionArn");
    m.body = "{\"KinesisBatchInfo\":{}}";
    m.body_len = strlen(m.body);
    expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_ABSENT, "messages.mapping");
    m.mapping = "map-1";
    m.mapping_len = 5;
    expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_ABSENT, "*BatchInfo.shardId");
    text = support_load("tests/records/kinesis-failure.json", &len);
    m.body = text;
    m.body_len = len;
    expect_text(LAMBDEST_S3_KEY, &m, 1,
                "aws/lambda/map-1/shardId-000000000002/2026/03/02/2026-03-02T10.00.09-9a4c7d2e");
    free(text);
}

/* A key may become the name of a file. */
static void no_part_of_a_key_leads_elsewhere(void **state)
{
    static const char *const parts[] = {"../x", "a/b",  "/",    ".",    "..",       "",
                                        "a\\b", "a\nb", "\x1F", "\x7F", "\xC2\x80", "a\xC2\x9F"};
    static const char *const good[] = {"...", "a..b", ".a", "a b", "\xC3\xA9", "\xC2\xA0", "$LATEST"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        lambdest_message m =
            message_of("{\"requestContext\":{\"functionArn\":\"" FUNCTION ":1\"}}", parts[i], NULL);

        m.time_ms = 1772443498046;
        expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_INVAL, "messages.id");
        m = message_of(NULL, "id", NULL);
        m.time_ms = 1772443498046;
        m.body = "{\"KinesisBatchInfo\":{\"shardId\":\"s\"}}";
        m.body_len = strlen(m.body);
        m.mapping = parts[i];
        m.mapping_len = strlen(parts[i]);
        expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_INVAL, "messages.mapping");
    }
    for (i = 0; i < sizeof good / sizeof good[0]; i++) {
        lambdest_message m = message_of(record, good[i], NULL);
        char key[128];

        snprintf(key, sizeof key, "aws/lambda/async/orders/2026/03/02/2026-03-02T09.24.58-%s", good[i]);
        expect_text(LAMBDEST_S3_KEY, &m, 1, key);
    }
}

static void no_name_in_a_key_leads_elsewhere(void **state)
{
    static const char *const names[] = {"../x", "a/b", ".", "..", "a\\\\b", "a\\nb", "a\\u0000b"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        char body[256];
        lambdest_message m = message_of("{}", "id", NULL);

        m.time_ms = 1772443498046;
        m.mapping = "map";
        m.mapping_len = 3;
        m.body = body;
        m.body_len = (size_t)snprintf(
            body, sizeof body, "{\"functionName\":\"%s\",\"invocationResponse\":{\"body\":1}}", names[i]);
        expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_INVAL, "requestContext.functionArn");
        m.body_len =
            (size_t)snprintf(body, sizeof body, "{\"KinesisBatchInfo\":{\"shardId\":\"%s\"}}", names[i]);
        expect_error(LAMBDEST_S3_KEY, &m, 1, LAMBDEST_E_INVAL, "*BatchInfo.shardId");
    }
}

static void writes_envelopes_as_records(void **state)
{
    static const char document[] = "{\"invocationId\":\"r-2\",\"functionArn\":\"" FUNCTION
                                   "\",\"invocationResponse\":{\"body\":[1, 2]}}";
    lambdest_envelope *env;
    lambdest_message m = message_of(NULL, "m-1", QUEUE);
    lambdest_items *items;
    char *out, *expected;
    const char *body;
    size_t len, body_len, expected_len;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(document, strlen(document), NULL, &env, NULL), LAMBDEST_OK);
    m.envelope = env;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, NULL, &out, &len, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_unwrap(out, len, NULL, &items, NULL), LAMBDEST_OK);
    body = lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, &body_len);
    assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, 0, &expected, &expected_len, NULL),
                     LAMBDEST_OK);
    support_expect_bytes(body, body_len, expected, expected_len);
    lambdest_free(out);
    lambdest_free(expected);
    lambdest_items_free(items);
    m.body = "";
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.body");
    m.body = NULL;
    m.body_len = 1;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.body");
    lambdest_envelope_free(env);
}

static void time_is_the_envelopes_unless_it_is_given(void **state)
{
    lambdest_message m = message_of(NULL, "m-1", QUEUE);
    lambdest_envelope *env;
    char *out;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(record, strlen(record), NULL, &env, NULL), LAMBDEST_OK);
    m.envelope = env;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, NULL, &out, NULL, NULL), LAMBDEST_OK);
    assert_non_null(strstr(out, "\"SentTimestamp\":\"1772443498090\""));
    lambdest_free(out);
    m.time_ms = 0;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, NULL, &out, NULL, NULL), LAMBDEST_OK);
    assert_non_null(strstr(out, "\"SentTimestamp\":\"1772443498046\""));
    lambdest_free(out);
    lambdest_envelope_free(env);
}

/* ---- there and back ---- */

static void expect_back(int carrier, const lambdest_message *m, const char *path)
{
    lambdest_items *items;
    const char *body;
    size_t len, body_len;
    char *out;

    assert_int_equal(lambdest_wrap(carrier, m, 1, NULL, &out, &len, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_unwrap(out, len, NULL, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), 1);
    assert_string_equal(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_CARRIER, NULL), path);
    assert_string_equal(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ID, NULL), m->id);
    assert_string_equal(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_SOURCE, NULL),
                        m->source);
    body = lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, &body_len);
    support_expect_bytes(body, body_len, m->body, m->body_len);
    lambdest_items_free(items);
    lambdest_free(out);
}

static void unwrap_gives_back_the_bytes(void **state)
{
    static const char *const files[] = {
        "async-failure-unhandled-python", "async-success-raw-splice",    "kafka-s3-with-payload",
        "not-a-record-pipes-dlq",         "async-success-null-response", "dynamodb-failure",
    };
    size_t i, len;

    (void)state;
    for (i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[128], *text;
        lambdest_message m;

        sprintf(path, "tests/records/%s.json", files[i]);
        text = support_load(path, &len);
        m = message_of("", "i-\"1", QUEUE);
        m.body = text;
        m.body_len = len;
        expect_back(LAMBDEST_SQS_EVENT, &m, "sqs");
        m.source = TOPIC;
        m.source_len = strlen(TOPIC);
        expect_back(LAMBDEST_SNS_EVENT, &m, "sns");
        expect_back(LAMBDEST_SNS_NOTIFICATION, &m, "sns");
        free(text);
    }
}

static void unwrap_gives_back_random_payloads(void **state)
{
    uint64_t seed = 606;
    int round;

    (void)state;
    for (round = 0; round < (support_quick() ? 100 : 2000); round++) {
        char body[1200] = "{\"requestPayload\":";
        size_t len = strlen(body);
        lambdest_message m = message_of("", "m", QUEUE), outer;
        char *out;

        len += support_random_json(&seed, (unsigned char *)body + len, 1000);
        body[len++] = '}';
        m.body = body;
        m.body_len = len;
        expect_back(LAMBDEST_SQS_EVENT, &m, "sqs");
        m.source = TOPIC;
        m.source_len = strlen(TOPIC);
        assert_int_equal(lambdest_wrap(LAMBDEST_SNS_NOTIFICATION, &m, 1, NULL, &out, &len, NULL),
                         LAMBDEST_OK);
        outer = message_of(out, "o", QUEUE);
        assert_int_equal(outer.body_len, len);
        assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &outer, 1, NULL, &out, &len, NULL), LAMBDEST_OK);
        lambdest_items *items;
        assert_int_equal(lambdest_unwrap(out, len, NULL, &items, NULL), LAMBDEST_OK);
        const char *back = lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, &len);
        support_expect_bytes(back, len, m.body, m.body_len);
        lambdest_items_free(items);
        lambdest_free(out);
        lambdest_free((char *)(uintptr_t)outer.body);
    }
}

/* ---- bad arguments ---- */

static void refuses_what_no_carrier_holds(void **state)
{
    lambdest_message m = message_of("{}", "i", QUEUE);
    lambdest_error err;
    size_t len;
    char *out;

    (void)state;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, NULL, NULL, &len, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, NULL, 1, NULL, &out, &len, NULL), LAMBDEST_E_INVAL);
    expect_error(LAMBDEST_RECORD, &m, 1, LAMBDEST_E_INVAL, "carrier");
    expect_error(LAMBDEST_SQS_EVENT - 1, &m, 1, LAMBDEST_E_INVAL, "carrier");
    expect_error(LAMBDEST_S3_KEY + 1, &m, 1, LAMBDEST_E_INVAL, "carrier");
    expect_error(LAMBDEST_SQS_EVENT, &m, SIZE_MAX / 64, LAMBDEST_E_NOMEM, "");
    expect_error(LAMBDEST_SNS_NOTIFICATION, &m, 0, LAMBDEST_E_INVAL, "count");
    expect_error(LAMBDEST_EVENTBRIDGE_EVENT, &m, 2, LAMBDEST_E_INVAL, "count");
    expect_error(LAMBDEST_SNS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.source");
    m = message_of("{}", NULL, QUEUE);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_ABSENT, "messages.id");
    m.id_len = 1;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.id");
    m = message_of("{}", "i", NULL);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_ABSENT, "messages.source");
    m = message_of(NULL, "i", QUEUE);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_ABSENT, "messages.body");
    m.body_len = 1;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.body");
    m = message_of("ab\xFF", "i", QUEUE);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_UTF8, "messages.body");
    m = message_of("{}", "\xFF", QUEUE);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_UTF8, "messages.id");
    m = message_of("{}", "i", QUEUE);
    m.time_ms = INT64_MAX;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.time_ms");
    m.time_ms = INT64_MIN;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.time_ms");
    m.time_ms = INT64_C(-62167219200001);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.time_ms");
    m.time_ms = INT64_C(253402300800000);
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.time_ms");
    m.time_ms = 0;
    m.reserved = 1;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.reserved");
    m.reserved = 0;
    m.reserved_pointer = &m;
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_INVAL, "messages.reserved");
    m = message_of("{}", "i", "arn:aws:sqs:r:1:\xFF");
    expect_error(LAMBDEST_SQS_EVENT, &m, 1, LAMBDEST_E_UTF8, "messages.source");
    m = message_of("{}", "i", BUS);
    expect_error(LAMBDEST_EVENTBRIDGE_EVENT, &m, 1, LAMBDEST_E_SCHEMA, "$");
    m = message_of("{", "i", BUS);
    expect_error(LAMBDEST_EVENTBRIDGE_ENTRY, &m, 1, LAMBDEST_E_SYNTAX, "$");
}

static void limits_reach_the_messages(void **state)
{
    lambdest_message m = message_of(record, "i", QUEUE);
    lambdest_options options = {0};
    lambdest_error err;
    char *out;

    (void)state;
    options.size = sizeof options;
    options.max_bytes = sizeof record - 1;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, &options, &out, NULL, &err), LAMBDEST_OK);
    lambdest_free(out);
    options.max_bytes--;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, &options, &out, NULL, &err),
                     LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, sizeof record - 2, "messages.body");
    options.max_bytes = 100;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, &options, &out, NULL, &err),
                     LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 100, "messages.body");
    options.size = 1;
    assert_int_equal(lambdest_wrap(LAMBDEST_SQS_EVENT, &m, 1, &options, &out, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
}

static int attempt(support_memory *m, void *arg)
{
    const int carrier = *(int *)arg;
    lambdest_options options = {0};
    lambdest_message messages[2] = {message_of(record, "a", NULL), message_of(NULL, "b", NULL)};
    const char *source = carrier == LAMBDEST_SQS_EVENT ? QUEUE : BUS;
    bool one = carrier == LAMBDEST_EVENTBRIDGE_EVENT;
    lambdest_envelope *env;
    lambdest_error err;
    char *out;
    int rc;

    options.size = sizeof options;
    options.alloc = &m->alloc;
    rc = lambdest_envelope_parse(record, strlen(record), &options, &env, NULL);
    if (rc)
        return rc;
    messages[1].envelope = env;
    messages[0].source = messages[1].source = source;
    messages[0].source_len = messages[1].source_len = strlen(source);
    rc = lambdest_wrap(carrier, messages, one ? 1 : 2, &options, &out, NULL, &err);
    assert_true((out != NULL) == (rc == LAMBDEST_OK));
    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    lambdest_free(out);
    lambdest_envelope_free(env);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    int carriers[] = {LAMBDEST_SQS_EVENT, LAMBDEST_EVENTBRIDGE_EVENT};

    support_exhaust(*state, attempt, &carriers[0]);
    support_exhaust(*state, attempt, &carriers[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_a_queue_hands_out),
        cmocka_unit_test(writes_what_a_topic_sends),
        cmocka_unit_test(a_topics_event_has_all_its_messages),
        cmocka_unit_test(times_have_four_digits_for_the_year),
        cmocka_unit_test(only_china_has_another_domain),
        cmocka_unit_test(writes_what_a_bus_sends),
        cmocka_unit_test(names_what_a_bucket_gets),
        cmocka_unit_test(no_part_of_a_key_leads_elsewhere),
        cmocka_unit_test(no_name_in_a_key_leads_elsewhere),
        cmocka_unit_test(writes_envelopes_as_records),
        cmocka_unit_test(time_is_the_envelopes_unless_it_is_given),
        cmocka_unit_test(unwrap_gives_back_the_bytes),
        cmocka_unit_test(unwrap_gives_back_random_payloads),
        cmocka_unit_test(refuses_what_no_carrier_holds),
        cmocka_unit_test(limits_reach_the_messages),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
