/* The sink that counts. Exchanges come before their connection, whose row says only
 * what the connection as a whole did; captures come last and say how far to believe it
 * all. */
#include "export/summary.h"

#include <stddef.h>
#include <string.h>

/* ---- tables ---- */

/* clang-format off */
#define SUMMED(member) offsetof(struct record_capture, member)
static const size_t summed[] = {
    SUMMED(packets), SUMMED(bytes), SUMMED(kernel_dropped), SUMMED(interface_dropped),
    SUMMED(truncated_packets), SUMMED(undecoded_packets), SUMMED(duplicate_packets),
    SUMMED(bad_checksums), SUMMED(connections), SUMMED(midstream_connections),
    SUMMED(one_sided_connections), SUMMED(missing_bytes), SUMMED(evicted_connections),
    SUMMED(exchanges), SUMMED(exact_pairs), SUMMED(inferred_pairs),
    SUMMED(ambiguous_pairs), SUMMED(orphan_responses), SUMMED(odd_segments),
    SUMMED(late_packets), SUMMED(overdue_packets),
};
/* clang-format on */

static int64_t *summary_member(struct record_capture *capture, size_t offset)
{
    return (int64_t *)(void *)((char *)capture + offset);
}

bool summary_is_complete(const struct record_capture *capture)
{
    for (size_t i = 0; i < summary_doubt_count; i++) {
        if (summary_doubt_figure(&summary_doubts[i], capture) > 0) return false;
    }
    return capture->damage.len == 0;
}

int64_t summary_reuse_floor(size_t bucket)
{
    static const int64_t floors[SUMMARY_REUSE_BUCKETS] = {1, 2, 3, 6, 11, 101, 1001};
    return bucket < SUMMARY_REUSE_BUCKETS ? floors[bucket] : INT64_MAX;
}

const char *summary_enum_name(enum record_kind kind, const char *field, size_t value)
{
    const struct field *row = record_field(kind, field);
    if (!row || !row->names) return NULL;
    for (size_t i = 1; row->names[i]; i++) {
        if (i == value) return row->names[i];
    }
    return NULL;
}

static inline void summary_count(uint64_t counts[SUMMARY_ENUM_MAX], uint8_t value)
{
    counts[value % SUMMARY_ENUM_MAX]++;
}

/* An owned copy; ptr NULL stays NULL. */
static struct bytes summary_copy(struct bytes text)
{
    if (text.ptr == NULL) return text;
    uint8_t *copy = mem_alloc(text.len);
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    return bytes_of(copy, text.len);
}

/* ---- captures ---- */

static void summary_add_capture(struct summary *s, const struct record_capture *c)
{
    s->captures_seen++;
    if (c->damage.len > 0) s->damaged++;
    for (size_t i = 0; i < ARRAY_LENGTH(summed); i++) {
        int64_t figure;
        memcpy(&figure, (const char *)c + summed[i], sizeof figure);
        int64_t *sum = summary_member(&s->sums, summed[i]);
        if (figure == RECORD_UNKNOWN) continue;
        *sum = *sum == RECORD_UNKNOWN ? figure : *sum + figure;
    }
    struct record_capture *sums = &s->sums;
    if (c->start_us != RECORD_UNKNOWN &&
        (sums->start_us == RECORD_UNKNOWN || c->start_us < sums->start_us))
        sums->start_us = c->start_us;
    if (c->end_us != RECORD_UNKNOWN && c->end_us > sums->end_us)
        sums->end_us = c->end_us; /* unknown is the least of all */
    if (s->capture_count == SUMMARY_CAPTURES_MAX) return;
    struct record_capture *row = &s->captures[s->capture_count++];
    *row = *c;
    row->source = summary_copy(c->source);
    row->kind = summary_copy(c->kind);
    row->format = summary_copy(c->format);
    row->link_types = summary_copy(c->link_types);
    row->damage = summary_copy(c->damage);
    row->program_version = summary_copy(c->program_version);
}

/* ---- connections ---- */

/* Of equals the one that began first, whichever record came first. */
static bool summary_is_more(const struct record_connection *c, int64_t value,
                            int64_t most, uint64_t most_ref)
{
    return value > most || (value == most && c->first_ref < most_ref);
}

static void summary_add_reuse(struct summary *s, const struct record_connection *c)
{
    if (c->exchanges <= 0) return;
    s->http_connections++;
    size_t bucket = 0;
    while (c->exchanges >= summary_reuse_floor(bucket + 1)) bucket++;
    s->reuse[bucket]++;
    if (summary_is_more(c, c->exchanges, s->most_exchanges, s->most_exchanges_ref)) {
        s->most_exchanges = c->exchanges;
        s->most_exchanges_ref = c->first_ref;
    }
    if (c->pipelined_requests > 0) {
        s->pipelined_connections++;
        s->pipelined_requests += (uint64_t)c->pipelined_requests;
    }
    if (summary_is_more(c, c->max_depth, s->max_depth, s->max_depth_ref)) {
        s->max_depth = c->max_depth;
        s->max_depth_ref = c->first_ref;
    }
    if (c->resyncs > 0) s->resyncs += (uint64_t)c->resyncs;
    if (c->idle_max_us > s->idle_survived_us) s->idle_survived_us = c->idle_max_us;
    if (c->close_cause == CAUSE_IDLE_TIMEOUT && c->closed_by == CLOSED_BY_SERVER)
        histogram_add(&s->idle_closed, c->idle_at_close_us);
}

static void summary_add_connection(struct summary *s, const struct record_connection *c)
{
    s->connections++;
    bool has_protocol = c->protocol.len > 0;
    tally_add(&s->protocols, has_protocol ? c->protocol : bytes_of_text("no payload"));
    summary_count(s->open_results, c->open_result);
    summary_count(s->close_kinds, c->close_kind);
    if (c->close_cause == CAUSE_UNKNOWN && c->close_kind == CLOSE_OPEN)
        s->still_open++;
    else if (c->close_cause < SUMMARY_ENUM_MAX && c->closed_by < SUMMARY_CLOSERS)
        s->causes[c->close_cause][c->closed_by]++;
    for (size_t i = 0; i < 2; i++) {
        const struct record_conn_side *side = &c->side[i];
        if (side->bytes > 0) s->bytes[i] += (uint64_t)side->bytes;
        if (side->retransmitted_segments > 0)
            s->retransmitted_segments += (uint64_t)side->retransmitted_segments;
        if (side->retransmitted_bytes > 0)
            s->retransmitted_bytes += (uint64_t)side->retransmitted_bytes;
        if (side->out_of_order_segments > 0)
            s->out_of_order += (uint64_t)side->out_of_order_segments;
    }
    if (c->syn_retransmits > 0) s->syn_retransmits += (uint64_t)c->syn_retransmits;
    if (c->findings > 0) s->connection_findings += (uint64_t)c->findings;
    histogram_add(&s->handshake, c->handshake_us);
    summary_add_reuse(s, c);
    failures_end(&s->failures, c);
    ongoing_forget(&s->ongoing, c->id);
}

/* ---- exchanges ---- */

/* How long the response took by itself: what a pipelined request stood behind others is
 * their time (SEMANTICS, 5). */
static int64_t summary_service_us(const struct record_exchange *e)
{
    return e->depth >= 2 ? e->service_us : e->wait_us;
}

static bool summary_is_slower(const struct record_exchange *e,
                              const struct summary_slow *than)
{
    int64_t service_us = summary_service_us(e);
    if (service_us != than->service_us) return service_us > than->service_us;
    return e->request_ref < than->request_ref;
}

/* Keeps the list sorted, longest first; of equals the one asked first. */
static void summary_add_slow(struct summary *s, const struct record_exchange *e)
{
    size_t at = s->slowest_count;
    while (at > 0 && summary_is_slower(e, &s->slowest[at - 1])) at--;
    if (at == SUMMARY_SLOWEST_MAX) return;
    if (s->slowest_count == SUMMARY_SLOWEST_MAX)
        asked_done(&s->slowest[--s->slowest_count].asked);
    memmove(&s->slowest[at + 1], &s->slowest[at],
            (s->slowest_count - at) * sizeof s->slowest[0]);
    s->slowest_count++;
    s->slowest[at] = (struct summary_slow){
        .service_us = summary_service_us(e),
        .wait_us = e->wait_us,
        .status = e->status,
        .request_ref = e->request_ref,
        .response_ref = e->response_ref,
        .asked = asked_of(e),
    };
    if (s->slowest_count == SUMMARY_SLOWEST_MAX)
        s->slow_from_us = s->slowest[SUMMARY_SLOWEST_MAX - 1].service_us;
}

/* The exchange's host; NULL: nobody said for which one it is, or it has no row. */
static inline struct host_row *summary_host_of(struct summary *s,
                                               struct ongoing_slot *connection,
                                               const struct record_exchange *e)
{
    if (e->state == EXCHANGE_NO_REQUEST) return NULL;
    struct host_row *host = host_table_find(&s->hosts, e->host);
    if (host == NULL) {
        s->hosts.exchanges_beyond++;
        return NULL;
    }
    bool is_new = connection ? ongoing_add_host(&s->ongoing, connection, host->index)
                             : e->ordinal == 1;
    host->connections += is_new;
    return host;
}

static void summary_add_upgrade(struct summary *s, const struct record_exchange *e)
{
    if (e->upgrade_result != UPGRADE_TUNNEL)
        tally_add(&s->upgrade_protocols, e->upgrade_protocol);
}

static void summary_add_exchange(struct summary *s, const struct record_exchange *e)
{
    size_t place = ongoing_expect(&s->ongoing, e->connection_id);
    s->exchanges++;
    if (e->ordinal >= 2) s->reused_exchanges++;
    summary_count(s->states, e->state);
    summary_count(s->confidences, e->pair_confidence);
    summary_count(s->expects, e->expect_outcome);
    summary_count(s->upgrades, e->upgrade_result);
    if (e->upgrade_protocol.len > 0) summary_add_upgrade(s, e);
    if (e->method.ptr) tally_add(&s->methods, e->method);
    if (e->status >= 100 && e->status < SUMMARY_STATUS_MAX)
        s->statuses[e->status]++;
    else if (e->status != RECORD_UNKNOWN)
        s->statuses_odd++;
    if (e->interims > 0) s->interims += (uint64_t)e->interims;
    if (e->early_response == TRI_YES) s->early_responses++;
    if (e->expect_saved_bytes > 0)
        s->expect_saved_bytes += (uint64_t)e->expect_saved_bytes;
    if (e->optimistic_bytes > 0) s->optimistic_bytes += (uint64_t)e->optimistic_bytes;
    if (e->hol_us > 0) {
        s->hol_us += (uint64_t)e->hol_us;
        s->held_requests++;
    }
    if (summary_service_us(e) >= s->slow_from_us) summary_add_slow(s, e);
    bool is_failure = failures_is_one(e);
    if (is_failure) failures_add(&s->failures, e);
    struct ongoing_slot *connection =
        ongoing_find(&s->ongoing, e->connection_id, place);
    if (connection != NULL)
        ongoing_add_exchange(ongoing_row_of(&s->ongoing, connection), e,
                             &s->worst_convoy);
    struct host_row *host = summary_host_of(s, connection, e);
    histogram_add(host != NULL ? &host->wait : &s->wait_elsewhere, e->wait_us);
    if (host == NULL) return;
    host->exchanges++;
    host->failed += is_failure;
}

struct histogram summary_wait(const struct summary *s)
{
    struct histogram wait = {.count = 0};
    histogram_merge(&wait, &s->wait_elsewhere);
    for (int32_t i = 0; i < s->hosts.count; i++)
        histogram_merge(&wait, &s->hosts.rows[i]->wait);
    return wait;
}

/* ---- tunnels and findings ---- */

static void summary_add_tunnel(struct summary *s, const struct record_tunnel *t)
{
    s->tunnels++;
    bool has_protocol = t->protocol.len > 0;
    struct tally_row *row = tally_add(
        &s->tunnel_protocols, has_protocol ? t->protocol : bytes_of_text("unknown"));
    if (!row) return;
    for (size_t i = 0; i < 2; i++) {
        if (t->bytes[i] > 0) row->bytes += (uint64_t)t->bytes[i];
    }
}

static void summary_add_finding(struct summary *s, const struct record_finding *f)
{
    if (f->code == 0 || f->code > FINDING_CODE_COUNT) return;
    if (f->severity >= SUMMARY_SEVERITIES) return;
    s->findings++;
    struct summary_finding *row = &s->finding[f->code - 1][f->severity];
    bool is_first = row->count++ == 0;
    if (is_first || f->time_us < row->first_us ||
        (f->time_us == row->first_us && f->ref < row->first_ref)) {
        row->first_us = f->time_us;
        row->first_ref = f->ref;
    }
}

/* ---- the sink ---- */

static enum status summary_put(void *context, enum record_kind kind, const void *record)
{
    struct summary *s = context;
    switch (kind) {
    case RECORD_CAPTURE: summary_add_capture(s, record); break;
    case RECORD_CONNECTION: summary_add_connection(s, record); break;
    case RECORD_EXCHANGE: summary_add_exchange(s, record); break;
    case RECORD_TUNNEL: summary_add_tunnel(s, record); break;
    case RECORD_FINDING: summary_add_finding(s, record); break;
    case RECORD_HEADER:
    case RECORD_KIND_COUNT: break;
    }
    return STATUS_OK;
}

struct summary *summary_new(void)
{
    struct summary *s = mem_alloc(sizeof *s);
    record_clear(RECORD_CAPTURE, &s->sums);
    s->idle_survived_us = RECORD_UNKNOWN;
    host_table_init(&s->hosts);
    ongoing_init(&s->ongoing);
    return s;
}

struct record_sink summary_sink(struct summary *s)
{
    return (struct record_sink){.context = s, .put = summary_put};
}

struct summary_totals summary_totals(const struct summary *s)
{
    return (struct summary_totals){
        .captures = s->captures_seen,
        .packets = s->sums.packets > 0 ? (uint64_t)s->sums.packets : 0,
        .connections = s->connections,
        .exchanges = s->exchanges,
        .tunnels = s->tunnels,
        .findings = s->findings,
    };
}

void summary_free(struct summary *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->capture_count; i++) {
        struct record_capture *c = &s->captures[i];
        mem_free((void *)c->source.ptr);
        mem_free((void *)c->kind.ptr);
        mem_free((void *)c->format.ptr);
        mem_free((void *)c->link_types.ptr);
        mem_free((void *)c->damage.ptr);
        mem_free((void *)c->program_version.ptr);
    }
    for (size_t i = 0; i < s->slowest_count; i++) asked_done(&s->slowest[i].asked);
    failures_done(&s->failures);
    histogram_done(&s->handshake);
    histogram_done(&s->idle_closed);
    histogram_done(&s->wait_elsewhere);
    host_table_done(&s->hosts);
    ongoing_done(&s->ongoing);
    mem_free(s);
}
