/* Makes the seeds of every harness from tests/records and tests/captures: what a harness wants in front
 * of a text is put there.
 *
 *   seeds OUTPUT RECORD... -- CAPTURE... */
#include "fuzz.h"

#include <stdio.h>
#include <sys/stat.h>

static const char *output;
static unsigned serial;

static void save(const char *topic, const void *head, size_t head_len, const void *data, size_t len)
{
    char path[600];
    FILE *file;
    bool written;

    snprintf(path, sizeof path, "%s/%s", output, topic);
    (void)mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%04u", output, topic, serial++);
    file = fopen(path, "wb");
    written = file && fwrite(head, 1, head_len, file) == head_len && fwrite(data, 1, len, file) == len;
    if (!file || fclose(file) || !written) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(2);
    }
}

/* Bytes that say how many they are, as fuzz_take reads them. */
static void add_counted(fuzz_text *out, const void *data, size_t len)
{
    unsigned char head[3] = {(unsigned char)len, 0, 0};

    if (len > 254) {
        head[0] = 255;
        head[1] = (unsigned char)(len >> 8);
        head[2] = (unsigned char)len;
    }
    fuzz_add(out, head, len > 254 ? 3 : 1);
    fuzz_add(out, data, len);
}

/* `before`, a program of `len` random bytes, then the text. */
static void save_program(const char *topic, const void *before, size_t before_len, size_t len,
                         const char *text, size_t text_len, uint64_t seed)
{
    static fuzz_text head;
    unsigned char program[250];
    size_t i;

    for (i = 0; i < len; i++)
        program[i] = (unsigned char)support_random(&seed);
    head.len = 0;
    fuzz_add(&head, before, before_len);
    add_counted(&head, program, len);
    save(topic, head.data, head.len, text, text_len);
}

static void save_payloads(const char *text, size_t len)
{
    static const int members[] = {LAMBDEST_REQUEST_PAYLOAD, LAMBDEST_RESPONSE_PAYLOAD,
                                  LAMBDEST_BATCH_PAYLOAD};
    lambdest_envelope *env;
    size_t i;

    if (lambdest_envelope_parse(text, len, NULL, &env, NULL))
        return;
    for (i = 0; i < COUNT(members); i++) {
        size_t json_len;
        const char *json = lambdest_envelope_json(env, members[i], &json_len);

        if (json) {
            save("value", "", 0, json, json_len);
            save("scan", "\x4B", 1, json, json_len);
        }
    }
    lambdest_envelope_free(env);
}

/* A member that is not known behind each of the first brackets. */
static void save_unknown(const char *text, size_t len)
{
    static const char member[] = "\"zz\\u0031\":[1, 2],";
    static fuzz_text more;
    size_t i, seen = 0;

    for (i = 0; i + 1 < len && seen < 6; i++) {
        if (text[i] != '{' || text[i + 1] == '}')
            continue;
        seen++;
        more.len = 0;
        fuzz_add(&more, text, i + 1);
        fuzz_add(&more, member, sizeof member - 1);
        fuzz_add(&more, text + i + 1, len - i - 1);
        save("parse", "\0", 1, more.data, more.len);
        save("convert", "\0", 1, more.data, more.len);
        save_program("change", "\1", 1, 60, more.data, more.len, serial);
    }
}

/* Written in the other forms. */
static void save_forms(const char *text, size_t len)
{
    lambdest_envelope *env;
    int form;

    if (lambdest_envelope_parse(text, len, NULL, &env, NULL))
        return;
    for (form = LAMBDEST_DOCUMENT; form <= LAMBDEST_CLOUDEVENT; form++) {
        size_t written;
        char *other;

        if (lambdest_envelope_write_alloc(env, form, 0, &other, &written, NULL))
            continue;
        save("parse", "\0", 1, other, written);
        save("convert", "\0", 1, other, written);
        save("unwrap", "\0\xFF", 2, other, written);
        save_program("change", "\1", 1, 60, other, written, serial);
        save_unknown(other, written);
        save_program("delivery", "\0", 1, 120, other, written, serial);
        save("memory", "\1\0\0\0", 4, other, written);
        lambdest_free(other);
    }
    lambdest_envelope_free(env);
}

/* In events of three messages, the first id again in the last, and in carriers around them. */
static void save_wrapped(const char *text, size_t len)
{
    static const unsigned char limits[] = {0, 0x80, 0x86, 0x8E, 0x96};
    lambdest_message messages[3];
    char *event = NULL, *inner;
    size_t i, size = len, layer;

    for (layer = 0; layer < 3; layer++) {
        memset(messages, 0, sizeof messages);
        for (i = 0; i < COUNT(messages); i++) {
            messages[i].id = i == 1 ? "id-2" : "id-1";
            messages[i].id_len = 4;
            messages[i].source = "arn:aws:sqs:eu-west-1:111122223333:q";
            messages[i].source_len = 36;
            messages[i].body = event ? event : text;
            messages[i].body_len = size;
        }
        inner = event;
        if (lambdest_wrap(LAMBDEST_SQS_EVENT, messages, layer ? 1 : 3, NULL, &event, &size, NULL))
            event = NULL;
        lambdest_free(inner);
        for (i = 0; event && i < COUNT(limits); i++) {
            unsigned char head[2] = {limits[i], 0xFD};

            save("unwrap", head, 2, event, size);
        }
        if (!event)
            return;
    }
    lambdest_free(event);
}

static void save_record(const char *path)
{
    size_t len, i;
    char *text = support_load(path, &len);

    save("parse", "\0", 1, text, len);
    save("convert", "\0", 1, text, len);
    save("unwrap", "\0\x55", 2, text, len);
    save("scan", "\x1B", 1, text, len);
    save("base64", "", 0, text, len < 100 ? len : 100);
    for (i = 0; i < 3; i++) {
        unsigned char layers[2] = {(unsigned char)i, 0};
        unsigned char job[4] = {(unsigned char)(serial % 40), (unsigned char)i, 0,
                                (unsigned char)(serial % 4)};

        save_program("change", "\0", 1, 80, text, len, serial);
        save_program("delivery", "\0", 1, 160, text, len, serial);
        save_program("wrap", layers, 2, 12, text, len, serial);
        save("memory", job, 4, text, len);
    }
    save_payloads(text, len);
    save_unknown(text, len);
    if (serial % 4 == 0)
        save_wrapped(text, len);
    save_forms(text, len);
    free(text);
}

/* ---- captures ---- */

static void add_headers(fuzz_text *out, const json_t *names_and_values, const json_t *more)
{
    size_t i, n = json_array_size(names_and_values) / 2;
    unsigned char count = (unsigned char)(n + json_object_size(more));
    const char *name;
    json_t *value;

    fuzz_add(out, &count, 1);
    for (i = 0; i < 2 * n; i++) {
        const json_t *text = json_array_get(names_and_values, i);

        if (i % 2 == 0)
            fuzz_add(out, "\x0F", 1); /* a name of its own */
        add_counted(out, json_string_value(text), json_string_length(text));
    }
    json_object_foreach((json_t *)(uintptr_t)more, name, value)
    {
        fuzz_add(out, "\x0F", 1);
        add_counted(out, name, strlen(name));
        add_counted(out, json_string_value(value), json_string_length(value));
    }
}

static unsigned char channel_of(const char *path)
{
    return strstr(path, "/init/error") ? 2 : strstr(path, "/error") ? 1 : 0;
}

/* One event and all posts after it. */
static void save_capture(const char *path, unsigned char policy)
{
    json_t *capture = json_load_file(path, JSON_ALLOW_NUL, NULL), *request;
    static fuzz_text out;
    bool begun = false;
    size_t i;

    out.len = 0;
    fuzz_add(&out, "\0", 1);
    json_array_foreach(json_object_get(capture, "requests"), i, request)
    {
        const json_t *answered = json_object_get(request, "answered"),
                     *body = json_object_get(request, "bodyText");
        const char *target = json_string_value(json_object_get(request, "path"));
        unsigned char head[] = {2, target ? channel_of(target) : 0, policy, 0};

        if (json_object_get(answered, "body") && !begun) {
            const json_t *event = json_object_get(answered, "body");

            begun = true;
            add_headers(&out, NULL, json_object_get(answered, "headers"));
            add_counted(&out, json_string_value(event), json_string_length(event));
        } else if (begun && json_is_string(body) && json_string_length(body)) {
            fuzz_add(&out, head, sizeof head);
            add_headers(&out, json_object_get(request, "rawHeaders"), NULL);
            add_headers(&out, json_object_get(request, "rawTrailers"), NULL);
            add_counted(&out, json_string_value(body), json_string_length(body));
        }
    }
    if (begun)
        save("runtime", "", 0, out.data, out.len);
    json_decref(capture);
}

/* ---- what no record shows ---- */

/* Brackets in brackets, with something behind each inner one. */
static void save_deep(size_t depth, uint64_t seed)
{
    unsigned char kinds[200], head;
    static fuzz_text text;
    size_t i;

    text.len = 0;
    for (i = 0; i < depth; i++) {
        kinds[i] = support_random(&seed) & 1;
        fuzz_add(&text, kinds[i] ? "{\"a\":" : "[", kinds[i] ? 5 : 1);
    }
    fuzz_add(&text, "1", 1);
    while (i-- > 0) {
        const char *end = kinds[i] ? ",\"b\":[]}" : ",{}]";

        fuzz_add(&text, end, strlen(end));
    }
    for (head = 4; head < 11; head++)
        save("scan", &head, 1, text.data, text.len);
    save("value", "", 0, text.data, text.len);
}

/* An error too long for /error. */
static void save_long_error(void)
{
    static const char head[] = "\0\1\0\4id-1\2{}\2\1\0\0\0\0";
    static fuzz_text out, body;
    size_t i;

    out.len = body.len = 0;
    fuzz_add(&body, "{\"errorMessage\":\"", 17);
    for (i = 0; i < 900; i++)
        fuzz_add(&body, "so \\n\xC3\xA9", 7);
    fuzz_add(&body, "\",\"errorType\":\"T\xC3\xA9\"}", 20);
    fuzz_add(&out, head, sizeof head - 1);
    add_counted(&out, body.data, body.len);
    save("runtime", "", 0, out.data, out.len);
}

static void save_random(void)
{
    static const char numbers[] =
        "[1e22, 1e23, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308, -0, 0.1e-5,"
        "9007199254740993, 9007199254740993.0, 123456789012345678.5e-3, 1.10, 1E+21,"
        "179769313486231570000000000000000000000000000000000000e255, 0.30000000000000004]";
    unsigned char bytes[400];
    uint64_t seed = 1;
    size_t round, i;

    for (round = 0; round < 24; round++) {
        unsigned char job[4] = {(unsigned char)(1 + round % 5), (unsigned char)(round / 5),
                                (unsigned char)(round & 1), (unsigned char)(4 + round % 4)};
        size_t len = 40 + round * 10;

        for (i = 0; i < len; i++)
            bytes[i] = (unsigned char)support_random(&seed);
        save("build", "", 0, bytes, len);
        save("memory", job, 4, bytes, len);
        save("runtime", "\0\2\0\4id-1\1", 9, bytes, len);
        len = support_random_json(&seed, bytes, sizeof bytes);
        save("scan", "\x2B", 1, bytes, len);
        save("value", "", 0, bytes, len);
    }
    for (i = 62; i < 66; i++) {
        save_deep(i, i);
        save_deep(i + 64, i);
    }
    save_long_error();
    save("value", "", 0, numbers, sizeof numbers - 1);
    save("base64", "", 0, "Zm9vYmE=", 8);
    save("base64", "", 0, "Zm9vYg==", 8);
    save("base64", "", 0, "Zm9vYmFy+/", 10);
}

int main(int argc, char **argv)
{
    int i = 2;

    if (argc < 4)
        return 2;
    output = argv[1];
    for (; i < argc && strcmp(argv[i], "--"); i++)
        save_record(argv[i]);
    for (i++; i < argc; i++) {
        save_capture(argv[i], 0);
        save_capture(argv[i], (unsigned char)(1 + i % 3));
    }
    save_random();
    return 0;
}
