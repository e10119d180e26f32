/* Filling a caller's lambdest_error. Both return the code, so that failing is one statement. */
#ifndef LAMBDEST_BASE_ERROR_H
#define LAMBDEST_BASE_ERROR_H

#include <lambdest/base.h>

/* Success: all zero, message and where "". */
int lambdest__ok(lambdest_error *err);

/* message NULL stands for lambdest_name(code), where NULL for "". */
int lambdest__fail(lambdest_error *err, int code, uint64_t offset, const char *message, const char *where);

/* LAMBDEST_E_IO with its errno. */
int lambdest__fail_io(lambdest_error *err, int system_error, const char *message);

#endif
