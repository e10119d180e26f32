#include "support_envelope.h"

#include "envelope/field.h"
#include "envelope/model.h"

#include <stdio.h>

/* Each level's names, by hand from what is known of the formats. */
static const struct level_names {
    int level;
    const char *path; /* before a name in `where` */
    const char *names[24];
} level_names[] = {
    {LEVEL_TOP,
     "",
     {"version",         "timestamp",         "requestContext",     "requestPayload",     "responseContext",
      "responsePayload", "deliveryError",     "KinesisBatchInfo",   "DDBStreamBatchInfo", "KafkaBatchInfo",
      "timeWindowInfo",  "payload",           "invocationError",    "invocationId",       "functionName",
      "functionArn",     "invocationRequest", "invocationResponse", "invocationMetadata", "context"}},
    {LEVEL_REQUEST_CONTEXT,
     "requestContext.",
     {"requestId", "functionArn", "condition", "approximateInvokeCount"}},
    {LEVEL_RESPONSE_CONTEXT, "responseContext.", {"statusCode", "executedVersion", "functionError"}},
    {LEVEL_REQUEST, "invocationRequest.", {"event", "context"}},
    {LEVEL_RESPONSE, "invocationResponse.", {"status", "body"}},
    {LEVEL_METADATA,
     "invocationMetadata.",
     {"timestamp", "condition", "approximateInvokeCount", "statusCode", "executedVersion", "functionError",
      "deliveryError", "record"}},
    {LEVEL_REST,
     "invocationMetadata.record.",
     {"requestContext", "responseContext", "responsePayload", "invocationError", "timeWindowInfo",
      "payload"}},
    {LEVEL_REST_REQUEST_CONTEXT, "invocationMetadata.record.requestContext.", {NULL}},
    {LEVEL_REST_RESPONSE_CONTEXT, "invocationMetadata.record.responseContext.", {NULL}},
    {LEVEL_KINESIS,
     "KinesisBatchInfo.",
     {"shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord",
      "approximateArrivalOfLastRecord", "batchSize", "streamArn"}},
    {LEVEL_DDB_STREAM,
     "DDBStreamBatchInfo.",
     {"shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord",
      "approximateArrivalOfLastRecord", "batchSize", "streamArn"}},
    {LEVEL_KAFKA,
     "KafkaBatchInfo.",
     {"batchSize", "eventSourceArn", "bootstrapServers", "payloadSize", "recordsInfo", "recordInfo"}},
    {LEVEL_KAFKA_RANGES, "KafkaBatchInfo.recordsInfo.", {NULL}},
    {LEVEL_KAFKA_RANGE,
     "KafkaBatchInfo.recordsInfo.*.",
     {"firstRecordOffset", "lastRecordOffset", "firstRecordTimestamp", "lastRecordTimestamp"}},
    {LEVEL_KAFKA_RECORD, "KafkaBatchInfo.recordInfo.", {"offset", "timestamp"}},
};

static int find(int level, const char *name)
{
    lambdest__span span = {(const unsigned char *)name, strlen(name)};

    return lambdest__field_find(level, span);
}

static size_t count_names(const struct level_names *l)
{
    size_t n = 0;

    while (n < COUNT_OF(l->names) && l->names[n])
        n++;
    return n;
}

static void knows_every_name(void **state)
{
    bool used[LAMBDEST__FIELD_COUNT] = {false};
    size_t i, k, total = 0;

    (void)state;
    assert_int_equal(COUNT_OF(level_names), LEVEL_COUNT);
    for (i = 0; i < COUNT_OF(level_names); i++) {
        const struct level_names *l = &level_names[i];
        int first, count = lambdest__level_fields(l->level, &first);

        assert_int_equal(count, count_names(l));
        for (k = 0; k < (size_t)count; k++) {
            int index = find(l->level, l->names[k]);
            char where[120];

            assert_in_range(index, first, first + count - 1);
            assert_false(used[index]);
            used[index] = true;
            snprintf(where, sizeof where, "%s%s", l->path, l->names[k]);
            assert_string_equal(lambdest__field_at(index)->where, where);
            assert_string_equal(lambdest__field_at(index)->name, l->names[k]);
            assert_int_equal(lambdest__field_at(index)->name_len, strlen(l->names[k]));
        }
        total += (size_t)count;
    }
    assert_int_equal(total, LAMBDEST__FIELD_COUNT);
}

static void names_the_unknown(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(level_names); i++) {
        char where[120];

        snprintf(where, sizeof where, "%s*", level_names[i].path);
        assert_string_equal(lambdest__level_where(level_names[i].level), where);
    }
}

static void reads_escaped_names(void **state)
{
    (void)state;
    assert_int_equal(find(LEVEL_TOP, "request\\u0050ayload"), find(LEVEL_TOP, "requestPayload"));
    assert_int_equal(find(LEVEL_TOP, "\\u0076\\u0065rsio\\u006E"), find(LEVEL_TOP, "version"));
    assert_int_equal(find(LEVEL_RESPONSE, "stat\\u0075s"), find(LEVEL_RESPONSE, "status"));
    assert_int_equal(find(LEVEL_TOP, "version\\u0000"), -1);
    assert_int_equal(find(LEVEL_TOP, "versio\\n"), -1);
    assert_int_equal(find(LEVEL_TOP, "\\/version"), -1);
}

static void knows_no_other_name(void **state)
{
    static const char *const others[] = {"",        "v",        "versio",   "versions",
                                         "Version", "version ", " version", "*"};
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(level_names); i++)
        for (k = 0; k < COUNT_OF(others); k++)
            assert_int_equal(find(level_names[i].level, others[k]), -1);
    assert_int_equal(find(LEVEL_REQUEST_CONTEXT, "statusCode"), -1);
    assert_int_equal(find(LEVEL_TOP, "requestId"), -1);
    assert_int_equal(find(LEVEL_KINESIS, "eventSourceArn"), -1);
    assert_int_equal(find(LEVEL_KAFKA, "streamArn"), -1);
}

static void names_indices_as_the_table_has_them(void **state)
{
    static const struct {
        int index, level;
        const char *name;
    } rows[] = {
        {TOP_REQUEST_CONTEXT, LEVEL_TOP, "requestContext"},
        {TOP_RESPONSE_PAYLOAD, LEVEL_TOP, "responsePayload"},
        {TOP_KINESIS_BATCH_INFO, LEVEL_TOP, "KinesisBatchInfo"},
        {TOP_DDB_STREAM_BATCH_INFO, LEVEL_TOP, "DDBStreamBatchInfo"},
        {TOP_KAFKA_BATCH_INFO, LEVEL_TOP, "KafkaBatchInfo"},
        {TOP_INVOCATION_ERROR, LEVEL_TOP, "invocationError"},
        {TOP_FUNCTION_NAME, LEVEL_TOP, "functionName"},
        {TOP_FUNCTION_ARN, LEVEL_TOP, "functionArn"},
        {TOP_CONTEXT, LEVEL_TOP, "context"},
        {REQUEST_CONTEXT_FUNCTION_ARN, LEVEL_REQUEST_CONTEXT, "functionArn"},
        {REQUEST_CONTEXT_CONDITION, LEVEL_REQUEST_CONTEXT, "condition"},
        {REQUEST_CONTEXT_INVOKE_COUNT, LEVEL_REQUEST_CONTEXT, "approximateInvokeCount"},
        {RESPONSE_CONTEXT_FUNCTION_ERROR, LEVEL_RESPONSE_CONTEXT, "functionError"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(rows[i].index, find(rows[i].level, rows[i].name));
}

static void finds_fields_by_slot(void **state)
{
    (void)state;
    assert_int_equal(lambdest__field_of(LEVEL_TOP, SLOT_TIMESTAMP), find(LEVEL_TOP, "timestamp"));
    assert_int_equal(lambdest__field_of(LEVEL_METADATA, SLOT_TIMESTAMP), find(LEVEL_METADATA, "timestamp"));
    assert_int_equal(lambdest__field_of(LEVEL_KAFKA_RECORD, BATCH_START), find(LEVEL_KAFKA_RECORD, "offset"));
    assert_int_equal(lambdest__field_of(LEVEL_KAFKA, BATCH_SERVERS), find(LEVEL_KAFKA, "bootstrapServers"));
    assert_int_equal(lambdest__batch_level(SLOT_KINESIS_BATCH_INFO), LEVEL_KINESIS);
    assert_int_equal(lambdest__batch_level(SLOT_DDB_STREAM_BATCH_INFO), LEVEL_DDB_STREAM);
    assert_int_equal(lambdest__batch_level(SLOT_KAFKA_BATCH_INFO), LEVEL_KAFKA);
}

static void bounds_integers(void **state)
{
    const int64_t exact = INT64_C(9007199254740991); /* 2^53 - 1 */

    (void)state;
    assert_int_equal(lambdest__field_max(lambdest__field_at(find(LEVEL_RESPONSE_CONTEXT, "statusCode"))),
                     999);
    assert_int_equal(lambdest__field_max(lambdest__field_at(find(LEVEL_RESPONSE, "status"))), 999);
    assert_int_equal(lambdest__field_max(lambdest__field_at(find(LEVEL_METADATA, "statusCode"))), 999);
    assert_int_equal(lambdest__field_max(lambdest__field_at(find(LEVEL_KAFKA, "payloadSize"))), exact);
    assert_int_equal(
        lambdest__field_max(lambdest__field_at(find(LEVEL_REQUEST_CONTEXT, "approximateInvokeCount"))),
        exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_name),     cmocka_unit_test(names_the_unknown),
        cmocka_unit_test(reads_escaped_names),  cmocka_unit_test(knows_no_other_name),
        cmocka_unit_test(finds_fields_by_slot), cmocka_unit_test(names_indices_as_the_table_has_them),
        cmocka_unit_test(bounds_integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
