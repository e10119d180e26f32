#include "base/alloc.h"
#include "base/error.h"
#include "envelope/cloudevent.h"
#include "envelope/model.h"
#include "envelope/walk.h"
#include "json/number.h"
#include "json/string.h"

#include <string.h>

/* Pieces of the one block that an envelope lives in. */
typedef struct block {
    size_t unknown;
    size_t attributes;
    size_t error;
    size_t batch;
    size_t texts;
    size_t text;
    size_t size;
} block;

/* What is known of an envelope before there is memory for it: spans are still those of the walk. */
typedef struct draft {
    const lambdest__limits *limits;
    lambdest__span whole;
    lambdest__span text;
    int form;
    uint8_t field[SLOT_COUNT];  /* of a slot, counted from 1; 0: absent */
    uint8_t filled[SLOT_COUNT]; /* the slots that are not absent */
    int count;
    size_t unknown_count;
    size_t attribute_count;
    lambdest__walk walk;
} draft;

static int members_of(int form)
{
    return form == LAMBDEST_DOCUMENT ? OF_DOCUMENT : OF_RECORD;
}

static bool saw(const lambdest__walk *w, int field)
{
    return lambdest__walk_saw(w, field);
}

static bool saw_batch_info(const lambdest__walk *w)
{
    return saw(w, TOP_KINESIS_BATCH_INFO) || saw(w, TOP_DDB_STREAM_BATCH_INFO) ||
           saw(w, TOP_KAFKA_BATCH_INFO);
}

/* All forms of the members at the top, and of those that settle the form. */
static int forms_seen(const lambdest__walk *w)
{
    uint32_t seen = lambdest__walk_seen_on_top(w);
    int forms = 0;

    for (; seen; seen &= seen - 1)
        forms |= lambdest__field_at(lambdest__lowest_bit(seen))->form;
    return forms;
}

/* Members at the top that are known, and not in this form. */
static size_t foreign_count(const lambdest__walk *w, int of)
{
    uint32_t seen = lambdest__walk_seen_on_top(w);
    size_t n = 0;

    for (; seen; seen &= seen - 1)
        n += !(lambdest__field_at(lambdest__lowest_bit(seen))->form & of);
    return n;
}

/* Other events have a requestContext too (API Gateway's): it must look like a record's. */
static bool has_record_context(const lambdest__walk *w)
{
    if (!saw(w, TOP_REQUEST_CONTEXT))
        return false;
    return !(w->unknown_count + foreign_count(w, OF_RECORD)) || saw(w, REQUEST_CONTEXT_FUNCTION_ARN) ||
           saw(w, REQUEST_CONTEXT_CONDITION) || saw(w, REQUEST_CONTEXT_INVOKE_COUNT);
}

static int decide_form(lambdest__walk *w, int *form)
{
    const int record_mark = MARKS_RECORD & ~OF_RECORD, document_mark = MARKS_DOCUMENT & ~OF_DOCUMENT;
    int seen = forms_seen(w);
    bool record = (seen & record_mark) || has_record_context(w);
    bool document = seen & document_mark;

    if (record && document)
        return lambdest__walk_refuse(w, w->scan.text, "members of a record and of a document", "$");
    if (!record && !document)
        document = saw(w, TOP_INVOCATION_ERROR) || saw(w, TOP_FUNCTION_ARN) || saw(w, TOP_FUNCTION_NAME);
    if (!record && !document)
        return lambdest__walk_refuse(w, w->scan.text, "neither a record nor a document", "$");
    if (document && saw(w, TOP_REQUEST_CONTEXT))
        return lambdest__walk_refuse(w, w->scan.text, "members of a record and of a document", "$");
    *form = record ? LAMBDEST_RECORD : LAMBDEST_DOCUMENT;
    return LAMBDEST_OK;
}

static int refuse_look_alike(const lambdest__walk *w, lambdest_error *err)
{
    if (saw(w, TOP_REQUEST_CONTEXT) || !saw(w, TOP_CONTEXT) || !saw_batch_info(w))
        return LAMBDEST_OK;
    return lambdest__fail(err, LAMBDEST_E_UNSUPPORTED, 0, "a dead letter of EventBridge Pipes, not a record",
                          "context");
}

/* ---- slots, with spans still in the text that was given ---- */

static bool has(const draft *d, int slot)
{
    return d->field[slot] != 0;
}

static lambdest__span value_of(const draft *d, int slot)
{
    return d->walk.value[d->field[slot] - 1];
}

static bool has_value(const draft *d, int slot)
{
    return has(d, slot) && *value_of(d, slot).data != 'n';
}

static int batch_slot(const draft *d)
{
    int slot;

    for (slot = SLOT_KINESIS_BATCH_INFO; slot <= SLOT_KAFKA_BATCH_INFO; slot++)
        if (has(d, slot))
            return slot;
    return SLOT_NONE;
}

static int error_slot(const draft *d)
{
    if (has(d, SLOT_INVOCATION_ERROR))
        return SLOT_INVOCATION_ERROR;
    if (has_value(d, SLOT_FUNCTION_ERROR) && has(d, SLOT_RESPONSE_PAYLOAD))
        return SLOT_RESPONSE_PAYLOAD;
    return SLOT_NONE;
}

static int assign(draft *d, const lambdest__field *field, int index)
{
    lambdest__walk *w = &d->walk;
    lambdest__span value = w->value[index];
    const char *mismatch =
        lambdest__walk_judges_later(field) ? lambdest__walk_mismatch(field, *value.data) : NULL;

    if (mismatch)
        return lambdest__walk_refuse(w, value.data, mismatch, field->where);
    if (has(d, field->slot))
        return lambdest__walk_refuse(w, value.data, "a member given twice, under two names", field->where);
    d->field[field->slot] = (uint8_t)(index + 1);
    d->filled[d->count++] = field->slot;
    return LAMBDEST_OK;
}

/* Fields of records and documents, but for what is within a batch info, are the first 64. */
static int assign_all(draft *d)
{
    uint64_t seen = d->walk.seen[0] & ((UINT64_C(1) << lambdest__level_span[LEVEL_KINESIS][0]) - 1);
    int of = members_of(d->form), rc = LAMBDEST_OK;

    for (; seen && !rc; seen &= seen - 1) {
        int i = lambdest__lowest_bit(seen);
        const lambdest__field *field = lambdest__field_at(i);

        if (field->slot && (!field->form || (field->form & of)))
            rc = assign(d, field, i);
    }
    return rc;
}

static int refuse_second_batch_info(draft *d)
{
    int slot, first = batch_slot(d);

    for (slot = first + 1; first && slot <= SLOT_KAFKA_BATCH_INFO; slot++)
        if (has(d, slot))
            return lambdest__walk_refuse(&d->walk, value_of(d, slot).data, "a second batch info",
                                         lambdest__slot_where(slot));
    return LAMBDEST_OK;
}

/* ---- the block ---- */

static bool is_text_slot(const draft *d, int slot)
{
    return lambdest__slot_type(slot) == TYPE_TEXT && *value_of(d, slot).data != 'n';
}

static size_t texts_memory(const draft *d)
{
    size_t size = 0;
    int i;

    /* A text is shorter than its token; the sum is bounded by twice the text given. */
    for (i = 0; i < d->count; i++)
        if (is_text_slot(d, d->filled[i]))
            size += lambdest__text_memory(d->filled[i], value_of(d, d->filled[i]).len - 2);
    return size;
}

static bool add_piece(size_t *sum, size_t size, size_t *place)
{
    *place = *sum;
    if (!lambdest__add_size(&size, 7))
        return false;
    return lambdest__add_size(sum, size & ~(size_t)7);
}

static bool lay_out(const draft *d, block *b)
{
    bool borrow = d->limits->flags & LAMBDEST_BORROW;
    size_t self, unknown = d->unknown_count, attributes = d->attribute_count, batch = 0;
    int slot = batch_slot(d);

    if (slot)
        batch = lambdest__batch_memory(value_of(d, slot).len, d->walk.range_count);
    b->size = 0;
    if (!lambdest__multiply_size(&unknown, sizeof(lambdest__named)) ||
        !lambdest__multiply_size(&attributes, sizeof(lambdest__named)))
        return false;
    return add_piece(&b->size, sizeof(lambdest_envelope), &self) &&
           add_piece(&b->size, unknown, &b->unknown) && add_piece(&b->size, attributes, &b->attributes) &&
           add_piece(&b->size, d->walk.error.memory, &b->error) && add_piece(&b->size, batch, &b->batch) &&
           add_piece(&b->size, texts_memory(d), &b->texts) &&
           add_piece(&b->size, borrow ? 0 : d->whole.len, &b->text);
}

/* The text of a slot, decoded; returns the place behind what it takes. */
static unsigned char *keep_text(lambdest_envelope *env, const draft *d, int slot, lambdest__span token,
                                unsigned char *memory)
{
    int field = d->field[slot] - 1;
    lambdest__span inner = lambdest__string_inner(token);
    lambdest__checked text;

    text.text.data = memory;
    text.text.len = inner.len;
    text.plain = false; /* it is written as it came */
    if (d->walk.plain[field / 64] >> field % 64 & 1)
        memcpy(memory, inner.data, inner.len);
    else
        text.text.len = lambdest__string_decode(inner, memory);
    if (slot == SLOT_FUNCTION_ARN)
        (void)lambdest__arn_read(text.text, &text.arn);
    lambdest__text_keep(env, slot, memory, &text);
    return memory + lambdest__text_memory(slot, inner.len);
}

/* Moves what was found into its place; the text now stands at env->whole, and `memory` is for texts. */
static void keep_slots(lambdest_envelope *env, const draft *d, unsigned char *memory)
{
    const unsigned char *from = d->whole.data, *to = env->whole.data;
    int i;

    for (i = 0; i < d->count; i++) {
        int slot = d->filled[i], field = d->field[slot] - 1, type = lambdest__slot_type(slot);
        lambdest__span value = lambdest__moved(d->walk.value[field], from, to);
        lambdest__member *m = &env->members[slot];

        m->raw = lambdest__moved(d->walk.raw[field], from, to);
        m->state = m->parsed_state = *value.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
        if (m->state == LAMBDEST_NULL)
            m->parsed_raw = m->raw;
        if (type == TYPE_INTEGER)
            (void)lambdest__number_integer(value, &m->integer); /* it was checked on the walk */
        else if (type == TYPE_TEXT && m->state == LAMBDEST_VALUE)
            memory = keep_text(env, d, slot, value, memory);
        else
            m->value = value;
    }
    if (env->form == LAMBDEST_RECORD && has(d, SLOT_INVOCATION_ERROR))
        env->members[SLOT_NAMED_ERROR].state = env->members[SLOT_NAMED_ERROR].parsed_state = LAMBDEST_VALUE;
}

static void keep_views(lambdest_envelope *env, draft *d, unsigned char *memory, const block *b)
{
    int slot = lambdest__batch_slot(env);

    if (d->walk.error.json.data) {
        lambdest__error_move(&d->walk.error, d->whole.data, env->whole.data);
        lambdest__error_build(&d->walk.error, memory + b->error, &env->error);
    }
    if (slot)
        lambdest__batch_build(env->members[slot].value, slot, &env->limits, d->walk.range_count,
                              memory + b->batch, &env->batch);
}

static void begin_walk(lambdest__walk *w, const lambdest__limits *limits, lambdest__span whole,
                       lambdest__span text, lambdest__named *unknown)
{
    size_t from = (size_t)(text.data - whole.data);

    lambdest__walk_init(w, (const char *)whole.data, from + text.len, limits, unknown);
    lambdest__walk_begin_at(w, from);
}

/* Members not known are looked up once more, now that there is room to list them. */
static int list_unknown(lambdest_envelope *env, lambdest__walk *w)
{
    const lambdest__named *twice;
    int rc;

    if (!env->unknown_count)
        return LAMBDEST_OK;
    begin_walk(w, &env->limits, env->whole, env->text, env->unknown);
    w->form = members_of(env->form);
    rc = lambdest__walk_through(w, LEVEL_TOP);
    if (rc)
        return rc;
    twice = lambdest__names_duplicate(env->unknown, env->unknown_count);
    if (!twice)
        return LAMBDEST_OK;
    return lambdest__walk_refuse(w, twice->name.data - 1, "a member given twice",
                                 lambdest__level_where((int)(twice->level & 0xFF)));
}

static lambdest_envelope *settle_in(draft *d, const block *b)
{
    unsigned char *memory = lambdest__alloc(&d->limits->alloc, b->size);
    lambdest_envelope *env = (lambdest_envelope *)(void *)memory;

    if (!memory)
        return NULL;
    lambdest__blank(env);
    env->limits = *d->limits;
    env->block_size = b->size;
    env->form = d->form;
    env->whole = d->whole;
    env->unknown = (lambdest__named *)(void *)(memory + b->unknown);
    env->unknown_count = d->unknown_count;
    env->attributes = (lambdest__named *)(void *)(memory + b->attributes);
    env->attribute_count = d->attribute_count;
    if (!(env->limits.flags & LAMBDEST_BORROW)) {
        memcpy(memory + b->text, d->whole.data, d->whole.len);
        env->whole.data = memory + b->text;
    }
    env->text = lambdest__moved(d->text, d->whole.data, env->whole.data);
    keep_slots(env, d, memory + b->texts);
    keep_views(env, d, memory, b);
    return env;
}

/* The walk may have found the parts of an invocation error that is none, or of another than the one that
 * counts. */
static void find_error(draft *d)
{
    lambdest__error_parts *parts = &d->walk.error;
    int slot = error_slot(d);

    if (slot && parts->json.data == value_of(d, slot).data)
        return;
    memset(parts, 0, sizeof *parts);
    if (slot)
        lambdest__error_locate(value_of(d, slot), d->limits->max_items, parts);
}

static void begin_draft(draft *d, const lambdest__limits *limits, lambdest__span whole, lambdest__span text)
{
    d->limits = limits;
    d->whole = whole;
    d->text = text;
    d->form = 0;
    memset(d->field, 0, sizeof d->field);
    d->count = 0;
    d->attribute_count = 0;
    begin_walk(&d->walk, limits, whole, text, NULL);
}

/* Everything that can be known before memory is taken. */
static int draw_up(draft *d)
{
    lambdest__walk *w = &d->walk;
    int rc = lambdest__walk_through(w, LEVEL_TOP);

    if (!rc)
        rc = decide_form(w, &d->form);
    if (!rc)
        rc = assign_all(d);
    if (!rc)
        rc = refuse_second_batch_info(d);
    if (rc)
        return rc;
    d->unknown_count = w->unknown_count + foreign_count(w, members_of(d->form));
    find_error(d);
    return LAMBDEST_OK;
}

/* What is neither a record nor a document may be a CloudEvent around a record. */
static int draw_up_cloudevent(draft *d, lambdest_error *err)
{
    lambdest__span data;
    size_t count;
    int rc = lambdest__cloudevent_read(d->whole, d->limits, NULL, &data, &count, err);

    if (rc)
        return rc;
    begin_draft(d, d->limits, d->whole, data);
    d->attribute_count = count;
    rc = draw_up(d);
    if (!rc && d->form != LAMBDEST_RECORD)
        rc = lambdest__walk_refuse(&d->walk, data.data, "not a record", "data");
    d->form = LAMBDEST_CLOUDEVENT;
    return rc ? lambdest__walk_error(&d->walk, rc, err) : LAMBDEST_OK;
}

static int list_attributes(lambdest_envelope *env, lambdest_error *err)
{
    const lambdest__named *twice;
    lambdest__span data;
    size_t count;

    if (!env->attribute_count)
        return LAMBDEST_OK;
    (void)lambdest__cloudevent_read(env->whole, &env->limits, env->attributes, &data, &count, NULL);
    twice = lambdest__names_duplicate(env->attributes, env->attribute_count);
    if (!twice)
        return LAMBDEST_OK;
    return lambdest__fail(err, LAMBDEST_E_SCHEMA, (uint64_t)(twice->name.data - 1 - env->whole.data),
                          "a member given twice", "*");
}

static int parse(draft *d, lambdest_envelope **out, lambdest_error *err)
{
    lambdest_envelope *env;
    block b;
    int rc = draw_up(d);

    if (rc && rc != LAMBDEST_E_SYNTAX && lambdest__cloudevent_is(d->whole, d->limits))
        rc = draw_up_cloudevent(d, err);
    else if (rc)
        rc = lambdest__walk_error(&d->walk, rc, err);
    if (!rc)
        rc = refuse_look_alike(&d->walk, err);
    if (rc)
        return rc;
    env = lay_out(d, &b) ? settle_in(d, &b) : NULL;
    if (!env)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    rc = list_unknown(env, &d->walk);
    rc = rc ? lambdest__walk_error(&d->walk, rc, err) : list_attributes(env, err);
    if (rc) {
        lambdest_envelope_free(env);
        return rc;
    }
    *out = env;
    return lambdest__ok(err);
}

int lambdest_envelope_parse(const char *text, size_t len, const lambdest_options *options,
                            lambdest_envelope **out, lambdest_error *err)
{
    lambdest__span whole = {(const unsigned char *)(text ? text : ""), len};
    lambdest__limits limits;
    draft d;
    int rc;

    if (out)
        *out = NULL;
    if (!out || (!text && len))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    if (len > limits.max_bytes)
        return lambdest__fail(err, LAMBDEST_E_TOO_BIG, limits.max_bytes, "more bytes than max_bytes", "$");
    begin_draft(&d, &limits, whole, whole);
    return parse(&d, out, err);
}
