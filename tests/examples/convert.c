/* convert --to record|document [--compact] [--explicit-error] [FILE]: an envelope in another form. In its own
 * form and without a flag the bytes are the same. */
#include "input.h"

typedef struct request {
    const char *path;
    uint32_t flags;
    int form;
} request;

static int form_by_name(const char *name)
{
    int form;

    for (form = LAMBDEST_RECORD; form <= LAMBDEST_DOCUMENT; form++)
        if (!strcmp(name, lambdest_name(form)))
            return form;
    return 0;
}

static int read_arguments(int argc, char **argv, request *r)
{
    int i;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--to") && i + 1 < argc)
            r->form = form_by_name(argv[++i]);
        else if (!strcmp(argv[i], "--compact"))
            r->flags |= LAMBDEST_COMPACT;
        else if (!strcmp(argv[i], "--explicit-error"))
            r->flags |= LAMBDEST_EXPLICIT_ERROR;
        else if ((argv[i][0] != '-' || !argv[i][1]) && i + 1 == argc)
            r->path = argv[i];
        else
            return -1;
    }
    return r->form ? 0 : -1;
}

static int convert(const char *text, size_t len, const request *r)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_envelope *env;
    lambdest_error err;
    char *out = NULL;

    if (lambdest_envelope_parse(text, len, &options, &env, &err)) {
        complain("convert", text, len, &err);
        return 1;
    }
    if (lambdest_envelope_write_alloc(env, r->form, r->flags, &out, &len, &err))
        fprintf(stderr, "convert: %s\n", err.message);
    else
        fwrite(out, 1, len, stdout);
    lambdest_free(out);
    lambdest_envelope_free(env);
    return err.code ? 1 : 0;
}

int main(int argc, char **argv)
{
    request r = {NULL, 0, 0};
    size_t len;
    char *text;
    int status;

    if (read_arguments(argc, argv, &r)) {
        fputs("usage: convert --to record|document [--compact] [--explicit-error] [FILE]\n", stderr);
        return 2;
    }
    text = read_all("convert", r.path, &len);
    if (!text)
        return 2;
    status = convert(text, len, &r);
    free(text);
    return status;
}
