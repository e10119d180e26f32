#include "delivery/builtin.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

typedef struct reason {
    int code;
    bool passes; /* trying again may help */
    const char *text;
} reason;

/* strerror reads the locale and may use a static buffer, so the reasons that matter have words here. */
static const reason reasons[] = {
    {EAGAIN, true, "would block"},
    {EWOULDBLOCK, true, "would block"},
    {EINTR, true, "interrupted"},
    {ENOSPC, true, "no space left on device"},
    {EDQUOT, true, "disk quota exceeded"},
    {EIO, true, "input/output error"},
    {ENOMEM, true, "no memory"},
    {ENOBUFS, true, "no buffer space"},
    {EMFILE, true, "too many open files"},
    {ENFILE, true, "too many open files in system"},
    {EBUSY, true, "busy"},
    {EEXIST, true, "file exists"}, /* thousands of names were taken; the next try begins behind them */
    {EBADF, false, "bad file descriptor"},
    {EPIPE, false, "broken pipe"},
    {ECONNRESET, false, "connection reset"},
    {EFBIG, false, "file too large"},
    {ENOENT, false, "no such file or directory"},
    {ENOTDIR, false, "not a directory"},
    {EACCES, false, "permission denied"},
    {EPERM, false, "operation not permitted"},
    {EROFS, false, "read-only file system"},
    {ENAMETOOLONG, false, "file name too long"},
};

static const reason *find_reason(int code)
{
    static const reason other = {0, false, "refused by the system"};
    size_t i;

    for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == code)
            return &reasons[i];
    return &other;
}

void lambdest__report_code(lambdest_delivery *delivery, int verdict, int code)
{
    const char *name = lambdest_name(code);

    lambdest_delivery_report(delivery, verdict, name, strlen(name));
}

static size_t put_reason(char *to, size_t at, size_t cap, const char *text)
{
    while (*text && at < cap)
        to[at++] = *text++;
    return at;
}

void lambdest__report_system(lambdest_delivery *delivery, const char *what, int system_error)
{
    const reason *why = find_reason(system_error);
    char detail[96];
    size_t len = put_reason(detail, 0, sizeof detail, what);

    len = put_reason(detail, len, sizeof detail, ": ");
    len = put_reason(detail, len, sizeof detail, why->text);
    lambdest_delivery_report(delivery, why->passes ? LAMBDEST_VERDICT_RETRY : LAMBDEST_VERDICT_REJECTED,
                             detail, len);
}
