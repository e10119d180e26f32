#include "support_envelope.h"

#include <dirent.h>
#include <stdio.h>

/* ---- every file that is a record, and texts as they seldom come ---- */

enum {
    MOST_TEXTS = 80
};

typedef struct corpus {
    char *texts[MOST_TEXTS];
    size_t lens[MOST_TEXTS];
    size_t count;
} corpus;

static const char *const odd_texts[] = {
    " \n{ \"requestPayload\" :\t[ 1 , 2 ]\r\n}\n\n ",
    "{\"z\":1,\"request\\u0050ayload\": 1e+21 ,\"requestContext\" : {\"\\u0063ondition\" :\"Success\" , "
    "\"q\":{} } }",
    "{\"responsePayload\":\"\\ud83d\\u0000 \\\" \",\"requestPayload\":-0,\"version\":\"\\u0031\"}",
    "{\"responsePayload\":{\"a\":1,\"a\": 2},\"invocationError\":{\"errorType\" : "
    "\"E\"},\"requestPayload\":1E400}",
    "{\"invocationMetadata\":{ \"x\" : 1 },\"invocationRequest\":{ \"event\": 12345678901234567890123 }}",
    "{\"invocationId\":\"\",\"invocationResponse\": null , \"more\":\" a b\\t\\\\\"}",
    "{\"KafkaBatchInfo\": { \"recordsInfo\" : { \"a-1\" : { } } } ,\"payload\":\" { } \"}",
};

static void take(corpus *c, char *text, size_t len)
{
    assert_in_range(c->count, 0, MOST_TEXTS - 1);
    c->texts[c->count] = text;
    c->lens[c->count++] = len;
}

static int is_bare(const char *name)
{
    static const char *const kinds[] = {"async-", "kinesis-", "dynamodb-", "kafka-", "s3-async-"};
    size_t i;

    for (i = 0; i < COUNT_OF(kinds); i++)
        if (!strncmp(name, kinds[i], strlen(kinds[i])))
            return 1;
    return 0;
}

static int corpus_setup(void **state)
{
    static corpus c;
    DIR *dir = opendir("tests/records");
    const struct dirent *entry;
    size_t i, len;

    c.count = 0;
    for (i = 0; i < COUNT_OF(odd_texts); i++)
        take(&c, support_exact(odd_texts[i], strlen(odd_texts[i])), strlen(odd_texts[i]));
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char path[300];

        snprintf(path, sizeof path, "tests/records/%s", entry->d_name);
        if (is_bare(entry->d_name)) {
            char *text = support_load(path, &len);

            take(&c, text, len);
        }
    }
    closedir(dir);
    assert_in_range(c.count, COUNT_OF(odd_texts) + 32, MOST_TEXTS);
    *state = &c;
    return 0;
}

static int corpus_teardown(void **state)
{
    corpus *c = *state;

    while (c->count)
        free(c->texts[--c->count]);
    return 0;
}

/* ---- identical bytes ---- */

static void writes_back_what_was_read(void **state)
{
    const corpus *c = *state;
    size_t i;

    for (i = 0; i < 2 * c->count; i++) {
        const char *text = c->texts[i / 2];
        size_t len = c->lens[i / 2];
        lambdest_envelope *env = support_parse(NULL, text, len, i % 2 ? LAMBDEST_BORROW : 0);

        support_expect_written(env, 0, 0, text, len);
        support_expect_written(env, lambdest_envelope_form(env), 0, text, len);
        if (lambdest_envelope_form(env) == LAMBDEST_DOCUMENT)
            support_expect_written(env, 0, LAMBDEST_EXPLICIT_ERROR, text, len);
        lambdest_envelope_free(env);
    }
}

/* ---- compact ---- */

/* The definition: white space outside of strings goes. */
static size_t without_space(const char *text, size_t len, char *out)
{
    bool string = false;
    size_t i, n = 0;

    for (i = 0; i < len; i++) {
        if (!string && strchr(" \t\r\n", text[i]) && text[i])
            continue;
        out[n++] = text[i];
        if (string && text[i] == '\\')
            out[n++] = text[++i];
        else if (text[i] == '"')
            string = !string;
    }
    return n;
}

static void expect_compact(const lambdest_envelope *env, int form, uint32_t flags)
{
    size_t len, n;
    char *text = support_write(env, form, flags, &len), *expected = malloc(len);

    assert_non_null(expected);
    n = without_space(text, len, expected);
    support_expect_written(env, form, flags | LAMBDEST_COMPACT, expected, n);
    free(expected);
    lambdest_free(text);
}

static void compacts_by_definition(void **state)
{
    const corpus *c = *state;
    size_t i;

    for (i = 0; i < c->count; i++) {
        lambdest_envelope *env = support_parse(NULL, c->texts[i], c->lens[i], 0);

        expect_compact(env, LAMBDEST_RECORD, 0);
        expect_compact(env, LAMBDEST_RECORD, LAMBDEST_EXPLICIT_ERROR);
        if (lambdest_envelope_kind(env) == LAMBDEST_ASYNC)
            expect_compact(env, LAMBDEST_DOCUMENT, 0);
        support_set_text(env, LAMBDEST_REQUEST_ID, "changed");
        expect_compact(env, 0, 0);
        lambdest_envelope_free(env);
    }
}

/* ---- the explicit error ---- */

static const struct explicit_case {
    const char *text, *expected;
} explicit_cases[] = {
    {"{\"requestPayload\": 1 ,\"responseContext\":{\"functionError\":\"Unhandled\"},\"responsePayload\": "
     "{\"a\": 1} }",
     "{\"requestPayload\": 1 ,\"responseContext\":{\"functionError\":\"Unhandled\"},\"responsePayload\": "
     "{\"a\": 1} ,"
     "\"invocationError\": {\"a\": 1} }"},
    {"{\"responsePayload\":null,\"responseContext\":{\"functionError\":\"\"},\"x\":1}",
     "{\"responseContext\":{\"functionError\":\"\"},\"responsePayload\":null,\"invocationError\":null,\"x\":"
     "1}"},
    /* nothing to name, or named already */
    {"{\"responsePayload\": 1, \"requestContext\":{}}", "{\"responsePayload\": 1, \"requestContext\":{}}"},
    {"{\"responseContext\":{\"functionError\":\"\"} }", "{\"responseContext\":{\"functionError\":\"\"} }"},
    {"{\"invocationError\": {},\"requestPayload\":1 }", "{\"invocationError\": {},\"requestPayload\":1 }"},
    /* from a document */
    {"{\"invocationError\":\"e\"}",
     "{\"responseContext\":{\"statusCode\":200,\"functionError\":\"Unhandled\"},\"responsePayload\":\"e\","
     "\"invocationError\":\"e\"}"},
    {"{\"invocationResponse\":{\"status\":200}}", "{\"responseContext\":{\"statusCode\":200}}"},
    {"{\"KinesisBatchInfo\":{},\"responseContext\":{\"functionError\":\"Unhandled\"},\"responsePayload\":1}",
     "{\"responseContext\":{\"functionError\":\"Unhandled\"},\"KinesisBatchInfo\":{},\"responsePayload\":1,"
     "\"invocationError\":1}"},
};

static void names_the_error_on_demand(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT_OF(explicit_cases); i++) {
        lambdest_envelope *env = support_parse_text(explicit_cases[i].text), *again;
        const char *expected = explicit_cases[i].expected;

        support_expect_written(env, LAMBDEST_RECORD, LAMBDEST_EXPLICIT_ERROR, expected, strlen(expected));
        again = support_parse_text(expected);
        assert_int_equal(lambdest_envelope_outcome(again), lambdest_envelope_outcome(env));
        support_expect_written(again, 0, LAMBDEST_EXPLICIT_ERROR, expected, strlen(expected));
        lambdest_envelope_free(again);
        lambdest_envelope_free(env);
    }
}

/* ---- buffers ---- */

static void keeps_to_the_buffer(void **state)
{
    static const char text[] = "{\"requestPayload\":[1] }";
    lambdest_envelope *env = support_parse_text(text);
    size_t cap, need, len = sizeof text - 1;
    lambdest_error err;
    char buf[64], blank[64];

    (void)state;
    memset(blank, 'x', sizeof blank);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, NULL, 0, &need, &err), LAMBDEST_E_NOSPC);
    assert_int_equal(need, len);
    for (cap = 0; cap <= len; cap++) {
        memset(buf, 'x', sizeof buf);
        need = 77;
        assert_int_equal(lambdest_envelope_write(env, 0, 0, buf, cap, &need, &err), LAMBDEST_E_NOSPC);
        support_expect_error(&err, LAMBDEST_E_NOSPC, 0, "");
        assert_int_equal(need, len);
        assert_memory_equal(buf, blank, sizeof buf);
    }
    memset(buf, 'x', sizeof buf);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, buf, len + 1, &need, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(need, len);
    support_expect_bytes(buf, len + 2, "{\"requestPayload\":[1] }\0x", len + 2);
    assert_int_equal(lambdest_envelope_write(env, 0, LAMBDEST_COMPACT, buf, len, &need, NULL), LAMBDEST_OK);
    assert_int_equal(need, len - 1);
    lambdest_envelope_free(env);
}

static void refuses_bad_arguments(void **state)
{
    static const int forms[] = {1, -1, LAMBDEST_ASYNC, LAMBDEST_RECORD - 1, LAMBDEST_CLOUDEVENT + 1};
    lambdest_envelope *env = support_parse_text("{\"requestPayload\":1}");
    size_t need, count, i;
    char buf[64] = "x", *out;
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    lambdest_error err;

    (void)state;
    for (i = 0; i < COUNT_OF(forms) + 1; i++) {
        int form = i < COUNT_OF(forms) ? forms[i] : 0;
        uint32_t flags = i < COUNT_OF(forms) ? 0 : 4;

        need = count = 77;
        out = buf;
        assert_int_equal(lambdest_envelope_write(env, form, flags, buf, 64, &need, &err), LAMBDEST_E_INVAL);
        support_expect_error(&err, LAMBDEST_E_INVAL, 0, "");
        assert_int_equal(need, 0);
        assert_int_equal(lambdest_envelope_write_alloc(env, form, flags, &out, &need, &err),
                         LAMBDEST_E_INVAL);
        assert_null(out);
        assert_int_equal(lambdest_envelope_write_parts(env, form, flags, buf, 64, &need, parts, &count, &err),
                         LAMBDEST_E_INVAL);
        assert_int_equal(count, 0);
    }
    assert_int_equal(lambdest_envelope_write(NULL, 0, 0, buf, 64, &need, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, NULL, 1, &need, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write(env, 0, 0, buf, 64, NULL, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_alloc(NULL, 0, 0, &out, &need, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_alloc(env, 0, 0, NULL, &need, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_parts(NULL, 0, 0, buf, 64, &need, parts, &count, &err),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_parts(env, 0, 0, buf, 64, &need, NULL, &count, &err),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_parts(env, 0, 0, buf, 64, &need, parts, NULL, &err),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_parts(env, 0, 0, buf, 64, NULL, parts, &count, &err),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_envelope_write_parts(env, 0, 0, NULL, 1, &need, parts, &count, &err),
                     LAMBDEST_E_INVAL);
    assert_string_equal(buf, "x");
    assert_int_equal(lambdest_envelope_write_alloc(env, 0, 0, &out, NULL, NULL), LAMBDEST_OK);
    assert_string_equal(out, "{\"requestPayload\":1}");
    lambdest_free(out);
    lambdest_envelope_free(env);
}

/* ---- parts ---- */

static bool lies_in(lambdest_slice part, const char *from, size_t len)
{
    return from && part.data >= from && part.data + part.len <= from + len;
}

/* The parts say what write says; none is empty; what is not in buf is in no copy made for the call. */
static void expect_parts(const lambdest_envelope *env, int form, uint32_t flags)
{
    lambdest_slice parts[LAMBDEST_PARTS_MAX + 1];
    size_t len, need, again, count = 77, i, at = 0, own = 0;
    char *whole = support_write(env, form, flags, &len), *buf, *joined = malloc(len + 1);

    assert_non_null(joined);
    assert_int_equal(lambdest_envelope_write_parts(env, form, flags, NULL, 0, &need, NULL, &count, NULL),
                     LAMBDEST_E_NOSPC);
    assert_int_equal(count, 0);
    buf = malloc(need + 1);
    assert_non_null(buf);
    assert_int_equal(lambdest_envelope_write_parts(env, form, flags, buf, need, &again, parts, &count, NULL),
                     LAMBDEST_E_NOSPC);
    buf[need] = 'x';
    assert_int_equal(
        lambdest_envelope_write_parts(env, form, flags, buf, need + 1, &again, parts, &count, NULL),
        LAMBDEST_OK);
    assert_int_equal(again, need);
    assert_int_equal(buf[need], 0);
    assert_in_range(count, 1, LAMBDEST_PARTS_MAX);
    for (i = 0; i < count; i++) {
        assert_in_range(parts[i].len, 1, len - at);
        memcpy(joined + at, parts[i].data, parts[i].len);
        at += parts[i].len;
        if (lies_in(parts[i], buf, need))
            own += parts[i].len;
    }
    support_expect_bytes(joined, at, whole, len);
    assert_int_equal(own, need);
    free(buf);
    free(joined);
    lambdest_free(whole);
}

static void joins_to_the_whole(void **state)
{
    const corpus *c = *state;
    size_t i;
    uint32_t flags;

    for (i = 0; i < 4 * c->count; i++) {
        lambdest_envelope *env =
            support_parse(NULL, c->texts[i / 4], c->lens[i / 4], i & 1 ? LAMBDEST_BORROW : 0);

        if (i & 2)
            support_set_text(env, LAMBDEST_CONDITION, "Odd");
        for (flags = 0; flags < 4; flags++) {
            expect_parts(env, 0, flags);
            expect_parts(env, LAMBDEST_RECORD, flags);
            if (lambdest_envelope_kind(env) == LAMBDEST_ASYNC)
                expect_parts(env, LAMBDEST_DOCUMENT, flags);
        }
        lambdest_envelope_free(env);
    }
}

/* Of so many parts, how many begin at this place. */
static size_t parts_at(const lambdest_slice *parts, size_t count, const char *data, size_t len)
{
    size_t i, n = 0;

    for (i = 0; i < count; i++)
        n += parts[i].data == data && parts[i].len == len;
    return n;
}

static void copies_no_payload(void **state)
{
    static const char request[] = " {\"a\":1}", response[] = "[2] ", error[] = "{\"e\":3}", delivery[] = "{}";
    lambdest_envelope *env = support_new(NULL, LAMBDEST_BORROW);
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need, count;
    char buf[400];

    (void)state;
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, request);
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, response);
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, error);
    support_set_json(env, LAMBDEST_DELIVERY_ERROR, delivery);
    assert_int_equal(
        lambdest_envelope_write_parts(env, LAMBDEST_RECORD, 0, buf, sizeof buf, &need, parts, &count, NULL),
        LAMBDEST_OK);
    assert_int_equal(parts_at(parts, count, request, 8), 1);
    assert_int_equal(parts_at(parts, count, response, 4), 1);
    assert_int_equal(parts_at(parts, count, error, 7), 1);
    assert_int_equal(parts_at(parts, count, delivery, 2), 1);
    assert_int_equal(count, 9);
    assert_int_equal(lambdest_envelope_write_parts(env, LAMBDEST_RECORD, LAMBDEST_COMPACT, buf, sizeof buf,
                                                   &need, parts, &count, NULL),
                     LAMBDEST_OK);
    assert_int_equal(parts_at(parts, count, error, 7) + parts_at(parts, count, delivery, 2), 2);
    assert_int_equal(count, 5);
    expect_parts(env, LAMBDEST_RECORD, LAMBDEST_COMPACT);
    lambdest_envelope_free(env);
}

static void passes_a_borrowed_text_on(void **state)
{
    static const char text[] = " {\"requestPayload\":1}\n";
    lambdest_envelope *env = support_parse(NULL, text, sizeof text - 1, LAMBDEST_BORROW);
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need = 77, count;
    char buf[1];

    (void)state;
    assert_int_equal(lambdest_envelope_write_parts(env, 0, 0, buf, 1, &need, parts, &count, NULL),
                     LAMBDEST_OK);
    assert_int_equal(need, 0);
    assert_int_equal(count, 1);
    assert_ptr_equal(parts[0].data, text);
    assert_int_equal(parts[0].len, sizeof text - 1);
    lambdest_envelope_free(env);
}

/* The most parts that there can be: all JSON members, each with something between. */
static void has_room_for_all_parts(void **state)
{
    static const int members[] = {LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_TIME_WINDOW_INFO,
                                  LAMBDEST_BATCH_PAYLOAD,      LAMBDEST_REQUEST_PAYLOAD,
                                  LAMBDEST_RESPONSE_PAYLOAD,   LAMBDEST_DELIVERY_ERROR,
                                  LAMBDEST_INVOCATION_ERROR,   LAMBDEST_CONTEXT};
    lambdest_envelope *env = support_new(NULL, 0);
    size_t i;
    uint32_t flags;

    (void)state;
    for (i = 0; i < COUNT_OF(members); i++)
        support_set_json(env, members[i], "{}");
    for (flags = 0; flags < 4; flags++)
        expect_parts(env, LAMBDEST_RECORD, flags);
    support_set_state(env, LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_ABSENT);
    expect_parts(env, LAMBDEST_DOCUMENT, 0);
    lambdest_envelope_free(env);
}

/* ---- memory ---- */

static int attempt_write(support_memory *m, void *arg)
{
    lambdest_error err;
    char *text = (char *)m;
    size_t len = 77;
    int rc = lambdest_envelope_write_alloc(arg, LAMBDEST_RECORD, 0, &text, &len, &err);

    if (rc) {
        assert_null(text);
        assert_int_equal(len, 0);
        support_expect_error(&err, rc, 0, "");
    }
    lambdest_free(text);
    return rc;
}

static void allocates_only_when_asked(void **state)
{
    support_memory *m = *state;
    static const char text[] = "{\"requestPayload\": 1, \"x\":2}";
    lambdest_envelope *env = support_parse(m, text, sizeof text - 1, 0);
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need, count, calls = m->calls;
    uint32_t flags;
    char buf[200], *out;

    for (flags = 0; flags < 4; flags++) {
        assert_int_equal(lambdest_envelope_write(env, LAMBDEST_DOCUMENT, flags, buf, sizeof buf, &need, NULL),
                         0);
        assert_int_equal(
            lambdest_envelope_write_parts(env, 0, flags, buf, sizeof buf, &need, parts, &count, NULL), 0);
    }
    assert_int_equal(m->calls, calls);
    support_exhaust(m, attempt_write, env);
    calls = m->calls;
    assert_int_equal(lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, 0, &out, &need, NULL), LAMBDEST_OK);
    assert_int_equal(m->calls, calls + 1);
    lambdest_envelope_free(env); /* a text outlives its envelope */
    support_expect_bytes(out, need + 1, text, sizeof text);
    lambdest_free(out);
}

/* Made, filled with a success's members and two borrowed payloads, written: two allocations. */
static void builds_with_two_allocations(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = support_new(m, LAMBDEST_BORROW);
    size_t len;

    support_set_text(env, LAMBDEST_REQUEST_ID, "0b6f6c0e-51c5-4f0c-9d0b-7c6a51f8a101");
    support_set_text(env, LAMBDEST_FUNCTION_ARN,
                     "arn:aws:lambda:eu-west-1:111122223333:function:thumbnailer");
    support_set_text(env, LAMBDEST_CONDITION, "Success");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 1);
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772442847318));
    support_set_integer(env, LAMBDEST_STATUS_CODE, 200);
    support_set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "{\"bucket\":\"holiday-photos\"}");
    support_set_json(env, LAMBDEST_RESPONSE_PAYLOAD, "{\"made\":2}");
    lambdest_free(support_write(env, 0, 0, &len));
    assert_in_range(m->calls, 1, 2);
    lambdest_envelope_free(env);
}

/* ---- no byte past the buffer, whatever its size ---- */

enum {
    GUARD = 8192,
    BIG = 6000
};

/* The text with `count` bytes `fill` in the place of its '@'. */
static char *stretched(const char *pattern, char fill, size_t count, size_t *len)
{
    const char *at = strchr(pattern, '@');
    size_t before = (size_t)(at - pattern), after = strlen(at + 1);
    char *text = malloc(before + count + after + 1);

    assert_non_null(text);
    memcpy(text, pattern, before);
    memset(text + before, fill, count);
    memcpy(text + before + count, at + 1, after + 1);
    *len = before + count + after;
    return text;
}

/* Whether a write into `cap` bytes left all behind them alone, and all of them if they were too few. */
static bool stays_inside(const lambdest_envelope *env, int form, uint32_t flags, size_t cap, bool as_parts)
{
    unsigned char *buf = malloc(cap + GUARD);
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t need, count, i, from;
    bool inside = true;
    int rc;

    assert_non_null(buf);
    memset(buf, 0xA5, cap + GUARD);
    if (as_parts)
        rc = lambdest_envelope_write_parts(env, form, flags, (char *)buf, cap, &need, parts, &count, NULL);
    else
        rc = lambdest_envelope_write(env, form, flags, (char *)buf, cap, &need, NULL);
    from = rc == LAMBDEST_E_NOSPC ? 0 : cap;
    for (i = from; i < cap + GUARD; i++)
        inside = inside && buf[i] == 0xA5;
    inside = inside && (rc == (cap > need ? LAMBDEST_OK : LAMBDEST_E_NOSPC));
    free(buf);
    return inside;
}

static void expect_inside(const lambdest_envelope *env)
{
    static const int forms[] = {LAMBDEST_RECORD, LAMBDEST_DOCUMENT, LAMBDEST_CLOUDEVENT};
    size_t i, need, cap;
    uint32_t flags;

    for (i = 0; i < COUNT_OF(forms); i++)
        for (flags = 0; flags < 4; flags++) {
            int rc = lambdest_envelope_write(env, forms[i], flags, NULL, 0, &need, NULL);

            if (rc != LAMBDEST_E_NOSPC)
                continue;
            for (cap = 1; cap < need + 3000; cap += support_quick() ? 331 : 67) {
                assert_true(stays_inside(env, forms[i], flags, cap, false));
                assert_true(stays_inside(env, forms[i], flags, cap, true));
            }
            for (cap = need - 1; cap < need + 3; cap++) {
                assert_true(stays_inside(env, forms[i], flags, cap, false));
                assert_true(stays_inside(env, forms[i], flags, cap, true));
            }
        }
}

/* Where a text is long in a member that is easily forgotten when a size is guessed. */
static void stays_inside_the_buffer(void **state)
{
    static const struct {
        const char *pattern;
        char fill;
    } rows[] = {
        {"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\",\"ext\":\"@\",\"data\":"
         "{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"s\"},\"requestPayload\":1}}",
         'x'},
        {"{\"specversion\":\"1.0\",\"id\":\"i\",\"source\":\"s\",\"type\":\"t\",\"data\": @"
         "{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"s\"},\"requestPayload\":1}}",
         ' '},
        {"{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"s\",\"approximateInvokeCount\":1.@},"
         "\"requestPayload\":1}",
         '0'},
        {"{\"requestContext\":{\"requestId\":\"@\",\"functionArn\":\"s\"},\"requestPayload\":1}", 'x'},
        {"{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"@\"},\"requestPayload\":1}", 'x'},
        {"{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"s\",\"un@known\":1},\"more\":[1]}", 'x'},
        {"{\"invocationId\":\"i\",\"functionArn\":\"s\",\"functionName\":\"@\",\"invocationMetadata\":{\"a\":"
         "1}}",
         'x'},
        {"{\"requestContext\":{\"requestId\":\"i\",\"functionArn\":\"s\"},\"responseContext\":"
         "{\"functionError\":\"U\"},\"responsePayload\":{\"errorType\":\"@\"}}",
         'x'},
    };
    size_t i, len;

    (void)state;
    for (i = 0; i < COUNT_OF(rows); i++) {
        char *text = stretched(rows[i].pattern, rows[i].fill, BIG, &len);
        lambdest_envelope *env = support_parse(NULL, text, len, 0);

        expect_inside(env);
        support_set_text(env, LAMBDEST_CONDITION, "Success");
        expect_inside(env);
        lambdest_envelope_free(env);
        free(text);
    }
}

/* What a host set may grow six times when it is encoded, and a CloudEvent says some of it twice. */
static void stays_inside_with_escapes(void **state)
{
    static const int members[] = {LAMBDEST_REQUEST_ID, LAMBDEST_CONDITION, LAMBDEST_FUNCTION_ERROR,
                                  LAMBDEST_EXECUTED_VERSION, LAMBDEST_RECORD_VERSION};
    char controls[900];
    size_t i;

    (void)state;
    memset(controls, 1, sizeof controls);
    for (i = 0; i < COUNT_OF(members); i++) {
        lambdest_envelope *env = support_new(NULL, 0);

        support_set_text(env, LAMBDEST_REQUEST_ID, "i");
        support_set_text(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:f");
        assert_int_equal(lambdest_envelope_set_text(env, members[i], controls, sizeof controls, NULL), 0);
        expect_inside(env);
        lambdest_envelope_free(env);
    }
}

/* The names in 'these' quotes with an escape for each letter. */
static char *with_escaped_names(const char *pattern)
{
    char *text = malloc(6 * strlen(pattern) + 1);
    bool name = false;
    size_t n = 0;

    assert_non_null(text);
    for (; *pattern; pattern++) {
        if (*pattern != '\'' && name) {
            n += (size_t)sprintf(text + n, "\\u%04x", (unsigned)*pattern);
            continue;
        }
        name ^= *pattern == '\'';
        text[n++] = *pattern == '\'' ? '"' : *pattern;
    }
    text[n] = '\0';
    return text;
}

/* Names that are known may have come six times as long. */
static void stays_inside_with_escaped_names(void **state)
{
    static const char pattern[] =
        "{ 'version':\"1\",'timestamp':\"t\",'requestContext':{'requestId':\"i\",'functionArn':\"s\","
        "'condition':\"Success\",'approximateInvokeCount':1},'requestPayload':1,'responseContext':{"
        "'statusCode':200,'executedVersion':\"1\",'functionError':null},'responsePayload':2,"
        "'deliveryError':{},'timeWindowInfo':{},'payload':3}";
    char *text = with_escaped_names(pattern);
    lambdest_envelope *env = support_parse_text(text);
    size_t need, count;

    (void)state;
    support_expect_text(env, LAMBDEST_CONDITION, "Success");
    assert_int_equal(
        lambdest_envelope_write_parts(env, 0, LAMBDEST_COMPACT, NULL, 0, &need, NULL, &count, NULL),
        LAMBDEST_E_NOSPC);
    assert_int_equal(need, strlen(text) - 1); /* one space goes */
    expect_inside(env);
    lambdest_envelope_free(env);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_back_what_was_read, corpus_setup, corpus_teardown),
        cmocka_unit_test_setup_teardown(compacts_by_definition, corpus_setup, corpus_teardown),
        cmocka_unit_test(names_the_error_on_demand),
        cmocka_unit_test(keeps_to_the_buffer),
        cmocka_unit_test(stays_inside_the_buffer),
        cmocka_unit_test(stays_inside_with_escapes),
        cmocka_unit_test(stays_inside_with_escaped_names),
        cmocka_unit_test(refuses_bad_arguments),
        cmocka_unit_test_setup_teardown(joins_to_the_whole, corpus_setup, corpus_teardown),
        cmocka_unit_test(copies_no_payload),
        cmocka_unit_test(passes_a_borrowed_text_on),
        cmocka_unit_test(has_room_for_all_parts),
        cmocka_unit_test_setup_teardown(allocates_only_when_asked, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(builds_with_two_allocations, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
