#define _DEFAULT_SOURCE

#include "delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct fixture {
    lambdest_stream *stream;
    lambdest_router *router;
    lambdest_envelope *env;
} fixture;

static void begin(fixture *f, support_memory *m, int fd)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_error err;

    assert_int_equal(lambdest_stream_new(fd, &options, &f->stream, &err), LAMBDEST_OK);
    support_expect_ok(&err);
    assert_int_equal(lambdest_stream_sink(f->stream, &sink), LAMBDEST_OK);
    f->router = new_router(m);
    add(f->router, LAMBDEST_ON_SUCCESS, "stream", &sink);
    f->env = parse_text(m, SUCCESS_TEXT);
}

static void end(fixture *f)
{
    lambdest_router_free(f->router);
    lambdest_stream_free(f->stream);
    lambdest_envelope_free(f->env);
}

static lambdest_plan *dispatch(fixture *f, int expected)
{
    lambdest_plan *plan;

    assert_int_equal(lambdest_router_dispatch(f->router, f->env, 0, &plan, NULL), expected);
    return plan;
}

static void open_pipe(int fds[2], bool wait)
{
    assert_int_equal(pipe(fds), 0);
    if (!wait) {
        assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
        assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    }
}

static void close_pipe(const int fds[2])
{
    close(fds[0]);
    close(fds[1]);
}

/* By hand: SUCCESS_TEXT without its three spaces outside strings, and a newline. */
#define LINE                                                                                                 \
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:07.318Z\",\"requestContext\":{\"requestId\":"     \
    "\"r-1\",\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST\","             \
    "\"condition\":\"Success\",\"approximateInvokeCount\":1},\"requestPayload\":{\"order\":42},"             \
    "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\"},\"responsePayload\":[1,2]}\n"

enum {
    LINE_LEN = sizeof LINE - 1
};

static void an_envelope_is_a_line(void **state)
{
    char got[3 * LINE_LEN];
    lambdest_plan *plan;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, *state, fds[1]);
    plan = dispatch(&f, LAMBDEST_OK);
    assert_null(detail_of(plan, 0));
    lambdest_plan_free(plan);
    lambdest_plan_free(dispatch(&f, LAMBDEST_OK));
    assert_int_equal(read(fds[0], got, sizeof got), 2 * LINE_LEN);
    support_expect_bytes(got, LINE_LEN, LINE, LINE_LEN);
    support_expect_bytes(got + LINE_LEN, LINE_LEN, LINE, LINE_LEN);
    end(&f);
    /* The descriptor is still the caller's. */
    assert_int_equal(write(fds[1], "x", 1), 1);
    close_pipe(fds);
}

static void what_is_not_one_line_is_rejected(void **state)
{
    support_memory *m = *state;
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_plan *plan;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, m, fds[1]);
    lambdest_envelope_free(f.env);
    f.env = parse_text(m, "{\"requestContext\":{\"condition\":\"Success\"},\n\"requestPayload\":1}");
    assert_int_equal(lambdest_stream_sink(f.stream, &sink), LAMBDEST_OK);
    sink.write_flags = 0;
    add(f.router, LAMBDEST_ON_SUCCESS, "as it is", &sink);
    plan = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_DELIVERED);
    assert_int_equal(verdict_of(plan, 1), LAMBDEST_VERDICT_REJECTED);
    assert_string_equal(detail_of(plan, 1), "not one line");
    assert_int_equal(detail_len(plan, 1), 12);
    lambdest_plan_free(plan);
    end(&f);
    close_pipe(fds);
}

/* ---- a pipe that takes only so much ---- */

static size_t fill(int fd)
{
    static const char block[4096];
    size_t sum = 0;
    ssize_t n;

    while ((n = write(fd, block, sizeof block)) > 0 || (n = write(fd, block, 1)) > 0)
        sum += (size_t)n;
    return sum;
}

static size_t drain(int fd, char *out, size_t cap)
{
    size_t len = 0;
    ssize_t n;

    while (len < cap && (n = read(fd, out + len, cap - len)) > 0)
        len += (size_t)n;
    return len;
}

static void a_full_pipe_is_a_retry(void **state)
{
    static char got[2 * 1024 * 1024];
    lambdest_plan *plan;
    size_t filled;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, *state, fds[1]);
    filled = fill(fds[1]);
    plan = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_string_equal(detail_of(plan, 0), "write: would block");
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_E_PARTIAL);
    assert_int_equal(drain(fds[0], got, sizeof got), filled);
    assert_int_equal(lambdest_plan_run(plan), LAMBDEST_OK);
    assert_int_equal(drain(fds[0], got, sizeof got), LINE_LEN);
    support_expect_bytes(got, LINE_LEN, LINE, LINE_LEN);
    lambdest_plan_free(plan);
    end(&f);
    close_pipe(fds);
}

/* Over PIPE_BUF a pipe takes a part: exactly what a slow reader has left of room. */
static lambdest_envelope *large_envelope(support_memory *m, size_t size)
{
    char *text = sized_record(size, 0);
    lambdest_envelope *env = parse_text(m, text);

    free(text);
    return env;
}

static void expect_one_line_of(const char *got, size_t len, char letter, size_t letters)
{
    size_t i, n = 0;

    assert_true(len > 0);
    assert_int_equal(got[len - 1], '\n');
    for (i = 0; i < len; i++)
        n += got[i] == letter ? 1 : 0;
    assert_true(n >= letters);
    assert_ptr_equal(memchr(got, '\n', len), got + len - 1);
}

static void a_rest_goes_first(void **state)
{
    enum {
        LARGE = 300000
    };
    static char got[4 * LARGE];
    support_memory *m = *state;
    lambdest_plan *first, *second;
    lambdest_envelope *small;
    size_t len, line;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, m, fds[1]);
    small = f.env;
    f.env = large_envelope(m, LARGE);
    first = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(first, 0), LAMBDEST_VERDICT_RETRY);
    /* Nothing of another row goes between. */
    lambdest_envelope_free(f.env);
    f.env = small;
    second = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(second, 0), LAMBDEST_VERDICT_RETRY);
    len = drain(fds[0], got, sizeof got);
    while (lambdest_plan_run(second) == LAMBDEST_E_PARTIAL)
        len += drain(fds[0], got + len, sizeof got - len);
    len += drain(fds[0], got + len, sizeof got - len);
    line = (size_t)((char *)memchr(got, '\n', len) - got) + 1;
    expect_one_line_of(got, line, 'q', LARGE);
    support_expect_bytes(got + line, len - line, LINE, LINE_LEN);
    /* The first row learns that its line has gone out, and writes nothing again. */
    assert_int_equal(verdict_of(first, 0), LAMBDEST_VERDICT_RETRY);
    assert_int_equal(lambdest_plan_run(first), LAMBDEST_OK);
    assert_int_equal(drain(fds[0], got, sizeof got), 0);
    lambdest_plan_free(first);
    lambdest_plan_free(second);
    end(&f);
    close_pipe(fds);
}

/* A row whose line has gone out is told so, though the rest of another waits by now. */
static void a_rest_is_its_own_rows(void **state)
{
    enum {
        LARGE = 300000
    };
    static char got[4 * LARGE];
    support_memory *m = *state;
    lambdest_plan *first, *second;
    size_t len = 0;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, m, fds[1]);
    lambdest_envelope_free(f.env);
    f.env = large_envelope(m, LARGE);
    first = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(lambdest_router_plan(f.router, f.env, 0, &second, NULL), LAMBDEST_OK);
    /* No line is taken while a rest waits: there is no need of memory. */
    support_memory_fail(m, 1, true);
    assert_int_equal(lambdest_plan_run(second), LAMBDEST_E_PARTIAL);
    support_memory_fail(m, 0, false);
    assert_string_equal(detail_of(second, 0), "write: would block");
    while (!memchr(got, '\n', len)) {
        len += drain(fds[0], got + len, sizeof got - len);
        assert_int_equal(lambdest_plan_run(second), LAMBDEST_E_PARTIAL);
    }
    assert_int_equal(lambdest_plan_run(first), LAMBDEST_OK);
    assert_int_equal(lambdest_plan_run(second), LAMBDEST_E_PARTIAL);
    do
        len += drain(fds[0], got + len, sizeof got - len);
    while (lambdest_plan_run(second) == LAMBDEST_E_PARTIAL);
    len += drain(fds[0], got + len, sizeof got - len);
    assert_int_equal(len % 2, 0);
    expect_one_line_of(got, len / 2, 'q', LARGE);
    support_expect_bytes(got + len / 2, len / 2, got, len / 2);
    lambdest_plan_free(first);
    lambdest_plan_free(second);
    end(&f);
    close_pipe(fds);
}

static void flush_writes_a_rest(void **state)
{
    enum {
        LARGE = 200000
    };
    static char got[2 * LARGE];
    support_memory *m = *state;
    lambdest_plan *plan, *flush;
    size_t len;
    int fds[2], rc;
    fixture f;

    open_pipe(fds, false);
    begin(&f, m, fds[1]);
    lambdest_envelope_free(f.env);
    f.env = large_envelope(m, LARGE);
    assert_int_equal(lambdest_router_flush(f.router, 0, &flush, NULL), LAMBDEST_OK);
    lambdest_plan_free(flush);
    plan = dispatch(&f, LAMBDEST_E_PARTIAL);
    /* The row's own plan may be gone by then. */
    lambdest_plan_free(plan);
    rc = lambdest_router_flush(f.router, 0, &flush, NULL);
    assert_int_equal(rc, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(flush, 0), LAMBDEST_VERDICT_RETRY);
    len = drain(fds[0], got, sizeof got);
    while (lambdest_plan_run(flush) == LAMBDEST_E_PARTIAL)
        len += drain(fds[0], got + len, sizeof got - len);
    len += drain(fds[0], got + len, sizeof got - len);
    expect_one_line_of(got, len, 'q', LARGE);
    lambdest_plan_free(flush);
    end(&f);
    close_pipe(fds);
}

static void no_line_is_ever_torn(void **state)
{
    enum {
        ROUNDS = 400,
        OPEN = 8
    };
    static char got[64 * 1024 * 1024];
    support_memory *m = *state;
    lambdest_plan *plans[OPEN] = {NULL};
    lambdest_envelope *envs[OPEN] = {NULL};
    size_t len = 0, made = 0, seen = 0, i;
    uint64_t seed = 7;
    char *at, *next;
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, m, fds[1]);
    while (made < ROUNDS) {
        size_t k = support_below(&seed, OPEN);

        if (plans[k] && lambdest_plan_run(plans[k]) == LAMBDEST_OK) {
            lambdest_plan_free(plans[k]);
            lambdest_envelope_free(envs[k]);
            plans[k] = NULL;
        } else if (!plans[k]) {
            envs[k] = large_envelope(m, support_below(&seed, 2) ? 10 : support_below(&seed, 120000));
            assert_int_equal(lambdest_router_plan(f.router, envs[k], 0, &plans[k], NULL), LAMBDEST_OK);
            made++;
        }
        if (!support_below(&seed, 3))
            len += drain(fds[0], got + len, support_below(&seed, 100000));
    }
    for (i = 0; i < OPEN; i++) {
        while (plans[i] && lambdest_plan_run(plans[i]) == LAMBDEST_E_PARTIAL)
            len += drain(fds[0], got + len, sizeof got - len);
        lambdest_plan_free(plans[i]);
        if (plans[i])
            lambdest_envelope_free(envs[i]);
    }
    len += drain(fds[0], got + len, sizeof got - len);
    for (at = got; at < got + len; at = next + 1, seen++) {
        next = memchr(at, '\n', len - (size_t)(at - got));
        assert_non_null(next);
        if (support_jansson(at, (size_t)(next - at)) != SUPPORT_VALID)
            fail_msg("line %zu is torn", seen);
    }
    assert_int_equal(seen, made);
    end(&f);
    close_pipe(fds);
}

/* ---- the system refuses ---- */

static void expect_refused(support_memory *m, int fd, int verdict, const char *detail)
{
    lambdest_plan *plan;
    fixture f;

    begin(&f, m, fd);
    plan = dispatch(&f, LAMBDEST_E_PARTIAL);
    assert_int_equal(verdict_of(plan, 0), verdict);
    assert_string_equal(detail_of(plan, 0), detail);
    lambdest_plan_free(plan);
    end(&f);
}

static void a_full_disk_is_a_retry(void **state)
{
    int fd = open("/dev/full", O_WRONLY);

    if (fd < 0)
        skip();
    expect_refused(*state, fd, LAMBDEST_VERDICT_RETRY, "write: no space left on device");
    close(fd);
}

static void a_closed_descriptor_is_rejected(void **state)
{
    int fds[2];
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);

    open_pipe(fds, false);
    close(fds[0]);
    expect_refused(*state, fds[1], LAMBDEST_VERDICT_REJECTED, "write: broken pipe");
    close(fds[1]);
    expect_refused(*state, fds[1], LAMBDEST_VERDICT_REJECTED, "write: bad file descriptor");
    signal(SIGPIPE, old);
}

static int interrupted_reader = -1;
static volatile sig_atomic_t interruptions;

static void on_alarm(int number)
{
    static char thrown_away[65536];
    ssize_t n;

    (void)number;
    /* The second interruption makes room. */
    if (++interruptions == 2)
        n = read(interrupted_reader, thrown_away, sizeof thrown_away);
    else
        n = 0;
    (void)n;
}

static void an_interruption_is_no_failure(void **state)
{
    struct sigaction action, old;
    struct itimerval every = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    int fds[2];
    fixture f;

    open_pipe(fds, false);
    begin(&f, *state, fds[1]);
    fill(fds[1]);
    assert_int_equal(fcntl(fds[1], F_SETFL, 0), 0);
    interrupted_reader = fds[0];
    interruptions = 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigaction(SIGALRM, &action, &old);
    setitimer(ITIMER_REAL, &every, NULL);
    lambdest_plan_free(dispatch(&f, LAMBDEST_OK));
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &old, NULL);
    assert_true(interruptions >= 2);
    end(&f);
    close_pipe(fds);
}

/* ---- arguments and memory ---- */

static void arguments_are_checked(void **state)
{
    lambdest_options options = {.size = 1};
    lambdest_stream *stream = *state;
    lambdest_sink sink = {.size = 1};
    lambdest_error err;

    assert_int_equal(lambdest_stream_new(1, NULL, NULL, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "out");
    assert_int_equal(lambdest_stream_new(-1, NULL, &stream, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, "fd");
    assert_null(stream);
    assert_int_equal(lambdest_stream_new(1, &options, &stream, &err), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_stream_new(0, NULL, &stream, &err), LAMBDEST_OK);
    lambdest_stream_free(stream);
    assert_int_equal(lambdest_stream_new(1, NULL, &stream, &err), LAMBDEST_OK);
    assert_int_equal(lambdest_stream_sink(stream, &sink), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_stream_sink(stream, NULL), LAMBDEST_E_INVAL);
    assert_int_equal(lambdest_stream_sink(NULL, &sink), LAMBDEST_E_INVAL);
    lambdest_stream_free(stream);
    lambdest_stream_free(NULL);
}

static int write_line(support_memory *m, void *arg)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_stream *stream = NULL;
    lambdest_router *router = NULL;
    lambdest_envelope *env = NULL;
    lambdest_plan *plan = NULL;
    char got[2 * LINE_LEN];
    lambdest_error err;
    int *fds = arg, rc = lambdest_stream_new(fds[1], &options, &stream, &err);

    if (rc)
        support_expect_error(&err, LAMBDEST_E_NOMEM, 0, "");
    else
        rc = lambdest_stream_sink(stream, &sink);
    if (!rc)
        rc = lambdest_router_new(&options, &router, NULL);
    if (!rc)
        rc = lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS, "a", 1, &sink, NULL);
    if (!rc)
        rc = lambdest_envelope_parse(TEXT(SUCCESS_TEXT), &options, &env, NULL);
    if (!rc)
        rc = lambdest_router_dispatch(router, env, 0, &plan, NULL);
    if (rc == LAMBDEST_E_PARTIAL) {
        assert_int_equal(verdict_of(plan, 0), LAMBDEST_VERDICT_RETRY);
        assert_string_equal(detail_of(plan, 0), "no memory");
        rc = LAMBDEST_E_NOMEM;
    }
    assert_int_equal(drain(fds[0], got, sizeof got), rc ? 0 : LINE_LEN);
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
    lambdest_router_free(router);
    lambdest_stream_free(stream);
    return rc;
}

static void nothing_is_written_without_memory_for_the_rest(void **state)
{
    int fds[2];

    open_pipe(fds, false);
    support_exhaust(*state, write_line, fds);
    close_pipe(fds);
}

/* ---- killed ---- */

enum {
    BIGGEST = 30000
};

/* The nth line of a writer: told by its number alone. */
static size_t nth_line(char *out, unsigned n)
{
    size_t pad = n * 7919 % (BIGGEST - 200);
    int head = sprintf(out,
                       "{\"requestContext\":{\"requestId\":\"%u\",\"condition\":\"Success\"},"
                       "\"requestPayload\":\"",
                       n);

    memset(out + head, 'p', pad);
    memcpy(out + (size_t)head + pad, "\"}\n", 4);
    return (size_t)head + pad + 3;
}

static void write_until_killed(int fd, int acks)
{
    static char text[BIGGEST];
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_stream *stream;
    lambdest_router *router;
    unsigned n;

    if (lambdest_stream_new(fd, NULL, &stream, NULL) || lambdest_stream_sink(stream, &sink) ||
        lambdest_router_new(NULL, &router, NULL) ||
        lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS, TEXT("file"), &sink, NULL))
        _exit(2);
    for (n = 0;; n++) {
        lambdest_envelope *env;
        lambdest_plan *plan;

        if (lambdest_envelope_parse(text, nth_line(text, n) - 1, NULL, &env, NULL) ||
            lambdest_router_dispatch(router, env, 0, &plan, NULL))
            _exit(3);
        lambdest_plan_free(plan);
        lambdest_envelope_free(env);
        if (write(acks, &n, sizeof n) != sizeof n)
            _exit(4);
    }
}

/* What was told is there, one line besides may be, and behind it at most a beginning of the next. */
static void expect_lines(int fd, unsigned told)
{
    static char line[BIGGEST], got[BIGGEST];
    off_t at = 0, len = lseek(fd, 0, SEEK_END);
    unsigned n;

    for (n = 0; at < len; n++) {
        size_t size = nth_line(line, n), rest = (size_t)(len - at) < size ? (size_t)(len - at) : size;

        assert_int_equal(pread(fd, got, rest, at), rest);
        support_expect_bytes(got, rest, line, rest);
        assert_true(rest == size || n >= told);
        at += (off_t)rest;
    }
    assert_true(n >= told && n <= told + 1);
}

static unsigned kill_one(uint64_t *seed)
{
    FILE *file = tmpfile();
    unsigned n, told = 0, after = (unsigned)support_below(seed, 150);
    volatile size_t spin = support_below(seed, 100000);
    int acks[2], status = 0;
    pid_t child;

    assert_non_null(file);
    assert_int_equal(pipe(acks), 0);
    child = fork();
    assert_true(child >= 0);
    if (!child)
        write_until_killed(fileno(file), acks[1]);
    close(acks[1]);
    while (told < after && read(acks[0], &n, sizeof n) == sizeof n)
        told++;
    while (spin)
        spin--;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    while (read(acks[0], &n, sizeof n) == sizeof n)
        told++;
    close(acks[0]);
    expect_lines(fileno(file), told);
    fclose(file);
    return told;
}

static void what_was_delivered_is_whole_when_killed(void **state)
{
    unsigned i, kills = support_quick() ? 5 : support_long() ? 200 : 30, sum = 0;
    uint64_t seed = 4711;

    (void)state;
    for (i = 0; i < kills; i++)
        sum += kill_one(&seed);
    assert_true(sum > kills);
    print_message("tried: %u writers of a stream killed, %u deliveries before\n", kills, sum);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(an_envelope_is_a_line),
        WITH_MEMORY(what_is_not_one_line_is_rejected),
        WITH_MEMORY(a_full_pipe_is_a_retry),
        WITH_MEMORY(a_rest_goes_first),
        WITH_MEMORY(a_rest_is_its_own_rows),
        WITH_MEMORY(flush_writes_a_rest),
        WITH_MEMORY(no_line_is_ever_torn),
        WITH_MEMORY(a_full_disk_is_a_retry),
        WITH_MEMORY(a_closed_descriptor_is_rejected),
        WITH_MEMORY(an_interruption_is_no_failure),
        WITH_MEMORY(arguments_are_checked),
        WITH_MEMORY(nothing_is_written_without_memory_for_the_rest),
        cmocka_unit_test(what_was_delivered_is_whole_when_killed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
