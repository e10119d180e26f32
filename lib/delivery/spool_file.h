/* One file of a spool: stored so that it is there whole or not at all. */
#ifndef LAMBDEST_DELIVERY_SPOOL_FILE_H
#define LAMBDEST_DELIVERY_SPOOL_FILE_H

#include "base/alloc.h"
#include "delivery/spool_name.h"

/* Creates the file within the directory; 0, EEXIST if the name is taken, or another errno: then it is not
 * there. Between the return and a crash of the machine it cannot vanish. */
int lambdest__spool_file_store(int dir, const lambdest__spool_name *name, const char *body, size_t len);

/* Whether there is a regular file of this name: 0, ENOENT, or another errno. */
int lambdest__spool_file_check(int dir, const char *name);

/* Reads a regular file of up to `max` bytes into memory of its own; *len is its size too. 0, ENOENT (also for
 * what is no regular file), EFBIG, ENOMEM, or another errno. */
int lambdest__spool_file_load(int dir, const char *name, uint64_t max, const lambdest_alloc *alloc,
                              char **out, size_t *len);

/* Removes it, durably; as _check. */
int lambdest__spool_file_remove(int dir, const char *name);

#endif
