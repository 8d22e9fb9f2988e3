/* A record that stays: the struct and its texts in one block of its own. */
#ifndef UI_KEPT_RECORD_H
#define UI_KEPT_RECORD_H

#include "hopscope/record.h"

enum { KEPT_TEXT_MAX = 4096 /* of one text; the rest is not kept, and counted */ };

/* A copy, to be given to mem_free; *size: its bytes, texts included. Adds to `*cut` the
 * number of texts that were cut. */
void *kept_record_new(enum record_kind kind, const void *record, size_t *size,
                      uint64_t *cut);

#endif
