/* Eight threads, each with objects of its own, and eight that read the same objects through every function that
 * takes them const: each must see what one thread alone sees. Made for VARIANT=tsan. */
#define _POSIX_C_SOURCE 200809L

#include "delivery.h"
#include "directory.h"

#include <lambdest/jansson.h>
#include <pthread.h>

enum {
    THREADS = 8,
    MOST_FILES = 64,
    ROUNDS = 3
};

#define DIR_NAME "tests/records"

typedef struct text {
    char *data;
    size_t len;
} text;

static text texts[MOST_FILES];
static size_t text_count;

/* Threads record; the main one asserts. */
typedef struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    const struct shared *shared; /* NULL: objects of its own */
    directory dir;
    int devnull;
    uint64_t seen[ROUNDS];
} worker;

typedef struct shared {
    lambdest_envelope *env[MOST_FILES];
    lambdest_items *items[MOST_FILES];
    lambdest_router *router;
    lambdest_memory *memory;
    lambdest_spool *spool;
    lambdest_plan *plan;
} shared;

/* ---- what was seen, as a number ---- */

static void mix(uint64_t *hash, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t i;

    for (i = 0; i < len; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(0x100000001B3);
    *hash = (*hash ^ len) * UINT64_C(0x100000001B3);
}

static void mix_int(uint64_t *hash, int64_t value)
{
    mix(hash, &value, sizeof value);
}

static void mix_text(uint64_t *hash, const char *data, size_t len)
{
    mix_int(hash, data != NULL);
    if (data)
        mix(hash, data, len);
}

static void mix_error(uint64_t *hash, const lambdest_error *err)
{
    mix_int(hash, err->code);
    mix_int(hash, (int64_t)err->offset);
    mix_text(hash, err->message, strlen(err->message));
    mix_text(hash, err->where, strlen(err->where));
}

static void mix_long(uint64_t *hash, int rc, char *data, size_t len)
{
    mix_int(hash, rc);
    mix_text(hash, data, len);
    lambdest_free(data);
}

static void mix_value(uint64_t *hash, int rc, json_t *value)
{
    char *printed = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    mix_int(hash, rc);
    mix_text(hash, printed, printed ? strlen(printed) : 0);
    free(printed);
    json_decref(value);
}

/* ---- every function of a const object ---- */

static void read_members(uint64_t *hash, const lambdest_envelope *env)
{
    int member;

    for (member = 100; member < 400; member++) {
        int64_t value = 0;
        size_t len;
        const char *data = lambdest_envelope_text(env, member, &len);
        lambdest_error err;
        json_t *json;
        int rc;

        mix_text(hash, data, len);
        data = lambdest_envelope_json(env, member, &len);
        mix_text(hash, data, len);
        mix_int(hash, lambdest_envelope_integer(env, member, &value));
        mix_int(hash, value);
        mix_int(hash, lambdest_envelope_state(env, member));
        if (!data)
            continue;
        rc = lambdest_envelope_value(env, member, &json, &err);
        mix_error(hash, &err);
        mix_value(hash, rc, json);
    }
}

static void read_facts(uint64_t *hash, const lambdest_envelope *env)
{
    static const int range_members[] = {LAMBDEST_RANGE_NAME, LAMBDEST_RANGE_TOPIC, LAMBDEST_RANGE_LAST};
    size_t i, k, len;

    mix_int(hash, lambdest_envelope_form(env));
    mix_int(hash, lambdest_envelope_kind(env));
    mix_int(hash, lambdest_envelope_outcome(env));
    mix_int(hash, lambdest_envelope_cause(env));
    mix_int(hash, lambdest_envelope_contradictory(env));
    for (i = 0; i <= lambdest_envelope_frame_count(env); i++) {
        const char *frame = lambdest_envelope_frame(env, i, &len);

        mix_text(hash, frame, len);
    }
    for (i = 0; i <= lambdest_envelope_range_count(env); i++)
        for (k = 0; k < 3; k++) {
            const char *range = lambdest_envelope_range_text(env, i, range_members[k], &len);

            mix_text(hash, range, len);
        }
}

static void write_form(uint64_t *hash, const lambdest_envelope *env, int form, uint32_t flags)
{
    char buf[8192], *out;
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    lambdest_error err;
    size_t len = 0, count = 0, i;
    json_t *json;
    int rc = lambdest_envelope_write(env, form, flags, buf, sizeof buf, &len, &err);

    mix_error(hash, &err);
    mix_text(hash, rc ? NULL : buf, len);
    rc = lambdest_envelope_write_parts(env, form, flags, buf, sizeof buf, &len, parts, &count, &err);
    mix_error(hash, &err);
    for (i = 0; !rc && i < count; i++)
        mix_text(hash, parts[i].data, parts[i].len);
    rc = lambdest_envelope_write_alloc(env, form, flags, &out, &len, &err);
    mix_long(hash, rc, out, len);
    rc = lambdest_envelope_to_value(env, form, flags, &json, &err);
    mix_value(hash, rc, json);
}

static void wrap(uint64_t *hash, const lambdest_envelope *env, int carrier)
{
    static const char *const sources[] = {"arn:aws:sqs:eu-west-1:111122223333:q",
                                          "arn:aws:sns:eu-west-1:111122223333:t",
                                          "arn:aws:events:eu-west-1:111122223333:event-bus/default"};
    const char *source = sources[carrier == LAMBDEST_SQS_EVENT          ? 0
                                 : carrier <= LAMBDEST_SNS_NOTIFICATION ? 1
                                                                        : 2];
    lambdest_message m = {.envelope = env, .id = "id-1", .id_len = 4, .source = source};
    lambdest_error err;
    size_t len;
    char *out;
    int rc;

    m.source_len = strlen(source);
    m.time_ms = 1772443498046;
    rc = lambdest_wrap(carrier, &m, 1, NULL, &out, &len, &err);
    mix_error(hash, &err);
    mix_long(hash, rc, out, len);
}

static void read_envelope(uint64_t *hash, const lambdest_envelope *env)
{
    char buf[4096], *out;
    lambdest_envelope *copy;
    uint32_t flags;
    size_t len;
    int form, carrier, rc;

    read_members(hash, env);
    read_facts(hash, env);
    for (form = LAMBDEST_RECORD; form <= LAMBDEST_CLOUDEVENT; form++)
        for (flags = 0; flags < 4; flags++)
            write_form(hash, env, form, flags);
    for (carrier = LAMBDEST_SQS_EVENT; carrier <= LAMBDEST_EVENTBRIDGE_ENTRY; carrier++)
        wrap(hash, env, carrier);
    rc = lambdest_redrive(env, &out, &len);
    mix_long(hash, rc, out, len);
    rc = lambdest_runtime_error_type(env, buf, sizeof buf, &len);
    mix_text(hash, rc ? NULL : buf, len);
    rc = lambdest_runtime_error_body(env, sizeof buf, buf, sizeof buf, &len);
    mix_text(hash, rc ? NULL : buf, len);
    mix_int(hash, lambdest_envelope_clone(env, &copy, NULL));
    read_facts(hash, copy);
    lambdest_envelope_free(copy);
}

static void read_items(uint64_t *hash, const lambdest_items *items)
{
    static const int members[] = {LAMBDEST_ITEM_ID,   LAMBDEST_ITEM_CARRIER,    LAMBDEST_ITEM_SOURCE,
                                  LAMBDEST_ITEM_BODY, LAMBDEST_ITEM_REQUEST_ID, LAMBDEST_ITEM_ERROR_CODE};
    size_t i, k, len;
    char *out;
    int rc;

    for (i = 0; i < lambdest_items_count(items); i++) {
        const lambdest_item *item = lambdest_items_at(items, i);
        lambdest_error err;

        mix_int(hash, lambdest_item_kind(item));
        lambdest_item_error(item, &err);
        mix_error(hash, &err);
        for (k = 0; k < sizeof members / sizeof members[0]; k++) {
            const char *data = lambdest_item_text(item, members[k], &len);

            mix_text(hash, data, len);
        }
        if (lambdest_item_envelope(item))
            read_facts(hash, lambdest_item_envelope(item));
    }
    rc = lambdest_items_response(items, &out, &len);
    mix_long(hash, rc, out, len);
}

static void read_row(uint64_t *hash, const lambdest_delivery *row)
{
    int member;
    size_t len;
    const char *data = lambdest_delivery_body(row, &len);

    mix_text(hash, data, len);
    mix_int(hash, lambdest_delivery_envelope(row) != NULL);
    mix_int(hash, lambdest_delivery_user_data(row) != NULL);
    for (member = LAMBDEST_DELIVERY_SINK; member <= LAMBDEST_DELIVERY_ARN; member++) {
        data = lambdest_delivery_text(row, member, &len);
        mix_text(hash, data, len);
    }
    for (member = LAMBDEST_DELIVERY_FORM; member <= LAMBDEST_DELIVERY_HANDED_ON; member++) {
        int64_t value;

        mix_int(hash, lambdest_delivery_integer(row, member, &value));
        mix_int(hash, value);
    }
}

static void read_delivery(uint64_t *hash, const shared *s, lambdest_delivery *row)
{
    size_t i;
    int total;

    for (total = LAMBDEST_TOTAL_PLANNED; total <= LAMBDEST_TOTAL_ABANDONED; total++)
        mix_int(hash, (int64_t)lambdest_router_total(s->router, total));
    mix_int(hash, (int64_t)lambdest_plan_count(s->plan));
    mix_int(hash, (int64_t)lambdest_plan_undelivered(s->plan));
    read_row(hash, row);
    for (i = 0; i < lambdest_memory_count(s->memory); i++)
        read_facts(hash, lambdest_memory_at(s->memory, i));
    lambdest_memory_find(s->memory, 0, LAMBDEST_FAILURE, NULL, 0, &i);
    mix_int(hash, (int64_t)i);
    for (i = 0; lambdest_spool_name(s->spool, i, NULL); i++)
        mix_int(hash, 1);
}

/* What depends on no object. */
static void read_constants(uint64_t *hash)
{
    lambdest_policy policy = {.size = sizeof policy};
    lambdest_attempt attempt = {.size = sizeof attempt, .cause = LAMBDEST_CAUSE_RAISED, .attempts = 1};
    lambdest_decision decision = {.size = sizeof decision};
    lambdest_sink sink = {.size = sizeof sink};
    uint64_t line, column;
    int value;

    mix_int(hash, lambdest_version());
    for (value = -20; value < 720; value++)
        mix_text(hash, lambdest_name(value), strlen(lambdest_name(value)));
    mix_int(hash, lambdest_policy_init(&policy));
    mix_int(hash, lambdest_settle(&policy, &attempt, &decision, NULL));
    mix_int(hash, decision.delay_ms);
    mix_int(hash, lambdest_sink_init(&sink, LAMBDEST_TARGET_SNS, NULL, 0, NULL));
    mix_int(hash, lambdest_locate("a\nb", 3, 2, &line, &column));
    mix_int(hash, (int64_t)line);
}

/* ---- objects of one's own ---- */

static void add_all(lambdest_router *router, lambdest_memory *memory, lambdest_stream *stream,
                    lambdest_spool *spool)
{
    lambdest_sink sinks[4] = {
        {.size = sizeof *sinks}, {.size = sizeof *sinks}, {.size = sizeof *sinks}, {.size = sizeof *sinks}};
    static const char *const names[] = {"memory", "stream", "spool", "bus"};
    size_t i;

    lambdest_memory_sink(memory, &sinks[0]);
    lambdest_stream_sink(stream, &sinks[1]);
    lambdest_spool_sink(spool, &sinks[2]);
    lambdest_sink_init(&sinks[3], LAMBDEST_TARGET_EVENTBRIDGE, NULL, 0, NULL);
    for (i = 0; i < 4; i++)
        lambdest_router_add_sink(router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE | LAMBDEST_ON_UNDELIVERED,
                                 names[i], strlen(names[i]), &sinks[i], NULL);
}

static void change(uint64_t *hash, lambdest_envelope *env)
{
    lambdest_error err;
    json_t *value = json_pack("{s:[i,f]}", "a", 1, 0.5);

    lambdest_envelope_set_text(env, LAMBDEST_REQUEST_ID, TEXT("another"), &err);
    mix_error(hash, &err);
    lambdest_envelope_set_value(env, LAMBDEST_RESPONSE_PAYLOAD, value, &err);
    mix_error(hash, &err);
    lambdest_envelope_set_error(env, TEXT("T"), TEXT("m"), NULL, 0, &err);
    mix_error(hash, &err);
    lambdest_runtime_fault(env, LAMBDEST_FAULT_TIMEOUT, 300, &err);
    mix_error(hash, &err);
    json_decref(value);
    read_facts(hash, env);
    write_form(hash, env, LAMBDEST_RECORD, 0);
}

static void send_on(uint64_t *hash, lambdest_router *router, const lambdest_envelope *env)
{
    lambdest_plan *plan;
    size_t i;
    int rc = lambdest_router_dispatch(router, env, 0, &plan, NULL);

    mix_int(hash, rc);
    if (!plan)
        return;
    lambdest_plan_settle(plan);
    for (i = 0; i < lambdest_plan_count(plan); i++) {
        lambdest_delivery_report(lambdest_plan_at(plan, i), LAMBDEST_VERDICT_DELIVERED, TEXT("later"));
        read_row(hash, lambdest_plan_at(plan, i));
    }
    lambdest_plan_free(plan);
}

static void empty_spool(uint64_t *hash, lambdest_spool *spool)
{
    size_t count, i, len;

    mix_int(hash, lambdest_spool_list(spool, &count, NULL));
    mix_int(hash, (int64_t)count);
    for (i = 0; i < count; i++) {
        const char *name = lambdest_spool_name(spool, i, &len);
        lambdest_envelope *env;

        mix_int(hash, lambdest_spool_load(spool, name, len, &env, NULL));
        read_facts(hash, env);
        lambdest_envelope_free(env);
        mix_int(hash, lambdest_spool_remove(spool, name, len, NULL));
    }
}

static uint64_t work_alone(const worker *w)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    lambdest_memory *memory;
    lambdest_stream *stream;
    lambdest_spool *spool;
    lambdest_router *router;
    size_t i;

    mix_int(&hash, lambdest_memory_new(NULL, &memory, NULL));
    mix_int(&hash, lambdest_stream_new(w->devnull, NULL, &stream, NULL));
    mix_int(&hash, lambdest_spool_open(w->dir.path, strlen(w->dir.path), NULL, &spool, NULL));
    mix_int(&hash, lambdest_router_new(NULL, &router, NULL));
    add_all(router, memory, stream, spool);
    for (i = 0; i < text_count; i++) {
        lambdest_items *items;
        lambdest_envelope *env;
        lambdest_error err;

        lambdest_unwrap(texts[i].data, texts[i].len, NULL, &items, &err);
        mix_error(&hash, &err);
        read_items(&hash, items);
        lambdest_items_free(items);
        lambdest_envelope_parse(texts[i].data, texts[i].len, NULL, &env, &err);
        mix_error(&hash, &err);
        if (!env)
            continue;
        read_envelope(&hash, env);
        send_on(&hash, router, env);
        change(&hash, env);
        lambdest_envelope_free(env);
    }
    empty_spool(&hash, spool);
    mix_int(&hash, (int64_t)lambdest_memory_count(memory));
    lambdest_router_free(router);
    lambdest_memory_free(memory);
    lambdest_stream_free(stream);
    lambdest_spool_free(spool);
    return hash;
}

static uint64_t read_shared(const shared *s)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    size_t i;

    read_constants(&hash);
    for (i = 0; i < text_count; i++) {
        if (s->env[i])
            read_envelope(&hash, s->env[i]);
        read_items(&hash, s->items[i]);
    }
    read_delivery(&hash, s, lambdest_plan_at(s->plan, 0));
    return hash;
}

/* ---- threads ---- */

static unsigned round_count(void)
{
    return support_quick() ? 1 : ROUNDS;
}

static void *run(void *arg)
{
    worker *w = arg;
    unsigned i;

    pthread_barrier_wait(w->start);
    for (i = 0; i < round_count(); i++)
        w->seen[i] = w->shared ? read_shared(w->shared) : work_alone(w);
    return NULL;
}

static void run_all(const shared *s, uint64_t expected)
{
    static worker workers[THREADS];
    pthread_barrier_t start;
    unsigned i, k;

    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (i = 0; i < THREADS; i++) {
        workers[i].start = &start;
        workers[i].shared = s;
        directory_make(&workers[i].dir);
        workers[i].devnull = open("/dev/null", O_WRONLY);
        assert_true(workers[i].devnull >= 0);
    }
    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    pthread_barrier_destroy(&start);
    for (i = 0; i < THREADS; i++) {
        close(workers[i].devnull);
        directory_remove(&workers[i].dir);
        for (k = 0; k < round_count(); k++)
            assert_int_equal(workers[i].seen[k], expected);
    }
}

static int load_texts(void **state)
{
    DIR *cursor = opendir(DIR_NAME);
    const struct dirent *entry;
    char path[512];

    (void)state;
    while (cursor && (entry = readdir(cursor)) && text_count < MOST_FILES) {
        if (!strstr(entry->d_name, ".json"))
            continue;
        snprintf(path, sizeof path, "%s/%s", DIR_NAME, entry->d_name);
        texts[text_count].data = support_load(path, &texts[text_count].len);
        text_count++;
    }
    if (cursor)
        closedir(cursor);
    return text_count > 40 ? 0 : -1;
}

static int free_texts(void **state)
{
    (void)state;
    while (text_count)
        free(texts[--text_count].data);
    return 0;
}

static void eight_threads_with_objects_of_their_own(void **state)
{
    worker alone;
    uint64_t expected;

    (void)state;
    directory_make(&alone.dir);
    alone.devnull = open("/dev/null", O_WRONLY);
    expected = work_alone(&alone);
    assert_int_equal(work_alone(&alone), expected);
    close(alone.devnull);
    directory_remove(&alone.dir);
    run_all(NULL, expected);
}

static void open_shared(shared *s, directory *d)
{
    lambdest_sink sink = {.size = sizeof sink};
    size_t i, count;

    memset(s, 0, sizeof *s);
    directory_make(d);
    assert_int_equal(lambdest_memory_new(NULL, &s->memory, NULL), 0);
    assert_int_equal(lambdest_spool_open(d->path, strlen(d->path), NULL, &s->spool, NULL), 0);
    assert_int_equal(lambdest_router_new(NULL, &s->router, NULL), 0);
    lambdest_memory_sink(s->memory, &sink);
    add(s->router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "memory", &sink);
    lambdest_spool_sink(s->spool, &sink);
    add(s->router, LAMBDEST_ON_SUCCESS | LAMBDEST_ON_FAILURE, "spool", &sink);
    for (i = 0; i < text_count; i++) {
        assert_int_equal(lambdest_unwrap(texts[i].data, texts[i].len, NULL, &s->items[i], NULL), 0);
        if (lambdest_envelope_parse(texts[i].data, texts[i].len, NULL, &s->env[i], NULL))
            continue;
        lambdest_plan_free(s->plan);
        assert_int_equal(lambdest_router_dispatch(s->router, s->env[i], 0, &s->plan, NULL), 0);
    }
    assert_int_equal(lambdest_spool_list(s->spool, &count, NULL), 0);
    assert_true(count > 30);
}

static void eight_threads_that_read_the_same(void **state)
{
    static shared s;
    directory d;
    size_t i;

    (void)state;
    open_shared(&s, &d);
    run_all(&s, read_shared(&s));
    lambdest_plan_free(s.plan);
    lambdest_router_free(s.router);
    lambdest_memory_free(s.memory);
    lambdest_spool_free(s.spool);
    for (i = 0; i < text_count; i++) {
        lambdest_envelope_free(s.env[i]);
        lambdest_items_free(s.items[i]);
    }
    directory_remove(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_threads_with_objects_of_their_own),
        cmocka_unit_test(eight_threads_that_read_the_same),
    };

    return cmocka_run_group_tests(tests, load_texts, free_texts);
}
