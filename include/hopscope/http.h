/* http: HTTP/1.x messages out of two byte streams (RFC 9112). One parser, instantiated
 * twice; one dialogue per connection owns both and the queue of unanswered requests.
 *
 *   chunk --> dialogue --> parser (client's) --+--> message head, message end --> sink
 *                     '--> parser (server's) --'   (which request does this answer?) */
#ifndef HOPSCOPE_HTTP_H
#define HOPSCOPE_HTTP_H

#include "hopscope/base.h"
#include "hopscope/stream.h"

enum {
    HTTP_LINE_BYTES_MAX = 64 << 10,   /* of one line kept; the rest is counted on */
    HTTP_HEADER_BYTES_MAX = 64 << 10, /* of a header section before it is a finding */
    HTTP_FIELDS_MAX = 256,            /* fields before it is a finding */
    HTTP_UNANSWERED_MAX = 4096, /* requests waiting; the oldest is given up first */
    HTTP_HELD_BYTES_MAX = 256 << 10,  /* client bytes held until Upgrade is decided */
    HTTP_TEXT_MAX = 8192,             /* of one text (target, host...) passed upwards */
    HTTP_HIDDEN_BYTES_MAX = 64 << 10, /* of a request's body looked at for requests */
};

/* Where one byte of a message stood. */
struct mark {
    uint64_t offset;     /* stream offset; of an end: the first byte after it */
    int64_t captured_ns; /* when that byte (of an end: the last byte) was deliverable */
    uint64_t ref;        /* packet */
    uint64_t peer_acked; /* see struct chunk */
};

enum method { /* the ones whose semantics matter here; the text is in the message */
              METHOD_OTHER,
              METHOD_GET,
              METHOD_HEAD,
              METHOD_POST,
              METHOD_PUT,
              METHOD_DELETE,
              METHOD_CONNECT,
              METHOD_OPTIONS,
              METHOD_TRACE,
              METHOD_PATCH,
              METHOD_PRI,
};

enum framing {
    FRAMING_UNKNOWN,
    FRAMING_NONE,
    FRAMING_LENGTH,
    FRAMING_CHUNKED,
    FRAMING_CLOSE,
    FRAMING_TUNNEL,
    FRAMING_INVALID,
};

enum http_version {
    VERSION_UNKNOWN,
    VERSION_09,
    VERSION_10,
    VERSION_11,
    VERSION_OTHER
};

/* How sure it is that a response answers the request it is paired with (SEMANTICS 3).
 */
enum pair_confidence {
    PAIR_UNKNOWN,
    PAIR_EXACT,
    PAIR_INFERRED,
    PAIR_AMBIGUOUS,
    PAIR_ORPHAN
};

/* Connection options and fields somebody asked for; bits of message.flags. */
enum message_flag {
    MESSAGE_CONNECTION_CLOSE = 1 << 0,
    MESSAGE_CONNECTION_KEEP_ALIVE = 1 << 1,
    MESSAGE_CONNECTION_UPGRADE = 1 << 2,
    MESSAGE_EXPECTS_CONTINUE = 1 << 3,
    MESSAGE_HAS_LENGTH = 1 << 4,     /* Content-Length, valid or not */
    MESSAGE_HAS_CODING = 1 << 5,     /* Transfer-Encoding */
    MESSAGE_HEAD_CUT = 1 << 6,       /* the header section was never complete */
    MESSAGE_HAS_KEEP_ALIVE = 1 << 7, /* Keep-Alive field, listed or not */
    MESSAGE_IS_RETOLD = 1 << 8,      /* sink.head came before, with less of it */
};

enum { MESSAGE_TEXT_COUNT = 9 };

/* One direction's unit. Texts are there during sink.head only (method and target also
 * during sink.field) and borrow until that call returns; ptr NULL: the field was
 * absent.
 */
struct message {
    enum side from;
    uint32_t stream_id; /* 0 in HTTP/1 */
    uint64_t number;    /* per direction, from 1; interim responses count too */
    struct mark start;
    uint64_t answers; /* a response: the request's number; 0: nobody asked */
    enum pair_confidence confidence; /* a response: of that */
    int status;                      /* 0: request, or HTTP/0.9, or unreadable */
    enum method method;
    enum http_version version;
    uint32_t flags; /* enum message_flag */
    enum framing framing;
    int64_t declared;       /* Content-Length; -1: none valid */
    uint64_t head_bytes;    /* start line to the empty line, both included */
    uint64_t body_bytes;    /* as framed, chunk overhead apart, lost ones included */
    uint64_t missing_bytes; /* lost to gaps, of head and body; of a message that a gap
                             * cut, the whole gap */
    int64_t stalled_ns;     /* its bytes waited for a hole */
    int64_t keepalive_timeout_s, keepalive_max; /* -1: not advertised (and listed) */
    struct mark head_end, end;                  /* once they are reached */
    struct mark body_start; /* first byte behind the head, chunk overhead included;
                             * offset OFFSET_UNKNOWN: none was captured */
    /* A request, at its end only: a request line that stands in its body, within the
     * first HTTP_HIDDEN_BYTES_MAX bytes, and its offset. ptr NULL: none. */
    struct bytes hidden_line;
    uint64_t hidden_offset;
    /* Ended where framing says. A request with FRAMING_INVALID ends with its head and
     * is complete; a response with it runs to the close and never is. */
    bool is_complete;
    bool is_interim; /* 1xx but 101 */
    /* A response: proof of desynchronisation. Nothing was outstanding that it could
     * answer, and of neither side can anything have gone by unseen or unread. */
    bool is_proof;
    union {
        struct {
            struct bytes method_text, target, host, user_agent, server, content_type;
            /* Sec-WebSocket-Key of a request, -Accept of a response, -Extensions of
             * either. */
            struct bytes upgrade, websocket_proof, websocket_extensions;
        };
        struct bytes texts[MESSAGE_TEXT_COUNT]; /* the same */
    };
};

/* Header fields one by one, for whoever stores them; the value is not unfolded. */
struct header_field {
    const struct message *message; /* start line known, the rest not yet */
    uint32_t position;             /* from 1 */
    struct bytes name, value;
};

/* What the http layer keeps from message to message, and from connection to connection,
 * for all of a sink. */
struct http_drafts {
    struct draft *first; /* spare ones */
    uint32_t count, users;
    struct pool *dialogues; /* NULL without users */
};

/* In this order for each message: field... head, end. A message whose header section
 * was never complete has MESSAGE_HEAD_CUT and no head_end, and its framing is unknown;
 * head tells it nevertheless. When a response begins before the header section of its
 * request is complete, that request's head comes so, early; when it is complete after
 * all, head comes once more, with MESSAGE_IS_RETOLD, and its end may be whole.
 * `open` is asked once per dialogue for the context of the rest. */
struct message_sink {
    void *context;
    struct http_drafts drafts; /* the http layer's; zero before and after its use */
    void *(*open)(void *context, struct conn *conn);
    void (*field)(void *opened,
                  const struct header_field *field); /* NULL: not wanted */
    void (*head)(void *opened, const struct message *message);
    void (*end)(void *opened, const struct message *message);
    /* `count` of requests, from number `first` on, are given up: their responses were
     * lost to a gap or never came; `missing` response bytes went with them. */
    void (*lost)(void *opened, uint64_t first, uint64_t count, uint64_t missing);
    /* Once per dialogue: bytes of either side were lost or could not be read as
     * messages, so that there may have been some that nobody was told of. NULL: not
     * wanted. */
    void (*unread)(void *opened);
    /* Both directions were taken up again at a start line after a fault. */
    void (*resync)(void *opened, enum side from);
    /* After the end of a 101 or a 2xx to CONNECT: each side's stream goes on at these
     * offsets, by enum side. */
    void (*switched)(void *opened, const struct message *response,
                     const uint64_t offsets[2]);
};

/* The protocol row for the stream layer; `sink` must outlive it. */
struct protocol http_protocol(struct message_sink *sink);

/* The first bytes of one side as the stream layer asks it (see enum probe): a request
 * line, a status line, or neither. */
enum probe http_probe(struct bytes first, bool is_all);

bool method_is_idempotent(enum method method); /* RFC 9110, section 9.2.2 */

#endif
