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
static const unsigned char *pass(const unsigned char *p, const unsigned char *end, int kind)
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

/* One byte or more of a kind, up to a colon, which is passed, or the end. */
static bool take_arn_part(lambdest__span *rest, int kind, lambdest__span *out)
{
    const unsigned char *end = rest->data + rest->len, *p = pass(rest->data, end, kind);

    out->data = rest->data;
    out->len = (size_t)(p - rest->data);
    if (p < end && *p++ != ':')
        return false;
    rest->data = p;
    rest->len = (size_t)(end - p);
    return out->len > 0;
}

static inline bool take_text(lambdest__span *rest, const char *text, size_t len)
{
    if (rest->len < len || memcmp(rest->data, text, len))
        return false;
    rest->data += len;
    rest->len -= len;
    return true;
}

static bool read_parts(lambdest__span text, lambdest__arn *out)
{
    lambdest__span rest = text;

    if (!take_text(&rest, "arn:", 4) || !take_arn_part(&rest, PLACE, &out->partition))
        return false;
    if (!take_text(&rest, "lambda:", 7) || !take_arn_part(&rest, PLACE, &out->region))
        return false;
    if (!take_arn_part(&rest, ACCOUNT, &out->account) || out->account.len != 12)
        return false;
    if (!take_text(&rest, "function:", 9) || !take_arn_part(&rest, NAME_BYTE, &out->name))
        return false;
    if (out->name.data + out->name.len == text.data + text.len)
        return true;
    return take_arn_part(&rest, QUALIFIER, &out->qualifier) && !rest.len && text.data[text.len - 1] != ':';
}

bool lambdest__arn_read(lambdest__span text, lambdest__arn *out)
{
    memset(out, 0, sizeof *out);
    if (text.len && read_parts(text, out))
        return true;
    memset(out, 0, sizeof *out);
    return false;
}
