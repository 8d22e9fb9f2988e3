/* Columns of the list of connections: some of our own, then every field of a
 * connection's record. */
#ifndef UI_COLUMNS_H
#define UI_COLUMNS_H

#include "ui/canvas.h"
#include "ui/model.h"

enum { COLUMNS_SHOWN_MAX = 32, COLUMN_TEXT_MAX = 512 };

/* What rows are ordered by. */
struct column_key {
    int64_t number; /* RECORD_UNKNOWN: before all others */
    struct bytes text;
};

struct column {
    const char *name, *title;
    int width;              /* usual; a text column may be narrower, or get more */
    int priority;           /* the lowest goes first where the screen is narrow */
    bool is_right, is_wide; /* is_wide: at least `width`, and what room is left */
    void (*write)(const struct model *m, const struct model_connection *c,
                  struct buffer *out, bool is_ascii);
    struct column_key (*key)(const struct model *m, const struct model_connection *c);
    const struct field *field; /* instead of the two functions */
};

size_t columns_count(void);
struct column columns_get(size_t index);
/* By name; columns_count(): there is none. */
size_t columns_find(struct bytes name);
/* Appends the value, fit for a terminal. */
void columns_write(const struct column *column, const struct model *m,
                   const struct model_connection *c, struct buffer *out, bool is_ascii);
struct column_key columns_key(const struct column *column, const struct model *m,
                              const struct model_connection *c);
/* What the state column says of a connection, and how it is to be shown. */
const char *columns_state(const struct model_connection *c, unsigned *style);

/* Which are shown, in what order, and how the rows are sorted. */
struct column_choice {
    size_t shown[COLUMNS_SHOWN_MAX], count;
    size_t sorted_by; /* a column's index, shown or not */
    bool is_descending;
};

void columns_choose_usual(struct column_choice *choice);
/* One line of text each way: "columns: state client ...; sort: -age". What is not
 * understood is left out. */
void columns_choice_write(const struct column_choice *choice, struct buffer *out);
void columns_choice_read(struct column_choice *choice, struct bytes text);

struct column_layout {
    int at[COLUMNS_SHOWN_MAX], widths[COLUMNS_SHOWN_MAX]; /* width 0: no room */
};

/* Places shown columns side by side in `width`. `needs` is what the rows of each take;
 * the first `skipped` after the second are left out. */
void columns_lay_out(const struct column_choice *choice, const int *needs, int width,
                     size_t skipped, struct column_layout *out);

#endif
