#include "base/error.h"
#include "json/number.h"
#include "json/string.h"
#include "outcome/half.h"

#include <lambdest/outcome.h>
#include <lambdest/runtime.h>
#include <string.h>

enum detail_kind {
    DETAIL_NONE,
    DETAIL_EXIT,
    DETAIL_SIGNAL,
    DETAIL_SECONDS,
    DETAIL_BYTES,
    DETAIL_STATUS
};

/* One fault. The words stand before and after what the detail adds. */
typedef struct fault_info {
    const char *error_type; /* NULL: no invocation error */
    const char *before;
    const char *after;
    const char *function_error;
    int64_t status;
    int64_t min;
    int64_t max;
    int64_t otherwise; /* for detail 0 */
    int fault;
    int detail;    /* enum detail_kind */
    int condition; /* of what never ran */
    int with_id;   /* AWS puts the request id in front */
} fault_info;

#define UNHANDLED "Unhandled"
#define EXITED "Runtime exited with error: "

#define RAN(fault, type, before, after, detail, min, max)                                                    \
    {                                                                                                        \
        type, before, after, UNHANDLED, 200, min, max, 0, fault, detail, 0, 1                                \
    }
#define NEVER_RAN(fault, error, status, condition)                                                           \
    {                                                                                                        \
        NULL, "", "", error, status, 0, 0, 0, fault, DETAIL_NONE, condition, 0                               \
    }

static const fault_info faults[] = {
    RAN(LAMBDEST_FAULT_EXIT, "Runtime.ExitError", "", "", DETAIL_EXIT, 0, 255),
    RAN(LAMBDEST_FAULT_SIGNAL, "Runtime.ExitError", EXITED "signal: ", "", DETAIL_SIGNAL, 1, 127),
    RAN(LAMBDEST_FAULT_TIMEOUT, "Sandbox.Timedout", "Task timed out after ", " seconds", DETAIL_SECONDS, 1,
        INT64_MAX),
    RAN(LAMBDEST_FAULT_OUT_OF_MEMORY, "Runtime.OutOfMemory", EXITED "signal: killed", "", DETAIL_NONE, 0, 0),
    {"Function.ResponseSizeTooLarge", "Response payload size",
     " exceeded maximum allowed payload size (6291556 bytes).", UNHANDLED, 200, 0, INT64_MAX, 0,
     LAMBDEST_FAULT_RESPONSE_TOO_LARGE, DETAIL_BYTES, 0, 0},
    RAN(LAMBDEST_FAULT_NEVER_SETTLED, "Runtime.NoResponse",
        "Runtime asked for the next event without a response to this one", "", DETAIL_NONE, 0, 0),
    RAN(LAMBDEST_FAULT_BAD_INIT, "Runtime.InvalidEntrypoint", "Runtime could not be started", "", DETAIL_NONE,
        0, 0),
    NEVER_RAN(LAMBDEST_FAULT_THROTTLED, NULL, 429, LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED),
    {NULL, "", "", NULL, 0, 500, 599, 500, LAMBDEST_FAULT_SYSTEM_ERROR, DETAIL_STATUS,
     LAMBDEST_CONDITION_EVENT_AGE_EXCEEDED, 0},
    NEVER_RAN(LAMBDEST_FAULT_TARGET_GONE, NULL, 404, LAMBDEST_CONDITION_RETRIES_EXHAUSTED),
    NEVER_RAN(LAMBDEST_FAULT_RECURSION, "RecursiveInvocationException", 400,
              LAMBDEST_CONDITION_RECURSIVE_INVOCATION),
    NEVER_RAN(LAMBDEST_FAULT_ZERO_CONCURRENCY, NULL, 0, LAMBDEST_CONDITION_ZERO_RESERVED_CONCURRENCY),
};

static const fault_info *find_fault(int fault)
{
    size_t i;

    for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].fault == fault)
            return &faults[i];
    return NULL;
}

/* ---- the words ---- */

typedef struct words {
    const fault_info *info;
    const char *id;
    size_t id_len;
    int64_t detail;
} words;

static void put_word(lambdest__emit *e, const char *text)
{
    lambdest__emit_raw(e, text, strlen(text));
}

/* The signals of Linux by the names that Go, and so Lambda, has for them. */
static void put_signal(lambdest__emit *e, int64_t number)
{
    static const char *const names[] = {
        "hangup",
        "interrupt",
        "quit",
        "illegal instruction",
        "trace/breakpoint trap",
        "aborted",
        "bus error",
        "floating point exception",
        "killed",
        "user defined signal 1",
        "segmentation fault",
        "user defined signal 2",
        "broken pipe",
        "alarm clock",
        "terminated",
    };

    if (number <= (int64_t)(sizeof names / sizeof names[0])) {
        put_word(e, names[number - 1]);
        return;
    }
    put_word(e, "signal ");
    lambdest__emit_integer(e, number);
}

/* Two decimals, rounded. */
static void put_seconds(lambdest__emit *e, int64_t ms)
{
    int64_t hundredths = ms / 10 + (ms % 10 >= 5);
    unsigned char decimals[3] = {'.', (unsigned char)('0' + hundredths / 10 % 10),
                                 (unsigned char)('0' + hundredths % 10)};

    lambdest__emit_integer(e, hundredths / 100);
    lambdest__emit_raw(e, decimals, sizeof decimals);
}

static void put_exit(lambdest__emit *e, int64_t status)
{
    if (!status) {
        put_word(e, "Runtime exited without providing a reason");
        return;
    }
    put_word(e, EXITED "exit status ");
    lambdest__emit_integer(e, status);
}

/* AWS is known to say it with the size that was posted and without. */
static void put_posted(lambdest__emit *e, int64_t posted)
{
    if (!posted)
        return;
    put_word(e, " (");
    lambdest__emit_integer(e, posted);
    put_word(e, " bytes)");
}

static void put_detail(lambdest__emit *e, const words *w)
{
    switch (w->info->detail) {
    case DETAIL_EXIT:
        put_exit(e, w->detail);
        break;
    case DETAIL_SIGNAL:
        put_signal(e, w->detail);
        break;
    case DETAIL_SECONDS:
        put_seconds(e, w->detail);
        break;
    case DETAIL_BYTES:
        put_posted(e, w->detail);
        break;
    default:
        break;
    }
}

/* A piece of text inside a string that is being written. */
static void put_escaped(lambdest__emit *e, const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char room[2 + 6];
    size_t i;

    for (i = 0; i < len; i++)
        lambdest__emit_raw(e, room + 1, lambdest__string_encode(bytes + i, 1, room) - 2);
}

static void put_message(lambdest__emit *e, const words *w)
{
    lambdest__emit_name(e, "errorMessage");
    put_word(e, "\"");
    if (w->info->with_id && w->id_len) {
        put_word(e, "RequestId: ");
        put_escaped(e, w->id, w->id_len);
        put_word(e, " ");
    }
    if (w->info->with_id)
        put_word(e, "Error: ");
    put_word(e, w->info->before);
    put_detail(e, w);
    put_word(e, w->info->after);
    put_word(e, "\"");
}

static void put_type(lambdest__emit *e, const words *w)
{
    lambdest__emit_name(e, "errorType");
    put_word(e, "\"");
    put_word(e, w->info->error_type);
    put_word(e, "\"");
}

/* The order is as recorded: of ResponseSizeTooLarge the message stands first. */
static void emit_fault(lambdest__emit *e, const void *data)
{
    const words *w = data;

    lambdest__emit_open(e, '{');
    if (w->info->with_id)
        put_type(e, w);
    put_message(e, w);
    if (!w->info->with_id)
        put_type(e, w);
    lambdest__emit_close(e, '}');
}

int lambdest_runtime_fault(lambdest_envelope *env, int fault, int64_t detail, lambdest_error *err)
{
    const fault_info *info = find_fault(fault);
    words w = {.info = info, .detail = detail};
    lambdest__half half;

    if (!env)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (!info)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no fault", "fault");
    if (!detail)
        w.detail = info->otherwise;
    if (w.detail < info->min || w.detail > info->max)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "out of range", "detail");
    if (lambdest_envelope_kind(env) == LAMBDEST_BATCH)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "a batch record has no fault", "");
    w.id = lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, &w.id_len);
    memset(&half, 0, sizeof half);
    half.status = info->detail == DETAIL_STATUS ? w.detail : info->status;
    half.ran = info->error_type ? HALF_RAN : HALF_NEVER_RAN;
    half.function_error = info->function_error;
    half.condition = info->condition;
    if (info->error_type) {
        half.error.emit = emit_fault;
        half.error.data = &w;
    }
    return lambdest__half_put(env, &half, err);
}
