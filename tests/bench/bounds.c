/* Bounds: texts as bad as they can be against a good one of the same size. For each kind the time a byte, as a
 * multiple of the good text's of the same operation, and the peak of memory, as a multiple of the text's size. A
 * multiple over the kind's limit, or a result other than the kind's, fails.
 *
 * bounds MEGABYTES */
#define _POSIX_C_SOURCE 200809L
#include <lambdest.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RUNS = 2,
    SHARE = 16, /* of the size, for kinds whose every item is an object: they take memory by the item */
    DEEP = 30000
};

/* ---- memory: what the library asks for; a block that is resized counts twice while it is ---- */

typedef struct meter {
    size_t now;
    size_t peak;
} meter;

static void *count(meter *m, void *block, size_t size)
{
    if (block) {
        m->now += size;
        if (m->now > m->peak)
            m->peak = m->now;
    }
    return block;
}

static void *take(void *ctx, size_t size)
{
    return count(ctx, malloc(size), size);
}

static void *resize(void *ctx, void *old, size_t old_size, size_t size)
{
    void *block = count(ctx, realloc(old, size), size);

    if (block)
        ((meter *)ctx)->now -= old_size;
    return block;
}

static void release(void *ctx, void *old, size_t size)
{
    ((meter *)ctx)->now -= size;
    free(old);
}

/* ---- texts: a head, elements with something between them, a tail ---- */

typedef size_t element_fn(char *out, size_t index);

static size_t put(char *out, const char *text)
{
    size_t len = strlen(text);

    memcpy(out, text, len);
    return len;
}

static size_t put_order(char *out, size_t i)
{
    return (size_t)sprintf(out,
                           "{\"orderId\":\"ord-%zu\",\"total\":%zu.95,\"comment\":\"please leave it with the "
                           "neighbours at number %zu\",\"paid\":true}",
                           i, i % 1000, i % 100);
}

static size_t put_key(char *out, size_t i)
{
    return (size_t)sprintf(out, "\"k%zu\":0", i);
}

static size_t put_same_key(char *out, size_t i)
{
    (void)i;
    return put(out, "\"a\":0");
}

static size_t put_zero(char *out, size_t i)
{
    (void)i;
    return put(out, "0");
}

static size_t put_blanks(char *out, size_t i)
{
    (void)i;
    return put(out, " \t\r\n 0");
}

static size_t put_arrays(char *out, size_t i)
{
    (void)i;
    memset(out, '[', DEEP);
    memset(out + DEEP, ']', DEEP);
    return (size_t)2 * DEEP;
}

static size_t put_objects(char *out, size_t i)
{
    size_t len = 0;

    for (i = 0; i < DEEP; i++)
        len += put(out + len, "{\"a\":");
    len += put(out + len, "0");
    memset(out + len, '}', DEEP);
    return len + DEEP;
}

static size_t put_unicode(char *out, size_t i)
{
    (void)i;
    return put(out, "\\u00e9");
}

static size_t put_surrogate(char *out, size_t i)
{
    (void)i;
    return put(out, "\\ud83d");
}

static size_t put_backslash(char *out, size_t i)
{
    (void)i;
    return put(out, "\\\\");
}

static size_t put_quote(char *out, size_t i)
{
    (void)i;
    return put(out, "\\\"");
}

static size_t put_letters(char *out, size_t i)
{
    (void)i;
    return put(out, "aaaaaaaa");
}

static size_t put_wide(char *out, size_t i)
{
    return put(out, i % 2 ? "\xE2\x82\xAC" : "\xF0\x9F\x98\x80");
}

static size_t put_digits(char *out, size_t i)
{
    (void)i;
    return put(out, "11111111");
}

static size_t put_frame(char *out, size_t i)
{
    (void)i;
    return put(out, "\"\"");
}

/* Names that differ at their ends only, as many as the default of max_items allows in 64 MiB. */
static size_t put_long_key(char *out, size_t i)
{
    memset(out, 'a', 7200);
    out[0] = '"';
    return 7200 + (size_t)sprintf(out + 7200, "%zu\":0", i);
}

static size_t put_long_escaped_key(char *out, size_t i)
{
    size_t len;

    out[0] = '"';
    for (len = 1; len < 7200; len += 6)
        memcpy(out + len, "\\u0061", 6);
    return len + (size_t)sprintf(out + len, "%zu\":0", i);
}

static size_t put_record(char *out, size_t i)
{
    return (size_t)sprintf(
        out,
        "{\"messageId\":\"m-%zu\",\"body\":\"{\\\"version\\\":\\\"1.0\\\",\\\"requestContext\\\":"
        "{\\\"requestId\\\":\\\"%zu\\\",\\\"condition\\\":\\\"Success\\\"},\\\"requestPayload\\\":"
        "{\\\"orderId\\\":\\\"ord-%zu\\\",\\\"comment\\\":\\\"please leave it with the "
        "neighbours\\\"},\\\"responsePayload\\\":null}\",\"eventSource\":\"aws:sqs\"}",
        i, i, i);
}

static size_t put_no_message(char *out, size_t i)
{
    (void)i;
    return put(out, "{\"messageId\":\"m\",\"body\":\"\",\"eventSource\":\"aws:sqs\"}");
}

static size_t put_nothing(char *out, size_t i)
{
    (void)i;
    return put(out, "{}");
}

/* ---- kinds ---- */

enum operation {
    PARSE,
    BUILD,
    UNWRAP
};

static const char *const operations[] = {"parse", "build", "unwrap"};

typedef struct kind {
    enum operation operation;
    const char *name;
    const char *head, *between, *tail;
    element_fn *element;
    int code;     /* what the operation returns */
    double times; /* the limits */
    double memory;
    int by_default; /* the default limits of depth and items, not the greatest */
} kind;

#define RECORD "{\"requestContext\":{\"requestId\":\"1\",\"condition\":\"Success\"},\"requestPayload\":"
#define ERROR                                                                                                \
    "{\"requestContext\":{\"requestId\":\"1\",\"condition\":\"RetriesExhausted\"},\"responseContext\":"      \
    "{\"functionError\":\"Unhandled\"},\"responsePayload\":{\"errorType\":\"E\","
#define MESSAGE "{\"Records\":[{\"messageId\":\"m\",\"eventSource\":\"aws:sqs\",\"body\":\""
#define TOLD ",\"responsePayload\":null}"

#include "bounds_kinds.h"

/* ---- running ---- */

typedef struct text {
    char *data;
    size_t len;
} text;

static text make(const kind *k, size_t size)
{
    text t = {malloc(size + 10 * DEEP), 0};
    size_t i;

    if (!t.data)
        exit(2);
    t.len = put(t.data, k->head);
    for (i = 0; t.len < size; i++) {
        if (i)
            t.len += put(t.data + t.len, k->between);
        t.len += k->element(t.data + t.len, i);
    }
    t.len += put(t.data + t.len, k->tail);
    return t;
}

static int parse(const text *t, const lambdest_options *options)
{
    lambdest_envelope *env;
    int code = lambdest_envelope_parse(t->data, t->len, options, &env, NULL);

    lambdest_envelope_free(env);
    return code;
}

static int build(const text *t, const lambdest_options *options)
{
    lambdest_envelope *env;
    char *out = NULL;
    int code = lambdest_envelope_new(options, &env, NULL);

    if (!code)
        code = lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, t->data, t->len, NULL);
    if (!code)
        code = lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, LAMBDEST_COMPACT, &out, NULL, NULL);
    lambdest_free(out);
    lambdest_envelope_free(env);
    return code;
}

static int unwrap(const text *t, const lambdest_options *options)
{
    lambdest_items *items;
    int code = lambdest_unwrap(t->data, t->len, options, &items, NULL);

    lambdest_items_free(items);
    return code;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The least nanoseconds a byte; the peak of memory a byte goes to *memory. */
static double measure(const kind *k, size_t size, double *memory, int *code)
{
    static int (*const run[])(const text *, const lambdest_options *) = {parse, build, unwrap};
    meter m = {0, 0};
    lambdest_alloc alloc = {take, resize, release, &m};
    lambdest_options options = {
        .size = sizeof options, .alloc = &alloc, .max_depth = 65536, .max_items = UINT32_MAX};
    text t = make(k, k->element == put_nothing && !k->by_default ? size / SHARE : size);
    double best = 1e9, from;
    int i;

    if (k->by_default)
        options.max_depth = 0, options.max_items = 0;
    for (i = 0; i < RUNS; i++) {
        from = seconds();
        *code = run[k->operation](&t, &options);
        from = seconds() - from;
        best = from < best ? from : best;
    }
    *memory = (double)m.peak / (double)t.len;
    best = best * 1e9 / (double)t.len;
    free(t.data);
    return m.now ? -1 : best;
}

int main(int argc, char **argv)
{
    size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) << 20, i;
    double good[3] = {0, 0, 0}, ns, memory;
    int code, bad = 0;

    printf("%-8s %-34s %10s %8s %8s %8s %8s\n", "", "", "ns/byte", "times", "limit", "memory", "limit");
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const kind *k = &kinds[i];
        int wrong;

        ns = measure(k, size, &memory, &code);
        if (good[k->operation] == 0)
            good[k->operation] = ns;
        wrong = code != k->code || ns < 0 || ns / good[k->operation] > k->times || memory > k->memory;
        printf("%-8s %-34s %10.3f %8.2f %8.1f %8.2f %8.1f%s\n", operations[k->operation], k->name, ns,
               ns / good[k->operation], k->times, memory, k->memory, wrong ? "  FAILED" : "");
        if (code != k->code)
            printf("%-8s %s: %s, expected %s\n", "", k->name, lambdest_name(code), lambdest_name(k->code));
        fflush(stdout);
        bad |= wrong;
    }
    return bad;
}
