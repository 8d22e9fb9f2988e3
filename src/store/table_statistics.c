/* ANALYZE reads every page of a table that has no index, to count its rows; and where
 * it looks at the first entries of an index only, it guesses how many there are from
 * how full the pages are, which depends on the order of the rows, and that on the
 * threads. But who wrote the rows knows how many they are.
 *
 *   tables with an index --ANALYZE--> '29448 126' --our count--> '29503 126'
 *   the others -----------------------------------------------> '244' */
#include "store/table_statistics.h"

#include "store/common_text.h"

static int set_count(sqlite3 *db, sqlite3_stmt *update, sqlite3_stmt *insert,
                     const char *table, uint64_t count)
{
    if (count == 0) return SQLITE_OK;
    sqlite3_bind_text(update, 1, table, -1, SQLITE_STATIC);
    sqlite3_bind_int64(update, 2, (int64_t)count);
    sqlite3_step(update);
    int rc = sqlite3_reset(update);
    if (rc != SQLITE_OK || sqlite3_changes(db) > 0) return rc;
    sqlite3_bind_text(insert, 1, table, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, (int64_t)count);
    sqlite3_step(insert);
    return sqlite3_reset(insert);
}

int table_statistics_write(sqlite3 *db,
                           const struct table_plan plans[RECORD_KIND_COUNT],
                           const struct inserter *in)
{
    sqlite3_stmt *update = NULL, *insert = NULL;
    int rc = sqlite3_exec(db,
                          "PRAGMA analysis_limit=1000; ANALYZE finding_code;"
                          "ANALYZE exchange; ANALYZE finding; ANALYZE header",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(
            db,
            "UPDATE sqlite_stat1 SET stat = ?2 || substr(stat, instr(stat, ' ')) "
            "WHERE tbl = ?1",
            -1, &update, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "INSERT INTO sqlite_stat1 VALUES (?1, NULL, ?2)",
                                -1, &insert, NULL);
    /* The common ones alone: no row uses any yet, as where a live capture begins. */
    uint64_t texts = sqlite_insert_text_count(in);
    if (rc == SQLITE_OK && texts > COMMON_TEXT_COUNT)
        rc = set_count(db, update, insert, "text", texts);
    for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
        const struct table_plan *plan = &plans[i];
        for (size_t k = 0; rc == SQLITE_OK && k <= plan->side_count; k++)
            rc = set_count(db, update, insert,
                           k == 0 ? plan->main.name : plan->sides[k - 1].name,
                           sqlite_insert_row_count(in, plan->kind, k));
    }
    sqlite3_finalize(update);
    sqlite3_finalize(insert);
    return rc;
}
