#include "json/check.h"

#if LAMBDEST__HAS_X86

#include "check_paths.h"
#include "json/check_list.h"

#include <stdio.h>

static uint64_t bits_of(const unsigned char *p, const char *kind)
{
    uint64_t bits = 0;
    int i;

    for (i = 0; i < 64; i++)
        if (p[i] && strchr(kind, p[i]))
            bits |= UINT64_C(1) << i;
    return bits;
}

static lambdest__figures figures_plainly(const unsigned char *p)
{
    lambdest__figures f;

    f.digit = bits_of(p, "0123456789");
    f.zero = bits_of(p, "0");
    f.minus = bits_of(p, "-");
    f.plus = bits_of(p, "+");
    f.point = bits_of(p, ".");
    f.comma = bits_of(p, ",");
    f.open = bits_of(p, "[");
    f.close = bits_of(p, "]");
    f.exponent = bits_of(p, "eE");
    return f;
}

/* How much of a list, which begins at the comma behind its first number, is passed by blocks when that many
 * spaces stand behind it. */
static size_t passed_by_blocks(const char *list, size_t spaces, bool rows)
{
    size_t len = strlen(list), passed;
    unsigned char *text = malloc(len + spaces);

    assert_non_null(text);
    memcpy(text, list, len);
    memset(text + len, ' ', spaces);
    passed = (size_t)(lambdest__pass_figures(text, text + len + spaces, rows, figures_plainly) - text);
    free(text);
    return passed;
}

/* `shift` bytes of small numbers, so that what comes then lies anywhere in a block; returns its place. */
static size_t begin_list(char *list, size_t shift)
{
    size_t i;

    memset(list, '1', shift);
    for (i = 0; i + 1 < shift; i += 2)
        list[i] = ',';
    list[shift] = '\0';
    return shift;
}

static void blocks_pass_all_numbers(void **state)
{
    static const char *const numbers[] = {"0",    "-0",    "7",     "-12",      "305",       "0.25",
                                          "-3.0", "10.5",  "1e5",   "2E+07",    "-4.5e-300", "0e0",
                                          "0E-0", "0.0e0", "-0.70", "12345678", "9.99E+10",  "1.2e3"};
    char list[200];
    size_t i, shift, at;

    (void)state;
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        for (shift = 2; shift < 140; shift++) {
            at = begin_list(list, shift);
            at += (size_t)sprintf(list + at, ",%s,8", numbers[i]);
            strcpy(list + at, "]");
            assert_int_equal(passed_by_blocks(list, 70, false), at);
            assert_int_equal(passed_by_blocks(list, 70, true), at);
            strcpy(list + at, ", 5");
            assert_int_equal(passed_by_blocks(list, 70, false), at);
        }
}

static void blocks_stop_before_what_is_no_number(void **state)
{
    static const char *const wrong[] = {"+1",    "01",   "-",   "1.",  "1.e2",  ".5",    "1e",   "1e+",
                                        "--1",   "1-",   "1+",  "-01", "1.2.3", "1e5e5", "e5",   "",
                                        "1e-+5", "00",   "-.5", "-e5", "1e2.5", "1-2",   "1e5-", "1e5+1",
                                        "1.-5",  "1ee5", "[1",  "]",   "-]",    "1.]"};
    char list[200];
    size_t i, shift, at;

    (void)state;
    for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (shift = 2; shift < 140; shift++) {
            at = begin_list(list, shift);
            sprintf(list + at, ",%s,8,9]", wrong[i]);
            assert_true(passed_by_blocks(list, 70, false) <= at);
            assert_true(passed_by_blocks(list, 70, true) <= at);
        }
}

/* From one array to the next where the array is an array's element, and only so. Where blocks meet, a row may
 * end the run. */
static void blocks_pass_rows(void **state)
{
    static const char *const wrong[] = {"],[]",  "],[,1", "],,[1", "][1",  "],1",
                                        "],[[1", "]],[1", "],[+1", "],[01"};
    char list[200];
    size_t i, shift, at, len;

    (void)state;
    for (shift = 2; shift < 140; shift++) {
        at = begin_list(list, shift);
        len = at + (size_t)sprintf(list + at, "],[8],[-0,1.5e2],[3");
        strcpy(list + len, "]]");
        if (len < 64)
            assert_int_equal(passed_by_blocks(list, 70, true), len);
        assert_int_equal(passed_by_blocks(list, 70, false), at);
        for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            sprintf(list + at, "%s,8,9]]", wrong[i]);
            assert_true(passed_by_blocks(list, 70, true) <= at);
        }
    }
}

/* A block is 64 bytes, and stands behind the comma. */
static void blocks_are_whole(void **state)
{
    char list[65] = "";

    (void)state;
    begin_list(list, 64);
    assert_int_equal(passed_by_blocks(list, 0, false), 0);
    assert_int_equal(passed_by_blocks(list, 1, false), 64);
}

static void sse2_random_texts(void **state)
{
    (void)state;
    check_random_texts(lambdest__check_sse2);
}

static void sse2_strings(void **state)
{
    (void)state;
    check_strings(lambdest__check_sse2);
}

static void sse2_escapes(void **state)
{
    (void)state;
    check_escapes(lambdest__check_sse2);
    check_digits_of_escapes(lambdest__check_sse2);
}

static void sse2_utf8(void **state)
{
    (void)state;
    check_utf8(lambdest__check_sse2);
    check_utf8_places(lambdest__check_sse2);
}

static void sse2_spaces(void **state)
{
    (void)state;
    check_spaces(lambdest__check_sse2);
    check_blanks(lambdest__check_sse2);
}

static void sse2_scalars(void **state)
{
    (void)state;
    check_scalars(lambdest__check_sse2);
}

static void sse2_levels(void **state)
{
    (void)state;
    check_levels(lambdest__check_sse2);
}

static void sse2_lists(void **state)
{
    (void)state;
    check_lists(lambdest__check_sse2);
    check_list_bytes(lambdest__check_sse2);
}

static void avx2_random_texts(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_random_texts(lambdest__check_avx2);
}

static void avx2_strings(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_strings(lambdest__check_avx2);
}

static void avx2_escapes(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_escapes(lambdest__check_avx2);
    check_digits_of_escapes(lambdest__check_avx2);
}

static void avx2_utf8(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_utf8(lambdest__check_avx2);
    check_utf8_places(lambdest__check_avx2);
}

static void avx2_spaces(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_spaces(lambdest__check_avx2);
    check_blanks(lambdest__check_avx2);
}

static void avx2_scalars(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_scalars(lambdest__check_avx2);
}

static void avx2_levels(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_levels(lambdest__check_avx2);
}

static void avx2_lists(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_lists(lambdest__check_avx2);
    check_list_bytes(lambdest__check_avx2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sse2_random_texts),
        cmocka_unit_test(sse2_strings),
        cmocka_unit_test(sse2_escapes),
        cmocka_unit_test(sse2_utf8),
        cmocka_unit_test(sse2_spaces),
        cmocka_unit_test(sse2_scalars),
        cmocka_unit_test(sse2_levels),
        cmocka_unit_test(sse2_lists),
        cmocka_unit_test(avx2_random_texts),
        cmocka_unit_test(avx2_strings),
        cmocka_unit_test(avx2_escapes),
        cmocka_unit_test(avx2_utf8),
        cmocka_unit_test(avx2_spaces),
        cmocka_unit_test(avx2_scalars),
        cmocka_unit_test(avx2_levels),
        cmocka_unit_test(avx2_lists),
        cmocka_unit_test(blocks_pass_all_numbers),
        cmocka_unit_test(blocks_stop_before_what_is_no_number),
        cmocka_unit_test(blocks_pass_rows),
        cmocka_unit_test(blocks_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include "support.h"

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
