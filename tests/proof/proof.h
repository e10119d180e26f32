/* What the drivers are given: bytes and sizes of which nothing is known but their bounds. */
#ifndef LAMBDEST_TESTS_PROOF_H
#define LAMBDEST_TESTS_PROOF_H

#include <__fc_builtin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Included before each file. Frama-C's contract of memcpy() wants a byte at both places even where none is
 * copied; C wants no more than what may be the end of an object. */
static inline void *proof_memcpy(void *to, const void *from, size_t len)
{
    return len ? memcpy(to, from, len) : to;
}
#define memcpy proof_memcpy

static inline size_t unknown_size(size_t least, size_t most)
{
    return (size_t)Frama_C_unsigned_long_long_interval(least, most);
}

/* A block of exactly `len` unknown bytes: what is read or written beside it is an alarm. */
static inline unsigned char *unknown_text(size_t len)
{
    unsigned char *text = malloc(len);

    if (len)
        Frama_C_make_unknown((char *)text, len);
    return text;
}

#endif
