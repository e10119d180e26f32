#include "json/skip.h"

#include "json/check_string.h"

const unsigned char *lambdest__skip_string(const unsigned char *p, const unsigned char *end)
{
    for (p = lambdest__next_mark(p + 1, end); *p != '"'; p = lambdest__next_mark(p + 2, end))
        ;
    return p + 1;
}

static bool ends_scalar(unsigned char c)
{
    return c == ',' || c == ']' || c == '}' || c <= ' ';
}

const unsigned char *lambdest__skip_value(const unsigned char *p, const unsigned char *end)
{
    size_t depth = 0;

    do {
        switch (*p) {
        case '"':
            p = lambdest__skip_string(p, end);
            break;
        case '[':
        case '{':
            depth++;
            p++;
            break;
        case ']':
        case '}':
            depth--;
            p++;
            break;
        case ',':
        case ':':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            p++;
            break;
        default:
            while (p < end && !ends_scalar(*p))
                p++;
        }
    } while (depth);
    return p;
}

lambdest__skip lambdest__skip_into(lambdest__span value)
{
    lambdest__skip s = {value.data + 1, value.data + value.len - 1};

    return s;
}

bool lambdest__skip_to_next(lambdest__skip *s)
{
    while (s->at < s->end && (*s->at <= ' ' || *s->at == ','))
        s->at++;
    return s->at < s->end && *s->at != ']' && *s->at != '}';
}

bool lambdest__skip_element(lambdest__skip *s, lambdest__span *value)
{
    if (!lambdest__skip_to_next(s))
        return false;
    value->data = s->at;
    s->at = lambdest__skip_value(s->at, s->end);
    value->len = (size_t)(s->at - value->data);
    return true;
}

bool lambdest__skip_name(lambdest__skip *s, lambdest__span *name)
{
    if (!lambdest__skip_to_next(s))
        return false;
    name->data = s->at + 1;
    s->at = lambdest__skip_string(s->at, s->end);
    name->len = (size_t)(s->at - name->data) - 1;
    while (*s->at <= ' ' || *s->at == ':')
        s->at++;
    return true;
}
