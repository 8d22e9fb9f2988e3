/* A database becomes a page.
 *
 *   database --queries of the page, every question--> report_page --> file | stdout
 *
 * The file is written beside its name and renamed when whole: a browser that reloads
 * never sees half a page. */
#include "cli/report.h"

#include "cli/confine.h"
#include "cli/output.h"
#include "hopscope/engine.h"
#include "hopscope/report_page.h"
#include "hopscope/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct report_run {
    const struct options *options;
    struct query *query;
    struct report_page *page;
    bool has_bar;
};

static enum status report_understand(const struct options *o, struct problem *why)
{
    if (o->path_count == 0)
        return problem_set(why, STATUS_USAGE,
                           "no DB given: hopscope report DB -o page.html");
    if (o->path_count > 1)
        return problem_set(why, STATUS_USAGE, "one DB at a time, not '%.100s'",
                           o->paths[1]);
    if (o->output == NULL)
        return problem_set(why, STATUS_USAGE,
                           "the page needs a name: hopscope report DB -o page.html (- "
                           "is standard output)");
    return STATUS_OK;
}

static void report_tell(const struct report_run *run, const char *name)
{
    if (run->has_bar) fprintf(stderr, "\r%-32s\r%s", "", name);
}

/* ---- answers into the page ---- */

static enum status report_take_queries(struct report_run *run, struct problem *why)
{
    enum status rc = STATUS_OK;
    const char *sql;
    for (size_t i = 0; rc == STATUS_OK && (sql = report_page_query(i)) != NULL; i++) {
        struct rows rows = {.context = NULL};
        rc = query_run(run->query, sql, &rows, why);
        if (rc == STATUS_OK) rc = report_page_put_query(run->page, i, &rows, why);
        rows_close(&rows);
    }
    return rc;
}

static enum status report_take_question(struct report_run *run,
                                        const struct question *q, struct problem *why)
{
    struct buffer sql = {.ptr = NULL};
    struct rows rows = {.context = NULL};
    enum status rc = question_write_sql(q, NULL, 0, &sql, why);
    if (rc == STATUS_OK) rc = query_run(run->query, (const char *)sql.ptr, &rows, why);
    if (rc != STATUS_OK) goto done;
    const struct report_question section = {
        .name = q->name,
        .title = q->title,
        .about = q->about,
        .sql = bytes_first(buffer_bytes(&sql), sql.len - 1),
    };
    rc = report_page_put_question(run->page, &section, &rows, why);
done:
    rows_close(&rows);
    buffer_done(&sql);
    return rc;
}

static enum status report_take_all(struct report_run *run, struct problem *why)
{
    struct question q;
    report_tell(run, "charts");
    enum status rc = report_take_queries(run, why);
    for (size_t i = 0; rc == STATUS_OK && question_get(i, &q); i++) {
        report_tell(run, q.name);
        rc = report_take_question(run, &q, why);
    }
    report_tell(run, "");
    return rc;
}

/* ---- the file ---- */

/* What is no regular file (a pipe, /dev/stdout) cannot be renamed over. */
static bool report_is_special(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

static bool report_is_link(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0 && S_ISLNK(about.st_mode);
}

static enum status report_write_special(const char *path, struct bytes text,
                                        struct problem *why)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    enum status rc = STATUS_FAILED;
    if (fd >= 0 && output_file_write(fd, text)) rc = STATUS_OK;
    if (rc != STATUS_OK)
        problem_set(why, rc, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return rc;
}

static enum status report_write_file(const char *path, struct bytes text,
                                     struct problem *why)
{
    struct buffer beside = {.ptr = NULL};
    buffer_print(&beside, "%s.partial-%ld", path, (long)getpid());
    buffer_append(&beside, bytes_of("", 1));
    const char *name = (const char *)beside.ptr;
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    enum status rc = STATUS_FAILED;
    if (fd >= 0 && output_file_write(fd, text)) rc = STATUS_OK;
    if (fd >= 0 && close(fd) != 0) rc = STATUS_FAILED;
    if (rc == STATUS_OK && rename(name, path) != 0) rc = STATUS_FAILED;
    if (rc != STATUS_OK)
        problem_set(why, rc, "cannot write %s: %s", path, strerror(errno));
    if (rc != STATUS_OK && fd >= 0) unlink(name);
    buffer_done(&beside);
    return rc;
}

static enum status report_write(const struct report_run *run, struct problem *why)
{
    const char *path = run->options->output;
    struct buffer text = {.ptr = NULL};
    report_page_write(run->page, &text);
    enum status rc;
    if (strcmp(path, "-") == 0)
        rc = output_write(buffer_bytes(&text), why);
    else if (report_is_special(path))
        rc = report_write_special(path, buffer_bytes(&text), why);
    else if (report_is_link(path))
        rc = problem_set(why, STATUS_FAILED, "cannot write %s: %s", path,
                         output_file_error(ELOOP));
    else
        rc = report_write_file(path, buffer_bytes(&text), why);
    if (rc == STATUS_OK && !run->options->is_quiet && strcmp(path, "-") != 0)
        fprintf(stderr, "hopscope: %s has the report, %.1f MB; open it in a browser\n",
                path, (double)text.len / 1e6);
    buffer_done(&text);
    return rc;
}

/* ---- the run ---- */

static const char *report_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static enum status report_run(const struct options *options, struct problem *why)
{
    struct report_run run = {.options = options};
    const struct signals_options handlers = {.patience_ms = SIGNALS_PATIENCE_MS};
    struct signals *signals = NULL;
    enum status rc = report_understand(options, why);
    if (rc == STATUS_OK)
        rc = confine_to_database(options, options->output, SANDBOX_MAKE, why);
    if (rc != STATUS_OK) return rc;
    run.has_bar = !options->is_quiet && isatty(STDERR_FILENO) == 1;
    signals = signals_start(&handlers);
    rc = query_open(options->paths[0], signals_stop_flag(signals), &run.query, why);
    if (rc == STATUS_OK) rc = query_check_views(run.query, why);
    if (rc != STATUS_OK) goto done;
    run.page = report_page_new(report_name_of(options->paths[0]));
    rc = report_take_all(&run, why);
    if (rc == STATUS_OK) rc = report_write(&run, why);
done:
    report_page_free(run.page);
    query_close(run.query);
    signals_end(signals);
    return rc;
}

/* clang-format off */
const struct command report_command = {
    .name = "report",
    .operands = "DB -o FILE",
    .purpose = "make one HTML page of a database",
    .about =
        "Writes what a database that hopscope wrote has to say as one HTML file: the\n"
        "verdicts, the connections over time, and a section for each question, every\n"
        "chart with its numbers and its SQL. The file needs nothing else: it can be\n"
        "sent, kept and printed, and loads nothing from the network.",
    .notes =
        "    hopscope report account.db -o page.html\n"
        "\n"
        "The drawing of connections has room for 20,000 of them and 100,000 exchanges,\n"
        "and tables for 200 rows; the page says where there are more.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage.\n",
    .bit = COMMAND_REPORT,
    .takes_plain_words = true,
    .run = report_run,
};
/* clang-format on */
