/* What the exchange layer keeps of one connection while it lasts. Exchanges stand in
 * one queue in the order of their requests and leave it in that order. */
#ifndef EXCHANGE_STORY_H
#define EXCHANGE_STORY_H

#include "exchange/inner.h"
#include "exchange/optimistic.h"
#include "hopscope/exchange.h"

/* A text copied into an exchange's buffer: the buffer may move while it grows. */
struct span {
    uint32_t start, length;
};

enum exchange_text {
    TEXT_METHOD,
    TEXT_TARGET,
    TEXT_HOST,
    TEXT_USER_AGENT,
    TEXT_UPGRADE_OFFERED,
    TEXT_SERVER,
    TEXT_CONTENT_TYPE,
    TEXT_UPGRADE_CHOSEN,
    TEXT_WEBSOCKET_KEY,
    TEXT_WEBSOCKET_ACCEPT,
    TEXT_WEBSOCKET_AGREED, /* extensions */
    TEXT_COUNT,
};

/* What is asked of most marks. */
struct moment {
    uint64_t offset;
    int64_t captured_ns;
};

static inline struct moment moment_of(const struct mark *m)
{
    return (struct moment){.offset = m->offset, .captured_ns = m->captured_ns};
}

/* One half of an exchange: what the record needs of its message. */
struct half {
    bool is_seen, is_ended, is_complete;
    bool is_persistent; /* declared so: RFC 9112, section 9.3 */
    struct mark start, end;
    struct moment head_end, body_start;
    enum http_version version;
    uint32_t flags; /* enum message_flag */
    /* From here on in the message's order: so they are copied by twos. */
    enum framing framing;
    int64_t declared;
    uint64_t head_bytes, body_bytes, missing_bytes;
    int64_t stalled_ns;
    int64_t keepalive_timeout_s, keepalive_max;
};

struct exchange {
    struct exchange *next;
    uint64_t ordinal; /* from 1; known as it leaves the queue */
    uint64_t number;  /* of its request; 0: none was seen */
    enum method method;
    int status;
    struct half half[2]; /* by enum side */
    uint32_t interims;
    int first_interim_status;
    int64_t first_interim_ns;
    int64_t continue_ns; /* the first 100; TIME_UNKNOWN: none */
    enum pair_confidence confidence;
    bool is_late_told; /* a 100 came after the body had begun */
    bool is_unasked;   /* surely a response without a request */
    /* It may have to do with expectations, interim responses, switching or loss; else
     * what is about these says nothing of it, and does nothing. */
    bool is_odd;
    bool may_have_userinfo; /* its sign is in the target or in Host */
    bool is_early;          /* the final response came while the request was underway */
    bool is_given_up;       /* its response was lost to a gap, or never came */
    uint64_t lost_bytes;
    enum close_cause race; /* idle race, stale or late reuse; CAUSE_UNKNOWN: none */
    bool is_open;          /* the capture ended before it did */
    /* From here on nothing is cleared with the rest when it is used again. */
    uint32_t kept; /* bit per enum exchange_text: it is there */
    struct span texts[TEXT_COUNT];
    struct buffer text;
};

static inline bool exchange_has_text(const struct exchange *e, enum exchange_text which)
{
    return (e->kept & 1u << which) != 0;
}
/* Where all of its texts have been copied to. */
static inline struct bytes exchange_text_in(const struct exchange *e,
                                            enum exchange_text which,
                                            const uint8_t *texts)
{
    if (!exchange_has_text(e, which)) return bytes_of(NULL, 0);
    return bytes_of(texts + e->texts[which].start, e->texts[which].length);
}
static inline const uint8_t *exchange_texts(const struct exchange *e) /* never NULL */
{
    return e->text.ptr != NULL ? e->text.ptr : (const uint8_t *)"";
}
static inline struct bytes exchange_text(const struct exchange *e,
                                         enum exchange_text which)
{
    return exchange_text_in(e, which, exchange_texts(e));
}
/* Both halves ended, or the response given up. */
static inline bool exchange_is_finished(const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    if (request->is_seen && !request->is_ended) return false;
    return e->half[SIDE_SERVER].is_ended || e->is_given_up;
}

/* The latest request that had a request line in its body. */
struct desync_hidden {
    uint64_t end;        /* offset of the first byte after that request */
    uint64_t unanswered; /* of all such requests, less the answers they got */
    uint8_t length, line[FINDING_EVIDENCE_MAX];
};

struct desync {
    uint64_t requests, responses; /* final ones that count; see desync.c */
    bool has_unread;              /* bytes of either side were lost or unreadable */
    uint64_t
        refused_known_at; /* a client that had this much knew that CONNECT failed */
    struct desync_hidden *hidden; /* NULL: none */
};

struct story {
    struct tracker *tracker;
    struct conn *conn;
    struct exchange *first, *last; /* pending */
    struct exchange *asked;        /* of the latest request, while it is pending */
    struct exchange *answered;     /* of the latest response, while it is pending */
    struct exchange *paired;       /* of the latest that answers a request, likewise */
    uint32_t pending;
    uint32_t claimed; /* of the connection's findings, those in front: by exchanges */
    struct header_rows *headers; /* NULL: none so far; heads come in pieces */
    uint64_t exchanges;
    enum http_version version; /* of the first message */
    /* pipelining: ends of earlier responses, until a request shows that the client knew
     * of them */
    struct moment *unknown_ends; /* the one below, while one is enough */
    struct moment unknown_end;
    uint32_t unknown_first, unknown_count, unknown_capacity;
    uint64_t highest_end; /* offset where the last whole response ended */
    int64_t max_depth, pipelined_requests, hol_us;
    /* of the exchange that left the queue last */
    int64_t previous_end_ns;     /* of its response; TIME_UNKNOWN: none */
    int64_t previous_end_us;     /* the same as a record has it */
    enum method previous_method; /* METHOD_GET: it has none */
    /* persistence */
    int64_t idle_max_us;
    int64_t keepalive_timeout_s, keepalive_max; /* last advertised; RECORD_UNKNOWN */
    uint64_t max_ordinal; /* exchange that advertised keepalive_max */
    bool is_request_close, is_response_close, is_close_delimited; /* of the last one */
    uint64_t close_known_offset; /* a response that declared close ended here */
    bool has_client_closed;      /* a request declared close */
    bool is_close_due;           /* the last exchange lets the server only close */
    struct mark response_end;    /* its response's */
    bool is_introduced;          /* live: its connection's row has gone out once */
    bool was_cut;                /* an exchange was unfinished at the end */
    enum close_cause race;       /* of the exchange that met the end */
    uint64_t resyncs;
    struct desync desync;
    struct switching switching;
    struct tunnel *tunnels, *tunnels_last;
    struct inner_tls *tls; /* without a tunnel; NULL: none */
    struct optimistic *optimistic;
};

/* ---- exchange_take.c: from messages to their exchange ---- */

void exchange_take_request(struct exchange *e, const struct message *m); /* its head */
void exchange_take_response(struct exchange *e, const struct message *m);
/* Of either; `was_cut`: it was told of before its head was whole. */
void exchange_take_end(struct half *h, const struct message *m, bool was_cut);

/* ---- exchange_row.c: from an exchange to its record ---- */

/* Fills the record, whose texts borrow from the exchange. */
void exchange_row_fill(const struct story *s, const struct exchange *e,
                       struct record_exchange *row);
/* The same in the sink's room, if it has some, else in *own: to be put as it is. */
struct record_exchange *exchange_row_make(const struct story *s,
                                          const struct exchange *e,
                                          struct record_exchange *own);
uint64_t exchange_id(const struct exchange *e);

/* ---- exchange_queue.c ---- */

struct exchange *exchange_queue_add(struct story *s); /* a request's: at the end */
/* Of a response whose request was not seen: responses come in the order of requests, so
 * it stands behind the one that was answered last. */
struct exchange *exchange_queue_add_answered(struct story *s);
/* That of a request which a response answers; NULL: it is not pending. Responses answer
 * in order, so that each search goes on where the last one ended. */
struct exchange *exchange_queue_find(const struct story *s, uint64_t number);
/* The first one leaves, finished or not: its record goes out, its figures join the
 * story's. */
void exchange_queue_release_first(struct story *s);
/* All in front that are finished; those beyond the cap, finished or not. */
void exchange_queue_release_due(struct story *s);
static inline void exchange_queue_release_finished(struct story *s)
{
    if (s->first == NULL) return;
    if (!exchange_is_finished(s->first) && s->pending <= EXCHANGE_PENDING_MAX) return;
    exchange_queue_release_due(s);
}
/* A story rests: the one exchange that is pending, if it is one, is packed, and freed.
 * What points to it says whether it did. */
void exchange_queue_rest(struct tracker *t, struct story *s, struct packing *out);
void exchange_queue_resume(struct tracker *t, struct story *s, struct unpacking *in);

/* ---- pipelining.c ---- */

/* Depth, HOL and service time of the exchange that leaves the queue now, into its
 * record, which says nothing of these yet and has its times. */
void pipelining_account(struct story *s, const struct exchange *e,
                        struct record_exchange *row);
void pipelining_done(struct story *s); /* frees what it keeps */
/* The story was copied to where it is now, byte by byte. */
void pipelining_moved(struct story *s);

/* ---- persistence.c ---- */

/* RFC 9112, section 9.3: the first rule that applies. */
static inline bool persistence_is_declared(const struct half *h)
{
    if ((h->flags & MESSAGE_CONNECTION_CLOSE) != 0) return false;
    if (h->version == VERSION_11 || h->version == VERSION_OTHER) return true;
    return h->version == VERSION_10 && (h->flags & MESSAGE_CONNECTION_KEEP_ALIVE) != 0;
}
/* `idle_us` of the connection was before its request; RECORD_UNKNOWN: does not apply.
 */
void persistence_account(struct story *s, const struct exchange *e, int64_t idle_us);
/* How the exchange met the end of the connection; CAUSE_UNKNOWN: it is no race. */
enum close_cause persistence_race(const struct story *s, const struct exchange *e);
/* Last response byte to the first FIN or RST in µs; RECORD_UNKNOWN: does not apply. */
int64_t persistence_idle_at_close_us(const struct story *s);
void persistence_conclude(struct story *s);
/* The last advertised `max` of Keep-Alive allows no further request. */
bool persistence_is_max_used(const struct story *s);

/* ---- desync.c ---- */

static inline void desync_begin_request(struct story *s)
{
    s->desync.requests++;
}
void desync_keep_hidden(struct story *s, const struct message *request);
static inline void desync_end_request(struct story *s, const struct message *request)
{
    if (request->hidden_line.ptr != NULL) desync_keep_hidden(s, request);
}
void desync_judge_response(struct story *s, const struct message *response);
static inline void desync_begin_response(struct story *s,
                                         const struct message *response) /* final */
{
    if (response->answers != 0 && !response->is_proof)
        s->desync.responses++;
    else
        desync_judge_response(s, response);
}
/* Nothing of either side went by unseen or unread. */
bool desync_is_fully_seen(const struct story *s);
/* Whether a finished exchange stays: it may turn out to be the surplus one. */
static inline bool desync_holds_back(const struct story *s, const struct exchange *e)
{
    return s->desync.responses > s->desync.requests && e == s->last &&
           desync_is_fully_seen(s);
}
void desync_judge_refused(struct story *s, const struct exchange *e);
/* Only a CONNECT, and what comes after a refused one, has anything to account for. */
static inline void desync_account(struct story *s, const struct exchange *e)
{
    if (s->desync.refused_known_at > 0 || e->method == METHOD_CONNECT)
        desync_judge_refused(s, e);
}
/* The connection is over, what is pending still stands in its queue. */
void desync_conclude(struct story *s);

/* ---- expect.c, upgrade.c, close_cause.c ---- */

void expect_fill(const struct exchange *e, struct record_exchange *row);
/* An interim response has begun: is it the 100, and did it come too late to be of use?
 */
void expect_note_interim(struct story *s, struct exchange *e, const struct message *m);
void upgrade_fill(const struct exchange *e, const uint8_t *texts,
                  struct record_exchange *row);
void upgrade_account(struct story *s, const struct exchange *e);
/* Whether its request asks to leave HTTP: Upgrade with its option, or CONNECT. */
bool upgrade_is_offered(const struct exchange *e);
enum close_cause close_cause_of(const struct story *s, const struct conn *conn);

/* ---- ongoing_rows.c ---- */

/* Live only: the connection's row goes out before its first exchange's. */
void ongoing_rows_introduce(struct story *s);

/* ---- shared ---- */

void story_note(struct story *s, enum finding_code code, enum severity severity,
                enum side side, const struct mark *at, struct bytes evidence);
void story_put(struct story *s, enum record_kind kind, const void *record);

#endif
