/* From a decision to a record that can be sent. */
#include "support_envelope.h"

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    RETURNED = 0,
    RAISED = 1
};

static lambdest_envelope *make(support_memory *m)
{
    static const lambdest_header headers[] = {
        {"Lambda-Runtime-Aws-Request-Id", 29, "id-1", 4},
        {"Lambda-Runtime-Invoked-Function-Arn", 35, "arn:aws:lambda:us-east-1:123456789012:function:f", 48}};
    lambdest_options options = {.size = sizeof options, .alloc = &m->alloc};
    lambdest_envelope *env;

    return lambdest_runtime_invocation(headers, 2, NULL, 0, &options, &env, NULL) ? NULL : env;
}

static void end(lambdest_envelope *env, int how)
{
    lambdest_post post = {
        .size = sizeof post, .channel = LAMBDEST_CHANNEL_RESPONSE, .body = "{}", .body_len = 2};

    if (how >= LAMBDEST_FAULT_EXIT) {
        assert_int_equal(lambdest_runtime_fault(env, how, how == LAMBDEST_FAULT_TIMEOUT ? 3000 : 0, NULL), 0);
        return;
    }
    if (how == RAISED)
        post.channel = LAMBDEST_CHANNEL_ERROR;
    assert_int_equal(lambdest_runtime_post(env, &post, NULL), LAMBDEST_OK);
}

static void is_concluded(const lambdest_envelope *env, const char *condition, int64_t count)
{
    int64_t value;

    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_CONDITION, NULL), condition);
    assert_int_equal(lambdest_envelope_integer(env, LAMBDEST_INVOKE_COUNT, &value), LAMBDEST_OK);
    assert_int_equal(value, count);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_TIMESTAMP, NULL), "2026-03-02T09:24:58.046Z");
    assert_false(lambdest_envelope_contradictory(env));
}

static const int64_t now = 1772443498046;

/* The whole way: a post or fault, its cause settled, the decision concluded. */
static void settled(void **state)
{
    static const struct {
        int how;
        uint32_t attempts;
        uint32_t throttles;
        int64_t age;
        const char *condition;
        int64_t count;
    } cases[] = {
        {RETURNED, 2, 0, 70000, "Success", 2},
        {RAISED, 3, 0, 200000, "RetriesExhausted", 3},
        {RAISED, 2, 0, 21500000, "EventAgeExceeded", 2},
        {LAMBDEST_FAULT_TIMEOUT, 3, 0, 200000, "RetriesExhausted", 3},
        {LAMBDEST_FAULT_THROTTLED, 0, 20, 21599999, "EventAgeExceeded", 0},
        {LAMBDEST_FAULT_THROTTLED, 1, 20, 21599999, "EventAgeExceeded", 1},
        {LAMBDEST_FAULT_SYSTEM_ERROR, 0, 20, 21599999, "EventAgeExceeded", 0},
        {LAMBDEST_FAULT_TARGET_GONE, 3, 0, 0, "RetriesExhausted", 3},
        {LAMBDEST_FAULT_RECURSION, 0, 0, 0, "RecursiveInvocation", 0},
        {LAMBDEST_FAULT_ZERO_CONCURRENCY, 0, 0, 0, "ZeroReservedConcurrency", 0},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        lambdest_envelope *env = make(*state);
        lambdest_attempt attempt = {.size = sizeof attempt,
                                    .attempts = cases[i].attempts,
                                    .throttles = cases[i].throttles,
                                    .queued_ms = now - cases[i].age,
                                    .now_ms = now};
        lambdest_decision decision = {.size = sizeof decision};
        lambdest_error err;

        end(env, cases[i].how);
        attempt.cause = (uint32_t)lambdest_envelope_cause(env);
        assert_int_equal(lambdest_settle(NULL, &attempt, &decision, &err), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_conclude(env, &decision, now, &err), LAMBDEST_OK);
        support_expect_ok(&err);
        is_concluded(env, cases[i].condition, cases[i].count);
        assert_int_equal(lambdest_envelope_cause(env), attempt.cause);
        lambdest_envelope_free(env);
    }
}

/* Without a decision: one attempt, or none for what never ran. */
static void not_tried_again(void **state)
{
    static const struct {
        int how;
        const char *condition;
        int64_t count;
    } cases[] = {
        {RETURNED, "Success", 1},
        {RAISED, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_EXIT, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_TIMEOUT, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_OUT_OF_MEMORY, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_RESPONSE_TOO_LARGE, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_BAD_INIT, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_THROTTLED, "EventAgeExceeded", 0},
        {LAMBDEST_FAULT_SYSTEM_ERROR, "EventAgeExceeded", 0},
        {LAMBDEST_FAULT_TARGET_GONE, "RetriesExhausted", 1},
        {LAMBDEST_FAULT_RECURSION, "RecursiveInvocation", 0},
        {LAMBDEST_FAULT_ZERO_CONCURRENCY, "ZeroReservedConcurrency", 0},
    };
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        lambdest_envelope *env = make(*state);

        end(env, cases[i].how);
        assert_int_equal(lambdest_envelope_conclude(env, NULL, now, NULL), LAMBDEST_OK);
        is_concluded(env, cases[i].condition, cases[i].count);
        assert_int_equal(lambdest_envelope_conclude(env, NULL, now, NULL), LAMBDEST_OK);
        is_concluded(env, cases[i].condition, cases[i].count);
        lambdest_envelope_free(env);
    }
}

static void refuse(lambdest_envelope *env, const lambdest_decision *decision, int64_t time, const char *where)
{
    char before[1024], after[1024];
    size_t before_len, after_len;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_write(env, 0, 0, before, sizeof before, &before_len, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_conclude(env, decision, time, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, where);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, after, sizeof after, &after_len, NULL), LAMBDEST_OK);
    support_expect_bytes(after, after_len, before, before_len);
}

#define DECISION(action, condition)                                                                          \
    {                                                                                                        \
        sizeof(lambdest_decision), action, condition, 1, 0                                                   \
    }
#define SUCCESS LAMBDEST_CONDITION_SUCCESS
#define EXHAUSTED LAMBDEST_CONDITION_RETRIES_EXHAUSTED

static void refused(void **state)
{
    static const lambdest_decision retry = DECISION(LAMBDEST_RETRY, 0),
                                   synchronous = DECISION(LAMBDEST_NO_DESTINATION, 0), none = DECISION(0, 0),
                                   other = DECISION(LAMBDEST_EVENT, SUCCESS),
                                   succeed = DECISION(LAMBDEST_SUCCEED, SUCCESS),
                                   fail = DECISION(LAMBDEST_FAIL, EXHAUSTED),
                                   mixed = DECISION(LAMBDEST_SUCCEED, EXHAUSTED),
                                   mixed_too = DECISION(LAMBDEST_FAIL, SUCCESS),
                                   no_word = DECISION(LAMBDEST_FAIL, LAMBDEST_EVENT);
    lambdest_decision small = succeed;
    lambdest_envelope *env = make(*state);

    refuse(env, NULL, now, "responseContext");
    refuse(env, &succeed, now, "responseContext");
    refuse(env, &fail, now, "responseContext");
    end(env, RETURNED);
    refuse(env, &retry, now, "decision.action");
    refuse(env, &synchronous, now, "decision.action");
    refuse(env, &none, now, "decision.action");
    refuse(env, &other, now, "decision.action");
    refuse(env, &fail, now, "decision.action");
    refuse(env, &mixed, now, "decision.condition");
    refuse(env, &mixed_too, now, "decision.condition");
    refuse(env, &no_word, now, "decision.condition");
    refuse(env, &succeed, INT64_C(-62167219200001), "timestamp");
    refuse(env, &succeed, INT64_C(253402300800000), "timestamp");
    refuse(env, NULL, INT64_MIN, "timestamp");
    assert_int_equal(lambdest_envelope_conclude(env, &succeed, INT64_C(-62167219200000), NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_TIMESTAMP, NULL), "0000-01-01T00:00:00.000Z");
    assert_int_equal(lambdest_envelope_conclude(env, &succeed, INT64_C(253402300799999), NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_TIMESTAMP, NULL), "9999-12-31T23:59:59.999Z");
    small.size = sizeof small - 1;
    refuse(env, &small, now, "decision");
    end(env, RAISED);
    refuse(env, &succeed, now, "decision.action");
    assert_int_equal(lambdest_envelope_conclude(env, &fail, now, NULL), LAMBDEST_OK);
    refuse(env, &succeed, now, "decision.action");
    lambdest_envelope_free(env);
    assert_int_equal(lambdest_envelope_conclude(NULL, &succeed, now, NULL), LAMBDEST_E_INVAL);
}

/* A word that only batches have, in an envelope that is none. */
static void a_batch_word(void **state)
{
    lambdest_envelope *env = make(*state);

    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "RecordAgeExceeded", 17, NULL), 0);
    refuse(env, NULL, now, "attempt.cause");
    lambdest_envelope_free(env);
}

static void batches(void **state)
{
    lambdest_envelope *env = make(*state);

    end(env, RAISED);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_KINESIS_BATCH_INFO, "{}", 2, NULL),
                     LAMBDEST_OK);
    refuse(env, NULL, now, "");
    lambdest_envelope_free(env);
}

static int try_conclude(support_memory *m, void *arg)
{
    lambdest_envelope *env = make(m);
    lambdest_error err;
    int rc = LAMBDEST_E_NOMEM;

    (void)arg;
    if (env)
        rc = lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 0, NULL);
    if (!rc)
        rc = support_fill(m, env);
    if (!rc) {
        rc = lambdest_envelope_conclude(env, NULL, now, &err);
        if (rc)
            support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_CONDITION),
                         rc ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
        assert_int_equal(lambdest_envelope_state(env, LAMBDEST_INVOKE_COUNT),
                         rc ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
    }
    lambdest_envelope_free(env);
    return rc;
}

static void no_memory(void **state)
{
    support_exhaust(*state, try_conclude, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        TEST(settled), TEST(not_tried_again), TEST(refused),
        TEST(batches), TEST(a_batch_word),    TEST(no_memory),
    };

    return cmocka_run_group_tests_name("outcome/conclude", tests, NULL, NULL);
}
