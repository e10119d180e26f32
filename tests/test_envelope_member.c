#include "support_untouched.h"

static const int no_members[] = {0,   -1,  1,   99,  108, 120, 129,       141,
                                 204, 308, 326, 390, 392, 521, INT32_MAX, INT32_MIN};

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_wrong_questions),
        cmocka_unit_test(reads_the_client_context),
        cmocka_unit_test(reads_metadata),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
