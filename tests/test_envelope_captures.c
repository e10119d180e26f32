/* What real runtimes sent and were sent (tests/captures/), carried in envelopes: byte for byte, or refused
 * with the code that a table by hand says. The captures are read with jansson. Of the bodies that were cut
 * when they were captured nothing can be said. */
#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include <dirent.h>
#include <lambdest/jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum end_point {
    EVENT, /* the runtime was given it */
    RESPONSE,
    ERROR
};

typedef struct body {
    const char *file;
    enum end_point end;
    char *text; /* in a block of exactly its size */
    size_t len;
} body;

typedef struct expectation {
    const char *file;
    enum end_point end;
    int code;
    uint64_t offset;
} expectation;

/* Not JSON. */
static const expectation refused[] = {
    {"aws-lambda-cpp-0.2.6/failure_non_json_body.json", ERROR, LAMBDEST_E_SYNTAX, 1}, /* not json at all */
    {"aws-lambda-cpp-0.2.6/success_bad_json.json", RESPONSE, LAMBDEST_E_SYNTAX, 1},   /* {not json */
    {"aws-lambda-cpp-0.2.6/success_binary.json", RESPONSE, LAMBDEST_E_UTF8, 0},       /* FF 00 01 FE */
    {"aws-lambda-cpp-0.2.6/success_empty.json", RESPONSE, LAMBDEST_E_SYNTAX, 0},
    {"aws-lambda-cpp-0.2.6/success_invalid_utf8.json", RESPONSE, LAMBDEST_E_UTF8, 6}, /* C3 and no more */
    {"aws-lambda-cpp-0.2.6/success_text.json", RESPONSE, LAMBDEST_E_SYNTAX, 0}, /* plain text, not JSON */
    {"aws-lambda-ric-4.0.2-node22/event_empty_body.json", EVENT, LAMBDEST_E_SYNTAX, 0},
    {"aws-lambda-ric-4.0.2-node22/event_invalid_json.json", EVENT, LAMBDEST_E_SYNTAX, 1}, /* {not json */
    {"aws-lambda-ric-4.0.2-node22/stream_http.json", RESPONSE, LAMBDEST_E_SYNTAX,
     40},                                                                           /* behind the prelude */
    {"aws-lambda-ric-4.0.2-node22/stream_ok.json", RESPONSE, LAMBDEST_E_SYNTAX, 0}, /* part1,part2 */
    {"aws-lambda-ric-4.0.2-node22/stream_throw_before.json", RESPONSE, LAMBDEST_E_SYNTAX, 0}, /* empty */
    {"aws-lambda-ric-4.0.2-node22/stream_throw_mid.json", RESPONSE, LAMBDEST_E_SYNTAX, 0},    /* part1, */
};

/* JSON, and carried as text; but no json_t can hold it. */
static const expectation beyond_json_t[] = {
    {"aws-lambda-cpp-0.2.6/success_big_numbers.json", RESPONSE, LAMBDEST_E_UNSUPPORTED, 7}, /* 30 digits */
    {"aws-lambda-cpp-0.2.6/success_pretty_json.json", RESPONSE, LAMBDEST_E_SCHEMA, 29},     /* "a" twice */
    {"aws-lambda-ric-4.0.2-node22/event_big_numbers.json", EVENT, LAMBDEST_E_UNSUPPORTED, 7},
    {"aws-lambda-ric-4.0.2-node22/event_dup_keys_unicode.json", EVENT, LAMBDEST_E_SCHEMA, 7},
    {"aws-lambda-ric-4.0.2-node22/return_lone_surrogate.json", RESPONSE, LAMBDEST_E_UNSUPPORTED, 6},
};

static const expectation *expected_of(const expectation *rows, size_t count, const body *b)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (rows[i].end == b->end && !strcmp(rows[i].file, b->file))
            return &rows[i];
    return NULL;
}

/* ---- reading captures ---- */

static unsigned char base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = strchr(digits, c);

    assert_true(c && found);
    return (unsigned char)(found - digits);
}

static size_t decode_base64(const char *text, char *out)
{
    size_t bits = 0, len = 0;
    uint32_t held = 0;

    for (; *text && *text != '='; text++) {
        held = held << 6 | base64_digit(*text);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[len++] = (char)(held >> bits & 0xFF);
        }
    }
    return len;
}

typedef void body_fn(const body *b, void *arg);

static void tell(const char *file, enum end_point end, const char *text, size_t len, body_fn *fn, void *arg)
{
    body b = {file, end, support_exact(text, len), len};

    fn(&b, arg);
    free(b.text);
}

static void each_post(const char *file, const json_t *request, body_fn *fn, void *arg)
{
    const char *path = json_string_value(json_object_get(request, "path"));
    const json_t *text = json_object_get(request, "bodyText");
    size_t len = (size_t)json_integer_value(json_object_get(request, "bodyBytes"));
    const char *last = strrchr(path, '/');
    enum end_point end = !strcmp(last, "/error") ? ERROR : RESPONSE;
    char *decoded;

    if (json_is_true(json_object_get(request, "bodyTruncatedInCapture")))
        return;
    if (text) {
        assert_int_equal(json_string_length(text), len);
        tell(file, end, json_string_value(text), len, fn, arg);
        return;
    }
    text = json_object_get(request, "bodyBase64");
    assert_true(json_is_string(text));
    decoded = malloc(json_string_length(text) + 1);
    assert_non_null(decoded);
    assert_int_equal(decode_base64(json_string_value(text), decoded), len);
    tell(file, end, decoded, len, fn, arg);
    free(decoded);
}

static void each_request(const char *file, const json_t *request, body_fn *fn, void *arg)
{
    const json_t *event = json_object_get(json_object_get(request, "answered"), "body");

    if (event)
        tell(file, EVENT, json_string_value(event), json_string_length(event), fn, arg);
    if (!strcmp(json_string_value(json_object_get(request, "method")), "POST"))
        each_post(file, request, fn, arg);
}

static void each_body_of_folder(const char *folder, body_fn *fn, void *arg)
{
    const struct dirent *entry;
    char path[512];
    DIR *dir;

    snprintf(path, sizeof path, "tests/captures/%s", folder);
    dir = opendir(path);
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        const char *file = path + strlen("tests/captures/");
        json_error_t error;
        json_t *capture, *requests;
        size_t i;

        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        snprintf(path, sizeof path, "tests/captures/%s/%s", folder, entry->d_name);
        capture = json_load_file(path, JSON_ALLOW_NUL, &error);
        requests = json_object_get(capture, "requests");
        if (!json_is_array(requests))
            fail_msg("%s is no capture", path);
        for (i = 0; i < json_array_size(requests); i++)
            each_request(file, json_array_get(requests, i), fn, arg);
        json_decref(capture);
    }
    closedir(dir);
}

static void each_body(body_fn *fn, void *arg)
{
    each_body_of_folder("aws-lambda-ric-4.0.2-node22", fn, arg);
    each_body_of_folder("aws-lambda-cpp-0.2.6", fn, arg);
}

/* ---- bodies in envelopes ---- */

static void expect_carried(const lambdest_envelope *env, int member, const body *b)
{
    size_t len;
    const char *json = lambdest_envelope_json(env, member, &len);

    if (len != b->len || memcmp(json, b->text, len) != 0)
        fail_msg("%s: other bytes", b->file);
}

static bool holds(const char *text, size_t len, const char *part, size_t part_len)
{
    size_t i;

    for (i = 0; i + part_len <= len; i++)
        if (!memcmp(text + i, part, part_len))
            return true;
    return false;
}

/* Written in a form and parsed, the member has the same bytes, and they stand in the text. */
static void expect_through(const lambdest_envelope *env, int form, int member, const body *b)
{
    lambdest_envelope *parsed;
    lambdest_error err;
    char *text;
    size_t len;

    assert_int_equal(lambdest_envelope_write_alloc(env, form, 0, &text, &len, &err), LAMBDEST_OK);
    assert_true(holds(text, len, b->text, b->len));
    assert_int_equal(lambdest_envelope_parse(text, len, NULL, &parsed, &err), LAMBDEST_OK);
    expect_carried(parsed, member, b);
    lambdest_envelope_free(parsed);
    lambdest_free(text);
}

static void try_member(const body *b, int member, const char *where)
{
    const expectation *bad = expected_of(refused, COUNT(refused), b);
    lambdest_envelope *env;
    lambdest_error err;
    int rc;

    assert_int_equal(lambdest_envelope_new(NULL, &env, &err), LAMBDEST_OK);
    rc = lambdest_envelope_set_json(env, member, b->text, b->len, &err);
    if (rc != (bad ? bad->code : LAMBDEST_OK))
        fail_msg("%s: code %d at %llu", b->file, rc, (unsigned long long)err.offset);
    if (bad) {
        support_expect_error(&err, bad->code, bad->offset, where);
        assert_int_equal(lambdest_envelope_state(env, member), LAMBDEST_ABSENT);
    } else {
        expect_carried(env, member, b);
        expect_through(env, LAMBDEST_RECORD, member, b);
        expect_through(env, LAMBDEST_DOCUMENT, member, b);
    }
    lambdest_envelope_free(env);
}

/* Counted in the captures by another program. */
enum {
    EVENTS = 89,
    POSTS = 82, /* that were not cut */
    ERRORS = 45
};

typedef struct tally {
    size_t bodies;
    size_t errors;
    size_t refused;
    size_t beyond;
} tally;

static void carry(const body *b, void *arg)
{
    tally *t = arg;

    t->bodies++;
    t->refused += expected_of(refused, COUNT(refused), b) != NULL;
    try_member(b, LAMBDEST_REQUEST_PAYLOAD, "requestPayload");
    try_member(b, LAMBDEST_RESPONSE_PAYLOAD, "responsePayload");
    if (b->end != ERROR)
        return;
    t->errors++;
    try_member(b, LAMBDEST_INVOCATION_ERROR, "invocationError");
}

static void bodies_are_carried_byte_for_byte(void **state)
{
    tally t = {0};

    (void)state;
    each_body(carry, &t);
    assert_int_equal(t.bodies, EVENTS + POSTS);
    assert_int_equal(t.errors, ERRORS);
    assert_int_equal(t.refused, COUNT(refused));
}

/* ---- what the errors say ---- */

static void expect_text(const lambdest_envelope *env, int member, const json_t *expected, const body *b)
{
    size_t len;
    const char *text = lambdest_envelope_text(env, member, &len);

    if (!json_is_string(expected)) {
        assert_null(text);
        return;
    }
    if (!text || len != json_string_length(expected) || memcmp(text, json_string_value(expected), len) != 0)
        fail_msg("%s: member %d is \"%s\"", b->file, member, text ? text : "absent");
}

static void expect_frames(const lambdest_envelope *env, const json_t *trace, const body *b)
{
    size_t i, len, count = json_array_size(trace);

    if (lambdest_envelope_frame_count(env) != count)
        fail_msg("%s: %zu frames, expected %zu", b->file, lambdest_envelope_frame_count(env), count);
    for (i = 0; i < count; i++) {
        const json_t *expected = json_array_get(trace, i);
        const char *frame = lambdest_envelope_frame(env, i, &len);

        support_expect_bytes(frame, len, json_string_value(expected), json_string_length(expected));
    }
}

static void look_into_error(const body *b, void *arg)
{
    lambdest_envelope *env;
    lambdest_error err;
    json_error_t error;
    const json_t *trace;
    json_t *json;

    if (b->end != ERROR || expected_of(refused, COUNT(refused), b))
        return;
    json = json_loadb(b->text, b->len, JSON_DECODE_ANY, &error);
    assert_true(json_is_object(json));
    assert_int_equal(lambdest_envelope_new(NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, b->text, b->len, &err),
                     LAMBDEST_OK);
    expect_text(env, LAMBDEST_ERROR_TYPE, json_object_get(json, "errorType"), b);
    expect_text(env, LAMBDEST_ERROR_MESSAGE, json_object_get(json, "errorMessage"), b);
    trace = json_object_get(json, "stackTrace");
    expect_frames(env, trace ? trace : json_object_get(json, "trace"), b);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_FUNCTION_ERROR, NULL), "Unhandled");
    lambdest_envelope_free(env);
    json_decref(json);
    ++*(int *)arg;
}

static void errors_are_read_under_every_runtimes_keys(void **state)
{
    int count = 0;

    (void)state;
    each_body(look_into_error, &count);
    assert_int_equal(count, ERRORS - 1); /* one is no JSON */
}

/* ---- bodies as values ---- */

static void make_value(const body *b, void *arg)
{
    const expectation *beyond = expected_of(beyond_json_t, COUNT(beyond_json_t), b);
    json_t *value = NULL, *theirs;
    lambdest_envelope *env;
    json_error_t error;
    lambdest_error err;
    int rc;

    if (expected_of(refused, COUNT(refused), b))
        return;
    assert_int_equal(lambdest_envelope_new(NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, b->text, b->len, &err), LAMBDEST_OK);
    rc = lambdest_envelope_value(env, LAMBDEST_CONTEXT, &value, &err);
    if (rc != (beyond ? beyond->code : LAMBDEST_OK))
        fail_msg("%s: code %d at %llu", b->file, rc, (unsigned long long)err.offset);
    theirs = json_loadb(b->text, b->len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    if (beyond) {
        support_expect_error(&err, beyond->code, beyond->offset, "invocationRequest.context");
        assert_null(value);
        assert_null(theirs);
        ++((tally *)arg)->beyond;
    } else if (!json_equal(value, theirs)) {
        fail_msg("%s: another value than jansson's", b->file);
    }
    ++((tally *)arg)->bodies;
    json_decref(value);
    json_decref(theirs);
    lambdest_envelope_free(env);
}

static void bodies_are_the_values_that_jansson_reads(void **state)
{
    tally t = {0};

    (void)state;
    each_body(make_value, &t);
    assert_int_equal(t.beyond, COUNT(beyond_json_t));
    assert_int_equal(t.bodies, EVENTS + POSTS - COUNT(refused));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_carried_byte_for_byte),
        cmocka_unit_test(errors_are_read_under_every_runtimes_keys),
        cmocka_unit_test(bodies_are_the_values_that_jansson_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
