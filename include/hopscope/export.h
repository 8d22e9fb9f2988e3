/* export: an account for others to read: a summary as text for a person, or as one JSON
 * object; and a database's rows in the formats of other programs.
 *
 *   records --> summary (bounded memory) --> text | JSON
 *   rows of the views --> format (row by row) --> bytes of one part or several */
#ifndef HOPSCOPE_EXPORT_H
#define HOPSCOPE_EXPORT_H

#include "hopscope/base.h"
#include "hopscope/record.h"
#include "hopscope/rows.h"

struct summary;

/* What a sentence about a run needs. */
struct summary_totals {
    uint64_t captures, packets, connections, exchanges, tunnels, findings;
};

/* Its memory does not grow with the captures: hosts, captures and connections under way
 * are kept up to a cap and counted beyond it. */
struct summary *summary_new(void);
/* Never fails. Valid until summary_free; to be used from one thread. */
struct record_sink summary_sink(struct summary *s);
struct summary_totals summary_totals(const struct summary *s);
void summary_free(struct summary *s); /* NULL is allowed */

struct summary_style {
    unsigned width; /* of a line, in columns; taken as 72 at least and 100 at most */
    bool has_colour;
};

/* Appends the summary for a person: UTF-8, no byte from the wire unescaped. */
void summary_text_write(const struct summary *s, const struct summary_style *style,
                        struct buffer *out);
/* Appends the summary as one JSON object (RFC 8259) and a newline. Ids of 64 bits are
 * strings; what was not observed is null; bytes that are no UTF-8 become \xHH, as in
 * the database. */
void summary_json_write(const struct summary *s, struct buffer *out);

/* ---- formats ---- */

/* Whoever answers a SELECT over the views; results as rows_next has them. Several may
 * be under way at once. */
struct export_source {
    void *context;
    enum status (*ask)(void *context, const char *sql, struct rows *out,
                       struct problem *why);
};

/* Where the bytes go. */
struct export_target {
    void *context;
    /* What follows belongs to the part of this name ("conn", "exchanges"), of which a
     * format makes one or several, one after the other. */
    enum status (*begin)(void *context, const char *part, struct problem *why);
    enum status (*write)(void *context, struct bytes part, struct problem *why);
};

struct export_order {
    struct export_source source;
    struct export_target target;
    const char *part; /* only this one; NULL: all */
    bool is_json;     /* of a format that has both: JSON instead of columns */
};

enum { EXPORT_PARTS_MAX = 8 };

struct export_format {
    const char *name;
    const char *about;                   /* one line */
    const char *suffix;                  /* of a part's file: "csv" */
    const char *parts[EXPORT_PARTS_MAX]; /* NULL ends them; [0] NULL: it is one text */
    bool has_json;                       /* is_json makes a difference */
    /* Memory does not grow with the rows. Values that were not observed are absent, -1
     * or "-", as the format has it; text that is no UTF-8 is escaped as record_utf8
     * does it. */
    enum status (*run)(const struct export_order *order, struct problem *why);
};

/* The formats in the order in which they are listed; NULL: no more. */
const struct export_format *export_format_at(size_t index);
const struct export_format *export_format_find(const char *name); /* NULL: none */

#endif
