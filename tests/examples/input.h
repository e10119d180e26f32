/* What the small programs share: reading a whole file, and telling where a text is wrong. */
#ifndef EXAMPLES_INPUT_H
#define EXAMPLES_INPUT_H

#include <lambdest.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The exit status, once it is known whether all that was printed could be written. */
static inline int finish(const char *program, int status)
{
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    fprintf(stderr, "%s: cannot write to standard output\n", program);
    return status ? status : 2;
}

/* All of a file (NULL or "-": standard input), to be freed; NULL and a line on standard error if that fails. */
static inline char *read_all(const char *program, const char *path, size_t *len)
{
    bool named = path && strcmp(path, "-") != 0;
    FILE *in = named ? fopen(path, "rb") : stdin;
    size_t cap = 0, got = 0;
    char *text = NULL, *more = NULL;

    if (!in) {
        fprintf(stderr, "%s: cannot open %s\n", program, named ? path : "standard input");
        return NULL;
    }
    do {
        cap = cap ? 2 * cap : 65536;
        more = realloc(text, cap);
        if (!more)
            break;
        text = more;
        got += fread(text + got, 1, cap - got, in);
    } while (got == cap);
    if (!more || ferror(in)) {
        fprintf(stderr, "%s: cannot read all of %s\n", program, named ? path : "standard input");
        free(text);
        text = NULL;
    }
    if (named)
        fclose(in);
    *len = got;
    return text;
}

/* PROGRAM: LINE:COLUMN: message (where) */
static inline void complain(const char *program, const char *text, size_t len, const lambdest_error *err)
{
    uint64_t line, column;

    if (lambdest_locate(text, len, err->offset, &line, &column))
        fprintf(stderr, "%s: %s\n", program, err->message);
    else
        fprintf(stderr, "%s: %llu:%llu: %s (%s)\n", program, (unsigned long long)line,
                (unsigned long long)column, err->message, err->where);
}

#endif
