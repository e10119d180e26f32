/* Changes of a parsed envelope, some of them short of memory: one that fails changes nothing; after each
 * a clone is the same and what is written parses.
 * Input: options, changes (counted), text. */
#include "fuzz.h"

enum {
    CHANGES = 16
};

static void check_clone(const lambdest_envelope *env)
{
    static fuzz_text a, b;
    lambdest_envelope *clone;
    lambdest_error err;

    fuzz_require(!lambdest_envelope_clone(env, &clone, &err), "no clone");
    fuzz_tell(env, &a);
    fuzz_tell(clone, &b);
    fuzz_require_same(&a, &b, "a clone is another");
    fuzz_require(fuzz_write(env, 0, 0, &a) == fuzz_write(clone, 0, 0, &b), "another code");
    fuzz_require_same(&a, &b, "a clone writes something else");
    lambdest_envelope_free(clone);
}

/* In its own form and as a record it parses, and is then the same. */
static void check_written(const lambdest_envelope *env, int form)
{
    static fuzz_text text, again;
    lambdest_envelope *other;

    if (fuzz_write(env, form, 0, &text))
        return;
    fuzz_require_json(text.data, text.len);
    other = fuzz_parse(&text, NULL);
    fuzz_require(lambdest_envelope_outcome(other) == lambdest_envelope_outcome(env), "another outcome");
    fuzz_require(lambdest_envelope_kind(other) == lambdest_envelope_kind(env), "another kind");
    fuzz_require(!fuzz_write(other, 0, 0, &again), "what was read cannot be written");
    fuzz_require_same(&text, &again, "what was read is written as something else");
    lambdest_envelope_free(other);
}

/* Members at these places that have a name of nothing known are there for good. */
static void check_unknown(const lambdest_envelope *env, const lambdest_slice *parsed)
{
    static const char *const places[] = {"", "requestContext", "invocationMetadata",
                                         "invocationMetadata.record"};
    static fuzz_text text;
    json_t *before = fuzz_value(parsed->data, parsed->len), *after, *value;
    const char *name;
    size_t i;

    if (!before || fuzz_write(env, 0, 0, &text) || !(after = fuzz_value(text.data, text.len))) {
        json_decref(before);
        return;
    }
    for (i = 0; i < COUNT(places); i++)
        json_object_foreach((json_t *)(uintptr_t)fuzz_at(before, places[i]), name, value)
        {
            const json_t *there = fuzz_at(after, places[i]);

            fuzz_require(strncmp(name, "zz", 2) || json_equal(json_object_get(there, name), value),
                         "a member that is not known is lost");
        }
    json_decref(before);
    json_decref(after);
}

static void change(fuzz_input *in, lambdest_envelope *env, support_memory *m, bool borrows)
{
    static fuzz_text told, told_again, written, written_again;
    unsigned nth = fuzz_byte(in);
    size_t failures = m->failures, blocks = m->blocks, bytes = m->bytes;
    lambdest_error err;
    int rc;

    fuzz_tell(env, &told);
    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written), "no record");
    support_memory_fail(m, nth & 3, nth & 4);
    rc = fuzz_change(in, env, borrows, &err);
    support_memory_fail(m, 0, false);
    fuzz_error_is(&err, rc, UINT64_MAX);
    fuzz_require(rc != LAMBDEST_E_NOMEM || m->failures > failures, "no memory, but none was refused");
    if (rc) {
        fuzz_require(m->blocks == blocks && m->bytes == bytes,
                     "a failed change has taken or given back memory");
        fuzz_tell(env, &told_again);
        fuzz_require_same(&told, &told_again, "a failed change has changed something");
        fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written_again), "no record");
        fuzz_require_same(&written, &written_again, "a failed change has changed what is written");
    }
    check_clone(env);
    check_written(env, 0);
    check_written(env, LAMBDEST_RECORD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size}, head;
    lambdest_options options;
    lambdest_envelope *env;
    lambdest_slice program, text;
    support_memory m;
    size_t i;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    options.max_bytes = options.max_items = 0;
    program = fuzz_take(&in);
    text = fuzz_rest(&in);
    head.at = (const uint8_t *)program.data;
    head.left = program.len;
    if (!lambdest_envelope_parse(text.data, text.len, &options, &env, NULL))
        for (i = 0; i < CHANGES && head.left; i++)
            change(&head, env, &m, options.flags & LAMBDEST_BORROW);
    if (env)
        check_unknown(env, &text);
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
