/* What became of an invocation. Pure: no clock, no state. */
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

#ifdef __cplusplus
}
#endif
#endif
