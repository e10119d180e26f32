#include "json/skip.h"

#include "json/check_string.h"

#if defined(__SSE2__) && !defined(LAMBDEST_PORTABLE)
#include <emmintrin.h>
#endif

/* The next quote or backslash, which is known to come. */
static const unsigned char *next_mark(const unsigned char *p, const unsigned char *end)
{
#if defined(__SSE2__) && !defined(LAMBDEST_PORTABLE)
    for (; end - p >= 16; p += 16) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i quote = _mm_cmpeq_epi8(b, _mm_set1_epi8('"')), slash = _mm_cmpeq_epi8(b, _mm_set1_epi8('\\'));
        int marks = _mm_movemask_epi8(_mm_or_si128(quote, slash));

        if (marks)
            return p + LAMBDEST__LOW_BIT((unsigned)marks);
    }
#else
    for (; LAMBDEST__WORDS && end - p >= 8; p += 8) {
        uint64_t ends = lambdest__ends_in_word(lambdest__word_at(p));

        if (ends)
            return p + LAMBDEST__LOW_BIT(ends) / 8;
    }
#endif
    while (*p != '"' && *p != '\\')
        p++;
    return p;
}

const unsigned char *lambdest__skip_string(const unsigned char *p, const unsigned char *end)
{
    for (p = next_mark(p + 1, end); *p != '"'; p = next_mark(p + 2, end))
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

/* To the next value or name; false at the closing bracket. */
static bool to_next(lambdest__skip *s)
{
    while (s->at < s->end && (*s->at <= ' ' || *s->at == ','))
        s->at++;
    return s->at < s->end && *s->at != ']' && *s->at != '}';
}

bool lambdest__skip_element(lambdest__skip *s, lambdest__span *value)
{
    if (!to_next(s))
        return false;
    value->data = s->at;
    s->at = lambdest__skip_value(s->at, s->end);
    value->len = (size_t)(s->at - value->data);
    return true;
}

bool lambdest__skip_name(lambdest__skip *s, lambdest__span *name)
{
    if (!to_next(s))
        return false;
    name->data = s->at + 1;
    s->at = lambdest__skip_string(s->at, s->end);
    name->len = (size_t)(s->at - name->data) - 1;
    while (*s->at <= ' ' || *s->at == ':')
        s->at++;
    return true;
}
