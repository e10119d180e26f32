/* The response half of an envelope, replaced whole or not at all. */
#ifndef LAMBDEST_OUTCOME_HALF_H
#define LAMBDEST_OUTCOME_HALF_H

#include "json/emit.h"

#include <lambdest/envelope.h>

enum lambdest__half_ran {
    HALF_NEVER_RAN,
    HALF_RAN
};

/* A JSON text that is there already, or one that is still to be emitted. */
typedef struct lambdest__half_json {
    lambdest__span raw; /* data NULL: not there */
    lambdest__span value;
    bool copy;
    void (*emit)(lambdest__emit *e, const void *data);
    const void *data;
} lambdest__half_json;

typedef struct lambdest__half {
    int64_t status;             /* 0: none */
    int ran;                    /* enum lambdest__half_ran */
    const char *function_error; /* NULL: none */
    int condition;              /* enum lambdest_condition, for what has no other sign; 0: none */
    lambdest__half_json payload;
    lambdest__half_json error;
    lambdest__half_json delivery_error;
} lambdest__half;

/* Puts it in place of the response half that is there and of condition, invoke count and timestamp. NOMEM. */
int lambdest__half_put(lambdest_envelope *env, const lambdest__half *half, lambdest_error *err);

#endif
