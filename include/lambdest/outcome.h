/* What became of an invocation, and what to do next. Pure: no clock, no state. */
#ifndef LAMBDEST_OUTCOME_H
#define LAMBDEST_OUTCOME_H

#include <lambdest/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lambdest_outcome { LAMBDEST_SUCCESS = 531, LAMBDEST_FAILURE = 532, LAMBDEST_INDETERMINATE = 533 };

enum lambdest_cause {
    LAMBDEST_CAUSE_RETURNED = 551, /* the success */
    LAMBDEST_CAUSE_RAISED = 552,
    LAMBDEST_CAUSE_TIMED_OUT = 553,
    LAMBDEST_CAUSE_CRASHED = 554,
    LAMBDEST_CAUSE_OUT_OF_MEMORY = 555,
    LAMBDEST_CAUSE_INIT_FAILED = 556,
    LAMBDEST_CAUSE_RESPONSE_TOO_LARGE = 557,
    LAMBDEST_CAUSE_THROTTLED = 558, /* never ran */
    LAMBDEST_CAUSE_SYSTEM_ERROR = 559,
    LAMBDEST_CAUSE_EXPIRED = 560, /* nothing but the age is known */
    LAMBDEST_CAUSE_TARGET_GONE = 561,
    LAMBDEST_CAUSE_RECURSION = 562,
    LAMBDEST_CAUSE_NO_CONCURRENCY = 563,
    LAMBDEST_CAUSE_PARTIAL_BATCH = 564,
    LAMBDEST_CAUSE_RECORD_EXPIRED = 565,
    LAMBDEST_CAUSE_PAYLOAD_TOO_LARGE = 566,
    LAMBDEST_CAUSE_OTHER = 567 /* a failure, by a word or status not known here */
};

/* LAMBDEST_SUCCESS, _FAILURE or _INDETERMINATE by the channel's signs (function error, condition, status,
 * a document's members), never by looking into a payload. Never guesses. */
LAMBDEST_API int lambdest_envelope_outcome(const lambdest_envelope *env);

/* Why (enum lambdest_cause): by condition, status, function error and the error type's prefix, and for
 * that alone the invocation error is read. 0 when the outcome is indeterminate. */
LAMBDEST_API int lambdest_envelope_cause(const lambdest_envelope *env);

/* 1 if two signs contradict each other (the outcome is then failure), else 0. */
LAMBDEST_API int lambdest_envelope_contradictory(const lambdest_envelope *env);

/* ---- done, or again later ---- */

enum lambdest_condition { /* lambdest_name gives the wire's word */
    LAMBDEST_CONDITION_SUCCESS = 581,
    LAMBDEST_CONDITION_RETRIES_EXHAUSTED = 582,
    LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED = 583,
    LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY = 584,
    LAMBDEST_CONDITION_RECURSIVE_INVOCATION = 585 /* reported by one third party; no recording was seen */
};

enum lambdest_policy_flag {
    LAMBDEST_POLICY_STRICT = 1, /* refuse what AWS refuses: max_retries over 2, max_age_ms outside 60 s to
                                   6 h (its two settings; the delays are none of them) */
    LAMBDEST_POLICY_SUCCESS_COUNTS_ONE = 2 /* a success reports 1 whatever its attempts: a record of 2022
                                              shows the attempts, controls of 2026 show 1 */
};

/* How often and how long an event is tried. Begin with lambdest_policy_init: a 0 here is a 0. */
typedef struct lambdest_policy {
    uint32_t size;
    uint32_t flags;
    uint32_t max_retries; /* after the first attempt: 2 */
    uint32_t reserved;
    int64_t max_age_ms;            /* from queued_ms: 21,600,000; at least 1 */
    int64_t first_delay_ms;        /* before the first retry: 60,000 */
    int64_t next_delay_ms;         /* before every later one: 120,000 */
    int64_t throttle_delay_ms;     /* after a throttle or system error, doubled with each: 1,000; from 1 */
    int64_t max_throttle_delay_ms; /* up to: 300,000; at least throttle_delay_ms */
} lambdest_policy;

enum lambdest_invocation { LAMBDEST_EVENT = 591, LAMBDEST_SYNCHRONOUS = 592 };

typedef struct lambdest_attempt { /* what just happened; both times by one clock of the caller's, any epoch */
    uint32_t size;
    uint32_t invocation; /* enum lambdest_invocation; 0: LAMBDEST_EVENT */
    uint32_t cause;      /* lambdest_envelope_cause after the post or fault */
    uint32_t attempts;   /* that ran, this one included; a target found gone counts as one */
    uint32_t throttles;  /* throttles and system errors so far, this one included; they are no attempts */
    uint32_t reserved;
    int64_t queued_ms;   /* when the event was first queued */
    int64_t now_ms;      /* before queued_ms counts as queued_ms */
} lambdest_attempt;

enum lambdest_action {
    LAMBDEST_SUCCEED = 601,
    LAMBDEST_RETRY = 602, /* after delay_ms */
    LAMBDEST_FAIL = 603,
    LAMBDEST_NO_DESTINATION = 604 /* synchronous: the caller has the answer, no destination ever does */
};

typedef struct lambdest_decision {
    uint32_t size;
    uint32_t action;
    uint32_t condition;    /* of SUCCEED and FAIL, else 0 */
    uint32_t invoke_count; /* to be reported with them, else 0 */
    int64_t delay_ms;      /* of RETRY, else 0 */
} lambdest_decision;

/* Fills a policy, whose size the caller has set, with AWS's defaults and no flag; a tail that this library
 * does not know becomes zero. INVAL. */
LAMBDEST_API int lambdest_policy_init(lambdest_policy *policy);

/* Decides after an attempt as AWS does; policy NULL is AWS's default. The manual page has the rules as a
 * table and their sources. A retry starts before max_age_ms has passed or not at all (the look-ahead: the
 * event fails at once, not when the time is over). Retries used up come before age. A pure function; any
 * thread. `decision` begins with its size; on failure all else in it is 0.
 * INVAL, with the member in err->where, for: a policy that is negative, contradicts itself or that STRICT
 * refuses; a cause that is none or a batch's; no attempts for a cause that ran, no throttles for one that
 * was throttled. */
LAMBDEST_API int lambdest_settle(const lambdest_policy *policy, const lambdest_attempt *attempt,
                                 lambdest_decision *decision, lambdest_error *err);

/* Puts a SUCCEED or FAIL into the envelope: condition, invoke count, timestamp. decision NULL is for an
 * event that is not tried again: what lambdest_settle says of one attempt without retries. INVAL for RETRY
 * and NO_DESTINATION, which make no envelope, for an outcome that contradicts the action, for an
 * indeterminate one, a batch record and a time outside years 0 to 9999; NOMEM. */
LAMBDEST_API int lambdest_envelope_conclude(lambdest_envelope *env, const lambdest_decision *decision,
                                            int64_t timestamp_ms, lambdest_error *err);

#ifdef __cplusplus
}
#endif
#endif
