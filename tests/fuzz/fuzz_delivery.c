/* A router with any sinks and envelopes on their way through it, reported in any order: one row for each
 * sink that is for the outcome, final verdicts that stay, totals that add up, each sink closed at most
 * once and destroyed once.
 * Input: options, sinks and steps (counted), text. */
#include "fuzz.h"

enum {
    SINKS = 6,
    PLANS = 3,
    ROWS = 32,
    STEPS = 24
};

typedef struct world world;

typedef struct probe {
    world *in;
    int closed;
    int destroyed;
    bool added;
    bool plain; /* without filters */
    bool calls; /* has a callback */
    uint32_t when;
    uint64_t max_bytes;
    uint32_t form;
    uint32_t target;
    char name[2];
} probe;

typedef struct flight {
    lambdest_plan *plan;
    bool gone; /* freed in a callback */
    size_t rows;
    int verdicts[ROWS];
} flight;

struct world {
    fuzz_input script;
    support_memory m;
    lambdest_router *router;
    lambdest_envelope *env;
    probe sinks[SINKS];
    flight flights[PLANS];
    flight *running;
    uint64_t rows; /* of the plans that were freed */
    uint64_t delivered;
    uint64_t abandoned;
    bool lost_count; /* a plan was freed where its rows could not be looked at */
    bool busy_failed;
};

static bool is_final(int verdict)
{
    return verdict == LAMBDEST_VERDICT_DELIVERED || verdict == LAMBDEST_VERDICT_REJECTED ||
           verdict == LAMBDEST_VERDICT_TOO_BIG;
}

static int number(const lambdest_delivery *row, int member)
{
    int64_t n;

    return lambdest_delivery_integer(row, member, &n) ? -1 : (int)n;
}

static int some_verdict(fuzz_input *in)
{
    return LAMBDEST_VERDICT_NONE + (int)fuzz_below(in, 6);
}

/* ---- callbacks: they note what is wrong, for the library is on the stack ---- */

static void act(lambdest_delivery *row, void *user_data)
{
    probe *p = user_data;
    world *w = p->in;
    unsigned how = fuzz_byte(&w->script);
    static const char detail[] = "\xC3\xA9 and so on";

    if (how & 1)
        (void)lambdest_delivery_report(row, some_verdict(&w->script), detail,
                                       how & 2 ? sizeof detail - 1 : 0);
    if ((how & 6) == 6)
        (void)lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
    if (w->router && (how & 8)) {
        lambdest_plan *plan = NULL;

        if (lambdest_router_flush(w->router, 1, &plan, NULL) != LAMBDEST_E_BUSY || plan)
            w->busy_failed = true;
    }
    if ((how & 0xF0) == 0xF0 && w->running && !w->running->gone) {
        lambdest_plan_free(w->running->plan);
        w->running->gone = w->lost_count = true;
    }
}

static void act_close(lambdest_delivery *row, void *user_data)
{
    probe *p = user_data;

    p->closed++;
    if (fuzz_byte(&p->in->script) & 1)
        (void)lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

static void destroy(void *user_data)
{
    probe *p = user_data;

    p->destroyed++;
}

/* ---- sinks ---- */

static void init_sink(fuzz_input *in, lambdest_sink *sink, bool by_arn)
{
    static const char *const arns[] = {
        "arn:aws:sqs:eu-west-1:111122223333:q.fifo",
        "arn:aws:sns:eu-west-1:111122223333:t",
        "arn:aws:lambda:eu-west-1:111122223333:function:f:1",
        "arn:aws:events:eu-west-1:111122223333:event-bus/b",
        "arn:aws:s3:::bucket",
        "arn:aws:kafka:eu-west-1:111122223333:cluster/c/u-1",
        "kafka://topic",
    };
    int target = LAMBDEST_TARGET_PLAIN + (int)fuzz_below(in, 7), rc;
    lambdest_slice arn = {NULL, 0};
    lambdest_error err;
    size_t which;

    if (!by_arn) {
        fuzz_require(!lambdest_sink_init(sink, target, NULL, 0, &err), "a target that is none");
        return;
    }
    which = fuzz_below(in, COUNT(arns) + 1);
    arn = which < COUNT(arns) ? fuzz_keep(arns[which], strlen(arns[which])) : fuzz_take(in);
    rc = lambdest_sink_init(sink, which & 1 ? 0 : target, arn.data, arn.len, &err);
    fuzz_error_is(&err, rc, arn.len);
    fuzz_require(rc == LAMBDEST_OK || (!sink->target && !sink->arn), "an output of a failed call");
}

static void add_sink(world *w, size_t i)
{
    fuzz_input *in = &w->script;
    unsigned how = fuzz_byte(in);
    probe *p = &w->sinks[i];
    lambdest_sink sink;
    lambdest_error err;
    int rc;

    memset(&sink, 0, sizeof sink);
    sink.size = sizeof sink;
    init_sink(in, &sink, how & 64);
    sink.form = (uint32_t)(LAMBDEST_RECORD + (int)fuzz_below(in, 3));
    sink.write_flags = fuzz_byte(in) & 3;
    sink.oversize = (uint32_t)(LAMBDEST_OVERSIZE_REFUSE + (int)fuzz_below(in, 3));
    sink.max_bytes =
        how & 1 || sink.oversize != LAMBDEST_OVERSIZE_REFUSE ? 1 + (uint64_t)fuzz_byte(in) * 16 : 0;
    sink.deliver = how & 2 ? act : NULL;
    sink.flush = how & 4 ? act : NULL;
    sink.close = how & 8 ? act_close : NULL;
    sink.destroy = destroy;
    sink.user_data = p;
    sink.only_cause = how & 16 ? (uint32_t)(LAMBDEST_CAUSE_RETURNED + (int)fuzz_below(in, 17)) : 0;
    sink.only_condition = how & 32 ? "Success" : NULL;
    sink.only_condition_len = how & 32 ? 7 : 0;
    sink.overflow = sink.oversize == LAMBDEST_OVERSIZE_HAND_ON ? w->sinks[fuzz_below(in, i + 1)].name : NULL;
    sink.overflow_len = sink.overflow ? strlen(sink.overflow) : 0;
    p->in = w;
    p->when = fuzz_byte(in) & 31;
    p->plain = !(how & 48);
    p->calls = how & 2;
    p->max_bytes = sink.max_bytes;
    p->form = sink.form;
    p->target = sink.target;
    p->name[0] = (char)('a' + (how & 128 ? fuzz_below(in, SINKS) : i));
    rc = lambdest_router_add_sink(w->router, p->when, p->name, 1, &sink, &err);
    fuzz_error_is(&err, rc, UINT64_MAX);
    p->added = !rc;
    if (rc)
        p->name[0] = '\0';
}

/* ---- what must hold of a plan ---- */

static uint32_t when_of(int outcome)
{
    return outcome == LAMBDEST_SUCCESS   ? LAMBDEST_ON_SUCCESS
           : outcome == LAMBDEST_FAILURE ? LAMBDEST_ON_FAILURE
                                         : LAMBDEST_ON_INDETERMINATE;
}

static size_t rows_of(lambdest_plan *plan, const char *name)
{
    size_t i, n = 0;

    for (i = 0; i < lambdest_plan_count(plan); i++) {
        const char *sink = lambdest_delivery_text(lambdest_plan_at(plan, i), LAMBDEST_DELIVERY_SINK, NULL);

        n += sink && !strcmp(sink, name);
    }
    return n;
}

/* No sink is left out or has two rows. */
static void check_rows(const world *w, lambdest_plan *plan, int outcome)
{
    size_t i;

    for (i = 0; i < SINKS; i++) {
        const probe *p = &w->sinks[i];
        size_t rows = p->added ? rows_of(plan, p->name) : 0;

        fuzz_require(rows <= 1, "two rows for a sink");
        if (p->added && !p->closed && p->plain && p->when & when_of(outcome))
            fuzz_require(rows == 1, "a sink has no row");
    }
}

static const probe *probe_of(const world *w, const lambdest_delivery *row)
{
    const char *name = lambdest_delivery_text(row, LAMBDEST_DELIVERY_SINK, NULL);
    size_t i;

    for (i = 0; i < SINKS; i++)
        if (w->sinks[i].added && name && !strcmp(w->sinks[i].name, name))
            return &w->sinks[i];
    fuzz_require(false, "a row of no sink");
    return NULL;
}

static void check_body(const world *w, const lambdest_delivery *row)
{
    const probe *p = probe_of(w, row);
    lambdest_envelope *env;
    size_t len;
    const char *body = lambdest_delivery_body(row, &len);

    fuzz_require(lambdest_delivery_envelope(row) == w->env, "another envelope's row");
    if (!body) {
        fuzz_require(is_final(number(row, LAMBDEST_DELIVERY_VERDICT)), "a row with nothing to send");
        return;
    }
    fuzz_require(!body[len], "a body without an end");
    fuzz_require_json(body, len);
    if (p->target == LAMBDEST_TARGET_EVENTBRIDGE)
        return;
    fuzz_require(!p->max_bytes || len <= p->max_bytes, "a body over its limit");
    fuzz_require(!lambdest_envelope_parse(body, len, NULL, &env, NULL), "a body that is no envelope");
    fuzz_require(lambdest_envelope_form(env) == (int)p->form, "a body of another form");
    lambdest_envelope_free(env);
}

/* Counts agree with the rows; a final verdict is kept. */
static void check_flight(const world *w, flight *f, bool bodies)
{
    size_t i, left = 0, count = lambdest_plan_count(f->plan);

    fuzz_require(count >= f->rows && count <= ROWS, "rows are lost, or too many");
    for (i = 0; i < count; i++) {
        lambdest_delivery *row = lambdest_plan_at(f->plan, i);
        int verdict = number(row, LAMBDEST_DELIVERY_VERDICT);

        fuzz_require(i >= f->rows || !is_final(f->verdicts[i]) || f->verdicts[i] == verdict,
                     "a final verdict has changed");
        f->verdicts[i] = verdict;
        left += verdict != LAMBDEST_VERDICT_DELIVERED && !number(row, LAMBDEST_DELIVERY_HANDED_ON);
        if (bodies)
            check_body(w, row);
    }
    f->rows = count;
    fuzz_require(!lambdest_plan_at(f->plan, count), "a row past the end");
    fuzz_require(left == lambdest_plan_undelivered(f->plan), "another number of rows is undelivered");
}

static void let_go(world *w, flight *f)
{
    size_t i;

    if (!f->plan)
        return;
    if (!f->gone) {
        check_flight(w, f, false);
        w->rows += f->rows;
        w->abandoned += lambdest_plan_undelivered(f->plan);
        for (i = 0; i < f->rows; i++)
            w->delivered += f->verdicts[i] == LAMBDEST_VERDICT_DELIVERED;
        lambdest_plan_free(f->plan);
    }
    memset(f, 0, sizeof *f);
}

/* ---- steps ---- */

static void make_plan(world *w, flight *f)
{
    unsigned how = fuzz_byte(&w->script);
    int forced = (how & 6) == 6 ? LAMBDEST_SUCCESS + (int)fuzz_below(&w->script, 3) : 0;
    int outcome = forced ? forced : lambdest_envelope_outcome(w->env), rc;
    lambdest_error err;

    let_go(w, f);
    rc = lambdest_router_plan(w->router, w->env, forced, &f->plan, &err);
    fuzz_error_is(&err, rc, UINT64_MAX);
    fuzz_require(!rc == (f->plan != NULL), "an output of a failed call, or none of another");
    fuzz_require(!rc || rc == LAMBDEST_E_ABSENT, "no plan");
    fuzz_require(!rc || outcome == LAMBDEST_INDETERMINATE, "an outcome that is known has no plan");
    if (rc)
        return;
    check_rows(w, f->plan, outcome);
    check_flight(w, f, true);
}

static void run(world *w, flight *f)
{
    int rc;

    w->running = f;
    rc = lambdest_plan_run(f->plan);
    w->running = NULL;
    if (f->gone)
        return;
    check_flight(w, f, false);
    fuzz_require(rc == (lambdest_plan_undelivered(f->plan) ? LAMBDEST_E_PARTIAL : LAMBDEST_OK),
                 "another code");
}

static void settle(world *w, flight *f)
{
    size_t i, rows = f->rows;
    int rc = lambdest_plan_settle(f->plan);

    check_flight(w, f, true);
    fuzz_require(rc == (lambdest_plan_undelivered(f->plan) ? LAMBDEST_E_PARTIAL : LAMBDEST_OK),
                 "another code");
    for (i = 0; i < rows && f->rows > rows; i++)
        fuzz_require(f->verdicts[i] == LAMBDEST_VERDICT_DELIVERED ||
                         number(lambdest_plan_at(f->plan, i), LAMBDEST_DELIVERY_HANDED_ON) == 1,
                     "a row was not handed on");
}

static void report(world *w, flight *f)
{
    size_t i = fuzz_below(&w->script, f->rows + 1);
    int rc, verdict = some_verdict(&w->script), was;
    lambdest_delivery *row = lambdest_plan_at(f->plan, i);
    lambdest_slice detail = fuzz_take(&w->script);

    if (!row)
        return;
    was = f->verdicts[i];
    rc = lambdest_delivery_report(row, verdict, detail.data, detail.len);
    fuzz_require(!is_final(was) || rc == LAMBDEST_E_INVAL, "a final verdict is reported again");
    fuzz_require(number(row, LAMBDEST_DELIVERY_VERDICT) == (rc ? was : verdict),
                 "another verdict than reported");
    check_flight(w, f, false);
}

static void ask_all(world *w, bool closing)
{
    lambdest_plan *plan;
    int rc = closing ? lambdest_router_close(w->router, 5, &plan, NULL)
                     : lambdest_router_flush(w->router, 5, &plan, NULL);

    fuzz_require((rc == LAMBDEST_OK || rc == LAMBDEST_E_PARTIAL) == (plan != NULL), "a plan that is none");
    lambdest_plan_free(plan);
}

static void step(world *w)
{
    unsigned what = fuzz_byte(&w->script);
    flight *f = &w->flights[what / 8 % PLANS];

    if (f->plan && f->gone)
        let_go(w, f);
    if (!f->plan || what % 8 == 0)
        make_plan(w, f);
    else if (what % 8 <= 2)
        run(w, f);
    else if (what % 8 == 3)
        settle(w, f);
    else if (what % 8 <= 5)
        report(w, f);
    else if (what % 8 == 6)
        ask_all(w, false);
    else
        let_go(w, f);
}

static void check_totals(world *w)
{
    uint64_t delivered = lambdest_router_total(w->router, LAMBDEST_TOTAL_DELIVERED);

    fuzz_require(!w->busy_failed, "a router lets itself be changed in its own callback");
    if (w->lost_count)
        return;
    fuzz_require(lambdest_router_total(w->router, LAMBDEST_TOTAL_PLANNED) == w->rows,
                 "rows were not counted");
    fuzz_require(delivered == w->delivered, "deliveries were not counted");
    fuzz_require(lambdest_router_total(w->router, LAMBDEST_TOTAL_ABANDONED) == w->abandoned,
                 "what was abandoned was not counted");
}

static void finish(world *w)
{
    unsigned how = fuzz_byte(&w->script);
    size_t i;

    if (how & 1)
        ask_all(w, true);
    for (i = 0; i < PLANS; i++)
        let_go(w, &w->flights[i]);
    check_totals(w);
    lambdest_router_free(w->router);
    w->router = NULL;
    lambdest_envelope_free(w->env);
    for (i = 0; i < SINKS; i++) {
        fuzz_require(w->sinks[i].destroyed == w->sinks[i].added, "a sink was not destroyed once");
        fuzz_require(w->sinks[i].closed <= 1, "a sink was closed twice");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    fuzz_input in = {data, size};
    lambdest_options options;
    lambdest_slice program, text;
    size_t i;

    memset(&w, 0, sizeof w);
    support_memory_init(&w.m);
    options = fuzz_options(&in, &w.m);
    options.max_bytes = options.max_items = options.max_depth = 0;
    program = fuzz_take(&in);
    text = fuzz_rest(&in);
    w.script.at = (const uint8_t *)program.data;
    w.script.left = program.len;
    if (lambdest_envelope_parse(text.data, text.len, &options, &w.env, NULL)) {
        fuzz_memory_is(&w.m, 0);
        fuzz_end();
        return 0;
    }
    fuzz_require(!lambdest_router_new(&options, &w.router, NULL), "no router");
    for (i = 0; i < SINKS; i++)
        add_sink(&w, i);
    for (i = 0; i < STEPS && w.script.left; i++)
        step(&w);
    finish(&w);
    fuzz_memory_is(&w.m, 0);
    fuzz_end();
    return 0;
}
