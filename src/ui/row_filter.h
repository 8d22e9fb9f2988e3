/* The filter language: which connections and exchanges are shown.
 *
 *   filter     = and *( "or" and )
 *   and        = term *( [ "and" ] term )
 *   term       = ( "not" / "!" ) term / "(" filter ")" / comparison / word
 *   comparison = name ( "=" / "==" / "!=" / "<" / "<=" / ">" / ">=" / "~" / "!~" )
 * value
 *
 * A word alone is looked for in addresses, host, method, target and status; "~" means
 * contains. Names are those of row_filter_names and the columns of the views
 * connections and exchanges. An exchange passes as a whole: `status>=500 and host~api`
 * is about one response of that host. */
#ifndef UI_ROW_FILTER_H
#define UI_ROW_FILTER_H

#include "ui/model.h"

enum {
    ROW_FILTER_TEXT_MAX = 256,
    ROW_FILTER_NODES_MAX = 64,
    ROW_FILTER_DEPTH_MAX = 16, /* of parentheses and negations */
};

struct row_filter;

/* Empty text: a filter that everything passes. STATUS_USAGE: `why` says what is wrong
 * and `*out` is not set. */
enum status row_filter_new(const char *text, struct row_filter **out,
                           struct problem *why);
void row_filter_free(struct row_filter *f); /* NULL is allowed */
bool row_filter_is_empty(const struct row_filter *f);
/* `e` NULL: the connection alone; its exchanges' figures are then unknown, and what is
 * unknown passes no comparison but != and !~. */
bool row_filter_passes(const struct row_filter *f, const struct model *m,
                       const struct model_connection *c,
                       const struct model_exchange *e);
/* Whether the connection, with any one of its exchanges, passes. */
bool row_filter_connection(const struct row_filter *f, const struct model *m,
                           const struct model_connection *c);

struct row_filter_name {
    const char *name, *about;
};

/* The names that are not columns, for the help; NULL: no more. */
const struct row_filter_name *row_filter_names(size_t index);

#endif
