/* What the tests share: memory that counts and fails, files, errors, chance, and jansson as a second
 * opinion on JSON. */
#ifndef LAMBDEST_TESTS_SUPPORT_H
#define LAMBDEST_TESTS_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <lambdest/base.h>
#include <stdbool.h>

/* An allocator that counts, fails when told to, moves at every resize, fills fresh and released memory
 * with a pattern, guards both ends of a block and checks the sizes it is given. It records what is wrong
 * and never asserts, for the library is on the stack. */
typedef struct support_memory {
    lambdest_alloc alloc; /* for the code under test */
    size_t blocks;        /* alive now */
    size_t bytes;         /* alive now, as asked for */
    size_t calls;         /* allocations and resizes asked for so far */
    size_t fail_at;       /* the call that fails, as `calls` counts; 0: none */
    bool fail_on;         /* and all after it */
    size_t failures;      /* how many have failed */
    const char *fault;    /* the first misuse; NULL for none */
} support_memory;

void support_memory_init(support_memory *m);

/* The nth allocation or resize from now fails (n from 1; 0: none does), or all from it on. */
void support_memory_fail(support_memory *m, size_t nth, bool onwards);

/* Fails the test if a block is alive or was misused. */
void support_memory_check(const support_memory *m);

/* For cmocka_unit_test_setup_teardown: *state is a support_memory, and a test that leaks fails. */
int support_setup(void **state);
int support_teardown(void **state);

/* Calls attempt(m, arg) with its first allocation failing, its second, and so on until none is left to
 * fail; then again with all from that one on failing. attempt returns the code of what it tried, checks it
 * and gives back all it got. Fails the test unless each failed allocation gives LAMBDEST_E_NOMEM and leaves
 * no block behind, each other run LAMBDEST_OK, and at least one allocation was there to fail. */
void support_exhaust(support_memory *m, int (*attempt)(support_memory *m, void *arg), void *arg);

/* A whole file in a block of exactly its size, for free(). Fails the test if it cannot be read. */
char *support_load(const char *path, size_t *len);

/* A copy in a block of exactly `len` bytes, so that a sanitizer sees a read past it; for free(). */
char *support_exact(const void *data, size_t len);

/* The error has this code, offset and where, a message, and nothing in its other members. */
#define support_expect_error(err, code, offset, where)                                                       \
    support_expect_error_at((err), (code), (offset), (where), __FILE__, __LINE__)
void support_expect_error_at(const lambdest_error *err, int code, uint64_t offset, const char *where,
                             const char *file, int line);

/* The error says success: all zero, message and where "". */
#define support_expect_ok(err) support_expect_ok_at((err), __FILE__, __LINE__)
void support_expect_ok_at(const lambdest_error *err, const char *file, int line);

/* The two byte strings are the same. */
#define support_expect_bytes(data, len, expected, expected_len)                                              \
    support_expect_bytes_at((data), (len), (expected), (expected_len), __FILE__, __LINE__)
void support_expect_bytes_at(const void *data, size_t len, const void *expected, size_t expected_len,
                             const char *file, int line);

/* Whether LAMBDEST_TEST_QUICK is set: long loops then take strides. */
bool support_quick(void);

/* Whether LAMBDEST_TEST_LONG is set: what is left to chance is tried more often. */
bool support_long(void);

/* Whether every call that takes memory fails before it succeeds (tests/faults/rehearse.c): an allocator of a
 * test's own then counts more calls than it would. */
bool support_rehearsed(void);

/* Chance that is the same in every run; *seed is the state, any value to begin with. */
uint64_t support_random(uint64_t *seed);
size_t support_below(uint64_t *seed, size_t limit);

enum {
    SUPPORT_JSON_MIN = 128
};

/* Writes a random JSON text with white space, escapes and wide characters of up to `cap` bytes
 * (>= SUPPORT_JSON_MIN), all of it within what jansson can hold; returns its length. */
size_t support_random_json(uint64_t *seed, unsigned char *out, size_t cap);

/* What jansson says of a text. It cannot tell where it stopped at a text that RFC 8259 allows and jansson
 * does not: a lone surrogate escape, a NUL in a key, a number out of range, a depth over 2048. A NUL byte
 * is never JSON; jansson is not asked, for it drops one that follows a number or a word. */
enum support_verdict {
    SUPPORT_INVALID = 0,
    SUPPORT_VALID = 1,
    SUPPORT_UNTOLD = 2
};
enum support_verdict support_jansson(const void *text, size_t len);

#endif
