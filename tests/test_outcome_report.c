/* Paths, and what a runtime sends: the header value and the body of an error. */
#include "support.h"

#include <lambdest/runtime.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BASE "/2018-06-01/runtime/"

static void paths(void **state)
{
    static const struct {
        const char *path;
        int channel;
        const char *id;
    } cases[] = {
        {BASE "invocation/next", LAMBDEST_CHANNEL_NEXT, NULL},
        {BASE "init/error", LAMBDEST_CHANNEL_INIT_ERROR, NULL},
        {BASE "invocation/abc-1/response", LAMBDEST_CHANNEL_RESPONSE, "abc-1"},
        {BASE "invocation/abc-1/error", LAMBDEST_CHANNEL_ERROR, "abc-1"},
        {BASE "invocation/next/error", LAMBDEST_CHANNEL_ERROR, "next"},
        {BASE "invocation/a/response?x=/error", LAMBDEST_CHANNEL_RESPONSE, "a"},
        {BASE "invocation/next?", LAMBDEST_CHANNEL_NEXT, NULL},
        {BASE "invocation/next/", 0, NULL},
        {BASE "invocation/", 0, NULL},
        {BASE "invocation//response", 0, NULL},
        {BASE "invocation/a", 0, NULL},
        {BASE "invocation/a/", 0, NULL},
        {BASE "invocation/a/b/response", 0, NULL},
        {BASE "invocation/a/responses", 0, NULL},
        {BASE "invocation/a/Error", 0, NULL},
        {BASE "init/errors", 0, NULL},
        {BASE, 0, NULL},
        {"/2019-06-01/runtime/invocation/next", 0, NULL},
        {"2018-06-01/runtime/invocation/next", 0, NULL},
        {"?" BASE "invocation/next", 0, NULL},
        {BASE "abc/response", 0, NULL},
        {"init/error", 0, NULL},
        {"invocation/next", 0, NULL},
        {"invocation/a/response", 0, NULL},
        {"", 0, NULL},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        char *path = support_exact(cases[i].path, strlen(cases[i].path));
        const char *id = "x";
        size_t id_len = 9;
        int channel = 9;
        int rc = lambdest_runtime_path(path, strlen(cases[i].path), &channel, &id, &id_len);

        assert_int_equal(rc, cases[i].channel ? LAMBDEST_OK : LAMBDEST_E_ABSENT);
        assert_int_equal(channel, cases[i].channel);
        assert_int_equal(id_len, cases[i].id ? strlen(cases[i].id) : 0);
        if (cases[i].id)
            assert_memory_equal(id, cases[i].id, id_len);
        else
            assert_null(id);
        free(path);
    }
}

static void path_arguments(void **state)
{
    const char *id = "x";
    size_t len = 1;
    int channel = 1;

    (void)state;
    assert_int_equal(lambdest_runtime_path(NULL, 1, &channel, &id, &len), LAMBDEST_E_INVAL);
    assert_int_equal(channel, 0);
    assert_null(id);
    assert_int_equal(len, 0);
    assert_int_equal(lambdest_runtime_path("/", 1, NULL, &id, &len), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_path("/", 1, &channel, NULL, &len), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_path("/", 1, &channel, &id, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_path(NULL, 0, &channel, &id, &len), LAMBDEST_E_ABSENT);
}

static lambdest_envelope *make(void **state)
{
    lambdest_options options = {.size = sizeof options};
    lambdest_envelope *env;

    options.alloc = &((support_memory *)*state)->alloc;
    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    return env;
}

static void set_error(lambdest_envelope *env, const char *type, const char *message, size_t len)
{
    assert_int_equal(
        lambdest_envelope_set_error(env, type, type ? strlen(type) : 0, message, len, NULL, 0, NULL),
        LAMBDEST_OK);
}

static void type_is(void **state, const char *type, const char *expected)
{
    lambdest_envelope *env = make(state);
    char buf[300];
    size_t need = 77, len = strlen(expected);

    set_error(env, type, "m", 1);
    assert_int_equal(lambdest_runtime_error_type(env, NULL, 0, &need), LAMBDEST_E_NOSPC);
    assert_int_equal(need, len);
    buf[0] = '#';
    assert_int_equal(lambdest_runtime_error_type(env, buf, len, &need), LAMBDEST_E_NOSPC);
    assert_int_equal(need, len);
    assert_int_equal(buf[0], '#');
    assert_int_equal(lambdest_runtime_error_type(env, buf, len + 1, &need), LAMBDEST_OK);
    assert_int_equal(need, len);
    assert_string_equal(buf, expected);
    lambdest_envelope_free(env);
}

static void error_types(void **state)
{
    char long_type[400], cut[256];

    type_is(state, "OrderRejected", "OrderRejected");
    type_is(state, "Function<RuntimeError>", "Function<RuntimeError>");
    type_is(state, "a b\tc\r\nd\x7F", "a?b?c??d?");
    type_is(state, "!~", "!~");
    type_is(state, "caf\xC3\xA9 \xE2\x98\x83\xF0\x9F\x98\x80", "caf????");
    memset(long_type, 'x', sizeof long_type);
    long_type[399] = '\0';
    memset(cut, 'x', sizeof cut);
    cut[255] = '\0';
    type_is(state, long_type, cut);
    memcpy(long_type + 253, "\xC3\xA9\xC3\xA9\xC3\xA9", 7);
    memcpy(cut + 253, "??", 2);
    type_is(state, long_type, cut);
}

static void no_error_type(void **state)
{
    lambdest_envelope *env = make(state);
    size_t need = 5;
    char buf[4];

    assert_int_equal(lambdest_runtime_error_type(env, buf, 4, &need), LAMBDEST_E_ABSENT);
    assert_int_equal(need, 0);
    assert_int_equal(lambdest_runtime_error_body(env, 0, buf, 4, &need), LAMBDEST_E_ABSENT);
    set_error(env, NULL, "m", 1);
    assert_int_equal(lambdest_runtime_error_type(env, buf, 4, &need), LAMBDEST_E_ABSENT);
    set_error(env, "", "m", 1);
    assert_int_equal(lambdest_runtime_error_type(env, buf, 4, &need), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_runtime_error_type(NULL, buf, 4, &need), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_error_type(env, buf, 4, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_error_type(env, NULL, 4, &need), LAMBDEST_E_INVAL);
    need = 5;
    assert_int_equal(lambdest_runtime_error_body(NULL, 0, buf, 4, &need), LAMBDEST_E_INVAL);
    assert_int_equal(need, 0);
    assert_int_equal(lambdest_runtime_error_body(env, 0, buf, 4, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_error_body(env, 0, NULL, 4, &need), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_error_body(env, 4095, buf, 4, &need), LAMBDEST_E_INVAL);
    lambdest_envelope_free(env);
}

/* Up to the limit: the bytes of the error, whoever wrote them. */
static void whole_bodies(void **state)
{
    static const char own[] = "{ \"errorType\" : \"caf\xC3\xA9\" }";
    lambdest_envelope *env = make(state);
    char buf[200], exact[4097];
    size_t need;

    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, own, sizeof own - 1, NULL),
                     0);
    assert_int_equal(lambdest_runtime_error_body(env, 0, buf, sizeof own - 1, &need), LAMBDEST_E_NOSPC);
    assert_int_equal(need, sizeof own - 1);
    assert_int_equal(lambdest_runtime_error_body(env, 0, buf, sizeof own, &need), LAMBDEST_OK);
    assert_string_equal(buf, own);
    memset(exact, 'x', sizeof exact);
    exact[0] = exact[sizeof exact - 2] = '"';
    exact[sizeof exact - 1] = '\0';
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, exact, 4096, NULL), 0);
    assert_int_equal(lambdest_runtime_error_body(env, 4096, NULL, 0, &need), LAMBDEST_E_NOSPC);
    assert_int_equal(need, 4096);
    set_error(env, "T\"1\"", "caf\xC3\xA9\n\x01", 7);
    assert_int_equal(lambdest_runtime_error_body(env, 4096, buf, sizeof buf, &need), LAMBDEST_OK);
    assert_string_equal(buf, "{\"errorMessage\":\"caf\xC3\xA9\\n\\u0001\",\"errorType\":\"T\\\"1\\\"\","
                             "\"stackTrace\":[]}");
    assert_int_equal(need, strlen(buf));
    lambdest_envelope_free(env);
}

/* Over it: never longer than the limit, never less than it by more than one character, always JSON, and the
 * message is the beginning of the one that was. */
static void cut_bodies(void **state)
{
    static const char *const characters[] = {"x",   "\"", "\xC3\xA9", "\xE2\x98\x83", "\xF0\x9F\x98\x80",
                                             "\x01"};
    static const size_t costs[] = {1, 2, 2, 3, 4, 6};
    enum {
        MANY = 6000
    };
    static const char frame[] = "{\"errorMessage\":\"\",\"errorType\":\"Type\",\"stackTrace\":[]}";
    char *message = malloc(MANY * 4), *body = malloc(5000);
    size_t i, k, max, need;

    assert_non_null(message);
    assert_non_null(body);
    for (i = 0; i < COUNT(costs); i++)
        for (max = 4096; max < 4110; max++) {
            lambdest_envelope *env = make(state);
            size_t width = strlen(characters[i]);

            for (k = 0; k < MANY; k++)
                memcpy(message + k * width, characters[i], width);
            set_error(env, "Type", message, MANY * width);
            assert_int_equal(lambdest_runtime_error_body(env, max, body, 5000, &need), LAMBDEST_OK);
            assert_true(need <= max && need + costs[i] > max);
            assert_int_equal(support_jansson(body, need), SUPPORT_VALID);
            assert_non_null(strstr(body, "\",\"errorType\":\"Type\",\"stackTrace\":[]}"));
            assert_int_equal((need - strlen(frame)) % costs[i], 0);
            assert_int_equal(lambdest_runtime_error_body(env, max, body, need, &need), LAMBDEST_E_NOSPC);
            lambdest_envelope_free(env);
        }
    free(message);
    free(body);
}

/* A type can be the long one, and an error need not be an object at all. */
static void odd_long_errors(void **state)
{
    enum {
        LONG = 300000
    };
    char *text = malloc(LONG), *body = malloc(LONG);
    lambdest_envelope *env = make(state);
    size_t need;

    assert_non_null(text);
    assert_non_null(body);
    memset(text, 1, LONG - 1);
    text[LONG - 1] = '\0';
    set_error(env, text, "m", 1);
    assert_int_equal(lambdest_runtime_error_body(env, 4096, body, LONG, &need), LAMBDEST_OK);
    assert_int_equal(need, strlen("{\"errorMessage\":\"m\",\"errorType\":\"\",\"stackTrace\":[]}") + 255 * 6);
    memset(text, 'y', LONG - 1);
    text[0] = text[LONG - 2] = '"';
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, text, LONG - 1, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_runtime_error_body(env, 0, body, LONG, &need), LAMBDEST_OK);
    assert_string_equal(body, "{\"errorMessage\":\"\",\"stackTrace\":[]}");
    lambdest_envelope_free(env);
    free(text);
    free(body);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        TEST(paths),        TEST(path_arguments), TEST(error_types),     TEST(no_error_type),
        TEST(whole_bodies), TEST(cut_bodies),     TEST(odd_long_errors),
    };

    return cmocka_run_group_tests_name("outcome/report", tests, NULL, NULL);
}
