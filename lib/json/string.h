/* JSON strings: the text between the quotes, and the text it stands for. */
#ifndef LAMBDEST_JSON_STRING_H
#define LAMBDEST_JSON_STRING_H

#include "json/scan.h"

/* The text between the quotes of a checked string value. */
static inline lambdest__span lambdest__string_inner(lambdest__span value)
{
    lambdest__span inner = {value.data + 1, value.len - 2};

    return inner;
}

/* Decodes a checked inner text; `out` has room for inner.len bytes, which it may be shorter than. Lone
 * surrogate escapes become U+FFFD. Returns the length. */
/*@ requires \valid_read(inner.data + (0 .. inner.len - 1)) && \valid(out + (0 .. inner.len - 1));
    ensures \result <= inner.len; */
size_t lambdest__string_decode(lambdest__span inner, unsigned char *out);

enum {
    LAMBDEST__DECODE_SPARE = 16
};

/* The same of the checked string whose opening quote stands at *p, which moves behind the closing one.
 * `out` has room for what is between them and LAMBDEST__DECODE_SPARE bytes more, which may be written
 * over. */
/*@ requires \valid_read(*p + (0 .. end - *p - 1));
    ensures \result <= end - \old(*p); */
size_t lambdest__string_decode_at(const unsigned char **p, const unsigned char *end, unsigned char *out);

/* The same of a string that has not been checked, of ASCII and escapes of a letter alone, decoded to *out,
 * which moves behind its text: returns the place behind it, NULL for any other, and where what may be
 * written, LAMBDEST__DECODE_SPARE bytes or more, is not as many more than the string. */
const unsigned char *lambdest__string_take(const unsigned char *p, const unsigned char *end,
                                           unsigned char **out, const unsigned char *out_end);

/* The same, for texts that hold texts: `out` may be the inner text itself, and a lone surrogate escape,
 * which stands for no text, is told: *lone is where the first U+FFFD for one went in `out`, SIZE_MAX if
 * none did. */
/*@ requires \valid_read(inner.data + (0 .. inner.len - 1)) && \valid(out + (0 .. inner.len - 1));
    requires \valid(lone);
    ensures \result <= inner.len; */
size_t lambdest__string_unpack(lambdest__span inner, unsigned char *out, size_t *lone);

/* The next escape of a checked inner text from *at on: its code point, a lone surrogate as it is, and where
 * it begins; *at moves behind it. false if there is none. */
/*@ requires \valid_read(inner.data + (0 .. inner.len - 1)) && *at <= inner.len;
    ensures *at <= inner.len; */
bool lambdest__string_escape(lambdest__span inner, size_t *at, size_t *begins, uint32_t *code_point);

/* Whether a checked inner text stands for these bytes. */
/*@ requires \valid_read(inner.data + (0 .. inner.len - 1));
    requires \valid_read((unsigned char *)text + (0 .. len - 1)); */
bool lambdest__string_equals(lambdest__span inner, const void *text, size_t len);

/* Orders two checked inner texts by what they stand for: <0, 0, >0. */
/*@ requires \valid_read(a.data + (0 .. a.len - 1)) && \valid_read(b.data + (0 .. b.len - 1)); */
int lambdest__string_compare(lambdest__span a, lambdest__span b);

/* A number that is the same for inner texts that stand for the same text. */
/*@ requires \valid_read(inner.data + (0 .. inner.len - 1)); */
uint32_t lambdest__string_hash(lambdest__span inner);

/* The length of a valid UTF-8 text as a JSON string, its quotes included. */
/*@ requires \valid_read(text + (0 .. len - 1));
    ensures 2 <= \result <= 6 * len + 2; */
size_t lambdest__string_encoded(const unsigned char *text, size_t len);

/* Whether it is ASCII, and nothing in it needs an escape. */
/*@ requires \valid_read(text + (0 .. len - 1)); */
bool lambdest__string_is_plain(const unsigned char *text, size_t len);

/* Writes it: only the quote, the backslash and control characters are escaped. Returns the length. */
/*@ requires \valid_read(text + (0 .. len - 1));
    ensures 2 <= \result <= 6 * len + 2; */
size_t lambdest__string_encode(const unsigned char *text, size_t len, unsigned char *out);

#endif
