#include "envelope/change.h"

#include "base/bytes.h"
#include "envelope/walk.h"

#include <string.h>

static const lambdest__store no_store = {NULL, 0};
static const lambdest__span no_span = {NULL, 0};

void lambdest__change_begin(lambdest__change *change, lambdest_envelope *env)
{
    change->env = env;
    change->count = 0;
    change->touched = 0;
    change->changed = env->changed;
    change->error_read = false;
    change->batch_read = false;
    change->room = env->room;
    change->room_size = env->room_size;
    change->parts = NULL;
}

/* The slot's member, remembered as it was; its store is now none, so that it is not written over. */
static lambdest__member *touch(lambdest__change *change, int slot)
{
    lambdest__member *m = &change->env->members[slot];

    if (change->touched >> slot & 1)
        return m;
    change->touched |= UINT32_C(1) << slot;
    change->slots[change->count] = slot;
    change->members[change->count++] = *m;
    if (slot == SLOT_FUNCTION_ARN)
        change->arn = change->env->arn;
    m->store = no_store;
    return m;
}

int lambdest__put_checked(lambdest__change *change, int slot, const lambdest__checked *checked)
{
    lambdest_envelope *env = change->env;
    lambdest__member *m = touch(change, slot);
    size_t len = checked->text.len;
    unsigned char *memory = lambdest__store_prepare(env, lambdest__text_memory(slot, len), &m->store);

    if (!memory)
        return LAMBDEST_E_NOMEM;
    lambdest__put_bytes(memory, checked->text.data, len);
    lambdest__text_keep(env, slot, memory, checked);
    m->raw = no_span;
    m->state = LAMBDEST_VALUE;
    lambdest__touch(env, slot);
    return LAMBDEST_OK;
}

int lambdest__put_text(lambdest__change *change, int slot, const char *text, size_t len)
{
    lambdest__checked checked;

    lambdest__text_recheck(slot, (const unsigned char *)text, len, &checked);
    return lambdest__put_checked(change, slot, &checked);
}

void lambdest__put_integer(lambdest__change *change, int slot, int64_t value)
{
    lambdest__member *m = touch(change, slot);

    m->integer = value;
    m->raw = no_span;
    m->state = LAMBDEST_VALUE;
    lambdest__touch(change->env, slot);
}

unsigned char *lambdest__put_room(lambdest__change *change, int slot, size_t size)
{
    lambdest__member *m = touch(change, slot);

    return lambdest__store_prepare(change->env, size, &m->store);
}

int lambdest__put_json(lambdest__change *change, int slot, lambdest__span raw, lambdest__span value,
                       bool copy)
{
    lambdest__member *m = touch(change, slot);

    if (copy) {
        unsigned char *room = lambdest__put_room(change, slot, raw.len);

        if (!room)
            return LAMBDEST_E_NOMEM;
        memcpy(room, raw.data, raw.len);
        value.data = room + (value.data - raw.data);
        raw.data = room;
    }
    m->raw = raw;
    m->value = value;
    m->state = *value.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
    change->env->changed |= UINT32_C(1) << slot; /* a null too: there may be white space around it */
    return LAMBDEST_OK;
}

int lambdest__put_error_signs(lambdest__change *change)
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

void lambdest__put_state(lambdest__change *change, int slot, int state)
{
    static const unsigned char null[] = "null";
    lambdest__member *m = touch(change, slot);

    m->value = no_span; /* or the integer 0 */
    if (state == LAMBDEST_NULL) {
        m->value.data = null;
        m->value.len = sizeof null - 1;
    }
    m->raw = state == LAMBDEST_NULL && m->parsed_state == LAMBDEST_NULL ? m->parsed_raw : m->value;
    m->state = (uint16_t)state;
    if (slot == SLOT_FUNCTION_ARN)
        memset(&change->env->arn, 0, sizeof change->env->arn);
    lambdest__touch(change->env, slot);
}

/* ---- what depends on the slots ---- */

static int read_set_error(lambdest__change *change)
{
    lambdest_envelope *env = change->env;
    int slot = lambdest__error_slot(env);
    const lambdest__error_parts *parts = change->parts;
    lambdest__error_parts located;
    unsigned char *memory;

    change->error_read = true;
    change->error = env->error;
    change->error_store = env->error_store;
    memset(&env->error, 0, sizeof env->error);
    env->error_store = no_store;
    if (!slot)
        return LAMBDEST_OK;
    if (!parts) {
        lambdest__error_locate(env->members[slot].value, env->limits.max_items, &located);
        parts = &located;
    }
    if (!parts->memory)
        return LAMBDEST_OK;
    memory = lambdest__store_prepare(env, parts->memory, &env->error_store);
    if (!memory)
        return LAMBDEST_E_NOMEM;
    lambdest__error_build(parts, memory, &env->error);
    return LAMBDEST_OK;
}

static int read_batch(lambdest__change *change)
{
    lambdest_envelope *env = change->env;
    int slot = lambdest__batch_slot(env);
    lambdest__span info = env->members[slot].value;
    unsigned char *memory;
    lambdest__walk w;
    size_t size;

    change->batch_read = true;
    change->batch = env->batch;
    change->batch_store = env->batch_store;
    memset(&env->batch, 0, sizeof env->batch);
    env->batch.batch_size = env->batch.payload_size = -1;
    env->batch_store = no_store;
    if (!slot)
        return LAMBDEST_OK;
    lambdest__walk_init(&w, (const char *)info.data, info.len, &env->limits, NULL);
    (void)lambdest__walk_through(&w, lambdest__batch_level(slot));
    size = lambdest__batch_memory(info.len, w.range_count);
    memory = lambdest__store_prepare(env, size, &env->batch_store);
    if (!memory)
        return LAMBDEST_E_NOMEM;
    lambdest__batch_build(info, slot, &env->limits, w.range_count, memory, &env->batch);
    return LAMBDEST_OK;
}

static int read_views(lambdest__change *change)
{
    int rc = LAMBDEST_OK;

    if (change->touched & LAMBDEST__ERROR_SLOTS)
        rc = read_set_error(change);
    if (!rc && (change->touched & LAMBDEST__BATCH_SLOTS))
        rc = read_batch(change);
    return rc;
}

/* Gives back what stands in `gone` and is no longer, or not yet, in `kept`. */
static void drop_store(lambdest_envelope *env, const lambdest__store *gone, const lambdest__store *kept)
{
    if (gone->data != kept->data)
        lambdest__store_release(env, gone);
}

static void make_good(const lambdest__change *change)
{
    lambdest_envelope *env = change->env;
    int i;

    for (i = 0; i < change->count; i++)
        drop_store(env, &change->members[i].store, &env->members[change->slots[i]].store);
    if (change->error_read)
        drop_store(env, &change->error_store, &env->error_store);
    if (change->batch_read)
        drop_store(env, &change->batch_store, &env->batch_store);
}

static void take_back(const lambdest__change *change)
{
    lambdest_envelope *env = change->env;
    int i;

    for (i = 0; i < change->count; i++) {
        lambdest__member *m = &env->members[change->slots[i]];

        drop_store(env, &m->store, &change->members[i].store);
        *m = change->members[i];
        if (change->slots[i] == SLOT_FUNCTION_ARN)
            env->arn = change->arn;
    }
    if (change->error_read) {
        drop_store(env, &env->error_store, &change->error_store);
        env->error = change->error;
        env->error_store = change->error_store;
    }
    if (change->batch_read) {
        drop_store(env, &env->batch_store, &change->batch_store);
        env->batch = change->batch;
        env->batch_store = change->batch_store;
    }
    env->changed = change->changed;
    env->room = change->room;
    env->room_size = change->room_size;
}

int lambdest__change_end(lambdest__change *change, int rc)
{
    if (!rc)
        rc = read_views(change);
    if (rc)
        take_back(change);
    else
        make_good(change);
    return rc;
}
