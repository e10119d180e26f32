/* A directory of a test's own: in memory where the system has such a place, for a sync of a disk takes
 * milliseconds. */
#ifndef LAMBDEST_TESTS_DIRECTORY_H
#define LAMBDEST_TESTS_DIRECTORY_H

#include "support.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct directory {
    char path[64];
    int fd;
} directory;

static inline void directory_make(directory *d)
{
    static const char *const places[] = {"/dev/shm", "/tmp"};
    size_t i;

    for (i = 0; i < 2; i++) {
        snprintf(d->path, sizeof d->path, "%s/lambdest-XXXXXX", places[i]);
        if (mkdtemp(d->path)) {
            d->fd = open(d->path, O_RDONLY | O_DIRECTORY);
            assert_true(d->fd >= 0);
            return;
        }
    }
    fail_msg("no place for a directory");
}

/* How many entries there are whose name begins so ("" for all). */
static inline size_t directory_count(const directory *d, const char *beginning)
{
    DIR *cursor = opendir(d->path);
    struct dirent *entry;
    size_t n = 0;

    if (!cursor)
        return 0;
    while ((entry = readdir(cursor)))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
            n += !strncmp(entry->d_name, beginning, strlen(beginning)) ? 1 : 0;
    closedir(cursor);
    return n;
}

static inline void directory_put(const directory *d, const char *name, const char *text)
{
    int fd = openat(d->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

/* Compares a file with a text; -1 if there is none. */
static inline int directory_is(const directory *d, const char *name, const char *text)
{
    static char got[65536];
    int fd = openat(d->fd, name, O_RDONLY);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = read(fd, got, sizeof got);
    close(fd);
    return n == (ssize_t)strlen(text) && !memcmp(got, text, (size_t)n);
}

static inline void directory_remove(directory *d)
{
    DIR *cursor = opendir(d->path);
    struct dirent *entry;

    while (cursor && (entry = readdir(cursor))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (unlinkat(d->fd, entry->d_name, 0))
            unlinkat(d->fd, entry->d_name, AT_REMOVEDIR);
    }
    if (cursor)
        closedir(cursor);
    close(d->fd);
    rmdir(d->path);
}

#endif
