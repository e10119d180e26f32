/* What the proof must not let pass: a read of the byte behind a text, in one of its lengths. */
#include "proof.h"

static unsigned char last(const unsigned char *text, size_t len)
{
    return len ? text[len < BOUND ? len - 1 : len] : 0;
}

int main(void)
{
    size_t len;

    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND; len++)
        last(unknown_text(len), len);
    return 0;
}
