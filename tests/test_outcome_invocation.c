/* From the answer to /invocation/next to an envelope's request half and context. */
#include "support.h"

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <stdlib.h>
#include <string.h>

#define H(name, value)                                                                                       \
    {                                                                                                        \
        name, sizeof(name) - 1, value, sizeof(value) - 1                                                     \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID H("Lambda-Runtime-Aws-Request-Id", "00000000-0000-4000-8000-000000000001")
#define ARN H("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:demo")

static const lambdest_header all[] = {
    H("Content-Type", "application/json"),
    ID,
    H("Lambda-Runtime-Deadline-Ms", "1542409706888"),
    ARN,
    H("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1"),
    H("Lambda-Runtime-Client-Context", "{\"custom\": {\"k\":\"v\"}}"),
    H("Lambda-Runtime-Cognito-Identity", "{\"cognitoIdentityId\":\"x\"}"),
    H("Lambda-Runtime-Aws-Tenant-Id", "tenant \"a\""),
};

static const char all_context[] =
    "{\"awsRequestId\":\"00000000-0000-4000-8000-000000000001\",\"functionName\":\"demo\","
    "\"invokedFunctionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:demo\","
    "\"deadlineMs\":1542409706888,\"traceId\":\"Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1\","
    "\"clientContext\":{\"custom\": {\"k\":\"v\"}},\"identity\":{\"cognitoIdentityId\":\"x\"},"
    "\"tenantId\":\"tenant \\\"a\\\"\"}";

static void json_is(const lambdest_envelope *env, int member, const char *expected)
{
    size_t len;
    const char *json = lambdest_envelope_json(env, member, &len);

    support_expect_bytes(json, len, expected, strlen(expected));
}

static lambdest_options with_memory(support_memory *m)
{
    lambdest_options options = {.size = sizeof options, .alloc = &m->alloc};

    return options;
}

static void all_headers(void **state)
{
    lambdest_options options = with_memory(*state);
    lambdest_envelope *env;
    lambdest_error err;

    assert_int_equal(
        lambdest_runtime_invocation(all, COUNT(all), " {\"n\": 1e+21}\n", 14, &options, &env, &err), 0);
    support_expect_ok(&err);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL),
                        "00000000-0000-4000-8000-000000000001");
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_FUNCTION_NAME, NULL), "demo");
    json_is(env, LAMBDEST_REQUEST_PAYLOAD, "{\"n\": 1e+21}");
    json_is(env, LAMBDEST_CONTEXT, all_context);
    json_is(env, LAMBDEST_CLIENT_CONTEXT, "{\"custom\": {\"k\":\"v\"}}");
    assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_INDETERMINATE);
    lambdest_envelope_free(env);
}

/* The event goes out with the white space that it came with, as AWS does it. */
static void written(void **state)
{
    static const char expected[] =
        "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"00000000-0000-4000-8000-000000000001\","
        "\"functionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:demo:$LATEST\"},"
        "\"requestPayload\": {\"n\": 1e+21}\n}";
    static const lambdest_header two[] = {ARN, ID};
    lambdest_options options = with_memory(*state);
    lambdest_envelope *env;
    char buf[512];
    size_t len;

    assert_int_equal(lambdest_runtime_invocation(two, 2, " {\"n\": 1e+21}\n", 14, &options, &env, NULL), 0);
    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_RECORD, 0, buf, sizeof buf, &len, NULL), 0);
    support_expect_bytes(buf, len, expected, sizeof expected - 1);
    lambdest_envelope_free(env);
}

static void few_headers(void **state)
{
    static const lambdest_header id_alone[] = {
        H("lambda-runtime-aws-request-id", " r\xC3\xA9 "), H("Lambda-Runtime-Client-Context", "{oops"),
        H("Lambda-Runtime-Deadline-Ms", "007"), H("Lambda-Runtime-Cognito-Identity", "")};
    lambdest_options options = with_memory(*state);
    lambdest_envelope *env;

    assert_int_equal(lambdest_runtime_invocation(id_alone, 4, NULL, 0, &options, &env, NULL), LAMBDEST_OK);
    json_is(env, LAMBDEST_CONTEXT,
            "{\"awsRequestId\":\"r\xC3\xA9\",\"deadlineMs\":7,\"clientContext\":\"{oops\"}");
    json_is(env, LAMBDEST_REQUEST_PAYLOAD, "{}");
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_FUNCTION_ARN), LAMBDEST_ABSENT);
    lambdest_envelope_free(env);
    assert_int_equal(lambdest_runtime_invocation(id_alone, 1, "null", 4, &options, &env, NULL), LAMBDEST_OK);
    json_is(env, LAMBDEST_CONTEXT, "{\"awsRequestId\":\"r\xC3\xA9\"}");
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_REQUEST_PAYLOAD), LAMBDEST_NULL);
    lambdest_envelope_free(env);
}

/* JSON goes into the context as it came, however long and with all of its white space. */
static void long_contexts(void **state)
{
    enum {
        LONG = 4000
    };
    static const char before[] =
        "{\"awsRequestId\":\"00000000-0000-4000-8000-000000000001\",\"clientContext\":";
    lambdest_options options = with_memory(*state);
    lambdest_header headers[] = {ID, H("Lambda-Runtime-Client-Context", "")};
    char *text = malloc(LONG);
    lambdest_envelope *env;
    const char *json;
    size_t len;

    assert_non_null(text);
    memset(text, ' ', LONG);
    text[0] = '[';
    text[LONG - 1] = ']';
    headers[1].value = text;
    headers[1].value_len = LONG;
    assert_int_equal(lambdest_runtime_invocation(headers, 2, NULL, 0, &options, &env, NULL), LAMBDEST_OK);
    json = lambdest_envelope_json(env, LAMBDEST_CONTEXT, &len);
    assert_int_equal(len, sizeof before + LONG);
    support_expect_bytes(json, sizeof before - 1, before, sizeof before - 1);
    support_expect_bytes(json + sizeof before - 1, LONG, text, LONG);
    assert_int_equal(json[len - 1], '}');
    lambdest_envelope_free(env);
    free(text);
}

static void borrowed(void **state)
{
    static const lambdest_header id[] = {ID};
    static const char event[] = "[1]";
    lambdest_options options = with_memory(*state);
    lambdest_envelope *env;

    assert_int_equal(lambdest_runtime_invocation(id, 1, event, 3, &options, &env, NULL), LAMBDEST_OK);
    assert_ptr_not_equal(lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, NULL), event);
    lambdest_envelope_free(env);
    options.flags = LAMBDEST_BORROW;
    assert_int_equal(lambdest_runtime_invocation(id, 1, event, 3, &options, &env, NULL), LAMBDEST_OK);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, NULL), event);
    lambdest_envelope_free(env);
}

typedef struct bad {
    lambdest_header headers[3];
    size_t count;
    const char *body;
    size_t body_len;
    int code;
    uint64_t offset;
    const char *where;
} bad;

#define REQUEST_ID "Lambda-Runtime-Aws-Request-Id"
#define DEADLINE "Lambda-Runtime-Deadline-Ms"
#define INVOKED "Lambda-Runtime-Invoked-Function-Arn"

static const bad bads[] = {
    {{H("a", "b")}, 0, "{}", 2, LAMBDEST_E_ABSENT, 0, REQUEST_ID},
    {{H("a", "b")}, 1, "{}", 2, LAMBDEST_E_ABSENT, 0, REQUEST_ID},
    {{H(REQUEST_ID, " ")}, 1, "{}", 2, LAMBDEST_E_ABSENT, 0, REQUEST_ID},
    {{ID, H(REQUEST_ID, "2")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, REQUEST_ID},
    {{H(REQUEST_ID, "a\nb")}, 1, "{}", 2, LAMBDEST_E_SCHEMA, 1, REQUEST_ID},
    {{H(REQUEST_ID, "ab\xC0\xAF")}, 1, "{}", 2, LAMBDEST_E_UTF8, 2, REQUEST_ID},
    {{ID, H(DEADLINE, "<now>")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, DEADLINE},
    {{ID, H(DEADLINE, "-1")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, DEADLINE},
    {{ID, H(DEADLINE, "1:")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, DEADLINE},
    {{ID, H(DEADLINE, "1.5")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, DEADLINE},
    {{ID, H(DEADLINE, "9223372036854775808")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, DEADLINE},
    {{ID, H(INVOKED, "arn:aws:s3:::bucket")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, INVOKED},
    {{ID, H(INVOKED, "demo")}, 2, "{}", 2, LAMBDEST_E_SCHEMA, 0, INVOKED},
    {{ID}, 1, "{not", 4, LAMBDEST_E_SYNTAX, 1, "body"},
    {{ID}, 1, " ", 1, LAMBDEST_E_SYNTAX, 1, "body"},
    {{ID}, 1, "\"\xFF\"", 3, LAMBDEST_E_UTF8, 1, "body"},
    {{ID}, 1, "[[[[[]]]]]", 10, LAMBDEST_E_DEPTH, 4, "body"},
    {{ID},
     1,
     "\"012345678901234567890123456789012345678901234567890123456789\"",
     62,
     LAMBDEST_E_TOO_BIG,
     60,
     "body"},
    {{ID}, 1, NULL, 1, LAMBDEST_E_INVAL, 0, "body"},
    {{{NULL, 1, "", 0}}, 1, "{}", 2, LAMBDEST_E_INVAL, 0, "headers"},
};

static void bad_input(void **state)
{
    lambdest_options options = with_memory(*state);
    size_t i;

    options.max_depth = 4;
    options.max_bytes = 60;
    for (i = 0; i < COUNT(bads); i++) {
        const bad *b = &bads[i];
        lambdest_envelope *env = (lambdest_envelope *)(void *)&options;
        lambdest_error err;

        assert_int_equal(
            lambdest_runtime_invocation(b->headers, b->count, b->body, b->body_len, &options, &env, &err),
            b->code);
        support_expect_error(&err, b->code, b->offset, b->where);
        assert_null(env);
        assert_int_equal(
            lambdest_runtime_invocation(b->headers, b->count, b->body, b->body_len, &options, &env, NULL),
            b->code);
    }
}

static void limits_and_arguments(void **state)
{
    static const lambdest_header long_id[] = {H(REQUEST_ID, "01234567890123456789012345678901234567890")};
    static const lambdest_header edge[] = {ID, H(DEADLINE, "9223372036854775807")};
    lambdest_options options = with_memory(*state);
    lambdest_envelope *env;
    lambdest_error err;

    assert_int_equal(lambdest_runtime_invocation(edge, 2, NULL, 0, &options, &env, NULL), LAMBDEST_OK);
    lambdest_envelope_free(env);
    options.max_bytes = 40;
    assert_int_equal(lambdest_runtime_invocation(edge, 1, "                                       1", 40,
                                                 &options, &env, NULL),
                     LAMBDEST_OK);
    json_is(env, LAMBDEST_REQUEST_PAYLOAD, "1");
    lambdest_envelope_free(env);
    assert_int_equal(lambdest_runtime_invocation(long_id, 1, NULL, 0, &options, &env, &err),
                     LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 0, REQUEST_ID);
    assert_int_equal(lambdest_runtime_invocation(edge, 1, NULL, 0, NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_runtime_invocation(NULL, 1, NULL, 0, NULL, &env, &err), LAMBDEST_E_INVAL);
    assert_null(env);
    options.size = 3;
    assert_int_equal(lambdest_runtime_invocation(edge, 1, NULL, 0, &options, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    assert_null(env);
}

static int make(support_memory *m, void *arg)
{
    lambdest_options options = with_memory(m);
    lambdest_envelope *env;
    static char event[3000];
    int rc;

    (void)arg;
    memset(event, ' ', sizeof event);
    event[0] = '7';
    rc = lambdest_runtime_invocation(all, COUNT(all), event, sizeof event, &options, &env, NULL);
    if (rc) {
        assert_null(env);
        return rc;
    }
    json_is(env, LAMBDEST_CONTEXT, all_context);
    json_is(env, LAMBDEST_REQUEST_PAYLOAD, "7");
    lambdest_envelope_free(env);
    return LAMBDEST_OK;
}

/* Headers that need memory of their own, each. */
static int make_long(support_memory *m, void *arg)
{
    static char id[1400], arn[1400], trace[1400];
    static const char arn_head[] = "arn:aws:lambda:us-east-1:123456789012:function:";
    lambdest_header headers[] = {{REQUEST_ID, sizeof REQUEST_ID - 1, id, sizeof id},
                                 {INVOKED, sizeof INVOKED - 1, arn, sizeof arn},
                                 H("Lambda-Runtime-Trace-Id", "")};
    lambdest_options options = with_memory(m);
    lambdest_envelope *env;
    lambdest_error err;
    int rc;

    (void)arg;
    memset(id, 'i', sizeof id);
    memset(arn, 'f', sizeof arn);
    memcpy(arn, arn_head, sizeof arn_head - 1);
    memset(trace, 't', sizeof trace);
    headers[2].value = trace;
    headers[2].value_len = sizeof trace;
    rc = lambdest_runtime_invocation(headers, 3, "{}", 2, &options, &env, &err);
    assert_true(!rc == !!env);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    lambdest_envelope_free(env);
    return rc;
}

static void no_memory(void **state)
{
    support_exhaust(*state, make, NULL);
    support_exhaust(*state, make_long, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_headers), TEST(written),   TEST(few_headers),          TEST(borrowed),
        TEST(bad_input),   TEST(no_memory), TEST(limits_and_arguments), TEST(long_contexts),
    };

    return cmocka_run_group_tests_name("outcome/invocation", tests, NULL, NULL);
}
