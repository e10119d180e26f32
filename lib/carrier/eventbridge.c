#include "carrier/eventbridge.h"

#include "base/alloc.h"
#include "envelope/arn.h"
#include "json/emit.h"

#include <string.h>

#define SOURCE "lambda"
#define LATEST ":$LATEST"

enum { TIME_COUNTED = 14 };

static const char *detail_type(int outcome)
{
    if (outcome == LAMBDEST_SUCCESS)
        return "Lambda Function Invocation Result - Success";
    if (outcome == LAMBDEST_FAILURE)
        return "Lambda Function Invocation Result - Failure";
    return "Lambda Function Invocation Result - Indeterminate";
}

void lambdest__entry_facts_read(const lambdest_envelope *env, int outcome, lambdest__entry_facts *out)
{
    size_t len;
    const char *arn = lambdest_envelope_text(env, LAMBDEST_FUNCTION_ARN, &len);
    lambdest__arn parts;

    memset(out, 0, sizeof *out);
    out->outcome = outcome;
    out->function_arn.data = (const unsigned char *)arn;
    out->function_arn.len = arn ? len : 0;
    out->has_time = lambdest_envelope_integer(env, LAMBDEST_TIMESTAMP_MS, &out->time_ms) == LAMBDEST_OK;
    out->add_latest = lambdest_envelope_kind(env) == LAMBDEST_ASYNC &&
                      lambdest__arn_read(out->function_arn, &parts) && !parts.qualifier.data;
}

size_t lambdest__entry_counted(const lambdest__entry_facts *f, size_t detail_len)
{
    size_t sum = detail_len, own = strlen(SOURCE) + strlen(detail_type(f->outcome));

    own += f->has_time ? TIME_COUNTED : 0;
    own += f->add_latest ? strlen(LATEST) : 0;
    if (!lambdest__add_size(&sum, own) || !lambdest__add_size(&sum, f->function_arn.len) ||
        !lambdest__add_size(&sum, f->bus_arn.len))
        return SIZE_MAX;
    return sum;
}

static void emit_words(lambdest__emit *e, const char *name, const char *text)
{
    lambdest__emit_name(e, name);
    lambdest__emit_text(e, text, strlen(text));
}

static void emit_function(lambdest__emit *e, const lambdest__entry_facts *f)
{
    lambdest__emit_next(e);
    lambdest__emit_text(e, f->function_arn.data, f->function_arn.len);
    if (!f->add_latest)
        return;
    /* The qualifier goes before the closing quote that has just been written. */
    e->used--;
    e->total--;
    lambdest__emit_raw(e, LATEST "\"", sizeof(LATEST "\"") - 1);
}

/* Lambda names the bus first, then the function. */
static void emit_resources(lambdest__emit *e, const lambdest__entry_facts *f)
{
    if (!f->bus_arn.data && !f->function_arn.data)
        return;
    lambdest__emit_name(e, "Resources");
    lambdest__emit_open(e, '[');
    if (f->bus_arn.data) {
        lambdest__emit_next(e);
        lambdest__emit_text(e, f->bus_arn.data, f->bus_arn.len);
    }
    if (f->function_arn.data)
        emit_function(e, f);
    lambdest__emit_close(e, ']');
}

/* EventBridge keeps whole seconds; a time before 1970 is rounded down as well. */
static int64_t seconds(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

static size_t emit(const lambdest__entry_facts *f, lambdest__span detail, unsigned char *out)
{
    lambdest__emit e;

    lambdest__emit_init(&e, out, false);
    lambdest__emit_open(&e, '{');
    if (f->has_time) {
        lambdest__emit_name(&e, "Time");
        lambdest__emit_integer(&e, seconds(f->time_ms));
    }
    emit_words(&e, "Source", SOURCE);
    emit_resources(&e, f);
    emit_words(&e, "DetailType", detail_type(f->outcome));
    lambdest__emit_name(&e, "Detail");
    lambdest__emit_text(&e, detail.data, detail.len);
    if (f->bus_arn.data) {
        lambdest__emit_name(&e, "EventBusName");
        lambdest__emit_text(&e, f->bus_arn.data, f->bus_arn.len);
    }
    lambdest__emit_close(&e, '}');
    return e.total;
}

size_t lambdest__entry_length(const lambdest__entry_facts *facts, lambdest__span detail)
{
    return emit(facts, detail, NULL);
}

size_t lambdest__entry_write(const lambdest__entry_facts *facts, lambdest__span detail, unsigned char *out)
{
    return emit(facts, detail, out);
}
