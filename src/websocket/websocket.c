/* Both directions of one WebSocket: every frame is counted and judged, and what control
 * frames say is joined over both sides.
 *
 *   frame begins --> opcode, mask, length: as they should be? --> findings
 *   data frame   --> payload skipped, message ended?
 *   ping --> waits for its pong     close --> who was first, with which code */
#include "hopscope/websocket.h"

#include "hopscope/span.h"

#include <string.h>

#include "websocket/frames.h"
#include "websocket/pings.h"

enum { CLOSE_CODE_LENGTH = 2 };

/* Where one side's messages stand. */
enum message_state {
    MESSAGE_NONE,
    MESSAGE_OPEN,    /* a frame without FIN was the last of it */
    MESSAGE_UNKNOWN, /* frames were lost */
};

/* The control frame being read. */
struct control {
    uint64_t digest;
    uint64_t at; /* payload bytes passed so far */
    uint8_t code[CLOSE_CODE_LENGTH];
    bool is_torn; /* some were never captured */
};

/* One side's first Close frame. */
struct closing {
    bool is_seen;
    uint16_t code;  /* WEBSOCKET_CLOSE_WITHOUT_CODE: none in it; 0: not known */
    uint64_t start; /* offset of its first byte */
    uint64_t peer_acked;
    int64_t captured_ns;
};

struct talker {
    struct frames frames;
    enum message_state message;
    bool is_fragmented; /* the message that goes on */
    struct control control;
    struct closing closing;
};

struct websocket {
    struct websocket_sink *sink;
    void *opened; /* the sink's, for this connection */
    struct conn *conn;
    struct websocket_setup setup;
    struct talker talker[2]; /* by enum side */
    struct pings pings;
    struct chunk ended; /* the first FIN or RST */
    bool is_ended;
    struct websocket_account account;
};

/* ---- judging ---- */

static void websocket_note(struct websocket *w, enum finding_code code,
                           const struct frames *f, struct bytes evidence)
{
    conn_note(w->conn, code, SEVERITY_UNKNOWN, &f->begun, f->begun.offset, evidence);
}

/* RFC 6455, sections 5.4 and 5.5.1: what may follow what. */
static bool websocket_is_in_order(const struct talker *t, uint8_t opcode)
{
    if (frames_is_control(opcode)) return true;
    if (t->closing.is_seen) return false;
    if (t->message == MESSAGE_UNKNOWN) return true;
    return (opcode == WEBSOCKET_CONTINUATION) == (t->message == MESSAGE_OPEN);
}

static void websocket_judge(struct websocket *w, enum side from)
{
    struct talker *t = &w->talker[from];
    const struct frames *f = &t->frames;
    struct bytes evidence = bytes_of(f->bytes, f->have);
    if (!frames_is_masked_right(&f->header, from)) {
        w->account.side[from].mask_breaches++;
        websocket_note(w, FINDING_WS_MASK_WRONG, f, evidence);
    }
    if (!frames_is_valid(&f->header, w->setup) ||
        !websocket_is_in_order(t, f->header.opcode))
        websocket_note(w, FINDING_WS_FRAME_INVALID, f, evidence);
}

/* RFC 6455, section 7.4. */
static bool websocket_may_send_code(uint16_t code)
{
    enum { FIRST = 1000, LAST_REGISTERED = 1014, LIBRARIES = 3000, LAST = 4999 };
    static const uint16_t unsent[] = {1004, WEBSOCKET_CLOSE_WITHOUT_CODE,
                                      WEBSOCKET_CLOSE_ABNORMAL};
    for (size_t i = 0; i < ARRAY_LENGTH(unsent); i++) {
        if (unsent[i] == code) return false;
    }
    return (code >= FIRST && code <= LAST_REGISTERED) ||
           (code >= LIBRARIES && code <= LAST);
}

/* ---- control frames ---- */

static void websocket_read_close(struct websocket *w, struct talker *t)
{
    const struct frames *f = &t->frames;
    const struct control *c = &t->control;
    struct closing *closing = &t->closing;
    if (closing->is_seen) return;
    *closing = (struct closing){.is_seen = true,
                                .code = WEBSOCKET_CLOSE_WITHOUT_CODE,
                                .start = f->begun.offset,
                                .peer_acked = f->begun.peer_acked,
                                .captured_ns = f->begun.captured_ns};
    bool is_valid = f->header.length == 0;
    if (f->header.length >= CLOSE_CODE_LENGTH) {
        closing->code = (uint16_t)(c->code[0] << 8 | c->code[1]);
        is_valid = websocket_may_send_code(closing->code);
    }
    if (c->is_torn) closing->code = 0;
    if (!is_valid && !c->is_torn)
        websocket_note(w, FINDING_WS_FRAME_INVALID, f,
                       bytes_of(c->code, sizeof c->code));
}

static void websocket_read_pong(struct websocket *w, const struct ping *pong,
                                int64_t begun_ns)
{
    struct websocket_account *a = &w->account;
    int64_t sent_ns = pings_answer(&w->pings, pong);
    if (sent_ns == TIME_UNKNOWN) return;
    int64_t rtt_ns = begun_ns > sent_ns ? begun_ns - sent_ns : 0;
    if (a->rtt_count == 0 || rtt_ns < a->rtt_min_ns) a->rtt_min_ns = rtt_ns;
    if (rtt_ns > a->rtt_max_ns) a->rtt_max_ns = rtt_ns;
    span_add(&a->rtt_sum_ns, rtt_ns);
    a->rtt_count++;
}

static void websocket_end_control(struct websocket *w, enum side from,
                                  int64_t captured_ns)
{
    struct talker *t = &w->talker[from];
    const struct ping here = {
        .digest = t->control.digest, .sent_ns = captured_ns, .from = from};
    switch (t->frames.header.opcode) {
    case WEBSOCKET_CLOSE: websocket_read_close(w, t); return;
    case WEBSOCKET_PING:
        if (!t->control.is_torn) pings_add(&w->pings, &here);
        return;
    case WEBSOCKET_PONG:
        if (!t->control.is_torn)
            websocket_read_pong(w, &here, t->frames.begun.captured_ns);
        return;
    }
}

static void websocket_read_control(struct talker *t, struct bytes payload)
{
    struct control *c = &t->control;
    const uint8_t *mask = t->frames.header.mask; /* zero where there is none */
    for (size_t i = 0; i < payload.len; i++, c->at++) {
        uint8_t byte = payload.ptr[i] ^ mask[c->at & 3];
        if (c->at < CLOSE_CODE_LENGTH) c->code[c->at] = byte;
        c->digest = pings_digest(c->digest, byte);
    }
}

/* A frame of so many bytes is no control frame, whatever its opcode says. */
static bool websocket_is_control(const struct frame_header *h)
{
    return frames_is_control(h->opcode) && h->length <= FRAMES_CONTROL_PAYLOAD_MAX;
}

/* ---- frames ---- */

static void websocket_begin(struct websocket *w, enum side from)
{
    struct talker *t = &w->talker[from];
    const struct frame_header *h = &t->frames.header;
    websocket_judge(w, from);
    w->account.side[from].frames++;
    w->account.side[from].by_opcode[h->opcode]++;
    t->control = (struct control){.digest = PINGS_DIGEST_START};
    if (h->is_endless) t->frames.is_lost = true;
}

static void websocket_end(struct websocket *w, enum side from, int64_t captured_ns)
{
    struct talker *t = &w->talker[from];
    struct websocket_side *side = &w->account.side[from];
    const struct frame_header *h = &t->frames.header;
    if (websocket_is_control(h)) websocket_end_control(w, from, captured_ns);
    if (frames_is_control(h->opcode)) return;
    if (h->opcode == WEBSOCKET_CONTINUATION) t->is_fragmented = true;
    if (h->is_final) {
        side->messages++;
        if (t->is_fragmented) side->fragmented++;
        t->is_fragmented = false;
    }
    t->message = h->is_final ? MESSAGE_NONE : MESSAGE_OPEN;
}

static void websocket_take(struct websocket *w, const struct chunk *chunk,
                           struct cursor *in)
{
    struct talker *t = &w->talker[chunk->from];
    struct bytes payload;
    while (!t->frames.is_lost) {
        switch (frames_next(&t->frames, in, chunk, &payload)) {
        case FRAMES_MORE: return;
        case FRAMES_BEGIN: websocket_begin(w, chunk->from); break;
        case FRAMES_PAYLOAD:
            w->account.side[chunk->from].payload_bytes += payload.len;
            if (websocket_is_control(&t->frames.header))
                websocket_read_control(t, payload);
            break;
        case FRAMES_END: websocket_end(w, chunk->from, chunk->captured_ns); break;
        }
    }
}

static void websocket_take_data(struct websocket *w, const struct chunk *chunk)
{
    struct talker *t = &w->talker[chunk->from];
    struct cursor in = cursor_of(chunk->data);
    if (t->frames.is_lost) {
        if (!chunk->starts_segment ||
            !frames_are_whole(chunk->data, chunk->from, w->setup))
            return;
        frames_restart(&t->frames);
        t->message = MESSAGE_UNKNOWN;
        w->account.side[chunk->from].resyncs++;
    }
    websocket_take(w, chunk, &in);
}

static void websocket_take_gap(struct websocket *w, const struct chunk *gap)
{
    struct talker *t = &w->talker[gap->from];
    if (t->frames.is_lost) return;
    uint64_t within = frames_skip(&t->frames, gap->missing);
    w->account.side[gap->from].payload_bytes += within;
    if (within > 0) t->control.is_torn = true;
    if (t->frames.is_within && t->frames.left == 0) { /* it ended in the gap */
        t->frames.is_within = false;
        t->frames.have = 0;
        websocket_end(w, gap->from, gap->captured_ns);
    }
}

static void websocket_feed(void *instance, const struct chunk *chunk)
{
    struct websocket *w = instance;
    switch (chunk->kind) {
    case CHUNK_DATA: websocket_take_data(w, chunk); return;
    case CHUNK_GAP: websocket_take_gap(w, chunk); return;
    case CHUNK_END:
        if (w->is_ended || chunk->end == CHUNK_END_CAPTURE) return;
        w->is_ended = true;
        w->ended = *chunk;
        return;
    }
}

/* ---- the end ---- */

/* Whether its sender had received the other side's Close. */
static bool websocket_knew(const struct closing *mine, const struct closing *other)
{
    if (mine->peer_acked == OFFSET_UNKNOWN)
        return mine->captured_ns > other->captured_ns;
    return mine->peer_acked > other->start;
}

static enum closed_by websocket_closed_by(const struct closing *client,
                                          const struct closing *server)
{
    if (!client->is_seen && !server->is_seen) return CLOSED_BY_UNKNOWN;
    if (!server->is_seen) return CLOSED_BY_CLIENT;
    if (!client->is_seen) return CLOSED_BY_SERVER;
    bool client_knew = websocket_knew(client, server);
    bool server_knew = websocket_knew(server, client);
    if (client_knew == server_knew) return CLOSED_BY_BOTH;
    return client_knew ? CLOSED_BY_SERVER : CLOSED_BY_CLIENT;
}

static void websocket_conclude(struct websocket *w)
{
    struct websocket_account *a = &w->account;
    const struct closing *client = &w->talker[SIDE_CLIENT].closing;
    const struct closing *server = &w->talker[SIDE_SERVER].closing;
    a->close_by = websocket_closed_by(client, server);
    switch (a->close_by) {
    case CLOSED_BY_CLIENT:
    case CLOSED_BY_BOTH: a->close_code = client->code; return;
    case CLOSED_BY_SERVER: a->close_code = server->code; return;
    case CLOSED_BY_UNKNOWN: break;
    }
    bool is_blind = w->talker[0].frames.is_lost || w->talker[1].frames.is_lost;
    if (!w->is_ended || is_blind) return;
    a->close_code = WEBSOCKET_CLOSE_ABNORMAL;
    conn_note(w->conn, FINDING_WS_NO_CLOSE, SEVERITY_UNKNOWN, &w->ended,
              w->ended.offset, bytes_of(NULL, 0));
}

/* ---- the protocol row ---- */

static void *websocket_open(void *context, struct stream *stream, struct conn *conn)
{
    struct websocket_sink *sink = context;
    struct websocket *w = mem_alloc(sizeof *w);
    (void)stream;
    w->sink = sink;
    w->conn = conn;
    w->opened = sink->open(sink->context, conn, &w->setup);
    return w;
}

static void websocket_close(void *instance)
{
    struct websocket *w = instance;
    websocket_conclude(w);
    w->sink->closed(w->opened, &w->account);
    mem_free(w);
}

struct protocol websocket_protocol(struct websocket_sink *sink)
{
    return (struct protocol){.name = "websocket",
                             .protocol = PROTOCOL_OTHER,
                             .open = websocket_open,
                             .feed = websocket_feed,
                             .close = websocket_close,
                             .context = sink};
}
