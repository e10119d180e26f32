/* A custom runtime for AWS Lambda over libcurl, whole: it asks for an event, runs the function that _HANDLER names
 * (functions.c), posts what it returned or the error that it raised, and goes on until it is told to stop.
 *
 *   AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 _HANDLER=echo runtime
 *
 * Lambda itself sends a record to a function's destinations only for asynchronous invocations. With an ARN in
 * ON_SUCCESS or ON_FAILURE this runtime does it for every invocation, one that came from a queue too
 * (aws_sink.h); a record that was not taken goes to the log, a line of JSON. */
#define _POSIX_C_SOURCE 200809L
#include "aws_sink.h"
#include "functions.h"

#include <lambdest/jansson.h>

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_EVENT = 8 * 1024 * 1024,
    MAX_HEADERS = 64,
    MAX_CAUSE = 16 * 1024, /* of the header for X-Ray; one that is longer is left out */
    SEND_MS = 5000,
    TRIES = 3
};

static volatile sig_atomic_t stopping;

static void on_term(int number)
{
    stopping = number;
}

static void stop(const char *what, const char *why)
{
    fprintf(stderr, "runtime: %s: %s\n", what, why);
    exit(1);
}

static void must(int rc, const lambdest_error *err)
{
    if (rc)
        stop(err->where, err->message);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void add(bytes *to, const void *data, size_t len)
{
    size_t cap = to->cap ? to->cap : 4096;

    while (cap - to->len <= len)
        cap *= 2;
    if (cap != to->cap) {
        to->data = realloc(to->data, cap);
        if (!to->data)
            stop("function", "no memory");
        to->cap = cap;
    }
    memcpy(to->data + to->len, data, len);
    to->len += len;
    to->data[to->len] = '\0';
}

/* ---- HTTP ---- */

typedef struct client {
    CURL *curl; /* one connection, kept */
    const char *api;
    bytes body;
    lambdest_header headers[MAX_HEADERS];
    size_t header_count;
} client;

/* What is posted. Trailers follow a body that is sent in chunks. */
typedef struct message {
    const char *path;
    const char *body;
    size_t len;
    size_t sent;
    bool stream;
    struct curl_slist *headers;
    const lambdest_header *trailers;
    size_t trailer_count;
} message;

static size_t take_body(char *data, size_t size, size_t count, void *user_data)
{
    client *c = user_data;

    if (size * count > MAX_EVENT - c->body.len)
        return 0;
    add(&c->body, data, size * count);
    return size * count;
}

static size_t give_body(char *to, size_t size, size_t count, void *user_data)
{
    message *m = user_data;
    size_t n = m->len - m->sent < size * count ? m->len - m->sent : size * count;

    memcpy(to, m->body + m->sent, n);
    m->sent += n;
    return n;
}

static int give_trailers(struct curl_slist **list, void *user_data)
{
    const message *m = user_data;
    size_t i;

    for (i = 0; i < m->trailer_count; i++) {
        bytes line = {NULL, 0, 0};

        add(&line, m->trailers[i].name, m->trailers[i].name_len);
        add(&line, ": ", 2);
        add(&line, m->trailers[i].value, m->trailers[i].value_len);
        *list = curl_slist_append(*list, line.data);
        free(line.data);
    }
    return CURL_TRAILERFUNC_OK;
}

/* While the runtime waits for an event, a signal ends the wait. */
static int look_around(void *user_data, curl_off_t a, curl_off_t b, curl_off_t d, curl_off_t e)
{
    (void)user_data, (void)a, (void)b, (void)d, (void)e;
    return stopping != 0;
}

static void forget_answer(client *c)
{
    c->body.len = 0;
    for (; c->header_count; c->header_count--) {
        free((void *)(uintptr_t)c->headers[c->header_count - 1].name);
        free((void *)(uintptr_t)c->headers[c->header_count - 1].value);
    }
}

static void keep_headers(client *c)
{
    struct curl_header *h = NULL;

    while ((h = curl_easy_nextheader(c->curl, CURLH_HEADER, -1, h)) && c->header_count < MAX_HEADERS) {
        lambdest_header *kept = &c->headers[c->header_count++];

        kept->name = strdup(h->name);
        kept->value = strdup(h->value);
        if (!kept->name || !kept->value)
            stop("headers", "no memory");
        kept->name_len = strlen(h->name);
        kept->value_len = strlen(h->value);
    }
}

/* GET without a message. Returns the status; *code tells what went wrong where there is none. */
static long request(client *c, const char *path, message *m, CURLcode *code)
{
    char url[1024];
    long status = 0;

    forget_answer(c);
    curl_easy_reset(c->curl);
    snprintf(url, sizeof url, "http://%s/2018-06-01/runtime/%s", c->api, path);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, 1000L);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, c);
    if (!m) { /* the next event may be hours away: no other limit */
        curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, look_around);
    } else {
        m->headers = curl_slist_append(m->headers, "Content-Type: application/json");
        m->headers = curl_slist_append(m->headers, "Expect:");
        curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)SEND_MS);
        curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, m->headers);
    }
    if (m && m->stream) {
        curl_easy_setopt(c->curl, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(c->curl, CURLOPT_READDATA, m);
        curl_easy_setopt(c->curl, CURLOPT_TRAILERFUNCTION, give_trailers);
        curl_easy_setopt(c->curl, CURLOPT_TRAILERDATA, m);
    } else if (m) {
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)m->len);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, m->len ? m->body : "");
    }
    *code = curl_easy_perform(c->curl);
    if (!*code)
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    keep_headers(c);
    return status;
}

/* Posts; returns the status. A service that cannot be reached or is broken (5xx) ends the runtime, and with it the
 * invocation. Any other answer is told and lived with: after 413 nothing more may be said of the event. */
static long post(client *c, message *m)
{
    CURLcode code;
    long status = request(c, m->path, m, &code);

    curl_slist_free_all(m->headers);
    if (m->trailer_count) { /* 7.88.1: with the same handle the next chunks would go beside their buffer */
        curl_easy_cleanup(c->curl);
        c->curl = curl_easy_init();
        if (!c->curl)
            stop("libcurl", "no memory");
    }
    if (code)
        stop(m->path, curl_easy_strerror(code));
    if (status >= 500)
        stop(m->path, "the service is broken");
    if (status != 202)
        fprintf(stderr, "runtime: %s: HTTP %ld\n", m->path, status);
    return status;
}

/* ---- an error, in three shapes ---- */

static void add_header(message *m, const char *name, const char *value)
{
    bytes line = {NULL, 0, 0};

    add(&line, name, strlen(name));
    add(&line, ": ", 2);
    add(&line, value, strlen(value));
    m->headers = curl_slist_append(m->headers, line.data);
    free(line.data);
}

/* What X-Ray shows: one line of ASCII. */
static void add_cause(message *m, const lambdest_envelope *env)
{
    char directory[4096] = "", *line;
    size_t type_len, len;
    const char *type = lambdest_envelope_text(env, LAMBDEST_ERROR_TYPE, &type_len);
    const char *text = lambdest_envelope_text(env, LAMBDEST_ERROR_MESSAGE, &len);
    json_t *cause;

    if (!getcwd(directory, sizeof directory) || !type || !text || len > MAX_CAUSE)
        return;
    cause = json_pack("{s:s, s:[{s:s%, s:s%, s:[]}], s:[]}", "working_directory", directory, "exceptions",
                      "type", type, type_len, "message", text, len, "stack", "paths");
    line = cause ? json_dumps(cause, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    if (line && strlen(line) <= MAX_CAUSE)
        add_header(m, "Lambda-Runtime-Function-XRay-Error-Cause", line);
    free(line);
    json_decref(cause);
}

static bytes base64(const char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes out = {NULL, 0, 0};
    size_t i;

    for (i = 0; i < len; i += 3) {
        unsigned n = (unsigned)(unsigned char)data[i] << 16;
        char four[4];

        n |= i + 1 < len ? (unsigned)(unsigned char)data[i + 1] << 8 : 0;
        n |= i + 2 < len ? (unsigned char)data[i + 2] : 0;
        four[0] = digits[n >> 18];
        four[1] = digits[n >> 12 & 63];
        four[2] = i + 1 < len ? digits[n >> 6 & 63] : '=';
        four[3] = i + 2 < len ? digits[n & 63] : '=';
        add(&out, four, 4);
    }
    return out;
}

/* The error's type for a header, and its body for /error, to be freed. */
static bytes describe(lambdest_envelope *env, const char *error_type, const char *error_message, char *type,
                      size_t cap)
{
    bytes body = {NULL, 0, 0};
    lambdest_error err;
    size_t len;

    must(lambdest_envelope_set_error(env, error_type, strlen(error_type), error_message,
                                     strlen(error_message), NULL, 0, &err),
         &err);
    if (lambdest_runtime_error_type(env, type, cap, &len))
        *type = '\0';
    (void)lambdest_runtime_error_body(env, 0, NULL, 0, &len);
    body.cap = len + 1;
    body.data = malloc(body.cap);
    if (!body.data || lambdest_runtime_error_body(env, 0, body.data, body.cap, &len))
        stop("error", "no memory");
    body.len = len;
    return body;
}

/* ---- one invocation ---- */

/* The deadline and the trace id, as the service told them. */
static void read_context(call *c)
{
    json_t *context = NULL;
    const char *trace;

    unsetenv("_X_AMZN_TRACE_ID");
    if (lambdest_envelope_value(c->env, LAMBDEST_CONTEXT, &context, NULL))
        return;
    c->deadline_ms = json_integer_value(json_object_get(context, "deadlineMs"));
    trace = json_string_value(json_object_get(context, "traceId"));
    if (trace && !setenv("_X_AMZN_TRACE_ID", trace, 1))
        c->trace = getenv("_X_AMZN_TRACE_ID");
    json_decref(context);
}

/* Tells the service, and puts the same into the envelope. */
static void finish(client *http, lambdest_envelope *env, const call *c)
{
    lambdest_header trailers[2] = {{"Lambda-Runtime-Function-Error-Type", 34, NULL, 0},
                                   {"Lambda-Runtime-Function-Error-Body", 34, NULL, 0}};
    lambdest_post told = {.size = sizeof told, .channel = LAMBDEST_CHANNEL_RESPONSE};
    message m = {.body = c->out.data, .len = c->out.len, .stream = c->stream};
    bytes error = {NULL, 0, 0}, encoded = {NULL, 0, 0};
    char path[512], type[256];
    lambdest_error err;

    if (c->error_type)
        error = describe(env, c->error_type, c->error_message, type, sizeof type);
    if (c->error_type && !c->stream) {
        told.channel = LAMBDEST_CHANNEL_ERROR;
        m.body = error.data;
        m.len = error.len;
        add_header(&m, "Lambda-Runtime-Function-Error-Type", type);
        add_cause(&m, env);
    } else if (c->error_type) {
        encoded = base64(error.data, error.len);
        trailers[0].value = type;
        trailers[0].value_len = strlen(type);
        trailers[1].value = encoded.data;
        trailers[1].value_len = encoded.len;
        m.trailers = told.trailers = trailers;
        m.trailer_count = told.trailer_count = 2;
    }
    if (c->stream) {
        m.headers = curl_slist_append(m.headers, "Transfer-Encoding: chunked");
        m.headers = curl_slist_append(m.headers, "Lambda-Runtime-Function-Response-Mode: streaming");
    }
    if (m.trailer_count)
        m.headers = curl_slist_append(m.headers, "Trailer: Lambda-Runtime-Function-Error-Type, "
                                                 "Lambda-Runtime-Function-Error-Body");
    snprintf(path, sizeof path, "invocation/%s/%s", lambdest_envelope_text(env, LAMBDEST_REQUEST_ID, NULL),
             told.channel == LAMBDEST_CHANNEL_ERROR ? "error" : "response");
    m.path = path;
    told.body = m.body;
    told.body_len = m.len;
    if (post(http, &m) == 413)
        must(lambdest_runtime_fault(env, LAMBDEST_FAULT_RESPONSE_TOO_LARGE, (int64_t)m.len, &err), &err);
    else
        must(lambdest_runtime_post(env, &told, &err), &err);
    free(error.data);
    free(encoded.data);
}

/* Sends the record on, some times, and then to the undelivered route. */
static void send_on(lambdest_router *router, lambdest_envelope *env)
{
    lambdest_plan *plan;
    lambdest_error err;
    int rc, tried;

    must(lambdest_envelope_conclude(env, NULL, now_ms(), &err), &err);
    rc = lambdest_router_dispatch(router, env, 0, &plan, &err);
    for (tried = 1; rc == LAMBDEST_E_PARTIAL && tried < TRIES; tried++)
        rc = lambdest_plan_run(plan);
    if (rc == LAMBDEST_E_PARTIAL && lambdest_plan_settle(plan) == LAMBDEST_E_PARTIAL)
        rc = lambdest_plan_run(plan);
    must(rc, &err);
    lambdest_plan_free(plan);
}

/* Waits for an event; false if the runtime was told to stop. */
static bool next(client *c)
{
    CURLcode code;
    long status = request(c, "invocation/next", NULL, &code);

    if (code == CURLE_ABORTED_BY_CALLBACK && stopping)
        return false;
    if (code)
        stop("invocation/next", curl_easy_strerror(code));
    if (status != 200)
        stop("invocation/next", "the service has no events for this runtime");
    return true;
}

static void serve(client *http, lambdest_router *router, function run)
{
    while (!stopping && next(http)) {
        lambdest_envelope *env;
        lambdest_error err;
        call c = {.env = NULL};

        must(lambdest_runtime_invocation(http->headers, http->header_count, http->body.data, http->body.len,
                                         NULL, &env, &err),
             &err);
        c.env = env;
        read_context(&c);
        run(&c);
        finish(http, env, &c);
        send_on(router, env);
        free(c.out.data);
        lambdest_envelope_free(env);
    }
}

/* ---- the process ---- */

/* Before the first event: what the runtime cannot begin without. */
static void refuse_to_start(client *http)
{
    message m = {.path = "init/error"};
    lambdest_envelope *env;
    lambdest_error err;
    char type[256];
    bytes body;

    must(lambdest_envelope_new(NULL, &env, &err), &err);
    body = describe(env, "Runtime.HandlerNotFound", "_HANDLER names no function of this runtime", type,
                    sizeof type);
    m.body = body.data;
    m.len = body.len;
    add_header(&m, "Lambda-Runtime-Function-Error-Type", type);
    post(http, &m);
    free(body.data);
    lambdest_envelope_free(env);
}

static void add_target(lambdest_router *router, aws_client *aws, uint32_t when, const char *variable)
{
    lambdest_sink sink = {.size = sizeof sink};
    const char *arn = getenv(variable);
    lambdest_error err;

    if (!arn || !*arn)
        return;
    must(aws_sink_init(&sink, aws, arn, &err), &err);
    sink.oversize = LAMBDEST_OVERSIZE_DROP;
    must(lambdest_router_add_sink(router, when, variable, strlen(variable), &sink, &err), &err);
}

static lambdest_router *make_router(aws_client *aws, lambdest_stream **log)
{
    lambdest_sink line = {.size = sizeof line};
    lambdest_router *router;
    lambdest_error err;

    must(lambdest_router_new(NULL, &router, &err), &err);
    add_target(router, aws, LAMBDEST_ON_SUCCESS, "ON_SUCCESS");
    add_target(router, aws, LAMBDEST_ON_FAILURE, "ON_FAILURE");
    must(lambdest_stream_new(STDERR_FILENO, NULL, log, &err), &err);
    lambdest_stream_sink(*log, &line);
    must(lambdest_router_add_sink(router, LAMBDEST_ON_UNDELIVERED, "log", 3, &line, &err), &err);
    return router;
}

int main(void)
{
    client http = {.api = getenv("AWS_LAMBDA_RUNTIME_API")};
    struct sigaction action = {.sa_handler = on_term};
    function run = find_function(getenv("_HANDLER"));
    lambdest_router *router;
    lambdest_stream *log;
    aws_client *aws;

    if (!http.api)
        stop("AWS_LAMBDA_RUNTIME_API", "is not set");
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    http.curl = curl_easy_init();
    aws = aws_client_new(SEND_MS);
    if (!http.curl || !aws)
        stop("libcurl", "no memory");
    router = make_router(aws, &log);
    if (run)
        serve(&http, router, run);
    else
        refuse_to_start(&http);
    lambdest_router_free(router);
    lambdest_stream_free(log);
    aws_client_free(aws);
    forget_answer(&http);
    free(http.body.data);
    curl_easy_cleanup(http.curl);
    curl_global_cleanup();
    return run ? 0 : 1;
}
