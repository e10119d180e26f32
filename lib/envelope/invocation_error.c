#include "envelope/invocation_error.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "envelope/model.h"
#include "json/check.h"
#include "json/check_string.h"
#include "json/skip.h"
#include "json/string.h"

#include <string.h>

/* ---- reading ---- */

static bool is_string(lambdest__span value)
{
    return value.data && *value.data == '"';
}

static lambdest__span text_or_none(lambdest__span value)
{
    lambdest__span none = {NULL, 0};

    return is_string(value) ? lambdest__string_inner(value) : none;
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
    return lambdest__add_size(&size, 2 + LAMBDEST__DECODE_SPARE) ? size : SIZE_MAX;
}

enum part {
    PART_NONE,
    PART_TYPE,
    PART_MESSAGE,
    PART_TRACE, /* three names, the first of which counts */
    PART_TRACE_2,
    PART_TRACE_3,
    PART_COUNT
};

static const char *const part_names[PART_COUNT] = {"",           "errorType", "errorMessage",
                                                   "stackTrace", "trace",     "stack"};

static const uint8_t part_lengths[PART_COUNT] = {0, 9, 12, 10, 5, 5};

/* An enum part. */
static int part_of(lambdest__span name)
{
    bool plain = !name.len || !memchr(name.data, '\\', name.len);
    int i;

    for (i = PART_NONE + 1; i < PART_COUNT; i++)
        if (plain ? name.len == part_lengths[i] && lambdest__same_bytes(name.data, part_names[i], name.len)
                  : lambdest__string_equals(name, part_names[i], part_lengths[i]))
            return i;
    return PART_NONE;
}

/* A trace's elements are counted while it is passed. */
static lambdest__span take_trace(lambdest__skip *s, size_t *frames)
{
    lambdest__span trace = {s->at, 0}, frame;
    lambdest__skip in = {s->at + 1, s->end};

    for (*frames = 0; lambdest__skip_element(&in, &frame);)
        ++*frames;
    s->at = in.at + 1;
    trace.len = (size_t)(s->at - trace.data);
    return trace;
}

/* What was found under each name; of the three names of a trace the first one counts. */
typedef struct findings {
    lambdest__span value[PART_COUNT];
    size_t frames[PART_COUNT];
    lambdest__error_room *room; /* NULL: the texts are not, or no longer, decoded on the way */
    bool traced;
} findings;

static uint16_t used_of(const lambdest__error_room *room)
{
    return (uint16_t)(room->at - room->bytes);
}

static void begin_findings(findings *found, lambdest__error_room *room)
{
    int i;

    found->room = room;
    found->traced = false;
    for (i = 0; i < PART_COUNT; i++) {
        found->value[i].data = NULL;
        found->frames[i] = 0;
    }
    if (!room)
        return;
    room->type = room->message = (lambdest__span){NULL, 0};
    room->at = room->bytes;
}

static void conclude(const findings *found, lambdest__span json, uint64_t max_frames,
                     lambdest__error_parts *parts)
{
    int i;

    memset(parts, 0, sizeof *parts);
    parts->json = json;
    parts->type = text_or_none(found->value[PART_TYPE]);
    parts->message = text_or_none(found->value[PART_MESSAGE]);
    for (i = PART_TRACE; i < PART_COUNT && !is_trace(found->value[i]);)
        i++;
    if (i < PART_COUNT) {
        parts->trace = found->value[i];
        parts->frame_count = found->frames[i] < max_frames ? found->frames[i] : (size_t)max_frames;
    }
    parts->memory = memory_for(parts);
    parts->room = found->room;
}

void lambdest__error_locate(lambdest__span json, uint64_t max_frames, lambdest__error_parts *parts)
{
    findings found;
    lambdest__span name;
    lambdest__skip s;

    memset(parts, 0, sizeof *parts);
    if (*json.data != '{')
        return;
    begin_findings(&found, NULL);
    s = lambdest__skip_into(json);
    while (lambdest__skip_name(&s, &name)) {
        int i = part_of(name);

        found.frames[i] = 1;
        if (i >= PART_TRACE && *s.at == '[')
            found.value[i] = take_trace(&s, &found.frames[i]);
        else
            (void)lambdest__skip_element(&s, &found.value[i]);
    }
    conclude(&found, json, max_frames, parts);
}

/* ---- reading what has not been checked ---- */

/* Behind white space, a closing bracket, which ends it (*more is false), or the comma before the next. */
static const unsigned char *check_more(const unsigned char *p, const unsigned char *end,
                                       unsigned char closing, bool *more)
{
    p = lambdest__pass_space(p, end);
    *more = p < end && *p == ',';
    if (p >= end || (!*more && *p != closing))
        return NULL;
    p++;
    return *more ? lambdest__pass_space(p, end) : p;
}

static const unsigned char *check_value(const unsigned char *p, lambdest__bounds in, uint32_t max_depth,
                                        lambdest__span *value)
{
    value->data = p;
    p = p < in.end ? lambdest__check(in.begin, p, in.end, max_depth) : NULL;
    value->len = p ? (size_t)(p - value->data) : 0;
    return p;
}

/* A text of a part, or a value in the place of one. */
static inline const unsigned char *check_error_text(findings *found, const unsigned char *p,
                                                    lambdest__bounds in, uint32_t max_depth,
                                                    lambdest__span *value)
{
    lambdest__error_room *room = found->room;
    const unsigned char *behind = NULL;

    if (room && p < in.end && *p == '"')
        behind = lambdest__string_take(p, in.end, &room->at, room->bytes + sizeof room->bytes);
    if (!behind) {
        found->room = NULL;
        return check_value(p, in, max_depth, value);
    }
    *room->at++ = '\0';
    value->data = p;
    value->len = (size_t)(behind - p);
    return behind;
}

/* An array, whose elements are counted. */
static const unsigned char *check_trace(findings *found, const unsigned char *p, lambdest__bounds in,
                                        uint32_t max_depth, int part)
{
    lambdest__span *trace = &found->value[part], frame;
    size_t frames = 0;
    bool more = true;

    trace->data = p;
    for (p = lambdest__pass_space(p + 1, in.end); p && more; frames++) {
        if (frames == LAMBDEST__ERROR_FRAMES)
            found->room = NULL;
        if (found->room)
            found->room->frames[frames] = used_of(found->room);
        p = check_error_text(found, p, in, max_depth - 1, &frame);
        if (p)
            p = check_more(p, in.end, ']', &more);
    }
    found->frames[part] = frames;
    trace->len = p ? (size_t)(p - trace->data) : 0;
    return p;
}

/* A part's value. Of what is given twice, under one name or several, no text is decoded on the way. */
static const unsigned char *check_error_part(findings *found, const unsigned char *p, lambdest__bounds in,
                                             uint32_t max_depth, int part)
{
    lambdest__error_room *room;
    bool trace = part >= PART_TRACE;
    lambdest__span text;

    if (found->value[part].data || (trace && found->traced))
        found->room = NULL;
    found->traced |= trace;
    found->frames[part] = 1;
    room = found->room;
    text.data = room ? room->at : NULL;
    if (room && trace)
        room->frames[0] = used_of(room);
    if (trace && *p == '[')
        p = check_trace(found, p, in, max_depth, part);
    else
        p = check_error_text(found, p, in, max_depth, &found->value[part]);
    if (!found->room)
        return p;
    text.len = (size_t)(room->at - text.data) - 1;
    if (trace)
        room->frames[found->frames[part]] = used_of(room);
    else if (part == PART_TYPE)
        room->type = text;
    else
        room->message = text;
    return p;
}

/* Behind the name of a part at p, its closing quote not passed; or NULL. What comes behind it need not wait
 * for where it ends. */
static inline const unsigned char *check_part_name(const unsigned char *p, const unsigned char *end,
                                                   int *part)
{
    int i;

    for (i = PART_NONE + 1; i < PART_COUNT; i++) {
        size_t len = part_lengths[i];

        if ((size_t)(end - p) > len && p[len] == '"' && lambdest__same_bytes(p, part_names[i], len)) {
            *part = i;
            return p + len;
        }
    }
    return NULL;
}

/* A name and its colon. */
static const unsigned char *check_name(const unsigned char *p, const unsigned char *end, int *part)
{
    const unsigned char *behind;

    if (p >= end || *p++ != '"')
        return NULL;
    behind = check_part_name(p, end, part);
    if (!behind)
        behind = lambdest__pass_plain(p, end);
    if (behind >= end || *behind != '"')
        return NULL;
    p = lambdest__pass_space(behind + 1, end);
    return p < end && *p == ':' ? lambdest__pass_space(p + 1, end) : NULL;
}

const unsigned char *lambdest__error_check(const unsigned char *begin, const unsigned char *p,
                                           const unsigned char *end, const lambdest__limits *limits,
                                           lambdest__error_room *room, lambdest__error_parts *parts)
{
    lambdest__bounds in = {begin, end};
    lambdest__span json = {p, 0};
    uint32_t max_depth = limits->max_depth;
    findings found;
    bool more = true;

    if (*p != '{' || max_depth < 3)
        return NULL;
    begin_findings(&found, room);
    p = lambdest__pass_space(p + 1, end);
    while (p && more) {
        int i = PART_NONE;

        p = check_name(p, end, &i);
        if (!p || p >= end)
            return NULL;
        if (i == PART_NONE)
            p = check_value(p, in, max_depth - 1, &found.value[i]);
        else
            p = check_error_part(&found, p, in, max_depth - 1, i);
        if (p)
            p = check_more(p, end, '}', &more);
    }
    if (!p)
        return NULL;
    json.len = (size_t)(p - json.data);
    conclude(&found, json, limits->max_items, parts);
    return p;
}

void lambdest__error_move(lambdest__error_parts *parts, const unsigned char *from, const unsigned char *to)
{
    parts->json = lambdest__moved(parts->json, from, to);
    parts->type = lambdest__moved(parts->type, from, to);
    parts->message = lambdest__moved(parts->message, from, to);
    parts->trace = lambdest__moved(parts->trace, from, to);
}

/* ---- keeping ---- */

/* An inner text, whose quotes stand around it; `end` is that of all that may be read. */
static lambdest__span keep_error_text(unsigned char **at, lambdest__span inner, const unsigned char *end)
{
    const unsigned char *quote = inner.data - 1;
    lambdest__span kept = {*at, 0};

    kept.len = lambdest__string_decode_at(&quote, end, *at);
    (*at)[kept.len] = '\0';
    *at += kept.len + 1;
    return kept;
}

/* A frame that is no string is kept as it came. */
static lambdest__span keep_frame(unsigned char **at, lambdest__skip *s)
{
    lambdest__span kept = {*at, 0}, value;

    if (*s->at == '"') {
        kept.len = lambdest__string_decode_at(&s->at, s->end, *at);
    } else {
        (void)lambdest__skip_element(s, &value);
        memcpy(*at, value.data, value.len);
        kept.len = value.len;
    }
    (*at)[kept.len] = '\0';
    *at += kept.len + 1;
    return kept;
}

static void keep_frames(const lambdest__error_parts *parts, unsigned char **at, lambdest__span *frames)
{
    lambdest__skip s = {parts->trace.data, parts->json.data + parts->json.len};
    size_t i;

    if (!is_string(parts->trace))
        s.at++;
    for (i = 0; i < parts->frame_count; i++) {
        (void)lambdest__skip_to_next(&s); /* they were counted */
        frames[i] = keep_frame(at, &s);
    }
}

static void keep_room(const lambdest__error_parts *parts, unsigned char *at, lambdest__error_view *view)
{
    const lambdest__error_room *room = parts->room;
    size_t i;

    memcpy(at, room->bytes, used_of(room));
    view->type = lambdest__moved(room->type, room->bytes, at);
    view->message = lambdest__moved(room->message, room->bytes, at);
    for (i = 0; i < parts->frame_count; i++) {
        view->frames[i].data = at + room->frames[i];
        view->frames[i].len = (size_t)(room->frames[i + 1] - room->frames[i]) - 1;
    }
}

void lambdest__error_build(const lambdest__error_parts *parts, unsigned char *memory,
                           lambdest__error_view *view)
{
    unsigned char *at = memory + parts->frame_count * sizeof(lambdest__span);
    const unsigned char *end = parts->json.data + parts->json.len;

    memset(view, 0, sizeof *view);
    view->frames = (lambdest__span *)(void *)memory;
    view->frame_count = parts->frame_count;
    if (parts->room) {
        keep_room(parts, at, view);
        return;
    }
    if (parts->type.data)
        view->type = keep_error_text(&at, parts->type, end);
    if (parts->message.data)
        view->message = keep_error_text(&at, parts->message, end);
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
