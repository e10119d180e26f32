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
    return lambdest__sns_take(&t, p);
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
    assert_int_equal(p.carrier, BY_SNS);
    assert_int_equal(p.code, LAMBDEST_OK);
    expect_span(p.text, body);
    expect_span(p.id, id);
    expect_span(p.source, source);
}

static void expect_broken(const char *text, size_t offset, const char *where)
{
    lambdest__parcel p;

    assert_true(taken(text, &p));
    assert_int_equal(p.code, LAMBDEST_E_SCHEMA);
    assert_int_equal(p.offset, offset);
    assert_string_equal(p.where, where);
    assert_non_null(p.message);
    expect_span(p.text, text);
    assert_false(p.is_string || p.is_dead_letter || p.is_notification);
}

static void expect_left(const char *text)
{
    lambdest__parcel p;

    assert_false(taken(text, &p));
    assert_int_equal(p.carrier, CARRIER_KINDS);
}

static void takes_notifications(void **state)
{
    (void)state;
    expect_taken("{\"Type\":\"Notification\",\"MessageId\":\"i\",\"TopicArn\":\"t\",\"Message\":\"m\"}", "m",
                 "i", "t");
    expect_taken("{\"TopicArn\":\"t\",\"Message\":\"m\"}", "m", NULL, "t");
    expect_taken(
        "{\"EventSource\":\"aws:sns\",\"Sns\":{\"TopicArn\":\"t\",\"Message\":\"m\",\"Subject\":null}}", "m",
        NULL, "t");
    expect_broken("{\"Sns\":5}", 0, "Message");
    expect_broken("{\"TopicArn\":\"t\",\"Message\":7}", 26, "Message");
    expect_broken("{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"t\",\"Message\":\"m\"}", 8, "Type");
    expect_left("{\"Type\":\"Notification\",\"Message\":\"m\"}");
    expect_left("{\"TopicArn\":\"t\"}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_notifications),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
