/* Packets that can be shown to others: the same connections, times, sizes and messages,
 * without who and what it was about. In two passes over the same frames.
 *
 *   1  frame --net, tcp--> streams --http: what is what--> their disguise
 *   2  frame --net--> a new IP packet: pseudonyms, TCP header, disguised bytes
 *
 * Of link layers, tags and tunnels nothing is taken over. */
#ifndef CLI_DISGUISE_H
#define CLI_DISGUISE_H

#include "hopscope/capture.h"

enum {
    DISGUISE_BYTES_MAX = 256 << 20, /* of streams; more is refused */
    DISGUISE_MESSAGES_MAX = 1 << 22,
    DISGUISE_LINK_TYPE = 101, /* LINKTYPE_RAW: IP without anything before it */
};

struct disguise;

struct disguise *disguise_new(struct hash_key key, bool vlan_in_key);
void disguise_free(struct disguise *d); /* NULL is allowed */
/* First pass: every frame in order; `is_wanted`: it belongs to what is shown. */
void disguise_learn(struct disguise *d, const struct frame *frame, bool is_wanted);
/* Between the passes. STATUS_FAILED: the streams are larger than the cap. */
enum status disguise_finish_learning(struct disguise *d, struct problem *why);
/* Second pass: the same frames. True: `*out` is to be shown in place of the frame; it
 * borrows until the next call. False: nothing is (not wanted, or a piece of a datagram
 * that is not whole yet, or no TCP). */
bool disguise_frame(struct disguise *d, const struct frame *frame, bool is_wanted,
                    struct frame *out);

#endif
