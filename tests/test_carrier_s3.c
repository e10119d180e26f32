#include "support.h"

#include "carrier/eventbridge.h"
#include "carrier/parcel.h"
#include "carrier/sending.h"

#include <stdlib.h>
#include <string.h>

/* Reads an object, which outlives the call, and offers it. */
static bool taken(const char *text, lambdest__parcel *p)
{
    lambdest__traits t;
    lambdest__scan s;

    memset(p, 0, sizeof *p);
    p->carrier = CARRIER_KINDS;
    lambdest__scan_init(&s, text, strlen(text), 100);
    assert_int_equal(lambdest__traits_read(&s, NULL, NULL, &t), LAMBDEST_OK);
    return lambdest__s3_take(&t, p);
}

static void expect_span(lambdest__span span, const char *expected)
{
    if (!expected) {
        assert_null(span.data);
        return;
    }
    assert_non_null(span.data);
    support_expect_bytes(span.data, span.len, expected, strlen(expected));
}

static void expect_taken(const char *text, const char *body, const char *id, const char *source)
{
    lambdest__parcel p;

    assert_true(taken(text, &p));
    assert_int_equal(p.carrier, BY_S3);
    assert_int_equal(p.code, LAMBDEST_OK);
    expect_span(p.text, body);
    expect_span(p.id, id);
    expect_span(p.source, source);
}

static void expect_left(const char *text)
{
    lambdest__parcel p;

    assert_false(taken(text, &p));
    assert_int_equal(p.carrier, CARRIER_KINDS);
}

static void takes_notifications(void **state)
{
    static const char whole[] =
        "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":\"arn:aws:s3:::b\"}}}";
    lambdest__parcel p;

    (void)state;
    expect_taken(whole, whole, NULL, "arn:aws:s3:::b");
    assert_true(taken(whole, &p));
    assert_true(p.is_notification);
    expect_taken("{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":5}}",
                 "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":5}}", NULL, NULL);
    expect_taken("{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":5}}}",
                 "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":5}}}", NULL, NULL);
    expect_left("{\"s3\":{}}");
    expect_left("{\"eventSource\":\"aws:s3\"}");
    expect_left("{\"eventSource\":\"aws:sqs\",\"s3\":{}}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_notifications),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
