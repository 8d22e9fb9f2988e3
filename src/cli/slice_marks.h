/* Which packets of the captures belong into a slice: decided by decoding them as
 * reading does, a bit for each.
 *
 *   frame --net--> packet --four-tuple, stretch--> mark
 *      '--a piece of a datagram--> remembered --made whole, and wanted--> marks */
#ifndef CLI_SLICE_MARKS_H
#define CLI_SLICE_MARKS_H

#include "cli/slice_choice.h"
#include "hopscope/net.h"

enum { SLICE_PIECES_MAX = 4096 }; /* of datagrams that are not whole yet */

struct slice_piece {
    uint64_t datagram, ref; /* 0: none */
};

struct slice_marks {
    const struct slice_choice *choice;
    bool vlan_in_key;
    struct net *net;
    struct buffer *bits; /* by file */
    size_t file_count;
    uint64_t count;
    struct slice_piece pieces[SLICE_PIECES_MAX]; /* the latest */
    size_t next_piece;
};

/* `choice` is borrowed. */
void slice_marks_init(struct slice_marks *m, const struct slice_choice *choice,
                      size_t file_count);
void slice_marks_done(struct slice_marks *m);
/* Looks at a frame of a file. `frame->ref` is as the database has it. */
void slice_marks_take(struct slice_marks *m, size_t file, const struct frame *frame);
bool slice_marks_has(const struct slice_marks *m, size_t file, uint32_t number);

#endif
