#include "json/check.h"

#if LAMBDEST__HAS_X86

#include "json/check_blocks.h"
#include "json/check_list.h"
#include "json/utf8.h"

#include <immintrin.h>

/* ---- SSE2, which every x86-64 has ---- */

typedef struct bytes_64 {
    __m128i at[4];
} bytes_64;

LAMBDEST__INLINE bytes_64 load_sse2(const unsigned char *p)
{
    bytes_64 b;

    b.at[0] = _mm_loadu_si128((const __m128i *)(const void *)p);
    b.at[1] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    b.at[2] = _mm_loadu_si128((const __m128i *)(const void *)(p + 32));
    b.at[3] = _mm_loadu_si128((const __m128i *)(const void *)(p + 48));
    return b;
}

LAMBDEST__INLINE uint64_t bits_sse2(bytes_64 b)
{
    uint64_t low = (uint32_t)_mm_movemask_epi8(b.at[0]) | (uint32_t)_mm_movemask_epi8(b.at[1]) << 16;
    uint64_t high = (uint32_t)_mm_movemask_epi8(b.at[2]) | (uint32_t)_mm_movemask_epi8(b.at[3]) << 16;

    return low | high << 32;
}

LAMBDEST__INLINE bytes_64 equal_sse2(bytes_64 b, char c)
{
    b.at[0] = _mm_cmpeq_epi8(b.at[0], _mm_set1_epi8(c));
    b.at[1] = _mm_cmpeq_epi8(b.at[1], _mm_set1_epi8(c));
    b.at[2] = _mm_cmpeq_epi8(b.at[2], _mm_set1_epi8(c));
    b.at[3] = _mm_cmpeq_epi8(b.at[3], _mm_set1_epi8(c));
    return b;
}

/* From `first` on, `count` bytes. */
LAMBDEST__INLINE __m128i within_16(__m128i b, char first, char count)
{
    __m128i from = _mm_sub_epi8(b, _mm_set1_epi8(first));

    return _mm_cmpeq_epi8(_mm_min_epu8(from, _mm_set1_epi8((char)(count - 1))), from);
}

LAMBDEST__INLINE bytes_64 within_sse2(bytes_64 b, char first, char count)
{
    b.at[0] = within_16(b.at[0], first, count);
    b.at[1] = within_16(b.at[1], first, count);
    b.at[2] = within_16(b.at[2], first, count);
    b.at[3] = within_16(b.at[3], first, count);
    return b;
}

LAMBDEST__INLINE bytes_64 either_sse2(bytes_64 a, bytes_64 b)
{
    a.at[0] = _mm_or_si128(a.at[0], b.at[0]);
    a.at[1] = _mm_or_si128(a.at[1], b.at[1]);
    a.at[2] = _mm_or_si128(a.at[2], b.at[2]);
    a.at[3] = _mm_or_si128(a.at[3], b.at[3]);
    return a;
}

LAMBDEST__INLINE bytes_64 lower_sse2(bytes_64 b)
{
    b.at[0] = _mm_or_si128(b.at[0], _mm_set1_epi8(0x20));
    b.at[1] = _mm_or_si128(b.at[1], _mm_set1_epi8(0x20));
    b.at[2] = _mm_or_si128(b.at[2], _mm_set1_epi8(0x20));
    b.at[3] = _mm_or_si128(b.at[3], _mm_set1_epi8(0x20));
    return b;
}

LAMBDEST__INLINE lambdest__look look_sse2(const unsigned char *p)
{
    bytes_64 b = load_sse2(p);
    lambdest__look l;

    l.quote = bits_sse2(equal_sse2(b, '"'));
    l.slash = bits_sse2(equal_sse2(b, '\\'));
    l.control = bits_sse2(within_sse2(b, 0, 0x20));
    l.wide = bits_sse2(b);
    return l;
}

LAMBDEST__INLINE lambdest__letters letters_sse2(const unsigned char *p)
{
    bytes_64 b = load_sse2(p), u = equal_sse2(b, 'u');
    bytes_64 escape = either_sse2(either_sse2(equal_sse2(b, '"'), equal_sse2(b, '/')),
                                  either_sse2(equal_sse2(b, 'b'), equal_sse2(b, 'f')));
    lambdest__letters l;

    escape = either_sse2(either_sse2(escape, equal_sse2(b, '\\')), equal_sse2(b, 'n'));
    escape = either_sse2(escape, either_sse2(equal_sse2(b, 'r'), equal_sse2(b, 't')));
    l.escape = bits_sse2(escape);
    l.u = bits_sse2(u);
    return l;
}

LAMBDEST__INLINE uint64_t hex_sse2(const unsigned char *p)
{
    bytes_64 b = load_sse2(p);

    return bits_sse2(either_sse2(within_sse2(b, '0', 10), within_sse2(lower_sse2(b), 'a', 6)));
}

/* The lowest of 16 bits that are not all 0. By branches: what comes behind a string need not wait then for
 * where it ends. */
LAMBDEST__INLINE unsigned first_of_16(unsigned marks)
{
    if (marks & 0x1)
        return 0;
    if (marks & 0x2)
        return 1;
    if (marks & 0x4)
        return 2;
    if (marks & 0x8)
        return 3;
    if (marks & 0x10)
        return 4;
    if (marks & 0x20)
        return 5;
    if (marks & 0x40)
        return 6;
    if (marks & 0x80)
        return 7;
    if (marks & 0x100)
        return 8;
    if (marks & 0x200)
        return 9;
    if (marks & 0x400)
        return 10;
    if (marks & 0x800)
        return 11;
    if (marks & 0x1000)
        return 12;
    if (marks & 0x2000)
        return 13;
    if (marks & 0x4000)
        return 14;
    return 15;
}

/* Most strings are short: those that end among the next bytes, with nothing to look at, go this way. */
LAMBDEST__INLINE const unsigned char *pass_short_sse2(const unsigned char *p, const unsigned char *end,
                                                      uint64_t *wide)
{
    unsigned ends, n;

    if (end - p < 16)
        return NULL;
    ends = lambdest__ends_in_16(p);
    if (!ends)
        return NULL;
    n = first_of_16(ends);
    if (p[n] != '"')
        return NULL;
    *wide |= lambdest__word_at(p) | lambdest__word_at(p + 8);
    return p + n + 1;
}

LAMBDEST__NOT_INLINE const unsigned char *pass_long_sse2(const unsigned char *p, lambdest__bounds in,
                                                         uint64_t *wide)
{
    return lambdest__pass_blocks(p, in, wide, look_sse2, letters_sse2, hex_sse2);
}

LAMBDEST__INLINE const unsigned char *pass_string_sse2(const unsigned char *p, lambdest__bounds in,
                                                       uint64_t *wide)
{
    const unsigned char *behind = pass_short_sse2(p, in.end, wide);

    return behind ? behind : pass_long_sse2(p, in, wide);
}

LAMBDEST__INLINE lambdest__figures figures_sse2(const unsigned char *p)
{
    bytes_64 b = load_sse2(p);
    lambdest__figures f;

    f.digit = bits_sse2(within_sse2(b, '0', 10));
    f.zero = bits_sse2(equal_sse2(b, '0'));
    f.minus = bits_sse2(equal_sse2(b, '-'));
    f.plus = bits_sse2(equal_sse2(b, '+'));
    f.point = bits_sse2(equal_sse2(b, '.'));
    f.comma = bits_sse2(equal_sse2(b, ','));
    f.open = bits_sse2(equal_sse2(b, '['));
    f.close = bits_sse2(equal_sse2(b, ']'));
    f.exponent = bits_sse2(equal_sse2(lower_sse2(b), 'e'));
    return f;
}

LAMBDEST__NOT_INLINE const unsigned char *pass_list_sse2(const unsigned char *p, const unsigned char *end,
                                                         bool rows)
{
    return lambdest__pass_figures(p, end, rows, figures_sse2);
}

static bool is_utf8_sse2(const unsigned char *p, const unsigned char *end)
{
    return lambdest__utf8_valid(p, (size_t)(end - p));
}

LAMBDEST__ALIGNED const unsigned char *lambdest__check_sse2(const unsigned char *begin,
                                                            const unsigned char *p, const unsigned char *end,
                                                            uint32_t max_depth)
{
    lambdest__bounds in = {begin, end};

    return lambdest__pass_value(p, in, max_depth, pass_string_sse2, pass_list_sse2, is_utf8_sse2);
}

/* ---- AVX2 ---- */

LAMBDEST__INLINE LAMBDEST__AVX2 __m256i load_avx2(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t bits_avx2(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t equal_avx2(__m256i low, __m256i high, char c)
{
    return bits_avx2(_mm256_cmpeq_epi8(low, _mm256_set1_epi8(c)),
                     _mm256_cmpeq_epi8(high, _mm256_set1_epi8(c)));
}

LAMBDEST__INLINE LAMBDEST__AVX2 __m256i control_avx2(__m256i b)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(b, _mm256_set1_epi8(0x1F)), b);
}

LAMBDEST__INLINE LAMBDEST__AVX2 __m256i marks_avx2(__m256i b)
{
    __m256i quote = _mm256_cmpeq_epi8(b, _mm256_set1_epi8('"'));
    __m256i slash = _mm256_cmpeq_epi8(b, _mm256_set1_epi8('\\'));

    return _mm256_or_si256(_mm256_or_si256(quote, slash), control_avx2(b));
}

/* Up to the first block that has a quote, a backslash or a control character, and behind the string if a
 * quote is the first of them. */
LAMBDEST__INLINE LAMBDEST__AVX2 const unsigned char *
pass_plain_avx2(const unsigned char *p, const unsigned char *end, uint64_t *wide, bool *ended)
{
    uint64_t marks = 0, past_ascii = 0;

    for (; end - p >= 64; p += 64) {
        __m256i low = load_avx2(p), high = load_avx2(p + 32);

        marks = bits_avx2(marks_avx2(low), marks_avx2(high));
        past_ascii = bits_avx2(low, high);
        if (marks)
            break;
        *wide |= past_ascii ? 0x80 : 0;
    }
    *ended = marks && p[LAMBDEST__LOW_BIT(marks)] == '"';
    if (!*ended)
        return p;
    *wide |= past_ascii & (marks ^ (marks - 1)) ? 0x80 : 0;
    return p + LAMBDEST__LOW_BIT(marks) + 1;
}

LAMBDEST__INLINE LAMBDEST__AVX2 lambdest__look look_avx2(const unsigned char *p)
{
    __m256i low = load_avx2(p), high = load_avx2(p + 32);
    lambdest__look l;

    l.quote = equal_avx2(low, high, '"');
    l.slash = equal_avx2(low, high, '\\');
    l.control = bits_avx2(control_avx2(low), control_avx2(high));
    l.wide = bits_avx2(low, high);
    return l;
}

/* By the low and the high half of a byte: bits 0 to 3 are left where it is an escape's letter, by its
 * high half, bits 4 and 5 where it is a hexadecimal digit. */
LAMBDEST__INLINE LAMBDEST__AVX2 __m256i kinds_avx2(__m256i b)
{
    const __m256i by_low = _mm256_setr_epi8(16, 48, 61, 48, 56, 56, 52, 16, 16, 16, 0, 0, 2, 0, 4, 1, 16, 48,
                                            61, 48, 56, 56, 52, 16, 16, 16, 0, 0, 2, 0, 4, 1);
    const __m256i by_high = _mm256_setr_epi8(0, 0, 1, 16, 32, 2, 36, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 16,
                                             32, 2, 36, 8, 0, 0, 0, 0, 0, 0, 0, 0);
    __m256i half = _mm256_and_si256(_mm256_srli_epi16(b, 4), _mm256_set1_epi8(15));

    return _mm256_and_si256(_mm256_shuffle_epi8(by_low, b), _mm256_shuffle_epi8(by_high, half));
}

LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t any_avx2(__m256i low, __m256i high, char bits)
{
    const __m256i none = _mm256_setzero_si256(), wanted = _mm256_set1_epi8(bits);

    return ~bits_avx2(_mm256_cmpeq_epi8(_mm256_and_si256(low, wanted), none),
                      _mm256_cmpeq_epi8(_mm256_and_si256(high, wanted), none));
}

LAMBDEST__INLINE LAMBDEST__AVX2 lambdest__letters letters_avx2(const unsigned char *p)
{
    __m256i low = load_avx2(p), high = load_avx2(p + 32);
    lambdest__letters l;

    l.u = equal_avx2(low, high, 'u');
    l.escape = any_avx2(kinds_avx2(low), kinds_avx2(high), 15);
    return l;
}

LAMBDEST__INLINE LAMBDEST__AVX2 uint64_t hex_avx2(const unsigned char *p)
{
    return any_avx2(kinds_avx2(load_avx2(p)), kinds_avx2(load_avx2(p + 32)), 48);
}

LAMBDEST__NOT_INLINE LAMBDEST__AVX2 const unsigned char *pass_long_avx2(const unsigned char *p,
                                                                        lambdest__bounds in, uint64_t *wide)
{
    bool ended = false;

    p = pass_plain_avx2(p, in.end, wide, &ended);
    if (!ended)
        p = lambdest__pass_blocks(p, in, wide, look_avx2, letters_avx2, hex_avx2);
    /* A compiler may forget it before a call at the end, and all that follows would be slow. */
    _mm256_zeroupper();
    return p;
}

LAMBDEST__INLINE LAMBDEST__AVX2 lambdest__figures figures_avx2(const unsigned char *p)
{
    const __m256i case_bit = _mm256_set1_epi8(0x20), before_zero = _mm256_set1_epi8('0');
    __m256i low = load_avx2(p), high = load_avx2(p + 32);
    __m256i low_digit = _mm256_sub_epi8(low, before_zero), high_digit = _mm256_sub_epi8(high, before_zero);
    const __m256i nine = _mm256_set1_epi8(9);
    lambdest__figures f;

    f.digit = bits_avx2(_mm256_cmpeq_epi8(_mm256_min_epu8(low_digit, nine), low_digit),
                        _mm256_cmpeq_epi8(_mm256_min_epu8(high_digit, nine), high_digit));
    f.zero = equal_avx2(low, high, '0');
    f.minus = equal_avx2(low, high, '-');
    f.plus = equal_avx2(low, high, '+');
    f.point = equal_avx2(low, high, '.');
    f.comma = equal_avx2(low, high, ',');
    f.open = equal_avx2(low, high, '[');
    f.close = equal_avx2(low, high, ']');
    f.exponent = equal_avx2(_mm256_or_si256(low, case_bit), _mm256_or_si256(high, case_bit), 'e');
    return f;
}

LAMBDEST__NOT_INLINE LAMBDEST__AVX2 const unsigned char *pass_list_avx2(const unsigned char *p,
                                                                        const unsigned char *end, bool rows)
{
    p = lambdest__pass_figures(p, end, rows, figures_avx2);
    _mm256_zeroupper();
    return p;
}

/* Short strings, and all that is no string, are no faster with AVX2. */
LAMBDEST__INLINE const unsigned char *pass_string_avx2(const unsigned char *p, lambdest__bounds in,
                                                       uint64_t *wide)
{
    const unsigned char *behind = pass_short_sse2(p, in.end, wide);

    return behind ? behind : pass_long_avx2(p, in, wide);
}

/* ---- UTF-8 ---- */

#define TWICE(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                                                \
    _mm256_setr_epi8((char)(a), (char)(b), (char)(c), (char)(d), (char)(e), (char)(f), (char)(g), (char)(h), \
                     (char)(i), (char)(j), (char)(k), (char)(l), (char)(m), (char)(n), (char)(o), (char)(p), \
                     (char)(a), (char)(b), (char)(c), (char)(d), (char)(e), (char)(f), (char)(g), (char)(h), \
                     (char)(i), (char)(j), (char)(k), (char)(l), (char)(m), (char)(n), (char)(o), (char)(p))

LAMBDEST__INLINE LAMBDEST__AVX2 __m256i high_half(__m256i b)
{
    return _mm256_and_si256(_mm256_srli_epi16(b, 4), _mm256_set1_epi8(15));
}

LAMBDEST__INLINE LAMBDEST__AVX2 __m256i wrong_pairs(__m256i b, __m256i before)
{
    const __m256i first_high = TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
                                     TOO_LONG, TWO_MORE, TWO_MORE, TWO_MORE, TWO_MORE, TOO_SHORT | OVERLONG_2,
                                     TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | LARGE);
    const __m256i first_low = TWICE(
        ALWAYS | OVERLONG_2 | OVERLONG_3 | BEYOND, ALWAYS | OVERLONG_2, ALWAYS, ALWAYS, ALWAYS | TOO_LARGE,
        ALWAYS | LARGE, ALWAYS | LARGE, ALWAYS | LARGE, ALWAYS | LARGE, ALWAYS | LARGE, ALWAYS | LARGE,
        ALWAYS | LARGE, ALWAYS | LARGE, ALWAYS | LARGE | SURROGATE, ALWAYS | LARGE, ALWAYS | LARGE);
    const __m256i second_high = TWICE(
        TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
        TOO_LONG | OVERLONG_2 | TWO_MORE | OVERLONG_3 | BEYOND,
        TOO_LONG | OVERLONG_2 | TWO_MORE | OVERLONG_3 | TOO_LARGE,
        TOO_LONG | OVERLONG_2 | TWO_MORE | SURROGATE | TOO_LARGE,
        TOO_LONG | OVERLONG_2 | TWO_MORE | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
    __m256i by_high = _mm256_shuffle_epi8(first_high, high_half(before));
    __m256i by_low = _mm256_shuffle_epi8(first_low, _mm256_and_si256(before, _mm256_set1_epi8(15)));

    return _mm256_and_si256(_mm256_and_si256(by_high, by_low),
                            _mm256_shuffle_epi8(second_high, high_half(b)));
}

/* Not zero where one of 32 bytes is wrong after the three before them. Two bytes that continue are right
 * exactly where a third or fourth byte is due. */
LAMBDEST__INLINE LAMBDEST__AVX2 __m256i wrong_bytes(const unsigned char *p)
{
    __m256i third = _mm256_subs_epu8(load_avx2(p - 2), _mm256_set1_epi8((char)(0xE0 - 0x80)));
    __m256i fourth = _mm256_subs_epu8(load_avx2(p - 3), _mm256_set1_epi8((char)(0xF0 - 0x80)));
    __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)TWO_MORE));

    return _mm256_xor_si256(due, wrong_pairs(load_avx2(p), load_avx2(p - 1)));
}

/* Of a value, which begins and ends with ASCII. */
LAMBDEST__NOT_INLINE LAMBDEST__AVX2 bool is_utf8_avx2(const unsigned char *p, const unsigned char *end)
{
    unsigned char first[3 + 64] = {0}; /* behind zeros, as something must stand before it */
    size_t n = end - p < 64 ? (size_t)(end - p) : 64;
    __m256i wrong;

    memcpy(first + 3, p, n);
    wrong = _mm256_or_si256(wrong_bytes(first + 3), wrong_bytes(first + 3 + 32));
    if (n == 64) {
        for (p += 64; end - p > 32; p += 32)
            if (_mm256_movemask_epi8(_mm256_or_si256(load_avx2(p), load_avx2(p - 3))))
                wrong = _mm256_or_si256(wrong, wrong_bytes(p));
        wrong = _mm256_or_si256(wrong, wrong_bytes(end - 32));
    }
    return _mm256_testz_si256(wrong, wrong);
}

LAMBDEST__ALIGNED const unsigned char *lambdest__check_avx2(const unsigned char *begin,
                                                            const unsigned char *p, const unsigned char *end,
                                                            uint32_t max_depth)
{
    lambdest__bounds in = {begin, end};

    return lambdest__pass_value(p, in, max_depth, pass_string_avx2, pass_list_avx2, is_utf8_avx2);
}

#endif
