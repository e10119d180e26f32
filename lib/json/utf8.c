#include "json/utf8.h"

#include <string.h>

static bool continues(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The second byte carries the limits: shortest form, no surrogates, no more than U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return continues(second);
    }
}

static int length_by_first(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return LAMBDEST__UTF8_BAD;
}

int lambdest__utf8_sequence(const unsigned char *p, const unsigned char *end)
{
    int n = length_by_first(p[0]);
    int i;

    if (n <= 1)
        return n;
    if (end - p < 2)
        return LAMBDEST__UTF8_CUT;
    if (!second_fits(p[0], p[1]))
        return LAMBDEST__UTF8_BAD;
    for (i = 2; i < n; i++) {
        if (end - p <= i)
            return LAMBDEST__UTF8_CUT;
        if (!continues(p[i]))
            return LAMBDEST__UTF8_BAD;
    }
    return n;
}

static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
    uint64_t word;

    for (; end - p >= 8; p += 8) {
        memcpy(&word, p, 8);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (p < end && *p < 0x80)
        p++;
    return p;
}

/* Characters of three bytes, then of two, as they stand in runs in most languages: the bits that mark
 * the bytes, and those of the shortest form and the surrogates, are compared at once. */
static const unsigned char *skip_common(const unsigned char *p, const unsigned char *end)
{
    while (end - p >= 3) {
        uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        uint32_t limits = three & 0x0F2000;

        if ((three & 0xF0C0C0) != 0xE08080 || limits == 0 || limits == 0x0D2000)
            break;
        p += 3;
    }
    while (end - p >= 2 && (p[0] & 0xE0) == 0xC0 && continues(p[1]) && p[0] >= 0xC2)
        p += 2;
    return p;
}

/* ---- by an automaton whose state is a number of bits: a row has, for each state, the one that follows at
 * the place that the state tells, so that a step is one shift and does not wait for the byte's row ---- */

enum {
    STATE_BITS = 6,
    BETWEEN = 0, /* characters */
    BAD = 1 * STATE_BITS,
    DUE_1 = 2 * STATE_BITS, /* bytes that continue */
    DUE_2 = 3 * STATE_BITS,
    DUE_3 = 4 * STATE_BITS,
    BEHIND_E0 = 5 * STATE_BITS,
    BEHIND_ED = 6 * STATE_BITS,
    BEHIND_F0 = 7 * STATE_BITS,
    BEHIND_F4 = 8 * STATE_BITS
};

#define AT(state, next) ((uint64_t)(next) << (state))
#define FIRST(next)                                                                                          \
    (AT(BETWEEN, next) | AT(BAD, BAD) | AT(DUE_1, BAD) | AT(DUE_2, BAD) | AT(DUE_3, BAD) |                   \
     AT(BEHIND_E0, BAD) | AT(BEHIND_ED, BAD) | AT(BEHIND_F0, BAD) | AT(BEHIND_F4, BAD))
#define CONTINUING(e0, ed, f0, f4)                                                                           \
    (AT(BETWEEN, BAD) | AT(BAD, BAD) | AT(DUE_1, BETWEEN) | AT(DUE_2, DUE_1) | AT(DUE_3, DUE_2) |            \
     AT(BEHIND_E0, e0) | AT(BEHIND_ED, ed) | AT(BEHIND_F0, f0) | AT(BEHIND_F4, f4))

#define ROW_80_8F CONTINUING(BAD, DUE_1, BAD, DUE_2)
#define ROW_90_9F CONTINUING(BAD, DUE_1, DUE_2, BAD)
#define ROW_A0_BF CONTINUING(DUE_1, BAD, DUE_2, BAD)

#define FOUR_OF(row) row, row, row, row
#define SIXTEEN_OF(row) FOUR_OF(row), FOUR_OF(row), FOUR_OF(row), FOUR_OF(row)
#define SIXTY_FOUR_OF(row) SIXTEEN_OF(row), SIXTEEN_OF(row), SIXTEEN_OF(row), SIXTEEN_OF(row)

static const uint64_t rows[256] = {
    [0x00] = SIXTY_FOUR_OF(FIRST(BETWEEN)),
    [0x40] = SIXTY_FOUR_OF(FIRST(BETWEEN)),
    [0x80] = SIXTEEN_OF(ROW_80_8F),
    [0x90] = SIXTEEN_OF(ROW_90_9F),
    [0xA0] = SIXTEEN_OF(ROW_A0_BF),
    [0xB0] = SIXTEEN_OF(ROW_A0_BF),
    [0xC0] = FIRST(BAD),
    [0xC1] = FIRST(BAD),
    [0xC2] = FOUR_OF(FIRST(DUE_1)),
    [0xC6] = FOUR_OF(FIRST(DUE_1)),
    [0xCA] = FOUR_OF(FIRST(DUE_1)),
    [0xCE] = FIRST(DUE_1),
    [0xCF] = FIRST(DUE_1),
    [0xD0] = SIXTEEN_OF(FIRST(DUE_1)),
    [0xE0] = FIRST(BEHIND_E0),
    [0xE1] = FOUR_OF(FIRST(DUE_2)),
    [0xE5] = FOUR_OF(FIRST(DUE_2)),
    [0xE9] = FOUR_OF(FIRST(DUE_2)),
    [0xED] = FIRST(BEHIND_ED),
    [0xEE] = FIRST(DUE_2),
    [0xEF] = FIRST(DUE_2),
    [0xF0] = FIRST(BEHIND_F0),
    [0xF1] = FIRST(DUE_3),
    [0xF2] = FIRST(DUE_3),
    [0xF3] = FIRST(DUE_3),
    [0xF4] = FIRST(BEHIND_F4),
    [0xF5] = FIRST(BAD),
    [0xF6] = FIRST(BAD),
    [0xF7] = FIRST(BAD),
    [0xF8] = FOUR_OF(FIRST(BAD)),
    [0xFC] = FOUR_OF(FIRST(BAD)),
};

static inline uint64_t step(uint64_t state, unsigned char byte)
{
    return rows[byte] >> (state & 63);
}

static inline uint64_t two_steps(uint64_t state, const unsigned char *p)
{
    return step(step(state, p[0]), p[1]);
}

static bool walk_one(const unsigned char *p, const unsigned char *end)
{
    uint64_t state = BETWEEN;

    for (; p < end; p++)
        state = step(state, *p);
    return (state & 63) == BETWEEN;
}

/* The first place from p on where a character may begin; where none does within four bytes, it is wrong. */
static const unsigned char *boundary(const unsigned char *p)
{
    bool first = continues(p[0]), second = first & continues(p[1]), third = second & continues(p[2]);

    return p + first + second + third;
}

enum {
    LANES = 4,
    LANE = 64,
    UTF8_BLOCK = LANES * LANE
};

/* Some UTF8_BLOCK bytes, in four pieces side by side, as a step waits for the one before. Returns the place
 * behind them, where a character begins; NULL if they are wrong. At least UTF8_BLOCK + 4 bytes are there. */
static const unsigned char *walk_block(const unsigned char *p)
{
    const unsigned char *from[LANES + 1];
    uint64_t a = BETWEEN, b = BETWEEN, c = BETWEEN, d = BETWEEN;
    int i;

    from[0] = p;
    for (i = 1; i <= LANES; i++)
        from[i] = boundary(p + (size_t)LANE * (size_t)i);
    for (i = 0; i < LANE - 4; i += 2) {
        a = two_steps(a, from[0] + i);
        b = two_steps(b, from[1] + i);
        c = two_steps(c, from[2] + i);
        d = two_steps(d, from[3] + i);
    }
    for (p = from[0] + i; p < from[1]; p++)
        a = step(a, *p);
    for (p = from[1] + i; p < from[2]; p++)
        b = step(b, *p);
    for (p = from[2] + i; p < from[3]; p++)
        c = step(c, *p);
    for (p = from[3] + i; p < from[4]; p++)
        d = step(d, *p);
    return ((a | b | c | d) & 63) == BETWEEN ? from[4] : NULL;
}

bool lambdest__utf8_valid(const unsigned char *text, size_t len)
{
    const unsigned char *p = text, *end;

    if (!len)
        return true;
    end = text + len;
    for (;;) {
        p = skip_ascii(p, end);
        if (end - p < UTF8_BLOCK + 4)
            return walk_one(p, end);
        p = walk_block(p);
        if (!p)
            return false;
    }
}

bool lambdest__utf8_check(const unsigned char *text, size_t len, size_t *offset)
{
    const unsigned char *p = text, *end;

    if (!len)
        return true;
    end = text + len;
    for (;;) {
        int n;

        p = skip_common(skip_ascii(p, end), end);
        if (p >= end)
            break;
        /*@ split (p - text); */
        n = lambdest__utf8_sequence(p, end);
        if (n <= 0) {
            *offset = (size_t)(p - text);
            return false;
        }
        p += n;
    }
    return true;
}

size_t lambdest__utf8_cut(const unsigned char *text, size_t len, size_t max)
{
    size_t at = len < max ? len : max;

    if (at == len)
        return at;
    while (at && continues(text[at]))
        at--;
    return at;
}

size_t lambdest__utf8_put(unsigned char *out, uint32_t c)
{
    if (c >= 0xD800 && c <= 0xDFFF)
        c = 0xFFFD;
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (unsigned char)(0xC0 | c >> 6);
        out[1] = (unsigned char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (unsigned char)(0xE0 | c >> 12);
        out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (unsigned char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (unsigned char)(0xF0 | c >> 18);
    out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (unsigned char)(0x80 | (c & 0x3F));
    return 4;
}
