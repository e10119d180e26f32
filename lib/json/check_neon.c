#include "json/check.h"

#if LAMBDEST__HAS_NEON

#include "json/check_blocks.h"

#include <arm_neon.h>

/* ---- strings ---- */

LAMBDEST__INLINE uint8x16x4_t load_neon(const unsigned char *p)
{
    uint8x16x4_t b;

    b.val[0] = vld1q_u8(p + 16 * 0);
    b.val[1] = vld1q_u8(p + 16 * 1);
    b.val[2] = vld1q_u8(p + 16 * 2);
    b.val[3] = vld1q_u8(p + 16 * 3);
    return b;
}

/* One bit of each byte, all of whose bits are the same: each keeps the bit of its place within eight, and
 * adding neighbours three times makes of eight bytes one. */
LAMBDEST__INLINE uint64_t bits_neon(uint8x16x4_t b)
{
    const uint8x16_t place = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t low = vpaddq_u8(vandq_u8(b.val[0], place), vandq_u8(b.val[1], place));
    uint8x16_t high = vpaddq_u8(vandq_u8(b.val[2], place), vandq_u8(b.val[3], place));
    uint8x16_t sum = vpaddq_u8(low, high);

    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

LAMBDEST__INLINE uint64_t equal_neon(uint8x16x4_t b, unsigned char c)
{
    b.val[0] = vceqq_u8(b.val[0], vdupq_n_u8(c));
    b.val[1] = vceqq_u8(b.val[1], vdupq_n_u8(c));
    b.val[2] = vceqq_u8(b.val[2], vdupq_n_u8(c));
    b.val[3] = vceqq_u8(b.val[3], vdupq_n_u8(c));
    return bits_neon(b);
}

LAMBDEST__INLINE uint64_t below_neon(uint8x16x4_t b, unsigned char c)
{
    b.val[0] = vcltq_u8(b.val[0], vdupq_n_u8(c));
    b.val[1] = vcltq_u8(b.val[1], vdupq_n_u8(c));
    b.val[2] = vcltq_u8(b.val[2], vdupq_n_u8(c));
    b.val[3] = vcltq_u8(b.val[3], vdupq_n_u8(c));
    return bits_neon(b);
}

LAMBDEST__INLINE lambdest__look look_neon(const unsigned char *p)
{
    uint8x16x4_t b = load_neon(p);
    lambdest__look l;

    l.quote = equal_neon(b, '"');
    l.slash = equal_neon(b, '\\');
    l.control = below_neon(b, 0x20);
    l.wide = ~below_neon(b, 0x80);
    return l;
}

/* By the low and the high half of a byte: bits 0 to 3 are left where it is an escape's letter, by its
 * high half, bits 4 and 5 where it is a hexadecimal digit. */
LAMBDEST__INLINE uint8x16_t kinds_neon(uint8x16_t b)
{
    const uint8x16_t by_low = {16, 48, 61, 48, 56, 56, 52, 16, 16, 16, 0, 0, 2, 0, 4, 1};
    const uint8x16_t by_high = {0, 0, 1, 16, 32, 2, 36, 8, 0, 0, 0, 0, 0, 0, 0, 0};

    return vandq_u8(vqtbl1q_u8(by_low, vandq_u8(b, vdupq_n_u8(15))), vqtbl1q_u8(by_high, vshrq_n_u8(b, 4)));
}

LAMBDEST__INLINE uint64_t any_neon(uint8x16x4_t b, unsigned char bits)
{
    b.val[0] = vtstq_u8(kinds_neon(b.val[0]), vdupq_n_u8(bits));
    b.val[1] = vtstq_u8(kinds_neon(b.val[1]), vdupq_n_u8(bits));
    b.val[2] = vtstq_u8(kinds_neon(b.val[2]), vdupq_n_u8(bits));
    b.val[3] = vtstq_u8(kinds_neon(b.val[3]), vdupq_n_u8(bits));
    return bits_neon(b);
}

LAMBDEST__INLINE lambdest__letters letters_neon(const unsigned char *p)
{
    uint8x16x4_t b = load_neon(p);
    lambdest__letters l;

    l.u = equal_neon(b, 'u');
    l.escape = any_neon(b, 15);
    return l;
}

LAMBDEST__INLINE uint64_t hex_neon(const unsigned char *p)
{
    return any_neon(load_neon(p), 48);
}

/* Most strings are short: those that end among the next bytes, with nothing to look at, go this way. Four
 * bits a byte are as good as one and are had sooner. */
LAMBDEST__INLINE const unsigned char *pass_short_neon(const unsigned char *p, const unsigned char *end)
{
    uint8x16_t b, stops;
    uint64_t ends;

    if (end - p < 16)
        return NULL;
    b = vld1q_u8(p);
    stops = vcgeq_u8(vsubq_u8(b, vdupq_n_u8(0x20)), vdupq_n_u8(0x60)); /* control, or past ASCII */
    stops = vorrq_u8(stops, vorrq_u8(vceqq_u8(b, vdupq_n_u8('"')), vceqq_u8(b, vdupq_n_u8('\\'))));
    ends = vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(stops), 4)), 0);
    if (!ends)
        return NULL;
    p += LAMBDEST__LOW_BIT(ends) / 4;
    return *p == '"' ? p + 1 : NULL;
}

LAMBDEST__NOT_INLINE const unsigned char *pass_long_neon(const unsigned char *p, lambdest__bounds in,
                                                         uint64_t *wide)
{
    return lambdest__pass_blocks(p, in, wide, look_neon, letters_neon, hex_neon);
}

LAMBDEST__INLINE const unsigned char *pass_string_neon(const unsigned char *p, lambdest__bounds in,
                                                       uint64_t *wide)
{
    const unsigned char *behind = pass_short_neon(p, in.end);

    return behind ? behind : pass_long_neon(p, in, wide);
}

/* ---- UTF-8 ---- */

LAMBDEST__INLINE uint8x16_t wrong_pairs_neon(uint8x16_t b, uint8x16_t before)
{
    const uint8x16_t first_high = {TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TOO_LONG,
                                   TWO_MORE,
                                   TWO_MORE,
                                   TWO_MORE,
                                   TWO_MORE,
                                   TOO_SHORT | OVERLONG_2,
                                   TOO_SHORT,
                                   TOO_SHORT | OVERLONG_3 | SURROGATE,
                                   TOO_SHORT | LARGE};
    const uint8x16_t first_low = {ALWAYS | OVERLONG_2 | OVERLONG_3 | BEYOND,
                                  ALWAYS | OVERLONG_2,
                                  ALWAYS,
                                  ALWAYS,
                                  ALWAYS | TOO_LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE | SURROGATE,
                                  ALWAYS | LARGE,
                                  ALWAYS | LARGE};
    const uint8x16_t second_high = {TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_LONG | OVERLONG_2 | TWO_MORE | OVERLONG_3 | BEYOND,
                                    TOO_LONG | OVERLONG_2 | TWO_MORE | OVERLONG_3 | TOO_LARGE,
                                    TOO_LONG | OVERLONG_2 | TWO_MORE | SURROGATE | TOO_LARGE,
                                    TOO_LONG | OVERLONG_2 | TWO_MORE | SURROGATE | TOO_LARGE,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT,
                                    TOO_SHORT};
    uint8x16_t by_high = vqtbl1q_u8(first_high, vshrq_n_u8(before, 4));
    uint8x16_t by_low = vqtbl1q_u8(first_low, vandq_u8(before, vdupq_n_u8(15)));

    return vandq_u8(vandq_u8(by_high, by_low), vqtbl1q_u8(second_high, vshrq_n_u8(b, 4)));
}

/* Not zero where something is wrong. Two bytes that continue are right exactly where a third or fourth
 * byte is due. */
LAMBDEST__INLINE uint8x16_t wrong_bytes_neon(uint8x16_t b, uint8x16_t last)
{
    uint8x16_t third = vqsubq_u8(vextq_u8(last, b, 14), vdupq_n_u8(0xE0 - 0x80));
    uint8x16_t fourth = vqsubq_u8(vextq_u8(last, b, 13), vdupq_n_u8(0xF0 - 0x80));
    uint8x16_t due = vandq_u8(vorrq_u8(third, fourth), vdupq_n_u8(TWO_MORE));

    return veorq_u8(due, wrong_pairs_neon(b, vextq_u8(last, b, 15)));
}

LAMBDEST__NOT_INLINE bool is_utf8_neon(const unsigned char *p, const unsigned char *end)
{
    uint8x16_t b, last = vdupq_n_u8(0), wrong = vdupq_n_u8(0);
    unsigned char rest[16] = {0};

    for (; end - p >= 16; p += 16, last = b) {
        b = vld1q_u8(p);
        if (vmaxvq_u8(vorrq_u8(b, last)) >= 0x80)
            wrong = vorrq_u8(wrong, wrong_bytes_neon(b, last));
    }
    memcpy(rest, p, (size_t)(end - p)); /* the zeros behind it end what was begun */
    wrong = vorrq_u8(wrong, wrong_bytes_neon(vld1q_u8(rest), last));
    return vmaxvq_u8(wrong) == 0;
}

LAMBDEST__ALIGNED const unsigned char *lambdest__check_neon(const unsigned char *begin,
                                                            const unsigned char *p, const unsigned char *end,
                                                            uint32_t max_depth)
{
    lambdest__bounds in = {begin, end};

    return lambdest__pass_value(p, in, max_depth, pass_string_neon, lambdest__pass_no_list, is_utf8_neon);
}

#endif
