/* Base64 (RFC 4648, section 4): the standard alphabet with padding, nothing else. */
#ifndef LAMBDEST_BASE_BASE64_H
#define LAMBDEST_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Writes `len` bytes as base64, (len + 2) / 3 * 4 characters and no NUL; returns how many. */
/*@ requires \valid_read(bytes + (0 .. len - 1)) && \valid(out + (0 .. (len + 2) / 3 * 4 - 1));
    ensures \result == (len + 2) / 3 * 4; */
size_t lambdest__base64_encode(const unsigned char *bytes, size_t len, unsigned char *out);

/* Room that decoding a text of `len` characters needs; up to five bytes more than it gives. */
size_t lambdest__base64_room(size_t len);

/* Decodes a whole text. No white space, no other alphabet, all padding there, the bits behind the last byte
 * zero: what decodes is encoded to the same text again. Else false, with *offset at the first character
 * that is wrong, or at `len` where the text ends early; `out` is then scratch. */
/*@ requires \valid_read(text + (0 .. len - 1)) && \valid(out + (0 .. len / 4 * 3 + 2));
    requires \valid(out_len) && \valid(offset); */
bool lambdest__base64_decode(const unsigned char *text, size_t len, unsigned char *out, size_t *out_len,
                             size_t *offset);

#endif
