#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENV LAMBDEST_ITEM_ENVELOPE
#define BROKEN LAMBDEST_ITEM_BROKEN

static const char record[] =
    "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"r-1\",\"condition\":\"Success\"},"
    "\"requestPayload\":{\"a\": [1, \"\\ud83d\\n\\u00e9\"]}}";

static lambdest_options options_of(const support_memory *m, uint32_t flags)
{
    lambdest_options options = {0};

    options.size = sizeof options;
    options.flags = flags;
    options.alloc = &m->alloc;
    return options;
}

/* ---- a growing text, and putting it into strings ---- */

static char *quoted(const char *text, size_t len, size_t *out_len)
{
    char *out = malloc(2 * len + 3), *to = out;
    size_t i;

    assert_non_null(out);
    *to++ = '"';
    for (i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\' || text[i] == '\n')
            *to++ = '\\';
        *to++ = text[i] == '\n' ? 'n' : text[i];
    }
    *to++ = '"';
    *to = '\0';
    *out_len = (size_t)(to - out);
    return out;
}

/* before + the text as a string + after */
static char *put_in(const char *before, const char *text, const char *after)
{
    size_t len;
    char *string = quoted(text, strlen(text), &len);
    char *out = malloc(strlen(before) + len + strlen(after) + 1);

    assert_non_null(out);
    sprintf(out, "%s%s%s", before, string, after);
    free(string);
    return out;
}

static char *in_sqs(const char *text)
{
    return put_in("{\"Records\":[{\"messageId\":\"m-1\",\"eventSource\":\"aws:sqs\",\"body\":", text,
                  ",\"eventSourceARN\":\"arn:q\"}]}");
}

static char *in_sns(const char *text)
{
    return put_in(
        "{\"Type\":\"Notification\",\"MessageId\":\"n-1\",\"TopicArn\":\"arn:t\",\"Message\":", text, "}");
}

static char *in_eventbridge(const char *text)
{
    static const char form[] =
        "{\"version\":\"0\",\"id\":\"e-1\",\"detail-type\":\"x\",\"source\":\"lambda\",\"resources\":"
        "[\"arn:aws:events:r:a:event-bus/b\"],\"detail\":%s}";
    char *out = malloc(sizeof form + strlen(text));

    assert_non_null(out);
    sprintf(out, form, text);
    return out;
}

/* ---- what comes out ---- */

typedef struct expected_item {
    int kind;
    const char *carrier;
    const char *id;
    const char *source;
    int code;
    const char *where;
} expected_item;

static void expect_text(const lambdest_item *item, int member, const char *expected)
{
    size_t len = 99;
    const char *text = lambdest_item_text(item, member, &len);

    if (!expected) {
        assert_null(text);
        assert_int_equal(len, 0);
        return;
    }
    assert_non_null(text);
    support_expect_bytes(text, len, expected, strlen(expected));
    if (member != LAMBDEST_ITEM_BODY)
        assert_int_equal(text[len], 0);
}

static void expect_item(const lambdest_item *item, const expected_item *x)
{
    lambdest_error err;

    assert_non_null(item);
    assert_string_equal(lambdest_name(lambdest_item_kind(item)), lambdest_name(x->kind));
    expect_text(item, LAMBDEST_ITEM_CARRIER, x->carrier);
    expect_text(item, LAMBDEST_ITEM_ID, x->id);
    expect_text(item, LAMBDEST_ITEM_SOURCE, x->source);
    assert_int_equal(lambdest_item_error(item, &err), x->code);
    assert_int_equal(lambdest_item_error(item, NULL), x->code);
    assert_true((lambdest_item_envelope(item) != NULL) == (x->kind == ENV));
    if (!x->code)
        support_expect_ok(&err);
    else
        support_expect_error(&err, x->code, err.offset, x->where);
}

/* Both ways of holding the text, each in a block of its exact size. */
static void expect_items(support_memory *m, const char *text, const expected_item *items, size_t count)
{
    uint32_t flags;

    for (flags = 0; flags <= LAMBDEST_BORROW; flags++) {
        char *exact = support_exact(text, strlen(text));
        lambdest_options options = options_of(m, flags);
        lambdest_items *out;
        lambdest_error err;
        size_t i;

        assert_int_equal(lambdest_unwrap(exact, strlen(text), &options, &out, &err), LAMBDEST_OK);
        support_expect_ok(&err);
        if (!flags)
            free(exact);
        assert_int_equal(lambdest_items_count(out), count);
        for (i = 0; i < count; i++)
            expect_item(lambdest_items_at(out, i), &items[i]);
        assert_null(lambdest_items_at(out, count));
        lambdest_items_free(out);
        if (flags)
            free(exact);
    }
}

static void expect_one(support_memory *m, const char *text, expected_item item)
{
    expect_items(m, text, &item, 1);
}

static void expect_broken(support_memory *m, const char *text, const char *carrier, int code,
                          const char *where)
{
    expected_item item = {BROKEN, carrier, NULL, NULL, code, where};

    if (*carrier == 's') {
        item.id = "m-1";
        item.source = "arn:q";
    }
    expect_one(m, text, item);
}

/* ---- what carriers hold ---- */

static void takes_every_record_apart(void **state)
{
    static const char sqs_arn[] = "arn:aws:sqs:eu-west-1:111122223333:thumb-results";
    static const char sns_arn[] = "arn:aws:sns:eu-west-1:111122223333:thumb-failures";
    static const char bus_arn[] = "arn:aws:events:eu-west-1:111122223333:event-bus/results";
    static const struct {
        const char *file;
        size_t count;
        expected_item items[3];
    } cases[] = {
        {"sqs-in-lambda", 1, {{ENV, "sqs", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51701", sqs_arn, 0, ""}}},
        {"sqs-in-lambda-batch-mixed",
         3,
         {{ENV, "sqs", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51702", sqs_arn, 0, ""},
          {ENV, "sqs", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51703", sqs_arn, 0, ""},
          {BROKEN, "sqs", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51704", sqs_arn, LAMBDEST_E_SYNTAX, "$"}}},
        {"sns-in-lambda", 1, {{ENV, "sns", "9c8b7a69-5847-5362-8190-0f1e2d3c1601", sns_arn, 0, ""}}},
        {"sns-notification-http-or-sqs",
         1,
         {{ENV, "sns", "9c8b7a69-5847-5362-8190-0f1e2d3c1602", sns_arn, 0, ""}}},
        {"sns-in-sqs-in-lambda",
         1,
         {{ENV, "sqs/sns", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51705", sqs_arn, 0, ""}}},
        {"eventbridge-in-sqs-in-lambda",
         1,
         {{ENV, "sqs/eventbridge", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51706", sqs_arn, 0, ""}}},
        {"eventbridge-success",
         1,
         {{ENV, "eventbridge", "6a0b1c2d-3e4f-5a6b-7c8d-9e0f1a2b1501", bus_arn, 0, ""}}},
        {"eventbridge-failure",
         1,
         {{ENV, "eventbridge", "6a0b1c2d-3e4f-5a6b-7c8d-9e0f1a2b1502", bus_arn, 0, ""}}},
        {"s3-async-failure-object", 1, {{ENV, "", NULL, NULL, 0, ""}}},
        {"kafka-failure", 1, {{ENV, "", NULL, NULL, 0, ""}}},
        {"async-success-raw-splice", 1, {{ENV, "", NULL, NULL, 0, ""}}},
        {"not-a-record-dlq-sqs-message",
         1,
         {{LAMBDEST_ITEM_DEAD_LETTER, "sqs", "1e2f3a4b-5c6d-4e7f-8091-a2b3c4d51801", NULL,
           LAMBDEST_E_UNSUPPORTED, "$"}}},
        {"not-a-record-pipes-dlq",
         1,
         {{LAMBDEST_ITEM_PIPES, "", NULL, NULL, LAMBDEST_E_UNSUPPORTED, "context"}}},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[128], *text, *ended;
        size_t len;

        sprintf(path, "tests/records/%s.json", cases[i].file);
        text = support_load(path, &len);
        ended = malloc(len + 1);
        assert_non_null(ended);
        memcpy(ended, text, len);
        ended[len] = '\0';
        expect_items(*state, ended, cases[i].items, cases[i].count);
        free(text);
        free(ended);
    }
}

/* In any order; the innermost bytes are the sender's. */
static void nests_in_any_order(void **state)
{
    char *(*const carriers[3])(const char *) = {in_sqs, in_sns, in_eventbridge};
    static const char *const names[3] = {"sqs", "sns", "eventbridge"};
    size_t i;

    for (i = 0; i < 27; i++) {
        char *inner = carriers[i / 9](record), *middle = carriers[i / 3 % 3](inner);
        char *outer = carriers[i % 3](middle), path[64];
        lambdest_options options = options_of(*state, i % 2 ? LAMBDEST_BORROW : 0);
        lambdest_items *items;

        sprintf(path, "%s/%s/%s", names[i % 3], names[i / 3 % 3], names[i / 9]);
        assert_int_equal(lambdest_unwrap(outer, strlen(outer), &options, &items, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_items_count(items), 1);
        assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 0)), ENV);
        expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_CARRIER, path);
        expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, record);
        lambdest_items_free(items);
        free(inner);
        free(middle);
        free(outer);
    }
}

static void takes_what_receive_message_answers(void **state)
{
    static const char form[] =
        "{\"$metadata\":{},\"Messages\":[{\"MessageId\":\"a\",\"Body\":%s},{\"MD5OfBody\":\"\","
        "\"Body\":\"x\"},{\"MessageId\":\"b\"},7]}";
    const expected_item items[] = {
        {ENV, "sqs", "a", NULL, 0, ""},
        {BROKEN, "sqs", NULL, NULL, LAMBDEST_E_SYNTAX, "$"},
        {BROKEN, "", NULL, NULL, LAMBDEST_E_SCHEMA, "eventSource"},
        {BROKEN, "", NULL, NULL, LAMBDEST_E_SCHEMA, "Messages"},
    };
    size_t len;
    char *body = quoted(record, strlen(record), &len), *text = malloc(sizeof form + len);

    assert_non_null(text);
    sprintf(text, form, body);
    expect_items(*state, text, items, 4);
    free(body);
    free(text);
}

static void takes_arrays_and_texts_encoded_once_too_often(void **state)
{
    const expected_item two[] = {{ENV, "", NULL, NULL, 0, ""}, {ENV, "sns", "n-1", "arn:t", 0, ""}};
    char *notification = in_sns(record), *array = malloc(strlen(notification) + sizeof record + 8), *twice,
         *sqs;

    assert_non_null(array);
    sprintf(array, " [%s , %s]", record, notification);
    expect_items(*state, array, two, 2);
    twice = put_in("", record, "\n");
    expect_one(*state, twice, two[0]);
    sqs = in_sqs(twice);
    expect_broken(*state, "[1,{}]", "", LAMBDEST_E_SCHEMA, "$");
    expect_broken(*state, "\"just text\"", "", LAMBDEST_E_SCHEMA, "$");
    free(notification);
    free(array);
    free(twice);
    free(sqs);
}

static void tells_look_alikes_by_name(void **state)
{
    static const char s3[] =
        "{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":"
        "{\"name\":\"b\",\"arn\":\"arn:aws:s3:::b\"},\"object\":{\"key\":\"k\"}}}]}";
    static const char dead[] =
        "{\"Records\":[{\"messageId\":\"m-1\",\"body\":\"{}\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"
        "\"arn:q\","
        "\"messageAttributes\":{\"RequestID\":{\"stringValue\":\"r-9\",\"dataType\":\"String\"},"
        "\"ErrorCode\":{\"stringValue\":\"429\"}}}]}";
    static const char dead_sns[] =
        "{\"Records\":[{\"EventSource\":\"aws:sns\",\"Sns\":{\"MessageId\":\"n-1\",\"TopicArn\":\"arn:t\","
        "\"Message\":\"{}\","
        "\"MessageAttributes\":{\"RequestID\":{\"Type\":\"String\",\"Value\":\"r-9\"},"
        "\"ErrorMessage\":{\"Type\":\"String\",\"Value\":\"no \\\"stock\\\"\"}}}}]}";
    static const char created[] =
        "{\"detail-type\":\"Object Created\",\"source\":\"aws.s3\",\"id\":\"e\",\"detail\":{}}";
    char *in = in_sqs(s3);
    lambdest_items *items;

    expect_one(*state, s3,
               (expected_item){LAMBDEST_ITEM_S3_NOTIFICATION, "s3", NULL, "arn:aws:s3:::b",
                               LAMBDEST_E_UNSUPPORTED, "$"});
    expect_one(*state, in,
               (expected_item){LAMBDEST_ITEM_S3_NOTIFICATION, "sqs/s3", "m-1", "arn:q",
                               LAMBDEST_E_UNSUPPORTED, "$"});
    expect_one(*state, created,
               (expected_item){LAMBDEST_ITEM_S3_NOTIFICATION, "eventbridge", "e", NULL,
                               LAMBDEST_E_UNSUPPORTED, "$"});
    expect_one(
        *state, dead,
        (expected_item){LAMBDEST_ITEM_DEAD_LETTER, "sqs", "m-1", "arn:q", LAMBDEST_E_UNSUPPORTED, "$"});
    free(in);
    assert_int_equal(lambdest_unwrap(dead_sns, strlen(dead_sns), NULL, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 0)), LAMBDEST_ITEM_DEAD_LETTER);
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_REQUEST_ID, "r-9");
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ERROR_CODE, NULL);
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ERROR_MESSAGE, "no \"stock\"");
    lambdest_items_free(items);
}

/* Nothing says dead letter: it is broken, with the envelope's own error. */
static void an_event_of_another_kind_is_broken(void **state)
{
    expect_broken(*state, "{\"resource\":\"/\",\"body\":\"{}\",\"requestContext\":{\"stage\":\"p\"}}", "",
                  LAMBDEST_E_SCHEMA, "$");
    expect_broken(*state, "{\"eventSource\":\"aws:kafka\",\"records\":{}}", "", LAMBDEST_E_SCHEMA, "$");
    expect_broken(*state, "{\"Records\":[{\"eventSource\":\"aws:kinesis\",\"body\":\"{}\"}]}", "",
                  LAMBDEST_E_SCHEMA, "eventSource");
    expect_broken(*state, "7", "", LAMBDEST_E_SCHEMA, "$");
}

/* A member by the name of a list that is none does not make a carrier of an envelope. */
static void an_envelope_may_have_a_member_of_that_name(void **state)
{
    const expected_item bare = {ENV, "", NULL, NULL, 0, ""}, queued = {ENV, "sqs", "m-1", "arn:q", 0, ""};
    static const char *const texts[] = {
        "{\"Records\":\"1.0\",\"responsePayload\":1}",
        "{\"responsePayload\":1,\"Messages\":{}}",
    };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *text = in_sqs(texts[i]);

        expect_one(*state, texts[i], bare);
        expect_one(*state, text, queued);
        free(text);
    }
    expect_broken(*state, "{\"Messages\":5}", "", LAMBDEST_E_SCHEMA, "Messages");
    expect_broken(*state, "{\"Records\":null,\"Messages\":[]}", "", LAMBDEST_E_SCHEMA, "Records");
}

/* ---- bad input ---- */

static void a_bad_item_hides_no_other(void **state)
{
    static const char form[] =
        "{\"Records\":[{\"messageId\":\"1\",\"body\":\"{\",\"eventSource\":\"aws:sqs\"},{\"messageId\":\"2\","
        "\"body\":%s},"
        "{\"messageId\":\"3\",\"body\":5},{\"messageId\":\"4\",\"eventSource\":\"aws:sqs\"},5,"
        "{\"messageId\":\"6\",\"body\":\"{}\",\"body\":\"{}\"},{\"messageId\":\"7\",\"body\":\"{"
        "\\\"Records\\\":[]}\"},"
        "{\"messageId\":\"8\",\"body\":\"{\\\"a\\\":\\\"\\ud83d\\\"}\"},{\"messageId\":\"8\",\"body\":\"{"
        "\\\"a\\\":\\\"\\\\x\\\"}\"},"
        "{\"EventSource\":\"aws:sns\",\"Sns\":{\"MessageId\":\"10\",\"Message\":%s}},"
        "{\"EventSource\":\"aws:sns\",\"Sns\":{\"MessageId\":\"11\",\"Type\":\"SubscriptionConfirmation\","
        "\"TopicArn\":\"t\","
        "\"Message\":\"hi\"}},{\"messageId\":\"12\",\"body\":\"{\\\"Records\\\":{}}\"}]}";
    const expected_item items[] = {
        {BROKEN, "sqs", "1", NULL, LAMBDEST_E_SYNTAX, "$"},
        {ENV, "sqs", "2", NULL, 0, ""},
        {BROKEN, "sqs", "3", NULL, LAMBDEST_E_SCHEMA, "body"},
        {BROKEN, "sqs", "4", NULL, LAMBDEST_E_SCHEMA, "body"},
        {BROKEN, "", NULL, NULL, LAMBDEST_E_SCHEMA, "Records"},
        {BROKEN, "sqs", "6", NULL, LAMBDEST_E_SCHEMA, "body"},
        {BROKEN, "sqs", "7", NULL, LAMBDEST_E_SCHEMA, "Records"},
        {BROKEN, "sqs", "8", NULL, LAMBDEST_E_UTF8, "$"},
        {BROKEN, "sqs", "8", NULL, LAMBDEST_E_SYNTAX, "*"},
        {ENV, "sns", "10", NULL, 0, ""},
        {BROKEN, "sns", "11", "t", LAMBDEST_E_SCHEMA, "Type"},
        {BROKEN, "sqs", "12", NULL, LAMBDEST_E_SCHEMA, "Records"},
    };
    size_t len;
    char *body = quoted(record, strlen(record), &len), *text = malloc(sizeof form + 2 * len);

    assert_non_null(text);
    sprintf(text, form, body, body);
    expect_items(*state, text, items, sizeof items / sizeof items[0]);
    free(body);
    free(text);
}

static void a_carrier_says_each_thing_once(void **state)
{
    expect_broken(*state, "{\"TopicArn\":\"t\",\"Message\":\"a\",\"Message\":\"b\"}", "", LAMBDEST_E_SCHEMA,
                  "Message");
    expect_broken(*state, "{\"Records\":[1],\"Records\":[{}]}", "", LAMBDEST_E_SCHEMA, "Records");
    expect_broken(*state, "{\"detail-type\":\"a\",\"detail\":{},\"d\\u0065tail\":{}}", "", LAMBDEST_E_SCHEMA,
                  "detail");
}

static void an_error_counts_in_the_body(void **state)
{
    static const char text[] =
        "{\"Records\":[{\"messageId\":\"a\\u0062\",\"body\":\"{\\\"a\\\":\\\"\\ud83d\\\"}\"},"
        "{\"messageId\":\"2\",\"body\": 5}]}";
    lambdest_options options = options_of(*state, 0);
    lambdest_items *items;
    lambdest_error err;

    assert_int_equal(lambdest_unwrap(text, strlen(text), &options, &items, NULL), LAMBDEST_OK);
    lambdest_item_error(lambdest_items_at(items, 0), &err);
    support_expect_error(&err, LAMBDEST_E_UTF8, 6, "$");
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, "{\"a\":\"\xEF\xBF\xBD\"}");
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ID, "ab");
    lambdest_item_error(lambdest_items_at(items, 1), &err);
    support_expect_error(&err, LAMBDEST_E_SCHEMA, 25, "body");
    expect_text(lambdest_items_at(items, 1), LAMBDEST_ITEM_BODY, "{\"messageId\":\"2\",\"body\": 5}");
    lambdest_items_free(items);
}

static void expect_failure(support_memory *m, const char *text, int code, uint64_t offset, const char *where)
{
    lambdest_options options = options_of(m, 0);
    lambdest_items *items = (lambdest_items *)&options;
    lambdest_error err;

    assert_int_equal(lambdest_unwrap(text, strlen(text), &options, &items, &err), code);
    assert_null(items);
    support_expect_error(&err, code, offset, *where ? where : err.where);
}

static void the_whole_fails_only_when_it_is_unreadable(void **state)
{
    static const char event[] = "{\"Records\":[{\"messageId\":\"m\",\"body\":\"x\"}]}";
    char *cut = support_exact(event, sizeof event);
    lambdest_items *items = (lambdest_items *)cut;
    lambdest_options options = options_of(*state, 0);
    lambdest_error err;
    size_t len;

    for (len = 0; len < sizeof event - 1; len++) {
        cut[len] = '\0';
        expect_failure(*state, cut, LAMBDEST_E_SYNTAX, len, "");
        cut[len] = event[len];
    }
    expect_failure(*state, "[{\"a\":1},", LAMBDEST_E_SYNTAX, 9, "$");
    expect_failure(*state, "[{\"a\":1}x]", LAMBDEST_E_SYNTAX, 8, "$");
    expect_failure(*state, "[{\"a\":1},{\"a\":x}]", LAMBDEST_E_SYNTAX, 14, "$");
    expect_failure(*state, "{\"Records\":[]}x", LAMBDEST_E_SYNTAX, 14, "$");
    expect_failure(*state, "\"{\\\"\" \"", LAMBDEST_E_SYNTAX, 6, "$");
    expect_failure(*state, "{\"Records\":[{\"body\":\"\xFF\"}]}", LAMBDEST_E_UTF8, 21, "*");
    options.max_bytes = 10;
    assert_int_equal(lambdest_unwrap(event, 11, &options, &items, &err), LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 10, "$");
    assert_int_equal(lambdest_unwrap(NULL, 1, NULL, &items, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_int_equal(lambdest_unwrap(event, 3, NULL, NULL, &err), LAMBDEST_E_INVAL);
    options.size = 3;
    assert_int_equal(lambdest_unwrap(event, 3, &options, &items, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_unwrap(NULL, 0, NULL, &items, &err), LAMBDEST_E_SYNTAX);
    free(cut);
}

/* What is wrong with a whole body is wrong at its beginning. */
static void expect_first_error(const char *text, int code, const char *where)
{
    lambdest_items *items;
    lambdest_error err;

    assert_int_equal(lambdest_unwrap(text, strlen(text), NULL, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_item_error(lambdest_items_at(items, 0), &err), code);
    support_expect_error(&err, code, 0, where);
    lambdest_items_free(items);
}

static void an_error_of_the_whole_body_is_at_its_beginning(void **state)
{
    char *text = in_sqs("{\"Records\":[]}"), *deep = support_exact(record, sizeof record);
    int i;

    (void)state;
    expect_first_error(text, LAMBDEST_E_SCHEMA, "Records");
    free(text);
    expect_first_error("{\"Records\":[{\"eventSource\":\"aws:s3\",\"s3\":{}}]}", LAMBDEST_E_UNSUPPORTED, "$");
    expect_first_error(
        "{\"Records\":[{\"messageId\":\"m\",\"body\":\"\",\"messageAttributes\":{\"RequestID\":"
        "{\"stringValue\":\"r\"},\"ErrorCode\":{\"stringValue\":\"2\"}}}]}",
        LAMBDEST_E_UNSUPPORTED, "$");
    for (i = 0; i < 9; i++) {
        text = in_eventbridge(deep);
        free(deep);
        deep = text;
    }
    expect_first_error(deep, LAMBDEST_E_DEPTH, "$");
    free(deep);
}

/* What a list named is forgotten if it turns out that the text is no carrier, or no JSON. */
static void a_list_in_what_is_no_carrier_is_no_list(void **state)
{
    static const char envelope[] =
        "{\"Records\":[{\"messageId\":\"m\",\"body\":\"x\"}],\"requestPayload\":1}";
    char *text = in_sqs("{\"Records\":[{\"messageId\":\"m\",\"body\":\"x\"},");

    expect_one(*state, envelope, (expected_item){ENV, "", NULL, NULL, 0, ""});
    expect_broken(*state, text, "sqs", LAMBDEST_E_SYNTAX, "*");
    free(text);
    expect_broken(*state, "{\"Messages\":{}}", "", LAMBDEST_E_SCHEMA, "Messages");
    expect_one(*state, "{\"eventSource\":\"aws:s3\",\"s3\":{}}",
               (expected_item){LAMBDEST_ITEM_S3_NOTIFICATION, "s3", NULL, NULL, LAMBDEST_E_UNSUPPORTED, "$"});
}

static void the_shortest_text_encoded_once_too_often(void **state)
{
    expect_broken(*state, "\"{\"", "", LAMBDEST_E_SYNTAX, "$");
    expect_broken(*state, "\"[\"", "", LAMBDEST_E_SYNTAX, "$");
    expect_broken(*state, "\"\"", "", LAMBDEST_E_SCHEMA, "$");
    expect_one(*state, "\"[{\\\"requestPayload\\\":1}]\"", (expected_item){ENV, "", NULL, NULL, 0, ""});
    expect_one(*state, "\" \\r\\n\\t {\\\"requestPayload\\\":1}\"",
               (expected_item){ENV, "", NULL, NULL, 0, ""});
    expect_broken(*state, "\" \\n\"", "", LAMBDEST_E_SCHEMA, "$");
    expect_broken(*state, "\"\\u007b\"", "", LAMBDEST_E_SCHEMA, "$");
}

/* The caller's text may be gone afterwards, unless it was lent. */
static void a_text_is_copied_unless_it_is_borrowed(void **state)
{
    char *lent = support_exact(record, sizeof record - 1);
    lambdest_options options = options_of(*state, 0);
    lambdest_items *items;
    size_t len = sizeof record - 1;

    options.max_bytes = len;
    assert_int_equal(lambdest_unwrap(lent, len, &options, &items, NULL), LAMBDEST_OK);
    memset(lent, '#', len);
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, record);
    lambdest_items_free(items);
    free(lent);
    options.flags = LAMBDEST_BORROW;
    assert_int_equal(lambdest_unwrap(record, len, &options, &items, NULL), LAMBDEST_OK);
    assert_ptr_equal(lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, NULL), record);
    lambdest_items_free(items);
}

/* Decoded into memory of its own, of every size: not a byte too little. */
static void a_borrowed_body_fits_its_memory(void **state)
{
    lambdest_options options = options_of(*state, LAMBDEST_BORROW);
    char body[320], *text;
    lambdest_items *items;
    size_t len;

    for (len = 0; len < sizeof body; len++) {
        memset(body, 'x', len);
        body[len] = '\0';
        text = in_sqs(body);
        assert_int_equal(lambdest_unwrap(text, strlen(text), &options, &items, NULL), LAMBDEST_OK);
        expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_BODY, body);
        expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ID, "m-1");
        lambdest_items_free(items);
        free(text);
    }
}

static void an_event_without_records_has_no_items(void **state)
{
    expect_items(*state, "{\"Records\":[]}", NULL, 0);
    expect_items(*state, "{\"Messages\":[ ]}", NULL, 0);
}

static void items_are_bounded(void **state)
{
    static const char form[] =
        "{\"Records\":[{\"body\":\"{\\\"Records\\\":[1,2]}\",\"messageId\":\"a\"},1,2]}";
    lambdest_options options = options_of(*state, 0);
    lambdest_items *items;
    lambdest_error err;

    options.max_items = 4;
    assert_int_equal(lambdest_unwrap(form, strlen(form), &options, &items, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), 4);
    lambdest_items_free(items);
    options.max_items = 3;
    assert_int_equal(lambdest_unwrap(form, strlen(form), &options, &items, &err), LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 0, "$");
    assert_int_equal(lambdest_unwrap("[{},{},{},{}]", 13, &options, &items, &err), LAMBDEST_E_TOO_BIG);
    options.max_items = 2;
    assert_int_equal(lambdest_unwrap(form, strlen(form), &options, &items, &err), LAMBDEST_E_TOO_BIG);
    assert_null(items);
}

/* More elements than max_items, but the text is no carrier, or a bad item: it hides no other. */
static void only_a_carrier_has_too_many(void **state)
{
    static const char envelope[] = "{\"Records\":[{},{},{}],\"requestContext\":{\"condition\":\"c\"}}";
    static const char *const bodies[] = {
        "{\\\"Records\\\":[{},{},{}],\\\"requestContext\\\":{\\\"condition\\\":\\\"c\\\"}}",
        "{\\\"Records\\\":[{},{},{}]} x", "{\\\"Records\\\":[{},{},{}],\\\"Records\\\":[]}", "[{},{},{}",
        "[{},{},{}] x"};
    lambdest_options options = options_of(*state, 0);
    lambdest_items *items;
    size_t i;

    options.max_items = 2;
    assert_int_equal(lambdest_unwrap(envelope, strlen(envelope), &options, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), 1);
    assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 0)), LAMBDEST_ITEM_ENVELOPE);
    lambdest_items_free(items);
    for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        char event[512];
        int len = snprintf(event, sizeof event,
                           "{\"Records\":[{\"messageId\":\"a\",\"body\":\"%s\"},"
                           "{\"messageId\":\"b\",\"body\":\"{\\\"requestContext\\\":{}}\"}]}",
                           bodies[i]);

        assert_int_equal(lambdest_unwrap(event, (size_t)len, &options, &items, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_items_count(items), 2);
        assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 0)),
                         i ? LAMBDEST_ITEM_BROKEN : LAMBDEST_ITEM_ENVELOPE);
        assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 1)), LAMBDEST_ITEM_ENVELOPE);
        lambdest_items_free(items);
    }
    options.max_nesting = 1;
    assert_int_equal(lambdest_unwrap("{\"Records\":[{\"messageId\":\"a\",\"body\":\"[{},{},{}]\"}]}", 51,
                                     &options, &items, NULL),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), 1);
    lambdest_items_free(items);
}

static char *nested(char *(*carrier)(const char *), int levels)
{
    char *text = support_exact(record, sizeof record), *outer;

    for (; levels; levels--) {
        outer = carrier(text);
        free(text);
        text = outer;
    }
    return text;
}

static void nesting_is_bounded(void **state)
{
    static const char eight[] =
        "eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/"
        "eventbridge";
    static const char bus[] = "arn:aws:events:r:a:event-bus/b";
    char *text = nested(in_eventbridge, 8);
    lambdest_options options = options_of(*state, 0);
    lambdest_items *items;

    expect_one(*state, text, (expected_item){ENV, eight, "e-1", bus, 0, ""});
    free(text);
    text = nested(in_eventbridge, 9);
    expect_one(*state, text, (expected_item){BROKEN, eight, "e-1", bus, LAMBDEST_E_DEPTH, "$"});
    options.max_nesting = 9;
    assert_int_equal(lambdest_unwrap(text, strlen(text), &options, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_item_kind(lambdest_items_at(items, 0)), ENV);
    lambdest_items_free(items);
    options.max_nesting = 1;
    assert_int_equal(lambdest_unwrap(text, strlen(text), &options, &items, NULL), LAMBDEST_OK);
    expect_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_CARRIER, "eventbridge");
    assert_int_equal(lambdest_item_error(lambdest_items_at(items, 0), NULL), LAMBDEST_E_DEPTH);
    lambdest_items_free(items);
    free(text);
}

static void bombs_do_not_go_off(void **state)
{
    enum {
        DEEP = 100000
    };
    char *text = malloc(12 * DEEP + 64), *in;
    size_t i;

    assert_non_null(text);
    memset(text, '[', DEEP);
    text[DEEP] = '\0';
    expect_failure(*state, text, LAMBDEST_E_DEPTH, 518, "$");
    in = in_sqs(text);
    expect_broken(*state, in, "sqs", LAMBDEST_E_DEPTH, "$");
    free(in);
    for (i = 0; i < DEEP; i++)
        memcpy(text + 12 * i, "{\"Records\":[", 12);
    text[12 * DEEP] = '\0';
    expect_failure(*state, text, LAMBDEST_E_DEPTH, 3083, "*");
    free(text);
}

/* A payload may be as deep as a bare record's, whatever is around it. */
static void carriers_take_no_depth_from_payloads(void **state)
{
    enum {
        DEPTH = 512
    };
    static const char head[] = "{\"requestPayload\":";
    char text[sizeof head + 2 * DEPTH + 1], *nested_text, *more;
    int i;

    strcpy(text, head);
    memset(text + sizeof head - 1, '[', DEPTH);
    memset(text + sizeof head - 1 + DEPTH, ']', DEPTH);
    strcpy(text + sizeof head - 1 + 2 * DEPTH, "}");
    nested_text = support_exact(text, sizeof text);
    for (i = 0; i < 8; i++) {
        more = in_eventbridge(nested_text);
        free(nested_text);
        nested_text = more;
    }
    more = in_sqs(text);
    expect_one(*state, more, (expected_item){ENV, "sqs", "m-1", "arn:q", 0, ""});
    free(more);
    expect_one(
        *state, nested_text,
        (expected_item){ENV,
                        "eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/eventbridge/"
                        "eventbridge",
                        "e-1", "arn:aws:events:r:a:event-bus/b", 0, ""});
    free(nested_text);
}

/* ---- memory ---- */

typedef struct watched {
    lambdest_alloc alloc;
    size_t bytes;
    size_t most;
    size_t calls;
} watched;

static void *watch_alloc(void *ctx, size_t size)
{
    watched *w = ctx;

    w->bytes += size;
    w->calls++;
    w->most = w->bytes > w->most ? w->bytes : w->most;
    return malloc(size);
}

static void *watch_resize(void *ctx, void *old, size_t old_size, size_t size)
{
    watched *w = ctx;

    w->most = w->bytes + size > w->most ? w->bytes + size : w->most;
    w->bytes += size - old_size;
    w->calls++;
    return realloc(old, size);
}

static void watch_release(void *ctx, void *old, size_t size)
{
    ((watched *)ctx)->bytes -= size;
    free(old);
}

/* Ten messages, each a record in a notification in an event in a message: three levels of escapes. */
static char *big_event(size_t payload, size_t *len)
{
    char *text = malloc(payload + sizeof record + 64), *inner, *all, *to;
    int i;

    assert_non_null(text);
    to = text + sprintf(text, "{\"requestPayload\":\"");
    memset(to, 'p', payload);
    for (i = 0; i < (int)payload; i += 16)
        memcpy(to + i, "\\\"", 2);
    strcpy(to + payload, "\"}");
    inner = in_sns(text);
    free(text);
    text = in_eventbridge("7");
    free(text);
    text = in_sns(inner);
    free(inner);
    inner = quoted(text, strlen(text), len);
    free(text);
    all = malloc(10 * (*len + 64) + 64);
    assert_non_null(all);
    to = all + sprintf(all, "{\"Records\":[");
    for (i = 0; i < 10; i++)
        to += sprintf(to, "%s{\"messageId\":\"%d\",\"body\":%s}", i ? "," : "", i, inner);
    to += sprintf(to, "]}");
    free(inner);
    *len = (size_t)(to - all);
    return all;
}

static void memory_is_a_multiple_of_the_input(void **state)
{
    size_t len, limit = 64 * 1024;
    char *text = big_event(support_quick() ? 100000 : 700000, &len);
    uint32_t flags;

    (void)state;
    for (flags = 0; flags <= LAMBDEST_BORROW; flags++) {
        watched w = {{watch_alloc, watch_resize, watch_release, NULL}, 0, 0, 0};
        lambdest_options options = {0};
        lambdest_items *items;
        size_t i;

        w.alloc.ctx = &w;
        options.size = sizeof options;
        options.flags = flags;
        options.alloc = &w.alloc;
        assert_int_equal(lambdest_unwrap(text, len, &options, &items, NULL), LAMBDEST_OK);
        assert_int_equal(lambdest_items_count(items), 10);
        for (i = 0; i < 10; i++) {
            assert_int_equal(lambdest_item_kind(lambdest_items_at(items, i)), ENV);
            expect_text(lambdest_items_at(items, i), LAMBDEST_ITEM_CARRIER, "sqs/sns/sns");
        }
        lambdest_items_free(items);
        assert_int_equal(w.bytes, 0);
        assert_true(w.most < len + limit);
        assert_true(w.calls < 60 || support_rehearsed());
    }
    free(text);
}

static void many_small_items_take_little(void **state)
{
    enum {
        MANY = 10000
    };
    char *text = malloc(MANY * 2 + 32), *to;
    watched w = {{watch_alloc, watch_resize, watch_release, NULL}, 0, 0, 0};
    lambdest_options options = {0};
    lambdest_items *items;
    int i;

    (void)state;
    assert_non_null(text);
    w.alloc.ctx = &w;
    options.size = sizeof options;
    options.alloc = &w.alloc;
    to = text + sprintf(text, "{\"Records\":[");
    for (i = 0; i < MANY; i++)
        to += sprintf(to, "%s0", i ? "," : "");
    to += sprintf(to, "]}");
    assert_int_equal(lambdest_unwrap(text, (size_t)(to - text), &options, &items, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_items_count(items), MANY);
    assert_true(w.most < MANY * 1024);
    lambdest_items_free(items);
    assert_int_equal(w.bytes, 0);
    free(text);
}

static int attempt(support_memory *m, void *arg)
{
    const char *text = arg;
    lambdest_options options = options_of(m, m->calls % 2 ? LAMBDEST_BORROW : 0);
    lambdest_items *items;
    lambdest_error err;
    char *out;
    int rc = lambdest_unwrap(text, strlen(text), &options, &items, &err);

    if (rc) {
        assert_null(items);
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
        return rc;
    }
    lambdest_items_fail(items, 0);
    lambdest_items_fail(items, 1);
    rc = lambdest_items_response(items, &out, NULL);
    assert_true((out != NULL) == (rc == LAMBDEST_OK));
    lambdest_free(out);
    lambdest_items_free(items);
    return rc;
}

/* Ids, a source and letters too long to share memory with anything. */
static char *long_texts(void)
{
    static const char form[] =
        "{\"Records\":[{\"messageId\":\"%s\",\"eventSourceARN\":\"%s\",\"body\":\"\"},{"
        "\"messageId\":\"%s\",\"body\":\"\",\"messageAttributes\":{\"RequestID\":{"
        "\"stringValue\":\"%s\"},\"ErrorCode\":{\"stringValue\":\"%s\"},"
        "\"ErrorMessage\":{\"stringValue\":\"%s\"}}}]}";
    char *out = malloc(sizeof form + 6 * 1500), word[1500];

    assert_non_null(out);
    memset(word, 'w', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    sprintf(out, form, word, word, word, word, word, word);
    return out;
}

/* Messages of whose senders nothing is known but that there are many. */
static char *nameless(void)
{
    char *out = malloc(40 * 32 + 32), *to;
    int i;

    assert_non_null(out);
    to = out + sprintf(out, "{\"Records\":[");
    for (i = 0; i < 40; i++)
        to += sprintf(to, "%s{\"md5OfBody\":\"\",\"body\":\"\"}", i ? "," : "");
    strcpy(to, "]}");
    return out;
}

static void every_allocation_may_fail(void **state)
{
    size_t len;
    char *text = support_load("tests/records/sqs-in-lambda-batch-mixed.json", &len), *nested_text;
    char *ended = malloc(len + 1);

    assert_non_null(ended);
    memcpy(ended, text, len);
    ended[len] = '\0';
    support_exhaust(*state, attempt, ended);
    nested_text = in_sns(ended);
    support_exhaust(*state, attempt, nested_text);
    free(nested_text);
    nested_text = in_sqs("[{\"Records\":[{\"messageId\":\"m\",\"body\":\"\",\"messageAttributes\":{"
                         "\"RequestID\":{\"stringValue\":"
                         "\"r\"},\"ErrorCode\":{\"stringValue\":\"2\"},\"ErrorMessage\":{\"stringValue\":"
                         "\"m\"}}},{\"eventSource\":"
                         "\"aws:s3\",\"s3\":{}},1,2,3,4,5]},{},\"{}\"]");
    support_exhaust(*state, attempt, nested_text);
    free(nested_text);
    nested_text = long_texts();
    support_exhaust(*state, attempt, nested_text);
    free(nested_text);
    nested_text = nameless();
    support_exhaust(*state, attempt, nested_text);
    free(nested_text);
    support_exhaust(*state, attempt, (char *)(uintptr_t) "{\"Records\":{}}");
    support_exhaust(*state, attempt, (char *)(uintptr_t) "[{},{},{},{},{},{},{},{},{}]");
    free(text);
    free(ended);
}

/* ---- texts of chance ---- */

static void random_bytes_do_no_harm(void **state)
{
    static const char *const pieces[] = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\\"",
        "\"Records\"",
        "\"body\"",
        "\"messageId\"",
        "\"eventSource\"",
        "\"aws:sqs\"",
        "\"Sns\"",
        "\"Message\"",
        "\"TopicArn\"",
        "\"detail\"",
        "\"detail-type\"",
        "1",
        "null",
        "\\ud83d",
        "\"Body\"",
        "\"Messages\"",
        "\"Records\":[{\"body\":\"",
        "\"messageAttributes\":{",
        "\"requestContext\":{}",
        " ",
        "\"version\":\"1.0\"",
        "\xC3\xA9",
    };
    uint64_t seed = 66;
    int round;

    for (round = 0; round < (support_quick() ? 2000 : 40000); round++) {
        char text[512];
        size_t len = 0, n = support_below(&seed, 24), count = 0;
        uint32_t flags;

        for (; n; n--) {
            const char *piece = pieces[support_below(&seed, sizeof pieces / sizeof pieces[0])];

            strcpy(text + len, piece);
            len += strlen(piece);
        }
        for (flags = 0; flags <= LAMBDEST_BORROW; flags++) {
            lambdest_options options = options_of(*state, flags);
            char *exact = support_exact(text, len);
            lambdest_items *items;
            lambdest_error err;
            int rc = lambdest_unwrap(exact, len, &options, &items, &err);

            if (rc)
                assert_true(err.offset <= len && err.message && err.where);
            if (flags)
                assert_int_equal(lambdest_items_count(items), count);
            count = lambdest_items_count(items);
            lambdest_items_free(items);
            free(exact);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_every_record_apart, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(nests_in_any_order, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(takes_what_receive_message_answers, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(takes_arrays_and_texts_encoded_once_too_often, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(tells_look_alikes_by_name, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(an_event_of_another_kind_is_broken, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(an_envelope_may_have_a_member_of_that_name, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(a_bad_item_hides_no_other, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_carrier_says_each_thing_once, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(an_error_counts_in_the_body, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(the_whole_fails_only_when_it_is_unreadable, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(an_event_without_records_has_no_items, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(items_are_bounded, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(only_a_carrier_has_too_many, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(nesting_is_bounded, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(bombs_do_not_go_off, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(carriers_take_no_depth_from_payloads, support_setup,
                                        support_teardown),
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
        cmocka_unit_test(an_error_of_the_whole_body_is_at_its_beginning),
        WITH_MEMORY(a_list_in_what_is_no_carrier_is_no_list),
        WITH_MEMORY(the_shortest_text_encoded_once_too_often),
        WITH_MEMORY(a_text_is_copied_unless_it_is_borrowed),
        WITH_MEMORY(a_borrowed_body_fits_its_memory),
        cmocka_unit_test(memory_is_a_multiple_of_the_input),
        cmocka_unit_test(many_small_items_take_little),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(random_bytes_do_no_harm, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
