#include "envelope/model.h"

#include <lambdest/outcome.h>
#include <string.h>

typedef struct cause_word {
    const char *word;
    int cause;
} cause_word;

/* Conditions that tell the cause by themselves. */
static const cause_word conditions[] = {
    {"ZeroReservedConcurrency", LAMBDEST_CAUSE_NO_CONCURRENCY},
    {"RecursiveInvocation", LAMBDEST_CAUSE_RECURSION},
    {"RecordAgeExceeded", LAMBDEST_CAUSE_RECORD_EXPIRED},
    {"MaximumPayloadSizeExceeded", LAMBDEST_CAUSE_PAYLOAD_TOO_LARGE},
};

/* Error types of the platform and of runtimes, by prefix; the longer before the shorter. */
static const cause_word error_types[] = {
    {"Sandbox.Timedout", LAMBDEST_CAUSE_TIMED_OUT},
    {"Sandbox.Timeout", LAMBDEST_CAUSE_TIMED_OUT},
    {"Sandbox.", LAMBDEST_CAUSE_SYSTEM_ERROR},
    {"Runtime.OutOfMemory", LAMBDEST_CAUSE_OUT_OF_MEMORY},
    {"Runtime.ExitError", LAMBDEST_CAUSE_CRASHED},
    {"Runtime.NodeJsExit", LAMBDEST_CAUSE_CRASHED},
    {"Runtime.NoResponse", LAMBDEST_CAUSE_CRASHED},
    {"Runtime.ImportModuleError", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.HandlerNotFound", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.UserCodeSyntaxError", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.MalformedHandlerName", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.CallbackHandlerDeprecated", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.InvalidEntrypoint", LAMBDEST_CAUSE_INIT_FAILED},
    {"Runtime.Init", LAMBDEST_CAUSE_INIT_FAILED},
    {"Init<", LAMBDEST_CAUSE_INIT_FAILED},
    {"Function.ResponseSizeTooLarge", LAMBDEST_CAUSE_RESPONSE_TOO_LARGE},
    {"Extension.InitError", LAMBDEST_CAUSE_INIT_FAILED},
    {"Extension.LaunchError", LAMBDEST_CAUSE_INIT_FAILED},
    {"Extension.", LAMBDEST_CAUSE_CRASHED},
};

/* The platform's older errors have a message and no type. */
static const cause_word messages[] = {
    {"Task timed out after ", LAMBDEST_CAUSE_TIMED_OUT},
    {"Process exited before completing request", LAMBDEST_CAUSE_CRASHED},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_word(const char *text, size_t len, const char *word)
{
    return text && len == strlen(word) && !memcmp(text, word, len);
}

static bool begins(const char *text, size_t len, const char *word)
{
    return len >= strlen(word) && !memcmp(text, word, strlen(word));
}

static int cause_of_condition(const lambdest_envelope *env)
{
    size_t i, len;
    const char *condition = lambdest_envelope_text(env, LAMBDEST_CONDITION, &len);

    for (i = 0; i < COUNT(conditions); i++)
        if (is_word(condition, len, conditions[i].word))
            return conditions[i].cause;
    return 0;
}

static int cause_of_status(const lambdest_envelope *env)
{
    int64_t status;

    if (lambdest_envelope_integer(env, LAMBDEST_STATUS_CODE, &status))
        return 0;
    if (status == 429)
        return LAMBDEST_CAUSE_THROTTLED;
    if (status == 404)
        return LAMBDEST_CAUSE_TARGET_GONE;
    return status >= 500 && status <= 599 ? LAMBDEST_CAUSE_SYSTEM_ERROR : 0;
}

/* "<time> <request id> Task timed out …" and "RequestId: <id> Process exited …": the words after the
 * second space are the platform's own. */
static int cause_of_message(const char *message, size_t len)
{
    size_t i;
    int words;

    for (words = 0; words < 2; words++) {
        const char *space = len ? memchr(message, ' ', len) : NULL;

        if (!space)
            return LAMBDEST_CAUSE_RAISED;
        len -= (size_t)(space + 1 - message);
        message = space + 1;
    }
    for (i = 0; i < COUNT(messages); i++)
        if (begins(message, len, messages[i].word))
            return messages[i].cause;
    return LAMBDEST_CAUSE_RAISED;
}

static int cause_of_error(const lambdest_envelope *env)
{
    size_t i, len;
    const char *text = lambdest_envelope_text(env, LAMBDEST_FUNCTION_ERROR, &len);

    if (is_word(text, len, "RecursiveInvocationException"))
        return LAMBDEST_CAUSE_RECURSION;
    text = lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, &len);
    if (!text) {
        text = lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len);
        return text ? cause_of_message(text, len) : LAMBDEST_CAUSE_RAISED;
    }
    for (i = 0; i < COUNT(error_types); i++)
        if (begins(text, len, error_types[i].word))
            return error_types[i].cause;
    return LAMBDEST_CAUSE_RAISED;
}

static bool has_error(const lambdest_envelope *env)
{
    return lambdest_envelope_state(env, LAMBDEST_FUNCTION_ERROR) == LAMBDEST_VALUE ||
           lambdest_envelope_state(env, LAMBDEST_INVOCATION_ERROR) == LAMBDEST_VALUE;
}

static int cause_of_failure(const lambdest_envelope *env)
{
    int cause = cause_of_condition(env);
    size_t len;
    const char *condition;

    if (!cause)
        cause = cause_of_status(env);
    if (cause)
        return cause;
    if (has_error(env))
        return cause_of_error(env);
    if (lambdest_envelope_state(env, LAMBDEST_FUNCTION_ERROR) == LAMBDEST_NULL &&
        lambdest_envelope_kind(env) == LAMBDEST_BATCH)
        return LAMBDEST_CAUSE_PARTIAL_BATCH;
    condition = lambdest_envelope_text(env, LAMBDEST_CONDITION, &len);
    return is_word(condition, len, "EventAgeExceeded") ? LAMBDEST_CAUSE_EXPIRED : LAMBDEST_CAUSE_OTHER;
}

int lambdest_envelope_outcome(const lambdest_envelope *env)
{
    int signs = env ? lambdest__signs(env) : 0;

    if (signs & SIGN_FAILURE)
        return LAMBDEST_FAILURE;
    return signs ? LAMBDEST_SUCCESS : LAMBDEST_INDETERMINATE;
}

int lambdest_envelope_cause(const lambdest_envelope *env)
{
    switch (lambdest_envelope_outcome(env)) {
    case LAMBDEST_SUCCESS:
        return LAMBDEST_CAUSE_RETURNED;
    case LAMBDEST_FAILURE:
        return cause_of_failure(env);
    default:
        return 0;
    }
}

int lambdest_envelope_contradictory(const lambdest_envelope *env)
{
    return env && lambdest__signs(env) == (SIGN_SUCCESS | SIGN_FAILURE);
}
