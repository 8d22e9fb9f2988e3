/* Live: what is not finished, as rows that will be written over.
 *
 *   connection with a packet since the last tick --> update(connection, open)
 *                      '--each pending exchange--> update(exchange, open)
 *                      '--what it carries now----> update(tunnel)
 *                      '--findings in exchanges that are over--> put(finding)       */
#include "exchange/tracker_state.h"

#define SETTLED_NS \
    5000000000LL /* a message that has not begun by then did not hold it */

static void update(struct tracker *t, enum record_kind kind, const void *record)
{
    const struct record_sink *sink = &t->options.sink;
    if (t->status == STATUS_OK) t->status = sink->update(sink->context, kind, record);
}

static void update_exchange(struct story *s, const struct exchange *e, uint32_t index)
{
    struct exchange now = *e; /* its text is borrowed */
    struct record_exchange row;
    now.ordinal = s->exchanges - s->pending + 1 + index;
    now.is_open = true;
    exchange_row_fill(s, &now, &row);
    row.findings = 0;
    update(s->tracker, RECORD_EXCHANGE, &row);
}

/* Whether no exchange will claim the finding any more. */
static bool is_settled(const struct conn *conn, const struct finding *f)
{
    const struct story *s = conn->story;
    bool is_over = conn->close_kind != CLOSE_KIND_UNKNOWN;
    bool is_old = conn->end_ns - f->captured_ns > SETTLED_NS;
    bool is_pending = s != NULL && s->first != NULL;
    return f->ordinal != 0 || (!is_pending && (is_over || is_old));
}

static void update_connection(struct tracker *t, struct conn *conn)
{
    struct record_connection row;
    conn_rows_fill(t, conn, &row);
    update(t, RECORD_CONNECTION, &row);
}

void ongoing_rows_introduce(struct story *s)
{
    if (s->is_introduced) return;
    s->is_introduced = true;
    update_connection(s->tracker, s->conn);
}

void tracker_update(struct tracker *t, struct conn *conn)
{
    struct story *s = conn->story;
    if (t->options.sink.update == NULL) return;
    uint32_t count = 0;
    struct exchange *e = s == NULL ? NULL : s->first;
    for (; e != NULL && count < EXCHANGE_UPDATES_MAX; e = e->next, count++)
        update_exchange(s, e, count);
    update_connection(t, conn);
    if (s != NULL) inner_update_tunnels(s, update);
    if (s != NULL) s->is_introduced = true;
    if (t->status == STATUS_OK) conn_rows_put_findings(t, conn, is_settled);
}
