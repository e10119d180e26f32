#include "base/base64.h"

#include <stdint.h>

enum {
    NO_DIGIT = 64
};

static void put_group(uint32_t bits, unsigned char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    out[0] = (unsigned char)digits[bits >> 18 & 63];
    out[1] = (unsigned char)digits[bits >> 12 & 63];
    out[2] = (unsigned char)digits[bits >> 6 & 63];
    out[3] = (unsigned char)digits[bits & 63];
}

size_t lambdest__base64_encode(const unsigned char *bytes, size_t len, unsigned char *out)
{
    unsigned char *to = out;
    size_t i;

    for (i = 0; len - i >= 3; i += 3, to += 4)
        put_group((uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2], to);
    if (len - i == 2) {
        put_group((uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8, to);
        to[3] = '=';
        to += 4;
    } else if (len - i == 1) {
        put_group((uint32_t)bytes[i] << 16, to);
        to[2] = to[3] = '=';
        to += 4;
    }
    return (size_t)(to - out);
}

size_t lambdest__base64_room(size_t len)
{
    return len / 4 * 3 + 3;
}

static uint32_t digit(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - (uint32_t)'A';
    if (c >= 'a' && c <= 'z')
        return c - (uint32_t)'a' + 26;
    if (c >= '0' && c <= '9')
        return c - (uint32_t)'0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : NO_DIGIT;
}

/* The digits at the start of a group, up to four, shifted to their places in 24 bits. */
static size_t take_group(const unsigned char *text, size_t len, uint32_t *bits)
{
    size_t n = 0;

    *bits = 0;
    while (n < 4 && n < len && digit(text[n]) != NO_DIGIT) {
        *bits |= digit(text[n]) << (18 - 6 * n);
        n++;
    }
    return n;
}

/* A last group of `n` digits, 2 or 3, with its padding and nothing behind it. */
static bool ends_well(const unsigned char *text, size_t len, size_t n, uint32_t bits, size_t *wrong)
{
    size_t i;

    for (i = n; i < 4; i++)
        if (i >= len || text[i] != '=') {
            *wrong = i < len ? i : len;
            return false;
        }
    *wrong = n - 1;
    if (bits & (n == 2 ? 0xFFFF : 0xFF))
        return false;
    *wrong = 4;
    return len == 4;
}

static unsigned char *put_bytes(uint32_t bits, size_t count, unsigned char *to)
{
    *to++ = (unsigned char)(bits >> 16);
    if (count > 1)
        *to++ = (unsigned char)(bits >> 8 & 0xFF);
    if (count > 2)
        *to++ = (unsigned char)(bits & 0xFF);
    return to;
}

bool lambdest__base64_decode(const unsigned char *text, size_t len, unsigned char *out, size_t *out_len,
                             size_t *offset)
{
    unsigned char *to = out;
    size_t at = 0, wrong = 0;

    while (at < len) {
        uint32_t bits;
        size_t n = take_group(text + at, len - at, &bits);

        if (n < 2) {
            *offset = at + n;
            return false;
        }
        if (n < 4 && !ends_well(text + at, len - at, n, bits, &wrong)) {
            *offset = at + wrong;
            return false;
        }
        to = put_bytes(bits, n - 1, to);
        at += 4;
    }
    *out_len = (size_t)(to - out);
    return true;
}
