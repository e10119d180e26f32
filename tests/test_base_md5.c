#define _POSIX_C_SOURCE 200809L

#include "support.h"

#include "base/md5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_digest(const void *data, size_t len, const char *expected)
{
    unsigned char hex[LAMBDEST__MD5_HEX];

    lambdest__md5_hex(data, len, hex);
    support_expect_bytes(hex, sizeof hex, expected, strlen(expected));
}

/* RFC 1321, appendix A.5. */
static void gives_the_digests_of_the_rfc(void **state)
{
    static const char *const vectors[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        expect_digest(vectors[i][0], strlen(vectors[i][0]), vectors[i][1]);
    expect_digest(NULL, 0, vectors[0][1]);
}

/* Computed with md5sum; the lengths at which the padding takes one block more. */
static void pads_at_every_length(void **state)
{
    static const struct {
        size_t len;
        const char *digest;
    } cases[] = {
        {55, "ef1772b6dff9a122358552954ad0df65"},  {56, "3b0c8ac703f828b04c6c197006d17218"},
        {57, "652b906d60af96844ebd21b674f35e93"},  {63, "b06521f39153d618550606be297466d5"},
        {64, "014842d480b571495a4a0363793f7367"},  {65, "c743a45e0d2e6a95cb859adae0248435"},
        {119, "8a7bd0732ed6a28ce75f6dabc90e1613"}, {120, "5f61c0ccad4cac44c75ff505e1f1e537"},
        {128, "e510683b3f5ffe4093d021808bc6ff70"},
    };
    char text[128];
    size_t i;

    (void)state;
    memset(text, 'a', sizeof text);
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_digest(text, cases[i].len, cases[i].digest);
}

/* Against openssl, where there is one. */
static void agrees_with_openssl(void **state)
{
    unsigned char data[4096];
    uint64_t seed = 6;
    int round;

    (void)state;
    if (system("openssl md5 /dev/null >/dev/null 2>&1"))
        skip();
    for (round = 0; round < 20; round++) {
        size_t i, len = support_below(&seed, sizeof data);
        char path[] = "/tmp/lambdest-md5-XXXXXX", command[128], digest[33] = "";
        int fd = mkstemp(path);
        FILE *file, *pipe;

        assert_true(fd >= 0);
        for (i = 0; i < len; i++)
            data[i] = (unsigned char)support_random(&seed);
        file = fdopen(fd, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(data, 1, len, file), len);
        assert_int_equal(fclose(file), 0);
        snprintf(command, sizeof command, "openssl md5 -r %s", path);
        pipe = popen(command, "r");
        assert_non_null(pipe);
        assert_int_equal(fread(digest, 1, 32, pipe), 32);
        pclose(pipe);
        remove(path);
        expect_digest(data, len, digest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_digests_of_the_rfc),
        cmocka_unit_test(pads_at_every_length),
        cmocka_unit_test(agrees_with_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
