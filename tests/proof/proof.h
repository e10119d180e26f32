/* What the drivers are given: bytes and sizes of which nothing is known but their bounds. */
#ifndef LAMBDEST_TESTS_PROOF_H
#define LAMBDEST_TESTS_PROOF_H

#include <__fc_builtin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

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
