/* Lines out of chunks: in place where they lie whole in one, copied where they are cut.
 */
#ifndef HOPSCOPE_SRC_HTTP_LINE_H
#define HOPSCOPE_SRC_HTTP_LINE_H

#include "http/source.h"

/* What of the current line stood in earlier chunks. */
struct line_reader {
    struct mark start;
    uint64_t length;  /* bytes taken so far, the line's end included */
    bool is_begun;    /* length > 0 */
    bool awaits_fold; /* the line is whole, unless the next byte continues it */
    uint8_t tail[2];  /* the last two bytes taken */
    struct buffer kept;
    size_t segment_at; /* where the last segment began within the line: its
                        * place in `kept`; 0: nowhere */
    struct mark segment_start;
};

struct line {
    struct bytes text;   /* without its end, at most HTTP_LINE_BYTES_MAX bytes */
    uint64_t raw_length; /* with its end, uncut */
    bool is_in_place;    /* `text` borrows from the chunk, not from the reader */
    bool is_lf_only;
    bool is_too_long;
};

/* Takes the next line, ended by LF or CRLF (RFC 9112, section 2.2), off `s`. With
 * `folds`, lines that begin with white space belong to the one before (section 5.2),
 * so that a line is whole only when the byte after it is known; the empty line is whole
 * at once. True: `*line` is filled and borrows from `s` or `r` until line_reset, which
 * is due before the next call. False: `s` is used up. `s` must not be empty. */
bool line_next(struct line_reader *r, struct source *s, bool folds, struct line *line);

/* Takes the line that only waited for a byte that might have continued it, because no
 * byte will come. False: there is none. */
bool line_take_awaited(struct line_reader *r, struct line *line);

/* The next byte begins a segment. */
void line_mark_segment(struct line_reader *r, const struct mark *at);
/* Lets the begun line begin where the last segment began within it. */
void line_drop_junk(struct line_reader *r);
void line_forget(struct line_reader *r);
/* Forgets the line; keeps the memory. One that is not begun has nothing to forget. */
static inline void line_reset(struct line_reader *r)
{
    if (r->is_begun) line_forget(r);
}
void line_done(struct line_reader *r);

/* What a finding shows of a line: of an empty one, its end. */
static inline struct bytes line_evidence(const struct line *line)
{
    if (line->text.len > 0) return line->text;
    return bytes_of_text(line->is_lf_only ? "\n" : "\r\n");
}

/* The beginning of a line whose end has not come. */
static inline struct bytes line_partial(const struct line_reader *r)
{
    return buffer_bytes(&r->kept);
}

#endif
