/* Whether a value is JSON and where it ends, as fast as this machine can tell. What is wrong with one that is
 * none the scanner finds out (json/scan.h): it reads byte by byte, and these are tested against it. */
#ifndef LAMBDEST_JSON_CHECK_H
#define LAMBDEST_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each returns the place behind the one value that begins at p (p < end, no white space before it), or
 * NULL if there is none, or one nested deeper than max_depth (up to LAMBDEST__DEPTH_LIMIT + 64). Reads
 * nothing before begin (begin <= p), and nothing at or past end. */
typedef const unsigned char *lambdest__check_fn(const unsigned char *begin, const unsigned char *p,
                                                const unsigned char *end, uint32_t max_depth);

/* By the best of the ways below. */
lambdest__check_fn lambdest__check;

/* What one build calls only from its tests; a compiler that sees the whole library wonders. */
#if defined(__GNUC__)
#define LAMBDEST__FOR_TESTS __attribute__((unused))
#else
#define LAMBDEST__FOR_TESTS
#endif

/* How fast they are must not depend on what the linker puts before them. */
#if defined(__GNUC__)
#define LAMBDEST__ALIGNED __attribute__((aligned(64)))
#else
#define LAMBDEST__ALIGNED
#endif

/* Plain C. */
LAMBDEST__FOR_TESTS lambdest__check_fn lambdest__check_portable;

/* Eight bytes and more at a time are a matter of the processor: ask before calling the one with AVX2. */
#if defined(__GNUC__) && defined(__x86_64__) && !defined(LAMBDEST_PORTABLE)
#define LAMBDEST__HAS_X86 1
#define LAMBDEST__AVX2 __attribute__((target("avx2,bmi,popcnt")))
lambdest__check_fn lambdest__check_sse2;
lambdest__check_fn lambdest__check_avx2;
#else
#define LAMBDEST__HAS_X86 0
#endif

#if defined(__GNUC__) && defined(__aarch64__) && defined(__ARM_NEON) && defined(__AARCH64EL__) &&            \
    !defined(LAMBDEST_PORTABLE)
#define LAMBDEST__HAS_NEON 1
lambdest__check_fn lambdest__check_neon;
#else
#define LAMBDEST__HAS_NEON 0
#endif

/* Whether this machine has AVX2, and the bit instructions that came before and with it. */
LAMBDEST__FOR_TESTS bool lambdest__check_has_avx2(void);

#endif
