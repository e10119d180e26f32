#include "support_envelope.h"

#include <stdio.h>

static void is_born_empty(void **state)
{
    static const int members[] = {LAMBDEST_REQUEST_ID,       LAMBDEST_FUNCTION_ARN,
                                  LAMBDEST_CONDITION,        LAMBDEST_TIMESTAMP,
                                  LAMBDEST_EXECUTED_VERSION, LAMBDEST_FUNCTION_ERROR,
                                  LAMBDEST_FUNCTION_NAME,    LAMBDEST_ERROR_TYPE,
                                  LAMBDEST_SOURCE_ARN,       LAMBDEST_INVOKE_COUNT,
                                  LAMBDEST_STATUS_CODE,      LAMBDEST_TIMESTAMP_MS,
                                  LAMBDEST_BATCH_SIZE,       LAMBDEST_PAYLOAD_SIZE,
                                  LAMBDEST_REQUEST_PAYLOAD,  LAMBDEST_RESPONSE_PAYLOAD,
                                  LAMBDEST_INVOCATION_ERROR, LAMBDEST_DELIVERY_ERROR,
                                  LAMBDEST_CONTEXT,          LAMBDEST_CLIENT_CONTEXT,
                                  LAMBDEST_METADATA,         LAMBDEST_KINESIS_BATCH_INFO,
                                  LAMBDEST_TIME_WINDOW_INFO, LAMBDEST_BATCH_PAYLOAD,
                                  LAMBDEST_RESPONSE_CONTEXT};
    support_memory *m = *state;
    lambdest_envelope *env = support_new(m, 0);
    size_t i;

    assert_int_equal(m->calls, 1);
    assert_int_equal(lambdest_envelope_form(env), 0);
    assert_int_equal(lambdest_envelope_kind(env), LAMBDEST_ASYNC);
    support_expect_text(env, LAMBDEST_RECORD_VERSION, "1.0");
    for (i = 0; i < COUNT_OF(members); i++)
        assert_int_equal(lambdest_envelope_state(env, members[i]), LAMBDEST_ABSENT);
    assert_int_equal(lambdest_envelope_frame_count(env), 0);
    assert_int_equal(lambdest_envelope_range_count(env), 0);
    lambdest_envelope_free(env);
}

static void takes_null(void **state)
{
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_envelope_new(NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_envelope_new(NULL, NULL, NULL), LAMBDEST_E_INVAL);
    lambdest_envelope_free(NULL);
    assert_int_equal(lambdest_envelope_form(NULL), 0);
    assert_int_equal(lambdest_envelope_kind(NULL), 0);
}

static int attempt_new(support_memory *m, void *arg)
{
    lambdest_options options = support_options(m, 0);
    lambdest_envelope *env = arg;
    lambdest_error err;
    int rc = lambdest_envelope_new(&options, &env, &err);

    if (rc) {
        assert_null(env);
        support_expect_error(&err, rc, 0, "");
    }
    lambdest_envelope_free(env);
    return rc;
}

static void fails_without_memory(void **state)
{
    support_exhaust(*state, attempt_new, *state);
}

/* Options are copied at the call, the allocator with them. */
static void copies_its_options(void **state)
{
    support_memory *m = *state;
    lambdest_alloc alloc = m->alloc;
    lambdest_options options = support_options(m, 0);
    lambdest_envelope *env = NULL;
    char big[601];

    options.alloc = &alloc;
    options.max_bytes = 600;
    options.max_depth = 2;
    assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
    memset(&options, 0xFF, sizeof options);
    memset(&alloc, 0, sizeof alloc);
    memset(big, ' ', sizeof big);
    big[599] = '1';
    big[600] = ' ';
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, big, 600, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, big, 600, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, "[[]]", 4, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, "[[[]]]", 6, NULL), LAMBDEST_E_DEPTH);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, big, 601, NULL), LAMBDEST_E_TOO_BIG);
    assert_in_range(m->blocks, 1, 4);
    lambdest_envelope_free(env);
}

/* ---- clone ---- */

static lambdest_envelope *cloned(const lambdest_envelope *env)
{
    lambdest_envelope *copy = NULL;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_clone(env, &copy, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_ptr_not_equal(copy, env);
    return copy;
}

/* The two say the same in all that can be asked without knowing more. */
static void expect_same(const lambdest_envelope *a, const lambdest_envelope *b)
{
    int member, form;

    assert_int_equal(lambdest_envelope_form(a), lambdest_envelope_form(b));
    assert_int_equal(lambdest_envelope_kind(a), lambdest_envelope_kind(b));
    assert_int_equal(lambdest_envelope_frame_count(a), lambdest_envelope_frame_count(b));
    assert_int_equal(lambdest_envelope_range_count(a), lambdest_envelope_range_count(b));
    for (member = 100; member < 400; member++) {
        size_t la, lb;
        const char *ta = lambdest_envelope_text(a, member, &la), *tb = lambdest_envelope_text(b, member, &lb);

        assert_int_equal(lambdest_envelope_state(a, member), lambdest_envelope_state(b, member));
        support_expect_bytes(ta, la, tb, lb);
        ta = lambdest_envelope_json(a, member, &la);
        tb = lambdest_envelope_json(b, member, &lb);
        support_expect_bytes(ta, la, tb, lb);
    }
    for (form = LAMBDEST_RECORD; form <= LAMBDEST_DOCUMENT; form++) {
        size_t len;
        char *text;

        if (form == LAMBDEST_DOCUMENT && lambdest_envelope_kind(a) == LAMBDEST_BATCH)
            continue;
        text = support_write(a, form, 0, &len);
        support_expect_written(b, form, 0, text, len);
        lambdest_free(text);
    }
}

static const char *const clone_texts[] = {
    " {\"requestPayload\": [1] ,\"x\":1,\"requestContext\":{\"functionArn\":"
    "\"arn:aws:lambda:eu-west-1:111122223333:function:f:1\",\"y\":{}},\"responseContext\":{\"functionError\":"
    "\"e\"},"
    "\"responsePayload\":{\"errorType\":\"E\",\"stackTrace\":[\"a\",{}]}}\n",
    "{\"invocationId\":\"\\u0069\",\"invocationRequest\":{\"context\":{\"clientContext\":1}},"
    "\"invocationError\":null}",
    "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"a-1\":{},\"b-2\":{}}},\"responseContext\":null,\"payload\":"
    "\"\"}",
};

/* What lies behind a clone is its own: the text given is gone, the first envelope is gone. */
static void clones_what_was_parsed(void **state)
{
    size_t i;

    for (i = 0; i < 2 * COUNT_OF(clone_texts); i++) {
        size_t len = strlen(clone_texts[i / 2]);
        char *text = support_exact(clone_texts[i / 2], len);
        lambdest_envelope *env = support_parse(*state, text, len, i % 2 ? LAMBDEST_BORROW : 0);
        lambdest_envelope *copy = cloned(env);

        expect_same(env, copy);
        lambdest_envelope_free(env);
        free(text);
        support_expect_written(copy, 0, 0, clone_texts[i / 2], len);
        lambdest_envelope_free(copy);
    }
}

static void change_all(lambdest_envelope *env, const char *json)
{
    static const int texts[] = {LAMBDEST_REQUEST_ID, LAMBDEST_CONDITION, LAMBDEST_EXECUTED_VERSION,
                                LAMBDEST_RECORD_VERSION};
    static const int jsons[] = {LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_RESPONSE_PAYLOAD,
                                LAMBDEST_INVOCATION_ERROR, LAMBDEST_CONTEXT, LAMBDEST_TIME_WINDOW_INFO};
    size_t i;

    for (i = 0; i < COUNT_OF(texts); i++)
        support_set_text(env, texts[i], "a longer text than would fit into a word");
    for (i = 0; i < COUNT_OF(jsons); i++)
        support_set_json(env, jsons[i], json);
    support_set_text(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:g");
    support_set_integer(env, LAMBDEST_STATUS_CODE, 500);
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, 0);
    support_set_state(env, LAMBDEST_FUNCTION_ERROR, LAMBDEST_NULL);
    support_set_state(env, LAMBDEST_BATCH_PAYLOAD, LAMBDEST_ABSENT);
}

static void clones_what_was_changed(void **state)
{
    size_t i, k;

    for (i = 0; i < 2 * COUNT_OF(clone_texts) + 2; i++) {
        char json[] = " {\"errorMessage\" : \"m\",\"stack\":\"s\"} ";
        uint32_t flags = i % 2 ? LAMBDEST_BORROW : 0;
        bool parsed = i / 2 < COUNT_OF(clone_texts);
        lambdest_envelope *env =
            parsed ? support_parse(*state, clone_texts[i / 2], strlen(clone_texts[i / 2]), flags)
                   : support_new(*state, flags);
        lambdest_envelope *copy, *second;
        char *written;
        size_t len;

        change_all(env, json);
        copy = cloned(env);
        expect_same(env, copy);
        second = cloned(copy);
        written = support_write(env, 0, 0, &len);
        lambdest_envelope_free(env);
        for (k = 0; json[k]; k++)
            json[k] = '?';
        support_expect_written(copy, 0, 0, written, len);
        support_set_text(copy, LAMBDEST_REQUEST_ID, "another");
        lambdest_envelope_free(copy);
        support_expect_written(second, 0, 0, written, len);
        lambdest_free(written);
        lambdest_envelope_free(second);
    }
}

/* A clone copies what it is given, whatever its origin did. */
static void clones_do_not_borrow(void **state)
{
    lambdest_envelope *env = support_new(*state, LAMBDEST_BORROW), *copy = cloned(env);
    char json[] = "[1]";

    support_set_json(copy, LAMBDEST_REQUEST_PAYLOAD, json);
    json[1] = '2';
    support_expect_json(copy, LAMBDEST_REQUEST_PAYLOAD, "[1]");
    lambdest_envelope_free(env);
    lambdest_envelope_free(copy);
}

static void clones_keep_their_limits(void **state)
{
    lambdest_options options = support_options(*state, 0);
    lambdest_envelope *env = NULL, *copy;
    size_t i;

    options.max_bytes = 60;
    options.max_depth = 2;
    options.max_items = 1;
    for (i = 0; i < 2; i++) {
        if (i)
            assert_int_equal(lambdest_envelope_parse("{\"requestPayload\":1}", 20, &options, &env, NULL),
                             LAMBDEST_OK);
        else
            assert_int_equal(lambdest_envelope_new(&options, &env, NULL), LAMBDEST_OK);
        copy = cloned(env);
        lambdest_envelope_free(env);
        assert_int_equal(lambdest_envelope_set_json(copy, LAMBDEST_CONTEXT, "[[[]]]", 6, NULL),
                         LAMBDEST_E_DEPTH);
        support_set_json(copy, LAMBDEST_CONTEXT, "[[]]");
        support_set_json(copy, LAMBDEST_INVOCATION_ERROR, "{\"stackTrace\":[\"a\",\"b\"]}");
        assert_int_equal(lambdest_envelope_frame_count(copy), 1);
        assert_int_equal(lambdest_envelope_set_text(
                             copy, LAMBDEST_CONDITION,
                             "a text of more than sixty bytes, which is one byte too many..", 61, NULL),
                         LAMBDEST_E_TOO_BIG);
        lambdest_envelope_free(copy);
    }
}

/* Another source's batch info, whichever the order of the three. */
static void clones_a_changed_source(void **state)
{
    static const int infos[] = {LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_DDB_STREAM_BATCH_INFO,
                                LAMBDEST_KAFKA_BATCH_INFO};
    static const char *const texts[] = {"{\"KinesisBatchInfo\":{\"shardId\":\"a\"}}",
                                        "{\"DDBStreamBatchInfo\":{\"shardId\":\"b\"}}",
                                        "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"c-1\":{}}}}"};
    size_t i;

    for (i = 0; i < 9; i++) {
        lambdest_envelope *env = support_parse(*state, texts[i / 3], strlen(texts[i / 3]), 0), *copy;

        support_set_state(env, infos[i / 3], LAMBDEST_ABSENT);
        support_set_json(env, infos[i % 3], "{\"batchSize\":7}");
        copy = cloned(env);
        support_expect_integer(copy, LAMBDEST_BATCH_SIZE, 7);
        expect_same(env, copy);
        lambdest_envelope_free(env);
        lambdest_envelope_free(copy);
    }
}

static int attempt_clone(support_memory *m, void *arg)
{
    lambdest_envelope *copy = (lambdest_envelope *)(void *)m;
    lambdest_error err;
    int rc = lambdest_envelope_clone(arg, &copy, &err);

    if (rc) {
        assert_null(copy);
        support_expect_error(&err, rc, 0, "");
    }
    lambdest_envelope_free(copy);
    return rc;
}

static void clones_all_or_nothing(void **state)
{
    lambdest_envelope *env = support_parse(*state, clone_texts[0], strlen(clone_texts[0]), 0);
    lambdest_envelope *copy = env;
    lambdest_error err;

    change_all(env, "{\"errorType\":\"E\",\"stackTrace\":[\"f\"]}");
    support_exhaust(*state, attempt_clone, env);
    assert_int_equal(lambdest_envelope_clone(NULL, &copy, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_null(copy);
    assert_int_equal(lambdest_envelope_clone(env, NULL, &err), LAMBDEST_E_INVAL);
    lambdest_envelope_free(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_born_empty, support_setup, support_teardown),
        cmocka_unit_test(takes_null),
        cmocka_unit_test_setup_teardown(fails_without_memory, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(copies_its_options, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_what_was_parsed, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_what_was_changed, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_do_not_borrow, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_keep_their_limits, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_a_changed_source, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(clones_all_or_nothing, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
