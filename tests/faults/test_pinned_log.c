/* A reader that keeps to one state of a database: its log cannot be cut, which is told,
 * once; when the reader goes, the log gets short again, and all rows are there.
 *
 *   test_pinned_log */
#include "fake_clock.h"
#include "fault_rows.h"
#include "hopscope/live_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND_NS 1000000000LL

enum { LOG_MIB_MAX = 64, BATCHES_MAX = 5000, BATCHES_AFTER = 50 };

struct said {
    unsigned grows, is_short, other;
};

static void on_talk(void *context, const char *sentence)
{
    struct said *said = context;
    if (strstr(sentence, "log that grows") != NULL)
        said->grows++;
    else if (strstr(sentence, "short log") != NULL)
        said->is_short++;
    else
        said->other++;
    printf("%s\n", sentence);
}

static long log_mib(void)
{
    struct stat found;
    return stat("pinned.db-wal", &found) == 0 ? (long)(found.st_size >> 20) : 0;
}

static bool put(struct live_store *s, int64_t batch)
{
    struct record_sink sink = live_store_sink(s);
    if (fault_rows_put(&sink, batch) != STATUS_OK) return false;
    fake_clock_advance(2 * SECOND_NS);
    return sink.tick(sink.context) == STATUS_OK;
}

/* A read transaction, begun and not ended. */
static sqlite3 *read_on(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2("pinned.db", &db, SQLITE_OPEN_READWRITE, "unix") != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN; SELECT count(*) FROM exchange", NULL, NULL, NULL) !=
            SQLITE_OK)
        abort();
    return db;
}

static bool run(struct live_store *s, struct said *said, int64_t *batch)
{
    long before_mib = 0;
    if (!put(s, (*batch)++)) return false;
    sqlite3 *reader = read_on();
    while (said->grows == 0 && *batch < BATCHES_MAX)
        if (!put(s, (*batch)++)) return false;
    before_mib = log_mib();
    for (int i = 0; i < BATCHES_AFTER; i++)
        if (!put(s, (*batch)++)) return false;
    bool is_told = said->grows == 1 && before_mib >= LOG_MIB_MAX;
    sqlite3_close(reader);
    for (int i = 0; i < BATCHES_AFTER; i++)
        if (!put(s, (*batch)++)) return false;
    printf("the log: %ld MiB, after the reader had gone %ld MiB\n", before_mib,
           log_mib());
    return is_told && said->is_short == 1 && said->other == 0 &&
           log_mib() < LOG_MIB_MAX / 2;
}

int main(void)
{
    struct said said = {.grows = 0};
    struct live_store_options options = {.talk = on_talk, .context = &said};
    struct live_store *s = NULL;
    struct problem why = {.text = ""};
    int64_t batch = 0, found = 0;
    bool has_memory = access("/dev/shm", W_OK) == 0;
    char folder[64], command[96];
    snprintf(folder, sizeof folder, "%s/pinned-XXXXXX",
             has_memory ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
    if (live_store_open("pinned.db", &options, &s, &why) != STATUS_OK) abort();
    bool is_good = run(s, &said, &batch);
    if (live_store_close(s, &why) != STATUS_OK) is_good = false;
    if (fault_rows_count("pinned.db", NULL, &found, &why) != STATUS_OK) is_good = false;
    printf("%lld of %lld batches. %s\n", (long long)found, (long long)batch, why.text);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 && is_good && found == batch ? 0 : 1;
}
