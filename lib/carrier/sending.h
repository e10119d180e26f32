/* A text on its way into a carrier, with what the carrier says of it. */
#ifndef LAMBDEST_CARRIER_SENDING_H
#define LAMBDEST_CARRIER_SENDING_H

#include "json/emit.h"

#include <lambdest/carrier.h>

/* arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME */
typedef struct lambdest__resource {
    lambdest__span arn;
    lambdest__span partition;
    lambdest__span region;
    lambdest__span account;
    lambdest__span name;
} lambdest__resource;

typedef struct lambdest__sending {
    lambdest__span text; /* UTF-8; for EventBridge and S3 an envelope's */
    lambdest__span id;
    lambdest__span mapping; /* data NULL if absent */
    lambdest__resource source;
    const lambdest_envelope *envelope; /* NULL: the text is any */
    int64_t time_ms;
} lambdest__sending;

/* Takes the ARN of a service's resource apart; false if it is none. */
bool lambdest__resource_read(lambdest__span text, const char *service, lambdest__resource *out);

/* The envelope's own time; else that of sending. */
int64_t lambdest__sending_time(const lambdest__sending *sending);

/* A time as a string, with milliseconds or without. */
void lambdest__emit_time(lambdest__emit *e, int64_t ms, bool with_ms);

/* A text of ours as a string. */
void lambdest__emit_words(lambdest__emit *e, const char *name, const char *text);

void lambdest__sqs_write(const lambdest__sending *sendings, size_t count, lambdest__emit *e);
void lambdest__sns_write(const lambdest__sending *sendings, size_t count, lambdest__emit *e);
void lambdest__sns_write_notification(const lambdest__sending *sending, lambdest__emit *e);
void lambdest__eventbridge_write(const lambdest__sending *sending, lambdest__emit *e);
void lambdest__eventbridge_write_entry(const lambdest__sending *sending, lambdest__emit *e);

/* The key; bare text. ABSENT, with what is missing in *where; INVAL, with what is no one step of a path. */
int lambdest__s3_write_key(const lambdest__sending *sending, lambdest__emit *e, const char **where);

#endif
