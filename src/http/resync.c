/* Finding the next message after a fault: a start line at the beginning of a segment
 * (no sender is known to put it anywhere else), or, where the fault is only that a line
 * is no start line, at the beginning of a later line of the same run of bytes. */
#include "http/parser.h"

#include <string.h>

#include "http/names.h"

void resync_enter(struct parser *p, bool takes_lines)
{
    p->state = PARSER_RESYNC;
    p->is_aligned = p->takes_lines = takes_lines;
    if (p->draft) line_reset(&p->draft->line);
}

void resync_end(struct parser *p)
{
    p->state = PARSER_START_LINE;
    if (!parser_is_entering(p)) p->owner->resync(p->context, p->from);
    p->before = BEFORE_LOSS;
}

/* What an earlier segment began within the line may still be a start line, cut into
 * small segments. */
static bool resync_has_candidate(const struct parser *p)
{
    size_t at = p->draft->line.segment_at;
    struct bytes text = line_partial(&p->draft->line);
    if (at == 0 || at >= text.len) return false;
    text = bytes_from(text, at);
    bool is_known = p->from == SIDE_SERVER || names_may_begin_method(text);
    return is_known && start_line_may_begin(text, p->from);
}

void resync_mark_segment(struct parser *p, const struct chunk *chunk)
{
    const struct source s = source_of(chunk);
    const struct mark here = source_mark(&s);
    if (!resync_has_candidate(p)) line_mark_segment(&p->draft->line, &here);
}

/* Passes over bytes where no start line can begin. */
static void resync_skip(struct parser *p, struct source *s)
{
    struct bytes rest = cursor_rest(&s->in);
    const uint8_t *lf = p->takes_lines ? memchr(rest.ptr, '\n', rest.len) : NULL;
    cursor_skip(&s->in, lf ? (size_t)(lf - rest.ptr) + 1 : rest.len);
    p->is_aligned = lf != NULL;
}

bool resync_is_likely(const struct parser *p, const struct start_line *l)
{
    if (p->from == SIDE_SERVER) return true;
    if (p->takes_lines || p->is_behind_head) return start_line_is_likely(l);
    return l->target.len > 0 && l->is_registered;
}

bool resync_may_begin(const struct parser *p, struct bytes text)
{
    if (!start_line_may_begin(text, p->from)) return false;
    if (p->from == SIDE_SERVER || p->takes_lines || p->is_behind_head) return true;
    return text.len == 0 || text.ptr[0] == '\r' || names_may_begin_method(text);
}

static bool resync_is_start(const struct parser *p, struct bytes text)
{
    struct start_line l;
    return start_line_may_begin(text, p->from) && start_line_read(text, p->from, &l) &&
           l.is_exact && resync_is_likely(p, &l);
}

static bool resync_is_flawless(const struct parser *p, struct bytes text)
{
    struct start_line l;
    return start_line_read(text, p->from, &l) && l.is_flawless;
}

bool resync_has_junk(const struct parser *p, const struct line *line)
{
    size_t junk = p->draft->line.segment_at;
    if (junk == 0 || junk >= line->text.len) return false;
    return !resync_is_flawless(p, line->text) &&
           resync_is_flawless(p, bytes_from(line->text, junk));
}

bool resync_is_behind_junk(const struct parser *p, const struct line *line)
{
    size_t junk = p->draft->line.segment_at;
    return junk > 0 && !resync_is_start(p, line->text) &&
           resync_is_start(p, bytes_from(line->text, junk));
}

void resync_drop_junk(struct parser *p, struct line *line)
{
    struct line_reader *r = &p->draft->line;
    size_t length = line->text.len - r->segment_at;
    line_drop_junk(r);
    line->text = bytes_first(line_partial(r), length);
}

/* Of a line that an earlier segment began, only what the last one began may be a start
 * line. False: neither is. */
static bool resync_find_start(struct parser *p, struct line *line)
{
    if (!resync_has_junk(p, line) && !resync_is_behind_junk(p, line))
        return resync_is_start(p, line->text);
    resync_drop_junk(p, line);
    return true;
}

/* Whether what has come of a line may become a start line, or the empty line before
 * one. */
static bool resync_may_go_on(const struct parser *p)
{
    struct bytes text = line_partial(&p->draft->line);
    return (text.len == 1 && text.ptr[0] == '\r') || resync_may_begin(p, text);
}

/* What has come of a line cannot begin a start line; perhaps without its beginning. */
static void resync_drop_hopeless(struct parser *p)
{
    struct line_reader *r = &p->draft->line;
    if (p->takes_lines || resync_may_go_on(p)) return;
    if (r->segment_at > 0) {
        line_drop_junk(r);
        if (resync_may_go_on(p)) return;
    }
    line_reset(r);
    p->is_aligned = false;
}

/* Behind the line, which is no start line, one may begin: it is empty, or the segment
 * that ends it begins with an empty one. */
static bool resync_keeps_aligned(const struct parser *p, const struct line *line)
{
    size_t at = p->draft->line.segment_at;
    bool is_junk = at > 0 && at >= line->text.len && !line->is_too_long;
    return p->takes_lines || line->text.len == 0 || is_junk;
}

void resync_step(struct parser *p, struct source *s)
{
    struct line_reader *r = &p->draft->line;
    struct line line;
    if (!p->is_aligned && !r->is_begun) {
        resync_skip(p, s);
        return;
    }
    if (!line_next(r, s, false, &line)) {
        resync_drop_hopeless(p);
        return;
    }
    if (line.text.len > 0 && resync_find_start(p, &line)) {
        resync_end(p);
        head_begin(p, s, &line);
        return;
    }
    p->is_aligned = resync_keeps_aligned(p, &line);
    line_reset(r);
}
