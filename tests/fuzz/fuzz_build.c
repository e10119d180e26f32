/* An envelope built by its setters in any order: a clone is the same, what is written is JSON and parses
 * to the same envelope, in every form.
 * Input: options, changes. */
#include "fuzz.h"

#include <stdio.h>

enum {
    CHANGES = 24
};

static void check_clone(const lambdest_envelope *env)
{
    static const int forms[] = {0, LAMBDEST_RECORD, LAMBDEST_DOCUMENT, LAMBDEST_CLOUDEVENT};
    static fuzz_text a, b;
    lambdest_envelope *clone;
    lambdest_error err;
    size_t i;

    fuzz_require(!lambdest_envelope_clone(env, &clone, &err), "no clone");
    fuzz_tell(env, &a);
    fuzz_tell(clone, &b);
    fuzz_require_same(&a, &b, "a clone is another");
    for (i = 0; i < COUNT(forms); i++) {
        fuzz_require(fuzz_write(env, forms[i], 0, &a) == fuzz_write(clone, forms[i], 0, &b), "another code");
        fuzz_require_same(&a, &b, "a clone writes something else");
    }
    lambdest_envelope_free(clone);
}

static void same_text(const lambdest_envelope *a, const lambdest_envelope *b, int member)
{
    size_t a_len, b_len;
    const char *x = lambdest_envelope_text(a, member, &a_len), *y = lambdest_envelope_text(b, member, &b_len);

    if (member == LAMBDEST_FUNCTION_ERROR && !x &&
        lambdest_envelope_state(a, LAMBDEST_INVOCATION_ERROR) != LAMBDEST_ABSENT)
        return;
    if (!x == !y && a_len == b_len && (!x || !memcmp(x, y, a_len)))
        return;
    fprintf(stderr, "%s: %s, %s\n", lambdest_name(member), x ? x : "(none)", y ? y : "(none)");
    fuzz_require(false, "a text that was set is another");
}

/* A record has no place for an error that is null beside a payload: the payload is then read as the error. */
static void check_error(const lambdest_envelope *env, const lambdest_envelope *other)
{
    if (lambdest_envelope_state(env, LAMBDEST_INVOCATION_ERROR) == LAMBDEST_NULL &&
        lambdest_envelope_state(env, LAMBDEST_RESPONSE_PAYLOAD) != LAMBDEST_ABSENT)
        return;
    same_text(env, other, LAMBDEST_ERROR_TYPE);
    same_text(env, other, LAMBDEST_ERROR_MESSAGE);
    fuzz_require(lambdest_envelope_cause(env) == lambdest_envelope_cause(other), "another cause");
    fuzz_require(lambdest_envelope_frame_count(env) == lambdest_envelope_frame_count(other), "other frames");
}

/* What was set is read from what is written, but for an ARN, which gets a qualifier, an error, which
 * becomes the payload, and the function error and status that an error gets in a record if it has none. */
static void check_read(const lambdest_envelope *env, const lambdest_envelope *other)
{
    static const int members[] = {
        LAMBDEST_REQUEST_ID,       LAMBDEST_CONDITION,      LAMBDEST_TIMESTAMP,
        LAMBDEST_EXECUTED_VERSION, LAMBDEST_FUNCTION_ERROR, LAMBDEST_RECORD_VERSION,
        LAMBDEST_FUNCTION_ACCOUNT, LAMBDEST_SOURCE_ARN,     LAMBDEST_FUNCTION_NAME,
    };
    size_t i, a_len, b_len;
    const char *a, *b;
    int64_t x, y;

    for (i = 0; i < COUNT(members); i++)
        same_text(env, other, members[i]);
    for (i = LAMBDEST_INVOKE_COUNT; i <= LAMBDEST_TIMESTAMP_MS; i++) {
        int x_code = lambdest_envelope_integer(env, (int)i, &x),
            y_code = lambdest_envelope_integer(other, (int)i, &y);

        fuzz_require((x_code == y_code && x == y) ||
                         (x_code && i == LAMBDEST_STATUS_CODE &&
                          lambdest_envelope_state(env, LAMBDEST_INVOCATION_ERROR) != LAMBDEST_ABSENT),
                     "an integer that was set is another");
    }
    a = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &a_len);
    b = lambdest_envelope_json(other, LAMBDEST_REQUEST_PAYLOAD, &b_len);
    fuzz_require(!a == !b && a_len == b_len && (!a || !memcmp(a, b, a_len)),
                 "a payload that was set is another");
    fuzz_require(lambdest_envelope_kind(env) == lambdest_envelope_kind(other), "another kind");
    fuzz_require(lambdest_envelope_outcome(env) == lambdest_envelope_outcome(other), "another outcome");
    fuzz_require(lambdest_envelope_range_count(env) == lambdest_envelope_range_count(other), "other ranges");
}

static void check_written(const lambdest_envelope *env)
{
    static fuzz_text record, document, again;
    lambdest_envelope *other;

    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &record), "no record");
    fuzz_require_json(record.data, record.len);
    other = fuzz_parse(&record, NULL);
    check_read(env, other);
    check_error(env, other);
    lambdest_envelope_free(other);
    if (fuzz_write(env, LAMBDEST_DOCUMENT, 0, &document))
        return;
    other = fuzz_parse(&document, NULL);
    fuzz_require(!fuzz_write(other, LAMBDEST_RECORD, 0, &again), "no record of a document");
    fuzz_require(lambdest_envelope_outcome(env) == lambdest_envelope_outcome(other), "another outcome");
    lambdest_envelope_free(other);
    if (lambdest_envelope_state(env, LAMBDEST_CONTEXT) == LAMBDEST_ABSENT)
        fuzz_require_same(&record, &again, "record and document are not the same envelope");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_options options;
    lambdest_envelope *env;
    lambdest_error err;
    support_memory m;
    size_t i;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    options.max_bytes = options.max_items = 0;
    fuzz_require(!lambdest_envelope_new(&options, &env, &err), "no envelope");
    for (i = 0; i < CHANGES && in.left; i++) {
        int rc = fuzz_change(&in, env, options.flags & LAMBDEST_BORROW, &err);

        fuzz_error_is(&err, rc, UINT64_MAX);
    }
    check_clone(env);
    check_written(env);
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
