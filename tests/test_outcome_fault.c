/* What happened without a body, in AWS's words: each fault's whole record, by hand from recordings. */
#include "support.h"

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef struct expected {
    int fault;
    int64_t detail;
    int cause;
    const char *rest; /* of the record, behind requestPayload */
    const char *condition;
} expected;

#define RAN                                                                                                  \
    "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":"             \
    "\"Unhandled\"}"
#define PLATFORM(type, message)                                                                              \
    RAN ",\"responsePayload\":{\"errorType\":\"" type                                                        \
        "\",\"errorMessage\":\"RequestId: id-1 Error: " message "\"}}"
#define EXIT(message) PLATFORM("Runtime.ExitError", message)

/* Recorded: exit status, no reason, killed, timeout, response size, 429, 404, zero concurrency. The other
 * words are ours, or follow the names that Go has for signals. */
static const expected faults[] = {
    {LAMBDEST_FAULT_EXIT, 127, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: exit status 127"),
     NULL},
    {LAMBDEST_FAULT_EXIT, 1, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: exit status 1"), NULL},
    {LAMBDEST_FAULT_EXIT, 255, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: exit status 255"),
     NULL},
    {LAMBDEST_FAULT_EXIT, 0, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited without providing a reason"), NULL},
    {LAMBDEST_FAULT_SIGNAL, 9, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: signal: killed"),
     NULL},
    {LAMBDEST_FAULT_SIGNAL, 6, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: signal: aborted"),
     NULL},
    {LAMBDEST_FAULT_SIGNAL, 1, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: signal: hangup"),
     NULL},
    {LAMBDEST_FAULT_SIGNAL, 11, LAMBDEST_CAUSE_CRASHED,
     EXIT("Runtime exited with error: signal: segmentation fault"), NULL},
    {LAMBDEST_FAULT_SIGNAL, 15, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: signal: terminated"),
     NULL},
    {LAMBDEST_FAULT_SIGNAL, 16, LAMBDEST_CAUSE_CRASHED, EXIT("Runtime exited with error: signal: signal 16"),
     NULL},
    {LAMBDEST_FAULT_SIGNAL, 127, LAMBDEST_CAUSE_CRASHED,
     EXIT("Runtime exited with error: signal: signal 127"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, 3000, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 3.00 seconds"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, 900000, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 900.00 seconds"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, 1234, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 1.23 seconds"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, 1235, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 1.24 seconds"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, 1, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 0.00 seconds"), NULL},
    {LAMBDEST_FAULT_TIMEOUT, INT64_MAX, LAMBDEST_CAUSE_TIMED_OUT,
     PLATFORM("Sandbox.Timedout", "Task timed out after 9223372036854775.81 seconds"), NULL},
    {LAMBDEST_FAULT_OUT_OF_MEMORY, 0, LAMBDEST_CAUSE_OUT_OF_MEMORY,
     PLATFORM("Runtime.OutOfMemory", "Runtime exited with error: signal: killed"), NULL},
    {LAMBDEST_FAULT_RESPONSE_TOO_LARGE, 0, LAMBDEST_CAUSE_RESPONSE_TOO_LARGE,
     RAN
     ",\"responsePayload\":{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size "
     "(6291556 bytes).\",\"errorType\":\"Function.ResponseSizeTooLarge\"}}",
     NULL},
    {LAMBDEST_FAULT_RESPONSE_TOO_LARGE, 7340060, LAMBDEST_CAUSE_RESPONSE_TOO_LARGE,
     RAN ",\"responsePayload\":{\"errorMessage\":\"Response payload size (7340060 bytes) exceeded maximum "
         "allowed "
         "payload size (6291556 bytes).\",\"errorType\":\"Function.ResponseSizeTooLarge\"}}",
     NULL},
    {LAMBDEST_FAULT_NEVER_SETTLED, 0, LAMBDEST_CAUSE_CRASHED,
     PLATFORM("Runtime.NoResponse", "Runtime asked for the next event without a response to this one"), NULL},
    {LAMBDEST_FAULT_BAD_INIT, 0, LAMBDEST_CAUSE_INIT_FAILED,
     PLATFORM("Runtime.InvalidEntrypoint", "Runtime could not be started"), NULL},
    {LAMBDEST_FAULT_THROTTLED, 0, LAMBDEST_CAUSE_THROTTLED, "\"responseContext\":{\"statusCode\":429}}",
     "EventAgeExceeded"},
    {LAMBDEST_FAULT_SYSTEM_ERROR, 0, LAMBDEST_CAUSE_SYSTEM_ERROR, "\"responseContext\":{\"statusCode\":500}}",
     "EventAgeExceeded"},
    {LAMBDEST_FAULT_SYSTEM_ERROR, 599, LAMBDEST_CAUSE_SYSTEM_ERROR,
     "\"responseContext\":{\"statusCode\":599}}", "EventAgeExceeded"},
    {LAMBDEST_FAULT_TARGET_GONE, 0, LAMBDEST_CAUSE_TARGET_GONE, "\"responseContext\":{\"statusCode\":404}}",
     "RetriesExhausted"},
    {LAMBDEST_FAULT_RECURSION, 0, LAMBDEST_CAUSE_RECURSION,
     "\"responseContext\":{\"statusCode\":400,\"functionError\":\"RecursiveInvocationException\"}}",
     "RecursiveInvocation"},
    {LAMBDEST_FAULT_ZERO_CONCURRENCY, 0, LAMBDEST_CAUSE_NO_CONCURRENCY, "}", "ZeroReservedConcurrency"},
};

#define ARN "arn:aws:lambda:us-east-1:123456789012:function:demo"

static lambdest_envelope *make(support_memory *m, const char *id, const char *arn)
{
    lambdest_options options = {.size = sizeof options, .alloc = &m->alloc};
    lambdest_envelope *env;

    if (lambdest_envelope_new(&options, &env, NULL))
        return NULL;
    if ((id && lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, id, strlen(id), NULL)) ||
        (arn && lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, arn, strlen(arn), NULL)) ||
        lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "{}", 2, NULL)) {
        lambdest_envelope_free(env);
        return NULL;
    }
    return env;
}

static void is_record(const lambdest_envelope *env, const expected *e)
{
    char record[1024], wanted[1024];
    size_t len;
    int n = snprintf(wanted, sizeof wanted,
                     "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"id-1\",\"functionArn\":\"" ARN
                     ":$LATEST\"%s%s%s},\"requestPayload\":{}%s%s",
                     e->condition ? ",\"condition\":\"" : "", e->condition ? e->condition : "",
                     e->condition ? "\"" : "", e->rest[0] == '}' ? "" : ",", e->rest);

    assert_int_equal(lambdest_envelope_write(env, LAMBDEST_RECORD, 0, record, sizeof record, &len, NULL), 0);
    support_expect_bytes(record, len, wanted, (size_t)n);
}

static void each_fault(void **state)
{
    size_t i;

    for (i = 0; i < COUNT(faults); i++) {
        lambdest_envelope *env = make(*state, "id-1", ARN);
        lambdest_error err;

        assert_int_equal(lambdest_runtime_fault(env, faults[i].fault, faults[i].detail, &err), LAMBDEST_OK);
        support_expect_ok(&err);
        is_record(env, &faults[i]);
        assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_FAILURE);
        assert_int_equal(lambdest_envelope_cause(env), faults[i].cause);
        assert_false(lambdest_envelope_contradictory(env));
        lambdest_envelope_free(env);
    }
}

/* Each after each other, in one envelope: nothing of the one before is left. */
static void one_after_another(void **state)
{
    lambdest_envelope *env = make(*state, "id-1", ARN);
    size_t i, k;

    for (i = 0; i < COUNT(faults); i++)
        for (k = 0; k < COUNT(faults); k++) {
            assert_int_equal(lambdest_runtime_fault(env, faults[i].fault, faults[i].detail, NULL),
                             LAMBDEST_OK);
            assert_int_equal(lambdest_envelope_conclude(env, NULL, 1772443498046, NULL), LAMBDEST_OK);
            assert_int_equal(lambdest_runtime_fault(env, faults[k].fault, faults[k].detail, NULL),
                             LAMBDEST_OK);
            is_record(env, &faults[k]);
        }
    lambdest_envelope_free(env);
}

static void version_is(void **state, const char *arn, const char *given, const char *version)
{
    lambdest_envelope *env = make(*state, "id-1", arn);

    if (given)
        assert_int_equal(
            lambdest_envelope_set_text(env, LAMBDEST_EXECUTED_VERSION, given, strlen(given), NULL), 0);
    assert_int_equal(lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 1, NULL), LAMBDEST_OK);
    if (version)
        assert_string_equal(lambdest_envelope_text(env, LAMBDEST_EXECUTED_VERSION, NULL), version);
    else
        assert_null(lambdest_envelope_text(env, LAMBDEST_EXECUTED_VERSION, NULL));
    assert_int_equal(lambdest_runtime_fault(env, LAMBDEST_FAULT_TARGET_GONE, 0, NULL), LAMBDEST_OK);
    assert_null(lambdest_envelope_text(env, LAMBDEST_EXECUTED_VERSION, NULL));
    lambdest_envelope_free(env);
}

/* An alias does not tell which version ran, and is not guessed at. */
static void versions(void **state)
{
    version_is(state, ARN, NULL, "$LATEST");
    version_is(state, ARN ":$LATEST", NULL, "$LATEST");
    version_is(state, ARN ":17", NULL, "17");
    version_is(state, ARN ":live", NULL, NULL);
    version_is(state, ARN ":1019", NULL, "1019");
    version_is(state, ARN ":1live", NULL, NULL);
    version_is(state, ARN ":v1", NULL, NULL);
    version_is(state, ARN ":1-2", NULL, NULL);
    version_is(state, ARN ":aliases", NULL, NULL);
    version_is(state, ARN ":live", "17", "17");
    version_is(state, NULL, NULL, NULL);
    version_is(state, NULL, "3", "3");
}

static void request_ids(void **state)
{
    lambdest_envelope *env = make(*state, NULL, NULL);

    assert_int_equal(lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 3, NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, NULL),
                        "Error: Runtime exited with error: exit status 3");
    lambdest_envelope_free(env);
    env = make(*state, "caf\xC3\xA9 \"1\"\n\x01", NULL);
    assert_int_equal(lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 3, NULL), LAMBDEST_OK);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, NULL),
                        "RequestId: caf\xC3\xA9 \"1\"\n\x01 Error: Runtime exited with error: exit status 3");
    lambdest_envelope_free(env);
}

static void refused(void **state)
{
    static const struct {
        int fault;
        int64_t detail;
        const char *where;
    } bad[] = {
        {0, 0, "fault"},
        {630, 0, "fault"},
        {643, 0, "fault"},
        {LAMBDEST_CAUSE_RAISED, 0, "fault"},
        {LAMBDEST_FAULT_EXIT, -1, "detail"},
        {LAMBDEST_FAULT_EXIT, 256, "detail"},
        {LAMBDEST_FAULT_SIGNAL, 0, "detail"},
        {LAMBDEST_FAULT_SIGNAL, 128, "detail"},
        {LAMBDEST_FAULT_TIMEOUT, 0, "detail"},
        {LAMBDEST_FAULT_TIMEOUT, INT64_MIN, "detail"},
        {LAMBDEST_FAULT_RESPONSE_TOO_LARGE, -1, "detail"},
        {LAMBDEST_FAULT_SYSTEM_ERROR, 499, "detail"},
        {LAMBDEST_FAULT_SYSTEM_ERROR, 600, "detail"},
        {LAMBDEST_FAULT_THROTTLED, 1, "detail"},
        {LAMBDEST_FAULT_OUT_OF_MEMORY, -1, "detail"},
    };
    lambdest_envelope *env = make(*state, "id-1", ARN);
    lambdest_error err;
    size_t i;

    assert_int_equal(lambdest_runtime_fault(env, faults[0].fault, faults[0].detail, NULL), LAMBDEST_OK);
    for (i = 0; i < COUNT(bad); i++) {
        assert_int_equal(lambdest_runtime_fault(env, bad[i].fault, bad[i].detail, &err), LAMBDEST_E_INVAL);
        support_expect_error(&err, LAMBDEST_E_INVAL, 0, bad[i].where);
        is_record(env, &faults[0]);
    }
    assert_int_equal(lambdest_runtime_fault(NULL, LAMBDEST_FAULT_EXIT, 1, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_KINESIS_BATCH_INFO, "{}", 2, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 1, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    lambdest_envelope_free(env);
}

static int try_fault(support_memory *m, void *arg)
{
    static char id[2000];
    lambdest_envelope *env;
    lambdest_error err;
    int rc, state;

    (void)arg;
    memset(id, 'i', sizeof id - 1);
    env = make(m, id, ARN);
    if (!env)
        return LAMBDEST_E_NOMEM;
    rc = lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, 1, &err);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    state = lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT);
    assert_int_equal(state, rc ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
    lambdest_envelope_free(env);
    return rc;
}

static void no_memory(void **state)
{
    support_exhaust(*state, try_fault, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_fault),  TEST(one_after_another), TEST(versions),
        TEST(request_ids), TEST(refused),           TEST(no_memory),
    };

    return cmocka_run_group_tests_name("outcome/fault", tests, NULL, NULL);
}
