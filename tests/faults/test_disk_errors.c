/* A disk that fails at its Nth operation - once, for a while, for good - for every N of
 * a run: nothing is damaged, nothing goes that was committed, and what goes is told.
 *
 *   fault   | the run says | and then has
 *   once    | done         | all rows
 *   a while | done         | all rows: it waited
 *   for good| a sentence   | the rows committed before
 *
 * An opening that fails is a sentence, too: nobody has seen a packet by then.
 *
 *   test_disk_errors [EVERY]    each EVERYth operation
 * nightly: 1 */
#include "disk_vfs.h"
#include "fake_clock.h"
#include "fault_rows.h"
#include "hopscope/live_store.h"
#include "hopscope/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL

enum {
    EVERY_USUAL = 29,
    BATCHES = 6,          /* of a run; the base has one before them */
    WHILE_OPERATIONS = 9, /* that fail before the disk is well again */
    PATIENCE = 200,       /* operations that fail for good before somebody says: end */
};

enum duration { ONCE, A_WHILE, FOR_GOOD, DURATION_COUNT };

static const char *const duration_names[DURATION_COUNT] = {"once", "a while",
                                                           "for good"};

struct fault {
    enum duration duration;
    bool is_full;             /* no space left: writes fail */
    uint64_t at;              /* 0: never */
    uint64_t seen;            /* operations that could fail */
    uint64_t failed;          /* of them did */
    enum disk_deed deed;      /* the first */
    const char *only;         /* the one file that fails: its ending; NULL: all */
    struct live_store *store; /* that will be told to end; NULL: none */
};

static bool is_named(const char *path, const char *ending)
{
    size_t len = strlen(path), end_len = strlen(ending);
    return len >= end_len && strcmp(path + len - end_len, ending) == 0;
}

static int fail_some(void *context, const struct disk_operation *operation)
{
    struct fault *f = context;
    if (f->is_full && operation->deed != DISK_WRITE) return SQLITE_OK;
    if (f->only != NULL && !is_named(operation->path, f->only)) return SQLITE_OK;
    f->seen++;
    if (f->at == 0 || f->seen < f->at) return SQLITE_OK;
    if (f->duration == ONCE && f->failed == 1) return SQLITE_OK;
    if (f->duration == A_WHILE && f->failed == WHILE_OPERATIONS) return SQLITE_OK;
    if (f->failed++ == 0) f->deed = operation->deed;
    if (f->failed == PATIENCE && f->store != NULL) live_store_hurry(f->store);
    return f->is_full ? SQLITE_FULL : disk_vfs_error(operation->deed);
}

/* ---- runs ---- */

struct outcome {
    enum status status;
    bool is_opened;
    int64_t promised; /* batches */
    struct problem why;
};

static void run_live(struct fault *f, struct outcome *o)
{
    struct live_store_options options = {.keep_us = 0};
    struct live_store *s = NULL;
    o->status = live_store_open("disk.db", &options, &s, &o->why);
    if (o->status != STATUS_OK) return;
    o->is_opened = true;
    f->store = s;
    struct record_sink sink = live_store_sink(s);
    for (int64_t i = 1; i <= BATCHES; i++) {
        if (fault_rows_put(&sink, i) != STATUS_OK) break;
        fake_clock_advance(2 * SECOND_NS);
        if (sink.tick(sink.context) != STATUS_OK) break;
        o->promised = i + 1;
    }
    o->status = live_store_close(s, &o->why);
    f->store = NULL;
}

/* In the middle of it somebody asks for a new file. */
static void run_parts(struct fault *f, struct outcome *o)
{
    struct live_store_options options = {.keep_us = 0};
    struct live_store *s = NULL;
    o->status = live_store_open("first.db", &options, &s, &o->why);
    if (o->status != STATUS_OK) return;
    o->is_opened = true;
    f->store = s;
    if (live_store_go_on(s, "disk.db") == STATUS_OK) {
        struct record_sink sink = live_store_sink(s);
        for (int64_t i = 1; i <= BATCHES; i++) {
            if (fault_rows_put(&sink, i) != STATUS_OK) break;
            fake_clock_advance(2 * SECOND_NS);
            if (sink.tick(sink.context) != STATUS_OK) break;
            o->promised = i + 1;
        }
    }
    o->status = live_store_close(s, &o->why);
    f->store = NULL;
}

static void run_read(struct fault *f, struct outcome *o)
{
    struct store *s = NULL;
    (void)f;
    o->status = store_open("disk.db", &s, &o->why);
    if (o->status != STATUS_OK) return;
    struct record_sink sink = store_sink(s);
    for (int64_t i = 1; i <= BATCHES; i++) {
        if (fault_rows_put(&sink, i) != STATUS_OK) break;
        fake_clock_advance(2 * SECOND_NS);
    }
    o->status = store_finish(s, &o->why);
    store_free(s);
}

/* Without rows of an earlier run. */
static void run_read_new(struct fault *f, struct outcome *o)
{
    struct store *s = NULL;
    (void)f;
    unlink("disk.db");
    o->status = store_open("disk.db", &s, &o->why);
    if (o->status != STATUS_OK) return;
    struct record_sink sink = store_sink(s);
    for (int64_t i = 0; i <= BATCHES; i++)
        if (fault_rows_put(&sink, i) != STATUS_OK) break;
    o->status = store_finish(s, &o->why);
    store_free(s);
}

struct scenario {
    const char *name;
    void (*run)(struct fault *f, struct outcome *o);
    bool waits; /* what passes is waited for */
    bool is_new;
};

static const struct scenario scenarios[] = {
    {.name = "live", .run = run_live, .waits = true},
    {.name = "parts", .run = run_parts, .waits = true},
    {.name = "append", .run = run_read},
    {.name = "new", .run = run_read_new, .is_new = true},
};

/* ---- what is left ---- */

/* NULL: as promised. */
static const char *judge(const struct scenario *s, const struct fault *f,
                         const struct outcome *o, struct problem *why)
{
    int64_t batches = 0;
    int64_t promised = o->promised;
    if (o->status != STATUS_OK && o->why.text[0] == '\0') return "no sentence";
    if (o->status == STATUS_OK) promised = BATCHES + 1;
    bool must_wait =
        s->waits && o->is_opened && (f->duration != FOR_GOOD || f->only != NULL);
    if (must_wait && o->status != STATUS_OK) return "it has not waited";
    if (f->at == 0 && o->status != STATUS_OK) return "a run without faults fails";
    bool is_elsewhere = access("disk-2.db", F_OK) == 0;
    if (access("disk.db", F_OK) != 0 && !is_elsewhere) {
        bool may_be_absent = s->is_new || !o->is_opened || f->duration == FOR_GOOD;
        return o->status != STATUS_OK && may_be_absent && promised <= 1 ? NULL
                                                                        : "no file";
    }
    if (s->is_new && o->status != STATUS_OK) return "half a file has got its name";
    bool is_there = access("disk.db", F_OK) == 0;
    if (fault_rows_count(is_there ? "disk.db" : "disk-2.db", "disk-2.db", &batches,
                         why) != STATUS_OK)
        return "damaged";
    return batches >= promised ? NULL : "rows are lost";
}

static void copy_base(void)
{
    struct problem why = {.text = ""};
    struct store *s = NULL;
    if (system("rm -f disk.db* disk-2.db* first.db* first-2.db*") != 0) abort();
    if (access("base.db", F_OK) != 0) {
        if (store_open("base.db", &s, &why) != STATUS_OK) abort();
        struct record_sink sink = store_sink(s);
        if (fault_rows_put(&sink, 0) != STATUS_OK) abort();
        if (store_finish(s, &why) != STATUS_OK) abort();
        store_free(s);
    }
    if (system("cp base.db disk.db") != 0) abort();
}

static bool try(const struct scenario *s, struct fault *f)
{
    struct outcome o = {.promised = s->is_new ? 0 : 1, .why = {.text = ""}};
    struct problem why = {.text = ""};
    struct disk_watch watch = {.before = fail_some, .context = f};
    copy_base();
    struct disk_vfs *vfs = disk_vfs_install(&watch);
    s->run(f, &o);
    disk_vfs_remove(vfs);
    const char *fault = judge(s, f, &o, &why);
    if (fault == NULL) return true;
    fprintf(stderr, "%s, %s fails %s at operation %llu (%s): %s. It said: '%s' %s\n",
            s->name, f->is_full ? "space" : "the disk", duration_names[f->duration],
            (unsigned long long)f->at, disk_vfs_name(f->deed), fault, o.why.text,
            why.text);
    return false;
}

static int test_scenario(const struct scenario *s, bool is_full, uint64_t every)
{
    int failures = 0;
    uint64_t runs = 0;
    struct fault none = {.is_full = is_full};
    if (!try(s, &none)) return 1;
    for (int d = 0; d < DURATION_COUNT; d++) {
        for (uint64_t at = 1 + (uint64_t)d % every; at <= none.seen; at += every) {
            struct fault f = {
                .duration = (enum duration)d, .is_full = is_full, .at = at};
            failures += try(s, &f) ? 0 : 1;
            runs++;
        }
    }
    printf("%s, %s: %llu operations, %llu runs, %d broken promises\n", s->name,
           is_full ? "no space" : "input/output error", (unsigned long long)none.seen,
           (unsigned long long)runs, failures);
    return failures;
}

/* One file takes nothing any more: the rows go on in another one. */
static int test_elsewhere(void)
{
    int failures = 0;
    struct scenario live = {.name = "elsewhere", .run = run_live, .waits = true};
    static const char *const files[] = {"disk.db", "disk.db-wal"};
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        struct fault none = {.only = files[i]};
        if (!try(&live, &none)) return 1;
        struct fault f = {.duration = FOR_GOOD, .only = files[i], .at = none.seen / 2};
        failures += try(&live, &f) ? 0 : 1;
        printf("elsewhere, %s fails for good: %s\n", files[i],
               access("disk-2.db", F_OK) == 0 ? "another file" : "no other file");
    }
    return failures;
}

int main(int argc, char **argv)
{
    uint64_t every = argc > 1 ? strtoull(argv[1], NULL, 10) : EVERY_USUAL;
    int failures = 0;
    bool has_memory = access("/dev/shm", W_OK) == 0;
    char folder[64], command[96];
    snprintf(folder, sizeof folder, "%s/disk_errors-XXXXXX",
             has_memory ? "/dev/shm" : "/tmp");
    if (every == 0 || mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
    for (size_t i = 0; i < ARRAY_LENGTH(scenarios); i++) {
        failures += test_scenario(&scenarios[i], false, every);
        failures += test_scenario(&scenarios[i], true, every);
    }
    failures += test_elsewhere();
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != 0 || failures > 0 ? 1 : 0;
}
