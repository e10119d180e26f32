/* What Lambda itself would say of an envelope to EventBridge: detail type, resources, time. */
#ifndef LAMBDEST_CARRIER_EVENTBRIDGE_H
#define LAMBDEST_CARRIER_EVENTBRIDGE_H

#include "json/emit.h"

#include <lambdest/outcome.h>

typedef struct lambdest__entry_facts {
    lambdest__span function_arn; /* data NULL if not known */
    lambdest__span bus_arn;      /* data NULL for the account's default bus */
    int64_t time_ms;
    int outcome; /* enum lambdest_outcome */
    bool has_time;
    bool add_latest; /* the function's ARN is unqualified and stands for $LATEST */
} lambdest__entry_facts;

/* What the envelope tells; the bus is left to the caller. */
void lambdest__entry_facts_read(const lambdest_envelope *env, int outcome, lambdest__entry_facts *out);

/* The size EventBridge counts for an entry whose Detail is `detail_len` bytes; SIZE_MAX if it does not
 * fit. */
size_t lambdest__entry_counted(const lambdest__entry_facts *facts, size_t detail_len);

/* The entry's JSON text: {"Time","Source","Resources","DetailType","Detail","EventBusName"}. */
void lambdest__entry_emit(const lambdest__entry_facts *facts, lambdest__span detail, lambdest__emit *e);

/* The same measured, and written; both return the length. */
size_t lambdest__entry_length(const lambdest__entry_facts *facts, lambdest__span detail);
size_t lambdest__entry_write(const lambdest__entry_facts *facts, lambdest__span detail, unsigned char *out);

#endif
