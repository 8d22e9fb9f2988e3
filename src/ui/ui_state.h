/* The whole of a ui, for its views. */
#ifndef UI_UI_STATE_H
#define UI_UI_STATE_H

#include "hopscope/ui.h"
#include "ui/backlog.h"
#include "ui/canvas.h"
#include "ui/columns.h"
#include "ui/document.h"
#include "ui/model.h"
#include "ui/pick_list.h"
#include "ui/prompt.h"
#include "ui/rate_history.h"
#include "ui/row_filter.h"

enum ui_page {
    PAGE_CONNECTIONS,
    PAGE_ORIGINS,
    PAGE_FINDINGS,
    PAGE_TOTALS,
    PAGE_LADDER,
    PAGE_EXCHANGE,
    PAGE_COLUMNS,
    PAGE_HELP,
    PAGE_COUNT,
};

enum {
    UI_PAGES_DEEP = 8,
    UI_ROWS_MIN = 8, /* below: too small */
    UI_COLUMNS_MIN = 40,
    UI_SENTENCE_MAX = 256,
    ORIGINS_SORTED_BY = 6,  /* exchanges; see view_origins.c */
    UI_SEGMENTS_MAX = 2000, /* of one connection, in its second pane */
    UI_PAYLOAD_MAX = 2048,  /* of one message, in hex */
};

struct ui;

/* One file each; see view_*.c. */
struct ui_view {
    const char *title;
    unsigned place; /* of keys.h */
    void (*draw)(struct ui *u, struct canvas_area area);
    bool (*act)(struct ui *u, enum action action);    /* false: not taken */
    bool (*click)(struct ui *u, int row, int column); /* NULL: no use of the mouse */
};

extern const struct ui_view view_connections, view_origins, view_findings, view_totals,
    view_ladder, view_exchange, view_columns, view_help;

struct connections_page {
    int64_t *ids; /* what passes the filter, in order */
    size_t count, capacity, skipped_columns;
    struct pick_list list;
    int64_t chosen; /* connection; 0: none */
    uint64_t built_version, built_filter;
    bool is_following, is_stale; /* is_stale: to be built anew at once */
    struct column_layout layout;
    int needs[COLUMNS_SHOWN_MAX]; /* widest value seen in each shown column */
    int needs_columns;            /* of the screen then */
    struct column_choice needs_choice;
};

struct origins_page {
    struct pick_list list;
    size_t sorted_by, skipped_columns;
    bool is_descending;
    const struct origin *chosen;
    const struct origin **rows;
};

struct finding_line {
    enum finding_code code;
    uint64_t serial; /* 0: the head of a group */
};

struct findings_page {
    struct pick_list list;
    struct finding_line *lines;
    size_t count, capacity;
    bool is_open[FINDING_CODE_COUNT];
    struct finding_line chosen;
    bool has_chosen;
};

struct segment {
    struct ui_packet packet; /* its payload is not kept */
};

struct ladder_page {
    int64_t connection, exchange; /* chosen */
    struct pick_list list, segment_list;
    bool is_to_scale, is_on_segments;
    struct segment *segments;
    size_t segment_count;
    int64_t segments_of;       /* connection; 0: not read */
    uint64_t segments_version; /* of that connection, when they were read */
    bool has_more_segments;
    struct problem segments_why;
};

struct exchange_page {
    int64_t exchange;
    struct document page;
    struct pick_list scroll;
    int64_t built_for;
    uint64_t built_version;
    int built_columns;
};

struct ui {
    struct ui_options options;
    char title[UI_TITLE_MAX];
    struct screen *screen;
    struct model *model;
    struct backlog backlog;
    struct rate_history history;
    struct ui_statistics now;
    struct canvas canvas;
    struct column_choice columns;
    struct row_filter *filter;
    char filter_text[ROW_FILTER_TEXT_MAX];
    char filter_before[ROW_FILTER_TEXT_MAX]; /* what Esc brings back */
    struct problem filter_why;               /* of what is being typed */
    uint64_t filter_version;
    struct prompt prompt;
    enum ui_page pages[UI_PAGES_DEEP];
    size_t page_count;
    char sentence[UI_SENTENCE_MAX];
    int64_t sentence_until_ms, drawn_ms;
    bool is_paused, is_leaving, wants_draw, is_due;
    uint64_t drawn_version;
    unsigned speed_percent;
    struct connections_page connections;
    struct origins_page origins;
    struct findings_page findings;
    struct ladder_page ladder;
    struct exchange_page exchange;
    struct pick_list columns_list, help_scroll, totals_scroll;
    struct document help_page;
};

/* ---- ui.c ---- */

const struct ui_view *ui_view_of(enum ui_page page);
enum ui_page ui_page_now(const struct ui *u);
void ui_enter(struct ui *u, enum ui_page page);
void ui_back(struct ui *u);
/* Shows the connection's ladder; `exchange` 0: its first. */
void ui_open_connection(struct ui *u, int64_t connection, int64_t exchange);
void ui_set_filter(struct ui *u, const char *text);
unsigned ui_places(const struct ui *u);
/* A canvas without a terminal behind it, for ui_frame.c and tests. */
struct ui *ui_new(const struct ui_options *options);
void ui_free(struct ui *u);
void ui_press(struct ui *u, const struct key_press *press);

/* ---- ui_frame.c ---- */

/* Draws the whole page onto the canvas, which has its size. */
void ui_frame_draw(struct ui *u);
/* Where the page's own area begins. */
int ui_frame_top(const struct ui *u);
/* The key whose label on the bottom line stands in that column; 0: none. */
uint32_t ui_frame_key_at(const struct ui *u, int column);
/* The main page whose name stands there on the second line. False: none. */
bool ui_frame_tab_at(const struct ui *u, int column, enum ui_page *out);

#endif
