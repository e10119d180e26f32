/* Changing slots: all of a change or nothing of it. The callers have checked what they put. */
#ifndef LAMBDEST_ENVELOPE_CHANGE_H
#define LAMBDEST_ENVELOPE_CHANGE_H

#include "envelope/model.h"

enum {
    LAMBDEST__SLOTS_A_CHANGE = 12,
    /* The slots that each view depends on, a bit each. */
    LAMBDEST__ERROR_SLOTS =
        1 << SLOT_FUNCTION_ERROR | 1 << SLOT_RESPONSE_PAYLOAD | 1 << SLOT_INVOCATION_ERROR,
    LAMBDEST__BATCH_SLOTS =
        1 << SLOT_KINESIS_BATCH_INFO | 1 << SLOT_DDB_STREAM_BATCH_INFO | 1 << SLOT_KAFKA_BATCH_INFO
};

/* What a change touches, as it was before. Old memory stands until the change has ended. */
typedef struct lambdest__change {
    lambdest_envelope *env;
    lambdest__member members[LAMBDEST__SLOTS_A_CHANGE];
    int slots[LAMBDEST__SLOTS_A_CHANGE];
    int count;
    uint32_t touched; /* a bit a slot */
    uint32_t changed;
    bool error_read; /* the views below are remembered when they are read again */
    bool batch_read;
    lambdest__arn arn; /* remembered when its slot is touched */
    lambdest__error_view error;
    lambdest__store error_store;
    lambdest__batch_view batch;
    lambdest__store batch_store;
    unsigned char *room;
    size_t room_size;
    const lambdest__error_parts *parts; /* of the invocation error that was put, if found before; or NULL */
} lambdest__change;

void lambdest__change_begin(lambdest__change *change, lambdest_envelope *env);

/* Makes a change good (rc 0: what depends on it is read again first) or takes it back. Returns rc, or
 * NOMEM. */
int lambdest__change_end(lambdest__change *change, int rc);

/* A checked text, copied. NOMEM. */
int lambdest__put_checked(lambdest__change *change, int slot, const lambdest__checked *checked);

/* A decoded text, copied. NOMEM. */
int lambdest__put_text(lambdest__change *change, int slot, const char *text, size_t len);

void lambdest__put_integer(lambdest__change *change, int slot, int64_t value);

/* A checked JSON text with white space around it (`value` lies in `raw`). Copied if told so. NOMEM. */
int lambdest__put_json(lambdest__change *change, int slot, lambdest__span raw, lambdest__span value,
                       bool copy);

/* Room of `size` bytes that becomes the slot's, to write a JSON text into before it is put uncopied. NULL:
 * no memory. */
unsigned char *lambdest__put_room(lambdest__change *change, int slot, size_t size);

/* What an invocation error brings along where nothing was said: "Unhandled" and 200, as AWS has it. NOMEM. */
int lambdest__put_error_signs(lambdest__change *change);

/* ABSENT, NULL, or, of state slots, VALUE. */
void lambdest__put_state(lambdest__change *change, int slot, int state);

/* Whether a view depends on a slot. */
static inline bool lambdest__has_view(int slot)
{
    return (LAMBDEST__ERROR_SLOTS | LAMBDEST__BATCH_SLOTS) >> slot & 1;
}

#endif
