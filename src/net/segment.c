/* The TCP header and its options (RFC 9293, section 3.1). The fixed 20 bytes make a
 * packet; of what follows, whatever the capture holds is taken. */
#include "net/segment.h"

#include "net/layer.h"

enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WINDOW_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_TIMESTAMPS = 8,
    WINDOW_SHIFT_MAX = 14, /* RFC 7323, section 2.3 */
};

/* `body` is what follows kind and length. A known kind of another length than its own
 * is passed over, as receivers do. */
static void read_option(uint8_t kind, struct bytes body, struct tcp_options *options)
{
    struct cursor in = cursor_of(body);
    if (kind == OPTION_MSS && body.len == 2) options->mss = cursor_be16(&in);
    if (kind == OPTION_SACK_PERMITTED && body.len == 0)
        options->has_sack_permitted = true;
    if (kind == OPTION_TIMESTAMPS && body.len == 8)
        segment_read_timestamps(&in, options);
    if (kind != OPTION_WINDOW_SCALE || body.len != 1) return;
    uint8_t shift = cursor_8(&in);
    options->is_shift_clamped = shift > WINDOW_SHIFT_MAX;
    options->window_shift = options->is_shift_clamped ? WINDOW_SHIFT_MAX : shift;
    options->has_window_shift = true;
}

void segment_read_list(struct bytes list, struct tcp_options *options)
{
    struct cursor in = cursor_of(list);
    while (cursor_left(&in) != 0) {
        uint8_t kind = cursor_8(&in);
        if (kind == OPTION_END) return;
        if (kind == OPTION_NOP) continue;
        uint8_t length = cursor_8(&in);
        if (length < 2) return;
        struct bytes body = cursor_take(&in, length - 2u);
        if (in.is_short) return;
        read_option(kind, body, options);
    }
}

enum layer segment_decode(struct decoding *d)
{
    struct packet *p = d->packet;
    uint32_t wire_length = layer_wire_length(d);
    struct cursor in;
    p->segment = cursor_rest(&d->in);
    if (!cursor_enter(&d->in, SEGMENT_HEADER_BYTES, &in)) return LAYER_SHORT;
    uint32_t header = segment_read_fixed(&in, p);
    if (header < SEGMENT_HEADER_BYTES || header > wire_length) return LAYER_BAD;
    if (wire_length > NET_SEGMENT_BYTES_MAX) return LAYER_BAD;
    segment_read_options(
        bytes_first(cursor_rest(&d->in), header - SEGMENT_HEADER_BYTES), &p->options);
    p->payload = bytes_from(p->segment, header);
    p->payload_length = wire_length - header;
    return LAYER_DONE;
}
