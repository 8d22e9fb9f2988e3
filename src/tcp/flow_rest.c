/* Of many connections most are silent. Such a flow, and all that the layers above keep
 * of its connection, is packed into one block of a few hundred bytes, which stands in
 * the table in its place until a packet, a tick or the end asks for it again. One that
 * is closed stays awake: it would wake once more for certain, to be told.
 *
 *   awake:    entry | conn, directions    stream, dialogue, story
 *                 '----------- packed ----------'
 *   at rest:  entry | end_ns | bytes ...                                             */
#include "tcp/flow_rest.h"

struct resting {
    struct flow_entry entry;
    int64_t end_ns; /* of its conn; what its times are packed with */
    uint8_t packed[];
};

/* All of a flow but its entry. */
enum { FLOW_PACKED_BYTES = sizeof(struct flow) - sizeof(struct flow_entry) };

_Static_assert(offsetof(struct flow, conn) == sizeof(struct flow_entry),
               "a flow is its entry, and behind it what is packed");

/* What it waits for ends by time: by that of its own next packet, which wakes it, or of
 * a tick. Until then a hole, or bytes that wait for their turn, rest with it. */
static bool is_waiting(const struct flow *f)
{
    for (int i = 0; i < 2; i++) {
        const struct direction *d = &f->direction[i];
        if (d->held != NULL || direction_is_awaited(d) || direction_is_at_fin(d))
            return true;
    }
    return false;
}

static void put_to_rest(struct tcp *t, struct flow *f)
{
    struct packing *p = &t->packing;
    f->entry.is_waiting = is_waiting(f);
    buffer_clear(&p->out);
    p->reference = (uint64_t)f->conn.end_ns;
    packing_put(p, &f->conn, FLOW_PACKED_BYTES);
    t->sink.rest(t->sink.context, &f->conn, p);
    struct resting *r =
        mem_alloc(offsetof(struct resting, packed) + p->out.len + PACKING_SLACK_BYTES);
    r->end_ns = f->conn.end_ns;
    memcpy(r->packed, p->out.ptr, p->out.len);
    r->entry.is_resting = true;
    flow_table_replace(t->table, &f->entry, &r->entry);
    flow_table_give_flow(t->table, f);
}

void flow_rest_again(struct tcp *t, struct flow *f)
{
    if (t->sink.can_rest == NULL) return;
    if (t->sink.can_rest(t->sink.context, &f->conn)) put_to_rest(t, f);
}

void flow_rest_silent(struct tcp *t)
{
    struct flow *f;
    while ((f = flow_table_try_oldest(t->table, FLOW_OPEN, t->awake_max)) != NULL)
        flow_rest_again(t, f);
}

struct flow *flow_rest_wake(struct tcp *t, struct flow_entry *e)
{
    if (!e->is_resting) return (struct flow *)e;
    struct resting *r = (struct resting *)e;
    struct unpacking u = {.at = r->packed, .reference = (uint64_t)r->end_ns};
    struct flow *f = flow_table_take_flow(t->table);
    packing_take(&u, &f->conn, FLOW_PACKED_BYTES);
    t->sink.resume(t->sink.context, &f->conn, &u);
    f->entry.is_resting = false;
    flow_table_replace(t->table, e, &f->entry);
    mem_free(r);
    return f;
}

int64_t flow_rest_end_ns(const struct flow_entry *e)
{
    return e->is_resting ? ((const struct resting *)e)->end_ns
                         : ((const struct flow *)e)->conn.end_ns;
}
