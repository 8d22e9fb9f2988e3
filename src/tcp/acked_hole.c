/* The peer's ACK reaches beyond what was captured:
 *
 *   ACK --> awaited --bytes come--------------> nothing was missing
 *              '------200 ms, or a cap, or the end--> given up: a gap, in its turn */
#include "tcp/acked_hole.h"

/* End of what was captured or given up without a hole, delivered or waiting. */
static uint64_t known_up_to(const struct direction *d)
{
    uint64_t end = d->next_offset, given_up_to = direction_given_up_to(d);
    for (const struct held *h = d->held; h != NULL; h = h->next) {
        if (h->offset > end && h->offset > given_up_to) break;
        end = h->offset + h->length;
    }
    return given_up_to > end ? given_up_to : end;
}

/* No farther than known_up_to: nowhere. A single byte beyond the last may be a FIN. */
uint64_t acked_hole_missing_up_to(const struct flow *f, int direction)
{
    const struct direction *d = &f->direction[direction];
    uint64_t acked = f->conn.side[flow_side(f, direction)].acked_by_peer;
    if (d->fin_offset != OFFSET_UNKNOWN)
        return acked < d->fin_offset ? acked : d->fin_offset;
    return acked == d->highest_offset + 1 ? d->highest_offset : acked;
}

void acked_hole_look(struct flow *f, int direction)
{
    struct direction *d = flow_direction(f, direction);
    if (!direction_is_awaited(d)) return;
    if (acked_hole_missing_up_to(f, direction) <= known_up_to(d))
        d->hole->since_ns = TIME_UNKNOWN;
}

static struct acked_hole *hole_of(struct direction *d)
{
    if (d->hole != NULL) return d->hole;
    d->hole = mem_alloc(sizeof *d->hole);
    d->hole->since_ns = TIME_UNKNOWN;
    d->hole->letter_at = HISTORY_NOWHERE;
    return d->hole;
}

void acked_hole_give_up(struct flow *f, int direction, uint64_t up_to, int64_t now_ns,
                        uint64_t ref)
{
    struct direction *d = flow_direction(f, direction);
    if (up_to <= d->next_offset || up_to <= direction_given_up_to(d)) return;
    struct acked_hole *hole = hole_of(d);
    hole->given_up_to = up_to;
    hole->given_up_ns = now_ns;
    hole->given_up_ref = ref;
    acked_hole_look(f, direction);
}

/* What was waited for does not come. A direction of which no packet was captured is one
 * gap, told at its end. */
static void give_up_waiting(struct flow *f, int direction, uint64_t up_to,
                            int64_t since_ns)
{
    struct acked_hole *hole = f->direction[direction].hole;
    if (flow_account(f, direction)->packets == 0)
        hole->vain_to = up_to;
    else
        acked_hole_give_up(f, direction, up_to, since_ns, hole->ref);
}

void acked_hole_settle(struct flow *f, int direction)
{
    struct direction *d = flow_direction(f, direction);
    if (!direction_is_awaited(d)) return;
    int64_t since_ns = d->hole->since_ns;
    d->hole->since_ns = TIME_UNKNOWN;
    give_up_waiting(f, direction, acked_hole_missing_up_to(f, direction), since_ns);
}

void acked_hole_expire(struct flow *f, int direction)
{
    struct direction *d = flow_direction(f, direction);
    struct acked_hole *hole = d->hole;
    if (hole->to >= acked_hole_missing_up_to(f, direction)) {
        acked_hole_settle(f, direction);
        return;
    }
    give_up_waiting(f, direction, hole->to, hole->since_ns);
    if (!direction_is_awaited(d)) return;
    hole->since_ns = hole->last_ns;
    hole->ref = hole->last_ref;
    hole->to = acked_hole_missing_up_to(f, direction);
}

void acked_hole_await(struct flow *f, int direction, const struct segment *s)
{
    struct direction *d = flow_direction(f, direction);
    uint64_t missing = acked_hole_missing_up_to(f, direction);
    if (missing <= d->next_offset || missing <= known_up_to(d)) return;
    struct acked_hole *hole = hole_of(d);
    bool is_absent = flow_account(f, direction)->packets == 0;
    if (is_absent && missing <= hole->vain_to) return;
    hole->last_ns = s->now_ns;
    hole->last_ref = s->ref;
    if (hole->since_ns != TIME_UNKNOWN) return;
    hole->since_ns = s->now_ns;
    hole->ref = s->ref;
    hole->to = missing;
    hole->letter_at = history_gap_place(f);
}
