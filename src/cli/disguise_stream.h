/* One direction of a connection, and what may be shown in its place. */
#ifndef CLI_DISGUISE_STREAM_H
#define CLI_DISGUISE_STREAM_H

#include "hopscope/http.h"
#include "hopscope/pseudonym.h"

/* A message: where its parts are. */
struct disguise_message {
    uint64_t start, head_end, end; /* OFFSET_UNKNOWN: not reached */
    bool is_chunked;
};

struct disguise_gap {
    uint64_t offset, length;
};

struct disguise_stream {
    struct buffer bytes; /* by offset; after disguise_stream_hide the disguise */
    struct disguise_message *messages;
    size_t message_count, message_capacity;
    struct disguise_gap *gaps;
    size_t gap_count, gap_capacity;
    uint64_t websocket_at; /* frames begin here; OFFSET_UNKNOWN: none */
    uint64_t tunnel_at;    /* another protocol begins here; likewise */
    uint32_t base;         /* sequence number of offset 0 */
    bool has_base;
};

void disguise_stream_init(struct disguise_stream *s);
void disguise_stream_done(struct disguise_stream *s);
/* Whether none of these bytes was lost or lies beyond the end. */
bool disguise_stream_has(const struct disguise_stream *s, uint64_t offset,
                         uint64_t length);
/* Replaces the bytes. Only what is known to be harmless stays. */
void disguise_stream_hide(struct disguise_stream *s, struct pseudonym *p);

/* ---- what is walked through; `in` is the stream, `out` its disguise so far ---- */

struct disguise_walk {
    const struct disguise_stream *stream;
    struct pseudonym *pseudonym;
    const uint8_t *in;
    uint8_t *out;
    uint64_t at, end;
};

void disguise_head(struct disguise_walk *w);  /* a header section */
void disguise_lines(struct disguise_walk *w); /* its field lines, or trailers */
void disguise_chunks(struct disguise_walk *w);
void disguise_frames(struct disguise_walk *w); /* of WebSocket */
void disguise_tls(struct disguise_walk *w);

static inline void disguise_keep(const struct disguise_walk *w, uint64_t at,
                                 uint64_t len)
{
    memcpy(w->out + at, w->in + at, len);
}

#endif
