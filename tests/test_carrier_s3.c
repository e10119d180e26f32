#define TAKE lambdest__s3_take
#define TAKEN_BY BY_S3
#include "support_parcel.h"

static void takes_notifications(void **state)
{
    static const char whole[] =
        "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":\"arn:aws:s3:::b\"}}}";
    lambdest__parcel p;

    (void)state;
    expect_taken(whole, whole, NULL, "arn:aws:s3:::b");
    assert_true(taken(whole, &p));
    assert_true(p.is_notification);
    expect_taken("{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":5}}",
                 "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":5}}", NULL, NULL);
    expect_taken("{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":5}}}",
                 "{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"arn\":5}}}", NULL, NULL);
    expect_left("{\"s3\":{}}");
    expect_left("{\"eventSource\":\"aws:s3\"}");
    expect_left("{\"eventSource\":\"aws:sqs\",\"s3\":{}}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_notifications),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
