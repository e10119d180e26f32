/* The Lambda Runtime API (2018-06-01), for runtimes and for those who stand in for the service.
 *
 * The channel decides, never a look into a payload: what was posted to /response returned, whatever it looks
 * like; what was posted to /error or /init/error, ended in error trailers or posted nothing failed. */
#ifndef LAMBDEST_RUNTIME_H
#define LAMBDEST_RUNTIME_H

#include <lambdest/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An HTTP header or trailer. Names in any case, any order; white space around a value does not count.
 * Borrowed for the call. Frozen. */
typedef struct lambdest_header {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
} lambdest_header;

enum lambdest_channel {
    LAMBDEST_CHANNEL_NEXT = 611,
    LAMBDEST_CHANNEL_RESPONSE = 612,
    LAMBDEST_CHANNEL_ERROR = 613,
    LAMBDEST_CHANNEL_INIT_ERROR = 614
};

enum lambdest_body {               /* what becomes of a body that is not JSON, an empty one included */
    LAMBDEST_BODY_AS_AWS = 621,    /* response: deliveryError and no payload, neither if empty (as recorded);
                                      error: one worded by us, with the header's type */
    LAMBDEST_BODY_AS_STRING = 622, /* a JSON string; a byte that is not UTF-8 becomes U+FFFD */
    LAMBDEST_BODY_AS_BASE64 = 623, /* a JSON string */
    LAMBDEST_BODY_REFUSE = 624     /* an error of the call */
};

enum lambdest_post_flag {
    LAMBDEST_POST_TRAILERS_AS_AWS = 1 /* error trailers make a success without payload, as AWS was recorded
                                         to report it: for emulators. Without it they make a failure */
};

typedef struct lambdest_post { /* what a runtime sent; all borrowed for the call, but see LAMBDEST_BORROW */
    uint32_t size;
    uint32_t channel;     /* RESPONSE, ERROR or INIT_ERROR */
    uint32_t body_policy; /* enum lambdest_body; 0: LAMBDEST_BODY_AS_AWS */
    uint32_t flags;       /* enum lambdest_post_flag */
    const char *body;
    size_t body_len;
    const lambdest_header *headers;
    size_t header_count;
    const lambdest_header *trailers; /* a streamed failure arrives here */
    size_t trailer_count;
} lambdest_post;

enum lambdest_fault {             /* what happened without a body; `detail` in brackets, else 0 */
    LAMBDEST_FAULT_EXIT = 631,    /* [exit status, 0 to 255] */
    LAMBDEST_FAULT_SIGNAL = 632,  /* [signal number as on Linux, 1 to 127] */
    LAMBDEST_FAULT_TIMEOUT = 633, /* [milliseconds granted, at least 1] */
    LAMBDEST_FAULT_OUT_OF_MEMORY = 634,
    LAMBDEST_FAULT_RESPONSE_TOO_LARGE = 635, /* [bytes posted; 0: left out of the text] */
    LAMBDEST_FAULT_NEVER_SETTLED = 636,      /* asked for the next event without an answer to this one */
    LAMBDEST_FAULT_BAD_INIT = 637,           /* did not come up, and reported nothing */
    LAMBDEST_FAULT_THROTTLED = 638,          /* these never ran */
    LAMBDEST_FAULT_SYSTEM_ERROR = 639,       /* [status, 500 to 599; 0: 500] */
    LAMBDEST_FAULT_TARGET_GONE = 640,
    LAMBDEST_FAULT_RECURSION = 641,
    LAMBDEST_FAULT_ZERO_CONCURRENCY = 642
};

/* Makes an envelope with its request half from the answer to /invocation/next: request id, function ARN,
 * event (an empty body is `{}`, as AWS records an invocation without one) and, from all seven headers, the
 * context {"awsRequestId","functionName","invokedFunctionArn","deadlineMs","traceId","clientContext",
 * "identity","tenantId"}, of which what did not come is left out; a client context or identity that is no
 * JSON becomes a string. No request id is ABSENT. SCHEMA or UTF8, with the header's name in where and the
 * offset in its value: control bytes, two different values, an ARN or number that is none. INVAL, and for
 * the body (where is "body") SYNTAX, UTF8, DEPTH, TOO_BIG; NOMEM. */
LAMBDEST_API int lambdest_runtime_invocation(const lambdest_header *headers, size_t header_count,
                                             const char *body, size_t body_len,
                                             const lambdest_options *options, lambdest_envelope **out,
                                             lambdest_error *err);

/* Fills the response half from a post, in place of an earlier one and of what was concluded from it. Status
 * 200; EXECUTED_VERSION is kept if it was set, else taken from an ARN without qualifier, with $LATEST or
 * with a number (an alias does not tell). Error trailers make a /response a failure, and what was streamed
 * before them is dropped. The error's own errorType wins, whatever its value;
 * Lambda-Runtime-Function-Error-Type is added to an error object without that member (Node.js sends it as
 * Latin-1: a byte that is not UTF-8 becomes U+FFFD).
 * SCHEMA for that header (control bytes, two different values) and for an error body in the trailers that
 * is no base64. DEPTH for what is nested too deeply before it shows to be no JSON, whatever the policy; with
 * LAMBDEST_BODY_REFUSE also SYNTAX, UTF8. INVAL, TOO_BIG, NOMEM. */
LAMBDEST_API int lambdest_runtime_post(lambdest_envelope *env, const lambdest_post *post,
                                       lambdest_error *err);

/* Fills the response half from a fact, in place as above, worded as AWS words it, with the request id where
 * AWS puts one; the manual page says which words were recorded and which are ours. What never ran has no
 * version and no error, and nothing but its condition to be told by: it is set at once to the one that it
 * would end with (EventAgeExceeded, RetriesExhausted, RecursiveInvocation, ZeroReservedConcurrency).
 * INVAL for a detail out of range and for a batch record; NOMEM. */
LAMBDEST_API int lambdest_runtime_fault(lambdest_envelope *env, int fault, int64_t detail,
                                        lambdest_error *err);

/* Tells a Runtime API path apart (enum lambdest_channel) and points to the request id inside it, counted
 * only; init/error and next have none. A query is not looked at. ABSENT for any other path; INVAL. */
LAMBDEST_API int lambdest_runtime_path(const char *path, size_t len, int *channel, const char **request_id,
                                       size_t *request_id_len);

/* The value of Lambda-Runtime-Function-Error-Type for the envelope's error: its type with every character
 * that is not visible ASCII replaced by '?', cut at 255. ABSENT if there is none; NOSPC, INVAL. */
LAMBDEST_API int lambdest_runtime_error_type(const lambdest_envelope *env, char *buf, size_t cap,
                                             size_t *need);

/* The body for /error in at most `max` bytes (0: 262,144, where the .NET client cuts; at least 4,096): the
 * envelope's error as it is, or, if it is longer, {"errorMessage","errorType","stackTrace":[]} with type
 * and message cut at a character boundary, the type at 255 bytes. ABSENT if there is no error; NOSPC,
 * INVAL. */
LAMBDEST_API int lambdest_runtime_error_body(const lambdest_envelope *env, size_t max, char *buf, size_t cap,
                                             size_t *need);

#ifdef __cplusplus
}
#endif
#endif
