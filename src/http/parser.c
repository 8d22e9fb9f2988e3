/* The frame of the state machine: chunks, gaps and ends are dispatched by state here;
 * what each state reads is in head.c, body.c and resync.c. */
#include "http/parser.h"

#include <assert.h>

#include "hopscope/span.h"
#include "http/body_run.h"

void parser_init(struct parser *p, enum side from, struct conn *conn,
                 const struct parser_owner *owner, void *context,
                 struct http_drafts *drafts)
{
    p->owner = owner;
    p->context = context;
    p->conn = conn;
    p->from = from;
    p->drafts = drafts;
}

static void parser_drop_draft(struct parser *p)
{
    draft_drop(p->drafts, p->draft);
    p->draft = NULL;
}

void parser_done(struct parser *p)
{
    if (p->draft) parser_drop_draft(p);
}

/* A message may begin. What begins in the chunk waited for it, even behind another. */
static void parser_renew(struct parser *p)
{
    if (p->draft == NULL)
        p->draft = draft_take(p->drafts, p->from);
    else
        draft_reset(p->draft, p->from);
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

/* clang-format off */
static const enum parser_before parser_what_ended[2][FRAMING_INVALID + 1] = {
    [SIDE_CLIENT] = {
        [FRAMING_UNKNOWN] = BEFORE_MESSAGE, [FRAMING_NONE]    = BEFORE_MESSAGE,
        [FRAMING_LENGTH]  = BEFORE_BODY,    [FRAMING_CHUNKED] = BEFORE_BODY,
        [FRAMING_CLOSE]   = BEFORE_BODY,    [FRAMING_TUNNEL]  = BEFORE_MESSAGE,
        [FRAMING_INVALID] = BEFORE_INVALID,
    },
    [SIDE_SERVER] = {
        [FRAMING_UNKNOWN] = BEFORE_MESSAGE, [FRAMING_NONE]    = BEFORE_BODILESS,
        [FRAMING_LENGTH]  = BEFORE_BODY,    [FRAMING_CHUNKED] = BEFORE_BODY,
        [FRAMING_CLOSE]   = BEFORE_BODY,    [FRAMING_TUNNEL]  = BEFORE_MESSAGE,
        [FRAMING_INVALID] = BEFORE_INVALID,
    },
};
/* clang-format on */

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
    if (p->from == SIDE_CLIENT) {
        m->hidden_offset = p->draft->hidden.found_offset;
        m->hidden_line = hidden_line(&p->draft->hidden);
    }
    p->before = parser_what_ended[m->from][m->framing];
    p->is_end_guessed = parser_guessed_end(m);
    p->state = PARSER_START_LINE;
    p->empty_lines = 0;
    p->owner->end(p->context, m);
    line_reset(&p->draft->line);
    p->draft->is_over = true;
}

/* ---- data ---- */

static void parser_pass_over(struct parser *p, struct source *s)
{
    (void)p;
    cursor_skip(&s->in, cursor_left(&s->in));
}

static void (*const parser_steps[])(struct parser *, struct source *) = {
    [PARSER_START_LINE] = head_step,         [PARSER_FIELDS] = head_step,
    [PARSER_BODY_LENGTH] = body_step_length, [PARSER_BODY_CLOSE] = body_step,
    [PARSER_CHUNK_LINE] = body_step,         [PARSER_CHUNK_DATA] = body_step,
    [PARSER_CHUNK_CR] = body_step,           [PARSER_CHUNK_LF] = body_step,
    [PARSER_TRAILERS] = body_step,           [PARSER_RESYNC] = resync_step,
    [PARSER_DONE] = parser_pass_over,
};

/* Whether some byte of a message, or of a line that may become one, has been read. */
static bool parser_is_within(const struct parser *p)
{
    if (p->state == PARSER_START_LINE || p->state == PARSER_RESYNC)
        return p->draft->line.is_begun;
    return p->state != PARSER_DONE;
}

/* The chunk goes: what is needed of it is copied, and an idle parser keeps nothing. */
static void parser_settle(struct parser *p, const struct source *s)
{
    if (p->draft == NULL) return;
    if (!parser_is_within(p)) {
        parser_drop_draft(p);
        return;
    }
    draft_outlive_chunk(p->draft);
    p->draft->m.end = source_mark(s);
}

/* The four bytes before the next one, of which `data`, that follow on `before`, are the
 * last. */
static uint32_t parser_last_bytes(uint32_t before, struct bytes data)
{
    if (data.len >= sizeof before) {
        struct cursor last = cursor_of(bytes_from(data, data.len - sizeof before));
        return cursor_be32(&last);
    }
    for (size_t i = 0; i < data.len; i++) before = before << 8 | data.ptr[i];
    return before;
}

/* True: the chunk lies within a request's body, and was taken. */
static bool parser_take_run(struct parser *p, const struct chunk *chunk)
{
    bool may_be = p->draft != NULL && p->from == SIDE_CLIENT;
    if (!may_be || !body_run_take(p, chunk)) return false;
    struct hidden *h = &p->draft->hidden;
    if (h->looked < HTTP_HIDDEN_BYTES_MAX) hidden_look(h, chunk->offset, chunk->data);
    return true;
}

/* Messages, or what may become some. Not merged into parser_feed: what else there is to
 * take needs no room of its own. */
__attribute__((noinline)) static struct bytes parser_read(struct parser *p,
                                                          const struct chunk *chunk)
{
    struct source s = source_of(chunk);
    p->is_paused = false;
    if (p->draft == NULL) parser_renew(p);
    resync_align(p, chunk);
    while (cursor_left(&s.in) > 0 && !p->is_paused) {
        if (p->draft->is_over) parser_renew(p);
        parser_steps[p->state](p, &s);
    }
    if (p->overruled) overruled_look(&p->overruled, p->conn, chunk);
    p->offset = source_offset(&s);
    p->last_bytes = parser_last_bytes(p->last_bytes, chunk->data);
    parser_settle(p, &s);
    return cursor_rest(&s.in);
}

static struct bytes parser_take_data(struct parser *p, const struct chunk *chunk)
{
    const struct bytes none = {.ptr = NULL};
    if (parser_take_run(p, chunk)) return none;
    if (p->state != PARSER_DONE && chunk->data.len > 0) return parser_read(p, chunk);
    p->offset = chunk->offset + chunk->data.len;
    return none;
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

__attribute__((noinline)) static void parser_take_gap(struct parser *p,
                                                      const struct chunk *gap)
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

/* What is under way, as long as there is a draft. Not merged into parser_finish: most
 * sides end between two messages. */
__attribute__((noinline)) static void parser_cut_short(struct parser *p,
                                                       enum chunk_end end)
{
    head_leave_line(p);
    switch (p->state) {
    case PARSER_START_LINE:
    case PARSER_FIELDS: parser_finish_head(p, end); break;
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
    parser_drop_draft(p);
}

void parser_finish(struct parser *p, enum chunk_end end)
{
    if (p->draft) parser_cut_short(p, end);
    p->state = PARSER_DONE;
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

/* What a chunk of whatever kind is to the message under way. */
__attribute__((noinline)) static void parser_go_on(struct parser *p,
                                                   const struct chunk *chunk)
{
    if (p->draft && p->from == SIDE_CLIENT) parser_judge_pace(p, chunk->captured_ns);
    if (p->overruled && chunk->kind != CHUNK_DATA)
        overruled_look(&p->overruled, p->conn, chunk);
    if (p->draft) span_add(&p->draft->m.stalled_ns, chunk->stalled_ns);
}

struct bytes parser_feed(struct parser *p, const struct chunk *chunk)
{
    p->stalled_ns = chunk->stalled_ns;
    if (p->draft || p->overruled) parser_go_on(p, chunk);
    switch (chunk->kind) {
    case CHUNK_DATA: return parser_take_data(p, chunk);
    case CHUNK_GAP: parser_take_gap(p, chunk); break;
    case CHUNK_END: parser_finish(p, chunk->end); break;
    }
    return bytes_of(NULL, 0);
}
