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

static void expect_letter(const char *attributes, const char *id, const char *code, const char *message)
{
    char text[600] = "{\"body\":\"b\",\"messageId\":\"i\",\"messageAttributes\":";
    lambdest__parcel p;

    strcat(strcat(text, attributes), "}");
    assert_true(taken(text, &p));
    assert_int_equal(p.is_dead_letter, id != NULL);
    expect_span(p.letter.request_id, id);
    expect_span(p.letter.error_code, code);
    expect_span(p.letter.error_message, message);
    expect_span(p.text, "b");
    assert_int_equal(p.carrier, BY_SQS);
}

static void attributes_say_dead_letter(void **state)
{
    (void)state;
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{\"StringValue\":\"200\"},"
                  "\"ErrorMessage\":{\"Value\":"
                  "\"m\\n\"},\"x\":1}",
                  "r", "200", "m\\n");
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorMessage\":{\"stringValue\":\"m\"}}", "r",
                  NULL, "m");
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{\"stringValue\":\"m\"}}", "r", "m",
                  NULL);
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"}}", NULL, NULL, NULL);
    expect_letter("{\"RequestID\":{\"stringValue\":5},\"ErrorCode\":{\"stringValue\":\"5\"}}", NULL, NULL,
                  NULL);
    expect_letter("{\"RequestID\":\"r\",\"ErrorCode\":\"5\"}", NULL, NULL, NULL);
    expect_letter("{\"ErrorCode\":{\"stringValue\":\"m\"},\"ErrorMessage\":{\"stringValue\":\"m\"}}", NULL,
                  NULL, NULL);
    expect_letter("{}", NULL, NULL, NULL);
    expect_letter("5", NULL, NULL, NULL);
    expect_broken("{\"messageAttributes\":{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{"
                  "\"stringValue\":\"m\"}},"
                  "\"messageId\":\"i\",\"body\":5}",
                  110, "body");
    expect_taken("{\"body\":\"b\",\"messageId\":\"i\"}", "b", "i", NULL);
    expect_left("{}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_say_dead_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
