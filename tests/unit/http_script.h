/* Conversations for tests of the http layer: steps are fed to a dialogue and what it
 * tells is written down as lines, whole, cut in two at every byte, and byte by byte;
 * each piece ends at a guard page. What follows a switch of protocols is collected by
 * stand-ins for the two functions of the stream layer that http calls: the dialogue is
 * compiled in here under other names, so that they meet nobody else's. */
#ifndef HTTP_SCRIPT_H
#define HTTP_SCRIPT_H

#include "guard_page.h"
#include "hopscope/http.h"

#include <stdio.h>

struct protocol script_protocol(struct message_sink *sink);
void script_hand_over(struct stream *s, bool probe_again);
void script_stream_feed(struct stream *s, const struct chunk *chunk);

#define http_protocol    script_protocol
#define dialogue_owner   script_owner
#define stream_hand_over script_hand_over
#define stream_feed      script_stream_feed
#include "http/dialogue.c" // NOLINT(bugprone-suspicious-include)
#undef http_protocol
#undef dialogue_owner
#undef stream_hand_over
#undef stream_feed

enum script_kind { STEP_NONE, STEP_DATA, STEP_GAP, STEP_FIN, STEP_RST, STEP_END };

struct script_step {
    enum script_kind kind;
    enum side from;
    const char *text; /* DATA */
    size_t length;    /* of the gap, or of a text with NULs; 0: strlen */
    uint64_t acked;   /* 0: all the other side sent so far; NO_ACK; else 1 + offset */
};

#define NO_ACK OFFSET_UNKNOWN

/* clang-format off */
#define CN(t)      { STEP_DATA, SIDE_CLIENT, t, 0, NO_ACK }
#define SN(t)      { STEP_DATA, SIDE_SERVER, t, 0, NO_ACK }
#define C(t)       { STEP_DATA, SIDE_CLIENT, t, 0, 0 }
#define S(t)       { STEP_DATA, SIDE_SERVER, t, 0, 0 }
#define CB(t)      { STEP_DATA, SIDE_CLIENT, t, sizeof(t) - 1, 0 }
#define SB(t)      { STEP_DATA, SIDE_SERVER, t, sizeof(t) - 1, 0 }
#define CA(t, a)   { STEP_DATA, SIDE_CLIENT, t, 0, 1 + (a) }
#define SA(t, a)   { STEP_DATA, SIDE_SERVER, t, 0, 1 + (a) }
#define CGAP(n)    { STEP_GAP, SIDE_CLIENT, NULL, n, 0 }
#define SGAP(n)    { STEP_GAP, SIDE_SERVER, NULL, n, 0 }
#define CFIN       { STEP_FIN, SIDE_CLIENT, NULL, 0, 0 }
#define SFIN       { STEP_FIN, SIDE_SERVER, NULL, 0, 0 }
#define CRST       { STEP_RST, SIDE_CLIENT, NULL, 0, 0 }
#define SRST       { STEP_RST, SIDE_SERVER, NULL, 0, 0 }
#define SEND       { STEP_END, SIDE_SERVER, NULL, 0, 0 }
#define CEND       { STEP_END, SIDE_CLIENT, NULL, 0, 0 }
/* clang-format on */

enum { SCRIPT_STEPS_MAX = 16, SCRIPT_GUARD_BYTES = 1 << 20 };

struct script_run {
    struct buffer brief, full; /* one line per event; `full` has every figure */
    struct buffer handed[2];   /* bytes given back after a switch */
    struct conn conn;
    struct message_sink sink;
    struct protocol protocol;
    void *instance;
    struct guard_page guard;
    uint64_t offset[2];
    bool is_handed_over, is_probed_again;
};

/* Only the address is passed to http; this is what stands there. */
struct stream {
    struct script_run *run;
};

static const char *script_side(enum side s)
{
    return s == SIDE_CLIENT ? "C" : "S";
}

static void script_print_text(struct buffer *b, const char *name, struct bytes text)
{
    char escaped[256];
    if (text.ptr == NULL) return;
    bytes_escape(text, escaped, sizeof escaped);
    buffer_print(b, " %s=%s", name, escaped);
}

static void script_print_mark(struct buffer *b, const char *name, struct mark m)
{
    if (m.offset == OFFSET_UNKNOWN) return;
    buffer_print(b, " %s=%llu/%llu/%lld", name, (unsigned long long)m.offset,
                 (unsigned long long)m.ref, (long long)m.captured_ns);
    if (m.peer_acked != OFFSET_UNKNOWN)
        buffer_print(b, "/a%llu", (unsigned long long)m.peer_acked);
}

static const char *const script_framings[] = {"unknown", "none",   "length", "chunked",
                                              "close",   "tunnel", "invalid"};
static const char *const script_versions[] = {"?", "0.9", "1.0", "1.1", "x"};
static const char *const script_confidences[] = {"?", "exact", "inferred", "ambiguous",
                                                 "orphan"};

static void *script_open(void *context, struct conn *conn)
{
    (void)conn;
    return context;
}

static void script_field(void *opened, const struct header_field *f)
{
    struct script_run *r = opened;
    buffer_print(&r->full, "field %u", f->position);
    script_print_text(&r->full, "name", f->name);
    script_print_text(&r->full, "value", f->value);
    script_print_text(&r->full, "target", f->message->target);
    buffer_print(&r->full, "\n");
}

static void script_head(void *opened, const struct message *m)
{
    struct script_run *r = opened;
    struct buffer *b = &r->brief;
    if (m->from == SIDE_CLIENT) {
        buffer_print(b, "> %llu ", (unsigned long long)m->number);
        buffer_append(b, m->method_text);
        char target[64];
        bytes_escape(m->target, target, sizeof target);
        buffer_print(b, " %s %s", target, script_versions[m->version]);
    } else {
        buffer_print(b, "< %llu=%llu %s %d %s", (unsigned long long)m->number,
                     (unsigned long long)m->answers, script_confidences[m->confidence],
                     m->status, script_versions[m->version]);
    }
    buffer_print(b, " %s%s\n", script_framings[m->framing],
                 m->flags & MESSAGE_HEAD_CUT ? " headcut" : "");
    b = &r->full;
    buffer_print(b, "head %s %llu flags=%x declared=%lld timeout=%lld max=%lld",
                 script_side(m->from), (unsigned long long)m->number, m->flags,
                 (long long)m->declared, (long long)m->keepalive_timeout_s,
                 (long long)m->keepalive_max);
    script_print_text(b, "method", m->method_text);
    script_print_text(b, "target", m->target);
    script_print_text(b, "host", m->host);
    script_print_text(b, "agent", m->user_agent);
    script_print_text(b, "server", m->server);
    script_print_text(b, "type", m->content_type);
    script_print_text(b, "upgrade", m->upgrade);
    buffer_print(b, "\n");
}

static void script_end(void *opened, const struct message *m)
{
    struct script_run *r = opened;
    struct buffer *b = &r->brief;
    buffer_print(b, "%s %llu head=%llu body=%llu", m->is_complete ? "end" : "cut",
                 (unsigned long long)m->number, (unsigned long long)m->head_bytes,
                 (unsigned long long)m->body_bytes);
    if (m->missing_bytes > 0)
        buffer_print(b, " missing=%llu", (unsigned long long)m->missing_bytes);
    if (m->hidden_line.ptr != NULL)
        buffer_print(b, " hidden=%llu", (unsigned long long)m->hidden_offset);
    script_print_text(b, "line", m->hidden_line);
    buffer_print(b, "\n");
    b = &r->full;
    buffer_print(b, "end %s %llu flags=%x", script_side(m->from),
                 (unsigned long long)m->number, m->flags);
    script_print_mark(b, "start", m->start);
    script_print_mark(b, "head_end", m->head_end);
    script_print_mark(b, "body_start", m->body_start);
    script_print_mark(b, "end", m->end);
    buffer_print(b, " stalled=%lld\n", (long long)m->stalled_ns);
    if (m->target.ptr || m->host.ptr || m->server.ptr) abort(); /* absent by contract */
}

static void script_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    struct script_run *r = opened;
    buffer_print(&r->brief, "lost %llu x%llu missing=%llu\n", (unsigned long long)first,
                 (unsigned long long)count, (unsigned long long)missing);
}

static void script_resync(void *opened, enum side from)
{
    struct script_run *r = opened;
    buffer_print(&r->brief, "resync %s\n", script_side(from));
}

static void script_switched(void *opened, const struct message *response,
                            const uint64_t offsets[2])
{
    struct script_run *r = opened;
    buffer_print(&r->brief, "switched %d %llu %llu\n", response->status,
                 (unsigned long long)offsets[0], (unsigned long long)offsets[1]);
}

void script_hand_over(struct stream *s, bool probe_again)
{
    s->run->is_handed_over = true;
    s->run->is_probed_again = probe_again;
}

void script_stream_feed(struct stream *s, const struct chunk *chunk)
{
    if (!s->run->is_handed_over) abort();
    if (chunk->kind == CHUNK_DATA)
        buffer_append(&s->run->handed[chunk->from], chunk->data);
    else
        buffer_print(&s->run->handed[chunk->from], "|%s",
                     chunk->kind == CHUNK_GAP ? "gap" : "end");
}

static void script_feed(struct script_run *r, struct stream *stream,
                        const struct chunk *chunk)
{
    if (r->is_handed_over) {
        script_stream_feed(stream, chunk);
        return;
    }
    r->protocol.feed(r->instance, chunk);
    if (!r->is_handed_over) return;
    r->protocol.close(r->instance);
    r->instance = NULL;
}

static void script_feed_piece(struct script_run *r, struct stream *stream,
                              const struct chunk *step, struct bytes all, size_t from,
                              size_t to)
{
    if (from == to) return;
    struct chunk chunk = *step;
    chunk.data =
        guard_page_place(&r->guard, bytes_first(bytes_from(all, from), to - from));
    chunk.offset += from;
    chunk.starts_segment = from == 0;
    script_feed(r, stream, &chunk);
}

enum { SCRIPT_WHOLE = -1, SCRIPT_BYTES = -2 };

static struct bytes script_step_data(const struct script_step *s)
{
    if (s->kind != STEP_DATA) return bytes_of(NULL, 0);
    return s->length ? bytes_of(s->text, s->length) : bytes_of_text(s->text);
}

/* `cut`: place in the steps' bytes, all counted together, or one of the above. */
static void script_play(struct script_run *r, const struct script_step *steps, long cut)
{
    struct stream stream = {.run = r};
    long base = 0;
    r->instance = r->protocol.open(r->protocol.context, &stream, &r->conn);
    for (size_t i = 0; i < SCRIPT_STEPS_MAX && steps[i].kind != STEP_NONE; i++) {
        const struct script_step *s = &steps[i];
        uint64_t other = r->offset[side_other(s->from)];
        struct chunk chunk = {.from = s->from,
                              .offset = r->offset[s->from],
                              .captured_ns = (int64_t)i * 1000,
                              .ref = i + 1,
                              .peer_acked = s->acked ? s->acked - 1 : other};
        if (s->acked == NO_ACK) chunk.peer_acked = OFFSET_UNKNOWN;
        struct bytes all = script_step_data(s);
        long length = (long)all.len;
        switch (s->kind) {
        case STEP_NONE: break;
        case STEP_DATA: {
            size_t step = cut == SCRIPT_BYTES ? 1 : all.len;
            size_t first = step;
            if (cut > base && cut < base + length) first = (size_t)(cut - base);
            script_feed_piece(r, &stream, &chunk, all, 0, first);
            for (size_t at = first; at < all.len;) {
                size_t to = at + step < all.len ? at + step : all.len;
                script_feed_piece(r, &stream, &chunk, all, at, to);
                at = to;
            }
            break;
        }
        case STEP_GAP:
            chunk.kind = CHUNK_GAP;
            chunk.missing = s->length;
            length = (long)s->length;
            script_feed(r, &stream, &chunk);
            break;
        case STEP_FIN:
        case STEP_RST:
        case STEP_END:
            chunk.kind = CHUNK_END;
            chunk.end = s->kind == STEP_FIN   ? CHUNK_END_FIN
                        : s->kind == STEP_RST ? CHUNK_END_RST
                                              : CHUNK_END_CAPTURE;
            script_feed(r, &stream, &chunk);
            break;
        }
        r->offset[s->from] += (uint64_t)length;
        base += (long)all.len;
    }
    if (r->instance) r->protocol.close(r->instance);
}

static void script_print_findings(struct script_run *r)
{
    const struct finding_list *l = r->conn.findings;
    for (uint32_t i = 0; l && i < l->count; i++) {
        const struct finding *f = &l->rows[i];
        buffer_print(&r->brief, "! %s %s %s@%llu\n", finding_describe(f->code)->name,
                     severity_name(f->severity), script_side(f->side),
                     (unsigned long long)f->offset);
        buffer_print(&r->full, "! ref=%llu time=%lld\n", (unsigned long long)f->ref,
                     (long long)f->captured_ns);
        if (f->evidence_length == 0) buffer_print(&r->brief, "!   without evidence\n");
    }
}

static void script_run_init(struct script_run *r)
{
    *r = (struct script_run){.conn = {.open_kind = OPEN_HANDSHAKE}};
    r->sink = (struct message_sink){.context = r,
                                    .open = script_open,
                                    .field = script_field,
                                    .head = script_head,
                                    .end = script_end,
                                    .lost = script_lost,
                                    .resync = script_resync,
                                    .switched = script_switched};
    r->protocol = script_protocol(&r->sink);
    guard_page_init(&r->guard, SCRIPT_GUARD_BYTES);
}

static void script_run_done(struct script_run *r)
{
    buffer_done(&r->brief);
    buffer_done(&r->full);
    buffer_done(&r->handed[0]);
    buffer_done(&r->handed[1]);
    finding_list_free(r->conn.findings);
    guard_page_done(&r->guard);
}

/* Plays the steps once and leaves the account in r->brief and r->full, NUL-ended. */
static void script_account(struct script_run *r, const struct script_step *steps,
                           enum open_kind open_kind, long cut)
{
    script_run_init(r);
    r->conn.open_kind = open_kind;
    script_play(r, steps, cut);
    if (r->is_handed_over) {
        buffer_print(&r->brief, "handed over%s", r->is_probed_again ? " again" : "");
        script_print_text(&r->brief, "C", buffer_bytes(&r->handed[SIDE_CLIENT]));
        script_print_text(&r->brief, "S", buffer_bytes(&r->handed[SIDE_SERVER]));
        buffer_print(&r->brief, "\n");
    }
    script_print_findings(r);
    buffer_append(&r->brief, bytes_of("", 1));
    buffer_append(&r->full, bytes_of("", 1));
}

struct script_case {
    const char *name;
    enum open_kind open_kind; /* OPEN_KIND_UNKNOWN: handshake */
    struct script_step steps[SCRIPT_STEPS_MAX];
    const char *expected; /* brief */
};

static size_t script_length(const struct script_step *steps)
{
    size_t length = 0;
    for (size_t i = 0; i < SCRIPT_STEPS_MAX && steps[i].kind != STEP_NONE; i++)
        length += script_step_data(&steps[i]).len;
    return length;
}

/* Number of disagreements, each printed. */
static int script_check(const struct script_case *c)
{
    enum open_kind kind = c->open_kind ? c->open_kind : OPEN_HANDSHAKE;
    struct script_run whole, cut;
    int faults = 0;
    script_account(&whole, c->steps, kind, SCRIPT_WHOLE);
    if (strcmp((char *)whole.brief.ptr, c->expected) != 0) {
        fprintf(stderr, "--- %s: expected\n%s--- got\n%s", c->name, c->expected,
                (char *)whole.brief.ptr);
        faults++;
    }
    long length = (long)script_length(c->steps);
    for (long at = SCRIPT_BYTES; at < length && faults == 0; at++) {
        if (at == SCRIPT_WHOLE || at == 0) continue;
        script_account(&cut, c->steps, kind, at);
        if (strcmp((char *)whole.brief.ptr, (char *)cut.brief.ptr) != 0 ||
            strcmp((char *)whole.full.ptr, (char *)cut.full.ptr) != 0) {
            fprintf(stderr, "--- %s: whole\n%s%s--- cut at %ld\n%s%s", c->name,
                    (char *)whole.brief.ptr, (char *)whole.full.ptr, at,
                    (char *)cut.brief.ptr, (char *)cut.full.ptr);
            faults++;
        }
        script_run_done(&cut);
    }
    script_run_done(&whole);
    return faults;
}

static inline int script_check_all(const struct script_case *cases, size_t count)
{
    int faults = 0;
    for (size_t i = 0; i < count; i++) faults += script_check(&cases[i]);
    return faults;
}

#endif
