/* The optional door to jansson (2.14 or later): JSON members and whole envelopes as json_t. The library does
 * not need this header, and no other header includes jansson's.
 *
 * Values are built and read through jansson's value calls, never its parser. Numbers become values: an
 * integer a 64-bit integer, any other the nearest double, -0 the real -0.0; how a number was spelt only
 * lambdest_envelope_json tells. What no value can hold (a lone surrogate, a NUL in a name, an integer
 * beyond 64 bits, a real out of range) is LAMBDEST_E_UNSUPPORTED with its offset, never altered; a name twice
 * in one object is LAMBDEST_E_SCHEMA; nesting over 512 in a member, over 518 in a whole envelope, is
 * LAMBDEST_E_DEPTH whatever max_depth allows (jansson frees recursively). jansson's memory comes from
 * jansson's allocator, and each call here is NOMEM when that or the envelope's fails. What a host does with
 * jansson itself is not guarded: when an allocation fails, its parser (2.14, 2.15) can report a value that
 * lacks a byte, or abort the process, and json_dumps a text that is no JSON; json_dumpb does neither. */
#ifndef LAMBDEST_JANSSON_H
#define LAMBDEST_JANSSON_H

#include <jansson.h>
#include <lambdest/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A JSON member as a value; *out is a new reference, the caller's, and shares nothing with the envelope. A
 * null is json_null(). The offset counts in what lambdest_envelope_json gives. ABSENT (also another type's
 * member), UNSUPPORTED, SCHEMA, DEPTH, INVAL, NOMEM. */
LAMBDEST_API int lambdest_envelope_value(const lambdest_envelope *env, int member, json_t **out,
                                         lambdest_error *err);

/* Sets a JSON member from a value, printed compactly in its own order of members and copied, with or without
 * LAMBDEST_BORROW; the reference stays the caller's. Otherwise as lambdest_envelope_set_json; offsets are 0.
 * INVAL, UTF8 (made by one of jansson's nocheck calls), SCHEMA, DEPTH (also a value that holds itself),
 * TOO_BIG, UNSUPPORTED (a real, in a locale in which jansson cannot print one), NOMEM. */
LAMBDEST_API int lambdest_envelope_set_value(lambdest_envelope *env, int member, const json_t *value,
                                             lambdest_error *err);

/* The whole envelope as lambdest_envelope_write would have it in this form, with these flags, as an object; a
 * new reference, the caller's. The offset counts in that text. INVAL, UNSUPPORTED (also a batch record as
 * DOCUMENT, with offset 0), SCHEMA, DEPTH (of one payload), NOMEM. */
LAMBDEST_API int lambdest_envelope_to_value(const lambdest_envelope *env, int form, uint32_t flags,
                                            json_t **out, lambdest_error *err);

/* An envelope from an object, as lambdest_envelope_parse would have it from the object's text. The reference
 * stays the caller's, and LAMBDEST_BORROW counts from then on. The codes of lambdest_envelope_parse but for
 * SYNTAX, UTF8 and UNSUPPORTED as above; offsets are 0, err->where tells the member. */
LAMBDEST_API int lambdest_envelope_from_value(const json_t *value, const lambdest_options *options,
                                              lambdest_envelope **out, lambdest_error *err);

#ifdef __cplusplus
}
#endif
#endif
