#include "support.h"

#include "delivery/limits.h"
#include "json/utf8.h"

#include <lambdest/sink.h>
#include <stdlib.h>
#include <string.h>

static void limits_are_the_services_own(void **state)
{
    static const struct {
        uint32_t target;
        uint64_t max_bytes;
        bool xml_text;
        bool event;
    } expected[] = {
        {0, 0, false, false},
        {LAMBDEST_TARGET_PLAIN, 0, false, false},
        {LAMBDEST_TARGET_SQS, 1048576, true, false},
        {LAMBDEST_TARGET_SNS, 262144, true, false},
        {LAMBDEST_TARGET_LAMBDA, 1048576, false, false},
        {LAMBDEST_TARGET_EVENTBRIDGE, 1048576, false, true},
        {LAMBDEST_TARGET_S3, 0, false, false},
        {LAMBDEST_TARGET_KAFKA, 1000000, false, false},
    };
    lambdest__limit limit;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_true(lambdest__limit_of(expected[i].target, &limit));
        assert_int_equal(limit.max_bytes, expected[i].max_bytes);
        assert_int_equal(limit.xml_text, expected[i].xml_text);
        assert_int_equal(limit.event, expected[i].event);
    }
    assert_false(lambdest__limit_of(LAMBDEST_TARGET_PLAIN - 1, &limit));
    assert_false(lambdest__limit_of(LAMBDEST_TARGET_KAFKA + 1, &limit));
}

/* The W3C's production Char, word for word. */
static bool is_xml_char(uint32_t c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
           (c >= 0x10000 && c <= 0x10FFFF);
}

static void every_character_is_judged_as_xml_does(void **state)
{
    unsigned char text[8] = "ab";
    uint32_t c;

    (void)state;
    for (c = 0; c <= 0x10FFFF; c++) {
        lambdest__span span = {text, 0};

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        span.len = 2 + lambdest__utf8_put(text + 2, c);
        text[span.len++] = 'z';
        if (lambdest__limit_character(span) != (is_xml_char(c) ? span.len : 2))
            fail_msg("U+%04X", (unsigned)c);
    }
}

static void a_text_may_end_anywhere(void **state)
{
    static const unsigned char text[] = {'a', 0xEF, 0xBF, 0xBE};
    size_t len;

    (void)state;
    for (len = 0; len <= sizeof text; len++) {
        char *exact = support_exact(text, len);
        lambdest__span span = {(const unsigned char *)exact, len};

        assert_int_equal(lambdest__limit_character(span), len < sizeof text ? len : 1);
        free(exact);
    }
}

static size_t depth_at(const char *json, size_t depth)
{
    char *exact = support_exact(json, strlen(json));
    lambdest__span span = {(const unsigned char *)exact, strlen(json)};
    size_t at = lambdest__limit_depth(span, depth);

    free(exact);
    return at;
}

static void depth_counts_brackets_outside_strings(void **state)
{
    (void)state;
    assert_int_equal(depth_at("1", 0), 1);
    assert_int_equal(depth_at("[1]", 1), 3);
    assert_int_equal(depth_at("[1]", 0), 0);
    assert_int_equal(depth_at("{\"a\":[{}]}", 3), 10);
    assert_int_equal(depth_at("{\"a\":[{}]}", 2), 6);
    assert_int_equal(depth_at("[[],[],[[]]]", 2), 8);
    assert_int_equal(depth_at("[\"[[[{{\\\"[[\"]", 1), 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_the_services_own),
        cmocka_unit_test(every_character_is_judged_as_xml_does),
        cmocka_unit_test(a_text_may_end_anywhere),
        cmocka_unit_test(depth_counts_brackets_outside_strings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
