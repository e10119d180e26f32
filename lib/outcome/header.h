/* Finding the Runtime API's own headers among others; those others are not looked at. */
#ifndef LAMBDEST_OUTCOME_HEADER_H
#define LAMBDEST_OUTCOME_HEADER_H

#include "json/scan.h"

#include <lambdest/runtime.h>

typedef struct lambdest__wanted {
    const char *name;     /* as AWS spells it; goes into err->where */
    lambdest__span value; /* found, without white space around it; len 0 if absent or empty */
    bool any_bytes;       /* it need not be UTF-8 */
} lambdest__wanted;

/* Fills in the values, which must be empty before. INVAL, SCHEMA (control bytes, two different values),
 * UTF8, TOO_BIG (the values found, if more than `max` together). */
int lambdest__headers_find(const lambdest_header *headers, size_t count, lambdest__wanted *wanted,
                           size_t wanted_count, uint64_t max, lambdest_error *err);

#endif
