#include "cli/slice_marks.h"

#include <string.h>

void slice_marks_init(struct slice_marks *m, const struct slice_choice *choice,
                      size_t file_count)
{
    m->choice = choice;
    m->net = net_new();
    m->file_count = file_count;
    m->bits = mem_alloc_array(file_count, sizeof *m->bits);
}

void slice_marks_done(struct slice_marks *m)
{
    for (size_t i = 0; m->bits != NULL && i < m->file_count; i++)
        buffer_done(&m->bits[i]);
    mem_free(m->bits);
    net_free(m->net);
}

/* ---- bits ---- */

bool slice_marks_has(const struct slice_marks *m, size_t file, uint32_t number)
{
    const struct buffer *bits = &m->bits[file];
    return number / 8 < bits->len && (bits->ptr[number / 8] >> number % 8 & 1) != 0;
}

static void mark(struct slice_marks *m, size_t file, uint32_t number)
{
    static const uint8_t zeros[4096];
    struct buffer *bits = &m->bits[file];
    if (slice_marks_has(m, file, number)) return;
    while (bits->len <= number / 8) buffer_append(bits, bytes_of(zeros, sizeof zeros));
    bits->ptr[number / 8] |= (uint8_t)(1u << number % 8);
    m->count++;
}

/* ---- matching ---- */

/* A stretch within one capture is told by numbers. Where it spans captures that were
 * read together, numbers bound its first and its last, and time what lies between. */
static bool is_within(const struct slice_stretch *s, const struct frame *frame)
{
    uint32_t first = frame_capture_id(s->first_ref),
             last = frame_capture_id(s->last_ref);
    uint32_t here = frame_capture_id(frame->ref);
    int64_t time_us = frame->captured_ns / 1000;
    if (here == first && frame->ref < s->first_ref) return false;
    if (here == last && frame->ref > s->last_ref) return false;
    if (first == last && here != first) return false;
    return time_us <= s->end_us && (first == last || time_us >= s->start_us);
}

/* -1, 0, 1: where the packet's four-tuple stands among the stretches'. */
static int compare_with(const struct packet *p, const struct slice_stretch *s)
{
    bool in_order = endpoint_compare(&p->from, &p->to) <= 0;
    int order = endpoint_compare(in_order ? &p->from : &p->to, &s->low);
    if (order == 0) order = endpoint_compare(in_order ? &p->to : &p->from, &s->high);
    if (order != 0) return order;
    return p->tunnel_id < s->tunnel_id ? -1 : p->tunnel_id > s->tunnel_id;
}

static bool is_wanted(const struct slice_marks *m, const struct packet *p)
{
    const struct slice_choice *c = m->choice;
    size_t low = 0, high = c->stretch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_with(p, &c->stretches[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < c->stretch_count && compare_with(p, &c->stretches[low]) == 0; low++) {
        const struct slice_stretch *s = &c->stretches[low];
        bool is_tagged = !m->vlan_in_key || s->vlan == p->vlan;
        if (is_tagged && is_within(s, p->frame)) return true;
    }
    return false;
}

/* ---- pieces ---- */

static void keep_piece(struct slice_marks *m, size_t file, const struct frame *frame)
{
    uint64_t datagram = net_datagram(m->net);
    if (datagram == 0) return;
    m->pieces[m->next_piece] = (struct slice_piece){
        .datagram = datagram, .ref = (uint64_t)file << 32 | frame_number(frame->ref)};
    m->next_piece = (m->next_piece + 1) % SLICE_PIECES_MAX;
}

static void mark_pieces(struct slice_marks *m)
{
    uint64_t datagram = net_datagram(m->net);
    if (datagram == 0) return;
    for (size_t i = 0; i < SLICE_PIECES_MAX; i++) {
        const struct slice_piece *piece = &m->pieces[i];
        if (piece->datagram == datagram)
            mark(m, (size_t)(piece->ref >> 32), (uint32_t)piece->ref);
    }
}

void slice_marks_take(struct slice_marks *m, size_t file, const struct frame *frame)
{
    struct packet packet;
    enum net_verdict verdict = net_decode(m->net, frame, &packet);
    keep_piece(m, file, frame);
    for (;;) {
        if (verdict == NET_TCP && is_wanted(m, &packet)) {
            mark(m, file, frame_number(frame->ref));
            mark_pieces(m);
        }
        if (!net_has_more(m->net)) return;
        verdict = net_decode_more(m->net, frame, &packet);
    }
}
