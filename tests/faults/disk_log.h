/* What a program wrote to its disk, and what of it is there after a power cut.
 *
 *   disk_vfs, fsync, link --> log --step by step--> replay --cut--> files in a folder
 *
 * What was synced is there. Of what was not, any part may be: none, all, some of the
 * writes, some sectors of a write. A name is there once its folder was synced. */
#ifndef FAULTS_DISK_LOG_H
#define FAULTS_DISK_LOG_H

#include "disk_vfs.h"

#include "random_record.h"

struct disk_log;

struct disk_log *disk_log_new(void);
void disk_log_free(struct disk_log *l);
/* For disk_watch.before. */
int disk_log_watch(void *log, const struct disk_operation *operation);
/* What the program does beside SQLite. */
void disk_log_sync(struct disk_log *l, int fd);
void disk_log_link(struct disk_log *l, const char *from, const char *to);
/* `value` was promised to be safe from here on; values only grow. */
void disk_log_mark(struct disk_log *l, int64_t value);
size_t disk_log_length(const struct disk_log *l);

struct disk_replay;

/* `log` must outlive it, and not grow meanwhile. */
struct disk_replay *disk_replay_new(const struct disk_log *log);
void disk_replay_free(struct disk_replay *r);
bool disk_replay_step(struct disk_replay *r);          /* false: nothing is left */
int64_t disk_replay_mark(const struct disk_replay *r); /* the last one; at first -1 */
/* Writes what a cut at this moment may leave into `folder`, under the files' own names,
 * and removes what stood there under them. */
void disk_replay_cut(struct disk_replay *r, struct random_source *random,
                     const char *folder);

#endif
