#include "support.h"

#include "json/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_integer(const char *spelling, size_t len, int64_t *out)
{
    char *text = support_exact(spelling, len);
    lambdest__span value = {(const unsigned char *)text, len};
    bool is_integer = lambdest__number_integer(value, out);

    free(text);
    return is_integer;
}

static void expect_integer(const char *spelling, int64_t expected)
{
    int64_t found = 0x5EED;

    if (!read_integer(spelling, strlen(spelling), &found))
        fail_msg("%s is no integer, expected %" PRId64, spelling, expected);
    if (found != expected)
        fail_msg("%s is %" PRId64 ", expected %" PRId64, spelling, found, expected);
}

static void expect_none(const char *spelling)
{
    int64_t found;

    if (read_integer(spelling, strlen(spelling), &found))
        fail_msg("%s is %" PRId64 ", expected none", spelling, found);
}

static void reads_integers_however_they_are_spelt(void **state)
{
    static const struct {
        const char *spelling;
        int64_t value;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"0.0", 0},
        {"-0.000", 0},
        {"0e0", 0},
        {"0e+5", 0},
        {"0.0e5", 0},
        {"-0E-99", 0},
        {"0e999999999999999999999999", 0},
        {"0e-999999999999999999999999", 0},
        {"0.00e99999999999999999999", 0},
        {"3", 3},
        {"3.0", 3},
        {"30e-1", 3},
        {"0.3e1", 3},
        {"0.03E+2", 3},
        {"300.00e-2", 3},
        {"-3.000", -3},
        {"1e0", 1},
        {"1e-0", 1},
        {"1E+00", 1},
        {"1e18", 1000000000000000000},
        {"1.5e1", 15},
        {"12.340e2", 1234},
        {"-12.340e00002", -1234},
        {"10", 10},
        {"100e-2", 1},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"9223372036854775807.0000", INT64_MAX},
        {"9223372036854775.807e3", INT64_MAX},
        {"0.9223372036854775807e19", INT64_MAX},
        {"0.0000009223372036854775807e25", INT64_MAX},
        {"92233720368547758070e-1", INT64_MAX},
        {"9223372036854775807000e-3", INT64_MAX},
        {"922337203685477580.7E1", INT64_MAX},
        {"-9223372036854775807", -INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"-9223372036854775808.0", INT64_MIN},
        {"-9.223372036854775808e18", INT64_MIN},
        {"-922337203685477580800e-2", INT64_MIN},
        {"9223372036854775800", INT64_C(9223372036854775800)},
        {"92233720368547758e2", INT64_C(9223372036854775800)},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_integer(rows[i].spelling, rows[i].value);
}

static void knows_what_is_no_integer(void **state)
{
    static const char *const rows[] = {
        "0.1",
        "-0.5",
        "1.5",
        "15e-1",
        "1e-1",
        "1.05e1",
        "12.345e2",
        "0.0000001",
        "1e-999999999999999999999999",
        "123456789e-10",
        "9223372036854775806.9999",
        "9223372036854775807.5",
        "-9223372036854775808.1",
        "1.00000000000000000000000000000000000000000001",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_none(rows[i]);
}

static void knows_what_does_not_fit(void **state)
{
    static const char *const rows[] = {
        "9223372036854775808",
        "9223372036854775808.0",
        "9223372036854775809",
        "9223372036854775810",
        "-9223372036854775809",
        "-9223372036854775810",
        "9.223372036854775808e18",
        "92233720368547758080e-1",
        "0.9223372036854775808e19",
        "10000000000000000000",
        "18446744073709551615",
        "18446744073709551616",
        "18446744073709551617",
        "-18446744073709551616",
        "99999999999999999999",
        "1e19",
        "-1e19",
        "1e20",
        "1E+400",
        "1e999999999999999999999999",
        "-1e18446744073709551616",
        "922337203685477581e1",
        "340282366920938463463374607431768211456",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_none(rows[i]);
}

/* A one with a million zeros behind it, taken back by the exponent; and the other way round. */
static void reads_very_long_spellings(void **state)
{
    enum {
        ZEROS = 1000000
    };

    char *text = malloc(ZEROS + 30);
    int64_t found = 0;
    size_t len;

    (void)state;
    assert_non_null(text);
    text[0] = '7';
    memset(text + 1, '0', ZEROS);
    len = 1 + ZEROS + (size_t)sprintf(text + 1 + ZEROS, "e-%d", ZEROS);
    assert_true(read_integer(text, len, &found));
    assert_int_equal(found, 7);
    text[len - 1] = '1';
    assert_false(read_integer(text, len, &found));
    assert_false(read_integer(text, 1 + ZEROS, &found));
    memcpy(text, "0.", 2);
    memset(text + 2, '0', ZEROS);
    len = 2 + ZEROS + (size_t)sprintf(text + 2 + ZEROS, "42e%d", ZEROS + 2);
    assert_true(read_integer(text, len, &found));
    assert_int_equal(found, 42);
    len = 2 + ZEROS + (size_t)sprintf(text + 2 + ZEROS, "42e%d", ZEROS + 1);
    assert_false(read_integer(text, len, &found));
    free(text);
}

/* Moves the point of a plain integer's digits and says so in the exponent. */
static void respell(uint64_t *seed, int64_t value, char *out, size_t cap)
{
    static const char *const marks[] = {"e", "E"};
    char digits[64], plain[32];
    size_t zeros = support_below(seed, 4), tail = support_below(seed, 4), len, point, i;
    int exponent;

    snprintf(plain, sizeof plain, "%" PRId64, value);
    len = strlen(plain) - (value < 0);
    for (i = 0; i < zeros + len + tail; i++)
        digits[i] = i < zeros || i >= zeros + len ? '0' : plain[i - zeros + (value < 0)];
    digits[zeros + len + tail] = '\0';
    if (value && !zeros && support_below(seed, 2)) {
        point = 1 + support_below(seed, len + tail);
    } else {
        memmove(digits + 1, digits, strlen(digits) + 1);
        digits[0] = '0';
        zeros++;
        point = 1;
    }
    exponent = (int)(zeros + len) - (int)point;
    snprintf(out, cap, "%s%.*s%s%s%s%s%d", value < 0 ? "-" : "", (int)point, digits, digits[point] ? "." : "",
             digits + point, marks[support_below(seed, 2)],
             exponent >= 0 && support_below(seed, 2) ? "+" : "", exponent);
}

static int64_t some_integer(uint64_t *seed)
{
    uint64_t bits = support_random(seed);

    switch (support_below(seed, 4)) {
    case 0:
        return INT64_MAX - (int64_t)(bits % 100);
    case 1:
        return INT64_MIN + (int64_t)(bits % 100);
    case 2:
        return (int64_t)(bits >> (1 + support_below(seed, 63)));
    default:
        return -(int64_t)(bits >> (1 + support_below(seed, 63)));
    }
}

static void reads_every_respelling(void **state)
{
    uint64_t seed = 5;
    int round;

    (void)state;
    for (round = 0; round < 100000; round++) {
        int64_t value = some_integer(&seed);
        char plain[32], spelling[128];

        snprintf(plain, sizeof plain, "%" PRId64, value);
        expect_integer(plain, value);
        respell(&seed, value, spelling, sizeof spelling);
        expect_integer(spelling, value);
    }
}

/* One more digit behind the point, and it is no integer any more. */
static void a_fraction_is_never_an_integer(void **state)
{
    uint64_t seed = 6;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char spelling[128];
        size_t zeros = support_below(&seed, 30);

        snprintf(spelling, sizeof spelling, "%" PRId64 ".%.*s%zu", some_integer(&seed), (int)zeros,
                 "000000000000000000000000000000", 1 + support_below(&seed, 9));
        expect_none(spelling);
    }
}

static void expect_put(int64_t value)
{
    unsigned char out[LAMBDEST__INTEGER_MAX + 1];
    char expected[32];
    size_t len;
    int64_t back;

    memset(out, 0xEE, sizeof out);
    len = lambdest__number_put(value, out);
    snprintf(expected, sizeof expected, "%" PRId64, value);
    support_expect_bytes(out, len, expected, strlen(expected));
    assert_int_equal(out[len], 0xEE);
    assert_true(read_integer((const char *)out, len, &back));
    assert_true(back == value);
}

static void writes_integers(void **state)
{
    uint64_t seed = 7;
    int64_t value;
    int i;

    (void)state;
    for (value = -20000; value <= 20000; value++)
        expect_put(value);
    for (value = 1; value < INT64_MAX / 10; value *= 10) {
        expect_put(value);
        expect_put(value - 1);
        expect_put(-value);
        expect_put(1 - value);
    }
    expect_put(INT64_MAX);
    expect_put(INT64_MIN);
    for (i = 0; i < 20000; i++)
        expect_put(some_integer(&seed));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_integers_however_they_are_spelt),
        cmocka_unit_test(knows_what_is_no_integer),
        cmocka_unit_test(knows_what_does_not_fit),
        cmocka_unit_test(reads_very_long_spellings),
        cmocka_unit_test(reads_every_respelling),
        cmocka_unit_test(a_fraction_is_never_an_integer),
        cmocka_unit_test(writes_integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
