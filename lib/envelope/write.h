/* Writing an envelope in a form. */
#ifndef LAMBDEST_ENVELOPE_WRITE_H
#define LAMBDEST_ENVELOPE_WRITE_H

#include "envelope/model.h"
#include "json/emit.h"

/* The members of a form, from the slots. */
void lambdest__record_write(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e);
void lambdest__document_write(const lambdest_envelope *env, lambdest__emit *e);

/* A member by a name of `len` bytes; the slot is not absent. For all that lambdest__write_slot does not put
 * at once. */
void lambdest__write_member(const lambdest_envelope *env, int slot, const char *name, size_t len,
                            lambdest__emit *e);

/* The same, if the slot is not absent. */
LAMBDEST__MOVES void lambdest__write_slot(const lambdest_envelope *env, int slot, const char *name,
                                          lambdest__emit *e)
{
    const lambdest__member *m = &env->members[slot];

    if (m->state == LAMBDEST_ABSENT)
        return;
    if (lambdest__slot_type(slot) == TYPE_JSON && !(e->by_reference || e->compact))
        lambdest__emit_pair(e, name, strlen(name), m->raw, false);
    else if (lambdest__slot_type(slot) == TYPE_TEXT && slot != SLOT_FUNCTION_ARN && !m->raw.data && m->plain)
        lambdest__emit_pair(e, name, strlen(name), m->value, true);
    else
        lambdest__write_member(env, slot, name, strlen(name), e);
}

/* A member that is not known, as it came. */
void lambdest__write_named(const lambdest__named *named, lambdest__emit *e);

/* The members of a level (enum lambdest__level) that are not known, as they came. */
void lambdest__write_unknown(const lambdest_envelope *env, int level, lambdest__emit *e);

bool lambdest__has_unknown(const lambdest_envelope *env, int level);

#endif
