/* json/scan: all texts of each length up to BOUND, whole and member by member. */
#include "proof.h"

#include "base/error.h"
#include "json/check.h"
#include "json/scan.h"

/* Stands for the checker, which is not proved: a place in the text, or none. */
const unsigned char *lambdest__check(const unsigned char *begin, const unsigned char *p,
                                     const unsigned char *end, uint32_t max_depth)
{
    (void)begin;
    (void)max_depth;
    /*@ split (end - p); */
    return Frama_C_nondet(0, 1) ? p + unknown_size(1, (size_t)(end - p)) : NULL;
}

static void start(lambdest__scan *s, const unsigned char *text, size_t len)
{
    lambdest__scan_init(s, (const char *)text, len, 2);
    s->at = unknown_size(0, len);
    s->fresh = Frama_C_nondet(0, 1);
}

static void read_all(const unsigned char *text, size_t len)
{
    lambdest__span a = {NULL, 0}, b = {NULL, 0};
    lambdest__scan s;
    lambdest_error err;
    bool more;

    start(&s, text, len);
    lambdest__scan_peek(&s);
    start(&s, text, len);
    lambdest__scan_open(&s, Frama_C_nondet(0, 1) ? '{' : '[');
    start(&s, text, len);
    lambdest__scan_more(&s, Frama_C_nondet(0, 1) ? '{' : '[', &more);
    start(&s, text, len);
    lambdest__scan_name(&s, &a);
    start(&s, text, len);
    lambdest__scan_end(&s);
    start(&s, text, len);
    lambdest__scan_slowly(&s);
    start(&s, text, len);
    lambdest__scan_value(&s);
    start(&s, text, len);
    lambdest__scan_slice(&s, &a, &b);
    lambdest__scan_text((const char *)text, len, 2, &a, &err);
}

int main(void)
{
    size_t len;

    /*@ loop unroll BOUND + 1; */
    for (len = 0; len <= BOUND; len++)
        read_all(unknown_text(len), len);
    return 0;
}
