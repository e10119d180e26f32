#include "envelope/arn.h"

#include <string.h>

enum {
    PLACE = 1, /* of a partition or region */
    ACCOUNT = 2,
    NAME_BYTE = 4,
    QUALIFIER = 8,
    DIGIT = PLACE | ACCOUNT | NAME_BYTE | QUALIFIER,
    LOWER = PLACE | NAME_BYTE | QUALIFIER,
    UPPER = NAME_BYTE | QUALIFIER
};

#define FIVE(kind) kind, kind, kind, kind, kind
#define LETTERS(kind) FIVE(kind), FIVE(kind), FIVE(kind), FIVE(kind), FIVE(kind), kind

static const unsigned char byte_kinds[256] = {
    ['$'] = QUALIFIER, ['-'] = LOWER,          ['.'] = QUALIFIER, ['0'] = FIVE(DIGIT),
    FIVE(DIGIT),       ['A'] = LETTERS(UPPER), ['_'] = UPPER,     ['a'] = LETTERS(LOWER),
};

/* Behind the bytes of a kind. */
static inline const unsigned char *pass(const unsigned char *p, const unsigned char *end, int kind)
{
    for (; end - p >= 4; p += 4) {
        if (!(byte_kinds[p[0]] & kind))
            return p;
        if (!(byte_kinds[p[1]] & kind))
            return p + 1;
        if (!(byte_kinds[p[2]] & kind))
            return p + 2;
        if (!(byte_kinds[p[3]] & kind))
            return p + 3;
    }
    while (p < end && byte_kinds[*p] & kind)
        p++;
    return p;
}

/* One byte or more of a kind at p; returns the place behind them, NULL if there are none. */
static inline const unsigned char *take_arn_part(const unsigned char *p, const unsigned char *end, int kind,
                                                 lambdest__span *out)
{
    const unsigned char *behind = pass(p, end, kind);

    out->data = p;
    out->len = (size_t)(behind - p);
    return out->len ? behind : NULL;
}

/* Behind these bytes, or NULL; p may be NULL. */
static inline const unsigned char *take_text(const unsigned char *p, const unsigned char *end,
                                             const char *text, size_t len)
{
    return p && (size_t)(end - p) >= len && !memcmp(p, text, len) ? p + len : NULL;
}

static bool read_parts(const unsigned char *p, const unsigned char *end, lambdest__arn *out)
{
    p = take_text(p, end, "arn:", 4);
    if (p)
        p = take_arn_part(p, end, PLACE, &out->partition);
    p = take_text(p, end, ":lambda:", 8);
    if (p)
        p = take_arn_part(p, end, PLACE, &out->region);
    p = take_text(p, end, ":", 1);
    if (p)
        p = take_arn_part(p, end, ACCOUNT, &out->account);
    p = take_text(p, end, ":function:", 10);
    if (!p || out->account.len != 12)
        return false;
    p = take_arn_part(p, end, NAME_BYTE, &out->name);
    if (!p || p == end)
        return p;
    p = take_text(p, end, ":", 1);
    return p && take_arn_part(p, end, QUALIFIER, &out->qualifier) == end;
}

bool lambdest__arn_read(lambdest__span text, lambdest__arn *out)
{
    out->qualifier.data = NULL;
    out->qualifier.len = 0;
    if (text.len && read_parts(text.data, text.data + text.len, out))
        return true;
    memset(out, 0, sizeof *out);
    return false;
}
