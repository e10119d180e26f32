/* A payload as jansson's value is what jansson's own parser makes of the text, and as a text again has
 * that value.
 * Input: the text.
 *
 * Where the two differ, and why: -0 is the real -0.0 here and the integer 0 there, for a value says more
 * than its digits; a name twice in an object is an error here, and there the last one wins. */
#include "fuzz.h"

static bool equal(const json_t *ours, const json_t *theirs);

static bool equal_arrays(const json_t *ours, const json_t *theirs)
{
    size_t i, count = json_array_size(ours);

    if (count != json_array_size(theirs))
        return false;
    for (i = 0; i < count; i++)
        if (!equal(json_array_get(ours, i), json_array_get(theirs, i)))
            return false;
    return true;
}

static bool equal_objects(const json_t *ours, const json_t *theirs)
{
    const char *key;
    json_t *value;

    if (json_object_size(ours) != json_object_size(theirs))
        return false;
    json_object_foreach((json_t *)(uintptr_t)ours, key, value)
    {
        if (!equal(value, json_object_get(theirs, key)))
            return false;
    }
    return true;
}

/* Recursive: jansson's parser would not have come here with more than 2,048 levels. */
static bool equal(const json_t *ours, const json_t *theirs)
{
    double a, b;

    if (json_is_array(ours))
        return equal_arrays(ours, theirs);
    if (json_is_object(ours))
        return equal_objects(ours, theirs);
    if (!json_is_real(ours))
        return json_equal(ours, theirs);
    a = json_real_value(ours);
    b = json_is_integer(theirs) && !json_integer_value(theirs) ? -0.0 : json_real_value(theirs);
    return !memcmp(&a, &b, sizeof a);
}

static void check_back(lambdest_envelope *env, const json_t *value)
{
    lambdest_error err;
    const char *text;
    json_t *again;
    size_t len;

    fuzz_require(!lambdest_envelope_set_value(env, LAMBDEST_RESPONSE_PAYLOAD, value, &err),
                 "a value is refused");
    text = lambdest_envelope_json(env, LAMBDEST_RESPONSE_PAYLOAD, &len);
    fuzz_require_json(text, len);
    fuzz_require(!lambdest_envelope_value(env, LAMBDEST_RESPONSE_PAYLOAD, &again, &err),
                 "its text has no value");
    fuzz_require(equal(again, value), "value, text and value again is another");
    json_decref(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    lambdest_slice text = fuzz_rest(&in);
    json_t *ours = NULL, *theirs;
    lambdest_envelope *env;
    lambdest_error err;
    support_memory m;
    lambdest_options options;
    int rc;

    support_memory_init(&m);
    options = fuzz_options(&in, &m);
    fuzz_require(!lambdest_envelope_new(&options, &env, &err), "no envelope");
    if (!lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, text.data, text.len, NULL)) {
        rc = lambdest_envelope_value(env, LAMBDEST_REQUEST_PAYLOAD, &ours, &err);
        fuzz_error_is(&err, rc, text.len);
        fuzz_require(!rc == (ours != NULL), "an output of a failed call, or none of another");
        theirs = fuzz_value(text.data, text.len);
        fuzz_require(rc != LAMBDEST_E_UNSUPPORTED || !theirs, "jansson can hold what is said that it cannot");
        fuzz_require(rc || theirs, "jansson cannot hold what it is said to");
        fuzz_require(rc || equal(ours, theirs), "jansson reads another value");
        if (!rc)
            check_back(env, ours);
        json_decref(ours);
        json_decref(theirs);
    }
    lambdest_envelope_free(env);
    fuzz_memory_is(&m, 0);
    fuzz_end();
    return 0;
}
