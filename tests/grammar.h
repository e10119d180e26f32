/* RFC 8259 and the table 3-7 of the Unicode Standard once more, as they are written, for short texts. */
#ifndef LAMBDEST_TESTS_GRAMMAR_H
#define LAMBDEST_TESTS_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A rule passes what it describes from *p on and tells whether it is there. */
static bool grammar_value(const unsigned char **p, const unsigned char *end);

static void grammar_ws(const unsigned char **p, const unsigned char *end)
{
    while (*p < end && (**p == 0x20 || **p == 0x09 || **p == 0x0A || **p == 0x0D))
        ++*p;
}

static bool grammar_char(const unsigned char **p, const unsigned char *end, unsigned char from,
                         unsigned char to)
{
    return *p < end && **p >= from && **p <= to && ++*p;
}

static bool grammar_digits(const unsigned char **p, const unsigned char *end)
{
    if (!grammar_char(p, end, '0', '9'))
        return false;
    while (grammar_char(p, end, '0', '9')) {
    }
    return true;
}

static bool grammar_number(const unsigned char **p, const unsigned char *end)
{
    grammar_char(p, end, '-', '-');
    if (!grammar_char(p, end, '0', '0') && !grammar_digits(p, end))
        return false;
    if (grammar_char(p, end, '.', '.') && !grammar_digits(p, end))
        return false;
    if (grammar_char(p, end, 'e', 'e') || grammar_char(p, end, 'E', 'E')) {
        if (!grammar_char(p, end, '+', '+'))
            grammar_char(p, end, '-', '-');
        return grammar_digits(p, end);
    }
    return true;
}

/* The nine rows of table 3-7. */
static bool grammar_utf8(const unsigned char **p, const unsigned char *end)
{
    static const struct {
        unsigned char first, last, from[3], to[3];
        int more;
    } rows[] = {
        {0x00, 0x7F, {0}, {0}, 0},
        {0xC2, 0xDF, {0x80}, {0xBF}, 1},
        {0xE0, 0xE0, {0xA0, 0x80}, {0xBF, 0xBF}, 2},
        {0xE1, 0xEC, {0x80, 0x80}, {0xBF, 0xBF}, 2},
        {0xED, 0xED, {0x80, 0x80}, {0x9F, 0xBF}, 2},
        {0xEE, 0xEF, {0x80, 0x80}, {0xBF, 0xBF}, 2},
        {0xF0, 0xF0, {0x90, 0x80, 0x80}, {0xBF, 0xBF, 0xBF}, 3},
        {0xF1, 0xF3, {0x80, 0x80, 0x80}, {0xBF, 0xBF, 0xBF}, 3},
        {0xF4, 0xF4, {0x80, 0x80, 0x80}, {0x8F, 0xBF, 0xBF}, 3},
    };
    size_t i;
    int k;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (grammar_char(p, end, rows[i].first, rows[i].last)) {
            for (k = 0; k < rows[i].more; k++)
                if (!grammar_char(p, end, rows[i].from[k], rows[i].to[k]))
                    return false;
            return true;
        }
    return false;
}

static bool grammar_string(const unsigned char **p, const unsigned char *end)
{
    int i;

    if (!grammar_char(p, end, '"', '"'))
        return false;
    while (*p < end && **p != '"') {
        if (**p < 0x20)
            return false;
        if (!grammar_char(p, end, '\\', '\\')) {
            if (!grammar_utf8(p, end))
                return false;
        } else if (grammar_char(p, end, 'u', 'u')) {
            for (i = 0; i < 4; i++)
                if (!grammar_char(p, end, '0', '9') && !grammar_char(p, end, 'a', 'f') &&
                    !grammar_char(p, end, 'A', 'F'))
                    return false;
        } else if (*p == end || !**p || !strchr("\"\\/bfnrt", *(*p)++)) {
            return false;
        }
    }
    return grammar_char(p, end, '"', '"');
}

static bool grammar_list(const unsigned char **p, const unsigned char *end, bool object)
{
    unsigned char close = object ? '}' : ']';

    ++*p;
    grammar_ws(p, end);
    if (grammar_char(p, end, close, close))
        return true;
    do {
        grammar_ws(p, end);
        if (object) {
            if (!grammar_string(p, end))
                return false;
            grammar_ws(p, end);
            if (!grammar_char(p, end, ':', ':'))
                return false;
        }
        if (!grammar_value(p, end))
            return false;
    } while (grammar_char(p, end, ',', ','));
    return grammar_char(p, end, close, close);
}

/* ws value ws */
static bool grammar_value(const unsigned char **p, const unsigned char *end)
{
    static const char *const words[] = {"null", "true", "false"};
    bool good = false;
    size_t i;

    grammar_ws(p, end);
    if (*p == end)
        return false;
    if (**p == '{' || **p == '[')
        good = grammar_list(p, end, **p == '{');
    else if (**p == '"')
        good = grammar_string(p, end);
    else if (**p == '-' || (**p >= '0' && **p <= '9'))
        good = grammar_number(p, end);
    for (i = 0; !good && i < 3; i++)
        if ((size_t)(end - *p) >= strlen(words[i]) && !memcmp(*p, words[i], strlen(words[i]))) {
            *p += strlen(words[i]);
            good = true;
        }
    grammar_ws(p, end);
    return good;
}

/* Whether the whole text is one JSON value. */
static bool grammar_is_json(const unsigned char *text, size_t len)
{
    const unsigned char *p = text;

    return grammar_value(&p, text + len) && p == text + len;
}

#endif
