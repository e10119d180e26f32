/* Deciding after an attempt: what the rest of the room needs of it. */
#ifndef LAMBDEST_OUTCOME_SETTLE_H
#define LAMBDEST_OUTCOME_SETTLE_H

#include <lambdest/outcome.h>

/* The decision for an event whose only attempt ended with this cause. Codes of lambdest_settle. */
int lambdest__settle_once(uint32_t cause, lambdest_decision *decision, lambdest_error *err);

#endif
