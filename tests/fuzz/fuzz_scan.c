/* All ways to check JSON against each other, against jansson and, if it was there when this was built,
 * against RapidJSON; and what walks over a text that was checked, against them.
 * Input: how deep and where in memory, text.
 *
 * Where the others may differ, and why:
 *   jansson    a number out of range, a lone surrogate escape, a NUL escape in a name, a depth over 2,048:
 *              no value of jansson's can hold them, and it stops there (SUPPORT_UNTOLD)
 *   jansson    a NUL byte: it drops one behind a number or a word; RFC 8259 has no place for one
 *   RapidJSON  a number out of range; a NUL byte, which ends its text; a high surrogate escape with no low
 *              one behind it, which it refuses */
#include "fuzz.h"

#include "base/options.h"
#include "json/check.h"
#include "json/compact.h"
#include "json/skip.h"
#include "json/string.h"
#include "json/utf8.h"

#ifdef FUZZ_SECOND
int fuzz_second_opinion(const char *text, size_t len);
#endif

static const uint32_t depths[] = {1, 2, 3, 8, 62, 63, 64, 65, 127, 128, 129, 512, 1000, 4096, 65536, 65600};

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- the ways against each other ---- */

static void check_ways(const unsigned char *p, size_t len, uint32_t max_depth)
{
    static lambdest__check_fn *const ways[] = {
        lambdest__check,
        lambdest__check_portable,
#if LAMBDEST__HAS_X86
        lambdest__check_sse2,
        lambdest__check_avx2,
#endif
    };
    size_t i, lead = 0, count = COUNT(ways) - (LAMBDEST__HAS_X86 && !lambdest__check_has_avx2());
    const unsigned char *behind = NULL;
    lambdest__scan s;

    while (lead < len && is_space(p[lead]))
        lead++;
    if (lead == len)
        return;
    lambdest__scan_init(&s, (const char *)p, len, max_depth);
    s.at = lead;
    if (!lambdest__scan_slowly(&s))
        behind = p + s.at;
    for (i = 0; i < count; i++) {
        fuzz_require(ways[i](p, p + lead, p + len, max_depth) == behind, "two ways to check do not agree");
        fuzz_require(ways[i](p + lead, p + lead, p + len, max_depth) == behind,
                     "what stands before a value changes it");
    }
}

/* ---- others ---- */

/* As jansson's, see the list above. */
static enum support_verdict second_opinion(const char *text, size_t len)
{
#ifdef FUZZ_SECOND
    if (len && memchr(text, '\0', len))
        return SUPPORT_INVALID;
    switch (fuzz_second_opinion(text, len)) {
    case 1:
        return SUPPORT_VALID;
    case 0:
        return SUPPORT_INVALID;
    default:
        return SUPPORT_UNTOLD;
    }
#else
    (void)text;
    (void)len;
    return SUPPORT_UNTOLD;
#endif
}

/* An escape of a surrogate without its other half. */
static bool has_lone_surrogate(const char *text, size_t len)
{
    size_t i;

    for (i = 0; i + 5 < len; i++)
        if (text[i] == '\\' && text[i + 1] != 'u')
            i++;
        else if (text[i] == '\\' && (text[i + 2] == 'd' || text[i + 2] == 'D') &&
                 strchr("89abAB", text[i + 3]) &&
                 !(i + 9 < len && text[i + 6] == '\\' && text[i + 7] == 'u' &&
                   (text[i + 8] == 'd' || text[i + 8] == 'D') && strchr("cdefCDEF", text[i + 9])))
            return true;
    return false;
}

static void check_others(const char *text, size_t len, int rc)
{
    enum support_verdict first = support_jansson(text, len), second = second_opinion(text, len);

    if (rc == LAMBDEST_E_DEPTH)
        return;
    fuzz_require(rc || first != SUPPORT_INVALID, "accepted, and jansson says no");
    fuzz_require(!rc || first != SUPPORT_VALID, "refused, and jansson says yes");
    fuzz_require(rc || second != SUPPORT_INVALID || has_lone_surrogate(text, len),
                 "accepted, and RapidJSON says no");
    fuzz_require(!rc || second != SUPPORT_VALID, "refused, and RapidJSON says yes");
}

/* All before the byte that is wrong is the beginning of something right. */
static void check_offset(const char *text, size_t len)
{
    lambdest_error err, before;
    int rc = lambdest__scan_text(text, len, LAMBDEST__DEPTH_LIMIT, NULL, &err);

    if (rc)
        fuzz_error_is(&err, rc, len);
    check_others(text, len, rc);
    if (rc != LAMBDEST_E_SYNTAX && rc != LAMBDEST_E_UTF8)
        return;
    rc = lambdest__scan_text(text, (size_t)err.offset, LAMBDEST__DEPTH_LIMIT, NULL, &before);
    fuzz_require(!rc || (rc == LAMBDEST_E_SYNTAX && before.offset == err.offset),
                 "an offset behind what is wrong");
}

/* ---- UTF-8 ---- */

static void check_utf8(const char *text, size_t len)
{
    size_t at = 0, n = 1, offset = 77;
    bool ok = lambdest__utf8_check((const unsigned char *)text, len, &offset);

    while (at < len && (n = fuzz_utf8_length(text + at, len - at)))
        at += n;
    fuzz_require(ok == (at == len), "two opinions on UTF-8");
    fuzz_require(ok || offset == at, "UTF-8 is wrong at two places");
}

/* ---- a checked text ---- */

static void check_string(lambdest__span value, const json_t *seen)
{
    lambdest__span inner = lambdest__string_inner(value);
    unsigned char *text = malloc(inner.len + 1), *quoted;
    size_t len = lambdest__string_decode(inner, text);
    json_t *again;

    fuzz_require(len <= inner.len, "a string gets longer when it is decoded");
    fuzz_require(len == json_string_length(seen) && !memcmp(text, json_string_value(seen), len),
                 "jansson decodes another string");
    fuzz_require(lambdest__string_equals(inner, (const char *)text, len),
                 "a string is not what it is decoded to");
    quoted = malloc(6 * len + 2);
    len = lambdest__string_encode(text, len, quoted);
    again = json_loadb((const char *)quoted, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    fuzz_require(again && json_equal(again, seen), "jansson reads another string than was encoded");
    json_decref(again);
    free(quoted);
    free(text);
}

/* A string within a string, taken out elsewhere and in place: as it is decoded, whatever way a machine has. */
static void check_unpacking(lambdest__span value)
{
    lambdest__span inner = lambdest__string_inner(value), copy = {NULL, inner.len};
    unsigned char *decoded = malloc(inner.len + 1), *apart = malloc(inner.len + !inner.len);
    unsigned char *in_place = malloc(inner.len + !inner.len);
    size_t lone, lone_in_place, len = lambdest__string_decode(inner, decoded);

    fuzz_require(lambdest__string_unpack(inner, apart, &lone) == len && !memcmp(apart, decoded, len),
                 "a string is unpacked to another text than it is decoded to");
    memcpy(in_place, inner.data, inner.len);
    copy.data = in_place;
    fuzz_require(lambdest__string_unpack(copy, in_place, &lone_in_place) == len &&
                     !memcmp(in_place, decoded, len) && lone == lone_in_place,
                 "a string is unpacked to another text in place");
    free(in_place);
    free(apart);
    free(decoded);
}

static void check_elements(lambdest__span value, const json_t *seen)
{
    lambdest__skip s = lambdest__skip_into(value);
    lambdest__span element;
    size_t count = 0;

    while (lambdest__skip_element(&s, &element)) {
        json_t *own =
            json_loadb((const char *)element.data, element.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

        fuzz_require(own && json_equal(own, json_array_get(seen, count++)), "jansson reads another element");
        json_decref(own);
    }
    fuzz_require(count == json_array_size(seen), "another number of elements");
}

static void check_members(lambdest__span value, const json_t *seen)
{
    lambdest__skip s = lambdest__skip_into(value);
    lambdest__span name, member;
    const char *key;
    json_t *expected;

    while (lambdest__skip_name(&s, &name))
        (void)lambdest__skip_element(&s, &member);
    json_object_foreach((json_t *)(uintptr_t)seen, key, expected)
    {
        lambdest__span found = lambdest__skip_find(value, key);
        json_t *own;

        fuzz_require(found.data, "jansson finds a member");
        own = json_loadb((const char *)found.data, found.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        fuzz_require(own && json_equal(own, expected), "jansson finds another member");
        json_decref(own);
    }
}

static void check_value(const char *text, size_t len)
{
    static fuzz_text compact;
    lambdest__span value, whole = {(const unsigned char *)text, len};
    json_t *seen;
    unsigned char *out;

    if (lambdest__scan_text(text, len, LAMBDEST__DEPTH_LIMIT, &value, NULL))
        return;
    fuzz_require(lambdest__skip_value(value.data, whole.data + len) == value.data + value.len,
                 "skipping ends at another place");
    fuzz_compact(text, len, &compact);
    fuzz_require(lambdest__compact_length(whole) == compact.len, "compact has another length");
    out = malloc(compact.len);
    fuzz_require(out && lambdest__compact(whole, out) == compact.len &&
                     !memcmp(out, compact.data, compact.len),
                 "compact is not the text without its white space");
    free(out);
    if (*value.data == '"')
        check_unpacking(value);
    seen = fuzz_value(text, len);
    if (json_is_string(seen))
        check_string(value, seen);
    else if (json_is_array(seen))
        check_elements(value, seen);
    else if (json_is_object(seen))
        check_members(value, seen);
    json_decref(seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    unsigned how = fuzz_byte(&in);
    size_t lead = how >> 4;
    unsigned char *block = malloc(lead + in.left + !(lead + in.left));
    const char *text = (const char *)block + lead;

    fuzz_require(block, "out of memory");
    memset(block, ' ', lead);
    if (in.left)
        memcpy(block + lead, in.at, in.left);
    check_ways(block + lead, in.left, depths[how & 15]);
    check_offset(text, in.left);
    check_utf8(text, in.left);
    check_value(text, in.left);
    free(block);
    return 0;
}
