#include "base/buffer.h"
#include "base/error.h"
#include "base/options.h"
#include "delivery/builtin.h"
#include "delivery/plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct lambdest_stream {
    lambdest_alloc alloc;
    lambdest__buffer line; /* the line being written */
    size_t written;        /* of it; less than all while a rest waits */
    uint64_t marks;        /* given out so far */
    uint64_t waiting;      /* the mark of the row whose rest waits, if one does */
    int fd;
};

int lambdest_stream_new(int fd, const lambdest_options *options, lambdest_stream **out, lambdest_error *err)
{
    lambdest__limits limits;
    lambdest_stream *s;
    int rc;

    if (!out)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no place for the sink", "out");
    *out = NULL;
    if (fd < 0)
        return lambdest__fail(err, LAMBDEST_E_INVAL, 0, "no file descriptor", "fd");
    rc = lambdest__options_read(options, &limits, err);
    if (rc)
        return rc;
    s = lambdest__alloc(&limits.alloc, sizeof *s);
    if (!s)
        return lambdest__fail(err, LAMBDEST_E_NOMEM, 0, NULL, "");
    memset(s, 0, sizeof *s);
    s->alloc = limits.alloc;
    lambdest__buffer_init(&s->line, &s->alloc, SIZE_MAX);
    s->fd = fd;
    *out = s;
    return lambdest__ok(err);
}

void lambdest_stream_free(lambdest_stream *s)
{
    lambdest_alloc alloc;

    if (!s)
        return;
    alloc = s->alloc;
    lambdest__buffer_free(&s->line);
    lambdest__release(&alloc, s, sizeof *s);
}

static bool rest_waits(const lambdest_stream *s)
{
    return s->written < s->line.len;
}

/* One write of what is left of the line; 0, or the errno. */
static int write_kept(lambdest_stream *s)
{
    ssize_t n;

    do
        n = write(s->fd, s->line.data + s->written, s->line.len - s->written);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno;
    s->written += (size_t)n;
    if (rest_waits(s))
        return EAGAIN;
    s->line.len = 0;
    s->written = 0;
    return 0;
}

/* Room for the whole line is taken first, for a rest that could not be kept would tear it. */
static int take_line(lambdest_stream *s, const char *body, size_t len)
{
    size_t size = len;
    int rc;

    if (!lambdest__add_size(&size, 1))
        return LAMBDEST_E_TOO_BIG;
    rc = lambdest__buffer_reserve(&s->line, size);
    if (rc)
        return rc;
    lambdest__buffer_append(&s->line, body, len);
    lambdest__buffer_append(&s->line, "\n", 1);
    return LAMBDEST_OK;
}

static void write_line(lambdest_stream *s, lambdest_delivery *row)
{
    int error = write_kept(s);

    if (!error) {
        lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
        return;
    }
    if (s->written) {
        row->mark = ++s->marks;
        s->waiting = row->mark;
    } else {
        s->line.len = 0;
    }
    lambdest__report_system(row, "write", error);
}

static void stream_deliver(lambdest_delivery *row, void *user_data)
{
    lambdest_stream *s = user_data;
    size_t len;
    const char *body = lambdest_delivery_body(row, &len);
    int rc, error = 0;

    /* A row that is marked had its line begun; if nothing waits for it, another row has ended it. */
    if (rest_waits(s) && (!row->mark || row->mark == s->waiting))
        error = write_kept(s);
    if (error) {
        lambdest__report_system(row, "write", error);
        return;
    }
    if (row->mark) {
        lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
        return;
    }
    if (memchr(body, '\n', len)) {
        lambdest_delivery_report(row, LAMBDEST_VERDICT_REJECTED, "not one line", 12);
        return;
    }
    rc = take_line(s, body, len);
    if (rc)
        lambdest__report_code(row, LAMBDEST_VERDICT_RETRY, rc);
    else
        write_line(s, row);
}

static void flush(lambdest_delivery *row, void *user_data)
{
    lambdest_stream *s = user_data;
    int error = rest_waits(s) ? write_kept(s) : 0;

    if (error)
        lambdest__report_system(row, "write", error);
    else
        lambdest_delivery_report(row, LAMBDEST_VERDICT_DELIVERED, NULL, 0);
}

int lambdest_stream_sink(lambdest_stream *s, lambdest_sink *sink)
{
    const lambdest_sink made = {
        .target = LAMBDEST_TARGET_PLAIN,
        .form = LAMBDEST_RECORD,
        .write_flags = LAMBDEST_COMPACT,
        .oversize = LAMBDEST_OVERSIZE_REFUSE,
        .deliver = stream_deliver,
        .flush = flush,
        .close = flush,
        .user_data = s,
    };

    if (!s || !sink)
        return LAMBDEST_E_INVAL;
    return lambdest__sink_fill(sink, &made);
}
