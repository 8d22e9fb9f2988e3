/* Expected lines against rows, for each kind within each connection. Connections,
 * exchanges and tunnels have an order; findings are a set in which each may stand once.
 *
 *   expected:  a  b  c        first all pairs in order;
 *   rows:      b  c  x        for findings, any assignment that serves the most */
#include "verdict.h"

#include <string.h>

enum { VERDICT_ROWS_MAX = 512 /* of one kind in one connection */ };

/* The expected lines and the rows of one kind in one connection. */
struct group {
    const struct account *account;
    enum variation_family family;
    const struct expected_row *expected[VERDICT_ROWS_MAX];
    const struct account_row *rows[VERDICT_ROWS_MAX];
    size_t expected_count, row_count;
    size_t row_of[VERDICT_ROWS_MAX];      /* by expected line, + 1; 0: none */
    size_t expected_of[VERDICT_ROWS_MAX]; /* the other way round */
};

static bool column_holds(const struct group *g, const struct account_row *row,
                         const struct expected_column *column)
{
    if ((column->families & 1u << g->family) == 0) return true;
    const char *value = account_value(g->account, row, column->name);
    return value != NULL && strcmp(value, column->value) == 0;
}

static bool row_fits(const struct group *g, size_t expected, size_t row)
{
    const struct expected_row *e = g->expected[expected];
    for (size_t i = 0; i < e->column_count; i++)
        if (!column_holds(g, g->rows[row], &e->columns[i])) return false;
    return true;
}

/* ---- assignment ---- */

static void assign_in_order(struct group *g)
{
    for (size_t i = 0; i < g->expected_count && i < g->row_count; i++) {
        g->row_of[i] = i + 1;
        g->expected_of[i] = i + 1;
    }
}

/* Finds a row for the line, moving others to another row of theirs where that helps
 * (bipartite matching by augmenting paths). */
static bool find_row(struct group *g, size_t expected, bool *is_tried)
{
    for (size_t row = 0; row < g->row_count; row++) {
        if (is_tried[row] || !row_fits(g, expected, row)) continue;
        is_tried[row] = true;
        size_t holder = g->expected_of[row];
        if (holder != 0 && !find_row(g, holder - 1, is_tried)) continue;
        g->row_of[expected] = row + 1;
        g->expected_of[row] = expected + 1;
        return true;
    }
    return false;
}

static void assign_as_set(struct group *g)
{
    for (size_t i = 0; i < g->expected_count; i++) {
        bool is_tried[VERDICT_ROWS_MAX] = {false};
        (void)find_row(g, i, is_tried);
    }
}

/* ---- what is to be told ---- */

static void tell_expected(const struct group *g, const struct expected_row *e,
                          struct buffer *out)
{
    buffer_print(out, "%s", script_kind_name(e->kind));
    for (size_t i = 0; i < e->column_count; i++)
        if ((e->columns[i].families & 1u << g->family) != 0)
            buffer_print(out, " %s=%s", e->columns[i].name, e->columns[i].value);
}

static void tell_columns(const struct group *g, size_t expected, struct buffer *out)
{
    const struct expected_row *e = g->expected[expected];
    const struct account_row *row = g->rows[g->row_of[expected] - 1];
    for (size_t i = 0; i < e->column_count; i++) {
        const struct expected_column *column = &e->columns[i];
        if (column_holds(g, row, column)) continue;
        const char *value = account_value(g->account, row, column->name);
        buffer_print(out, "  line %d, %s %zu: %s expected %s, got %.200s\n", e->line,
                     script_kind_name(e->kind), expected + 1, column->name,
                     column->value[0] == '\0' ? "NULL" : column->value,
                     value == NULL || value[0] == '\0' ? "NULL" : value);
    }
}

static void tell_extra(const struct group *g, size_t row, struct buffer *out)
{
    static const char *const columns[] = {
        "exchange_ordinal", "ordinal", "method",        "target",
        "status",           "state",   "protocol",      "code",
        "severity",         "side",    "stream_offset", "evidence",
    };
    const struct account_row *r = g->rows[row];
    buffer_print(out, "  not expected: %s", script_kind_name(r->kind));
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        const char *value = account_value(g->account, r, columns[i]);
        if (value != NULL && value[0] != '\0')
            buffer_print(out, " %s=%.80s", columns[i], value);
    }
    buffer_append_text(out, "\n");
}

static void tell_group(const struct group *g, struct buffer *out)
{
    for (size_t i = 0; i < g->expected_count; i++) {
        if (g->row_of[i] != 0) {
            tell_columns(g, i, out);
            continue;
        }
        buffer_print(out, "  line %d, missing: ", g->expected[i]->line);
        tell_expected(g, g->expected[i], out);
        buffer_append_text(out, "\n");
    }
    for (size_t i = 0; i < g->row_count; i++)
        if (g->expected_of[i] == 0) tell_extra(g, i, out);
}

/* ---- public ---- */

static void fill_group(struct group *g, const struct script *script,
                       enum record_kind kind, size_t connection)
{
    for (size_t i = 0; i < script->row_count; i++) {
        const struct expected_row *e = &script->rows[i];
        if (e->kind != kind || e->connection != connection) continue;
        if (g->expected_count < VERDICT_ROWS_MAX) g->expected[g->expected_count++] = e;
    }
    for (size_t i = 0; i < g->account->row_count; i++) {
        const struct account_row *row = &g->account->rows[i];
        if (row->kind != kind || row->connection != connection) continue;
        if (g->row_count < VERDICT_ROWS_MAX) g->rows[g->row_count++] = row;
    }
}

bool verdict_find(const struct account *a, const struct script *script,
                  enum variation_family family, struct buffer *out)
{
    size_t before = out->len;
    size_t connections = a->connection_count > script->connection_count
                             ? a->connection_count
                             : script->connection_count;
    struct group *g = mem_alloc(sizeof *g);
    for (size_t c = 0; c < connections; c++) {
        for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
            *g = (struct group){.account = a, .family = family};
            fill_group(g, script, (enum record_kind)kind, c);
            if (kind == RECORD_FINDING)
                assign_as_set(g);
            else
                assign_in_order(g);
            tell_group(g, out);
        }
    }
    mem_free(g);
    return out->len == before;
}
