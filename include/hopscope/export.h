/* export: an account for others to read: a summary as text for a person, or as one JSON
 * object. Sinks know the records and their field tables and nothing else.
 *
 *   records --> summary (bounded memory) --> text | JSON */
#ifndef HOPSCOPE_EXPORT_H
#define HOPSCOPE_EXPORT_H

#include "hopscope/base.h"
#include "hopscope/record.h"

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

#endif
