/* The one file that knows jansson. Of its calls these are sound when memory fails: those that make values,
 * json_object_setn_new_nocheck and json_array_append_new, which drop the value they could not take, and
 * json_dumpb into memory of ours. Its parser is not, nor are its other printers. */
#include <lambdest/jansson.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/first.h"
#include "envelope/model.h"
#include "envelope/walk.h"
#include "json/number.h"
#include "json/real.h"
#include "json/string.h"
#include "json/utf8.h"

#include <string.h>

#if JANSSON_VERSION_HEX < 0x020e00
#error jansson 2.14 is needed: names of members as counted bytes
#endif

_Static_assert(sizeof(json_int_t) >= sizeof(int64_t), "jansson's integers hold 64 bits");

enum {
    DEPTH = 512, /* jansson prints and frees recursively: the stack is the host's */
    WHOLE_DEPTH = DEPTH + LAMBDEST__LEVELS_DEEP
};

/* ---- text into a value ---- */

typedef struct builder {
    lambdest__scan scan;
    lambdest__buffer name; /* of the member whose value comes next, decoded */
    lambdest__buffer text;
    json_t *root;
    json_t *open[WHOLE_DEPTH]; /* borrowed: each is in the one before */
    size_t depth;
    size_t max_depth;
} builder;

/* Fails as the cursor does, so that one place fills the error. */
static int refuse_value(builder *b, const unsigned char *at, int code, const char *message)
{
    b->scan.at = (size_t)(at - b->scan.text);
    b->scan.code = code;
    b->scan.message = message;
    return code;
}

static int out_of_memory(builder *b)
{
    return refuse_value(b, b->scan.text, LAMBDEST_E_NOMEM, NULL);
}

static int check_escapes(builder *b, lambdest__span inner, bool is_name)
{
    size_t at = 0, begins = 0;
    uint32_t c = 0;

    while (lambdest__string_escape(inner, &at, &begins, &c)) {
        if (c >= 0xD800 && c <= 0xDFFF)
            return refuse_value(b, inner.data + begins, LAMBDEST_E_UNSUPPORTED, "a lone surrogate");
        if (!c && is_name)
            return refuse_value(b, inner.data + begins, LAMBDEST_E_UNSUPPORTED,
                                "a NUL in the name of a member");
    }
    return LAMBDEST_OK;
}

/* Decodes into a buffer that keeps its memory for the next time. */
static int decode_text(builder *b, lambdest__span inner, bool is_name, lambdest__buffer *to)
{
    int rc = check_escapes(b, inner, is_name);

    if (rc)
        return rc;
    to->len = 0;
    if (lambdest__buffer_reserve(to, inner.len + 1))
        return out_of_memory(b);
    to->len = lambdest__string_decode(inner, to->data);
    return LAMBDEST_OK;
}

/* The text was checked when it came in; without a second check NULL means one thing only. */
static int make_string(builder *b, lambdest__span value, json_t **out)
{
    lambdest__span inner = lambdest__string_inner(value);
    int rc;

    if (!memchr(inner.data, '\\', inner.len)) {
        *out = json_stringn_nocheck((const char *)inner.data, inner.len);
        return LAMBDEST_OK;
    }
    rc = decode_text(b, inner, false, &b->text);
    if (!rc)
        *out = json_stringn_nocheck((const char *)b->text.data, b->text.len);
    return rc;
}

static bool is_integer(lambdest__span value)
{
    size_t i;

    for (i = 0; i < value.len; i++)
        if (value.data[i] == '.' || (value.data[i] | 0x20) == 'e')
            return false;
    return value.len != 2 || memcmp(value.data, "-0", 2) != 0;
}

static int make_number(builder *b, lambdest__span value, json_t **out)
{
    int64_t integer;
    double real;

    if (is_integer(value)) {
        if (!lambdest__number_integer(value, &integer))
            return refuse_value(b, value.data, LAMBDEST_E_UNSUPPORTED, "an integer beyond 64 bits");
        *out = json_integer(integer);
    } else {
        if (!lambdest__number_real(value, &real))
            return refuse_value(b, value.data, LAMBDEST_E_UNSUPPORTED, "a number out of range");
        *out = json_real(real);
    }
    return LAMBDEST_OK;
}

/* A scalar; *out is NULL if there was no memory. */
static int make_scalar(builder *b, lambdest__span value, json_t **out)
{
    switch (*value.data) {
    case '"':
        return make_string(b, value, out);
    case 't':
        *out = json_true();
        return LAMBDEST_OK;
    case 'f':
        *out = json_false();
        return LAMBDEST_OK;
    case 'n':
        *out = json_null();
        return LAMBDEST_OK;
    default:
        return make_number(b, value, out);
    }
}

/* Puts a new value where it belongs, at once: what is open is then freed with the root. */
static int attach(builder *b, json_t *child)
{
    json_t *parent = b->depth ? b->open[b->depth - 1] : NULL;
    int failed = 0;

    if (!child)
        return out_of_memory(b);
    if (!parent)
        b->root = child;
    else if (json_is_object(parent))
        failed = json_object_setn_new_nocheck(parent, (const char *)b->name.data, b->name.len, child);
    else
        failed = json_array_append_new(parent, child);
    return failed ? out_of_memory(b) : LAMBDEST_OK;
}

static int take_bracket(builder *b, unsigned char bracket)
{
    json_t *child;
    int rc;

    if (b->depth == b->max_depth)
        return refuse_value(b, b->scan.text + b->scan.at, LAMBDEST_E_DEPTH, "nested too deeply");
    child = bracket == '{' ? json_object() : json_array();
    rc = attach(b, child);
    if (rc)
        return rc;
    b->open[b->depth++] = child;
    return lambdest__scan_open(&b->scan, bracket);
}

static int take_value(builder *b)
{
    int c = lambdest__scan_peek(&b->scan);
    lambdest__span value, outer;
    json_t *child = NULL;
    int rc;

    if (c == '{' || c == '[')
        return take_bracket(b, (unsigned char)c);
    rc = lambdest__scan_slice(&b->scan, &value, &outer);
    if (!rc)
        rc = make_scalar(b, value, &child);
    return rc ? rc : attach(b, child);
}

static int take_member_name(builder *b, const json_t *object)
{
    lambdest__span name;
    int rc = lambdest__scan_name(&b->scan, &name);

    if (!rc)
        rc = decode_text(b, name, true, &b->name);
    if (!rc && json_object_getn(object, (const char *)b->name.data, b->name.len))
        rc = refuse_value(b, name.data - 1, LAMBDEST_E_SCHEMA, "a member given twice");
    return rc;
}

/* Inside a bracket: the next member or element, or the end. */
static int take_next(builder *b)
{
    const json_t *parent = b->open[b->depth - 1];
    bool more, object = json_is_object(parent);
    int rc = lambdest__scan_more(&b->scan, object ? '{' : '[', &more);

    if (rc)
        return rc;
    if (!more) {
        b->depth--;
        return LAMBDEST_OK;
    }
    if (object)
        rc = take_member_name(b, parent);
    return rc ? rc : take_value(b);
}

static int build_value(const lambdest_envelope *env, const char *text, size_t len, size_t max_depth,
                       const char *where, json_t **out, lambdest_error *err)
{
    builder b;
    int rc;

    lambdest__scan_init(&b.scan, text, len, LAMBDEST__DEPTH_LIMIT);
    lambdest__buffer_init(&b.name, &env->limits.alloc, SIZE_MAX);
    lambdest__buffer_init(&b.text, &env->limits.alloc, SIZE_MAX);
    b.root = NULL;
    b.depth = 0;
    b.max_depth = max_depth;
    rc = take_value(&b);
    while (!rc && b.depth)
        rc = take_next(&b);
    lambdest__buffer_free(&b.name);
    lambdest__buffer_free(&b.text);
    if (rc) {
        json_decref(b.root);
        return lambdest__scan_error(&b.scan, rc == LAMBDEST_E_NOMEM ? "" : where, err);
    }
    *out = b.root;
    return lambdest__ok(err);
}

/* Of a member: those that are made of the envelope's own levels have payloads in them. */
static size_t depth_of(int slot)
{
    bool own = slot == SLOT_METADATA || (slot >= SLOT_KINESIS_BATCH_INFO && slot <= SLOT_KAFKA_BATCH_INFO);

    return own ? WHOLE_DEPTH : DEPTH;
}

static const char *where_is(int member, int slot)
{
    return member == LAMBDEST_CLIENT_CONTEXT ? "invocationRequest.context.clientContext"
                                             : lambdest__slot_where(slot);
}

int lambdest_envelope_value(const lambdest_envelope *env, int member, json_t **out, lambdest_error *err)
{
    int slot = lambdest__slot_of(member);
    const char *json;
    size_t len;

    if (out)
        *out = NULL;
    if (!env || !out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    json = lambdest_envelope_json(env, member, &len);
    if (!json)
        return lambdest__fail(err, LAMBDEST_E_ABSENT, 0, NULL, where_is(member, slot));
    if (member == LAMBDEST_INVOCATION_ERROR)
        slot = lambdest__error_slot(env);
    return build_value(env, json, len, depth_of(slot), where_is(member, slot), out, err);
}

int lambdest_envelope_to_value(const lambdest_envelope *env, int form, uint32_t flags, json_t **out,
                               lambdest_error *err)
{
    char *text;
    size_t len;
    int rc;

    if (out)
        *out = NULL;
    if (!env || !out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = lambdest_envelope_write_alloc(env, form, flags, &text, &len, err);
    if (rc)
        return rc;
    rc = build_value(env, text, len, WHOLE_DEPTH, "$", out, err);
    lambdest_free(text);
    return rc;
}

/* ---- a value into text ---- */

typedef struct open_value {
    json_t *value;
    void *member; /* of an object: the one at hand */
    size_t index; /* of an array */
} open_value;

/* Looking through a value before it is printed: its depth, for jansson prints recursively; its size, for a
 * few arrays that hold one another many times print endlessly; its UTF-8, for what jansson prints of a name
 * that is none is not JSON. */
typedef struct survey {
    open_value open[WHOLE_DEPTH];
    size_t depth;
    size_t max_depth;
    uint64_t size; /* it prints to no less */
    uint64_t max_size;
} survey;

static int meet_text(survey *s, const char *text, size_t len)
{
    size_t bad;

    s->size += len + 2;
    return lambdest__utf8_check((const unsigned char *)text, len, &bad) ? LAMBDEST_OK : LAMBDEST_E_UTF8;
}

static int meet(survey *s, json_t *value)
{
    open_value *open;

    if (json_is_string(value))
        return meet_text(s, json_string_value(value), json_string_length(value));
    s->size++;
    if (!json_is_object(value) && !json_is_array(value))
        return LAMBDEST_OK;
    if (s->depth == s->max_depth)
        return LAMBDEST_E_DEPTH;
    open = &s->open[s->depth++];
    open->value = value;
    open->member = json_object_iter(value);
    open->index = 0;
    return LAMBDEST_OK;
}

static int meet_next(survey *s)
{
    open_value *open = &s->open[s->depth - 1];
    void *member = open->member;
    int rc;

    if (member) {
        open->member = json_object_iter_next(open->value, member);
        rc = meet_text(s, json_object_iter_key(member), json_object_iter_key_len(member));
        return rc ? rc : meet(s, json_object_iter_value(member));
    }
    if (open->index < json_array_size(open->value))
        return meet(s, json_array_get(open->value, open->index++));
    s->depth--;
    return LAMBDEST_OK;
}

static int look_through(const json_t *value, size_t max_depth, uint64_t max_size)
{
    survey s;
    int rc;

    s.depth = 0;
    s.max_depth = max_depth;
    s.size = 0;
    s.max_size = max_size;
    /* jansson's iterators take no const, and change nothing. */
    rc = meet(&s, (json_t *)(uintptr_t)value);
    while (!rc && s.depth)
        rc = s.size > s.max_size ? LAMBDEST_E_TOO_BIG : meet_next(&s);
    return rc;
}

/* The text of a value, in a block of *len bytes. DEPTH, UTF8, TOO_BIG, NOMEM. */
static int print(const json_t *value, const lambdest__limits *limits, size_t max_depth, char **out,
                 size_t *len)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    int rc = look_through(value, max_depth, limits->max_bytes);
    size_t size;
    char *text;

    if (rc)
        return rc;
    size = json_dumpb(value, NULL, 0, flags);
    if (!size)
        return LAMBDEST_E_NOMEM;
    if (size > limits->max_bytes)
        return LAMBDEST_E_TOO_BIG;
    text = lambdest__alloc(&limits->alloc, size);
    if (!text)
        return LAMBDEST_E_NOMEM;
    if (json_dumpb(value, text, size, flags) != size) {
        lambdest__release(&limits->alloc, text, size);
        return LAMBDEST_E_NOMEM;
    }
    *out = text;
    *len = size;
    return LAMBDEST_OK;
}

/* The error of printing, or of reading what was printed: that text is not the caller's, so no offset in it
 * says anything. Its strings were looked through: only a real can have gone wrong, where the locale's decimal
 * point has more than one byte. */
static int settle(int rc, lambdest_error *err)
{
    if (rc == LAMBDEST_E_SYNTAX || rc == LAMBDEST_E_UTF8)
        return lambdest__fail(err, LAMBDEST_E_UNSUPPORTED, 0,
                              "a real that jansson cannot print in this locale", err ? err->where : "");
    if (err)
        err->offset = 0;
    return rc;
}

int lambdest_envelope_set_value(lambdest_envelope *env, int member, const json_t *value, lambdest_error *err)
{
    int rc, slot = lambdest__slot_of(member);
    uint32_t flags;
    char *text;
    size_t len;

    if (!env || !value)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = print(value, &env->limits, depth_of(slot), &text, &len);
    if (rc)
        return lambdest__fail(err, rc, 0, NULL, rc == LAMBDEST_E_NOMEM ? "" : lambdest__slot_where(slot));
    flags = env->limits.flags;
    env->limits.flags &= ~(uint32_t)LAMBDEST_BORROW; /* the text is ours, and gone when this returns */
    rc = settle(lambdest_envelope_set_json(env, member, text, len, err), err);
    env->limits.flags = flags;
    lambdest__release(&env->limits.alloc, text, len);
    return rc;
}

static int parse_copy(const char *text, size_t len, const lambdest_options *options, lambdest_envelope **out,
                      lambdest_error *err)
{
    lambdest_options own;
    uint32_t flags;
    int rc;

    memset(&own, 0, sizeof own);
    if (options)
        (void)lambdest__struct_read(&own, sizeof own, options, options->size, LAMBDEST__FIRST_OPTIONS);
    own.size = sizeof own;
    flags = own.flags;
    own.flags &= ~(uint32_t)LAMBDEST_BORROW;
    rc = settle(lambdest_envelope_parse(text, len, &own, out, err), err);
    if (!rc)
        (*out)->limits.flags = flags;
    return rc;
}

int lambdest_envelope_from_value(const json_t *value, const lambdest_options *options,
                                 lambdest_envelope **out, lambdest_error *err)
{
    lambdest__limits limits;
    char *text;
    size_t len;
    int rc;

    if (out)
        *out = NULL;
    if (!out || !value)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    rc = print(value, &limits, WHOLE_DEPTH, &text, &len);
    if (rc)
        return lambdest__fail(err, rc, 0, NULL, rc == LAMBDEST_E_NOMEM ? "" : "$");
    rc = parse_copy(text, len, options, out, err);
    lambdest__release(&limits.alloc, text, len);
    return rc;
}
