#define TAKE lambdest__sns_take
#define TAKEN_BY BY_SNS
#include "support_parcel.h"

static void takes_notifications(void **state)
{
    (void)state;
    expect_taken("{\"Type\":\"Notification\",\"MessageId\":\"i\",\"TopicArn\":\"t\",\"Message\":\"m\"}", "m",
                 "i", "t");
    expect_taken("{\"TopicArn\":\"t\",\"Message\":\"m\"}", "m", NULL, "t");
    expect_taken(
        "{\"EventSource\":\"aws:sns\",\"Sns\":{\"TopicArn\":\"t\",\"Message\":\"m\",\"Subject\":null}}", "m",
        NULL, "t");
    expect_taken("{\"EventSource\":\"aws:sns\",\"Message\":\"m\"}", "m", NULL, NULL);
    expect_broken("{\"Sns\":5}", 0, "Message");
    expect_broken("{\"TopicArn\":\"t\",\"Message\":7}", 26, "Message");
    expect_broken("{\"Type\":\"SubscriptionConfirmation\",\"TopicArn\":\"t\",\"Message\":\"m\"}", 8, "Type");
    expect_left("{\"Type\":\"Notification\",\"Message\":\"m\"}");
    expect_left("{\"TopicArn\":\"t\"}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_notifications),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
