#include "support.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void gives_libc_by_default(void **state)
{
    lambdest_alloc libc = lambdest__alloc_or_libc(NULL);
    char *p = lambdest__alloc(&libc, 6);

    (void)state;
    assert_non_null(p);
    memcpy(p, "hello", 6);
    p = lambdest__resize(&libc, p, 6, 100000);
    assert_non_null(p);
    assert_string_equal(p, "hello");
    lambdest__release(&libc, p, 100000);
}

static void copies_the_given_allocator(void **state)
{
    support_memory *m = *state;
    lambdest_alloc copy = lambdest__alloc_or_libc(&m->alloc);

    assert_memory_equal(&copy, &m->alloc, sizeof copy);
}

static void asks_for_what_it_is_asked(void **state)
{
    support_memory *m = *state;
    void *p = lambdest__alloc(&m->alloc, 33);

    assert_non_null(p);
    assert_int_equal(m->bytes, 33);
    p = lambdest__resize(&m->alloc, p, 33, 44);
    assert_non_null(p);
    assert_int_equal(m->bytes, 44);
    lambdest__release(&m->alloc, p, 44);
    assert_int_equal(m->calls, 2);
}

static void makes_no_call_for_nothing(void **state)
{
    support_memory *m = *state;

    assert_null(lambdest__alloc(&m->alloc, 0));
    assert_null(lambdest__resize(&m->alloc, NULL, 0, 0));
    lambdest__release(&m->alloc, NULL, 0);
    lambdest_free(NULL);
    assert_int_equal(m->calls, 0);
}

static void resizes_nothing_by_allocating(void **state)
{
    support_memory *m = *state;
    void *p = lambdest__resize(&m->alloc, NULL, 0, 9);

    assert_non_null(p);
    assert_int_equal(m->bytes, 9);
    lambdest__release(&m->alloc, p, 9);
}

static void keeps_the_old_block_when_resizing_fails(void **state)
{
    support_memory *m = *state;
    char *p = lambdest__alloc(&m->alloc, 4);

    assert_non_null(p);
    memcpy(p, "old", 4);
    support_memory_fail(m, 1, false);
    assert_null(lambdest__resize(&m->alloc, p, 4, 400));
    assert_int_equal(m->failures, 1);
    assert_string_equal(p, "old");
    lambdest__release(&m->alloc, p, 4);
}

static void makes_long_text(void **state)
{
    static const size_t lengths[] = {0, 1, 15, 16, 4095, 100000};
    support_memory *m = *state;
    size_t i;

    for (i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        char *text = lambdest__text_new(&m->alloc, lengths[i]);

        assert_non_null(text);
        assert_int_equal(m->blocks, 1);
        assert_int_equal(text[lengths[i]], '\0');
        memset(text, 'x', lengths[i]);
        assert_int_equal(strlen(text), lengths[i]);
        lambdest_free(text);
        assert_int_equal(m->blocks, 0);
    }
}

static void long_text_outlives_the_allocator_struct(void **state)
{
    support_memory *m = *state;
    lambdest_alloc alloc = m->alloc;
    char *text = lambdest__text_new(&alloc, 10);

    memset(&alloc, 0, sizeof alloc);
    assert_non_null(text);
    lambdest_free(text);
    assert_int_equal(m->blocks, 0);
}

static void makes_long_text_of_libc(void **state)
{
    lambdest_alloc libc = lambdest__alloc_or_libc(NULL);
    char *text = lambdest__text_new(&libc, 3);

    (void)state;
    assert_non_null(text);
    memcpy(text, "abc", 3);
    assert_string_equal(text, "abc");
    lambdest_free(text);
}

static void refuses_long_text_past_all_memory(void **state)
{
    support_memory *m = *state;

    assert_null(lambdest__text_new(&m->alloc, SIZE_MAX));
    assert_null(lambdest__text_new(&m->alloc, SIZE_MAX - 1));
    assert_null(lambdest__text_new(&m->alloc, SIZE_MAX - sizeof(lambdest_alloc)));
    assert_int_equal(m->calls, 0);
}

static int try_long_text(support_memory *m, void *arg)
{
    char *text = lambdest__text_new(&m->alloc, 20);

    (void)arg;
    lambdest_free(text);
    return text ? LAMBDEST_OK : LAMBDEST_E_NOMEM;
}

static void long_text_survives_failing_memory(void **state)
{
    support_exhaust(*state, try_long_text, NULL);
}

static void grows_an_array(void **state)
{
    support_memory *m = *state;
    size_t cap = 0;
    char *p = lambdest__grow(&m->alloc, NULL, &cap, 3, 5), *old;

    assert_non_null(p);
    assert_int_equal(cap, 3);
    assert_int_equal(m->bytes, 15);
    memcpy(p, "hello", 6);
    old = p;
    p = lambdest__grow(&m->alloc, old, &cap, 3, 5);
    assert_non_null(p);
    assert_string_equal(p, "hello");
    assert_int_equal(cap, 6);
    assert_int_equal(m->bytes, 30);
    support_memory_fail(m, 1, false);
    assert_null(lambdest__grow(&m->alloc, p, &cap, 3, 5));
    assert_int_equal(cap, 6);
    assert_string_equal(p, "hello");
    lambdest__release(&m->alloc, p, 30);
}

static void grows_no_array_past_all_memory(void **state)
{
    static const struct {
        size_t cap, each;
    } rows[] = {{SIZE_MAX / 2 + 1, 1}, {SIZE_MAX / 4 + 1, 2}, {SIZE_MAX / 8, 8}, {SIZE_MAX, SIZE_MAX}};
    support_memory *m = *state;
    char block[1];
    size_t i;

    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t cap = rows[i].cap;

        assert_null(lambdest__grow(&m->alloc, block, &cap, 1, rows[i].each));
        assert_true(cap == rows[i].cap);
    }
    assert_int_equal(m->calls, 0);
}

static void adds_sizes(void **state)
{
    static const struct {
        size_t a, b;
        bool fits;
    } rows[] = {
        {0, 0, true},
        {3, 4, true},
        {SIZE_MAX, 0, true},
        {0, SIZE_MAX, true},
        {SIZE_MAX - 1, 1, true},
        {1, SIZE_MAX - 1, true},
        {SIZE_MAX / 2, SIZE_MAX / 2 + 1, true},
        {SIZE_MAX, 1, false},
        {1, SIZE_MAX, false},
        {SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1, false},
        {SIZE_MAX, SIZE_MAX, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t sum = rows[i].a;

        assert_int_equal(lambdest__add_size(&sum, rows[i].b), rows[i].fits);
        assert_int_equal(sum, rows[i].fits ? rows[i].a + rows[i].b : rows[i].a);
    }
}

static void multiplies_sizes(void **state)
{
    static const struct {
        size_t a, b;
        bool fits;
    } rows[] = {
        {0, 0, true},
        {0, SIZE_MAX, true},
        {SIZE_MAX, 0, true},
        {SIZE_MAX, 1, true},
        {1, SIZE_MAX, true},
        {6, 7, true},
        {SIZE_MAX / 2, 2, true},
        {2, SIZE_MAX / 2, true},
        {SIZE_MAX / 3, 3, true},
        {SIZE_MAX / 2 + 1, 2, false},
        {2, SIZE_MAX / 2 + 1, false},
        {SIZE_MAX / 3 + 1, 3, false},
        {SIZE_MAX, 2, false},
        {SIZE_MAX, SIZE_MAX, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t product = rows[i].a;

        assert_int_equal(lambdest__multiply_size(&product, rows[i].b), rows[i].fits);
        assert_int_equal(product, rows[i].fits ? rows[i].a * rows[i].b : rows[i].a);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_libc_by_default),
        cmocka_unit_test_setup_teardown(copies_the_given_allocator, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(asks_for_what_it_is_asked, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(makes_no_call_for_nothing, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(resizes_nothing_by_allocating, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(keeps_the_old_block_when_resizing_fails, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(makes_long_text, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(long_text_outlives_the_allocator_struct, support_setup,
                                        support_teardown),
        cmocka_unit_test(makes_long_text_of_libc),
        cmocka_unit_test_setup_teardown(refuses_long_text_past_all_memory, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(long_text_survives_failing_memory, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(grows_an_array, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(grows_no_array_past_all_memory, support_setup, support_teardown),
        cmocka_unit_test(adds_sizes),
        cmocka_unit_test(multiplies_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
