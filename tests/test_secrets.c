/* No error tells a byte of the input: whatever is wrong, message and path are static texts of the library, and a
 * mark that stands in every value that is given in never shows in them. And no input reaches a file: its name, its
 * place, its mode. jansson, as the host's, makes the inputs. */
#define _DEFAULT_SOURCE

#include "delivery.h"
#include "directory.h"

#include <lambdest/jansson.h>
#include <sys/resource.h>

#define MARK "KANARIE"
#define DIR_NAME "tests/records"

enum {
    MOST_FILES = 64,
    MOST_TEXTS = 400
};

/* From the linker: where this program, and with it the library, stands in memory. */
extern const char __executable_start[], edata[];

static json_t *records[MOST_FILES];
static char *marked[MOST_FILES]; /* compact, each value that is a text with the mark at its end */
static size_t record_count;

static unsigned long failures, codes[16];
static const char *known[MOST_TEXTS];
static size_t known_count;

/* ---- what may be told ---- */

static void check_static(const char *text)
{
    uintptr_t at = (uintptr_t)text;
    size_t i;

    if (at < (uintptr_t)__executable_start || at >= (uintptr_t)edata)
        fail_msg("not a static text: %s", text);
    if (strstr(text, MARK))
        fail_msg("tells its input: %s", text);
    for (i = 0; i < known_count && known[i] != text; i++)
        continue;
    if (i < known_count)
        return;
    assert_true(known_count < MOST_TEXTS);
    known[known_count++] = text;
}

static int told(int rc, const lambdest_error *err)
{
    check_static(err->message);
    check_static(err->where);
    assert_int_equal(err->code, rc);
    if (rc) {
        failures++;
        codes[-rc]++;
    }
    return rc;
}

static void told_row(const lambdest_delivery *row)
{
    size_t len;
    const char *detail = lambdest_delivery_text(row, LAMBDEST_DELIVERY_DETAIL, &len);

    if (!detail)
        return;
    failures++;
    if (strstr(detail, MARK))
        fail_msg("a detail tells its input: %s", detail);
}

/* ---- inputs ---- */

static json_t *mark_value(const json_t *value)
{
    json_t *copy, *member;
    const char *name;
    char text[8192];
    size_t i;

    if (json_is_string(value)) {
        snprintf(text, sizeof text, "%s" MARK, json_string_value(value));
        return json_string(text);
    }
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach((json_t *)(uintptr_t)value, i, member)
            json_array_append_new(copy, mark_value(member));
        return copy;
    }
    if (!json_is_object(value))
        return json_copy((json_t *)(uintptr_t)value);
    copy = json_object();
    json_object_foreach((json_t *)(uintptr_t)value, name, member)
        json_object_set_new(copy, name, mark_value(member));
    return copy;
}

static int load_records(void **state)
{
    DIR *cursor = opendir(DIR_NAME);
    const struct dirent *entry;
    char path[512];

    (void)state;
    while (cursor && (entry = readdir(cursor)) && record_count < MOST_FILES) {
        json_t *copy;

        snprintf(path, sizeof path, "%s/%s", DIR_NAME, entry->d_name);
        records[record_count] = json_load_file(path, JSON_ALLOW_NUL, NULL);
        if (!records[record_count])
            continue;
        copy = mark_value(records[record_count]);
        marked[record_count++] = json_dumps(copy, JSON_COMPACT);
        json_decref(copy);
    }
    if (cursor)
        closedir(cursor);
    return record_count > 30 ? 0 : -1;
}

static int free_records(void **state)
{
    (void)state;
    while (record_count) {
        json_decref(records[--record_count]);
        free(marked[record_count]);
    }
    return 0;
}

/* ---- texts that are wrong ---- */

static void try_items(const char *text, size_t len, const lambdest_options *options)
{
    lambdest_items *items;
    lambdest_error err;
    size_t i;

    told(lambdest_unwrap(text, len, options, &items, &err), &err);
    for (i = 0; i < lambdest_items_count(items); i++)
        told(lambdest_item_error(lambdest_items_at(items, i), &err), &err);
    lambdest_items_free(items);
}

static void try_text(const char *text, size_t len)
{
    lambdest_options options = {.size = sizeof options};
    lambdest_envelope *env;
    lambdest_error err;

    options.flags = LAMBDEST_BORROW;
    told(lambdest_envelope_parse(text, len, &options, &env, &err), &err);
    lambdest_envelope_free(env);
    try_items(text, len, &options);
}

static void try_damaged(const char *text)
{
    static const char bad[] = {'\0', '\xFF', '"', '\\', '{', ']', ',', '5', 'n', '\x1F'};
    size_t len = strlen(text), i, k, stride = support_long() ? 1 : support_quick() ? 41 : 5;
    char *copy = support_exact(text, len);

    for (i = 0; i < len; i += stride) {
        char *cut = support_exact(text, i);

        try_text(cut, i);
        free(cut);
        for (k = 0; k < sizeof bad; k++) {
            char kept = copy[i];

            copy[i] = bad[k];
            try_text(copy, len);
            copy[i] = kept;
        }
    }
    free(copy);
}

static void cut_or_overwritten_anywhere(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < record_count; i++)
        try_damaged(marked[i]);
    assert_true(codes[-LAMBDEST_E_SYNTAX] && codes[-LAMBDEST_E_UTF8]);
}

/* Instead of a value another of each type, each with the mark where it can be. */
static void try_others(json_t *root, json_t *parent, const char *name, size_t index)
{
    static const char *const others[] = {
        "\"" MARK "\"",
        "[\"" MARK "\"]",
        "{\"" MARK "\":\"" MARK "\"}",
        "12345678901234567",
        "-1.5e300",
        "null",
        "true",
        "\"2026-03-02T09:14:07.318Z\"",
        "\"\"",
        "{}",
        "[[{}]]",
    };
    json_t *kept = json_incref(name ? json_object_get(parent, name) : json_array_get(parent, index));
    size_t i;

    for (i = 0; i < sizeof others / sizeof others[0]; i++) {
        json_t *other = json_loads(others[i], JSON_DECODE_ANY, NULL);
        lambdest_envelope *env;
        lambdest_error err;
        char *text;

        if (name)
            json_object_set_new(parent, name, other);
        else
            json_array_set_new(parent, index, other);
        text = json_dumps(root, JSON_COMPACT);
        try_text(text, strlen(text));
        free(text);
        told(lambdest_envelope_from_value(root, NULL, &env, &err), &err);
        lambdest_envelope_free(env);
    }
    if (name)
        json_object_set_new(parent, name, kept);
    else
        json_array_set_new(parent, index, kept);
}

static void try_all_places(json_t *root, json_t *at)
{
    const char *name;
    json_t *value;
    void *iter;
    size_t i;

    if (json_is_array(at))
        for (i = 0; i < json_array_size(at); i++) {
            try_others(root, at, NULL, i);
            try_all_places(root, json_array_get(at, i));
        }
    for (iter = json_object_iter(at); iter; iter = json_object_iter_next(at, iter)) {
        name = json_object_iter_key(iter);
        try_others(root, at, name, 0);
        value = json_object_get(at, name);
        try_all_places(root, value);
    }
}

/* A member twice, and one that no one knows. */
static void try_members(const char *text)
{
    size_t cap = strlen(text) * 2 + 100;
    char *more = malloc(cap);
    const char *at;

    assert_non_null(more);
    for (at = text; (at = strchr(at, '{')); at++) {
        const char *colon = strchr(at, ':');
        int len;

        if (!colon || at[1] != '"')
            continue;
        len = snprintf(more, cap, "%.*s%.*s\"" MARK "\",\"" MARK "\":\"\\ud83d\",%s", (int)(at - text) + 1,
                       text, (int)(colon - at), at + 1, at + 1);
        try_text(more, (size_t)len);
        len = snprintf(more, cap, "%.*s%.*s\"" MARK "\",%s", (int)(at - text) + 1, text, (int)(colon - at),
                       at + 1, at + 1);
        try_text(more, (size_t)len);
    }
    free(more);
}

static void of_another_type_at_any_place(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < record_count; i += support_quick() ? 9 : 1) {
        json_t *root = json_loads(marked[i], 0, NULL);

        try_all_places(root, root);
        json_decref(root);
        root = json_deep_copy(records[i]);
        try_all_places(root, root);
        json_decref(root);
        try_members(marked[i]);
    }
    assert_true(codes[-LAMBDEST_E_SCHEMA] && codes[-LAMBDEST_E_UNSUPPORTED]);
}

/* ---- every other call ---- */

static const char *const wrong_texts[] = {
    MARK,
    "arn:aws:" MARK,
    "arn:aws:lambda:eu-west-1:111122223333:function:" MARK "!",
    MARK "\xFF",
    MARK "\x01",
    "{\"" MARK "\":",
    "[\"" MARK "\xC0\"]",
    "\"" MARK "\\ud83d\"",
    "[1e999,\"" MARK "\"]",
    "{\"" MARK "\":1,\"" MARK "\":2}",
    "2026-13-02T09:14:07.318Z" MARK,
    "../../" MARK,
    "{\"shardId\":{\"" MARK "\":1}}",
    "arn:aws:sqs:eu-west-1:1:" MARK ".fifo",
    "",
};

static void try_setters(lambdest_envelope *env, const char *data)
{
    lambdest_slice frame = {data, strlen(data)};
    size_t len = strlen(data);
    lambdest_error err;
    json_t *value;
    int member;

    for (member = 100; member < 400; member++) {
        told(lambdest_envelope_set_text(env, member, data, len, &err), &err);
        told(lambdest_envelope_set_json(env, member, data, len, &err), &err);
        told(lambdest_envelope_set_integer(env, member, INT64_MIN, &err), &err);
        told(lambdest_envelope_set_state(env, member, LAMBDEST_NULL, &err), &err);
        told(lambdest_envelope_value(env, member, &value, &err), &err);
        json_decref(value);
        value = json_stringn_nocheck(data, len);
        told(lambdest_envelope_set_value(env, member, value, &err), &err);
        json_decref(value);
    }
    told(lambdest_envelope_set_error(env, data, len, MARK, sizeof MARK - 1, NULL, 0, &err), &err);
    told(lambdest_envelope_set_error(env, NULL, 0, data, len, NULL, 0, &err), &err);
    told(lambdest_envelope_set_error(env, NULL, 0, NULL, 0, &frame, 1, &err), &err);
}

static void try_runtime(lambdest_envelope *env, const char *data)
{
    static const char *const names[] = {
        "Lambda-Runtime-Aws-Request-Id",      "Lambda-Runtime-Invoked-Function-Arn",
        "Lambda-Runtime-Deadline-Ms",         "Lambda-Runtime-Client-Context",
        "Lambda-Runtime-Cognito-Identity",    "Lambda-Runtime-Trace-Id",
        "Lambda-Runtime-Aws-Tenant-Id",       "Lambda-Runtime-Function-Error-Type",
        "Lambda-Runtime-Function-Error-Body", MARK,
    };
    size_t i, len = strlen(data);
    uint32_t policy, channel;
    lambdest_envelope *made;
    lambdest_error err;

    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        lambdest_header headers[3] = {{names[0], strlen(names[0]), TEXT(MARK)},
                                      {names[i], strlen(names[i]), data, len},
                                      {names[i], strlen(names[i]), TEXT(MARK "-2")}};
        lambdest_post post = {
            .size = sizeof post, .headers = headers, .header_count = 3, .trailers = headers};

        told(lambdest_runtime_invocation(headers, 3, data, len, NULL, &made, &err), &err);
        lambdest_envelope_free(made);
        told(lambdest_runtime_invocation(headers + 1, 1, data, len, NULL, &made, &err), &err);
        lambdest_envelope_free(made);
        post.body = data;
        post.body_len = len;
        for (channel = LAMBDEST_CHANNEL_NEXT; channel <= LAMBDEST_CHANNEL_INIT_ERROR; channel++)
            for (policy = 0; policy <= LAMBDEST_BODY_REFUSE;
                 policy = policy ? policy + 1 : LAMBDEST_BODY_AS_AWS) {
                post.channel = channel;
                post.body_policy = policy;
                post.trailer_count = policy & 1 ? 3 : 0;
                told(lambdest_runtime_post(env, &post, &err), &err);
            }
    }
    told(lambdest_runtime_fault(env, 1, INT64_MIN, &err), &err);
    told(lambdest_runtime_fault(env, LAMBDEST_FAULT_EXIT, INT64_MAX, &err), &err);
    told(lambdest_envelope_conclude(env, NULL, INT64_MAX, &err), &err);
}

static void try_writers(lambdest_envelope *env, const char *data)
{
    lambdest_message m = {.body = data, .body_len = strlen(data), .id = data, .id_len = strlen(data)};
    char *out;
    lambdest_error err;
    size_t len;
    json_t *value;
    int form, carrier;

    for (form = LAMBDEST_RECORD; form <= LAMBDEST_CLOUDEVENT + 1; form++) {
        told(lambdest_envelope_write_alloc(env, form, 0, &out, &len, &err), &err);
        lambdest_free(out);
        told(lambdest_envelope_to_value(env, form, 0, &value, &err), &err);
        json_decref(value);
    }
    m.source = data;
    m.source_len = strlen(data);
    m.mapping = data;
    m.mapping_len = strlen(data);
    for (carrier = LAMBDEST_SQS_EVENT; carrier <= LAMBDEST_S3_KEY; carrier++) {
        told(lambdest_wrap(carrier, &m, 1, NULL, &out, &len, &err), &err);
        lambdest_free(out);
        m.envelope = env;
        m.body = NULL;
        m.body_len = 0;
        told(lambdest_wrap(carrier, &m, 1, NULL, &out, &len, &err), &err);
        lambdest_free(out);
        m.envelope = NULL;
        m.body = data;
        m.body_len = strlen(data);
    }
}

static void try_sinks(const char *data, const directory *d)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_envelope *env;
    lambdest_router *router;
    lambdest_spool *spool;
    lambdest_error err;
    char path[256];
    int target, n = snprintf(path, sizeof path, "%s/" MARK "/%s", d->path, data);

    told(lambdest_router_new(NULL, &router, &err), &err);
    for (target = 0; target <= LAMBDEST_TARGET_KAFKA + 1;
         target = target ? target + 1 : LAMBDEST_TARGET_PLAIN)
        told(lambdest_sink_init(&sink, target, data, strlen(data), &err), &err);
    memset(&sink, 0, sizeof sink);
    sink.size = sizeof sink;
    told(lambdest_router_add_sink(router, 1, data, strlen(data), &sink, &err), &err);
    told(lambdest_router_add_sink(router, 1, data, strlen(data), &sink, &err), &err);
    sink.overflow = data;
    sink.overflow_len = strlen(data);
    told(lambdest_router_add_sink(router, 1, TEXT("b" MARK), &sink, &err), &err);
    sink.only_function = data;
    sink.only_function_len = strlen(data);
    told(lambdest_router_add_sink(router, 1, TEXT("c" MARK), &sink, &err), &err);
    lambdest_router_free(router);
    told(lambdest_spool_open(path, (size_t)n, NULL, &spool, &err), &err);
    lambdest_spool_free(spool);
    told(lambdest_spool_open(d->path, strlen(d->path), NULL, &spool, &err), &err);
    told(lambdest_spool_load(spool, data, strlen(data), &env, &err), &err);
    told(lambdest_spool_remove(spool, data, strlen(data), &err), &err);
    lambdest_spool_free(spool);
}

static void through_every_other_call(void **state)
{
    size_t i, k;
    directory d;

    (void)state;
    directory_make(&d);
    for (i = 0; i < sizeof wrong_texts / sizeof wrong_texts[0]; i++) {
        /* Not this program's own text, which is as static as the library's. */
        char *data = strdup(wrong_texts[i]);

        try_sinks(data, &d);
        for (k = 0; k < record_count; k += 7) {
            lambdest_envelope *env;
            lambdest_error err;

            if (!told(lambdest_envelope_parse(marked[k], strlen(marked[k]), NULL, &env, &err), &err)) {
                try_writers(env, data);
                try_setters(env, data);
                try_runtime(env, data);
                try_writers(env, data);
            }
            lambdest_envelope_free(env);
        }
        free(data);
    }
    directory_remove(&d);
    assert_true(codes[-LAMBDEST_E_INVAL] && codes[-LAMBDEST_E_ABSENT] && codes[-LAMBDEST_E_IO]);
}

/* What the library says of a row, for each target and limit. */
static void details_of_deliveries(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < record_count; i++) {
        char *text = malloc(strlen(marked[i]) + 64), *place;
        lambdest_envelope *env;
        lambdest_error err;
        int target;

        strcpy(text, marked[i]);
        place = strstr(text, MARK);
        if (place) /* a character that no queue takes */
            memcpy(place, "\xEF\xBF\xBE", 3);
        lambdest_envelope_parse(text, strlen(text), NULL, &env, NULL);
        for (target = LAMBDEST_TARGET_PLAIN; env && target <= LAMBDEST_TARGET_KAFKA; target++) {
            lambdest_sink sink = {.size = sizeof sink};
            lambdest_router *router;
            lambdest_plan *plan;
            size_t k;

            lambdest_router_new(NULL, &router, NULL);
            lambdest_sink_init(&sink, target, NULL, 0, NULL);
            for (k = 0; k < 3; k++) {
                sink.form = LAMBDEST_RECORD + (uint32_t)k;
                sink.max_bytes = k == 2 ? 10 : 0;
                lambdest_router_add_sink(router, 7, k ? k == 1 ? "b" : "c" : "a", 1, &sink, NULL);
            }
            told(lambdest_router_plan(router, env, 0, &plan, &err), &err);
            for (k = 0; k < lambdest_plan_count(plan); k++)
                told_row(lambdest_plan_at(plan, k));
            lambdest_plan_free(plan);
            lambdest_router_free(router);
        }
        lambdest_envelope_free(env);
        free(text);
    }
    print_message("tried: %lu failures, told in %zu static texts, none with a byte of input\n", failures,
                  known_count);
}

/* ---- files ---- */

static lambdest_envelope *hostile(const char *id, const char *timestamp, const char *function)
{
    json_t *record =
        json_pack("{s:s,s:{s:s,s:s,s:s},s:s}", "timestamp", timestamp, "requestContext", "requestId", id,
                  "functionArn", function, "condition", "Success", "requestPayload", "../../" MARK);
    char *text = json_dumps(record, 0);
    lambdest_envelope *env;

    assert_int_equal(lambdest_envelope_parse(text, strlen(text), NULL, &env, NULL), LAMBDEST_OK);
    free(text);
    json_decref(record);
    return env;
}

static void check_place(const directory *d, size_t expected)
{
    static const char allowed[] = "0123456789abcdefTZ.-json";
    DIR *cursor = opendir(d->path);
    const struct dirent *entry;
    struct stat st;
    size_t n = 0;

    assert_non_null(cursor);
    while ((entry = readdir(cursor))) {
        assert_int_equal(fstatat(d->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW), 0);
        if (!S_ISREG(st.st_mode))
            continue;
        n++;
        assert_int_equal(strspn(entry->d_name, allowed), strlen(entry->d_name));
        assert_int_equal(entry->d_name[0] == '.', 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    closedir(cursor);
    assert_int_equal(n, expected);
}

static const char *const hostile_texts[] = {
    "..",
    ".",
    "../../etc/x",
    "/etc/x",
    "a/b",
    "a\\b",
    "-rf",
    "~",
    "$(x)",
    "\xC3\xA9\xE2\x98\x83",
    "a\x01z",
    "a\nb",
    "con",
    "*",
    "%s%n",
    "2026-03-02T09:14:07.318Z/../x",
    "9999-12-31T23:59:60Z",
    "-001-01-01T00:00:00Z",
    "",
};

static void no_input_reaches_a_files_name(void **state)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_router *router;
    lambdest_spool *spool;
    directory outer, d = {.fd = -1};
    mode_t old = umask(0);
    char *longest = malloc(70001);
    size_t i, k, sent = 0;

    (void)state;
    assert_non_null(longest);
    memset(longest, 'x', 70000);
    longest[70000] = '\0';
    directory_make(&outer);
    snprintf(d.path, sizeof d.path, "%.50s/in", outer.path);
    assert_int_equal(mkdir(d.path, 0700), 0);
    d.fd = open(d.path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(lambdest_spool_open(d.path, strlen(d.path), NULL, &spool, NULL), 0);
    lambdest_spool_sink(spool, &sink);
    assert_int_equal(lambdest_router_new(NULL, &router, NULL), 0);
    add(router, 7, "spool", &sink);
    for (i = 0; i <= sizeof hostile_texts / sizeof hostile_texts[0]; i++)
        for (k = 0; k < 3; k++) {
            const char *bad = i ? hostile_texts[i - 1] : longest;
            lambdest_envelope *env =
                hostile(k == 0 ? bad : "r", k == 1 ? bad : "2026-03-02T09:14:07.318Z",
                        k == 2 ? bad : "arn:aws:lambda:eu-west-1:111122223333:function:f");
            lambdest_plan *plan;

            umask(k == 2 ? 0777 : 0);
            assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
            lambdest_plan_free(plan);
            lambdest_envelope_free(env);
            sent++;
        }
    umask(old);
    check_place(&d, sent);
    assert_int_equal(directory_count(&outer, ""), 1);
    lambdest_router_free(router);
    lambdest_spool_free(spool);
    directory_remove(&d);
    directory_remove(&outer);
    free(longest);
}

/* An attacker who foresees the names puts links there, to what is not theirs to write and to nothing. */
static void no_link_is_followed(void **state)
{
    lambdest_sink sink = {.size = sizeof sink};
    lambdest_envelope *env = hostile("r", "2026-03-02T09:14:07.318Z", "f"), *back;
    lambdest_router *router;
    lambdest_spool *spool;
    lambdest_plan *plan;
    lambdest_error err;
    directory outer, d;
    char target[128], name[80];
    unsigned i;
    size_t count;

    (void)state;
    directory_make(&outer);
    directory_make(&d);
    directory_put(&outer, "victim", "precious");
    for (i = 0; i < 20; i++) {
        snprintf(target, sizeof target, "%s/%s", outer.path, i & 2 ? "victim" : "nothing");
        snprintf(name, sizeof name, "%s2026-03-02T09.14.07.318Z-%08x-%016x.json", i & 1 ? "." : "",
                 (unsigned)getpid(), i);
        assert_int_equal(symlinkat(target, d.fd, name), 0);
    }
    assert_int_equal(lambdest_spool_open(d.path, strlen(d.path), NULL, &spool, NULL), 0);
    lambdest_spool_sink(spool, &sink);
    assert_int_equal(lambdest_router_new(NULL, &router, NULL), 0);
    add(router, 7, "spool", &sink);
    for (i = 0; i < 5; i++) {
        assert_int_equal(lambdest_router_dispatch(router, env, 0, &plan, NULL), LAMBDEST_OK);
        lambdest_plan_free(plan);
    }
    assert_int_equal(directory_is(&outer, "victim", "precious"), 1);
    assert_int_equal(directory_count(&outer, ""), 1);
    check_place(&d, 5);
    assert_int_equal(lambdest_spool_list(spool, &count, NULL), LAMBDEST_OK);
    assert_int_equal(count, 5);
    snprintf(name, sizeof name, "2026-03-02T09.14.07.318Z-%08x-%016x.json", (unsigned)getpid(), 0);
    assert_int_equal(told(lambdest_spool_load(spool, name, strlen(name), &back, &err), &err),
                     LAMBDEST_E_ABSENT);
    assert_int_equal(told(lambdest_spool_remove(spool, name, strlen(name), &err), &err), LAMBDEST_E_ABSENT);
    lambdest_router_free(router);
    lambdest_spool_free(spool);
    lambdest_envelope_free(env);
    directory_remove(&d);
    directory_remove(&outer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_or_overwritten_anywhere),   cmocka_unit_test(of_another_type_at_any_place),
        cmocka_unit_test(through_every_other_call),      cmocka_unit_test(details_of_deliveries),
        cmocka_unit_test(no_input_reaches_a_files_name), cmocka_unit_test(no_link_is_followed),
    };

    return cmocka_run_group_tests(tests, load_records, free_records);
}
