/* A story at rest: its own members, and an exchange that waits for its response. What
 * else it points to stays where it is. */
#include "exchange/tracker_state.h"
#include "hopscope/packing.h"

void tracker_rest(struct tracker *t, struct conn *conn, struct packing *out)
{
    struct story *s = conn->story;
    if (s == NULL) return;
    s->tracker = NULL;
    s->conn = NULL;
    packing_put(out, s, sizeof *s);
    exchange_queue_rest(t, s, out);
    pool_give(t->stories, s);
}

void tracker_resume(struct tracker *t, struct conn *conn, struct unpacking *in)
{
    if (conn->story == NULL) return;
    struct story *s = pool_take(t->stories);
    packing_take(in, s, sizeof *s);
    s->tracker = t;
    s->conn = conn;
    pipelining_moved(s);
    exchange_queue_resume(t, s, in);
    conn->story = s;
}
