#include "delivery/target.h"

#include "base/error.h"
#include "delivery/limits.h"
#include "delivery/sinks.h"
#include "envelope/arn.h"

#include <string.h>

#define FIFO_REASON "Lambda has no FIFO queues or topics as destinations"

static bool equals(lambdest__span text, const char *word)
{
    size_t len = strlen(word);

    return text.len == len && !memcmp(text.data, word, len);
}

static bool begins_with(lambdest__span text, const char *word)
{
    size_t len = strlen(word);

    return text.len > len && !memcmp(text.data, word, len);
}

static bool ends(lambdest__span text, const char *word)
{
    size_t len = strlen(word);

    return text.len >= len && !memcmp(text.data + text.len - len, word, len);
}

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, the last with colons of its own. */
enum {
    ARN_PARTS = 6
};

static bool split(lambdest__span arn, lambdest__span parts[ARN_PARTS])
{
    const unsigned char *p = arn.data, *end = arn.data + arn.len;
    size_t i;

    for (i = 0; i < ARN_PARTS; i++) {
        const unsigned char *colon = i + 1 < ARN_PARTS ? memchr(p, ':', (size_t)(end - p)) : NULL;

        if (!colon && i + 1 < ARN_PARTS)
            return false;
        parts[i].data = p;
        parts[i].len = (size_t)((colon ? colon : end) - p);
        p = colon ? colon + 1 : end;
    }
    return equals(parts[0], "arn") && parts[1].len && parts[2].len && parts[5].len;
}

static bool all_visible(lambdest__span text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (text.data[i] <= ' ' || text.data[i] >= 0x7F)
            return false;
    return true;
}

static int unsupported(lambdest_error *err, const char *why)
{
    return lambdest__fail(err, LAMBDEST_E_UNSUPPORTED, 0, why, "sink.arn");
}

static int invalid_arn(lambdest_error *err, const char *why)
{
    return lambdest__fail(err, LAMBDEST_E_INVAL, 0, why, "sink.arn");
}

/* A queue or a topic is named by its account's resource alone; a subscription has more behind it. */
static int queue_or_topic(const lambdest__span *part, uint32_t found, uint32_t *target, lambdest_error *err)
{
    if (!part[3].len || !part[4].len)
        return invalid_arn(err, "a queue or topic has a region and an account");
    if (memchr(part[5].data, ':', part[5].len))
        return unsupported(err, "not a queue or topic but something of one");
    if (ends(part[5], ".fifo"))
        return unsupported(err, FIFO_REASON);
    *target = found;
    return LAMBDEST_OK;
}

static int function(lambdest__span arn, uint32_t *target, lambdest_error *err)
{
    lambdest__arn parts;

    if (!lambdest__arn_read(arn, &parts))
        return unsupported(err, "of Lambda only a function can be a destination");
    *target = LAMBDEST_TARGET_LAMBDA;
    return LAMBDEST_OK;
}

static int bus(const lambdest__span *part, uint32_t *target, lambdest_error *err)
{
    if (!begins_with(part[5], "event-bus/"))
        return unsupported(err, "of EventBridge only an event bus can be a destination");
    *target = LAMBDEST_TARGET_EVENTBRIDGE;
    return LAMBDEST_OK;
}

static int cluster(const lambdest__span *part, uint32_t *target, lambdest_error *err)
{
    if (!begins_with(part[5], "cluster/") && !begins_with(part[5], "topic/"))
        return unsupported(err, "of MSK only a cluster or topic can be a destination");
    *target = LAMBDEST_TARGET_KAFKA;
    return LAMBDEST_OK;
}

static int bucket(const lambdest__span *part, uint32_t *target, lambdest_error *err)
{
    if (memchr(part[5].data, '/', part[5].len))
        return unsupported(err, "a bucket can be a destination, an object cannot");
    *target = LAMBDEST_TARGET_S3;
    return LAMBDEST_OK;
}

int lambdest__target_of(lambdest__span arn, uint32_t *target, lambdest_error *err)
{
    lambdest__span part[ARN_PARTS];

    *target = 0;
    if (all_visible(arn) && begins_with(arn, "kafka://")) {
        *target = LAMBDEST_TARGET_KAFKA;
        return LAMBDEST_OK;
    }
    if (!all_visible(arn) || !split(arn, part))
        return invalid_arn(err, "not an ARN");
    if (equals(part[2], "sqs"))
        return queue_or_topic(part, LAMBDEST_TARGET_SQS, target, err);
    if (equals(part[2], "sns"))
        return queue_or_topic(part, LAMBDEST_TARGET_SNS, target, err);
    if (equals(part[2], "lambda"))
        return function(arn, target, err);
    if (equals(part[2], "events"))
        return bus(part, target, err);
    if (equals(part[2], "s3"))
        return bucket(part, target, err);
    if (equals(part[2], "kafka"))
        return cluster(part, target, err);
    return unsupported(err, "no destination of Lambda is of this service");
}

static int choose(int target, lambdest__span arn, uint32_t *out, lambdest_error *err)
{
    uint32_t found;
    int rc;

    *out = (uint32_t)target;
    if (!arn.data) {
        if (target)
            return LAMBDEST_OK;
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "neither a target nor an ARN", "target");
    }
    if (target == LAMBDEST_TARGET_PLAIN)
        return LAMBDEST_OK;
    rc = lambdest__target_of(arn, &found, err);
    if (rc)
        return rc;
    if (target && (uint32_t)target != found)
        return invalid_arn(err, "an ARN of another target");
    *out = found;
    return LAMBDEST_OK;
}

int lambdest_sink_init(lambdest_sink *sink, int target, const char *arn, size_t arn_len, lambdest_error *err)
{
    lambdest_sink made = {0};
    lambdest__span text = {(const unsigned char *)arn, arn_len};
    lambdest__limit limit;
    int rc;

    if (!sink || lambdest__sink_fill(sink, &made))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no sink, or its size is not set", "sink.size");
    if (!arn && arn_len)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "a length without a text", "arn");
    if (target < 0 || !lambdest__limit_of((uint32_t)target, &limit))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no such target", "target");
    rc = choose(target, text, &made.target, err);
    if (rc)
        return rc;
    lambdest__limit_of(made.target, &limit);
    made.form = LAMBDEST_RECORD;
    made.oversize = LAMBDEST_OVERSIZE_REFUSE;
    made.max_bytes = limit.max_bytes;
    made.arn = arn;
    made.arn_len = arn_len;
    lambdest__sink_fill(sink, &made);
    return lambdest__ok(err);
}
