/* One row per code, out of the table that the program itself reads. What another
 * version has written there stays. */
#include "store/code_rows.h"

#include "hopscope/finding.h"

static int put_code(sqlite3_stmt *insert, const struct finding_description *d)
{
    const char *const columns[] = {d->name,  severity_name(d->severity),
                                   d->title, d->reference,
                                   d->zeek,  d->suricata};
    for (size_t i = 0; i < ARRAY_LENGTH(columns); i++) {
        if (columns[i][0] == '\0')
            sqlite3_bind_null(insert, (int)i + 1);
        else
            sqlite3_bind_text(insert, (int)i + 1, columns[i], -1, SQLITE_STATIC);
    }
    sqlite3_step(insert);
    return sqlite3_reset(insert);
}

int code_rows_fill(sqlite3 *db)
{
    sqlite3_stmt *insert = NULL;
    int rc = sqlite3_prepare_v2(
        db, "INSERT OR IGNORE INTO finding_code VALUES (?, ?, ?, ?, ?, ?)", -1, &insert,
        NULL);
    for (int code = 0; rc == SQLITE_OK && code < FINDING_CODE_COUNT; code++)
        rc = put_code(insert, finding_describe((enum finding_code)code));
    sqlite3_finalize(insert);
    return rc;
}
