/* The harness's sparring partner: a runtime without an HTTP library, so that it can do what no library would (end
 * in the middle of a body), and can be built wherever the tests are. The runtime to copy is runtime.c.
 *
 *   AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 _HANDLER=cut rogue */
#define _POSIX_C_SOURCE 200809L

#include <lambdest.h>

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_ANSWER = 8 * 1024 * 1024,
    MAX_HEADERS = 64
};

/* What came back of a request. */
typedef struct answer {
    char *text;
    lambdest_header headers[MAX_HEADERS];
    size_t header_count;
    const char *body;
    size_t body_len;
} answer;

/* What a handler gives: a JSON text, or an error. */
typedef struct result {
    const char *json;
    const char *error_type;
    const char *error_message;
} result;

static void stop(const char *why)
{
    fprintf(stderr, "rogue: %s\n", why);
    exit(1);
}

/* ---- HTTP, one connection a request ---- */

static int connect_to(const char *api)
{
    struct addrinfo hints, *found;
    const char *colon = strrchr(api, ':');
    char host[256] = "";
    int fd = -1;

    if (!colon || (size_t)(colon - api) >= sizeof host)
        stop("AWS_LAMBDA_RUNTIME_API is not host:port");
    memcpy(host, api, (size_t)(colon - api));
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (!getaddrinfo(host, colon + 1, &hints, &found)) {
        fd = socket(found->ai_family, found->ai_socktype, 0);
        if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen))
            stop("no connection");
        freeaddrinfo(found);
    }
    if (fd < 0)
        stop("no address");
    return fd;
}

static void send_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, 0);

        if (n <= 0)
            stop("sending failed");
        data += n;
        len -= (size_t)n;
    }
}

/* Splits "name: value" lines; the body's length is one of them. */
static size_t read_headers(answer *a, char *at)
{
    size_t length = 0;
    char *end;

    for (; (end = strstr(at, "\r\n")) && end != at; at = end + 2) {
        char *colon = memchr(at, ':', (size_t)(end - at));

        if (!colon || a->header_count == MAX_HEADERS)
            continue;
        a->headers[a->header_count].name = at;
        a->headers[a->header_count].name_len = (size_t)(colon - at);
        a->headers[a->header_count].value = colon + 1;
        a->headers[a->header_count].value_len = (size_t)(end - colon - 1);
        a->header_count++;
        if (colon - at == 14 && !memcmp(at, "Content-Length", 14))
            length = (size_t)strtoul(colon + 1, NULL, 10);
    }
    return length;
}

static void receive(int fd, answer *a)
{
    size_t len = 0, wanted = 0;
    char *head_end = NULL;
    ssize_t n;

    memset(a, 0, sizeof *a);
    a->text = malloc(MAX_ANSWER + 1);
    if (!a->text)
        stop("no memory");
    while ((!head_end || len < wanted) && (n = recv(fd, a->text + len, MAX_ANSWER - len, 0)) > 0) {
        len += (size_t)n;
        a->text[len] = '\0';
        if (!head_end && (head_end = strstr(a->text, "\r\n\r\n")) != NULL)
            wanted = (size_t)(head_end + 4 - a->text) + read_headers(a, strstr(a->text, "\r\n") + 2);
    }
    if (!head_end || len < wanted)
        stop("the answer ended early");
    a->body = head_end + 4;
    a->body_len = wanted - (size_t)(a->body - a->text);
}

/* `type` is the value of the error type's header, or NULL; `more` is announced and not sent. */
static void request(const char *path, const char *type, const char *body, size_t len, size_t more, answer *a)
{
    static const char format[] = "%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: lambda\r\n"
                                 "Content-Type: application/json\r\nContent-Length: %zu\r\n%s%s%s\r\n";
    int fd = connect_to(getenv("AWS_LAMBDA_RUNTIME_API"));
    char head[1024];
    int n =
        snprintf(head, sizeof head, format, body ? "POST" : "GET", path, len + more,
                 type ? "Lambda-Runtime-Function-Error-Type: " : "", type ? type : "", type ? "\r\n" : "");

    if (n < 0 || (size_t)n >= sizeof head)
        stop("a request id that is too long");
    send_all(fd, head, (size_t)n);
    send_all(fd, body ? body : "", len);
    if (more)
        shutdown(fd, SHUT_WR);
    else
        receive(fd, a);
    close(fd);
}

static void post(const lambdest_envelope *env, const char *channel, const char *type, const char *body,
                 size_t len)
{
    char path[512];
    answer a;

    snprintf(path, sizeof path, "invocation/%s/%s", lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL),
             channel);
    request(path, type, body, len, 0, &a);
    free(a.text);
}

/* ---- the loop ---- */

static void post_error(lambdest_envelope *env, const result *r)
{
    char type[256], *body;
    lambdest_error err;
    size_t len;

    if (lambdest_envelope_set_error(env, r->error_type, strlen(r->error_type), r->error_message,
                                    strlen(r->error_message), NULL, 0, &err))
        stop(err.message);
    if (lambdest_runtime_error_type(env, type, sizeof type, &len))
        type[0] = '\0';
    (void)lambdest_runtime_error_body(env, 0, NULL, 0, &len);
    body = malloc(len + 1);
    if (!body || lambdest_runtime_error_body(env, 0, body, len + 1, &len))
        stop("no memory");
    post(env, "error", type, body, len);
    free(body);
}

static void serve_one(result (*handler)(const char *event, size_t len))
{
    lambdest_envelope *env;
    lambdest_error err;
    const char *event;
    size_t len;
    answer next;
    result r;

    request("invocation/next", NULL, NULL, 0, 0, &next);
    if (lambdest_runtime_invocation(next.headers, next.header_count, next.body, next.body_len, NULL, &env,
                                    &err))
        stop(err.message);
    event = lambdest_envelope_json(env, LAMBDEST_REQUEST_PAYLOAD, &len);
    r = handler(event, len);
    if (r.json)
        post(env, "response", NULL, r.json, strlen(r.json));
    else if (r.error_type)
        post_error(env, &r);
    lambdest_envelope_free(env);
    free(next.text);
}

/* ---- handlers ---- */

static result echo(const char *event, size_t len)
{
    static char copy[65536];
    result r = {copy, NULL, NULL};

    snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : 0), event);
    return r;
}

static result looks_like_an_error(const char *event, size_t len)
{
    result r = {"{\"errorType\":\"Error\",\"errorMessage\":\"returned\"}", NULL, NULL};

    (void)event;
    (void)len;
    return r;
}

static result text(const char *event, size_t len)
{
    result r = {"no JSON", NULL, NULL};

    (void)event;
    (void)len;
    return r;
}

static result raise_error(const char *event, size_t len)
{
    result r = {NULL, "Order.Rejected caf\xC3\xA9", "say \"no\"\n\x01 caf\xC3\xA9 \xE2\x98\x83"};

    (void)event;
    (void)len;
    return r;
}

static result leave(const char *event, size_t len)
{
    (void)event;
    (void)len;
    exit(3);
}

static result die_by_signal(const char *event, size_t len)
{
    (void)event;
    (void)len;
    abort();
}

static result hang(const char *event, size_t len)
{
    (void)event;
    (void)len;
    while (pause() == -1)
        continue;
    exit(1);
}

/* Goes on to the next event as if nothing were due. */
static result skip(const char *event, size_t len)
{
    result r = {NULL, NULL, NULL};

    (void)event;
    (void)len;
    return r;
}

/* Announces a body that is ten bytes longer than what comes. */
static result cut(const char *event, size_t len)
{
    result r = {NULL, NULL, NULL};
    answer none;

    (void)event;
    (void)len;
    request("invocation/00000000-0000-4000-8000-000000000001/response", NULL, "{\"a\":", 5, 10, &none);
    return r;
}

/* A stream that ends in the middle of its second chunk. */
static void begin_stream(void)
{
    static const char text[] =
        "POST /2018-06-01/runtime/invocation/00000000-0000-4000-8000-000000000001/response HTTP/1.1\r\n"
        "Host: lambda\r\nTransfer-Encoding: chunked\r\n"
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n\r\n5\r\n{\"a\":\r\n10\r\n[1,";
    int fd = connect_to(getenv("AWS_LAMBDA_RUNTIME_API"));

    send_all(fd, text, sizeof text - 1);
    shutdown(fd, SHUT_WR);
    close(fd);
}

static result cut_stream(const char *event, size_t len)
{
    result r = {NULL, NULL, NULL};

    (void)event;
    (void)len;
    begin_stream();
    return r;
}

static result die_in_stream(const char *event, size_t len)
{
    begin_stream();
    return die_by_signal(event, len);
}

typedef struct named_handler {
    const char *name;
    result (*handler)(const char *event, size_t len);
} named_handler;

int main(void)
{
    static const named_handler handlers[] = {
        {"echo", echo},
        {"looks_like_an_error", looks_like_an_error},
        {"text", text},
        {"raise", raise_error},
        {"exit", leave},
        {"abort", die_by_signal},
        {"hang", hang},
        {"skip", skip},
        {"cut", cut},
        {"cut_stream", cut_stream},
        {"die_in_stream", die_in_stream},
    };
    static const char no_handler[] =
        "{\"errorType\":\"Runtime.HandlerNotFound\",\"errorMessage\":\"no such handler\"}";
    const char *name = getenv("_HANDLER");
    answer a;
    size_t i;

    if (!getenv("AWS_LAMBDA_RUNTIME_API"))
        stop("AWS_LAMBDA_RUNTIME_API is not set");
    for (i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        while (name && !strcmp(name, handlers[i].name))
            serve_one(handlers[i].handler);
    request("init/error", "Runtime.HandlerNotFound", no_handler, sizeof no_handler - 1, 0, &a);
    free(a.text);
    return 1;
}
