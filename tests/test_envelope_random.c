/* Envelopes changed at random, some changes given the envelope's own bytes, some short of memory. What must
 * hold after each of them is checked: a change that failed changed nothing; a clone is the same and writes the
 * same; all ways of writing agree; what is written parses, and comes back from the other form. */
#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum {
    PAYLOADS = 32,
    PAYLOAD_MAX = 500,
    CHANGES = 10,
    TEXT_MAX = 60000,
    SETTABLE_TEXTS = 7,
    SETTABLE_INTEGERS = 3
};

static const int texts[] = {
    LAMBDEST_REQUEST_ID,       LAMBDEST_FUNCTION_ARN,       LAMBDEST_CONDITION,
    LAMBDEST_TIMESTAMP,        LAMBDEST_EXECUTED_VERSION,   LAMBDEST_FUNCTION_ERROR,
    LAMBDEST_RECORD_VERSION,   LAMBDEST_FUNCTION_PARTITION, LAMBDEST_FUNCTION_REGION,
    LAMBDEST_FUNCTION_ACCOUNT, LAMBDEST_FUNCTION_NAME,      LAMBDEST_FUNCTION_QUALIFIER,
    LAMBDEST_ERROR_TYPE,       LAMBDEST_ERROR_MESSAGE,      LAMBDEST_SOURCE_ARN,
};
static const int integers[] = {
    LAMBDEST_INVOKE_COUNT, LAMBDEST_STATUS_CODE,  LAMBDEST_TIMESTAMP_MS,
    LAMBDEST_BATCH_SIZE,   LAMBDEST_PAYLOAD_SIZE,
};
static const int jsons[] = {
    LAMBDEST_REQUEST_PAYLOAD,
    LAMBDEST_RESPONSE_PAYLOAD,
    LAMBDEST_INVOCATION_ERROR,
    LAMBDEST_DELIVERY_ERROR,
    LAMBDEST_CONTEXT,
    LAMBDEST_CLIENT_CONTEXT,
    LAMBDEST_METADATA,
    LAMBDEST_KINESIS_BATCH_INFO,
    LAMBDEST_DDB_STREAM_BATCH_INFO,
    LAMBDEST_KAFKA_BATCH_INFO,
    LAMBDEST_TIME_WINDOW_INFO,
    LAMBDEST_BATCH_PAYLOAD,
};
static const char *const records[] = {
    "async-success-raw-splice",
    "async-failure-unhandled-nodejs",
    "async-success-delivery-error",
    "async-success-null-response",
    "dynamodb-partial-batch-failure",
    "async-failure-unhandled-dotnet-cause",
    "kafka-failure",
    "kinesis-failure",
};

/* One run: an envelope, and the texts that are put into it, which it may have borrowed. */
typedef struct run {
    uint64_t seed;
    support_memory *memory;
    lambdest_options options;
    lambdest_envelope *env;
    char *parsed;
    size_t payload_len[PAYLOADS];
    char payload[PAYLOADS][PAYLOAD_MAX];
} run;

/* All that an envelope tells, or one text that it writes. */
typedef struct shot {
    size_t len;
    char data[TEXT_MAX];
} shot;

static size_t below(run *r, size_t limit)
{
    return support_below(&r->seed, limit);
}

static void add(shot *s, const char *data, size_t len)
{
    assert_true(len < sizeof s->data - s->len);
    if (len)
        memcpy(s->data + s->len, data, len);
    s->len += len;
}

static void add_number(shot *s, long long n)
{
    char text[40];

    add(s, text, (size_t)snprintf(text, sizeof text, "<%lld>", n));
}

static void add_text(shot *s, const char *text, size_t len)
{
    add_number(s, text ? (long long)len : -1);
    add(s, text, len);
    if (text)
        assert_int_equal(text[len], '\0');
}

static void add_views(shot *s, const lambdest_envelope *env)
{
    size_t i, len;
    int member;

    for (i = 0; i < lambdest_envelope_frame_count(env); i++) {
        const char *frame = lambdest_envelope_frame(env, i, &len);

        add_text(s, frame, len);
    }
    for (i = 0; i < lambdest_envelope_range_count(env); i++)
        for (member = LAMBDEST_RANGE_NAME; member <= LAMBDEST_RANGE_LAST_TIME; member++) {
            const char *text = lambdest_envelope_range_text(env, i, member, &len);

            add_text(s, text, len);
        }
}

static void take_shot(const lambdest_envelope *env, shot *s)
{
    size_t i, len;

    s->len = 0;
    add_number(s, lambdest_envelope_form(env));
    add_number(s, lambdest_envelope_kind(env));
    add_number(s, lambdest_envelope_outcome(env));
    add_number(s, lambdest_envelope_cause(env));
    add_number(s, lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT));
    for (i = 0; i < COUNT(texts); i++) {
        const char *text = lambdest_envelope_text(env, texts[i], &len);

        add_text(s, text, len);
        add_number(s, lambdest_envelope_state(env, texts[i]));
    }
    for (i = 0; i < COUNT(integers); i++) {
        int64_t n;

        add_number(s, lambdest_envelope_integer(env, integers[i], &n));
        add_number(s, n);
    }
    for (i = 0; i < COUNT(jsons); i++) {
        const char *json = lambdest_envelope_json(env, jsons[i], &len);

        add_number(s, json ? (long long)len : -1);
        add(s, json, len);
        add_number(s, lambdest_envelope_state(env, jsons[i]));
    }
    add_views(s, env);
}

static void expect_same(const shot *a, const shot *b, const char *what, uint64_t seed)
{
    if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0)
        fail_msg("seed %llu: %s\n%.*s\n%.*s", (unsigned long long)seed, what, (int)a->len, a->data,
                 (int)b->len, b->data);
}

/* ---- writing, in all ways ---- */

static void check_parts(const lambdest_envelope *env, int form, uint32_t flags, const shot *expected)
{
    static char buf[TEXT_MAX];
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t i, need, count, at = 0;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_write_parts(env, form, flags, NULL, 0, &need, NULL, &count, &err),
                     LAMBDEST_E_NOSPC);
    assert_int_equal(
        lambdest_envelope_write_parts(env, form, flags, buf, need + 1, &need, parts, &count, &err),
        LAMBDEST_OK);
    assert_true(count <= LAMBDEST_PARTS_MAX);
    for (i = 0; i < count; i++) {
        assert_true(parts[i].len > 0 && parts[i].len <= expected->len - at);
        assert_memory_equal(parts[i].data, expected->data + at, parts[i].len);
        at += parts[i].len;
    }
    assert_int_equal(at, expected->len);
}

static int write_shot(const lambdest_envelope *env, int form, uint32_t flags, shot *s)
{
    lambdest_error err;
    size_t need;
    int rc;

    s->len = 0;
    rc = lambdest_envelope_write(env, form, flags, s->data, sizeof s->data, &s->len, &err);
    if (rc)
        return rc;
    assert_int_equal(lambdest_envelope_write(env, form, flags, s->data, s->len, &need, &err),
                     LAMBDEST_E_NOSPC);
    assert_int_equal(need, s->len);
    check_parts(env, form, flags, s);
    return LAMBDEST_OK;
}

static void check_clone(const run *r)
{
    static const int forms[] = {0, LAMBDEST_RECORD, LAMBDEST_DOCUMENT};
    static shot a, b;
    lambdest_envelope *clone;
    lambdest_error err;
    uint32_t flags;
    size_t i;

    assert_int_equal(lambdest_envelope_clone(r->env, &clone, &err), LAMBDEST_OK);
    take_shot(r->env, &a);
    take_shot(clone, &b);
    expect_same(&a, &b, "a clone is another", r->seed);
    for (i = 0; i < COUNT(forms); i++)
        for (flags = 0; flags <= (LAMBDEST_COMPACT | LAMBDEST_EXPLICIT_ERROR); flags++) {
            assert_int_equal(write_shot(r->env, forms[i], flags, &a), write_shot(clone, forms[i], flags, &b));
            expect_same(&a, &b, "a clone writes something else", r->seed);
        }
    lambdest_envelope_free(clone);
}

static lambdest_envelope *parse_shot(const shot *s)
{
    lambdest_envelope *env;
    lambdest_error err;

    if (lambdest_envelope_parse(s->data, s->len, NULL, &env, &err))
        fail_msg("code %d at %llu in %s: %.*s", err.code, (unsigned long long)err.offset, err.where,
                 (int)s->len, s->data);
    return env;
}

/* A record that this library put together comes back from a document byte for byte. */
static void check_way_back(const run *r)
{
    static shot record, document, again;
    lambdest_envelope *env, *other;

    assert_int_equal(write_shot(r->env, LAMBDEST_RECORD, 0, &record), LAMBDEST_OK);
    env = parse_shot(&record);
    assert_int_equal(lambdest_envelope_kind(env), lambdest_envelope_kind(r->env));
    assert_int_equal(lambdest_envelope_outcome(env), lambdest_envelope_outcome(r->env));
    if (lambdest_envelope_kind(env) == LAMBDEST_ASYNC) {
        assert_int_equal(write_shot(env, LAMBDEST_DOCUMENT, 0, &document), LAMBDEST_OK);
        other = parse_shot(&document);
        assert_int_equal(lambdest_envelope_outcome(other), lambdest_envelope_outcome(env));
        assert_int_equal(write_shot(other, LAMBDEST_RECORD, 0, &again), LAMBDEST_OK);
        if (record.data[1] != '\n') /* as parsed, it may have white space between members */
            expect_same(&record, &again, "a record came back as another", r->seed);
        lambdest_envelope_free(other);
    }
    lambdest_envelope_free(env);
}

/* ---- changes ---- */

static int set_some_text(run *r, lambdest_error *err)
{
    static const char *const arns[] = {
        "arn:aws:lambda:us-east-1:123456789012:function:demo",
        "arn:aws:lambda:eu-west-1:123456789012:function:demo:PROD",
        "arn:aws-cn:lambda:cn-north-1:123456789012:function:demo:$LATEST",
    };
    static const char *const times[] = {"2026-03-02T09:53:00.001Z", "1999-12-31T23:59:59Z", "never"};
    static const char *const words[] = {"Success", "RetriesExhausted", "", "\xC3\xA9\"\\\n\x01", "Unhandled"};
    int member = texts[below(r, SETTABLE_TEXTS)];
    const char *text = words[below(r, COUNT(words))];
    size_t len;

    if (member == LAMBDEST_FUNCTION_ARN)
        text = arns[below(r, COUNT(arns))];
    if (member == LAMBDEST_TIMESTAMP)
        text = times[below(r, COUNT(times))];
    if (below(r, 3))
        return lambdest_envelope_set_text(r->env, member, text, strlen(text), err);
    text = lambdest_envelope_text(r->env, texts[below(r, COUNT(texts))], &len);
    return lambdest_envelope_set_text(r->env, member, text, len, err);
}

static int set_some_json(run *r, lambdest_error *err)
{
    size_t i = below(r, PAYLOADS), len;
    int member = jsons[below(r, COUNT(jsons))];
    const char *json;

    if ((r->options.flags & LAMBDEST_BORROW) || below(r, 4))
        return lambdest_envelope_set_json(r->env, member, r->payload[i], r->payload_len[i], err);
    json = lambdest_envelope_json(r->env, jsons[below(r, COUNT(jsons))], &len);
    return lambdest_envelope_set_json(r->env, member, json, len, err);
}

static int set_some_batch_info(run *r, lambdest_error *err)
{
    static const char *const infos[] = {
        ("{\"shardId\":\"s\\u00e91\",\"batchSize\":3,\"streamArn\":\"arn:x\",\"startSequenceNumber\":\"1\","
         "\"x\":[1]}"),
        " {\"recordsInfo\":{\"my-topic-0\":{\"firstRecordOffset\":\"1\"},\"t\":{}},\"payloadSize\" : 9}\n",
        "{\"recordInfo\":{\"offset\":\"5\",\"timestamp\":\"t\"}}",
        "{}",
    };
    const char *info = infos[below(r, COUNT(infos))];

    return lambdest_envelope_set_json(r->env, LAMBDEST_KINESIS_BATCH_INFO + (int)below(r, 3), info,
                                      strlen(info), err);
}

static int set_some_posted_error(run *r, lambdest_error *err)
{
    static const char *const errors[] = {
        "{\"errorType\":\"T\",\"errorMessage\":\"m\\n\\ud83d\",\"stackTrace\":[\"a\",{\"x\":1},[2]]}",
        " {\"errorMessage\":\"x\",\"trace\":[\"l1\",\"l2\"],\"errorType\":\"T2\"} ",
        "\"just text\"",
        "null",
        " null ",
        "{\"stack\":\"one\",\"errorType\":5}",
        "[]",
    };
    const char *error = errors[below(r, COUNT(errors))];
    int member = below(r, 2) ? LAMBDEST_INVOCATION_ERROR : LAMBDEST_RESPONSE_PAYLOAD;

    return lambdest_envelope_set_json(r->env, member, error, strlen(error), err);
}

/* Made of the parts of the one before, in another order. */
static int set_some_error(run *r, lambdest_error *err)
{
    size_t i, type_len, message_len, count = lambdest_envelope_frame_count(r->env);
    const char *type = lambdest_envelope_text(r->env, LAMBDEST_ERROR_MESSAGE, &type_len);
    const char *message = lambdest_envelope_text(r->env, LAMBDEST_ERROR_TYPE, &message_len);
    lambdest_slice frames[4] = {{"at \"one\"", 8}, {"at \xE2\x82\xAC", 6}, {"\t", 1}, {"", 0}};

    for (i = 0; i < COUNT(frames) && count; i++)
        if (below(r, 2))
            frames[i].data = lambdest_envelope_frame(r->env, below(r, count), &frames[i].len);
    return lambdest_envelope_set_error(r->env, type, type_len, message, message_len, frames,
                                       below(r, COUNT(frames) + 1), err);
}

static int set_some_state(run *r, lambdest_error *err)
{
    int member = LAMBDEST_RESPONSE_CONTEXT;

    switch (below(r, 4)) {
    case 0:
        member = texts[below(r, SETTABLE_TEXTS)];
        break;
    case 1:
        member = integers[below(r, SETTABLE_INTEGERS)];
        break;
    case 2:
        member = jsons[below(r, COUNT(jsons))];
        break;
    default:
        break;
    }
    return lambdest_envelope_set_state(r->env, member, below(r, 3) ? LAMBDEST_ABSENT : LAMBDEST_NULL, err);
}

static int change_something(run *r, lambdest_error *err)
{
    switch (below(r, 8)) {
    case 0:
        return lambdest_envelope_set_integer(r->env, integers[below(r, SETTABLE_INTEGERS)],
                                             (int64_t)below(r, 1200), err);
    case 1:
        return set_some_batch_info(r, err);
    case 2:
        return set_some_posted_error(r, err);
    case 3:
        return set_some_error(r, err);
    case 4:
        return set_some_state(r, err);
    case 5:
    case 6:
        return set_some_json(r, err);
    default:
        return set_some_text(r, err);
    }
}

/* ---- runs ---- */

/* Empty, or a record as AWS has it, or the document of one. */
static void begin_run(run *r)
{
    char path[200];
    lambdest_error err;
    size_t i, len;

    for (i = 0; i < PAYLOADS; i++)
        r->payload_len[i] =
            support_random_json(&r->seed, (unsigned char *)r->payload[i], SUPPORT_JSON_MIN + below(r, 300));
    r->parsed = NULL;
    if (below(r, 2)) {
        assert_int_equal(lambdest_envelope_new(&r->options, &r->env, &err), LAMBDEST_OK);
        return;
    }
    snprintf(path, sizeof path, "tests/records/%s.json", records[below(r, COUNT(records))]);
    r->parsed = support_load(path, &len);
    assert_int_equal(lambdest_envelope_parse(r->parsed, len, &r->options, &r->env, &err), LAMBDEST_OK);
    if (lambdest_envelope_kind(r->env) == LAMBDEST_ASYNC && below(r, 2)) {
        static shot document;

        assert_int_equal(write_shot(r->env, LAMBDEST_DOCUMENT, 0, &document), LAMBDEST_OK);
        lambdest_envelope_free(r->env);
        free(r->parsed);
        r->parsed = support_exact(document.data, document.len);
        assert_int_equal(lambdest_envelope_parse(r->parsed, document.len, &r->options, &r->env, &err),
                         LAMBDEST_OK);
    }
}

static void check_change(run *r)
{
    static shot told_before, told, written_before, written;
    lambdest_error err;
    int rc;

    take_shot(r->env, &told_before);
    assert_int_equal(write_shot(r->env, LAMBDEST_RECORD, 0, &written_before), LAMBDEST_OK);
    if (!below(r, 3))
        support_memory_fail(r->memory, 1 + below(r, 3), below(r, 2));
    rc = change_something(r, &err);
    support_memory_fail(r->memory, 0, false);
    assert_int_equal(err.code, rc);
    if (rc) {
        take_shot(r->env, &told);
        expect_same(&told_before, &told, "a failure changed something", r->seed);
        assert_int_equal(write_shot(r->env, LAMBDEST_RECORD, 0, &written), LAMBDEST_OK);
        expect_same(&written_before, &written, "a failure changed what is written", r->seed);
    }
    check_clone(r);
    check_way_back(r);
}

static void change_at_random(support_memory *memory, uint64_t first_seed, uint32_t flags)
{
    run *r = malloc(sizeof *r);
    int i, k, count = support_quick() ? 100 : 1000;

    assert_non_null(r);
    for (i = 0; i < count; i++) {
        memset(&r->options, 0, sizeof r->options);
        r->options.size = sizeof r->options;
        r->options.flags = flags;
        r->options.alloc = &memory->alloc;
        r->memory = memory;
        r->seed = first_seed + (uint64_t)i;
        begin_run(r);
        for (k = 0; k < CHANGES; k++)
            check_change(r);
        lambdest_envelope_free(r->env);
        free(r->parsed);
        support_memory_check(memory);
    }
    free(r);
}

static void changes_of_copied_text(void **state)
{
    change_at_random(*state, 100, 0);
}

static void changes_of_borrowed_text(void **state)
{
    change_at_random(*state, 50000, LAMBDEST_BORROW);
}

/* What the runs above found: a null with white space around it, set where a null was parsed. */
static void a_null_keeps_its_own_white_space(void **state)
{
    static const char record[] = "{\"requestPayload\":1,\"responsePayload\": null\n}";
    lambdest_envelope *env;
    lambdest_error err;
    static shot s;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(record, sizeof record - 1, NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "\tnull", 5, &err),
                     LAMBDEST_OK);
    assert_int_equal(write_shot(env, 0, 0, &s), LAMBDEST_OK);
    support_expect_bytes(s.data, s.len, "{\"requestPayload\":1,\"responsePayload\":\tnull}", 44);
    /* By its state it becomes again what was parsed, and stays that when another member changes. */
    assert_int_equal(lambdest_envelope_set_state(env, LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_NULL, &err),
                     LAMBDEST_OK);
    assert_int_equal(write_shot(env, 0, 0, &s), LAMBDEST_OK);
    support_expect_bytes(s.data, s.len, record, sizeof record - 1);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "2", 1, &err), LAMBDEST_OK);
    assert_int_equal(write_shot(env, 0, 0, &s), LAMBDEST_OK);
    support_expect_bytes(s.data, s.len, "{\"requestPayload\":2,\"responsePayload\": null\n}",
                         sizeof record - 1);
    lambdest_envelope_free(env);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(changes_of_copied_text, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(changes_of_borrowed_text, support_setup, support_teardown),
        cmocka_unit_test(a_null_keeps_its_own_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
