/* Sinks: the host's own, and three that come with the library. */
#ifndef LAMBDEST_SINK_H
#define LAMBDEST_SINK_H

#include <lambdest/router.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A sink's callback. It tells the outcome by lambdest_delivery_report and by nothing else, so that one that
 * raised in its own language cannot look like success. Called on the thread that runs the plan and only
 * during that call. It must not throw, longjmp or unwind through the library. */
typedef void (*lambdest_delivery_fn)(lambdest_delivery *delivery, void *user_data);

/* What the body is, how it is measured, and what is refused before the sink is called. Limits are those of
 * lambdest_sink_init; all of a sink's members may be changed after it. API: the API Reference of the service.
 *
 * target       body             limit      refused                         source
 * PLAIN        as `form` says        none  nothing
 * SQS          as `form` says   1,048,576  characters not of XML 1.0       SQS API, SendMessage
 * SNS          as `form` says     262,144  characters not of XML 1.0       SNS API, Publish; FAQs
 * LAMBDA       as `form` says   1,048,576  nothing: any JSON is an event   Lambda API, Invoke
 * EVENTBRIDGE  PutEvents entry  1,048,576  nested over 1,100 levels        EventBridge API, PutEvents
 * S3           as `form` says        none  nothing: an object is bytes     S3 User Guide
 * KAFKA        as `form` says   1,000,000  nothing: a value is bytes       Kafka, message.max.bytes
 *
 * Characters of XML 1.0 are #x9, #xA, #xD, #x20-#xD7FF, #xE000-#xFFFD and #x10000-#x10FFFF; of what JSON can
 * hold unescaped, U+FFFE and U+FFFF are left out. SQS answers such a message with InvalidMessageContents (or,
 * by older pages, stores U+FFFD in their place). A refusal is a row that is REJECTED, its detail ending in
 * the byte's offset in the form's text, which is the body or the entry's Detail.
 *
 * An EventBridge entry is {"Time","Source","Resources","DetailType","Detail","EventBusName"} with the source
 * "lambda", the detail type "Lambda Function Invocation Result - Success" (or Failure, Indeterminate), the
 * resources [the sink's arn, the function's qualified ARN], the time in seconds, and the form's text as the
 * string Detail; what is not known is left out. Its limit counts, as the EventBridge User Guide
 * ("Calculating PutEvents event entry size") says, 14 bytes for a time and the UTF-8 of source, detail type,
 * detail and each resource, not the quoting around them.
 *
 * 1 MB of SQS, Lambda (asynchronous) and EventBridge is read as 2^20 bytes, 256 KB of SNS as it says, 2^18.
 * Kafka's limit is a broker's setting (1,048,588 by default, headers included; 1,000,012 in old ones): set
 * max_bytes to your own. */
enum lambdest_target {
    LAMBDEST_TARGET_PLAIN = 701,
    LAMBDEST_TARGET_SQS = 702,
    LAMBDEST_TARGET_SNS = 703,
    LAMBDEST_TARGET_LAMBDA = 704,
    LAMBDEST_TARGET_EVENTBRIDGE = 705,
    LAMBDEST_TARGET_S3 = 706,
    LAMBDEST_TARGET_KAFKA = 707
};

enum lambdest_oversize {
    LAMBDEST_OVERSIZE_REFUSE = 711, /* TOO_BIG */
    LAMBDEST_OVERSIZE_DROP = 712,   /* leave out the response payload (in a record the invocation error is it;
                                       a document keeps its error, which alone says that it failed), then the
                                       request payload too, then TOO_BIG; LAMBDEST_DELIVERY_DROPPED tells */
    LAMBDEST_OVERSIZE_HAND_ON = 713 /* TOO_BIG here, and a row for the sink named in `overflow`, whatever its
                                       own `when` and filters, unless it has one already */
};

/* Copied, texts included, by lambdest_router_add_sink. All zero but `size`: LAMBDEST_TARGET_PLAIN, pull. */
typedef struct lambdest_sink {
    uint32_t size;
    uint32_t target;                  /* 0: LAMBDEST_TARGET_PLAIN */
    uint32_t form;                    /* 0: LAMBDEST_RECORD */
    uint32_t write_flags;             /* enum lambdest_write_flag */
    uint32_t oversize;                /* 0: LAMBDEST_OVERSIZE_REFUSE */
    uint32_t only_cause;              /* 0: every cause */
    uint64_t max_bytes;               /* 0: no limit */
    lambdest_delivery_fn deliver;     /* NULL: rows wait to be pulled */
    lambdest_delivery_fn flush;       /* or NULL */
    lambdest_delivery_fn close;       /* or NULL; at most once */
    void (*destroy)(void *user_data); /* or NULL; once, last */
    void *user_data;
    const void *reserved;
    const char *arn; /* NULL, or where the target is; LAMBDEST_DELIVERY_ARN hands it back */
    size_t arn_len;
    const char *only_function; /* NULL: every function; else its name */
    size_t only_function_len;
    const char *only_condition; /* NULL: every condition; else the wire's word */
    size_t only_condition_len;
    const char *overflow; /* of HAND_ON: the name of a sink added before */
    size_t overflow_len;
} lambdest_sink;

/* Fills a sink, whose size the caller has set, for a target: form, limit and oversize rule as AWS has them
 * today, all else zero. arn may be NULL; if given it is borrowed until the sink is added, and must be one of
 * the target, which 0 leaves to the ARN (also "kafka://topic", and an MSK cluster's).
 * UNSUPPORTED (a FIFO queue or topic; what no destination can be), with the reason in err->message; INVAL
 * (what is no ARN, an ARN of another target, target 0 without an ARN): all but size is then zero; and INVAL
 * for a size that is not set, with nothing touched. */
LAMBDEST_API int lambdest_sink_init(lambdest_sink *sink, int target, const char *arn, size_t arn_len,
                                    lambdest_error *err);

/* ---- built in: each is an object of the caller's that must outlive the routers it serves, and may serve
 * several ---- */

typedef struct lambdest_memory lambdest_memory; /* keeps envelopes, for test harnesses */
typedef struct lambdest_stream lambdest_stream; /* one line an envelope, to a file descriptor */
typedef struct lambdest_spool lambdest_spool;   /* one file an envelope, safe across crashes */

/* Holds up to options->max_items envelopes, each parsed from the body that was delivered, with the
 * max_depth, max_bytes and allocator of these options (and never borrowed). When full, or when a body is no
 * envelope, it reports REJECTED and holds what it held; short of memory RETRY. NOMEM, INVAL. */
LAMBDEST_API int lambdest_memory_new(const lambdest_options *options, lambdest_memory **out,
                                     lambdest_error *err);

/* Frees it and what it holds; after its routers. NULL is fine. */
LAMBDEST_API void lambdest_memory_free(lambdest_memory *memory);

/* Fills a sink, whose size the caller has set, to feed this object: a plain record. INVAL. */
LAMBDEST_API int lambdest_memory_sink(lambdest_memory *memory, lambdest_sink *sink);

/* How many it holds. */
LAMBDEST_API size_t lambdest_memory_count(const lambdest_memory *memory);

/* One envelope from 0, oldest first; NULL past the end. Valid until the next clear. */
LAMBDEST_API const lambdest_envelope *lambdest_memory_at(const lambdest_memory *memory, size_t index);

/* The first from index `from` on that was routed by this outcome (0: any) and has this request id (NULL:
 * any). ABSENT, INVAL: *index is 0. */
LAMBDEST_API int lambdest_memory_find(const lambdest_memory *memory, size_t from, int outcome,
                                      const char *request_id, size_t request_id_len, size_t *index);

/* Forgets all it holds. BUSY inside a delivery to it; INVAL. */
LAMBDEST_API int lambdest_memory_clear(lambdest_memory *memory);

/* Writes to fd, which stays the caller's, a compacted envelope and a newline in one write(2). It waits
 * where fd blocks, and else does not: after EAGAIN the row is RETRY; after a short write the rest of the
 * line goes first at the next delivery or flush, and the row is RETRY until it is run again after that: a
 * line is never torn by another of this object. Full disks are RETRY too; a closed descriptor, or a pipe
 * or socket without a reader, is REJECTED; the detail is the system's reason. The host ignores SIGPIPE. A
 * body with a newline is REJECTED. Of the options only alloc is used. NOMEM, INVAL (a negative fd). */
LAMBDEST_API int lambdest_stream_new(int fd, const lambdest_options *options, lambdest_stream **out,
                                     lambdest_error *err);

/* Frees it, a rest of a line unwritten; fd stays open. After its routers. NULL is fine. */
LAMBDEST_API void lambdest_stream_free(lambdest_stream *stream);

/* Fills a sink, whose size the caller has set, to feed this object: a plain record, LAMBDEST_COMPACT, with
 * flush and close that write the rest of a line. INVAL. */
LAMBDEST_API int lambdest_stream_sink(lambdest_stream *stream, lambdest_sink *sink);

/* Opens an existing directory, which should be writable to nobody else. A delivery is written to a new file,
 * synced, renamed, and the directory synced, before it is DELIVERED: it then stands even if the process is
 * killed. Files are 0600, named by the envelope's timestamp (zeros if it has none), the process and a
 * counter, so that names sort by time; two processes never choose the same name. No symbolic link is
 * followed within the directory. Files of other names, and what a killed process left half-written (a name
 * that begins with a dot), are left alone. A delivery that fails removes its file; one that the system does
 * not let it remove is half-written and has the dot, or is whole and may be there twice after another try.
 * Policy: at most options->max_items finished files, whoever wrote them; when full the newest envelope is
 * refused as RETRY and nothing is removed. The directory is counted when opened, listed and after every half
 * of the room then found, so that several writers together may exceed the bound, each by up to half of it.
 * Full disk and the like: RETRY; a directory that is gone or may not be written: REJECTED; the detail is the
 * system's reason.
 * max_bytes (files longer are neither written nor loaded) and max_depth are used for loading.
 * IO, NOMEM, INVAL (an empty path or one with a NUL byte). */
LAMBDEST_API int lambdest_spool_open(const char *directory, size_t len, const lambdest_options *options,
                                     lambdest_spool **out, lambdest_error *err);

/* Frees it; the files stay. After its routers. NULL is fine. */
LAMBDEST_API void lambdest_spool_free(lambdest_spool *spool);

/* Fills a sink, whose size the caller has set, to feed this object: a plain record. INVAL. */
LAMBDEST_API int lambdest_spool_sink(lambdest_spool *spool, lambdest_sink *sink);

/* Reads the directory: the finished envelopes of every process, sorted by name. The list and its names
 * stand until the next call that succeeds. IO, NOMEM, INVAL: *count is 0. */
LAMBDEST_API int lambdest_spool_list(lambdest_spool *spool, size_t *count, lambdest_error *err);

/* A name of the list from 0; NULL past the end. */
LAMBDEST_API const char *lambdest_spool_name(const lambdest_spool *spool, size_t index, size_t *len);

/* Reads one envelope of the directory by its name, listed or not. *out is the caller's. ABSENT (no such
 * file), IO, INVAL (a name that is not of a spool's making), TOO_BIG, and the codes of
 * lambdest_envelope_parse. */
LAMBDEST_API int lambdest_spool_load(lambdest_spool *spool, const char *name, size_t len,
                                     lambdest_envelope **out, lambdest_error *err);

/* Removes one by its name, durably; the list stands. ABSENT, IO, INVAL. */
LAMBDEST_API int lambdest_spool_remove(lambdest_spool *spool, const char *name, size_t len,
                                       lambdest_error *err);

#ifdef __cplusplus
}
#endif
#endif
