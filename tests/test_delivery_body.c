#include "delivery.h"

#include "delivery/body.h"

/* Writes one variant and hands back a copy for free(); NULL if the form cannot hold the envelope. */
static char *written(support_memory *m, const lambdest_envelope *env, uint32_t form, uint32_t level)
{
    lambdest__bodies b;
    unsigned char *block;
    size_t size;
    uint32_t number;
    char *text = NULL;

    lambdest__bodies_init(&b, &m->alloc, env);
    assert_int_equal(lambdest__bodies_measure(&b, form, 0, level, &number), LAMBDEST_OK);
    b.variants[number].wanted = b.variants[number].possible;
    assert_int_equal(lambdest__bodies_write(&b, &block, &size), LAMBDEST_OK);
    if (b.variants[number].possible) {
        assert_int_equal(b.variants[number].text[b.variants[number].len], '\0');
        text = support_exact(b.variants[number].text, b.variants[number].len + 1);
    }
    lambdest__release(&m->alloc, block, size);
    lambdest__bodies_free(&b);
    return text;
}

static void expect_written(support_memory *m, const lambdest_envelope *env, uint32_t form, uint32_t level,
                           const char *expected)
{
    char *text = written(m, env, form, level);

    assert_string_equal(text, expected);
    free(text);
}

static void a_variant_is_measured_once(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest__bodies b;
    uint32_t first, again, other;
    unsigned char *block;
    size_t size;

    lambdest__bodies_init(&b, &m->alloc, env);
    assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_RECORD, 0, 0, &first), LAMBDEST_OK);
    assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_RECORD, LAMBDEST_COMPACT, 0, &other), LAMBDEST_OK);
    assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_RECORD, 0, 0, &again), LAMBDEST_OK);
    assert_int_equal(first, again);
    assert_int_not_equal(first, other);
    assert_int_equal(b.variants[first].len, sizeof SUCCESS_TEXT - 1);
    assert_int_equal(b.count, 2);
    /* And written if somebody wants it. */
    assert_int_equal(lambdest__bodies_write(&b, &block, &size), LAMBDEST_OK);
    assert_null(block);
    b.variants[first].wanted = true;
    assert_int_equal(lambdest__bodies_write(&b, &block, &size), LAMBDEST_OK);
    assert_int_equal(size, sizeof SUCCESS_TEXT);
    assert_memory_equal(block, SUCCESS_TEXT, sizeof SUCCESS_TEXT);
    assert_null(b.variants[other].text);
    lambdest__release(&m->alloc, block, size);
    lambdest__bodies_free(&b);
    lambdest_envelope_free(env);
}

static void all_variants_have_a_place(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, FAILURE_TEXT);
    lambdest__bodies b;
    uint32_t flags, level, number;
    unsigned char *block;
    size_t size, i, sum = 0;

    lambdest__bodies_init(&b, &m->alloc, env);
    for (flags = 0; flags < 4; flags++)
        for (level = 0; level < LAMBDEST__LEVELS; level++) {
            assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_RECORD, flags, level, &number), 0);
            assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_DOCUMENT, flags, level, &number), 0);
            assert_int_equal(lambdest__bodies_measure(&b, LAMBDEST_CLOUDEVENT, flags, level, &number), 0);
        }
    assert_int_equal(b.count, LAMBDEST__VARIANTS);
    for (i = 0; i < b.count; i++) {
        b.variants[i].wanted = true;
        sum += b.variants[i].len + 1;
    }
    assert_int_equal(lambdest__bodies_write(&b, &block, &size), LAMBDEST_OK);
    assert_int_equal(size, sum);
    for (i = 0; i < b.count; i++)
        assert_int_equal(support_jansson(b.variants[i].text, b.variants[i].len), SUPPORT_VALID);
    lambdest__release(&m->alloc, block, size);
    lambdest__bodies_free(&b);
    lambdest_envelope_free(env);
}

#define CONTEXT "\"requestContext\":{\"requestId\":\"r\",\"condition\":\"RetriesExhausted\"}"

static void a_record_loses_its_error_as_response_payload(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(
        m, "{" CONTEXT ",\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Unhandled\"},"
           "\"responsePayload\":{\"errorType\":\"X\"}}");

    expect_written(m, env, LAMBDEST_RECORD, 1,
                   "{" CONTEXT
                   ",\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Unhandled\"}}");
    expect_written(m, env, LAMBDEST_RECORD, 2,
                   "{" CONTEXT ",\"responseContext\":{\"functionError\":\"Unhandled\"}}");
    lambdest_envelope_free(env);
}

static void a_document_keeps_its_error(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(
        m, "{" CONTEXT ",\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Unhandled\"},"
           "\"responsePayload\":{\"errorType\":\"X\"}}");
    char *text = written(m, env, LAMBDEST_DOCUMENT, 2);

    assert_non_null(strstr(text, "\"invocationError\":{\"errorType\":\"X\"}"));
    assert_null(strstr(text, "\"event\""));
    free(text);
    lambdest_envelope_free(env);
}

static void a_document_with_an_error_loses_another_response(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, "{\"invocationId\":\"r\",\"invocationRequest\":{\"event\":1},"
                                           "\"invocationResponse\":{\"body\":[\"two\"]},"
                                           "\"invocationError\":{\"errorType\":\"X\"}}");
    char *text = written(m, env, LAMBDEST_DOCUMENT, 1);

    assert_non_null(strstr(text, "\"invocationError\":{\"errorType\":\"X\"}"));
    assert_null(strstr(text, "two"));
    assert_non_null(strstr(text, "\"event\":1"));
    free(text);
    lambdest_envelope_free(env);
}

static void a_failure_told_by_its_error_alone_stays_one(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, "{\"invocationId\":\"r\",\"invocationRequest\":{\"event\":1},"
                                           "\"invocationError\":{\"errorType\":\"X\"}}");
    char *text = written(m, env, LAMBDEST_RECORD, 1);
    lambdest_envelope *back = parse_text(m, text);

    assert_int_equal(lambdest_envelope_outcome(back), LAMBDEST_FAILURE);
    assert_null(strstr(text, "errorType"));
    assert_non_null(strstr(text, "\"responseContext\":{\"statusCode\":200,\"functionError\":\"Unhandled\"}"));
    lambdest_envelope_free(back);
    free(text);
    lambdest_envelope_free(env);
    env = parse_text(
        m, "{\"invocationId\":\"r\",\"invocationRequest\":{\"event\":1},"
           "\"invocationError\":{\"errorType\":\"X\"},\"invocationMetadata\":{\"statusCode\":202}}");
    text = written(m, env, LAMBDEST_RECORD, 1);
    assert_non_null(strstr(text, "\"responseContext\":{\"statusCode\":202,\"functionError\":\"Unhandled\"}"));
    free(text);
    lambdest_envelope_free(env);
}

/* Every variant of an envelope that must be changed to be reduced. */
static int try_variants(support_memory *m, void *arg)
{
    static const uint32_t forms[] = {LAMBDEST_RECORD, LAMBDEST_DOCUMENT};
    lambdest__bodies b;
    unsigned char *block = NULL;
    size_t i, k, size = 0;
    uint32_t number;
    int rc = LAMBDEST_OK;

    lambdest__bodies_init(&b, &m->alloc, arg);
    for (i = 0; i < 2; i++)
        for (k = LAMBDEST__LEVELS; !rc && k-- > 0;) {
            rc = lambdest__bodies_measure(&b, forms[i], 0, (uint32_t)k, &number);
            if (!rc)
                b.variants[number].wanted = true;
        }
    if (!rc)
        rc = lambdest__bodies_write(&b, &block, &size);
    if (!rc)
        for (i = 0; i < b.count; i++)
            assert_int_equal(support_jansson(b.variants[i].text, b.variants[i].len), SUPPORT_VALID);
    lambdest__release(&m->alloc, block, size);
    lambdest__bodies_free(&b);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    char text[3000];
    lambdest_envelope *env;

    memset(text, ' ', sizeof text);
    memcpy(text, TEXT("{\"invocationId\":\"r\",\"invocationRequest\":{\"event\":1},"
                      "\"invocationResponse\":{\"body\":2},\"invocationError\":{"));
    memcpy(text + sizeof text - 17, "\"errorType\":\"X\"}}", 17);
    assert_int_equal(lambdest_envelope_parse(text, sizeof text, &options, &env, NULL), LAMBDEST_OK);
    support_exhaust(m, try_variants, env);
    lambdest_envelope_free(env);
}

static void a_success_stays_one(void **state)
{
    static const uint32_t forms[] = {LAMBDEST_RECORD, LAMBDEST_DOCUMENT};
    static const char *const texts[] = {
        SUCCESS_TEXT,
        "{\"invocationId\":\"r\",\"invocationRequest\":{\"event\":1},\"invocationResponse\":{\"body\":2}}",
    };
    support_memory *m = *state;
    size_t i, k;
    uint32_t level;

    for (i = 0; i < 2; i++)
        for (k = 0; k < 2; k++)
            for (level = 0; level < LAMBDEST__LEVELS; level++) {
                lambdest_envelope *env = parse_text(m, texts[i]);
                char *text = written(m, env, forms[k], level);
                lambdest_envelope *back = parse_text(m, text);

                assert_int_equal(lambdest_envelope_outcome(back), LAMBDEST_SUCCESS);
                assert_int_equal(lambdest_envelope_state(back, LAMBDEST_RESPONSE_PAYLOAD),
                                 level ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
                assert_int_equal(lambdest_envelope_state(back, LAMBDEST_REQUEST_PAYLOAD),
                                 level > 1 ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
                lambdest_envelope_free(back);
                free(text);
                lambdest_envelope_free(env);
            }
}

static void a_batch_record_loses_its_payload(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, "{" CONTEXT ",\"KinesisBatchInfo\":{},\"payload\":\"x\"}");

    expect_written(m, env, LAMBDEST_RECORD, 1, "{" CONTEXT ",\"KinesisBatchInfo\":{},\"payload\":\"x\"}");
    expect_written(m, env, LAMBDEST_RECORD, 2, "{" CONTEXT ",\"KinesisBatchInfo\":{}}");
    assert_null(written(m, env, LAMBDEST_DOCUMENT, 0));
    lambdest_envelope_free(env);
}

static int write_all(support_memory *m, void *arg)
{
    lambdest__bodies b;
    unsigned char *block = NULL;
    size_t size = 0;
    uint32_t number, level;
    lambdest_options options = options_of(m);
    lambdest_envelope *env = NULL;
    int rc = lambdest_envelope_parse(TEXT(FAILURE_TEXT), &options, &env, NULL);

    (void)arg;
    if (rc)
        return rc;
    lambdest__bodies_init(&b, &m->alloc, env);
    for (level = 0; level < LAMBDEST__LEVELS && !rc; level++) {
        rc = lambdest__bodies_measure(&b, LAMBDEST_RECORD, 0, level, &number);
        if (!rc)
            b.variants[number].wanted = true;
    }
    if (!rc)
        rc = lambdest__bodies_write(&b, &block, &size);
    lambdest__release(&m->alloc, block, size);
    lambdest__bodies_free(&b);
    lambdest_envelope_free(env);
    return rc;
}

static void a_failed_allocation_is_told(void **state)
{
    support_exhaust(*state, write_all, NULL);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(a_variant_is_measured_once),
        WITH_MEMORY(all_variants_have_a_place),
        WITH_MEMORY(a_record_loses_its_error_as_response_payload),
        WITH_MEMORY(a_document_keeps_its_error),
        WITH_MEMORY(a_document_with_an_error_loses_another_response),
        WITH_MEMORY(a_failure_told_by_its_error_alone_stays_one),
        WITH_MEMORY(a_success_stays_one),
        WITH_MEMORY(a_batch_record_loses_its_payload),
        WITH_MEMORY(a_failed_allocation_is_told),
        WITH_MEMORY(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
