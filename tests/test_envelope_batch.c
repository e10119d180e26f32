#include "support_envelope.h"

#include <stdio.h>

/* ---- ranges ---- */

#define expect_range(env, index, member, expected)                                                           \
    expect_range_at((env), (index), (member), (expected), __FILE__, __LINE__)
static void expect_range_at(const lambdest_envelope *env, size_t index, int member, const char *expected,
                            const char *file, int line)
{
    size_t len = 77;
    const char *text = lambdest_envelope_range_text(env, index, member, &len);

    if (!expected && !text && !len)
        return;
    if (!expected || !text)
        _fail(file, line);
    else
        support_expect_bytes_at(text, len + 1, expected, strlen(expected) + 1, file, line);
}

static lambdest_envelope *load_record(const char *name, char **text, size_t *len)
{
    char path[120];

    snprintf(path, sizeof path, "tests/records/%s.json", name);
    *text = support_load(path, len);
    return support_parse(NULL, *text, *len, 0);
}

static void reads_a_shard(void **state)
{
    char *text;
    size_t len;
    lambdest_envelope *env = load_record("kinesis-failure", &text, &len);

    (void)state;
    assert_int_equal(lambdest_envelope_range_count(env), 1);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, "shardId-000000000002");
    expect_range(env, 0, LAMBDEST_RANGE_TOPIC, NULL);
    expect_range(env, 0, LAMBDEST_RANGE_PARTITION, NULL);
    expect_range(env, 0, LAMBDEST_RANGE_FIRST, "49657712300000000000000000000000000000000000000000000034");
    expect_range(env, 0, LAMBDEST_RANGE_LAST, "49657712300000000000000000000000000000000000000000000036");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST_TIME, "2026-03-02T10:00:01.125Z");
    expect_range(env, 0, LAMBDEST_RANGE_LAST_TIME, "2026-03-02T10:00:04.980Z");
    support_expect_text(env, LAMBDEST_SOURCE_ARN, "arn:aws:kinesis:eu-west-1:111122223333:stream/orders");
    support_expect_integer(env, LAMBDEST_BATCH_SIZE, 3);
    support_expect_integer(env, LAMBDEST_PAYLOAD_SIZE, -1);
    lambdest_envelope_free(env);
    free(text);
    env = load_record("dynamodb-failure", &text, &len);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, "shardId-00000001772445000123-5f6a7b8c");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST, "812300000000012345678901");
    expect_range(env, 0, LAMBDEST_RANGE_LAST, "812300000000012345678907");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST_TIME, "2026-03-02T10:10:01Z");
    expect_range(env, 0, LAMBDEST_RANGE_LAST_TIME, "2026-03-02T10:10:03Z");
    support_expect_text(
        env, LAMBDEST_SOURCE_ARN,
        "arn:aws:dynamodb:eu-west-1:111122223333:table/Orders/stream/2026-01-20T08:30:00.123");
    support_expect_integer(env, LAMBDEST_BATCH_SIZE, 2);
    lambdest_envelope_free(env);
    free(text);
}

static void reads_topics(void **state)
{
    char *text;
    size_t len;
    lambdest_envelope *env = load_record("kafka-failure", &text, &len);

    (void)state;
    assert_int_equal(lambdest_envelope_range_count(env), 2);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, "orders-0");
    expect_range(env, 0, LAMBDEST_RANGE_TOPIC, "orders");
    expect_range(env, 0, LAMBDEST_RANGE_PARTITION, "0");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST, "71");
    expect_range(env, 0, LAMBDEST_RANGE_LAST, "71");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST_TIME, "2026-03-02T10:20:01.004Z");
    expect_range(env, 1, LAMBDEST_RANGE_NAME, "orders-eu-1");
    expect_range(env, 1, LAMBDEST_RANGE_TOPIC, "orders-eu");
    expect_range(env, 1, LAMBDEST_RANGE_PARTITION, "1");
    expect_range(env, 1, LAMBDEST_RANGE_LAST_TIME, "2026-03-02T10:20:01.390Z");
    support_expect_text(env, LAMBDEST_SOURCE_ARN,
                        "arn:aws:kafka:eu-west-1:111122223333:cluster/shop/"
                        "0f1e2d3c-4b5a-4968-8776-655443322110-7");
    support_expect_integer(env, LAMBDEST_BATCH_SIZE, 2);
    support_expect_integer(env, LAMBDEST_PAYLOAD_SIZE, 623);
    lambdest_envelope_free(env);
    free(text);
    env = load_record("kafka-topic-with-payload", &text, &len);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, NULL);
    expect_range(env, 0, LAMBDEST_RANGE_TOPIC, NULL);
    expect_range(env, 0, LAMBDEST_RANGE_FIRST, "71");
    expect_range(env, 0, LAMBDEST_RANGE_LAST, "71");
    expect_range(env, 0, LAMBDEST_RANGE_FIRST_TIME, "2026-03-02T10:20:01.004Z");
    expect_range(env, 0, LAMBDEST_RANGE_LAST_TIME, "2026-03-02T10:20:01.004Z");
    lambdest_envelope_free(env);
    free(text);
}

static void splits_at_the_last_hyphen(void **state)
{
    static const struct split {
        const char *written, *name, *topic, *partition;
    } splits[] = {{"a-b-c-12", "a-b-c-12", "a-b-c", "12"},
                  {"plain", "plain", NULL, NULL},
                  {"-3", "-3", "", "3"},
                  {"a-", "a-", "a", ""},
                  {"-", "-", "", ""},
                  {"", "", NULL, NULL},
                  {"a\\u002d4", "a-4", "a", "4"},
                  {"\\u00fc.\\n-0", "\xC3\xBC.\n-0", "\xC3\xBC.\n", "0"},
                  {"\\ud83d-1", "\xEF\xBF\xBD-1", "\xEF\xBF\xBD", "1"}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(splits); i++) {
        char text[100];
        lambdest_envelope *env;

        snprintf(text, sizeof text, "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"%s\":{}}}}", splits[i].written);
        env = support_parse_text(text);
        assert_int_equal(lambdest_envelope_range_count(env), 1);
        expect_range(env, 0, LAMBDEST_RANGE_NAME, splits[i].name);
        expect_range(env, 0, LAMBDEST_RANGE_TOPIC, splits[i].topic);
        expect_range(env, 0, LAMBDEST_RANGE_PARTITION, splits[i].partition);
        expect_range(env, 0, LAMBDEST_RANGE_FIRST, NULL);
        expect_range(env, 0, LAMBDEST_RANGE_LAST_TIME, NULL);
        lambdest_envelope_free(env);
    }
}

/* A tumbling window's last failure names nothing but its shard. */
static void reads_what_little_there_is(void **state)
{
    lambdest_envelope *env = support_parse_text(
        "{\"KinesisBatchInfo\":{\"streamArn\":\"s\",\"shardId\":\"x\"},\"timeWindowInfo\": {\"a\":1} }");
    int member;

    (void)state;
    assert_int_equal(lambdest_envelope_range_count(env), 1);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, "x");
    for (member = LAMBDEST_RANGE_TOPIC; member <= LAMBDEST_RANGE_LAST_TIME; member++)
        expect_range(env, 0, member, NULL);
    support_expect_text(env, LAMBDEST_SOURCE_ARN, "s");
    support_expect_integer(env, LAMBDEST_BATCH_SIZE, -1);
    support_expect_json(env, LAMBDEST_TIME_WINDOW_INFO, "{\"a\":1}");
    lambdest_envelope_free(env);
    env = support_parse_text("{\"KafkaBatchInfo\":{\"batchSize\":0,\"payloadSize\":0}}");
    support_expect_integer(env, LAMBDEST_BATCH_SIZE, 0);
    support_expect_integer(env, LAMBDEST_PAYLOAD_SIZE, 0);
    lambdest_envelope_free(env);
    env = support_parse_text("{\"KafkaBatchInfo\":{}}");
    assert_int_equal(lambdest_envelope_range_count(env), 0);
    support_expect_integer(env, LAMBDEST_PAYLOAD_SIZE, -1);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, NULL);
    support_expect_text(env, LAMBDEST_SOURCE_ARN, NULL);
    lambdest_envelope_free(env);
}

/* A name is kept whole and in its parts, whatever room there is beside it. */
static void keeps_long_names(void **state)
{
    enum {
        LONG = 400
    };
    char name[LONG + 3], topic[LONG + 1], text[LONG + 60];
    size_t i, len;

    memset(topic, 't', LONG);
    topic[LONG] = 0;
    snprintf(name, sizeof name, "%s-1", topic);
    len = (size_t)snprintf(text, sizeof text, "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"%s\":{}}}}", name);
    for (i = 0; i < 2; i++) {
        lambdest_envelope *env =
            i ? support_parse(*state, text, len, LAMBDEST_BORROW) : support_new(*state, 0);

        if (!i)
            assert_int_equal(
                lambdest_envelope_set_json(env, LAMBDEST_KAFKA_BATCH_INFO, text + 18, len - 19, NULL),
                LAMBDEST_OK);
        expect_range(env, 0, LAMBDEST_RANGE_NAME, name);
        expect_range(env, 0, LAMBDEST_RANGE_TOPIC, topic);
        expect_range(env, 0, LAMBDEST_RANGE_PARTITION, "1");
        lambdest_envelope_free(env);
    }
}

static void answers_wrong_questions(void **state)
{
    static const int others[] = {0, -1, LAMBDEST_RANGE_NAME - 1, LAMBDEST_RANGE_LAST_TIME + 1,
                                 LAMBDEST_REQUEST_ID};
    lambdest_envelope *env = support_parse_text("{\"KafkaBatchInfo\":{\"recordsInfo\":{\"a-1\":{}}}}");
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(others); i++)
        expect_range(env, 0, others[i], NULL);
    expect_range(env, 1, LAMBDEST_RANGE_NAME, NULL);
    expect_range(env, SIZE_MAX, LAMBDEST_RANGE_NAME, NULL);
    expect_range(NULL, 0, LAMBDEST_RANGE_NAME, NULL);
    assert_string_equal(lambdest_envelope_range_text(env, 0, LAMBDEST_RANGE_NAME, NULL), "a-1");
    assert_null(lambdest_envelope_range_text(env, 1, LAMBDEST_RANGE_NAME, NULL));
    assert_int_equal(lambdest_envelope_range_count(NULL), 0);
    lambdest_envelope_free(env);
}

/* ---- building: the same record from its members, as jansson reads them out of the file ---- */

static char *dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    assert_non_null(text);
    return text;
}

static void set_text_of(lambdest_envelope *env, int member, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_string(value))
        support_set_text(env, member, json_string_value(value));
    else if (json_is_null(value))
        support_set_state(env, member, LAMBDEST_NULL);
}

static void set_json_of(lambdest_envelope *env, int member, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    char *text;

    if (!value)
        return;
    text = dump(value);
    support_set_json(env, member, text);
    free(text);
}

/* Members are set in an order that is not the record's. */
static lambdest_envelope *rebuild(const json_t *record)
{
    const json_t *request = json_object_get(record, "requestContext");
    const json_t *response = json_object_get(record, "responseContext");
    lambdest_envelope *env = support_new(NULL, 0);

    set_json_of(env, LAMBDEST_BATCH_PAYLOAD, record, "payload");
    set_text_of(env, LAMBDEST_TIMESTAMP, record, "timestamp");
    set_json_of(env, LAMBDEST_KAFKA_BATCH_INFO, record, "KafkaBatchInfo");
    set_json_of(env, LAMBDEST_DDB_STREAM_BATCH_INFO, record, "DDBStreamBatchInfo");
    set_json_of(env, LAMBDEST_KINESIS_BATCH_INFO, record, "KinesisBatchInfo");
    if (json_is_null(response))
        support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_NULL);
    set_text_of(env, LAMBDEST_FUNCTION_ERROR, response, "functionError");
    set_text_of(env, LAMBDEST_EXECUTED_VERSION, response, "executedVersion");
    if (json_object_get(response, "statusCode"))
        support_set_integer(env, LAMBDEST_STATUS_CODE,
                            json_integer_value(json_object_get(response, "statusCode")));
    support_set_integer(env, LAMBDEST_INVOKE_COUNT,
                        json_integer_value(json_object_get(request, "approximateInvokeCount")));
    set_text_of(env, LAMBDEST_CONDITION, request, "condition");
    set_text_of(env, LAMBDEST_FUNCTION_ARN, request, "functionArn");
    set_text_of(env, LAMBDEST_REQUEST_ID, request, "requestId");
    return env;
}

static void rebuilds_every_batch_record(void **state)
{
    static const char *const names[] = {"dynamodb-failure",
                                        "dynamodb-partial-batch-failure",
                                        "dynamodb-s3-with-payload",
                                        "kafka-failure",
                                        "kafka-payload-size-exceeded",
                                        "kafka-s3-with-payload",
                                        "kafka-topic-with-payload",
                                        "kinesis-failure",
                                        "kinesis-oversized-no-response",
                                        "kinesis-s3-with-payload",
                                        "kinesis-partial-batch-failure",
                                        "kinesis-record-age-exceeded"};
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(names); i++) {
        char *text, *expected;
        lambdest_envelope *env = load_record(names[i], &text, &len), *built;
        json_t *value = support_value(text, len);

        lambdest_envelope_free(env);
        expected = dump(value);
        built = rebuild(value);
        assert_int_equal(lambdest_envelope_form(built), 0);
        assert_int_equal(lambdest_envelope_kind(built), LAMBDEST_BATCH);
        support_expect_record(built, expected);
        lambdest_envelope_free(built);
        json_decref(value);
        free(expected);
        free(text);
    }
}

/* Facts, section 2: the order of members, an unqualified function, the window after the batch info. */
static void writes_what_aws_writes(void **state)
{
    static const char expected[] =
        "{\"requestContext\":{\"requestId\":\"r\","
        "\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:f\","
        "\"condition\":\"RetryAttemptsExhausted\",\"approximateInvokeCount\":4},"
        "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":null},"
        "\"version\":\"1.0\",\"timestamp\":\"2026-03-02T10:00:09.412Z\","
        "\"KinesisBatchInfo\": {\"shardId\": \"s\"} ,\"timeWindowInfo\":{\"w\":[]},\"payload\":\"{}\"}";
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    support_set_json(env, LAMBDEST_TIME_WINDOW_INFO, "{\"w\":[]}");
    support_set_json(env, LAMBDEST_KINESIS_BATCH_INFO, " {\"shardId\": \"s\"} ");
    support_set_json(env, LAMBDEST_BATCH_PAYLOAD, "\"{}\"");
    support_set_text(env, LAMBDEST_REQUEST_ID, "r");
    support_set_text(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:f");
    support_set_text(env, LAMBDEST_CONDITION, "RetryAttemptsExhausted");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 4);
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772445609412));
    support_expect_record(env, expected);
    expect_range(env, 0, LAMBDEST_RANGE_NAME, "s");
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_PARTIAL_BATCH);
    support_set_state(env, LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_ABSENT);
    assert_int_equal(lambdest_envelope_kind(env), LAMBDEST_ASYNC);
    assert_int_equal(lambdest_envelope_range_count(env), 0);
    lambdest_envelope_free(env);
}

static void expect_info_refused(lambdest_envelope *env, int member, const char *json, int code, size_t at,
                                const char *where)
{
    lambdest_error err;
    size_t len;
    char *before = support_write(env, LAMBDEST_RECORD, 0, &len);

    assert_int_equal(lambdest_envelope_set_json(env, member, json, strlen(json), &err), code);
    support_expect_error(&err, code, at, where);
    support_expect_written(env, LAMBDEST_RECORD, 0, before, len);
    lambdest_free(before);
}

static void refuses_what_parsing_would(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    expect_info_refused(env, LAMBDEST_KINESIS_BATCH_INFO, " []", LAMBDEST_E_SCHEMA, 1, "KinesisBatchInfo");
    expect_info_refused(env, LAMBDEST_KAFKA_BATCH_INFO, "null", LAMBDEST_E_SCHEMA, 0, "KafkaBatchInfo");
    expect_info_refused(env, LAMBDEST_DDB_STREAM_BATCH_INFO, "{\"batchSize\":\"1\"}", LAMBDEST_E_SCHEMA, 13,
                        "DDBStreamBatchInfo.batchSize");
    expect_info_refused(env, LAMBDEST_KINESIS_BATCH_INFO, "{\"shardId\":1,}", LAMBDEST_E_SYNTAX, 13,
                        "KinesisBatchInfo");
    expect_info_refused(env, LAMBDEST_KINESIS_BATCH_INFO, "{\"shardId\":\"a\",\"shardId\":\"a\"}",
                        LAMBDEST_E_SCHEMA, 15, "KinesisBatchInfo.shardId");
    expect_info_refused(env, LAMBDEST_KINESIS_BATCH_INFO, "{\"more\":1,\"mor\\u0065\":1}", LAMBDEST_E_SCHEMA,
                        10, "KinesisBatchInfo.*");
    expect_info_refused(env, LAMBDEST_KAFKA_BATCH_INFO, "{\"recordsInfo\":{\"a-1\":{},\"a-1\":{}}}",
                        LAMBDEST_E_SCHEMA, 25, "KafkaBatchInfo.recordsInfo.*");
    expect_info_refused(env, LAMBDEST_KAFKA_BATCH_INFO, "{\"recordsInfo\":{\"a-1\":{\"x\":1,\"x\":1}}}",
                        LAMBDEST_E_SCHEMA, 29, "KafkaBatchInfo.recordsInfo.*.*");
    support_set_json(env, LAMBDEST_KAFKA_BATCH_INFO,
                     "{\"recordsInfo\":{\"a-1\":{\"x\":1},\"b-1\":{\"x\":1}}}");
    expect_info_refused(env, LAMBDEST_KINESIS_BATCH_INFO, "{}", LAMBDEST_E_INVAL, 0, "KinesisBatchInfo");
    assert_int_equal(lambdest_envelope_range_count(env), 2);
    support_set_json(env, LAMBDEST_KAFKA_BATCH_INFO, "{\"recordInfo\":{}}");
    assert_int_equal(lambdest_envelope_range_count(env), 1);
    lambdest_envelope_free(env);
}

static void is_no_document(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"KafkaBatchInfo\":{}}");
    char buf[8] = "xxxxxxx";
    size_t need = 77, count = 77;
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    lambdest_error err;
    char *out = buf;

    (void)state;
    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_DOCUMENT, 0, buf, sizeof buf, &need, &err),
                     LAMBDEST_E_UNSUPPORTED);
    support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 0, "");
    assert_int_equal(need, 0);
    assert_string_equal(buf, "xxxxxxx");
    assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_DOCUMENT, 0, &out, &need, &err),
                     LAMBDEST_E_UNSUPPORTED);
    assert_null(out);
    assert_int_equal(
        lambdest_envelope_write_parts(env, LAMBDEST_DOCUMENT, 0, buf, sizeof buf, &need, parts, &count, &err),
        LAMBDEST_E_UNSUPPORTED);
    assert_int_equal(count, 0);
    lambdest_envelope_free(env);
}

/* Ranges of a text are as many as it has members; their texts take no more room than it. */
static void reads_many_topics(void **state)
{
    enum {
        TOPICS = 5000
    };
    char *text = malloc(TOPICS * 64 + 64), *at = text;
    lambdest_envelope *env;
    size_t i;

    assert_non_null(text);
    at += sprintf(at, "{\"KafkaBatchInfo\":{\"recordsInfo\":{");
    for (i = 0; i < TOPICS; i++)
        at += sprintf(at, "%s\"t%zu-%zu\":{\"lastRecordOffset\":\"%zu\"}", i ? "," : "", i, i + 1, i + 2);
    at += sprintf(at, "}}}");
    env = support_parse(*state, text, (size_t)(at - text), 0);
    assert_int_equal(lambdest_envelope_range_count(env), TOPICS);
    for (i = 0; i < TOPICS; i++) {
        char name[32];

        snprintf(name, sizeof name, "t%zu", i);
        expect_range(env, i, LAMBDEST_RANGE_TOPIC, name);
        snprintf(name, sizeof name, "%zu", i + 2);
        expect_range(env, i, LAMBDEST_RANGE_LAST, name);
    }
    lambdest_envelope_free(env);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_shard),
        cmocka_unit_test(reads_topics),
        cmocka_unit_test(splits_at_the_last_hyphen),
        cmocka_unit_test(reads_what_little_there_is),
        cmocka_unit_test_setup_teardown(keeps_long_names, support_setup, support_teardown),
        cmocka_unit_test(answers_wrong_questions),
        cmocka_unit_test(rebuilds_every_batch_record),
        cmocka_unit_test(writes_what_aws_writes),
        cmocka_unit_test(refuses_what_parsing_would),
        cmocka_unit_test(is_no_document),
        cmocka_unit_test_setup_teardown(reads_many_topics, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
