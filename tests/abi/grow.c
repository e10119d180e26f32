/* One of the programs of grow.sh. It hands every struct that may grow to every function that takes it, and
 * finds out what the header says of it: a program older than the library is served, a newer one too as long
 * as it uses nothing of what it knows more; else INVAL, and nothing is written past what is the caller's.
 * GROWN: compiled against headers in which each such struct has one member more, called grown. The argument
 * tells of the library: "today" or "grown". */
#include <lambdest.h>
#include <lambdest/jansson.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GUARD = 64
};

#define RECORD                                                                                               \
    "{\"version\":\"1.0\",\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"requestContext\":{\"requestId\":"     \
    "\"r\",\"functionArn\":\"arn:aws:lambda:eu-west-1:123456789012:function:f:1\",\"condition\":"            \
    "\"Success\",\"approximateInvokeCount\":1},\"requestPayload\":[[[[1]]]],\"responseContext\":{"           \
    "\"statusCode\":200,\"executedVersion\":\"1\"},\"responsePayload\":2}"

static const char *directory, *combination;
static int failed, checked;
static _Bool library_grown;

static void expect(const char *what, const char *name, _Bool holds)
{
    checked++;
    if (holds)
        return;
    failed++;
    fprintf(stderr, "%s: %s: %s\n", combination, name, what);
}

/* ---- what each function makes of a struct: its code, or 1 if what is in it was not heeded ---- */

static int heeded(int rc, _Bool yes)
{
    return rc ? rc : yes ? 0 : 1;
}

/* The payload is nested 4 deep, and options say 3. */
static int parse(void *options)
{
    lambdest_envelope *env;
    int rc = lambdest_envelope_parse(RECORD, strlen(RECORD), options, &env, NULL);

    lambdest_envelope_free(env);
    return rc == LAMBDEST_E_DEPTH ? 0 : heeded(rc, 0);
}

static int set(void *options)
{
    lambdest_envelope *env;
    int rc = lambdest_envelope_new(options, &env, NULL);

    if (!rc &&
        lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "[[[[1]]]]", 9, NULL) != LAMBDEST_E_DEPTH)
        rc = 1;
    lambdest_envelope_free(env);
    return rc;
}

static int from_value(void *options)
{
    lambdest_envelope *env;
    json_t *value, *payload = json_integer(1);
    int rc = lambdest_envelope_parse(RECORD, strlen(RECORD), NULL, &env, NULL), i;

    rc = rc ? rc : lambdest_envelope_to_value(env, LAMBDEST_RECORD, 0, &value, NULL);
    lambdest_envelope_free(env);
    for (i = 0; i < 4; i++) {
        json_t *outer = json_array();

        json_array_append_new(outer, payload);
        payload = outer;
    }
    if (rc || json_object_set_new(value, "requestPayload", payload))
        exit(2);
    rc = lambdest_envelope_from_value(value, options, &env, NULL);
    json_decref(value);
    lambdest_envelope_free(env);
    return rc == LAMBDEST_E_DEPTH ? 0 : heeded(rc, 0);
}

static int unwrap(void *options)
{
    lambdest_items *items;
    int rc = lambdest_unwrap("[" RECORD "]", strlen(RECORD) + 2, options, &items, NULL);

    if (!rc && lambdest_item_error(lambdest_items_at(items, 0), NULL) != LAMBDEST_E_DEPTH)
        rc = 1;
    lambdest_items_free(items);
    return rc;
}

static int wrap(void *options)
{
    lambdest_message message = {0};
    char *out;
    size_t len;
    int rc;

    message.body = RECORD;
    message.body_len = strlen(RECORD);
    message.id = "i";
    message.id_len = 1;
    message.source = "arn:aws:events:eu-west-1:123456789012:event-bus/b";
    message.source_len = strlen(message.source);
    rc = lambdest_wrap(LAMBDEST_EVENTBRIDGE_EVENT, &message, 1, options, &out, &len, NULL);
    lambdest_free(out);
    return rc == LAMBDEST_E_DEPTH ? 0 : heeded(rc, 0);
}

static int invocation(void *options)
{
    static const lambdest_header id = {"Lambda-Runtime-Aws-Request-Id", 29, "r", 1};
    lambdest_envelope *env;
    int rc = lambdest_runtime_invocation(&id, 1, "[[[[1]]]]", 9, options, &env, NULL);

    lambdest_envelope_free(env);
    return rc == LAMBDEST_E_DEPTH ? 0 : heeded(rc, 0);
}

static int router(void *options)
{
    lambdest_router *r;
    int rc = lambdest_router_new(options, &r, NULL);

    lambdest_router_free(r);
    return rc;
}

static int memory(void *options)
{
    lambdest_memory *m;
    int rc = lambdest_memory_new(options, &m, NULL);

    lambdest_memory_free(m);
    return rc;
}

static int stream(void *options)
{
    lambdest_stream *s;
    int rc = lambdest_stream_new(1, options, &s, NULL);

    lambdest_stream_free(s);
    return rc;
}

static int spool(void *options)
{
    lambdest_spool *s;
    int rc = lambdest_spool_open(directory, strlen(directory), options, &s, NULL);

    lambdest_spool_free(s);
    return rc;
}

static const lambdest_attempt third = {
    .size = sizeof(lambdest_attempt),
    .cause = LAMBDEST_CAUSE_RAISED,
    .attempts = 3,
    .now_ms = 1000,
};

/* max_retries is 5, so the third attempt is not the last. */
static int settle_policy(void *policy)
{
    lambdest_decision d = {.size = sizeof d};
    int rc = lambdest_settle(policy, &third, &d, NULL);

    return heeded(rc, d.action == LAMBDEST_RETRY && d.delay_ms == 7);
}

static int settle_attempt(void *attempt)
{
    lambdest_decision d = {.size = sizeof d};
    int rc = lambdest_settle(NULL, attempt, &d, NULL);

    return heeded(rc, d.action == LAMBDEST_FAIL && d.invoke_count == 3);
}

static int settle_decision(void *decision)
{
    lambdest_decision *d = decision;
    int rc = lambdest_settle(NULL, &third, d, NULL);

    return heeded(rc, d->action == LAMBDEST_FAIL && d->condition == LAMBDEST_CONDITION_RETRIES_EXHAUSTED &&
                          d->invoke_count == 3 && d->delay_ms == 0);
}

static int conclude(void *decision)
{
    lambdest_envelope *env;
    int rc = lambdest_envelope_parse(RECORD, strlen(RECORD), NULL, &env, NULL);
    int64_t count = 0;

    rc = rc ? rc : lambdest_envelope_conclude(env, decision, 0, NULL);
    if (!rc)
        lambdest_envelope_integer(env, LAMBDEST_INVOKE_COUNT, &count);
    lambdest_envelope_free(env);
    return heeded(rc, count == 3);
}

static int post(void *what)
{
    lambdest_envelope *env;
    int rc = lambdest_envelope_new(NULL, &env, NULL);
    size_t len = 0;
    const char *text;
    _Bool same;

    rc = rc ? rc : lambdest_runtime_post(env, what, NULL);
    text = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
    same = text && len == 4 && !memcmp(text, "true", 4);
    lambdest_envelope_free(env);
    return heeded(rc, same);
}

static int policy_init(void *policy)
{
    lambdest_policy *p = policy;
    int rc = lambdest_policy_init(p);

    return heeded(rc, p->max_retries == 2 && p->max_age_ms == 21600000 && p->max_throttle_delay_ms == 300000);
}

static int sink_init(void *sink)
{
    static const char arn[] = "arn:aws:sqs:eu-west-1:123456789012:q";
    lambdest_sink *s = sink;
    int rc = lambdest_sink_init(s, 0, arn, strlen(arn), NULL);

    return heeded(rc, s->target == LAMBDEST_TARGET_SQS && s->arn == arn && s->arn_len == strlen(arn));
}

static int memory_sink(void *sink)
{
    lambdest_memory *m;
    lambdest_sink *s = sink;
    int rc = lambdest_memory_new(NULL, &m, NULL);

    rc = rc ? rc : lambdest_memory_sink(m, s);
    lambdest_memory_free(m);
    return heeded(rc, s->deliver && s->user_data == m && !s->overflow_len);
}

static int stream_sink(void *sink)
{
    lambdest_stream *made;
    lambdest_sink *s = sink;
    int rc = lambdest_stream_new(1, NULL, &made, NULL);

    rc = rc ? rc : lambdest_stream_sink(made, s);
    lambdest_stream_free(made);
    return heeded(rc, s->deliver && s->user_data == made && !s->overflow_len);
}

static int spool_sink(void *sink)
{
    lambdest_spool *made;
    lambdest_sink *s = sink;
    int rc = lambdest_spool_open(directory, strlen(directory), NULL, &made, NULL);

    rc = rc ? rc : lambdest_spool_sink(made, s);
    lambdest_spool_free(made);
    return heeded(rc, s->deliver && s->user_data == made && !s->overflow_len);
}

static int add_sink(void *sink)
{
    lambdest_router *r;
    int rc = lambdest_router_new(NULL, &r, NULL), again;

    rc = rc ? rc : lambdest_router_add_sink(r, LAMBDEST_ON_SUCCESS, "a", 1, sink, NULL);
    again = rc ? 1 : lambdest_router_add_sink(r, LAMBDEST_ON_SUCCESS, "a", 1, sink, NULL);
    lambdest_router_free(r);
    return heeded(rc, again == LAMBDEST_E_INVAL);
}

/* ---- the structs ---- */

typedef struct open_struct {
    uint32_t size;
    uint32_t first; /* its size in the first version */
    uint32_t grown; /* where the member is that a newer program knows; 0 in an older one */
    const void *good;
} open_struct;

#ifdef GROWN
#define PLACE(type) offsetof(type, grown)
#else
#define PLACE(type) 0
#endif
#define OPEN(type, last, good)                                                                               \
    {                                                                                                        \
        sizeof(type), offsetof(type, last) + sizeof(((type *)0)->last), PLACE(type), good                    \
    }

static const lambdest_options options = {.size = sizeof options, .max_depth = 3};
static const lambdest_policy policy = {
    .size = sizeof policy,
    .max_retries = 5,
    .max_age_ms = 1000000,
    .first_delay_ms = 6,
    .next_delay_ms = 7,
    .throttle_delay_ms = 8,
    .max_throttle_delay_ms = 9,
};
static const lambdest_decision decision = {
    .size = sizeof decision,
    .action = LAMBDEST_SUCCEED,
    .condition = LAMBDEST_CONDITION_SUCCESS,
    .invoke_count = 3,
};
static const lambdest_post returned = {
    .size = sizeof returned,
    .channel = LAMBDEST_CHANNEL_RESPONSE,
    .body = "true",
    .body_len = 4,
};
static const lambdest_sink sink = {.size = sizeof sink, .target = LAMBDEST_TARGET_PLAIN};

enum {
    OPTIONS,
    POLICY,
    ATTEMPT,
    DECISION,
    POST,
    SINK
};

static const open_struct structs[] = {
    [OPTIONS] = OPEN(lambdest_options, reserved, &options),
    [POLICY] = OPEN(lambdest_policy, max_throttle_delay_ms, &policy),
    [ATTEMPT] = OPEN(lambdest_attempt, now_ms, &third),
    [DECISION] = OPEN(lambdest_decision, delay_ms, &decision),
    [POST] = OPEN(lambdest_post, trailer_count, &returned),
    [SINK] = OPEN(lambdest_sink, overflow_len, &sink),
};

typedef struct use {
    const char *name;
    int of;
    int (*call)(void *);
} use;

static const use readers[] = {
    {"lambdest_envelope_parse", OPTIONS, parse},
    {"lambdest_envelope_new", OPTIONS, set},
    {"lambdest_envelope_from_value", OPTIONS, from_value},
    {"lambdest_unwrap", OPTIONS, unwrap},
    {"lambdest_wrap", OPTIONS, wrap},
    {"lambdest_runtime_invocation", OPTIONS, invocation},
    {"lambdest_router_new", OPTIONS, router},
    {"lambdest_memory_new", OPTIONS, memory},
    {"lambdest_stream_new", OPTIONS, stream},
    {"lambdest_spool_open", OPTIONS, spool},
    {"lambdest_settle's policy", POLICY, settle_policy},
    {"lambdest_settle's attempt", ATTEMPT, settle_attempt},
    {"lambdest_envelope_conclude", DECISION, conclude},
    {"lambdest_runtime_post", POST, post},
    {"lambdest_router_add_sink", SINK, add_sink},
};

static const use fillers[] = {
    {"lambdest_settle's decision", DECISION, settle_decision},
    {"lambdest_policy_init", POLICY, policy_init},
    {"lambdest_sink_init", SINK, sink_init},
    {"lambdest_memory_sink", SINK, memory_sink},
    {"lambdest_stream_sink", SINK, stream_sink},
    {"lambdest_spool_sink", SINK, spool_sink},
};

/* A copy that ends where its block does, so that a tool for memory sees a read past it. */
static unsigned char *copy(const open_struct *s)
{
    unsigned char *p = malloc(s->size);

    if (!p)
        exit(2);
    memcpy(p, s->good, s->size);
    return p;
}

static void check_reader(const use *u)
{
    const open_struct *s = &structs[u->of];
    unsigned char *p = copy(s);
    uint32_t size = s->first - 1;
    int rc;

    expect("a good struct is refused or not heeded", u->name, u->call(p) == 0);
    expect("a struct was changed", u->name, !memcmp(p, s->good, s->size));
    if (s->grown) {
        p[s->grown] = 1;
        rc = u->call(p);
        expect("a new member that is set", u->name, rc == (library_grown ? 0 : LAMBDEST_E_INVAL));
        p[s->grown] = 0;
    }
    memcpy(p, &size, sizeof size);
    expect("a struct shorter than the first version", u->name, u->call(p) == LAMBDEST_E_INVAL);
    free(p);
}

static void check_filler(const use *u)
{
    const open_struct *s = &structs[u->of];
    unsigned char *p = malloc(s->size + GUARD), guard[GUARD];
    uint32_t size = s->size, i;

    if (!p)
        exit(2);
    memset(guard, 0xA5, sizeof guard);
    memset(p, 0xA5, s->size + GUARD);
    memcpy(p, &size, sizeof size);
    expect("is not filled", u->name, u->call(p) == 0);
    expect("its size was changed", u->name, !memcmp(p, &size, sizeof size));
    expect("wrote past the struct", u->name, !memcmp(p + s->size, guard, GUARD));
    for (i = s->grown; s->grown && i < s->size; i++)
        expect("a member that it does not fill is not zero", u->name, !p[i]);
    size = s->first - 1;
    memcpy(p, &size, sizeof size);
    expect("fills a struct shorter than the first version", u->name, u->call(p) == LAMBDEST_E_INVAL);
    free(p);
}

int main(int argc, char **argv)
{
    size_t i;

    if (argc != 4)
        return 2;
    library_grown = !strcmp(argv[1], "grown");
    combination = argv[2];
    directory = argv[3];
    for (i = 0; i < sizeof structs / sizeof structs[0]; i++)
        if (structs[i].grown && structs[i].size <= structs[i].first)
            return 2;
    for (i = 0; i < sizeof readers / sizeof readers[0]; i++)
        check_reader(&readers[i]);
    for (i = 0; i < sizeof fillers / sizeof fillers[0]; i++)
        check_filler(&fillers[i]);
    printf("%s: %d checked, %d failed\n", combination, checked, failed);
    return failed ? 1 : 0;
}
