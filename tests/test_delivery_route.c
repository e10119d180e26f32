#include "delivery.h"

#include "delivery/plan.h"

static lambdest_sink pull(void)
{
    lambdest_sink sink = {.size = sizeof sink};

    return sink;
}

static lambdest_plan *plan_of(lambdest_router *router, const lambdest_envelope *env, int outcome)
{
    lambdest_plan *plan = NULL;
    lambdest_error err;

    assert_int_equal(lambdest_router_plan(router, env, outcome, &plan, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    return plan;
}

/* The names of the sinks that this envelope is routed to. */
static void expect_route(lambdest_router *router, const lambdest_envelope *env, int outcome,
                         const char *names)
{
    lambdest_plan *plan = plan_of(router, env, outcome);

    assert_string_equal(sinks_of(plan), names);
    lambdest_plan_free(plan);
}

static void each_outcome_goes_to_its_sinks_in_order(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *good = parse_text(m, SUCCESS_TEXT), *bad = parse_text(m, FAILURE_TEXT);
    lambdest_envelope *unclear = parse_text(m, UNCLEAR_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();

    add(router, LAMBDEST_ON_FAILURE, "dead", &sink);
    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "audit", &sink);
    add(router, LAMBDEST_ON_SUCCESS, "done", &sink);
    add(router, LAMBDEST_ON_INDETERMINATE, "odd", &sink);
    add(router, LAMBDEST_ON_OVERFLOW, "large", &sink);
    expect_route(router, good, 0, "audit done");
    expect_route(router, bad, 0, "dead audit");
    expect_route(router, unclear, 0, "odd");
    /* A host that judges otherwise says so. */
    expect_route(router, good, LAMBDEST_FAILURE, "dead audit");
    expect_route(router, bad, LAMBDEST_SUCCESS, "audit done");
    expect_route(router, bad, LAMBDEST_INDETERMINATE, "odd");
    lambdest_router_free(router);
    lambdest_envelope_free(good);
    lambdest_envelope_free(bad);
    lambdest_envelope_free(unclear);
}

static void what_looks_like_an_error_is_a_success(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(
        m, "{\"requestContext\":{\"condition\":\"Success\"},\"responsePayload\":{\"errorType\":\"X\"}}");
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();

    add(router, LAMBDEST_ON_FAILURE, "dead", &sink);
    add(router, LAMBDEST_ON_SUCCESS, "done", &sink);
    expect_route(router, env, 0, "done");
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void an_outcome_without_a_sink_makes_no_rows(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;

    expect_route(router, env, 0, "");
    add(router, LAMBDEST_ON_FAILURE | LAMBDEST_ON_UNDELIVERED, "dead", &sink);
    expect_route(router, env, 0, "");
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_count(plan), 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void an_indeterminate_envelope_never_vanishes(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, UNCLEAR_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan = (lambdest_plan *)(void *)router;
    lambdest_error err;

    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "both", &sink);
    assert_int_equal(lambdest_router_plan(router, env, 0, &plan, &err), LAMBDEST_E_ABSENT);
    support_expect_error(&err, LAMBDEST_E_ABSENT, 0, "");
    assert_null(plan);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, &err), LAMBDEST_E_ABSENT);
    assert_null(plan);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED), 0);
    add(router, LAMBDEST_ON_UNDELIVERED, "rest", &sink);
    plan = plan_of(router, env, 0);
    assert_string_equal(sinks_of(plan), "rest");
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_plan_count(plan), 1);
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED), 1);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void filters_narrow_a_route(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *good = parse_text(m, SUCCESS_TEXT), *bad = parse_text(m, FAILURE_TEXT);
    lambdest_envelope *unclear = parse_text(m, UNCLEAR_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();

    sink.only_function = "orders";
    sink.only_function_len = 6;
    add(router, 3, "orders", &sink);
    sink.only_function_len = 5;
    add(router, 3, "order", &sink);
    sink = pull();
    sink.only_condition = "RetriesExhausted";
    sink.only_condition_len = 16;
    add(router, 3, "exhausted", &sink);
    sink = pull();
    sink.only_cause = LAMBDEST_CAUSE_RAISED;
    add(router, 3, "raised", &sink);
    sink.only_cause = LAMBDEST_CAUSE_TIMED_OUT;
    add(router, 3, "timed out", &sink);
    sink = pull();
    sink.only_condition = "";
    add(router, 3, "no condition", &sink);
    sink.only_condition = "RetriesExhauster";
    sink.only_condition_len = 16;
    add(router, 3, "other word", &sink);
    sink = pull();
    sink.only_function = "ordert";
    sink.only_function_len = 6;
    add(router, 7, "other function", &sink);
    expect_route(router, good, 0, "orders");
    expect_route(router, bad, 0, "orders exhausted raised");
    sink = pull();
    add(router, LAMBDEST_ON_INDETERMINATE, "any", &sink);
    expect_route(router, unclear, 0, "any");
    lambdest_router_free(router);
    lambdest_envelope_free(good);
    lambdest_envelope_free(bad);
    lambdest_envelope_free(unclear);
}

/* ---- bodies ---- */

static const char *body_at(lambdest_plan *plan, size_t index)
{
    return lambdest_delivery_body(lambdest_plan_at(plan, index), NULL);
}

static void a_body_is_written_once_and_shared(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull(), compact = pull(), document = pull(), bus = pull();
    lambdest_plan *plan;
    size_t i, len;

    compact.write_flags = LAMBDEST_COMPACT;
    document.form = LAMBDEST_DOCUMENT;
    bus.target = LAMBDEST_TARGET_EVENTBRIDGE;
    add(router, 1, "a", &sink);
    add(router, 1, "b", &compact);
    add(router, 1, "c", &sink);
    add(router, 1, "d", &document);
    add(router, 1, "e", &bus);
    sink.target = LAMBDEST_TARGET_SQS;
    sink.max_bytes = 100000;
    add(router, 1, "f", &sink);
    add(router, 1, "g", &bus);
    bus.arn = "arn:aws:events:eu-west-1:111122223333:event-bus/x";
    bus.arn_len = strlen(bus.arn);
    add(router, 1, "h", &bus);
    add(router, 1, "i", &bus);
    plan = plan_of(router, env, 0);
    assert_string_equal(body_at(plan, 0), SUCCESS_TEXT);
    assert_ptr_equal(body_at(plan, 0), body_at(plan, 2));
    assert_ptr_equal(body_at(plan, 0), body_at(plan, 5));
    assert_null(strstr(body_at(plan, 1), " 2"));
    assert_int_equal(strlen(body_at(plan, 1)), sizeof SUCCESS_TEXT - 1 - 2);
    assert_non_null(strstr(body_at(plan, 3), "\"invocationId\":\"r-1\""));
    assert_ptr_equal(strstr(body_at(plan, 4), "{\"Time\":1772442847,\"Source\":\"lambda\","),
                     body_at(plan, 4));
    assert_ptr_equal(body_at(plan, 4), body_at(plan, 6));
    assert_ptr_equal(body_at(plan, 7), body_at(plan, 8));
    assert_ptr_not_equal(body_at(plan, 4), body_at(plan, 7));
    assert_non_null(strstr(body_at(plan, 7), "\"EventBusName\":\"arn:aws:events:"));
    for (i = 0; i < lambdest_plan_count(plan); i++) {
        const char *body = lambdest_delivery_body(lambdest_plan_at(plan, i), &len);

        assert_int_equal(strlen(body), len);
        assert_int_equal(support_jansson(body, len), SUPPORT_VALID);
    }
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void a_form_that_cannot_hold_the_envelope_is_a_row(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(
        m, "{\"requestContext\":{\"condition\":\"RetryAttemptsExhausted\"},\"KinesisBatchInfo\":{}}");
    lambdest_router *router = new_router(m);
    probe a = {.verdict = LAMBDEST_VERDICT_DELIVERED}, b = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_sink sink = probe_sink(&a);
    lambdest_plan *plan;

    sink.form = LAMBDEST_DOCUMENT;
    add(router, LAMBDEST_ON_FAILURE, "document", &sink);
    sink = probe_sink(&b);
    add(router, LAMBDEST_ON_FAILURE, "record", &sink);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_REJECTED);
    assert_non_null(strstr(detail_of(plan, 0), "form"));
    assert_null(body_at(plan, 0));
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(a.delivered, 0);
    assert_int_equal(b.delivered, 1);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_REJECTED), 1);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

/* ---- limits ---- */

static void the_limit_is_exact(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    probe p = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_sink sink = probe_sink(&p);
    lambdest_plan *plan;

    sink.max_bytes = sizeof SUCCESS_TEXT - 1;
    add(router, 1, "fits", &sink);
    sink.max_bytes--;
    add(router, 1, "too small", &sink);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_TOO_BIG);
    assert_null(body_at(plan, 1));
    assert_int_equal(p.delivered, 1);
    assert_int_equal(integer_of(plan, 1, LAMBDEST_DELIVERY_ATTEMPTS), 0);
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 1), LAMBDEST_VERDICT_DELIVERED, NULL, 0),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_TOO_BIG), 1);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void what_is_too_big_loses_the_response_then_the_request(void **state)
{
    support_memory *m = *state;
    char *text = sized_record(1000, 2000);
    size_t len = strlen(text);
    lambdest_envelope *env = parse_text(m, text), *back;
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;
    size_t i;
    int state_of;

    sink.oversize = LAMBDEST_OVERSIZE_DROP;
    sink.max_bytes = len;
    add(router, 1, "whole", &sink);
    sink.max_bytes = len - 1;
    add(router, 1, "no response", &sink);
    sink.max_bytes = len - 2000;
    add(router, 1, "no response either", &sink);
    sink.max_bytes = 1000;
    add(router, 1, "no payload", &sink);
    sink.max_bytes = 50;
    add(router, 1, "nothing", &sink);
    plan = plan_of(router, env, 0);
    assert_string_equal(body_at(plan, 0), text);
    assert_int_equal(verdict_of(plan, 4), LAMBDEST_VERDICT_TOO_BIG);
    assert_int_equal(integer_of(plan, 4, LAMBDEST_DELIVERY_DROPPED), 0);
    assert_ptr_equal(body_at(plan, 1), body_at(plan, 2));
    for (i = 0; i < 4; i++) {
        static const int64_t dropped[] = {0, 1, 1, 2};

        assert_int_equal(verdict_of(plan, i), LAMBDEST_VERDICT_NONE);
        assert_int_equal(integer_of(plan, i, LAMBDEST_DELIVERY_DROPPED), dropped[i]);
        back = parse_text(m, body_at(plan, i));
        assert_int_equal(lambdest_envelope_outcome(back), LAMBDEST_SUCCESS);
        assert_string_equal(lambdest_envelope_text(back, LAMBDEST_REQUEST_ID, NULL), "r-4");
        state_of = lambdest_envelope_state(back, LAMBDEST_RESPONSE_PAYLOAD);
        assert_int_equal(state_of, dropped[i] ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
        state_of = lambdest_envelope_state(back, LAMBDEST_REQUEST_PAYLOAD);
        assert_int_equal(state_of, dropped[i] > 1 ? LAMBDEST_ABSENT : LAMBDEST_VALUE);
        lambdest_envelope_free(back);
    }
    /* The envelope itself has lost nothing. */
    assert_int_equal(lambdest_envelope_state(env, LAMBDEST_RESPONSE_PAYLOAD), LAMBDEST_VALUE);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
    free(text);
}

static void what_is_too_big_is_handed_on(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;

    add(router, LAMBDEST_ON_OVERFLOW, "bucket", &sink);
    sink.max_bytes = 20;
    sink.oversize = LAMBDEST_OVERSIZE_HAND_ON;
    sink.overflow = "bucket";
    sink.overflow_len = 6;
    sink.only_function = "another";
    sink.only_function_len = 7;
    add(router, LAMBDEST_ON_FAILURE, "topic", &sink);
    sink.only_function = NULL;
    sink.only_function_len = 0;
    sink.max_bytes = 10;
    sink.overflow = "topic";
    sink.overflow_len = 5;
    add(router, LAMBDEST_ON_SUCCESS, "queue", &sink);
    sink.overflow = "bucket";
    sink.overflow_len = 6;
    add(router, LAMBDEST_ON_SUCCESS, "other", &sink);
    plan = plan_of(router, env, 0);
    assert_string_equal(sinks_of(plan), "queue topic bucket other");
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_TOO_BIG);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_TOO_BIG);
    assert_int_equal(verdict_of(plan, 2), LAMBDEST_VERDICT_NONE);
    assert_int_equal(verdict_of(plan, 3), LAMBDEST_VERDICT_TOO_BIG);
    assert_string_equal(body_at(plan, 2), SUCCESS_TEXT);
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    assert_int_equal(lambdest_delivery_report(lambdest_plan_at(plan, 2), LAMBDEST_VERDICT_DELIVERED, NULL, 0),
                     LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    lambdest_plan_free(plan);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_PLANNED), 4);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_TOO_BIG), 3);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_ABANDONED), 0);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void what_fits_is_not_handed_on(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;

    add(router, LAMBDEST_ON_OVERFLOW, "bucket", &sink);
    sink.max_bytes = sizeof SUCCESS_TEXT - 1;
    sink.oversize = LAMBDEST_OVERSIZE_HAND_ON;
    sink.overflow = "bucket";
    sink.overflow_len = 6;
    add(router, LAMBDEST_ON_SUCCESS, "queue", &sink);
    plan = plan_of(router, env, 0);
    assert_string_equal(sinks_of(plan), "queue");
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_HANDED_ON), 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void a_sink_takes_an_envelope_once_a_route(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;

    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_UNDELIVERED, "bucket", &sink);
    sink.max_bytes = 20;
    sink.oversize = LAMBDEST_OVERSIZE_HAND_ON;
    sink.overflow = "bucket";
    sink.overflow_len = 6;
    add(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_UNDELIVERED, "topic", &sink);
    plan = plan_of(router, env, 0);
    assert_string_equal(sinks_of(plan), "bucket topic");
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
    assert_string_equal(sinks_of(plan), "bucket topic bucket topic");
    assert_int_equal(lambdest_plan_undelivered(plan), 1);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

/* ---- what targets refuse ---- */

static void add_target(lambdest_router *router, int target, const char *name)
{
    lambdest_sink sink = pull();

    assert_int_equal(lambdest_sink_init(&sink, target, NULL, 0, NULL), LAMBDEST_OK);
    add(router, LAMBDEST_ON_SUCCESS, name, &sink);
}

static void a_refused_character_is_told_with_its_offset(void **state)
{
    static const char text[] =
        "{\"requestContext\":{\"condition\":\"Success\"},\"requestPayload\":\"caf\xC3\xA9 "
        "\xEF\xBF\xBF\"}";
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, text);
    lambdest_router *router = new_router(m);
    lambdest_plan *plan;
    size_t i;

    add_target(router, LAMBDEST_TARGET_PLAIN, "plain");
    add_target(router, LAMBDEST_TARGET_SQS, "sqs");
    add_target(router, LAMBDEST_TARGET_SNS, "sns");
    add_target(router, LAMBDEST_TARGET_LAMBDA, "lambda");
    add_target(router, LAMBDEST_TARGET_EVENTBRIDGE, "bus");
    add_target(router, LAMBDEST_TARGET_S3, "s3");
    add_target(router, LAMBDEST_TARGET_KAFKA, "kafka");
    plan = plan_of(router, env, 0);
    for (i = 0; i < 7; i++)
        assert_int_equal(verdict_of(plan, i),
                         i == 1 || i == 2 ? LAMBDEST_VERDICT_REJECTED : LAMBDEST_VERDICT_NONE);
    /* {"requestContext":{"condition":"Success"},"requestPayload":"caf.. is 60 + 6 bytes. */
    assert_string_equal(detail_of(plan, 1), "a character that the target refuses, at byte 66");
    assert_memory_equal(body_at(plan, 1) + 66, "\xEF\xBF\xBF", 3);
    assert_int_equal(lambdest_router_total(router, LAMBDEST_TOTAL_REJECTED), 2);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static char *nested_record(size_t depth)
{
    static const char head[] = "{\"requestContext\":{\"condition\":\"Success\"},\"requestPayload\":";
    char *text = malloc(sizeof head + 2 * depth + 2);

    assert_non_null(text);
    memcpy(text, head, sizeof head - 1);
    memset(text + sizeof head - 1, '[', depth);
    memset(text + sizeof head - 1 + depth, ']', depth);
    memcpy(text + sizeof head - 1 + 2 * depth, "}", 2);
    return text;
}

static void an_event_may_nest_1100_levels(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_router *router = new_router(m);
    size_t extra;

    options.max_depth = 3000;
    add_target(router, LAMBDEST_TARGET_EVENTBRIDGE, "bus");
    for (extra = 0; extra < 2; extra++) {
        char *text = nested_record(1099 + extra);
        lambdest_envelope *env;
        lambdest_plan *plan;

        assert_int_equal(lambdest_envelope_parse(text, strlen(text), &options, &env, NULL), LAMBDEST_OK);
        plan = plan_of(router, env, 0);
        assert_int_equal(verdict_of(plan, 0), extra ? LAMBDEST_VERDICT_REJECTED : LAMBDEST_VERDICT_NONE);
        if (extra)
            assert_non_null(strstr(detail_of(plan, 0), "deeper"));
        lambdest_plan_free(plan);
        lambdest_envelope_free(env);
        free(text);
    }
    lambdest_router_free(router);
}

static void eventbridge_counts_an_entry_its_own_way(void **state)
{
    static const char bus[] = "arn:aws:events:eu-west-1:111122223333:event-bus/x";
    const size_t counted = 14 + strlen("lambda") + strlen("Lambda Function Invocation Result - Success") +
                           sizeof SUCCESS_TEXT - 1 + strlen(bus) +
                           strlen("arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST");
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;

    assert_int_equal(lambdest_sink_init(&sink, 0, TEXT(bus), NULL), LAMBDEST_OK);
    sink.max_bytes = counted;
    add(router, 1, "fits", &sink);
    sink.max_bytes = counted - 1;
    add(router, 1, "too small", &sink);
    plan = plan_of(router, env, 0);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_NONE);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_TOO_BIG);
    assert_true(strlen(body_at(plan, 0)) > counted);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

/* ---- sizes ---- */

static size_t allocations_for(support_memory *m, const lambdest_envelope *env, size_t sinks)
{
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;
    char name[] = "00000";
    size_t i, before, calls;

    for (i = 0; i < sinks; i++) {
        size_t at, n = i;

        for (at = 5; at-- > 0; n /= 10)
            name[at] = (char)('0' + n % 10);
        sink.target = i % 2 ? LAMBDEST_TARGET_EVENTBRIDGE : LAMBDEST_TARGET_SQS;
        sink.form = i % 3 ? LAMBDEST_RECORD : LAMBDEST_DOCUMENT;
        sink.max_bytes = i % 5 ? 0 : 200;
        sink.oversize = i % 5 ? 0 : LAMBDEST_OVERSIZE_DROP;
        add(router, i % 7 ? LAMBDEST_ON_SUCCESS : LAMBDEST_ON_UNDELIVERED | LAMBDEST_ON_SUCCESS, name, &sink);
    }
    before = m->calls;
    plan = plan_of(router, env, 0);
    calls = m->calls - before;
    assert_int_equal(lambdest_plan_count(plan), sinks);
    for (i = 0; i < sinks; i++)
        lambdest_delivery_report(lambdest_plan_at(plan, i), LAMBDEST_VERDICT_DELIVERED, NULL, 0);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    return calls;
}

static void allocations_do_not_grow_with_the_sinks(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    size_t few = allocations_for(m, env, 50), many = allocations_for(m, env, 10000);

    assert_int_equal(few, many);
    assert_true(few <= 12);
    lambdest_envelope_free(env);
}

/* And none for EventBridge entries where there are none. */
static void a_plan_takes_a_block_for_rows_and_one_for_texts(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;
    size_t blocks;

    add(router, 1, "a", &sink);
    blocks = m->blocks;
    plan = plan_of(router, env, 0);
    assert_int_equal(m->blocks, blocks + 2);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void a_large_envelope_is_written_once(void **state)
{
    enum {
        LARGE = 32 * 1024 * 1024
    };
    support_memory *m = *state;
    char *text = sized_record(LARGE, LARGE);
    size_t len = strlen(text);
    lambdest_envelope *env;
    lambdest_router *router = new_router(m);
    lambdest_options options = options_of(m);
    lambdest_sink sink = pull();
    lambdest_plan *plan;
    size_t before;

    options.flags = LAMBDEST_BORROW;
    assert_int_equal(lambdest_envelope_parse(text, len, &options, &env, NULL), LAMBDEST_OK);
    add(router, 1, "a", &sink);
    sink.target = LAMBDEST_TARGET_SQS;
    add(router, 1, "b", &sink);
    add(router, LAMBDEST_ON_UNDELIVERED, "c", &sink);
    before = m->bytes;
    plan = plan_of(router, env, 0);
    assert_true(m->bytes - before < len + 10000);
    assert_ptr_equal(body_at(plan, 0), body_at(plan, 1));
    assert_memory_equal(body_at(plan, 0), text, len + 1);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
    free(text);
}

/* ---- arguments and memory ---- */

static void arguments_are_checked(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_router *router = new_router(m);
    lambdest_plan *plan = (lambdest_plan *)(void *)router;
    lambdest_error err;

    assert_int_equal(lambdest_router_plan(NULL, env, 0, &plan, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "router");
    assert_null(plan);
    assert_int_equal(lambdest_router_plan(router, NULL, 0, &plan, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "env");
    assert_int_equal(lambdest_router_plan(router, env, 0, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_router_plan(router, env, LAMBDEST_SUCCESS - 1, &plan, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "outcome");
    assert_int_equal(lambdest_router_plan(router, env, LAMBDEST_INDETERMINATE + 1, &plan, NULL),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_router_plan(router, env, -1, &plan, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_router_dispatch(router, env, 0, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_router_dispatch(router, NULL, 0, &plan, &err), LAMBDEST_E_INVAL);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

typedef struct subject {
    lambdest_router *router;
    probe probes[5];
} subject;

static int dispatch_once(support_memory *m, void *arg)
{
    lambdest_options options = options_of(m);
    subject *s = arg;
    lambdest_envelope *env = NULL;
    lambdest_plan *plan = NULL;
    lambdest_error err;
    int i, rc = lambdest_envelope_parse(TEXT(FAILURE_TEXT), &options, &env, NULL);

    for (i = 0; i < 5; i++)
        s->probes[i].delivered = 0;
    if (!rc) {
        uint64_t planned = lambdest_router_total(s->router, LAMBDEST_TOTAL_PLANNED);

        rc = lambdest_router_dispatch(s->router, env, 0, &plan, &err);
        assert_true(rc == LAMBDEST_E_NOMEM || rc == LAMBDEST_E_PARTIAL);
        support_expect_error(&err, rc, 0, "");
        for (i = 0; i < 4; i++)
            assert_int_equal(s->probes[i].delivered, plan ? 1 : 0);
        if (!plan)
            assert_int_equal(lambdest_router_total(s->router, LAMBDEST_TOTAL_PLANNED), planned);
    }
    if (plan) {
        assert_int_equal(lambdest_plan_settle(plan), LAMBDEST_E_PARTIAL);
        rc = lambdest_plan_run(plan);
        assert_int_equal(s->probes[4].delivered, 1);
    }
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
    return rc;
}

static void no_sink_is_called_without_memory_for_all(void **state)
{
    support_memory *m = *state;
    lambdest_sink sink;
    subject s;
    int i;

    memset(&s, 0, sizeof s);
    s.router = new_router(m);
    for (i = 0; i < 5; i++) {
        char name[] = {(char)('a' + i), '\0'};

        s.probes[i].verdict = i ? LAMBDEST_VERDICT_DELIVERED : LAMBDEST_VERDICT_RETRY;
        sink = probe_sink(&s.probes[i]);
        sink.target = i == 1 ? LAMBDEST_TARGET_EVENTBRIDGE : LAMBDEST_TARGET_SQS;
        sink.form = i == 2 ? LAMBDEST_DOCUMENT : LAMBDEST_RECORD;
        sink.write_flags = i == 4 ? LAMBDEST_COMPACT : 0;
        sink.max_bytes = i == 3 ? sizeof FAILURE_TEXT - 20 : 0;
        sink.oversize = i == 3 ? LAMBDEST_OVERSIZE_DROP : 0;
        add(s.router, i == 4 ? LAMBDEST_ON_UNDELIVERED : LAMBDEST_ON_FAILURE, name, &sink);
    }
    support_exhaust(m, dispatch_once, &s);
    lambdest_router_free(s.router);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(each_outcome_goes_to_its_sinks_in_order),
        WITH_MEMORY(what_looks_like_an_error_is_a_success),
        WITH_MEMORY(an_outcome_without_a_sink_makes_no_rows),
        WITH_MEMORY(an_indeterminate_envelope_never_vanishes),
        WITH_MEMORY(filters_narrow_a_route),
        WITH_MEMORY(a_body_is_written_once_and_shared),
        WITH_MEMORY(a_form_that_cannot_hold_the_envelope_is_a_row),
        WITH_MEMORY(the_limit_is_exact),
        WITH_MEMORY(what_is_too_big_loses_the_response_then_the_request),
        WITH_MEMORY(what_is_too_big_is_handed_on),
        WITH_MEMORY(what_fits_is_not_handed_on),
        WITH_MEMORY(a_plan_takes_a_block_for_rows_and_one_for_texts),
        WITH_MEMORY(a_sink_takes_an_envelope_once_a_route),
        WITH_MEMORY(a_refused_character_is_told_with_its_offset),
        WITH_MEMORY(an_event_may_nest_1100_levels),
        WITH_MEMORY(eventbridge_counts_an_entry_its_own_way),
        WITH_MEMORY(allocations_do_not_grow_with_the_sinks),
        WITH_MEMORY(a_large_envelope_is_written_once),
        WITH_MEMORY(arguments_are_checked),
        WITH_MEMORY(no_sink_is_called_without_memory_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
