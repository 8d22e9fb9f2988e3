#include "export/host_table.h"

#include <stdlib.h>
#include <string.h>

enum { HOST_TABLE_SLOTS = HOST_TABLE_ROWS_MAX * 2 }; /* half empty when full */

void host_table_init(struct host_table *t)
{
    *t = (struct host_table){.key = hash_key_random()};
    t->rows = mem_alloc_array(HOST_TABLE_ROWS_MAX, sizeof(struct host_row *));
    t->slots = mem_alloc_array(HOST_TABLE_SLOTS, sizeof *t->slots);
}

void host_table_done(struct host_table *t)
{
    for (int32_t i = 0; i < t->count; i++) {
        mem_free((void *)t->rows[i]->name.ptr);
        histogram_done(&t->rows[i]->wait);
        mem_free(t->rows[i]);
    }
    mem_free(t->rows);
    mem_free(t->slots);
}

static struct host_row *host_table_new_row(struct host_table *t, struct bytes name,
                                           struct text_ends ends)
{
    struct host_row *row = mem_alloc(sizeof *row);
    row->ends = ends;
    row->index = t->count;
    t->rows[t->count++] = row;
    if (name.ptr == NULL) return row;
    uint8_t *copy = mem_alloc(name.len);
    if (name.len > 0) memcpy(copy, name.ptr, name.len);
    row->name = bytes_of(copy, name.len);
    return row;
}

/* NULL: there is no room. */
static struct host_row *host_table_walk(struct host_table *t, struct bytes name,
                                        struct text_ends ends)
{
    size_t slot = hash_keyed(t->key, name) % HOST_TABLE_SLOTS;
    while (t->slots[slot] != 0) {
        struct host_row *row = t->rows[t->slots[slot] - 1];
        if (host_table_is(row, name, ends)) return row;
        slot = (slot + 1) % HOST_TABLE_SLOTS;
    }
    if (t->count == HOST_TABLE_ROWS_MAX) return NULL;
    t->slots[slot] = (uint32_t)t->count + 1;
    return host_table_new_row(t, name, ends);
}

struct host_row *host_table_search(struct host_table *t, struct bytes name,
                                   struct text_ends ends)
{
    struct host_row *row = host_table_walk(t, name, ends);
    if (row != NULL)
        t->recent[text_ends_slot(ends, name.len, HOST_TABLE_RECENT_BITS)] = row;
    return row;
}

static int host_table_compare_names(struct bytes a, struct bytes b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) return order;
    return (a.len > b.len) - (a.len < b.len);
}

static int host_table_compare(const void *a, const void *b)
{
    const struct host_row *x = *(const struct host_row *const *)a;
    const struct host_row *y = *(const struct host_row *const *)b;
    if (x->exchanges != y->exchanges) return x->exchanges > y->exchanges ? -1 : 1;
    return host_table_compare_names(x->name, y->name);
}

size_t host_table_top(const struct host_table *t, const struct host_row **out,
                      size_t max)
{
    if (t->count == 0) return 0;
    const struct host_row **sorted =
        mem_alloc_array((size_t)t->count, sizeof(struct host_row *));
    for (int32_t i = 0; i < t->count; i++) sorted[i] = t->rows[i];
    qsort(sorted, (size_t)t->count, sizeof(struct host_row *), host_table_compare);
    size_t taken = (size_t)t->count < max ? (size_t)t->count : max;
    for (size_t i = 0; i < taken; i++) out[i] = sorted[i];
    mem_free(sorted);
    return taken;
}
