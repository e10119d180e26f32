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
#define LAMBDEST__APART static __attribute__((noinline, unused))
#define LAMBDEST__RARELY(condition) __builtin_expect(!!(condition), 0)
#else
#define LAMBDEST__INLINE static inline
#define LAMBDEST__NOT_INLINE static
#define LAMBDEST__APART static inline
#define LAMBDEST__RARELY(condition) (condition)
#endif

/* Where bytes lie in a word from the lowest on, and the lowest bit that is set can be asked for. */
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LAMBDEST__WORDS 1
#define LAMBDEST__LOW_BIT(word) ((unsigned)__builtin_ctzll(word))
#define LAMBDEST__HIGH_BIT(word) (63 - (unsigned)__builtin_clzll(word))
#else
#define LAMBDEST__WORDS 0
#define LAMBDEST__LOW_BIT(word) 0u
#endif

/* The bytes that may be read. */
typedef struct lambdest__bounds {
    const unsigned char *begin;
    const unsigned char *end;
} lambdest__bounds;

/* At the first byte of a string; returns the place behind its closing quote, or NULL. Bytes past ASCII are
 * passed and told by *wide: one of its bytes gets its highest bit. Those that stand near may be told too. */
typedef const unsigned char *lambdest__string_fn(const unsigned char *p, lambdest__bounds in, uint64_t *wide);

/* Behind a number that is an array's element, at a comma: returns the place behind the last of those that
 * follow, as far as it can tell; p if none. `rows`: the array is an array's element. */
typedef const unsigned char *lambdest__list_fn(const unsigned char *p, const unsigned char *end, bool rows);

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
LAMBDEST__APART const unsigned char *lambdest__pass_blanks(const unsigned char *p, const unsigned char *end)
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

/* Passes white space; the byte that comes then, 0 at the end, which like a NUL begins and ends nothing. */
LAMBDEST__INLINE unsigned char lambdest__come_to(const unsigned char **p, const unsigned char *end)
{
    /*@ split (end - *p); */
    if (LAMBDEST__RARELY(*p >= end))
        return 0;
    if (!LAMBDEST__RARELY(**p <= ' '))
        return **p;
    *p = lambdest__pass_blanks(*p, end);
    /*@ split (end - *p); */
    return *p < end ? **p : 0;
}

LAMBDEST__INLINE const unsigned char *lambdest__pass_scalar(const unsigned char *p, unsigned char c,
                                                            lambdest__bounds in,
                                                            lambdest__string_fn *pass_string, uint64_t *wide)
{
    if (c == '"')
        return pass_string(p + 1, in, wide);
    if (lambdest__is_digit(c) || c == '-')
        return lambdest__pass_number(p, in.end);
    return lambdest__pass_word(p, in.end);
}

/* At c, which must begin a name; returns the place behind its colon. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_name(const unsigned char *p, unsigned char c,
                                                          lambdest__bounds in,
                                                          lambdest__string_fn *pass_string, uint64_t *wide)
{
    if (c != '"')
        return NULL;
    p = pass_string(p + 1, in, wide);
    return p && lambdest__come_to(&p, in.end) == ':' ? p + 1 : NULL;
}

enum {
    LAMBDEST__LEVELS_A_WORD = 63
};

/* The brackets that are open: one bit a level, the innermost lowest, set for an object, below a bit that is
 * set; when a word is full it is put by and another begun. */
typedef struct lambdest__levels {
    uint64_t kinds;
    uint64_t *put_by;
    uint32_t put_by_count;
    uint32_t left; /* levels that may yet be opened */
} lambdest__levels;

/* False: nested too deeply. */
LAMBDEST__INLINE bool lambdest__enter(lambdest__levels *l, unsigned kind)
{
    if (!l->left)
        return false;
    l->left--;
    if (l->kinds >> LAMBDEST__LEVELS_A_WORD) {
        l->put_by[l->put_by_count++] = l->kinds;
        l->kinds = 1;
    }
    l->kinds = l->kinds << 1 | kind;
    return true;
}

/* Brackets of a kind differ from those of the other in one bit: '[' ']' and '{' '}'. */
LAMBDEST__INLINE unsigned char lambdest__closing(const lambdest__levels *l)
{
    return (unsigned char)(']' | (l->kinds & 1) << 5);
}

/* False: it was the outermost. */
LAMBDEST__INLINE bool lambdest__leave(lambdest__levels *l)
{
    l->kinds >>= 1;
    l->left++;
    if (!LAMBDEST__RARELY(l->kinds == 1))
        return true;
    if (!l->put_by_count)
        return false;
    l->kinds = l->put_by[--l->put_by_count];
    return true;
}

/* Behind a value, or at the end of an empty bracket: passes closing brackets, and a comma if brackets are
 * left, which *inside then tells. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_after(const unsigned char *p, const unsigned char *end,
                                                           lambdest__levels *l, bool *inside)
{
    unsigned char c = lambdest__come_to(&p, end);

    while (c != ',') {
        if (LAMBDEST__RARELY(c != lambdest__closing(l)))
            return NULL;
        p++;
        *inside = lambdest__leave(l);
        if (!*inside)
            return p;
        c = lambdest__come_to(&p, end);
    }
    return p + 1;
}

/* Behind an element: whether it is a number and another follows. */
LAMBDEST__INLINE bool lambdest__is_listed(const unsigned char *p, const unsigned char *end)
{
    return lambdest__is_digit(p[-1]) && end - p > 1 && *p == ',' && (lambdest__is_digit(p[1]) || p[1] == '-');
}

/* Where there are no blocks. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_no_list(const unsigned char *p, const unsigned char *end,
                                                             bool rows)
{
    (void)end;
    (void)rows;
    return p;
}

/* Each kind of bracket has a way of its own: what comes behind them is guessed better so. Of a list the first
 * numbers are passed singly, as a short one is sooner passed so. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_value(const unsigned char *p, lambdest__bounds in,
                                                           uint32_t max_depth,
                                                           lambdest__string_fn *pass_string,
                                                           lambdest__list_fn *pass_list,
                                                           lambdest__utf8_fn *is_utf8)
{
    const unsigned char *from = p;
    uint64_t put_by[LAMBDEST__DEPTH_LIMIT / LAMBDEST__LEVELS_A_WORD + 4], wide = 0;
    lambdest__levels l = {1, put_by, 0, max_depth};
    unsigned char c = *p;
    unsigned numbers = 0; /* with another behind them, since the last name */
    bool inside = true;

    for (;;) {
        /*@ split (p - from); */
        /*@ split l.kinds; */
        /*@ split l.put_by_count; */
        if (c == '[') {
            if (!lambdest__enter(&l, 0))
                return NULL;
            p++;
            c = lambdest__come_to(&p, in.end);
            if (c != ']')
                continue;
        } else if (c == '{') {
            if (!lambdest__enter(&l, 1))
                return NULL;
            p++;
            c = lambdest__come_to(&p, in.end);
            if (c != '}') {
                numbers = 0;
                p = lambdest__pass_name(p, c, in, pass_string, &wide);
                if (!p)
                    return NULL;
                c = lambdest__come_to(&p, in.end);
                continue;
            }
        } else {
            p = lambdest__pass_scalar(p, c, in, pass_string, &wide);
            if (!p)
                return NULL;
            if (l.kinds == 1)
                break;
            if (!(l.kinds & 1) && lambdest__is_listed(p, in.end) && ++numbers > 2)
                p = pass_list(p, in.end, !(l.kinds & 2));
        }
        p = lambdest__pass_after(p, in.end, &l, &inside);
        if (!p || !inside)
            break;
        c = lambdest__come_to(&p, in.end);
        if (l.kinds & 1) {
            numbers = 0;
            p = lambdest__pass_name(p, c, in, pass_string, &wide);
            if (!p)
                return NULL;
            c = lambdest__come_to(&p, in.end);
        }
    }
    return p && (!(wide & UINT64_C(0x8080808080808080)) || is_utf8(from, p)) ? p : NULL;
}

#endif
