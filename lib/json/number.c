#include "json/number.h"

static lambdest__span take_digits(const unsigned char **p, const unsigned char *end)
{
    lambdest__span digits = {*p, 0};

    while (*p < end && **p >= '0' && **p <= '9')
        ++*p;
    digits.len = (size_t)(*p - digits.data);
    return digits;
}

/* Exponents past a million say no more than a million does: texts are shorter in digits that matter. */
static int64_t take_exponent(const unsigned char *p, const unsigned char *end)
{
    bool negative = *p == '-';
    int64_t n = 0;

    if (*p == '-' || *p == '+')
        p++;
    for (; p < end; p++)
        if (n < 1000000000000)
            n = n * 10 + (*p - '0');
    return negative ? -n : n;
}

lambdest__decimal lambdest__decimal_of(lambdest__span value)
{
    const unsigned char *p = value.data, *end = p + value.len;
    lambdest__decimal d = {{p, 0}, {p, 0}, 0, false};

    if (*p == '-') {
        d.negative = true;
        p++;
    }
    d.whole = take_digits(&p, end);
    if (p < end && *p == '.') {
        p++;
        d.fraction = take_digits(&p, end);
    }
    if (p < end)
        d.exponent = take_exponent(p + 1, end);
    return d;
}

unsigned char lambdest__decimal_digit(const lambdest__decimal *d, size_t i)
{
    return i < d->whole.len ? d->whole.data[i] : d->fraction.data[i - d->whole.len];
}

/* Multiplies by ten and adds, towards INT64_MIN, which has room for one more than INT64_MAX. */
static bool push_digit(int64_t *n, int digit)
{
    if (*n < INT64_MIN / 10 || *n * 10 < INT64_MIN + digit)
        return false;
    *n = *n * 10 - digit;
    return true;
}

/* Up to 18 digits and nothing else, as nearly all are. */
static bool is_plain_integer(lambdest__span value, int64_t *out)
{
    int64_t n = 0;
    size_t i;

    if (value.len > 18)
        return false;
    for (i = 0; i < value.len; i++) {
        int digit = value.data[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

static bool read_any(lambdest__span value, int64_t *out)
{
    lambdest__decimal d = lambdest__decimal_of(value);
    size_t i, count = d.whole.len + d.fraction.len;
    int64_t n = 0, point = (int64_t)d.whole.len + d.exponent;

    for (i = 0; i < count; i++) {
        unsigned char digit = lambdest__decimal_digit(&d, i);

        if ((int64_t)i >= point && digit != '0')
            return false;
        if ((int64_t)i < point && !push_digit(&n, digit - '0'))
            return false;
    }
    for (; n && (int64_t)i < point; i++)
        if (!push_digit(&n, 0))
            return false;
    if (!d.negative && n == INT64_MIN)
        return false;
    *out = d.negative ? n : -n;
    return true;
}

bool lambdest__number_integer(lambdest__span value, int64_t *out)
{
    return is_plain_integer(value, out) || read_any(value, out);
}

size_t lambdest__number_put(int64_t value, unsigned char *out)
{
    uint64_t n = value < 0 ? (uint64_t) - (value + 1) + 1 : (uint64_t)value, rest;
    size_t len = value < 0 ? 2 : 1, at;

    if (n < 10 && value >= 0) {
        *out = (unsigned char)('0' + n);
        return 1;
    }
    for (rest = n; rest >= 10; rest /= 10)
        len++;
    at = len;
    do {
        out[--at] = (unsigned char)('0' + n % 10);
        n /= 10;
    } while (n);
    if (value < 0)
        out[0] = '-';
    return len;
}
