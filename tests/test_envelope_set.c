#include "support_untouched.h"

#include <stdio.h>

static const int text_members[] = {LAMBDEST_REQUEST_ID,    LAMBDEST_FUNCTION_ARN,     LAMBDEST_CONDITION,
                                   LAMBDEST_TIMESTAMP,     LAMBDEST_EXECUTED_VERSION, LAMBDEST_FUNCTION_ERROR,
                                   LAMBDEST_RECORD_VERSION};
static const int integer_members[] = {LAMBDEST_INVOKE_COUNT, LAMBDEST_STATUS_CODE, LAMBDEST_TIMESTAMP_MS};
static const int json_members[] = {
    LAMBDEST_REQUEST_PAYLOAD,       LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_INVOCATION_ERROR,
    LAMBDEST_DELIVERY_ERROR,        LAMBDEST_CONTEXT,          LAMBDEST_KINESIS_BATCH_INFO,
    LAMBDEST_DDB_STREAM_BATCH_INFO, LAMBDEST_KAFKA_BATCH_INFO, LAMBDEST_TIME_WINDOW_INFO,
    LAMBDEST_BATCH_PAYLOAD};
static const int derived_members[] = {
    LAMBDEST_FUNCTION_PARTITION, LAMBDEST_FUNCTION_REGION, LAMBDEST_FUNCTION_ACCOUNT, LAMBDEST_FUNCTION_NAME,
    LAMBDEST_FUNCTION_QUALIFIER, LAMBDEST_ERROR_TYPE,      LAMBDEST_ERROR_MESSAGE,    LAMBDEST_SOURCE_ARN,
    LAMBDEST_BATCH_SIZE,         LAMBDEST_PAYLOAD_SIZE,    LAMBDEST_CLIENT_CONTEXT,   LAMBDEST_METADATA};
static const int no_members[] = {0,   -1,  1,   99,  108, 120, 129,       141,
                                 204, 308, 326, 390, 392, 521, INT32_MAX, INT32_MIN};

static bool is_one_of(int member, const int *members, size_t count)
{
    while (count)
        if (members[--count] == member)
            return true;
    return false;
}

#define IS_ONE_OF(member, members) is_one_of((member), (members), COUNT_OF(members))

/* ---- which setter takes which member ---- */

static void expect_types(int member)
{
    lambdest_envelope *env = filled();
    untouched before = look(env);
    const char *text = member == LAMBDEST_FUNCTION_ARN ? ARN : "2026-03-02T09:14:07Z";
    lambdest_error err;

    if (!IS_ONE_OF(member, text_members)) {
        assert_int_equal(lambdest_envelope_set_text(env, member, text, strlen(text), &err), LAMBDEST_E_INVAL);
        expect_refused(&before, err.code, LAMBDEST_E_INVAL, &err, 0, err.where);
    }
    if (!IS_ONE_OF(member, integer_members)) {
        assert_int_equal(lambdest_envelope_set_integer(env, member, 1, &err), LAMBDEST_E_INVAL);
        expect_refused(&before, err.code, LAMBDEST_E_INVAL, &err, 0, err.where);
    }
    if (!IS_ONE_OF(member, json_members)) {
        assert_int_equal(lambdest_envelope_set_json(env, member, "{}", 2, &err), LAMBDEST_E_INVAL);
        expect_refused(&before, err.code, LAMBDEST_E_INVAL, &err, 0, err.where);
    }
    if (IS_ONE_OF(member, derived_members) || IS_ONE_OF(member, no_members)) {
        assert_int_equal(lambdest_envelope_set_state(env, member, LAMBDEST_ABSENT, &err), LAMBDEST_E_INVAL);
        expect_refused(&before, err.code, LAMBDEST_E_INVAL, &err, 0, err.where);
    }
    lambdest_free(before.record);
    if (IS_ONE_OF(member, text_members))
        support_set_text(env, member, text);
    if (IS_ONE_OF(member, integer_members))
        support_set_integer(env, member, 1);
    if (IS_ONE_OF(member, json_members))
        support_set_json(env, member, "{}");
    lambdest_envelope_free(env);
}

static void takes_each_member_by_its_type(void **state)
{
    int member;
    size_t i;

    (void)state;
    for (member = 100; member < 400; member++)
        expect_types(member);
    for (i = 0; i < COUNT_OF(no_members); i++)
        expect_types(no_members[i]);
}

static void refuses_null_arguments(void **state)
{
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;

    (void)state;
    expect_refused(&before, lambdest_envelope_set_text(NULL, LAMBDEST_CONDITION, "", 0, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_text(env, LAMBDEST_CONDITION, NULL, 1, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_integer(NULL, LAMBDEST_STATUS_CODE, 1, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_json(NULL, LAMBDEST_CONTEXT, "1", 1, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, NULL, 1, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, NULL, 0, &err),
                   LAMBDEST_E_SYNTAX, &err, 0, "invocationRequest.context");
    expect_refused(&before, lambdest_envelope_set_state(NULL, LAMBDEST_CONTEXT, LAMBDEST_NULL, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    expect_refused(&before, lambdest_envelope_set_error(NULL, NULL, 0, NULL, 0, NULL, 0, &err),
                   LAMBDEST_E_INVAL, &err, 0, "");
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, NULL, 0, NULL), LAMBDEST_OK);
    support_expect_text(env, LAMBDEST_CONDITION, "");
    lambdest_free(before.record);
    lambdest_envelope_free(env);
}

/* ---- texts ---- */

static void keeps_texts(void **state)
{
    static const char *const texts[] = {"", "a", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\\\n\x01\x7F",
                                        "a text that is longer than any other in this table of texts"};
    static const int free_texts[] = {LAMBDEST_REQUEST_ID, LAMBDEST_CONDITION, LAMBDEST_EXECUTED_VERSION,
                                     LAMBDEST_FUNCTION_ERROR, LAMBDEST_RECORD_VERSION};
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(free_texts); i++)
        for (k = 0; k < COUNT_OF(texts); k++) {
            lambdest_envelope *env = filled(), *again;
            size_t len;
            char *text;

            support_set_text(env, free_texts[i], texts[k]);
            support_expect_text(env, free_texts[i], texts[k]);
            text = support_write(env, LAMBDEST_DOCUMENT, 0, &len);
            again = support_parse(NULL, text, len, 0);
            support_expect_text(again, free_texts[i], texts[k]);
            lambdest_free(text);
            lambdest_envelope_free(again);
            lambdest_envelope_free(env);
        }
}

/* A text may come from the envelope that it is set in. */
static void takes_its_own_text(void **state)
{
    lambdest_envelope *env = support_new(*state, 0);
    char longer[3000];
    size_t len;

    memset(longer, 'x', sizeof longer);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, longer, sizeof longer, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION,
                                                lambdest_envelope_text(env, LAMBDEST_CONDITION, NULL) + 1,
                                                2998, NULL),
                     LAMBDEST_OK);
    support_expect_bytes(lambdest_envelope_text(env, LAMBDEST_CONDITION, &len), 2998, longer, 2998);
    assert_int_equal(len, 2998);
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 0,
                                                 lambdest_envelope_text(env, LAMBDEST_CONDITION, NULL), 2998,
                                                 NULL, 0, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_error(
                         env, lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, NULL), 10,
                         lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, NULL), 20, NULL, 0, NULL),
                     LAMBDEST_OK);
    support_expect_text(env, LAMBDEST_ERROR_TYPE, "xxxxxxxxxx");
    support_expect_text(env, LAMBDEST_ERROR_MESSAGE, "xxxxxxxxxxxxxxxxxxxx");
    lambdest_envelope_free(env);
}

static void takes_only_arns(void **state)
{
    static const char *const none[] = {"",
                                       "f",
                                       "arn:aws:lambda:eu-west-1:111122223333:function:",
                                       "arn:aws:lambda:eu-west-1:111122223333:layer:f",
                                       "arn:aws:sqs:eu-west-1:111122223333:function:f",
                                       ARN ":",
                                       ARN ":1:2",
                                       ARN "\"",
                                       ARN " "};
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(none); i++) {
        int rc = lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, none[i], strlen(none[i]), &err);

        expect_refused(&before, rc, LAMBDEST_E_INVAL, &err, 0, "requestContext.functionArn");
        support_expect_text(env, LAMBDEST_FUNCTION_QUALIFIER, "live");
    }
    lambdest_free(before.record);
    support_set_text(env, LAMBDEST_FUNCTION_ARN,
                     "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:My_f-1");
    support_expect_text(env, LAMBDEST_FUNCTION_PARTITION, "aws-us-gov");
    support_expect_text(env, LAMBDEST_FUNCTION_REGION, "us-gov-west-1");
    support_expect_text(env, LAMBDEST_FUNCTION_ACCOUNT, "123456789012");
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, "My_f-1");
    support_expect_text(env, LAMBDEST_FUNCTION_QUALIFIER, NULL);
    support_set_state(env, LAMBDEST_FUNCTION_ARN, LAMBDEST_ABSENT);
    support_expect_text(env, LAMBDEST_FUNCTION_NAME, NULL);
    support_expect_text(env, LAMBDEST_FUNCTION_REGION, NULL);
    lambdest_envelope_free(env);
}

static void keeps_one_time(void **state)
{
    static const char *const none[] = {"",
                                       "now",
                                       "2026-03-02",
                                       "2026-02-30T00:00:00Z",
                                       "2026-03-02T24:00:00Z",
                                       "2026-03-02T09:14:07",
                                       "2026-03-02T09:14:07.318Z "};
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(none); i++) {
        int rc = lambdest_envelope_set_text(env, LAMBDEST_TIMESTAMP, none[i], strlen(none[i]), &err);

        expect_refused(&before, rc, LAMBDEST_E_INVAL, &err, 0, "timestamp");
    }
    lambdest_free(before.record);
    support_set_text(env, LAMBDEST_TIMESTAMP, "2026-03-02T10:14:07.3189+01:00");
    support_expect_text(env, LAMBDEST_TIMESTAMP, "2026-03-02T10:14:07.3189+01:00");
    support_expect_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772442847318));
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772442847318));
    support_expect_text(env, LAMBDEST_TIMESTAMP, "2026-03-02T09:14:07.318Z");
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, -1);
    support_expect_text(env, LAMBDEST_TIMESTAMP, "1969-12-31T23:59:59.999Z");
    support_set_state(env, LAMBDEST_TIMESTAMP_MS, LAMBDEST_ABSENT);
    support_expect_text(env, LAMBDEST_TIMESTAMP, NULL);
    support_expect_integer(env, LAMBDEST_TIMESTAMP_MS, -1);
    lambdest_envelope_free(env);
}

static void refuses_bad_texts(void **state)
{
    lambdest_options options = support_options(NULL, 0);
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;

    (void)state;
    expect_refused(&before, lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "ab\xFF", 3, &err),
                   LAMBDEST_E_UTF8, &err, 2, "requestContext.condition");
    expect_refused(&before, lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ERROR, "\xED\xA0\x80", 3, &err),
                   LAMBDEST_E_UTF8, &err, 0, "responseContext.functionError");
    expect_refused(&before, lambdest_envelope_set_text(env, LAMBDEST_RECORD_VERSION, "1\xE2\x82", 3, &err),
                   LAMBDEST_E_UTF8, &err, 1, "version");
    lambdest_free(before.record);
    lambdest_envelope_free(env);
    options.max_bytes = 4;
    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    support_set_text(env, LAMBDEST_CONDITION, "abcd");
    before = look(env);
    expect_refused(&before, lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "abcde", 5, &err),
                   LAMBDEST_E_TOO_BIG, &err, 4, "requestContext.condition");
    expect_refused(&before, lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, "12345", 5, &err),
                   LAMBDEST_E_TOO_BIG, &err, 4, "invocationRequest.context");
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 0, "abcdef", 6, NULL, 0, &err),
                     LAMBDEST_E_TOO_BIG);
    expect_refused(&before, err.code, LAMBDEST_E_TOO_BIG, &err, 4, "invocationError.errorMessage");
    lambdest_free(before.record);
    lambdest_envelope_free(env);
}

/* ---- integers ---- */

static void bounds_integers(void **state)
{
    static const struct {
        int member;
        int64_t least, most;
        const char *where;
    } bounds[] = {
        {LAMBDEST_INVOKE_COUNT, 0, INT64_C(9007199254740991), "requestContext.approximateInvokeCount"},
        {LAMBDEST_STATUS_CODE, 0, 999, "responseContext.statusCode"},
        {LAMBDEST_TIMESTAMP_MS, INT64_C(-62167219200000), INT64_C(253402300799999), "timestamp"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(bounds); i++) {
        lambdest_envelope *env = filled();
        untouched before;
        lambdest_error err;
        int64_t value;

        support_set_integer(env, bounds[i].member, bounds[i].least);
        assert_int_equal(lambdest_envelope_integer(env, bounds[i].member, &value), LAMBDEST_OK);
        assert_true(value == bounds[i].least);
        support_set_integer(env, bounds[i].member, bounds[i].most);
        support_expect_integer(env, bounds[i].member, bounds[i].most);
        before = look(env);
        expect_refused(&before,
                       lambdest_envelope_set_integer(env, bounds[i].member, bounds[i].least - 1, &err),
                       LAMBDEST_E_INVAL, &err, 0, bounds[i].where);
        expect_refused(&before,
                       lambdest_envelope_set_integer(env, bounds[i].member, bounds[i].most + 1, &err),
                       LAMBDEST_E_INVAL, &err, 0, bounds[i].where);
        expect_refused(&before, lambdest_envelope_set_integer(env, bounds[i].member, INT64_MIN, &err),
                       LAMBDEST_E_INVAL, &err, 0, bounds[i].where);
        expect_refused(&before, lambdest_envelope_set_integer(env, bounds[i].member, INT64_MAX, &err),
                       LAMBDEST_E_INVAL, &err, 0, bounds[i].where);
        lambdest_free(before.record);
        lambdest_envelope_free(env);
    }
}

/* ---- states ---- */

static void nulls_what_may_be_null(void **state)
{
    static const int nullable[] = {LAMBDEST_FUNCTION_ERROR,   LAMBDEST_RESPONSE_CONTEXT,
                                   LAMBDEST_REQUEST_PAYLOAD,  LAMBDEST_RESPONSE_PAYLOAD,
                                   LAMBDEST_INVOCATION_ERROR, LAMBDEST_CONTEXT,
                                   LAMBDEST_BATCH_PAYLOAD};
    static const int others[] = {
        0, 1, -1, LAMBDEST_VALUE, LAMBDEST_ABSENT - 1, LAMBDEST_VALUE + 1, LAMBDEST_RECORD};
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;
    int member;
    size_t i;

    (void)state;
    for (member = 100; member < 400; member++) {
        for (i = 0; i < COUNT_OF(others); i++) {
            int rc = lambdest_envelope_set_state(env, member, others[i], &err);

            expect_refused(&before, rc, LAMBDEST_E_INVAL, &err, 0, err.where);
        }
        if (!IS_ONE_OF(member, nullable))
            expect_refused(&before, lambdest_envelope_set_state(env, member, LAMBDEST_NULL, &err),
                           LAMBDEST_E_INVAL, &err, 0, err.where);
    }
    lambdest_free(before.record);
    for (i = 0; i < COUNT_OF(nullable); i++) {
        support_set_state(env, nullable[i], LAMBDEST_NULL);
        assert_int_equal(lambdest_envelope_state(env, nullable[i]), LAMBDEST_NULL);
        support_set_state(env, nullable[i], LAMBDEST_ABSENT);
    }
    lambdest_envelope_free(env);
}

static void takes_the_response_context_whole(void **state)
{
    static const int states[] = {LAMBDEST_ABSENT, LAMBDEST_NULL};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        lambdest_envelope *env = support_new(NULL, 0);

        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT), LAMBDEST_ABSENT);
        support_set_text(env, LAMBDEST_EXECUTED_VERSION, "1");
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT), LAMBDEST_VALUE);
        support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
        support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
        support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, states[i]);
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT), states[i]);
        support_expect_text(env, LAMBDEST_EXECUTED_VERSION, NULL);
        support_expect_integer(env, LAMBDEST_STATUS_CODE, -1);
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_FUNCTION_ERROR), LAMBDEST_ABSENT);
        lambdest_envelope_free(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_each_member_by_its_type),
        cmocka_unit_test(refuses_null_arguments),
        cmocka_unit_test(keeps_texts),
        cmocka_unit_test_setup_teardown(takes_its_own_text, support_setup, support_teardown),
        cmocka_unit_test(takes_only_arns),
        cmocka_unit_test(keeps_one_time),
        cmocka_unit_test(refuses_bad_texts),
        cmocka_unit_test(bounds_integers),
        cmocka_unit_test(nulls_what_may_be_null),
        cmocka_unit_test(takes_the_response_context_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
