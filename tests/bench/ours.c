#include "bench.h"

#include <lambdest.h>
#include <stdlib.h>
#include <string.h>

static const lambdest_options borrow = {sizeof borrow, LAMBDEST_BORROW, 0, 0, 0, 0, NULL, NULL};

#define SET(env, member, text) lambdest_envelope_set_text(env, member, text, sizeof(text) - 1, NULL)

static lambdest_envelope *make(const struct bench_input *in, const lambdest_options *options)
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
    if (lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, in->event, in->event_len, NULL) ||
        lambdest_envelope_set_json(env, LAMBDEST_INVOCATION_ERROR, in->error, in->error_len, NULL)) {
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

static size_t parse_with(struct bench_input *in, const lambdest_options *options)
{
    lambdest_envelope *env;
    size_t sum, len;

    if (lambdest_envelope_parse(in->record, in->record_len, options, &env, NULL))
        return 0;
    sum = lambdest_envelope_text(env, LAMBDEST_CONDITION, &len) ? len : 0;
    sum += lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, &len) ? len : 0;
    sum += lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, &len) ? len : 0;
    sum += lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len) ? len : 0;
    sum += lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len) ? len : 0;
    sum += lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len) ? len : 0;
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

int main(int argc, char **argv)
{
    static const struct bench_op ops[] = {
        {"build", build, NULL, NULL},
        {"build-copied", build_copied, NULL, NULL},
        {"parse", parse, NULL, NULL},
        {"parse-copied", parse_copied, NULL, NULL},
        {"parse-write", parse_write, NULL, NULL},
        {"convert", convert, NULL, NULL},
        {"write", write_made, prepare, clean_up},
        {"parts", write_parts, prepare, clean_up},
        {"classify", classify, prepare_parsed, clean_up},
        {NULL, NULL, NULL, NULL},
    };

    return bench_main(argc, argv, ops);
}
