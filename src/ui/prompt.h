/* A line that is typed: the filter, a file's name, yes or no. */
#ifndef UI_PROMPT_H
#define UI_PROMPT_H

#include "ui/canvas.h"
#include "ui/keys.h"

enum { PROMPT_TEXT_MAX = 256, PROMPT_HISTORY_MAX = 16 };

enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_SAVE, PROMPT_LEAVE };
enum prompt_event { PROMPT_GOES_ON, PROMPT_EDITED, PROMPT_DONE, PROMPT_GIVEN_UP };

struct prompt {
    enum prompt_kind kind;
    const char *label;
    char text[PROMPT_TEXT_MAX]; /* UTF-8 */
    size_t at;                  /* cursor, in bytes, at a character's beginning */
    char earlier[PROMPT_HISTORY_MAX][PROMPT_TEXT_MAX]; /* filters; newest first */
    size_t earlier_count, earlier_at; /* earlier_at: 0 is the line itself */
};

void prompt_begin(struct prompt *p, enum prompt_kind kind, const char *label,
                  const char *text);
enum prompt_event prompt_key(struct prompt *p, uint32_t key);
void prompt_remember(struct prompt *p, const char *text);
void prompt_draw(const struct prompt *p, struct canvas_area a, int row);

#endif
