/* Fuzzes a database file as a stranger may hand it over: one that hopscope wrote, with
 * changes. The first byte says what reads it, the second which allocation of SQLite's
 * fails (0: none), the third how many more pages it has or lacks. Changes follow:
 *
 *   page, two bytes   at, two bytes (of the page)   length, one byte   bytes
 *
 * Whatever stands in the file: a sentence, or an answer whose form is right. */
#include "cli/row_record.h"
#include "cli/slice_choice.h"
#include "hopscope/export.h"
#include "hopscope/report_page.h"

#include "deadline.h"
#include "json_check.h"
#include "sample_database.h"
#include "sqlite_arena.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHANGES_MAX = 64, PAGE_BYTES = 4096, RUN_MS = 500, ROWS_MAX = 2000 };
enum { OUTPUT_BYTES_MAX = 1 << 20 };

/* libFuzzer hands no context round: what stays the same for every input. */
struct fuzz_state {
    uint8_t *image; /* of the sample */
    size_t size;
    int file;
    struct sqlite3_mem_methods memory; /* SQLite's own */
    uint32_t fail_at; /* allocations until the one that fails; 0: none */
};
static struct fuzz_state fuzz_state = {.file = -1};

static void begin(struct fuzz_state *f)
{
    struct stat about;
    sqlite_arena_begin();
    const char *path = sample_database_path();
    f->file = open(path, O_RDWR | O_CLOEXEC);
    must(f->file >= 0 && fstat(f->file, &about) == 0, path);
    f->size = (size_t)about.st_size;
    f->image = mem_alloc(f->size);
    must(pread(f->file, f->image, f->size, 0) == (ssize_t)f->size, path);
}

/* ---- the file ---- */

struct change {
    size_t at, length;
};

static void put(const struct fuzz_state *f, struct bytes part, size_t at)
{
    must(pwrite(f->file, part.ptr, part.len, (off_t)at) == (ssize_t)part.len, "write");
}

static size_t change_file(const struct fuzz_state *f, struct cursor *in,
                          struct change *changes)
{
    size_t count = 0, pages = f->size / PAGE_BYTES;
    while (count < CHANGES_MAX && cursor_left(in) > 5) {
        size_t page = cursor_be16(in) % pages;
        size_t at = page * PAGE_BYTES + cursor_be16(in) % PAGE_BYTES;
        size_t length = cursor_8(in);
        if (length > cursor_left(in)) length = cursor_left(in);
        if (length > f->size - at) length = f->size - at;
        put(f, cursor_take(in, length), at);
        changes[count++] = (struct change){.at = at, .length = length};
    }
    return count;
}

static void change_size(const struct fuzz_state *f, int8_t pages)
{
    int64_t size = (int64_t)f->size + (int64_t)pages * PAGE_BYTES / 4;
    if (size < 0) size = 0;
    must(ftruncate(f->file, size) == 0, "ftruncate");
}

static void restore(const struct fuzz_state *f, const struct change *changes,
                    size_t count, bool all)
{
    if (all) {
        must(ftruncate(f->file, (off_t)f->size) == 0, "ftruncate");
        put(f, bytes_of(f->image, f->size), 0);
        return;
    }
    for (size_t i = 0; i < count; i++)
        put(f, bytes_of(f->image + changes[i].at, changes[i].length), changes[i].at);
}

/* ---- what reads it ---- */

static enum status ask(void *context, const char *sql, struct rows *out,
                       struct problem *why)
{
    return query_run(context, sql, out, why);
}

static void read_views(struct query *q)
{
    static const char *const statements[] = {
        "SELECT * FROM captures",  "SELECT * FROM connections",
        "SELECT * FROM exchanges", "SELECT * FROM tunnels",
        "SELECT * FROM findings",  "SELECT * FROM headers",
        "PRAGMA integrity_check",
    };
    static const enum record_kind kinds[] = {RECORD_CAPTURE,  RECORD_CONNECTION,
                                             RECORD_EXCHANGE, RECORD_TUNNEL,
                                             RECORD_FINDING,  RECORD_HEADER};
    union {
        struct record_capture capture;
        struct record_connection connection;
        struct record_exchange exchange;
    } record;
    for (size_t i = 0; i < ARRAY_LENGTH(statements); i++) {
        struct problem why = {.text = ""};
        struct rows rows = {.context = NULL};
        const struct cell *cells = NULL;
        enum status rc = query_run(q, statements[i], &rows, &why);
        for (int k = 0; rc == STATUS_OK && k < ROWS_MAX; k++) {
            rc = rows_next(&rows, &cells, &why);
            if (rc != STATUS_OK || cells == NULL) break;
            if (i < ARRAY_LENGTH(kinds))
                row_record_fill(kinds[i], &rows, cells, &record);
        }
        must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
        rows_close(&rows);
    }
}

static void ask_questions(struct query *q, uint8_t first, struct report_page *page)
{
    struct question question;
    for (size_t i = first; i < first + 4u && question_get(i, &question); i++) {
        struct buffer sql = {.ptr = NULL};
        struct rows rows = {.context = NULL};
        struct problem why = {.text = ""};
        question_write_sql(&question, NULL, 0, &sql, &why);
        enum status rc = query_run(q, (const char *)sql.ptr, &rows, &why);
        const struct report_question section = {.name = question.name,
                                                .title = question.title,
                                                .about = question.about,
                                                .sql = buffer_bytes(&sql)};
        if (rc == STATUS_OK) rc = report_page_put_question(page, &section, &rows, &why);
        must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
        rows_close(&rows);
        buffer_done(&sql);
    }
}

static void report(struct query *q, uint8_t first)
{
    struct report_page *page = report_page_new("x");
    struct buffer out = {.ptr = NULL};
    const char *sql = NULL;
    for (size_t i = 0; (sql = report_page_query(i)) != NULL; i++) {
        struct problem why = {.text = ""};
        struct rows rows = {.context = NULL};
        enum status rc = query_run(q, sql, &rows, &why);
        if (rc == STATUS_OK) rc = report_page_put_query(page, i, &rows, &why);
        must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
        rows_close(&rows);
    }
    ask_questions(q, first, page);
    report_page_write(page, &out);
    must(out.len > 0, "a page");
    report_page_free(page);
    buffer_done(&out);
}

static enum status begin_part(void *context, const char *part, struct problem *why)
{
    (void)part, (void)why;
    buffer_clear(context);
    return STATUS_OK;
}

static enum status write_part(void *context, struct bytes part, struct problem *why)
{
    struct buffer *out = context;
    if (out->len + part.len > OUTPUT_BYTES_MAX)
        return problem_set(why, STATUS_FAILED, "enough");
    buffer_append(out, part);
    return STATUS_OK;
}

static void export_rows(struct query *q, uint8_t index)
{
    const struct export_format *format = export_format_at(index % 6);
    struct buffer out = {.ptr = NULL};
    struct problem why = {.text = ""};
    size_t values = 0;
    if (format == NULL) return;
    struct export_order order = {.source = {.context = q, .ask = ask},
                                 .target = {&out, begin_part, write_part}};
    enum status rc = format->run(&order, &why);
    must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
    bool is_json =
        strcmp(format->suffix, "csv") != 0 && strcmp(format->suffix, "log") != 0;
    if (rc == STATUS_OK && is_json)
        must(json_check_all(buffer_bytes(&out), &values), format->name);
    buffer_done(&out);
}

static void slice(struct query *q)
{
    struct slice_choice choice = {.ids = NULL};
    struct problem why = {.text = ""};
    slice_choice_read(&choice, q, "SELECT id FROM connections", &why);
    slice_choice_done(&choice);
}

static void read_file(uint8_t deed, uint8_t fail_at)
{
    struct query *q = NULL;
    struct problem why = {.text = ""};
    const volatile int *stop = deadline_set(RUN_MS);
    sqlite_arena.fail_at = fail_at * (1u + (deed >> 6) * 40u);
    enum status rc = query_open(sample_database_path(), stop, &q, &why);
    if (rc == STATUS_OK && (deed & 7) != 0) rc = query_check_views(q, &why);
    must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
    if (rc == STATUS_OK) {
        switch (deed & 7) {
        case 0:
        case 1:
        case 2: read_views(q); break;
        case 3:
        case 4: report(q, deed >> 3 & 31); break;
        case 5:
        case 6: export_rows(q, deed >> 3 & 7); break;
        case 7: slice(q); break;
        }
    }
    query_close(q);
    sqlite_arena.fail_at = 0;
    deadline_set(0);
    sample_database_remove_logs();
    must(sqlite_arena.live == 0, "SQLite has given everything back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_state *f = &fuzz_state;
    struct change changes[CHANGES_MAX];
    struct cursor in = cursor_of(bytes_of(data, size));
    if (f->file < 0) begin(f);
    uint8_t deed = cursor_8(&in), fail_at = cursor_8(&in);
    int8_t pages = (int8_t)cursor_8(&in);
    if (in.is_short) return 0;
    size_t count = change_file(f, &in, changes);
    if (pages != 0) change_size(f, pages);
    read_file(deed, fail_at);
    restore(f, changes, count, pages != 0);
    return 0;
}
