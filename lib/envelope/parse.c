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

static int members_of(const lambdest_envelope *env)
{
    return env->form == LAMBDEST_DOCUMENT ? OF_DOCUMENT : OF_RECORD;
}

static bool saw(const lambdest__walk *w, int level, int slot)
{
    return lambdest__walk_saw(w, level, lambdest__field_of(level, slot));
}

static bool saw_batch_info(const lambdest__walk *w)
{
    return saw(w, LEVEL_TOP, SLOT_KINESIS_BATCH_INFO) || saw(w, LEVEL_TOP, SLOT_DDB_STREAM_BATCH_INFO) ||
           saw(w, LEVEL_TOP, SLOT_KAFKA_BATCH_INFO);
}

/* All forms of the members at the top, and of those that settle the form. */
static int forms_seen(const lambdest__walk *w)
{
    uint32_t seen = lambdest__walk_seen(w, LEVEL_TOP);
    int first, i, forms = 0;

    (void)lambdest__level_fields(LEVEL_TOP, &first);
    for (i = first; seen; i++, seen >>= 1)
        if (seen & 1)
            forms |= lambdest__field_at(i)->form;
    return forms;
}

/* Other events have a requestContext too (API Gateway's): it must look like a record's. */
static bool has_record_context(const lambdest__walk *w)
{
    if (!saw(w, LEVEL_TOP, SLOT_REQUEST_CONTEXT))
        return false;
    return !w->unknown_count || saw(w, LEVEL_REQUEST_CONTEXT, SLOT_FUNCTION_ARN) ||
           saw(w, LEVEL_REQUEST_CONTEXT, SLOT_CONDITION) || saw(w, LEVEL_REQUEST_CONTEXT, SLOT_INVOKE_COUNT);
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
        document = saw(w, LEVEL_TOP, SLOT_INVOCATION_ERROR) || saw(w, LEVEL_TOP, SLOT_FUNCTION_ARN) ||
                   saw(w, LEVEL_TOP, SLOT_FUNCTION_NAME);
    if (!record && !document)
        return lambdest__walk_refuse(w, w->scan.text, "neither a record nor a document", "$");
    if (document && saw(w, LEVEL_TOP, SLOT_REQUEST_CONTEXT))
        return lambdest__walk_refuse(w, w->scan.text, "members of a record and of a document", "$");
    *form = record ? LAMBDEST_RECORD : LAMBDEST_DOCUMENT;
    return LAMBDEST_OK;
}

static int refuse_look_alike(const lambdest__walk *w, lambdest_error *err)
{
    if (saw(w, LEVEL_TOP, SLOT_REQUEST_CONTEXT) || !saw(w, LEVEL_TOP, SLOT_NONE) || !saw_batch_info(w))
        return LAMBDEST_OK;
    return lambdest__fail(err, LAMBDEST_E_UNSUPPORTED, 0, "a dead letter of EventBridge Pipes, not a record",
                          "context");
}

/* ---- slots, with spans still in the text that was given ---- */

static int assign(lambdest_envelope *draft, lambdest__walk *w, int field)
{
    int slot = lambdest__field_at(field)->slot;
    lambdest__span value = w->value[field];
    lambdest__member *m = &draft->members[slot];
    const char *mismatch = lambdest__walk_mismatch(lambdest__field_at(field), *value.data);

    if (mismatch)
        return lambdest__walk_refuse(w, value.data, mismatch, lambdest__field_at(field)->where);
    if (m->state != LAMBDEST_ABSENT)
        return lambdest__walk_refuse(w, value.data, "a member given twice, under two names",
                                     lambdest__field_at(field)->where);
    m->value = value;
    m->raw = w->raw[field];
    m->state = m->parsed_state = *value.data == 'n' ? LAMBDEST_NULL : LAMBDEST_VALUE;
    if (m->state == LAMBDEST_NULL)
        m->parsed_raw = m->raw;
    if (lambdest__slot_type(slot) == TYPE_INTEGER)
        (void)lambdest__number_integer(value, &m->integer); /* it was checked on the walk */
    return LAMBDEST_OK;
}

static int assign_level(lambdest_envelope *draft, lambdest__walk *w, int level)
{
    int of = members_of(draft);
    uint32_t seen = lambdest__walk_seen(w, level);
    int first, i, rc;

    (void)lambdest__level_fields(level, &first);
    for (i = first; seen; i++, seen >>= 1) {
        const lambdest__field *field = lambdest__field_at(i);

        if (!(seen & 1) || !field->slot)
            continue;
        if (level == LEVEL_TOP && !(field->form & of))
            continue;
        rc = assign(draft, w, i);
        if (rc)
            return rc;
    }
    return LAMBDEST_OK;
}

static int assign_all(lambdest_envelope *draft, lambdest__walk *w)
{
    int level, rc = LAMBDEST_OK;

    for (level = LEVEL_TOP; !rc && level <= LEVEL_REST; level++)
        rc = assign_level(draft, w, level);
    if (rc)
        return rc;
    if (draft->form == LAMBDEST_RECORD && lambdest__has(draft, SLOT_INVOCATION_ERROR)) {
        draft->members[SLOT_NAMED_ERROR].state = LAMBDEST_VALUE;
        draft->members[SLOT_NAMED_ERROR].parsed_state = LAMBDEST_VALUE;
    }
    return LAMBDEST_OK;
}

static int refuse_second_batch_info(const lambdest_envelope *draft, lambdest__walk *w)
{
    int slot, first = lambdest__batch_slot(draft);

    for (slot = first + 1; first && slot <= SLOT_KAFKA_BATCH_INFO; slot++)
        if (lambdest__has(draft, slot))
            return lambdest__walk_refuse(w, draft->members[slot].value.data, "a second batch info",
                                         lambdest__slot_where(slot));
    return LAMBDEST_OK;
}

/* ---- the block ---- */

static bool is_text_slot(const lambdest_envelope *draft, int slot)
{
    return lambdest__slot_type(slot) == TYPE_TEXT && lambdest__has_value(draft, slot);
}

static size_t texts_memory(const lambdest_envelope *draft)
{
    size_t size = 0;
    int slot;

    /* A text is shorter than its token; the sum is bounded by twice the text given. */
    for (slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++)
        if (is_text_slot(draft, slot))
            size += lambdest__text_memory(slot, draft->members[slot].value.len - 2);
    return size;
}

static bool add_piece(size_t *sum, size_t size, size_t *place)
{
    *place = *sum;
    if (!lambdest__add_size(&size, 7))
        return false;
    return lambdest__add_size(sum, size & ~(size_t)7);
}

static bool lay_out(const lambdest_envelope *draft, size_t error_memory, block *b)
{
    bool borrow = draft->limits.flags & LAMBDEST_BORROW;
    size_t self, unknown = draft->unknown_count, attributes = draft->attribute_count, batch = 0;
    int slot = lambdest__batch_slot(draft);

    if (slot)
        batch = lambdest__batch_memory(draft->members[slot].value.len, draft->batch.range_count);
    b->size = 0;
    if (!lambdest__multiply_size(&unknown, sizeof(lambdest__named)) ||
        !lambdest__multiply_size(&attributes, sizeof(lambdest__named)))
        return false;
    return add_piece(&b->size, sizeof *draft, &self) && add_piece(&b->size, unknown, &b->unknown) &&
           add_piece(&b->size, attributes, &b->attributes) && add_piece(&b->size, error_memory, &b->error) &&
           add_piece(&b->size, batch, &b->batch) && add_piece(&b->size, texts_memory(draft), &b->texts) &&
           add_piece(&b->size, borrow ? 0 : draft->whole.len, &b->text);
}

static void move_slots(lambdest_envelope *env, const unsigned char *from, const unsigned char *to)
{
    int slot;

    env->whole.data = to;
    env->text = lambdest__moved(env->text, from, to);
    for (slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++) {
        lambdest__member *m = &env->members[slot];

        m->value = lambdest__moved(m->value, from, to);
        m->raw = lambdest__moved(m->raw, from, to);
        m->parsed_raw = lambdest__moved(m->parsed_raw, from, to);
    }
}

static void keep_texts(lambdest_envelope *env, unsigned char *memory)
{
    int slot;

    for (slot = SLOT_NONE + 1; slot < SLOT_COUNT; slot++) {
        lambdest__member *m = &env->members[slot];
        lambdest__span inner;

        if (!is_text_slot(env, slot))
            continue;
        inner = lambdest__string_inner(m->value);
        m->store.data = memory;
        m->store.size = lambdest__text_memory(slot, inner.len);
        memory += m->store.size;
        lambdest__text_keep(env, slot, m->store.data, lambdest__string_decode(inner, m->store.data));
    }
}

static void keep_views(lambdest_envelope *env, lambdest__error_parts *error, unsigned char *memory,
                       const block *b, const unsigned char *from)
{
    int slot = lambdest__batch_slot(env);

    if (lambdest__error_slot(env)) {
        lambdest__error_move(error, from, env->whole.data);
        env->error_store.data = memory + b->error;
        env->error_store.size = error->memory;
        lambdest__error_build(error, env->error_store.data, &env->error);
    }
    if (slot) {
        env->batch_store.data = memory + b->batch;
        env->batch_store.size = b->texts - b->batch;
        lambdest__batch_build(env->members[slot].value, slot, &env->limits, env->batch.range_count,
                              env->batch_store.data, &env->batch);
    }
}

static void begin_walk(const lambdest_envelope *env, lambdest__walk *w, lambdest__named *unknown)
{
    size_t from = (size_t)(env->text.data - env->whole.data);

    lambdest__walk_init(w, (const char *)env->whole.data, from + env->text.len, &env->limits, unknown);
    lambdest__walk_begin_at(w, from);
}

/* Members not known are looked up once more, now that there is room to list them. */
static int list_unknown(lambdest_envelope *env, lambdest__walk *w)
{
    const lambdest__named *twice;
    int rc;

    if (!env->unknown_count)
        return LAMBDEST_OK;
    begin_walk(env, w, env->unknown);
    w->form = members_of(env);
    rc = lambdest__walk_through(w, LEVEL_TOP);
    if (rc)
        return rc;
    twice = lambdest__names_duplicate(env->unknown, env->unknown_count);
    if (!twice)
        return LAMBDEST_OK;
    return lambdest__walk_refuse(w, twice->name.data - 1, "a member given twice",
                                 lambdest__level_where((int)(twice->level & 0xFF)));
}

static lambdest_envelope *settle_in(const lambdest_envelope *draft, const block *b,
                                    lambdest__error_parts *error)
{
    unsigned char *memory = lambdest__alloc(&draft->limits.alloc, b->size);
    lambdest_envelope *env = (lambdest_envelope *)(void *)memory;
    const unsigned char *from = draft->whole.data;

    if (!memory)
        return NULL;
    memcpy(memory, draft, b->unknown); /* the first piece */
    env->block_size = b->size;
    env->unknown = (lambdest__named *)(void *)(memory + b->unknown);
    env->attributes = (lambdest__named *)(void *)(memory + b->attributes);
    if (!(env->limits.flags & LAMBDEST_BORROW)) {
        memcpy(memory + b->text, from, env->whole.len);
        move_slots(env, from, memory + b->text);
    }
    keep_texts(env, memory + b->texts);
    keep_views(env, error, memory, b, from);
    return env;
}

static size_t foreign_count(const lambdest__walk *w, int of)
{
    uint32_t seen = lambdest__walk_seen(w, LEVEL_TOP);
    int first, i;
    size_t n = 0;

    (void)lambdest__level_fields(LEVEL_TOP, &first);
    for (i = first; seen; i++, seen >>= 1)
        n += (seen & 1) && !(lambdest__field_at(i)->form & of);
    return n;
}

/* Everything that can be known before memory is taken. */
static int draw_up(lambdest_envelope *draft, lambdest__walk *w, lambdest__error_parts *error)
{
    int slot, rc = lambdest__walk_through(w, LEVEL_TOP);

    if (!rc)
        rc = decide_form(w, &draft->form);
    if (!rc)
        rc = assign_all(draft, w);
    if (!rc)
        rc = refuse_second_batch_info(draft, w);
    if (rc)
        return rc;
    draft->unknown_count = w->unknown_count + foreign_count(w, members_of(draft));
    draft->batch.range_count = w->range_count;
    memset(error, 0, sizeof *error);
    slot = lambdest__error_slot(draft);
    if (slot)
        lambdest__error_locate(draft->members[slot].value, draft->limits.max_items, error);
    return LAMBDEST_OK;
}

static void init_draft(lambdest_envelope *draft, const lambdest__limits *limits, const char *text, size_t len)
{
    lambdest__blank(draft);
    draft->limits = *limits;
    draft->whole.data = (const unsigned char *)text;
    draft->whole.len = len;
    draft->text = draft->whole;
}

/* What is neither a record nor a document may be a CloudEvent around a record. */
static int draw_up_cloudevent(lambdest_envelope *draft, lambdest__walk *w, lambdest__error_parts *error,
                              lambdest_error *err)
{
    lambdest__limits limits = draft->limits;
    lambdest__span whole = draft->whole, data;
    size_t count;
    int rc = lambdest__cloudevent_read(whole, &limits, NULL, &data, &count, err);

    if (rc)
        return rc;
    init_draft(draft, &limits, (const char *)whole.data, whole.len);
    draft->text = data;
    draft->attribute_count = count;
    begin_walk(draft, w, NULL);
    rc = draw_up(draft, w, error);
    if (!rc && draft->form != LAMBDEST_RECORD)
        rc = lambdest__walk_refuse(w, data.data, "not a record", "data");
    draft->form = LAMBDEST_CLOUDEVENT;
    return rc ? lambdest__walk_error(w, rc, err) : LAMBDEST_OK;
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

static int parse(lambdest_envelope *draft, lambdest_envelope **out, lambdest_error *err)
{
    lambdest__error_parts error;
    lambdest__walk w;
    lambdest_envelope *env;
    block b;
    int rc;

    begin_walk(draft, &w, NULL);
    rc = draw_up(draft, &w, &error);
    if (rc && rc != LAMBDEST_E_SYNTAX && lambdest__cloudevent_is(draft->whole, &draft->limits))
        rc = draw_up_cloudevent(draft, &w, &error, err);
    else if (rc)
        rc = lambdest__walk_error(&w, rc, err);
    if (!rc)
        rc = refuse_look_alike(&w, err);
    if (rc)
        return rc;
    if (!lay_out(draft, error.memory, &b))
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    env = settle_in(draft, &b, &error);
    if (!env)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    rc = list_unknown(env, &w);
    rc = rc ? lambdest__walk_error(&w, rc, err) : list_attributes(env, err);
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
    lambdest_envelope draft;
    lambdest__limits limits;
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
    init_draft(&draft, &limits, text ? text : "", len);
    return parse(&draft, out, err);
}
