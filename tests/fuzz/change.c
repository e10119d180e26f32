/* One change of an envelope, told by the input. */
#include "fuzz.h"

static const int text_members[] = {
    LAMBDEST_REQUEST_ID,       LAMBDEST_FUNCTION_ARN,   LAMBDEST_CONDITION,      LAMBDEST_TIMESTAMP,
    LAMBDEST_EXECUTED_VERSION, LAMBDEST_FUNCTION_ERROR, LAMBDEST_RECORD_VERSION, LAMBDEST_FUNCTION_NAME,
    LAMBDEST_ERROR_TYPE,       LAMBDEST_ERROR_MESSAGE,  LAMBDEST_SOURCE_ARN,     LAMBDEST_FUNCTION_QUALIFIER,
};
static const int integer_members[] = {
    LAMBDEST_INVOKE_COUNT,
    LAMBDEST_STATUS_CODE,
    LAMBDEST_TIMESTAMP_MS,
    LAMBDEST_BATCH_SIZE,
};
static const int json_members[] = {
    LAMBDEST_REQUEST_PAYLOAD,       LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_INVOCATION_ERROR,
    LAMBDEST_DELIVERY_ERROR,        LAMBDEST_CONTEXT,          LAMBDEST_KINESIS_BATCH_INFO,
    LAMBDEST_DDB_STREAM_BATCH_INFO, LAMBDEST_KAFKA_BATCH_INFO, LAMBDEST_TIME_WINDOW_INFO,
    LAMBDEST_BATCH_PAYLOAD,         LAMBDEST_CLIENT_CONTEXT,   LAMBDEST_METADATA,
};

/* What chance would take long to find. */
static const char *const words[] = {
    "arn:aws:lambda:us-east-1:123456789012:function:demo",
    "arn:aws-cn:lambda:cn-north-1:123456789012:function:demo:PROD",
    "2026-03-02T09:53:00.001Z",
    "0000-01-01T00:00:00Z",
    "Success",
    "RetriesExhausted",
    "Unhandled",
    "$LATEST",
    "",
};
static const char *const values[] = {
    "{\"errorType\":\"T\",\"errorMessage\":\"m\\n\\ud83d\",\"stackTrace\":[\"a\",{\"x\":1},[2]]}",
    " {\"errorMessage\":\"x\",\"trace\":[\"l1\",\"l2\"],\"errorType\":\"Runtime.T2\"} ",
    "{\"shardId\":\"s\\u00e91\",\"batchSize\":3,\"streamArn\":\"arn:x\",\"x\":[1]}",
    " {\"recordsInfo\":{\"my-topic-0\":{\"firstRecordOffset\":\"1\"},\"t\":{}},\"payloadSize\" : 9}\n",
    "{\"stack\":\"one\",\"errorType\":5}",
    "\"{\\\"Records\\\":[]}\"",
    "{}",
    " null\t",
    "[]",
};

static lambdest_slice some_text(fuzz_input *in, const lambdest_envelope *env)
{
    size_t which = fuzz_below(in, COUNT(words) + 4);
    lambdest_slice text = {NULL, 0};

    if (which < COUNT(words))
        return fuzz_keep(words[which], strlen(words[which]));
    if (which > COUNT(words))
        return fuzz_take(in);
    text.data = lambdest_envelope_text(env, text_members[fuzz_below(in, COUNT(text_members))], &text.len);
    return text;
}

static lambdest_slice some_json(fuzz_input *in, const lambdest_envelope *env, bool borrows)
{
    size_t which = fuzz_below(in, COUNT(values) + 4);
    lambdest_slice json = {NULL, 0};

    if (which < COUNT(values))
        return fuzz_keep(values[which], strlen(values[which]));
    if (which > COUNT(values) || borrows)
        return fuzz_take(in);
    json.data = lambdest_envelope_json(env, json_members[fuzz_below(in, COUNT(json_members))], &json.len);
    return json;
}

static int set_error(fuzz_input *in, lambdest_envelope *env, lambdest_error *err)
{
    lambdest_slice type = some_text(in, env), message = some_text(in, env), frames[4];
    size_t i, count = fuzz_below(in, COUNT(frames) + 1);

    for (i = 0; i < count; i++) {
        frames[i] = some_text(in, env);
        if (!frames[i].data)
            frames[i].data = "";
    }
    if (!message.data)
        message.data = "";
    return lambdest_envelope_set_error(env, type.data, type.len, message.data, message.len, frames, count,
                                       err);
}

static int set_integer(fuzz_input *in, lambdest_envelope *env, lambdest_error *err)
{
    int member = integer_members[fuzz_below(in, COUNT(integer_members))];
    int64_t value = (int64_t)fuzz_byte(in) << 8;
    unsigned shift = fuzz_byte(in) % 50;

    value |= fuzz_byte(in);
    return lambdest_envelope_set_integer(env, member, shift & 1 ? -value : value * (INT64_C(1) << shift % 40),
                                         err);
}

static int set_state(fuzz_input *in, lambdest_envelope *env, lambdest_error *err)
{
    unsigned which = fuzz_byte(in);
    int member = LAMBDEST_RESPONSE_CONTEXT;

    if (which % 4 == 0)
        member = text_members[which / 4 % COUNT(text_members)];
    if (which % 4 == 1)
        member = integer_members[which / 4 % COUNT(integer_members)];
    if (which % 4 == 2)
        member = json_members[which / 4 % COUNT(json_members)];
    return lambdest_envelope_set_state(env, member, fuzz_byte(in) & 1 ? LAMBDEST_ABSENT : LAMBDEST_NULL, err);
}

/* As a jansson value: by the door's own reader, so that its numbers are read too. */
static int set_value(fuzz_input *in, lambdest_envelope *env, lambdest_error *err)
{
    int member = json_members[fuzz_below(in, COUNT(json_members))];
    lambdest_slice json = fuzz_take(in);
    json_t *value = fuzz_value(json.data, json.len);
    int rc;

    if (!value)
        value = json_pack("{s:[i,n,s]}", "a", 1, "b");
    fuzz_require(value, "out of memory");
    rc = lambdest_envelope_set_value(env, member, value, err);
    json_decref(value);
    return rc;
}

int fuzz_change(fuzz_input *in, lambdest_envelope *env, bool borrows, lambdest_error *err)
{
    unsigned what = fuzz_byte(in) % 8, member = fuzz_byte(in);
    lambdest_slice text;

    switch (what) {
    case 0:
        return set_error(in, env, err);
    case 1:
        return set_integer(in, env, err);
    case 2:
        return set_state(in, env, err);
    case 3:
        return set_value(in, env, err);
    case 4:
    case 5:
        text = some_text(in, env);
        return lambdest_envelope_set_text(env, text_members[member % COUNT(text_members)], text.data,
                                          text.len, err);
    case 6:
        return lambdest_envelope_copy_json(env, json_members[member % COUNT(json_members)], env,
                                           json_members[fuzz_below(in, COUNT(json_members))], err);
    default:
        text = some_json(in, env, borrows);
        return lambdest_envelope_set_json(env, json_members[member % COUNT(json_members)], text.data,
                                          text.len, err);
    }
}
