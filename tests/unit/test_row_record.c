/* cli: rows of a database that anybody may have written, back into records. */
#include "cli/row_record.h"

#include "hopscope/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMNS_MAX = 8 };

/* A row of one kind; names end with NULL. */
struct row {
    const char *names[COLUMNS_MAX + 1];
    struct cell cells[COLUMNS_MAX];
};

static void fill(enum record_kind kind, const struct row *row, void *record)
{
    struct rows rows = {.names = row->names};
    while (row->names[rows.column_count] != NULL) rows.column_count++;
    row_record_fill(kind, &rows, row->cells, record);
}

#define TEXT(words)                                     \
    {                                                   \
        .kind = CELL_TEXT, .text = bytes_of_text(words) \
    }
#define NUMBER(value)                            \
    {                                            \
        .kind = CELL_INTEGER, .integer = (value) \
    }
#define REAL(value)                        \
    {                                      \
        .kind = CELL_REAL, .real = (value) \
    }
#define NOTHING           \
    {                     \
        .kind = CELL_NULL \
    }

/* ---- addresses and ports ---- */

static void addresses_are_read_or_not_known(void **state)
{
    const struct {
        struct cell cell;
        unsigned version;
        uint8_t last;
    } cases[] = {
        {TEXT("10.1.2.3"), 4, 3},
        {TEXT("2001:db8::17"), 6, 0x17},
        {TEXT("10.1.2"), 0, 0},
        {TEXT("somebody"), 0, 0},
        {TEXT(""), 0, 0},
        {TEXT("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 0, 0},
        {NUMBER(10), 0, 0},
        {NOTHING, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_connection c;
        struct record_exchange e;
        struct row row = {{"client_ip", "client_port", "server_ip", "server_port"},
                          {cases[i].cell, NUMBER(4711), cases[i].cell, NOTHING}};
        fill(RECORD_CONNECTION, &row, &c);
        assert_int_equal(c.client.version, cases[i].version);
        assert_int_equal(c.client.port, 4711);
        assert_int_equal(c.server.port, 0);
        /* An exchange has them from its connection, by the same names. */
        fill(RECORD_EXCHANGE, &row, &e);
        assert_int_equal(e.endpoint[SIDE_CLIENT].version, cases[i].version);
        assert_int_equal(e.endpoint[SIDE_SERVER].version, cases[i].version);
        assert_int_equal(e.endpoint[SIDE_CLIENT].port, 4711);
        assert_int_equal(e.endpoint[SIDE_SERVER].port, 0);
        if (cases[i].version == 0) continue;
        const uint8_t *last = &c.client.address[cases[i].version == 4 ? 3 : 15];
        assert_int_equal(*last, cases[i].last);
    }
}

/* ---- numbers ---- */

static void numbers_that_no_capture_has_are_not_known(void **state)
{
    const struct {
        struct cell cell;
        int64_t bytes, start_us, connection_id;
    } cases[] = {
        {NUMBER(17), 17, 17, 17},
        {NUMBER(0), 0, 0, 0},
        {NUMBER(-5), -5, -5, -5},
        {NUMBER(INT64_C(1) << 53), INT64_C(1) << 53, INT64_C(1) << 53,
         INT64_C(1) << 53},
        {NUMBER((INT64_C(1) << 53) + 1), RECORD_UNKNOWN, (INT64_C(1) << 53) + 1,
         (INT64_C(1) << 53) + 1},
        {NUMBER(INT64_MAX), RECORD_UNKNOWN, RECORD_UNKNOWN, INT64_MAX},
        {NUMBER(-INT64_MAX), RECORD_UNKNOWN, RECORD_UNKNOWN, -INT64_MAX},
        {REAL(17), RECORD_UNKNOWN, RECORD_UNKNOWN, RECORD_UNKNOWN},
        {TEXT("17"), RECORD_UNKNOWN, RECORD_UNKNOWN, RECORD_UNKNOWN},
        {NOTHING, RECORD_UNKNOWN, RECORD_UNKNOWN, RECORD_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_exchange e;
        struct row row = {{"response_body_bytes", "request_start_us", "connection_id"},
                          {cases[i].cell, cases[i].cell, cases[i].cell}};
        fill(RECORD_EXCHANGE, &row, &e);
        assert_int_equal(e.message[SIDE_SERVER].body_bytes, cases[i].bytes);
        assert_int_equal(e.request_start_us, cases[i].start_us);
        assert_int_equal(e.connection_id, cases[i].connection_id);
    }
}

/* ---- words and claims ---- */

static void words_are_those_of_the_table(void **state)
{
    const struct {
        struct cell state, close, target;
        unsigned state_is, close_is;
        size_t target_len;
    } cases[] = {
        {TEXT("complete"), NUMBER(1), TEXT("/a"), EXCHANGE_COMPLETE, TRI_YES, 2},
        {TEXT("open"), NUMBER(0), TEXT(""), EXCHANGE_OPEN, TRI_NO, 0},
        {TEXT("complet"), NUMBER(-7), NUMBER(5), EXCHANGE_UNKNOWN, TRI_YES, 0},
        {NUMBER(1), TEXT("1"), NOTHING, EXCHANGE_UNKNOWN, TRI_UNKNOWN, 0},
        {NOTHING, NOTHING, NOTHING, EXCHANGE_UNKNOWN, TRI_UNKNOWN, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_exchange e;
        struct row row = {{"state", "request_close", "target", "no_such_column"},
                          {cases[i].state, cases[i].close, cases[i].target, NUMBER(1)}};
        fill(RECORD_EXCHANGE, &row, &e);
        assert_int_equal(e.state, cases[i].state_is);
        assert_int_equal(e.request_close, cases[i].close_is);
        assert_int_equal(e.target.len, cases[i].target_len);
    }
}

/* ---- packets: number and capture are two columns of one member ---- */

static void a_packet_is_its_number_in_its_capture(void **state)
{
    static const uint64_t second = UINT64_C(2) << 32;
    const struct {
        struct cell packet, capture;
        uint64_t ref;
    } cases[] = {
        {NUMBER(7), NUMBER(2), second | 7},
        {NUMBER(7), NOTHING, 7},
        {NOTHING, NUMBER(2), second},
        {NOTHING, NOTHING, 0},
        {NUMBER(-1), NUMBER(2), second | UINT32_MAX},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct record_exchange e;
        struct row row = {{"request_packet", "request_capture_id"},
                          {cases[i].packet, cases[i].capture}};
        fill(RECORD_EXCHANGE, &row, &e);
        assert_int_equal(e.request_ref, cases[i].ref);
    }
}

/* A capture's column that stands behind another packet, or behind none, is nobody's. */
static void a_capture_belongs_to_the_packet_before_it(void **state)
{
    struct record_connection c;
    struct row alone = {{"first_capture_id"}, {NUMBER(2)}};
    struct row astray = {{"first_packet", "last_capture_id"}, {NUMBER(7), NUMBER(2)}};
    struct row behind = {{"state", "first_capture_id"}, {NOTHING, NUMBER(2)}};
    (void)state;
    fill(RECORD_CONNECTION, &alone, &c);
    assert_int_equal(c.first_ref, 0);
    fill(RECORD_CONNECTION, &astray, &c);
    assert_int_equal(c.first_ref, 7);
    assert_int_equal(c.last_ref, 0);
    fill(RECORD_CONNECTION, &behind, &c);
    assert_int_equal(c.first_ref, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_or_not_known),
        cmocka_unit_test(numbers_that_no_capture_has_are_not_known),
        cmocka_unit_test(words_are_those_of_the_table),
        cmocka_unit_test(a_packet_is_its_number_in_its_capture),
        cmocka_unit_test(a_capture_belongs_to_the_packet_before_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
