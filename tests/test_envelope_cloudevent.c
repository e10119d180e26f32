#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:orders"
#define RECORD                                                                                               \
    "{ "                                                                                                     \
    "\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:24:58.046Z\",\"requestContext\":{\"requestId\":\"r-"  \
    "1\",\"functionArn\":\"" ARN                                                                             \
    ":7\",\"condition\":\"Success\"},\"requestPayload\": {\"a\":1e+21},\"extra\" :[ ]}"
#define CONTEXT                                                                                              \
    "\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation.success\",\"source\":\"" ARN         \
    ":7\",\"subject\":\"orders\","                                                                           \
    "\"id\":\"r-1\",\"time\":\"2026-03-02T09:24:58.046Z\",\"datacontenttype\":\"application/json\""

static lambdest_envelope *parsed(const char *text, uint32_t flags)
{
    lambdest_options options = {0};
    lambdest_envelope *env;
    lambdest_error err;

    options.size = sizeof options;
    options.flags = flags;
    if (lambdest_envelope_parse(text, strlen(text), &options, &env, &err))
        fail_msg("%s at %llu (%s)", err.message, (unsigned long long)err.offset, err.where);
    return env;
}

static void expect_written(const lambdest_envelope *env, int form, uint32_t flags, const char *expected)
{
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t len, need, count, i, at = 0;
    lambdest_error err;
    char *out, *buf;

    assert_int_equal(lambdest_envelope_write_alloc(env, form, flags, &out, &len, &err), LAMBDEST_OK);
    support_expect_bytes(out, len, expected, strlen(expected));
    buf = malloc(len + 1);
    assert_non_null(buf);
    assert_int_equal(
        lambdest_envelope_write_parts(env, form, flags, buf, len + 1, &need, parts, &count, &err),
        LAMBDEST_OK);
    for (i = 0; i < count; at += parts[i++].len)
        support_expect_bytes(parts[i].data, parts[i].len, out + at, parts[i].len);
    assert_int_equal(at, len);
    lambdest_free(out);
    free(buf);
}

static void wraps_a_record_untouched(void **state)
{
    lambdest_envelope *env = parsed(RECORD "\n", 0), *back;
    char *out;

    (void)state;
    expect_written(env, LAMBDEST_CLOUDEVENT, 0, "{" CONTEXT ",\"data\":" RECORD "\n}");
    assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_CLOUDEVENT, 0, &out, NULL, NULL),
                     LAMBDEST_OK);
    back = parsed(out, 0);
    assert_int_equal(lambdest_envelope_form(back), LAMBDEST_CLOUDEVENT);
    assert_string_equal(lambdest_name(lambdest_envelope_form(back)), "cloudevent");
    assert_int_equal(lambdest_envelope_outcome(back), LAMBDEST_SUCCESS);
    expect_written(back, LAMBDEST_RECORD, 0, RECORD "\n");
    expect_written(back, LAMBDEST_CLOUDEVENT, 0, out);
    expect_written(back, 0, 0, out);
    lambdest_free(out);
    lambdest_envelope_free(env);
    lambdest_envelope_free(back);
}

static void reads_what_others_wrote(void **state)
{
    static const char text[] =
        " {\"data\" : " RECORD " , \"version\":5,\"s\\u0070ecversion\":\"1.0\",\"id\":\"x\",\"type\":\"t\","
        "\"source\":\"/s\",\"subject\":null,\"traceparent\":\"00-1\",\"context\":[]}\n";
    uint32_t flags;

    (void)state;
    for (flags = 0; flags <= LAMBDEST_BORROW; flags++) {
        lambdest_envelope *env = parsed(text, flags), *copy;
        const char *json;
        size_t len;

        assert_int_equal(lambdest_envelope_form(env), LAMBDEST_CLOUDEVENT);
        assert_string_equal(lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL), "r-1");
        assert_string_equal(lambdest_envelope_text(env, LAMBDEST_FUNCTION_NAME, NULL), "orders");
        json = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);
        support_expect_bytes(json, len, "{\"a\":1e+21}", 11);
        expect_written(env, 0, 0, text);
        expect_written(env, LAMBDEST_RECORD, 0, " " RECORD " ");
        assert_int_equal(lambdest_envelope_clone(env, &copy, NULL), LAMBDEST_OK);
        lambdest_envelope_free(env);
        expect_written(copy, 0, 0, text);
        lambdest_envelope_free(copy);
    }
}

static void a_changed_one_keeps_its_extensions(void **state)
{
    static const char text[] =
        "{\"specversion\":\"1.0\",\"id\":\"x\",\"type\":\"t\",\"source\":\"/"
        "s\",\"time\":\"2020-01-01T00:00:00Z\","
        "\"dataschema\":\"d\",\"datacontenttype\":\"application/json; charset=utf-8\",\"ext\" : [1 ],"
        "\"data\":{\"requestContext\":{\"condition\":\"Success\"}}}";
    lambdest_envelope *env = parsed(text, 0), *copy;
    static const char after[] = "{\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation."
                                "failure\",\"source\":\"/s\",\"id\":\"x\",\"dataschema\":\"d\","
                                "\"datacontenttype\":\"application/json; charset=utf-8\",\"ext\":[1 "
                                "],\"data\":{\"requestContext\":{\"condition\":"
                                "\"RetriesExhausted\"}}}";

    (void)state;
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "RetriesExhausted", 16, NULL),
                     LAMBDEST_OK);
    expect_written(env, 0, 0, after);
    assert_int_equal(lambdest_envelope_clone(env, &copy, NULL), LAMBDEST_OK);
    expect_written(copy, LAMBDEST_CLOUDEVENT, 0, after);
    lambdest_envelope_free(copy);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, "new", 3, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, ARN, sizeof ARN - 1, NULL),
                     LAMBDEST_OK);
    expect_written(
        env, 0, 0,
        "{\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation.failure\",\"source\":\"" ARN
        ":$LATEST\",\"subject\":\"orders\",\"id\":\"new\",\"dataschema\":\"d\",\"datacontenttype\":"
        "\"application/json; "
        "charset=utf-8\",\"ext\":[1 "
        "],\"data\":{\"requestContext\":{\"requestId\":\"new\",\"functionArn\":\"" ARN
        ":$LATEST\",\"condition\":\"RetriesExhausted\"}}}");
    lambdest_envelope_free(env);
}

static void carries_every_envelope(void **state)
{
    static const char *const files[] = {
        "async-failure-unhandled-python", "kinesis-partial-batch-failure", "kafka-payload-size-exceeded",
        "async-target-deleted",           "dynamodb-s3-with-payload",
    };
    size_t i, len, cloud_len;

    (void)state;
    for (i = 0; i < sizeof files / sizeof files[0]; i++) {
        lambdest_envelope *env, *back;
        char path[128], *text, *cloud, *out;

        sprintf(path, "tests/records/%s.json", files[i]);
        text = support_load(path, &len);
        assert_int_equal(lambdest_envelope_parse(text, len, NULL, &env, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_CLOUDEVENT, 0, &cloud, &cloud_len, NULL),
                         LAMBDEST_OK);
        assert_int_equal(support_jansson(cloud, cloud_len), SUPPORT_VALID);
        assert_int_equal(lambdest_envelope_parse(cloud, cloud_len, NULL, &back, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_kind(back), lambdest_envelope_kind(env));
        assert_int_equal(lambdest_envelope_cause(back), lambdest_envelope_cause(env));
        assert_int_equal(lambdest_envelope_range_count(back), lambdest_envelope_range_count(env));
        assert_int_equal(lambdest_envelope_write_alloc(back, LAMBDEST_RECORD, 0, &out, &cloud_len, NULL),
                         LAMBDEST_OK);
        support_expect_bytes(out, cloud_len, text, len);
        lambdest_free(cloud);
        lambdest_free(out);
        lambdest_envelope_free(env);
        lambdest_envelope_free(back);
        free(text);
    }
}

static void a_document_becomes_a_record_in_one(void **state)
{
    lambdest_envelope *env = parsed("{\"invocationId\":\"i\",\"functionArn\":\"" ARN
                                    "\",\"functionName\":\"n\",\"invocationError\":{}}",
                                    0);

    (void)state;
    expect_written(
        env, LAMBDEST_CLOUDEVENT, LAMBDEST_EXPLICIT_ERROR | LAMBDEST_COMPACT,
        "{\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation.failure\",\"source\":\"" ARN
        "\",\"subject\":\"orders\",\"id\":\"i\",\"datacontenttype\":\"application/"
        "json\",\"data\":{\"requestContext\":{"
        "\"requestId\":\"i\",\"functionArn\":\"" ARN
        "\"},\"responseContext\":{\"statusCode\":200,\"functionError\":\"Unhandled\"},\"responsePayload\":{},"
        "\"invocationError\":{}}}");
    lambdest_envelope_free(env);
}

static void the_subject_is_the_name_however_it_is_known(void **state)
{
    lambdest_envelope *env =
        parsed("{\"invocationId\":\"i\",\"functionArn\":\"local\",\"functionName\":\"n\"}", 0);

    (void)state;
    expect_written(env, LAMBDEST_CLOUDEVENT, 0,
                   "{\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation.indeterminate\","
                   "\"source\":\"local\","
                   "\"subject\":\"n\",\"id\":\"i\",\"datacontenttype\":\"application/"
                   "json\",\"data\":{\"requestContext\":{"
                   "\"requestId\":\"i\",\"functionArn\":\"local\"}}}");
    lambdest_envelope_free(env);
}

static void needs_an_id_and_a_source(void **state)
{
    lambdest_envelope *env = parsed("{\"requestPayload\":1}", 0);
    lambdest_error err;
    size_t need;

    (void)state;
    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_CLOUDEVENT, 0, NULL, 0, &need, &err),
                     LAMBDEST_E_ABSENT);
    support_expect_error(&err, LAMBDEST_E_ABSENT, 0, "requestContext.requestId");
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, "", 0, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_CLOUDEVENT, 0, NULL, 0, &need, &err),
                     LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, "r", 1, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_CLOUDEVENT, 0, NULL, 0, &need, &err),
                     LAMBDEST_E_ABSENT);
    support_expect_error(&err, LAMBDEST_E_ABSENT, 0, "requestContext.functionArn");
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, ARN, sizeof ARN - 1, NULL),
                     LAMBDEST_OK);
    expect_written(
        env, LAMBDEST_CLOUDEVENT, 0,
        "{\"specversion\":\"1.0\",\"type\":\"com.amazonaws.lambda.invocation.indeterminate\",\"source\":"
        "\"" ARN
        ":$LATEST\",\"subject\":\"orders\",\"id\":\"r\",\"datacontenttype\":\"application/json\",\"data\":{"
        "\"requestContext\":{\"requestId\":\"r\",\"functionArn\":\"" ARN
        ":$LATEST\"},\"requestPayload\":1}}");
    lambdest_envelope_free(env);
}

static void refuses_what_is_none(void **state)
{
    static const struct {
        const char *text;
        int code;
        uint64_t offset;
        const char *where;
    } cases[] = {
        {"{\"specversion\":\"1.0\"}", LAMBDEST_E_SCHEMA, 0, "type"},
        {"{\"specversion\":\"0.3\"}", LAMBDEST_E_SCHEMA, 15, "specversion"},
        /* a record or a document by the names at the top, before or behind */
        {"{\"specversion\":\"1.0\",\"requestPayload\":1,\"timestamp\":5}", LAMBDEST_E_SCHEMA, 52,
         "timestamp"},
        {"{\"timestamp\":5,\"requestPayload\":1,\"specversion\":\"1.0\"}", LAMBDEST_E_SCHEMA, 13,
         "timestamp"},
        {"{\"specversion\":\"1.0\",\"functionName\":7}", LAMBDEST_E_SCHEMA, 36, "functionName"},
        {"{\"specversion\":\"1.0\",\"requestPayload\":1,\"invocationId\":\"i\"}", LAMBDEST_E_SCHEMA, 0, "$"},
        {"{\"specversion\":1.0}", LAMBDEST_E_SCHEMA, 15, "specversion"},
        {"{\"specversion\":\"1.0\",\"id\":\"\"}", LAMBDEST_E_SCHEMA, 26, "id"},
        {"{\"specversion\":\"1.0\",\"id\":null}", LAMBDEST_E_SCHEMA, 26, "id"},
        {"{\"specversion\":\"1.0\",\"time\":5}", LAMBDEST_E_SCHEMA, 28, "time"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"id\":\"1\"}", LAMBDEST_E_SCHEMA, 30, "id"},
        {"{\"specversion\":\"1.0\",\"data_base64\":\"\"}", LAMBDEST_E_SCHEMA, 35, "data_base64"},
        {"{\"specversion\":\"1.0\",\"data\":[]}", LAMBDEST_E_SCHEMA, 28, "data"},
        {"{\"specversion\":\"1.0\",\"data\":{},\"data\":{}}", LAMBDEST_E_SCHEMA, 31, "data"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}", LAMBDEST_E_SCHEMA, 0,
         "data"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"a\":1}}",
         LAMBDEST_E_SCHEMA, 0, "$"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\": "
         "{\"invocationId\":\"i\"}}",
         LAMBDEST_E_SCHEMA, 61, "data"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"requestPayload\":"
         "1,\"timestamp\":5}}",
         LAMBDEST_E_SCHEMA, 93, "timestamp"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"requestPayload\":"
         "1,\"x\":1,\"x\":1}}",
         LAMBDEST_E_SCHEMA, 87, "*"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"e\":1,\"e\":1,\"data\":{"
         "\"requestPayload\":1}}",
         LAMBDEST_E_SCHEMA, 60, "*"},
        {"{\"specversion\":\"1.0\",\"data\":{},}", LAMBDEST_E_SYNTAX, 31, "$"},
        {"{\"specversion\":\"1.0\"", LAMBDEST_E_SYNTAX, 20, "*"},
        {"{\"specversion\":\"1.0\"}x", LAMBDEST_E_SYNTAX, 21, "$"},
        /* as a record its requestContext is refused before what follows is seen */
        {"{\"specversion\":\"1.0\",\"requestContext\":5 \"e\":1}", LAMBDEST_E_SYNTAX, 40, "$"},
        {"{\"specversion\":\"1.0\",\"requestContext\":5,x}", LAMBDEST_E_SYNTAX, 40, "*"},
        {"{\"specversion\":\"1.0\",\"requestContext\":5,\"e\":tru}", LAMBDEST_E_SYNTAX, 47, "*"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"requestContext\":5,"
         "\"data\":{"
         "\"requestPayload\":1}} x",
         LAMBDEST_E_SYNTAX, 102, "$"},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"context\":{},"
         "\"KinesisBatchInfo\":{}}}",
         LAMBDEST_E_UNSUPPORTED, 0, "context"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lambdest_envelope *env = (lambdest_envelope *)&i;
        lambdest_error err;

        if (lambdest_envelope_parse(cases[i].text, strlen(cases[i].text), NULL, &env, &err) !=
                cases[i].code ||
            err.offset != cases[i].offset)
            print_error("%s\n", cases[i].text);
        support_expect_error(&err, cases[i].code, cases[i].offset, cases[i].where);
        assert_null(env);
    }
}

static void members_are_bounded(void **state)
{
    static const char text[] = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\","
                               "\"data\":{\"requestPayload\":1}}";
    lambdest_options options = {0};
    lambdest_envelope *env;
    lambdest_error err;

    (void)state;
    options.size = sizeof options;
    options.max_items = 3;
    assert_int_equal(lambdest_envelope_parse(text, strlen(text), &options, &env, &err), LAMBDEST_E_TOO_BIG);
    options.max_items = 4;
    assert_int_equal(lambdest_envelope_parse(text, strlen(text), &options, &env, &err), LAMBDEST_OK);
    lambdest_envelope_free(env);
}

/* What is around a payload takes nothing of its depth. */
static void payloads_may_be_as_deep_as_in_records(void **state)
{
    enum {
        DEPTH = 512
    };
    static const char head[] =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{\"requestPayload\":";
    char text[sizeof head + 2 * DEPTH + 8];
    lambdest_envelope *env;
    lambdest_error err;
    size_t extra;

    (void)state;
    for (extra = 0; extra < 2; extra++) {
        memset(text, 0, sizeof text);
        strcpy(text, head);
        memset(text + sizeof head - 1, '[', DEPTH + extra);
        memset(text + sizeof head - 1 + DEPTH + extra, ']', DEPTH + extra);
        strcat(text, "}}");
        assert_int_equal(lambdest_envelope_parse(text, strlen(text), NULL, &env, &err),
                         extra ? LAMBDEST_E_DEPTH : LAMBDEST_OK);
        lambdest_envelope_free(env);
    }
    support_expect_error(&err, LAMBDEST_E_DEPTH, sizeof head - 1 + DEPTH, "requestPayload");
}

static int attempt(support_memory *m, void *arg)
{
    lambdest_options options = {0};
    lambdest_envelope *env;
    char *out;
    int rc;

    options.size = sizeof options;
    options.alloc = &m->alloc;
    rc = lambdest_envelope_parse(arg, strlen(arg), &options, &env, NULL);
    if (rc)
        return rc;
    rc = lambdest_envelope_write_alloc(env, LAMBDEST_CLOUDEVENT, 0, &out, NULL, NULL);
    lambdest_free(out);
    lambdest_envelope_free(env);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    char text[] = "{" CONTEXT ",\"data\":" RECORD "}";

    support_exhaust(*state, attempt, text);
}

/* Parsing stays one allocation. */
static void takes_one_block(void **state)
{
    static const char text[] = "{" CONTEXT ",\"data\":" RECORD "}";
    support_memory *m = *state;
    lambdest_options options = {0};
    lambdest_envelope *env;

    options.size = sizeof options;
    options.alloc = &m->alloc;
    assert_int_equal(lambdest_envelope_parse(text, strlen(text), &options, &env, NULL), LAMBDEST_OK);
    assert_int_equal(m->calls, 1);
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps_a_record_untouched),
        cmocka_unit_test(reads_what_others_wrote),
        cmocka_unit_test(a_changed_one_keeps_its_extensions),
        cmocka_unit_test(carries_every_envelope),
        cmocka_unit_test(a_document_becomes_a_record_in_one),
        cmocka_unit_test(the_subject_is_the_name_however_it_is_known),
        cmocka_unit_test(needs_an_id_and_a_source),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(members_are_bounded),
        cmocka_unit_test(payloads_may_be_as_deep_as_in_records),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(takes_one_block, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
