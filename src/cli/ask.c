/* A database, a question, an answer.
 *
 *   options --> database opened --> list | question | two of them --> rows --> output
 *                                '--gate (--fail-on)--> exit status 4 */
#include "cli/ask.h"

#include "cli/confine.h"
#include "cli/output.h"
#include "cli/table_output.h"
#include "hopscope/engine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct ask_run {
    const struct options *options;
    const char *path;
    const char *name; /* of the question; NULL: the list */
    struct question question;
    struct buffer sql;
    struct query *before; /* NULL: no --diff */
    struct query *after;
};

/* ---- what was asked for ---- */

static enum status ask_understand_words(struct ask_run *a, struct problem *why)
{
    const struct options *o = a->options;
    if (o->path_count == 0)
        return problem_set(why, STATUS_USAGE,
                           "no DB given: hopscope ask DB [QUESTION]; see --help");
    if (o->path_count > 2)
        return problem_set(why, STATUS_USAGE, "one question at a time, not '%.100s'",
                           o->paths[2]);
    a->path = o->paths[0];
    a->name = o->path_count > 1 ? o->paths[1] : NULL;
    if (question_find(a->path, &a->question) && access(a->path, F_OK) != 0)
        return problem_set(why, STATUS_USAGE,
                           "the DB comes first: hopscope ask DB %.100s", a->path);
    if (a->name != NULL && !question_find(a->name, &a->question))
        return ask_refuse_name("no question", a->name, why);
    return STATUS_OK;
}

static enum status ask_understand(struct ask_run *a, struct problem *why)
{
    const struct options *o = a->options;
    enum status rc = ask_understand_words(a, why);
    if (rc != STATUS_OK) return rc;
    if (o->is_csv && o->is_json)
        return problem_set(why, STATUS_USAGE, "either --csv or --json");
    if (a->name == NULL && (o->wants_sql || o->setting_count > 0))
        return problem_set(why, STATUS_USAGE, "%s goes with a QUESTION",
                           o->wants_sql ? "--sql" : "--set");
    if (o->fail_on != NULL && o->diff != NULL)
        return problem_set(why, STATUS_USAGE, "either --diff or --fail-on");
    if (o->fail_on != NULL) rc = ask_gate_check(o->fail_on, why);
    if (rc == STATUS_OK && a->name != NULL)
        rc = question_write_sql(&a->question, o->settings, o->setting_count, &a->sql,
                                why);
    return rc;
}

/* ---- answers ---- */

static enum status ask_print_sql(const struct ask_run *a, struct problem *why)
{
    enum status rc = output_write(a->question.about, why);
    struct bytes sql = bytes_first(buffer_bytes(&a->sql), a->sql.len - 1);
    return rc == STATUS_OK ? output_write(sql, why) : rc;
}

static enum status ask_open(const char *path, const volatile int *stop,
                            struct query **out, struct problem *why)
{
    enum status rc = query_open(path, stop, out, why);
    return rc == STATUS_OK ? query_check_views(*out, why) : rc;
}

static enum status ask_begin(struct ask_run *a, struct rows *rows, struct problem *why)
{
    const char *sql = (const char *)a->sql.ptr;
    const struct ask_list list = {
        .before = a->before,
        .after = a->after,
        .names = a->options->fail_on,
        .has_bar = !a->options->is_quiet && isatty(STDERR_FILENO) == 1,
    };
    if (a->name == NULL) {
        ask_list_open(&list, rows);
        return STATUS_OK;
    }
    if (a->before != NULL)
        return ask_diff_open(a->before, a->after, &a->question, sql, rows, why);
    return query_run(a->after, sql, rows, why);
}

static enum status ask_answer(struct ask_run *a, struct problem *why)
{
    struct rows rows = {.context = NULL};
    uint64_t written = 0;
    struct table_output how;
    enum status rc = ask_begin(a, &rows, why);
    table_output_choose(a->options, &how);
    if (rc == STATUS_OK) rc = table_output_write(&how, &rows, &written, why);
    rows_close(&rows);
    if (rc == STATUS_OK && a->options->fail_on != NULL)
        rc = ask_gate_run(a->after, a->options->fail_on, why);
    return rc;
}

static enum status ask_run(const struct options *options, struct problem *why)
{
    struct ask_run a = {.options = options};
    const struct signals_options handlers = {.patience_ms = SIGNALS_PATIENCE_MS};
    struct signals *signals = NULL;
    enum status rc = ask_understand(&a, why);
    if (rc != STATUS_OK) goto done;
    if (options->wants_sql) {
        rc = ask_print_sql(&a, why);
        goto done;
    }
    rc = confine_to_database(options, NULL, SANDBOX_READ, why);
    if (rc != STATUS_OK) goto done;
    signals = signals_start(&handlers);
    const volatile int *stop = signals_stop_flag(signals);
    rc = ask_open(a.path, stop, &a.after, why);
    if (rc == STATUS_OK && options->diff != NULL)
        rc = ask_open(options->diff, stop, &a.before, why);
    if (rc == STATUS_OK) rc = ask_answer(&a, why);
done:
    query_close(a.before);
    query_close(a.after);
    signals_end(signals);
    buffer_done(&a.sql);
    return rc;
}

/* clang-format off */
const struct command ask_command = {
    .name = "ask",
    .operands = "DB [QUESTION]",
    .purpose = "answer a named question from a database",
    .about =
        "Answers a question from a database that hopscope wrote; without QUESTION, lists\n"
        "all of them with the rows that each has. Each row names its connection, packets\n"
        "(as Wireshark numbers them) and time. The same queries stand in the database as\n"
        "views: ask_idle_race and so on.",
    .notes =
        "    hopscope ask account.db idle-race\n"
        "    hopscope ask account.db idle-timeouts --set min_ms=500 --csv\n"
        "    hopscope ask --fail-on idle-race,framing account.db\n"
        "    hopscope ask --diff before.db after.db time\n"
        "\n"
        "On a terminal that is too narrow for the table, each figure has a line. Times\n"
        "are UTC there, and seconds since 1970 in CSV, JSON and the database.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage; 4 done, and a question\n"
        "of --fail-on has rows.\n",
    .bit = COMMAND_ASK,
    .takes_plain_words = true,
    .run = ask_run,
};
/* clang-format on */
