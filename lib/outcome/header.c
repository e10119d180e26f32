#include "outcome/header.h"

#include "base/alloc.h"
#include "base/error.h"
#include "json/utf8.h"

#include <string.h>

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static bool has_name(const lambdest_header *header, const char *name)
{
    size_t i;

    if (header->name_len != strlen(name))
        return false;
    for (i = 0; i < header->name_len; i++)
        if (lower((unsigned char)header->name[i]) != lower((unsigned char)name[i]))
            return false;
    return true;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static lambdest__span trimmed(const char *text, size_t len)
{
    lambdest__span value = {(const unsigned char *)text, len};

    while (value.len && is_blank(value.data[0])) {
        value.data++;
        value.len--;
    }
    while (value.len && is_blank(value.data[value.len - 1]))
        value.len--;
    return value;
}

static int take_header(const lambdest_header *header, lambdest__wanted *wanted, lambdest_error *err)
{
    lambdest__span value = trimmed(header->value, header->value_len);
    size_t i, before;

    if (!value.len)
        return LAMBDEST_OK;
    before = (size_t)((const char *)value.data - header->value);
    for (i = 0; i < value.len; i++)
        if (value.data[i] < 0x20 || value.data[i] == 0x7F)
            return lambdest__fail(err, LAMBDEST_E_SCHEMA, before + i, "a control byte", wanted->name);
    if (!wanted->any_bytes && !lambdest__utf8_check(value.data, value.len, &i))
        return lambdest__fail(err, LAMBDEST_E_UTF8, before + i, NULL, wanted->name);
    if (!wanted->value.len)
        wanted->value = value;
    else if (wanted->value.len != value.len || memcmp(wanted->value.data, value.data, value.len))
        return lambdest__fail(err, LAMBDEST_E_SCHEMA, 0, "two different values", wanted->name);
    return LAMBDEST_OK;
}

/* What becomes of the values is measured in size_t without further checks. */
static int check_size(const lambdest__wanted *wanted, size_t count, uint64_t max, lambdest_error *err)
{
    size_t i, sum = 0;

    for (i = 0; i < count; i++)
        if (!lambdest__add_size(&sum, wanted[i].value.len) || sum > max || sum > SIZE_MAX / 16)
            return lambdest__fail(err, LAMBDEST_E_TOO_BIG, 0, NULL, wanted[i].name);
    return LAMBDEST_OK;
}

int lambdest__headers_find(const lambdest_header *headers, size_t count, lambdest__wanted *wanted,
                           size_t wanted_count, uint64_t max, lambdest_error *err)
{
    size_t i, k;

    if (!headers && count)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, NULL, "headers");
    for (i = 0; i < count; i++) {
        if ((!headers[i].name && headers[i].name_len) || (!headers[i].value && headers[i].value_len))
            return lambdest__fail(err, LAMBDEST_E_INVAL, i, NULL, "headers");
        for (k = 0; k < wanted_count; k++) {
            int rc = has_name(&headers[i], wanted[k].name) ? take_header(&headers[i], &wanted[k], err)
                                                           : LAMBDEST_OK;

            if (rc)
                return rc;
        }
    }
    return check_size(wanted, wanted_count, max, err);
}
