#define _DEFAULT_SOURCE /* timegm */
#include "support.h"

#include "envelope/timestamp.h"

#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DAY_MS = 86400000
};

/* ---- a calendar that only knows how to go to the next day ---- */

typedef struct date {
    int year, month, day;
} date;

static bool is_leap(int year)
{
    if (year % 400 == 0)
        return true;
    return year % 4 == 0 && year % 100 != 0;
}

static int days_in(int year, int month)
{
    if (month == 2)
        return is_leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void next_day(date *d)
{
    if (++d->day <= days_in(d->year, d->month))
        return;
    d->day = 1;
    if (++d->month <= 12)
        return;
    d->month = 1;
    d->year++;
}

/* Days from the first of January of the year 0 to that of `year`, one year at a time. */
static int64_t days_before(int year)
{
    int64_t days = 0;
    int y;

    for (y = 0; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    return days;
}

/* ---- what the tests use ---- */

static bool read_time(const char *data, size_t len, int64_t *ms)
{
    char *text = support_exact(data, len);
    lambdest__span span = {(const unsigned char *)text, len};
    bool good = lambdest__timestamp_read(span, ms);

    free(text);
    return good;
}

static void expect_time(const char *text, int64_t expected)
{
    int64_t ms = INT64_MIN;

    if (!read_time(text, strlen(text), &ms))
        fail_msg("refused: %s", text);
    if (ms != expected)
        fail_msg("%s is %" PRId64 ", expected %" PRId64, text, ms, expected);
}

static void expect_none(const char *text, size_t len)
{
    int64_t ms = 77;

    if (read_time(text, len, &ms))
        fail_msg("accepted: %.*s", (int)len, text);
    assert_int_equal(ms, 77);
}

/* Writes the time, compares, and reads it back. */
static void expect_written(int64_t ms, const char *expected)
{
    unsigned char out[LAMBDEST__TIMESTAMP_LEN + 1];
    lambdest__span span = {out, LAMBDEST__TIMESTAMP_LEN};
    int64_t back = INT64_MIN;

    out[LAMBDEST__TIMESTAMP_LEN] = 0xEE;
    lambdest__timestamp_put(ms, out);
    if (memcmp(out, expected, LAMBDEST__TIMESTAMP_LEN))
        fail_msg("%" PRId64 " written as %.24s, expected %s", ms, (const char *)out, expected);
    assert_int_equal(out[LAMBDEST__TIMESTAMP_LEN], 0xEE);
    if (!lambdest__timestamp_read(span, &back) || back != ms)
        fail_msg("%s read back as %" PRId64 ", expected %" PRId64, expected, back, ms);
}

/* ---- by hand ---- */

static void knows_times_by_heart(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"1969-12-31T23:59:59.999Z", -1},
        {"1970-01-02T00:00:00.000Z", 86400000},
        {"2000-03-01T00:00:00.000Z", INT64_C(951868800000)},
        {"2001-09-09T01:46:40.000Z", INT64_C(1000000000000)},
        {"2009-02-13T23:31:30.000Z", INT64_C(1234567890000)},
        {"2038-01-19T03:14:07.000Z", INT64_C(2147483647000)},
        {"2038-01-19T03:14:08.000Z", INT64_C(2147483648000)},
        {"1901-12-13T20:45:52.000Z", INT64_C(-2147483648000)},
        {"2106-02-07T06:28:16.000Z", INT64_C(4294967296000)},
        {"0000-01-01T00:00:00.000Z", LAMBDEST__TIMESTAMP_MIN},
        {"9999-12-31T23:59:59.999Z", LAMBDEST__TIMESTAMP_MAX},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect_time(rows[i].text, rows[i].ms);
        expect_written(rows[i].ms, rows[i].text);
    }
}

static void cuts_fractions_to_milliseconds(void **state)
{
    (void)state;
    expect_time("1970-01-01T00:00:01Z", 1000);
    expect_time("1970-01-01T00:00:01.0Z", 1000);
    expect_time("1970-01-01T00:00:01.5Z", 1500);
    expect_time("1970-01-01T00:00:01.05Z", 1050);
    expect_time("1970-01-01T00:00:01.123Z", 1123);
    expect_time("1970-01-01T00:00:01.1239Z", 1123);
    expect_time("1970-01-01T00:00:01.999999999Z", 1999);
    expect_time("1970-01-01T00:00:01.0009Z", 1000);
    expect_time("1970-01-01T00:00:01.9999999999999999999999999999999999999999Z", 1999);
    expect_time("1969-12-31T23:59:59.9999Z", -1);
    expect_time("9999-12-31T23:59:59.99999Z", LAMBDEST__TIMESTAMP_MAX);
}

static void knows_zones(void **state)
{
    const int64_t noon = INT64_C(1772452800000);

    (void)state;
    expect_time("2026-03-02T12:00:00Z", noon);
    expect_time("2026-03-02T12:00:00+00:00", noon);
    expect_time("2026-03-02T12:00:00-00:00", noon);
    expect_time("2026-03-02T13:00:00+01:00", noon);
    expect_time("2026-03-02T17:45:00.000+05:45", noon);
    expect_time("2026-03-02T04:00:00-08:00", noon);
    expect_time("2026-03-03T11:59:00+23:59", noon);
    expect_time("2026-03-01T12:01:00-23:59", noon);
    expect_time("0000-01-01T01:00:00+01:00", LAMBDEST__TIMESTAMP_MIN);
    expect_time("9999-12-31T22:59:59.999-01:00", LAMBDEST__TIMESTAMP_MAX);
}

static void refuses_what_is_no_time(void **state)
{
    static const char *const rows[] = {
        "",
        "2026-03-02",
        "2026-03-02T12:00",
        "2026-03-02T12:00Z",
        "2026-03-02T12:00:00",
        "2026-03-02T12:00:00.Z",
        "2026-03-02T12:00:00,5Z",
        "2026-03-02T12:00:00z",
        "2026-03-02t12:00:00Z",
        "2026-03-02 12:00:00Z",
        "2026-03-02T12:00:00 Z",
        " 2026-03-02T12:00:00Z",
        "2026-03-02T12:00:00Z ",
        "2026-03-02T12:00:00ZZ",
        "2026-03-02T12:00:00+0100",
        "2026-03-02T12:00:00+01",
        "2026-03-02T12:00:00+1:00",
        "2026-03-02T12:00:00+24:00",
        "2026-03-02T12:00:00+01:60",
        "2026-03-02T12:00:00+01:00Z",
        "2026-3-2T12:00:00Z",
        "26-03-02T12:00:00Z",
        "12026-03-02T12:00:00Z",
        "+2026-03-02T12:00:00Z",
        "-026-03-02T12:00:00Z",
        "2026-00-02T12:00:00Z",
        "2026-13-02T12:00:00Z",
        "2026-03-00T12:00:00Z",
        "2026-03-32T12:00:00Z",
        "2026-04-31T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2024-02-30T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "2100-02-29T12:00:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T12:60:00Z",
        "2026-03-02T12:00:61Z",
        "2026-03-02T12:0a:00Z",
        "20260302T120000Z",
        "1772452800000",
        "Mon, 02 Mar 2026 12:00:00 GMT",
        "0000-01-01T00:59:59.999+01:00",
        "9999-12-31T23:00:00-01:00",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_none(rows[i], strlen(rows[i]));
    expect_none("2026-03-02T12:00:00Z\0", 21);
    expect_none(NULL, 0);
}

/* A leap second has no number of its own in milliseconds since 1970. */
static void refuses_leap_seconds(void **state)
{
    (void)state;
    expect_none("2016-12-31T23:59:60Z", 20);
    expect_none("2016-12-31T23:59:60.500Z", 24);
}

/* ---- exhaustive ---- */

static void knows_every_day_of_ten_thousand_years(void **state)
{
    int64_t ms = LAMBDEST__TIMESTAMP_MIN, count = 0;
    int step = support_quick() ? 31 : 1;
    date d = {0, 1, 1};

    (void)state;
    for (; d.year <= 9999; next_day(&d), ms += DAY_MS, count++) {
        char text[64];

        if (count % step && d.day != 1)
            continue;
        snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00.000Z", d.year, d.month, d.day);
        expect_written(ms, text);
    }
    assert_true(ms == LAMBDEST__TIMESTAMP_MAX + 1);
    assert_int_equal(count, 25 * 146097);
}

/* Both ways against the C library, from 1600 to 2000: its calendar is the same one. */
static void agrees_with_libc_on_every_day_of_400_years(void **state)
{
    const int64_t days_to_1600 = -135140;
    int64_t day;

    (void)state;
    for (day = days_to_1600; day < days_to_1600 + 146097; day++) {
        int64_t at = day * 86400 + (day * 7919 % 86400 + 86400) % 86400;
        time_t seconds = (time_t)at;
        struct tm tm;
        char text[64];

        assert_non_null(gmtime_r(&seconds, &tm));
        assert_true(timegm(&tm) == seconds);
        assert_int_equal(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &tm), 24);
        expect_written(at * 1000, text);
    }
}

static void knows_how_long_a_month_is(void **state)
{
    static const int years[] = {0, 1900, 1999, 2000, 2024, 2100, 9996};
    size_t i;
    int month;

    (void)state;
    for (i = 0; i < sizeof years / sizeof years[0]; i++)
        for (month = 1; month <= 12; month++) {
            int days = days_in(years[i], month);
            char text[64];
            int64_t ms;

            snprintf(text, sizeof text, "%04d-%02d-%02dT12:00:00Z", years[i], month, days);
            assert_true(read_time(text, 20, &ms));
            snprintf(text, sizeof text, "%04d-%02d-%02dT12:00:00Z", years[i], month, days + 1);
            expect_none(text, 20);
        }
}

static void knows_every_second_of_a_day(void **state)
{
    const int64_t midnight = (days_before(2024) + 31 + 28) * DAY_MS + LAMBDEST__TIMESTAMP_MIN;
    int second, step = support_quick() ? 30 : 1;

    (void)state;
    for (second = 0; second < 86400; second += step) {
        int ms = second % 60 ? second * 7919 % 1000 : 0;
        char text[64];

        snprintf(text, sizeof text, "2024-02-29T%02d:%02d:%02d.%03dZ", second / 3600, second / 60 % 60,
                 second % 60, ms);
        expect_written(midnight + second * 1000 + ms, text);
    }
}

static void knows_every_zone(void **state)
{
    int minutes;

    (void)state;
    for (minutes = -1439; minutes <= 1439; minutes++) {
        int size = abs(minutes);
        char text[64];

        snprintf(text, sizeof text, "1970-01-01T00:00:00.250%c%02d:%02d", minutes < 0 ? '-' : '+', size / 60,
                 size % 60);
        expect_time(text, 250 - (int64_t)minutes * 60000);
    }
}

/* ---- every change of a byte, against another reading ---- */

static const char grammar[] =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$";

/* Takes a text that the grammar matches to milliseconds; false if a part is out of its range. */
static bool expected_time(const char *text, int64_t *ms)
{
    int year, month, day, hour, minute, second, zone_hour = 0, zone_minute = 0, n = 0, i;
    const char *p = text + 19;
    double fraction = 0;
    int64_t days;
    char sign = '+';

    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6)
        return false;
    if (*p == '.') {
        sscanf(p, "%lf%n", &fraction, &n);
        p += n;
    }
    if (*p != 'Z')
        sscanf(p, "%c%2d:%2d", &sign, &zone_hour, &zone_minute);
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 ||
        second > 59 || zone_hour > 23 || zone_minute > 59)
        return false;
    days = days_before(year) + day - 1;
    for (i = 1; i < month; i++)
        days += days_in(year, i);
    *ms = LAMBDEST__TIMESTAMP_MIN + ((days * 24 + hour) * 60 + minute) * 60000 + second * 1000 +
          (int64_t)(fraction * 1000 + 1e-6) -
          (sign == '-' ? -1 : 1) * (int64_t)(zone_hour * 60 + zone_minute) * 60000;
    return *ms >= LAMBDEST__TIMESTAMP_MIN && *ms <= LAMBDEST__TIMESTAMP_MAX;
}

static bool check(const regex_t *regex, const char *data, size_t len)
{
    char text[60];
    int64_t expected = 0, found = 0;
    bool good, matches;

    memcpy(text, data, len);
    text[len] = '\0';
    matches = !memchr(data, '\0', len) && !regexec(regex, text, 0, NULL, 0) && expected_time(text, &expected);
    good = read_time(data, len, &found);
    if (good != matches || (good && found != expected))
        fail_msg("%s is %d, %" PRId64 ", expected %d, %" PRId64, text, good, found, matches, expected);
    return good;
}

static size_t check_changes(const regex_t *regex, const char *time)
{
    size_t len = strlen(time), at, good = 0;
    char text[60];
    int byte;

    for (at = 0; at <= len; at++) {
        good += check(regex, time, at);
        memcpy(text, time, at);
        for (byte = 0; byte < 256; byte += support_quick() ? 5 : 1) {
            text[at] = (char)byte;
            memcpy(text + at + 1, time + at, len - at);
            good += check(regex, text, len + 1);
            if (at == len)
                continue;
            memcpy(text + at + 1, time + at + 1, len - at - 1);
            good += check(regex, text, len);
        }
        if (at < len) {
            memcpy(text + at, time + at + 1, len - at - 1);
            good += check(regex, text, len - 1);
        }
    }
    return good;
}

static void agrees_on_every_change_of_a_byte(void **state)
{
    static const char *const times[] = {
        "2024-02-29T23:59:59.999Z",      "2026-03-02T09:21:33Z", "1999-11-30T00:00:00.5+05:30",
        "2000-01-01T12:34:56.125-08:00", "0000-02-29T00:10:20Z", "9999-12-31T20:00:00.1-03:59",
    };
    size_t i, good = 0;
    regex_t regex;

    (void)state;
    assert_int_equal(regcomp(&regex, grammar, REG_EXTENDED), 0);
    for (i = 0; i < sizeof times / sizeof times[0]; i++)
        good += check_changes(&regex, times[i]);
    regfree(&regex);
    assert_in_range(good, 100, 10000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_times_by_heart),
        cmocka_unit_test(cuts_fractions_to_milliseconds),
        cmocka_unit_test(knows_zones),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(refuses_leap_seconds),
        cmocka_unit_test(knows_every_day_of_ten_thousand_years),
        cmocka_unit_test(agrees_with_libc_on_every_day_of_400_years),
        cmocka_unit_test(knows_how_long_a_month_is),
        cmocka_unit_test(knows_every_second_of_a_day),
        cmocka_unit_test(knows_every_zone),
        cmocka_unit_test(agrees_on_every_change_of_a_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
