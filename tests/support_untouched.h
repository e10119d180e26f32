/* What a setter that refuses must leave as it was. */
#ifndef LAMBDEST_TESTS_SUPPORT_UNTOUCHED_H
#define LAMBDEST_TESTS_SUPPORT_UNTOUCHED_H

#include "support_envelope.h"

#define ARN "arn:aws:lambda:eu-west-1:111122223333:function:f"

typedef struct untouched {
    const lambdest_envelope *env;
    char *record;
    size_t len;
} untouched;

static inline untouched look(const lambdest_envelope *env)
{
    untouched u = {env, NULL, 0};

    u.record = support_write(env, LAMBDEST_RECORD, 0, &u.len);
    return u;
}

#define expect_refused(u, rc, code, err, at, where)                                                          \
    expect_refused_at((u), (rc), (code), (err), (at), (where), __FILE__, __LINE__)
static inline void expect_refused_at(const untouched *u, int rc, int code, const lambdest_error *err,
                                     uint64_t at, const char *where, const char *file, int line)
{
    support_code_at(rc, code, err, file, line);
    support_expect_error_at(err, code, at, where, file, line);
    support_expect_written_at(u->env, LAMBDEST_RECORD, 0, u->record, u->len, file, line);
}

/* An envelope with something in every place that a setter could harm. */
static inline lambdest_envelope *filled(void)
{
    lambdest_envelope *env = support_new(NULL, 0);

    support_set_text(env, LAMBDEST_REQUEST_ID, "id");
    support_set_text(env, LAMBDEST_FUNCTION_ARN, ARN ":live");
    support_set_integer(env, LAMBDEST_INVOKE_COUNT, 2);
    support_set_integer(env, LAMBDEST_TIMESTAMP_MS, 1);
    support_set_json(env, LAMBDEST_REQUEST_PAYLOAD, "[1]");
    support_set_json(env, LAMBDEST_INVOCATION_ERROR, "{\"errorType\":\"E\"}");
    support_set_json(env, LAMBDEST_DELIVERY_ERROR, "{}");
    return env;
}

#endif
