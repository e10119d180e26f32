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
    return lambdest__eventbridge_take(&t, p);
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
    assert_int_equal(p.carrier, BY_EVENTBRIDGE);
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

static void takes_events(void **state)
{
    lambdest__parcel p;

    (void)state;
    expect_taken("{\"id\":\"i\",\"detail-type\":\"d\",\"resources\":[\"arn:aws:events:r:a:event-bus/"
                 "b\",\"f\"],\"detail\":{ }}",
                 "{ }", "i", "arn:aws:events:r:a:event-bus/b");
    expect_taken("{\"detail-type\":\"d\",\"resources\":[\"arn:aws:lambda:r:a:function:f\"],\"detail\":{}}",
                 "{}", NULL, NULL);
    expect_taken("{\"detail-type\":\"d\",\"resources\":[],\"detail\":{}}", "{}", NULL, NULL);
    expect_taken("{\"detail-type\":\"d\",\"resources\":[5],\"detail\":{}}", "{}", NULL, NULL);
    expect_taken("{\"detail-type\":\"d\",\"resources\":5,\"detail\":{}}", "{}", NULL, NULL);
    expect_broken("{\"detail-type\":\"d\"}", 0, "detail");
    expect_broken("{\"detail-type\":\"d\",\"detail\":\"{}\"}", 28, "detail");
    expect_left("{\"detail\":{}}");
    assert_true(taken("{\"detail-type\":\"Object Created\",\"source\":\"aws.s3\",\"detail\":{}}", &p));
    assert_true(p.is_notification);
}

static void writes_one_entry_measured_or_not(void **state)
{
    static const char arn[] = "arn:aws:lambda:eu-west-1:111122223333:function:f";
    static const unsigned char detail_text[] = "{\"a\":1}";
    lambdest__span detail = {detail_text, sizeof detail_text - 1};
    static const char expected[] =
        "{\"Time\":-1,\"Source\":\"lambda\",\"Resources\":[\"arn:aws:lambda:eu-west-1:111122223333:"
        "function:f:$LATEST\"],\"DetailType\":\"Lambda Function Invocation Result - "
        "Indeterminate\",\"Detail\":\"{\\\"a\\\":1}\"}";
    unsigned char out[400];
    lambdest__entry_facts facts;
    lambdest_envelope *env;

    (void)state;
    assert_int_equal(lambdest_envelope_new(NULL, &env, NULL), LAMBDEST_OK);
    lambdest__entry_facts_read(env, LAMBDEST_SUCCESS, &facts);
    assert_null(facts.function_arn.data);
    assert_false(facts.has_time || facts.add_latest);
    assert_int_equal(lambdest__entry_counted(&facts, 7), 7 + strlen("lambda") + 43);
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN, arn, strlen(arn), NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_integer(env, LAMBDEST_TIMESTAMP_MS, -1, NULL), LAMBDEST_OK);
    lambdest__entry_facts_read(env, LAMBDEST_INDETERMINATE, &facts);
    assert_int_equal(lambdest__entry_length(&facts, detail), sizeof expected - 1);
    assert_int_equal(lambdest__entry_write(&facts, detail, out), sizeof expected - 1);
    support_expect_bytes(out, sizeof expected - 1, expected, sizeof expected - 1);
    assert_int_equal(lambdest__entry_counted(&facts, 7), 7 + 6 + 49 + 14 + 8 + strlen(arn));
    assert_int_equal(lambdest__entry_counted(&facts, SIZE_MAX), SIZE_MAX);
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_events),
        cmocka_unit_test(writes_one_entry_measured_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
