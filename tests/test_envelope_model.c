#include "support_envelope.h"

#include "envelope/model.h"

/* Each settable member, its slot, its type and its place on the wire, by hand. */
static const struct member_slot {
    int member, slot, type;
    const char *where;
} member_slots[] = {
    {LAMBDEST_REQUEST_ID, SLOT_REQUEST_ID, TYPE_TEXT, "requestContext.requestId"},
    {LAMBDEST_FUNCTION_ARN, SLOT_FUNCTION_ARN, TYPE_TEXT, "requestContext.functionArn"},
    {LAMBDEST_CONDITION, SLOT_CONDITION, TYPE_TEXT, "requestContext.condition"},
    {LAMBDEST_TIMESTAMP, SLOT_TIMESTAMP, TYPE_TEXT, "timestamp"},
    {LAMBDEST_TIMESTAMP_MS, SLOT_TIMESTAMP, TYPE_TEXT, "timestamp"},
    {LAMBDEST_EXECUTED_VERSION, SLOT_EXECUTED_VERSION, TYPE_TEXT, "responseContext.executedVersion"},
    {LAMBDEST_FUNCTION_ERROR, SLOT_FUNCTION_ERROR, TYPE_TEXT, "responseContext.functionError"},
    {LAMBDEST_RECORD_VERSION, SLOT_RECORD_VERSION, TYPE_TEXT, "version"},
    {LAMBDEST_INVOKE_COUNT, SLOT_INVOKE_COUNT, TYPE_INTEGER, "requestContext.approximateInvokeCount"},
    {LAMBDEST_STATUS_CODE, SLOT_STATUS_CODE, TYPE_INTEGER, "responseContext.statusCode"},
    {LAMBDEST_REQUEST_PAYLOAD, SLOT_REQUEST_PAYLOAD, TYPE_JSON, "requestPayload"},
    {LAMBDEST_RESPONSE_PAYLOAD, SLOT_RESPONSE_PAYLOAD, TYPE_JSON, "responsePayload"},
    {LAMBDEST_INVOCATION_ERROR, SLOT_INVOCATION_ERROR, TYPE_JSON, "invocationError"},
    {LAMBDEST_DELIVERY_ERROR, SLOT_DELIVERY_ERROR, TYPE_JSON, "deliveryError"},
    {LAMBDEST_CONTEXT, SLOT_CONTEXT, TYPE_JSON, "invocationRequest.context"},
    {LAMBDEST_METADATA, SLOT_METADATA, TYPE_JSON, "invocationMetadata"},
    {LAMBDEST_KINESIS_BATCH_INFO, SLOT_KINESIS_BATCH_INFO, TYPE_JSON, "KinesisBatchInfo"},
    {LAMBDEST_DDB_STREAM_BATCH_INFO, SLOT_DDB_STREAM_BATCH_INFO, TYPE_JSON, "DDBStreamBatchInfo"},
    {LAMBDEST_KAFKA_BATCH_INFO, SLOT_KAFKA_BATCH_INFO, TYPE_JSON, "KafkaBatchInfo"},
    {LAMBDEST_TIME_WINDOW_INFO, SLOT_TIME_WINDOW_INFO, TYPE_JSON, "timeWindowInfo"},
    {LAMBDEST_BATCH_PAYLOAD, SLOT_BATCH_PAYLOAD, TYPE_JSON, "payload"},
    {LAMBDEST_RESPONSE_CONTEXT, SLOT_RESPONSE_CONTEXT, TYPE_STATE, "responseContext"},
};

static void gives_each_member_a_slot(void **state)
{
    static const int none[] = {0,
                               -1,
                               100,
                               999,
                               LAMBDEST_FUNCTION_NAME,
                               LAMBDEST_ERROR_TYPE,
                               LAMBDEST_SOURCE_ARN,
                               LAMBDEST_BATCH_SIZE,
                               LAMBDEST_CLIENT_CONTEXT,
                               LAMBDEST_RANGE_NAME};
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(member_slots); i++) {
        const struct member_slot *m = &member_slots[i];

        assert_int_equal(lambdest__slot_of(m->member), m->slot);
        assert_int_equal(lambdest__slot_type(m->slot), m->type);
        assert_string_equal(lambdest__slot_where(m->slot), m->where);
    }
    for (i = 0; i < COUNT_OF(none); i++)
        assert_int_equal(lambdest__slot_of(none[i]), SLOT_NONE);
    assert_int_equal(lambdest__slot_type(SLOT_NONE), TYPE_NONE);
    assert_in_range(SLOT_COUNT, 1, 32); /* one bit each */
}

static void marks_what_changed(void **state)
{
    lambdest_envelope *env = support_new(NULL, 0);
    lambdest__member *m = &env->members[SLOT_REQUEST_PAYLOAD];

    (void)state;
    m->parsed_state = LAMBDEST_NULL;
    m->state = LAMBDEST_ABSENT;
    lambdest__touch(env, SLOT_REQUEST_PAYLOAD);
    assert_int_equal(env->changed, 1u << SLOT_REQUEST_PAYLOAD);
    m->state = LAMBDEST_NULL;
    lambdest__touch(env, SLOT_REQUEST_PAYLOAD);
    assert_int_equal(env->changed, 0);
    m->state = m->parsed_state = LAMBDEST_VALUE; /* another value, it may be */
    lambdest__touch(env, SLOT_REQUEST_PAYLOAD);
    assert_int_equal(env->changed, 1u << SLOT_REQUEST_PAYLOAD);
    m->state = m->parsed_state = LAMBDEST_ABSENT;
    lambdest__touch(env, SLOT_REQUEST_PAYLOAD);
    assert_int_equal(env->changed, 0);
    lambdest_envelope_free(env);
}

/* First from the room behind the envelope, in words; then from blocks of their own. */
static void finds_memory(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = support_new(m, 0);
    unsigned char *room = env->room;
    size_t size = env->room_size;
    lambdest__store first, second, third;

    assert_ptr_equal(lambdest__store_prepare(env, 3, &first), room);
    assert_null(first.data);
    assert_ptr_equal(lambdest__store_prepare(env, size - 8, &second), room + 8);
    assert_null(second.data);
    assert_int_equal(env->room_size, 0);
    room = lambdest__store_prepare(env, 1, &third);
    assert_non_null(room);
    assert_ptr_equal(third.data, room);
    assert_int_equal(third.size, 1);
    assert_int_equal(m->blocks, 2);
    support_memory_fail(m, 1, false);
    assert_null(lambdest__store_prepare(env, 1, &second));
    assert_null(second.data);
    support_memory_fail(m, 0, false);
    lambdest__store_release(env, &first);
    lambdest__store_release(env, &second);
    lambdest__store_release(env, &third);
    assert_int_equal(m->blocks, 1);
    lambdest_envelope_free(env);
}

static void keeps_texts(void **state)
{
    static const char arn[] = "arn:aws:lambda:eu-west-1:111122223333:function:f:live", none[] = "arn:aws";
    lambdest_envelope *env = support_new(NULL, 0);
    unsigned char memory[2 * sizeof arn];
    lambdest__checked checked;

    (void)state;
    assert_int_equal(lambdest__text_memory(SLOT_CONDITION, 5), 6);
    assert_int_equal(lambdest__text_memory(SLOT_FUNCTION_ARN, 5), 12);
    memset(memory, 'x', sizeof memory);
    memcpy(memory, arn, sizeof arn - 1);
    lambdest__text_recheck(SLOT_FUNCTION_ARN, (const unsigned char *)arn, sizeof arn - 1, &checked);
    assert_true(checked.plain);
    lambdest__text_keep(env, SLOT_FUNCTION_ARN, memory, &checked);
    assert_string_equal(env->members[SLOT_FUNCTION_ARN].value.data, arn);
    assert_string_equal(env->arn.partition.data, "aws");
    assert_string_equal(env->arn.region.data, "eu-west-1");
    assert_string_equal(env->arn.account.data, "111122223333");
    assert_string_equal(env->arn.name.data, "f");
    assert_string_equal(env->arn.qualifier.data, "live");
    assert_int_equal(env->arn.qualifier.len, 4);
    memcpy(memory, none, sizeof none - 1);
    lambdest__text_recheck(SLOT_FUNCTION_ARN, (const unsigned char *)none, sizeof none - 1, &checked);
    lambdest__text_keep(env, SLOT_FUNCTION_ARN, memory, &checked);
    assert_string_equal(env->members[SLOT_FUNCTION_ARN].value.data, none);
    assert_null(env->arn.partition.data);
    assert_null(env->arn.name.data);
    lambdest_envelope_free(env);
}

static void moves_spans(void **state)
{
    static const unsigned char from[] = "abcdef", to[] = "uvwxyz";
    lambdest__span span = {from + 2, 3}, none = {NULL, 0};

    (void)state;
    span = lambdest__moved(span, from, to);
    assert_ptr_equal(span.data, to + 2);
    assert_int_equal(span.len, 3);
    assert_null(lambdest__moved(none, from, to).data);
}

static void reads_signs(void **state)
{
    static const struct {
        const char *text;
        int signs, error_slot, batch_slot;
    } cases[] = {
        {"{\"requestPayload\":1}", 0, SLOT_NONE, SLOT_NONE},
        {"{\"requestContext\":{\"condition\":\"Success\"}}", SIGN_SUCCESS, SLOT_NONE, SLOT_NONE},
        {"{\"requestContext\":{\"condition\":\"x\"},\"responsePayload\":1}", SIGN_FAILURE, SLOT_NONE,
         SLOT_NONE},
        {"{\"responseContext\":{\"functionError\":\"x\"},\"responsePayload\":null}", SIGN_FAILURE,
         SLOT_RESPONSE_PAYLOAD, SLOT_NONE},
        {"{\"responseContext\":{\"functionError\":\"x\"}}", SIGN_FAILURE, SLOT_NONE, SLOT_NONE},
        {"{\"responseContext\":{\"functionError\":null,\"statusCode\":200},\"responsePayload\":1}",
         SIGN_SUCCESS, SLOT_NONE, SLOT_NONE},
        {"{\"responsePayload\":1,\"invocationError\":2}", SIGN_FAILURE, SLOT_INVOCATION_ERROR, SLOT_NONE},
        {"{\"responsePayload\":1,\"invocationError\":null}", 0, SLOT_INVOCATION_ERROR, SLOT_NONE},
        {"{\"invocationResponse\":{},\"invocationError\":1}", SIGN_SUCCESS | SIGN_FAILURE,
         SLOT_INVOCATION_ERROR, SLOT_NONE},
        {"{\"KinesisBatchInfo\":{}}", 0, SLOT_NONE, SLOT_KINESIS_BATCH_INFO},
        {"{\"DDBStreamBatchInfo\":{}}", 0, SLOT_NONE, SLOT_DDB_STREAM_BATCH_INFO},
        {"{\"KafkaBatchInfo\":{}}", 0, SLOT_NONE, SLOT_KAFKA_BATCH_INFO},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(cases); i++) {
        lambdest_envelope *env = support_parse_text(cases[i].text);

        assert_int_equal(lambdest__signs(env), cases[i].signs);
        assert_int_equal(lambdest__error_slot(env), cases[i].error_slot);
        assert_int_equal(lambdest__batch_slot(env), cases[i].batch_slot);
        lambdest_envelope_free(env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_member_a_slot),
        cmocka_unit_test(marks_what_changed),
        cmocka_unit_test_setup_teardown(finds_memory, support_setup, support_teardown),
        cmocka_unit_test(keeps_texts),
        cmocka_unit_test(moves_spans),
        cmocka_unit_test(reads_signs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
