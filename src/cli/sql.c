/* Any query over a database, read-only: what the guards of query_open let through. */
#include "cli/sql.h"

#include "cli/confine.h"
#include "cli/table_output.h"
#include "hopscope/engine.h"
#include "hopscope/store.h"

static enum status sql_understand(const struct options *o, struct problem *why)
{
    if (o->path_count < 2)
        return problem_set(why, STATUS_USAGE,
                           "a DB and a query are needed: hopscope sql DB 'SELECT ...'");
    if (o->path_count > 2)
        return problem_set(why, STATUS_USAGE,
                           "the query is one word: put it in quotes, up to '%.100s'",
                           o->paths[o->path_count - 1]);
    if (o->is_csv && o->is_json)
        return problem_set(why, STATUS_USAGE, "either --csv or --json");
    return STATUS_OK;
}

static enum status sql_run(const struct options *options, struct problem *why)
{
    const struct signals_options handlers = {.patience_ms = SIGNALS_PATIENCE_MS};
    struct signals *signals = NULL;
    struct query *query = NULL;
    struct rows rows = {.context = NULL};
    struct table_output how;
    uint64_t written = 0;
    enum status rc = sql_understand(options, why);
    if (rc == STATUS_OK) rc = confine_to_database(options, NULL, SANDBOX_READ, why);
    if (rc != STATUS_OK) return rc;
    signals = signals_start(&handlers);
    rc = query_open(options->paths[0], signals_stop_flag(signals), &query, why);
    if (rc == STATUS_OK) rc = query_run(query, options->paths[1], &rows, why);
    table_output_choose(options, &how);
    if (rc == STATUS_OK) rc = table_output_write(&how, &rows, &written, why);
    rows_close(&rows);
    query_close(query);
    signals_end(signals);
    return rc;
}

/* clang-format off */
const struct command sql_command = {
    .name = "sql",
    .operands = "DB QUERY",
    .purpose = "run a query over a database, read-only",
    .about =
        "Runs one SELECT over a database that hopscope wrote and prints its rows. Nothing\n"
        "in the file can be changed, and nothing that stands in it is trusted.",
    .notes =
        "The views are captures, connections, exchanges, tunnels, findings,\n"
        "finding_codes, headers, and ask_... for the questions:\n"
        "    hopscope sql a.db 'SELECT host, COUNT(*) FROM exchanges GROUP BY host'\n"
        "\n"
        "SIGINT or SIGTERM ends it; what a single function keeps busy, after five\n"
        "seconds.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage.\n",
    .bit = COMMAND_SQL,
    .takes_plain_words = true,
    .run = sql_run,
};
/* clang-format on */
