/* SIGKILL at any moment of a live store's life: every row whose commit had come back is
 * there, the database is whole, and the next run goes on in it.
 *
 *   parent --fork--> child: open, put, commit --> "so many batches" (shared memory)
 *      '--SIGKILL after a random time; looks; forks the next one, on the same file
 *
 *   test_kills [KILLS [SEED]]
 * nightly: 10000 */
#include "fake_clock.h"
#include "fault_rows.h"
#include "hopscope/live_store.h"
#include "random_record.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL

enum {
    KILLS_USUAL = 60,
    LIFE_MS_MAX = 40,
    CHECKPOINT_PAGES = 60,
    BATCHES_MAX = 400, /* then a new file is begun */
};

struct shared {
    _Atomic int64_t promised; /* batches */
    _Atomic bool is_open;
};

static int check_often(sqlite3 *db, char **message,
                       const struct sqlite3_api_routines *unused)
{
    (void)message;
    (void)unused;
    return sqlite3_wal_autocheckpoint(db, CHECKPOINT_PAGES);
}

static _Noreturn void live(struct shared *shared, int64_t batch)
{
    struct live_store_options options = {.keep_us = 0};
    struct live_store *s = NULL;
    struct problem why = {.text = ""};
    if (live_store_open("kill.db", &options, &s, &why) != STATUS_OK) {
        fprintf(stderr, "%s\n", why.text);
        _exit(1);
    }
    atomic_store(&shared->is_open, true);
    struct record_sink sink = live_store_sink(s);
    while (batch < BATCHES_MAX) {
        if (fault_rows_put(&sink, batch++) != STATUS_OK) break;
        fake_clock_advance(2 * SECOND_NS);
        if (sink.tick(sink.context) != STATUS_OK) break;
        atomic_store(&shared->promised, batch);
    }
    _exit(live_store_close(s, &why) == STATUS_OK ? 0 : 1);
}

/* The monotonic clock's pauses are not real ones here. */
static void let_live(int64_t us)
{
    struct timespec pause = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

static bool has_ended(pid_t child)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

/* One life, and what is there after it. *batch: how many batches there are. */
static bool kill_once(struct shared *shared, struct random_source *random,
                      int64_t *batch, uint64_t *early)
{
    struct problem why = {.text = ""};
    int64_t found = 0;
    int code = 0;
    atomic_store(&shared->promised, *batch);
    atomic_store(&shared->is_open, false);
    pid_t child = fork();
    if (child == 0) live(shared, *batch);
    bool is_early = random_next(random) % 4 == 0; /* while it opens, maybe */
    while (!is_early && !atomic_load(&shared->is_open) && !has_ended(child))
        let_live(200);
    let_live((int64_t)(random_next(random) % (LIFE_MS_MAX * 1000)));
    kill(child, SIGKILL);
    if (child < 0 || waitpid(child, &code, 0) != child) return false;
    if (WIFEXITED(code) && WEXITSTATUS(code) != 0) return false;
    if (!atomic_load(&shared->is_open)) (*early)++;
    if (access("kill.db", F_OK) != 0) return atomic_load(&shared->promised) == 0;
    enum status rc = fault_rows_count("kill.db", "kill-2.db", &found, &why);
    if (rc == STATUS_OK && found >= atomic_load(&shared->promised)) {
        *batch = found;
        return true;
    }
    fprintf(stderr, "promised %lld batches, found %lld. %s\n",
            (long long)atomic_load(&shared->promised), (long long)found, why.text);
    return false;
}

static void remove_files(void)
{
    if (system("rm -f kill.db*") != 0) abort();
}

int main(int argc, char **argv)
{
    uint64_t kills = argc > 1 ? strtoull(argv[1], NULL, 10) : KILLS_USUAL;
    struct random_source random = {.state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    uint64_t bad = 0, early = 0, files = 1;
    int64_t batch = 0, all = 0;
    bool has_memory = access("/dev/shm", W_OK) == 0;
    char folder[64], command[96];
    snprintf(folder, sizeof folder, "%s/kills-XXXXXX",
             has_memory ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
    sqlite3_auto_extension((void (*)(void))check_often);
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) return 1;
    for (uint64_t i = 0; i < kills; i++) {
        int64_t before = batch;
        bool is_good = kill_once(shared, &random, &batch, &early);
        all += batch - before;
        if (!is_good) bad++;
        if (is_good && batch < BATCHES_MAX) continue;
        remove_files();
        batch = 0;
        files++;
    }
    printf("%llu kills (%llu of them while it opened) over %llu files, %lld batches of "
           "%d rows: %llu broken promises\n",
           (unsigned long long)kills, (unsigned long long)early,
           (unsigned long long)files, (long long)all, 2 * FAULT_ROWS_BATCH,
           (unsigned long long)bad);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || bad > 0 ? 1 : 0;
}
