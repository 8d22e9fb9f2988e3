/* The opening of a connection (RFC 9293, section 3.5; SEMANTICS 1, "Opening").
 *
 *   SYN --synack_rtt--> SYN-ACK --ack_rtt--> ACK
 *   '------------------handshake-------------'   repeated SYNs lie inside it */
#include "tcp/handshake.h"

static void base_direction(struct direction *d, uint32_t seq)
{
    if (d->is_based) return;
    d->is_based = true;
    d->next_seq = d->first_seq = seq;
}

enum { REBASE_MAX = 1 << 20 };

/* The direction begins earlier than was guessed: offsets count from there. */
static void move_beginning(struct flow *f, int from, uint32_t seq, uint32_t earlier)
{
    struct direction *d = flow_direction(f, from);
    d->next_seq = d->first_seq = seq;
    flow_account(f, from)->acked_by_peer += earlier;
    struct conn_side *account = flow_account(f, 1 - from);
    if (account->fin_acked != OFFSET_UNKNOWN) account->fin_acked += earlier;
    for (struct held *h = f->direction[1 - from].held; h != NULL; h = h->next)
        if (h->peer_acked != OFFSET_UNKNOWN) h->peer_acked += earlier;
}

/* Nothing was seen of a direction but what the other side acknowledged: its first bytes
 * may be older than that, when they were captured late (HAZARDS 25) or sent again. Once
 * the other side's bytes are told with what they acknowledge it is too late. */
static void rebase_direction(struct flow *f, int from, uint32_t seq)
{
    const struct direction *d = flow_direction(f, from),
                           *other = flow_direction(f, 1 - from);
    uint32_t earlier = d->next_seq - seq; /* later: more than any that may be */
    bool is_untouched = d->highest_offset == 0 && d->fin_offset == OFFSET_UNKNOWN;
    bool may_move = d->is_guessed && is_untouched && other->next_offset == 0;
    if (may_move && earlier <= REBASE_MAX) move_beginning(f, from, seq, earlier);
}

/* `p` acknowledges what the direction `from` has sent. */
static void base_by_ack(struct flow *f, int from, const struct packet *p)
{
    struct direction *d = flow_direction(f, from);
    const struct direction *sender = flow_direction(f, 1 - from);
    if (d->is_based) {
        bool is_old = seq_distance(sender->first_seq, p->seq) < 0; /* before its own */
        if (!is_old) rebase_direction(f, from, p->ack);
        return;
    }
    base_direction(d, p->ack);
    d->is_guessed = true;
    /* The handshake's last ACK tells as much as the SYN that it acknowledges. */
    bool is_last_ack =
        sender->has_syn && p->seq == sender->first_seq && p->payload_length == 0;
    flow_account(f, from)->lacks_syn = !is_last_ack;
}

static void take_options(struct flow *f, int from, const struct packet *p)
{
    struct direction *d = flow_direction(f, from);
    d->has_syn = true;
    flow_account(f, from)->lacks_syn = false;
    if (p->options.has_window_shift) d->window_shift = p->options.window_shift;
}

/* SEMANTICS 0: without a handshake the bytes decide, and until then the higher port. */
static void guess_roles(struct flow *f, const struct packet *p)
{
    struct conn *c = &f->conn;
    c->open_kind = OPEN_MIDSTREAM;
    if (p->from.port < p->to.port)
        conn_flip(c, ROLE_PORT);
    else
        c->role_basis = ROLE_PORT;
}

static void clear_account(struct flow *f, const struct frame *first)
{
    struct conn *c = &f->conn;
    c->id = c->first_ref = first->ref;
    c->start_ns = first->captured_ns;
    c->syn_ns = c->last_syn_ns = c->synack_ns = c->ack_ns = TIME_UNKNOWN;
    c->close_ns = TIME_UNKNOWN;
    for (int i = 0; i < 2; i++) {
        c->side[i].fin_offset = c->side[i].fin_acked = OFFSET_UNKNOWN;
        c->side[i].rst_acked = OFFSET_UNKNOWN;
        c->side[i].fin_ns = c->side[i].rst_ns = TIME_UNKNOWN;
        c->side[i].last_payload_ns = TIME_UNKNOWN;
        f->direction[i].fin_offset = f->direction[i].gap_offset = OFFSET_UNKNOWN;
        f->direction[i].zero_window_since_ns = TIME_UNKNOWN;
        f->direction[i].delivered_ns = TIME_UNKNOWN;
        f->direction[i].small_sent_ns = f->direction[i].small_acked_ns = TIME_UNKNOWN;
        f->direction[i].delivered.capacity = DELIVERED_FIRST;
    }
}

void handshake_begin(struct flow *f, const struct packet *p)
{
    struct conn *c = &f->conn;
    struct direction *sender = &f->direction[0];
    bool has_syn = (p->flags & TCP_SYN) != 0, has_ack = (p->flags & TCP_ACK) != 0;
    clear_account(f, p->frame);
    base_direction(sender, p->seq + (has_syn ? 1 : 0));
    if (has_ack && (p->flags & TCP_RST) == 0) base_by_ack(f, 1, p);
    if (!has_syn) {
        guess_roles(f, p);
        return;
    }
    c->open_kind = OPEN_HANDSHAKE;
    take_options(f, 0, p);
    if (has_ack) { /* the SYN itself was not captured */
        conn_flip(c, ROLE_SYN);
        c->synack_ns = p->frame->captured_ns;
        return;
    }
    c->role_basis = ROLE_SYN;
    c->syn_ns = c->last_syn_ns = p->frame->captured_ns;
}

bool handshake_is_new_life(const struct flow *f, const struct packet *p, int from)
{
    if ((p->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN) return false;
    const struct direction *d = &f->direction[from];
    if (!d->is_based) return f->entry.state == FLOW_CLOSED;
    if (p->seq + 1 == d->first_seq) return false; /* the same SYN once more */
    if (f->entry.state == FLOW_CLOSED) return true;
    /* A SYN inside the window only earns a challenge ACK (RFC 5961, section 4). */
    const struct direction *peer = &f->direction[1 - from];
    int64_t window = (int64_t)peer->window << peer->window_shift;
    int64_t ahead = seq_distance(d->next_seq, p->seq);
    bool is_answered = peer->has_syn || f->conn.open_kind == OPEN_MIDSTREAM;
    return !is_answered || ahead < 0 || ahead > window;
}

static void follow_syn(struct flow *f, const struct packet *p, int from)
{
    struct conn *c = &f->conn;
    struct direction *d = flow_direction(f, from);
    base_direction(d, p->seq + 1);
    if (d->first_seq != p->seq + 1) return;
    bool is_repeated = d->has_syn;
    take_options(f, from, p);
    if (flow_side(f, from) == SIDE_SERVER) {
        /* Both opened at once, or a split handshake: the bytes decide the roles. */
        if (!is_repeated) c->role_basis = ROLE_PORT;
        return;
    }
    if (is_repeated) {
        c->syn_retransmits++;
    } else { /* captured behind later packets */
        c->open_kind = OPEN_HANDSHAKE;
        c->role_basis = ROLE_SYN;
        c->syn_ns = p->frame->captured_ns;
    }
    if (c->synack_ns == TIME_UNKNOWN) c->last_syn_ns = p->frame->captured_ns;
}

static void follow_syn_ack(struct flow *f, const struct packet *p, int from)
{
    struct conn *c = &f->conn;
    struct direction *d = flow_direction(f, from);
    bool is_repeated = d->has_syn;
    base_direction(d, p->seq + 1);
    if (d->first_seq != p->seq + 1) return;
    take_options(f, from, p);
    if (is_repeated)
        c->synack_retransmits++;
    else if (c->synack_ns == TIME_UNKNOWN)
        c->synack_ns = p->frame->captured_ns;
}

void handshake_take_ack(struct flow *f, const struct packet *p, int from)
{
    struct conn *c = &f->conn;
    if (flow_side(f, from) == SIDE_CLIENT && c->ack_ns == TIME_UNKNOWN &&
        f->direction[from].has_syn)
        c->ack_ns = p->frame->captured_ns;
}

void handshake_follow(struct flow *f, const struct packet *p, int from)
{
    bool has_ack = (p->flags & TCP_ACK) != 0, is_rst = (p->flags & TCP_RST) != 0;
    if ((p->flags & TCP_SYN) != 0) {
        rebase_direction(f, from, p->seq + 1);
        f->direction[from].is_guessed = false;
        if (has_ack)
            follow_syn_ack(f, p, from);
        else
            follow_syn(f, p, from);
    } else {
        if (!f->direction[from].is_based) flow_account(f, from)->lacks_syn = true;
        base_direction(flow_direction(f, from), p->seq);
        if (p->payload_length > 1 && !is_rst) rebase_direction(f, from, p->seq);
        if (p->payload_length > 0) f->direction[from].is_guessed = false;
    }
    if (!has_ack || is_rst) return;
    base_by_ack(f, 1 - from, p);
    if ((p->flags & TCP_SYN) == 0) handshake_take_ack(f, p, from);
}

void handshake_conclude(struct flow *f)
{
    struct conn *c = &f->conn;
    if (c->open_kind == OPEN_MIDSTREAM) {
        c->open_result = OPEN_RESULT_MIDSTREAM;
        return;
    }
    bool is_answered = c->synack_ns != TIME_UNKNOWN || c->ack_ns != TIME_UNKNOWN ||
                       c->side[SIDE_SERVER].bytes > 0;
    if (is_answered)
        c->open_result = OPEN_ESTABLISHED;
    else if (c->side[SIDE_SERVER].rst_ns != TIME_UNKNOWN)
        c->open_result = OPEN_REFUSED;
    else
        c->open_result = OPEN_UNANSWERED;
}
