/* The lists in a HAR entry: headers, cookies, parameters of the query. Headers come
 * from a second run of rows, beside the exchanges and in the same order:
 *
 *   exchanges  e1     e2     e3     ...
 *   headers    h1 h1  -      h3 h3  ...   those of an exchange, and no more, are held
 */
#ifndef EXPORT_HAR_LISTS_H
#define EXPORT_HAR_LISTS_H

#include "hopscope/export.h"

struct har_lists {
    struct rows rows;
    const struct cell *next;  /* the first header of a later exchange; NULL: no more */
    struct buffer headers[2]; /* array elements, by enum side */
    struct buffer cookies[2];
    struct buffer location; /* where the response sends its reader */
};

enum status har_lists_open(struct har_lists *l, const struct export_source *source,
                           struct problem *why);
/* Collects the headers of this exchange; ids must ascend. */
enum status har_lists_move_to(struct har_lists *l, int64_t exchange_id,
                              struct problem *why);
void har_lists_done(struct har_lists *l); /* zeros are allowed */
/* Appends `[...]`: the parameters of a target's query, as they stand there. */
void har_lists_write_query(struct bytes target, struct buffer *out);

#endif
