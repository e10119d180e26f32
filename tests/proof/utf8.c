/* json/utf8: all texts of each length up to BOUND, and of one length that is looked at in four lanes. */
#include "proof.h"

#include "json/utf8.h"

enum {
    LANES = 4 * 64 + 4
};

static void read_all(const unsigned char *text, size_t len)
{
    size_t offset = 0, max = unknown_size(0, SIZE_MAX), cut;

    if (len) {
        int n = lambdest__utf8_sequence(text, text + len);

        /*@ assert -1 <= n <= 4 && n <= len; */
    }
    lambdest__utf8_check(text, len, &offset);
    lambdest__utf8_valid(text, len);
    cut = lambdest__utf8_cut(text, len, max);
    /*@ assert cut <= len; */
}

int main(void)
{
    unsigned char out[4];
    size_t len, n;

    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND; len++)
        read_all(unknown_text(len), len);
    lambdest__utf8_valid(unknown_text(LANES), LANES);
    n = lambdest__utf8_put(out, (uint32_t)unknown_size(0, 0x10FFFF));
    /*@ assert 1 <= n <= 4; */
    return 0;
}
