/* Text as a value against jansson's own parser; and both allocators failing, jansson's and ours.
 *
 * The parser is asked to take any value (JSON_DECODE_ANY), a NUL in a string (JSON_ALLOW_NUL: a json_t can hold
 * it), and to refuse a name twice (JSON_REJECT_DUPLICATES: by default the last one wins in silence). Then two
 * differences are left, both on purpose: -0 is the real -0.0 here and the integer 0 there, which has lost the
 * sign; and nesting over 512 is refused here, over 2048 there. */
#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include <dirent.h>
#include <lambdest/jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static json_t *load(const char *json, size_t len)
{
    json_error_t error;

    return json_loadb(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
}

static bool same_real(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && !memcmp(a, b, a_len);
}

static bool same_value(const json_t *ours, const json_t *theirs);

static bool same_members(json_t *ours, json_t *theirs)
{
    void *i = json_object_iter(ours), *k = json_object_iter(theirs);

    for (; i && k; i = json_object_iter_next(ours, i), k = json_object_iter_next(theirs, k))
        if (!same_text(json_object_iter_key(i), json_object_iter_key_len(i), json_object_iter_key(k),
                       json_object_iter_key_len(k)) ||
            !same_value(json_object_iter_value(i), json_object_iter_value(k)))
            return false;
    return !i && !k;
}

static bool same_elements(const json_t *ours, const json_t *theirs)
{
    size_t i;

    if (json_array_size(ours) != json_array_size(theirs))
        return false;
    for (i = 0; i < json_array_size(ours); i++)
        if (!same_value(json_array_get(ours, i), json_array_get(theirs, i)))
            return false;
    return true;
}

/* Equal in type, order of members and every bit of a real; but for -0. */
static bool same_value(const json_t *ours, const json_t *theirs)
{
    if (json_is_real(ours) && json_is_integer(theirs))
        return same_real(json_real_value(ours), -0.0) && json_integer_value(theirs) == 0;
    if (json_typeof(ours) != json_typeof(theirs))
        return false;
    if (json_is_object(ours))
        return same_members((json_t *)(uintptr_t)ours, (json_t *)(uintptr_t)theirs);
    if (json_is_array(ours))
        return same_elements(ours, theirs);
    if (json_is_string(ours))
        return same_text(json_string_value(ours), json_string_length(ours), json_string_value(theirs),
                         json_string_length(theirs));
    if (json_is_real(ours))
        return same_real(json_real_value(ours), json_real_value(theirs));
    return json_integer_value(ours) == json_integer_value(theirs);
}

/* ---- texts ---- */

/* The text as a member: its value or NULL with *err. */
static json_t *value_of(const char *json, size_t len, lambdest_error *err)
{
    lambdest_envelope *env;
    json_t *value = json_true();
    int rc;

    assert_int_equal(lambdest_envelope_new(NULL, &env, err), LAMBDEST_OK);
    rc = lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, json, len, err);
    if (rc)
        fail_msg("%.200s: code %d at %llu", json, rc, (unsigned long long)err->offset);
    rc = lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, err);
    assert_int_equal(rc, err->code);
    if (rc)
        assert_null(value);
    lambdest_envelope_free(env);
    return value;
}

/* There and back: printed as a member and read again, it is the same value. */
static void expect_back(const json_t *value, const char *json)
{
    lambdest_envelope *env;
    lambdest_error err;
    json_t *back;

    assert_int_equal(lambdest_envelope_new(NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_CONTEXT, value, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_CONTEXT, &back, &err), LAMBDEST_OK);
    if (!same_value(back, value))
        fail_msg("came back as another value: %.200s", json);
    json_decref(back);
    lambdest_envelope_free(env);
}

static void expect_as_jansson(const char *json, size_t len)
{
    json_t *theirs = load(json, len), *ours;
    lambdest_error err;

    ours = value_of(json, len, &err);
    if (!ours || !theirs)
        fail_msg("%.200s: jansson %s, code %d at %llu", json, theirs ? "takes it" : "does not", err.code,
                 (unsigned long long)err.offset);
    if (!same_value(ours, theirs))
        fail_msg("another value than jansson's: %.200s", json);
    expect_back(ours, json);
    json_decref(ours);
    json_decref(theirs);
}

/* ---- records ---- */

/* Envelopes among the records; what else is there is an event or a carrier. */
static void expect_envelope_as_jansson(const char *text, size_t len)
{
    lambdest_envelope *env, *back;
    lambdest_error err;
    json_t *ours, *theirs, *again;

    if (lambdest_envelope_parse(text, len, NULL, &env, &err))
        return;
    theirs = load(text, len);
    assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &ours, &err), LAMBDEST_OK);
    assert_true(same_value(ours, theirs));
    assert_int_equal(lambdest_envelope_from_value(theirs, NULL, &back, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_form(back), lambdest_envelope_form(env));
    assert_int_equal(lambdest_envelope_kind(back), lambdest_envelope_kind(env));
    assert_int_equal(lambdest_envelope_to_value(back, 0, 0, &again, &err), LAMBDEST_OK);
    assert_true(same_value(again, theirs));
    json_decref(ours);
    json_decref(theirs);
    json_decref(again);
    lambdest_envelope_free(back);
    lambdest_envelope_free(env);
}

static void records_are_what_jansson_reads(void **state)
{
    DIR *dir = opendir("tests/records");
    const struct dirent *entry;
    char path[512];
    int count = 0;

    (void)state;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        char *text;
        size_t len;

        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "tests/records/%s", entry->d_name);
        text = support_load(path, &len);
        expect_as_jansson(text, len);
        expect_envelope_as_jansson(text, len);
        free(text);
        count++;
    }
    closedir(dir);
    assert_true(count >= 42);
}

/* ---- generated texts ---- */

static void random_texts_are_what_jansson_reads(void **state)
{
    uint64_t seed = 11;
    int i, refused = 0, count = support_quick() ? 2000 : 20000;
    unsigned char text[2000];

    (void)state;
    for (i = 0; i < count; i++) {
        size_t len = support_random_json(&seed, text, sizeof text);
        json_t *theirs = load((const char *)text, len), *ours;
        lambdest_error err;

        if (theirs) {
            json_decref(theirs);
            expect_as_jansson((const char *)text, len);
            continue;
        }
        /* All of these texts are within what jansson can hold: only a name twice is left. */
        ours = value_of((const char *)text, len, &err);
        assert_null(ours);
        assert_int_equal(err.code, LAMBDEST_E_SCHEMA);
        refused++;
    }
    assert_true(refused > 20 && refused < count * 3 / 4);
}

/* A text made so that it is known where the first thing stands that no value can hold. */
typedef struct odd_text {
    uint64_t seed;
    size_t len;
    size_t bad_at;
    int bad_code; /* 0: none yet */
    int names;
    char data[20000];
} odd_text;

typedef struct odd_token {
    const char *spelling;
    size_t at; /* of what is bad in it */
} odd_token;

static void put(odd_text *t, const char *text)
{
    size_t len = strlen(text);

    memcpy(t->data + t->len, text, len + 1);
    t->len += len;
}

static void mark(odd_text *t, size_t at, int code)
{
    if (t->bad_code)
        return;
    t->bad_at = at;
    t->bad_code = code;
}

static void put_bad(odd_text *t, const odd_token *tokens, size_t count)
{
    const odd_token *token = &tokens[support_below(&t->seed, count)];

    mark(t, t->len + token->at, LAMBDEST_E_UNSUPPORTED);
    put(t, token->spelling);
}

static void put_odd_scalar(odd_text *t)
{
    static const char *const good[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "0e0",
        "1.10",
        "1e22",
        "-0e-999",
        "1e-400",
        "123456789.123456789e-5",
        "\"\"",
        "\"a\\u0000b\"",
        "\"\\\\\"",
        "9223372036854775807",
        "1E+21",
        "0.1000000000001",
        "\"\\uD83D\\uDE00\"",
        "-9223372036854775808",
    };
    static const odd_token bad[] = {
        {"\"\\ud800\"", 1},     {"\"ab\\udc00c\"", 3},         {"\"\\uD83D\\u0041\"", 1},
        {"\"\\\\\\uDFFF\"", 3}, {"9223372036854775808", 0},    {"-92233720368547758080", 0},
        {"-1e999", 0},          {"1.7976931348623159e308", 0},
    };

    if (support_below(&t->seed, 60))
        put(t, good[support_below(&t->seed, COUNT(good))]);
    else
        put_bad(t, bad, COUNT(bad));
}

/* A name of its own; or, rarely, one that is bad or that this object has (its first is "k<first>"). */
static void put_odd_name(odd_text *t, int first, bool again)
{
    static const odd_token bad[] = {{"\"\\u0000\"", 1}, {"\"a\\ud8ff\"", 2}, {"\"\\uDC00x\"", 1}};
    char name[40];

    if (!support_below(&t->seed, 80)) {
        put_bad(t, bad, COUNT(bad));
        return;
    }
    if (again && !support_below(&t->seed, 40)) {
        mark(t, t->len, LAMBDEST_E_SCHEMA);
        snprintf(name, sizeof name, support_below(&t->seed, 2) ? "\"\\u006b%d\"" : "\"k%d\"", first);
    } else {
        snprintf(name, sizeof name, again && support_below(&t->seed, 2) ? "\"\\u00e9%d\"" : "\"k%d\"",
                 t->names++);
    }
    put(t, name);
}

static void put_odd_value(odd_text *t, int depth)
{
    size_t i, n = support_below(&t->seed, 6);
    bool object = support_below(&t->seed, 2);
    int first = t->names;

    if (depth == 6 || t->len > 4000 || (depth && !support_below(&t->seed, 2))) {
        put_odd_scalar(t);
        return;
    }
    put(t, object ? "{" : "[ ");
    for (i = 0; i < n; i++) {
        if (i)
            put(t, ", ");
        if (object) {
            put_odd_name(t, first, i > 0);
            put(t, ":");
        }
        put_odd_value(t, depth + 1);
    }
    put(t, object ? "}" : "]");
}

static void what_no_value_can_hold_is_found_where_it_stands(void **state)
{
    odd_text *t = malloc(sizeof *t);
    int i, refused = 0, count = support_quick() ? 2000 : 20000;

    (void)state;
    assert_non_null(t);
    t->seed = 12;
    for (i = 0; i < count; i++) {
        lambdest_error err;
        char *text;

        t->len = 0;
        t->bad_code = 0;
        t->names = 0;
        put_odd_value(t, 0);
        text = support_exact(t->data, t->len);
        if (!t->bad_code) {
            expect_as_jansson(text, t->len);
        } else {
            assert_null(value_of(text, t->len, &err));
            if (err.code != t->bad_code || err.offset != t->bad_at)
                fail_msg("%s: code %d at %llu, expected %d at %zu", t->data, err.code,
                         (unsigned long long)err.offset, t->bad_code, t->bad_at);
            assert_null(load(text, t->len));
            refused++;
        }
        free(text);
    }
    free(t);
    assert_true(refused > count / 20 && refused < count / 2);
}

/* If jansson ceases to differ, the head of this file is to be put right. */
static void the_differences_are_still_there(void **state)
{
    json_error_t error;
    json_t *theirs = load("-0", 2);
    char deep[4097];

    (void)state;
    assert_true(json_is_integer(theirs));
    json_decref(theirs);
    memset(deep, '[', 2048);
    memset(deep + 2048, ']', 2048);
    theirs = load(deep + 2048 - 513, 1026);
    assert_non_null(theirs);
    json_decref(theirs);
    theirs = json_loadb("{\"a\":1,\"a\":2}", 13, 0, &error);
    assert_int_equal(json_integer_value(json_object_get(theirs, "a")), 2);
    json_decref(theirs);
    assert_null(json_loadb("[\"\\u0000\"]", 10, 0, &error));
}

/* ---- memory ---- */

static support_memory *jansson_memory;

typedef struct counted {
    size_t size;
    _Alignas(max_align_t) unsigned char data[];
} counted;

static void *counted_alloc(size_t size)
{
    counted *c = jansson_memory->alloc.alloc(jansson_memory->alloc.ctx, sizeof *c + size);

    if (!c)
        return NULL;
    c->size = size;
    return c->data;
}

static void counted_free(void *data)
{
    counted *c;

    if (!data)
        return;
    c = (counted *)(void *)((unsigned char *)data - offsetof(counted, data));
    jansson_memory->alloc.release(jansson_memory->alloc.ctx, c, sizeof *c + c->size);
}

/* One memory for the envelopes and for jansson: the nth allocation of either fails. */
static int share_memory(void **state)
{
    if (support_setup(state))
        return -1;
    jansson_memory = *state;
    json_set_alloc_funcs(counted_alloc, counted_free);
    return 0;
}

static int part_memory(void **state)
{
    json_set_alloc_funcs(malloc, free);
    return support_teardown(state);
}

/* Objects and arrays that grow, text that needs decoding and more room each time. */
static const char rich[] =
    "{\"version\":\"1.0\",\"requestPayload\":{\"a\":1,\"b\":[1.5,true,null,[],{},\"\\n\",2,3,4,5,6,7,8,9,10,"
    "11,12],"
    "\"c\":{\"\\u0064\":{\"e\":[[[-0.5]]]}},\"f\":\"\",\"g\":1,\"h\":2,\"i\":3,\"j\":4,\"k\":5,\"l\":6,\"m\":"
    "7,"
    "\"long\":"
    "\"\\t0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "45678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
    "8901"
    "23456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"},"
    "\"responseContext\":{\"statusCode\":200,\"functionError\":null},\"responsePayload\":\"\\ud83d\\ude00\"}";

typedef struct trial {
    lambdest_options options;
    lambdest_envelope *env;
    json_t *whole;
    json_t *payload;
} trial;

static void begin_trial(trial *t, support_memory *memory)
{
    lambdest_error err;

    memset(t, 0, sizeof *t);
    t->options.size = sizeof t->options;
    t->options.alloc = &memory->alloc;
    assert_int_equal(lambdest_envelope_parse(rich, sizeof rich - 1, &t->options, &t->env, &err), LAMBDEST_OK);
    t->whole = load(rich, sizeof rich - 1);
    t->payload = json_object_get(t->whole, "requestPayload");
    assert_non_null(t->payload);
}

static void end_trial(trial *t)
{
    json_decref(t->whole);
    lambdest_envelope_free(t->env);
}

static int settle_value(int rc, const lambdest_error *err, json_t *value, const json_t *expected)
{
    assert_int_equal(err->code, rc);
    if (rc) {
        support_expect_error(err, rc, 0, "");
        assert_null(value);
    } else {
        assert_true(same_value(value, expected));
        json_decref(value);
    }
    return rc;
}

static int try_value(support_memory *memory, void *arg)
{
    const trial *t = arg;
    lambdest_error err;
    json_t *value = json_true();
    int rc = lambdest_envelope_value(t->env, LAMBDEST_REQUEST_PAYLOAD, &value, &err);

    (void)memory;
    return settle_value(rc, &err, value, t->payload);
}

static int try_to_value(support_memory *memory, void *arg)
{
    const trial *t = arg;
    lambdest_error err;
    json_t *value = json_true();
    int rc = lambdest_envelope_to_value(t->env, 0, 0, &value, &err);

    (void)memory;
    return settle_value(rc, &err, value, t->whole);
}

static void expect_written(const lambdest_envelope *env, const char *expected, size_t expected_len)
{
    char text[3000];
    lambdest_error err;
    size_t len;

    assert_int_equal(lambdest_envelope_write(env, 0, 0, text, sizeof text, &len, &err), LAMBDEST_OK);
    support_expect_bytes(text, len, expected, expected_len);
}

static int try_set_value(support_memory *memory, void *arg)
{
    static const char record[] = "{\"requestPayload\":\"before\",\"responsePayload\":1}";
    const trial *t = arg;
    lambdest_envelope *env;
    lambdest_error err;
    int rc = lambdest_envelope_parse(record, sizeof record - 1, &t->options, &env, &err);

    (void)memory;
    if (rc)
        return rc;
    rc = lambdest_envelope_set_value(env, LAMBDEST_INVOCATION_ERROR, t->payload, &err);
    assert_int_equal(err.code, rc);
    if (rc)
        expect_written(env, record, sizeof record - 1);
    else
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_INVOCATION_ERROR), LAMBDEST_VALUE);
    lambdest_envelope_free(env);
    return rc;
}

static int try_from_value(support_memory *memory, void *arg)
{
    const trial *t = arg;
    lambdest_envelope *env = t->env;
    lambdest_error err;
    char expected[3000];
    int rc = lambdest_envelope_from_value(t->whole, &t->options, &env, &err);
    size_t len;

    (void)memory;
    assert_int_equal(err.code, rc);
    if (rc) {
        assert_null(env);
        return rc;
    }
    len = json_dumpb(t->whole, expected, sizeof expected, JSON_COMPACT);
    if (len)
        expect_written(env, expected, len);
    lambdest_envelope_free(env);
    return len ? LAMBDEST_OK : LAMBDEST_E_NOMEM;
}

static void memory_may_fail_at_any_time(void **state)
{
    static int (*const attempts[])(support_memory *, void *) = {
        try_value,
        try_to_value,
        try_set_value,
        try_from_value,
    };
    size_t i;
    trial t;

    begin_trial(&t, *state);
    for (i = 0; i < COUNT(attempts); i++)
        support_exhaust(*state, attempts[i], &t);
    end_trial(&t);
}

/* What jansson.h and the manual say of jansson itself, for each allocation that fails: its parser reports a
 * value that lacks a byte, json_dumps a text that is no JSON, and json_dumpb neither. */
static void what_is_said_of_jansson_is_so(void **state)
{
    static const char text[] = "{\"0123456789abcdefghijklmnopqrstuvwxyz\":\"0123456789abcdefghijk\"}";
    support_memory *memory = *state;
    json_t *whole = load(text, sizeof text - 1);
    unsigned parsed_wrong = 0, printed_wrong = 0;
    size_t nth;

    for (nth = 1; nth < 40; nth++) {
        char buf[sizeof text], *printed;
        json_t *value;
        size_t len;

        support_memory_fail(memory, nth, false);
        value = load(text, sizeof text - 1);
        support_memory_fail(memory, 0, false);
        parsed_wrong += value && !same_value(value, whole) ? 1 : 0;
        json_decref(value);
        support_memory_fail(memory, nth, false);
        printed = json_dumps(whole, JSON_COMPACT);
        support_memory_fail(memory, nth, false);
        len = json_dumpb(whole, buf, sizeof buf, JSON_COMPACT);
        support_memory_fail(memory, 0, false);
        printed_wrong += printed && strcmp(printed, text) ? 1 : 0;
        counted_free(printed);
        assert_true(!len || (len == sizeof text - 1 && !memcmp(buf, text, len)));
    }
    json_decref(whole);
    if (JANSSON_VERSION_HEX <= 0x020f00)
        assert_true(parsed_wrong && printed_wrong);
}

/* A failure in the middle of the text frees what was built of it. */
static void a_text_that_is_refused_leaves_nothing_behind(void **state)
{
    static const char *const texts[] = {
        "[1,[2,{\"a\":[\"\\n\",{}],\"b\":1e400}]]",
        "{\"\\n\":{\"a\":1,\"a\":2}}",
        "[[],\"\\t\",\"\\udead\"]",
    };
    support_memory *memory = *state;
    lambdest_options options = {.size = sizeof options, .alloc = &memory->alloc};
    lambdest_envelope *env;
    lambdest_error err;
    json_t *value;
    size_t i;

    assert_int_equal(lambdest_envelope_new(&options, &env, &err), LAMBDEST_OK);
    for (i = 0; i < COUNT(texts); i++) {
        size_t blocks;

        assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, texts[i], strlen(texts[i]), &err),
                         LAMBDEST_OK);
        blocks = memory->blocks;
        assert_int_not_equal(lambdest_envelope_value(env, LAMBDEST_CONTEXT, &value, &err), LAMBDEST_OK);
        assert_int_equal(memory->blocks, blocks);
    }
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_what_jansson_reads),
        cmocka_unit_test(random_texts_are_what_jansson_reads),
        cmocka_unit_test(what_no_value_can_hold_is_found_where_it_stands),
        cmocka_unit_test(the_differences_are_still_there),
        cmocka_unit_test_setup_teardown(memory_may_fail_at_any_time, share_memory, part_memory),
        cmocka_unit_test_setup_teardown(what_is_said_of_jansson_is_so, share_memory, part_memory),
        cmocka_unit_test_setup_teardown(a_text_that_is_refused_leaves_nothing_behind, share_memory,
                                        part_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
