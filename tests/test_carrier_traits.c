#include "support.h"

#include "carrier/traits.h"

#include <stdlib.h>
#include <string.h>

static int read_text(const char *text, lambdest__elements_fn *elements, void *data, lambdest__traits *out,
                     size_t *at)
{
    lambdest__scan s;
    int rc;

    lambdest__scan_init(&s, text, strlen(text), 100);
    rc = lambdest__traits_read(&s, elements, data, out);
    *at = s.at;
    return rc;
}

static void expect_member(const lambdest__traits *t, enum lambdest__trait trait, const char *expected)
{
    assert_int_equal(lambdest__trait_has(t, trait), expected != NULL);
    if (expected)
        support_expect_bytes(t->value[trait].data, t->value[trait].len, expected, strlen(expected));
}

static void reads_members_by_name(void **state)
{
    lambdest__traits t;
    size_t at;

    (void)state;
    assert_int_equal(
        read_text(
            " {\"b\":1, \"b\\u006fdy\" : \"x\" ,\"Sns\":{\"Message\": \"m\" ,\"Type\":5},\"id\":[1 ]} ,",
            NULL, NULL, &t, &at),
        LAMBDEST_OK);
    assert_int_equal(at, 71);
    assert_int_equal(t.text.len, 70);
    expect_member(&t, TRAIT_SQS_BODY, "\"x\"");
    expect_member(&t, TRAIT_MESSAGE, "\"m\"");
    expect_member(&t, TRAIT_TYPE, "5");
    expect_member(&t, TRAIT_ID, "[1 ]");
    expect_member(&t, TRAIT_DETAIL, NULL);
    expect_member(&t, TRAIT_SNS, "{");
    assert_null(t.twice);
    assert_false(t.no_carrier);
    assert_true(lambdest__trait_is(&t, TRAIT_MESSAGE, "m"));
    assert_false(lambdest__trait_is(&t, TRAIT_TYPE, "5"));
    assert_false(lambdest__trait_is(&t, TRAIT_DETAIL, ""));
    assert_null(lambdest__trait_text(&t, TRAIT_TYPE).data);
    assert_int_equal(read_text("{\"\":1,\"Sns\":{\"Sns\":{\"Message\":\"x\"},\"\":2}}", NULL, NULL, &t, &at),
                     LAMBDEST_OK);
    expect_member(&t, TRAIT_MESSAGE, NULL);
    assert_string_equal(t.twice_where, "Sns");
}

static void notes_a_member_given_twice(void **state)
{
    lambdest__traits t;
    size_t at;

    (void)state;
    assert_int_equal(read_text("{\"body\":1,\"bod\\u0079\":2,\"id\":1,\"id\":2}", NULL, NULL, &t, &at),
                     LAMBDEST_OK);
    assert_ptr_equal(t.twice, t.text.data + 10);
    assert_string_equal(t.twice_where, "body");
    assert_int_equal(read_text("{\"Message\":1,\"Sns\":{\"Message\":2}}", NULL, NULL, &t, &at), LAMBDEST_OK);
    assert_string_equal(t.twice_where, "Message");
    assert_int_equal(read_text("{\"Sns\":{},\"Sns\":{\"Type\":1}}", NULL, NULL, &t, &at), LAMBDEST_OK);
    assert_string_equal(t.twice_where, "Sns");
    assert_int_equal(read_text("{\"x\":1,\"x\":2}", NULL, NULL, &t, &at), LAMBDEST_OK);
    assert_null(t.twice);
}

static int pass_list(lambdest__scan *s, enum lambdest__trait list, void *data)
{
    *(enum lambdest__trait *)data = list;
    return lambdest__scan_value(s);
}

static int refuse_list(lambdest__scan *s, enum lambdest__trait list, void *data)
{
    (void)s;
    (void)list;
    (void)data;
    return LAMBDEST_E_TOO_BIG;
}

static void tells_lists_and_leaves_envelopes(void **state)
{
    enum lambdest__trait list = TRAIT_COUNT;
    lambdest__traits t;
    size_t at;

    (void)state;
    assert_int_equal(read_text("{\"Messages\":[1, 2] }", pass_list, &list, &t, &at), LAMBDEST_OK);
    assert_int_equal(list, TRAIT_MESSAGES);
    expect_member(&t, TRAIT_MESSAGES, "[1, 2]");
    assert_int_equal(read_text("{\"Records\":[1, 2] }", refuse_list, NULL, &t, &at), LAMBDEST_E_TOO_BIG);
    list = TRAIT_COUNT;
    assert_int_equal(read_text("{\"Records\":{}}", pass_list, &list, &t, &at), LAMBDEST_OK);
    assert_int_equal(list, TRAIT_COUNT);
    assert_int_equal(
        read_text("{\"version\":\"1.0\",\"requestContext\":{}} and more", pass_list, &list, &t, &at),
        LAMBDEST_OK);
    assert_true(t.no_carrier);
    assert_int_equal(read_text("{\"requestContext\":{},\"body\":1}", NULL, NULL, &t, &at), LAMBDEST_OK);
    assert_false(t.no_carrier);
}

static void fails_at_the_offending_byte(void **state)
{
    static const struct {
        const char *text;
        size_t at;
        int code;
    } cases[] = {
        {"[]", 0, LAMBDEST_E_SYNTAX},          {"{\"body\":}", 8, LAMBDEST_E_SYNTAX},
        {"{\"Sns\":{}", 9, LAMBDEST_E_SYNTAX}, {"{\"Sns\":{,}}", 8, LAMBDEST_E_SYNTAX},
        {"{\"a\xFF\":1}", 3, LAMBDEST_E_UTF8}, {"{\"Sns\":{\"a\":1}\"b\":2}", 14, LAMBDEST_E_SYNTAX},
    };
    lambdest__traits t;
    size_t i, at;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_text(cases[i].text, NULL, NULL, &t, &at), cases[i].code);
        assert_int_equal(at, cases[i].at);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_members_by_name),
        cmocka_unit_test(notes_a_member_given_twice),
        cmocka_unit_test(tells_lists_and_leaves_envelopes),
        cmocka_unit_test(fails_at_the_offending_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
