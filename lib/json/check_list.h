/* Passing a list of numbers by blocks of 64 bytes, a bit a byte (json/check.h): all numbers of a block are
 * checked at once, so that nothing has to be guessed about where each of them ends. */
#ifndef LAMBDEST_JSON_CHECK_LIST_H
#define LAMBDEST_JSON_CHECK_LIST_H

#include "json/check.h"
#include "json/check_value.h"

#if LAMBDEST__HAS_X86

/* What numbers and what stands between them are made of. */
typedef struct lambdest__figures {
    uint64_t digit;
    uint64_t zero;
    uint64_t minus;
    uint64_t plus;
    uint64_t point;
    uint64_t exponent; /* its letter */
    uint64_t comma;
    uint64_t open; /* an array */
    uint64_t close;
} lambdest__figures;

typedef lambdest__figures lambdest__figures_fn(const unsigned char *p);

/* Behind the runs of digits that begin at `first`: adding a run's first bit carries through it. */
LAMBDEST__INLINE uint64_t lambdest__behind_digits(uint64_t first, uint64_t digit)
{
    return (first + digit) & ~digit;
}

/* Where numbers that begin at `first` are none. What is behind the first such place may be told wrongly. */
LAMBDEST__INLINE uint64_t lambdest__wrong_figures(const lambdest__figures *f, uint64_t first)
{
    uint64_t minus = f->minus & first, whole = (first ^ minus) | minus << 1;
    uint64_t fraction = f->point << 1, power = f->exponent << 1;
    uint64_t sign = power & (f->minus | f->plus);
    uint64_t behind_whole = lambdest__behind_digits(whole, f->digit);
    uint64_t behind = behind_whole | lambdest__behind_digits(fraction, f->digit);

    power = (power ^ sign) | sign << 1;
    return ((whole | fraction | power) & ~f->digit) | (f->point & ~behind_whole) | (f->exponent & ~behind) |
           ((f->minus | f->plus) & ~(minus | sign)) | ((whole & f->zero) << 1 & f->digit);
}

/* Behind a number that is an array's element: passes those that follow, each directly behind a comma, as far
 * as that can be told by blocks. In an array of arrays (`rows`) it goes on from one to the next. */
LAMBDEST__INLINE const unsigned char *lambdest__pass_figures(const unsigned char *p, const unsigned char *end,
                                                             bool rows, lambdest__figures_fn *figures_at)
{
    while (end - p > 64 && *p == ',') {
        lambdest__figures f = figures_at(p + 1);
        uint64_t turn = rows ? f.close & f.comma >> 1 & f.open >> 2 : 0; /* to the next row: ],[ */
        uint64_t comma = f.comma & ~(turn << 1), first = 1 | comma << 1 | turn << 3;
        uint64_t other = ~(f.digit | f.minus | f.plus | f.point | f.exponent | f.comma | turn | turn << 2);
        uint64_t stop = other & -other, behind = (comma | turn | stop) & (stop ^ (stop - 1)) & ~first;
        unsigned last;

        if (!behind)
            break;
        last = LAMBDEST__HIGH_BIT(behind);
        if (lambdest__wrong_figures(&f, first) << (63 - last))
            break;
        p += 1 + last;
    }
    return p;
}

#endif
#endif
