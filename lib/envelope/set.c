#include "envelope/set.h"

#include "base/bytes.h"
#include "envelope/timestamp.h"
#include "json/string.h"
#include "json/utf8.h"

/* ---- a slot that no view depends on: there is nothing to take back ---- */

/* The text, a copy in `memory` of a checked one, is the slot's from now on. */
static inline void keep_text_alone(lambdest_envelope *env, int slot, unsigned char *memory,
                                   const lambdest__checked *checked, lambdest__store fresh)
{
    lambdest__member *m = &env->members[slot];

    lambdest__text_keep(env, slot, memory, checked);
    m->raw = (lambdest__span){NULL, 0};
    m->state = LAMBDEST_VALUE;
    env->changed |= UINT32_C(1) << slot;
    lambdest__store_replace(env, m, fresh);
}

static inline int set_text_alone(lambdest_envelope *env, int slot, const lambdest__checked *checked)
{
    size_t len = checked->text.len;
    lambdest__store fresh;
    unsigned char *memory = lambdest__store_prepare(env, lambdest__text_memory(slot, len), &fresh);

    if (!memory)
        return LAMBDEST_E_NOMEM;
    lambdest__put_bytes(memory, checked->text.data, len);
    keep_text_alone(env, slot, memory, checked, fresh);
    return LAMBDEST_OK;
}

static void set_integer_alone(lambdest_envelope *env, int slot, int64_t value)
{
    lambdest__member *m = &env->members[slot];

    m->integer = value;
    m->raw = (lambdest__span){NULL, 0};
    m->state = LAMBDEST_VALUE;
    env->changed |= UINT32_C(1) << slot;
}

/* ---- texts and integers ---- */

static int check_text(const lambdest_envelope *env, int slot, lambdest__checked *checked, lambdest_error *err)
{
    lambdest__span text = checked->text;
    int64_t ms;
    size_t bad;

    checked->plain = true;
    if (lambdest__text_is_too_big(env, text.len))
        return lambdest__refuse_size(env, lambdest__slot_where(slot), err);
    if (slot == SLOT_FUNCTION_ARN && lambdest__arn_read(text, &checked->arn))
        return LAMBDEST_OK;
    checked->plain = lambdest__string_is_plain(text.data, text.len);
    if (!checked->plain && !lambdest__utf8_check(text.data, text.len, &bad))
        return lambdest__fail(err, LAMBDEST_E_UTF8, bad, NULL, lambdest__slot_where(slot));
    if (slot == SLOT_FUNCTION_ARN)
        return lambdest__refuse_member(slot, "not the ARN of a function", err);
    if (slot == SLOT_TIMESTAMP && !lambdest__timestamp_read(text, &ms))
        return lambdest__refuse_member(slot, "not an RFC 3339 time", err);
    return LAMBDEST_OK;
}

static int set_text_viewed(lambdest_envelope *env, int slot, const lambdest__checked *checked,
                           lambdest_error *err)
{
    lambdest__change change;

    lambdest__change_begin(&change, env);
    return lambdest__end_change(&change, lambdest__put_checked(&change, slot, checked), err);
}

int lambdest_envelope_set_text(lambdest_envelope *env, int member, const char *text, size_t len,
                               lambdest_error *err)
{
    int rc, slot = member == LAMBDEST_TIMESTAMP_MS ? SLOT_NONE : lambdest__slot_of(member);
    lambdest__checked checked;

    if (!env || (!text && len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (lambdest__slot_type(slot) != TYPE_TEXT)
        return lambdest__refuse_member(slot, "not a text that can be set", err);
    checked.text.data = (const unsigned char *)text;
    checked.text.len = len;
    rc = check_text(env, slot, &checked, err);
    if (rc)
        return rc;
    if (lambdest__has_view(slot))
        return set_text_viewed(env, slot, &checked, err);
    return lambdest__end_set(set_text_alone(env, slot, &checked), err);
}

static int set_time(lambdest_envelope *env, int64_t ms, lambdest_error *err)
{
    lambdest__checked checked = {.text = {NULL, LAMBDEST__TIMESTAMP_LEN}, .plain = true};
    lambdest__store fresh;
    unsigned char *memory;

    if (ms < LAMBDEST__TIMESTAMP_MIN || ms > LAMBDEST__TIMESTAMP_MAX)
        return lambdest__refuse_member(SLOT_TIMESTAMP, "not within the years 0 to 9999", err);
    memory = lambdest__store_prepare(env, LAMBDEST__TIMESTAMP_LEN + 1, &fresh);
    if (!memory)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    lambdest__timestamp_put(ms, memory);
    keep_text_alone(env, SLOT_TIMESTAMP, memory, &checked, fresh);
    return lambdest__ok(err);
}

int lambdest_envelope_set_integer(lambdest_envelope *env, int member, int64_t value, lambdest_error *err)
{
    int slot = lambdest__slot_of(member);
    int64_t max = slot == SLOT_STATUS_CODE ? 999 : INT64_C(9007199254740991);

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (member == LAMBDEST_TIMESTAMP_MS)
        return set_time(env, value, err);
    if (lambdest__slot_type(slot) != TYPE_INTEGER)
        return lambdest__refuse_member(slot, "not an integer that can be set", err);
    if (value < 0 || value > max)
        return lambdest__refuse_member(slot, "an integer out of range", err);
    set_integer_alone(env, slot, value);
    return lambdest__ok(err);
}

/* ---- states ---- */

static bool may_be_null(int slot)
{
    switch (slot) {
    case SLOT_FUNCTION_ERROR:
    case SLOT_REQUEST_PAYLOAD:
    case SLOT_RESPONSE_PAYLOAD:
    case SLOT_INVOCATION_ERROR:
    case SLOT_CONTEXT:
    case SLOT_BATCH_PAYLOAD:
    case SLOT_RESPONSE_CONTEXT:
        return true;
    default:
        return false;
    }
}

int lambdest_envelope_set_state(lambdest_envelope *env, int member, int state, lambdest_error *err)
{
    int slot = lambdest__slot_of(member);
    lambdest__change change;

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!slot || slot == SLOT_METADATA)
        return lambdest__refuse_member(slot, "not a member that can be set", err);
    if (state != LAMBDEST_ABSENT && !(state == LAMBDEST_NULL && may_be_null(slot)))
        return lambdest__refuse_member(slot, "not a state of this member", err);
    lambdest__change_begin(&change, env);
    lambdest__put_state(&change, slot, state);
    if (slot == SLOT_RESPONSE_CONTEXT) {
        lambdest__put_state(&change, SLOT_STATUS_CODE, LAMBDEST_ABSENT);
        lambdest__put_state(&change, SLOT_EXECUTED_VERSION, LAMBDEST_ABSENT);
        lambdest__put_state(&change, SLOT_FUNCTION_ERROR, LAMBDEST_ABSENT);
        if (!lambdest__has(env, SLOT_RESPONSE_PAYLOAD))
            lambdest__put_state(&change, SLOT_RESPONSE, LAMBDEST_ABSENT);
    }
    return lambdest__end_change(&change, LAMBDEST_OK, err);
}
