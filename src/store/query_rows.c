/* One statement as rows. */
#include "store/query.h"

#include <string.h>

struct query_rows {
    struct query *query;
    sqlite3_stmt *statement;
    char **names; /* copies: SQLite may compile the statement anew */
    struct cell *cells;
    size_t column_count;
};

static struct cell read_cell(sqlite3_stmt *s, int column)
{
    struct cell cell = {.kind = CELL_NULL};
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        cell.kind = CELL_INTEGER;
        cell.integer = sqlite3_column_int64(s, column);
        break;
    case SQLITE_FLOAT:
        cell.kind = CELL_REAL;
        cell.real = sqlite3_column_double(s, column);
        break;
    case SQLITE_TEXT:
        cell.kind = CELL_TEXT;
        cell.text.ptr = sqlite3_column_text(s, column);
        cell.text.len = (size_t)sqlite3_column_bytes(s, column);
        break;
    case SQLITE_BLOB:
        cell.kind = CELL_BLOB;
        cell.text.ptr = sqlite3_column_blob(s, column);
        cell.text.len = (size_t)sqlite3_column_bytes(s, column);
        break;
    }
    return cell;
}

static enum status next_row(void *context, const struct cell **cells,
                            struct problem *why)
{
    struct query_rows *r = context;
    *cells = NULL;
    int code = sqlite3_step(r->statement);
    if (code == SQLITE_DONE) return STATUS_OK;
    if (code != SQLITE_ROW) return query_fail(r->query, code, why);
    for (size_t i = 0; i < r->column_count; i++)
        r->cells[i] = read_cell(r->statement, (int)i);
    *cells = r->cells;
    return STATUS_OK;
}

static void close_rows(void *context)
{
    struct query_rows *r = context;
    sqlite3_finalize(r->statement);
    for (size_t i = 0; i < r->column_count; i++) mem_free(r->names[i]);
    mem_free(r->names);
    mem_free(r->cells);
    mem_free(r);
}

/* Exactly one statement, and one that has columns. */
static enum status prepare(struct query *q, const char *sql, sqlite3_stmt **out,
                           struct problem *why)
{
    const char *rest = NULL;
    int code = sqlite3_prepare_v2(q->db, sql, -1, out, &rest);
    if (code != SQLITE_OK) return query_fail(q, code, why);
    if (*out == NULL || sqlite3_column_count(*out) == 0)
        return problem_set(why, STATUS_FAILED, "that is no query: SELECT something");
    if (rest[strspn(rest, " \t\r\n;")] != '\0')
        return problem_set(why, STATUS_FAILED, "one query at a time, not '%.60s'",
                           rest);
    if (sqlite3_bind_parameter_count(*out) > 0)
        return problem_set(why, STATUS_FAILED,
                           "the query has a parameter (%s): write its value in line",
                           sqlite3_bind_parameter_name(*out, 1) == NULL
                               ? "?"
                               : sqlite3_bind_parameter_name(*out, 1));
    return STATUS_OK;
}

enum status query_run(struct query *q, const char *sql, struct rows *out,
                      struct problem *why)
{
    sqlite3_stmt *statement = NULL;
    enum status rc = prepare(q, sql, &statement, why);
    if (rc != STATUS_OK) {
        sqlite3_finalize(statement);
        return rc;
    }
    struct query_rows *r = mem_alloc(sizeof *r);
    *r = (struct query_rows){.query = q, .statement = statement};
    r->column_count = (size_t)sqlite3_column_count(statement);
    r->names = mem_alloc_array(r->column_count, sizeof *r->names);
    r->cells = mem_alloc_array(r->column_count, sizeof *r->cells);
    for (size_t i = 0; i < r->column_count; i++)
        r->names[i] = mem_copy_text(sqlite3_column_name(statement, (int)i));
    *out = (struct rows){.context = r,
                         .names = (const char *const *)r->names,
                         .column_count = r->column_count,
                         .next = next_row,
                         .close = close_rows};
    return STATUS_OK;
}
