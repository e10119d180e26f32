#include "envelope/field.h"
#include "envelope/write.h"

/* What a document says by a member's name alone, a record says so: that the function returned, or that it ran
 * and failed. */
typedef struct implied {
    bool condition;
    bool status;
    bool function_error;
} implied;

/* The invocation error stands in responsePayload, as AWS has it, unless that is taken or the record that
 * was parsed named it. */
static bool error_is_payload(const lambdest_envelope *env)
{
    if (!lambdest__has(env, SLOT_INVOCATION_ERROR) || lambdest__has(env, SLOT_RESPONSE_PAYLOAD) ||
        lambdest__has(env, SLOT_NAMED_ERROR))
        return false;
    return lambdest__has_value(env, SLOT_INVOCATION_ERROR) || lambdest__has_value(env, SLOT_FUNCTION_ERROR);
}

/* A null says that there was no error, unless there is a function error: then, unseen, the response would be
 * taken for the error. */
static bool error_is_named(const lambdest_envelope *env)
{
    if (!lambdest__has(env, SLOT_INVOCATION_ERROR) || error_is_payload(env))
        return false;
    return lambdest__has(env, SLOT_NAMED_ERROR) || lambdest__has_value(env, SLOT_INVOCATION_ERROR) ||
           lambdest__has_value(env, SLOT_FUNCTION_ERROR);
}

static void find_implied(const lambdest_envelope *env, implied *is)
{
    /* Where the record has an error too, it must contradict itself as the document did. */
    is->condition = lambdest__has_value(env, SLOT_RESPONSE) && !lambdest__has(env, SLOT_CONDITION) &&
                    (!lambdest__ran_well(env) || (lambdest__signs(env) & SIGN_FAILURE));
    is->function_error = error_is_payload(env) && !lambdest__has_value(env, SLOT_FUNCTION_ERROR);
    is->status = is->function_error && !lambdest__has(env, SLOT_STATUS_CODE);
}

static int level_in_record(const lambdest_envelope *env, int record_level, int rest_level)
{
    return env->form == LAMBDEST_DOCUMENT ? rest_level : record_level;
}

/* Without any of these a record would not be known as one. */
static bool is_marked_record(const lambdest_envelope *env)
{
    return lambdest__has(env, SLOT_REQUEST_PAYLOAD) || lambdest__has(env, SLOT_RESPONSE_PAYLOAD) ||
           lambdest__has(env, SLOT_DELIVERY_ERROR) || lambdest__batch_slot(env) || error_is_payload(env) ||
           lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT) != LAMBDEST_ABSENT;
}

/* With members not known beside it a requestContext is like a record's by one of three members only. */
static bool context_shows_form(const lambdest_envelope *env, const implied *is)
{
    return lambdest__has(env, SLOT_FUNCTION_ARN) || lambdest__has(env, SLOT_CONDITION) ||
           lambdest__has(env, SLOT_INVOKE_COUNT) || is->condition ||
           !(lambdest__has_unknown(env, level_in_record(env, LEVEL_TOP, LEVEL_REST)) ||
             lambdest__has_unknown(env,
                                   level_in_record(env, LEVEL_REQUEST_CONTEXT, LEVEL_REST_REQUEST_CONTEXT)));
}

static bool has_request_context(const lambdest_envelope *env, const implied *is)
{
    return lambdest__has(env, SLOT_REQUEST_CONTEXT) || lambdest__has(env, SLOT_REQUEST_ID) ||
           lambdest__has(env, SLOT_FUNCTION_ARN) || lambdest__has(env, SLOT_CONDITION) ||
           lambdest__has(env, SLOT_INVOKE_COUNT) || is->condition ||
           (!is_marked_record(env) && context_shows_form(env, is));
}

static void write_request_context(const lambdest_envelope *env, const implied *is, lambdest__emit *e)
{
    int level = level_in_record(env, LEVEL_REQUEST_CONTEXT, LEVEL_REST_REQUEST_CONTEXT);

    if (!has_request_context(env, is))
        return;
    lambdest__emit_object(e, "requestContext");
    lambdest__write_slot(env, SLOT_REQUEST_ID, "requestId", e);
    lambdest__write_slot(env, SLOT_FUNCTION_ARN, "functionArn", e);
    if (is->condition) {
        lambdest__emit_name(e, "condition");
        lambdest__emit_text(e, "Success", 7);
    }
    lambdest__write_slot(env, SLOT_CONDITION, "condition", e);
    lambdest__write_slot(env, SLOT_INVOKE_COUNT, "approximateInvokeCount", e);
    lambdest__write_unknown(env, level, e);
    lambdest__emit_close(e, '}');
}

static void write_response_context(const lambdest_envelope *env, const implied *is, lambdest__emit *e)
{
    int level = level_in_record(env, LEVEL_RESPONSE_CONTEXT, LEVEL_REST_RESPONSE_CONTEXT);
    int state = lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT);

    if (state == LAMBDEST_ABSENT && !is->function_error &&
        (is_marked_record(env) || context_shows_form(env, is)))
        return;
    lambdest__emit_name(e, "responseContext");
    if (state == LAMBDEST_NULL && !is->function_error) {
        lambdest__emit_raw(e, "null", 4);
        return;
    }
    lambdest__emit_open(e, '{');
    lambdest__write_slot(env, SLOT_STATUS_CODE, "statusCode", e);
    if (is->status) {
        lambdest__emit_name(e, "statusCode");
        lambdest__emit_integer(e, 200);
    }
    lambdest__write_slot(env, SLOT_EXECUTED_VERSION, "executedVersion", e);
    if (is->function_error) {
        lambdest__emit_name(e, "functionError");
        lambdest__emit_text(e, "Unhandled", 9);
    } else {
        lambdest__write_slot(env, SLOT_FUNCTION_ERROR, "functionError", e);
    }
    if (lambdest__has_value(env, SLOT_RESPONSE_CONTEXT)) /* else they went with it */
        lambdest__write_unknown(env, level, e);
    lambdest__emit_close(e, '}');
}

static void write_responses(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e)
{
    if (error_is_payload(env))
        lambdest__write_slot(env, SLOT_INVOCATION_ERROR, "responsePayload", e);
    else
        lambdest__write_slot(env, SLOT_RESPONSE_PAYLOAD, "responsePayload", e);
    lambdest__write_slot(env, SLOT_DELIVERY_ERROR, "deliveryError", e);
    if (error_is_named(env))
        lambdest__write_slot(env, SLOT_INVOCATION_ERROR, "invocationError", e);
    else if (explicit_error)
        lambdest__write_slot(env, lambdest__error_slot(env), "invocationError", e);
}

static void write_async(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e)
{
    implied is;

    find_implied(env, &is);
    lambdest__write_slot(env, SLOT_RECORD_VERSION, "version", e);
    lambdest__write_slot(env, SLOT_TIMESTAMP, "timestamp", e);
    write_request_context(env, &is, e);
    lambdest__write_slot(env, SLOT_REQUEST_PAYLOAD, "requestPayload", e);
    write_response_context(env, &is, e);
    write_responses(env, explicit_error, e);
    lambdest__write_slot(env, SLOT_TIME_WINDOW_INFO, "timeWindowInfo", e);
    lambdest__write_slot(env, SLOT_BATCH_PAYLOAD, "payload", e);
}

static void write_batch(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e)
{
    implied is;

    find_implied(env, &is);
    write_request_context(env, &is, e);
    write_response_context(env, &is, e);
    lambdest__write_slot(env, SLOT_RECORD_VERSION, "version", e);
    lambdest__write_slot(env, SLOT_TIMESTAMP, "timestamp", e);
    lambdest__write_slot(env, SLOT_KINESIS_BATCH_INFO, "KinesisBatchInfo", e);
    lambdest__write_slot(env, SLOT_DDB_STREAM_BATCH_INFO, "DDBStreamBatchInfo", e);
    lambdest__write_slot(env, SLOT_KAFKA_BATCH_INFO, "KafkaBatchInfo", e);
    lambdest__write_slot(env, SLOT_TIME_WINDOW_INFO, "timeWindowInfo", e);
    lambdest__write_slot(env, SLOT_BATCH_PAYLOAD, "payload", e);
    lambdest__write_slot(env, SLOT_REQUEST_PAYLOAD, "requestPayload", e);
    write_responses(env, explicit_error, e);
}

void lambdest__record_write(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e)
{
    lambdest__emit_open(e, '{');
    if (lambdest__batch_slot(env))
        write_batch(env, explicit_error, e);
    else
        write_async(env, explicit_error, e);
    lambdest__write_unknown(env, level_in_record(env, LEVEL_TOP, LEVEL_REST), e);
    lambdest__emit_close(e, '}');
}
