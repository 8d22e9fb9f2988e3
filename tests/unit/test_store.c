/* store: what goes in comes out of the views, column by column; names and order of the
 * columns; appending; everything that is refused. */
#include "hopscope/store.h"
#include "random_record.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

/* ---- helpers: every test works in a folder of its own ---- */

static int enter_folder(void **state)
{
    char *folder = mem_copy_text("/tmp/test_store-XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave_folder(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (const char *)*state);
    int failed = chdir("/") != 0 || system(command) != 0;
    mem_free(*state);
    return failed;
}

static size_t count_files(const char *pattern)
{
    glob_t found;
    size_t count = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static struct store *open_store(const char *path)
{
    struct store *s = NULL;
    struct problem why = {.text = ""};
    enum status rc = store_open(path, &s, &why);
    if (rc != STATUS_OK) fail_msg("%s", why.text);
    return s;
}

static void finish(struct store *s)
{
    struct problem why = {.text = ""};
    enum status rc = store_finish(s, &why);
    if (rc != STATUS_OK) fail_msg("%s", why.text);
    store_free(s);
}

static void put(struct store *s, enum record_kind kind, const void *record)
{
    struct record_sink sink = store_sink(s);
    assert_int_equal(sink.put(sink.context, kind, record), STATUS_OK);
}

static void refuses(const char *path, const char *part)
{
    struct store *s = NULL;
    struct problem why = {.text = ""};
    assert_int_equal(store_open(path, &s, &why), STATUS_FAILED);
    assert_null(s);
    if (strstr(why.text, part) == NULL) fail_msg("%s: \"%s\"", path, why.text);
}

static sqlite3 *connect(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
                     SQLITE_OK);
    return db;
}

static sqlite3_stmt *query(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return s;
}

/* The first column of the first row as text; "" for NULL. */
static void answers(const char *path, const char *sql, const char *expected)
{
    sqlite3 *db = connect(path);
    sqlite3_stmt *s = query(db, sql);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(s, 0);
    assert_string_equal(text == NULL ? "" : text, expected);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* ---- columns ---- */

/* SCHEMA, word for word, then what every view has beside it. */
static const struct view {
    const char *name, *columns;
} views[] = {
    {"captures",
     "id source kind format link_types snaplen start_us end_us packets bytes "
     "kernel_dropped interface_dropped truncated_packets undecoded_packets "
     "duplicate_packets bad_checksums connections midstream_connections "
     "one_sided_connections missing_bytes evicted_connections exchanges exact_pairs "
     "inferred_pairs ambiguous_pairs orphan_responses damage program_version time "},
    {"connections",
     "id capture_id community_id client_ip client_port server_ip server_port tunnel_id "
     "vlan protocol state open_kind open_result role_basis first_packet "
     "first_capture_id last_packet last_capture_id start_us end_us synack_rtt_us "
     "ack_rtt_us handshake_us syn_retransmits synack_retransmits client_packets "
     "server_packets client_bytes server_bytes client_missing_bytes "
     "server_missing_bytes client_gaps server_gaps client_retransmitted_segments "
     "server_retransmitted_segments client_retransmitted_bytes "
     "server_retransmitted_bytes client_out_of_order_segments "
     "server_out_of_order_segments client_overlap_conflicts server_overlap_conflicts "
     "client_keepalive_probes server_keepalive_probes client_zero_window_us "
     "server_zero_window_us client_stall_us server_stall_us exchanges max_depth "
     "pipelined_requests hol_us resyncs keepalive_timeout_s keepalive_max idle_max_us "
     "idle_at_close_us closed_by close_kind close_cause conn_state history tls_sni "
     "tls_alpn tls_version findings time synack_rtt_ms ack_rtt_ms handshake_ms "
     "client_zero_window_ms server_zero_window_ms client_stall_ms server_stall_ms "
     "hol_ms idle_max_ms idle_at_close_ms "},
    {"exchanges",
     "id connection_id stream_id ordinal method target host request_version status "
     "response_version request_packet request_capture_id response_packet "
     "response_capture_id request_start_us request_end_us response_start_us "
     "response_end_us interims first_interim_status first_interim_us wait_us "
     "transfer_us service_us hol_us idle_before_us response_stall_us depth depth_basis "
     "request_framing response_framing request_head_bytes response_head_bytes "
     "request_body_bytes response_body_bytes request_declared_bytes "
     "response_declared_bytes request_missing_bytes response_missing_bytes "
     "request_complete response_complete request_close response_close "
     "persist_declared keepalive_timeout_s keepalive_max early_response expect_outcome "
     "expect_wait_us expect_saved_bytes upgrade_offered upgrade_result "
     "upgrade_protocol optimistic_bytes user_agent server content_type state "
     "pair_confidence findings time wait_ms transfer_ms service_ms hol_ms "
     "idle_before_ms response_stall_ms expect_wait_ms client_ip client_port server_ip "
     "server_port "},
    {"tunnels",
     "id connection_id exchange_id protocol start_us end_us client_bytes server_bytes "
     "client_packets server_packets idle_at_close_us closed_by tls_sni tls_alpn "
     "tls_version ws_client_frames ws_server_frames ws_client_messages "
     "ws_server_messages ws_client_payload_bytes ws_server_payload_bytes ws_pings "
     "ws_pongs ws_ping_rtt_min_us ws_ping_rtt_mean_us ws_ping_rtt_max_us ws_close_code "
     "ws_close_by ws_compressed time idle_at_close_ms ws_ping_rtt_min_ms "
     "ws_ping_rtt_mean_ms ws_ping_rtt_max_ms client_ip client_port server_ip "
     "server_port "},
    {"findings",
     "id capture_id connection_id exchange_ordinal side packet packet_capture_id "
     "time_us stream_offset code evidence severity time client_ip client_port "
     "server_ip server_port title "},
    {"finding_codes", "code severity title reference zeek suricata "},
    {"headers", "exchange_id side position name value time "},
};

static void views_have_the_columns_of_schema(void **state)
{
    (void)state;
    finish(open_store("x.db"));
    sqlite3 *db = connect("x.db");
    for (size_t i = 0; i < ARRAY_LENGTH(views); i++) {
        char sql[64];
        struct buffer names = {.ptr = NULL};
        snprintf(sql, sizeof sql, "SELECT * FROM %s", views[i].name);
        sqlite3_stmt *s = query(db, sql);
        for (int k = 0; k < sqlite3_column_count(s); k++)
            buffer_print(&names, "%s ", sqlite3_column_name(s, k));
        buffer_append(&names, bytes_of("", 1));
        assert_string_equal((const char *)names.ptr, views[i].columns);
        buffer_done(&names);
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
}

/* ---- values ---- */

enum { ROWS_PER_KIND = 900, FORMATTED_MAX = 16384 };

static int64_t id_of_row(size_t i)
{
    return INT64_C(1) << 32 | (int64_t)(i + 1);
}

static void compare_cell(sqlite3_stmt *s, int at, const struct field *f,
                         const void *record)
{
    char expected[FORMATTED_MAX];
    record_format(f, record, expected, sizeof expected);
    bool is_text = f->type == FIELD_TEXT && record_text(f, record).ptr != NULL;
    bool is_null = expected[0] == '\0' && !is_text;
    if (is_null != (sqlite3_column_type(s, at) == SQLITE_NULL))
        fail_msg("%s: \"%s\" is NULL or is not", f->name, expected);
    const char *found = (const char *)sqlite3_column_text(s, at);
    if (!is_null && strcmp(found, expected) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", f->name, found, expected);
}

static void compare_kind(sqlite3 *db, enum record_kind kind)
{
    const struct record_layout *layout = record_layout(kind);
    struct random_source random = {.state = 1 + (uint64_t)kind};
    int shift = layout->is_numbered ? 1 : 0;
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", layout->view);
    sqlite3_stmt *s = query(db, sql);
    for (size_t i = 0; i < ROWS_PER_KIND; i++) {
        union any_record record;
        random_record(&random, kind, (enum random_fill)(i % RANDOM_FILL_COUNT),
                      id_of_row(i), &record);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        for (size_t k = 0; k < layout->field_count; k++)
            compare_cell(s, (int)k + shift, &layout->fields[k], &record);
    }
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

static void every_value_comes_back(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        struct random_source random = {.state = 1 + (uint64_t)k};
        for (size_t i = 0; i < ROWS_PER_KIND; i++) {
            union any_record record;
            random_record(&random, (enum record_kind)k,
                          (enum random_fill)(i % RANDOM_FILL_COUNT), id_of_row(i),
                          &record);
            put(s, (enum record_kind)k, &record);
        }
    }
    finish(s);
    sqlite3 *db = connect("x.db");
    for (int k = 0; k < RECORD_KIND_COUNT; k++) compare_kind(db, (enum record_kind)k);
    sqlite3_close(db);
    answers("x.db", "PRAGMA integrity_check", "ok");
}

static void what_views_lend_and_derive(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    struct record_connection c;
    record_clear(RECORD_CONNECTION, &c);
    c.id = INT64_C(1) << 32 | 4;
    c.start_us = 1500000;
    c.synack_rtt_us = 1500;
    c.exchanges = 1;
    c.max_depth = 1;
    c.client = (struct endpoint){.address = {10, 0, 0, 1}, .port = 40000, .version = 4};
    c.server = (struct endpoint){.address = {[15] = 1}, .port = 80, .version = 6};
    put(s, RECORD_CONNECTION, &c);
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = 7;
    e.connection_id = c.id;
    e.response_start_us = 2250000;
    put(s, RECORD_EXCHANGE, &e);
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    f.connection_id = c.id;
    f.code = FINDING_LINE_LF + 1;
    f.severity = SEVERITY_ATTACK; /* the catalogue says warning */
    put(s, RECORD_FINDING, &f);
    struct record_header h = {.exchange_id = 7, .side = 1, .position = 1};
    put(s, RECORD_HEADER, &h);
    finish(s);
    answers("x.db", "SELECT time || ' ' || synack_rtt_ms FROM connections", "1.5 1.5");
    answers("x.db", "SELECT max_depth || ' ' || resyncs FROM connections", "");
    answers("x.db", "SELECT time FROM exchanges", "2.25");
    answers("x.db", "SELECT time FROM headers", "2.25");
    answers(
        "x.db",
        "SELECT client_ip || client_port || server_ip || server_port FROM exchanges",
        "10.0.0.140000::180");
    answers("x.db", "SELECT capture_id || severity || title || server_ip FROM findings",
            "1attacka line ended by LF alone::1");
    answers("x.db", "SELECT severity FROM finding_codes WHERE code = 'line_lf'",
            "warning");
    char codes[16];
    snprintf(codes, sizeof codes, "%d", FINDING_CODE_COUNT);
    answers("x.db", "SELECT count(*) FROM finding_codes", codes);
}

/* The usual case must not pay for the rare ones. */
static void rare_figures_take_no_row(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = 1;
    e.connection_id = INT64_C(1) << 32 | 1;
    e.stream_id = e.interims = e.findings = e.response_stall_us = 0;
    e.depth = 1;
    e.request_ref = e.response_ref = UINT64_C(1) << 32 | 4;
    e.message[0].body_bytes = e.message[0].missing_bytes = e.message[1].missing_bytes =
        0;
    e.request_start_us = 100;
    e.request_end_us = 110;
    e.response_start_us = 150;
    e.response_end_us = 180;
    e.wait_us = 40;
    e.transfer_us = 30;
    put(s, RECORD_EXCHANGE, &e);
    struct record_connection c;
    struct conn conn = {.id = 1, .first_ref = 1, .open_kind = OPEN_HANDSHAKE};
    char community_id[40];
    record_connection_of(&conn, community_id, &c);
    c.exchanges = c.max_depth = 1;
    c.pipelined_requests = c.hol_us = c.resyncs = 0;
    put(s, RECORD_CONNECTION, &c);
    finish(s);
    static const char *const sides[] = {
        "exchange_quality", "exchange_interim",      "exchange_timing",
        "exchange_depth",   "exchange_request_body", "exchange_expect",
        "exchange_upgrade", "connection_network",    "connection_quality",
        "connection_depth", "connection_tls",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(sides); i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", sides[i]);
        answers("x.db", sql, "0");
    }
    answers("x.db",
            "SELECT wait_us || ' ' || transfer_us || ' ' || depth FROM exchanges",
            "40 30 1");
}

/* More different texts than are remembered: written twice, never wrong. */
static void texts_survive_being_forgotten(void **state)
{
    (void)state;
    enum { ROUNDS = 2, TEXTS = 20000 };
    struct store *s = open_store("x.db");
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    for (int64_t i = 0; i < ROUNDS * TEXTS; i++) {
        char host[32];
        snprintf(host, sizeof host, "host-%d", (int)(i % TEXTS));
        e.id = i + 1;
        e.host = bytes_of_text(host);
        put(s, RECORD_EXCHANGE, &e);
    }
    finish(s);
    answers(
        "x.db",
        "SELECT count(*) FROM exchanges WHERE host <> 'host-' || ((id - 1) % 20000)",
        "0");
    answers("x.db", "SELECT count(DISTINCT host) FROM exchanges", "20000");
}

/* ---- the file ---- */

static void a_new_file_appears_when_it_is_whole(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    assert_int_equal(store_first_capture_id(s), 1);
    assert_int_equal(access("x.db", F_OK), -1);
    assert_int_equal(count_files("x.db.partial-*"), 1);
    finish(s);
    assert_int_equal(count_files("*"), 1);
    answers("x.db", "PRAGMA journal_mode", "delete");
    answers("x.db", "PRAGMA application_id", "1752133747");
    answers("x.db", "PRAGMA user_version", "1");
    answers("x.db", "PRAGMA page_size", "16384");
}

static void what_is_not_finished_is_removed(void **state)
{
    (void)state;
    store_free(open_store("x.db"));
    store_free(NULL);
    assert_int_equal(count_files("*"), 0);
}

static void an_empty_file_is_replaced(void **state)
{
    (void)state;
    assert_true(close(open("x.db", O_CREAT | O_WRONLY, 0600)) == 0);
    finish(open_store("x.db"));
    answers("x.db", "SELECT count(*) FROM captures", "0");
    assert_int_equal(count_files("*"), 1);
}

static void nobody_else_is_overwritten(void **state)
{
    (void)state;
    struct store *first = open_store("x.db"), *second = open_store("x.db");
    assert_int_equal(count_files("x.db.partial-*"), 2);
    struct record_capture c;
    record_clear(RECORD_CAPTURE, &c);
    c.id = 1;
    put(first, RECORD_CAPTURE, &c);
    finish(first);
    struct problem why = {.text = ""};
    assert_int_equal(store_finish(second, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "meanwhile; the rows are in x.db.partial-"));
    store_free(second);
    assert_int_equal(count_files("x.db.partial-*"), 1);
    answers("x.db", "SELECT count(*) FROM captures", "1");
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
    put(s, RECORD_CONNECTION, &n);
    put(s, RECORD_CAPTURE, &c);
}

static void rows_are_appended(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 3; i++) {
        struct store *s = open_store("x.db");
        assert_int_equal(store_first_capture_id(s), i);
        put_capture_and_connection(s);
        finish(s);
        assert_int_equal(count_files("*"), 1);
    }
    answers("x.db", "SELECT count(*) || max(id) FROM captures", "33");
    answers("x.db", "SELECT count(*) FROM connections WHERE protocol = 'http/1.1'",
            "3");
    answers("x.db", "SELECT count(*) FROM text", "1");
    answers("x.db", "PRAGMA journal_mode", "delete");
}

/* An earlier run that was killed left connections of capture 2 and no capture row. */
static void ids_of_an_interrupted_run_are_not_reused(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    put_capture_and_connection(s);
    finish(s);
    execute("x.db", "INSERT INTO connection(id) VALUES ((2 << 32) + 1)");
    s = open_store("x.db");
    assert_int_equal(store_first_capture_id(s), 3);
    store_free(s);
    execute("x.db",
            "INSERT INTO exchange(id, connection_id) VALUES (1, (5 << 32) + 1)");
    s = open_store("x.db");
    assert_int_equal(store_first_capture_id(s), 6);
    store_free(s);
}

static void appended_rows_are_committed_each_second(void **state)
{
    (void)state;
    finish(open_store("x.db"));
    struct store *s = open_store("x.db");
    put_capture_and_connection(s);
    answers("x.db", "SELECT count(*) FROM captures", "0");
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    put(s, RECORD_FINDING, &f);
    answers("x.db", "SELECT count(*) FROM captures", "1");
    answers("x.db", "SELECT count(*) FROM findings", "0");
    store_free(s); /* not finished: what was committed stays */
    answers("x.db", "SELECT count(*) FROM captures", "1");
    answers("x.db", "SELECT count(*) FROM findings", "0");
}

static void two_do_not_append_at_once(void **state)
{
    (void)state;
    finish(open_store("x.db"));
    struct store *s = open_store("x.db");
    refuses("x.db", "x.db is being written by another hopscope");
    finish(s);
    finish(open_store("x.db"));
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
    refuses("-", "a database cannot go to standard output");
    refuses("", "-o needs the name");
    refuses("folder", "folder is a folder");
    refuses("link", "link is a symbolic link");
    refuses("pipe", "pipe is a device or a pipe");
    refuses("/dev/tty", "/dev/tty is a device or a pipe");
    refuses("none/x.db", "there is no folder none");
    refuses("text/x.db", "text is not a folder");
    refuses("text", "text is there and is not a database");
    assert_int_equal(count_files("*"), 4);
}

static void a_place_without_right(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        assert_int_equal(chmod(".", 0755), 0);
        finish(open_store("x.db"));
        assert_int_equal(seteuid(65534), 0);
    } else {
        finish(open_store("x.db"));
        assert_int_equal(chmod(".", 0500), 0);
        assert_int_equal(chmod("x.db", 0400), 0);
    }
    refuses("new.db", "cannot make new.db: no right to write in .");
    refuses("x.db", "cannot write to x.db: Permission denied");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    else
        assert_int_equal(chmod(".", 0700), 0);
}

static void databases_of_others(void **state)
{
    (void)state;
    execute("other.db", "CREATE TABLE t(a)");
    refuses("other.db", "other.db is a database of another program");
    finish(open_store("newer.db"));
    execute("newer.db", "PRAGMA user_version=2");
    refuses("newer.db", "newer.db was made by a newer hopscope (schema 2): use that "
                        "version or choose another -o");
    finish(open_store("older.db"));
    execute("older.db", "PRAGMA user_version=0");
    refuses("older.db", "older.db was made by an older hopscope (schema 0)");
    finish(open_store("changed.db"));
    execute("changed.db", "ALTER TABLE capture ADD COLUMN extra INTEGER");
    refuses("changed.db", "the tables of changed.db are not the ones");
    finish(open_store("short.db"));
    assert_int_equal(truncate("short.db", 50000), 0);
    refuses("short.db", "short.db is damaged");
}

static void special_names_are_only_names(void **state)
{
    (void)state;
    static const char *const names[] = {":memory:", "file:x.db?mode=memory", "it's.db"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        finish(open_store(names[i]));
        finish(open_store(names[i]));
        assert_int_equal(access(names[i], F_OK), 0);
    }
    assert_int_equal(count_files("*"), ARRAY_LENGTH(names));
}

/* ---- failures while writing ---- */

/* Puts rows under a limit of the file's size until one fails; exit code 0: as it should
 * be. In a process of its own, for the limit's sake. */
static int fill_up(const char *path, const char *sentence)
{
    struct store *s = open_store(path);
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
    assert_int_equal(count_files("*"), 0);
    struct store *s = open_store("x.db");
    put_capture_and_connection(s);
    finish(s);
    fills_up("x.db", "x.db");
    answers("x.db", "SELECT count(*) FROM captures WHERE id = 1", "1");
    answers("x.db", "PRAGMA integrity_check", "ok");
    finish(open_store("x.db"));
}

static void an_id_twice_is_refused(void **state)
{
    (void)state;
    struct store *s = open_store("x.db");
    struct record_sink sink = store_sink(s);
    struct record_capture c;
    struct problem why = {.text = ""};
    record_clear(RECORD_CAPTURE, &c);
    c.id = 1;
    put(s, RECORD_CAPTURE, &c);
    assert_int_equal(sink.put(sink.context, RECORD_CAPTURE, &c), STATUS_FAILED);
    c.id = 2;
    assert_int_equal(sink.put(sink.context, RECORD_CAPTURE, &c), STATUS_FAILED);
    assert_int_equal(store_finish(s, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "writing x.db failed: UNIQUE"));
    store_free(s);
    assert_int_equal(count_files("*"), 0);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(views_have_the_columns_of_schema),
        IN_FOLDER(every_value_comes_back),
        IN_FOLDER(what_views_lend_and_derive),
        IN_FOLDER(rare_figures_take_no_row),
        IN_FOLDER(texts_survive_being_forgotten),
        IN_FOLDER(a_new_file_appears_when_it_is_whole),
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
