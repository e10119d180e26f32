#include <lambdest/base.h>

uint32_t lambdest_version(void)
{
    return LAMBDEST_VERSION_MAJOR * 1000000u + LAMBDEST_VERSION_MINOR * 1000u + LAMBDEST_VERSION_PATCH;
}
