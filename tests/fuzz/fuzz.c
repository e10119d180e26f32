#include "fuzz.h"

#include <stdio.h>

void fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* ---- the input ---- */

typedef struct kept {
    struct kept *next;
    char data[];
} kept;

static kept *all_kept;

unsigned fuzz_byte(fuzz_input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

size_t fuzz_below(fuzz_input *in, size_t limit)
{
    return fuzz_byte(in) % limit;
}

lambdest_slice fuzz_keep(const void *data, size_t len)
{
    kept *k = malloc(sizeof *k + len);
    lambdest_slice slice = {NULL, len};

    fuzz_require(k, "out of memory");
    if (len)
        memcpy(k->data, data, len);
    k->next = all_kept;
    all_kept = k;
    slice.data = k->data;
    return slice;
}

lambdest_slice fuzz_take(fuzz_input *in)
{
    size_t len = fuzz_byte(in);
    const uint8_t *data;

    if (len == 255) {
        len = fuzz_byte(in);
        len = len << 8 | fuzz_byte(in);
    }
    if (len > in->left)
        len = in->left;
    data = in->at;
    in->at += len;
    in->left -= len;
    return fuzz_keep(data, len);
}

lambdest_slice fuzz_rest(fuzz_input *in)
{
    lambdest_slice rest = fuzz_keep(in->at, in->left);

    in->at += in->left;
    in->left = 0;
    return rest;
}

void fuzz_end(void)
{
    while (all_kept) {
        kept *next = all_kept->next;

        free(all_kept);
        all_kept = next;
    }
}

lambdest_options fuzz_options(fuzz_input *in, const support_memory *m)
{
    unsigned byte = fuzz_byte(in);
    lambdest_options options;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.flags = byte & 1 ? LAMBDEST_BORROW : 0;
    options.alloc = &m->alloc;
    if ((byte & 0x60) == 0x60)
        options.max_depth = 1 + (byte >> 1 & 15);
    if ((byte & 0xE0) == 0x80) {
        options.max_items = 1 + (byte >> 1 & 3);
        options.max_nesting = 1 + (byte >> 3 & 3);
    }
    if ((byte & 0xE0) == 0xA0)
        options.max_bytes = UINT64_C(16) << (byte >> 1 & 15);
    return options;
}

/* ---- memory, errors ---- */

void fuzz_memory_is(const support_memory *m, size_t blocks)
{
    if (m->fault)
        fprintf(stderr, "memory misused: %s\n", m->fault);
    fuzz_require(!m->fault, "memory was misused");
    fuzz_require(m->blocks == blocks, "another number of blocks is alive");
    fuzz_require(blocks || !m->bytes, "bytes are alive and no block");
}

void fuzz_error_is(const lambdest_error *err, int rc, uint64_t len)
{
    fuzz_require(err->code == rc, "the error tells of another code");
    fuzz_require(rc <= 0 && rc >= LAMBDEST_E_IO, "no such code");
    fuzz_require(err->message && err->where, "an error without message or where");
    fuzz_require(!rc == !*err->message, "a message without a failure, or the other way round");
    fuzz_require(rc || (!*err->where && !err->offset && !err->flags), "an error that is not cleared");
    fuzz_require(err->offset <= len, "an offset behind the text");
    fuzz_require(!err->reserved[0] && !err->reserved[1], "reserved members are set");
}

/* ---- texts ---- */

void fuzz_add(fuzz_text *text, const void *data, size_t len)
{
    if (text->cap - text->len <= len) {
        text->cap = 2 * (text->len + len) + 64;
        text->data = realloc(text->data, text->cap);
        fuzz_require(text->data, "out of memory");
    }
    if (len)
        memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void fuzz_add_number(fuzz_text *text, long long n)
{
    char digits[40];

    fuzz_add(text, digits, (size_t)snprintf(digits, sizeof digits, "<%lld>", n));
}

void fuzz_add_counted(fuzz_text *text, const char *data, size_t len)
{
    fuzz_require(data || !len, "a length without a text");
    fuzz_add_number(text, data ? (long long)len : -1);
    fuzz_add(text, data, len);
}

bool fuzz_same(const fuzz_text *a, const fuzz_text *b)
{
    return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

void fuzz_require_same_at(const fuzz_text *a, const fuzz_text *b, const char *what, const char *file,
                          int line)
{
    if (fuzz_same(a, b))
        return;
    fprintf(stderr, "%.*s\n----\n%.*s\n", (int)a->len, a->data ? a->data : "", (int)b->len,
            b->data ? b->data : "");
    fuzz_fail(what, file, line);
}

void fuzz_compact(const char *text, size_t len, fuzz_text *out)
{
    bool in_string = false;
    size_t i;

    out->len = 0;
    fuzz_add(out, "", 0);
    for (i = 0; i < len; i++) {
        char c = text[i];

        if (in_string && c == '\\') {
            fuzz_add(out, text + i++, 2);
            continue;
        }
        if (c == '"')
            in_string = !in_string;
        if (in_string || (c != ' ' && c != '\t' && c != '\n' && c != '\r'))
            fuzz_add(out, &c, 1);
    }
}

/* ---- UTF-8 and base64, by their definitions ---- */

size_t fuzz_utf8_length(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t i, n = *p < 0x80 ? 1 : *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = n == 1 ? *p : *p & (0x7Fu >> n);

    if ((*p >= 0x80 && *p < 0xC0) || *p >= 0xF8 || n > len)
        return 0;
    for (i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    return code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : n;
}

static int digit_of(unsigned char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

long fuzz_decode_base64(const char *text, size_t len, unsigned char *out)
{
    size_t i, pad = 0, bits = 0;
    int bit;

    if (len % 4)
        return -1;
    while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
        pad++;
    for (i = 0; i < len - pad; i++) {
        int digit = digit_of((unsigned char)text[i]);

        if (digit < 0)
            return -1;
        for (bit = 5; bit >= 0; bit--, bits++) {
            out[bits / 8] = (unsigned char)(bits % 8 ? out[bits / 8] : 0);
            out[bits / 8] = (unsigned char)(out[bits / 8] | (digit >> bit & 1) << (7 - bits % 8));
        }
    }
    return !pad || !out[bits / 8] ? (long)(bits / 8) : -1;
}

/* ---- JSON as others see it ---- */

json_t *fuzz_value(const char *text, size_t len)
{
    if (support_jansson(text, len) != SUPPORT_VALID)
        return NULL;
    return json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

const json_t *fuzz_at(const json_t *value, const char *path)
{
    while (value && *path) {
        size_t len = strcspn(path, ".");

        value = json_object_getn(value, path, len);
        path += len + (path[len] == '.');
    }
    return value;
}

/* ---- envelopes ---- */

static void tell_views(const lambdest_envelope *env, fuzz_text *out)
{
    size_t i, len;
    int member;

    fuzz_add_number(out, (long long)lambdest_envelope_frame_count(env));
    for (i = 0; i < lambdest_envelope_frame_count(env); i++) {
        const char *frame = lambdest_envelope_frame(env, i, &len);

        fuzz_require(frame && !frame[len], "a frame without an end");
        fuzz_add_counted(out, frame, len);
    }
    fuzz_add_number(out, (long long)lambdest_envelope_range_count(env));
    for (i = 0; i < lambdest_envelope_range_count(env); i++)
        for (member = LAMBDEST_RANGE_NAME; member <= LAMBDEST_RANGE_LAST_TIME; member++) {
            const char *text = lambdest_envelope_range_text(env, i, member, &len);

            fuzz_require(!text || !text[len], "a range's text without an end");
            fuzz_add_counted(out, text, len);
        }
}

static void tell_text(const lambdest_envelope *env, int member, fuzz_text *out)
{
    size_t len;
    const char *text = lambdest_envelope_text(env, member, &len);

    fuzz_require(!text || !text[len], "a text without an end");
    fuzz_add_number(out, member);
    fuzz_add_counted(out, text, len);
    fuzz_add_number(out, lambdest_envelope_state(env, member));
}

static void tell_json(const lambdest_envelope *env, int member, fuzz_text *out)
{
    size_t len;
    const char *json = lambdest_envelope_json(env, member, &len);

    fuzz_require(!json || len, "a JSON value of no bytes");
    fuzz_add_number(out, member);
    fuzz_add_counted(out, json, len);
    fuzz_add_number(out, lambdest_envelope_state(env, member));
}

void fuzz_tell(const lambdest_envelope *env, fuzz_text *out)
{
    static const int texts[] = {
        LAMBDEST_REQUEST_ID,       LAMBDEST_FUNCTION_ARN,       LAMBDEST_CONDITION,
        LAMBDEST_TIMESTAMP,        LAMBDEST_EXECUTED_VERSION,   LAMBDEST_FUNCTION_ERROR,
        LAMBDEST_RECORD_VERSION,   LAMBDEST_FUNCTION_PARTITION, LAMBDEST_FUNCTION_REGION,
        LAMBDEST_FUNCTION_ACCOUNT, LAMBDEST_FUNCTION_NAME,      LAMBDEST_FUNCTION_QUALIFIER,
        LAMBDEST_ERROR_TYPE,       LAMBDEST_ERROR_MESSAGE,      LAMBDEST_SOURCE_ARN,
    };
    static const int integers[] = {
        LAMBDEST_INVOKE_COUNT, LAMBDEST_STATUS_CODE,  LAMBDEST_TIMESTAMP_MS,
        LAMBDEST_BATCH_SIZE,   LAMBDEST_PAYLOAD_SIZE,
    };
    static const int jsons[] = {
        LAMBDEST_REQUEST_PAYLOAD,  LAMBDEST_RESPONSE_PAYLOAD,   LAMBDEST_INVOCATION_ERROR,
        LAMBDEST_DELIVERY_ERROR,   LAMBDEST_KINESIS_BATCH_INFO, LAMBDEST_DDB_STREAM_BATCH_INFO,
        LAMBDEST_KAFKA_BATCH_INFO, LAMBDEST_TIME_WINDOW_INFO,   LAMBDEST_BATCH_PAYLOAD,
    };
    size_t i;

    out->len = 0;
    fuzz_add_number(out, lambdest_envelope_kind(env));
    fuzz_add_number(out, lambdest_envelope_outcome(env));
    fuzz_add_number(out, lambdest_envelope_cause(env));
    fuzz_add_number(out, lambdest_envelope_contradictory(env));
    fuzz_add_number(out, lambdest_envelope_state(env, LAMBDEST_RESPONSE_CONTEXT));
    for (i = 0; i < COUNT(texts); i++)
        tell_text(env, texts[i], out);
    for (i = 0; i < COUNT(integers); i++) {
        int64_t n;

        fuzz_add_number(out, lambdest_envelope_integer(env, integers[i], &n));
        fuzz_add_number(out, n);
    }
    for (i = 0; i < COUNT(jsons); i++)
        tell_json(env, jsons[i], out);
    tell_views(env, out);
}

/* In parts, into a buffer of just the size that is needed. */
static void write_parts(const lambdest_envelope *env, int form, uint32_t flags, const fuzz_text *expected)
{
    lambdest_slice parts[LAMBDEST_PARTS_MAX];
    size_t i, need, again, count, at = 0;
    lambdest_error err;
    char *buf;

    fuzz_require(lambdest_envelope_write_parts(env, form, flags, NULL, 0, &need, NULL, &count, &err) ==
                     LAMBDEST_E_NOSPC,
                 "parts fit into nothing");
    fuzz_require(need <= expected->len && !count, "parts need more than the whole");
    buf = malloc(need + 1);
    fuzz_require(buf, "out of memory");
    fuzz_require(!lambdest_envelope_write_parts(env, form, flags, buf, need + 1, &again, parts, &count, &err),
                 "parts do not fit");
    fuzz_require(again == need && count <= LAMBDEST_PARTS_MAX, "too many parts, or of another size");
    for (i = 0; i < count; i++) {
        fuzz_require(parts[i].len && parts[i].len <= expected->len - at, "a part of a wrong length");
        fuzz_require(!memcmp(parts[i].data, expected->data + at, parts[i].len), "a part of other bytes");
        at += parts[i].len;
    }
    fuzz_require(at == expected->len, "parts are not the whole");
    free(buf);
}

int fuzz_write(const lambdest_envelope *env, int form, uint32_t flags, fuzz_text *out)
{
    size_t len = 77, need = 77;
    lambdest_error err;
    char *text, *buf;
    int rc = lambdest_envelope_write_alloc(env, form, flags, &text, &len, &err);

    fuzz_error_is(&err, rc, 0);
    out->len = 0;
    if (rc) {
        fuzz_require(!text && !len, "an output of a failed call");
        fuzz_require(rc == LAMBDEST_E_NOMEM ||
                         lambdest_envelope_write(env, form, flags, NULL, 0, &need, NULL) == rc,
                     "two ways to write fail with two codes");
        return rc;
    }
    fuzz_require(!text[len], "no NUL behind what was written");
    fuzz_add(out, text, len);
    lambdest_free(text);
    buf = malloc(len + 1);
    fuzz_require(buf, "out of memory");
    fuzz_require(lambdest_envelope_write(env, form, flags, buf, len, &need, &err) == LAMBDEST_E_NOSPC,
                 "a text fits into less than it is");
    fuzz_require(need == len, "another size is needed than was written");
    fuzz_require(!lambdest_envelope_write(env, form, flags, buf, len + 1, &need, &err),
                 "a text does not fit");
    fuzz_require(need == len && !memcmp(buf, out->data, len + 1), "two ways to write do not agree");
    free(buf);
    write_parts(env, form, flags, out);
    return LAMBDEST_OK;
}

lambdest_envelope *fuzz_parse(const fuzz_text *text, const lambdest_options *options)
{
    lambdest_envelope *env;
    lambdest_error err;

    if (lambdest_envelope_parse(text->data, text->len, options, &env, &err)) {
        fprintf(stderr, "%d at %llu in %s: %s\n%.*s\n", err.code, (unsigned long long)err.offset, err.where,
                err.message, (int)text->len, text->data);
        fuzz_fail("what was written does not parse", __FILE__, __LINE__);
    }
    return env;
}
