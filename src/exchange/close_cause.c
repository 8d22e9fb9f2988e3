/* Why a connection ended: the first cause that holds, in the order of SEMANTICS 1. */
#include "exchange/story.h"

static enum close_cause cause_of_story(const struct story *s)
{
    if (s->tunnels != NULL) return CAUSE_TUNNEL_END;
    if (s->race != CAUSE_UNKNOWN) return s->race;
    if (s->was_cut) return CAUSE_ABORTED;
    if (s->is_request_close) return CAUSE_REQUEST_CLOSE;
    if (s->is_response_close) return CAUSE_RESPONSE_CLOSE;
    if (s->is_close_delimited) return CAUSE_CLOSE_DELIMITED;
    if (persistence_is_max_used(s)) return CAUSE_MAX_REQUESTS;
    return CAUSE_IDLE_TIMEOUT;
}

enum close_cause close_cause_of(const struct story *s, const struct conn *conn)
{
    if (conn->open_result == OPEN_REFUSED) return CAUSE_REFUSED;
    if (conn->open_result == OPEN_UNANSWERED) return CAUSE_UNANSWERED;
    bool is_ended = conn->close_kind == CLOSE_FIN || conn->close_kind == CLOSE_RST;
    if (!is_ended) return CAUSE_UNKNOWN;
    bool is_unused = conn->open_result == OPEN_ESTABLISHED &&
                     conn->side[SIDE_CLIENT].bytes == 0 &&
                     conn_trouble(&conn->side[SIDE_CLIENT])->missing_bytes == 0;
    if (is_unused) return CAUSE_NEVER_USED;
    return s != NULL && s->exchanges > 0 ? cause_of_story(s) : CAUSE_UNKNOWN;
}
