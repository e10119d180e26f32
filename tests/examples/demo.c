/* demo: a tiny runtime inside one process. A function that confirms each message of an SQS event is invoked
 * with real events; what became of each invocation goes, as a destination envelope, through a router to a file
 * of successes and a file of failures. */
#define _POSIX_C_SOURCE 200809L /* open */
#include "input.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#define TEXT(s) (s), (sizeof(s) - 1)

typedef struct answer { /* what a handler leaves behind */
    const char *returned;
    const char *error_type;
    const char *error_message;
} answer;

typedef void handler_fn(const char *event, size_t len, answer *out);

/* ---- the functions ---- */

static void confirm_messages(const char *event, size_t len, answer *out)
{
    json_t *root = json_loadb(event, len, 0, NULL), *record;
    size_t i;

    json_array_foreach(json_object_get(root, "Records"), i, record)
    {
        const char *body = json_string_value(json_object_get(record, "body"));

        if (body && strstr(body, "error")) {
            out->error_type = "ValueError";
            out->error_message = "Simulated processing error";
        }
    }
    json_decref(root);
    out->returned = "{\"statusCode\":200,\"body\":\"Processed records.\"}";
}

static void return_error_shape(const char *event, size_t len, answer *out)
{
    (void)event;
    (void)len;
    out->returned = "{\"errorType\":\"Unlucky\",\"errorMessage\":\"returned, not raised\"}";
}

static void return_status_500(const char *event, size_t len, answer *out)
{
    (void)event;
    (void)len;
    out->returned = "{\"statusCode\":500,\"body\":\"resize failed\"}";
}

/* ---- the runtime ---- */

typedef struct invocation {
    const char *request_id;
    const char *event_file;
    handler_fn *handler; /* NULL: it never ran, for the event expired in the queue */
    const char *story;
} invocation;

static const invocation invocations[] = {
    {"5f0d1c2b-0001-4c55-9a70-6c3a1d0e0001", "tests/records/event-sqs.json", confirm_messages,
     "confirmed each message"},
    {"5f0d1c2b-0002-4c55-9a70-6c3a1d0e0002", "tests/records/event-sqs-error.json", confirm_messages,
     "raised"},
    {"5f0d1c2b-0003-4c55-9a70-6c3a1d0e0003", "tests/records/event-sqs.json", return_error_shape,
     "returned what looks like an error"},
    {"5f0d1c2b-0004-4c55-9a70-6c3a1d0e0004", "tests/records/event-sqs.json", return_status_500,
     "returned a status of 500"},
    {"5f0d1c2b-0005-4c55-9a70-6c3a1d0e0005", "tests/records/event-sqs.json", NULL,
     "never ran: throttled until too old"},
};

static void must(int rc, const lambdest_error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "demo: %s (%s)\n", err->message, err->where);
    exit(1);
}

static void set_text(lambdest_envelope *env, int member, const char *text)
{
    lambdest_error err;

    must(lambdest_envelope_set_text(env, member, text, strlen(text), &err), &err);
}

static void set_integer(lambdest_envelope *env, int member, int64_t value)
{
    lambdest_error err;

    must(lambdest_envelope_set_integer(env, member, value, &err), &err);
}

static void set_json(lambdest_envelope *env, int member, const char *json, size_t len)
{
    lambdest_error err;

    must(lambdest_envelope_set_json(env, member, json, len, &err), &err);
}

static void succeed(lambdest_envelope *env, const char *returned)
{
    set_text(env, LAMBDEST_CONDITION, "Success");
    set_integer(env, LAMBDEST_INVOKE_COUNT, 1);
    set_integer(env, LAMBDEST_STATUS_CODE, 200);
    set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    set_json(env, LAMBDEST_RESPONSE_PAYLOAD, returned, strlen(returned));
}

static void fail(lambdest_envelope *env, const answer *a)
{
    const lambdest_slice frame = {TEXT("  File \"/var/task/app.py\", line 9, in handler\n")};
    lambdest_error err;

    set_text(env, LAMBDEST_CONDITION, "RetriesExhausted");
    set_integer(env, LAMBDEST_INVOKE_COUNT, 3);
    set_text(env, LAMBDEST_EXECUTED_VERSION, "$LATEST");
    must(lambdest_envelope_set_error(env, a->error_type, strlen(a->error_type), a->error_message,
                                     strlen(a->error_message), &frame, 1, &err),
         &err);
}

static void expire(lambdest_envelope *env)
{
    set_text(env, LAMBDEST_CONDITION, "EventAgeExceeded");
    set_integer(env, LAMBDEST_INVOKE_COUNT, 0);
    set_integer(env, LAMBDEST_STATUS_CODE, 429);
}

static lambdest_envelope *invoke(const invocation *call, int64_t now_ms)
{
    answer a = {NULL, NULL, NULL};
    lambdest_envelope *env;
    lambdest_error err;
    size_t len;
    char *event = read_all("demo", call->event_file, &len);

    if (!event)
        exit(1);
    must(lambdest_envelope_new(NULL, &env, &err), &err);
    set_text(env, LAMBDEST_REQUEST_ID, call->request_id);
    set_text(env, LAMBDEST_FUNCTION_ARN, "arn:aws:lambda:eu-west-1:111122223333:function:confirm");
    set_integer(env, LAMBDEST_TIMESTAMP_MS, now_ms);
    set_json(env, LAMBDEST_REQUEST_PAYLOAD, event, len);
    if (call->handler)
        call->handler(event, len, &a);
    if (!call->handler)
        expire(env);
    else if (a.error_type)
        fail(env, &a);
    else
        succeed(env, a.returned);
    free(event);
    return env;
}

/* ---- what is shown ---- */

static const char *text_or(const lambdest_envelope *env, int member, const char *otherwise)
{
    const char *text = lambdest_envelope_text(env, member, NULL);

    return text ? text : otherwise;
}

static void show_line(const lambdest_envelope *env, const char *sink, const char *story)
{
    int64_t attempts;

    lambdest_envelope_integer(env, LAMBDEST_INVOKE_COUNT, &attempts);
    printf("%s  %-8s %-17s x%lld  %-10s %-27s -> %s.ndjson  (%s)\n", text_or(env, LAMBDEST_REQUEST_ID, "-"),
           lambdest_name(lambdest_envelope_outcome(env)), text_or(env, LAMBDEST_CONDITION, "-"),
           (long long)attempts, text_or(env, LAMBDEST_ERROR_TYPE, "-"),
           text_or(env, LAMBDEST_ERROR_MESSAGE, "-"), sink, story);
}

static void show_whole(const lambdest_envelope *env, int form)
{
    lambdest_error err;
    json_t *value;
    size_t len;
    char *text;

    must(lambdest_envelope_write_alloc(env, form, 0, &text, &len, &err), &err);
    value = json_loadb(text, len, 0, NULL); /* only to print it prettily */
    printf("\nThe failure as a %s:\n", lambdest_name(form));
    json_dumpf(value, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(value);
    lambdest_free(text);
}

/* ---- delivery ---- */

static lambdest_stream *add_file(lambdest_router *router, uint32_t when, const char *name, const char *path)
{
    lambdest_sink sink = {.size = sizeof sink};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    lambdest_stream *stream;
    lambdest_error err;

    if (fd < 0) {
        fprintf(stderr, "demo: cannot write %s\n", path);
        exit(1);
    }
    must(lambdest_stream_new(fd, NULL, &stream, &err), &err);
    lambdest_stream_sink(stream, &sink);
    must(lambdest_router_add_sink(router, when, name, strlen(name), &sink, &err), &err);
    return stream;
}

static void deliver(lambdest_router *router, const lambdest_envelope *env, const char *story)
{
    lambdest_plan *plan;
    lambdest_error err;
    size_t i;

    must(lambdest_router_dispatch(router, env, 0, &plan, &err), &err);
    for (i = 0; i < lambdest_plan_count(plan); i++)
        show_line(env, lambdest_delivery_text(lambdest_plan_at(plan, i), LAMBDEST_DELIVERY_SINK, NULL),
                  story);
    lambdest_plan_free(plan);
}

int main(void)
{
    const int64_t start_ms = INT64_C(1772443498046);
    lambdest_envelope *env[sizeof invocations / sizeof invocations[0]];
    size_t i, count = sizeof invocations / sizeof invocations[0];
    lambdest_stream *success, *failure;
    lambdest_router *router;
    lambdest_error err;

    must(lambdest_router_new(NULL, &router, &err), &err);
    success = add_file(router, LAMBDEST_ON_SUCCESS, "success", "build/demo/success.ndjson");
    failure = add_file(router, LAMBDEST_ON_FAILURE, "failure", "build/demo/failure.ndjson");
    for (i = 0; i < count; i++) {
        env[i] = invoke(&invocations[i], start_ms + (int64_t)i * 1000);
        deliver(router, env[i], invocations[i].story);
    }
    show_whole(env[1], LAMBDEST_RECORD);
    show_whole(env[1], LAMBDEST_DOCUMENT);
    for (i = 0; i < count; i++)
        lambdest_envelope_free(env[i]);
    lambdest_router_free(router);
    lambdest_stream_free(success);
    lambdest_stream_free(failure);
    return finish("demo", 0);
}
