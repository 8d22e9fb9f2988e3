/* store: records into SQLite. The tables come from the field tables of record; the
 * views of SCHEMA are what people use. SQLite's own types never leave this layer. */
#ifndef HOPSCOPE_STORE_H
#define HOPSCOPE_STORE_H

#include "hopscope/base.h"
#include "hopscope/record.h"
#include "hopscope/rows.h"

enum {
    STORE_APPLICATION_ID = 0x686f7073, /* "hops" */
    STORE_SCHEMA_VERSION = 3,          /* user_version */
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
 * captures, connections, exchanges, tunnels and findings must be new. Texts are stored
 * as record_utf8 gives them. */
struct record_sink store_sink(struct store *s);
/* Commits the rest, makes indexes and statistics, gives a new file its name.
 * STATUS_FAILED: `why` has the first reason, also of an earlier put. A database that
 * was there keeps the rows committed before it; a new one is gone, unless it is whole
 * and only its name is taken: `why` then says where it is. */
enum status store_finish(struct store *s, struct problem *why);
void store_free(struct store *s); /* without store_finish: a new file is removed */

/* ---- query: a database that is there, for reading; the file may be anybody's ---- */

struct query;

/* Opens a database of this program, read-only and with every guard SQLite has.
 * STATUS_FAILED: no such file, no database, another program's, damaged, made by another
 * version; `why` says which. `*stop` becoming non-zero (NULL: never) ends what runs. */
enum status query_open(const char *path, const volatile int *stop, struct query **out,
                       struct problem *why);
void query_close(struct query *q); /* NULL is allowed; after the last rows_close */
/* Whether the views are the very ones this program writes, so that answers mean
 * what they say. STATUS_FAILED: they are not. */
enum status query_check_views(struct query *q, struct problem *why);
/* Begins one SELECT (or VALUES, EXPLAIN, or a PRAGMA that only tells). STATUS_FAILED:
 * it cannot be understood, or would do more than read. Release `*out` with rows_close.
 */
enum status query_run(struct query *q, const char *sql, struct rows *out,
                      struct problem *why);

/* ---- question: the named queries of src/store/sql ---- */

enum { QUESTION_PARAMS_MAX = 4 };

struct question_param {
    struct bytes name, value, about; /* value: the default, a number */
};

/* All of it borrows from static memory. */
struct question {
    const char *name;           /* "idle-race" */
    struct bytes title;         /* one line */
    struct bytes about;         /* the comment lines: what it tells, how to read it */
    struct bytes keys, figures; /* columns, comma-separated: what --diff compares */
    struct question_param params[QUESTION_PARAMS_MAX];
    size_t param_count;
    struct bytes sql; /* with :name where a parameter stands */
};

/* The questions in the order in which they are listed; false: no more. */
bool question_get(size_t index, struct question *out);
bool question_find(const char *name, struct question *out);
/* Appends the SELECT with its parameters in line, NUL-ended. `settings` are name=value;
 * STATUS_USAGE: a name this question has not, or no number. */
enum status question_write_sql(const struct question *q, const char *const *settings,
                               size_t setting_count, struct buffer *out,
                               struct problem *why);

#endif
