/* Figures per Host as sent. The first HOST_TABLE_ROWS_MAX hosts have a row; exchanges
 * of those that come later are only counted. */
#ifndef EXPORT_HOST_TABLE_H
#define EXPORT_HOST_TABLE_H

#include "export/histogram.h"
#include "hopscope/base.h"
#include "hopscope/text_ends.h"

enum {
    HOST_TABLE_ROWS_MAX = 4096,
    HOST_NAME_BYTES_MAX = 255, /* longer ones are cut, and alike from there */
    HOST_TABLE_RECENT_BITS = 8,
};

struct host_row {
    struct bytes name; /* owned; ptr NULL: requests without Host */
    struct text_ends ends;
    int32_t index; /* in rows */
    uint64_t connections, exchanges;
    uint64_t failed; /* answered by 5xx, or not answered whole */
    struct histogram wait;
};

struct host_table {
    struct hash_key key;
    struct host_row **rows; /* in order of appearance */
    uint32_t *slots;        /* index in rows + 1; 0: free */
    int32_t count;
    uint64_t exchanges_beyond;
    /* By the ends of the name: a few hosts are asked again and again. NULL: none. */
    struct host_row *recent[1 << HOST_TABLE_RECENT_BITS];
};

void host_table_init(struct host_table *t);
void host_table_done(struct host_table *t);
/* Whether it is the row of that name. No Host is another one than an empty one. */
static inline bool host_table_is(const struct host_row *row, struct bytes name,
                                 struct text_ends ends)
{
    if (row->name.ptr == NULL || name.ptr == NULL) return row->name.ptr == name.ptr;
    return row->name.len == name.len &&
           text_ends_match(ends, name, row->ends, row->name.ptr);
}

/* Of a host that was not asked lately. */
struct host_row *host_table_search(struct host_table *t, struct bytes name,
                                   struct text_ends ends);

/* That host's row, made if there is room; else NULL. Stays until host_table_done. */
static inline struct host_row *host_table_find(struct host_table *t, struct bytes name)
{
    name = bytes_first(name, HOST_NAME_BYTES_MAX);
    struct text_ends ends = text_ends_of(name);
    struct host_row *recent =
        t->recent[text_ends_slot(ends, name.len, HOST_TABLE_RECENT_BITS)];
    if (recent != NULL && host_table_is(recent, name, ends)) return recent;
    return host_table_search(t, name, ends);
}

/* The rows with the most exchanges, at most `max`, by falling count and then by name;
 * returns how many. */
size_t host_table_top(const struct host_table *t, const struct host_row **out,
                      size_t max);

#endif
