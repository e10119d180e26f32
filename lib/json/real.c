#include "json/real.h"

#include "json/number.h"

#include <float.h>
#include <string.h>

/* Why not strtod: the locale decides its decimal point, another thread may change the locale, and the
 * rounding mode is the host's. So the quotient N * 10^E is taken in whole numbers, exactly:
 *
 * Half way between two doubles lie numbers of at most 768 digits that count. A longer number is cut there
 * and ends in a 1 if what was cut is not zero: it then stands on the same side of all of them as before.
 * What is 10^309 or more overflows, what is less than 10^-324 is nearer to 0 than to the least double, so
 * 10^-E has at most 323 + 769 digits. As 10^E = 5^E * 2^E, only 5^E is multiplied out: the largest number is
 * below 10^769, which is 2555 bits. */
enum {
    DIGITS = 768,
    LIMBS = 81 /* 2556 bits, and one limb more while a digit is divided out */
};

_Static_assert(sizeof(double) == 8 && FLT_RADIX == 2 && DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024,
               "doubles are IEEE 754 binary64");

typedef struct big {
    uint32_t limbs[LIMBS]; /* the least first; all zero from count on */
    size_t count;
} big;

static void multiply_add(big *n, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    size_t i;

    for (i = 0; i < n->count; i++) {
        carry += (uint64_t)n->limbs[i] * factor;
        n->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        n->limbs[n->count++] = (uint32_t)carry;
}

static void multiply_by_power_of_5(big *n, int64_t power)
{
    const uint32_t power_13 = 1220703125;

    for (; power >= 13; power -= 13)
        multiply_add(n, power_13, 0);
    for (; power > 0; power--)
        multiply_add(n, 5, 0);
}

static size_t bit_length(const big *n)
{
    uint32_t top = n->limbs[n->count - 1];
    size_t bits = (n->count - 1) * 32;

    for (; top; top >>= 1)
        bits++;
    return bits;
}

static void shift_left(big *n, size_t bits)
{
    size_t i = n->count, by = bits / 32;
    unsigned rest = bits % 32;

    n->count += by + 1;
    for (; i > 0; i--) {
        uint64_t limb = (uint64_t)n->limbs[i - 1] << rest;

        n->limbs[i - 1] = 0;
        n->limbs[i + by] |= (uint32_t)(limb >> 32);
        n->limbs[i + by - 1] = (uint32_t)limb;
    }
    while (!n->limbs[n->count - 1])
        n->count--;
}

/* a -= b * factor, over one limb more than b has; whether that went below zero. */
static bool subtract_product(big *a, const big *b, uint32_t factor)
{
    uint64_t carry = 0;
    size_t i;

    for (i = 0; i <= b->count; i++) {
        uint32_t before = a->limbs[i];

        carry += (uint64_t)b->limbs[i] * factor;
        a->limbs[i] = before - (uint32_t)carry;
        carry = (carry >> 32) + (a->limbs[i] > before);
    }
    return carry != 0;
}

/* a += b, over the same limbs; whether that came back to zero or above. */
static bool add_back(big *a, const big *b)
{
    uint64_t carry = 0;
    size_t i;

    for (i = 0; i <= b->count; i++) {
        carry += (uint64_t)a->limbs[i] + b->limbs[i];
        a->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return carry != 0;
}

/* The next 32 bits of the quotient a / b < 1; a becomes what is left. The topmost bit of b's topmost limb is
 * set, so the first guess is too large by two at most (Knuth, The Art of Computer Programming, 4.3.1). */
static uint32_t divide_out(big *a, const big *b)
{
    size_t n = b->count;
    uint64_t guess;
    bool below;

    memmove(a->limbs + 1, a->limbs, n * sizeof a->limbs[0]);
    a->limbs[0] = 0;
    guess = ((uint64_t)a->limbs[n] << 32 | a->limbs[n - 1]) / b->limbs[n - 1];
    if (guess > UINT32_MAX)
        guess = UINT32_MAX;
    below = subtract_product(a, b, (uint32_t)guess);
    for (; below; guess--)
        below = !add_back(a, b);
    return (uint32_t)guess;
}

static bool is_zero(const big *n, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (n->limbs[i])
            return false;
    return true;
}

/* The digits that count, from `first` on, as a whole number; returns the power of ten it is short of. */
static int64_t take_number(const lambdest__decimal *d, size_t first, big *n)
{
    size_t i, count = d->whole.len + d->fraction.len;
    size_t end = count - first > DIGITS ? first + DIGITS : count;
    int64_t exponent = (int64_t)d->whole.len - (int64_t)end + d->exponent;

    for (i = first; i < end;) {
        uint32_t factor = 1, chunk = 0;

        for (; i < end && factor < 1000000000; i++, factor *= 10)
            chunk = chunk * 10 + (uint32_t)(lambdest__decimal_digit(d, i) - '0');
        multiply_add(n, factor, chunk);
    }
    while (i < count && lambdest__decimal_digit(d, i) == '0')
        i++;
    if (i == count)
        return exponent;
    multiply_add(n, 10, 1);
    return exponent - 1;
}

/* Rounds (quotient + a rest less than 1) * 2^exponent, quotient >= 2^62; the bits of the double. */
static uint64_t round_half_even(uint64_t quotient, bool rest, int64_t exponent)
{
    uint64_t mantissa, left, half;
    int64_t first; /* the power of two of the first bit */
    unsigned drop = 9;

    if (!(quotient >> 63)) {
        quotient <<= 1;
        exponent--;
    }
    first = exponent + 63;
    /* The lowest bit now stands for all below it: it is never the half. */
    quotient = quotient >> 2 | ((quotient & 3) || rest);
    if (first < -1022 - 53)
        return 0;
    if (first < -1022) {
        drop += (unsigned)(-1022 - first);
        first = -1022;
    }
    mantissa = quotient >> drop;
    left = quotient - (mantissa << drop);
    half = UINT64_C(1) << (drop - 1);
    if (left > half || (left == half && (mantissa & 1)))
        mantissa++;
    /* The first bit of a normal mantissa, and what rounding carries, add themselves to the exponent. */
    return ((uint64_t)(first + 1022) << 52) + mantissa;
}

/* The bits of N * 10^exponent. */
static uint64_t scale(big *n, int64_t exponent)
{
    big by = {{1}, 1};
    size_t n_bits, by_bits, bits;
    uint64_t quotient;

    multiply_by_power_of_5(exponent < 0 ? &by : n, exponent < 0 ? -exponent : exponent);
    n_bits = bit_length(n);
    by_bits = bit_length(&by);
    /* Both fill the same limbs, and n has one bit less: 1/4 <= n / by < 1. */
    bits = n_bits + 1 > by_bits ? n_bits + 1 : by_bits;
    bits = (bits + 31) / 32 * 32;
    shift_left(n, bits - 1 - n_bits);
    shift_left(&by, bits - by_bits);
    quotient = (uint64_t)divide_out(n, &by) << 32;
    quotient |= divide_out(n, &by);
    exponent += (int64_t)n_bits + 1 - (int64_t)by_bits - 64;
    return round_half_even(quotient, !is_zero(n, by.count), exponent);
}

bool lambdest__number_real(lambdest__span value, double *out)
{
    const uint64_t infinite = UINT64_C(0x7FF) << 52;
    lambdest__decimal d = lambdest__decimal_of(value);
    size_t first = 0, count = d.whole.len + d.fraction.len;
    big n = {{0}, 0};
    uint64_t bits = 0;
    int64_t point;

    while (first < count && lambdest__decimal_digit(&d, first) == '0')
        first++;
    point = (int64_t)d.whole.len - (int64_t)first + d.exponent; /* value < 10^point */
    if (first < count && point > 309)
        return false;
    if (first < count && point > -324)
        bits = scale(&n, take_number(&d, first, &n));
    if (bits >= infinite)
        return false;
    bits |= (uint64_t)d.negative << 63;
    memcpy(out, &bits, sizeof *out);
    return true;
}
