/* json/utf8: all texts of each length up to BOUND. */
#include "proof.h"

#include "json/utf8.h"

static void read_all(const unsigned char *text, size_t len)
{
    size_t offset = 0;

    if (len)
        lambdest__utf8_sequence(text, text + len);
    lambdest__utf8_check(text, len, &offset);
    lambdest__utf8_cut(text, len, unknown_size(0, SIZE_MAX));
}

int main(void)
{
    unsigned char out[4];
    size_t len;

    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND; len++)
        read_all(unknown_text(len), len);
    lambdest__utf8_put(out, (uint32_t)unknown_size(0, 0x10FFFF));
    return 0;
}
