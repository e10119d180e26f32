#include "base/alloc.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/first.h"
#include "base/options.h"
#include "envelope/model.h"
#include "json/skip.h"
#include "json/string.h"
#include "json/utf8.h"
#include "outcome/half.h"
#include "outcome/header.h"

#include <string.h>

#define ERROR_TYPE_HEADER "Lambda-Runtime-Function-Error-Type"
#define ERROR_BODY_TRAILER "Lambda-Runtime-Function-Error-Body"

/* A post as it was understood. `body` is what the outcome is told by: in a streamed failure the error. */
typedef struct posted {
    lambdest_post post;
    lambdest__span error_type; /* of a header or trailer; len 0: none */
    lambdest__span body;
    bool failed;
    bool copy;
    lambdest__half half;
} posted;

/* ---- emitting what is no JSON ---- */

/* Pieces of the body go through a buffer of this size. */
enum {
    PIECE = 96
};

/* Up to PIECE bytes of valid characters, and no half one. */
static size_t valid_run(const unsigned char *at, const unsigned char *end)
{
    const unsigned char *p = at;

    while (p < end) {
        int n = lambdest__utf8_sequence(p, end);

        if (n <= 0 || p + n - at > PIECE)
            break;
        p += n;
    }
    return (size_t)(p - at);
}

/* A text of any bytes as a JSON string. */
static void emit_bytes(lambdest__emit *e, lambdest__span text)
{
    const unsigned char *at = text.data, *end = text.len ? at + text.len : at;
    unsigned char room[PIECE * 6 + 2];

    lambdest__emit_raw(e, "\"", 1);
    while (at < end) {
        size_t n = valid_run(at, end);

        if (n)
            lambdest__emit_raw(e, room + 1, lambdest__string_encode(at, n, room) - 2);
        else
            lambdest__emit_raw(e, "\xEF\xBF\xBD", 3);
        at += n ? n : 1;
    }
    lambdest__emit_raw(e, "\"", 1);
}

static void emit_string(lambdest__emit *e, const void *data)
{
    emit_bytes(e, ((const posted *)data)->body);
}

static void emit_base64(lambdest__emit *e, const void *data)
{
    const posted *p = data;
    unsigned char room[PIECE / 3 * 4];
    size_t at;

    lambdest__emit_raw(e, "\"", 1);
    for (at = 0; at < p->body.len; at += PIECE) {
        size_t n = p->body.len - at < PIECE ? p->body.len - at : PIECE;

        lambdest__emit_raw(e, room, lambdest__base64_encode(p->body.data + at, n, room));
    }
    lambdest__emit_raw(e, "\"", 1);
}

/* An error without a body that says more. */
static void emit_worded(lambdest__emit *e, const void *data)
{
    static const char unknown[] = "Function.Unknown",
                      message[] = "The runtime reported an error without a body.",
                      no_json[] = "The runtime reported an error whose body could not be parsed as JSON.";
    const posted *p = data;

    lambdest__emit_open(e, '{');
    lambdest__emit_name(e, "errorType");
    if (p->error_type.len)
        emit_bytes(e, p->error_type);
    else
        lambdest__emit_text(e, unknown, sizeof unknown - 1);
    lambdest__emit_name(e, "errorMessage");
    if (p->body.len)
        lambdest__emit_text(e, no_json, sizeof no_json - 1);
    else
        lambdest__emit_text(e, message, sizeof message - 1);
    lambdest__emit_close(e, '}');
}

/* The error object, with the header's type behind its last member. */
static void emit_typed(lambdest__emit *e, const void *data)
{
    const posted *p = data;
    lambdest__span object = p->half.error.value;
    size_t i = 1;

    while (object.data[i] <= ' ')
        i++;
    lambdest__emit_raw(e, object.data, object.len - 1);
    e->empty = object.data[i] == '}';
    lambdest__emit_name(e, "errorType");
    emit_bytes(e, p->error_type);
    lambdest__emit_close(e, '}');
}

/* ---- from post to response half ---- */

static void set_text(lambdest__half_json *json, const char *text, size_t len)
{
    json->raw.data = (const unsigned char *)text;
    json->raw.len = len;
    json->value = json->raw;
}

static void set_emit(lambdest__half_json *json, void (*emit)(lambdest__emit *, const void *), const posted *p)
{
    json->emit = emit;
    json->data = p;
}

/* What AWS puts in the place of a payload that is none. */
static void set_delivery_error(posted *p)
{
    static const char text[] =
        "{\"statusCode\":400,\"errorCode\":\"InvalidRequestContentException\","
        "\"errorMessage\":\"The function response payload could not be parsed as JSON.\"}";

    set_text(&p->half.delivery_error, text, sizeof text - 1);
}

static int read_no_json(posted *p, lambdest__half_json *target)
{
    switch (p->post.body_policy) {
    case LAMBDEST_BODY_AS_STRING:
        set_emit(target, emit_string, p);
        break;
    case LAMBDEST_BODY_AS_BASE64:
        set_emit(target, emit_base64, p);
        break;
    default:
        if (p->failed)
            set_emit(target, emit_worded, p);
        else if (p->body.len)
            set_delivery_error(p);
    }
    return LAMBDEST_OK;
}

static bool lacks_type(lambdest__span json)
{
    return *json.data == '{' && !lambdest__skip_find(json, "errorType").data;
}

static int read_post_body(posted *p, const lambdest_envelope *env, const char *where, lambdest_error *err)
{
    lambdest__half_json *target = p->failed ? &p->half.error : &p->half.payload;
    int rc = lambdest__scan_text((const char *)p->body.data, p->body.len, env->limits.max_depth,
                                 &target->value, err);

    if (rc == LAMBDEST_OK) {
        target->raw = p->body;
        target->copy = p->copy;
        if (p->failed && p->error_type.len && lacks_type(target->value))
            set_emit(target, emit_typed, p);
        return LAMBDEST_OK;
    }
    if (rc != LAMBDEST_E_DEPTH && p->post.body_policy != LAMBDEST_BODY_REFUSE)
        return read_no_json(p, target);
    if (err)
        err->where = where;
    return rc;
}

static int fill_response(posted *p, lambdest_envelope *env, const char *where, lambdest_error *err)
{
    int rc;

    p->half.status = 200;
    p->half.ran = HALF_RAN;
    p->half.function_error = p->failed ? "Unhandled" : NULL;
    rc = read_post_body(p, env, where, err);
    return rc ? rc : lambdest__half_put(env, &p->half, err);
}

/* The error that ended a stream, decoded into memory for the moment. */
static int fill_from_trailers(posted *p, lambdest_envelope *env, lambdest__span base64, lambdest_error *err)
{
    const lambdest_alloc *alloc = &env->limits.alloc;
    size_t wrong, size = lambdest__base64_room(base64.len);
    unsigned char *bytes = lambdest__alloc(alloc, size);
    int rc;

    if (!bytes)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    p->failed = true;
    p->copy = true;
    p->body.data = bytes;
    if (lambdest__base64_decode(base64.data, base64.len, bytes, &p->body.len, &wrong))
        rc = fill_response(p, env, ERROR_BODY_TRAILER, err);
    else
        rc = lambdest__fail(err, LAMBDEST_E_SCHEMA, wrong, "not base64", ERROR_BODY_TRAILER);
    lambdest__release(alloc, bytes, size);
    return rc;
}

static int read_response(posted *p, lambdest_envelope *env, lambdest_error *err)
{
    lambdest__wanted wanted[] = {{ERROR_TYPE_HEADER, {NULL, 0}, true}, {ERROR_BODY_TRAILER, {NULL, 0}, true}};
    int rc = lambdest__headers_find(p->post.trailers, p->post.trailer_count, wanted, 2, env->limits.max_bytes,
                                    err);

    if (rc)
        return rc;
    p->error_type = wanted[0].value;
    if (!p->error_type.len && !wanted[1].value.len)
        return fill_response(p, env, "body", err);
    if (p->post.flags & LAMBDEST_POST_TRAILERS_AS_AWS) {
        p->half.status = 200;
        p->half.ran = HALF_RAN;
        return lambdest__half_put(env, &p->half, err);
    }
    return fill_from_trailers(p, env, wanted[1].value, err);
}

static int read_error_post(posted *p, lambdest_envelope *env, lambdest_error *err)
{
    lambdest__wanted wanted = {ERROR_TYPE_HEADER, {NULL, 0}, true};
    int rc =
        lambdest__headers_find(p->post.headers, p->post.header_count, &wanted, 1, env->limits.max_bytes, err);

    if (rc)
        return rc;
    p->error_type = wanted.value;
    p->failed = true;
    return fill_response(p, env, "body", err);
}

static int invalid_post(lambdest_error *err, const char *message, const char *where)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, where);
}

static int check_post(const lambdest_post *p, const lambdest_envelope *env, lambdest_error *err)
{
    if (p->channel < LAMBDEST_CHANNEL_RESPONSE || p->channel > LAMBDEST_CHANNEL_INIT_ERROR)
        return invalid_post(err, "not a channel that is posted to", "post.channel");
    if (p->body_policy && (p->body_policy < LAMBDEST_BODY_AS_AWS || p->body_policy > LAMBDEST_BODY_REFUSE))
        return invalid_post(err, "no body policy", "post.body_policy");
    if (p->flags & ~(uint32_t)LAMBDEST_POST_TRAILERS_AS_AWS)
        return invalid_post(err, "unknown flag", "post.flags");
    if (!p->body && p->body_len)
        return invalid_post(err, NULL, "post.body");
    if (!p->headers && p->header_count)
        return invalid_post(err, NULL, "post.headers");
    if (!p->trailers && p->trailer_count)
        return invalid_post(err, NULL, "post.trailers");
    if (lambdest_envelope_kind(env) == LAMBDEST_BATCH)
        return invalid_post(err, "a batch record has no post", "");
    if (p->body_len > env->limits.max_bytes || p->body_len > SIZE_MAX / 16)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL, "body");
    return LAMBDEST_OK;
}

int lambdest_runtime_post(lambdest_envelope *env, const lambdest_post *post, lambdest_error *err)
{
    posted p;
    int rc;

    memset(&p, 0, sizeof p);
    if (!env || !post)
        return invalid_post(err, NULL, "");
    if (lambdest__struct_read(&p.post, sizeof p.post, post, post->size, LAMBDEST__FIRST_POST))
        return invalid_post(err, "wrong size", "post.size");
    rc = check_post(&p.post, env, err);
    if (rc)
        return rc;
    p.body.data = (const unsigned char *)p.post.body;
    p.body.len = p.post.body_len;
    p.copy = !(env->limits.flags & LAMBDEST_BORROW);
    if (p.post.channel == LAMBDEST_CHANNEL_RESPONSE)
        return read_response(&p, env, err);
    return read_error_post(&p, env, err);
}
