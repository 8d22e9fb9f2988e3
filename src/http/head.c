/* Start line and fields: from the first byte of a message to the empty line.
 *
 *   line --plain--> plain_head.c --------------------.
 *      '--cut, folded, odd--> line.c --> findings ---+--> head_take_start
 *                                                    '--> head_use_field
 *
 * The first way only leaves out what cannot be there. */
#include "http/parser.h"

#include <string.h>

#include "http/chars.h"
#include "http/coding.h"
#include "http/expectation.h"
#include "http/framing.h"
#include "http/plain_head.h"
#include "http/plain_lines.h"

/* ---- the start line ---- */

void head_note_line(const struct parser *p, const struct line *line)
{
    if (!line->is_lf_only && !line->is_too_long) return;
    const struct notes n = parser_notes(p, &p->draft->line.start);
    if (line->is_lf_only && !p->draft->has_lf_note) {
        p->draft->has_lf_note = true; /* once per message tells it all */
        notes_add(&n, FINDING_LINE_LF, SEVERITY_UNKNOWN, line_evidence(line));
    }
    if (line->is_too_long)
        notes_add(&n, FINDING_LINE_TOO_LONG, SEVERITY_UNKNOWN, line->text);
}

/* RFC 9112, section 2.2: empty lines before a start line are passed over. One after a
 * body is an old client's habit. */
static void head_skip_empty(struct parser *p, const struct line *line)
{
    struct line_reader *r = &p->draft->line;
    const struct notes n = parser_notes(p, &r->start);
    uint8_t silent = p->before == BEFORE_BODY ? 1 : 0;
    if (p->empty_lines == silent)
        notes_add(&n, FINDING_LINE_LEADING_EMPTY, SEVERITY_UNKNOWN,
                  line_evidence(line));
    if (p->empty_lines < UINT8_MAX) p->empty_lines++;
    line_reset(r);
}

void head_note_garbage(const struct parser *p, struct bytes text)
{
    const struct notes n = parser_notes(p, &p->draft->line.start);
    enum finding_code code = FINDING_REQUEST_LINE_GARBAGE;
    if (p->from == SIDE_SERVER)
        code = p->before == BEFORE_BODILESS ? FINDING_BODY_UNEXPECTED
                                            : FINDING_STATUS_INVALID;
    if (!parser_is_entering(p)) notes_add(&n, code, SEVERITY_UNKNOWN, text);
}

/* Whether the bytes refused are likely to have been a message of their own. Behind
 * invalid framing or a bodiless response they are a body; at the very beginning of a
 * connection they are a proxy's preamble rather than a request. */
static bool head_was_message(const struct parser *p)
{
    switch (p->before) {
    case BEFORE_MESSAGE:
    case BEFORE_BODY:
    case BEFORE_LOSS: return true;
    case BEFORE_NOTHING: return p->from == SIDE_SERVER && !parser_is_entering(p);
    case BEFORE_BODILESS:
    case BEFORE_INVALID: return false;
    }
    return false;
}

static void head_refuse(struct parser *p, struct bytes text)
{
    head_note_garbage(p, text);
    uint64_t start = p->draft->line.start.offset;
    parser_tell_loss(p, head_was_message(p) ? LOSS_OF_GARBAGE : LOSS_OF_LINE, start,
                     start + text.len, 0);
}

static void head_give_up(struct parser *p, struct bytes text, bool is_whole)
{
    bool is_lost = p->before == BEFORE_LOSS || p->is_end_guessed;
    head_refuse(p, text);
    resync_enter(p, !is_lost && !parser_is_entering(p));
    if (!is_whole) p->is_aligned = false; /* the line goes on */
}

/* Whether the end of the line need not be awaited. A request line with odd bytes may
 * still be one that is taken, but not where a capture was entered. */
static bool head_is_hopeless(const struct parser *p, struct bytes text)
{
    if (parser_is_entering(p)) return !resync_may_begin(p, text);
    return p->from == SIDE_SERVER && !start_line_may_begin(text, p->from);
}

/* The same of what has come of the line. */
static bool head_is_refused(const struct parser *p, struct bytes partial)
{
    bool is_empty_line = partial.ptr[0] == '\r' && partial.len == 1;
    return !is_empty_line && head_is_hopeless(p, partial);
}

/* Behind the junk of an earlier segment, the last one may have begun a start line. */
static bool head_may_follow_junk(const struct parser *p, struct bytes partial)
{
    size_t junk = p->draft->line.segment_at;
    return junk > 0 && junk < partial.len &&
           !head_is_hopeless(p, bytes_from(partial, junk));
}

void head_leave_line(struct parser *p)
{
    if (p->state != PARSER_START_LINE || !p->draft || !p->draft->line.is_begun) return;
    struct bytes partial = line_partial(&p->draft->line);
    if (head_is_refused(p, partial)) head_give_up(p, partial, false);
}

void head_take_parts(struct parser *p, const struct start_line *l, struct bytes text,
                     bool is_in_place)
{
    struct draft *d = p->draft;
    struct message *m = &d->m;
    if (!d->is_announced) {
        draft_set_line(d, text, is_in_place);
        m->number = ++p->number;
    }
    m->version = l->version;
    m->status = l->status;
    if (p->from == SIDE_SERVER) return;
    m->method = l->known;
    draft_set_text(d, TEXT_METHOD, l->method, is_in_place);
    draft_set_text(d, TEXT_TARGET, l->target, is_in_place);
}

void head_take_start(struct parser *p, const struct start_line *l, struct bytes text,
                     bool is_in_place)
{
    struct draft *d = p->draft;
    head_take_parts(p, l, text, is_in_place);
    d->m.start = d->line.start;
    d->m.head_bytes = d->line.length;
}

/* Framing, the head's way up, and on to the body, which begins with the next byte of
 * `s`. The mark is made where it stays: it cannot be copied before it has been written.
 */
static void head_end(struct parser *p, const struct source *s)
{
    struct draft *d = p->draft;
    struct message *m = &d->m;
    const struct notes n = parser_notes(p, &m->start);
    m->head_end = source_mark(s);
    if (m->version != VERSION_09) header_judge(&d->header, m, &n);
    enum method asked = m->method;
    if (p->from == SIDE_SERVER) asked = p->owner->pair(p->context, m);
    framing_decide(m, &d->header, asked, &n);
    if (p->from == SIDE_CLIENT) expectation_judge(&d->header, m, &n);
    if (m->framing == FRAMING_CHUNKED && m->declared >= 0)
        overruled_begin(&p->overruled, m->start.offset,
                        m->head_end.offset + (uint64_t)m->declared);
    if (d->is_announced) m->flags |= MESSAGE_IS_RETOLD;
    p->owner->head(p->context, m);
    draft_forget_texts(d);
    line_reset(&d->line);
    body_begin(p, &m->head_end);
}

void head_begin(struct parser *p, struct source *s, const struct line *line)
{
    struct draft *d = p->draft;
    const struct notes n = parser_notes(p, &d->line.start);
    struct start_line l;
    /* The end of a line over the cap is not there, and the version with it. */
    bool is_taken = line->is_too_long ? start_line_read_cut(line->text, p->from, &l)
                                      : start_line_read(line->text, p->from, &l);
    /* Behind invalid framing it is more likely the end of a body. */
    bool is_body = p->before == BEFORE_INVALID && !l.is_exact;
    bool is_part = is_taken && parser_is_entering(p) &&
                   (!resync_is_likely(p, &l) || !resync_may_begin(p, line->text));
    if (!is_taken || is_body || is_part) {
        if (d->is_announced)
            unfinished_refuse(p, s, line->text);
        else
            head_give_up(p, line->text, true);
        return;
    }
    head_note_line(p, line);
    start_line_note(&l, &n, line->text);
    if (memchr(line->text.ptr, '\r', line->text.len))
        notes_add(&n, FINDING_LINE_CR, SEVERITY_UNKNOWN, line->text);
    head_take_start(p, &l, line->text, line->is_in_place);
    if (l.is_simple) {
        head_end(p, s);
        return;
    }
    p->state = PARSER_FIELDS;
    line_reset(&d->line);
}

/* Whether what begins here cannot be a status line, while an HTTP/0.9 response is due:
 * that has no head at all. */
static bool head_is_simple_response(const struct parser *p, const struct source *s)
{
    static const char name[] = "HTTP/";
    uint64_t length = p->draft->line.length;
    struct bytes next = cursor_rest(&s->in);
    if (length == 0 && bytes_start_with(next, name)) return false;
    for (size_t i = 0; i < next.len && length + i < sizeof name - 1; i++) {
        if (next.ptr[i] != (uint8_t)name[length + i])
            return p->owner->expects_simple(p->context);
    }
    return false;
}

/* A CR that waited for its LF as an empty line, and does not get it. */
static bool head_is_stray_cr(const struct parser *p, const struct source *s)
{
    if (!p->draft->line.is_begun) return false;
    struct bytes partial = line_partial(&p->draft->line);
    return partial.len == 1 && partial.ptr[0] == '\r' &&
           cursor_rest(&s->in).ptr[0] != '\n' && head_is_hopeless(p, partial);
}

__attribute__((noinline)) static void head_read_start(struct parser *p,
                                                      struct source *s)
{
    struct draft *d = p->draft;
    if (head_is_stray_cr(p, s)) {
        head_give_up(p, line_partial(&d->line), false);
        resync_align(p, s->chunk);
        return;
    }
    if (p->from == SIDE_SERVER && head_is_simple_response(p, s)) {
        const struct mark here = source_mark(s);
        body_begin_simple(p, d->line.is_begun ? &d->line.start : &here);
        return;
    }
    struct line line;
    if (!line_next(&d->line, s, false, &line)) {
        struct bytes partial = line_partial(&d->line);
        if (head_is_refused(p, partial) && !head_may_follow_junk(p, partial))
            head_give_up(p, partial, false);
        return;
    }
    if (line.text.len == 0) {
        head_skip_empty(p, &line);
        return;
    }
    struct bytes junk = bytes_first(line.text, d->line.segment_at);
    struct start_line whole; /* "h" may begin one, "hHTTP/1.1 200" is none */
    bool is_behind = junk.len > 0 && !d->is_announced && resync_has_junk(p, &line) &&
                     (!start_line_may_begin(junk, p->from) ||
                      !start_line_read(line.text, p->from, &whole));
    if (is_behind || (parser_is_entering(p) && resync_is_behind_junk(p, &line))) {
        head_refuse(p, junk);
        resync_drop_junk(p, &line);
        resync_end(p);
    }
    head_begin(p, s, &line);
}

/* ---- fields ---- */

void head_tell_field(struct parser *p, const struct field *f)
{
    const struct header_field field = {.message = &p->draft->m,
                                       .position = p->draft->header.field_count,
                                       .name = f->name,
                                       .value = f->raw};
    p->owner->field(p->context, &field);
}

/* Each is told once, at the field that goes over. */
static void head_note_size(const struct parser *p, const struct line *line,
                           const struct notes *n)
{
    uint64_t head_bytes = p->draft->m.head_bytes;
    if (p->draft->header.field_count == HTTP_FIELDS_MAX + 1)
        notes_add(n, FINDING_FIELDS_TOO_MANY, SEVERITY_UNKNOWN, line->text);
    if (head_bytes > HTTP_HEADER_BYTES_MAX &&
        head_bytes - line->raw_length <= HTTP_HEADER_BYTES_MAX)
        notes_add(n, FINDING_FIELDS_TOO_LARGE, SEVERITY_UNKNOWN, line->text);
}

void head_take_field(struct parser *p, const struct line *line)
{
    struct draft *d = p->draft;
    struct notes n = parser_notes(p, &d->line.start);
    struct field field;
    n.line = line->text;
    bool is_first = d->header.field_count++ == 0;
    head_note_line(p, line);
    head_note_size(p, line, &n);
    if (is_first && chars_is_blank(line->text.ptr[0])) {
        /* RFC 9112, section 2.2: such a line is passed over. */
        notes_add(&n, FINDING_FIELD_FIRST_INDENTED, SEVERITY_UNKNOWN, line->text);
        return;
    }
    if (!header_split(&d->header, line, &n, &field)) return;
    head_use_field(p, &field, &n, line->is_in_place);
}

static void head_read_field(struct parser *p, struct source *s)
{
    struct draft *d = p->draft;
    struct line line;
    if (!d->line.is_begun && source_skip_line_end(s)) {
        d->m.head_bytes += PLAIN_LINE_END;
        head_end(p, s);
        return;
    }
    if (!line_next(&d->line, s, true, &line)) return;
    d->m.head_bytes += line.raw_length;
    if (line.text.len > 0) {
        head_take_field(p, &line);
        line_reset(&d->line);
        return;
    }
    head_note_line(p, &line);
    head_end(p, s);
}

void head_step(struct parser *p, struct source *s)
{
    if (!p->draft->line.is_begun) plain_head_read(p, s);
    if (p->state == PARSER_START_LINE)
        head_read_start(p, s);
    else
        head_read_field(p, s);
}
