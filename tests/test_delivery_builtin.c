#include "delivery.h"

#include "delivery/builtin.h"

#include <errno.h>

static int error_to_report;

static void report_error(lambdest_delivery *d, void *user_data)
{
    (void)user_data;
    lambdest__report_system(d, "write", error_to_report);
}

static void report_code(lambdest_delivery *d, void *user_data)
{
    lambdest__report_code(d, LAMBDEST_VERDICT_RETRY, *(int *)user_data);
}

static lambdest_plan *dispatch(lambdest_router *router, const lambdest_envelope *env)
{
    lambdest_plan *plan;

    assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_E_PARTIAL);
    return plan;
}

static void a_reason_decides_whether_to_try_again(void **state)
{
    static const struct {
        int error;
        int verdict;
        const char *detail;
    } expected[] = {
        {EAGAIN, LAMBDEST_VERDICT_RETRY, "write: would block"},
        {ENOSPC, LAMBDEST_VERDICT_RETRY, "write: no space left on device"},
        {EDQUOT, LAMBDEST_VERDICT_RETRY, "write: disk quota exceeded"},
        {EMFILE, LAMBDEST_VERDICT_RETRY, "write: too many open files"},
        {EIO, LAMBDEST_VERDICT_RETRY, "write: input/output error"},
        {ENOMEM, LAMBDEST_VERDICT_RETRY, "write: no memory"},
        {EEXIST, LAMBDEST_VERDICT_RETRY, "write: file exists"},
        {EBADF, LAMBDEST_VERDICT_REJECTED, "write: bad file descriptor"},
        {EPIPE, LAMBDEST_VERDICT_REJECTED, "write: broken pipe"},
        {EFBIG, LAMBDEST_VERDICT_REJECTED, "write: file too large"},
        {ENOENT, LAMBDEST_VERDICT_REJECTED, "write: no such file or directory"},
        {EACCES, LAMBDEST_VERDICT_REJECTED, "write: permission denied"},
        {EROFS, LAMBDEST_VERDICT_REJECTED, "write: read-only file system"},
        {123456, LAMBDEST_VERDICT_REJECTED, "write: refused by the system"},
    };
    lambdest_router *router = new_router(*state);
    lambdest_envelope *env = parse_text(*state, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    size_t i;

    sink.deliver = report_error;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        lambdest_plan *plan;

        error_to_report = expected[i].error;
        plan = dispatch(router, env);
        assert_int_equal(verdict_of(plan, 0), expected[i].verdict);
        assert_string_equal(detail_of(plan, 0), expected[i].detail);
        lambdest_plan_free(plan);
    }
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void report_at_length(lambdest_delivery *d, void *user_data)
{
    lambdest__report_system(d, user_data, ENOSPC);
}

static void a_long_detail_is_cut(void **state)
{
    char what[200];
    lambdest_router *router = new_router(*state);
    lambdest_envelope *env = parse_text(*state, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *plan;

    memset(what, 'w', sizeof what);
    what[sizeof what - 1] = '\0';
    sink.deliver = report_at_length;
    sink.user_data = what;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    plan = dispatch(router, env);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_int_equal(strspn(detail_of(plan, 0), "w"), 96);
    assert_int_equal(strlen(detail_of(plan, 0)), 96);
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

static void a_code_is_told_by_its_name(void **state)
{
    lambdest_router *router = new_router(*state);
    lambdest_envelope *env = parse_text(*state, SUCCESS_TEXT);
    lambdest_sink sink = {.size = sizeof sink};
    int code = LAMBDEST_E_DEPTH;
    lambdest_plan *plan;

    sink.deliver = report_code;
    sink.user_data = &code;
    add(router, LAMBDEST_ON_SUCCESS, "a", &sink);
    plan = dispatch(router, env);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_string_equal(detail_of(plan, 0), "nested too deeply");
    lambdest_plan_free(plan);
    lambdest_router_free(router);
    lambdest_envelope_free(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reason_decides_whether_to_try_again, support_setup,
                                        support_teardown),
        cmocka_unit_test_setup_teardown(a_long_detail_is_cut, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_code_is_told_by_its_name, support_setup, support_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
