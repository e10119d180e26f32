/* explain [--request] [FILE]: takes any event apart and says what each envelope in it says, a line of JSON each; or
 * with --request the events that the functions were given, ready to be sent again: one byte for byte, several
 * a line each without insignificant white space. */
#include "input.h"

#include <jansson.h>

static json_t *text_or_null(const lambdest_envelope *env, int member)
{
    size_t len;
    const char *text = lambdest_envelope_text(env, member, &len);

    return text ? json_stringn(text, len) : json_null();
}

static json_t *integer_or_null(const lambdest_envelope *env, int member)
{
    int64_t value;

    return lambdest_envelope_integer(env, member, &value) ? json_null() : json_integer(value);
}

static json_t *word_or_null(int value)
{
    return value ? json_string(lambdest_name(value)) : json_null();
}

static void add_error(json_t *line, const lambdest_envelope *env)
{
    bool failed = lambdest_envelope_outcome(env) == LAMBDEST_FAILURE;

    json_object_set_new(line, "statusCode",
                        failed ? integer_or_null(env, LAMBDEST_STATUS_CODE) : json_null());
    json_object_set_new(line, "errorType", failed ? text_or_null(env, LAMBDEST_ERROR_TYPE) : json_null());
    json_object_set_new(line, "errorMessage",
                        failed ? text_or_null(env, LAMBDEST_ERROR_MESSAGE) : json_null());
    json_object_set_new(line, "frames",
                        failed ? json_integer((json_int_t)lambdest_envelope_frame_count(env)) : json_null());
}

static void print_line(json_t *line, const lambdest_item *item, size_t index)
{
    json_object_set_new(line, "carrier", json_string(lambdest_item_text(item, LAMBDEST_ITEM_CARRIER, NULL)));
    json_object_set_new(line, "item", json_integer((json_int_t)index));
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static void explain(const lambdest_item *item, size_t index)
{
    const lambdest_envelope *env = lambdest_item_envelope(item);
    json_t *line = json_object();

    json_object_set_new(line, "form", word_or_null(lambdest_envelope_form(env)));
    json_object_set_new(line, "kind", word_or_null(lambdest_envelope_kind(env)));
    json_object_set_new(line, "outcome", word_or_null(lambdest_envelope_outcome(env)));
    json_object_set_new(line, "cause", word_or_null(lambdest_envelope_cause(env)));
    json_object_set_new(line, "condition", text_or_null(env, LAMBDEST_CONDITION));
    json_object_set_new(line, "contradictory", json_boolean(lambdest_envelope_contradictory(env)));
    json_object_set_new(line, "requestId", text_or_null(env, LAMBDEST_REQUEST_ID));
    json_object_set_new(line, "functionName", text_or_null(env, LAMBDEST_FUNCTION_NAME));
    json_object_set_new(line, "qualifier", text_or_null(env, LAMBDEST_FUNCTION_QUALIFIER));
    json_object_set_new(line, "attempts", integer_or_null(env, LAMBDEST_INVOKE_COUNT));
    add_error(line, env);
    print_line(line, item, index);
}

/* A bad item: on its line why; on standard error where, if it is the text as it was given. */
static void explain_bad(const lambdest_item *item, size_t index, const char *text, size_t len)
{
    json_t *line = json_object();
    lambdest_error err;

    lambdest_item_error(item, &err);
    json_object_set_new(line, "kind", word_or_null(lambdest_item_kind(item)));
    json_object_set_new(line, "error", json_string(err.message));
    print_line(line, item, index);
    if (lambdest_item_text(item, LAMBDEST_ITEM_BODY, NULL) == text)
        complain("explain", text, len, &err);
}

/* White space goes: an envelope with nothing but this payload is written compact, and its payload taken. */
static int print_compact(const char *event, size_t len)
{
    lambdest_envelope *env;
    char *record = NULL;
    size_t size = 0;
    int rc = lambdest_envelope_new(NULL, &env, NULL);

    if (!rc)
        rc = lambdest_envelope_set_json(env, LAMBDEST_REQUEST_PAYLOAD, event, len, NULL);
    if (!rc)
        rc = lambdest_envelope_write_alloc(env, LAMBDEST_RECORD, LAMBDEST_COMPACT, &record, &size, NULL);
    lambdest_envelope_free(env);
    if (!rc)
        rc = lambdest_envelope_parse(record, size, NULL, &env, NULL);
    if (!rc) {
        event = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);
        fwrite(event, 1, len, stdout);
        putchar('\n');
        lambdest_envelope_free(env);
    }
    lambdest_free(record);
    return rc;
}

static int print_request(const lambdest_item *item, bool alone)
{
    char *event;
    size_t len;
    int rc = lambdest_redrive(lambdest_item_envelope(item), &event, &len);

    if (!rc && alone)
        fwrite(event, 1, len, stdout);
    else if (!rc)
        rc = print_compact(event, len);
    if (rc)
        fprintf(stderr, "explain: the envelope does not carry the request: %s\n", lambdest_name(rc));
    lambdest_free(event);
    return rc ? 1 : 0;
}

static int run_item(const lambdest_items *items, size_t i, bool request, const char *text, size_t len)
{
    const lambdest_item *item = lambdest_items_at(items, i);

    if (!lambdest_item_envelope(item)) {
        if (request)
            fprintf(stderr, "explain: item %zu is no envelope: %s\n", i,
                    lambdest_name(lambdest_item_kind(item)));
        else
            explain_bad(item, i, text, len);
        return 1;
    }
    if (request)
        return print_request(item, lambdest_items_count(items) == 1);
    explain(item, i);
    return 0;
}

static int run(const char *path, bool request)
{
    lambdest_options options = {.size = sizeof options, .flags = LAMBDEST_BORROW};
    lambdest_items *items;
    lambdest_error err;
    size_t i, len;
    char *text = read_all("explain", path, &len);
    int status = 0;

    if (!text)
        return 2;
    if (lambdest_unwrap(text, len, &options, &items, &err)) {
        complain("explain", text, len, &err);
        status = 1;
    }
    for (i = 0; i < lambdest_items_count(items); i++)
        status |= run_item(items, i, request, text, len);
    lambdest_items_free(items);
    free(text);
    return status;
}

int main(int argc, char **argv)
{
    bool request = argc > 1 && !strcmp(argv[1], "--request");
    int rest = request ? 2 : 1;

    if (argc - rest > 1 || (argc > rest && argv[rest][0] == '-' && argv[rest][1])) {
        fputs("usage: explain [--request] [FILE]\n", stderr);
        return 2;
    }
    return finish("explain", run(argc > rest ? argv[rest] : NULL, request));
}
