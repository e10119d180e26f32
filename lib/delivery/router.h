/* The router: its sinks, its totals, and who still needs it. */
#ifndef LAMBDEST_DELIVERY_ROUTER_H
#define LAMBDEST_DELIVERY_ROUTER_H

#include "delivery/sinks.h"

enum {
    LAMBDEST__TOTALS = LAMBDEST_TOTAL_ABANDONED - LAMBDEST_TOTAL_PLANNED + 1
};

struct lambdest_router {
    lambdest_alloc alloc;
    lambdest__sinks sinks;
    uint64_t totals[LAMBDEST__TOTALS];
    size_t plans; /* alive */
    bool busy;    /* inside a callback */
    bool let_go;  /* lambdest_router_free was called */
    bool closed;
};

void lambdest__router_count(lambdest_router *router, int total, uint64_t rows);

/* A plan is born, or gone: with the last one a router that was let go of goes too. */
void lambdest__router_hold(lambdest_router *router);
void lambdest__router_drop(lambdest_router *router);

#endif
