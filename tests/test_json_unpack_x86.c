#include "json/unpack.h"

#include "support.h"

#if LAMBDEST__HAS_X86

#include "json/check.h"

#include <stdlib.h>
#include <string.h>

/* What an inner text stands for up to the place where blocks leave off, by its definition, byte for byte. */
static size_t unpack_by_byte(const char *inner, size_t len, unsigned char *out)
{
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        char c = inner[i];

        if (c == '\\') {
            c = inner[++i];
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
        }
        out[n++] = (unsigned char)c;
    }
    return n;
}

/* The length up to the first escape of another kind, and where the escapes begin before it. */
static size_t until_other(const char *inner, size_t len, bool *begins)
{
    size_t i;

    for (i = 0; i < len; i++) {
        begins[i] = true;
        if (inner[i] != '\\')
            continue;
        if (!strchr("\"\\/nrt", inner[i + 1]))
            return i;
        begins[++i] = false;
    }
    begins[len] = true;
    return len;
}

/* 0 if all is as unpack.h says, the line of what is not. */
static int judge(const char *inner, size_t len, bool in_place)
{
    static bool begins[1000];
    char *text = support_exact(inner, len);
    unsigned char *out = in_place ? (unsigned char *)text : (unsigned char *)support_exact(inner, len),
                  *to = out;
    unsigned char expected[1000];
    size_t other = until_other(inner, len, begins);
    const unsigned char *p = (const unsigned char *)text, *rest = lambdest__unpack_avx2(p, p + len, &to);
    size_t done = (size_t)(rest - p), n = unpack_by_byte(inner, done <= len ? done : 0, expected);
    int wrong = 0;

    if (done > other || !begins[done])
        wrong = __LINE__;
    else if (done < other && len - done > LAMBDEST__UNPACK_LEAST)
        wrong = __LINE__;
    else if ((size_t)(to - out) != n || memcmp(out, expected, n))
        wrong = __LINE__;
    else if (memcmp(rest, inner + done, len - done)) /* what is not yet read is as it was */
        wrong = __LINE__;
    if (!in_place)
        free(out);
    free(text);
    return wrong;
}

static void expect_right(const char *inner, size_t len)
{
    int apart = judge(inner, len, false), in_place = judge(inner, len, true);

    if (apart || in_place)
        print_message("%.*s\n", (int)len, inner);
    assert_int_equal(apart, 0);
    assert_int_equal(in_place, 0);
}

static size_t random_inner(uint64_t *seed, char *inner, size_t len, size_t kinds)
{
    static const char *const pieces[] = {"a",       "bc",  "\\\"",   "\\\\", "\\/",    "\"",
                                         "nrt/bfu", "\\n", "\\r\\t", "\\b",  "\\u0041"};
    size_t n = 0;

    while (n < len) {
        const char *piece = pieces[support_below(seed, kinds)];

        memcpy(inner + n, piece, strlen(piece));
        n += strlen(piece);
    }
    return n;
}

static void random_texts(void **state)
{
    uint64_t seed = 5;
    char inner[400];
    int round;

    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    for (round = 0; round < 60000; round++) {
        size_t kinds = round % 4 == 0 ? 11 : round % 4 == 1 ? 9 : round % 4 == 2 ? 5 : 4;

        expect_right(inner, random_inner(&seed, inner, support_below(&seed, 330), kinds));
    }
}

/* Texts that hold texts: runs of 1, 3, 7 ... backslashes before a quote, at every place in a block. */
static void runs_of_every_length_everywhere(void **state)
{
    size_t run, before;

    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    for (run = 0; run < 140; run++)
        for (before = 0; before < 70; before++) {
            char inner[400];
            size_t len = before + run;

            memset(inner, 'x', sizeof inner);
            memset(inner + before, '\\', run);
            if (run % 2)
                inner[len++] = '"';
            expect_right(inner, len + 70);
        }
}

static void every_escape_everywhere(void **state)
{
    static const char letters[] = "\"\\/bfnrt";
    size_t before, i;

    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    for (i = 0; letters[i]; i++)
        for (before = 0; before < 130; before++) {
            char inner[260];

            memset(inner, letters[i] == '\\' ? 'n' : letters[i], sizeof inner); /* unescaped they stay */
            if (letters[i] == '"')
                memset(inner, 't', sizeof inner);
            inner[before] = '\\';
            inner[before + 1] = letters[i];
            expect_right(inner, sizeof inner);
        }
}

static void all_bytes_but_escapes_stay(void **state)
{
    char inner[256];
    int i;

    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    for (i = 0; i < 256; i++)
        inner[i] = i == '\\' ? ' ' : (char)i;
    expect_right(inner, sizeof inner);
    inner[200] = '\\';
    inner[201] = '\\';
    expect_right(inner, sizeof inner);
}

static void short_texts_are_left(void **state)
{
    unsigned char text[LAMBDEST__UNPACK_LEAST - 1], *to = text;

    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    memset(text, '\\', sizeof text);
    assert_ptr_equal(lambdest__unpack_avx2(text, text + sizeof text, &to), text);
    assert_ptr_equal(to, text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_texts),
        cmocka_unit_test(runs_of_every_length_everywhere),
        cmocka_unit_test(every_escape_everywhere),
        cmocka_unit_test(all_bytes_but_escapes_stay),
        cmocka_unit_test(short_texts_are_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void is_for_another_machine(void **state)
{
    (void)state;
    skip();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(is_for_another_machine)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
