#include "envelope/model.h"

#include "base/alloc.h"
#include "json/string.h"

#include <string.h>

static const char *const wheres[SLOT_COUNT] = {
    [SLOT_NONE] = "",
    [SLOT_REQUEST_ID] = "requestContext.requestId",
    [SLOT_FUNCTION_ARN] = "requestContext.functionArn",
    [SLOT_CONDITION] = "requestContext.condition",
    [SLOT_TIMESTAMP] = "timestamp",
    [SLOT_EXECUTED_VERSION] = "responseContext.executedVersion",
    [SLOT_FUNCTION_ERROR] = "responseContext.functionError",
    [SLOT_RECORD_VERSION] = "version",
    [SLOT_FUNCTION_NAME] = "functionName",
    [SLOT_INVOKE_COUNT] = "requestContext.approximateInvokeCount",
    [SLOT_STATUS_CODE] = "responseContext.statusCode",
    [SLOT_REQUEST_PAYLOAD] = "requestPayload",
    [SLOT_RESPONSE_PAYLOAD] = "responsePayload",
    [SLOT_INVOCATION_ERROR] = "invocationError",
    [SLOT_DELIVERY_ERROR] = "deliveryError",
    [SLOT_CONTEXT] = "invocationRequest.context",
    [SLOT_KINESIS_BATCH_INFO] = "KinesisBatchInfo",
    [SLOT_DDB_STREAM_BATCH_INFO] = "DDBStreamBatchInfo",
    [SLOT_KAFKA_BATCH_INFO] = "KafkaBatchInfo",
    [SLOT_TIME_WINDOW_INFO] = "timeWindowInfo",
    [SLOT_BATCH_PAYLOAD] = "payload",
    [SLOT_METADATA] = "invocationMetadata",
    [SLOT_REQUEST_CONTEXT] = "requestContext",
    [SLOT_RESPONSE_CONTEXT] = "responseContext",
    [SLOT_REQUEST] = "invocationRequest",
    [SLOT_RESPONSE] = "invocationResponse",
    [SLOT_NAMED_ERROR] = "invocationError",
};

/* In pieces: to clear some kilobytes at once processors have an instruction that takes its time. */
void lambdest__blank(lambdest_envelope *env)
{
    const size_t behind = offsetof(lambdest_envelope, arn);
    int slot;

    lambdest__clear(env, offsetof(lambdest_envelope, members));
    lambdest__clear(env->members, sizeof env->members);
    for (slot = 0; slot < SLOT_COUNT; slot++)
        env->members[slot].state = env->members[slot].parsed_state = LAMBDEST_ABSENT;
    lambdest__clear((unsigned char *)env + behind, sizeof *env - behind);
    env->batch.batch_size = env->batch.payload_size = -1;
}

const uint8_t lambdest__member_slots[LAMBDEST__MEMBER_COUNT] = {
    [LAMBDEST_REQUEST_ID - LAMBDEST_REQUEST_ID] = SLOT_REQUEST_ID,
    [LAMBDEST_FUNCTION_ARN - LAMBDEST_REQUEST_ID] = SLOT_FUNCTION_ARN,
    [LAMBDEST_CONDITION - LAMBDEST_REQUEST_ID] = SLOT_CONDITION,
    [LAMBDEST_TIMESTAMP - LAMBDEST_REQUEST_ID] = SLOT_TIMESTAMP,
    [LAMBDEST_EXECUTED_VERSION - LAMBDEST_REQUEST_ID] = SLOT_EXECUTED_VERSION,
    [LAMBDEST_FUNCTION_ERROR - LAMBDEST_REQUEST_ID] = SLOT_FUNCTION_ERROR,
    [LAMBDEST_RECORD_VERSION - LAMBDEST_REQUEST_ID] = SLOT_RECORD_VERSION,
    [LAMBDEST_INVOKE_COUNT - LAMBDEST_REQUEST_ID] = SLOT_INVOKE_COUNT,
    [LAMBDEST_STATUS_CODE - LAMBDEST_REQUEST_ID] = SLOT_STATUS_CODE,
    [LAMBDEST_TIMESTAMP_MS - LAMBDEST_REQUEST_ID] = SLOT_TIMESTAMP,
    [LAMBDEST_REQUEST_PAYLOAD - LAMBDEST_REQUEST_ID] = SLOT_REQUEST_PAYLOAD,
    [LAMBDEST_RESPONSE_PAYLOAD - LAMBDEST_REQUEST_ID] = SLOT_RESPONSE_PAYLOAD,
    [LAMBDEST_INVOCATION_ERROR - LAMBDEST_REQUEST_ID] = SLOT_INVOCATION_ERROR,
    [LAMBDEST_DELIVERY_ERROR - LAMBDEST_REQUEST_ID] = SLOT_DELIVERY_ERROR,
    [LAMBDEST_CONTEXT - LAMBDEST_REQUEST_ID] = SLOT_CONTEXT,
    [LAMBDEST_METADATA - LAMBDEST_REQUEST_ID] = SLOT_METADATA,
    [LAMBDEST_KINESIS_BATCH_INFO - LAMBDEST_REQUEST_ID] = SLOT_KINESIS_BATCH_INFO,
    [LAMBDEST_DDB_STREAM_BATCH_INFO - LAMBDEST_REQUEST_ID] = SLOT_DDB_STREAM_BATCH_INFO,
    [LAMBDEST_KAFKA_BATCH_INFO - LAMBDEST_REQUEST_ID] = SLOT_KAFKA_BATCH_INFO,
    [LAMBDEST_TIME_WINDOW_INFO - LAMBDEST_REQUEST_ID] = SLOT_TIME_WINDOW_INFO,
    [LAMBDEST_BATCH_PAYLOAD - LAMBDEST_REQUEST_ID] = SLOT_BATCH_PAYLOAD,
    [LAMBDEST_RESPONSE_CONTEXT - LAMBDEST_REQUEST_ID] = SLOT_RESPONSE_CONTEXT,
};

const char *lambdest__slot_where(int slot)
{
    return wheres[slot];
}

/* A null that was put stands as it was parsed, with the white space around it. */
static bool is_as_parsed(const lambdest__member *m)
{
    return m->state == m->parsed_state && m->state != LAMBDEST_VALUE;
}

void lambdest__touch(lambdest_envelope *env, int slot)
{
    uint32_t bit = UINT32_C(1) << slot;

    if (is_as_parsed(&env->members[slot]))
        env->changed &= ~bit;
    else
        env->changed |= bit;
}

unsigned char *lambdest__store_alloc(lambdest_envelope *env, size_t size, lambdest__store *fresh)
{
    fresh->data = lambdest__alloc(&env->limits.alloc, size);
    fresh->size = size;
    env->block_count += fresh->data != NULL;
    return fresh->data;
}

void lambdest__store_free(lambdest_envelope *env, const lambdest__store *store)
{
    lambdest__release(&env->limits.alloc, store->data, store->size);
    env->block_count--;
}

static bool is_success(const lambdest__member *condition)
{
    return condition->value.len == 7 && !memcmp(condition->value.data, "Success", 7);
}

bool lambdest__ran_well(const lambdest_envelope *env)
{
    const lambdest__member *status = &env->members[SLOT_STATUS_CODE];

    return status->state == LAMBDEST_VALUE && status->integer >= 200 && status->integer < 300;
}

int lambdest__signs(const lambdest_envelope *env)
{
    const lambdest__member *condition = &env->members[SLOT_CONDITION];
    int signs = 0;

    if (lambdest__has_value(env, SLOT_FUNCTION_ERROR) || lambdest__has_value(env, SLOT_INVOCATION_ERROR))
        signs |= SIGN_FAILURE;
    if (lambdest__has_value(env, SLOT_RESPONSE))
        signs |= SIGN_SUCCESS;
    if (condition->state == LAMBDEST_VALUE)
        return signs | (is_success(condition) ? SIGN_SUCCESS : SIGN_FAILURE);
    if (!signs && lambdest__ran_well(env))
        signs |= SIGN_SUCCESS;
    return signs;
}

/* The bytes of `memory` are the envelope's own, though spans are const. */
static void end_memory_part(unsigned char *memory, lambdest__span part)
{
    if (part.data)
        memory[(size_t)(part.data - memory) + part.len] = '\0';
}

/* The parts, spans of another copy of the text, end with a NUL each in a copy of their own. */
void lambdest__arn_keep(lambdest_envelope *env, unsigned char *memory, const lambdest__checked *checked)
{
    const unsigned char *from = checked->text.data;
    unsigned char *copy = memory + checked->text.len + 1;

    if (!checked->arn.name.data) {
        memset(&env->arn, 0, sizeof env->arn);
        return;
    }
    memcpy(copy, memory, checked->text.len + 1);
    env->arn.partition = lambdest__moved(checked->arn.partition, from, copy);
    env->arn.region = lambdest__moved(checked->arn.region, from, copy);
    env->arn.account = lambdest__moved(checked->arn.account, from, copy);
    env->arn.name = lambdest__moved(checked->arn.name, from, copy);
    env->arn.qualifier = lambdest__moved(checked->arn.qualifier, from, copy);
    end_memory_part(copy, env->arn.partition);
    end_memory_part(copy, env->arn.region);
    end_memory_part(copy, env->arn.account);
    end_memory_part(copy, env->arn.name);
    end_memory_part(copy, env->arn.qualifier);
}

void lambdest__text_recheck(int slot, const unsigned char *text, size_t len, lambdest__checked *checked)
{
    checked->text.data = text;
    checked->text.len = len;
    checked->plain = lambdest__string_is_plain(text, len);
    if (slot == SLOT_FUNCTION_ARN)
        (void)lambdest__arn_read(checked->text, &checked->arn);
}
