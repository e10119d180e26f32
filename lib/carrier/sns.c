#include "carrier/parcel.h"
#include "carrier/sending.h"

#include <string.h>

/* ---- taking off ---- */

static bool is_notification(const lambdest__traits *t)
{
    if (lambdest__trait_has(t, TRAIT_SNS) || lambdest__trait_is(t, TRAIT_SNS_EVENT_SOURCE, "aws:sns"))
        return true;
    return lambdest__trait_has(t, TRAIT_TOPIC_ARN) && lambdest__trait_has(t, TRAIT_MESSAGE);
}

bool lambdest__sns_take(const lambdest__traits *t, lambdest__parcel *p)
{
    if (!is_notification(t))
        return false;
    p->carrier = BY_SNS;
    p->id = lambdest__trait_text(t, TRAIT_MESSAGE_ID);
    p->source = lambdest__trait_text(t, TRAIT_TOPIC_ARN);
    if (lambdest__trait_has(t, TRAIT_TYPE) && !lambdest__trait_is(t, TRAIT_TYPE, "Notification")) {
        lambdest__parcel_break(p, t->text, t->value[TRAIT_TYPE].data,
                               "an SNS message that is no notification", "Type");
        return true;
    }
    lambdest__parcel_fill(p, t, TRAIT_MESSAGE, "Message");
    lambdest__parcel_stamp(p, t, TRAIT_MESSAGE_ATTRIBUTES);
    return true;
}

/* ---- putting on ---- */

#define NO_UUID "00000000-0000-0000-0000-000000000000"
#define CERTIFICATE "SimpleNotificationService-00000000000000000000000000000000.pem"

static void emit_notification_text(lambdest__emit *e, const char *name, lambdest__span text)
{
    lambdest__emit_name(e, name);
    lambdest__emit_text(e, text.data, text.len);
}

/* A string made of pieces, none of which needs an escape but the ARN, which is written last and closes it. */
static void emit_url(const lambdest__sending *s, lambdest__emit *e, const char *name, const char *path)
{
    bool china = s->source.partition.len == 6 && !memcmp(s->source.partition.data, "aws-cn", 6);

    lambdest__emit_name(e, name);
    lambdest__emit_raw(e, "\"https://sns.", 13);
    lambdest__emit_raw(e, s->source.region.data, s->source.region.len);
    lambdest__emit_raw(e, ".amazonaws.com", 14);
    if (china)
        lambdest__emit_raw(e, ".cn", 3);
    lambdest__emit_raw(e, path, strlen(path));
}

/* The topic's ARN and a subscription's uuid. */
static void emit_subscription(const lambdest__sending *s, lambdest__emit *e)
{
    lambdest__emit_raw(e, s->source.arn.data, s->source.arn.len);
    lambdest__emit_raw(e, ":" NO_UUID "\"", sizeof(":" NO_UUID "\"") - 1);
}

static void write_message(const lambdest__sending *s, bool in_event, lambdest__emit *e)
{
    lambdest__emit_open(e, '{');
    lambdest__emit_words(e, "Type", "Notification");
    emit_notification_text(e, "MessageId", s->id);
    emit_notification_text(e, "TopicArn", s->source.arn);
    if (in_event) {
        lambdest__emit_name(e, "Subject");
        lambdest__emit_raw(e, "null", 4);
    }
    emit_notification_text(e, "Message", s->text);
    lambdest__emit_name(e, "Timestamp");
    lambdest__emit_time(e, s->time_ms, true);
    lambdest__emit_words(e, "SignatureVersion", "1");
    lambdest__emit_words(e, "Signature", "AAAA");
    emit_url(s, e, in_event ? "SigningCertUrl" : "SigningCertURL", "/" CERTIFICATE "\"");
    emit_url(s, e, in_event ? "UnsubscribeUrl" : "UnsubscribeURL", "/?Action=Unsubscribe&SubscriptionArn=");
    emit_subscription(s, e);
    if (in_event) {
        lambdest__emit_name(e, "MessageAttributes");
        lambdest__emit_raw(e, "{}", 2);
    }
    lambdest__emit_close(e, '}');
}

void lambdest__sns_write_notification(const lambdest__sending *sending, lambdest__emit *e)
{
    write_message(sending, false, e);
}

void lambdest__sns_write(const lambdest__sending *sendings, size_t count, lambdest__emit *e)
{
    size_t i;

    lambdest__emit_open(e, '{');
    lambdest__emit_name(e, "Records");
    lambdest__emit_open(e, '[');
    for (i = 0; i < count; i++) {
        lambdest__emit_next(e);
        lambdest__emit_open(e, '{');
        lambdest__emit_words(e, "EventSource", "aws:sns");
        lambdest__emit_words(e, "EventVersion", "1.0");
        lambdest__emit_name(e, "EventSubscriptionArn");
        lambdest__emit_raw(e, "\"", 1);
        emit_subscription(&sendings[i], e);
        lambdest__emit_name(e, "Sns");
        write_message(&sendings[i], true, e);
        lambdest__emit_close(e, '}');
    }
    lambdest__emit_close(e, ']');
    lambdest__emit_close(e, '}');
}
