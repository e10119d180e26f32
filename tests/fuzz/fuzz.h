/* What the harnesses share. A harness is one function, LLVMFuzzerTestOneInput, in fuzz_<topic>.c:
 * libFuzzer, AFL++ and replay.c all drive it. A property that does not hold is said on standard error and
 * aborts. */
#ifndef LAMBDEST_TESTS_FUZZ_H
#define LAMBDEST_TESTS_FUZZ_H

#include "support.h"

#include <jansson.h>
#include <lambdest.h>
#include <lambdest/jansson.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fuzz_require(condition, what)                                                                        \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            fuzz_fail((what), __FILE__, __LINE__);                                                           \
    } while (0)
_Noreturn void fuzz_fail(const char *what, const char *file, int line);

/* ---- the input ---- */

typedef struct fuzz_input {
    const uint8_t *at;
    size_t left;
} fuzz_input;

/* The next byte, 0 behind the last. */
unsigned fuzz_byte(fuzz_input *in);
size_t fuzz_below(fuzz_input *in, size_t limit);

/* A length in one byte (255: in two more) and as many bytes, or what is left; and all that is left. In a
 * block of exactly that size, so that a sanitizer sees a read past it, which lives until fuzz_end. */
lambdest_slice fuzz_take(fuzz_input *in);
lambdest_slice fuzz_rest(fuzz_input *in);
lambdest_slice fuzz_keep(const void *data, size_t len);

/* Frees what the above has made. */
void fuzz_end(void);

/* Options by one byte: borrowed or not, and now and then a low limit. */
lambdest_options fuzz_options(fuzz_input *in, const support_memory *m);

/* ---- memory, errors ---- */

/* As many blocks are alive as then, and none was misused. */
void fuzz_memory_is(const support_memory *m, size_t blocks);

/* The error tells of this code, with an offset of at most `len`. */
void fuzz_error_is(const lambdest_error *err, int rc, uint64_t len);

/* ---- texts ---- */

typedef struct fuzz_text {
    char *data;
    size_t len;
    size_t cap;
} fuzz_text;

void fuzz_add(fuzz_text *text, const void *data, size_t len);
void fuzz_add_number(fuzz_text *text, long long n);
void fuzz_add_counted(fuzz_text *text, const char *data, size_t len);
bool fuzz_same(const fuzz_text *a, const fuzz_text *b);

/* Says which of their bytes differ, and fails, if any do. */
#define fuzz_require_same(a, b, what) fuzz_require_same_at((a), (b), (what), __FILE__, __LINE__)
void fuzz_require_same_at(const fuzz_text *a, const fuzz_text *b, const char *what, const char *file,
                          int line);

/* White space outside of strings left out, of a text that is JSON. */
void fuzz_compact(const char *text, size_t len, fuzz_text *out);

/* ---- UTF-8 and base64, by their definitions ---- */

/* The length of the character that begins here (len > 0); 0 for none. */
size_t fuzz_utf8_length(const char *text, size_t len);

/* A bit at a time; -1 for what RFC 4648, section 4, does not allow, else the length. */
long fuzz_decode_base64(const char *text, size_t len, unsigned char *out);

/* ---- JSON as others see it ---- */

/* Fails if jansson can read the text and says that it is no JSON. */
#define fuzz_require_json(text, len)                                                                         \
    fuzz_require(support_jansson((text), (len)) != SUPPORT_INVALID, "jansson says that this is no JSON")

/* jansson's value, a new reference; NULL if it can tell of none. */
json_t *fuzz_value(const char *text, size_t len);

/* The value by a path of names, "a.b"; borrowed; NULL if there is none. */
const json_t *fuzz_at(const json_t *value, const char *path);

/* ---- envelopes ---- */

/* All that the getters tell but the form and what only a document has. */
void fuzz_tell(const lambdest_envelope *env, fuzz_text *out);

/* Writes in all three ways, which must agree; returns the code. */
int fuzz_write(const lambdest_envelope *env, int form, uint32_t flags, fuzz_text *out);

/* Parses a text that must be an envelope. */
lambdest_envelope *fuzz_parse(const fuzz_text *text, const lambdest_options *options);

/* One change by one of the setters, told by the input; returns its code. Text is the input's (kept until
 * fuzz_end) or, unless the envelope borrows, its own. */
int fuzz_change(fuzz_input *in, lambdest_envelope *env, bool borrows, lambdest_error *err);

#endif
