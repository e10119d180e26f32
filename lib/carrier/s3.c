#include "carrier/parcel.h"
#include "carrier/sending.h"
#include "envelope/timestamp.h"
#include "json/skip.h"
#include "json/string.h"

/* ---- taking off ---- */

bool lambdest__s3_take(const lambdest__traits *t, lambdest__parcel *p)
{
    lambdest__span arn;

    if (!lambdest__trait_has(t, TRAIT_S3) || !lambdest__trait_is(t, TRAIT_EVENT_SOURCE, "aws:s3"))
        return false;
    p->carrier = BY_S3;
    p->text = t->text;
    p->is_notification = true;
    arn = lambdest__skip_find(lambdest__skip_find(t->value[TRAIT_S3], "bucket"), "arn");
    if (arn.data && *arn.data == '"')
        p->source = lambdest__string_inner(arn);
    return true;
}

/* ---- putting on ---- */

static lambdest__span key_text(const lambdest_envelope *env, int member)
{
    lambdest__span text;

    text.data = (const unsigned char *)lambdest_envelope_text(env, member, &text.len);
    return text;
}

static lambdest__span first_range(const lambdest_envelope *env)
{
    lambdest__span text;

    text.data = (const unsigned char *)lambdest_envelope_range_text(env, 0, LAMBDEST_RANGE_NAME, &text.len);
    return text;
}

/* YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS- */
static void emit_time(lambdest__emit *e, int64_t ms)
{
    unsigned char text[LAMBDEST__TIMESTAMP_LEN];
    unsigned char *day = text, *time = text + sizeof "YYYY-MM-DD" - 1;

    lambdest__timestamp_put(ms, text);
    lambdest__emit_raw(e, day, 4);
    lambdest__emit_raw(e, "/", 1);
    lambdest__emit_raw(e, day + 5, 2);
    lambdest__emit_raw(e, "/", 1);
    lambdest__emit_raw(e, day + 8, 2);
    lambdest__emit_raw(e, "/", 1);
    time[3] = time[6] = '.';
    lambdest__emit_raw(e, text, sizeof "YYYY-MM-DDTHH.MM.SS" - 1);
    lambdest__emit_raw(e, "-", 1);
}

/* U+0000 to U+001F, U+007F to U+009F, of which the last have two bytes. */
static bool is_control_at(lambdest__span text, size_t i)
{
    unsigned char byte = text.data[i];

    return byte < 0x20 || byte == 0x7F || (byte == 0xC2 && text.data[i + 1] < 0xA0);
}

/* A key may become the name of a file: no part of it, which is UTF-8, leads out of its place. */
static bool is_one_step(lambdest__span part)
{
    size_t i, dots = 0;

    for (i = 0; i < part.len; i++) {
        if (is_control_at(part, i) || part.data[i] == '/' || part.data[i] == '\\')
            return false;
        dots += part.data[i] == '.' ? 1 : 0;
    }
    return dots < part.len || part.len > 2;
}

int lambdest__s3_write_key(const lambdest__sending *s, lambdest__emit *e, const char **where)
{
    bool batch = lambdest_envelope_kind(s->envelope) == LAMBDEST_BATCH;
    lambdest__span name = batch ? first_range(s->envelope) : key_text(s->envelope, LAMBDEST_FUNCTION_NAME);

    *where = batch ? "messages.mapping" : "requestContext.functionArn";
    if (batch && !s->mapping.data)
        return LAMBDEST_E_ABSENT;
    if (batch)
        *where = "*BatchInfo.shardId";
    if (!name.data)
        return LAMBDEST_E_ABSENT;
    if (!is_one_step(name))
        return LAMBDEST_E_INVAL;
    *where = batch && !is_one_step(s->mapping) ? "messages.mapping" : "messages.id";
    if ((batch && !is_one_step(s->mapping)) || !is_one_step(s->id))
        return LAMBDEST_E_INVAL;
    lambdest__emit_raw(e, "aws/lambda/", 11);
    if (batch)
        lambdest__emit_raw(e, s->mapping.data, s->mapping.len);
    else
        lambdest__emit_raw(e, "async", 5);
    lambdest__emit_raw(e, "/", 1);
    lambdest__emit_raw(e, name.data, name.len);
    lambdest__emit_raw(e, "/", 1);
    emit_time(e, lambdest__sending_time(s));
    lambdest__emit_raw(e, s->id.data, s->id.len);
    return LAMBDEST_OK;
}
