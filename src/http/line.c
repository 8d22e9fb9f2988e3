/* Line ends are found by memchr, so a header costs few looks at each byte. A line that
 * goes on beyond the cap is counted to its end and kept to the cap. */
#include "http/line.h"

#include <string.h>

#include "http/chars.h"

enum { LINE_KEPT_MAX = HTTP_LINE_BYTES_MAX + 2 }; /* CRLF */

/* Copies the next `part` of a line that is cut, as far as the cap allows. */
static void line_keep(struct line_reader *r, struct bytes part)
{
    if (part.len == 0) return;
    buffer_append(&r->kept, bytes_first(part, LINE_KEPT_MAX - r->kept.len));
    r->tail[0] = part.len > 1 ? part.ptr[part.len - 2] : r->tail[1];
    r->tail[1] = part.ptr[part.len - 1];
    r->length += part.len;
}

/* Whether the line that ends with `part` (LF included) is empty. */
static bool line_is_empty(const struct line_reader *r, struct bytes part)
{
    uint64_t length = r->length + part.len;
    if (length == 1) return true;
    if (length != 2) return false;
    return (r->length == 1 ? r->tail[1] : part.ptr[0]) == '\r';
}

/* Length of what belongs to the line in `rest`, its LF included; 0: the end is not in
 * there. */
static size_t line_find_end(struct line_reader *r, struct bytes rest, bool folds)
{
    size_t from = 0;
    for (;;) {
        const uint8_t *lf = memchr(rest.ptr + from, '\n', rest.len - from);
        if (lf == NULL) return 0;
        size_t end = (size_t)(lf - rest.ptr) + 1;
        if (!folds || line_is_empty(r, bytes_first(rest, end))) return end;
        r->awaits_fold = end == rest.len;
        if (r->awaits_fold) return 0;
        if (!chars_is_blank(rest.ptr[end])) return end;
        from = end;
    }
}

static void line_finish(struct line_reader *r, struct bytes part, struct line *line)
{
    uint8_t before_lf = r->tail[part.len == 0 ? 0 : 1];
    if (part.len > 1) before_lf = part.ptr[part.len - 2];
    line->is_in_place = r->length == 0;
    if (line->is_in_place)
        r->length = part.len;
    else
        line_keep(r, part);
    line->raw_length = r->length;
    line->is_lf_only = r->length < 2 || before_lf != '\r';
    uint64_t length = r->length - (line->is_lf_only ? 1 : 2);
    line->is_too_long = length > HTTP_LINE_BYTES_MAX;
    if (line->is_too_long) length = HTTP_LINE_BYTES_MAX;
    line->text =
        bytes_first(line->is_in_place ? part : line_partial(r), (size_t)length);
}

bool line_next(struct line_reader *r, struct source *s, bool folds, struct line *line)
{
    struct bytes rest = cursor_rest(&s->in);
    if (!r->is_begun) {
        r->start = source_mark(s);
        r->is_begun = true;
    }
    if (r->awaits_fold) {
        r->awaits_fold = false;
        if (!chars_is_blank(rest.ptr[0])) {
            line_finish(r, bytes_first(rest, 0), line);
            return true;
        }
    }
    size_t end = line_find_end(r, rest, folds);
    if (end == 0) {
        line_keep(r, rest);
        cursor_skip(&s->in, rest.len);
        return false;
    }
    line_finish(r, bytes_first(rest, end), line);
    cursor_skip(&s->in, end);
    return true;
}

bool line_take_awaited(struct line_reader *r, struct line *line)
{
    if (!r->awaits_fold) return false;
    r->awaits_fold = false;
    line_finish(r, bytes_of(NULL, 0), line);
    return true;
}

void line_mark_segment(struct line_reader *r, const struct mark *at)
{
    r->segment_at = r->kept.len;
    r->segment_start = *at;
}

void line_drop_junk(struct line_reader *r)
{
    size_t left = r->kept.len - r->segment_at;
    memmove(r->kept.ptr, r->kept.ptr + r->segment_at, left);
    r->kept.len = left;
    r->start = r->segment_start;
    r->length -= r->segment_at;
    r->segment_at = 0;
}

void line_forget(struct line_reader *r)
{
    r->segment_at = 0;
    buffer_clear(&r->kept);
    r->length = 0;
    r->tail[0] = r->tail[1] = 0;
    r->is_begun = r->awaits_fold = false;
}

void line_done(struct line_reader *r)
{
    buffer_done(&r->kept);
}
