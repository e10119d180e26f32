#include "delivery/body.h"

#include <lambdest/outcome.h>

#include <string.h>

void lambdest__bodies_init(lambdest__bodies *b, const lambdest_alloc *alloc, const lambdest_envelope *env)
{
    memset(b, 0, sizeof *b);
    b->alloc = alloc;
    b->env = env;
}

void lambdest__bodies_free(lambdest__bodies *b)
{
    size_t i;

    for (i = 0; i < LAMBDEST__LEVELS; i++) {
        lambdest_envelope_free(b->reduced[0][i]);
        lambdest_envelope_free(b->reduced[1][i]);
    }
}

static int drop_member(lambdest_envelope *env, int member)
{
    int rc = LAMBDEST_OK;

    if (lambdest_envelope_state(env, member) != LAMBDEST_ABSENT)
        rc = lambdest_envelope_set_state(env, member, LAMBDEST_ABSENT, NULL);
    return rc;
}

static bool payload_is_error(const lambdest_envelope *env)
{
    const char *error = lambdest_envelope_json(env, LAMBDEST_INVOCATION_ERROR, NULL);

    return error && error == lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, NULL);
}

/* Where nothing but the error said that the function failed, the function error says it now. */
static int keep_failure(lambdest_envelope *env)
{
    int rc = lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ERROR, "Unhandled", 9, NULL);

    if (!rc && lambdest_envelope_state(env, LAMBDEST_STATUS_CODE) == LAMBDEST_ABSENT)
        rc = lambdest_envelope_set_integer(env, LAMBDEST_STATUS_CODE, 200, NULL);
    return rc;
}

/* A reader of documents knows a failure by its error, so a document keeps that; in a record the error is the
 * response payload. */
static int reduce(lambdest_envelope *env, bool record, uint32_t level)
{
    bool failed = lambdest_envelope_outcome(env) == LAMBDEST_FAILURE;
    int rc = LAMBDEST_OK;

    if (record || !payload_is_error(env))
        rc = drop_member(env, LAMBDEST_RESPONSE_PAYLOAD);
    if (!rc && record)
        rc = drop_member(env, LAMBDEST_INVOCATION_ERROR);
    if (!rc && failed && lambdest_envelope_outcome(env) != LAMBDEST_FAILURE)
        rc = keep_failure(env);
    if (!rc && level > 1)
        rc = drop_member(env, LAMBDEST_REQUEST_PAYLOAD);
    if (!rc && level > 1)
        rc = drop_member(env, LAMBDEST_BATCH_PAYLOAD);
    return rc;
}

/* The envelope that a variant is written from. */
static int source(lambdest__bodies *b, uint32_t form, uint32_t level, const lambdest_envelope **out)
{
    bool record = form != LAMBDEST_DOCUMENT;
    lambdest_envelope **copy = &b->reduced[record][level];
    int rc;

    *out = level ? *copy : b->env;
    if (*out)
        return LAMBDEST_OK;
    rc = lambdest_envelope_clone(b->env, copy, NULL);
    if (!rc)
        rc = reduce(*copy, record, level);
    *out = *copy;
    return rc;
}

static lambdest__variant *find_variant(lambdest__bodies *b, uint32_t form, uint32_t flags, uint32_t level)
{
    size_t i;

    for (i = 0; i < b->count; i++) {
        lambdest__variant *v = &b->variants[i];

        if (v->form == form && v->flags == flags && v->level == level)
            return v;
    }
    return NULL;
}

int lambdest__bodies_measure(lambdest__bodies *b, uint32_t form, uint32_t flags, uint32_t level,
                             uint32_t *number)
{
    lambdest__variant *v = find_variant(b, form, flags, level);
    const lambdest_envelope *env;
    int rc;

    if (v) {
        *number = (uint32_t)(v - b->variants);
        return LAMBDEST_OK;
    }
    rc = source(b, form, level, &env);
    if (rc)
        return LAMBDEST_E_NOMEM;
    v = &b->variants[b->count];
    v->form = form;
    v->flags = flags;
    v->level = level;
    v->bad_character = SIZE_MAX;
    v->too_deep = SIZE_MAX;
    rc = lambdest_envelope_write(env, (int)form, flags, NULL, 0, &v->len, NULL);
    v->possible = rc == LAMBDEST_E_NOSPC;
    *number = (uint32_t)b->count++;
    return LAMBDEST_OK;
}

int lambdest__bodies_write(lambdest__bodies *b, unsigned char **block, size_t *size)
{
    const lambdest_envelope *env;
    unsigned char *to;
    size_t i, sum = 0;

    for (i = 0; i < b->count; i++)
        if (b->variants[i].wanted &&
            (!lambdest__add_size(&sum, b->variants[i].len) || !lambdest__add_size(&sum, 1)))
            return LAMBDEST_E_NOMEM;
    *block = NULL;
    *size = sum;
    if (!sum)
        return LAMBDEST_OK;
    to = *block = lambdest__alloc(b->alloc, sum);
    if (!to)
        return LAMBDEST_E_NOMEM;
    for (i = 0; i < b->count; i++) {
        lambdest__variant *v = &b->variants[i];
        size_t len;

        if (!v->wanted)
            continue;
        source(b, v->form, v->level, &env);
        lambdest_envelope_write(env, (int)v->form, v->flags, (char *)to, v->len + 1, &len, NULL);
        v->text = to;
        to += v->len + 1;
    }
    return LAMBDEST_OK;
}
