/* A selection, and its records in the order in which a capture puts them. */
#include "ui/saving.h"

#include <stdlib.h>
#include <string.h>

static struct model_connection *connection_at(const struct ui_selection *s,
                                              size_t index)
{
    return model_connection(s->model, s->ids[index]);
}

const int64_t *ui_selection_ids(const struct ui_selection *s, size_t *count)
{
    *count = s->count;
    return s->ids;
}

const struct record_connection *ui_selection_connection(const struct ui_selection *s,
                                                        size_t index)
{
    const struct model_connection *c = connection_at(s, index);
    return c == NULL ? NULL : c->record;
}

static enum status put_exchange(const struct model_exchange *e,
                                const struct record_sink *sink)
{
    enum status rc = sink->put(sink->context, RECORD_EXCHANGE, e->record);
    for (const struct model_header *h = e->headers; rc == STATUS_OK && h != NULL;
         h = h->next)
        rc = sink->put(sink->context, RECORD_HEADER, h->record);
    return rc;
}

static enum status put_connection(const struct model_connection *c,
                                  const struct record_sink *sink)
{
    enum status rc = STATUS_OK;
    for (const struct model_exchange *e = c->first; rc == STATUS_OK && e != NULL;
         e = e->after)
        rc = put_exchange(e, sink);
    if (rc == STATUS_OK) rc = sink->put(sink->context, RECORD_CONNECTION, c->record);
    if (rc == STATUS_OK && c->tunnel != NULL)
        rc = sink->put(sink->context, RECORD_TUNNEL, c->tunnel);
    return rc;
}

static int compare_ids(const void *left, const void *right)
{
    int64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return (a > b) - (a < b);
}

static enum status put_findings(const struct ui_selection *s,
                                const struct record_sink *sink)
{
    const struct model *m = s->model;
    enum status rc = STATUS_OK;
    int64_t *ids = mem_alloc_array(s->count + 1, sizeof *ids);
    memcpy(ids, s->ids, s->count * sizeof *ids);
    qsort(ids, s->count, sizeof *ids, compare_ids);
    uint64_t oldest = m->finding_serial > MODEL_FINDINGS_MAX
                          ? m->finding_serial - MODEL_FINDINGS_MAX
                          : 0;
    for (uint64_t i = oldest + 1; rc == STATUS_OK && i <= m->finding_serial; i++) {
        const struct model_finding *f = model_finding(m, i);
        if (f != NULL && bsearch(&f->record.connection_id, ids, s->count, sizeof *ids,
                                 compare_ids) != NULL)
            rc = sink->put(sink->context, RECORD_FINDING, &f->record);
    }
    mem_free(ids);
    return rc;
}

enum status ui_selection_put(const struct ui_selection *s,
                             const struct record_sink *sink)
{
    enum status rc = STATUS_OK;
    for (size_t i = 0; rc == STATUS_OK && i < s->count; i++) {
        const struct model_connection *c = connection_at(s, i);
        if (c != NULL) rc = put_connection(c, sink);
    }
    return rc == STATUS_OK ? put_findings(s, sink) : rc;
}

static bool is_wanted(const struct ui *u, const struct model_connection *c)
{
    if (ui_page_now(u) == PAGE_LADDER) return c->id == u->ladder.connection;
    if (u->model->marked > 0) return c->is_marked;
    return row_filter_connection(u->filter, u->model, c);
}

void saving_write(struct ui *u, const char *path)
{
    struct problem said = {.text = ""};
    struct ui_selection selection = {.model = u->model};
    int64_t *ids = mem_alloc_array(u->model->connection_count + 1, sizeof *ids);
    for (struct model_connection *c = u->model->oldest; c != NULL; c = c->newer) {
        if (is_wanted(u, c)) ids[selection.count++] = c->id;
    }
    selection.ids = ids;
    if (*path == '\0')
        problem_set(&said, STATUS_FAILED, "nothing was saved");
    else if (u->options.source.save == NULL)
        problem_set(&said, STATUS_FAILED, "nothing can be saved here");
    else
        u->options.source.save(u->options.source.context, &selection, path, &said);
    ui_talk(u, said.text);
    mem_free(ids);
}
