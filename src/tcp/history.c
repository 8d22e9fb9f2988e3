/* conn_state and history in Zeek's letters, so that users can join on them.
 *
 * A letter of the client is upper-case, of the server lower-case; each comes once per
 * side, but for c, g, t and w, which come at their 1st, 10th, 100th... occurrence:
 *   s SYN  h SYN-ACK  a pure ACK  d payload  f FIN  r RST  i FIN and RST together
 *   q SYN with FIN or RST  c bad checksum  g gap  t retransmission  w zero window
 *   ^ the first packet seen came from the server */
#include "tcp/flow.h"

#include <string.h>

static void append(struct flow *f, char letter)
{
    struct conn *c = &f->conn;
    size_t len = strlen(c->history);
    if (len + 1 < sizeof c->history) c->history[len] = letter;
}

static void see(struct flow *f, int direction, char letter)
{
    uint32_t bit = 1u << (letter - 'a');
    struct direction *d = &f->direction[direction];
    if ((d->history_seen & bit) != 0) return;
    d->history_seen |= bit;
    append(f, (char)(flow_side(f, direction) == SIDE_CLIENT ? letter - 32 : letter));
}

void history_count(struct flow *f, int direction, char letter, uint64_t count)
{
    while (count % 10 == 0 && count > 0) count /= 10;
    if (count != 1) return;
    append(f, (char)(flow_side(f, direction) == SIDE_CLIENT ? letter - 32 : letter));
}

static void follow_state(struct flow *f, const struct segment *s)
{
    struct direction *d = &f->direction[s->from], *peer = &f->direction[1 - s->from];
    uint8_t flags = s->packet->flags;
    if ((flags & TCP_RST) != 0) {
        d->state = ENDPOINT_RESET;
    } else if ((flags & TCP_FIN) != 0) {
        if (d->state != ENDPOINT_RESET) d->state = ENDPOINT_CLOSED;
    } else if (d->state != ENDPOINT_INACTIVE) {
        return;
    } else if ((flags & TCP_SYN) == 0) {
        d->state = ENDPOINT_PARTIAL;
    } else if ((flags & TCP_ACK) == 0) {
        d->state = ENDPOINT_SYN_SENT;
    } else if (peer->state == ENDPOINT_INACTIVE) {
        d->state = ENDPOINT_SYN_ACK_SENT;
    } else {
        d->state = ENDPOINT_ESTABLISHED;
        if (peer->state == ENDPOINT_SYN_SENT) peer->state = ENDPOINT_ESTABLISHED;
    }
}

/* A packet that is only an ACK, or payload, where such a one was seen before: nothing
 * of it is new. */
static bool is_more_of_the_same(const struct direction *d, const struct segment *s)
{
    enum { TELLING = TCP_SYN | TCP_FIN | TCP_RST };
    bool has_payload = s->packet->payload_length > 0;
    uint32_t letter = 1u << ((has_payload ? 'd' : 'a') - 'a');
    return (s->packet->flags & TELLING) == 0 && d->state != ENDPOINT_INACTIVE &&
           (d->history_seen & letter) != 0;
}

void history_follow(struct flow *f, const struct segment *s)
{
    if (is_more_of_the_same(&f->direction[s->from], s)) return;
    uint8_t flags = s->packet->flags;
    bool has_syn = (flags & TCP_SYN) != 0, has_fin = (flags & TCP_FIN) != 0;
    bool has_rst = (flags & TCP_RST) != 0, has_ack = (flags & TCP_ACK) != 0;
    bool has_payload = s->packet->payload_length > 0;
    if (has_syn && (has_fin || has_rst)) see(f, s->from, 'q');
    if (has_fin && has_rst) see(f, s->from, 'i');
    if (has_syn) see(f, s->from, has_ack ? 'h' : 's');
    if (has_payload && !has_rst) see(f, s->from, 'd');
    if (has_ack && !has_syn && !has_fin && !has_rst && !has_payload)
        see(f, s->from, 'a');
    if (has_fin) see(f, s->from, 'f');
    if (has_rst) see(f, s->from, 'r');
    follow_state(f, s);
}

/* The first case that holds, in the order of Zeek's own script. */
static const char *state_name(const struct flow *f)
{
    int client = f->conn.is_flipped ? 1 : 0;
    enum endpoint_state o = f->direction[client].state;
    enum endpoint_state r = f->direction[1 - client].state;
    bool o_is_inactive = o == ENDPOINT_INACTIVE || o == ENDPOINT_PARTIAL;
    bool r_is_inactive = r == ENDPOINT_INACTIVE || r == ENDPOINT_PARTIAL;
    const struct conn_side *side = f->conn.side;
    bool is_empty = side[SIDE_CLIENT].bytes == 0 && side[SIDE_SERVER].bytes == 0;
    if (r == ENDPOINT_RESET) {
        bool is_syn_only = o == ENDPOINT_SYN_SENT || o == ENDPOINT_SYN_ACK_SENT;
        if (is_syn_only || (o == ENDPOINT_RESET && is_empty)) return "REJ";
        return o_is_inactive ? "RSTRH" : "RSTR";
    }
    if (o == ENDPOINT_RESET) return r_is_inactive ? "RSTOS0" : "RSTO";
    if (r == ENDPOINT_CLOSED && o == ENDPOINT_CLOSED) return "SF";
    if (o == ENDPOINT_CLOSED) return r_is_inactive ? "SH" : "S2";
    if (r == ENDPOINT_CLOSED) return o_is_inactive ? "SHR" : "S3";
    if (o == ENDPOINT_SYN_SENT && r == ENDPOINT_INACTIVE) return "S0";
    if (o == ENDPOINT_ESTABLISHED && r == ENDPOINT_ESTABLISHED) return "S1";
    return "OTH";
}

/* Roles may have been exchanged by what the bytes said: so may the letters' case. */
void history_name_state(struct flow *f)
{
    f->conn.conn_state = state_name(f);
}

void history_conclude(struct flow *f)
{
    struct conn *c = &f->conn;
    if (!c->is_flipped) return;
    size_t len = strlen(c->history);
    if (len + 1 >= sizeof c->history) len--;
    memmove(c->history + 1, c->history, len);
    c->history[0] = '^';
    c->history[len + 1] = 0;
}
