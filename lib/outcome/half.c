#include "outcome/half.h"

#include "base/error.h"
#include "envelope/change.h"

#include <string.h>

static int put_text(lambdest__change *change, int slot, const char *text)
{
    if (text)
        return lambdest__put_text(change, slot, text, strlen(text));
    lambdest__put_state(change, slot, LAMBDEST_ABSENT);
    return LAMBDEST_OK;
}

static int put_emitted(lambdest__change *change, int slot, const lambdest__half_json *json)
{
    lambdest__emit e;
    lambdest__span text;
    unsigned char *room;

    lambdest__emit_init(&e, NULL, false);
    json->emit(&e, json->data);
    room = lambdest__put_room(change, slot, lambdest__emit_total(&e));
    if (!room)
        return LAMBDEST_E_NOMEM;
    lambdest__emit_init(&e, room, false);
    json->emit(&e, json->data);
    text.data = room;
    text.len = lambdest__emit_total(&e);
    return lambdest__put_json(change, slot, text, text, false);
}

static int put_json(lambdest__change *change, int slot, const lambdest__half_json *json)
{
    if (json->emit)
        return put_emitted(change, slot, json);
    if (json->raw.data)
        return lambdest__put_json(change, slot, json->raw, json->value, json->copy);
    lambdest__put_state(change, slot, LAMBDEST_ABSENT);
    return LAMBDEST_OK;
}

/* The version that an ARN tells: of an alias it is not known. */
static lambdest__span version_of(const lambdest_envelope *env)
{
    static const unsigned char latest[] = "$LATEST";
    lambdest__span version = env->arn.qualifier;
    size_t i;

    if (env->arn.name.data && !version.data) {
        version.data = latest;
        version.len = sizeof latest - 1;
    }
    if (version.len == sizeof latest - 1 && !memcmp(version.data, latest, version.len))
        return version;
    for (i = 0; i < version.len; i++)
        if (version.data[i] < '0' || version.data[i] > '9')
            version.len = 0;
    return version;
}

static int put_version(lambdest__change *change, int ran)
{
    lambdest__span version = version_of(change->env);

    if (ran && lambdest__has_value(change->env, SLOT_EXECUTED_VERSION))
        return LAMBDEST_OK;
    if (ran && version.len)
        return lambdest__put_text(change, SLOT_EXECUTED_VERSION, (const char *)version.data, version.len);
    lambdest__put_state(change, SLOT_EXECUTED_VERSION, LAMBDEST_ABSENT);
    return LAMBDEST_OK;
}

static void put_status(lambdest__change *change, int64_t status)
{
    static const int objects[] = {SLOT_RESPONSE_CONTEXT, SLOT_RESPONSE, SLOT_NAMED_ERROR};
    size_t i;

    for (i = 0; i < sizeof objects / sizeof objects[0]; i++)
        lambdest__put_state(change, objects[i], LAMBDEST_ABSENT);
    if (status)
        lambdest__put_integer(change, SLOT_STATUS_CODE, status);
    else
        lambdest__put_state(change, SLOT_STATUS_CODE, LAMBDEST_ABSENT);
}

int lambdest__half_put(lambdest_envelope *env, const lambdest__half *half, lambdest_error *err)
{
    lambdest__change change;
    int rc;

    lambdest__change_begin(&change, env);
    put_status(&change, half->status);
    lambdest__put_state(&change, SLOT_INVOKE_COUNT, LAMBDEST_ABSENT);
    lambdest__put_state(&change, SLOT_TIMESTAMP, LAMBDEST_ABSENT);
    rc = put_version(&change, half->ran);
    if (!rc)
        rc = put_text(&change, SLOT_FUNCTION_ERROR, half->function_error);
    if (!rc)
        rc = put_text(&change, SLOT_CONDITION, half->condition ? lambdest_name(half->condition) : NULL);
    if (!rc)
        rc = put_json(&change, SLOT_RESPONSE_PAYLOAD, &half->payload);
    if (!rc)
        rc = put_json(&change, SLOT_INVOCATION_ERROR, &half->error);
    if (!rc)
        rc = put_json(&change, SLOT_DELIVERY_ERROR, &half->delivery_error);
    rc = lambdest__change_end(&change, rc);
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}
