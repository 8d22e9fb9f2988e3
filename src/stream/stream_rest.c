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
    s->conn = NULL;
    s->protocols = NULL;
    packing_put(out, s, sizeof *s);
    if (s->instance != NULL) s->fed->rest(s->instance, out);
    mem_free(s);
}

struct stream *stream_resume(struct conn *conn, const struct protocol *protocols,
                             struct unpacking *in)
{
    struct stream *s = mem_alloc(sizeof *s);
    packing_take(in, s, sizeof *s);
    s->conn = conn;
    s->protocols = protocols;
    if (s->instance != NULL) s->instance = s->fed->resume(s->fed->context, s, conn, in);
    return s;
}
