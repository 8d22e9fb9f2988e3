/* A database onto the screens: its newest rows, as many as the screens keep; and, while
 * somebody writes it, what has come since.
 *
 *   open --> look: ids, connections, exchanges ... --> close
 *     '---- file or log has changed <--- twice a second ---'
 *
 * Between two looks the file is not held open: its writer can finish it. */
#include "cli/view_feed.h"

#include "cli/row_record.h"
#include "cli/view_follow.h"
#include "hopscope/store.h"

#include <sys/stat.h>
#include <time.h>

enum {
    ROWS_LOOK_MS = 500,      /* between two looks at the file's age */
    ROWS_KNOWN_US = 3000000, /* a row is there that long after what it tells of */
};

/* clang-format off */
static const char sums_sql[] =
    "SELECT SUM(packets), SUM(bytes), SUM(kernel_dropped), SUM(interface_dropped), "
    "SUM(connections), SUM(exchanges), MAX(end_us), SUM(evicted_connections) FROM captures";
/* clang-format on */

struct view_rows {
    const char *path;
    struct query *query; /* NULL: between two looks */
    struct rows rows;
    struct view_follow *follow;
    struct buffer sql;
    enum view_step step;
    bool has_rows, is_growing;
    struct timespec age[2]; /* of the file and its log, before the look */
    int64_t looked_ms;
    struct ui_statistics now;
    struct ui *ui;
};

/* Whether the file or its log is another than at the last look. */
static bool has_changed(struct view_rows *r)
{
    bool is_other = false;
    struct stat about;
    for (size_t i = 0; i < ARRAY_LENGTH(r->age); i++) {
        buffer_clear(&r->sql);
        buffer_print(&r->sql, "%s%s", r->path, i == 0 ? "" : "-wal");
        buffer_append(&r->sql, bytes_of("", 1));
        if (stat((const char *)r->sql.ptr, &about) != 0) about.st_mtim.tv_sec = 0;
        is_other |= about.st_mtim.tv_sec != r->age[i].tv_sec ||
                    about.st_mtim.tv_nsec != r->age[i].tv_nsec;
        r->age[i] = about.st_mtim;
    }
    return is_other;
}

static enum status begin_look(struct view_rows *r, struct problem *why)
{
    r->looked_ms = clock_monotonic_ns() / 1000000;
    r->is_growing = view_follow_is_growing(r->path);
    has_changed(r);
    r->step = VIEW_STEP_IDS;
    return query_open(r->path, NULL, &r->query, why);
}

enum status view_rows_open(const char *path, struct view_rows **out,
                           struct problem *why)
{
    struct view_rows *r = mem_alloc(sizeof *r);
    r->path = path;
    r->follow = view_follow_new();
    enum status rc = begin_look(r, why);
    if (rc == STATUS_OK) rc = query_check_views(r->query, why);
    if (rc == STATUS_OK)
        *out = r;
    else
        view_rows_close(r);
    return rc;
}

static int64_t number_of(const struct cell *cell)
{
    return cell->kind == CELL_INTEGER ? cell->integer : RECORD_UNKNOWN;
}

/* The captures' own figures, as far as they are written. */
static void tell(struct view_rows *r)
{
    const struct cell *cells = NULL;
    struct problem why = {.text = ""};
    struct rows rows = {.context = NULL};
    struct ui_statistics now = {
        .memory_bytes = (int64_t)mem_in_use(),
        .stored_waiting = RECORD_UNKNOWN,
        .stored_dropped = RECORD_UNKNOWN,
        .stored_lag_us = RECORD_UNKNOWN,
        .shown_dropped = RECORD_UNKNOWN,
        .done_permille = RECORD_UNKNOWN,
        .is_up = true,
        .is_over = !r->is_growing,
    };
    enum status rc = query_run(r->query, sums_sql, &rows, &why);
    if (rc == STATUS_OK) rc = rows_next(&rows, &cells, &why);
    if (rc == STATUS_OK && cells != NULL) {
        now.packets = number_of(&cells[0]);
        now.bytes = number_of(&cells[1]);
        now.kernel_dropped = number_of(&cells[2]);
        now.interface_dropped = number_of(&cells[3]);
        now.connections = number_of(&cells[4]);
        now.exchanges = number_of(&cells[5]);
        now.now_us = number_of(&cells[6]);
        now.evicted_connections = number_of(&cells[7]);
        if (r->is_growing) now.now_us = clock_epoch_ns() / 1000;
        if (r->is_growing) now.known_us = now.now_us - ROWS_KNOWN_US;
        r->now = now;
        ui_tell(r->ui, &now);
    }
    rows_close(&rows);
}

void view_rows_start(struct view_rows *r, struct ui *ui)
{
    r->ui = ui;
}

/* A record big enough for any kind. */
union any_record {
    struct record_connection connection;
    struct record_exchange exchange;
    struct record_tunnel tunnel;
    struct record_finding finding;
    struct record_header header;
    struct record_capture capture;
};

static void give(struct view_rows *r, const struct cell *cells)
{
    struct record_sink sink = ui_sink(r->ui);
    union any_record record;
    if (r->step == VIEW_STEP_IDS) {
        view_follow_take_id(r->follow, number_of(&cells[0]));
        return;
    }
    enum record_kind kind = view_follow_kind(r->step);
    row_record_fill(kind, &r->rows, cells, &record);
    enum view_follow_row how = view_follow_take(r->follow, r->step, &record);
    if (how == VIEW_ROW_KNOWN) return;
    if (r->step == VIEW_STEP_OPENED) record.connection.is_open = TRI_YES;
    if (how == VIEW_ROW_UPDATE)
        sink.update(sink.context, kind, &record);
    else
        sink.put(sink.context, kind, &record);
}

/* A row, or the end of a step. */
static void take_row(struct view_rows *r)
{
    struct problem why = {.text = ""};
    const struct cell *cells = NULL;
    enum status rc = STATUS_OK;
    bool is_asked = r->has_rows || view_follow_sql(r->follow, r->step, &r->sql);
    if (is_asked && !r->has_rows)
        rc = query_run(r->query, (const char *)r->sql.ptr, &r->rows, &why);
    r->has_rows = is_asked && rc == STATUS_OK;
    if (r->has_rows) rc = rows_next(&r->rows, &cells, &why);
    if (rc != STATUS_OK) ui_talk(r->ui, why.text);
    if (cells != NULL) {
        give(r, cells);
        return;
    }
    if (is_asked) rows_close(&r->rows);
    r->has_rows = false;
    r->step++;
}

static void end_look(struct view_rows *r)
{
    view_follow_end_look(r->follow);
    tell(r);
    query_close(r->query);
    r->query = NULL;
}

/* Between two looks. */
static void watch(struct view_rows *r)
{
    struct problem why = {.text = ""};
    if (clock_monotonic_ns() / 1000000 - r->looked_ms < ROWS_LOOK_MS) return;
    r->looked_ms = clock_monotonic_ns() / 1000000;
    if (!has_changed(r)) {
        r->now.now_us = clock_epoch_ns() / 1000;
        ui_tell(r->ui, &r->now);
        return;
    }
    if (begin_look(r, &why) != STATUS_OK) ui_talk(r->ui, why.text);
}

bool view_rows_feed(struct view_rows *r)
{
    int64_t until_ms = clock_monotonic_ns() / 1000000 + VIEW_FEED_MS;
    if (r->query == NULL) watch(r);
    while (r->query != NULL && r->step < VIEW_STEP_COUNT) {
        take_row(r);
        if (clock_monotonic_ns() / 1000000 >= until_ms) return true;
    }
    if (r->query != NULL) end_look(r);
    return r->is_growing;
}

int view_rows_wait_ms(const struct view_rows *r)
{
    return r->query != NULL ? 0 : ROWS_LOOK_MS;
}

void view_rows_close(struct view_rows *r)
{
    if (r == NULL) return;
    rows_close(&r->rows);
    query_close(r->query);
    view_follow_free(r->follow);
    buffer_done(&r->sql);
    mem_free(r);
}
