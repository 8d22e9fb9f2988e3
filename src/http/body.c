/* Bodies: counted by arithmetic and never read, but for the lines of the chunked coding
 * and its trailers (RFC 9112, sections 6.2, 6.3 and 7.1). */
#include "http/parser.h"

#include "http/chunked.h"

void body_begin(struct parser *p, const struct mark *at)
{
    struct message *m = &p->draft->m;
    switch (m->framing) {
    case FRAMING_LENGTH:
        p->body_left = (uint64_t)m->declared;
        p->state = PARSER_BODY_LENGTH;
        if (p->body_left == 0) parser_end_message(p, at, true);
        break;
    case FRAMING_CHUNKED: p->state = PARSER_CHUNK_LINE; break;
    case FRAMING_CLOSE: p->state = PARSER_BODY_CLOSE; break;
    case FRAMING_INVALID:
        /* A response runs to the close of the connection (RFC 9112, section 6.3-5). A
         * request has no length that two readers would agree on: what follows is read
         * as if it had no body, so that a request hidden there is seen. */
        p->state = PARSER_BODY_CLOSE;
        if (p->from == SIDE_CLIENT) parser_end_message(p, at, true);
        break;
    case FRAMING_NONE:
    case FRAMING_TUNNEL:
    case FRAMING_UNKNOWN: parser_end_message(p, at, true); break;
    }
}

/* The response to an HTTP/0.9 request: no head, and what was taken for the beginning of
 * a status line is body. */
void body_begin_simple(struct parser *p, const struct mark *at)
{
    struct draft *d = p->draft;
    struct message *m = &d->m;
    m->number = ++p->number;
    m->version = VERSION_09;
    m->framing = FRAMING_CLOSE;
    m->start = m->head_end = m->body_start = *at;
    m->body_bytes = d->line.length;
    draft_keep_line(d, line_partial(&d->line));
    line_reset(&d->line);
    p->owner->pair(p->context, m);
    p->owner->head(p->context, m);
    p->state = PARSER_BODY_CLOSE;
}

void body_skip(struct parser *p, const struct chunk *gap)
{
    struct message *m = &p->draft->m;
    uint64_t taken = gap->missing;
    if (p->state != PARSER_BODY_CLOSE && taken > p->body_left) taken = p->body_left;
    m->missing_bytes += taken;
    m->body_bytes += taken;
    p->body_left -= p->state == PARSER_BODY_CLOSE ? 0 : taken;
    p->offset = gap->offset + taken;
    m->end = (struct mark){.offset = p->offset,
                           .captured_ns = gap->captured_ns,
                           .ref = gap->ref,
                           .peer_acked = gap->peer_acked};
    if (p->body_left > 0 || p->state == PARSER_BODY_CLOSE) return;
    const struct mark end = m->end;
    if (p->state == PARSER_CHUNK_DATA)
        p->state = PARSER_CHUNK_CR;
    else
        parser_end_message(p, &end, true);
}

/* Passes over what is here of a run whose length is known. True: all of it is. */
static bool body_take_run(struct parser *p, struct source *s)
{
    uint64_t here = cursor_left(&s->in);
    if (here > p->body_left) here = p->body_left;
    if (p->from == SIDE_CLIENT)
        hidden_look(&p->draft->hidden, source_offset(s),
                    bytes_first(cursor_rest(&s->in), (size_t)here));
    cursor_skip(&s->in, (size_t)here);
    p->body_left -= here;
    p->draft->m.body_bytes += here;
    return p->body_left == 0;
}

static void body_take_rest(struct parser *p, struct source *s)
{
    size_t here = cursor_left(&s->in);
    if (p->draft->m.version == VERSION_09)
        draft_keep_line(p->draft, cursor_rest(&s->in));
    cursor_skip(&s->in, here);
    p->draft->m.body_bytes += here;
}

/* The chunked coding cannot be followed any further: the message ends here, and the
 * next is looked for (SEMANTICS: resynchronise). */
static void body_fail(struct parser *p, struct source *s)
{
    const struct mark end = source_mark(s);
    uint64_t start = p->draft->m.head_end.offset;
    parser_end_message(p, &end, false);
    parser_tell_loss(p, LOSS_BEHIND, start, end.offset, 0);
    resync_enter(p, false);
}

static void body_read_chunk_line(struct parser *p, struct source *s)
{
    struct draft *d = p->draft;
    struct line line;
    if (!line_next(&d->line, s, false, &line)) return;
    const struct notes n = parser_notes(p, &d->line.start);
    bool is_sound = chunked_read_line(&line, &n, &p->body_left, &d->extension_told);
    line_reset(&d->line);
    if (p->from == SIDE_CLIENT) hidden_begin_line(&d->hidden);
    if (!is_sound)
        body_fail(p, s);
    else
        p->state = p->body_left > 0 ? PARSER_CHUNK_DATA : PARSER_TRAILERS;
}

/* The CRLF behind a chunk's data, one byte at a time: it may be cut. */
static void body_read_chunk_end(struct parser *p, struct source *s)
{
    const struct mark at = source_mark(s);
    const struct notes n = parser_notes(p, &at);
    struct bytes evidence = cursor_rest(&s->in);
    uint8_t c = cursor_8(&s->in);
    if (c == '\r' && p->state == PARSER_CHUNK_CR) {
        p->state = PARSER_CHUNK_LF;
        return;
    }
    if (c != '\n') {
        notes_add(&n, FINDING_CHUNK_DATA_OVERRUN, SEVERITY_UNKNOWN, evidence);
        body_fail(p, s);
        return;
    }
    if (p->state == PARSER_CHUNK_CR)
        notes_add(&n, FINDING_CHUNK_LINE_LF, SEVERITY_UNKNOWN, evidence);
    p->state = PARSER_CHUNK_LINE;
}

static void body_read_trailer(struct parser *p, struct source *s)
{
    struct draft *d = p->draft;
    struct line line;
    struct field field;
    if (!line_next(&d->line, s, true, &line)) return;
    const struct notes n = parser_notes(p, &d->line.start);
    head_note_line(p, &line);
    if (line.text.len == 0) {
        const struct mark end = source_mark(s);
        parser_end_message(p, &end, true);
        return;
    }
    if (header_split(&d->header, &line, &n, &field)) header_note_trailer(&field, &n);
    line_reset(&d->line);
}

static void body_note_start(struct message *m, const struct source *s)
{
    if (m->body_start.offset == OFFSET_UNKNOWN) m->body_start = source_mark(s);
}

void body_step_length(struct parser *p, struct source *s)
{
    struct message *m = &p->draft->m;
    body_note_start(m, s);
    if (!body_take_run(p, s)) return;
    m->end = source_mark(s);
    parser_end_message(p, &m->end, true);
}

void body_step(struct parser *p, struct source *s)
{
    body_note_start(&p->draft->m, s);
    switch (p->state) {
    case PARSER_BODY_LENGTH: body_step_length(p, s); break;
    case PARSER_BODY_CLOSE: body_take_rest(p, s); break;
    case PARSER_CHUNK_LINE: body_read_chunk_line(p, s); break;
    case PARSER_CHUNK_DATA:
        if (body_take_run(p, s)) p->state = PARSER_CHUNK_CR;
        break;
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF: body_read_chunk_end(p, s); break;
    case PARSER_TRAILERS: body_read_trailer(p, s); break;
    case PARSER_START_LINE:
    case PARSER_FIELDS:
    case PARSER_RESYNC:
    case PARSER_DONE: break;
    }
}
