#include "json/check.h"

#if LAMBDEST__HAS_NEON

#include "check_paths.h"

static void neon_random_texts(void **state)
{
    (void)state;
    check_random_texts(lambdest__check_neon);
}

static void neon_strings(void **state)
{
    (void)state;
    check_strings(lambdest__check_neon);
}

static void neon_escapes(void **state)
{
    (void)state;
    check_escapes(lambdest__check_neon);
    check_digits_of_escapes(lambdest__check_neon);
}

static void neon_utf8(void **state)
{
    (void)state;
    check_utf8(lambdest__check_neon);
    check_utf8_places(lambdest__check_neon);
}

static void neon_spaces(void **state)
{
    (void)state;
    check_spaces(lambdest__check_neon);
    check_blanks(lambdest__check_neon);
}

static void neon_scalars(void **state)
{
    (void)state;
    check_scalars(lambdest__check_neon);
}

static void neon_levels(void **state)
{
    (void)state;
    check_levels(lambdest__check_neon);
}

static void neon_lists(void **state)
{
    (void)state;
    check_lists(lambdest__check_neon);
    check_list_bytes(lambdest__check_neon);
}

/* The other ways are tested against the scanner alone; here is a second opinion on any bytes in a string. */
static void agrees_with_plain_c(void **state)
{
    unsigned char text[200];
    uint64_t seed = 79;
    size_t i, len;
    int round, rounds = support_quick() ? 20000 : 400000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        len = 2 + support_below(&seed, sizeof text - 2);
        for (i = 1; i < len - 1; i++)
            text[i] = (unsigned char)(support_below(&seed, 9) ? ' ' + support_below(&seed, 95)
                                                              : support_random(&seed));
        text[0] = text[len - 1] = '"';
        assert_ptr_equal(lambdest__check_neon(text, text, text + len, 512),
                         lambdest__check_portable(text, text, text + len, 512));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(neon_random_texts),   cmocka_unit_test(neon_strings),
        cmocka_unit_test(neon_escapes),        cmocka_unit_test(neon_utf8),
        cmocka_unit_test(neon_spaces),         cmocka_unit_test(neon_scalars),
        cmocka_unit_test(neon_levels),         cmocka_unit_test(neon_lists),
        cmocka_unit_test(agrees_with_plain_c),
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
