/* Runs a harness without a fuzzer: on each file given and each file of a folder given, and on as many
 * mutations of each as is asked for, which are the same in every run.
 *
 *   replay [-n MUTATIONS] [-o FILE] FILE|FOLDER...
 *
 * An input that aborts is left in FILE. */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    ROOM = 1 << 20 /* longer files are cut */
};

static uint8_t input[ROOM];
static size_t input_len;
static const char *output;

typedef struct names {
    char **at;
    size_t count;
} names;

static void keep_input(int number)
{
    FILE *file = output ? fopen(output, "wb") : NULL;

    (void)signal(number, SIG_DFL);
    if (file && fwrite(input, 1, input_len, file) == input_len && !fclose(file))
        fprintf(stderr, "the input is in %s\n", output);
    (void)raise(number);
}

static void add(names *list, const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    list->at = realloc(list->at, (list->count + 1) * sizeof *list->at);
    fuzz_require(list->at && path, "out of memory");
    snprintf(path, size, "%s%s%s", folder, *folder ? "/" : "", name);
    list->at[list->count++] = path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_all(names *list, const char *path)
{
    size_t from = list->count;
    struct dirent *entry;
    struct stat info;
    DIR *folder;

    if (stat(path, &info) || !S_ISDIR(info.st_mode)) {
        add(list, "", path);
        return;
    }
    folder = opendir(path);
    fuzz_require(folder, "cannot read a folder");
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            add(list, path, entry->d_name);
    closedir(folder);
    if (list->count > from)
        qsort(list->at + from, list->count - from, sizeof *list->at, by_name);
}

static size_t load(const char *path, uint8_t *out)
{
    FILE *file = fopen(path, "rb");
    size_t len;

    if (!file) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(2);
    }
    len = fread(out, 1, ROOM, file);
    fclose(file);
    return len;
}

static void run(void)
{
    (void)LLVMFuzzerTestOneInput(input, input_len);
}

/* ---- mutations ---- */

static void put(size_t at, size_t old_len, const void *data, size_t len)
{
    if (input_len - old_len + len > ROOM)
        return;
    memmove(input + at + len, input + at + old_len, input_len - at - old_len);
    memcpy(input + at, data, len);
    input_len += len - old_len;
}

static void put_token(uint64_t *seed, size_t at)
{
    static const char *const tokens[] = {
        "null",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\ud83d",
        "\\u0000",
        "1e5",
        "-0",
        "\xC3\xA9",
        "\x80",
        "\xED\xA0\x80",
        "\\\"",
        "{}",
        "[]",
        "true",
        "0.1",
        " ",
        "\n",
        "\"a\":",
        "\"data\":",
        "\"requestPayload\":",
        "\"invocationError\":",
        "\"Records\":",
        "\"body\":",
    };
    const char *token = tokens[support_below(seed, COUNT(tokens))];

    put(at, 0, token, strlen(token));
}

static void mutate(uint64_t *seed)
{
    size_t at = support_below(seed, input_len + 1), left = input_len - at;
    size_t len = support_below(seed, (left < 40 ? left : 40) + 1);
    uint8_t byte = (uint8_t)support_random(seed), copy[40];

    switch (support_below(seed, 6)) {
    case 0:
        if (left)
            input[at] = byte;
        break;
    case 1:
        if (left)
            input[at] ^= (uint8_t)(1 << byte % 8);
        break;
    case 2:
        put(at, len, "", 0);
        break;
    case 3:
        memcpy(copy, input + at, len);
        put(support_below(seed, input_len + 1), 0, copy, len);
        break;
    case 4:
        put(at, 0, &byte, 1);
        break;
    default:
        put_token(seed, at);
    }
}

static void run_mutations(const uint8_t *seed_data, size_t len, size_t count, uint64_t seed)
{
    size_t i, n;

    for (i = 0; i < count; i++) {
        memcpy(input, seed_data, len);
        input_len = len;
        for (n = 1 + support_below(&seed, 4); n; n--)
            mutate(&seed);
        if (input_len > 16 && !support_below(&seed, 8))
            input_len = support_below(&seed, input_len);
        run();
    }
}

int main(int argc, char **argv)
{
    static uint8_t original[ROOM];
    names list = {NULL, 0};
    size_t i, len, mutations = 0;
    int arg = 1;

    for (; arg + 1 < argc && argv[arg][0] == '-'; arg += 2) {
        if (argv[arg][1] == 'n')
            mutations = (size_t)strtoul(argv[arg + 1], NULL, 10);
        else
            output = argv[arg + 1];
    }
    for (; arg < argc; arg++)
        add_all(&list, argv[arg]);
    (void)signal(SIGABRT, keep_input);
    (void)signal(SIGSEGV, keep_input);
    for (i = 0; i < list.count; i++) {
        len = input_len = load(list.at[i], original);
        memcpy(input, original, len);
        run();
        run_mutations(original, len, mutations, (uint64_t)len * 1000 + i);
    }
    printf("%zu inputs, %zu mutations\n", list.count, list.count * mutations);
    for (i = 0; i < list.count; i++)
        free(list.at[i]);
    free(list.at);
    return list.count ? 0 : 2;
}
