/* A database in the formats of other programs. */
#include "cli/export.h"

#include "cli/confine.h"
#include "cli/export_target.h"
#include "cli/likeness.h"
#include "hopscope/certain.h"
#include "hopscope/engine.h"
#include "hopscope/export.h"
#include "hopscope/store.h"

#include <string.h>

static enum status export_ask(void *context, const char *sql, struct rows *out,
                              struct problem *why)
{
    return query_run(context, sql, out, why);
}

/* ---- what is wanted ---- */

static enum status export_refuse_part(const struct export_format *f, const char *part,
                                      struct problem *why)
{
    struct buffer names = {.ptr = NULL};
    for (size_t i = 0; i < EXPORT_PARTS_MAX && f->parts[i] != NULL; i++)
        buffer_print(&names, "%s%s", i == 0 ? "" : ", ", f->parts[i]);
    buffer_append(&names, bytes_of("", 1));
    problem_set(why, STATUS_USAGE, "%s has no table '%.60s'%s%s", f->name, part,
                names.len > 1 ? ", but " : "", (const char *)names.ptr);
    buffer_done(&names);
    return STATUS_USAGE;
}

static enum status export_refuse_format(const char *word, struct problem *why)
{
    struct likeness like = likeness_of(word);
    const struct export_format *f;
    for (size_t i = 0; (f = export_format_at(i)) != NULL; i++)
        likeness_try(&like, f->name);
    if (like.name != NULL)
        return problem_set(why, STATUS_USAGE, "'%.60s' is no format, but %s is", word,
                           like.name);
    return problem_set(why, STATUS_USAGE,
                       "'%.60s' is no format: jsonl, csv, har, zeek, eve and otel are",
                       word);
}

static bool export_has_part(const struct export_format *f, const char *part)
{
    for (size_t i = 0; i < EXPORT_PARTS_MAX && f->parts[i] != NULL; i++)
        if (strcmp(f->parts[i], part) == 0) return true;
    return false;
}

static enum status export_understand(const struct options *o,
                                     const struct export_format **format,
                                     struct problem *why)
{
    if (o->path_count < 2)
        return problem_set(why, STATUS_USAGE,
                           "a DB and a format are needed: hopscope export DB har");
    if (o->path_count > 2)
        return problem_set(why, STATUS_USAGE, "one format at a time, not also '%.100s'",
                           o->paths[2]);
    const struct export_format *f = export_format_find(o->paths[1]);
    if (f == NULL) return export_refuse_format(o->paths[1], why);
    if (o->table != NULL && !export_has_part(f, o->table))
        return export_refuse_part(f, o->table, why);
    if (o->is_json && !f->has_json)
        return problem_set(why, STATUS_USAGE, "--json goes with the format zeek");
    if (f->parts[0] != NULL && o->table == NULL && o->output == NULL)
        return problem_set(why, STATUS_USAGE,
                           "%s is several files: -o FOLDER for all, or --table %s for "
                           "one",
                           f->name, f->parts[0]);
    *format = f;
    return STATUS_OK;
}

static enum status export_run(const struct options *options, struct problem *why)
{
    const struct signals_options handlers = {.patience_ms = SIGNALS_PATIENCE_MS};
    const struct export_format *format = NULL;
    struct query *query = NULL;
    enum status rc = export_understand(options, &format, why);
    if (rc != STATUS_OK || NEVER(format == NULL)) return rc;
    bool is_folder = format->parts[0] != NULL && options->table == NULL;
    struct export_place place = {
        .path = options->output,
        .suffix = is_folder ? format->suffix : NULL,
        .source = options->paths[0],
        .fd = -1,
    };
    rc = confine_to_database(options, options->output,
                             is_folder ? SANDBOX_FOLDER : SANDBOX_MAKE, why);
    if (rc != STATUS_OK) return rc;
    struct signals *signals = signals_start(&handlers);
    rc = query_open(options->paths[0], signals_stop_flag(signals), &query, why);
    if (rc == STATUS_OK) rc = query_check_views(query, why);
    struct export_order order = {
        .source = {.context = query, .ask = export_ask},
        .target = export_target_of(&place),
        .part = options->table,
        .is_json = options->is_json,
    };
    if (rc == STATUS_OK) rc = format->run(&order, why);
    rc = export_target_end(&place, rc, why);
    query_close(query);
    signals_end(signals);
    return rc;
}

/* clang-format off */
const struct command export_command = {
    .name = "export",
    .operands = "DB FORMAT",
    .purpose = "write a database in another program's format",
    .about =
        "Writes the rows of a database that hopscope wrote, on standard output or into\n"
        "files. FORMAT is one of\n"
        "    jsonl  an object a line for each connection, exchange, tunnel and finding\n"
        "    csv    a view a file, with a header line (RFC 4180)\n"
        "    har    one HTTP archive (HAR 1.2) for browsers' developer tools\n"
        "    zeek   Zeek's conn, http, weird and websocket logs\n"
        "    eve    Suricata's events: http, flow and anomaly\n"
        "    otel   an object a line for each exchange, by OpenTelemetry's names",
    .notes =
        "csv and zeek are several tables: -o names a folder for all of them, or --table\n"
        "chooses one. What was not observed is absent, -1 or \"-\", as the format has it.\n"
        "har shows header fields and cookies if the database was made with --headers.\n"
        "A file gets its name when it is whole: after a failure nothing half is left, and\n"
        "what had the name before stays.\n"
        "    hopscope export a.db har -o a.har\n"
        "    hopscope export a.db zeek -o logs\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage.\n",
    .bit = COMMAND_EXPORT,
    .takes_plain_words = true,
    .run = export_run,
};
/* clang-format on */
