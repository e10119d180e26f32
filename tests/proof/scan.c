#include "json/check.h"
#include "json/scan.h"
#include "proof.h"

enum {
    MOST = 6,
    MOST_NAME = 5,
    DEPTH = 3
};

/* The name of a member is read without it. */
const unsigned char *lambdest__check(const unsigned char *p, const unsigned char *end, uint32_t max_depth)
{
    (void)p;
    (void)end;
    (void)max_depth;
    return NULL;
}

/* Byte by byte: all texts, good and bad. */
void slowly(void)
{
    ANY_TEXT(text, len, MOST);
    lambdest__scan s;

    lambdest__scan_init(&s, (const char *)text, len, DEPTH);
    (void)lambdest__scan_slowly(&s);
    /*@ assert s.at <= len; */
}

/* A name alone, on any shorter text. */
void name(void)
{
    ANY_TEXT(text, len, MOST_NAME);
    lambdest__span found;
    lambdest__scan s;

    lambdest__scan_init(&s, (const char *)text, len, DEPTH);
    if (lambdest__scan_name(&s, &found))
        return;
    /*@ assert found.len < len && s.at <= len; */
}
