/* A selection by the ending of its file's name:
 *
 *   .sql      a query for its connections
 *   .pcapng   their packets, cut out of the files that hold them
 *   .db       a database of its rows
 *   others    such a database, exported and removed                                */
#include "cli/view_save.h"

#include "cli/export_target.h"
#include "cli/slice.h"
#include "hopscope/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VIEW_SAVE_PATH_MAX = 512 };

const char view_save_endings[] = ".csv .jsonl .har .json .db .sql .pcapng";

static const struct ending_row {
    const char *ending, *format, *part;
} endings[] = {
    {".csv", "csv", "connections"},
    {".jsonl", "jsonl", NULL},
    {".har", "har", NULL},
    {".json", "eve", NULL},
};

static bool has_ending(const char *path, const char *ending)
{
    size_t len = strlen(path), tail = strlen(ending);
    return len > tail && strcmp(path + len - tail, ending) == 0;
}

static enum status ask(void *context, const char *sql, struct rows *out,
                       struct problem *why)
{
    return query_run(context, sql, out, why);
}

static enum status write_sql(const struct ui_selection *s, const char *path,
                             struct problem *why)
{
    size_t count;
    const int64_t *ids = ui_selection_ids(s, &count);
    FILE *out = fopen(path, "wxe");
    if (out == NULL)
        return problem_set(why, STATUS_FAILED, "cannot make %s: %s", path,
                           strerror(errno));
    fprintf(out, "SELECT * FROM connections WHERE id IN (");
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%lld",
                i == 0       ? ""
                : i % 6 == 0 ? ",\n  "
                             : ", ",
                (long long)ids[i]);
    fprintf(out, ");\n");
    if (fclose(out) == 0) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "cannot write %s: %s", path,
                       strerror(errno));
}

/* The captures' rows say which files the packets are in. */
static void put_captures(const struct kept_packets *kept,
                         const struct record_sink *sink)
{
    for (size_t i = 0; i < kept->path_count; i++) {
        struct record_capture row;
        record_clear(RECORD_CAPTURE, &row);
        row.id = kept->first_capture_id + (int64_t)i;
        row.source = bytes_of_text(kept->paths[i]);
        sink->put(sink->context, RECORD_CAPTURE, &row);
    }
}

static enum status write_database(const struct ui_selection *s,
                                  const struct kept_packets *kept, const char *path,
                                  struct problem *why)
{
    struct store *store = NULL;
    enum status rc = store_open(path, &store, why);
    if (rc != STATUS_OK) return rc;
    struct record_sink sink = store_sink(store);
    ui_selection_put(s, &sink); /* a refusal is the finish's to tell */
    put_captures(kept, &sink);
    rc = store_finish(store, why);
    store_free(store);
    return rc;
}

static enum status write_export(const struct ui_selection *s,
                                const struct kept_packets *kept,
                                const struct ending_row *row, const char *path,
                                struct problem *why)
{
    char between[VIEW_SAVE_PATH_MAX + 16];
    struct query *query = NULL;
    struct export_place place = {.path = path, .source = between, .fd = -1};
    snprintf(between, sizeof between, "%s.rows-%ld", path, (long)getpid());
    enum status rc = write_database(s, kept, between, why);
    if (rc == STATUS_OK) rc = query_open(between, NULL, &query, why);
    struct export_order order = {.source = {.context = query, .ask = ask},
                                 .target = export_target_of(&place),
                                 .part = row->part};
    if (rc == STATUS_OK) rc = export_format_find(row->format)->run(&order, why);
    rc = export_target_end(&place, rc, why);
    query_close(query);
    unlink(between);
    return rc;
}

static enum status write_packets(const struct ui_selection *s,
                                 const struct kept_packets *kept, const char *path,
                                 struct problem *why)
{
    char between[VIEW_SAVE_PATH_MAX + 16];
    volatile int stop = 0;
    uint64_t written = 0;
    if (kept->path_count == 0)
        return problem_set(
            why, STATUS_FAILED,
            "the packets are not kept (live: --write FILE without --rotate)");
    const char **paths = mem_alloc_array(kept->path_count + 2, sizeof *paths);
    struct options options = {
        .paths = paths, .path_count = kept->path_count + 2, .output = path};
    paths[0] = between;
    paths[1] = "SELECT id FROM connections";
    for (size_t i = 0; i < kept->path_count; i++) paths[i + 2] = kept->paths[i];
    snprintf(between, sizeof between, "%s.rows-%ld", path, (long)getpid());
    enum status rc = write_database(s, kept, between, why);
    if (rc == STATUS_OK) rc = slice_cut(&options, NULL, &stop, &written, why);
    unlink(between);
    mem_free(paths);
    return rc;
}

static enum status write_any(const struct ui_selection *s,
                             const struct kept_packets *kept, const char *path,
                             struct problem *why)
{
    if (has_ending(path, ".pcapng")) return write_packets(s, kept, path, why);
    if (has_ending(path, ".sql")) return write_sql(s, path, why);
    if (has_ending(path, ".db")) return write_database(s, kept, path, why);
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        if (has_ending(path, endings[i].ending))
            return write_export(s, kept, &endings[i], path, why);
    }
    return problem_set(why, STATUS_USAGE, "%.200s: the ending says what is written: %s",
                       path, view_save_endings);
}

static void write_folder(const char *path, char out[VIEW_SAVE_PATH_MAX])
{
    snprintf(out, VIEW_SAVE_PATH_MAX, "%s", path);
    char *slash = strrchr(out, '/');
    if (slash == NULL)
        snprintf(out, VIEW_SAVE_PATH_MAX, ".");
    else
        slash[slash == out ? 1 : 0] = '\0';
}

/* Before anything is made beside it, so that a refusal names what was typed. */
static enum status try_path(const char *path, struct problem *why)
{
    char folder[VIEW_SAVE_PATH_MAX];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    int error = errno;
    if (fd >= 0) {
        close(fd);
        unlink(path);
        return STATUS_OK;
    }
    write_folder(path, folder);
    if (error == ENOENT)
        return problem_set(why, STATUS_FAILED,
                           "cannot make %.200s: there is no folder %.200s", path,
                           folder);
    /* The kernel's rights alone would allow it. */
    if (error == EACCES && access(folder, W_OK) == 0)
        return problem_set(why, STATUS_FAILED,
                           "only the working folder can be written to (--sandbox off "
                           "lifts that): %.150s",
                           path);
    return problem_set(why, STATUS_FAILED, "cannot make %.200s: %s", path,
                       strerror(error));
}

enum status view_save_write(void *context, const struct ui_selection *selection,
                            const char *path, struct problem *said)
{
    size_t count;
    enum status rc = STATUS_FAILED;
    ui_selection_ids(selection, &count);
    if (count == 0)
        problem_set(said, rc, "nothing to save: no connection is marked or shown");
    else if (strlen(path) >= VIEW_SAVE_PATH_MAX)
        problem_set(said, rc, "that path is too long");
    else if (access(path, F_OK) == 0)
        problem_set(said, rc, "%.200s is there already: choose another name", path);
    else
        rc = try_path(path, said);
    if (rc == STATUS_OK) rc = write_any(selection, context, path, said);
    if (rc == STATUS_OK)
        problem_set(said, rc, "%.200s has %zu connection%s", path, count,
                    count == 1 ? "" : "s");
    return rc;
}
