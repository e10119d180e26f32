/* Posts: the channel decides; bodies of every kind; trailers; nothing of an earlier post is left. */
#include "support_envelope.h"

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define H(name, value)                                                                                       \
    {                                                                                                        \
        name, sizeof(name) - 1, value, sizeof(value) - 1                                                     \
    }
#define TYPE "Lambda-Runtime-Function-Error-Type"
#define BODY "Lambda-Runtime-Function-Error-Body"
#define TEXT(s) s, sizeof(s) - 1

static const char head[] = "{\"version\":\"1.0\",\"requestContext\":{\"functionArn\":"
                           "\"arn:aws:lambda:us-east-1:123456789012:function:demo:$LATEST\"},";

static lambdest_envelope *make_with(lambdest_options options, support_memory *m)
{
    static const char arn[] = "arn:aws:lambda:us-east-1:123456789012:function:demo";
    lambdest_envelope *env;

    options.size = sizeof options;
    options.alloc = &m->alloc;
    if (lambdest_envelope_new(&options, &env, NULL))
        return NULL;
    if (lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, TEXT(arn), NULL)) {
        lambdest_envelope_free(env);
        return NULL;
    }
    return env;
}

static lambdest_envelope *make(void **state)
{
    lambdest_options options = {0};

    return make_with(options, *state);
}

static void is_record(const lambdest_envelope *env, const char *rest)
{
    static char record[8192], wanted[8192];
    size_t len;
    int n = snprintf(wanted, sizeof wanted, "%s%s", head, rest);

    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_RECORD, 0, record, sizeof record, &len, NULL), 0);
    support_expect_bytes(record, len, wanted, (size_t)n);
}

#define SUCCESS(rest) "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\"}" rest "}"
#define FAILURE(payload)                                                                                     \
    "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":"             \
    "\"Unhandled\"},"                                                                                        \
    "\"responsePayload\":" payload "}"
#define DELIVERY_ERROR                                                                                       \
    ",\"deliveryError\":{\"statusCode\":400,\"errorCode\":\"InvalidRequestContentException\","               \
    "\"errorMessage\":\"The function response payload could not be parsed as JSON.\"}"
#define WORDED(type, message) FAILURE("{\"errorType\":\"" type "\",\"errorMessage\":\"" message "\"}")
#define NO_JSON "The runtime reported an error whose body could not be parsed as JSON."
#define NO_BODY "The runtime reported an error without a body."

typedef struct one {
    uint32_t channel;
    uint32_t policy;
    const char *body;
    size_t len;
    const char *header;
    const char *rest;
} one;

#define RESPONSE LAMBDEST_CHANNEL_RESPONSE
#define ERROR LAMBDEST_CHANNEL_ERROR
#define INIT LAMBDEST_CHANNEL_INIT_ERROR
#define PAYLOAD(text) SUCCESS(",\"responsePayload\":" text)
#define STRING LAMBDEST_BODY_AS_STRING
#define BASE64 LAMBDEST_BODY_AS_BASE64

static const one posts[] = {
    /* returned: whatever it looks like */
    {RESPONSE, 0, TEXT("{\"errorType\":\"Error\",\"errorMessage\":\"m\"}"), NULL,
     PAYLOAD("{\"errorType\":\"Error\",\"errorMessage\":\"m\"}")},
    {RESPONSE, 0, TEXT("{\"statusCode\":500}"), NULL, PAYLOAD("{\"statusCode\":500}")},
    {RESPONSE, 0, TEXT("null"), NULL, PAYLOAD("null")},
    {RESPONSE, 0, TEXT(" \"\\ud83d\" \n"), NULL, PAYLOAD(" \"\\ud83d\" \n")},
    {RESPONSE, LAMBDEST_BODY_REFUSE, TEXT("{\"a\":1e400,\"a\":-0}"), NULL, PAYLOAD("{\"a\":1e400,\"a\":-0}")},
    {RESPONSE, 0, TEXT("{}"), "Some.Type", PAYLOAD("{}")},
    /* returned, not JSON */
    {RESPONSE, 0, TEXT(""), NULL, SUCCESS("")},
    {RESPONSE, LAMBDEST_BODY_AS_AWS, TEXT("plain"), NULL, SUCCESS(DELIVERY_ERROR)},
    {RESPONSE, 0, TEXT("\xFF\0\1\xFE"), NULL, SUCCESS(DELIVERY_ERROR)},
    {RESPONSE, 0, TEXT(" "), NULL, SUCCESS(DELIVERY_ERROR)},
    {RESPONSE, 0, TEXT("{}x"), NULL, SUCCESS(DELIVERY_ERROR)},
    {RESPONSE, STRING, TEXT(""), NULL, PAYLOAD("\"\"")},
    {RESPONSE, STRING, TEXT("say \"hi\"\n\\\0\x1F caf\xC3\xA9"), NULL,
     PAYLOAD("\"say \\\"hi\\\"\\n\\\\\\u0000\\u001f caf\xC3\xA9\"")},
    {RESPONSE, STRING, TEXT("a\xFF\xC3z\xE2\x98"), NULL,
     PAYLOAD("\"a\xEF\xBF\xBD\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\"")},
    {RESPONSE, STRING, TEXT("{\"json\":1}"), NULL, PAYLOAD("{\"json\":1}")},
    {RESPONSE, BASE64, TEXT("\xFF\0\1\xFE"), NULL, PAYLOAD("\"/wAB/g==\"")},
    {RESPONSE, BASE64, TEXT(""), NULL, PAYLOAD("\"\"")},
    /* failed: the runtime's own bytes */
    {ERROR, 0, TEXT("{\"errorMessage\":\"m\", \"errorType\":\"T\",\"stackTrace\":[]}"), NULL,
     FAILURE("{\"errorMessage\":\"m\", \"errorType\":\"T\",\"stackTrace\":[]}")},
    {ERROR, 0, TEXT("{\"errorType\":\"Own\",\"errorMessage\":\"m\"}"), "Header.Type",
     FAILURE("{\"errorType\":\"Own\",\"errorMessage\":\"m\"}")},
    {ERROR, 0, TEXT("{\"errorType\":\"\"}"), "Header.Type", FAILURE("{\"errorType\":\"\"}")},
    {INIT, 0, TEXT("{\"errorType\":\"Runtime.ImportModuleError\"}"), "Runtime.ImportModuleError",
     FAILURE("{\"errorType\":\"Runtime.ImportModuleError\"}")},
    {ERROR, 0, TEXT("null"), NULL, FAILURE("null")},
    {ERROR, 0, TEXT("\"text\""), "T", FAILURE("\"text\"")},
    {ERROR, 0, TEXT("{\"ok\":true}"), NULL, FAILURE("{\"ok\":true}")},
    /* failed: the header's type where the object has none */
    {ERROR, 0, TEXT(" {\"errorMessage\":\"m\" } "), "My.Type \"q\"",
     FAILURE("{\"errorMessage\":\"m\" ,\"errorType\":\"My.Type \\\"q\\\"\"}")},
    {ERROR, 0, TEXT("{ \t\n\r}"), "T", FAILURE("{ \t\n\r\"errorType\":\"T\"}")},
    {ERROR, 0, TEXT("{\"errorType\":null}"), "T", FAILURE("{\"errorType\":null}")},
    {ERROR, 0, TEXT("{}"), "caf\xE9 \xC3\xA9", FAILURE("{\"errorType\":\"caf\xEF\xBF\xBD \xC3\xA9\"}")},
    /* failed, not JSON */
    {ERROR, 0, TEXT(""), "caf\xE9", WORDED("caf\xEF\xBF\xBD", NO_BODY)},
    {ERROR, 0, TEXT("not json at all"), NULL, WORDED("Function.Unknown", NO_JSON)},
    {ERROR, 0, TEXT("\xFF"), "My.Type", WORDED("My.Type", NO_JSON)},
    {ERROR, 0, TEXT(""), NULL, WORDED("Function.Unknown", NO_BODY)},
    {INIT, 0, TEXT(""), "Runtime.X", WORDED("Runtime.X", NO_BODY)},
    {ERROR, STRING, TEXT("not json"), "T", FAILURE("\"not json\"")},
    {ERROR, STRING, TEXT(""), NULL, FAILURE("\"\"")},
    {ERROR, BASE64, TEXT("not json"), NULL, FAILURE("\"bm90IGpzb24=\"")},
};

static lambdest_post post_of(const one *o, lambdest_header *header)
{
    lambdest_post post = {.size = sizeof post, .channel = o->channel, .body_policy = o->policy};

    post.body = o->len ? o->body : NULL;
    post.body_len = o->len;
    if (o->header) {
        header->name = TYPE;
        header->name_len = sizeof TYPE - 1;
        header->value = o->header;
        header->value_len = strlen(o->header);
        post.headers = header;
        post.header_count = 1;
    }
    return post;
}

static void each_post(void **state)
{
    lambdest_envelope *reused = make(state);
    size_t i;

    for (i = 0; i < COUNT(posts); i++) {
        lambdest_envelope *env = make(state);
        lambdest_header header;
        lambdest_post post = post_of(&posts[i], &header);
        lambdest_error err;

        assert_int_equal(lambdest_runtime_post(env, &post, &err), LAMBDEST_OK);
        support_expect_ok(&err);
        is_record(env, posts[i].rest);
        assert_int_equal(lambdest_envelope_outcome(env),
                         posts[i].channel == RESPONSE ? LAMBDEST_SUCCESS : LAMBDEST_FAILURE);
        assert_int_equal(lambdest_envelope_conclude(reused, NULL, 0, NULL),
                         i ? LAMBDEST_OK : LAMBDEST_E_INVAL);
        assert_int_equal(lambdest_runtime_post(reused, &post, NULL), LAMBDEST_OK);
        is_record(reused, posts[i].rest);
        lambdest_envelope_free(env);
    }
    lambdest_envelope_free(reused);
}

static void causes(void **state)
{
    lambdest_envelope *env = make(state);
    lambdest_post post = {.size = sizeof post, .channel = INIT};

    post.body = "{\"errorType\":\"Runtime.ImportModuleError\"}";
    post.body_len = strlen(post.body);
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_INIT_FAILED);
    post.body_len = 0;
    post.channel = ERROR;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_RAISED);
    post.channel = RESPONSE;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_RETURNED);
    lambdest_envelope_free(env);
}

/* ---- trailers ---- */

typedef struct stream {
    const char *type;
    const char *error; /* base64 */
    uint32_t policy;
    uint32_t flags;
    const char *rest;
} stream;

/* "part1," came before each of them. */
static const stream streams[] = {
    {NULL, NULL, 0, 0, SUCCESS(DELIVERY_ERROR)},
    {"", " ", 0, 0, SUCCESS(DELIVERY_ERROR)},
    {"RangeError", "eyJlcnJvclR5cGUiOiJSYW5nZUVycm9yIiwiZXJyb3JNZXNzYWdlIjoiY2Fmw6kifQ==", 0, 0,
     FAILURE("{\"errorType\":\"RangeError\",\"errorMessage\":\"caf\xC3\xA9\"}")},
    {"Header.Type", "eyJlcnJvclR5cGUiOiJPd24ifQ==", 0, 0, FAILURE("{\"errorType\":\"Own\"}")},
    {"Header.Type", "e30=", 0, 0, FAILURE("{\"errorType\":\"Header.Type\"}")},
    {"Caf\xE9.Closed", "e30=", 0, 0, FAILURE("{\"errorType\":\"Caf\xEF\xBF\xBD.Closed\"}")},
    {NULL, "e30=", 0, 0, FAILURE("{}")},
    {"Header.Type", NULL, 0, 0, WORDED("Header.Type", NO_BODY)},
    {"Header.Type", "bm90IGpzb24=", 0, 0, WORDED("Header.Type", NO_JSON)},
    {"Header.Type", "bm90IGpzb24=", STRING, 0, FAILURE("\"not json\"")},
    {"RangeError", "e30=", 0, LAMBDEST_POST_TRAILERS_AS_AWS, SUCCESS("")},
    {"RangeError", "***", 0, LAMBDEST_POST_TRAILERS_AS_AWS, SUCCESS("")},
    {NULL, NULL, 0, LAMBDEST_POST_TRAILERS_AS_AWS, SUCCESS(DELIVERY_ERROR)},
};

static size_t trailers_of(const stream *s, lambdest_header trailers[2])
{
    size_t n = 0;

    if (s->type) {
        trailers[n].name = "lambda-runtime-function-error-type";
        trailers[n].value = s->type;
        n++;
    }
    if (s->error) {
        trailers[n].name = BODY;
        trailers[n].value = s->error;
        n++;
    }
    trailers[0].name_len = trailers[1].name_len = sizeof BODY - 1;
    trailers[0].value_len = n > 0 ? strlen(trailers[0].value) : 0;
    trailers[1].value_len = n > 1 ? strlen(trailers[1].value) : 0;
    return n;
}

static void each_stream(void **state)
{
    static const lambdest_header headers[] = {H("Lambda-Runtime-Function-Response-Mode", "streaming"),
                                              H("Trailer", TYPE), H("Trailer", BODY)};
    lambdest_envelope *env = make(state);
    size_t i;

    for (i = 0; i < COUNT(streams); i++) {
        lambdest_header trailers[2];
        lambdest_post post = {.size = sizeof post,
                              .channel = RESPONSE,
                              .body = "part1,",
                              .body_len = 6,
                              .headers = headers,
                              .header_count = 3,
                              .trailers = trailers};

        post.trailer_count = trailers_of(&streams[i], trailers);
        post.body_policy = streams[i].policy;
        post.flags = streams[i].flags;
        assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
        is_record(env, streams[i].rest);
        assert_int_equal(lambdest_envelope_outcome(env),
                         strstr(streams[i].rest, "functionError") ? LAMBDEST_FAILURE : LAMBDEST_SUCCESS);
    }
    lambdest_envelope_free(env);
}

/* ---- what is refused, with all as it was ---- */

static void refuse(lambdest_envelope *env, const lambdest_post *post, int code, uint64_t offset,
                   const char *where)
{
    char before[2048], after[2048];
    size_t before_len, after_len;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_write(env, 0, 0, before, sizeof before, &before_len, NULL), 0);
    assert_int_equal(lambdest_runtime_post(env, post, NULL), code);
    assert_int_equal(lambdest_runtime_post(env, post, &err), code);
    support_expect_error(&err, code, offset, where);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, after, sizeof after, &after_len, NULL), 0);
    support_expect_bytes(after, after_len, before, before_len);
}

static lambdest_envelope *make_small(void **state)
{
    lambdest_options options = {.max_depth = 3, .max_bytes = 100};
    lambdest_envelope *env = make_with(options, *state);
    lambdest_post post = {
        .size = sizeof post, .channel = ERROR, .body = "{\"errorType\":\"Before\"}", .body_len = 22};

    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    return env;
}

static void bad_bodies(void **state)
{
    static const char deep[] = "[[[[1]]]]";
    char big[101];
    lambdest_envelope *env = make_small(state);
    lambdest_post post = {.size = sizeof post};
    uint32_t channel, policy;

    memset(big, ' ', sizeof big);
    for (channel = RESPONSE; channel <= INIT; channel++) {
        post.channel = channel;
        for (policy = 0; policy <= LAMBDEST_BODY_REFUSE;
             policy = policy ? policy + 1 : LAMBDEST_BODY_AS_AWS) {
            post.body_policy = policy;
            post.body = deep;
            post.body_len = sizeof deep - 1;
            refuse(env, &post, LAMBDEST_E_DEPTH, 3, "body");
            post.body = big;
            post.body_len = sizeof big;
            refuse(env, &post, LAMBDEST_E_TOO_BIG, 100, "body");
        }
        post.body = "{\"a\" 1}";
        post.body_len = 7;
        refuse(env, &post, LAMBDEST_E_SYNTAX, 5, "body");
        post.body_len = 0;
        refuse(env, &post, LAMBDEST_E_SYNTAX, 0, "body");
        post.body = "\"a\xED\xA0\x80\"";
        post.body_len = 6;
        refuse(env, &post, LAMBDEST_E_UTF8, 2, "body");
    }
    lambdest_envelope_free(env);
}

static void bad_trailers(void **state)
{
    lambdest_envelope *env = make_small(state);
    lambdest_header trailers[] = {H(BODY, "e30"), H(TYPE, "a")};
    lambdest_post post = {.size = sizeof post,
                          .channel = RESPONSE,
                          .body = "{}",
                          .body_len = 2,
                          .trailers = trailers,
                          .trailer_count = 1};

    refuse(env, &post, LAMBDEST_E_SCHEMA, 3, BODY);
    trailers[0].value = "e30=e30=";
    trailers[0].value_len = 8;
    refuse(env, &post, LAMBDEST_E_SCHEMA, 4, BODY);
    trailers[0].value = "e30\xFF";
    trailers[0].value_len = 4;
    refuse(env, &post, LAMBDEST_E_SCHEMA, 3, BODY);
    trailers[0].value = "W1tbWzFdXV1d"; /* [[[[1]]]] */
    trailers[0].value_len = 12;
    refuse(env, &post, LAMBDEST_E_DEPTH, 3, BODY);
    trailers[0].value = "bm90";
    trailers[0].value_len = 4;
    post.body_policy = LAMBDEST_BODY_REFUSE;
    refuse(env, &post, LAMBDEST_E_SYNTAX, 1, BODY);
    trailers[0].name = TYPE;
    trailers[0].value = "b";
    trailers[0].value_len = 1;
    post.trailer_count = 2;
    refuse(env, &post, LAMBDEST_E_SCHEMA, 0, TYPE);
    trailers[0].value = "\x01";
    refuse(env, &post, LAMBDEST_E_SCHEMA, 0, TYPE);
    post.trailers = NULL;
    refuse(env, &post, LAMBDEST_E_INVAL, 0, "post.trailers");
    post.trailer_count = 0;
    post.channel = ERROR;
    trailers[0].value = "\x7F";
    post.headers = trailers;
    post.header_count = 1;
    refuse(env, &post, LAMBDEST_E_SCHEMA, 0, TYPE);
    lambdest_envelope_free(env);
}

static void bad_arguments(void **state)
{
    lambdest_envelope *env = make_small(state), *batch;
    const lambdest_post good = {.size = sizeof good, .channel = RESPONSE, .body = "{}", .body_len = 2};
    struct {
        lambdest_post post;
        uint64_t later;
    } longer = {good, 0};
    lambdest_post post;
    lambdest_error err;

#define BAD(member, value, where)                                                                            \
    post = good;                                                                                             \
    post.member = (value);                                                                                   \
    refuse(env, &post, LAMBDEST_E_INVAL, 0, where)
    BAD(size, sizeof post - 1, "post.size");
    BAD(channel, 0, "post.channel");
    BAD(channel, LAMBDEST_CHANNEL_NEXT, "post.channel");
    BAD(channel, LAMBDEST_CHANNEL_INIT_ERROR + 1, "post.channel");
    BAD(body_policy, 1, "post.body_policy");
    BAD(body_policy, LAMBDEST_BODY_REFUSE + 1, "post.body_policy");
    BAD(flags, 2, "post.flags");
    BAD(body, NULL, "post.body");
    BAD(header_count, 1, "post.headers");
    BAD(trailer_count, 1, "post.trailers");
#undef BAD
    assert_int_equal(lambdest_runtime_post(NULL, &good, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_runtime_post(env, NULL, &err), LAMBDEST_E_INVAL);
    longer.post.size = sizeof longer;
    assert_int_equal(lambdest_runtime_post(env, &longer.post, &err), LAMBDEST_OK);
    longer.later = 1;
    assert_int_equal(lambdest_runtime_post(env, &longer.post, &err), LAMBDEST_E_INVAL);
    lambdest_envelope_free(env);
    batch = make(state);
    assert_int_equal(lambdest_envelope_set_json(batch, LAMBDEST_KINESIS_BATCH_INFO, "{}", 2, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_runtime_post(batch, &good, &err), LAMBDEST_E_INVAL);
    lambdest_envelope_free(batch);
}

/* Nothing of a post need live longer than the call, unless the envelope borrows. */
static void copying(void **state)
{
    lambdest_envelope *env = make(state);
    char type[] = "Header.Type", body[] = "{ }";
    lambdest_header header = {TYPE, sizeof TYPE - 1, type, sizeof type - 1};
    lambdest_post post = {.size = sizeof post,
                          .channel = ERROR,
                          .body = body,
                          .body_len = 3,
                          .headers = &header,
                          .header_count = 1};

    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    memset(body, '#', sizeof body);
    memset(type, '#', sizeof type);
    is_record(env, FAILURE("{ \"errorType\":\"Header.Type\"}"));
    memcpy(body, "[1]", 3);
    post.channel = RESPONSE;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    memset(body, '#', sizeof body);
    is_record(env, SUCCESS(",\"responsePayload\":[1]"));
    lambdest_envelope_free(env);
}

/* A body of the greatest size, and one of nothing but what takes most in a string. */
static void long_bodies(void **state)
{
    lambdest_envelope *env = make_small(state);
    lambdest_post post = {.size = sizeof post, .channel = RESPONSE, .body_policy = STRING};
    char body[100], *expected;
    const char *json;
    size_t i, len;

    memset(body, ' ', sizeof body);
    body[99] = '0';
    post.body = body;
    post.body_len = sizeof body;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    memset(body, 1, sizeof body);
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    json = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
    assert_int_equal(len, 602);
    expected = malloc(603);
    assert_non_null(expected);
    for (i = 0; i < 100; i++)
        memcpy(expected + 1 + 6 * i, "\\u0001", 6);
    expected[0] = expected[601] = '"';
    assert_memory_equal(json, expected, 602);
    free(expected);
    lambdest_envelope_free(env);
}

/* A stream's error bytes lived only as long as the call, whatever the envelope borrows. */
static void borrowing(void **state)
{
    lambdest_options options = {.flags = LAMBDEST_BORROW};
    lambdest_envelope *env = make_with(options, *state);
    static const lambdest_header trailer = H(BODY, "eyJlcnJvclR5cGUiOiJPd24ifQ==");
    static const char body[] = "[1]";
    lambdest_post post = {.size = sizeof post, .channel = RESPONSE, .body = body, .body_len = 3};
    size_t len;

    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len), body);
    post.trailers = &trailer;
    post.trailer_count = 1;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL), "Own");
    is_record(env, FAILURE("{\"errorType\":\"Own\"}"));
    lambdest_envelope_free(env);
}

/* A parsed document that is posted to anew says what the post says. */
static void over_a_document(void **state)
{
    static const char document[] =
        "{\"version\":\"1.0\",\"invocationId\":\"i\",\"invocationRequest\":{\"event\":1},"
        "\"invocationResponse\":{\"status\":200,\"body\":2}}";
    lambdest_options options = {.size = sizeof options};
    lambdest_post post = {
        .size = sizeof post, .channel = ERROR, .body = "{\"errorType\":\"T\"}", .body_len = 17};
    lambdest_envelope *env;

    options.alloc = &((support_memory *)*state)->alloc;
    assert_int_equal(lambdest_envelope_parse(TEXT(document), &options, &env, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_SUCCESS);
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_FAILURE);
    assert_false(lambdest_envelope_contradictory(env));
    post.channel = RESPONSE;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_SUCCESS);
    assert_false(lambdest_envelope_contradictory(env));
    lambdest_envelope_free(env);
}

typedef struct attempt {
    const one *o;
    const stream *s;
} attempt;

/* The first post is one to be left standing. */
static int try_post(support_memory *m, void *arg)
{
    const attempt *a = arg;
    lambdest_options options = {0};
    lambdest_envelope *env = make_with(options, m);
    lambdest_header h[2];
    lambdest_post first = {
        .size = sizeof first, .channel = ERROR, .body = "{\"errorType\":\"Before\"}", .body_len = 22};
    lambdest_post second = a->o ? post_of(a->o, h) : first;
    lambdest_error err;
    int rc;

    if (!env)
        return LAMBDEST_E_NOMEM;
    rc = support_fill(m, env);
    if (!rc)
        rc = lambdest_runtime_post(env, &first, NULL);
    if (!rc) {
        if (a->s) {
            second.channel = RESPONSE;
            second.trailer_count = trailers_of(a->s, h);
            second.trailers = h;
        }
        rc = lambdest_runtime_post(env, &second, &err);
        if (rc)
            support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
        else
            support_expect_ok(&err);
        is_record(env, rc ? FAILURE("{\"errorType\":\"Before\"}") : a->o ? a->o->rest : a->s->rest);
    }
    lambdest_envelope_free(env);
    return rc;
}

static void no_memory(void **state)
{
    size_t i;
    attempt a = {NULL, NULL};

    for (i = 0; i < COUNT(posts); i++) {
        a.o = &posts[i];
        support_exhaust(*state, try_post, &a);
    }
    a.o = NULL;
    for (i = 2; i < 8; i++) {
        a.s = &streams[i];
        support_exhaust(*state, try_post, &a);
    }
}

/* Four characters of base64 at a time, by the alphabet of RFC 4648. */
static void is_base64_of(const char *text, size_t len, const char *bytes, size_t n)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i, k;

    assert_int_equal(len, (n + 2) / 3 * 4);
    for (i = 0; i < len; i += 4) {
        uint32_t bits = 0;

        for (k = 0; k < 4; k++) {
            bool padding = i / 4 * 3 + k > n;

            assert_int_equal(text[i + k] == '=', padding);
            bits = bits << 6 | (padding ? 0 : (uint32_t)(strchr(alphabet, text[i + k]) - alphabet));
        }
        for (k = 0; k < 3 && i / 4 * 3 + k < n; k++)
            assert_int_equal(bits >> (16 - 8 * k) & 0xFF, (unsigned char)bytes[i / 4 * 3 + k]);
    }
}

/* Bodies longer than any piece, at every length around one. */
static void long_strings(void **state)
{
    lambdest_envelope *env = make(state);
    lambdest_post post = {.size = sizeof post, .channel = RESPONSE, .body_policy = STRING};
    char body[1000];
    size_t n, i, len;

    for (i = 0; i < sizeof body; i++)
        body[i] = i % 3 == 0 ? (char)('a' + i / 3 % 26) : i % 3 == 1 ? '\xC3' : '\xA9';
    for (n = 1; n < sizeof body; n++) {
        const char *json;

        post.body = support_exact(body, n);
        post.body_len = n;
        assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
        json = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
        assert_int_equal(len, n % 3 == 2 ? n + 4 : n + 2);
        assert_int_equal(support_jansson(json, len), SUPPORT_VALID);
        assert_memory_equal(json + 1, body, n % 3 == 2 ? n - 1 : n);
        post.body_policy = n % 2 ? BASE64 : STRING;
        free((void *)(uintptr_t)post.body);
        if (post.body_policy == BASE64) {
            post.body = body;
            assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
            json = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
            is_base64_of(json + 1, len - 2, body, n);
            assert_int_equal(support_jansson(json, len), SUPPORT_VALID);
            post.body_policy = STRING;
        }
    }
    lambdest_envelope_free(env);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_post),    TEST(causes),        TEST(each_stream), TEST(bad_bodies),
        TEST(bad_trailers), TEST(bad_arguments), TEST(borrowing),   TEST(over_a_document),
        TEST(no_memory),    TEST(long_strings),  TEST(copying),     TEST(long_bodies),
    };

    return cmocka_run_group_tests_name("outcome/runtime", tests, NULL, NULL);
}
