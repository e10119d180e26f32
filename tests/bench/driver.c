/* Runs the programs of the benchmark side by side, one cell at a time in interleaved rounds on one CPU, and
 * prints how many times longer than ours each of them takes.
 *
 * driver ROUNDS OPS STYLES SIZES ours=PROGRAM peer=PROGRAM … (lists with commas) */
#define _GNU_SOURCE
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum {
    PROGRAMS = 12,
    ROUNDS = 99,
    ITEMS = 32
};

typedef struct program {
    const char *name;
    FILE *to;
    FILE *from;
} program;

typedef struct result {
    double ns[ROUNDS];
    double min;
    double median;
    unsigned long calls;
    unsigned long peak;
} result;

typedef struct sums {
    double log_ratio;
    int cells;
    int slower; /* cells in which ours took longer */
} sums;

static int start(program *p, char *spec)
{
    char *path = strchr(spec, '=');
    int in[2], out[2];

    if (!path || pipe(in) || pipe(out))
        return 0;
    *path++ = '\0';
    p->name = spec;
    if (fork() == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    p->to = fdopen(in[1], "w");
    p->from = fdopen(out[0], "r");
    return p->to && p->from;
}

static void ask(program *p, result *r, int round, const char *op, const char *style, const char *size)
{
    char line[128];

    r->ns[round] = -1;
    fprintf(p->to, "%s %s %s\n", op, style, size);
    fflush(p->to);
    if (fgets(line, sizeof line, p->from))
        sscanf(line, "%lf %lu %lu", &r->ns[round], &r->calls, &r->peak);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void settle(result *r, int rounds)
{
    qsort(r->ns, (size_t)rounds, sizeof r->ns[0], by_size);
    r->min = r->ns[0];
    r->median = r->ns[rounds / 2];
}

static int split(char *list, char **items)
{
    int n = 0;

    for (list = strtok(list, ","); list && n < ITEMS; list = strtok(NULL, ","))
        items[n++] = list;
    return n;
}

static void print_cell(const char *op, const char *style, const char *size, const program *programs,
                       const result *results, int count)
{
    const result *ours = &results[0];
    int i;

    printf("%-12s %-8s %8s %12.1f %5.0f%% %4lu %9lu", op, style, size, ours->min,
           100 * (ours->median / ours->min - 1), ours->calls, ours->peak);
    for (i = 1; i < count; i++)
        if (results[i].min > 0)
            printf(" %8.2f", results[i].min / ours->min);
        else
            printf(" %8s", "-");
    printf("\n");
    fflush(stdout);
    (void)programs;
}

static void add(sums *s, const result *results, int count)
{
    int i;

    for (i = 1; i < count; i++)
        if (results[i].min > 0 && results[0].min > 0) {
            s[i].log_ratio += log(results[i].min / results[0].min);
            s[i].cells++;
            s[i].slower += results[i].min < results[0].min;
        }
}

static void print_head(const program *programs, int count)
{
    int i;

    printf("%-12s %-8s %8s %12s %6s %4s %9s", "operation", "style", "bytes", "ours ns", "spread", "mem",
           "peak");
    for (i = 1; i < count; i++)
        printf(" %8s", programs[i].name);
    printf("\n");
}

static void print_sums(const char *op, const sums *s, int count)
{
    int i;

    printf("%-12s %-46s", op, "geometric mean");
    for (i = 1; i < count; i++)
        if (s[i].cells)
            printf(" %8.2f", exp(s[i].log_ratio / s[i].cells));
        else
            printf(" %8s", "-");
    printf("\n%-12s %-46s", op, "cells in which ours is slower");
    for (i = 1; i < count; i++)
        printf(" %8d", s[i].slower);
    printf("\n\n");
}

/* The exponent by which our time grows with the size: a line through the logarithms. */
static void print_exponent(const char *op, const char *style, const double *x, const double *y, int n)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    int i;

    for (i = 0; i < n; i++) {
        sx += x[i];
        sy += y[i];
        sxx += x[i] * x[i];
        sxy += x[i] * y[i];
    }
    printf("%-12s %-8s exponent %.3f\n", op, style, (n * sxy - sx * sy) / (n * sxx - sx * sx));
}

static void pin(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)(sysconf(_SC_NPROCESSORS_ONLN) - 1), &set);
    sched_setaffinity(0, sizeof set, &set);
}

int main(int argc, char **argv)
{
    static result results[PROGRAMS];
    program programs[PROGRAMS];
    char *ops[ITEMS], *styles[ITEMS], *sizes[ITEMS];
    double x[ITEMS], y[ITEMS];
    int o, s, z, i, round, count = 0, rounds, n_ops, n_styles, n_sizes;

    if (argc < 6 || argc - 5 > PROGRAMS)
        return 2;
    pin();
    rounds = atoi(argv[1]) < ROUNDS ? atoi(argv[1]) : ROUNDS;
    n_ops = split(argv[2], ops);
    n_styles = split(argv[3], styles);
    n_sizes = split(argv[4], sizes);
    for (i = 5; i < argc; i++)
        if (!start(&programs[count++], argv[i]))
            return 1;
    print_head(programs, count);
    for (o = 0; o < n_ops; o++) {
        sums total[PROGRAMS];

        memset(total, 0, sizeof total);
        for (s = 0; s < n_styles; s++) {
            for (z = 0; z < n_sizes; z++) {
                for (round = 0; round < rounds; round++)
                    for (i = 0; i < count; i++)
                        ask(&programs[i], &results[i], round, ops[o], styles[s], sizes[z]);
                for (i = 0; i < count; i++)
                    settle(&results[i], rounds);
                print_cell(ops[o], styles[s], sizes[z], programs, results, count);
                add(total, results, count);
                x[z] = log(atof(sizes[z]));
                y[z] = log(results[0].min);
            }
            if (count == 1)
                print_exponent(ops[o], styles[s], x, y, n_sizes);
        }
        print_sums(ops[o], total, count);
    }
    return 0;
}
