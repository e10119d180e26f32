/* Base64: RFC 4648's own vectors, every short text, and an alphabet written down a second time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"

#include <stdlib.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const unsigned char *bytes_of(const char *text)
{
    return (const unsigned char *)text;
}

static void both_ways(const char *plain, size_t plain_len, const char *encoded)
{
    unsigned char out[64];
    size_t len = 99, offset = 99;

    assert_true(lambdest__base64_encoded(plain_len, &len));
    assert_int_equal(len, strlen(encoded));
    assert_int_equal(lambdest__base64_encode(bytes_of(plain), plain_len, out), len);
    assert_memory_equal(out, encoded, len);
    assert_true(lambdest__base64_room(len) >= plain_len);
    assert_true(lambdest__base64_decode(bytes_of(encoded), strlen(encoded), out, &len, &offset));
    assert_int_equal(len, plain_len);
    assert_memory_equal(out, plain, plain_len);
}

/* RFC 4648, section 10, and bytes over 0x7F. */
static void vectors(void **state)
{
    (void)state;
    both_ways("", 0, "");
    both_ways("f", 1, "Zg==");
    both_ways("fo", 2, "Zm8=");
    both_ways("foo", 3, "Zm9v");
    both_ways("foob", 4, "Zm9vYg==");
    both_ways("fooba", 5, "Zm9vYmE=");
    both_ways("foobar", 6, "Zm9vYmFy");
    both_ways("\0", 1, "AA==");
    both_ways("\xFF\xFF\xFF", 3, "////");
    both_ways("\xFB\xEF\xBE", 3, "++++");
    both_ways("{\"errorType\":\"caf\xC3\xA9\"}", 21, "eyJlcnJvclR5cGUiOiJjYWbDqSJ9");
}

static void refused(const char *text, size_t expected)
{
    unsigned char out[64];
    size_t len = 99, offset = 99;

    assert_false(lambdest__base64_decode(bytes_of(text), strlen(text), out, &len, &offset));
    assert_int_equal(offset, expected);
    assert_int_equal(len, 99);
}

static void bad_texts(void **state)
{
    (void)state;
    refused("Z", 1);
    refused("Zg", 2);
    refused("Zg=", 3);
    refused("Zm8", 3);
    refused("Zm9vZ", 5);
    refused("=", 0);
    refused("====", 0);
    refused("Z===", 1);
    refused("Zg=a", 3);
    refused("Zg==Zg==", 4);
    refused("Zm8=Zm8=", 4);
    refused("Zg===", 4);
    refused("Zm9v====", 4);
    refused("Zm9v\n", 4);
    refused(" Zm9v", 0);
    refused("Zm 9v", 2);
    refused("Zm9-", 3);
    refused("Zm9_", 3);
    refused("Zh==", 1);
    refused("Zm9=", 2);
    refused("Zm9v*m9v", 4);
    refused("Zm\xC3\xA9", 2);
}

/* Every group of four characters out of a set that has one of each sort: what is accepted encodes to the
 * same text again, and what is refused is wrong at no later place than the first stranger. Of the eight
 * digits in the set A, Q, g and w end in four zero bits, and no other in two. */
static void every_group(void **state)
{
    static const char set[] = "AQgw/+zB=-_ \n\x80", digits_and_pad[] = "AQgw/+zB=";
    enum {
        SORTS = sizeof set - 1
    };
    unsigned accepted = 0;
    unsigned i;

    (void)state;
    for (i = 0; i < SORTS * SORTS * SORTS * SORTS; i++) {
        char text[5] = {set[i % SORTS], set[i / SORTS % SORTS], set[i / SORTS / SORTS % SORTS],
                        set[i / SORTS / SORTS / SORTS], 0};
        unsigned char out[6], again[8];
        size_t len, offset = 99;

        if (lambdest__base64_decode(bytes_of(text), 4, out, &len, &offset)) {
            assert_int_equal(lambdest__base64_encode(out, len, again), 4);
            assert_memory_equal(again, text, 4);
            accepted++;
        } else {
            assert_true(offset <= strspn(text, digits_and_pad));
        }
    }
    assert_int_equal(accepted, 8 * 8 * 8 * 8 + 8 * 8 * 4 + 8 * 4);
}

static int value_of(unsigned char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;

    return at ? (int)(at - alphabet) : -1;
}

/* Every byte in every place of a group. */
static void every_byte(void **state)
{
    unsigned place, c;

    (void)state;
    for (place = 0; place < 4; place++)
        for (c = 0; c < 256; c++) {
            unsigned char text[4] = {'A', 'A', 'A', 'A'}, out[6];
            size_t len = 0, offset = 99;
            int value = value_of((unsigned char)c);
            bool good;

            text[place] = (unsigned char)c;
            good = lambdest__base64_decode(text, 4, out, &len, &offset);
            if (c == '=' && place == 3) {
                assert_true(good);
                assert_int_equal(len, 2);
            } else if (value < 0) {
                assert_false(good);
                assert_int_equal(offset, c == '=' && place == 2 ? 3 : place);
            } else {
                uint32_t bits = (uint32_t)value << (18 - 6 * place);

                assert_true(good);
                assert_int_equal(len, 3);
                assert_int_equal((uint32_t)out[0] << 16 | (uint32_t)out[1] << 8 | out[2], bits);
            }
        }
}

/* Every text of one and two bytes, and every length up to 300. */
static void round_trips(void **state)
{
    unsigned char plain[300], text[404], back[304];
    size_t len, offset, n, i;

    (void)state;
    for (i = 0; i < 65536; i++) {
        plain[0] = (unsigned char)(i >> 8);
        plain[1] = (unsigned char)(i & 255);
        for (n = 1; n <= 2; n++) {
            assert_int_equal(lambdest__base64_encode(plain, n, text), 4);
            assert_true(lambdest__base64_decode(text, 4, back, &len, &offset));
            assert_int_equal(len, n);
            assert_memory_equal(back, plain, n);
        }
    }
    for (i = 0; i < sizeof plain; i++)
        plain[i] = (unsigned char)(i * 167 + 13);
    for (n = 0; n <= sizeof plain; n++) {
        size_t encoded;

        assert_true(lambdest__base64_encoded(n, &encoded));
        assert_int_equal(lambdest__base64_encode(plain, n, text), encoded);
        assert_int_equal(encoded, (n + 2) / 3 * 4);
        assert_true(lambdest__base64_decode(text, encoded, back, &len, &offset));
        assert_int_equal(len, n);
        assert_memory_equal(back, plain, n);
        for (i = 1; i < 4 && encoded; i++)
            assert_false(lambdest__base64_decode(text, encoded - i, back, &len, &offset));
    }
}

/* RFC 4648 once more, a bit at a time: what the first `count` bytes, highest first in 24 bits, are as text. */
static void expected_text(uint32_t bits, unsigned count, unsigned char out[4])
{
    unsigned i, bit;

    for (i = 0; i < 4; i++) {
        unsigned value = 0;

        for (bit = 6 * i; bit < 6 * i + 6; bit++)
            value = value * 2 + (bit < 8 * count ? bits >> (23 - bit) & 1 : 0);
        out[i] = i > count ? '=' : (unsigned char)alphabet[value];
    }
}

static bool comes_out_as(uint32_t bits, unsigned count)
{
    unsigned char plain[3] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8), (unsigned char)bits};
    unsigned char expected[4], text[4], back[6];
    size_t len = 0, offset;

    expected_text(bits, count, expected);
    return lambdest__base64_encode(plain, count, text) == 4 && !memcmp(text, expected, 4) &&
           lambdest__base64_decode(expected, 4, back, &len, &offset) && len == count &&
           !memcmp(back, plain, count);
}

static void every_one_to_three_bytes(void **state)
{
    uint32_t bits, step = getenv("LAMBDEST_TEST_QUICK") ? 251 : 1;

    (void)state;
    for (bits = 0; bits < 0x1000000; bits += 0x10000)
        assert_true(comes_out_as(bits, 1));
    for (bits = 0; bits < 0x1000000; bits += 0x100)
        assert_true(comes_out_as(bits, 2));
    for (bits = 0; bits < 0x1000000; bits += step)
        if (!comes_out_as(bits, 3))
            fail_msg("%06X", bits);
}

static void lengths(void **state)
{
    size_t len = 7;

    (void)state;
    assert_true(lambdest__base64_encoded(SIZE_MAX / 4 * 3, &len));
    assert_true(len == SIZE_MAX - 3);
    len = 7;
    assert_false(lambdest__base64_encoded(SIZE_MAX / 4 * 3 + 1, &len));
    assert_false(lambdest__base64_encoded(SIZE_MAX, &len));
    assert_int_equal(len, 7);
    assert_true(lambdest__base64_room(SIZE_MAX) > SIZE_MAX / 2);
    assert_int_equal(lambdest__base64_room(0), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(every_group),
        cmocka_unit_test(every_byte),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(lengths),
        cmocka_unit_test(every_one_to_three_bytes),
    };

    return cmocka_run_group_tests_name("base/base64", tests, NULL, NULL);
}
