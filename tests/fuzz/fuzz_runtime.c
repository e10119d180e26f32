/* A runtime's part: any headers and bodies make an envelope or a sound error; the channel alone decides
 * what a post says; a failed post changes nothing; what comes of it can be written and read.
 * Input: options, headers, event, then posts and facts. */
#include "fuzz.h"

enum {
    HEADERS = 16,
    STEPS = 6
};

static const char *const names[] = {
    "Lambda-Runtime-Aws-Request-Id",       "Lambda-Runtime-Invoked-Function-Arn",
    "Lambda-Runtime-Deadline-Ms",          "Lambda-Runtime-Trace-Id",
    "Lambda-Runtime-Client-Context",       "Lambda-Runtime-Cognito-Identity",
    "Lambda-Runtime-Aws-Tenant-Id",        "Lambda-Runtime-Function-Error-Type",
    "Lambda-Runtime-Function-Error-Body",  "Content-Type",
    "Lambda-Runtime-Function-Error-Types",
};

/* In the case that AWS has, or in the other. */
static lambdest_slice some_name(fuzz_input *in)
{
    unsigned which = fuzz_byte(in);
    lambdest_slice name;
    char *p;

    if (which % 16 >= COUNT(names))
        return fuzz_take(in);
    name = fuzz_keep(names[which % 16], strlen(names[which % 16]));
    for (p = (char *)(uintptr_t)name.data; which & 16 && p < name.data + name.len; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    return name;
}

static size_t some_headers(fuzz_input *in, lambdest_header *out)
{
    size_t i, count = fuzz_below(in, HEADERS);

    for (i = 0; i < count; i++) {
        lambdest_slice name = some_name(in), value = fuzz_take(in);

        out[i].name = name.data;
        out[i].name_len = name.len;
        out[i].value = value.data;
        out[i].value_len = value.len;
    }
    return count;
}

static bool is_named(const lambdest_header *header, const char *name)
{
    size_t i;

    for (i = 0; i < header->name_len && name[i]; i++)
        if ((header->name[i] | 0x20) != (name[i] | 0x20))
            return false;
    return i == header->name_len && !name[i];
}

static bool has_error_trailers(const lambdest_post *post)
{
    size_t i, k;

    for (i = 0; i < post->trailer_count; i++)
        for (k = 0; k < post->trailers[i].value_len; k++)
            if (!strchr(" \t", post->trailers[i].value[k]) &&
                (is_named(&post->trailers[i], names[7]) || is_named(&post->trailers[i], names[8])))
                return true;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_kept(const char *payload, size_t len, const char *body, size_t body_len)
{
    while (body_len && is_space(*body)) {
        body++;
        body_len--;
    }
    while (body_len && is_space(body[body_len - 1]))
        body_len--;
    return payload && len == body_len && !memcmp(payload, body, len);
}

/* What is no JSON becomes a string of it, each byte that is not UTF-8 U+FFFD, or a string of base64. */
static void check_string(const lambdest_post *post, const char *payload, size_t len)
{
    static fuzz_text expected;
    json_t *seen = payload ? json_loadb(payload, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
    size_t at, n;

    fuzz_require(json_is_string(seen), "a body that is no JSON becomes no string");
    expected.len = 0;
    fuzz_add(&expected, "", 0);
    if (post->body_policy == LAMBDEST_BODY_AS_BASE64) {
        unsigned char *bytes = calloc(json_string_length(seen) + 1, 1);

        fuzz_require(bytes, "out of memory");
        fuzz_require(fuzz_decode_base64(json_string_value(seen), json_string_length(seen), bytes) ==
                             (long)post->body_len &&
                         !memcmp(bytes, post->body, post->body_len),
                     "a body becomes another in base64");
        free(bytes);
        json_decref(seen);
        return;
    }
    for (at = 0; at < post->body_len; at += n ? n : 1) {
        n = fuzz_utf8_length(post->body + at, post->body_len - at);
        fuzz_add(&expected, n ? post->body + at : "\xEF\xBF\xBD", n ? n : 3);
    }
    fuzz_require(json_string_length(seen) == expected.len &&
                     !memcmp(json_string_value(seen), expected.data, expected.len),
                 "a body becomes another string");
    json_decref(seen);
}

/* The channel decides. */
static void check_post(const lambdest_envelope *env, const lambdest_post *post)
{
    int outcome = lambdest_envelope_outcome(env);
    bool trailers = has_error_trailers(post);
    enum support_verdict json;
    size_t len;
    const char *payload = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);

    if (post->channel != LAMBDEST_CHANNEL_RESPONSE) {
        fuzz_require(outcome == LAMBDEST_FAILURE, "a posted error is no failure");
        return;
    }
    if (trailers) {
        fuzz_require(outcome == (post->flags ? LAMBDEST_SUCCESS : LAMBDEST_FAILURE), "error trailers decide");
        return;
    }
    fuzz_require(outcome == LAMBDEST_SUCCESS, "a posted response is no success");
    json = support_jansson(post->body, post->body_len);
    if (json == SUPPORT_VALID)
        fuzz_require(is_kept(payload, len, post->body, post->body_len),
                     "a response is kept with other bytes");
    if (json == SUPPORT_INVALID && post->body_policy != LAMBDEST_BODY_AS_AWS)
        check_string(post, payload, len);
}

/* What is in the envelope can be written and read, and its error be posted again. */
static void check_envelope(const lambdest_envelope *env)
{
    static fuzz_text text, again;
    static char body[5000], type[300];
    lambdest_envelope *other;
    size_t len;
    int rc;

    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &text), "no record");
    fuzz_require_json(text.data, text.len);
    other = fuzz_parse(&text, NULL);
    fuzz_require(lambdest_envelope_outcome(other) == lambdest_envelope_outcome(env), "another outcome");
    fuzz_require(lambdest_envelope_cause(other) == lambdest_envelope_cause(env), "another cause");
    lambdest_envelope_free(other);
    fuzz_require(!fuzz_write(env, LAMBDEST_DOCUMENT, 0, &text), "no document");
    other = fuzz_parse(&text, NULL);
    fuzz_require(!fuzz_write(other, 0, 0, &again), "no document of a document");
    fuzz_require_same(&text, &again, "a document is written as another");
    lambdest_envelope_free(other);
    rc = lambdest_runtime_error_body(env, 4096, body, sizeof body, &len);
    fuzz_require(rc == LAMBDEST_OK || rc == LAMBDEST_E_ABSENT, "no error body");
    if (!rc) {
        fuzz_require(len <= 4096 && !body[len], "an error body that is too long");
        fuzz_require_json(body, len);
    }
    rc = lambdest_runtime_error_type(env, type, sizeof type, &len);
    fuzz_require(rc == LAMBDEST_OK || rc == LAMBDEST_E_ABSENT, "no error type");
    fuzz_require(len <= 255 && (rc || !type[len]), "an error type that is too long");
}

static int post_something(fuzz_input *in, lambdest_envelope *env)
{
    lambdest_header headers[HEADERS], trailers[HEADERS];
    lambdest_slice body;
    lambdest_post post;
    lambdest_error err;
    int rc;

    memset(&post, 0, sizeof post);
    post.size = sizeof post;
    post.channel = (uint32_t)(LAMBDEST_CHANNEL_RESPONSE + (int)fuzz_below(in, 3));
    post.body_policy = (uint32_t)(LAMBDEST_BODY_AS_AWS + (int)fuzz_below(in, 4));
    post.flags = fuzz_byte(in) & 1;
    post.header_count = some_headers(in, headers);
    post.trailer_count = some_headers(in, trailers);
    post.headers = headers;
    post.trailers = trailers;
    body = fuzz_take(in);
    post.body = body.data;
    post.body_len = body.len;
    rc = lambdest_runtime_post(env, &post, &err);
    fuzz_error_is(&err, rc, UINT64_MAX);
    if (!rc)
        check_post(env, &post);
    return rc;
}

static int some_fault(fuzz_input *in, lambdest_envelope *env)
{
    int fault = LAMBDEST_FAULT_EXIT + (int)fuzz_below(in, 13);
    int64_t detail = (int64_t)fuzz_byte(in) << 8;
    lambdest_error err;
    int rc;

    detail |= fuzz_byte(in);
    detail -= fuzz_byte(in);
    rc = lambdest_runtime_fault(env, fault, detail, &err);
    fuzz_error_is(&err, rc, 0);
    fuzz_require(rc || lambdest_envelope_outcome(env) == LAMBDEST_FAILURE, "a fault is no failure");
    return rc;
}

/* A retry starts before the event is too old; what is settled can be concluded. */
static void settle(fuzz_input *in, const lambdest_envelope *env, lambdest_decision *decision)
{
    const int64_t max_age_ms = 21600000;
    lambdest_attempt attempt;
    lambdest_error err;
    int rc;

    memset(&attempt, 0, sizeof attempt);
    memset(decision, 0, sizeof *decision);
    decision->size = sizeof *decision;
    attempt.size = sizeof attempt;
    attempt.invocation = (uint32_t)(LAMBDEST_EVENT + (int)fuzz_below(in, 2));
    attempt.cause = (uint32_t)lambdest_envelope_cause(env);
    attempt.attempts = fuzz_byte(in) % 5;
    attempt.throttles = fuzz_byte(in) % 20;
    attempt.queued_ms = (int64_t)fuzz_byte(in) << 30;
    attempt.now_ms = attempt.queued_ms + ((int64_t)fuzz_byte(in) << 17) - 1000;
    rc = lambdest_settle(NULL, &attempt, decision, &err);
    fuzz_error_is(&err, rc, 0);
    if (rc || decision->action != LAMBDEST_RETRY) {
        fuzz_require(!decision->delay_ms, "a delay without a retry");
        return;
    }
    if (attempt.now_ms < attempt.queued_ms)
        attempt.now_ms = attempt.queued_ms;
    fuzz_require(decision->delay_ms > 0, "a retry at once");
    fuzz_require(attempt.now_ms + decision->delay_ms < attempt.queued_ms + max_age_ms,
                 "a retry that is too late");
    fuzz_require(attempt.attempts <= 2 || attempt.throttles, "more retries than two");
}

static int conclude(fuzz_input *in, lambdest_envelope *env)
{
    lambdest_decision decision;
    int64_t ms = ((int64_t)fuzz_byte(in) << 40) - ((int64_t)fuzz_byte(in) << 34);
    lambdest_error err;
    int rc;

    settle(in, env, &decision);
    rc = lambdest_envelope_conclude(env, fuzz_byte(in) & 1 ? &decision : NULL, ms, &err);
    fuzz_error_is(&err, rc, 0);
    return rc;
}

static void do_something(fuzz_input *in, lambdest_envelope *env)
{
    static fuzz_text told, told_again, written, written_again;
    unsigned what = fuzz_byte(in) % 4;
    int rc;

    fuzz_tell(env, &told);
    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written), "no record");
    rc = what == 0 ? some_fault(in, env) : what == 1 ? conclude(in, env) : post_something(in, env);
    if (rc) {
        fuzz_tell(env, &told_again);
        fuzz_require_same(&told, &told_again, "a failed call has changed something");
        fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written_again), "no record");
        fuzz_require_same(&written, &written_again, "a failed call has changed what is written");
    }
    check_envelope(env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_header headers[HEADERS];
    lambdest_envelope *env;
    lambdest_options options;
    lambdest_error err;
    lambdest_slice event;
    support_memory m;
    size_t i, count;
    int rc;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    count = some_headers(&in, headers);
    event = fuzz_take(&in);
    rc = lambdest_runtime_invocation(headers, count, event.data, event.len, &options, &env, &err);
    fuzz_error_is(&err, rc, UINT64_MAX);
    fuzz_require(!rc == (env != NULL), "an output of a failed call, or none of another");
    if (!rc) {
        check_envelope(env);
        for (i = 0; i < STEPS && in.left; i++)
            do_something(&in, env);
    }
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
