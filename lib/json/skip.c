#include "json/skip.h"

#include <string.h>

#include "json/check_string.h"
#include "json/string.h"

#if LAMBDEST__SSE2
/* Behind the next quote that no backslash escapes, by 16 bytes; what stands behind a backslash is passed
 * within them. Fewer than 16 bytes before the end, where that is. */
static const unsigned char *pass_quote(const unsigned char *p, const unsigned char *end, bool *found)
{
    while (end - p >= 16) {
        unsigned marks = lambdest__ends_in_16(p), at = 0;

        while (marks) {
            at = LAMBDEST__LOW_BIT(marks);
            if (p[at] == '"') {
                *found = true;
                return p + at + 1;
            }
            marks &= ~(3u << at);
            at += 2;
        }
        p += at > 16 ? at : 16;
    }
    return p;
}
#endif

const unsigned char *lambdest__skip_string(const unsigned char *p, const unsigned char *end)
{
    p++;
#if LAMBDEST__SSE2
    {
        bool found = false;

        p = pass_quote(p, end, &found);
        if (found)
            return p;
    }
#endif
    for (p = lambdest__next_mark(p, end); *p != '"'; p = lambdest__next_mark(p + 2, end))
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

lambdest__span lambdest__skip_find(lambdest__span object, const char *wanted)
{
    lambdest__span name, value, found = {NULL, 0};
    lambdest__skip s;

    if (!object.len || *object.data != '{')
        return found;
    s = lambdest__skip_into(object);
    while (lambdest__skip_name(&s, &name)) {
        lambdest__skip_element(&s, &value);
        if (lambdest__string_equals(name, wanted, strlen(wanted)))
            found = value;
    }
    return found;
}
