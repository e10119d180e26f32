/* What must hold of every way to check a value (lib/json/check.h): it says what the scanner says, which
 * reads byte by byte, and reads nothing past the end. Included by the test of each way. */
#ifndef LAMBDEST_TESTS_CHECK_PATHS_H
#define LAMBDEST_TESTS_CHECK_PATHS_H

#include "support.h"

#include "base/options.h"
#include "json/check.h"
#include "json/scan.h"

#include <stdlib.h>
#include <string.h>

/* Begins at `shift` bytes into a word and ends where its block ends. */
static void agrees_on(lambdest__check_fn *check, const void *text, size_t len, size_t shift,
                      uint32_t max_depth)
{
    unsigned char *block = malloc(len + shift);
    const unsigned char *from = block + shift, *behind, *alone;
    lambdest__scan s;
    int rc;

    assert_non_null(block);
    memset(block, '"', shift);
    memcpy(block + shift, text, len);
    lambdest__scan_init(&s, (const char *)from, len, max_depth);
    rc = lambdest__scan_slowly(&s);
    behind = check(block, from, from + len, max_depth);
    alone = check(from, from, from + len, max_depth);
    if (alone != behind)
        fail_msg("what stands before it counts: %.*s", (int)len, (const char *)text);
    if (rc && behind)
        fail_msg("passed, but is wrong at %zu: %.*s", s.at, (int)len, (const char *)text);
    if (!rc && !behind)
        fail_msg("not passed: %.*s", (int)len, (const char *)text);
    if (!rc)
        assert_int_equal(behind - from, s.at);
    free(block);
}

/* Whole and damaged: by a telling byte, by any byte, and cut. */
static void check_random_texts(lambdest__check_fn *check)
{
    static const unsigned char letters[] = "{}[]\":,\\/ \t\n01-+.eEtrufalsn\x1F\x7F\x80\xC3\xA9\xE2\xFFx";
    static unsigned char text[3000];
    uint64_t seed = 77;
    int round, rounds = support_quick() ? 200 : 4000, change;

    for (round = 0; round < rounds; round++) {
        size_t cap = SUPPORT_JSON_MIN + support_below(&seed, sizeof text - SUPPORT_JSON_MIN);
        size_t len = support_random_json(&seed, text, cap), from = 0;

        while (strchr(" \t\r\n", text[from]))
            from++;
        agrees_on(check, text + from, len - from, (size_t)round % 64, 512);
        agrees_on(check, text + from, 1 + support_below(&seed, len - from), 1, 512);
        for (change = 0; change < 8; change++) {
            size_t at = from + support_below(&seed, len - from);

            text[at] = change % 2 ? (unsigned char)support_random(&seed)
                                  : letters[support_below(&seed, sizeof letters)];
            if (!strchr(" \t\r\n", text[from]) || !text[from])
                agrees_on(check, text + from, len - from, 0, 512);
        }
    }
}

/* Every byte at every place of strings of every length, which begin at every place. */
static void check_strings(lambdest__check_fn *check)
{
    static const unsigned char telling[] = {0,    0x1F, 0x20, '"',  '\\', 'u',
                                            0x7F, 0x80, 0xC2, 0xE2, 0xF0, 0xFF};
    unsigned char text[260];
    size_t len, at, i;
    int byte;

    for (len = 1; len <= 200; len += len < 70 || !support_quick() ? 1 : 13)
        for (at = 0; at < len; at++)
            for (i = 0; i < sizeof telling; i++) {
                memset(text, 'a', sizeof text);
                text[0] = text[len + 1] = '"';
                text[at + 1] = telling[i];
                agrees_on(check, text, len + 2, len % 32, 512);
                agrees_on(check, text, sizeof text, at % 32, 512);
            }
    for (at = 0; at < 140; at++)
        for (byte = 0; byte < 256; byte++) {
            memset(text, 'a', sizeof text);
            text[0] = text[150] = '"';
            text[at + 1] = (unsigned char)byte;
            agrees_on(check, text, sizeof text, 0, 512);
            text[at + 1] = '\\';
            text[at + 2] = (unsigned char)byte;
            memset(text + at + 3, '0', 3);
            agrees_on(check, text, sizeof text, 0, 512);
            agrees_on(check, text, 151, 0, 512);
        }
}

/* Runs of backslashes of every length at every place, and texts of little else than escapes. */
static void check_escapes(lambdest__check_fn *check)
{
    static const char letters[] = "\\\\\\\\\\\"\"/bfnrtuuu0aF9x";
    unsigned char text[400];
    uint64_t seed = 78;
    size_t from, run, i, len;
    int round, rounds = support_quick() ? 3000 : 100000;

    for (from = 1; from < 140; from++)
        for (run = 1; run < 140; run += run < 9 || !support_quick() ? 1 : 17) {
            memset(text, 'n', sizeof text);
            text[0] = '"';
            memset(text + from, '\\', run);
            text[from + run] = '"';
            text[from + run + 1] = '"';
            agrees_on(check, text, from + run + 1, from % 8, 512);
            agrees_on(check, text, from + run + 2, 0, 512);
            agrees_on(check, text, from + run + 80, 0, 512);
        }
    for (round = 0; round < rounds; round++) {
        len = 2 + support_below(&seed, 298);
        text[0] = '"';
        for (i = 1; i < len; i++)
            text[i] = (unsigned char)letters[support_below(&seed, sizeof letters - 1)];
        agrees_on(check, text, len, 0, 512);
        for (i = 1; i + 7 < len; i += 6 + support_below(&seed, 3)) {
            memcpy(text + i, support_below(&seed, 40) ? "\\u12aF\\\\" : "\\u12ag\\\\", 8);
            if (support_below(&seed, 3) == 0)
                memcpy(text + i, "\\\"\\/\\n\\t", 8);
        }
        for (; i < len; i++)
            text[i] = 'x';
        text[len - 1] = '"';
        agrees_on(check, text, len, (size_t)round % 32, 512);
    }
}

/* Each of the four digits of an escape, wrong at every place. */
static void check_digits_of_escapes(lambdest__check_fn *check)
{
    unsigned char text[160];
    size_t at, digit;

    for (at = 1; at < 150; at++)
        for (digit = 0; digit < 4; digit++) {
            memset(text, 'a', sizeof text);
            text[0] = text[sizeof text - 1] = '"';
            memcpy(text + at, "\\u0F9c", 6);
            assert_ptr_equal(check(text, text, text + sizeof text, 1), text + sizeof text);
            text[at + 2 + digit] = 'g';
            assert_null(check(text, text, text + sizeof text, 1));
        }
}

/* Every pair of bytes, with two of some kinds behind it, across the places where blocks meet. */
static void check_utf8(lambdest__check_fn *check)
{
    static const unsigned char more[] = {'a', 0x80, 0x9F, 0xBF, 0xC3, 0xF0};
    static const size_t places[] = {1, 29, 30, 31, 32, 61, 62, 63, 64, 65};
    unsigned char text[100];
    int first, second, step = support_quick() ? 11 : 1;
    size_t i, k, m;

    for (first = 0x80; first < 256; first++)
        for (second = first % step; second < 256; second += step)
            for (i = 0; i < sizeof more; i++)
                for (k = 0; k < sizeof more; k++) {
                    m = (size_t)(first + second + (int)i) % (sizeof places / sizeof places[0]);
                    memset(text, 'a', sizeof text);
                    text[0] = text[80] = '"';
                    text[places[m]] = (unsigned char)first;
                    text[places[m] + 1] = (unsigned char)second;
                    text[places[m] + 2] = more[i];
                    text[places[m] + 3] = more[k];
                    agrees_on(check, text, 81, (size_t)second % 32, 512);
                }
}

/* A byte that continues none, and one that continues the byte before it, at every place of values of every
 * length about two, three and four of the strides in which UTF-8 is checked. */
static void check_utf8_places(lambdest__check_fn *check)
{
    unsigned char text[140];
    size_t len, at;

    for (len = 60; len < sizeof text; len++)
        for (at = 1; at + 1 < len; at++) {
            memset(text, 'a', sizeof text);
            text[0] = text[len - 1] = '"';
            text[at] = 0x80;
            agrees_on(check, text, len, at % 8, 512);
            text[at - (at > 1)] = 0xC2;
            agrees_on(check, text, len, 0, 512);
        }
}

/* Runs of white space of every length at every place that allows it, and of what is none. */
static void check_spaces(lambdest__check_fn *check)
{
    static const char *const parts[] = {"[", "{",     "\"a\"", ":", "1", ",", "\"b\"", ":",    "[", "]",
                                        ",", "\"c\"", ":",     "{", "}", "}", ",",     "null", "]"};
    static const char blanks[] = " \n\r\t\v\x1F!";
    const size_t count = sizeof parts / sizeof parts[0];
    char text[200];
    size_t at, run, i, n;
    const char *blank;

    for (at = 1; at < count; at++)
        for (run = 1; run < 40; run++)
            for (blank = blanks; *blank; blank++) {
                for (n = 0, i = 0; i < count; i++) {
                    if (i == at) {
                        memset(text + n, ' ', run);
                        n += run;
                        text[n - 1 - run / 3] = *blank;
                    }
                    memcpy(text + n, parts[i], strlen(parts[i]));
                    n += strlen(parts[i]);
                }
                agrees_on(check, text, n, run % 8, 512);
                agrees_on(check, text, n - strlen(parts[count - 1]), at % 8, 512);
            }
}

/* Every byte at every place among white space, which the scanner passes by the same function. */
static void check_blanks(lambdest__check_fn *check)
{
    unsigned char text[40];
    size_t len, at;
    int byte;

    for (len = 3; len <= sizeof text; len++)
        for (at = 1; at + 1 < len; at++)
            for (byte = 1; byte < 256; byte++) {
                memset(text, ' ', sizeof text);
                text[0] = '[';
                text[at] = (unsigned char)byte;
                text[len - 1] = ']';
                if (strchr(" \t\r\n0123456789]", byte))
                    assert_ptr_equal(check(text, text, text + len, 2), text + (byte == ']' ? at + 1 : len));
                else
                    assert_null(check(text, text, text + len, 2));
            }
}

static void check_scalars(lambdest__check_fn *check)
{
    static const char *const texts[] = {"-0",   "0",       "-12",     "1234567890123456789",
                                        "0.5",  "1.25e-7", "-1E+400", "1.0e",
                                        "1e+",  "-",       "1.",      "null",
                                        "true", "false",   "tru",     "nul",
                                        "fals"};
    char text[40];
    size_t i, len;
    int byte, digits;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (len = 1; len <= strlen(texts[i]); len++) {
            agrees_on(check, texts[i], len, 0, 512);
            for (byte = 0; byte < 256; byte++) {
                memset(text, '7', sizeof text);
                memcpy(text, texts[i], len);
                text[len] = (char)byte;
                agrees_on(check, text, len + 1, 3, 512);
                agrees_on(check, text, sizeof text, 0, 512);
            }
        }
    for (digits = 1; digits < 39; digits++)
        for (byte = 0; byte < 256; byte++) {
            memset(text, '5', sizeof text);
            text[digits] = (char)byte;
            agrees_on(check, text, (size_t)digits + 1, 0, 512);
            agrees_on(check, text, sizeof text, 0, 512);
        }
}

/* One number, right in most cases. */
static size_t put_number(uint64_t *seed, unsigned char *text)
{
    static const char *const numbers[] = {"0",    "-0",     "7",         "-12",   "0.25", "-3.125",
                                          "1e5",  "2E+07",  "-4.5e-300", "10e-1", "0e0",  "0.0",
                                          "1.2E", "907060", "+1",        "01",    "-",    "1.e2"};
    const size_t count = sizeof numbers / sizeof numbers[0];
    const char *number = numbers[support_below(seed, support_below(seed, 60) ? count - 6 : count)];
    size_t len = strlen(number), more = support_below(seed, 12) ? 0 : support_below(seed, 90);

    memcpy(text, number, len);
    for (; more; more--)
        text[len++] = (unsigned char)('0' + support_below(seed, 10));
    return len;
}

/* Lists of numbers and rows of them, whole, cut, and with each of the bytes that matter to them put where it
 * may not stand. */
static void check_lists(lambdest__check_fn *check)
{
    static const char *const begins[] = {"[", "[[", "{\"a\":[", "[{\"a\":[[", "[1,[[["};
    static const char *const betweens[] = {",", ",", ",", ",", "],[", ", ", "]", "],{\"a\":[", ",[", "],"};
    static const char letters[] = "0123456789-+.eE,[]{}\" x/:;";
    static unsigned char text[2000];
    uint64_t seed = 79;
    int round, rounds = support_quick() ? 500 : 8000, change;

    for (round = 0; round < rounds; round++) {
        const char *begin = begins[support_below(&seed, sizeof begins / sizeof begins[0])];
        size_t len = strlen(begin), cap = 10 + support_below(&seed, 400), kinds = 4 + support_below(&seed, 7);

        memcpy(text, begin, len);
        while (len < cap) {
            const char *between = betweens[support_below(&seed, support_below(&seed, 9) ? 5 : kinds)];

            len += put_number(&seed, text + len);
            memcpy(text + len, between, strlen(between));
            len += strlen(between);
        }
        len += put_number(&seed, text + len);
        memcpy(text + len, "]]}]]]", 6);
        len += begin[0] == '{' ? 1 : strlen(begin) < 3 ? strlen(begin) : 6;
        agrees_on(check, text, len, (size_t)round % 64, 512);
        agrees_on(check, text, 1 + support_below(&seed, len), 0, 512);
        for (change = 0; change < 6; change++) {
            text[1 + support_below(&seed, len - 1)] =
                (unsigned char)letters[support_below(&seed, sizeof letters)];
            agrees_on(check, text, len, 0, 512);
        }
    }
}

/* A list that is right, every byte of it replaced by every other. */
static void check_list_bytes(lambdest__check_fn *check)
{
    static const char list[] =
        "[[1,2,3,4,50,-6.25,0,7e1,0.5E-20,10],[11,-0,1.5e+3],[9],[1234567890123456789012345678,"
        "3,4],[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],[1,2]]";
    char text[sizeof list];
    size_t at;
    int byte;

    for (at = 1; at < sizeof list - 1; at++)
        for (byte = 0; byte < 256; byte++) {
            memcpy(text, list, sizeof list);
            text[at] = (char)byte;
            agrees_on(check, text, sizeof list - 1, at % 8, 512);
            agrees_on(check, text, at + 1, 0, 512);
        }
}

/* That many levels: whole, one too many, and with a bracket closed by the wrong one. */
static void check_depth(lambdest__check_fn *check, char *text, const char *pattern, size_t levels)
{
    size_t kinds = strlen(pattern), n = 0, i, at;

    for (i = 0; i < levels; i++) {
        memcpy(text + n, pattern[i % kinds] == '{' ? "{\"\":" : "[   ", 4);
        n += 4;
    }
    text[n++] = '1';
    at = n;
    while (i-- > 0)
        text[n++] = pattern[i % kinds] == '{' ? '}' : ']';
    agrees_on(check, text, n, 0, (uint32_t)levels);
    agrees_on(check, text, n, 0, (uint32_t)levels - 1);
    at += (levels * 7919) % levels;
    text[at] = text[at] == '}' ? ']' : '}';
    agrees_on(check, text, n, 0, LAMBDEST__DEPTH_LIMIT);
}

/* Every level's kind is kept in one bit: each bracket closed by the wrong one, and the limit. */
static void check_levels(lambdest__check_fn *check)
{
    static const char *const patterns[] = {"[", "{", "[{", "{{["};
    const size_t most = LAMBDEST__DEPTH_LIMIT + 64;
    char *text = malloc(5 * most + 1);
    size_t k, levels;

    assert_non_null(text);
    for (k = 0; k < 4; k++) {
        for (levels = 1; levels < most; levels = levels < 200 ? levels + 1 : levels * 2)
            check_depth(check, text, patterns[k], levels);
        check_depth(check, text, patterns[k], most);
    }
    free(text);
}

#endif
