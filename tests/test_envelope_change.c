#include "support_envelope.h"

#include <stdio.h>

/* ---- undoing ---- */

typedef struct settable {
    int member;
    const char *text; /* one of the three */
    int64_t integer;
    const char *json;
    bool nullable;
} settable;

static const settable settables[] = {
    {LAMBDEST_REQUEST_ID, "id", 0, NULL, false},
    {LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:f", 0, NULL, false},
    {LAMBDEST_CONDITION, "Odd", 0, NULL, false},
    {LAMBDEST_TIMESTAMP, "2026-03-02T09:14:07.318Z", 0, NULL, false},
    {LAMBDEST_EXECUTED_VERSION, "1", 0, NULL, false},
    {LAMBDEST_FUNCTION_ERROR, "Unhandled", 0, NULL, true},
    {LAMBDEST_RECORD_VERSION, "2.0", 0, NULL, false},
    {LAMBDEST_INVOKE_COUNT, NULL, 7, NULL, false},
    {LAMBDEST_STATUS_CODE, NULL, 500, NULL, false},
    {LAMBDEST_TIMESTAMP_MS, NULL, 1, NULL, false},
    {LAMBDEST_REQUEST_PAYLOAD, NULL, 0, " [ 1 ] ", true},
    {LAMBDEST_RESPONSE_PAYLOAD, NULL, 0, "\"x\"", true},
    {LAMBDEST_INVOCATION_ERROR, NULL, 0, "{\"errorType\":\"E\"}", true},
    {LAMBDEST_DELIVERY_ERROR, NULL, 0, "{}", false},
    {LAMBDEST_CONTEXT, NULL, 0, "{}", true},
    {LAMBDEST_KINESIS_BATCH_INFO, NULL, 0, "{}", false},
    {LAMBDEST_DDB_STREAM_BATCH_INFO, NULL, 0, "{}", false},
    {LAMBDEST_KAFKA_BATCH_INFO, NULL, 0, "{\"recordsInfo\":{\"a-1\":{},\"b-2\":{}}}", false},
    {LAMBDEST_TIME_WINDOW_INFO, NULL, 0, "{}", false},
    {LAMBDEST_BATCH_PAYLOAD, NULL, 0, "1", true},
};

static int set(lambdest_envelope *env, const settable *s, lambdest_error *err)
{
    if (s->text)
        return lambdest_envelope_set_text(env, s->member, s->text, strlen(s->text), err);
    if (s->json)
        return lambdest_envelope_set_json(env, s->member, s->json, strlen(s->json), err);
    return lambdest_envelope_set_integer(env, s->member, s->integer, err);
}

static void expect_set(const lambdest_envelope *env, const settable *s)
{
    char value[100] = "";

    if (s->text)
        support_expect_text(env, s->member, s->text);
    else if (!s->json)
        support_expect_integer(env, s->member, s->integer);
    else if (sscanf(s->json, " %99[^\n]", value) == 1) {
        while (value[strlen(value) - 1] == ' ')
            value[strlen(value) - 1] = 0;
        support_expect_json(env, s->member, value);
    }
}

/* The error's signs go with it. */
static void unset(lambdest_envelope *env, const settable *s, int state)
{
    support_set_state(env, s->member, state);
    if (s->member == LAMBDEST_INVOCATION_ERROR) {
        support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_ABSENT);
        support_set_state(env, LAMBDEST_STATUS_CODE, LAMBDEST_ABSENT);
    }
}

static const char *const sparse_texts[] = {
    " { \"x\" : 1 , \"requestContext\" : { \"\\u0078\":1 } , \"\\u0072esponseContext\" : { } }\n",
    "{\"invocationRequest\": { } , \"x\":[1, 2]}",
};

static void undoes_every_change(void **state)
{
    size_t i, k;

    for (i = 0; i < 2 * COUNT_OF(sparse_texts); i++) {
        const char *text = sparse_texts[i / 2];

        for (k = 0; k < COUNT_OF(settables); k++) {
            lambdest_envelope *env = support_parse(*state, text, strlen(text), i % 2 ? LAMBDEST_BORROW : 0);

            assert_int_equal(set(env, &settables[k], NULL), LAMBDEST_OK);
            expect_set(env, &settables[k]);
            unset(env, &settables[k], LAMBDEST_ABSENT);
            support_expect_written(env, 0, 0, text, strlen(text));
            lambdest_envelope_free(env);
        }
    }
}

/* All of them at once, undone in another order; and a clone in between. */
static void undoes_all_changes(void **state)
{
    const char *text = sparse_texts[1];
    lambdest_envelope *env = support_parse(*state, text, strlen(text), 0), *copy = NULL;
    size_t i;

    for (i = 0; i < COUNT_OF(settables); i++)
        if (settables[i].member != LAMBDEST_DDB_STREAM_BATCH_INFO &&
            settables[i].member != LAMBDEST_KAFKA_BATCH_INFO)
            assert_int_equal(set(env, &settables[i], NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_clone(env, &copy, NULL), LAMBDEST_OK);
    lambdest_envelope_free(env);
    for (i = COUNT_OF(settables); i-- > 0;)
        unset(copy, &settables[i], LAMBDEST_ABSENT);
    support_expect_written(copy, 0, 0, text, strlen(text));
    lambdest_envelope_free(copy);
}

/* A null that was read, changed and made null again is the null that was read, white space and all. */
static void undoes_to_null(void **state)
{
    static const struct {
        int member;
        const char *text;
    } nulls[] = {
        {LAMBDEST_REQUEST_PAYLOAD, "{\"requestPayload\": null }"},
        {LAMBDEST_RESPONSE_PAYLOAD, "{\"x\":1,\"responsePayload\": null }"},
        {LAMBDEST_INVOCATION_ERROR, "{\"requestPayload\":1,\"invocationError\":\tnull }"},
        {LAMBDEST_BATCH_PAYLOAD, "{\"requestPayload\":1,\"payload\":null }"},
        {LAMBDEST_CONTEXT, "{\"invocationRequest\":{\"context\": null}}"},
        {LAMBDEST_FUNCTION_ERROR, "{\"responseContext\":{ \"functionError\": null}}"},
        {LAMBDEST_RESPONSE_CONTEXT, "{\"responseContext\" :null}"},
    };
    size_t i, k;

    for (i = 0; i < COUNT_OF(nulls); i++) {
        lambdest_envelope *env = support_parse(*state, nulls[i].text, strlen(nulls[i].text), 0);
        int member = nulls[i].member;

        for (k = 0; k < COUNT_OF(settables); k++)
            if (settables[k].member == member)
                assert_int_equal(set(env, &settables[k], NULL), LAMBDEST_OK);
        if (member == LAMBDEST_RESPONSE_CONTEXT)
            support_set_integer(env, LAMBDEST_STATUS_CODE, 1);
        else
            assert_int_equal(lambdest_envelope_state(env, member), LAMBDEST_VALUE);
        if (member == LAMBDEST_INVOCATION_ERROR)
            support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
        support_set_state(env, member, LAMBDEST_ABSENT);
        assert_int_equal(lambdest_envelope_state(env, member), LAMBDEST_ABSENT);
        support_set_state(env, member, LAMBDEST_NULL);
        assert_int_equal(lambdest_envelope_state(env, member), LAMBDEST_NULL);
        support_expect_written(env, 0, 0, nulls[i].text, strlen(nulls[i].text));
        lambdest_envelope_free(env);
    }
}

/* A null that is set comes with its own white space, also where a null was read. */
static void keeps_the_space_around_a_null(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"requestPayload\":null,\"x\":1}");

    (void)state;
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, " null\n");
    support_expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "null");
    support_expect_record(env, "{\"requestPayload\": null\n,\"x\":1}");
    support_set_state(env, LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_NULL);
    support_expect_record(env, "{\"requestPayload\":null,\"x\":1}");
    lambdest_envelope_free(env);
}

/* ---- memory ---- */

typedef struct set_job {
    const settable *what;
    int times;
    const char *text;
    bool error;
} set_job;

static int set_error(lambdest_envelope *env, lambdest_error *err)
{
    static const lambdest_slice frames[] = {{"one", 3}, {"two", 3}};

    return lambdest_envelope_set_error(env, "Type", 4, "message", 7, frames, 2, err);
}

/* An envelope whose room is used up, so that each set has to ask for memory. */
static lambdest_envelope *crowded(const support_memory *m, const char *text)
{
    lambdest_envelope *env = text ? support_parse(m, text, strlen(text), 0) : support_new(m, 0);
    char filling[1400];

    memset(filling, 'x', sizeof filling);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_RECORD_VERSION, filling, 1279 - 300, NULL), 0);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_RECORD_VERSION, filling, 290, NULL), 0);
    return env;
}

/* What is derived from members, and not written. */
typedef struct views {
    size_t ranges, frames;
    const char *type, *range, *name;
} views;

static views look(const lambdest_envelope *env)
{
    views v = {lambdest_envelope_range_count(env), lambdest_envelope_frame_count(env),
               lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL),
               lambdest_envelope_range_text(env, 0, LAMBDEST_RANGE_NAME, NULL),
               lambdest_envelope_text(env, LAMBDEST_FUNCTION_NAME, NULL)};

    return v;
}

/* Each text stands where it stood, and says what it said. */
static void expect_look(const lambdest_envelope *env, const views *before)
{
    views v = look(env);

    assert_int_equal(v.ranges, before->ranges);
    assert_int_equal(v.frames, before->frames);
    assert_ptr_equal(v.type, before->type);
    assert_ptr_equal(v.range, before->range);
    assert_ptr_equal(v.name, before->name);
    if (v.type)
        assert_true(!strcmp(v.type, "E") || !strcmp(v.type, "Type"));
    if (v.range)
        assert_string_equal(v.range, "a-1");
    if (v.name)
        assert_string_equal(v.name, "f");
}

static int attempt_set(support_memory *m, void *arg)
{
    const set_job *job = arg;
    size_t nth = m->fail_at, calls = m->calls, bytes, len;
    bool onwards = m->fail_on;
    lambdest_envelope *env;
    lambdest_error err;
    views seen;
    char *before;
    int rc = LAMBDEST_OK, i;

    support_memory_fail(m, 0, false);
    env = crowded(m, job->text);
    if (job->times > 1)
        assert_int_equal(job->error ? set_error(env, NULL) : set(env, job->what, NULL), LAMBDEST_OK);
    before = support_write(env, LAMBDEST_RECORD, 0, &len);
    seen = look(env);
    bytes = m->bytes;
    support_memory_fail(m, nth - calls, onwards);
    for (i = 0; !rc && i < job->times; i++)
        rc = job->error ? set_error(env, &err) : set(env, job->what, &err);
    support_memory_fail(m, 0, false);
    if (rc && (i == 1 || job->times > 1)) {
        support_expect_error(&err, rc, 0, "");
        support_expect_written(env, LAMBDEST_RECORD, 0, before, len);
        if (i == 1) {
            expect_look(env, &seen);
            assert_int_equal(m->bytes, bytes);
        }
    }
    lambdest_free(before);
    lambdest_envelope_free(env);
    return rc;
}

static void sets_all_or_nothing(void **state)
{
    size_t i, k, j;

    for (i = 0; i < COUNT_OF(settables); i++)
        for (k = 0; k < 2; k++)
            for (j = 1; j <= 2; j++) {
                set_job job = {&settables[i], (int)j, k ? sparse_texts[1] : NULL, false};

                if (settables[i].text || settables[i].json || settables[i].member == LAMBDEST_TIMESTAMP_MS)
                    support_exhaust(*state, attempt_set, &job);
            }
    for (k = 0; k < 2; k++) {
        set_job job = {NULL, 2, k ? sparse_texts[1] : NULL, true};

        support_exhaust(*state, attempt_set, &job);
    }
}

/* A parsed envelope is as unchanged after a change that failed as it was before. */
static void is_unchanged_by_failure(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = support_parse(m, sparse_texts[1], strlen(sparse_texts[1]), 0);
    size_t i;

    for (i = 0; i < COUNT_OF(settables); i++) {
        const settable *s = &settables[i];

        if (!s->text && !s->json)
            continue;
        support_memory_fail(m, 1, true);
        assert_int_equal(set(env, s, NULL), LAMBDEST_E_NOMEM);
        assert_int_equal(set_error(env, NULL), LAMBDEST_E_NOMEM);
        support_memory_fail(m, 0, false);
        assert_int_equal(lambdest_envelope_state(env, s->member), LAMBDEST_ABSENT);
        support_expect_written(env, 0, 0, sparse_texts[1], strlen(sparse_texts[1]));
    }
    lambdest_envelope_free(env);
}

/* Room that a failed change took is there again for the next. */
static void gives_back_room(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = support_new(m, 0);
    char error[900];
    size_t i, len;

    len = (size_t)sprintf(error, "{\"errorType\":\"%0800d\"}", 7);
    support_set_text(env, LAMBDEST_REQUEST_ID, "id");
    for (i = 0; i < 5; i++) {
        support_memory_fail(m, 1, false);
        assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, error, len, NULL),
                         LAMBDEST_E_NOMEM);
        support_memory_fail(m, 0, false);
        support_expect_record(env, "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"id\"}}");
    }
    assert_int_equal(m->blocks, 1);
    support_set_text(env, LAMBDEST_CONDITION, "words that fill some of the room that was given back");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, error);
    support_expect_text(env, LAMBDEST_REQUEST_ID, "id");
    support_expect_text(env, LAMBDEST_CONDITION, "words that fill some of the room that was given back");
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, "Unhandled");
    assert_int_equal(m->blocks, 2);
    lambdest_envelope_free(env);
}

/* Nothing that is replaced stays alive: so many changes take no more memory than one. */
static void gives_back_what_it_replaces(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = crowded(m, NULL);
    size_t i, k, bytes = 0, blocks = 0;

    for (i = 0; i < 5; i++) {
        for (k = 0; k < COUNT_OF(settables); k++)
            if (settables[k].member != LAMBDEST_DDB_STREAM_BATCH_INFO &&
                settables[k].member != LAMBDEST_KINESIS_BATCH_INFO)
                assert_int_equal(set(env, &settables[k], NULL), LAMBDEST_OK);
        assert_int_equal(set_error(env, NULL), LAMBDEST_OK);
        if (i == 2) {
            bytes = m->bytes;
            blocks = m->blocks;
        }
    }
    assert_int_equal(m->bytes, bytes);
    assert_int_equal(m->blocks, blocks);
    for (k = 0; k < COUNT_OF(settables); k++)
        support_set_state(env, settables[k].member, LAMBDEST_ABSENT);
    assert_in_range(m->blocks, 1, 2);
    lambdest_envelope_free(env);
}

/* ---- at random, against a model of its own ---- */

enum {
    M_ID,
    M_ARN,
    M_CONDITION,
    M_TIME,
    M_VERSION,
    M_ERROR,
    M_RECORD,
    TEXTS
};

enum {
    M_REQUEST,
    M_RESPONSE,
    M_FAILURE,
    M_DELIVERY,
    M_WINDOW,
    M_PAYLOAD,
    M_KINESIS,
    M_KAFKA,
    JSONS
};

static const int text_members[TEXTS] = {
    LAMBDEST_REQUEST_ID,       LAMBDEST_FUNCTION_ARN,   LAMBDEST_CONDITION,     LAMBDEST_TIMESTAMP,
    LAMBDEST_EXECUTED_VERSION, LAMBDEST_FUNCTION_ERROR, LAMBDEST_RECORD_VERSION};
static const int json_members[JSONS] = {LAMBDEST_REQUEST_PAYLOAD,    LAMBDEST_RESPONSE_PAYLOAD,
                                        LAMBDEST_INVOCATION_ERROR,   LAMBDEST_DELIVERY_ERROR,
                                        LAMBDEST_TIME_WINDOW_INFO,   LAMBDEST_BATCH_PAYLOAD,
                                        LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_KAFKA_BATCH_INFO};

/* What an envelope of no form, or a record, should know. NULL: absent. */
typedef struct model {
    json_t *texts[TEXTS];
    json_t *jsons[JSONS];
    json_t *count, *status;
    json_t *response_context; /* null, {} with members not known, or NULL */
    json_t *request_unknown, *top_unknown;
    bool request_context; /* was there */
    bool named;           /* the record that was read had an invocationError */
    bool arn_set;         /* since it was read */
} model;

static void put(json_t **slot, json_t *value)
{
    json_decref(*slot);
    *slot = value;
}

static void model_clear(model *m)
{
    size_t i;

    for (i = 0; i < TEXTS; i++)
        put(&m->texts[i], NULL);
    for (i = 0; i < JSONS; i++)
        put(&m->jsons[i], NULL);
    put(&m->count, NULL);
    put(&m->status, NULL);
    put(&m->response_context, NULL);
    put(&m->request_unknown, NULL);
    put(&m->top_unknown, NULL);
    memset(m, 0, sizeof *m);
}

static bool has_value(const json_t *slot)
{
    return slot && !json_is_null(slot);
}

static bool is_batch(const model *m)
{
    return m->jsons[M_KINESIS] || m->jsons[M_KAFKA];
}

static json_t *written_arn(const model *m)
{
    const char *arn = json_string_value(m->texts[M_ARN]);
    char qualified[120];

    if (!arn || !m->arn_set || is_batch(m) || strchr(strstr(arn, "function:") + 9, ':'))
        return json_incref(m->texts[M_ARN]);
    snprintf(qualified, sizeof qualified, "%s:$LATEST", arn);
    return json_string(qualified);
}

static void add(json_t *object, const char *name, json_t *value)
{
    if (value)
        assert_int_equal(json_object_set(object, name, value), 0);
}

static void add_all(json_t *object, json_t *more)
{
    const char *name;
    json_t *value;

    json_object_foreach(more, name, value) add(object, name, value);
}

static void add_new(json_t *object, const char *name, json_t *value)
{
    add(object, name, value);
    json_decref(value);
}

/* Where the error goes: into responsePayload, into a member of its own, nowhere. */
static bool error_is_payload(const model *m)
{
    return m->jsons[M_FAILURE] && !m->jsons[M_RESPONSE] && !m->named &&
           (has_value(m->jsons[M_FAILURE]) || has_value(m->texts[M_ERROR]));
}

static bool error_is_named(const model *m)
{
    return m->jsons[M_FAILURE] && (m->named || (m->jsons[M_RESPONSE] && (has_value(m->jsons[M_FAILURE]) ||
                                                                         has_value(m->texts[M_ERROR]))));
}

static void add_request_context(const model *m, json_t *record)
{
    bool other = m->jsons[M_REQUEST] || m->jsons[M_RESPONSE] || m->jsons[M_DELIVERY] || is_batch(m) ||
                 error_is_payload(m) || m->status || m->texts[M_VERSION] || m->texts[M_ERROR] ||
                 m->response_context;
    json_t *context = json_object();

    add(context, "requestId", m->texts[M_ID]);
    add_new(context, "functionArn", written_arn(m));
    add(context, "condition", m->texts[M_CONDITION]);
    add(context, "approximateInvokeCount", m->count);
    add_all(context, m->request_unknown);
    if (m->request_context || json_object_size(context) || !other)
        add(record, "requestContext", context);
    json_decref(context);
}

static void add_response_context(const model *m, json_t *record)
{
    bool fails = error_is_payload(m) && !has_value(m->texts[M_ERROR]);
    json_t *context = json_object();

    add(context, "statusCode", m->status);
    if (fails && !m->status)
        add_new(context, "statusCode", json_integer(200));
    add(context, "executedVersion", m->texts[M_VERSION]);
    add(context, "functionError", m->texts[M_ERROR]);
    if (fails)
        add_new(context, "functionError", json_string("Unhandled"));
    if (json_object_size(context) || json_is_object(m->response_context)) {
        add_all(context, json_object_get(m->response_context, ""));
        add(record, "responseContext", context);
    } else {
        add(record, "responseContext", m->response_context);
    }
    json_decref(context);
}

static void add_responses(const model *m, json_t *record)
{
    add(record, "responsePayload", error_is_payload(m) ? m->jsons[M_FAILURE] : m->jsons[M_RESPONSE]);
    add(record, "deliveryError", m->jsons[M_DELIVERY]);
    if (error_is_named(m))
        add(record, "invocationError", m->jsons[M_FAILURE]);
}

static json_t *expected_record(const model *m)
{
    json_t *record = json_object();

    if (!is_batch(m)) {
        add(record, "version", m->texts[M_RECORD]);
        add(record, "timestamp", m->texts[M_TIME]);
        add_request_context(m, record);
        add(record, "requestPayload", m->jsons[M_REQUEST]);
        add_response_context(m, record);
        add_responses(m, record);
    } else {
        add_request_context(m, record);
        add_response_context(m, record);
        add(record, "version", m->texts[M_RECORD]);
        add(record, "timestamp", m->texts[M_TIME]);
        add(record, "KinesisBatchInfo", m->jsons[M_KINESIS]);
        add(record, "KafkaBatchInfo", m->jsons[M_KAFKA]);
    }
    add(record, "timeWindowInfo", m->jsons[M_WINDOW]);
    add(record, "payload", m->jsons[M_PAYLOAD]);
    if (is_batch(m)) {
        add(record, "requestPayload", m->jsons[M_REQUEST]);
        add_responses(m, record);
    }
    add_all(record, m->top_unknown);
    return record;
}

static json_t *taken(json_t *from, const char *name)
{
    json_t *value = json_incref(json_object_get(from, name));

    json_object_del(from, name);
    return value;
}

/* The model of a record that was read; `record` is used up. */
static void model_read(model *m, json_t *record)
{
    static const char *const names[JSONS] = {"requestPayload",   "responsePayload", "invocationError",
                                             "deliveryError",    "timeWindowInfo",  "payload",
                                             "KinesisBatchInfo", "KafkaBatchInfo"};
    json_t *request, *response;
    size_t i;

    model_clear(m);
    for (i = 0; i < JSONS; i++)
        m->jsons[i] = taken(record, names[i]);
    m->named = m->jsons[M_FAILURE] != NULL;
    m->texts[M_RECORD] = taken(record, "version");
    m->texts[M_TIME] = taken(record, "timestamp");
    request = taken(record, "requestContext");
    m->request_context = request != NULL;
    m->texts[M_ID] = taken(request, "requestId");
    m->texts[M_ARN] = taken(request, "functionArn");
    m->texts[M_CONDITION] = taken(request, "condition");
    m->count = taken(request, "approximateInvokeCount");
    m->request_unknown = request;
    response = taken(record, "responseContext");
    m->status = taken(response, "statusCode");
    m->texts[M_VERSION] = taken(response, "executedVersion");
    m->texts[M_ERROR] = taken(response, "functionError");
    m->response_context = json_is_object(response) ? json_pack("{s:O}", "", response) : json_incref(response);
    json_decref(response);
    m->top_unknown = record;
}

/* ---- what the two say ---- */

static char *dump(const json_t *value)
{
    return value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : support_exact("(absent)", 9);
}

/* In value and in order. */
static void expect_says(const char *text, size_t len, const json_t *expected)
{
    json_t *value = text ? support_value(text, len) : NULL;
    char *left = dump(value), *right = dump(expected);

    assert_string_equal(left, right);
    free(left);
    free(right);
    json_decref(value);
}

static int expected_outcome(const model *m)
{
    const char *condition = json_string_value(m->texts[M_CONDITION]);
    json_int_t status = json_integer_value(m->status);

    if (has_value(m->texts[M_ERROR]) || has_value(m->jsons[M_FAILURE]))
        return LAMBDEST_FAILURE;
    if (condition)
        return strcmp(condition, "Success") ? LAMBDEST_FAILURE : LAMBDEST_SUCCESS;
    return m->status && status >= 200 && status < 300 ? LAMBDEST_SUCCESS : LAMBDEST_INDETERMINATE;
}

static void expect_getters(const lambdest_envelope *env, const model *m)
{
    const json_t *error = m->jsons[M_FAILURE];
    const char *json;
    size_t i, len;

    if (!error && has_value(m->texts[M_ERROR]))
        error = m->jsons[M_RESPONSE];
    for (i = 0; i < TEXTS; i++) {
        support_expect_text(env, text_members[i], json_string_value(m->texts[i]));
        assert_int_equal(lambdest_envelope_state(env, text_members[i]) == LAMBDEST_NULL,
                         json_is_null(m->texts[i]));
    }
    for (i = 0; i < JSONS; i++) {
        json = lambdest_envelope_json(env, json_members[i], &len);
        expect_says(json, len, i == M_FAILURE ? error : m->jsons[i]);
    }
    support_expect_integer(env, LAMBDEST_INVOKE_COUNT, m->count ? json_integer_value(m->count) : -1);
    support_expect_integer(env, LAMBDEST_STATUS_CODE, m->status ? json_integer_value(m->status) : -1);
    support_expect_text(env, LAMBDEST_ERROR_TYPE, json_string_value(json_object_get(error, "errorType")));
    support_expect_text(env, LAMBDEST_ERROR_MESSAGE,
                        json_string_value(json_object_get(error, "errorMessage")));
    assert_int_equal(lambdest_envelope_frame_count(env),
                     json_array_size(json_object_get(error, "stackTrace")));
    assert_int_equal(lambdest_envelope_kind(env), is_batch(m) ? LAMBDEST_BATCH : LAMBDEST_ASYNC);
    assert_int_equal(
        lambdest_envelope_range_count(env),
        m->jsons[M_KINESIS] ? 1 : json_object_size(json_object_get(m->jsons[M_KAFKA], "recordsInfo")));
    assert_int_equal(lambdest_envelope_outcome(env), expected_outcome(m));
}

/* As it is, and by way of a document, it writes the record of the model. */
static void expect_writing(const lambdest_envelope *env, const model *m)
{
    json_t *expected = expected_record(m);
    lambdest_envelope *document;
    size_t len;
    char *text = support_write(env, LAMBDEST_RECORD, 0, &len);

    expect_says(text, len, expected);
    lambdest_free(text);
    if (!is_batch(m)) {
        text = support_write(env, LAMBDEST_DOCUMENT, 0, &len);
        document = support_parse(NULL, text, len, 0);
        lambdest_free(text);
        assert_int_equal(lambdest_envelope_outcome(document), expected_outcome(m));
        text = support_write(document, LAMBDEST_RECORD, 0, &len);
        expect_says(text, len, expected);
        lambdest_free(text);
        lambdest_envelope_free(document);
    }
    json_decref(expected);
}

/* ---- one step of chance, on both ---- */

static void step_text(lambdest_envelope *env, model *m, uint64_t *seed)
{
    static const char *const words[] = {
        "",
        "Success",
        "RetriesExhausted",
        "Unhandled",
        "\xC3\xA9\"\\\n",
        "words enough to leave the room that lies behind an envelope, in the end"};
    static const char *const arns[] = {"arn:aws:lambda:eu-west-1:111122223333:function:f",
                                       "arn:aws:lambda:eu-west-1:111122223333:function:f:live"};
    static const char *const times[] = {"2026-03-02T09:14:07.318Z", "2026-03-02T09:14:07+01:00"};
    size_t which = support_below(seed, TEXTS);
    const char *text = words[support_below(seed, COUNT_OF(words))];

    if (which == M_ARN)
        text = arns[support_below(seed, 2)];
    else if (which == M_TIME)
        text = times[support_below(seed, 2)];
    support_set_text(env, text_members[which], text);
    put(&m->texts[which], json_string(text));
    m->arn_set |= which == M_ARN;
}

static void step_integer(lambdest_envelope *env, model *m, uint64_t *seed)
{
    static const int statuses[] = {0, 199, 200, 299, 300, 404, 429, 500, 999};
    int64_t value = (int64_t)(support_random(seed) >> 11);

    if (support_below(seed, 2)) {
        support_set_integer(env, LAMBDEST_INVOKE_COUNT, value);
        put(&m->count, json_integer(value));
    } else {
        value = statuses[support_below(seed, COUNT_OF(statuses))];
        support_set_integer(env, LAMBDEST_STATUS_CODE, value);
        put(&m->status, json_integer(value));
    }
}

static void sign_error(model *m)
{
    if (!has_value(m->texts[M_ERROR]))
        put(&m->texts[M_ERROR], json_string("Unhandled"));
    if (!m->status)
        put(&m->status, json_integer(200));
}

static void step_json(lambdest_envelope *env, model *m, uint64_t *seed)
{
    static const char *const objects[] = {"{}", " {\"batchSize\" : 3}\n", "{\"x\":[1,{}]}"};
    static const char *const errors[] = {
        "{\"errorType\":\"T\",\"errorMessage\":\"m\",\"stackTrace\":[\"f\",{}]}",
        "{\"errorMessage\": \"\\u00e9\"}"};
    size_t which = support_below(seed, JSONS), len;
    bool refused = (which == M_KINESIS && m->jsons[M_KAFKA]) || (which == M_KAFKA && m->jsons[M_KINESIS]);
    unsigned char random[4 * SUPPORT_JSON_MIN];
    const char *json = (const char *)random;
    int rc;

    len = support_random_json(seed, random, sizeof random);
    if (which == M_FAILURE && support_below(seed, 2))
        json = errors[support_below(seed, 2)];
    if (which == M_DELIVERY || which == M_WINDOW || which >= M_KINESIS)
        json = objects[support_below(seed, 3)];
    if (which == M_KAFKA && support_below(seed, 2))
        json = "{\"recordsInfo\":{\"a-1\":{},\"b-2\":{\"x\":1}}}";
    if (json != (const char *)random)
        len = strlen(json);
    rc = lambdest_envelope_set_json(env, json_members[which], json, len, NULL);
    assert_int_equal(rc, refused ? LAMBDEST_E_INVAL : LAMBDEST_OK);
    if (refused)
        return;
    put(&m->jsons[which], support_value(json, len));
    if (which == M_FAILURE)
        sign_error(m);
}

static void step_error(lambdest_envelope *env, model *m, uint64_t *seed)
{
    static const lambdest_slice frames[] = {{"f\n", 2}, {"\xC3\xA9", 2}};
    size_t count = support_below(seed, 3);
    json_t *error = json_object(), *trace = json_array();

    assert_int_equal(lambdest_envelope_set_error(env, "T", 1, "a\"b", 3, frames, count, NULL), LAMBDEST_OK);
    add_new(error, "errorMessage", json_string("a\"b"));
    add_new(error, "errorType", json_string("T"));
    if (count > 0)
        json_array_append_new(trace, json_string("f\n"));
    if (count > 1)
        json_array_append_new(trace, json_string("\xC3\xA9"));
    add_new(error, "stackTrace", trace);
    put(&m->jsons[M_FAILURE], error);
    sign_error(m);
}

static void step_context(lambdest_envelope *env, model *m, bool null)
{
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, null ? LAMBDEST_NULL : LAMBDEST_ABSENT);
    put(&m->status, NULL);
    put(&m->texts[M_VERSION], NULL);
    put(&m->texts[M_ERROR], NULL);
    put(&m->response_context, null ? json_null() : NULL);
}

static void step_state(lambdest_envelope *env, model *m, uint64_t *seed)
{
    size_t which = support_below(seed, TEXTS + JSONS + 3);
    bool null = support_below(seed, 2);

    if (which == TEXTS + JSONS) {
        step_context(env, m, null);
    } else if (which > TEXTS + JSONS) {
        bool count = which == TEXTS + JSONS + 1;

        support_set_state(env, count ? LAMBDEST_INVOKE_COUNT : LAMBDEST_STATUS_CODE, LAMBDEST_ABSENT);
        put(count ? &m->count : &m->status, NULL);
    } else if (which >= TEXTS) {
        which -= TEXTS;
        null = null && (which < M_DELIVERY || which == M_PAYLOAD);
        support_set_state(env, json_members[which], null ? LAMBDEST_NULL : LAMBDEST_ABSENT);
        put(&m->jsons[which], null ? json_null() : NULL);
    } else {
        null = null && which == M_ERROR;
        support_set_state(env, text_members[which], null ? LAMBDEST_NULL : LAMBDEST_ABSENT);
        put(&m->texts[which], null ? json_null() : NULL);
    }
}

static void step_clone(lambdest_envelope **env)
{
    lambdest_envelope *copy = NULL;

    assert_int_equal(lambdest_envelope_clone(*env, &copy, NULL), LAMBDEST_OK);
    lambdest_envelope_free(*env);
    *env = copy;
}

/* Writes the record and goes on with what is read from it, if it has what makes a record one. */
static void step_reread(const support_memory *memory, lambdest_envelope **env, model *m)
{
    size_t len;
    char *text = support_write(*env, LAMBDEST_RECORD, 0, &len);

    lambdest_envelope_free(*env);
    *env = support_parse(memory, text, len, 0);
    support_expect_written(*env, 0, 0, text, len);
    model_read(m, support_value(text, len));
    lambdest_free(text);
}

static void step(const support_memory *memory, lambdest_envelope **env, model *m, uint64_t *seed)
{
    switch (support_below(seed, 16)) {
    case 0:
        step_clone(env);
        break;
    case 1:
        step_reread(memory, env, m);
        break;
    case 2:
        step_error(*env, m, seed);
        break;
    case 3:
    case 4:
        step_integer(*env, m, seed);
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        step_state(*env, m, seed);
        break;
    case 9:
    case 10:
    case 11:
        step_text(*env, m, seed);
        break;
    default:
        step_json(*env, m, seed);
        break;
    }
}

static void agrees_with_a_model(void **state)
{
    static const char start[] =
        "{\"requestContext\":{\"condition\":\"Success\",\"qu\":{\"a\":1}},\"requestPayload\":0,"
        "\"responseContext\":{\"statusCode\":200,\"ru\":[ 2 ]},\"tu\":\"x\",\"tv\":null}";
    size_t round, i, rounds = support_quick() ? 20 : 400;
    uint64_t seed = 42;

    for (round = 0; round < rounds; round++) {
        model m = {0};
        lambdest_envelope *env =
            round % 2 ? support_parse(*state, start, sizeof start - 1, 0) : support_new(*state, 0);

        model_read(&m, round % 2 ? support_value(start, sizeof start - 1)
                                 : json_pack("{s:s,s:{}}", "version", "1.0", "requestContext"));
        for (i = 0; i < 40; i++) {
            step(*state, &env, &m, &seed);
            expect_getters(env, &m);
            expect_writing(env, &m);
        }
        lambdest_envelope_free(env);
        model_clear(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(undoes_every_change, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(undoes_all_changes, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(undoes_to_null, support_setup, support_teardown),
        cmocka_unit_test(keeps_the_space_around_a_null),
        cmocka_unit_test_setup_teardown(sets_all_or_nothing, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(is_unchanged_by_failure, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(gives_back_room, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(gives_back_what_it_replaces, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(agrees_with_a_model, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
