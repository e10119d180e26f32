/* Lambda function ARNs: arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]. */
#ifndef LAMBDEST_ENVELOPE_ARN_H
#define LAMBDEST_ENVELOPE_ARN_H

#include "json/scan.h"

typedef struct lambdest__arn {
    lambdest__span partition;
    lambdest__span region;
    lambdest__span account;
    lambdest__span name;
    lambdest__span qualifier; /* data NULL if there is none */
} lambdest__arn;

/* Takes a text apart; false, and *out all NULL, if it is no function ARN. */
bool lambdest__arn_read(lambdest__span text, lambdest__arn *out);

#endif
