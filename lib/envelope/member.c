#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "envelope/change.h"
#include "envelope/timestamp.h"
#include "envelope/walk.h"
#include "json/emit.h"
#include "json/skip.h"
#include "json/string.h"
#include "json/utf8.h"

#include <string.h>

/* ---- reading ---- */

static lambdest__span member_text(const lambdest_envelope *env, int member)
{
    static const lambdest__span none = {NULL, 0};
    int slot;

    switch (member) {
    case LAMBDEST_FUNCTION_PARTITION:
        return env->arn.partition;
    case LAMBDEST_FUNCTION_REGION:
        return env->arn.region;
    case LAMBDEST_FUNCTION_ACCOUNT:
        return env->arn.account;
    case LAMBDEST_FUNCTION_NAME:
        return env->arn.name.data ? env->arn.name : env->members[SLOT_FUNCTION_NAME].value;
    case LAMBDEST_FUNCTION_QUALIFIER:
        return env->arn.qualifier;
    case LAMBDEST_ERROR_TYPE:
        return env->error.type;
    case LAMBDEST_ERROR_MESSAGE:
        return env->error.message;
    case LAMBDEST_SOURCE_ARN:
        return env->batch.source_arn;
    default:
        slot = member == LAMBDEST_TIMESTAMP_MS ? SLOT_NONE : lambdest__slot_of(member);
        if (lambdest__slot_type(slot) != TYPE_TEXT || !lambdest__has_value(env, slot))
            return none;
        return env->members[slot].value;
    }
}

static const char *hand_out(lambdest__span span, size_t *len)
{
    if (len)
        *len = span.len;
    return (const char *)span.data;
}

const char *lambdest_envelope_text(const lambdest_envelope *env, int member, size_t *len)
{
    lambdest__span none = {NULL, 0};

    return hand_out(env ? member_text(env, member) : none, len);
}

static bool member_integer(const lambdest_envelope *env, int member, int64_t *out)
{
    const lambdest__member *m = &env->members[lambdest__slot_of(member)];

    switch (member) {
    case LAMBDEST_INVOKE_COUNT:
    case LAMBDEST_STATUS_CODE:
        *out = m->integer;
        return m->state == LAMBDEST_VALUE;
    case LAMBDEST_TIMESTAMP_MS:
        return m->state == LAMBDEST_VALUE && lambdest__timestamp_read(m->value, out);
    case LAMBDEST_BATCH_SIZE:
        *out = env->batch.batch_size;
        return *out >= 0;
    case LAMBDEST_PAYLOAD_SIZE:
        *out = env->batch.payload_size;
        return *out >= 0;
    default:
        return false;
    }
}

int lambdest_envelope_integer(const lambdest_envelope *env, int member, int64_t *out)
{
    if (!out)
        return LAMBDEST_E_INVAL;
    if (env && member_integer(env, member, out))
        return LAMBDEST_OK;
    *out = 0;
    return LAMBDEST_E_ABSENT;
}

static int json_slot(const lambdest_envelope *env, int member)
{
    return member == LAMBDEST_INVOCATION_ERROR ? lambdest__error_slot(env) : lambdest__slot_of(member);
}

static lambdest__span json_of(const lambdest_envelope *env, int member)
{
    static const lambdest__span none = {NULL, 0};
    int slot = json_slot(env, member);

    if (member == LAMBDEST_CLIENT_CONTEXT)
        return lambdest__skip_find(env->members[SLOT_CONTEXT].value, "clientContext");
    return lambdest__slot_type(slot) == TYPE_JSON ? env->members[slot].value : none;
}

const char *lambdest_envelope_json(const lambdest_envelope *env, int member, size_t *len)
{
    lambdest__span none = {NULL, 0};

    return hand_out(env ? json_of(env, member) : none, len);
}

static int response_context_state(const lambdest_envelope *env)
{
    if (lambdest__has(env, SLOT_STATUS_CODE) || lambdest__has(env, SLOT_EXECUTED_VERSION) ||
        lambdest__has(env, SLOT_FUNCTION_ERROR))
        return LAMBDEST_VALUE;
    return env->members[SLOT_RESPONSE_CONTEXT].state;
}

static int derived_state(const lambdest_envelope *env, int member)
{
    lambdest__span json = json_of(env, member);
    int64_t integer;

    if (json.data)
        return *json.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
    if (member_text(env, member).data || member_integer(env, member, &integer))
        return LAMBDEST_VALUE;
    return LAMBDEST_ABSENT;
}

int lambdest_envelope_state(const lambdest_envelope *env, int member)
{
    int slot = lambdest__slot_of(member);

    if (!env)
        return LAMBDEST_ABSENT;
    if (member == LAMBDEST_RESPONSE_CONTEXT)
        return response_context_state(env);
    if (!slot || member == LAMBDEST_TIMESTAMP_MS || member == LAMBDEST_INVOCATION_ERROR)
        return derived_state(env, member);
    return env->members[slot].state;
}

/* ---- setting a slot that no view depends on: there is nothing to take back ---- */

/* The member's memory from now on; what it had is given back. */
static inline void replace(lambdest_envelope *env, lambdest__member *m, lambdest__store fresh)
{
    lambdest__store_release(env, &m->store);
    m->store = fresh;
}

/* The text, a copy in `memory` of a checked one, is the slot's from now on. */
static inline void keep_text_alone(lambdest_envelope *env, int slot, unsigned char *memory,
                                   const lambdest__checked *checked, lambdest__store fresh)
{
    lambdest__member *m = &env->members[slot];

    lambdest__text_keep(env, slot, memory, checked);
    m->raw = (lambdest__span){NULL, 0};
    m->state = LAMBDEST_VALUE;
    env->changed |= UINT32_C(1) << slot;
    replace(env, m, fresh);
}

static inline int set_text_alone(lambdest_envelope *env, int slot, const lambdest__checked *checked)
{
    size_t len = checked->text.len;
    lambdest__store fresh;
    unsigned char *memory = lambdest__store_prepare(env, lambdest__text_memory(slot, len), &fresh);

    if (!memory)
        return LAMBDEST_E_NOMEM;
    lambdest__put_bytes(memory, checked->text.data, len);
    keep_text_alone(env, slot, memory, checked, fresh);
    return LAMBDEST_OK;
}

static void set_integer_alone(lambdest_envelope *env, int slot, int64_t value)
{
    lambdest__member *m = &env->members[slot];

    m->integer = value;
    m->raw = (lambdest__span){NULL, 0};
    m->state = LAMBDEST_VALUE;
    env->changed |= UINT32_C(1) << slot;
}

static int set_json_alone(lambdest_envelope *env, int slot, lambdest__span raw, lambdest__span value,
                          bool copy)
{
    lambdest__member *m = &env->members[slot];
    lambdest__store fresh = {NULL, 0};

    if (copy) {
        unsigned char *memory = lambdest__store_prepare(env, raw.len, &fresh);

        if (!memory)
            return LAMBDEST_E_NOMEM;
        memcpy(memory, raw.data, raw.len);
        value.data = memory + (value.data - raw.data);
        raw.data = memory;
    }
    m->raw = raw;
    m->value = value;
    m->state = *value.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
    env->changed |= UINT32_C(1) << slot; /* a null too: there may be white space around it */
    replace(env, m, fresh);
    return LAMBDEST_OK;
}

/* ---- setting ---- */

static int invalid_member(lambdest_error *err, const char *message, int slot)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, lambdest__slot_where(slot));
}

static int end_set(int rc, lambdest_error *err)
{
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}

static int end_change(lambdest__change *change, int rc, lambdest_error *err)
{
    return end_set(lambdest__change_end(change, rc), err);
}

/* Sizes are added without checks when an envelope is written, so what goes in is bounded where a size_t is
 * small: JSON is pasted as it is, a text may grow six times when it is encoded, and there are several. */
#define JSON_MAX (SIZE_MAX / 16)
#define TEXT_MAX (SIZE_MAX / 128)

static bool is_too_big(const lambdest_envelope *env, size_t len)
{
    return len > env->limits.max_bytes || len > JSON_MAX;
}

static int check_text(const lambdest_envelope *env, int slot, lambdest__checked *checked, lambdest_error *err)
{
    lambdest__span text = checked->text;
    int64_t ms;
    size_t bad;

    checked->plain = true;
    if (is_too_big(env, text.len) || text.len > TEXT_MAX)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL,
                              lambdest__slot_where(slot));
    if (slot == SLOT_FUNCTION_ARN && lambdest__arn_read(text, &checked->arn))
        return LAMBDEST_OK;
    checked->plain = lambdest__string_is_plain(text.data, text.len);
    if (!checked->plain && !lambdest__utf8_check(text.data, text.len, &bad))
        return lambdest__fail(err, LAMBDEST_E_UTF8, bad, NULL, lambdest__slot_where(slot));
    if (slot == SLOT_FUNCTION_ARN)
        return invalid_member(err, "not the ARN of a function", slot);
    if (slot == SLOT_TIMESTAMP && !lambdest__timestamp_read(text, &ms))
        return invalid_member(err, "not an RFC 3339 time", slot);
    return LAMBDEST_OK;
}

static int set_text_viewed(lambdest_envelope *env, int slot, const lambdest__checked *checked,
                           lambdest_error *err)
{
    lambdest__change change;

    lambdest__change_begin(&change, env);
    return end_change(&change, lambdest__put_checked(&change, slot, checked), err);
}

int lambdest_envelope_set_text(lambdest_envelope *env, int member, const char *text, size_t len,
                               lambdest_error *err)
{
    int rc, slot = member == LAMBDEST_TIMESTAMP_MS ? SLOT_NONE : lambdest__slot_of(member);
    lambdest__checked checked;

    if (!env || (!text && len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (lambdest__slot_type(slot) != TYPE_TEXT)
        return invalid_member(err, "not a text that can be set", slot);
    checked.text.data = (const unsigned char *)text;
    checked.text.len = len;
    rc = check_text(env, slot, &checked, err);
    if (rc)
        return rc;
    if (lambdest__has_view(slot))
        return set_text_viewed(env, slot, &checked, err);
    return end_set(set_text_alone(env, slot, &checked), err);
}

static int set_time(lambdest_envelope *env, int64_t ms, lambdest_error *err)
{
    lambdest__checked checked = {.text = {NULL, LAMBDEST__TIMESTAMP_LEN}, .plain = true};
    lambdest__store fresh;
    unsigned char *memory;

    if (ms < LAMBDEST__TIMESTAMP_MIN || ms > LAMBDEST__TIMESTAMP_MAX)
        return invalid_member(err, "not within the years 0 to 9999", SLOT_TIMESTAMP);
    memory = lambdest__store_prepare(env, LAMBDEST__TIMESTAMP_LEN + 1, &fresh);
    if (!memory)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    lambdest__timestamp_put(ms, memory);
    keep_text_alone(env, SLOT_TIMESTAMP, memory, &checked, fresh);
    return lambdest__ok(err);
}

int lambdest_envelope_set_integer(lambdest_envelope *env, int member, int64_t value, lambdest_error *err)
{
    int slot = lambdest__slot_of(member);
    int64_t max = slot == SLOT_STATUS_CODE ? 999 : INT64_C(9007199254740991);

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (member == LAMBDEST_TIMESTAMP_MS)
        return set_time(env, value, err);
    if (lambdest__slot_type(slot) != TYPE_INTEGER)
        return invalid_member(err, "not an integer that can be set", slot);
    if (value < 0 || value > max)
        return invalid_member(err, "an integer out of range", slot);
    set_integer_alone(env, slot, value);
    return lambdest__ok(err);
}

static bool is_batch_info(int slot)
{
    return slot >= SLOT_KINESIS_BATCH_INFO && slot <= SLOT_KAFKA_BATCH_INFO;
}

static bool must_be_object(int slot)
{
    return is_batch_info(slot) || slot == SLOT_DELIVERY_ERROR || slot == SLOT_TIME_WINDOW_INFO;
}

/* Members given twice that are not known by name (topics, say): listed in memory for the moment. */
static int refuse_twice(const lambdest_envelope *env, lambdest__walk *w, int level)
{
    const lambdest_alloc *alloc = &env->limits.alloc;
    size_t size = w->unknown_count * sizeof(lambdest__named);
    lambdest__named *named = lambdest__alloc(alloc, size);
    const lambdest__named *twice;
    int rc = LAMBDEST_OK;

    if (!named)
        return LAMBDEST_E_NOMEM;
    lambdest__walk_init(w, (const char *)w->scan.text, w->scan.len, &env->limits, named);
    (void)lambdest__walk_through(w, level);
    twice = lambdest__names_duplicate(named, w->unknown_count);
    if (twice)
        rc = lambdest__walk_refuse(w, twice->name.data - 1, "a member given twice",
                                   lambdest__level_where((int)(twice->level & 0xFF)));
    lambdest__release(alloc, named, size);
    return rc;
}

static int check_batch_info(const lambdest_envelope *env, int slot, const char *json, size_t len,
                            lambdest_error *err)
{
    int level = lambdest__batch_level(slot);
    int rc, other = lambdest__batch_slot(env);
    lambdest__walk w;

    if (other && other != slot)
        return invalid_member(err, "a batch info of another source is set", slot);
    lambdest__walk_init(&w, json, len, &env->limits, NULL);
    w.where = lambdest__slot_where(slot);
    rc = lambdest__walk_through(&w, level);
    if (!rc && w.unknown_count > 1)
        rc = refuse_twice(env, &w, level);
    if (rc == LAMBDEST_E_NOMEM)
        return lambdest__fail(err, rc, 0, NULL, "");
    return rc ? lambdest__walk_error(&w, rc, err) : LAMBDEST_OK;
}

/* What is found in an invocation error while it is checked. */
typedef struct error_found {
    lambdest__error_parts parts; /* json.data NULL: nothing was */
    lambdest__error_room room;
} error_found;

/* An invocation error with nothing around it. */
static bool check_error(const lambdest_envelope *env, const char *json, size_t len, error_found *found)
{
    const unsigned char *p = (const unsigned char *)json;

    return len && lambdest__error_check(p, p, p + len, &env->limits, &found->room, &found->parts) == p + len;
}

static int check_json(const lambdest_envelope *env, int slot, const char *json, size_t len,
                      lambdest__span *value, error_found *found, lambdest_error *err)
{
    const char *where = lambdest__slot_where(slot);
    int rc;

    if (is_too_big(env, len))
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL, where);
    if (slot == SLOT_INVOCATION_ERROR && check_error(env, json, len, found)) {
        *value = found->parts.json;
        return LAMBDEST_OK;
    }
    found->parts.json.data = NULL;
    rc = lambdest__scan_text(json, len, env->limits.max_depth, value, err);
    if (rc) {
        if (err)
            err->where = where;
        return rc;
    }
    if (must_be_object(slot) && *value->data != '{')
        return lambdest__fail(err, LAMBDEST_E_SCHEMA, (uint64_t)((const char *)value->data - json),
                              "not an object", where);
    return is_batch_info(slot) ? check_batch_info(env, slot, json, len, err) : LAMBDEST_OK;
}

/* What an invocation error brings along where nothing was said: "Unhandled" and 200, as AWS has it. */
static int put_error_signs(lambdest__change *change)
{
    static const unsigned char unhandled[] = "Unhandled";
    lambdest__checked checked = {.text = {unhandled, sizeof unhandled - 1}, .plain = true};
    int rc = LAMBDEST_OK;

    if (!lambdest__has_value(change->env, SLOT_FUNCTION_ERROR))
        rc = lambdest__put_checked(change, SLOT_FUNCTION_ERROR, &checked);
    if (!lambdest__has(change->env, SLOT_STATUS_CODE))
        lambdest__put_integer(change, SLOT_STATUS_CODE, 200);
    return rc;
}

/* JSON that was checked; the parts of an invocation error, if they were found on the way. */
static int put_checked(lambdest_envelope *env, int slot, lambdest__span raw, lambdest__span value, bool copy,
                       lambdest__error_parts *parts, lambdest_error *err)
{
    lambdest__change change;
    int rc;

    if (!lambdest__has_view(slot))
        return end_set(set_json_alone(env, slot, raw, value, copy), err);
    lambdest__change_begin(&change, env);
    rc = lambdest__put_json(&change, slot, raw, value, copy);
    if (!rc && parts->json.data) {
        lambdest__error_move(parts, value.data, env->members[slot].value.data);
        change.parts = parts;
    }
    if (!rc && slot == SLOT_INVOCATION_ERROR)
        rc = put_error_signs(&change);
    return end_change(&change, rc, err);
}

static bool is_settable_json(int slot)
{
    return lambdest__slot_type(slot) == TYPE_JSON && slot != SLOT_METADATA;
}

int lambdest_envelope_set_json(lambdest_envelope *env, int member, const char *json, size_t len,
                               lambdest_error *err)
{
    lambdest__span raw = {(const unsigned char *)json, len}, value;
    int rc, slot = lambdest__slot_of(member);
    error_found found;

    if (!env || (!json && len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!is_settable_json(slot))
        return invalid_member(err, "not a JSON member that can be set", slot);
    rc = check_json(env, slot, json, len, &value, &found, err);
    if (rc)
        return rc;
    return put_checked(env, slot, raw, value, !(env->limits.flags & LAMBDEST_BORROW), &found.parts, err);
}

static bool is_payload(int slot)
{
    return slot == SLOT_REQUEST_PAYLOAD || slot == SLOT_RESPONSE_PAYLOAD || slot == SLOT_INVOCATION_ERROR ||
           slot == SLOT_BATCH_PAYLOAD;
}

/* A payload that is as deep as this envelope takes was checked when it came into the other one. */
static int check_copied(const lambdest_envelope *env, int slot, const lambdest_envelope *from, int from_slot,
                        lambdest__span raw, lambdest__span *value, error_found *found, lambdest_error *err)
{
    if (!is_payload(slot) || !is_payload(from_slot) || from->limits.max_depth > env->limits.max_depth)
        return check_json(env, slot, (const char *)raw.data, raw.len, value, found, err);
    found->parts.json.data = NULL;
    if (is_too_big(env, raw.len))
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL,
                              lambdest__slot_where(slot));
    return LAMBDEST_OK;
}

int lambdest_envelope_copy_json(lambdest_envelope *env, int member, const lambdest_envelope *from,
                                int from_member, lambdest_error *err)
{
    int rc, slot = lambdest__slot_of(member), from_slot;
    error_found found;
    lambdest__span raw, value;
    bool copy;

    if (!env || !from)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!is_settable_json(slot))
        return invalid_member(err, "not a JSON member that can be set", slot);
    value = json_of(from, from_member);
    if (!value.data)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, NULL, lambdest__slot_where(slot));
    from_slot = json_slot(from, from_member);
    raw = from_slot ? from->members[from_slot].raw : value;
    rc = check_copied(env, slot, from, from_slot, raw, &value, &found, err);
    if (rc)
        return rc;
    /* What is its own goes when that member is set anew. */
    copy = from == env || !(env->limits.flags & LAMBDEST_BORROW);
    return put_checked(env, slot, raw, value, copy, &found.parts, err);
}

static bool may_be_null(int slot)
{
    switch (slot) {
    case SLOT_FUNCTION_ERROR:
    case SLOT_REQUEST_PAYLOAD:
    case SLOT_RESPONSE_PAYLOAD:
    case SLOT_INVOCATION_ERROR:
    case SLOT_CONTEXT:
    case SLOT_BATCH_PAYLOAD:
    case SLOT_RESPONSE_CONTEXT:
        return true;
    default:
        return false;
    }
}

int lambdest_envelope_set_state(lambdest_envelope *env, int member, int state, lambdest_error *err)
{
    int slot = lambdest__slot_of(member);
    lambdest__change change;

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!slot || slot == SLOT_METADATA)
        return invalid_member(err, "not a member that can be set", slot);
    if (state != LAMBDEST_ABSENT && !(state == LAMBDEST_NULL && may_be_null(slot)))
        return invalid_member(err, "not a state of this member", slot);
    lambdest__change_begin(&change, env);
    lambdest__put_state(&change, slot, state);
    if (slot == SLOT_RESPONSE_CONTEXT) {
        lambdest__put_state(&change, SLOT_STATUS_CODE, LAMBDEST_ABSENT);
        lambdest__put_state(&change, SLOT_EXECUTED_VERSION, LAMBDEST_ABSENT);
        lambdest__put_state(&change, SLOT_FUNCTION_ERROR, LAMBDEST_ABSENT);
        if (!lambdest__has(env, SLOT_RESPONSE_PAYLOAD))
            lambdest__put_state(&change, SLOT_RESPONSE, LAMBDEST_ABSENT);
    }
    return end_change(&change, LAMBDEST_OK, err);
}

/* ---- the invocation error from parts ---- */

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
    if (!lambdest__add_size(sum, len) || !lambdest__add_size(sum, 3) || is_too_big(env, *sum) ||
        *sum > TEXT_MAX)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL, where);
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
    return put_error_signs(change);
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
    return end_change(&change, put_error(&change, &e), err);
}
