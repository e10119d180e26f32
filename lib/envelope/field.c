#include "envelope/field.h"

#include "envelope/model.h"
#include "json/string.h"

#include <string.h>

#define FIELD(name, path, type, child, slot, form)                                                           \
    {                                                                                                        \
        name, path name, sizeof(name) - 1, type, child, slot, form                                           \
    }
#define LEAF(name, path, type, slot) FIELD(name, path, type, 0, slot, 0)

#define REQUEST_CONTEXT "requestContext."
#define RESPONSE_CONTEXT "responseContext."
#define METADATA "invocationMetadata."
#define RANGE "KafkaBatchInfo.recordsInfo.*."

const lambdest__field lambdest__fields[LAMBDEST__FIELD_COUNT] = {
    /* LEVEL_TOP */
    FIELD("version", "", FIELD_TEXT, 0, SLOT_RECORD_VERSION, OF_BOTH),
    FIELD("timestamp", "", FIELD_TEXT, 0, SLOT_TIMESTAMP, OF_RECORD),
    FIELD("requestContext", "", FIELD_LEVEL, LEVEL_REQUEST_CONTEXT, SLOT_REQUEST_CONTEXT, OF_RECORD),
    FIELD("requestPayload", "", FIELD_JSON, 0, SLOT_REQUEST_PAYLOAD, MARKS_RECORD),
    FIELD("responseContext", "", FIELD_LEVEL_OR_NULL, LEVEL_RESPONSE_CONTEXT, SLOT_RESPONSE_CONTEXT,
          MARKS_RECORD),
    FIELD("responsePayload", "", FIELD_JSON, 0, SLOT_RESPONSE_PAYLOAD, MARKS_RECORD),
    FIELD("deliveryError", "", FIELD_OBJECT, 0, SLOT_DELIVERY_ERROR, MARKS_RECORD),
    FIELD("KinesisBatchInfo", "", FIELD_LEVEL, LEVEL_KINESIS, SLOT_KINESIS_BATCH_INFO, MARKS_RECORD),
    FIELD("DDBStreamBatchInfo", "", FIELD_LEVEL, LEVEL_DDB_STREAM, SLOT_DDB_STREAM_BATCH_INFO, MARKS_RECORD),
    FIELD("KafkaBatchInfo", "", FIELD_LEVEL, LEVEL_KAFKA, SLOT_KAFKA_BATCH_INFO, MARKS_RECORD),
    FIELD("timeWindowInfo", "", FIELD_OBJECT, 0, SLOT_TIME_WINDOW_INFO, OF_RECORD),
    FIELD("payload", "", FIELD_JSON, 0, SLOT_BATCH_PAYLOAD, OF_RECORD),
    FIELD("invocationError", "", FIELD_JSON, 0, SLOT_INVOCATION_ERROR, OF_BOTH),
    FIELD("invocationId", "", FIELD_TEXT, 0, SLOT_REQUEST_ID, MARKS_DOCUMENT),
    FIELD("functionName", "", FIELD_TEXT, 0, SLOT_FUNCTION_NAME, OF_DOCUMENT),
    FIELD("functionArn", "", FIELD_TEXT, 0, SLOT_FUNCTION_ARN, OF_DOCUMENT),
    FIELD("invocationRequest", "", FIELD_LEVEL, LEVEL_REQUEST, SLOT_REQUEST, MARKS_DOCUMENT),
    FIELD("invocationResponse", "", FIELD_LEVEL_OR_NULL, LEVEL_RESPONSE, SLOT_RESPONSE, MARKS_DOCUMENT),
    FIELD("invocationMetadata", "", FIELD_LEVEL, LEVEL_METADATA, SLOT_METADATA, MARKS_DOCUMENT),
    FIELD("context", "", FIELD_JSON, 0, SLOT_NONE, OF_LOOK_ALIKE),
    /* LEVEL_REQUEST_CONTEXT */
    LEAF("requestId", REQUEST_CONTEXT, FIELD_TEXT, SLOT_REQUEST_ID),
    LEAF("functionArn", REQUEST_CONTEXT, FIELD_TEXT, SLOT_FUNCTION_ARN),
    LEAF("condition", REQUEST_CONTEXT, FIELD_TEXT, SLOT_CONDITION),
    LEAF("approximateInvokeCount", REQUEST_CONTEXT, FIELD_INTEGER, SLOT_INVOKE_COUNT),
    /* LEVEL_RESPONSE_CONTEXT */
    LEAF("statusCode", RESPONSE_CONTEXT, FIELD_INTEGER, SLOT_STATUS_CODE),
    LEAF("executedVersion", RESPONSE_CONTEXT, FIELD_TEXT, SLOT_EXECUTED_VERSION),
    LEAF("functionError", RESPONSE_CONTEXT, FIELD_TEXT_OR_NULL, SLOT_FUNCTION_ERROR),
    /* LEVEL_REQUEST */
    LEAF("event", "invocationRequest.", FIELD_JSON, SLOT_REQUEST_PAYLOAD),
    LEAF("context", "invocationRequest.", FIELD_JSON, SLOT_CONTEXT),
    /* LEVEL_RESPONSE */
    LEAF("status", "invocationResponse.", FIELD_INTEGER, SLOT_STATUS_CODE),
    LEAF("body", "invocationResponse.", FIELD_JSON, SLOT_RESPONSE_PAYLOAD),
    /* LEVEL_METADATA */
    LEAF("timestamp", METADATA, FIELD_TEXT, SLOT_TIMESTAMP),
    LEAF("condition", METADATA, FIELD_TEXT, SLOT_CONDITION),
    LEAF("approximateInvokeCount", METADATA, FIELD_INTEGER, SLOT_INVOKE_COUNT),
    LEAF("statusCode", METADATA, FIELD_INTEGER, SLOT_STATUS_CODE),
    LEAF("executedVersion", METADATA, FIELD_TEXT, SLOT_EXECUTED_VERSION),
    LEAF("functionError", METADATA, FIELD_TEXT_OR_NULL, SLOT_FUNCTION_ERROR),
    LEAF("deliveryError", METADATA, FIELD_OBJECT, SLOT_DELIVERY_ERROR),
    FIELD("record", METADATA, FIELD_LEVEL, LEVEL_REST, SLOT_NONE, 0),
    /* LEVEL_REST */
    FIELD("requestContext", METADATA "record.", FIELD_LEVEL, LEVEL_REST_REQUEST_CONTEXT, SLOT_REQUEST_CONTEXT,
          0),
    FIELD("responseContext", METADATA "record.", FIELD_LEVEL_OR_NULL, LEVEL_REST_RESPONSE_CONTEXT,
          SLOT_RESPONSE_CONTEXT, 0),
    LEAF("responsePayload", METADATA "record.", FIELD_JSON, SLOT_RESPONSE_PAYLOAD),
    LEAF("invocationError", METADATA "record.", FIELD_NULL, SLOT_NAMED_ERROR),
    LEAF("timeWindowInfo", METADATA "record.", FIELD_OBJECT, SLOT_TIME_WINDOW_INFO),
    LEAF("payload", METADATA "record.", FIELD_JSON, SLOT_BATCH_PAYLOAD),
    /* LEVEL_KINESIS */
    LEAF("shardId", "KinesisBatchInfo.", FIELD_TEXT, BATCH_SHARD),
    LEAF("startSequenceNumber", "KinesisBatchInfo.", FIELD_TEXT, BATCH_START),
    LEAF("endSequenceNumber", "KinesisBatchInfo.", FIELD_TEXT, BATCH_END),
    LEAF("approximateArrivalOfFirstRecord", "KinesisBatchInfo.", FIELD_TEXT, BATCH_FIRST_TIME),
    LEAF("approximateArrivalOfLastRecord", "KinesisBatchInfo.", FIELD_TEXT, BATCH_LAST_TIME),
    LEAF("batchSize", "KinesisBatchInfo.", FIELD_INTEGER, BATCH_SIZE),
    LEAF("streamArn", "KinesisBatchInfo.", FIELD_TEXT, BATCH_SOURCE),
    /* LEVEL_DDB_STREAM */
    LEAF("shardId", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_SHARD),
    LEAF("startSequenceNumber", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_START),
    LEAF("endSequenceNumber", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_END),
    LEAF("approximateArrivalOfFirstRecord", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_FIRST_TIME),
    LEAF("approximateArrivalOfLastRecord", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_LAST_TIME),
    LEAF("batchSize", "DDBStreamBatchInfo.", FIELD_INTEGER, BATCH_SIZE),
    LEAF("streamArn", "DDBStreamBatchInfo.", FIELD_TEXT, BATCH_SOURCE),
    /* LEVEL_KAFKA */
    LEAF("batchSize", "KafkaBatchInfo.", FIELD_INTEGER, BATCH_SIZE),
    LEAF("eventSourceArn", "KafkaBatchInfo.", FIELD_TEXT, BATCH_SOURCE),
    LEAF("bootstrapServers", "KafkaBatchInfo.", FIELD_TEXT, BATCH_SERVERS),
    LEAF("payloadSize", "KafkaBatchInfo.", FIELD_INTEGER, BATCH_PAYLOAD_SIZE),
    FIELD("recordsInfo", "KafkaBatchInfo.", FIELD_LEVEL, LEVEL_KAFKA_RANGES, BATCH_RANGES, 0),
    FIELD("recordInfo", "KafkaBatchInfo.", FIELD_LEVEL, LEVEL_KAFKA_RECORD, BATCH_RECORD, 0),
    /* LEVEL_KAFKA_RANGE */
    LEAF("firstRecordOffset", RANGE, FIELD_TEXT, BATCH_START),
    LEAF("lastRecordOffset", RANGE, FIELD_TEXT, BATCH_END),
    LEAF("firstRecordTimestamp", RANGE, FIELD_TEXT, BATCH_FIRST_TIME),
    LEAF("lastRecordTimestamp", RANGE, FIELD_TEXT, BATCH_LAST_TIME),
    /* LEVEL_KAFKA_RECORD */
    LEAF("offset", "KafkaBatchInfo.recordInfo.", FIELD_TEXT, BATCH_START),
    LEAF("timestamp", "KafkaBatchInfo.recordInfo.", FIELD_TEXT, BATCH_FIRST_TIME),
};

const uint8_t lambdest__level_span[LEVEL_COUNT][2] = {
    [LEVEL_TOP] = {0, 20},
    [LEVEL_REQUEST_CONTEXT] = {20, 4},
    [LEVEL_RESPONSE_CONTEXT] = {24, 3},
    [LEVEL_REQUEST] = {27, 2},
    [LEVEL_RESPONSE] = {29, 2},
    [LEVEL_METADATA] = {31, 8},
    [LEVEL_REST] = {39, 6},
    [LEVEL_REST_REQUEST_CONTEXT] = {45, 0},
    [LEVEL_REST_RESPONSE_CONTEXT] = {45, 0},
    [LEVEL_KINESIS] = {45, 7},
    [LEVEL_DDB_STREAM] = {52, 7},
    [LEVEL_KAFKA] = {59, 6},
    [LEVEL_KAFKA_RANGES] = {65, 0},
    [LEVEL_KAFKA_RANGE] = {65, 4},
    [LEVEL_KAFKA_RECORD] = {69, 2},
};

static const char *const unknown_wheres[LEVEL_COUNT] = {
    [LEVEL_TOP] = "*",
    [LEVEL_REQUEST_CONTEXT] = "requestContext.*",
    [LEVEL_RESPONSE_CONTEXT] = "responseContext.*",
    [LEVEL_REQUEST] = "invocationRequest.*",
    [LEVEL_RESPONSE] = "invocationResponse.*",
    [LEVEL_METADATA] = "invocationMetadata.*",
    [LEVEL_REST] = "invocationMetadata.record.*",
    [LEVEL_REST_REQUEST_CONTEXT] = "invocationMetadata.record.requestContext.*",
    [LEVEL_REST_RESPONSE_CONTEXT] = "invocationMetadata.record.responseContext.*",
    [LEVEL_KINESIS] = "KinesisBatchInfo.*",
    [LEVEL_DDB_STREAM] = "DDBStreamBatchInfo.*",
    [LEVEL_KAFKA] = "KafkaBatchInfo.*",
    [LEVEL_KAFKA_RANGES] = "KafkaBatchInfo.recordsInfo.*",
    [LEVEL_KAFKA_RANGE] = "KafkaBatchInfo.recordsInfo.*.*",
    [LEVEL_KAFKA_RECORD] = "KafkaBatchInfo.recordInfo.*",
};

/* Names are seldom written with escapes. */
static int find_escaped(int first, int count, lambdest__span name)
{
    int i;

    if (!name.len || !memchr(name.data, '\\', name.len))
        return -1;
    for (i = first; i < first + count; i++)
        if (lambdest__string_equals(name, lambdest__fields[i].name, lambdest__fields[i].name_len))
            return i;
    return -1;
}

int lambdest__field_find(int level, lambdest__span name)
{
    int first, i, count = lambdest__level_fields(level, &first);

    for (i = first; i < first + count; i++) {
        const lambdest__field *field = &lambdest__fields[i];

        if (name.len == field->name_len && *name.data == (unsigned char)*field->name &&
            !memcmp(name.data, field->name, name.len))
            return i;
    }
    return find_escaped(first, count, name);
}

int lambdest__field_of(int level, int slot)
{
    int i = lambdest__level_span[level][0];

    while (lambdest__fields[i].slot != slot)
        i++;
    return i;
}

const char *lambdest__level_where(int level)
{
    return unknown_wheres[level];
}

int lambdest__batch_level(int slot)
{
    return lambdest__field_at(lambdest__field_of(LEVEL_TOP, slot))->child;
}

int64_t lambdest__field_max(const lambdest__field *field)
{
    return field->slot == SLOT_STATUS_CODE ? 999 : INT64_C(9007199254740991);
}
