/* What the tests of the carriers share: an object is offered to the carrier under test, which the including
 * file names as TAKE, with TAKEN_BY the kind it takes. */
#ifndef LAMBDEST_TESTS_SUPPORT_PARCEL_H
#define LAMBDEST_TESTS_SUPPORT_PARCEL_H

#include "support.h"

#include "carrier/eventbridge.h"
#include "carrier/parcel.h"
#include "carrier/sending.h"

#include <stdlib.h>
#include <string.h>

/* Reads an object, which outlives the call, and offers it. */
static inline bool taken(const char *text, lambdest__parcel *p)
{
    lambdest__traits t;
    lambdest__scan s;

    memset(p, 0, sizeof *p);
    p->carrier = CARRIER_KINDS;
    lambdest__scan_init(&s, text, strlen(text), 100);
    assert_int_equal(lambdest__traits_read(&s, NULL, NULL, &t), LAMBDEST_OK);
    return TAKE(&t, p);
}

static inline void expect_span(lambdest__span span, const char *expected)
{
    if (!expected) {
        assert_null(span.data);
        return;
    }
    assert_non_null(span.data);
    support_expect_bytes(span.data, span.len, expected, strlen(expected));
}

static inline void expect_taken(const char *text, const char *body, const char *id, const char *source)
{
    lambdest__parcel p;

    assert_true(taken(text, &p));
    assert_int_equal(p.carrier, TAKEN_BY);
    assert_int_equal(p.code, LAMBDEST_OK);
    expect_span(p.text, body);
    expect_span(p.id, id);
    expect_span(p.source, source);
}

static inline void expect_broken(const char *text, size_t offset, const char *where)
{
    lambdest__parcel p;

    assert_true(taken(text, &p));
    assert_int_equal(p.code, LAMBDEST_E_SCHEMA);
    assert_int_equal(p.offset, offset);
    assert_string_equal(p.where, where);
    assert_non_null(p.message);
    expect_span(p.text, text);
    assert_false(p.is_string || p.is_dead_letter || p.is_notification);
}

static inline void expect_left(const char *text)
{
    lambdest__parcel p;

    assert_false(taken(text, &p));
    assert_int_equal(p.carrier, CARRIER_KINDS);
}

#endif
