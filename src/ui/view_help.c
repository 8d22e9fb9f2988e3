/* Help: the table of keys and the names of the filter, as they are. */
#include "ui/ui_state.h"

#include <stdio.h>
#include <string.h>

enum { HELP_KEYS_WIDTH = 22 };

/* The keys of a row and of those told with it. */
static void write_keys(size_t row, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = row; i < key_row_count && (i == row || key_rows[i].about == NULL);
         i++) {
        for (size_t k = 0; k < KEY_ROW_KEYS_MAX && key_rows[i].keys[k] != 0; k++) {
            char name[KEY_NAME_MAX];
            keys_name(key_rows[i].keys[k], name);
            if (name[0] == '\0' || used + strlen(name) + 2 >= size) continue;
            used += (size_t)snprintf(out + used, size - used, "%s%s",
                                     used > 0 ? " " : "", name);
        }
    }
}

static void write_places(unsigned places, struct document *d)
{
    static const struct {
        unsigned place;
        const char *name;
    } names[] = {
        {PLACE_CONNECTIONS, "connections"}, {PLACE_ORIGINS, "origins"},
        {PLACE_FINDINGS, "findings"},       {PLACE_TOTALS, "totals"},
        {PLACE_LADDER, "ladder"},           {PLACE_EXCHANGE, "exchange"},
        {PLACE_COLUMNS, "columns"},         {PLACE_REPLAY, "replay"},
    };
    const char *blank = " (";
    if ((places & PLACE_ALL) == PLACE_ALL) return;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!(places & names[i].place)) continue;
        document_print(d, STYLE_DIM, "%s%s", blank, names[i].name);
        blank = ", ";
    }
    document_print(d, STYLE_DIM, ")");
}

static void build(struct ui *u)
{
    struct document *d = &u->help_page;
    const struct row_filter_name *name;
    if (d->line_count > 0) return;
    document_print(d, STYLE_BOLD, "Keys");
    document_end_line(d);
    for (size_t i = 0; i < key_row_count; i++) {
        char keys[HELP_KEYS_WIDTH + 1];
        if (key_rows[i].about == NULL) continue;
        write_keys(i, keys, sizeof keys);
        document_print(d, STYLE_ACCENT, "  %-*s", HELP_KEYS_WIDTH, keys);
        document_print(d, STYLE_PLAIN, " %s", key_rows[i].about);
        write_places(key_rows[i].places, d);
        document_end_line(d);
    }
    document_end_line(d);
    document_print(d, STYLE_BOLD, "Filter");
    document_end_line(d);
    static const char *const lines[] = {
        "  status>=500 and host~api     = != < <= > >=  ~ contains  !~ contains not",
        "  not (client=10.0.0.7 or port=8080) finding=idle_race  status=4xx",
        "  A word alone is looked for in addresses, host, method, target and status.",
        "  Any column of the views connections and exchanges is a name, and these:",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        document_print(d, STYLE_PLAIN, "%s", lines[i]);
        document_end_line(d);
    }
    for (size_t i = 0; (name = row_filter_names(i)) != NULL; i++) {
        document_print(d, STYLE_ACCENT, "  %-*s", HELP_KEYS_WIDTH, name->name);
        document_print(d, STYLE_PLAIN, " %s", name->about);
        document_end_line(d);
    }
    document_end_line(d);
    document_print(d, STYLE_BOLD, "Signs");
    document_end_line(d);
    static const char *const signs[] = {
        "  A2 w1 i3   findings by severity: attack, warning, info",
        "  1/4        depth: requests under way now, and at most",
        "  ▒ request   ░ wait   █ response   ▓ blocked by an earlier response   · idle",
        "  ╍ idle time that is folded (z)",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(signs); i++) {
        document_print(d, STYLE_PLAIN, "%s", signs[i]);
        document_end_line(d);
    }
}

static void draw(struct ui *u, struct canvas_area a)
{
    build(u);
    pick_list_fit(&u->help_scroll, u->help_page.line_count, a.rows);
    document_draw(&u->help_page, a, u->help_scroll.top);
}

static bool act(struct ui *u, enum action action)
{
    if (action == ACTION_HELP) { /* the same key closes it */
        ui_back(u);
        return true;
    }
    return pick_list_scroll(&u->help_scroll, action);
}

const struct ui_view view_help = {
    .title = "Help", .place = PLACE_HELP, .draw = draw, .act = act};
