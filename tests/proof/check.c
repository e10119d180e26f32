#include "json/check.h"
#include "proof.h"

enum {
    MOST = 12,
    DEPTH = 3
};

int main(void)
{
    ANY_TEXT(text, len, MOST);
    const unsigned char *behind;

    if (!len)
        return 0;
    behind = lambdest__check_portable(text, text + len, DEPTH);
    /*@ assert !behind || (text < behind && behind <= text + len); */
    return 0;
}
