#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "carrier/sending.h"
#include "envelope/timestamp.h"
#include "json/utf8.h"

#include <string.h>

enum {
    AROUND_A_TEXT = 8192 /* more than a carrier adds to its texts */
};

typedef struct carrier_info {
    const char *service; /* of its source */
    bool needs_id;
    bool needs_source;
    bool takes_many;
    bool reads_envelope;
} carrier_info;

static const carrier_info carriers[] = {
    {"sqs", true, true, true, false},      /* LAMBDEST_SQS_EVENT */
    {"sns", true, true, true, false},      /* LAMBDEST_SNS_EVENT */
    {"sns", true, true, false, false},     /* LAMBDEST_SNS_NOTIFICATION */
    {"events", true, true, false, true},   /* LAMBDEST_EVENTBRIDGE_EVENT */
    {"events", false, false, false, true}, /* LAMBDEST_EVENTBRIDGE_ENTRY */
    {"s3", true, false, false, true},      /* LAMBDEST_S3_KEY */
};

/* The messages made ready; what was made for them is freed at the end. */
typedef struct job {
    lambdest__limits limits;
    const carrier_info *info;
    int carrier;
    lambdest__sending *sendings;
    char **written;             /* the records of envelopes */
    lambdest_envelope **parsed; /* the envelopes of bodies */
    size_t count;
    size_t size; /* of the three together */
    lambdest_error *err;
} job;

static int fail_job(job *j, int code, const char *message, const char *where)
{
    return lambdest__fail(j->err, code, 0, message, where);
}

static int check_message_text(job *j, const char *text, size_t len, const char *where, lambdest__span *out)
{
    size_t bad;

    if (!text && len)
        return fail_job(j, LAMBDEST_E_INVAL, NULL, where);
    if (len > j->limits.max_bytes || len > (SIZE_MAX / 16 - AROUND_A_TEXT) / 8)
        return lambdest__fail(j->err, LAMBDEST_E_TOO_BIG, j->limits.max_bytes, NULL, where);
    if (!lambdest__utf8_check((const unsigned char *)text, len, &bad))
        return lambdest__fail(j->err, LAMBDEST_E_UTF8, bad, NULL, where);
    out->data = (const unsigned char *)text;
    out->len = len;
    return LAMBDEST_OK;
}

static int read_source(job *j, const lambdest_message *m, lambdest__sending *s)
{
    lambdest__span arn;
    int rc = check_message_text(j, m->source, m->source_len, "messages.source", &arn);

    if (rc || (!arn.data && !j->info->needs_source))
        return rc;
    if (!arn.data)
        return fail_job(j, LAMBDEST_E_ABSENT, NULL, "messages.source");
    if (!lambdest__resource_read(arn, j->info->service, &s->source))
        return fail_job(j, LAMBDEST_E_INVAL, "no ARN of this service", "messages.source");
    return LAMBDEST_OK;
}

static int read_marks(job *j, const lambdest_message *m, lambdest__sending *s)
{
    int rc = check_message_text(j, m->id, m->id_len, "messages.id", &s->id);

    if (!rc && !s->id.data && j->info->needs_id)
        rc = fail_job(j, LAMBDEST_E_ABSENT, NULL, "messages.id");
    if (!rc && j->carrier != LAMBDEST_S3_KEY)
        rc = read_source(j, m, s);
    if (!rc)
        rc = check_message_text(j, m->mapping, m->mapping_len, "messages.mapping", &s->mapping);
    if (rc)
        return rc;
    if (m->time_ms < LAMBDEST__TIMESTAMP_MIN || m->time_ms > LAMBDEST__TIMESTAMP_MAX)
        return fail_job(j, LAMBDEST_E_INVAL, "not within the years 0 to 9999", "messages.time_ms");
    if (m->reserved || m->reserved_pointer)
        return fail_job(j, LAMBDEST_E_INVAL, "reserved member set", "messages.reserved");
    s->time_ms = m->time_ms;
    return LAMBDEST_OK;
}

static lambdest_options body_options(job *j)
{
    lambdest_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.flags = LAMBDEST_BORROW;
    options.max_depth = j->limits.max_depth;
    options.max_bytes = j->limits.max_bytes;
    options.max_items = j->limits.max_items;
    options.alloc = &j->limits.alloc;
    return options;
}

static int read_message_body(job *j, const lambdest_message *m, size_t i)
{
    lambdest__sending *s = &j->sendings[i];
    lambdest_options options = body_options(j);
    int rc;

    if (!m->body)
        return fail_job(j, m->body_len ? LAMBDEST_E_INVAL : LAMBDEST_E_ABSENT, NULL, "messages.body");
    rc = check_message_text(j, m->body, m->body_len, "messages.body", &s->text);
    if (rc || !j->info->reads_envelope)
        return rc;
    rc = lambdest_envelope_parse(m->body, m->body_len, &options, &j->parsed[i], j->err);
    s->envelope = j->parsed[i];
    return rc;
}

static int read_envelope(job *j, const lambdest_message *m, size_t i)
{
    lambdest__sending *s = &j->sendings[i];
    size_t len;
    int rc;

    if (m->body || m->body_len)
        return fail_job(j, LAMBDEST_E_INVAL, "an envelope and a body", "messages.body");
    rc = lambdest_envelope_write_alloc(m->envelope, LAMBDEST_RECORD, 0, &j->written[i], &len, j->err);
    if (rc)
        return rc;
    s->text.data = (const unsigned char *)j->written[i];
    s->text.len = len;
    s->envelope = m->envelope;
    if (!s->time_ms)
        s->time_ms = lambdest__sending_time(s);
    return LAMBDEST_OK;
}

static int read_messages(job *j, const lambdest_message *messages)
{
    size_t i, sum = AROUND_A_TEXT;

    for (i = 0; i < j->count; i++) {
        lambdest__sending *s = &j->sendings[i];
        int rc = read_marks(j, &messages[i], s);
        size_t room;

        if (!rc)
            rc = messages[i].envelope ? read_envelope(j, &messages[i], i)
                                      : read_message_body(j, &messages[i], i);
        if (rc)
            return rc;
        /* A byte becomes six at most; sources and ids stand there a few times. */
        room = s->text.len + s->id.len + s->mapping.len + s->source.arn.len + AROUND_A_TEXT;
        if (!lambdest__multiply_size(&room, 6) || !lambdest__add_size(&sum, room))
            return fail_job(j, LAMBDEST_E_TOO_BIG, NULL, "messages.body");
    }
    return LAMBDEST_OK;
}

static int write_messages(const job *j, lambdest__emit *e, const char **where)
{
    switch (j->carrier) {
    case LAMBDEST_SQS_EVENT:
        lambdest__sqs_write(j->sendings, j->count, e);
        return LAMBDEST_OK;
    case LAMBDEST_SNS_EVENT:
        lambdest__sns_write(j->sendings, j->count, e);
        return LAMBDEST_OK;
    case LAMBDEST_SNS_NOTIFICATION:
        lambdest__sns_write_notification(j->sendings, e);
        return LAMBDEST_OK;
    case LAMBDEST_EVENTBRIDGE_EVENT:
        lambdest__eventbridge_write(j->sendings, e);
        return LAMBDEST_OK;
    case LAMBDEST_EVENTBRIDGE_ENTRY:
        lambdest__eventbridge_write_entry(j->sendings, e);
        return LAMBDEST_OK;
    default:
        return lambdest__s3_write_key(j->sendings, e, where);
    }
}

static int write_out(job *j, char **out, size_t *len)
{
    const char *where = "";
    lambdest__emit e;
    int rc;

    lambdest__emit_init(&e, NULL, false);
    rc = write_messages(j, &e, &where);
    if (rc)
        return fail_job(j, rc, NULL, where);
    *out = lambdest__text_new(&j->limits.alloc, lambdest__emit_total(&e));
    if (!*out)
        return fail_job(j, LAMBDEST_E_NOMEM, NULL, "");
    lambdest__emit_init(&e, (unsigned char *)*out, false);
    (void)write_messages(j, &e, &where);
    if (len)
        *len = lambdest__emit_total(&e);
    return lambdest__ok(j->err);
}

static int make_job(job *j)
{
    size_t each = sizeof *j->sendings + sizeof(char *) + sizeof(lambdest_envelope *);

    j->size = j->count ? j->count : 1;
    if (!lambdest__multiply_size(&j->size, each))
        return fail_job(j, LAMBDEST_E_NOMEM, NULL, "");
    j->sendings = lambdest__alloc(&j->limits.alloc, j->size);
    if (!j->sendings)
        return fail_job(j, LAMBDEST_E_NOMEM, NULL, "");
    memset(j->sendings, 0, j->size);
    j->written = (char **)(void *)(j->sendings + j->count);
    j->parsed = (lambdest_envelope **)(void *)(j->written + j->count);
    return LAMBDEST_OK;
}

static void clean_up(job *j)
{
    size_t i;

    for (i = 0; i < j->count; i++) {
        lambdest_free(j->written[i]);
        lambdest_envelope_free(j->parsed[i]);
    }
    lambdest__release(&j->limits.alloc, j->sendings, j->size);
}

int lambdest_wrap(int carrier, const lambdest_message *messages, size_t count,
                  const lambdest_options *options, char **out, size_t *len, lambdest_error *err)
{
    job j;
    int rc;

    if (out)
        *out = NULL;
    if (len)
        *len = 0;
    if (!out || (!messages && count))
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "");
    if (carrier < LAMBDEST_SQS_EVENT || carrier > LAMBDEST_S3_KEY)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no such carrier", "carrier");
    j.carrier = carrier;
    j.info = &carriers[carrier - LAMBDEST_SQS_EVENT];
    j.count = count;
    j.err = err;
    if (count != 1 && !j.info->takes_many)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "this carrier holds one message", "count");
    rc = lambdest__options_read(options, &j.limits, err);
    if (!rc)
        rc = make_job(&j);
    if (rc)
        return rc;
    rc = read_messages(&j, messages);
    if (!rc)
        rc = write_out(&j, out, len);
    clean_up(&j);
    return rc;
}
