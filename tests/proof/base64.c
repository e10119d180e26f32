#include "base/base64.h"
#include "proof.h"

enum {
    MOST = 17
};

static void encode(void)
{
    ANY_TEXT(bytes, len, MOST);
    unsigned char out_block[(MOST + 2) / 3 * 4];
    size_t need = 0, n;

    if (!lambdest__base64_encoded(len, &need))
        return;
    n = lambdest__base64_encode(bytes, len, out_block + (sizeof out_block - need));
    /*@ assert n == need; */
}

static void decode(void)
{
    ANY_TEXT(text, len, MOST);
    unsigned char out_block[MOST / 4 * 3 + 3];
    size_t room = lambdest__base64_room(len), out_len = 0, offset = 0;
    bool good = lambdest__base64_decode(text, len, out_block + (sizeof out_block - room), &out_len, &offset);

    /*@ assert good || offset <= len; */
    /*@ assert out_len <= room; */
}

/* Every length there is. */
static void lengths(void)
{
    size_t len = Frama_C_unsigned_long_interval(0, SIZE_MAX), out = 0;

    (void)lambdest__base64_encoded(len, &out);
    (void)lambdest__base64_room(len);
}

int main(void)
{
    encode();
    decode();
    lengths();
    return 0;
}
