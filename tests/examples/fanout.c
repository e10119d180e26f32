/* fanout [DIRECTORY]: two topics, an audit stream, a pager that is down, and a spool for what got stuck; with
 * retries, and a report of what became of each delivery. DIRECTORY (build/fanout) holds audit.ndjson and the
 * spooled files. */
#define _POSIX_C_SOURCE 200809L /* open, mkdir */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOPIC "arn:aws:sns:eu-west-1:111122223333:"

/* What a topic's sink knows of it. A real one would hold an HTTP client; this one has its answers ready. */
typedef struct topic {
    const char *name;
    const char *arn;
    int answers[3]; /* HTTP status of the first attempt, the second, the third */
    int asked;
} topic;

static topic succeeded = {"succeeded", TOPIC "orders-succeeded", {200, 200, 200}, 0};
static topic failed = {"failed", TOPIC "orders-failed", {429, 200, 200}, 0};
static topic pager = {"pager", TOPIC "pager", {503, 503, 503}, 0};

static void must(int rc, const lambdest_error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "fanout: %s (%s)\n", err->message, err->where);
    exit(1);
}

static int publish(topic *to, const char *body, size_t len)
{
    (void)body;
    (void)len;
    return to->answers[to->asked < 2 ? to->asked++ : 2];
}

static void deliver_to_topic(lambdest_delivery *delivery, void *user_data)
{
    size_t len;
    const char *body = lambdest_delivery_body(delivery, &len);
    int status = publish(user_data, body, len);
    int verdict = status == 200                    ? LAMBDEST_VERDICT_DELIVERED
                  : status == 429 || status >= 500 ? LAMBDEST_VERDICT_RETRY
                                                   : LAMBDEST_VERDICT_REJECTED;
    char detail[32];
    int n = snprintf(detail, sizeof detail, "HTTP %d", status);

    lambdest_delivery_report(delivery, verdict, detail, (size_t)n);
}

static void add(lambdest_router *router, uint32_t when, const char *name, const lambdest_sink *sink)
{
    lambdest_error err;

    must(lambdest_router_add_sink(router, when, name, strlen(name), sink, &err), &err);
}

static void add_topic(lambdest_router *router, uint32_t when, topic *to)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;

    must(lambdest_sink_init(&sink, LAMBDEST_TARGET_SNS, to->arn, strlen(to->arn), &err), &err);
    sink.oversize = LAMBDEST_OVERSIZE_DROP;
    sink.deliver = deliver_to_topic;
    sink.user_data = to;
    add(router, when, to->name, &sink);
}

static lambdest_router *make_router(lambdest_stream *audit, lambdest_spool *spool)
{
    lambdest_sink line = {.size = sizeof line}, file = {.size = sizeof file};
    lambdest_router *router;
    lambdest_error err;

    must(lambdest_router_new(NULL, &router, &err), &err);
    lambdest_stream_sink(audit, &line);
    lambdest_spool_sink(spool, &file);
    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "audit", &line);
    add_topic(router, LAMBDEST_ON_SUCCESS, &succeeded);
    add_topic(router, LAMBDEST_ON_FAILURE, &failed);
    add_topic(router, LAMBDEST_ON_FAILURE, &pager);
    add(router, LAMBDEST_ON_UNDELIVERED, "spool", &file);
    return router;
}

static void report(lambdest_plan *plan, const lambdest_envelope *env)
{
    size_t i;

    printf("%s %s\n", lambdest_name(lambdest_envelope_outcome(env)),
           lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL));
    for (i = 0; i < lambdest_plan_count(plan); i++) {
        lambdest_delivery *row = lambdest_plan_at(plan, i);
        const char *detail = lambdest_delivery_text(row, LAMBDEST_DELIVERY_DETAIL, NULL);
        int64_t verdict, attempts;

        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_VERDICT, &verdict);
        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_ATTEMPTS, &attempts);
        printf("  %-10s%-10s x%d%s%s\n", lambdest_delivery_text(row, LAMBDEST_DELIVERY_SINK, NULL),
               lambdest_name((int)verdict), (int)attempts, detail ? "  " : "", detail ? detail : "");
    }
}

/* Three attempts each, then the undelivered route. A host with a clock would wait between them. */
static void deliver(lambdest_router *router, const char *record)
{
    lambdest_envelope *env;
    lambdest_plan *plan;
    lambdest_error err;
    size_t len;
    char *text = read_all("fanout", record, &len);
    int rc, attempts;

    if (!text)
        exit(1);
    must(lambdest_envelope_parse(text, len, NULL, &env, &err), &err);
    rc = lambdest_router_dispatch(router, env, 0, &plan, &err);
    for (attempts = 1; rc == LAMBDEST_E_PARTIAL && attempts < 3; attempts++)
        rc = lambdest_plan_run(plan);
    if (rc == LAMBDEST_E_PARTIAL && lambdest_plan_settle(plan) == LAMBDEST_E_PARTIAL)
        rc = lambdest_plan_run(plan);
    must(rc, &err);
    report(plan, env);
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
    free(text);
}

/* What a later start does with the spool: here it only says what is there, and makes room. */
static void empty_spool(lambdest_spool *spool)
{
    lambdest_error err;
    size_t count, i;

    must(lambdest_spool_list(spool, &count, &err), &err);
    for (i = 0; i < count; i++) {
        size_t len;
        const char *name = lambdest_spool_name(spool, i, &len);
        lambdest_envelope *env;

        must(lambdest_spool_load(spool, name, len, &env, &err), &err);
        printf("spooled %s\n", lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL));
        lambdest_envelope_free(env);
        must(lambdest_spool_remove(spool, name, len, &err), &err);
    }
}

static int open_audit(const char *directory)
{
    char path[4096];

    if (mkdir(directory, 0700) && errno != EEXIST)
        return -1;
    snprintf(path, sizeof path, "%s/audit.ndjson", directory);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "build/fanout";
    int fd = open_audit(directory);
    lambdest_stream *audit;
    lambdest_spool *spool;
    lambdest_router *router;
    lambdest_error err;

    if (fd < 0) {
        fprintf(stderr, "fanout: cannot write below %s\n", directory);
        return 1;
    }
    must(lambdest_stream_new(fd, NULL, &audit, &err), &err);
    must(lambdest_spool_open(directory, strlen(directory), NULL, &spool, &err), &err);
    router = make_router(audit, spool);
    deliver(router, "tests/records/async-success.json");
    deliver(router, "tests/records/async-failure-unhandled-python.json");
    deliver(router, "tests/records/async-failure-timeout.json");
    empty_spool(spool);
    printf("planned %d, delivered %d, abandoned %d\n",
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED),
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_DELIVERED),
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED));
    lambdest_router_free(router);
    lambdest_spool_free(spool);
    lambdest_stream_free(audit);
    close(fd);
    return finish("fanout", 0);
}
