/* Base64 against a decoder of its own: the same texts are base64, and give the same bytes; what is
 * encoded is decoded to what it was.
 * Input: the text, and at once the bytes. */
#include "fuzz.h"

#include "base/base64.h"

static int digit_of(unsigned char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* A bit at a time; -1 for what RFC 4648, section 4, does not allow, else the length. */
static long decode(const char *text, size_t len, unsigned char *out)
{
    size_t i, pad = 0, bits = 0;
    int bit;

    if (len % 4)
        return -1;
    while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
        pad++;
    for (i = 0; i < len - pad; i++) {
        int digit = digit_of((unsigned char)text[i]);

        if (digit < 0)
            return -1;
        for (bit = 5; bit >= 0; bit--, bits++) {
            out[bits / 8] = (unsigned char)(bits % 8 ? out[bits / 8] : 0);
            out[bits / 8] = (unsigned char)(out[bits / 8] | (digit >> bit & 1) << (7 - bits % 8));
        }
    }
    return !pad || !out[bits / 8] ? (long)(bits / 8) : -1;
}

static void check_decode(const lambdest_slice *text)
{
    size_t room = lambdest__base64_room(text->len), len = 0, offset = 0;
    unsigned char *expected = calloc(text->len + 2, 1), *out = malloc(room ? room : 1);
    bool ok;
    long expected_len;

    fuzz_require(expected && out, "out of memory");
    expected_len = decode(text->data, text->len, expected);
    ok = lambdest__base64_decode((const unsigned char *)text->data, text->len, out, &len, &offset);
    fuzz_require(ok == (expected_len >= 0), "one of two decoders refuses");
    if (ok) {
        fuzz_require(len == (size_t)expected_len && !memcmp(out, expected, len), "two decoders, two results");
        fuzz_require(len <= room, "less room than was needed");
    } else {
        fuzz_require(offset <= text->len, "an offset behind the text");
        fuzz_require(offset == text->len || decode(text->data, offset / 4 * 4, expected) >= 0,
                     "an offset behind what is wrong");
    }
    free(expected);
    free(out);
}

static void check_encode(const lambdest_slice *bytes)
{
    size_t len = (bytes->len + 2) / 3 * 4, offset, decoded_len;
    unsigned char *text, *decoded;

    text = malloc(len ? len : 1);
    decoded = malloc(len + 3);
    fuzz_require(text && decoded, "out of memory");
    fuzz_require(lambdest__base64_encode((const unsigned char *)bytes->data, bytes->len, text) == len,
                 "encoded to another length");
    memset(decoded, 0, len + 3);
    fuzz_require(decode((const char *)text, len, decoded) == (long)bytes->len &&
                     !memcmp(decoded, bytes->data, bytes->len),
                 "encoded to something else");
    fuzz_require(lambdest__base64_decode(text, len, decoded, &decoded_len, &offset) &&
                     decoded_len == bytes->len && !memcmp(decoded, bytes->data, decoded_len),
                 "encoded and decoded is something else");
    free(text);
    free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_slice text = fuzz_rest(&in);

    check_decode(&text);
    check_encode(&text);
    fuzz_end();
    return 0;
}
