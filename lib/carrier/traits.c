#include "carrier/traits.h"

#include "base/options.h"
#include "json/string.h"

#include <string.h>

typedef struct trait_name {
    const char *name;
    size_t len;
} trait_name;

#define NAME(name)                                                                                           \
    {                                                                                                        \
        name, sizeof(name) - 1                                                                               \
    }

static const trait_name names[TRAIT_COUNT] = {
    [TRAIT_RECORDS] = NAME("Records"),
    [TRAIT_MESSAGES] = NAME("Messages"),
    [TRAIT_EVENT_SOURCE] = NAME("eventSource"),
    [TRAIT_EVENT_SOURCE_ARN] = NAME("eventSourceARN"),
    [TRAIT_SQS_ID] = NAME("messageId"),
    [TRAIT_SQS_BODY] = NAME("body"),
    [TRAIT_SQS_MD5] = NAME("md5OfBody"),
    [TRAIT_SQS_ATTRIBUTES] = NAME("messageAttributes"),
    [TRAIT_RECEIVED_BODY] = NAME("Body"),
    [TRAIT_RECEIVED_MD5] = NAME("MD5OfBody"),
    [TRAIT_RECEIPT_HANDLE] = NAME("ReceiptHandle"),
    [TRAIT_SNS_EVENT_SOURCE] = NAME("EventSource"),
    [TRAIT_SNS] = NAME("Sns"),
    [TRAIT_TYPE] = NAME("Type"),
    [TRAIT_MESSAGE_ID] = NAME("MessageId"),
    [TRAIT_MESSAGE_ATTRIBUTES] = NAME("MessageAttributes"),
    [TRAIT_TOPIC_ARN] = NAME("TopicArn"),
    [TRAIT_MESSAGE] = NAME("Message"),
    [TRAIT_ID] = NAME("id"),
    [TRAIT_DETAIL_TYPE] = NAME("detail-type"),
    [TRAIT_SOURCE] = NAME("source"),
    [TRAIT_RESOURCES] = NAME("resources"),
    [TRAIT_DETAIL] = NAME("detail"),
    [TRAIT_S3] = NAME("s3"),
};

/* With one of these at its top a text is for the envelope's own reader to judge. */
static const trait_name envelope_names[] = {
    NAME("requestContext"),   NAME("requestPayload"),     NAME("responseContext"), NAME("invocationId"),
    NAME("KinesisBatchInfo"), NAME("DDBStreamBatchInfo"), NAME("KafkaBatchInfo"),  NAME("specversion"),
};

enum {
    ENVELOPE_NAMES = sizeof envelope_names / sizeof envelope_names[0]
};

static bool is_name(const trait_name *wanted, lambdest__span name, bool escaped)
{
    if (escaped)
        return lambdest__string_equals(name, wanted->name, wanted->len);
    return name.len == wanted->len && !memcmp(name.data, wanted->name, name.len);
}

/* Its index; -1 if there is none. */
static int find_trait(const trait_name *list, size_t count, lambdest__span name)
{
    bool escaped = name.len && memchr(name.data, '\\', name.len) != NULL;
    size_t i;

    for (i = 0; i < count; i++)
        if (is_name(&list[i], name, escaped))
            return (int)i;
    return -1;
}

typedef struct trait_reading {
    lambdest__scan *scan;
    lambdest__elements_fn *elements;
    void *data;
    lambdest__traits *out;
    bool in_sns;
} trait_reading;

static int pass_value(trait_reading *r, int trait)
{
    bool list = trait == TRAIT_RECORDS || trait == TRAIT_MESSAGES;
    int first = lambdest__scan_peek(r->scan);
    lambdest__span value, outer;
    size_t from = r->scan->at;
    int rc;

    if (trait == TRAIT_SNS && first == '{' && !r->in_sns && !r->out->twice) {
        r->in_sns = true;
        value.data = r->scan->text + from;
        value.len = 1;
        rc = lambdest__scan_open(r->scan, '{');
    } else if (list && first == '[' && r->elements && !r->out->twice) {
        rc = r->elements(r->scan, (enum lambdest__trait)trait, r->data);
        value.data = r->scan->text + from;
        value.len = r->scan->at - from;
    } else {
        rc = lambdest__scan_slice(r->scan, &value, &outer);
    }
    if (!rc && trait >= 0)
        r->out->value[trait] = value;
    return rc;
}

static int pass_trait(trait_reading *r)
{
    lambdest__span name;
    int trait, rc = lambdest__scan_name(r->scan, &name);

    if (rc)
        return rc;
    trait = find_trait(names, TRAIT_COUNT, name);
    if (r->elements && trait < 0 && find_trait(envelope_names, ENVELOPE_NAMES, name) >= 0) {
        r->out->no_carrier = true;
        return LAMBDEST_OK;
    }
    if (trait >= 0 && r->out->value[trait].data && !r->out->twice) {
        r->out->twice = name.data - 1;
        r->out->twice_where = names[trait].name;
    }
    return pass_value(r, trait);
}

int lambdest__traits_read(lambdest__scan *s, lambdest__elements_fn *elements, void *data,
                          lambdest__traits *out)
{
    trait_reading r = {s, elements, data, out, false};
    bool more = true;
    int rc;

    memset(out, 0, sizeof *out);
    lambdest__scan_peek(s);
    out->text.data = s->text + s->at;
    rc = lambdest__scan_open(s, '{');
    while (!rc && more && !out->no_carrier) {
        rc = lambdest__scan_more(s, '{', &more);
        if (!rc && more) {
            rc = pass_trait(&r);
        } else if (r.in_sns) {
            r.in_sns = false;
            more = true;
        }
    }
    out->text.len = (size_t)(s->text + s->at - out->text.data);
    return rc;
}

bool lambdest__trait_has(const lambdest__traits *t, enum lambdest__trait trait)
{
    return t->value[trait].data != NULL;
}

lambdest__span lambdest__trait_text(const lambdest__traits *t, enum lambdest__trait trait)
{
    lambdest__span none = {NULL, 0};

    if (!t->value[trait].data || *t->value[trait].data != '"')
        return none;
    return lambdest__string_inner(t->value[trait]);
}

bool lambdest__trait_is(const lambdest__traits *t, enum lambdest__trait trait, const char *text)
{
    lambdest__span inner = lambdest__trait_text(t, trait);

    return inner.data && lambdest__string_equals(inner, text, strlen(text));
}
