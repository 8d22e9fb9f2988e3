/* store: records into SQLite. The tables come from the field tables of record; the
 * views of SCHEMA are what people use. SQLite's own types never leave this layer. */
#ifndef HOPSCOPE_STORE_H
#define HOPSCOPE_STORE_H

#include "hopscope/base.h"
#include "hopscope/record.h"

enum {
    STORE_APPLICATION_ID = 0x686f7073, /* "hops" */
    STORE_SCHEMA_VERSION = 1,          /* user_version */
};

struct store;

/* Opens `path` for appending when it is a database of this program, or begins a new one
 * beside it (renamed when whole). STATUS_FAILED: another program's file, a newer
 * version, no right, no space; `why` says which and what to do. */
enum status store_open(const char *path, struct store **out, struct problem *why);
/* The id the next capture row shall have: 1 in a new database. */
uint32_t store_first_capture_id(const struct store *s);
/* Valid until store_finish or store_free; to be used from one thread. */
struct record_sink store_sink(struct store *s);
/* Commits the rest, makes indexes, views and statistics, gives the file its name.
 * STATUS_FAILED: `why` has the first reason, also of an earlier put; rows committed
 * before it are kept under a name that it gives. */
enum status store_finish(struct store *s, struct problem *why);
void store_free(struct store *s); /* without store_finish: a new file is removed */

#endif
