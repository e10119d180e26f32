/* What the drivers share. Each is a whole program for Frama-C's Eva: it calls one file of the library with all
 * texts of up to so many bytes at once. A text ends where its block ends, and one of the greatest length begins
 * where it begins, so that a byte read or written outside is an alarm. */
#ifndef LAMBDEST_TESTS_PROOF_H
#define LAMBDEST_TESTS_PROOF_H

#include "__fc_builtin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A block of `most` bytes of any value; `name` becomes its last `len` bytes, and each `len` a state of its own. */
#define ANY_TEXT(name, len, most)                                                                            \
    unsigned char name##_block[most];                                                                        \
    size_t len = (size_t)Frama_C_interval_split(0, most);                                                    \
    unsigned char *name = name##_block + ((most)-len);                                                       \
    Frama_C_make_unknown((char *)name##_block, most)

#endif
