/* store: what goes in comes out of the views, column by column; names and order of the
 * columns. */
#include "random_record.h"
#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
     "first_capture_id last_packet last_capture_id close_packet close_capture_id "
     "start_us end_us synack_rtt_us "
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
     "tls_alpn tls_version tls_handshake_us findings time synack_rtt_ms ack_rtt_ms "
     "handshake_ms "
     "client_zero_window_ms server_zero_window_ms client_stall_ms server_stall_ms "
     "hol_ms idle_max_ms idle_at_close_ms tls_handshake_ms "},
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
     "tls_version tls_handshake_us ws_client_frames ws_server_frames "
     "ws_client_messages "
     "ws_server_messages ws_client_payload_bytes ws_server_payload_bytes ws_pings "
     "ws_pongs ws_ping_rtt_min_us ws_ping_rtt_mean_us ws_ping_rtt_max_us ws_close_code "
     "ws_close_by ws_compressed time idle_at_close_ms tls_handshake_ms "
     "ws_ping_rtt_min_ms "
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
    store_folder_finish(store_folder_open("x.db"));
    sqlite3 *db = store_folder_connect("x.db");
    for (size_t i = 0; i < ARRAY_LENGTH(views); i++) {
        char sql[64];
        struct buffer names = {.ptr = NULL};
        snprintf(sql, sizeof sql, "SELECT * FROM %s", views[i].name);
        sqlite3_stmt *s = store_folder_query(db, sql);
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
    return INT64_C(1) << 48 | (int64_t)(i + 1);
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
    char sql[64];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", layout->view);
    sqlite3_stmt *s = store_folder_query(db, sql);
    for (size_t i = 0; i < ROWS_PER_KIND; i++) {
        union any_record record;
        random_record(&random, kind, (enum random_fill)(i % RANDOM_FILL_COUNT),
                      id_of_row(i), &record);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        for (size_t k = 0; k < layout->field_count; k++)
            compare_cell(s, (int)k, &layout->fields[k], &record);
    }
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
}

static void every_value_comes_back(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        struct random_source random = {.state = 1 + (uint64_t)k};
        for (size_t i = 0; i < ROWS_PER_KIND; i++) {
            union any_record record;
            random_record(&random, (enum record_kind)k,
                          (enum random_fill)(i % RANDOM_FILL_COUNT), id_of_row(i),
                          &record);
            store_folder_put(s, (enum record_kind)k, &record);
        }
    }
    store_folder_finish(s);
    sqlite3 *db = store_folder_connect("x.db");
    for (int k = 0; k < RECORD_KIND_COUNT; k++) compare_kind(db, (enum record_kind)k);
    sqlite3_close(db);
    store_folder_answers("x.db", "PRAGMA integrity_check", "ok");
}

static void what_views_lend_and_derive(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    struct record_connection c;
    record_clear(RECORD_CONNECTION, &c);
    c.id = INT64_C(1) << 32 | 4;
    c.start_us = 1500000;
    c.synack_rtt_us = 1500;
    c.exchanges = 1;
    c.max_depth = 1;
    c.client = (struct endpoint){.address = {10, 0, 0, 1}, .port = 40000, .version = 4};
    c.server = (struct endpoint){.address = {[15] = 1}, .port = 80, .version = 6};
    store_folder_put(s, RECORD_CONNECTION, &c);
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = 7;
    e.connection_id = c.id;
    e.response_start_us = 2250000;
    store_folder_put(s, RECORD_EXCHANGE, &e);
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    f.id = c.id << 16 | 1;
    f.connection_id = c.id;
    f.code = FINDING_LINE_LF + 1;
    f.severity = SEVERITY_ATTACK; /* the catalogue says warning */
    store_folder_put(s, RECORD_FINDING, &f);
    struct record_header h = {.exchange_id = 7, .side = 1, .position = 1};
    store_folder_put(s, RECORD_HEADER, &h);
    store_folder_finish(s);
    store_folder_answers("x.db", "SELECT time || ' ' || synack_rtt_ms FROM connections",
                         "1.5 1.5");
    store_folder_answers("x.db", "SELECT max_depth || ' ' || resyncs FROM connections",
                         "");
    store_folder_answers("x.db", "SELECT time FROM exchanges", "2.25");
    store_folder_answers("x.db", "SELECT time FROM headers", "2.25");
    store_folder_answers(
        "x.db",
        "SELECT client_ip || client_port || server_ip || server_port FROM exchanges",
        "10.0.0.140000::180");
    store_folder_answers(
        "x.db", "SELECT capture_id || severity || title || server_ip FROM findings",
        "1attacka line ended by LF alone::1");
    store_folder_answers(
        "x.db", "SELECT severity FROM finding_codes WHERE code = 'line_lf'", "warning");
    char codes[16];
    snprintf(codes, sizeof codes, "%d", FINDING_CODE_COUNT);
    store_folder_answers("x.db", "SELECT count(*) FROM finding_codes", codes);
}

/* The usual case must not pay for the rare ones. */
static void rare_figures_take_no_row(void **state)
{
    (void)state;
    struct store *s = store_folder_open("x.db");
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = INT64_C(1) << 48 | 4 << 16; /* its first packet's capture and number */
    e.connection_id = INT64_C(1) << 32 | 1;
    e.stream_id = e.interims = e.response_stall_us = 0;
    e.findings = 2; /* not rare: a reused port is one */
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
    store_folder_put(s, RECORD_EXCHANGE, &e);
    struct record_connection c;
    struct conn conn = {.id = 1, .first_ref = 1, .open_kind = OPEN_HANDSHAKE};
    char community_id[40];
    record_connection_of(&conn, community_id, &c);
    c.exchanges = c.max_depth = 1;
    c.pipelined_requests = c.hol_us = c.resyncs = 0;
    c.findings = 3;
    store_folder_put(s, RECORD_CONNECTION, &c);
    store_folder_finish(s);
    static const char *const sides[] = {
        "exchange_quality",  "exchange_interim",   "exchange_timing",
        "exchange_declared", "exchange_expect",    "exchange_upgrade",
        "exchange_large",    "connection_network", "connection_quality",
        "connection_depth",  "connection_tls",     "connection_large",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(sides); i++) {
        char sql[64];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", sides[i]);
        store_folder_answers("x.db", sql, "0");
    }
    store_folder_answers(
        "x.db", "SELECT wait_us || ' ' || transfer_us || ' ' || depth FROM exchanges",
        "40 30 1");
    store_folder_answers("x.db", "SELECT findings FROM exchanges", "2");
    store_folder_answers("x.db", "SELECT findings FROM connections", "3");
}

/* Every figure that has bits, at both sides of what they hold. */
static void numbers_beyond_their_bits_stand_aside(void **state)
{
    (void)state;
    const struct record_layout *layout = record_layout(RECORD_EXCHANGE);
    struct store *s = store_folder_open("x.db");
    union any_record record;
    int64_t id = 0;
    size_t large = 0;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->bits == 0 || f->type > FIELD_DURATION) continue;
        int64_t most = (INT64_C(1) << f->bits) - 3;
        const int64_t values[] = {0, most, most + 1, most + 2, most + 3, -1};
        for (size_t k = 0; k < ARRAY_LENGTH(values); k++) {
            record_clear(RECORD_EXCHANGE, &record);
            record.exchange.id = ++id;
            memcpy((uint8_t *)&record + f->offset, &values[k], sizeof values[k]);
            store_folder_put(s, RECORD_EXCHANGE, &record);
            if (values[k] < 0 || values[k] > most) large++;
        }
    }
    store_folder_finish(s);
    char count[24];
    snprintf(count, sizeof count, "%zu", large);
    store_folder_answers("x.db", "SELECT count(*) FROM exchange_large", count);
    sqlite3 *db = store_folder_connect("x.db");
    sqlite3_stmt *row = store_folder_query(db, "SELECT * FROM exchanges ORDER BY id");
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->bits == 0 || f->type > FIELD_DURATION) continue;
        int64_t most = (INT64_C(1) << f->bits) - 3;
        const int64_t values[] = {0, most, most + 1, most + 2, most + 3, -1};
        for (size_t k = 0; k < ARRAY_LENGTH(values); k++) {
            assert_int_equal(sqlite3_step(row), SQLITE_ROW);
            assert_int_equal(sqlite3_column_int64(row, (int)i), values[k]);
        }
    }
    assert_int_equal(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
    sqlite3_close(db);
}

/* More different texts than are remembered: written twice, never wrong. The common ones
 * are written once, and fit their few bits to the end. */
static void texts_survive_being_forgotten(void **state)
{
    (void)state;
    enum { ROUNDS = 2, TEXTS = 20000 };
    struct store *s = store_folder_open("x.db");
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.method = bytes_of_text("GET");
    for (int64_t i = 0; i < ROUNDS * TEXTS; i++) {
        char host[32];
        snprintf(host, sizeof host, "host-%d", (int)(i % TEXTS));
        e.id = i + 1;
        e.host = bytes_of_text(host);
        store_folder_put(s, RECORD_EXCHANGE, &e);
    }
    store_folder_finish(s);
    store_folder_answers(
        "x.db",
        "SELECT count(*) FROM exchanges WHERE host <> 'host-' || ((id - 1) % 20000)",
        "0");
    store_folder_answers("x.db", "SELECT count(DISTINCT host) FROM exchanges", "20000");
    store_folder_answers("x.db", "SELECT count(*) FROM exchange_large", "0");
    store_folder_answers("x.db", "SELECT count(*) FROM exchanges WHERE method = 'GET'",
                         "40000");
    store_folder_answers("x.db", "SELECT count(*) FROM text WHERE value = 'GET'", "1");
}

static void put_exchanges(int64_t first_id, int64_t count)
{
    struct store *s = store_folder_open("x.db");
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.method = bytes_of_text("GET");
    for (int64_t i = 0; i < count; i++) {
        char host[1500];
        snprintf(host, sizeof host, "%01490d", (int)i);
        e.id = first_id + i;
        e.host = bytes_of_text(host);
        store_folder_put(s, RECORD_EXCHANGE, &e);
    }
    store_folder_finish(s);
}

/* Those that were there are read first, and memory forgets while it reads. */
static void common_texts_stay_when_appended(void **state)
{
    (void)state;
    put_exchanges(1, 4000);
    for (int64_t run = 1; run <= 3; run++) put_exchanges(run * 10000, 2);
    store_folder_answers("x.db", "SELECT count(*) FROM exchanges WHERE method = 'GET'",
                         "4006");
    store_folder_answers("x.db", "SELECT count(*) FROM exchange_large", "0");
    store_folder_answers("x.db", "SELECT count(*) FROM text WHERE value = 'GET'", "1");
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, store_folder_enter, store_folder_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(views_have_the_columns_of_schema),
        IN_FOLDER(every_value_comes_back),
        IN_FOLDER(what_views_lend_and_derive),
        IN_FOLDER(rare_figures_take_no_row),
        IN_FOLDER(numbers_beyond_their_bits_stand_aside),
        IN_FOLDER(texts_survive_being_forgotten),
        IN_FOLDER(common_texts_stay_when_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
