/* The end of a story: the records of the connection, its tunnels and its findings. */
#include "exchange/secrets.h"
#include "exchange/tracker_state.h"

#include <string.h>

static struct bytes http_name(enum http_version version)
{
    switch (version) {
    case VERSION_09: return bytes_of_text("http/0.9");
    case VERSION_10: return bytes_of_text("http/1.0");
    case VERSION_UNKNOWN:
    case VERSION_11:
    case VERSION_OTHER: return bytes_of_text("http/1.1");
    }
    return bytes_of_text("http/1.1");
}

static struct bytes protocol_name(const struct conn *conn)
{
    const struct story *s = conn->story;
    switch (conn->protocol) {
    case PROTOCOL_NONE: return bytes_of(NULL, 0);
    case PROTOCOL_HTTP: return http_name(s == NULL ? VERSION_UNKNOWN : s->version);
    case PROTOCOL_H2: return bytes_of_text("h2");
    case PROTOCOL_TLS: return bytes_of_text("tls");
    case PROTOCOL_OTHER: return bytes_of_text("other");
    }
    return bytes_of(NULL, 0);
}

static void fill_from_story(const struct story *s, struct record_connection *row)
{
    row->exchanges = (int64_t)s->exchanges;
    row->max_depth = s->max_depth > 0 ? s->max_depth : RECORD_UNKNOWN;
    bool is_depth_known = s->max_depth > 0;
    row->pipelined_requests = is_depth_known ? s->pipelined_requests : RECORD_UNKNOWN;
    row->hol_us = is_depth_known ? s->hol_us : RECORD_UNKNOWN;
    row->resyncs = (int64_t)s->resyncs;
    row->keepalive_timeout_s = s->keepalive_timeout_s;
    row->keepalive_max = s->keepalive_max;
    row->idle_max_us = s->idle_max_us;
    row->idle_at_close_us = persistence_idle_at_close_us(s);
}

void conn_rows_fill(const struct tracker *t, struct conn *conn,
                    struct record_connection *row)
{
    *row = t->blank_connection;
    record_connection_fill(conn, row);
    row->protocol = protocol_name(conn);
    row->exchanges = 0;
    bool is_http = conn->protocol == PROTOCOL_HTTP;
    const struct story *s = conn->story;
    if (s != NULL && is_http) fill_from_story(s, row);
    if (s != NULL && s->tls != NULL) inner_fill_connection(s, row);
    row->close_cause = (uint8_t)close_cause_of(conn->story, conn);
    row->findings = conn->findings == NULL ? 0 : conn->findings->total;
}

/* In the sink's room, if it has some. Without TLS only the history is not static. */
static void put_connection(struct tracker *t, struct conn *conn)
{
    const struct story *s = conn->story;
    struct record_connection own, *row = NULL;
    if (s == NULL || s->tls == NULL)
        row = tracker_room(t, RECORD_CONNECTION, sizeof conn->history);
    if (row != NULL) {
        conn_rows_fill(t, conn, row);
        memcpy(row + 1, conn->history, sizeof conn->history);
        if (row->history.ptr != NULL) row->history.ptr = (uint8_t *)(row + 1);
    } else {
        row = &own;
        conn_rows_fill(t, conn, row);
    }
    t->status = t->options.sink.put(t->options.sink.context, RECORD_CONNECTION, row);
}

void conn_rows_put_findings(struct tracker *t, const struct conn *conn,
                            bool (*is_settled)(const struct conn *conn,
                                               const struct finding *f))
{
    struct finding_list *list = conn->findings;
    char evidence[FINDING_EVIDENCE_MAX * 4 + 1];
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        struct finding *f = &list->rows[i];
        if (f->is_told || (is_settled != NULL && !is_settled(conn, f))) continue;
        f->is_told = true;
        struct record_finding row = t->blank_finding;
        row.id = (int64_t)(conn->id << 16 | ++list->told);
        row.connection_id = (int64_t)conn->id;
        if (f->ordinal > 0) row.exchange_ordinal = f->ordinal;
        row.side = (uint8_t)(f->side + 1);
        row.ref = f->ref;
        row.time_us = record_us(f->captured_ns);
        if (f->offset != OFFSET_UNKNOWN) row.stream_offset = (int64_t)f->offset;
        row.code = (uint8_t)(f->code + 1);
        row.severity = (uint8_t)f->severity;
        struct bytes shown = bytes_of(f->evidence, f->evidence_length);
        if (shown.len > 0 && !t->options.wants_secrets)
            shown = secrets_hide_evidence(f->code, shown, &t->hidden);
        size_t len = bytes_escape(shown, evidence, sizeof evidence);
        if (len > 0) row.evidence = bytes_of(evidence, len);
        if (t->status == STATUS_OK)
            t->status =
                t->options.sink.put(t->options.sink.context, RECORD_FINDING, &row);
    }
}

/* RFC 9112 asks nothing of it, but a port was spent for nothing. */
static void note_unused(struct conn *conn)
{
    if (conn->side[SIDE_CLIENT].bytes > 0)
        return; /* most; spares asking for the cause */
    if (close_cause_of(conn->story, conn) != CAUSE_NEVER_USED) return;
    struct chunk at = {
        .from = conn->closed_by == CLOSED_BY_SERVER ? SIDE_SERVER : SIDE_CLIENT,
        .ref = conn->last_ref,
        .captured_ns = conn->close_ns,
    };
    conn_note(conn, FINDING_CONNECTION_UNUSED, SEVERITY_UNKNOWN, &at, 0,
              bytes_of(NULL, 0));
}

void tracker_expired(struct tracker *t, struct conn *conn)
{
    struct story *s = conn->story;
    note_unused(conn);
    if (s != NULL) persistence_conclude(s);
    if (t->status == STATUS_OK) put_connection(t, conn);
    if (s != NULL && s->tunnels != NULL) inner_put_tunnels(s);
    if (conn->findings != NULL) conn_rows_put_findings(t, conn, NULL);
    if (s == NULL) return;
    inner_done(s);
    optimistic_free(s->optimistic);
    pipelining_done(s);
    mem_free(s->desync.hidden);
    if (s->headers != NULL) header_rows_done(s->headers);
    mem_free(s->headers);
    pool_give(t->stories, s);
    conn->story = NULL;
}

struct tracker_counters *tracker_grow_counters(struct tracker *t, uint32_t at)
{
    t->counters = mem_resize(t->counters, (at + 1) * sizeof *t->counters);
    for (; t->counter_count <= at; t->counter_count++)
        t->counters[t->counter_count] = (struct tracker_counters){0};
    return &t->counters[at];
}

struct tracker_counters tracker_counters(const struct tracker *t, uint32_t capture_id)
{
    uint32_t at = capture_id - t->options.first_capture_id;
    return at < t->counter_count ? t->counters[at] : (struct tracker_counters){0};
}
