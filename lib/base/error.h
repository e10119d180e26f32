/* Filling a caller's lambdest_error. They return the code, so that failing is one statement. */
#ifndef LAMBDEST_BASE_ERROR_H
#define LAMBDEST_BASE_ERROR_H

#include <lambdest/base.h>

void lambdest__clear_error(lambdest_error *err);

/* Success: all zero, message and where "". */
static inline int lambdest__ok(lambdest_error *err)
{
    if (err)
        lambdest__clear_error(err);
    return LAMBDEST_OK;
}

/* message NULL stands for lambdest_name(code), where NULL for "". */
int lambdest__fail(lambdest_error *err, int code, uint64_t offset, const char *message, const char *where);

/* LAMBDEST_E_IO with its errno. */
int lambdest__fail_io(lambdest_error *err, int system_error, const char *message);

#endif
