/* Taking strings out of strings by blocks, where a processor can: what json/string does between the escapes
 * that need a thought. */
#ifndef LAMBDEST_JSON_UNPACK_H
#define LAMBDEST_JSON_UNPACK_H

#include "json/check.h"

#if LAMBDEST__HAS_X86

enum {
    LAMBDEST__UNPACK_LEAST = 64 /* bytes; of fewer nothing is taken */
};

/* Unpacks what a checked inner text stands for from p on to *out, which moves behind it: up to an escape that
 * is b, f or u, or until fewer than UNPACK_LEAST bytes are left, or one more where that is the second of an
 * escape. Returns where the rest begins. Writes no more bytes than it reads, and where *out is p or before it
 * none of the rest. Needs AVX2 (lambdest__check_has_avx2). */
const unsigned char *lambdest__unpack_avx2(const unsigned char *p, const unsigned char *end,
                                           unsigned char **out);

#endif
#endif
