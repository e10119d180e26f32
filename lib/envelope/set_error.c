#include "base/alloc.h"
#include "envelope/set.h"
#include "json/emit.h"
#include "json/utf8.h"

typedef struct error_text {
    const char *type;
    size_t type_len;
    const char *message;
    size_t message_len;
    const lambdest_slice *frames;
    size_t frame_count;
} error_text;

/* One part: its UTF-8, and what it adds to a size that must stay a size. */
static int check_part(const lambdest_envelope *env, const char *text, size_t len, size_t *sum,
                      const char *where, lambdest_error *err)
{
    size_t bad;

    if (!text && len)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, where);
    if (!lambdest__add_size(sum, len) || !lambdest__add_size(sum, 3) || lambdest__text_is_too_big(env, *sum))
        return lambdest__refuse_size(env, where, err);
    if (!lambdest__utf8_check((const unsigned char *)text, len, &bad))
        return lambdest__fail(err, LAMBDEST_E_UTF8, bad, NULL, where);
    return LAMBDEST_OK;
}

static int check_parts(const lambdest_envelope *env, const error_text *e, lambdest_error *err)
{
    size_t i, sum = 0;
    int rc = check_part(env, e->type, e->type ? e->type_len : 0, &sum, "invocationError.errorType", err);

    if (!rc)
        rc = check_part(env, e->message, e->message_len, &sum, "invocationError.errorMessage", err);
    if (!rc && !e->frames && e->frame_count)
        rc = lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "invocationError.stackTrace");
    for (i = 0; !rc && i < e->frame_count; i++)
        rc = check_part(env, e->frames[i].data, e->frames[i].len, &sum, "invocationError.stackTrace", err);
    return rc;
}

static void emit_error_text(lambdest__emit *out, const error_text *e)
{
    size_t i;

    lambdest__emit_open(out, '{');
    lambdest__emit_name(out, "errorMessage");
    lambdest__emit_text(out, e->message, e->message_len);
    if (e->type) {
        lambdest__emit_name(out, "errorType");
        lambdest__emit_text(out, e->type, e->type_len);
    }
    lambdest__emit_name(out, "stackTrace");
    lambdest__emit_open(out, '[');
    for (i = 0; i < e->frame_count; i++) {
        lambdest__emit_next(out);
        lambdest__emit_text(out, e->frames[i].data, e->frames[i].len);
    }
    lambdest__emit_close(out, ']');
    lambdest__emit_close(out, '}');
}

static int put_error(lambdest__change *change, const error_text *e)
{
    lambdest__emit out;
    lambdest__span json;
    unsigned char *room;

    lambdest__emit_init(&out, NULL, false);
    emit_error_text(&out, e);
    room = lambdest__put_room(change, SLOT_INVOCATION_ERROR, lambdest__emit_total(&out));
    if (!room)
        return LAMBDEST_E_NOMEM;
    lambdest__emit_init(&out, room, false);
    emit_error_text(&out, e);
    json.data = room;
    json.len = lambdest__emit_total(&out);
    (void)lambdest__put_json(change, SLOT_INVOCATION_ERROR, json, json, false); /* takes no memory */
    return lambdest__put_error_signs(change);
}

int lambdest_envelope_set_error(lambdest_envelope *env, const char *type, size_t type_len,
                                const char *message, size_t message_len, const lambdest_slice *frames,
                                size_t frame_count, lambdest_error *err)
{
    const error_text e = {type, type_len, message, message_len, frames, frame_count};
    lambdest__change change;
    int rc;

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = check_parts(env, &e, err);
    if (rc)
        return rc;
    lambdest__change_begin(&change, env);
    return lambdest__end_change(&change, put_error(&change, &e), err);
}
