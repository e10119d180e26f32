#include "json/check.h"

#if LAMBDEST__HAS_X86

#include "check_paths.h"

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
}

static void sse2_utf8(void **state)
{
    (void)state;
    check_utf8(lambdest__check_sse2);
}

static void sse2_spaces(void **state)
{
    (void)state;
    check_spaces(lambdest__check_sse2);
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
}

static void avx2_utf8(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_utf8(lambdest__check_avx2);
}

static void avx2_spaces(void **state)
{
    (void)state;
    if (!lambdest__check_has_avx2())
        skip();
    check_spaces(lambdest__check_avx2);
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
        cmocka_unit_test(sse2_random_texts), cmocka_unit_test(sse2_strings),
        cmocka_unit_test(sse2_escapes),      cmocka_unit_test(sse2_utf8),
        cmocka_unit_test(sse2_spaces),       cmocka_unit_test(sse2_scalars),
        cmocka_unit_test(sse2_levels),       cmocka_unit_test(sse2_lists),
        cmocka_unit_test(avx2_random_texts), cmocka_unit_test(avx2_strings),
        cmocka_unit_test(avx2_escapes),      cmocka_unit_test(avx2_utf8),
        cmocka_unit_test(avx2_spaces),       cmocka_unit_test(avx2_scalars),
        cmocka_unit_test(avx2_levels),       cmocka_unit_test(avx2_lists),
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
