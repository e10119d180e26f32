#include "support.h"

#include "delivery/spool_name.h"
#include "envelope/timestamp.h"

#include <stdlib.h>
#include <string.h>

static void a_name_is_time_process_and_counter(void **state)
{
    lambdest__spool_name name;

    (void)state;
    /* 1772442847318 is 2026-03-02T09:14:07.318Z. */
    lambdest__spool_name_make(&name, true, INT64_C(1772442847318), 0xABC, 0x10);
    assert_string_equal(name.name, "2026-03-02T09.14.07.318Z-00000abc-0000000000000010.json");
    assert_string_equal(name.temp, ".2026-03-02T09.14.07.318Z-00000abc-0000000000000010.json");
    assert_int_equal(strlen(name.name), LAMBDEST__SPOOL_NAME);
    lambdest__spool_name_make(&name, false, 5, UINT32_MAX, UINT64_MAX);
    assert_string_equal(name.name, "0000-00-00T00.00.00.000Z-ffffffff-ffffffffffffffff.json");
    lambdest__spool_name_make(&name, true, LAMBDEST__TIMESTAMP_MIN, 0, 0);
    assert_string_equal(name.name, "0000-01-01T00.00.00.000Z-00000000-0000000000000000.json");
    lambdest__spool_name_make(&name, true, LAMBDEST__TIMESTAMP_MAX, 0, 0);
    assert_string_equal(name.name, "9999-12-31T23.59.59.999Z-00000000-0000000000000000.json");
}

static void only_such_names_are_recognised(void **state)
{
    static const char good[] = "2026-03-02T09.14.07.318Z-00000abc-0000000000000010.json";
    char bad[sizeof good];
    lambdest__spool_name name;
    size_t i;

    (void)state;
    assert_true(lambdest__spool_name_is(good, sizeof good - 1));
    assert_false(lambdest__spool_name_is(good, sizeof good));
    assert_false(lambdest__spool_name_is(good, sizeof good - 2));
    assert_false(lambdest__spool_name_is("", 0));
    for (i = 0; i < sizeof good - 1; i++) {
        static const char others[] = {'/', '\0', 'x', ' ', '\xFF'};
        size_t k;

        for (k = 0; k < sizeof others; k++) {
            memcpy(bad, good, sizeof good);
            bad[i] = others[k];
            assert_false(lambdest__spool_name_is(bad, sizeof good - 1));
        }
    }
    /* A name ends where it is said to end, whatever follows. */
    memset(bad, 'x', sizeof bad);
    memcpy(bad, good, sizeof good - 1);
    assert_true(lambdest__spool_name_is(bad, sizeof good - 1));
    lambdest__spool_name_make(&name, true, 0, 1, 2);
    assert_false(lambdest__spool_name_is(name.temp, LAMBDEST__SPOOL_TEMP));
    assert_false(lambdest__spool_name_is(name.temp, LAMBDEST__SPOOL_NAME));
}

static void names_sort_by_time_then_counter(void **state)
{
    static const int64_t times[] = {INT64_C(-62167219200000), -1, 0, 999, 1000, INT64_C(253402300799999)};
    lambdest__spool_name before, after;
    size_t i;

    (void)state;
    lambdest__spool_name_make(&before, false, 0, 9, 9);
    for (i = 0; i < sizeof times / sizeof times[0]; i++) {
        lambdest__spool_name_make(&after, true, times[i], 7, 15);
        assert_true(strcmp(before.name, after.name) < 0);
        before = after;
        before.name = before.temp + 1;
        lambdest__spool_name_make(&after, true, times[i], 7, 16);
        assert_true(strcmp(before.name, after.name) < 0);
    }
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, LAMBDEST__SPOOL_NAME + 1);
}

static void sorting_agrees_with_another(void **state)
{
    enum {
        STEP = LAMBDEST__SPOOL_NAME + 1,
        MOST = 700
    };
    static char names[MOST * STEP], expected[MOST * STEP];
    uint64_t seed = 3;
    size_t count, i;

    (void)state;
    lambdest__spool_name_sort(NULL, 0);
    for (count = 0; count < MOST; count += count < 20 ? 1 : 97) {
        for (i = 0; i < count; i++) {
            lambdest__spool_name name;

            lambdest__spool_name_make(&name, true, (int64_t)support_below(&seed, 50), 1,
                                      support_below(&seed, 50));
            memcpy(names + i * STEP, name.name, STEP);
        }
        memcpy(expected, names, sizeof names);
        qsort(expected, count, STEP, compare);
        lambdest__spool_name_sort(names, count);
        support_expect_bytes(names, count * STEP, expected, count * STEP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_time_process_and_counter),
        cmocka_unit_test(only_such_names_are_recognised),
        cmocka_unit_test(names_sort_by_time_then_counter),
        cmocka_unit_test(sorting_agrees_with_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
