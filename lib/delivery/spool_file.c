#define _POSIX_C_SOURCE 200809L

#include "delivery/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int sync_file(int fd)
{
    int rc;

    do
        rc = fsync(fd);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? errno : 0;
}

static int write_bytes(int fd, const char *data, size_t len)
{
    size_t at = 0;

    while (at < len) {
        ssize_t n = write(fd, data + at, len - at);

        if (n > 0)
            at += (size_t)n;
        else if (n == 0)
            return EIO;
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

int lambdest__spool_file_check(int dir, const char *name)
{
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
        return errno;
    return S_ISREG(st.st_mode) ? 0 : ENOENT;
}

/* Whoever makes this name holds the temporary one first, so nobody can take it between look and rename. */
static int is_taken(int dir, const char *name)
{
    struct stat st;

    if (!fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
        return EEXIST;
    return errno == ENOENT ? 0 : errno;
}

static int fill_file(int fd, const char *body, size_t len)
{
    int error = fchmod(fd, S_IRUSR | S_IWUSR) ? errno : 0;

    if (!error)
        error = write_bytes(fd, body, len);
    return error ? error : sync_file(fd);
}

static int finish(int dir, const lambdest__spool_name *name)
{
    int error;

    if (renameat(dir, name->temp, dir, name->name)) {
        error = errno;
        unlinkat(dir, name->temp, 0);
        return error;
    }
    error = sync_file(dir);
    if (error)
        unlinkat(dir, name->name, 0);
    return error;
}

int lambdest__spool_file_store(int dir, const lambdest__spool_name *name, const char *body, size_t len)
{
    int error,
        fd = openat(dir, name->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0)
        return errno;
    error = is_taken(dir, name->name);
    if (!error)
        error = fill_file(fd, body, len);
    if (close(fd) && !error && errno != EINTR)
        error = errno;
    if (!error)
        return finish(dir, name);
    unlinkat(dir, name->temp, 0);
    return error;
}

/* ---- reading ---- */

/* No device or pipe of that name is waited for, no link followed. */
static int open_regular(int dir, const char *name, uint64_t max, int *fd, size_t *size)
{
    struct stat st;
    int error = 0;

    *fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno == ELOOP ? ENOENT : errno;
    if (fstat(*fd, &st))
        error = errno;
    else if (!S_ISREG(st.st_mode))
        error = ENOENT;
    else if ((uint64_t)st.st_size > max || (uint64_t)st.st_size >= SIZE_MAX)
        error = EFBIG;
    if (error)
        close(*fd);
    else
        *size = (size_t)st.st_size;
    return error;
}

static int read_all(int fd, char *to, size_t size, size_t *len)
{
    size_t at = 0;

    while (at < size) {
        ssize_t n = read(fd, to + at, size - at);

        if (n > 0)
            at += (size_t)n;
        else if (n == 0)
            return EIO;
        else if (errno != EINTR)
            return errno;
    }
    *len = size;
    return 0;
}

int lambdest__spool_file_load(int dir, const char *name, uint64_t max, const lambdest_alloc *alloc,
                              char **out, size_t *len)
{
    size_t size = 0, room;
    int fd, error = open_regular(dir, name, max, &fd, &size);

    *out = NULL;
    *len = 0;
    if (error)
        return error;
    room = size ? size : 1;
    *out = lambdest__alloc(alloc, room);
    error = *out ? read_all(fd, *out, size, len) : ENOMEM;
    close(fd);
    if (error) {
        lambdest__release(alloc, *out, room);
        *out = NULL;
    }
    return error;
}

int lambdest__spool_file_remove(int dir, const char *name)
{
    int error = lambdest__spool_file_check(dir, name);

    if (error)
        return error;
    if (unlinkat(dir, name, 0))
        return errno;
    return sync_file(dir);
}
