/* Fuzzes what people ask a database. The first byte says what the rest, a text, is:
 *
 *   0  a statement for the gate of `hopscope sql`   2  words that choose a slice
 *   1  a question (the second byte) and its         3  names for --fail-on
 *      settings, name=value, a line each
 *
 * A question with settings that are taken can be run. No statement changes the file, or
 * runs beyond the stop flag. */
#include "cli/ask.h"
#include "cli/slice_choice.h"

#include "deadline.h"
#include "sample_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

enum { TEXT_MAX = 1024, SETTINGS_MAX = 4, ROWS_MAX = 200, RUN_MS = 200 };
enum { HEAP_BYTES_MAX = 256 << 20 };

/* libFuzzer hands no context round: the database is the same for every input. */
struct fuzz_state {
    struct query *query;
    struct timespec changed; /* the file, when it was opened */
    int64_t size;
};
static struct fuzz_state fuzz_state;

static void open_sample(struct fuzz_state *f)
{
    struct problem why = {.text = ""};
    struct stat about;
    const char *path = sample_database_path();
    must(stat(path, &about) == 0, "the file is there");
    f->changed = about.st_mtim;
    f->size = about.st_size;
    sqlite3_hard_heap_limit64(HEAP_BYTES_MAX);
    must(query_open(path, &deadline_flag, &f->query, &why) == STATUS_OK, why.text);
}

static void check_untouched(const struct fuzz_state *f)
{
    struct stat about;
    must(stat(sample_database_path(), &about) == 0, "the file is there");
    must(about.st_size == f->size && about.st_mtim.tv_sec == f->changed.tv_sec &&
             about.st_mtim.tv_nsec == f->changed.tv_nsec,
         "it is as it was");
}

static enum status take_rows(struct rows *rows, struct problem *why)
{
    const struct cell *cells = NULL;
    enum status rc = STATUS_OK;
    for (int i = 0; i < ROWS_MAX && rc == STATUS_OK; i++) {
        rc = rows_next(rows, &cells, why);
        if (cells == NULL) break;
    }
    rows_close(rows);
    return rc;
}

static void run_statement(struct query *q, const char *sql)
{
    struct problem why = {.text = ""};
    struct rows rows = {.context = NULL};
    enum status rc = query_run(q, sql, &rows, &why);
    if (rc == STATUS_OK) rc = take_rows(&rows, &why);
    must(rc == STATUS_OK || why.text[0] != '\0', "a sentence");
}

static void run_question(struct query *q, uint8_t index, char *text)
{
    const char *settings[SETTINGS_MAX];
    size_t count = 0;
    struct buffer sql = {.ptr = NULL};
    struct problem why = {.text = ""};
    struct rows rows = {.context = NULL};
    struct question question;
    char *rest = text;
    if (!question_get(index % 32, &question)) return;
    while (rest != NULL && *rest != '\0' && count < SETTINGS_MAX) {
        char *line = strsep(&rest, "\n");
        settings[count++] = line;
    }
    enum status rc = question_write_sql(&question, settings, count, &sql, &why);
    must(rc == STATUS_OK || (rc == STATUS_USAGE && why.text[0] != '\0'), "a sentence");
    if (rc == STATUS_OK) {
        rc = query_run(q, (const char *)sql.ptr, &rows, &why);
        if (rc == STATUS_OK) rc = take_rows(&rows, &why);
        must(rc == STATUS_OK || deadline_flag != 0, why.text);
    }
    buffer_done(&sql);
}

static void choose(struct query *q, const char *words)
{
    struct slice_choice choice = {.ids = NULL};
    struct problem why = {.text = ""};
    struct buffer out = {.ptr = NULL};
    if (slice_choice_read(&choice, q, words, &why) == STATUS_OK) {
        for (size_t i = 0; i < choice.comment_count; i++)
            slice_choice_comment(&choice, choice.comments[i].ref, &out);
        must(choice.stretch_count > 0, "something is chosen");
    } else {
        must(why.text[0] != '\0', "a sentence");
    }
    slice_choice_done(&choice);
    buffer_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX];
    struct problem why;
    if (size < 2 || size - 1 >= sizeof text) return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (fuzz_state.query == NULL) open_sample(&fuzz_state);
    deadline_set(RUN_MS);
    switch (data[0] & 3) {
    case 0: run_statement(fuzz_state.query, text); break;
    case 1: run_question(fuzz_state.query, data[1], text + 1); break;
    case 2: choose(fuzz_state.query, text); break;
    case 3: ask_gate_check(text, &why); break;
    }
    deadline_set(0);
    check_untouched(&fuzz_state);
    return 0;
}
