/* mdoc(7) gives a meaning to the first byte of a line, to backslashes and to ends of
 * lines; and a hyphen is only a minus, to be copied to a shell, when it is said so. */
#include "cli/man/mdoc_text.h"

#include <ctype.h>
#include <string.h>

enum { MDOC_TEXT_WIDTH = 72 };

/* ---- taking apart ---- */

struct bytes mdoc_text_take_line(struct bytes *rest)
{
    return mdoc_text_take_until(rest, "\n");
}

struct bytes mdoc_text_take_until(struct bytes *rest, const char *mark)
{
    const uint8_t *end =
        rest->len ? memmem(rest->ptr, rest->len, mark, strlen(mark)) : NULL;
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->ptr);
    struct bytes taken = bytes_first(*rest, len);
    *rest = bytes_from(*rest, end == NULL ? len : len + strlen(mark));
    return taken;
}

/* ---- words ---- */

static void mdoc_text_write_byte(uint8_t byte, bool is_minus, struct buffer *out)
{
    switch (byte) {
    case '\\': buffer_append_text(out, "\\e"); return;
    case '`': buffer_append_text(out, "\\(ga"); return;
    case '^': buffer_append_text(out, "\\(ha"); return;
    case '~': buffer_append_text(out, "\\(ti"); return;
    case '-': buffer_append_text(out, is_minus ? "\\-" : "-"); return;
    }
    buffer_append(out, bytes_of(&byte, 1));
}

/* The hyphens that begin a word belong to options. */
static void mdoc_text_write_word(struct bytes word, struct buffer *out)
{
    bool is_option = false;
    for (size_t i = 0; i < word.len; i++) {
        bool begins = i == 0 || strchr("('-[", word.ptr[i - 1]) != NULL;
        is_option = is_option || (begins && word.ptr[i] == '-');
        mdoc_text_write_byte(word.ptr[i], is_option, out);
        /* `()` would be taken for a C function, to be marked up as one */
        if (word.ptr[i] == '(' && i > 0) buffer_append_text(out, "\\&");
    }
}

static bool mdoc_text_ends_sentence(struct bytes word)
{
    while (word.len > 0 && strchr(")'\"", word.ptr[word.len - 1]) != NULL) word.len--;
    return word.len > 1 && strchr(".!?", word.ptr[word.len - 1]) != NULL;
}

/* `last` ends the last word, but for a mark that stands there already; NULL: nothing.
 */
static void mdoc_text_write_words(struct bytes text, bool has_capital, const char *last,
                                  struct buffer *out)
{
    size_t width = 0;
    struct bytes word = bytes_of("", 0);
    for (size_t i = 0; i < text.len;) {
        while (i < text.len && isspace(text.ptr[i])) i++;
        size_t start = i;
        while (i < text.len && !isspace(text.ptr[i])) i++;
        if (i == start) break;
        bool is_new_line = width > 0 && (mdoc_text_ends_sentence(word) ||
                                         width + 1 + i - start > MDOC_TEXT_WIDTH);
        if (is_new_line) width = 0, buffer_append_text(out, "\n");
        if (width > 0) width++, buffer_append_text(out, " ");
        word = bytes_of(text.ptr + start, i - start);
        width += word.len;
        bool is_request = width == word.len && (*word.ptr == '.' || *word.ptr == '\'');
        if (is_request) buffer_append_text(out, "\\&");
        uint8_t capital = (uint8_t)toupper(*word.ptr);
        if (has_capital) buffer_append(out, bytes_of(&capital, 1));
        mdoc_text_write_word(bytes_from(word, has_capital ? 1 : 0), out);
        has_capital = false;
    }
    if (word.len == 0) return;
    buffer_append_text(out, last && !mdoc_text_ends_sentence(word) ? last : "");
    buffer_append_text(out, "\n");
}

void mdoc_text_fill(struct bytes text, struct buffer *out)
{
    mdoc_text_write_words(text, false, NULL, out);
}

void mdoc_text_fill_sentence(struct bytes text, struct buffer *out)
{
    mdoc_text_write_words(text, text.len > 0, ".", out);
}

/* ---- paragraphs ---- */

static bool mdoc_text_is_example(struct bytes line)
{
    return bytes_start_with(line, "    ");
}

static void mdoc_text_write_example(struct bytes line, struct buffer *out)
{
    if (line.len > 0 && (*line.ptr == '.' || *line.ptr == '\''))
        buffer_append_text(out, "\\&");
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\'')
            buffer_append_text(out, "\\(aq");
        else
            mdoc_text_write_byte(line.ptr[i], true, out);
    }
    buffer_append_text(out, "\n");
}

/* Text and examples by turns. */
static void mdoc_text_write_paragraph(struct bytes paragraph, struct buffer *out)
{
    bool is_after_example = false;
    while (paragraph.len > 0) {
        struct bytes rest = paragraph;
        bool is_example = mdoc_text_is_example(paragraph);
        while (rest.len > 0 && mdoc_text_is_example(rest) == is_example) {
            struct bytes line = mdoc_text_take_line(&rest);
            if (line.len == 0) break;
        }
        struct bytes run = bytes_first(paragraph, paragraph.len - rest.len);
        paragraph = rest;
        if (!is_example && is_after_example) buffer_append_text(out, ".Pp\n");
        if (!is_example) mdoc_text_fill(run, out);
        is_after_example = is_example;
        if (!is_example) continue;
        buffer_append_text(out, ".Bd -literal -offset indent\n");
        while (run.len > 0)
            mdoc_text_write_example(bytes_from(mdoc_text_take_line(&run), 4), out);
        buffer_append_text(out, ".Ed\n");
    }
}

void mdoc_text_pages(struct bytes text, bool is_first, const char *but,
                     struct buffer *out)
{
    while (text.len > 0) {
        struct bytes paragraph = mdoc_text_take_until(&text, "\n\n");
        if (but != NULL && bytes_start_with(paragraph, but)) continue;
        if (!is_first && !mdoc_text_is_example(paragraph))
            buffer_append_text(out, ".Pp\n");
        is_first = false;
        mdoc_text_write_paragraph(paragraph, out);
    }
}
