#define _DEFAULT_SOURCE

#include "delivery.h"
#include "directory.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

typedef struct fixture {
    directory dir;
    lambdest_spool *spool;
    lambdest_router *router;
} fixture;

static lambdest_router *spool_router(lambdest_spool *spool, const lambdest_options *options)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_router *router;

    if (lambdest_spool_sink(spool, &sink) || lambdest_router_new(options, &router, NULL))
        return NULL;
    if (lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, TEXT("spool"), &sink,
                                 NULL))
        return NULL;
    return router;
}

static void begin(fixture *f, support_memory *m, uint64_t max_items)
{
    lambdest_options options = options_of(m);
    lambdest_error err;

    options.max_items = max_items;
    directory_make(&f->dir);
    assert_int_equal(lambdest_spool_open(f->dir.path, strlen(f->dir.path), &options, &f->spool, &err),
                     LAMBDEST_OK);
    support_expect_ok(&err);
    f->router = spool_router(f->spool, &options);
    assert_non_null(f->router);
}

static void end(fixture *f)
{
    lambdest_router_free(f->router);
    lambdest_spool_free(f->spool);
    directory_remove(&f->dir);
}

static lambdest_plan *dispatch(lambdest_router *router, const lambdest_envelope *env, int verdict,
                               const char *detail)
{
    lambdest_plan *plan;

    lambdest_router_dispatch(router, env, 0, &plan, NULL);
    assert_int_equal(lambdest_plan_count(plan), 1);
    assert_int_equal(verdict_of(plan, 0), verdict);
    if (detail) {
        assert_string_equal(detail_of(plan, 0), detail);
        assert_int_equal(detail_len(plan, 0), strlen(detail));
    } else
        assert_null(detail_of(plan, 0));
    return plan;
}

static void deliver(lambdest_router *router, const lambdest_envelope *env)
{
    lambdest_plan_free(dispatch(router, env, LAMBDEST_VERDICT_DELIVERED, NULL));
}

static size_t list(lambdest_spool *spool)
{
    size_t count = 99;
    lambdest_error err;

    assert_int_equal(lambdest_spool_list(spool, &count, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    return count;
}

static void what_is_spooled_is_there_again(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *good = parse_text(m, SUCCESS_TEXT), *bad = parse_text(m, FAILURE_TEXT), *back;
    lambdest_error err;
    const char *name;
    size_t len;
    fixture f;

    begin(&f, m, 0);
    assert_int_equal(list(f.spool), 0);
    assert_null(lambdest_spool_name(f.spool, 0, &len));
    deliver(f.router, bad);
    deliver(f.router, good);
    deliver(f.router, good);
    assert_null(lambdest_spool_name(f.spool, 0, &len));
    assert_int_equal(list(f.spool), 3);
    assert_null(lambdest_spool_name(f.spool, 3, &len));
    assert_int_equal(len, 0);
    /* The failure came first and is the later by its timestamp. */
    name = lambdest_spool_name(f.spool, 2, &len);
    assert_int_equal(len, strlen(name));
    assert_memory_equal(name, "2026-03-02T09.14.08.318Z-", 25);
    assert_int_equal(directory_is(&f.dir, name, FAILURE_TEXT), 1);
    assert_int_equal(lambdest_spool_load(f.spool, name, len, &back, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_string_equal(lambdest_envelope_text(back, LAMBDEST_REQUEST_ID, NULL), "r-2");
    lambdest_envelope_free(back);

    name = lambdest_spool_name(f.spool, 0, &len);
    assert_memory_equal(name, "2026-03-02T09.14.07.318Z-", 25);
    assert_int_equal(directory_is(&f.dir, name, SUCCESS_TEXT), 1);
    assert_int_equal(lambdest_spool_remove(f.spool, name, len, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(directory_is(&f.dir, name, SUCCESS_TEXT), -1);
    assert_int_equal(lambdest_spool_remove(f.spool, name, len, &err), LAMBDEST_E_ABSENT);
    support_expect_error(&err, LAMBDEST_E_ABSENT, 0, "name");
    assert_int_equal(lambdest_spool_load(f.spool, name, len, &back, &err), LAMBDEST_E_ABSENT);
    assert_null(back);
    assert_int_equal(list(f.spool), 2);
    end(&f);
    lambdest_envelope_free(good);
    lambdest_envelope_free(bad);
}

static void an_envelope_without_a_time_sorts_first(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *untimed =
        parse_text(m, "{\"requestContext\":{\"condition\":\"Success\"},\"requestPayload\":1}");
    lambdest_envelope *odd = parse_text(
        m,
        "{\"timestamp\":\"yesterday\",\"requestContext\":{\"condition\":\"Success\"},\"requestPayload\":1}");
    fixture f;

    begin(&f, m, 0);
    deliver(f.router, untimed);
    deliver(f.router, odd);
    assert_int_equal(list(f.spool), 2);
    assert_memory_equal(lambdest_spool_name(f.spool, 0, NULL), "0000-00-00T00.00.00.000Z-", 25);
    assert_memory_equal(lambdest_spool_name(f.spool, 1, NULL), "0000-00-00T00.00.00.000Z-", 25);
    end(&f);
    lambdest_envelope_free(untimed);
    lambdest_envelope_free(odd);
}

#define STRANGE "2026-03-02T09.14.07.318Z-00000abc-0000000000000010.json"

static void foreign_files_are_left_alone(void **state)
{
    static const char *const names[] = {"README", ".hidden", "x.json",
                                        ".2026-03-02T09.14.07.318Z-00000abc-"
                                        "0000000000000010.json",
                                        STRANGE ".gz"};
    static const char *const paths[] = {"README", "../" STRANGE, "./" STRANGE, "/etc/passwd",
                                        "",       ".",           "..",         "." STRANGE};
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT), *back;
    lambdest_error err;
    fixture f;
    size_t i;

    begin(&f, m, 0);
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        directory_put(&f.dir, names[i], "foreign");
    assert_int_equal(mkdirat(f.dir.fd, STRANGE, 0700), 0);
    deliver(f.router, env);
    assert_int_equal(list(f.spool), 1);
    for (i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_int_equal(lambdest_spool_load(f.spool, paths[i], strlen(paths[i]), &back, &err),
                         LAMBDEST_E_INVAL);
        support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
        assert_null(back);
        assert_int_equal(lambdest_spool_remove(f.spool, paths[i], strlen(paths[i]), &err), LAMBDEST_E_INVAL);
        support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
    }
    assert_int_equal(lambdest_spool_load(f.spool, TEXT(STRANGE), &back, NULL), LAMBDEST_E_ABSENT);
    assert_int_equal(lambdest_spool_remove(f.spool, TEXT(STRANGE), NULL), LAMBDEST_E_ABSENT);
    for (i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_int_equal(directory_is(&f.dir, names[i], "foreign"), 1);
    end(&f);
    lambdest_envelope_free(env);
}

/* A process of the same number may have been here before, and been killed. */
static void a_taken_name_is_passed_over(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    char taken[64], half[65];
    fixture f;

    begin(&f, m, 0);
    snprintf(taken, sizeof taken, "2026-03-02T09.14.07.318Z-%08x-0000000000000000.json", (unsigned)getpid());
    snprintf(half, sizeof half, ".2026-03-02T09.14.07.318Z-%08x-0000000000000001.json", (unsigned)getpid());
    directory_put(&f.dir, taken, "earlier");
    directory_put(&f.dir, half, "ear");
    deliver(f.router, env);
    assert_int_equal(directory_is(&f.dir, taken, "earlier"), 1);
    assert_int_equal(directory_is(&f.dir, half, "ear"), 1);
    assert_int_equal(list(f.spool), 2);
    assert_memory_equal(lambdest_spool_name(f.spool, 1, NULL) + 33, "-0000000000000002.json", 22);
    end(&f);
    lambdest_envelope_free(env);
}

static void a_file_that_is_no_envelope_is_told(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *back = (lambdest_envelope *)(void *)m;
    lambdest_error err;
    fixture f;

    begin(&f, m, 0);
    directory_put(&f.dir, STRANGE, "{\"a\":");
    assert_int_equal(list(f.spool), 1);
    assert_int_equal(lambdest_spool_load(f.spool, TEXT(STRANGE), &back, &err), LAMBDEST_E_SYNTAX);
    assert_int_equal(err.offset, 5);
    assert_null(back);
    directory_put(&f.dir, STRANGE, "");
    assert_int_equal(lambdest_spool_load(f.spool, TEXT(STRANGE), &back, &err), LAMBDEST_E_SYNTAX);
    end(&f);
}

static void a_file_over_the_limit_is_not_loaded(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT), *back;
    lambdest_spool *small;
    lambdest_router *router;
    lambdest_error err;
    fixture f;

    begin(&f, m, 0);
    deliver(f.router, env);
    options.max_bytes = sizeof SUCCESS_TEXT - 2;
    assert_int_equal(lambdest_spool_open(f.dir.path, strlen(f.dir.path), &options, &small, NULL),
                     LAMBDEST_OK);
    assert_int_equal(list(small), 1);
    assert_int_equal(
        lambdest_spool_load(small, lambdest_spool_name(small, 0, NULL), sizeof STRANGE - 1, &back, &err),
        LAMBDEST_E_TOO_BIG);
    support_expect_error(&err, LAMBDEST_E_TOO_BIG, 0, "$");
    options.max_bytes = 0;
    router = spool_router(small, &options);
    lambdest_plan_free(dispatch(router, env, LAMBDEST_VERDICT_TOO_BIG, "over the limit"));
    lambdest_router_free(router);
    lambdest_spool_free(small);
    end(&f);
    lambdest_envelope_free(env);
}

/* ---- the bound ---- */

static void a_full_spool_refuses_the_newest(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_plan *plan;
    const char *name;
    fixture f;

    begin(&f, m, 3);
    deliver(f.router, env);
    deliver(f.router, env);
    deliver(f.router, env);
    plan = dispatch(f.router, env, LAMBDEST_VERDICT_RETRY, "full");
    assert_int_equal(list(f.spool), 3);
    name = lambdest_spool_name(f.spool, 0, NULL);
    assert_int_equal(lambdest_spool_remove(f.spool, name, strlen(name), NULL), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(list(f.spool), 3);
    lambdest_plan_free(plan);
    lambdest_plan_free(dispatch(f.router, env, LAMBDEST_VERDICT_RETRY, "full"));
    end(&f);
    lambdest_envelope_free(env);
}

static void two_spools_share_a_bound(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_spool *other;
    lambdest_router *router;
    size_t i;
    fixture f;

    begin(&f, m, 8);
    options.max_items = 8;
    assert_int_equal(lambdest_spool_open(f.dir.path, strlen(f.dir.path), &options, &other, NULL),
                     LAMBDEST_OK);
    router = spool_router(other, &options);
    for (i = 0; i < 4; i++) {
        deliver(f.router, env);
        deliver(router, env);
    }
    lambdest_plan_free(dispatch(f.router, env, LAMBDEST_VERDICT_RETRY, "full"));
    lambdest_plan_free(dispatch(router, env, LAMBDEST_VERDICT_RETRY, "full"));
    assert_int_equal(list(other), 8);
    lambdest_router_free(router);
    lambdest_spool_free(other);
    end(&f);
    lambdest_envelope_free(env);
}

static void link_names(const directory *d, const char *first, unsigned count)
{
    char name[64];
    unsigned i;

    for (i = 1; i < count; i++) {
        snprintf(name, sizeof name, "%.34s%016x.json", first, i);
        assert_int_equal(linkat(d->fd, first, d->fd, name, 0), 0);
    }
}

/* A process may come again with the number of an earlier one, whose names are taken. */
static void taken_names_are_passed(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_options options = options_of(m);
    lambdest_spool *again;
    lambdest_router *router;
    lambdest_plan *plan;
    fixture f;

    begin(&f, m, 20000);
    deliver(f.router, env);
    assert_int_equal(list(f.spool), 1);
    link_names(&f.dir, lambdest_spool_name(f.spool, 0, NULL), 10001);
    options.max_items = 20000;
    assert_int_equal(lambdest_spool_open(f.dir.path, strlen(f.dir.path), &options, &again, NULL),
                     LAMBDEST_OK);
    router = spool_router(again, &options);
    plan = dispatch(router, env, LAMBDEST_VERDICT_RETRY, "spool file: file exists");
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    lambdest_plan_free(plan);
    assert_int_equal(list(again), 10002);
    lambdest_router_free(router);
    lambdest_spool_free(again);
    end(&f);
    lambdest_envelope_free(env);
}

/* ---- the system refuses ---- */

static void a_directory_that_is_gone_is_told(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    lambdest_error err;
    size_t count = 9;
    fixture f;

    begin(&f, m, 0);
    deliver(f.router, env);
    assert_int_equal(list(f.spool), 1);
    assert_int_equal(unlinkat(f.dir.fd, lambdest_spool_name(f.spool, 0, NULL), 0), 0);
    assert_int_equal(rmdir(f.dir.path), 0);
    lambdest_plan_free(
        dispatch(f.router, env, LAMBDEST_VERDICT_REJECTED, "spool file: no such file or directory"));
    assert_int_equal(lambdest_spool_list(f.spool, &count, &err), LAMBDEST_E_IO);
    assert_int_equal(err.flags, ENOENT);
    assert_int_equal(count, 0);
    /* The list before stands. */
    assert_non_null(lambdest_spool_name(f.spool, 0, NULL));
    end(&f);
    lambdest_envelope_free(env);
}

static void without_descriptors_it_is_a_retry(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    struct rlimit old, none;
    lambdest_error err;
    size_t count;
    fixture f;

    begin(&f, m, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    none = old;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    lambdest_plan_free(dispatch(f.router, env, LAMBDEST_VERDICT_RETRY, "spool file: too many open files"));
    assert_int_equal(lambdest_spool_list(f.spool, &count, &err), LAMBDEST_E_IO);
    assert_int_equal(err.flags, EMFILE);
    setrlimit(RLIMIT_NOFILE, &old);
    deliver(f.router, env);
    end(&f);
    lambdest_envelope_free(env);
}

static void a_place_that_is_no_directory_is_told(void **state)
{
    static const struct {
        const char *path;
        size_t len;
        int code;
        int error;
    } expected[] = {
        {"/nonexistent/spool", 18, LAMBDEST_E_IO, ENOENT},
        {"/dev/null", 9, LAMBDEST_E_IO, ENOTDIR},
        {"", 0, LAMBDEST_E_INVAL, 0},
        {NULL, 0, LAMBDEST_E_INVAL, 0},
        {NULL, 4, LAMBDEST_E_INVAL, 0},
        {"/tmp\0x", 6, LAMBDEST_E_INVAL, 0},
    };
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    size_t i;

    for (i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        lambdest_spool *spool = (lambdest_spool *)(void *)m;
        lambdest_error err;

        assert_int_equal(lambdest_spool_open(expected[i].path, expected[i].len, &options, &spool, &err),
                         expected[i].code);
        assert_int_equal(err.flags, expected[i].error);
        if (!expected[i].error)
            support_expect_error(&err, LAMBDEST_E_INVAL, 0, "directory");
        assert_null(spool);
    }
}

/* A pipe is not waited for, and an error tells that a path was none. */
static void a_path_is_a_directorys(void **state)
{
    lambdest_spool *spool;
    lambdest_error err;
    directory d;
    char path[128];

    (void)state;
    directory_make(&d);
    assert_int_equal(mkfifoat(d.fd, "pipe", 0600), 0);
    snprintf(path, sizeof path, "%s/pipe", d.path);
    assert_int_equal(lambdest_spool_open(path, strlen(path), NULL, &spool, &err), LAMBDEST_E_IO);
    assert_int_equal(err.flags, ENOTDIR);
    assert_int_equal(lambdest_spool_open(path, SIZE_MAX, NULL, &spool, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "directory");
    directory_remove(&d);
}

/* In a process that has closed its standard input, the next descriptor is 0. */
static void descriptor_0_is_one_like_others(void **state)
{
    support_memory *m = *state;
    lambdest_options options = options_of(m);
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT), *back = NULL;
    int input = dup(0);
    lambdest_spool *spool;
    size_t count = 0;
    int opened, loaded = -1, listed;
    lambdest_plan *plan;
    fixture f;

    begin(&f, m, 1);
    close(0);
    errno = EIO; /* of something else, before */
    opened = lambdest_spool_open(f.dir.path, strlen(f.dir.path), &options, &spool, NULL);
    lambdest_spool_free(opened ? NULL : spool);
    lambdest_router_dispatch(f.router, env, 0, &plan, NULL);
    listed = lambdest_spool_list(f.spool, &count, NULL);
    if (count == 1)
        loaded = lambdest_spool_load(f.spool, lambdest_spool_name(f.spool, 0, NULL), sizeof STRANGE - 1,
                                     &back, NULL);
    dup2(input, 0);
    close(input);
    assert_int_equal(opened, LAMBDEST_OK);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(listed, LAMBDEST_OK);
    assert_int_equal(loaded, LAMBDEST_OK);
    lambdest_envelope_free(back);
    lambdest_plan_free(plan);
    end(&f);
    lambdest_envelope_free(env);
}

static void arguments_are_checked(void **state)
{
    support_memory *m = *state;
    lambdest_options wrong = {.size = 1};
    lambdest_sink sink = {.size = 1};
    lambdest_envelope *env;
    lambdest_spool *spool;
    lambdest_error err;
    size_t count = 5;
    fixture f;

    begin(&f, m, 0);
    assert_int_equal(lambdest_spool_open(f.dir.path, strlen(f.dir.path), NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_spool_open(f.dir.path, strlen(f.dir.path), &wrong, &spool, &err),
                     LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "options.size");
    assert_int_equal(lambdest_spool_sink(f.spool, &sink), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_spool_sink(f.spool, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_spool_sink(NULL, &sink), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_spool_list(NULL, &count, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "spool");
    assert_int_equal(count, 0);
    assert_int_equal(lambdest_spool_list(f.spool, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "count");
    assert_null(lambdest_spool_name(NULL, 0, NULL));
    assert_int_equal(lambdest_spool_load(NULL, TEXT(STRANGE), &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "spool");
    assert_int_equal(lambdest_spool_load(f.spool, TEXT(STRANGE), NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_spool_load(f.spool, NULL, 55, &env, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "name");
    assert_int_equal(lambdest_spool_remove(NULL, TEXT(STRANGE), &err), LAMBDEST_E_INVAL);
    lambdest_spool_free(NULL);
    end(&f);
}

/* ---- memory ---- */

static int use_spool(support_memory *m, void *arg)
{
    const directory *d = arg;
    lambdest_options options = options_of(m);
    lambdest_envelope *back = NULL;
    lambdest_spool *spool = NULL;
    size_t count = 0, len;
    const char *name;
    lambdest_error err;
    int rc = lambdest_spool_open(d->path, strlen(d->path), &options, &spool, &err);

    if (!rc)
        rc = lambdest_spool_list(spool, &count, &err);
    assert_int_equal(count, rc ? 0 : 100);
    name = lambdest_spool_name(spool, 99, &len);
    if (!rc)
        rc = lambdest_spool_load(spool, name, len, &back, &err);
    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    lambdest_envelope_free(back);
    lambdest_spool_free(spool);
    return rc;
}

static void a_failed_allocation_leaves_the_directory(void **state)
{
    support_memory *m = *state;
    lambdest_envelope *env = parse_text(m, SUCCESS_TEXT);
    size_t i;
    fixture f;

    begin(&f, m, 0);
    for (i = 0; i < 100; i++)
        deliver(f.router, env);
    support_exhaust(m, use_spool, &f.dir);
    assert_int_equal(directory_count(&f.dir, ""), 100);
    end(&f);
    lambdest_envelope_free(env);
}

/* ---- killed ---- */

enum {
    WRITERS = 2,
    ROUNDS = 25,
    LONG_ROUNDS = 100,
    MOST_ACKS = 200
};

/* What writer `who` of a round spools as its nth: told by its numbers alone. */
static size_t text_of(char *out, size_t cap, unsigned round, unsigned who, unsigned n)
{
    size_t pad = (round * 31 + who * 7 + n * 13) % 3000;
    int head =
        snprintf(out, cap,
                 "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:%02u.%03uZ\",\"requestContext\":"
                 "{\"requestId\":\"%u-%u-%u\",\"condition\":\"Success\"},\"requestPayload\":\"",
                 n / 1000 % 60, n % 1000, round, who, n);

    memset(out + head, 'p', pad);
    memcpy(out + (size_t)head + pad, "\"}", 3);
    return (size_t)head + pad + 2;
}

/* A writer: spools until it is killed, and tells of each that was reported delivered. */
static void write_until_killed(const char *path, int acks, unsigned round, unsigned who)
{
    static char text[8192];
    lambdest_spool *spool;
    lambdest_router *router;
    unsigned n;

    if (lambdest_spool_open(path, strlen(path), NULL, &spool, NULL))
        _exit(2);
    router = spool_router(spool, NULL);
    if (!router)
        _exit(6);
    for (n = 0;; n++) {
        lambdest_envelope *env;
        lambdest_plan *plan;

        if (lambdest_envelope_parse(text, text_of(text, sizeof text, round, who, n), NULL, &env, NULL))
            _exit(3);
        if (lambdest_router_dispatch(router, env, 0, &plan, NULL))
            _exit(4);
        lambdest_plan_free(plan);
        lambdest_envelope_free(env);
        if (write(acks, &n, sizeof n) != sizeof n)
            _exit(5);
    }
}

/* Kills a writer after some acknowledgements and a little while; returns how many there were in the end. */
static unsigned kill_writer(pid_t child, int acks, unsigned after, unsigned spin)
{
    unsigned n, count = 0;
    volatile unsigned i;
    int status;

    while (count < after && read(acks, &n, sizeof n) == sizeof n)
        count++;
    for (i = 0; i < spin; i++) {
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status))
        fail_msg("a writer ended by itself: %d", WEXITSTATUS(status));
    while (read(acks, &n, sizeof n) == sizeof n) {
        assert_int_equal(n, count);
        count++;
    }
    return count;
}

static void run_round(const fixture *f, unsigned round, uint64_t *seed, unsigned acked[WRITERS])
{
    int fds[WRITERS][2];
    pid_t child[WRITERS];
    unsigned who;

    for (who = 0; who < WRITERS; who++) {
        assert_int_equal(pipe(fds[who]), 0);
        child[who] = fork();
        assert_true(child[who] >= 0);
        if (!child[who])
            write_until_killed(f->dir.path, fds[who][1], round, who);
        close(fds[who][1]);
    }
    for (who = 0; who < WRITERS; who++) {
        acked[who] = kill_writer(child[who], fds[who][0], (unsigned)support_below(seed, MOST_ACKS),
                                 (unsigned)support_below(seed, 100000));
        close(fds[who][0]);
    }
}

/* Each file is whole and is what its writer wrote; what was acknowledged is there, and at most the one that
 * was under way besides. */
static void check_round(const fixture *f, unsigned round, const unsigned acked[WRITERS])
{
    static char expected[8192];
    static unsigned char seen[WRITERS][100000];
    size_t count = list(f->spool), i;
    unsigned who, r, n;

    memset(seen, 0, sizeof seen);
    for (i = 0; i < count; i++) {
        const char *name = lambdest_spool_name(f->spool, i, NULL);
        lambdest_envelope *env;

        assert_int_equal(lambdest_spool_load(f->spool, name, strlen(name), &env, NULL), LAMBDEST_OK);
        assert_int_equal(
            sscanf(lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL), "%u-%u-%u", &r, &who, &n), 3);
        lambdest_envelope_free(env);
        assert_int_equal(r, round);
        assert_true(who < WRITERS && n < 100000);
        text_of(expected, sizeof expected, round, who, n);
        assert_int_equal(directory_is(&f->dir, name, expected), 1);
        assert_int_equal(seen[who][n]++, 0);
        assert_int_equal(lambdest_spool_remove(f->spool, name, strlen(name), NULL), LAMBDEST_OK);
    }
    for (who = 0; who < WRITERS; who++) {
        for (n = 0; n < acked[who]; n++)
            assert_int_equal(seen[who][n], 1);
        for (n = acked[who] + 1; n < 100000; n++)
            assert_int_equal(seen[who][n], 0);
    }
}

static void nothing_delivered_is_lost_when_killed(void **state)
{
    unsigned round, rounds = support_quick() ? 4 : ROUNDS, acked[WRITERS], sum = 0;
    uint64_t seed = 20260302;
    fixture f;

    if (support_long())
        rounds = LONG_ROUNDS;
    begin(&f, *state, 0);
    for (round = 0; round < rounds; round++) {
        run_round(&f, round, &seed, acked);
        check_round(&f, round, acked);
        sum += acked[0] + acked[1];
    }
    assert_true(sum > rounds * 100);
    /* What was half-written is left alone, at most one a writer. */
    assert_true(directory_count(&f.dir, ".") <= (size_t)rounds * WRITERS);
    assert_int_equal(directory_count(&f.dir, "2"), 0);
    print_message("tried: %u writers of a spool killed, %u deliveries before\n", rounds * WRITERS, sum);
    end(&f);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(what_is_spooled_is_there_again),
        WITH_MEMORY(an_envelope_without_a_time_sorts_first),
        WITH_MEMORY(foreign_files_are_left_alone),
        WITH_MEMORY(a_taken_name_is_passed_over),
        WITH_MEMORY(a_file_that_is_no_envelope_is_told),
        WITH_MEMORY(a_file_over_the_limit_is_not_loaded),
        WITH_MEMORY(a_full_spool_refuses_the_newest),
        WITH_MEMORY(two_spools_share_a_bound),
        WITH_MEMORY(taken_names_are_passed),
        WITH_MEMORY(a_directory_that_is_gone_is_told),
        WITH_MEMORY(without_descriptors_it_is_a_retry),
        WITH_MEMORY(a_place_that_is_no_directory_is_told),
        WITH_MEMORY(arguments_are_checked),
        WITH_MEMORY(a_path_is_a_directorys),
        WITH_MEMORY(descriptor_0_is_one_like_others),
        WITH_MEMORY(a_failed_allocation_leaves_the_directory),
        WITH_MEMORY(nothing_delivered_is_lost_when_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
