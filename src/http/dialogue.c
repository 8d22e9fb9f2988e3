/* One HTTP connection: both directions' parsers and what joins them. A response cannot
 * be framed without its request's method (RFC 9112, section 6.3), and after an offer to
 * switch protocols nobody knows what the client's bytes are until the response says.
 *
 *   client's chunk --> HTTP? --yes--> parser --request---> queue of unanswered ones
 *                        '--not yet known--> held             |
 *   server's chunk ---------------> parser --response--> which of them? --> sink
 *                                                 '--101, 2xx to CONNECT--> hand-over
 */
#include "http/dialogue.h"

#include "hopscope/pool.h"
#include "hopscope/span.h"
#include "http/bodiless.h"
#include "http/body_run.h"

/* ---- the client's side, and what is held of it ---- */

/* Returns how many bytes of the chunk were used; the rest is to be held. */
static size_t dialogue_parse_client(struct dialogue *d, const struct chunk *chunk)
{
    return chunk->data.len - parser_feed(&d->client, chunk).len;
}

/* What was held is HTTP after all. A request in it may begin another hold. */
static void dialogue_release(struct dialogue *d)
{
    struct hold held = d->held;
    struct hold_chunk *kept;
    d->held = (struct hold){.first = NULL};
    d->hold_number = 0;
    while (d->hold_number == 0 && (kept = hold_take(&held)) != NULL) {
        size_t used = dialogue_parse_client(d, &kept->chunk);
        hold_put_back(&held, kept, used);
    }
    d->held = held;
}

/* More than any opening of another protocol is parsed on, now and later: holding the
 * same bytes again for each of many offers would cost their square. */
__attribute__((noinline)) static void
dialogue_hold(struct dialogue *d, const struct chunk *chunk, size_t used)
{
    if (hold_add(&d->held, chunk, used)) return;
    d->holds_no_more = true;
    dialogue_release(d);
    const struct chunk rest = hold_rest(chunk, used);
    dialogue_parse_client(d, &rest);
}

/* True: the chunk was held, until it is known whether it is a body or a request. */
static bool dialogue_sort_withheld(struct dialogue *d, const struct chunk *chunk)
{
    if (d->client.draft == NULL || d->holds_no_more ||
        !withheld_is_due(&d->client, &d->answered, chunk))
        return false;
    enum withheld verdict = withheld_judge(&d->held, chunk);
    if (verdict == WITHHELD_UNDECIDED) {
        d->hold_number = d->answered.number;
        dialogue_hold(d, chunk, 0);
        return true;
    }
    if (verdict == WITHHELD_NEXT) withheld_end(&d->client);
    dialogue_release(d);
    return false;
}

__attribute__((noinline)) static void dialogue_feed_client(struct dialogue *d,
                                                           const struct chunk *chunk)
{
    size_t used = 0;
    d->client_end = chunk->offset + chunk->missing + chunk->data.len;
    if (dialogue_sort_withheld(d, chunk)) return;
    if (d->hold_number == 0) {
        used = dialogue_parse_client(d, chunk);
        if (used == chunk->data.len) return;
    }
    dialogue_hold(d, chunk, used);
}

static void dialogue_end_request(struct dialogue *d, const struct message *m)
{
    bool may_offer = (m->flags & MESSAGE_CONNECTION_UPGRADE) != 0;
    if (!may_offer && m->method != METHOD_CONNECT) return; /* see push_request */
    const struct pairing_entry *newest = pairing_newest(&d->pairing);
    if (!m->is_complete || newest == NULL || newest->number != m->number) return;
    if (!newest->offers_upgrade || d->holds_no_more) return;
    d->hold_number = m->number;
    parser_pause(&d->client);
}

__attribute__((noinline)) static void dialogue_push_request(struct dialogue *d,
                                                            const struct message *m)
{
    bool is_cut = m->head_end.offset == OFFSET_UNKNOWN;
    bool asks = (m->flags & MESSAGE_CONNECTION_UPGRADE) && m->upgrade.ptr != NULL;
    bool offers_upgrade = !is_cut && (asks || m->method == METHOD_CONNECT);
    uint64_t head_end = is_cut ? d->client.offset : m->head_end.offset;
    uint64_t given_up = pairing_push(&d->pairing, m, head_end, offers_upgrade);
    if (given_up != 0) d->sink->lost(d->opened, given_up, 1, 0);
}

/* ---- the server's side ---- */

static bool dialogue_expects_simple(void *context)
{
    const struct dialogue *d = context;
    const struct pairing_entry *front = pairing_front(&d->pairing);
    return front != NULL && front->is_simple && !front->is_answer_lost;
}

static bool dialogue_switches(const struct message *m)
{
    if (m->flags & MESSAGE_HEAD_CUT) return false;
    return m->status == 101 || m->framing == FRAMING_TUNNEL;
}

/* The response that was waited for declines, or will never come. */
static void dialogue_decide_held(struct dialogue *d, const struct message *m)
{
    if (m->is_interim || dialogue_switches(m)) return;
    /* Nothing is pushed behind the request that is waited for. */
    if (pairing_front(&d->pairing) == NULL) dialogue_release(d);
}

__attribute__((noinline)) static void dialogue_switch(struct dialogue *d,
                                                      const struct message *m)
{
    parser_finish(&d->client, CHUNK_END_CAPTURE);
    uint64_t offsets[2] = {d->client.offset, m->end.offset};
    if (d->held.first) offsets[SIDE_CLIENT] = d->held.first->chunk.offset;
    d->is_switched = true;
    d->is_connect = m->framing == FRAMING_TUNNEL;
    parser_pause(&d->server);
    d->sink->switched(d->opened, m, offsets);
}

/* From here on every chunk is another protocol's: first what the client had sent before
 * the response, then what is left of the response's own chunk. */
__attribute__((noinline)) static void
dialogue_hand_over(struct dialogue *d, const struct chunk *chunk, struct bytes rest)
{
    struct hold_chunk *kept;
    stream_hand_over(d->stream, d->is_connect);
    while ((kept = hold_take(&d->held)) != NULL) {
        stream_feed(d->stream, &kept->chunk);
        mem_free(kept);
    }
    if (rest.len == 0) return;
    const struct chunk left = hold_rest(chunk, chunk->data.len - rest.len);
    stream_feed(d->stream, &left);
}

__attribute__((noinline)) static void dialogue_feed_server(struct dialogue *d,
                                                           const struct chunk *chunk)
{
    if (chunk->offset == 0 && d->conn->side[SIDE_SERVER].lacks_syn)
        pairing_lose_responses(&d->pairing);
    bool may_be_held = d->server.draft != NULL || d->maybe_head != NULL;
    if (may_be_held && bodiless_hold(&d->maybe_head, &d->server, chunk)) return;
    struct bytes rest = parser_feed(&d->server, chunk);
    if (d->is_switched) dialogue_hand_over(d, chunk, rest);
}

/* ---- what the parsers tell ---- */

static void dialogue_take_field(void *context, const struct header_field *field)
{
    struct dialogue *d = context;
    d->sink->field(d->opened, field);
}

static void dialogue_take_head(void *context, const struct message *m)
{
    struct dialogue *d = context;
    d->sink->head(d->opened, m);
    bool is_request = m->from == SIDE_CLIENT;
    if (is_request && (m->flags & MESSAGE_IS_RETOLD) == 0)
        dialogue_push_request(d, m);
    else if (!is_request && d->hold_number != 0)
        dialogue_decide_held(d, m);
}

/* A final one. */
static void dialogue_end_response(struct dialogue *d, const struct message *m)
{
    d->ended_ref = m->is_complete ? m->end.ref : 0;
    d->answered = (struct withheld_answer){.number = m->answers, .end = m->end.offset};
    if (dialogue_switches(m))
        dialogue_switch(d, m);
    else if (m->is_complete && parser_is_at_boundary(&d->client))
        pairing_anchor(&d->pairing, m->end.offset);
}

static void dialogue_take_end(void *context, const struct message *m)
{
    struct dialogue *d = context;
    d->sink->end(d->opened, m);
    if (m->from == SIDE_CLIENT)
        dialogue_end_request(d, m);
    else if (!m->is_interim)
        dialogue_end_response(d, m);
}

static void dialogue_take_loss(void *context, enum parser_loss loss,
                               const struct parser_loss_place *place)
{
    struct dialogue *d = context;
    struct pairing *q = &d->pairing;
    if (!d->is_unread && d->sink->unread != NULL) d->sink->unread(d->opened);
    d->is_unread = true;
    if (loss == LOSS_BEHIND && place->from == SIDE_CLIENT)
        pairing_lose_requests(q);
    else if (loss == LOSS_BEHIND)
        pairing_lose_responses(q);
    else if (loss == LOSS_OF_LINE && place->from == SIDE_SERVER)
        pairing_refute_answer(q);
    else if (loss == LOSS_OF_LINE)
        pairing_doubt_requests(q);
    else if (place->from == SIDE_CLIENT)
        pairing_lose_request(q, place->start, place->end, loss == LOSS_OF_GARBAGE);
    else
        pairing_lose_response(q, place->missing);
}

static void dialogue_take_resync(void *context, enum side from)
{
    struct dialogue *d = context;
    d->sink->resync(d->opened, from);
}

const struct parser_owner dialogue_owner = {
    .expects_simple = dialogue_expects_simple,
    .pair = dialogue_pair,
    .field = dialogue_take_field,
    .head = dialogue_take_head,
    .end = dialogue_take_end,
    .lost = dialogue_take_loss,
    .resync = dialogue_take_resync,
};

/* ---- the protocol row ---- */

static void *dialogue_open(void *context, struct stream *stream, struct conn *conn)
{
    struct message_sink *sink = context;
    draft_join(&sink->drafts);
    struct dialogue *d = dialogue_take(sink);
    d->sink = sink;
    d->opened = sink->open(sink->context, conn);
    d->conn = conn;
    d->stream = stream;
    parser_init(&d->client, SIDE_CLIENT, conn, &dialogue_owner, d, &sink->drafts);
    parser_init(&d->server, SIDE_SERVER, conn, &dialogue_owner, d, &sink->drafts);
    d->client.wants_fields = d->server.wants_fields = sink->field != NULL;
    pairing_init(&d->pairing, conn->open_kind != OPEN_HANDSHAKE);
    return d;
}

/* Both ways are called, not merged, and so is what is rare in each: what is common then
 * needs no room of theirs. */
static void dialogue_feed(void *instance, const struct chunk *chunk)
{
    struct dialogue *d = instance;
    if (d->is_switched) return;
    if (chunk->from == SIDE_CLIENT)
        dialogue_feed_client(d, chunk);
    else if (body_run_take(&d->server, chunk))
        span_add(&d->server.draft->m.stalled_ns, chunk->stalled_ns);
    else
        dialogue_feed_server(d, chunk);
}

/* Whether nothing is under way, as mostly at a connection's end: nothing of a message,
 * no request that waits, nothing held. */
static bool dialogue_is_idle(const struct dialogue *d)
{
    const struct parser *client = &d->client, *server = &d->server;
    return client->draft == NULL && server->draft == NULL && d->pairing.count == 0 &&
           client->overruled == NULL && server->overruled == NULL &&
           d->held.first == NULL && d->maybe_head == NULL;
}

/* Tells what comes of all that was under way. */
static void dialogue_finish(struct dialogue *d)
{
    struct pairing_answer lost;
    while (d->hold_number != 0 && hold_is_http(&d->held)) dialogue_release(d);
    bodiless_release(&d->maybe_head, &d->server);
    parser_finish(&d->client, CHUNK_END_CAPTURE);
    parser_finish(&d->server, CHUNK_END_CAPTURE);
    if (pairing_give_up(&d->pairing, &lost)) dialogue_tell_lost(d, &lost);
}

__attribute__((noinline)) static void dialogue_break_off(struct dialogue *d)
{
    if (!d->is_switched) dialogue_finish(d);
    parser_done(&d->client);
    parser_done(&d->server);
    if (d->client.overruled) overruled_free(&d->client.overruled);
    if (d->server.overruled) overruled_free(&d->server.overruled);
    hold_done(&d->held);
    if (d->maybe_head) {
        hold_done(d->maybe_head);
        mem_free(d->maybe_head);
    }
}

static void dialogue_close(void *instance)
{
    struct dialogue *d = instance;
    struct http_drafts *drafts = &d->sink->drafts;
    if (!dialogue_is_idle(d)) dialogue_break_off(d);
    pairing_done(&d->pairing);
    pool_give(drafts->dialogues, d);
    draft_leave(drafts);
}

struct protocol http_protocol(struct message_sink *sink)
{
    return (struct protocol){.name = "http",
                             .protocol = PROTOCOL_HTTP,
                             .probe = http_probe,
                             .open = dialogue_open,
                             .feed = dialogue_feed,
                             .close = dialogue_close,
                             .context = sink,
                             .can_rest = dialogue_can_rest,
                             .rest = dialogue_rest,
                             .resume = dialogue_resume};
}
