/* Where a sink sends: its ARN must be one of its target, and of a kind that can be a destination. */
#ifndef LAMBDEST_DELIVERY_TARGET_H
#define LAMBDEST_DELIVERY_TARGET_H

#include "json/scan.h"

/* Which target (enum lambdest_target) the ARN is of. INVAL, UNSUPPORTED; *target is then 0. */
int lambdest__target_of(lambdest__span arn, uint32_t *target, lambdest_error *err);

#endif
