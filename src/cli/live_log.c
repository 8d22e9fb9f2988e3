#include "cli/live_log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LIVE_LOG_TEXT_MAX = 2048, /* of one escaped text */
    LIVE_LOG_PIECE = 4096,    /* a pipe that is ready takes so much at once */
};

static void add_time(int64_t us, struct buffer *out)
{
    char text[32] = "-";
    struct tm at;
    time_t seconds = (time_t)(us / 1000000);
    if (us == RECORD_UNKNOWN || gmtime_r(&seconds, &at) == NULL) {
        buffer_append_text(out, text);
        return;
    }
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &at);
    buffer_print(out, "%s.%06dZ", text, (int)(us % 1000000));
}

static void add_endpoint(const struct endpoint *e, struct buffer *out)
{
    char text[ENDPOINT_TEXT_MAX] = "-";
    if (e->version != 0) endpoint_format(e, text);
    buffer_print(out, " %s", text);
}

/* A line's parts stand between blanks, so none may hold one. */
static void add_text(struct bytes text, struct buffer *out)
{
    char escaped[LIVE_LOG_TEXT_MAX];
    size_t length = bytes_escape(text, escaped, sizeof escaped);
    if (length == 0) snprintf(escaped, sizeof escaped, "-");
    buffer_append_text(out, " ");
    for (const char *at = escaped; *at != '\0';) {
        size_t plain = strcspn(at, " ");
        buffer_append(out, bytes_of(at, plain));
        at += plain;
        if (*at == ' ') buffer_append_text(out, "\\x20"), at++;
    }
}

void live_log_write(const struct record_exchange *e, struct buffer *out)
{
    const struct record_message *response = &e->message[SIDE_SERVER];
    bool has_request = e->request_start_us != RECORD_UNKNOWN;
    add_time(has_request ? e->request_start_us : e->response_start_us, out);
    add_endpoint(&e->endpoint[SIDE_CLIENT], out);
    add_endpoint(&e->endpoint[SIDE_SERVER], out);
    add_text(e->method, out);
    add_text(e->host, out);
    add_text(e->target, out);
    if (e->status == RECORD_UNKNOWN)
        buffer_append_text(out, " -");
    else
        buffer_print(out, " %lld", (long long)e->status);
    if (e->wait_us == RECORD_UNKNOWN)
        buffer_append_text(out, " -");
    else
        buffer_print(out, " %lld.%03lldms", (long long)(e->wait_us / 1000),
                     (long long)(e->wait_us % 1000));
    if (response->body_bytes == RECORD_UNKNOWN)
        buffer_append_text(out, " -");
    else
        buffer_print(out, " %lldB", (long long)response->body_bytes);
    buffer_print(out, " %lld#%lld\n", (long long)e->connection_id,
                 (long long)e->ordinal);
}

bool live_log_flush(struct buffer *lines, int wait_ms)
{
    size_t done = 0;
    bool is_there = true;
    if (lines->len == 0) return true;
    while (is_there && done < lines->len) {
        struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
        if (poll(&out, 1, wait_ms) == 0) break; /* slow */
        size_t rest = lines->len - done;
        ssize_t written = write(STDOUT_FILENO, lines->ptr + done,
                                rest < LIVE_LOG_PIECE ? rest : LIVE_LOG_PIECE);
        if (written > 0) done += (size_t)written;
        is_there = written >= 0 || errno == EINTR || errno == EAGAIN;
    }
    memmove(lines->ptr, lines->ptr + done, lines->len - done);
    lines->len -= done;
    return is_there;
}

void live_log_report(const struct engine_live_statistics *now)
{
    fprintf(
        stderr,
        "hopscope: %llu packets seen, %llu dropped by the kernel, %llu by the "
        "interface; %llu connections, %llu exchanges; %llu rows wait, %llu dropped\n",
        (unsigned long long)now->packets, (unsigned long long)now->kernel_dropped,
        (unsigned long long)now->interface_dropped,
        (unsigned long long)now->connections, (unsigned long long)now->exchanges,
        (unsigned long long)now->stored.waiting_rows,
        (unsigned long long)now->stored.dropped_rows);
}
