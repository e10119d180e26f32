/* The members of every wire form that have a meaning here: names, places, types. */
#ifndef LAMBDEST_ENVELOPE_FIELD_H
#define LAMBDEST_ENVELOPE_FIELD_H

#include "json/scan.h"

/* The objects whose members are the envelope's own; all below them is the customer's. */
enum lambdest__level {
    LEVEL_TOP,
    LEVEL_REQUEST_CONTEXT,
    LEVEL_RESPONSE_CONTEXT,
    LEVEL_REQUEST,  /* a document's invocationRequest */
    LEVEL_RESPONSE, /* a document's invocationResponse */
    LEVEL_METADATA,
    LEVEL_REST, /* invocationMetadata.record: what is left of a record */
    LEVEL_REST_REQUEST_CONTEXT,
    LEVEL_REST_RESPONSE_CONTEXT,
    LEVEL_KINESIS,
    LEVEL_DDB_STREAM,
    LEVEL_KAFKA,
    LEVEL_KAFKA_RANGES, /* recordsInfo: names are topic-partition */
    LEVEL_KAFKA_RANGE,
    LEVEL_KAFKA_RECORD, /* recordInfo */
    LEVEL_COUNT
};

enum lambdest__field_type {
    FIELD_TEXT,
    FIELD_TEXT_OR_NULL,
    FIELD_INTEGER,
    FIELD_JSON,
    FIELD_NULL,
    FIELD_OBJECT,
    FIELD_LEVEL, /* an object whose members are fields */
    FIELD_LEVEL_OR_NULL
};

enum lambdest__field_form {
    OF_RECORD = 1,
    OF_DOCUMENT = 2,
    MARKS_RECORD = 4 | OF_RECORD, /* seen at the top, it settles the form */
    MARKS_DOCUMENT = 8 | OF_DOCUMENT,
    OF_BOTH = OF_RECORD | OF_DOCUMENT,
    OF_LOOK_ALIKE = 16
};

typedef struct lambdest__field {
    const char *name;
    const char *where;
    uint8_t name_len;
    uint8_t type;  /* enum lambdest__field_type */
    uint8_t child; /* enum lambdest__level of FIELD_LEVEL */
    uint8_t slot;  /* of the model, or of a view */
    uint8_t form;  /* enum lambdest__field_form; levels below the top have their parent's */
} lambdest__field;

/* Fields by an index of their own, level after level. */
enum {
    LAMBDEST__FIELD_COUNT = 71
};

/* Those that are asked for by name, on the level told first. */
enum lambdest__field_index {
    TOP_REQUEST_CONTEXT = 2,
    TOP_RESPONSE_PAYLOAD = 5,
    TOP_KINESIS_BATCH_INFO = 7,
    TOP_DDB_STREAM_BATCH_INFO,
    TOP_KAFKA_BATCH_INFO,
    TOP_INVOCATION_ERROR = 12,
    TOP_FUNCTION_NAME = 14,
    TOP_FUNCTION_ARN,
    TOP_CONTEXT = 19,
    REQUEST_CONTEXT_FUNCTION_ARN = 21,
    REQUEST_CONTEXT_CONDITION,
    REQUEST_CONTEXT_INVOKE_COUNT,
    RESPONSE_CONTEXT_FUNCTION_ERROR = 26
};

/* Slots of fields that belong to the batch view. */
enum lambdest__batch_slot_name {
    BATCH_SHARD = 64,
    BATCH_START,
    BATCH_END,
    BATCH_FIRST_TIME,
    BATCH_LAST_TIME,
    BATCH_SOURCE,
    BATCH_SIZE,
    BATCH_PAYLOAD_SIZE,
    BATCH_SERVERS,
    BATCH_RANGES,
    BATCH_RECORD
};

extern const lambdest__field lambdest__fields[LAMBDEST__FIELD_COUNT];

static inline const lambdest__field *lambdest__field_at(int index)
{
    return &lambdest__fields[index];
}

/* The index of the field with this name (inner text) on a level, -1 if the name is not known. */
int lambdest__field_find(int level, lambdest__span name);

/* The index of a field by its slot on a level; it must be there. */
int lambdest__field_of(int level, int slot);

/* The indices of a level's fields: from *first, the count. */
extern const uint8_t lambdest__level_span[LEVEL_COUNT][2];

static inline int lambdest__level_fields(int level, int *first)
{
    *first = lambdest__level_span[level][0];
    return lambdest__level_span[level][1];
}

/* Where a member not known here stands: the level's path and "*". */
const char *lambdest__level_where(int level);

/* The level of a batch info's own members, by its slot. */
int lambdest__batch_level(int slot);

/* The largest value of an integer field. */
int64_t lambdest__field_max(const lambdest__field *field);

#endif
