/* What the tests of the delivery room share: envelopes and sinks that remember. Callbacks record and never
 * assert, for the library is on the stack. */
#ifndef LAMBDEST_TESTS_DELIVERY_H
#define LAMBDEST_TESTS_DELIVERY_H

#include "support.h"

#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(s) (s), (sizeof(s) - 1)

#define SUCCESS_TEXT                                                                                         \
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:07.318Z\",\"requestContext\":{\"requestId\":"     \
    "\"r-1\",\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST\","             \
    "\"condition\":\"Success\",\"approximateInvokeCount\":1},\"requestPayload\":{\"order\": 42},"            \
    "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\"},\"responsePayload\":[1, 2]}"

#define FAILURE_TEXT                                                                                         \
    "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:08.318Z\",\"requestContext\":{\"requestId\":"     \
    "\"r-2\",\"functionArn\":\"arn:aws:lambda:eu-west-1:111122223333:function:orders:$LATEST\","             \
    "\"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3},\"requestPayload\":{\"order\": 43},"   \
    "\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\","                               \
    "\"functionError\":\"Unhandled\"},\"responsePayload\":{\"errorType\":\"ValueError\","                    \
    "\"errorMessage\":\"no stock\"}}"

/* Nothing to go by. */
#define UNCLEAR_TEXT "{\"requestContext\":{\"requestId\":\"r-3\"},\"requestPayload\":{}}"

/* A sink that remembers, and reports what it is told to. */
typedef struct probe {
    int verdict; /* to report; 0: nothing */
    int then;    /* to report from the second call on; 0: `verdict` again */
    const char *detail;
    int delivered; /* calls */
    int flushed;
    int closed;
    int destroyed;
    int report_code;  /* of the last report */
    int64_t deadline; /* of the last flush or close; -1: absent */
    const char *body; /* of the last delivery; good while its plan lives */
    size_t body_len;
    const lambdest_envelope *env;
    char *log; /* where each call leaves a letter, or NULL */
    char letter;
    bool closed_first; /* close had run when destroy did */
} probe;

static inline void probe_note(probe *p, char letter)
{
    if (p->log) {
        size_t len = strlen(p->log);

        p->log[len] = letter;
        p->log[len + 1] = '\0';
    }
}

static inline void probe_report(probe *p, lambdest_delivery *d, int calls)
{
    int verdict = calls > 1 && p->then ? p->then : p->verdict;

    if (verdict)
        p->report_code = lambdest_delivery_report(d, verdict, p->detail, p->detail ? strlen(p->detail) : 0);
}

static inline void probe_deliver(lambdest_delivery *d, void *user_data)
{
    probe *p = user_data;

    probe_note(p, p->letter);
    p->body = lambdest_delivery_body(d, &p->body_len);
    p->env = lambdest_delivery_envelope(d);
    probe_report(p, d, ++p->delivered);
}

static inline void probe_ask(probe *p, lambdest_delivery *d)
{
    if (lambdest_delivery_integer(d, LAMBDEST_DELIVERY_DEADLINE_MS, &p->deadline))
        p->deadline = -1;
}

static inline void probe_flush(lambdest_delivery *d, void *user_data)
{
    probe *p = user_data;

    probe_note(p, 'f');
    probe_ask(p, d);
    probe_report(p, d, ++p->flushed);
}

static inline void probe_close(lambdest_delivery *d, void *user_data)
{
    probe *p = user_data;

    probe_note(p, 'c');
    probe_ask(p, d);
    probe_report(p, d, ++p->closed);
}

static inline void probe_destroy(void *user_data)
{
    probe *p = user_data;

    probe_note(p, 'd');
    p->closed_first = p->closed > 0;
    p->destroyed++;
}

static inline lambdest_sink probe_sink(probe *p)
{
    lambdest_sink sink = {.size = sizeof sink};

    sink.deliver = probe_deliver;
    sink.flush = probe_flush;
    sink.close = probe_close;
    sink.destroy = probe_destroy;
    sink.user_data = p;
    return sink;
}

static inline lambdest_options options_of(support_memory *m)
{
    lambdest_options options = {.size = sizeof options};

    options.alloc = &m->alloc;
    return options;
}

static inline lambdest_envelope *parse_text(support_memory *m, const char *text)
{
    lambdest_options options = options_of(m);
    lambdest_envelope *env = NULL;

    assert_int_equal(lambdest_envelope_parse(text, strlen(text), &options, &env, NULL), LAMBDEST_OK);
    return env;
}

static inline lambdest_router *new_router(support_memory *m)
{
    lambdest_options options = options_of(m);
    lambdest_router *router = NULL;

    assert_int_equal(lambdest_router_new(&options, &router, NULL), LAMBDEST_OK);
    return router;
}

static inline void add(lambdest_router *router, uint32_t when, const char *name, const lambdest_sink *sink)
{
    lambdest_error err;

    assert_int_equal(lambdest_router_add_sink(router, when, name, strlen(name), sink, &err), LAMBDEST_OK);
    support_expect_ok(&err);
}

static inline int verdict_of(lambdest_plan *plan, size_t index)
{
    int64_t verdict = 0;

    lambdest_delivery_integer(lambdest_plan_at(plan, index), LAMBDEST_DELIVERY_VERDICT, &verdict);
    return (int)verdict;
}

static inline int64_t integer_of(lambdest_plan *plan, size_t index, int member)
{
    int64_t value = 0;

    assert_int_equal(lambdest_delivery_integer(lambdest_plan_at(plan, index), member, &value), LAMBDEST_OK);
    return value;
}

/* Names the rows' sinks, "a b c". */
static inline const char *sinks_of(lambdest_plan *plan)
{
    static char names[400];
    size_t i;

    names[0] = '\0';
    for (i = 0; i < lambdest_plan_count(plan); i++) {
        if (i)
            strcat(names, " ");
        strcat(names, lambdest_delivery_text(lambdest_plan_at(plan, i), LAMBDEST_DELIVERY_SINK, NULL));
    }
    return names;
}

static inline const char *detail_of(lambdest_plan *plan, size_t index)
{
    return lambdest_delivery_text(lambdest_plan_at(plan, index), LAMBDEST_DELIVERY_DETAIL, NULL);
}

static inline size_t detail_len(lambdest_plan *plan, size_t index)
{
    size_t len = 0;

    lambdest_delivery_text(lambdest_plan_at(plan, index), LAMBDEST_DELIVERY_DETAIL, &len);
    return len;
}

/* A record whose payloads are strings of these lengths; for free(). */
static inline char *sized_record(size_t request, size_t response)
{
    static const char head[] = "{\"version\":\"1.0\",\"timestamp\":\"2026-03-02T09:14:07.318Z\","
                               "\"requestContext\":{\"requestId\":\"r-4\",\"condition\":\"Success\"},"
                               "\"requestPayload\":\"";
    static const char middle[] = "\",\"responseContext\":{\"statusCode\":200},\"responsePayload\":\"";
    char *text = malloc(sizeof head + sizeof middle + request + response + 8), *p = text;

    assert_non_null(text);
    memcpy(p, head, sizeof head - 1);
    p += sizeof head - 1;
    memset(p, 'q', request);
    p += request;
    memcpy(p, middle, sizeof middle - 1);
    p += sizeof middle - 1;
    memset(p, 's', response);
    memcpy(p + response, "\"}", 3);
    return text;
}

#endif
