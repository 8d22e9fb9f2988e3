/* Counts, and gates that end a build when a question has rows. */
#include "cli/ask.h"
#include "cli/likeness.h"
#include "cli/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { GATE_NAME_MAX = 64 };

/* ---- names ---- */

/* Takes a name off the list; false: the list is at its end. */
static bool ask_gate_take(const char **rest, char name[GATE_NAME_MAX])
{
    if (**rest == '\0') return false;
    size_t len = strcspn(*rest, ",");
    size_t kept = len < GATE_NAME_MAX - 1 ? len : GATE_NAME_MAX - 1;
    memcpy(name, *rest, kept);
    name[kept] = '\0';
    *rest += len;
    if (**rest == ',') ++*rest;
    return true;
}

enum status ask_refuse_name(const char *what, const char *name, struct problem *why)
{
    struct likeness like = likeness_of(name);
    struct question q;
    for (size_t i = 0; question_get(i, &q); i++) likeness_try(&like, q.name);
    if (like.name != NULL)
        return problem_set(why, STATUS_USAGE, "%s '%.100s', but %s is one", what, name,
                           like.name);
    return problem_set(why, STATUS_USAGE, "%s '%.100s'; hopscope ask DB lists them",
                       what, name);
}

bool ask_gate_next(const char **rest, struct question *out)
{
    char name[GATE_NAME_MAX];
    return ask_gate_take(rest, name) && question_find(name, out);
}

enum status ask_gate_check(const char *names, struct problem *why)
{
    char name[GATE_NAME_MAX];
    struct question q;
    while (ask_gate_take(&names, name)) {
        if (question_find(name, &q)) continue;
        return ask_refuse_name("--fail-on takes names of questions, not", name, why);
    }
    return STATUS_OK;
}

/* ---- counting ---- */

enum status ask_count(struct query *q, const struct question *question, int64_t *count,
                      struct problem *why)
{
    struct buffer select = {.ptr = NULL}, sql = {.ptr = NULL};
    struct rows rows = {.context = NULL};
    const struct cell *cells = NULL;
    *count = 0;
    enum status rc = question_write_sql(question, NULL, 0, &select, why);
    if (rc != STATUS_OK) goto done;
    buffer_print(&sql, "SELECT COUNT(*) FROM (\n%s)", (const char *)select.ptr);
    buffer_append(&sql, bytes_of("", 1));
    rc = query_run(q, (const char *)sql.ptr, &rows, why);
    if (rc == STATUS_OK) rc = rows_next(&rows, &cells, why);
    if (rc == STATUS_OK && cells != NULL) *count = cells[0].integer;
done:
    rows_close(&rows);
    buffer_done(&sql);
    buffer_done(&select);
    return rc;
}

enum status ask_gate_run(struct query *q, const char *names, struct problem *why)
{
    struct question question;
    bool is_matched = false;
    while (ask_gate_next(&names, &question)) {
        char sentence[128];
        int64_t count = 0;
        enum status rc = ask_count(q, &question, &count, why);
        if (rc != STATUS_OK) return rc;
        if (count == 0) continue;
        is_matched = true;
        snprintf(sentence, sizeof sentence, "%s has %" PRId64 " row%s", question.name,
                 count, count == 1 ? "" : "s");
        output_complain(sentence);
    }
    return is_matched ? STATUS_MATCHED : STATUS_OK;
}

enum status ask_gate_run_on(const char *path, const char *names,
                            const volatile int *stop, struct problem *why)
{
    struct query *q = NULL;
    enum status rc = query_open(path, stop, &q, why);
    if (rc == STATUS_OK) rc = ask_gate_run(q, names, why);
    query_close(q);
    return rc;
}
