#include "export/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_INDENT = 2, PAGE_GAP = 2 };

static bool page_is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t page_text_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++) width += page_is_continuation(*text) ? 0 : 1;
    return width;
}

/* Bytes of the first `columns` columns. */
static size_t page_bytes_of(const char *text, size_t columns)
{
    size_t at = 0;
    while (text[at]) {
        if (!page_is_continuation(text[at]) && columns-- == 0) break;
        at++;
    }
    return at;
}

static void page_pad(struct page *p, size_t columns)
{
    while (columns-- > 0) buffer_append_text(p->out, " ");
}

void page_ink_text(struct page *p, enum page_ink ink, const char *text)
{
    static const char *const codes[] = {
        [PAGE_PLAIN] = "",       [PAGE_BOLD] = "\033[1m",    [PAGE_DIM] = "\033[2m",
        [PAGE_RED] = "\033[31m", [PAGE_YELLOW] = "\033[33m",
    };
    bool is_inked = p->has_colour && ink != PAGE_PLAIN && *text;
    if (is_inked) buffer_append_text(p->out, codes[ink]);
    buffer_append_text(p->out, text);
    if (is_inked) buffer_append_text(p->out, "\033[0m");
}

void page_heading(struct page *p, const char *title, const char *format, ...)
{
    char sentence[PAGE_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (p->out->len > 0) buffer_append_text(p->out, "\n");
    page_ink_text(p, PAGE_BOLD, title);
    page_pad(p, PAGE_GAP);
    buffer_append_text(p->out, sentence);
    buffer_append_text(p->out, "\n");
}

/* How much of `text` fits into `columns`: up to the last blank, or all that fits. */
static size_t page_wrap(const char *text, size_t columns)
{
    size_t fitting = page_bytes_of(text, columns);
    if (text[fitting] == '\0') return fitting;
    for (size_t at = fitting; at > 0; at--) {
        if (text[at] == ' ') return at;
    }
    return fitting;
}

void page_item(struct page *p, unsigned label_width, const char *label,
               const char *text)
{
    bool is_alarm = strcmp(label, "!") == 0;
    page_pad(p, PAGE_INDENT);
    page_ink_text(p, is_alarm ? PAGE_YELLOW : PAGE_DIM, label);
    size_t start = PAGE_INDENT + label_width + PAGE_GAP;
    size_t used = page_text_width(label);
    page_pad(p, PAGE_GAP + (used < label_width ? label_width - used : 0));
    while (true) {
        size_t take = page_wrap(text, p->width > start ? p->width - start : 1);
        buffer_append(p->out, bytes_of(text, take));
        buffer_append_text(p->out, "\n");
        text += take;
        while (*text == ' ') text++;
        if (*text == '\0') return;
        page_pad(p, start);
    }
}

void page_item_of(struct page *p, unsigned label_width, const char *label,
                  struct buffer *text)
{
    if (text->len == 0) return;
    buffer_append(text, bytes_of("", 1));
    page_item(p, label_width, label, (const char *)text->ptr);
    buffer_clear(text);
}

void page_list_add(struct buffer *list, const char *format, ...)
{
    char entry[PAGE_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry, sizeof entry, format, arguments);
    va_end(arguments);
    if (list->len > 0) buffer_append_text(list, ", ");
    buffer_append_text(list, entry);
}

static void page_cell(struct page *p, enum page_ink ink,
                      const struct page_column *column, const char *text, bool is_last)
{
    char cut[PAGE_CELL_MAX];
    size_t width = page_text_width(text);
    if (width > column->width && !column->is_right) {
        size_t length = page_bytes_of(text, column->width - 1);
        if (length > sizeof cut - 4) length = page_bytes_of(text, sizeof cut / 4 - 4);
        memcpy(cut, text, length);
        strcpy(cut + length, "…");
        text = cut;
        width = page_text_width(cut);
    }
    size_t pad = column->width > width ? column->width - width : 0;
    if (column->is_right) page_pad(p, pad);
    page_ink_text(p, ink, text);
    if (!column->is_right && !is_last) page_pad(p, pad);
}

void page_row(struct page *p, enum page_ink ink, const struct page_column *columns,
              size_t count, const char *const *cells)
{
    page_pad(p, PAGE_INDENT);
    while (count > 1 && *cells[count - 1] == '\0') count--;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) page_pad(p, PAGE_GAP);
        page_cell(p, ink, &columns[i], cells[i], i + 1 == count);
    }
    buffer_append_text(p->out, "\n");
}

void page_titles(struct page *p, const struct page_column *columns, size_t count)
{
    const char *titles[PAGE_COLUMNS_MAX];
    for (size_t i = 0; i < count; i++) titles[i] = columns[i].title;
    page_row(p, PAGE_DIM, columns, count, titles);
}

/* Bytes of the UTF-8 character at the head of `text` (RFC 3629, section 4); 0: none. */
static size_t page_character_bytes(struct bytes text)
{
    uint8_t c = text.ptr[0];
    size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (length == 0 || c > 0xf4 || text.len < length) return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80) return 0;
    }
    if (length < 3) return length;
    uint8_t next = text.ptr[1];
    bool is_overlong = (c == 0xe0 && next < 0xa0) || (c == 0xf0 && next < 0x90);
    bool is_beyond = (c == 0xed && next > 0x9f) || (c == 0xf4 && next > 0x8f);
    return is_overlong || is_beyond ? 0 : length;
}

void page_copy_path(struct bytes path, char *out, size_t size)
{
    size_t used = 0;
    while (path.len > 0) {
        size_t length = page_character_bytes(path);
        uint8_t c = path.ptr[0];
        /* U+0080 to U+009F are control characters too, one of them opens a sequence. */
        bool is_control =
            c < 0x20 || c == 0x7f || (length == 2 && c == 0xc2 && path.ptr[1] < 0xa0);
        bool is_shown = length > 0 && !is_control;
        size_t room = is_shown ? length : 1;
        if (used + room >= size) break;
        if (is_shown)
            memcpy(out + used, path.ptr, length);
        else
            out[used] = '?';
        used += room;
        path = bytes_from(path, length > 0 ? length : 1);
    }
    out[used] = '\0';
}
