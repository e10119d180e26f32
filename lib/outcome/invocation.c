#include "base/error.h"
#include "envelope/change.h"
#include "json/emit.h"
#include "outcome/header.h"

#include <lambdest/runtime.h>

enum wanted_index {
    REQUEST_ID,
    DEADLINE,
    ARN,
    TRACE,
    CLIENT,
    IDENTITY,
    TENANT,
    WANTED_COUNT
};

#define WANTED(index, suffix) [index] = {"Lambda-Runtime-" suffix, {NULL, 0}, false}

/* What goes into the context, measured and written by the same code. */
typedef struct context {
    const lambdest__wanted *wanted;
    lambdest__span function_name;
    int64_t deadline;
    bool client_is_json;
    bool identity_is_json;
} context;

static bool is_json(lambdest__span text, uint32_t max_depth)
{
    return lambdest__scan_text((const char *)text.data, text.len, max_depth, NULL, NULL) == LAMBDEST_OK;
}

static void emit_member(lambdest__emit *e, const char *name, lambdest__span value, bool json)
{
    if (!value.len)
        return;
    lambdest__emit_name(e, name);
    if (json)
        lambdest__emit_paste(e, value);
    else
        lambdest__emit_text(e, value.data, value.len);
}

static void emit_context(lambdest__emit *e, const context *c)
{
    const lambdest__wanted *w = c->wanted;

    lambdest__emit_open(e, '{');
    emit_member(e, "awsRequestId", w[REQUEST_ID].value, false);
    emit_member(e, "functionName", c->function_name, false);
    emit_member(e, "invokedFunctionArn", w[ARN].value, false);
    if (w[DEADLINE].value.len) {
        lambdest__emit_name(e, "deadlineMs");
        lambdest__emit_integer(e, c->deadline);
    }
    emit_member(e, "traceId", w[TRACE].value, false);
    emit_member(e, "clientContext", w[CLIENT].value, c->client_is_json);
    emit_member(e, "identity", w[IDENTITY].value, c->identity_is_json);
    emit_member(e, "tenantId", w[TENANT].value, false);
    lambdest__emit_close(e, '}');
}

static int put_context(lambdest__change *change, const context *c)
{
    lambdest__emit e;
    lambdest__span text;
    unsigned char *room;

    lambdest__emit_init(&e, NULL, false);
    emit_context(&e, c);
    room = lambdest__put_room(change, SLOT_CONTEXT, lambdest__emit_total(&e));
    if (!room)
        return LAMBDEST_E_NOMEM;
    lambdest__emit_init(&e, room, false);
    emit_context(&e, c);
    text.data = room;
    text.len = lambdest__emit_total(&e);
    return lambdest__put_json(change, SLOT_CONTEXT, text, text, false);
}

static bool read_deadline(lambdest__span digits, int64_t *out)
{
    int64_t n = 0;
    size_t i;

    for (i = 0; i < digits.len; i++) {
        int digit = digits.data[i] - '0';

        if (digit < 0 || digit > 9 || n > (INT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

static int read_headers(const lambdest_header *headers, size_t count, const lambdest_envelope *env,
                        lambdest__wanted *wanted, context *c, lambdest_error *err)
{
    int rc = lambdest__headers_find(headers, count, wanted, WANTED_COUNT, env->limits.max_bytes, err);
    lambdest__arn arn;

    if (rc)
        return rc;
    if (!wanted[REQUEST_ID].value.len)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, "no request id", wanted[REQUEST_ID].name);
    if (!read_deadline(wanted[DEADLINE].value, &c->deadline))
        return lambdest__fail(err, LAMBDEST_E_SCHEMA, 0, "not a number of milliseconds",
                              wanted[DEADLINE].name);
    if (wanted[ARN].value.len) {
        if (!lambdest__arn_read(wanted[ARN].value, &arn))
            return lambdest__fail(err, LAMBDEST_E_SCHEMA, 0, "not the ARN of a function", wanted[ARN].name);
        c->function_name = arn.name;
    }
    c->client_is_json = is_json(wanted[CLIENT].value, env->limits.max_depth);
    c->identity_is_json = is_json(wanted[IDENTITY].value, env->limits.max_depth);
    return LAMBDEST_OK;
}

/* The event: what was sent, or, as AWS records an invocation without one, an empty object. */
static int read_event(const char *body, size_t len, const lambdest_envelope *env, lambdest__span *value,
                      lambdest_error *err)
{
    static const unsigned char none[] = "{}";
    int rc;

    value->data = none;
    value->len = sizeof none - 1;
    if (!len)
        return LAMBDEST_OK;
    if (len > env->limits.max_bytes)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL, "body");
    rc = lambdest__scan_text(body, len, env->limits.max_depth, value, err);
    if (rc && err)
        err->where = "body";
    return rc;
}

static int put_request(lambdest__change *change, const context *c, lambdest__span raw, lambdest__span value)
{
    const lambdest__span id = c->wanted[REQUEST_ID].value, arn = c->wanted[ARN].value;
    bool copy = raw.len && !(change->env->limits.flags & LAMBDEST_BORROW);
    int rc = lambdest__put_text(change, SLOT_REQUEST_ID, (const char *)id.data, id.len);

    if (!rc && arn.len)
        rc = lambdest__put_text(change, SLOT_FUNCTION_ARN, (const char *)arn.data, arn.len);
    if (!rc)
        rc = put_context(change, c);
    if (!rc)
        rc = lambdest__put_json(change, SLOT_REQUEST_PAYLOAD, raw.len ? raw : value, value, copy);
    return rc;
}

static int fill_request(lambdest_envelope *env, const lambdest_header *headers, size_t header_count,
                        lambdest__span body, lambdest_error *err)
{
    lambdest__wanted wanted[WANTED_COUNT] = {
        WANTED(REQUEST_ID, "Aws-Request-Id"), WANTED(DEADLINE, "Deadline-Ms"),
        WANTED(ARN, "Invoked-Function-Arn"),  WANTED(TRACE, "Trace-Id"),
        WANTED(CLIENT, "Client-Context"),     WANTED(IDENTITY, "Cognito-Identity"),
        WANTED(TENANT, "Aws-Tenant-Id"),
    };
    context c = {.wanted = wanted};
    lambdest__span value = {NULL, 0};
    lambdest__change change;
    int rc = read_headers(headers, header_count, env, wanted, &c, err);

    if (!rc)
        rc = read_event((const char *)body.data, body.len, env, &value, err);
    if (rc)
        return rc;
    lambdest__change_begin(&change, env);
    rc = lambdest__change_end(&change, put_request(&change, &c, body, value));
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}

int lambdest_runtime_invocation(const lambdest_header *headers, size_t header_count, const char *body,
                                size_t body_len, const lambdest_options *options, lambdest_envelope **out,
                                lambdest_error *err)
{
    lambdest__span text = {(const unsigned char *)body, body_len};
    lambdest_envelope *env;
    int rc;

    if (out)
        *out = NULL;
    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!body && body_len)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "body");
    rc = lambdest_envelope_new(options, &env, err);
    if (rc)
        return rc;
    rc = fill_request(env, headers, header_count, text, err);
    if (rc) {
        lambdest_envelope_free(env);
        return rc;
    }
    *out = env;
    return LAMBDEST_OK;
}
