#include "support_untouched.h"

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
        cmocka_unit_test(signs_an_error),
        cmocka_unit_test_setup_teardown(builds_an_error_from_parts, support_setup, support_teardown),
        cmocka_unit_test(refuses_bad_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
