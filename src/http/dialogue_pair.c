/* Which request a response answers, as far as its dialogue has to say: what the queue
 * of unanswered ones cannot know is where both sides stand, and what went by unseen.
 *
 *   response --by order, nothing lost--> the request in front
 *        '--otherwise--> pairing.c: how sure? --nobody's--> proof of desynchronisation?
 */
#include "http/dialogue.h"

enum { STATUS_REQUEST_TIMEOUT = 408 };

void dialogue_tell_lost(struct dialogue *d, const struct pairing_answer *a)
{
    if (a->lost_count == 0) return;
    d->sink->lost(d->opened, a->lost_first, a->lost_count, a->missing);
}

/* Proof of desynchronisation: a response, and not one byte of a request that it could
 * answer, nor one that could have gone by unseen (RFC 9112, section 9.2). */
static bool dialogue_is_proof(const struct dialogue *d, const struct message *m)
{
    uint64_t acked = m->start.peer_acked;
    const struct conn *c = d->conn;
    if (c->open_kind != OPEN_HANDSHAKE || d->pairing.is_blind) return false;
    if (d->is_unread ||
        conn_trouble(&c->side[0])->gaps + conn_trouble(&c->side[1])->gaps > 0)
        return false;
    if (parser_is_amid_head(&d->client) || d->held.first) return false;
    uint64_t seen = d->client_end + (d->client.state == PARSER_DONE ? 1 : 0); /* FIN */
    return acked == OFFSET_UNKNOWN || acked <= seen;
}

/* Two responses where the server believed to send one: the second began in the packet
 * that ended the first, and nothing of a request for it had reached the server by then
 * (RFC 9112, section 11.1). `request_start`: of the one it is taken to answer. */
static bool dialogue_is_split(const struct dialogue *d, const struct message *m,
                              uint64_t request_start)
{
    if (d->ended_ref == 0 || m->start.ref != d->ended_ref) return false;
    if (m->status == STATUS_REQUEST_TIMEOUT) return false; /* a server's farewell */
    if (m->is_proof) return true;
    return m->confidence == PAIR_EXACT && m->start.peer_acked != OFFSET_UNKNOWN &&
           m->start.peer_acked <= request_start;
}

/* Up to where the client's requests are known: what the server had beyond that may have
 * been one whose head is not here yet. */
static uint64_t dialogue_read_to(const struct dialogue *d)
{
    const struct parser *p = &d->client;
    switch (p->state) {
    case PARSER_START_LINE:
        if (parser_is_at_boundary(p) || p->draft->is_announced) return p->offset;
        return p->draft->line.start.offset;
    case PARSER_FIELDS:
        return p->draft->is_announced ? p->offset : p->draft->m.start.offset;
    case PARSER_BODY_LENGTH:
    case PARSER_CHUNK_DATA: return p->offset + p->body_left;
    case PARSER_DONE: return p->offset + 1; /* FIN */
    case PARSER_BODY_CLOSE:
    case PARSER_CHUNK_LINE:
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF:
    case PARSER_TRAILERS:
    case PARSER_RESYNC: return p->offset;
    }
    return p->offset;
}

/* Something was lost, or nothing is outstanding. `request_start`: see dialogue_pair. */
__attribute__((noinline)) static enum method
dialogue_pair_doubtful(struct dialogue *d, struct message *m, uint64_t *request_start)
{
    struct pairing_answer a;
    const struct pairing_entry *front = pairing_front(&d->pairing);
    *request_start = front == NULL ? 0 : front->start;
    d->pairing.read_to = dialogue_read_to(d);
    pairing_find(&d->pairing, m, m->is_interim, &a);
    dialogue_tell_lost(d, &a);
    m->answers = a.number;
    m->confidence = a.confidence;
    m->is_proof = a.is_unasked && dialogue_is_proof(d, m);
    const struct notes n = parser_notes(&d->server, &m->start);
    bool is_farewell = m->status == STATUS_REQUEST_TIMEOUT;
    if (m->is_proof)
        notes_add(&n, FINDING_DESYNC_RESPONSE_UNASKED,
                  is_farewell ? SEVERITY_INFO : SEVERITY_UNKNOWN, bytes_of(NULL, 0));
    return a.method;
}

__attribute__((noinline)) static void dialogue_note_split(const struct dialogue *d,
                                                          const struct message *m)
{
    const struct notes n = parser_notes(&d->server, &m->start);
    notes_add(&n, FINDING_RESPONSE_SPLIT, SEVERITY_UNKNOWN, bytes_of(NULL, 0));
}

enum method dialogue_pair(void *context, struct message *m)
{
    struct dialogue *d = context;
    struct pairing *q = &d->pairing;
    uint64_t request_start; /* of the request in front before this response */
    enum method asked;
    m->is_interim = m->status >= 100 && m->status < 200 && m->status != 101;
    if (pairing_front(q) == NULL) parser_announce(&d->client);
    if (pairing_is_by_order(q)) {
        const struct pairing_entry *front = pairing_front(q);
        request_start = front->start;
        asked = front->method;
        m->answers = front->number;
        m->confidence = PAIR_EXACT;
        pairing_answer_by_order(q, m, m->is_interim);
    } else {
        asked = dialogue_pair_doubtful(d, m, &request_start);
    }
    if (dialogue_is_split(d, m, request_start)) dialogue_note_split(d, m);
    return asked;
}
