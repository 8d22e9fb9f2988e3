/* A packet is an arrow:
 *
 *   Packet      After   client                                       server
 *        4    4.4 ms    │── PSH ACK  76 bytes at 0, acked 0 ────────▶│
 *        5    4.5 ms    │◀──────────────────── ACK  acked 76 ────────│            */
#include "ui/segments.h"

#include "ui/figure.h"

#include <stdio.h>
#include <string.h>

enum {
    SEGMENT_PACKET = 8,
    SEGMENT_TIME = 10,
    SEGMENT_LEFT = SEGMENT_PACKET + SEGMENT_TIME + 2
};

/* ---- read ---- */

static bool take(void *taker, const struct ui_packet *packet)
{
    struct ladder_page *p = taker;
    if (p->segment_count == UI_SEGMENTS_MAX) {
        p->has_more_segments = true;
        return false;
    }
    struct segment *s = &p->segments[p->segment_count++];
    s->packet = *packet;
    s->packet.payload = bytes_of(NULL, 0);
    return true;
}

static void read_segments(struct ui *u, const struct model_connection *c)
{
    struct ladder_page *p = &u->ladder;
    const struct ui_source *source = &u->options.source;
    uint64_t version = c->is_over ? 1 : 0;
    if (p->segments_of == c->id && p->segments_version == version) return;
    if (p->segments == NULL)
        p->segments = mem_alloc_array(UI_SEGMENTS_MAX, sizeof *p->segments);
    p->segments_of = c->id;
    p->segments_version = version;
    p->segment_count = 0;
    p->has_more_segments = false;
    p->segments_why.text[0] = '\0';
    if (source->packets == NULL)
        problem_set(&p->segments_why, STATUS_FAILED,
                    "the packets are not kept (live: --write FILE without --rotate)");
    else
        source->packets(source->context, c->record, take, p, &p->segments_why);
}

/* ---- drawn ---- */

static void write_label(const struct ui_packet *s, char *out, size_t size)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } flags[] = {{0x02, "SYN "}, {0x01, "FIN "}, {0x04, "RST "},
                 {0x08, "PSH "}, {0x20, "URG "}, {0x10, "ACK "}};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(flags); i++) {
        if (s->flags & flags[i].bit)
            used += (size_t)snprintf(out + used, size - used, "%s", flags[i].name);
    }
    if (s->length > 0)
        used += (size_t)snprintf(out + used, size - used, " %u bytes at %lld",
                                 (unsigned)s->length, (long long)s->offset);
    if (s->acked != RECORD_UNKNOWN && !(s->flags & 0x02))
        snprintf(out + used, size - used, "%s acked %lld", s->length > 0 ? "," : "",
                 (long long)s->acked);
}

static void draw_arrow(const struct ui_packet *s, struct canvas_area a, int row,
                       unsigned chosen)
{
    char label[160];
    bool is_right = s->from == SIDE_CLIENT;
    int width = a.columns - SEGMENT_LEFT - 2;
    unsigned style = s->flags & 0x04 ? STYLE_WARNING
                     : s->length > 0 ? (is_right ? STYLE_REQUEST : STYLE_RESPONSE)
                                     : STYLE_DIM;
    write_label(s, label, sizeof label);
    canvas_fill(a, row, SEGMENT_LEFT, width, 0x2500, style | chosen);
    canvas_fill(a, row, SEGMENT_LEFT - 1, 1, 0x2502, STYLE_DIM | chosen);
    canvas_fill(a, row, SEGMENT_LEFT + width, 1, 0x2502, STYLE_DIM | chosen);
    if (is_right)
        canvas_fill(a, row, SEGMENT_LEFT + width - 1, 1, 0x25b6, style | chosen);
    else
        canvas_fill(a, row, SEGMENT_LEFT, 1, 0x25c0, style | chosen);
    char padded[168];
    snprintf(padded, sizeof padded, " %s ", label);
    struct bytes text = bytes_of_text(padded);
    if (is_right)
        canvas_write(a, row, SEGMENT_LEFT + 2, width - 4, text, style | chosen);
    else
        canvas_right(a, row, SEGMENT_LEFT + 2, width - 4, text, style | chosen);
}

static void draw_row(const struct ladder_page *p, size_t at, int64_t start_us,
                     struct canvas_area a, int row, unsigned chosen)
{
    const struct ui_packet *s = &p->segments[at].packet;
    char text[FIGURE_MAX];
    canvas_fill(a, row, 0, a.columns, ' ', chosen);
    snprintf(text, sizeof text, "%u", (unsigned)(s->ref & UINT32_MAX));
    canvas_right(a, row, 0, SEGMENT_PACKET, bytes_of_text(text), STYLE_PLAIN | chosen);
    figure_duration(s->time_us > start_us ? s->time_us - start_us : 0, text);
    canvas_right(a, row, SEGMENT_PACKET, SEGMENT_TIME, bytes_of_text(text),
                 STYLE_PLAIN | chosen);
    draw_arrow(s, a, row, chosen);
}

void segments_draw(struct ui *u, const struct model_connection *c, struct canvas_area a)
{
    struct ladder_page *p = &u->ladder;
    char head[96];
    read_segments(u, c);
    canvas_fill(a, 0, 0, a.columns, ' ', STYLE_BAR);
    snprintf(head, sizeof head, "  Packet     After  client  (%zu segments%s)",
             p->segment_count, p->has_more_segments ? ", the first ones" : "");
    canvas_text(a, 0, 0, head, STYLE_BAR);
    canvas_right(a, 0, a.columns - 8, 7, bytes_of_text("server"), STYLE_BAR);
    if (p->segments_why.text[0] != '\0')
        canvas_text(a, 1, 1, p->segments_why.text, STYLE_DIM);
    pick_list_fit(&p->segment_list, p->segment_count, a.rows - 1);
    int64_t start_us = p->segment_count > 0 ? p->segments[0].packet.time_us : 0;
    for (int row = 1; row < a.rows; row++) {
        size_t at = p->segment_list.top + (size_t)row - 1;
        if (at >= p->segment_count) break;
        bool is_chosen = at == p->segment_list.at && p->is_on_segments;
        draw_row(p, at, start_us, a, row, is_chosen ? STYLE_CHOSEN : 0);
    }
}
