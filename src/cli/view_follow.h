/* Which rows of a growing database the screens have not seen yet. */
#ifndef CLI_VIEW_FOLLOW_H
#define CLI_VIEW_FOLLOW_H

#include "hopscope/record.h"
#include "hopscope/rows.h"

/* One look at the database, in this order: connections come before what belongs to
 * them, and once more behind it, when those that have ended may end. */
enum view_step {
    VIEW_STEP_IDS,    /* of the newest connections; no records */
    VIEW_STEP_OPENED, /* connections, as if all were open */
    VIEW_STEP_EXCHANGES,
    VIEW_STEP_HEADERS,
    VIEW_STEP_TUNNELS,
    VIEW_STEP_FINDINGS,
    VIEW_STEP_ENDED, /* connections as they are */
    VIEW_STEP_COUNT,
};

struct view_follow;

struct view_follow *view_follow_new(void);
void view_follow_free(struct view_follow *f); /* NULL is allowed */
/* Writes the statement of a step. False: there is nothing to ask for. */
bool view_follow_sql(struct view_follow *f, enum view_step step, struct buffer *out);
/* What a step's rows are; VIEW_STEP_IDS has none. */
enum record_kind view_follow_kind(enum view_step step);
void view_follow_take_id(struct view_follow *f, int64_t id);
enum view_follow_row {
    VIEW_ROW_KNOWN, /* was given already */
    VIEW_ROW_UPDATE,
    VIEW_ROW_PUT,
};
/* How a row's record is to be given. */
enum view_follow_row view_follow_take(struct view_follow *f, enum view_step step,
                                      const void *record);
/* All steps are done: what is over by now will not be asked for again. */
void view_follow_end_look(struct view_follow *f);
/* Whether somebody may still write it: its log is not merged yet. */
bool view_follow_is_growing(const char *path);

#endif
