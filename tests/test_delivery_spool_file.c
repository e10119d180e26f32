#define _GNU_SOURCE    /* RTLD_NEXT */
#undef _FORTIFY_SOURCE /* which makes inline functions of those that are replaced here */

#include "directory.h"
#include "interposed.h"

#include "delivery/spool_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- calls that fail when told to ---- */

enum {
    NOTHING = -1
};

typedef struct fault {
    int at;    /* the call that fails, from 1; 0: none */
    int error; /* 0: it does half of its work (write, read); NOTHING: none of it */
    int seen;
} fault;

static fault faults[CALLS];
static int growing = -1; /* a descriptor of what grows while it is read */
static ssize_t grown;    /* by so much */

static void set_fault(enum call call, int at, int error)
{
    faults[call].at = at;
    faults[call].error = error;
    faults[call].seen = 0;
}

static void no_faults(void)
{
    memset(faults, 0, sizeof faults);
}

/* Whether this call is the one that fails. */
static bool strikes(enum call call)
{
    return faults[call].at && ++faults[call].seen == faults[call].at;
}

static bool fails(enum call call)
{
    if (!strikes(call))
        return false;
    errno = faults[call].error;
    return true;
}

/* With no length left it does nothing. */
static bool cuts(enum call call, size_t *len)
{
    if (call == CALL_READ && growing >= 0)
        grown = pwrite(growing, "9876543210", 10, 10);
    if (!strikes(call))
        return false;
    if (faults[call].error > 0) {
        errno = faults[call].error;
        return true;
    }
    *len = faults[call].error == NOTHING ? 0 : *len / 2;
    return false;
}

static int store(const directory *d, uint64_t counter, const char *text)
{
    lambdest__spool_name name;

    lambdest__spool_name_make(&name, true, 0, 1, counter);
    return lambdest__spool_file_store(d->fd, &name, text, strlen(text));
}

#define NAME(counter) "1970-01-01T00.00.00.000Z-00000001-000000000000000" counter ".json"

static void a_file_is_stored_for_its_owner_alone(void **state)
{
    directory d;
    struct stat st;
    mode_t old = umask(0);

    (void)state;
    directory_make(&d);
    assert_int_equal(store(&d, 1, "first"), 0);
    umask(0777);
    assert_int_equal(store(&d, 2, ""), 0);
    umask(old);
    assert_int_equal(directory_is(&d, NAME("1"), "first"), 1);
    assert_int_equal(directory_is(&d, NAME("2"), ""), 1);
    assert_int_equal(fstatat(d.fd, NAME("1"), &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(fstatat(d.fd, NAME("2"), &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(directory_count(&d, ""), 2);
    directory_remove(&d);
}

static void a_name_is_never_used_twice(void **state)
{
    directory d;

    (void)state;
    directory_make(&d);
    directory_put(&d, NAME("1"), "there before");
    directory_put(&d, "." NAME("2"), "half-writ");
    assert_int_equal(store(&d, 1, "new"), EEXIST);
    assert_int_equal(store(&d, 2, "new"), EEXIST);
    assert_int_equal(directory_is(&d, NAME("1"), "there before"), 1);
    assert_int_equal(directory_is(&d, "." NAME("2"), "half-writ"), 1);
    assert_int_equal(directory_count(&d, ""), 2);
    directory_remove(&d);
}

static void no_link_is_followed(void **state)
{
    directory d, elsewhere;
    char target[128];
    lambdest__spool_name name;
    lambdest_alloc alloc = lambdest__alloc_or_libc(NULL);
    char *text;
    size_t len;

    (void)state;
    directory_make(&d);
    directory_make(&elsewhere);
    directory_put(&elsewhere, "secret", "secret");
    snprintf(target, sizeof target, "%s/secret", elsewhere.path);
    assert_int_equal(symlinkat(target, d.fd, "." NAME("1")), 0);
    assert_int_equal(symlinkat(target, d.fd, NAME("2")), 0);
    snprintf(target, sizeof target, "%s/nothing", elsewhere.path);
    assert_int_equal(symlinkat(target, d.fd, NAME("3")), 0);
    assert_int_equal(store(&d, 1, "new"), EEXIST);
    assert_int_equal(store(&d, 2, "new"), EEXIST);
    assert_int_equal(store(&d, 3, "new"), EEXIST);
    assert_int_equal(directory_is(&elsewhere, "secret", "secret"), 1);
    assert_int_equal(directory_count(&elsewhere, ""), 1);
    lambdest__spool_name_make(&name, true, 0, 1, 2);
    assert_int_equal(lambdest__spool_file_check(d.fd, name.name), ENOENT);
    assert_int_equal(lambdest__spool_file_load(d.fd, name.name, 100, &alloc, &text, &len), ENOENT);
    assert_int_equal(lambdest__spool_file_remove(d.fd, name.name), ENOENT);
    assert_int_equal(directory_count(&d, ""), 3);
    directory_remove(&d);
    directory_remove(&elsewhere);
}

static void only_a_regular_file_is_read(void **state)
{
    support_memory *m = *state;
    directory d;
    char *text = NULL;
    size_t len = 9;

    directory_make(&d);
    assert_int_equal(mkfifo(d.path, 0600), -1);
    assert_int_equal(mkdirat(d.fd, "directory", 0700), 0);
    assert_int_equal(mkfifoat(d.fd, "pipe", 0600), 0);
    directory_put(&d, "file", "1234567");
    directory_put(&d, "empty", "");
    assert_int_equal(lambdest__spool_file_load(d.fd, "directory", 100, &m->alloc, &text, &len), ENOENT);
    assert_int_equal(lambdest__spool_file_load(d.fd, "pipe", 100, &m->alloc, &text, &len), ENOENT);
    assert_int_equal(lambdest__spool_file_load(d.fd, "none", 100, &m->alloc, &text, &len), ENOENT);
    assert_int_equal(lambdest__spool_file_load(d.fd, "file", 6, &m->alloc, &text, &len), EFBIG);
    assert_null(text);
    assert_int_equal(len, 0);
    assert_int_equal(lambdest__spool_file_load(d.fd, "file", 7, &m->alloc, &text, &len), 0);
    support_expect_bytes(text, len, "1234567", 7);
    lambdest__release(&m->alloc, text, 7);
    assert_int_equal(lambdest__spool_file_load(d.fd, "empty", 7, &m->alloc, &text, &len), 0);
    assert_int_equal(len, 0);
    lambdest__release(&m->alloc, text, 1);
    support_memory_fail(m, 1, false);
    assert_int_equal(lambdest__spool_file_load(d.fd, "file", 7, &m->alloc, &text, &len), ENOMEM);
    assert_null(text);
    assert_int_equal(lambdest__spool_file_remove(d.fd, "directory"), ENOENT);
    assert_int_equal(lambdest__spool_file_remove(d.fd, "file"), 0);
    assert_int_equal(lambdest__spool_file_remove(d.fd, "file"), ENOENT);
    assert_int_equal(directory_count(&d, ""), 3);
    directory_remove(&d);
}

/* In a process of its own, for a limit holds for all of it. */
static void what_cannot_be_written_whole_is_not_there(void **state)
{
    directory d;
    int status = -1;
    pid_t child;

    (void)state;
    directory_make(&d);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct rlimit limit = {10, 10};

        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit))
            _exit(99);
        _exit(store(&d, 1, "0123456789+") == EFBIG && store(&d, 2, "0123456789") == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(directory_count(&d, ""), 1);
    assert_int_equal(directory_is(&d, NAME("2"), "0123456789"), 1);
    directory_remove(&d);
}

static void a_directory_that_is_gone_is_told(void **state)
{
    directory d;

    (void)state;
    directory_make(&d);
    assert_int_equal(rmdir(d.path), 0);
    assert_int_equal(store(&d, 1, "x"), ENOENT);
    directory_remove(&d);
    assert_int_equal(store(&d, 1, "x"), EBADF);
}

/* ---- each call of the system fails once ---- */

static void what_the_system_refuses_leaves_nothing(void **state)
{
    static const struct {
        enum call call;
        int at;
        int error;
    } refusals[] = {
        {CALL_WRITE, 1, NOTHING}, {CALL_WRITE, 1, ENOSPC},    {CALL_WRITE, 1, EIO},
        {CALL_FSYNC, 1, EIO},     {CALL_FSYNC, 1, ENOSPC},    {CALL_CLOSE, 1, EIO},
        {CALL_FSYNC, 2, EIO},     {CALL_RENAMEAT, 1, EACCES}, {CALL_RENAMEAT, 1, ENOENT},
    };
    directory d;
    size_t i;

    (void)state;
    directory_make(&d);
    for (i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        int error;

        set_fault(refusals[i].call, refusals[i].at, refusals[i].error);
        error = store(&d, 1, "text");
        no_faults();
        assert_int_equal(error, refusals[i].error == NOTHING ? EIO : refusals[i].error);
        assert_int_equal(directory_count(&d, ""), 0);
    }
    /* The first reason is the one that is told. */
    set_fault(CALL_WRITE, 1, ENOSPC);
    set_fault(CALL_CLOSE, 1, EIO);
    i = (size_t)store(&d, 1, "text");
    no_faults();
    assert_int_equal(i, ENOSPC);
    assert_int_equal(directory_count(&d, ""), 0);
    assert_int_equal(store(&d, 1, "text"), 0);
    directory_remove(&d);
}

static void a_part_and_an_interruption_are_no_failure(void **state)
{
    static const char text[] = "0123456789";
    directory d;
    int error;

    (void)state;
    directory_make(&d);
    set_fault(CALL_WRITE, 1, 0);
    set_fault(CALL_FSYNC, 1, EINTR);
    error = store(&d, 1, text);
    no_faults();
    assert_int_equal(error, 0);
    assert_int_equal(directory_is(&d, NAME("1"), text), 1);
    set_fault(CALL_WRITE, 1, EINTR);
    set_fault(CALL_FSYNC, 2, EINTR);
    error = store(&d, 2, text);
    no_faults();
    assert_int_equal(error, 0);
    assert_int_equal(directory_is(&d, NAME("2"), text), 1);
    /* One byte is something; errno says nothing then. */
    errno = EIO;
    error = store(&d, 3, "x");
    assert_int_equal(error, 0);
    assert_int_equal(directory_is(&d, NAME("3"), "x"), 1);
    directory_remove(&d);
}

static void reading_goes_on_until_all_is_read(void **state)
{
    support_memory *m = *state;
    directory d;
    char *text;
    size_t len;
    int error;

    directory_make(&d);
    directory_put(&d, "file", "0123456789");
    set_fault(CALL_READ, 1, 0);
    error = lambdest__spool_file_load(d.fd, "file", 100, &m->alloc, &text, &len);
    no_faults();
    assert_int_equal(error, 0);
    support_expect_bytes(text, len, "0123456789", 10);
    lambdest__release(&m->alloc, text, len);
    set_fault(CALL_READ, 1, EINTR);
    error = lambdest__spool_file_load(d.fd, "file", 100, &m->alloc, &text, &len);
    no_faults();
    assert_int_equal(error, 0);
    lambdest__release(&m->alloc, text, len);
    set_fault(CALL_READ, 1, EIO);
    error = lambdest__spool_file_load(d.fd, "file", 100, &m->alloc, &text, &len);
    no_faults();
    assert_int_equal(error, EIO);
    assert_null(text);
    assert_int_equal(len, 0);
    directory_put(&d, "one", "1");
    errno = EIO;
    assert_int_equal(lambdest__spool_file_load(d.fd, "one", 1, &m->alloc, &text, &len), 0);
    support_expect_bytes(text, len, "1", 1);
    lambdest__release(&m->alloc, text, len);
    directory_remove(&d);
}

/* Another process may write to the file meanwhile: what is read is as long as the file was, or it is an error. */
static void a_file_may_change_while_it_is_read(void **state)
{
    support_memory *m = *state;
    directory d;
    char *text;
    size_t len;
    int error, shrunk;

    directory_make(&d);
    directory_put(&d, "file", "0123456789");
    growing = openat(d.fd, "file", O_WRONLY);
    set_fault(CALL_READ, 1, 0);
    error = lambdest__spool_file_load(d.fd, "file", 100, &m->alloc, &text, &len);
    no_faults();
    close(growing);
    growing = -1;
    assert_int_equal(error, 0);
    assert_int_equal(grown, 10);
    support_expect_bytes(text, len, "0123456789", 10);
    lambdest__release(&m->alloc, text, len);
    set_fault(CALL_READ, 1, NOTHING);
    errno = EINTR; /* of something else, before */
    shrunk = lambdest__spool_file_load(d.fd, "file", 100, &m->alloc, &text, &len);
    no_faults();
    assert_int_equal(shrunk, EIO);
    assert_null(text);
    assert_int_equal(len, 0);
    directory_remove(&d);
}

static void a_removal_is_told_if_it_may_not_last(void **state)
{
    directory d;
    int error;

    (void)state;
    directory_make(&d);
    directory_put(&d, "file", "x");
    set_fault(CALL_UNLINKAT, 1, EPERM);
    error = lambdest__spool_file_remove(d.fd, "file");
    no_faults();
    assert_int_equal(error, EPERM);
    assert_int_equal(directory_count(&d, ""), 1);
    set_fault(CALL_FSYNC, 1, EIO);
    error = lambdest__spool_file_remove(d.fd, "file");
    no_faults();
    assert_int_equal(error, EIO);
    directory_remove(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_stored_for_its_owner_alone),
        cmocka_unit_test(a_name_is_never_used_twice),
        cmocka_unit_test(no_link_is_followed),
        cmocka_unit_test_setup_teardown(only_a_regular_file_is_read, support_setup, support_teardown),
        cmocka_unit_test(what_cannot_be_written_whole_is_not_there),
        cmocka_unit_test(a_directory_that_is_gone_is_told),
        cmocka_unit_test(what_the_system_refuses_leaves_nothing),
        cmocka_unit_test(a_part_and_an_interruption_are_no_failure),
        cmocka_unit_test_setup_teardown(reading_goes_on_until_all_is_read, support_setup, support_teardown),
        cmocka_unit_test_setup_teardown(a_file_may_change_while_it_is_read, support_setup, support_teardown),
        cmocka_unit_test(a_removal_is_told_if_it_may_not_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
