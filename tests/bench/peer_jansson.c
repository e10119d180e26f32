#include "bench.h"

#include <jansson.h>
#include <string.h>

static json_t *make(const struct bench_input *in)
{
    json_t *event = json_loadb(in->event, in->event_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_t *error = json_loadb(in->error, in->error_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:i}, s:o, s:{s:i, s:s, s:s}, s:o}", "version", "1.0",
                     "timestamp", BENCH_TIME, "requestContext", "requestId", BENCH_ID, "functionArn",
                     BENCH_ARN, "condition", BENCH_CONDITION, "approximateInvokeCount", 3, "requestPayload",
                     event, "responseContext", "statusCode", 200, "executedVersion", "$LATEST",
                     "functionError", "Unhandled", "responsePayload", error);
}

static size_t write_out(const json_t *record, struct bench_input *in)
{
    return json_dumpb(record, in->out, in->out_cap, JSON_COMPACT);
}

static size_t build(struct bench_input *in)
{
    json_t *record = make(in);
    size_t len = record ? write_out(record, in) : 0;

    json_decref(record);
    return len;
}

static json_t *load(const struct bench_input *in)
{
    return json_loadb(in->record, in->record_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static size_t read_members(const json_t *record)
{
    const json_t *context = json_object_get(record, "requestContext");
    const json_t *response = json_object_get(record, "responsePayload");
    size_t sum = json_string_length(json_object_get(context, "condition"));

    sum += json_string_length(json_object_get(context, "requestId"));
    sum += json_string_length(json_object_get(response, "errorType"));
    sum += json_string_length(json_object_get(response, "errorMessage"));
    sum += json_object_get(record, "requestPayload") != NULL;
    return sum;
}

static size_t parse(struct bench_input *in)
{
    json_t *record = load(in);
    size_t sum = read_members(record);

    json_decref(record);
    return sum;
}

static json_t *load_text(const json_t *text)
{
    return json_loadb(json_string_value(text), json_string_length(text), JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      NULL);
}

static size_t unwrap(struct bench_input *in)
{
    json_t *event = json_loadb(in->lambda_event, in->lambda_event_len, JSON_ALLOW_NUL, NULL);
    const json_t *message = json_array_get(json_object_get(event, "Records"), 0);
    json_t *notification = load_text(json_object_get(message, "body"));
    json_t *record = load_text(json_object_get(notification, "Message"));
    size_t sum = read_members(record);

    json_decref(record);
    json_decref(notification);
    json_decref(event);
    return sum;
}

static size_t parse_write(struct bench_input *in)
{
    json_t *record = load(in);
    size_t len = record ? write_out(record, in) : 0;

    json_decref(record);
    return len;
}

static void prepare(struct bench_input *in)
{
    in->made = make(in);
}

static void clean_up(struct bench_input *in)
{
    json_decref(in->made);
}

static size_t write_made(struct bench_input *in)
{
    return write_out(in->made, in);
}

int main(int argc, char **argv)
{
    static const struct bench_op ops[] = {
        {"build", build, NULL, NULL},
        {"parse", parse, NULL, NULL},
        {"parse-write", parse_write, NULL, NULL},
        {"write", write_made, prepare, clean_up},
        {"unwrap", unwrap, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };

    return bench_main(argc, argv, ops);
}
