#include "envelope/write.h"

#include "base/alloc.h"
#include "base/error.h"
#include "envelope/cloudevent.h"

/* ---- pieces ---- */

/* Of an ARN that a host set, which is one: AWS names the version that ran. */
static bool adds_latest(const lambdest_envelope *env)
{
    return !env->arn.qualifier.data && !lambdest__batch_slot(env);
}

/* Nothing in an ARN needs an escape. */
static void write_latest_arn(lambdest__span arn, lambdest__emit *e)
{
    lambdest__emit_raw(e, "\"", 1);
    lambdest__emit_raw(e, arn.data, arn.len);
    lambdest__emit_raw(e, ":$LATEST\"", 9);
}

static void write_value(const lambdest_envelope *env, int slot, lambdest__emit *e)
{
    const lambdest__member *m = &env->members[slot];
    int type = lambdest__slot_type(slot);

    if (type == TYPE_JSON)
        lambdest__emit_paste(e, m->raw);
    else if (m->raw.data)
        lambdest__emit_raw(e, m->raw.data, m->raw.len);
    else if (type == TYPE_INTEGER)
        lambdest__emit_integer(e, m->integer);
    else if (slot == SLOT_FUNCTION_ARN)
        write_latest_arn(m->value, e);
    else
        lambdest__emit_text(e, m->value.data, m->value.len);
}

void lambdest__write_member(const lambdest_envelope *env, int slot, const char *name, size_t len,
                            lambdest__emit *e)
{
    const lambdest__member *m = &env->members[slot];

    if (m->raw.data && !(e->by_reference || e->compact)) {
        lambdest__emit_pair(e, name, len, m->raw, false);
    } else if (slot == SLOT_FUNCTION_ARN && !m->raw.data && !adds_latest(env)) {
        lambdest__emit_pair(e, name, len, m->value, true);
    } else {
        lambdest__emit_member(e, name, len);
        write_value(env, slot, e);
    }
}

void lambdest__write_named(const lambdest__named *named, lambdest__emit *e)
{
    lambdest__emit_next(e);
    lambdest__emit_raw(e, "\"", 1);
    lambdest__emit_raw(e, named->name.data, named->name.len);
    lambdest__emit_raw(e, "\":", 2);
    lambdest__emit_copy(e, named->value);
}

void lambdest__write_unknown(const lambdest_envelope *env, int level, lambdest__emit *e)
{
    size_t i;

    for (i = 0; i < env->unknown_count; i++)
        if (env->unknown[i].level == (uint32_t)level)
            lambdest__write_named(&env->unknown[i], e);
}

bool lambdest__has_unknown(const lambdest_envelope *env, int level)
{
    size_t i;

    for (i = 0; i < env->unknown_count; i++)
        if (env->unknown[i].level == (uint32_t)level)
            return true;
    return false;
}

/* ---- the whole ---- */

static bool adds_error(const lambdest_envelope *env, int form, uint32_t flags)
{
    return form != LAMBDEST_DOCUMENT && (flags & LAMBDEST_EXPLICIT_ERROR) && lambdest__error_slot(env) &&
           !lambdest__has(env, SLOT_INVOCATION_ERROR);
}

static void write_form(const lambdest_envelope *env, int form, uint32_t flags, lambdest__emit *e)
{
    bool as_it_came = env->form && !env->changed && !adds_error(env, form, flags);
    bool has_record = as_it_came && env->form != LAMBDEST_DOCUMENT;

    if (as_it_came && form == env->form)
        lambdest__emit_paste(e, env->whole);
    else if (has_record && form == LAMBDEST_RECORD)
        lambdest__emit_paste(e, env->text);
    else if (form == LAMBDEST_CLOUDEVENT)
        lambdest__cloudevent_write(env, has_record ? &env->text : NULL, flags & LAMBDEST_EXPLICIT_ERROR, e);
    else if (form == LAMBDEST_RECORD)
        lambdest__record_write(env, flags & LAMBDEST_EXPLICIT_ERROR, e);
    else
        lambdest__document_write(env, e);
    lambdest__emit_end(e);
}

static int check_form(const lambdest_envelope *env, int *form, uint32_t flags, lambdest_error *err)
{
    const char *lacking;

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!*form)
        *form = env->form ? env->form : LAMBDEST_RECORD;
    if (*form != LAMBDEST_RECORD && *form != LAMBDEST_DOCUMENT && *form != LAMBDEST_CLOUDEVENT)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no such form", "");
    if (flags & ~(uint32_t)(LAMBDEST_COMPACT | LAMBDEST_EXPLICIT_ERROR))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no such flag", "");
    if (*form == LAMBDEST_DOCUMENT && lambdest__batch_slot(env))
        return lambdest__fail(err, LAMBDEST_E_UNSUPPORTED, 0,
                              "a batch record cannot be written as a document", "");
    lacking = *form == LAMBDEST_CLOUDEVENT ? lambdest__cloudevent_lacks(env) : NULL;
    if (lacking)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, "a CloudEvent cannot be without this", lacking);
    return LAMBDEST_OK;
}

static size_t measure(const lambdest_envelope *env, int form, uint32_t flags)
{
    lambdest__emit e;

    lambdest__emit_init(&e, NULL, flags & LAMBDEST_COMPACT);
    write_form(env, form, flags, &e);
    return lambdest__emit_total(&e);
}

/* More than the bytes that an envelope takes as a record or document, told without writing it: no slot is
 * written twice but the ARN, whose name a document gives too, and the error, and what else there is is names,
 * integers and brackets. JSON that is named as a part, as it came, takes none. The sizes were checked as they
 * came in, so that they can be added. */
static size_t bound_of(const lambdest_envelope *env, uint32_t flags, bool by_reference)
{
    bool json = !by_reference || (flags & LAMBDEST_COMPACT);
    size_t bound = 1024 + env->members[SLOT_FUNCTION_ARN].value.len, i;
    const lambdest__member *m = &env->members[SLOT_NONE + 1];

    for (; m < &env->members[SLOT_INVOKE_COUNT]; m++)
        if (m->state == LAMBDEST_VALUE)
            bound += m->raw.data ? m->raw.len : m->plain ? m->value.len : 6 * m->value.len;
    for (; m < &env->members[SLOT_REQUEST_PAYLOAD]; m++)
        bound += m->raw.len; /* 1.000 is an integer too */
    for (; json && m <= &env->members[SLOT_METADATA]; m++)
        bound += m->raw.len;
    if (json && (flags & LAMBDEST_EXPLICIT_ERROR))
        bound += env->members[lambdest__error_slot(env)].raw.len;
    for (i = 0; i < env->unknown_count; i++)
        bound += env->unknown[i].name.len + env->unknown[i].value.len + 4;
    return bound;
}

/* The length if all of it, and a NUL, fits; else more than cap - 1. */
static size_t write_within(const lambdest_envelope *env, int form, uint32_t flags, char *buf, size_t cap)
{
    lambdest__emit e;

    lambdest__emit_init_within(&e, (unsigned char *)buf, cap - 1, flags & LAMBDEST_COMPACT);
    write_form(env, form, flags, &e);
    if (e.used < cap)
        buf[e.used] = '\0';
    return e.used;
}

int lambdest_envelope_write(const lambdest_envelope *env, int form, uint32_t flags, char *buf, size_t cap,
                            size_t *need, lambdest_error *err)
{
    int rc;

    if (need)
        *need = 0;
    if (!need || (!buf && cap))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = check_form(env, &form, flags, err);
    if (rc)
        return rc;
    /* A buffer that is too small must stay as it is. */
    if (form == LAMBDEST_CLOUDEVENT || cap <= bound_of(env, flags, false)) {
        *need = measure(env, form, flags);
        if (cap <= *need)
            return lambdest__fail(err, LAMBDEST_E_NOSPC, 0, NULL, "");
    }
    *need = write_within(env, form, flags, buf, cap);
    return *need < cap ? lambdest__ok(err) : lambdest__fail(err, LAMBDEST_E_NOSPC, 0, NULL, "");
}

int lambdest_envelope_write_alloc(const lambdest_envelope *env, int form, uint32_t flags, char **out,
                                  size_t *len, lambdest_error *err)
{
    size_t size;
    char *text;
    int rc;

    if (out)
        *out = NULL;
    if (len)
        *len = 0;
    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = check_form(env, &form, flags, err);
    if (rc)
        return rc;
    size = measure(env, form, flags);
    text = lambdest__text_new(&env->limits.alloc, size);
    if (!text)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    (void)write_within(env, form, flags, text, size + 1);
    *out = text;
    if (len)
        *len = size;
    return lambdest__ok(err);
}

int lambdest_envelope_write_parts(const lambdest_envelope *env, int form, uint32_t flags, char *buf,
                                  size_t cap, size_t *need, lambdest_slice *parts, size_t *part_count,
                                  lambdest_error *err)
{
    lambdest__emit e;
    int rc;

    if (need)
        *need = 0;
    if (part_count)
        *part_count = 0;
    if (!need || !part_count || (!parts && buf) || (!buf && cap))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = check_form(env, &form, flags, err);
    if (rc)
        return rc;
    if (form == LAMBDEST_CLOUDEVENT || cap <= bound_of(env, flags, true)) {
        lambdest__emit_init(&e, NULL, flags & LAMBDEST_COMPACT);
        e.by_reference = true;
        write_form(env, form, flags, &e);
        *need = e.used;
        if (cap <= e.used)
            return lambdest__fail(err, LAMBDEST_E_NOSPC, 0, NULL, "");
    }
    lambdest__emit_init_within(&e, (unsigned char *)buf, cap - 1, flags & LAMBDEST_COMPACT);
    e.by_reference = true;
    e.parts = parts;
    write_form(env, form, flags, &e);
    *need = e.used;
    if (cap <= e.used)
        return lambdest__fail(err, LAMBDEST_E_NOSPC, 0, NULL, "");
    buf[e.used] = '\0';
    *part_count = e.part_count;
    return lambdest__ok(err);
}
