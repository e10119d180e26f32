/* Between runtime.c and the functions that it runs. */
#ifndef EXAMPLES_FUNCTIONS_H
#define EXAMPLES_FUNCTIONS_H

#include <lambdest.h>
#include <stdbool.h>

typedef struct bytes {
    char *data;
    size_t len;
    size_t cap;
} bytes;

/* Appends; stops the process without memory, and the service starts another. */
void add(bytes *to, const void *data, size_t len);

/* One invocation. A function reads the first three and fills the others: `out` with JSON, or the error. With
 * `stream` the output is sent in chunks, and an error comes after what was put out before. */
typedef struct call {
    const lambdest_envelope *env; /* LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_CONTEXT, ... */
    const char *trace;            /* of X-Ray, or NULL */
    int64_t deadline_ms;          /* since 1970; 0: none was told */
    bytes out;
    bool stream;
    const char *error_type; /* NULL: it returned */
    const char *error_message;
} call;

typedef void (*function)(call *c);

/* NULL if there is none of that name. */
function find_function(const char *name);

#endif
