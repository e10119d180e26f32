#define TAKE lambdest__sqs_take
#define TAKEN_BY BY_SQS
#include "support_parcel.h"

static void takes_messages_as_lambda_gets_them(void **state)
{
    (void)state;
    expect_taken(
        "{\"eventSource\":\"aws:sqs\",\"body\":\"b\\n\",\"messageId\":\"i\",\"eventSourceARN\":\"a\"}",
        "b\\n", "i", "a");
    expect_taken("{\"body\":\"b\",\"messageId\":\"i\"}", "b", "i", NULL);
    expect_taken("{\"body\":\"b\",\"md5OfBody\":\"\",\"messageId\":5}", "b", NULL, NULL);
    expect_taken("{\"body\":\"b\",\"md5OfBody\":\"\"}", "b", NULL, NULL);
    expect_broken("{\"eventSource\":\"aws:sqs\"}", 0, "body");
    expect_broken("{\"messageId\":\"i\",\"body\":{}}", 24, "body");
    expect_left("{\"body\":\"b\"}");
    expect_left("{\"messageId\":\"i\",\"md5OfBody\":\"\"}");
    expect_left("{\"eventSource\":\"aws:kinesis\",\"body\":\"b\",\"messageId\":\"i\"}");
}

static void takes_messages_as_receive_message_answers(void **state)
{
    (void)state;
    expect_taken("{\"Body\":\"b\",\"MessageId\":\"i\"}", "b", "i", NULL);
    expect_taken("{\"Body\":\"b\",\"MD5OfBody\":\"\"}", "b", NULL, NULL);
    expect_taken("{\"Body\":\"b\",\"ReceiptHandle\":\"\"}", "b", NULL, NULL);
    expect_broken("{\"MessageId\":\"i\",\"Body\":null}", 24, "Body");
    expect_left("{\"Body\":\"b\"}");
    expect_left("{\"MessageId\":\"i\"}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_messages_as_lambda_gets_them),
        cmocka_unit_test(takes_messages_as_receive_message_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
