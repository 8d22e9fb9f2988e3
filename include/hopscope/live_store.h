/* live_store: a database that others read while it grows (part of layer store). WAL, a
 * commit several times a second, rows that are written over until they are finished.
 *
 * What goes wrong and may pass - another program holds the database, the disk is full -
 * is waited for on the caller's thread: the rows since the last commit are kept and
 * written once more. Nothing is lost by it here; the caller's queue is what is bounded.
 */
#ifndef HOPSCOPE_LIVE_STORE_H
#define HOPSCOPE_LIVE_STORE_H

#include "hopscope/base.h"
#include "hopscope/record.h"

struct live_store_options {
    int64_t keep_us; /* rows older than this go, some at each tick; 0: all stay */
    /* A sentence about waiting, or its end; on the thread of the sink. May be NULL. */
    void (*talk)(void *context, const char *sentence);
    void *context;
};

struct live_store;

/* Makes `path`, or opens it for more when it is a database of this program. Results and
 * `why` as store_open. */
enum status live_store_open(const char *path, const struct live_store_options *options,
                            struct live_store **out, struct problem *why);
/* The id the next capture row shall have. */
uint32_t live_store_first_capture_id(const struct live_store *s);
/* put, update and tick, for one thread at a time. Ids may come again: the latest row
 * stands. */
struct record_sink live_store_sink(struct live_store *s);
/* On the sink's thread: finishes the file and goes on in another one, or in the same
 * path anew where that was moved away. STATUS_FAILED: live_store_close says why. */
enum status live_store_go_on(struct live_store *s, const char *path);
/* From any thread: the end is near, so waiting for others shall last a second at most
 * in all. */
void live_store_hurry(struct live_store *s);
/* From any thread: of the file and its log, as of the last commit. */
uint64_t live_store_bytes(const struct live_store *s);
/* Commits, makes statistics, leaves the file in journal_mode=DELETE unless somebody
 * reads it at this moment, frees. STATUS_FAILED: `why` has the first reason; the rows
 * committed before are there. */
enum status live_store_close(struct live_store *s, struct problem *why);

#endif
