/* The payloads and records that are measured: the same bytes for every program. */
#ifndef LAMBDEST_TESTS_BENCH_INPUT_H
#define LAMBDEST_TESTS_BENCH_INPUT_H

#include "bench.h"

/* Styles: sqs (an SQS event whose bodies are escaped JSON), num, deep, utf8, unicode (\uXXXX for all
 * that is not ASCII), pretty (indented), plain. Fills all but `made`; returns 0 for a style not known. */
int bench_input_make(struct bench_input *in, const char *style, size_t size);

void bench_input_free(struct bench_input *in);

#endif
