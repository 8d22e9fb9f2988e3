/* Heads that will not be whole, and those that are answered before they are.
 *
 *   start line, fields --response begins--> told as far as they go --rest--> told again
 *          '--gap, end--> told as far as they go, and cut */
#include "http/parser.h"

bool unfinished_take_line(struct parser *p)
{
    struct draft *d = p->draft;
    struct start_line l;
    if (d->is_announced) return true;
    if (!d->line.is_begun || !start_line_read_cut(line_partial(&d->line), p->from, &l))
        return false;
    if (parser_is_entering(p) && !resync_is_likely(p, &l)) return false;
    head_take_start(p, &l, line_partial(&d->line), false);
    return true;
}

static bool unfinished_names_target(const struct parser *p)
{
    struct start_line l;
    return p->draft != NULL && p->draft->line.is_begun && !parser_is_entering(p) &&
           start_line_read_cut(line_partial(&p->draft->line), p->from, &l) &&
           start_line_is_likely(&l);
}

void parser_announce(struct parser *p)
{
    struct draft *d = p->draft;
    bool is_line = p->state == PARSER_START_LINE && unfinished_names_target(p);
    if ((!is_line && p->state != PARSER_FIELDS) || d->is_announced) return;
    if (is_line) {
        unfinished_take_line(p);
        draft_outlive_chunk(d);
    }
    d->is_announced = true;
    d->m.flags |= MESSAGE_HEAD_CUT;
    p->owner->head(p->context, &d->m);
    d->m.flags &= ~(uint32_t)MESSAGE_HEAD_CUT;
    if (is_line) draft_forget_texts(d); /* the whole line's are to take their place */
}

bool unfinished_cut(struct parser *p)
{
    struct draft *d = p->draft;
    struct line line;
    if (p->state == PARSER_START_LINE) {
        if (!unfinished_take_line(p)) return false;
    } else {
        d->m.head_bytes += d->line.length;
        if (line_take_awaited(&d->line, &line)) head_take_field(p, &line);
    }
    const struct mark end = d->m.end;
    draft_outlive_chunk(d);
    d->m.flags |= MESSAGE_HEAD_CUT;
    if (d->is_announced) d->m.flags |= MESSAGE_IS_RETOLD;
    if (p->from == SIDE_SERVER) p->owner->pair(p->context, &d->m);
    p->owner->head(p->context, &d->m);
    parser_end_message(p, &end, false);
    return true;
}

void unfinished_refuse(struct parser *p, const struct source *s, struct bytes text)
{
    const struct mark end = source_mark(s);
    head_note_garbage(p, text);
    p->draft->m.flags |= MESSAGE_HEAD_CUT;
    parser_end_message(p, &end, false);
    resync_enter(p, true);
}
