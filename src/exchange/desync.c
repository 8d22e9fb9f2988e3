/* Proofs that client and server disagree about where messages end (SEMANTICS 9; RFC
 * 9112, sections 11.1 and 11.2). A sign is not enough: each is raised only where
 * nothing of either side went by unseen or unread.
 *
 *   more final responses than requests    counted; judged at the connection's end,
 * since a late request may still balance the account an answer to bytes within a body
 * a response that nobody asked for, behind a request line that stood in a request's
 * body an answer to optimistic data          a request sent behind a CONNECT before its
 *                                         refusal was known, answered on this
 * connection
 */
#include "exchange/story.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_REQUEST_TIMEOUT = 408 /* nobody asks for it: RFC 9110, 15.5.9 */ };

bool desync_is_fully_seen(const struct story *s)
{
    const struct conn_side *side = s->conn->side;
    return s->conn->open_kind == OPEN_HANDSHAKE && !s->desync.has_unread &&
           side[SIDE_CLIENT].packets > 0 && side[SIDE_SERVER].packets > 0 &&
           conn_trouble(&side[SIDE_CLIENT])->gaps == 0 &&
           conn_trouble(&side[SIDE_SERVER])->gaps == 0;
}

void desync_keep_hidden(struct story *s, const struct message *request)
{
    struct desync *d = &s->desync;
    if (d->hidden == NULL) d->hidden = mem_alloc(sizeof *d->hidden);
    struct bytes line = bytes_first(request->hidden_line, FINDING_EVIDENCE_MAX);
    memcpy(d->hidden->line, line.ptr, line.len);
    d->hidden->length = (uint8_t)line.len;
    d->hidden->end = request->end.offset;
    d->hidden->unanswered++;
}

/* A body that carries a request line is common enough (an upload of a log); that one
 * more response comes than requests were sent, behind it, is not. */
static void desync_judge_hidden(struct story *s, const struct message *response)
{
    struct desync_hidden *h = s->desync.hidden;
    if (h == NULL || h->unanswered == 0) return;
    uint64_t acked = response->start.peer_acked;
    if (acked == OFFSET_UNKNOWN || acked < h->end) return; /* not received yet */
    h->unanswered--;
    story_note(s, FINDING_DESYNC_HIDDEN_REQUEST, SEVERITY_UNKNOWN, SIDE_SERVER,
               &response->start, bytes_of(h->line, h->length));
}

/* One that nobody asked for, or that may be such a one. */
void desync_judge_response(struct story *s, const struct message *response)
{
    bool is_timeout = response->status == STATUS_REQUEST_TIMEOUT;
    if (response->answers == 0 && (!response->is_proof || is_timeout)) return;
    s->desync.responses++;
    if (response->is_proof && desync_is_fully_seen(s)) desync_judge_hidden(s, response);
}

void desync_judge_refused(struct story *s, const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    struct desync *d = &s->desync;
    if (!request->is_seen || !response->is_seen) return;
    if (request->start.peer_acked < d->refused_known_at && desync_is_fully_seen(s))
        story_note(s, FINDING_DESYNC_HIDDEN_REQUEST, SEVERITY_UNKNOWN, SIDE_SERVER,
                   &response->start, exchange_text(e, TEXT_TARGET));
    bool is_refused = e->method == METHOD_CONNECT && e->status >= 300;
    if (is_refused && response->head_end.offset != OFFSET_UNKNOWN)
        d->refused_known_at = response->head_end.offset;
}

void desync_conclude(struct story *s)
{
    const struct desync *d = &s->desync;
    char counts[64];
    if (s->last == NULL || !desync_holds_back(s, s->last)) return;
    const struct half *response = &s->last->half[SIDE_SERVER];
    if (!response->is_seen) return;
    int len =
        snprintf(counts, sizeof counts, "%llu responses, %llu requests",
                 (unsigned long long)d->responses, (unsigned long long)d->requests);
    story_note(s, FINDING_DESYNC_RESPONSE_EXTRA, SEVERITY_UNKNOWN, SIDE_SERVER,
               &response->start, bytes_of(counts, (size_t)len));
}
