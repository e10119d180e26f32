#include "check_paths.h"
#include "json/check_string.h"

static void portable_random_texts(void **state)
{
    (void)state;
    check_random_texts(lambdest__check_portable);
}

static void portable_strings(void **state)
{
    (void)state;
    check_strings(lambdest__check_portable);
}

static void portable_escapes(void **state)
{
    (void)state;
    check_escapes(lambdest__check_portable);
    check_digits_of_escapes(lambdest__check_portable);
}

static void portable_utf8(void **state)
{
    (void)state;
    check_utf8(lambdest__check_portable);
    check_utf8_places(lambdest__check_portable);
}

static void portable_spaces(void **state)
{
    (void)state;
    check_spaces(lambdest__check_portable);
    check_blanks(lambdest__check_portable);
}

static void portable_scalars(void **state)
{
    (void)state;
    check_scalars(lambdest__check_portable);
}

static void portable_levels(void **state)
{
    (void)state;
    check_levels(lambdest__check_portable);
}

static void portable_lists(void **state)
{
    (void)state;
    check_lists(lambdest__check_portable);
    check_list_bytes(lambdest__check_portable);
}

static void chosen_random_texts(void **state)
{
    (void)state;
    check_random_texts(lambdest__check);
}

static void chosen_strings(void **state)
{
    (void)state;
    check_strings(lambdest__check);
}

static void chosen_escapes(void **state)
{
    (void)state;
    check_escapes(lambdest__check);
    check_digits_of_escapes(lambdest__check);
}

static void chosen_utf8(void **state)
{
    (void)state;
    check_utf8(lambdest__check);
    check_utf8_places(lambdest__check);
}

static void chosen_spaces(void **state)
{
    (void)state;
    check_spaces(lambdest__check);
    check_blanks(lambdest__check);
}

static void chosen_scalars(void **state)
{
    (void)state;
    check_scalars(lambdest__check);
}

static void chosen_levels(void **state)
{
    (void)state;
    check_levels(lambdest__check);
}

static void chosen_lists(void **state)
{
    (void)state;
    check_lists(lambdest__check);
    check_list_bytes(lambdest__check);
}

/* A byte that ends a run is found where it is, at every place of texts of every length. */
static void ends_of_runs(void **state)
{
    static const unsigned char ends[] = {'"', '\\', 0x1F, 0, 0x80, 0xFF};
    size_t len, at, i;

    (void)state;
    for (len = 1; len < 70; len++)
        for (at = 0; at < len; at++)
            for (i = 0; i < sizeof ends; i++) {
                unsigned char *text = malloc(len);

                assert_non_null(text);
                memset(text, 'a', len);
                text[at] = ends[i];
                assert_ptr_equal(lambdest__pass_plain(text, text + len), text + at);
                assert_ptr_equal(lambdest__next_mark(text, text + len), text + (ends[i] < 0x80 ? at : len));
                free(text);
            }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_random_texts), cmocka_unit_test(portable_strings),
        cmocka_unit_test(portable_escapes),      cmocka_unit_test(portable_utf8),
        cmocka_unit_test(portable_spaces),       cmocka_unit_test(portable_scalars),
        cmocka_unit_test(portable_levels),       cmocka_unit_test(portable_lists),
        cmocka_unit_test(chosen_random_texts),   cmocka_unit_test(chosen_strings),
        cmocka_unit_test(chosen_escapes),        cmocka_unit_test(chosen_utf8),
        cmocka_unit_test(chosen_spaces),         cmocka_unit_test(chosen_scalars),
        cmocka_unit_test(chosen_levels),         cmocka_unit_test(chosen_lists),
        cmocka_unit_test(ends_of_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
