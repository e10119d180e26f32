/* Every post that a real runtime made, through intake and post, against expectations written by hand; jansson
 * reads the captures and is the second opinion on each error's parts. */
#include "support.h"

#include <jansson.h>
#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIR "tests/captures/"
#define FOLDER_ric DIR "aws-lambda-ric-4.0.2-node22/"
#define FOLDER_cpp DIR "aws-lambda-cpp-0.2.6/"

enum {
    COLUMNS = 6,
    MAX_HEADERS = 32
};

enum column {
    RUNTIME,
    CASE,
    END,
    OUTCOME,
    CAUSE,
    SAYS
};

typedef struct line {
    char *column[COLUMNS];
} line;

/* Cuts the next line in place; false behind the last. */
static bool next_line(char **at, line *l)
{
    char *p = *at;
    int i;

    if (!*p)
        return false;
    for (i = 0; i < COLUMNS; i++) {
        l->column[i] = p;
        p += strcspn(p, "\t\n");
        if ((*p == '\n') != (i == COLUMNS - 1))
            fail_msg("a line of expectations.tsv has not %d columns", COLUMNS);
        *p++ = '\0';
    }
    *at = p;
    return true;
}

static json_t *load(const line *l)
{
    char path[256];
    json_t *capture;

    snprintf(path, sizeof path, "%s%s.json", *l->column[RUNTIME] == 'r' ? FOLDER_ric : FOLDER_cpp,
             l->column[CASE]);
    capture = json_load_file(path, JSON_ALLOW_NUL, NULL);
    if (!capture)
        fail_msg("cannot read %s", path);
    return capture;
}

/* ---- one capture's requests ---- */

static size_t headers_of(const json_t *names_and_values, lambdest_header *out)
{
    size_t i, n = json_array_size(names_and_values) / 2;

    if (n > MAX_HEADERS)
        fail_msg("more headers than expected");
    for (i = 0; i < n; i++) {
        const json_t *name = json_array_get(names_and_values, 2 * i);
        const json_t *value = json_array_get(names_and_values, 2 * i + 1);

        out[i].name = json_string_value(name);
        out[i].name_len = json_string_length(name);
        out[i].value = json_string_value(value);
        out[i].value_len = json_string_length(value);
    }
    return n;
}

/* What was answered to /next. The recorder put <now+30000> in the place of the deadline. */
static size_t answered_headers(json_t *headers, lambdest_header *out)
{
    const char *name;
    json_t *value;
    size_t n = 0;

    json_object_foreach(headers, name, value)
    {
        if (n == MAX_HEADERS)
            fail_msg("more headers than expected");
        out[n].name = name;
        out[n].name_len = strlen(name);
        out[n].value = json_string_value(value);
        out[n].value_len = json_string_length(value);
        if (out[n].value_len && *out[n].value == '<') {
            out[n].value = "1795438800000";
            out[n].value_len = 13;
        }
        n++;
    }
    return n;
}

/* The last answer to /next before request `before`, or, of a runtime that never asked, one of our own. */
static lambdest_envelope *make_envelope(const json_t *requests, size_t before,
                                        const lambdest_options *options)
{
    static const lambdest_header own = {"Lambda-Runtime-Aws-Request-Id", 29, "id-1", 4};
    lambdest_header headers[MAX_HEADERS] = {own};
    lambdest_envelope *env;
    size_t i, n = 1;
    const char *event = "{}";

    for (i = 0; i < before; i++) {
        const json_t *answered = json_object_get(json_array_get(requests, i), "answered");

        if (!json_object_get(answered, "body"))
            continue;
        n = answered_headers(json_object_get(answered, "headers"), headers);
        event = json_string_value(json_object_get(answered, "body"));
    }
    assert_int_equal(lambdest_runtime_invocation(headers, n, event, strlen(event), options, &env, NULL), 0);
    return env;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = strchr(digits, c);

    return c && at ? (int)(at - digits) : -1;
}

/* The body as it was on the wire, for free(). */
static char *body_of(const json_t *request, size_t *len)
{
    const json_t *text = json_object_get(request, "bodyText");
    const char *base64 = json_string_value(json_object_get(request, "bodyBase64"));
    char *body = malloc(8192);
    unsigned bits = 0, have = 0;

    *len = 0;
    assert_non_null(body);
    if (!base64) {
        *len = json_string_length(text);
        assert_true(*len < 8192);
        memcpy(body, json_string_value(text), *len);
    }
    for (; base64 && base64_digit(*base64) >= 0; base64++) {
        bits = bits << 6 | (unsigned)base64_digit(*base64);
        have += 6;
        if (have >= 8)
            body[(*len)++] = (char)(unsigned char)(bits >> (have -= 8) & 0xFF);
    }
    assert_int_equal(*len, json_integer_value(json_object_get(request, "bodyBytes")));
    return body;
}

/* ---- what came out ---- */

static void expect_error(const lambdest_envelope *env)
{
    size_t len, message_len;
    const char *json = lambdest_envelope_json(env, LAMBDEST_INVOCATION_ERROR, &len);
    json_t *error = json_loadb(json, len, JSON_ALLOW_NUL, NULL);
    const json_t *message = json_object_get(error, "errorMessage");
    const json_t *trace = json_object_get(error, "trace");
    const char *text = lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &message_len);
    size_t i;

    assert_non_null(error);
    if (!trace)
        trace = json_object_get(error, "stackTrace");
    assert_int_equal(lambdest_envelope_frame_count(env), json_array_size(trace));
    for (i = 0; i < json_array_size(trace); i++)
        assert_string_equal(lambdest_envelope_frame(env, i, NULL),
                            json_string_value(json_array_get(trace, i)));
    support_expect_bytes(text, message_len, json_string_value(message), json_string_length(message));
    json_decref(error);
}

static void expect(const lambdest_envelope *env, const line *l, const char *body, size_t body_len)
{
    const char *says = l->column[SAYS], *json;
    size_t len;

    assert_string_equal(lambdest_name(lambdest_envelope_outcome(env)), l->column[OUTCOME]);
    assert_string_equal(lambdest_name(lambdest_envelope_cause(env)), l->column[CAUSE]);
    assert_false(lambdest_envelope_contradictory(env));
    if (lambdest_envelope_outcome(env) == LAMBDEST_FAILURE) {
        assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL), says);
        assert_string_equal(lambdest_envelope_text(env, LAMBDEST_FUNCTION_ERROR, NULL), "Unhandled");
        expect_error(env);
        return;
    }
    json = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
    if (!strcmp(says, "json"))
        support_expect_bytes(json, len, body, body_len);
    else
        assert_null(json);
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_DELIVERY_ERROR),
                     strcmp(says, "deliveryError") ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
}

/* The record that is written reads back as the same story. */
static void expect_reread(lambdest_envelope *env, const line *l)
{
    lambdest_envelope *again;
    char *record, *second;
    size_t len, second_len;

    assert_int_equal(lambdest_envelope_conclude(env, NULL, 1795438800000, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, 0, &record, &len, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_parse(record, len, NULL, &again, NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_name(lambdest_envelope_outcome(again)), l->column[OUTCOME]);
    assert_string_equal(lambdest_name(lambdest_envelope_cause(again)), l->column[CAUSE]);
    assert_int_equal(lambdest_envelope_write_alloc(again, 0, 0, &second, &second_len, NULL), LAMBDEST_OK);
    support_expect_bytes(second, second_len, record, len);
    lambdest_free(record);
    lambdest_free(second);
    lambdest_envelope_free(again);
}

static void replay_post(const line *l, const json_t *requests, size_t at, const lambdest_options *options)
{
    const json_t *request = json_array_get(requests, at);
    const char *path = json_string_value(json_object_get(request, "path")), *id;
    lambdest_header headers[MAX_HEADERS], trailers[MAX_HEADERS];
    lambdest_post post = {.size = sizeof post, .headers = headers, .trailers = trailers};
    lambdest_envelope *env = make_envelope(requests, at, options);
    size_t len, id_len;
    char *body = body_of(request, &len);
    int channel;

    post.header_count = headers_of(json_object_get(request, "rawHeaders"), headers);
    post.trailer_count = headers_of(json_object_get(request, "rawTrailers"), trailers);
    post.body = body;
    post.body_len = len;
    assert_int_equal(lambdest_runtime_path(path, strlen(path), &channel, &id, &id_len), LAMBDEST_OK);
    post.channel = (uint32_t)channel;
    assert_non_null(strstr(path, l->column[END]));
    if (id)
        support_expect_bytes(id, id_len, lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL), id_len);
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    expect(env, l, body, len);
    expect_reread(env, l);
    lambdest_envelope_free(env);
    free(body);
}

static void replay_end(const line *l, const json_t *requests, const lambdest_options *options)
{
    lambdest_envelope *env = make_envelope(requests, json_array_size(requests), options);
    bool by_signal = *l->column[END] == 's';
    int number = atoi(strchr(l->column[END], ' '));

    assert_int_equal(
        lambdest_runtime_fault(env, by_signal ? LAMBDEST_FAULT_SIGNAL : LAMBDEST_FAULT_EXIT, number, NULL),
        0);
    expect(env, l, NULL, 0);
    expect_reread(env, l);
    lambdest_envelope_free(env);
}

static size_t post_at(const json_t *requests, size_t from)
{
    for (; from < json_array_size(requests); from++)
        if (!strcmp(json_string_value(json_object_get(json_array_get(requests, from), "method")), "POST"))
            break;
    return from;
}

/* A case with two lines has two posts: the second line is for the second. */
static void every_capture(void **state)
{
    support_memory *m = *state;
    lambdest_options options = {.size = sizeof options, .alloc = &m->alloc};
    size_t len, posts = 0, ends = 0, from = 0;
    char *text = support_load(DIR "expectations.tsv", &len), *copy = malloc(len + 1), *at = copy;
    char last[64] = "";
    line l;

    assert_non_null(copy);
    memcpy(copy, text, len);
    copy[len] = '\0';
    while (next_line(&at, &l)) {
        json_t *capture = load(&l);
        const json_t *requests = json_object_get(capture, "requests");

        print_message("%s %s\n", l.column[RUNTIME], l.column[CASE]);
        from = post_at(requests, strcmp(last, l.column[CASE]) ? 0 : from + 1);
        snprintf(last, sizeof last, "%s", l.column[CASE]);
        if (from < json_array_size(requests)) {
            replay_post(&l, requests, from, &options);
            posts++;
        } else {
            assert_true(*l.column[END] == 'e' || *l.column[END] == 's');
            replay_end(&l, requests, &options);
            ends++;
        }
        json_decref(capture);
    }
    assert_int_equal(posts, 82);
    assert_int_equal(ends, 12);
    free(text);
    free(copy);
}

/* AWS rejects such an event before it reaches a runtime; so does intake. */
static void an_event_that_is_none(void **state)
{
    json_t *capture = json_load_file(FOLDER_ric "event_invalid_json.json", 0, NULL);
    json_t *answered = json_object_get(json_array_get(json_object_get(capture, "requests"), 0), "answered");
    const char *event = json_string_value(json_object_get(answered, "body"));
    lambdest_header headers[MAX_HEADERS];
    lambdest_envelope *env;
    lambdest_error err;
    size_t n;

    (void)state;
    assert_non_null(event);
    n = answered_headers(json_object_get(answered, "headers"), headers);
    assert_int_equal(lambdest_runtime_invocation(headers, n, event, strlen(event), NULL, &env, &err),
                     LAMBDEST_E_SYNTAX);
    support_expect_error(&err, LAMBDEST_E_SYNTAX, 1, "body");
    assert_null(env);
    json_decref(capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_capture, support_setup, support_teardown),
        cmocka_unit_test(an_event_that_is_none),
    };

    return cmocka_run_group_tests_name("captures", tests, NULL, NULL);
}
