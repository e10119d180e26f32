/* Finding the way in a text that has been checked: nothing is looked at but what tells where things end. */
#ifndef LAMBDEST_JSON_SKIP_H
#define LAMBDEST_JSON_SKIP_H

#include "json/scan.h"

/* Behind the string whose opening quote, or the value whose first byte, stands at p. */
const unsigned char *lambdest__skip_string(const unsigned char *p, const unsigned char *end);
const unsigned char *lambdest__skip_value(const unsigned char *p, const unsigned char *end);

/* What is left of a checked object or array. */
typedef struct lambdest__skip {
    const unsigned char *at;
    const unsigned char *end;
} lambdest__skip;

/* Stands before the first member or element of a checked object or array without white space around it.
 * Behind the last one s->at is its closing bracket, also if s->end is farther. */
lambdest__skip lambdest__skip_into(lambdest__span value);

/* The next element of an array, or the value whose name was passed; false behind the last. */
bool lambdest__skip_element(lambdest__skip *s, lambdest__span *value);

/* Whether there is a next element; s->at is then its first byte. */
bool lambdest__skip_to_next(lambdest__skip *s);

/* The name of an object's next member, as it stands between its quotes; false behind the last. Its value
 * begins at s->at. */
bool lambdest__skip_name(lambdest__skip *s, lambdest__span *name);

/* The value of a checked value's member by this name, of one given twice the last; data NULL if it has none
 * or is no object. */
lambdest__span lambdest__skip_find(lambdest__span object, const char *wanted);

#endif
