/* Findings of one line or message: where they stand is said once. */
#ifndef HOPSCOPE_SRC_HTTP_NOTES_H
#define HOPSCOPE_SRC_HTTP_NOTES_H

#include "hopscope/http.h"

/* The beginning of a line, kept beyond its chunk for findings that come later. */
struct evidence {
    uint8_t length;
    uint8_t text[FINDING_EVIDENCE_MAX];
};

/* Appends as much as there is room for. */
void evidence_add(struct evidence *e, struct bytes text);

static inline struct bytes evidence_bytes(const struct evidence *e)
{
    return bytes_of(e->text, e->length);
}

struct notes {
    struct conn *conn;
    enum side from;
    const struct mark *at; /* first byte of the line or message */
    struct bytes line;     /* evidence of what has none of its own; borrowed */
};

/* SEVERITY_UNKNOWN takes the catalogue's. `evidence` is copied; empty: n->line. */
void notes_add(const struct notes *n, enum finding_code code, enum severity severity,
               struct bytes evidence);

/* One row per oddity that a reader of lines tells by a bit. */
struct notes_row {
    uint32_t bit;
    enum finding_code code;
};
void notes_add_rows(const struct notes *n, uint32_t bits, const struct notes_row *rows,
                    size_t count, struct bytes evidence);
static inline void notes_add_bits(const struct notes *n, uint32_t bits,
                                  const struct notes_row *rows, size_t count,
                                  struct bytes evidence)
{
    if (bits != 0) notes_add_rows(n, bits, rows, count, evidence);
}

#endif
