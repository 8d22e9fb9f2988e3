/* hopscope ask: the named questions, and gates made of them. */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "cli/options.h"
#include "hopscope/store.h"

extern const struct command ask_command;

/* ---- gates: `names` is --fail-on, questions separated by commas ---- */

/* The question of one more name off the list; false: no more. `*rest` begins as the
 * list. To be called after ask_gate_check. */
bool ask_gate_next(const char **rest, struct question *out);
/* STATUS_USAGE: one of them is no question. */
enum status ask_gate_check(const char *names, struct problem *why);
/* Counts the rows of each, tells those that have some. STATUS_MATCHED: one had. */
enum status ask_gate_run(struct query *q, const char *names, struct problem *why);
/* Opens the database for it. */
enum status ask_gate_run_on(const char *path, const char *names,
                            const volatile int *stop, struct problem *why);

/* ---- pieces ---- */

/* Says that `name` is no question, and which it may have been meant to be; `what`
 * begins the sentence. Returns STATUS_USAGE. */
enum status ask_refuse_name(const char *what, const char *name, struct problem *why);
enum status ask_count(struct query *q, const struct question *question, int64_t *count,
                      struct problem *why);

/* The list of questions with how many rows each has, counted as the rows are taken. */
struct ask_list {
    struct query *before; /* NULL: no comparison */
    struct query *after;
    const char *names; /* only these (--fail-on); NULL: all */
    bool has_bar;      /* tells on stderr what is being counted */
};
void ask_list_open(const struct ask_list *what, struct rows *out);

/* One question of two databases, figure by figure: keys, figure, before, after, change.
 */
enum status ask_diff_open(struct query *before, struct query *after,
                          const struct question *question, const char *sql,
                          struct rows *out, struct problem *why);

#endif
