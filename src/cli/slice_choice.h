/* What a slice shall hold: the connections and exchanges that were asked for, as the
 * database tells them. */
#ifndef CLI_SLICE_CHOICE_H
#define CLI_SLICE_CHOICE_H

#include "hopscope/store.h"

enum {
    SLICE_IDS_MAX = 100000, /* connections or exchanges of one slice */
    SLICE_COMMENT_BYTES_MAX = 1024,
};

/* A stretch of one four-tuple's packets. References are capture_id << 32 | number. */
struct slice_stretch {
    struct endpoint low, high; /* the lesser one first */
    uint32_t tunnel_id;
    uint16_t vlan;
    uint64_t first_ref, last_ref;
    int64_t start_us; /* told by time only where captures were read together */
    int64_t end_us;   /* INT64_MAX: the last packet tells */
};

/* A line about the packet `ref`. */
struct slice_comment {
    uint64_t ref;
    size_t at, len; /* in the texts */
};

struct slice_choice {
    int64_t *ids; /* as they were named */
    size_t id_count, id_capacity;
    struct slice_stretch *stretches; /* sorted by four-tuple and tunnel */
    size_t stretch_count, stretch_capacity;
    struct slice_comment *comments; /* sorted by packet */
    size_t comment_count, comment_capacity;
    struct buffer texts;
};

/* Reads what `words` choose: ids of connections, exchanges or tunnels, separated by
 * commas or blanks, or one SELECT that has a column connection_id, exchange_id or id.
 * STATUS_FAILED: there is no such id, or the query cannot be run; `why` says it. To be
 * ended with slice_choice_done in any case. */
enum status slice_choice_read(struct slice_choice *c, struct query *q,
                              const char *words, struct problem *why);
void slice_choice_done(struct slice_choice *c); /* zeros are allowed */

/* Appends what is to be said about a packet, lines divided by LF; nothing: nothing. */
void slice_choice_comment(const struct slice_choice *c, uint64_t ref,
                          struct buffer *out);

#endif
