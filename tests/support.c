#include "support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif

/* The address sanitizer watches the end of a block itself, and sees reads too. */
#ifdef HAVE_ASAN
enum {
    TAIL = 0
};
#else
enum {
    TAIL = 16
};
#endif

enum {
    HEAD = 16,
    GUARD_BYTE = 0x5A,
    FRESH_BYTE = 0xA5,
    RELEASED_BYTE = 0xDB
};

static const uint64_t ALIVE = UINT64_C(0x6C616D6264657374);

typedef struct block {
    uint64_t mark;
    size_t size;
    _Alignas(max_align_t) unsigned char guard[HEAD];
} block;

static unsigned char *data_of(block *b)
{
    return (unsigned char *)(b + 1);
}

static void note(support_memory *m, const char *fault)
{
    if (!m->fault)
        m->fault = fault;
}

static bool is_filled(const unsigned char *p, size_t len, unsigned char byte)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (p[i] != byte)
            return false;
    return true;
}

static bool must_fail(support_memory *m)
{
    m->calls++;
    if (!m->fail_at || m->calls < m->fail_at || (m->calls > m->fail_at && !m->fail_on))
        return false;
    m->failures++;
    return true;
}

static void *make_block(support_memory *m, size_t size)
{
    block *b;

    if (!size)
        note(m, "an allocation of no bytes");
    if (size > SIZE_MAX - sizeof(block) - TAIL)
        return NULL;
    b = malloc(sizeof(block) + size + TAIL);
    if (!b)
        return NULL;
    b->mark = ALIVE;
    b->size = size;
    memset(b->guard, GUARD_BYTE, sizeof b->guard);
    memset(data_of(b), FRESH_BYTE, size);
    memset(data_of(b) + size, GUARD_BYTE, TAIL);
    m->blocks++;
    m->bytes += size;
    return data_of(b);
}

/* The live block whose data is `old`; NULL, and a fault noted, if there is none. */
static block *find_block(support_memory *m, void *old, size_t size)
{
    block *b = old ? (block *)old - 1 : NULL;

    if (!b || b->mark != ALIVE) {
        note(m, "a pointer that is no live block");
        return NULL;
    }
    if (b->size != size)
        note(m, "another size than was asked for");
    if (!is_filled(b->guard, sizeof b->guard, GUARD_BYTE))
        note(m, "a write before a block");
    if (!is_filled(data_of(b) + b->size, TAIL, GUARD_BYTE))
        note(m, "a write behind a block");
    return b;
}

static void drop_block(support_memory *m, block *b)
{
    m->blocks--;
    m->bytes -= b->size;
    memset(b, RELEASED_BYTE, sizeof(block) + b->size + TAIL);
    free(b);
}

static void *memory_alloc(void *ctx, size_t size)
{
    support_memory *m = ctx;

    return must_fail(m) ? NULL : make_block(m, size);
}

static void *memory_resize(void *ctx, void *old, size_t old_size, size_t size)
{
    support_memory *m = ctx;
    block *b = find_block(m, old, old_size);
    void *moved;

    if (must_fail(m) || !b)
        return NULL;
    moved = make_block(m, size);
    if (!moved)
        return NULL;
    memcpy(moved, old, b->size < size ? b->size : size);
    drop_block(m, b);
    return moved;
}

static void memory_release(void *ctx, void *old, size_t size)
{
    support_memory *m = ctx;
    block *b = find_block(m, old, size);

    if (b)
        drop_block(m, b);
}

void support_memory_init(support_memory *m)
{
    memset(m, 0, sizeof *m);
    m->alloc.alloc = memory_alloc;
    m->alloc.resize = memory_resize;
    m->alloc.release = memory_release;
    m->alloc.ctx = m;
}

void support_memory_fail(support_memory *m, size_t nth, bool onwards)
{
    m->fail_at = nth ? m->calls + nth : 0;
    m->fail_on = onwards;
}

void support_memory_check(const support_memory *m)
{
    if (m->fault)
        fail_msg("memory misused: %s", m->fault);
    if (m->blocks || m->bytes)
        fail_msg("%zu blocks of %zu bytes are left", m->blocks, m->bytes);
}

int support_setup(void **state)
{
    support_memory *m = malloc(sizeof *m);

    if (!m)
        return -1;
    support_memory_init(m);
    *state = m;
    return 0;
}

int support_teardown(void **state)
{
    support_memory *m = *state;
    support_memory last = *m;

    free(m);
    support_memory_check(&last);
    return 0;
}

/* One run with the nth allocation failing; whether there was one to fail. */
static bool attempt_fails(support_memory *m, int (*attempt)(support_memory *, void *), void *arg, size_t nth,
                          bool onwards)
{
    size_t failures = m->failures, blocks = m->blocks, bytes = m->bytes;
    bool failed;
    int rc;

    support_memory_fail(m, nth, onwards);
    rc = attempt(m, arg);
    support_memory_fail(m, 0, false);
    failed = m->failures > failures;
    if (rc != (failed ? LAMBDEST_E_NOMEM : LAMBDEST_OK))
        fail_msg("code %d with allocation %zu%s failing", rc, nth, onwards ? " and all after it" : "");
    if (m->blocks != blocks || m->bytes != bytes)
        fail_msg("%zu blocks, before %zu, with allocation %zu failing", m->blocks, blocks, nth);
    if (m->fault)
        fail_msg("memory misused: %s, with allocation %zu failing", m->fault, nth);
    return failed;
}

void support_exhaust(support_memory *m, int (*attempt)(support_memory *m, void *arg), void *arg)
{
    int onwards;

    for (onwards = 0; onwards < 2; onwards++) {
        size_t nth = 1;

        while (attempt_fails(m, attempt, arg, nth, onwards))
            nth++;
        if (nth == 1)
            fail_msg("no allocation was there to fail");
    }
}

/* ---- files and bytes ---- */

char *support_load(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    long size = -1;

    if (file && !fseek(file, 0, SEEK_END))
        size = ftell(file);
    if (size >= 0 && !fseek(file, 0, SEEK_SET))
        data = malloc(size ? (size_t)size : 1);
    if (data && fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        data = NULL;
    }
    if (file)
        fclose(file);
    if (!data)
        fail_msg("cannot read %s", path);
    *len = (size_t)size;
    return data;
}

char *support_exact(const void *data, size_t len)
{
    char *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    if (len)
        memcpy(copy, data, len);
    return copy;
}

void support_expect_bytes_at(const void *data, size_t len, const void *expected, size_t expected_len,
                             const char *file, int line)
{
    const unsigned char *a = data, *b = expected;
    size_t i = 0;

    while (i < len && i < expected_len && a[i] == b[i])
        i++;
    if (i == len && i == expected_len)
        return;
    print_error("%zu bytes, expected %zu; other from byte %zu on: \"%.*s\", expected \"%.*s\"\n", len,
                expected_len, i, (int)(len - i < 60 ? len - i : 60), a ? (const char *)a + i : "",
                (int)(expected_len - i < 60 ? expected_len - i : 60), b ? (const char *)b + i : "");
    _fail(file, line);
}

/* ---- errors ---- */

void support_expect_error_at(const lambdest_error *err, int code, uint64_t offset, const char *where,
                             const char *file, int line)
{
    bool same = err->code == code && err->offset == offset && err->where && !strcmp(err->where, where);
    bool sound = err->message && *err->message && !err->reserved[0] && !err->reserved[1] &&
                 (code == LAMBDEST_E_IO || !err->flags);

    if (same && sound)
        return;
    print_error("error %d at %llu in \"%s\", expected %d at %llu in \"%s\"; message \"%s\"\n", err->code,
                (unsigned long long)err->offset, err->where ? err->where : "(null)", code,
                (unsigned long long)offset, where, err->message ? err->message : "(null)");
    _fail(file, line);
}

void support_expect_ok_at(const lambdest_error *err, const char *file, int line)
{
    bool zero = !err->code && !err->flags && !err->offset && !err->reserved[0] && !err->reserved[1];

    if (zero && err->message && !*err->message && err->where && !*err->where)
        return;
    print_error("error %d, \"%s\", expected none\n", err->code, err->message ? err->message : "(null)");
    _fail(file, line);
}

/* ---- chance ---- */

bool support_quick(void)
{
    return getenv("LAMBDEST_TEST_QUICK") != NULL;
}

bool support_long(void)
{
    return getenv("LAMBDEST_TEST_LONG") != NULL;
}

bool support_rehearsed(void)
{
    return getenv("LAMBDEST_TEST_REHEARSED") != NULL;
}

/* splitmix64 */
uint64_t support_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

size_t support_below(uint64_t *seed, size_t limit)
{
    return (size_t)(support_random(seed) % limit);
}

/* ---- random JSON ---- */

typedef struct writer {
    uint64_t *seed;
    unsigned char *out;
    size_t len;
    size_t cap;
} writer;

static void put(writer *w, const char *text)
{
    size_t len = strlen(text);

    memcpy(w->out + w->len, text, len);
    w->len += len;
}

static void put_one_of(writer *w, const char *const *choices, size_t count)
{
    put(w, choices[support_below(w->seed, count)]);
}

/* Room for one more member, and for closing all that is open. */
static bool has_room(const writer *w)
{
    return w->cap - w->len > 3 * SUPPORT_JSON_MIN;
}

static void put_space(writer *w)
{
    static const char *const spaces[] = {"", "", "", "", " ", "\n", "\t", "\r\n"};

    put_one_of(w, spaces, sizeof spaces / sizeof spaces[0]);
}

static void put_string(writer *w)
{
    static const char *const pieces[] = {
        "a",
        "plain text",
        " ",
        "\x7F",
        "/",
        "\\/",
        "\\\\",
        "\\\"",
        "\\b",
        "\\f",
        "\\n",
        "\\r",
        "\\t",
        "\\u0001",
        "\\u00e9",
        "\\u20AC",
        "\\uFFFF",
        "\\ud83d\\uDE00",
        "\xC3\xA9",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
        "\xEF\xBB\xBF",
        "{",
        "]",
        ",",
        ":",
    };
    size_t n = support_below(w->seed, 5);

    put(w, "\"");
    for (; n; n--)
        put_one_of(w, pieces, sizeof pieces / sizeof pieces[0]);
    put(w, "\"");
}

static void put_scalar(writer *w)
{
    static const char *const scalars[] = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "7",
        "-12",
        "9007199254740993",
        "0.5",
        "-1.25",
        "1e5",
        "2E-7",
        "3.0e+08",
        "\"\"",
        "123456789012345678",
        "1.0000000000000000001",
    };

    if (support_below(w->seed, 2))
        put_string(w);
    else
        put_one_of(w, scalars, sizeof scalars / sizeof scalars[0]);
}

static void put_value(writer *w, unsigned depth);

static void put_member(writer *w, bool named, unsigned depth)
{
    put_space(w);
    if (named) {
        put_string(w);
        put_space(w);
        put(w, ":");
    }
    put_value(w, depth);
    put_space(w);
}

static void put_value(writer *w, unsigned depth)
{
    size_t i, n = support_below(w->seed, 6);
    bool object = support_below(w->seed, 2);

    put_space(w);
    if (depth == 12 || !has_room(w) || (depth && !support_below(w->seed, 3))) {
        put_scalar(w);
        return;
    }
    put(w, object ? "{" : "[");
    for (i = 0; i < n && has_room(w); i++) {
        if (i)
            put(w, ",");
        put_member(w, object, depth + 1);
    }
    put_space(w);
    put(w, object ? "}" : "]");
}

size_t support_random_json(uint64_t *seed, unsigned char *out, size_t cap)
{
    writer w = {seed, out, 0, cap};

    put_value(&w, 0);
    put_space(&w);
    return w.len;
}

/* ---- a second opinion ---- */

enum support_verdict support_jansson(const void *text, size_t len)
{
    json_error_t error;
    enum json_error_code code;
    json_t *json;

    if (len && memchr(text, '\0', len))
        return SUPPORT_INVALID;
    json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json) {
        json_decref(json);
        return SUPPORT_VALID;
    }
    code = json_error_code(&error);
    if (code == json_error_numeric_overflow || code == json_error_null_byte_in_key ||
        code == json_error_stack_overflow || !strncmp(error.text, "invalid Unicode '\\u", 19))
        return SUPPORT_UNTOLD;
    return SUPPORT_INVALID;
}
