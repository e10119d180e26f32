#include "bench.h"

#include <cjson/cJSON.h>
#include <string.h>

static cJSON *make(const struct bench_input *in)
{
    cJSON *record = cJSON_CreateObject(), *context, *response;

    cJSON_AddStringToObject(record, "version", "1.0");
    cJSON_AddStringToObject(record, "timestamp", BENCH_TIME);
    context = cJSON_AddObjectToObject(record, "requestContext");
    cJSON_AddStringToObject(context, "requestId", BENCH_ID);
    cJSON_AddStringToObject(context, "functionArn", BENCH_ARN);
    cJSON_AddStringToObject(context, "condition", BENCH_CONDITION);
    cJSON_AddNumberToObject(context, "approximateInvokeCount", 3);
    cJSON_AddItemToObject(record, "requestPayload", cJSON_ParseWithLength(in->event, in->event_len));
    response = cJSON_AddObjectToObject(record, "responseContext");
    cJSON_AddNumberToObject(response, "statusCode", 200);
    cJSON_AddStringToObject(response, "executedVersion", "$LATEST");
    cJSON_AddStringToObject(response, "functionError", "Unhandled");
    cJSON_AddItemToObject(record, "responsePayload", cJSON_ParseWithLength(in->error, in->error_len));
    return record;
}

static size_t write_out(cJSON *record, struct bench_input *in)
{
    return cJSON_PrintPreallocated(record, in->out, (int)in->out_cap, 0) ? (unsigned char)in->out[0] : 0;
}

static size_t build(struct bench_input *in)
{
    cJSON *record = make(in);
    size_t n = write_out(record, in);

    cJSON_Delete(record);
    return n;
}

static size_t length_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

    return text ? strlen(text) : 0;
}

static size_t parse(struct bench_input *in)
{
    cJSON *record = cJSON_ParseWithLength(in->record, in->record_len);
    const cJSON *context = cJSON_GetObjectItemCaseSensitive(record, "requestContext");
    const cJSON *response = cJSON_GetObjectItemCaseSensitive(record, "responsePayload");
    size_t n = length_of(context, "condition") + length_of(context, "requestId") +
               length_of(response, "errorType") + length_of(response, "errorMessage");

    n += cJSON_GetObjectItemCaseSensitive(record, "requestPayload") != NULL;
    cJSON_Delete(record);
    return n;
}

static size_t parse_write(struct bench_input *in)
{
    cJSON *record = cJSON_ParseWithLength(in->record, in->record_len);
    size_t n = record ? write_out(record, in) : 0;

    cJSON_Delete(record);
    return n;
}

static void prepare(struct bench_input *in)
{
    in->made = make(in);
}

static void clean_up(struct bench_input *in)
{
    cJSON_Delete(in->made);
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
