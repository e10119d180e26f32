/* harness_test: how a test feeds destination events to a consumer and asserts on what the consumer's sinks got and
 * on what it answered. The consumer sends failures that a person must look at to one place and all of them to
 * another. */
#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(s) (s), (sizeof(s) - 1)
#define EXPECT(condition) expect((condition) != 0, #condition, __LINE__)

static void expect(int holds, const char *condition, int line)
{
    if (holds)
        return;
    fprintf(stderr, "harness_test.c:%d: %s\n", line, condition);
    exit(1);
}

/* ---- the code under test: it knows a router and no sink ---- */

/* An event, however it is wrapped. *answer, to be freed, is the partial batch response: what this consumer cannot
 * use, or cannot send on, is to be shown again. */
static int handle_event(const char *event, size_t len, lambdest_router *router, char **answer)
{
    lambdest_items *items;
    size_t i;
    int rc = lambdest_unwrap(event, len, NULL, &items, NULL);

    *answer = NULL;
    if (rc)
        return rc;
    for (i = 0; i < lambdest_items_count(items); i++) {
        const lambdest_envelope *env = lambdest_item_envelope(lambdest_items_at(items, i));
        lambdest_plan *plan = NULL;

        if (!env || lambdest_router_dispatch(router, env, 0, &plan, NULL))
            rc = lambdest_items_fail(items, i);
        lambdest_plan_free(plan);
    }
    if (!rc)
        rc = lambdest_items_response(items, answer, &len);
    lambdest_items_free(items);
    return rc;
}

/* ---- the harness ---- */

/* A record as the function "orders" would have left it. */
static char *failed_order(const char *id, const char *type, const char *message, size_t *len)
{
    lambdest_envelope *env;
    char *text;

    EXPECT(lambdest_envelope_new(NULL, &env, NULL) == LAMBDEST_OK);
    lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, id, strlen(id), NULL);
    lambdest_envelope_set_text(env, LAMBDEST_FUNCTION_ARN,
                               TEXT("arn:aws:lambda:eu-west-1:111122223333:function:orders"), NULL);
    lambdest_envelope_set_text(env, LAMBDEST_CONDITION, TEXT("RetriesExhausted"), NULL);
    lambdest_envelope_set_integer(env, LAMBDEST_INVOKE_COUNT, 3, NULL);
    lambdest_envelope_set_integer(env, LAMBDEST_TIMESTAMP_MS, INT64_C(1772443498046), NULL);
    lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, TEXT("{\"order\": 42}"), NULL);
    lambdest_envelope_set_error(env, type, strlen(type), message, strlen(message), NULL, 0, NULL);
    EXPECT(lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, 0, &text, len, NULL) == LAMBDEST_OK);
    lambdest_envelope_free(env);
    return text;
}

/* The texts in an event, as AWS would wrap them. */
static char *wrapped(int carrier, const char *source, char *const *bodies, size_t count)
{
    static const char *const ids[] = {"m-1", "m-2", "m-3"};
    lambdest_message messages[3];
    size_t i, len;
    char *event;

    memset(messages, 0, sizeof messages);
    for (i = 0; i < count; i++) {
        messages[i].body = bodies[i];
        messages[i].body_len = strlen(bodies[i]);
        messages[i].id = ids[i];
        messages[i].id_len = 3;
        messages[i].source = source;
        messages[i].source_len = strlen(source);
        messages[i].time_ms = INT64_C(1772443498046);
    }
    EXPECT(lambdest_wrap(carrier, messages, count, NULL, &event, &len, NULL) == LAMBDEST_OK);
    return event;
}

/* What the consumer answers to an event. */
static void feed(lambdest_router *router, char *event, const char *expected)
{
    char *answer;

    EXPECT(handle_event(event, strlen(event), router, &answer) == LAMBDEST_OK);
    EXPECT(!strcmp(answer, expected));
    lambdest_free(answer);
    lambdest_free(event);
}

static lambdest_memory *watch(lambdest_router *router, const char *name, uint32_t only_cause)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_memory *memory;

    EXPECT(lambdest_memory_new(NULL, &memory, NULL) == LAMBDEST_OK);
    EXPECT(lambdest_memory_sink(memory, &sink) == LAMBDEST_OK);
    sink.only_cause = only_cause;
    EXPECT(lambdest_router_add_sink(router, LAMBDEST_ON_FAILURE, name, strlen(name), &sink, NULL) ==
           LAMBDEST_OK);
    return memory;
}

int main(void)
{
    static const char queue[] = "arn:aws:sqs:eu-west-1:111122223333:failures",
                      topic[] = "arn:aws:sns:eu-west-1:111122223333:failures",
                      none[] = "{\"batchItemFailures\":[]}", no_envelope[] = "{\"no\": \"envelope\"}";
    char *bodies[3], *notification, *answer, broken[sizeof no_envelope];
    lambdest_memory *all, *raised;
    const lambdest_envelope *seen;
    lambdest_router *router;
    size_t len, at;

    EXPECT(lambdest_router_new(NULL, &router, NULL) == LAMBDEST_OK);
    all = watch(router, "all", 0);
    raised = watch(router, "raised", LAMBDEST_CAUSE_RAISED);
    memcpy(broken, no_envelope, sizeof broken);
    bodies[0] = failed_order("r-1", "ValueError", "no stock", &len);
    bodies[1] = broken;
    bodies[2] = failed_order("r-2", "Sandbox.Timedout", "Task timed out after 3.00 seconds", &len);

    /* A queue: the second message is shown again, the others are not. */
    feed(router, wrapped(LAMBDEST_SQS_EVENT, queue, bodies, 3),
         "{\"batchItemFailures\":[{\"itemIdentifier\":\"m-2\"}]}");
    EXPECT(lambdest_memory_count(all) == 2 && lambdest_memory_count(raised) == 1);
    EXPECT(lambdest_memory_find(raised, 0, LAMBDEST_FAILURE, TEXT("r-1"), &at) == LAMBDEST_OK);
    seen = lambdest_memory_at(raised, at);
    EXPECT(!strcmp(lambdest_envelope_text(seen, LAMBDEST_ERROR_TYPE, NULL), "ValueError"));
    EXPECT(lambdest_memory_find(raised, 0, 0, TEXT("r-2"), &at) == LAMBDEST_E_ABSENT);
    EXPECT(lambdest_memory_find(all, 0, 0, TEXT("r-2"), &at) == LAMBDEST_OK && at == 1);
    EXPECT(lambdest_envelope_cause(lambdest_memory_at(all, at)) == LAMBDEST_CAUSE_TIMED_OUT);

    /* A topic, by itself, and with a queue behind it; a bus; a record as it is. */
    EXPECT(lambdest_memory_clear(all) == LAMBDEST_OK && lambdest_memory_count(all) == 0);
    feed(router, wrapped(LAMBDEST_SNS_EVENT, topic, bodies, 1), none);
    notification = wrapped(LAMBDEST_SNS_NOTIFICATION, topic, bodies, 1);
    feed(router, wrapped(LAMBDEST_SQS_EVENT, queue, &notification, 1), none);
    lambdest_free(notification);
    feed(router,
         wrapped(LAMBDEST_EVENTBRIDGE_EVENT, "arn:aws:events:eu-west-1:111122223333:event-bus/b", bodies, 1),
         none);
    feed(router, failed_order("r-1", "ValueError", "no stock", &len), none);
    EXPECT(lambdest_memory_count(all) == 4);
    for (at = 0; at < 4; at++) {
        seen = lambdest_memory_at(all, at);
        EXPECT(!strcmp(lambdest_envelope_text(seen, LAMBDEST_REQUEST_ID, NULL), "r-1"));
    }

    /* What came by no queue cannot be shown again alone: the whole invocation is to fail. */
    EXPECT(handle_event(broken, strlen(broken), router, &answer) == LAMBDEST_E_UNSUPPORTED && !answer);
    EXPECT(lambdest_memory_count(all) == 4);

    lambdest_free(bodies[0]);
    lambdest_free(bodies[2]);
    lambdest_router_free(router);
    lambdest_memory_free(all);
    lambdest_memory_free(raised);
    return puts("harness_test: passed") < 0 || fflush(stdout) ? 1 : 0;
}
