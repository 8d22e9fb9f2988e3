/* Hazards that somebody intends: data beyond windows (15), urgent bytes (16), wrong
 * checksums (17), floods of SYNs (21) and of colliding hashes (22). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_trace.h"
#include "tcp/flow_table.h"
#include "tcp/half_open.h"

static const char pairs[] = "target status state pair_confidence";
static const char both_lines[] = "/1 200 complete exact\n/2 200 complete exact\n";
static const char real[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
static const char fake[] = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

/* ---- 15 ---- */

static void segments_beyond_any_window(void **state)
{
    (void)state;
    static const uint64_t ahead[] = {5u << 20, 100u << 20, (1u << 30) + 4096};
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int from = 0; from < 2; from++)
        for (size_t i = 0; i < ARRAY_LENGTH(ahead); i++) {
            struct hazard_trace t;
            hazard_trace_init(&t);
            hazard_open(&t);
            hazard_exchange(&t, 1, 10);
            (void)hazard_packet_add(&t, (enum side)from, TCP_ACK,
                                    t.next[from] + ahead[i], bytes_of_text(fake));
            hazard_exchange(&t, 2, 10);
            hazard_close(&t);
            hazard_run_once(&t, &rows);
            hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, both_lines);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               "client_missing_bytes=0 server_missing_bytes=0 "
                               "client_bytes=56 server_bytes=98 close_kind=fin");
            assert_int_equal(hazard_rows_findings(&rows, "tcp_data_outside_window"), 1);
        }
    hazard_rows_done(&rows);
}

/* ---- 16 ---- */

static void urgent_bytes_are_in_line(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (uint16_t urgent = 1; urgent < 20; urgent++) {
        struct hazard_trace t;
        char expected[80];
        hazard_trace_init(&t);
        hazard_open(&t);
        hazard_exchange(&t, 1, 10);
        struct hazard_packet *p =
            hazard_say(&t, SIDE_CLIENT, "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
        p->urgent = urgent;
        p->flags |= TCP_URG;
        hazard_response(&t, 10);
        hazard_close(&t);
        hazard_run_once(&t, &rows);
        hazard_rows_expect_lines(&rows, RECORD_EXCHANGE, pairs, both_lines);
        assert_int_equal(hazard_rows_count(&rows, RECORD_FINDING), 1);
        /* The pointer points behind the urgent byte (RFC 6093, section 3.1). */
        (void)snprintf(expected, sizeof expected,
                       "code=tcp_urgent_data side=client severity=info "
                       "stream_offset=%u",
                       28u + urgent - 1);
        hazard_rows_expect(&rows, RECORD_FINDING, 0, expected);
    }
    hazard_rows_done(&rows);
}

/* ---- 17 ---- */

enum { FAKE_FIRST = 1, WITHOUT_OPENING = 2 };

/* A request with a wrong checksum and its good counterpart, in either order. */
static void run_evasion(unsigned how, struct hazard_rows *rows)
{
    struct hazard_trace t;
    hazard_trace_init(&t);
    if ((how & WITHOUT_OPENING) == 0) hazard_open(&t);
    if ((how & FAKE_FIRST) != 0)
        hazard_at(&t, SIDE_CLIENT, 0, fake)->has_bad_checksum = true;
    (void)hazard_at(&t, SIDE_CLIENT, 0, real);
    if ((how & FAKE_FIRST) == 0)
        hazard_at(&t, SIDE_CLIENT, 0, fake)->has_bad_checksum = true;
    hazard_response(&t, 10);
    (void)hazard_ack(&t, SIDE_CLIENT);
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_run_once(&t, rows);
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE, "target status state",
                             "/1 200 complete\n/2 200 complete\n");
    assert_int_equal(rows->counters.bad_checksums, 1);
}

static void wrong_checksums_to_mislead(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_evasion(FAKE_FIRST, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "net_checksum_conflict"), 1);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "client_bytes=56");
    run_evasion(0, &rows);
    hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "client_bytes=56");
    hazard_rows_done(&rows);
}

static void wrong_checksums_to_mislead_at_once(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_evasion(FAKE_FIRST | WITHOUT_OPENING, &rows);
    assert_int_equal(hazard_rows_findings(&rows, "net_checksum_conflict"), 1);
    hazard_rows_done(&rows);
}

/* The card computes the sums of one side or of both; or starts to, or loses one. */
static void wrong_checksums_of_offload(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int which = 0; which < 5; which++) {
        struct hazard_trace t;
        hazard_trace_init(&t);
        hazard_open(&t);
        for (unsigned i = 1; i <= 30; i++) hazard_exchange(&t, i, 2500);
        hazard_close(&t);
        size_t bad = 0;
        for (size_t i = 0; i < t.count; i++) {
            struct hazard_packet *p = &t.at[i];
            p->has_bad_checksum = which == 4 || (int)p->from == which ||
                                  (which == 2 && i > 2 && p->from == SIDE_SERVER) ||
                                  (which == 3 && i > 2 && p->length > 0);
            bad += p->has_bad_checksum ? 1 : 0;
        }
        hazard_run_once(&t, &rows);
        assert_int_equal(rows.counters.bad_checksums, bad);
        assert_int_equal(rows.counters.exact_pairs, 30);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "exchanges=30 client_missing_bytes=0 conn_state=SF "
                           "server_missing_bytes=0 server_gaps=0 findings=0 "
                           "close_kind=fin max_depth=1");
    }
    hazard_rows_done(&rows);
}

/* ---- 21 ---- */

enum { REAL_FLOWS = 100, FLOOD_EACH = 100 };

static void syn_flood_with_real_connections_inside(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    hazard_trace_init(&t);
    for (int i = 0; i < REAL_FLOWS; i++) {
        t.flow = (uint16_t)i;
        t.next[0] = t.next[1] = 1;
        hazard_open(&t);
        hazard_request(&t, 1);
        for (int k = 0; k < FLOOD_EACH; k++) {
            struct hazard_packet *syn =
                hazard_packet_add(&t, SIDE_CLIENT, TCP_SYN, 0, bytes_of("", 0));
            syn->flow = (uint16_t)(1000 + i * FLOOD_EACH + k);
            syn->ack = 0;
        }
        hazard_response(&t, 1500);
        (void)hazard_ack(&t, SIDE_CLIENT);
        hazard_close(&t);
    }
    for (size_t i = 0; i < t.count; i++)
        t.at[i].at_ns = HAZARD_START + (int64_t)i * 1000;
    hazard_rows_init(&rows);
    hazard_run_once(&t, &rows);
    assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION),
                     REAL_FLOWS * (1 + FLOOD_EACH));
    assert_int_equal(hazard_rows_count(&rows, RECORD_EXCHANGE), REAL_FLOWS);
    for (size_t i = 0; i < REAL_FLOWS; i++)
        hazard_rows_expect(&rows, RECORD_EXCHANGE, i,
                           "target=/1 status=200 state=complete pair_confidence=exact");
    size_t unanswered = 0;
    for (size_t i = 0; i < REAL_FLOWS * (1 + FLOOD_EACH); i++) {
        const char *cause =
            hazard_rows_value(&rows, RECORD_CONNECTION, i, "close_cause");
        unanswered += strcmp(cause, "unanswered") == 0 ? 1 : 0;
    }
    assert_int_equal(unanswered, REAL_FLOWS * FLOOD_EACH);
    assert_int_equal(rows.counters.evicted_connections, 0);
    assert_true(sizeof(struct half_open) <= 104);
    hazard_rows_done(&rows);
}

/* ---- 22 ---- */

enum { COLLIDING = 2000, COLLIDING_BITS = 8, STEPS_MAX = 64 };

static struct packet packet_of(const struct frame *frame, uint32_t number)
{
    struct packet p = {.frame = frame, .flags = TCP_SYN};
    p.from.version = p.to.version = 4;
    memcpy(p.from.address, &number, sizeof number);
    p.from.port = (uint16_t)(1024 + number % 50000);
    p.to.port = 80;
    return p;
}

/* The most slots that a search reads after these packets' flows have been added under
 * `key`; all are found, also while they are removed one by one. */
static size_t longest_search(struct hash_key key, const uint32_t *numbers, size_t count)
{
    struct frame frame = {.ref = 1};
    struct flow_table *table = flow_table_new(key, false);
    struct flow **flows = mem_alloc_array(count, sizeof(struct flow *));
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        struct packet p = packet_of(&frame, numbers[i]);
        flows[i] = flow_table_add(table, flow_table_hash(table, &p), &p);
    }
    for (size_t i = 0; i < count; i++) {
        size_t steps = flow_table_steps(table, &flows[i]->entry);
        if (steps > longest) longest = steps;
    }
    for (size_t i = 0; i < count; i++) {
        struct packet p = packet_of(&frame, numbers[i]);
        uint64_t hash = flow_table_hash(table, &p);
        int from = -1;
        assert_ptr_equal(flow_table_find(table, hash, &p, &from), &flows[i]->entry);
        assert_int_equal(from, 0);
        flow_table_remove(table, flows[i]);
        assert_null(flow_table_find(table, hash, &p, &from));
    }
    flow_table_free(table);
    mem_free(flows);
    return longest;
}

static void colliding_hashes(void **state)
{
    (void)state;
    struct hash_key zero = {0};
    struct frame frame = {.ref = 1};
    static uint32_t numbers[COLLIDING];
    struct flow_table *table = flow_table_new(zero, false);
    uint32_t number = 0;
    for (size_t found = 0; found < COLLIDING; number++) {
        struct packet p = packet_of(&frame, number);
        uint64_t hash = flow_table_hash(table, &p);
        if ((hash & ((1u << COLLIDING_BITS) - 1)) == 0) numbers[found++] = number;
    }
    flow_table_free(table);
    assert_true(longest_search(zero, numbers, COLLIDING) > 100); /* the attack works */
    for (uint64_t key = 1; key <= 20; key++) {
        struct hash_key random = {.k0 = key * 0x9e3779b97f4a7c15u, .k1 = ~key};
        assert_true(longest_search(random, numbers, COLLIDING) <= STEPS_MAX);
    }
}

/* The key decides where things are kept and nothing else. */
static void rows_do_not_depend_on_the_key(void **state)
{
    (void)state;
    struct hazard_trace t;
    struct hazard_rows rows;
    struct buffer first = {0}, other = {0};
    hazard_trace_init(&t);
    for (unsigned i = 0; i < 20; i++) {
        hazard_open(&t);
        hazard_exchange(&t, i, 100);
        if (i % 3 == 0) hazard_close(&t);
        hazard_next_flow(&t);
    }
    hazard_rows_init(&rows);
    hazard_run(&t, &rows);
    hazard_rows_print(&rows, HAZARD_ALL, "", &first);
    for (uint64_t key = 3; key < 10; key++) {
        struct hazard_settings settings = {.key = {.k0 = key << 40, .k1 = key}};
        hazard_run_with(&t, &settings, &rows);
        buffer_clear(&other);
        hazard_rows_print(&rows, HAZARD_ALL, "", &other);
        assert_int_equal(first.len, other.len);
        assert_memory_equal(first.ptr, other.ptr, first.len);
    }
    buffer_done(&first);
    buffer_done(&other);
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 15: segments beyond any window", segments_beyond_any_window),
        HAZARD("hazard 16: urgent bytes are in line", urgent_bytes_are_in_line),
        HAZARD("hazard 17: wrong checksums to mislead", wrong_checksums_to_mislead),
        HAZARD("hazard 17: wrong checksums to mislead, before any good one",
               wrong_checksums_to_mislead_at_once),
        HAZARD("hazard 17: wrong checksums of offload", wrong_checksums_of_offload),
        HAZARD("hazard 21: a SYN flood with real connections inside",
               syn_flood_with_real_connections_inside),
        HAZARD("hazard 22: colliding hashes", colliding_hashes),
        HAZARD("hazard 22: rows do not depend on the key",
               rows_do_not_depend_on_the_key),
    };
    return cmocka_run_group_tests_name("hazards: intent", tests, NULL, NULL);
}
