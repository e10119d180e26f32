#define TAKE lambdest__sqs_take
#define TAKEN_BY BY_SQS
#include "support_parcel.h"

static void expect_letter(const char *attributes, const char *id, const char *code, const char *message)
{
    char text[600] = "{\"body\":\"b\",\"messageId\":\"i\",\"messageAttributes\":";
    lambdest__parcel p;

    strcat(strcat(text, attributes), "}");
    assert_true(taken(text, &p));
    assert_int_equal(p.is_dead_letter, id != NULL);
    expect_span(p.letter.request_id, id);
    expect_span(p.letter.error_code, code);
    expect_span(p.letter.error_message, message);
    expect_span(p.text, "b");
    assert_int_equal(p.carrier, BY_SQS);
}

static void attributes_say_dead_letter(void **state)
{
    (void)state;
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{\"StringValue\":\"200\"},"
                  "\"ErrorMessage\":{\"Value\":"
                  "\"m\\n\"},\"x\":1}",
                  "r", "200", "m\\n");
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorMessage\":{\"stringValue\":\"m\"}}", "r",
                  NULL, "m");
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{\"stringValue\":\"m\"}}", "r", "m",
                  NULL);
    expect_letter("{\"RequestID\":{\"stringValue\":\"r\"}}", NULL, NULL, NULL);
    expect_letter("{\"RequestID\":{\"stringValue\":5},\"ErrorCode\":{\"stringValue\":\"5\"}}", NULL, NULL,
                  NULL);
    expect_letter("{\"RequestID\":\"r\",\"ErrorCode\":\"5\"}", NULL, NULL, NULL);
    expect_letter("{\"ErrorCode\":{\"stringValue\":\"m\"},\"ErrorMessage\":{\"stringValue\":\"m\"}}", NULL,
                  NULL, NULL);
    expect_letter("{}", NULL, NULL, NULL);
    expect_letter("5", NULL, NULL, NULL);
    expect_broken("{\"messageAttributes\":{\"RequestID\":{\"stringValue\":\"r\"},\"ErrorCode\":{"
                  "\"stringValue\":\"m\"}},"
                  "\"messageId\":\"i\",\"body\":5}",
                  110, "body");
    expect_taken("{\"body\":\"b\",\"messageId\":\"i\"}", "b", "i", NULL);
    expect_left("{}");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_say_dead_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
