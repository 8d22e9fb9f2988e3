/* Live captures: time goes on where no packet comes, and somebody looks on.
 *
 *   tick --> clock --> timers of all flows --> quiet holes --> what has changed
 *
 * Flows stand by the time of their last packet, so both walks end where silence begins.
 */
#include "tcp/flow_rest.h"

#define QUIET_NS (4LL * 1000000000LL) /* every wait of reassembly is over by then */
#define SHUFFLE_NS \
    (10LL * 1000000LL) /* packets of several queues come a little mixed */

static bool is_since(int64_t time_ns, int64_t since_ns)
{
    return since_ns == INT64_MIN || time_ns >= since_ns;
}

/* A SYN repeats for about two minutes before its sender gives up. */
static void give_up_unanswered(struct tcp *t)
{
    struct half_open *h;
    while ((h = half_open_oldest(t->half_open)) != NULL &&
           t->clock_ns - h->last_syn_ns > FLOW_LINGER_NS)
        flow_life_report_unanswered(t, h, CLOSE_OPEN);
}

/* What no later packet of this flow will do. Returns whether anything came of it. */
static bool expire_holes(struct tcp *t, struct flow *f)
{
    const struct conn_side *side = f->conn.side;
    uint64_t before = side[0].end_offset + side[1].end_offset;
    uint8_t ended_before = f->ended_count;
    reassembly_expire(&t->reassembly, f, t->clock_ns);
    reassembly_deliver_fins(&t->reassembly, f, t->clock_ns, f->conn.last_ref);
    bool is_changed = side[0].end_offset + side[1].end_offset != before ||
                      f->ended_count != ended_before;
    if (f->ended_count < 2) return is_changed;
    if (f->conn.close_kind == CLOSE_KIND_UNKNOWN) f->conn.close_kind = CLOSE_FIN;
    flow_life_close(t, f); /* now the newest of the closed, which are looked at next */
    return false;
}

/* A flow at rest that waits for nothing wakes only to be looked at. */
static void show_resting(struct tcp *t, struct flow_entry *e,
                         void (*changed)(void *context, struct conn *conn),
                         void *context)
{
    struct flow *f = flow_rest_wake(t, e);
    changed(context, &f->conn);
    flow_rest_again(t, f);
}

static void show_open(struct tcp *t, int64_t since_ns,
                      void (*changed)(void *context, struct conn *conn), void *context)
{
    struct flow_entry *older;
    for (struct flow_entry *e = flow_table_newest(t->table, FLOW_OPEN);
         e != NULL && t->clock_ns - flow_rest_end_ns(e) <= QUIET_NS; e = older) {
        older = e->older;
        bool is_new = is_since(flow_rest_end_ns(e), since_ns);
        bool was_resting = e->is_resting;
        if (was_resting && !e->is_waiting) {
            if (is_new && changed != NULL) show_resting(t, e, changed, context);
            continue;
        }
        struct flow *f = flow_rest_wake(t, e);
        bool is_changed = expire_holes(t, f) || is_new;
        if (f->entry.state != FLOW_OPEN) continue;
        if (is_changed && changed != NULL) changed(context, &f->conn);
        if (was_resting) flow_rest_again(t, f);
    }
}

static void show_ended(struct tcp *t, enum flow_state state, int64_t since_ns,
                       void (*changed)(void *context, struct conn *conn), void *context)
{
    for (struct flow_entry *e = flow_table_newest(t->table, state);
         e != NULL && is_since(e->since_ns, since_ns); e = e->older) {
        struct flow *f = (struct flow *)e; /* only open ones rest */
        flow_life_name_end(f);
        changed(context, &f->conn);
    }
}

void tcp_tick(struct tcp *t, int64_t now_ns,
              void (*changed)(void *context, struct conn *conn), void *context)
{
    if (now_ns > t->clock_ns) t->clock_ns = now_ns;
    flow_life_keep_caps(t, 0);
    give_up_unanswered(t);
    int64_t since_ns =
        t->ticked_ns == INT64_MIN ? INT64_MIN : t->ticked_ns - SHUFFLE_NS;
    show_open(t, since_ns, changed, context);
    if (changed != NULL) {
        show_ended(t, FLOW_RESET, since_ns, changed, context);
        show_ended(t, FLOW_CLOSED, since_ns, changed, context);
    }
    t->ticked_ns = t->clock_ns;
}
