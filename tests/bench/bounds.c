/* 64 MiB of each pathological kind beside 64 MiB of benign input: processor time per byte as a ratio, and
 * the most memory that was taken at once as a multiple of the input. max_items and max_depth are raised as
 * far as it takes; by default there may be 10,000 items, 10,000 members not known, and 512 levels. Ends with
 * 1 if a kind is over its bound.
 *
 *   bounds [MIB] */
#define _POSIX_C_SOURCE 200809L
#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROUNDS = 3,
    MOST_ITEMS = 100 * 1000 * 1000,
    MOST_DEPTH = 65536
};

/* ---- memory ---- */

typedef struct meter {
    size_t now;
    size_t most;
} meter;

static void took(meter *m, size_t size)
{
    m->now += size;
    if (m->now > m->most)
        m->most = m->now;
}

static void *meter_alloc(void *ctx, size_t size)
{
    void *p = malloc(size);

    if (p)
        took(ctx, size);
    return p;
}

static void *meter_resize(void *ctx, void *old, size_t old_size, size_t size)
{
    void *p = realloc(old, size);

    if (p) {
        took(ctx, size); /* old and new are there at once */
        ((meter *)ctx)->now -= old_size;
    }
    return p;
}

static void meter_release(void *ctx, void *old, size_t size)
{
    ((meter *)ctx)->now -= size;
    free(old);
}

/* ---- inputs ---- */

typedef struct text {
    char *data;
    size_t len;
    size_t cap;
} text;

static void add(text *t, const char *s)
{
    size_t len = strlen(s);

    if (t->cap - t->len > len) {
        memcpy(t->data + t->len, s, len + 1);
        t->len += len;
    }
}

static int is_full(const text *t)
{
    return t->cap - t->len < 2 * MOST_DEPTH + 4096;
}

#define RECORD                                                                                               \
    "{\"version\":\"1.0\",\"timestamp\":\"2019-11-14T18:16:05.568Z\",\"requestContext\":{\"requestId\":"     \
    "\"e4b46cbf-b738\",\"functionArn\":\"arn:aws:lambda:us-east-2:123456789012:function:my-function:"        \
    "$LATEST\",\"condition\":\"Success\",\"approximateInvokeCount\":1},\"requestPayload\":"
#define END ",\"responseContext\":{\"statusCode\":200},\"responsePayload\":null}"
#define ORDER                                                                                                \
    "{\"id\":1234567,\"customer\":\"Ann \\\"A\\\" Other\",\"price\":12.5,\"open\":true,\"lines\":[{\"sku\":" \
    "\"a-17\",\"count\":3},{\"sku\":\"b\\/9\",\"count\":1}],\"note\":\"caf\xC3\xA9, second floor\"}"

static void make_benign(text *t)
{
    add(t, RECORD "[" ORDER);
    while (!is_full(t))
        add(t, "," ORDER);
    add(t, "]" END);
}

static void make_deep(text *t, int depth, const char *open, const char *close)
{
    int i;

    add(t, RECORD "[0");
    while (!is_full(t)) {
        add(t, ",");
        for (i = 1; i < depth; i++)
            add(t, open);
        add(t, "0");
        for (i = 1; i < depth; i++)
            add(t, close);
    }
    add(t, "]" END);
}

static void make_depth(text *t)
{
    make_deep(t, 512, "[", "]");
}

static void make_depth_of_objects(text *t)
{
    make_deep(t, 512, "{\"\":", "}");
}

static void make_depth_to_the_limit(text *t)
{
    make_deep(t, MOST_DEPTH / 4, "[", "]");
}

static void make_keys(text *t)
{
    char key[40];
    unsigned n = 0;

    add(t, RECORD "{\"\":0");
    while (!is_full(t)) {
        snprintf(key, sizeof key, ",\"k%u\":0", n++);
        add(t, key);
    }
    add(t, "}" END);
}

/* On the record's own level, where a name twice is refused: all are sorted. As many as there may be by
 * default, and far more than that. */
static void make_unknown(text *t)
{
    unsigned n = 0;
    char key[40];

    add(t, RECORD "0");
    while (!is_full(t)) {
        size_t until = t->len + t->cap / 9900;

        snprintf(key, sizeof key, ",\"k%u\":[0", n++ * 2654435761u);
        add(t, key);
        while (t->len < until)
            add(t, ",\"sku-17\"");
        add(t, "]");
    }
    add(t, END);
}

static void make_more_unknown(text *t)
{
    char key[40];
    unsigned n = 0;

    add(t, RECORD "0");
    while (!is_full(t)) {
        snprintf(key, sizeof key, ",\"k%u\":0", n++ * 2654435761u);
        add(t, key);
    }
    add(t, END);
}

static void make_duplicates(text *t)
{
    add(t, RECORD "{\"a\":0");
    while (!is_full(t))
        add(t, ",\"a\":0");
    add(t, "}" END);
}

static void make_escapes(text *t)
{
    add(t, RECORD "\"");
    while (!is_full(t))
        add(t, "\\u0001\\\"\\n\\ud83d\\ude00");
    add(t, "\"" END);
}

static void make_string(text *t)
{
    add(t, RECORD "\"");
    while (!is_full(t))
        add(t, "a long string of nothing but letters and blanks ");
    add(t, "\"" END);
}

static void make_wide(text *t)
{
    add(t, RECORD "\"");
    while (!is_full(t))
        add(t, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    add(t, "\"" END);
}

static void make_elements(text *t)
{
    add(t, RECORD "[0");
    while (!is_full(t))
        add(t, ",[]");
    add(t, "]" END);
}

/* ---- events, for unwrapping ---- */

#define SQS(id, body)                                                                                        \
    "{\"messageId\":\"" id                                                                                   \
    "\",\"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:a:1:q\",\"body\":"                      \
    "\"" body "\"}"
#define QUOTED                                                                                               \
    "{\\\"version\\\":\\\"1.0\\\",\\\"requestContext\\\":{\\\"requestId\\\":\\\"e4b46cbf-b738\\\","          \
    "\\\"functionArn\\\":\\\"arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST\\\","        \
    "\\\"condition\\\":\\\"Success\\\",\\\"approximateInvokeCount\\\":1},\\\"requestPayload\\\":"            \
    "{\\\"Records\\\":[{\\\"eventVersion\\\":\\\"2.1\\\",\\\"s3\\\":{\\\"bucket\\\":\\\"photos\\\","         \
    "\\\"key\\\":\\\"2026/03/02/holiday in the mountains.jpg\\\",\\\"size\\\":123456}}]},"                   \
    "\\\"responseContext\\\":{\\\"statusCode\\\":200},\\\"responsePayload\\\":{\\\"made\\\":3}}"

static void make_event(text *t, const char *item)
{
    add(t, "{\"Records\":[");
    add(t, item);
    while (!is_full(t)) {
        add(t, ",");
        add(t, item);
    }
    add(t, "]}");
}

static void make_messages(text *t)
{
    make_event(t, SQS("id-1", QUOTED));
}

static void make_small_messages(text *t)
{
    make_event(t,
               "{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":\"{\\\"requestPayload\\\":1}\"}");
}

static void make_broken_items(text *t)
{
    make_event(t, "{}");
}

static void make_escaped_body(text *t)
{
    add(t, "{\"Records\":[{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":\"{"
           "\\u0022requestPayload\\u0022:[1");
    while (!is_full(t))
        add(t, "\\u002C\\u0031");
    add(t, "]}\"}]}");
}

/* ---- work ---- */

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static lambdest_options options_of(const lambdest_alloc *alloc)
{
    lambdest_options options = {sizeof options, 0, MOST_DEPTH, 0, 0, MOST_ITEMS, alloc, NULL};

    return options;
}

static int parse(const text *t, const lambdest_alloc *alloc)
{
    lambdest_options options = options_of(alloc);
    lambdest_envelope *env;
    int rc = lambdest_envelope_parse(t->data, t->len, &options, &env, NULL);

    lambdest_envelope_free(env);
    return rc;
}

static int unwrap(const text *t, const lambdest_alloc *alloc)
{
    lambdest_options options = options_of(alloc);
    size_t i, len;
    lambdest_items *items;
    char *response;
    int rc = lambdest_unwrap(t->data, t->len, &options, &items, NULL);

    for (i = 0; i < lambdest_items_count(items); i++)
        (void)lambdest_items_fail(items, i);
    if (!rc)
        rc = lambdest_items_response(items, &response, &len);
    if (!rc)
        lambdest_free(response);
    lambdest_items_free(items);
    return rc;
}

typedef struct kind {
    const char *name;
    void (*make)(text *t);
    int (*work)(const text *t, const lambdest_alloc *alloc);
    double most_time;   /* times the benign; 0: it is the benign one of those behind it */
    double most_memory; /* times the input */
} kind;

/* The best of a few rounds, in ns a byte. */
static double measure(const kind *k, const text *t, double *memory)
{
    meter m = {0, 0};
    lambdest_alloc alloc = {meter_alloc, meter_resize, meter_release, &m};
    double best = 1e9;
    int i;

    /* Once is enough for what takes over a second. */
    for (i = 0; i < ROUNDS && (!i || best * (double)t->len < 1e9); i++) {
        double begun = seconds(), took_ns;
        int rc = k->work(t, &alloc);

        took_ns = (seconds() - begun) * 1e9 / (double)t->len;
        if (rc) {
            fprintf(stderr, "%s: %s\n", k->name, lambdest_name(rc));
            exit(2);
        }
        best = took_ns < best ? took_ns : best;
    }
    *memory = (double)m.most / (double)t->len;
    return best;
}

static const kind kinds[] = {
    {"benign record", make_benign, parse, 0, 2},
    {"depth, arrays of 512", make_depth, parse, 20, 2},
    {"depth, objects of 512", make_depth_of_objects, parse, 20, 2},
    {"depth, arrays of 16384", make_depth_to_the_limit, parse, 20, 2},
    {"many keys", make_keys, parse, 20, 2},
    {"many duplicates", make_duplicates, parse, 20, 2},
    {"many elements", make_elements, parse, 20, 2},
    {"escapes only", make_escapes, parse, 20, 2},
    {"one long string", make_string, parse, 20, 2},
    {"one long string, wide", make_wide, parse, 20, 2},
    {"members not known, 9900", make_unknown, parse, 20, 2},
    {"members not known", make_more_unknown, parse, 400, 6},
    {"benign event", make_messages, unwrap, 0, 10},
    {"many small messages", make_small_messages, unwrap, 20, 60},
    {"many broken items", make_broken_items, unwrap, 60, 350},
    {"escapes only, body", make_escaped_body, unwrap, 20, 10},
};

int main(int argc, char **argv)
{
    size_t i, mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 64;
    double benign = 1, memory;
    int over = 0;
    text t = {NULL, 0, mib << 20};

    t.data = malloc(t.cap);
    if (!t.data)
        return 2;
    printf("%-24s %10s %8s %8s\n", "kind", "ns/byte", "ratio", "memory");
    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const kind *k = &kinds[i];
        double ns;

        t.len = 0;
        k->make(&t);
        ns = measure(k, &t, &memory);
        if (k->most_time <= 0)
            benign = ns;
        printf("%-24s %10.2f %8.1f %8.2f", k->name, ns, ns / benign, memory);
        if ((k->most_time > 0 && ns / benign > k->most_time) || memory > k->most_memory) {
            printf("  OVER");
            over = 1;
        }
        printf("\n");
        fflush(stdout);
    }
    free(t.data);
    return over;
}
