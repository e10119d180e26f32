#include "json/utf8.h"
#include "proof.h"

enum {
    MOST = 20
};

static void sequence(void)
{
    ANY_TEXT(text, len, 5);
    int n;

    if (!len)
        return;
    n = lambdest__utf8_sequence(text, text + len);
    /*@ assert -1 <= n <= 4; */
}

static void check(void)
{
    ANY_TEXT(text, len, MOST);
    size_t offset = 0;
    bool good = lambdest__utf8_check(text, len, &offset);

    /*@ assert good || offset < len; */
}

static void cut(void)
{
    ANY_TEXT(text, len, MOST);
    size_t max = (size_t)Frama_C_interval(0, MOST + 2), n = lambdest__utf8_cut(text, len, max);

    /*@ assert n <= len; */
}

static void put(void)
{
    unsigned char out[4];
    size_t n = lambdest__utf8_put(out, (uint32_t)Frama_C_interval(0, 0x10FFFF));

    /*@ assert 1 <= n <= 4; */
}

int main(void)
{
    sequence();
    check();
    cut();
    put();
    return 0;
}
