/* The table of keys. The first row that has the key and the place wins; function keys
 * come first in a row, because terminals take some of them for themselves and the
 * letter behind it is what still works. */
#include "ui/keys.h"

#include <stdio.h>

#define FKEY(n) (KEY_CODE_F0 + (n))

/* clang-format off */
const struct key_row key_rows[] = {
    {{ 'j', KEY_CODE_DOWN },             ACTION_DOWN,      PLACE_ALL, NULL, "down, up" },
    {{ 'k', KEY_CODE_UP },               ACTION_UP,        PLACE_ALL, NULL, NULL },
    {{ KEY_CTRL('f'), KEY_CODE_PAGE_DOWN }, ACTION_PAGE_DOWN, PLACE_ALL, NULL, "a page down, up" },
    {{ KEY_CTRL('b'), KEY_CODE_PAGE_UP }, ACTION_PAGE_UP,  PLACE_ALL, NULL, NULL },
    {{ KEY_CTRL('d') },                  ACTION_HALF_DOWN, PLACE_ALL, NULL, "half a page down, up" },
    {{ KEY_CTRL('u') },                  ACTION_HALF_UP,   PLACE_ALL, NULL, NULL },
    {{ 'g', KEY_CODE_HOME },             ACTION_FIRST,     PLACE_ALL, NULL, "first, last" },
    {{ 'G', KEY_CODE_END },              ACTION_LAST,      PLACE_ALL, NULL, NULL },
    {{ KEY_CODE_ENTER, '\r' },           ACTION_OPEN,      PLACE_LISTS | PLACE_LADDER, "Open", "open the row: connection, exchange, group" },
    {{ KEY_CODE_ESCAPE, KEY_CODE_RUBOUT }, ACTION_BACK,    PLACE_ALL, NULL, "back; never quits" },
    {{ FKEY(1), '?', 'h' },              ACTION_HELP,      PLACE_ALL, "Help", "this page" },
    {{ FKEY(2), 's' },                   ACTION_SAVE,      PLACE_CONNECTIONS | PLACE_LADDER, "Save", "save the marked connections, or all that the filter lets through" },
    {{ FKEY(3), '/' },                   ACTION_FILTER,    PLACE_CONNECTIONS | PLACE_FINDINGS, "Filter", "filter as you type; Up brings earlier ones, Esc the one before" },
    {{ FKEY(4), '\\' },                  ACTION_FILTER_CLEAR, PLACE_CONNECTIONS | PLACE_FINDINGS, NULL, "no filter" },
    {{ FKEY(5), 't' },                   ACTION_COLUMNS,   PLACE_CONNECTIONS, "Columns", "choose columns; they are kept" },
    {{ FKEY(6), '>' },                   ACTION_SORT_RIGHT, PLACE_CONNECTIONS | PLACE_ORIGINS, "Sort", "sort by the column to the right, left" },
    {{ '<' },                            ACTION_SORT_LEFT, PLACE_CONNECTIONS | PLACE_ORIGINS, NULL, NULL },
    {{ 'r', 'I' },                       ACTION_REVERSE,   PLACE_CONNECTIONS | PLACE_ORIGINS, NULL, "reverse the order" },
    {{ FKEY(7), 'p' },                   ACTION_PAUSE,     PLACE_ALL, "Pause", "pause the view (capture goes on) or the replay" },
    {{ FKEY(8), 'f' },                   ACTION_FOLLOW,    PLACE_CONNECTIONS, "Follow", "follow the newest row" },
    {{ ' ' },                            ACTION_MARK,      PLACE_CONNECTIONS, NULL, "mark; U takes all marks away" },
    {{ 'U' },                            ACTION_UNMARK,    PLACE_CONNECTIONS, NULL, NULL },
    {{ 'n' },                            ACTION_NEXT,      PLACE_CONNECTIONS, NULL, "next, previous connection with a mark, a finding or an error" },
    {{ 'N' },                            ACTION_PREVIOUS,  PLACE_CONNECTIONS, NULL, NULL },
    {{ 'n', KEY_CODE_RIGHT },            ACTION_NEXT,      PLACE_LADDER | PLACE_EXCHANGE, NULL, "next, previous connection or exchange" },
    {{ 'N', KEY_CODE_LEFT },             ACTION_PREVIOUS,  PLACE_LADDER | PLACE_EXCHANGE, NULL, NULL },
    {{ KEY_CODE_LEFT },                  ACTION_LEFT,      PLACE_CONNECTIONS | PLACE_ORIGINS, NULL, "further columns, where they do not fit" },
    {{ KEY_CODE_RIGHT },                 ACTION_RIGHT,     PLACE_CONNECTIONS | PLACE_ORIGINS, NULL, NULL },
    {{ KEY_CODE_TAB },                   ACTION_OTHER_PANE, PLACE_LADDER, "Pane", "the other pane: exchanges, segments" },
    {{ 'z' },                            ACTION_FOLD,      PLACE_LADDER, "Fold", "fold idle time, or draw it to scale" },
    {{ ' ' },                            ACTION_MARK,      PLACE_COLUMNS, "Show", "show the column or not" },
    {{ '-', KEY_CODE_LEFT },             ACTION_COLUMN_LEFT, PLACE_COLUMNS, "Left", "move the column to the left, right" },
    {{ '+', KEY_CODE_RIGHT },            ACTION_COLUMN_RIGHT, PLACE_COLUMNS, "Right", NULL },
    {{ '1', 'c' },                       ACTION_CONNECTIONS, PLACE_ALL, NULL, "connections" },
    {{ '2', 'o' },                       ACTION_ORIGINS,   PLACE_ALL, NULL, "origins: per host and server" },
    {{ '3', 'F' },                       ACTION_FINDINGS,  PLACE_ALL, NULL, "findings" },
    {{ '4', 'i' },                       ACTION_TOTALS,    PLACE_ALL, NULL, "totals: rates, losses, memory" },
    {{ KEY_CODE_TAB },                   ACTION_NEXT_VIEW, PLACE_MAIN, "View", "the next of these four" },
    {{ '+', ']' },                       ACTION_FASTER,    PLACE_REPLAY, NULL, "replay twice as fast, half as fast" },
    {{ '-', '[' },                       ACTION_SLOWER,    PLACE_REPLAY, NULL, NULL },
    {{ 'e' },                            ACTION_AT_ONCE,   PLACE_REPLAY, NULL, "replay the rest at once" },
    {{ KEY_CTRL('l') },                  ACTION_REDRAW,    PLACE_ALL, NULL, "draw the screen anew" },
    {{ 'q' },                            ACTION_QUIT,      PLACE_ALL, "Quit", "quit, or back from an inner page; asks when rows would be lost" },
    {{ FKEY(10), 'Q' },                  ACTION_LEAVE,     PLACE_ALL, NULL, "quit from anywhere" },
};
/* clang-format on */

const size_t key_row_count = ARRAY_LENGTH(key_rows);

enum action keys_action(uint32_t key, unsigned places)
{
    for (size_t i = 0; key != 0 && i < key_row_count; i++) {
        const struct key_row *row = &key_rows[i];
        if (!(row->places & places)) continue;
        for (size_t k = 0; k < KEY_ROW_KEYS_MAX; k++) {
            if (row->keys[k] == key) return row->action;
        }
    }
    return ACTION_NONE;
}

void keys_name(uint32_t key, char out[KEY_NAME_MAX])
{
    static const struct {
        uint32_t key;
        const char *name;
    } names[] = {
        {KEY_CODE_ENTER, "Enter"},
        {KEY_CODE_ESCAPE, "Esc"},
        {' ', "Space"},
        {KEY_CODE_TAB, "Tab"},
        {'\r', ""},
        {KEY_CODE_RUBOUT, "Bksp"},
        {KEY_CODE_UP, "Up"},
        {KEY_CODE_DOWN, "Down"},
        {KEY_CODE_LEFT, "Left"},
        {KEY_CODE_RIGHT, "Right"},
        {KEY_CODE_HOME, "Home"},
        {KEY_CODE_END, "End"},
        {KEY_CODE_PAGE_UP, "PgUp"},
        {KEY_CODE_PAGE_DOWN, "PgDn"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (names[i].key != key) continue;
        snprintf(out, KEY_NAME_MAX, "%s", names[i].name);
        return;
    }
    if (key > KEY_CODE_F0)
        snprintf(out, KEY_NAME_MAX, "F%u", (unsigned)(key - KEY_CODE_F0) % 100);
    else if (key < ' ')
        snprintf(out, KEY_NAME_MAX, "^%c", (char)(key + 0x40));
    else
        snprintf(out, KEY_NAME_MAX, "%c", (char)key);
}
