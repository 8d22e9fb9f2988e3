/* Text to tree, by descent; the grammar is in the header. Words without an operator
 * between them must all hold. */
#include "ui/row_filter_tree.h"

#include <string.h>

struct parser {
    struct row_filter *filter;
    struct bytes rest;
    struct problem *why;
    unsigned depth;
};

static enum status parse_or(struct parser *p, size_t *out);

/* ---- tokens ---- */

static void skip_blanks(struct parser *p)
{
    while (p->rest.len > 0 && (*p->rest.ptr == ' ' || *p->rest.ptr == '\t'))
        p->rest = bytes_from(p->rest, 1);
}

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

static bool starts_with(const struct parser *p, const char *text)
{
    return bytes_start_with(p->rest, text);
}

static bool take(struct parser *p, const char *text)
{
    skip_blanks(p);
    if (!starts_with(p, text)) return false;
    p->rest = bytes_from(p->rest, strlen(text));
    return true;
}

/* A word of the language, not the beginning of a longer one. */
static bool take_word(struct parser *p, const char *word)
{
    size_t len = strlen(word);
    skip_blanks(p);
    if (p->rest.len < len || !bytes_are_caseless(bytes_first(p->rest, len), word))
        return false;
    if (p->rest.len > len && strchr(" ()", p->rest.ptr[len]) == NULL) return false;
    p->rest = bytes_from(p->rest, len);
    return true;
}

static bool take_operator(struct parser *p, enum row_filter_op *op, bool *is_negated)
{
    static const struct {
        const char *text;
        enum row_filter_op op;
        bool is_negated;
    } rows[] = {
        {"!=", ROW_FILTER_EQUAL, true},       {"!~", ROW_FILTER_CONTAINS, true},
        {">=", ROW_FILTER_MORE_EQUAL, false}, {"<=", ROW_FILTER_LESS_EQUAL, false},
        {"==", ROW_FILTER_EQUAL, false},      {"=", ROW_FILTER_EQUAL, false},
        {">", ROW_FILTER_MORE, false},        {"<", ROW_FILTER_LESS, false},
        {"~", ROW_FILTER_CONTAINS, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (!take(p, rows[i].text)) continue;
        *op = rows[i].op;
        *is_negated = rows[i].is_negated;
        return true;
    }
    return false;
}

/* Bare up to a blank or parenthesis, or between quotes. */
static enum status take_value(struct parser *p, struct bytes *out)
{
    skip_blanks(p);
    size_t len = 0;
    if (starts_with(p, "\"")) {
        p->rest = bytes_from(p->rest, 1);
        while (len < p->rest.len && p->rest.ptr[len] != '"') len++;
        if (len == p->rest.len)
            return problem_set(p->why, STATUS_USAGE, "a quote is not closed");
        *out = bytes_first(p->rest, len);
        p->rest = bytes_from(p->rest, len + 1);
        return STATUS_OK;
    }
    while (len < p->rest.len && p->rest.ptr[len] != ' ' && p->rest.ptr[len] != '(' &&
           p->rest.ptr[len] != ')')
        len++;
    *out = bytes_first(p->rest, len);
    p->rest = bytes_from(p->rest, len);
    if (len > 0) return STATUS_OK;
    return problem_set(p->why, STATUS_USAGE, "a value is missing");
}

/* ---- values ---- */

static const struct unit {
    enum row_filter_unit of;
    const char *name;
    int64_t size;
} units[] = {
    {UNIT_PLAIN, "", 1},           {UNIT_DURATION, "us", 1},
    {UNIT_DURATION, "", 1000},     {UNIT_DURATION, "ms", 1000},
    {UNIT_DURATION, "s", 1000000}, {UNIT_DURATION, "m", 60000000},
    {UNIT_BYTES, "", 1},           {UNIT_BYTES, "k", 1 << 10},
    {UNIT_BYTES, "m", 1 << 20},    {UNIT_BYTES, "g", 1 << 30},
};

/* Digits with a point, and the unit that the subject has. */
static void read_number(struct row_filter_node *n)
{
    int64_t whole = 0, part = 0, scale = 1;
    size_t i = 0;
    bool has_point = false;
    for (; i < n->text.len; i++) {
        uint8_t byte = n->text.ptr[i];
        if (byte == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (byte < '0' || byte > '9' || whole > INT64_MAX / 100) break;
        if (!has_point)
            whole = whole * 10 + (byte - '0');
        else if (scale < 1000000)
            part = part * 10 + (byte - '0'), scale *= 10;
    }
    struct bytes unit = bytes_from(n->text, i);
    if (i == 0) return;
    n->is_class = i == 1 && bytes_are_caseless(unit, "xx");
    n->has_number = n->is_class;
    n->number = whole;
    for (size_t k = 0; k < ARRAY_LENGTH(units); k++) {
        if (units[k].of != n->subject.unit || !bytes_are_caseless(unit, units[k].name))
            continue;
        if (whole > INT64_MAX / 2 / units[k].size) return;
        n->number = whole * units[k].size + part * units[k].size / scale;
        n->has_number = true;
    }
}

/* ---- the tree ---- */

static enum status add_node(struct parser *p, const struct row_filter_node *node,
                            size_t *out)
{
    struct row_filter *f = p->filter;
    if (f->node_count == ROW_FILTER_NODES_MAX)
        return problem_set(p->why, STATUS_USAGE, "the filter has too many parts");
    f->nodes[f->node_count] = *node;
    *out = f->node_count++;
    return STATUS_OK;
}

static enum status negate(struct parser *p, size_t *node)
{
    struct row_filter_node not = {.kind = NODE_NOT, .left = *node};
    return add_node(p, &not, node);
}

static enum status parse_test(struct parser *p, size_t *out)
{
    struct row_filter_node n = {.kind = NODE_TEST,
                                .op = ROW_FILTER_CONTAINS,
                                .subject = row_filter_subject_any()};
    struct bytes before = p->rest;
    struct bytes name = bytes_of(NULL, 0);
    bool is_negated = false;
    while (name.len < p->rest.len && is_name_byte(p->rest.ptr[name.len])) name.len++;
    name.ptr = p->rest.ptr;
    p->rest = bytes_from(p->rest, name.len);
    if (name.len > 0 && take_operator(p, &n.op, &is_negated)) {
        if (!row_filter_subject_find(name, &n.subject))
            return problem_set(p->why, STATUS_USAGE,
                               "there is no '%.*s' to compare (? lists the names)",
                               (int)name.len, (const char *)name.ptr);
    } else {
        p->rest = before;
    }
    enum status rc = take_value(p, &n.text);
    if (rc != STATUS_OK) return rc;
    read_number(&n);
    bool is_order = n.op != ROW_FILTER_EQUAL && n.op != ROW_FILTER_CONTAINS;
    if (is_order && !n.has_number)
        return problem_set(p->why, STATUS_USAGE, "'%.*s' is no number to compare with",
                           (int)n.text.len, (const char *)n.text.ptr);
    rc = add_node(p, &n, out);
    return rc == STATUS_OK && is_negated ? negate(p, out) : rc;
}

static enum status parse_term(struct parser *p, size_t *out)
{
    enum status rc;
    if (p->depth == ROW_FILTER_DEPTH_MAX)
        return problem_set(p->why, STATUS_USAGE, "the filter is nested too deep");
    struct parser ahead = *p;
    if (take_word(&ahead, "or") || take_word(&ahead, "and"))
        return problem_set(p->why, STATUS_USAGE,
                           "'and' and 'or' stand between two terms");
    p->depth++;
    bool is_not = take_word(p, "not");
    if (!is_not && !starts_with(p, "!=") && !starts_with(p, "!~"))
        is_not = take(p, "!");
    if (is_not) {
        rc = parse_term(p, out);
        if (rc == STATUS_OK) rc = negate(p, out);
    } else if (take(p, "(")) {
        rc = parse_or(p, out);
        if (rc == STATUS_OK && !take(p, ")"))
            rc = problem_set(p->why, STATUS_USAGE, "a parenthesis is not closed");
    } else {
        rc = parse_test(p, out);
    }
    p->depth--;
    return rc;
}

static enum status join(struct parser *p, enum row_filter_kind kind, size_t *left,
                        size_t right)
{
    struct row_filter_node both = {.kind = kind, .left = *left, .right = right};
    return add_node(p, &both, left);
}

static enum status parse_and(struct parser *p, size_t *out)
{
    enum status rc = parse_term(p, out);
    while (rc == STATUS_OK) {
        size_t right = 0;
        struct parser ahead = *p;
        if (take_word(&ahead, "or")) break;
        bool is_said = take_word(p, "and");
        skip_blanks(p);
        if (!is_said && (p->rest.len == 0 || *p->rest.ptr == ')')) break;
        rc = parse_term(p, &right);
        if (rc == STATUS_OK) rc = join(p, NODE_AND, out, right);
    }
    return rc;
}

static enum status parse_or(struct parser *p, size_t *out)
{
    enum status rc = parse_and(p, out);
    while (rc == STATUS_OK && take_word(p, "or")) {
        size_t right = 0;
        rc = parse_and(p, &right);
        if (rc == STATUS_OK) rc = join(p, NODE_OR, out, right);
    }
    return rc;
}

enum status row_filter_new(const char *text, struct row_filter **out,
                           struct problem *why)
{
    size_t len = strlen(text);
    if (len >= ROW_FILTER_TEXT_MAX)
        return problem_set(why, STATUS_USAGE, "the filter is too long");
    struct row_filter *f = mem_alloc(sizeof *f);
    memcpy(f->text, text, len + 1);
    struct parser p = {.filter = f, .rest = bytes_of_text(f->text), .why = why};
    skip_blanks(&p);
    enum status rc = p.rest.len == 0 ? STATUS_OK : parse_or(&p, &f->root);
    skip_blanks(&p);
    if (rc == STATUS_OK && p.rest.len > 0)
        rc = problem_set(why, STATUS_USAGE, "'%.40s' has no meaning there",
                         (const char *)p.rest.ptr);
    if (rc == STATUS_OK)
        *out = f;
    else
        row_filter_free(f);
    return rc;
}

void row_filter_free(struct row_filter *f)
{
    mem_free(f);
}

bool row_filter_is_empty(const struct row_filter *f)
{
    return f == NULL || f->node_count == 0;
}
