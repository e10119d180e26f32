#include "bench.h"
#include "input.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- memory: every program's allocations are counted in the same way, by the C library's own names ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

static struct {
    int on;
    size_t calls;
    size_t now;
    size_t peak;
} memory;

static void *note(void *block)
{
    memory.calls++;
    memory.now += block ? malloc_usable_size(block) : 0;
    if (memory.now > memory.peak)
        memory.peak = memory.now;
    return block;
}

static void forget(void *block)
{
    memory.now -= block ? malloc_usable_size(block) : 0;
}

void *malloc(size_t size)
{
    void *block = __libc_malloc(size);

    return memory.on ? note(block) : block;
}

void *calloc(size_t count, size_t size)
{
    void *block = __libc_calloc(count, size);

    return memory.on ? note(block) : block;
}

void *realloc(void *old, size_t size)
{
    if (memory.on)
        forget(old);
    old = __libc_realloc(old, size);
    return memory.on ? note(old) : old;
}

void free(void *block)
{
    if (memory.on)
        forget(block);
    __libc_free(block);
}

/* ---- time ---- */

static volatile size_t sink;

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int run(const struct bench_op *op, struct bench_input *in, uint64_t count)
{
    size_t sum = 0;

    for (; count; count--) {
        size_t n = op->run(in);

        if (!n)
            return 0;
        sum += n;
    }
    sink += sum;
    return 1;
}

/* The fewest nanoseconds of one run that three batches of some hundred microseconds show; -1: it failed. */
static double measure(const struct bench_op *op, struct bench_input *in)
{
    uint64_t count = 1, from, best = 0;
    double ns = -1;
    int batch;

    for (;;) {
        from = now_ns();
        if (!run(op, in, count))
            return -1;
        best = now_ns() - from;
        if (best > 50000)
            break;
        count *= 2;
    }
    ns = (double)best / (double)count;
    for (batch = 0; batch < 3; batch++) {
        from = now_ns();
        run(op, in, count * 2);
        best = now_ns() - from;
        if ((double)best / (double)(count * 2) < ns)
            ns = (double)best / (double)(count * 2);
    }
    return ns;
}

static void answer(const struct bench_op *ops, const char *name, const char *style, size_t size)
{
    const struct bench_op *op = ops;
    struct bench_input in;
    double ns = -1;

    memset(&memory, 0, sizeof memory);
    while (op->name && strcmp(op->name, name))
        op++;
    if (op->name && bench_input_make(&in, style, size)) {
        if (op->prepare)
            op->prepare(&in);
        run(op, &in, 1);
        memory.on = 1;
        run(op, &in, 1);
        memory.on = 0;
        ns = measure(op, &in);
        if (op->clean_up)
            op->clean_up(&in);
        bench_input_free(&in);
    }
    printf("%.2f %zu %zu\n", ns, memory.calls, memory.peak);
    fflush(stdout);
}

/* With arguments: one operation, as often as told, for a profiler. */
static int once(int argc, char **argv, const struct bench_op *ops)
{
    const struct bench_op *op = ops;
    struct bench_input in;
    int ok;

    if (argc != 5)
        return 2;
    while (op->name && strcmp(op->name, argv[1]))
        op++;
    if (!op->name || !bench_input_make(&in, argv[2], (size_t)strtoul(argv[3], NULL, 10)))
        return 2;
    if (op->prepare)
        op->prepare(&in);
    ok = run(op, &in, strtoul(argv[4], NULL, 10));
    if (op->clean_up)
        op->clean_up(&in);
    bench_input_free(&in);
    return !ok;
}

int bench_main(int argc, char **argv, const struct bench_op *ops)
{
    char line[256], name[64], style[64];
    unsigned long size;

    if (argc > 1)
        return once(argc, argv, ops);
    while (fgets(line, sizeof line, stdin))
        if (sscanf(line, "%63s %63s %lu", name, style, &size) == 3)
            answer(ops, name, style, size);
    return 0;
}
