/* Base64 against a decoder of its own: the same texts are base64, and give the same bytes; what is
 * encoded is decoded to what it was.
 * Input: the text, and at once the bytes. */
#include "fuzz.h"

#include "base/base64.h"

static void check_decode(const lambdest_slice *text)
{
    size_t room = lambdest__base64_room(text->len), len = 0, offset = 0;
    unsigned char *expected = calloc(text->len + 2, 1), *out = malloc(room ? room : 1);
    bool ok;
    long expected_len;

    fuzz_require(expected && out, "out of memory");
    expected_len = fuzz_decode_base64(text->data, text->len, expected);
    ok = lambdest__base64_decode((const unsigned char *)text->data, text->len, out, &len, &offset);
    fuzz_require(ok == (expected_len >= 0), "one of two decoders refuses");
    if (ok) {
        fuzz_require(len == (size_t)expected_len && !memcmp(out, expected, len), "two decoders, two results");
        fuzz_require(len <= room, "less room than was needed");
    } else {
        fuzz_require(offset <= text->len, "an offset behind the text");
        fuzz_require(offset == text->len || fuzz_decode_base64(text->data, offset / 4 * 4, expected) >= 0,
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
    fuzz_require(fuzz_decode_base64((const char *)text, len, decoded) == (long)bytes->len &&
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
