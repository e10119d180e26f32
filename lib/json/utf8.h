/* UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing past U+10FFFF. */
#ifndef LAMBDEST_JSON_UTF8_H
#define LAMBDEST_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAMBDEST__UTF8_BAD = 0,
    LAMBDEST__UTF8_CUT = -1
};

/* The length of the character at p (p < end): 1 to 4, UTF8_BAD, or UTF8_CUT if end comes too early in what
 * is well-formed so far. */
/*@ requires p < end && \valid_read(p + (0 .. end - p - 1));
    assigns \nothing;
    ensures -1 <= \result <= 4 && \result <= end - p; */
int lambdest__utf8_sequence(const unsigned char *p, const unsigned char *end);

/* Whether all of it is UTF-8; else *offset is where the first bad sequence begins. */
bool lambdest__utf8_check(const unsigned char *text, size_t len, size_t *offset);

/* The longest length up to `max` that cuts no character of a valid text. */
/*@ requires len == 0 || \valid_read(text + (0 .. len - 1));
    assigns \nothing;
    ensures \result <= len && \result <= max; */
size_t lambdest__utf8_cut(const unsigned char *text, size_t len, size_t max);

/* Writes a code point (to 0x10FFFF, surrogates come out as U+FFFD), 1 to 4 bytes; returns how many. */
size_t lambdest__utf8_put(unsigned char *out, uint32_t code_point);

#endif
