#include "delivery/limits.h"

#include <lambdest/sink.h>

#include <string.h>

#define KIB_256 ((uint64_t)256 * 1024)
#define MIB_1 ((uint64_t)1024 * 1024)

bool lambdest__limit_of(uint32_t target, lambdest__limit *out)
{
    memset(out, 0, sizeof *out);
    switch (target) {
    case 0:
    case LAMBDEST_TARGET_PLAIN:
    case LAMBDEST_TARGET_S3:
        return true;
    case LAMBDEST_TARGET_SQS:
        out->max_bytes = MIB_1;
        out->xml_text = true;
        return true;
    case LAMBDEST_TARGET_SNS:
        out->max_bytes = KIB_256;
        out->xml_text = true;
        return true;
    case LAMBDEST_TARGET_LAMBDA:
        out->max_bytes = MIB_1;
        return true;
    case LAMBDEST_TARGET_EVENTBRIDGE:
        out->max_bytes = MIB_1;
        out->event = true;
        return true;
    case LAMBDEST_TARGET_KAFKA:
        /* Below both defaults that brokers have had, with room for the record's head. */
        out->max_bytes = 1000000;
        return true;
    default:
        return false;
    }
}

/* U+FFFE and U+FFFF are EF BF BE and EF BF BF. */
static bool is_noncharacter(const unsigned char *p, const unsigned char *end)
{
    return p[0] == 0xEF && end - p >= 3 && p[1] == 0xBF && p[2] >= 0xBE;
}

static bool is_control(unsigned char byte)
{
    return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r';
}

size_t lambdest__limit_character(lambdest__span text)
{
    const unsigned char *p = text.data, *end = text.data + text.len;

    for (; p < end; p++)
        if (is_control(*p) || is_noncharacter(p, end))
            break;
    return (size_t)(p - text.data);
}

size_t lambdest__limit_depth(lambdest__span json, size_t depth)
{
    size_t at, open = 0;

    for (at = 0; at < json.len; at++) {
        unsigned char byte = json.data[at];

        if (byte == '"') {
            for (at++; json.data[at] != '"'; at++)
                if (json.data[at] == '\\')
                    at++;
        } else if (byte == '{' || byte == '[') {
            if (++open > depth)
                return at;
        } else if (byte == '}' || byte == ']') {
            open--;
        }
    }
    return json.len;
}
