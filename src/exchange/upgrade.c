/* Upgrade and CONNECT (SEMANTICS 8; RFC 9110, sections 7.8 and 9.3.6): what was
 * offered, what came of it, and the tunnel that remains. */
#include "exchange/story.h"

#include <string.h>

static bool has_offer(const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    return e->texts[TEXT_UPGRADE_OFFERED].is_present &&
           (request->flags & MESSAGE_CONNECTION_UPGRADE) != 0;
}

/* Whether `token` (up to its first comma) is a member of the comma-separated list. */
static bool list_contains(struct bytes list, struct bytes token)
{
    char wanted[64];
    size_t n = token.len < sizeof wanted - 1 ? token.len : sizeof wanted - 1;
    if (n > 0) memcpy(wanted, token.ptr, n);
    wanted[n] = 0;
    while (list.len > 0) {
        const uint8_t *comma = memchr(list.ptr, ',', list.len);
        size_t len = comma == NULL ? list.len : (size_t)(comma - list.ptr);
        struct bytes member = bytes_first(list, len);
        list = bytes_from(list, comma == NULL ? len : len + 1);
        while (member.len > 0 && (member.ptr[0] == ' ' || member.ptr[0] == '\t'))
            member = bytes_from(member, 1);
        while (member.len > 0 && (member.ptr[member.len - 1] == ' ' ||
                                  member.ptr[member.len - 1] == '\t'))
            member.len--;
        if (bytes_are_caseless(member, wanted)) return true;
    }
    return false;
}

static enum upgrade_result result_of(const struct exchange *e)
{
    bool is_switch = e->status == 101;
    if (e->method == METHOD_CONNECT && !is_switch) {
        if (e->status == 0) return UPGRADE_NONE;
        return e->status / 100 == 2 ? UPGRADE_TUNNEL : UPGRADE_DECLINED;
    }
    if (!is_switch) {
        if (e->status == 426) return UPGRADE_REQUIRED;
        return has_offer(e) && e->status != 0 ? UPGRADE_DECLINED : UPGRADE_NONE;
    }
    if (!has_offer(e)) return UPGRADE_UNSOLICITED;
    struct bytes chosen = exchange_text(e, TEXT_UPGRADE_CHOSEN);
    bool is_offered =
        chosen.len > 0 && list_contains(exchange_text(e, TEXT_UPGRADE_OFFERED), chosen);
    return is_offered ? UPGRADE_SWITCHED : UPGRADE_INVALID;
}

void upgrade_fill(const struct exchange *e, struct record_exchange *row)
{
    if (has_offer(e)) row->upgrade_offered = exchange_text(e, TEXT_UPGRADE_OFFERED);
    row->upgrade_result = (uint8_t)result_of(e);
    if (e->status == 101) row->upgrade_protocol = exchange_text(e, TEXT_UPGRADE_CHOSEN);
}

void upgrade_account(struct story *s, const struct exchange *e)
{
    const struct half *response = &e->half[SIDE_SERVER];
    if (!response->is_seen) return;
    const struct mark *at = &response->start;
    enum upgrade_result result = result_of(e);
    if (result == UPGRADE_UNSOLICITED)
        story_note(s, FINDING_UPGRADE_UNSOLICITED, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
    if (result == UPGRADE_INVALID)
        story_note(s, FINDING_UPGRADE_UNOFFERED, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
    if (e->status == 426 && !e->texts[TEXT_UPGRADE_CHOSEN].is_present)
        story_note(s, FINDING_UPGRADE_REQUIRED_BARE, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
}

/* ---- the tunnel ---- */

void upgrade_remember(struct story *s, const struct exchange *e)
{
    struct switching *by = &s->switching;
    memset(by, 0, sizeof *by);
    by->exchange_id = exchange_id(e);
    by->is_connect = e->method == METHOD_CONNECT && e->status != 101;
    struct bytes token =
        bytes_first(exchange_text(e, TEXT_UPGRADE_CHOSEN), sizeof by->protocol - 1);
    for (size_t i = 0; i < token.len && token.ptr[i] != ','; i++) {
        bool is_upper = token.ptr[i] >= 'A' && token.ptr[i] <= 'Z';
        by->protocol[i] = (char)(is_upper ? token.ptr[i] + 32 : token.ptr[i]);
    }
}

void upgrade_switched(struct story *s, const struct message *response,
                      const uint64_t offsets[2])
{
    struct tunnel *t = mem_alloc(sizeof *t);
    t->by = s->switching;
    t->start_ns = response->head_end.captured_ns;
    for (int i = 0; i < 2; i++) {
        t->offset[i] = offsets[i];
        t->packets[i] = s->conn->side[i].packets;
    }
    if (s->tunnels_last == NULL)
        s->tunnels = t;
    else
        s->tunnels_last->next = t;
    s->tunnels_last = t;
}

static const char *inner_name(const struct conn *conn)
{
    switch (stream_inner_protocol(conn->stream)) {
    case PROTOCOL_HTTP: return "http";
    case PROTOCOL_TLS: return "tls";
    case PROTOCOL_H2: return "h2";
    case PROTOCOL_NONE:
    case PROTOCOL_OTHER: return "unknown";
    }
    return "unknown";
}

static void put_tunnel(struct story *s, const struct tunnel *t)
{
    const struct conn *c = s->conn;
    struct record_tunnel row;
    record_clear(RECORD_TUNNEL, &row);
    row.id = row.exchange_id = (int64_t)t->by.exchange_id;
    row.connection_id = (int64_t)c->id;
    bool has_token = !t->by.is_connect && t->by.protocol[0] != 0;
    row.protocol = bytes_of_text(has_token ? t->by.protocol : inner_name(c));
    row.start_us = record_us(t->start_ns);
    row.end_us = record_us(c->close_ns != TIME_UNKNOWN ? c->close_ns : c->end_ns);
    int64_t last_ns = t->start_ns;
    for (int i = 0; i < 2; i++) {
        const struct conn_side *side = &c->side[i];
        uint64_t end = side->end_offset;
        row.bytes[i] = end > t->offset[i] ? (int64_t)(end - t->offset[i]) : 0;
        row.packets[i] = (int64_t)(side->packets - t->packets[i]);
        if (side->last_payload_ns > last_ns) last_ns = side->last_payload_ns;
    }
    row.idle_at_close_us = record_us_between(last_ns, c->close_ns);
    row.closed_by = (uint8_t)c->closed_by;
    story_put(s, RECORD_TUNNEL, &row);
}

void upgrade_put_tunnels(struct story *s)
{
    while (s->tunnels != NULL) {
        struct tunnel *t = s->tunnels;
        put_tunnel(s, t);
        s->tunnels = t->next;
        mem_free(t);
    }
    s->tunnels_last = NULL;
}
