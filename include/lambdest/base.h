/* Rules of the whole library; a declaration below says only what differs.
 *
 * Results   0 or a negative code. On failure no object has changed, every output is NULL or 0, and
 *           *err, if given, says why. LAMBDEST_E_NOSPC alone fills an output: the size needed.
 * Text in   pointer and length; NULL only with length 0; a NUL byte is a byte. Copied unless said.
 * Text out  pointer and length, also NUL-terminated, UTF-8, owned by its object and valid until that
 *           object is next changed or freed; `len` may be NULL. A lone surrogate escape reads as U+FFFD.
 * JSON out  pointer and length, *not* NUL-terminated: a slice of the sender's own bytes.
 * Long text (char **out, size_t *len): NUL-terminated, from the allocator of the object at hand, the
 *           caller's to free with lambdest_free, before or after that object. One allocation.
 * Buffers   (buf, cap, need): writes the text and a NUL and sets *need to the length without the NUL;
 *           LAMBDEST_E_NOSPC, buf untouched and *need set, if cap <= *need. NULL with cap 0 measures.
 * Objects   made by a function with an `out`, owned by the caller, freed by their own _free; _free(NULL)
 *           does nothing. A pointer returned by a getter is borrowed from the object it came from.
 * Structs   either frozen, or grown at the end and begun with `size`, which the caller sets to sizeof;
 *           unknown trailing bytes must be zero (LAMBDEST_E_INVAL), and what the shorter one of an older
 *           program lacks counts as zero.
 * Constants every enumerator but flags has a value of its own; 0 asks for the default where there is one.
 *           A value that does not fit the parameter is LAMBDEST_E_INVAL (getters: as if absent).
 * Threads   one object, one thread at a time; functions of const objects only may run side by side.
 * NULL      a NULL object, out or required pointer is LAMBDEST_E_INVAL; getters treat it as empty. */
#ifndef LAMBDEST_BASE_H
#define LAMBDEST_BASE_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; lambdest_version() tells the library's. */
#define LAMBDEST_VERSION_MAJOR 0
#define LAMBDEST_VERSION_MINOR 1
#define LAMBDEST_VERSION_PATCH 0

#ifndef LAMBDEST_API
#if defined(__GNUC__)
#define LAMBDEST_API __attribute__((visibility("default")))
#else
#define LAMBDEST_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum lambdest_status {
    LAMBDEST_OK = 0,
    LAMBDEST_E_NOMEM = -1,        /* an allocation failed */
    LAMBDEST_E_INVAL = -2,        /* the caller's mistake */
    LAMBDEST_E_SYNTAX = -3,       /* not JSON (RFC 8259) */
    LAMBDEST_E_UTF8 = -4,         /* not UTF-8 */
    LAMBDEST_E_SCHEMA = -5,       /* JSON, but not of this form; a member of a wrong type or given twice */
    LAMBDEST_E_DEPTH = -6,        /* nested deeper than allowed */
    LAMBDEST_E_TOO_BIG = -7,      /* over a limit of bytes or items */
    LAMBDEST_E_NOSPC = -8,        /* the caller's buffer is too small; *need is set */
    LAMBDEST_E_ABSENT = -9,       /* there is no such member, item, row or file */
    LAMBDEST_E_UNSUPPORTED = -10, /* well understood, and not possible: a FIFO queue, a batch as document */
    LAMBDEST_E_BUSY = -11,        /* called from inside a callback of the same object */
    LAMBDEST_E_PARTIAL = -12,     /* done, and at least one row is not delivered */
    LAMBDEST_E_IO = -13           /* the system refused; lambdest_error.flags holds its errno */
};

/* Why a call failed. Filled by the caller's wish, never allocated, no need to initialise or free; on
 * success all zero with message and where "". Frozen. */
typedef struct lambdest_error {
    int32_t code;        /* the code that was returned */
    uint32_t flags;      /* errno for LAMBDEST_E_IO, else 0 */
    uint64_t offset;     /* byte in the text given in, from 0; its length when it ended early */
    const char *message; /* static text; never a byte of input */
    const char *where;   /* static path of the member ("requestContext.condition"), "$" for the whole
                            text, "*" in the place of a name not known here, or "" */
    uint64_t reserved[2];
} lambdest_error;

/* Memory for one object and all it makes, aligned as malloc's. Copied at the call; ctx must outlive the
 * object. resize and release get the size that was asked for; resize(NULL) does not occur. Frozen. */
typedef struct lambdest_alloc {
    void *(*alloc)(void *ctx, size_t size);
    void *(*resize)(void *ctx, void *old, size_t old_size, size_t size);
    void (*release)(void *ctx, void *old, size_t size);
    void *ctx;
} lambdest_alloc;

/* Counted bytes; laid out as struct iovec is on POSIX systems. Frozen. */
typedef struct lambdest_slice {
    const char *data;
    size_t len;
} lambdest_slice;

enum lambdest_option_flag {
    LAMBDEST_BORROW = 1 /* JSON and event text given in stays the caller's and must outlive the object */
};

/* How an object is born; NULL, and 0 in a member, is the default. Copied at the call. */
typedef struct lambdest_options {
    uint32_t size;
    uint32_t flags;              /* LAMBDEST_BORROW */
    uint32_t max_depth;          /* nesting of one payload or other JSON value: 512; at most 65,536 */
    uint32_t max_nesting;        /* carriers in carriers: 8 */
    uint64_t max_bytes;          /* of one input text: 256 MiB */
    uint64_t max_items;          /* unknown members, ranges, frames; of an event, memory or spool: 10,000 */
    const lambdest_alloc *alloc; /* NULL: malloc, realloc, free */
    const void *reserved;
} lambdest_options;

/* The library's version, major * 1000000 + minor * 1000 + patch. Never fails; any thread. */
LAMBDEST_API uint32_t lambdest_version(void);

/* The name of any code or enumerator of this library in the wire's or the manual's word ("record",
 * "failure", "RetriesExhausted", "timed-out", "no memory"). Static text; "unknown" for others. 0 is
 * LAMBDEST_OK and so "ok": the 0 of a getter that has none (no cause, form or condition) has no name. */
LAMBDEST_API const char *lambdest_name(int value);

/* Turns a byte offset in a text into a line and column, both from 1; the column counts characters.
 * LAMBDEST_E_INVAL if offset > len. Reads up to offset; allocates nothing. */
LAMBDEST_API int lambdest_locate(const char *text, size_t len, uint64_t offset,
                                 uint64_t *line, uint64_t *column);

/* Frees a text that a function handed out as `char **out`, with the allocator it came from. NULL is
 * fine. Not for anything else, and never libc's free for such a text. */
LAMBDEST_API void lambdest_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
