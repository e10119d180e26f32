/* Calls to the system that stand before the C library's and fail when the test that includes this says so.
 * Define _GNU_SOURCE for RTLD_NEXT, and undefine _FORTIFY_SOURCE, which makes them inline functions. */
#ifndef LAMBDEST_TESTS_INTERPOSED_H
#define LAMBDEST_TESTS_INTERPOSED_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum call {
    CALL_WRITE,
    CALL_READ,
    CALL_FSYNC,
    CALL_CLOSE,
    CALL_RENAMEAT,
    CALL_UNLINKAT,
    CALL_OPEN,
    CALL_OPENAT,
    CALL_FSTAT,
    CALL_FSTATAT,
    CALL_FCHMOD,
    CALL_FDOPENDIR,
    CALL_READDIR,
    CALLS
};

/* The test's own: whether this call fails, with errno as it is then. */
static bool fails(enum call call);

/* The same of one that writes or reads; it may lessen *len instead. */
static bool cuts(enum call call, size_t *len);

/* A function's address may not be read through a data pointer in ISO C. */
#define NEXT(pointer, name)                                                                                  \
    do {                                                                                                     \
        void *found = dlsym(RTLD_NEXT, (name));                                                              \
        memcpy(&(pointer), &found, sizeof(pointer));                                                         \
    } while (0)

ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t (*next)(int, const void *, size_t);

    NEXT(next, "write");
    return cuts(CALL_WRITE, &len) ? -1 : next(fd, data, len);
}

ssize_t read(int fd, void *data, size_t len)
{
    ssize_t (*next)(int, void *, size_t);

    NEXT(next, "read");
    return cuts(CALL_READ, &len) ? -1 : next(fd, data, len);
}

int fsync(int fd)
{
    int (*next)(int);

    NEXT(next, "fsync");
    return fails(CALL_FSYNC) ? -1 : next(fd);
}

int close(int fd)
{
    int (*next)(int), rc;

    NEXT(next, "close");
    rc = next(fd);
    return fails(CALL_CLOSE) ? -1 : rc;
}

int renameat(int from, const char *old, int to, const char *new)
{
    int (*next)(int, const char *, int, const char *);

    NEXT(next, "renameat");
    return fails(CALL_RENAMEAT) ? -1 : next(from, old, to, new);
}

int unlinkat(int dir, const char *name, int flags)
{
    int (*next)(int, const char *, int);

    NEXT(next, "unlinkat");
    return fails(CALL_UNLINKAT) ? -1 : next(dir, name, flags);
}

#endif
