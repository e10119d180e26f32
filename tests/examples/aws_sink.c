/* See aws_sink.h. Made for libcurl 7.88, which signs (CURLOPT_AWS_SIGV4) the path as it is: no more may stand in
 * it than what is the same when encoded once more. So a function is called by its name, in the account of the
 * credentials, and not by its ARN. */
#define _POSIX_C_SOURCE 200809L
#include "aws_sink.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_AT_ONCE = 8
};

typedef struct service {
    int target;
    const char *variable;
    const char *name; /* in host names and signatures */
    const char *type;
    const char *header;
} service;

static const service services[] = {
    {LAMBDEST_TARGET_SQS, "AWS_ENDPOINT_URL_SQS", "sqs", "Content-Type: application/x-amz-json-1.0",
     "X-Amz-Target: AmazonSQS.SendMessage"},
    {LAMBDEST_TARGET_SNS, "AWS_ENDPOINT_URL_SNS", "sns", "Content-Type: application/x-www-form-urlencoded",
     NULL},
    {LAMBDEST_TARGET_LAMBDA, "AWS_ENDPOINT_URL_LAMBDA", "lambda", "Content-Type: application/json",
     "X-Amz-Invocation-Type: Event"},
    {LAMBDEST_TARGET_EVENTBRIDGE, "AWS_ENDPOINT_URL_EVENTBRIDGE", "events",
     "Content-Type: application/x-amz-json-1.1", "X-Amz-Target: AWSEvents.PutEvents"},
    {LAMBDEST_TARGET_S3, "AWS_ENDPOINT_URL_S3", "s3", "Content-Type: application/octet-stream",
     "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD"},
};

struct aws_client {
    CURL *curl; /* of the callback, which keeps its connection */
    long timeout_ms;
};

/* One request and its answer. */
typedef struct exchange {
    lambdest_delivery *row;
    const service *service;
    lambdest_slice arn[6]; /* "arn", partition, service, region, account, the rest */
    CURL *curl;
    struct curl_slist *headers;
    char *base; /* of the URL: scheme, host, port */
    char *url;
    char *body; /* NULL: the row's own */
    const char *wrong;
    size_t got;
    char answer[4096]; /* the beginning is enough */
} exchange;

/* ---- small things ---- */

/* NULL without memory. */
__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
    char *out = NULL;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n >= 0)
        out = malloc((size_t)n + 1);
    if (out) {
        va_start(args, format);
        vsnprintf(out, (size_t)n + 1, format, args);
        va_end(args);
    }
    return out;
}

static const char *environment(const char *name, const char *other)
{
    const char *value = getenv(name);

    if (!value || !*value)
        value = getenv(other);
    return value ? value : "";
}

static void add_header(exchange *x, const char *line)
{
    struct curl_slist *longer = line ? curl_slist_append(x->headers, line) : x->headers;

    if (longer)
        x->headers = longer;
    else if (line)
        x->wrong = "no memory";
}

static size_t keep(char *data, size_t size, size_t count, void *user_data)
{
    exchange *x = user_data;
    size_t len = size * count, room = sizeof x->answer - 1 - x->got;

    memcpy(x->answer + x->got, data, len < room ? len : room);
    x->got += len < room ? len : room;
    return len;
}

/* ---- where to, and what ---- */

static void split(const char *arn, lambdest_slice part[6])
{
    int i;

    for (i = 0; i < 6; i++) {
        const char *colon = i < 5 ? strchr(arn, ':') : NULL;

        part[i].data = arn;
        part[i].len = colon ? (size_t)(colon - arn) : strlen(arn);
        arn += part[i].len + (colon ? 1 : 0);
    }
}

static lambdest_slice region_of(const exchange *x)
{
    lambdest_slice region = x->arn[3];

    if (!region.len) {
        region.data = environment("AWS_REGION", "AWS_DEFAULT_REGION");
        region.len = strlen(region.data);
    }
    return region;
}

static char *base_url(const exchange *x)
{
    const char *other = environment(x->service->variable, "AWS_ENDPOINT_URL");
    bool china = x->arn[1].len == 6 && !memcmp(x->arn[1].data, "aws-cn", 6);
    lambdest_slice region = region_of(x);
    size_t len = strlen(other);

    if (len)
        return text("%.*s", (int)(other[len - 1] == '/' ? len - 1 : len), other);
    return text("https://%s.%.*s.amazonaws.com%s", x->service->name, (int)region.len, region.data,
                china ? ".cn" : "");
}

/* function:NAME or function:NAME:QUALIFIER */
static char *function_url(const exchange *x)
{
    const char *name = strchr(x->arn[5].data, ':') + 1, *colon = strchr(name, ':');
    char *qualifier = curl_easy_escape(x->curl, colon ? colon + 1 : "", 0), *url = NULL;

    if (qualifier)
        url = text("%s/2015-03-31/functions/%.*s/invocations%s%s", x->base,
                   (int)(colon ? (size_t)(colon - name) : strlen(name)), name, colon ? "?Qualifier=" : "",
                   qualifier);
    curl_free(qualifier);
    return url;
}

/* A request id makes the key the same for each attempt. The mapping of a batch record is not known here. */
static char *object_url(exchange *x)
{
    static const char no_mapping[] = "00000000-0000-0000-0000-000000000000";
    lambdest_message message = {.envelope = lambdest_delivery_envelope(x->row),
                                .mapping = no_mapping,
                                .mapping_len = sizeof no_mapping - 1,
                                .time_ms = (int64_t)time(NULL) * 1000};
    char *key, *escaped, *part, *url = NULL;
    lambdest_error err;
    size_t len;

    message.id = lambdest_envelope_text(message.envelope, LAMBDEST_REQUEST_ID, &message.id_len);
    if (lambdest_wrap(LAMBDEST_S3_KEY, &message, 1, NULL, &key, &len, &err)) {
        x->wrong = "the envelope gives no key";
        return NULL;
    }
    escaped = curl_easy_escape(x->curl, key, (int)len);
    for (part = escaped; part && (part = strstr(part, "%2F")) != NULL; part++) {
        *part = '/';
        memmove(part + 1, part + 3, strlen(part + 3) + 1);
    }
    if (escaped)
        url = text("%s/%s/%s", x->base, x->arn[5].data, escaped);
    curl_free(escaped);
    lambdest_free(key);
    return url;
}

static char *queue_body(const exchange *x, const char *body, size_t len)
{
    char *queue = text("%s/%.*s/%s", x->base, (int)x->arn[4].len, x->arn[4].data, x->arn[5].data), *out;
    json_t *message = json_pack("{s:s, s:s%}", "QueueUrl", queue ? queue : "", "MessageBody", body, len);

    out = queue && message ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    free(queue);
    return out;
}

static char *topic_body(const exchange *x, const char *body, size_t len)
{
    char *arn = curl_easy_escape(x->curl, x->arn[0].data, 0);
    char *message = curl_easy_escape(x->curl, body, (int)len), *out = NULL;

    if (arn && message)
        out = text("Action=Publish&Version=2010-03-31&TopicArn=%s&Message=%s", arn, message);
    curl_free(arn);
    curl_free(message);
    return out;
}

/* Fills URL and body; without memory they stay NULL. */
static void address(exchange *x, const char **body, size_t *len)
{
    x->base = base_url(x);
    if (!x->base)
        return;
    switch (x->service->target) {
    case LAMBDEST_TARGET_LAMBDA:
        x->url = function_url(x);
        return;
    case LAMBDEST_TARGET_S3:
        x->url = object_url(x);
        curl_easy_setopt(x->curl, CURLOPT_CUSTOMREQUEST, "PUT");
        return;
    case LAMBDEST_TARGET_SQS:
        x->body = queue_body(x, *body, *len);
        break;
    case LAMBDEST_TARGET_SNS:
        x->body = topic_body(x, *body, *len);
        break;
    default:
        x->body = text("{\"Entries\":[%s]}", *body);
    }
    *body = x->body;
    *len = x->body ? strlen(x->body) : 0;
    x->url = x->body ? text("%s/", x->base) : NULL;
}

/* ---- a request's life: begin, perform by easy or multi, end ---- */

static void sign(exchange *x)
{
    lambdest_slice region = region_of(x);
    const char *token = environment("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN");
    char *line = *token ? text("X-Amz-Security-Token: %s", token) : NULL;
    char *scope = text("aws:amz:%.*s:%s", (int)region.len, region.data, x->service->name);

    if (!scope || (*token && !line))
        x->wrong = "no memory";
    add_header(x, line);
    curl_easy_setopt(x->curl, CURLOPT_AWS_SIGV4, scope);
    curl_easy_setopt(x->curl, CURLOPT_USERNAME, environment("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"));
    curl_easy_setopt(x->curl, CURLOPT_PASSWORD, environment("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"));
    free(line);
    free(scope);
}

/* NULL without memory; the row is then reported. */
static exchange *begin(const aws_client *client, lambdest_delivery *row, CURL *curl)
{
    exchange *x = calloc(1, sizeof *x);
    int64_t target = 0;
    const char *body;
    size_t len;

    if (!x || !curl) {
        lambdest_delivery_report(row, LAMBDEST_VERDICT_RETRY, "no memory", 9);
        free(x);
        return NULL;
    }
    x->row = row;
    x->curl = curl;
    lambdest_delivery_integer(row, LAMBDEST_DELIVERY_TARGET, &target);
    for (x->service = services; x->service->target != target;)
        x->service++;
    split(lambdest_delivery_text(row, LAMBDEST_DELIVERY_ARN, NULL), x->arn);
    body = lambdest_delivery_body(row, &len);
    address(x, &body, &len);
    if (!x->url && !x->wrong)
        x->wrong = "no memory";
    add_header(x, x->service->type);
    add_header(x, x->service->header);
    sign(x);
    curl_easy_setopt(curl, CURLOPT_URL, x->url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, client->timeout_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, x);
    return x;
}

/* What the service calls its error: in a header, in JSON (of PutEvents in the entry), in XML. */
static void error_code(const exchange *x, const json_t *answer, char *code, size_t cap)
{
    const json_t *entry = json_array_get(json_object_get(answer, "Entries"), 0);
    const char *found = json_string_value(json_object_get(answer, "__type")), *hash;
    struct curl_header *header;
    size_t n;

    if (!found)
        found = json_string_value(json_object_get(entry, "ErrorCode"));
    if (!found && !curl_easy_header(x->curl, "x-amzn-ErrorType", 0, CURLH_HEADER, -1, &header))
        found = header->value;
    if (!found && (found = strstr(x->answer, "<Code>")) != NULL)
        found += 6;
    if (found && (hash = strchr(found, '#')) != NULL)
        found = hash + 1;
    n = found ? strspn(found, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.") : 0;
    snprintf(code, cap, "%.*s", (int)n, found ? found : "");
}

/* Some services tell a passing trouble with status 400, or 200. */
static bool is_passing(long status, const char *code)
{
    static const char *const words[] = {"Throttl",       "SlowDown",       "TooManyRequests",
                                        "LimitExceeded", "RequestTimeout", "Internal"};
    size_t i;

    for (i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(code, words[i]))
            return true;
    return status == 408 || status == 429 || status >= 500;
}

static int judge(const exchange *x, char *detail, size_t cap)
{
    json_t *answer = json_loadb(x->answer, x->got, 0, NULL);
    const json_t *failed = json_object_get(answer, "FailedEntryCount");
    bool taken, put_events = x->service->target == LAMBDEST_TARGET_EVENTBRIDGE;
    char code[64];
    long status = 0;

    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    error_code(x, answer, code, sizeof code);
    taken = status / 100 == 2 && (!put_events || (json_is_integer(failed) && !json_integer_value(failed)));
    if (put_events && status == 200 && !json_is_integer(failed))
        status = 502; /* it may have been taken or not */
    snprintf(detail, cap, "HTTP %ld%s%s", status, *code ? " " : "", code);
    json_decref(answer);
    return taken                      ? LAMBDEST_VERDICT_DELIVERED
           : is_passing(status, code) ? LAMBDEST_VERDICT_RETRY
                                      : LAMBDEST_VERDICT_REJECTED;
}

static void end(exchange *x, CURLcode code)
{
    int verdict = LAMBDEST_VERDICT_RETRY;
    char detail[128];

    if (x->wrong) {
        snprintf(detail, sizeof detail, "%s", x->wrong);
        verdict = strcmp(x->wrong, "no memory") ? LAMBDEST_VERDICT_REJECTED : LAMBDEST_VERDICT_RETRY;
    } else if (code) {
        snprintf(detail, sizeof detail, "%s", curl_easy_strerror(code));
        if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
            verdict = LAMBDEST_VERDICT_REJECTED;
    } else {
        verdict = judge(x, detail, sizeof detail);
    }
    lambdest_delivery_report(x->row, verdict, detail, strlen(detail));
    curl_slist_free_all(x->headers);
    free(x->base);
    free(x->url);
    free(x->body);
    free(x);
}

/* ---- by callback ---- */

static void deliver(lambdest_delivery *row, void *user_data)
{
    aws_client *client = user_data;
    exchange *x;

    curl_easy_reset(client->curl);
    x = begin(client, row, client->curl);
    if (x)
        end(x, x->wrong ? CURLE_OK : curl_easy_perform(x->curl));
}

/* ---- by pulling ---- */

typedef struct cursor {
    lambdest_plan *const *plans;
    size_t count;
    size_t plan;
    size_t row;
} cursor;

static lambdest_delivery *next_waiting(cursor *c, const aws_client *client)
{
    for (; c->plan < c->count; c->plan++, c->row = 0)
        while (c->row < lambdest_plan_count(c->plans[c->plan])) {
            lambdest_delivery *row = lambdest_plan_at(c->plans[c->plan], c->row++);
            int64_t verdict, handed_on;

            lambdest_delivery_integer(row, LAMBDEST_DELIVERY_VERDICT, &verdict);
            lambdest_delivery_integer(row, LAMBDEST_DELIVERY_HANDED_ON, &handed_on);
            if (lambdest_delivery_user_data(row) == client && !handed_on &&
                (verdict == LAMBDEST_VERDICT_NONE || verdict == LAMBDEST_VERDICT_RETRY))
                return row;
        }
    return NULL;
}

/* Ends what has ended, and tells how many that were. */
static int reap(CURLM *multi)
{
    CURLMsg *message;
    int left, ended = 0;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *curl = message->easy_handle;
        CURLcode code = message->data.result;
        exchange *x = NULL;

        curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&x);
        curl_multi_remove_handle(multi, curl);
        end(x, code);
        curl_easy_cleanup(curl);
        ended++;
    }
    return ended;
}

/* 1 if the row's request is now under way; else it is reported. */
static int start(aws_client *client, CURLM *multi, lambdest_delivery *row)
{
    CURL *curl = curl_easy_init();
    exchange *x = begin(client, row, curl);

    if (x && !x->wrong && !curl_multi_add_handle(multi, curl))
        return 1;
    if (x)
        end(x, CURLE_OUT_OF_MEMORY);
    curl_easy_cleanup(curl);
    return 0;
}

void aws_send_all(aws_client *client, lambdest_plan *const *plans, size_t count)
{
    cursor c = {.plans = plans, .count = count};
    lambdest_delivery *row = next_waiting(&c, client);
    CURLM *multi = curl_multi_init();
    int running = 0, ended, still;

    while (multi && (row || running)) {
        for (; row && running < MOST_AT_ONCE; row = next_waiting(&c, client))
            running += start(client, multi, row);
        curl_multi_perform(multi, &still);
        ended = reap(multi);
        running -= ended;
        if (running && !ended)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    curl_multi_cleanup(multi);
}

/* ---- client and sink ---- */

aws_client *aws_client_new(long timeout_ms)
{
    aws_client *client = calloc(1, sizeof *client);

    if (!client)
        return NULL;
    client->curl = curl_easy_init();
    client->timeout_ms = timeout_ms;
    if (client->curl)
        return client;
    free(client);
    return NULL;
}

void aws_client_free(aws_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    free(client);
}

int aws_sink_init(lambdest_sink *sink, aws_client *client, const char *arn, lambdest_error *err)
{
    int rc = lambdest_sink_init(sink, 0, arn, strlen(arn), err);
    size_t i;

    if (rc)
        return rc;
    for (i = 0; i < sizeof services / sizeof services[0]; i++)
        if (services[i].target == (int)sink->target) {
            sink->deliver = deliver;
            sink->user_data = client;
            return LAMBDEST_OK;
        }
    memset(err, 0, sizeof *err);
    err->code = LAMBDEST_E_UNSUPPORTED;
    err->message = "no target that is sent to over HTTP";
    err->where = "arn";
    return LAMBDEST_E_UNSUPPORTED;
}
