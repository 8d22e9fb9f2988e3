/* A trace's packets stand in one array, their payloads in one buffer, so that a copy of
 * the array is another trace. */
#include "hazard_trace.h"

#include "build_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void hazard_trace_init(struct hazard_trace *t)
{
    *t = (struct hazard_trace){
        .isn = {0x10203040, 0x50607080},
        .version = 4,
        .next = {1, 1},
        .now_ns = HAZARD_START,
    };
}

void hazard_trace_done(struct hazard_trace *t)
{
    mem_free(t->at);
    buffer_done(&t->data);
}

void hazard_trace_copy(const struct hazard_trace *from, struct hazard_trace *to)
{
    *to = *from;
    to->capacity = from->count;
    to->at = mem_alloc_array(from->count, sizeof *to->at);
    memcpy(to->at, from->at, from->count * sizeof *to->at);
    to->data = (struct buffer){0};
    buffer_append(&to->data, buffer_bytes(&from->data));
}

void hazard_next_flow(struct hazard_trace *t)
{
    t->flow++;
    t->next[0] = t->next[1] = 1;
}

struct hazard_packet *hazard_packet_add(struct hazard_trace *t, enum side from,
                                        uint8_t flags, uint64_t seq,
                                        struct bytes payload)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity == 0 ? 64 : t->capacity * 2;
        t->at = mem_resize(t->at, t->capacity * sizeof *t->at);
    }
    struct hazard_packet *p = &t->at[t->count++];
    *p = (struct hazard_packet){
        .number = (uint32_t)t->count,
        .from = from,
        .flags = flags,
        .ttl = from == SIDE_CLIENT ? 64 : 57,
        .window = 65000,
        .ip_id = (uint16_t)t->count,
        .flow = t->flow,
        .seq = seq,
        .ack = t->has_static_ack[from] ? t->static_ack[from] : t->next[1 - from],
        .at_ns = t->now_ns,
        .data = t->data.len,
        .length = payload.len,
    };
    buffer_append(&t->data, payload);
    t->now_ns += HAZARD_MS;
    return p;
}

void hazard_open(struct hazard_trace *t)
{
    struct bytes none = bytes_of("", 0);
    hazard_packet_add(t, SIDE_CLIENT, TCP_SYN, 0, none)->ack = 0;
    hazard_packet_add(t, SIDE_SERVER, TCP_SYN | TCP_ACK, 0, none);
    hazard_packet_add(t, SIDE_CLIENT, TCP_ACK, 1, none);
}

struct hazard_packet *hazard_say_bytes(struct hazard_trace *t, enum side from,
                                       struct bytes data)
{
    uint64_t seq = t->next[from];
    t->next[from] += data.len;
    return hazard_packet_add(t, from, TCP_ACK | TCP_PSH, seq, data);
}

struct hazard_packet *hazard_say(struct hazard_trace *t, enum side from,
                                 const char *text)
{
    return hazard_say_bytes(t, from, bytes_of_text(text));
}

struct hazard_packet *hazard_at(struct hazard_trace *t, enum side from, uint64_t offset,
                                const char *text)
{
    uint64_t end = offset + 1 + strlen(text);
    if (t->next[from] < end && end - t->next[from] < 1 << 16) t->next[from] = end;
    return hazard_packet_add(t, from, TCP_ACK | TCP_PSH, offset + 1,
                             bytes_of_text(text));
}

struct hazard_packet *hazard_ack(struct hazard_trace *t, enum side from)
{
    return hazard_packet_add(t, from, TCP_ACK, t->next[from], bytes_of("", 0));
}

struct hazard_packet *hazard_fin(struct hazard_trace *t, enum side from)
{
    return hazard_packet_add(t, from, TCP_FIN | TCP_ACK, t->next[from]++,
                             bytes_of("", 0));
}

struct hazard_packet *hazard_rst(struct hazard_trace *t, enum side from)
{
    struct bytes none = bytes_of("", 0);
    return hazard_packet_add(t, from, TCP_RST | TCP_ACK, t->next[from], none);
}

void hazard_wait(struct hazard_trace *t, int64_t ns)
{
    t->now_ns += ns;
}

void hazard_filler(struct hazard_trace *t, enum side from, size_t count, size_t segment)
{
    struct buffer filler = {0};
    for (size_t i = 0; i < segment; i++) build_8(&filler, 'a' + (unsigned)(i % 23));
    for (; count > segment; count -= segment)
        (void)hazard_say_bytes(t, from, buffer_bytes(&filler));
    if (count > 0) (void)hazard_say_bytes(t, from, bytes_of(filler.ptr, count));
    buffer_done(&filler);
}

void hazard_request(struct hazard_trace *t, unsigned number)
{
    char text[80];
    (void)snprintf(text, sizeof text, "GET /%u HTTP/1.1\r\nHost: a\r\n\r\n", number);
    (void)hazard_say(t, SIDE_CLIENT, text);
}

void hazard_response(struct hazard_trace *t, size_t body)
{
    char text[80];
    (void)snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                   body);
    (void)hazard_say(t, SIDE_SERVER, text);
    if (body > 0) hazard_filler(t, SIDE_SERVER, body, 1000);
}

void hazard_exchange(struct hazard_trace *t, unsigned number, size_t body)
{
    hazard_request(t, number);
    hazard_response(t, body);
    (void)hazard_ack(t, SIDE_CLIENT);
}

void hazard_close(struct hazard_trace *t)
{
    (void)hazard_fin(t, SIDE_CLIENT);
    (void)hazard_fin(t, SIDE_SERVER);
    (void)hazard_ack(t, SIDE_CLIENT);
}

void hazard_sort(struct hazard_trace *t)
{
    for (size_t i = 1; i < t->count; i++) {
        struct hazard_packet p = t->at[i];
        size_t k = i;
        for (; k > 0 && t->at[k - 1].at_ns > p.at_ns; k--) t->at[k] = t->at[k - 1];
        t->at[k] = p;
    }
}

/* ---- onto the wire ---- */

void hazard_ip(const struct hazard_trace *t, const struct hazard_packet *p,
               struct buffer *wire)
{
    char client[48];
    (void)snprintf(client, sizeof client,
                   t->version == 4 ? "192.0.%u.%u" : "2001:db8:%x::%x", p->flow >> 8,
                   10u);
    const char *server = t->version == 4 ? "198.51.100.80" : "2001:db8:ffff::80";
    uint16_t client_port = (uint16_t)(40000 + (p->flow & 0xff));
    bool is_client = p->from == SIDE_CLIENT;
    struct build_segment s = {
        .version = t->version,
        .from = is_client ? client : server,
        .to = is_client ? server : client,
        .from_port = is_client ? client_port : 80,
        .to_port = is_client ? 80 : client_port,
        .seq = t->isn[p->from] + (uint32_t)p->seq,
        .ack = (p->flags & TCP_ACK) == 0 ? 0 : t->isn[1 - p->from] + (uint32_t)p->ack,
        .window = p->window,
        .urgent = p->urgent,
        .ip_id = p->ip_id,
        .flags = p->flags,
        .ttl = p->ttl,
        .options = p->options,
        .payload = bytes_of(t->data.ptr + p->data, p->length),
    };
    if (p->length == 0) s.payload = bytes_of("", 0);
    size_t start = wire->len;
    build_ip(wire, &s);
    if (p->has_bad_checksum) wire->ptr[start + (t->version == 4 ? 36 : 56)] ^= 0x5a;
}

static void build_frame_of(const struct hazard_trace *t, const struct hazard_packet *p,
                           struct buffer *wire)
{
    build_hex(wire, "020000000002 020000000001");
    if (p->vlan != 0) {
        build_hex(wire, "8100");
        build_16(wire, p->vlan);
    }
    build_16(wire, t->version == 4 ? 0x0800 : 0x86dd);
    hazard_ip(t, p, wire);
}

static void feed(const struct hazard_trace *t, struct pipeline *pipeline)
{
    struct buffer wire = {0};
    for (size_t i = 0; i < t->count; i++) {
        const struct hazard_packet *p = &t->at[i];
        buffer_clear(&wire);
        build_frame_of(t, p, &wire);
        struct frame f = build_frame(&wire, 1);
        f.ref = 1ull << 32 | p->number;
        f.captured_ns = p->at_ns;
        if (p->captured != 0 && p->captured < f.captured) {
            f.captured = p->captured;
            f.data.len = p->captured;
        }
        (void)pipeline_frame(pipeline, &f);
    }
    buffer_done(&wire);
}

void hazard_tap_open(struct hazard_tap *tap, const struct hazard_settings *settings,
                     struct hazard_rows *rows)
{
    hazard_rows_clear(rows);
    struct pipeline_options options = {
        .sink = hazard_rows_sink(rows),
        .key = settings->key,
        .first_capture_id = 1,
        .vlan_in_key = settings->vlan_in_key,
        .rests_at_once = true, /* what rests between its packets is told as well */
    };
    *tap = (struct hazard_tap){
        .pipeline = pipeline_new(&options),
        .rows = rows,
        .number = 1,
    };
}

void hazard_tap_frame(struct hazard_tap *tap, uint32_t link_type, int64_t at_ns,
                      struct bytes frame)
{
    struct frame f = {
        .ref = 1ull << 32 | tap->number++,
        .captured_ns = at_ns,
        .link_type = link_type,
        .captured = (uint32_t)frame.len,
        .length = (uint32_t)frame.len,
        .data = frame,
    };
    (void)pipeline_frame(tap->pipeline, &f);
}

void hazard_tap_close(struct hazard_tap *tap)
{
    (void)pipeline_finish(tap->pipeline);
    tap->rows->counters = pipeline_counters(tap->pipeline, 1);
    pipeline_free(tap->pipeline);
}

void hazard_run_with(const struct hazard_trace *t,
                     const struct hazard_settings *settings, struct hazard_rows *rows)
{
    struct hazard_tap tap;
    hazard_tap_open(&tap, settings, rows);
    feed(t, tap.pipeline);
    hazard_tap_close(&tap);
}

void hazard_run(const struct hazard_trace *t, struct hazard_rows *rows)
{
    struct hazard_settings usual = {.key = {.k0 = 1, .k1 = 2}};
    hazard_run_with(t, &usual, rows);
}

void hazard_run_once(struct hazard_trace *t, struct hazard_rows *rows)
{
    hazard_run(t, rows);
    hazard_trace_done(t);
}

static void print_run(const struct hazard_trace *t, unsigned kinds, const char *without,
                      struct buffer *out)
{
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    hazard_run(t, &rows);
    hazard_rows_print(&rows, kinds, without, out);
    buffer_append(out, bytes_of("", 1));
    hazard_rows_done(&rows);
}

void hazard_expect_same(const struct hazard_trace *plain,
                        const struct hazard_trace *other, unsigned kinds,
                        const char *without)
{
    struct buffer expected = {0}, is = {0};
    print_run(plain, kinds, without, &expected);
    print_run(other, kinds, without, &is);
    const char *a = (const char *)expected.ptr, *b = (const char *)is.ptr;
    size_t at = 0, line = 0;
    for (; a[at] != '\0' && a[at] == b[at]; at++)
        if (a[at] == '\n') line = at + 1;
    bool is_same = a[at] == b[at];
    if (!is_same)
        print_message("expected %.*s\nis %.*s\nfrom %.30s / %.30s\n",
                      (int)strcspn(a + line, "\n"), a + line,
                      (int)strcspn(b + line, "\n"), b + line, a + at, b + at);
    buffer_done(&expected);
    buffer_done(&is);
    assert_true(is_same);
}
