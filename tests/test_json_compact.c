#include "support.h"

#include "json/compact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The definition, byte by byte: white space goes unless a string is open. */
static size_t expected_compact(const char *text, size_t len, char *out)
{
    bool in_string = false, escaped = false;
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        if (!in_string && strchr(" \t\r\n", text[i]))
            continue;
        out[n++] = text[i];
        if (in_string && !escaped && text[i] == '\\') {
            escaped = true;
            continue;
        }
        if (text[i] == '"' && !escaped)
            in_string = !in_string;
        escaped = false;
    }
    return n;
}

/* Compacts from and into blocks of exactly the right size; the result is the caller's. */
static char *compact(const char *text, size_t len, size_t *out_len)
{
    char *copy = support_exact(text, len), *out;
    lambdest__span span = {(const unsigned char *)copy, len};

    *out_len = lambdest__compact_length(span);
    assert_in_range(*out_len, 0, len);
    out = malloc(*out_len ? *out_len : 1);
    assert_non_null(out);
    assert_int_equal(lambdest__compact(span, (unsigned char *)out), *out_len);
    free(copy);
    return out;
}

static void expect_compact(const char *text, size_t len, const char *expected, size_t expected_len)
{
    size_t out_len;
    char *out = compact(text, len, &out_len);

    support_expect_bytes(out, out_len, expected, expected_len);
    free(out);
}

static void compacts_by_hand(void **state)
{
    static const char *const rows[][2] = {
        {"1", "1"},
        {" 1 ", "1"},
        {"\r\n\t null\t", "null"},
        {"[]", "[]"},
        {" [ ] ", "[]"},
        {"[ 1 , 2 ]", "[1,2]"},
        {"{ \"a\" : 1 , \"b\" : [ 1.50 , 1e+21 ] }", "{\"a\":1,\"b\":[1.50,1e+21]}"},
        {"\" a\t\"", "\" a\t\""},
        {" \"  \" ", "\"  \""},
        {"[\"\\\" \" , 1]", "[\"\\\" \",1]"},
        {"[\"\\\\\" , 1]", "[\"\\\\\",1]"},
        {"[\"\\\\\\\" , \" , 1]", "[\"\\\\\\\" , \",1]"},
        {"{\"a b\" :\"c d\"}", "{\"a b\":\"c d\"}"},
        {"{\"a\":1, \"a\": 2}", "{\"a\":1,\"a\":2}"},
        {"[\n\"\xC2\xA0\" ]", "[\"\xC2\xA0\"]"},
        {"[12345678901234567890 , \"\\ud83d\"]", "[12345678901234567890,\"\\ud83d\"]"},
        {"[ \"\" , \"\" ]", "[\"\",\"\"]"},
    };
    char defined[100];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = rows[i][0], *expected = rows[i][1];
        size_t len = expected_compact(text, strlen(text), defined);

        support_expect_bytes(defined, len, expected, strlen(expected));
        expect_compact(text, strlen(text), expected, strlen(expected));
    }
}

static void keeps_what_is_compact(void **state)
{
    static const char text[] = "{\"a\":[1,2,{\"b c\":\"d\\\"  e\"}],\"f\":null,\"g\":-1.0E-5}";

    (void)state;
    expect_compact(text, sizeof text - 1, text, sizeof text - 1);
}

static void keeps_to_the_definition_in_random_texts(void **state)
{
    static unsigned char text[3000];
    static char expected[3000];
    uint64_t seed = 14;
    int round, rounds = support_quick() ? 300 : 5000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        size_t len = support_random_json(&seed, text, 200 + support_below(&seed, sizeof text - 200));
        size_t expected_len = expected_compact((const char *)text, len, expected);

        expect_compact((const char *)text, len, expected, expected_len);
        expect_compact(expected, expected_len, expected, expected_len);
    }
}

static void changes_no_value(void **state)
{
    static unsigned char text[2000];
    uint64_t seed = 15;
    int round, rounds = support_quick() ? 100 : 2000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        size_t len = support_random_json(&seed, text, sizeof text), out_len;
        char *out = compact((const char *)text, len, &out_len);
        json_t *before = json_loadb((const char *)text, len, JSON_DECODE_ANY, NULL);
        json_t *after = json_loadb(out, out_len, JSON_DECODE_ANY, NULL);

        assert_non_null(before);
        assert_non_null(after);
        assert_true(json_equal(before, after));
        json_decref(before);
        json_decref(after);
        free(out);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(compacts_by_hand),
        cmocka_unit_test(keeps_what_is_compact),
        cmocka_unit_test(keeps_to_the_definition_in_random_texts),
        cmocka_unit_test(changes_no_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
