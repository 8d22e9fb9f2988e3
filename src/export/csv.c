/* CSV (RFC 4180 with a header line; LF): a view a part, every column of it. */
#include "export/formats.h"
#include "export/mapping.h"
#include "hopscope/cell_text.h"

/* clang-format off */
static const struct mapping mappings[] = {
    { .part = "exchanges",   .columns = "*", .from = "exchanges ORDER BY id" },
    { .part = "connections", .columns = "*", .from = "connections ORDER BY id" },
    { .part = "tunnels",     .columns = "*", .from = "tunnels ORDER BY id" },
    { .part = "findings",    .columns = "*", .from = "findings ORDER BY connection_id, id" },
    { .part = "headers",     .columns = "*", .from = "headers ORDER BY exchange_id" },
    { .part = "captures",    .columns = "*", .from = "captures ORDER BY id" },
};
/* clang-format on */

static void csv_head(const struct mapping *m, struct buffer *out)
{
    for (size_t i = 0; i < m->field_count; i++) {
        struct cell name = {.kind = CELL_TEXT,
                            .text = bytes_of_text(m->fields[i].name)};
        if (i > 0) buffer_append_text(out, ",");
        cell_text_csv(&name, out);
    }
    buffer_append_text(out, "\n");
}

static enum status csv_put(void *context, const struct mapping *m,
                           const struct cell *cells, struct buffer *out,
                           struct problem *why)
{
    (void)context, (void)why;
    for (size_t i = 0; i < m->field_count; i++) {
        if (i > 0) buffer_append_text(out, ",");
        cell_text_csv(&cells[i], out);
    }
    buffer_append_text(out, "\n");
    return STATUS_OK;
}

static enum status csv_run(const struct export_order *order, struct problem *why)
{
    struct buffer out = {.ptr = NULL};
    enum status rc = STATUS_OK;
    for (size_t i = 0; rc == STATUS_OK && i < ARRAY_LENGTH(mappings); i++) {
        const struct mapping *m = &mappings[i];
        if (!mapping_is_wanted(order, m->part)) continue;
        rc = order->target.begin(order->target.context, m->part, why);
        struct mapping_job job = {
            .mapping = m, .order = order, .head = csv_head, .put = csv_put};
        if (rc == STATUS_OK) rc = mapping_run(&job, &out, why);
    }
    buffer_done(&out);
    return rc;
}

const struct export_format csv_format = {
    .name = "csv",
    .about = "a view a file, with a header line (RFC 4180)",
    .suffix = "csv",
    .parts = {"exchanges", "connections", "tunnels", "findings", "headers", "captures"},
    .run = csv_run,
};
