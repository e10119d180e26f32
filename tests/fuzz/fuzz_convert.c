/* A parsed envelope in every form and back: what is written parses, a second time nothing changes any
 * more, and what the manual says is kept is kept.
 * Input: options, flags, text. */
#include "fuzz.h"

static const int forms[] = {LAMBDEST_RECORD, LAMBDEST_DOCUMENT, LAMBDEST_CLOUDEVENT};

/* Compact is what it was, less the white space. */
static void check_compact(const lambdest_envelope *env, int form)
{
    static fuzz_text full, expected, compact;
    uint32_t flags;

    for (flags = 0; flags <= LAMBDEST_EXPLICIT_ERROR; flags += LAMBDEST_EXPLICIT_ERROR) {
        int rc = fuzz_write(env, form, flags, &full);

        fuzz_require(fuzz_write(env, form, flags | LAMBDEST_COMPACT, &compact) == rc,
                     "compact writing has another code");
        if (rc)
            continue;
        fuzz_require_json(full.data, full.len);
        fuzz_compact(full.data, full.len, &expected);
        fuzz_require_same(&expected, &compact, "compact is not the text without its white space");
    }
}

/* Written in a form, read, and written in it again and as a record. */
static void check_fixed_point(const lambdest_envelope *env, int form, uint32_t flags)
{
    static fuzz_text first, again, record, record_again;
    lambdest_envelope *other;

    if (fuzz_write(env, form, flags, &first))
        return;
    other = fuzz_parse(&first, NULL);
    fuzz_require(lambdest_envelope_form(other) == form, "written in a form and read in another");
    fuzz_require(!fuzz_write(other, form, 0, &again), "what was read cannot be written");
    fuzz_require_same(&first, &again, "written, read and written is something else");
    fuzz_require(lambdest_envelope_kind(other) == lambdest_envelope_kind(env), "another kind");
    fuzz_require(lambdest_envelope_outcome(other) == lambdest_envelope_outcome(env), "another outcome");
    fuzz_require(!fuzz_write(other, LAMBDEST_RECORD, 0, &record), "no record of it");
    lambdest_envelope_free(other);
    other = fuzz_parse(&record, NULL);
    fuzz_require(!fuzz_write(other, LAMBDEST_RECORD, 0, &record_again), "no record of it");
    fuzz_require_same(&record, &record_again, "a record is written as another");
    lambdest_envelope_free(other);
}

/* Record, document, record: every member as it was, and the second way round the same bytes. */
static void check_record(const lambdest_envelope *env)
{
    static fuzz_text document, document_again, record, record_again, told, told_again;
    lambdest_envelope *one, *two;

    if (fuzz_write(env, LAMBDEST_DOCUMENT, 0, &document))
        return;
    one = fuzz_parse(&document, NULL);
    fuzz_require(!fuzz_write(one, LAMBDEST_RECORD, 0, &record), "no record of a document");
    lambdest_envelope_free(one);
    two = fuzz_parse(&record, NULL);
    fuzz_tell(env, &told);
    fuzz_tell(two, &told_again);
    fuzz_require_same(&told, &told_again, "record, document, record: a member is another");
    fuzz_require(!fuzz_write(two, LAMBDEST_DOCUMENT, 0, &document_again), "no document of a record");
    fuzz_require_same(&document, &document_again, "the second document is another");
    lambdest_envelope_free(two);
    one = fuzz_parse(&document_again, NULL);
    fuzz_require(!fuzz_write(one, LAMBDEST_RECORD, 0, &record_again), "no record of a document");
    fuzz_require_same(&record, &record_again, "the second record is another");
    lambdest_envelope_free(one);
}

/* A document's record keeps all that a record has a place for, and then loses nothing more. */
static void check_document(const lambdest_envelope *env)
{
    static fuzz_text record;
    lambdest_envelope *other;
    size_t len, len_again;
    const char *a, *b;

    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &record), "no record of a document");
    other = fuzz_parse(&record, NULL);
    a = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);
    b = lambdest_envelope_json(other, LAMBDEST_REQUEST_PAYLOAD, &len_again);
    fuzz_require(len == len_again && (!len || !memcmp(a, b, len)), "another request payload");
    a = lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len);
    b = lambdest_envelope_text(other, LAMBDEST_ERROR_MESSAGE, &len_again);
    fuzz_require(!a == !b && len == len_again && (!len || !memcmp(a, b, len)), "another error message");
    check_record(other);
    lambdest_envelope_free(other);
}

/* The record in a CloudEvent is the record as it came, and the CloudEvent says what jansson finds in it. */
static void check_cloudevent(const lambdest_envelope *env)
{
    static const char *const types[] = {"com.amazonaws.lambda.invocation.success",
                                        "com.amazonaws.lambda.invocation.failure",
                                        "com.amazonaws.lambda.invocation.indeterminate"};
    static fuzz_text event, own, record, told, told_again;
    const json_t *type;
    lambdest_envelope *other;
    json_t *value;

    if (fuzz_write(env, LAMBDEST_CLOUDEVENT, 0, &event))
        return;
    other = fuzz_parse(&event, NULL);
    fuzz_require(!fuzz_write(other, LAMBDEST_RECORD, 0, &record), "no record of a CloudEvent");
    fuzz_require(!fuzz_write(env, 0, 0, &own), "an envelope cannot be written in its own form");
    fuzz_require(lambdest_envelope_form(env) != LAMBDEST_RECORD || fuzz_same(&own, &record) ||
                     strspn(own.data, " \t\r\n") || strchr(" \t\r\n", own.data[own.len - 1]),
                 "the record in a CloudEvent is another");
    fuzz_tell(env, &told);
    fuzz_tell(other, &told_again);
    if (lambdest_envelope_form(env) != LAMBDEST_DOCUMENT)
        fuzz_require_same(&told, &told_again, "the record in a CloudEvent has another member");
    value = fuzz_value(event.data, event.len);
    type = value ? fuzz_at(value, "type") : NULL;
    fuzz_require(
        !value || lambdest_envelope_form(env) == LAMBDEST_CLOUDEVENT ||
            (json_is_string(type) &&
             !strcmp(json_string_value(type), types[lambdest_envelope_outcome(env) - LAMBDEST_SUCCESS])),
        "a CloudEvent of another type");
    json_decref(value);
    lambdest_envelope_free(other);
}

static void check_all(const lambdest_envelope *env)
{
    uint32_t flags;
    size_t i;

    for (i = 0; i < COUNT(forms); i++) {
        check_compact(env, forms[i]);
        for (flags = 0; flags <= (LAMBDEST_COMPACT | LAMBDEST_EXPLICIT_ERROR); flags++)
            check_fixed_point(env, forms[i], flags);
    }
    if (lambdest_envelope_form(env) == LAMBDEST_DOCUMENT)
        check_document(env);
    else
        check_record(env);
    check_cloudevent(env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_options options;
    lambdest_envelope *env;
    support_memory m;
    lambdest_slice text;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    options.max_depth = 0; /* of what is written here all is to be read again */
    options.max_bytes = options.max_items = 0;
    text = fuzz_rest(&in);
    if (!lambdest_envelope_parse(text.data, text.len, &options, &env, NULL))
        check_all(env);
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
