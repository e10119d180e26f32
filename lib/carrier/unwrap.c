#include "base/alloc.h"
#include "base/error.h"
#include "carrier/parcel.h"
#include "json/string.h"

#include <string.h>

enum {
    CARRIER_LEVELS = 64, /* levels that carriers may put around an envelope's payload, beyond max_depth */
    FIRST_PARCELS = 4
};

/* A stack of what is still to be opened, the next on top: items then come out in the event's order. */
typedef struct work {
    lambdest_items *items;
    lambdest__parcel *parcels;
    size_t count;
    size_t cap;
    lambdest_error *err;
} work;

/* The text that is being looked into. */
typedef struct opening {
    work *w;
    const lambdest__parcel *from;
    bool is_full; /* there is more than max_items; what follows may still show that this is no carrier */
} opening;

static int no_memory(work *w)
{
    return lambdest__fail(w->err, LAMBDEST_E_NOMEM, 0, NULL, "");
}

/* ---- what becomes an item ---- */

static lambdest_item *add_item(work *w, const lambdest__parcel *p)
{
    lambdest_item *item = lambdest__items_add(w->items, p->text);

    if (!item)
        return NULL;
    item->path = p->path;
    item->sender = p->sender;
    return item;
}

static int add_broken(work *w, const lambdest__parcel *p, int code, size_t offset, const char *message,
                      const char *where)
{
    lambdest_item *item = add_item(w, p);

    if (!item)
        return no_memory(w);
    (void)lambdest__fail(&item->error, code, offset, message, where);
    return LAMBDEST_OK;
}

static int add_look_alike(work *w, const lambdest__parcel *p)
{
    lambdest_item *item = add_item(w, p);

    if (!item)
        return no_memory(w);
    if (p->is_dead_letter) {
        item->kind = LAMBDEST_ITEM_DEAD_LETTER;
        item->letter = p->letter;
        (void)lambdest__fail(&item->error, LAMBDEST_E_UNSUPPORTED, 0,
                             "a dead-letter message: the event, and no record", "$");
    } else {
        item->kind = LAMBDEST_ITEM_S3_NOTIFICATION;
        (void)lambdest__fail(&item->error, LAMBDEST_E_UNSUPPORTED, 0,
                             "a notification that names an S3 object and does not carry it", "$");
    }
    return LAMBDEST_OK;
}

static lambdest_options envelope_options(const lambdest_items *items)
{
    lambdest_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.flags = LAMBDEST_BORROW;
    options.max_depth = items->limits.max_depth;
    options.max_nesting = items->limits.max_nesting;
    options.max_bytes = items->limits.max_bytes;
    options.max_items = items->limits.max_items;
    options.alloc = &items->limits.alloc;
    return options;
}

/* No carrier: an envelope, or a bad item. The text as it was given fails the whole if it is no JSON. */
static int judge(work *w, const lambdest__parcel *p)
{
    lambdest_options options = envelope_options(w->items);
    lambdest_envelope *env;
    lambdest_error error;
    lambdest_item *item;
    int rc = lambdest_envelope_parse((const char *)p->text.data, p->text.len, &options, &env, &error);

    if (rc == LAMBDEST_E_NOMEM)
        return no_memory(w);
    if (!p->level && (rc == LAMBDEST_E_SYNTAX || rc == LAMBDEST_E_UTF8 || rc == LAMBDEST_E_DEPTH))
        return lambdest__fail(w->err, rc, error.offset, error.message, error.where);
    item = add_item(w, p);
    if (!item) {
        lambdest_envelope_free(env);
        return no_memory(w);
    }
    item->envelope = env;
    if (!rc)
        item->kind = LAMBDEST_ITEM_ENVELOPE;
    else if (rc == LAMBDEST_E_UNSUPPORTED)
        item->kind = LAMBDEST_ITEM_PIPES;
    if (rc)
        item->error = error;
    return LAMBDEST_OK;
}

/* ---- what is still to be opened ---- */

static bool is_full(const work *w)
{
    return w->items->count + w->count >= w->items->limits.max_items;
}

static int too_many(const work *w)
{
    return lambdest__fail(w->err, LAMBDEST_E_TOO_BIG, 0, "more items than max_items", "$");
}

/* There is room: the caller looked for it, or has just taken one from the top. */
static int push_parcel(work *w, const lambdest__parcel *p)
{
    lambdest__parcel *parcels;

    if (w->count == w->cap) {
        parcels =
            lambdest__grow(&w->items->limits.alloc, w->parcels, &w->cap, FIRST_PARCELS, sizeof *parcels);
        if (!parcels)
            return no_memory(w);
        w->parcels = parcels;
    }
    w->parcels[w->count++] = *p;
    return LAMBDEST_OK;
}

/* A parcel for something in the text of another. */
static lambdest__parcel parcel_in(const lambdest__parcel *from, lambdest__span text)
{
    lambdest__parcel p;

    memset(&p, 0, sizeof p);
    p.text = text;
    p.path = from->path;
    p.sender = from->sender;
    p.base = from->base;
    p.carrier = CARRIER_KINDS;
    p.level = from->level + 1;
    return p;
}

static void turn_round(lambdest__parcel *parcels, size_t count)
{
    size_t i;

    for (i = 0; i < count / 2; i++) {
        lambdest__parcel keep = parcels[i];

        parcels[i] = parcels[count - 1 - i];
        parcels[count - 1 - i] = keep;
    }
}

/* ---- looking into a text ---- */

static void take_event_record(const lambdest__traits *t, enum lambdest__trait list, lambdest__parcel *p)
{
    bool taken = lambdest__sqs_take(t, p);

    if (!taken && list == TRAIT_RECORDS)
        taken = lambdest__sns_take(t, p) || lambdest__s3_take(t, p);
    if (!taken)
        lambdest__parcel_break(p, t->text, t->text.data, "a record of a source not known here",
                               "eventSource");
    else if (t->twice)
        lambdest__parcel_break(p, t->text, t->twice, "a member given twice", t->twice_where);
}

static int push_element(lambdest__scan *s, enum lambdest__trait list, opening *o)
{
    lambdest__span text = {NULL, 0}, outer;
    lambdest__parcel p = parcel_in(o->from, text);
    lambdest__traits t;
    int rc;

    if (lambdest__scan_peek(s) == '{') {
        rc = lambdest__traits_read(s, NULL, NULL, &t);
        if (rc)
            return rc;
        take_event_record(&t, list, &p);
    } else {
        rc = lambdest__scan_slice(s, &text, &outer);
        if (rc)
            return rc;
        lambdest__parcel_break(&p, text, text.data, "not an object",
                               list == TRAIT_RECORDS ? "Records" : "Messages");
    }
    o->is_full = o->is_full || is_full(o->w);
    return o->is_full ? LAMBDEST_OK : push_parcel(o->w, &p);
}

/* The elements of a list that a carrier names. */
static int push_elements(lambdest__scan *s, enum lambdest__trait list, void *data)
{
    int rc = lambdest__scan_open(s, '[');
    bool more = true;

    while (!rc && more) {
        rc = lambdest__scan_more(s, '[', &more);
        if (!rc && more)
            rc = push_element(s, list, data);
    }
    return rc;
}

/* A list's name with something else as its value: no carrier, but it may be an envelope that has such a
 * member. */
static int judge_list(work *w, const lambdest__parcel *p, const lambdest__traits *t)
{
    enum lambdest__trait list = lambdest__trait_has(t, TRAIT_RECORDS) ? TRAIT_RECORDS : TRAIT_MESSAGES;
    int rc = judge(w, p);
    lambdest_item *item;

    if (rc)
        return rc;
    item = &w->items->items[w->items->count - 1];
    if (item->kind == LAMBDEST_ITEM_BROKEN)
        (void)lambdest__fail(&item->error, LAMBDEST_E_SCHEMA, (size_t)(t->value[list].data - p->text.data),
                             "not an array", list == TRAIT_RECORDS ? "Records" : "Messages");
    return LAMBDEST_OK;
}

/* An object that is one message of a carrier, or names a list of them. */
static int push_object(work *w, const lambdest__parcel *p, const lambdest__traits *t, bool *is_carrier)
{
    lambdest__parcel one = parcel_in(p, p->text);
    bool list = lambdest__trait_has(t, TRAIT_RECORDS) || lambdest__trait_has(t, TRAIT_MESSAGES);

    *is_carrier = true;
    if (list && !t->twice) {
        lambdest__span value =
            t->value[lambdest__trait_has(t, TRAIT_RECORDS) ? TRAIT_RECORDS : TRAIT_MESSAGES];

        return *value.data == '[' ? LAMBDEST_OK : judge_list(w, p, t);
    }
    *is_carrier = list || lambdest__eventbridge_take(t, &one) || lambdest__sns_take(t, &one) ||
                  lambdest__sqs_take(t, &one) || lambdest__s3_take(t, &one);
    if (!*is_carrier)
        return LAMBDEST_OK;
    if (t->twice)
        return add_broken(w, p, LAMBDEST_E_SCHEMA, (size_t)(t->twice - p->text.data), "a member given twice",
                          t->twice_where);
    return push_parcel(w, &one);
}

/* All that the text holds has been pushed, or as much as is let in: the first goes on top. */
static int close_list(work *w, const lambdest__parcel *p, size_t mark, bool full)
{
    if (p->level && w->count == mark)
        return add_broken(w, p, LAMBDEST_E_SCHEMA, 0, "an event without records", "Records");
    if (p->level >= w->items->limits.max_nesting) {
        w->count = mark;
        return add_broken(w, p, LAMBDEST_E_DEPTH, 0, "more carriers in each other than max_nesting", "$");
    }
    if (full)
        return too_many(w);
    turn_round(w->parcels + mark, w->count - mark);
    return LAMBDEST_OK;
}

static int open_object(work *w, const lambdest__parcel *p, lambdest__scan *s)
{
    size_t items = w->items->count, mark = w->count;
    opening o = {w, p, false};
    lambdest__traits t;
    bool is_carrier = false;
    int rc = lambdest__traits_read(s, push_elements, &o, &t);

    if (rc == LAMBDEST_E_NOMEM)
        return rc;
    if (!rc && !t.no_carrier)
        rc = lambdest__scan_end(s);
    if (rc || t.no_carrier || t.twice)
        w->count = mark;
    if (rc || t.no_carrier)
        return judge(w, p);
    rc = push_object(w, p, &t, &is_carrier);
    if (rc || !is_carrier)
        return rc ? rc : judge(w, p);
    return w->items->count > items ? LAMBDEST_OK : close_list(w, p, mark, o.is_full);
}

/* An array of events, messages or envelopes; of anything else it is none. */
static int open_array(work *w, const lambdest__parcel *p, lambdest__scan *s)
{
    size_t mark = w->count;
    int rc = lambdest__scan_open(s, '[');
    lambdest__span value = {NULL, 0}, outer;
    bool more = lambdest__scan_peek(s) == '{', full = false;

    if (!more)
        return judge(w, p);
    while (!rc && more) {
        rc = lambdest__scan_more(s, '[', &more);
        if (!rc && more)
            rc = lambdest__scan_slice(s, &value, &outer);
        if (!rc && more) {
            lambdest__parcel element = parcel_in(p, value);

            full = full || is_full(w);
            rc = full ? LAMBDEST_OK : push_parcel(w, &element);
        }
    }
    if (rc == LAMBDEST_E_NOMEM)
        return rc;
    if (!rc)
        rc = lambdest__scan_end(s);
    if (rc) {
        w->count = mark;
        return judge(w, p);
    }
    return close_list(w, p, mark, full);
}

/* What the inner text, in a JSON string with its quotes, begins with behind white space. */
static unsigned char first_inside(lambdest__span string)
{
    const unsigned char *p = string.data + 1;

    for (;;)
        if (*p == ' ')
            p++;
        else if (*p == '\\' && (p[1] == 'n' || p[1] == 'r' || p[1] == 't'))
            p += 2;
        else
            return *p;
}

/* A text encoded once too often: a JSON string around an object or array. */
static int open_string(work *w, const lambdest__parcel *p, lambdest__scan *s)
{
    size_t mark = w->count;
    lambdest__span value, outer;
    lambdest__parcel inner;
    int rc = lambdest__scan_slice(s, &value, &outer);

    if (rc || lambdest__scan_end(s) || (first_inside(value) != '{' && first_inside(value) != '['))
        return judge(w, p);
    inner = parcel_in(p, lambdest__string_inner(value));
    inner.is_string = true;
    rc = push_parcel(w, &inner);
    return rc ? rc : close_list(w, p, mark, false);
}

static int look_into(work *w, const lambdest__parcel *p)
{
    lambdest__scan s;

    lambdest__scan_init(&s, (const char *)p->text.data, p->text.len,
                        w->items->limits.max_depth + CARRIER_LEVELS);
    switch (lambdest__scan_peek(&s)) {
    case '{':
        return open_object(w, p, &s);
    case '[':
        return open_array(w, p, &s);
    case '"':
        return open_string(w, p, &s);
    default:
        return judge(w, p);
    }
}

/* ---- taking texts out ---- */

/* A short text of a carrier, decoded; false: no memory. */
static bool keep_item_text(work *w, lambdest__span *text)
{
    unsigned char *memory;

    if (!text->data)
        return true;
    memory = lambdest__items_memory(w->items, text->len + 1);
    if (!memory)
        return false;
    text->len = lambdest__string_decode(*text, memory);
    text->data = memory;
    memory[text->len] = '\0';
    return true;
}

static bool keep_sender(work *w, lambdest__parcel *p)
{
    lambdest__sender *sender;

    p->path = lambdest__path_on(w->items, p->path, p->carrier);
    if (!p->path)
        return false;
    if (p->sender)
        return true;
    sender = lambdest__items_memory(w->items, sizeof *sender);
    if (!sender || !keep_item_text(w, &p->id) || !keep_item_text(w, &p->source))
        return false;
    sender->id = p->id;
    sender->source = p->source;
    sender->by_sqs = p->carrier == BY_SQS;
    sender->failed = false;
    p->sender = sender;
    return true;
}

/* Texts get shorter when they are decoded: in memory of our own it is done in place. */
static bool unpack(work *w, lambdest__parcel *p)
{
    size_t lone, len = p->text.len;
    unsigned char *to;

    if (!p->base)
        to = p->base = lambdest__items_memory(w->items, len + 1);
    else
        to = p->base + (p->text.data - p->base);
    if (!to)
        return false;
    p->text.len = lambdest__string_unpack(p->text, to, &lone);
    p->text.data = to;
    if (lone == SIZE_MAX)
        return true;
    p->code = LAMBDEST_E_UTF8;
    p->message = "a lone surrogate in a carrier's string";
    p->where = "$";
    p->offset = lone;
    return true;
}

static bool keep_letter(work *w, lambdest__dead_letter *letter)
{
    return keep_item_text(w, &letter->request_id) && keep_item_text(w, &letter->error_code) &&
           keep_item_text(w, &letter->error_message);
}

static int open_parcel(work *w, lambdest__parcel *p)
{
    if (p->carrier != CARRIER_KINDS && !keep_sender(w, p))
        return no_memory(w);
    if (p->is_dead_letter && !keep_letter(w, &p->letter))
        return no_memory(w);
    if (p->is_string && !unpack(w, p))
        return no_memory(w);
    if (p->code)
        return add_broken(w, p, p->code, p->offset, p->message, p->where);
    if (p->is_dead_letter || p->is_notification)
        return add_look_alike(w, p);
    return look_into(w, p);
}

static int open_all(work *w)
{
    int rc = LAMBDEST_OK;

    while (!rc && w->count) {
        lambdest__parcel p = w->parcels[--w->count];

        rc = open_parcel(w, &p);
    }
    lambdest__release(&w->items->limits.alloc, w->parcels, w->cap * sizeof *w->parcels);
    return rc;
}

/* The items, with no one in them yet, and with the text, copied behind them unless it is borrowed. */
static lambdest_items *new_items(const lambdest__limits *limits, const char *text, size_t len,
                                 lambdest__parcel *whole)
{
    bool borrow = limits->flags & LAMBDEST_BORROW;
    size_t size = sizeof(lambdest_items);
    lambdest_items *items;

    if (!lambdest__add_size(&size, borrow ? 0 : len))
        return NULL;
    items = lambdest__alloc(&limits->alloc, size);
    if (!items)
        return NULL;
    memset(items, 0, sizeof *items);
    items->limits = *limits;
    items->size = size;
    items->bare.text = "";
    memset(whole, 0, sizeof *whole);
    whole->path = &items->bare;
    whole->carrier = CARRIER_KINDS;
    whole->text.data = (const unsigned char *)text;
    whole->text.len = len;
    if (borrow)
        return items;
    whole->base = (unsigned char *)(items + 1);
    memcpy(whole->base, text, len);
    whole->text.data = whole->base;
    return items;
}

int lambdest_unwrap(const char *text, size_t len, const lambdest_options *options, lambdest_items **out,
                    lambdest_error *err)
{
    work w = {NULL, NULL, 0, 0, err};
    lambdest__limits limits;
    lambdest__parcel whole;
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
    w.items = new_items(&limits, text ? text : "", len, &whole);
    if (!w.items)
        return no_memory(&w);
    rc = push_parcel(&w, &whole);
    if (!rc)
        rc = open_all(&w);
    if (rc) {
        lambdest_items_free(w.items);
        return rc;
    }
    *out = w.items;
    return lambdest__ok(err);
}
