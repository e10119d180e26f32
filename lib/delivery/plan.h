/* A plan and its rows: one block, made whole before anybody is called. */
#ifndef LAMBDEST_DELIVERY_PLAN_H
#define LAMBDEST_DELIVERY_PLAN_H

#include "delivery/router.h"

enum {
    LAMBDEST__DETAIL_MAX = 255
};

enum lambdest__plan_kind {
    LAMBDEST__DELIVER,
    LAMBDEST__FLUSH,
    LAMBDEST__CLOSE
};

struct lambdest_delivery {
    lambdest_plan *plan;
    const lambdest__route *route;
    const unsigned char *body; /* NUL-terminated */
    size_t body_len;
    uint64_t mark; /* what a built-in sink remembers of the row; 0 at first */
    int64_t attempts;
    int verdict;
    uint32_t dropped;
    uint32_t variant; /* of the envelope's text, while the plan is made */
    unsigned char detail_len;
    bool has_detail;
    bool called;   /* its callback is running */
    bool reported; /* in that callback */
    bool handed_on;
    char detail[LAMBDEST__DETAIL_MAX + 1];
};

struct lambdest_plan {
    lambdest_router *router;
    const lambdest_envelope *env;
    lambdest_delivery *rows;
    size_t count;         /* open */
    size_t reserved;      /* open, and the undelivered route's behind them */
    size_t cap;           /* there is room for */
    unsigned char *texts; /* the bodies, in a block each for texts and EventBridge entries */
    size_t texts_size;
    unsigned char *entries;
    size_t entries_size;
    int64_t deadline_ms;
    enum lambdest__plan_kind kind;
    int outcome;
    bool has_deadline;
    bool running; /* inside a callback of its own */
    bool doomed;  /* freed there */
};

/* A plan with room for `rows` rows, none of them made; NULL if there is no memory. It holds its router. */
lambdest_plan *lambdest__plan_new(lambdest_router *router, enum lambdest__plan_kind kind, size_t rows);

/* Makes the next row. */
lambdest_delivery *lambdest__plan_add(lambdest_plan *plan, const lambdest__route *route);

/* Counts the rows from this one on as opened. */
void lambdest__plan_count_rows(const lambdest_plan *plan, size_t from);

/* Calls the sinks, as lambdest_plan_run without its checks. */
int lambdest__plan_call(lambdest_plan *plan);

/* Calls one close that no plan is for. */
void lambdest__plan_close_one(lambdest_router *router, const lambdest__route *route);

/* Gives a plan back that no one has seen yet: nothing is counted. */
void lambdest__plan_discard(lambdest_plan *plan);

/* Sets a row's final verdict before anybody is called; a number, if given, ends the detail. */
void lambdest__delivery_refuse(lambdest_delivery *row, int verdict, const char *detail, const size_t *number);

#endif
