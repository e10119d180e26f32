#include "json/string.h"

#include "json/check_string.h"
#include "json/unpack.h"
#include "json/utf8.h"

#include <string.h>

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
    const unsigned char *p = NULL;

    if (*at < inner.len)
        p = memchr(inner.data + *at, '\\', inner.len - *at);
    if (!p)
        return false;
    *begins = (size_t)(p - inner.data);
    *code_point = take_escape(&p, inner.data + inner.len);
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

size_t lambdest__string_decode(lambdest__span inner, unsigned char *out)
{
    const unsigned char *at = inner.data, *end, *mark;
    unsigned char *to = out;

    if (!inner.len)
        return 0;
    for (end = at + inner.len;; at = mark) {
        /*@ split (at - inner.data); */
        mark = lambdest__next_mark(at, end);
        /*@ split (mark - at); */
        memcpy(to, at, (size_t)(mark - at));
        to += mark - at;
        if (mark == end)
            return (size_t)(to - out);
        if (mark[1] == '"' || mark[1] == '\\') {
            *to++ = mark[1];
            mark += 2;
        } else {
            to += lambdest__utf8_put(to, take_escape(&mark, end));
        }
    }
}

#if LAMBDEST__SSE2
/* By 16 bytes while there are as many, the common escapes within them too: where the next 16 begin waits for
 * none of them. Stops at what is to be looked at: the closing quote, another escape or one that is cut, in a
 * text that has not been `checked` what is no plain ASCII; or where fewer bytes are left. */
LAMBDEST__INLINE const unsigned char *copy_blocks(const unsigned char *p, const unsigned char *end,
                                                  unsigned char **out, bool checked)
{
    unsigned char *to = *out;

    for (; end - p >= 16; p += 16) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i quote = _mm_cmpeq_epi8(b, _mm_set1_epi8('"')), slash = _mm_cmpeq_epi8(b, _mm_set1_epi8('\\'));
        __m128i mark = _mm_or_si128(quote, slash);
        unsigned marks, escapes = 0;

        if (!checked) /* bytes are signed here */
            mark = _mm_or_si128(mark, _mm_cmplt_epi8(b, _mm_set1_epi8(0x20)));
        marks = (unsigned)_mm_movemask_epi8(mark);
        _mm_storeu_si128((__m128i *)(void *)to, b);
        while (marks) {
            unsigned n = LAMBDEST__LOW_BIT(marks);
            const unsigned char *at = p + n;
            unsigned char *gap = to + (n - escapes++);

            if (*at != '\\' || n == 15 || end - at < 18 || (at[1] != '"' && at[1] != '\\' && at[1] != 'n')) {
                *out = gap;
                return at;
            }
            *gap = at[1] == 'n' ? '\n' : at[1];
            b = _mm_loadu_si128((const __m128i *)(const void *)(at + 2));
            _mm_storeu_si128((__m128i *)(void *)(gap + 1), b);
            marks &= ~(3u << n);
        }
        to += 16 - escapes;
    }
    *out = to;
    return p;
}
#endif

size_t lambdest__string_decode_at(const unsigned char **p, const unsigned char *end, unsigned char *out)
{
    unsigned char *to = out;
    const unsigned char *at = *p + 1;

    for (;;) {
        /*@ split (at - *p); */
#if LAMBDEST__SSE2
        at = copy_blocks(at, end, &to, true);
#endif
        while (*at != '"' && *at != '\\')
            *to++ = *at++;
        if (*at == '"')
            break;
        if (at[1] == '"' || at[1] == '\\' || at[1] == 'n') {
            *to++ = at[1] == 'n' ? '\n' : at[1];
            at += 2;
        } else {
            to += lambdest__utf8_put(to, take_escape(&at, end));
        }
    }
    *p = at + 1;
    return (size_t)(to - out);
}

const unsigned char *lambdest__string_take(const unsigned char *p, const unsigned char *end,
                                           unsigned char **out, const unsigned char *out_end)
{
    unsigned char *to = *out;

    /* No text is longer than what it is decoded from. */
    if (end - p > out_end - to - LAMBDEST__DECODE_SPARE)
        end = p + (out_end - to - LAMBDEST__DECODE_SPARE);
    for (p++;;) {
#if LAMBDEST__SSE2
        p = copy_blocks(p, end, &to, false);
#endif
        for (; p < end && *p < 0x80 && !(lambdest__byte_kinds[*p] & LAMBDEST__ENDS_RUN); p++)
            *to++ = *p;
        if (p < end && *p == '"')
            break;
        if (end - p < 2 || *p != '\\' || !(lambdest__byte_kinds[p[1]] & LAMBDEST__ESCAPES))
            return NULL;
        *to++ = (unsigned char)take_escape(&p, end);
    }
    *out = to;
    return p + 1;
}

/* Copies up to a backslash or the end; `to` may lie in the text, not behind p, unless it is `apart`. What is
 * not yet read must not be written over: more than is wanted is copied only where it has been. */
LAMBDEST__INLINE unsigned char *copy_run(const unsigned char **p, const unsigned char *end, unsigned char *to,
                                         bool apart)
{
    const unsigned char *at = *p;

#if LAMBDEST__SSE2
    while (end - at >= 16) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned marks = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(b, _mm_set1_epi8('\\')));
        unsigned n = marks ? LAMBDEST__LOW_BIT(marks) : 16;

        if (!apart && at - to < 16 - (ptrdiff_t)n)
            break;
        _mm_storeu_si128((__m128i *)(void *)to, b);
        at += n;
        to += n;
        if (marks) {
            *p = at;
            return to;
        }
    }
#else
    (void)apart;
#endif
    while (LAMBDEST__WORDS && end - at >= 8) {
        uint64_t word = lambdest__word_at(at), slash = word ^ UINT64_C(0x0101010101010101) * '\\';

        if ((slash - UINT64_C(0x0101010101010101)) & ~slash & UINT64_C(0x8080808080808080))
            break;
        memcpy(to, &word, 8);
        at += 8;
        to += 8;
    }
    /*@ split (end - at); */
    while (at < end && *at != '\\')
        *to++ = *at++;
    *p = at;
    return to;
}

/* The escapes at *p, which come one behind the other where texts hold texts that hold texts. */
static unsigned char *put_escapes(const unsigned char **p, const unsigned char *end, unsigned char *to,
                                  unsigned char **lone)
{
    const unsigned char *at = *p;

    while (at < end && *at == '\\') {
        uint32_t c;

        /*@ split (end - at); */
        if (at[1] == '"' || at[1] == '\\') {
            *to++ = at[1];
            at += 2;
            continue;
        }
        c = take_escape(&at, end);
        if (c >= 0xD800 && c <= 0xDFFF && !*lone)
            *lone = to;
        to += lambdest__utf8_put(to, c);
    }
    *p = at;
    return to;
}

/* As far as blocks go: to an escape of another kind than most, or the last bytes. */
LAMBDEST__INLINE unsigned char *unpack_blocks(const unsigned char **p, const unsigned char *end,
                                              unsigned char *to)
{
#if LAMBDEST__HAS_X86
    if (end - *p >= LAMBDEST__UNPACK_LEAST && lambdest__check_has_avx2())
        *p = lambdest__unpack_avx2(*p, end, &to);
#else
    (void)p;
    (void)end;
#endif
    return to;
}

size_t lambdest__string_unpack(lambdest__span inner, unsigned char *out, size_t *lone)
{
    const unsigned char *p = inner.data, *end = inner.data + inner.len;
    bool apart = (uintptr_t)out + inner.len <= (uintptr_t)p || (uintptr_t)out >= (uintptr_t)end;
    unsigned char *to = out, *first_lone = NULL;

    while (p < end) {
        /*@ split (p - inner.data); */
        /*@ split (to - out); */
        to = unpack_blocks(&p, end, to);
        if (p < end && *p != '\\')
            to = copy_run(&p, end, to, apart);
        to = put_escapes(&p, end, to, &first_lone);
    }
    *lone = first_lone ? (size_t)(first_lone - out) : SIZE_MAX;
    return (size_t)(to - out);
}

bool lambdest__string_equals(lambdest__span inner, const void *text, size_t len)
{
    const unsigned char *p = inner.data, *end = inner.data + inner.len;
    const unsigned char *with = text;
    unsigned char room[4] = {0};

    while (p < end) {
        lambdest__span piece;

        /*@ split len; */
        /*@ split (p - inner.data); */
        piece = take_piece(&p, end, room);
        /*@ split piece.len; */
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
    unsigned char p_room[4] = {0}, q_room[4] = {0};
    lambdest__span x = {p, 0}, y = {q, 0};

    for (;;) {
        size_t n;
        int order;

        if (!x.len && p < p_end)
            x = take_piece(&p, p_end, p_room);
        if (!y.len && q < q_end)
            y = take_piece(&q, q_end, q_room);
        /*@ split x.len; */
        /*@ split y.len; */
        /*@ split (p_end - p); */
        /*@ split (q_end - q); */
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
    unsigned char room[4] = {0};
    uint32_t hash = UINT32_C(2166136261);

    while (p < end) {
        lambdest__span piece;
        size_t i;

        /*@ split (p - inner.data); */
        piece = take_piece(&p, end, room);
        /*@ split piece.len; */
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

bool lambdest__string_is_plain(const unsigned char *text, size_t len)
{
    return !len || lambdest__pass_plain(text, text + len) == text + len;
}

size_t lambdest__string_encoded(const unsigned char *text, size_t len)
{
    size_t i, n = len + 2;

    for (i = plain_run(text, len); i < len; i += 1 + plain_run(text + i + 1, len - i - 1))
        /*@ split i; */
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
        /*@ split len; */
        run = plain_run(text, len);
        /*@ split run; */
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
