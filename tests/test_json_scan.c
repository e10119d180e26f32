#include "grammar.h"
#include "support.h"

#include "base/options.h"
#include "json/scan.h"
#include "json/string.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    S = LAMBDEST_E_SYNTAX,
    U = LAMBDEST_E_UTF8,
    D = LAMBDEST_E_DEPTH,
    DEPTH = 512
};

/* A text with every kind of token in it. */
static const char sample[] =
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:21:33.700Z\",\"requestContext\":{\"requestId\":"
    "\"77c1e5d0-9f1e\",\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST\","
    "\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3},\n\t\"requestPayload\": {\"a\" : "
    "-1.50e+2 , "
    "\"b\":[ true,false , null,[],{}, 0 ],\"caf\xC3\xA9 \xE2\x82\xAC\":\"\xF0\x9F\x98\x80 "
    "\\u00e9\\ud83d\\ude00"
    "\\\"\\\\\\/\\b\\n\"}\r\n,\"responseContext\":{\"statusCode\":200,\"functionError\":null},"
    "\"responsePayload\":[10,-0,1e5,\"\"]} ";

/* ---- the whole text, and the same text member by member ---- */

typedef struct finding {
    int code;
    uint64_t offset;
} finding;

/* What reads byte by byte finds the same, also where nothing is wrong and it would not be asked. */
static void expect_slowly(const char *text, size_t len, uint32_t max_depth, finding f)
{
    lambdest__scan s;
    int rc;

    lambdest__scan_init(&s, text, len, max_depth);
    lambdest__scan_peek(&s);
    rc = lambdest__scan_slowly(&s);
    if (!rc)
        rc = lambdest__scan_end(&s);
    if (rc != f.code || (rc && s.at != f.offset))
        fail_msg("code %d at %llu, slowly %d at %zu: %.*s", f.code, (unsigned long long)f.offset, rc, s.at,
                 (int)(len < 200 ? len : 200), text);
}

/* Scans a copy that ends where its block ends. */
static finding scan_deep(const void *data, size_t len, uint32_t max_depth)
{
    char *text = support_exact(data, len);
    lambdest__span value = {NULL, 0};
    lambdest_error err;
    finding f;

    memset(&err, 0xEE, sizeof err);
    f.code = lambdest__scan_text(text, len, max_depth, &value, &err);
    f.offset = f.code ? err.offset : 0;
    if (f.code) {
        support_expect_error(&err, f.code, err.offset, "");
        assert_in_range(f.offset, 0, len);
        assert_null(value.data);
    } else {
        assert_true(value.len > 0 && (const char *)value.data >= text);
        assert_in_range((const char *)value.data + value.len - text, 1, len);
    }
    expect_slowly(text, len, max_depth, f);
    free(text);
    return f;
}

static finding scan(const void *text, size_t len)
{
    return scan_deep(text, len, DEPTH);
}

static bool is_blank(const unsigned char *from, const unsigned char *to)
{
    for (; from < to; from++)
        if (!strchr(" \t\r\n", *from) || !*from)
            return false;
    return true;
}

/* `outer` begins behind a bracket, comma or colon, or at the text's begin, and ends likewise. */
static void check_outer(const lambdest__scan *s, lambdest__span value, lambdest__span outer)
{
    const unsigned char *end = outer.data + outer.len;

    assert_true(is_blank(outer.data, value.data));
    assert_true(is_blank(value.data + value.len, end));
    assert_true(outer.data == s->text || strchr("[,:", outer.data[-1]));
    assert_ptr_equal(end, s->text + s->at);
}

static json_t *name_of(lambdest__span name)
{
    unsigned char *decoded = (unsigned char *)support_exact(name.data, name.len);
    json_t *text = json_stringn((const char *)decoded, lambdest__string_decode(name, decoded));

    free(decoded);
    return text;
}

static json_t *walk(lambdest__scan *s, bool build);

static json_t *walk_scalar(lambdest__scan *s, bool build)
{
    lambdest__span value, outer;
    json_t *json;

    if (lambdest__scan_slice(s, &value, &outer))
        return NULL;
    check_outer(s, value, outer);
    if (!build)
        return json_null();
    json = json_loadb((const char *)value.data, value.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(json);
    return json;
}

/* One member or element into `into`. */
static bool walk_member(lambdest__scan *s, bool build, bool named, json_t *into)
{
    lambdest__span name = {NULL, 0};
    json_t *key = NULL, *child;

    if (named && lambdest__scan_name(s, &name))
        return false;
    child = walk(s, build);
    if (!child)
        return false;
    if (!build)
        return true;
    if (named)
        key = name_of(name);
    assert_int_equal(named ? json_object_set_new(into, json_string_value(key), child)
                           : json_array_append_new(into, child),
                     0);
    json_decref(key);
    return true;
}

/* Opens every bracket by its own and, if told to, builds what jansson would; NULL after a failure. */
static json_t *walk(lambdest__scan *s, bool build)
{
    size_t from = s->at;
    int bracket = lambdest__scan_peek(s);
    json_t *json;
    bool more;

    s->at = from; /* what was passed to look ahead belongs to the slice */
    if (bracket != '{' && bracket != '[')
        return walk_scalar(s, build);
    assert_int_equal(lambdest__scan_open(s, (unsigned char)bracket), LAMBDEST_OK);
    json = !build ? json_null() : bracket == '{' ? json_object() : json_array();
    for (;;) {
        int rc = lambdest__scan_more(s, (unsigned char)bracket, &more);

        if (!rc && !more)
            return json;
        if (rc || !walk_member(s, build, bracket == '{', json))
            break;
    }
    json_decref(json);
    return NULL;
}

static finding walk_text(const void *data, size_t len)
{
    char *text = support_exact(data, len);
    finding f = {LAMBDEST_OK, 0};
    lambdest__scan s;
    json_t *json;

    lambdest__scan_init(&s, text, len, DEPTH);
    json = walk(&s, false);
    json_decref(json);
    if (!json || lambdest__scan_end(&s)) {
        assert_true(s.code < 0 && s.message && *s.message);
        f.code = s.code;
        f.offset = s.at;
    }
    free(text);
    return f;
}

/* ---- what must hold of any text ---- */

/* What stands before the offending byte can still become JSON, and the byte is why the text cannot: so the
 * text cut before it only ends early, if it is not whole already, and cut behind it fails at the same place.
 * A bad UTF-8 sequence may need more bytes than one to show. */
static void check_offset(const char *text, size_t len, finding f)
{
    finding before = scan(text, (size_t)f.offset), behind;

    if (before.code) {
        assert_int_equal(before.code, S);
        assert_int_equal(before.offset, f.offset);
    }
    if (f.offset == len || f.code == U)
        return;
    behind = scan(text, (size_t)f.offset + 1);
    assert_int_equal(behind.code, f.code);
    assert_int_equal(behind.offset, f.offset);
}

/* Agrees with jansson, and with itself in both ways of reading. */
static finding check_text(const char *text, size_t len)
{
    finding f = scan(text, len), walked = walk_text(text, len);
    enum support_verdict verdict = support_jansson(text, len);

    if (verdict != SUPPORT_UNTOLD && (f.code == LAMBDEST_OK) != (verdict == SUPPORT_VALID))
        fail_msg("code %d at %llu, jansson says %d: %.*s", f.code, (unsigned long long)f.offset, verdict,
                 (int)len, text);
    if (walked.code != f.code || walked.offset != f.offset)
        fail_msg("code %d at %llu, by members %d at %llu: %.*s", f.code, (unsigned long long)f.offset,
                 walked.code, (unsigned long long)walked.offset, (int)len, text);
    if (f.code)
        check_offset(text, len, f);
    return f;
}

/* ---- by hand, from RFC 8259 ---- */

#define TEXT(literal) (literal), sizeof(literal) - 1

static void accepts_what_the_rfc_allows(void **state)
{
    static const struct {
        const char *text;
        size_t len, from, value_len;
    } rows[] = {
        {TEXT("null"), 0, 4},
        {TEXT(" true"), 1, 4},
        {TEXT("\tfalse\r\n"), 1, 5},
        {TEXT("0"), 0, 1},
        {TEXT("-0"), 0, 2},
        {TEXT("10 "), 0, 2},
        {TEXT("0.0"), 0, 3},
        {TEXT("1.50e-07"), 0, 8},
        {TEXT("-12E+3"), 0, 6},
        {TEXT("0e0"), 0, 3},
        {TEXT("\"\""), 0, 2},
        {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uFFff\""), 0, 30},
        {TEXT("\"\x20\x7F\xC2\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\""), 0, 13},
        {TEXT("\"\xE2\x80\xA8\xEF\xBB\xBF\""), 0, 8},
        {TEXT("[]"), 0, 2},
        {TEXT(" [ ] "), 1, 3},
        {TEXT("{ }"), 0, 3},
        {TEXT("[1,\"a\",null]"), 0, 12},
        {TEXT("[[[]],{}]"), 0, 9},
        {TEXT("\n{ \"a\" : 1 , \"b\" : [ ] }\n"), 1, 23},
        {TEXT("{\"\":{\"\":{}}}"), 0, 12},
        {TEXT("{\"a\":1,\"a\":2}"), 0, 13},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lambdest__span value;
        int rc = lambdest__scan_text(rows[i].text, rows[i].len, DEPTH, &value, NULL);

        if (rc)
            fail_msg("code %d: %s", rc, rows[i].text);
        assert_ptr_equal(value.data, rows[i].text + rows[i].from);
        assert_int_equal(value.len, rows[i].value_len);
        assert_int_equal(check_text(rows[i].text, rows[i].len).code, LAMBDEST_OK);
        assert_int_equal(support_jansson(rows[i].text, rows[i].len), SUPPORT_VALID);
    }
}

/* RFC 8259 allows them, jansson holds none of them, and a payload may have them. */
static void accepts_what_jansson_cannot_hold(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
        {TEXT("\"\\ud83d\"")},
        {TEXT("\"\\ude00\"")},
        {TEXT("\"\\ude00\\ud83d\"")},
        {TEXT("\"\\ud83d\\ud83d\\ude00\"")},
        {TEXT("\"\\uD800x\"")},
        {TEXT("{\"a\\u0000b\":1}")},
        {TEXT("9223372036854775808")},
        {TEXT("-9223372036854775809")},
        {TEXT("[12345678901234567890123456789012345678901234567890]")},
        {TEXT("1E400")},
        {TEXT("-1e999999999999999999999999999999")},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(check_text(rows[i].text, rows[i].len).code, LAMBDEST_OK);
        assert_int_equal(support_jansson(rows[i].text, rows[i].len), SUPPORT_UNTOLD);
    }
}

typedef struct malformed {
    const char *text;
    size_t len;
    int code;
    uint64_t offset;
} malformed;

static void expect_malformed(const malformed *rows, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const malformed *row = &rows[i];
        finding f = scan(row->text, row->len), walked = walk_text(row->text, row->len);

        if (f.code != row->code || f.offset != row->offset)
            fail_msg("row %zu, %s: code %d at %llu", i, row->text, f.code, (unsigned long long)f.offset);
        assert_int_equal(walked.code, row->code);
        assert_int_equal(walked.offset, row->offset);
        if (support_jansson(row->text, row->len) != SUPPORT_INVALID)
            fail_msg("row %zu, %s: jansson takes it", i, row->text);
    }
}

static void refuses_malformed_scalars(void **state)
{
    static const malformed rows[] = {
        {TEXT(""), S, 0},
        {TEXT("  \n"), S, 3},
        {TEXT("nul"), S, 3},
        {TEXT("nulx"), S, 3},
        {TEXT("nullx"), S, 4},
        {TEXT("truE"), S, 3},
        {TEXT("True"), S, 0},
        {TEXT("fals\0"), S, 4},
        {TEXT("NaN"), S, 0},
        {TEXT("Infinity"), S, 0},
        {TEXT("-Infinity"), S, 1},
        {TEXT("undefined"), S, 0},
        {TEXT("+1"), S, 0},
        {TEXT("-"), S, 1},
        {TEXT("- 1"), S, 1},
        {TEXT("--1"), S, 1},
        {TEXT("01"), S, 1},
        {TEXT("-01"), S, 2},
        {TEXT("00"), S, 1},
        {TEXT("1."), S, 2},
        {TEXT("1.x"), S, 2},
        {TEXT(".5"), S, 0},
        {TEXT("1.e1"), S, 2},
        {TEXT("1e"), S, 2},
        {TEXT("1e+"), S, 3},
        {TEXT("1e+-1"), S, 3},
        {TEXT("1ex"), S, 2},
        {TEXT("1e1.5"), S, 3},
        {TEXT("0x10"), S, 1},
        {TEXT("1_000"), S, 1},
        {TEXT("1,"), S, 1},
        {TEXT("1 2"), S, 2},
        {TEXT("1d5"), S, 1},
        {TEXT("[1d5]"), S, 2},
        {TEXT("[1D5]"), S, 2},
        {TEXT("1:"), S, 1},
        {TEXT("null null"), S, 5},
        {TEXT("\"a\"\"b\""), S, 3},
        {TEXT("'a'"), S, 0},
        {TEXT("1//"), S, 1},
        {TEXT("/**/1"), S, 0},
        {TEXT("#"), S, 0},
        {TEXT("\v1"), S, 0},
        {TEXT("\f1"), S, 0},
        {TEXT("1\v"), S, 1},
        {TEXT("\xC2\xA0"
              "1"),
         S, 0},
        {TEXT("1\xE2\x80\xA8"), S, 1},
    };

    (void)state;
    expect_malformed(rows, sizeof rows / sizeof rows[0]);
}

static void refuses_malformed_brackets(void **state)
{
    static const malformed rows[] = {
        {TEXT("["), S, 1},
        {TEXT("[ "), S, 2},
        {TEXT("]"), S, 0},
        {TEXT("[]]"), S, 2},
        {TEXT("[1"), S, 2},
        {TEXT("[1,"), S, 3},
        {TEXT("[1,]"), S, 3},
        {TEXT("[,1]"), S, 1},
        {TEXT("[,]"), S, 1},
        {TEXT("[1,,2]"), S, 3},
        {TEXT("[1 2]"), S, 3},
        {TEXT("[1:2]"), S, 2},
        {TEXT("[1}"), S, 2},
        {TEXT("[}"), S, 1},
        {TEXT("[] []"), S, 3},
        {TEXT("[[1}]"), S, 3},
        {TEXT("{"), S, 1},
        {TEXT("}"), S, 0},
        {TEXT("{]"), S, 1},
        {TEXT("{,}"), S, 1},
        {TEXT("{1}"), S, 1},
        {TEXT("{a:1}"), S, 1},
        {TEXT("{'a':1}"), S, 1},
        {TEXT("{null:1}"), S, 1},
        {TEXT("{[]:1}"), S, 1},
        {TEXT("{\"a"), S, 3},
        {TEXT("{\"a\""), S, 4},
        {TEXT("{\"a\"}"), S, 4},
        {TEXT("{\"a\",1}"), S, 4},
        {TEXT("{\"a\" 1}"), S, 5},
        {TEXT("{\"a\":"), S, 5},
        {TEXT("{\"a\":}"), S, 5},
        {TEXT("{\"a\"::1}"), S, 5},
        {TEXT("{\"a\":1"), S, 6},
        {TEXT("{\"a\":1]"), S, 6},
        {TEXT("{\"a\":1:2}"), S, 6},
        {TEXT("{\"a\":1,"), S, 7},
        {TEXT("{\"a\":1,}"), S, 7},
        {TEXT("{\"a\":1,,}"), S, 7},
        {TEXT("{\"a\":1,2}"), S, 7},
        {TEXT("{\"a\":1 \"b\":2}"), S, 7},
        {TEXT("{\"a\":1}}"), S, 7},
        {TEXT("[{\"a\":[1,{\"b\":nul}]}]"), S, 17},
    };

    (void)state;
    expect_malformed(rows, sizeof rows / sizeof rows[0]);
}

static void refuses_malformed_strings(void **state)
{
    static const malformed rows[] = {
        {TEXT("\""), S, 1},
        {TEXT("\"abc"), S, 4},
        {TEXT("\"\\"), S, 2},
        {TEXT("\"\\\""), S, 3},
        {TEXT("\"\\x41\""), S, 2},
        {TEXT("\"\\'\""), S, 2},
        {TEXT("\"\\U0041\""), S, 2},
        {TEXT("\"\\\n\""), S, 2},
        {TEXT("\"\\\0\""), S, 2},
        {TEXT("\"\\u\""), S, 3},
        {TEXT("\"\\u12\""), S, 5},
        {TEXT("\"\\u123"), S, 6},
        {TEXT("\"\\u123g\""), S, 6},
        {TEXT("\"\\u 123\""), S, 3},
        {TEXT("\"\\u+123\""), S, 3},
        {TEXT("\"\\u00\0000\""), S, 5},
        {TEXT("\"\\u\xEF\xBC\x91"
              "123\""),
         S, 3},
        {TEXT("\"a\nb\""), S, 2},
        {TEXT("\"\t\""), S, 1},
        {TEXT("\"\r\""), S, 1},
        {TEXT("\"a\x1F\""), S, 2},
        {TEXT("\"a\0b\""), S, 2},
        {TEXT("{\"\0\":1}"), S, 2},
        {TEXT("\"\\\xC3\xA9\""), S, 2},
    };

    (void)state;
    expect_malformed(rows, sizeof rows / sizeof rows[0]);
}

/* A sequence that is good as far as it goes ends early in a string and is out of place elsewhere. */
static void refuses_other_encodings(void **state)
{
    static const malformed rows[] = {
        {TEXT("\"\xFF\""), U, 1},
        {TEXT("\"\x80\""), U, 1},
        {TEXT("\"\xC3\x28\""), U, 1},
        {TEXT("\"\xC3\""), U, 1},
        {TEXT("\"ab\xE2\x82\""), U, 3},
        {TEXT("\"\xC0\x80\""), U, 1},
        {TEXT("\"\xE0\x9F\xBF\""), U, 1},
        {TEXT("\"\xED\xA0\x80\""), U, 1},
        {TEXT("\"\xED\xA0\xBD\xED\xB8\x80\""), U, 1},
        {TEXT("\"\xF4\x90\x80\x80\""), U, 1},
        {TEXT("\"\xC3\xA9\xFF\""), U, 3},
        {TEXT("\"\xF0\x9F\x98\x80\xF0\x9F\x98\""), U, 5},
        {TEXT("\"0123456789\xE9\""), U, 11},
        {TEXT("\"\\\xFF\""), U, 2},
        {TEXT("\"\\u1\xA0\""), U, 4},
        {TEXT("{\"\xE9\":1}"), U, 2},
        {TEXT("[\xFF]"), U, 1},
        {TEXT("[1\xA0]"), U, 2},
        {TEXT("tr\xFC"
              "e"),
         U, 2},
        {TEXT("1\xFF"), U, 1},
        {TEXT("\"\xE2"), S, 2},
        {TEXT("\"\xE2\x82"), S, 3},
        {TEXT("\"\xF0\x9F\x98"), S, 4},
        {TEXT("\"\xF0\x80"), U, 1},
        {TEXT("[\xC3\xA9]"), S, 1},
        {TEXT("[\xE2\x82"), S, 1},
        {TEXT("[\xC3\x28]"), U, 1},
        {TEXT("[1\xE2\x82]"), U, 2},
        {TEXT("\xEF\xBB\xBF"
              "1"),
         S, 0},
        {TEXT("\xEF\xBB\xBF"), S, 0},
        {TEXT("[\xEF\xBB\xBF]"), S, 1},
        {TEXT("\xFE\xFF\0["), U, 0},
        {TEXT("\xFF\xFE[\0"), U, 0},
        {TEXT("\0[\0]"), S, 0},
        {TEXT("[\0]\0"), S, 1},
        {TEXT("\0"), S, 0},
        {TEXT("1\0"), S, 1},
        {TEXT("[1,\0]"), S, 3},
        {TEXT("{\"a\":1}\0"), S, 7},
    };

    (void)state;
    expect_malformed(rows, sizeof rows / sizeof rows[0]);
}

static void needs_no_text_value_or_error(void **state)
{
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest__scan_text(NULL, 0, DEPTH, NULL, &err), S);
    support_expect_error(&err, S, 0, "");
    assert_int_equal(lambdest__scan_text(NULL, 0, DEPTH, NULL, NULL), S);
    assert_int_equal(lambdest__scan_text("1", 1, DEPTH, NULL, NULL), LAMBDEST_OK);
}

/* ---- exhaustive where small ---- */

/* Whether some end makes the text JSON: what is open may want the rest of a character, escape, word, number
 * or member first, and then its brackets. */
static bool can_become_json(const char *text, size_t len)
{
    static const char *const rests[] = {
        "",
        "0",
        "\"",
        "\":0",
        ":0",
        "\"\":0",
        "rue",
        "ue",
        "e",
        "alse",
        "lse",
        "se",
        "ull",
        "ll",
        "l",
        "n\"",
        "0000\"",
        "000\"",
        "00\"",
        "0\"",
        "\x80\"",
        "\x80\x80\"",
        "\xA0\x80\"",
        "\x80\x80\x80\"",
        "\x90\x80\x80\"",
        "n\":0",
        "\x80\":0",
        "\x80\x80\":0",
        "\xA0\x80\":0",
    };
    static const char *const brackets[] = {"", "]", "}", "]]", "}]", "]}", "}}", "]]]", "}]]"};
    size_t i, k;

    for (i = 0; i < sizeof rests / sizeof rests[0]; i++)
        for (k = 0; k < sizeof brackets / sizeof brackets[0]; k++) {
            char whole[40];

            memcpy(whole, text, len);
            snprintf(whole + len, sizeof whole - len, "%s%s", rests[i], brackets[k]);
            if (support_jansson(whole, len + strlen(rests[i]) + strlen(brackets[k])) == SUPPORT_VALID)
                return true;
        }
    return false;
}

/* Also, what is said to end early can go on. */
static void check_short_text(const char *text, size_t len)
{
    finding f = check_text(text, len);

    if (f.code && f.offset == len && !can_become_json(text, len))
        fail_msg("said to end early: %.*s", (int)len, text);
}

static void agrees_on_every_text_of_two_bytes(void **state)
{
    int first, second;
    char text[2];

    (void)state;
    check_short_text("", 0);
    for (first = 0; first < 256; first++) {
        text[0] = (char)first;
        check_short_text(text, 1);
        for (second = 0; second < 256; second++) {
            text[1] = (char)second;
            check_short_text(text, 2);
        }
    }
}

/* jansson as it is, not as support_jansson() corrects it: of two bytes it takes what the scanner does, and a
 * digit with a NUL behind it, which it drops. */
static void differs_from_jansson_in_ten_texts_of_two_bytes(void **state)
{
    int first, second, differ = 0;

    (void)state;
    for (first = 0; first < 256; first++)
        for (second = 0; second < 256; second++) {
            char text[2] = {(char)first, (char)second};
            bool listed = first >= '0' && first <= '9' && second == '\0';
            bool taken = scan(text, 2).code == LAMBDEST_OK;
            json_t *json = json_loadb(text, 2, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

            differ += taken != (json != NULL);
            if ((taken != (json != NULL)) != listed || (listed && taken))
                fail_msg("%02X %02X: %d, jansson says %d", (unsigned)first, (unsigned)second, taken,
                         json != NULL);
            json_decref(json);
        }
    assert_int_equal(differ, 10);
}

static void expect_as_the_grammar(const unsigned char *text, size_t len)
{
    lambdest__scan s;
    bool good = grammar_is_json(text, len), slowly;

    if ((lambdest__scan_text((const char *)text, len, DEPTH, NULL, NULL) == LAMBDEST_OK) != good)
        fail_msg("expected %d: %.*s", good, (int)len, (const char *)text);
    lambdest__scan_init(&s, (const char *)text, len, DEPTH);
    slowly = !lambdest__scan_slowly(&s) && !lambdest__scan_end(&s);
    if (slowly != good)
        fail_msg("slowly, expected %d: %.*s", good, (int)len, (const char *)text);
}

/* All of them, and all again as the content of a string. */
static void agrees_with_the_grammar_on_every_three_bytes(void **state)
{
    uint32_t i, step = support_quick() ? 251 : 1;

    (void)state;
    assert_true(grammar_is_json((const unsigned char *)sample, sizeof sample - 1));
    for (i = 0; i < 0x1000000; i += step) {
        unsigned char text[5] = {'"', (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i,
                                 '"'};

        expect_as_the_grammar(text + 1, 3);
        expect_as_the_grammar(text, 5);
    }
}

static const unsigned char letters[] = "{}[]\":,\\/ \t\n01-+.eEtrufalsn\x1F\x7F\x80\xC3\xA9\xE2\xFFx";

static void agrees_on_short_texts_of_telling_bytes(void **state)
{
    const size_t count = sizeof letters; /* the NUL too */
    size_t i, step = support_quick() ? 7 : 1;
    uint64_t seed = 17;
    char text[10];

    (void)state;
    for (i = 0; i < count * count * count; i += step) {
        text[0] = (char)letters[i / count / count];
        text[1] = (char)letters[i / count % count];
        text[2] = (char)letters[i % count];
        check_short_text(text, 3);
    }
    for (i = 0; i < 200000; i += step) {
        size_t k, len = 4 + support_below(&seed, sizeof text - 3);

        for (k = 0; k < len; k++)
            text[k] = (char)letters[support_below(&seed, count)];
        check_text(text, len);
    }
}

/* Every byte at every place of strings of every length, for the strides in which strings are read. */
static void strings_hold_no_byte_they_may_not(void **state)
{
    size_t len, at;
    int byte, step = support_quick() ? 5 : 1;

    (void)state;
    for (len = 1; len <= 34; len++)
        for (at = 0; at < len; at++)
            for (byte = 0; byte < 256; byte += step) {
                char text[40];
                finding f;

                memset(text, 'a', sizeof text);
                text[0] = text[len + 1] = '"';
                text[at + 1] = (char)byte;
                f = scan(text, len + 2);
                if (byte == '"' || byte == '\\')
                    assert_true(f.code == S &&
                                f.offset == (at + 1 == len && byte == '\\' ? len + 2 : at + 2));
                else if (byte < 0x20)
                    assert_true(f.code == S && f.offset == at + 1);
                else
                    assert_true(byte < 0x80 ? f.code == LAMBDEST_OK : f.code == U && f.offset == at + 1);
            }
}

static void strings_hold_every_good_sequence_and_no_other(void **state)
{
    static const unsigned char third[] = {0x22, 0x7F, 0x80, 0xBF, 0xC0};
    char text[6] = "\"";
    int first, second, step = support_quick() ? 7 : 1;
    size_t i;

    (void)state;
    for (first = 0x80; first < 256; first++)
        for (second = first % step; second < 256; second += step) {
            text[1] = (char)first;
            text[2] = (char)second;
            text[3] = '"';
            check_text(text, 4);
            for (i = 0; i < sizeof third; i++) {
                text[3] = (char)third[i];
                text[4] = '"';
                check_text(text, 5);
                text[4] = (char)0x80;
                text[5] = '"';
                check_text(text, 6);
            }
        }
}

static void knows_every_escape(void **state)
{
    int byte;

    (void)state;
    for (byte = 0; byte < 256; byte++) {
        char text[] = "\"a\\?b\"";
        finding f;

        text[3] = (char)byte;
        f = check_text(text, 6);
        if (byte && strchr("\"\\/bfnrt", byte))
            assert_int_equal(f.code, LAMBDEST_OK);
        else if (byte == 'u')
            assert_true(f.code == S && f.offset == 5);
        else
            assert_true(f.code < 0 && f.offset == 3);
    }
}

static void knows_every_unicode_escape(void **state)
{
    int unit, at, byte;
    char text[9];

    (void)state;
    for (unit = 0; unit < 0x10000; unit++) {
        snprintf(text, sizeof text, unit % 3 ? "\"\\u%04x\"" : "\"\\u%04X\"", unit);
        assert_int_equal(scan(text, 8).code, LAMBDEST_OK);
    }
    for (at = 3; at < 7; at++)
        for (byte = 0; byte < 256; byte++) {
            memcpy(text, "\"\\u0aF9\"", 8);
            text[at] = (char)byte;
            if (byte && strchr("0123456789abcdefABCDEF", byte))
                assert_int_equal(check_text(text, 8).code, LAMBDEST_OK);
            else
                assert_int_equal(check_text(text, 8).offset, at);
        }
}

/* ---- cut, changed, random ---- */

/* A text in brackets is whole only at its last bracket; before that it ends early, wherever it is cut. */
static void check_cuts(const char *text, size_t len)
{
    size_t cut, whole = len;

    while (!strchr("]}", text[whole - 1]))
        whole--;
    for (cut = 0; cut < whole; cut++) {
        finding f = scan(text, cut), walked = walk_text(text, cut);

        assert_int_equal(f.code, S);
        assert_int_equal(f.offset, cut);
        assert_int_equal(walked.code, S);
        assert_int_equal(walked.offset, cut);
    }
    for (; cut <= len; cut++)
        assert_int_equal(scan(text, cut).code, LAMBDEST_OK);
}

static void accepts_no_text_that_was_cut(void **state)
{
    static unsigned char text[2000];
    uint64_t seed = 18;
    int round, rounds = support_quick() ? 5 : 60, checked = 0;

    (void)state;
    check_cuts(sample, sizeof sample - 1);
    for (round = 0; round < rounds; round++) {
        size_t len = support_random_json(&seed, text, sizeof text);

        if (strchr("[{", text[strspn((const char *)text, " \t\r\n")])) {
            check_cuts((const char *)text, len);
            checked++;
        }
    }
    assert_in_range(checked, rounds / 2, rounds);
}

static void agrees_on_every_change_of_one_byte(void **state)
{
    const size_t len = sizeof sample - 1;
    int byte, step = support_quick() ? 37 : 1;
    size_t at, good = 0;
    char text[sizeof sample];

    (void)state;
    assert_int_equal(check_text(sample, len).code, LAMBDEST_OK);
    for (at = 0; at < len; at++)
        for (byte = (int)at % step; byte < 256; byte += step) {
            finding f;

            memcpy(text, sample, len);
            text[at] = (char)byte;
            f = check_text(text, len);
            assert_true(!f.code || f.offset + 3 >= at);
            good += !f.code;
        }
    assert_in_range(good, len, len * 128);
}

static void agrees_on_every_byte_left_out_or_put_in(void **state)
{
    static const char added[] = "\"\\{}[],:0-.eE \n\x80\xC3x";
    const size_t len = sizeof sample - 1;
    char text[sizeof sample + 1];
    size_t at, i;

    (void)state;
    for (at = 0; at < len; at++) {
        memcpy(text, sample, at);
        memcpy(text + at, sample + at + 1, len - at - 1);
        check_text(text, len - 1);
        memcpy(text + at + 1, sample + at, len - at);
        for (i = 0; i < sizeof added; i++) {
            text[at] = added[i];
            check_text(text, len + 1);
        }
    }
}

static void agrees_on_random_texts_and_their_changes(void **state)
{
    static unsigned char text[1500];
    uint64_t seed = 19;
    int round, rounds = support_quick() ? 300 : 6000, change;

    (void)state;
    for (round = 0; round < rounds; round++) {
        size_t cap = SUPPORT_JSON_MIN + support_below(&seed, sizeof text - SUPPORT_JSON_MIN);
        size_t len = support_random_json(&seed, text, cap);

        assert_int_equal(check_text((const char *)text, len).code, LAMBDEST_OK);
        for (change = 0; change < 6; change++) {
            text[support_below(&seed, len)] = letters[support_below(&seed, sizeof letters)];
            check_text((const char *)text, len);
        }
    }
}

/* What the cursor hands out, put together, is the value that jansson reads in one go. */
static void members_make_up_the_value(void **state)
{
    static unsigned char text[2000];
    uint64_t seed = 20;
    int round, rounds = support_quick() ? 100 : 2000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        size_t len = support_random_json(&seed, text, sizeof text);
        json_t *whole = json_loadb((const char *)text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL), *built;
        lambdest__scan s;

        lambdest__scan_init(&s, (const char *)text, len, DEPTH);
        built = walk(&s, true);
        assert_non_null(whole);
        assert_non_null(built);
        assert_int_equal(lambdest__scan_end(&s), LAMBDEST_OK);
        assert_true(json_equal(whole, built));
        json_decref(whole);
        json_decref(built);
    }
}

/* ---- the cursor ---- */

static void tells_what_comes_next(void **state)
{
    lambdest__scan s;

    (void)state;
    lambdest__scan_init(&s, " \t\r\n\xFF", 5, DEPTH);
    assert_int_equal(lambdest__scan_peek(&s), 0xFF);
    assert_int_equal(s.at, 4);
    lambdest__scan_init(&s, "  ", 2, DEPTH);
    assert_int_equal(lambdest__scan_peek(&s), -1);
    lambdest__scan_init(&s, NULL, 0, DEPTH);
    assert_int_equal(lambdest__scan_peek(&s), -1);
}

static void slices_with_and_without_white_space(void **state)
{
    static const char text[] = "{ \"a b\" :\n [ 1 , 2 ] \t, \"\" : null }  ";
    lambdest__span name, value, outer;
    lambdest__scan s;
    bool more;

    (void)state;
    lambdest__scan_init(&s, text, sizeof text - 1, DEPTH);
    assert_int_equal(lambdest__scan_open(&s, '{'), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_more(&s, '{', &more), LAMBDEST_OK);
    assert_true(more);
    assert_int_equal(lambdest__scan_name(&s, &name), LAMBDEST_OK);
    support_expect_bytes(name.data, name.len, "a b", 3);
    assert_int_equal(lambdest__scan_slice(&s, &value, &outer), LAMBDEST_OK);
    support_expect_bytes(value.data, value.len, "[ 1 , 2 ]", 9);
    support_expect_bytes(outer.data, outer.len, "\n [ 1 , 2 ] \t", 13);
    assert_int_equal(lambdest__scan_more(&s, '{', &more), LAMBDEST_OK);
    assert_true(more);
    assert_int_equal(lambdest__scan_name(&s, &name), LAMBDEST_OK);
    assert_int_equal(name.len, 0);
    assert_int_equal(lambdest__scan_value(&s), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_more(&s, '{', &more), LAMBDEST_OK);
    assert_false(more);
    assert_int_equal(lambdest__scan_end(&s), LAMBDEST_OK);
    assert_int_equal(s.at, sizeof text - 1);
}

static void names_keep_their_escapes(void **state)
{
    static const char text[] = "{\"a\\\"\\u003a\" \t:1}";
    lambdest__span name;
    lambdest__scan s;

    (void)state;
    lambdest__scan_init(&s, text, sizeof text - 1, DEPTH);
    assert_int_equal(lambdest__scan_open(&s, '{'), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_name(&s, &name), LAMBDEST_OK);
    support_expect_bytes(name.data, name.len, "a\\\"\\u003a", 9);
    assert_int_equal(lambdest__scan_peek(&s), '1');
}

static void expect_not_opened(const char *text, unsigned char bracket)
{
    lambdest_error err;
    lambdest__scan s;

    lambdest__scan_init(&s, text, strlen(text), DEPTH);
    assert_int_equal(lambdest__scan_open(&s, bracket), S);
    assert_int_equal(lambdest__scan_error(&s, "requestContext", &err), S);
    support_expect_error(&err, S, strspn(text, " "), "requestContext");
    if (strspn(text, " ") < strlen(text))
        assert_non_null(strstr(err.message, bracket == '{' ? "object" : "array"));
}

static void does_not_open_what_is_not_there(void **state)
{
    static const char *const texts[] = {"[]", "{}", "1", "\"{\"", "}", "]", "null", " ", ""};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i][0] != '{')
            expect_not_opened(texts[i], '{');
        if (texts[i][0] != '[')
            expect_not_opened(texts[i], '[');
    }
}

static const char *message_of(const char *text)
{
    lambdest_error err;

    assert_int_equal(lambdest__scan_text(text, strlen(text), DEPTH, NULL, &err), S);
    return err.message;
}

static void messages_tell_what_is_wrong(void **state)
{
    (void)state;
    assert_non_null(strstr(message_of("\xEF\xBB\xBF{}"), "byte order mark"));
    assert_non_null(strstr(message_of("\xEF\xBB\xBF"), "byte order mark"));
    assert_null(strstr(message_of("[\xEF\xBB\xBF]"), "byte order mark"));
    assert_null(strstr(message_of("\xC3\xA9"), "byte order mark"));
    assert_non_null(strstr(message_of("[1"), "early"));
    assert_non_null(strstr(message_of("[1}"), "]"));
    assert_non_null(strstr(message_of("{\"a\":1]"), "}"));
    assert_non_null(strstr(message_of("{\"a\" 1}"), "colon"));
    assert_non_null(strstr(message_of("{1}"), "name"));
    assert_non_null(strstr(message_of("1 1"), "after"));
}

/* The same of a bracket whose members are passed one by one. */
static void expect_missing(const char *text, size_t at, const char *bracket)
{
    lambdest__scan s;
    bool more;

    lambdest__scan_init(&s, text, strlen(text), DEPTH);
    assert_int_equal(lambdest__scan_open(&s, (unsigned char)*text), LAMBDEST_OK);
    s.fresh = false;
    s.at = at;
    assert_int_equal(lambdest__scan_more(&s, (unsigned char)*text, &more), S);
    assert_int_equal(s.at, at);
    assert_non_null(strstr(s.message, bracket));
}

static void messages_name_the_bracket_that_is_missing(void **state)
{
    (void)state;
    expect_missing("[1}", 2, "a comma or ]");
    expect_missing("{\"a\":1]", 6, "a comma or }");
}

/* ---- depth ---- */

/* `levels` opening brackets of a pattern of '[' and '{', a number, and the closing ones. */
static char *nest(size_t levels, const char *pattern, size_t *len)
{
    char *text = malloc(levels * 6 + 1);
    size_t n = 0, i, kinds = strlen(pattern);

    assert_non_null(text);
    for (i = 0; i < levels; i++)
        if (pattern[i % kinds] == '{') {
            memcpy(text + n, "{\"\":", 4);
            n += 4;
        } else {
            text[n++] = '[';
        }
    text[n++] = '1';
    while (i-- > 0)
        text[n++] = pattern[i % kinds] == '{' ? '}' : ']';
    *len = n;
    return text;
}

/* The offset of the opening bracket of a level, counted from 0. */
static size_t place_of(size_t level, const char *pattern)
{
    size_t n = 0, i, kinds = strlen(pattern);

    for (i = 0; i < level; i++)
        n += pattern[i % kinds] == '{' ? 4 : 1;
    return n;
}

static const char *const patterns[] = {"[", "{", "[{", "{{[", "[[[[[[[{"};

enum {
    PATTERNS = sizeof patterns / sizeof patterns[0]
};

static void expect_depth_limit(uint32_t max_depth, const char *pattern)
{
    size_t len;
    char *text = nest(max_depth, pattern, &len);
    finding f = scan_deep(text, len, max_depth);

    assert_int_equal(f.code, LAMBDEST_OK);
    free(text);
    text = nest(max_depth + 1, pattern, &len);
    f = scan_deep(text, len, max_depth);
    assert_int_equal(f.code, D);
    assert_int_equal(f.offset, place_of(max_depth, pattern));
    free(text);
}

static void nests_as_deep_as_allowed(void **state)
{
    static const uint32_t limits[] = {0, 1, 2, 3, 63, 64, 65, 127, 128, 129, 512, 4096, 65535, 65536};
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof limits / sizeof limits[0]; i++)
        for (k = 0; k < PATTERNS; k++)
            expect_depth_limit(limits[i], patterns[k]);
    expect_depth_limit(LAMBDEST__DEPTH_LIMIT + 64, "[{");
}

static void refuses_a_hundred_thousand_levels(void **state)
{
    static const uint32_t limits[] = {512, 65536};
    size_t i, k, len;

    (void)state;
    for (i = 0; i < 2; i++)
        for (k = 0; k < PATTERNS; k++) {
            char *text = nest(100000, patterns[k], &len);
            finding f = scan_deep(text, len, limits[i]);

            assert_int_equal(f.code, D);
            assert_int_equal(f.offset, place_of(limits[i], patterns[k]));
            free(text);
        }
}

static void counts_depth_not_brackets(void **state)
{
    static const char text[] = "[[],[[]],{\"a\":{}},[{}],[],{}]";

    (void)state;
    assert_int_equal(scan_deep(text, sizeof text - 1, 3).code, LAMBDEST_OK);
    assert_int_equal(scan_deep(text, sizeof text - 1, 2).code, D);
    assert_int_equal(scan_deep(text, sizeof text - 1, 2).offset, 5);
    assert_int_equal(scan_deep("1", 1, 0).code, LAMBDEST_OK);
    assert_int_equal(scan_deep("[]", 2, 0).code, D);
}

/* A cursor counts from the value it passes, not from the brackets that were opened before. */
static void each_value_has_the_whole_depth(void **state)
{
    static const char text[] = "[[[1]],[[2]]]";
    lambdest__span value, outer;
    lambdest__scan s;
    bool more;

    (void)state;
    lambdest__scan_init(&s, text, sizeof text - 1, 2);
    assert_int_equal(lambdest__scan_open(&s, '['), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_more(&s, '[', &more), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_slice(&s, &value, &outer), LAMBDEST_OK);
    assert_int_equal(lambdest__scan_more(&s, '[', &more), LAMBDEST_OK);
    s.max_depth = 1;
    assert_int_equal(lambdest__scan_slice(&s, &value, &outer), D);
    assert_int_equal(s.at, 8);
    assert_int_equal(s.code, D);
}

/* The wrong closing bracket at any level, for every level's kind is kept in one bit. */
static void every_bracket_closes_its_own_kind(void **state)
{
    size_t k, level, levels = 200, len;

    (void)state;
    for (k = 0; k < PATTERNS; k++)
        for (level = 0; level < levels; level++) {
            char *text = nest(levels, patterns[k], &len);
            size_t at = len - 1 - level;
            finding f;

            text[at] = text[at] == ']' ? '}' : ']';
            f = scan(text, len);
            assert_int_equal(f.code, S);
            assert_int_equal(f.offset, at);
            free(text);
        }
}

/* ---- size ---- */

static void passes_a_string_of_64_mebibytes(void **state)
{
    const size_t len = (support_quick() ? (size_t)1 : (size_t)64) << 20;
    char *text = malloc(len);
    lambdest__span value;
    lambdest_error err;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', len);
    text[0] = text[len - 1] = '"';
    assert_int_equal(lambdest__scan_text(text, len, DEPTH, &value, &err), LAMBDEST_OK);
    assert_int_equal(value.len, len);
    text[len - 2] = '\n';
    assert_int_equal(lambdest__scan_text(text, len, DEPTH, &value, &err), S);
    support_expect_error(&err, S, len - 2, "");
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_the_rfc_allows),
        cmocka_unit_test(accepts_what_jansson_cannot_hold),
        cmocka_unit_test(refuses_malformed_scalars),
        cmocka_unit_test(refuses_malformed_brackets),
        cmocka_unit_test(refuses_malformed_strings),
        cmocka_unit_test(refuses_other_encodings),
        cmocka_unit_test(needs_no_text_value_or_error),
        cmocka_unit_test(agrees_on_every_text_of_two_bytes),
        cmocka_unit_test(differs_from_jansson_in_ten_texts_of_two_bytes),
        cmocka_unit_test(agrees_with_the_grammar_on_every_three_bytes),
        cmocka_unit_test(agrees_on_short_texts_of_telling_bytes),
        cmocka_unit_test(strings_hold_no_byte_they_may_not),
        cmocka_unit_test(strings_hold_every_good_sequence_and_no_other),
        cmocka_unit_test(knows_every_escape),
        cmocka_unit_test(knows_every_unicode_escape),
        cmocka_unit_test(accepts_no_text_that_was_cut),
        cmocka_unit_test(agrees_on_every_change_of_one_byte),
        cmocka_unit_test(agrees_on_every_byte_left_out_or_put_in),
        cmocka_unit_test(agrees_on_random_texts_and_their_changes),
        cmocka_unit_test(members_make_up_the_value),
        cmocka_unit_test(tells_what_comes_next),
        cmocka_unit_test(slices_with_and_without_white_space),
        cmocka_unit_test(names_keep_their_escapes),
        cmocka_unit_test(does_not_open_what_is_not_there),
        cmocka_unit_test(messages_tell_what_is_wrong),
        cmocka_unit_test(messages_name_the_bracket_that_is_missing),
        cmocka_unit_test(nests_as_deep_as_allowed),
        cmocka_unit_test(refuses_a_hundred_thousand_levels),
        cmocka_unit_test(counts_depth_not_brackets),
        cmocka_unit_test(each_value_has_the_whole_depth),
        cmocka_unit_test(every_bracket_closes_its_own_kind),
        cmocka_unit_test(passes_a_string_of_64_mebibytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
