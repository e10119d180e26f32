#include "envelope/timestamp.h"

#include <string.h>

enum {
    DAY_MS = 86400000,
    ERA_DAYS = 146097
};

static bool is_time_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* A number of exactly `n` digits at *at, which moves behind it; -1 if there is none. */
static int take_figures(lambdest__span text, size_t *at, size_t n)
{
    int value = 0;

    for (; n; n--, ++*at) {
        if (*at >= text.len || !is_time_digit(text.data[*at]))
            return -1;
        value = value * 10 + (text.data[*at] - '0');
    }
    return value;
}

static bool take_byte(lambdest__span text, size_t *at, unsigned char c)
{
    if (*at >= text.len || text.data[*at] != c)
        return false;
    ++*at;
    return true;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01. Years begin in March here, so that the leap day comes last. */
static int64_t days_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1;
    int era = (y >= 0 ? y : y - 399) / 400;
    int of_era = y - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return (int64_t)era * ERA_DAYS + day_of_era - 719468;
}

static bool read_date(lambdest__span text, size_t *at, int64_t *days)
{
    int year = take_figures(text, at, 4), month, day;

    if (year < 0 || !take_byte(text, at, '-'))
        return false;
    month = take_figures(text, at, 2);
    if (month < 1 || month > 12 || !take_byte(text, at, '-'))
        return false;
    day = take_figures(text, at, 2);
    if (day < 1 || day > month_days(year, month))
        return false;
    *days = days_of(year, month, day);
    return true;
}

static bool read_hour_minute(lambdest__span text, size_t *at, int *minutes)
{
    int hour = take_figures(text, at, 2), minute;

    if (hour < 0 || hour > 23 || !take_byte(text, at, ':'))
        return false;
    minute = take_figures(text, at, 2);
    if (minute < 0 || minute > 59)
        return false;
    *minutes = hour * 60 + minute;
    return true;
}

static bool read_seconds(lambdest__span text, size_t *at, int *ms)
{
    int second = take_figures(text, at, 2), scale = 100;

    if (second < 0 || second > 59)
        return false;
    *ms = second * 1000;
    if (!take_byte(text, at, '.'))
        return true;
    if (*at >= text.len || !is_time_digit(text.data[*at]))
        return false;
    for (; *at < text.len && is_time_digit(text.data[*at]); ++*at, scale /= 10)
        *ms += (text.data[*at] - '0') * scale;
    return true;
}

static bool read_zone(lambdest__span text, size_t *at, int *minutes)
{
    bool west;

    *minutes = 0;
    if (take_byte(text, at, 'Z'))
        return true;
    west = take_byte(text, at, '-');
    if (!west && !take_byte(text, at, '+'))
        return false;
    if (!read_hour_minute(text, at, minutes))
        return false;
    if (west)
        *minutes = -*minutes;
    return true;
}

bool lambdest__timestamp_read(lambdest__span text, int64_t *ms)
{
    size_t at = 0;
    int64_t days, time;
    int minutes, second_ms, zone;

    if (!read_date(text, &at, &days) || !take_byte(text, &at, 'T') || !read_hour_minute(text, &at, &minutes))
        return false;
    if (!take_byte(text, &at, ':') || !read_seconds(text, &at, &second_ms) || !read_zone(text, &at, &zone))
        return false;
    time = days * DAY_MS + (int64_t)(minutes - zone) * 60000 + second_ms;
    if (at != text.len || time < LAMBDEST__TIMESTAMP_MIN || time > LAMBDEST__TIMESTAMP_MAX)
        return false;
    *ms = time;
    return true;
}

static unsigned char *put_two(unsigned char *to, unsigned value)
{
    static const char digits[] =
        "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
        "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
        "8081828384858687888990919293949596979899";

    memcpy(to, digits + (size_t)2 * value, 2);
    return to + 2;
}

/* Days since 1970-01-01 that lie in the years 0 to 9999; counted here from 1 March of the year -400. */
static unsigned char *put_date(unsigned char *to, int32_t days)
{
    uint32_t shifted = (uint32_t)(days + 719468 + ERA_DAYS);
    uint32_t era = shifted / ERA_DAYS, of_era = shifted % ERA_DAYS;
    uint32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
    uint32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t march_month = (5 * of_year + 2) / 153;
    uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    uint32_t year = year_of_era + era * 400 + (month <= 2) - 400;

    to = put_two(put_two(to, year / 100), year % 100);
    *to++ = '-';
    to = put_two(to, month);
    *to++ = '-';
    return put_two(to, of_year - (153 * march_month + 2) / 5 + 1);
}

void lambdest__timestamp_put(int64_t ms, unsigned char out[LAMBDEST__TIMESTAMP_LEN])
{
    int32_t days = (int32_t)((ms >= 0 ? ms : ms - (DAY_MS - 1)) / DAY_MS);
    uint32_t of_day = (uint32_t)(ms - (int64_t)days * DAY_MS);
    uint32_t seconds = of_day / 1000, minutes = seconds / 60;
    unsigned char *to = put_date(out, days);

    *to++ = 'T';
    to = put_two(to, minutes / 60);
    *to++ = ':';
    to = put_two(to, minutes % 60);
    *to++ = ':';
    to = put_two(to, seconds % 60);
    *to++ = '.';
    *to++ = (unsigned char)('0' + of_day % 1000 / 100);
    to = put_two(to, of_day % 100);
    *to = 'Z';
}
