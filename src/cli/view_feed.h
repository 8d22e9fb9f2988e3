/* What fills the screens of hopscope view: a capture that is played, or a database. */
#ifndef CLI_VIEW_FEED_H
#define CLI_VIEW_FEED_H

#include "cli/options.h"
#include "hopscope/ui.h"

enum { VIEW_FEED_MS = 20 /* at a time, so that keys are answered */ };

struct view_replay;

/* STATUS_FAILED, STATUS_USAGE: `why` says it. */
enum status view_replay_open(const struct options *options, struct view_replay **out,
                             struct problem *why);
void view_replay_start(struct view_replay *r, struct ui *ui);
/* Plays what is due. False: all of it has been. */
bool view_replay_feed(struct view_replay *r);
/* How long nothing is due; at most a second. */
int view_replay_wait_ms(const struct view_replay *r);
/* Whether the file was damaged: a sentence, else NULL. */
const char *view_replay_damage(const struct view_replay *r);
void view_replay_close(struct view_replay *r); /* NULL is allowed */

struct view_rows;

/* `path` must outlive it. */
enum status view_rows_open(const char *path, struct view_rows **out,
                           struct problem *why);
void view_rows_start(struct view_rows *r, struct ui *ui);
/* Gives what is there and not shown yet. False: nothing will come. */
bool view_rows_feed(struct view_rows *r);
/* How long there is nothing to look at. */
int view_rows_wait_ms(const struct view_rows *r);
void view_rows_close(struct view_rows *r); /* NULL is allowed */

#endif
