#include <lambdest/base.h>
#include <lambdest/carrier.h>
#include <lambdest/envelope.h>
#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <lambdest/sink.h>

typedef struct named_value {
    int value;
    const char *name;
} named_value;

static const named_value statuses[] = {
    {LAMBDEST_OK, "ok"},
    {LAMBDEST_E_NOMEM, "no memory"},
    {LAMBDEST_E_INVAL, "invalid argument"},
    {LAMBDEST_E_SYNTAX, "not JSON"},
    {LAMBDEST_E_UTF8, "not UTF-8"},
    {LAMBDEST_E_SCHEMA, "not of this form"},
    {LAMBDEST_E_DEPTH, "nested too deeply"},
    {LAMBDEST_E_TOO_BIG, "too big"},
    {LAMBDEST_E_NOSPC, "buffer too small"},
    {LAMBDEST_E_ABSENT, "absent"},
    {LAMBDEST_E_UNSUPPORTED, "not supported"},
    {LAMBDEST_E_BUSY, "busy"},
    {LAMBDEST_E_PARTIAL, "not all delivered"},
    {LAMBDEST_E_IO, "input or output error"},
};

static const named_value envelope[] = {
    {LAMBDEST_REQUEST_ID, "requestId"},
    {LAMBDEST_FUNCTION_ARN, "functionArn"},
    {LAMBDEST_CONDITION, "condition"},
    {LAMBDEST_TIMESTAMP, "timestamp"},
    {LAMBDEST_EXECUTED_VERSION, "executedVersion"},
    {LAMBDEST_FUNCTION_ERROR, "functionError"},
    {LAMBDEST_RECORD_VERSION, "version"},
    {LAMBDEST_FUNCTION_PARTITION, "function-partition"},
    {LAMBDEST_FUNCTION_REGION, "function-region"},
    {LAMBDEST_FUNCTION_ACCOUNT, "function-account"},
    {LAMBDEST_FUNCTION_NAME, "functionName"},
    {LAMBDEST_FUNCTION_QUALIFIER, "function-qualifier"},
    {LAMBDEST_ERROR_TYPE, "errorType"},
    {LAMBDEST_ERROR_MESSAGE, "errorMessage"},
    {LAMBDEST_SOURCE_ARN, "source-arn"},
    {LAMBDEST_INVOKE_COUNT, "approximateInvokeCount"},
    {LAMBDEST_STATUS_CODE, "statusCode"},
    {LAMBDEST_TIMESTAMP_MS, "timestamp-ms"},
    {LAMBDEST_BATCH_SIZE, "batchSize"},
    {LAMBDEST_PAYLOAD_SIZE, "payloadSize"},
    {LAMBDEST_REQUEST_PAYLOAD, "requestPayload"},
    {LAMBDEST_RESPONSE_PAYLOAD, "responsePayload"},
    {LAMBDEST_INVOCATION_ERROR, "invocationError"},
    {LAMBDEST_DELIVERY_ERROR, "deliveryError"},
    {LAMBDEST_CONTEXT, "context"},
    {LAMBDEST_CLIENT_CONTEXT, "clientContext"},
    {LAMBDEST_METADATA, "invocationMetadata"},
    {LAMBDEST_KINESIS_BATCH_INFO, "KinesisBatchInfo"},
    {LAMBDEST_DDB_STREAM_BATCH_INFO, "DDBStreamBatchInfo"},
    {LAMBDEST_KAFKA_BATCH_INFO, "KafkaBatchInfo"},
    {LAMBDEST_TIME_WINDOW_INFO, "timeWindowInfo"},
    {LAMBDEST_BATCH_PAYLOAD, "payload"},
    {LAMBDEST_RESPONSE_CONTEXT, "responseContext"},
    {LAMBDEST_RANGE_NAME, "range-name"},
    {LAMBDEST_RANGE_TOPIC, "range-topic"},
    {LAMBDEST_RANGE_PARTITION, "range-partition"},
    {LAMBDEST_RANGE_FIRST, "range-first"},
    {LAMBDEST_RANGE_LAST, "range-last"},
    {LAMBDEST_RANGE_FIRST_TIME, "range-first-time"},
    {LAMBDEST_RANGE_LAST_TIME, "range-last-time"},
    {LAMBDEST_RECORD, "record"},
    {LAMBDEST_DOCUMENT, "document"},
    {LAMBDEST_CLOUDEVENT, "cloudevent"},
    {LAMBDEST_ASYNC, "async"},
    {LAMBDEST_BATCH, "batch"},
    {LAMBDEST_ABSENT, "absent"},
    {LAMBDEST_NULL, "null"},
    {LAMBDEST_VALUE, "value"},
};

static const named_value outcome[] = {
    {LAMBDEST_SUCCESS, "success"},
    {LAMBDEST_FAILURE, "failure"},
    {LAMBDEST_INDETERMINATE, "indeterminate"},
    {LAMBDEST_CAUSE_RETURNED, "returned"},
    {LAMBDEST_CAUSE_RAISED, "raised"},
    {LAMBDEST_CAUSE_TIMED_OUT, "timed-out"},
    {LAMBDEST_CAUSE_CRASHED, "crashed"},
    {LAMBDEST_CAUSE_OUT_OF_MEMORY, "out-of-memory"},
    {LAMBDEST_CAUSE_INIT_FAILED, "init-failed"},
    {LAMBDEST_CAUSE_RESPONSE_TOO_LARGE, "response-too-large"},
    {LAMBDEST_CAUSE_THROTTLED, "throttled"},
    {LAMBDEST_CAUSE_SYSTEM_ERROR, "system-error"},
    {LAMBDEST_CAUSE_EXPIRED, "expired"},
    {LAMBDEST_CAUSE_TARGET_GONE, "target-gone"},
    {LAMBDEST_CAUSE_RECURSION, "recursion"},
    {LAMBDEST_CAUSE_NO_CONCURRENCY, "no-concurrency"},
    {LAMBDEST_CAUSE_PARTIAL_BATCH, "partial-batch"},
    {LAMBDEST_CAUSE_RECORD_EXPIRED, "record-expired"},
    {LAMBDEST_CAUSE_PAYLOAD_TOO_LARGE, "payload-too-large"},
    {LAMBDEST_CAUSE_OTHER, "other"},
};

static const named_value service[] = {
    {LAMBDEST_CONDITION_SUCCESS, "Success"},
    {LAMBDEST_CONDITION_RETRIES_EXHAUSTED, "RetriesExhausted"},
    {LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED, "EventAgeExceeded"},
    {LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY, "ZeroReservedConcurrency"},
    {LAMBDEST_CONDITION_RECURSIVE_INVOCATION, "RecursiveInvocation"},
    {LAMBDEST_EVENT, "Event"},
    {LAMBDEST_SYNCHRONOUS, "RequestResponse"},
    {LAMBDEST_SUCCEED, "succeed"},
    {LAMBDEST_RETRY, "retry"},
    {LAMBDEST_FAIL, "fail"},
    {LAMBDEST_NO_DESTINATION, "no-destination"},
    {LAMBDEST_CHANNEL_NEXT, "next"},
    {LAMBDEST_CHANNEL_RESPONSE, "response"},
    {LAMBDEST_CHANNEL_ERROR, "error"},
    {LAMBDEST_CHANNEL_INIT_ERROR, "init-error"},
    {LAMBDEST_BODY_AS_AWS, "as-aws"},
    {LAMBDEST_BODY_AS_STRING, "as-string"},
    {LAMBDEST_BODY_AS_BASE64, "as-base64"},
    {LAMBDEST_BODY_REFUSE, "refuse"},
    {LAMBDEST_FAULT_EXIT, "exit"},
    {LAMBDEST_FAULT_SIGNAL, "signal"},
    {LAMBDEST_FAULT_TIMEOUT, "timeout"},
    {LAMBDEST_FAULT_OUT_OF_MEMORY, "out-of-memory"},
    {LAMBDEST_FAULT_RESPONSE_TOO_LARGE, "response-too-large"},
    {LAMBDEST_FAULT_NEVER_SETTLED, "never-settled"},
    {LAMBDEST_FAULT_BAD_INIT, "bad-init"},
    {LAMBDEST_FAULT_THROTTLED, "throttled"},
    {LAMBDEST_FAULT_SYSTEM_ERROR, "system-error"},
    {LAMBDEST_FAULT_TARGET_GONE, "target-gone"},
    {LAMBDEST_FAULT_RECURSION, "recursion"},
    {LAMBDEST_FAULT_ZERO_CONCURRENCY, "zero-concurrency"},
};

static const named_value carrier[] = {
    {LAMBDEST_ITEM_ENVELOPE, "envelope"},
    {LAMBDEST_ITEM_DEAD_LETTER, "dead-letter"},
    {LAMBDEST_ITEM_PIPES, "pipes-dead-letter"},
    {LAMBDEST_ITEM_S3_NOTIFICATION, "s3-notification"},
    {LAMBDEST_ITEM_BROKEN, "broken"},
    {LAMBDEST_ITEM_ID, "item-id"},
    {LAMBDEST_ITEM_CARRIER, "carrier"},
    {LAMBDEST_ITEM_SOURCE, "item-source"},
    {LAMBDEST_ITEM_BODY, "item-body"},
    {LAMBDEST_ITEM_REQUEST_ID, "RequestID"},
    {LAMBDEST_ITEM_ERROR_CODE, "ErrorCode"},
    {LAMBDEST_ITEM_ERROR_MESSAGE, "ErrorMessage"},
    {LAMBDEST_SQS_EVENT, "sqs-event"},
    {LAMBDEST_SNS_EVENT, "sns-event"},
    {LAMBDEST_SNS_NOTIFICATION, "sns-notification"},
    {LAMBDEST_EVENTBRIDGE_EVENT, "eventbridge-event"},
    {LAMBDEST_EVENTBRIDGE_ENTRY, "eventbridge-entry"},
    {LAMBDEST_S3_KEY, "s3-key"},
};

static const named_value delivery[] = {
    {LAMBDEST_VERDICT_NONE, "none"},
    {LAMBDEST_VERDICT_DELIVERED, "delivered"},
    {LAMBDEST_VERDICT_RETRY, "retry"},
    {LAMBDEST_VERDICT_REJECTED, "rejected"},
    {LAMBDEST_VERDICT_TOO_BIG, "too-big"},
    {LAMBDEST_DELIVERY_SINK, "sink"},
    {LAMBDEST_DELIVERY_DETAIL, "detail"},
    {LAMBDEST_DELIVERY_CONTENT_TYPE, "content-type"},
    {LAMBDEST_DELIVERY_ARN, "arn"},
    {LAMBDEST_DELIVERY_FORM, "form"},
    {LAMBDEST_DELIVERY_ATTEMPTS, "attempts"},
    {LAMBDEST_DELIVERY_VERDICT, "verdict"},
    {LAMBDEST_DELIVERY_DROPPED, "dropped"},
    {LAMBDEST_DELIVERY_DEADLINE_MS, "deadline-ms"},
    {LAMBDEST_DELIVERY_TARGET, "target"},
    {LAMBDEST_DELIVERY_OUTCOME, "outcome"},
    {LAMBDEST_DELIVERY_HANDED_ON, "handed-on"},
    {LAMBDEST_TOTAL_PLANNED, "planned"},
    {LAMBDEST_TOTAL_DELIVERED, "total-delivered"},
    {LAMBDEST_TOTAL_REJECTED, "total-rejected"},
    {LAMBDEST_TOTAL_TOO_BIG, "total-too-big"},
    {LAMBDEST_TOTAL_ABANDONED, "abandoned"},
    {LAMBDEST_TARGET_PLAIN, "plain"},
    {LAMBDEST_TARGET_SQS, "sqs"},
    {LAMBDEST_TARGET_SNS, "sns"},
    {LAMBDEST_TARGET_LAMBDA, "lambda"},
    {LAMBDEST_TARGET_EVENTBRIDGE, "eventbridge"},
    {LAMBDEST_TARGET_S3, "s3"},
    {LAMBDEST_TARGET_KAFKA, "kafka"},
    {LAMBDEST_OVERSIZE_REFUSE, "refuse"},
    {LAMBDEST_OVERSIZE_DROP, "drop"},
    {LAMBDEST_OVERSIZE_HAND_ON, "hand-on"},
};

typedef struct name_table {
    const named_value *values;
    size_t count;
} name_table;

#define TABLE(values)                                                                                        \
    {                                                                                                        \
        values, sizeof(values) / sizeof((values)[0])                                                         \
    }

static const name_table tables[] = {
    TABLE(statuses), TABLE(envelope), TABLE(outcome), TABLE(service), TABLE(carrier), TABLE(delivery),
};

const char *lambdest_name(int value)
{
    size_t i, k;

    for (i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (k = 0; k < tables[i].count; k++)
            if (tables[i].values[k].value == value)
                return tables[i].values[k].name;
    return "unknown";
}
