/* A stand-in for the Lambda service's side of the Runtime API: runs a command as the runtime, feeds it events
 * from files, tries again as AWS would (with minutes that pass in milliseconds), and appends what became of
 * each event to a file for successes or one for failures, a record a line. Loopback only.
 *
 *   harness [-AS] [-o SUCCESSES] [-f FAILURES] [-r RETRIES] [-a MAX_AGE_S] [-s SCALE] [-t TIMEOUT_MS]
 *           EVENT... -- COMMAND [ARGUMENT...]
 *
 *   -A  report a failure in the middle of a stream as AWS was seen to: as a success without payload
 *   -S  invoke synchronously: the answer goes to standard output, and no destination gets anything
 *   -s  a wait of SCALE milliseconds takes one (1000)
 *
 * The command finds AWS_LAMBDA_RUNTIME_API and the other variables that the service sets; its handler's name
 * (_HANDLER), if it wants one, comes from the caller's environment.
 *
 * Exit status 0: every event came to its end; 1: the harness itself failed; 2: usage. */
#define _POSIX_C_SOURCE 200809L

#include <lambdest.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 16,
    MAX_HEADERS = 256,
    MAX_HEAD = 4 * 1024 * 1024, /* real clients send an X-Ray header of hundreds of kilobytes */
    MAX_BODY = 64 * 1024 * 1024,
    MAX_RESPONSE = 6291556, /* AWS's limit */
    INIT_MS = 10000,
    TICK_MS = 10
};

#define FUNCTION "arn:aws:lambda:us-east-1:123456789012:function:harness"

typedef struct bytes {
    char *data;
    size_t len;
    size_t cap;
} bytes;

typedef struct connection {
    int fd; /* -1: free */
    bytes in;
    size_t head; /* length of the request's head, 0 while it is not whole */
    size_t length;
    bool chunked;
} connection;

typedef struct request {
    lambdest_slice method;
    lambdest_slice path;
    lambdest_header headers[MAX_HEADERS];
    size_t header_count;
    lambdest_header trailers[MAX_HEADERS];
    size_t trailer_count;
    char *body;
    size_t body_len;
    size_t total; /* of the request on the wire */
} request;

typedef struct job { /* one event on its way */
    char id[40];
    char *event;
    size_t len;
    int64_t queued;
    int64_t due;
    lambdest_attempt attempt;
    bool done;
} job;

typedef struct harness {
    lambdest_policy policy;
    char **command;
    const char *files[2]; /* successes, failures */
    lambdest_router *router;
    int64_t scale;
    int64_t timeout;
    uint32_t post_flags;
    bool synchronous;
    job *jobs;
    size_t job_count;
    int listener;
    int port;
    connection connections[MAX_CONNECTIONS];
    connection *parked; /* asked for the next event, not answered yet */
    pid_t child;
    int64_t child_since;
    bool child_ready; /* has asked for an event */
    job *current;     /* is with the runtime */
    lambdest_envelope *envelope;
    bool ended;
    int64_t deadline; /* of the event that is with it; INT64_MAX: none is */
    int64_t skipped;  /* virtual milliseconds that were not waited for */
} harness;

static void die(const char *what)
{
    fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(int rc, const lambdest_error *err)
{
    if (rc == LAMBDEST_OK)
        return;
    fprintf(stderr, "harness: %s: %s (%s)\n", lambdest_name(rc), err->message, err->where);
    exit(1);
}

static int64_t real_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t now_ms(const harness *h)
{
    return real_ms(CLOCK_REALTIME) + h->skipped;
}

static void reserve(bytes *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 65536;
    char *data;

    while (cap - b->len < more)
        cap *= 2;
    if (cap == b->cap)
        return;
    data = realloc(b->data, cap);
    if (!data)
        die("memory");
    b->data = data;
    b->cap = cap;
}

/* ---- HTTP, as much as runtimes speak of it ---- */

static void send_all(connection *c, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

static void answer(connection *c, const char *status)
{
    char text[256];
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
                     "{\"status\":\"ok\"}",
                     status);

    send_all(c, text, (size_t)n);
}

static void hang_up(harness *h, connection *c)
{
    close(c->fd);
    free(c->in.data);
    memset(c, 0, sizeof *c);
    c->fd = -1;
    if (h->parked == c)
        h->parked = NULL;
}

static char *find(char *at, const char *end, const char *what)
{
    size_t n = strlen(what);

    for (; end - at >= (ptrdiff_t)n; at++) {
        at = memchr(at, what[0], (size_t)(end - at) - n + 1);
        if (!at)
            return NULL;
        if (!memcmp(at, what, n))
            return at;
    }
    return NULL;
}

/* Lines "name: value" up to an empty one; NULL if there are too many or one is none. */
static char *read_fields(char *at, char *end, lambdest_header *fields, size_t *count)
{
    char *line_end, *colon;

    while ((line_end = find(at, end, "\r\n")) && line_end != at) {
        colon = memchr(at, ':', (size_t)(line_end - at));
        if (!colon || *count == MAX_HEADERS)
            return NULL;
        fields[*count].name = at;
        fields[*count].name_len = (size_t)(colon - at);
        fields[*count].value = colon + 1;
        fields[*count].value_len = (size_t)(line_end - colon - 1);
        ++*count;
        at = line_end + 2;
    }
    return line_end ? line_end + 2 : NULL;
}

static const lambdest_header *field(const request *r, const char *name)
{
    size_t i;

    for (i = 0; i < r->header_count; i++)
        if (r->headers[i].name_len == strlen(name) && !strncasecmp(r->headers[i].name, name, strlen(name)))
            return &r->headers[i];
    return NULL;
}

/* The text up to the next space, which *at moves behind; false if there is none. */
static bool take_word(char **at, char *end, lambdest_slice *word)
{
    char *space = memchr(*at, ' ', (size_t)(end - *at));

    if (!space)
        return false;
    word->data = *at;
    word->len = (size_t)(space - *at);
    *at = space + 1;
    return true;
}

static bool is(lambdest_slice word, const char *wanted)
{
    return word.len == strlen(wanted) && !memcmp(word.data, wanted, word.len);
}

/* Splits a whole head; false if it is none. */
static bool read_head(connection *c, request *r)
{
    char *at = c->in.data, *end = at + c->head, *line_end = find(at, end, "\r\n");

    memset(r, 0, sizeof *r);
    return line_end && take_word(&at, line_end, &r->method) && take_word(&at, line_end, &r->path) &&
           read_fields(line_end + 2, end, r->headers, &r->header_count);
}

/* What the head says of the body, and the answer to a client that waits for leave to send it. */
static bool plan_body(connection *c, request *r)
{
    const lambdest_header *length;
    char copy[32] = "";

    if (!read_head(c, r))
        return false;
    length = field(r, "content-length");
    c->chunked = field(r, "transfer-encoding") != NULL;
    if (length && length->value_len < sizeof copy)
        memcpy(copy, length->value, length->value_len);
    c->length = (size_t)strtoul(copy, NULL, 10);
    if (field(r, "expect"))
        send_all(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    return c->length <= MAX_BODY;
}

/* Whether all chunks are there, and how much is in them. 1: yes; 0: more to come; -1: no chunks. */
static int find_chunks(const connection *c, size_t *len)
{
    char *at = c->in.data + c->head, *end = c->in.data + c->in.len, *line_end, *stop;

    for (*len = 0;;) {
        unsigned long size;

        line_end = find(at, end, "\r\n");
        if (!line_end)
            return 0;
        size = strtoul(at, &stop, 16);
        if (stop == at || size > MAX_BODY || *len + size > MAX_BODY)
            return -1;
        at = line_end + 2;
        if (!size)
            break;
        *len += (size_t)(end - at) < size ? (size_t)(end - at) : size;
        if ((size_t)(end - at) < size + 2)
            return 0;
        at += size + 2;
    }
    if (find(at, end, "\r\n") != at && !find(at, end, "\r\n\r\n"))
        return 0;
    return 1;
}

/* Moves the chunks together, now that all are there, and reads the trailers. */
static bool join_chunks(connection *c, request *r)
{
    char *at = c->in.data + c->head, *end = c->in.data + c->in.len, *to = at;
    unsigned long size;

    while ((size = strtoul(at, NULL, 16)) != 0) {
        at = find(at, end, "\r\n") + 2;
        memmove(to, at, size);
        to += size;
        at += size + 2;
    }
    at = find(at, end, "\r\n") + 2;
    r->body_len = (size_t)(to - r->body);
    at = read_fields(at, end, r->trailers, &r->trailer_count);
    r->total = at ? (size_t)(at - c->in.data) : 0;
    return at != NULL;
}

/* 1: *r is a whole request; 0: more to come; -1: it is none. */
static int take_request(connection *c, request *r)
{
    size_t len;
    int whole;

    if (!c->head) {
        char *end = find(c->in.data, c->in.data + c->in.len, "\r\n\r\n");

        if (!end)
            return c->in.len > MAX_HEAD ? -1 : 0;
        c->head = (size_t)(end - c->in.data) + 4;
        if (!plan_body(c, r))
            return -1;
    }
    if (c->chunked) {
        whole = find_chunks(c, &len);
        if (whole <= 0)
            return whole;
    } else if (c->in.len - c->head < c->length) {
        return 0;
    }
    if (!read_head(c, r))
        return -1;
    r->body = c->in.data + c->head;
    r->body_len = c->length;
    r->total = c->head + c->length;
    return !c->chunked || join_chunks(c, r) ? 1 : -1;
}

static void drop_request(connection *c, size_t total)
{
    memmove(c->in.data, c->in.data + total, c->in.len - total);
    c->in.len -= total;
    c->in.data[c->in.len] = '\0';
    c->head = c->length = 0;
    c->chunked = false;
}

/* ---- an attempt ---- */

static void end_by_fault(harness *h, int fault, int64_t detail)
{
    lambdest_error err;

    check(lambdest_runtime_fault(h->envelope, fault, detail, &err), &err);
    h->ended = true;
}

/* false, and the attempt goes on, for a post that cannot be understood. */
static bool end_by_post(harness *h, const request *r, int channel)
{
    lambdest_post post = {.size = sizeof post, .channel = (uint32_t)channel, .flags = h->post_flags};
    lambdest_error err;

    post.body = r->body;
    post.body_len = r->body_len;
    post.headers = r->headers;
    post.header_count = r->header_count;
    post.trailers = r->trailers;
    post.trailer_count = r->trailer_count;
    if (lambdest_runtime_post(h->envelope, &post, &err))
        fprintf(stderr, "harness: %s: %s (%s)\n", h->current->id, err.message, err.where);
    else
        h->ended = true;
    return h->ended;
}

/* The library has no words for this one: it ran and ended, as told by the fault, but the words are the host's. */
static void end_by_cut(harness *h, size_t got, size_t announced)
{
    char message[160];
    lambdest_error err;
    int n;

    if (announced)
        n = snprintf(message, sizeof message, "RequestId: %s Error: body ends after %zu of %zu bytes",
                     h->current->id, got, announced);
    else
        n = snprintf(message, sizeof message,
                     "RequestId: %s Error: stream ends after %zu bytes, without an end", h->current->id, got);
    fprintf(stderr, "harness: %s\n", message);
    check(lambdest_runtime_fault(h->envelope, LAMBDEST_FAULT_EXIT, 0, &err), &err);
    check(lambdest_envelope_set_error(h->envelope, "Runtime.TruncatedResponse", 25, message, (size_t)n, NULL,
                                      0, &err),
          &err);
    h->ended = true;
}

static void serve_post(harness *h, connection *c, const request *r, int channel, const char *id,
                       size_t id_len)
{
    bool ours = h->current && !h->ended;

    if (ours && id)
        ours = strlen(h->current->id) == id_len && !memcmp(h->current->id, id, id_len);
    if (!ours) {
        answer(c, "400 Bad Request");
    } else if (channel == LAMBDEST_CHANNEL_RESPONSE && r->body_len > MAX_RESPONSE) {
        answer(c, "413 Payload Too Large");
        end_by_fault(h, LAMBDEST_FAULT_RESPONSE_TOO_LARGE, (int64_t)r->body_len);
    } else {
        answer(c, end_by_post(h, r, channel) ? "202 Accepted" : "400 Bad Request");
    }
}

static void serve(harness *h, connection *c, const request *r)
{
    const char *id;
    size_t id_len;
    int channel;

    if (lambdest_runtime_path(r->path.data, r->path.len, &channel, &id, &id_len)) {
        answer(c, "404 Not Found");
        return;
    }
    if (!is(r->method, channel == LAMBDEST_CHANNEL_NEXT ? "GET" : "POST")) {
        answer(c, "405 Method Not Allowed");
        return;
    }
    if (channel != LAMBDEST_CHANNEL_NEXT) {
        serve_post(h, c, r, channel, id, id_len);
        return;
    }
    if (h->deadline != INT64_MAX && h->current && !h->ended)
        end_by_fault(h, LAMBDEST_FAULT_NEVER_SETTLED, 0);
    h->child_ready = true;
    h->parked = c;
}

static void closed_early(harness *h, connection *c)
{
    bool in_body = c->head && (c->chunked || c->in.len - c->head < c->length);
    size_t got = c->in.len - c->head;

    if (in_body && c->chunked)
        find_chunks(c, &got);
    if (in_body && h->current && !h->ended)
        end_by_cut(h, got, c->chunked ? 0 : c->length);
    hang_up(h, c);
}

static void receive(harness *h, connection *c)
{
    request *r;
    ssize_t n;
    int whole;

    reserve(&c->in, 65536);
    n = recv(c->fd, c->in.data + c->in.len, c->in.cap - c->in.len - 1, 0);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        closed_early(h, c);
        return;
    }
    c->in.len += (size_t)n;
    c->in.data[c->in.len] = '\0';
    r = malloc(sizeof *r);
    if (!r)
        die("memory");
    while ((whole = c->in.len ? take_request(c, r) : 0) == 1) {
        serve(h, c, r);
        drop_request(c, r->total);
    }
    free(r);
    if (whole < 0) {
        answer(c, "400 Bad Request");
        hang_up(h, c);
    }
}

/* ---- the runtime ---- */

/* What the service sets and runtimes insist on, where the caller has set nothing. */
static void set_defaults(void)
{
    char here[4096];

    setenv("AWS_REGION", "us-east-1", 0);
    setenv("AWS_LAMBDA_FUNCTION_NAME", "harness", 0);
    setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST", 0);
    setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128", 0);
    setenv("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/harness", 0);
    setenv("AWS_LAMBDA_LOG_STREAM_NAME", "harness", 0);
    if (getcwd(here, sizeof here))
        setenv("LAMBDA_TASK_ROOT", here, 0);
}

static void start_child(harness *h)
{
    char api[32];

    snprintf(api, sizeof api, "127.0.0.1:%d", h->port);
    h->child = fork();
    if (h->child < 0)
        die("fork");
    if (h->child == 0) {
        setpgid(0, 0);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        close(h->listener);
        setenv("AWS_LAMBDA_RUNTIME_API", api, 1);
        set_defaults();
        execvp(h->command[0], h->command);
        fprintf(stderr, "harness: %s: %s\n", h->command[0], strerror(errno));
        _exit(127);
    }
    setpgid(h->child, h->child);
    h->child_since = real_ms(CLOCK_MONOTONIC);
    h->child_ready = false;
}

static void stop_child(harness *h)
{
    size_t i;

    if (h->child > 0) {
        kill(-h->child, SIGKILL);
        waitpid(h->child, NULL, 0);
    }
    h->child = 0;
    for (i = 0; i < MAX_CONNECTIONS; i++)
        if (h->connections[i].fd >= 0)
            hang_up(h, &h->connections[i]);
}

static void accept_one(harness *h)
{
    int fd = accept(h->listener, NULL, NULL);
    size_t i;

    for (i = 0; fd >= 0 && i < MAX_CONNECTIONS; i++)
        if (h->connections[i].fd < 0) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            h->connections[i].fd = fd;
            return;
        }
    if (fd >= 0)
        close(fd);
}

/* Serves what has come, for up to so many milliseconds; tells if anything had. */
static bool serve_for(harness *h, int64_t ms)
{
    struct pollfd polls[MAX_CONNECTIONS + 1];
    size_t i;
    int n;

    for (i = 0; i < MAX_CONNECTIONS; i++) {
        polls[i].fd = h->connections[i].fd;
        polls[i].events = POLLIN;
    }
    polls[MAX_CONNECTIONS].fd = h->listener;
    polls[MAX_CONNECTIONS].events = POLLIN;
    n = poll(polls, MAX_CONNECTIONS + 1, (int)ms);
    if (n <= 0)
        return false;
    for (i = 0; i < MAX_CONNECTIONS; i++)
        if (polls[i].fd >= 0 && polls[i].revents)
            receive(h, &h->connections[i]);
    if (polls[MAX_CONNECTIONS].revents)
        accept_one(h);
    return true;
}

/* If the runtime has died: what it posted before counts, else how it died does. */
static void bury_child(harness *h)
{
    int status;

    if (h->child <= 0 || waitpid(h->child, &status, WNOHANG) != h->child)
        return;
    while (serve_for(h, 0))
        continue;
    if (h->current && !h->ended) {
        if (WIFSIGNALED(status))
            end_by_fault(h, LAMBDEST_FAULT_SIGNAL, WTERMSIG(status));
        else
            end_by_fault(h, LAMBDEST_FAULT_EXIT, WEXITSTATUS(status));
    }
    kill(-h->child, SIGKILL);
    h->child = 0;
    stop_child(h);
}

/* ---- events ---- */

static void hand_over(harness *h)
{
    static const char format[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Lambda-Runtime-Aws-Request-Id: %s\r\nLambda-Runtime-Deadline-Ms: %lld\r\n"
                                 "Lambda-Runtime-Invoked-Function-Arn: " FUNCTION "\r\n"
                                 "Lambda-Runtime-Trace-Id: Root=1-00000000-000000000000000000000000\r\n"
                                 "Content-Length: %zu\r\n\r\n";
    char head[512];
    int n = snprintf(head, sizeof head, format, h->current->id,
                     (long long)(real_ms(CLOCK_REALTIME) + h->timeout), h->current->len);
    connection *c = h->parked;

    h->parked = NULL;
    send_all(c, head, (size_t)n);
    send_all(c, h->current->event, h->current->len);
    h->deadline = real_ms(CLOCK_MONOTONIC) + h->timeout;
}

static void new_envelope(harness *h)
{
    lambdest_header headers[] = {
        {"Lambda-Runtime-Aws-Request-Id", 29, h->current->id, strlen(h->current->id)},
        {"Lambda-Runtime-Invoked-Function-Arn", 35, FUNCTION, sizeof FUNCTION - 1},
    };
    lambdest_error err;

    check(
        lambdest_runtime_invocation(headers, 2, h->current->event, h->current->len, NULL, &h->envelope, &err),
        &err);
    h->ended = false;
    h->deadline = INT64_MAX;
}

/* One attempt from the time it is due to its end, whatever ends it. */
static void try_once(harness *h, job *j)
{
    int64_t wait = (j->due - now_ms(h)) / h->scale, until = real_ms(CLOCK_MONOTONIC) + wait;

    while (real_ms(CLOCK_MONOTONIC) < until) {
        serve_for(h, TICK_MS < wait ? TICK_MS : wait);
        bury_child(h);
    }
    if (now_ms(h) < j->due)
        h->skipped += j->due - now_ms(h);
    h->current = j;
    new_envelope(h);
    while (!h->ended) {
        int64_t now = real_ms(CLOCK_MONOTONIC);

        if (h->child <= 0)
            start_child(h);
        if (h->parked && h->deadline == INT64_MAX) {
            hand_over(h);
        } else if (h->deadline != INT64_MAX && now >= h->deadline) {
            end_by_fault(h, LAMBDEST_FAULT_TIMEOUT, h->timeout);
            stop_child(h);
        } else if (!h->child_ready && now - h->child_since > INIT_MS) {
            end_by_fault(h, LAMBDEST_FAULT_BAD_INIT, 0);
            stop_child(h);
        } else {
            serve_for(h, TICK_MS);
            bury_child(h);
        }
    }
}

/* The sink: appends a line to the file whose path it is for. */
static void append(lambdest_delivery *row, void *user_data)
{
    FILE *file = fopen(user_data, "ab");
    size_t len;
    const char *record = lambdest_delivery_body(row, &len);
    bool done = file && fwrite(record, 1, len, file) == len && putc('\n', file) != EOF;
    const char *why;

    if (file && fclose(file))
        done = false;
    why = done ? "" : strerror(errno);
    lambdest_delivery_report(row, done ? LAMBDEST_VERDICT_DELIVERED : LAMBDEST_VERDICT_REJECTED, why,
                             strlen(why));
}

static void deliver(harness *h, const job *j)
{
    const char *type = lambdest_envelope_text(h->envelope, LAMBDEST_ERROR_TYPE, NULL);
    lambdest_delivery *row;
    lambdest_plan *plan;
    lambdest_error err;
    int64_t count = 0;
    int rc = lambdest_router_dispatch(h->router, h->envelope, 0, &plan, &err);

    if (rc != LAMBDEST_E_PARTIAL)
        check(rc, &err);
    row = lambdest_plan_at(plan, 0);
    if (rc) {
        fprintf(stderr, "harness: %s: %s\n", (char *)lambdest_delivery_user_data(row),
                lambdest_delivery_text(row, LAMBDEST_DELIVERY_DETAIL, NULL));
        exit(1);
    }
    lambdest_envelope_integer(h->envelope, LAMBDEST_INVOKE_COUNT, &count);
    printf("%s  %-7s  %-23s  x%lld  %s%s%s\n", j->id, lambdest_name(lambdest_envelope_outcome(h->envelope)),
           lambdest_envelope_text(h->envelope, LAMBDEST_CONDITION, NULL), (long long)count,
           (char *)lambdest_delivery_user_data(row), type ? "  " : "", type ? type : "");
    lambdest_plan_free(plan);
}

static void hand_back(const harness *h)
{
    int member = lambdest_envelope_outcome(h->envelope) == LAMBDEST_FAILURE ? LAMBDEST_INVOCATION_ERROR
                                                                            : LAMBDEST_RESPONSE_PAYLOAD;
    size_t len;
    const char *json = lambdest_envelope_json(h->envelope, member, &len);

    fwrite(json ? json : "", 1, len, stdout);
    putchar('\n');
}

static void settle(harness *h, job *j)
{
    lambdest_decision decision = {.size = sizeof decision};
    lambdest_attempt *a = &j->attempt;
    lambdest_error err;

    a->cause = (uint32_t)lambdest_envelope_cause(h->envelope);
    if (a->cause == LAMBDEST_CAUSE_THROTTLED || a->cause == LAMBDEST_CAUSE_SYSTEM_ERROR)
        a->throttles++;
    else
        a->attempts++;
    a->now_ms = now_ms(h);
    check(lambdest_settle(&h->policy, a, &decision, &err), &err);
    switch (decision.action) {
    case LAMBDEST_RETRY:
        j->due = a->now_ms + decision.delay_ms;
        break;
    case LAMBDEST_NO_DESTINATION:
        hand_back(h);
        j->done = true;
        break;
    default:
        check(lambdest_envelope_conclude(h->envelope, &decision, a->now_ms, &err), &err);
        deliver(h, j);
        j->done = true;
    }
    lambdest_envelope_free(h->envelope);
    h->envelope = NULL;
    h->current = NULL;
}

static job *next_due(harness *h)
{
    job *found = NULL;
    size_t i;

    for (i = 0; i < h->job_count; i++)
        if (!h->jobs[i].done && (!found || h->jobs[i].due < found->due))
            found = &h->jobs[i];
    return found;
}

/* What a runtime does between its last answer and its next question belongs to the invocation. */
static void let_finish(harness *h)
{
    int64_t until = real_ms(CLOCK_MONOTONIC) + h->timeout;

    while (h->child > 0 && !h->parked && real_ms(CLOCK_MONOTONIC) < until) {
        serve_for(h, TICK_MS);
        bury_child(h);
    }
    stop_child(h);
}

/* ---- setting up ---- */

static void load_event(harness *h, job *j, const char *path, size_t number)
{
    FILE *file = fopen(path, "rb");
    bytes b = {NULL, 0, 0};
    size_t n;

    if (!file)
        die(path);
    do {
        reserve(&b, 65536);
        n = fread(b.data + b.len, 1, 65536, file);
        b.len += n;
    } while (n);
    if (ferror(file) || fclose(file))
        die(path);
    memset(j, 0, sizeof *j);
    snprintf(j->id, sizeof j->id, "00000000-0000-4000-8000-%012zu", number);
    j->event = b.data;
    j->len = b.len;
    j->due = j->queued = now_ms(h);
    j->attempt.size = sizeof j->attempt;
    j->attempt.invocation = h->synchronous ? LAMBDEST_SYNCHRONOUS : LAMBDEST_EVENT;
    j->attempt.queued_ms = j->queued;
}

static void listen_on_loopback(harness *h)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    size_t i;

    for (i = 0; i < MAX_CONNECTIONS; i++)
        h->connections[i].fd = -1;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    h->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (h->listener < 0 || bind(h->listener, (struct sockaddr *)&address, sizeof address) ||
        listen(h->listener, MAX_CONNECTIONS) || getsockname(h->listener, (struct sockaddr *)&address, &len))
        die("socket");
    h->port = ntohs(address.sin_port);
}

static void make_router(harness *h)
{
    static const uint32_t when[] = {LAMBDEST_ON_SUCCESS, LAMBDEST_ON_FAILURE};
    static const char *const names[] = {"successes", "failures"};
    lambdest_error err;
    size_t i;

    check(lambdest_router_new(NULL, &h->router, &err), &err);
    for (i = 0; i < 2; i++) {
        lambdest_sink sink = {.size = sizeof sink, .write_flags = LAMBDEST_COMPACT, .deliver = append};

        sink.user_data = (void *)(uintptr_t)h->files[i];
        check(lambdest_router_add_sink(h->router, when[i], names[i], strlen(names[i]), &sink, &err), &err);
    }
}

static int usage(void)
{
    fputs("usage: harness [-AS] [-o SUCCESSES] [-f FAILURES] [-r RETRIES] [-a MAX_AGE_S] [-s SCALE]\n"
          "               [-t TIMEOUT_MS] EVENT... -- COMMAND [ARGUMENT...]\n",
          stderr);
    return 2;
}

/* A number from 0, -1 for anything else. */
static int64_t number(const char *text)
{
    char *end;
    long long n = strtoll(text, &end, 10);

    return *text && !*end && n >= 0 && n <= INT32_MAX ? n : -1;
}

static bool read_option(harness *h, int option, const char *value)
{
    int64_t n = value ? number(value) : 0;

    switch (option) {
    case 'A':
        h->post_flags = LAMBDEST_POST_TRAILERS_AS_AWS;
        return true;
    case 'S':
        h->synchronous = true;
        return true;
    case 'o':
        h->files[0] = value;
        return true;
    case 'f':
        h->files[1] = value;
        return true;
    case 'r':
        h->policy.max_retries = (uint32_t)n;
        return n >= 0;
    case 'a':
        h->policy.max_age_ms = n * 1000;
        return n >= 0;
    case 's':
        h->scale = n;
        return n > 0;
    case 't':
        h->timeout = n;
        return n > 0;
    default:
        return false;
    }
}

/* The place of "--" in argv, 0 if there is none. */
static int separator(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--"))
            return i;
    return 0;
}

/* A policy that AWS would refuse is told before the first event. */
static void check_policy(const harness *h)
{
    lambdest_attempt attempt = {.size = sizeof attempt, .cause = LAMBDEST_CAUSE_RETURNED, .attempts = 1};
    lambdest_decision decision = {.size = sizeof decision};
    lambdest_error err;

    check(lambdest_settle(&h->policy, &attempt, &decision, &err), &err);
}

int main(int argc, char **argv)
{
    static harness h;
    int i, option, split = separator(argc, argv);
    job *j;

    h.files[0] = "success.ndjson";
    h.files[1] = "failure.ndjson";
    h.scale = 1000;
    h.timeout = 3000;
    h.policy.size = sizeof h.policy;
    lambdest_policy_init(&h.policy);
    h.policy.flags = LAMBDEST_POLICY_STRICT;
    while (split && (option = getopt(split, argv, "ASo:f:r:a:s:t:")) != -1)
        if (!read_option(&h, option, optarg))
            return usage();
    if (!split || optind >= split || split + 1 >= argc)
        return usage();
    check_policy(&h);
    make_router(&h);
    h.command = argv + split + 1;
    h.job_count = (size_t)(split - optind);
    h.jobs = calloc(h.job_count, sizeof *h.jobs);
    if (!h.jobs)
        die("memory");
    for (i = optind; i < split; i++)
        load_event(&h, &h.jobs[i - optind], argv[i], (size_t)(i - optind) + 1);
    listen_on_loopback(&h);
    while ((j = next_due(&h))) {
        try_once(&h, j);
        settle(&h, j);
    }
    let_finish(&h);
    for (i = 0; i < (int)h.job_count; i++)
        free(h.jobs[i].event);
    free(h.jobs);
    lambdest_router_free(h.router);
    return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
