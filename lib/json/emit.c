#include "json/emit.h"

#include "json/compact.h"
#include "json/number.h"
#include "json/string.h"

#include <string.h>

void lambdest__emit_init(lambdest__emit *e, unsigned char *buf, bool compact)
{
    lambdest__emit_init_within(e, buf, buf ? SIZE_MAX : 0, compact);
}

void lambdest__emit_init_within(lambdest__emit *e, unsigned char *buf, size_t cap, bool compact)
{
    memset(e, 0, sizeof *e);
    e->buf = buf;
    e->cap = cap;
    e->compact = compact;
    e->empty = true;
}

void lambdest__emit_text(lambdest__emit *e, const void *text, size_t len)
{
    unsigned char *to;

    /* No byte becomes more than six: where they fit, how many they are comes out when they are put. */
    if (e->used <= e->cap && len < (e->cap - e->used) / 6) {
        e->used += lambdest__string_encode(text, len, e->buf + e->used);
        return;
    }
    to = lambdest__emit_room(e, lambdest__string_encoded(text, len));
    if (to)
        (void)lambdest__string_encode(text, len, to);
}

void lambdest__emit_integer(lambdest__emit *e, int64_t value)
{
    unsigned char digits[LAMBDEST__INTEGER_MAX];

    if (e->used <= e->cap && e->cap - e->used >= sizeof digits) {
        e->used += lambdest__number_put(value, e->buf + e->used);
        return;
    }
    lambdest__emit_raw(e, digits, lambdest__number_put(value, digits));
}

static void end_part(lambdest__emit *e)
{
    if (e->used == e->part_from)
        return;
    if (e->parts) {
        e->parts[e->part_count].data = (const char *)e->buf + e->part_from;
        e->parts[e->part_count].len = e->used - e->part_from;
    }
    e->part_count++;
    e->part_from = e->used;
}

static void refer(lambdest__emit *e, lambdest__span json)
{
    end_part(e);
    if (e->parts) {
        e->parts[e->part_count].data = (const char *)json.data;
        e->parts[e->part_count].len = json.len;
    }
    e->part_count++;
    e->referred += json.len;
}

void lambdest__emit_copy(lambdest__emit *e, lambdest__span json)
{
    unsigned char *to;

    if (!e->compact) {
        lambdest__emit_raw(e, json.data, json.len);
        return;
    }
    if (e->used <= e->cap && json.len <= e->cap - e->used) {
        e->used += lambdest__compact(json, e->buf + e->used);
        return;
    }
    to = lambdest__emit_room(e, lambdest__compact_length(json));
    if (to)
        (void)lambdest__compact(json, to);
}

void lambdest__emit_paste(lambdest__emit *e, lambdest__span json)
{
    if (e->by_reference && (!e->compact || lambdest__compact_length(json) == json.len))
        refer(e, json);
    else
        lambdest__emit_copy(e, json);
}

void lambdest__emit_end(lambdest__emit *e)
{
    if (e->by_reference)
        end_part(e);
}
