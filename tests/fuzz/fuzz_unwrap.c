/* Taking any event apart: items that are bounded and sound, the same whether the text is borrowed or not,
 * envelopes that are what parsing their bodies gives, a partial batch response as jansson writes it, and
 * events to send again.
 * Input: options, which items to mark as failed, text. */
#include "fuzz.h"

static const int item_texts[] = {
    LAMBDEST_ITEM_ID,         LAMBDEST_ITEM_CARRIER,    LAMBDEST_ITEM_SOURCE,        LAMBDEST_ITEM_BODY,
    LAMBDEST_ITEM_REQUEST_ID, LAMBDEST_ITEM_ERROR_CODE, LAMBDEST_ITEM_ERROR_MESSAGE,
};

static size_t count_carriers(const char *path)
{
    size_t n = 0;

    while (*path) {
        size_t len = strcspn(path, "/");

        fuzz_require((len == 3 && !memcmp(path, "sqs", 3)) || (len == 3 && !memcmp(path, "sns", 3)) ||
                         (len == 11 && !memcmp(path, "eventbridge", 11)) ||
                         (len == 2 && !memcmp(path, "s3", 2)),
                     "a carrier not known");
        path += len + (path[len] == '/');
        n++;
    }
    return n;
}

static void tell_item(const lambdest_item *item, fuzz_text *out)
{
    lambdest_error err;
    size_t i, len;

    fuzz_add_number(out, lambdest_item_kind(item));
    fuzz_add_number(out, lambdest_item_error(item, &err));
    fuzz_add_number(out, (long long)err.offset);
    fuzz_add_counted(out, err.where, strlen(err.where));
    for (i = 0; i < COUNT(item_texts); i++) {
        const char *text = lambdest_item_text(item, item_texts[i], &len);

        fuzz_require(!text || item_texts[i] == LAMBDEST_ITEM_BODY || !text[len], "a text without an end");
        fuzz_add_counted(out, text, len);
    }
}

static void check_redrive(const lambdest_envelope *env)
{
    size_t len = 77, value_len;
    const char *value = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &value_len);
    char *event;
    int rc = lambdest_redrive(env, &event, &len);

    fuzz_require(!rc == (event != NULL) && (event || !len), "an output of a failed call, or none of another");
    if (rc) {
        fuzz_require(rc == LAMBDEST_E_ABSENT || lambdest_envelope_kind(env) == LAMBDEST_BATCH,
                     "a request payload cannot be sent again");
        return;
    }
    fuzz_require(!event[len], "no NUL behind an event");
    fuzz_require_json(event, len);
    if (lambdest_envelope_kind(env) == LAMBDEST_ASYNC)
        fuzz_require(value && len == value_len && !memcmp(event, value, len), "another event is sent again");
    lambdest_free(event);
}

static void check_envelope(const lambdest_envelope *env, const lambdest_options *options, const char *body,
                           size_t len)
{
    static fuzz_text text, written, told, told_again;
    lambdest_envelope *other;

    text.len = 0;
    fuzz_add(&text, body, len);
    other = fuzz_parse(&text, options);
    fuzz_tell(env, &told);
    fuzz_tell(other, &told_again);
    fuzz_require_same(&told, &told_again, "an item's envelope is not that of its body");
    lambdest_envelope_free(other);
    fuzz_require(!fuzz_write(env, 0, 0, &written), "an item's envelope cannot be written");
    fuzz_require_same(&written, &text, "an item's envelope is not its body");
    check_redrive(env);
}

static void check_item(const lambdest_item *item, const lambdest_options *options)
{
    const lambdest_envelope *env = lambdest_item_envelope(item);
    int kind = lambdest_item_kind(item), rc;
    lambdest_envelope *other;
    lambdest_error err;
    const char *body, *path = lambdest_item_text(item, LAMBDEST_ITEM_CARRIER, NULL);
    size_t len;

    rc = lambdest_item_error(item, &err);
    body = lambdest_item_text(item, LAMBDEST_ITEM_BODY, &len);
    fuzz_require(kind >= LAMBDEST_ITEM_ENVELOPE && kind <= LAMBDEST_ITEM_BROKEN, "no such kind");
    fuzz_require((kind == LAMBDEST_ITEM_ENVELOPE) == (env != NULL) && !rc == (env != NULL),
                 "an item is not of its kind");
    fuzz_require((kind == LAMBDEST_ITEM_BROKEN) == (rc && rc != LAMBDEST_E_UNSUPPORTED),
                 "an item's error is not of its kind");
    fuzz_error_is(&err, rc, len);
    fuzz_require(path && count_carriers(path) <= (options->max_nesting ? options->max_nesting : 8),
                 "more carriers than max_nesting");
    if (env)
        check_envelope(env, options, body, len);
    if (rc != LAMBDEST_E_SYNTAX && rc != LAMBDEST_E_TOO_BIG)
        return;
    fuzz_require(lambdest_envelope_parse(body, len, options, &other, NULL) == rc,
                 "a broken item parses with another code");
    lambdest_envelope_free(other);
}

/* Marks from the last on, while the response is to be in the event's order. */
static json_t *mark(lambdest_items *items, unsigned which)
{
    json_t *list = json_array(), *seen = json_object();
    size_t i, len, count = lambdest_items_count(items);
    char *marked = calloc(count + 1, 1);

    fuzz_require(marked && list && seen, "out of memory");
    for (i = count; i-- > 0;)
        if (which >> i % 8 & 1)
            marked[i] = !lambdest_items_fail(items, i);
    for (i = 0; i < count; i++) {
        const char *id = lambdest_item_text(lambdest_items_at(items, i), LAMBDEST_ITEM_ID, &len);
        size_t k, known = json_array_size(list);

        for (k = 0; marked[i] && k < known; k++) {
            const json_t *other = json_object_get(json_array_get(list, k), "itemIdentifier");

            if (json_string_length(other) == len && !memcmp(json_string_value(other), id, len))
                break;
        }
        if (marked[i] && k == known)
            json_array_append_new(list, json_pack("{s:s%}", "itemIdentifier", id, len));
    }
    free(marked);
    json_decref(seen);
    return json_pack("{s:o}", "batchItemFailures", list);
}

static void check_response(lambdest_items *items, unsigned which)
{
    json_t *expected = mark(items, which), *value;
    size_t len;
    char *text;

    fuzz_require(!lambdest_items_response(items, &text, &len) && !text[len], "no response");
    value = json_loadb(text, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    fuzz_require(value && json_equal(value, expected), "jansson writes another response");
    json_decref(value);
    json_decref(expected);
    lambdest_free(text);
    fuzz_require(lambdest_items_fail(items, lambdest_items_count(items)) == LAMBDEST_E_ABSENT,
                 "an item past the end is marked");
}

/* What is seen to be no envelope, and no carrier, is not read to its end. */
static bool is_bare_and_broken(const lambdest_items *items)
{
    const lambdest_item *item = lambdest_items_at(items, 0);
    const char *path = lambdest_item_text(item, LAMBDEST_ITEM_CARRIER, NULL);

    return lambdest_items_count(items) == 1 && lambdest_item_kind(item) != LAMBDEST_ITEM_ENVELOPE && path &&
           !*path;
}

static int unwrap(const lambdest_slice *text, const lambdest_options *options, unsigned which,
                  fuzz_text *told)
{
    lambdest_items *items;
    lambdest_error err;
    size_t i, count, limit = options->max_items ? (size_t)options->max_items : 10000;
    int rc = lambdest_unwrap(text->data, text->len, options, &items, &err);

    fuzz_error_is(&err, rc, text->len);
    fuzz_require(!rc == (items != NULL), "an output of a failed call, or none of another");
    told->len = 0;
    fuzz_add_number(told, (long long)err.offset);
    fuzz_add(told, err.where, strlen(err.where));
    count = lambdest_items_count(items);
    fuzz_require(count <= limit, "more items than max_items");
    for (i = 0; i < count; i++) {
        check_item(lambdest_items_at(items, i), options);
        tell_item(lambdest_items_at(items, i), told);
    }
    if (!rc && !is_bare_and_broken(items))
        fuzz_require_json(text->data, text->len);
    fuzz_require(!lambdest_items_at(items, count), "an item past the end");
    if (!rc)
        check_response(items, which);
    lambdest_items_free(items);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_text told, told_again;
    fuzz_input in = {data, size};
    lambdest_options options;
    support_memory m;
    lambdest_slice text;
    unsigned which;
    int rc;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    which = fuzz_byte(&in);
    text = fuzz_rest(&in);
    options.flags = 0;
    rc = unwrap(&text, &options, which, &told);
    fuzz_memory_is(&m, 0);
    options.flags = LAMBDEST_BORROW;
    fuzz_require(unwrap(&text, &options, which, &told_again) == rc, "copied and borrowed: two codes");
    fuzz_require_same(&told, &told_again, "copied and borrowed: two results");
    fuzz_memory_is(&m, 0);
    if (rc == LAMBDEST_E_SYNTAX || rc == LAMBDEST_E_UTF8)
        fuzz_require(support_jansson(text.data, text.len) != SUPPORT_VALID, "jansson says that this is JSON");
    fuzz_end();
    return 0;
}
