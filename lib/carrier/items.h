/* What an event was taken apart into. */
#ifndef LAMBDEST_CARRIER_ITEMS_H
#define LAMBDEST_CARRIER_ITEMS_H

#include "base/options.h"
#include "json/scan.h"

#include <lambdest/carrier.h>

enum lambdest__carrier_kind {
    BY_SQS,
    BY_SNS,
    BY_EVENTBRIDGE,
    BY_S3,
    CARRIER_KINDS
};

/* A carrier path, as a node of a tree: paths that many items share are kept once. */
typedef struct lambdest__path {
    struct lambdest__path *next[CARRIER_KINDS];
    const char *text; /* NUL-terminated */
    size_t len;
} lambdest__path;

/* What the outermost carrier says; shared by the items of one message. */
typedef struct lambdest__sender {
    lambdest__span id;     /* decoded, NUL-terminated; data NULL if absent */
    lambdest__span source; /* as id */
    bool by_sqs;
    bool failed;
} lambdest__sender;

/* A dead letter's attributes. */
typedef struct lambdest__dead_letter {
    lambdest__span request_id;
    lambdest__span error_code;
    lambdest__span error_message;
} lambdest__dead_letter;

struct lambdest_item {
    int kind;
    lambdest_envelope *envelope;
    const lambdest__path *path;
    lambdest__sender *sender; /* NULL if bare */
    lambdest__span body;
    lambdest__dead_letter letter; /* decoded, NUL-terminated */
    lambdest_error error;
};

/* A block of memory that lives as long as the items. */
typedef struct lambdest__chunk {
    struct lambdest__chunk *next;
    size_t size;
    size_t used;
} lambdest__chunk;

struct lambdest_items {
    lambdest__limits limits;
    size_t size; /* of this block, which holds a copied text as well */
    lambdest_item *items;
    size_t count;
    size_t cap;
    lambdest__chunk *chunks;
    lambdest__path bare;
};

/* Memory for as long as the items live, aligned for pointers; NULL: none is left. */
void *lambdest__items_memory(lambdest_items *items, size_t size);

/* Room for one more item, all zero but its path (bare), body and kind (broken); NULL: none is left. */
lambdest_item *lambdest__items_add(lambdest_items *items, lambdest__span body);

/* The path one carrier further; NULL: no memory. */
lambdest__path *lambdest__path_on(lambdest_items *items, lambdest__path *path, int kind);

#endif
