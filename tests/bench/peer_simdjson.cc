/* The DOM, which checks all of a text, and splicing by hand: it has no writer to build with. A parser and padded
 * copies are made anew for each operation, as the other programs do with theirs. */
#include "bench.h"

#include <cstring>
#include <simdjson.h>
#include <string>

using namespace simdjson;

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

#define HEAD                                                                                                 \
    "{\"version\":\"1.0\",\"timestamp\":\"" BENCH_TIME "\",\"requestContext\":{\"requestId\":\"" BENCH_ID           \
    "\",\"functionArn\":\"" BENCH_ARN "\",\"condition\":\"" BENCH_CONDITION                                     \
    "\",\"approximateInvokeCount\":3},\"requestPayload\":"
#define MIDDLE                                                                                               \
    ",\"responseContext\":{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":\"Unhandled\"},"      \
    "\"responsePayload\":"

static size_t build(bench_input *in)
{
    dom::parser parser;
    char *to;

    if (parser.parse(in->event, in->event_len).error() || parser.parse(in->error, in->error_len).error())
        return 0;
    to = put(in->out, HEAD, sizeof HEAD - 1);
    to = put(to, in->event, in->event_len);
    to = put(to, MIDDLE, sizeof MIDDLE - 1);
    to = put(to, in->error, in->error_len);
    to = put(to, "}", 1);
    return size_t(to - in->out);
}

static size_t parse(bench_input *in)
{
    dom::parser parser;
    dom::element record;
    std::string_view condition, id, type, message;

    if (parser.parse(in->record, in->record_len).get(record))
        return 0;
    if (record["requestContext"]["condition"].get(condition) || record["requestContext"]["requestId"].get(id) ||
        record["responsePayload"]["errorType"].get(type) || record["responsePayload"]["errorMessage"].get(message))
        return 0;
    return condition.size() + id.size() + type.size() + message.size() +
           !record["requestPayload"].error();
}

static size_t parse_write(bench_input *in)
{
    dom::parser parser;
    dom::element record;

    if (parser.parse(in->record, in->record_len).get(record))
        return 0;
    std::string text = minify(record);
    memcpy(in->out, text.data(), text.size());
    return text.size();
}

int main(int argc, char **argv)
{
    static const bench_op ops[] = {
        {"build", build, nullptr, nullptr},
        {"parse", parse, nullptr, nullptr},
        {"parse-write", parse_write, nullptr, nullptr},
        {nullptr, nullptr, nullptr, nullptr},
    };

    return bench_main(argc, argv, ops);
}
