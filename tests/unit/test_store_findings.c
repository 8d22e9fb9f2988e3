/* store: a connection's findings, in a table that is its own index. */
#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* Those of a connection are found without an index beside them, in the order of their
 * ids, whatever the order they came in; and what does not fit is whole. The planner is
 * told how many there are. */
static void findings_lie_by_their_connection(void **state)
{
    (void)state;
    enum { CONNECTIONS = 700, EACH = 3 };
    const int64_t first = INT64_C(1) << 32;
    struct store *s = store_folder_open("x.db");
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    f.code = FINDING_LINE_LF + 1;
    for (int64_t k = EACH; k > 0; k--) {
        for (int64_t i = 0; i < CONNECTIONS; i++) {
            f.connection_id = first + (i * 11) % CONNECTIONS;
            f.id = f.connection_id << 16 | k;
            f.exchange_ordinal = k == 2 ? INT64_C(1) << 40 : k;
            f.ref = (uint64_t)f.connection_id + (k == 3 ? UINT64_C(1) << 32 : 0);
            store_folder_put(s, RECORD_FINDING, &f);
        }
    }
    store_folder_finish(s);
    store_folder_answers("x.db", "PRAGMA integrity_check", "ok");
    store_folder_answers("x.db",
                         "SELECT group_concat((id & 65535) || ':' || exchange_ordinal "
                         "|| ':' || packet ||"
                         " ':' || packet_capture_id || ':' || code, ' ') FROM findings"
                         " WHERE connection_id = (1 << 32) + 5",
                         "1:1:5:1:line_lf 2:1099511627776:5:1:line_lf 3:3:5:2:line_lf");
    store_folder_answers("x.db", "SELECT count(*) FROM finding_large", "700");
    store_folder_answers("x.db", "SELECT stat FROM sqlite_stat1 WHERE idx = 'finding'",
                         "2100 3 1");
    static const char *const questions[] = {
        "EXPLAIN QUERY PLAN SELECT * FROM findings WHERE connection_id = 5",
        "EXPLAIN QUERY PLAN SELECT * FROM findings WHERE connection_id = 5 AND id > 7",
    };
    static const char *const plans[] = {
        "SEARCH finding USING PRIMARY KEY (connection_id=?)",
        "SEARCH finding USING PRIMARY KEY (connection_id=? AND id>?)",
    };
    sqlite3 *db = store_folder_connect("x.db");
    for (size_t i = 0; i < ARRAY_LENGTH(questions); i++) {
        sqlite3_stmt *q = store_folder_query(db, questions[i]);
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(q, 3), plans[i]);
        sqlite3_finalize(q);
    }
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(findings_lie_by_their_connection,
                                        store_folder_enter, store_folder_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
