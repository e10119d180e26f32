/* What a target refuses before a sink is called, and how it measures. */
#ifndef LAMBDEST_DELIVERY_LIMITS_H
#define LAMBDEST_DELIVERY_LIMITS_H

#include "json/scan.h"

enum {
    LAMBDEST__EVENT_DEPTH = 1100
};

typedef struct lambdest__limit {
    uint64_t max_bytes; /* 0: none */
    bool xml_text;      /* only characters of XML 1.0 */
    bool event;         /* a PutEvents entry, nested no deeper than LAMBDEST__EVENT_DEPTH */
} lambdest__limit;

/* A target's (enum lambdest_target, 0 for plain); false if there is no such target. */
bool lambdest__limit_of(uint32_t target, lambdest__limit *out);

/* Where the first character stands that is none of XML 1.0's; `len` if all are. The text is UTF-8. */
size_t lambdest__limit_character(lambdest__span text);

/* Where a checked JSON text first nests deeper than `depth`; its length if it does not. */
size_t lambdest__limit_depth(lambdest__span json, size_t depth);

#endif
