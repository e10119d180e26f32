#include "carrier/sending.h"

#include "envelope/timestamp.h"

#include <string.h>

static bool fits_place(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* What needs no escape in a JSON string. */
static bool fits_name(lambdest__span name)
{
    size_t i;

    for (i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7F || name.data[i] == '"' || name.data[i] == '\\')
            return false;
    return name.len > 0;
}

/* The text up to the next colon, which *rest moves behind; false if there is none or nothing before it. */
static bool take_part(lambdest__span *rest, lambdest__span *out)
{
    const unsigned char *colon = rest->len ? memchr(rest->data, ':', rest->len) : NULL;
    size_t i;

    if (!colon || colon == rest->data)
        return false;
    out->data = rest->data;
    out->len = (size_t)(colon - rest->data);
    for (i = 0; i < out->len; i++)
        if (!fits_place(out->data[i]))
            return false;
    rest->data += out->len + 1;
    rest->len -= out->len + 1;
    return true;
}

static bool take_word(lambdest__span *rest, const char *word)
{
    lambdest__span part;

    return take_part(rest, &part) && part.len == strlen(word) && !memcmp(part.data, word, part.len);
}

bool lambdest__resource_read(lambdest__span text, const char *service, lambdest__resource *out)
{
    lambdest__span rest = text;

    if (!take_word(&rest, "arn") || !take_part(&rest, &out->partition) || !take_word(&rest, service))
        return false;
    if (!take_part(&rest, &out->region) || !take_part(&rest, &out->account) || !fits_name(rest))
        return false;
    out->arn = text;
    out->name = rest;
    return true;
}

int64_t lambdest__sending_time(const lambdest__sending *s)
{
    int64_t ms;

    if (s->envelope && !lambdest_envelope_integer(s->envelope, LAMBDEST_TIMESTAMP_MS, &ms))
        return ms;
    return s->time_ms;
}

void lambdest__emit_time(lambdest__emit *e, int64_t ms, bool with_ms)
{
    unsigned char text[LAMBDEST__TIMESTAMP_LEN];
    size_t seconds = sizeof "YYYY-MM-DDTHH:MM:SS" - 1;

    lambdest__timestamp_put(ms, text);
    lambdest__emit_raw(e, "\"", 1);
    lambdest__emit_raw(e, text, with_ms ? sizeof text : seconds);
    lambdest__emit_raw(e, with_ms ? "\"" : "Z\"", with_ms ? 1 : 2);
}

void lambdest__emit_words(lambdest__emit *e, const char *name, const char *text)
{
    lambdest__emit_name(e, name);
    lambdest__emit_text(e, text, strlen(text));
}
