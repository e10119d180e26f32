#include "base/error.h"

static void fill_error(lambdest_error *err, int code, uint64_t offset, const char *message, const char *where)
{
    if (!err)
        return;
    err->code = code;
    err->flags = 0;
    err->offset = offset;
    err->message = message;
    err->where = where ? where : "";
    err->reserved[0] = 0;
    err->reserved[1] = 0;
}

void lambdest__clear_error(lambdest_error *err)
{
    fill_error(err, LAMBDEST_OK, 0, "", "");
}

int lambdest__fail(lambdest_error *err, int code, uint64_t offset, const char *message, const char *where)
{
    fill_error(err, code, offset, message ? message : lambdest_name(code), where);
    return code;
}

int lambdest__fail_io(lambdest_error *err, int system_error, const char *message)
{
    fill_error(err, LAMBDEST_E_IO, 0, message, "");
    if (err)
        err->flags = (uint32_t)system_error;
    return LAMBDEST_E_IO;
}

int lambdest_locate(const char *text, size_t len, uint64_t offset, uint64_t *line, uint64_t *column)
{
    uint64_t lines = 1, columns = 1;
    size_t i;

    if (line)
        *line = 0;
    if (column)
        *column = 0;
    if (!line || !column || (!text && len) || offset > len)
        return LAMBDEST_E_INVAL;
    for (i = 0; i < offset; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == '\n') {
            lines++;
            columns = 1;
        } else if ((byte & 0xC0) != 0x80) {
            columns++;
        }
    }
    *line = lines;
    *column = columns;
    return LAMBDEST_OK;
}
