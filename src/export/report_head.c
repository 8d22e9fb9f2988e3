/* Comment lines of an SQL file, found by their key.
 *
 *   -- tells: one line        --read("tells")--> "one line and its rest"
 *   --   and its rest                                                     */
#include "export/report_head.h"

#include <string.h>

/* Takes the first line off; its line end is gone. */
static struct bytes head_take_line(struct bytes *text)
{
    const uint8_t *end = text->len == 0 ? NULL : memchr(text->ptr, '\n', text->len);
    size_t len = end == NULL ? text->len : (size_t)(end - text->ptr);
    struct bytes line = bytes_first(*text, len);
    *text = bytes_from(*text, len + 1);
    return line;
}

static struct bytes head_trim(struct bytes b)
{
    while (b.len > 0 && b.ptr[0] == ' ') b = bytes_from(b, 1);
    while (b.len > 0 && b.ptr[b.len - 1] == ' ') b.len--;
    return b;
}

/* The part of a line behind "-- key:"; ptr NULL: another line. */
static struct bytes head_match(struct bytes line, const char *key)
{
    size_t len = strlen(key);
    struct bytes none = {.ptr = NULL};
    if (!bytes_start_with(line, "-- ")) return none;
    line = bytes_from(line, 3);
    if (!bytes_start_with(line, key)) return none;
    line = bytes_from(line, len);
    return bytes_start_with(line, ":") ? head_trim(bytes_from(line, 1)) : none;
}

bool report_head_read(struct bytes file, const char *key, struct buffer *out)
{
    struct bytes found = {.ptr = NULL};
    while (found.ptr == NULL && bytes_start_with(file, "--"))
        found = head_match(head_take_line(&file), key);
    if (found.ptr == NULL) return false;
    buffer_append(out, found);
    while (bytes_start_with(file, "--   ")) {
        struct bytes line = head_take_line(&file);
        buffer_append_text(out, " ");
        buffer_append(out, head_trim(bytes_from(line, 2)));
    }
    return true;
}

size_t report_head_number(struct bytes file, const char *key, size_t usual)
{
    struct buffer text = {.ptr = NULL};
    size_t number = 0;
    bool is_there = report_head_read(file, key, &text);
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
        number = number * 10 + (size_t)(text.ptr[i] - '0');
    buffer_done(&text);
    return is_there ? number : usual;
}

bool report_head_lists(struct bytes list, const char *word)
{
    while (list.len > 0) {
        const uint8_t *comma = memchr(list.ptr, ',', list.len);
        size_t len = comma == NULL ? list.len : (size_t)(comma - list.ptr);
        if (bytes_are(head_trim(bytes_first(list, len)), word)) return true;
        list = bytes_from(list, len + 1);
    }
    return false;
}
