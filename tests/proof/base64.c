/* base/base64: all bytes and texts of each length up to BOUND, into blocks of the size that is asked for. */
#include "proof.h"

#include "base/base64.h"

static void both_ways(size_t len)
{
    unsigned char *bytes = unknown_text(len), *out;
    size_t out_len = 0, offset = 0;

    out = malloc((len + 2) / 3 * 4);
    lambdest__base64_encode(bytes, len, out);
    out = malloc(lambdest__base64_room(len));
    lambdest__base64_decode(bytes, len, out, &out_len, &offset);
}

int main(void)
{
    size_t len;

    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND; len++)
        both_ways(len);
    lambdest__base64_room(unknown_size(0, SIZE_MAX));
    return 0;
}
