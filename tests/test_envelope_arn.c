#include "support.h"

#include "envelope/arn.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

static const char qualified[] =
    "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:My_function-2:$LATEST";
static const char plain[] = "arn:aws:lambda:eu-west-1:111122223333:function:f";

/* The grammar once more, for the C library's matcher. */
static const char grammar[] = "^arn:([a-z0-9-]+):lambda:([a-z0-9-]+):([0-9]{12}):function:([A-Za-z0-9_-]+)"
                              "(:([A-Za-z0-9_$.-]+))?$";

enum {
    PARTS = 7
};

static lambdest__span span_of(const char *text, size_t len)
{
    lambdest__span span = {(const unsigned char *)text, len};

    return span;
}

static void expect_part(lambdest__span part, const char *expected)
{
    support_expect_bytes(part.data, part.len, expected, strlen(expected));
}

static void takes_an_arn_apart(void **state)
{
    lambdest__arn arn;

    (void)state;
    assert_true(lambdest__arn_read(span_of(qualified, sizeof qualified - 1), &arn));
    expect_part(arn.partition, "aws-us-gov");
    expect_part(arn.region, "us-gov-west-1");
    expect_part(arn.account, "123456789012");
    expect_part(arn.name, "My_function-2");
    expect_part(arn.qualifier, "$LATEST");
}

static void an_unqualified_arn_has_no_qualifier(void **state)
{
    lambdest__arn arn;

    (void)state;
    memset(&arn, 0xEE, sizeof arn);
    assert_true(lambdest__arn_read(span_of(plain, sizeof plain - 1), &arn));
    expect_part(arn.name, "f");
    assert_null(arn.qualifier.data);
    assert_int_equal(arn.qualifier.len, 0);
}

static void knows_real_arns(void **state)
{
    static const char *const rows[] = {
        "arn:aws:lambda:us-east-1:123456789012:function:demo",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:$LATEST.PUBLISHED",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:42",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:live-alias_1",
        "arn:aws-cn:lambda:cn-north-1:000000000000:function:A-b_C9",
        "arn:az09-:lambda:az09-:000000000999:function:AZaz09-_:AZaz09-_$.",
        "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f:v1",
    };
    lambdest__arn arn;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!lambdest__arn_read(span_of(rows[i], strlen(rows[i])), &arn))
            fail_msg("refused: %s", rows[i]);
}

static void refuses_what_is_none(void **state)
{
    static const char *const rows[] = {
        "",
        "arn",
        "demo",
        "123456789012:function:demo",
        "arn:aws:sqs:us-east-1:123456789012:queue",
        "arn:aws:lambda:us-east-1:123456789012:layer:demo:1",
        "arn:aws:lambda:us-east-1:123456789012:event-source-mapping:5",
        "arn:aws:lambda:us-east-1:123456789012:function",
        "arn:aws:lambda:us-east-1:123456789012:function:",
        "arn:aws:lambda:us-east-1:123456789012:function::1",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:1:",
        "arn:aws:lambda:us-east-1:123456789012:function:demo:1:2",
        "arn:aws:lambda:us-east-1:123456789012:function:demo::",
        "arn:aws:lambda:us-east-1:12345678901:function:demo",
        "arn:aws:lambda:us-east-1:1234567890123:function:demo",
        "arn:aws:lambda:us-east-1::function:demo",
        "arn:aws:lambda::123456789012:function:demo",
        "arn::lambda:us-east-1:123456789012:function:demo",
        "arn:AWS:lambda:us-east-1:123456789012:function:demo",
        "ARN:aws:lambda:us-east-1:123456789012:function:demo",
        "arn:aws:Lambda:us-east-1:123456789012:function:demo",
        " arn:aws:lambda:us-east-1:123456789012:function:demo",
        "arn:aws:lambda:us-east-1:123456789012:function:demo ",
        "arn:aws:lambda:us-east-1:123456789012:function:de mo",
        "arn:aws:lambda:us-east-1:123456789012:function:d\xC3\xA9mo",
        "arn:aws:lambda:us-east-1:123456789012:function:$LATEST",
    };
    static const lambdest__arn none;
    lambdest__arn arn;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        memset(&arn, 0xEE, sizeof arn);
        if (lambdest__arn_read(span_of(rows[i], strlen(rows[i])), &arn))
            fail_msg("accepted: %s", rows[i]);
        assert_memory_equal(&arn, &none, sizeof arn);
    }
    assert_false(lambdest__arn_read(span_of(NULL, 0), &arn));
}

static void expect_match(const char *text, const regmatch_t *match, lambdest__span part)
{
    if (match->rm_so < 0) {
        assert_null(part.data);
        assert_int_equal(part.len, 0);
        return;
    }
    assert_ptr_equal(part.data, text + match->rm_so);
    assert_int_equal(part.len, match->rm_eo - match->rm_so);
}

/* Whether the text is read as the grammar has it; the text may hold a NUL, which no ARN does. */
static bool check(const regex_t *regex, const char *data, size_t len)
{
    char *text = support_exact(data, len), terminated[200];
    bool expected, found;
    regmatch_t match[PARTS];
    lambdest__arn arn;

    assert_in_range(len, 0, sizeof terminated - 1);
    memcpy(terminated, data, len);
    terminated[len] = '\0';
    expected = !memchr(data, '\0', len) && !regexec(regex, terminated, PARTS, match, 0);
    found = lambdest__arn_read(span_of(text, len), &arn);
    if (found != expected)
        fail_msg("read as %d: %s", found, terminated);
    if (found) {
        expect_match(text, &match[1], arn.partition);
        expect_match(text, &match[2], arn.region);
        expect_match(text, &match[3], arn.account);
        expect_match(text, &match[4], arn.name);
        expect_match(text, &match[6], arn.qualifier);
    }
    free(text);
    return found;
}

/* Every byte changed to every other, left out, put in, and the text cut everywhere. */
static size_t check_changes(const regex_t *regex, const char *arn, size_t len)
{
    size_t at, good = 0;
    char text[200];
    int byte, step = support_quick() ? 7 : 1;

    for (at = 0; at <= len; at++) {
        good += check(regex, arn, at);
        memcpy(text, arn, at);
        for (byte = 0; byte < 256; byte += step) {
            text[at] = (char)byte;
            memcpy(text + at + 1, arn + at, len - at);
            good += check(regex, text, len + 1);
            if (at == len)
                continue;
            memcpy(text + at + 1, arn + at + 1, len - at - 1);
            good += check(regex, text, len);
        }
        if (at < len) {
            memcpy(text + at, arn + at + 1, len - at - 1);
            good += check(regex, text, len - 1);
        }
    }
    return good;
}

static void agrees_with_the_grammar_on_every_change(void **state)
{
    regex_t regex;
    size_t good;

    (void)state;
    assert_int_equal(regcomp(&regex, grammar, REG_EXTENDED), 0);
    good = check_changes(&regex, qualified, sizeof qualified - 1);
    good += check_changes(&regex, plain, sizeof plain - 1);
    regfree(&regex);
    assert_in_range(good, 100, 10000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_arn_apart),
        cmocka_unit_test(an_unqualified_arn_has_no_qualifier),
        cmocka_unit_test(knows_real_arns),
        cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(agrees_with_the_grammar_on_every_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
