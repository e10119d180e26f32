#define _POSIX_C_SOURCE 200809L

#include "base/error.h"
#include "base/options.h"
#include "delivery/builtin.h"
#include "delivery/sinks.h"
#include "delivery/spool_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_STEP = LAMBDEST__SPOOL_NAME + 1,
    SPOOL_CAP = 64,
    TRIES = 10000
};

typedef struct name_list {
    char *names; /* NAME_STEP bytes apart, each with its NUL */
    size_t count;
    size_t cap;
} name_list;

struct lambdest_spool {
    lambdest__limits limits;
    name_list list;
    uint64_t counter;
    uint64_t credit; /* deliveries until the directory is counted again */
    int dir;
};

/* ---- reading the directory ---- */

static int append(const lambdest_alloc *alloc, name_list *list, const char *name)
{
    char *names;

    if (list->count == list->cap) {
        names = lambdest__grow(alloc, list->names, &list->cap, SPOOL_CAP, NAME_STEP);
        if (!names)
            return ENOMEM;
        list->names = names;
    }
    memcpy(list->names + list->count++ * NAME_STEP, name, NAME_STEP);
    return 0;
}

static void free_list(const lambdest_alloc *alloc, const name_list *list)
{
    lambdest__release(alloc, list->names, list->cap * NAME_STEP);
}

/* A cursor of its own: the descriptor that is kept may be shared with a child process. */
static int open_cursor(int dir, DIR **out)
{
    struct stat st;
    int error, fd;

    /* Some systems open a directory that was removed, and show it empty. */
    if (!fstat(dir, &st) && !st.st_nlink)
        return ENOENT;
    fd = openat(dir, ".", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    *out = fdopendir(fd);
    if (*out)
        return 0;
    error = errno;
    close(fd);
    return error;
}

/* What is no regular file, or is gone by now, is left out; what cannot be looked at is an error. */
static int keep(int dir, const lambdest_alloc *alloc, name_list *list, const char *name)
{
    int error = lambdest__spool_file_check(dir, name);

    if (error)
        return error == ENOENT ? 0 : error;
    return append(alloc, list, name);
}

/* Counts the names of finished files, and keeps those that are regular files if there is a list. */
static int scan(int dir, const lambdest_alloc *alloc, name_list *list, uint64_t *found)
{
    DIR *cursor = NULL;
    int error = open_cursor(dir, &cursor);

    *found = 0;
    while (!error) {
        const struct dirent *entry;

        errno = 0;
        entry = readdir(cursor);
        if (!entry) {
            error = errno;
            break;
        }
        if (!lambdest__spool_name_is(entry->d_name, strlen(entry->d_name)))
            continue;
        ++*found;
        if (list)
            error = keep(dir, alloc, list, entry->d_name);
    }
    if (cursor)
        closedir(cursor);
    return error;
}

/* Half of the room is used before the next count, so that another writer may use the other half. */
static void set_credit(lambdest_spool *s, uint64_t found)
{
    uint64_t room = found < s->limits.max_items ? s->limits.max_items - found : 0;

    s->credit = room / 2 + room % 2;
}

/* ---- life ---- */

static int fail_system(lambdest_error *err, int error, const char *message)
{
    if (error == ENOMEM)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    return lambdest__fail_io(err, error, message);
}

static int open_directory(const lambdest_alloc *alloc, const char *directory, size_t len, int *out)
{
    char *path = lambdest__alloc(alloc, len + 1);
    int error = 0;

    if (!path)
        return ENOMEM;
    memcpy(path, directory, len);
    path[len] = '\0';
    *out = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*out < 0)
        error = errno;
    lambdest__release(alloc, path, len + 1);
    return error;
}

static int open_spool(lambdest_spool *s, const char *directory, size_t len)
{
    uint64_t found;
    int error = open_directory(&s->limits.alloc, directory, len, &s->dir);

    if (error)
        return error;
    error = scan(s->dir, NULL, NULL, &found);
    if (error)
        close(s->dir);
    else
        set_credit(s, found);
    return error;
}

int lambdest_spool_open(const char *directory, size_t len, const lambdest_options *options,
                        lambdest_spool **out, lambdest_error *err)
{
    lambdest__limits limits;
    lambdest_spool *s;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the sink", "out");
    *out = NULL;
    if (!directory || !len || len >= SIZE_MAX || memchr(directory, '\0', len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "not a path", "directory");
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    s = lambdest__alloc(&limits.alloc, sizeof *s);
    if (!s)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    memset(s, 0, sizeof *s);
    s->limits = limits;
    rc = open_spool(s, directory, len);
    if (rc) {
        lambdest__release(&limits.alloc, s, sizeof *s);
        return fail_system(err, rc, "cannot open the directory");
    }
    *out = s;
    return lambdest__ok(err);
}

void lambdest_spool_free(lambdest_spool *s)
{
    lambdest_alloc alloc;

    if (!s)
        return;
    alloc = s->limits.alloc;
    close(s->dir);
    free_list(&alloc, &s->list);
    lambdest__release(&alloc, s, sizeof *s);
}

/* ---- the files ---- */

int lambdest_spool_list(lambdest_spool *s, size_t *count, lambdest_error *err)
{
    name_list list = {NULL, 0, 0};
    uint64_t found;
    int error;

    if (count)
        *count = 0;
    if (!s || !count)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no spool or no place for the count",
                              s ? "count" : "spool");
    error = scan(s->dir, &s->limits.alloc, &list, &found);
    if (error) {
        free_list(&s->limits.alloc, &list);
        return fail_system(err, error, "cannot read the directory");
    }
    lambdest__spool_name_sort(list.names, list.count);
    free_list(&s->limits.alloc, &s->list);
    s->list = list;
    set_credit(s, found);
    *count = list.count;
    return lambdest__ok(err);
}

const char *lambdest_spool_name(const lambdest_spool *s, size_t index, size_t *len)
{
    bool there = s && index < s->list.count;

    if (len)
        *len = there ? LAMBDEST__SPOOL_NAME : 0;
    return there ? s->list.names + index * NAME_STEP : NULL;
}

/* A name of the caller's, with a NUL; nothing but a name of this form is ever looked up. */
static int take_file_name(const lambdest_spool *s, const char *name, size_t len, char out[NAME_STEP],
                          lambdest_error *err)
{
    if (!s)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no spool", "spool");
    if (!name || !lambdest__spool_name_is(name, len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "not the name of a spooled file", "name");
    memcpy(out, name, len);
    out[len] = '\0';
    return LAMBDEST_OK;
}

static int file_failed(lambdest_error *err, int error, const char *message)
{
    if (error == ENOENT)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, "no such file", "name");
    if (error == EFBIG)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, 0, NULL, "$");
    return fail_system(err, error, message);
}

int lambdest_spool_load(lambdest_spool *s, const char *name, size_t len, lambdest_envelope **out,
                        lambdest_error *err)
{
    lambdest_options options = {.size = sizeof options};
    char file[NAME_STEP], *text;
    size_t text_len;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the envelope", "out");
    *out = NULL;
    rc = take_file_name(s, name, len, file, err);
    if (rc)
        return rc;
    rc = lambdest__spool_file_load(s->dir, file, s->limits.max_bytes, &s->limits.alloc, &text, &text_len);
    if (rc)
        return file_failed(err, rc, "cannot read the file");
    options.max_depth = s->limits.max_depth;
    options.max_bytes = s->limits.max_bytes;
    options.alloc = &s->limits.alloc;
    rc = lambdest_envelope_parse(text, text_len, &options, out, err);
    lambdest__release(&s->limits.alloc, text, text_len ? text_len : 1);
    return rc;
}

int lambdest_spool_remove(lambdest_spool *s, const char *name, size_t len, lambdest_error *err)
{
    char file[NAME_STEP];
    int rc = take_file_name(s, name, len, file, err);

    if (rc)
        return rc;
    rc = lambdest__spool_file_remove(s->dir, file);
    return rc ? file_failed(err, rc, "cannot remove the file") : lambdest__ok(err);
}

/* ---- the sink ---- */

static int store(lambdest_spool *s, const lambdest_delivery *delivery)
{
    lambdest__spool_name name;
    size_t len;
    const char *body = lambdest_delivery_body(delivery, &len);
    int64_t ms;
    bool has_time = lambdest_envelope_integer(lambdest_delivery_envelope(delivery), LAMBDEST_TIMESTAMP_MS,
                                              &ms) == LAMBDEST_OK;
    int tries, error = EEXIST;

    for (tries = 0; tries < TRIES && error == EEXIST; tries++) {
        lambdest__spool_name_make(&name, has_time, ms, (uint32_t)getpid(), s->counter++);
        error = lambdest__spool_file_store(s->dir, &name, body, len);
    }
    return error;
}

static void spool_deliver(lambdest_delivery *delivery, void *user_data)
{
    lambdest_spool *s = user_data;
    uint64_t found;
    int error;

    if (!s->credit) {
        error = scan(s->dir, NULL, NULL, &found);
        if (error) {
            lambdest__report_system(delivery, "spool directory", error);
            return;
        }
        set_credit(s, found);
    }
    if (!s->credit) {
        lambdest_delivery_report(delivery, LAMBDEST_VERDICT_RETRY, "full", 4);
        return;
    }
    error = store(s, delivery);
    if (error) {
        lambdest__report_system(delivery, "spool file", error);
        return;
    }
    s->credit--;
    lambdest_delivery_report(delivery, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

int lambdest_spool_sink(lambdest_spool *s, lambdest_sink *sink)
{
    lambdest_sink made = {
        .target = LAMBDEST_TARGET_PLAIN,
        .form = LAMBDEST_RECORD,
        .oversize = LAMBDEST_OVERSIZE_REFUSE,
        .deliver = spool_deliver,
        .user_data = s,
    };

    if (!s || !sink)
        return LAMBDEST_E_INVAL;
    made.max_bytes = s->limits.max_bytes;
    return lambdest__sink_fill(sink, &made);
}
