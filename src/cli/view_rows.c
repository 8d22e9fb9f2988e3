/* A database onto the screens: its newest rows, as many as the screens keep. What is
 * shown of connections comes twice, so that exchanges find theirs and ends come last.
 */
#include "cli/view_feed.h"

#include "cli/row_record.h"
#include "hopscope/store.h"

#include <time.h>

struct step {
    enum record_kind kind;
    bool is_update; /* all of them as if they were open */
    const char *sql;
};

#define NEWEST(view, by, count)                                               \
    "SELECT * FROM (SELECT * FROM " view " ORDER BY " by " DESC LIMIT " count \
    ") ORDER BY " by

/* clang-format off */
static const struct step steps[] = {
    { RECORD_CONNECTION, true,  NEWEST("connections", "id", "20000") },
    { RECORD_EXCHANGE,   false, NEWEST("exchanges", "id", "50000") },
    { RECORD_HEADER,     false, NEWEST("headers", "exchange_id", "50000") },
    { RECORD_TUNNEL,     false, NEWEST("tunnels", "id", "4096") },
    { RECORD_FINDING,    false, NEWEST("findings", "id", "10000") },
    { RECORD_CONNECTION, false, NEWEST("connections", "id", "20000") },
};
static const char sums_sql[] =
    "SELECT SUM(packets), SUM(bytes), SUM(kernel_dropped), SUM(interface_dropped), "
    "SUM(connections), SUM(exchanges), MAX(end_us), SUM(evicted_connections) FROM captures";
/* clang-format on */

struct view_rows {
    struct query *query;
    struct rows rows;
    size_t step;
    bool has_rows;
    struct ui *ui;
};

enum status view_rows_open(const char *path, struct view_rows **out,
                           struct problem *why)
{
    struct view_rows *r = mem_alloc(sizeof *r);
    enum status rc = query_open(path, NULL, &r->query, why);
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
        .is_over = true,
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
    const struct step *step = &steps[r->step];
    struct record_sink sink = ui_sink(r->ui);
    union any_record record;
    row_record_fill(step->kind, &r->rows, cells, &record);
    bool is_open =
        step->kind == RECORD_CONNECTION && record.connection.is_open == TRI_YES;
    is_open |= step->kind == RECORD_EXCHANGE && record.exchange.state == EXCHANGE_OPEN;
    if (step->is_update) record.connection.is_open = TRI_YES; /* ends come last */
    if (step->is_update || is_open)
        sink.update(sink.context, step->kind, &record);
    else
        sink.put(sink.context, step->kind, &record);
}

bool view_rows_feed(struct view_rows *r)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    while (r->step < ARRAY_LENGTH(steps)) {
        struct problem why = {.text = ""};
        const struct cell *cells = NULL;
        enum status rc = STATUS_OK;
        if (!r->has_rows) rc = query_run(r->query, steps[r->step].sql, &r->rows, &why);
        r->has_rows = rc == STATUS_OK;
        if (rc == STATUS_OK) rc = rows_next(&r->rows, &cells, &why);
        if (rc != STATUS_OK) ui_talk(r->ui, why.text);
        if (cells != NULL) {
            give(r, cells);
        } else {
            rows_close(&r->rows);
            r->has_rows = false;
            r->step++;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t ms = (now.tv_sec - start.tv_sec) * 1000 +
                     (now.tv_nsec - start.tv_nsec) / 1000000;
        if (ms >= VIEW_FEED_MS) return true;
    }
    tell(r);
    return false;
}

void view_rows_close(struct view_rows *r)
{
    if (r == NULL) return;
    rows_close(&r->rows);
    query_close(r->query);
    mem_free(r);
}
