/* json/check in plain C: all texts of each length up to BOUND, and some that are longer. */
#include "proof.h"

#include "json/check.h"

enum {
    DEPTH = 3,
    LEVELS = 63, /* that a word holds */
    WORDS = 24,  /* bytes */
    BEHIND = 4
};

static void check(const unsigned char *text, size_t len, uint32_t max_depth)
{
    const unsigned char *behind = lambdest__check_portable(text, text, text + len, max_depth);

    /*@ assert !behind || text < behind <= text + len; */
}

/* Unknown bytes behind as many of one: brackets, until a word of them is put by; white space or the content
 * of a string, long enough to be passed by words. */
static void check_behind(const char *first, unsigned char fill, size_t count, size_t len)
{
    size_t before = strlen(first), i;
    unsigned char *text = unknown_text(before + count + len);

    memcpy(text, first, before);
    /*@ loop unroll LEVELS; */
    for (i = 0; i < count; i++)
        text[before + i] = fill;
    check(text, before + count + len, 2 * LEVELS);
}

int main(void)
{
    size_t len;

    /*@ loop unroll BOUND; */
    for (len = 1; len <= BOUND; len++)
        check(unknown_text(len), len, DEPTH);
    /*@ loop unroll BEHIND + 1; */
    for (len = 0; len <= BEHIND; len++) {
        check_behind("", '[', LEVELS, len);
        check_behind("[", ' ', WORDS, len);
        check_behind("\"", 'x', WORDS, len);
    }
    check_behind("\"", 'x', 0, WORDS);
    return 0;
}
