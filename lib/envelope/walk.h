/* Walking a text through the envelope's own levels, in one pass: each member that is known is checked and
 * told, all else is checked and passed. */
#ifndef LAMBDEST_ENVELOPE_WALK_H
#define LAMBDEST_ENVELOPE_WALK_H

#include "base/options.h"
#include "envelope/field.h"
#include "envelope/invocation_error.h"
#include "json/names.h"

enum {
    LAMBDEST__LEVELS_DEEP = 6
};

typedef struct lambdest__walk_step {
    size_t raw_from;
    size_t value_from;
    lambdest__span name;
    int level;
    int field; /* that opened it; -1 for the first and for a range */
} lambdest__walk_step;

typedef struct lambdest__walk lambdest__walk;

struct lambdest__walk {
    lambdest__scan scan;
    size_t from; /* where the object begins that is walked */
    const lambdest__limits *limits;
    uint64_t seen[2];            /* a bit a field, by its index */
    uint64_t plain[2];           /* texts that are ASCII without escapes; of others that is not known */
    lambdest__error_parts error; /* of the invocation error, if they were found when it was passed: error.json
                                    tells; its data NULL if not */
    lambdest__error_room error_room;
    lambdest__span value[LAMBDEST__FIELD_COUNT];
    lambdest__span raw[LAMBDEST__FIELD_COUNT]; /* with white space; of texts and integers the value */
    lambdest__named *unknown; /* NULL: they are only counted. Their level is an enum lambdest__level, of
                                 ranges with the range's number above the lowest byte */
    size_t unknown_count;
    size_t range_count; /* passed so far */
    lambdest__walk_step steps[LAMBDEST__LEVELS_DEEP];
    int depth;
    int form; /* OF_RECORD or OF_DOCUMENT, once it is known: what is not of it counts as not known; or 0 */
    /* Told when a range of a batch has been passed. */
    void (*range)(lambdest__walk *walk, lambdest__span name);
    void *range_data;
    const char *where;   /* of a failure */
    const char *message; /* of a failure by schema; its offset is scan.at */
};

/* Prepares for a text; `unknown`, if given, takes all members not known. */
void lambdest__walk_init(lambdest__walk *w, const char *text, size_t len, const lambdest__limits *limits,
                         lambdest__named *unknown);

/* Of a member that one form has and that does not tell the form, the type counts when the form is known. */
static inline bool lambdest__walk_judges_later(const lambdest__field *field)
{
    return (field->form == OF_RECORD || field->form == OF_DOCUMENT) && field->type != FIELD_LEVEL;
}

/* The number of the lowest bit that is set. */
static inline int lambdest__lowest_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return __builtin_ctzll(bits);
#else
    int i = 0;

    for (; !(bits & 1); bits >>= 1)
        i++;
    return i;
#endif
}

/* Why a value that begins with this byte is not of the field's type; NULL if it is, or is no JSON. */
const char *lambdest__walk_mismatch(const lambdest__field *field, int first);

/* The walk is to begin at this byte, not at the first. */
void lambdest__walk_begin_at(lambdest__walk *w, size_t from);

/* Walks an object of this level, and nothing but white space after it. SYNTAX, UTF8, DEPTH, SCHEMA,
 * TOO_BIG (too many members not known). */
int lambdest__walk_through(lambdest__walk *w, int level);

/* Fails as SCHEMA at a place in the text; returns the code. */
int lambdest__walk_refuse(lambdest__walk *w, const unsigned char *at, const char *message, const char *where);

/* Puts the failure into *err. A text that is no JSON at all is told as such, whatever came first. */
int lambdest__walk_error(lambdest__walk *w, int code, lambdest_error *err);

/* Whether a field has been seen. Of a level that is walked more than once the last time counts. */
static inline bool lambdest__walk_saw(const lambdest__walk *w, int field)
{
    return w->seen[field / 64] >> field % 64 & 1;
}

/* The fields of the top that have been seen, a bit each: it is the first level. */
static inline uint32_t lambdest__walk_seen_on_top(const lambdest__walk *w)
{
    int first, count = lambdest__level_fields(LEVEL_TOP, &first);

    return (uint32_t)(w->seen[0] & ((UINT64_C(1) << count) - 1));
}

#endif
