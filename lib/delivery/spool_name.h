/* Names of spooled files: 2026-03-02T09.24.58.046Z-PPPPPPPP-NNNNNNNNNNNNNNNN.json, time, process and a
 * counter in hexadecimal digits, all of one length so that they sort by time. */
#ifndef LAMBDEST_DELIVERY_SPOOL_NAME_H
#define LAMBDEST_DELIVERY_SPOOL_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAMBDEST__SPOOL_NAME = 55,
    LAMBDEST__SPOOL_TEMP = LAMBDEST__SPOOL_NAME + 1 /* while it is written: a dot before it */
};

/* Both with their NUL; `name` points into it behind the dot. */
typedef struct lambdest__spool_name {
    char temp[LAMBDEST__SPOOL_TEMP + 1];
    char *name;
} lambdest__spool_name;

/* `ms` since 1970, within LAMBDEST__TIMESTAMP_MIN and MAX; zeros are written if `has_time` is false. */
void lambdest__spool_name_make(lambdest__spool_name *out, bool has_time, int64_t ms, uint32_t process,
                               uint64_t counter);

/* Whether the bytes are such a name. */
bool lambdest__spool_name_is(const char *name, size_t len);

/* Sorts names that stand LAMBDEST__SPOOL_NAME + 1 bytes apart. */
void lambdest__spool_name_sort(char *names, size_t count);

#endif
