/* RapidJSON as a second opinion on JSON. */
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

/* 1: JSON, 0: none, 2: a number too big for it. It takes a NUL for the end of the text, so there must be
 * none. */
extern "C" int fuzz_second_opinion(const char *text, size_t len)
{
    rapidjson::MemoryStream stream(text, len);
    rapidjson::BaseReaderHandler<> nobody;
    rapidjson::Reader reader;
    const unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                           rapidjson::kParseNumbersAsStringsFlag;

    if (reader.Parse<flags>(stream, nobody))
        return 1;
    return reader.GetParseErrorCode() == rapidjson::kParseErrorNumberTooBig ? 2 : 0;
}
