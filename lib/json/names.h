/* Duplicate member names, found in n log n whatever the names are. */
#ifndef LAMBDEST_JSON_NAMES_H
#define LAMBDEST_JSON_NAMES_H

#include "json/scan.h"

/* One member of an object (or of a group of objects, told apart by `level`), as it stands in a text. */
typedef struct lambdest__named {
    lambdest__span name; /* inner text */
    lambdest__span value;
    uint32_t level;
    uint32_t hash; /* scratch */
} lambdest__named;

/* The first member, in the order of the text, whose name one before it on its level has too; NULL if there
 * is none. `members` stand in the order of the text before and after the call. */
const lambdest__named *lambdest__names_duplicate(lambdest__named *members, size_t count);

#endif
