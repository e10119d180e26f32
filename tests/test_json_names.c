#include "support.h"

#include "json/names.h"
#include "json/string.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST = 400,
    NAME = 64,
    CROWDED = 100
};

/* Members as they would stand in a text, each with the number of the name that its spelling stands for. */
typedef struct member_list {
    char text[MOST * NAME];
    size_t len;
    lambdest__named members[MOST];
    unsigned meaning[MOST];
    size_t count;
} member_list;

static void add(member_list *list, const char *spelling, unsigned meaning, uint32_t level)
{
    lambdest__named *member = &list->members[list->count];
    size_t len = strlen(spelling);

    memcpy(list->text + list->len, spelling, len + 1);
    member->name.data = (const unsigned char *)list->text + list->len;
    member->name.len = len;
    member->value.data = member->name.data + len;
    member->value.len = list->count;
    member->level = level;
    member->hash = 0;
    list->meaning[list->count++] = meaning;
    list->len += len + 1;
}

/* The index of the first member that has an equal before it; count if there is none. */
static size_t expected_duplicate(const member_list *list)
{
    size_t i, k;

    for (i = 0; i < list->count; i++)
        for (k = 0; k < i; k++)
            if (list->meaning[i] == list->meaning[k] && list->members[i].level == list->members[k].level)
                return i;
    return list->count;
}

static void expect_duplicate(member_list *list, size_t expected)
{
    lambdest__named before[MOST];
    const lambdest__named *found;
    size_t i;

    memcpy(before, list->members, sizeof before);
    found = lambdest__names_duplicate(list->members, list->count);
    for (i = 0; i < list->count; i++)
        list->members[i].hash = 0;
    assert_memory_equal(list->members, before, list->count * sizeof before[0]);
    if (expected == list->count)
        assert_null(found);
    else
        assert_ptr_equal(found, &list->members[expected]);
}

static void finds_none_where_there_is_none(void **state)
{
    member_list list = {.count = 0};

    (void)state;
    assert_null(lambdest__names_duplicate(NULL, 0));
    expect_duplicate(&list, 0);
    add(&list, "a", 1, 0);
    expect_duplicate(&list, 1);
    add(&list, "b", 2, 0);
    expect_duplicate(&list, 2);
    add(&list, "A", 3, 0);
    add(&list, "", 4, 0);
    add(&list, "aa", 5, 0);
    add(&list, "a\\u0000", 6, 0);
    expect_duplicate(&list, 6);
}

static void finds_the_second_of_two(void **state)
{
    member_list pair = {.count = 0}, list = {.count = 0};

    (void)state;
    add(&pair, "a", 1, 0);
    add(&pair, "a", 1, 0);
    expect_duplicate(&pair, 1);
    add(&list, "z", 1, 0);
    add(&list, "a", 2, 0);
    add(&list, "z", 1, 0);
    expect_duplicate(&list, 2);
}

/* "b" is given twice before "a" is, though "a" sorts first; and of three the second counts. */
static void finds_the_first_in_the_order_of_the_text(void **state)
{
    member_list list = {.count = 0};

    (void)state;
    add(&list, "a", 1, 0);
    add(&list, "b", 2, 0);
    add(&list, "b", 2, 0);
    add(&list, "b", 2, 0);
    add(&list, "a", 1, 0);
    expect_duplicate(&list, 2);
}

static void sees_through_escapes(void **state)
{
    static const char *const spellings[][2] = {
        {"condition", "c\\u006fndition"},
        {"a/b", "a\\/b"},
        {"\\u00e9", "\xC3\xA9"},
        {"\\u00E9", "\\u00e9"},
        {"\\ud83d\\ude00", "\xF0\x9F\x98\x80"},
        {"\\n", "\\u000a"},
        {"\\\"", "\\u0022"},
        {"\\\\", "\\u005C"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        member_list list = {.count = 0};

        add(&list, spellings[i][0], 1, 3);
        add(&list, "other", 2, 3);
        add(&list, spellings[i][1], 1, 3);
        expect_duplicate(&list, 2);
    }
}

static void tells_levels_apart(void **state)
{
    member_list list = {.count = 0};

    (void)state;
    add(&list, "version", 1, 0);
    add(&list, "version", 1, 1);
    add(&list, "version", 1, UINT32_MAX);
    add(&list, "version", 1, 2);
    expect_duplicate(&list, 4);
    add(&list, "version", 1, UINT32_MAX);
    expect_duplicate(&list, 4);
}

static void add_random(member_list *list, uint64_t *seed, unsigned names, unsigned levels)
{
    static const char *const digits[3][4] = {
        {"0", "1", "2", "3"}, {"\\u0030", "\\u0031", "\\u0032", "\\u0033"}, {"0", "\\u0031", "2", "3"}};
    unsigned meaning = (unsigned)support_below(seed, names), rest;
    char spelling[NAME] = "common prefix ";

    for (rest = meaning + 1; rest; rest /= 4)
        strcat(spelling, digits[support_below(seed, 3)][rest % 4]);
    add(list, spelling, meaning, (uint32_t)support_below(seed, levels));
}

static void agrees_with_looking_at_every_two(void **state)
{
    static member_list list;
    uint64_t seed = 13;
    size_t found = 0;
    int round, rounds = support_quick() ? 300 : 3000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        size_t count = support_below(&seed, 40), expected;
        unsigned names = 1 + (unsigned)support_below(&seed, 1000),
                 levels = 1 + (unsigned)support_below(&seed, 4);

        list.count = list.len = 0;
        while (list.count < count)
            add_random(&list, &seed, names, levels);
        expected = expected_duplicate(&list);
        found += expected < list.count;
        expect_duplicate(&list, expected);
    }
    assert_in_range(found, rounds / 10, rounds - rounds / 10);
}

/* ---- many ---- */

static size_t crowd_size(void)
{
    return support_quick() ? 3000 : 60000;
}

static lambdest__named *make_crowd(char *text, size_t count, bool falling)
{
    lambdest__named *members = calloc(count, sizeof *members);
    size_t i;

    assert_non_null(members);
    for (i = 0; i < count; i++) {
        char *name = text + i * NAME;

        members[i].name.len = (size_t)sprintf(name, "%040zu", falling ? count - i : i);
        members[i].name.data = (const unsigned char *)name;
    }
    return members;
}

static void finds_one_in_a_crowd(void **state)
{
    const size_t count = crowd_size();
    char *text = malloc(count * NAME);
    int falling;

    (void)state;
    assert_non_null(text);
    for (falling = 0; falling < 2; falling++) {
        lambdest__named *members = make_crowd(text, count, falling);

        assert_null(lambdest__names_duplicate(members, count));
        memcpy(text + (count - 1) * NAME, text + count / 3 * NAME, NAME);
        assert_ptr_equal(lambdest__names_duplicate(members, count), &members[count - 1]);
        memcpy(text + 300 * NAME, text + 299 * NAME, NAME);
        assert_ptr_equal(lambdest__names_duplicate(members, count), &members[300]);
        free(members);
    }
    free(text);
}

static void a_crowd_of_one_name(void **state)
{
    const size_t count = crowd_size();
    unsigned char *text = malloc(count);
    lambdest__named *members = calloc(count, sizeof *members);
    size_t i;

    (void)state;
    assert_non_null(text);
    assert_non_null(members);
    for (i = 0; i < count; i++)
        members[i].name.data = text + i;
    assert_ptr_equal(lambdest__names_duplicate(members, count), &members[1]);
    free(members);
    free(text);
}

/* So many that they are told apart by hashes first. FNV-1a gives these two words the same one. */
static void tells_apart_what_hashes_do_not(void **state)
{
    static const char *const words[] = {"costarring", "liquid", "\\u006ciquid", "co\\u0073tarring"};
    static member_list list;
    lambdest__span a = {(const unsigned char *)words[0], 10}, b = {(const unsigned char *)words[1], 6};
    size_t i;

    (void)state;
    assert_int_equal(lambdest__string_hash(a), lambdest__string_hash(b));
    memset(&list, 0, sizeof list);
    for (i = 0; i < CROWDED; i++) {
        char name[8];

        snprintf(name, sizeof name, "k%zu", i);
        add(&list, name, (unsigned)i, 0);
    }
    for (i = 0; i < 2; i++)
        add(&list, words[i], (unsigned)(CROWDED + i), 0);
    expect_duplicate(&list, CROWDED + 2);
    add(&list, words[0], CROWDED, 1);
    expect_duplicate(&list, CROWDED + 3);
    add(&list, words[2], CROWDED + 1, 0);
    add(&list, words[3], CROWDED, 0);
    expect_duplicate(&list, CROWDED + 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_none_where_there_is_none),
        cmocka_unit_test(finds_the_second_of_two),
        cmocka_unit_test(finds_the_first_in_the_order_of_the_text),
        cmocka_unit_test(sees_through_escapes),
        cmocka_unit_test(tells_levels_apart),
        cmocka_unit_test(agrees_with_looking_at_every_two),
        cmocka_unit_test(tells_apart_what_hashes_do_not),
        cmocka_unit_test(finds_one_in_a_crowd),
        cmocka_unit_test(a_crowd_of_one_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
