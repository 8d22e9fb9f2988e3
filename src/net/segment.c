/* The TCP header and its options (RFC 9293, section 3.1). The fixed 20 bytes make a
 * packet; of what follows, whatever the capture holds is taken. */
#include "net/segment.h"

#include "net/layer.h"

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    /* Kind and length: a known kind of another length than its own is passed over, as
     * receivers do. */
    OPTION_MSS = 2 << 8 | 4,
    OPTION_WINDOW_SCALE = 3 << 8 | 3,
    OPTION_SACK_PERMITTED = 4 << 8 | 2,
    OPTION_TIMESTAMPS = 8 << 8 | 10,
    WINDOW_SHIFT_MAX = 14, /* RFC 7323, section 2.3 */
    /* Most SYNs: MSS, SACK permitted, timestamps, a NOP, window scale. */
    SYN_LIST_BYTES = 20,
    SYN_LIST_MSS = 0x0204,
    SYN_LIST_MIDDLE = 0x0402080a,
    SYN_LIST_WINDOW_SCALE = 0x010303,
};

static inline void read_window_scale(uint8_t shift, struct tcp_options *options)
{
    options->is_shift_clamped = shift > WINDOW_SHIFT_MAX;
    options->window_shift = options->is_shift_clamped ? WINDOW_SHIFT_MAX : shift;
    options->has_window_shift = true;
}

static inline void read_option(unsigned kind_and_length, struct cursor *body,
                               struct tcp_options *options)
{
    switch (kind_and_length) {
    case OPTION_MSS: options->mss = cursor_be16(body); return;
    case OPTION_WINDOW_SCALE: read_window_scale(cursor_8(body), options); return;
    case OPTION_SACK_PERMITTED: options->has_sack_permitted = true; return;
    case OPTION_TIMESTAMPS: segment_read_timestamps(body, options); return;
    default: return;
    }
}

/* The list that almost every SYN has, in one look. False: it is another one. */
static bool read_syn_list(struct bytes list, struct tcp_options *options)
{
    struct cursor in = cursor_of(list), stamps;
    if (list.len != SYN_LIST_BYTES) return false;
    uint32_t first = cursor_be32(&in), middle = cursor_be32(&in);
    cursor_enter(&in, 8, &stamps);
    uint32_t last = cursor_be32(&in);
    if (first >> 16 != SYN_LIST_MSS || middle != SYN_LIST_MIDDLE ||
        last >> 8 != SYN_LIST_WINDOW_SCALE)
        return false;
    options->mss = (uint16_t)first;
    options->has_sack_permitted = true;
    segment_read_timestamps(&stamps, options);
    read_window_scale((uint8_t)last, options);
    return true;
}

void segment_read_list(struct bytes list, struct tcp_options *options)
{
    struct cursor in = cursor_of(list), body;
    if (read_syn_list(list, options)) return;
    while (cursor_left(&in) != 0) {
        uint8_t kind = cursor_8(&in);
        if (kind == OPTION_END) return;
        if (kind == OPTION_NOP) continue;
        uint8_t length = cursor_8(&in);
        if (length < 2 || !cursor_enter(&in, length - 2u, &body)) return;
        read_option((unsigned)kind << 8 | length, &body, options);
    }
}

enum layer segment_decode(struct decoding *d)
{
    struct packet *p = d->packet;
    uint32_t wire_length = layer_wire_length(d);
    struct cursor in;
    struct bytes segment = cursor_rest(&d->in);
    if (!cursor_enter(&d->in, SEGMENT_HEADER_BYTES, &in)) return LAYER_SHORT;
    uint32_t header = segment_read_fixed(&in, p);
    if (header < SEGMENT_HEADER_BYTES || header > wire_length) return LAYER_BAD;
    if (wire_length > NET_SEGMENT_BYTES_MAX) return LAYER_BAD;
    segment_read_options(
        bytes_first(cursor_rest(&d->in), header - SEGMENT_HEADER_BYTES), &p->options);
    p->payload = bytes_from(segment, header);
    p->header_bytes = (uint8_t)(segment.len - p->payload.len);
    p->payload_length = wire_length - header;
    return LAYER_DONE;
}
