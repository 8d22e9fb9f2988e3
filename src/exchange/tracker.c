/* The life of a story: messages become exchanges, which leave their queue as records.
 *
 *   request head --> new exchange --> [ first ... last ] --both halves ended--> record
 *   response head, by the request's number --^                                       */
#include "exchange/tracker_state.h"

#include <string.h>

/* ---- story ---- */

struct story *tracker_story(struct tracker *t, struct conn *conn)
{
    if (conn->story != NULL) return conn->story;
    struct story *s = pool_take(t->stories);
    s->tracker = t;
    s->conn = conn;
    s->previous_end_ns = TIME_UNKNOWN;
    s->previous_end_us = RECORD_UNKNOWN;
    s->previous_method = METHOD_GET;
    s->idle_max_us = s->keepalive_timeout_s = s->keepalive_max = RECORD_UNKNOWN;
    s->close_known_offset = OFFSET_UNKNOWN;
    conn->story = s;
    return s;
}

void story_put(struct story *s, enum record_kind kind, const void *record)
{
    struct tracker *t = s->tracker;
    if (t->status != STATUS_OK) return;
    t->status = t->options.sink.put(t->options.sink.context, kind, record);
}

void *tracker_room(const struct tracker *t, enum record_kind kind, size_t text_bytes)
{
    const struct record_sink *sink = &t->options.sink;
    if (sink->room == NULL || sink->update != NULL || t->status != STATUS_OK)
        return NULL;
    return sink->room(sink->context, kind, text_bytes);
}

void story_note(struct story *s, enum finding_code code, enum severity severity,
                enum side side, const struct mark *at, struct bytes evidence)
{
    struct chunk where = {.from = side, .ref = at->ref, .captured_ns = at->captured_ns};
    conn_note(s->conn, code, severity, &where, at->offset, evidence);
}

/* ---- messages ---- */

static void *on_open(void *context, struct conn *conn)
{
    return tracker_story(context, conn);
}

static void on_field(void *opened, const struct header_field *field)
{
    struct story *s = opened;
    if (s->headers == NULL) s->headers = mem_alloc(sizeof *s->headers);
    header_rows_add(s->headers, field, s->tracker->options.wants_secrets);
}

static void put_headers(struct story *s, const struct exchange *e, enum side side)
{
    struct tracker *t = s->tracker;
    if (t->status != STATUS_OK) return;
    t->status =
        header_rows_put(s->headers, side, (int64_t)exchange_id(e), &t->options.sink);
}

/* It and its like are not merged into on_head, which then only tells them apart. */
__attribute__((noinline)) static void begin_request(struct story *s,
                                                    const struct message *m)
{
    struct exchange *e = exchange_queue_add(s);
    s->asked = e;
    e->number = m->number;
    exchange_take_request(e, m);
    if (e->is_odd && upgrade_is_offered(e)) optimistic_begin(s, e);
    if (s->headers != NULL) put_headers(s, e, SIDE_CLIENT);
    desync_begin_request(s);
    exchange_queue_release_finished(s);
}

/* What was told of before its head was whole. */
__attribute__((noinline)) static void complete_request(struct story *s,
                                                       const struct message *m)
{
    struct exchange *e = s->asked;
    if (e == NULL || e->number != m->number) return;
    exchange_take_request(e, m);
    if (s->headers != NULL) put_headers(s, e, SIDE_CLIENT);
}

/* Any 1xx, and so a 101, whose Upgrade was to be ignored (RFC 9110, 7.8 and 15.2). */
static void note_if_http10(struct story *s, const struct exchange *e,
                           const struct message *m)
{
    if (e->half[SIDE_CLIENT].version != VERSION_10) return;
    story_note(s, FINDING_INTERIM_HTTP10, SEVERITY_UNKNOWN, SIDE_SERVER, &m->start,
               exchange_text(e, TEXT_TARGET));
}

static void count_interim(struct story *s, struct exchange *e, const struct message *m)
{
    e->is_odd = true;
    if (e->interims++ == 0) {
        e->first_interim_status = m->status;
        e->first_interim_ns = m->start.captured_ns;
        note_if_http10(s, e, m);
    }
    expect_note_interim(s, e, m);
    if (e->interims == EXCHANGE_INTERIM_FLOOD + 1)
        story_note(s, FINDING_INTERIM_FLOOD, SEVERITY_UNKNOWN, SIDE_SERVER, &m->start,
                   exchange_text(e, TEXT_TARGET));
}

__attribute__((noinline)) static void begin_response(struct story *s,
                                                     const struct message *m)
{
    struct exchange *e = exchange_queue_find(s, m->answers);
    if (m->is_interim) {
        if (s->headers != NULL) header_rows_drop(s->headers, SIDE_SERVER);
        if (e != NULL) count_interim(s, e, m);
        return;
    }
    if (e != NULL)
        s->paired = e;
    else
        e = exchange_queue_add_answered(s);
    s->answered = e;
    exchange_take_response(e, m);
    if (s->headers != NULL) put_headers(s, e, SIDE_SERVER);
    if (e->is_odd) inner_remember(s, e);
    if (m->status == 101 && e->interims == 0) note_if_http10(s, e, m);
    desync_begin_response(s, m);
}

static void on_head(void *opened, const struct message *m)
{
    struct story *s = opened;
    if (s->version == VERSION_UNKNOWN) s->version = m->version;
    if (m->from == SIDE_SERVER)
        begin_response(s, m);
    else if (m->flags & MESSAGE_IS_RETOLD)
        complete_request(s, m);
    else
        begin_request(s, m);
}

/* The capture (or our memory) has ended before the connection did. */
static bool tracker_is_still_open(const struct conn *conn)
{
    bool is_both_seen = conn->side[0].packets > 0 && conn->side[1].packets > 0;
    bool is_open = conn->close_kind == CLOSE_OPEN || conn->close_kind == CLOSE_IDLE;
    return is_open && is_both_seen;
}

static void on_end(void *opened, const struct message *m)
{
    struct story *s = opened;
    if (m->is_interim) return;
    if (m->from == SIDE_CLIENT) desync_end_request(s, m);
    /* A message of a side ends before the next one of it begins. */
    struct exchange *e = m->from == SIDE_CLIENT ? s->asked : s->answered;
    if (e == NULL) return;
    if (!m->is_complete && tracker_is_still_open(s->conn)) e->is_open = true;
    struct half *h = &e->half[m->from];
    bool was_cut = (h->flags & MESSAGE_HEAD_CUT) != 0;
    if (was_cut) e->is_odd = true; /* it may have more flags now */
    exchange_take_end(h, m, was_cut);
    exchange_queue_release_finished(s);
}

/* The same two where somebody asked where the time goes. */
static uint8_t turn_to_own_stage(const struct tracker *t)
{
    return stopwatch_turn_to(t->options.watch, t->options.watch_stage);
}

static void on_head_timed(void *opened, const struct message *m)
{
    const struct tracker *t = ((struct story *)opened)->tracker;
    uint8_t before = turn_to_own_stage(t);
    on_head(opened, m);
    stopwatch_turn_to(t->options.watch, before);
}

static void on_end_timed(void *opened, const struct message *m)
{
    const struct tracker *t = ((struct story *)opened)->tracker;
    uint8_t before = turn_to_own_stage(t);
    on_end(opened, m);
    stopwatch_turn_to(t->options.watch, before);
}

static void on_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    struct story *s = opened;
    for (struct exchange *e = s->first; e != NULL; e = e->next) {
        if (e->number < first) continue;
        if (e->number - first >= count) break;
        e->is_given_up = e->is_odd = true;
        /* Of a side that was not captured at all, nothing is known by exchange. */
        if (s->conn->side[SIDE_SERVER].packets > 0) e->lost_bytes = missing;
        missing = 0;
    }
    exchange_queue_release_finished(s);
}

static void on_unread(void *opened)
{
    struct story *s = opened;
    s->desync.has_unread = true;
}

static void on_resync(void *opened, enum side from)
{
    struct story *s = opened;
    (void)from;
    s->resyncs++;
}

static void on_switched(void *opened, const struct message *response,
                        const uint64_t offsets[2])
{
    struct story *s = opened;
    inner_switched(s, response, offsets);
}

/* ---- tracker ---- */

struct tracker *tracker_new(const struct tracker_options *options)
{
    struct tracker *t = mem_alloc(sizeof *t);
    t->options = *options;
    t->stories = pool_new(sizeof(struct story));
    record_clear(RECORD_EXCHANGE, &t->blank);
    record_clear(RECORD_CONNECTION, &t->blank_connection);
    record_clear(RECORD_FINDING, &t->blank_finding);
    t->messages = (struct message_sink){
        .context = t,
        .open = on_open,
        .field = options->wants_headers ? on_field : NULL,
        .head = options->watch == NULL ? on_head : on_head_timed,
        .end = options->watch == NULL ? on_end : on_end_timed,
        .lost = on_lost,
        .unread = on_unread,
        .resync = on_resync,
        .switched = on_switched,
    };
    t->websocket = (struct websocket_sink){
        .context = t,
        .open = inner_open_websocket,
        .closed = inner_close_websocket,
    };
    t->tls = (struct tls_sink){
        .context = t,
        .open = inner_open_tls,
        .closed = inner_close_tls,
    };
    return t;
}

struct message_sink *tracker_messages(struct tracker *t)
{
    return &t->messages;
}

struct websocket_sink *tracker_websocket(struct tracker *t)
{
    return &t->websocket;
}

struct tls_sink *tracker_tls(struct tracker *t)
{
    return &t->tls;
}

enum status tracker_status(const struct tracker *t)
{
    return t->status;
}

void tracker_free(struct tracker *t)
{
    if (t == NULL) return;
    while (t->spare != NULL) {
        struct exchange *e = t->spare;
        t->spare = e->next;
        buffer_done(&e->text);
        mem_free(e);
    }
    pool_free(t->stories);
    buffer_done(&t->hidden);
    mem_free(t->counters);
    mem_free(t);
}

void tracker_chunk(struct tracker *t, struct conn *conn, const struct chunk *chunk)
{
    (void)t;
    struct story *s = conn->story;
    if (s != NULL && s->optimistic != NULL) optimistic_chunk(s, chunk);
}

void tracker_closed(struct tracker *t, struct conn *conn)
{
    struct story *s = conn->story;
    (void)t;
    if (s == NULL || !conn->is_pending) return; /* its story is far away */
    bool is_open = tracker_is_still_open(conn);
    desync_conclude(s);
    while (s->first != NULL) {
        s->first->race = persistence_race(s, s->first);
        s->first->is_open = is_open && !exchange_is_finished(s->first);
        exchange_queue_release_first(s);
    }
}
