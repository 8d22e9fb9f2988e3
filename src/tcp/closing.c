/* The end of a connection (RFC 9293, section 3.6; SEMANTICS 1, "Closing"): who ended
 * it, how, and which RST counts. */
#include "tcp/flow.h"

enum { RST_WINDOW_MIN = 65535 }; /* where no window was seen */

static void note_close(struct conn *c, enum side by, int64_t now_ns)
{
    if (c->close_ns != TIME_UNKNOWN) return;
    c->close_ns = now_ns;
    c->closed_by = by == SIDE_CLIENT ? CLOSED_BY_CLIENT : CLOSED_BY_SERVER;
}

static bool is_in_window(const struct flow *f, const struct segment *s, uint64_t offset)
{
    const struct direction *d = s->own;
    const struct direction *peer = s->peer;
    if (!d->is_based) return true; /* the answer to a SYN */
    if (offset >= d->next_offset && offset <= d->highest_offset)
        return true; /* in any window, as nearly all */
    uint64_t acked = f->conn.side[flow_side(f, s->from)].acked_by_peer;
    uint64_t low = acked < d->next_offset ? acked : d->next_offset;
    /* One less, as receivers do: an RST may repeat the number of its own FIN. */
    if (low > 0) low--;
    uint64_t window = (uint64_t)peer->window << peer->window_shift;
    if (window < RST_WINDOW_MIN) window = RST_WINDOW_MIN;
    return offset >= low && offset <= d->highest_offset + window;
}

bool closing_rst_is_valid(const struct flow *f, const struct segment *s)
{
    return is_in_window(f, s, s->offset);
}

void closing_fin(struct flow *f, const struct segment *s)
{
    struct direction *d = s->own;
    if (d->fin_offset != OFFSET_UNKNOWN) return; /* sent once more */
    if (!is_in_window(f, s, s->offset + s->packet->payload_length)) {
        f->conn.odd_segments++;
        return;
    }
    enum side by = flow_side(f, s->from);
    struct conn_side *account = &f->conn.side[by];
    const struct conn_side *other = &f->conn.side[side_other(by)];
    d->fin_offset = account->fin_offset = s->offset + s->packet->payload_length;
    account->fin_ns = s->now_ns;
    account->fin_ref = s->ref;
    account->fin_acked = s->acked;
    bool is_crossing = other->fin_offset != OFFSET_UNKNOWN &&
                       other->rst_ns == TIME_UNKNOWN && s->acked != OFFSET_UNKNOWN &&
                       s->acked <= other->fin_offset;
    note_close(&f->conn, by, s->now_ns);
    if (is_crossing) f->conn.closed_by = CLOSED_BY_BOTH;
    /* Captured behind the other side's, which had acknowledged it: this one was first.
     */
    bool is_first = other->fin_offset != OFFSET_UNKNOWN &&
                    other->fin_acked != OFFSET_UNKNOWN &&
                    other->fin_acked > d->fin_offset;
    if (!is_first) return;
    f->conn.close_ns = s->now_ns;
    f->conn.closed_by = by == SIDE_CLIENT ? CLOSED_BY_CLIENT : CLOSED_BY_SERVER;
}

void closing_rst(struct flow *f, const struct segment *s)
{
    enum side by = flow_side(f, s->from);
    struct conn_side *account = &f->conn.side[by];
    if (account->rst_ns == TIME_UNKNOWN) {
        account->rst_ns = s->now_ns;
        account->rst_ref = s->ref;
        account->rst_acked = s->acked;
    }
    /* After a FIN of either side it only sweeps up: the end had begun. */
    if (f->conn.close_ns == TIME_UNKNOWN) f->conn.close_kind = CLOSE_RST;
    note_close(&f->conn, by, s->now_ns);
}
