/* Writing an envelope in a form. */
#ifndef LAMBDEST_ENVELOPE_WRITE_H
#define LAMBDEST_ENVELOPE_WRITE_H

#include "envelope/model.h"
#include "json/emit.h"

/* The members of a form, from the slots. */
void lambdest__record_write(const lambdest_envelope *env, bool explicit_error, lambdest__emit *e);
void lambdest__document_write(const lambdest_envelope *env, lambdest__emit *e);

/* What a slot holds, as it came, or else encoded. */
void lambdest__write_value(const lambdest_envelope *env, int slot, lambdest__emit *e);

/* A member by this name, if the slot is not absent. Inlined for the name's sake. */
static inline void lambdest__write_slot(const lambdest_envelope *env, int slot, const char *name,
                                        lambdest__emit *e)
{
    const lambdest__member *m = &env->members[slot];

    if (m->state == LAMBDEST_ABSENT)
        return;
    if (lambdest__slot_type(slot) == TYPE_TEXT && slot != SLOT_FUNCTION_ARN && m->plain && !m->raw.data) {
        lambdest__emit_plain_member(e, name, m->value);
        return;
    }
    lambdest__emit_name(e, name);
    if (lambdest__slot_type(slot) == TYPE_JSON)
        lambdest__emit_paste(e, m->raw);
    else
        lambdest__write_value(env, slot, e);
}

/* The members of a level (enum lambdest__level) that are not known, as they came. */
void lambdest__write_unknown(const lambdest_envelope *env, int level, lambdest__emit *e);

bool lambdest__has_unknown(const lambdest_envelope *env, int level);

#endif
