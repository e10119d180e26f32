#include "support_untouched.h"

#include <stdio.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
