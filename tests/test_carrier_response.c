#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lambdest_items *unwrapped(const char *text)
{
    lambdest_items *items;

    assert_int_equal(lambdest_unwrap(text, strlen(text), NULL, &items, NULL), LAMBDEST_OK);
    return items;
}

static void expect_response(const lambdest_items *items, const char *expected)
{
    size_t len;
    char *out;

    assert_int_equal(lambdest_items_response(items, &out, &len), LAMBDEST_OK);
    support_expect_bytes(out, len, expected, strlen(expected));
    assert_int_equal(out[len], 0);
    lambdest_free(out);
}

static void names_the_marked_in_order(void **state)
{
    lambdest_items *items =
        unwrapped("{\"Records\":[{\"messageId\":\"c\",\"body\":\"\"},{\"messageId\":\"a\\\"\",\"body\":\"\"},"
                  "{\"messageId\":\"b\",\"body\":\"\"}]}");

    (void)state;
    expect_response(items, "{\"batchItemFailures\":[]}");
    assert_int_equal(lambdest_items_fail(items, 1), LAMBDEST_OK);
    assert_int_equal(lambdest_items_fail(items, 1), LAMBDEST_OK);
    expect_response(items, "{\"batchItemFailures\":[{\"itemIdentifier\":\"a\\\"\"}]}");
    assert_int_equal(lambdest_items_fail(items, 0), LAMBDEST_OK);
    expect_response(items,
                    "{\"batchItemFailures\":[{\"itemIdentifier\":\"c\"},{\"itemIdentifier\":\"a\\\"\"}]}");
    assert_int_equal(lambdest_items_fail(items, 2), LAMBDEST_OK);
    assert_int_equal(lambdest_items_fail(items, 3), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_items_fail(NULL, 0), LAMBDEST_E_INVAL);
    expect_response(items,
                    "{\"batchItemFailures\":[{\"itemIdentifier\":\"c\"},{\"itemIdentifier\":\"a\\\"\"},"
                    "{\"itemIdentifier\":\"b\"}]}");
    lambdest_items_free(items);
}

static void names_a_repeated_id_once(void **state)
{
    lambdest_items *items =
        unwrapped("{\"Records\":[{\"messageId\":\"x\",\"body\":\"\"},{\"messageId\":\"\",\"body\":\"\"},"
                  "{\"messageId\":\"xy\",\"body\":\"\"},{\"messageId\":\"x\",\"body\":\"\"},"
                  "{\"messageId\":\"\\u0078\",\"body\":\"\"}]}");
    size_t i;

    (void)state;
    for (i = 0; i < 5; i++)
        assert_int_equal(lambdest_items_fail(items, i), LAMBDEST_OK);
    expect_response(items, "{\"batchItemFailures\":[{\"itemIdentifier\":\"x\"},{\"itemIdentifier\":\"\"},"
                           "{\"itemIdentifier\":\"xy\"}]}");
    lambdest_items_free(items);
}

static void items_of_one_message_fail_together(void **state)
{
    lambdest_items *items = unwrapped("{\"Records\":[{\"messageId\":\"m\",\"body\":\"{\\\"Records\\\":[1,2]}"
                                      "\"},{\"messageId\":\"n\",\"body\":\"\"}]}");

    (void)state;
    assert_int_equal(lambdest_items_count(items), 3);
    assert_int_equal(lambdest_items_fail(items, 1), LAMBDEST_OK);
    expect_response(items, "{\"batchItemFailures\":[{\"itemIdentifier\":\"m\"}]}");
    lambdest_items_free(items);
}

static void what_did_not_come_by_sqs_cannot_fail(void **state)
{
    lambdest_items *items = unwrapped("{\"requestPayload\":1}");

    (void)state;
    assert_int_equal(lambdest_items_fail(items, 0), LAMBDEST_E_UNSUPPORTED);
    lambdest_items_free(items);
    items = unwrapped("{\"TopicArn\":\"t\",\"MessageId\":\"m\",\"Message\":\"x\"}");
    assert_int_equal(lambdest_items_fail(items, 0), LAMBDEST_E_UNSUPPORTED);
    lambdest_items_free(items);
    items = unwrapped("{\"Records\":[{\"eventSource\":\"aws:sqs\",\"body\":\"x\"},7]}");
    assert_int_equal(lambdest_items_fail(items, 0), LAMBDEST_E_UNSUPPORTED);
    assert_int_equal(lambdest_items_fail(items, 1), LAMBDEST_E_UNSUPPORTED);
    expect_response(items, "{\"batchItemFailures\":[]}");
    lambdest_items_free(items);
}

static void refuses_null(void **state)
{
    lambdest_items *items = unwrapped("{}");
    char *out = (char *)state;
    size_t len = 1;

    assert_int_equal(lambdest_items_response(NULL, &out, &len), LAMBDEST_E_INVAL);
    assert_null(out);
    assert_int_equal(len, 0);
    assert_int_equal(lambdest_items_response(items, NULL, &len), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_items_response(items, &out, NULL), LAMBDEST_OK);
    lambdest_free(out);
    lambdest_items_free(items);
}

/* The first of each id, in order: found out the slow way. */
static char *failures_of(const int *ids, size_t count)
{
    char *text = malloc(count * 32 + 32), *seen = calloc(count, 1), *to;
    size_t i, names = 0;

    assert_non_null(text);
    assert_non_null(seen);
    to = text + sprintf(text, "{\"batchItemFailures\":[");
    for (i = 0; i < count; i++) {
        if (seen[ids[i]])
            continue;
        seen[ids[i]] = 1;
        to += sprintf(to, "%s{\"itemIdentifier\":\"%06d\"}", names++ ? "," : "", ids[i]);
    }
    strcpy(to, "]}");
    free(seen);
    return text;
}

/* Ids in an order that a sort could take badly, all the same or all different. */
static void thousands_are_no_trouble(void **state)
{
    enum {
        MANY = 9000
    };
    static int ids[MANY];
    char *text = malloc(MANY * 64), *to, *expected;
    uint64_t seed = 3;
    int same, i;

    (void)state;
    assert_non_null(text);
    for (same = 0; same < 2; same++) {
        lambdest_items *items;

        to = text + sprintf(text, "{\"Records\":[");
        for (i = 0; i < MANY; i++) {
            ids[i] = same ? 1 : (int)support_below(&seed, MANY / 2);
            to += sprintf(to, "%s{\"messageId\":\"%06d\",\"body\":\"\"}", i ? "," : "", ids[i]);
        }
        strcpy(to, "]}");
        items = unwrapped(text);
        for (i = 0; i < MANY; i++)
            assert_int_equal(lambdest_items_fail(items, (size_t)i), LAMBDEST_OK);
        expected = failures_of(ids, MANY);
        expect_response(items, expected);
        free(expected);
        lambdest_items_free(items);
    }
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_marked_in_order),
        cmocka_unit_test(names_a_repeated_id_once),
        cmocka_unit_test(items_of_one_message_fail_together),
        cmocka_unit_test(what_did_not_come_by_sqs_cannot_fail),
        cmocka_unit_test(refuses_null),
        cmocka_unit_test(thousands_are_no_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
