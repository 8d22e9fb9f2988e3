/* What the stream layer keeps of one connection while it lasts. */
#ifndef STREAM_STREAM_STATE_H
#define STREAM_STREAM_STATE_H

#include "hopscope/pool.h"
#include "hopscope/stream.h"

struct streams {
    const struct protocol *protocols;
    size_t protocol_count;
    struct pool *memory;
};

/* A chunk kept with its data, until somebody takes it. */
struct waiting {
    struct waiting *next;
    struct chunk chunk;
    uint8_t data[];
};

enum side_state {
    SIDE_SILENT,  /* no byte yet, or none since the last gap */
    SIDE_PENDING, /* `first` may be the beginning of something */
    SIDE_DENIED,  /* no parser wants it */
};

enum stream_state { STREAM_UNDECIDED, STREAM_FED, STREAM_COUNTED };

struct stream {
    struct streams *all;
    struct conn *conn;
    enum stream_state state;
    const struct protocol *fed;
    void *instance;
    const struct protocol *announced; /* takes over at the next hand-over */
    const struct protocol *yielding;  /* says yes, but the other side may differ */
    enum side yielding_side;          /* ... whose bytes said so */
    bool yielding_is_client;          /* ... and are a client's */
    bool is_named[2];                 /* a row that yields knows that side's bytes */
    struct waiting *waiting, *waiting_last;
    uint32_t waiting_bytes[2];
    struct buffer first[2]; /* bytes a probe has asked more of */
    enum side_state side[2];
    enum conn_protocol named; /* what the first bytes were, if nobody parses it */
    uint8_t nesting;
    bool has_lost;           /* a gap came while nobody took the bytes */
    uint16_t preamble_bytes; /* a balancer's, in front of the client's own */
};

#endif
