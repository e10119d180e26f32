/* A text on its way out of its carriers. */
#ifndef LAMBDEST_CARRIER_PARCEL_H
#define LAMBDEST_CARRIER_PARCEL_H

#include "carrier/items.h"
#include "carrier/traits.h"

typedef struct lambdest__parcel {
    lambdest__span text;          /* as it stands in its carrier: a string's inner text, or a JSON value */
    lambdest__span id;            /* inner texts of the carrier's; data NULL if absent */
    lambdest__span source;        /* as id */
    lambdest__dead_letter letter; /* as id */
    lambdest__path *path;         /* without this carrier */
    lambdest__sender *sender;     /* of the outermost carrier; NULL if that is this one */
    unsigned char *base;          /* of the block that `text` lies in, if that may be written; else NULL */
    const char *message;          /* why it is broken, with: */
    const char *where;
    size_t offset; /* in text */
    int code;      /* LAMBDEST_OK: it is not */
    int carrier;   /* enum lambdest__carrier_kind; CARRIER_KINDS: none */
    uint32_t level;
    bool is_string; /* to be unescaped */
    bool is_dead_letter;
    bool is_notification;
} lambdest__parcel;

/* Makes it broken, with the value it was read from as its text and `at` as the place. */
void lambdest__parcel_break(lambdest__parcel *p, lambdest__span value, const unsigned char *at,
                            const char *message, const char *where);

/* Takes a string member as the text; without one it is broken. */
void lambdest__parcel_fill(lambdest__parcel *p, const lambdest__traits *t, enum lambdest__trait trait,
                           const char *where);

/* Looks for the message attributes that say dead letter, in an object of attributes. */
void lambdest__parcel_stamp(lambdest__parcel *p, const lambdest__traits *t, enum lambdest__trait attributes);

/* Whether an object is one message of this carrier; then the parcel is filled, broken or not. */
bool lambdest__sqs_take(const lambdest__traits *t, lambdest__parcel *p);
bool lambdest__sns_take(const lambdest__traits *t, lambdest__parcel *p);
bool lambdest__eventbridge_take(const lambdest__traits *t, lambdest__parcel *p);
bool lambdest__s3_take(const lambdest__traits *t, lambdest__parcel *p);

#endif
