/* The sections that are tables: reuse, closings, hosts, slowest responses, failed
 * requests, findings. */
#include "export/summary_sections.h"
#include "export/units.h"

#include <stdio.h>
#include <string.h>

enum { TABLES_HOSTS_MAX = 10, TABLES_BAR_MAX = 30, TABLES_TEXT_MAX = 512 };

/* ---- reuse ---- */

static void summary_tables_idle(const struct summary *s, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    char time[UNITS_TEXT_MAX];
    if (s->idle_survived_us > 0) {
        units_format_duration(s->idle_survived_us, time);
        page_list_add(&line, "up to %s between two exchanges", time);
    }
    page_item_of(p, SUMMARY_LABEL_WIDTH, "idle", &line);
    if (s->idle_closed.count > 0) {
        buffer_print(&line, "%llu by the server, idle for ",
                     (unsigned long long)s->idle_closed.count);
        summary_sections_add_spread(&s->idle_closed, &line);
    }
    page_item_of(p, SUMMARY_LABEL_WIDTH, "timeouts", &line);
    buffer_done(&line);
}

void summary_tables_write_reuse(const struct summary *s, struct page *p)
{
    static const struct page_column columns[] = {{"exchanges", 10, false},
                                                 {"connections", 11, true},
                                                 {"", 6, true},
                                                 {"", 30, false}};
    char share[UNITS_TEXT_MAX], ref[SUMMARY_REF_MAX];
    if (s->http_connections == 0) return;
    units_format_share(s->reused_exchanges, s->exchanges, share);
    summary_sections_format_ref(s, s->most_exchanges_ref, ref);
    if (s->most_exchanges < 2) {
        page_heading(p, "REUSE", "none: every connection carried one exchange");
        return;
    }
    page_heading(p, "REUSE", "%s of the exchanges came over a connection already used",
                 share);
    page_titles(p, columns, ARRAY_LENGTH(columns));
    for (size_t i = 0; i < SUMMARY_REUSE_BUCKETS; i++) {
        char range[UNITS_TEXT_MAX], count[UNITS_TEXT_MAX], bar[TABLES_BAR_MAX + 1] = "";
        if (s->reuse[i] == 0) continue;
        int64_t floor = summary_reuse_floor(i), next = summary_reuse_floor(i + 1);
        if (next == INT64_MAX)
            snprintf(range, sizeof range, "over %lld", (long long)floor - 1);
        else if (next == floor + 1)
            snprintf(range, sizeof range, "%lld", (long long)floor);
        else
            snprintf(range, sizeof range, "%lld-%lld", (long long)floor,
                     (long long)next - 1);
        snprintf(count, sizeof count, "%llu", (unsigned long long)s->reuse[i]);
        units_format_share(s->reuse[i], s->http_connections, share);
        memset(bar, '#', (size_t)(s->reuse[i] * TABLES_BAR_MAX / s->http_connections));
        page_row(p, PAGE_PLAIN, columns, ARRAY_LENGTH(columns),
                 (const char *const[]){range, count, share, bar});
    }
    struct buffer line = {.ptr = NULL};
    buffer_print(&line, "%lld exchanges (on the connection that begins with packet %s)",
                 (long long)s->most_exchanges, ref);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "most", &line);
    buffer_done(&line);
    summary_tables_idle(s, p);
}

/* ---- closings ---- */

/* clang-format off */
static const char *const meanings[] = {
    [CAUSE_UNKNOWN]         = "not HTTP/1, or not known",
    [CAUSE_REFUSED]         = "SYN answered by RST",
    [CAUSE_UNANSWERED]      = "SYN not answered",
    [CAUSE_NEVER_USED]      = "no request was sent",
    [CAUSE_TUNNEL_END]      = "after 101 or CONNECT",
    [CAUSE_IDLE_RACE]       = "request crossed the close",
    [CAUSE_STALE_REUSE]     = "request met a dead line",
    [CAUSE_LATE_REUSE]      = "request after a known FIN",
    [CAUSE_ABORTED]         = "an exchange was cut short",
    [CAUSE_REQUEST_CLOSE]   = "the client had said close",
    [CAUSE_RESPONSE_CLOSE]  = "the server had said close",
    [CAUSE_CLOSE_DELIMITED] = "the close ended the body",
    [CAUSE_MAX_REQUESTS]    = "Keep-Alive max was used up",
    [CAUSE_IDLE_TIMEOUT]    = "closed idle, unannounced",
};
/* clang-format on */

static void summary_tables_closing(const struct summary *s, size_t cause,
                                   struct page *p, const struct page_column *columns,
                                   size_t count)
{
    char cells[6][UNITS_TEXT_MAX];
    uint64_t total = 0;
    /* in the order of the columns: total, client, server, both, nobody known */
    static const size_t order[] = {CLOSED_BY_CLIENT, CLOSED_BY_SERVER, CLOSED_BY_BOTH,
                                   CLOSED_BY_UNKNOWN};
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        uint64_t figure = s->causes[cause][order[i]];
        total += figure;
        snprintf(cells[i + 1], sizeof cells[0], "%llu", (unsigned long long)figure);
        if (figure == 0) strcpy(cells[i + 1], ".");
    }
    if (total == 0) return;
    snprintf(cells[0], sizeof cells[0], "%llu", (unsigned long long)total);
    const char *name = summary_enum_name(RECORD_CONNECTION, "close_cause", cause);
    bool is_fault = cause >= CAUSE_IDLE_RACE && cause <= CAUSE_ABORTED;
    page_row(p, is_fault ? PAGE_YELLOW : PAGE_PLAIN, columns, count,
             (const char *const[]){name ? name : "unknown", cells[0], cells[1],
                                   cells[2], cells[3], cells[4], meanings[cause]});
}

void summary_tables_write_closings(const struct summary *s, struct page *p)
{
    const struct page_column columns[] = {
        {"cause", 15, false},      {"total", 5, true}, {"client", 6, true},
        {"server", 6, true},       {"both", 4, true},  {"?", 4, true},
        {"", p->width - 54, false}};
    uint64_t closed = s->connections - s->still_open;
    if (s->connections == 0) return;
    page_heading(p, "CLOSINGS", "%llu ended, %llu still open when the capture ended",
                 (unsigned long long)closed, (unsigned long long)s->still_open);
    if (closed == 0) return;
    page_titles(p, columns, ARRAY_LENGTH(columns));
    for (size_t cause = 1; cause < ARRAY_LENGTH(meanings); cause++)
        summary_tables_closing(s, cause, p, columns, ARRAY_LENGTH(columns));
    summary_tables_closing(s, CAUSE_UNKNOWN, p, columns, ARRAY_LENGTH(columns));
    struct buffer line = {.ptr = NULL};
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) {
        const char *name = summary_enum_name(RECORD_CONNECTION, "close_kind", i);
        if (name && s->close_kinds[i] > 0 && i != CLOSE_OPEN)
            page_list_add(&line, "%s %llu", name,
                          (unsigned long long)s->close_kinds[i]);
    }
    page_item_of(p, 15, "by", &line);
    buffer_done(&line);
}

/* ---- hosts ---- */

static void summary_tables_host(const struct host_row *host, struct page *p,
                                const struct page_column *columns, size_t count)
{
    char name[TABLES_TEXT_MAX] = "(no Host)";
    char cells[6][UNITS_TEXT_MAX];
    if (host->name.ptr) bytes_escape(host->name, name, sizeof name);
    snprintf(cells[0], sizeof cells[0], "%llu", (unsigned long long)host->connections);
    snprintf(cells[1], sizeof cells[0], "%llu", (unsigned long long)host->exchanges);
    strcpy(cells[2], "-");
    if (host->connections > 0)
        snprintf(cells[2], sizeof cells[0], "%.1f",
                 (double)host->exchanges / (double)host->connections);
    summary_sections_format_percentile(&host->wait, 50, cells[3]);
    summary_sections_format_percentile(&host->wait, 95, cells[4]);
    snprintf(cells[5], sizeof cells[0], "%llu", (unsigned long long)host->failed);
    if (host->failed == 0) strcpy(cells[5], ".");
    page_row(p, PAGE_PLAIN, columns, count,
             (const char *const[]){name, cells[0], cells[1], cells[2], cells[3],
                                   cells[4], cells[5]});
}

void summary_tables_write_hosts(const struct summary *s, struct page *p)
{
    const struct page_column columns[] = {{"host", p->width - 56, false},
                                          {"conn.", 6, true},
                                          {"exch.", 6, true},
                                          {"per conn", 8, true},
                                          {"wait p50", 8, true},
                                          {"wait p95", 8, true},
                                          {"failed", 6, true}};
    const struct host_row *rows[TABLES_HOSTS_MAX];
    size_t count = host_table_top(&s->hosts, rows, ARRAY_LENGTH(rows));
    if (count == 0) return;
    page_heading(p, "HOSTS",
                 "%d with exchanges; failed = answered by 5xx, or not answered whole",
                 (int)s->hosts.count);
    page_titles(p, columns, ARRAY_LENGTH(columns));
    for (size_t i = 0; i < count; i++)
        summary_tables_host(rows[i], p, columns, ARRAY_LENGTH(columns));
    struct buffer line = {.ptr = NULL};
    if ((size_t)s->hosts.count > count)
        page_list_add(&line, "%d host%s more", (int)s->hosts.count - (int)count,
                      (size_t)s->hosts.count == count + 1 ? "" : "s");
    if (s->hosts.exchanges_beyond > 0)
        page_list_add(&line, "%llu exchange%s of hosts beyond the first %d",
                      (unsigned long long)s->hosts.exchanges_beyond,
                      s->hosts.exchanges_beyond == 1 ? "" : "s",
                      (int)HOST_TABLE_ROWS_MAX);
    page_item_of(p, 3, "and", &line);
    buffer_done(&line);
}

/* ---- slowest responses ---- */

void summary_tables_write_slowest(const struct summary *s, struct page *p)
{
    const struct page_column columns[] = {{"service", 9, true},
                                          {"code", 4, true},
                                          {"asked in", 9, true},
                                          {"answered", 9, true},
                                          {"", p->width - 41, false}};
    if (s->slowest_count == 0) return;
    page_heading(p, "SLOWEST",
                 "responses, from when the request was whole and the line "
                 "free");
    page_titles(p, columns, ARRAY_LENGTH(columns));
    for (size_t i = 0; i < s->slowest_count; i++) {
        const struct summary_slow *w = &s->slowest[i];
        char service[UNITS_TEXT_MAX], code[UNITS_TEXT_MAX] = "-", asked[ASKED_TEXT_MAX];
        char request[SUMMARY_REF_MAX], response[SUMMARY_REF_MAX];
        units_format_duration(w->service_us, service);
        if (w->status > 0) snprintf(code, sizeof code, "%lld", (long long)w->status);
        summary_sections_format_ref(s, w->request_ref, request);
        summary_sections_format_ref(s, w->response_ref, response);
        asked_format(&w->asked, asked);
        page_row(p, PAGE_PLAIN, columns, ARRAY_LENGTH(columns),
                 (const char *const[]){service, code, request, response, asked});
    }
}

/* ---- failed requests ---- */

static void summary_tables_failure(const struct summary *s, const struct failure *f,
                                   struct page *p, const struct page_column *columns,
                                   size_t count)
{
    static const char *const closers[SUMMARY_CLOSERS] = {
        [CLOSED_BY_CLIENT] = ", by the client",
        [CLOSED_BY_SERVER] = ", by the server",
        [CLOSED_BY_BOTH] = ", by both",
    };
    char packet[SUMMARY_REF_MAX], seconds[UNITS_TEXT_MAX] = "-";
    char status[UNITS_TEXT_MAX], asked[ASKED_TEXT_MAX];
    summary_sections_format_ref(s, f->request_ref ? f->request_ref : f->response_ref,
                                packet);
    if (f->time_us != RECORD_UNKNOWN && s->sums.start_us != RECORD_UNKNOWN)
        snprintf(seconds, sizeof seconds, "%.3f",
                 (double)(f->time_us - s->sums.start_us) / 1e6);
    snprintf(status, sizeof status, "%lld", (long long)f->status);
    const char *state = summary_enum_name(RECORD_EXCHANGE, "state", f->state);
    const char *outcome = f->status >= 500 || !state ? status : state;
    asked_format(&f->asked, asked);
    page_row(p, PAGE_PLAIN, columns, count,
             (const char *const[]){packet, seconds, outcome, asked});
    if (f->close_cause < CAUSE_IDLE_RACE || f->close_cause > CAUSE_ABORTED) return;
    struct buffer line = {.ptr = NULL};
    bool has_closer = f->closed_by < SUMMARY_CLOSERS && closers[f->closed_by];
    buffer_print(&line, "%s%s",
                 summary_enum_name(RECORD_CONNECTION, "close_cause", f->close_cause),
                 has_closer ? closers[f->closed_by] : "");
    page_item_of(p, 41, "", &line);
    buffer_done(&line);
}

void summary_tables_write_failed(const struct summary *s, struct page *p)
{
    const struct page_column columns[] = {{"asked in", 9, true},
                                          {"seconds", 9, true},
                                          {"outcome", 19, false},
                                          {"", p->width - 45, false}};
    const struct failures *f = &s->failures;
    if (s->exchanges == 0) return;
    if (f->total == 0) {
        page_heading(p, "FAILED", "none: no 5xx, and no response missing or cut");
        return;
    }
    page_heading(p, "FAILED", "%llu answered by 5xx, or not answered whole%s",
                 (unsigned long long)f->total,
                 f->total > f->count ? "; the first of them:" : "");
    page_titles(p, columns, ARRAY_LENGTH(columns));
    for (size_t i = 0; i < f->count; i++)
        summary_tables_failure(s, &f->rows[i], p, columns, ARRAY_LENGTH(columns));
    struct buffer line = {.ptr = NULL};
    if (f->total > f->count)
        buffer_print(&line, "%llu more", (unsigned long long)f->total - f->count);
    page_item_of(p, 5, "  and", &line);
    buffer_done(&line);
}

/* ---- findings ---- */

static void summary_tables_finding(const struct summary *s, enum finding_code code,
                                   enum severity severity, struct page *p)
{
    static const struct page_column columns[] = {
        {"", 7, false}, {"", 6, true}, {"", 25, false}, {"", 30, false}};
    static const enum page_ink inks[SUMMARY_SEVERITIES] = {
        [SEVERITY_ATTACK] = PAGE_RED, [SEVERITY_WARNING] = PAGE_YELLOW};
    const struct summary_finding *f = &s->finding[code][severity];
    const struct finding_description *about = finding_describe(code);
    char count[UNITS_TEXT_MAX], ref[SUMMARY_REF_MAX], first[64];
    snprintf(count, sizeof count, "%llu", (unsigned long long)f->count);
    summary_sections_format_ref(s, f->first_ref, ref);
    snprintf(first, sizeof first, "%s packet %s", f->count == 1 ? "in" : "first in",
             ref);
    page_row(p, inks[severity], columns, ARRAY_LENGTH(columns),
             (const char *const[]){severity_name(severity), count, about->name, first});
    struct buffer line = {.ptr = NULL};
    buffer_print(&line, "%s", about->title);
    if (*about->reference) buffer_print(&line, " (%s)", about->reference);
    page_item_of(p, 15, "", &line);
    buffer_done(&line);
}

void summary_tables_write_findings(const struct summary *s, struct page *p)
{
    uint64_t sums[SUMMARY_SEVERITIES] = {0};
    for (size_t code = 0; code < FINDING_CODE_COUNT; code++) {
        for (size_t i = 0; i < SUMMARY_SEVERITIES; i++)
            sums[i] += s->finding[code][i].count;
    }
    if (s->findings == 0) {
        if (s->connections > 0) page_heading(p, "FINDINGS", "none");
        return;
    }
    page_heading(p, "FINDINGS", "%llu attack, %llu warning, %llu info",
                 (unsigned long long)sums[SEVERITY_ATTACK],
                 (unsigned long long)sums[SEVERITY_WARNING],
                 (unsigned long long)sums[SEVERITY_INFO]);
    for (size_t severity = SUMMARY_SEVERITIES - 1; severity > 0; severity--) {
        for (size_t code = 0; code < FINDING_CODE_COUNT; code++) {
            if (s->finding[code][severity].count > 0)
                summary_tables_finding(s, (enum finding_code)code,
                                       (enum severity)severity, p);
        }
    }
    if (s->connection_findings <= s->findings) return;
    struct buffer line = {.ptr = NULL};
    buffer_print(&line, "%llu more of the same, of which no row was kept",
                 (unsigned long long)(s->connection_findings - s->findings));
    page_item_of(p, 7, "and", &line);
    buffer_done(&line);
}
