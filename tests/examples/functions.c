/* Functions for runtime.c to run, by the name in _HANDLER: an order desk, and some for the tests. */
#define _POSIX_C_SOURCE 200809L
#include "functions.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(call *c, const char *type, const char *message)
{
    c->error_type = type;
    c->error_message = message;
}

/* Orders from a queue, {"order":N,"pieces":N} each. An order of no pieces is given back to the queue alone; a
 * message that is no order fails the batch. */
static void orders(call *c)
{
    size_t len, i;
    const char *event = lambdest_envelope_json(c->env, LAMBDEST_REQUEST_PAYLOAD, &len);
    lambdest_items *items;
    char *answer;

    if (lambdest_unwrap(event, len, NULL, &items, NULL)) {
        fail(c, "Orders.NoEvent", "this is no event of a queue");
        return;
    }
    for (i = 0; i < lambdest_items_count(items); i++) {
        const char *text = lambdest_item_text(lambdest_items_at(items, i), LAMBDEST_ITEM_BODY, &len);
        json_t *order = text ? json_loadb(text, len, 0, NULL) : NULL;

        if (!json_is_integer(json_object_get(order, "order")))
            fail(c, "Orders.NotAnOrder", "a message is no order: \"caf\xC3\xA9 & +1%\"");
        else if (json_integer_value(json_object_get(order, "pieces")) < 1 && lambdest_items_fail(items, i))
            fail(c, "Orders.NotAQueue", "a message has no id");
        json_decref(order);
    }
    if (!c->error_type && !lambdest_items_response(items, &answer, &len)) {
        add(&c->out, answer, len);
        lambdest_free(answer);
    }
    lambdest_items_free(items);
}

static void echo(call *c)
{
    size_t len;
    const char *event = lambdest_envelope_json(c->env, LAMBDEST_REQUEST_PAYLOAD, &len);

    add(&c->out, event, len);
}

static void echo_stream(call *c)
{
    echo(c);
    c->stream = true;
}

/* The message is what was put out before. */
static void fail_in_stream(call *c)
{
    echo_stream(c);
    fail(c, "Order.Cut", c->out.data);
}

static void raise_error(call *c)
{
    fail(c, "Order.Rejected caf\xC3\xA9", "say \"no\"\n\x01 caf\xC3\xA9 \xE2\x98\x83");
}

/* An error too long for a header, and for /error. */
static void raise_long(call *c)
{
    static char message[300000];

    memset(message, 'x', sizeof message - 1);
    fail(c, "Order.Long", message);
}

static void text(call *c)
{
    add(&c->out, "no JSON", 7);
}

static void nothing(call *c)
{
    (void)c;
}

/* More than the service takes: 6 MiB and 100 bytes. */
static void large(call *c)
{
    static char x[6291556];

    memset(x, 'x', sizeof x);
    add(&c->out, "\"", 1);
    add(&c->out, x, sizeof x);
    add(&c->out, "\"", 1);
}

/* Gives up in time, instead of being stopped. */
static void slow(call *c)
{
    struct timespec now, nap = {0, 10000000};

    do {
        nanosleep(&nap, NULL);
        clock_gettime(CLOCK_REALTIME, &now);
    } while ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 < c->deadline_ms - 200);
    fail(c, "Order.TooLate", "200 ms are left");
}

/* The trace id as the function's own calls would find it. */
static void trace(call *c)
{
    const char *id = getenv("_X_AMZN_TRACE_ID");

    add(&c->out, "\"", 1);
    if (id && c->trace && !strcmp(id, c->trace))
        add(&c->out, id, strlen(id));
    add(&c->out, "\"", 1);
}

static void leave(call *c)
{
    (void)c;
    exit(3);
}

function find_function(const char *name)
{
    static const struct {
        const char *name;
        function run;
    } functions[] = {
        {"orders", orders},
        {"echo", echo},
        {"echo_stream", echo_stream},
        {"fail_in_stream", fail_in_stream},
        {"raise", raise_error},
        {"raise_long", raise_long},
        {"text", text},
        {"nothing", nothing},
        {"large", large},
        {"slow", slow},
        {"trace", trace},
        {"exit", leave},
    };
    size_t i;

    for (i = 0; name && i < sizeof functions / sizeof functions[0]; i++)
        if (!strcmp(name, functions[i].name))
            return functions[i].run;
    return NULL;
}
