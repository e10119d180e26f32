#include "json/check.h"

#include "json/check_string.h"
#include "json/utf8.h"

static bool is_utf8(const unsigned char *p, const unsigned char *end)
{
    /*@ split (end - p); */
    return lambdest__utf8_valid(p, (size_t)(end - p));
}

LAMBDEST__ALIGNED const unsigned char *lambdest__check_portable(const unsigned char *begin,
                                                                const unsigned char *p,
                                                                const unsigned char *end, uint32_t max_depth)
{
    lambdest__bounds in = {begin, end};

    return lambdest__pass_value(p, in, max_depth, lambdest__pass_string, lambdest__pass_no_list, is_utf8);
}

#if LAMBDEST__HAS_X86

bool lambdest__check_has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

const unsigned char *lambdest__check(const unsigned char *begin, const unsigned char *p,
                                     const unsigned char *end, uint32_t max_depth)
{
    if (lambdest__check_has_avx2())
        return lambdest__check_avx2(begin, p, end, max_depth);
    return lambdest__check_sse2(begin, p, end, max_depth);
}

#else

bool lambdest__check_has_avx2(void)
{
    return false;
}

const unsigned char *lambdest__check(const unsigned char *begin, const unsigned char *p,
                                     const unsigned char *end, uint32_t max_depth)
{
#if LAMBDEST__HAS_NEON
    return lambdest__check_neon(begin, p, end, max_depth);
#else
    return lambdest__check_portable(begin, p, end, max_depth);
#endif
}

#endif
