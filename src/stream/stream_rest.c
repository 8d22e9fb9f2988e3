/* A stream at rest: its own members, and behind them its instance's. What it holds for
 * a protocol that is not known yet stays where it is. */
#include "hopscope/packing.h"
#include "stream/stream_state.h"

bool stream_can_rest(const struct stream *s)
{
    if (s == NULL || s->instance == NULL) return true;
    return s->fed->can_rest != NULL && s->fed->can_rest(s->instance);
}

void stream_rest(struct stream *s, struct packing *out)
{
    struct pool *memory = s->all->memory;
    s->all = NULL;
    s->conn = NULL;
    packing_put(out, s, sizeof *s);
    if (s->instance != NULL) s->fed->rest(s->instance, out);
    pool_give(memory, s);
}

struct stream *stream_resume(struct streams *all, struct conn *conn,
                             struct unpacking *in)
{
    struct stream *s = pool_take(all->memory);
    packing_take(in, s, sizeof *s);
    s->all = all;
    s->conn = conn;
    if (s->instance != NULL) s->instance = s->fed->resume(s->fed->context, s, conn, in);
    return s;
}
