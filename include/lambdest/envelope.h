/* The envelope: one invocation's story. Built, parsed, read, changed and written here. */
#ifndef LAMBDEST_ENVELOPE_H
#define LAMBDEST_ENVELOPE_H

#include <lambdest/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lambdest_envelope lambdest_envelope;

enum lambdest_form {
    LAMBDEST_RECORD = 501,
    LAMBDEST_DOCUMENT = 502,
    LAMBDEST_CLOUDEVENT = 503 /* CloudEvents 1.0, structured JSON, with a record as its data */
};
enum lambdest_kind { LAMBDEST_ASYNC = 511, LAMBDEST_BATCH = 512 };
enum lambdest_state { LAMBDEST_ABSENT = 521, LAMBDEST_NULL = 522, LAMBDEST_VALUE = 523 };

enum lambdest_member {
    /* text; settable */
    LAMBDEST_REQUEST_ID = 101,
    LAMBDEST_FUNCTION_ARN = 102,     /* set: an unqualified one of kind ASYNC gets ":$LATEST" when written;
                                        parsed: kept, and without parts if it is none */
    LAMBDEST_CONDITION = 103,        /* the wire's word; any word is kept */
    LAMBDEST_TIMESTAMP = 104,        /* as on the wire; one time with LAMBDEST_TIMESTAMP_MS */
    LAMBDEST_EXECUTED_VERSION = 105,
    LAMBDEST_FUNCTION_ERROR = 106,   /* "Unhandled", "Handled"; null in partial batch failures */
    LAMBDEST_RECORD_VERSION = 107,   /* "1.0" in a new envelope */
    /* text; derived, read only */
    LAMBDEST_FUNCTION_PARTITION = 121,
    LAMBDEST_FUNCTION_REGION = 122,
    LAMBDEST_FUNCTION_ACCOUNT = 123,
    LAMBDEST_FUNCTION_NAME = 124,    /* from the ARN, else from a document's functionName */
    LAMBDEST_FUNCTION_QUALIFIER = 125,
    LAMBDEST_ERROR_TYPE = 126,       /* of the invocation error, under whichever key */
    LAMBDEST_ERROR_MESSAGE = 127,
    LAMBDEST_SOURCE_ARN = 128,       /* a batch record's stream or cluster */
    /* integer; settable */
    LAMBDEST_INVOKE_COUNT = 201,     /* approximateInvokeCount, from 0 */
    LAMBDEST_STATUS_CODE = 202,      /* 200 ran, 429 throttled, 404 gone */
    LAMBDEST_TIMESTAMP_MS = 203,     /* milliseconds since 1970, UTC */
    /* integer; derived, read only */
    LAMBDEST_BATCH_SIZE = 221,
    LAMBDEST_PAYLOAD_SIZE = 222,
    /* JSON; settable, kept byte for byte */
    LAMBDEST_REQUEST_PAYLOAD = 301,
    LAMBDEST_RESPONSE_PAYLOAD = 302, /* a record's responsePayload, error or not; a document's body */
    LAMBDEST_INVOCATION_ERROR = 303, /* get: the one that was set, else RESPONSE_PAYLOAD where FUNCTION_ERROR
                                        has a value. A record puts it into responsePayload, or, if there is
                                        a RESPONSE_PAYLOAD as well, into a top-level invocationError */
    LAMBDEST_DELIVERY_ERROR = 304,   /* an object */
    LAMBDEST_CONTEXT = 305,          /* only a document has it: invocationRequest.context */
    /* JSON; derived, read only */
    LAMBDEST_CLIENT_CONTEXT = 306,   /* the context's clientContext */
    LAMBDEST_METADATA = 307,         /* a document's invocationMetadata as it was parsed */
    /* JSON; settable, kept byte for byte; objects all but the last */
    LAMBDEST_KINESIS_BATCH_INFO = 321, /* with one of the three the kind is BATCH */
    LAMBDEST_DDB_STREAM_BATCH_INFO = 322,
    LAMBDEST_KAFKA_BATCH_INFO = 323,
    LAMBDEST_TIME_WINDOW_INFO = 324,
    LAMBDEST_BATCH_PAYLOAD = 325,    /* a string that holds the event, or the event */
    /* state only */
    LAMBDEST_RESPONSE_CONTEXT = 391
};

enum lambdest_range_member { /* text of one range of a batch record; each may be absent */
    LAMBDEST_RANGE_NAME = 141,      /* shard id, or "topic-partition" as on the wire */
    LAMBDEST_RANGE_TOPIC = 142,     /* Kafka: the name up to its last hyphen */
    LAMBDEST_RANGE_PARTITION = 143,
    LAMBDEST_RANGE_FIRST = 144,     /* sequence number or offset, digits as they came */
    LAMBDEST_RANGE_LAST = 145,
    LAMBDEST_RANGE_FIRST_TIME = 146,
    LAMBDEST_RANGE_LAST_TIME = 147
};

enum lambdest_write_flag {
    LAMBDEST_COMPACT = 1,       /* white space outside strings goes; nothing else changes */
    LAMBDEST_EXPLICIT_ERROR = 2 /* a record also names its error in a top-level invocationError */
};

/* ---- life ---- */

/* An envelope of kind ASYNC with nothing in it but the version "1.0". NOMEM, INVAL. */
LAMBDEST_API int lambdest_envelope_new(const lambdest_options *options, lambdest_envelope **out,
                                       lambdest_error *err);

/* Reads one record, batch record, document or CloudEvent; the form is detected by the names of the
 * members: a record has requestPayload, responsePayload, responseContext, deliveryError, a batch info, or
 * a requestContext like a record's; a document has invocationId, invocationRequest, invocationResponse or
 * invocationMetadata, else functionArn, functionName or invocationError; a CloudEvent is none of these and
 * has specversion "1.0", id, source and type (CloudEvents 1.0.2, JSON format 3) and a record or batch
 * record as data. One pass (of a CloudEvent a few), strict; text is copied once, or kept with
 * LAMBDEST_BORROW. Unknown members and conditions are kept, missing ones are no error. A member twice on
 * one of the envelope's own levels, of a wrong type, or null where AWS never writes one is SCHEMA with
 * offset and field; inside payloads anything goes. One allocation. NOMEM, INVAL, SYNTAX, UTF8, SCHEMA,
 * DEPTH (of one payload), TOO_BIG (bytes, or more than max_items members not known), UNSUPPORTED (a
 * look-alike by name). */
LAMBDEST_API int lambdest_envelope_parse(const char *text, size_t len, const lambdest_options *options,
                                         lambdest_envelope **out, lambdest_error *err);

/* A copy that shares nothing, borrowed text included, with the same allocator and limits; it never borrows.
 * INVAL, NOMEM. */
LAMBDEST_API int lambdest_envelope_clone(const lambdest_envelope *env, lambdest_envelope **out,
                                         lambdest_error *err);

/* Frees the envelope and all it handed out. A plan made of it must be freed first. */
LAMBDEST_API void lambdest_envelope_free(lambdest_envelope *env);

/* The form it was parsed from (enum lambdest_form), 0 if it was built. Changes do not change it. */
LAMBDEST_API int lambdest_envelope_form(const lambdest_envelope *env);

/* LAMBDEST_ASYNC or LAMBDEST_BATCH; 0 for NULL. */
LAMBDEST_API int lambdest_envelope_kind(const lambdest_envelope *env);

/* ---- members ---- */

/* Whether a member of any type is absent, null or a value: LAMBDEST_ABSENT, _NULL or _VALUE. */
LAMBDEST_API int lambdest_envelope_state(const lambdest_envelope *env, int member);

/* Removes a member (LAMBDEST_ABSENT), or makes it null where AWS writes one (function error, response
 * context) or JSON allows one: payloads, that of a batch too, invocation error, context (LAMBDEST_NULL). An
 * invocation error made null so brings nothing along. RESPONSE_CONTEXT takes its three members along, and
 * those not known; of a document without RESPONSE_PAYLOAD also the invocationResponse, which tells a success.
 * A parsed envelope whose members are all as they were, by this
 * or never touched, is unchanged again. INVAL for a derived member or another state; NOMEM. */
LAMBDEST_API int lambdest_envelope_set_state(lambdest_envelope *env, int member, int state,
                                             lambdest_error *err);

/* A text member, decoded; NULL with *len 0 if absent, null or of another type. */
LAMBDEST_API const char *lambdest_envelope_text(const lambdest_envelope *env, int member, size_t *len);

/* Sets a text member; the empty text is a value. INVAL for another type, a derived member, or what the
 * member cannot hold (an ARN that is none, a time that is not RFC 3339 in capitals, leap seconds left out,
 * or is not within the years 0 to 9999 of UTC); UTF8; TOO_BIG; NOMEM. */
LAMBDEST_API int lambdest_envelope_set_text(lambdest_envelope *env, int member, const char *text,
                                            size_t len, lambdest_error *err);

/* An integer member. ABSENT if absent, null or of another type; *out is then 0. INVAL. */
LAMBDEST_API int lambdest_envelope_integer(const lambdest_envelope *env, int member, int64_t *out);

/* Sets an integer member. INVAL for another type, a derived member or a value out of range (count 0 to
 * 2^53 - 1, status 0 to 999, time within the years 0 to 9999); NOMEM. */
LAMBDEST_API int lambdest_envelope_set_integer(lambdest_envelope *env, int member, int64_t value,
                                               lambdest_error *err);

/* A JSON member, exactly the bytes that came, without the white space around them; NULL with *len 0 if
 * absent or of another type. A null is the four bytes `null`. Not NUL-terminated. */
LAMBDEST_API const char *lambdest_envelope_json(const lambdest_envelope *env, int member, size_t *len);

/* Sets a JSON member from one JSON text, checked and kept byte for byte, white space around it included;
 * copied unless LAMBDEST_BORROW. INVOCATION_ERROR, a null too, also sets FUNCTION_ERROR to "Unhandled" and
 * STATUS_CODE to 200 where they have no value, as AWS has them. INVAL (a derived member, a second source's
 * batch info), SYNTAX, UTF8, DEPTH, TOO_BIG, SCHEMA (no object where it must be one, a batch info that
 * parsing would refuse), NOMEM; the offset counts in `json`. */
LAMBDEST_API int lambdest_envelope_set_json(lambdest_envelope *env, int member, const char *json,
                                            size_t len, lambdest_error *err);

/* Sets a JSON member to a JSON member of `from`, which may be `env` itself, as lambdest_envelope_json reads
 * it, with the white space around it: a payload or error of the one that becomes a payload or error of the
 * other is not checked again, unless `from` was allowed more depth. Copied unless LAMBDEST_BORROW and another
 * envelope: then `from` must live and stay unchanged as long as `env` has the member. In all else as
 * lambdest_envelope_set_json. ABSENT where `from` has no such member; INVAL, DEPTH, TOO_BIG, SCHEMA, NOMEM;
 * the offset counts in the member of `from`. `from` is only read. */
LAMBDEST_API int lambdest_envelope_copy_json(lambdest_envelope *env, int member,
                                             const lambdest_envelope *from, int from_member,
                                             lambdest_error *err);

/* Sets INVOCATION_ERROR to {"errorMessage","errorType","stackTrace"} made of parts; text in any UTF-8. type
 * NULL leaves errorType out; frames NULL with 0 writes an empty trace. FUNCTION_ERROR and STATUS_CODE as by
 * lambdest_envelope_set_json, where a runtime's own bytes go. Read back as LAMBDEST_INVOCATION_ERROR it is
 * fit for a POST to /error. INVAL, UTF8 (offset in the part that `where` names), TOO_BIG, NOMEM. */
LAMBDEST_API int lambdest_envelope_set_error(lambdest_envelope *env, const char *type, size_t type_len,
                                             const char *message, size_t message_len,
                                             const lambdest_slice *frames, size_t frame_count,
                                             lambdest_error *err);

/* The number of stack frames of the invocation error, under stackTrace, else trace, else stack (where one
 * string is one frame); 0 if none. No more than max_items are read. */
LAMBDEST_API size_t lambdest_envelope_frame_count(const lambdest_envelope *env);

/* One frame from 0, in the order of the error (Python's begins with the outermost): a string frame decoded,
 * an object frame (Go) as its JSON text. NULL past the end. */
LAMBDEST_API const char *lambdest_envelope_frame(const lambdest_envelope *env, size_t index, size_t *len);

/* The ranges a batch record covers: one shard, or one for each topic-partition; 0 for kind ASYNC. */
LAMBDEST_API size_t lambdest_envelope_range_count(const lambdest_envelope *env);

/* A text (enum lambdest_range_member) of one range from 0; NULL if absent or past the end. */
LAMBDEST_API const char *lambdest_envelope_range_text(const lambdest_envelope *env, size_t index,
                                                      int member, size_t *len);

/* ---- writing ---- */

/* Writes the envelope into the caller's buffer; form 0 is its own, else RECORD. Parsed, unchanged and in
 * its own form: identical bytes (with COMPACT less their insignificant white space). Otherwise known
 * members in the form's order, compact, then those not known; payloads byte for byte with the white space
 * around them. Absent members are left out. Nothing is invented but ":$LATEST", an empty requestContext,
 * responseContext or invocationMetadata where nothing else would show the form, and in a record what a
 * document says by a member's name alone: condition "Success" for an invocationResponse without a 2xx
 * status or beside an error or function error, function error "Unhandled" and status 200 for an
 * invocationError. What a document has no member for goes into its invocationMetadata; a record has none for
 * a document's context, functionName, null or empty objects and members not known, nor for an invocation
 * error that is null beside no function error. A CLOUDEVENT has type
 * "com.amazonaws.lambda.invocation.success", ".failure" or ".indeterminate", source the function's ARN,
 * subject its name, id the request id, time the timestamp, datacontenttype "application/json", and as data
 * the record: that of a parsed, unchanged record or CloudEvent byte for byte. A changed CloudEvent has these
 * anew (id and source as they were if the record has none) and keeps dataschema, datacontenttype and
 * extensions as they came; written as another form it loses them. Allocates nothing. INVAL, NOSPC,
 * UNSUPPORTED (a batch record as DOCUMENT), ABSENT (a CLOUDEVENT without function ARN, or without request id,
 * of which an empty one is none; where says which). */
LAMBDEST_API int lambdest_envelope_write(const lambdest_envelope *env, int form, uint32_t flags,
                                         char *buf, size_t cap, size_t *need, lambdest_error *err);

/* The same as long text, freed with lambdest_free. INVAL, UNSUPPORTED, ABSENT, NOMEM. */
LAMBDEST_API int lambdest_envelope_write_alloc(const lambdest_envelope *env, int form, uint32_t flags,
                                               char **out, size_t *len, lambdest_error *err);

enum lambdest_parts { LAMBDEST_PARTS_MAX = 16 };

/* The same as *part_count slices to be sent in order; `parts` has room for LAMBDEST_PARTS_MAX. Payloads point
 * into the envelope (or the caller's borrowed text), all else into buf, of which *need bytes are used. Valid
 * while buf lives and the envelope is unchanged. With COMPACT a payload that has white space to lose goes
 * through buf. buf NULL with cap 0 measures; parts may then be NULL. Allocates nothing. INVAL, NOSPC,
 * UNSUPPORTED, ABSENT. */
LAMBDEST_API int lambdest_envelope_write_parts(const lambdest_envelope *env, int form, uint32_t flags,
                                               char *buf, size_t cap, size_t *need,
                                               lambdest_slice *parts, size_t *part_count,
                                               lambdest_error *err);

#ifdef __cplusplus
}
#endif
#endif
