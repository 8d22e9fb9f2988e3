/* conn_state and history in Zeek's letters, so that users can join on them.
 *
 * A letter of the client is upper-case, of the server lower-case. Those of the second
 * row come once per side; of the third again where the sequence number is another; of
 * the fourth at their 1st, 10th, 100th... occurrence:
 *   ^ the first packet seen came from the server (before all others)
 *   a pure ACK  d payload  i FIN with RST  q SYN with FIN or RST
 *   s SYN  h SYN-ACK  f FIN  r RST   (alone; none of them is an a or a d)
 *   g gap that was acknowledged  t payload that ends before what was seen already
 *   w zero window
 * Of a gap it is known late that it is one: its letter stands where the ACK came. */
#include "tcp/flow.h"

#include <string.h>

enum { CONTROL = TCP_SYN | TCP_FIN | TCP_RST };

static char letter_of(const struct flow *f, int direction, char letter)
{
    return (char)(flow_side(f, direction) == SIDE_CLIENT ? letter - 32 : letter);
}

static void append(struct flow *f, int direction, char letter)
{
    struct conn *c = &f->conn;
    if (f->history_length + 1u >= sizeof c->history) return;
    c->history[f->history_length++] = letter_of(f, direction, letter);
}

/* Returns whether it is the first of its kind. */
static bool see(struct flow *f, int direction, char letter)
{
    struct direction *d = flow_direction(f, direction);
    if ((d->history_seen & history_bit(letter)) != 0) return false;
    d->history_seen |= history_bit(letter);
    append(f, direction, letter);
    return true;
}

/* The 1st, 10th, 100th... */
static bool is_round(uint32_t count)
{
    while (count % 10 == 0 && count > 0) count /= 10;
    return count == 1;
}

static void count(struct flow *f, int direction, char letter, uint32_t *times)
{
    if (is_round(++*times)) append(f, direction, letter);
}

/* ---- gaps ---- */

static bool is_clean(const struct direction *d)
{
    return d->state == ENDPOINT_ESTABLISHED ||
           (d->state == ENDPOINT_CLOSED && d->state_before == ENDPOINT_ESTABLISHED);
}

/* Of half a connection, or a reset one, what is acknowledged may be anything. */
uint8_t history_gap_place(const struct flow *f)
{
    bool is_told = is_clean(&f->direction[0]) && is_clean(&f->direction[1]);
    return is_told ? f->history_length : HISTORY_NOWHERE;
}

static void insert(struct flow *f, int direction, char letter, uint8_t at)
{
    struct conn *c = &f->conn;
    size_t len = f->history_length;
    if (at > len || at + 1u >= sizeof c->history) return;
    if (len + 1 >= sizeof c->history) len--;
    memmove(c->history + at + 1, c->history + at, len - at);
    c->history[at] = letter_of(f, direction, letter);
    f->history_length = (uint8_t)(len + 1);
    struct acked_hole *other = f->direction[1 - direction].hole;
    if (other != NULL && other->letter_at != HISTORY_NOWHERE && other->letter_at >= at)
        other->letter_at++;
}

static void tell_gap(struct flow *f, int direction, uint8_t at)
{
    if (at != HISTORY_NOWHERE && is_round(++f->direction[direction].gap_letters))
        insert(f, direction, 'g', at);
}

void history_gap(struct flow *f, int direction, uint64_t offset)
{
    struct direction *d = flow_direction(f, direction);
    if (flow_account(f, direction)->acked_by_peer > offset)
        tell_gap(f, direction,
                 d->hole != NULL ? d->hole->letter_at : history_gap_place(f));
    else
        d->gap_offset = offset;
}

void history_gap_acked(struct flow *f, int direction)
{
    f->direction[direction].gap_offset = OFFSET_UNKNOWN;
    tell_gap(f, direction, history_gap_place(f));
}

/* ---- states ---- */

static void enter(struct direction *d, enum endpoint_state state)
{
    if (d->state == state) return;
    d->state_before = d->state;
    d->state = state;
}

static void answer_syn(struct direction *d, struct direction *peer)
{
    if (peer->state == ENDPOINT_SYN_SENT) enter(peer, ENDPOINT_ESTABLISHED);
    enter(d, ENDPOINT_ESTABLISHED);
}

/* The first packet of a side. */
static void leave_inactive(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own, *peer = s->peer;
    uint8_t flags = s->packet->flags;
    bool has_ack = (flags & TCP_ACK) != 0;
    bool is_server = flow_side(f, s->from) == SIDE_SERVER;
    bool is_answered = peer->state == ENDPOINT_ESTABLISHED;
    if ((flags & TCP_SYN) != 0) {
        if (is_server || is_answered) /* or captured behind its answer */
            answer_syn(d, peer);
        else
            enter(d, has_ack ? ENDPOINT_SYN_ACK_SENT : ENDPOINT_SYN_SENT);
    }
    if ((flags & TCP_FIN) != 0) enter(d, ENDPOINT_CLOSED);
    if ((flags & TCP_RST) != 0) enter(d, ENDPOINT_RESET);
    if ((flags & CONTROL) != 0) return;
    /* Some acknowledge a SYN before they answer it. */
    bool is_early =
        is_server && s->packet->payload_length == 0 && peer->state == ENDPOINT_SYN_SENT;
    if (is_early) return;
    enter(d, has_ack && is_answered ? ENDPOINT_ESTABLISHED : ENDPOINT_PARTIAL);
}

static void follow_open(const struct segment *s)
{
    struct direction *d = s->own, *peer = s->peer;
    uint8_t flags = s->packet->flags;
    if (flags_begin(flags) && d->state == ENDPOINT_PARTIAL &&
        peer->state == ENDPOINT_INACTIVE)
        enter(d, ENDPOINT_SYN_SENT);
    if ((flags & TCP_RST) != 0) {
        enter(d, ENDPOINT_RESET);
    } else if ((flags & TCP_FIN) != 0) {
        enter(d, ENDPOINT_CLOSED);
        /* FIN, then RST, then the other's FIN: it ended as it should. */
        bool was_closed = peer->state_before == ENDPOINT_CLOSED;
        if (peer->state == ENDPOINT_RESET && was_closed) enter(peer, ENDPOINT_CLOSED);
    }
}

static void follow_state(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    const struct direction *peer = s->peer;
    switch (d->state) {
    case ENDPOINT_INACTIVE: leave_inactive(f, s); return;
    case ENDPOINT_PARTIAL:
    case ENDPOINT_SYN_SENT:
    case ENDPOINT_SYN_ACK_SENT:
    case ENDPOINT_ESTABLISHED: follow_open(s); return;
    case ENDPOINT_CLOSED:
        /* After both FINs it only sweeps up. */
        if ((s->packet->flags & TCP_RST) != 0 && peer->state != ENDPOINT_CLOSED)
            enter(d, ENDPOINT_RESET);
        return;
    case ENDPOINT_RESET: return;
    }
}

/* ---- letters ---- */

static void see_numbered(struct flow *f, int direction, char letter, uint32_t seq,
                         uint32_t *last_seq)
{
    if (!see(f, direction, letter) && seq != *last_seq) append(f, direction, letter);
    *last_seq = seq;
}

/* A SYN with another number begins anew what has not ended, unseen. */
static void see_syn(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    char letter = (s->packet->flags & TCP_ACK) != 0 ? 'h' : 's';
    bool is_first = (d->history_seen & (history_bit('s') | history_bit('h'))) == 0;
    bool is_over = d->state == ENDPOINT_CLOSED || d->state == ENDPOINT_RESET;
    bool is_other = d->has_syn && s->packet->seq + 1 != d->first_seq;
    d->history_seen |= history_bit(letter);
    if (is_first || (is_over && is_other)) append(f, s->from, letter);
}

static void see_packet(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    const struct packet *p = s->packet;
    int control = p->flags & CONTROL;
    if (control == TCP_SYN)
        see_syn(f, s);
    else if (control == TCP_FIN)
        see_numbered(f, s->from, 'f', p->seq + p->payload_length, &d->fin_seq);
    else if (control == TCP_RST)
        see_numbered(f, s->from, 'r', p->seq, &d->rst_seq);
    else if ((control & TCP_SYN) != 0 && control != CONTROL)
        see(f, s->from, 'q');
    else if (control != 0)
        see(f, s->from, 'i');
    else if (p->payload_length > 0)
        see(f, s->from, 'd');
    else if ((p->flags & TCP_ACK) != 0)
        see(f, s->from, 'a');
}

/* Of what its sender has sent, the end lies behind it: it was sent or captured before,
 * or is late. Where a side begins, or when it has reset, no number tells. */
static bool is_behind(const struct direction *d, const struct segment *s)
{
    const struct packet *p = s->packet;
    if (p->payload_length == 0 || (p->flags & TCP_SYN) != 0) return false;
    if (d->state == ENDPOINT_INACTIVE || d->state == ENDPOINT_RESET) return false;
    uint64_t end = s->offset + p->payload_length;
    bool is_beyond_fin = (p->flags & TCP_FIN) != 0 && d->fin_offset == OFFSET_UNKNOWN;
    return !is_beyond_fin && (int64_t)(end - d->highest_offset) <= 0;
}

/* Beyond its FIN nobody sends to it, and after an RST its window means nothing. */
static bool is_closed_window(const struct segment *s)
{
    return s->packet->window == 0 && (s->packet->flags & TCP_RST) == 0 &&
           s->peer->state != ENDPOINT_CLOSED && s->own->state != ENDPOINT_RESET;
}

/* A packet that is only an ACK, or payload, where such a one was seen before: nothing
 * of it is new. */
static bool is_more_of_the_same(const struct direction *d, const struct segment *s)
{
    bool has_payload = s->packet->payload_length > 0;
    return (s->packet->flags & CONTROL) == 0 && d->state != ENDPOINT_INACTIVE &&
           (d->history_seen & history_bit(has_payload ? 'd' : 'a')) != 0;
}

void history_follow(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    bool is_known = is_more_of_the_same(d, s);
    if (!is_known) see_packet(f, s);
    if (is_closed_window(s)) count(f, s->from, 'w', &d->window_letters);
    if (is_behind(d, s)) count(f, s->from, 't', &d->repeat_letters);
    if (!is_known) follow_state(f, s);
}

/* No state knows of such a packet but the one before the first, nor is it behind. */
void history_follow_plain(struct flow *f, int direction, char letter)
{
    see(f, direction, letter);
}

/* ---- the end ---- */

/* The client's SYN, and its RST before anything else of it was heard. */
static bool is_syn_then_rst(const char *history)
{
    if (history[0] != 'S') return false;
    return history[1 + strcspn(history + 1, "HAFGIQR")] == 'R';
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
    if (o == ENDPOINT_RESET) {
        if (!r_is_inactive) return "RSTO";
        return is_syn_then_rst(f->conn.history) ? "RSTOS0" : "OTH";
    }
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
    size_t len = f->history_length;
    if (len + 1 >= sizeof c->history) len--;
    memmove(c->history + 1, c->history, len);
    c->history[0] = '^';
    f->history_length = (uint8_t)(len + 1);
}
