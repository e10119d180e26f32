#include "support_envelope.h"

#include <stdio.h>

typedef struct verdict_case {
    const char *text;
    int outcome;
    int cause;
    int contradictory;
} verdict_case;

#define SUCCESS LAMBDEST_SUCCESS, LAMBDEST_CAUSE_RETURNED, 0
#define UNTOLD LAMBDEST_INDETERMINATE, 0, 0
#define FAILURE(cause) LAMBDEST_FAILURE, LAMBDEST_CAUSE_##cause, 0
#define CONTRADICTION(cause) LAMBDEST_FAILURE, LAMBDEST_CAUSE_##cause, 1

#define CONDITION(word) "{\"requestContext\":{\"condition\":\"" word "\"}"
#define STATUS(code) ",\"responseContext\":{\"statusCode\":" code "}"
#define ERROR ",\"responseContext\":{\"statusCode\":200,\"functionError\":\"Unhandled\"}"

/* design.md, section 5, row by row. */
static const verdict_case verdict_cases[] = {
    /* a function error is a string */
    {CONDITION("RetriesExhausted") ERROR "}", FAILURE(RAISED)},
    {CONDITION("EventAgeExceeded") ERROR "}", FAILURE(RAISED)},
    {CONDITION("RetryAttemptsExhausted") ERROR "}", FAILURE(RAISED)},
    {CONDITION("Odd") ERROR "}", FAILURE(RAISED)},
    {"{\"responseContext\":{\"functionError\":\"Unhandled\"}}", FAILURE(RAISED)},
    {"{\"responseContext\":{\"functionError\":\"Handled\",\"statusCode\":200}}", FAILURE(RAISED)},
    {"{\"responseContext\":{\"functionError\":\"\"}}", FAILURE(RAISED)},
    {"{\"responseContext\":{\"functionError\":\"Odd\",\"statusCode\":204}}", FAILURE(RAISED)},
    /* condition Success */
    {CONDITION("Success") "}", SUCCESS},
    {CONDITION("Success") STATUS("200") "}", SUCCESS},
    {CONDITION("Success") STATUS("500") "}", SUCCESS},
    {CONDITION("Success") ",\"responseContext\":{\"functionError\":null}}", SUCCESS},
    {CONDITION("Success") ",\"responseContext\":null}", SUCCESS},
    {CONDITION("Success") ",\"deliveryError\":{\"statusCode\":400}}", SUCCESS},
    {CONDITION("\\u0053uccess") "}", SUCCESS},
    {CONDITION(
         "Success") ",\"responsePayload\":{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"x\"}}",
     SUCCESS},
    {CONDITION("Success") ",\"responsePayload\":{\"statusCode\":500}}", SUCCESS},
    {CONDITION("Success") ",\"invocationError\":null}", SUCCESS},
    /* any other condition, known or not */
    {CONDITION("RetriesExhausted") "}", FAILURE(OTHER)},
    {CONDITION("RetryAttemptsExhausted") "}", FAILURE(OTHER)},
    {CONDITION("EventAgeExceeded") "}", FAILURE(EXPIRED)},
    {CONDITION("EventAgeExceeded") STATUS("200") "}", FAILURE(EXPIRED)},
    {CONDITION("EventAgeExceeded") STATUS("429") "}", FAILURE(THROTTLED)},
    {CONDITION("EventAgeExceeded") STATUS("500") "}", FAILURE(SYSTEM_ERROR)},
    {CONDITION("EventAgeExceeded") STATUS("599") "}", FAILURE(SYSTEM_ERROR)},
    {CONDITION("EventAgeExceeded") STATUS("600") "}", FAILURE(EXPIRED)},
    {CONDITION("RetriesExhausted") STATUS("404") "}", FAILURE(TARGET_GONE)},
    {CONDITION("RetriesExhausted") STATUS("400") "}", FAILURE(OTHER)},
    {CONDITION("RetriesExhausted") STATUS("200") "}", FAILURE(OTHER)},
    {CONDITION("ZeroReservedConcurrency") "}", FAILURE(NO_CONCURRENCY)},
    {CONDITION("RecursiveInvocation") "}", FAILURE(RECURSION)},
    {CONDITION("RecursiveInvocation") ",\"responseContext\":{\"statusCode\":400,\"functionError\":"
                                      "\"RecursiveInvocationException\"}}",
     FAILURE(RECURSION)},
    {CONDITION(
         "RetriesExhausted") ",\"responseContext\":{\"functionError\":\"RecursiveInvocationException\"}}",
     FAILURE(RECURSION)},
    {CONDITION("RecordAgeExceeded") ",\"KinesisBatchInfo\":{}}", FAILURE(RECORD_EXPIRED)},
    {CONDITION("MaximumPayloadSizeExceeded") ",\"responseContext\":null,\"KafkaBatchInfo\":{}}",
     FAILURE(PAYLOAD_TOO_LARGE)},
    {CONDITION(
         "RetryAttemptsExhausted") ",\"responseContext\":{\"functionError\":null},\"KinesisBatchInfo\":{}}",
     FAILURE(PARTIAL_BATCH)},
    {CONDITION(
         "RetryAttemptsExhausted") ",\"responseContext\":{\"functionError\":null},\"KafkaBatchInfo\":{}}",
     FAILURE(PARTIAL_BATCH)},
    {CONDITION("RetryAttemptsExhausted") ERROR ",\"DDBStreamBatchInfo\":{}}", FAILURE(RAISED)},
    {CONDITION("RetriesExhausted") ",\"responseContext\":{\"functionError\":null}}", FAILURE(OTHER)},
    {CONDITION("MaximumRecordAgeExceeded") "}", FAILURE(OTHER)},
    {CONDITION("") "}", FAILURE(OTHER)},
    {CONDITION("success") "}", FAILURE(OTHER)},
    {CONDITION("Success ") "}", FAILURE(OTHER)},
    {CONDITION("Success\\u0000") "}", FAILURE(OTHER)},
    {CONDITION("Succes") "}", FAILURE(OTHER)},
    /* no condition */
    {"{\"responseContext\":{\"statusCode\":200}}", SUCCESS},
    {"{\"responseContext\":{\"statusCode\":299}}", SUCCESS},
    {"{\"responseContext\":{\"statusCode\":2.0e2}}", SUCCESS},
    {"{\"responseContext\":{\"statusCode\":199}}", UNTOLD},
    {"{\"responseContext\":{\"statusCode\":300}}", UNTOLD},
    {"{\"responseContext\":{\"statusCode\":404}}", UNTOLD},
    {"{\"responseContext\":{\"statusCode\":500}}", UNTOLD},
    {"{\"responseContext\":{}}", UNTOLD},
    {"{\"responseContext\":null}", UNTOLD},
    {"{\"requestContext\":{\"requestId\":\"a\"}}", UNTOLD},
    {"{\"requestPayload\":1,\"responsePayload\":{\"statusCode\":200}}", UNTOLD},
    {"{\"requestPayload\":1,\"responsePayload\":{\"errorType\":\"a\"}}", UNTOLD},
    {"{\"deliveryError\":{}}", UNTOLD},
    {"{\"requestPayload\":1,\"invocationError\":null}", UNTOLD},
    {"{\"KinesisBatchInfo\":{}}", UNTOLD},
    /* a record that names its error */
    {"{\"requestPayload\":1,\"invocationError\":{\"errorType\":\"a\"}}", FAILURE(RAISED)},
    {"{\"requestPayload\":1,\"responsePayload\":2,\"invocationError\":\"x\"}", FAILURE(RAISED)},
    {CONDITION("RetriesExhausted") ",\"invocationError\":{\"errorType\":\"Sandbox.Timedout\"}}",
     FAILURE(TIMED_OUT)},
    /* documents */
    {"{\"invocationError\":{\"errorType\":\"a\"}}", FAILURE(RAISED)},
    {"{\"invocationError\":0}", FAILURE(RAISED)},
    {"{\"invocationError\":false}", FAILURE(RAISED)},
    {"{\"invocationResponse\":{}}", SUCCESS},
    {"{\"invocationResponse\":{\"status\":200,\"body\":null}}", SUCCESS},
    {"{\"invocationResponse\":{\"status\":500}}", SUCCESS},
    {"{\"invocationResponse\":{\"body\":{\"errorType\":\"a\"}},\"invocationError\":null}", SUCCESS},
    {"{\"invocationId\":\"a\"}", UNTOLD},
    {"{\"invocationResponse\":null}", UNTOLD},
    {"{\"invocationResponse\":null,\"invocationError\":null}", UNTOLD},
    {"{\"invocationResponse\":null,\"invocationError\":{}}", FAILURE(RAISED)},
    {"{\"invocationMetadata\":{\"condition\":\"Success\"}}", SUCCESS},
    {"{\"invocationMetadata\":{\"condition\":\"EventAgeExceeded\",\"statusCode\":429}}", FAILURE(THROTTLED)},
    {"{\"invocationMetadata\":{\"condition\":\"ZeroReservedConcurrency\"}}", FAILURE(NO_CONCURRENCY)},
    {"{\"invocationMetadata\":{\"functionError\":\"Unhandled\"}}", FAILURE(RAISED)},
    {"{\"invocationMetadata\":{\"functionError\":null,\"statusCode\":200}}", SUCCESS},
    {"{\"invocationMetadata\":{\"statusCode\":404}}", UNTOLD},
    /* two signs that contradict each other */
    {CONDITION("Success") ERROR "}", CONTRADICTION(RAISED)},
    {CONDITION("Success") ERROR ",\"responsePayload\":{\"errorType\":\"Sandbox.Timedout\"}}",
     CONTRADICTION(TIMED_OUT)},
    {CONDITION("Success") ",\"invocationError\":{}}", CONTRADICTION(RAISED)},
    {"{\"invocationResponse\":{},\"invocationError\":{\"errorType\":\"Runtime.OutOfMemory\"}}",
     CONTRADICTION(OUT_OF_MEMORY)},
    {"{\"invocationResponse\":{},\"invocationMetadata\":{\"functionError\":\"Unhandled\"}}",
     CONTRADICTION(RAISED)},
    {"{\"invocationError\":{},\"invocationMetadata\":{\"condition\":\"Success\"}}", CONTRADICTION(RAISED)},
};

static void expect_verdict(const lambdest_envelope *env, const verdict_case *v)
{
    int outcome = lambdest_envelope_outcome(env), cause = lambdest_envelope_cause(env);
    int contradictory = lambdest_envelope_contradictory(env);

    if (outcome == v->outcome && cause == v->cause && contradictory == v->contradictory)
        return;
    fail_msg("%s: %s, %s, %d; expected %s, %s, %d", v->text, lambdest_name(outcome), lambdest_name(cause),
             contradictory, lambdest_name(v->outcome), lambdest_name(v->cause), v->contradictory);
}

static void keeps_to_the_rules(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(verdict_cases); i++) {
        lambdest_envelope *env = support_parse_text(verdict_cases[i].text);

        expect_verdict(env, &verdict_cases[i]);
        lambdest_envelope_free(env);
    }
}

/* A verdict stands when the envelope is written in either form and read again. */
static void outlives_conversion(void **state)
{
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(verdict_cases); i++) {
        lambdest_envelope *env = support_parse_text(verdict_cases[i].text), *again;
        int form = lambdest_envelope_form(env) == LAMBDEST_RECORD ? LAMBDEST_DOCUMENT : LAMBDEST_RECORD;
        char *text;

        if (lambdest_envelope_kind(env) == LAMBDEST_ASYNC) {
            text = support_write(env, form, 0, &len);
            again = support_parse(NULL, text, len, 0);
            print_message("%s\n", text);
            expect_verdict(again, &verdict_cases[i]);
            lambdest_envelope_free(again);
            lambdest_free(text);
        }
        lambdest_envelope_free(env);
    }
}

/* A document may say that it was answered, and a condition that is not Success; a record cannot say both. */
static void sees_an_answer_contradicted(void **state)
{
    lambdest_envelope *env =
        support_parse_text("{\"invocationResponse\":{\"status\":200},\"invocationMetadata\":{\"condition\":"
                           "\"RetriesExhausted\"}}");

    (void)state;
    expect_verdict(env, &(verdict_case){"an answer and a condition", CONTRADICTION(OTHER)});
    lambdest_envelope_free(env);
}

/* ---- the error type and, in old errors, the message ---- */

typedef struct type_case {
    const char *type; /* NULL: none */
    const char *message;
    int cause;
} type_case;

static const type_case type_cases[] = {
    {"Sandbox.Timedout", "", LAMBDEST_CAUSE_TIMED_OUT},
    {"Sandbox.Timeout", "", LAMBDEST_CAUSE_TIMED_OUT},
    {"Sandbox.Failure", "", LAMBDEST_CAUSE_SYSTEM_ERROR},
    {"Runtime.OutOfMemory", "", LAMBDEST_CAUSE_OUT_OF_MEMORY},
    {"Runtime.ExitError", "RequestId: x Error: Runtime exited with error: exit status 127",
     LAMBDEST_CAUSE_CRASHED},
    {"Runtime.ExitError", "RequestId: x Error: Runtime exited with error: signal: killed",
     LAMBDEST_CAUSE_CRASHED},
    {"Runtime.ExitError", "RequestId: x Error: Runtime exited without providing a reason",
     LAMBDEST_CAUSE_CRASHED},
    {"Runtime.NodeJsExit", "", LAMBDEST_CAUSE_CRASHED},
    {"Runtime.UnhandledPromiseRejection", "", LAMBDEST_CAUSE_RAISED},
    {"Runtime.MarshalError", "", LAMBDEST_CAUSE_RAISED},
    {"Runtime.Unknown", "", LAMBDEST_CAUSE_RAISED},
    {"Runtime.TruncatedResponse", "", LAMBDEST_CAUSE_RAISED},
    {"Runtime.ImportModuleError", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.HandlerNotFound", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.UserCodeSyntaxError", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.MalformedHandlerName", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.InvalidEntrypoint", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Init<LoadError>", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Function<RuntimeError>", "", LAMBDEST_CAUSE_RAISED},
    {"Runtime<StandardError>", "", LAMBDEST_CAUSE_RAISED},
    {"Function.ResponseSizeTooLarge", "", LAMBDEST_CAUSE_RESPONSE_TOO_LARGE},
    {"Function.Unknown", "", LAMBDEST_CAUSE_RAISED},
    {"Extension.InitError", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Extension.LaunchError", "", LAMBDEST_CAUSE_INIT_FAILED},
    {"Extension.ExitError", "", LAMBDEST_CAUSE_CRASHED},
    {"Extension.Crash", "", LAMBDEST_CAUSE_CRASHED},
    {"ValueError", "Simulated processing error", LAMBDEST_CAUSE_RAISED},
    {"java.lang.OutOfMemoryError", "", LAMBDEST_CAUSE_RAISED},
    {"sandbox.timedout", "", LAMBDEST_CAUSE_RAISED},
    {"X.Sandbox.Timedout", "", LAMBDEST_CAUSE_RAISED},
    {"Sandbox", "", LAMBDEST_CAUSE_RAISED},
    {"", "", LAMBDEST_CAUSE_RAISED},
    /* a type that is there decides, not the words of a message */
    {"ValueError", "2024-02-11T18:05:44.871Z x Task timed out after 3.00 seconds", LAMBDEST_CAUSE_RAISED},
    {NULL, "2024-02-11T18:05:44.871Z x Task timed out after 3.00 seconds", LAMBDEST_CAUSE_TIMED_OUT},
    {NULL, "RequestId: x Process exited before completing request", LAMBDEST_CAUSE_CRASHED},
    {NULL, "Task timed out after 3.00 seconds", LAMBDEST_CAUSE_RAISED},
    {NULL, "we saw that a Task timed out after all", LAMBDEST_CAUSE_RAISED},
    {NULL, "a b Task timed out", LAMBDEST_CAUSE_RAISED},
    {NULL, "division by zero", LAMBDEST_CAUSE_RAISED},
    {NULL, "two words", LAMBDEST_CAUSE_RAISED},
    {NULL, "", LAMBDEST_CAUSE_RAISED},
};

static void reads_the_error_type(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(type_cases); i++) {
        const type_case *c = &type_cases[i];
        lambdest_envelope *env = support_new(NULL, 0);

        assert_int_equal(lambdest_envelope_set_error(env, c->type, c->type ? strlen(c->type) : 0, c->message,
                                                     strlen(c->message), NULL, 0, NULL),
                         LAMBDEST_OK);
        support_set_text(env, LAMBDEST_CONDITION, "RetriesExhausted");
        if (lambdest_envelope_cause(env) != c->cause)
            fail_msg("%s, \"%s\": %s", c->type, c->message, lambdest_name(lambdest_envelope_cause(env)));
        assert_int_equal(lambdest_envelope_outcome(env), LAMBDEST_FAILURE);
        lambdest_envelope_free(env);
    }
}

/* The words of what stands beside a message in memory are not its own. */
static void keeps_within_the_message(void **state)
{
    static const char error[] =
        "{\"errorMessage\":\"0123456789 two\",\"stackTrace\":"
        "[\" Task timed out after 3.00 seconds\",\" Task timed out after 3.00 seconds\"]}";
    lambdest_envelope *env = support_new(NULL, 0);
    char *message = malloc(3000);

    (void)state;
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, error);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_RAISED);
    assert_non_null(message);
    memset(message, 'x', 3000);
    message[5] = ' ';
    assert_int_equal(lambdest_envelope_set_error(env, NULL, 0, message, 3000, NULL, 0, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_cause(env), LAMBDEST_CAUSE_RAISED);
    free(message);
    lambdest_envelope_free(env);
}

/* What never ran has no error of its own to tell. */
static void puts_the_platform_first(void **state)
{
    static const struct {
        const char *condition;
        int64_t status;
        int cause;
    } cases[] = {{"ZeroReservedConcurrency", 200, LAMBDEST_CAUSE_NO_CONCURRENCY},
                 {"RetriesExhausted", 429, LAMBDEST_CAUSE_THROTTLED},
                 {"RetriesExhausted", 404, LAMBDEST_CAUSE_TARGET_GONE},
                 {"RetriesExhausted", 500, LAMBDEST_CAUSE_SYSTEM_ERROR},
                 {"RecordAgeExceeded", 429, LAMBDEST_CAUSE_RECORD_EXPIRED}};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(cases); i++) {
        lambdest_envelope *env = support_new(NULL, 0);

        support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"ValueError\"}");
        support_set_text(env, LAMBDEST_CONDITION, cases[i].condition);
        support_set_integer(env, LAMBDEST_STATUS_CODE, cases[i].status);
        assert_int_equal(lambdest_envelope_cause(env), cases[i].cause);
        lambdest_envelope_free(env);
    }
}

static void follows_changes(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);

    (void)state;
    expect_verdict(env, &(verdict_case){"nothing", UNTOLD});
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "{\"errorType\":\"a\"}");
    expect_verdict(env, &(verdict_case){"a payload", UNTOLD});
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    expect_verdict(env, &(verdict_case){"a status", SUCCESS});
    support_set_text(env, LAMBDEST_FUNCTION_ERROR, "Unhandled");
    expect_verdict(env, &(verdict_case){"an error", FAILURE(RAISED)});
    support_set_text(env, LAMBDEST_CONDITION, "Success");
    expect_verdict(env, &(verdict_case){"a condition", CONTRADICTION(RAISED)});
    support_set_state(env, LAMBDEST_RESPONSE_CONTEXT, LAMBDEST_ABSENT);
    expect_verdict(env, &(verdict_case){"no error", SUCCESS});
    support_set_state(env, LAMBDEST_CONDITION, LAMBDEST_ABSENT);
    expect_verdict(env, &(verdict_case){"no condition", UNTOLD});
    lambdest_envelope_free(env);
    expect_verdict(NULL, &(verdict_case){"NULL", UNTOLD});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_to_the_rules),
        cmocka_unit_test(outlives_conversion),
        cmocka_unit_test(sees_an_answer_contradicted),
        cmocka_unit_test(reads_the_error_type),
        cmocka_unit_test(puts_the_platform_first),
        cmocka_unit_test(keeps_within_the_message),
        cmocka_unit_test(follows_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
