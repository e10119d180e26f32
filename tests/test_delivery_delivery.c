#include "delivery.h"

typedef struct fixture {
    lambdest_router *router;
    lambdest_envelope *env;
    lambdest_plan *plan;
    lambdest_delivery *row;
} fixture;

static void begin(fixture *f, support_memory *m, lambdest_sink *sink)
{
    lambdest_sink pull = {.size = sizeof pull};

    f->router = new_router(m);
    f->env = parse_text(m, SUCCESS_TEXT);
    add(f->router, LAMBDEST_ON_SUCCESS, "the sink", sink ? sink : &pull);
    assert_int_equal(lambdest_router_plan(f->router, f->env, 0, &f->plan, NULL), LAMBDEST_OK);
    f->row = lambdest_plan_at(f->plan, 0);
}

static void end(fixture *f)
{
    lambdest_plan_free(f->plan);
    lambdest_router_free(f->router);
    lambdest_envelope_free(f->env);
}

static void a_row_tells_all_of_itself(void **state)
{
    static const char arn[] = "arn:aws:sqs:eu-west-1:111122223333:results";
    lambdest_sink sink = {.size = sizeof sink};
    fixture f;
    size_t len;
    int64_t none = 5;

    assert_int_equal(lambdest_sink_init(&sink, 0, arn, sizeof arn - 1, NULL), LAMBDEST_OK);
    begin(&f, *state, &sink);
    support_expect_bytes(lambdest_delivery_body(f.row, &len), sizeof SUCCESS_TEXT, SUCCESS_TEXT,
                         sizeof SUCCESS_TEXT);
    assert_int_equal(len, sizeof SUCCESS_TEXT - 1);
    assert_ptr_equal(lambdest_delivery_envelope(f.row), f.env);
    assert_string_equal(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_SINK, &len), "the sink");
    assert_int_equal(len, 8);
    assert_string_equal(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_ARN, &len), arn);
    assert_int_equal(len, sizeof arn - 1);
    assert_string_equal(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_CONTENT_TYPE, &len),
                        "application/json");
    assert_int_equal(len, 16);
    assert_null(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_DETAIL, &len));
    assert_int_equal(len, 0);
    assert_null(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_FORM, NULL));
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_FORM), LAMBDEST_RECORD);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 0);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_VERDICT), LAMBDEST_VERDICT_NONE);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_DROPPED), 0);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_TARGET), LAMBDEST_TARGET_SQS);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_OUTCOME), LAMBDEST_SUCCESS);
    assert_int_equal(lambdest_delivery_integer(f.row, LAMBDEST_DELIVERY_DEADLINE_MS, &none),
                     LAMBDEST_E_ABSENT);
    assert_int_equal(none, 0);
    assert_int_equal(lambdest_delivery_integer(f.row, LAMBDEST_DELIVERY_SINK, &none), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_delivery_integer(f.row, LAMBDEST_DELIVERY_FORM, NULL), LAMBDEST_E_INVAL);
    end(&f);
}

static void expect_content_type(support_memory *m, int target, int form, const char *expected)
{
    lambdest_sink sink = {.size = sizeof sink};
    fixture f;
    size_t len;

    sink.target = (uint32_t)target;
    sink.form = (uint32_t)form;
    begin(&f, m, &sink);
    assert_string_equal(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_CONTENT_TYPE, &len), expected);
    assert_int_equal(len, strlen(expected));
    end(&f);
}

static void a_content_type_names_the_form(void **state)
{
    expect_content_type(*state, LAMBDEST_TARGET_PLAIN, LAMBDEST_RECORD, "application/json");
    expect_content_type(*state, LAMBDEST_TARGET_SQS, LAMBDEST_DOCUMENT, "application/json");
    expect_content_type(*state, LAMBDEST_TARGET_SQS, LAMBDEST_CLOUDEVENT, "application/cloudevents+json");
    expect_content_type(*state, LAMBDEST_TARGET_EVENTBRIDGE, LAMBDEST_CLOUDEVENT, "application/json");
}

static void a_row_without_a_body_says_so(void **state)
{
    lambdest_sink sink = {.size = sizeof sink};
    fixture f;
    size_t len = 9;

    sink.max_bytes = 1;
    begin(&f, *state, &sink);
    assert_null(lambdest_delivery_body(f.row, &len));
    assert_int_equal(len, 0);
    assert_null(lambdest_delivery_text(f.row, LAMBDEST_DELIVERY_CONTENT_TYPE, &len));
    end(&f);
}

static void a_flush_has_no_envelope_to_tell_of(void **state)
{
    probe p = {.verdict = LAMBDEST_VERDICT_DELIVERED};
    lambdest_sink sink = probe_sink(&p);
    lambdest_plan *plan;
    lambdest_delivery *row;
    int64_t value;
    fixture f;

    begin(&f, *state, &sink);
    assert_int_equal(lambdest_router_flush(f.router, -9, &plan, NULL), LAMBDEST_OK);
    row = lambdest_plan_at(plan, 0);
    assert_int_equal(integer_of(plan, 0, LAMBDEST_DELIVERY_DEADLINE_MS), -9);
    assert_int_equal(lambdest_delivery_integer(row, LAMBDEST_DELIVERY_FORM, &value), LAMBDEST_E_ABSENT);
    assert_int_equal(value, 0);
    assert_int_equal(lambdest_delivery_integer(row, LAMBDEST_DELIVERY_DROPPED, &value), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_delivery_integer(row, LAMBDEST_DELIVERY_OUTCOME, &value), LAMBDEST_E_ABSENT);
    assert_null(lambdest_delivery_text(row, LAMBDEST_DELIVERY_CONTENT_TYPE, NULL));
    lambdest_plan_free(plan);
    end(&f);
}

static void only_three_verdicts_can_be_reported(void **state)
{
    static const int garbage[] = {0,
                                  1,
                                  -1,
                                  LAMBDEST_VERDICT_NONE,
                                  LAMBDEST_VERDICT_TOO_BIG,
                                  LAMBDEST_VERDICT_TOO_BIG + 1,
                                  LAMBDEST_OK,
                                  LAMBDEST_E_IO,
                                  INT32_MAX};
    fixture f;
    size_t i;

    begin(&f, *state, NULL);
    for (i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        assert_int_equal(lambdest_delivery_report(f.row, garbage[i], "x", 1), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_delivery_report(NULL, LAMBDEST_VERDICT_DELIVERED, NULL, 0), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, NULL, 1), LAMBDEST_E_INVAL);
    assert_int_equal(verdict_of(f.plan, 0), LAMBDEST_VERDICT_NONE);
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 0);
    assert_null(detail_of(f.plan, 0));
    end(&f);
}

static void the_first_final_report_wins(void **state)
{
    fixture f;

    begin(&f, *state, NULL);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_RETRY, TEXT("one")), LAMBDEST_OK);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_RETRY, TEXT("two")), LAMBDEST_OK);
    assert_string_equal(detail_of(f.plan, 0), "two");
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_REJECTED, TEXT("no")), LAMBDEST_OK);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, TEXT("yes")),
                     LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_RETRY, TEXT("again")),
                     LAMBDEST_E_INVAL);
    assert_int_equal(verdict_of(f.plan, 0), LAMBDEST_VERDICT_REJECTED);
    assert_string_equal(detail_of(f.plan, 0), "no");
    assert_int_equal(integer_of(f.plan, 0, LAMBDEST_DELIVERY_ATTEMPTS), 3);
    assert_int_equal(lambdest_router_total(f.router, LAMBDEST_TOTAL_REJECTED), 1);
    assert_int_equal(lambdest_router_total(f.router, LAMBDEST_TOTAL_DELIVERED), 0);
    end(&f);
}

typedef struct chatter {
    int first, second, third;
} chatter;

static void report_three_times(lambdest_delivery *d, void *user_data)
{
    chatter *c = user_data;

    c->first = lambdest_delivery_report(d, LAMBDEST_VERDICT_RETRY, "first", 5);
    c->second = lambdest_delivery_report(d, LAMBDEST_VERDICT_DELIVERED, "second", 6);
    c->third = lambdest_delivery_report(d, LAMBDEST_VERDICT_RETRY, "third", 5);
}

static void one_report_a_callback(void **state)
{
    chatter c = {0};
    lambdest_sink sink = {.size = sizeof sink};
    fixture f;

    sink.deliver = report_three_times;
    sink.user_data = &c;
    begin(&f, *state, &sink);
    assert_int_equal(lambdest_plan_run(f.plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(c.first, LAMBDEST_OK);
    assert_int_equal(c.second, LAMBDEST_E_INVAL);
    assert_int_equal(c.third, LAMBDEST_E_INVAL);
    assert_string_equal(detail_of(f.plan, 0), "first");
    /* Late, after the callback, is fine. */
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, TEXT("late")), LAMBDEST_OK);
    assert_int_equal(verdict_of(f.plan, 0), LAMBDEST_VERDICT_DELIVERED);
    end(&f);
}

/* ---- details ---- */

static void expect_detail(fixture *f, const char *detail, size_t len, size_t kept)
{
    size_t got;
    const char *text;

    assert_int_equal(lambdest_delivery_report(f->row, LAMBDEST_VERDICT_RETRY, detail, len), LAMBDEST_OK);
    text = lambdest_delivery_text(f->row, LAMBDEST_DELIVERY_DETAIL, &got);
    assert_non_null(text);
    assert_int_equal(got, kept);
    if (kept)
        assert_memory_equal(text, detail, kept);
    assert_int_equal(text[kept], '\0');
}

static void a_detail_is_cut_at_a_character(void **state)
{
    char detail[600];
    fixture f;

    begin(&f, *state, NULL);
    memset(detail, 'x', sizeof detail);
    expect_detail(&f, detail, 0, 0);
    expect_detail(&f, detail, 254, 254);
    expect_detail(&f, detail, 255, 255);
    expect_detail(&f, detail, 256, 255);
    expect_detail(&f, detail, 600, 255);
    memcpy(detail + 254, "\xC3\xA9", 2);
    expect_detail(&f, detail, 600, 254);
    memcpy(detail + 253, "\xC3\xA9", 2);
    detail[255] = 'x';
    expect_detail(&f, detail, 600, 255);
    memcpy(detail + 252, "\xF0\x9F\x98\x80", 4);
    expect_detail(&f, detail, 256, 252);
    expect_detail(&f, detail, 600, 252);
    expect_detail(&f, "a\0b", 3, 3);
    end(&f);
}

static void a_detail_is_utf8_or_nothing_is_reported(void **state)
{
    char detail[400];
    fixture f;

    begin(&f, *state, NULL);
    memset(detail, 'x', sizeof detail);
    detail[399] = '\xE9';
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, detail, 400),
                     LAMBDEST_E_UTF8);
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, "caf\xE9", 4),
                     LAMBDEST_E_UTF8);
    assert_int_equal(verdict_of(f.plan, 0), LAMBDEST_VERDICT_NONE);
    assert_null(detail_of(f.plan, 0));
    assert_int_equal(lambdest_delivery_report(f.row, LAMBDEST_VERDICT_DELIVERED, detail, 399), LAMBDEST_OK);
    end(&f);
}

static void no_row_tells_nothing(void **state)
{
    size_t len = 3;
    int64_t value = 3;

    (void)state;
    assert_null(lambdest_delivery_body(NULL, &len));
    assert_int_equal(len, 0);
    assert_null(lambdest_delivery_envelope(NULL));
    assert_null(lambdest_delivery_user_data(NULL));
    len = 3;
    assert_null(lambdest_delivery_text(NULL, LAMBDEST_DELIVERY_SINK, &len));
    assert_int_equal(len, 0);
    assert_int_equal(lambdest_delivery_integer(NULL, LAMBDEST_DELIVERY_FORM, &value), LAMBDEST_E_ABSENT);
    assert_int_equal(value, 0);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(a_row_tells_all_of_itself),
        WITH_MEMORY(a_content_type_names_the_form),
        WITH_MEMORY(a_row_without_a_body_says_so),
        WITH_MEMORY(a_flush_has_no_envelope_to_tell_of),
        WITH_MEMORY(only_three_verdicts_can_be_reported),
        WITH_MEMORY(the_first_final_report_wins),
        WITH_MEMORY(one_report_a_callback),
        WITH_MEMORY(a_detail_is_cut_at_a_character),
        WITH_MEMORY(a_detail_is_utf8_or_nothing_is_reported),
        WITH_MEMORY(no_row_tells_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
