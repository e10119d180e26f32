#include "support.h"

#include "base/error.h"

#include <string.h>

static lambdest_error garbage(void)
{
    lambdest_error err;

    memset(&err, 0xEE, sizeof err);
    return err;
}

static void success_is_all_zero(void **state)
{
    lambdest_error err = garbage();

    (void)state;
    assert_int_equal(lambdest__ok(&err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(lambdest__ok(NULL), LAMBDEST_OK);
}

static void failure_fills_every_member(void **state)
{
    lambdest_error err = garbage();
    int rc = lambdest__fail(&err, LAMBDEST_E_SYNTAX, UINT64_C(5000000000), "a comma is missing", "$.a");

    (void)state;
    assert_int_equal(rc, LAMBDEST_E_SYNTAX);
    support_expect_error(&err, LAMBDEST_E_SYNTAX, UINT64_C(5000000000), "$.a");
    assert_string_equal(err.message, "a comma is missing");
}

static void failure_needs_no_error(void **state)
{
    (void)state;
    assert_int_equal(lambdest__fail(NULL, LAMBDEST_E_NOMEM, 7, "message", "where"), LAMBDEST_E_NOMEM);
    assert_int_equal(lambdest__fail_io(NULL, 5, "message"), LAMBDEST_E_IO);
}

static void message_and_where_have_defaults(void **state)
{
    lambdest_error err = garbage();

    (void)state;
    assert_int_equal(lambdest__fail(&err, LAMBDEST_E_NOMEM, 0, NULL, NULL), LAMBDEST_E_NOMEM);
    support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    assert_string_equal(err.message, "no memory");
}

static void system_errors_keep_their_errno(void **state)
{
    lambdest_error err = garbage();

    (void)state;
    assert_int_equal(lambdest__fail_io(&err, 28, "the disk is full"), LAMBDEST_E_IO);
    support_expect_error(&err, LAMBDEST_E_IO, 0, "");
    assert_int_equal(err.flags, 28);
    assert_string_equal(err.message, "the disk is full");
}

static void locates_by_hand(void **state)
{
    static const struct {
        const char *text;
        uint64_t offset, line, column;
    } rows[] = {
        {"", 0, 1, 1},
        {"abc", 0, 1, 1},
        {"abc", 2, 1, 3},
        {"abc", 3, 1, 4},
        {"a\nbc", 1, 1, 2},
        {"a\nbc", 2, 2, 1},
        {"a\nbc", 4, 2, 3},
        {"\n\n\n", 3, 4, 1},
        {"a\r\nb", 2, 1, 3},
        {"a\r\nb", 3, 2, 1},
        {"caf\xC3\xA9!", 5, 1, 5},
        {"\xE2\x82\xAC\xF0\x9F\x98\x80x", 3, 1, 2},
        {"\xE2\x82\xAC\xF0\x9F\x98\x80x", 7, 1, 3},
        {"\xE2\x82\xAC\xF0\x9F\x98\x80x", 8, 1, 4},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t line = 99, column = 99;

        assert_int_equal(lambdest_locate(rows[i].text, strlen(rows[i].text), rows[i].offset, &line, &column),
                         LAMBDEST_OK);
        assert_int_equal(line, rows[i].line);
        assert_int_equal(column, rows[i].column);
    }
}

/* The column again, by counting the characters back to the line's begin. */
static void locates_in_random_text(void **state)
{
    static const char *const pieces[] = {"a", "\n", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    static const size_t lengths[] = {1, 1, 2, 3, 4};
    uint64_t seed = 2, line = 1, column = 1, found_line, found_column;
    char text[4000];
    size_t len = 0;

    (void)state;
    while (len < sizeof text - 4) {
        size_t i = support_below(&seed, 5);

        memcpy(text + len, pieces[i], lengths[i]);
        assert_int_equal(lambdest_locate(text, len, len, &found_line, &found_column), LAMBDEST_OK);
        assert_int_equal(found_line, line);
        assert_int_equal(found_column, column);
        len += lengths[i];
        line += i == 1;
        column = i == 1 ? 1 : column + 1;
    }
}

static void does_not_locate_past_the_end(void **state)
{
    uint64_t line = 9, column = 9;

    (void)state;
    assert_int_equal(lambdest_locate("abc", 3, 4, &line, &column), LAMBDEST_E_INVAL);
    assert_int_equal(line, 0);
    assert_int_equal(column, 0);
    line = column = 9;
    assert_int_equal(lambdest_locate("abc", 3, UINT64_MAX, &line, &column), LAMBDEST_E_INVAL);
    assert_int_equal(line, 0);
    assert_int_equal(column, 0);
}

static void does_not_locate_without_text_or_outputs(void **state)
{
    uint64_t line = 9, column = 9;

    (void)state;
    assert_int_equal(lambdest_locate(NULL, 3, 0, &line, &column), LAMBDEST_E_INVAL);
    assert_int_equal(line, 0);
    assert_int_equal(column, 0);
    column = 9;
    assert_int_equal(lambdest_locate("abc", 3, 0, NULL, &column), LAMBDEST_E_INVAL);
    assert_int_equal(column, 0);
    line = 9;
    assert_int_equal(lambdest_locate("abc", 3, 0, &line, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(line, 0);
    assert_int_equal(lambdest_locate(NULL, 0, 0, &line, &column), LAMBDEST_OK);
    assert_int_equal(line, 1);
    assert_int_equal(column, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_is_all_zero),
        cmocka_unit_test(failure_fills_every_member),
        cmocka_unit_test(failure_needs_no_error),
        cmocka_unit_test(message_and_where_have_defaults),
        cmocka_unit_test(system_errors_keep_their_errno),
        cmocka_unit_test(locates_by_hand),
        cmocka_unit_test(locates_in_random_text),
        cmocka_unit_test(does_not_locate_past_the_end),
        cmocka_unit_test(does_not_locate_without_text_or_outputs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
