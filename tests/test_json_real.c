#include "support.h"

#include "json/real.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libc's strtod, which rounds right in the locale "C", is the oracle: no test here changes the locale. */

enum {
    TEXT_MAX = 6000
};

static bool read_real(const char *spelling, size_t len, double *out)
{
    char *text = support_exact(spelling, len);
    lambdest__span value = {(const unsigned char *)text, len};
    bool fits = lambdest__number_real(value, out);

    free(text);
    return fits;
}

static void expect_real(const char *spelling, double expected)
{
    double found = 5.25;

    if (!read_real(spelling, strlen(spelling), &found))
        fail_msg("%.200s is out of range, expected %a", spelling, expected);
    if (memcmp(&found, &expected, sizeof found) != 0)
        fail_msg("%.200s is %a, expected %a", spelling, found, expected);
}

static void expect_out_of_range(const char *spelling)
{
    double found;

    if (read_real(spelling, strlen(spelling), &found))
        fail_msg("%.200s is %a, expected none", spelling, found);
}

static void expect_as_libc(const char *spelling)
{
    double expected = strtod(spelling, NULL);

    if (isinf(expected))
        expect_out_of_range(spelling);
    else
        expect_real(spelling, expected);
}

static void reads_by_hand(void **state)
{
    static const struct {
        const char *spelling;
        double value;
    } rows[] = {
        {"0", 0.0},
        {"0.0", 0.0},
        {"0e5", 0.0},
        {"0e99999999999999999999999", 0.0},
        {"-0", -0.0},
        {"-0.0", -0.0},
        {"-0.000e-7", -0.0},
        {"1", 0x1p0},
        {"1.0", 0x1p0},
        {"1e0", 0x1p0},
        {"0.1e1", 0x1p0},
        {"10E-1", 0x1p0},
        {"0.5", 0x1p-1},
        {"-1.25", -0x1.4p0},
        {"0.1", 0x1.999999999999ap-4},
        {"1.10", 0x1.199999999999ap0},
        {"1e2", 100.0},
        {"1E+22", 1e22},
        {"1e23", 0x1.52d02c7e14af6p76},
        {"123456789012345680000", 0x1.ac53a7e04bcdap66},
        /* half way: to the even one, unless anything follows */
        {"9007199254740993", 0x1p53},
        {"9007199254740993.0", 0x1p53},
        {"9007199254740993.00000000000000000000000000000001", 0x1.0000000000001p53},
        {"9007199254740992.99999999999999999999999999999999", 0x1p53},
        {"9007199254740995", 0x1.0000000000002p53},
        {"9223372036854776833", 0x1.0000000000001p63},                              /* 2^63 + 2^10 + 1 */
        {"11417981541647680316116887983825362587765178369", 0x1.0000000000001p153}, /* 2^153 + 2^100 + 1 */
        /* 96 bits, and the power of five that divides them has as many */
        {"39614081257132168796771987513e-41", 0x1.be03d0bf225c7p-42},
        /* half way, and 2^-178 of it more */
        {"166316851182145771084029476009078410648e-55", 0x1.32cce99027f9fp-56},
        /* a carry through all bits */
        {"0.99999999999999999999999999", 1.0},
        {"18446744073709551615", 0x1p64},
        /* the edges */
        {"1.7976931348623157e308", DBL_MAX},
        {"1.7976931348623158e308", DBL_MAX},
        {"-17976931348623158079e289", -DBL_MAX},
        {"2.2250738585072014e-308", DBL_MIN},
        {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022},
        {"2.2250738585072012e-308", DBL_MIN},
        {"4.9406564584124654e-324", 0x1p-1074},
        {"2.4703282292062328e-324", 0x1p-1074},
        {"2.4703282292062327e-324", 0.0},
        {"1e-323", 0x1p-1073},
        {"1e-324", 0.0},
        {"-1e-400", -0.0},
        {"1e-99999999999999999999999", 0.0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_real(rows[i].spelling, rows[i].value);
}

static void refuses_what_is_out_of_range(void **state)
{
    static const char *const rows[] = {
        "1e309", "-1e309",  "1E400",     "1.7976931348623159e308",    "17976931348623158080e289",
        "1e310", "9.9e308", "0.001e312", "1e99999999999999999999999",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_out_of_range(rows[i]);
}

/* Many zeros and an exponent that takes them back. */
static void the_exponent_moves_any_number_of_zeros(void **state)
{
    enum {
        ZEROS = 100000
    };
    char *text = malloc(ZEROS + 40);
    int len;

    (void)state;
    assert_non_null(text);
    len = snprintf(text, ZEROS + 40, "0.%0*d125e%d", ZEROS, 0, ZEROS + 3);
    assert_true(len > ZEROS);
    expect_real(text, 125.0);
    len = snprintf(text, ZEROS + 40, "125%0*de-%d", ZEROS, 0, ZEROS + 1);
    assert_true(len > ZEROS);
    expect_real(text, 12.5);
    free(text);
}

static double random_double(uint64_t *seed)
{
    double value;

    do {
        uint64_t bits = support_random(seed);

        if (!support_below(seed, 4))
            bits &= (UINT64_C(1) << 53) - 1; /* the subnormal ones are few */
        memcpy(&value, &bits, sizeof value);
    } while (isnan(value) || isinf(value));
    return value;
}

static void every_double_comes_back(void **state)
{
    uint64_t seed = 1;
    int i, count = support_quick() ? 20000 : 200000;
    char text[64];

    (void)state;
    for (i = 0; i < count; i++) {
        double value = random_double(&seed);

        snprintf(text, sizeof text, "%.16e", value);
        expect_real(text, value);
        snprintf(text, sizeof text, "%.*e", (int)support_below(&seed, 40), value);
        expect_as_libc(text);
    }
}

static double next_double(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    bits++;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Doubles next to each other, and all digits of what lies half way: itself, and a little on each side. */
static void half_way_is_told_from_either_side(void **state)
{
    uint64_t seed = 2;
    int i, count = support_quick() ? 500 : 5000;
    char text[TEXT_MAX];

    (void)state;
    for (i = 0; i < count; i++) {
        double value = random_double(&seed);
        long double half;
        char *end;

        if (value < 0)
            value = -value;
        if (value > DBL_MAX / 2)
            continue;
        half = ((long double)value + (long double)next_double(value)) / 2;
        snprintf(text, sizeof text, "%.*Lf", 1080, half);
        expect_as_libc(text);
        end = text + strlen(text);
        memcpy(end, "00000000000000000000000000000000000000001", 42);
        expect_as_libc(text);
        *end = '\0';
        while (end > text && end[-1] == '0')
            *--end = '\0';
        if (end > text && end[-1] != '.') {
            end[-1]--;
            memset(end, '9', 50);
            end[50] = '\0';
            expect_as_libc(text);
        }
    }
}

static size_t put_digits(uint64_t *seed, char *out, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        out[i] = (char)('0' + support_below(seed, 10));
    return count;
}

static void spells_as_libc_reads(void **state)
{
    static const size_t lengths[] = {1, 3, 17, 20, 40, 400, 770, 1500};
    uint64_t seed = 3;
    int i, count = support_quick() ? 20000 : 200000;
    char text[TEXT_MAX];

    (void)state;
    for (i = 0; i < count; i++) {
        size_t whole = 1 + support_below(&seed, lengths[support_below(&seed, 8)]);
        size_t len = 0;

        if (support_below(&seed, 2))
            text[len++] = '-';
        text[len++] = (char)('1' + support_below(&seed, 9));
        len += put_digits(&seed, text + len, whole - 1);
        if (support_below(&seed, 2)) {
            text[len++] = '.';
            len += put_digits(&seed, text + len, 1 + support_below(&seed, lengths[support_below(&seed, 8)]));
        }
        snprintf(text + len, sizeof text - len, "e%d",
                 (int)support_below(&seed, 680) - 360 - (int)support_below(&seed, 2) * (int)whole);
        expect_as_libc(text);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_by_hand),
        cmocka_unit_test(refuses_what_is_out_of_range),
        cmocka_unit_test(the_exponent_moves_any_number_of_zeros),
        cmocka_unit_test(every_double_comes_back),
        cmocka_unit_test(half_way_is_told_from_either_side),
        cmocka_unit_test(spells_as_libc_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
