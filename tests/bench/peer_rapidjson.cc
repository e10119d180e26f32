#include "bench.h"

#include <cstring>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

using namespace rapidjson;

static const unsigned flags = kParseValidateEncodingFlag | kParseFullPrecisionFlag;

static bool make(const bench_input *in, Document &record)
{
    auto &memory = record.GetAllocator();
    Document event(&memory), error(&memory);
    Value context(kObjectType), response(kObjectType);

    if (event.Parse<flags>(in->event, in->event_len).HasParseError() ||
        error.Parse<flags>(in->error, in->error_len).HasParseError())
        return false;
    context.AddMember("requestId", BENCH_ID, memory).AddMember("functionArn", BENCH_ARN, memory);
    context.AddMember("condition", BENCH_CONDITION, memory).AddMember("approximateInvokeCount", 3, memory);
    response.AddMember("statusCode", 200, memory).AddMember("executedVersion", "$LATEST", memory);
    response.AddMember("functionError", "Unhandled", memory);
    record.SetObject();
    record.AddMember("version", "1.0", memory).AddMember("timestamp", BENCH_TIME, memory);
    record.AddMember("requestContext", context, memory);
    record.AddMember("requestPayload", static_cast<Value &>(event), memory);
    record.AddMember("responseContext", response, memory);
    record.AddMember("responsePayload", static_cast<Value &>(error), memory);
    return true;
}

static size_t write_out(const Document &record, bench_input *in)
{
    StringBuffer buffer;
    Writer<StringBuffer> writer(buffer);

    record.Accept(writer);
    memcpy(in->out, buffer.GetString(), buffer.GetSize());
    return buffer.GetSize();
}

static size_t build(bench_input *in)
{
    Document record;

    return make(in, record) ? write_out(record, in) : 0;
}

static size_t parse(bench_input *in)
{
    Document record;

    if (record.Parse<flags>(in->record, in->record_len).HasParseError())
        return 0;
    const Value &context = record["requestContext"], &response = record["responsePayload"];
    return context["condition"].GetStringLength() + context["requestId"].GetStringLength() +
           response["errorType"].GetStringLength() + response["errorMessage"].GetStringLength() +
           record.HasMember("requestPayload");
}

static size_t parse_write(bench_input *in)
{
    Document record;

    return record.Parse<flags>(in->record, in->record_len).HasParseError() ? 0 : write_out(record, in);
}

static void prepare(bench_input *in)
{
    Document *record = new Document;

    make(in, *record);
    in->made = record;
}

static void clean_up(bench_input *in)
{
    delete static_cast<Document *>(in->made);
}

static size_t write_made(bench_input *in)
{
    return write_out(*static_cast<Document *>(in->made), in);
}

int main(int argc, char **argv)
{
    static const bench_op ops[] = {
        {"build", build, nullptr, nullptr},
        {"parse", parse, nullptr, nullptr},
        {"parse-write", parse_write, nullptr, nullptr},
        {"write", write_made, prepare, clean_up},
        {nullptr, nullptr, nullptr, nullptr},
    };

    return bench_main(argc, argv, ops);
}
