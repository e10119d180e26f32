#include "base/error.h"
#include "base/first.h"
#include "base/options.h"
#include "envelope/change.h"
#include "envelope/timestamp.h"
#include "outcome/settle.h"

#include <string.h>

static int invalid_end(lambdest_error *err, const char *message, const char *where)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, where);
}

static bool is_failing(uint32_t condition)
{
    return condition >= LAMBDEST_CONDITION_RETRIES_EXHAUSTED &&
           condition <= LAMBDEST_CONDITION_RECURSIVE_INVOCATION;
}

/* Whether it is one that lambdest_settle makes and that ends the story as the envelope has it. */
static int check_decision(const lambdest_decision *d, int outcome, lambdest_error *err)
{
    int wanted = LAMBDEST_FAILURE;
    bool matches = is_failing(d->condition);

    if (d->action == LAMBDEST_RETRY)
        return invalid_end(err, "it is to be tried again", "decision.action");
    if (d->action == LAMBDEST_NO_DESTINATION)
        return invalid_end(err, "a synchronous invocation has no destination", "decision.action");
    if (d->action != LAMBDEST_SUCCEED && d->action != LAMBDEST_FAIL)
        return invalid_end(err, "no decision was made", "decision.action");
    if (d->action == LAMBDEST_SUCCEED) {
        wanted = LAMBDEST_SUCCESS;
        matches = d->condition == LAMBDEST_CONDITION_SUCCESS;
    }
    if (!matches)
        return invalid_end(err, "not a condition of this action", "decision.condition");
    if (outcome != wanted)
        return invalid_end(err, "the envelope's outcome is another", "decision.action");
    return LAMBDEST_OK;
}

static int put_end(lambdest_envelope *env, const lambdest_decision *d, int64_t timestamp_ms)
{
    const char *condition = lambdest_name((int)d->condition);
    unsigned char time[LAMBDEST__TIMESTAMP_LEN];
    lambdest__change change;
    int rc;

    lambdest__timestamp_put(timestamp_ms, time);
    lambdest__change_begin(&change, env);
    lambdest__put_integer(&change, SLOT_INVOKE_COUNT, d->invoke_count);
    rc = lambdest__put_text(&change, SLOT_CONDITION, condition, strlen(condition));
    if (!rc)
        rc = lambdest__put_text(&change, SLOT_TIMESTAMP, (const char *)time, sizeof time);
    return lambdest__change_end(&change, rc);
}

int lambdest_envelope_conclude(lambdest_envelope *env, const lambdest_decision *decision,
                               int64_t timestamp_ms, lambdest_error *err)
{
    lambdest_decision d;
    int rc;

    if (!env)
        return invalid_end(err, NULL, "");
    if (lambdest_envelope_kind(env) == LAMBDEST_BATCH)
        return invalid_end(err, "a batch record is not concluded", "");
    if (timestamp_ms < LAMBDEST__TIMESTAMP_MIN || timestamp_ms > LAMBDEST__TIMESTAMP_MAX)
        return invalid_end(err, "not within the years 0 to 9999", "timestamp");
    if (lambdest_envelope_outcome(env) == LAMBDEST_INDETERMINATE)
        return invalid_end(err, "nothing tells what became of it", "responseContext");
    if (!decision) {
        rc = lambdest__settle_once((uint32_t)lambdest_envelope_cause(env), &d, err);
        if (rc)
            return rc;
    } else if (lambdest__struct_read(&d, sizeof d, decision, decision->size, LAMBDEST__FIRST_DECISION)) {
        return invalid_end(err, "wrong size", "decision");
    }
    rc = check_decision(&d, lambdest_envelope_outcome(env), err);
    if (rc)
        return rc;
    rc = put_end(env, &d, timestamp_ms);
    return rc ? lambdest__fail(err, rc, 0, NULL, "") : lambdest__ok(err);
}
