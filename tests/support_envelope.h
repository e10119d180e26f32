/* What the tests of envelopes share: calls that must succeed, and looks at what came of them. Helpers that
 * take a place in the text are called through the macro without `_at`. */
#ifndef LAMBDEST_TESTS_SUPPORT_ENVELOPE_H
#define LAMBDEST_TESTS_SUPPORT_ENVELOPE_H

#include "support.h"

#include <jansson.h>
#include <lambdest/outcome.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline lambdest_options support_options(const support_memory *m, uint32_t flags)
{
    lambdest_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.flags = flags;
    options.alloc = m ? &m->alloc : NULL;
    return options;
}

static inline void support_code_at(int rc, int expected, const lambdest_error *err, const char *file,
                                   int line)
{
    if (rc == expected)
        return;
    print_error("code %d at %llu in \"%s\" (%s), expected %d\n", rc, (unsigned long long)err->offset,
                err->where, err->message, expected);
    _fail(file, line);
}

#define support_new(m, flags) support_new_at((m), (flags), __FILE__, __LINE__)
static inline lambdest_envelope *support_new_at(const support_memory *m, uint32_t flags, const char *file,
                                                int line)
{
    lambdest_options options = support_options(m, flags);
    lambdest_envelope *env = NULL;
    lambdest_error err;
    int rc = lambdest_envelope_new(&options, &env, &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    return env;
}

/* Uses up the memory that an envelope came with: each text after this takes memory of its own. NOMEM. */
static inline int support_fill(const support_memory *m, lambdest_envelope *env)
{
    size_t calls = m->calls;
    int rc = LAMBDEST_OK;

    while (rc == LAMBDEST_OK && m->calls == calls)
        rc = lambdest_envelope_set_json(env, LAMBDEST_CONTEXT, "1234567", 7, NULL);
    return rc;
}

#define support_parse(m, text, len, flags) support_parse_at((m), (text), (len), (flags), __FILE__, __LINE__)
static inline lambdest_envelope *support_parse_at(const support_memory *m, const char *text, size_t len,
                                                  uint32_t flags, const char *file, int line)
{
    lambdest_options options = support_options(m, flags);
    lambdest_envelope *env = NULL;
    lambdest_error err;
    int rc = lambdest_envelope_parse(text, len, &options, &env, &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    support_expect_ok_at(&err, file, line);
    return env;
}

/* A text of the test's own, copied, with the default allocator. */
#define support_parse_text(text) support_parse_at(NULL, (text), strlen(text), 0, __FILE__, __LINE__)

/* Parsing is refused with this code, offset and place. */
#define support_refuse(text, len, code, offset, where)                                                       \
    support_refuse_at((text), (len), (code), (offset), (where), __FILE__, __LINE__)
static inline void support_refuse_at(const char *text, size_t len, int code, uint64_t offset,
                                     const char *where, const char *file, int line)
{
    char *exact = support_exact(text, len);
    lambdest_envelope *env = (lambdest_envelope *)(void *)exact;
    support_memory memory;
    lambdest_options options;
    lambdest_error err;
    int rc;

    support_memory_init(&memory);
    options = support_options(&memory, 0);
    rc = lambdest_envelope_parse(exact, len, &options, &env, &err);
    free(exact);
    support_memory_check(&memory);
    if (rc != code || env)
        print_error("of %.*s:\n", (int)(len < 300 ? len : 300), text);
    support_expect_error_at(&err, code, offset, where, file, line);
    if (rc != code || env)
        _fail(file, line);
}

/* A written envelope, for lambdest_free. */
#define support_write(env, form, flags, len)                                                                 \
    support_write_at((env), (form), (flags), (len), __FILE__, __LINE__)
static inline char *support_write_at(const lambdest_envelope *env, int form, uint32_t flags, size_t *len,
                                     const char *file, int line)
{
    lambdest_error err;
    char *text = NULL;
    size_t written = 0;
    int rc = lambdest_envelope_write_alloc(env, form, flags, &text, &written, &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    if (text[written])
        _fail(file, line);
    if (len)
        *len = written;
    return text;
}

#define support_expect_written(env, form, flags, expected, len)                                              \
    support_expect_written_at((env), (form), (flags), (expected), (len), __FILE__, __LINE__)
static inline void support_expect_written_at(const lambdest_envelope *env, int form, uint32_t flags,
                                             const char *expected, size_t len, const char *file, int line)
{
    size_t written;
    char *text = support_write_at(env, form, flags, &written, file, line);

    support_expect_bytes_at(text, written, expected, len, file, line);
    lambdest_free(text);
}

/* As RECORD or DOCUMENT, without flags, against a text of the test's own. */
#define support_expect_record(env, expected)                                                                 \
    support_expect_written((env), LAMBDEST_RECORD, 0, (expected), strlen(expected))
#define support_expect_document(env, expected)                                                               \
    support_expect_written((env), LAMBDEST_DOCUMENT, 0, (expected), strlen(expected))

/* A text member is this, or absent (NULL); the getters agree with each other. */
#define support_expect_text(env, member, expected)                                                           \
    support_expect_text_at((env), (member), (expected), __FILE__, __LINE__)
static inline void support_expect_text_at(const lambdest_envelope *env, int member, const char *expected,
                                          const char *file, int line)
{
    size_t len = 77;
    const char *text = lambdest_envelope_text(env, member, &len);

    if (!expected && !text && !len && lambdest_envelope_state(env, member) != LAMBDEST_VALUE)
        return;
    if (!expected || !text) {
        print_error("member %d is \"%s\", expected \"%s\"\n", member, text ? text : "(none)",
                    expected ? expected : "(none)");
        _fail(file, line);
    } else {
        support_expect_bytes_at(text, len + 1, expected, strlen(expected) + 1, file, line);
        if (lambdest_envelope_state(env, member) != LAMBDEST_VALUE)
            _fail(file, line);
    }
}

/* A JSON member is exactly this, or absent (NULL). */
#define support_expect_json(env, member, expected)                                                           \
    support_expect_json_at((env), (member), (expected), __FILE__, __LINE__)
static inline void support_expect_json_at(const lambdest_envelope *env, int member, const char *expected,
                                          const char *file, int line)
{
    size_t len = 77;
    const char *json = lambdest_envelope_json(env, member, &len);
    int state = lambdest_envelope_state(env, member);

    if (!expected) {
        if (json || len || state != LAMBDEST_ABSENT)
            _fail(file, line);
        return;
    }
    support_expect_bytes_at(json, len, expected, strlen(expected), file, line);
    if (state != (strcmp(expected, "null") ? LAMBDEST_VALUE : LAMBDEST_NULL))
        _fail(file, line);
}

/* An integer member is this, or absent (-1: no member is negative here but a time). */
#define support_expect_integer(env, member, expected)                                                        \
    support_expect_integer_at((env), (member), (expected), __FILE__, __LINE__)
static inline void support_expect_integer_at(const lambdest_envelope *env, int member, int64_t expected,
                                             const char *file, int line)
{
    int64_t value = 77;
    int rc = lambdest_envelope_integer(env, member, &value);

    if (expected < 0 && rc == LAMBDEST_E_ABSENT && !value)
        return;
    if (rc == LAMBDEST_OK && value == expected && lambdest_envelope_state(env, member) == LAMBDEST_VALUE)
        return;
    print_error("member %d: code %d, value %lld, expected %lld\n", member, rc, (long long)value,
                (long long)expected);
    _fail(file, line);
}

#define support_set_text(env, member, text) support_set_text_at((env), (member), (text), __FILE__, __LINE__)
static inline void support_set_text_at(lambdest_envelope *env, int member, const char *text, const char *file,
                                       int line)
{
    lambdest_error err;
    int rc = lambdest_envelope_set_text(env, member, text, strlen(text), &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    support_expect_ok_at(&err, file, line);
}

#define support_set_integer(env, member, value)                                                              \
    support_set_integer_at((env), (member), (value), __FILE__, __LINE__)
static inline void support_set_integer_at(lambdest_envelope *env, int member, int64_t value, const char *file,
                                          int line)
{
    lambdest_error err;
    int rc = lambdest_envelope_set_integer(env, member, value, &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    support_expect_ok_at(&err, file, line);
}

#define support_set_json(env, member, json) support_set_json_at((env), (member), (json), __FILE__, __LINE__)
static inline void support_set_json_at(lambdest_envelope *env, int member, const char *json, const char *file,
                                       int line)
{
    lambdest_error err;
    int rc = lambdest_envelope_set_json(env, member, json, strlen(json), &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    support_expect_ok_at(&err, file, line);
}

#define support_set_state(env, member, state)                                                                \
    support_set_state_at((env), (member), (state), __FILE__, __LINE__)
static inline void support_set_state_at(lambdest_envelope *env, int member, int state, const char *file,
                                        int line)
{
    lambdest_error err;
    int rc = lambdest_envelope_set_state(env, member, state, &err);

    support_code_at(rc, LAMBDEST_OK, &err, file, line);
    support_expect_ok_at(&err, file, line);
}

/* jansson's value of a text that it can hold. */
#define support_value(text, len) support_value_at((text), (len), __FILE__, __LINE__)
static inline json_t *support_value_at(const char *text, size_t len, const char *file, int line)
{
    json_error_t error;
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (!value) {
        print_error("jansson: %s at %d in %.*s\n", error.text, error.position, (int)len, text);
        _fail(file, line);
    }
    return value;
}

/* Two texts have one value. */
#define support_expect_same_value(a, a_len, b, b_len)                                                        \
    support_expect_same_value_at((a), (a_len), (b), (b_len), __FILE__, __LINE__)
static inline void support_expect_same_value_at(const char *a, size_t a_len, const char *b, size_t b_len,
                                                const char *file, int line)
{
    json_t *left = support_value_at(a, a_len, file, line), *right = support_value_at(b, b_len, file, line);
    bool same = json_equal(left, right);

    json_decref(left);
    json_decref(right);
    if (same)
        return;
    print_error("%.*s\nhas another value than\n%.*s\n", (int)a_len, a, (int)b_len, b);
    _fail(file, line);
}

#endif
