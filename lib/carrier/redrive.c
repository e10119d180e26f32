#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "envelope/model.h"
#include "json/string.h"

#include <lambdest/carrier.h>
#include <string.h>

/* A string around the event, as S3 objects have it. */
static int take_string(const lambdest_envelope *env, lambdest__span value, char **out, size_t *len)
{
    lambdest__span inner = lambdest__string_inner(value);
    char *text = lambdest__text_new(&env->limits.alloc, inner.len);
    size_t lone, size;
    int rc = LAMBDEST_OK;

    if (!text)
        return LAMBDEST_E_NOMEM;
    size = lambdest__string_unpack(inner, (unsigned char *)text, &lone);
    text[size] = '\0';
    if (lone != SIZE_MAX)
        rc = LAMBDEST_E_UTF8;
    else if (lambdest__scan_text(text, size, LAMBDEST__DEPTH_LIMIT, NULL, NULL))
        rc = LAMBDEST_E_SCHEMA;
    if (rc) {
        lambdest_free(text);
        return rc;
    }
    *out = text;
    *len = size;
    return LAMBDEST_OK;
}

static int take_event(const lambdest_envelope *env, lambdest__span value, char **out, size_t *len)
{
    char *text = lambdest__text_new(&env->limits.alloc, value.len);

    if (!text)
        return LAMBDEST_E_NOMEM;
    memcpy(text, value.data, value.len);
    *out = text;
    *len = value.len;
    return LAMBDEST_OK;
}

int lambdest_redrive(const lambdest_envelope *env, char **out, size_t *len)
{
    bool batch = lambdest_envelope_kind(env) == LAMBDEST_BATCH;
    const lambdest__member *event;
    size_t ignored;

    if (!len)
        len = &ignored;
    *len = 0;
    if (out)
        *out = NULL;
    if (!env || !out)
        return LAMBDEST_E_INVAL;
    event = &env->members[batch ? SLOT_BATCH_PAYLOAD : SLOT_REQUEST_PAYLOAD];
    if (event->state == LAMBDEST_ABSENT || (batch && event->state == LAMBDEST_NULL))
        return LAMBDEST_E_ABSENT;
    if (batch && *event->value.data == '"')
        return take_string(env, event->value, out, len);
    return take_event(env, event->value, out, len);
}
