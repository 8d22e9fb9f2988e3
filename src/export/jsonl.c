/* JSON lines: one object for each connection, exchange, tunnel and finding, told apart
 * by `kind`. Fields are the views' columns under their own names; what was not observed
 * is absent. Durations come in µs only: the views' `_ms` are the same a second time. */
#include "export/formats.h"
#include "export/mapping.h"

#include <string.h>

/* Ids of 64 bits, which JavaScript would round. */
static const char *const long_ids[] = {"id", "connection_id", "exchange_id"};

static enum mapping_shape jsonl_shape_of(const struct mapping *m, const char *column)
{
    size_t len = strlen(column);
    (void)m;
    if (len > 3 && strcmp(column + len - 3, "_ms") == 0) return SHAPE_NONE;
    for (size_t i = 0; i < ARRAY_LENGTH(long_ids); i++)
        if (strcmp(column, long_ids[i]) == 0) return SHAPE_ID;
    return SHAPE_PLAIN;
}

/* clang-format off */
static const struct mapping mappings[] = {
    { .part = "connections", .columns = "'connection' AS kind, *", .from = "connections ORDER BY id", .shape_of = jsonl_shape_of },
    { .part = "exchanges",   .columns = "'exchange' AS kind, *",   .from = "exchanges ORDER BY id",   .shape_of = jsonl_shape_of },
    { .part = "tunnels",     .columns = "'tunnel' AS kind, *",     .from = "tunnels ORDER BY id",     .shape_of = jsonl_shape_of },
    { .part = "findings",    .columns = "'finding' AS kind, *",    .from = "findings ORDER BY connection_id, id",    .shape_of = jsonl_shape_of },
};
/* clang-format on */

static enum status jsonl_run(const struct export_order *order, struct problem *why)
{
    return mapping_run_lines(mappings, ARRAY_LENGTH(mappings), order, why);
}

const struct export_format jsonl_format = {
    .name = "jsonl",
    .about = "an object a line for each connection, exchange, tunnel and finding",
    .suffix = "jsonl",
    .run = jsonl_run,
};
