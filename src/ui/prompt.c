/* Line editing with the keys of a shell. */
#include "ui/prompt.h"

#include "ui/wire_text.h"

#include <stdio.h>
#include <string.h>

void prompt_begin(struct prompt *p, enum prompt_kind kind, const char *label,
                  const char *text)
{
    p->kind = kind;
    p->label = label;
    snprintf(p->text, sizeof p->text, "%s", text);
    p->at = strlen(p->text);
    p->earlier_at = 0;
}

static size_t before(const struct prompt *p, size_t at)
{
    if (at > 0) at--;
    while (at > 0 && ((uint8_t)p->text[at] & 0xc0) == 0x80) at--;
    return at;
}

static size_t after(const struct prompt *p, size_t at)
{
    if (p->text[at] != '\0') at++;
    while (((uint8_t)p->text[at] & 0xc0) == 0x80) at++;
    return at;
}

static void cut(struct prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
    p->at = from;
}

static void insert(struct prompt *p, uint32_t key)
{
    struct buffer text = {.ptr = NULL};
    wire_text_encode(key, &text);
    size_t used = strlen(p->text);
    if (used + text.len < sizeof p->text) {
        memmove(p->text + p->at + text.len, p->text + p->at, used - p->at + 1);
        memcpy(p->text + p->at, text.ptr, text.len);
        p->at += text.len;
    }
    buffer_done(&text);
}

static void recall(struct prompt *p, bool is_older)
{
    if (p->kind != PROMPT_FILTER) return;
    if (is_older && p->earlier_at < p->earlier_count)
        p->earlier_at++;
    else if (!is_older && p->earlier_at > 0)
        p->earlier_at--;
    else
        return;
    const char *text = p->earlier_at == 0 ? "" : p->earlier[p->earlier_at - 1];
    snprintf(p->text, sizeof p->text, "%s", text);
    p->at = strlen(p->text);
}

void prompt_remember(struct prompt *p, const char *text)
{
    if (*text == '\0' || (p->earlier_count > 0 && strcmp(p->earlier[0], text) == 0))
        return;
    memmove(p->earlier[1], p->earlier[0], sizeof p->earlier - sizeof p->earlier[0]);
    snprintf(p->earlier[0], sizeof p->earlier[0], "%s", text);
    if (p->earlier_count < PROMPT_HISTORY_MAX) p->earlier_count++;
}

static void cut_word(struct prompt *p)
{
    size_t from = p->at;
    while (from > 0 && p->text[from - 1] == ' ') from--;
    while (from > 0 && p->text[from - 1] != ' ') from--;
    cut(p, from, p->at);
}

enum prompt_event prompt_key(struct prompt *p, uint32_t key)
{
    switch (key) {
    case KEY_CODE_ENTER:
    case '\r': return PROMPT_DONE;
    case KEY_CODE_ESCAPE: return PROMPT_GIVEN_UP;
    case KEY_CODE_LEFT: p->at = before(p, p->at); return PROMPT_GOES_ON;
    case KEY_CODE_RIGHT: p->at = after(p, p->at); return PROMPT_GOES_ON;
    case KEY_CTRL('a'):
    case KEY_CODE_HOME: p->at = 0; return PROMPT_GOES_ON;
    case KEY_CTRL('e'):
    case KEY_CODE_END: p->at = strlen(p->text); return PROMPT_GOES_ON;
    case KEY_CODE_RUBOUT: cut(p, before(p, p->at), p->at); return PROMPT_EDITED;
    case KEY_CTRL('d'):
    case KEY_CODE_DELETE: cut(p, p->at, after(p, p->at)); return PROMPT_EDITED;
    case KEY_CTRL('u'): cut(p, 0, p->at); return PROMPT_EDITED;
    case KEY_CTRL('k'): p->text[p->at] = '\0'; return PROMPT_EDITED;
    case KEY_CTRL('w'): cut_word(p); return PROMPT_EDITED;
    case KEY_CODE_UP: recall(p, true); return PROMPT_EDITED;
    case KEY_CODE_DOWN: recall(p, false); return PROMPT_EDITED;
    }
    if (key < ' ' || key >= 0x110000) return PROMPT_GOES_ON;
    insert(p, key);
    return PROMPT_EDITED;
}

void prompt_draw(const struct prompt *p, struct canvas_area a, int row)
{
    canvas_fill(a, row, 0, a.columns, ' ', STYLE_PLAIN);
    int label = canvas_text(a, row, 0, p->label, STYLE_BOLD) + 1;
    /* The part around the cursor, where the line is longer than the screen. */
    int room = a.columns - label - 1;
    size_t from = 0;
    while (canvas_width(bytes_of(p->text + from, p->at - from)) > room)
        from = after(p, from);
    struct bytes left = bytes_of(p->text + from, p->at - from);
    int at = label + canvas_write(a, row, label, room, left, STYLE_PLAIN);
    struct bytes under = bytes_of_text(p->text + p->at);
    size_t width = under.len == 0 ? 0 : after(p, p->at) - p->at;
    canvas_fill(a, row, at, 1, ' ', STYLE_PLAIN | STYLE_CHOSEN);
    canvas_write(a, row, at, 2, bytes_first(under, width), STYLE_PLAIN | STYLE_CHOSEN);
    canvas_text(a, row, at + 1, p->text + p->at + width, STYLE_PLAIN);
}
