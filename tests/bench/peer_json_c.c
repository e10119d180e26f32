#include "bench.h"

#include <json-c/json.h>
#include <string.h>

static json_object *load(json_tokener *tokener, const char *text, size_t len)
{
    json_tokener_reset(tokener);
    return json_tokener_parse_ex(tokener, text, (int)len);
}

static void add(json_object *object, const char *name, const char *text)
{
    json_object_object_add(object, name, json_object_new_string(text));
}

static json_object *make(const struct bench_input *in)
{
    json_object *record = json_object_new_object(), *context = json_object_new_object();
    json_object *response = json_object_new_object();
    json_tokener *tokener = json_tokener_new_ex(512);

    add(record, "version", "1.0");
    add(record, "timestamp", BENCH_TIME);
    json_object_object_add(record, "requestContext", context);
    add(context, "requestId", BENCH_ID);
    add(context, "functionArn", BENCH_ARN);
    add(context, "condition", BENCH_CONDITION);
    json_object_object_add(context, "approximateInvokeCount", json_object_new_int(3));
    json_object_object_add(record, "requestPayload", load(tokener, in->event, in->event_len));
    json_object_object_add(record, "responseContext", response);
    json_object_object_add(response, "statusCode", json_object_new_int(200));
    add(response, "executedVersion", "$LATEST");
    add(response, "functionError", "Unhandled");
    json_object_object_add(record, "responsePayload", load(tokener, in->error, in->error_len));
    json_tokener_free(tokener);
    return record;
}

static size_t write_out(json_object *record, struct bench_input *in)
{
    size_t len;
    const char *text = json_object_to_json_string_length(record, JSON_C_TO_STRING_PLAIN, &len);

    memcpy(in->out, text, len);
    return len;
}

static size_t build(struct bench_input *in)
{
    json_object *record = make(in);
    size_t n = write_out(record, in);

    json_object_put(record);
    return n;
}

static size_t length_of(json_object *object, const char *name)
{
    return (size_t)json_object_get_string_len(json_object_object_get(object, name));
}

static json_object *load_record(const struct bench_input *in)
{
    json_tokener *tokener = json_tokener_new_ex(512);
    json_object *record = load(tokener, in->record, in->record_len);

    json_tokener_free(tokener);
    return record;
}

static size_t parse(struct bench_input *in)
{
    json_object *record = load_record(in), *context = json_object_object_get(record, "requestContext");
    json_object *response = json_object_object_get(record, "responsePayload");
    size_t n = length_of(context, "condition") + length_of(context, "requestId") +
               length_of(response, "errorType") + length_of(response, "errorMessage");

    n += json_object_object_get(record, "requestPayload") != NULL;
    json_object_put(record);
    return n;
}

static size_t parse_write(struct bench_input *in)
{
    json_object *record = load_record(in);
    size_t n = record ? write_out(record, in) : 0;

    json_object_put(record);
    return n;
}

static void prepare(struct bench_input *in)
{
    in->made = make(in);
}

static void clean_up(struct bench_input *in)
{
    json_object_put(in->made);
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
        {NULL, NULL, NULL, NULL},
    };

    return bench_main(argc, argv, ops);
}
