#include "envelope/cloudevent.h"

#include "base/error.h"
#include "envelope/field.h"
#include "envelope/timestamp.h"
#include "json/string.h"

#include <string.h>

enum {
    RECORD_LEVELS = 16 /* levels around the record's payloads */
};

enum attribute_use {
    OPTIONAL,
    REQUIRED,
    REFUSED
};

/* The context attributes of CloudEvents 1.0.2, and section 3.1 of its JSON format; others are extensions. */
typedef struct attribute_info {
    const char *name;
    enum attribute_use use;
    bool written_anew; /* of a changed envelope */
} attribute_info;

static const attribute_info infos[] = {
    {"specversion", REQUIRED, true}, {"type", REQUIRED, true},
    {"source", REQUIRED, true},      {"id", REQUIRED, true},
    {"subject", OPTIONAL, true},     {"time", OPTIONAL, true},
    {"dataschema", OPTIONAL, false}, {"datacontenttype", OPTIONAL, false},
    {"data_base64", REFUSED, false},
};

enum {
    INFOS = sizeof infos / sizeof infos[0]
};

typedef struct event_reading {
    lambdest__scan scan;
    const lambdest__limits *limits;
    lambdest__named *attributes;
    lambdest__span data;
    size_t count;
    unsigned seen; /* a bit an info */
    lambdest_error *err;
} event_reading;

/* Its index, -1 for an extension. */
static int find_info(lambdest__span name)
{
    int i;

    for (i = 0; i < INFOS; i++)
        if (lambdest__string_equals(name, infos[i].name, strlen(infos[i].name)))
            return i;
    return -1;
}

static int refuse_event(const event_reading *r, const unsigned char *at, const char *message,
                        const char *where)
{
    return lambdest__fail(r->err, LAMBDEST_E_SCHEMA, (uint64_t)(at - r->scan.text), message, where);
}

static int check_attribute(event_reading *r, const lambdest__named *member)
{
    int i = find_info(member->name);
    const unsigned char *at = member->value.data;

    if (i < 0)
        return LAMBDEST_OK;
    if (r->seen >> i & 1)
        return refuse_event(r, member->name.data - 1, "a member given twice", infos[i].name);
    r->seen |= 1u << i;
    if (infos[i].use == REFUSED)
        return refuse_event(r, at, "data that is no JSON is no record", infos[i].name);
    if (infos[i].use == OPTIONAL && *at == 'n')
        return LAMBDEST_OK;
    if (*at != '"')
        return refuse_event(r, at, "not a string", infos[i].name);
    if (infos[i].use == REQUIRED && member->value.len == 2)
        return refuse_event(r, at, "an empty string", infos[i].name);
    if (i == 0 && !lambdest__string_equals(lambdest__string_inner(member->value), "1.0", 3))
        return refuse_event(r, at, "not CloudEvents 1.0", infos[i].name);
    return LAMBDEST_OK;
}

static int pass_data(event_reading *r, const lambdest__named *member, lambdest__span outer)
{
    if (r->data.data)
        return refuse_event(r, member->name.data - 1, "a member given twice", "data");
    if (*member->value.data != '{')
        return refuse_event(r, member->value.data, "not an object", "data");
    r->data = outer;
    return LAMBDEST_OK;
}

static int pass_attribute(event_reading *r)
{
    lambdest__named member;
    lambdest__span outer;

    memset(&member, 0, sizeof member);
    if (lambdest__scan_name(&r->scan, &member.name) || lambdest__scan_slice(&r->scan, &member.value, &outer))
        return lambdest__scan_error(&r->scan, "*", r->err);
    if (lambdest__string_equals(member.name, "data", 4))
        return pass_data(r, &member, outer);
    if (r->count >= r->limits->max_items)
        return lambdest__fail(r->err, LAMBDEST_E_TOO_BIG, r->scan.at, "too many members", "*");
    if (r->attributes)
        r->attributes[r->count] = member;
    r->count++;
    return check_attribute(r, &member);
}

static int check_whole(const event_reading *r)
{
    int i;

    for (i = 0; i < INFOS; i++)
        if (infos[i].use == REQUIRED && !(r->seen >> i & 1))
            return refuse_event(r, r->scan.text, "a CloudEvent without this member", infos[i].name);
    if (!r->data.data)
        return refuse_event(r, r->scan.text, "a CloudEvent without a record", "data");
    return LAMBDEST_OK;
}

int lambdest__cloudevent_read(lambdest__span text, const lambdest__limits *limits,
                              lambdest__named *attributes, lambdest__span *data, size_t *count,
                              lambdest_error *err)
{
    event_reading r;
    bool more = true;
    int rc = LAMBDEST_OK;

    memset(&r, 0, sizeof r);
    r.limits = limits;
    r.attributes = attributes;
    r.err = err;
    lambdest__scan_init(&r.scan, (const char *)text.data, text.len, limits->max_depth + RECORD_LEVELS);
    (void)lambdest__scan_open(&r.scan, '{'); /* it was asked whether there is one */
    while (!rc && more) {
        if (lambdest__scan_more(&r.scan, '{', &more))
            return lambdest__scan_error(&r.scan, "$", err);
        if (more)
            rc = pass_attribute(&r);
    }
    if (!rc && lambdest__scan_end(&r.scan))
        return lambdest__scan_error(&r.scan, "$", err);
    if (!rc)
        rc = check_whole(&r);
    *data = r.data;
    *count = r.count;
    return rc;
}

/* Whether a member at the top shows a record or a document. */
static bool shows_another_form(lambdest__span name)
{
    const int marks = (MARKS_RECORD | MARKS_DOCUMENT) & ~OF_BOTH;
    int field = lambdest__field_find(LEVEL_TOP, name);

    return field == TOP_INVOCATION_ERROR || field == TOP_FUNCTION_NAME || field == TOP_FUNCTION_ARN ||
           (field >= 0 && (lambdest__field_at(field)->form & marks));
}

bool lambdest__cloudevent_is(lambdest__span text, const lambdest__limits *limits)
{
    lambdest__span name, value, outer;
    lambdest__scan s;
    bool more, is = false;

    lambdest__scan_init(&s, (const char *)text.data, text.len, limits->max_depth + RECORD_LEVELS);
    if (lambdest__scan_open(&s, '{'))
        return false;
    while (!lambdest__scan_more(&s, '{', &more) && more) {
        if (lambdest__scan_name(&s, &name))
            break;
        if (shows_another_form(name))
            return false;
        is = is || lambdest__string_equals(name, "specversion", 11);
        if (lambdest__scan_slice(&s, &value, &outer))
            break;
    }
    return is;
}

/* ---- writing ---- */

static const lambdest__named *attribute_named(const lambdest_envelope *env, const char *name)
{
    size_t i;

    for (i = 0; i < env->attribute_count; i++)
        if (lambdest__string_equals(env->attributes[i].name, name, strlen(name)))
            return &env->attributes[i];
    return NULL;
}

static bool has_text(const lambdest_envelope *env, int slot)
{
    return lambdest__has_value(env, slot) && env->members[slot].value.len;
}

const char *lambdest__cloudevent_lacks(const lambdest_envelope *env)
{
    if (!has_text(env, SLOT_REQUEST_ID) && !attribute_named(env, "id"))
        return lambdest__slot_where(SLOT_REQUEST_ID);
    if (!has_text(env, SLOT_FUNCTION_ARN) && !attribute_named(env, "source"))
        return lambdest__slot_where(SLOT_FUNCTION_ARN);
    return NULL;
}

/* The outcome's own word, without asking a room above this one. */
static const char *type_of(const lambdest_envelope *env)
{
    int signs = lambdest__signs(env);

    if (signs & SIGN_FAILURE)
        return "com.amazonaws.lambda.invocation.failure";
    if (signs & SIGN_SUCCESS)
        return "com.amazonaws.lambda.invocation.success";
    return "com.amazonaws.lambda.invocation.indeterminate";
}

/* From a slot, else as it came. */
static void write_required(const lambdest_envelope *env, int slot, const char *name, lambdest__emit *e)
{
    const lambdest__named *came = attribute_named(env, name);

    if (!came || has_text(env, slot)) {
        lambdest__write_slot(env, slot, name, e);
    } else {
        lambdest__emit_name(e, name);
        lambdest__emit_copy(e, came->value);
    }
}

static void write_context(const lambdest_envelope *env, lambdest__emit *e)
{
    const char *type = type_of(env);
    int64_t ms;

    lambdest__emit_name(e, "specversion");
    lambdest__emit_text(e, "1.0", 3);
    lambdest__emit_name(e, "type");
    lambdest__emit_text(e, type, strlen(type));
    write_required(env, SLOT_FUNCTION_ARN, "source", e);
    if (env->arn.name.data) {
        lambdest__emit_name(e, "subject");
        lambdest__emit_text(e, env->arn.name.data, env->arn.name.len);
    } else if (has_text(env, SLOT_FUNCTION_NAME)) {
        lambdest__write_slot(env, SLOT_FUNCTION_NAME, "subject", e);
    }
    write_required(env, SLOT_REQUEST_ID, "id", e);
    if (lambdest__has_value(env, SLOT_TIMESTAMP) &&
        lambdest__timestamp_read(env->members[SLOT_TIMESTAMP].value, &ms))
        lambdest__write_slot(env, SLOT_TIMESTAMP, "time", e);
}

static void write_unknown(const lambdest_envelope *env, lambdest__emit *e)
{
    size_t i;

    if (!attribute_named(env, "datacontenttype")) {
        lambdest__emit_name(e, "datacontenttype");
        lambdest__emit_text(e, "application/json", 16);
    }
    for (i = 0; i < env->attribute_count; i++) {
        const lambdest__named *named = &env->attributes[i];
        int info = find_info(named->name);

        if (info < 0 || !infos[info].written_anew)
            lambdest__write_named(named, e);
    }
}

void lambdest__cloudevent_write(const lambdest_envelope *env, const lambdest__span *record,
                                bool explicit_error, lambdest__emit *e)
{
    lambdest__emit_open(e, '{');
    write_context(env, e);
    write_unknown(env, e);
    lambdest__emit_name(e, "data");
    if (record)
        lambdest__emit_paste(e, *record);
    else
        lambdest__record_write(env, explicit_error, e);
    lambdest__emit_close(e, '}');
}
