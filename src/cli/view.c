/* hopscope view: one loop on one thread.
 *
 *   poll(keys, signals; until something is due) --> keys --> feed --> draw         */
#include "cli/view.h"

#include "cli/confine.h"
#include "cli/output.h"
#include "cli/view_feed.h"
#include "cli/view_save.h"
#include "hopscope/engine.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct view_run {
    struct ui *ui;
    struct view_replay *replay; /* NULL: a database */
    struct view_rows *rows;     /* NULL: a capture */
    struct signals *signals;
};

const char *view_settings_path(struct buffer *scratch)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    buffer_clear(scratch);
    if (folder != NULL && *folder == '/')
        buffer_print(scratch, "%s/hopscope/view", folder);
    else if (home != NULL && *home == '/')
        buffer_print(scratch, "%s/.config/hopscope/view", home);
    else
        return NULL;
    buffer_append(scratch, bytes_of("", 1));
    return (const char *)scratch->ptr;
}

/* By its first bytes: a file that is none is for the reader of captures to refuse. */
static bool view_is_database(const char *path)
{
    char magic[16] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return false;
    ssize_t got = read(fd, magic, sizeof magic);
    close(fd);
    return got == sizeof magic && memcmp(magic, "SQLite format 3", 16) == 0;
}

static bool view_feed(struct view_run *run)
{
    return run->replay ? view_replay_feed(run->replay) : view_rows_feed(run->rows);
}

static void view_loop(struct view_run *run)
{
    bool is_feeding = true;
    while (ui_serve(run->ui) && *signals_stop_flag(run->signals) == 0) {
        int wait_ms = ui_wait_ms(run->ui);
        int due_ms = run->replay ? view_replay_wait_ms(run->replay)
                                 : view_rows_wait_ms(run->rows);
        if (is_feeding && due_ms < wait_ms) wait_ms = due_ms;
        struct pollfd fds[] = {
            {.fd = ui_fd(run->ui), .events = POLLIN},
            {.fd = signals_stop_fd(run->signals), .events = POLLIN},
        };
        poll(fds, ARRAY_LENGTH(fds), wait_ms);
        if (is_feeding) is_feeding = view_feed(run);
    }
}

static enum status view_set_speed(const struct options *o, struct ui *ui,
                                  struct problem *why)
{
    char *end = NULL;
    if (o->speed == NULL) {
        ui_set_speed(ui, 0);
        return STATUS_OK;
    }
    double speed = strtod(o->speed, &end);
    if (end == o->speed || *end != '\0' || !(speed >= 0.01 && speed <= 1000))
        return problem_set(
            why, STATUS_USAGE,
            "--speed takes a number from 0.01 to 1000 (1: as it was), not "
            "'%.60s'",
            o->speed);
    ui_set_speed(ui, (unsigned)(speed * 100));
    return STATUS_OK;
}

static enum status view_show(struct view_run *run, const struct options *o,
                             struct kept_packets *kept, struct problem *why)
{
    struct buffer settings = {.ptr = NULL};
    const char *name = strrchr(o->paths[0], '/');
    char title[UI_TITLE_MAX], more[32] = "";
    if (o->path_count > 1) snprintf(more, sizeof more, " +%zu", o->path_count - 1);
    snprintf(title, sizeof title, "%.90s%s",
             name != NULL && name[1] != '\0' ? name + 1 : o->paths[0], more);
    const struct signals_options handlers = {.context = NULL};
    const struct ui_options options = {
        .title = title,
        .source = {.context = kept,
                   .packets = run->replay ? kept_packets_read : NULL,
                   .save = view_save_write,
                   .save_endings = view_save_endings},
        .has_colour = output_has_color(o->color),
        .is_replay = run->replay != NULL,
        .settings = view_settings_path(&settings),
    };
    run->signals = signals_start(&handlers);
    enum status rc = ui_open(&options, &run->ui, why);
    if (rc == STATUS_OK) rc = view_set_speed(o, run->ui, why);
    if (rc == STATUS_OK && run->replay) view_replay_start(run->replay, run->ui);
    if (rc == STATUS_OK && run->rows) view_rows_start(run->rows, run->ui);
    if (rc == STATUS_OK) view_loop(run);
    ui_close(run->ui);
    signals_end(run->signals);
    buffer_done(&settings);
    return rc;
}

static enum status view_confine(const struct options *o, bool is_database,
                                struct problem *why)
{
    struct buffer settings = {.ptr = NULL};
    struct confine c;
    confine_init(&c, o);
    c.settings = view_settings_path(&settings);
    if (is_database)
        confine_add(&c, o->paths[0], SANDBOX_DATABASE);
    else
        confine_add_files(&c, o->paths, o->path_count);
    confine_add(&c, ".", SANDBOX_FOLDER); /* what is saved */
    enum status rc = confine_enter(&c, why);
    buffer_done(&settings);
    return rc;
}

/* Packets are read once more when a connection is looked at. */
static enum status view_refuse_pipes(const struct options *o, struct problem *why)
{
    struct stat about;
    for (size_t i = 0; i < o->path_count; i++) {
        if (strcmp(o->paths[i], "-") == 0)
            return problem_set(
                why, STATUS_USAGE,
                "standard input is where the keys come from: name a file, "
                "or make a database of it with hopscope read -o DB -");
        if (stat(o->paths[i], &about) == 0 && S_ISFIFO(about.st_mode))
            return problem_set(why, STATUS_USAGE,
                               "%.200s is a pipe, which can be read only once: make a "
                               "database of it with hopscope read -o DB",
                               o->paths[i]);
    }
    return STATUS_OK;
}

static enum status view_run(const struct options *o, struct problem *why)
{
    struct view_run run = {.ui = NULL};
    enum status rc = view_refuse_pipes(o, why);
    if (rc != STATUS_OK) return rc;
    bool is_database = view_is_database(o->paths[0]);
    struct kept_packets kept = {.paths = o->paths,
                                .path_count = is_database ? 0 : o->path_count,
                                .filter = o->filter,
                                .first_capture_id = 1};
    if (is_database && (o->path_count > 1 || o->filter || o->speed))
        return problem_set(why, STATUS_USAGE,
                           "a database is shown alone, without -f and --speed");
    rc = view_confine(o, is_database, why);
    if (rc != STATUS_OK) return rc;
    rc = is_database ? view_rows_open(o->paths[0], &run.rows, why)
                     : view_replay_open(o, &run.replay, why);
    if (rc == STATUS_OK) rc = view_show(&run, o, &kept, why);
    if (rc == STATUS_OK && run.replay && view_replay_damage(run.replay)) {
        output_complain(view_replay_damage(run.replay));
        rc = STATUS_DAMAGED;
    }
    view_replay_close(run.replay);
    view_rows_close(run.rows);
    return rc;
}

/* clang-format off */
const struct command view_command = {
    .name = "view",
    .operands = "DB|FILE... [FILTER]",
    .purpose = "look at a database or a capture on the terminal",
    .about =
        "Shows the connections of a database that hopscope wrote, or of saved captures,\n"
        "on the terminal: lists, the ladder of a connection, its exchanges with their\n"
        "bytes, origins, findings and totals.",
    .notes =
        "Keys: ? shows all of them. Enter opens a row, Esc goes back, / filters as you\n"
        "type (status>=500 and host~api), < and > choose what the list is sorted by,\n"
        "Space marks, s saves what is marked, 1 to 4 are the main pages, q quits.\n"
        "\n"
        "A database that a live run is writing is followed as it grows.\n"
        "\n"
        "A capture is read at once, or played with --speed; + and - change its speed, p\n"
        "holds it, e plays the rest at once.\n"
        "\n"
        "The columns chosen with t are kept in $XDG_CONFIG_HOME/hopscope/view.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage; 3 done, but the capture\n"
        "was damaged.\n",
    .bit = COMMAND_VIEW,
    .run = view_run,
};
/* clang-format on */
