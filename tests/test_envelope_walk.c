#include "support_envelope.h"

#include "envelope/walk.h"
#include "envelope/model.h"

#include <stdio.h>

/* ---- the known members on the wire, by hand ---- */

enum wire_type {
    WIRE_TEXT,
    WIRE_TEXT_OR_NULL,
    WIRE_COUNT,  /* an integer from 0 */
    WIRE_STATUS, /* an integer from 0 to 999 */
    WIRE_OBJECT,
    WIRE_OBJECT_OR_NULL,
    WIRE_NULL,
    WIRE_ANY
};

typedef struct wire_member {
    const char *before; /* up to the member */
    const char *name;
    const char *behind;
    const char *where;
    enum wire_type type;
} wire_member;

#define RECORD "{\"requestPayload\":1,"
#define DOCUMENT "{\"invocationId\":\"i\","
#define INSIDE(name) RECORD "\"" name "\":{"
#define OF_METADATA "{\"invocationMetadata\":{"
#define OF_REST "{\"invocationMetadata\":{\"record\":{"
#define OF_RANGE INSIDE("KafkaBatchInfo") "\"recordsInfo\":{\"a-1\":{"
#define OF_SINGLE INSIDE("KafkaBatchInfo") "\"recordInfo\":{"

static const wire_member wire_members[] = {
    {RECORD, "version", "}", "version", WIRE_TEXT},
    {RECORD, "timestamp", "}", "timestamp", WIRE_TEXT},
    {RECORD, "requestContext", "}", "requestContext", WIRE_OBJECT},
    {INSIDE("requestContext"), "requestId", "}}", "requestContext.requestId", WIRE_TEXT},
    {INSIDE("requestContext"), "functionArn", "}}", "requestContext.functionArn", WIRE_TEXT},
    {INSIDE("requestContext"), "condition", "}}", "requestContext.condition", WIRE_TEXT},
    {INSIDE("requestContext"), "approximateInvokeCount", "}}", "requestContext.approximateInvokeCount",
     WIRE_COUNT},
    {"{", "requestPayload", "}", "requestPayload", WIRE_ANY},
    {RECORD, "responseContext", "}", "responseContext", WIRE_OBJECT_OR_NULL},
    {INSIDE("responseContext"), "statusCode", "}}", "responseContext.statusCode", WIRE_STATUS},
    {INSIDE("responseContext"), "executedVersion", "}}", "responseContext.executedVersion", WIRE_TEXT},
    {INSIDE("responseContext"), "functionError", "}}", "responseContext.functionError", WIRE_TEXT_OR_NULL},
    {"{", "responsePayload", "}", "responsePayload", WIRE_ANY},
    {"{", "deliveryError", "}", "deliveryError", WIRE_OBJECT},
    {RECORD, "invocationError", "}", "invocationError", WIRE_ANY},
    {RECORD, "timeWindowInfo", "}", "timeWindowInfo", WIRE_OBJECT},
    {RECORD, "payload", "}", "payload", WIRE_ANY},
    {"{", "KinesisBatchInfo", "}", "KinesisBatchInfo", WIRE_OBJECT},
    {INSIDE("KinesisBatchInfo"), "shardId", "}}", "KinesisBatchInfo.shardId", WIRE_TEXT},
    {INSIDE("KinesisBatchInfo"), "startSequenceNumber", "}}", "KinesisBatchInfo.startSequenceNumber",
     WIRE_TEXT},
    {INSIDE("KinesisBatchInfo"), "endSequenceNumber", "}}", "KinesisBatchInfo.endSequenceNumber", WIRE_TEXT},
    {INSIDE("KinesisBatchInfo"), "approximateArrivalOfFirstRecord", "}}",
     "KinesisBatchInfo.approximateArrivalOfFirstRecord", WIRE_TEXT},
    {INSIDE("KinesisBatchInfo"), "approximateArrivalOfLastRecord", "}}",
     "KinesisBatchInfo.approximateArrivalOfLastRecord", WIRE_TEXT},
    {INSIDE("KinesisBatchInfo"), "batchSize", "}}", "KinesisBatchInfo.batchSize", WIRE_COUNT},
    {INSIDE("KinesisBatchInfo"), "streamArn", "}}", "KinesisBatchInfo.streamArn", WIRE_TEXT},
    {"{", "DDBStreamBatchInfo", "}", "DDBStreamBatchInfo", WIRE_OBJECT},
    {INSIDE("DDBStreamBatchInfo"), "shardId", "}}", "DDBStreamBatchInfo.shardId", WIRE_TEXT},
    {INSIDE("DDBStreamBatchInfo"), "startSequenceNumber", "}}", "DDBStreamBatchInfo.startSequenceNumber",
     WIRE_TEXT},
    {INSIDE("DDBStreamBatchInfo"), "endSequenceNumber", "}}", "DDBStreamBatchInfo.endSequenceNumber",
     WIRE_TEXT},
    {INSIDE("DDBStreamBatchInfo"), "approximateArrivalOfFirstRecord", "}}",
     "DDBStreamBatchInfo.approximateArrivalOfFirstRecord", WIRE_TEXT},
    {INSIDE("DDBStreamBatchInfo"), "approximateArrivalOfLastRecord", "}}",
     "DDBStreamBatchInfo.approximateArrivalOfLastRecord", WIRE_TEXT},
    {INSIDE("DDBStreamBatchInfo"), "batchSize", "}}", "DDBStreamBatchInfo.batchSize", WIRE_COUNT},
    {INSIDE("DDBStreamBatchInfo"), "streamArn", "}}", "DDBStreamBatchInfo.streamArn", WIRE_TEXT},
    {"{", "KafkaBatchInfo", "}", "KafkaBatchInfo", WIRE_OBJECT},
    {INSIDE("KafkaBatchInfo"), "batchSize", "}}", "KafkaBatchInfo.batchSize", WIRE_COUNT},
    {INSIDE("KafkaBatchInfo"), "eventSourceArn", "}}", "KafkaBatchInfo.eventSourceArn", WIRE_TEXT},
    {INSIDE("KafkaBatchInfo"), "bootstrapServers", "}}", "KafkaBatchInfo.bootstrapServers", WIRE_TEXT},
    {INSIDE("KafkaBatchInfo"), "payloadSize", "}}", "KafkaBatchInfo.payloadSize", WIRE_COUNT},
    {INSIDE("KafkaBatchInfo"), "recordsInfo", "}}", "KafkaBatchInfo.recordsInfo", WIRE_OBJECT},
    {INSIDE("KafkaBatchInfo"), "recordInfo", "}}", "KafkaBatchInfo.recordInfo", WIRE_OBJECT},
    {INSIDE("KafkaBatchInfo") "\"recordsInfo\":{", "a-1", "}}}", "KafkaBatchInfo.recordsInfo.*", WIRE_OBJECT},
    {OF_RANGE, "firstRecordOffset", "}}}}", "KafkaBatchInfo.recordsInfo.*.firstRecordOffset", WIRE_TEXT},
    {OF_RANGE, "lastRecordOffset", "}}}}", "KafkaBatchInfo.recordsInfo.*.lastRecordOffset", WIRE_TEXT},
    {OF_RANGE, "firstRecordTimestamp", "}}}}", "KafkaBatchInfo.recordsInfo.*.firstRecordTimestamp",
     WIRE_TEXT},
    {OF_RANGE, "lastRecordTimestamp", "}}}}", "KafkaBatchInfo.recordsInfo.*.lastRecordTimestamp", WIRE_TEXT},
    {OF_SINGLE, "offset", "}}}", "KafkaBatchInfo.recordInfo.offset", WIRE_TEXT},
    {OF_SINGLE, "timestamp", "}}}", "KafkaBatchInfo.recordInfo.timestamp", WIRE_TEXT},
    {DOCUMENT, "version", "}", "version", WIRE_TEXT},
    {"{", "invocationId", "}", "invocationId", WIRE_TEXT},
    {DOCUMENT, "functionName", "}", "functionName", WIRE_TEXT},
    {DOCUMENT, "functionArn", "}", "functionArn", WIRE_TEXT},
    {"{", "invocationRequest", "}", "invocationRequest", WIRE_OBJECT},
    {"{\"invocationRequest\":{", "event", "}}", "invocationRequest.event", WIRE_ANY},
    {"{\"invocationRequest\":{", "context", "}}", "invocationRequest.context", WIRE_ANY},
    {"{", "invocationResponse", "}", "invocationResponse", WIRE_OBJECT_OR_NULL},
    {"{\"invocationResponse\":{", "status", "}}", "invocationResponse.status", WIRE_STATUS},
    {"{\"invocationResponse\":{", "body", "}}", "invocationResponse.body", WIRE_ANY},
    {"{", "invocationError", "}", "invocationError", WIRE_ANY},
    {"{", "invocationMetadata", "}", "invocationMetadata", WIRE_OBJECT},
    {OF_METADATA, "timestamp", "}}", "invocationMetadata.timestamp", WIRE_TEXT},
    {OF_METADATA, "condition", "}}", "invocationMetadata.condition", WIRE_TEXT},
    {OF_METADATA, "approximateInvokeCount", "}}", "invocationMetadata.approximateInvokeCount", WIRE_COUNT},
    {OF_METADATA, "statusCode", "}}", "invocationMetadata.statusCode", WIRE_STATUS},
    {OF_METADATA, "executedVersion", "}}", "invocationMetadata.executedVersion", WIRE_TEXT},
    {OF_METADATA, "functionError", "}}", "invocationMetadata.functionError", WIRE_TEXT_OR_NULL},
    {OF_METADATA, "deliveryError", "}}", "invocationMetadata.deliveryError", WIRE_OBJECT},
    {OF_METADATA, "record", "}}", "invocationMetadata.record", WIRE_OBJECT},
    {OF_REST, "requestContext", "}}}", "invocationMetadata.record.requestContext", WIRE_OBJECT},
    {OF_REST, "responseContext", "}}}", "invocationMetadata.record.responseContext", WIRE_OBJECT_OR_NULL},
    {OF_REST, "responsePayload", "}}}", "invocationMetadata.record.responsePayload", WIRE_ANY},
    {OF_REST, "invocationError", "}}}", "invocationMetadata.record.invocationError", WIRE_NULL},
    {OF_REST, "timeWindowInfo", "}}}", "invocationMetadata.record.timeWindowInfo", WIRE_OBJECT},
    {OF_REST, "payload", "}}}", "invocationMetadata.record.payload", WIRE_ANY},
};

/* ---- types ---- */

typedef struct wire_value {
    const char *text;
    unsigned fits; /* a bit a wire_type */
} wire_value;

#define FITS(type) (1u << (type))
#define FITS_INTEGER (FITS(WIRE_COUNT) | FITS(WIRE_STATUS) | FITS(WIRE_ANY))

static const wire_value wire_values[] = {
    {"null", FITS(WIRE_NULL) | FITS(WIRE_TEXT_OR_NULL) | FITS(WIRE_OBJECT_OR_NULL) | FITS(WIRE_ANY)},
    {"true", FITS(WIRE_ANY)},
    {"false", FITS(WIRE_ANY)},
    {"[]", FITS(WIRE_ANY)},
    {"[{}]", FITS(WIRE_ANY)},
    {"{}", FITS(WIRE_OBJECT) | FITS(WIRE_OBJECT_OR_NULL) | FITS(WIRE_ANY)},
    {"\"\"", FITS(WIRE_TEXT) | FITS(WIRE_TEXT_OR_NULL) | FITS(WIRE_ANY)},
    {"\"7\"", FITS(WIRE_TEXT) | FITS(WIRE_TEXT_OR_NULL) | FITS(WIRE_ANY)},
    {"0", FITS_INTEGER},
    {"-0", FITS_INTEGER},
    {"999", FITS_INTEGER},
    {"1000", FITS(WIRE_COUNT) | FITS(WIRE_ANY)},
    {"9007199254740991", FITS(WIRE_COUNT) | FITS(WIRE_ANY)},
    {"9007199254740992", FITS(WIRE_ANY)},
    {"9223372036854775808", FITS(WIRE_ANY)},
    {"123456789012345678901234567890", FITS(WIRE_ANY)},
    {"2.0e2", FITS_INTEGER},
    {"200.5", FITS(WIRE_ANY)},
    {"1e-1", FITS(WIRE_ANY)},
    {"1E400", FITS(WIRE_ANY)},
    {"-1", FITS(WIRE_ANY)},
};

static void expect_type(const wire_member *member, const wire_value *value)
{
    char text[300];
    int at = snprintf(text, sizeof text, "%s\"%s\": \t", member->before, member->name);
    size_t len = (size_t)at +
                 (size_t)snprintf(text + at, sizeof text - (size_t)at, "%s%s", value->text, member->behind);
    lambdest_envelope *env;

    if (!(value->fits & FITS(member->type))) {
        support_refuse(text, len, LAMBDEST_E_SCHEMA, (uint64_t)at, member->where);
        return;
    }
    env = support_parse(NULL, text, len, 0);
    support_expect_written(env, 0, 0, text, len);
    lambdest_envelope_free(env);
}

static void checks_the_type_of_every_member(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(wire_members); i++)
        for (k = 0; k < COUNT_OF(wire_values); k++)
            expect_type(&wire_members[i], &wire_values[k]);
}

/* ---- members given twice ---- */

static const char *any_value(enum wire_type type)
{
    switch (type) {
    case WIRE_TEXT:
    case WIRE_TEXT_OR_NULL:
        return "\"a\"";
    case WIRE_COUNT:
    case WIRE_STATUS:
        return "1";
    case WIRE_NULL:
        return "null";
    case WIRE_OBJECT:
    case WIRE_OBJECT_OR_NULL:
    case WIRE_ANY:
    default:
        return "{}";
    }
}

/* The name with one letter written as an escape. */
static void spell_otherwise(const char *name, char *out)
{
    size_t at = strlen(name) / 2;

    sprintf(out, "%.*s\\u%04x%s", (int)at, name, (unsigned)name[at], name + at + 1);
}

static void expect_twice(const wire_member *member, const char *first, const char *second)
{
    const char *value = any_value(member->type);
    char text[400];
    int at = snprintf(text, sizeof text, "%s\"%s\":%s,\"more\":{},", member->before, first, value);
    size_t len = (size_t)at + (size_t)snprintf(text + at, sizeof text - (size_t)at, "\"%s\":%s%s", second,
                                               value, member->behind);

    support_refuse(text, len, LAMBDEST_E_SCHEMA, (uint64_t)at, member->where);
}

static void refuses_known_members_given_twice(void **state)
{
    char spelling[64];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(wire_members); i++) {
        const wire_member *member = &wire_members[i];

        spell_otherwise(member->name, spelling);
        expect_twice(member, member->name, member->name);
        expect_twice(member, member->name, spelling);
        expect_twice(member, spelling, member->name);
        expect_twice(member, spelling, spelling);
    }
}

/* Places where members not known may stand. */
static const struct place {
    const char *before, *behind, *where;
} places[] = {
    {RECORD, "}", "*"},
    {INSIDE("requestContext"), "}}", "requestContext.*"},
    {INSIDE("responseContext"), "}}", "responseContext.*"},
    {INSIDE("KinesisBatchInfo"), "}}", "KinesisBatchInfo.*"},
    {INSIDE("DDBStreamBatchInfo"), "}}", "DDBStreamBatchInfo.*"},
    {INSIDE("KafkaBatchInfo"), "}}", "KafkaBatchInfo.*"},
    {INSIDE("KafkaBatchInfo") "\"recordsInfo\":{", "}}}", "KafkaBatchInfo.recordsInfo.*"},
    {OF_RANGE, "}}}}", "KafkaBatchInfo.recordsInfo.*.*"},
    {OF_SINGLE, "}}}", "KafkaBatchInfo.recordInfo.*"},
    {DOCUMENT, "}", "*"},
    {"{\"invocationRequest\":{", "}}", "invocationRequest.*"},
    {"{\"invocationResponse\":{", "}}", "invocationResponse.*"},
    {OF_METADATA, "}}", "invocationMetadata.*"},
    {OF_REST, "}}}", "invocationMetadata.record.*"},
    {OF_REST "\"requestContext\":{", "}}}}", "invocationMetadata.record.requestContext.*"},
    {OF_REST "\"responseContext\":{", "}}}}", "invocationMetadata.record.responseContext.*"},
};

static void refuses_unknown_members_given_twice(void **state)
{
    static const char *const pairs[][2] = {{"more", "more"},
                                           {"more", "m\\u006fre"},
                                           {"m\\u006Fre", "mor\\u0065"},
                                           {"\\u0000", "\\u0000"},
                                           {"", ""},
                                           {"\\/", "/"},
                                           {"\xC3\xA9", "\\u00E9"},
                                           {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"}};
    char text[300];
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(places); i++)
        for (k = 0; k < COUNT_OF(pairs); k++) {
            int at = snprintf(text, sizeof text, "%s\"%s\":{},\"else\":{},", places[i].before, pairs[k][0]);
            int len = at + snprintf(text + at, sizeof text - (size_t)at, "\"%s\":{},\"%s\":{}%s", pairs[k][1],
                                    pairs[k][0], places[i].behind);

            support_refuse(text, (size_t)len, LAMBDEST_E_SCHEMA, (uint64_t)at, places[i].where);
        }
}

static void expect_accepted(const char *text)
{
    lambdest_envelope *env = support_parse_text(text);

    support_expect_written(env, 0, 0, text, strlen(text));
    lambdest_envelope_free(env);
}

/* One name on two levels is no name given twice, and payloads are the customer's. */
static void tells_levels_apart(void **state)
{
    (void)state;
    expect_accepted(
        "{\"requestPayload\":{\"a\":1,\"a\":2},\"a\":{\"b\":1,\"b\":2},\"requestContext\":{\"a\":0}}");
    expect_accepted("{\"KafkaBatchInfo\":{\"a\":0,\"recordsInfo\":{\"a\":{\"a\":1},\"b\":{\"a\":1},"
                    "\"offset\":{\"offset\":1},\"recordsInfo\":{}},\"recordInfo\":{\"a\":1}}}");
    expect_accepted("{\"invocationRequest\":{\"event\":{\"a\":1,\"a\":1},\"a\":1},\"a\":1,"
                    "\"invocationMetadata\":{\"a\":1,\"record\":{\"a\":1,\"responseContext\":{\"a\":1}}}}");
    expect_accepted("{\"deliveryError\":{\"a\":1,\"a\":1},\"timeWindowInfo\":{\"a\":1,\"a\":1}}");
    expect_accepted("{\"requestPayload\":1,\"RequestPayload\":2,\"requestPayload \":3,\"requestpayload\":4}");
}

/* Refused by schema where `from` stands. */
static void refuse_from(const char *text, const char *from, const char *where)
{
    support_refuse(text, strlen(text), LAMBDEST_E_SCHEMA, (uint64_t)(strstr(text, from) - text), where);
}

/* A document's metadata and response tell the status; one text must not tell two. */
static void refuses_one_member_under_two_names(void **state)
{
    static const char status[] =
        "{\"invocationResponse\":{\"status\":200},\"invocationMetadata\":{\"statusCode\":200}}";
    static const char payload[] =
        "{\"invocationResponse\":{\"body\":1},\"invocationMetadata\":{\"record\":{\"responsePayload\":1}}}";

    (void)state;
    refuse_from(status, "200}}", "invocationMetadata.statusCode");
    refuse_from(payload, "1}}}", "invocationMetadata.record.responsePayload");
}

/* What is left of a record goes back to where it was: it may not meet a member that is there already. */
static void refuses_a_rest_that_is_none(void **state)
{
    static const char *const names[] = {
        "version",           "timestamp",          "requestPayload",    "deliveryError",
        "KinesisBatchInfo",  "DDBStreamBatchInfo", "KafkaBatchInfo",    "invocationId",
        "invocationRequest", "invocationResponse", "invocationMetadata"};
    char text[200];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(names); i++) {
        int len = snprintf(text, sizeof text, OF_REST "\"%s\":{}}}}", names[i]);

        support_refuse(text, (size_t)len, LAMBDEST_E_SCHEMA, sizeof OF_REST - 1,
                       "invocationMetadata.record.*");
    }
    refuse_from(OF_REST "\"requestContext\":{\"condition\":1}}}}", "\"condition",
                "invocationMetadata.record.requestContext.*");
    refuse_from(OF_REST "\"responseContext\":{\"statusCode\":1}}}}", "\"statusCode",
                "invocationMetadata.record.responseContext.*");
    expect_accepted(OF_REST "\"context\":1,\"functionName\":2,\"functionArn\":3}}}");
}

static void refuses_a_second_batch_info(void **state)
{
    static const char *const names[] = {"KinesisBatchInfo", "DDBStreamBatchInfo", "KafkaBatchInfo"};
    char text[100];
    size_t i, k;

    (void)state;
    for (i = 0; i < 3; i++)
        for (k = 0; k < 3; k++) {
            size_t last = i > k ? i : k;
            int len = snprintf(text, sizeof text, "{\"%s\":{},\"%s\":{}}", names[i], names[k]);
            const char *found = strstr(text, names[last]);

            if (i != k)
                support_refuse(text, (size_t)len, LAMBDEST_E_SCHEMA,
                               (uint64_t)(found - text) + strlen(names[last]) + 2, names[last]);
        }
}

/* ---- what wins ---- */

static void tells_bad_syntax_first(void **state)
{
    static const char *const wrongs[] = {"{\"version\":1,",
                                         "{\"version\":\"1\",\"version\":\"1\",",
                                         "{\"more\":1,\"more\":1,",
                                         "{\"requestContext\":{\"approximateInvokeCount\":-1},",
                                         "{\"KafkaBatchInfo\":{},\"KinesisBatchInfo\":{},",
                                         "{\"requestPayload\":1,\"invocationId\":\"a\","};
    static const struct bad_end {
        const char *text;
        int code;
        size_t at;
    } ends[] = {{"\"a\":}", LAMBDEST_E_SYNTAX, 4},       {"\"a\":[1,2", LAMBDEST_E_SYNTAX, 8},
                {"\"a\":1}}", LAMBDEST_E_SYNTAX, 6},     {"\"a\":\"\xFF\"}", LAMBDEST_E_UTF8, 5},
                {"\"a\":\"\t\"}", LAMBDEST_E_SYNTAX, 5}, {"\"a\":1} x", LAMBDEST_E_SYNTAX, 7}};
    char text[120];
    size_t i, k;

    (void)state;
    for (i = 0; i < COUNT_OF(wrongs); i++)
        for (k = 0; k < COUNT_OF(ends); k++) {
            int len = snprintf(text, sizeof text, "%s%s", wrongs[i], ends[k].text);
            lambdest_envelope *env;
            lambdest_error err;

            assert_int_equal(lambdest_envelope_parse(text, (size_t)len, NULL, &env, &err), ends[k].code);
            assert_null(env);
            assert_int_equal(err.offset, strlen(wrongs[i]) + ends[k].at);
            assert_string_not_equal(err.where, "");
        }
    support_refuse("[1,2", 4, LAMBDEST_E_SYNTAX, 4, "$");
    support_refuse("nul", 3, LAMBDEST_E_SYNTAX, 3, "$");
    support_refuse("{\"a\":\"\xFF\"}", 9, LAMBDEST_E_UTF8, 6, "*");
    support_refuse("{\"requestContext\":{\"approximateInvokeCount\":01}}", 48, LAMBDEST_E_SYNTAX, 45,
                   "requestContext.approximateInvokeCount");
}

/* A text that nests deeply enough for a payload is not too deep for being refused otherwise. */
static void tells_the_schema_of_deep_texts(void **state)
{
    char text[2200];
    size_t len = (size_t)sprintf(text, "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"a\":{\"more\":");

    (void)state;
    memset(text + len, '[', 512);
    memset(text + len + 512, ']', 512);
    len += 1024;
    len += (size_t)sprintf(text + len, "}}},\"version\":");
    strcpy(text + len, "2}");
    support_refuse(text, len + 2, LAMBDEST_E_SCHEMA, len, "version");
}

/* ---- how many ---- */

/* A record with so many members not known, half of them inside; for free(). */
static char *many_members(size_t count, size_t *len)
{
    char *text = malloc(40 * count + 100), *at = text;
    size_t i;

    assert_non_null(text);
    at += sprintf(at, "{\"requestContext\":{\"condition\":\"Success\"");
    for (i = 0; i < count / 2; i++)
        at += sprintf(at, ",\"a%zu\":%zu", i * 7919 % 100000, i);
    at += sprintf(at, "},\"requestPayload\":0");
    for (; i < count; i++)
        at += sprintf(at, ",\"a%zu\":%zu", i, i);
    *at++ = '}';
    *len = (size_t)(at - text);
    return text;
}

static int parse_limited(const char *text, size_t len, uint64_t max_items, lambdest_error *err)
{
    lambdest_options options = support_options(NULL, LAMBDEST_BORROW);
    lambdest_envelope *env = NULL;
    int rc;

    options.max_items = max_items;
    rc = lambdest_envelope_parse(text, len, &options, &env, err);
    if (rc)
        assert_null(env);
    else
        support_expect_written(env, 0, 0, text, len);
    lambdest_envelope_free(env);
    return rc;
}

static void keeps_to_max_items(void **state)
{
    static const char ranges[] = "{\"KafkaBatchInfo\":{\"recordsInfo\":{\"a\":{},\"b\":{}}}}";
    static const char foreign[] = "{\"requestPayload\":1,\"functionName\":1,\"more\":1}";
    lambdest_error err;
    size_t len;
    char *text = many_members(10000, &len);

    (void)state;
    assert_int_equal(parse_limited(text, len, 0, &err), LAMBDEST_OK);
    assert_int_equal(parse_limited(text, len, 10000, &err), LAMBDEST_OK);
    assert_int_equal(parse_limited(text, len, 9999, &err), LAMBDEST_E_TOO_BIG);
    assert_string_equal(err.where, "*");
    free(text);
    text = many_members(10001, &len);
    assert_int_equal(parse_limited(text, len, 0, &err), LAMBDEST_E_TOO_BIG);
    assert_int_equal(parse_limited(text, len, 20000, &err), LAMBDEST_OK);
    free(text);
    assert_int_equal(parse_limited(foreign, sizeof foreign - 1, 2, &err), LAMBDEST_OK);
    assert_int_equal(parse_limited(foreign, sizeof foreign - 1, 1, &err), LAMBDEST_E_TOO_BIG);
    assert_int_equal(parse_limited(ranges, sizeof ranges - 1, 2, &err), LAMBDEST_OK);
    assert_int_equal(parse_limited(ranges, sizeof ranges - 1, 1, &err), LAMBDEST_E_TOO_BIG);
    assert_string_equal(err.where, "KafkaBatchInfo.recordsInfo.*");
}

/* ---- the walk itself ---- */

typedef struct range_names {
    char names[80];
    size_t firsts;
} range_names;

static void note_range(lambdest__walk *w, lambdest__span name)
{
    range_names *seen = w->range_data;
    int first, count = lambdest__level_fields(LEVEL_KAFKA_RANGE, &first);

    strncat(seen->names, (const char *)name.data, name.len);
    strcat(seen->names, ";");
    seen->firsts += count && lambdest__walk_saw(w, first);
}

static void tells_each_range(void **state)
{
    static const char text[] = "{\"recordsInfo\":{\"a-1\":{\"firstRecordOffset\":\"7\"},\"b\\u002d2\":{ },"
                               "\"\":{\"x\":1}}}";
    lambdest__limits limits;
    range_names seen = {"", 0};
    lambdest__walk w;

    (void)state;
    assert_int_equal(lambdest__options_read(NULL, &limits, NULL), LAMBDEST_OK);
    lambdest__walk_init(&w, text, sizeof text - 1, &limits, NULL);
    w.range = note_range;
    w.range_data = &seen;
    assert_int_equal(lambdest__walk_through(&w, LEVEL_KAFKA), LAMBDEST_OK);
    assert_string_equal(seen.names, "a-1;b\\u002d2;;");
    assert_int_equal(seen.firsts, 1);
    assert_int_equal(w.range_count, 3);
    assert_int_equal(w.unknown_count, 4);
}

/* A range's number has 24 bits. The walk is told that it has passed the ranges before these. */
static void numbers_ranges_up_to_24_bits(void **state)
{
    static const char text[] = "{\"recordsInfo\":{\"a-1\":{\"x\":1},\"b-2\":{}}}";
    const size_t last = 0xFFFFFF;
    lambdest__limits limits;
    lambdest__named named[3];
    lambdest__walk w;

    (void)state;
    assert_int_equal(lambdest__options_read(NULL, &limits, NULL), LAMBDEST_OK);
    lambdest__walk_init(&w, text, sizeof text - 1, &limits, named);
    w.range_count = last - 1;
    assert_int_equal(lambdest__walk_through(&w, LEVEL_KAFKA), LAMBDEST_OK);
    assert_int_equal(w.unknown_count, 3);
    assert_int_equal(w.range_count, last + 1);
    assert_int_equal(named[1].level, (uint32_t)LEVEL_KAFKA_RANGE | 0xFFFFFE00);
    lambdest__walk_init(&w, text, sizeof text - 1, &limits, named);
    w.range_count = last;
    assert_int_equal(lambdest__walk_through(&w, LEVEL_KAFKA), LAMBDEST_E_TOO_BIG);
    assert_int_equal(w.unknown_count, 2);
    assert_string_equal(w.where, "KafkaBatchInfo.recordsInfo.*");
}

static void tells_values_with_their_space(void **state)
{
    static const char text[] =
        "{ \"requestPayload\" : [ 1 ]\n,\"version\": \"1\" , \"requestContext\" : { } }";
    lambdest__limits limits;
    lambdest__walk w;
    int payload, version, context;

    (void)state;
    assert_int_equal(lambdest__options_read(NULL, &limits, NULL), LAMBDEST_OK);
    lambdest__walk_init(&w, text, sizeof text - 1, &limits, NULL);
    assert_int_equal(lambdest__walk_through(&w, LEVEL_TOP), LAMBDEST_OK);
    payload = lambdest__field_of(LEVEL_TOP, SLOT_REQUEST_PAYLOAD);
    version = lambdest__field_of(LEVEL_TOP, SLOT_RECORD_VERSION);
    context = lambdest__field_of(LEVEL_TOP, SLOT_REQUEST_CONTEXT);
    support_expect_bytes(w.value[payload].data, w.value[payload].len, "[ 1 ]", 5);
    support_expect_bytes(w.raw[payload].data, w.raw[payload].len, " [ 1 ]\n", 7);
    support_expect_bytes(w.value[version].data, w.value[version].len, "\"1\"", 3);
    support_expect_bytes(w.raw[version].data, w.raw[version].len, "\"1\"", 3);
    support_expect_bytes(w.value[context].data, w.value[context].len, "{ }", 3);
    support_expect_bytes(w.raw[context].data, w.raw[context].len, " { } ", 5);
    assert_false(lambdest__walk_saw(&w, lambdest__field_of(LEVEL_TOP, SLOT_TIMESTAMP)));
    assert_true(lambdest__walk_saw(&w, version));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_the_type_of_every_member),
        cmocka_unit_test(refuses_known_members_given_twice),
        cmocka_unit_test(refuses_unknown_members_given_twice),
        cmocka_unit_test(tells_levels_apart),
        cmocka_unit_test(refuses_one_member_under_two_names),
        cmocka_unit_test(refuses_a_rest_that_is_none),
        cmocka_unit_test(refuses_a_second_batch_info),
        cmocka_unit_test(tells_bad_syntax_first),
        cmocka_unit_test(tells_the_schema_of_deep_texts),
        cmocka_unit_test(keeps_to_max_items),
        cmocka_unit_test(tells_each_range),
        cmocka_unit_test(numbers_ranges_up_to_24_bits),
        cmocka_unit_test(tells_values_with_their_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
