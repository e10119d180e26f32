/* What the setters share: their bounds, and how they refuse and end. */
#ifndef LAMBDEST_ENVELOPE_SET_H
#define LAMBDEST_ENVELOPE_SET_H

#include "base/error.h"
#include "envelope/change.h"

/* Sizes are added without checks when an envelope is written, so what goes in is bounded where a size_t is
 * small: JSON is pasted as it is, a text may grow six times when it is encoded, and there are several. */
#define LAMBDEST__JSON_MAX (SIZE_MAX / 16)
#define LAMBDEST__TEXT_MAX (SIZE_MAX / 128)

static inline bool lambdest__json_is_too_big(const lambdest_envelope *env, size_t len)
{
    return len > env->limits.max_bytes || len > LAMBDEST__JSON_MAX;
}

static inline bool lambdest__text_is_too_big(const lambdest_envelope *env, size_t len)
{
    return len > env->limits.max_bytes || len > LAMBDEST__TEXT_MAX;
}

static inline int lambdest__refuse_size(const lambdest_envelope *env, const char *where, lambdest_error *err)
{
    return lambdest__fail(err, LAMBDEST_E_TOO_BIG, env->limits.max_bytes, NULL, where);
}

static inline int lambdest__refuse_member(int slot, const char *message, lambdest_error *err)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, lambdest__slot_where(slot));
}

static inline int lambdest__end_set(int rc, lambdest_error *err)
{
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}

static inline int lambdest__end_change(lambdest__change *change, int rc, lambdest_error *err)
{
    return lambdest__end_set(lambdest__change_end(change, rc), err);
}

#endif
