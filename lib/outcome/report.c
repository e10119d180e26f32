#include "base/alloc.h"
#include "json/emit.h"
#include "json/string.h"
#include "json/utf8.h"

#include <lambdest/runtime.h>
#include <string.h>

enum {
    TYPE_MAX = 255,
    BODY_MAX = 262144,
    BODY_LEAST = 4096
};

/* ---- paths ---- */

/* Something follows the prefix. */
static bool take_prefix(const char **at, size_t *len, const char *prefix)
{
    size_t n = strlen(prefix);

    if (*len <= n || memcmp(*at, prefix, n))
        return false;
    *at += n;
    *len -= n;
    return true;
}

static bool is_wanted(const char *text, size_t len, const char *wanted)
{
    return len == strlen(wanted) && !memcmp(text, wanted, len);
}

static int channel_of(const char *at, size_t len, lambdest_slice *id)
{
    const char *slash;

    if (!take_prefix(&at, &len, "/2018-06-01/runtime/"))
        return 0;
    if (is_wanted(at, len, "init/error"))
        return LAMBDEST_CHANNEL_INIT_ERROR;
    if (is_wanted(at, len, "invocation/next"))
        return LAMBDEST_CHANNEL_NEXT;
    if (!take_prefix(&at, &len, "invocation/"))
        return 0;
    slash = memchr(at, '/', len);
    if (!slash || slash == at)
        return 0;
    id->data = at;
    id->len = (size_t)(slash - at);
    len -= id->len;
    if (is_wanted(slash, len, "/response"))
        return LAMBDEST_CHANNEL_RESPONSE;
    return is_wanted(slash, len, "/error") ? LAMBDEST_CHANNEL_ERROR : 0;
}

int lambdest_runtime_path(const char *path, size_t len, int *channel, const char **request_id,
                          size_t *request_id_len)
{
    lambdest_slice id = {NULL, 0};
    const char *query = len && path ? memchr(path, '?', len) : NULL;
    int found;

    if (channel)
        *channel = 0;
    if (request_id)
        *request_id = NULL;
    if (request_id_len)
        *request_id_len = 0;
    if (!channel || !request_id || !request_id_len || (!path && len))
        return LAMBDEST_E_INVAL;
    found = len ? channel_of(path, query ? (size_t)(query - path) : len, &id) : 0;
    if (!found)
        return LAMBDEST_E_ABSENT;
    *channel = found;
    if (found == LAMBDEST_CHANNEL_RESPONSE || found == LAMBDEST_CHANNEL_ERROR) {
        *request_id = id.data;
        *request_id_len = id.len;
    }
    return LAMBDEST_OK;
}

/* ---- what a runtime sends ---- */

/* NOSPC if a text of this length and its NUL do not fit. */
static int check_room(size_t len, size_t cap, size_t *need)
{
    *need = len;
    return cap <= len ? LAMBDEST_E_NOSPC : LAMBDEST_OK;
}

static bool is_visible(unsigned char c)
{
    return c > 0x20 && c < 0x7F;
}

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0) == 0x80;
}

/* One byte for each character, no more than TYPE_MAX; returns how many. */
static size_t header_value(const char *type, size_t len, char *out)
{
    size_t i, n = 0;

    for (i = 0; i < len && n < TYPE_MAX; i++) {
        unsigned char c = (unsigned char)type[i];

        if (!is_continuation(c))
            out[n++] = (char)(is_visible(c) ? c : '?');
    }
    return n;
}

int lambdest_runtime_error_type(const lambdest_envelope *env, char *buf, size_t cap, size_t *need)
{
    char value[TYPE_MAX];
    const char *type;
    size_t len;
    int rc;

    if (need)
        *need = 0;
    if (!env || !need || (!buf && cap))
        return LAMBDEST_E_INVAL;
    type = lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, &len);
    if (!len)
        return LAMBDEST_E_ABSENT;
    len = header_value(type, len, value);
    rc = check_room(len, cap, need);
    if (rc)
        return rc;
    memcpy(buf, value, len);
    buf[len] = '\0';
    return LAMBDEST_OK;
}

/* The longest part of a text that takes no more than `room` bytes in a string and cuts no character. */
static lambdest__span cut_to(lambdest__span text, size_t room)
{
    size_t i = 0, next;

    for (; i < text.len; i = next) {
        size_t cost;

        for (next = i + 1; next < text.len && is_continuation(text.data[next]);)
            next++;
        cost = lambdest__string_encoded(text.data + i, next - i) - 2;
        if (cost > room)
            break;
        room -= cost;
    }
    text.len = i;
    return text;
}

static lambdest__span report_text(const lambdest_envelope *env, int member)
{
    lambdest__span text;

    text.data = (const unsigned char *)lambdest_envelope_text(env, member, &text.len);
    return text;
}

static void emit_cut(lambdest__emit *e, lambdest__span message, lambdest__span type)
{
    lambdest__emit_open(e, '{');
    lambdest__emit_name(e, "errorMessage");
    lambdest__emit_text(e, message.data, message.len);
    if (type.data) {
        lambdest__emit_name(e, "errorType");
        lambdest__emit_text(e, type.data, type.len);
    }
    lambdest__emit_name(e, "stackTrace");
    lambdest__emit_raw(e, "[]", 2);
    lambdest__emit_close(e, '}');
}

static int put_cut(const lambdest_envelope *env, size_t max, char *buf, size_t cap, size_t *need)
{
    lambdest__span message = report_text(env, LAMBDEST_ERROR_MESSAGE),
                   type = report_text(env, LAMBDEST_ERROR_TYPE);
    lambdest__span none = {NULL, 0};
    lambdest__emit e;
    int rc;

    type.len = lambdest__utf8_cut(type.data, type.len, TYPE_MAX);
    lambdest__emit_init(&e, NULL, false);
    emit_cut(&e, none, type);
    message = cut_to(message, max - lambdest__emit_total(&e));
    lambdest__emit_init(&e, NULL, false);
    emit_cut(&e, message, type);
    rc = check_room(lambdest__emit_total(&e), cap, need);
    if (rc)
        return rc;
    lambdest__emit_init(&e, (unsigned char *)buf, false);
    emit_cut(&e, message, type);
    buf[lambdest__emit_total(&e)] = '\0';
    return LAMBDEST_OK;
}

int lambdest_runtime_error_body(const lambdest_envelope *env, size_t max, char *buf, size_t cap, size_t *need)
{
    const char *json;
    size_t len;
    int rc;

    if (need)
        *need = 0;
    if (!env || !need || (!buf && cap) || (max && max < BODY_LEAST))
        return LAMBDEST_E_INVAL;
    json = lambdest_envelope_json(env, LAMBDEST_INVOCATION_ERROR, &len);
    if (!json)
        return LAMBDEST_E_ABSENT;
    if (!max)
        max = BODY_MAX;
    if (len > max)
        return put_cut(env, max, buf, cap, need);
    rc = check_room(len, cap, need);
    if (rc)
        return rc;
    memcpy(buf, json, len);
    buf[len] = '\0';
    return LAMBDEST_OK;
}
