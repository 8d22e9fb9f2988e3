/* --anonymize of a live run: what is stored, printed and shown is disguised alike. */
#ifndef CLI_LIVE_MASK_H
#define CLI_LIVE_MASK_H

#include "cli/options.h"
#include "hopscope/record.h"

enum { LIVE_MASK_SINKS_MAX = 3 /* summary, database, screens or lines */ };

struct live_mask {
    struct hash_key key; /* of all of them, so that they show the same pseudonyms */
    bool is_wanted;
    struct anonymizer *sinks[LIVE_MASK_SINKS_MAX];
    size_t count;
};

/* Takes the key. STATUS_USAGE, STATUS_FAILED as anonymize_key_get; STATUS_USAGE also
 * where packets are to be kept, which only a slice can disguise. To be called before
 * rights are given up. Release with live_mask_done in either case. */
enum status live_mask_begin(const struct options *o, struct live_mask *mask,
                            struct problem *why);
/* Puts the disguise before `*sink`, if it is wanted and there is a sink. */
void live_mask_cover(struct live_mask *mask, struct record_sink *sink);
void live_mask_done(struct live_mask *mask);

#endif
