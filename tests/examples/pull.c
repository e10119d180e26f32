/* pull: a host with an event loop of its own. It takes a plan, starts every send, and reports when each has
 * ended, in whatever order; the library calls nobody. What got stuck ends in the undelivered route. */
#include "input.h"

enum {
    TRIES = 3,
    MOST_SENDS = 16
};

/* ---- the host's loop: sends end at the tick that is due, with a status ---- */

typedef struct job job;

typedef struct sending {
    job *owner;
    size_t row;
    int status;
    int due; /* 0: free */
} sending;

static sending sends[MOST_SENDS];
static int now;

struct job {
    lambdest_plan *plan;
    lambdest_envelope *env; /* stays until the plan is freed */
    size_t running;
    int settled;
};

/* A real one writes to a socket. The pager is down, the failure topic is slow and throttles once. */
static int answer(const char *sink, int64_t tries, int *delay)
{
    *delay = strcmp(sink, "failed") ? 1 : 3;
    if (!strcmp(sink, "pager"))
        return 503;
    return !strcmp(sink, "failed") && tries == 0 ? 429 : 200;
}

static void loop_send(job *owner, size_t row, const char *sink, int64_t tries)
{
    sending *s = sends;
    int delay;

    while (s->due)
        s++;
    s->owner = owner;
    s->row = row;
    s->status = answer(sink, tries, &delay);
    s->due = now + delay;
}

/* ---- the job: one envelope on its way ---- */

/* Starts every row that may be tried (again). */
static void start(job *j)
{
    size_t i;

    for (i = 0; i < lambdest_plan_count(j->plan); i++) {
        lambdest_delivery *row = lambdest_plan_at(j->plan, i);
        int64_t verdict, tries, handed_on;

        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_VERDICT, &verdict);
        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_ATTEMPTS, &tries);
        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_HANDED_ON, &handed_on);
        if (handed_on || tries >= TRIES ||
            (verdict != LAMBDEST_VERDICT_NONE && verdict != LAMBDEST_VERDICT_RETRY))
            continue;
        j->running++;
        loop_send(j, i, lambdest_delivery_text(row, LAMBDEST_DELIVERY_SINK, NULL), tries);
    }
}

static void end(job *j)
{
    size_t i;

    printf("%s %s, %d left\n", lambdest_name(lambdest_envelope_outcome(j->env)),
           lambdest_envelope_text(j->env, LAMBDEST_REQUEST_ID, NULL),
           (int)lambdest_plan_undelivered(j->plan));
    for (i = 0; i < lambdest_plan_count(j->plan); i++) {
        lambdest_delivery *row = lambdest_plan_at(j->plan, i);
        int64_t verdict, tries;

        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_VERDICT, &verdict);
        lambdest_delivery_integer(row, LAMBDEST_DELIVERY_ATTEMPTS, &tries);
        printf("  %-10s%-10s x%d  %s\n", lambdest_delivery_text(row, LAMBDEST_DELIVERY_SINK, NULL),
               lambdest_name((int)verdict), (int)tries,
               lambdest_delivery_text(row, LAMBDEST_DELIVERY_DETAIL, NULL));
    }
    lambdest_plan_free(j->plan);
    lambdest_envelope_free(j->env);
    free(j);
}

/* The loop's callback: one send of a job has ended. */
static void sent(job *j, size_t row, int status)
{
    int verdict = status == 200                    ? LAMBDEST_VERDICT_DELIVERED
                  : status == 429 || status >= 500 ? LAMBDEST_VERDICT_RETRY
                                                   : LAMBDEST_VERDICT_REJECTED;
    char detail[32];
    int n = snprintf(detail, sizeof detail, "HTTP %d", status);

    lambdest_delivery_report(lambdest_plan_at(j->plan, row), verdict, detail, (size_t)n);
    if (--j->running)
        return;
    start(j); /* again what may be tried again */
    if (!j->running && !j->settled && lambdest_plan_settle(j->plan) == LAMBDEST_E_PARTIAL) {
        j->settled = 1;
        start(j); /* the undelivered route */
    }
    if (!j->running)
        end(j);
}

static int loop_turn(void)
{
    int pending = 0;
    size_t i;

    now++;
    for (i = 0; i < MOST_SENDS; i++) {
        sending s = sends[i];

        pending = pending || s.due;
        if (!s.due || s.due > now)
            continue;
        sends[i].due = 0;
        sent(s.owner, s.row, s.status);
    }
    return pending;
}

/* ---- the program ---- */

static void must(int rc, const lambdest_error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "pull: %s (%s)\n", err->message, err->where);
    exit(1);
}

static void add(lambdest_router *router, uint32_t when, const char *name)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;

    must(lambdest_sink_init(&sink, LAMBDEST_TARGET_SNS, NULL, 0, &err), &err);
    must(lambdest_router_add_sink(router, when, name, strlen(name), &sink, &err), &err);
}

static void take(lambdest_router *router, const char *record)
{
    job *j = calloc(1, sizeof *j);
    lambdest_error err;
    size_t len;
    char *text = read_all("pull", record, &len);

    if (!j)
        fputs("pull: no memory\n", stderr);
    if (!text || !j)
        exit(1);
    must(lambdest_envelope_parse(text, len, NULL, &j->env, &err), &err);
    must(lambdest_router_plan(router, j->env, 0, &j->plan, &err), &err);
    free(text);
    start(j);
    if (!j->running)
        end(j);
}

int main(void)
{
    lambdest_router *router;
    lambdest_error err;

    must(lambdest_router_new(NULL, &router, &err), &err);
    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "audit");
    add(router, LAMBDEST_ON_SUCCESS, "succeeded");
    add(router, LAMBDEST_ON_FAILURE, "failed");
    add(router, LAMBDEST_ON_FAILURE, "pager");
    add(router, LAMBDEST_ON_UNDELIVERED, "rescue");
    take(router, "tests/records/async-success.json");
    take(router, "tests/records/async-failure-timeout.json");
    while (loop_turn()) {
    }
    printf("planned %d, delivered %d, abandoned %d\n",
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED),
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_DELIVERED),
           (int)lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED));
    lambdest_router_free(router);
    return finish("pull", 0);
}
