/* Putting a JSON text together: the same calls measure it, write it into a buffer, or name its parts. */
#ifndef LAMBDEST_JSON_EMIT_H
#define LAMBDEST_JSON_EMIT_H

#include "json/scan.h"

#include <string.h>

typedef struct lambdest__emit {
    unsigned char *buf; /* NULL: only measure */
    size_t used;        /* bytes that go into buf */
    lambdest_slice *parts;
    size_t
        total; /* bytes of the whole text; more than used only with parts. Not next to `used`: compilers then
                         add both at once, and wait for the two stores before */
    size_t part_from; /* of the part being written into buf */
    size_t part_count;
    bool by_reference; /* pasted text is named as a part, not copied */
    bool compact;      /* pasted text loses its insignificant white space */
    bool empty;        /* no member yet at this level: no comma */
} lambdest__emit;

/* Begins; buf NULL measures. For parts the caller sets by_reference, and parts unless it measures. */
void lambdest__emit_init(lambdest__emit *e, unsigned char *buf, bool compact);

/* The pieces of our own are short and many, and most are known when this is compiled: what puts them is
 * inlined, so that their copying is a few moves. */

static inline void lambdest__emit_count(lambdest__emit *e, size_t len)
{
    e->used += len;
    e->total += len;
}

/* Bytes of our own, as they are. */
static inline void lambdest__emit_raw(lambdest__emit *e, const void *data, size_t len)
{
    if (e->buf && len)
        memcpy(e->buf + e->used, data, len);
    lambdest__emit_count(e, len);
}

static inline void lambdest__emit_byte(lambdest__emit *e, unsigned char byte)
{
    if (e->buf)
        e->buf[e->used] = byte;
    lambdest__emit_count(e, 1);
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
static inline void lambdest__emit_name(lambdest__emit *e, const char *name)
{
    size_t len = strlen(name), comma = e->empty ? 0 : 1;

    if (e->buf) {
        unsigned char *to = e->buf + e->used;

        *to = ',';
        to += comma;
        *to = '"';
        memcpy(to + 1, name, len);
        memcpy(to + 1 + len, "\":", 2);
    }
    e->empty = false;
    lambdest__emit_count(e, len + 3 + comma);
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
