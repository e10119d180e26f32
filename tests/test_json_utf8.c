#include "support.h"

#include "json/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- RFC 3629 once more, by arithmetic: what a sequence can still come to, and what it may ---- */

static int length_by_ones(unsigned char first)
{
    int n = 0;

    while (n < 8 && (first & 0x80 >> n))
        n++;
    return n == 0 ? 1 : n >= 2 && n <= 4 ? n : 0;
}

static bool is_scalar(uint32_t c)
{
    return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

/* Whether a sequence of n bytes may stand for a value from lo to hi; the range lies within a block of
 * 0x40 values or is made of whole ones, and so does all that RFC 3629 leaves out. */
static bool may_stand_for(int n, uint32_t lo, uint32_t hi)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c;

    for (c = lo; c <= hi; c += 0x40)
        if (c >= least[n] && is_scalar(c))
            return true;
    return false;
}

static int expected_sequence(const unsigned char *p, size_t len)
{
    int n = length_by_ones(p[0]), i, seen;
    uint32_t lo, hi;

    if (n <= 1)
        return n;
    lo = hi = p[0] & (0x7Fu >> n);
    seen = len < (size_t)n ? (int)len : n;
    for (i = 1; i < seen; i++) {
        if (p[i] >> 6 != 2)
            return LAMBDEST__UTF8_BAD;
        lo = hi = lo << 6 | (p[i] & 0x3F);
    }
    for (; i < n; i++) {
        lo <<= 6;
        hi = hi << 6 | 0x3F;
    }
    if (!may_stand_for(n, lo, hi))
        return LAMBDEST__UTF8_BAD;
    return seen < n ? LAMBDEST__UTF8_CUT : n;
}

static void expect_sequence(const unsigned char *p, size_t len)
{
    int found = lambdest__utf8_sequence(p, p + len), expected = expected_sequence(p, len);

    if (found != expected)
        fail_msg("%02X %02X %02X %02X, %zu bytes: %d, expected %d", p[0], len > 1 ? p[1] : 0u,
                 len > 2 ? p[2] : 0u, len > 3 ? p[3] : 0u, len, found, expected);
}

/* The table of RFC 3629, section 4, and what lies just outside of it. */
static void knows_the_table_of_the_rfc(void **state)
{
    static const struct {
        const char *bytes;
        int length;
    } rows[] = {
        {"\x7F", 1},
        {"\x80", 0},
        {"\xBF", 0},
        {"\xC0\x80", 0},
        {"\xC1\xBF", 0},
        {"\xC2\x80", 2},
        {"\xDF\xBF", 2},
        {"\xDF\xC0", 0},
        {"\xE0\x9F\xBF", 0},
        {"\xE0\xA0\x80", 3},
        {"\xEC\xBF\xBF", 3},
        {"\xED\x9F\xBF", 3},
        {"\xED\xA0\x80", 0},
        {"\xED\xBF\xBF", 0},
        {"\xEE\x80\x80", 3},
        {"\xEF\xBF\xBF", 3},
        {"\xF0\x8F\xBF\xBF", 0},
        {"\xF0\x90\x80\x80", 4},
        {"\xF3\xBF\xBF\xBF", 4},
        {"\xF4\x8F\xBF\xBF", 4},
        {"\xF4\x90\x80\x80", 0},
        {"\xF5\x80\x80\x80", 0},
        {"\xF8\x88\x80\x80\x80", 0},
        {"\xFE", 0},
        {"\xFF", 0},
        {"\xC2", -1},
        {"\xC2\x00", -1},
        {"\xE0", -1},
        {"\xE0\xA0", -1},
        {"\xE0\x80", 0},
        {"\xED\x9F", -1},
        {"\xED\xA0", 0},
        {"\xF0\x90", -1},
        {"\xF0\x80", 0},
        {"\xF4\x8F\xBF", -1},
        {"\xF4\x90", 0},
        {"\xF0\x90\x80\x7F", 0},
        {"\xF0\x90\xC0", 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const unsigned char *p = (const unsigned char *)rows[i].bytes;

        assert_int_equal(lambdest__utf8_sequence(p, p + strlen(rows[i].bytes)), rows[i].length);
        assert_int_equal(expected_sequence(p, strlen(rows[i].bytes)), rows[i].length);
    }
}

static void every_sequence_of_up_to_three_bytes(void **state)
{
    uint32_t i, step = support_quick() ? 7 : 1;

    (void)state;
    for (i = 0; i < 0x100; i++) {
        unsigned char p[] = {(unsigned char)i};

        expect_sequence(p, 1);
    }
    for (i = 0; i < 0x10000; i++) {
        unsigned char p[] = {(unsigned char)(i >> 8), (unsigned char)i};

        expect_sequence(p, 2);
    }
    for (i = 0; i < 0x1000000; i += step) {
        unsigned char p[] = {(unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i};

        expect_sequence(p, 3);
    }
}

static void sequences_of_four_bytes_at_their_edges(void **state)
{
    static const unsigned char edges[] = {0x00, 0x22, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBE, 0xBF, 0xC0, 0xE0, 0xF0, 0xFF};
    const size_t count = sizeof edges;
    unsigned char p[4];
    int first, second;
    size_t i, k;

    (void)state;
    for (first = 0; first < 256; first++)
        for (second = 0; second < 256; second++)
            for (i = 0; i < count; i++)
                for (k = 0; k < count; k++) {
                    p[0] = (unsigned char)first;
                    p[1] = (unsigned char)second;
                    p[2] = edges[i];
                    p[3] = edges[k];
                    expect_sequence(p, 4);
                }
}

/* ---- whole texts ---- */

static bool expected_check(const unsigned char *text, size_t len, size_t *offset)
{
    size_t at = 0;

    while (at < len) {
        int n = expected_sequence(text + at, len - at);

        if (n <= 0) {
            *offset = at;
            return false;
        }
        at += (size_t)n;
    }
    return true;
}

static void expect_same_check(const void *data, size_t len)
{
    unsigned char *text = (unsigned char *)support_exact(data, len);
    size_t offset = 999, expected_offset = 999;
    bool good = lambdest__utf8_check(text, len, &offset);

    assert_int_equal(good, expected_check(text, len, &expected_offset));
    assert_int_equal(offset, expected_offset);
    free(text);
}

static void empty_text_is_utf8(void **state)
{
    size_t offset = 5;

    (void)state;
    assert_true(lambdest__utf8_check(NULL, 0, &offset));
    assert_true(lambdest__utf8_check((const unsigned char *)"\xFF", 0, &offset));
    assert_int_equal(offset, 5);
}

static void finds_a_bad_byte_wherever_it_is(void **state)
{
    size_t len, at;
    int byte;

    (void)state;
    for (len = 1; len <= 40; len++)
        for (at = 0; at < len; at++)
            for (byte = 0; byte < 256; byte += byte == 0x00 || byte >= 0x7E ? 1 : 0x7E) {
                char text[40];
                size_t offset = 999;
                bool good;

                memset(text, 'a', len);
                text[at] = (char)byte;
                good = lambdest__utf8_check((const unsigned char *)text, len, &offset);
                assert_int_equal(good, byte < 0x80);
                assert_int_equal(offset, byte < 0x80 ? 999 : at);
            }
}

static void agrees_on_random_bytes(void **state)
{
    static const unsigned char bytes[] = {'a',  'b',  0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                          0xA0, 0xBF, 0xC2, 0xC2, 0xDF, 0xE0, 0xE1, 0xE2,
                                          0xED, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    uint64_t seed = 3;
    int round, rounds = support_quick() ? 20000 : 200000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        unsigned char text[24];
        size_t i, len = support_below(&seed, sizeof text);

        for (i = 0; i < len; i++)
            text[i] = support_below(&seed, 3) ? bytes[support_below(&seed, sizeof bytes)] : 'x';
        expect_same_check(text, len);
    }
}

/* ---- writing ---- */

static size_t expected_put(unsigned char out[4], uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;
    static const unsigned first[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (i = n; i-- > 1; c /= 64)
        out[i] = (unsigned char)(0x80 + c % 64);
    out[0] = (unsigned char)(first[n] + c);
    return n;
}

static void expect_put(uint32_t c)
{
    unsigned char out[5] = {0xEE, 0xEE, 0xEE, 0xEE, 0xEE}, expected[4];
    size_t len = lambdest__utf8_put(out, c), expected_len = expected_put(expected, is_scalar(c) ? c : 0xFFFD);

    support_expect_bytes(out, len, expected, expected_len);
    assert_int_equal(out[len], 0xEE);
    assert_int_equal(lambdest__utf8_sequence(out, out + len), len);
}

static void writes_every_code_point(void **state)
{
    static const uint32_t edges[] = {0x7F,   0x80,   0x7FF,  0x800,   0xD7FF,  0xD800,
                                     0xDFFF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    uint32_t c, step = support_quick() ? 61 : 1;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof edges / sizeof edges[0]; i++)
        expect_put(edges[i]);
    for (c = 0; c <= 0x10FFFF; c += step)
        expect_put(c);
}

/* ---- cutting ---- */

static size_t random_text(uint64_t *seed, unsigned char *out, size_t cap)
{
    static const uint32_t most[] = {0x80, 0x800, 0x10000, 0x110000};
    size_t len = 0, count = support_below(seed, 12);

    for (; count && len + 4 <= cap; count--)
        len += lambdest__utf8_put(out + len, (uint32_t)support_below(seed, most[support_below(seed, 4)]));
    return len;
}

static void cuts_between_characters(void **state)
{
    uint64_t seed = 4;
    int round;

    (void)state;
    for (round = 0; round < 5000; round++) {
        unsigned char text[50];
        size_t len = random_text(&seed, text, sizeof text), best = 0, next = 0, max;

        for (max = 0; max <= len + 2; max++) {
            while (next < len && next + (size_t)expected_sequence(text + next, len - next) <= max)
                next += (size_t)expected_sequence(text + next, len - next);
            best = next;
            assert_int_equal(lambdest__utf8_cut(text, len, max), best);
        }
        assert_int_equal(lambdest__utf8_cut(text, len, SIZE_MAX), len);
    }
    assert_int_equal(lambdest__utf8_cut(NULL, 0, 10), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_table_of_the_rfc),
        cmocka_unit_test(every_sequence_of_up_to_three_bytes),
        cmocka_unit_test(sequences_of_four_bytes_at_their_edges),
        cmocka_unit_test(empty_text_is_utf8),
        cmocka_unit_test(finds_a_bad_byte_wherever_it_is),
        cmocka_unit_test(agrees_on_random_bytes),
        cmocka_unit_test(writes_every_code_point),
        cmocka_unit_test(cuts_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
