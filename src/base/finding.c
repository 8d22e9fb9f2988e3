/* The catalogue of findings as data, and the bounded list each connection keeps. */
#include "hopscope/finding.h"

#include <string.h>

/* clang-format off */
#define FINDING_ROW(code, name, severity, title, reference, zeek, suricata) \
    [FINDING_##code] = { name, SEVERITY_##severity, title, reference, zeek, suricata },
static const struct finding_description catalogue[FINDING_CODE_COUNT] = {
    FINDINGS(FINDING_ROW)
};
#undef FINDING_ROW
/* clang-format on */

const struct finding_description *finding_describe(enum finding_code code)
{
    return &catalogue[code];
}

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_UNKNOWN: return "unknown";
    case SEVERITY_INFO: return "info";
    case SEVERITY_WARNING: return "warning";
    case SEVERITY_ATTACK: return "attack";
    }
    return "unknown";
}

static struct finding_list *finding_list_new(void)
{
    struct finding_list *l = mem_alloc(sizeof *l);
    l->rows = &l->first;
    l->capacity = 1;
    return l;
}

static void finding_list_grow(struct finding_list *l)
{
    bool is_first = l->rows == &l->first;
    l->capacity *= 2;
    l->rows = mem_resize(is_first ? NULL : l->rows, l->capacity * sizeof *l->rows);
    if (is_first) l->rows[0] = l->first;
}

bool finding_list_add(struct finding_list **list, const struct finding *finding)
{
    if (*list == NULL) *list = finding_list_new();
    struct finding_list *l = *list;
    l->total++;
    if (l->count == FINDING_ROWS_MAX) return false;
    if (l->per_code[finding->code] == FINDING_ROWS_PER_CODE) return false;
    if (l->count == l->capacity) finding_list_grow(l);
    l->per_code[finding->code]++;
    struct finding *row = &l->rows[l->count++];
    *row = *finding;
    if (row->severity == SEVERITY_UNKNOWN)
        row->severity = catalogue[finding->code].severity;
    return true;
}

void finding_list_free(struct finding_list *list)
{
    if (list == NULL) return;
    if (list->rows != &list->first) mem_free(list->rows);
    mem_free(list);
}
