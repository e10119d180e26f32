#include "support.h"

#include "json/scan.h"
#include "json/skip.h"

#include <stdlib.h>
#include <string.h>

/* The scanner, which checks, and what takes its word for it go side by side through all levels. */
static void same_value(lambdest__scan *s, lambdest__span value);

static void same_members(lambdest__scan *s, lambdest__span value, unsigned char bracket)
{
    lambdest__skip k = lambdest__skip_into(value);
    lambdest__span name, by_skip, by_skip_name = {NULL, 0};
    bool more;

    assert_int_equal(lambdest__scan_open(s, bracket), LAMBDEST_OK);
    for (;;) {
        assert_int_equal(lambdest__scan_more(s, bracket, &more), LAMBDEST_OK);
        if (!more)
            break;
        if (bracket == '{') {
            assert_true(lambdest__skip_name(&k, &by_skip_name));
            assert_true(lambdest__skip_element(&k, &by_skip));
            assert_int_equal(lambdest__scan_name(s, &name), LAMBDEST_OK);
            assert_ptr_equal(by_skip_name.data, name.data);
            assert_int_equal(by_skip_name.len, name.len);
        } else {
            assert_true(lambdest__skip_element(&k, &by_skip));
        }
        same_value(s, by_skip);
    }
    assert_false(bracket == '{' ? lambdest__skip_name(&k, &name) : lambdest__skip_element(&k, &by_skip));
}

static void same_value(lambdest__scan *s, lambdest__span value)
{
    int first = lambdest__scan_peek(s);

    assert_ptr_equal(s->text + s->at, value.data);
    if (first == '{' || first == '[')
        same_members(s, value, (unsigned char)first);
    else
        assert_int_equal(lambdest__scan_value(s), LAMBDEST_OK);
    assert_ptr_equal(s->text + s->at, value.data + value.len);
}

static void same_text(const void *data, size_t len)
{
    char *text = support_exact(data, len);
    const unsigned char *behind;
    lambdest__span value;
    lambdest__scan s;

    assert_int_equal(lambdest__scan_text(text, len, 512, &value, NULL), LAMBDEST_OK);
    behind = lambdest__skip_value(value.data, (const unsigned char *)text + len);
    assert_ptr_equal(behind, value.data + value.len);
    lambdest__scan_init(&s, text, len, 512);
    same_value(&s, value);
    free(text);
}

static void finds_what_the_scanner_finds(void **state)
{
    static unsigned char text[3000];
    uint64_t seed = 80;
    int round, rounds = support_quick() ? 200 : 5000;

    (void)state;
    for (round = 0; round < rounds; round++)
        same_text(text, support_random_json(&seed, text, SUPPORT_JSON_MIN + support_below(&seed, 2800)));
}

static void knows_the_end_of_a_scalar(void **state)
{
    static const char *const texts[] = {"1",
                                        "-0.5e+7",
                                        "true",
                                        "null ",
                                        "\"\"",
                                        "\"a\\\\\"",
                                        "[1,2]",
                                        "[ ]",
                                        "{ }",
                                        "{\"a\":1 }",
                                        "[true\n]",
                                        "[\"\\\"]\"]",
                                        "[[],{}]",
                                        "{\"\":{\"\\\\\":[]}}",
                                        "\"\\\\\\\"\\\\\""};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        same_text(texts[i], strlen(texts[i]));
}

static void strings_of_every_length_and_escape(void **state)
{
    char text[80];
    size_t len, at;

    (void)state;
    for (len = 0; len < 60; len++)
        for (at = 0; at + 1 < len; at++) {
            memset(text, 'a', sizeof text);
            text[0] = text[len + 1] = '"';
            text[at + 1] = '\\';
            text[at + 2] = at % 2 ? '"' : '\\';
            same_text(text, len + 2);
        }
}

/* As in an object that is read before its end has been looked for. */
static void the_closing_bracket_ends_it_too(void **state)
{
    static const char text[] = "{\"a\":[1 ,2 ] } , \"b\":3}";
    const unsigned char *begin = (const unsigned char *)text, *end = begin + sizeof text - 1;
    lambdest__skip object = {begin + 1, end}, array = {begin + 6, end};
    lambdest__span span;

    (void)state;
    assert_true(lambdest__skip_name(&object, &span));
    assert_ptr_equal(object.at, begin + 5);
    assert_true(lambdest__skip_element(&object, &span));
    assert_int_equal(span.len, 7);
    assert_false(lambdest__skip_name(&object, &span));
    assert_ptr_equal(object.at, begin + 13);
    assert_true(lambdest__skip_to_next(&array));
    assert_ptr_equal(array.at, begin + 6);
    assert_true(lambdest__skip_element(&array, &span));
    assert_true(lambdest__skip_element(&array, &span));
    assert_int_equal(*span.data, '2');
    assert_false(lambdest__skip_to_next(&array));
    assert_ptr_equal(array.at, begin + 11);
}

static void finds_members_of_checked_values(void **state)
{
    static const unsigned char object[] = "{\"a\":1,\"b\":{},\"\\u0061\":2}";
    lambdest__span span = {object, sizeof object - 1}, none = {NULL, 0};

    (void)state;
    assert_int_equal(*lambdest__skip_find(span, "a").data, '2');
    assert_int_equal(*lambdest__skip_find(span, "b").data, '{');
    assert_null(lambdest__skip_find(span, "c").data);
    assert_int_equal(lambdest__skip_find(span, "c").len, 0);
    assert_null(lambdest__skip_find(none, "a").data);
    span.data += 5;
    span.len = 1;
    assert_null(lambdest__skip_find(span, "a").data);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_the_scanner_finds),
        cmocka_unit_test(knows_the_end_of_a_scalar),
        cmocka_unit_test(strings_of_every_length_and_escape),
        cmocka_unit_test(the_closing_bracket_ends_it_too),
        cmocka_unit_test(finds_members_of_checked_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
