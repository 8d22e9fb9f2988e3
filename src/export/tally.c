#include "export/tally.h"

#include <stdlib.h>
#include <string.h>

/* NULL: it is new, or escaped. */
static struct tally_row *tally_find_plain(struct tally *t, struct bytes name)
{
    struct text_ends ends = text_ends_of(name);
    for (size_t i = 0; i < t->count; i++)
        if (tally_is_plain(&t->rows[i], name, ends)) return &t->rows[i];
    return NULL;
}

/* Made if there is room; else NULL. */
static struct tally_row *tally_find_escaped(struct tally *t, struct bytes name)
{
    char text[TALLY_NAME_MAX];
    size_t length = bytes_escape(name, text, sizeof text);
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->rows[i].name, text) == 0) return &t->rows[i];
    if (t->count == TALLY_ROWS_MAX) return NULL;
    struct tally_row *row = &t->rows[t->count++];
    memcpy(row->name, text, sizeof text);
    bool is_plain = bytes_equal(name, bytes_of(text, length));
    row->plain_length = is_plain ? length : 0;
    row->ends = text_ends_of(name);
    return row;
}

struct tally_row *tally_add_other(struct tally *t, struct bytes name)
{
    struct tally_row *row = tally_find_plain(t, name);
    if (row == NULL) row = tally_find_escaped(t, name);
    if (row == NULL) {
        t->others++;
        return NULL;
    }
    t->last = (size_t)(row - t->rows);
    row->count++;
    return row;
}

static int tally_compare(const void *a, const void *b)
{
    const struct tally_row *x = *(const struct tally_row *const *)a;
    const struct tally_row *y = *(const struct tally_row *const *)b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return strcmp(x->name, y->name);
}

void tally_sort(const struct tally *t, const struct tally_row *out[TALLY_ROWS_MAX])
{
    for (size_t i = 0; i < t->count; i++) out[i] = &t->rows[i];
    qsort(out, t->count, sizeof *out, tally_compare);
}
