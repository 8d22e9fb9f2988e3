/* What head.c does with any line, without that of which a plain one has nothing: no
 * fold, no cut, no end that is odd, no byte that is none of a field's. What such a line
 * means is read by the same functions.
 *
 *   chunk --> lines --start line: flawless?--> taken
 *                '----name: does anybody ask for it? --no--> counted
 *                                 '--yes--> meaning, text */
#include "http/plain_head.h"

#include "http/coding.h"
#include "http/plain_lines.h"

/* Of the others nothing is kept, not even that they were there. */
static const uint32_t plain_head_wanted =
    1u << FIELD_CONNECTION | 1u << FIELD_CONTENT_LENGTH | 1u << FIELD_CONTENT_TYPE |
    1u << FIELD_EXPECT | 1u << FIELD_HOST | 1u << FIELD_KEEP_ALIVE |
    1u << FIELD_PROXY_CONNECTION | 1u << FIELD_SERVER | 1u << FIELD_TE |
    1u << FIELD_TRANSFER_ENCODING | 1u << FIELD_UPGRADE | 1u << FIELD_USER_AGENT |
    1u << FIELD_WEBSOCKET_ACCEPT | 1u << FIELD_WEBSOCKET_EXTENSIONS |
    1u << FIELD_WEBSOCKET_KEY;

/* A start line that is taken whatever stood before it: not where a capture was entered,
 * where it may be the middle of something. Flawless, it has no finding to tell of. */
static bool plain_head_take_start(struct parser *p, const struct source *s,
                                  struct bytes text)
{
    struct line_reader *r = &p->draft->line;
    struct start_line l;
    if (parser_is_entering(p) || !start_line_read(text, p->from, &l) || !l.is_flawless)
        return false;
    r->start = source_mark(s);
    r->length = text.len + PLAIN_LINE_END;
    head_take_start(p, &l, text, true);
    r->length = 0;
    p->state = PARSER_FIELDS;
    return true;
}

/* Mostly there is one SP before a value. Behind the line stands its CR, which is no
 * part of one. */
static struct bytes plain_head_value(struct bytes line, size_t start)
{
    if (line.ptr[start] == ' ') start++;
    struct bytes value = bytes_of(line.ptr + start, line.len - start);
    bool is_trimmed = value.ptr[0] > ' ' && value.ptr[value.len - 1] > ' ';
    return is_trimmed ? value : chars_trim(value);
}

/* What is said of all lines of a look. */
struct plain_head {
    struct parser *p;
    uint64_t offset;    /* of the first byte looked at */
    struct mark at;     /* of the line being read */
    struct notes notes; /* about it */
};

static void plain_head_take_field(struct plain_head *h, const struct plain_line *place,
                                  struct bytes line)
{
    struct draft *d = h->p->draft;
    enum field_name known = place->name;
    struct bytes value = plain_head_value(line, place->name_length + 1);
    if (known != FIELD_OTHER && !header_reads(known) && !h->p->wants_fields) {
        d->header.seen |= 1u << known;
        draft_set_text(d, (enum draft_text)(draft_field_texts[known] - 1), value, true);
        return;
    }
    const struct field f = {.line = line,
                            .name = bytes_of(line.ptr, place->name_length),
                            .raw = value,
                            .value = value,
                            .known = known};
    h->at.offset = h->offset + place->at;
    h->notes.line = line;
    if (known == FIELD_OTHER) coding_note_look_alike(&f, &h->notes);
    head_use_field(h->p, &f, &h->notes, true);
}

/* Takes the lines that were found. False: the first is no start line, or none for sure.
 */
static bool plain_head_take(struct parser *p, struct source *s, struct bytes rest,
                            const struct plain_lines *lines)
{
    struct draft *d = p->draft;
    struct bytes start = bytes_first(rest, lines->start_length);
    uint64_t head_bytes = d->m.head_bytes;
    uint32_t field_count = d->header.field_count;
    if (p->state == PARSER_START_LINE && !plain_head_take_start(p, s, start))
        return false;
    struct plain_head h = {.p = p, .offset = source_offset(s), .at = source_mark(s)};
    h.notes = parser_notes(p, &h.at);
    const struct plain_line *line = lines->lines, *end = line + lines->count;
    for (; line < end; line++) {
        d->header.field_count = field_count + line->number;
        plain_head_take_field(&h, line, bytes_of(rest.ptr + line->at, line->length));
    }
    d->header.field_count = field_count + lines->fields;
    d->m.head_bytes = head_bytes + lines->taken;
    cursor_skip(&s->in, lines->taken);
    return true;
}

void plain_head_read(struct parser *p, struct source *s)
{
    const struct draft *d = p->draft;
    struct plain_lines lines;
    do {
        if (d->m.head_bytes >= HTTP_HEADER_BYTES_MAX) return;
        const struct plain_lines_request request = {
            .has_start = p->state == PARSER_START_LINE,
            .fields_max = d->header.field_count < HTTP_FIELDS_MAX
                              ? HTTP_FIELDS_MAX - d->header.field_count
                              : 0,
            .wanted = p->wants_fields ? UINT32_MAX : plain_head_wanted};
        struct bytes rest = cursor_rest(&s->in);
        rest = bytes_first(rest, (size_t)(HTTP_HEADER_BYTES_MAX - d->m.head_bytes));
        plain_lines_find(&lines, rest, &request);
        if (lines.taken == 0 || !plain_head_take(p, s, rest, &lines)) return;
    } while (lines.is_full);
}
