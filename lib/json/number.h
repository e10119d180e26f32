/* JSON numbers that stand for integers. */
#ifndef LAMBDEST_JSON_NUMBER_H
#define LAMBDEST_JSON_NUMBER_H

#include "json/scan.h"

enum {
    LAMBDEST__INTEGER_MAX = 20
}; /* characters of an int64_t */

/* A checked number taken apart: its digits without the point, and the power of ten it is shifted by. */
typedef struct lambdest__decimal {
    lambdest__span whole;
    lambdest__span fraction;
    int64_t exponent;
    bool negative;
} lambdest__decimal;

lambdest__decimal lambdest__decimal_of(lambdest__span value);

/* One of its digits as a character, from 0 on through whole and fraction. */
unsigned char lambdest__decimal_digit(const lambdest__decimal *d, size_t i);

/* The integer that a checked number stands for, however it is spelt (3, 3.0, 30e-1, -0); false if it is
 * none or does not fit. */
bool lambdest__number_integer(lambdest__span value, int64_t *out);

/* Writes an integer in decimal; returns the length, up to LAMBDEST__INTEGER_MAX. */
size_t lambdest__number_put(int64_t value, unsigned char *out);

#endif
