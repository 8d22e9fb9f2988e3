/* The table `text`: each text that rows share, once, as far as memory goes. */
#ifndef STORE_SHARED_TEXT_H
#define STORE_SHARED_TEXT_H

#include "store/insert_table.h"
#include "store/intern.h"

struct shared_text {
    struct insert_table table;
    int64_t next_id;
    struct intern *texts;     /* by what was captured */
    struct intern *addresses; /* by their bytes: found without formatting */
    struct buffer scratch;
};

/* Learns what is there. SQLITE_OK, or why not; to be ended with shared_text_close in
 * either case. */
int shared_text_open(struct shared_text *t, sqlite3 *db);
void shared_text_close(struct shared_text *t);
/* Gives every text but the common ones a new number from now on; returns the lowest of
 * them. */
int64_t shared_text_forget(struct shared_text *t);
/* Gives the text a number, and keeps it to be written. */
int shared_text_add(struct shared_text *t, struct bytes text, int64_t *id);
/* What `addresses` has an address under; ptr NULL: version 0, which is none. The two
 * versions differ in length. */
static inline struct bytes shared_text_address_key(const struct endpoint *e)
{
    return bytes_of(e->version == 0 ? NULL : e->address,
                    e->version == 4 ? 4 : sizeof e->address);
}

/* Of the address as text. *id RECORD_UNKNOWN: version 0. */
int shared_text_find_address(struct shared_text *t, const struct endpoint *e,
                             int64_t *id);

/* The number of the text, which may be written later. *id RECORD_UNKNOWN: ptr is NULL.
 */
static inline int shared_text_find(struct shared_text *t, struct bytes text,
                                   int64_t *id)
{
    *id = RECORD_UNKNOWN;
    if (text.ptr == NULL) return SQLITE_OK;
    *id = intern_find(t->texts, text);
    return *id != 0 ? SQLITE_OK : shared_text_add(t, text, id);
}

#endif
