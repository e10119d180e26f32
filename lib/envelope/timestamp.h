/* RFC 3339 times and milliseconds since 1970, without the C library's clock or locale. */
#ifndef LAMBDEST_ENVELOPE_TIMESTAMP_H
#define LAMBDEST_ENVELOPE_TIMESTAMP_H

#include "json/scan.h"

enum {
    LAMBDEST__TIMESTAMP_LEN = 24
};

/* The years 0000 to 9999. */
#define LAMBDEST__TIMESTAMP_MIN INT64_C(-62167219200000)
#define LAMBDEST__TIMESTAMP_MAX INT64_C(253402300799999)

/* Reads YYYY-MM-DDTHH:MM:SS (no leap second), an optional fraction (cut to milliseconds), and Z or +HH:MM. */
bool lambdest__timestamp_read(lambdest__span text, int64_t *ms);

/* Writes YYYY-MM-DDTHH:MM:SS.mmmZ, no NUL. ms must lie within MIN and MAX. */
void lambdest__timestamp_put(int64_t ms, unsigned char out[LAMBDEST__TIMESTAMP_LEN]);

#endif
