/* A bounded growing buffer: the only code that grows memory. */
#ifndef LAMBDEST_BASE_BUFFER_H
#define LAMBDEST_BASE_BUFFER_H

#include "base/alloc.h"

typedef struct lambdest__buffer {
    const lambdest_alloc *alloc;
    unsigned char *data;
    size_t len;
    size_t cap;
    size_t max;
} lambdest__buffer;

/* Starts empty; never holds more than `max` bytes. */
void lambdest__buffer_init(lambdest__buffer *b, const lambdest_alloc *alloc, size_t max);

/* Room for `more` bytes behind len. NOMEM, TOO_BIG; the buffer is then as it was. */
/*@ requires b->len <= b->cap <= b->max;
    ensures b->len <= b->cap <= b->max; */
int lambdest__buffer_reserve(lambdest__buffer *b, size_t more);

/* Appends bytes. NOMEM, TOO_BIG; the buffer is then as it was. */
/*@ requires b->len <= b->cap <= b->max;
    ensures b->len <= b->cap <= b->max; */
int lambdest__buffer_append(lambdest__buffer *b, const void *data, size_t len);

/* Gives the memory back and starts empty again. */
void lambdest__buffer_free(lambdest__buffer *b);

#endif
