#include "envelope/model.h"
#include "envelope/timestamp.h"
#include "json/skip.h"

static lambdest__span member_text(const lambdest_envelope *env, int member)
{
    static const lambdest__span none = {NULL, 0};
    int slot;

    switch (member) {
    case LAMBDEST_FUNCTION_PARTITION:
        return env->arn.partition;
    case LAMBDEST_FUNCTION_REGION:
        return env->arn.region;
    case LAMBDEST_FUNCTION_ACCOUNT:
        return env->arn.account;
    case LAMBDEST_FUNCTION_NAME:
        return env->arn.name.data ? env->arn.name : env->members[SLOT_FUNCTION_NAME].value;
    case LAMBDEST_FUNCTION_QUALIFIER:
        return env->arn.qualifier;
    case LAMBDEST_ERROR_TYPE:
        return env->error.type;
    case LAMBDEST_ERROR_MESSAGE:
        return env->error.message;
    case LAMBDEST_SOURCE_ARN:
        return env->batch.source_arn;
    default:
        slot = member == LAMBDEST_TIMESTAMP_MS ? SLOT_NONE : lambdest__slot_of(member);
        if (lambdest__slot_type(slot) != TYPE_TEXT || !lambdest__has_value(env, slot))
            return none;
        return env->members[slot].value;
    }
}

static const char *hand_out(lambdest__span span, size_t *len)
{
    if (len)
        *len = span.len;
    return (const char *)span.data;
}

const char *lambdest_envelope_text(const lambdest_envelope *env, int member, size_t *len)
{
    lambdest__span none = {NULL, 0};

    return hand_out(env ? member_text(env, member) : none, len);
}

static bool member_integer(const lambdest_envelope *env, int member, int64_t *out)
{
    const lambdest__member *m = &env->members[lambdest__slot_of(member)];

    switch (member) {
    case LAMBDEST_INVOKE_COUNT:
    case LAMBDEST_STATUS_CODE:
        *out = m->integer;
        return m->state == LAMBDEST_VALUE;
    case LAMBDEST_TIMESTAMP_MS:
        return m->state == LAMBDEST_VALUE && lambdest__timestamp_read(m->value, out);
    case LAMBDEST_BATCH_SIZE:
        *out = env->batch.batch_size;
        return *out >= 0;
    case LAMBDEST_PAYLOAD_SIZE:
        *out = env->batch.payload_size;
        return *out >= 0;
    default:
        return false;
    }
}

int lambdest_envelope_integer(const lambdest_envelope *env, int member, int64_t *out)
{
    if (!out)
        return LAMBDEST_E_INVAL;
    if (env && member_integer(env, member, out))
        return LAMBDEST_OK;
    *out = 0;
    return LAMBDEST_E_ABSENT;
}

static lambdest__span json_of(const lambdest_envelope *env, int member)
{
    static const lambdest__span none = {NULL, 0};
    int slot = lambdest__json_slot(env, member);

    if (member == LAMBDEST_CLIENT_CONTEXT)
        return lambdest__skip_find(env->members[SLOT_CONTEXT].value, "clientContext");
    return lambdest__slot_type(slot) == TYPE_JSON ? env->members[slot].value : none;
}

const char *lambdest_envelope_json(const lambdest_envelope *env, int member, size_t *len)
{
    lambdest__span none = {NULL, 0};

    return hand_out(env ? json_of(env, member) : none, len);
}

static int response_context_state(const lambdest_envelope *env)
{
    if (lambdest__has(env, SLOT_STATUS_CODE) || lambdest__has(env, SLOT_EXECUTED_VERSION) ||
        lambdest__has(env, SLOT_FUNCTION_ERROR))
        return LAMBDEST_VALUE;
    return env->members[SLOT_RESPONSE_CONTEXT].state;
}

static int derived_state(const lambdest_envelope *env, int member)
{
    lambdest__span json = json_of(env, member);
    int64_t integer;

    if (json.data)
        return *json.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
    if (member_text(env, member).data || member_integer(env, member, &integer))
        return LAMBDEST_VALUE;
    return LAMBDEST_ABSENT;
}

int lambdest_envelope_state(const lambdest_envelope *env, int member)
{
    int slot = lambdest__slot_of(member);

    if (!env)
        return LAMBDEST_ABSENT;
    if (member == LAMBDEST_RESPONSE_CONTEXT)
        return response_context_state(env);
    if (!slot || member == LAMBDEST_TIMESTAMP_MS || member == LAMBDEST_INVOCATION_ERROR)
        return derived_state(env, member);
    return env->members[slot].state;
}
