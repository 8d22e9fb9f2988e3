/* The file around a database: what stands at its path, where a new one is built, and
 * how it gets its name. */
#ifndef STORE_DATABASE_FILE_H
#define STORE_DATABASE_FILE_H

#include "hopscope/base.h"

struct database_file {
    char *path;    /* as given; what SQLite would read more into stands behind "./" */
    char *partial; /* a new one's name until it is whole; NULL: appended to */
    int out;       /* of the partial one, as long as it has that name */
    bool replaces_empty; /* an empty file stands at the path */
    int lock;            /* of the file appended to; -1: none */
};

/* Looks what `path` is, and begins a new file beside it, or locks the one that is there
 * against another hopscope. STATUS_FAILED: not a place for a database; `why` says it.
 * Release with database_file_close in either case. */
enum status database_file_open(struct database_file *f, const char *path,
                               struct problem *why);
/* Lets the disk begin with the pages that a new file has got: it works while rows are
 * made, and publishing, which waits for it, finds little left. Nothing is promised. */
void database_file_write_out(const struct database_file *f);
/* Gives the whole new file its name, once it is on the disk. STATUS_FAILED: somebody
 * else's file has taken it; `why` says where the rows are. */
enum status database_file_publish(struct database_file *f, struct problem *why);
/* Removes what was not published. To be called after SQLite has closed the file. */
void database_file_close(struct database_file *f);

#endif
