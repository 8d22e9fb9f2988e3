/* A filter asked: values are gathered from the row and compared, any of them may do.
 *
 *   node --subject--> values of the row --op, text or number--> true or false      */
#include "ui/row_filter_tree.h"

#include <ctype.h>
#include <stdlib.h>

static bool compare_number(const struct row_filter_node *n, int64_t value)
{
    switch (n->op) {
    case ROW_FILTER_EQUAL:
        return n->is_class ? value / 100 == n->number : value == n->number;
    case ROW_FILTER_LESS: return value < n->number;
    case ROW_FILTER_LESS_EQUAL: return value <= n->number;
    case ROW_FILTER_MORE: return value > n->number;
    case ROW_FILTER_MORE_EQUAL: return value >= n->number;
    case ROW_FILTER_CONTAINS: return false;
    }
    return false;
}

static bool equals_caseless(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (tolower(a.ptr[i]) != tolower(b.ptr[i])) return false;
    }
    return true;
}

static bool contains_caseless(struct bytes text, struct bytes part)
{
    for (size_t i = 0; part.len <= text.len && i <= text.len - part.len; i++) {
        if (equals_caseless(bytes_of(text.ptr + i, part.len), part)) return true;
    }
    return false;
}

static bool test(const struct row_filter_node *n, const struct row_filter_row *row)
{
    struct row_filter_values values;
    values.number_count = values.text_count = values.scratch_used = 0;
    row_filter_gather(&n->subject, row, &values);
    for (size_t i = 0; n->has_number && i < values.number_count; i++) {
        if (compare_number(n, values.numbers[i])) return true;
    }
    for (size_t i = 0; i < values.text_count; i++) {
        if (n->op == ROW_FILTER_EQUAL && equals_caseless(values.texts[i], n->text))
            return true;
        if (n->op == ROW_FILTER_CONTAINS && contains_caseless(values.texts[i], n->text))
            return true;
    }
    return false;
}

/* As deep as the parser let it become: parts in a row lean to the left. */
static bool ask(const struct row_filter *f, size_t at, const struct row_filter_row *row)
{
    const struct row_filter_node *n = &f->nodes[at];
    switch (n->kind) {
    case NODE_TEST: return test(n, row);
    case NODE_AND: return ask(f, n->left, row) && ask(f, n->right, row);
    case NODE_OR: return ask(f, n->left, row) || ask(f, n->right, row);
    case NODE_NOT: return !ask(f, n->left, row);
    }
    return false;
}

bool row_filter_passes(const struct row_filter *f, const struct model *m,
                       const struct model_connection *c, const struct model_exchange *e)
{
    const struct row_filter_row row = {.model = m, .connection = c, .exchange = e};
    return row_filter_is_empty(f) || ask(f, f->root, &row);
}

bool row_filter_connection(const struct row_filter *f, const struct model *m,
                           const struct model_connection *c)
{
    if (row_filter_is_empty(f)) return true;
    if (c->last == NULL) return row_filter_passes(f, m, c, NULL);
    for (const struct model_exchange *e = c->last; e != NULL; e = e->before) {
        if (row_filter_passes(f, m, c, e)) return true;
    }
    return false;
}
