#include "outcome/settle.h"

#include "base/error.h"
#include "base/first.h"
#include "base/options.h"

#include <string.h>

/* What a cause means for the event, whatever its function was. */
enum rule {
    RULE_NONE,
    RULE_SUCCEED,   /* done */
    RULE_ATTEMPT,   /* an attempt is used up */
    RULE_BACK_OFF,  /* nothing is used up but time */
    RULE_EXPIRE,    /* the time is over */
    RULE_RECURSION, /* these two are final at once */
    RULE_NO_CONCURRENCY
};

static const lambdest_policy aws = {
    .size = sizeof(lambdest_policy),
    .max_retries = 2,
    .max_age_ms = INT64_C(6) * 60 * 60 * 1000,
    .first_delay_ms = INT64_C(60) * 1000,
    .next_delay_ms = INT64_C(120) * 1000,
    .throttle_delay_ms = 1000,
    .max_throttle_delay_ms = INT64_C(300) * 1000,
};

enum {
    AWS_MAX_RETRIES = 2,
    AWS_MIN_AGE_MS = 60 * 1000,
    AWS_MAX_AGE_MS = 6 * 60 * 60 * 1000
};

/* Batch causes are missing on purpose: their retries are an event source mapping's. */
static enum rule rule_of(uint32_t cause)
{
    switch (cause) {
    case LAMBDEST_CAUSE_RETURNED:
        return RULE_SUCCEED;
    case LAMBDEST_CAUSE_RAISED:
    case LAMBDEST_CAUSE_TIMED_OUT:
    case LAMBDEST_CAUSE_CRASHED:
    case LAMBDEST_CAUSE_OUT_OF_MEMORY:
    case LAMBDEST_CAUSE_INIT_FAILED:
    case LAMBDEST_CAUSE_RESPONSE_TOO_LARGE:
    case LAMBDEST_CAUSE_TARGET_GONE:
    case LAMBDEST_CAUSE_OTHER:
        return RULE_ATTEMPT;
    case LAMBDEST_CAUSE_THROTTLED:
    case LAMBDEST_CAUSE_SYSTEM_ERROR:
        return RULE_BACK_OFF;
    case LAMBDEST_CAUSE_EXPIRED:
        return RULE_EXPIRE;
    case LAMBDEST_CAUSE_RECURSION:
        return RULE_RECURSION;
    case LAMBDEST_CAUSE_NO_CONCURRENCY:
        return RULE_NO_CONCURRENCY;
    default:
        return RULE_NONE;
    }
}

static int invalid_attempt(lambdest_error *err, const char *message, const char *where)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, message, where);
}

static int check_strict(const lambdest_policy *p, lambdest_error *err)
{
    if (p->max_retries > AWS_MAX_RETRIES)
        return invalid_attempt(err, "more than 2 retries", "policy.max_retries");
    if (p->max_age_ms < AWS_MIN_AGE_MS || p->max_age_ms > AWS_MAX_AGE_MS)
        return invalid_attempt(err, "outside 60 seconds to 6 hours", "policy.max_age_ms");
    return LAMBDEST_OK;
}

static int check_policy(const lambdest_policy *p, lambdest_error *err)
{
    if (p->flags & ~(uint32_t)(LAMBDEST_POLICY_STRICT | LAMBDEST_POLICY_SUCCESS_COUNTS_ONE))
        return invalid_attempt(err, "unknown flag", "policy.flags");
    if (p->reserved)
        return invalid_attempt(err, "reserved member set", "policy.reserved");
    if (p->max_age_ms < 1)
        return invalid_attempt(err, "less than 1", "policy.max_age_ms");
    if (p->first_delay_ms < 0)
        return invalid_attempt(err, "negative", "policy.first_delay_ms");
    if (p->next_delay_ms < 0)
        return invalid_attempt(err, "negative", "policy.next_delay_ms");
    if (p->throttle_delay_ms < 1)
        return invalid_attempt(err, "less than 1", "policy.throttle_delay_ms");
    if (p->max_throttle_delay_ms < p->throttle_delay_ms)
        return invalid_attempt(err, "less than throttle_delay_ms", "policy.max_throttle_delay_ms");
    return p->flags & LAMBDEST_POLICY_STRICT ? check_strict(p, err) : LAMBDEST_OK;
}

static int check_attempt(const lambdest_attempt *a, lambdest_error *err)
{
    enum rule rule = rule_of(a->cause);

    if (a->invocation && a->invocation != LAMBDEST_EVENT && a->invocation != LAMBDEST_SYNCHRONOUS)
        return invalid_attempt(err, "no kind of invocation", "attempt.invocation");
    if (rule == RULE_NONE)
        return invalid_attempt(err, "no cause of an asynchronous invocation", "attempt.cause");
    if (a->reserved)
        return invalid_attempt(err, "reserved member set", "attempt.reserved");
    if (!a->attempts && (rule == RULE_SUCCEED || rule == RULE_ATTEMPT))
        return invalid_attempt(err, "it ran, and no attempt is counted", "attempt.attempts");
    if (!a->throttles && rule == RULE_BACK_OFF)
        return invalid_attempt(err, "it was throttled, and no throttle is counted", "attempt.throttles");
    return LAMBDEST_OK;
}

/* Of any two int64_t: no difference of theirs is too big for it. */
static uint64_t age_of(const lambdest_attempt *a)
{
    return a->now_ms > a->queued_ms ? (uint64_t)a->now_ms - (uint64_t)a->queued_ms : 0;
}

static int64_t throttle_delay(const lambdest_policy *p, uint32_t throttles)
{
    int64_t delay = p->throttle_delay_ms;
    uint32_t i;

    /* Doubled 63 times, a delay has passed any limit. */
    for (i = 1; i < throttles && i < 64; i++)
        delay = delay > p->max_throttle_delay_ms / 2 ? p->max_throttle_delay_ms : delay * 2;
    return delay;
}

static void end(lambdest_decision *d, uint32_t action, uint32_t condition, uint32_t count)
{
    d->action = action;
    d->condition = condition;
    d->invoke_count = count;
}

static void retry_or_expire(const lambdest_policy *p, const lambdest_attempt *a, int64_t delay,
                            lambdest_decision *d)
{
    uint64_t age = age_of(a), limit = (uint64_t)p->max_age_ms;

    if (age >= limit || (uint64_t)delay >= limit - age) {
        end(d, LAMBDEST_FAIL, LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED, a->attempts);
        return;
    }
    d->action = LAMBDEST_RETRY;
    d->delay_ms = delay;
}

static void decide(const lambdest_policy *p, const lambdest_attempt *a, lambdest_decision *d)
{
    switch (rule_of(a->cause)) {
    case RULE_SUCCEED:
        end(d, LAMBDEST_SUCCEED, LAMBDEST_CONDITION_SUCCESS,
            p->flags & LAMBDEST_POLICY_SUCCESS_COUNTS_ONE ? 1 : a->attempts);
        return;
    case RULE_ATTEMPT:
        if (a->attempts > p->max_retries)
            end(d, LAMBDEST_FAIL, LAMBDEST_CONDITION_RETRIES_EXHAUSTED, a->attempts);
        else
            retry_or_expire(p, a, a->attempts == 1 ? p->first_delay_ms : p->next_delay_ms, d);
        return;
    case RULE_BACK_OFF:
        retry_or_expire(p, a, throttle_delay(p, a->throttles), d);
        return;
    case RULE_RECURSION:
        end(d, LAMBDEST_FAIL, LAMBDEST_CONDITION_RECURSIVE_INVOCATION, a->attempts);
        return;
    case RULE_NO_CONCURRENCY:
        end(d, LAMBDEST_FAIL, LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY, a->attempts);
        return;
    case RULE_NONE:
    case RULE_EXPIRE:
        end(d, LAMBDEST_FAIL, LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED, a->attempts);
    }
}

int lambdest_policy_init(lambdest_policy *policy)
{
    if (!policy)
        return LAMBDEST_E_INVAL;
    return lambdest__struct_write(policy, &aws, sizeof aws, LAMBDEST__FIRST_POLICY);
}

int lambdest_settle(const lambdest_policy *policy, const lambdest_attempt *attempt,
                    lambdest_decision *decision, lambdest_error *err)
{
    lambdest_policy p = aws;
    lambdest_attempt a;
    lambdest_decision d = {0};
    int rc;

    if (!decision || lambdest__struct_write(decision, &d, sizeof d, LAMBDEST__FIRST_DECISION))
        return invalid_attempt(err, "no decision, or one of a wrong size", "decision");
    if (!attempt || lambdest__struct_read(&a, sizeof a, attempt, attempt->size, LAMBDEST__FIRST_ATTEMPT))
        return invalid_attempt(err, "no attempt, or one of a wrong size", "attempt");
    if (policy && lambdest__struct_read(&p, sizeof p, policy, policy->size, LAMBDEST__FIRST_POLICY))
        return invalid_attempt(err, "wrong size", "policy");
    rc = check_policy(&p, err);
    if (rc == LAMBDEST_OK)
        rc = check_attempt(&a, err);
    if (rc)
        return rc;
    if (a.invocation == LAMBDEST_SYNCHRONOUS)
        d.action = LAMBDEST_NO_DESTINATION;
    else
        decide(&p, &a, &d);
    lambdest__struct_write(decision, &d, sizeof d, LAMBDEST__FIRST_DECISION);
    return lambdest__ok(err);
}

int lambdest__settle_once(uint32_t cause, lambdest_decision *decision, lambdest_error *err)
{
    lambdest_policy p = aws;
    lambdest_attempt a = {.size = sizeof a, .cause = cause, .throttles = 1};
    enum rule rule = rule_of(cause);

    p.max_retries = 0;
    p.max_age_ms = 1;
    a.attempts = rule == RULE_SUCCEED || rule == RULE_ATTEMPT ? 1 : 0;
    decision->size = sizeof *decision;
    return lambdest_settle(&p, &a, decision, err);
}
