/* Tables: singular, STRICT, raw, with what each column is in the schema's own text. */
#include "store/sqlite_schema.h"

#include "store/sqlite_view.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *const sqlite_schema_indexes[] = {
    "CREATE INDEX IF NOT EXISTS exchange_connection ON exchange(connection_id)",
    "CREATE INDEX IF NOT EXISTS header_exchange ON header(exchange_id)",
    NULL,
};

static const char text_table[] =
    "CREATE TABLE text ( -- Texts that many rows share, by number.\n"
    "    id INTEGER PRIMARY KEY,\n"
    "    value TEXT NOT NULL -- may stand here more than once\n"
    ") STRICT";

static const char finding_code_table[] =
    "CREATE TABLE finding_code ( -- What the codes of findings mean.\n"
    "    code TEXT PRIMARY KEY,\n"
    "    severity TEXT NOT NULL, -- usual one; a finding has its own\n"
    "    title TEXT NOT NULL,\n"
    "    reference TEXT, -- where the rule stands\n"
    "    zeek TEXT, -- Zeek's name for it\n"
    "    suricata TEXT -- Suricata's\n"
    ") STRICT";

static const char finding_codes_view[] =
    "CREATE VIEW finding_codes AS SELECT\n"
    "    code, severity, title, reference, zeek, suricata\n"
    "FROM finding_code";

/* ---- comments ---- */

static void write_packed_comment(const struct table_plan *plan,
                                 const struct plan_column *c, struct buffer *out)
{
    buffer_append_text(out, "first bit of:");
    for (size_t i = 0; i < c->part_count; i++) {
        const struct plan_part *part = &plan->parts[c->first_part + i];
        buffer_print(out, " %s %u", part->field->name, part->shift);
    }
}

static void write_usual_comment(const struct field *f, struct buffer *out)
{
    static const char *const values[] = {
        [USUALLY_NULL] = "NULL", [USUALLY_ZERO] = "0",
        [USUALLY_ONE] = "1",     [USUALLY_DIFFERENCE] = NULL,
        [USUALLY_EQUAL] = NULL,  [USUALLY_OF_KEY] = "id >> 16",
    };
    buffer_append_text(out, "no row: ");
    if (f->usual == USUALLY_DIFFERENCE) {
        buffer_print(out, "%s - %s", f->of, f->minus);
    } else if (f->usual == USUALLY_EQUAL) {
        buffer_print(out, "%s when %s is %s, else NULL", f->of, f->where, f->is);
    } else {
        buffer_append_text(out, values[f->usual]);
        if (f->of != NULL) buffer_print(out, " when %s > 0, else NULL", f->of);
    }
}

static void write_comment(const struct table_plan *plan, const struct plan_column *c,
                          struct buffer *out)
{
    if (c->kind == COLUMN_PACKED) {
        write_packed_comment(plan, c, out);
        return;
    }
    buffer_append_text(out, c->field->title);
    if (c->kind == COLUMN_INTERNED) buffer_append_text(out, ": text.id");
    if (c->field->type == FIELD_PACKET)
        buffer_append_text(out, ": capture << 32 | number of the packet");
    if (c->field->type == FIELD_TIME)
        buffer_append_text(out, ": microseconds since 1970");
    if (c->base != NULL)
        buffer_print(out, ", less %s where that is known", c->base->name);
    if (c->field->place == PLACE_SIDE) {
        buffer_append_text(out, "; ");
        write_usual_comment(c->field, out);
    }
}

/* ---- tables ---- */

static void write_column(const struct table_plan *plan, const struct plan_column *c,
                         bool is_last, struct buffer *out)
{
    const char *type = c->kind == COLUMN_TEXT ? "TEXT" : "INTEGER";
    bool is_key = c->field != NULL && c->field->place == PLACE_KEY;
    if (is_key && !plan->layout->is_clustered) type = "INTEGER PRIMARY KEY";
    buffer_print(out, "    %s %s%s -- ", c->name, type, is_last ? "" : ",");
    write_comment(plan, c, out);
    buffer_append_text(out, "\n");
}

static void write_table(const struct table_plan *plan, const struct plan_table *t,
                        struct buffer *out)
{
    bool is_side = t != &plan->main;
    bool is_large = is_side && t->name == plan->large_name;
    bool is_clustered = !is_side && plan->layout->is_clustered;
    buffer_print(out, "CREATE TABLE %s ( -- ", t->name);
    if (is_side)
        buffer_print(out,
                     "Of a row of %s, when one of these %s.\n"
                     "    id INTEGER PRIMARY KEY, -- %s.id\n",
                     plan->main.name,
                     is_large ? "does not fit the bits it has there" : "is unusual",
                     plan->main.name);
    else
        buffer_print(out, "%s%s\n", plan->layout->about,
                     plan->part_count == 0
                         ? ""
                         : " In packed columns 0 is NULL, all ones a number that is in "
                           "the table of large ones, else a number plus one, or the "
                           "place in a list of names.");
    for (size_t i = 0; i < t->column_count; i++)
        write_column(plan, &t->columns[i], !is_clustered && i + 1 == t->column_count,
                     out);
    buffer_append_text(out, is_clustered ? "    PRIMARY KEY (connection_id, id)\n"
                                           ") WITHOUT ROWID, STRICT"
                                         : ") STRICT");
}

/* ---- the schema ---- */

static void add_object(struct schema *s, const char *name, struct bytes sql)
{
    assert(s->object_count < SCHEMA_OBJECTS_MAX);
    struct schema_object *o = &s->objects[s->object_count++];
    snprintf(o->name, sizeof o->name, "%s", name);
    o->is_view = bytes_start_with(sql, "CREATE VIEW");
    o->sql = mem_alloc(sql.len + 1);
    memcpy(o->sql, sql.ptr, sql.len);
}

struct schema *sqlite_schema_new(const struct table_plan plans[RECORD_KIND_COUNT])
{
    struct schema *s = mem_alloc(sizeof *s);
    struct buffer sql = {.ptr = NULL};
    add_object(s, "text", bytes_of_text(text_table));
    add_object(s, "finding_code", bytes_of_text(finding_code_table));
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        for (size_t k = 0; k <= plans[i].side_count; k++) {
            const struct plan_table *t =
                k == 0 ? &plans[i].main : &plans[i].sides[k - 1];
            buffer_clear(&sql);
            write_table(&plans[i], t, &sql);
            add_object(s, t->name, buffer_bytes(&sql));
        }
    }
    add_object(s, "finding_codes", bytes_of_text(finding_codes_view));
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        buffer_clear(&sql);
        sqlite_view_write(plans, (enum record_kind)i, &sql);
        add_object(s, plans[i].layout->view, buffer_bytes(&sql));
    }
    buffer_done(&sql);
    return s;
}

void sqlite_schema_free(struct schema *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < s->object_count; i++) mem_free(s->objects[i].sql);
    mem_free(s);
}
