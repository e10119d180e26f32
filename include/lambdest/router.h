/* Which outcome goes to which sink, and what became of each delivery.
 *
 * A plan is one envelope on its way: one row (a lambdest_delivery) for each sink it is routed to. A host
 * with an event loop takes a plan, sends each row's body in its own time and reports; a host with blocking
 * sinks lets lambdest_router_dispatch call them. Nothing is retried, awaited or timed by the library.
 *
 * Inside a callback any object may be read and any row reported; what would change the callback's own
 * router (add, plan, dispatch, run, settle, flush, close) is LAMBDEST_E_BUSY. Freeing is always allowed
 * and takes effect as soon as nothing needs the object any more. A callback must not throw, longjmp or
 * unwind through the library. */
#ifndef LAMBDEST_ROUTER_H
#define LAMBDEST_ROUTER_H

#include <lambdest/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lambdest_router lambdest_router;
typedef struct lambdest_plan lambdest_plan;         /* one envelope on its way */
typedef struct lambdest_delivery lambdest_delivery; /* one row of a plan, owned by it */
struct lambdest_sink;                               /* <lambdest/sink.h> */

enum lambdest_when { /* flags: a sink may take several */
    LAMBDEST_ON_SUCCESS = 1,
    LAMBDEST_ON_FAILURE = 2,
    LAMBDEST_ON_INDETERMINATE = 4,
    LAMBDEST_ON_UNDELIVERED = 8, /* what a sink did not take (with other flags too, this one itself), and
                                    what is indeterminate and has no sink of its own */
    LAMBDEST_ON_OVERFLOW = 16    /* only what is too big for a sink that names this one; a sink with other
                                    flags may be named as well */
};

enum lambdest_verdict {
    LAMBDEST_VERDICT_NONE = 681,      /* nothing reported: counts as a failure */
    LAMBDEST_VERDICT_DELIVERED = 682, /* final */
    LAMBDEST_VERDICT_RETRY = 683,     /* a passing trouble; run or report again */
    LAMBDEST_VERDICT_REJECTED = 684,  /* final: never will be. By the sink; or by the library, which did not
                                         call the sink, for a character the target refuses or a form that
                                         cannot hold the envelope (the detail says which) */
    LAMBDEST_VERDICT_TOO_BIG = 685    /* final, by the library; the sink was not called */
};

enum lambdest_delivery_member {
    LAMBDEST_DELIVERY_SINK = 181,         /* text: the sink's name */
    LAMBDEST_DELIVERY_DETAIL = 182,       /* text: of the last report; absent if it had none */
    LAMBDEST_DELIVERY_CONTENT_TYPE = 183, /* text: of the body; absent with it */
    LAMBDEST_DELIVERY_ARN = 184,          /* text: the sink's arn; absent if it has none */
    LAMBDEST_DELIVERY_FORM = 281,         /* integers from here; LAMBDEST_RECORD ... of the body */
    LAMBDEST_DELIVERY_ATTEMPTS = 282,     /* reports, and callbacks that made none */
    LAMBDEST_DELIVERY_VERDICT = 283,
    LAMBDEST_DELIVERY_DROPPED = 284,     /* 0: whole; 1: without response payload; 2: without request
                                             payload too */
    LAMBDEST_DELIVERY_DEADLINE_MS = 285, /* of flush and close, in the caller's clock */
    LAMBDEST_DELIVERY_TARGET = 286,      /* enum lambdest_target of the sink */
    LAMBDEST_DELIVERY_OUTCOME = 287,     /* the outcome it was routed by; absent for flush and close */
    LAMBDEST_DELIVERY_HANDED_ON = 288    /* 1: another row has it now, there is no need to send it; else 0 */
};

enum lambdest_router_total { /* rows of envelopes since the router was made; flush and close do not count */
    LAMBDEST_TOTAL_PLANNED = 291, /* rows opened, those of the undelivered route too */
    LAMBDEST_TOTAL_DELIVERED = 292,
    LAMBDEST_TOTAL_REJECTED = 293,
    LAMBDEST_TOTAL_TOO_BIG = 294,
    LAMBDEST_TOTAL_ABANDONED = 295 /* freed undelivered, and not handed on either */
};

/* A router without sinks. Of the options only alloc is used; it serves the plans too.
 * Owns: *out is the caller's. NOMEM, INVAL. */
LAMBDEST_API int lambdest_router_new(const lambdest_options *options, lambdest_router **out,
                                     lambdest_error *err);

/* Lets go of the router: once no plan of it is left it closes the sinks that are still open (without a
 * deadline), in the order of adding, and then destroys their user_data; so the order in which a host frees
 * router and plans does not matter. The pointer is not to be used again. NULL is fine. */
LAMBDEST_API void lambdest_router_free(lambdest_router *router);

/* Adds a sink, copied with its texts, under a name of its own; `when` is a set of enum lambdest_when.
 * Owns: user_data passes to the router only on success; destroy then runs exactly once, after close.
 * INVAL (no name or one that is taken, no `when` or an unknown flag, an unknown target, form, flag or
 * oversize rule, a rule without max_bytes, an overflow sink that is not there, a router that was closed),
 * UTF8 (of the name or another text), UNSUPPORTED (an arn that lambdest_sink_init refuses), BUSY, NOMEM;
 * err->where names the member. On failure nothing is called and user_data stays the caller's. */
LAMBDEST_API int lambdest_router_add_sink(lambdest_router *router, uint32_t when, const char *name,
                                          size_t name_len, const struct lambdest_sink *sink,
                                          lambdest_error *err);

/* Makes one row for each matching sink, in the order of adding, its body written; calls nobody. outcome 0
 * is the library's classification, else the host's own (enum lambdest_outcome). A body is written once for
 * each form, flags and size and shared. An outcome that no sink is for makes a plan of no rows; but an
 * indeterminate envelope then goes to the undelivered route, and if that is empty too the call is ABSENT.
 * What is too big, refused by the target or not possible in the sink's form is a row with that verdict.
 * Lifetime: *out, the caller's, borrows env, which stays alive and unchanged until the plan is freed.
 * All memory the plan will ever need is reserved here, that of the undelivered route included.
 * INVAL (also for a router that was closed), ABSENT, BUSY, NOMEM. */
LAMBDEST_API int lambdest_router_plan(lambdest_router *router, const lambdest_envelope *env, int outcome,
                                      lambdest_plan **out, lambdest_error *err);

/* lambdest_router_plan and lambdest_plan_run. OK, PARTIAL: *out is the plan, the caller's. The codes of
 * lambdest_router_plan: *out is NULL and no sink was called. */
LAMBDEST_API int lambdest_router_dispatch(lambdest_router *router, const lambdest_envelope *env, int outcome,
                                          lambdest_plan **out, lambdest_error *err);

/* Asks every open sink that has a flush for one, in the order of adding; the rows of *out, the caller's,
 * say which did. deadline_ms is handed to all in the caller's own clock (the library has none). Rows that
 * are NONE or RETRY may be run again. OK, PARTIAL; INVAL, BUSY, NOMEM: *out is NULL and none was asked. */
LAMBDEST_API int lambdest_router_flush(lambdest_router *router, int64_t deadline_ms, lambdest_plan **out,
                                       lambdest_error *err);

/* Closes every sink not yet closed, in the order of adding, once, whatever it reports: a row of *out, the
 * caller's, is not run again. Rows of earlier plans are not called any more; adding and planning are INVAL
 * from now on. A second time there is nothing to close. OK, PARTIAL; INVAL, BUSY, NOMEM: *out is NULL and
 * none was closed. */
LAMBDEST_API int lambdest_router_close(lambdest_router *router, int64_t deadline_ms, lambdest_plan **out,
                                       lambdest_error *err);

/* A count of rows (enum lambdest_router_total), never decreasing: what a host's metrics are made of. 0 for
 * no such total. */
LAMBDEST_API uint64_t lambdest_router_total(const lambdest_router *router, int total);

/* The number of rows; lambdest_plan_settle may add some. */
LAMBDEST_API size_t lambdest_plan_count(const lambdest_plan *plan);

/* The number of rows that are not DELIVERED and not handed on, to the undelivered route or to the sink
 * that takes what is too big. */
LAMBDEST_API size_t lambdest_plan_undelivered(const lambdest_plan *plan);

/* One row from 0; NULL past the end. Valid until the plan is freed. */
LAMBDEST_API lambdest_delivery *lambdest_plan_at(lambdest_plan *plan, size_t index);

/* Calls the sink of every row that is NONE or RETRY and not handed on, on this thread, in order; a failing
 * one stops no other. Before a call the row is NONE again. Rows without a callback, and rows of closed
 * sinks, are left as they are. OK if nothing is undelivered, else PARTIAL; INVAL; inside a callback of the
 * same router BUSY. Allocates nothing. */
LAMBDEST_API int lambdest_plan_run(lambdest_plan *plan);

/* Gives up on the rows that are undelivered: they are handed on, and one row opens for each matching
 * ON_UNDELIVERED sink, to be run or pulled. Without such a sink nothing changes; rows of that route are not
 * handed on again, and a handed-on row may still be reported, late. OK if nothing is undelivered, else
 * PARTIAL; INVAL, BUSY. Allocates nothing. */
LAMBDEST_API int lambdest_plan_settle(lambdest_plan *plan);

/* Frees the plan, its rows and bodies. Rows still undelivered are counted in LAMBDEST_TOTAL_ABANDONED.
 * Inside a callback of its own it takes effect when the outermost call returns. NULL is fine. */
LAMBDEST_API void lambdest_plan_free(lambdest_plan *plan);

/* The text to send, in the sink's form and within its limit, NUL-terminated; NULL for TOO_BIG, for what the
 * form cannot hold, and for flush and close. Valid until the plan is freed. */
LAMBDEST_API const char *lambdest_delivery_body(const lambdest_delivery *delivery, size_t *len);

/* The envelope that is being delivered, the host's own object; NULL for flush and close. */
LAMBDEST_API const lambdest_envelope *lambdest_delivery_envelope(const lambdest_delivery *delivery);

/* A text of the row (enum lambdest_delivery_member); NULL if absent. DETAIL is valid until the next report
 * or call of the sink, the others until the plan is freed. */
LAMBDEST_API const char *lambdest_delivery_text(const lambdest_delivery *delivery, int member, size_t *len);

/* An integer of the row (enum lambdest_delivery_member). ABSENT, with *out 0, if there is none; INVAL for
 * a NULL `out`. */
LAMBDEST_API int lambdest_delivery_integer(const lambdest_delivery *delivery, int member, int64_t *out);

/* The user_data of the row's sink, for hosts that pull. */
LAMBDEST_API void *lambdest_delivery_user_data(const lambdest_delivery *delivery);

/* Says what became of the row: DELIVERED, RETRY or REJECTED, now or any time before the plan is freed.
 * The first final report wins; a later one, and a second one within one callback of the row, is INVAL.
 * detail (UTF-8, NULL for none) is copied into reserved room, cut at 255 bytes at a character. Allocates
 * nothing. INVAL, UTF8: the row is as it was. */
LAMBDEST_API int lambdest_delivery_report(lambdest_delivery *delivery, int verdict, const char *detail,
                                          size_t detail_len);

#ifdef __cplusplus
}
#endif
#endif
