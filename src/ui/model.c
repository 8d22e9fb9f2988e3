/* Records into the model.
 *
 *   put, update --> rows (model_rows.c): what is kept
 *             '---> counts, origins: what stays true when rows have gone         */
#include "ui/model.h"

#include "ui/kept_record.h"
#include "ui/model_rows.h"

#include <string.h>

struct model *model_new(void)
{
    struct model *m = mem_alloc(sizeof *m);
    m->findings = mem_alloc_array(MODEL_FINDINGS_MAX, sizeof *m->findings);
    m->connections_max = MODEL_CONNECTIONS_MAX;
    m->exchanges_max = MODEL_EXCHANGES_MAX;
    m->row_bytes_max = MODEL_ROW_BYTES_MAX;
    m->now_us = RECORD_UNKNOWN;
    return m;
}

void model_advance(struct model *m, int64_t now_us)
{
    if (now_us > m->now_us) m->now_us = now_us;
}

static void touch(struct model *m, struct model_connection *c, int64_t at_us)
{
    if (at_us > c->active_us) c->active_us = at_us;
    model_advance(m, at_us);
    c->changed = ++m->version;
}

/* ---- connections ---- */

static void join_origin(struct model *m, struct model_connection *c, struct bytes host)
{
    if (c->origin != NULL || c->record->server.version == 0) return;
    c->origin = origins_find(&m->origins, host, &c->record->server);
    if (c->is_over) return;
    origins_open(&m->origins, c->origin, &c->record->client, c->record->start_us);
}

static void end_connection(struct model *m, struct model_connection *c)
{
    const struct record_connection *r = c->record;
    join_origin(m, c, model_host(c));
    c->is_over = true;
    m->open_connections--;
    m->counts.closed++;
    if (r->open_result == OPEN_REFUSED) m->counts.refused++;
    struct origin *o = c->origin;
    if (o == NULL) return;
    origins_close(&m->origins, o, &r->client, r->end_us);
    if (r->open_result == OPEN_REFUSED) o->refused++;
    if (r->close_cause != CAUSE_IDLE_TIMEOUT || r->closed_by != CLOSED_BY_SERVER)
        return;
    o->idle_closed++;
    if (r->idle_at_close_us == RECORD_UNKNOWN) return;
    if (o->idle_min_us == RECORD_UNKNOWN || r->idle_at_close_us < o->idle_min_us)
        o->idle_min_us = r->idle_at_close_us;
    if (r->idle_at_close_us > o->idle_max_us) o->idle_max_us = r->idle_at_close_us;
}

static void take_connection(struct model *m, const struct record_connection *record,
                            bool is_finished)
{
    struct model_connection *c = model_rows_connection(m, record->id);
    model_rows_tell_connection(m, c, record);
    touch(m, c, record->end_us);
    if (c->first != NULL) join_origin(m, c, model_host(c));
    /* Closed on the wire, although its record may still change. */
    bool is_closed = is_finished || record->is_open == TRI_NO;
    if (is_closed && !c->is_over) end_connection(m, c);
    model_rows_keep_caps(m);
}

static void take_tunnel(struct model *m, const struct record_tunnel *record)
{
    struct model_connection *c = model_connection(m, record->connection_id);
    if (c == NULL || (c->tunnel == NULL && m->tunnel_count == MODEL_TUNNELS_MAX))
        return;
    if (c->tunnel == NULL) m->tunnel_count++;
    mem_free(c->tunnel);
    size_t size; /* few of them, and bounded by their number */
    c->tunnel = kept_record_new(RECORD_TUNNEL, record, &size, &m->counts.cut_texts);
    touch(m, c, record->end_us);
}

/* ---- exchanges ---- */

static bool is_failed(const struct record_exchange *r)
{
    return r->status >= 500 || r->state != EXCHANGE_COMPLETE;
}

static int64_t newest_time(const struct record_exchange *r)
{
    const int64_t times[] = {r->request_start_us, r->request_end_us,
                             r->response_start_us, r->response_end_us};
    int64_t newest = RECORD_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        if (times[i] > newest) newest = times[i];
    }
    return newest;
}

static void take_exchange(struct model *m, const struct record_exchange *record,
                          bool is_finished)
{
    struct model_connection *c = model_rows_connection(m, record->connection_id);
    if (c->record->server.version == 0) { /* before its connection is told */
        c->record->client = record->endpoint[SIDE_CLIENT];
        c->record->server = record->endpoint[SIDE_SERVER];
    }
    model_rows_exchange(m, record);
    touch(m, c, newest_time(record));
    join_origin(m, c, record->host);
    if (is_finished) {
        bool has_failed = is_failed(record);
        m->counts.exchanges++;
        m->counts.failed += has_failed;
        c->finished_exchanges++;
        struct origin *o = c->origin;
        if (record->host.len > 0 && c->record->server.version != 0)
            o = origins_find(&m->origins, record->host, &c->record->server);
        if (o != NULL) origin_exchange(o, record, has_failed);
    }
    model_rows_keep_caps(m);
}

/* ---- findings ---- */

static void take_finding(struct model *m, const struct record_finding *record)
{
    size_t code = record->code == 0 ? 0 : (size_t)record->code - 1;
    uint8_t severity = record->severity;
    if (code >= FINDING_CODE_COUNT || severity > SEVERITY_ATTACK) return;
    uint64_t serial = ++m->finding_serial;
    struct model_finding *f = &m->findings[serial % MODEL_FINDINGS_MAX];
    if (f->serial != 0) m->counts.forgotten_findings++;
    struct bytes evidence = bytes_first(record->evidence, sizeof f->evidence - 1);
    f->serial = serial;
    f->record = *record;
    if (evidence.len > 0) memcpy(f->evidence, evidence.ptr, evidence.len);
    f->record.evidence = bytes_of(f->evidence, evidence.len);
    m->counts.findings[severity]++;
    m->codes[code].count++;
    m->codes[code].newest_serial = serial;
    if (record->time_us > m->codes[code].newest_us || m->codes[code].count == 1)
        m->codes[code].newest_us = record->time_us;
    struct model_connection *c = model_connection(m, record->connection_id);
    model_advance(m, record->time_us);
    m->version++;
    if (c == NULL) return;
    c->findings[severity]++;
    c->codes[code / 8] |= (uint8_t)(1 << code % 8);
    touch(m, c, record->time_us);
}

/* ---- the sink ---- */

static void take_header(struct model *m, const struct record_header *record)
{
    model_rows_header(m, model_exchange(m, record->exchange_id), record);
    m->version++;
    model_rows_keep_caps(m);
}

static void take_capture(struct model *m, const struct record_capture *record)
{
    model_advance(m, record->end_us);
    m->version++;
}

static enum status take(struct model *m, enum record_kind kind, const void *record,
                        bool is_finished)
{
    switch (kind) {
    case RECORD_CAPTURE: take_capture(m, record); break;
    case RECORD_CONNECTION: take_connection(m, record, is_finished); break;
    case RECORD_EXCHANGE: take_exchange(m, record, is_finished); break;
    case RECORD_TUNNEL: take_tunnel(m, record); break;
    case RECORD_FINDING: take_finding(m, record); break;
    case RECORD_HEADER: take_header(m, record); break;
    case RECORD_KIND_COUNT: break;
    }
    return STATUS_OK;
}

static enum status put(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, true);
}

static enum status update(void *context, enum record_kind kind, const void *record)
{
    return take(context, kind, record, false);
}

struct record_sink model_sink(struct model *m)
{
    return (struct record_sink){.context = m, .put = put, .update = update};
}

/* ---- looked up ---- */

struct model_connection *model_connection(const struct model *m, int64_t id)
{
    return id_map_find(&m->connection_map, id);
}

struct model_exchange *model_exchange(const struct model *m, int64_t id)
{
    return id_map_find(&m->exchange_map, id);
}

const struct model_finding *model_finding(const struct model *m, uint64_t serial)
{
    const struct model_finding *f = &m->findings[serial % MODEL_FINDINGS_MAX];
    return serial != 0 && f->serial == serial ? f : NULL;
}

void model_mark(struct model *m, struct model_connection *c, bool is_marked)
{
    if (c->is_marked == is_marked) return;
    c->is_marked = is_marked;
    m->marked += is_marked ? 1 : SIZE_MAX;
    c->changed = ++m->version;
}

bool model_has_code(const struct model_connection *c, enum finding_code code)
{
    return (c->codes[code / 8] >> code % 8 & 1) != 0;
}

struct bytes model_host(const struct model_connection *c)
{
    for (const struct model_exchange *e = c->last; e != NULL; e = e->before) {
        if (e->record->host.len > 0) return e->record->host;
    }
    return bytes_of(NULL, 0);
}
