#include "envelope/model.h"

#include "base/alloc.h"

#include <string.h>

typedef struct slot_info {
    const char *where;
    int member;
    int type;
} slot_info;

static const slot_info slots[SLOT_COUNT] = {
    [SLOT_NONE] = {"", 0, TYPE_NONE},
    [SLOT_REQUEST_ID] = {"requestContext.requestId", LAMBDEST_REQUEST_ID, TYPE_TEXT},
    [SLOT_FUNCTION_ARN] = {"requestContext.functionArn", LAMBDEST_FUNCTION_ARN, TYPE_TEXT},
    [SLOT_CONDITION] = {"requestContext.condition", LAMBDEST_CONDITION, TYPE_TEXT},
    [SLOT_TIMESTAMP] = {"timestamp", LAMBDEST_TIMESTAMP, TYPE_TEXT},
    [SLOT_EXECUTED_VERSION] = {"responseContext.executedVersion", LAMBDEST_EXECUTED_VERSION, TYPE_TEXT},
    [SLOT_FUNCTION_ERROR] = {"responseContext.functionError", LAMBDEST_FUNCTION_ERROR, TYPE_TEXT},
    [SLOT_RECORD_VERSION] = {"version", LAMBDEST_RECORD_VERSION, TYPE_TEXT},
    [SLOT_FUNCTION_NAME] = {"functionName", 0, TYPE_TEXT},
    [SLOT_INVOKE_COUNT] = {"requestContext.approximateInvokeCount", LAMBDEST_INVOKE_COUNT, TYPE_INTEGER},
    [SLOT_STATUS_CODE] = {"responseContext.statusCode", LAMBDEST_STATUS_CODE, TYPE_INTEGER},
    [SLOT_REQUEST_PAYLOAD] = {"requestPayload", LAMBDEST_REQUEST_PAYLOAD, TYPE_JSON},
    [SLOT_RESPONSE_PAYLOAD] = {"responsePayload", LAMBDEST_RESPONSE_PAYLOAD, TYPE_JSON},
    [SLOT_INVOCATION_ERROR] = {"invocationError", LAMBDEST_INVOCATION_ERROR, TYPE_JSON},
    [SLOT_DELIVERY_ERROR] = {"deliveryError", LAMBDEST_DELIVERY_ERROR, TYPE_JSON},
    [SLOT_CONTEXT] = {"invocationRequest.context", LAMBDEST_CONTEXT, TYPE_JSON},
    [SLOT_KINESIS_BATCH_INFO] = {"KinesisBatchInfo", LAMBDEST_KINESIS_BATCH_INFO, TYPE_JSON},
    [SLOT_DDB_STREAM_BATCH_INFO] = {"DDBStreamBatchInfo", LAMBDEST_DDB_STREAM_BATCH_INFO, TYPE_JSON},
    [SLOT_KAFKA_BATCH_INFO] = {"KafkaBatchInfo", LAMBDEST_KAFKA_BATCH_INFO, TYPE_JSON},
    [SLOT_TIME_WINDOW_INFO] = {"timeWindowInfo", LAMBDEST_TIME_WINDOW_INFO, TYPE_JSON},
    [SLOT_BATCH_PAYLOAD] = {"payload", LAMBDEST_BATCH_PAYLOAD, TYPE_JSON},
    [SLOT_METADATA] = {"invocationMetadata", LAMBDEST_METADATA, TYPE_JSON},
    [SLOT_REQUEST_CONTEXT] = {"requestContext", 0, TYPE_STATE},
    [SLOT_RESPONSE_CONTEXT] = {"responseContext", LAMBDEST_RESPONSE_CONTEXT, TYPE_STATE},
    [SLOT_REQUEST] = {"invocationRequest", 0, TYPE_STATE},
    [SLOT_RESPONSE] = {"invocationResponse", 0, TYPE_STATE},
    [SLOT_NAMED_ERROR] = {"invocationError", 0, TYPE_STATE},
};

int lambdest__slot_of(int member)
{
    int slot;

    if (member == LAMBDEST_TIMESTAMP_MS)
        return SLOT_TIMESTAMP;
    for (slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++)
        if (slots[slot].member == member && member)
            return slot;
    return SLOT_NONE;
}

int lambdest__slot_type(int slot)
{
    return slots[slot].type;
}

const char *lambdest__slot_where(int slot)
{
    return slots[slot].where;
}

bool lambdest__has(const lambdest_envelope *env, int slot)
{
    return env->members[slot].state != LAMBDEST_ABSENT;
}

bool lambdest__has_value(const lambdest_envelope *env, int slot)
{
    return env->members[slot].state == LAMBDEST_VALUE;
}

void lambdest__touch(lambdest_envelope *env, int slot)
{
    const lambdest__member *m = &env->members[slot];
    uint32_t bit = UINT32_C(1) << slot;

    if (m->state == m->parsed_state && m->state != LAMBDEST_VALUE)
        env->changed &= ~bit;
    else
        env->changed |= bit;
}

bool lambdest__store_prepare(lambdest_envelope *env, size_t size, lambdest__store *fresh)
{
    fresh->size = size;
    fresh->own = size > env->room_size;
    if (fresh->own) {
        fresh->data = lambdest__alloc(&env->limits.alloc, size);
        fresh->own = fresh->data != NULL;
        return fresh->own;
    }
    fresh->data = env->room;
    size = (size + 7) & ~(size_t)7;
    env->room += size;
    env->room_size -= size;
    return true;
}

void lambdest__store_release(lambdest_envelope *env, const lambdest__store *store)
{
    if (store->own)
        lambdest__release(&env->limits.alloc, store->data, store->size);
}

int lambdest__error_slot(const lambdest_envelope *env)
{
    if (lambdest__has(env, SLOT_INVOCATION_ERROR))
        return SLOT_INVOCATION_ERROR;
    if (lambdest__has_value(env, SLOT_FUNCTION_ERROR) && lambdest__has(env, SLOT_RESPONSE_PAYLOAD))
        return SLOT_RESPONSE_PAYLOAD;
    return SLOT_NONE;
}

int lambdest__batch_slot(const lambdest_envelope *env)
{
    int slot;

    for (slot = SLOT_KINESIS_BATCH_INFO; slot <= SLOT_KAFKA_BATCH_INFO; slot++)
        if (lambdest__has(env, slot))
            return slot;
    return SLOT_NONE;
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

size_t lambdest__text_memory(int slot, size_t len)
{
    return slot == SLOT_FUNCTION_ARN ? 2 * (len + 1) : len + 1;
}

/* The bytes of `memory` are the envelope's own, though spans are const. */
static void end_part(unsigned char *memory, lambdest__span part)
{
    if (part.data)
        memory[(size_t)(part.data - memory) + part.len] = '\0';
}

static void keep_arn(lambdest_envelope *env, unsigned char *memory, size_t len)
{
    lambdest__span text = {memory, len};

    if (!lambdest__arn_read(text, &env->arn))
        return;
    end_part(memory, env->arn.partition);
    end_part(memory, env->arn.region);
    end_part(memory, env->arn.account);
    end_part(memory, env->arn.name);
    end_part(memory, env->arn.qualifier);
}

void lambdest__text_keep(lambdest_envelope *env, int slot, unsigned char *memory, size_t len)
{
    memory[len] = '\0';
    env->members[slot].value.data = memory;
    env->members[slot].value.len = len;
    if (slot != SLOT_FUNCTION_ARN)
        return;
    memset(&env->arn, 0, sizeof env->arn);
    memcpy(memory + len + 1, memory, len + 1);
    keep_arn(env, memory + len + 1, len);
}

lambdest__span lambdest__moved(lambdest__span span, const unsigned char *from, const unsigned char *to)
{
    if (span.data)
        span.data = to + (span.data - from);
    return span;
}
