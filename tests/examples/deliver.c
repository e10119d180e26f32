/* deliver [-1] [-t TIMEOUT_MS] [-n TRIES] [-s ARN]... [-f ARN]... FILE...
 *
 * Sends what the files hold (envelopes, bare or in any event) on to AWS: successes to every target of -s, failures
 * to every one of -f. What no try brought to one of its targets comes out on standard output, a record a line,
 * so that nothing is lost; standard error says what became of each. See aws_sink.h for the environment.
 *
 *   -1  one request after the other, by callbacks; else several at the same time, by pulling
 *
 * Exit status 0: all were delivered; 1: not all; 2: usage. */
#define _POSIX_C_SOURCE 200809L
#include "aws_sink.h"
#include "input.h"

#include <curl/curl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* A file, the envelopes in it, and their plans. */
typedef struct batch {
    char *text;
    lambdest_items *items;
    lambdest_plan **plans;
    size_t plan_count;
} batch;

typedef struct settings {
    bool by_callback;
    long timeout_ms;
    long tries;
    aws_client *client;
    lambdest_router *router;
} settings;

static void must(int rc, const lambdest_error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "deliver: %s (%s)\n", err->message, err->where);
    exit(1);
}

static void must_have(const void *memory)
{
    static const lambdest_error none = {.message = "no memory", .where = ""};

    must(memory ? 0 : -1, &none);
}

static void add_target(settings *s, uint32_t when, const char *arn)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;
    char name[2100];

    must(aws_sink_init(&sink, s->client, arn, &err), &err);
    if (!s->by_callback)
        sink.deliver = NULL;
    snprintf(name, sizeof name, "%s %s", when == LAMBDEST_ON_SUCCESS ? "success" : "failure", arn);
    must(lambdest_router_add_sink(s->router, when, name, strlen(name), &sink, &err), &err);
}

/* Tells whether all of the file could be planned. */
static bool load(settings *s, batch *b, const char *path)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_error err;
    bool whole = true;
    size_t i, len;

    b->text = read_all("deliver", path, &len);
    if (!b->text)
        return false;
    if (lambdest_unwrap(b->text, len, &options, &b->items, &err)) {
        complain("deliver", b->text, len, &err);
        return false;
    }
    b->plans = calloc(lambdest_items_count(b->items) + 1, sizeof *b->plans);
    must_have(b->plans);
    for (i = 0; i < lambdest_items_count(b->items); i++) {
        const lambdest_item *item = lambdest_items_at(b->items, i);
        const lambdest_envelope *env = lambdest_item_envelope(item);

        if (env) {
            must(lambdest_router_plan(s->router, env, 0, &b->plans[b->plan_count++], &err), &err);
            continue;
        }
        lambdest_item_error(item, &err);
        fprintf(stderr, "deliver: %s: item %zu: %s\n", path, i, err.message);
        whole = false;
    }
    return whole;
}

/* Whether another try may bring something to its target. */
static bool is_waiting(const batch *b)
{
    size_t i, k;

    for (i = 0; i < b->plan_count; i++)
        for (k = 0; k < lambdest_plan_count(b->plans[i]); k++) {
            int64_t verdict;

            lambdest_delivery_integer(lambdest_plan_at(b->plans[i], k), LAMBDEST_DELIVERY_VERDICT, &verdict);
            if (verdict == LAMBDEST_VERDICT_NONE || verdict == LAMBDEST_VERDICT_RETRY)
                return true;
        }
    return false;
}

static void try_all(settings *s, const batch *b)
{
    long tried;
    size_t i;

    for (tried = 0; tried < s->tries && is_waiting(b); tried++) {
        struct timespec wait = {0, tried ? 50000000L << tried : 0};

        nanosleep(&wait, NULL);
        if (!s->by_callback)
            aws_send_all(s->client, b->plans, b->plan_count);
        for (i = 0; s->by_callback && i < b->plan_count; i++)
            lambdest_plan_run(b->plans[i]);
    }
    for (i = 0; i < b->plan_count; i++) { /* what is left: the undelivered route */
        lambdest_plan_settle(b->plans[i]);
        lambdest_plan_run(b->plans[i]);
    }
}

/* Tells whether every target has it. */
static bool report(lambdest_plan *plan)
{
    bool all = true;
    size_t i;

    for (i = 0; i < lambdest_plan_count(plan); i++) {
        lambdest_delivery *row = lambdest_plan_at(plan, i);
        const char *detail = lambdest_delivery_text(row, LAMBDEST_DELIVERY_DETAIL, NULL);
        const char *id = lambdest_envelope_text(lambdest_delivery_envelope(row), LAMBDEST_REQUEST_ID, NULL);
        int64_t verdict, tries;

        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_VERDICT, &verdict);
        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_ATTEMPTS, &tries);
        fprintf(stderr, "%s: %s: %s x%d%s%s%s\n", id ? id : "-",
                lambdest_delivery_text(row, LAMBDEST_DELIVERY_SINK, NULL), lambdest_name((int)verdict),
                (int)tries, detail ? " (" : "", detail ? detail : "", detail ? ")" : "");
        if (verdict != LAMBDEST_VERDICT_DELIVERED ||
            !lambdest_delivery_text(row, LAMBDEST_DELIVERY_ARN, NULL))
            all = false;
    }
    return all;
}

static bool deliver_file(settings *s, const char *path)
{
    batch b = {NULL, NULL, NULL, 0};
    bool all = load(s, &b, path);
    size_t i;

    try_all(s, &b);
    for (i = 0; i < b.plan_count; i++) {
        all = report(b.plans[i]) && all;
        lambdest_plan_free(b.plans[i]);
    }
    free(b.plans);
    lambdest_items_free(b.items);
    free(b.text);
    return all;
}

static bool read_option(settings *s, int option, const char *value)
{
    switch (option) {
    case '1':
        s->by_callback = true;
        return true;
    case 't':
        s->timeout_ms = strtol(value, NULL, 10);
        return s->timeout_ms > 0;
    case 'n':
        s->tries = strtol(value, NULL, 10);
        return s->tries > 0 && s->tries < 6;
    default:
        return option == 's' || option == 'f';
    }
}

static int usage(void)
{
    fputs("usage: deliver [-1] [-t TIMEOUT_MS] [-n TRIES] [-s ARN]... [-f ARN]... FILE...\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    settings s = {.timeout_ms = 5000, .tries = 3};
    lambdest_sink rest = {.size = sizeof rest};
    lambdest_stream *out;
    lambdest_error err;
    bool all = true;
    int option;

    while ((option = getopt(argc, argv, "1t:n:s:f:")) != -1)
        if (!read_option(&s, option, optarg))
            return usage();
    if (optind == argc)
        return usage();
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    s.client = aws_client_new(s.timeout_ms);
    must_have(s.client);
    must(lambdest_router_new(NULL, &s.router, &err), &err);
    must(lambdest_stream_new(STDOUT_FILENO, NULL, &out, &err), &err);
    lambdest_stream_sink(out, &rest);
    must(lambdest_router_add_sink(s.router, LAMBDEST_ON_UNDELIVERED, "standard output", 15, &rest, &err),
         &err);
    optind = 1;
    while ((option = getopt(argc, argv, "1t:n:s:f:")) != -1)
        if (option == 's' || option == 'f')
            add_target(&s, option == 's' ? LAMBDEST_ON_SUCCESS : LAMBDEST_ON_FAILURE, optarg);
    for (; optind < argc; optind++)
        all = deliver_file(&s, argv[optind]) && all;
    lambdest_router_free(s.router);
    lambdest_stream_free(out);
    aws_client_free(s.client);
    curl_global_cleanup();
    return all ? 0 : 1;
}
