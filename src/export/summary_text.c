/* The page: trust first, then what there was, then what stands out. */
#include "export/summary_sections.h"
#include "export/units.h"

#include <stdio.h>
#include <string.h>

enum { SUMMARY_WIDTH_MIN = 72, SUMMARY_WIDTH_MAX = 100 };

void summary_sections_format_ref(const struct summary *s, uint64_t ref,
                                 char out[SUMMARY_REF_MAX])
{
    if (ref == 0)
        strcpy(out, "-");
    else if (s->captures_seen <= 1)
        snprintf(out, SUMMARY_REF_MAX, "%u", (unsigned)(uint32_t)ref);
    else
        snprintf(out, SUMMARY_REF_MAX, "%u:%u", (unsigned)(ref >> 32),
                 (unsigned)(uint32_t)ref);
}

void summary_sections_format_percentile(const struct histogram *h, unsigned percent,
                                        char out[UNITS_TEXT_MAX])
{
    char value[UNITS_TEXT_MAX];
    units_format_duration(histogram_percentile(h, percent), value);
    snprintf(out, UNITS_TEXT_MAX, "%s%.40s", histogram_is_exact(h) ? "" : "≈", value);
}

void summary_sections_add_spread(const struct histogram *h, struct buffer *line)
{
    char p50[UNITS_TEXT_MAX], p95[UNITS_TEXT_MAX], most[UNITS_TEXT_MAX];
    if (h->count == 0) return;
    summary_sections_format_percentile(h, 50, p50);
    summary_sections_format_percentile(h, 95, p95);
    units_format_duration(h->most, most);
    if (h->count == 1)
        buffer_print(line, "%s", most);
    else
        buffer_print(line, "median %s, 95 %% within %s, longest %s", p50, p95, most);
}

static void summary_text_tally(const struct tally *t, struct buffer *line)
{
    const struct tally_row *rows[TALLY_ROWS_MAX];
    tally_sort(t, rows);
    for (size_t i = 0; i < t->count; i++)
        page_list_add(line, "%s %llu", rows[i]->name,
                      (unsigned long long)rows[i]->count);
    if (t->others > 0)
        page_list_add(line, "others %llu", (unsigned long long)t->others);
}

/* "complete 118, no_response 2": the names are those of the database. */
static void summary_text_enums(const uint64_t counts[SUMMARY_ENUM_MAX],
                               enum record_kind kind, const char *field,
                               struct buffer *line)
{
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) {
        const char *name = summary_enum_name(kind, field, i);
        if (name && counts[i] > 0)
            page_list_add(line, "%s %llu", name, (unsigned long long)counts[i]);
    }
}

static void summary_text_connections(const struct summary *s, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    char sent[UNITS_TEXT_MAX], received[UNITS_TEXT_MAX];
    if (s->connections == 0) {
        page_heading(p, "CONNECTIONS", "none: no TCP packet was found");
        return;
    }
    page_heading(p, "CONNECTIONS", "%llu, of which %llu carried HTTP exchanges",
                 (unsigned long long)s->connections,
                 (unsigned long long)s->http_connections);
    summary_text_tally(&s->protocols, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "protocol", &line);
    summary_text_enums(s->open_results, RECORD_CONNECTION, "open_result", &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "opening", &line);
    summary_sections_add_spread(&s->handshake, &line);
    if (s->syn_retransmits > 0)
        page_list_add(&line, "%llu SYN sent again",
                      (unsigned long long)s->syn_retransmits);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "handshake", &line);
    units_format_bytes(s->bytes[SIDE_CLIENT], sent);
    units_format_bytes(s->bytes[SIDE_SERVER], received);
    buffer_print(&line, "%s from clients, %s from servers", sent, received);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "payload", &line);
    if (s->retransmitted_segments > 0) {
        units_format_bytes(s->retransmitted_bytes, sent);
        page_list_add(&line, "%llu segment%s (%s) retransmitted",
                      (unsigned long long)s->retransmitted_segments,
                      s->retransmitted_segments == 1 ? "" : "s", sent);
    }
    if (s->out_of_order > 0)
        page_list_add(&line, "%llu segment%s out of order",
                      (unsigned long long)s->out_of_order,
                      s->out_of_order == 1 ? "" : "s");
    page_item_of(p, SUMMARY_LABEL_WIDTH, "transport", &line);
    buffer_done(&line);
}

/* "2xx 100 (200 98, 204 2)" for each class that occurs. */
static void summary_text_statuses(const struct summary *s, struct buffer *line)
{
    struct buffer codes = {.ptr = NULL};
    for (unsigned class = 1; class < SUMMARY_STATUS_MAX / 100; class ++) {
        uint64_t sum = 0;
        for (unsigned code = class * 100; code < class * 100 + 100; code++) {
            if (s->statuses[code] == 0) continue;
            sum += s->statuses[code];
            page_list_add(&codes, "%u: %llu", code,
                          (unsigned long long)s->statuses[code]);
        }
        if (sum == 0) continue;
        buffer_append(&codes, bytes_of("", 1));
        page_list_add(line, "%uxx %llu (%.200s)", class, (unsigned long long)sum,
                      (const char *)codes.ptr);
        buffer_clear(&codes);
    }
    if (s->statuses_odd > 0)
        page_list_add(line, "no status at all %llu",
                      (unsigned long long)s->statuses_odd);
    buffer_done(&codes);
}

static void summary_text_exchanges(const struct summary *s, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    if (s->exchanges == 0) {
        if (s->connections > 0)
            page_heading(p, "EXCHANGES", "none: no HTTP/1 was found");
        return;
    }
    page_heading(p, "EXCHANGES", "%llu", (unsigned long long)s->exchanges);
    summary_text_enums(s->states, RECORD_EXCHANGE, "state", &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "state", &line);
    summary_text_statuses(s, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "status", &line);
    summary_text_tally(&s->methods, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "method", &line);
    struct histogram wait = summary_wait(s);
    summary_sections_add_spread(&wait, &line);
    histogram_done(&wait);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "wait", &line);
    if (s->interims > 0)
        page_list_add(&line, "%llu interim (1xx)", (unsigned long long)s->interims);
    if (s->early_responses > 0)
        page_list_add(&line, "%llu final before the request was complete",
                      (unsigned long long)s->early_responses);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "responses", &line);
    summary_text_enums(s->expects, RECORD_EXCHANGE, "expect_outcome", &line);
    if (s->expect_saved_bytes > 0) {
        char saved[UNITS_TEXT_MAX];
        units_format_bytes(s->expect_saved_bytes, saved);
        page_list_add(&line, "%s of request bodies were never sent", saved);
    }
    page_item_of(p, SUMMARY_LABEL_WIDTH, "expect", &line);
    buffer_done(&line);
}

static void summary_text_worst_convoy(const struct summary *s, struct buffer *line)
{
    const struct convoy *c = &s->worst_convoy;
    char longest[UNITS_TEXT_MAX], request[SUMMARY_REF_MAX], response[SUMMARY_REF_MAX];
    if (c->held == 0) return;
    units_format_duration(c->longest_us, longest);
    summary_sections_format_ref(s, c->request_ref, request);
    summary_sections_format_ref(s, c->response_ref, response);
    buffer_print(line,
                 "%s %s held up %llu request%s, for %s at the longest "
                 "(asked in packet %s, answered from %s on)",
                 c->method, c->target, (unsigned long long)c->held,
                 c->held == 1 ? "" : "s", longest, request, response);
}

static void summary_text_pipelining(const struct summary *s, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    char time[UNITS_TEXT_MAX], ref[SUMMARY_REF_MAX];
    if (s->exchanges == 0) return;
    if (s->pipelined_requests == 0) {
        page_heading(p, "PIPELINING", "none: no request was sent ahead of a response");
        return;
    }
    page_heading(p, "PIPELINING",
                 "%llu request%s sent ahead of a response, on %llu connection%s",
                 (unsigned long long)s->pipelined_requests,
                 s->pipelined_requests == 1 ? " was" : "s were",
                 (unsigned long long)s->pipelined_connections,
                 s->pipelined_connections == 1 ? "" : "s");
    summary_sections_format_ref(s, s->max_depth_ref, ref);
    buffer_print(&line, "up to %lld (on the connection that begins with packet %s)",
                 (long long)s->max_depth, ref);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "depth", &line);
    if (s->held_requests > 0) {
        units_format_duration((int64_t)s->hol_us, time);
        buffer_print(&line,
                     "%llu of them stood complete behind an earlier response, for %s "
                     "in all (head-of-line blocking)",
                     (unsigned long long)s->held_requests, time);
        page_item_of(p, SUMMARY_LABEL_WIDTH, "blocking", &line);
    }
    summary_text_worst_convoy(s, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "worst", &line);
    buffer_done(&line);
}

static void summary_text_upgrades(const struct summary *s, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    const struct tally_row *rows[TALLY_ROWS_MAX];
    uint64_t asked = 0;
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) asked += s->upgrades[i];
    if (asked == 0 && s->tunnels == 0) return;
    page_heading(p, "UPGRADES", "%llu asked for or made (Upgrade, CONNECT), %llu %s",
                 (unsigned long long)asked, (unsigned long long)s->tunnels,
                 s->tunnels == 1 ? "tunnel" : "tunnels");
    summary_text_enums(s->upgrades, RECORD_EXCHANGE, "upgrade_result", &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "result", &line);
    summary_text_tally(&s->upgrade_protocols, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "token", &line);
    tally_sort(&s->tunnel_protocols, rows);
    for (size_t i = 0; i < s->tunnel_protocols.count; i++) {
        char bytes[UNITS_TEXT_MAX];
        units_format_bytes(rows[i]->bytes, bytes);
        page_list_add(&line, "%s %llu (%s)", rows[i]->name,
                      (unsigned long long)rows[i]->count, bytes);
    }
    page_item_of(p, SUMMARY_LABEL_WIDTH, "inside", &line);
    if (s->optimistic_bytes > 0) {
        char bytes[UNITS_TEXT_MAX];
        units_format_bytes(s->optimistic_bytes, bytes);
        buffer_print(&line, "%s were sent before the switch was known", bytes);
        page_item_of(p, SUMMARY_LABEL_WIDTH, "optimistic", &line);
    }
    buffer_done(&line);
}

void summary_text_write(const struct summary *s, const struct summary_style *style,
                        struct buffer *out)
{
    struct page page = {.out = out, .width = style->width};
    page.has_colour = style->has_colour;
    if (page.width < SUMMARY_WIDTH_MIN) page.width = SUMMARY_WIDTH_MIN;
    if (page.width > SUMMARY_WIDTH_MAX) page.width = SUMMARY_WIDTH_MAX;
    summary_trust_write(s, &page);
    summary_text_connections(s, &page);
    summary_text_exchanges(s, &page);
    summary_tables_write_reuse(s, &page);
    summary_text_pipelining(s, &page);
    summary_text_upgrades(s, &page);
    summary_tables_write_closings(s, &page);
    summary_tables_write_hosts(s, &page);
    summary_tables_write_failed(s, &page);
    summary_tables_write_slowest(s, &page);
    summary_tables_write_findings(s, &page);
}
