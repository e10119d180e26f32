#include "base/alloc.h"
#include "envelope/set.h"
#include "envelope/walk.h"

#include <string.h>

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
        return lambdest__refuse_member(slot, "a batch info of another source is set", err);
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

    if (lambdest__json_is_too_big(env, len))
        return lambdest__refuse_size(env, where, err);
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
    lambdest__store_replace(env, m, fresh);
    return LAMBDEST_OK;
}

/* JSON that was checked; the parts of an invocation error, if they were found on the way. */
static int put_checked(lambdest_envelope *env, int slot, lambdest__span raw, lambdest__span value, bool copy,
                       lambdest__error_parts *parts, lambdest_error *err)
{
    lambdest__change change;
    int rc;

    if (!lambdest__has_view(slot))
        return lambdest__end_set(set_json_alone(env, slot, raw, value, copy), err);
    lambdest__change_begin(&change, env);
    rc = lambdest__put_json(&change, slot, raw, value, copy);
    if (!rc && parts->json.data) {
        lambdest__error_move(parts, value.data, env->members[slot].value.data);
        change.parts = parts;
    }
    if (!rc && slot == SLOT_INVOCATION_ERROR)
        rc = lambdest__put_error_signs(&change);
    return lambdest__end_change(&change, rc, err);
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
        return lambdest__refuse_member(slot, "not a JSON member that can be set", err);
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
    if (lambdest__json_is_too_big(env, raw.len))
        return lambdest__refuse_size(env, lambdest__slot_where(slot), err);
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
        return lambdest__refuse_member(slot, "not a JSON member that can be set", err);
    value.data = (const unsigned char *)lambdest_envelope_json(from, from_member, &value.len);
    if (!value.data)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, NULL, lambdest__slot_where(slot));
    from_slot = lambdest__json_slot(from, from_member);
    raw = from_slot ? from->members[from_slot].raw : value;
    rc = check_copied(env, slot, from, from_slot, raw, &value, &found, err);
    if (rc)
        return rc;
    /* What is its own goes when that member is set anew. */
    copy = from == env || !(env->limits.flags & LAMBDEST_BORROW);
    return put_checked(env, slot, raw, value, copy, &found.parts, err);
}
