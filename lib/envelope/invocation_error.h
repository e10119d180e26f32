/* The invocation error, whichever runtime reported it and under whichever keys. */
#ifndef LAMBDEST_ENVELOPE_INVOCATION_ERROR_H
#define LAMBDEST_ENVELOPE_INVOCATION_ERROR_H

#include "base/options.h"
#include "json/scan.h"

enum {
    LAMBDEST__ERROR_ROOM = 1024,
    LAMBDEST__ERROR_FRAMES = 32
};

/* The texts of an error that is short and plain, decoded while it is checked, a NUL behind each. */
typedef struct lambdest__error_room {
    lambdest__span type;
    lambdest__span message;
    uint16_t frames[LAMBDEST__ERROR_FRAMES + 1]; /* where each begins, and behind the last one */
    unsigned char *at;                           /* behind what is used of the bytes */
    unsigned char bytes[LAMBDEST__ERROR_ROOM];
} lambdest__error_room;

/* Where the parts stand in a checked JSON value; data NULL if absent. */
typedef struct lambdest__error_parts {
    lambdest__span json;
    lambdest__span type;    /* inner text */
    lambdest__span message; /* inner text */
    lambdest__span trace;   /* an array, or one string */
    size_t frame_count;
    size_t memory;                    /* that the view needs; SIZE_MAX if it does not fit */
    const lambdest__error_room *room; /* all texts of them, decoded; or NULL */
} lambdest__error_parts;

/* The parts decoded, each with a NUL behind it. */
typedef struct lambdest__error_view {
    lambdest__span type;
    lambdest__span message;
    lambdest__span *frames;
    size_t frame_count;
} lambdest__error_view;

/* Looks into a checked JSON value, of any type; of members given twice the last one counts, of frames no
 * more than max_frames. */
void lambdest__error_locate(lambdest__span json, uint64_t max_frames, lambdest__error_parts *parts);

/* Checks the value that begins at p (bytes from begin on may be read), and finds its parts on the way, with
 * `room` for their texts; returns the place behind it. NULL where one pass does not do: it is no object, a
 * name in it is not plain, or something is wrong. */
const unsigned char *lambdest__error_check(const unsigned char *begin, const unsigned char *p,
                                           const unsigned char *end, const lambdest__limits *limits,
                                           lambdest__error_room *room, lambdest__error_parts *parts);

/* The parts as they stand in another copy of the text. */
void lambdest__error_move(lambdest__error_parts *parts, const unsigned char *from, const unsigned char *to);

/* Fills a view in `memory`, aligned for pointers, of parts->memory bytes. */
void lambdest__error_build(const lambdest__error_parts *parts, unsigned char *memory,
                           lambdest__error_view *view);

#endif
