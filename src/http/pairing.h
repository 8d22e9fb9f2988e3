/* Which request does a response answer? By order (RFC 9112, section 9.2) as long as
 * nothing was lost; after a loss by what the server had acknowledged, and by what the
 * client had received when it sent (SEMANTICS 3). A loss never shifts later pairs
 * silently: every decision says how sure it is. */
#ifndef HOPSCOPE_SRC_HTTP_PAIRING_H
#define HOPSCOPE_SRC_HTTP_PAIRING_H

#include "hopscope/http.h"

enum { PAIRING_RING_CAPACITY = 8 }; /* of the first ring; an idle queue keeps no more */

/* A request whose final response has not begun. */
struct pairing_entry {
    uint64_t number;      /* 0: a head that was lost or unreadable */
    uint64_t start;       /* offset of its first byte */
    uint64_t head_end;    /* offset of the first byte after its head, as far as seen */
    uint64_t start_acked; /* what the client had received when it began */
    enum method method;
    bool is_simple;      /* HTTP/0.9 */
    bool offers_upgrade; /* the client's next bytes may be another protocol's */
    bool is_garbage;     /* unreadable: perhaps nobody took it for a request */
    bool is_answer_lost; /* a response head was lost while this stood in front */
    bool is_doubtful;    /* a loss may have shifted its response */
    bool is_behind_loss; /* the first after a stretch that may have hidden requests */
    bool was_doubtful;   /* is_doubtful already when pushed */
    /* Offset of the first interim response that was its; OFFSET_UNKNOWN: none, or
     * something was lost since. */
    uint64_t interim_start;
};

struct pairing {
    struct pairing_entry *ring; /* NULL until the first request; `alone` while one */
    uint32_t capacity;          /* at a time is enough; 0 or a power of two */
    uint32_t first, count;
    uint64_t missing;      /* response bytes lost with the marked entries' answers */
    uint64_t read_to;      /* every request that begins before it was pushed; up to
                              date where pairing_is_by_order is false */
    uint64_t orphan_acked; /* the most that an orphan response acknowledged */
    uint64_t quiet_from;   /* the anchor's response end, until a request agreed */
    bool is_lossy;         /* framing was lost since the last anchor */
    bool was_guessed;      /* a pair since then was ambiguous */
    bool is_blind;         /* requests may have gone by unseen, ever */
    bool is_entered;       /* midstream: no request and no anchor yet */
    bool is_behind_loss;   /* the next request is the first behind a lost stretch */
    bool is_pipelined;     /* a request was sent while others waited, ever */
    bool was_orphan;       /* the last response was nobody's */
    bool is_unproven;      /* the last response's pair was not exact */
    bool is_owed; /* a guess passed over an unseen request, whose answer may come yet */
    bool is_shifting; /* a guess at a client that pipelines may owe it an answer */
    bool is_torn; /* responses may have been lost since the last one that was found */
    struct pairing_entry alone;
};

struct pairing_answer {
    uint64_t number; /* 0: nobody's */
    enum pair_confidence confidence;
    enum method method;
    bool is_unasked; /* nothing at all was outstanding */
    /* Requests given up before this response, and the response bytes lost with them. */
    uint64_t lost_first, lost_count, missing;
};

/* `q` is all zero. `is_lossy`: the connection was not seen from its beginning. */
void pairing_init(struct pairing *q, bool is_lossy);
void pairing_done(struct pairing *q);
/* To rest, copied byte by byte; while nothing waits, it has no memory of its own. */
void pairing_rest(struct pairing *q);
/* It was copied to where it is now, byte by byte. */
void pairing_moved(struct pairing *q);

/* Adds a request whose head is complete, or was told as far as it goes; `head_end`:
 * offset of the first byte after that. Returns the number of one given up for want of
 * room, or 0. */
uint64_t pairing_push(struct pairing *q, const struct message *request,
                      uint64_t head_end, bool offers_upgrade);
/* The response answers the oldest request, as pairing_is_by_order says. */
void pairing_answer_by_order(struct pairing *q, const struct message *response,
                             bool is_interim);
/* Finds the request of a response whose start is known. A final one takes it off the
 * queue; `is_interim` leaves it there. */
void pairing_find(struct pairing *q, const struct message *response, bool is_interim,
                  struct pairing_answer *out);
static inline struct pairing_entry *pairing_at(const struct pairing *q, uint32_t index)
{
    return &q->ring[(q->first + index) & (q->capacity - 1)];
}
/* The oldest request waiting, or NULL. */
static inline const struct pairing_entry *pairing_front(const struct pairing *q)
{
    return q->count > 0 ? pairing_at(q, 0) : NULL;
}
/* The newest request waiting, or NULL. */
static inline const struct pairing_entry *pairing_newest(const struct pairing *q)
{
    return q->count > 0 ? pairing_at(q, q->count - 1) : NULL;
}
/* Whether nothing was lost that could be the next response, or its request: then it
 * answers the oldest request, for sure. An entry that is not doubtful has a number. */
static inline bool pairing_is_by_order(const struct pairing *q)
{
    const struct pairing_entry *front = pairing_front(q);
    return front != NULL && !q->is_blind && !front->is_doubtful &&
           !front->is_answer_lost;
}

/* A response head was lost, `missing` bytes with it. */
void pairing_lose_response(struct pairing *q, uint64_t missing);
/* The head of a request was lost, or unreadable, between two offsets. */
void pairing_lose_request(struct pairing *q, uint64_t start, uint64_t end,
                          bool is_garbage);
/* Heads of requests may have been lost: the pairs of those before stay sure. How many
 * cannot be known, so that the first one behind is a guess, whatever speaks for it. */
void pairing_lose_requests(struct pairing *q);
/* What was passed over is hardly a request: the next one is doubtful, no more. */
void pairing_doubt_requests(struct pairing *q);
/* Heads of responses may have been lost: what waits may have been answered. */
void pairing_lose_responses(struct pairing *q);
/* The same, and what stands behind the last response shows it to be another's: if its
 * pair was not exact, the request that was given to it may still wait. */
void pairing_refute_answer(struct pairing *q);
/* Nothing is outstanding and both sides stand between messages: what follows owes
 * nothing to earlier losses. After an ambiguous pair that may not be so, and the pair
 * that follows has to agree first. `end`: of the last response; a request sent before
 * its client had received that far shows that it was not quiet after all. */
void pairing_anchor(struct pairing *q, uint64_t end);
/* Gives up the marked requests in front; false: there are none. */
bool pairing_give_up(struct pairing *q, struct pairing_answer *out);

/* ---- among the queue's own files: pairing_ring.c ---- */

/* Room for the newest entry; what stands there is the caller's to overwrite. */
struct pairing_entry *pairing_append(struct pairing *q);
/* The memory of an empty queue. */
void pairing_drop_ring(struct pairing *q);
static inline void pairing_drop_front(struct pairing *q)
{
    q->first = (q->first + 1) & (q->capacity - 1);
    q->count--;
    if (q->count == 0 && q->capacity > PAIRING_RING_CAPACITY) pairing_drop_ring(q);
}

#endif
