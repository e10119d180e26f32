#include "json/compact.h"

#include <string.h>

static bool is_space(unsigned char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* Behind the closing quote of the checked string that begins at p. */
static const unsigned char *behind_string(const unsigned char *p)
{
    for (p++; *p != '"'; p++)
        if (*p == '\\')
            p++;
    return p + 1;
}

/* The next run without white space outside strings; *p moves behind it. */
static lambdest__span take_run(const unsigned char **p, const unsigned char *end)
{
    const unsigned char *at = *p;
    lambdest__span run;

    while (at < end && is_space(*at))
        at++;
    run.data = at;
    while (at < end && !is_space(*at))
        at = *at == '"' ? behind_string(at) : at + 1;
    run.len = (size_t)(at - run.data);
    *p = at;
    return run;
}

size_t lambdest__compact_length(lambdest__span text)
{
    const unsigned char *p = text.data, *end = text.data + text.len;
    size_t n = 0;

    while (p < end)
        n += take_run(&p, end).len;
    return n;
}

size_t lambdest__compact(lambdest__span text, unsigned char *out)
{
    const unsigned char *p = text.data, *end = text.data + text.len;
    unsigned char *to = out;

    while (p < end) {
        lambdest__span run = take_run(&p, end);

        if (run.len)
            memcpy(to, run.data, run.len);
        to += run.len;
    }
    return (size_t)(to - out);
}
