#include "carrier/parcel.h"

#include "json/skip.h"
#include "json/string.h"

void lambdest__parcel_break(lambdest__parcel *p, lambdest__span value, const unsigned char *at,
                            const char *message, const char *where)
{
    p->text = value;
    p->is_string = false;
    p->is_dead_letter = false;
    p->is_notification = false;
    p->code = LAMBDEST_E_SCHEMA;
    p->message = message;
    p->where = where;
    p->offset = (size_t)(at - value.data);
}

void lambdest__parcel_fill(lambdest__parcel *p, const lambdest__traits *t, enum lambdest__trait trait,
                           const char *where)
{
    lambdest__span text = lambdest__trait_text(t, trait);

    if (!lambdest__trait_has(t, trait)) {
        lambdest__parcel_break(p, t->text, t->text.data, "the carrier has no text", where);
    } else if (!text.data) {
        lambdest__parcel_break(p, t->text, t->value[trait].data, "not a string", where);
    } else {
        p->text = text;
        p->is_string = true;
    }
}

/* The string that an attribute holds: SQS calls it stringValue or StringValue, SNS Value. */
static lambdest__span attribute_value(lambdest__span attributes, const char *name)
{
    static const char *const names[] = {"stringValue", "StringValue", "Value"};
    lambdest__span value = lambdest__skip_find(attributes, name), text = {NULL, 0};
    size_t i;

    for (i = 0; !text.data && i < sizeof names / sizeof names[0]; i++)
        text = lambdest__skip_find(value, names[i]);
    if (text.data && *text.data == '"')
        return lambdest__string_inner(text);
    text.data = NULL;
    text.len = 0;
    return text;
}

void lambdest__parcel_stamp(lambdest__parcel *p, const lambdest__traits *t, enum lambdest__trait attributes)
{
    lambdest__span all = t->value[attributes];
    lambdest__dead_letter letter;

    if (p->code)
        return;
    letter.request_id = attribute_value(all, "RequestID");
    letter.error_code = attribute_value(all, "ErrorCode");
    letter.error_message = attribute_value(all, "ErrorMessage");
    if (!letter.request_id.data || (!letter.error_code.data && !letter.error_message.data))
        return;
    p->letter = letter;
    p->is_dead_letter = true;
}
