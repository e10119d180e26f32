/* The spool and the stream, each call of theirs to the system failing once, and from then on, with each error
 * that it can give. After each failure the verdict or code says so, no descriptor and no half file is left, and
 * the same delivery goes through once the system obeys again. */
#define _GNU_SOURCE    /* RTLD_NEXT */
#undef _FORTIFY_SOURCE /* which makes inline functions of those that are replaced here */

#include "delivery.h"
#include "directory.h"
#include "interposed.h"

#include <sys/mman.h>

/* ---- calls that fail when told to ---- */

enum {
    SHORT = 0, /* half of the bytes */
    MOST_ERRORS = 16
};

static const int errors_of[CALLS][MOST_ERRORS] = {
    [CALL_OPEN] = {EACCES, ENOENT, ENOTDIR, EMFILE, ENFILE, ELOOP, ENAMETOOLONG, EINTR, ENOMEM, EIO},
    [CALL_OPENAT] = {EACCES, EDQUOT, EEXIST, ELOOP, ENOSPC, EROFS, EMFILE, ENFILE, EINTR, EIO, ENOMEM, EPERM,
                     ENAMETOOLONG, ENOENT, ENOTDIR},
    [CALL_WRITE] = {ENOSPC, EIO, EDQUOT, EFBIG, EINTR, EPERM, EAGAIN, EPIPE, EBADF, ECONNRESET, ENOBUFS},
    [CALL_READ] = {EIO, EINTR, EISDIR},
    [CALL_FSYNC] = {EIO, ENOSPC, EDQUOT, EROFS, EINTR, EINVAL},
    [CALL_CLOSE] = {EIO, ENOSPC, EDQUOT, EINTR},
    [CALL_RENAMEAT] = {EACCES, EIO, ENOSPC, EDQUOT, EROFS, ENOENT, EPERM, ENOMEM, EBUSY},
    [CALL_UNLINKAT] = {EIO, EACCES, EROFS, EPERM, EBUSY, ENOENT, ENOMEM},
    [CALL_FSTAT] = {EIO, ENOMEM, EOVERFLOW},
    [CALL_FSTATAT] = {EACCES, EIO, ENOMEM, ELOOP, EINTR},
    [CALL_FCHMOD] = {EIO, EPERM, EROFS, EACCES},
    [CALL_FDOPENDIR] = {ENOMEM, EMFILE},
    [CALL_READDIR] = {EIO, ENOENT},
};

typedef struct fault {
    enum call call;
    int nth; /* from 1; 0: none */
    int error;
    bool short_one; /* write or read half instead */
    bool onwards;
    bool no_unlink; /* and nothing can be unlinked */
} fault;

static fault set;
static int seen[CALLS];
static bool struck;
static unsigned long inherited; /* descriptors that a program started by the host would have */
static unsigned long injected;  /* runs in which a fault struck */

/* A 32-bit program may be compiled for files of 64 bits: other structures, by other names. */
#define OF_FILES(name) (sizeof(off_t) > sizeof(long) ? name "64" : name)

static bool is_struck(enum call call)
{
    int at = ++seen[call];

    return set.nth && set.call == call && (at == set.nth || (set.onwards && at > set.nth));
}

static bool fails(enum call call)
{
    bool unlink = call == CALL_UNLINKAT && set.nth && set.no_unlink;

    if (!is_struck(call) && !unlink)
        return false;
    if (!unlink || set.call == call)
        struck = true;
    errno = unlink ? EIO : set.error;
    return true;
}

/* Half of the bytes, or none and an error. */
static bool cuts(enum call call, size_t *len)
{
    if (!set.short_one)
        return fails(call);
    if (is_struck(call) && *len > 1) {
        struck = true;
        *len /= 2;
    }
    return false;
}

int open(const char *path, int flags, ...)
{
    int (*next)(const char *, int, mode_t);

    NEXT(next, "open");
    inherited += flags & O_CLOEXEC ? 0 : set.nth > 0;
    return fails(CALL_OPEN) ? -1 : next(path, flags, 0600);
}

int openat(int dir, const char *name, int flags, ...)
{
    int (*next)(int, const char *, int, mode_t);

    NEXT(next, "openat");
    inherited += flags & O_CLOEXEC ? 0 : set.nth > 0;
    return fails(CALL_OPENAT) ? -1 : next(dir, name, flags, 0600);
}

int fstat(int fd, struct stat *st)
{
    int (*next)(int, struct stat *);

    NEXT(next, OF_FILES("fstat"));
    return fails(CALL_FSTAT) ? -1 : next(fd, st);
}

int fstatat(int dir, const char *name, struct stat *st, int flags)
{
    int (*next)(int, const char *, struct stat *, int);

    NEXT(next, OF_FILES("fstatat"));
    return fails(CALL_FSTATAT) ? -1 : next(dir, name, st, flags);
}

int fchmod(int fd, mode_t mode)
{
    int (*next)(int, mode_t);

    NEXT(next, "fchmod");
    return fails(CALL_FCHMOD) ? -1 : next(fd, mode);
}

DIR *fdopendir(int fd)
{
    DIR *(*next)(int);

    NEXT(next, "fdopendir");
    return fails(CALL_FDOPENDIR) ? NULL : next(fd);
}

struct dirent *readdir(DIR *cursor)
{
    struct dirent *(*next)(DIR *);

    NEXT(next, OF_FILES("readdir"));
    return fails(CALL_READDIR) ? NULL : next(cursor);
}

static void arm(const fault *f)
{
    memset(seen, 0, sizeof seen);
    struck = false;
    set = *f;
}

static void disarm(void)
{
    memset(&set, 0, sizeof set);
}

/* ---- what a test sees ---- */

static size_t open_descriptors(void)
{
    DIR *cursor = opendir("/proc/self/fd");
    size_t n = 0;

    assert_non_null(cursor);
    while (readdir(cursor))
        n++;
    closedir(cursor);
    return n;
}

/* <lambdest/sink.h>: full disks and the like may pass; a place that is gone or may not be written does not. */
static bool passes(int error)
{
    static const int passing[] = {ENOSPC, EDQUOT, EIO,   ENOMEM,  EMFILE, ENFILE,
                                  EINTR,  EAGAIN, EBUSY, ENOBUFS, EEXIST};
    size_t i;

    for (i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (passing[i] == error)
            return true;
    return false;
}

static const char *const call_names[CALLS] = {
    "open",     "openat", "write",   "read",   "fsync",     "close",   "renameat",
    "unlinkat", "fstat",  "fstatat", "fchmod", "fdopendir", "readdir",
};

#define HOLDS(condition) holds((condition) ? 1 : 0, #condition, __LINE__)

static const char *operation;
static fault tried;

static void holds(int condition, const char *text, int line)
{
    if (!condition)
        fail_msg("line %d: %s: not %s, with call %d of %s%s %s %d%s", line, operation, text, tried.nth,
                 call_names[tried.call], tried.onwards ? " and all after it" : "",
                 tried.short_one ? "short" : "failing with", tried.error,
                 tried.no_unlink ? ", and no file to be removed" : "");
}

/* ---- the spool ---- */

enum {
    BEFORE = 3 /* files that are there already */
};

typedef struct scene {
    directory dir;
    lambdest_spool *spool;
    lambdest_router *router;
    lambdest_envelope *env;
    lambdest_plan *plan;
    const char *name;
    int rc;
    lambdest_error err;
} scene;

static void begin(scene *s, support_memory *m)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    size_t i, count;

    memset(s, 0, sizeof *s);
    directory_make(&s->dir);
    options.max_items = BEFORE + 3; /* the second delivery counts the files again */
    s->env = parse_text(m, SUCCESS_TEXT);
    assert_int_equal(lambdest_spool_open(s->dir.path, strlen(s->dir.path), &options, &s->spool, NULL), 0);
    assert_int_equal(lambdest_spool_sink(s->spool, &sink), 0);
    s->router = new_router(m);
    add(s->router, LAMBDEST_ON_SUCCESS, "spool", &sink);
    for (i = 0; i < BEFORE; i++) {
        assert_int_equal(lambdest_router_dispatch(s->router, s->env, 0, &s->plan, NULL), 0);
        lambdest_plan_free(s->plan);
    }
    s->plan = NULL;
    assert_int_equal(lambdest_spool_list(s->spool, &count, NULL), 0);
    assert_int_equal(count, BEFORE);
    s->name = lambdest_spool_name(s->spool, 1, NULL);
}

static void end(scene *s)
{
    lambdest_plan_free(s->plan);
    lambdest_router_free(s->router);
    lambdest_spool_free(s->spool);
    lambdest_envelope_free(s->env);
    directory_remove(&s->dir);
}

/* Each finished file is whole; how many there are. */
static size_t whole_files(const scene *s)
{
    DIR *cursor = opendir(s->dir.path);
    const struct dirent *entry;
    size_t n = 0;

    HOLDS(cursor != NULL);
    while ((entry = readdir(cursor)))
        if (entry->d_name[0] != '.') {
            HOLDS(directory_is(&s->dir, entry->d_name, SUCCESS_TEXT) == 1);
            n++;
        }
    closedir(cursor);
    return n;
}

static size_t half_files(const scene *s)
{
    return directory_count(&s->dir, ".");
}

static void do_open(scene *s)
{
    lambdest_spool *spool = (lambdest_spool *)(void *)s;

    s->rc = lambdest_spool_open(s->dir.path, strlen(s->dir.path), NULL, &spool, &s->err);
    disarm();
    HOLDS(!s->rc == (spool != NULL));
    lambdest_spool_free(spool);
}

static void do_deliver(scene *s)
{
    s->rc = lambdest_router_dispatch(s->router, s->env, 0, &s->plan, &s->err);
}

/* The first uses up what was counted. */
static void before_deliver_counting(scene *s)
{
    size_t i;

    for (i = 0; i < 2; i++) {
        assert_int_equal(lambdest_router_dispatch(s->router, s->env, 0, &s->plan, NULL), 0);
        lambdest_plan_free(s->plan);
    }
    s->plan = NULL;
}

static void do_list(scene *s)
{
    size_t count = 77;

    s->rc = lambdest_spool_list(s->spool, &count, &s->err);
    HOLDS(count == (s->rc ? 0 : BEFORE));
    HOLDS(lambdest_spool_name(s->spool, BEFORE - 1, NULL) != NULL);
}

static void do_load(scene *s)
{
    lambdest_envelope *env = (lambdest_envelope *)(void *)s;

    s->rc = lambdest_spool_load(s->spool, s->name, strlen(s->name), &env, &s->err);
    HOLDS(!s->rc == (env != NULL));
    if (env)
        HOLDS(!strcmp(lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL), "r-1"));
    lambdest_envelope_free(env);
}

static void do_remove(scene *s)
{
    s->rc = lambdest_spool_remove(s->spool, s->name, strlen(s->name), &s->err);
}

static const struct operation {
    const char *name;
    void (*before)(scene *s);
    void (*run)(scene *s);
    bool delivers;
} operations[] = {
    {"open", NULL, do_open, false},
    {"deliver", NULL, do_deliver, true},
    {"deliver and count", before_deliver_counting, do_deliver, true},
    {"list", NULL, do_list, false},
    {"load", NULL, do_load, false},
    {"remove", NULL, do_remove, false},
};

/* What no one need hear of: an interruption or a part is gone on with, the next free name is taken, and what was
 * only read may be closed as it likes. */
static bool may_be_overcome(const struct operation *o)
{
    return (tried.call == CALL_CLOSE && !o->delivers) || tried.short_one ||
           (!tried.onwards && tried.error == EINTR) || tried.error == EEXIST ||
           (tried.call == CALL_CLOSE && tried.error == EINTR) || tried.call == CALL_FSTAT ||
           (tried.call == CALL_FSTATAT && tried.error == ENOENT);
}

static void check_code(const scene *s)
{
    static const int codes[] = {LAMBDEST_E_IO, LAMBDEST_E_NOMEM, LAMBDEST_E_ABSENT, LAMBDEST_E_TOO_BIG};
    int code = tried.error == ENOMEM ? codes[1] : tried.error == ENOENT ? s->rc : codes[0];

    /* A link, or a file that has gone, is no such file. */
    if (tried.error == ENOENT)
        HOLDS(s->rc == LAMBDEST_E_IO || s->rc == LAMBDEST_E_ABSENT);
    else if (tried.error == ELOOP && tried.call == CALL_OPENAT && !strcmp(operation, "load"))
        code = LAMBDEST_E_ABSENT;
    HOLDS(s->rc == code && s->err.code == code);
    HOLDS(code != LAMBDEST_E_IO || s->err.flags == (uint32_t)tried.error);
    HOLDS(*s->err.message);
}

static void check_row(scene *s)
{
    int verdict = verdict_of(s->plan, 0);
    const char *detail = detail_of(s->plan, 0);

    HOLDS(s->rc == LAMBDEST_E_PARTIAL);
    HOLDS(verdict == (passes(tried.error) ? LAMBDEST_VERDICT_RETRY : LAMBDEST_VERDICT_REJECTED));
    HOLDS(detail && !strncmp(detail, "spool ", 6) && strchr(detail, ':'));
}

/* The system obeys again: what may be tried again goes through, and so does the next. */
static void check_later(scene *s, size_t files)
{
    lambdest_plan *next;

    if (s->rc && verdict_of(s->plan, 0) == LAMBDEST_VERDICT_RETRY) {
        HOLDS(lambdest_plan_run(s->plan) == LAMBDEST_OK);
        files++;
    }
    HOLDS(whole_files(s) == files);
    if (files == BEFORE + 3)
        return;
    HOLDS(lambdest_router_dispatch(s->router, s->env, 0, &next, NULL) == LAMBDEST_OK);
    lambdest_plan_free(next);
    HOLDS(whole_files(s) == files + 1);
}

static void check_files(scene *s, const struct operation *o, size_t files)
{
    size_t now = whole_files(s), half = half_files(s);

    if (tried.no_unlink) {
        /* The whole file, or the half one, that could not be removed. */
        HOLDS(now + half <= files + 1 && now >= files);
        return;
    }
    HOLDS(!half);
    if (o->delivers) {
        HOLDS(now == files + (s->rc ? 0 : 1));
        check_later(s, now);
    } else if (o->run == do_remove) {
        HOLDS(now == files - (s->rc && (tried.call != CALL_FSYNC) ? 0 : 1));
    } else {
        HOLDS(now == files);
    }
}

/* One run; whether the fault struck. */
static bool try_fault(support_memory *m, const struct operation *o, const fault *f)
{
    size_t files, descriptors;
    bool did;
    scene s;

    operation = o->name;
    tried = *f;
    begin(&s, m);
    if (o->before)
        o->before(&s);
    files = whole_files(&s);
    descriptors = open_descriptors();
    arm(f);
    o->run(&s);
    disarm();
    did = struck;
    injected += did ? 1 : 0;
    if (!did && !f->no_unlink)
        HOLDS(s.rc == LAMBDEST_OK);
    HOLDS(s.rc || !did || may_be_overcome(o));
    if (!s.rc && o->delivers)
        HOLDS(seen[CALL_FSYNC] >= 2); /* the file, and the directory */
    if (s.rc && o->delivers)
        check_row(&s);
    else if (s.rc)
        check_code(&s);
    HOLDS(open_descriptors() == descriptors);
    check_files(&s, o, files);
    end(&s);
    return did;
}

static void every_nth(support_memory *m, const struct operation *o, fault f)
{
    int onwards;

    for (onwards = 0; onwards < 2; onwards++) {
        f.onwards = onwards;
        for (f.nth = 1;; f.nth++)
            if (!try_fault(m, o, &f))
                break;
    }
}

static void every_fault(support_memory *m, const struct operation *o, bool no_unlink)
{
    fault f = {0};
    int call;
    size_t i;

    f.no_unlink = no_unlink;
    for (call = 0; call < CALLS; call++) {
        f.call = (enum call)call;
        for (i = 0; i < MOST_ERRORS && errors_of[call][i]; i++) {
            f.error = errors_of[call][i];
            /* A call that is interrupted for ever is called for ever. */
            if (f.error != EINTR || (call != CALL_WRITE && call != CALL_READ && call != CALL_FSYNC))
                every_nth(m, o, f);
            else
                for (f.nth = 1; try_fault(m, o, &f); f.nth++)
                    continue;
        }
        f.error = SHORT;
        f.short_one = call == CALL_WRITE || call == CALL_READ;
        if (f.short_one)
            every_nth(m, o, f);
        f.short_one = false;
    }
}

static void whatever_the_system_refuses_a_spool(void **state)
{
    size_t i;

    for (i = 0; i < sizeof operations / sizeof operations[0]; i++)
        every_fault(*state, &operations[i], false);
    print_message("tried: %lu refusals of the system to a spool\n", injected);
    assert_int_equal(inherited, 0);
}

/* A name that is always taken is not tried for ever. */
static void names_are_tried_10000_times(void **state)
{
    const fault taken = {.call = CALL_OPENAT, .nth = 1, .error = EEXIST, .onwards = true};
    scene s;

    begin(&s, *state);
    arm(&taken);
    do_deliver(&s);
    disarm();
    assert_int_equal(seen[CALL_OPENAT], 10000);
    assert_int_equal(verdict_of(s.plan, 0), LAMBDEST_VERDICT_RETRY);
    assert_string_equal(detail_of(s.plan, 0), "spool file: file exists");
    end(&s);
}

static void what_cannot_be_removed_is_never_half_a_file(void **state)
{
    injected = 0;
    every_fault(*state, &operations[1], true);
    print_message("tried: %lu refusals to a spool that can remove nothing\n", injected);
}

/* ---- the stream ---- */

enum {
    ROWS = 3
};

/* Lines of the file that are row i's, and no others. */
static void count_lines(int fd, unsigned lines[ROWS])
{
    static char text[16384];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    char *at = text, *line_end;
    int id;

    memset(lines, 0, ROWS * sizeof *lines);
    HOLDS(len >= 0);
    text[len] = '\0';
    while ((line_end = strchr(at, '\n'))) {
        char expected[256];

        *line_end = '\0';
        HOLDS(sscanf(at, "{\"requestContext\":{\"requestId\":\"row-%d", &id) == 1 && id >= 0 && id < ROWS);
        snprintf(
            expected, sizeof expected,
            "{\"requestContext\":{\"requestId\":\"row-%d\",\"condition\":\"Success\"},\"requestPayload\":%d}",
            id, id);
        HOLDS(!strcmp(at, expected));
        lines[id]++;
        at = line_end + 1;
    }
    HOLDS(!*at);
}

static bool stream_fault(support_memory *m, const fault *f)
{
    lambdest_options options = options_of(m);
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_envelope *env[ROWS];
    lambdest_plan *plan[ROWS], *flushed;
    lambdest_stream *stream;
    lambdest_router *router = new_router(m);
    char text[256];
    unsigned lines[ROWS];
    int i, fd = memfd_create("stream", MFD_CLOEXEC);
    bool did;

    operation = "stream";
    tried = *f;
    assert_true(fd >= 0);
    assert_int_equal(lambdest_stream_new(fd, &options, &stream, NULL), 0);
    lambdest_stream_sink(stream, &sink);
    add(router, LAMBDEST_ON_SUCCESS, "stream", &sink);
    for (i = 0; i < ROWS; i++) {
        snprintf(
            text, sizeof text,
            "{\"requestContext\":{\"requestId\":\"row-%d\",\"condition\":\"Success\"},\"requestPayload\":%d}",
            i, i);
        env[i] = parse_text(m, text);
    }
    arm(f);
    for (i = 0; i < ROWS; i++)
        lambdest_router_dispatch(router, env[i], 0, &plan[i], NULL);
    disarm();
    did = struck;
    injected += did ? 1 : 0;
    for (i = 0; i < ROWS; i++) {
        int verdict = verdict_of(plan[i], 0);

        HOLDS(did || verdict == LAMBDEST_VERDICT_DELIVERED);
        HOLDS(verdict == LAMBDEST_VERDICT_DELIVERED || verdict == LAMBDEST_VERDICT_RETRY ||
              (verdict == LAMBDEST_VERDICT_REJECTED && !passes(f->error)));
        if (verdict == LAMBDEST_VERDICT_RETRY)
            HOLDS(lambdest_plan_run(plan[i]) == LAMBDEST_OK);
    }
    HOLDS(lambdest_router_flush(router, 0, &flushed, NULL) == LAMBDEST_OK);
    lambdest_plan_free(flushed);
    count_lines(fd, lines);
    for (i = 0; i < ROWS; i++) {
        int verdict = verdict_of(plan[i], 0);

        HOLDS(verdict == LAMBDEST_VERDICT_DELIVERED ? lines[i] == 1 : lines[i] <= 1);
        lambdest_plan_free(plan[i]);
        lambdest_envelope_free(env[i]);
    }
    lambdest_router_free(router);
    lambdest_stream_free(stream);
    close(fd);
    return did;
}

static void whatever_the_system_refuses_a_stream(void **state)
{
    fault f = {.call = CALL_WRITE};
    size_t i;

    injected = 0;
    for (i = 0; i == 0 || errors_of[CALL_WRITE][i - 1]; i++) {
        f.error = i ? errors_of[CALL_WRITE][i - 1] : SHORT;
        f.short_one = !i;
        for (f.onwards = false, f.nth = 1; stream_fault(*state, &f); f.nth++)
            continue;
        f.onwards = true;
        for (f.nth = 1; f.error != EINTR && stream_fault(*state, &f); f.nth++)
            continue;
    }
    print_message("tried: %lu refusals of the system to a stream\n", injected);
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, support_setup, support_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(whatever_the_system_refuses_a_spool),
        WITH_MEMORY(names_are_tried_10000_times),
        WITH_MEMORY(what_cannot_be_removed_is_never_half_a_file),
        WITH_MEMORY(whatever_the_system_refuses_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
