#include "json/string.h"

#include "json/check_string.h"
#include "json/utf8.h"

#include <string.h>

lambdest__span lambdest__string_inner(lambdest__span value)
{
    lambdest__span inner = {value.data + 1, value.len - 2};

    return inner;
}

static uint32_t hex_digit(unsigned char byte)
{
    return byte <= '9' ? byte - (uint32_t)'0' : (byte | 0x20) - (uint32_t)'a' + 10;
}

static uint32_t hex4(const unsigned char *p)
{
    return hex_digit(p[0]) << 12 | hex_digit(p[1]) << 8 | hex_digit(p[2]) << 4 | hex_digit(p[3]);
}

static bool is_low_escape(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 6 && p[0] == '\\' && p[1] == 'u' && (hex4(p + 2) & 0xFC00) == 0xDC00;
}

/* The code point of the escape at *p, which moves behind it. */
static uint32_t take_escape(const unsigned char **p, const unsigned char *end)
{
    const unsigned char *at = *p;
    uint32_t c;

    *p = at + 2;
    switch (at[1]) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        break;
    default:
        return at[1];
    }
    c = hex4(at + 2);
    *p = at + 6;
    if ((c & 0xFC00) == 0xD800 && is_low_escape(*p, end)) {
        c = 0x10000 + ((c & 0x3FF) << 10) + (hex4(*p + 2) & 0x3FF);
        *p += 6;
    }
    return c;
}

bool lambdest__string_escape(lambdest__span inner, size_t *at, size_t *begins, uint32_t *code_point)
{
    const unsigned char *end = inner.data + inner.len, *p = NULL;

    if (*at < inner.len)
        p = memchr(inner.data + *at, '\\', inner.len - *at);
    if (!p)
        return false;
    *begins = (size_t)(p - inner.data);
    *code_point = take_escape(&p, end);
    *at = (size_t)(p - inner.data);
    return true;
}

/* The next piece of what an inner text stands for: a run of it, or one escape put into `room`. */
static lambdest__span take_piece(const unsigned char **p, const unsigned char *end, unsigned char room[4])
{
    lambdest__span piece = {*p, 0};
    const unsigned char *slash;

    if (**p == '\\') {
        piece.data = room;
        piece.len = lambdest__utf8_put(room, take_escape(p, end));
        return piece;
    }
    slash = memchr(*p, '\\', (size_t)(end - *p));
    piece.len = (size_t)((slash ? slash : end) - *p);
    *p += piece.len;
    return piece;
}

/* Decodes up to a quote or the end; *p moves there. */
static size_t decode(const unsigned char **p, const unsigned char *end, unsigned char *out)
{
    const unsigned char *at = *p;
    unsigned char *to = out;

    for (;;) {
        const unsigned char *mark = lambdest__next_mark(at, end);
        size_t run = (size_t)(mark - at);

        memcpy(to, at, run);
        at = mark;
        to += run;
        if (at == end || *at == '"')
            break;
        if (at[1] == '"' || at[1] == '\\') {
            *to++ = at[1];
            at += 2;
            continue;
        }
        to += lambdest__utf8_put(to, take_escape(&at, end));
    }
    *p = at;
    return (size_t)(to - out);
}

size_t lambdest__string_decode(lambdest__span inner, unsigned char *out)
{
    const unsigned char *p = inner.data;

    return inner.len ? decode(&p, inner.data + inner.len, out) : 0;
}

/* Up to the next mark, copied by 16 bytes while there are as many. */
static const unsigned char *copy_plain(const unsigned char *p, const unsigned char *end, unsigned char **to)
{
#if LAMBDEST__SSE2
    for (; end - p >= 16; p += 16, *to += 16) {
        unsigned marks = lambdest__ends_in_16(p), n;

        memcpy(*to, p, 16);
        if (marks) {
            n = LAMBDEST__LOW_BIT(marks);
            *to += n;
            return p + n;
        }
    }
#endif
    while (p < end && *p != '"' && *p != '\\')
        *(*to)++ = *p++;
    return p;
}

size_t lambdest__string_decode_at(const unsigned char **p, const unsigned char *end, unsigned char *out)
{
    unsigned char *to = out;
    const unsigned char *at = copy_plain(*p + 1, end, &to);

    while (*at != '"') {
        if (at[1] == '"' || at[1] == '\\' || at[1] == 'n') {
            *to++ = at[1] == 'n' ? '\n' : at[1];
            at += 2;
        } else {
            to += lambdest__utf8_put(to, take_escape(&at, end));
        }
        at = copy_plain(at, end, &to);
    }
    *p = at + 1;
    return (size_t)(to - out);
}

/* Copies up to a backslash or the end; `to` may lie in the text, not behind p. */
static unsigned char *copy_run(const unsigned char **p, const unsigned char *end, unsigned char *to)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    const unsigned char *at = *p;
    uint64_t word, slash;

    while (end - at >= 8) {
        memcpy(&word, at, 8);
        slash = word ^ ones * '\\';
        if ((slash - ones) & ~slash & highs)
            break;
        memcpy(to, &word, 8);
        at += 8;
        to += 8;
    }
    while (at < end && *at != '\\')
        *to++ = *at++;
    *p = at;
    return to;
}

size_t lambdest__string_unpack(lambdest__span inner, unsigned char *out, size_t *lone)
{
    const unsigned char *p = inner.data, *end = inner.data + inner.len;
    unsigned char *to = out;

    *lone = SIZE_MAX;
    while (p < end) {
        uint32_t c;

        if (*p != '\\') {
            to = copy_run(&p, end, to);
            continue;
        }
        if (p[1] != 'u') {
            *to++ = (unsigned char)take_escape(&p, end);
            continue;
        }
        c = take_escape(&p, end);
        if (c >= 0xD800 && c <= 0xDFFF && *lone == SIZE_MAX)
            *lone = (size_t)(to - out);
        to += lambdest__utf8_put(to, c);
    }
    return (size_t)(to - out);
}

bool lambdest__string_equals(lambdest__span inner, const void *text, size_t len)
{
    const unsigned char *p = inner.data, *end = inner.data + inner.len;
    const unsigned char *with = text;
    unsigned char room[4];

    while (p < end) {
        lambdest__span piece = take_piece(&p, end, room);

        if (piece.len > len || memcmp(piece.data, with, piece.len))
            return false;
        with += piece.len;
        len -= piece.len;
    }
    return len == 0;
}

int lambdest__string_compare(lambdest__span a, lambdest__span b)
{
    const unsigned char *p = a.data, *p_end = a.data + a.len;
    const unsigned char *q = b.data, *q_end = b.data + b.len;
    unsigned char p_room[4], q_room[4];
    lambdest__span x = {p, 0}, y = {q, 0};

    for (;;) {
        size_t n;
        int order;

        if (!x.len && p < p_end)
            x = take_piece(&p, p_end, p_room);
        if (!y.len && q < q_end)
            y = take_piece(&q, q_end, q_room);
        if (!x.len || !y.len)
            return (x.len > 0) - (y.len > 0);
        n = x.len < y.len ? x.len : y.len;
        order = memcmp(x.data, y.data, n);
        if (order)
            return order;
        x.data += n;
        x.len -= n;
        y.data += n;
        y.len -= n;
    }
}

/* FNV-1a. */
uint32_t lambdest__string_hash(lambdest__span inner)
{
    const unsigned char *p = inner.data, *end = inner.data + inner.len;
    unsigned char room[4];
    uint32_t hash = UINT32_C(2166136261);

    while (p < end) {
        lambdest__span piece = take_piece(&p, end, room);
        size_t i;

        for (i = 0; i < piece.len; i++)
            hash = (hash ^ piece.data[i]) * UINT32_C(16777619);
    }
    return hash;
}

/* The letter of a two-byte escape, 0 for none. */
static unsigned char short_escape(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* How many of the first bytes need no escape. */
static size_t plain_run(const unsigned char *text, size_t len)
{
    return len ? (size_t)(lambdest__next_mark(text, text + len) - text) : 0;
}

size_t lambdest__string_encoded(const unsigned char *text, size_t len)
{
    size_t i, n = len + 2;

    for (i = plain_run(text, len); i < len; i += 1 + plain_run(text + i + 1, len - i - 1))
        n += short_escape(text[i]) ? 1 : 5;
    return n;
}

static unsigned char *put_escape(unsigned char *to, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char letter = short_escape(byte);

    *to++ = '\\';
    if (letter) {
        *to++ = letter;
        return to;
    }
    memcpy(to, "u00", 3);
    to[3] = (unsigned char)digits[byte >> 4];
    to[4] = (unsigned char)digits[byte & 15];
    return to + 5;
}

size_t lambdest__string_encode(const unsigned char *text, size_t len, unsigned char *out)
{
    unsigned char *to = out;
    size_t run;

    *to++ = '"';
    for (;;) {
        run = plain_run(text, len);
        if (run)
            memcpy(to, text, run);
        to += run;
        if (run == len)
            break;
        to = put_escape(to, text[run]);
        text += run + 1;
        len -= run + 1;
    }
    *to++ = '"';
    return (size_t)(to - out);
}
