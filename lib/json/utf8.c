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
