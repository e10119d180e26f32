/* One copy of the library as a plugin shows it to its host: a table of what it can do. */
#ifndef LAMBDEST_TESTS_EMBED_COPY_H
#define LAMBDEST_TESTS_EMBED_COPY_H

#include <stddef.h>

/* Gets the body of a delivery while the copy that delivers is on the stack; returns whether it was taken. */
typedef int copy_take_fn(const char *body, size_t len, void *user_data);

typedef struct copy {
    const void *code; /* where a function of this copy is */
    void *(*parse)(const char *text, size_t len);
    size_t (*write)(const void *envelope, char *buf, size_t cap);
    int (*deliver)(const void *envelope, copy_take_fn *take, void *user_data);
    void (*release)(void *envelope);
    size_t (*alive)(void);   /* blocks this copy has not given back */
    size_t (*foreign)(void); /* blocks it gave back or resized that were another's, or by a wrong size */
} copy;

typedef const copy *copy_fn(void);

#endif
