/* What the programs of the benchmark share. Each alternative is one program: this frame around a table of
 * operations. It reads cells from standard input and answers with times, so that the driver can interleave
 * the programs; the work is the same for all. */
#ifndef LAMBDEST_TESTS_BENCH_H
#define LAMBDEST_TESTS_BENCH_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The input of one cell, made by the frame; every text in a block of its own. */
struct bench_input {
    const char *event; /* the request payload, in the cell's style and size */
    size_t event_len;
    const char *error; /* an error document of some 300 bytes */
    size_t error_len;
    const char *record; /* the record that has both */
    size_t record_len;
    const char
        *lambda_event; /* an SQS event of Lambda that holds an SNS notification that holds the record */
    size_t lambda_event_len;
    char *out; /* for the result */
    size_t out_cap;
    void *made; /* what `prepare` made of it */
};

/* The metadata of the record. */
#define BENCH_ID "e4b46cbf-b738-xmpl-8880-a18cdf61200e"
#define BENCH_ARN "arn:aws:lambda:us-east-2:123456789012:function:my-function:$LATEST"
#define BENCH_CONDITION "RetriesExhausted"
#define BENCH_TIME "2019-11-14T18:16:05.568Z"
#define BENCH_TIME_MS 1573755365568

/* One operation: returns a number that depends on the result, 0 if it failed. `prepare` and `clean_up`
 * are not timed and may be missing. */
struct bench_op {
    const char *name;
    size_t (*run)(struct bench_input *in);
    void (*prepare)(struct bench_input *in);
    void (*clean_up)(struct bench_input *in);
};

/* The whole program: `ops` ends with a name of NULL. */
int bench_main(int argc, char **argv, const struct bench_op *ops);

#ifdef __cplusplus
}
#endif
#endif
