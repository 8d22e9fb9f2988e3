/* A power cut at any moment: what is left of a database is whole, and has every row
 * whose commit had come back.
 *
 *   a run --> log of writes and syncs --> cut after each of them --> database --> rows?
 *
 *   test_power_cut [CUTS [SEED]]
 * nightly: 12000 */
#include "disk_log.h"
#include "fake_clock.h"
#include "fault_rows.h"
#include "hopscope/live_store.h"
#include "hopscope/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL

enum { CUTS_USUAL = 300, BATCHES = 40, CHECKPOINT_PAGES = 40 };

/* fsync and link are the C library's, and ours: they have to find the log. */
static struct disk_log *current_log;

int fsync(int fd)
{
    if (current_log != NULL) disk_log_sync(current_log, fd);
    return (int)syscall(SYS_fsync, fd);
}

int link(const char *from, const char *to)
{
    if (current_log != NULL) disk_log_link(current_log, from, to);
    return (int)syscall(SYS_link, from, to);
}

/* ---- runs ---- */

static void die(const char *what, const struct problem *why)
{
    fprintf(stderr, "%s: %s\n", what, why->text);
    exit(1);
}

/* Often, so that there are many cuts amid a checkpoint. */
static int check_often(sqlite3 *db, char **message,
                       const struct sqlite3_api_routines *unused)
{
    (void)message;
    (void)unused;
    return sqlite3_wal_autocheckpoint(db, CHECKPOINT_PAGES);
}

/* A new database that grows, is closed, and is opened again for more. */
static void run_live(struct disk_log *log)
{
    struct live_store_options options = {.keep_us = 0};
    struct problem why = {.text = ""};
    for (int64_t batch = 0; batch < BATCHES;) {
        struct live_store *s = NULL;
        if (live_store_open("cut.db", &options, &s, &why) != STATUS_OK)
            die("open", &why);
        disk_log_mark(log, batch);
        struct record_sink sink = live_store_sink(s);
        for (int i = 0; i < BATCHES / 2; i++) {
            fault_rows_put(&sink, batch++);
            fake_clock_advance(2 * SECOND_NS);
            if (sink.tick(sink.context) != STATUS_OK) die("tick", &why);
            disk_log_mark(log, batch);
        }
        if (live_store_close(s, &why) != STATUS_OK) die("close", &why);
    }
}

/* What `read -o` does: a file of its own, then rows behind those that are there. */
static void run_read(struct disk_log *log)
{
    struct problem why = {.text = ""};
    for (int64_t batch = 0; batch < BATCHES;) {
        struct store *s = NULL;
        if (store_open("cut.db", &s, &why) != STATUS_OK) die("open", &why);
        struct record_sink sink = store_sink(s);
        for (int i = 0; i < BATCHES / 2; i++) {
            if (fault_rows_put(&sink, batch++) != STATUS_OK) die("put", &why);
            fake_clock_advance(2 * SECOND_NS);
        }
        if (store_finish(s, &why) != STATUS_OK) die("finish", &why);
        store_free(s);
        disk_log_mark(log, batch);
    }
}

/* ---- cuts ---- */

struct account {
    uint64_t cuts, corrupt, lost, absent;
    int64_t worst; /* batches lost of those promised */
};

static void look(struct account *a, const char *name, int64_t promised)
{
    int64_t batches = 0;
    struct problem why = {.text = ""};
    a->cuts++;
    bool is_there = access("after/cut.db", F_OK) == 0;
    if (!is_there) a->absent++;
    if (is_there &&
        fault_rows_count("after/cut.db", NULL, &batches, &why) != STATUS_OK) {
        if (a->corrupt++ < 3)
            fprintf(stderr, "%s, cut %llu: %s\n", name, (unsigned long long)a->cuts,
                    why.text);
        return;
    }
    if (batches >= promised) return;
    a->lost++;
    if (promised - batches > a->worst) a->worst = promised - batches;
}

/* `cuts` of them, spread evenly over the log. */
static void cut_often(const char *name, const struct disk_log *log, uint64_t cuts,
                      struct random_source *random, struct account *a)
{
    struct disk_replay *r = disk_replay_new(log);
    uint64_t steps = disk_log_length(log), done = 0;
    for (uint64_t step = 1; disk_replay_step(r); step++) {
        for (; done * steps < cuts * step; done++) {
            disk_replay_cut(r, random, "after");
            look(a, name, disk_replay_mark(r));
            unlink("after/cut.db-shm");
        }
    }
    disk_replay_free(r);
}

static int test_run(const char *name, void (*run)(struct disk_log *log), uint64_t cuts,
                    struct random_source *random)
{
    struct account a = {.cuts = 0};
    struct disk_log *log = disk_log_new();
    struct disk_watch watch = {.before = disk_log_watch, .context = log};
    struct disk_vfs *vfs = disk_vfs_install(&watch);
    unlink("cut.db");
    current_log = log;
    run(log);
    current_log = NULL;
    disk_vfs_remove(vfs);
    cut_often(name, log, cuts, random, &a);
    printf("%s: %zu operations, %llu cuts, %llu corrupt, %llu without a file, %llu "
           "lost promised rows (%lld batches at the worst)\n",
           name, disk_log_length(log), (unsigned long long)a.cuts,
           (unsigned long long)a.corrupt, (unsigned long long)a.absent,
           (unsigned long long)a.lost, (long long)a.worst);
    disk_log_free(log);
    return a.corrupt == 0 && a.lost == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    uint64_t cuts = argc > 1 ? strtoull(argv[1], NULL, 10) : CUTS_USUAL;
    struct random_source random = {.state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    /* In memory, where there is that: what is synced there is what the log says. */
    bool has_memory = access("/dev/shm", W_OK) == 0;
    char folder[64], command[96];
    snprintf(folder, sizeof folder, "%s/power_cut-XXXXXX",
             has_memory ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0 || mkdir("after", 0700) != 0)
        return 1;
    sqlite3_auto_extension((void (*)(void))check_often);
    int failed = test_run("live", run_live, cuts - cuts / 3, &random);
    failed += test_run("read", run_read, cuts / 3, &random);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failed > 0 ? 1 : 0;
}
