/* Finding the next message after a fault: a start line at the beginning of a segment
 * (no sender is known to put it anywhere else), or, where the fault is only that a line
 * is no start line, at the beginning of a later line of the same run of bytes. */
#include "http/parser.h"

#include <string.h>

static void resync_forget_line(struct draft *d)
{
    line_reset(&d->line);
    d->segment_at = 0;
}

void resync_enter(struct parser *p, bool takes_lines)
{
    p->state = PARSER_RESYNC;
    p->is_aligned = p->takes_lines = takes_lines;
    if (p->draft) resync_forget_line(p->draft);
}

void resync_align(struct parser *p, const struct chunk *chunk)
{
    struct draft *d = p->draft;
    struct line_reader *r = &d->line;
    if (!chunk->starts_segment) return;
    bool is_begun_line = p->state == PARSER_START_LINE && r->is_begun;
    if (is_begun_line && !start_line_may_begin(line_partial(r), p->from) &&
        start_line_may_begin(chunk->data, p->from))
        head_refuse(p, line_partial(r));
    if (p->state != PARSER_RESYNC) return;
    p->is_aligned = true;
    d->segment_at = r->is_begun ? line_partial(r).len : 0;
    const struct source s = source_of(chunk);
    d->segment_start = source_mark(&s);
}

/* Passes over bytes where no start line can begin. */
static void resync_skip(struct parser *p, struct source *s)
{
    struct bytes rest = cursor_rest(&s->in);
    const uint8_t *lf = p->takes_lines ? memchr(rest.ptr, '\n', rest.len) : NULL;
    cursor_skip(&s->in, lf ? (size_t)(lf - rest.ptr) + 1 : rest.len);
    p->is_aligned = lf != NULL;
}

static bool resync_is_start(const struct parser *p, const struct line *line)
{
    struct start_line l;
    if (!start_line_read(line->text, p->from, &l) || !l.is_exact) return false;
    return p->from == SIDE_SERVER || !line->is_too_long;
}

/* A line that an earlier segment began may be junk with a start line behind it, where
 * the last segment begins: then that is the line. */
static void resync_drop_junk(struct parser *p, struct line *line)
{
    struct draft *d = p->draft;
    if (d->segment_at == 0 || d->segment_at >= line->text.len) return;
    struct line tail = *line;
    tail.text = bytes_from(line->text, d->segment_at);
    if (!resync_is_start(p, &tail)) return;
    *line = tail;
    d->line.start = d->segment_start;
    d->line.length -= d->segment_at;
}

/* The line was no start line. If it came from an earlier segment, the one that is being
 * read may begin with another. */
static void resync_refuse(struct parser *p, struct source *s, bool was_begun)
{
    resync_forget_line(p->draft);
    p->is_aligned = p->takes_lines;
    if (p->takes_lines || !was_begun || !s->chunk->starts_segment) return;
    *s = source_of(s->chunk);
    p->is_aligned = true;
}

void resync_step(struct parser *p, struct source *s)
{
    struct line_reader *r = &p->draft->line;
    bool was_begun = r->is_begun;
    struct line line;
    if (!p->is_aligned && !was_begun) {
        resync_skip(p, s);
        return;
    }
    if (!line_next(r, s, false, &line)) {
        if (!p->takes_lines && !start_line_may_begin(line_partial(r), p->from))
            resync_refuse(p, s, was_begun);
        return;
    }
    if (line.text.len == 0) {
        resync_forget_line(p->draft);
        return;
    }
    resync_drop_junk(p, &line);
    if (!resync_is_start(p, &line)) {
        resync_refuse(p, s, was_begun);
        return;
    }
    p->state = PARSER_START_LINE;
    p->before = BEFORE_LOSS;
    p->owner->resync(p->context, p->from);
    head_begin(p, s, &line);
}
