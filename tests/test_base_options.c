#include "support.h"

#include "base/options.h"

#include <stdlib.h>
#include <string.h>

/* What a later version of the struct may look like to this one. */
typedef struct longer_options {
    lambdest_options known;
    unsigned char unknown[24];
} longer_options;

static lambdest_options blank(void)
{
    lambdest_options o;

    memset(&o, 0, sizeof o);
    o.size = sizeof o;
    return o;
}

static void expect_defaults(const lambdest__limits *limits)
{
    void *p;

    assert_int_equal(limits->max_bytes, 268435456);
    assert_int_equal(limits->max_items, 10000);
    assert_int_equal(limits->max_depth, 512);
    assert_int_equal(limits->max_nesting, 8);
    assert_int_equal(limits->flags, 0);
    p = limits->alloc.alloc(limits->alloc.ctx, 10);
    assert_non_null(p);
    limits->alloc.release(limits->alloc.ctx, p, 10);
}

static void has_defaults(void **state)
{
    lambdest_options o = blank();
    lambdest__limits limits;
    lambdest_error err;

    (void)state;
    memset(&limits, 0xEE, sizeof limits);
    assert_int_equal(lambdest__options_read(NULL, &limits, &err), LAMBDEST_OK);
    expect_defaults(&limits);
    memset(&limits, 0xEE, sizeof limits);
    assert_int_equal(lambdest__options_read(&o, &limits, NULL), LAMBDEST_OK);
    expect_defaults(&limits);
}

static void takes_what_is_set(void **state)
{
    support_memory *m = *state;
    lambdest_options o = blank();
    lambdest__limits limits;

    o.flags = LAMBDEST_BORROW;
    o.max_depth = 65536;
    o.max_nesting = 3;
    o.max_bytes = UINT64_MAX;
    o.max_items = 1;
    o.alloc = &m->alloc;
    assert_int_equal(lambdest__options_read(&o, &limits, NULL), LAMBDEST_OK);
    assert_int_equal(limits.flags, LAMBDEST_BORROW);
    assert_int_equal(limits.max_depth, 65536);
    assert_int_equal(limits.max_nesting, 3);
    assert_true(limits.max_bytes == UINT64_MAX);
    assert_int_equal(limits.max_items, 1);
    assert_memory_equal(&limits.alloc, &m->alloc, sizeof m->alloc);
}

static void expect_refused(const lambdest_options *o, const char *where)
{
    lambdest__limits limits, before;
    lambdest_error err;

    memset(&limits, 0xEE, sizeof limits);
    before = limits;
    assert_int_equal(lambdest__options_read(o, &limits, &err), LAMBDEST_E_INVAL);
    support_expect_error(&err, LAMBDEST_E_INVAL, 0, where);
    assert_memory_equal(&limits, &before, sizeof limits);
    assert_int_equal(lambdest__options_read(o, &limits, NULL), LAMBDEST_E_INVAL);
}

static void refuses_another_size(void **state)
{
    lambdest_options o = blank();
    uint32_t size;

    (void)state;
    for (size = 0; size < sizeof o; size++) {
        o.size = size;
        expect_refused(&o, "options.size");
    }
}

static void refuses_unknown_flags(void **state)
{
    lambdest_options o = blank();
    int bit;

    (void)state;
    for (bit = 1; bit < 32; bit++) {
        o.flags = UINT32_C(1) << bit;
        expect_refused(&o, "options.flags");
        o.flags |= LAMBDEST_BORROW;
        expect_refused(&o, "options.flags");
    }
}

static void refuses_too_great_a_depth(void **state)
{
    lambdest_options o = blank();

    (void)state;
    o.max_depth = 65537;
    expect_refused(&o, "options.max_depth");
    o.max_depth = UINT32_MAX;
    expect_refused(&o, "options.max_depth");
}

static void refuses_a_reserved_member(void **state)
{
    lambdest_options o = blank();

    (void)state;
    o.reserved = &o;
    expect_refused(&o, "options.reserved");
}

static void refuses_half_an_allocator(void **state)
{
    support_memory *m = *state;
    lambdest_options o = blank();
    lambdest_alloc alloc;

    o.alloc = &alloc;
    alloc = m->alloc;
    alloc.alloc = NULL;
    expect_refused(&o, "options.alloc");
    alloc = m->alloc;
    alloc.resize = NULL;
    expect_refused(&o, "options.alloc");
    alloc = m->alloc;
    alloc.release = NULL;
    expect_refused(&o, "options.alloc");
}

static void takes_a_longer_struct_with_nothing_new_in_it(void **state)
{
    longer_options o;
    lambdest__limits limits;
    size_t i;

    (void)state;
    memset(&o, 0, sizeof o);
    o.known.size = sizeof o;
    o.known.max_depth = 7;
    assert_int_equal(lambdest__options_read(&o.known, &limits, NULL), LAMBDEST_OK);
    assert_int_equal(limits.max_depth, 7);
    for (i = 0; i < sizeof o.unknown; i++) {
        memset(o.unknown, 0, sizeof o.unknown);
        o.unknown[i] = 1;
        expect_refused(&o.known, "options.size");
    }
}

/* Every size a caller may have been built with, against every size known here. */
static void reads_structs_of_any_size(void **state)
{
    enum {
        MOST = 12
    };

    size_t known, given, least, i;

    (void)state;
    for (known = 1; known <= MOST; known++)
        for (given = 0; given <= MOST; given++)
            for (least = 0; least <= known; least++) {
                unsigned char out[MOST + 1], in[MOST];

                for (i = 0; i < MOST; i++)
                    in[i] = i < known ? (unsigned char)(i + 1) : 0;
                memset(out, 0xEE, sizeof out);
                if (given < least) {
                    assert_int_equal(lambdest__struct_read(out, known, in, given, least), LAMBDEST_E_INVAL);
                    assert_int_equal(out[0], 0xEE);
                    continue;
                }
                assert_int_equal(lambdest__struct_read(out, known, in, given, least), LAMBDEST_OK);
                for (i = 0; i < known; i++)
                    assert_int_equal(out[i], i < given ? i + 1 : 0);
                assert_int_equal(out[known], 0xEE);
            }
}

static void refuses_a_struct_with_unknown_bytes_set(void **state)
{
    unsigned char in[20] = {0}, out[10];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof in; i++) {
        in[i] = 0x80;
        memset(out, 0xEE, sizeof out);
        assert_int_equal(lambdest__struct_read(out, 10, in, 20, 4), i < 10 ? LAMBDEST_OK : LAMBDEST_E_INVAL);
        assert_int_equal(out[9], i < 9 ? 0 : i == 9 ? 0x80 : 0xEE);
        in[i] = 0;
    }
}

/* Every size a caller may have been built with, against every size known here, for a struct to be filled. */
static void fills_structs_of_any_size(void **state)
{
    enum {
        MOST = 16
    };

    uint32_t known, given, least;

    (void)state;
    for (known = 4; known <= MOST; known++)
        for (given = 0; given <= MOST; given++)
            for (least = 4; least <= known; least++) {
                unsigned char to[MOST + 1], from[MOST], before[MOST + 1];
                size_t i;

                memset(from, 0x77, sizeof from);
                memset(to, 0xEE, sizeof to);
                memcpy(to, &given, sizeof given);
                memcpy(before, to, sizeof to);
                if (given < least) {
                    assert_int_equal(lambdest__struct_write(to, from, known, least), LAMBDEST_E_INVAL);
                    assert_memory_equal(to, before, sizeof to);
                    continue;
                }
                assert_int_equal(lambdest__struct_write(to, from, known, least), LAMBDEST_OK);
                assert_memory_equal(to, &given, sizeof given);
                for (i = sizeof given; i < given; i++)
                    assert_int_equal(to[i], i < known ? 0x77 : 0);
                for (; i < sizeof to; i++)
                    assert_int_equal(to[i], 0xEE);
            }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test_setup_teardown(takes_what_is_set, support_setup, support_teardown),
        cmocka_unit_test(refuses_another_size),
        cmocka_unit_test(refuses_unknown_flags),
        cmocka_unit_test(refuses_too_great_a_depth),
        cmocka_unit_test(refuses_a_reserved_member),
        cmocka_unit_test_setup_teardown(refuses_half_an_allocator, support_setup, support_teardown),
        cmocka_unit_test(takes_a_longer_struct_with_nothing_new_in_it),
        cmocka_unit_test(reads_structs_of_any_size),
        cmocka_unit_test(refuses_a_struct_with_unknown_bytes_set),
        cmocka_unit_test(fills_structs_of_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
