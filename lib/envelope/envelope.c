#include "base/alloc.h"
#include "base/error.h"
#include "envelope/change.h"

#include <string.h>

/* Behind a new envelope, for its metadata: most envelopes then are one block and their payloads. */
enum {
    ROOM = 1280
};

int lambdest_envelope_new(const lambdest_options *options, lambdest_envelope **out, lambdest_error *err)
{
    static const unsigned char version[] = "1.0";
    lambdest__limits limits;
    lambdest_envelope *env;
    int rc;

    if (out)
        *out = NULL;
    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    env = lambdest__alloc(&limits.alloc, sizeof *env + ROOM);
    if (!env)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    lambdest__blank(env);
    env->limits = limits;
    env->block_size = sizeof *env + ROOM;
    env->room = (unsigned char *)(env + 1);
    env->room_size = ROOM;
    env->members[SLOT_RECORD_VERSION].state = env->members[SLOT_RECORD_VERSION].parsed_state = LAMBDEST_VALUE;
    env->members[SLOT_RECORD_VERSION].value.data = version;
    env->members[SLOT_RECORD_VERSION].value.len = sizeof version - 1;
    env->members[SLOT_RECORD_VERSION].plain = true;
    env->members[SLOT_REQUEST_CONTEXT].state = env->members[SLOT_REQUEST_CONTEXT].parsed_state =
        LAMBDEST_VALUE;
    *out = env;
    return lambdest__ok(err);
}

void lambdest_envelope_free(lambdest_envelope *env)
{
    lambdest_alloc alloc;
    int slot;

    if (!env)
        return;
    for (slot = SLOT_NONE + 1; env->block_count && slot < SLOT_COUNT; slot++)
        lambdest__store_release(env, &env->members[slot].store);
    lambdest__store_release(env, &env->error_store);
    lambdest__store_release(env, &env->batch_store);
    alloc = env->limits.alloc;
    lambdest__release(&alloc, env, env->block_size);
}

int lambdest_envelope_form(const lambdest_envelope *env)
{
    return env ? env->form : 0;
}

int lambdest_envelope_kind(const lambdest_envelope *env)
{
    if (!env)
        return 0;
    return lambdest__batch_slot(env) ? LAMBDEST_BATCH : LAMBDEST_ASYNC;
}

/* ---- clone: the same text parsed again, and the same changes made again ---- */

static lambdest_options options_of(const lambdest_envelope *env)
{
    lambdest_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.max_depth = env->limits.max_depth;
    options.max_nesting = env->limits.max_nesting;
    options.max_bytes = env->limits.max_bytes;
    options.max_items = env->limits.max_items;
    options.alloc = &env->limits.alloc;
    return options;
}

static int repeat_slot(const lambdest_envelope *env, int slot, lambdest__change *change)
{
    const lambdest__member *m = &env->members[slot];
    int type = lambdest__slot_type(slot);

    if (type == TYPE_JSON && m->state != LAMBDEST_ABSENT)
        return lambdest__put_json(change, slot, m->raw, m->value, true);
    if (type == TYPE_TEXT && m->state == LAMBDEST_VALUE)
        return lambdest__put_text(change, slot, (const char *)m->value.data, m->value.len);
    if (type == TYPE_INTEGER && m->state == LAMBDEST_VALUE)
        lambdest__put_integer(change, slot, m->integer);
    else
        lambdest__put_state(change, slot, m->state);
    return LAMBDEST_OK;
}

static int repeat_changes(const lambdest_envelope *env, lambdest_envelope *copy)
{
    int slot, rc = LAMBDEST_OK;

    for (slot = SLOT_NONE + 1; !rc && slot < SLOT_COUNT; slot++) {
        lambdest__change change;

        if (!(env->changed >> slot & 1))
            continue;
        lambdest__change_begin(&change, copy);
        rc = lambdest__change_end(&change, repeat_slot(env, slot, &change));
    }
    return rc;
}

int lambdest_envelope_clone(const lambdest_envelope *env, lambdest_envelope **out, lambdest_error *err)
{
    lambdest_envelope *copy = NULL;
    lambdest_options options;
    int rc;

    if (out)
        *out = NULL;
    if (!env || !out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    options = options_of(env);
    if (env->form)
        rc = lambdest_envelope_parse((const char *)env->whole.data, env->whole.len, &options, &copy, err);
    else
        rc = lambdest_envelope_new(&options, &copy, err);
    if (rc)
        return rc;
    rc = repeat_changes(env, copy);
    if (rc) {
        lambdest_envelope_free(copy);
        return lambdest__fail(err, rc, 0, NULL, "");
    }
    *out = copy;
    return lambdest__ok(err);
}
