/* Views: the packed tables unfolded into the columns of SCHEMA. Only arithmetic that
 * means the same in SQLite and DuckDB: CASE, COALESCE, & and >>, division by a REAL.
 *
 * Tables stand under their own names; a shared text of column x is joined as text_x. */
#include "store/sqlite_view.h"

#include <string.h>

/* What is written, and for which kind: the place of an expression's columns. */
struct view {
    const struct table_plan *plans;
    const struct table_plan *plan;
    struct buffer *out;
};

static void write_field(const struct view *v, const struct field *f);
static void write_number(const struct view *v, const struct field *f);

/* ---- where a field is kept ---- */

static const struct plan_column *find_column(const struct plan_table *t,
                                             const struct field *f)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].field == f) return &t->columns[i];
    }
    return NULL;
}

/* The column of a field that has one, and its table. */
static const struct plan_column *locate(const struct table_plan *plan,
                                        const struct field *f,
                                        const struct plan_table **table)
{
    *table = &plan->main;
    const struct plan_column *c = find_column(&plan->main, f);
    for (size_t i = 0; c == NULL && i < plan->side_count; i++) {
        *table = &plan->sides[i];
        c = find_column(*table, f);
    }
    return c;
}

static const struct plan_part *find_part(const struct table_plan *plan,
                                         const struct field *f)
{
    for (size_t i = 0; i < plan->part_count; i++) {
        if (plan->parts[i].field == f) return &plan->parts[i];
    }
    return NULL;
}

/* ---- expressions ---- */

/* `base + `, for a column that holds a difference. */
static void write_base(const struct view *v, const struct plan_column *c)
{
    if (c->base == NULL) return;
    buffer_append_text(v->out, "COALESCE(");
    write_number(v, c->base);
    buffer_append_text(v->out, ", 0) + ");
}

static void write_stored(const struct view *v, const struct field *f)
{
    const struct plan_table *table;
    const struct plan_column *c = locate(v->plan, f, &table);
    buffer_append_text(v->out, c->base == NULL ? "" : "(");
    write_base(v, c);
    buffer_print(v->out, "%s.%s%s", table->name, c->name, c->base == NULL ? "" : ")");
}

static void write_bits(const struct view *v, const struct plan_part *part)
{
    buffer_print(v->out, "((%s.packed%u >> %u) & %llu)", v->plan->main.name,
                 part->word + 1, part->shift,
                 (unsigned long long)table_plan_mask(part));
}

static void write_flag(const struct view *v, const struct field *f)
{
    const struct plan_part *part = find_part(v->plan, f);
    buffer_append_text(v->out, "CASE ");
    write_bits(v, part);
    if (f->type == FIELD_ENUM) {
        for (size_t i = 1; f->names[i] != NULL; i++)
            buffer_print(v->out, " WHEN %zu THEN '%s'", i, f->names[i]);
    } else {
        buffer_append_text(v->out, " WHEN 0 THEN NULL ELSE ");
        write_bits(v, part);
        buffer_append_text(v->out, " - 1");
    }
    buffer_append_text(v->out, " END");
}

/* What add_bounded of the plan packed; of an interned field the text's number. */
static void write_bounded(const struct view *v, const struct field *f)
{
    const struct plan_part *part = find_part(v->plan, f);
    buffer_append_text(v->out, "CASE ");
    write_bits(v, part);
    buffer_print(v->out, " WHEN 0 THEN NULL WHEN %llu THEN ",
                 (unsigned long long)table_plan_mask(part));
    write_stored(v, f);
    buffer_append_text(v->out, " ELSE ");
    write_base(v, part->wide);
    write_bits(v, part);
    buffer_append_text(v->out, " - 1 END");
}

static void write_usual(const struct view *v, const struct field *f)
{
    if (f->usual == USUALLY_OF_KEY) {
        buffer_print(v->out, "%s.%s >> 16", v->plan->main.name, v->plan->key->name);
        return;
    }
    if (f->usual == USUALLY_DIFFERENCE) {
        write_field(v, table_plan_field(v->plan, f->of));
        buffer_append_text(v->out, " - ");
        write_field(v, table_plan_field(v->plan, f->minus));
        return;
    }
    if (f->usual == USUALLY_EQUAL) {
        buffer_append_text(v->out, "CASE WHEN ");
        write_field(v, table_plan_field(v->plan, f->where));
        buffer_print(v->out, " = '%s' THEN ", f->is);
        write_field(v, table_plan_field(v->plan, f->of));
        buffer_append_text(v->out, " END");
        return;
    }
    const char *value = f->usual == USUALLY_ONE ? "1" : "0";
    if (f->of == NULL) {
        buffer_append_text(v->out, value);
        return;
    }
    buffer_append_text(v->out, "CASE WHEN ");
    write_field(v, table_plan_field(v->plan, f->of));
    buffer_print(v->out, " > 0 THEN %s END", value);
}

static void write_side(const struct view *v, const struct field *f)
{
    if (f->usual == USUALLY_NULL) { /* what a missing row of a LEFT JOIN gives */
        write_stored(v, f);
        return;
    }
    buffer_print(v->out, "CASE WHEN %s.id IS NULL THEN ", f->side_table);
    write_usual(v, f);
    buffer_append_text(v->out, " ELSE ");
    write_stored(v, f);
    buffer_append_text(v->out, " END");
}

static void write_derived(const struct view *v, const struct field *f)
{
    if (f->expression != NULL) {
        buffer_print(v->out, "(%s)", f->expression);
        return;
    }
    buffer_append_text(v->out, "(");
    write_number(v, f - 1);
    buffer_append_text(v->out, " >> 32)");
}

/* What was stored, made whole: of a packet capture and number, of a text its number. */
static void write_number(const struct view *v, const struct field *f)
{
    bool is_case = f->bits != 0 || f->place == PLACE_FLAGS || f->place == PLACE_SIDE;
    buffer_append_text(v->out, is_case ? "(" : "");
    switch (f->place) {
    case PLACE_KEY:
    case PLACE_ROW:
    case PLACE_INTERNED:
        if (f->bits != 0)
            write_bounded(v, f);
        else
            write_stored(v, f);
        break;
    case PLACE_FLAGS: write_flag(v, f); break;
    case PLACE_SIDE: write_side(v, f); break;
    case PLACE_DERIVED: write_derived(v, f); break;
    }
    buffer_append_text(v->out, is_case ? ")" : "");
}

static void write_field(const struct view *v, const struct field *f)
{
    if (f->place == PLACE_INTERNED) {
        buffer_print(v->out, "text_%s.value", f->name);
        return;
    }
    bool is_packet = f->type == FIELD_PACKET && f->place != PLACE_DERIVED;
    buffer_append_text(v->out, is_packet ? "(" : "");
    write_number(v, f);
    buffer_append_text(v->out, is_packet ? " & 4294967295)" : "");
}

/* ---- columns beyond the fields ---- */

/* `column` is "\n    expression AS name", with a comma before it unless it is the
 * first. */
static void begin_column(const struct view *v, bool is_first)
{
    buffer_append_text(v->out, is_first ? "\n    " : ",\n    ");
}

static void write_time(const struct view *v)
{
    const char *const *names = v->plan->layout->time;
    if (names[0] == NULL) return;
    begin_column(v, false);
    buffer_append_text(v->out, names[1] == NULL ? "" : "COALESCE(");
    write_field(v, table_plan_field(v->plan, names[0]));
    if (names[1] != NULL) {
        buffer_append_text(v->out, ", ");
        write_field(v, table_plan_field(v->plan, names[1]));
        buffer_append_text(v->out, ")");
    }
    buffer_append_text(v->out, " / 1000000.0 AS time");
}

static void write_milliseconds(const struct view *v)
{
    for (size_t i = 0; i < v->plan->layout->field_count; i++) {
        const struct field *f = &v->plan->layout->fields[i];
        if (f->type != FIELD_DURATION) continue;
        begin_column(v, false);
        buffer_append_text(v->out, "(");
        write_field(v, f);
        int stem = (int)(strlen(f->name) - strlen("us"));
        buffer_print(v->out, ") / 1000.0 AS %.*sms", stem, f->name);
    }
}

static void write_named(const struct view *v, const char *name)
{
    begin_column(v, false);
    write_field(v, table_plan_field(v->plan, name));
    buffer_print(v->out, " AS %s", name);
}

/* ---- joins ---- */

static void join_text(const struct view *v, const char *name)
{
    buffer_print(v->out, "\nLEFT JOIN text AS text_%s ON text_%s.id = ", name, name);
    write_number(v, table_plan_field(v->plan, name));
}

static void join_side(const struct view *v, const struct plan_table *side)
{
    buffer_print(v->out, "\nLEFT JOIN %s ON %s.id = %s.id", side->name, side->name,
                 v->plan->main.name);
}

static void join_large(const struct view *v)
{
    join_side(v, &v->plan->sides[v->plan->large]);
}

static void join_own(const struct view *v)
{
    const struct table_plan *plan = v->plan;
    for (size_t i = 0; i < plan->side_count; i++) join_side(v, &plan->sides[i]);
    for (size_t i = 0; i < plan->layout->field_count; i++) {
        const struct field *f = &plan->layout->fields[i];
        if (f->place == PLACE_INTERNED) join_text(v, f->name);
    }
}

/* ---- what others lend ---- */

/* Which kinds show their connection's endpoints, and the header its exchange's time. */
static bool is_of_connection(enum record_kind kind)
{
    return kind == RECORD_EXCHANGE || kind == RECORD_TUNNEL || kind == RECORD_FINDING;
}

static void write_lent_columns(const struct view *v, enum record_kind kind)
{
    struct view connection = {v->plans, &v->plans[RECORD_CONNECTION], v->out};
    struct view exchange = {v->plans, &v->plans[RECORD_EXCHANGE], v->out};
    if (is_of_connection(kind)) {
        write_named(&connection, "client_ip");
        write_named(&connection, "client_port");
        write_named(&connection, "server_ip");
        write_named(&connection, "server_port");
    }
    if (kind == RECORD_FINDING)
        buffer_append_text(v->out, ",\n    finding_code.title AS title");
    if (kind == RECORD_HEADER) write_time(&exchange);
}

static void join_lenders(const struct view *v, enum record_kind kind)
{
    struct view connection = {v->plans, &v->plans[RECORD_CONNECTION], v->out};
    struct view exchange = {v->plans, &v->plans[RECORD_EXCHANGE], v->out};
    if (is_of_connection(kind)) {
        buffer_print(v->out,
                     "\nLEFT JOIN connection ON connection.id = %s.connection_id",
                     v->plan->main.name);
        join_large(&connection);
        join_text(&connection, "client_ip");
        join_text(&connection, "server_ip");
    }
    if (kind == RECORD_FINDING) {
        buffer_append_text(v->out, "\nLEFT JOIN finding_code ON finding_code.code = ");
        write_field(v, table_plan_field(v->plan, "code"));
    }
    if (kind == RECORD_HEADER) {
        buffer_append_text(v->out,
                           "\nLEFT JOIN exchange ON exchange.id = header.exchange_id");
        join_large(&exchange);
    }
}

void sqlite_view_write(const struct table_plan plans[RECORD_KIND_COUNT],
                       enum record_kind kind, struct buffer *out)
{
    const struct table_plan *plan = &plans[kind];
    struct view v = {plans, plan, out};
    buffer_print(out, "CREATE VIEW %s AS SELECT", plan->layout->view);
    bool is_first = true;
    for (size_t i = 0; i < plan->layout->field_count; i++) {
        begin_column(&v, is_first);
        write_field(&v, &plan->layout->fields[i]);
        buffer_print(out, " AS %s", plan->layout->fields[i].name);
        is_first = false;
    }
    write_time(&v);
    write_milliseconds(&v);
    write_lent_columns(&v, kind);
    buffer_print(out, "\nFROM %s", plan->main.name);
    join_own(&v);
    join_lenders(&v, kind);
}
