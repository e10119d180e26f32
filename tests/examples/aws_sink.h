/* Sinks for AWS over libcurl, for a host to copy: an ARN of a queue, topic, function, bus or bucket becomes a
 * sink, a row of a plan one signed request, and the answer its verdict.
 *
 * Credentials and places come from the environment, as the AWS CLI has them: AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_REGION or AWS_DEFAULT_REGION for a bucket, whose ARN names none;
 * AWS_ENDPOINT_URL_SQS, _SNS, _LAMBDA, _EVENTBRIDGE, _S3 or AWS_ENDPOINT_URL for a place that is not AWS. The
 * host calls curl_global_init. */
#ifndef EXAMPLES_AWS_SINK_H
#define EXAMPLES_AWS_SINK_H

#include <lambdest.h>

typedef struct aws_client aws_client; /* one thread at a time; outlives the routers it serves */

/* Each request may take so long. NULL without memory. */
aws_client *aws_client_new(long timeout_ms);
void aws_client_free(aws_client *client);

/* Fills a sink, whose size the caller has set, with the target's profile and a callback that sends a row and
 * waits for the answer. The codes of lambdest_sink_init. */
int aws_sink_init(lambdest_sink *sink, aws_client *client, const char *arn, lambdest_error *err);

/* For a host that pulls: sends every row of these plans that waits for a sink of this client, several at the
 * same time, once each, and reports them. Returns when all have ended. Sinks whose deliver is set to NULL
 * are left to it by lambdest_plan_run. */
void aws_send_all(aws_client *client, lambdest_plan *const *plans, size_t count);

#endif
