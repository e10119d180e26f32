#include "support_envelope.h"

#include <stdio.h>

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:f"

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

/* ---- what a failing call leaves ---- */

typedef struct untouched {
    const lambdest_envelope *env;
    char *record;
    size_t len;
} untouched;

static untouched look(const lambdest_envelope *env)
{
    untouched u = {env, NULL, 0};

    u.record = support_write(env, LAMBDEST_RECORD, 0, &u.len);
    return u;
}

#define expect_refused(u, rc, code, err, at, where)                                                          \
    expect_refused_at((u), (rc), (code), (err), (at), (where), __FILE__, __LINE__)
static void expect_refused_at(const untouched *u, int rc, int code, const lambdest_error *err, uint64_t at,
                              const char *where, const char *file, int line)
{
    support_code_at(rc, code, err, file, line);
    support_expect_error_at(err, code, at, where, file, line);
    support_expect_written_at(u->env, LAMBDEST_RECORD, 0, u->record, u->len, file, line);
}

/* An envelope with something in every place that a setter could harm. */
static lambdest_envelope *filled(void)
{
    lambdest_envelope *env = support_new(NULL, 0);

    support_set_text(env, LAMBDEST_REQUEST_ID, "id");
    support_set_text(env, LAMBDEST_FUNCTION_ARN, ARN ":live");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 2);
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, 1);
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "[1]");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"E\"}");
    support_set_json(env, LAMBDEST_DELIVERY_ERROR, "{}");
    return env;
}

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

/* Getters of another type, and of what is no member, say absent. */
static void answers_wrong_questions(void **state)
{
    lambdest_envelope *env = filled();
    int member;
    size_t i, len;
    int64_t value;

    (void)state;
    for (member = 100; member < 400; member++) {
        bool text = lambdest_envelope_text(env, member, NULL) != NULL;
        bool json = lambdest_envelope_json(env, member, NULL) != NULL;
        bool integer = !lambdest_envelope_integer(env, member, &value);

        assert_in_range(text + json + integer, 0, 1);
        assert_true(integer || !value);
    }
    for (i = 0; i < COUNT_OF(no_members); i++) {
        support_expect_text(env, no_members[i], NULL);
        support_expect_json(env, no_members[i], NULL);
        support_expect_integer(env, no_members[i], -1);
    }
    assert_null(lambdest_envelope_text(NULL, LAMBDEST_REQUEST_ID, &len));
    assert_int_equal(len, 0);
    assert_null(lambdest_envelope_json(NULL, LAMBDEST_REQUEST_PAYLOAD, &len));
    assert_int_equal(lambdest_envelope_integer(NULL, LAMBDEST_STATUS_CODE, &value), LAMBDEST_E_ABSENT);
    assert_int_equal(value, 0);
    assert_int_equal(lambdest_envelope_integer(env, LAMBDEST_STATUS_CODE, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_state(NULL, LAMBDEST_REQUEST_ID), LAMBDEST_ABSENT);
    lambdest_envelope_free(env);
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

/* ---- JSON ---- */

static const char *const payloads[] = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "-0.0",
                                       "1e+21",
                                       "1E400",
                                       "-1e-400",
                                       "1.10",
                                       "12345678901234567890123",
                                       "\"\"",
                                       "\"\\ud83d\"",
                                       "\"\\udc00\\ud83d\"",
                                       "\"\\u0000\"",
                                       "\"\\u00e9 \xC3\xA9 \\/ /\"",
                                       "\"\x7F\"",
                                       "[]",
                                       "{}",
                                       "[ ]",
                                       "[1, 2 ,3]",
                                       "{\"b\":1,\"a\":2}",
                                       "{\"a\":1,\"a\":2,\"\\u0061\":3}",
                                       "{\"\\u0000\":0,\"\":1}",
                                       "{ \"x\" :\t[ ] }",
                                       "{\"errorType\":\"E\",\"statusCode\":500}",
                                       "[[[[[[1]]]]]]",
                                       "\"{\\\"a\\\":1}\""};
static const char *const spaces[][2] = {{"", ""}, {" ", ""}, {"", "\n"}, {"\t\r\n ", " \r\n\t"}};

/* Set, got, written in a form, read back: always the same bytes, and the white space where it was. */
static void expect_fidelity(int member, int form, const char *payload, const char *const space[2],
                            uint32_t flags)
{
    char raw[100], *text;
    size_t len;
    lambdest_envelope *env = support_new(NULL, flags), *again;

    snprintf(raw, sizeof raw, "%s%s%s", space[0], payload, space[1]);
    support_set_json(env, member, raw);
    if (member == LAMBDEST_RESPONSE_PAYLOAD)
        support_set_text(env, LAMBDEST_CONDITION, "Success");
    support_expect_json(env, member, payload);
    text = support_write(env, form, 0, &len);
    assert_true(strstr(text, raw) != NULL);
    again = support_parse(NULL, text, len, 0);
    support_expect_json(again, member, payload);
    support_expect_written(again, 0, 0, text, len);
    lambdest_free(text);
    lambdest_envelope_free(again);
    lambdest_envelope_free(env);
}

static void keeps_payloads(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(payloads); i++)
        for (k = 0; k < COUNT_OF(spaces); k++) {
            uint32_t flags = k % 2 ? LAMBDEST_BORROW : 0;

            expect_fidelity(LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_RECORD, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_DOCUMENT, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_RECORD, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_DOCUMENT, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_INVOCATION_ERROR, LAMBDEST_RECORD, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_INVOCATION_ERROR, LAMBDEST_DOCUMENT, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_CONTEXT, LAMBDEST_DOCUMENT, payloads[i], spaces[k], flags);
            expect_fidelity(LAMBDEST_BATCH_PAYLOAD, LAMBDEST_RECORD, payloads[i], spaces[k], flags);
        }
}

/* Copied, a payload is the envelope's; borrowed, it is the very text that was given. */
static void copies_or_borrows(void **state)
{
    char text[] = " [1] ";
    lambdest_envelope *env = support_new(*state, 0);

    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, text);
    assert_ptr_not_equal(lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, NULL), text + 1);
    text[2] = '7';
    support_expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "[1]");
    lambdest_envelope_free(env);
    env = support_new(*state, LAMBDEST_BORROW);
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, text);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, NULL), text + 1);
    lambdest_envelope_free(env);
}

static const struct refused_json {
    int member;
    const char *json;
    int code;
    uint64_t at;
    const char *where;
} refused_jsons[] = {
    {LAMBDEST_REQUEST_PAYLOAD, "", LAMBDEST_E_SYNTAX, 0, "requestPayload"},
    {LAMBDEST_REQUEST_PAYLOAD, "  ", LAMBDEST_E_SYNTAX, 2, "requestPayload"},
    {LAMBDEST_REQUEST_PAYLOAD, "{\"a\":}", LAMBDEST_E_SYNTAX, 5, "requestPayload"},
    {LAMBDEST_RESPONSE_PAYLOAD, "1 2", LAMBDEST_E_SYNTAX, 2, "responsePayload"},
    {LAMBDEST_RESPONSE_PAYLOAD, "\"\xFF\"", LAMBDEST_E_UTF8, 1, "responsePayload"},
    {LAMBDEST_INVOCATION_ERROR, "Error", LAMBDEST_E_SYNTAX, 0, "invocationError"},
    {LAMBDEST_CONTEXT, "\xEF\xBB\xBF{}", LAMBDEST_E_SYNTAX, 0, "invocationRequest.context"},
    {LAMBDEST_BATCH_PAYLOAD, "\"\n\"", LAMBDEST_E_SYNTAX, 1, "payload"},
    {LAMBDEST_DELIVERY_ERROR, " []", LAMBDEST_E_SCHEMA, 1, "deliveryError"},
    {LAMBDEST_DELIVERY_ERROR, "null", LAMBDEST_E_SCHEMA, 0, "deliveryError"},
    {LAMBDEST_TIME_WINDOW_INFO, "\"\"", LAMBDEST_E_SCHEMA, 0, "timeWindowInfo"},
    {LAMBDEST_KAFKA_BATCH_INFO, "1", LAMBDEST_E_SCHEMA, 0, "KafkaBatchInfo"},
    {LAMBDEST_METADATA, "{}", LAMBDEST_E_INVAL, 0, "invocationMetadata"},
};

static void refuses_bad_json(void **state)
{
    lambdest_envelope *env = filled();
    untouched before = look(env);
    char deep[1100];
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(refused_jsons); i++) {
        const struct refused_json *r = &refused_jsons[i];
        int rc = lambdest_envelope_set_json(env, r->member, r->json, strlen(r->json), &err);

        expect_refused(&before, rc, r->code, &err, r->at, r->where);
    }
    expect_refused(&before, lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "1\0", 2, &err),
                   LAMBDEST_E_SYNTAX, &err, 1, "requestPayload");
    memset(deep, '[', 513);
    memset(deep + 513, ']', 513);
    expect_refused(&before, lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, deep, 1026, &err),
                   LAMBDEST_E_DEPTH, &err, 512, "requestPayload");
    lambdest_free(before.record);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, deep + 1, 1024, &err),
                     LAMBDEST_OK);
    lambdest_envelope_free(env);
}

/* ---- copied from another envelope ---- */

static const int payload_members[] = {LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_RESPONSE_PAYLOAD,
                                      LAMBDEST_INVOCATION_ERROR, LAMBDEST_BATCH_PAYLOAD, LAMBDEST_CONTEXT};

static void expect_same(const lambdest_envelope *env, const lambdest_envelope *expected)
{
    static const int forms[] = {LAMBDEST_RECORD, LAMBDEST_DOCUMENT};
    size_t i, len;

    for (i = 0; i < COUNT_OF(forms); i++) {
        char *text = support_write(expected, forms[i], 0, &len);

        support_expect_written(env, forms[i], 0, text, len);
        lambdest_free(text);
    }
}

static void expect_copy(const lambdest_envelope *from, int from_member, int member, const char *raw,
                        uint32_t flags)
{
    lambdest_envelope *env = support_new(NULL, flags), *expected = support_new(NULL, flags);
    lambdest_error err;

    assert_int_equal(lambdest_envelope_copy_json(env, member, from, from_member, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    support_set_json(expected, member, raw);
    expect_same(env, expected);
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_ERROR_TYPE),
                     lambdest_envelope_state(expected, LAMBDEST_ERROR_TYPE));
    lambdest_envelope_free(expected);
    lambdest_envelope_free(env);
}

/* A copied member is what it would be if its bytes had been set: where it is kept, and in what it entails. */
static void copies_members(void **state)
{
    size_t i, k, from, to;
    char raw[100];

    (void)state;
    for (i = 0; i < COUNT_OF(payloads); i++)
        for (from = 0; from < COUNT_OF(payload_members); from++) {
            lambdest_envelope *env = support_new(NULL, 0);

            k = i % COUNT_OF(spaces);
            snprintf(raw, sizeof raw, "%s%s%s", spaces[k][0], payloads[i], spaces[k][1]);
            support_set_json(env, payload_members[from], raw);
            for (to = 0; to < COUNT_OF(payload_members); to++)
                expect_copy(env, payload_members[from], payload_members[to], raw,
                            to % 2 ? LAMBDEST_BORROW : 0);
            lambdest_envelope_free(env);
        }
}

/* An error is found where lambdest_envelope_json finds it, what is derived is copied too. */
static void copies_what_can_be_read(void **state)
{
    static const char record[] =
        "{\"requestPayload\": [1, 2] ,\"responseContext\":{\"functionError\":\"Handled\"},"
        "\"responsePayload\": {\"errorType\":\"E\"}\n}";
    static const char document[] =
        "{\"invocationRequest\":{\"event\":null,\"context\":{\"clientContext\": {\"a\":1}}},"
        "\"invocationMetadata\":{ \"x\":1}}";
    static const char batch[] =
        "{\"requestContext\":{\"condition\":\"x\"},\"KafkaBatchInfo\":{\"batchSize\":3},"
        "\"payload\":\"{}\"}";
    lambdest_envelope *from = support_parse_text(record);

    (void)state;
    expect_copy(from, LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_REQUEST_PAYLOAD, " [1, 2] ", 0);
    expect_copy(from, LAMBDEST_INVOCATION_ERROR, LAMBDEST_INVOCATION_ERROR, " {\"errorType\":\"E\"}\n", 0);
    expect_copy(from, LAMBDEST_INVOCATION_ERROR, LAMBDEST_REQUEST_PAYLOAD, " {\"errorType\":\"E\"}\n", 0);
    expect_copy(from, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_DELIVERY_ERROR, " {\"errorType\":\"E\"}\n", 0);
    lambdest_envelope_free(from);
    from = support_parse_text(document);
    expect_copy(from, LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_RESPONSE_PAYLOAD, "null", 0);
    expect_copy(from, LAMBDEST_CLIENT_CONTEXT, LAMBDEST_REQUEST_PAYLOAD, "{\"a\":1}", 0);
    expect_copy(from, LAMBDEST_METADATA, LAMBDEST_REQUEST_PAYLOAD, "{ \"x\":1}", LAMBDEST_BORROW);
    lambdest_envelope_free(from);
    from = support_parse_text(batch);
    expect_copy(from, LAMBDEST_BATCH_PAYLOAD, LAMBDEST_REQUEST_PAYLOAD, "\"{}\"", 0);
    lambdest_envelope_free(from);
}

static void copies_batch_infos(void **state)
{
    lambdest_envelope *from = support_parse_text("{\"KafkaBatchInfo\":{\"batchSize\":3}}"), *env;
    int64_t size = 0;

    (void)state;
    env = support_new(NULL, 0);
    assert_int_equal(
        lambdest_envelope_copy_json(env, LAMBDEST_KAFKA_BATCH_INFO, from, LAMBDEST_KAFKA_BATCH_INFO, NULL),
        LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_kind(env), LAMBDEST_BATCH);
    assert_int_equal(lambdest_envelope_integer(env, LAMBDEST_BATCH_SIZE, &size), LAMBDEST_OK);
    assert_int_equal(size, 3);
    lambdest_envelope_free(env);
    lambdest_envelope_free(from);
}

/* Borrowed is what another envelope has; of its own an envelope keeps a copy, for the other may go. */
static void borrows_from_another(void **state)
{
    lambdest_envelope *from = support_new(NULL, 0), *env = support_new(*state, LAMBDEST_BORROW);
    size_t len;

    support_set_json(from, LAMBDEST_REQUEST_PAYLOAD, "[\"of from\"]");
    assert_int_equal(
        lambdest_envelope_copy_json(env, LAMBDEST_RESPONSE_PAYLOAD, from, LAMBDEST_REQUEST_PAYLOAD, NULL),
        LAMBDEST_OK);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len),
                     lambdest_envelope_json(from, LAMBDEST_REQUEST_PAYLOAD, &len));
    assert_int_equal(lambdest_envelope_set_error(env, "E", 1, "m", 1, NULL, 0, NULL), LAMBDEST_OK);
    assert_int_equal(
        lambdest_envelope_copy_json(env, LAMBDEST_REQUEST_PAYLOAD, env, LAMBDEST_INVOCATION_ERROR, NULL),
        LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_state(env, LAMBDEST_INVOCATION_ERROR, LAMBDEST_ABSENT, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_error(env, "F", 1, "n", 1, NULL, 0, NULL), LAMBDEST_OK);
    support_expect_json(env, LAMBDEST_REQUEST_PAYLOAD,
                        "{\"errorMessage\":\"m\",\"errorType\":\"E\",\"stackTrace\":[]}");
    lambdest_envelope_free(env);
    lambdest_envelope_free(from);
}

static lambdest_envelope *limited(uint32_t depth, uint64_t bytes)
{
    lambdest_options options = support_options(NULL, 0);
    lambdest_envelope *env = NULL;

    options.max_depth = depth;
    options.max_bytes = bytes;
    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    return env;
}

static void refuses_bad_copies(void **state)
{
    lambdest_envelope *env = filled(), *small = limited(2, 7), *from = support_new(NULL, 0);
    untouched before = look(env), before_small = look(small);
    lambdest_error err;

    (void)state;
#define COPY(to, member, from_member)                                                                        \
    lambdest_envelope_copy_json((to), LAMBDEST_##member, from, LAMBDEST_##from_member, &err)
    support_set_json(from, LAMBDEST_REQUEST_PAYLOAD, " [[[1]]]");
    support_set_json(from, LAMBDEST_RESPONSE_PAYLOAD, "[1]");
    expect_refused(&before, COPY(env, CONTEXT, CONTEXT), LAMBDEST_E_ABSENT, &err, 0,
                   "invocationRequest.context");
    expect_refused(&before, COPY(env, REQUEST_PAYLOAD, INVOCATION_ERROR), LAMBDEST_E_ABSENT, &err, 0,
                   "requestPayload");
    expect_refused(&before, COPY(env, REQUEST_PAYLOAD, REQUEST_ID), LAMBDEST_E_ABSENT, &err, 0,
                   "requestPayload");
    expect_refused(&before, COPY(env, DELIVERY_ERROR, REQUEST_PAYLOAD), LAMBDEST_E_SCHEMA, &err, 1,
                   "deliveryError");
    expect_refused(&before, COPY(env, METADATA, REQUEST_PAYLOAD), LAMBDEST_E_INVAL, &err, 0,
                   "invocationMetadata");
    expect_refused(&before, COPY(env, KAFKA_BATCH_INFO, REQUEST_PAYLOAD), LAMBDEST_E_SCHEMA, &err, 1,
                   "KafkaBatchInfo");
    expect_refused(&before_small, COPY(small, REQUEST_PAYLOAD, REQUEST_PAYLOAD), LAMBDEST_E_TOO_BIG, &err, 7,
                   "requestPayload");
    support_set_json(from, LAMBDEST_REQUEST_PAYLOAD, "[[[1]]]");
    expect_refused(&before_small, COPY(small, REQUEST_PAYLOAD, REQUEST_PAYLOAD), LAMBDEST_E_DEPTH, &err, 2,
                   "requestPayload");
    assert_int_equal(COPY(small, REQUEST_PAYLOAD, RESPONSE_PAYLOAD), LAMBDEST_OK);
    support_expect_json(small, LAMBDEST_REQUEST_PAYLOAD, "[1]");
    lambdest_envelope_free(from);
    from = NULL;
    expect_refused(&before, COPY(env, REQUEST_PAYLOAD, REQUEST_PAYLOAD), LAMBDEST_E_INVAL, &err, 0, "");
    from = env;
    assert_int_equal(COPY(NULL, REQUEST_PAYLOAD, REQUEST_PAYLOAD), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
#undef COPY
    lambdest_free(before.record);
    lambdest_free(before_small.record);
    lambdest_envelope_free(small);
    lambdest_envelope_free(env);
}

/* What is in an envelope of the same or a lower depth is not checked again, but its length is. */
static void bounds_what_is_not_checked(void **state)
{
    lambdest_envelope *from = limited(2, 100), *env = limited(2, 7);
    untouched before = look(env);
    lambdest_error err;

    (void)state;
    support_set_json(from, LAMBDEST_REQUEST_PAYLOAD, "[[1234]]");
    support_set_json(from, LAMBDEST_RESPONSE_PAYLOAD, "[[123]]");
    expect_refused(
        &before,
        lambdest_envelope_copy_json(env, LAMBDEST_RESPONSE_PAYLOAD, from, LAMBDEST_REQUEST_PAYLOAD, &err),
        LAMBDEST_E_TOO_BIG, &err, 7, "responsePayload");
    assert_int_equal(
        lambdest_envelope_copy_json(env, LAMBDEST_REQUEST_PAYLOAD, from, LAMBDEST_RESPONSE_PAYLOAD, &err),
        LAMBDEST_OK);
    support_expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "[[123]]");
    lambdest_free(before.record);
    lambdest_envelope_free(env);
    lambdest_envelope_free(from);
}

static int attempt_copy(support_memory *m, void *arg)
{
    size_t calls = m->calls, nth = m->fail_at, len;
    lambdest_envelope *env;
    bool onwards = m->fail_on;
    lambdest_error err;
    char *before;
    int rc;

    support_memory_fail(m, 0, false);
    env = support_new(m, 0);
    assert_int_equal(support_fill(m, env), LAMBDEST_OK);
    before = support_write(env, LAMBDEST_RECORD, 0, &len);
    support_memory_fail(m, nth - calls, onwards);
    rc = lambdest_envelope_copy_json(env, LAMBDEST_INVOCATION_ERROR, arg, LAMBDEST_REQUEST_PAYLOAD, &err);
    support_memory_fail(m, 0, false);
    if (rc)
        support_expect_written(env, LAMBDEST_RECORD, 0, before, len);
    lambdest_free(before);
    lambdest_envelope_free(env);
    return rc;
}

static void copies_all_or_nothing(void **state)
{
    lambdest_envelope *from = support_new(NULL, 0);

    support_set_json(from, LAMBDEST_REQUEST_PAYLOAD, "{\"errorType\":\"E\",\"stackTrace\":[\"f\"]}");
    support_exhaust(*state, attempt_copy, from);
    lambdest_envelope_free(from);
}

static void reads_the_client_context(void **state)
{
    static const char *const cases[][2] = {{"{\"clientContext\": {\"a\":1} }", "{\"a\":1}"},
                                           {"{\"client\\u0043ontext\":null}", "null"},
                                           {"{\"clientContext\":1,\"clientContext\":[2]}", "[2]"},
                                           {"{\"x\":{\"clientContext\":1}}", NULL},
                                           {"[\"clientContext\"]", NULL},
                                           {"null", NULL}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(cases); i++) {
        lambdest_envelope *env = support_new(NULL, 0);

        support_set_json(env, LAMBDEST_CONTEXT, cases[i][0]);
        support_expect_json(env, LAMBDEST_CLIENT_CONTEXT, cases[i][1]);
        lambdest_envelope_free(env);
    }
}

static void reads_metadata(void **state)
{
    lambdest_envelope *env = support_parse_text("{\"invocationMetadata\": {\"condition\" :\"a\",\"x\":1} }");

    (void)state;
    support_expect_json(env, LAMBDEST_METADATA, "{\"condition\" :\"a\",\"x\":1}");
    support_set_text(env, LAMBDEST_CONDITION, "b");
    support_expect_json(env, LAMBDEST_METADATA, "{\"condition\" :\"a\",\"x\":1}");
    lambdest_envelope_free(env);
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

/* ---- the invocation error ---- */

static void signs_an_error(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "\"e\"");
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, "Unhandled");
    support_expect_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    support_set_text(env, LAMBDEST_FUNCTION_ERROR, "Handled");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 500);
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 0, NULL, 0, NULL, 0, NULL), LAMBDEST_OK);
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, "Handled");
    support_expect_integer(env, LAMBDEST_STATUS_CODE, 500);
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 0, NULL, 0, NULL, 0, NULL), LAMBDEST_OK);
    support_expect_text(env, LAMBDEST_FUNCTION_ERROR, "Unhandled");
    support_expect_integer(env, LAMBDEST_STATUS_CODE, 200);
    lambdest_envelope_free(env);
}

static void builds_an_error_from_parts(void **state)
{
    static const lambdest_slice frames[] = {
        {"  File \"\xC3\xA9\", line 1\n", 20}, {"", 0}, {NULL, 0}, {"a\0b", 3}};
    lambdest_envelope *env = support_new(*state, 0);
    size_t len;

    assert_int_equal(
        lambdest_envelope_set_error(env, "T\"y\\", 4, "\x01\n\0\xF0\x9F\x98\x80", 7, frames, 4, NULL),
        LAMBDEST_OK);
    support_expect_json(
        env, LAMBDEST_INVOCATION_ERROR,
        "{\"errorMessage\":\"\\u0001\\n\\u0000\xF0\x9F\x98\x80\",\"errorType\":\"T\\\"y\\\\\","
        "\"stackTrace\":[\"  File \\\"\xC3\xA9\\\", line 1\\n\",\"\",\"\",\"a\\u0000b\"]}");
    support_expect_text(env, LAMBDEST_ERROR_TYPE, "T\"y\\");
    support_expect_bytes(lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len), 8,
                         "\x01\n\0\xF0\x9F\x98\x80", 8);
    assert_int_equal(len, 7);
    assert_int_equal(lambdest_envelope_frame_count(env), 4);
    support_expect_bytes(lambdest_envelope_frame(env, 3, &len), 4, "a\0b", 4);
    assert_int_equal(len, 3);
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 5, "m", 1, NULL, 0, NULL), LAMBDEST_OK);
    support_expect_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorMessage\":\"m\",\"stackTrace\":[]}");
    assert_int_equal(lambdest_envelope_set_error(env, "", 0, NULL, 0, frames, 0, NULL), LAMBDEST_OK);
    support_expect_json(env, LAMBDEST_INVOCATION_ERROR,
                        "{\"errorMessage\":\"\",\"errorType\":\"\",\"stackTrace\":[]}");
    lambdest_envelope_free(env);
}

static void refuses_bad_parts(void **state)
{
    static const lambdest_slice bad[] = {{"ok", 2}, {"abc\x80", 4}}, gone[] = {{"ok", 2}, {NULL, 1}};
    lambdest_envelope *env = filled();
    untouched before = look(env);
    lambdest_error err;

    (void)state;
    expect_refused(&before, lambdest_envelope_set_error(env, "a\xFF", 2, "m", 1, NULL, 0, &err),
                   LAMBDEST_E_UTF8, &err, 1, "invocationError.errorType");
    expect_refused(&before, lambdest_envelope_set_error(env, "a", 1, "\xC0\x80", 2, NULL, 0, &err),
                   LAMBDEST_E_UTF8, &err, 0, "invocationError.errorMessage");
    expect_refused(&before, lambdest_envelope_set_error(env, "a", 1, "m", 1, bad, 2, &err), LAMBDEST_E_UTF8,
                   &err, 3, "invocationError.stackTrace");
    expect_refused(&before, lambdest_envelope_set_error(env, "a", 1, "m", 1, gone, 2, &err), LAMBDEST_E_INVAL,
                   &err, 0, "invocationError.stackTrace");
    expect_refused(&before, lambdest_envelope_set_error(env, "a", 1, "m", 1, NULL, 1, &err), LAMBDEST_E_INVAL,
                   &err, 0, "invocationError.stackTrace");
    expect_refused(&before, lambdest_envelope_set_error(env, "a", 1, NULL, 1, NULL, 0, &err),
                   LAMBDEST_E_INVAL, &err, 0, "invocationError.errorMessage");
    lambdest_free(before.record);
    lambdest_envelope_free(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_each_member_by_its_type),
        cmocka_unit_test(answers_wrong_questions),
        cmocka_unit_test(refuses_null_arguments),
        cmocka_unit_test(keeps_texts),
        cmocka_unit_test_setup_teardown(takes_its_own_text, support_setup, support_teardown),
        cmocka_unit_test(takes_only_arns),
        cmocka_unit_test(keeps_one_time),
        cmocka_unit_test(refuses_bad_texts),
        cmocka_unit_test(bounds_integers),
        cmocka_unit_test(keeps_payloads),
        cmocka_unit_test_setup_teardown(copies_or_borrows, support_setup, support_teardown),
        cmocka_unit_test(refuses_bad_json),
        cmocka_unit_test(copies_members),
        cmocka_unit_test(copies_what_can_be_read),
        cmocka_unit_test(copies_batch_infos),
        cmocka_unit_test_setup_teardown(borrows_from_another, support_setup, support_teardown),
        cmocka_unit_test(refuses_bad_copies),
        cmocka_unit_test(bounds_what_is_not_checked),
        cmocka_unit_test_setup_teardown(copies_all_or_nothing, support_setup, support_teardown),
        cmocka_unit_test(reads_the_client_context),
        cmocka_unit_test(reads_metadata),
        cmocka_unit_test(nulls_what_may_be_null),
        cmocka_unit_test(takes_the_response_context_whole),
        cmocka_unit_test(signs_an_error),
        cmocka_unit_test_setup_teardown(builds_an_error_from_parts, support_setup, support_teardown),
        cmocka_unit_test(refuses_bad_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
