/* Bytes first, then holes: what may be read is never kept back for what is lost. */
#include "tcp/turn.h"

/* End of the hole in front, if it was given up; else the next offset, or less. */
static uint64_t hole_end(const struct direction *d)
{
    uint64_t end = direction_given_up_to(d);
    if (d->is_ended) return d->next_offset;
    return end < d->fin_offset ? end : d->fin_offset;
}

/* Whether that was waited for in vain, in a direction of which nothing was captured. */
static bool is_waited_out(const struct flow *f, int direction, uint64_t offset)
{
    const struct direction *d = &f->direction[direction];
    return d->hole != NULL && offset <= d->hole->vain_to &&
           f->conn.side[flow_side(f, direction)].packets == 0;
}

bool turn_must_wait_for(const struct flow *f, int direction, uint64_t acked)
{
    const struct direction *other = &f->direction[1 - direction];
    if (acked == OFFSET_UNKNOWN) return false;
    if (acked > other->fin_offset) acked = other->fin_offset;
    if (acked <= other->next_offset || is_waited_out(f, 1 - direction, acked))
        return false;
    return turn_front(f, 1 - direction) != NULL ||
           hole_end(other) > other->next_offset || direction_is_awaited(other);
}

/* Nothing of either side is behind us, and the beginning of both was seen. */
static bool is_beginning(const struct flow *f)
{
    return f->conn.open_kind == OPEN_HANDSHAKE && f->direction[0].next_offset == 0 &&
           f->direction[1].next_offset == 0;
}

/* Each side's first bytes acknowledge some of the other's that are still held. One was
 * sent again with a later ACK: the one that came with older bytes; the client's, if
 * that does not tell, or if only its own came when they had been acknowledged, or if
 * nothing was asked before. As much of it as the other acknowledges was there before.
 */
static struct turn untangle(const struct flow *f, const struct held *const front[2])
{
    int client = f->conn.is_flipped ? 1 : 0, i = client;
    bool is_excused =
        is_beginning(f) || (front[client]->is_late && !front[1 - client]->is_late);
    if (front[1 - client]->is_resent && !front[client]->is_resent && !is_excused)
        i = 1 - client;
    uint64_t limit = front[1 - i]->peer_acked;
    if (limit > f->direction[i].fin_offset) limit = f->direction[i].fin_offset;
    return (struct turn){i, false, limit};
}

/* Whether `next`, the first bytes held of a side, were sent when something of the other
 * side at or beyond `offset` had come. */
static bool is_claimed(const struct held *next, uint64_t offset)
{
    return next != NULL && next->peer_acked != OFFSET_UNKNOWN &&
           next->peer_acked > offset;
}

/* The hole in front, if it was given up: up to the next bytes captured, or to where the
 * other side's next ones say that what follows it came after them. */
static struct turn find_gap(const struct flow *f, int direction)
{
    const struct direction *d = &f->direction[direction];
    const struct held *next = f->direction[1 - direction].held;
    uint64_t end = hole_end(d);
    if (d->held != NULL && d->held->offset < end) end = d->held->offset;
    if (end <= d->next_offset) return (struct turn){.direction = -1};
    if (is_claimed(next, d->next_offset) && next->peer_acked < end)
        end = next->peer_acked;
    return (struct turn){direction, true, end};
}

/* Of two holes the one goes first that the other side's next bytes acknowledge; the
 * client's, if that does not tell. */
static struct turn choose_gap(const struct flow *f)
{
    int client = f->conn.is_flipped ? 1 : 0;
    struct turn first = find_gap(f, client), second = find_gap(f, 1 - client);
    if (first.direction < 0) return second;
    if (second.direction < 0) return first;
    const struct direction *c = &f->direction[client], *d = &f->direction[1 - client];
    bool is_first_claimed = is_claimed(d->held, c->next_offset);
    bool is_second_claimed = is_claimed(c->held, d->next_offset);
    return is_second_claimed && !is_first_claimed ? second : first;
}

struct turn turn_find(const struct flow *f)
{
    const struct held *front[2] = {turn_front(f, 0), turn_front(f, 1)};
    bool may_go[2];
    for (int i = 0; i < 2; i++)
        may_go[i] = front[i] != NULL && !turn_must_wait(f, i, front[i]->peer_acked);
    int first = may_go[0] ? 0 : -1;
    /* The ones captured first, if both may go on. */
    if (may_go[1] && (first < 0 || front[1]->arrived_ns < front[0]->arrived_ns))
        first = 1;
    if (first >= 0) return (struct turn){first, false, UINT64_MAX};
    struct turn gap = choose_gap(f);
    if (gap.direction >= 0) return gap;
    bool is_settled = !direction_is_awaited(&f->direction[0]) &&
                      !direction_is_awaited(&f->direction[1]);
    if (front[0] != NULL && front[1] != NULL && is_settled) return untangle(f, front);
    return (struct turn){.direction = -1};
}
