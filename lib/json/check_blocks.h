/* Passing a string by blocks of 64 bytes, of which the processor's own instructions make a bit a byte: what
 * is the same for all that have such instructions (json/check.h). */
#ifndef LAMBDEST_JSON_CHECK_BLOCKS_H
#define LAMBDEST_JSON_CHECK_BLOCKS_H

#include "json/check.h"
#include "json/check_string.h"

#if LAMBDEST__HAS_X86 || LAMBDEST__HAS_NEON

typedef struct lambdest__look {
    uint64_t quote;
    uint64_t slash;
    uint64_t control; /* below a space */
    uint64_t wide;    /* past ASCII */
} lambdest__look;

typedef struct lambdest__letters {
    uint64_t escape; /* may stand behind a backslash, but for the u */
    uint64_t u;
} lambdest__letters;

typedef lambdest__look lambdest__look_fn(const unsigned char *p);
typedef lambdest__letters lambdest__letters_fn(const unsigned char *p);
typedef uint64_t lambdest__hex_fn(const unsigned char *p);

/* What one block leaves for the next. */
typedef struct lambdest__carry {
    uint64_t escaped; /* the first byte stands behind a backslash */
    uint64_t hex;     /* as many of the first four as must be hexadecimal digits */
} lambdest__carry;

/* The bytes that stand behind a run of backslashes of odd length: adding a run's first bit carries
 * through it, and where it comes out tells with where it began whether the length is odd. Backslashes
 * that stand behind one are legal and left out. */
LAMBDEST__INLINE uint64_t lambdest__escaped_bytes(uint64_t slash, uint64_t *carried)
{
    const uint64_t even = UINT64_C(0x5555555555555555);
    uint64_t first = *carried, starts, from_even, from_odd;

    slash &= ~first;
    starts = slash & ~(slash << 1);
    from_even = slash + (starts & even);
    from_odd = slash + (starts & ~even);
    *carried = from_odd < slash;
    return (from_even & ~slash & ~even) | (from_odd & ~slash & even) | first;
}

/* The bytes that must be hexadecimal digits. */
LAMBDEST__INLINE uint64_t lambdest__due_hex(uint64_t u, uint64_t *carried)
{
    uint64_t due = u << 1 | u << 2 | u << 3 | u << 4 | *carried;

    *carried = u >> 63 | u >> 62 | u >> 61 | u >> 60;
    return due;
}

/* By blocks. The last one is looked at with the bytes before it, which then are shifted out. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_blocks(const unsigned char *p, lambdest__bounds in,
                                                            uint64_t *wide, lambdest__look_fn *look_at,
                                                            lambdest__letters_fn *letters_at,
                                                            lambdest__hex_fn *hex_at)
{
    lambdest__carry c = {0, 0};

    for (;; p += 64) {
        const unsigned char *block = p;
        uint64_t bad, through;
        unsigned shift = 0;
        lambdest__look seen;

        if (in.end - p < 64) {
            if (p >= in.end)
                return NULL;
            if (in.end - in.begin < 64)
                return lambdest__pass_string(p, in, wide);
            block = in.end - 64;
            shift = (unsigned)(p - block);
        }
        seen = look_at(block);
        bad = seen.control >> shift;
        seen.quote >>= shift;
        seen.slash >>= shift;
        if (seen.slash | c.escaped | c.hex) {
            uint64_t escaped = lambdest__escaped_bytes(seen.slash, &c.escaped);
            lambdest__letters l = letters_at(block);

            bad |= escaped & ~(l.escape >> shift | l.u >> shift);
            if ((escaped & l.u >> shift) | c.hex)
                bad |= lambdest__due_hex(escaped & l.u >> shift, &c.hex) & ~(hex_at(block) >> shift);
            seen.quote &= ~escaped;
        }
        through = seen.quote ^ (seen.quote - 1);
        *wide |= seen.wide >> shift & through ? 0x80 : 0;
        if (bad & through)
            return NULL;
        if (seen.quote)
            return p + LAMBDEST__LOW_BIT(seen.quote) + 1;
        if (shift)
            return NULL;
    }
}

/* UTF-8 is checked by the method of Keiser and Lemire ("Validating UTF-8 in less than one instruction per
 * byte", 2021): the halves of a byte and the high half of the next one each allow some ways to be wrong,
 * a bit a way; what all three allow is wrong. */
enum {
    TOO_SHORT = 1,   /* a first byte, and no byte that continues it */
    TOO_LONG = 2,    /* ASCII, and a byte that continues */
    OVERLONG_3 = 4,  /* E0 80..9F */
    TOO_LARGE = 8,   /* F4 90..BF, F5.. 90..BF */
    SURROGATE = 16,  /* ED A0..BF */
    OVERLONG_2 = 32, /* C0, C1 */
    BEYOND = 64,     /* F5.. 80..8F, and F0 80..8F */
    TWO_MORE = 128,  /* two bytes that continue: right only within three or four */
    ALWAYS = TOO_SHORT | TOO_LONG | TWO_MORE,
    LARGE = TOO_LARGE | BEYOND
};

#endif
#endif
