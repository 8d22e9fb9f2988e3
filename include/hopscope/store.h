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
 * beside it (renamed when whole). Nobody else can append meanwhile, but everybody can
 * read. STATUS_FAILED: another program's file, a newer version, no right, no space;
 * `why` says which and what to do. */
enum status store_open(const char *path, struct store **out, struct problem *why);
/* The id the next capture row shall have: 1 in a new database. */
uint32_t store_first_capture_id(const struct store *s);
/* Valid until store_finish or store_free; to be used from one thread at a time. Ids of
 * captures, connections, exchanges and tunnels must be new. Texts are stored as
 * record_utf8 gives them. */
struct record_sink store_sink(struct store *s);
/* Commits the rest, makes indexes and statistics, gives a new file its name.
 * STATUS_FAILED: `why` has the first reason, also of an earlier put. A database that
 * was there keeps the rows committed before it; a new one is gone, unless it is whole
 * and only its name is taken: `why` then says where it is. */
enum status store_finish(struct store *s, struct problem *why);
void store_free(struct store *s); /* without store_finish: a new file is removed */

#endif
