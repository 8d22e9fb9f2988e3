/* Header by header; the payload between is a number to count down.
 *
 *   FIN 1 | RSV 3 | opcode 4 | MASK 1 | length 7 (126: 16, 127: 64 more) | mask 0 or 32
 *   bits  --> payload: length bytes --> next header ... */
#include "websocket/frames.h"

#include <string.h>

enum frames_bit {
    BIT_FINAL = 0x80,
    BIT_MASK = 0x80,
    BITS_OPCODE = 0x0f,
    BITS_LENGTH = 0x7f,
};

enum { LENGTH_IN_16 = 126, LENGTH_IN_64 = 127 };

/* RFC 7692, section 6: the bit stands on the first frame of a data message. */
static bool frames_bits_are_allowed(const struct frame_header *h,
                                    struct websocket_setup setup)
{
    if ((h->reserved_bits & ~setup.reserved_bits) != 0) return false;
    if (h->reserved_bits == 0 || setup.reserved_bits != WEBSOCKET_BIT_DEFLATE)
        return true;
    return h->opcode == WEBSOCKET_TEXT || h->opcode == WEBSOCKET_BINARY;
}

bool frames_is_valid(const struct frame_header *h, struct websocket_setup setup)
{
    static const bool is_known[WEBSOCKET_OPCODE_COUNT] = {
        [WEBSOCKET_CONTINUATION] = true, [WEBSOCKET_TEXT] = true,
        [WEBSOCKET_BINARY] = true,       [WEBSOCKET_CLOSE] = true,
        [WEBSOCKET_PING] = true,         [WEBSOCKET_PONG] = true,
    };
    bool fits = !frames_is_control(h->opcode) ||
                (h->is_final && h->length <= FRAMES_CONTROL_PAYLOAD_MAX);
    return is_known[h->opcode] && fits && h->is_minimal && !h->is_endless &&
           frames_bits_are_allowed(h, setup);
}

bool frames_is_masked_right(const struct frame_header *h, enum side from)
{
    return h->is_masked == (from == SIDE_CLIENT);
}

static uint64_t frames_read_length(struct cursor *in, uint8_t first, bool *is_minimal)
{
    if (first < LENGTH_IN_16) return first;
    uint64_t length = cursor_be16(in);
    *is_minimal = length >= LENGTH_IN_16;
    if (first == LENGTH_IN_16) return length;
    length = length << 48 | (uint64_t)cursor_be16(in) << 32;
    length |= cursor_be32(in);
    *is_minimal = length > UINT16_MAX;
    return length;
}

bool frames_read_header(struct cursor *in, struct frame_header *out)
{
    uint8_t first = cursor_8(in);
    uint8_t second = cursor_8(in);
    *out = (struct frame_header){
        .opcode = first & BITS_OPCODE,
        .reserved_bits = first & WEBSOCKET_BITS_RESERVED,
        .is_final = (first & BIT_FINAL) != 0,
        .is_masked = (second & BIT_MASK) != 0,
        .is_minimal = true,
    };
    out->length = frames_read_length(in, second & BITS_LENGTH, &out->is_minimal);
    out->is_endless = out->length > INT64_MAX;
    struct bytes mask = cursor_take(in, out->is_masked ? sizeof out->mask : 0);
    if (mask.len > 0) memcpy(out->mask, mask.ptr, mask.len);
    return !in->is_short;
}

bool frames_are_whole(struct bytes data, enum side from, struct websocket_setup setup)
{
    struct cursor in = cursor_of(data);
    struct frame_header h;
    while (cursor_left(&in) > 0) {
        if (!frames_read_header(&in, &h) || !frames_is_valid(&h, setup)) return false;
        if (!frames_is_masked_right(&h, from) || h.length > cursor_left(&in))
            return false;
        cursor_skip(&in, (size_t)h.length);
    }
    return data.len > 0;
}

/* ---- one direction ---- */

void frames_restart(struct frames *f)
{
    f->have = 0;
    f->is_within = f->is_lost = false;
}

/* What the header needs of `in`, in one go if it is there whole. True: it is whole. */
static bool frames_take_header(struct frames *f, struct cursor *in)
{
    struct cursor ahead = *in;
    if (f->have == 0 && frames_read_header(&ahead, &f->header)) {
        f->have = (uint8_t)(cursor_left(in) - cursor_left(&ahead));
        memcpy(f->bytes, cursor_take(in, f->have).ptr, f->have);
        return true;
    }
    while (cursor_left(in) > 0) {
        f->bytes[f->have++] = cursor_8(in);
        ahead = cursor_of(bytes_of(f->bytes, f->have));
        if (frames_read_header(&ahead, &f->header)) return true;
    }
    return false;
}

static enum frames_event frames_next_header(struct frames *f, struct cursor *in,
                                            const struct chunk *chunk)
{
    if (cursor_left(in) == 0) return FRAMES_MORE;
    if (f->have == 0) {
        f->begun = *chunk;
        f->begun.data = bytes_of(NULL, 0);
        f->begun.offset = chunk->offset + chunk->data.len - cursor_left(in);
    }
    if (!frames_take_header(f, in)) return FRAMES_MORE;
    f->is_within = true;
    f->left = f->header.length;
    return FRAMES_BEGIN;
}

enum frames_event frames_next(struct frames *f, struct cursor *in,
                              const struct chunk *chunk, struct bytes *payload)
{
    if (!f->is_within) return frames_next_header(f, in, chunk);
    if (f->left == 0) {
        f->is_within = false;
        f->have = 0;
        return FRAMES_END;
    }
    if (cursor_left(in) == 0) return FRAMES_MORE;
    size_t len = f->left < cursor_left(in) ? (size_t)f->left : cursor_left(in);
    *payload = cursor_take(in, len);
    f->left -= len;
    return FRAMES_PAYLOAD;
}

uint64_t frames_skip(struct frames *f, uint64_t missing)
{
    uint64_t within = 0;
    if (f->is_within) within = missing < f->left ? missing : f->left;
    f->left -= within;
    if (within < missing) f->is_lost = true;
    return within;
}
