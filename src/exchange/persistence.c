/* Keep-alive: declared, advertised, observed (SEMANTICS 6; RFC 9112, sections 9.3 and
 * 9.5), and the races between a server's timeout and a client's reuse. */
#include "exchange/story.h"
#include "hopscope/certain.h"

enum {
    PROMISE_TOLERANCE_US = 50000, /* timers fire a little early */
    CLOSE_PATIENCE_US = 5000000,  /* a server that has declared close takes no longer */
};

/* A client knows what it has declared itself, and what it had received of the server's.
 * (RFC 9112, section 9.6: it must not send another request.) */
static bool is_close_known(const struct story *s, const struct mark *request)
{
    if (s->has_client_closed) return true;
    return s->close_known_offset != OFFSET_UNKNOWN &&
           request->peer_acked != OFFSET_UNKNOWN &&
           request->peer_acked >= s->close_known_offset;
}

static bool has_close(const struct half *h) /* that was not seen has no flags */
{
    return (h->flags & MESSAGE_CONNECTION_CLOSE) != 0;
}

static void account_close_declared(struct story *s, const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if (request->is_seen && is_close_known(s, &request->start))
        story_note(s, FINDING_CLOSE_IGNORED, SEVERITY_UNKNOWN, SIDE_CLIENT,
                   &request->start, exchange_text(e, TEXT_TARGET));
    s->is_request_close = request->is_seen && !request->is_persistent;
    s->is_response_close = response->is_seen && !response->is_persistent;
    s->is_close_delimited = response->framing == FRAMING_CLOSE;
    s->is_close_due = false;
    if (!has_close(request) && !has_close(response)) return;
    bool is_switch = e->status == 101 || response->framing == FRAMING_TUNNEL;
    if (is_switch) return;
    if (has_close(request)) s->has_client_closed = true;
    if (has_close(response) && response->is_ended &&
        s->close_known_offset == OFFSET_UNKNOWN)
        s->close_known_offset = response->end.offset;
    s->is_close_due = response->is_complete;
    s->response_end = response->end;
}

void persistence_account(struct story *s, const struct exchange *e, int64_t idle_us)
{
    const struct half *response = &e->half[SIDE_SERVER];
    account_close_declared(s, e);
    if (!response->is_seen) return;
    if (idle_us > s->idle_max_us)
        s->idle_max_us = idle_us; /* survived; or both unknown */
    if (response->keepalive_timeout_s >= 0)
        s->keepalive_timeout_s = response->keepalive_timeout_s;
    if (response->keepalive_max >= 0) {
        s->keepalive_max = response->keepalive_max;
        s->max_ordinal = e->ordinal;
    }
}

/* The server had decided to close before it could know of this request. */
static enum close_cause race_with_fin(const struct conn_side *server,
                                      const struct mark *request)
{
    if (request->peer_acked != OFFSET_UNKNOWN &&
        request->peer_acked > server->fin_offset)
        return CAUSE_LATE_REUSE;
    bool knew = server->fin_acked != OFFSET_UNKNOWN
                    ? server->fin_acked > request->offset
                    : server->fin_ns > request->captured_ns;
    return knew ? CAUSE_UNKNOWN : CAUSE_IDLE_RACE;
}

/* An RST that was sent before the request was there is a close like any other. */
static enum close_cause race_with_rst(const struct conn_side *server,
                                      const struct mark *request)
{
    bool knew = server->rst_acked != OFFSET_UNKNOWN
                    ? server->rst_acked > request->offset
                    : server->rst_ns > request->captured_ns;
    return knew ? CAUSE_STALE_REUSE : CAUSE_IDLE_RACE;
}

enum close_cause persistence_race(const struct story *s, const struct exchange *e)
{
    const struct conn_side *server = &s->conn->side[SIDE_SERVER];
    const struct half *request = &e->half[SIDE_CLIENT];
    bool is_reuse =
        s->exchanges > s->pending && request->is_seen && ALWAYS(e == s->first);
    if (!is_reuse || e->half[SIDE_SERVER].is_seen || e->interims > 0)
        return CAUSE_UNKNOWN;
    if (e->is_given_up || s->previous_end_ns == TIME_UNKNOWN) return CAUSE_UNKNOWN;
    if (s->conn->closed_by == CLOSED_BY_CLIENT) return CAUSE_UNKNOWN;
    if (server->fin_ns != TIME_UNKNOWN) return race_with_fin(server, &request->start);
    if (server->rst_ns == TIME_UNKNOWN) return CAUSE_UNKNOWN;
    return race_with_rst(server, &request->start);
}

int64_t persistence_idle_at_close_us(const struct story *s)
{
    /* What raced the close was not there yet for the side that closed. */
    bool was_idle = s->race == CAUSE_IDLE_RACE || s->race == CAUSE_LATE_REUSE;
    if ((s->was_cut && !was_idle) || s->exchanges == 0 || s->tunnels != NULL)
        return RECORD_UNKNOWN;
    if (s->conn->close_ns < s->previous_end_ns) return RECORD_UNKNOWN; /* outstanding */
    return record_us_between(s->previous_end_ns, s->conn->close_ns);
}

bool persistence_is_max_used(const struct story *s)
{
    return s->keepalive_max != RECORD_UNKNOWN &&
           (int64_t)(s->exchanges - s->max_ordinal) >= s->keepalive_max;
}

/* Idle for less than the advertised `timeout`; where only `max` was advertised, closed
 * before it was used up. */
static bool is_promise_broken(const struct story *s, int64_t idle_us)
{
    if (persistence_is_max_used(s)) return false;
    if (s->keepalive_timeout_s == RECORD_UNKNOWN)
        return s->keepalive_max != RECORD_UNKNOWN;
    return (idle_us + PROMISE_TOLERANCE_US) / 1000000 < s->keepalive_timeout_s;
}

static void conclude_promise(struct story *s)
{
    const struct conn *c = s->conn;
    const struct conn_side *server = &c->side[SIDE_SERVER];
    bool is_ended = c->close_kind == CLOSE_FIN || c->close_kind == CLOSE_RST;
    if (!is_ended || c->closed_by != CLOSED_BY_SERVER) return;
    if (s->is_request_close || s->is_response_close || s->is_close_delimited) return;
    int64_t idle_us = persistence_idle_at_close_us(s);
    if (idle_us == RECORD_UNKNOWN || !is_promise_broken(s, idle_us)) return;
    bool is_fin = c->close_kind == CLOSE_FIN;
    struct mark end = {
        .offset = is_fin ? server->fin_offset : server->end_offset,
        .captured_ns = is_fin ? server->fin_ns : server->rst_ns,
        .ref = is_fin ? server->fin_ref : server->rst_ref,
    };
    story_note(s, FINDING_KEEPALIVE_BROKEN_PROMISE, SEVERITY_UNKNOWN, SIDE_SERVER, &end,
               bytes_of(NULL, 0));
}

/* RFC 9112, section 9.6: after a final response that ends the connection, or answers a
 * request that does, the server must begin to close. A FIN that was not captured shows
 * in what the client acknowledged. */
static void conclude_close_due(struct story *s)
{
    const struct conn *c = s->conn;
    const struct conn_side *server = &c->side[SIDE_SERVER];
    bool is_clients = c->closed_by == CLOSED_BY_CLIENT;
    if (!s->is_close_due || s->was_cut) return;
    if (!is_clients && c->closed_by != CLOSED_BY_UNKNOWN) return;
    if (server->fin_ns == TIME_UNKNOWN && server->acked_by_peer > server->end_offset)
        return;
    int64_t end_ns = is_clients ? c->close_ns : c->end_ns;
    if (record_us_between(s->previous_end_ns, end_ns) < CLOSE_PATIENCE_US) return;
    story_note(s, FINDING_CLOSE_IGNORED, SEVERITY_UNKNOWN, SIDE_SERVER,
               &s->response_end, bytes_of(NULL, 0));
}

/* What is known only when the connection is over. */
void persistence_conclude(struct story *s)
{
    conclude_promise(s);
    conclude_close_due(s);
}
