/* From whatever a consumer was handed to envelopes, and back.
 *
 * A carrier is what brought an envelope: an SQS event or message, an SNS event or notification, an
 * EventBridge event, an S3 object, and any nesting of them. Their shapes are AWS's, as recorded: an SQS
 * event's "Records" with "body", "messageId", "eventSource"; a message of ReceiveMessage with "Body",
 * "MessageId"; an SNS notification with "Type", "Message" ("Sns" of a record holds one, where
 * SigningCertURL is SigningCertUrl); an EventBridge event with "detail-type", "detail"; an S3 object and a
 * Kafka topic's message are the envelope itself. */
#ifndef LAMBDEST_CARRIER_H
#define LAMBDEST_CARRIER_H

#include <lambdest/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lambdest_items lambdest_items;
typedef struct lambdest_item lambdest_item; /* owned by its lambdest_items */

/* A dead letter of Lambda is told by its message attributes RequestID and ErrorCode or ErrorMessage, one of
 * EventBridge Pipes by a "context" in the place of a batch record's "requestContext". */
enum lambdest_item_kind {
    LAMBDEST_ITEM_ENVELOPE = 651,
    LAMBDEST_ITEM_DEAD_LETTER = 652,     /* of Lambda's dead-letter queue or topic: the bare event */
    LAMBDEST_ITEM_PIPES = 653,           /* an EventBridge Pipes dead letter */
    LAMBDEST_ITEM_S3_NOTIFICATION = 654, /* names an object and does not carry it */
    LAMBDEST_ITEM_BROKEN = 655           /* none of these */
};

enum lambdest_item_member {      /* text; each may be absent but the carrier */
    LAMBDEST_ITEM_ID = 161,      /* the outermost carrier's SQS or SNS message id or EventBridge id */
    LAMBDEST_ITEM_CARRIER = 162, /* of sqs, sns, eventbridge, s3, outermost first: "sqs/sns"; "" when bare */
    LAMBDEST_ITEM_SOURCE = 163,  /* ARN of the outermost queue, topic, bus or bucket */
    LAMBDEST_ITEM_BODY = 164,    /* the innermost text, all carriers taken off; a slice, counted only */
    /* a dead letter's attributes */
    LAMBDEST_ITEM_REQUEST_ID = 165,
    LAMBDEST_ITEM_ERROR_CODE = 166,   /* a number as text */
    LAMBDEST_ITEM_ERROR_MESSAGE = 167 /* cut at 1 KB by AWS */
};

/* Takes any event apart into items, in the event's order: SQS, SNS, EventBridge, S3, nested in any order,
 * the answer of ReceiveMessage, an array of any of these, or a bare record, batch record, document or
 * CloudEvent. A bad item is an item with an error and hides no other. A text that is a JSON string around
 * an object or array (encoded once too often) is decoded. An array that is empty, or begins with something
 * else than an object, is one bad item. Time is linear in the input for each nesting. Memory is the input
 * once (with LAMBDEST_BORROW only what must be decoded), the texts of items once, 2 KiB and less than 1 KiB
 * for each item, and what lambdest_envelope_parse takes for each envelope when it borrows its text.
 * Envelopes get the options' limits. A Lambda event of Kafka records (base64) is not a carrier.
 * Fails only when the whole is unreadable: INVAL, NOMEM; SYNTAX, UTF8, DEPTH of the text itself; TOO_BIG
 * (bytes, or more than max_items items). */
LAMBDEST_API int lambdest_unwrap(const char *text, size_t len, const lambdest_options *options,
                                 lambdest_items **out, lambdest_error *err);

/* Frees all items and their envelopes. Plans made of them must be freed first. */
LAMBDEST_API void lambdest_items_free(lambdest_items *items);

/* The number of items; 0 for an event with no records. */
LAMBDEST_API size_t lambdest_items_count(const lambdest_items *items);

/* One item from 0, in the event's order; NULL past the end. */
LAMBDEST_API const lambdest_item *lambdest_items_at(const lambdest_items *items, size_t index);

/* enum lambdest_item_kind; 0 for NULL. */
LAMBDEST_API int lambdest_item_kind(const lambdest_item *item);

/* The item's envelope; NULL unless its kind is LAMBDEST_ITEM_ENVELOPE. Borrowed; clone it to keep it. */
LAMBDEST_API const lambdest_envelope *lambdest_item_envelope(const lambdest_item *item);

/* Why an item has no envelope: its code, and *err filled, its offset counting in LAMBDEST_ITEM_BODY.
 * LAMBDEST_OK with *err cleared if it has one. A look-alike is UNSUPPORTED. A broken item has the codes of
 * lambdest_envelope_parse (UTF8 also for a lone surrogate escape in a carrier's string, which stands for
 * no text: the offset is where it would be), SCHEMA for a carrier that is not as AWS has it, DEPTH for one
 * more than max_nesting. INVAL. */
LAMBDEST_API int lambdest_item_error(const lambdest_item *item, lambdest_error *err);

/* A text (enum lambdest_item_member); NULL if absent. */
LAMBDEST_API const char *lambdest_item_text(const lambdest_item *item, int member, size_t *len);

/* Marks an item as failed, so that SQS shows its message again, and with it all items that came in that
 * message. Nothing is marked by itself, a broken item neither. Marking twice is fine. INVAL; ABSENT past
 * the end; UNSUPPORTED if it did not come by SQS with a message id: let the whole invocation fail, then. */
LAMBDEST_API int lambdest_items_fail(lambdest_items *items, size_t index);

/* Writes {"batchItemFailures":[{"itemIdentifier":…}]} for the marked items, an id once, in the event's
 * order. For a FIFO queue mark every item after the first failed one as well. INVAL, NOMEM. */
LAMBDEST_API int lambdest_items_response(const lambdest_items *items, char **out, size_t *len);

/* The original invocation event: an envelope's request payload, byte for byte without the white space
 * around it, or the event in a batch record's payload (an object is taken, a string decoded). With
 * LAMBDEST_FUNCTION_NAME and _QUALIFIER it is a new Invoke. INVAL; ABSENT if the envelope does not carry
 * it (see a batch record's ranges, then); of a batch payload UTF8 (a lone surrogate escape) or SCHEMA (no
 * JSON in the string); NOMEM. */
LAMBDEST_API int lambdest_redrive(const lambdest_envelope *env, char **out, size_t *len);

enum lambdest_carrier {
    LAMBDEST_SQS_EVENT = 661,
    LAMBDEST_SNS_EVENT = 662,
    LAMBDEST_SNS_NOTIFICATION = 663,  /* as SQS and HTTP subscribers get it */
    LAMBDEST_EVENTBRIDGE_EVENT = 664, /* the detail loses its white space, as it does there */
    LAMBDEST_EVENTBRIDGE_ENTRY = 665, /* one entry for PutEvents, "Time" in seconds since 1970 */
    LAMBDEST_S3_KEY = 666             /* the object is the record itself; this is its key, bare text */
};

/* One message to be wrapped: an envelope (written as RECORD) or, to nest carriers, a body, which for
 * EventBridge and S3 must be the text of an envelope. Borrowed for the call. Frozen. */
typedef struct lambdest_message {
    const lambdest_envelope *envelope; /* or NULL, and then: */
    const char *body;
    size_t body_len;
    const char *id; /* message or event id; S3: the key's uuid; an entry needs none */
    size_t id_len;
    const char *source; /* ARN of the queue, topic or bus; an entry without one is for the default bus */
    size_t source_len;
    const char *mapping; /* S3 key of a batch record: the mapping's uuid */
    size_t mapping_len;
    const void *reserved_pointer;
    int64_t time_ms; /* when it was sent, ms since 1970; 0: the envelope's timestamp; without
                        one too, 1970, and an entry has no time */
    uint64_t reserved;
} lambdest_message;

/* What AWS would make of the messages, member for member; SQS and SNS events take any number, the others
 * one. An EventBridge event's time and an S3 key's is the envelope's, time_ms only if it has none. What
 * AWS alone can know is made up: receiptHandle is the id, SenderId the queue's account, the first receive
 * time the time sent, a subscription's uuid all zeros, Signature "AAAA". lambdest_unwrap gives back the
 * same bytes (of an EventBridge event: without white space). INVAL (a source that is no ARN of that
 * service, a time outside the years 0 to 9999, a count; for an S3 key an id, mapping, function or shard with
 * a slash, backslash or control character (U+0000 to 1F, 7F to 9F), or that is empty, "." or ".."), ABSENT
 * with the member in where,
 * UTF8; for EventBridge and S3 the codes of lambdest_envelope_parse for a body; TOO_BIG (a body over
 * max_bytes), NOMEM. */
LAMBDEST_API int lambdest_wrap(int carrier, const lambdest_message *messages, size_t count,
                               const lambdest_options *options, char **out, size_t *len, lambdest_error *err);

#ifdef __cplusplus
}
#endif
#endif
