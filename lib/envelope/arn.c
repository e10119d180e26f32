#include "envelope/arn.h"

#include <string.h>

static bool is_lower_or_digit(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool fits_place(unsigned char c)
{
    return is_lower_or_digit(c) || c == '-';
}

static bool fits_account(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool fits_name(unsigned char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool fits_qualifier(unsigned char c)
{
    return fits_name(c) || c == '$' || c == '.';
}

/* The text up to the next colon or the end; *rest moves behind the colon. */
static lambdest__span take_part(lambdest__span *rest)
{
    const unsigned char *colon = rest->len ? memchr(rest->data, ':', rest->len) : NULL;
    lambdest__span part = {rest->data, colon ? (size_t)(colon - rest->data) : rest->len};
    size_t taken = part.len + (colon ? 1 : 0);

    rest->data += taken;
    rest->len -= taken;
    return part;
}

static bool take_word(lambdest__span *rest, const char *word)
{
    lambdest__span part = take_part(rest);

    return part.len == strlen(word) && !memcmp(part.data, word, part.len);
}

static bool take(lambdest__span *rest, bool (*fits)(unsigned char), lambdest__span *out)
{
    size_t i;

    *out = take_part(rest);
    for (i = 0; i < out->len; i++)
        if (!fits(out->data[i]))
            return false;
    return out->len > 0;
}

static bool read_parts(lambdest__span text, lambdest__arn *out)
{
    lambdest__span rest = text;

    if (!take_word(&rest, "arn") || !take(&rest, fits_place, &out->partition))
        return false;
    if (!take_word(&rest, "lambda") || !take(&rest, fits_place, &out->region))
        return false;
    if (!take(&rest, fits_account, &out->account) || out->account.len != 12)
        return false;
    if (!take_word(&rest, "function") || !take(&rest, fits_name, &out->name))
        return false;
    if (out->name.data + out->name.len == text.data + text.len)
        return true;
    return take(&rest, fits_qualifier, &out->qualifier) && !rest.len && text.data[text.len - 1] != ':';
}

bool lambdest__arn_read(lambdest__span text, lambdest__arn *out)
{
    memset(out, 0, sizeof *out);
    if (text.len && read_parts(text, out))
        return true;
    memset(out, 0, sizeof *out);
    return false;
}
