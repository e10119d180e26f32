#include "support.h"

#include <lambdest.h>

static void tells_the_version_of_the_header(void **state)
{
    uint32_t version = lambdest_version();

    (void)state;
    assert_int_equal(version / 1000000, LAMBDEST_VERSION_MAJOR);
    assert_int_equal(version / 1000 % 1000, LAMBDEST_VERSION_MINOR);
    assert_int_equal(version % 1000, LAMBDEST_VERSION_PATCH);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_version_of_the_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
