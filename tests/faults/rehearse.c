/* Linked into a test or an example, in front of the library (--wrap), this makes every call that can run out
 * of memory fail before it succeeds: with its first allocation failing and all after it, then with the first
 * alone, then with the second, and so on. Each failed try must say so, hand nothing out, leave no block
 * behind and its objects as they were. The first try that finds all its memory is the call the program made,
 * so that the program's own assertions say whether the failures before it changed anything.
 *
 * REHEARSE_LOG     a file to add to: function, calls, tries with one failure, tries with all from it on
 * REHEARSE_STRICT  an allocation by any other function of the library is a fault
 * FAULT_AT         no rehearsal: the nth allocation of the program and the library fails (0: none does)
 * FAULT_ON         and all after it
 * FAULT_COUNT      a file for the number of allocations there were */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <lambdest.h>
#include <lambdest/jansson.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

enum {
    LARGE = 65536,
    MEMORIES = 4
};

#define REAL(name) __real_##name
#define DECLARE(type, name, params)                                                                          \
    type __real_##name params;                                                                               \
    type __wrap_##name params

DECLARE(void *, malloc, (size_t size));
DECLARE(void *, calloc, (size_t count, size_t size));
DECLARE(void *, realloc, (void *old, size_t size));
DECLARE(void, free, (void *old));
DECLARE(void *, lambdest__alloc, (const lambdest_alloc *alloc, size_t size));
DECLARE(void *, lambdest__resize, (const lambdest_alloc *alloc, void *old, size_t old_size, size_t size));
DECLARE(void *, lambdest__grow,
        (const lambdest_alloc *alloc, void *old, size_t *cap, size_t first, size_t each));
DECLARE(char *, lambdest__text_new, (const lambdest_alloc *alloc, size_t len));
DECLARE(int, lambdest__plan_call, (lambdest_plan * plan));
DECLARE(int, lambdest_plan_run, (lambdest_plan * plan));

/* What a failed call may not have changed. */
typedef struct watched {
    const lambdest_envelope *env;
    const lambdest_router *router;
    const lambdest_items *items;
    const lambdest_spool *spool;
    size_t size; /* of the input */
} watched;

typedef struct record {
    const char *name;
    unsigned long calls;
    unsigned long one;
    unsigned long onwards;
} record;

/* The counts of a test's allocator, as they were before the try. */
typedef struct kept {
    support_memory *memory;
    size_t calls;
} kept;

static _Thread_local struct {
    bool inside; /* a call of the library's */
    bool armed;
    bool struck;
    bool onwards;
    size_t seen;
    size_t nth;
    long blocks; /* more than before the try */
    long bytes;
    kept kept[MEMORIES];
    watched watched;
    uint64_t before;
    record *record;
} t;

static bool strict;
static bool whole; /* FAULT_AT */
static unsigned long whole_at;
static unsigned long whole_seen;
static bool whole_on;
static int whole_count = -1;

/* ---- memory ---- */

static void wrong(const char *what)
{
    fprintf(stderr, "rehearse: %s: %s, allocation %zu%s\n", t.record ? t.record->name : "the library", what,
            t.nth, t.onwards ? " and all after it" : "");
    abort();
}

static void write_line(int fd, const char *line, int len)
{
    if (write(fd, line, (size_t)len) != len)
        abort();
}

/* At once, for the process may be killed. */
static void tell_count(unsigned long seen)
{
    char line[32];

    if (lseek(whole_count, 0, SEEK_SET))
        abort();
    write_line(whole_count, line, snprintf(line, sizeof line, "%lu\n", seen));
}

static bool whole_strikes(void)
{
    unsigned long seen;

    if (!whole)
        return false;
    seen = __atomic_add_fetch(&whole_seen, 1, __ATOMIC_RELAXED);
    if (whole_count >= 0)
        tell_count(seen);
    return whole_at && (seen == whole_at || (whole_on && seen > whole_at));
}

static void count(void *block, int sign)
{
    if (!block || !t.inside)
        return;
    t.blocks += sign;
    t.bytes += sign * (long)malloc_usable_size(block);
}

void *__wrap_malloc(size_t size)
{
    void *block = whole_strikes() ? NULL : REAL(malloc)(size);

    count(block, 1);
    return block;
}

void *__wrap_calloc(size_t n, size_t size)
{
    void *block = whole_strikes() ? NULL : REAL(calloc)(n, size);

    count(block, 1);
    return block;
}

void *__wrap_realloc(void *old, size_t size)
{
    size_t old_bytes = old ? malloc_usable_size(old) : 0;
    void *block;

    if (whole_strikes())
        return NULL;
    block = REAL(realloc)(old, size);
    if (block && t.inside) {
        t.blocks += old ? 0 : 1;
        t.bytes += (long)malloc_usable_size(block) - (long)old_bytes;
    }
    return block;
}

void __wrap_free(void *old)
{
    count(old, -1);
    REAL(free)(old);
}

static bool strikes(void)
{
    if (strict && !t.inside)
        wrong("memory is asked for where no call should");
    if (!t.armed)
        return false;
    t.seen++;
    if (t.seen != t.nth && (t.seen < t.nth || !t.onwards))
        return false;
    t.struck = true;
    return true;
}

/* An allocator of the tests counts its calls, and tests rely on the count. */
static void keep(const lambdest_alloc *alloc)
{
    support_memory known, *m = alloc->ctx;
    size_t i;

    if (!t.armed)
        return;
    support_memory_init(&known);
    if (alloc->alloc != known.alloc.alloc)
        return;
    for (i = 0; i < MEMORIES && t.kept[i].memory && t.kept[i].memory != m; i++) {
    }
    if (i == MEMORIES)
        wrong("too many allocators");
    if (!t.kept[i].memory)
        t.kept[i] = (kept){m, m->calls};
}

static void restore(void)
{
    size_t i;

    for (i = 0; i < MEMORIES && t.kept[i].memory; i++)
        t.kept[i].memory->calls = t.kept[i].calls;
}

void *__wrap_lambdest__alloc(const lambdest_alloc *alloc, size_t size)
{
    keep(alloc);
    return size && strikes() ? NULL : REAL(lambdest__alloc)(alloc, size);
}

void *__wrap_lambdest__resize(const lambdest_alloc *alloc, void *old, size_t old_size, size_t size)
{
    keep(alloc);
    return strikes() ? NULL : REAL(lambdest__resize)(alloc, old, old_size, size);
}

void *__wrap_lambdest__grow(const lambdest_alloc *alloc, void *old, size_t *cap, size_t first, size_t each)
{
    keep(alloc);
    return strikes() ? NULL : REAL(lambdest__grow)(alloc, old, cap, first, each);
}

char *__wrap_lambdest__text_new(const lambdest_alloc *alloc, size_t len)
{
    keep(alloc);
    return strikes() ? NULL : REAL(lambdest__text_new)(alloc, len);
}

static void *json_alloc(size_t size)
{
    return t.armed && strikes() ? NULL : __wrap_malloc(size);
}

/* A sink that was called was called: what is planned is rehearsed, what it does is not. */
int __wrap_lambdest__plan_call(lambdest_plan *plan)
{
    bool armed = t.armed, inside = t.inside;
    int rc;

    t.armed = false;
    t.inside = true;
    rc = REAL(lambdest__plan_call)(plan);
    t.inside = inside;
    t.armed = armed;
    return rc;
}

int __wrap_lambdest_plan_run(lambdest_plan *plan)
{
    bool armed = t.armed, inside = t.inside;
    int rc;

    t.armed = false;
    t.inside = true;
    rc = REAL(lambdest_plan_run)(plan);
    t.inside = inside;
    t.armed = armed;
    return rc;
}

/* ---- what may not change ---- */

static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t i;

    for (i = 0; i < len; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static uint64_t mix_int(uint64_t hash, int64_t value)
{
    return mix(hash, &value, sizeof value);
}

static uint64_t mix_text(uint64_t hash, const lambdest_envelope *env, int form)
{
    static _Thread_local char small[LARGE];
    char *text = small;
    size_t len = 0;
    int rc = lambdest_envelope_write(env, form, 0, small, sizeof small, &len, NULL);

    hash = mix_int(hash, rc);
    if (rc == LAMBDEST_E_NOSPC) {
        text = REAL(malloc)(len + 1);
        if (!text || lambdest_envelope_write(env, form, 0, text, len + 1, &len, NULL))
            wrong("cannot be written");
    }
    if (!rc || rc == LAMBDEST_E_NOSPC)
        hash = mix(hash, text, len);
    if (text != small)
        REAL(free)(text);
    return hash;
}

static uint64_t mix_envelope(uint64_t hash, const lambdest_envelope *env)
{
    int form;

    hash = mix_int(hash, lambdest_envelope_kind(env));
    hash = mix_int(hash, lambdest_envelope_form(env));
    hash = mix_int(hash, lambdest_envelope_outcome(env));
    hash = mix_int(hash, lambdest_envelope_cause(env));
    hash = mix_text(hash, env, 0);
    for (form = LAMBDEST_RECORD; form <= LAMBDEST_CLOUDEVENT; form++)
        hash = mix_text(hash, env, form);
    return hash;
}

static uint64_t state_of(const watched *w)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    const char *name;
    size_t i;
    int total;

    if (w->env)
        hash = mix_envelope(hash, w->env);
    if (w->router)
        for (total = LAMBDEST_TOTAL_PLANNED; total <= LAMBDEST_TOTAL_ABANDONED; total++)
            hash = mix_int(hash, (int64_t)lambdest_router_total(w->router, total));
    for (i = 0; w->items && i < lambdest_items_count(w->items); i++)
        hash = mix_int(hash, lambdest_item_kind(lambdest_items_at(w->items, i)));
    for (i = 0; w->spool && (name = lambdest_spool_name(w->spool, i, NULL)); i++)
        hash = mix(hash, name, strlen(name));
    return hash;
}

/* ---- tries ---- */

static void arm(void)
{
    t.seen = 0;
    t.struck = false;
    t.blocks = 0;
    t.bytes = 0;
    memset(t.kept, 0, sizeof t.kept);
    t.inside = true;
    t.armed = true;
}

static void begin(record *r, watched w)
{
    t.record = r;
    t.watched = w;
    t.before = state_of(&w);
    t.nth = 1;
    t.onwards = true;
    __atomic_add_fetch(&r->calls, 1, __ATOMIC_RELAXED);
    arm();
}

static void end(void)
{
    t.inside = false;
    t.armed = false;
    t.record = NULL;
}

static void check(int rc, bool cleared, const lambdest_error *err)
{
    if (rc != LAMBDEST_E_NOMEM)
        wrong("another code than no memory");
    if (!cleared)
        wrong("an output that is not NULL or 0");
    if (err && (err->code != rc || err->flags || err->offset || strcmp(err->message, lambdest_name(rc)) ||
                *err->where))
        wrong("another error than no memory");
    if (t.blocks || t.bytes)
        wrong("other live bytes than before");
    if (state_of(&t.watched) != t.before)
        wrong("an object has changed");
}

/* Whether the try failed as it should, and another is due. */
static bool again(int rc, bool cleared, const lambdest_error *err)
{
    t.inside = false;
    t.armed = false;
    if (!t.struck) {
        end();
        return false;
    }
    check(rc, cleared, err);
    restore();
    if (t.onwards) {
        __atomic_add_fetch(&t.record->onwards, 1, __ATOMIC_RELAXED);
        t.onwards = false;
    } else {
        __atomic_add_fetch(&t.record->one, 1, __ATOMIC_RELAXED);
        t.nth += t.watched.size > LARGE ? 1 + t.nth / 2 : 1;
        t.onwards = true;
    }
    arm();
    return true;
}

/* ---- the calls ---- */

#define POISON(out) ((void)((out) ? memset((out), 0x5C, sizeof *(out)) : NULL))
#define WATCH_BOTH .router = router, .env = env
#define CLEARED(out) (!(out) || !*(out))

enum {
#define CALL(name, params, args, watch, poison, cleared, err) AT_##name,
#include "calls.h"
#undef CALL
    RECORDS
};
static record records[] = {
#define CALL(name, params, args, watch, poison, cleared, err) {#name, 0, 0, 0},
#include "calls.h"
#undef CALL
};

#define CALL(name, params, args, watch, poison, cleared, err)                                                \
    int __real_##name params;                                                                                \
    int __wrap_##name params;                                                                                \
    int __wrap_##name params                                                                                 \
    {                                                                                                        \
        int rc;                                                                                              \
                                                                                                             \
        if (t.inside || whole)                                                                               \
            return REAL(name) args;                                                                          \
        begin(&records[AT_##name], (watched){watch});                                                        \
        do {                                                                                                 \
            poison;                                                                                          \
            rc = REAL(name) args;                                                                            \
        } while (again(rc, cleared, err));                                                                   \
        return rc;                                                                                           \
    }
#include "calls.h"
#undef CALL

/* ---- the process ---- */

__attribute__((constructor)) static void read_wishes(void)
{
    const char *at = getenv("FAULT_AT"), *counted = getenv("FAULT_COUNT");

    strict = getenv("REHEARSE_STRICT") != NULL;
    whole_on = getenv("FAULT_ON") != NULL;
    if (at)
        whole_at = strtoul(at, NULL, 10);
    whole = at != NULL;
    if (whole && counted)
        whole_count = open(counted, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!whole)
        json_set_alloc_funcs(json_alloc, __wrap_free);
}

__attribute__((destructor)) static void tell(void)
{
    const char *log = getenv("REHEARSE_LOG");
    char line[160];
    size_t i;
    int fd;

    fd = log && !whole ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    for (i = 0; fd >= 0 && i < RECORDS; i++)
        if (records[i].calls)
            write_line(fd, line,
                       snprintf(line, sizeof line, "%s %lu %lu %lu\n", records[i].name, records[i].calls,
                                records[i].one, records[i].onwards));
    if (fd >= 0)
        close(fd);
}
