/* The texts of one plan: each variant of the envelope is measured once, and written if a row needs it. */
#ifndef LAMBDEST_DELIVERY_BODY_H
#define LAMBDEST_DELIVERY_BODY_H

#include "base/alloc.h"
#include "json/scan.h"

#include <lambdest/envelope.h>

enum {
    LAMBDEST__LEVELS = 3,   /* whole; without response payload; without request payload too */
    LAMBDEST__VARIANTS = 24 /* two forms, four sets of flags, three levels */
};

typedef struct lambdest__variant {
    const unsigned char *text; /* NUL-terminated, once written */
    size_t len;
    size_t bad_character; /* as lambdest__limit_character, once looked for; else SIZE_MAX */
    size_t too_deep;      /* likewise */
    uint32_t form;
    uint32_t flags;
    uint32_t level;
    bool possible; /* the form can hold the envelope */
    bool wanted;
} lambdest__variant;

typedef struct lambdest__bodies {
    const lambdest_alloc *alloc;
    const lambdest_envelope *env;
    lambdest_envelope *reduced[2][LAMBDEST__LEVELS]; /* copies with less in them; documents, then records */
    lambdest__variant variants[LAMBDEST__VARIANTS];
    size_t count;
} lambdest__bodies;

void lambdest__bodies_init(lambdest__bodies *b, const lambdest_alloc *alloc, const lambdest_envelope *env);

/* Finds or measures a variant; *number tells which. NOMEM. */
int lambdest__bodies_measure(lambdest__bodies *b, uint32_t form, uint32_t flags, uint32_t level,
                             uint32_t *number);

/* Writes what is wanted into one block, which becomes the caller's to release. NOMEM. */
int lambdest__bodies_write(lambdest__bodies *b, unsigned char **block, size_t *size);

/* Frees all but that block. */
void lambdest__bodies_free(lambdest__bodies *b);

#endif
