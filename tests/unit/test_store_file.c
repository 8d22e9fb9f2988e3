/* store: the file, from its beginning to its name; appending; everything that is
 * refused; failures while writing. */
#include "store_folder.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the file ---- */

static void a_new_file_appears_when_it_is_whole(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    assert_int_equal(store_first_capture_id(s), 1);
    assert_int_equal(access("x.db", F_OK), -1);
    assert_int_equal(store_folder_count_files("x.db.partial-*"), 1);
    store_folder_finish(s);
    assert_int_equal(store_folder_count_files("*"), 1);
    store_folder_answers("x.db", "PRAGMA journal_mode", "delete");
    store_folder_answers("x.db", "PRAGMA application_id", "1752133747");
    store_folder_answers("x.db", "PRAGMA user_version", "3");
    store_folder_answers("x.db", "PRAGMA page_size", "16384");
}

/* Whatever they were filled as. And of a database without rows nothing is counted: a
 * live capture begins with one, and the planner would take it at its word. */
static void tables_are_strict_and_counted_by_their_rows(void **state)
{
    (void)state;
    store_folder_finish(store_folder_open("x.db"));
    store_folder_answers("x.db",
                         "SELECT group_concat(name) FROM sqlite_master WHERE "
                         "type = 'table' AND name NOT LIKE 'sqlite%' AND "
                         "sql NOT LIKE '%STRICT'",
                         "");
    store_folder_answers("x.db", "SELECT count(*) FROM text", "54");
    store_folder_answers(
        "x.db", "SELECT count(*) FROM sqlite_stat1 WHERE tbl <> 'finding_code'", "0");
}

/* The views are written without SQLite looking at them: it would keep the same text,
 * and can read them. */
static void views_are_as_sqlite_makes_them(void **state)
{
    (void)state;
    store_folder_finish(store_folder_open("x.db"));
    sqlite3 *db = store_folder_connect("x.db");
    sqlite3_stmt *views = store_folder_query(
        db, "SELECT name, sql FROM sqlite_master WHERE type = 'view' AND "
            "tbl_name = name AND rootpage = 0");
    int count = 0;
    for (; sqlite3_step(views) == SQLITE_ROW; count++) {
        char *name = mem_copy_text((const char *)sqlite3_column_text(views, 0));
        char *sql = mem_copy_text((const char *)sqlite3_column_text(views, 1));
        char *again = sqlite3_mprintf("BEGIN; SELECT * FROM %s LIMIT 0; DROP VIEW %s",
                                      name, name);
        char *find = sqlite3_mprintf("SELECT sql = %Q FROM sqlite_master "
                                     "WHERE name = %Q",
                                     sql, name);
        sqlite3 *other = store_folder_connect("x.db");
        assert_int_equal(sqlite3_exec(other, again, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
        sqlite3_stmt *same = store_folder_query(other, find);
        assert_int_equal(sqlite3_step(same), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int(same, 0), 1);
        sqlite3_finalize(same);
        sqlite3_close(other); /* and the view is back */
        sqlite3_free(find);
        sqlite3_free(again);
        mem_free(sql);
        mem_free(name);
    }
    sqlite3_finalize(views);
    sqlite3_close(db);
    assert_true(count > 20);
}

static void what_is_not_finished_is_removed(void **state)
{
    (void)state;
    store_free(store_folder_open("x.db"));
    store_free(NULL);
    assert_int_equal(store_folder_count_files("*"), 0);
}

static void an_empty_file_is_replaced(void **state)
{
    (void)state;
    assert_true(close(open("x.db", O_CREAT | O_WRONLY, 0600)) == 0);
    store_folder_finish(store_folder_open("x.db"));
    store_folder_answers("x.db", "SELECT count(*) FROM captures", "0");
    assert_int_equal(store_folder_count_files("*"), 1);
}

static void nobody_else_is_overwritten(void **state)
{
    (void)state;
    struct store *first = store_folder_open("x.db"),
                 *second = store_folder_open("x.db");
    assert_int_equal(store_folder_count_files("x.db.partial-*"), 2);
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.id = 1;
    store_folder_put(first, RECORD_CAPTURE, &c);
    store_folder_finish(first);
    struct problem why = {.text = ""};
    assert_int_equal(store_finish(second, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "meanwhile; the rows are in x.db.partial-"));
    store_free(second);
    assert_int_equal(store_folder_count_files("x.db.partial-*"), 1);
    store_folder_answers("x.db", "SELECT count(*) FROM captures", "1");
}

static void put_capture_and_connection(struct store *s)
{
    int64_t id = store_first_capture_id(s);
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.id = id;
    c.source = bytes_of_text("a.pcap");
    struct record_connection n;
    record_clear(RECORD_CONNECTION, &n);
    n.id = id << 32 | 1;
    n.protocol = bytes_of_text("http/1.1");
    store_folder_put(s, RECORD_CONNECTION, &n);
    store_folder_put(s, RECORD_CAPTURE, &c);
}

static void rows_are_appended(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 3; i++) {
        struct store *s = store_folder_open("x.db");
        assert_int_equal(store_first_capture_id(s), i);
        put_capture_and_connection(s);
        store_folder_finish(s);
        assert_int_equal(store_folder_count_files("*"), 1);
    }
    store_folder_answers("x.db", "SELECT count(*) || max(id) FROM captures", "33");
    store_folder_answers(
        "x.db", "SELECT count(*) FROM connections WHERE protocol = 'http/1.1'", "3");
    store_folder_answers("x.db", "SELECT count(*) FROM text WHERE value = 'http/1.1'",
                         "1");
    store_folder_answers("x.db", "PRAGMA journal_mode", "delete");
}

/* An earlier run that was killed left connections of capture 2 and no capture row. */
static void ids_of_an_interrupted_run_are_not_reused(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    put_capture_and_connection(s);
    store_folder_finish(s);
    store_folder_execute("x.db", "INSERT INTO connection(id) VALUES ((2 << 32) + 1)");
    s = store_folder_open("x.db");
    assert_int_equal(store_first_capture_id(s), 3);
    store_free(s);
    store_folder_execute(
        "x.db", "INSERT INTO exchange(id, connection_id) VALUES (1, (5 << 32) + 1)");
    s = store_folder_open("x.db");
    assert_int_equal(store_first_capture_id(s), 6);
    store_free(s);
}

static void appended_rows_are_committed_each_second(void **state)
{
    (void)state;
    store_folder_finish(store_folder_open("x.db"));
    struct store *s = store_folder_open("x.db");
    put_capture_and_connection(s);
    store_folder_answers("x.db", "SELECT count(*) FROM captures", "0");
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    f.id = INT64_C(1) << 48 | 1;
    f.connection_id = INT64_C(1) << 32;
    store_folder_put(s, RECORD_FINDING, &f);
    store_folder_answers("x.db", "SELECT count(*) FROM captures", "1");
    store_folder_answers("x.db", "SELECT count(*) FROM findings", "0");
    store_free(s); /* not finished: what was committed stays */
    store_folder_answers("x.db", "SELECT count(*) FROM captures", "1");
    store_folder_answers("x.db", "SELECT count(*) FROM findings", "0");
}

static void two_do_not_append_at_once(void **state)
{
    (void)state;
    store_folder_finish(store_folder_open("x.db"));
    struct store *s = store_folder_open("x.db");
    store_folder_refuses("x.db", "x.db is being written by another hopscope");
    store_folder_finish(s);
    store_folder_finish(store_folder_open("x.db"));
}

/* ---- refusals ---- */

static void places_that_are_none(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(symlink("elsewhere", "link"), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    int fd = open("text", O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, "short", 5), 5);
    close(fd);
    store_folder_refuses("-", "a database cannot go to standard output");
    store_folder_refuses("", "-o needs the name");
    store_folder_refuses("folder", "folder is a folder");
    store_folder_refuses("link", "link is a symbolic link");
    store_folder_refuses("pipe", "pipe is a device or a pipe");
    store_folder_refuses("/dev/tty", "/dev/tty is a device or a pipe");
    store_folder_refuses("none/x.db", "there is no folder none");
    store_folder_refuses("text/x.db", "text is not a folder");
    store_folder_refuses("text", "text is there and is not a database");
    assert_int_equal(store_folder_count_files("*"), 4);
}

static void a_place_without_right(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        assert_int_equal(chmod(".", 0755), 0);
        store_folder_finish(store_folder_open("x.db"));
        assert_int_equal(seteuid(65534), 0);
    } else {
        store_folder_finish(store_folder_open("x.db"));
        assert_int_equal(chmod(".", 0500), 0);
        assert_int_equal(chmod("x.db", 0400), 0);
    }
    store_folder_refuses("new.db", "cannot make new.db: no right to write in .");
    store_folder_refuses("x.db", "cannot write to x.db: Permission denied");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    else
        assert_int_equal(chmod(".", 0700), 0);
}

static void databases_of_others(void **state)
{
    (void)state;
    store_folder_execute("other.db", "CREATE TABLE t(a)");
    store_folder_refuses("other.db", "other.db is a database of another program");
    store_folder_execute("other.db", "PRAGMA journal_mode=WAL");
    store_folder_refuses("other.db", "other.db is a database of another program");
    store_folder_answers("other.db", "PRAGMA journal_mode", "wal");
    store_folder_finish(store_folder_open("newer.db"));
    store_folder_execute("newer.db", "PRAGMA user_version=4");
    store_folder_refuses("newer.db",
                         "newer.db was made by a newer hopscope (schema 4): use that "
                         "version or choose another -o");
    store_folder_finish(store_folder_open("older.db"));
    store_folder_execute("older.db", "PRAGMA user_version=2");
    store_folder_refuses("older.db",
                         "older.db was made by an older hopscope (schema 2)");
    store_folder_finish(store_folder_open("changed.db"));
    store_folder_execute("changed.db", "ALTER TABLE capture ADD COLUMN extra INTEGER");
    store_folder_refuses("changed.db", "the tables of changed.db are not the ones");
    store_folder_finish(store_folder_open("short.db"));
    assert_int_equal(truncate("short.db", 50000), 0);
    store_folder_refuses("short.db", "short.db is damaged");
}

static void special_names_are_only_names(void **state)
{
    (void)state;
    static const char *const names[] = {":memory:", "file:x.db?mode=memory", "it's.db"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        store_folder_finish(store_folder_open(names[i]));
        store_folder_finish(store_folder_open(names[i]));
        assert_int_equal(access(names[i], F_OK), 0);
    }
    assert_int_equal(store_folder_count_files("*"), ARRAY_LENGTH(names));
}

/* ---- failures while writing ---- */

/* Puts rows under a limit of the file's size until one fails; exit code 0: as it should
 * be. In a process of its own, for the limit's sake. */
static int fill_up(const char *path, const char *sentence)
{
    struct store *s = store_folder_open(path);
    struct record_sink sink = store_sink(s);
    struct rlimit limit = {.rlim_cur = 2 << 20, .rlim_max = RLIM_INFINITY};
    struct problem why = {.text = ""};
    char text[4000] = "x";
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.source = bytes_of(text, sizeof text);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    enum status rc = STATUS_OK;
    for (int64_t i = 10; rc == STATUS_OK && i < 100000; i++) {
        c.id = i;
        rc = sink.put(sink.context, RECORD_CAPTURE, &c);
    }
    if (rc != STATUS_FAILED) return 1;
    c.id = 1;
    if (sink.put(sink.context, RECORD_CAPTURE, &c) != STATUS_FAILED) return 2;
    if (store_finish(s, &why) != STATUS_FAILED) return 3;
    store_free(s);
    if (strstr(why.text, sentence) == NULL) {
        fprintf(stderr, "%s\n", why.text);
        return 4;
    }
    return 0;
}

static void fills_up(const char *path, const char *sentence)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(fill_up(path, sentence));
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static void a_full_disk_is_said_once(void **state)
{
    (void)state;
    fills_up("x.db", "x.db");
    assert_int_equal(store_folder_count_files("*"), 0);
    struct store *s = store_folder_open("x.db");
    put_capture_and_connection(s);
    store_folder_finish(s);
    fills_up("x.db", "x.db");
    store_folder_answers("x.db", "SELECT count(*) FROM captures WHERE id = 1", "1");
    store_folder_answers("x.db", "PRAGMA integrity_check", "ok");
    store_folder_finish(store_folder_open("x.db"));
}

static void an_id_twice_is_refused(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    struct record_sink sink = store_sink(s);
    struct record_capture c;
    struct problem why = {.text = ""};
    record_clear(RECORD_CAPTURE, &c);
    c.id = 1;
    store_folder_put(s, RECORD_CAPTURE, &c);
    c.damage = bytes_of_text("rows are written together: it is told at last");
    enum status rc = STATUS_OK;
    for (int i = 0; rc == STATUS_OK && i < 100000; i++)
        rc = sink.put(sink.context, RECORD_CAPTURE, &c);
    assert_int_equal(rc, STATUS_FAILED);
    c.id = 2;
    assert_int_equal(sink.put(sink.context, RECORD_CAPTURE, &c), STATUS_FAILED);
    assert_int_equal(store_finish(s, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "writing x.db failed: UNIQUE"));
    store_free(s);
    assert_int_equal(store_folder_count_files("*"), 0);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, store_folder_enter, store_folder_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_new_file_appears_when_it_is_whole),
        IN_FOLDER(tables_are_strict_and_counted_by_their_rows),
        IN_FOLDER(views_are_as_sqlite_makes_them),
        IN_FOLDER(what_is_not_finished_is_removed),
        IN_FOLDER(an_empty_file_is_replaced),
        IN_FOLDER(nobody_else_is_overwritten),
        IN_FOLDER(rows_are_appended),
        IN_FOLDER(ids_of_an_interrupted_run_are_not_reused),
        IN_FOLDER(appended_rows_are_committed_each_second),
        IN_FOLDER(two_do_not_append_at_once),
        IN_FOLDER(places_that_are_none),
        IN_FOLDER(a_place_without_right),
        IN_FOLDER(databases_of_others),
        IN_FOLDER(special_names_are_only_names),
        IN_FOLDER(a_full_disk_is_said_once),
        IN_FOLDER(an_id_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
