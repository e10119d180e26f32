/* The input also picks the allocation that fails. A call short of memory says so, hands nothing out,
 * leaves no block behind and has changed nothing.
 * Input: which one fails, whether all after it do, options, job, the rest is the job's. */
#include "fuzz.h"

typedef struct state {
    support_memory m;
    size_t blocks;
    size_t bytes;
    size_t failures;
} state;

static void before(state *s)
{
    s->blocks = s->m.blocks;
    s->bytes = s->m.bytes;
    s->failures = s->m.failures;
}

/* NOMEM if an allocation failed, and only then; nothing is left behind by a failure. */
static void after(const state *s, int rc, bool handed_out)
{
    bool short_of = s->m.failures > s->failures;

    fuzz_require(short_of == (rc == LAMBDEST_E_NOMEM), "the code does not tell of memory");
    fuzz_require(!rc || !handed_out, "an output of a failed call");
    fuzz_require(!rc || (s->m.blocks == s->blocks && s->m.bytes == s->bytes),
                 "a failed call leaves memory behind");
    fuzz_require(!s->m.fault, "memory was misused");
}

static lambdest_envelope *parse(state *s, const lambdest_options *options, lambdest_slice text)
{
    lambdest_envelope *env;
    int rc;

    before(s);
    rc = lambdest_envelope_parse(text.data, text.len, options, &env, NULL);
    after(s, rc, env);
    return env;
}

static void write_all(state *s, const lambdest_envelope *env)
{
    lambdest_envelope *clone;
    size_t len;
    char *text;
    int rc, form;

    for (form = LAMBDEST_RECORD; form <= LAMBDEST_CLOUDEVENT; form++) {
        before(s);
        rc = lambdest_envelope_write_alloc(env, form, 0, &text, &len, NULL);
        after(s, rc, text || (rc && len));
        lambdest_free(text);
    }
    before(s);
    rc = lambdest_redrive(env, &text, &len);
    after(s, rc, text || (rc && len));
    lambdest_free(text);
    before(s);
    rc = lambdest_envelope_clone(env, &clone, NULL);
    after(s, rc, clone);
    lambdest_envelope_free(clone);
}

static void job_convert(state *s, const lambdest_options *options, fuzz_input *in)
{
    lambdest_envelope *env = parse(s, options, fuzz_rest(in));

    if (env)
        write_all(s, env);
    lambdest_envelope_free(env);
}

static void job_unwrap(state *s, const lambdest_options *options, fuzz_input *in)
{
    lambdest_slice text = fuzz_rest(in);
    lambdest_items *items;
    size_t i, len;
    char *response;
    int rc;

    before(s);
    rc = lambdest_unwrap(text.data, text.len, options, &items, NULL);
    after(s, rc, items);
    if (rc)
        return;
    for (i = 0; i < lambdest_items_count(items); i++)
        (void)lambdest_items_fail(items, i);
    before(s);
    rc = lambdest_items_response(items, &response, &len);
    after(s, rc, response || (rc && len));
    lambdest_free(response);
    lambdest_items_free(items);
}

static void job_wrap(state *s, const lambdest_options *options, fuzz_input *in)
{
    static const char *const arns[] = {"arn:aws:sqs:eu-west-1:111122223333:q",
                                       "arn:aws:sns:eu-west-1:111122223333:t",
                                       "arn:aws:events:eu-west-1:111122223333:event-bus/b"};
    size_t which = fuzz_below(in, 6), len;
    lambdest_slice body = fuzz_rest(in);
    lambdest_message messages[2];
    char *text;
    int rc;

    memset(messages, 0, sizeof messages);
    messages[0].id = "i";
    messages[0].id_len = 1;
    messages[0].source = arns[(which + 1) / 2 % 3];
    messages[0].source_len = strlen(messages[0].source);
    messages[0].body = body.data;
    messages[0].body_len = body.len;
    messages[1] = messages[0];
    before(s);
    rc = lambdest_wrap(LAMBDEST_SQS_EVENT + (int)which, messages, which < 2 ? 2 : 1, options, &text, &len,
                       NULL);
    after(s, rc, text || (rc && len));
    lambdest_free(text);
}

static void change(state *s, lambdest_envelope *env, int (*attempt)(fuzz_input *, lambdest_envelope *, bool),
                   fuzz_input *in, bool borrows)
{
    static fuzz_text told, told_again, written, written_again;
    size_t fail_at = s->m.fail_at;
    int rc;

    s->m.fail_at = 0;
    fuzz_tell(env, &told);
    fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written), "no record");
    s->m.fail_at = fail_at ? s->m.calls + fail_at : 0;
    before(s);
    rc = attempt(in, env, borrows);
    after(s, rc, false);
    s->m.fail_at = 0;
    if (rc) {
        fuzz_tell(env, &told_again);
        fuzz_require_same(&told, &told_again, "a failed change has changed something");
        fuzz_require(!fuzz_write(env, LAMBDEST_RECORD, 0, &written_again), "no record");
        fuzz_require_same(&written, &written_again, "a failed change has changed what is written");
    }
    s->m.fail_at = fail_at;
}

static int by_setter(fuzz_input *in, lambdest_envelope *env, bool borrows)
{
    return fuzz_change(in, env, borrows, NULL);
}

static int by_post(fuzz_input *in, lambdest_envelope *env, bool borrows)
{
    lambdest_header header = {"Lambda-Runtime-Function-Error-Type", 34, NULL, 0};
    lambdest_slice type = fuzz_take(in), body = fuzz_take(in);
    lambdest_post post;

    (void)borrows;
    memset(&post, 0, sizeof post);
    header.value = type.data;
    header.value_len = type.len;
    post.size = sizeof post;
    post.channel = (uint32_t)(LAMBDEST_CHANNEL_RESPONSE + (int)fuzz_below(in, 3));
    post.body_policy = (uint32_t)(LAMBDEST_BODY_AS_AWS + (int)fuzz_below(in, 4));
    post.body = body.data;
    post.body_len = body.len;
    post.headers = &header;
    post.header_count = 1;
    if (fuzz_byte(in) & 1)
        return lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT + (int)fuzz_below(in, 12), 1, NULL);
    return lambdest_runtime_post(env, &post, NULL);
}

/* The failing one is counted anew for each change. */
static void job_changes(state *s, const lambdest_options *options, fuzz_input *in, bool posts)
{
    size_t i, fail_at = s->m.fail_at;
    lambdest_envelope *env;

    s->m.fail_at = 0;
    if (lambdest_envelope_new(options, &env, NULL))
        return;
    s->m.fail_at = fail_at;
    for (i = 0; i < 12 && in->left; i++)
        change(s, env, posts ? by_post : by_setter, in, options->flags & LAMBDEST_BORROW);
    write_all(s, env);
    lambdest_envelope_free(env);
}

static void job_invocation(state *s, const lambdest_options *options, fuzz_input *in)
{
    static const char *const names[] = {"Lambda-Runtime-Aws-Request-Id",
                                        "Lambda-Runtime-Invoked-Function-Arn",
                                        "Lambda-Runtime-Client-Context", "Lambda-Runtime-Trace-Id"};
    lambdest_header headers[COUNT(names)];
    lambdest_envelope *env;
    lambdest_slice event;
    size_t i;
    int rc;

    for (i = 0; i < COUNT(names); i++) {
        lambdest_slice value = fuzz_take(in);

        headers[i].name = names[i];
        headers[i].name_len = strlen(names[i]);
        headers[i].value = value.data;
        headers[i].value_len = value.len;
    }
    event = fuzz_rest(in);
    before(s);
    rc = lambdest_runtime_invocation(headers, COUNT(names), event.data, event.len, options, &env, NULL);
    after(s, rc, env);
    lambdest_envelope_free(env);
}

static void job_plan(state *s, const lambdest_options *options, fuzz_input *in)
{
    static const char *const sink_names[] = {"a", "b", "c"};
    lambdest_envelope *env = NULL;
    lambdest_router *router;
    lambdest_plan *plan = NULL;
    lambdest_sink sink;
    size_t i;
    int rc;

    before(s);
    rc = lambdest_router_new(options, &router, NULL);
    after(s, rc, router);
    for (i = 0; router && i < COUNT(sink_names); i++) {
        memset(&sink, 0, sizeof sink);
        sink.size = sizeof sink;
        (void)lambdest_sink_init(&sink, LAMBDEST_TARGET_PLAIN + (int)fuzz_below(in, 7), NULL, 0, NULL);
        sink.form = (uint32_t)(LAMBDEST_RECORD + (int)fuzz_below(in, 3));
        before(s);
        rc = lambdest_router_add_sink(router, 15, sink_names[i], 1, &sink, NULL);
        after(s, rc, false);
    }
    if (router)
        env = parse(s, options, fuzz_rest(in));
    if (env) {
        before(s);
        rc = lambdest_router_plan(router, env, 0, &plan, NULL);
        after(s, rc, plan);
    }
    if (plan) {
        before(s);
        (void)lambdest_plan_run(plan);
        (void)lambdest_plan_settle(plan);
        fuzz_require(s->m.failures == s->failures && s->m.bytes == s->bytes, "running a plan takes memory");
    }
    lambdest_router_free(router);
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_options options;
    unsigned nth;
    bool onwards;
    state s;

    support_memory_init(&s.m);
    nth = fuzz_byte(&in);
    onwards = fuzz_byte(&in) & 1;
    options = fuzz_options(&in, &s.m);
    support_memory_fail(&s.m, nth % 64, onwards);
    switch (fuzz_byte(&in) % 8) {
    case 0:
    case 1:
        job_convert(&s, &options, &in);
        break;
    case 2:
        job_unwrap(&s, &options, &in);
        break;
    case 3:
        job_wrap(&s, &options, &in);
        break;
    case 4:
        job_changes(&s, &options, &in, false);
        break;
    case 5:
        job_changes(&s, &options, &in, true);
        break;
    case 6:
        job_invocation(&s, &options, &in);
        break;
    default:
        job_plan(&s, &options, &in);
    }
    fuzz_memory_is(&s.m, 0);
    fuzz_end();
    return 0;
}
