#include "support_envelope.h"

#include "envelope/invocation_error.h"

#include <stdio.h>

/* ---- what runtimes send: facts, section 6 ---- */

typedef struct error_shape {
    const char *json;
    const char *type;
    const char *message;
    const char *frames[4];
} error_shape;

static const error_shape shapes[] = {
    /* Python 3.9 and later; 3.8 */
    {"{\"errorMessage\": \"division by zero\", \"errorType\": \"ZeroDivisionError\", \"requestId\": \"\", "
     "\"stackTrace\": [\"  File \\\"/var/task/app.py\\\", line 1, in handler\\n    1 / 0\\n\"]}",
     "ZeroDivisionError",
     "division by zero",
     {"  File \"/var/task/app.py\", line 1, in handler\n    1 / 0\n"}},
    {"{\"errorMessage\":\"'\\u00e9'\",\"errorType\":\"KeyError\",\"stackTrace\":[]}",
     "KeyError",
     "'\xC3\xA9'",
     {NULL}},
    /* Node.js: an Error, something else thrown, the fallback */
    {"{\"errorType\":\"TypeError\",\"errorMessage\":\"x is not a function\",\"trace\":[\"TypeError: x\",\"   "
     " at y\"]}",
     "TypeError",
     "x is not a function",
     {"TypeError: x", "    at y"}},
    {"{\"errorType\":\"string\",\"errorMessage\":\"oh\",\"trace\":[]}", "string", "oh", {NULL}},
    {"{\"errorType\":\"handled\",\"errorMessage\":\"callback called with Error argument\"}",
     "handled",
     "callback called with Error argument",
     {NULL}},
    /* Java: with a cause, and a loader's fault */
    {"{\"errorMessage\":\"outer\",\"errorType\":\"java.lang.RuntimeException\",\"stackTrace\":[\"a.B.c(B."
     "java:1)\"],"
     "\"cause\":{\"errorMessage\":\"inner\",\"errorType\":\"java.io.IOException\",\"stackTrace\":[\"x\","
     "\"y\"]}}",
     "java.lang.RuntimeException",
     "outer",
     {"a.B.c(B.java:1)"}},
    {"{\"errorMessage\":\"Class not found: "
     "x\",\"errorType\":\"java.lang.ClassNotFoundException\",\"stackTrace\":null}",
     "java.lang.ClassNotFoundException",
     "Class not found: x",
     {NULL}},
    /* Go: a returned error, a panic */
    {"{\"errorMessage\":\"no\",\"errorType\":\"errorString\"}", "errorString", "no", {NULL}},
    {"{\"errorMessage\":\"m\",\"errorType\":\"boundsError\",\"stackTrace\":"
     "[{\"path\":\"a/b.go\",\"line\":88,\"label\":\"pick\"}, { \"path\" : \"\\u00e9\" } ]}",
     "boundsError",
     "m",
     {"{\"path\":\"a/b.go\",\"line\":88,\"label\":\"pick\"}", "{ \"path\" : \"\\u00e9\" }"}},
    /* given twice: the last one counts; of a trace's names the first */
    {"{\"errorType\":\"a\",\"errorType\":\"b\",\"errorMessage\":\"m\"}", "b", "m", {NULL}},
    {"{\"errorMessage\":\"m\",\"errorMessage\":null,\"errorType\":\"t\"}", "t", NULL, {NULL}},
    {"{\"stackTrace\":[\"s\"],\"stackTrace\":[\"t\",\"u\"]}", NULL, NULL, {"t", "u"}},
    {"{\"stack\":[\"s\"],\"trace\":[\"t\",\"u\"],\"errorMessage\":\"m\"}", NULL, "m", {"t", "u"}},
    {"{\"trace\":[\"t\"],\"stack\":[\"s\",\"r\"],\"errorMessage\":\"m\"}", NULL, "m", {"t"}},
    {"{\"stackTrace\":[\"a\",\"b\"],\"stackTrace\":\"s\",\"errorType\":\"t\"}", "t", NULL, {"s"}},
    {"{\"stackTrace\":[\"a\\n\",\"b\"],\"errorMessage\":\"m\",\"errorType\":\"t\"}", "t", "m", {"a\n", "b"}},
    /* empty, alone, and among what is no text */
    {"{\"errorType\":\"\",\"errorMessage\":\"\",\"stackTrace\":[\"\",\"\"]}", "", "", {"", ""}},
    {"{\"x\":\"y\",\"stack\":\"one\\ttext\",\"errorType\":\"t\\b\\/\"}", "t\b/", NULL, {"one\ttext"}},
    {"{\"stackTrace\":[\"a\",7,\"b\"],\"errorType\":\"t\"}", "t", NULL, {"a", "7", "b"}},
    /* Ruby */
    {"{\"errorMessage\":\"m\",\"errorType\":\"Function<RuntimeError>\",\"stackTrace\":[\"/var/task/f.rb:2:in "
     "`h'\"]}",
     "Function<RuntimeError>",
     "m",
     {"/var/task/f.rb:2:in `h'"}},
    /* .NET */
    {"{\n  \"errorType\": \"AggregateException\",\n  \"errorMessage\": \"One\",\n  \"stackTrace\": [\n    "
     "\"at A\",\n"
     "    \"at B\"\n  ],\n  \"cause\":   {\n    \"errorType\": \"IOException\",\n    \"errorMessage\": "
     "\"full\",\n"
     "    \"stackTrace\": [\n      \"at C\"\n    ]\n  },\n  \"causes\": [\n    {\"errorType\": \"X\"}\n  "
     "]\n}\n",
     "AggregateException",
     "One",
     {"at A", "at B"}},
    {"{\"errorMessage\":\"too large\"}", NULL, "too large", {NULL}},
    /* Rust, C++ */
    {"{\"errorType\":\"&alloc::boxed::Box<dyn core::error::Error + "
     "core::marker::Send>\",\"errorMessage\":\"e\"}",
     "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send>",
     "e",
     {NULL}},
    {"{\"errorMessage\":\"m\",\"errorType\":\"t\",\"stackTrace\":[]}", "t", "m", {NULL}},
    /* the platform */
    {"{\"errorMessage\":\"2024-02-11T18:05:44.871Z id Task timed out after 3.00 seconds\"}",
     NULL,
     "2024-02-11T18:05:44.871Z id Task timed out after 3.00 seconds",
     {NULL}},
    /* a custom runtime may send anything */
    {"{}", NULL, NULL, {NULL}},
    {"null", NULL, NULL, {NULL}},
    {"\"boom\"", NULL, NULL, {NULL}},
    {"500", NULL, NULL, {NULL}},
    {"[\"errorType\",\"x\"]", NULL, NULL, {NULL}},
    {"{\"message\":\"m\",\"type\":\"t\",\"ErrorType\":\"x\"}", NULL, NULL, {NULL}},
    {"{\"errorType\":null,\"errorMessage\":7,\"stackTrace\":{}}", NULL, NULL, {NULL}},
    {"{\"errorType\":{\"errorType\":\"a\"},\"errorMessage\":[\"b\"],\"stackTrace\":false}",
     NULL,
     NULL,
     {NULL}},
    {"{\"errorType\":\"\",\"errorMessage\":\"\",\"stackTrace\":[\"\"]}", "", "", {""}},
    {"{\"error\\u0054ype\":\"t\",\"errorMess\\u0061ge\":\"m\",\"s\\u0074ackTrace\":[\"f\"]}",
     "t",
     "m",
     {"f"}},
    /* the last of several counts */
    {"{\"errorType\":\"a\",\"errorType\":\"b\",\"errorMessage\":\"c\",\"error\\u004dessage\":\"d\","
     "\"stackTrace\":[\"e\",\"f\"],\"stackTrace\":[\"g\"]}",
     "b",
     "d",
     {"g"}},
    {"{\"errorType\":\"a\",\"errorType\":1,\"errorMessage\":2,\"errorMessage\":\"b\"}", NULL, "b", {NULL}},
    /* traces under other names, in the order of rank, and frames of any type */
    {"{\"stack\":[\"s\"],\"trace\":[\"t\"]}", NULL, NULL, {"t"}},
    {"{\"stack\":[\"s\"],\"trace\":[\"t\"],\"stackTrace\":[\"x\",\"y\"]}", NULL, NULL, {"x", "y"}},
    {"{\"stackTrace\":null,\"trace\":{},\"stack\":[\"s\"]}", NULL, NULL, {"s"}},
    {"{\"stackTrace\":[],\"trace\":[\"t\"]}", NULL, NULL, {NULL}},
    {"{\"stack\":\"Error: x\\n    at y\"}", NULL, NULL, {"Error: x\n    at y"}},
    {"{\"stackTrace\":[1, null ,[ \"a\" ],true]}", NULL, NULL, {"1", "null", "[ \"a\" ]", "true"}},
    {"{\"stackTrace\":[0]}", NULL, NULL, {"0"}},
    {"{\"errorType\":\"\\ud83d\",\"errorMessage\":\"\\udc00x\",\"stackTrace\":[\"\\ud83d\\ud83d\\ude00\"]}",
     "\xEF\xBF\xBD",
     "\xEF\xBF\xBDx",
     {"\xEF\xBF\xBD\xF0\x9F\x98\x80"}},
};

static size_t count_frames(const error_shape *shape)
{
    size_t n = 0;

    while (n < COUNT_OF(shape->frames) && shape->frames[n])
        n++;
    return n;
}

static void expect_shape(const lambdest_envelope *env, const error_shape *shape)
{
    size_t i, len, count = count_frames(shape);

    support_expect_text(env, LAMBDEST_ERROR_TYPE, shape->type);
    support_expect_text(env, LAMBDEST_ERROR_MESSAGE, shape->message);
    assert_int_equal(lambdest_envelope_frame_count(env), count);
    for (i = 0; i < count; i++) {
        const char *frame = lambdest_envelope_frame(env, i, &len);

        support_expect_bytes(frame, len + 1, shape->frames[i], strlen(shape->frames[i]) + 1);
        assert_ptr_equal(lambdest_envelope_frame(env, i, NULL), frame);
    }
    assert_null(lambdest_envelope_frame(env, count, &len));
    assert_int_equal(len, 0);
    assert_null(lambdest_envelope_frame(env, SIZE_MAX, NULL));
}

/* An error reads the same however it came: in a record, in a document, named, set; borrowed or not. */
static void reads_what_runtimes_send(void **state)
{
    static const char *const around[][2] = {
        {"{\"responseContext\":{\"functionError\":\"Unhandled\"},\"responsePayload\":", "}"},
        {"{\"responsePayload\": ", ",\"responseContext\":{\"functionError\":\"\"}}"},
        {"{\"requestPayload\":1,\"responsePayload\":2,\"invocationError\":", "}"},
        {"{\"invocationError\":", " }"},
        {"{\"responseContext\":{\"functionError\":\"e\"},\"invocationError\":",
         ",\"responsePayload\":{\"errorMessage\":\"not this one\",\"stack\":[\"nor this\"],\"\\u0061\":1}}"}};
    size_t i, k;

    for (i = 0; i < COUNT_OF(shapes); i++) {
        for (k = 0; k < 2 * COUNT_OF(around); k++) {
            char text[1000];
            int len =
                snprintf(text, sizeof text, "%s%s%s", around[k / 2][0], shapes[i].json, around[k / 2][1]);
            lambdest_envelope *env = support_parse(*state, text, (size_t)len, k % 2 ? LAMBDEST_BORROW : 0);

            expect_shape(env, &shapes[i]);
            lambdest_envelope_free(env);
        }
        for (k = 0; k < 2; k++) {
            lambdest_envelope *env = support_new(*state, k ? LAMBDEST_BORROW : 0);

            support_set_json(env, LAMBDEST_INVOCATION_ERROR, shapes[i].json);
            expect_shape(env, &shapes[i]);
            lambdest_envelope_free(env);
        }
    }
}

/* Without a sign of failure a payload is no error, whatever it looks like. */
static void sees_no_error_in_an_answer(void **state)
{
    static const char *const texts[] = {
        "{\"responsePayload\":{\"errorType\":\"a\",\"errorMessage\":\"b\",\"stackTrace\":[\"c\"]}}",
        "{\"responsePayload\":{\"errorType\":\"a\"},\"responseContext\":{\"functionError\":null}}",
        "{\"responsePayload\":{\"errorType\":\"a\"},\"requestContext\":{\"condition\":\"RetriesExhausted\"}}",
        "{\"invocationResponse\":{\"body\":{\"errorType\":\"a\"}}}"};
    static const error_shape none = {NULL, NULL, NULL, {NULL}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(texts); i++) {
        lambdest_envelope *env = support_parse_text(texts[i]);

        expect_shape(env, &none);
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_INVOCATION_ERROR), LAMBDEST_ABSENT);
        lambdest_envelope_free(env);
    }
    assert_int_equal(lambdest_envelope_frame_count(NULL), 0);
    assert_null(lambdest_envelope_frame(NULL, 0, NULL));
}

/* The error appears and goes as the sign and the payload do. */
static void follows_its_members(void **state)
{
    static const error_shape error = {NULL, "a", "b", {"c"}}, other = {NULL, "x", NULL, {NULL}};
    static const error_shape none = {NULL, NULL, NULL, {NULL}};
    lambdest_envelope *env = support_new(*state, 0);

    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD,
                     "{\"errorType\":\"a\",\"errorMessage\":\"b\",\"stackTrace\":[\"c\"]}");
    expect_shape(env, &none);
    support_set_text(env, LAMBDEST_FUNCTION_ERROR, "Handled");
    expect_shape(env, &error);
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    expect_shape(env, &none);
    support_set_text(env, LAMBDEST_FUNCTION_ERROR, "Handled");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"x\"}");
    expect_shape(env, &other);
    support_set_state(env, LAMBDEST_INVOCATION_ERROR, LAMBDEST_ABSENT);
    expect_shape(env, &error);
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    expect_shape(env, &none);
    lambdest_envelope_free(env);
}

static void keeps_to_max_items(void **state)
{
    lambdest_options options = support_options(*state, 0);
    lambdest_envelope *env = NULL;

    options.max_items = 3;
    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"stackTrace\":[\"a\",\"b\",\"c\",\"d\"]}");
    assert_int_equal(lambdest_envelope_frame_count(env), 3);
    assert_string_equal(lambdest_envelope_frame(env, 2, NULL), "c");
    assert_null(lambdest_envelope_frame(env, 3, NULL));
    lambdest_envelope_free(env);
}

/* As many frames, and as long a message, as are decoded while they are checked, and one more. */
static void reads_few_texts_as_many(void **state)
{
    size_t frames, letters, i, len;

    (void)state;
    for (frames = LAMBDEST__ERROR_FRAMES - 1; frames < LAMBDEST__ERROR_FRAMES + 2; frames++)
        for (letters = LAMBDEST__ERROR_ROOM - 500; letters < LAMBDEST__ERROR_ROOM + 40; letters++) {
            char text[2500], message[LAMBDEST__ERROR_ROOM + 40], frame[20], *at = text;
            lambdest_envelope *env;

            memset(message, 'm', letters);
            message[letters] = '\0';
            at +=
                sprintf(at, "{\"responsePayload\":{\"errorMessage\":\"%s\\n\",\"trace\":[\"0\\n\"", message);
            for (i = 1; i < frames; i++)
                at += sprintf(at, ",\"%zu\\n\"", i);
            at += sprintf(at, "],\"errorType\":\"type\"},\"responseContext\":{\"functionError\":\"\"}}");
            env = support_parse_text(text);
            support_expect_text(env, LAMBDEST_ERROR_TYPE, "type");
            message[letters] = '\n';
            support_expect_bytes(lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len), letters + 1,
                                 message, letters + 1);
            assert_int_equal(len, letters + 1);
            assert_int_equal(lambdest_envelope_frame_count(env), frames);
            for (i = 0; i < frames; i++) {
                const char *found = lambdest_envelope_frame(env, i, &len);

                support_expect_bytes(found, len + 1, frame, (size_t)sprintf(frame, "%zu\n", i) + 1);
            }
            lambdest_envelope_free(env);
        }
}

/* Deep and wide traces cost no more than their text. */
static void reads_long_traces(void **state)
{
    enum {
        FRAMES = 9000
    };
    char *text = malloc(FRAMES * 40 + 100), *at = text;
    lambdest_envelope *env = support_new(*state, 0);
    size_t i, len;

    assert_non_null(text);
    at += sprintf(at, "{\"stackTrace\":[");
    for (i = 0; i < FRAMES; i++) {
        const char *comma = i ? "," : "";

        if (i % 2)
            at += sprintf(at, "%s{\"line\":%zu}", comma, i);
        else
            at += sprintf(at, "%s\"%zu\\u0000\"", comma, i);
    }
    at += sprintf(at, "]}");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, text);
    free(text);
    assert_int_equal(lambdest_envelope_frame_count(env), FRAMES);
    for (i = 0; i < FRAMES; i++) {
        char expected[40];
        const char *frame = lambdest_envelope_frame(env, i, &len);
        int n = i % 2 ? snprintf(expected, sizeof expected, "{\"line\":%zu}", i)
                      : snprintf(expected, sizeof expected, "%zu", i);

        support_expect_bytes(frame, len, expected, (size_t)n + (i % 2 ? 0 : 1));
    }
    lambdest_envelope_free(env);
}

/* Every beginning of a text, white space between all its tokens: it ends early, and nothing else is wrong. */
static void a_text_may_end_early_anywhere(void **state)
{
    static const char text[] =
        "{ \"errorType\" : \"a\" , \"stackTrace\" : [ \"b\" , { \"c\" : 1 } ] , \"x\" : [ ] , "
        "\"errorMessage\" : \"d\" }";
    lambdest_envelope *env = support_new(*state, 0);
    lambdest_error err;
    size_t len;

    for (len = 0; len < sizeof text - 1; len++) {
        char *cut = support_exact(text, len);

        assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, cut, len, &err),
                         LAMBDEST_E_SYNTAX);
        support_expect_error(&err, LAMBDEST_E_SYNTAX, len, "invocationError");
        free(cut);
    }
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, text);
    assert_int_equal(lambdest_envelope_frame_count(env), 2);
    lambdest_envelope_free(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_what_runtimes_send, support_setup, support_teardown),
        cmocka_unit_test(sees_no_error_in_an_answer),
        cmocka_unit_test_setup_teardown(follows_its_members, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(keeps_to_max_items, support_setup, support_teardown),
        cmocka_unit_test(reads_few_texts_as_many),
        cmocka_unit_test_setup_teardown(reads_long_traces, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_text_may_end_early_anywhere, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
