/* The names of the filter language: some of our own, then every column of the views
 * connections and exchanges. */
#include "ui/row_filter_tree.h"

#include <stdio.h>
#include <string.h>

/* ---- gathering ---- */

static void add_number(struct row_filter_values *out, int64_t value)
{
    if (value == RECORD_UNKNOWN || out->number_count == ROW_FILTER_VALUES_MAX) return;
    out->numbers[out->number_count++] = value;
}

static void add_text(struct row_filter_values *out, struct bytes text)
{
    if (text.ptr == NULL || out->text_count == ROW_FILTER_VALUES_MAX) return;
    out->texts[out->text_count++] = text;
}

static char *scratch(struct row_filter_values *out, size_t size)
{
    if (out->scratch_used + size > sizeof out->scratch) return NULL;
    char *at = out->scratch + out->scratch_used;
    out->scratch_used += size;
    return at;
}

static void add_endpoint(struct row_filter_values *out, const struct endpoint *e)
{
    char *address = scratch(out, ADDRESS_TEXT_MAX);
    char *whole = scratch(out, ENDPOINT_TEXT_MAX);
    if (e->version == 0 || address == NULL || whole == NULL) return;
    endpoint_format_address(e, address);
    endpoint_format(e, whole);
    add_text(out, bytes_of_text(whole));
    add_text(out, bytes_of_text(address));
}

/* ---- the names ---- */

static void gather_client(const struct row_filter_row *row,
                          struct row_filter_values *out)
{
    add_endpoint(out, &row->connection->record->client);
}

static void gather_server(const struct row_filter_row *row,
                          struct row_filter_values *out)
{
    add_endpoint(out, &row->connection->record->server);
}

static void gather_address(const struct row_filter_row *row,
                           struct row_filter_values *out)
{
    gather_client(row, out);
    gather_server(row, out);
}

static void gather_port(const struct row_filter_row *row, struct row_filter_values *out)
{
    const struct record_connection *r = row->connection->record;
    if (r->client.version != 0) add_number(out, r->client.port);
    if (r->server.version != 0) add_number(out, r->server.port);
}

static void gather_host(const struct row_filter_row *row, struct row_filter_values *out)
{
    if (row->exchange != NULL) add_text(out, row->exchange->record->host);
    add_text(out, row->connection->record->tls_sni);
    if (row->connection->tunnel != NULL)
        add_text(out, row->connection->tunnel->tls_sni);
}

static void gather_url(const struct row_filter_row *row, struct row_filter_values *out)
{
    if (row->exchange == NULL) return;
    const struct record_exchange *e = row->exchange->record;
    char *text = scratch(out, ROW_FILTER_SCRATCH / 2);
    if (text == NULL) return;
    snprintf(text, ROW_FILTER_SCRATCH / 2, "%.*s%.*s", (int)e->host.len,
             e->host.len > 0 ? (const char *)e->host.ptr : "", (int)e->target.len,
             e->target.len > 0 ? (const char *)e->target.ptr : "");
    add_text(out, bytes_of_text(text));
    add_text(out, e->target);
}

static void gather_finding(const struct row_filter_row *row,
                           struct row_filter_values *out)
{
    for (int code = 0; code < FINDING_CODE_COUNT; code++) {
        if (model_has_code(row->connection, (enum finding_code)code))
            add_text(out,
                     bytes_of_text(finding_describe((enum finding_code)code)->name));
    }
}

static void gather_severity(const struct row_filter_row *row,
                            struct row_filter_values *out)
{
    for (int s = SEVERITY_INFO; s <= SEVERITY_ATTACK; s++) {
        if (row->connection->findings[s] > 0)
            add_text(out, bytes_of_text(severity_name((enum severity)s)));
    }
}

static void gather_findings(const struct row_filter_row *row,
                            struct row_filter_values *out)
{
    int64_t count = 0;
    for (int s = 0; s <= SEVERITY_ATTACK; s++) count += row->connection->findings[s];
    add_number(out, count);
}

static void gather_state(const struct row_filter_row *row,
                         struct row_filter_values *out)
{
    static const char *const closes[] = {NULL,   "fin",      "rst",
                                         "idle", "replaced", "open"};
    const struct model_connection *c = row->connection;
    uint8_t kind = c->record->close_kind;
    add_text(out, bytes_of_text(c->is_over ? "closed" : "open"));
    if (!c->is_over) add_text(out, bytes_of_text(c->waiting > 0 ? "busy" : "idle"));
    if (c->is_over && kind < ARRAY_LENGTH(closes))
        add_text(out, bytes_of_text(closes[kind]));
    if (row->exchange == NULL) return;
    add_text(out, record_text(record_field(RECORD_EXCHANGE, "state"),
                              row->exchange->record));
}

static void gather_wait(const struct row_filter_row *row, struct row_filter_values *out)
{
    if (row->exchange != NULL) add_number(out, row->exchange->record->wait_us);
}

static void gather_idle(const struct row_filter_row *row, struct row_filter_values *out)
{
    const struct model_connection *c = row->connection;
    int64_t now_us = row->model->now_us;
    if (c->is_over)
        add_number(out, c->record->idle_at_close_us);
    else if (c->waiting == 0 && c->active_us != RECORD_UNKNOWN)
        add_number(out, now_us - c->active_us);
}

static void gather_age(const struct row_filter_row *row, struct row_filter_values *out)
{
    const struct record_connection *r = row->connection->record;
    int64_t end_us = row->connection->is_over ? r->end_us : row->model->now_us;
    if (r->start_us != RECORD_UNKNOWN && end_us != RECORD_UNKNOWN)
        add_number(out, end_us - r->start_us);
}

static void gather_bytes(const struct row_filter_row *row,
                         struct row_filter_values *out)
{
    const struct record_conn_side *side = row->connection->record->side;
    if (side[0].bytes == RECORD_UNKNOWN || side[1].bytes == RECORD_UNKNOWN) return;
    add_number(out, side[0].bytes + side[1].bytes);
}

static void gather_depth(const struct row_filter_row *row,
                         struct row_filter_values *out)
{
    add_number(out, row->connection->waiting);
    add_number(out, row->connection->record->max_depth);
}

static void gather_marked(const struct row_filter_row *row,
                          struct row_filter_values *out)
{
    add_number(out, row->connection->is_marked);
    add_text(out, bytes_of_text(row->connection->is_marked ? "yes" : "no"));
}

static void gather_cause(const struct row_filter_row *row,
                         struct row_filter_values *out)
{
    add_text(out, record_text(record_field(RECORD_CONNECTION, "close_cause"),
                              row->connection->record));
}

static void gather_any(const struct row_filter_row *row, struct row_filter_values *out)
{
    gather_address(row, out);
    if (row->exchange == NULL) {
        gather_host(row, out);
        return;
    }
    const struct record_exchange *e = row->exchange->record;
    add_text(out, e->host);
    add_text(out, e->method);
    add_text(out, e->target);
    char *status = scratch(out, 24);
    if (status == NULL || e->status == RECORD_UNKNOWN) return;
    snprintf(status, 24, "%lld", (long long)e->status);
    add_text(out, bytes_of_text(status));
}

struct name_row {
    struct row_filter_name name;
    void (*gather)(const struct row_filter_row *row, struct row_filter_values *out);
    enum row_filter_unit unit;
};

/* clang-format off */
static const struct name_row rows[] = {
    {{ "host",     "Host of an exchange, or name in a TLS handshake" }, gather_host,    UNIT_PLAIN },
    {{ "address",  "address or address:port of either side" },          gather_address, UNIT_PLAIN },
    {{ "addr",     NULL },                                              gather_address, UNIT_PLAIN },
    {{ "client",   "... of the client" },                               gather_client,  UNIT_PLAIN },
    {{ "server",   "... of the server" },                               gather_server,  UNIT_PLAIN },
    {{ "port",     "port of either side" },                             gather_port,    UNIT_PLAIN },
    {{ "url",      "host and target together" },                        gather_url,     UNIT_PLAIN },
    {{ "path",     NULL },                                              gather_url,     UNIT_PLAIN },
    {{ "state",    "open, closed, busy, idle, fin, rst; no_response, ..." }, gather_state, UNIT_PLAIN },
    {{ "cause",    "why the connection ended: idle_timeout, ..." },     gather_cause,   UNIT_PLAIN },
    {{ "wait",     "from request to response (ms unless us, s, m)" },   gather_wait,    UNIT_DURATION },
    {{ "idle",     "time without an exchange under way" },              gather_idle,    UNIT_DURATION },
    {{ "age",      "since the connection's start, or its length" },     gather_age,     UNIT_DURATION },
    {{ "bytes",    "of both directions (k, m, g)" },                    gather_bytes,   UNIT_BYTES },
    {{ "depth",    "requests under way, now or at most" },              gather_depth,   UNIT_PLAIN },
    {{ "finding",  "code of a finding: idle_race, line_lf, ..." },      gather_finding, UNIT_PLAIN },
    {{ "findings", "how many findings" },                               gather_findings, UNIT_PLAIN },
    {{ "severity", "info, warning, attack" },                           gather_severity, UNIT_PLAIN },
    {{ "marked",   "yes, no" },                                         gather_marked,  UNIT_PLAIN },
};
/* clang-format on */

const struct row_filter_name *row_filter_names(size_t index)
{
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].name.about == NULL) continue;
        if (at++ == index) return &rows[i].name;
    }
    return NULL;
}

struct row_filter_subject row_filter_subject_any(void)
{
    return (struct row_filter_subject){.gather = gather_any};
}

static bool find_field(const char *name, enum record_kind kind,
                       struct row_filter_subject *out)
{
    const struct field *f = record_field(kind, name);
    if (f == NULL) return false;
    out->field = f;
    out->kind = kind;
    out->unit = f->type == FIELD_DURATION ? UNIT_DURATION : UNIT_PLAIN;
    return true;
}

bool row_filter_subject_find(struct bytes name, struct row_filter_subject *out)
{
    char text[64];
    *out = (struct row_filter_subject){.gather = NULL};
    if (name.len >= sizeof text) return false;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (!bytes_are_caseless(name, rows[i].name.name)) continue;
        out->gather = rows[i].gather;
        out->unit = rows[i].unit;
        return true;
    }
    snprintf(text, sizeof text, "%.*s", (int)name.len, (const char *)name.ptr);
    return find_field(text, RECORD_EXCHANGE, out) ||
           find_field(text, RECORD_CONNECTION, out);
}

void row_filter_gather(const struct row_filter_subject *s,
                       const struct row_filter_row *row, struct row_filter_values *out)
{
    if (s->gather != NULL) {
        s->gather(row, out);
        return;
    }
    if (s->kind == RECORD_EXCHANGE && row->exchange == NULL) return;
    const void *record = s->kind == RECORD_EXCHANGE
                             ? (const void *)row->exchange->record
                             : (const void *)row->connection->record;
    struct bytes text = record_text(s->field, record);
    if (s->field->type == FIELD_TEXT || s->field->type == FIELD_ENUM) {
        add_text(out, text);
        return;
    }
    if (s->field->type == FIELD_ADDRESS) {
        char *address = scratch(out, ADDRESS_TEXT_MAX);
        if (address == NULL) return;
        record_format(s->field, record, address, ADDRESS_TEXT_MAX);
        add_text(out, bytes_of_text(address));
        return;
    }
    int64_t number = record_integer(s->field, record);
    char *digits = scratch(out, 24);
    add_number(out, number);
    if (digits == NULL || number == RECORD_UNKNOWN) return;
    snprintf(digits, 24, "%lld", (long long)number);
    add_text(out, bytes_of_text(digits));
}
