/* The envelope as it is kept: one member a slot, texts decoded, JSON as it came. */
#ifndef LAMBDEST_ENVELOPE_MODEL_H
#define LAMBDEST_ENVELOPE_MODEL_H

#include "base/options.h"
#include "envelope/arn.h"
#include "envelope/batch.h"
#include "envelope/invocation_error.h"
#include "json/names.h"

#include <lambdest/envelope.h>

enum lambdest__slot {
    SLOT_NONE,
    /* text */
    SLOT_REQUEST_ID,
    SLOT_FUNCTION_ARN,
    SLOT_CONDITION,
    SLOT_TIMESTAMP,
    SLOT_EXECUTED_VERSION,
    SLOT_FUNCTION_ERROR,
    SLOT_RECORD_VERSION,
    SLOT_FUNCTION_NAME, /* a document's own; not settable */
    /* integer */
    SLOT_INVOKE_COUNT,
    SLOT_STATUS_CODE,
    /* JSON */
    SLOT_REQUEST_PAYLOAD,
    SLOT_RESPONSE_PAYLOAD,
    SLOT_INVOCATION_ERROR,
    SLOT_DELIVERY_ERROR,
    SLOT_CONTEXT,
    SLOT_KINESIS_BATCH_INFO,
    SLOT_DDB_STREAM_BATCH_INFO,
    SLOT_KAFKA_BATCH_INFO,
    SLOT_TIME_WINDOW_INFO,
    SLOT_BATCH_PAYLOAD,
    SLOT_METADATA, /* a document's, as parsed; not settable */
    /* state only: objects that hold members above */
    SLOT_REQUEST_CONTEXT,
    SLOT_RESPONSE_CONTEXT,
    SLOT_REQUEST,     /* a document's invocationRequest */
    SLOT_RESPONSE,    /* a document's invocationResponse */
    SLOT_NAMED_ERROR, /* the record itself has a top-level invocationError */
    SLOT_COUNT
};

enum lambdest__type {
    TYPE_NONE,
    TYPE_TEXT,
    TYPE_INTEGER,
    TYPE_JSON,
    TYPE_STATE
};

/* A block of memory that is a slot's or a view's own; data NULL if it has none, its memory then is a piece
 * of the envelope's first block. */
typedef struct lambdest__store {
    unsigned char *data;
    size_t size;
} lambdest__store;

typedef struct lambdest__member {
    union {
        lambdest__span value; /* text decoded and NUL-terminated; JSON without white space around it */
        int64_t integer;
    };
    lambdest__span raw; /* as it came: JSON with white space, a token; data NULL if a host set a text or
                                  an integer */
    lambdest__span parsed_raw; /* of a null, raw as it was parsed */
    lambdest__store store;
    uint16_t state; /* enum lambdest_state */
    uint16_t parsed_state;
    bool plain; /* a text that needs no escapes, of one that a host set */
} lambdest__member;

struct lambdest_envelope {
    lambdest__limits limits;
    size_t block_size;
    size_t block_count; /* stores with a block of their own */
    int form;
    uint32_t changed;     /* one bit a slot */
    lambdest__span whole; /* as it was given */
    lambdest__span text;  /* the record or document in it: all of it, or a CloudEvent's data */
    lambdest__member members[SLOT_COUNT];
    lambdest__arn arn;
    lambdest__error_view error; /* of the invocation error */
    lambdest__store error_store;
    lambdest__batch_view batch;
    lambdest__store batch_store;
    lambdest__named *unknown; /* in the order of the text; level is an enum lambdest__level */
    size_t unknown_count;
    lambdest__named *attributes; /* of a CloudEvent, in the order of the text */
    size_t attribute_count;
    unsigned char *room; /* what is left of the first block */
    size_t room_size;
};

/* Makes an envelope of no text: all is zero, every slot absent. */
void lambdest__blank(lambdest_envelope *env);

enum {
    LAMBDEST__MEMBER_COUNT = LAMBDEST_RESPONSE_CONTEXT - LAMBDEST_REQUEST_ID + 1
};

extern const uint8_t lambdest__member_slots[LAMBDEST__MEMBER_COUNT];

/* The slot of a settable member, SLOT_METADATA for it, SLOT_NONE for others. */
static inline int lambdest__slot_of(int member)
{
    unsigned index = (unsigned)member - LAMBDEST_REQUEST_ID;

    return index < LAMBDEST__MEMBER_COUNT ? lambdest__member_slots[index] : SLOT_NONE;
}

static inline int lambdest__slot_type(int slot)
{
    if (slot == SLOT_NONE)
        return TYPE_NONE;
    if (slot <= SLOT_FUNCTION_NAME)
        return TYPE_TEXT;
    if (slot <= SLOT_STATUS_CODE)
        return TYPE_INTEGER;
    return slot <= SLOT_METADATA ? TYPE_JSON : TYPE_STATE;
}

/* Its path on the wire, for errors. */
const char *lambdest__slot_where(int slot);

/* Whether a slot has a value or null, and whether it has a value. */
static inline bool lambdest__has(const lambdest_envelope *env, int slot)
{
    return env->members[slot].state != LAMBDEST_ABSENT;
}

static inline bool lambdest__has_value(const lambdest_envelope *env, int slot)
{
    return env->members[slot].state == LAMBDEST_VALUE;
}

/* Marks a slot as changed by the host, or, where it is absent or null just as it was parsed, as not. */
void lambdest__touch(lambdest_envelope *env, int slot);

/* A block of its own, which *fresh then is. */
unsigned char *lambdest__store_alloc(lambdest_envelope *env, size_t size, lambdest__store *fresh);

/* Finds memory: in what is left of the first block, else a block of its own. NULL: there is none. */
static inline unsigned char *lambdest__store_prepare(lambdest_envelope *env, size_t size,
                                                     lambdest__store *fresh)
{
    unsigned char *memory = env->room;

    fresh->data = NULL;
    fresh->size = 0;
    if (size > env->room_size)
        return lambdest__store_alloc(env, size, fresh);
    size = (size + 7) & ~(size_t)7;
    env->room += size;
    env->room_size -= size;
    return memory;
}

void lambdest__store_free(lambdest_envelope *env, const lambdest__store *store);

/* Gives a store's block back, if it has one. */
static inline void lambdest__store_release(lambdest_envelope *env, const lambdest__store *store)
{
    if (store->data)
        lambdest__store_free(env, store);
}

/* The member's memory from now on; what it had is given back. */
static inline void lambdest__store_replace(lambdest_envelope *env, lambdest__member *m, lambdest__store fresh)
{
    lambdest__store_release(env, &m->store);
    m->store = fresh;
}

/* The slot that LAMBDEST_INVOCATION_ERROR reads, SLOT_NONE if there is no invocation error. */
static inline int lambdest__error_slot(const lambdest_envelope *env)
{
    if (lambdest__has(env, SLOT_INVOCATION_ERROR))
        return SLOT_INVOCATION_ERROR;
    if (lambdest__has_value(env, SLOT_FUNCTION_ERROR) && lambdest__has(env, SLOT_RESPONSE_PAYLOAD))
        return SLOT_RESPONSE_PAYLOAD;
    return SLOT_NONE;
}

/* The slot whose JSON a member reads, SLOT_NONE if it has none of its own. */
static inline int lambdest__json_slot(const lambdest_envelope *env, int member)
{
    return member == LAMBDEST_INVOCATION_ERROR ? lambdest__error_slot(env) : lambdest__slot_of(member);
}

/* The batch info of whichever source, SLOT_NONE for kind ASYNC. */
static inline int lambdest__batch_slot(const lambdest_envelope *env)
{
    int slot;

    for (slot = SLOT_KINESIS_BATCH_INFO; slot <= SLOT_KAFKA_BATCH_INFO; slot++)
        if (lambdest__has(env, slot))
            return slot;
    return SLOT_NONE;
}

/* Whether there is a status code of the 2xx kind. */
bool lambdest__ran_well(const lambdest_envelope *env);

enum lambdest__sign {
    SIGN_SUCCESS = 1,
    SIGN_FAILURE = 2
};

/* What the channel says (design rule: never the payload): a set of enum lambdest__sign. */
int lambdest__signs(const lambdest_envelope *env);

/* The memory that a text of this slot takes when kept: itself and a NUL, of an ARN also its parts. */
static inline size_t lambdest__text_memory(int slot, size_t len)
{
    return slot == SLOT_FUNCTION_ARN ? 2 * (len + 1) : len + 1;
}

/* A text that has been checked for a slot, and what was found on the way. */
typedef struct lambdest__checked {
    lambdest__span text;
    lambdest__arn arn; /* of SLOT_FUNCTION_ARN */
    bool plain;        /* ASCII, and nothing in it needs an escape */
} lambdest__checked;

/* What would be found on the way in a text that was found good before. */
void lambdest__text_recheck(int slot, const unsigned char *text, size_t len, lambdest__checked *checked);

/* The parts of the ARN's copy in `memory`, or that it is none. */
void lambdest__arn_keep(lambdest_envelope *env, unsigned char *memory, const lambdest__checked *checked);

/* The text of a slot, a copy of a checked one, now stands in `memory`, with room as told above: ends it with
 * a NUL. */
static inline void lambdest__text_keep(lambdest_envelope *env, int slot, unsigned char *memory,
                                       const lambdest__checked *checked)
{
    lambdest__member *m = &env->members[slot];

    memory[checked->text.len] = '\0';
    m->value.data = memory;
    m->value.len = checked->text.len;
    m->plain = checked->plain;
    if (slot == SLOT_FUNCTION_ARN)
        lambdest__arn_keep(env, memory, checked);
}

/* Moves a span from one copy of a text to another. */
static inline lambdest__span lambdest__moved(lambdest__span span, const unsigned char *from,
                                             const unsigned char *to)
{
    if (span.data)
        span.data = to + (span.data - from);
    return span;
}

#endif
