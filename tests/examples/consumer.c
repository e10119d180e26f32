/* consumer: what a function behind a destination queue does. An SQS event, of any nesting, on standard input; on
 * standard output a line of JSON for each failure, with its cause and what to redrive, and last the partial
 * batch response, which names the messages that held something this consumer cannot use. */
#include "input.h"

#include <jansson.h>

static void add_text(json_t *line, const char *name, const char *text, size_t len)
{
    json_object_set_new(line, name, text ? json_stringn_nocheck(text, len) : json_null());
}

static void add_member(json_t *line, const char *name, const lambdest_envelope *env, int member)
{
    size_t len;
    const char *text = lambdest_envelope_text(env, member, &len);

    add_text(line, name, text, len);
}

/* The event as text: a new Invoke takes its bytes, whatever they are. A record of a stream that does not carry it
 * says where to read again. */
static void add_redrive(json_t *line, const lambdest_envelope *env)
{
    size_t i, len;
    json_t *ranges;
    char *event;

    add_member(line, "function", env, LAMBDEST_FUNCTION_NAME);
    add_member(line, "qualifier", env, LAMBDEST_FUNCTION_QUALIFIER);
    if (!lambdest_redrive(env, &event, &len)) {
        add_text(line, "event", event, len);
        lambdest_free(event);
        return;
    }
    add_member(line, "source", env, LAMBDEST_SOURCE_ARN);
    ranges = json_array();
    for (i = 0; i < lambdest_envelope_range_count(env); i++) {
        static const int members[] = {LAMBDEST_RANGE_NAME, LAMBDEST_RANGE_FIRST, LAMBDEST_RANGE_LAST};
        static const char *const names[] = {"name", "first", "last"};
        json_t *range = json_object();
        size_t k;

        for (k = 0; k < 3; k++) {
            const char *text = lambdest_envelope_range_text(env, i, members[k], &len);

            add_text(range, names[k], text, len);
        }
        json_array_append_new(ranges, range);
    }
    json_object_set_new(line, "ranges", ranges);
}

static void print_line(json_t *line)
{
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

/* Nonzero: the message is to be shown again, until the queue's own dead-letter queue takes it. */
static int consume(const lambdest_item *item)
{
    const lambdest_envelope *env = lambdest_item_envelope(item);
    lambdest_error err;
    json_t *line;

    if (!env) {
        lambdest_item_error(item, &err);
        fprintf(stderr, "consumer: %s: %s\n", lambdest_name(lambdest_item_kind(item)), err.message);
        return -1;
    }
    if (lambdest_envelope_outcome(env) != LAMBDEST_FAILURE)
        return 0;
    line = json_object();
    add_member(line, "requestId", env, LAMBDEST_REQUEST_ID);
    json_object_set_new(line, "cause", json_string(lambdest_name(lambdest_envelope_cause(env))));
    add_member(line, "errorType", env, LAMBDEST_ERROR_TYPE);
    add_member(line, "errorMessage", env, LAMBDEST_ERROR_MESSAGE);
    add_redrive(line, env);
    print_line(line);
    return 0;
}

static int handle(const char *event, size_t len)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_items *items;
    lambdest_error err;
    char *answer = NULL;
    size_t i;
    int rc = lambdest_unwrap(event, len, &options, &items, &err);

    if (rc) {
        complain("consumer", event, len, &err);
        return 1;
    }
    for (i = 0; i < lambdest_items_count(items) && !rc; i++)
        if (consume(lambdest_items_at(items, i)))
            rc = lambdest_items_fail(items, i);
    if (!rc)
        rc = lambdest_items_response(items, &answer, &len);
    if (rc) {
        /* Not of a queue, or no memory: let all of it be shown again. */
        fprintf(stderr, "consumer: %s\n", lambdest_name(rc));
    } else {
        fwrite(answer, 1, len, stdout);
        putchar('\n');
        lambdest_free(answer);
    }
    lambdest_items_free(items);
    return rc ? 1 : 0;
}

int main(void)
{
    size_t len;
    char *event = read_all("consumer", NULL, &len);
    int status;

    if (!event)
        return 2;
    status = handle(event, len);
    free(event);
    return finish("consumer", status);
}
