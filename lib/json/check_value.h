/* The grammar of a value, written once for all ways to read strings (json/check.h): each way is a
 * function that is inlined here, so that nothing is called through a pointer. Everything is kept in
 * registers and nothing is said about errors. */
#ifndef LAMBDEST_JSON_CHECK_VALUE_H
#define LAMBDEST_JSON_CHECK_VALUE_H

#include "base/options.h"

#include <string.h>

#if defined(__GNUC__)
#define LAMBDEST__INLINE static inline __attribute__((always_inline))
#define LAMBDEST__NOT_INLINE static __attribute__((noinline))
#else
#define LAMBDEST__INLINE static inline
#define LAMBDEST__NOT_INLINE static
#endif

/* Where bytes lie in a word from the lowest on, and the lowest bit that is set can be asked for. */
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LAMBDEST__WORDS 1
#define LAMBDEST__LOW_BIT(word) ((unsigned)__builtin_ctzll(word))
#else
#define LAMBDEST__WORDS 0
#define LAMBDEST__LOW_BIT(word) 0u
#endif

/* At the first byte of a string; returns the place behind its closing quote, or NULL. Bytes past ASCII are
 * passed and told by *wide getting its highest bit. */
typedef const unsigned char *lambdest__string_fn(const unsigned char *p, const unsigned char *end,
                                                 unsigned *wide);

/* Whether bytes from p to end are UTF-8. */
typedef bool lambdest__utf8_fn(const unsigned char *p, const unsigned char *end);

LAMBDEST__INLINE uint64_t lambdest__word_at(const unsigned char *p)
{
    uint64_t word;

    memcpy(&word, p, 8);
    return word;
}

LAMBDEST__INLINE bool lambdest__is_digit(unsigned char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Indentation is passed by words. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_blanks(const unsigned char *p, const unsigned char *end)
{
    for (; p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'); p++)
        while (LAMBDEST__WORDS && end - p > 8) {
            uint64_t other = lambdest__word_at(p + 1) ^ UINT64_C(0x2020202020202020);

            if (other) {
                p += LAMBDEST__LOW_BIT(other) / 8;
                break;
            }
            p += 8;
        }
    return p;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_space(const unsigned char *p, const unsigned char *end)
{
    return p < end && *p <= ' ' ? lambdest__pass_blanks(p, end) : p;
}

/* One digit or more. By words, what comes next would wait for how many there were; a branch a digit does
 * not. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_digits(const unsigned char *p, const unsigned char *end)
{
    if (p >= end || !lambdest__is_digit(*p))
        return NULL;
    for (p++; end - p >= 4; p += 4) {
        if (!lambdest__is_digit(p[0]))
            return p;
        if (!lambdest__is_digit(p[1]))
            return p + 1;
        if (!lambdest__is_digit(p[2]))
            return p + 2;
        if (!lambdest__is_digit(p[3]))
            return p + 3;
    }
    while (p < end && lambdest__is_digit(*p))
        p++;
    return p;
}

/* Behind the letter of an exponent. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_exponent(const unsigned char *p,
                                                              const unsigned char *end)
{
    if (p < end && (*p == '+' || *p == '-'))
        p++;
    return lambdest__pass_digits(p, end);
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_number(const unsigned char *p, const unsigned char *end)
{
    if (*p == '-')
        p++;
    if (p < end && *p == '0')
        p++;
    else
        p = lambdest__pass_digits(p, end);
    if (p && p < end && *p == '.')
        p = lambdest__pass_digits(p + 1, end);
    if (p && p < end && (*p | 0x20) == 'e')
        p = lambdest__pass_exponent(p + 1, end);
    return p;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_word(const unsigned char *p, const unsigned char *end)
{
    if (end - p >= 4 && !memcmp(p, "null", 4))
        return p + 4;
    if (end - p >= 4 && !memcmp(p, "true", 4))
        return p + 4;
    return end - p >= 5 && !memcmp(p, "false", 5) ? p + 5 : NULL;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_scalar(const unsigned char *p, const unsigned char *end,
                                                            lambdest__string_fn *pass_string, unsigned *wide)
{
    if (*p == '"')
        return pass_string(p + 1, end, wide);
    if (lambdest__is_digit(*p) || *p == '-')
        return lambdest__pass_number(p, end);
    return lambdest__pass_word(p, end);
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_name(const unsigned char *p, const unsigned char *end,
                                                          lambdest__string_fn *pass_string, unsigned *wide)
{
    p = lambdest__pass_space(p, end);
    if (p >= end || *p != '"')
        return NULL;
    p = pass_string(p + 1, end, wide);
    if (!p)
        return NULL;
    p = lambdest__pass_space(p, end);
    return p < end && *p == ':' ? p + 1 : NULL;
}

/* The brackets that are open: one bit a level, the innermost lowest, set for an object; 64 of them at
 * hand and the others put by. */
typedef struct lambdest__levels {
    uint64_t kinds;
    uint32_t depth;
    uint64_t *put_by;
} lambdest__levels;

/* Brackets of a kind differ from those of the other in one bit: '[' ']' and '{' '}'. */
LAMBDEST__INLINE void lambdest__enter(lambdest__levels *l, unsigned char bracket)
{
    if (l->depth % 64 == 0)
        l->put_by[l->depth / 64] = l->kinds;
    l->depth++;
    l->kinds = l->kinds << 1 | (bracket >> 5 & 1);
}

LAMBDEST__INLINE unsigned char lambdest__closing(const lambdest__levels *l)
{
    return (unsigned char)(']' | (l->kinds & 1) << 5);
}

LAMBDEST__INLINE void lambdest__leave(lambdest__levels *l)
{
    l->kinds >>= 1;
    l->depth--;
    if (l->depth % 64 == 0)
        l->kinds = l->put_by[l->depth / 64];
}

/* Behind a value, or before the end of an empty bracket: passes closing brackets, and a comma if brackets are
 * left. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_after(const unsigned char *p, const unsigned char *end,
                                                           lambdest__levels *l)
{
    while (l->depth) {
        p = lambdest__pass_space(p, end);
        if (p >= end)
            return NULL;
        if (*p == ',')
            return p + 1;
        if (*p != lambdest__closing(l))
            return NULL;
        p++;
        lambdest__leave(l);
    }
    return p;
}

/* At an opening bracket; returns the place of what is in it, or of its end. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_open(const unsigned char *p, const unsigned char *end,
                                                          uint32_t max_depth, lambdest__levels *l)
{
    if (l->depth >= max_depth)
        return NULL;
    lambdest__enter(l, *p);
    p = lambdest__pass_space(p + 1, end);
    return p < end ? p : NULL;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_value(const unsigned char *p, const unsigned char *end,
                                                           uint32_t max_depth,
                                                           lambdest__string_fn *pass_string,
                                                           lambdest__utf8_fn *is_utf8)
{
    const unsigned char *from = p;
    uint64_t put_by[LAMBDEST__DEPTH_LIMIT / 64 + 2];
    lambdest__levels l = {0, 0, put_by};
    unsigned wide = 0;

    for (;;) {
        bool open;

        p = lambdest__pass_space(p, end);
        if (p >= end)
            return NULL;
        open = (*p | 0x20) == '{';
        if (open)
            p = lambdest__pass_open(p, end, max_depth, &l);
        else
            p = lambdest__pass_scalar(p, end, pass_string, &wide);
        if (!p)
            return NULL;
        if (!open || (*p | 0x20) == '}') {
            p = lambdest__pass_after(p, end, &l);
            if (!p)
                return NULL;
            if (!l.depth)
                return !(wide & 0x80) || is_utf8(from, p) ? p : NULL;
        }
        if (l.kinds & 1) {
            p = lambdest__pass_name(p, end, pass_string, &wide);
            if (!p)
                return NULL;
        }
    }
}

#endif
