/* The chooser: shown columns first, in their order, then all the others. */
#include "ui/preferences.h"
#include "ui/ui_state.h"

#include <stdio.h>

/* The row's column; the count of all that can be listed in `*count`. */
static size_t column_at(const struct column_choice *choice, size_t row, size_t *count)
{
    size_t at = 0, found = columns_count();
    for (size_t i = 0; i < choice->count; i++, at++) {
        if (at == row) found = choice->shown[i];
    }
    for (size_t i = 0; i < columns_count(); i++) {
        struct column column = columns_get(i);
        bool is_shown = columns_find(bytes_of_text(column.name)) != i; /* twice named */
        for (size_t k = 0; k < choice->count; k++) is_shown |= choice->shown[k] == i;
        if (is_shown) continue;
        if (at++ == row) found = i;
    }
    *count = at;
    return found;
}

static void draw(struct ui *u, struct canvas_area a)
{
    const struct column_choice *choice = &u->columns;
    size_t count;
    column_at(choice, 0, &count);
    pick_list_fit(&u->columns_list, count, a.rows - 1);
    canvas_text(a, 0, 1,
                "Columns of the list: Space shows or hides, + and - move, Esc back",
                STYLE_DIM);
    for (int row = 1; row < a.rows; row++) {
        size_t at = u->columns_list.top + (size_t)row - 1;
        if (at >= count) break;
        struct column column = columns_get(column_at(choice, at, &count));
        char line[128];
        unsigned chosen = at == u->columns_list.at ? STYLE_CHOSEN : 0;
        snprintf(line, sizeof line, " [%c] %-24s %s", at < choice->count ? '*' : ' ',
                 column.name, column.title);
        canvas_fill(a, row, 0, a.columns, ' ', chosen);
        canvas_text(a, row, 0, line,
                    (at < choice->count ? STYLE_PLAIN : (unsigned)STYLE_DIM) | chosen);
    }
}

static void toggle(struct ui *u)
{
    struct column_choice *choice = &u->columns;
    size_t at = u->columns_list.at, count;
    size_t index = column_at(choice, at, &count);
    if (at < choice->count) {
        if (choice->count == 1) return;
        choice->count--;
        for (size_t i = at; i < choice->count; i++)
            choice->shown[i] = choice->shown[i + 1];
    } else if (choice->count < COLUMNS_SHOWN_MAX && index < columns_count()) {
        choice->shown[choice->count++] = index;
        u->columns_list.at = choice->count - 1;
    }
}

static void shift(struct ui *u, int step)
{
    struct column_choice *choice = &u->columns;
    size_t at = u->columns_list.at, to = at + (size_t)step;
    if (at >= choice->count || to >= choice->count) return;
    size_t moved = choice->shown[at];
    choice->shown[at] = choice->shown[to];
    choice->shown[to] = moved;
    u->columns_list.at = to;
}

static void keep(struct ui *u)
{
    u->connections.skipped_columns = 0;
    if (!preferences_write(u->options.settings, &u->columns))
        ui_talk(u, "the columns could not be kept for the next time");
}

static bool act(struct ui *u, enum action action)
{
    if (pick_list_act(&u->columns_list, action)) return true;
    switch ((int)action) {
    case ACTION_MARK: toggle(u); break;
    case ACTION_COLUMN_LEFT: shift(u, -1); break;
    case ACTION_COLUMN_RIGHT: shift(u, 1); break;
    default: return false;
    }
    keep(u);
    return true;
}

static bool click(struct ui *u, int row, int column)
{
    size_t at = u->columns_list.top + (size_t)row - 1, count;
    (void)column;
    column_at(&u->columns, 0, &count);
    if (row == 0 || at >= count) return false;
    u->columns_list.at = at;
    return act(u, ACTION_MARK);
}

const struct ui_view view_columns = {.title = "Columns",
                                     .place = PLACE_COLUMNS,
                                     .draw = draw,
                                     .act = act,
                                     .click = click};
