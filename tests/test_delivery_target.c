#include "delivery.h"

#include "delivery/target.h"

static int init(lambdest_sink *sink, int target, const char *arn, lambdest_error *err)
{
    memset(sink, 0xEE, sizeof *sink);
    sink->size = sizeof *sink;
    return lambdest_sink_init(sink, target, arn, arn ? strlen(arn) : 0, err);
}

static bool is_zero(const lambdest_sink *sink)
{
    static const lambdest_sink zero;

    return sink->size == sizeof *sink && !memcmp(&sink->target, &zero.target, sizeof zero - sizeof zero.size);
}

static void a_target_is_filled_in(void **state)
{
    static const struct {
        int target;
        const char *arn;
        uint64_t max_bytes;
    } expected[] = {
        {LAMBDEST_TARGET_PLAIN, NULL, 0},
        {LAMBDEST_TARGET_SQS, "arn:aws:sqs:eu-west-1:111122223333:results", 1048576},
        {LAMBDEST_TARGET_SNS, "arn:aws-cn:sns:cn-north-1:111122223333:results", 262144},
        {LAMBDEST_TARGET_LAMBDA, "arn:aws:lambda:eu-west-1:111122223333:function:next:live", 1048576},
        {LAMBDEST_TARGET_EVENTBRIDGE, "arn:aws:events:eu-west-1:111122223333:event-bus/default", 1048576},
        {LAMBDEST_TARGET_S3, "arn:aws:s3:::my-bucket", 0},
        {LAMBDEST_TARGET_KAFKA, "arn:aws:kafka:eu-west-1:111122223333:cluster/events/abc-1", 1000000},
        {LAMBDEST_TARGET_KAFKA, "arn:aws:kafka:eu-west-1:111122223333:topic/events/abc-1/t", 1000000},
        {LAMBDEST_TARGET_KAFKA, "kafka://topic", 1000000},
    };
    lambdest_sink sink;
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(init(&sink, expected[i].target, expected[i].arn, &err), LAMBDEST_OK);
        support_expect_ok(&err);
        assert_int_equal(sink.size, sizeof sink);
        assert_int_equal(sink.target, expected[i].target);
        assert_int_equal(sink.form, LAMBDEST_RECORD);
        assert_int_equal(sink.write_flags, 0);
        assert_int_equal(sink.oversize, LAMBDEST_OVERSIZE_REFUSE);
        assert_int_equal(sink.max_bytes, expected[i].max_bytes);
        assert_ptr_equal(sink.arn, expected[i].arn);
        assert_int_equal(sink.arn_len, expected[i].arn ? strlen(expected[i].arn) : 0);
        assert_null(sink.deliver);
        assert_null(sink.user_data);
        assert_null(sink.reserved);
        if (!expected[i].arn)
            continue;
        assert_int_equal(init(&sink, 0, expected[i].arn, NULL), LAMBDEST_OK);
        assert_int_equal(sink.target, expected[i].target);
        assert_int_equal(sink.max_bytes, expected[i].max_bytes);
    }
}

static void what_no_destination_can_be_is_refused(void **state)
{
    static const struct {
        const char *arn;
        int code;
        const char *word; /* in the message */
    } expected[] = {
        {"arn:aws:sqs:eu-west-1:111122223333:results.fifo", LAMBDEST_E_UNSUPPORTED, "FIFO"},
        {"arn:aws:sns:eu-west-1:111122223333:results.fifo", LAMBDEST_E_UNSUPPORTED, "FIFO"},
        {"arn:aws:sqs:eu-west-1:111122223333:.fifo", LAMBDEST_E_UNSUPPORTED, "FIFO"},
        {"arn:aws:sqs:eu-west-1:111122223333:q\x7F", LAMBDEST_E_INVAL, "not an ARN"},
        {"arn:aws:sns:eu-west-1:111122223333:results:0e1f", LAMBDEST_E_UNSUPPORTED, "topic"},
        {"arn:aws:lambda:eu-west-1:111122223333:layer:x", LAMBDEST_E_UNSUPPORTED, "function"},
        {"arn:aws:events:eu-west-1:111122223333:rule/x", LAMBDEST_E_UNSUPPORTED, "bus"},
        {"arn:aws:s3:::bucket/key", LAMBDEST_E_UNSUPPORTED, "bucket"},
        {"arn:aws:kafka:eu-west-1:111122223333:group/x/y/z", LAMBDEST_E_UNSUPPORTED, "cluster"},
        {"arn:aws:kinesis:eu-west-1:111122223333:stream/x", LAMBDEST_E_UNSUPPORTED, "service"},
        {"arn:aws:sqs:eu-west-1:111122223333:", LAMBDEST_E_INVAL, "ARN"},
        {"arn:aws:sqs::111122223333:q", LAMBDEST_E_INVAL, "region"},
        {"arn:aws:sns:eu-west-1::t", LAMBDEST_E_INVAL, "account"},
        {"https://sqs.eu-west-1.amazonaws.com/111122223333/q", LAMBDEST_E_INVAL, "ARN"},
        {"arn:aws:sqs:eu-west-1:1", LAMBDEST_E_INVAL, "ARN"},
        {"nra:aws:sqs:eu-west-1:111122223333:q", LAMBDEST_E_INVAL, "ARN"},
        {"arn:aws::eu-west-1:111122223333:q", LAMBDEST_E_INVAL, "ARN"},
        {"arn::sqs:eu-west-1:111122223333:q", LAMBDEST_E_INVAL, "ARN"},
        {"arn:aws:sqs:eu-west-1:111122223333:a b", LAMBDEST_E_INVAL, "ARN"},
        {"arn:aws:sqs:eu-west-1:111122223333:\xC3\xA9", LAMBDEST_E_INVAL, "ARN"},
        {"kafka://", LAMBDEST_E_INVAL, "ARN"},
        {"", LAMBDEST_E_INVAL, "ARN"},
    };
    lambdest_sink sink;
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        lambdest__span arn = {(const unsigned char *)expected[i].arn, strlen(expected[i].arn)};
        uint32_t target;

        assert_int_equal(init(&sink, 0, expected[i].arn, &err), expected[i].code);
        support_expect_error(&err, expected[i].code, 0, "sink.arn");
        assert_non_null(strstr(err.message, expected[i].word));
        target = 9;
        assert_int_equal(lambdest__target_of(arn, &target, &err), expected[i].code);
        assert_int_equal(target, 0);
        assert_true(is_zero(&sink));
    }
}

static void target_and_arn_must_agree(void **state)
{
    lambdest_sink sink;
    lambdest_error err;

    (void)state;
    assert_int_equal(init(&sink, LAMBDEST_TARGET_SNS, "arn:aws:sqs:eu-west-1:111122223333:q", &err),
                     LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink.arn");
    assert_true(is_zero(&sink));
    assert_int_equal(init(&sink, 0, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "target");
    assert_int_equal(init(&sink, -1, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "target");
    assert_int_equal(init(&sink, 700, NULL, &err), LAMBDEST_E_INVAL);
    assert_int_equal(init(&sink, 708, NULL, &err), LAMBDEST_E_INVAL);
    /* A plain sink may say anything of where it is. */
    assert_int_equal(init(&sink, LAMBDEST_TARGET_PLAIN, "my own place", &err), LAMBDEST_OK);
    assert_string_equal(sink.arn, "my own place");
}

static void a_length_without_a_text_is_refused(void **state)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_sink_init(&sink, LAMBDEST_TARGET_SQS, NULL, 4, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "arn");
    assert_int_equal(lambdest_sink_init(NULL, LAMBDEST_TARGET_SQS, NULL, 0, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "sink.size");
}

static void the_caller_says_how_large_its_sink_is(void **state)
{
    struct {
        lambdest_sink sink;
        unsigned char more[24];
    } later;
    static const unsigned char zeros[24];

    (void)state;
    memset(&later, 0xEE, sizeof later);
    later.sink.size = sizeof later;
    assert_int_equal(lambdest_sink_init(&later.sink, LAMBDEST_TARGET_SQS, NULL, 0, NULL), LAMBDEST_OK);
    assert_int_equal(later.sink.size, sizeof later);
    assert_memory_equal(later.more, zeros, sizeof zeros);
    later.sink.size = sizeof(lambdest_sink) - 1;
    assert_int_equal(lambdest_sink_init(&later.sink, LAMBDEST_TARGET_SQS, NULL, 0, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(later.sink.size, sizeof(lambdest_sink) - 1);
    assert_int_equal(later.sink.max_bytes, 1048576);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_filled_in),
        cmocka_unit_test(what_no_destination_can_be_is_refused),
        cmocka_unit_test(target_and_arn_must_agree),
        cmocka_unit_test(a_length_without_a_text_is_refused),
        cmocka_unit_test(the_caller_says_how_large_its_sink_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
