/* The rules of settlement: as a table, and as a simulation of random histories against a second model. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <lambdest/outcome.h>
#include <string.h>

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE
};

typedef struct rule {
    const char *name;
    uint32_t cause;
    uint32_t attempts;
    uint32_t throttles;
    int64_t age;
    uint32_t max_retries;
    int64_t max_age;
    uint32_t flags;
    uint32_t action;
    uint32_t condition;
    uint32_t count;
    int64_t delay;
} rule;

#define RAISED LAMBDEST_CAUSE_RAISED
#define THROTTLED LAMBDEST_CAUSE_THROTTLED
#define SUCCESS LAMBDEST_SUCCEED, LAMBDEST_CONDITION_SUCCESS
#define EXHAUSTED LAMBDEST_FAIL, LAMBDEST_CONDITION_RETRIES_EXHAUSTED
#define TOO_OLD LAMBDEST_FAIL, LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED
#define RETRY LAMBDEST_RETRY, 0, 0

/* Columns: cause, attempts, throttles, age | retries, age of the policy, flags | action, condition, count,
 * delay. What AWS was recorded or documented to do stands first, and says so. */
static const rule rules[] = {
    /* recorded: waits of one and two minutes, then the third failure is the last */
    {"first failure", RAISED, 1, 0, 200, 2, 6 * HOUR, 0, RETRY, MINUTE},
    {"second failure", RAISED, 2, 0, MINUTE + 400, 2, 6 * HOUR, 0, RETRY, 2 * MINUTE},
    {"third failure", RAISED, 3, 0, 3 * MINUTE + 600, 2, 6 * HOUR, 0, EXHAUSTED, 3, 0},
    {"no retries", RAISED, 1, 0, 200, 0, 6 * HOUR, 0, EXHAUSTED, 1, 0},
    {"one retry", RAISED, 2, 0, MINUTE + 400, 1, 6 * HOUR, 0, EXHAUSTED, 2, 0},
    /* recorded: the look-ahead */
    {"age 60 s", RAISED, 1, 0, 200, 2, MINUTE, LAMBDEST_POLICY_STRICT, TOO_OLD, 1, 0},
    {"age 60 s, in no time", RAISED, 1, 0, 0, 2, MINUTE, LAMBDEST_POLICY_STRICT, TOO_OLD, 1, 0},
    {"age 90 s, first", RAISED, 1, 0, 200, 2, 90 * SECOND, LAMBDEST_POLICY_STRICT, RETRY, MINUTE},
    {"age 90 s, second", RAISED, 2, 0, MINUTE + 400, 2, 90 * SECOND, 0, TOO_OLD, 2, 0},
    {"in time by 1 ms", RAISED, 1, 0, 29999, 2, 90 * SECOND, 0, RETRY, MINUTE},
    {"late by nothing", RAISED, 1, 0, 30000, 2, 90 * SECOND, 0, TOO_OLD, 1, 0},
    /* recorded: an event that never ran; documented: back-off from 1 s, doubled up to 5 min */
    {"throttled", THROTTLED, 0, 1, 10, 2, 6 * HOUR, 0, RETRY, SECOND},
    {"throttled twice", THROTTLED, 0, 2, 1020, 2, 6 * HOUR, 0, RETRY, 2 * SECOND},
    {"throttled 9 times", THROTTLED, 0, 9, 300 * SECOND, 2, 6 * HOUR, 0, RETRY, 256 * SECOND},
    {"throttled 10 times", THROTTLED, 0, 10, 600 * SECOND, 2, 6 * HOUR, 0, RETRY, 5 * MINUTE},
    {"throttled for ever", THROTTLED, 0, UINT32_MAX, 0, 2, 6 * HOUR, 0, RETRY, 5 * MINUTE},
    {"throttled until late", THROTTLED, 0, 6, 59 * SECOND, 2, MINUTE, 0, TOO_OLD, 0, 0},
    {"throttles use no attempts", THROTTLED, 3, 1, 4 * MINUTE, 2, 6 * HOUR, 0, RETRY, SECOND},
    {"throttled after attempts", THROTTLED, 2, 9, 89 * SECOND, 2, 90 * SECOND, 0, TOO_OLD, 2, 0},
    {"system error", LAMBDEST_CAUSE_SYSTEM_ERROR, 0, 3, 10, 2, 6 * HOUR, 0, RETRY, 4 * SECOND},
    /* recorded: no retry at all */
    {"zero concurrency", LAMBDEST_CAUSE_NO_CONCURRENCY, 0, 0, 0, 2, 6 * HOUR, 0, LAMBDEST_FAIL,
     LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY, 0, 0},
    {"recursion", LAMBDEST_CAUSE_RECURSION, 0, 0, 0, 2, 6 * HOUR, 0, LAMBDEST_FAIL,
     LAMBDEST_CONDITION_RECURSIVE_INVOCATION, 0, 0},
    /* third party: looked up again as often as it would be tried, and the look-ups are counted */
    {"target gone", LAMBDEST_CAUSE_TARGET_GONE, 1, 0, 5, 2, 6 * HOUR, 0, RETRY, MINUTE},
    {"target gone, one retry", LAMBDEST_CAUSE_TARGET_GONE, 2, 0, MINUTE, 1, 6 * HOUR, 0, EXHAUSTED, 2, 0},
    {"target gone, no retry", LAMBDEST_CAUSE_TARGET_GONE, 1, 0, 5, 0, 6 * HOUR, 0, EXHAUSTED, 1, 0},
    /* a success, however late; its count is disputed */
    {"success", LAMBDEST_CAUSE_RETURNED, 1, 0, 90, 2, 6 * HOUR, 0, SUCCESS, 1, 0},
    {"success after a retry", LAMBDEST_CAUSE_RETURNED, 2, 0, MINUTE, 2, 6 * HOUR, 0, SUCCESS, 2, 0},
    {"success counts one", LAMBDEST_CAUSE_RETURNED, 3, 0, 4 * MINUTE, 2, 6 * HOUR,
     LAMBDEST_POLICY_SUCCESS_COUNTS_ONE, SUCCESS, 1, 0},
    {"success, too late", LAMBDEST_CAUSE_RETURNED, 1, 0, 7 * HOUR, 0, MINUTE, 0, SUCCESS, 1, 0},
    /* ours: the order of the two limits, and hosts that are not AWS */
    {"both limits", RAISED, 3, 0, 7 * HOUR, 2, 6 * HOUR, 0, EXHAUSTED, 3, 0},
    {"over the retries", RAISED, 9, 0, 0, 2, 6 * HOUR, 0, EXHAUSTED, 9, 0},
    {"all attempts there are", RAISED, UINT32_MAX, 0, 0, UINT32_MAX, 6 * HOUR, 0, RETRY, 2 * MINUTE},
    {"no attempt is over", RAISED, UINT32_MAX, 0, 0, UINT32_MAX - 1, 6 * HOUR, 0, EXHAUSTED, UINT32_MAX, 0},
    {"already expired", LAMBDEST_CAUSE_EXPIRED, 0, 0, 7 * HOUR, 2, 6 * HOUR, 0, TOO_OLD, 0, 0},
    {"expired waiting", LAMBDEST_CAUSE_EXPIRED, 2, 0, 7 * HOUR, 2, 6 * HOUR, 0, TOO_OLD, 2, 0},
    {"a day", RAISED, 4, 0, 7 * HOUR, 10, 24 * HOUR, 0, RETRY, 2 * MINUTE},
    {"10 ms of age", RAISED, 1, 0, 0, 10, 10, 0, TOO_OLD, 1, 0},
};

static lambdest_policy policy_of(uint32_t retries, int64_t age, uint32_t flags)
{
    lambdest_policy policy = {.size = sizeof policy};

    assert_int_equal(lambdest_policy_init(&policy), LAMBDEST_OK);
    policy.max_retries = retries;
    policy.max_age_ms = age;
    policy.flags = flags;
    return policy;
}

static void expect(const rule *r, uint32_t invocation, int64_t queued)
{
    lambdest_policy policy = policy_of(r->max_retries, r->max_age, r->flags);
    lambdest_attempt attempt = {.size = sizeof attempt,
                                .invocation = invocation,
                                .cause = r->cause,
                                .attempts = r->attempts,
                                .throttles = r->throttles,
                                .queued_ms = queued};
    lambdest_decision decision = {.size = sizeof decision};
    lambdest_error err;

    attempt.now_ms = queued + r->age;
    print_message("%s\n", r->name);
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, &err), LAMBDEST_OK);
    assert_int_equal(decision.action, r->action);
    assert_int_equal(decision.condition, r->condition);
    assert_int_equal(decision.invoke_count, r->count);
    assert_true(decision.delay_ms == r->delay);
    assert_int_equal(err.code, LAMBDEST_OK);
}

static void the_rules(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        expect(&rules[i], 0, 0);
        expect(&rules[i], LAMBDEST_EVENT, 1772443498046);
        expect(&rules[i], LAMBDEST_EVENT, INT64_MIN);
    }
}

/* Every way for a function to fail is retried alike. */
static void failures_are_alike(void **state)
{
    static const uint32_t causes[] = {LAMBDEST_CAUSE_RAISED,      LAMBDEST_CAUSE_TIMED_OUT,
                                      LAMBDEST_CAUSE_CRASHED,     LAMBDEST_CAUSE_OUT_OF_MEMORY,
                                      LAMBDEST_CAUSE_INIT_FAILED, LAMBDEST_CAUSE_RESPONSE_TOO_LARGE,
                                      LAMBDEST_CAUSE_OTHER};
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof causes / sizeof causes[0]; i++)
        for (k = 0; rules[k].cause == RAISED; k++) {
            rule r = rules[k];

            r.cause = causes[i];
            expect(&r, 0, 5);
        }
}

static void defaults(void **state)
{
    lambdest_policy policy;
    lambdest_attempt attempt = {.size = sizeof attempt, .cause = RAISED, .attempts = 2, .now_ms = 70000};
    lambdest_decision decision = {.size = sizeof decision};

    (void)state;
    memset(&policy, 0x5A, sizeof policy);
    policy.size = sizeof policy;
    assert_int_equal(lambdest_policy_init(&policy), LAMBDEST_OK);
    assert_int_equal(policy.size, sizeof policy);
    assert_int_equal(policy.flags, 0);
    assert_int_equal(policy.max_retries, 2);
    assert_int_equal(policy.reserved, 0);
    assert_true(policy.max_age_ms == 21600000);
    assert_true(policy.first_delay_ms == 60000);
    assert_true(policy.next_delay_ms == 120000);
    assert_true(policy.throttle_delay_ms == 1000);
    assert_true(policy.max_throttle_delay_ms == 300000);
    assert_int_equal(lambdest_settle(NULL, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_RETRY);
    assert_true(decision.delay_ms == 120000);
    policy.size = sizeof policy - 1;
    assert_int_equal(lambdest_policy_init(&policy), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_policy_init(NULL), LAMBDEST_E_INVAL);
}

/* A caller compiled with a later header has longer structs. */
static void longer_structs(void **state)
{
    struct {
        lambdest_policy policy;
        uint64_t later;
    } p;
    struct {
        lambdest_decision decision;
        uint64_t later;
    } d;
    struct {
        lambdest_attempt attempt;
        uint64_t later;
    } a = {{.size = sizeof a, .cause = RAISED, .attempts = 1}, 0};
    lambdest_error err;

    (void)state;
    memset(&p, 0xFF, sizeof p);
    memset(&d, 0xFF, sizeof d);
    p.policy.size = sizeof p;
    d.decision.size = sizeof d;
    assert_int_equal(lambdest_policy_init(&p.policy), LAMBDEST_OK);
    assert_true(p.later == 0);
    assert_int_equal(lambdest_settle(&p.policy, &a.attempt, &d.decision, &err), LAMBDEST_OK);
    assert_true(d.later == 0);
    assert_int_equal(d.decision.action, LAMBDEST_RETRY);
    p.later = 1;
    assert_int_equal(lambdest_settle(&p.policy, &a.attempt, &d.decision, &err), LAMBDEST_E_INVAL);
    assert_string_equal(err.where, "policy");
    p.later = 0;
    a.later = UINT64_C(1) << 63;
    assert_int_equal(lambdest_settle(&p.policy, &a.attempt, &d.decision, &err), LAMBDEST_E_INVAL);
    assert_string_equal(err.where, "attempt");
}

static void refuse(const lambdest_policy *policy, const lambdest_attempt *attempt, const char *where)
{
    lambdest_decision decision = {sizeof decision, 1, 2, 3, 4};
    lambdest_error err;

    assert_int_equal(lambdest_settle(policy, attempt, &decision, &err), LAMBDEST_E_INVAL);
    assert_int_equal(err.code, LAMBDEST_E_INVAL);
    assert_string_equal(err.where, where);
    assert_true(err.message[0] != '\0');
    assert_int_equal(decision.size, sizeof decision);
    assert_true(!decision.action && !decision.condition && !decision.invoke_count && !decision.delay_ms);
}

static void bad_policies(void **state)
{
    const lambdest_attempt attempt = {.size = sizeof attempt, .cause = RAISED, .attempts = 1};
    const lambdest_policy good = policy_of(2, 6 * HOUR, LAMBDEST_POLICY_STRICT);
    lambdest_policy p;
    lambdest_decision decision = {.size = sizeof decision};

    (void)state;
#define BAD(member, value)                                                                                   \
    p = good;                                                                                                \
    p.member = (value);                                                                                      \
    refuse(&p, &attempt, "policy." #member)
    BAD(flags, 4);
    BAD(reserved, 1);
    BAD(max_age_ms, 0);
    BAD(max_age_ms, -1);
    BAD(max_age_ms, INT64_MIN);
    BAD(first_delay_ms, -1);
    BAD(next_delay_ms, INT64_MIN);
    BAD(throttle_delay_ms, 0);
    BAD(throttle_delay_ms, -7);
    BAD(max_throttle_delay_ms, 999);
    BAD(max_retries, 3);
    BAD(max_retries, UINT32_MAX);
    BAD(max_age_ms, MINUTE - 1);
    BAD(max_age_ms, 6 * HOUR + 1);
#undef BAD
    p = good;
    p.size = sizeof p - 1;
    refuse(&p, &attempt, "policy");
    p = good;
    p.max_age_ms = MINUTE;
    assert_int_equal(lambdest_settle(&p, &attempt, &decision, NULL), LAMBDEST_OK);
    p.first_delay_ms = p.next_delay_ms = 0;
    p.throttle_delay_ms = p.max_throttle_delay_ms = 1;
    assert_int_equal(lambdest_settle(&p, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_RETRY);
    assert_int_equal(decision.delay_ms, 0);
    p.max_age_ms = 6 * HOUR;
    p.max_retries = 0;
    assert_int_equal(lambdest_settle(&p, &attempt, &decision, NULL), LAMBDEST_OK);
}

static void bad_attempts(void **state)
{
    static const uint32_t no_causes[] = {0,
                                         1,
                                         LAMBDEST_FAILURE,
                                         LAMBDEST_CAUSE_PARTIAL_BATCH,
                                         LAMBDEST_CAUSE_RECORD_EXPIRED,
                                         LAMBDEST_CAUSE_PAYLOAD_TOO_LARGE,
                                         LAMBDEST_CAUSE_OTHER + 1,
                                         UINT32_MAX};
    const lambdest_attempt good = {.size = sizeof good, .cause = RAISED, .attempts = 1};
    lambdest_attempt a;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof no_causes / sizeof no_causes[0]; i++) {
        a = good;
        a.cause = no_causes[i];
        refuse(NULL, &a, "attempt.cause");
    }
    a = good;
    a.attempts = 0;
    refuse(NULL, &a, "attempt.attempts");
    a.cause = LAMBDEST_CAUSE_RETURNED;
    refuse(NULL, &a, "attempt.attempts");
    a.cause = LAMBDEST_CAUSE_TARGET_GONE;
    refuse(NULL, &a, "attempt.attempts");
    a.cause = THROTTLED;
    refuse(NULL, &a, "attempt.throttles");
    a = good;
    a.invocation = 1;
    refuse(NULL, &a, "attempt.invocation");
    a = good;
    a.reserved = 1;
    refuse(NULL, &a, "attempt.reserved");
    a = good;
    a.size = sizeof a - 1;
    refuse(NULL, &a, "attempt");
    refuse(NULL, NULL, "attempt");
}

static void bad_decisions(void **state)
{
    const lambdest_attempt attempt = {.size = sizeof attempt, .cause = RAISED, .attempts = 1};
    lambdest_decision decision = {sizeof decision - 1, 1, 2, 3, 4};
    lambdest_error err;

    (void)state;
    assert_int_equal(lambdest_settle(NULL, &attempt, NULL, &err), LAMBDEST_E_INVAL);
    assert_string_equal(err.where, "decision");
    assert_int_equal(lambdest_settle(NULL, &attempt, &decision, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(decision.action, 1);
}

static void synchronous_never_makes_one(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        lambdest_attempt attempt = {.size = sizeof attempt,
                                    .invocation = LAMBDEST_SYNCHRONOUS,
                                    .cause = rules[i].cause,
                                    .attempts = rules[i].attempts,
                                    .throttles = rules[i].throttles};
        lambdest_decision decision = {sizeof decision, 1, 2, 3, 4};

        assert_int_equal(lambdest_settle(NULL, &attempt, &decision, NULL), LAMBDEST_OK);
        assert_int_equal(decision.action, LAMBDEST_NO_DESTINATION);
        assert_true(!decision.condition && !decision.invoke_count && !decision.delay_ms);
    }
}

/* Clocks: one that runs backwards counts as standing still, and no two times are too far apart. */
static void clocks(void **state)
{
    lambdest_policy policy = policy_of(2, INT64_MAX, 0);
    lambdest_attempt attempt = {.size = sizeof attempt, .cause = RAISED, .attempts = 1};
    lambdest_decision decision = {.size = sizeof decision};

    (void)state;
    attempt.queued_ms = INT64_MAX;
    attempt.now_ms = INT64_MIN;
    assert_int_equal(lambdest_settle(NULL, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_RETRY);
    attempt.queued_ms = INT64_MIN;
    attempt.now_ms = INT64_MAX;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.condition, LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED);
    attempt.queued_ms = 0;
    attempt.now_ms = INT64_MAX - MINUTE - 1;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_RETRY);
    attempt.now_ms++;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_FAIL);
    policy.first_delay_ms = policy.throttle_delay_ms = policy.max_throttle_delay_ms = INT64_MAX;
    attempt.now_ms = 0;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_FAIL);
    policy.throttle_delay_ms = INT64_MAX / 2 + 1;
    attempt.cause = THROTTLED;
    attempt.throttles = 2;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_FAIL);
}

/* An event whose clock runs backwards is 0 ms old, and a delay doubles until it would pass the longest. */
static void delays_to_the_millisecond(void **state)
{
    static const int64_t delays[] = {1, 2, 4, 7, 7};
    lambdest_policy policy = policy_of(2, MINUTE + 1, 0);
    lambdest_attempt attempt = {.size = sizeof attempt, .cause = RAISED, .attempts = 1, .queued_ms = 5};
    lambdest_decision decision = {.size = sizeof decision};
    size_t i;

    (void)state;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_RETRY);
    attempt.queued_ms = -1;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.action, LAMBDEST_FAIL);
    policy.throttle_delay_ms = 1;
    policy.max_throttle_delay_ms = 7;
    attempt.cause = THROTTLED;
    for (i = 0; i < sizeof delays / sizeof delays[0]; i++) {
        attempt.throttles = (uint32_t)i + 1;
        assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
        assert_int_equal(decision.delay_ms, delays[i]);
    }
    policy.max_throttle_delay_ms = 3;
    attempt.throttles = 2;
    assert_int_equal(lambdest_settle(&policy, &attempt, &decision, NULL), LAMBDEST_OK);
    assert_int_equal(decision.delay_ms, 2);
}

/* ---- random histories ---- */

static uint64_t seed;

static uint64_t random_below(uint64_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % limit;
}

/* One event's life as a host runs it. */
typedef struct life {
    lambdest_policy policy;
    lambdest_attempt attempt;
    int64_t clock;
    int64_t last_start;
    unsigned steps;
    unsigned final_chance; /* in 100: recursion or no concurrency */
    unsigned throttle_chance;
    unsigned success_chance;
} life;

static lambdest_policy random_policy(void)
{
    lambdest_policy p = policy_of((uint32_t)random_below(3), MINUTE + (int64_t)random_below(360) * MINUTE, 0);

    if (random_below(3) == 0)
        p.max_age_ms = MINUTE + (int64_t)random_below(5 * MINUTE);
    if (random_below(4) == 0) {
        p.max_retries = (uint32_t)random_below(20);
        p.first_delay_ms = (int64_t)random_below(HOUR);
        p.next_delay_ms = (int64_t)random_below(HOUR);
        p.throttle_delay_ms = 1 + (int64_t)random_below(MINUTE);
        p.max_throttle_delay_ms = p.throttle_delay_ms + (int64_t)random_below(HOUR);
    } else {
        p.flags |= LAMBDEST_POLICY_STRICT;
    }
    if (random_below(2))
        p.flags |= LAMBDEST_POLICY_SUCCESS_COUNTS_ONE;
    return p;
}

static void try_once(life *l)
{
    static const uint32_t failures[] = {LAMBDEST_CAUSE_RAISED, LAMBDEST_CAUSE_TIMED_OUT,
                                        LAMBDEST_CAUSE_CRASHED, LAMBDEST_CAUSE_OUT_OF_MEMORY,
                                        LAMBDEST_CAUSE_TARGET_GONE};
    unsigned dice = (unsigned)random_below(100);

    l->last_start = l->clock;
    if (dice < l->final_chance) {
        l->attempt.cause = random_below(2) ? LAMBDEST_CAUSE_RECURSION : LAMBDEST_CAUSE_NO_CONCURRENCY;
    } else if (dice < l->final_chance + l->throttle_chance) {
        l->attempt.cause = random_below(2) ? THROTTLED : LAMBDEST_CAUSE_SYSTEM_ERROR;
        l->attempt.throttles++;
    } else {
        l->attempt.attempts++;
        l->attempt.cause = failures[random_below(5)];
        if (dice < l->final_chance + l->throttle_chance + l->success_chance)
            l->attempt.cause = LAMBDEST_CAUSE_RETURNED;
        l->clock +=
            (int64_t)random_below(3) ? (int64_t)random_below(2000) : (int64_t)random_below(15 * MINUTE);
    }
    l->attempt.now_ms = l->clock;
}

/* A second opinion, in the words of the documentation and without the code's order of things. */
static rule second_opinion(const life *l)
{
    const lambdest_policy *p = &l->policy;
    const lambdest_attempt *a = &l->attempt;
    int ran = a->cause != THROTTLED && a->cause != LAMBDEST_CAUSE_SYSTEM_ERROR;
    double wait = ran ? (a->attempts < 2 ? (double)p->first_delay_ms : (double)p->next_delay_ms)
                      : (double)p->throttle_delay_ms;
    rule r = {.count = a->attempts};
    uint32_t i;

    for (i = 1; !ran && i < a->throttles; i++)
        wait *= 2;
    if (!ran && wait > (double)p->max_throttle_delay_ms)
        wait = (double)p->max_throttle_delay_ms;
    r.action = LAMBDEST_FAIL;
    if (a->cause == LAMBDEST_CAUSE_RETURNED) {
        r.action = LAMBDEST_SUCCEED;
        r.condition = LAMBDEST_CONDITION_SUCCESS;
        if (p->flags & LAMBDEST_POLICY_SUCCESS_COUNTS_ONE)
            r.count = 1;
    } else if (a->cause == LAMBDEST_CAUSE_RECURSION) {
        r.condition = LAMBDEST_CONDITION_RECURSIVE_INVOCATION;
    } else if (a->cause == LAMBDEST_CAUSE_NO_CONCURRENCY) {
        r.condition = LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY;
    } else if (ran && a->attempts == p->max_retries + 1) {
        r.condition = LAMBDEST_CONDITION_RETRIES_EXHAUSTED;
    } else if ((double)a->now_ms + wait < (double)a->queued_ms + (double)p->max_age_ms) {
        r.action = LAMBDEST_RETRY;
        r.count = 0;
        r.delay = (int64_t)wait;
    } else {
        r.condition = LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED;
    }
    return r;
}

static void live(life *l)
{
    lambdest_decision d = {.size = sizeof d};

    do {
        rule other;

        try_once(l);
        other = second_opinion(l);
        assert_int_equal(lambdest_settle(&l->policy, &l->attempt, &d, NULL), LAMBDEST_OK);
        assert_int_equal(d.action, other.action);
        assert_int_equal(d.condition, other.condition);
        assert_int_equal(d.invoke_count, other.count);
        assert_true(d.delay_ms == other.delay);
        assert_true(l->attempt.attempts <= l->policy.max_retries + 1);
        assert_true(l->last_start < l->attempt.queued_ms + l->policy.max_age_ms);
        assert_true(d.delay_ms >= 0);
        assert_true((d.action == LAMBDEST_RETRY) == (d.condition == 0));
        l->clock += d.delay_ms;
        assert_true(++l->steps < 100000);
    } while (d.action == LAMBDEST_RETRY);
    assert_true(d.invoke_count <= l->attempt.attempts);
    assert_true((d.action == LAMBDEST_SUCCEED) == (l->attempt.cause == LAMBDEST_CAUSE_RETURNED));
}

static void random_histories(void **state)
{
    enum {
        HISTORIES = 60000
    };
    unsigned i, steps = 0;

    (void)state;
    seed = UINT64_C(0x9E3779B97F4A7C15);
    for (i = 0; i < HISTORIES; i++) {
        life l = {.attempt = {.size = sizeof l.attempt}};

        l.policy = random_policy();
        l.clock = l.attempt.queued_ms = (int64_t)random_below(UINT64_C(2000000000000));
        l.final_chance = random_below(4) ? 0 : (unsigned)random_below(20);
        l.throttle_chance = (unsigned)random_below(3) * 30;
        l.success_chance = (unsigned)random_below(20);
        live(&l);
        steps += l.steps;
    }
    print_message("%u histories, %u attempts\n", (unsigned)HISTORIES, steps);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(lambdest_name(LAMBDEST_CONDITION_SUCCESS), "Success");
    assert_string_equal(lambdest_name(LAMBDEST_CONDITION_RETRIES_EXHAUSTED), "RetriesExhausted");
    assert_string_equal(lambdest_name(LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED), "EventAgeExceeded");
    assert_string_equal(lambdest_name(LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY),
                        "ZeroReservedConcurrency");
    assert_string_equal(lambdest_name(LAMBDEST_CONDITION_RECURSIVE_INVOCATION), "RecursiveInvocation");
    assert_string_equal(lambdest_name(LAMBDEST_RETRY), "retry");
    assert_string_equal(lambdest_name(LAMBDEST_NO_DESTINATION), "no-destination");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules),        cmocka_unit_test(failures_are_alike),
        cmocka_unit_test(defaults),         cmocka_unit_test(longer_structs),
        cmocka_unit_test(bad_policies),     cmocka_unit_test(bad_attempts),
        cmocka_unit_test(bad_decisions),    cmocka_unit_test(synchronous_never_makes_one),
        cmocka_unit_test(clocks),           cmocka_unit_test(delays_to_the_millisecond),
        cmocka_unit_test(random_histories), cmocka_unit_test(names),
    };

    return cmocka_run_group_tests_name("outcome/settle", tests, NULL, NULL);
}
