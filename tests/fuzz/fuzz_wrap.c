/* What is wrapped, in one carrier or several, is valid JSON and comes out of unwrapping with the same
 * bytes.
 * Input: layers, a carrier, id, source and time for each, body. */
#include "fuzz.h"

enum {
    LAYERS = 4
};

static const char *const arns[] = {
    "arn:aws:sqs:eu-west-1:111122223333:failures",
    "arn:aws:sns:us-east-1:111122223333:failures",
    "arn:aws:events:eu-west-1:111122223333:event-bus/default",
    "arn:aws:s3:::bucket",
};

static lambdest_message message_of(fuzz_input *in, int carrier)
{
    static const int arn_of[] = {0, 1, 1, 2, 2, 3};
    unsigned how = fuzz_byte(in);
    lambdest_message message;
    lambdest_slice id, source;

    memset(&message, 0, sizeof message);
    id = how & 1 ? fuzz_take(in) : fuzz_keep("id-1", 4);
    if (how & 2)
        source = fuzz_take(in);
    else
        source = fuzz_keep(arns[arn_of[carrier - LAMBDEST_SQS_EVENT]],
                           strlen(arns[arn_of[carrier - LAMBDEST_SQS_EVENT]]));
    message.id = id.data;
    message.id_len = id.len;
    message.source = source.data;
    message.source_len = source.len;
    if (how & 4) {
        message.mapping = "uuid-1";
        message.mapping_len = 6;
    }
    message.time_ms =
        how & 8 ? ((int64_t)fuzz_byte(in) << 38) - (int64_t)fuzz_byte(in) * 1000 : 1772445247318;
    return message;
}

/* The string in which a carrier's text has the body; borrowed. */
static const json_t *body_in(const json_t *value, int carrier, size_t i)
{
    const json_t *record = json_array_get(json_object_get(value, "Records"), i);

    switch (carrier) {
    case LAMBDEST_SQS_EVENT:
        return fuzz_at(record, "body");
    case LAMBDEST_SNS_EVENT:
        return fuzz_at(record, "Sns.Message");
    case LAMBDEST_SNS_NOTIFICATION:
        return fuzz_at(value, "Message");
    case LAMBDEST_EVENTBRIDGE_ENTRY:
        return fuzz_at(value, "Detail");
    default:
        return NULL;
    }
}

static void check_by_jansson(int carrier, const fuzz_text *wrapped, const fuzz_text *body, size_t count)
{
    json_t *value = fuzz_value(wrapped->data, wrapped->len);
    size_t i;

    fuzz_require_json(wrapped->data, wrapped->len);
    for (i = 0; value && i < count && carrier != LAMBDEST_EVENTBRIDGE_EVENT; i++) {
        const json_t *text = body_in(value, carrier, i);

        fuzz_require(json_is_string(text), "jansson finds no body");
        fuzz_require(carrier == LAMBDEST_EVENTBRIDGE_ENTRY ||
                         (json_string_length(text) == body->len &&
                          !memcmp(json_string_value(text), body->data, body->len)),
                     "jansson reads another body");
    }
    json_decref(value);
}

/* Items come in the order of the messages. */
static void check_id(const lambdest_item *item, const lambdest_message *message)
{
    size_t len;
    const char *id = lambdest_item_text(item, LAMBDEST_ITEM_ID, &len);

    fuzz_require(id && len == message->id_len && !memcmp(id, message->id, len), "the id of another message");
}

/* Every layer comes off again; `expected` is what is inside of all. */
static void check_unwrapped(const fuzz_text *wrapped, const fuzz_text *expected,
                            const lambdest_message *messages, size_t count, const lambdest_options *options)
{
    lambdest_items *items;
    lambdest_error err;
    size_t i, len;

    fuzz_require(!lambdest_unwrap(wrapped->data, wrapped->len, options, &items, &err), "cannot be unwrapped");
    fuzz_require(lambdest_items_count(items) == count, "another number of items");
    for (i = 0; i < count; i++) {
        const lambdest_item *item = lambdest_items_at(items, i);
        const char *body = lambdest_item_text(item, LAMBDEST_ITEM_BODY, &len);
        fuzz_text found = {(char *)(uintptr_t)body, len, 0};

        fuzz_require(lambdest_item_kind(item) == LAMBDEST_ITEM_ENVELOPE, "an item that is no envelope");
        check_id(item, &messages[i]);
        fuzz_require_same(&found, expected, "another envelope comes out");
    }
    lambdest_items_free(items);
}

typedef struct stack {
    fuzz_text text;   /* with the layers so far */
    fuzz_text inside; /* what must come out */
    bool is_envelope;
} stack;

static bool add_layer(fuzz_input *in, stack *s, bool first, const lambdest_options *options,
                      const lambdest_envelope *env)
{
    int carrier = LAMBDEST_SQS_EVENT + (int)fuzz_below(in, 6);
    size_t i, len = 77, count = carrier <= LAMBDEST_SNS_EVENT ? 1 + fuzz_below(in, 3) : 1;
    lambdest_message messages[3];
    static fuzz_text compact;
    lambdest_error err;
    char *out;
    int rc;

    for (i = 0; i < count; i++) {
        messages[i] = i ? messages[0] : message_of(in, carrier);
        if (i) {
            messages[i].id = i == 1 ? "second" : "third";
            messages[i].id_len = strlen(messages[i].id);
        }
        messages[i].envelope = first && env ? env : NULL;
        messages[i].body = first && env ? NULL : s->text.data;
        messages[i].body_len = first && env ? 0 : s->text.len;
    }
    rc = lambdest_wrap(carrier, messages, count, options, &out, &len, &err);
    fuzz_error_is(&err, rc, UINT64_MAX);
    fuzz_require(!rc == (out != NULL) && (out || !len), "an output of a failed call, or none of another");
    if (rc)
        return false;
    fuzz_require(!out[len], "no NUL behind what was wrapped");
    if (carrier == LAMBDEST_EVENTBRIDGE_EVENT || carrier == LAMBDEST_EVENTBRIDGE_ENTRY) {
        fuzz_compact(s->inside.data, s->inside.len, &compact);
        s->inside.len = 0;
        fuzz_add(&s->inside, compact.data, compact.len);
    }
    compact.len = 0;
    fuzz_add(&compact, out, len);
    lambdest_free(out);
    if (carrier != LAMBDEST_S3_KEY)
        check_by_jansson(carrier, &compact, &s->text, count);
    if (carrier == LAMBDEST_S3_KEY || carrier == LAMBDEST_EVENTBRIDGE_ENTRY)
        return false; /* these are not what unwrapping takes */
    s->text.len = 0;
    fuzz_add(&s->text, compact.data, compact.len);
    if (s->is_envelope)
        check_unwrapped(&s->text, &s->inside, messages, count, options);
    return count == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static stack s;
    fuzz_input in = {data, size};
    size_t i, layers = 1 + fuzz_below(&in, LAYERS);
    lambdest_envelope *env;
    lambdest_options options;
    support_memory m;
    fuzz_input head;
    lambdest_slice program, body;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    options.max_depth = options.max_nesting = 0;
    options.max_bytes = options.max_items = 0;
    program = fuzz_take(&in);
    body = fuzz_rest(&in);
    head.at = (const uint8_t *)program.data;
    head.left = program.len;
    s.text.len = s.inside.len = 0;
    s.is_envelope = !lambdest_envelope_parse(body.data, body.len, &options, &env, NULL);
    if (!s.is_envelope || fuzz_write(env, LAMBDEST_RECORD, 0, &s.text))
        fuzz_add(&s.text, body.data, body.len);
    fuzz_add(&s.inside, s.text.data, s.text.len);
    for (i = 0; i < layers; i++)
        if (!add_layer(&head, &s, !i, &options, env))
            break;
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
