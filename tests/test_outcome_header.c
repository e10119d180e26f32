/* Finding the Runtime API's headers: case, repeats, blanks, and what they may not hold. */
#include "support.h"

#include "outcome/header.h"

#include <stdlib.h>
#include <string.h>

#define H(name, value)                                                                                       \
    {                                                                                                        \
        name, sizeof(name) - 1, value, sizeof(value) - 1                                                     \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void is(const lambdest__wanted *wanted, const char *value)
{
    support_expect_bytes(wanted->value.data, wanted->value.len, value, strlen(value));
}

static void any_case_any_order(void **state)
{
    static const lambdest_header headers[] = {
        H("content-type", "application/json"),
        H("X-EMPTY", ""),
        H("LAMBDA-RUNTIME-trace-ID", "  Root=1 \t"),
        H("", ""),
        H("lambda-runtime-aws-request-id", "caf\xC3\xA9"),
        H("Lambda-Runtime-Trace-Id", "Root=1"),
        H("Lambda-Runtime-Trace-Idx", "no"),
        H("Lambda-Runtime-Trace-I", "no"),
        H("X-Broken", "\x01\xFF"),
    };
    lambdest__wanted wanted[] = {{"Lambda-Runtime-Aws-Request-Id", {NULL, 0}, false},
                                 {"Lambda-Runtime-Trace-Id", {NULL, 0}, false},
                                 {"Lambda-Runtime-Deadline-Ms", {NULL, 0}, false}};

    (void)state;
    assert_int_equal(lambdest__headers_find(headers, COUNT(headers), wanted, 3, 100, NULL), LAMBDEST_OK);
    is(&wanted[0], "caf\xC3\xA9");
    is(&wanted[1], "Root=1");
    is(&wanted[2], "");
    assert_int_equal(lambdest__headers_find(NULL, 0, wanted, 3, 100, NULL), LAMBDEST_OK);
}

static void refuse(const lambdest_header *headers, size_t count, int code, uint64_t offset, const char *where)
{
    lambdest__wanted wanted[] = {{"Lambda-Runtime-Trace-Id", {NULL, 0}, false},
                                 {"X-Other", {NULL, 0}, false}};
    lambdest_error err;

    assert_int_equal(lambdest__headers_find(headers, count, wanted, 2, 20, &err), code);
    support_expect_error(&err, code, offset, where);
}

#define REFUSE(value, code, offset)                                                                          \
    do {                                                                                                     \
        const lambdest_header one = H("Lambda-Runtime-Trace-Id", value);                                     \
        refuse(&one, 1, code, offset, "Lambda-Runtime-Trace-Id");                                            \
    } while (0)

static void bad_values(void **state)
{
    (void)state;
    REFUSE("a\x01", LAMBDEST_E_SCHEMA, 1);
    REFUSE("a\0b", LAMBDEST_E_SCHEMA, 1);
    REFUSE(" a\r\nb", LAMBDEST_E_SCHEMA, 2);
    REFUSE("\x7F", LAMBDEST_E_SCHEMA, 0);
    REFUSE("a\tb", LAMBDEST_E_SCHEMA, 1);
    REFUSE("\xFF", LAMBDEST_E_UTF8, 0);
    REFUSE("\t ab\xC3", LAMBDEST_E_UTF8, 4);
    REFUSE("012345678901234567890", LAMBDEST_E_TOO_BIG, 0);
}

static void two_values(void **state)
{
    static const lambdest_header two[] = {H("Lambda-Runtime-Trace-Id", "a"), H("x", "a"),
                                          H("lambda-runtime-TRACE-id", "b")};
    static const lambdest_header longer[] = {H("Lambda-Runtime-Trace-Id", "a"),
                                             H("Lambda-Runtime-Trace-Id", "ab")};
    static const lambdest_header empty[] = {H("Lambda-Runtime-Trace-Id", ""),
                                            H("Lambda-Runtime-Trace-Id", "ab"), H("X-Other", "")};
    lambdest__wanted wanted = {"Lambda-Runtime-Trace-Id", {NULL, 0}, false};

    (void)state;
    refuse(two, 3, LAMBDEST_E_SCHEMA, 0, "Lambda-Runtime-Trace-Id");
    refuse(longer, 2, LAMBDEST_E_SCHEMA, 0, "Lambda-Runtime-Trace-Id");
    assert_int_equal(lambdest__headers_find(empty, 3, &wanted, 1, 20, NULL), LAMBDEST_OK);
    is(&wanted, "ab");
}

static void any_bytes(void **state)
{
    static const lambdest_header latin = H("X-Name", "caf\xE9"), control = H("X-Name", "\xE9\n");
    lambdest__wanted wanted = {"X-Name", {NULL, 0}, true};

    (void)state;
    assert_int_equal(lambdest__headers_find(&control, 1, &wanted, 1, 20, NULL), LAMBDEST_E_SCHEMA);
    assert_int_equal(lambdest__headers_find(&latin, 1, &wanted, 1, 20, NULL), LAMBDEST_OK);
    is(&wanted, "caf\xE9");
}

static void bad_arguments(void **state)
{
    lambdest_header h[] = {H("a", "b"), H("c", "d")};

    (void)state;
    refuse(NULL, 1, LAMBDEST_E_INVAL, 0, "headers");
    h[1].name = NULL;
    refuse(h, 2, LAMBDEST_E_INVAL, 1, "headers");
    h[1].name_len = 0;
    h[1].value = NULL;
    refuse(h, 2, LAMBDEST_E_INVAL, 1, "headers");
    h[1].value_len = 0;
    assert_int_equal(lambdest__headers_find(h, 2, NULL, 0, 0, NULL), LAMBDEST_OK);
}

/* Only the 26 letters have two cases, and all bytes of a name count. */
static void alike_is_not_the_same(void **state)
{
    static const lambdest_header headers[] = {H("y-zone@", "1"),    H("X\rZone@", "2"), H("x-zone`", "3"),
                                              H("x-\x1Aone@", "4"), H("x-zone", "5"),   H("x-zone@ ", "6")};
    static const lambdest_header same = H("X-zONE@", "7");
    lambdest__wanted wanted = {"x-Zone@", {NULL, 0}, false};

    (void)state;
    assert_int_equal(lambdest__headers_find(headers, COUNT(headers), &wanted, 1, 20, NULL), LAMBDEST_OK);
    is(&wanted, "");
    assert_int_equal(lambdest__headers_find(&same, 1, &wanted, 1, 20, NULL), LAMBDEST_OK);
    is(&wanted, "7");
}

/* A name ends where it is said to end: it has no NUL. */
static void names_have_lengths(void **state)
{
    char *exact = support_exact("X-Zone", 6);
    const lambdest_header longer = {"X-Zonecontrol", 6, "8", 1}, alone = {exact, 6, "9", 1};
    lambdest__wanted one = {"X-Zone", {NULL, 0}, false}, two = one;

    (void)state;
    assert_int_equal(lambdest__headers_find(&longer, 1, &one, 1, 20, NULL), LAMBDEST_OK);
    is(&one, "8");
    assert_int_equal(lambdest__headers_find(&alone, 1, &two, 1, 20, NULL), LAMBDEST_OK);
    is(&two, "9");
    free(exact);
}

/* The limit is for all together. */
static void values_are_bounded(void **state)
{
    lambdest_header two[] = {H("X-Other", "01234567890"), H("Lambda-Runtime-Trace-Id", "012345678")};
    lambdest__wanted wanted[] = {{"Lambda-Runtime-Trace-Id", {NULL, 0}, false},
                                 {"X-Other", {NULL, 0}, false}};

    (void)state;
    assert_int_equal(lambdest__headers_find(two, 2, wanted, 2, 20, NULL), LAMBDEST_OK);
    is(&wanted[0], "012345678");
    is(&wanted[1], "01234567890");
    two[0].value = "012345678901";
    two[0].value_len = 12;
    refuse(two, 2, LAMBDEST_E_TOO_BIG, 0, "X-Other");
}

/* Real clients send an X-Ray header of hundreds of kilobytes; it is none of ours. */
static void huge_neighbours(void **state)
{
    enum {
        HUGE_LEN = 400000
    };
    char *huge = malloc(HUGE_LEN);
    lambdest_header headers[] = {H("lambda-runtime-function-xray-error-cause", ""), H("X-Other", "yes")};
    lambdest__wanted wanted = {"X-Other", {NULL, 0}, false};

    (void)state;
    assert_non_null(huge);
    memset(huge, 'x', HUGE_LEN);
    headers[0].value = huge;
    headers[0].value_len = HUGE_LEN;
    assert_int_equal(lambdest__headers_find(headers, 2, &wanted, 1, 20, NULL), LAMBDEST_OK);
    is(&wanted, "yes");
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_case_any_order),
        cmocka_unit_test(bad_values),
        cmocka_unit_test(two_values),
        cmocka_unit_test(bad_arguments),
        cmocka_unit_test(alike_is_not_the_same),
        cmocka_unit_test(names_have_lengths),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(huge_neighbours),
        cmocka_unit_test(any_bytes),
    };

    return cmocka_run_group_tests_name("outcome/header", tests, NULL, NULL);
}
