#include "support.h"

#include <ctype.h>
#include <dirent.h>
#include <lambdest.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_CONSTANTS = 1000,
    WORD = 64
};

typedef struct constant {
    char family[WORD];
    char name[WORD];
    long value;
} constant;

typedef struct constant_list {
    constant items[MOST_CONSTANTS];
    size_t count;
} constant_list;

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && !strcmp(text + len - end_len, end);
}

static void blank_comments(char *text)
{
    char *from, *to;

    while ((from = strstr(text, "/*")) && (to = strstr(from, "*/")))
        memset(from, ' ', (size_t)(to + 2 - from));
}

/* The word at *p and what follows it, white space passed on both sides. */
static void take_word(char **p, char word[WORD])
{
    size_t n = 0;

    for (; isspace((unsigned char)**p); ++*p) {
    }
    for (; (isalnum((unsigned char)**p) || **p == '_') && n < WORD - 1; ++*p)
        word[n++] = **p;
    word[n] = '\0';
    for (; isspace((unsigned char)**p); ++*p) {
    }
}

/* The enumerators between the braces at p; each is NAME = NUMBER. */
static void read_members(char *p, const char family[WORD], constant_list *list)
{
    do {
        constant *c = &list->items[list->count];

        p++;
        take_word(&p, c->name);
        if (!c->name[0] && *p == '}')
            return;
        if (*p != '=' || list->count == MOST_CONSTANTS - 1)
            fail_msg("cannot read enum %s near %s", family, c->name);
        c->value = strtol(p + 1, &p, 0);
        for (; isspace((unsigned char)*p); p++) {
        }
        memcpy(c->family, family, WORD);
        list->count++;
    } while (*p == ',');
    assert_int_equal(*p, '}');
}

static void read_header(const char *path, constant_list *list)
{
    size_t len;
    char *data = support_load(path, &len), *text = malloc(len + 1), *p;
    char family[WORD];

    assert_non_null(text);
    memcpy(text, data, len);
    text[len] = '\0';
    free(data);
    blank_comments(text);
    for (p = text; (p = strstr(p, "\nenum ")) != NULL;) {
        p += strlen("\nenum ");
        take_word(&p, family);
        assert_int_equal(*p, '{');
        read_members(p, family, list);
    }
    free(text);
}

/* Every constant of every public header; flags and sizes are small, and no names. */
static void read_headers(constant_list *list)
{
    static const char folder[] = "include/lambdest";
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char path[300];
    size_t headers = 0;

    list->count = 0;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        if (ends_with(entry->d_name, ".h")) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            read_header(path, list);
            headers++;
        }
    closedir(dir);
    assert_in_range(headers, 3, 20);
    assert_in_range(list->count, 80, MOST_CONSTANTS);
}

static bool is_named(const constant *c)
{
    return (c->value <= 0 || c->value >= 100) && !ends_with(c->family, "_flag");
}

static void knows_every_constant(void **state)
{
    constant_list *list = *state;
    size_t i;

    for (i = 0; i < list->count; i++) {
        const constant *c = &list->items[i];
        const char *name = lambdest_name((int)c->value);

        if (is_named(c) && (!name || !*name || !strcmp(name, "unknown")))
            fail_msg("%s has no name", c->name);
    }
}

static void constants_have_values_of_their_own(void **state)
{
    constant_list *list = *state;
    size_t i, k;

    for (i = 0; i < list->count; i++)
        for (k = 0; k < i; k++) {
            const constant *a = &list->items[i], *b = &list->items[k];

            if (is_named(a) && is_named(b) && a->value == b->value)
                fail_msg("%s and %s are both %ld", a->name, b->name, a->value);
        }
}

static void names_tell_the_constants_of_a_family_apart(void **state)
{
    constant_list *list = *state;
    size_t i, k;

    for (i = 0; i < list->count; i++)
        for (k = 0; k < i; k++) {
            const constant *a = &list->items[i], *b = &list->items[k];

            if (is_named(a) && is_named(b) && !strcmp(a->family, b->family) &&
                !strcmp(lambdest_name((int)a->value), lambdest_name((int)b->value)))
                fail_msg("%s and %s have one name", a->name, b->name);
        }
}

static bool is_constant(const constant_list *list, long value)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        if (is_named(&list->items[i]) && list->items[i].value == value)
            return true;
    return false;
}

static void other_values_are_unknown(void **state)
{
    constant_list *list = *state;
    int value;

    for (value = -3000; value <= 3000; value++)
        if (!is_constant(list, value))
            assert_string_equal(lambdest_name(value), "unknown");
    assert_string_equal(lambdest_name(INT32_MAX), "unknown");
    assert_string_equal(lambdest_name(INT32_MIN), "unknown");
}

/* The words the header promises, and those that stand on the wire. */
static void words_are_those_of_the_wire(void **state)
{
    (void)state;
    assert_string_equal(lambdest_name(LAMBDEST_E_NOMEM), "no memory");
    assert_string_equal(lambdest_name(LAMBDEST_RECORD), "record");
    assert_string_equal(lambdest_name(LAMBDEST_DOCUMENT), "document");
    assert_string_equal(lambdest_name(LAMBDEST_FAILURE), "failure");
    assert_string_equal(lambdest_name(LAMBDEST_CAUSE_TIMED_OUT), "timed-out");
    assert_string_equal(lambdest_name(LAMBDEST_REQUEST_ID), "requestId");
    assert_string_equal(lambdest_name(LAMBDEST_INVOKE_COUNT), "approximateInvokeCount");
    assert_string_equal(lambdest_name(LAMBDEST_KINESIS_BATCH_INFO), "KinesisBatchInfo");
    assert_string_equal(lambdest_name(LAMBDEST_DDB_STREAM_BATCH_INFO), "DDBStreamBatchInfo");
}

static int setup(void **state)
{
    constant_list *list = malloc(sizeof *list);

    assert_non_null(list);
    read_headers(list);
    *state = list;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_constant),
        cmocka_unit_test(constants_have_values_of_their_own),
        cmocka_unit_test(names_tell_the_constants_of_a_family_apart),
        cmocka_unit_test(other_values_are_unknown),
        cmocka_unit_test(words_are_those_of_the_wire),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
