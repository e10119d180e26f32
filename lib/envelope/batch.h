/* What a batch record's KinesisBatchInfo, DDBStreamBatchInfo or KafkaBatchInfo says. */
#ifndef LAMBDEST_ENVELOPE_BATCH_H
#define LAMBDEST_ENVELOPE_BATCH_H

#include "base/options.h"
#include "json/scan.h"

enum {
    LAMBDEST__RANGE_TEXTS = 7
}; /* by enum lambdest_range_member, from LAMBDEST_RANGE_NAME */

typedef struct lambdest__range {
    lambdest__span texts[LAMBDEST__RANGE_TEXTS];
} lambdest__range;

/* Decoded, each text with a NUL behind it; data NULL if absent. */
typedef struct lambdest__batch_view {
    lambdest__span source_arn;
    lambdest__range *ranges;
    size_t range_count;
    int64_t batch_size; /* -1: absent */
    int64_t payload_size;
} lambdest__batch_view;

/* The memory that a view needs; SIZE_MAX if that does not fit. `range_count` as the walk found it. */
size_t lambdest__batch_memory(size_t info_len, size_t range_count);

/* Fills a view of a checked batch info (SLOT_KINESIS_BATCH_INFO …) in `memory`, aligned for pointers. */
void lambdest__batch_build(lambdest__span info, int slot, const lambdest__limits *limits, size_t range_count,
                           unsigned char *memory, lambdest__batch_view *view);

#endif
