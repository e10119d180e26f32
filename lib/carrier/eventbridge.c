#include "carrier/eventbridge.h"

#include "base/alloc.h"
#include "base/options.h"
#include "carrier/parcel.h"
#include "carrier/sending.h"
#include "envelope/arn.h"
#include "json/skip.h"
#include "json/string.h"

#include <string.h>

#define LAMBDA "lambda" /* in AWS's recordings; its guide says aws.lambda */
#define LATEST ":$LATEST"

enum {
    TIME_COUNTED = 14 /* bytes that EventBridge counts for a time */
};

/* ---- taking off ---- */

/* Lambda names the bus first. */
static lambdest__span bus_of(lambdest__span resources)
{
    static const char mark[] = ":event-bus/";
    lambdest__span value, inner, bus = {NULL, 0};
    lambdest__skip s;
    size_t i;

    if (!resources.data || *resources.data != '[')
        return bus;
    s = lambdest__skip_into(resources);
    if (!lambdest__skip_element(&s, &value) || *value.data != '"')
        return bus;
    inner = lambdest__string_inner(value);
    for (i = 0; i + sizeof mark - 1 <= inner.len; i++)
        if (!memcmp(inner.data + i, mark, sizeof mark - 1))
            return inner;
    return bus;
}

bool lambdest__eventbridge_take(const lambdest__traits *t, lambdest__parcel *p)
{
    if (!lambdest__trait_has(t, TRAIT_DETAIL_TYPE))
        return false;
    p->carrier = BY_EVENTBRIDGE;
    p->id = lambdest__trait_text(t, TRAIT_ID);
    p->source = bus_of(t->value[TRAIT_RESOURCES]);
    if (!lambdest__trait_has(t, TRAIT_DETAIL)) {
        lambdest__parcel_break(p, t->text, t->text.data, "the carrier has no text", "detail");
        return true;
    }
    p->text = t->value[TRAIT_DETAIL];
    if (*p->text.data != '{')
        lambdest__parcel_break(p, t->text, p->text.data, "not an object", "detail");
    else
        p->is_notification = lambdest__trait_is(t, TRAIT_SOURCE, "aws.s3");
    return true;
}

/* ---- putting on ---- */

static const char *detail_type(int outcome)
{
    if (outcome == LAMBDEST_SUCCESS)
        return "Lambda Function Invocation Result - Success";
    if (outcome == LAMBDEST_FAILURE)
        return "Lambda Function Invocation Result - Failure";
    return "Lambda Function Invocation Result - Indeterminate"; /* a word of ours: AWS has none */
}

void lambdest__entry_facts_read(const lambdest_envelope *env, int outcome, lambdest__entry_facts *out)
{
    size_t len;
    const char *arn = lambdest_envelope_text(env, LAMBDEST_FUNCTION_ARN, &len);
    lambdest__arn parts;

    memset(out, 0, sizeof *out);
    out->outcome = outcome;
    out->function_arn.data = (const unsigned char *)arn;
    out->function_arn.len = len;
    out->has_time = lambdest_envelope_integer(env, LAMBDEST_TIMESTAMP_MS, &out->time_ms) == LAMBDEST_OK;
    out->add_latest = lambdest_envelope_kind(env) == LAMBDEST_ASYNC &&
                      lambdest__arn_read(out->function_arn, &parts) && !parts.qualifier.data;
}

size_t lambdest__entry_counted(const lambdest__entry_facts *f, size_t detail_len)
{
    size_t sum = detail_len, own = strlen(LAMBDA) + strlen(detail_type(f->outcome));

    own += f->has_time ? TIME_COUNTED : 0;
    own += f->add_latest ? strlen(LATEST) : 0;
    if (!lambdest__add_size(&sum, own) || !lambdest__add_size(&sum, f->function_arn.len) ||
        !lambdest__add_size(&sum, f->bus_arn.len))
        return SIZE_MAX;
    return sum;
}

/* Lambda names the bus first, then the function, qualified. */
static void emit_resources(const lambdest__entry_facts *f, const char *name, lambdest__emit *e)
{
    if (!f->bus_arn.data && !f->function_arn.data)
        return;
    lambdest__emit_name(e, name);
    lambdest__emit_open(e, '[');
    if (f->bus_arn.data) {
        lambdest__emit_next(e);
        lambdest__emit_text(e, f->bus_arn.data, f->bus_arn.len);
    }
    if (f->function_arn.data && f->add_latest) {
        lambdest__emit_next(e);
        lambdest__emit_raw(e, "\"", 1); /* an ARN that was read needs no escapes */
        lambdest__emit_raw(e, f->function_arn.data, f->function_arn.len);
        lambdest__emit_raw(e, LATEST "\"", sizeof(LATEST "\"") - 1);
    } else if (f->function_arn.data) {
        lambdest__emit_next(e);
        lambdest__emit_text(e, f->function_arn.data, f->function_arn.len);
    }
    lambdest__emit_close(e, ']');
}

/* Whole seconds; a time before 1970 is rounded down as well. */
static int64_t seconds(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

void lambdest__entry_emit(const lambdest__entry_facts *f, lambdest__span detail, lambdest__emit *e)
{
    lambdest__emit_open(e, '{');
    if (f->has_time) {
        lambdest__emit_name(e, "Time");
        lambdest__emit_integer(e, seconds(f->time_ms));
    }
    lambdest__emit_words(e, "Source", LAMBDA);
    emit_resources(f, "Resources", e);
    lambdest__emit_words(e, "DetailType", detail_type(f->outcome));
    lambdest__emit_name(e, "Detail");
    lambdest__emit_text(e, detail.data, detail.len);
    if (f->bus_arn.data) {
        lambdest__emit_name(e, "EventBusName");
        lambdest__emit_text(e, f->bus_arn.data, f->bus_arn.len);
    }
    lambdest__emit_close(e, '}');
}

size_t lambdest__entry_length(const lambdest__entry_facts *facts, lambdest__span detail)
{
    lambdest__emit e;

    lambdest__emit_init(&e, NULL, false);
    lambdest__entry_emit(facts, detail, &e);
    return lambdest__emit_total(&e);
}

size_t lambdest__entry_write(const lambdest__entry_facts *facts, lambdest__span detail, unsigned char *out)
{
    lambdest__emit e;

    lambdest__emit_init(&e, out, false);
    lambdest__entry_emit(facts, detail, &e);
    return lambdest__emit_total(&e);
}

static lambdest__entry_facts facts_of(const lambdest__sending *s)
{
    lambdest__entry_facts f;

    lambdest__entry_facts_read(s->envelope, lambdest_envelope_outcome(s->envelope), &f);
    f.bus_arn = s->source.arn;
    f.has_time = f.has_time || s->time_ms;
    f.time_ms = lambdest__sending_time(s);
    return f;
}

void lambdest__eventbridge_write_entry(const lambdest__sending *s, lambdest__emit *e)
{
    lambdest__entry_facts f = facts_of(s);

    lambdest__entry_emit(&f, s->text, e);
}

void lambdest__eventbridge_write(const lambdest__sending *s, lambdest__emit *e)
{
    lambdest__entry_facts f = facts_of(s);

    e->compact = true; /* EventBridge prints the detail anew: white space goes, the order of members stays */
    lambdest__emit_open(e, '{');
    lambdest__emit_words(e, "version", "0");
    lambdest__emit_name(e, "id");
    lambdest__emit_text(e, s->id.data, s->id.len);
    lambdest__emit_words(e, "detail-type", detail_type(f.outcome));
    lambdest__emit_words(e, "source", LAMBDA);
    lambdest__emit_name(e, "account");
    lambdest__emit_text(e, s->source.account.data, s->source.account.len);
    lambdest__emit_name(e, "time");
    lambdest__emit_time(e, f.time_ms, false);
    lambdest__emit_name(e, "region");
    lambdest__emit_text(e, s->source.region.data, s->source.region.len);
    emit_resources(&f, "resources", e);
    lambdest__emit_name(e, "detail");
    lambdest__emit_copy(e, s->text);
    lambdest__emit_close(e, '}');
}
