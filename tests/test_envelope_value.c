#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include <lambdest/jansson.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *program; /* argv[0]: what the tests make goes beside it */

/* ---- envelopes and values ---- */

static lambdest_envelope *new_envelope(const lambdest_options *options)
{
    lambdest_envelope *env;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_new(options, &env, &err), LAMBDEST_OK);
    return env;
}

/* An envelope whose request payload is this text. */
static lambdest_envelope *with_payload(const char *json, size_t len)
{
    lambdest_envelope *env = new_envelope(NULL);
    lambdest_error err;

    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, json, len, &err), LAMBDEST_OK);
    return env;
}

static void expect_json(const lambdest_envelope *env, int member, const char *expected)
{
    size_t len;
    const char *json = lambdest_envelope_json(env, member, &len);

    support_expect_bytes(json, len, expected, strlen(expected));
}

static json_t *value_of(const char *json, size_t len)
{
    lambdest_envelope *env = with_payload(json, len);
    lambdest_error err;
    json_t *value = NULL;
    int rc = lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err);

    if (rc)
        fail_msg("%.100s: code %d at %llu, %s", json, rc, (unsigned long long)err.offset, err.message);
    support_expect_ok(&err);
    lambdest_envelope_free(env);
    return value;
}

static void expect_refused(const char *json, size_t len, int code, uint64_t offset)
{
    lambdest_envelope *env = with_payload(json, len);
    lambdest_error err;
    json_t *value = json_true();
    int rc = lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err);

    if (rc != code || err.offset != offset)
        fail_msg("%.200s: code %d at %llu, expected %d at %llu", json, rc, (unsigned long long)err.offset,
                 code, (unsigned long long)offset);
    support_expect_error(&err, code, offset, "requestPayload");
    assert_null(value);
    lambdest_envelope_free(env);
}

static json_t *load(const char *json, size_t len)
{
    json_error_t error;

    return json_loadb(json, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
}

static bool same_real(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* The text as a value is what jansson's own parser makes of it. */
static void expect_as_jansson(const char *json, size_t len)
{
    json_t *expected = load(json, len), *value;

    if (!expected)
        fail_msg("jansson refuses %.200s", json);
    value = value_of(json, len);
    if (!json_equal(value, expected))
        fail_msg("another value than jansson's: %.200s", json);
    json_decref(value);
    json_decref(expected);
}

static char *written(const lambdest_envelope *env, int form, size_t *len)
{
    char *text = NULL;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_write_alloc(env, form, 0, &text, len, &err), LAMBDEST_OK);
    return text;
}

/* ---- numbers and strings ---- */

static void numbers_become_values(void **state)
{
    static const struct {
        const char *spelling;
        bool real;
        int64_t integer;
        double value;
    } rows[] = {
        {"0", false, 0, 0},
        {"7", false, 7, 0},
        {"-12", false, -12, 0},
        {"9007199254740993", false, INT64_C(9007199254740993), 0},
        {"9223372036854775807", false, INT64_MAX, 0},
        {"-9223372036854775808", false, INT64_MIN, 0},
        {"-0", true, 0, -0.0},
        {"0.0", true, 0, 0.0},
        {"-0.0", true, 0, -0.0},
        {"-0e9", true, 0, -0.0},
        {"1.0", true, 0, 1.0},
        {"1e2", true, 0, 100.0},
        {"1E+2", true, 0, 100.0},
        {"1.10", true, 0, 0x1.199999999999ap0},
        {"0.1", true, 0, 0x1.999999999999ap-4},
        {"1e+21", true, 0, 1e21},
        {"9223372036854775808.0", true, 0, 0x1p63},
        {"12345678901234567890e0", true, 0, 0x1.56a95319d63e1p63},
        {"1.7976931348623157e308", true, 0, 0x1.fffffffffffffp1023},
        {"5e-324", true, 0, 0x1p-1074},
        {"1e-400", true, 0, 0.0},
        {"-1e-400", true, 0, -0.0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        json_t *value = value_of(rows[i].spelling, strlen(rows[i].spelling));
        bool same = rows[i].real ? json_is_real(value) && same_real(json_real_value(value), rows[i].value)
                                 : json_is_integer(value) && json_integer_value(value) == rows[i].integer;

        json_decref(value);
        if (!same)
            fail_msg("%s became something else", rows[i].spelling);
    }
}

static void what_no_value_can_hold_is_refused_with_its_offset(void **state)
{
    static const struct {
        const char *json;
        uint64_t offset;
        int code;
    } rows[] = {
        {"9223372036854775808", 0, LAMBDEST_E_UNSUPPORTED},
        {"-9223372036854775809", 0, LAMBDEST_E_UNSUPPORTED},
        {"12345678901234567890", 0, LAMBDEST_E_UNSUPPORTED},
        {"1e309", 0, LAMBDEST_E_UNSUPPORTED},
        {"-1E400", 0, LAMBDEST_E_UNSUPPORTED},
        {"[0, 1e999]", 4, LAMBDEST_E_UNSUPPORTED},
        {"\"\\ud83d\"", 1, LAMBDEST_E_UNSUPPORTED},
        {"\"x\\uDE00\"", 2, LAMBDEST_E_UNSUPPORTED},
        {"\"\\ud83d\\ud83d\\ude00\"", 1, LAMBDEST_E_UNSUPPORTED},
        {"\"\\ud83d\\ude00\\ude00\"", 13, LAMBDEST_E_UNSUPPORTED},
        {"\"\\ud83dx\"", 1, LAMBDEST_E_UNSUPPORTED},
        {"{\"a\":\"ok\", \"b\\udfff\":1}", 13, LAMBDEST_E_UNSUPPORTED},
        {"{\"a\\u0000\":1}", 3, LAMBDEST_E_UNSUPPORTED},
        {"[[{\"\\u0000\":1}]]", 4, LAMBDEST_E_UNSUPPORTED},
        {"{\"a\":1,\"a\":2}", 7, LAMBDEST_E_SCHEMA},
        {"{\"a\":1, \"b\":{\"a\":1}, \"\\u0061\":2}", 21, LAMBDEST_E_SCHEMA},
        {"{\"\":1,\"\":2}", 6, LAMBDEST_E_SCHEMA},
        {"[{}, {\"x\":{}, \"x\":null}]", 14, LAMBDEST_E_SCHEMA},
        /* the first in the text counts */
        {"[\"\\ud83d\", 1e309]", 2, LAMBDEST_E_UNSUPPORTED},
        {"{\"a\":1e309, \"a\":2}", 5, LAMBDEST_E_UNSUPPORTED},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        expect_refused(rows[i].json, strlen(rows[i].json), rows[i].code, rows[i].offset);
}

/* An offset is one into what lambdest_envelope_json gives: without the white space before the value. */
static void offsets_count_in_the_member(void **state)
{
    (void)state;
    expect_refused(" \n [1e309]", 10, LAMBDEST_E_UNSUPPORTED, 1);
}

static void strings_become_values(void **state)
{
    static const struct {
        const char *json;
        const char *text;
        size_t len;
    } rows[] = {
        {"\"\"", "", 0},
        {"\"plain\"", "plain", 5},
        {"\"\\u0000\"", "\0", 1},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"\\u00e9\\u20AC\\ud83d\\uDE00\"", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9},
        {"\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9},
        {"\"\\\\u0000\"", "\\u0000", 6},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        json_t *value = value_of(rows[i].json, strlen(rows[i].json));

        assert_true(json_is_string(value));
        support_expect_bytes(json_string_value(value), json_string_length(value), rows[i].text, rows[i].len);
        json_decref(value);
    }
}

/* Longer than the first memory for decoded text, and shorter again after that. */
static void long_names_and_strings(void **state)
{
    char json[5000];
    int len;

    (void)state;
    len = snprintf(json, sizeof json, "{\"\\n%0*d\":\"\\t%0*d\",\"\\u00e9\":\"\\n\",\"%0*d\":\"%0*d\"}", 600,
                   1, 900, 2, 700, 3, 800, 4);
    expect_as_jansson(json, (size_t)len);
}

/* ---- reading members ---- */

static void every_json_member_has_a_value(void **state)
{
    static const char text[] =
        "{\"invocationId\":\"i\",\"invocationRequest\":{\"event\":[1],\"context\":{\"clientContext\":{\"k\":"
        "\"v\"}}},"
        "\"invocationError\":{\"errorType\":\"T\"},\"invocationMetadata\":{\"timestamp\":\"t\",\"x\":2}}";
    static const struct {
        int member;
        const char *json;
    } rows[] = {
        {LAMBDEST_REQUEST_PAYLOAD, "[1]"},
        {LAMBDEST_CONTEXT, "{\"clientContext\":{\"k\":\"v\"}}"},
        {LAMBDEST_CLIENT_CONTEXT, "{\"k\":\"v\"}"},
        {LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"T\"}"},
        {LAMBDEST_METADATA, "{\"timestamp\":\"t\",\"x\":2}"},
    };
    lambdest_envelope *env;
    lambdest_error err;
    size_t i;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(text, sizeof text - 1, NULL, &env, &err), LAMBDEST_OK);
    for (i = 0; i < COUNT(rows); i++) {
        json_t *expected = load(rows[i].json, strlen(rows[i].json)), *value = NULL;

        assert_int_equal(lambdest_envelope_value(env, rows[i].member, &value, &err), LAMBDEST_OK);
        assert_true(json_equal(value, expected));
        assert_int_equal(value->refcount, 1);
        json_decref(value);
        json_decref(expected);
    }
    lambdest_envelope_free(env);
}

static void the_error_may_be_the_response_payload(void **state)
{
    static const char text[] = "{\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Unhandled\"},"
                               "\"responsePayload\":[true, 1e400]}";
    lambdest_envelope *env;
    lambdest_error err;
    json_t *value;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(text, sizeof text - 1, NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_INVOCATION_ERROR, &value, &err),
                     LAMBDEST_E_UNSUPPORTED);
    support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 7, "responsePayload");
    lambdest_envelope_free(env);
}

static void what_is_absent_has_no_value(void **state)
{
    static const struct {
        int member;
        const char *where;
    } rows[] = {
        {LAMBDEST_REQUEST_PAYLOAD, "requestPayload"},
        {LAMBDEST_INVOCATION_ERROR, "invocationError"},
        {LAMBDEST_CLIENT_CONTEXT, "invocationRequest.context.clientContext"},
        {LAMBDEST_METADATA, "invocationMetadata"},
        {LAMBDEST_KAFKA_BATCH_INFO, "KafkaBatchInfo"},
        {LAMBDEST_CONDITION, "requestContext.condition"},
        {LAMBDEST_STATUS_CODE, "responseContext.statusCode"},
        {LAMBDEST_RESPONSE_CONTEXT, "responseContext"},
        {0, ""},
        {-1, ""},
        {99999, ""},
    };
    lambdest_envelope *env = new_envelope(NULL);
    lambdest_error err;
    size_t i;

    (void)state;
    assert_int_equal(lambdest_envelope_set_text(env, LAMBDEST_CONDITION, "Success", 7, &err), LAMBDEST_OK);
    for (i = 0; i < COUNT(rows); i++) {
        json_t *value = json_true();

        assert_int_equal(lambdest_envelope_value(env, rows[i].member, &value, &err), LAMBDEST_E_ABSENT);
        support_expect_error(&err, LAMBDEST_E_ABSENT, 0, rows[i].where);
        assert_null(value);
    }
    lambdest_envelope_free(env);
}

static void a_null_is_a_value(void **state)
{
    lambdest_envelope *env = with_payload("null", 4);
    lambdest_error err;
    json_t *value;

    (void)state;
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err), LAMBDEST_OK);
    assert_true(json_is_null(value));
    json_decref(value);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_RESPONSE_PAYLOAD, json_null(), &err),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_PAYLOAD), LAMBDEST_NULL);
    expect_json(env, LAMBDEST_RESPONSE_PAYLOAD, "null");
    lambdest_envelope_free(env);
}

static void arguments_that_are_missing(void **state)
{
    lambdest_envelope *env = new_envelope(NULL), *other = env;
    lambdest_options options = {0};
    lambdest_error err;
    json_t *value = json_true();

    (void)state;
    assert_int_equal(lambdest_envelope_value(NULL, LAMBDEST_CONTEXT, &value, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
    assert_null(value);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_CONTEXT, NULL, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_set_value(NULL, LAMBDEST_CONTEXT, json_true(), &err),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_CONTEXT, NULL, &err), LAMBDEST_E_INVAL);
    value = json_true();
    assert_int_equal(lambdest_envelope_to_value(NULL, 0, 0, &value, &err), LAMBDEST_E_INVAL);
    assert_null(value);
    assert_int_equal(lambdest_envelope_to_value(env, 0, 0, NULL, &err), LAMBDEST_E_INVAL);
    value = json_true();
    assert_int_equal(lambdest_envelope_to_value(env, 7, 0, &value, &err), LAMBDEST_E_INVAL);
    assert_null(value);
    assert_int_equal(lambdest_envelope_to_value(env, 0, 64, &value, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_from_value(NULL, NULL, &other, &err), LAMBDEST_E_INVAL);
    assert_null(other);
    assert_int_equal(lambdest_envelope_from_value(json_true(), NULL, NULL, &err), LAMBDEST_E_INVAL);
    options.size = 3;
    other = env;
    assert_int_equal(lambdest_envelope_from_value(json_true(), &options, &other, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    assert_null(other);
    /* and err may be */
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_CONTEXT, &value, NULL), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_CONTEXT, json_true(), NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_from_value(json_true(), NULL, &other, NULL), LAMBDEST_E_SCHEMA);
    lambdest_envelope_free(env);
}

/* ---- setting members ---- */

static void a_value_is_printed_compactly_in_its_own_order(void **state)
{
    lambdest_envelope *env = new_envelope(NULL);
    json_t *value = json_object(), *list = json_array();
    lambdest_error err;

    (void)state;
    json_array_append_new(list, json_integer(INT64_MIN));
    json_array_append_new(list, json_real(0.5));
    json_array_append_new(list, json_real(-0.0));
    json_array_append_new(list, json_true());
    json_array_append_new(list, json_false());
    json_array_append_new(list, json_null());
    json_object_set_new(value, "z", json_stringn("a\0\n\"\\/\xC3\xA9", 8));
    json_object_set(value, "a", list);
    json_object_set(value, "twice the same", list);
    json_object_setn_new(value, "m\0", 2, json_object());
    json_object_set_new(value, "", json_array());
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, value, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(value->refcount, 1);
    json_decref(value);
    json_decref(list);
    expect_json(
        env, LAMBDEST_REQUEST_PAYLOAD,
        "{\"z\":\"a\\u0000\\n\\\"\\\\/\xC3\xA9\",\"a\":[-9223372036854775808,0.5,-0.0,true,false,null],"
        "\"twice the same\":[-9223372036854775808,0.5,-0.0,true,false,null],\"m\\u0000\":{},\"\":[]}");
    lambdest_envelope_free(env);
}

static void every_settable_member_takes_a_value(void **state)
{
    static const int members[] = {
        LAMBDEST_REQUEST_PAYLOAD,       LAMBDEST_RESPONSE_PAYLOAD, LAMBDEST_INVOCATION_ERROR,
        LAMBDEST_DELIVERY_ERROR,        LAMBDEST_CONTEXT,          LAMBDEST_KINESIS_BATCH_INFO,
        LAMBDEST_DDB_STREAM_BATCH_INFO, LAMBDEST_KAFKA_BATCH_INFO, LAMBDEST_TIME_WINDOW_INFO,
        LAMBDEST_BATCH_PAYLOAD,
    };
    json_t *value = json_pack("{s:i}", "batchSize", 3);
    lambdest_error err;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(members); i++) {
        lambdest_envelope *env = new_envelope(NULL);

        assert_int_equal(lambdest_envelope_set_value(env, members[i], value, &err), LAMBDEST_OK);
        expect_json(env, members[i], "{\"batchSize\":3}");
        lambdest_envelope_free(env);
    }
    json_decref(value);
}

static void an_error_brings_its_signs_along(void **state)
{
    lambdest_envelope *env = new_envelope(NULL);
    json_t *value = json_pack("{s:s}", "errorType", "T");
    lambdest_error err;
    int64_t status;

    (void)state;
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_INVOCATION_ERROR, value, &err), LAMBDEST_OK);
    json_decref(value);
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, NULL), "T");
    assert_string_equal(lambdest_envelope_text(env, LAMBDEST_FUNCTION_ERROR, NULL), "Unhandled");
    assert_int_equal(lambdest_envelope_integer(env, LAMBDEST_STATUS_CODE, &status), LAMBDEST_OK);
    assert_int_equal(status, 200);
    lambdest_envelope_free(env);
}

/* Setting this value fails so, and the envelope writes the same bytes before and after. */
static void expect_not_set(lambdest_envelope *env, int member, const json_t *value, int code,
                           const char *where)
{
    size_t before_len, after_len;
    char *before = written(env, 0, &before_len), *after;
    lambdest_error err;

    assert_int_equal(lambdest_envelope_set_value(env, member, value, &err), code);
    support_expect_error(&err, code, 0, where);
    after = written(env, 0, &after_len);
    support_expect_bytes(after, after_len, before, before_len);
    lambdest_free(before);
    lambdest_free(after);
}

static void what_the_wire_cannot_carry_is_not_set(void **state)
{
    lambdest_envelope *env = with_payload("{\"as\":\"before\"}", 15);
    json_t *number = json_integer(1), *info = json_pack("{s:s}", "batchSize", "x");

    (void)state;
    expect_not_set(env, LAMBDEST_CONDITION, number, LAMBDEST_E_INVAL, "requestContext.condition");
    expect_not_set(env, LAMBDEST_METADATA, info, LAMBDEST_E_INVAL, "invocationMetadata");
    expect_not_set(env, LAMBDEST_CLIENT_CONTEXT, info, LAMBDEST_E_INVAL, "");
    expect_not_set(env, 0, number, LAMBDEST_E_INVAL, "");
    expect_not_set(env, LAMBDEST_DELIVERY_ERROR, number, LAMBDEST_E_SCHEMA, "deliveryError");
    expect_not_set(env, LAMBDEST_TIME_WINDOW_INFO, json_null(), LAMBDEST_E_SCHEMA, "timeWindowInfo");
    expect_not_set(env, LAMBDEST_KINESIS_BATCH_INFO, info, LAMBDEST_E_SCHEMA, "KinesisBatchInfo.batchSize");
    json_decref(number);
    json_decref(info);
    lambdest_envelope_free(env);
}

static void strings_that_are_no_utf8_are_not_set(void **state)
{
    lambdest_envelope *env = with_payload("1", 1);
    json_t *value = json_array(), *named = json_object();

    (void)state;
    json_array_append_new(value, json_string("fine"));
    json_array_append_new(value, json_string_nocheck("not \xFF"));
    json_object_set_new_nocheck(named, "a\xC3", json_true());
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, value, LAMBDEST_E_UTF8, "requestPayload");
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, named, LAMBDEST_E_UTF8, "requestPayload");
    json_decref(value);
    json_decref(named);
    lambdest_envelope_free(env);
}

static void a_value_that_holds_itself_is_too_deep(void **state)
{
    lambdest_envelope *env = with_payload("1", 1), *none;
    json_t *list = json_array(), *inner = json_array(), *object = json_object(), *member = json_object();
    lambdest_error err;

    (void)state;
    json_array_append(list, inner);
    json_array_append(inner, list);
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, list, LAMBDEST_E_DEPTH, "requestPayload");
    json_array_clear(inner);
    json_object_set(object, "m", member);
    json_object_set(member, "o", object);
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, object, LAMBDEST_E_DEPTH, "requestPayload");
    assert_int_equal(lambdest_envelope_from_value(object, NULL, &none, &err), LAMBDEST_E_DEPTH);
    support_expect_error(&err, LAMBDEST_E_DEPTH, 0, "$");
    json_object_clear(member);
    json_decref(list);
    json_decref(inner);
    json_decref(object);
    json_decref(member);
    lambdest_envelope_free(env);
}

/* Forty arrays that hold the next one twice print to 2^40 values. */
static void few_values_that_print_endlessly_are_too_big(void **state)
{
    lambdest_options options = {.size = sizeof options, .max_bytes = 100000};
    lambdest_envelope *env = new_envelope(&options), *none;
    json_t *value = json_array(), *outer;
    lambdest_error err;
    int i;

    (void)state;
    for (i = 0; i < 40; i++) {
        outer = json_array();
        json_array_append(outer, value);
        json_array_append_new(outer, value);
        value = outer;
    }
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, value, LAMBDEST_E_TOO_BIG, "requestPayload");
    outer = json_object();
    json_object_set_new(outer, "requestPayload", value);
    assert_int_equal(lambdest_envelope_from_value(outer, &options, &none, &err), LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 0, "$");
    json_decref(outer);
    lambdest_envelope_free(env);
}

static void the_limit_of_bytes_is_kept_to_the_byte(void **state)
{
    lambdest_options options = {.size = sizeof options, .max_bytes = 14};
    lambdest_envelope *env = new_envelope(&options);
    json_t *fits = json_string("\x01\x01"), *too_long = json_string("\x01\x01 ");
    lambdest_error err;

    (void)state;
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, too_long, LAMBDEST_E_TOO_BIG, "requestPayload");
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, fits, &err), LAMBDEST_OK);
    expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "\"\\u0001\\u0001\"");
    json_decref(fits);
    json_decref(too_long);
    lambdest_envelope_free(env);
}

/* A value is copied even where texts are borrowed, and texts are borrowed again after that. */
static void a_value_is_never_borrowed(void **state)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_envelope *env = new_envelope(&options), *parsed;
    char text[] = "[\"borrowed\"]";
    json_t *value = json_pack("{s:s}", "k", "v"), *whole;
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, value, &err), LAMBDEST_OK);
    json_decref(value);
    expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "{\"k\":\"v\"}");
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, text, strlen(text), &err),
                     LAMBDEST_OK);
    assert_ptr_equal(lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, NULL), text);

    assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &whole, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_from_value(whole, &options, &parsed, &err), LAMBDEST_OK);
    json_decref(whole);
    expect_json(parsed, LAMBDEST_RESPONSE_PAYLOAD, "[\"borrowed\"]");
    assert_int_equal(lambdest_envelope_set_json(parsed, LAMBDEST_RESPONSE_PAYLOAD, text, strlen(text), &err),
                     LAMBDEST_OK);
    assert_ptr_equal(lambdest_envelope_json(parsed, LAMBDEST_RESPONSE_PAYLOAD, NULL), text);
    lambdest_envelope_free(parsed);
    lambdest_envelope_free(env);
}

/* ---- depth ---- */

static size_t put_nested(char *out, const char *open, const char *middle, const char *close, size_t depth)
{
    size_t i, len = 0;

    for (i = 0; i < depth; i++) {
        memcpy(out + len, open, strlen(open));
        len += strlen(open);
    }
    memcpy(out + len, middle, strlen(middle));
    len += strlen(middle);
    for (i = 0; i < depth; i++) {
        memcpy(out + len, close, strlen(close));
        len += strlen(close);
    }
    return len;
}

static json_t *nested_value(size_t depth)
{
    json_t *value = json_true(), *outer;

    for (; depth; depth--) {
        outer = depth % 2 ? json_object() : json_array();
        if (depth % 2)
            json_object_set_new(outer, "a", value);
        else
            json_array_append_new(outer, value);
        value = outer;
    }
    return value;
}

static void members_nest_to_512(void **state)
{
    lambdest_options options = {.size = sizeof options, .max_depth = 2000};
    lambdest_envelope *env = new_envelope(&options);
    char text[8000];
    size_t len;
    lambdest_error err;
    json_t *value, *deep;

    (void)state;
    len = put_nested(text, "[", "1", "]", 512);
    expect_as_jansson(text, len);
    len = put_nested(text, "{\"a\":", "{}", "}", 511);
    expect_as_jansson(text, len);
    len = put_nested(text, "[", "[]", "]", 512);
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, text, len, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err), LAMBDEST_E_DEPTH);
    support_expect_error(&err, LAMBDEST_E_DEPTH, 512, "requestPayload");
    assert_null(value);

    deep = nested_value(513);
    expect_not_set(env, LAMBDEST_REQUEST_PAYLOAD, deep, LAMBDEST_E_DEPTH, "requestPayload");
    json_decref(deep);
    deep = nested_value(512);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, deep, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err), LAMBDEST_OK);
    assert_true(json_equal(value, deep));
    json_decref(value);
    json_decref(deep);
    lambdest_envelope_free(env);
}

static void max_depth_is_kept_where_it_is_less(void **state)
{
    lambdest_options options = {.size = sizeof options, .max_depth = 3};
    lambdest_envelope *env = new_envelope(&options), *none;
    json_t *fits = nested_value(3), *deep = nested_value(4), *whole = json_object();
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_CONTEXT, fits, &err), LAMBDEST_OK);
    expect_not_set(env, LAMBDEST_CONTEXT, deep, LAMBDEST_E_DEPTH, "invocationRequest.context");
    json_object_set_new(whole, "requestPayload", deep);
    assert_int_equal(lambdest_envelope_from_value(whole, &options, &none, &err), LAMBDEST_E_DEPTH);
    support_expect_error(&err, LAMBDEST_E_DEPTH, 0, "requestPayload");
    assert_null(none);
    json_decref(whole);
    json_decref(fits);
    lambdest_envelope_free(env);
}

/* Whatever default limits let in goes to values and back, however deep in the envelope it stands. */
static void whole_envelopes_carry_payloads_of_512(void **state)
{
    static const char *const rows[][2] = {
        {"{\"requestPayload\":", "}"},
        {"{\"functionArn\":\"x\",\"invocationMetadata\":{\"record\":{\"responsePayload\":", "}}}"},
        {"{\"requestPayload\":1,\"KafkaBatchInfo\":{\"recordsInfo\":{\"t-0\":{\"unknown\":", "}}}}"},
    };
    char text[8000];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        size_t from = strlen(rows[i][0]), len = from + put_nested(text + from, "[", "1", "]", 512);
        lambdest_envelope *env, *back;
        json_t *value, *expected;
        lambdest_error err;

        memcpy(text, rows[i][0], from);
        memcpy(text + len, rows[i][1], strlen(rows[i][1]));
        len += strlen(rows[i][1]);
        assert_int_equal(lambdest_envelope_parse(text, len, NULL, &env, &err), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &value, &err), LAMBDEST_OK);
        expected = load(text, len);
        assert_true(json_equal(value, expected));
        json_decref(expected);
        assert_int_equal(lambdest_envelope_from_value(value, NULL, &back, &err), LAMBDEST_OK);
        json_decref(value);
        lambdest_envelope_free(back);
        if (i == 1) {
            assert_int_equal(lambdest_envelope_value(env, LAMBDEST_METADATA, &value, &err), LAMBDEST_OK);
            json_decref(value);
        }
        if (i == 2) {
            assert_int_equal(lambdest_envelope_value(env, LAMBDEST_KAFKA_BATCH_INFO, &value, &err),
                             LAMBDEST_OK);
            json_decref(value);
        }
        lambdest_envelope_free(env);
    }
}

static void whole_envelopes_nest_to_518(void **state)
{
    lambdest_options options = {.size = sizeof options, .max_depth = 2000};
    lambdest_envelope *env = new_envelope(&options), *none;
    json_t *value, *whole;
    lambdest_error err;
    char text[2000];
    size_t len = put_nested(text, "[", "1", "]", 518);

    (void)state;
    assert_int_equal(lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, text, len, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &value, &err), LAMBDEST_E_DEPTH);
    assert_int_equal(err.code, LAMBDEST_E_DEPTH);
    assert_string_equal(err.where, "$");
    assert_int_equal(err.offset,
                     strlen("{\"version\":\"1.0\",\"requestContext\":{},\"requestPayload\":") + 517);
    assert_null(value);
    whole = json_pack("{s:o}", "requestPayload", nested_value(518));
    assert_int_equal(lambdest_envelope_from_value(whole, &options, &none, &err), LAMBDEST_E_DEPTH);
    support_expect_error(&err, LAMBDEST_E_DEPTH, 0, "$");
    json_decref(whole);
    whole = json_pack("{s:o}", "requestPayload", nested_value(517));
    assert_int_equal(lambdest_envelope_from_value(whole, &options, &none, &err), LAMBDEST_OK);
    lambdest_envelope_free(none);
    json_decref(whole);
    lambdest_envelope_free(env);
}

/* ---- whole envelopes ---- */

static void an_envelope_becomes_an_object_and_comes_back(void **state)
{
    static const char record[] =
        "{\"version\":\"1.0\",\"requestContext\":{\"requestId\":\"r\",\"condition\":\"Success\"},"
        "\"requestPayload\":{\"z\":1,\"a\":[2.5]},\"responsePayload\":null,\"unknown\":{\"x\":\"y\"}}";
    lambdest_envelope *env, *back;
    json_t *value, *expected = load(record, sizeof record - 1);
    lambdest_error err;
    char *text;
    size_t len;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(record, sizeof record - 1, NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &value, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_true(json_equal(value, expected));
    assert_int_equal(value->refcount, 1);
    assert_int_equal(lambdest_envelope_from_value(value, NULL, &back, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(value->refcount, 1);
    json_decref(value);
    assert_int_equal(lambdest_envelope_form(back), LAMBDEST_RECORD);
    text = written(back, 0, &len);
    support_expect_bytes(text, len, record, sizeof record - 1);
    lambdest_free(text);
    lambdest_envelope_free(back);
    lambdest_envelope_free(env);
    json_decref(expected);
}

static void the_form_and_the_flags_count(void **state)
{
    static const char record[] =
        "{\"requestPayload\":1,\"responseContext\":{\"functionError\":\"Unhandled\"},"
        "\"responsePayload\":{\"errorType\":\"T\"}}";
    static const char batch[] = "{\"KinesisBatchInfo\":{\"shardId\":\"s\"}}";
    lambdest_envelope *env;
    lambdest_error err;
    json_t *value;

    (void)state;
    assert_int_equal(lambdest_envelope_parse(record, sizeof record - 1, NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_to_value(env, LAMBDEST_DOCUMENT, 0, &value, &err), LAMBDEST_OK);
    assert_non_null(json_object_get(value, "invocationRequest"));
    json_decref(value);
    assert_int_equal(
        lambdest_envelope_to_value(env, 0, LAMBDEST_EXPLICIT_ERROR | LAMBDEST_COMPACT, &value, &err),
        LAMBDEST_OK);
    assert_true(
        json_equal(json_object_get(value, "invocationError"), json_object_get(value, "responsePayload")));
    json_decref(value);
    lambdest_envelope_free(env);
    assert_int_equal(lambdest_envelope_parse(batch, sizeof batch - 1, NULL, &env, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_envelope_to_value(env, LAMBDEST_DOCUMENT, 0, &value, &err),
                     LAMBDEST_E_UNSUPPORTED);
    support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 0, "");
    assert_null(value);
    lambdest_envelope_free(env);
}

/* What an envelope carries unharmed and no value can hold: an offset into the text as it would be written. */
static void an_envelope_that_no_value_can_hold(void **state)
{
    static const struct {
        const char *record;
        const char *at;
        int code;
    } rows[] = {
        {" {\"requestPayload\":[1e400]}", "1e400", LAMBDEST_E_UNSUPPORTED},
        {"{\"requestPayload\":0,\"x\":\"\\ud83d\"}", "\\ud83d", LAMBDEST_E_UNSUPPORTED},
        {"{\"requestPayload\":{\"a\":1,\"a\":2}}", "\"a\":2", LAMBDEST_E_SCHEMA},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const char *record = rows[i].record;
        lambdest_envelope *env;
        lambdest_error err;
        json_t *value = json_true();

        assert_int_equal(lambdest_envelope_parse(record, strlen(record), NULL, &env, &err), LAMBDEST_OK);
        assert_int_equal(lambdest_envelope_to_value(env, 0, 0, &value, &err), rows[i].code);
        support_expect_error(&err, rows[i].code, (uint64_t)(strstr(record, rows[i].at) - record), "$");
        assert_null(value);
        lambdest_envelope_free(env);
    }
}

static void an_object_that_is_no_envelope(void **state)
{
    static const struct {
        const char *json;
        const char *where;
        int code;
    } rows[] = {
        {"[]", "$", LAMBDEST_E_SCHEMA},
        {"null", "$", LAMBDEST_E_SCHEMA},
        {"{}", "$", LAMBDEST_E_SCHEMA},
        {"{\"requestPayload\":1,\"invocationId\":\"x\"}", "$", LAMBDEST_E_SCHEMA},
        {"{\"requestPayload\":1,\"requestContext\":{\"requestId\":1}}", "requestContext.requestId",
         LAMBDEST_E_SCHEMA},
        {"{\"requestPayload\":1,\"responseContext\":{\"statusCode\":200.5}}", "responseContext.statusCode",
         LAMBDEST_E_SCHEMA},
        {"{\"context\":{},\"KinesisBatchInfo\":{}}", "context", LAMBDEST_E_UNSUPPORTED},
    };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        json_t *value = load(rows[i].json, strlen(rows[i].json));
        lambdest_envelope *env;
        lambdest_error err;

        assert_int_equal(lambdest_envelope_from_value(value, NULL, &env, &err), rows[i].code);
        support_expect_error(&err, rows[i].code, 0, rows[i].where);
        assert_null(env);
        json_decref(value);
    }
}

static void options_reach_an_envelope_from_an_object(void **state)
{
    support_memory *memory = *state;
    lambdest_options options = {.size = sizeof options, .max_bytes = 30, .alloc = &memory->alloc};
    lambdest_envelope *env;
    json_t *value = json_pack("{s:s}", "requestPayload", "12345678"),
           *too_long = json_string("1234567890123456789012345678 ");
    lambdest_error err;

    assert_int_equal(lambdest_envelope_from_value(value, &options, &env, &err), LAMBDEST_OK);
    assert_int_equal(memory->blocks, 1);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_CONTEXT, too_long, &err), LAMBDEST_E_TOO_BIG);
    lambdest_envelope_free(env);
    options.max_bytes = 29;
    json_object_set_new(value, "requestPayload", json_string("1234567890"));
    assert_int_equal(lambdest_envelope_from_value(value, &options, &env, &err), LAMBDEST_E_TOO_BIG);
    json_decref(value);
    json_decref(too_long);
}

/* ---- locales ---- */

static int restore_locale(void **state)
{
    (void)state;
    return setlocale(LC_ALL, "C") ? 0 : -1;
}

/* Sets a locale with this decimal point (`symbol` in localedef's words): one that is installed, else one made
 * beside the program. */
static bool set_decimal_point(const char *point, const char *symbol, const char *charmap)
{
    static const char *const installed[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8", "ps_AF.UTF-8"};
    char dir[4096], command[13000], name[16];
    FILE *source;
    size_t i;

    for (i = 0; i < COUNT(installed); i++)
        if (setlocale(LC_ALL, installed[i]) && !strcmp(localeconv()->decimal_point, point))
            return true;
    snprintf(name, sizeof name, "point_%02x", (unsigned char)point[strlen(point) - 1]);
    snprintf(dir, sizeof dir, "%s.locale", program);
    (void)mkdir(dir, 0777);
    snprintf(command, sizeof command, "%s/source", dir);
    source = fopen(command, "w");
    if (!source)
        return false;
    fprintf(source, "LC_NUMERIC\ndecimal_point \"%s\"\nthousands_sep \"\"\ngrouping -1\nEND LC_NUMERIC\n",
            symbol);
    fclose(source);
    /* This machine's localedef may be another's: under an emulator. */
    snprintf(command, sizeof command,
             "localedef -c --no-archive --%s-endian -f %s -i '%s/source' '%s/%s' >/dev/null 2>&1",
             __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? "big" : "little", charmap, dir, dir, name);
    (void)!system(command);
    if (setenv("LOCPATH", dir, 1) || !setlocale(LC_ALL, name))
        return false;
    return !strcmp(localeconv()->decimal_point, point);
}

static void a_decimal_comma_changes_nothing(void **state)
{
    lambdest_envelope *env;
    lambdest_error err;
    char shown[40];
    json_t *value;

    (void)state;
    if (!set_decimal_point(",", ",", "ANSI_X3.4-1968")) {
        print_message("no locale with a decimal comma, and localedef makes none\n");
        skip();
    }
    snprintf(shown, sizeof shown, "%.1f", 1.5);
    assert_string_equal(shown, "1,5");
    env = with_payload("[1.5,-0.25,1e-3,12345678.5]", 27);
    assert_int_equal(lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &value, &err), LAMBDEST_OK);
    assert_true(json_real_value(json_array_get(value, 0)) == 1.5);
    assert_true(json_real_value(json_array_get(value, 1)) == -0.25);
    assert_true(json_real_value(json_array_get(value, 2)) == 0x1.0624dd2f1a9fcp-10);
    assert_true(json_real_value(json_array_get(value, 3)) == 12345678.5);
    json_array_remove(value, 2);
    assert_int_equal(lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, value, &err), LAMBDEST_OK);
    json_decref(value);
    expect_json(env, LAMBDEST_REQUEST_PAYLOAD, "[1.5,-0.25,12345678.5]");
    lambdest_envelope_free(env);
}

/* Where the point has two bytes, jansson before 2.14.1 prints a real that is no JSON: no text of the kind gets
 * into an envelope. Later ones print it right. */
static void expect_refused_or_right(const char *point, const char *symbol, const char *charmap)
{
    json_t *value = json_pack("{s:f}", "requestPayload", 1.5);
    lambdest_envelope *env, *parsed;
    lambdest_error err;
    int rc;

    if (!set_decimal_point(point, symbol, charmap)) {
        json_decref(value);
        print_message("no locale with a decimal point of two bytes, and localedef makes none\n");
        skip();
    }
    env = with_payload("1.25", 4);
    rc = lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, json_object_get(value, "requestPayload"),
                                     NULL);
    assert_true(rc == LAMBDEST_OK || rc == LAMBDEST_E_UNSUPPORTED);
    expect_json(env, LAMBDEST_REQUEST_PAYLOAD, rc ? "1.25" : "1.5");
    rc = lambdest_envelope_set_value(env, LAMBDEST_REQUEST_PAYLOAD, json_object_get(value, "requestPayload"),
                                     &err);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 0, "requestPayload");
    expect_json(env, LAMBDEST_REQUEST_PAYLOAD, rc ? "1.25" : "1.5");
    assert_int_equal(lambdest_envelope_from_value(value, NULL, &parsed, &err), rc);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_UNSUPPORTED, 0, "requestPayload");
    lambdest_envelope_free(parsed);
    lambdest_envelope_free(env);
    json_decref(value);
}

/* Pashto: jansson leaves a byte that is no UTF-8. */
static void a_decimal_point_of_two_bytes_is_refused_or_right(void **state)
{
    (void)state;
    expect_refused_or_right("\xD9\xAB", "<U066B>", "UTF-8");
}

/* Its second byte is a D. */
static void a_decimal_point_that_ends_in_a_letter_is_refused_or_right(void **state)
{
    (void)state;
    expect_refused_or_right("\xA1\x44", "<UFF0E>", "BIG5");
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_values),
        cmocka_unit_test(what_no_value_can_hold_is_refused_with_its_offset),
        cmocka_unit_test(offsets_count_in_the_member),
        cmocka_unit_test(strings_become_values),
        cmocka_unit_test(long_names_and_strings),
        cmocka_unit_test(every_json_member_has_a_value),
        cmocka_unit_test(the_error_may_be_the_response_payload),
        cmocka_unit_test(what_is_absent_has_no_value),
        cmocka_unit_test(a_null_is_a_value),
        cmocka_unit_test(arguments_that_are_missing),
        cmocka_unit_test(a_value_is_printed_compactly_in_its_own_order),
        cmocka_unit_test(every_settable_member_takes_a_value),
        cmocka_unit_test(an_error_brings_its_signs_along),
        cmocka_unit_test(what_the_wire_cannot_carry_is_not_set),
        cmocka_unit_test(strings_that_are_no_utf8_are_not_set),
        cmocka_unit_test(a_value_that_holds_itself_is_too_deep),
        cmocka_unit_test(few_values_that_print_endlessly_are_too_big),
        cmocka_unit_test(the_limit_of_bytes_is_kept_to_the_byte),
        cmocka_unit_test(a_value_is_never_borrowed),
        cmocka_unit_test(members_nest_to_512),
        cmocka_unit_test(max_depth_is_kept_where_it_is_less),
        cmocka_unit_test(whole_envelopes_carry_payloads_of_512),
        cmocka_unit_test(whole_envelopes_nest_to_518),
        cmocka_unit_test(an_envelope_becomes_an_object_and_comes_back),
        cmocka_unit_test(the_form_and_the_flags_count),
        cmocka_unit_test(an_envelope_that_no_value_can_hold),
        cmocka_unit_test(an_object_that_is_no_envelope),
        cmocka_unit_test_setup_teardown(options_reach_an_envelope_from_an_object, support_setup,
                                        support_teardown),
        cmocka_unit_test_teardown(a_decimal_comma_changes_nothing, restore_locale),
        cmocka_unit_test_teardown(a_decimal_point_of_two_bytes_is_refused_or_right, restore_locale),
        cmocka_unit_test_teardown(a_decimal_point_that_ends_in_a_letter_is_refused_or_right, restore_locale),
    };

    program = argc > 0 ? argv[0] : "test_envelope_value";
    return cmocka_run_group_tests(tests, NULL, NULL);
}
