#include "json/scan.h"

#include "base/error.h"
#include "base/options.h"
#include "json/check.h"
#include "json/check_string.h"
#include "json/utf8.h"

#include <string.h>

/* One bit a level: set for an object. */
typedef struct nest {
    uint64_t bits[LAMBDEST__DEPTH_LIMIT / 64 + 1]; /* one word more for the levels around a payload */
    uint32_t depth;
} nest;

/* Bytes of a string that need no look: all from space to DEL but the quote and the backslash. */
static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex(unsigned char byte)
{
    unsigned char lower = byte | 0x20;

    return is_digit(byte) || (lower >= 'a' && lower <= 'f');
}

static int fail_at(lambdest__scan *s, size_t at, int code, const char *message)
{
    s->at = at;
    s->code = code;
    s->message = message;
    return code;
}

static int fail_here(lambdest__scan *s, const char *message)
{
    if (s->at >= s->len)
        return fail_at(s, s->len, LAMBDEST_E_SYNTAX, "the text ends early");
    /*@ split s->at; */
    if (lambdest__utf8_sequence(s->text + s->at, s->text + s->len) == LAMBDEST__UTF8_BAD)
        return fail_at(s, s->at, LAMBDEST_E_UTF8, "not UTF-8");
    return fail_at(s, s->at, LAMBDEST_E_SYNTAX, message);
}

static inline void skip_space(lambdest__scan *s)
{
    s->at = (size_t)(lambdest__pass_space(s->text + s->at, s->text + s->len) - s->text);
}

static const unsigned char *skip_plain(const unsigned char *p, const unsigned char *end)
{
    while (p < end && is_plain(*p))
        p++;
    return p;
}

/* At a backslash; leaves the cursor behind the escape. */
static int pass_escape(lambdest__scan *s)
{
    int i;

    s->at++;
    if (s->at >= s->len)
        return fail_here(s, NULL);
    switch (s->text[s->at]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        s->at++;
        return LAMBDEST_OK;
    case 'u':
        s->at++;
        for (i = 0; i < 4; i++, s->at++)
            if (s->at >= s->len || !is_hex(s->text[s->at]))
                return fail_here(s, "\\u needs four hexadecimal digits");
        return LAMBDEST_OK;
    default:
        return fail_here(s, "no such escape");
    }
}

static int pass_wide(lambdest__scan *s)
{
    const unsigned char *p = s->text + s->at, *end = s->text + s->len;

    do {
        int n;

        /*@ split (p - s->text); */
        n = lambdest__utf8_sequence(p, end);
        if (n == LAMBDEST__UTF8_CUT)
            return fail_at(s, s->len, LAMBDEST_E_SYNTAX, "the text ends early");
        if (n == LAMBDEST__UTF8_BAD)
            return fail_at(s, (size_t)(p - s->text), LAMBDEST_E_UTF8, "not UTF-8");
        p += n;
    } while (p < end && *p >= 0x80);
    s->at = (size_t)(p - s->text);
    return LAMBDEST_OK;
}

/* At the opening quote; leaves the cursor behind the closing one. */
static int pass_string(lambdest__scan *s)
{
    int rc;

    s->at++;
    for (;;) {
        unsigned char c;

        s->at = (size_t)(skip_plain(s->text + s->at, s->text + s->len) - s->text);
        if (s->at >= s->len)
            return fail_here(s, NULL);
        c = s->text[s->at];
        if (c == '"') {
            s->at++;
            return LAMBDEST_OK;
        }
        if (c < 0x20)
            return fail_here(s, "a control character in a string");
        rc = c == '\\' ? pass_escape(s) : pass_wide(s);
        if (rc)
            return rc;
    }
}

static int pass_digits(lambdest__scan *s)
{
    if (s->at >= s->len || !is_digit(s->text[s->at]))
        return fail_here(s, "a digit is missing");
    while (s->at < s->len && is_digit(s->text[s->at]))
        s->at++;
    return LAMBDEST_OK;
}

static int pass_number(lambdest__scan *s)
{
    int rc = LAMBDEST_OK;

    if (s->text[s->at] == '-')
        s->at++;
    if (s->at < s->len && s->text[s->at] == '0')
        s->at++;
    else
        rc = pass_digits(s);
    if (!rc && s->at < s->len && s->text[s->at] == '.') {
        s->at++;
        rc = pass_digits(s);
    }
    if (!rc && s->at < s->len && (s->text[s->at] | 0x20) == 'e') {
        s->at++;
        if (s->at < s->len && (s->text[s->at] == '+' || s->text[s->at] == '-'))
            s->at++;
        rc = pass_digits(s);
    }
    return rc;
}

static int pass_word(lambdest__scan *s, const char *word)
{
    for (; *word; word++, s->at++)
        if (s->at >= s->len || s->text[s->at] != (unsigned char)*word)
            return fail_here(s, "a value is missing");
    return LAMBDEST_OK;
}

static int pass_scalar(lambdest__scan *s)
{
    if (s->at >= s->len)
        return fail_here(s, NULL);
    switch (s->text[s->at]) {
    case '"':
        return pass_string(s);
    case 't':
        return pass_word(s, "true");
    case 'f':
        return pass_word(s, "false");
    case 'n':
        return pass_word(s, "null");
    default:
        if (s->text[s->at] == '-' || is_digit(s->text[s->at]))
            return pass_number(s);
        if (s->at == 0 && s->len >= 3 && !memcmp(s->text, "\xEF\xBB\xBF", 3))
            return fail_here(s, "a byte order mark");
        return fail_here(s, "a value is missing");
    }
}

static int pass_quoted(lambdest__scan *s)
{
    skip_space(s);
    if (s->at >= s->len || s->text[s->at] != '"')
        return fail_here(s, "a member name is missing");
    return pass_string(s);
}

static int pass_colon(lambdest__scan *s)
{
    skip_space(s);
    if (s->at >= s->len || s->text[s->at] != ':')
        return fail_here(s, "a colon is missing");
    s->at++;
    return LAMBDEST_OK;
}

static int pass_name(lambdest__scan *s)
{
    int rc = pass_quoted(s);

    return rc ? rc : pass_colon(s);
}

static bool in_object(const nest *n)
{
    return n->bits[(n->depth - 1) / 64] >> (n->depth - 1) % 64 & 1;
}

/* At an opening bracket. */
static int push_level(lambdest__scan *s, nest *n)
{
    uint64_t bit = UINT64_C(1) << n->depth % 64;

    if (n->depth >= s->max_depth)
        return fail_at(s, s->at, LAMBDEST_E_DEPTH, "nested too deeply");
    if (n->depth % 64 == 0)
        n->bits[n->depth / 64] = 0;
    if (s->text[s->at] == '{')
        n->bits[n->depth / 64] |= bit;
    else
        n->bits[n->depth / 64] &= ~bit;
    n->depth++;
    s->at++;
    return LAMBDEST_OK;
}

/* Behind a value, inside a bracket: passes closing brackets, then the comma if there is one. */
static int pass_after(lambdest__scan *s, nest *n)
{
    while (n->depth) {
        bool object;

        /*@ split n->depth; */
        object = in_object(n);
        skip_space(s);
        if (s->at >= s->len)
            return fail_here(s, NULL);
        if (s->text[s->at] == ',') {
            s->at++;
            return object ? pass_name(s) : LAMBDEST_OK;
        }
        if (s->text[s->at] != (object ? '}' : ']'))
            return fail_here(s, object ? "a comma or } is missing" : "a comma or ] is missing");
        s->at++;
        n->depth--;
    }
    return LAMBDEST_OK;
}

/* Opens brackets until a scalar or an empty bracket has been passed. */
static int pass_down(lambdest__scan *s, nest *n)
{
    int rc;

    for (;;) {
        unsigned char bracket;

        skip_space(s);
        bracket = s->at < s->len ? s->text[s->at] : 0;
        if (bracket != '{' && bracket != '[')
            return pass_scalar(s);
        /*@ split n->depth; */
        rc = push_level(s, n);
        if (rc)
            return rc;
        skip_space(s);
        if (s->at < s->len && s->text[s->at] == bracket + 2) {
            s->at++;
            n->depth--;
            return LAMBDEST_OK;
        }
        if (bracket == '{' && (rc = pass_name(s)))
            return rc;
    }
}

int lambdest__scan_slowly(lambdest__scan *s)
{
    nest n;
    int rc;

    n.depth = 0;
    do {
        rc = pass_down(s, &n);
        if (!rc)
            rc = pass_after(s, &n);
    } while (!rc && n.depth);
    return rc;
}

int lambdest__scan_value(lambdest__scan *s)
{
    const unsigned char *end = s->text + s->len, *behind = NULL;

    skip_space(s);
    if (s->at < s->len)
        behind = lambdest__check(s->text, s->text + s->at, end, s->max_depth);
    if (!behind)
        return lambdest__scan_slowly(s);
    s->at = (size_t)(behind - s->text);
    return LAMBDEST_OK;
}

void lambdest__scan_init(lambdest__scan *s, const char *text, size_t len, uint32_t max_depth)
{
    s->text = (const unsigned char *)(text ? text : "");
    s->len = len;
    s->at = 0;
    s->message = NULL;
    s->code = LAMBDEST_OK;
    s->max_depth = max_depth;
    s->fresh = false;
}

int lambdest__scan_peek(lambdest__scan *s)
{
    skip_space(s);
    return s->at < s->len ? s->text[s->at] : -1;
}

int lambdest__scan_slice(lambdest__scan *s, lambdest__span *value, lambdest__span *outer)
{
    size_t outer_from = s->at, from;
    int rc;

    skip_space(s);
    from = s->at;
    rc = lambdest__scan_value(s);
    if (rc)
        return rc;
    value->data = s->text + from;
    value->len = s->at - from;
    skip_space(s);
    outer->data = s->text + outer_from;
    outer->len = s->at - outer_from;
    return LAMBDEST_OK;
}

int lambdest__scan_open(lambdest__scan *s, unsigned char bracket)
{
    if (lambdest__scan_peek(s) != bracket)
        return fail_here(s, bracket == '{' ? "an object is missing" : "an array is missing");
    s->at++;
    s->fresh = true;
    return LAMBDEST_OK;
}

int lambdest__scan_more(lambdest__scan *s, unsigned char bracket, bool *more)
{
    size_t from = s->at;
    bool fresh = s->fresh;
    int c = lambdest__scan_peek(s);

    s->fresh = false;
    *more = false;
    if (c == bracket + 2) {
        s->at++;
        return LAMBDEST_OK;
    }
    if (!fresh && c != ',')
        return fail_here(s, bracket == '{' ? "a comma or } is missing" : "a comma or ] is missing");
    s->at = fresh ? from : s->at + 1; /* white space before an element is its own */
    *more = true;
    return LAMBDEST_OK;
}

/* A name and its colon where nothing is wrong with them, all is ASCII and nothing escaped. */
static bool pass_plain_name(lambdest__scan *s, lambdest__span *name)
{
    const unsigned char *p = s->text + s->at, *end = s->text + s->len;

    if (p >= end || *p != '"')
        return false;
    name->data = p + 1;
    p = lambdest__pass_plain(p + 1, end);
    if (p >= end || *p != '"')
        return false;
    name->len = (size_t)(p - name->data);
    p = lambdest__pass_space(p + 1, end);
    if (p >= end || *p != ':')
        return false;
    s->at = (size_t)(p + 1 - s->text);
    return true;
}

int lambdest__scan_name(lambdest__scan *s, lambdest__span *name)
{
    size_t from;
    int rc;

    skip_space(s);
    if (pass_plain_name(s, name))
        return LAMBDEST_OK;
    from = s->at + 1;
    /*@ split from; */
    rc = pass_quoted(s);
    if (rc)
        return rc;
    name->data = s->text + from;
    name->len = s->at - from - 1;
    return pass_colon(s);
}

int lambdest__scan_end(lambdest__scan *s)
{
    skip_space(s);
    return s->at < s->len ? fail_here(s, "text after the value") : LAMBDEST_OK;
}

int lambdest__scan_text(const char *text, size_t len, uint32_t max_depth, lambdest__span *value,
                        lambdest_error *err)
{
    lambdest__span inner, outer;
    lambdest__scan s;
    int rc;

    lambdest__scan_init(&s, text, len, max_depth);
    rc = lambdest__scan_slice(&s, &inner, &outer);
    if (!rc)
        rc = lambdest__scan_end(&s);
    if (rc)
        return lambdest__scan_error(&s, "", err);
    if (value)
        *value = inner;
    return LAMBDEST_OK;
}

int lambdest__scan_error(const lambdest__scan *s, const char *where, lambdest_error *err)
{
    return lambdest__fail(err, s->code, s->at, s->message, where);
}
