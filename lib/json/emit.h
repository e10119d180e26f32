/* Putting a JSON text together: the same calls measure it, write it into a buffer, or name its parts. */
#ifndef LAMBDEST_JSON_EMIT_H
#define LAMBDEST_JSON_EMIT_H

#include "base/bytes.h"
#include "json/scan.h"

#include <string.h>

/* Where a compiler optimises at all, a name that is known to it is to be a few moves. */
#if defined(__GNUC__) && defined(__OPTIMIZE__)
#define LAMBDEST__MOVES static inline __attribute__((always_inline))
#else
#define LAMBDEST__MOVES static inline
#endif

typedef struct lambdest__emit {
    unsigned char *buf;
    size_t used; /* bytes that go into buf; past cap they are only counted */
    size_t cap;  /* 0: only measure */
    lambdest_slice *parts;
    size_t referred;  /* bytes of pasted text that is named as a part */
    size_t part_from; /* of the part being written into buf */
    size_t part_count;
    bool by_reference; /* pasted text is named as a part, not copied */
    bool compact;      /* pasted text loses its insignificant white space */
    bool empty;        /* no member yet at this level: no comma */
} lambdest__emit;

/* Begins; buf NULL measures, any other has room for all that comes. For parts the caller sets by_reference,
 * and parts unless it measures. */
void lambdest__emit_init(lambdest__emit *e, unsigned char *buf, bool compact);

/* The same for a buffer of `cap` bytes: nothing is written past it, and `used` is more than it then. */
void lambdest__emit_init_within(lambdest__emit *e, unsigned char *buf, size_t cap, bool compact);

/* The length of the whole text. */
static inline size_t lambdest__emit_total(const lambdest__emit *e)
{
    return e->used + e->referred;
}

/* The pieces of our own are short and many, and most are known when this is compiled: what puts them is
 * inlined, so that their copying is a few moves. */

/* Room for `len` bytes, which count; NULL if they do not fit. */
static inline unsigned char *lambdest__emit_room(lambdest__emit *e, size_t len)
{
    size_t from = e->used;

    e->used = from + len;
    return e->used <= e->cap && len ? e->buf + from : NULL;
}

/* Bytes of our own, as they are. */
static inline void lambdest__emit_raw(lambdest__emit *e, const void *data, size_t len)
{
    unsigned char *to = lambdest__emit_room(e, len);

    if (to)
        memcpy(to, data, len);
}

static inline void lambdest__emit_byte(lambdest__emit *e, unsigned char byte)
{
    unsigned char *to = lambdest__emit_room(e, 1);

    if (to)
        *to = byte;
}

/* '{' or '['; and the way out. */
static inline void lambdest__emit_open(lambdest__emit *e, unsigned char bracket)
{
    lambdest__emit_byte(e, bracket);
    e->empty = true;
}

static inline void lambdest__emit_close(lambdest__emit *e, unsigned char bracket)
{
    lambdest__emit_byte(e, bracket);
    e->empty = false;
}

/* A comma if one is due. */
static inline void lambdest__emit_next(lambdest__emit *e)
{
    if (!e->empty)
        lambdest__emit_byte(e, ',');
    e->empty = false;
}

/* A member's name, which needs no escapes, and colon, with a comma before it if one is due. */
static inline void lambdest__emit_member(lambdest__emit *e, const char *name, size_t len)
{
    size_t comma = e->empty ? 0 : 1;
    unsigned char *to = lambdest__emit_room(e, len + 3 + comma);

    e->empty = false;
    if (!to)
        return;
    *to = ',';
    to += comma;
    *to = '"';
    memcpy(to + 1, name, len);
    memcpy(to + 1 + len, "\":", 2);
}

static inline void lambdest__emit_name(lambdest__emit *e, const char *name)
{
    lambdest__emit_member(e, name, strlen(name));
}

/* A member by a name of `len` bytes: its value as it came, which is not empty, or a text in which nothing
 * needs an escape, to be put between quotes. */
LAMBDEST__MOVES void lambdest__emit_pair(lambdest__emit *e, const char *name, size_t len,
                                         lambdest__span value, bool quote)
{
    size_t comma = e->empty ? 0 : 1;
    unsigned char *to = lambdest__emit_room(e, comma + len + 3 + value.len + (quote ? 2 : 0));

    e->empty = false;
    if (!to)
        return;
    *to = ',';
    to += comma;
    *to = '"';
    memcpy(to + 1, name, len);
    memcpy(to + 1 + len, "\":\"", 3); /* the last one gives way to a value as it came */
    to += len + (quote ? 4 : 3);
    lambdest__put_bytes(to, value.data, value.len);
    if (quote)
        to[value.len] = '"';
}

/* A member that is an object, and into it. */
static inline void lambdest__emit_object(lambdest__emit *e, const char *name)
{
    static const lambdest__span bracket = {(const unsigned char *)"{", 1};

    lambdest__emit_pair(e, name, strlen(name), bracket, false);
    e->empty = true;
}

/* A text as a JSON string. */
void lambdest__emit_text(lambdest__emit *e, const void *text, size_t len);

void lambdest__emit_integer(lambdest__emit *e, int64_t value);

/* A checked JSON text, byte for byte or compacted, into the buffer. */
void lambdest__emit_copy(lambdest__emit *e, lambdest__span json);

/* The same, by reference where parts are wanted and nothing is to be compacted. */
void lambdest__emit_paste(lambdest__emit *e, lambdest__span json);

/* Ends the last part. */
void lambdest__emit_end(lambdest__emit *e);

#endif
