#include "forge.h"

enum {
    IP_HEADER = 20,
    TCP_HEADER = 20,
    IP_TCP = 6,
    PORT_HTTP = 80,
    CLIENTS_PER_ADDRESS = 50000,
    SEGMENTS_PER_ACK = 16,
    START_SECONDS = 1700000000,
    SECOND_US = 1000000,
};

void forge_16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void forge_32(uint8_t *at, uint32_t value)
{
    forge_16(at, value >> 16);
    forge_16(at + 2, value);
}

uint32_t forge_random(struct forge *f, uint32_t below)
{
    f->random ^= f->random << 13; /* xorshift */
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return (uint32_t)((f->random >> 32) * below >> 32);
}

/* ---- records ---- */

void forge_put(struct forge *f, struct bytes raw)
{
    fwrite(raw.ptr, 1, raw.len, f->out);
    f->bytes += raw.len;
}

void forge_begin(struct forge *f, uint32_t link_type)
{
    uint8_t head[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4};
    forge_32(head + 16, 262144);
    forge_32(head + 20, link_type);
    forge_put(f, bytes_of(head, sizeof head));
}

void forge_frame(struct forge *f, struct bytes frame, uint32_t cut)
{
    uint8_t head[16];
    forge_32(head, (uint32_t)(START_SECONDS + f->now_us / SECOND_US));
    forge_32(head + 4, (uint32_t)(f->now_us % SECOND_US));
    forge_32(head + 8, (uint32_t)frame.len - cut);
    forge_32(head + 12, (uint32_t)frame.len);
    for (int copies = f->is_doubled ? 2 : 1; copies > 0; copies--) {
        forge_put(f, bytes_of(head, sizeof head));
        forge_put(f, bytes_first(frame, frame.len - cut));
    }
    f->now_us += f->step_us;
}

void forge_ethernet(struct forge *f, uint16_t type, struct bytes packet)
{
    uint8_t frame[FORGE_ETHERNET + FORGE_PACKET_MAX] = {2, 0, 0, 0, 0, 1,
                                                        2, 0, 0, 0, 0, 2};
    packet = bytes_first(packet, FORGE_PACKET_MAX);
    forge_16(frame + 12, type);
    if (packet.len > 0) memcpy(frame + FORGE_ETHERNET, packet.ptr, packet.len);
    forge_frame(f, bytes_of(frame, FORGE_ETHERNET + packet.len), 0);
}

/* ---- segments ---- */

/* RFC 1071 */
static uint32_t sum_of(uint32_t sum, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)(data[i] << 8 | data[i + 1]);
    if (length % 2 == 1) sum += (uint32_t)data[length - 1] << 8;
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

struct segment {
    const struct forge_side *from, *to;
    uint32_t seq;
    uint8_t flags;
    struct bytes payload;
};

static size_t write_packet(struct forge *f, const struct segment *s, uint8_t *out)
{
    uint8_t *tcp = out + IP_HEADER;
    size_t length = TCP_HEADER + s->payload.len;
    memset(out, 0, IP_HEADER + TCP_HEADER);
    out[0] = 0x45;
    forge_16(out + 2, (uint32_t)(IP_HEADER + length));
    forge_16(out + 4, ++f->ip_id);
    out[8] = 64;
    out[9] = IP_TCP;
    forge_32(out + 12, s->from->address);
    forge_32(out + 16, s->to->address);
    forge_16(out + 10, ~sum_of(0, out, IP_HEADER));
    forge_16(tcp, s->from->port);
    forge_16(tcp + 2, s->to->port);
    forge_32(tcp + 4, s->seq);
    if ((s->flags & FORGE_ACK) != 0) forge_32(tcp + 8, s->to->seq);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = s->flags;
    forge_16(tcp + 14, 65535);
    if (s->payload.len > 0) memcpy(tcp + TCP_HEADER, s->payload.ptr, s->payload.len);
    uint32_t sum = sum_of((uint32_t)(IP_TCP + length), out + 12, 8);
    sum = ~sum_of(sum, tcp, length) & 0xffff;
    forge_16(tcp + 16, f->has_bad_checksums ? sum ^ 1 : sum);
    return IP_HEADER + length;
}

size_t forge_packet(struct forge *f, const struct forge_talk *t, int side,
                    struct bytes payload, uint8_t out[FORGE_PACKET_MAX])
{
    struct segment s = {.from = &t->side[side],
                        .to = &t->side[1 - side],
                        .seq = t->side[side].seq,
                        .flags = FORGE_ACK | FORGE_PSH,
                        .payload = bytes_first(payload, FORGE_SEGMENT_MAX)};
    return write_packet(f, &s, out);
}

void forge_segment(struct forge *f, const struct forge_talk *t, int side, int32_t ahead,
                   uint8_t flags, struct bytes payload)
{
    uint8_t packet[FORGE_PACKET_MAX];
    struct segment s = {.from = &t->side[side],
                        .to = &t->side[1 - side],
                        .seq = t->side[side].seq + (uint32_t)ahead,
                        .flags = flags,
                        .payload = bytes_first(payload, FORGE_SEGMENT_MAX)};
    size_t length = write_packet(f, &s, packet);
    forge_ethernet(f, 0x0800, bytes_of(packet, length));
}

void forge_send(struct forge *f, struct forge_talk *t, int side, struct bytes payload)
{
    forge_segment(f, t, side, 0, FORGE_ACK | FORGE_PSH, payload);
    t->side[side].seq += (uint32_t)payload.len;
}

/* ---- conversations ---- */

void forge_meet(struct forge_talk *t, uint32_t number)
{
    *t = (struct forge_talk){.unacknowledged = 0};
    t->side[0].address = 0x0a000001 + number / CLIENTS_PER_ADDRESS;
    t->side[0].port = (uint16_t)(10000 + number % CLIENTS_PER_ADDRESS);
    t->side[0].seq = 1000 + number * 7919;
    t->side[1].address = 0xc0000250;
    t->side[1].port = PORT_HTTP;
    t->side[1].seq = 5000 + number * 104729;
}

struct endpoint forge_endpoint(const struct forge_talk *t, int side)
{
    struct endpoint e = {.port = t->side[side].port, .version = 4};
    forge_32(e.address, t->side[side].address);
    return e;
}

void forge_open(struct forge *f, struct forge_talk *t)
{
    const struct bytes none = bytes_of_text("");
    forge_segment(f, t, 0, 0, FORGE_SYN, none);
    t->side[0].seq++;
    forge_segment(f, t, 1, 0, FORGE_SYN | FORGE_ACK, none);
    t->side[1].seq++;
    forge_segment(f, t, 0, 0, FORGE_ACK, none);
}

void forge_close(struct forge *f, struct forge_talk *t)
{
    for (int side = 0; side < 2; side++) {
        forge_flush(f, t, side);
        forge_segment(f, t, side, 0, FORGE_FIN | FORGE_ACK, bytes_of_text(""));
        t->side[side].seq++;
    }
    forge_segment(f, t, 0, 0, FORGE_ACK, bytes_of_text(""));
}

void forge_flush(struct forge *f, struct forge_talk *t, int side)
{
    struct forge_side *from = &t->side[side];
    if (from->pending_bytes == 0) return;
    forge_send(f, t, side, bytes_of(from->pending, from->pending_bytes));
    from->pending_bytes = 0;
    if (++t->unacknowledged % SEGMENTS_PER_ACK == 0)
        forge_segment(f, t, 1 - side, 0, FORGE_ACK, bytes_of_text(""));
}

void forge_say(struct forge *f, struct forge_talk *t, int side, struct bytes text)
{
    struct forge_side *from = &t->side[side];
    while (text.len > 0) {
        struct bytes part = bytes_first(text, FORGE_SEGMENT_MAX - from->pending_bytes);
        memcpy(from->pending + from->pending_bytes, part.ptr, part.len);
        from->pending_bytes += part.len;
        text = bytes_from(text, part.len);
        if (from->pending_bytes == FORGE_SEGMENT_MAX) forge_flush(f, t, side);
    }
}
