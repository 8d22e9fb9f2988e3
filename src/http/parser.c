/* The frame of the state machine: chunks, gaps and ends are dispatched by state here;
 * what each state reads is in head.c, body.c and resync.c. */
#include "http/parser.h"

#include "hopscope/span.h"

#include <assert.h>

void parser_init(struct parser *p, enum side from, struct conn *conn,
                 const struct parser_owner *owner, void *context,
                 struct http_drafts *drafts)
{
    *p = (struct parser){.owner = owner,
                         .context = context,
                         .conn = conn,
                         .from = from,
                         .drafts = drafts};
}

void parser_done(struct parser *p)
{
    draft_drop(p->drafts, p->draft);
    p->draft = NULL;
}

/* A message may begin. What begins in the chunk waited for it, even behind another. */
static void parser_renew(struct parser *p)
{
    if (p->draft == NULL)
        p->draft = draft_take(p->drafts, p->from);
    else
        draft_reset(p->draft);
    p->draft->m.stalled_ns = p->stalled_ns;
}

void parser_pause(struct parser *p)
{
    p->is_paused = true;
}

void parser_tell_loss(struct parser *p, enum parser_loss loss, uint64_t start,
                      uint64_t end, uint64_t missing)
{
    const struct parser_loss_place place = {
        .from = p->from, .start = start, .end = end, .missing = missing};
    p->owner->lost(p->context, loss, &place);
}

/* ---- the end of a message ---- */

static enum parser_before parser_what_ended(const struct message *m)
{
    switch (m->framing) {
    case FRAMING_LENGTH:
    case FRAMING_CHUNKED:
    case FRAMING_CLOSE: return BEFORE_BODY;
    case FRAMING_INVALID: return BEFORE_INVALID;
    case FRAMING_NONE: return m->from == SIDE_SERVER ? BEFORE_BODILESS : BEFORE_MESSAGE;
    case FRAMING_TUNNEL:
    case FRAMING_UNKNOWN: return BEFORE_MESSAGE;
    }
    return BEFORE_MESSAGE;
}

/* A response whose request was not seen may have answered a HEAD: then the bytes that
 * its Content-Length took were the next ones'. */
static bool parser_guessed_end(const struct message *m)
{
    return m->from == SIDE_SERVER && m->framing == FRAMING_LENGTH &&
           m->confidence == PAIR_ORPHAN && !m->is_proof && m->body_bytes > 0;
}

void parser_end_message(struct parser *p, const struct mark *end, bool is_complete)
{
    struct message *m = &p->draft->m;
    draft_forget_texts(p->draft);
    m->end = *end;
    m->is_complete = is_complete;
    m->hidden_offset = p->draft->hidden.found_offset;
    m->hidden_line = hidden_line(&p->draft->hidden);
    p->before = parser_what_ended(m);
    p->is_end_guessed = parser_guessed_end(m);
    p->state = PARSER_START_LINE;
    p->empty_lines = 0;
    p->owner->end(p->context, m);
    line_reset(&p->draft->line);
    p->draft->is_over = true;
}

/* ---- data ---- */

static void parser_step(struct parser *p, struct source *s)
{
    switch (p->state) {
    case PARSER_START_LINE:
    case PARSER_FIELDS: head_step(p, s); break;
    case PARSER_BODY_LENGTH:
    case PARSER_BODY_CLOSE:
    case PARSER_CHUNK_LINE:
    case PARSER_CHUNK_DATA:
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF:
    case PARSER_TRAILERS: body_step(p, s); break;
    case PARSER_RESYNC: resync_step(p, s); break;
    case PARSER_DONE: cursor_skip(&s->in, cursor_left(&s->in)); break;
    }
}

/* Whether some byte of a message, or of a line that may become one, has been read. */
static bool parser_is_within(const struct parser *p)
{
    if (p->state == PARSER_START_LINE || p->state == PARSER_RESYNC)
        return p->draft->line.is_begun;
    return p->state != PARSER_DONE;
}

/* The chunk goes: what is needed of it is copied, and an idle parser keeps nothing. */
static void parser_settle(struct parser *p, const struct mark *end)
{
    if (p->draft == NULL) return;
    if (!parser_is_within(p)) {
        parser_done(p);
        return;
    }
    draft_copy_texts(p->draft);
    p->draft->m.end = *end;
}

/* The four bytes before the next one, of which `data`, that follow on `before`, are the
 * last. */
static uint32_t parser_last_bytes(uint32_t before, struct bytes data)
{
    size_t first = data.len > sizeof before ? data.len - sizeof before : 0;
    for (size_t i = first; i < data.len; i++) before = before << 8 | data.ptr[i];
    return before;
}

static struct bytes parser_take_data(struct parser *p, const struct chunk *chunk)
{
    struct source s = source_of(chunk);
    p->is_paused = false;
    if (p->draft == NULL) parser_renew(p);
    resync_align(p, chunk);
    while (cursor_left(&s.in) > 0 && !p->is_paused) {
        if (p->draft->is_over) parser_renew(p);
        parser_step(p, &s);
    }
    const struct mark end = source_mark(&s);
    if (p->overruled) overruled_look(&p->overruled, p->conn, chunk);
    p->offset = end.offset;
    p->last_bytes = parser_last_bytes(p->last_bytes, chunk->data);
    parser_settle(p, &end);
    return cursor_rest(&s.in);
}

/* ---- gaps ---- */

/* Nothing that follows the gap can be told from what it swallowed. */
static void parser_lose_place(struct parser *p, const struct chunk *gap)
{
    assert(p->draft != NULL); /* it lives as long as its message */
    const struct mark end = p->draft->m.end;
    p->draft->m.missing_bytes += gap->missing;
    parser_end_message(p, &end, false);
    parser_tell_loss(p, LOSS_BEHIND, gap->offset, gap->offset + gap->missing,
                     gap->missing);
    resync_enter(p, false);
}

static void parser_lose_head(struct parser *p, const struct chunk *gap)
{
    uint64_t start = gap->offset;
    enum parser_loss loss = LOSS_OF_HEAD;
    if (p->draft) {
        if (p->draft->line.is_begun) start = p->draft->line.start.offset;
        p->draft->m.missing_bytes += gap->missing;
        if (unfinished_cut(p)) loss = LOSS_BEHIND;
    }
    parser_tell_loss(p, loss, start, gap->offset + gap->missing, gap->missing);
    resync_enter(p, false);
}

static void parser_take_gap(struct parser *p, const struct chunk *gap)
{
    struct chunk rest = *gap;
    p->last_bytes = 0;
    head_leave_line(p);
    switch (p->state) {
    case PARSER_START_LINE:
    case PARSER_FIELDS: parser_lose_head(p, gap); break;
    case PARSER_BODY_LENGTH:
        body_skip(p, gap);
        if (p->state == PARSER_BODY_LENGTH) break;
        /* The body ended inside the gap; what is left of it took the next head. */
        rest.offset = p->offset;
        rest.missing = gap->offset + gap->missing - p->offset;
        if (rest.missing > 0) parser_lose_head(p, &rest);
        break;
    case PARSER_CHUNK_DATA:
        if (gap->missing > p->body_left) {
            parser_lose_place(p, gap);
            break;
        }
        body_skip(p, gap);
        break;
    case PARSER_BODY_CLOSE: body_skip(p, gap); break;
    case PARSER_CHUNK_LINE:
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF:
    case PARSER_TRAILERS: parser_lose_place(p, gap); break;
    case PARSER_RESYNC: /* of more messages, perhaps */
        parser_tell_loss(p, LOSS_BEHIND, gap->offset, gap->offset + gap->missing,
                         gap->missing);
        resync_enter(p, false);
        break;
    case PARSER_DONE: break;
    }
    p->offset = gap->offset + gap->missing;
    if (p->draft && !parser_is_within(p)) parser_done(p);
}

/* ---- ends ---- */

/* A FIN or RST cut the message; the end of the capture is no fault of its sender, nor
 * is a body that a client held back because it expected a 100 first. */
static void parser_note_cut(const struct parser *p, enum chunk_end end,
                            const struct mark *at, struct bytes evidence)
{
    const struct notes n = parser_notes(p, at);
    const struct message *m = &p->draft->m;
    bool is_withheld = (m->flags & MESSAGE_EXPECTS_CONTINUE) && m->body_bytes == 0 &&
                       m->body_start.offset == OFFSET_UNKNOWN;
    if (end != CHUNK_END_CAPTURE && !is_withheld && !parser_is_entering(p))
        notes_add(&n, FINDING_MESSAGE_CUT, SEVERITY_UNKNOWN, evidence);
}

static void parser_finish_head(struct parser *p, enum chunk_end end)
{
    const struct draft *d = p->draft;
    struct bytes text = line_partial(&d->line);
    if (p->state == PARSER_FIELDS)
        parser_note_cut(p, end, &d->m.start, bytes_of(NULL, 0));
    else if (!d->line.is_begun || text.ptr[0] == '\r') /* half an empty line */
        return;
    else if (start_line_may_begin(text, p->from))
        parser_note_cut(p, end, &d->line.start, text);
    else if (end != CHUNK_END_CAPTURE)
        head_note_garbage(p, text);
    unfinished_cut(p);
}

/* The close of the connection ends a body that nothing else delimits; where the length
 * was invalid, nobody can say whether it is the end. */
static void parser_finish_body(struct parser *p, enum chunk_end end)
{
    assert(p->draft != NULL);
    const struct mark at = p->draft->m.end;
    bool is_closed = p->state == PARSER_BODY_CLOSE && end == CHUNK_END_FIN;
    if (!is_closed) parser_note_cut(p, end, &p->draft->m.start, bytes_of(NULL, 0));
    parser_end_message(p, &at, is_closed && p->draft->m.framing == FRAMING_CLOSE);
}

void parser_finish(struct parser *p, enum chunk_end end)
{
    head_leave_line(p);
    switch (p->state) {
    case PARSER_START_LINE:
    case PARSER_FIELDS:
        if (p->draft) parser_finish_head(p, end);
        break;
    case PARSER_BODY_LENGTH:
    case PARSER_BODY_CLOSE:
    case PARSER_CHUNK_LINE:
    case PARSER_CHUNK_DATA:
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF:
    case PARSER_TRAILERS: parser_finish_body(p, end); break;
    case PARSER_RESYNC:
    case PARSER_DONE: break;
    }
    p->state = PARSER_DONE;
    parser_done(p);
}

/* Before a chunk of the client's side is read: was its request too slow until now? */
static void parser_judge_pace(const struct parser *p, int64_t now_ns)
{
    struct draft *d = p->draft;
    bool is_slow = false;
    const struct mark *start = &d->m.start;
    switch (p->state) {
    case PARSER_START_LINE:
        start = &d->line.start;
        if (d->line.is_begun)
            is_slow = pace_is_head_slow(&d->pace, start->captured_ns, now_ns);
        break;
    case PARSER_FIELDS:
        is_slow = pace_is_head_slow(&d->pace, start->captured_ns, now_ns);
        break;
    case PARSER_BODY_LENGTH:
    case PARSER_CHUNK_LINE:
    case PARSER_CHUNK_DATA:
    case PARSER_CHUNK_CR:
    case PARSER_CHUNK_LF:
    case PARSER_TRAILERS:
        is_slow =
            pace_is_body_slow(&d->pace, &d->m, p->offset, d->m.end.captured_ns, now_ns);
        break;
    case PARSER_BODY_CLOSE:
    case PARSER_RESYNC:
    case PARSER_DONE: break;
    }
    if (!is_slow) return;
    const struct notes n = parser_notes(p, start);
    notes_add(&n, FINDING_REQUEST_SLOW, SEVERITY_UNKNOWN, line_partial(&d->line));
}

struct bytes parser_feed(struct parser *p, const struct chunk *chunk)
{
    p->stalled_ns = chunk->stalled_ns;
    if (p->draft && p->from == SIDE_CLIENT) parser_judge_pace(p, chunk->captured_ns);
    if (p->overruled && chunk->kind != CHUNK_DATA)
        overruled_look(&p->overruled, p->conn, chunk);
    if (p->draft) span_add(&p->draft->m.stalled_ns, chunk->stalled_ns);
    switch (chunk->kind) {
    case CHUNK_DATA:
        if (p->state != PARSER_DONE && chunk->data.len > 0)
            return parser_take_data(p, chunk);
        p->offset = chunk->offset + chunk->data.len;
        break;
    case CHUNK_GAP: parser_take_gap(p, chunk); break;
    case CHUNK_END: parser_finish(p, chunk->end); break;
    }
    return bytes_of(NULL, 0);
}
