/* lambdest: AWS Lambda destination envelopes. Pulls in every topic except the optional
 * <lambdest/jansson.h>.
 *
 * Shape: what an object holds is read and set through four families (text, integer, JSON, state), each
 * addressed by an enumerator, because one contract can then be learnt once, bound once in each language
 * and grown without a new symbol. Verbs keep functions of their own: what *acts* has a name, what *is*
 * has an enumerator, and every enumerator has a value of its own, so that a wrong one is refused. */
#ifndef LAMBDEST_H
#define LAMBDEST_H

#include <lambdest/base.h>
#include <lambdest/envelope.h>
#include <lambdest/outcome.h>
#include <lambdest/carrier.h>
#include <lambdest/router.h>
#include <lambdest/runtime.h>
#include <lambdest/sink.h>

#endif
