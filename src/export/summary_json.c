/* The same summary for programs. Names are those of the database; times are µs since
 * the epoch, durations µs. */
#include "export/json.h"
#include "export/summary.h"

#include <stddef.h>
#include <stdio.h>

enum { JSON_HOSTS_MAX = 1000 };

/* A packet: the capture's id and its number there; null for none. */
static void summary_json_ref(struct json *j, const char *key, uint64_t ref)
{
    if (ref == 0) {
        json_put_null(j, key);
        return;
    }
    json_begin_object(j, key);
    json_put_integer(j, "capture_id", (int64_t)(ref >> 32));
    json_put_integer(j, "packet", (int64_t)(ref & UINT32_MAX));
    json_end_object(j);
}

static void summary_json_tally(struct json *j, const char *key, const struct tally *t)
{
    const struct tally_row *rows[TALLY_ROWS_MAX];
    tally_sort(t, rows);
    json_begin_object(j, key);
    for (size_t i = 0; i < t->count; i++)
        json_put_integer(j, rows[i]->name, (int64_t)rows[i]->count);
    if (t->others > 0) json_put_integer(j, "(others)", (int64_t)t->others);
    json_end_object(j);
}

static void summary_json_enums(struct json *j, enum record_kind kind, const char *field,
                               const uint64_t counts[SUMMARY_ENUM_MAX])
{
    json_begin_object(j, field);
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) {
        const char *name = summary_enum_name(kind, field, i);
        if (name && counts[i] > 0) json_put_integer(j, name, (int64_t)counts[i]);
    }
    json_end_object(j);
}

static void summary_json_spread(struct json *j, const char *key,
                                const struct histogram *h)
{
    json_begin_object(j, key);
    json_put_integer(j, "count", (int64_t)h->count);
    json_put_known(j, "min", h->count > 0 ? h->least : RECORD_UNKNOWN);
    json_put_known(j, "p50", histogram_percentile(h, 50));
    json_put_known(j, "p95", histogram_percentile(h, 95));
    json_put_known(j, "p99", histogram_percentile(h, 99));
    json_put_known(j, "max", h->count > 0 ? h->most : RECORD_UNKNOWN);
    json_put_bool(j, "is_exact", histogram_is_exact(h));
    json_end_object(j);
}

/* ---- captures: every column, by the field table ---- */

static void summary_json_capture(struct json *j, const struct record_capture *c)
{
    const struct record_layout *layout = record_layout(RECORD_CAPTURE);
    json_begin_object(j, NULL);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *field = &layout->fields[i];
        if (field->type == FIELD_TEXT)
            json_put_text(j, field->name, record_text(field, c));
        else
            json_put_known(j, field->name, record_integer(field, c));
    }
    json_put_bool(j, "is_complete", summary_is_complete(c));
    json_end_object(j);
}

static void summary_json_trust(struct json *j, const struct summary *s)
{
    const struct record_layout *layout = record_layout(RECORD_CAPTURE);
    bool is_complete = s->captures_seen > 0 && s->damaged == 0;
    is_complete = is_complete && summary_is_complete(&s->sums);
    json_begin_object(j, "trust");
    json_put_bool(j, "is_complete", is_complete);
    json_put_integer(j, "captures", (int64_t)s->captures_seen);
    json_put_integer(j, "damaged_captures", (int64_t)s->damaged);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *field = &layout->fields[i];
        if (field->type == FIELD_TEXT || field->offset == 0) continue;
        if (field->offset == offsetof(struct record_capture, snaplen)) continue;
        json_put_known(j, field->name, record_integer(field, &s->sums));
    }
    json_end_object(j);
    json_begin_array(j, "captures");
    for (size_t i = 0; i < s->capture_count; i++)
        summary_json_capture(j, &s->captures[i]);
    json_end_array(j);
}

/* ---- connections ---- */

static void summary_json_connections(struct json *j, const struct summary *s)
{
    json_begin_object(j, "connections");
    json_put_integer(j, "count", (int64_t)s->connections);
    json_put_integer(j, "with_exchanges", (int64_t)s->http_connections);
    summary_json_tally(j, "protocol", &s->protocols);
    summary_json_enums(j, RECORD_CONNECTION, "open_result", s->open_results);
    summary_json_spread(j, "handshake_us", &s->handshake);
    json_put_integer(j, "syn_retransmits", (int64_t)s->syn_retransmits);
    json_put_integer(j, "client_bytes", (int64_t)s->bytes[SIDE_CLIENT]);
    json_put_integer(j, "server_bytes", (int64_t)s->bytes[SIDE_SERVER]);
    json_put_integer(j, "retransmitted_segments", (int64_t)s->retransmitted_segments);
    json_put_integer(j, "retransmitted_bytes", (int64_t)s->retransmitted_bytes);
    json_put_integer(j, "out_of_order_segments", (int64_t)s->out_of_order);
    json_put_integer(j, "resyncs", (int64_t)s->resyncs);
    json_end_object(j);
}

static void summary_json_closings(struct json *j, const struct summary *s)
{
    static const char *const closers[SUMMARY_CLOSERS] = {"unknown", "client", "server",
                                                         "both"};
    json_begin_object(j, "closings");
    json_put_integer(j, "open", (int64_t)s->still_open);
    summary_json_enums(j, RECORD_CONNECTION, "close_kind", s->close_kinds);
    json_begin_array(j, "causes");
    for (size_t cause = 0; cause < SUMMARY_ENUM_MAX; cause++) {
        const uint64_t *by = s->causes[cause];
        uint64_t total = by[0] + by[1] + by[2] + by[3];
        if (total == 0) continue;
        const char *name = summary_enum_name(RECORD_CONNECTION, "close_cause", cause);
        json_begin_object(j, NULL);
        json_put_text(j, "close_cause", bytes_of_text(name));
        json_put_integer(j, "count", (int64_t)total);
        for (size_t i = 0; i < SUMMARY_CLOSERS; i++)
            json_put_integer(j, closers[i], (int64_t)by[i]);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void summary_json_reuse(struct json *j, const struct summary *s)
{
    json_begin_object(j, "reuse");
    json_put_integer(j, "reused_exchanges", (int64_t)s->reused_exchanges);
    if (s->exchanges == 0)
        json_put_null(j, "share");
    else
        json_put_real(j, "share", (double)s->reused_exchanges / (double)s->exchanges);
    json_put_integer(j, "most_exchanges", s->most_exchanges);
    summary_json_ref(j, "most_exchanges_first", s->most_exchanges_ref);
    json_put_known(j, "idle_survived_us", s->idle_survived_us);
    summary_json_spread(j, "idle_closed_by_server_us", &s->idle_closed);
    json_begin_array(j, "distribution");
    for (size_t i = 0; i < SUMMARY_REUSE_BUCKETS; i++) {
        int64_t next = summary_reuse_floor(i + 1);
        json_begin_object(j, NULL);
        json_put_integer(j, "from", summary_reuse_floor(i));
        json_put_known(j, "to", next == INT64_MAX ? RECORD_UNKNOWN : next - 1);
        json_put_integer(j, "connections", (int64_t)s->reuse[i]);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

/* ---- exchanges ---- */

static void summary_json_statuses(struct json *j, const struct summary *s)
{
    json_begin_object(j, "status");
    for (size_t status = 0; status < SUMMARY_STATUS_MAX; status++) {
        char name[8];
        if (s->statuses[status] == 0) continue;
        snprintf(name, sizeof name, "%zu", status);
        json_put_integer(j, name, (int64_t)s->statuses[status]);
    }
    if (s->statuses_odd > 0) json_put_integer(j, "(odd)", (int64_t)s->statuses_odd);
    json_end_object(j);
}

static void summary_json_exchanges(struct json *j, const struct summary *s)
{
    json_begin_object(j, "exchanges");
    json_put_integer(j, "count", (int64_t)s->exchanges);
    summary_json_enums(j, RECORD_EXCHANGE, "state", s->states);
    summary_json_enums(j, RECORD_EXCHANGE, "pair_confidence", s->confidences);
    summary_json_statuses(j, s);
    summary_json_tally(j, "method", &s->methods);
    struct histogram wait = summary_wait(s);
    summary_json_spread(j, "wait_us", &wait);
    histogram_done(&wait);
    json_put_integer(j, "interims", (int64_t)s->interims);
    json_put_integer(j, "early_responses", (int64_t)s->early_responses);
    summary_json_enums(j, RECORD_EXCHANGE, "expect_outcome", s->expects);
    json_put_integer(j, "expect_saved_bytes", (int64_t)s->expect_saved_bytes);
    json_end_object(j);
}

static void summary_json_pipelining(struct json *j, const struct summary *s)
{
    const struct convoy *c = &s->worst_convoy;
    json_begin_object(j, "pipelining");
    json_put_integer(j, "max_depth", s->max_depth);
    summary_json_ref(j, "max_depth_first", s->max_depth_ref);
    json_put_integer(j, "connections", (int64_t)s->pipelined_connections);
    json_put_integer(j, "pipelined_requests", (int64_t)s->pipelined_requests);
    json_put_integer(j, "held_requests", (int64_t)s->held_requests);
    json_put_integer(j, "hol_us", (int64_t)s->hol_us);
    if (c->held == 0) {
        json_put_null(j, "worst_head");
    } else {
        json_begin_object(j, "worst_head");
        json_put_text(j, "method", bytes_of_text(c->method));
        json_put_text(j, "target", bytes_of_text(c->target));
        summary_json_ref(j, "request", c->request_ref);
        summary_json_ref(j, "response", c->response_ref);
        json_put_integer(j, "held_requests", (int64_t)c->held);
        json_put_integer(j, "hol_longest_us", c->longest_us);
        json_put_integer(j, "hol_us", c->total_us);
        json_end_object(j);
    }
    json_end_object(j);
}

static void summary_json_upgrades(struct json *j, const struct summary *s)
{
    const struct tally_row *rows[TALLY_ROWS_MAX];
    json_begin_object(j, "upgrades");
    summary_json_enums(j, RECORD_EXCHANGE, "upgrade_result", s->upgrades);
    summary_json_tally(j, "upgrade_protocol", &s->upgrade_protocols);
    json_put_integer(j, "optimistic_bytes", (int64_t)s->optimistic_bytes);
    json_begin_array(j, "tunnels");
    tally_sort(&s->tunnel_protocols, rows);
    for (size_t i = 0; i < s->tunnel_protocols.count; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "protocol", bytes_of_text(rows[i]->name));
        json_put_integer(j, "count", (int64_t)rows[i]->count);
        json_put_integer(j, "bytes", (int64_t)rows[i]->bytes);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

/* ---- lists ---- */

static void summary_json_hosts(struct json *j, const struct summary *s)
{
    const struct host_row **rows =
        mem_alloc_array(JSON_HOSTS_MAX, sizeof(struct host_row *));
    size_t count = host_table_top(&s->hosts, rows, JSON_HOSTS_MAX);
    json_put_integer(j, "host_count", s->hosts.count);
    json_put_integer(j, "exchanges_of_hosts_beyond",
                     (int64_t)s->hosts.exchanges_beyond);
    json_begin_array(j, "hosts");
    for (size_t i = 0; i < count; i++) {
        json_begin_object(j, NULL);
        json_put_text(j, "host", rows[i]->name);
        json_put_integer(j, "connections", (int64_t)rows[i]->connections);
        json_put_integer(j, "exchanges", (int64_t)rows[i]->exchanges);
        json_put_integer(j, "failed", (int64_t)rows[i]->failed);
        summary_json_spread(j, "wait_us", &rows[i]->wait);
        json_end_object(j);
    }
    json_end_array(j);
    mem_free(rows);
}

static void summary_json_asked(struct json *j, const struct asked *a)
{
    json_put_text(j, "method", a->method);
    json_put_text(j, "host", a->host);
    json_put_text(j, "target", a->target);
}

static void summary_json_name(struct json *j, enum record_kind kind, const char *field,
                              uint8_t value)
{
    const char *name = summary_enum_name(kind, field, value);
    json_put_text(j, field, name ? bytes_of_text(name) : bytes_of(NULL, 0));
}

static void summary_json_failed(struct json *j, const struct summary *s)
{
    const struct failures *list = &s->failures;
    json_put_integer(j, "failed_count", (int64_t)list->total);
    json_begin_array(j, "failed");
    for (size_t i = 0; i < list->count; i++) {
        const struct failure *f = &list->rows[i];
        bool has_time =
            f->time_us != RECORD_UNKNOWN && s->sums.start_us != RECORD_UNKNOWN;
        json_begin_object(j, NULL);
        json_put_known(j, "time_us", f->time_us);
        json_put_known(j, "since_start_us",
                       has_time ? f->time_us - s->sums.start_us : RECORD_UNKNOWN);
        json_put_known(j, "status", f->status);
        summary_json_name(j, RECORD_EXCHANGE, "state", f->state);
        summary_json_asked(j, &f->asked);
        summary_json_ref(j, "request", f->request_ref);
        summary_json_ref(j, "response", f->response_ref);
        json_put_id(j, "connection_id", (uint64_t)f->connection_id);
        summary_json_name(j, RECORD_CONNECTION, "close_cause", f->close_cause);
        summary_json_name(j, RECORD_CONNECTION, "closed_by", f->closed_by);
        json_end_object(j);
    }
    json_end_array(j);
}

static void summary_json_slowest(struct json *j, const struct summary *s)
{
    json_begin_array(j, "slowest");
    for (size_t i = 0; i < s->slowest_count; i++) {
        const struct summary_slow *w = &s->slowest[i];
        json_begin_object(j, NULL);
        json_put_integer(j, "service_us", w->service_us);
        json_put_known(j, "wait_us", w->wait_us);
        json_put_known(j, "status", w->status);
        summary_json_asked(j, &w->asked);
        summary_json_ref(j, "request", w->request_ref);
        summary_json_ref(j, "response", w->response_ref);
        json_end_object(j);
    }
    json_end_array(j);
}

static void summary_json_finding(struct json *j, const struct summary_finding *f,
                                 enum finding_code code, enum severity severity)
{
    const struct finding_description *about = finding_describe(code);
    json_begin_object(j, NULL);
    json_put_text(j, "code", bytes_of_text(about->name));
    json_put_text(j, "severity", bytes_of_text(severity_name(severity)));
    json_put_text(j, "title", bytes_of_text(about->title));
    json_put_text(j, "reference", bytes_of_text(about->reference));
    json_put_integer(j, "count", (int64_t)f->count);
    summary_json_ref(j, "first", f->first_ref);
    json_end_object(j);
}

static void summary_json_findings(struct json *j, const struct summary *s)
{
    json_put_integer(j, "finding_count", (int64_t)s->findings);
    json_begin_array(j, "findings");
    for (size_t severity = SUMMARY_SEVERITIES - 1; severity > 0; severity--) {
        for (size_t code = 0; code < FINDING_CODE_COUNT; code++) {
            const struct summary_finding *f = &s->finding[code][severity];
            if (f->count == 0) continue;
            summary_json_finding(j, f, (enum finding_code)code,
                                 (enum severity)severity);
        }
    }
    json_end_array(j);
}

void summary_json_write(const struct summary *s, struct buffer *out)
{
    struct json json = {.out = out, .indent = 2};
    json_begin_object(&json, NULL);
    summary_json_trust(&json, s);
    summary_json_connections(&json, s);
    summary_json_exchanges(&json, s);
    summary_json_reuse(&json, s);
    summary_json_pipelining(&json, s);
    summary_json_upgrades(&json, s);
    summary_json_closings(&json, s);
    summary_json_hosts(&json, s);
    summary_json_failed(&json, s);
    summary_json_slowest(&json, s);
    summary_json_findings(&json, s);
    json_end_object(&json);
    json_done(&json);
    buffer_append_text(out, "\n");
}
