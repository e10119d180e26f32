/* explain [--request] [FILE]: what a destination envelope says, as one line of JSON; or with --request the
 * event that the function was given, byte for byte, ready to be sent again. */
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

static void explain(const lambdest_envelope *env)
{
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
    json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

static int print_request(const lambdest_envelope *env)
{
    size_t len;
    const char *event = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);

    if (!event) {
        fputs("explain: the envelope does not carry the request\n", stderr);
        return 1;
    }
    fwrite(event, 1, len, stdout);
    return 0;
}

static int run(const char *path, bool request)
{
    lambdest_envelope *env;
    lambdest_error err;
    size_t len;
    char *text = read_all("explain", path, &len);
    int status = 0;

    if (!text)
        return 2;
    if (lambdest_envelope_parse(text, len, NULL, &env, &err)) {
        complain("explain", text, len, &err);
        status = 1;
    } else if (request) {
        status = print_request(env);
    } else {
        explain(env);
    }
    lambdest_envelope_free(env);
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
    return run(argc > rest ? argv[rest] : NULL, request);
}
