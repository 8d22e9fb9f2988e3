/* Reading conversation files. A line is one thing: a comment, a write, something done
 * to the connection, or what the account must say.
 *
 *   bytes --lines--> what the line begins with --table--> its reader --> step | row */
#include "script.h"

#include "script_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCRIPT_FILE_MAX = 1 << 20,
    SCRIPT_CLIENT_PORT = 40000, /* unless the file says otherwise */
    SCRIPT_SERVER_PORT = 80,
};

static const char *const kind_names[RECORD_KIND_COUNT] = {
    [RECORD_CONNECTION] = "connection",
    [RECORD_EXCHANGE] = "exchange",
    [RECORD_TUNNEL] = "tunnel",
    [RECORD_FINDING] = "finding",
};

const char *script_kind_name(enum record_kind kind)
{
    return kind_names[kind];
}

struct reader {
    struct script *script;
    int line;
    struct problem *why;
};

static enum status fail(const struct reader *r, const char *what, const char *at)
{
    return problem_set(r->why, STATUS_USAGE, "%s:%d: %s: %s", r->script->path, r->line,
                       what, at);
}

/* ---- growing lists ---- */

static struct step *add_step(struct script *s, enum step_kind kind, enum side side)
{
    s->steps = mem_resize(s->steps, (s->step_count + 1) * sizeof *s->steps);
    struct step *step = &s->steps[s->step_count++];
    *step = (struct step){.kind = kind, .side = side, .parts = 1};
    return step;
}

static struct buffer *add_pool(struct script *s)
{
    s->pools = mem_resize(s->pools, (s->pool_count + 1) * sizeof *s->pools);
    struct buffer *pool = &s->pools[s->pool_count++];
    *pool = (struct buffer){0};
    return pool;
}

/* ---- writes: "C> text", "S* 3000 x in 20" ---- */

static enum status read_payload(struct reader *r, struct step *step, const char *text)
{
    struct buffer *pool = add_pool(r->script);
    if (!script_text_unescape(text, pool)) return fail(r, "bad escape", text);
    if (pool->len == 0) return fail(r, "nothing is written", text);
    step->payload = buffer_bytes(pool);
    return STATUS_OK;
}

static enum status read_filler(struct reader *r, struct step *step, const char *text)
{
    char *end = NULL;
    char pattern[64] = "x";
    unsigned long count = strtoul(text, &end, 10), parts = 1;
    int used = 0;
    if (end == text || count == 0) return fail(r, "how many bytes?", text);
    if (sscanf(end, " %63s%n", pattern, &used) == 1) end += used;
    if (sscanf(end, " in %lu%n", &parts, &used) == 1) end += used;
    if (*end != '\0' || parts == 0 || parts > count)
        return fail(r, "not `count pattern [in parts]`", text);
    struct buffer *pool = add_pool(r->script), one = {0};
    bool is_sound = script_text_unescape(pattern, &one) && one.len > 0;
    for (size_t i = 0; is_sound && i < count; i++)
        buffer_append(pool, bytes_of(one.ptr + i % one.len, 1));
    buffer_done(&one);
    if (!is_sound) return fail(r, "bad pattern", text);
    step->payload = buffer_bytes(pool);
    step->parts = parts;
    return STATUS_OK;
}

static enum status read_lost(struct reader *r, struct step *step, const char *text)
{
    bool is_count = text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
    return is_count ? read_filler(r, step, text) : read_payload(r, step, text);
}

/* Goes on with the same side's last write, in the same segment. */
static enum status read_more(struct reader *r, enum side side, const char *text)
{
    struct script *s = r->script;
    struct step *last = s->step_count == 0 ? NULL : &s->steps[s->step_count - 1];
    if (last == NULL || last->kind != STEP_SEND || last->side != side ||
        last->payload.len == 0)
        return fail(r, "no write of that side to go on with", text);
    struct buffer *pool = &s->pools[s->pool_count - 1];
    if (!script_text_unescape(text, pool)) return fail(r, "bad escape", text);
    last->payload = buffer_bytes(pool);
    return STATUS_OK;
}

/* ---- a side's line: the first letter says whose ---- */

enum side_verb {
    VERB_WRITE,
    VERB_FILLER,
    VERB_LOST,
    VERB_MORE,
    VERB_NOTHING, /* flags only */
    VERB_CLOSE,   /* FIN of this side, then of the other */
    VERB_BLIND,
    VERB_SEES,
};

struct side_line {
    const char *word; /* behind the letter */
    enum side_verb verb;
    unsigned flags;
};

/* Longer words stand before their beginnings. */
/* clang-format off */
static const struct side_line side_lines[] = {
    { ">fin ",  VERB_WRITE,   STEP_FIN    },
    { ">syn ",  VERB_WRITE,   STEP_ON_SYN },
    { "> ",     VERB_WRITE,   0           },
    { "* ",     VERB_FILLER,  0           },
    { "+ ",     VERB_MORE,    0           },
    { "? fin",  VERB_NOTHING, STEP_FIN | STEP_LOST },
    { "? ",     VERB_LOST,    STEP_LOST   },
    { " fin",   VERB_NOTHING, STEP_FIN    },
    { " rst",   VERB_NOTHING, STEP_RST    },
    { " close", VERB_CLOSE,   STEP_FIN    },
    { " blind", VERB_BLIND,   0           },
    { " sees",  VERB_SEES,    0           },
};
/* clang-format on */

static enum status read_verb(struct reader *r, const struct side_line *row,
                             enum side side, const char *rest)
{
    struct script *s = r->script;
    if (row->verb == VERB_MORE) return read_more(r, side, rest);
    enum step_kind kind = row->verb == VERB_BLIND  ? STEP_BLIND
                          : row->verb == VERB_SEES ? STEP_SEES
                                                   : STEP_SEND;
    struct step *step = add_step(s, kind, side);
    step->flags = row->flags;
    switch (row->verb) {
    case VERB_WRITE: return read_payload(r, step, rest);
    case VERB_FILLER: return read_filler(r, step, rest);
    case VERB_LOST: return read_lost(r, step, rest);
    case VERB_CLOSE: add_step(s, kind, side_other(side))->flags = row->flags; break;
    case VERB_MORE:
    case VERB_NOTHING:
    case VERB_BLIND:
    case VERB_SEES: break;
    }
    return *rest == '\0' ? STATUS_OK : fail(r, "too much on the line", rest);
}

static enum status read_side_line(struct reader *r, const char *line)
{
    enum side side = line[0] == 'C' ? SIDE_CLIENT : SIDE_SERVER;
    for (size_t i = 0; i < ARRAY_LENGTH(side_lines); i++) {
        const struct side_line *row = &side_lines[i];
        size_t length = strlen(row->word);
        if (strncmp(line + 1, row->word, length) == 0)
            return read_verb(r, row, side, line + 1 + length);
    }
    return fail(r, "no such thing to do", line);
}

/* ---- lines about the connection ---- */

struct setting {
    const char *line;
    enum opening opening;
};

/* clang-format off */
static const struct setting openings[] = {
    { "midstream",  OPENING_MIDSTREAM  },
    { "no-syn-ack", OPENING_NO_SYN_ACK },
    { "refused",    OPENING_REFUSED    },
    { "unanswered", OPENING_UNANSWERED },
};
/* clang-format on */

static enum status read_wait(struct reader *r, const char *text)
{
    char *end = NULL;
    double amount = strtod(text, &end);
    double unit = strcmp(end, "s") == 0 ? 1e9 : strcmp(end, "ms") == 0 ? 1e6 : 0;
    if (end == text || unit <= 0 || amount <= 0) return fail(r, "how long?", text);
    add_step(r->script, STEP_WAIT, SIDE_CLIENT)->wait_ns = (int64_t)(amount * unit);
    return STATUS_OK;
}

/* "whole, cut  # why", "all but lossy  # why": the reason is part of it. */
static enum status read_variations(struct reader *r, char *text)
{
    char *why = strchr(text, '#');
    if (why == NULL) return fail(r, "a restriction needs its reason (# ...)", text);
    *why = '\0';
    bool is_exclusion = strncmp(text, "all but ", 8) == 0;
    unsigned named = 0;
    if (!script_text_families(is_exclusion ? text + 8 : text, &named))
        return fail(r, "no such variation", text);
    r->script->families = is_exclusion ? VARIATION_ALL & ~named : named;
    return STATUS_OK;
}

static enum status read_ports(struct reader *r, const char *text)
{
    unsigned client = 0, server = 0;
    char more = '\0';
    bool is_sound = sscanf(text, "%u %u%c", &client, &server, &more) == 2 &&
                    client > 0 && client <= UINT16_MAX && server > 0 &&
                    server <= UINT16_MAX;
    if (!is_sound) return fail(r, "not two ports", text);
    r->script->port[SIDE_CLIENT] = (uint16_t)client;
    r->script->port[SIDE_SERVER] = (uint16_t)server;
    return STATUS_OK;
}

static enum status read_setting(struct reader *r, char *line)
{
    struct script *s = r->script;
    for (size_t i = 0; i < ARRAY_LENGTH(openings); i++) {
        if (strcmp(line, openings[i].line) != 0) continue;
        s->opening = openings[i].opening;
        return STATUS_OK;
    }
    if (strncmp(line, "wait ", 5) == 0) return read_wait(r, line + 5);
    if (strncmp(line, "ports ", 6) == 0) return read_ports(r, line + 6);
    if (strncmp(line, "variations: ", 12) == 0) return read_variations(r, line + 12);
    if (strcmp(line, "reopen") == 0) {
        add_step(s, STEP_REOPEN, SIDE_CLIENT);
        return STATUS_OK;
    }
    if (strcmp(line, "one-sided client") == 0 ||
        strcmp(line, "one-sided server") == 0) {
        s->is_one_sided = true;
        s->only_side = line[10] == 'c' ? SIDE_CLIENT : SIDE_SERVER;
        return STATUS_OK;
    }
    return fail(r, "no such line", line);
}

/* ---- the account ---- */

static enum status add_row(struct reader *r, const char *word)
{
    struct script *s = r->script;
    size_t kind = 0;
    while (kind < RECORD_KIND_COUNT &&
           (kind_names[kind] == NULL || strcmp(kind_names[kind], word) != 0))
        kind++;
    if (kind == RECORD_KIND_COUNT) return fail(r, "no such kind of row", word);
    if (kind == RECORD_CONNECTION) s->connection_count++;
    if (s->connection_count == 0) return fail(r, "no connection line before", word);
    s->rows = mem_resize(s->rows, (s->row_count + 1) * sizeof *s->rows);
    s->rows[s->row_count++] = (struct expected_row){
        .line = r->line,
        .kind = (enum record_kind)kind,
        .connection = s->connection_count - 1,
    };
    return STATUS_OK;
}

static enum status add_column(struct reader *r, unsigned families, char *word)
{
    struct expected_row *row = &r->script->rows[r->script->row_count - 1];
    char *equals = strchr(word, '=');
    if (equals == NULL) return fail(r, "not `column=value`", word);
    *equals = '\0';
    if (record_field(row->kind, word) == NULL) return fail(r, "no such column", word);
    row->columns =
        mem_resize(row->columns, (row->column_count + 1) * sizeof *row->columns);
    row->columns[row->column_count++] = (struct expected_column){
        .name = word,
        .value = equals + 1,
        .families = families,
    };
    return STATUS_OK;
}

/* "= kind column=value ..." begins a row, "=whole column=value" adds to it. */
static enum status read_expectation(struct reader *r, char *line)
{
    char *at = line + 1;
    unsigned families = VARIATION_ALL;
    enum status rc = STATUS_OK;
    if (*at != ' ') {
        char *names = at;
        at += strcspn(at, " ");
        if (*at != '\0') *at++ = '\0';
        if (!script_text_families(names, &families))
            return fail(r, "no such variation", names);
        if (r->script->row_count == 0) return fail(r, "no row to add to", names);
    } else {
        char *kind = script_text_word(&at);
        rc = kind == NULL ? fail(r, "which kind of row?", line) : add_row(r, kind);
    }
    for (char *word; rc == STATUS_OK && (word = script_text_word(&at)) != NULL;)
        rc = add_column(r, families, word);
    return rc;
}

/* ---- the file ---- */

static enum status read_line(struct reader *r, char *line)
{
    line[strcspn(line, "\r")] = '\0';
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        line[--length] = '\0';
    if (line[0] == '\0') return STATUS_OK;
    if (line[0] == '#') {
        if (r->script->title == NULL)
            r->script->title = mem_copy_text(line + 1 + strspn(line + 1, " "));
        return STATUS_OK;
    }
    if (line[0] == '=') return read_expectation(r, line);
    bool is_side = (line[0] == 'C' || line[0] == 'S') && strchr(">*+? ", line[1]);
    return is_side ? read_side_line(r, line) : read_setting(r, line);
}

static enum status read_file(struct script *s, struct problem *why)
{
    FILE *f = fopen(s->path, "rb");
    if (f == NULL)
        return problem_set(why, STATUS_FAILED, "%s: %s", s->path, strerror(errno));
    s->text = mem_alloc(SCRIPT_FILE_MAX + 1);
    size_t length = fread(s->text, 1, SCRIPT_FILE_MAX, f);
    bool is_read = ferror(f) == 0 && feof(f) != 0;
    (void)fclose(f);
    s->text[length] = '\0';
    if (is_read) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "%s: cannot be read, or is too long",
                       s->path);
}

struct script *script_read(const char *path, struct problem *why)
{
    struct script *s = mem_alloc(sizeof *s);
    s->path = mem_copy_text(path);
    s->families = VARIATION_ALL;
    s->port[SIDE_CLIENT] = SCRIPT_CLIENT_PORT;
    s->port[SIDE_SERVER] = SCRIPT_SERVER_PORT;
    enum status rc = read_file(s, why);
    struct reader r = {.script = s, .why = why};
    for (char *line = s->text; rc == STATUS_OK && line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) *end++ = '\0';
        r.line++;
        rc = read_line(&r, line);
        line = end;
    }
    if (rc == STATUS_OK && s->title == NULL)
        rc = problem_set(why, STATUS_USAGE, "%s: has no title (# ...)", path);
    if (rc == STATUS_OK) return s;
    script_free(s);
    return NULL;
}

void script_free(struct script *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < s->pool_count; i++) buffer_done(&s->pools[i]);
    for (size_t i = 0; i < s->row_count; i++) mem_free(s->rows[i].columns);
    mem_free(s->pools);
    mem_free(s->steps);
    mem_free(s->rows);
    mem_free(s->text);
    mem_free(s->title);
    mem_free(s->path);
    mem_free(s);
}
