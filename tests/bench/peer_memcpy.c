/* What no library can beat: the bytes put where they belong and nothing looked at. */
#include "bench.h"

#include <string.h>

#define HEAD                                                                                                 \
    "{\"version\":\"1.0\",\"timestamp\":\"" BENCH_TIME "\",\"requestContext\":{\"requestId\":\"" BENCH_ID    \
    "\",\"functionArn\":\"" BENCH_ARN "\",\"condition\":\"" BENCH_CONDITION                                  \
    "\",\"approximateInvokeCount\":3},\"requestPayload\":"
#define MIDDLE                                                                                               \
    ",\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":"            \
    "\"Unhandled\"},"                                                                                        \
    "\"responsePayload\":"

static char *put(char *to, const char *data, size_t len)
{
    memcpy(to, data, len);
    return to + len;
}

static size_t build(struct bench_input *in)
{
    char *to = put(in->out, HEAD, sizeof HEAD - 1);

    to = put(to, in->event, in->event_len);
    to = put(to, MIDDLE, sizeof MIDDLE - 1);
    to = put(to, in->error, in->error_len);
    to = put(to, "}", 1);
    return (size_t)(to - in->out);
}

static size_t copy(struct bench_input *in)
{
    memcpy(in->out, in->record, in->record_len);
    return in->record_len;
}

int main(int argc, char **argv)
{
    static const struct bench_op ops[] = {
        {"build", build, NULL, NULL},         {"build-copied", build, NULL, NULL},
        {"build-checked", build, NULL, NULL}, {"parse", copy, NULL, NULL},
        {"parse-copied", copy, NULL, NULL},   {"parse-write", copy, NULL, NULL},
        {"convert", copy, NULL, NULL},        {"write", build, NULL, NULL},
        {"parts", build, NULL, NULL},         {NULL, NULL, NULL, NULL},
    };

    return bench_main(argc, argv, ops);
}
