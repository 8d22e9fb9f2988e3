/* Keys: what each does, in one table that input, the help and the bottom line use. */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include "hopscope/base.h"

/* A key is a character (a code point) or one of these. */
enum key {
    KEY_CODE_NONE = 0,
    KEY_CODE_TAB = 9,
    KEY_CODE_ENTER = 10,
    KEY_CODE_ESCAPE = 27,
    KEY_CODE_RUBOUT = 127,
    KEY_CODE_UP = 0x200000,
    KEY_CODE_DOWN,
    KEY_CODE_LEFT,
    KEY_CODE_RIGHT,
    KEY_CODE_PAGE_UP,
    KEY_CODE_PAGE_DOWN,
    KEY_CODE_HOME,
    KEY_CODE_END,
    KEY_CODE_DELETE,
    KEY_CODE_RESIZED,
    KEY_CODE_MOUSE, /* where: struct key_press */
    KEY_CODE_WHEEL_UP,
    KEY_CODE_WHEEL_DOWN,
    KEY_CODE_F0, /* F1 is KEY_CODE_F0 + 1, up to F12 */
    KEY_CODE_F12 = KEY_CODE_F0 + 12,
};

/* Ctrl with a letter. */
#define KEY_CTRL(letter) ((letter)&0x1f)

struct key_press {
    uint32_t key;
    int row, column; /* KEY_CODE_MOUSE */
};

enum action {
    ACTION_NONE,
    ACTION_UP,
    ACTION_DOWN,
    ACTION_LEFT,
    ACTION_RIGHT,
    ACTION_PAGE_UP,
    ACTION_PAGE_DOWN,
    ACTION_HALF_UP,
    ACTION_HALF_DOWN,
    ACTION_FIRST,
    ACTION_LAST,
    ACTION_OPEN,
    ACTION_BACK,
    ACTION_CONNECTIONS,
    ACTION_ORIGINS,
    ACTION_FINDINGS,
    ACTION_TOTALS,
    ACTION_NEXT_VIEW,
    ACTION_HELP,
    ACTION_SAVE,
    ACTION_FILTER,
    ACTION_FILTER_CLEAR,
    ACTION_COLUMNS,
    ACTION_SORT_LEFT,
    ACTION_SORT_RIGHT,
    ACTION_REVERSE,
    ACTION_PAUSE,
    ACTION_FOLLOW,
    ACTION_MARK,
    ACTION_UNMARK,
    ACTION_NEXT,
    ACTION_PREVIOUS,
    ACTION_OTHER_PANE,
    ACTION_FOLD,
    ACTION_FASTER,
    ACTION_SLOWER,
    ACTION_AT_ONCE,
    ACTION_COLUMN_LEFT,
    ACTION_COLUMN_RIGHT,
    ACTION_REDRAW,
    ACTION_QUIT,
    ACTION_LEAVE,
};

/* Where a key means what its row says. */
enum key_place {
    PLACE_CONNECTIONS = 1 << 0,
    PLACE_ORIGINS = 1 << 1,
    PLACE_FINDINGS = 1 << 2,
    PLACE_TOTALS = 1 << 3,
    PLACE_LADDER = 1 << 4,
    PLACE_EXCHANGE = 1 << 5,
    PLACE_HELP = 1 << 6,
    PLACE_COLUMNS = 1 << 7,
    PLACE_REPLAY = 1 << 8, /* besides: a capture is played */
    PLACE_LISTS = PLACE_CONNECTIONS | PLACE_ORIGINS | PLACE_FINDINGS,
    PLACE_MAIN = PLACE_LISTS | PLACE_TOTALS,
    PLACE_ALL = 0xff,
};

enum { KEY_ROW_KEYS_MAX = 4 };

struct key_row {
    uint32_t keys[KEY_ROW_KEYS_MAX]; /* 0: none */
    enum action action;
    unsigned places;
    const char *label; /* for the bottom line; NULL: not there */
    const char *about; /* for the help; NULL: told with the row before */
};

extern const struct key_row key_rows[];
extern const size_t key_row_count;

/* ACTION_NONE: the key has no meaning there. */
enum action keys_action(uint32_t key, unsigned places);
enum { KEY_NAME_MAX = 16 };
void keys_name(uint32_t key, char out[KEY_NAME_MAX]); /* "F1", "^F", "Space", "q" */

#endif
