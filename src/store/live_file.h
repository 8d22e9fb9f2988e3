/* The file behind a live store, from opening to the state it is left in. */
#ifndef STORE_LIVE_FILE_H
#define STORE_LIVE_FILE_H

#include "store/database_file.h"

#include <sqlite3.h>

struct live_file {
    struct database_file place;
    sqlite3 *db; /* NULL: it is not open */
    uint32_t first_capture_id;
};

/* Makes `path`, or opens one that is there for more, in WAL mode. STATUS_FAILED: `why`
 * says it. Release with live_file_close in either case. */
enum status live_file_open(struct live_file *f, const char *path, struct problem *why);
/* False: somebody reads it at this moment, so that it stays in WAL mode. After all of
 * its statements are gone. */
bool live_file_close(struct live_file *f);
int live_file_run(const struct live_file *f, const char *sql); /* SQLite's code */
uint64_t live_file_bytes(const struct live_file *f);           /* without its log */
uint64_t live_file_log_bytes(const struct live_file *f);
/* Why SQLite's `rc` may be waited for; NULL: it makes no sense. */
const char *live_file_reason(int rc);
bool live_file_may_pass(int rc); /* ... without a new connection */
/* STATUS_FAILED: where `path` is to be, there is too little space to begin with. */
enum status live_file_check_space(const char *path, struct problem *why);
/* The index-th name to go on in where `path` takes no rows: x.db, x-2.db. Release with
 * mem_free. */
char *live_file_other_name(const char *path, unsigned index);

/* What stands as damage in the row of a capture that is not finished. */
#define LIVE_FILE_UNFINISHED "not finished: it is being captured, or was interrupted"

#endif
