/* A parsed filter, for the files that make and ask it. */
#ifndef UI_ROW_FILTER_TREE_H
#define UI_ROW_FILTER_TREE_H

#include "ui/row_filter.h"

enum row_filter_op {
    ROW_FILTER_EQUAL,
    ROW_FILTER_LESS,
    ROW_FILTER_LESS_EQUAL,
    ROW_FILTER_MORE,
    ROW_FILTER_MORE_EQUAL,
    ROW_FILTER_CONTAINS,
};

/* What a name stands for, gathered from one row: several values where the name is of
 * several things, as `port`. Texts borrow from the row. */
enum { ROW_FILTER_VALUES_MAX = 8, ROW_FILTER_SCRATCH = 320 };

struct row_filter_values {
    int64_t numbers[ROW_FILTER_VALUES_MAX];
    struct bytes texts[ROW_FILTER_VALUES_MAX];
    size_t number_count, text_count;
    char scratch[ROW_FILTER_SCRATCH];
    size_t scratch_used;
};

struct row_filter_row {
    const struct model *model;
    const struct model_connection *connection;
    const struct model_exchange *exchange; /* NULL: none */
};

enum row_filter_unit { UNIT_PLAIN, UNIT_DURATION, UNIT_BYTES };

/* Where a name's values come from: a function of ours, or a field of a record. */
struct row_filter_subject {
    void (*gather)(const struct row_filter_row *row, struct row_filter_values *out);
    const struct field *field;
    enum record_kind kind;
    enum row_filter_unit unit;
};

/* False: there is no such name. */
bool row_filter_subject_find(struct bytes name, struct row_filter_subject *out);
/* The one of words without a name. */
struct row_filter_subject row_filter_subject_any(void);
void row_filter_gather(const struct row_filter_subject *s,
                       const struct row_filter_row *row, struct row_filter_values *out);

enum row_filter_kind { NODE_TEST, NODE_AND, NODE_OR, NODE_NOT };

struct row_filter_node {
    enum row_filter_kind kind;
    size_t left, right; /* NODE_AND, NODE_OR; NODE_NOT: left */
    struct row_filter_subject subject;
    enum row_filter_op op;
    struct bytes text;         /* borrows from the filter's own */
    bool has_number, is_class; /* is_class: 5xx */
    int64_t number;
};

struct row_filter {
    char text[ROW_FILTER_TEXT_MAX];
    struct row_filter_node nodes[ROW_FILTER_NODES_MAX];
    size_t node_count, root;
};

#endif
