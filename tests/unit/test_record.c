/* record: the field tables against the structs, blocks, and what tcp knows as a record.
 */
#include "random_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- the tables ---- */

static void every_name_is_there_once(void **state)
{
    (void)state;
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        const struct record_layout *layout = record_layout((enum record_kind)k);
        for (size_t i = 0; i < layout->field_count; i++) {
            const struct field *f = &layout->fields[i];
            assert_ptr_equal(record_field((enum record_kind)k, f->name), f);
            assert_non_null(f->title);
            assert_true(f->offset < layout->size);
        }
        assert_null(record_field((enum record_kind)k, "nonsense"));
    }
}

static void a_cleared_record_says_nothing(void **state)
{
    (void)state;
    for (int k = 0; k < RECORD_KIND_COUNT; k++) {
        const struct record_layout *layout = record_layout((enum record_kind)k);
        union any_record record;
        record_clear((enum record_kind)k, &record);
        for (size_t i = 0; i < layout->field_count; i++) {
            const struct field *f = &layout->fields[i];
            random_record_formats((enum record_kind)k, f->name, &record, "");
            assert_true(record_integer(f, &record) == RECORD_UNKNOWN);
            assert_null(record_text(f, &record).ptr);
        }
    }
}

/* ---- blocks ---- */

enum { BLOCK_RECORDS = 20000 };

struct replay {
    struct random_source random;
    size_t count, fails_at;
};

static enum status compare_next(void *context, enum record_kind kind,
                                const void *record)
{
    struct replay *r = context;
    if (r->count == r->fails_at) return STATUS_FAILED;
    enum record_kind expected_kind = (enum record_kind)(r->count % RECORD_KIND_COUNT);
    union any_record expected;
    random_record(&r->random, expected_kind,
                  (enum random_fill)(r->count % RANDOM_FILL_COUNT), 1, &expected);
    assert_int_equal(kind, expected_kind);
    const struct record_layout *layout = record_layout(kind);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (strcmp(f->name, "community_id") == 0) continue; /* made by the block */
        struct bytes a = record_text(f, record), b = record_text(f, &expected);
        assert_true(bytes_equal(a, b));
        assert_int_equal(a.ptr == NULL, b.ptr == NULL);
        assert_true(record_integer(f, record) == record_integer(f, &expected));
    }
    r->count++;
    return STATUS_OK;
}

static void blocks_give_back_what_was_put(void **state)
{
    (void)state;
    struct replay replay = {.random = {42}, .fails_at = SIZE_MAX};
    struct random_source random = {42};
    struct record_sink sink = {.context = &replay, .put = compare_next};
    struct record_block *b = record_block_new();
    size_t drains = 0;
    assert_true(record_block_is_empty(b));
    for (size_t i = 0; i < BLOCK_RECORDS; i++) {
        enum record_kind kind = (enum record_kind)(i % RECORD_KIND_COUNT);
        union any_record record;
        random_record(&random, kind, (enum random_fill)(i % RANDOM_FILL_COUNT), 1,
                      &record);
        record_block_put(b, kind, &record);
        memset(&record, 0xa5, sizeof record);
        if (!record_block_is_full(b)) continue;
        assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
        assert_true(record_block_is_empty(b));
        drains++;
    }
    assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    assert_int_equal(replay.count, BLOCK_RECORDS);
    assert_true(drains > 2);
    record_block_free(b);
    record_block_free(NULL);
}

static enum status measure_target(void *context, enum record_kind kind,
                                  const void *record)
{
    assert_int_equal(kind, RECORD_EXCHANGE);
    *(size_t *)context += ((const struct record_exchange *)record)->target.len;
    return STATUS_OK;
}

static void a_huge_text_fits(void **state)
{
    (void)state;
    enum { HUGE_BYTES = 3 << 20 };
    char *huge = mem_alloc(HUGE_BYTES);
    size_t seen = 0;
    struct record_sink sink = {.context = &seen, .put = measure_target};
    struct record_block *b = record_block_new();
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    for (int round = 0; round < 2; round++) {
        e.target = bytes_of_text("/");
        record_block_put(b, RECORD_EXCHANGE, &e);
        e.target = bytes_of(huge, HUGE_BYTES);
        record_block_put(b, RECORD_EXCHANGE, &e);
        assert_true(record_block_is_full(b));
        assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    }
    assert_int_equal(seen, 2 * (HUGE_BYTES + 1));
    record_block_free(b);
    mem_free(huge);
}

enum { ROOMS = 3000 };

/* What the record in room number `i` has, in texts that differ in length. */
static void room_texts(size_t i, char target[32], char host[32])
{
    snprintf(target, 32, "/%zu", i * i);
    snprintf(host, 32, "%.*s", (int)(i % 3), "host");
}

static enum status expect_room(void *context, enum record_kind kind, const void *record)
{
    size_t *i = context;
    const struct record_exchange *e = record;
    char target[32], host[32];
    assert_int_equal(kind, RECORD_EXCHANGE);
    if (e->id == 0) return STATUS_OK; /* the huge one */
    room_texts(*i, target, host);
    assert_int_equal(e->id, (int64_t)*i + 1);
    assert_true(bytes_are(e->target, target));
    assert_true(bytes_are(e->host, host));
    assert_true(bytes_are(e->server, "static"));
    assert_null(e->method.ptr);
    (*i)++;
    return STATUS_OK;
}

/* A room that is filled and put, one that is left, and what makes the block move. */
static void records_are_made_in_their_place(void **state)
{
    (void)state;
    size_t seen = 0;
    struct record_sink sink = {.context = &seen, .put = expect_room};
    struct record_block *b = record_block_new();
    for (size_t i = 0; i < ROOMS; i++) {
        char target[32], host[32];
        room_texts(i, target, host);
        struct bytes texts[] = {bytes_of_text(target), bytes_of_text(host)};
        if (i % 7 == 0) record_block_room(b, RECORD_CONNECTION, i);
        struct record_exchange *e =
            record_block_room(b, RECORD_EXCHANGE, texts[0].len + texts[1].len);
        uint8_t *behind = (uint8_t *)(e + 1);
        record_clear(RECORD_EXCHANGE, e);
        e->id = (int64_t)i + 1;
        memcpy(behind, target, texts[0].len);
        memcpy(behind + texts[0].len, host, texts[1].len);
        e->target = bytes_of(behind, texts[0].len);
        e->host = bytes_of(behind + texts[0].len, texts[1].len);
        e->server = bytes_of_text("static");
        record_block_put(b, RECORD_EXCHANGE, e);
        if (i % 1000 != 999) continue;
        struct record_exchange huge;
        record_clear(RECORD_EXCHANGE, &huge);
        huge.id = 0;
        char *text = mem_alloc(1 << 20);
        huge.target = bytes_of(text, 1 << 20);
        record_block_put(b, RECORD_EXCHANGE, &huge);
        mem_free(text);
        if (i % 2000 == 1999) continue; /* the next ones stand behind it */
        assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    }
    assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    assert_int_equal(seen, ROOMS);
    record_block_free(b);
}

static void a_failing_sink_stops_the_drain(void **state)
{
    (void)state;
    struct replay replay = {.random = {7}, .fails_at = 3};
    struct random_source random = {7};
    struct record_sink sink = {.context = &replay, .put = compare_next};
    struct record_block *b = record_block_new();
    for (size_t i = 0; i < 5; i++) {
        union any_record record;
        random_record(&random, (enum record_kind)i,
                      (enum random_fill)(i % RANDOM_FILL_COUNT), 1, &record);
        record_block_put(b, (enum record_kind)i, &record);
    }
    assert_int_equal(record_block_drain(b, &sink), STATUS_FAILED);
    assert_int_equal(replay.count, 3);
    assert_true(record_block_is_empty(b));
    record_block_free(b);
}

/* ---- from a connection ---- */

static struct conn silent_conn(void)
{
    struct conn c = {
        .id = UINT64_C(2) << 32 | 5,
        .first_ref = UINT64_C(2) << 32 | 5,
        .last_ref = UINT64_C(3) << 32 | 9,
        .syn_ns = TIME_UNKNOWN,
        .last_syn_ns = TIME_UNKNOWN,
        .synack_ns = TIME_UNKNOWN,
        .ack_ns = TIME_UNKNOWN,
        .close_ns = TIME_UNKNOWN,
    };
    return c;
}

static void a_connection_becomes_a_record(void **state)
{
    (void)state;
    struct conn c = silent_conn();
    /* The published vectors of Community ID v1: either direction gives the same. */
    c.client =
        (struct endpoint){.address = {128, 232, 110, 120}, .port = 34855, .version = 4};
    c.server =
        (struct endpoint){.address = {66, 35, 250, 204}, .port = 80, .version = 4};
    c.open_kind = OPEN_HANDSHAKE;
    c.open_result = OPEN_ESTABLISHED;
    c.role_basis = ROLE_SYN;
    c.protocol = PROTOCOL_TLS;
    c.closed_by = CLOSED_BY_SERVER;
    c.close_kind = CLOSE_FIN;
    c.start_ns = c.syn_ns = 1000000000999;
    c.last_syn_ns = 1003000000000;
    c.synack_ns = 1003000020999;
    c.ack_ns = 1003000030998;
    c.end_ns = 1004000000000;
    c.syn_retransmits = 2;
    struct conn_trouble client = {.stall_ns = 1999}, server = {.zero_window_ns = 5000};
    c.side[SIDE_CLIENT] =
        (struct conn_side){.packets = 4, .bytes = 100, .trouble = &client};
    c.side[SIDE_SERVER].trouble = &server;
    char community_id[40];
    struct record_connection r;
    record_connection_of(&c, community_id, &r);
    random_record_formats(RECORD_CONNECTION, "id", &r, "8589934597");
    random_record_formats(RECORD_CONNECTION, "capture_id", &r, "2");
    random_record_formats(RECORD_CONNECTION, "community_id", &r,
                          "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    random_record_formats(RECORD_CONNECTION, "first_packet", &r, "5");
    random_record_formats(RECORD_CONNECTION, "last_packet", &r, "9");
    random_record_formats(RECORD_CONNECTION, "last_capture_id", &r, "3");
    random_record_formats(RECORD_CONNECTION, "state", &r, "closed");
    random_record_formats(RECORD_CONNECTION, "protocol", &r, "tls");
    random_record_formats(RECORD_CONNECTION, "start_us", &r, "1000000000");
    random_record_formats(RECORD_CONNECTION, "end_us", &r, "1004000000");
    random_record_formats(RECORD_CONNECTION, "synack_rtt_us", &r, "20");
    random_record_formats(RECORD_CONNECTION, "ack_rtt_us", &r, "10");
    random_record_formats(RECORD_CONNECTION, "handshake_us", &r, "3000030");
    random_record_formats(RECORD_CONNECTION, "syn_retransmits", &r, "2");
    random_record_formats(RECORD_CONNECTION, "synack_retransmits", &r, "0");
    random_record_formats(RECORD_CONNECTION, "client_packets", &r, "4");
    random_record_formats(RECORD_CONNECTION, "server_packets", &r, "0");
    random_record_formats(RECORD_CONNECTION, "client_stall_us", &r, "1");
    random_record_formats(RECORD_CONNECTION, "server_zero_window_us", &r, "5");
    random_record_formats(RECORD_CONNECTION, "closed_by", &r, "server");
    random_record_formats(RECORD_CONNECTION, "close_kind", &r, "fin");
    random_record_formats(RECORD_CONNECTION, "close_cause", &r, "");
    random_record_formats(RECORD_CONNECTION, "tunnel_id", &r, "");
    random_record_formats(RECORD_CONNECTION, "findings", &r, "0");
    conn_flip(&c, ROLE_REQUEST);
    record_connection_of(&c, community_id, &r);
    random_record_formats(RECORD_CONNECTION, "community_id", &r,
                          "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}

static void what_was_not_seen_is_null(void **state)
{
    (void)state;
    struct conn c = silent_conn();
    c.open_kind = OPEN_MIDSTREAM;
    c.open_result = OPEN_RESULT_MIDSTREAM;
    c.close_kind = CLOSE_OPEN;
    c.tunnel_id = 9;
    c.vlan = 12;
    c.start_ns = -1;
    c.client =
        (struct endpoint){.address = {0xfe, 0x80, [15] = 1}, .port = 1, .version = 6};
    c.server =
        (struct endpoint){.address = {0xfe, 0x80, [15] = 2}, .port = 2, .version = 6};
    char community_id[40];
    struct record_connection r;
    record_connection_of(&c, community_id, &r);
    static const char *const nulls[] = {
        "synack_rtt_us",      "ack_rtt_us", "handshake_us", "syn_retransmits",
        "synack_retransmits", "protocol",   "exchanges",    "closed_by",
        "idle_max_us",        "conn_state",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(nulls); i++)
        random_record_formats(RECORD_CONNECTION, nulls[i], &r, "");
    random_record_formats(RECORD_CONNECTION, "state", &r, "open");
    random_record_formats(RECORD_CONNECTION, "start_us", &r, "-1");
    random_record_formats(RECORD_CONNECTION, "tunnel_id", &r, "9");
    random_record_formats(RECORD_CONNECTION, "vlan", &r, "12");
    assert_int_equal(r.community_id.len, 30);
    c.server.version = 4;
    record_connection_of(&c, community_id, &r);
    assert_null(r.community_id.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_there_once),
        cmocka_unit_test(a_cleared_record_says_nothing),
        cmocka_unit_test(blocks_give_back_what_was_put),
        cmocka_unit_test(a_huge_text_fits),
        cmocka_unit_test(records_are_made_in_their_place),
        cmocka_unit_test(a_failing_sink_stops_the_drain),
        cmocka_unit_test(a_connection_becomes_a_record),
        cmocka_unit_test(what_was_not_seen_is_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
