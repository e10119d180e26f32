#define TAKE lambdest__eventbridge_take
#define TAKEN_BY BY_EVENTBRIDGE
#include "support_parcel.h"

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
    expect_taken("{\"detail-type\":\"d\",\"resources\":[ ],\"detail\":{}}", "{}", NULL, NULL);
    expect_taken("{\"detail-type\":\"d\",\"resources\":[ \"a:event-bus/b\" ],\"detail\":{}}", "{}", NULL,
                 "a:event-bus/b");
    expect_taken("{\"detail-type\":\"d\",\"resources\":[\":event-bus/b\"],\"detail\":{}}", "{}", NULL,
                 ":event-bus/b");
    expect_taken("{\"detail-type\":\"d\",\"resources\":[\"a:event-bus/\"],\"detail\":{}}", "{}", NULL,
                 "a:event-bus/");
    expect_taken("{\"detail-type\":\"d\",\"resources\":[\"a:event-bus\"],\"detail\":{}}", "{}", NULL, NULL);
    expect_taken("{\"detail-type\":\"d\",\"resources\":[\"a:event-bust/b\"],\"detail\":{}}", "{}", NULL,
                 NULL);
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
    size_t len;

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
    for (len = 0; len < 6 + 49 + 14 + 8 + strlen(arn); len++)
        assert_true(lambdest__entry_counted(&facts, SIZE_MAX - len) == SIZE_MAX);
    facts.bus_arn = detail;
    assert_true(lambdest__entry_counted(&facts, SIZE_MAX - len) == SIZE_MAX);
    assert_true(lambdest__entry_counted(&facts, SIZE_MAX - len - detail.len - 1) == SIZE_MAX - 1);
    lambdest_envelope_free(env);
}

/* Whole seconds, rounded down on either side of 1970. */
static void counts_time_in_seconds(void **state)
{
    static const struct {
        int64_t ms;
        const char *expected;
    } times[] = {
        {0, "{\"Time\":0,"},      {1, "{\"Time\":0,"},     {999, "{\"Time\":0,"},    {1000, "{\"Time\":1,"},
        {1001, "{\"Time\":1,"},   {-1, "{\"Time\":-1,"},   {-1000, "{\"Time\":-1,"}, {-1001, "{\"Time\":-2,"},
        {-2000, "{\"Time\":-2,"}, {-999, "{\"Time\":-1,"}, {1999, "{\"Time\":1,"},
    };
    static const unsigned char detail_text[] = "{}";
    lambdest__span detail = {detail_text, 2};
    unsigned char out[200];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof times / sizeof times[0]; i++) {
        lambdest__entry_facts facts = {.outcome = LAMBDEST_SUCCESS, .has_time = true, .time_ms = times[i].ms};
        size_t len = lambdest__entry_write(&facts, detail, out);

        assert_true(len > strlen(times[i].expected));
        assert_memory_equal(out, times[i].expected, strlen(times[i].expected));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_events),
        cmocka_unit_test(writes_one_entry_measured_or_not),
        cmocka_unit_test(counts_time_in_seconds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
