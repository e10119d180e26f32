/* JSON as text (RFC 8259): a strict cursor that checks what it passes, allocates nothing and does not
 * recurse. What a reader wants to look into it opens member by member; what it does not it passes whole.
 *
 * After a failure the cursor stands at the offending byte and `code` and `message` say why; a text that
 * ends early fails at its length. */
#ifndef LAMBDEST_JSON_SCAN_H
#define LAMBDEST_JSON_SCAN_H

#include <lambdest/base.h>
#include <stdbool.h>

/* Counted bytes of a text. */
typedef struct lambdest__span {
    const unsigned char *data;
    size_t len;
} lambdest__span;

typedef struct lambdest__scan {
    const unsigned char *text;
    size_t len;
    size_t at;
    const char *message;
    int code;
    uint32_t max_depth; /* of any one value that is passed whole; at most LAMBDEST__DEPTH_LIMIT + 64 */
    bool fresh;         /* just opened: no comma yet */
} lambdest__scan;

void lambdest__scan_init(lambdest__scan *s, const char *text, size_t len, uint32_t max_depth);

/* Passes white space; the byte after it, or -1 at the end of the text. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_peek(lambdest__scan *s);

/* Passes one value of any kind, white space before it included. SYNTAX, UTF8, DEPTH. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_value(lambdest__scan *s);

/* The same byte by byte, whatever the machine can: finds what is wrong with a value, and where. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_slowly(lambdest__scan *s);

/* As scan_value, and tells where it is: `value` alone, `outer` with the white space on both sides. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_slice(lambdest__scan *s, lambdest__span *value, lambdest__span *outer);

/* Opens an object ('{') or array ('['). SYNTAX. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_open(lambdest__scan *s, unsigned char bracket);

/* Before each member or element: *more tells if there is one; else the closing bracket (of '{' or '[')
 * is passed. SYNTAX. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_more(lambdest__scan *s, unsigned char bracket, bool *more);

/* A member's name and colon; `name` is the text between the quotes, escapes as they came. SYNTAX, UTF8. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_name(lambdest__scan *s, lambdest__span *name);

/* Nothing but white space may follow. SYNTAX. */
/*@ requires s->at <= s->len && \valid_read(s->text + (0 .. s->len - 1));
    ensures s->at <= s->len; */
int lambdest__scan_end(lambdest__scan *s);

/* One whole JSON text. Codes and *err as above; `value`, if given, without the white space around it. */
int lambdest__scan_text(const char *text, size_t len, uint32_t max_depth, lambdest__span *value,
                        lambdest_error *err);

/* Puts the cursor's failure into *err and returns its code. */
int lambdest__scan_error(const lambdest__scan *s, const char *where, lambdest_error *err);

#endif
