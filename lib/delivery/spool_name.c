#include "delivery/spool_name.h"

#include "envelope/timestamp.h"

#include <string.h>

/* 0: a decimal digit; f: a lower-case hexadecimal one. */
static const char pattern[] = "0000-00-00T00.00.00.000Z-ffffffff-ffffffffffffffff.json";
static const char digits[] = "0123456789abcdef";

enum {
    PLACE_PROCESS = 25,
    DIGITS_PROCESS = 8,
    PLACE_COUNTER = 34,
    DIGITS_COUNTER = 16,
    STEP = 56
};

static void put_hex(char *to, size_t count, uint64_t value)
{
    while (count) {
        to[--count] = digits[value & 15];
        value >>= 4;
    }
}

void lambdest__spool_name_make(lambdest__spool_name *out, bool has_time, int64_t ms, uint32_t process,
                               uint64_t counter)
{
    size_t i;

    out->temp[0] = '.';
    out->name = out->temp + 1;
    memcpy(out->name, pattern, sizeof pattern);
    if (has_time) {
        lambdest__timestamp_put(ms, (unsigned char *)out->name);
        /* A colon is not for file names everywhere. */
        for (i = 0; i < LAMBDEST__TIMESTAMP_LEN; i++)
            if (out->name[i] == ':')
                out->name[i] = '.';
    }
    put_hex(out->name + PLACE_PROCESS, DIGITS_PROCESS, process);
    put_hex(out->name + PLACE_COUNTER, DIGITS_COUNTER, counter);
}

static bool fits_pattern(char c, char wanted)
{
    if (wanted == '0')
        return c >= '0' && c <= '9';
    if (wanted == 'f')
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    return c == wanted;
}

bool lambdest__spool_name_is(const char *name, size_t len)
{
    size_t i;

    if (len != LAMBDEST__SPOOL_NAME)
        return false;
    for (i = 0; i < len; i++)
        if (!fits_pattern(name[i], pattern[i]))
            return false;
    return true;
}

/* ---- heapsort: no memory, no bad case ---- */

static char *at(char *names, size_t index)
{
    return names + index * STEP;
}

static void swap_names(char *a, char *b)
{
    char keep[STEP];

    memcpy(keep, a, STEP);
    memcpy(a, b, STEP);
    memcpy(b, keep, STEP);
}

static void sift_names(char *names, size_t root, size_t count)
{
    for (;;) {
        size_t child = 2 * root + 1;

        if (child >= count)
            return;
        if (child + 1 < count && memcmp(at(names, child), at(names, child + 1), STEP) < 0)
            child++;
        if (memcmp(at(names, root), at(names, child), STEP) >= 0)
            return;
        swap_names(at(names, root), at(names, child));
        root = child;
    }
}

void lambdest__spool_name_sort(char *names, size_t count)
{
    size_t i;

    for (i = count / 2; i > 0; i--)
        sift_names(names, i - 1, count);
    for (i = count; i > 1; i--) {
        swap_names(names, at(names, i - 1));
        sift_names(names, 0, i - 1);
    }
}
