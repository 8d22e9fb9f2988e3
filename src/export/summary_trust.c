/* How far the figures can be believed, before any figure: each capture with what it
 * could not see (SEMANTICS, 11). */
#include "export/summary_sections.h"
#include "export/units.h"

#include <stdio.h>
#include <string.h>

enum { TRUST_COLUMNS = 7, TRUST_ROWS_MAX = 40, TRUST_PATH_MAX = 512 };

static void summary_trust_verdict(const struct summary *s, struct page *p)
{
    uint64_t limited = s->captures_seen;
    for (size_t i = 0; i < s->capture_count; i++) {
        if (summary_is_complete(&s->captures[i])) limited--;
    }
    if (s->captures_seen == 0)
        page_heading(p, "TRUST", "no capture was read");
    else if (limited > 0 && s->captures_seen == 1)
        page_heading(p, "TRUST", "limited: the capture missed something (marked !)");
    else if (limited > 0)
        page_heading(p, "TRUST",
                     "limited: %llu of %llu captures missed something (marked !)",
                     (unsigned long long)limited, (unsigned long long)s->captures_seen);
    else if (s->connections == 0)
        page_heading(p, "TRUST", "complete: no packet was lost, cut or damaged");
    else
        page_heading(p, "TRUST",
                     "complete: both directions of every connection were seen whole");
}

/* The folder that all captures stand in, its final slash included; 0: none. */
static size_t summary_trust_folder(const struct summary *s)
{
    struct bytes first = s->captures[0].source;
    size_t common = first.len;
    for (size_t i = 1; i < s->capture_count; i++) {
        struct bytes other = s->captures[i].source;
        if (other.len < common) common = other.len;
        for (size_t k = 0; k < common; k++) {
            if (other.ptr[k] != first.ptr[k]) common = k;
        }
    }
    while (common > 0 && first.ptr[common - 1] != '/') common--;
    return s->capture_count < 2 ? 0 : common;
}

/* The end of a path says more than its beginning. */
static void summary_trust_fit_path(struct bytes path, size_t width,
                                   char out[TRUST_PATH_MAX])
{
    char whole[TRUST_PATH_MAX - 4]; /* leaves room for the mark of a cut */
    if (path.len >= sizeof whole) path = bytes_from(path, path.len - sizeof whole + 1);
    page_copy_path(path, whole, sizeof whole);
    const char *rest = whole;
    size_t columns = page_text_width(whole);
    if (columns > width) {
        for (; columns >= width; rest++) columns -= ((rest[1] & 0xc0) != 0x80);
        while ((*rest & 0xc0) == 0x80) rest++;
    }
    snprintf(out, TRUST_PATH_MAX, "%s%s", rest == whole ? "" : "…", rest);
}

static void summary_trust_doubts(const struct record_capture *c, struct page *p)
{
    struct buffer line = {.ptr = NULL};
    if (c->damage.len > 0) {
        char damage[TRUST_PATH_MAX];
        struct bytes words = c->damage; /* the row above has named the file */
        if (bytes_equal(bytes_first(words, c->source.len), c->source) &&
            bytes_start_with(bytes_from(words, c->source.len), ": "))
            words = bytes_from(words, c->source.len + 2);
        page_copy_path(words, damage, sizeof damage);
        page_item(p, 1, "!", damage);
    }
    for (size_t i = 0; i < summary_doubt_count; i++) {
        const struct summary_doubt *doubt = &summary_doubts[i];
        int64_t figure = summary_doubt_figure(doubt, c);
        if (figure == 0) continue;
        buffer_print(&line, "%lld %s", (long long)figure,
                     figure == 1 ? doubt->singular : doubt->plural);
        page_item_of(p, 1, "!", &line);
    }
    buffer_done(&line);
}

static void summary_trust_figure(int64_t figure, char out[UNITS_TEXT_MAX])
{
    strcpy(out, "-");
    if (figure != RECORD_UNKNOWN)
        snprintf(out, UNITS_TEXT_MAX, "%lld", (long long)figure);
}

static void summary_trust_row(const struct summary *s, size_t index, struct page *p,
                              const struct page_column *columns)
{
    const struct record_capture *c = &s->captures[index];
    struct bytes name = bytes_from(c->source, summary_trust_folder(s));
    char path[TRUST_PATH_MAX];
    char cells[TRUST_COLUMNS][UNITS_TEXT_MAX];
    snprintf(cells[0], sizeof cells[0], "%lld", (long long)c->id);
    summary_trust_fit_path(name, columns[1].width, path);
    summary_trust_figure(c->packets, cells[2]);
    units_format_bytes(c->bytes > 0 ? (uint64_t)c->bytes : 0, cells[3]);
    bool has_span = c->start_us != RECORD_UNKNOWN && c->end_us != RECORD_UNKNOWN;
    units_format_duration(has_span ? c->end_us - c->start_us : RECORD_UNKNOWN,
                          cells[4]);
    summary_trust_figure(c->connections, cells[5]);
    summary_trust_figure(c->exchanges, cells[6]);
    const char *texts[TRUST_COLUMNS] = {cells[0], path,     cells[2], cells[3],
                                        cells[4], cells[5], cells[6]};
    bool is_single = s->captures_seen == 1;
    page_row(p, PAGE_PLAIN, columns + is_single, TRUST_COLUMNS - is_single,
             texts + is_single);
    summary_trust_doubts(c, p);
}

/* "pcap 18, pcapng 1" of whatever text of the captures. */
static void summary_trust_kinds(const struct summary *s, struct buffer *line,
                                struct bytes (*text_of)(const struct record_capture *))
{
    struct tally kinds = {.count = 0};
    const struct tally_row *rows[TALLY_ROWS_MAX];
    for (size_t i = 0; i < s->capture_count; i++) {
        struct bytes text = text_of(&s->captures[i]);
        if (text.len > 0) tally_add(&kinds, text);
    }
    tally_sort(&kinds, rows);
    for (size_t i = 0; i < kinds.count; i++) {
        if (kinds.count == 1)
            page_list_add(line, "%s", rows[i]->name);
        else
            page_list_add(line, "%s %llu", rows[i]->name,
                          (unsigned long long)rows[i]->count);
    }
}

static struct bytes summary_trust_format(const struct record_capture *c)
{
    return c->format;
}

static struct bytes summary_trust_link(const struct record_capture *c)
{
    return c->link_types;
}

static void summary_trust_pairs(const struct summary *s, struct buffer *line)
{
    uint64_t sure = 0, all = 0;
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) all += s->confidences[i];
    for (size_t i = 1; i < SUMMARY_ENUM_MAX; i++) {
        const char *name = summary_enum_name(RECORD_EXCHANGE, "pair_confidence", i);
        if (!name || s->confidences[i] == 0) continue;
        if (strcmp(name, "exact") == 0) sure = s->confidences[i];
        page_list_add(line, "%llu %s", (unsigned long long)s->confidences[i], name);
    }
    if (all == 0 || sure != all) return;
    buffer_clear(line);
    buffer_print(line, "every response belongs to its request without doubt");
}

/* Classic pcap has no place for drops; pcapng has one that may stay empty. */
static const char *summary_trust_silence(const struct summary *s)
{
    bool is_pcap = true;
    for (size_t i = 0; i < s->capture_count; i++) {
        struct bytes format = s->captures[i].format;
        is_pcap &= bytes_are(format, "pcap") || bytes_start_with(format, "pcap.");
    }
    if (is_pcap) return "the file format does not tell";
    return s->captures_seen == 1 ? "this file does not tell"
                                 : "these files do not tell";
}

/* What is no fault and still good to know. */
static void summary_trust_notes(const struct summary *s, struct buffer *line)
{
    const struct record_capture *sums = &s->sums;
    if (sums->duplicate_packets > 0)
        page_list_add(line, "%lld packet%s captured twice (one counts)",
                      (long long)sums->duplicate_packets,
                      sums->duplicate_packets == 1 ? " was" : "s were");
    if (sums->bad_checksums > 0)
        page_list_add(line,
                      "%lld bad checksum%s (usual where the sender's network card "
                      "computes them; accepted)",
                      (long long)sums->bad_checksums,
                      sums->bad_checksums == 1 ? "" : "s");
    if (sums->odd_segments > 0)
        page_list_add(line, "%lld segment%s that no receiver takes as it stands",
                      (long long)sums->odd_segments,
                      sums->odd_segments == 1 ? "" : "s");
    if (sums->late_packets > 0)
        page_list_add(line, "the clock was set back before %lld packet%s",
                      (long long)sums->late_packets,
                      sums->late_packets == 1 ? "" : "s");
    if (sums->overdue_packets > 0)
        page_list_add(line,
                      "%lld packet%s came late, for connections whose rows had been "
                      "written",
                      (long long)sums->overdue_packets,
                      sums->overdue_packets == 1 ? "" : "s");
    if (sums->kernel_dropped == RECORD_UNKNOWN && s->captures_seen > 0)
        page_list_add(line, "%s of drops at capture time", summary_trust_silence(s));
}

/* "2025-11-22 03:41:02 to 03:41:05 UTC" */
static void summary_trust_period(const struct record_capture *sums, struct buffer *line)
{
    char start[UNITS_TEXT_MAX], end[UNITS_TEXT_MAX];
    if (sums->start_us == RECORD_UNKNOWN || sums->end_us == RECORD_UNKNOWN) {
        buffer_print(line, "no packet");
        return;
    }
    units_format_moment(sums->start_us, start);
    units_format_moment(sums->end_us, end);
    size_t day = strlen("2025-11-22 ");
    bool is_one_day = strlen(end) > day && strncmp(start, end, day) == 0;
    buffer_print(line, "%s to %s UTC", start, end + (is_one_day ? day : 0));
}

void summary_trust_write(const struct summary *s, struct page *p)
{
    unsigned fixed = s->captures_seen == 1 ? 46 : 51;
    const struct page_column columns[TRUST_COLUMNS] = {
        {"#", 3, true},       {"capture", p->width - fixed, false},
        {"packets", 9, true}, {"bytes", 7, true},
        {"span", 7, true},    {"conn.", 5, true},
        {"exch.", 6, true},
    };
    summary_trust_verdict(s, p);
    if (s->captures_seen == 0) return;
    struct buffer line = {.ptr = NULL};
    size_t folder = summary_trust_folder(s);
    if (folder > 0) {
        char path[TRUST_PATH_MAX];
        page_copy_path(bytes_first(s->captures[0].source, folder), path, sizeof path);
        buffer_print(&line, "%s", path);
        page_item_of(p, SUMMARY_LABEL_WIDTH, "folder", &line);
    }
    bool is_single = s->captures_seen == 1;
    page_titles(p, columns + is_single, TRUST_COLUMNS - is_single);
    uint64_t hidden = s->captures_seen - s->capture_count;
    for (size_t i = 0; i < s->capture_count; i++) {
        bool is_hidden = i >= TRUST_ROWS_MAX && summary_is_complete(&s->captures[i]);
        hidden += is_hidden;
        if (!is_hidden) summary_trust_row(s, i, p, columns);
    }
    if (hidden > 0) {
        buffer_print(&line, "and %llu capture%s more%s", (unsigned long long)hidden,
                     hidden == 1 ? "" : "s",
                     s->captures_seen == s->capture_count ? ", all complete" : "");
        page_item_of(p, 3, "", &line);
    }
    summary_trust_period(&s->sums, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "recorded", &line);
    if (!is_single)
        buffer_print(&line, "named capture:number, as 2:15, the 15th of capture 2");
    page_item_of(p, SUMMARY_LABEL_WIDTH, "packets", &line);
    summary_trust_kinds(s, &line, summary_trust_format);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "format", &line);
    summary_trust_kinds(s, &line, summary_trust_link);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "link type", &line);
    summary_trust_pairs(s, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "pairing", &line);
    summary_trust_notes(s, &line);
    page_item_of(p, SUMMARY_LABEL_WIDTH, "note", &line);
    buffer_done(&line);
}
