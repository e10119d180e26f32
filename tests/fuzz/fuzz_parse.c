/* Parsing any text: refused with a sound error and nothing left behind, or an envelope that is written
 * back byte for byte and whose members are what jansson reads. Copied and borrowed, it is the same.
 * Input: options, text. */
#include "fuzz.h"

typedef struct place {
    int member;
    const char *record;
    const char *document;
    const char *or_else; /* where a document has it otherwise */
} place;

static const place texts[] = {
    {LAMBDEST_REQUEST_ID, "requestContext.requestId", "invocationId", ""},
    {LAMBDEST_FUNCTION_ARN, "requestContext.functionArn", "functionArn", ""},
    {LAMBDEST_CONDITION, "requestContext.condition", "invocationMetadata.condition", ""},
    {LAMBDEST_TIMESTAMP, "timestamp", "invocationMetadata.timestamp", ""},
    {LAMBDEST_EXECUTED_VERSION, "responseContext.executedVersion", "invocationMetadata.executedVersion", ""},
    {LAMBDEST_FUNCTION_ERROR, "responseContext.functionError", "invocationMetadata.functionError", ""},
    {LAMBDEST_RECORD_VERSION, "version", "version", ""},
};
static const place integers[] = {
    {LAMBDEST_INVOKE_COUNT, "requestContext.approximateInvokeCount",
     "invocationMetadata.approximateInvokeCount", ""},
    {LAMBDEST_STATUS_CODE, "responseContext.statusCode", "invocationResponse.status",
     "invocationMetadata.statusCode"},
};
static const place jsons[] = {
    {LAMBDEST_REQUEST_PAYLOAD, "requestPayload", "invocationRequest.event", ""},
    {LAMBDEST_RESPONSE_PAYLOAD, "responsePayload", "invocationResponse.body",
     "invocationMetadata.record.responsePayload"},
    {LAMBDEST_DELIVERY_ERROR, "deliveryError", "invocationMetadata.deliveryError", ""},
    {LAMBDEST_CONTEXT, "", "invocationRequest.context", ""},
    {LAMBDEST_METADATA, "", "invocationMetadata", ""},
    {LAMBDEST_KINESIS_BATCH_INFO, "KinesisBatchInfo", "", ""},
    {LAMBDEST_DDB_STREAM_BATCH_INFO, "DDBStreamBatchInfo", "", ""},
    {LAMBDEST_KAFKA_BATCH_INFO, "KafkaBatchInfo", "", ""},
    {LAMBDEST_TIME_WINDOW_INFO, "timeWindowInfo", "invocationMetadata.record.timeWindowInfo", ""},
    {LAMBDEST_BATCH_PAYLOAD, "payload", "invocationMetadata.record.payload", ""},
};

static const json_t *find(const json_t *root, int form, const place *p)
{
    const char *path = form == LAMBDEST_DOCUMENT ? p->document : p->record;
    const json_t *value = *path ? fuzz_at(root, path) : NULL;

    return value || form != LAMBDEST_DOCUMENT || !*p->or_else ? value : fuzz_at(root, p->or_else);
}

static void check_state(const lambdest_envelope *env, int member, const json_t *value)
{
    int state = lambdest_envelope_state(env, member);
    int expected = !value ? LAMBDEST_ABSENT : json_is_null(value) ? LAMBDEST_NULL : LAMBDEST_VALUE;

    fuzz_require(state == expected, "jansson sees a member in another state");
}

static void check_texts(const lambdest_envelope *env, const json_t *root, int form)
{
    size_t i, len;

    for (i = 0; i < COUNT(texts); i++) {
        const json_t *value = find(root, form, &texts[i]);
        const char *text = lambdest_envelope_text(env, texts[i].member, &len);

        check_state(env, texts[i].member, value);
        if (!json_is_string(value))
            continue;
        fuzz_require(text && len == json_string_length(value) && !memcmp(text, json_string_value(value), len),
                     "jansson reads another text");
    }
    for (i = 0; i < COUNT(integers); i++) {
        const json_t *value = find(root, form, &integers[i]);
        int64_t n;

        if (!json_is_number(value))
            continue;
        fuzz_require(!lambdest_envelope_integer(env, integers[i].member, &n), "jansson reads a number here");
        fuzz_require(json_is_integer(value)
                         ? json_integer_value(value) == n
                         : json_real_value(value) >= (double)n && json_real_value(value) <= (double)n,
                     "jansson reads another number");
    }
}

static void check_jsons(const lambdest_envelope *env, const json_t *root, int form)
{
    size_t i, len;

    for (i = 0; i < COUNT(jsons); i++) {
        const json_t *value = find(root, form, &jsons[i]);
        const char *json = lambdest_envelope_json(env, jsons[i].member, &len);
        json_t *own;

        check_state(env, jsons[i].member, value);
        if (!value)
            continue;
        own = fuzz_value(json, len);
        fuzz_require(own && json_equal(own, value), "jansson reads another value");
        json_decref(own);
    }
}

static void check_by_jansson(const lambdest_envelope *env, const lambdest_slice *text)
{
    int form = lambdest_envelope_form(env);
    json_t *root = fuzz_value(text->data, text->len);
    const json_t *top = form == LAMBDEST_CLOUDEVENT ? fuzz_at(root, "data") : root;

    if (!root)
        return;
    check_texts(env, top, form);
    check_jsons(env, top, form);
    json_decref(root);
}

/* From text that is gone when the envelope is looked at. */
static int parse_copy(const lambdest_slice *text, lambdest_options options, lambdest_envelope **out,
                      lambdest_error *err)
{
    char *copy = malloc(text->len + 1);
    int rc;

    fuzz_require(copy, "out of memory");
    memcpy(copy, text->data, text->len);
    options.flags = 0;
    rc = lambdest_envelope_parse(copy, text->len, &options, out, err);
    memset(copy, 'X', text->len);
    free(copy);
    return rc;
}

static void check_parsed(const lambdest_envelope *copied, const lambdest_envelope *borrowed,
                         const lambdest_slice *text)
{
    static fuzz_text told, told_again, written;

    fuzz_require_json(text->data, text->len);
    fuzz_tell(copied, &told);
    fuzz_tell(borrowed, &told_again);
    fuzz_require_same(&told, &told_again, "copied and borrowed text tell different things");
    fuzz_require(lambdest_envelope_form(copied) == lambdest_envelope_form(borrowed), "two forms of one text");
    fuzz_require(!fuzz_write(copied, 0, 0, &written), "an envelope cannot be written in its own form");
    fuzz_require(written.len == text->len && !memcmp(written.data, text->data, text->len),
                 "an unchanged envelope is written with other bytes");
    check_by_jansson(copied, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_envelope *copied, *borrowed;
    lambdest_error err, err_again;
    lambdest_options options;
    support_memory m;
    lambdest_slice text;
    int rc;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    text = fuzz_rest(&in);
    rc = parse_copy(&text, options, &copied, &err);
    fuzz_error_is(&err, rc, text.len);
    options.flags = LAMBDEST_BORROW;
    fuzz_require(lambdest_envelope_parse(text.data, text.len, &options, &borrowed, &err_again) == rc,
                 "copied and borrowed text have different codes");
    fuzz_require(err.offset == err_again.offset && !strcmp(err.where, err_again.where),
                 "copied and borrowed text have different errors");
    fuzz_require(!rc == (copied && borrowed), "an output of a failed call, or none of another");
    if (!rc) {
        check_parsed(copied, borrowed, &text);
    } else {
        fuzz_memory_is(&m, 0);
        fuzz_require((rc != LAMBDEST_E_SYNTAX && rc != LAMBDEST_E_UTF8) ||
                         support_jansson(text.data, text.len) != SUPPORT_VALID,
                     "jansson says that this is JSON");
    }
    lambdest_envelope_free(copied);
    lambdest_envelope_free(borrowed);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
