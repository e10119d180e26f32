#include "bench.h"

#include <lambdest.h>
#include <stdlib.h>
#include <string.h>

static const lambdest_options borrow = {sizeof borrow, LAMBDEST_BORROW, 0, 0, 0, 0, NULL, NULL};

#define SET(env, member, text) lambdest_envelope_set_text(env, member, text, sizeof(text) - 1, NULL)

/* All but the payloads. */
static lambdest_envelope *make_bare(const lambdest_options *options)
{
    lambdest_envelope *env;

    if (lambdest_envelope_new(options, &env, NULL))
        return NULL;
    SET(env, LAMBDEST_REQUEST_ID, BENCH_ID);
    SET(env, LAMBDEST_FUNCTION_ARN, BENCH_ARN);
    SET(env, LAMBDEST_CONDITION, BENCH_CONDITION);
    SET(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    lambdest_envelope_set_integer(env, LAMBDEST_TIMESTAMP_MS, BENCH_TIME_MS, NULL);
    lambdest_envelope_set_integer(env, LAMBDEST_INVOKE_COUNT, 3, NULL);
    return env;
}

static lambdest_envelope *make(const struct bench_input *in, const lambdest_options *options)
{
    lambdest_envelope *env = make_bare(options);

    if (env && (lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, in->event, in->event_len, NULL) ||
                lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, in->error, in->error_len, NULL))) {
        lambdest_envelope_free(env);
        return NULL;
    }
    return env;
}

static size_t write_out(const lambdest_envelope *env, struct bench_input *in)
{
    size_t len;

    return lambdest_envelope_write(env, LAMBDEST_RECORD, 0, in->out, in->out_cap, &len, NULL) ? 0 : len;
}

static size_t build_with(struct bench_input *in, const lambdest_options *options)
{
    lambdest_envelope *env = make(in, options);
    size_t len = env ? write_out(env, in) : 0;

    lambdest_envelope_free(env);
    return len;
}

static size_t build(struct bench_input *in)
{
    return build_with(in, &borrow);
}

static size_t build_copied(struct bench_input *in)
{
    return build_with(in, NULL);
}

/* From payloads that another envelope has. */
static size_t build_checked(struct bench_input *in)
{
    lambdest_envelope *env = make_bare(&borrow);
    size_t len = 0;

    if (env &&
        !lambdest_envelope_copy_json(env, LAMBDEST_REQUEST_PAYLOAD, in->made, LAMBDEST_REQUEST_PAYLOAD,
                                     NULL) &&
        !lambdest_envelope_copy_json(env, LAMBDEST_INVOCATION_ERROR, in->made, LAMBDEST_INVOCATION_ERROR,
                                     NULL))
        len = write_out(env, in);
    lambdest_envelope_free(env);
    return len;
}

static size_t read_members(const lambdest_envelope *env)
{
    size_t len, sum = lambdest_envelope_text(env, LAMBDEST_CONDITION, &len) ? len : 0;

    sum += lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, &len) ? len : 0;
    sum += lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, &len) ? len : 0;
    sum += lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len) ? len : 0;
    sum += lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len) ? len : 0;
    sum += lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len) ? len : 0;
    return sum;
}

static size_t parse_with(struct bench_input *in, const lambdest_options *options)
{
    lambdest_envelope *env;
    size_t sum;

    if (lambdest_envelope_parse(in->record, in->record_len, options, &env, NULL))
        return 0;
    sum = read_members(env);
    lambdest_envelope_free(env);
    return sum;
}

static size_t parse(struct bench_input *in)
{
    return parse_with(in, &borrow);
}

static size_t parse_copied(struct bench_input *in)
{
    return parse_with(in, NULL);
}

static size_t parse_write_as(struct bench_input *in, int form)
{
    lambdest_envelope *env;
    size_t len = 0;

    if (lambdest_envelope_parse(in->record, in->record_len, &borrow, &env, NULL))
        return 0;
    if (lambdest_envelope_write(env, form, 0, in->out, in->out_cap, &len, NULL))
        len = 0;
    lambdest_envelope_free(env);
    return len;
}

static size_t parse_write(struct bench_input *in)
{
    return parse_write_as(in, LAMBDEST_RECORD);
}

static size_t convert(struct bench_input *in)
{
    return parse_write_as(in, LAMBDEST_DOCUMENT);
}

static void prepare(struct bench_input *in)
{
    in->made = make(in, &borrow);
}

static void prepare_parsed(struct bench_input *in)
{
    lambdest_envelope *env = NULL;

    (void)lambdest_envelope_parse(in->record, in->record_len, &borrow, &env, NULL);
    in->made = env;
}

static void clean_up(struct bench_input *in)
{
    lambdest_envelope_free(in->made);
}

static size_t write_made(struct bench_input *in)
{
    return write_out(in->made, in);
}

static size_t write_parts(struct bench_input *in)
{
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t len, count;

    if (lambdest_envelope_write_parts(in->made, 0, 0, in->out, in->out_cap, &len, parts, &count, NULL))
        return 0;
    return count;
}

static size_t classify(struct bench_input *in)
{
    return (size_t)(lambdest_envelope_outcome(in->made) + lambdest_envelope_cause(in->made));
}

/* Three levels off, as the others take them, and the same members read. */
static size_t unwrap(struct bench_input *in)
{
    const lambdest_envelope *env;
    lambdest_items *items;
    size_t sum, len;

    if (lambdest_unwrap(in->lambda_event, in->lambda_event_len, &borrow, &items, NULL))
        return 0;
    env = lambdest_item_envelope(lambdest_items_at(items, 0));
    sum = env ? read_members(env) : 0;
    (void)lambdest_item_text(lambdest_items_at(items, 0), LAMBDEST_ITEM_ID, &len);
    lambdest_items_free(items);
    return sum;
}

/* An envelope that exists, to four sinks that take the same form. */
struct delivery {
    lambdest_router *router;
    lambdest_envelope *env;
    size_t taken;
};

static void take(lambdest_delivery *row, void *user_data)
{
    size_t len;

    (void)lambdest_delivery_body(row, &len);
    *(size_t *)user_data += len;
    (void)lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

static void prepare_delivery(struct bench_input *in)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    struct delivery *d = calloc(1, sizeof *d);
    lambdest_sink sink;
    size_t i;

    if (!d || lambdest_router_new(NULL, &d->router, NULL))
        exit(1);
    memset(&sink, 0, sizeof sink);
    sink.size = sizeof sink;
    sink.deliver = take;
    sink.user_data = &d->taken;
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        if (lambdest_router_add_sink(d->router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, names[i], 1, &sink,
                                     NULL))
            exit(1);
    d->env = make(in, &borrow);
    in->made = d;
}

static void clean_up_delivery(struct bench_input *in)
{
    struct delivery *d = in->made;

    lambdest_router_free(d->router);
    lambdest_envelope_free(d->env);
    free(d);
}

static size_t plan(struct bench_input *in)
{
    struct delivery *d = in->made;
    lambdest_plan *made;

    d->taken = 0;
    if (lambdest_router_dispatch(d->router, d->env, 0, &made, NULL))
        return 0;
    lambdest_plan_free(made);
    return d->taken;
}

int main(int argc, char **argv)
{
    static const struct bench_op ops[] = {
#ifdef BENCH_AS_BUILD /* what a plan is measured against */
        {"plan", build, NULL, NULL},
#endif
        {"build", build, NULL, NULL},
        {"build-checked", build_checked, prepare, clean_up},
        {"build-copied", build_copied, NULL, NULL},
        {"parse", parse, NULL, NULL},
        {"parse-copied", parse_copied, NULL, NULL},
        {"parse-write", parse_write, NULL, NULL},
        {"convert", convert, NULL, NULL},
        {"write", write_made, prepare, clean_up},
        {"parts", write_parts, prepare, clean_up},
        {"classify", classify, prepare_parsed, clean_up},
        {"unwrap", unwrap, NULL, NULL},
        {"plan", plan, prepare_delivery, clean_up_delivery},
        {NULL, NULL, NULL, NULL},
    };

    return bench_main(argc, argv, ops);
}
