/* Passing a string in plain C: the portable way, and the last bytes of a text for the others. */
#ifndef LAMBDEST_JSON_CHECK_STRING_H
#define LAMBDEST_JSON_CHECK_STRING_H

#include "json/check_value.h"

#if defined(__SSE2__) && !defined(LAMBDEST_PORTABLE)
#include <emmintrin.h>
#define LAMBDEST__SSE2 1
#else
#define LAMBDEST__SSE2 0
#endif

enum {
    LAMBDEST__ENDS_RUN = 1, /* of bytes that need no look: a control character, a quote, a backslash */
    LAMBDEST__ESCAPES = 2,  /* behind a backslash */
    LAMBDEST__HEX = 4
};

static const unsigned char lambdest__byte_kinds[256] = {
    1,         1,         1,         1,         1,         1,         1,          1,         1,
    1,         1,         1,         1,         1,         1,         1,          1,         1,
    1,         1,         1,         1,         1,         1,         1,          1,         1,
    1,         1,         1,         1,         1,         ['"'] = 3, ['\\'] = 3, ['/'] = 2, ['b'] = 6,
    ['f'] = 6, ['n'] = 2, ['r'] = 2, ['t'] = 2, ['0'] = 4, ['1'] = 4, ['2'] = 4,  ['3'] = 4, ['4'] = 4,
    ['5'] = 4, ['6'] = 4, ['7'] = 4, ['8'] = 4, ['9'] = 4, ['a'] = 4, ['c'] = 4,  ['d'] = 4, ['e'] = 4,
    ['A'] = 4, ['B'] = 4, ['C'] = 4, ['D'] = 4, ['E'] = 4, ['F'] = 4,
};

/* Of each byte that is below a space, a quote or a backslash the highest bit; bytes above the first such
 * one may be told wrongly. */
LAMBDEST__INLINE uint64_t lambdest__ends_in_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';

    return ((word - ones * 0x20) | (quote - ones) | (slash - ones)) & ~word & ones << 7;
}

#if LAMBDEST__SSE2
/* The same as lambdest__ends_in_word, a bit a byte, of 16 bytes. */
LAMBDEST__INLINE unsigned lambdest__ends_in_16(const unsigned char *p)
{
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i quote = _mm_cmpeq_epi8(b, _mm_set1_epi8('"')), slash = _mm_cmpeq_epi8(b, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(b, _mm_set1_epi8(0x1F)), b);

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control));
}
#endif

/* The first byte from p on that is below a space, a quote or a backslash; end if there is none. What is
 * left of a stride at the end is looked at together with bytes that have been passed. */
LAMBDEST__INLINE const unsigned char *lambdest__next_mark(const unsigned char *p, const unsigned char *end)
{
    uint64_t ends;

#if LAMBDEST__SSE2
    for (; end - p >= 16; p = end - p < 32 && end - p > 16 ? end - 16 : p + 16) {
        ends = lambdest__ends_in_16(p);
        if (ends)
            return p + LAMBDEST__LOW_BIT(ends);
    }
#endif
    for (; LAMBDEST__WORDS && end - p >= 8; p = end - p < 16 && end - p > 8 ? end - 8 : p + 8) {
        ends = lambdest__ends_in_word(lambdest__word_at(p));
        if (ends)
            return p + LAMBDEST__LOW_BIT(ends) / 8;
    }
    while (p < end && !(lambdest__byte_kinds[*p] & LAMBDEST__ENDS_RUN))
        p++;
    return p;
}

/* The same, and bytes past ASCII end the run too. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_plain(const unsigned char *p, const unsigned char *end)
{
    uint64_t ends;

#if LAMBDEST__SSE2
    for (; end - p >= 16; p = end - p < 32 && end - p > 16 ? end - 16 : p + 16) {
        ends = lambdest__ends_in_16(p) |
               (unsigned)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)p));
        if (ends)
            return p + LAMBDEST__LOW_BIT(ends);
    }
#endif
    for (; LAMBDEST__WORDS && end - p >= 8; p = end - p < 16 && end - p > 8 ? end - 8 : p + 8) {
        ends = lambdest__ends_in_word(lambdest__word_at(p)) |
               (lambdest__word_at(p) & UINT64_C(0x8080808080808080));
        if (ends)
            return p + LAMBDEST__LOW_BIT(ends) / 8;
    }
    while (p < end && *p < 0x80 && !(lambdest__byte_kinds[*p] & LAMBDEST__ENDS_RUN))
        p++;
    return p;
}

#define LAMBDEST__IS_PLAIN(c) (!(lambdest__byte_kinds[c] & LAMBDEST__ENDS_RUN))

/* Up to the first byte that is to be looked at, of eight that are there. Marks come in crowds, and what comes
 * behind a byte that is found by a branch need not wait for where it is. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_near(const unsigned char *p)
{
    if (!LAMBDEST__IS_PLAIN(p[0]))
        return p;
    if (!LAMBDEST__IS_PLAIN(p[1]))
        return p + 1;
    if (!LAMBDEST__IS_PLAIN(p[2]))
        return p + 2;
    if (!LAMBDEST__IS_PLAIN(p[3]))
        return p + 3;
    if (!LAMBDEST__IS_PLAIN(p[4]))
        return p + 4;
    if (!LAMBDEST__IS_PLAIN(p[5]))
        return p + 5;
    if (!LAMBDEST__IS_PLAIN(p[6]))
        return p + 6;
    if (!LAMBDEST__IS_PLAIN(p[7]))
        return p + 7;
    return NULL;
}

/* Up to the next quote, backslash or control character. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_run(const unsigned char *p, const unsigned char *end,
                                                         uint64_t *wide)
{
    if (end - p >= 8) {
        const unsigned char *mark = lambdest__pass_near(p);

        *wide |= lambdest__word_at(p);
        if (mark)
            return mark;
        p += 8;
    }
    for (; LAMBDEST__WORDS && end - p >= 8; p += 8) {
        uint64_t word = lambdest__word_at(p), ends = lambdest__ends_in_word(word);

        *wide |= word;
        if (ends)
            return p + LAMBDEST__LOW_BIT(ends) / 8;
    }
    for (; p < end && !(lambdest__byte_kinds[*p] & LAMBDEST__ENDS_RUN); p++)
        *wide |= *p;
    return p;
}

/* At the backslash. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_escape(const unsigned char *p, const unsigned char *end)
{
    if (end - p < 2)
        return NULL;
    if (lambdest__byte_kinds[p[1]] & LAMBDEST__ESCAPES)
        return p + 2;
    if (p[1] != 'u' || end - p < 6)
        return NULL;
    if (lambdest__byte_kinds[p[2]] & lambdest__byte_kinds[p[3]] & lambdest__byte_kinds[p[4]] &
        lambdest__byte_kinds[p[5]] & LAMBDEST__HEX)
        return p + 6;
    return NULL;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_string(const unsigned char *p, lambdest__bounds in,
                                                            uint64_t *wide)
{
    for (;;) {
        p = lambdest__pass_run(p, in.end, wide);
        if (p >= in.end)
            return NULL;
        if (*p == '"')
            return p + 1;
        if (*p != '\\')
            return NULL;
        p = lambdest__pass_escape(p, in.end);
        if (!p)
            return NULL;
    }
}

#endif
