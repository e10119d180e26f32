/* The members that carriers are told by, and reading them off one object in one pass. */
#ifndef LAMBDEST_CARRIER_TRAITS_H
#define LAMBDEST_CARRIER_TRAITS_H

#include "json/scan.h"

enum lambdest__trait {
    /* events of many */
    TRAIT_RECORDS,
    TRAIT_MESSAGES, /* what ReceiveMessage answers */
    /* SQS: as Lambda gets it, then as ReceiveMessage has it */
    TRAIT_EVENT_SOURCE, /* S3's records have it too */
    TRAIT_EVENT_SOURCE_ARN,
    TRAIT_SQS_ID,
    TRAIT_SQS_BODY,
    TRAIT_SQS_MD5,
    TRAIT_SQS_ATTRIBUTES,
    TRAIT_RECEIVED_BODY,
    TRAIT_RECEIVED_MD5,
    TRAIT_RECEIPT_HANDLE,
    /* SNS; these stand in "Sns" or, of a notification, beside each other */
    TRAIT_SNS_EVENT_SOURCE,
    TRAIT_SNS,
    TRAIT_TYPE,
    TRAIT_MESSAGE_ID, /* ReceiveMessage's as well, as the next */
    TRAIT_MESSAGE_ATTRIBUTES,
    TRAIT_TOPIC_ARN,
    TRAIT_MESSAGE,
    /* EventBridge */
    TRAIT_ID,
    TRAIT_DETAIL_TYPE,
    TRAIT_SOURCE,
    TRAIT_RESOURCES,
    TRAIT_DETAIL,
    /* S3 */
    TRAIT_S3,
    TRAIT_COUNT
};

typedef struct lambdest__traits {
    lambdest__span value[TRAIT_COUNT]; /* JSON values; data NULL: it is not there */
    lambdest__span text;               /* the object */
    const unsigned char *twice;        /* the name of a member that came before; NULL: none */
    const char *twice_where;
    bool no_carrier; /* a member that carriers do not have was seen, and the rest left */
} lambdest__traits;

/* Told of the elements of "Records" or "Messages", with the cursor at the opening bracket; passes them. */
typedef int lambdest__elements_fn(lambdest__scan *s, enum lambdest__trait list, void *data);

/* Reads an object at the cursor and passes it. With `elements` it is a whole text: lists are told, and
 * reading ends at a member that only an envelope has. SYNTAX, UTF8, DEPTH, or what `elements` returns. */
int lambdest__traits_read(lambdest__scan *s, lambdest__elements_fn *elements, void *data,
                          lambdest__traits *out);

bool lambdest__trait_is(const lambdest__traits *t, enum lambdest__trait trait, const char *text);

/* The inner text of a string value; data NULL if it is absent or no string. */
lambdest__span lambdest__trait_text(const lambdest__traits *t, enum lambdest__trait trait);

bool lambdest__trait_has(const lambdest__traits *t, enum lambdest__trait trait);

#endif
