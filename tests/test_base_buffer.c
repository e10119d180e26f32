#include "support.h"

#include "base/buffer.h"

#include <string.h>

static void expect_same(const lambdest__buffer *a, const lambdest__buffer *b)
{
    assert_ptr_equal(a->alloc, b->alloc);
    assert_ptr_equal(a->data, b->data);
    assert_int_equal(a->len, b->len);
    assert_int_equal(a->cap, b->cap);
    assert_int_equal(a->max, b->max);
}

static void begins_empty_and_without_memory(void **state)
{
    support_memory *m = *state;
    lambdest__buffer b;

    memset(&b, 0xFF, sizeof b);
    lambdest__buffer_init(&b, &m->alloc, 1000);
    assert_int_equal(b.len, 0);
    assert_int_equal(lambdest__buffer_append(&b, NULL, 0), LAMBDEST_OK);
    assert_int_equal(lambdest__buffer_reserve(&b, 0), LAMBDEST_OK);
    lambdest__buffer_free(&b);
    assert_int_equal(m->calls, 0);
}

static void keeps_all_that_is_appended(void **state)
{
    static unsigned char expected[60000];
    support_memory *m = *state;
    size_t len = 0, i;
    uint64_t seed = 1;
    lambdest__buffer b;

    for (i = 0; i < sizeof expected; i++)
        expected[i] = (unsigned char)support_random(&seed);
    lambdest__buffer_init(&b, &m->alloc, sizeof expected);
    while (len < sizeof expected) {
        size_t piece = support_below(&seed, 700);

        if (piece > sizeof expected - len)
            piece = sizeof expected - len;
        assert_int_equal(lambdest__buffer_append(&b, expected + len, piece), LAMBDEST_OK);
        len += piece;
        support_expect_bytes(b.data, b.len, expected, len);
    }
    lambdest__buffer_free(&b);
}

static void room_that_is_reserved_does_not_move(void **state)
{
    support_memory *m = *state;
    const unsigned char *data;
    size_t i, calls;
    lambdest__buffer b;

    lambdest__buffer_init(&b, &m->alloc, 100000);
    assert_int_equal(lambdest__buffer_append(&b, "abc", 3), LAMBDEST_OK);
    assert_int_equal(lambdest__buffer_reserve(&b, 5000), LAMBDEST_OK);
    assert_int_equal(b.len, 3);
    data = b.data;
    calls = m->calls;
    for (i = 0; i < 5000; i++)
        assert_int_equal(lambdest__buffer_append(&b, "x", 1), LAMBDEST_OK);
    assert_ptr_equal(b.data, data);
    assert_int_equal(m->calls, calls);
    assert_memory_equal(b.data, "abcxxx", 6);
    lambdest__buffer_free(&b);
}

/* A hundred thousand bytes one by one: 256 doubled nine times is more than enough. */
static void grows_in_few_steps(void **state)
{
    support_memory *m = *state;
    size_t i;
    lambdest__buffer b;

    lambdest__buffer_init(&b, &m->alloc, SIZE_MAX);
    for (i = 0; i < 100000; i++)
        assert_int_equal(lambdest__buffer_append(&b, "x", 1), LAMBDEST_OK);
    assert_in_range(m->calls, 1, 10);
    assert_in_range(m->bytes, 100000, 200000);
    lambdest__buffer_free(&b);
}

static void holds_its_maximum_and_no_more(void **state)
{
    static const size_t limits[] = {0, 1, 10, 255, 256, 257, 511, 512, 1000, 4096};
    static const char bytes[4097];
    support_memory *m = *state;
    size_t i;

    for (i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        lambdest__buffer b, before;

        lambdest__buffer_init(&b, &m->alloc, limits[i]);
        assert_int_equal(lambdest__buffer_append(&b, bytes, limits[i] + 1), LAMBDEST_E_TOO_BIG);
        assert_int_equal(m->blocks, 0);
        assert_int_equal(lambdest__buffer_append(&b, bytes, limits[i]), LAMBDEST_OK);
        assert_int_equal(b.len, limits[i]);
        assert_int_equal(m->bytes, limits[i]);
        before = b;
        assert_int_equal(lambdest__buffer_append(&b, "x", 1), LAMBDEST_E_TOO_BIG);
        assert_int_equal(lambdest__buffer_reserve(&b, SIZE_MAX), LAMBDEST_E_TOO_BIG);
        assert_int_equal(lambdest__buffer_append(&b, NULL, 0), LAMBDEST_OK);
        expect_same(&b, &before);
        lambdest__buffer_free(&b);
    }
}

static void refuses_a_size_that_overflows(void **state)
{
    support_memory *m = *state;
    lambdest__buffer b, before;

    lambdest__buffer_init(&b, &m->alloc, SIZE_MAX);
    assert_int_equal(lambdest__buffer_append(&b, "abc", 3), LAMBDEST_OK);
    before = b;
    assert_int_equal(lambdest__buffer_reserve(&b, SIZE_MAX - 2), LAMBDEST_E_TOO_BIG);
    expect_same(&b, &before);
    assert_int_equal(lambdest__buffer_reserve(&b, SIZE_MAX - 3), LAMBDEST_E_NOMEM);
    expect_same(&b, &before);
    lambdest__buffer_free(&b);
}

static void begins_anew_after_free(void **state)
{
    support_memory *m = *state;
    lambdest__buffer b;

    lambdest__buffer_init(&b, &m->alloc, 1000);
    assert_int_equal(lambdest__buffer_append(&b, "first", 5), LAMBDEST_OK);
    lambdest__buffer_free(&b);
    assert_int_equal(m->blocks, 0);
    lambdest__buffer_free(&b);
    assert_int_equal(lambdest__buffer_append(&b, "second", 6), LAMBDEST_OK);
    support_expect_bytes(b.data, b.len, "second", 6);
    assert_int_equal(lambdest__buffer_reserve(&b, 995), LAMBDEST_E_TOO_BIG);
    lambdest__buffer_free(&b);
}

/* Appends until it fails or is done; after a failure all that went in before must still be there. */
static int try_appending(support_memory *m, void *arg)
{
    static const unsigned char piece[100] = {1, 2, 3};
    int rc = LAMBDEST_OK;
    size_t i, k;
    lambdest__buffer b, before;

    (void)arg;
    lambdest__buffer_init(&b, &m->alloc, 100000);
    for (i = 0; !rc && i < 50; i++) {
        before = b;
        rc = lambdest__buffer_append(&b, piece, sizeof piece);
    }
    if (rc)
        expect_same(&b, &before);
    for (k = 0; k * sizeof piece < b.len; k++)
        assert_memory_equal(b.data + k * sizeof piece, piece, sizeof piece);
    lambdest__buffer_free(&b);
    return rc;
}

static void survives_failing_memory(void **state)
{
    support_exhaust(*state, try_appending, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(begins_empty_and_without_memory, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(keeps_all_that_is_appended, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(room_that_is_reserved_does_not_move, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(grows_in_few_steps, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(holds_its_maximum_and_no_more, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(refuses_a_size_that_overflows, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(begins_anew_after_free, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(survives_failing_memory, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
