#include "support.h"

#include "json/string.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what an inner text stands for, by way of UTF-16 code units ---- */

enum {
    MOST_UNITS = 4000
};

typedef struct units {
    uint32_t unit[MOST_UNITS];
    bool escaped[MOST_UNITS];
    size_t count;
} units;

/* The units of an inner text; a raw character is one "unit" whatever its size. */
static void take_units(const char *inner, size_t len, units *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    size_t i = 0;

    for (out->count = 0; i < len; out->count++) {
        unsigned char c = (unsigned char)inner[i];
        size_t n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4, k;
        char hex[5] = {0};

        out->escaped[out->count] = c == '\\';
        if (c != '\\') {
            out->unit[out->count] = n == 1 ? c : c & (0x7Fu >> n);
            for (k = 1; k < n; k++)
                out->unit[out->count] = out->unit[out->count] * 64 + ((unsigned char)inner[i + k] & 63u);
            i += n;
        } else if (inner[i + 1] == 'u') {
            memcpy(hex, inner + i + 2, 4);
            out->unit[out->count] = (uint32_t)strtoul(hex, NULL, 16);
            i += 6;
        } else {
            out->unit[out->count] = (unsigned char)meanings[strchr(letters, inner[i + 1]) - letters];
            i += 2;
        }
    }
}

static size_t put_utf8(unsigned char *out, uint32_t c)
{
    static const unsigned first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

    for (i = n; i-- > 1; c /= 64)
        out[i] = (unsigned char)(0x80 + c % 64);
    out[0] = (unsigned char)(first[n] + c);
    return n;
}

static bool is_pair(const units *u, size_t i)
{
    return i + 1 < u->count && u->escaped[i] && u->escaped[i + 1] && u->unit[i] >= 0xD800 &&
           u->unit[i] <= 0xDBFF && u->unit[i + 1] >= 0xDC00 && u->unit[i + 1] <= 0xDFFF;
}

static size_t expected_decode(const char *inner, size_t len, unsigned char *out)
{
    static units u;
    size_t n = 0, i;

    take_units(inner, len, &u);
    for (i = 0; i < u.count; i++) {
        uint32_t c = u.unit[i];

        if (is_pair(&u, i)) {
            c = 0x10000 + (c - 0xD800) * 0x400 + (u.unit[i + 1] - 0xDC00);
            i++;
        } else if (c >= 0xD800 && c <= 0xDFFF) {
            c = 0xFFFD;
        }
        n += put_utf8(out + n, c);
    }
    return n;
}

/* ---- what the tests use ---- */

static lambdest__span span_of(const char *text, size_t len)
{
    lambdest__span span = {(const unsigned char *)text, len};

    return span;
}

/* The same into other memory and in place. */
static void expect_unpacked_bytes(const char *inner, size_t len, const void *expected, size_t expected_len)
{
    char *copy = support_exact(inner, len);
    unsigned char *out = (unsigned char *)support_exact(inner, len);
    size_t lone = 0, in_place = 0;

    support_expect_bytes(out, lambdest__string_unpack(span_of(copy, len), out, &lone), expected,
                         expected_len);
    support_expect_bytes(copy, lambdest__string_unpack(span_of(copy, len), (unsigned char *)copy, &in_place),
                         expected, expected_len);
    assert_int_equal(lone, in_place);
    if (lone != SIZE_MAX)
        support_expect_bytes(out + lone, 3, "\xEF\xBF\xBD", 3);
    free(out);
    free(copy);
}

/* The same between its quotes, once with nothing behind it and once with text that goes on. */
static void expect_decoded_at(const char *inner, size_t len, const void *expected, size_t expected_len)
{
    static const char behind[] = "\"\\n: 0123456789abcdef";
    size_t more;

    for (more = 0; more < sizeof behind; more += sizeof behind - 1) {
        unsigned char *text = (unsigned char *)malloc(len + 2 + more);
        unsigned char *out = (unsigned char *)malloc(len + LAMBDEST__DECODE_SPARE);
        const unsigned char *p = text;

        assert_non_null(text);
        assert_non_null(out);
        text[0] = text[len + 1] = '"';
        memcpy(text + 1, inner, len);
        memcpy(text + len + 2, behind, more);
        support_expect_bytes(out, lambdest__string_decode_at(&p, text + len + 2 + more, out), expected,
                             expected_len);
        assert_ptr_equal(p, text + len + 2);
        free(out);
        free(text);
    }
}

static void expect_decoded_bytes(const char *inner, size_t len, const void *expected, size_t expected_len)
{
    char *copy = support_exact(inner, len);
    unsigned char *out = (unsigned char *)support_exact(inner, len);
    size_t out_len = lambdest__string_decode(span_of(copy, len), out);

    assert_in_range(out_len, 0, len);
    support_expect_bytes(out, out_len, expected, expected_len);
    assert_true(lambdest__string_equals(span_of(copy, len), expected, expected_len));
    expect_unpacked_bytes(inner, len, expected, expected_len);
    expect_decoded_at(inner, len, expected, expected_len);
    free(out);
    free(copy);
}

static void expect_decoded(const char *inner, size_t len)
{
    unsigned char *expected = malloc(len + 1);

    assert_non_null(expected);
    expect_decoded_bytes(inner, len, expected, expected_decode(inner, len, expected));
    free(expected);
}

/* Made of all kinds of spellings, some more than one of the same character. */
static size_t random_inner(uint64_t *seed, char *out, size_t pieces_most)
{
    static const char *const pieces[] = {
        "a",    "\\u0061", "b",    "\\u0062", "\xC3\xA9",         "\\u00e9",        "\\u00E9",      "/",
        "\\/",  "\\u002f", "\\n",  "\\u000A", "\xF0\x9F\x98\x80", "\\ud83d\\ude00", "\\uD83D",      "\\udE00",
        "\\\\", "\\u005C", "\\\"", "\\u0000", "\xEF\xBF\xBD",     "udc00",          "\xE2\x82\xAC", "\\u20ac",
        "\\t",  "\\b",     "\\f",  "\\r",
    };
    size_t len = 0, count = support_below(seed, pieces_most + 1);

    for (; count; count--) {
        const char *piece = pieces[support_below(seed, sizeof pieces / sizeof pieces[0])];

        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

/* ---- inner ---- */

static void takes_the_quotes_off(void **state)
{
    lambdest__span inner = lambdest__string_inner(span_of("\"abc\"", 5));

    (void)state;
    support_expect_bytes(inner.data, inner.len, "abc", 3);
    inner = lambdest__string_inner(span_of("\"\"", 2));
    assert_int_equal(inner.len, 0);
}

/* ---- decoding ---- */

static void decodes_by_hand(void **state)
{
    static const struct {
        const char *inner, *text;
        size_t len;
    } rows[] = {
        {"", "", 0},
        {"plain", "plain", 5},
        {"caf\xC3\xA9", "caf\xC3\xA9", 5},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8},
        {"\\tn\\rn", "\tn\rn", 4},
        {"\\u0000", "\0", 1},
        {"a\\u0000b", "a\0b", 3},
        {"\\u0041\\u004a\\u004A", "AJJ", 3},
        {"\\u007f\\u0080", "\x7F\xC2\x80", 3},
        {"\\u07FF\\u0800", "\xDF\xBF\xE0\xA0\x80", 5},
        {"\\uFFFF", "\xEF\xBF\xBF", 3},
        {"\\ud7ff\\ue000", "\xED\x9F\xBF\xEE\x80\x80", 6},
        {"\\ud800\\udc00", "\xF0\x90\x80\x80", 4},
        {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", 4},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80", 4},
        {"\\ud83d", "\xEF\xBF\xBD", 3},
        {"\\ude00", "\xEF\xBF\xBD", 3},
        {"\\ude00\\ud83d", "\xEF\xBF\xBD\xEF\xBF\xBD", 6},
        {"\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80", 7},
        {"\\ud83d\\ude00\\ude00", "\xF0\x9F\x98\x80\xEF\xBF\xBD", 7},
        {"\\ud83dx", "\xEF\xBF\xBDx", 4},
        {"\\ud83d\\n", "\xEF\xBF\xBD\n", 4},
        {"\\ud83d\\u0041",
         "\xEF\xBF\xBD"
         "A",
         4},
        {"\\ud83d\\\\ude00", "\xEF\xBF\xBD\\ude00", 9},
        {"\\\\ud83d\\ude00", "\\ud83d\xEF\xBF\xBD", 9},
        {"\\\\u0041", "\\u0041", 6},
        {"x\\u0041y\\n", "xAy\n", 4},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_decoded_bytes(rows[i].inner, strlen(rows[i].inner), rows[i].text, rows[i].len);
}

static void decodes_every_unicode_escape(void **state)
{
    uint32_t c;

    (void)state;
    for (c = 0; c < 0x10000; c++) {
        char inner[8];
        unsigned char expected[4];
        size_t len = put_utf8(expected, c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);

        snprintf(inner, sizeof inner, c & 1 ? "\\u%04x" : "\\u%04X", c);
        expect_decoded_bytes(inner, 6, expected, len);
    }
}

static void decodes_every_surrogate_pair(void **state)
{
    uint32_t c, step = support_quick() ? 997 : 5;

    (void)state;
    for (c = 0x10000; c < 0x110000; c += step) {
        char inner[16];
        unsigned char expected[4], found[12];
        size_t len = put_utf8(expected, c);

        snprintf(inner, sizeof inner, "\\u%04x\\u%04X", 0xD800 + (c - 0x10000) / 0x400, 0xDC00 + c % 0x400);
        support_expect_bytes(found, lambdest__string_decode(span_of(inner, 12), found), expected, len);
    }
}

/* Every high surrogate and every low one beside the limits of both, in every order: a pair is one character,
 * by RFC 8259's own sum, and every other unit stands alone. */
static void decodes_two_units_at_their_limits(void **state)
{
    static const uint32_t edges[] = {0x0000, 0x0041, 0xD7FF, 0xD800, 0xD801, 0xDBFE, 0xDBFF,
                                     0xDC00, 0xDC01, 0xDFFE, 0xDFFF, 0xE000, 0xFFFF};
    const size_t count = sizeof edges / sizeof edges[0];
    uint32_t unit, step = support_quick() ? 37 : 1;
    size_t i, order;

    (void)state;
    for (unit = 0xD7FE; unit <= 0xE001; unit += step)
        for (i = 0; i < 2 * count; i++) {
            uint32_t two[2] = {unit, edges[i / 2]};
            unsigned char expected[8];
            size_t len = 0, k;
            char inner[16];

            order = i % 2;
            snprintf(inner, sizeof inner, "\\u%04x\\u%04X", two[order], two[!order]);
            if (two[order] / 0x400 == 0x36 && two[!order] / 0x400 == 0x37)
                len = put_utf8(expected, 0x10000 + (two[order] % 0x400 << 10 | two[!order] % 0x400));
            else
                for (k = 0; k < 2; k++) {
                    uint32_t c = two[k ^ order];

                    len += put_utf8(expected + len, c / 0x800 == 0x1B ? 0xFFFD : c);
                }
            expect_decoded_bytes(inner, 12, expected, len);
        }
}

/* Every byte behind a backslash that may stand there, beside plain text on either side. */
static void decodes_every_escape_of_two_bytes(void **state)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\x22\x5C\x2F\x08\x0C\x0A\x0D\x09";
    size_t i, k, from;

    (void)state;
    for (i = 0; i < 8; i++)
        for (k = 0; k < 8; k++)
            for (from = 0; from < 2; from++) {
                char inner[6] = {'p', '\\', letters[i], '\\', letters[k], 'q'};
                char text[4] = {'p', meant[i], meant[k], 'q'};

                expect_decoded_bytes(inner + from, 6 - 2 * from, text + from, 4 - 2 * from);
            }
}

static void decodes_random_texts(void **state)
{
    uint64_t seed = 8;
    int round;

    (void)state;
    for (round = 0; round < 30000; round++) {
        char inner[500];
        size_t len = random_inner(&seed, inner, 12);

        expect_decoded(inner, len);
    }
}

/* One escape at every place of texts of every length, for the strides in which they are copied. */
static void decodes_an_escape_wherever_it_stands(void **state)
{
    static const char *const escapes[] = {"\\\"",    "\\\\",           "\\n", "\\/", "\\t",
                                          "\\u00e9", "\\ud83d\\ude00", "a"};
    char inner[80];
    size_t len, at, i, size;

    (void)state;
    for (len = 0; len < 50; len++)
        for (at = 0; at <= len; at++)
            for (i = 0; i < sizeof escapes / sizeof escapes[0]; i++) {
                size = strlen(escapes[i]);
                memset(inner, 'a', sizeof inner);
                memcpy(inner + at, escapes[i], size);
                expect_decoded(inner, len + size);
            }
}

/* A string told byte by byte: the place behind it, 0 if it is none or has more than plain ASCII and escapes of
 * a letter. */
static size_t taken_by_hand(const char *string, size_t len, char *out, size_t *out_len)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\x22\x5C\x2F\x08\x0C\x0A\x0D\x09";
    size_t at;

    *out_len = 0;
    for (at = 1; at < len; at++) {
        char byte = string[at];

        if (byte == '"')
            return at + 1;
        if (byte == '\\') {
            const char *letter = ++at < len && string[at] ? strchr(letters, string[at]) : NULL;

            if (!letter)
                return 0;
            byte = meant[letter - letters];
        } else if ((unsigned char)byte < 0x20 || (unsigned char)byte > 0x7F) {
            return 0;
        }
        out[(*out_len)++] = byte;
    }
    return 0;
}

static void takes_plain_strings_only(void **state)
{
    static const char bytes[] = "abcdefghijklmnopq \x7F\"\\\\\"nt/u\x1F\x80\xFF";
    uint64_t seed = 31;
    int round, taken = 0;

    (void)state;
    for (round = 0; round < 60000; round++) {
        size_t len = 1 + support_below(&seed, 90), few = round % 3 ? 19 : sizeof bytes - 1, i, behind,
               text_len;
        size_t room = len + LAMBDEST__DECODE_SPARE;
        char string[100] = {'"'}, text[100];
        unsigned char *out, *to;
        const unsigned char *p, *exact;

        for (i = 1; i < len; i++)
            string[i] = bytes[support_random(&seed) % (support_random(&seed) % 8 ? few : sizeof bytes - 1)];
        behind = taken_by_hand(string, len, text, &text_len);
        if (behind && round % 2)
            room = behind + LAMBDEST__DECODE_SPARE - (round % 4 == 3);
        exact = (unsigned char *)support_exact(string, len);
        out = to = malloc(room);
        assert_non_null(out);
        p = lambdest__string_take(exact, exact + len, &to, out + room);
        if (behind && room >= behind + LAMBDEST__DECODE_SPARE) {
            assert_ptr_equal(p, exact + behind);
            support_expect_bytes(out, (size_t)(to - out), text, text_len);
            taken++;
        } else {
            assert_null(p);
            assert_ptr_equal(to, out);
        }
        free(out);
        free((void *)(uintptr_t)exact);
    }
    assert_in_range(taken, 10000, 50000);
}

/* jansson must see the same text where it takes it at all, which lone surrogates are no part of. */
static void decodes_as_jansson_does(void **state)
{
    uint64_t seed = 9;
    int round, told = 0;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char value[500];
        unsigned char found[500];
        size_t len = random_inner(&seed, value + 1, 6) + 2;
        json_t *json;

        value[0] = value[len - 1] = '"';
        json = json_loadb(value, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        if (!json)
            continue;
        told++;
        support_expect_bytes(found, lambdest__string_decode(span_of(value + 1, len - 2), found),
                             json_string_value(json), json_string_length(json));
        json_decref(json);
    }
    assert_in_range(told, 5000, 20000);
}

/* ---- equality and order ---- */

static void equals_that_text_only(void **state)
{
    uint64_t seed = 10;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char inner[300];
        unsigned char text[301];
        size_t len = random_inner(&seed, inner, 8), text_len = expected_decode(inner, len, text), at;
        lambdest__span span = span_of(inner, len);

        text[text_len] = 'z';
        assert_true(lambdest__string_equals(span, text, text_len));
        assert_false(lambdest__string_equals(span, text, text_len + 1));
        if (!text_len)
            continue;
        assert_false(lambdest__string_equals(span, text, text_len - 1));
        at = support_below(&seed, text_len);
        text[at] ^= 1;
        assert_false(lambdest__string_equals(span, text, text_len));
    }
}

/* However it is spelled. */
static void hashes_the_text_it_stands_for(void **state)
{
    uint64_t seed = 14;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char inner[300], plain[1500];
        unsigned char text[301];
        size_t len = random_inner(&seed, inner, 8), text_len = expected_decode(inner, len, text), n = 0, i;

        for (i = 0; i < text_len; i++)
            if (text[i] < 0x20 || strchr("\"\\", text[i]))
                n += (size_t)snprintf(plain + n, sizeof plain - n, "\\u%04X", text[i]);
            else
                plain[n++] = (char)text[i];
        assert_int_equal(lambdest__string_hash(span_of(inner, len)),
                         lambdest__string_hash(span_of(plain, n)));
    }
    /* FNV-1a of nothing and of "a", from its authors' tables. */
    assert_int_equal(lambdest__string_hash(span_of("", 0)), 0x811C9DC5);
    assert_int_equal(lambdest__string_hash(span_of("a", 1)), 0xE40C292C);
    assert_int_equal(lambdest__string_hash(span_of("\\u0061", 6)), 0xE40C292C);
}

static void equals_nothing(void **state)
{
    (void)state;
    assert_true(lambdest__string_equals(span_of("", 0), "", 0));
    assert_true(lambdest__string_equals(span_of("", 0), NULL, 0));
    assert_false(lambdest__string_equals(span_of("a", 1), NULL, 0));
    assert_false(lambdest__string_equals(span_of("", 0), "a", 1));
    assert_false(lambdest__string_equals(span_of("\\u0000", 6), "", 0));
    assert_true(lambdest__string_equals(span_of("\\u0000", 6), "\0", 1));
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static int expected_order(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned char x[500], y[500];
    size_t x_len = expected_decode(a, a_len, x), y_len = expected_decode(b, b_len, y);
    int order = memcmp(x, y, x_len < y_len ? x_len : y_len);

    return order ? sign(order) : (x_len > y_len) - (x_len < y_len);
}

static void expect_order(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int found = lambdest__string_compare(span_of(a, a_len), span_of(b, b_len));

    if (sign(found) != expected_order(a, a_len, b, b_len))
        fail_msg("%.*s against %.*s gives %d", (int)a_len, a, (int)b_len, b, found);
}

/* All texts of up to three pieces against all. */
static void orders_all_short_texts(void **state)
{
    static const char *const pieces[] = {"",        "a",   "\\u0061", "\xC3\xA9", "\\u00e9",
                                         "\\ud800", "\\/", "/",       "b"};
    enum {
        PIECES = sizeof pieces / sizeof pieces[0],
        TEXTS = PIECES * PIECES * PIECES
    };
    static char texts[TEXTS][24];
    size_t i, k, step = support_quick() ? 13 : 1;

    (void)state;
    for (i = 0; i < TEXTS; i++)
        snprintf(texts[i], sizeof texts[i], "%s%s%s", pieces[i / PIECES / PIECES],
                 pieces[i / PIECES % PIECES], pieces[i % PIECES]);
    for (i = 0; i < TEXTS; i++)
        for (k = 0; k < TEXTS; k += step)
            expect_order(texts[i], strlen(texts[i]), texts[k], strlen(texts[k]));
}

static void orders_random_texts(void **state)
{
    uint64_t seed = 11;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char a[500], b[500];
        size_t common = random_inner(&seed, a, 6), a_len, b_len;

        memcpy(b, a, common);
        a_len = common + random_inner(&seed, a + common, 2);
        b_len = common + random_inner(&seed, b + common, 2);
        expect_order(a, a_len, b, b_len);
    }
}

/* ---- encoding ---- */

static void expect_encoded(const void *text, size_t len, const char *expected, size_t expected_len)
{
    unsigned char *copy = (unsigned char *)support_exact(text, len);
    unsigned char *out = (unsigned char *)support_exact(expected, expected_len);

    assert_int_equal(lambdest__string_encoded(copy, len), expected_len);
    memset(out, 0xEE, expected_len);
    assert_int_equal(lambdest__string_encode(copy, len, out), expected_len);
    support_expect_bytes(out, expected_len, expected, expected_len);
    free(out);
    free(copy);
}

static void escapes_every_control_character(void **state)
{
    int c;

    (void)state;
    for (c = 0; c < 0x20; c++) {
        static const char shorts[] = "\b\f\n\r\t", letters[] = "bfnrt";
        const char *found = c ? strchr(shorts, c) : NULL;
        char text[3] = {'x', (char)c, 'y'}, expected[16];

        if (found)
            snprintf(expected, sizeof expected, "\"x\\%cy\"", letters[found - shorts]);
        else
            snprintf(expected, sizeof expected, "\"x\\u%04xy\"", (unsigned)c);
        expect_encoded(text, 3, expected, strlen(expected));
    }
}

static void escapes_nothing_else_but_quote_and_backslash(void **state)
{
    int c;

    (void)state;
    expect_encoded("\"", 1, "\"\\\"\"", 4);
    expect_encoded("\\", 1, "\"\\\\\"", 4);
    for (c = 0x20; c < 0x80; c++) {
        char text[1] = {(char)c}, expected[3] = {'"', (char)c, '"'};

        if (c != '"' && c != '\\')
            expect_encoded(text, 1, expected, 3);
    }
    expect_encoded("caf\xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x98\x80", 14,
                   "\"caf\xC3\xA9 \xE2\x80\xA8 \xF0\x9F\x98\x80\"", 16);
}

/* At every place of a text of every length up to 40 every byte. */
static void knows_what_is_plain(void **state)
{
    size_t len, at, wrong = 0;
    unsigned byte;

    (void)state;
    for (len = 0; len <= 40; len++) {
        unsigned char *text = malloc(len ? len : 1);

        assert_non_null(text);
        memset(text, 'a', len);
        wrong += !lambdest__string_is_plain(text, len);
        for (at = 0; at < len; at++) {
            for (byte = 0; byte < 256; byte++) {
                text[at] = (unsigned char)byte;
                wrong += lambdest__string_is_plain(text, len) !=
                         (byte >= ' ' && byte < 128 && byte != '"' && byte != '\\');
            }
            text[at] = 'a';
        }
        free(text);
    }
    assert_int_equal(wrong, 0);
}

static void encodes_nothing(void **state)
{
    (void)state;
    expect_encoded("", 0, "\"\"", 2);
    assert_int_equal(lambdest__string_encoded(NULL, 0), 2);
}

/* What was encoded must come back from both decoders. */
static void encoding_loses_nothing(void **state)
{
    uint64_t seed = 12;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char inner[300];
        unsigned char text[300], encoded[1500], back[1500];
        size_t len = expected_decode(inner, random_inner(&seed, inner, 8), text), encoded_len;
        lambdest__span value;
        json_t *json;

        encoded_len = lambdest__string_encode(text, len, encoded);
        assert_int_equal(encoded_len, lambdest__string_encoded(text, len));
        value = span_of((const char *)encoded, encoded_len);
        support_expect_bytes(back, lambdest__string_decode(lambdest__string_inner(value), back), text, len);
        json = json_loadb((const char *)encoded, encoded_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(json);
        support_expect_bytes(json_string_value(json), json_string_length(json), text, len);
        json_decref(json);
    }
}

static void finds_every_escape(void **state)
{
    static const struct {
        uint32_t code_point;
        size_t begins;
        size_t ends;
    } rows[] = {
        {'"', 1, 3},      {'\n', 3, 5},     {0, 9, 15},       {'\\', 15, 17}, {0x1F600, 22, 34},
        {0xD83D, 34, 40}, {0xDE00, 41, 47}, {0xD83D, 47, 53}, {0xE9, 53, 59},
    };
    /* An escaped backslash begins no escape of what follows it. */
    static const char inner[] =
        "a\\\"\\n\xF0\x9F\x98\x80\\u0000\\\\u0000\\ud83d\\uDE00\\ud83dx\\uDE00\\uD83D\\u00E9xy";
    char *text = support_exact(inner, sizeof inner - 1);
    lambdest__span span = span_of(text, sizeof inner - 1);
    size_t i, at = 0, begins = 0;
    uint32_t c = 0;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(lambdest__string_escape(span, &at, &begins, &c));
        assert_int_equal(c, rows[i].code_point);
        assert_int_equal(begins, rows[i].begins);
        assert_int_equal(at, rows[i].ends);
    }
    assert_false(lambdest__string_escape(span, &at, &begins, &c));
    at = 0;
    assert_false(lambdest__string_escape(span_of(text, 0), &at, &begins, &c));
    assert_false(lambdest__string_escape(span_of(NULL, 0), &at, &begins, &c));
    free(text);
}

/* In place and elsewhere the same as decoding, byte for byte, with nothing written past its room. */
static void unpacks_in_place_and_apart(void **state)
{
    uint64_t seed = 21;
    int round, wrong = 0;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char inner[8000];
        size_t lone, n, len = 0, pieces = support_below(&seed, 12), i;
        unsigned char *apart, *expected;
        char *text;

        for (i = 0; i < pieces; i++) {
            len += random_inner(&seed, inner + len, 4);
            n = support_below(&seed, 2) ? support_below(&seed, 40) : 0;
            memset(inner + len, 'p', n);
            len += n;
        }
        text = support_exact(inner, len);
        expected = (unsigned char *)support_exact(inner, len);
        apart = (unsigned char *)support_exact(inner, len);
        n = lambdest__string_decode(span_of(text, len), expected);
        wrong += lambdest__string_unpack(span_of(text, len), apart, &lone) != n || memcmp(apart, expected, n);
        wrong += lambdest__string_unpack(span_of(text, len), (unsigned char *)text, &lone) != n ||
                 memcmp(text, expected, n);
        free(apart);
        free(expected);
        free(text);
    }
    assert_int_equal(wrong, 0);
}

static void unpacking_tells_of_lone_surrogates(void **state)
{
    static const struct {
        const char *inner;
        size_t lone;
    } cases[] = {
        {"", SIZE_MAX},
        {"a\xEF\xBF\xBD\\ufffd\\ud83d\\ude00", SIZE_MAX},
        {"\\ud83d", 0},
        {"\\ude00\\ud83d", 0},
        {"plain text, long enough\\n\\ud83d", 24},
        {"\\ud83d\\ude00\\ud83d\\u0061", 4},
        {"\\\\ud83d", SIZE_MAX},
        {"\\u00e9\\uDBFF!", 2},
        {"\\ud7ff\\ue000\\ud800", 6},
        {"\\ue000\\udfff", 3},
        {"\\ud7ff\\ue000", SIZE_MAX},
    };
    unsigned char out[64];
    size_t i, lone;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lambdest__string_unpack(span_of(cases[i].inner, strlen(cases[i].inner)), out, &lone);
        assert_int_equal(lone, cases[i].lone);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_quotes_off),
        cmocka_unit_test(decodes_by_hand),
        cmocka_unit_test(unpacking_tells_of_lone_surrogates),
        cmocka_unit_test(unpacks_in_place_and_apart),
        cmocka_unit_test(decodes_every_unicode_escape),
        cmocka_unit_test(decodes_every_surrogate_pair),
        cmocka_unit_test(decodes_two_units_at_their_limits),
        cmocka_unit_test(decodes_every_escape_of_two_bytes),
        cmocka_unit_test(decodes_random_texts),
        cmocka_unit_test(decodes_an_escape_wherever_it_stands),
        cmocka_unit_test(takes_plain_strings_only),
        cmocka_unit_test(decodes_as_jansson_does),
        cmocka_unit_test(equals_that_text_only),
        cmocka_unit_test(equals_nothing),
        cmocka_unit_test(hashes_the_text_it_stands_for),
        cmocka_unit_test(orders_all_short_texts),
        cmocka_unit_test(orders_random_texts),
        cmocka_unit_test(escapes_every_control_character),
        cmocka_unit_test(escapes_nothing_else_but_quote_and_backslash),
        cmocka_unit_test(encodes_nothing),
        cmocka_unit_test(knows_what_is_plain),
        cmocka_unit_test(encoding_loses_nothing),
        cmocka_unit_test(finds_every_escape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
