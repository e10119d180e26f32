#include "envelope/field.h"
#include "envelope/write.h"

/* Where the response half goes. */
typedef struct placement {
    bool response;         /* there is an invocationResponse that is an object */
    bool payload_is_error; /* the response payload is the invocation error */
    bool rest_request_context;
    bool rest_response_context;
    bool rest_payload;
    bool rest_error;
    bool rest;
} placement;

static int level_in_document(const lambdest_envelope *env, int record_level, int rest_level)
{
    return env->form == LAMBDEST_DOCUMENT ? rest_level : record_level;
}

static bool has_request_context_members(const lambdest_envelope *env)
{
    return lambdest__has(env, SLOT_REQUEST_ID) || lambdest__has(env, SLOT_FUNCTION_ARN) ||
           lambdest__has(env, SLOT_CONDITION) || lambdest__has(env, SLOT_INVOKE_COUNT);
}

static bool has_response_context_members(const lambdest_envelope *env)
{
    return lambdest__has(env, SLOT_STATUS_CODE) || lambdest__has(env, SLOT_EXECUTED_VERSION) ||
           lambdest__has(env, SLOT_FUNCTION_ERROR);
}

/* An empty or null context, and members not known, are what a document has no member for. */
static bool leaves_request_context(const lambdest_envelope *env)
{
    if (lambdest__has_unknown(env, level_in_document(env, LEVEL_REQUEST_CONTEXT, LEVEL_REST_REQUEST_CONTEXT)))
        return true;
    return lambdest__has(env, SLOT_REQUEST_CONTEXT) && !has_request_context_members(env);
}

static bool leaves_response_context(const lambdest_envelope *env)
{
    int level = level_in_document(env, LEVEL_RESPONSE_CONTEXT, LEVEL_REST_RESPONSE_CONTEXT);

    if (lambdest__has_value(env, SLOT_RESPONSE_CONTEXT) && lambdest__has_unknown(env, level))
        return true;
    return lambdest__has(env, SLOT_RESPONSE_CONTEXT) && !has_response_context_members(env);
}

/* A document that was parsed without an invocationResponse gets none that says nothing. */
static bool has_response_to_tell(const lambdest_envelope *env)
{
    return env->form != LAMBDEST_DOCUMENT || lambdest__has(env, SLOT_STATUS_CODE) ||
           lambdest__has(env, SLOT_RESPONSE_PAYLOAD);
}

static placement place(const lambdest_envelope *env)
{
    bool payload = lambdest__has(env, SLOT_RESPONSE_PAYLOAD);
    placement p = {false, false, false, false, false, false, false};

    if (lambdest__has(env, SLOT_RESPONSE))
        p.response = lambdest__has_value(env, SLOT_RESPONSE);
    else
        p.response = lambdest__signs(env) == SIGN_SUCCESS && has_response_to_tell(env);
    p.payload_is_error = !p.response && lambdest__error_slot(env) == SLOT_RESPONSE_PAYLOAD;
    p.rest_payload = payload && !p.response && !p.payload_is_error;
    p.rest_error = lambdest__has(env, SLOT_NAMED_ERROR) && lambdest__has(env, SLOT_INVOCATION_ERROR);
    p.rest_request_context = leaves_request_context(env);
    p.rest_response_context = leaves_response_context(env);
    p.rest = p.rest_request_context || p.rest_response_context || p.rest_payload || p.rest_error ||
             lambdest__has(env, SLOT_TIME_WINDOW_INFO) || lambdest__has(env, SLOT_BATCH_PAYLOAD) ||
             lambdest__has_unknown(env, level_in_document(env, LEVEL_TOP, LEVEL_REST));
    return p;
}

static void write_function(const lambdest_envelope *env, lambdest__emit *e)
{
    bool arn_set = env->changed >> SLOT_FUNCTION_ARN & 1;

    if (env->arn.name.data && (arn_set || !lambdest__has(env, SLOT_FUNCTION_NAME))) {
        lambdest__emit_name(e, "functionName");
        lambdest__emit_text(e, env->arn.name.data, env->arn.name.len);
    } else {
        lambdest__write_slot(env, SLOT_FUNCTION_NAME, "functionName", e);
    }
    lambdest__write_slot(env, SLOT_FUNCTION_ARN, "functionArn", e);
}

static bool has_request(const lambdest_envelope *env)
{
    return lambdest__has(env, SLOT_REQUEST) || lambdest__has(env, SLOT_REQUEST_PAYLOAD) ||
           lambdest__has(env, SLOT_CONTEXT);
}

static void write_request(const lambdest_envelope *env, lambdest__emit *e)
{
    if (!has_request(env))
        return;
    lambdest__emit_object(e, "invocationRequest");
    lambdest__write_slot(env, SLOT_REQUEST_PAYLOAD, "event", e);
    lambdest__write_slot(env, SLOT_CONTEXT, "context", e);
    lambdest__write_unknown(env, LEVEL_REQUEST, e);
    lambdest__emit_close(e, '}');
}

static void write_document_response(const lambdest_envelope *env, const placement *p, lambdest__emit *e)
{
    if (!p->response && lambdest__has(env, SLOT_RESPONSE)) {
        lambdest__emit_name(e, "invocationResponse");
        lambdest__emit_raw(e, "null", 4);
    }
    if (!p->response)
        return;
    lambdest__emit_object(e, "invocationResponse");
    lambdest__write_slot(env, SLOT_STATUS_CODE, "status", e);
    lambdest__write_slot(env, SLOT_RESPONSE_PAYLOAD, "body", e);
    lambdest__write_unknown(env, LEVEL_RESPONSE, e);
    lambdest__emit_close(e, '}');
}

static void write_rest(const lambdest_envelope *env, const placement *p, lambdest__emit *e)
{
    lambdest__emit_object(e, "record");
    if (p->rest_request_context) {
        lambdest__emit_name(e, "requestContext");
        lambdest__emit_open(e, '{');
        lambdest__write_unknown(env,
                                level_in_document(env, LEVEL_REQUEST_CONTEXT, LEVEL_REST_REQUEST_CONTEXT), e);
        lambdest__emit_close(e, '}');
    }
    if (p->rest_response_context) {
        lambdest__emit_name(e, "responseContext");
        if (env->members[SLOT_RESPONSE_CONTEXT].state == LAMBDEST_NULL) {
            lambdest__emit_raw(e, "null", 4);
        } else {
            lambdest__emit_open(e, '{');
            lambdest__write_unknown(
                env, level_in_document(env, LEVEL_RESPONSE_CONTEXT, LEVEL_REST_RESPONSE_CONTEXT), e);
            lambdest__emit_close(e, '}');
        }
    }
    if (p->rest_payload)
        lambdest__write_slot(env, SLOT_RESPONSE_PAYLOAD, "responsePayload", e);
    if (p->rest_error) {
        lambdest__emit_name(e, "invocationError");
        lambdest__emit_raw(e, "null", 4);
    }
    lambdest__write_slot(env, SLOT_TIME_WINDOW_INFO, "timeWindowInfo", e);
    lambdest__write_slot(env, SLOT_BATCH_PAYLOAD, "payload", e);
    lambdest__write_unknown(env, level_in_document(env, LEVEL_TOP, LEVEL_REST), e);
    lambdest__emit_close(e, '}');
}

/* Without any of these a document would not be known as one. */
static bool is_marked_document(const lambdest_envelope *env, const placement *p)
{
    return lambdest__has(env, SLOT_REQUEST_ID) || lambdest__has(env, SLOT_FUNCTION_ARN) ||
           lambdest__has(env, SLOT_FUNCTION_NAME) || has_request(env) || lambdest__has(env, SLOT_RESPONSE) ||
           p->response || lambdest__error_slot(env);
}

static bool has_metadata(const lambdest_envelope *env, const placement *p)
{
    return !is_marked_document(env, p) || p->rest || lambdest__has(env, SLOT_METADATA) ||
           lambdest__has(env, SLOT_TIMESTAMP) || lambdest__has(env, SLOT_CONDITION) ||
           lambdest__has(env, SLOT_INVOKE_COUNT) || (lambdest__has(env, SLOT_STATUS_CODE) && !p->response) ||
           lambdest__has(env, SLOT_EXECUTED_VERSION) || lambdest__has(env, SLOT_FUNCTION_ERROR) ||
           lambdest__has(env, SLOT_DELIVERY_ERROR);
}

static void write_metadata(const lambdest_envelope *env, const placement *p, lambdest__emit *e)
{
    if (!has_metadata(env, p))
        return;
    lambdest__emit_object(e, "invocationMetadata");
    lambdest__write_slot(env, SLOT_TIMESTAMP, "timestamp", e);
    lambdest__write_slot(env, SLOT_CONDITION, "condition", e);
    lambdest__write_slot(env, SLOT_INVOKE_COUNT, "approximateInvokeCount", e);
    if (!p->response)
        lambdest__write_slot(env, SLOT_STATUS_CODE, "statusCode", e);
    lambdest__write_slot(env, SLOT_EXECUTED_VERSION, "executedVersion", e);
    lambdest__write_slot(env, SLOT_FUNCTION_ERROR, "functionError", e);
    lambdest__write_slot(env, SLOT_DELIVERY_ERROR, "deliveryError", e);
    lambdest__write_unknown(env, LEVEL_METADATA, e);
    if (p->rest)
        write_rest(env, p, e);
    lambdest__emit_close(e, '}');
}

void lambdest__document_write(const lambdest_envelope *env, lambdest__emit *e)
{
    placement p = place(env);

    lambdest__emit_open(e, '{');
    lambdest__write_slot(env, SLOT_RECORD_VERSION, "version", e);
    lambdest__write_slot(env, SLOT_REQUEST_ID, "invocationId", e);
    write_function(env, e);
    write_request(env, e);
    write_document_response(env, &p, e);
    if (p.payload_is_error)
        lambdest__write_slot(env, SLOT_RESPONSE_PAYLOAD, "invocationError", e);
    else
        lambdest__write_slot(env, SLOT_INVOCATION_ERROR, "invocationError", e);
    write_metadata(env, &p, e);
    if (env->form == LAMBDEST_DOCUMENT)
        lambdest__write_unknown(env, LEVEL_TOP, e);
    lambdest__emit_close(e, '}');
}
