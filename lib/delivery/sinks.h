/* The sinks of a router: copied when added, never moved, found by name. */
#ifndef LAMBDEST_DELIVERY_SINKS_H
#define LAMBDEST_DELIVERY_SINKS_H

#include "base/alloc.h"
#include "json/scan.h"

#include <lambdest/sink.h>

#define LAMBDEST__NO_SINK UINT32_MAX

/* One sink, with its texts behind it in the same block. */
typedef struct lambdest__route {
    lambdest_sink sink;
    const char *name;
    size_t name_len;
    size_t size; /* of the block */
    uint32_t when;
    uint32_t number;   /* from 0, in the order of adding */
    uint32_t overflow; /* the number of the sink that takes what is too big, or LAMBDEST__NO_SINK */
    uint32_t like;     /* the first sink with the same arn: their EventBridge entries are the same */
    bool takes_overflow;
    bool closed;
} lambdest__route;

typedef struct lambdest__sinks {
    lambdest_alloc alloc;
    lambdest__route **at;
    uint32_t *by_name; /* numbers, sorted by name */
    uint32_t *by_arn;  /* numbers of those that are first with their arn, sorted by it */
    size_t count;
    size_t arn_count;
    size_t cap;
    size_t overflow_count; /* sinks that take what is too big for another */
} lambdest__sinks;

/* Adds a checked copy; codes and *err as lambdest_router_add_sink. */
int lambdest__sinks_add(lambdest__sinks *sinks, uint32_t when, lambdest__span name, const lambdest_sink *sink,
                        lambdest_error *err);

/* Gives the memory back; calls nobody. */
void lambdest__sinks_free(const lambdest__sinks *sinks);

/* Reads a caller's size-first sink, or fills one, keeping its size. INVAL. */
int lambdest__sink_read(const lambdest_sink *from, lambdest_sink *out);
int lambdest__sink_fill(lambdest_sink *to, const lambdest_sink *from);

#endif
