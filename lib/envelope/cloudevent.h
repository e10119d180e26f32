/* CloudEvents 1.0 in the structured JSON mode, with a record as its data. */
#ifndef LAMBDEST_ENVELOPE_CLOUDEVENT_H
#define LAMBDEST_ENVELOPE_CLOUDEVENT_H

#include "envelope/write.h"

/* Whether a text is an object with a member "specversion". */
bool lambdest__cloudevent_is(lambdest__span text, const lambdest__limits *limits);

/* Checks an object, all but the data. *data is its value with the white space around it, *count the number of
 * attributes, which go into `attributes` unless that is NULL. SYNTAX, UTF8, DEPTH, SCHEMA, TOO_BIG (too
 * many attributes). */
int lambdest__cloudevent_read(lambdest__span text, const lambdest__limits *limits,
                              lambdest__named *attributes, lambdest__span *data, size_t *count,
                              lambdest_error *err);

/* The member of the envelope that a CloudEvent cannot be without and that is absent; NULL if none is. */
const char *lambdest__cloudevent_lacks(const lambdest_envelope *env);

/* Writes one around the record's own text, if that is given, or around the envelope as a record. */
void lambdest__cloudevent_write(const lambdest_envelope *env, const lambdest__span *record,
                                bool explicit_error, lambdest__emit *e);

#endif
