/* From ids to stretches of packets and what to say about them.
 *
 *   words --numbers, or a SELECT--> ids --connections? exchanges? tunnels?--> stretch
 *                                                      '--> comments of its packets */
#include "cli/slice_choice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- a query, row by row ---- */

/* `take` is called for each row. */
struct choice_query {
    struct query *query;
    const char *sql; /* with # where the id stands */
    void (*take)(struct slice_choice *c, const struct cell *cells);
};

static void write_sql(const char *sql, int64_t id, struct buffer *out)
{
    for (const char *at = sql; *at != '\0'; at++) {
        if (*at == '#')
            buffer_print(out, "%" PRId64, id);
        else
            buffer_append(out, bytes_of(at, 1));
    }
    buffer_append(out, bytes_of("", 1));
}

static enum status run_for(struct slice_choice *c, const struct choice_query *what,
                           int64_t id, size_t *count, struct problem *why)
{
    struct buffer sql = {.ptr = NULL};
    struct rows rows = {.context = NULL};
    const struct cell *cells = NULL;
    *count = 0;
    write_sql(what->sql, id, &sql);
    enum status rc = query_run(what->query, (const char *)sql.ptr, &rows, why);
    while (rc == STATUS_OK) {
        rc = rows_next(&rows, &cells, why);
        if (rc != STATUS_OK || cells == NULL) break;
        what->take(c, cells);
        ++*count;
    }
    rows_close(&rows);
    buffer_done(&sql);
    return rc;
}

/* ---- stretches ---- */

static struct endpoint endpoint_of(const struct cell *address, const struct cell *port)
{
    struct endpoint e = {.port = (uint16_t)port->integer};
    char text[ADDRESS_TEXT_MAX] = "";
    if (address->kind != CELL_TEXT || address->text.len >= sizeof text) return e;
    memcpy(text, address->text.ptr, address->text.len);
    if (inet_pton(AF_INET, text, e.address) == 1)
        e.version = 4;
    else if (inet_pton(AF_INET6, text, e.address) == 1)
        e.version = 6;
    return e;
}

static uint64_t ref_of(const struct cell *capture, const struct cell *packet)
{
    return (uint64_t)capture->integer << 32 | (uint32_t)packet->integer;
}

/* Columns: the four-tuple, tunnel, VLAN, first and last packet, start and end. */
static void take_stretch(struct slice_choice *c, const struct cell *cells)
{
    struct endpoint client = endpoint_of(&cells[0], &cells[1]);
    struct endpoint server = endpoint_of(&cells[2], &cells[3]);
    bool in_order = endpoint_compare(&client, &server) <= 0;
    if (c->stretch_count == c->stretch_capacity) {
        c->stretch_capacity = c->stretch_capacity == 0 ? 16 : 2 * c->stretch_capacity;
        c->stretches =
            mem_resize(c->stretches, c->stretch_capacity * sizeof *c->stretches);
    }
    c->stretches[c->stretch_count++] = (struct slice_stretch){
        .low = in_order ? client : server,
        .high = in_order ? server : client,
        .tunnel_id = (uint32_t)cells[4].integer,
        .vlan = (uint16_t)cells[5].integer,
        .first_ref = ref_of(&cells[6], &cells[7]),
        .last_ref = ref_of(&cells[8], &cells[9]),
        .start_us = cells[10].integer,
        .end_us = cells[11].integer,
    };
}

static int compare_refs(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_stretches(const void *left, const void *right)
{
    const struct slice_stretch *a = left, *b = right;
    int order = endpoint_compare(&a->low, &b->low);
    if (order == 0) order = endpoint_compare(&a->high, &b->high);
    if (order == 0) order = compare_refs(a->tunnel_id, b->tunnel_id);
    return order != 0 ? order : compare_refs(a->first_ref, b->first_ref);
}

/* ---- comments ---- */

/* Columns: capture, packet, text. */
static void take_comment(struct slice_choice *c, const struct cell *cells)
{
    if (cells[1].kind != CELL_INTEGER || cells[2].kind != CELL_TEXT) return;
    if (c->comment_count == c->comment_capacity) {
        c->comment_capacity = c->comment_capacity == 0 ? 64 : 2 * c->comment_capacity;
        c->comments =
            mem_resize(c->comments, c->comment_capacity * sizeof *c->comments);
    }
    struct bytes text = bytes_first(cells[2].text, SLICE_COMMENT_BYTES_MAX);
    c->comments[c->comment_count++] = (struct slice_comment){
        .ref = ref_of(&cells[0], &cells[1]), .at = c->texts.len, .len = text.len};
    buffer_append(&c->texts, text);
}

/* Lines about one packet keep the order in which they were asked for. */
static int compare_comments(const void *left, const void *right)
{
    const struct slice_comment *a = left, *b = right;
    int order = compare_refs(a->ref, b->ref);
    return order != 0 ? order : compare_refs(a->at, b->at);
}

static struct bytes text_of(const struct slice_choice *c, size_t comment)
{
    const struct slice_comment *line = &c->comments[comment];
    return bytes_of(c->texts.ptr + line->at, line->len);
}

/* An exchange may be chosen beside its connection. */
static bool is_said_before(const struct slice_choice *c, size_t first, size_t comment)
{
    for (size_t i = first; i < comment; i++)
        if (bytes_equal(text_of(c, i), text_of(c, comment))) return true;
    return false;
}

void slice_choice_comment(const struct slice_choice *c, uint64_t ref,
                          struct buffer *out)
{
    struct buffer scratch = {.ptr = NULL};
    size_t low = 0, high = c->comment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->comments[middle].ref < ref)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t at = low; at < c->comment_count && c->comments[at].ref == ref; at++) {
        if (is_said_before(c, low, at)) continue;
        if (at > low) buffer_append_text(out, "\n");
        buffer_append(out, record_utf8(text_of(c, at), &scratch));
    }
    buffer_done(&scratch);
}

/* ---- by id ---- */

/* clang-format off */
#define TUPLE "c.client_ip, c.client_port, c.server_ip, c.server_port, c.tunnel_id, c.vlan, "
#define WHOLE "c.first_capture_id, c.first_packet, c.last_capture_id, c.last_packet, c.start_us," \
    " CASE WHEN c.first_capture_id = c.last_capture_id THEN 9223372036854775807 ELSE c.end_us END"
#define SAYS_CONNECTION \
    "SELECT c.first_capture_id, c.first_packet, 'hopscope: connection ' || c.id || ', ' || c.client_ip" \
    " || ' to ' || c.server_ip || ' port ' || c.server_port || ', exchanges: ' || COALESCE(c.exchanges, 0)" \
    " || COALESCE(', closed by ' || c.closed_by, '') || COALESCE(' (' || c.close_cause || ')', '')" \
    " FROM connections AS c WHERE c.id = "
#define SAYS_REQUEST \
    "SELECT e.request_capture_id, e.request_packet, 'hopscope: request ' || e.ordinal || ': ' ||" \
    " COALESCE(e.method, '') || ' ' || COALESCE(e.target, '') || COALESCE(' of ' || e.host, '')" \
    " || CASE WHEN e.depth > 1 THEN ', depth ' || e.depth ELSE '' END" \
    " || CASE WHEN e.state <> 'complete' THEN ', ' || e.state ELSE '' END FROM exchanges AS e WHERE "
#define SAYS_RESPONSE \
    "SELECT e.response_capture_id, e.response_packet, 'hopscope: response ' || e.ordinal || ': ' ||" \
    " COALESCE(e.status, '') || COALESCE(', waited ' || e.wait_ms || ' ms', '')" \
    " || CASE WHEN e.hol_us > 0 THEN ', blocked ' || e.hol_ms || ' ms' ELSE '' END" \
    " || COALESCE(' (' || NULLIF(e.pair_confidence, 'exact') || ')', '') FROM exchanges AS e WHERE "
#define SAYS_FINDING \
    "SELECT f.packet_capture_id, f.packet, 'hopscope: finding ' || f.code || ' (' || f.severity || '): '" \
    " || COALESCE(f.title, '') || COALESCE(': ' || f.evidence, '') FROM findings AS f WHERE "

/* What an id may be: the first kind that has it. The statements below its stretch say
 * something about its packets. */
static const struct choice_kind {
    const char *stretch;
    const char *says[4];
} kinds[] = {
    { "SELECT " TUPLE WHOLE " FROM connections AS c WHERE c.id = #",
      { SAYS_CONNECTION "#", SAYS_REQUEST "e.connection_id = #", SAYS_RESPONSE "e.connection_id = #",
        SAYS_FINDING "f.connection_id = #" } },
    { "SELECT " TUPLE "COALESCE(x.request_capture_id, x.response_capture_id),"
      " COALESCE(x.request_packet, x.response_packet), c.last_capture_id, c.last_packet,"
      " COALESCE(x.request_start_us, x.response_start_us),"
      " COALESCE(x.response_end_us, x.request_end_us, c.end_us)"
      " FROM exchanges AS x JOIN connections AS c ON c.id = x.connection_id WHERE x.id = #",
      { SAYS_REQUEST "e.id = #", SAYS_RESPONSE "e.id = #",
        SAYS_FINDING "f.connection_id = (SELECT connection_id FROM exchanges WHERE id = #)"
        " AND f.exchange_ordinal = (SELECT ordinal FROM exchanges WHERE id = #)" } },
    { "SELECT " TUPLE WHOLE " FROM tunnels AS t JOIN connections AS c ON c.id = t.connection_id WHERE t.id = #",
      { SAYS_CONNECTION "(SELECT connection_id FROM tunnels WHERE id = #)",
        SAYS_REQUEST "e.connection_id = (SELECT connection_id FROM tunnels WHERE id = #)",
        SAYS_RESPONSE "e.connection_id = (SELECT connection_id FROM tunnels WHERE id = #)",
        SAYS_FINDING "f.connection_id = (SELECT connection_id FROM tunnels WHERE id = #)" } },
};
/* clang-format on */

static enum status add_id(struct slice_choice *c, struct query *q, int64_t id,
                          struct problem *why)
{
    size_t found = 0, said;
    enum status rc = STATUS_OK;
    const struct choice_kind *kind = kinds;
    for (size_t i = 0; rc == STATUS_OK && found == 0 && i < ARRAY_LENGTH(kinds); i++) {
        struct choice_query stretch = {q, kinds[i].stretch, take_stretch};
        kind = &kinds[i];
        rc = run_for(c, &stretch, id, &found, why);
    }
    if (rc == STATUS_OK && found == 0)
        return problem_set(why, STATUS_FAILED,
                           "there is no connection, exchange or tunnel %" PRId64, id);
    for (size_t i = 0; rc == STATUS_OK && i < ARRAY_LENGTH(kind->says); i++) {
        struct choice_query says = {q, kind->says[i], take_comment};
        if (says.sql != NULL) rc = run_for(c, &says, id, &said, why);
    }
    return rc;
}

/* ---- words ---- */

static bool is_number_list(const char *words)
{
    return words[strspn(words, "0123456789, ")] == '\0';
}

static enum status add_number(struct slice_choice *c, int64_t id, struct problem *why)
{
    if (c->id_count >= SLICE_IDS_MAX)
        return problem_set(why, STATUS_FAILED, "more than %d are chosen: choose fewer",
                           SLICE_IDS_MAX);
    if (c->id_count == c->id_capacity) {
        c->id_capacity = c->id_capacity == 0 ? 16 : 2 * c->id_capacity;
        c->ids = mem_resize(c->ids, c->id_capacity * sizeof *c->ids);
    }
    c->ids[c->id_count++] = id;
    return STATUS_OK;
}

static enum status add_numbers(struct slice_choice *c, const char *words,
                               struct problem *why)
{
    enum status rc = STATUS_OK;
    const char *at = words + strspn(words, ", ");
    if (*at == '\0')
        return problem_set(why, STATUS_USAGE, "no connection is named in '%.60s'",
                           words);
    while (rc == STATUS_OK && *at != '\0') {
        char *end = NULL;
        errno = 0;
        long long id = strtoll(at, &end, 10);
        if (errno != 0)
            return problem_set(why, STATUS_USAGE, "'%.60s' is too large for an id", at);
        rc = add_number(c, id, why);
        at = end + strspn(end, ", ");
    }
    return rc;
}

static bool find_id_column(const struct rows *rows, size_t *column)
{
    static const char *const names[] = {"connection_id", "exchange_id", "id"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        for (*column = 0; *column < rows->column_count; ++*column)
            if (strcmp(rows->names[*column], names[i]) == 0) return true;
    }
    return false;
}

static enum status add_rows(struct slice_choice *c, struct query *q, const char *sql,
                            struct problem *why)
{
    struct rows rows = {.context = NULL};
    const struct cell *cells = NULL;
    size_t column = 0;
    enum status rc = query_run(q, sql, &rows, why);
    if (rc == STATUS_OK && !find_id_column(&rows, &column))
        rc = problem_set(why, STATUS_FAILED,
                         "the query has no column connection_id, exchange_id or id");
    while (rc == STATUS_OK) {
        rc = rows_next(&rows, &cells, why);
        if (rc != STATUS_OK || cells == NULL) break;
        if (cells[column].kind == CELL_INTEGER)
            rc = add_number(c, cells[column].integer, why);
    }
    rows_close(&rows);
    if (rc == STATUS_OK && c->id_count == 0)
        rc = problem_set(why, STATUS_FAILED,
                         "the query chooses nothing: it has no rows");
    return rc;
}

static int compare_ids(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

enum status slice_choice_read(struct slice_choice *c, struct query *q,
                              const char *words, struct problem *why)
{
    enum status rc =
        is_number_list(words) ? add_numbers(c, words, why) : add_rows(c, q, words, why);
    if (rc == STATUS_OK) qsort(c->ids, c->id_count, sizeof *c->ids, compare_ids);
    for (size_t i = 0; rc == STATUS_OK && i < c->id_count; i++)
        if (i == 0 || c->ids[i] != c->ids[i - 1]) rc = add_id(c, q, c->ids[i], why);
    if (rc != STATUS_OK) return rc;
    qsort(c->stretches, c->stretch_count, sizeof *c->stretches, compare_stretches);
    if (c->comment_count > 0)
        qsort(c->comments, c->comment_count, sizeof *c->comments, compare_comments);
    return STATUS_OK;
}

void slice_choice_done(struct slice_choice *c)
{
    mem_free(c->ids);
    mem_free(c->stretches);
    mem_free(c->comments);
    buffer_done(&c->texts);
    *c = (struct slice_choice){.stretches = NULL};
}
