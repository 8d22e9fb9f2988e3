/* The list of questions as rows: each is counted when its row is taken. */
#include "cli/ask.h"

#include <stdio.h>

enum { LIST_COLUMNS_MAX = 5 };

static const char *const list_names[] = {"question", "rows", "title"};
static const char *const compared_names[] = {"question", "before", "after", "change",
                                             "title"};

struct ask_list_rows {
    struct ask_list what;
    const char *rest; /* of what.names */
    size_t next;
    struct cell cells[LIST_COLUMNS_MAX];
};

static void ask_list_tell(const struct ask_list *what, const char *name)
{
    if (what->has_bar) fprintf(stderr, "\r%-32s\r%s", "", name);
}

static bool ask_list_take(struct ask_list_rows *l, struct question *q)
{
    if (l->what.names != NULL) return ask_gate_next(&l->rest, q);
    return question_get(l->next++, q);
}

static enum status ask_list_next(void *context, const struct cell **cells,
                                 struct problem *why)
{
    struct ask_list_rows *l = context;
    struct question q;
    enum status rc = STATUS_OK;
    int64_t before = 0, after = 0;
    *cells = NULL;
    if (!ask_list_take(l, &q)) {
        ask_list_tell(&l->what, "");
        return STATUS_OK;
    }
    ask_list_tell(&l->what, q.name);
    if (l->what.before != NULL) rc = ask_count(l->what.before, &q, &before, why);
    if (rc == STATUS_OK) rc = ask_count(l->what.after, &q, &after, why);
    if (rc != STATUS_OK) {
        ask_list_tell(&l->what, "");
        return rc;
    }
    size_t column = 0;
    l->cells[column++] =
        (struct cell){.kind = CELL_TEXT, .text = bytes_of_text(q.name)};
    if (l->what.before != NULL)
        l->cells[column++] = (struct cell){.kind = CELL_INTEGER, .integer = before};
    l->cells[column++] = (struct cell){.kind = CELL_INTEGER, .integer = after};
    if (l->what.before != NULL)
        l->cells[column++] =
            (struct cell){.kind = CELL_INTEGER, .integer = after - before};
    l->cells[column] = (struct cell){.kind = CELL_TEXT, .text = q.title};
    *cells = l->cells;
    return STATUS_OK;
}

void ask_list_open(const struct ask_list *what, struct rows *out)
{
    struct ask_list_rows *l = mem_alloc(sizeof *l);
    *l = (struct ask_list_rows){.what = *what, .rest = what->names};
    bool is_compared = what->before != NULL;
    *out = (struct rows){
        .context = l,
        .names = is_compared ? compared_names : list_names,
        .column_count =
            is_compared ? ARRAY_LENGTH(compared_names) : ARRAY_LENGTH(list_names),
        .next = ask_list_next,
        .close = mem_free,
    };
}
