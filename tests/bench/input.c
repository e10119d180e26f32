#include "input.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text {
    char *data;
    size_t len;
    size_t cap;
    uint64_t seed;
} text;

static void put_bytes(text *t, const char *bytes, size_t len)
{
    if (t->len + len > t->cap) {
        t->cap = (t->len + len) * 2;
        t->data = realloc(t->data, t->cap);
        if (!t->data)
            exit(1);
    }
    memcpy(t->data + t->len, bytes, len);
    t->len += len;
}

static void put(text *t, const char *format, ...)
{
    char line[1024];
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    put_bytes(t, line, (size_t)n);
}

static unsigned chance(text *t, unsigned limit)
{
    t->seed = t->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((t->seed >> 33) % limit);
}

/* ---- styles: each call adds one element of some 100 to 1,500 bytes ---- */

static void put_sqs(text *t, size_t left)
{
    size_t end = t->len + (left > 2600 ? 1400 : left > 330 ? left - 310 : 0);

    put(t, "{\"messageId\":\"%08x-f796-459a-8184-9c92662bdb01\",\"body\":\"{\\\"orders\\\":[",
        chance(t, 0x7FFFFFFF));
    do
        put(t, "{\\\"id\\\":%u,\\\"sku\\\":\\\"A-%u\\\",\\\"to\\\":\\\"Main St %u\\\"},", chance(t, 100000),
            chance(t, 1000), chance(t, 100));
    while (t->len < end);
    put(t, left < 330
               ? "{\\\"id\\\":0}]}\",\"eventSource\":\"aws:sqs\"}"
               : "{\\\"id\\\":0}]}\",\"attributes\":{\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":"
                 "\"1772443498091\"},\"messageAttributes\":{},\"eventSource\":\"aws:sqs\",\"awsRegion\":\"eu-"
                 "west-1\"}");
}

static void put_num(text *t, size_t left)
{
    (void)left;
    put(t, "[%u,%u.%04u,-0.%06u,%u,%ue-%u,17%08u,0,%u.5]", chance(t, 100), chance(t, 1000), chance(t, 10000),
        chance(t, 1000000), chance(t, 100000), chance(t, 10000), chance(t, 20), chance(t, 100000000),
        chance(t, 60));
}

static void put_deep(text *t, size_t left)
{
    int i, levels = left < 400 ? 20 : 98;

    for (i = 0; i < levels; i++)
        put(t, i % 3 == 2 ? "{\"k\":" : "[");
    put(t, "%u", chance(t, 10));
    while (i-- > 0)
        put(t, i % 3 == 2 ? "}" : "]");
}

static void put_utf8(text *t, size_t left)
{
    static const char *const words[] = {"注文番号", "お届け先", "東京都千代田区", "Заказ",  "доставлен",
                                        "Москва",   "😀🎉",       "größe",          "価格は", "спасибо"};
    int i;

    (void)left;
    put(t, "{\"名前\":\"");
    for (i = 0; i < 8; i++)
        put(t, "%s ", words[chance(t, 10)]);
    put(t, "\",\"n\":%u}", chance(t, 1000));
}

static void put_unicode(text *t, size_t left)
{
    int i;

    (void)left;
    put(t, "{\"name\":\"");
    for (i = 0; i < 16; i++)
        put(t, "\\u%04x%s", 0x4e00 + chance(t, 0x5000), i % 5 == 4 ? " " : "");
    put(t, "\\ud83d\\ude00\",\"n\":%u}", chance(t, 1000));
}

static void put_pretty(text *t, size_t left)
{
    (void)left;
    put(t,
        "\n    {\n      \"orderId\": \"ord-%u\",\n      \"total\": %u.%02u,\n      \"customer\": {\n        "
        "\"id\": %u,\n"
        "        \"name\": \"Jane Doe\",\n        \"tags\": [\n          \"new\",\n          true,\n         "
        " null\n"
        "        ]\n      }\n    }",
        chance(t, 100000), chance(t, 1000), chance(t, 100), chance(t, 100000));
}

static void put_plain(text *t, size_t left)
{
    (void)left;
    put(t,
        "{\"orderId\":\"ord-%u\",\"total\":%u.%02u,\"comment\":\"please leave it with the neighbours at "
        "number %u\","
        "\"paid\":true}",
        chance(t, 100000), chance(t, 1000), chance(t, 100), chance(t, 100));
}

typedef struct style {
    const char *name;
    const char *begin;
    const char *end;
    void (*element)(text *t, size_t left);
} style;

static const style styles[] = {
    {"sqs", "{\"Records\":[", "]}", put_sqs},
    {"num", "{\"readings\":[", "]}", put_num},
    {"deep", "[", "]", put_deep},
    {"utf8", "{\"items\":[", "]}", put_utf8},
    {"unicode", "{\"items\":[", "]}", put_unicode},
    {"pretty", "{\n  \"items\": [", "\n  ]\n}", put_pretty},
    {"plain", "{\"items\":[", "]}", put_plain},
};

static text make_event(const style *s, size_t size)
{
    text t = {NULL, 0, 0, 42};
    size_t last, from;

    put(&t, "%s", s->begin);
    do {
        from = t.len;
        if (t.data[t.len - 1] != '[' || from > 30)
            put_bytes(&t, ",", 1);
        if (t.len == 1 + strlen(s->begin) && s->element == put_deep)
            t.len--;
        s->element(&t, size > t.len ? size - t.len : 0);
        last = t.len - from;
    } while (t.len + last / 2 < size);
    put(&t, "%s", s->end);
    return t;
}

static const char error_document[] =
    "{\"errorMessage\":\"RequestId: " BENCH_ID " the orders table did not answer in time\",\"errorType\":"
    "\"OrderStoreError\",\"stackTrace\":[\"  File \\\"/var/task/app.py\\\", line 12, in handler\\n    "
    "store(order)\\n\",\""
    "  File \\\"/var/task/store.py\\\", line 40, in store\\n    raise OrderStoreError(\\n\"]}";

static void put_string(text *t, const char *bytes, size_t len)
{
    size_t i;

    put_bytes(t, "\"", 1);
    for (i = 0; i < len; i++)
        if (bytes[i] == '\n') {
            put_bytes(t, "\\n", 2);
        } else {
            if (bytes[i] == '"' || bytes[i] == '\\')
                put_bytes(t, "\\", 1);
            put_bytes(t, bytes + i, 1);
        }
    put_bytes(t, "\"", 1);
}

static text make_record(const text *event)
{
    text t = {NULL, 0, 0, 0};

    put(&t, "{\"version\":\"1.0\",\"timestamp\":\"" BENCH_TIME
            "\",\"requestContext\":{\"requestId\":\"" BENCH_ID "\",\"functionArn\":\"" BENCH_ARN
            "\",\"condition\":\"" BENCH_CONDITION "\",\"approximateInvokeCount\":3},\"requestPayload\":");
    put_bytes(&t, event->data, event->len);
    put(&t, ",\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":"
            "\"Unhandled\"},"
            "\"responsePayload\":");
    put_bytes(&t, error_document, sizeof error_document - 1);
    put(&t, "}");
    return t;
}

static text make_lambda_event(const text *record)
{
    text notification = {NULL, 0, 0, 0}, t = {NULL, 0, 0, 0};

    put(&notification,
        "{\"Type\":\"Notification\",\"MessageId\":\"95df01b4-ee98-5cb9-9903-4c221d41eb5e\",\"TopicArn\":"
        "\"arn:aws:sns:us-east-2:123456789012:topic\",\"Message\":");
    put_string(&notification, record->data, record->len);
    put(&notification,
        ",\"Timestamp\":\"2019-01-02T12:45:07.000Z\",\"SignatureVersion\":\"1\",\"Signature\":\"EXAMPLE\"}");
    put(&t, "{\"Records\":[{\"messageId\":\"2e1424d4-f796-459a-8184-9c92662bdb01\",\"receiptHandle\":"
            "\"AQEB\",\"body\":");
    put_string(&t, notification.data, notification.len);
    put(&t, ",\"attributes\":{\"ApproximateReceiveCount\":\"1\",\"SentTimestamp\":\"1772443498091\","
            "\"SenderId\":\"AID\","
            "\"ApproximateFirstReceiveTimestamp\":\"1772443498101\"},\"messageAttributes\":{},\"md5OfBody\":"
            "\"1b341cecfc2a4c8c733e2a5fbf0cc1ab\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":"
            "\"arn:aws:sqs:eu-west-1:111122223333:confirmations\",\"awsRegion\":\"eu-west-1\"}]}");
    free(notification.data);
    return t;
}

static char *exact(const char *data, size_t len)
{
    char *copy = malloc(len);

    if (!copy)
        exit(1);
    memcpy(copy, data, len);
    return copy;
}

int bench_input_make(struct bench_input *in, const char *name, size_t size)
{
    const style *s = NULL;
    text event, record, lambda_event;
    size_t i;

    for (i = 0; i < sizeof styles / sizeof styles[0]; i++)
        if (!strcmp(styles[i].name, name))
            s = &styles[i];
    if (!s)
        return 0;
    event = make_event(s, size);
    record = make_record(&event);
    lambda_event = make_lambda_event(&record);
    memset(in, 0, sizeof *in);
    in->event = exact(event.data, event.len);
    in->event_len = event.len;
    in->error = exact(error_document, sizeof error_document - 1);
    in->error_len = sizeof error_document - 1;
    in->record = exact(record.data, record.len);
    in->record_len = record.len;
    in->lambda_event = exact(lambda_event.data, lambda_event.len);
    in->lambda_event_len = lambda_event.len;
    in->out_cap = record.len * 2 + 4096;
    in->out = malloc(in->out_cap);
    memset(in->out, 0, in->out_cap);
    free(event.data);
    free(record.data);
    free(lambda_event.data);
    return 1;
}

void bench_input_free(struct bench_input *in)
{
    free((void *)(size_t)in->event);
    free((void *)(size_t)in->error);
    free((void *)(size_t)in->record);
    free((void *)(size_t)in->lambda_event);
    free(in->out);
}
