#include "support.h"

#include "carrier/items.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lambdest_items *new_items(support_memory *m)
{
    lambdest_items *items = m->alloc.alloc(m->alloc.ctx, sizeof *items);

    assert_non_null(items);
    memset(items, 0, sizeof *items);
    items->limits.alloc = m->alloc;
    items->size = sizeof *items;
    items->bare.text = "";
    return items;
}

static void memory_is_apart_and_aligned(void **state)
{
    static const size_t sizes[] = {1, 7, 8, 9, 300, 2, 100000, 3, 255, 256, 257, 1024, 1, 1025, 16};
    lambdest_items *items = new_items(*state);
    unsigned char *pieces[sizeof sizes / sizeof sizes[0]];
    size_t i, k;

    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        pieces[i] = lambdest__items_memory(items, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % sizeof(void *), 0);
        memset(pieces[i], (int)i, sizes[i]);
    }
    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (k = 0; k < sizes[i]; k++)
            assert_int_equal(pieces[i][k], i);
    assert_null(lambdest__items_memory(items, SIZE_MAX));
    assert_null(lambdest__items_memory(items, SIZE_MAX - 8));
    lambdest_items_free(items);
}

static void paths_are_kept_once(void **state)
{
    lambdest_items *items = new_items(*state);
    lambdest__path *sqs = lambdest__path_on(items, &items->bare, BY_SQS);
    lambdest__path *sns = lambdest__path_on(items, sqs, BY_SNS);

    assert_string_equal(sqs->text, "sqs");
    assert_string_equal(sns->text, "sqs/sns");
    assert_int_equal(sns->len, 7);
    assert_ptr_equal(lambdest__path_on(items, sqs, BY_SNS), sns);
    assert_string_equal(lambdest__path_on(items, sns, BY_EVENTBRIDGE)->text, "sqs/sns/eventbridge");
    assert_string_equal(lambdest__path_on(items, sns, BY_S3)->text, "sqs/sns/s3");
    lambdest_items_free(items);
}

/* Every path of up to three carriers, each still what it was when all are there. */
static void paths_do_not_touch_each_other(void **state)
{
    static const char *const names[] = {"sqs", "sns", "eventbridge", "s3"};
    lambdest_items *items = new_items(*state);
    lambdest__path *paths[CARRIER_KINDS * CARRIER_KINDS * CARRIER_KINDS];
    size_t i, count = sizeof paths / sizeof paths[0];
    int kinds[3];

    for (i = 0; i < count; i++) {
        lambdest__path *one = lambdest__path_on(items, &items->bare, (int)(i % CARRIER_KINDS));
        lambdest__path *two = lambdest__path_on(items, one, (int)(i / CARRIER_KINDS % CARRIER_KINDS));

        paths[i] = lambdest__path_on(items, two, (int)(i / CARRIER_KINDS / CARRIER_KINDS));
    }
    for (i = 0; i < count; i++) {
        char expected[40];
        size_t k, n = i;

        for (k = 0; k < 3; k++, n /= CARRIER_KINDS)
            kinds[k] = (int)(n % CARRIER_KINDS);
        snprintf(expected, sizeof expected, "%s/%s/%s", names[kinds[0]], names[kinds[1]], names[kinds[2]]);
        assert_string_equal(paths[i]->text, expected);
        assert_int_equal(paths[i]->len, strlen(expected));
    }
    lambdest_items_free(items);
}

static void items_keep_their_order_while_they_grow(void **state)
{
    lambdest_items *items = new_items(*state);
    lambdest__span body = {(const unsigned char *)"x", 0};
    size_t i;

    for (i = 0; i < 100; i++) {
        body.len = i;
        assert_non_null(lambdest__items_add(items, body));
    }
    assert_int_equal(lambdest_items_count(items), 100);
    for (i = 0; i < 100; i++) {
        size_t len;

        assert_non_null(lambdest_item_text(lambdest_items_at(items, i), LAMBDEST_ITEM_BODY, &len));
        assert_int_equal(len, i);
        assert_int_equal(lambdest_item_kind(lambdest_items_at(items, i)), LAMBDEST_ITEM_BROKEN);
    }
    lambdest_items_free(items);
}

static void getters_take_null_as_empty(void **state)
{
    lambdest_items *items;
    lambdest_error err;
    size_t len = 1;

    (void)state;
    assert_int_equal(lambdest_items_count(NULL), 0);
    assert_null(lambdest_items_at(NULL, 0));
    assert_int_equal(lambdest_item_kind(NULL), 0);
    assert_null(lambdest_item_envelope(NULL));
    assert_int_equal(lambdest_item_error(NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_null(lambdest_item_text(NULL, LAMBDEST_ITEM_BODY, &len));
    assert_int_equal(len, 0);
    lambdest_items_free(NULL);
    assert_int_equal(lambdest_unwrap("{\"requestPayload\":1}", 20, NULL, &items, NULL), LAMBDEST_OK);
    assert_null(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_REQUEST_ID, NULL));
    assert_null(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ID, &len));
    assert_null(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ERROR_CODE, &len));
    lambdest_items_free(items);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_apart_and_aligned, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(paths_are_kept_once, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(paths_do_not_touch_each_other, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(items_keep_their_order_while_they_grow, support_setup,
                                        support_teardown),
        cmocka_unit_test(getters_take_null_as_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
