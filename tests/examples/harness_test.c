/* harness_test: how a test feeds destination records to a consumer and asserts on what the consumer's sinks
 * got. The consumer sends failures that a person must look at to one place and the rest to another. */
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

static int handle_result(const char *event, size_t len, lambdest_router *router)
{
    lambdest_envelope *env;
    lambdest_plan *plan = NULL;
    int rc = lambdest_envelope_parse(event, len, NULL, &env, NULL);

    if (!rc)
        rc = lambdest_router_dispatch(router, env, 0, &plan, NULL);
    lambdest_plan_free(plan);
    lambdest_envelope_free(env);
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
    lambdest_router *router;
    lambdest_memory *all, *raised;
    const lambdest_envelope *seen;
    size_t len, at;
    char *event;

    EXPECT(lambdest_router_new(NULL, &router, NULL) == LAMBDEST_OK);
    all = watch(router, "all", 0);
    raised = watch(router, "raised", LAMBDEST_CAUSE_RAISED);

    event = failed_order("r-1", "ValueError", "no stock", &len);
    EXPECT(handle_result(event, len, router) == LAMBDEST_OK);
    lambdest_free(event);
    event = failed_order("r-2", "Sandbox.Timedout", "Task timed out after 3.00 seconds", &len);
    EXPECT(handle_result(event, len, router) == LAMBDEST_OK);
    lambdest_free(event);
    EXPECT(handle_result(TEXT("{\"no\": \"envelope\"}"), router) == LAMBDEST_E_SCHEMA);

    EXPECT(lambdest_memory_count(all) == 2 && lambdest_memory_count(raised) == 1);
    EXPECT(lambdest_memory_find(raised, 0, LAMBDEST_FAILURE, TEXT("r-1"), &at) == LAMBDEST_OK);
    seen = lambdest_memory_at(raised, at);
    EXPECT(!strcmp(lambdest_envelope_text(seen, LAMBDEST_ERROR_TYPE, NULL), "ValueError"));
    EXPECT(lambdest_memory_find(raised, 0, 0, TEXT("r-2"), &at) == LAMBDEST_E_ABSENT);
    EXPECT(lambdest_memory_find(all, 0, 0, TEXT("r-2"), &at) == LAMBDEST_OK && at == 1);
    EXPECT(lambdest_envelope_cause(lambdest_memory_at(all, at)) == LAMBDEST_CAUSE_TIMED_OUT);

    EXPECT(lambdest_memory_clear(all) == LAMBDEST_OK && lambdest_memory_count(all) == 0);
    lambdest_router_free(router);
    lambdest_memory_free(all);
    lambdest_memory_free(raised);
    puts("harness_test: passed");
    return 0;
}
