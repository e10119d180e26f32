#include "support.h"

#include "carrier/sending.h"

#include <stdlib.h>
#include <string.h>

static bool reads(const char *arn, const char *service, lambdest__resource *out)
{
    lambdest__span text = {(const unsigned char *)arn, strlen(arn)};

    return lambdest__resource_read(text, service, out);
}

static void takes_arns_apart(void **state)
{
    static const char *const others[] = {
        "",
        "arn",
        "arn:aws:sqs:r:1",
        "arn:aws:sqs:r:1:",
        "arn:aws:sns:r:1:q",
        "arn:aws:sqs::1:q",
        "arn:aws:sqs:r::q",
        "arn::sqs:r:1:q",
        "arn:AWS:sqs:r:1:q",
        "arn:aws:sqs:r:1:q\"",
        "arn:aws:sqs:r:1:q q",
        "arn:aws:sqs:r:1:q\\",
        "arn:aws:sqs:r:1:\xC3\xA9",
        "nra:aws:sqs:r:1:q",
        "arn:aws:sqx:r:1:q",
        "arn:a~s:sqs:r:1:q",
        "arn:a{s:sqs:r:1:q",
        "arn:a/s:sqs:r:1:q",
        "arn:a_s:sqs:r:1:q",
        "arn:aws:sqs:r:1;2:q",
        "arnx:aws:sqs:r:1:q",
        "arn:Aws:sqs:r:1:q",
        "arn:aws:sqs:r:1:\"q",
        "arn:aws:sqs:r:1:q\x7F",
    };
    lambdest__resource r;
    size_t i;

    (void)state;
    assert_true(reads("arn:aws-cn:sqs:cn-north-1:111122223333:q:1/.x", "sqs", &r));
    support_expect_bytes(r.partition.data, r.partition.len, "aws-cn", 6);
    support_expect_bytes(r.region.data, r.region.len, "cn-north-1", 10);
    support_expect_bytes(r.account.data, r.account.len, "111122223333", 12);
    support_expect_bytes(r.name.data, r.name.len, "q:1/.x", 6);
    assert_int_equal(r.arn.len, 45);
    assert_true(reads("arn:a-z:sqs:z-a:0-9:!~", "sqs", &r));
    support_expect_bytes(r.account.data, r.account.len, "0-9", 3);
    for (i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(reads(others[i], "sqs", &r));
}

static void expect_time(int64_t ms, bool with_ms, const char *expected)
{
    unsigned char out[40];
    lambdest__emit e;

    lambdest__emit_init(&e, out, false);
    lambdest__emit_time(&e, ms, with_ms);
    support_expect_bytes(out, e.used, expected, strlen(expected));
}

static void writes_times_with_milliseconds_or_without(void **state)
{
    (void)state;
    expect_time(INT64_C(1772443498090), true, "\"2026-03-02T09:24:58.090Z\"");
    expect_time(INT64_C(1772443498999), false, "\"2026-03-02T09:24:58Z\"");
    expect_time(-1, false, "\"1969-12-31T23:59:59Z\"");
}

static void the_envelopes_time_comes_first(void **state)
{
    lambdest__sending s;
    lambdest_envelope *env;

    (void)state;
    memset(&s, 0, sizeof s);
    s.time_ms = 5;
    assert_int_equal(lambdest__sending_time(&s), 5);
    assert_int_equal(lambdest_envelope_new(NULL, &env, NULL), LAMBDEST_OK);
    s.envelope = env;
    assert_int_equal(lambdest__sending_time(&s), 5);
    assert_int_equal(lambdest_envelope_set_integer(env, LAMBDEST_TIMESTAMP_MS, 0, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest__sending_time(&s), 0);
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_arns_apart),
        cmocka_unit_test(writes_times_with_milliseconds_or_without),
        cmocka_unit_test(the_envelopes_time_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
