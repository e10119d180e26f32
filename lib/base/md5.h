/* MD5 (RFC 1321), for the md5OfBody of SQS. Guards nothing. */
#ifndef LAMBDEST_BASE_MD5_H
#define LAMBDEST_BASE_MD5_H

#include <stddef.h>

enum {
    LAMBDEST__MD5_HEX = 32
};

/* The digest in lower-case hexadecimal, no NUL. */
void lambdest__md5_hex(const void *data, size_t len, unsigned char out[LAMBDEST__MD5_HEX]);

#endif
