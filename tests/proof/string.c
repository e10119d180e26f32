/* Strings. What is decoded has been checked by the scanner; so the driver makes checked texts, piece by piece. */
#include "json/string.h"
#include "proof.h"

enum {
    MOST = 18, /* three pieces of six bytes */
    MOST_PLAIN = 12
};

/* One piece before `at`; returns its first byte. Bytes past ASCII come in any order: what UTF-8 they are is
 * nothing to these functions, which copy them. */
static unsigned char *put_piece(unsigned char *at, int kind)
{
    static const unsigned char letters[] = "\"\\/bfnrt";
    int i;

    switch (kind) {
    case 5:
        return at;
    case 0:
        *--at = Frama_C_unsigned_char_interval(0x20, 0x21);
        return at;
    case 1:
        *--at = Frama_C_unsigned_char_interval(0x23, 0x5B);
        return at;
    case 2:
        *--at = Frama_C_unsigned_char_interval(0x5D, 0xFF);
        return at;
    case 3:
        *--at = letters[Frama_C_interval(0, 7)];
        break;
    default: /* all hexadecimal digits, and what lies between them */
        for (i = 0; i < 4; i++)
            *--at = Frama_C_unsigned_char_interval('0', 'f');
        *--at = 'u';
        break;
    }
    *--at = '\\';
    return at;
}

/* Each text of up to three pieces is a state of its own; where escapes begin and end is known in each. */
void decoding(void)
{
    unsigned char block[MOST], out_block[MOST], *text = block + MOST;
    int a = Frama_C_interval(0, 5), b = Frama_C_interval(0, 5), c = Frama_C_interval(0, 5);
    lambdest__span inner;
    size_t len, lone, n;

    /*@ split a; */ ;
    /*@ split b; */ ; ;
    /*@ split c; */ ;
    text = put_piece(put_piece(put_piece(text, a), b), c);
    len = (size_t)(block + MOST - text);
    inner.data = text;
    inner.len = len;
    n = lambdest__string_decode(inner, out_block + (MOST - len));
    /*@ assert n <= len; */
    n = lambdest__string_unpack(inner, out_block + (MOST - len), &lone);
    /*@ assert n <= len; */
}

/* Any bytes at all. */
void encoding(void)
{
    ANY_TEXT(text, len, MOST_PLAIN);
    unsigned char out[6 * MOST_PLAIN + 2];
    size_t n = lambdest__string_encode(text, len, out);

    /*@ assert n <= 6 * len + 2; */
}

void measuring(void)
{
    ANY_TEXT(text, len, MOST_PLAIN);
    size_t n = lambdest__string_encoded(text, len);

    /*@ assert 2 <= n <= 6 * MOST_PLAIN + 2; */
}
