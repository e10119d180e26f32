#include "envelope/walk.h"

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/model.h"
#include "json/check.h"
#include "json/check_string.h"
#include "json/number.h"

#include <string.h>

void lambdest__walk_init(lambdest__walk *w, const char *text, size_t len, const lambdest__limits *limits,
                         lambdest__named *unknown)
{
    lambdest__scan_init(&w->scan, text, len, limits->max_depth);
    w->from = 0;
    w->limits = limits;
    memset(w->seen, 0, sizeof w->seen);
    memset(w->plain, 0, sizeof w->plain);
    w->error.json.data = NULL;
    w->unknown = unknown;
    w->unknown_count = 0;
    w->range_count = 0;
    w->depth = 0;
    w->form = 0;
    w->range = NULL;
    w->range_data = NULL;
    w->where = "$";
    w->message = NULL;
}

void lambdest__walk_begin_at(lambdest__walk *w, size_t from)
{
    w->scan.at = w->from = from;
}

static int refuse_member(lambdest__walk *w, size_t at, const char *message, const char *where)
{
    w->scan.at = at;
    w->message = message;
    w->where = where;
    return LAMBDEST_E_SCHEMA;
}

int lambdest__walk_refuse(lambdest__walk *w, const unsigned char *at, const char *message, const char *where)
{
    return refuse_member(w, (size_t)(at - w->scan.text), message, where);
}

static void see(lambdest__walk *w, int field)
{
    w->seen[field / 64] |= UINT64_C(1) << field % 64;
}

static void see_none_of(lambdest__walk *w, int level)
{
    int first, i, count = lambdest__level_fields(level, &first);

    for (i = first; i < first + count; i++)
        w->seen[i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* The object at the cursor is one of the envelope's own. */
static inline void step_into(lambdest__walk *w, int level, int field, size_t raw_from, lambdest__span name)
{
    lambdest__walk_step *step = &w->steps[w->depth++];

    step->raw_from = raw_from;
    step->value_from = w->scan.at;
    step->name = name;
    step->level = level;
    step->field = field;
}

static int enter_level(lambdest__walk *w, int level, int field, size_t raw_from, lambdest__span name)
{
    lambdest__scan_peek(&w->scan);
    step_into(w, level, field, raw_from, name);
    if (level == LEVEL_KAFKA_RANGE)
        see_none_of(w, level);
    return lambdest__scan_open(&w->scan, '{');
}

static void leave(lambdest__walk *w)
{
    const lambdest__walk_step *step = &w->steps[--w->depth];
    const unsigned char *text = w->scan.text;
    size_t value_to = w->scan.at;

    lambdest__scan_peek(&w->scan);
    if (step->field >= 0) {
        w->value[step->field].data = text + step->value_from;
        w->value[step->field].len = value_to - step->value_from;
        w->raw[step->field].data = text + step->raw_from;
        w->raw[step->field].len = w->scan.at - step->raw_from;
    }
    if (step->level != LEVEL_KAFKA_RANGE)
        return;
    w->range_count++;
    if (w->range)
        w->range(w, step->name);
}

static int check_integer(lambdest__walk *w, const lambdest__field *field, lambdest__span value)
{
    int64_t n;

    if (!lambdest__number_integer(value, &n))
        return lambdest__walk_refuse(w, value.data, "not an integer", field->where);
    if (n < 0 || n > lambdest__field_max(field))
        return lambdest__walk_refuse(w, value.data, "an integer out of range", field->where);
    return LAMBDEST_OK;
}

const char *lambdest__walk_mismatch(const lambdest__field *field, int first)
{
    bool number = first == '-' || (first >= '0' && first <= '9');
    bool value = number || first == '"' || first == '{' || first == '[' || first == 't' || first == 'f' ||
                 first == 'n';

    if (!value || (first == 'n' && (field->type == FIELD_TEXT_OR_NULL || field->type == FIELD_LEVEL_OR_NULL)))
        return NULL;
    switch (field->type) {
    case FIELD_NULL:
        return first == 'n' ? NULL : "not null";
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        return first == '"' ? NULL : "not a string";
    case FIELD_INTEGER:
        return number ? NULL : "not an integer";
    case FIELD_OBJECT:
    case FIELD_LEVEL:
    case FIELD_LEVEL_OR_NULL:
        return first == '{' ? NULL : "not an object";
    default:
        return NULL;
    }
}

static int pass_known(lambdest__walk *w, int index)
{
    const lambdest__field *field = lambdest__field_at(index);
    lambdest__span no_name = {NULL, 0};
    size_t raw_from = w->scan.at;
    int first = lambdest__scan_peek(&w->scan);
    const char *mismatch = lambdest__walk_judges_later(field) ? NULL : lambdest__walk_mismatch(field, first);
    int rc;

    w->where = field->where;
    if (mismatch)
        return refuse_member(w, w->scan.at, mismatch, field->where);
    if (first == '{' && (field->type == FIELD_LEVEL || field->type == FIELD_LEVEL_OR_NULL))
        return enter_level(w, field->child, index, raw_from, no_name);
    w->scan.at = raw_from;
    rc = lambdest__scan_slice(&w->scan, &w->value[index], &w->raw[index]);
    if (rc)
        return rc;
    if (field->type != FIELD_JSON && field->type != FIELD_OBJECT)
        w->raw[index] = w->value[index];
    return field->type == FIELD_INTEGER ? check_integer(w, field, w->value[index]) : LAMBDEST_OK;
}

/* What is left of a record must not say again what a record has a member for, or could not have. */
static bool is_no_rest(int level, lambdest__span name)
{
    int field;

    switch (level) {
    case LEVEL_REST:
        field = lambdest__field_find(LEVEL_TOP, name);
        return field >= 0 && (lambdest__field_at(field)->form & (MARKS_DOCUMENT ^ OF_DOCUMENT ^ OF_RECORD));
    case LEVEL_REST_REQUEST_CONTEXT:
        return lambdest__field_find(LEVEL_REQUEST_CONTEXT, name) >= 0;
    case LEVEL_REST_RESPONSE_CONTEXT:
        return lambdest__field_find(LEVEL_RESPONSE_CONTEXT, name) >= 0;
    default:
        return false;
    }
}

static int pass_unknown(lambdest__walk *w, int level, lambdest__span name)
{
    lambdest__span outer, value;
    size_t raw_from = w->scan.at;
    int rc;

    w->where = lambdest__level_where(level);
    if (is_no_rest(level, name))
        return lambdest__walk_refuse(w, name.data - 1, "a member that has another place", w->where);
    /* A range's number shares 32 bits with its level. */
    if (w->unknown_count >= w->limits->max_items || w->range_count >> 24)
        return LAMBDEST_E_TOO_BIG;
    if (level == LEVEL_KAFKA_RANGES) {
        value.data = NULL;
        value.len = 0;
        if (lambdest__scan_peek(&w->scan) != '{')
            return refuse_member(w, w->scan.at, "not an object", w->where);
        rc = enter_level(w, LEVEL_KAFKA_RANGE, -1, raw_from, name);
    } else {
        rc = lambdest__scan_slice(&w->scan, &value, &outer);
    }
    if (rc)
        return rc;
    if (w->unknown) {
        lambdest__named *named = &w->unknown[w->unknown_count];

        named->name = name;
        named->value = value;
        named->level = (uint32_t)level;
        if (level == LEVEL_KAFKA_RANGE)
            named->level |= (uint32_t)w->range_count << 8;
        named->hash = 0;
    }
    w->unknown_count++;
    return LAMBDEST_OK;
}

static bool is_foreign(const lambdest__walk *w, int level, int field)
{
    return level == LEVEL_TOP && w->form && !(lambdest__field_at(field)->form & w->form);
}

/* ---- members in which nothing is out of the ordinary: what follows leaves a member alone that it does not
 * understand, and that one is looked at again above, byte by byte if need be ---- */

static const unsigned char *take_other_name(const unsigned char *p, const unsigned char *end, int level,
                                            int *field)
{
    lambdest__span name = {p, 0};

    p = lambdest__pass_plain(p, end);
    if (p >= end || *p != '"')
        return NULL;
    name.len = (size_t)(p - name.data);
    *field = lambdest__field_find(level, name);
    return *field < 0 ? NULL : p;
}

/* Behind the name and colon of the member at p, or NULL. AWS writes its members in an order of its own, and
 * the table has it: the field after the last one is tried first, if there is one on the level. */
static inline const unsigned char *take_name(const unsigned char *p, const unsigned char *end, int level,
                                             int *field)
{
    int first, next = *field + 1, count = lambdest__level_fields(level, &first);
    bool expected = (unsigned)(next - first) < (unsigned)count;
    const lambdest__field *e = &lambdest__fields[expected ? next : first];
    size_t len = e->name_len;

    if (p >= end || *p++ != '"')
        return NULL;
    if (expected && (size_t)(end - p) > len && p[len] == '"' && lambdest__same_bytes(p, e->name, len)) {
        *field = next;
        p += len;
    } else {
        p = take_other_name(p, end, level, field);
        if (!p)
            return NULL;
    }
    p = lambdest__pass_space(p + 1, end);
    return p < end && *p == ':' ? p + 1 : NULL;
}

/* Not one span copied to the other: a copy of what was written by halves waits for them. */
static inline void put_token(lambdest__walk *w, int field, const unsigned char *from, const unsigned char *to)
{
    w->value[field].data = w->raw[field].data = from;
    w->value[field].len = w->raw[field].len = (size_t)(to - from);
}

static const unsigned char *take_short_text(lambdest__walk *w, int field, const unsigned char *p,
                                            const unsigned char *end)
{
    const unsigned char *from = p;

    if (*p != '"')
        return NULL;
    p = lambdest__pass_plain(p + 1, end);
    if (p >= end || *p != '"')
        return NULL;
    put_token(w, field, from, ++p);
    w->plain[field / 64] |= UINT64_C(1) << field % 64;
    return p;
}

static const unsigned char *take_integer(lambdest__walk *w, int field, const unsigned char *p,
                                         const unsigned char *end)
{
    const unsigned char *from = p;
    int64_t n = 0;

    for (; p < end && p - from < 9 && lambdest__is_digit(*p); p++)
        n = n * 10 + (*p - '0');
    if (p == from || p >= end || (*p != ',' && *p != '}') || (*from == '0' && p - from > 1))
        return NULL;
    if (n > lambdest__field_max(lambdest__field_at(field)))
        return NULL;
    put_token(w, field, from, p);
    return p;
}

/* Whether a member is the invocation error, as far as the text tells up to here. */
static bool is_error(const lambdest__walk *w, int field)
{
    if (field == TOP_INVOCATION_ERROR)
        return true;
    return field == TOP_RESPONSE_PAYLOAD && lambdest__walk_saw(w, RESPONSE_CONTEXT_FUNCTION_ERROR) &&
           *w->value[RESPONSE_CONTEXT_FUNCTION_ERROR].data == '"';
}

/* At `from` behind the colon; the value begins at p. */
static const unsigned char *take_json(lambdest__walk *w, int field, const unsigned char *from,
                                      const unsigned char *p, const unsigned char *end)
{
    const unsigned char *behind = NULL;

    if (is_error(w, field)) {
        w->error.json.data = NULL; /* its texts give way */
        behind = lambdest__error_check(w->scan.text, p, end, w->limits, &w->error_room, &w->error);
    }
    if (!behind)
        behind = lambdest__check(w->scan.text, p, end, w->scan.max_depth);
    if (!behind)
        return NULL;
    w->value[field].data = p;
    w->value[field].len = (size_t)(behind - p);
    w->raw[field].data = from;
    behind = lambdest__pass_space(behind, end);
    w->raw[field].len = (size_t)(behind - from);
    return behind;
}

/* Behind the value of a field, which stands behind the colon at `from`; of an object that has fields behind
 * its bracket, and *level is then its own. */
static const unsigned char *take_in_order(lambdest__walk *w, int index, const unsigned char *from,
                                          const unsigned char *end, int *level)
{
    const lambdest__field *field = lambdest__field_at(index);
    const unsigned char *p = lambdest__pass_space(from, end);
    lambdest__span no_name = {NULL, 0};

    if (p >= end)
        return NULL;
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_TEXT_OR_NULL:
        return take_short_text(w, index, p, end);
    case FIELD_INTEGER:
        return take_integer(w, index, p, end);
    case FIELD_OBJECT:
        return *p == '{' ? take_json(w, index, from, p, end) : NULL;
    case FIELD_JSON:
        return take_json(w, index, from, p, end);
    case FIELD_NULL:
        return NULL;
    default:
        if (*p != '{')
            return NULL;
        w->scan.at = (size_t)(p - w->scan.text);
        step_into(w, field->child, index, (size_t)(from - w->scan.text), no_name);
        *level = field->child;
        return p + 1;
    }
}

/* Passes members while they are ordinary. The cursor is left before a comma or bracket, or behind an opening
 * one. */
static void pass_ordinary(lambdest__walk *w)
{
    const unsigned char *text = w->scan.text, *end = text + w->scan.len;
    const unsigned char *at = text + w->scan.at, *p;
    int level = w->steps[w->depth - 1].level, field = -1;

    for (;;) {
        int was = level;

        p = lambdest__pass_space(at, end);
        if (p < end && *p == '}') {
            field = w->steps[w->depth - 1].field;
            w->scan.at = (size_t)(p + 1 - text);
            w->scan.fresh = false;
            leave(w);
            at = text + w->scan.at;
            if (!w->depth)
                return;
            level = w->steps[w->depth - 1].level;
            continue;
        }
        if (!w->scan.fresh)
            p = p < end && *p == ',' ? lambdest__pass_space(p + 1, end) : end;
        p = take_name(p, end, level, &field);
        if (!p || is_foreign(w, level, field) || lambdest__walk_saw(w, field))
            break;
        p = take_in_order(w, field, p, end, &level);
        if (!p)
            break;
        see(w, field);
        w->where = lambdest__field_at(field)->where;
        at = p;
        w->scan.fresh = level != was;
        if (level != was)
            field = lambdest__level_span[level][0] - 1;
    }
    w->scan.at = (size_t)(at - text);
}

static int pass_member(lambdest__walk *w)
{
    int level = w->steps[w->depth - 1].level;
    lambdest__span name;
    int field, rc;

    w->where = level == LEVEL_TOP ? "$" : lambdest__level_where(level);
    rc = lambdest__scan_name(&w->scan, &name);
    if (rc)
        return rc;
    field = lambdest__field_find(level, name);
    if (field < 0 || is_foreign(w, level, field))
        return pass_unknown(w, level, name);
    if (lambdest__walk_saw(w, field))
        return lambdest__walk_refuse(w, name.data - 1, "a member given twice",
                                     lambdest__field_at(field)->where);
    see(w, field);
    return pass_known(w, field);
}

int lambdest__walk_through(lambdest__walk *w, int level)
{
    lambdest__span no_name = {NULL, 0};
    bool more;
    int rc;

    if (lambdest__scan_peek(&w->scan) != '{')
        return refuse_member(w, w->scan.at, "not an object", w->where);
    rc = enter_level(w, level, -1, 0, no_name);
    while (!rc) {
        pass_ordinary(w);
        if (!w->depth)
            break;
        rc = lambdest__scan_more(&w->scan, '{', &more); /* there is: a closing bracket has been passed */
        if (!rc)
            rc = pass_member(w);
    }
    if (!rc) {
        w->where = "$";
        rc = lambdest__scan_end(&w->scan);
    }
    return rc;
}

int lambdest__walk_error(lambdest__walk *w, int code, lambdest_error *err)
{
    lambdest__scan whole;
    int rc;

    if (code == LAMBDEST_E_TOO_BIG)
        return lambdest__fail(err, code, w->scan.at, "too many members", w->where);
    if (code != LAMBDEST_E_SCHEMA)
        return lambdest__scan_error(&w->scan, w->where, err);
    lambdest__scan_init(&whole, (const char *)w->scan.text, w->scan.len,
                        w->limits->max_depth + LAMBDEST__LEVELS_DEEP);
    whole.at = w->from;
    rc = lambdest__scan_value(&whole);
    if (!rc)
        rc = lambdest__scan_end(&whole);
    if (rc)
        return lambdest__scan_error(&whole, "$", err);
    return lambdest__fail(err, code, w->scan.at, w->message, w->where);
}
