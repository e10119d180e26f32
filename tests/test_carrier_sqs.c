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
    return lambdest__sqs_take(&t, p);
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
    assert_int_equal(p.carrier, BY_SQS);
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

static void takes_messages_as_lambda_gets_them(void **state)
{
    (void)state;
    expect_taken(
        "{\"eventSource\":\"aws:sqs\",\"body\":\"b\\n\",\"messageId\":\"i\",\"eventSourceARN\":\"a\"}",
        "b\\n", "i", "a");
    expect_taken("{\"body\":\"b\",\"messageId\":\"i\"}", "b", "i", NULL);
    expect_taken("{\"body\":\"b\",\"md5OfBody\":\"\",\"messageId\":5}", "b", NULL, NULL);
    expect_broken("{\"eventSource\":\"aws:sqs\"}", 0, "body");
    expect_broken("{\"messageId\":\"i\",\"body\":{}}", 24, "body");
    expect_left("{\"body\":\"b\"}");
    expect_left("{\"eventSource\":\"aws:kinesis\",\"body\":\"b\",\"messageId\":\"i\"}");
}

static void takes_messages_as_receive_message_answers(void **state)
{
    (void)state;
    expect_taken("{\"Body\":\"b\",\"MessageId\":\"i\"}", "b", "i", NULL);
    expect_taken("{\"Body\":\"b\",\"MD5OfBody\":\"\"}", "b", NULL, NULL);
    expect_taken("{\"Body\":\"b\",\"ReceiptHandle\":\"\"}", "b", NULL, NULL);
    expect_broken("{\"MessageId\":\"i\",\"Body\":null}", 24, "Body");
    expect_left("{\"Body\":\"b\"}");
    expect_left("{\"MessageId\":\"i\"}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_messages_as_lambda_gets_them),
        cmocka_unit_test(takes_messages_as_receive_message_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
