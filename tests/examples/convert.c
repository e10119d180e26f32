/* convert --to FORM|CARRIER [--compact] [--explicit-error] [FILE]: takes any event apart and writes its envelopes in
 * another form, or as an event of a carrier. A bare envelope in its own form and without a flag is written byte for
 * byte. What an event must say and an envelope does not is made up: see `place` below. */
#include "input.h"

typedef struct request {
    const char *path;
    uint32_t flags;
    int to; /* enum lambdest_form or lambdest_carrier */
} request;

static int target_by_name(const char *name)
{
    int to;

    for (to = LAMBDEST_RECORD; to <= LAMBDEST_CLOUDEVENT; to++)
        if (!strcmp(name, lambdest_name(to)))
            return to;
    for (to = LAMBDEST_SQS_EVENT; to <= LAMBDEST_EVENTBRIDGE_ENTRY; to++)
        if (!strcmp(name, lambdest_name(to)))
            return to;
    return 0;
}

static int read_arguments(int argc, char **argv, request *r)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--to") && i + 1 < argc)
            r->to = target_by_name(argv[++i]);
        else if (!strcmp(argv[i], "--compact"))
            r->flags |= LAMBDEST_COMPACT;
        else if (!strcmp(argv[i], "--explicit-error"))
            r->flags |= LAMBDEST_EXPLICIT_ERROR;
        else if ((argv[i][0] != '-' || !argv[i][1]) && i + 1 == argc)
            r->path = argv[i];
        else
            return -1;
    }
    return r->to ? 0 : -1;
}

/* ---- into forms ---- */

/* Several envelopes go a line each. */
static int write_form(const lambdest_items *items, const request *r)
{
    size_t i, len, count = lambdest_items_count(items);
    lambdest_error err;
    char *out;

    for (i = 0; i < count; i++) {
        const lambdest_envelope *env = lambdest_item_envelope(lambdest_items_at(items, i));
        uint32_t flags = r->flags | (count > 1 ? LAMBDEST_COMPACT : 0);

        if (lambdest_envelope_write_alloc(env, r->to, flags, &out, &len, &err)) {
            fprintf(stderr, *err.where ? "convert: %s (%s)\n" : "convert: %s\n", err.message, err.where);
            return 1;
        }
        fwrite(out, 1, len, stdout);
        if (count > 1)
            putchar('\n');
        lambdest_free(out);
    }
    return 0;
}

/* ---- into carriers ---- */

typedef struct place {
    char arn[256];
    char id[80];
} place;

static const char *text_or(const lambdest_envelope *env, int member, const char *otherwise)
{
    const char *text = lambdest_envelope_text(env, member, NULL);

    return text && *text ? text : otherwise;
}

/* A queue, topic or bus beside the function, and the request id as the message's. */
static void make_place(const lambdest_envelope *env, int carrier, size_t index, place *p)
{
    const char *service = carrier == LAMBDEST_SQS_EVENT           ? "sqs"
                          : carrier >= LAMBDEST_EVENTBRIDGE_EVENT ? "events"
                                                                  : "sns";
    const char *name = carrier >= LAMBDEST_EVENTBRIDGE_EVENT ? "event-bus/default" : "destination";

    snprintf(p->arn, sizeof p->arn, "arn:%s:%s:%s:%s:%s", text_or(env, LAMBDEST_FUNCTION_PARTITION, "aws"),
             service, text_or(env, LAMBDEST_FUNCTION_REGION, "us-east-1"),
             text_or(env, LAMBDEST_FUNCTION_ACCOUNT, "000000000000"), name);
    snprintf(p->id, sizeof p->id, "%s", text_or(env, LAMBDEST_REQUEST_ID, ""));
    if (!*p->id || strlen(p->id) == sizeof p->id - 1)
        snprintf(p->id, sizeof p->id, "00000000-0000-4000-8000-%012zx", index);
}

static int make_message(const lambdest_envelope *env, const place *p, uint32_t flags, char **body,
                        lambdest_message *m)
{
    int64_t ms;

    m->id = p->id;
    m->id_len = strlen(p->id);
    m->source = p->arn;
    m->source_len = strlen(p->arn);
    if (!lambdest_envelope_integer(env, LAMBDEST_TIMESTAMP_MS, &ms))
        m->time_ms = ms;
    if (lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, flags, body, &m->body_len, NULL))
        return -1;
    m->body = *body;
    return 0;
}

static void wrap_messages(const request *r, const lambdest_message *messages, size_t count, char **out)
{
    lambdest_error err;
    size_t len;

    if (count != 1 && r->to != LAMBDEST_SQS_EVENT && r->to != LAMBDEST_SNS_EVENT)
        fprintf(stderr, "convert: one %s holds one envelope; an sqs-event or sns-event holds many\n",
                lambdest_name(r->to));
    else if (lambdest_wrap(r->to, messages, count, NULL, out, &len, &err))
        fprintf(stderr, "convert: %s (%s)\n", err.message, err.where);
    else
        fwrite(*out, 1, len, stdout);
}

static int write_carrier(const lambdest_items *items, const request *r)
{
    size_t i, count = lambdest_items_count(items), room = count ? count : 1;
    lambdest_message *messages = calloc(room, sizeof *messages);
    place *places = calloc(room, sizeof *places);
    char **bodies = calloc(room, sizeof *bodies), *out = NULL;
    bool made = messages && places && bodies;

    for (i = 0; made && i < count; i++) {
        const lambdest_envelope *env = lambdest_item_envelope(lambdest_items_at(items, i));

        make_place(env, r->to, i, &places[i]);
        made = !make_message(env, &places[i], r->flags, &bodies[i], &messages[i]);
    }
    if (made)
        wrap_messages(r, messages, count, &out);
    else
        fputs("convert: no memory\n", stderr);
    for (i = 0; bodies && i < count; i++)
        lambdest_free(bodies[i]);
    free(messages);
    free(places);
    free(bodies);
    lambdest_free(out);
    return out ? 0 : 1;
}

static int complain_of(const lambdest_items *items, size_t i, const char *text, size_t len)
{
    const lambdest_item *item = lambdest_items_at(items, i);
    lambdest_error err;

    if (!lambdest_item_error(item, &err))
        return 0;
    if (lambdest_item_text(item, LAMBDEST_ITEM_BODY, NULL) == text)
        complain("convert", text, len, &err);
    else
        fprintf(stderr, "convert: item %zu: %s\n", i, err.message);
    return 1;
}

static int convert(const char *text, size_t len, const request *r)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_items *items;
    lambdest_error err;
    int status = 0;
    size_t i;

    if (lambdest_unwrap(text, len, &options, &items, &err)) {
        complain("convert", text, len, &err);
        return 1;
    }
    for (i = 0; i < lambdest_items_count(items); i++)
        status |= complain_of(items, i, text, len);
    if (!status && r->to <= LAMBDEST_CLOUDEVENT)
        status = write_form(items, r);
    else if (!status)
        status = write_carrier(items, r);
    lambdest_items_free(items);
    return status;
}

int main(int argc, char **argv)
{
    request r = {NULL, 0, 0};
    size_t len;
    char *text;
    int status;

    if (read_arguments(argc, argv, &r)) {
        fputs(
            "usage: convert --to record|document|cloudevent|sqs-event|sns-event|sns-notification|\n"
            "                    eventbridge-event|eventbridge-entry [--compact] [--explicit-error] [FILE]\n",
            stderr);
        return 2;
    }
    text = read_all("convert", r.path, &len);
    if (!text)
        return 2;
    status = convert(text, len, &r);
    free(text);
    return finish("convert", status);
}
