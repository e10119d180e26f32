#include "json/emit.h"

#include "json/compact.h"
#include "json/number.h"
#include "json/string.h"

#include <string.h>

void lambdest__emit_init(lambdest__emit *e, unsigned char *buf, bool compact)
{
    memset(e, 0, sizeof *e);
    e->buf = buf;
    e->compact = compact;
    e->empty = true;
}

void lambdest__emit_text(lambdest__emit *e, const void *text, size_t len)
{
    if (e->buf)
        lambdest__emit_count(e, lambdest__string_encode(text, len, e->buf + e->used));
    else
        lambdest__emit_count(e, lambdest__string_encoded(text, len));
}

void lambdest__emit_integer(lambdest__emit *e, int64_t value)
{
    unsigned char digits[LAMBDEST__INTEGER_MAX];

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
    e->total += json.len;
}

void lambdest__emit_copy(lambdest__emit *e, lambdest__span json)
{
    if (!e->compact)
        lambdest__emit_raw(e, json.data, json.len);
    else if (e->buf)
        lambdest__emit_count(e, lambdest__compact(json, e->buf + e->used));
    else
        lambdest__emit_count(e, lambdest__compact_length(json));
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
