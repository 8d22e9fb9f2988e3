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

/* Fields of which the text is all, and all that somebody asks for: of the others
 * nothing is kept, not even that they were there. */
enum {
    PLAIN_HEAD_TEXTS = 1 << FIELD_CONTENT_TYPE | 1 << FIELD_SERVER |
                       1 << FIELD_USER_AGENT | 1 << FIELD_WEBSOCKET_ACCEPT |
                       1 << FIELD_WEBSOCKET_EXTENSIONS | 1 << FIELD_WEBSOCKET_KEY,
    PLAIN_HEAD_WANTED = HEADER_READS | PLAIN_HEAD_TEXTS,
};

/* A start line that is taken whatever stood before it: not where a capture was entered,
 * where it may be the middle of something. Flawless, it has no finding to tell of. */
static bool plain_head_take_start(struct parser *p, const struct source *s,
                                  struct bytes text)
{
    struct start_line l;
    if (parser_is_entering(p) || !start_line_read(text, p->from, &l) || !l.is_flawless)
        return false;
    head_take_parts(p, &l, text, true);
    p->draft->m.start = source_mark(s);
    p->state = PARSER_FIELDS;
    return true;
}

/* Mostly there is one SP before a value. Behind the line stands its CR, which is no
 * part of one. */
static inline struct bytes plain_head_value(const struct plain_line *line)
{
    const uint8_t *start = line->text + line->name_length + 1;
    if (*start == ' ') start++;
    struct bytes value = bytes_of(start, line->length - (size_t)(start - line->text));
    bool is_trimmed = value.ptr[0] > ' ' && value.ptr[value.len - 1] > ' ';
    return is_trimmed ? value : chars_trim(value);
}

/* What head_use_field does with a field of which there is nothing to tell. False: there
 * may be, and it was not taken. */
static inline bool plain_head_take_usual(struct draft *d, enum field_name known,
                                         const struct plain_line *line,
                                         struct bytes value)
{
    struct bytes text = bytes_of(line->text, line->length);
    if ((PLAIN_HEAD_TEXTS >> known & 1) == 0 &&
        !header_read_usual(&d->header, known, d->m.from, text, value))
        return false;
    if (draft_takes(known))
        draft_set_text(d, (enum draft_text)(draft_field_texts[known] - 1), value, true);
    return true;
}

/* A field that somebody may want to tell of; the first byte that was looked at is the
 * next one of `s`. */
__attribute__((noinline)) static void
plain_head_use_field(struct parser *p, const struct source *s,
                     const struct plain_line *line, struct bytes value)
{
    struct mark at = source_mark(s);
    struct notes n = parser_notes(p, &at);
    at.offset += (uint64_t)(line->text - s->in.at);
    n.line = bytes_of(line->text, line->length);
    const struct field f = {.line = n.line,
                            .name = bytes_first(n.line, line->name_length),
                            .raw = value,
                            .value = value,
                            .known = (enum field_name)line->name};
    if (f.known == FIELD_OTHER) coding_note_look_alike(&f, &n);
    head_use_field(p, &f, &n, true);
}

/* Takes the lines that were found from the next byte of `s` on. */
static void plain_head_take(struct parser *p, struct source *s,
                            const struct plain_lines *lines)
{
    struct draft *d = p->draft;
    uint32_t field_count = d->header.field_count;
    const struct plain_line *line = lines->lines, *end = line + lines->count;
    for (; line < end; line++) {
        struct bytes value = plain_head_value(line);
        enum field_name known = (enum field_name)line->name;
        if (p->wants_fields || !plain_head_take_usual(d, known, line, value)) {
            /* Its number, where somebody wants all of them. */
            d->header.field_count = field_count + 1 + (uint32_t)(line - lines->lines);
            plain_head_use_field(p, s, line, value);
        }
    }
    d->header.field_count = field_count + lines->fields;
    cursor_skip(&s->in, lines->taken);
}

void plain_head_read(struct parser *p, struct source *s)
{
    struct draft *d = p->draft;
    struct plain_lines lines;
    do {
        uint64_t head_bytes = d->m.head_bytes;
        if (head_bytes >= HTTP_HEADER_BYTES_MAX) return;
        const struct plain_lines_request request = {
            .has_start = p->state == PARSER_START_LINE,
            .fields_max = d->header.field_count < HTTP_FIELDS_MAX
                              ? HTTP_FIELDS_MAX - d->header.field_count
                              : 0,
            .wanted = p->wants_fields ? UINT32_MAX : PLAIN_HEAD_WANTED};
        struct bytes rest = cursor_rest(&s->in);
        rest = bytes_first(rest, (size_t)(HTTP_HEADER_BYTES_MAX - head_bytes));
        plain_lines_find(&lines, rest, &request);
        if (lines.taken == 0) return;
        if (request.has_start &&
            !plain_head_take_start(p, s, bytes_first(rest, lines.start_length)))
            return;
        plain_head_take(p, s, &lines);
        d->m.head_bytes = head_bytes + lines.taken;
    } while (lines.fields == PLAIN_LINES_MAX);
}
