#include "base/md5.h"
#include "carrier/parcel.h"
#include "carrier/sending.h"

/* ---- taking off ---- */

/* As Lambda gets it; an "eventSource" decides, for "body" is a common name. */
static bool is_record(const lambdest__traits *t)
{
    if (lambdest__trait_has(t, TRAIT_EVENT_SOURCE))
        return lambdest__trait_is(t, TRAIT_EVENT_SOURCE, "aws:sqs");
    return lambdest__trait_has(t, TRAIT_SQS_BODY) &&
           (lambdest__trait_has(t, TRAIT_SQS_ID) || lambdest__trait_has(t, TRAIT_SQS_MD5));
}

/* As ReceiveMessage has it. */
static bool is_received(const lambdest__traits *t)
{
    return lambdest__trait_has(t, TRAIT_RECEIVED_BODY) &&
           (lambdest__trait_has(t, TRAIT_MESSAGE_ID) || lambdest__trait_has(t, TRAIT_RECEIVED_MD5) ||
            lambdest__trait_has(t, TRAIT_RECEIPT_HANDLE));
}

bool lambdest__sqs_take(const lambdest__traits *t, lambdest__parcel *p)
{
    if (is_record(t)) {
        p->id = lambdest__trait_text(t, TRAIT_SQS_ID);
        p->source = lambdest__trait_text(t, TRAIT_EVENT_SOURCE_ARN);
        lambdest__parcel_fill(p, t, TRAIT_SQS_BODY, "body");
        lambdest__parcel_stamp(p, t, TRAIT_SQS_ATTRIBUTES);
    } else if (is_received(t)) {
        p->id = lambdest__trait_text(t, TRAIT_MESSAGE_ID);
        lambdest__parcel_fill(p, t, TRAIT_RECEIVED_BODY, "Body");
        lambdest__parcel_stamp(p, t, TRAIT_MESSAGE_ATTRIBUTES);
    } else {
        return false;
    }
    p->carrier = BY_SQS;
    return true;
}

/* ---- putting on ---- */

static void emit_message_text(lambdest__emit *e, const char *name, lambdest__span text)
{
    lambdest__emit_name(e, name);
    lambdest__emit_text(e, text.data, text.len);
}

static void emit_ms(lambdest__emit *e, const char *name, int64_t ms)
{
    lambdest__emit_name(e, name);
    lambdest__emit_raw(e, "\"", 1);
    lambdest__emit_integer(e, ms);
    lambdest__emit_raw(e, "\"", 1);
}

static void emit_digest(lambdest__emit *e, lambdest__span body)
{
    unsigned char digest[LAMBDEST__MD5_HEX] = {0};

    if (e->buf)
        lambdest__md5_hex(body.data, body.len, digest);
    lambdest__emit_name(e, "md5OfBody");
    lambdest__emit_raw(e, "\"", 1);
    lambdest__emit_raw(e, digest, sizeof digest);
    lambdest__emit_raw(e, "\"", 1);
}

static void write_record(const lambdest__sending *s, lambdest__emit *e)
{
    emit_message_text(e, "messageId", s->id);
    emit_message_text(e, "receiptHandle", s->id);
    emit_message_text(e, "body", s->text);
    lambdest__emit_name(e, "attributes");
    lambdest__emit_open(e, '{');
    lambdest__emit_words(e, "ApproximateReceiveCount", "1");
    emit_ms(e, "SentTimestamp", s->time_ms);
    emit_message_text(e, "SenderId", s->source.account);
    emit_ms(e, "ApproximateFirstReceiveTimestamp", s->time_ms);
    lambdest__emit_close(e, '}');
    lambdest__emit_name(e, "messageAttributes");
    lambdest__emit_raw(e, "{}", 2);
    emit_digest(e, s->text);
    lambdest__emit_words(e, "eventSource", "aws:sqs");
    emit_message_text(e, "eventSourceARN", s->source.arn);
    emit_message_text(e, "awsRegion", s->source.region);
}

void lambdest__sqs_write(const lambdest__sending *sendings, size_t count, lambdest__emit *e)
{
    size_t i;

    lambdest__emit_open(e, '{');
    lambdest__emit_name(e, "Records");
    lambdest__emit_open(e, '[');
    for (i = 0; i < count; i++) {
        lambdest__emit_next(e);
        lambdest__emit_open(e, '{');
        write_record(&sendings[i], e);
        lambdest__emit_close(e, '}');
    }
    lambdest__emit_close(e, ']');
    lambdest__emit_close(e, '}');
}
