/* The sizes of the structs that may grow, as their first version had them: what a program built against it
 * says in `size`. They stay as they are when a member is added at the end. */
#ifndef LAMBDEST_BASE_FIRST_H
#define LAMBDEST_BASE_FIRST_H

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <lambdest/sink.h>

enum {
    LAMBDEST__FIRST_OPTIONS = 4 * sizeof(uint32_t) + 2 * sizeof(uint64_t) + 2 * sizeof(void *),
    LAMBDEST__FIRST_POLICY = 4 * sizeof(uint32_t) + 5 * sizeof(int64_t),
    LAMBDEST__FIRST_ATTEMPT = 6 * sizeof(uint32_t) + 2 * sizeof(int64_t),
    LAMBDEST__FIRST_DECISION = 4 * sizeof(uint32_t) + sizeof(int64_t),
    LAMBDEST__FIRST_POST = 4 * sizeof(uint32_t) + 3 * sizeof(void *) + 3 * sizeof(size_t),
    LAMBDEST__FIRST_SINK = 6 * sizeof(uint32_t) + sizeof(uint64_t) + 10 * sizeof(void *) + 4 * sizeof(size_t)
};

/* The last member of the first version ends there, and no padding follows: a later member would lie in it,
 * and a program of the first version does not clear it. */
#define LAMBDEST__FIRST_ENDS(size, type, last)                                                               \
    _Static_assert((size) == offsetof(type, last) + sizeof(((type *)0)->last) &&                             \
                       (size) % _Alignof(type) == 0,                                                         \
                   "the first version of " #type " has changed")

LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_OPTIONS, lambdest_options, reserved);
LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_POLICY, lambdest_policy, max_throttle_delay_ms);
LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_ATTEMPT, lambdest_attempt, now_ms);
LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_DECISION, lambdest_decision, delay_ms);
LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_POST, lambdest_post, trailer_count);
LAMBDEST__FIRST_ENDS(LAMBDEST__FIRST_SINK, lambdest_sink, overflow_len);

#endif
