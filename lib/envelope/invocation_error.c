#include "envelope/invocation_error.h"

#include "base/alloc.h"
#include "base/error.h"
#include "envelope/model.h"
#include "json/emit.h"
#include "json/string.h"
#include "json/utf8.h"

#include <string.h>

/* ---- reading ---- */

static void scan_checked(lambdest__scan *s, lambdest__span json)
{
    lambdest__scan_init(s, (const char *)json.data, json.len, LAMBDEST__DEPTH_LIMIT);
}

/* The next member or element of a checked value; false behind the last. */
static bool take_next(lambdest__scan *s, unsigned char bracket, lambdest__span *name, lambdest__span *value)
{
    lambdest__span outer;
    bool more;

    if (lambdest__scan_more(s, bracket, &more) || !more)
        return false;
    if (bracket == '{' && lambdest__scan_name(s, name))
        return false;
    return lambdest__scan_slice(s, value, &outer) == LAMBDEST_OK;
}

static bool is_text(lambdest__span value)
{
    return value.data && *value.data == '"';
}

static lambdest__span text_or_none(lambdest__span value)
{
    lambdest__span none = {NULL, 0};

    return is_text(value) ? lambdest__string_inner(value) : none;
}

static size_t count_frames(lambdest__span trace, uint64_t max_frames)
{
    lambdest__span name, value;
    lambdest__scan s;
    size_t n = 0;

    if (is_text(trace))
        return 1;
    if (!trace.data)
        return 0;
    scan_checked(&s, trace);
    if (lambdest__scan_open(&s, '['))
        return 0;
    while (n < max_frames && take_next(&s, '[', &name, &value))
        n++;
    return n;
}

static bool is_trace(lambdest__span value)
{
    return value.data && (*value.data == '[' || *value.data == '"');
}

static size_t memory_for(const lambdest__error_parts *parts)
{
    size_t size = parts->frame_count;

    /* Frames take no more than the trace: a decoded string and its NUL are shorter than the token, and a
     * frame that is no string, with its NUL, is not longer than it is with its comma or bracket. */
    if (!lambdest__multiply_size(&size, sizeof(lambdest__span)) ||
        !lambdest__add_size(&size, parts->type.len))
        return SIZE_MAX;
    if (!lambdest__add_size(&size, parts->message.len) || !lambdest__add_size(&size, parts->trace.len))
        return SIZE_MAX;
    return lambdest__add_size(&size, 2) ? size : SIZE_MAX;
}

void lambdest__error_locate(lambdest__span json, uint64_t max_frames, lambdest__error_parts *parts)
{
    static const char *const names[] = {"errorType", "errorMessage", "stackTrace", "trace", "stack"};
    lambdest__span found[5] = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    lambdest__span name, value;
    lambdest__scan s;
    int i;

    memset(parts, 0, sizeof *parts);
    scan_checked(&s, json);
    if (lambdest__scan_peek(&s) != '{')
        return;
    (void)lambdest__scan_open(&s, '{');
    while (take_next(&s, '{', &name, &value))
        for (i = 0; i < 5; i++)
            if (lambdest__string_equals(name, names[i], strlen(names[i])))
                found[i] = value;
    parts->type = text_or_none(found[0]);
    parts->message = text_or_none(found[1]);
    for (i = 2; i < 5 && !is_trace(parts->trace); i++)
        if (is_trace(found[i]))
            parts->trace = found[i];
    parts->frame_count = count_frames(parts->trace, max_frames);
    parts->memory = memory_for(parts);
}

void lambdest__error_move(lambdest__error_parts *parts, const unsigned char *from, const unsigned char *to)
{
    parts->type = lambdest__moved(parts->type, from, to);
    parts->message = lambdest__moved(parts->message, from, to);
    parts->trace = lambdest__moved(parts->trace, from, to);
}

static lambdest__span keep_text(unsigned char **at, lambdest__span inner)
{
    lambdest__span kept = {*at, lambdest__string_decode(inner, *at)};

    (*at)[kept.len] = '\0';
    *at += kept.len + 1;
    return kept;
}

static lambdest__span keep_frame(unsigned char **at, lambdest__span value)
{
    lambdest__span kept = {*at, value.len};

    if (is_text(value))
        return keep_text(at, lambdest__string_inner(value));
    memcpy(*at, value.data, value.len);
    (*at)[value.len] = '\0';
    *at += value.len + 1;
    return kept;
}

static void keep_frames(const lambdest__error_parts *parts, unsigned char **at, lambdest__span *frames)
{
    lambdest__span name, value;
    lambdest__scan s;
    size_t i;

    if (is_text(parts->trace)) {
        frames[0] = keep_frame(at, parts->trace);
        return;
    }
    scan_checked(&s, parts->trace);
    (void)lambdest__scan_open(&s, '[');
    for (i = 0; i < parts->frame_count && take_next(&s, '[', &name, &value); i++)
        frames[i] = keep_frame(at, value);
}

void lambdest__error_build(const lambdest__error_parts *parts, unsigned char *memory,
                           lambdest__error_view *view)
{
    unsigned char *at = memory + parts->frame_count * sizeof(lambdest__span);

    memset(view, 0, sizeof *view);
    view->frames = (lambdest__span *)(void *)memory;
    view->frame_count = parts->frame_count;
    if (parts->type.data)
        view->type = keep_text(&at, parts->type);
    if (parts->message.data)
        view->message = keep_text(&at, parts->message);
    if (parts->frame_count)
        keep_frames(parts, &at, view->frames);
}

size_t lambdest_envelope_frame_count(const lambdest_envelope *env)
{
    return env ? env->error.frame_count : 0;
}

const char *lambdest_envelope_frame(const lambdest_envelope *env, size_t index, size_t *len)
{
    if (len)
        *len = 0;
    if (!env || index >= env->error.frame_count)
        return NULL;
    if (len)
        *len = env->error.frames[index].len;
    return (const char *)env->error.frames[index].data;
}
