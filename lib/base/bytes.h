/* A few bytes compared or copied without a call: names, words and most texts are short. */
#ifndef LAMBDEST_BASE_BYTES_H
#define LAMBDEST_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline bool lambdest__same_8(const unsigned char *a, const unsigned char *b)
{
    uint64_t x, y;

    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return x == y;
}

/* Whether `len` bytes are the same. */
static inline bool lambdest__same_bytes(const unsigned char *a, const char *with, size_t len)
{
    const unsigned char *b = (const unsigned char *)with;
    size_t i;

    if (len >= 8) {
        for (i = 0; i + 8 < len; i += 8)
            if (!lambdest__same_8(a + i, b + i))
                return false;
        return lambdest__same_8(a + len - 8, b + len - 8);
    }
    for (i = 0; i < len; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* Copies between places apart. */
static inline void lambdest__put_bytes(unsigned char *to, const void *from, size_t len)
{
    const unsigned char *p = from;
    size_t i;

    if (len > 32) {
        memcpy(to, p, len);
    } else if (len >= 16) {
        memcpy(to, p, 16);
        memcpy(to + len - 16, p + len - 16, 16);
    } else if (len >= 8) {
        memcpy(to, p, 8);
        memcpy(to + len - 8, p + len - 8, 8);
    } else {
        for (i = 0; i < len; i++)
            to[i] = p[i];
    }
}

#endif
