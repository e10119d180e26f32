/* json/string: checked inner texts of up to three parts (SHAPES), and all bytes to BOUND to be encoded. A
 * part is a byte that stands for itself, an escape of two bytes, or one of six; what is in it is unknown.
 * Readers are run without words of 8 bytes (run.sh): Eva cannot tell which byte of one was found. */
#include "proof.h"

#include "json/string.h"

enum {
    PARTS = 4,
    KINDS = 4
};

static unsigned char one_of(const char *set, size_t count)
{
    return (unsigned char)set[unknown_size(0, count - 1)];
}

static unsigned char plain_byte(void)
{
    unsigned char byte = (unsigned char)unknown_size(0x20, 0xFF);

    /* Eva goes on with the values for which the loop ends. */
    while (byte == '"' || byte == '\\')
        byte = 'x';
    return byte;
}

static unsigned char *put_part(unsigned char *to, unsigned kind)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    int i;

    if (kind == 1)
        *to++ = plain_byte();
    if (kind < 2)
        return to;
    *to++ = '\\';
    if (kind == 2) {
        *to++ = one_of("\"\\/bfnrt", 8);
        return to;
    }
    *to++ = 'u';
    /*@ loop unroll 4; */
    for (i = 0; i < 4; i++)
        *to++ = one_of(hex, sizeof hex - 1);
    return to;
}

static size_t length_of(unsigned shape)
{
    static const size_t lengths[KINDS] = {0, 1, 2, 6};

    return lengths[shape % 4] + lengths[shape / 4 % 4] + lengths[shape / 16 % 4] + lengths[shape / 64];
}

static lambdest__span value_of(unsigned shape)
{
    size_t len = length_of(shape) + 2;
    unsigned char *text = malloc(len), *to = text;
    lambdest__span value = {text, len};

    *to++ = '"';
    to = put_part(to, shape % 4);
    to = put_part(to, shape / 4 % 4);
    to = put_part(to, shape / 16 % 4);
    to = put_part(to, shape / 64);
    *to = '"';
    return value;
}

/* The text alone, in a block of its own. */
static lambdest__span inner_of(lambdest__span value)
{
    lambdest__span inner = lambdest__string_inner(value), alone = {malloc(inner.len), inner.len};
    size_t i;

    /*@ loop unroll 6 * PARTS; */
    for (i = 0; i < inner.len; i++)
        ((unsigned char *)alone.data)[i] = inner.data[i];
    return alone;
}

static void read_shape(unsigned shape)
{
    lambdest__span value = value_of(shape), inner = inner_of(value);
    const unsigned char *p = value.data;
    size_t at = 0, begins = 0, lone;
    uint32_t c;

    lambdest__string_decode(inner, malloc(inner.len));
    lambdest__string_hash(inner);
    lambdest__string_decode_at(&p, value.data + value.len, malloc(inner.len + LAMBDEST__DECODE_SPARE));
    lambdest__string_unpack(inner, malloc(inner.len), &lone);
    lambdest__string_equals(inner, unknown_text(4), 4);
    /*@ loop unroll PARTS + 1; */
    while (lambdest__string_escape(inner, &at, &begins, &c)) {
        /*@ split at; */
        ;
    }
    lambdest__string_unpack(inner, (unsigned char *)inner.data, &lone);
}

static void compare_shapes(unsigned shape)
{
    lambdest__span inner = inner_of(value_of(shape));
    unsigned other;

    /*@ loop unroll KINDS * KINDS; */
    for (other = 0; other < KINDS * KINDS; other++)
        lambdest__string_compare(inner, inner_of(value_of(other)));
}

static void write_all(size_t len)
{
    const unsigned char *text = unknown_text(len);

    lambdest__string_is_plain(text, len);
    lambdest__string_encoded(text, len);
    lambdest__string_encode(text, len, malloc(len * 6 + 2));
}

int main(void)
{
    unsigned shape;
    size_t len;

    /*@ loop unroll 256; */
    for (shape = 0; shape < (SHAPES); shape++)
        read_shape(shape);
    /*@ loop unroll KINDS * KINDS; */
    for (shape = 0; shape < KINDS * KINDS && SHAPES; shape++)
        compare_shapes(shape);
    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND && !SHAPES; len++)
        write_all(len);
    return 0;
}
