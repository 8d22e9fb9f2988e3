/* What tcp knows of a connection, as a record (SEMANTICS 1). */
#include "hopscope/record.h"
#include "record/community_id.h"

int64_t record_us_early(int64_t ns)
{
    if (ns == TIME_UNKNOWN) return RECORD_UNKNOWN;
    return ns / 1000 - (ns % 1000 < 0 ? 1 : 0);
}

static const char *protocol_name(enum conn_protocol protocol)
{
    switch (protocol) {
    case PROTOCOL_NONE: return NULL;
    case PROTOCOL_HTTP: return NULL; /* its version is not tcp's to say */
    case PROTOCOL_H2: return "h2";
    case PROTOCOL_TLS: return "tls";
    case PROTOCOL_OTHER: return "other";
    }
    return NULL;
}

static void fill_identity(const struct conn *c, struct record_connection *out)
{
    out->id = (int64_t)c->id;
    out->capture_id = (int64_t)(c->id >> 32);
    out->first_ref = c->first_ref;
    out->last_ref = c->last_ref;
    out->client = c->client;
    out->server = c->server;
    if (c->tunnel_id != 0) out->tunnel_id = c->tunnel_id;
    if (c->vlan != 0) out->vlan = c->vlan;
    out->protocol = bytes_of_text(protocol_name(c->protocol));
}

static void fill_opening(const struct conn *c, struct record_connection *out)
{
    out->open_kind = (uint8_t)c->open_kind;
    out->open_result = (uint8_t)c->open_result;
    out->role_basis = (uint8_t)c->role_basis;
    out->start_us = record_us(c->start_ns);
    out->synack_rtt_us = record_us_between(c->last_syn_ns, c->synack_ns);
    out->ack_rtt_us = record_us_between(c->synack_ns, c->ack_ns);
    out->handshake_us = record_us_between(c->syn_ns, c->ack_ns);
    if (c->open_kind == OPEN_MIDSTREAM) return;
    out->syn_retransmits = c->syn_retransmits;
    out->synack_retransmits = c->synack_retransmits;
}

/* The first FIN or RST; of a FIN and an RST at once, the FIN. */
static uint64_t close_ref_of(const struct conn *c)
{
    if (c->close_ns == TIME_UNKNOWN) return 0;
    for (int i = 0; i < 2; i++)
        if (c->side[i].fin_ns == c->close_ns) return c->side[i].fin_ref;
    for (int i = 0; i < 2; i++)
        if (c->side[i].rst_ns == c->close_ns) return c->side[i].rst_ref;
    return 0;
}

static void fill_closing(const struct conn *c, struct record_connection *out)
{
    bool is_open = c->close_kind == CLOSE_OPEN || c->close_kind == CLOSE_KIND_UNKNOWN;
    out->is_open = (uint8_t)tri_of(is_open);
    out->end_us = record_us(c->end_ns);
    out->close_ref = close_ref_of(c);
    out->closed_by = (uint8_t)c->closed_by;
    out->close_kind = (uint8_t)c->close_kind;
    if (c->open_result == OPEN_REFUSED) out->close_cause = CAUSE_REFUSED;
    if (c->open_result == OPEN_UNANSWERED) out->close_cause = CAUSE_UNANSWERED;
}

static void fill_side(const struct conn_side *s, struct record_conn_side *out)
{
    const struct conn_trouble *t = conn_trouble(s);
    out->packets = (int64_t)s->packets;
    out->bytes = (int64_t)s->bytes;
    out->missing_bytes = (int64_t)t->missing_bytes;
    out->gaps = (int64_t)t->gaps;
    out->retransmitted_segments = (int64_t)t->retransmitted_segments;
    out->retransmitted_bytes = (int64_t)t->retransmitted_bytes;
    out->out_of_order_segments = (int64_t)t->out_of_order_segments;
    out->overlap_conflicts = (int64_t)t->overlap_conflicts;
    out->keepalive_probes = (int64_t)t->keepalive_probes;
    out->zero_window_us = record_us(t->zero_window_ns);
    out->stall_us = record_us(t->stall_ns);
}

void record_connection_fill(const struct conn *conn, struct record_connection *out)
{
    fill_identity(conn, out);
    out->conn_state = bytes_of_text(conn->conn_state);
    if (conn->history[0] != 0) out->history = bytes_of_text(conn->history);
    fill_opening(conn, out);
    for (int i = 0; i < 2; i++) fill_side(&conn->side[i], &out->side[i]);
    fill_closing(conn, out);
    out->findings = conn->findings == NULL ? 0 : conn->findings->total;
}

void record_connection_of(const struct conn *conn, char community_id[40],
                          struct record_connection *out)
{
    record_clear(RECORD_CONNECTION, out);
    record_connection_fill(conn, out);
    out->community_id = community_id_write(&conn->client, &conn->server, community_id);
}
