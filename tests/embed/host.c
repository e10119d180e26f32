/* host [global] RECORD FILE PLUGIN...: copies of the library in one process. Before each plugin stands the
 * name of the FILE that its copy of the library must be in: its own, or the shared library's. */
#define _GNU_SOURCE /* dladdr */
#include "copy.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COPIES_MAX = 4,
    ROUNDS = 500
};

typedef struct loaded {
    void *handle;
    const copy *does;
    const char *path;
} loaded;

static loaded copies[COPIES_MAX];
static int count;
static char record[65536], expected[65536];
static size_t record_len, expected_len;

static void must(int holds, const char *what, const char *which)
{
    if (holds)
        return;
    fprintf(stderr, "host: %s: %s\n", which, what);
    exit(1);
}

/* ---- loading ---- */

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void load(const char *file, const char *path, int scope)
{
    loaded *c = &copies[count++];
    copy_fn *embed_copy = NULL;
    void *found;
    Dl_info where;

    c->path = path;
    c->handle = dlopen(path, RTLD_NOW | scope);
    must(c->handle != NULL, "cannot be loaded", path);
    found = dlsym(c->handle, "embed_copy");
    must(found != NULL, "has no embed_copy", path);
    memcpy(&embed_copy, &found, sizeof found);
    c->does = embed_copy();
    must(dladdr(c->does->code, &where) != 0, "its library is nowhere", path);
    must(!strncmp(name_of(where.dli_fname), file, strlen(file)), "its calls go to another's library", path);
}

static void expect_apart(void)
{
    int i, k;

    for (i = 0; i < count; i++)
        for (k = 0; k < i; k++)
            must(copies[i].does->code != copies[k].does->code, "shares its code with another",
                 copies[i].path);
}

/* ---- use ---- */

static void expect_record(const char *body, size_t len, const char *which)
{
    must(len == expected_len && !memcmp(body, expected, len), "wrote other bytes", which);
}

/* Reads the record with copy `at`, and hands it on to the next inside its callback. */
static int pass_on(const char *body, size_t len, void *user_data)
{
    int at = *(int *)user_data, next = at + 1, passed = 1;
    void *envelope;

    if (at == count)
        return len == expected_len && !memcmp(body, expected, len);
    envelope = copies[at].does->parse(body, len);
    if (!envelope)
        return 0;
    passed = copies[at].does->deliver(envelope, pass_on, &next);
    copies[at].does->release(envelope);
    return passed;
}

static void use_nested(void)
{
    int first = 0;

    must(pass_on(record, record_len, &first), "a record did not pass through all", "nested");
}

/* Objects of all copies alive at once, each used and freed by its own. */
static void use_by_turns(void)
{
    static char text[sizeof expected];
    void *envelopes[COPIES_MAX];
    int i;

    for (i = 0; i < count; i++) {
        envelopes[i] = copies[i].does->parse(record, record_len);
        must(envelopes[i] != NULL, "does not parse", copies[i].path);
    }
    for (i = count; i-- > 0;)
        expect_record(text, copies[i].does->write(envelopes[i], text, sizeof text), copies[i].path);
    for (i = 0; i < count; i++)
        copies[i].does->release(envelopes[i]);
}

static void *use_alone(void *arg)
{
    const copy *does = arg;
    char *text = malloc(sizeof expected);
    size_t round, wrong = 0;

    for (round = 0; round < ROUNDS; round++) {
        void *envelope = text ? does->parse(record, record_len) : NULL;

        wrong += !envelope || does->write(envelope, text, sizeof expected) != expected_len ||
                 memcmp(text, expected, expected_len) != 0;
        if (envelope)
            does->release(envelope);
    }
    free(text);
    return wrong ? arg : NULL;
}

static void use_in_threads(void)
{
    pthread_t threads[COPIES_MAX];
    void *result;
    int i;

    for (i = 0; i < count; i++)
        must(!pthread_create(&threads[i], NULL, use_alone, (void *)copies[i].does), "no thread",
             copies[i].path);
    for (i = 0; i < count; i++) {
        pthread_join(threads[i], &result);
        must(!result, "went wrong beside the others", copies[i].path);
    }
}

static void expect_nothing_left(void)
{
    int i;

    for (i = 0; i < count; i++) {
        must(copies[i].does->alive() == 0, "kept memory", copies[i].path);
        must(copies[i].does->foreign() == 0, "touched what is not its own", copies[i].path);
    }
}

int main(int argc, char **argv)
{
    int scope = argc > 1 && !strcmp(argv[1], "global") ? RTLD_GLOBAL : RTLD_LOCAL,
        i = scope == RTLD_GLOBAL ? 2 : 1;
    FILE *file = argc > i ? fopen(argv[i], "rb") : NULL;

    must(file != NULL, "cannot be read", "the record");
    record_len = expected_len = fread(record, 1, sizeof record, file);
    fclose(file);
    memcpy(expected, record, record_len);
    for (i++; i + 1 < argc && count < COPIES_MAX; i += 2)
        load(argv[i], argv[i + 1], scope);
    must(count > 1, "too few", "plugins");
    expect_apart();
    while (count > 0) {
        use_nested();
        use_by_turns();
        use_in_threads();
        expect_nothing_left();
        dlclose(copies[--count].handle);
    }
    return 0;
}
