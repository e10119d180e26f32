#include "support.h"

#include "json/emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a script: calls that make one JSON text ---- */

enum kind {
    OPEN_OBJECT,
    OPEN_ARRAY,
    CLOSE_OBJECT,
    CLOSE_ARRAY,
    NAME,
    ELEMENT,
    TEXT,
    INTEGER,
    PASTE,
    COPY
};

typedef struct step {
    enum kind kind;
    const char *text; /* of NAME, TEXT, PASTE and COPY */
    size_t len;
    int64_t integer;
} step;

enum {
    MOST_STEPS = 400,
    MOST_BYTES = 40000
};

typedef struct script {
    step steps[MOST_STEPS];
    size_t count;
} script;

static void add(script *s, enum kind kind, const char *text, size_t len, int64_t integer)
{
    step *to = &s->steps[s->count++];

    to->kind = kind;
    to->text = text;
    to->len = len;
    to->integer = integer;
}

/* Texts with what must be escaped; white space to be kept and to be removed; payloads already compact. */
static const char *const texts[] = {"", "plain", "\"quoted\" \\ back", "\n\t\x01\x1F", "caf\xC3\xA9"};
static const char *const payloads[] = {
    "null", "{}",  " {\"a\" : 1} ",           "[1,2,3]", "\n[ 1 , \"x  y\" ]", "\" spaces \\\" stay \"",
    "-0.0", "1E5", "{\"k\":[{\"deep\":[]}]}", "  7  ",
};

static void add_value(script *s, uint64_t *seed, unsigned depth);

static void add_members(script *s, uint64_t *seed, unsigned depth, bool object)
{
    static const char *const names[] = {"a", "version", "requestContext"};
    size_t n = support_below(seed, 5);

    add(s, object ? OPEN_OBJECT : OPEN_ARRAY, NULL, 0, 0);
    for (; n && s->count < MOST_STEPS - 60; n--) {
        const char *name = names[support_below(seed, 3)];

        add(s, object ? NAME : ELEMENT, name, strlen(name), 0);
        add_value(s, seed, depth + 1);
    }
    add(s, object ? CLOSE_OBJECT : CLOSE_ARRAY, NULL, 0, 0);
}

static void add_value(script *s, uint64_t *seed, unsigned depth)
{
    const char *text;

    switch (depth < 6 ? support_below(seed, 5) : 2 + support_below(seed, 3)) {
    case 0:
    case 1:
        add_members(s, seed, depth, support_below(seed, 2));
        return;
    case 2:
        text = texts[support_below(seed, sizeof texts / sizeof texts[0])];
        add(s, TEXT, text, strlen(text), 0);
        return;
    case 3:
        add(s, INTEGER, NULL, 0, (int64_t)support_random(seed) >> support_below(seed, 64));
        return;
    default:
        text = payloads[support_below(seed, sizeof payloads / sizeof payloads[0])];
        add(s, support_below(seed, 3) ? PASTE : COPY, text, strlen(text), 0);
    }
}

/* ---- what the script must come to ---- */

typedef struct wanted {
    char out[MOST_BYTES];
    size_t len;
    size_t members[20];
    size_t depth;
} wanted;

static void want_text(wanted *x, const char *text, size_t len)
{
    assert_in_range(x->len + len, 0, MOST_BYTES);
    memcpy(x->out + x->len, text, len);
    x->len += len;
}

static void want_string(wanted *x, const char *text, size_t len)
{
    size_t i;

    want_text(x, "\"", 1);
    for (i = 0; i < len; i++) {
        char escape[8];

        if (text[i] == '\n' || text[i] == '\t')
            want_text(x, text[i] == '\n' ? "\\n" : "\\t", 2);
        else if (text[i] == '"' || text[i] == '\\')
            want_text(x, escape, (size_t)sprintf(escape, "\\%c", text[i]));
        else if (text[i] > 0 && text[i] < 0x20)
            want_text(x, escape, (size_t)sprintf(escape, "\\u%04x", (unsigned)text[i]));
        else
            want_text(x, text + i, 1);
    }
    want_text(x, "\"", 1);
}

/* Fit for the payloads above: a quote behind a backslash ends no string. */
static void want_payload(wanted *x, const step *s, bool compact)
{
    bool in_string = false;
    size_t i;

    for (i = 0; i < s->len; i++) {
        if (s->text[i] == '"' && (i == 0 || s->text[i - 1] != '\\'))
            in_string = !in_string;
        if (!compact || in_string || !strchr(" \n", s->text[i]))
            want_text(x, s->text + i, 1);
    }
}

static void want_step(wanted *x, const step *s, bool compact)
{
    char digits[32];

    switch (s->kind) {
    case OPEN_OBJECT:
    case OPEN_ARRAY:
        want_text(x, s->kind == OPEN_OBJECT ? "{" : "[", 1);
        x->members[++x->depth] = 0;
        break;
    case CLOSE_OBJECT:
    case CLOSE_ARRAY:
        want_text(x, s->kind == CLOSE_OBJECT ? "}" : "]", 1);
        x->depth--;
        break;
    case NAME:
    case ELEMENT:
        if (x->members[x->depth]++)
            want_text(x, ",", 1);
        if (s->kind == NAME) {
            want_string(x, s->text, s->len);
            want_text(x, ":", 1);
        }
        break;
    case TEXT:
        want_string(x, s->text, s->len);
        break;
    case INTEGER:
        want_text(x, digits, (size_t)sprintf(digits, "%" PRId64, s->integer));
        break;
    case PASTE:
    case COPY:
        want_payload(x, s, compact);
        break;
    }
}

static void want_script(wanted *x, const script *s, bool compact)
{
    size_t i;

    x->len = x->depth = 0;
    for (i = 0; i < s->count; i++)
        want_step(x, &s->steps[i], compact);
}

/* ---- playing a script ---- */

static lambdest__span span_of(const step *s)
{
    lambdest__span span = {(const unsigned char *)s->text, s->len};

    return span;
}

static void play_step(lambdest__emit *e, const step *s)
{
    switch (s->kind) {
    case OPEN_OBJECT:
        lambdest__emit_open(e, '{');
        break;
    case OPEN_ARRAY:
        lambdest__emit_open(e, '[');
        break;
    case CLOSE_OBJECT:
        lambdest__emit_close(e, '}');
        break;
    case CLOSE_ARRAY:
        lambdest__emit_close(e, ']');
        break;
    case NAME:
        lambdest__emit_name(e, s->text);
        break;
    case ELEMENT:
        lambdest__emit_next(e);
        break;
    case TEXT:
        lambdest__emit_text(e, s->text, s->len);
        break;
    case INTEGER:
        lambdest__emit_integer(e, s->integer);
        break;
    case PASTE:
        lambdest__emit_paste(e, span_of(s));
        break;
    case COPY:
        lambdest__emit_copy(e, span_of(s));
        break;
    }
}

static lambdest__emit play(const script *s, unsigned char *buf, lambdest_slice *parts, bool by_reference,
                           bool compact)
{
    lambdest__emit e;
    size_t i;

    lambdest__emit_init(&e, buf, compact);
    e.by_reference = by_reference;
    e.parts = parts;
    for (i = 0; i < s->count; i++)
        play_step(&e, &s->steps[i]);
    lambdest__emit_end(&e);
    return e;
}

static void *block_of(size_t size)
{
    void *block = malloc(size ? size : 1);

    assert_non_null(block);
    memset(block, 0xEE, size);
    return block;
}

static void check_measured(const script *s, const wanted *x, bool compact)
{
    lambdest__emit e = play(s, NULL, NULL, false, compact);

    assert_int_equal(lambdest__emit_total(&e), x->len);
    assert_int_equal(e.used, x->len);
    assert_int_equal(e.part_count, 0);
}

static void check_written(const script *s, const wanted *x, bool compact)
{
    unsigned char *buf = block_of(x->len);
    lambdest__emit e = play(s, buf, NULL, false, compact);

    assert_int_equal(lambdest__emit_total(&e), x->len);
    assert_int_equal(e.used, x->len);
    support_expect_bytes(buf, e.used, x->out, x->len);
    free(buf);
}

/* In a block of `cap` bytes: counted to the end, and what was written is right. */
static void check_within(const script *s, const wanted *x, size_t cap, bool compact)
{
    unsigned char *buf = block_of(cap);
    lambdest__emit e;
    size_t i, wrong = 0;

    lambdest__emit_init_within(&e, buf, cap, compact);
    for (i = 0; i < s->count; i++)
        play_step(&e, &s->steps[i]);
    assert_int_equal(e.used, x->len);
    for (i = 0; i < cap; i++)
        wrong += buf[i] != 0xEE && (i >= x->len || buf[i] != (unsigned char)x->out[i]);
    assert_int_equal(wrong, 0);
    if (cap >= x->len)
        support_expect_bytes(buf, x->len, x->out, x->len);
    free(buf);
}

static bool is_payload(const char *data)
{
    size_t i;

    for (i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
        if (data == payloads[i])
            return true;
    return false;
}

/* Every part is either a whole payload in its own place or bytes of buf, which follow each other. */
static void check_each_part(const lambdest__emit *e, const wanted *x)
{
    size_t at = 0, used = 0, i;

    for (i = 0; i < e->part_count; i++) {
        const lambdest_slice *part = &e->parts[i];

        assert_in_range(part->len, 1, x->len - at);
        assert_memory_equal(part->data, x->out + at, part->len);
        at += part->len;
        if (is_payload(part->data)) {
            assert_int_equal(part->len, strlen(part->data));
        } else {
            assert_ptr_equal(part->data, e->buf + used);
            used += part->len;
        }
    }
    assert_int_equal(at, x->len);
    assert_int_equal(used, e->used);
}

static size_t count_payloads(const script *s, bool compact)
{
    size_t i, n = 0;

    for (i = 0; i < s->count; i++) {
        static wanted x;

        if (s->steps[i].kind != PASTE)
            continue;
        x.len = 0;
        want_payload(&x, &s->steps[i], compact);
        n += x.len == s->steps[i].len;
    }
    return n;
}

static void check_parts(const script *s, const wanted *x, bool compact)
{
    lambdest__emit measured = play(s, NULL, NULL, true, compact);
    unsigned char *buf = block_of(measured.used);
    lambdest_slice *parts = block_of(measured.part_count * sizeof *parts);
    lambdest__emit e = play(s, buf, parts, true, compact);
    size_t i, payload_parts = 0;

    assert_int_equal(lambdest__emit_total(&measured), x->len);
    assert_int_equal(lambdest__emit_total(&e), x->len);
    assert_int_equal(e.used, measured.used);
    assert_int_equal(e.part_count, measured.part_count);
    check_each_part(&e, x);
    for (i = 0; i < e.part_count; i++)
        payload_parts += is_payload(parts[i].data);
    assert_int_equal(payload_parts, count_payloads(s, compact));
    free(parts);
    free(buf);
}

static void check_script(const script *s)
{
    static wanted x;
    size_t missing;
    int compact;

    for (compact = 0; compact < 2; compact++) {
        want_script(&x, s, compact);
        assert_int_equal(support_jansson(x.out, x.len), SUPPORT_VALID);
        check_measured(s, &x, compact);
        check_written(s, &x, compact);
        check_parts(s, &x, compact);
        for (missing = 0; missing < 40; missing += 1 + missing / 3)
            check_within(s, &x, x.len > missing ? x.len - missing : 0, compact);
        check_within(s, &x, x.len / 2, compact);
        check_within(s, &x, x.len + 100, compact);
    }
}

/* ---- the tests ---- */

static void writes_what_stands_here(void **state)
{
    static const char expected[] = "{\"version\":\"1.0\",\"count\":-3,\"none\":{},\"list\":[\"a\\\"b\", { "
                                   "\"x\" : 1 } ,[]],\"last\":null}";
    lambdest__span payload = {(const unsigned char *)" { \"x\" : 1 } ", 13};
    unsigned char buf[200];
    lambdest__emit e;

    (void)state;
    lambdest__emit_init(&e, buf, false);
    lambdest__emit_open(&e, '{');
    lambdest__emit_name(&e, "version");
    lambdest__emit_text(&e, "1.0", 3);
    lambdest__emit_name(&e, "count");
    lambdest__emit_integer(&e, -3);
    lambdest__emit_name(&e, "none");
    lambdest__emit_open(&e, '{');
    lambdest__emit_close(&e, '}');
    lambdest__emit_name(&e, "list");
    lambdest__emit_open(&e, '[');
    lambdest__emit_next(&e);
    lambdest__emit_text(&e, "a\"b", 3);
    lambdest__emit_next(&e);
    lambdest__emit_paste(&e, payload);
    lambdest__emit_next(&e);
    lambdest__emit_open(&e, '[');
    lambdest__emit_close(&e, ']');
    lambdest__emit_close(&e, ']');
    lambdest__emit_name(&e, "last");
    lambdest__emit_raw(&e, NULL, 0);
    lambdest__emit_raw(&e, "null", 4);
    lambdest__emit_close(&e, '}');
    lambdest__emit_end(&e);
    support_expect_bytes(buf, e.used, expected, sizeof expected - 1);
    assert_int_equal(lambdest__emit_total(&e), e.used);
}

static void all_ways_give_the_same_bytes(void **state)
{
    static script s;
    uint64_t seed = 16;
    int round, rounds = support_quick() ? 300 : 5000;

    (void)state;
    for (round = 0; round < rounds; round++) {
        s.count = 0;
        add_members(&s, &seed, 0, round % 2);
        check_script(&s);
    }
}

static void a_payload_alone_is_one_part(void **state)
{
    static script s;
    lambdest_slice part;
    lambdest__emit e;

    (void)state;
    s.count = 0;
    add(&s, PASTE, payloads[2], strlen(payloads[2]), 0);
    check_script(&s);
    e = play(&s, NULL, &part, true, false);
    assert_int_equal(e.part_count, 1);
    assert_int_equal(e.used, 0);
    assert_ptr_equal(part.data, payloads[2]);
}

/* A list without brackets: commas stand between its elements only. */
static void commas_stand_between(void **state)
{
    unsigned char buf[20];
    lambdest__emit e;

    (void)state;
    lambdest__emit_init(&e, buf, false);
    lambdest__emit_next(&e);
    lambdest__emit_integer(&e, 1);
    lambdest__emit_next(&e);
    lambdest__emit_integer(&e, 2);
    support_expect_bytes(buf, e.used, "1,2", 3);
}

static void nothing_has_no_parts(void **state)
{
    static script s;
    lambdest__emit e = play(&s, NULL, NULL, true, false);

    (void)state;
    assert_int_equal(e.part_count, 0);
    assert_int_equal(lambdest__emit_total(&e), 0);
}

static void measures_the_least_text(void **state)
{
    static const lambdest__span one = {(const unsigned char *)"1", 1};
    lambdest__emit e;

    (void)state;
    lambdest__emit_init(&e, NULL, true);
    lambdest__emit_copy(&e, one);
    assert_int_equal(lambdest__emit_total(&e), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_stands_here),     cmocka_unit_test(all_ways_give_the_same_bytes),
        cmocka_unit_test(a_payload_alone_is_one_part), cmocka_unit_test(commas_stand_between),
        cmocka_unit_test(nothing_has_no_parts),        cmocka_unit_test(measures_the_least_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
