/* IP (RFC 791, RFC 8200) and TCP (RFC 9293, section 3.1) headers, written by hand, so
 * that nothing gets out that is not named here. */
#include "cli/disguise_packet.h"

#include "cli/disguise.h"

enum {
    IPV4_HEAD = 20,
    IPV6_HEAD = 40,
    IP_LENGTH_MAX = 65535,
    TCP_PROTOCOL = 6,
    TCP_HEAD = 20,
    TCP_HEAD_MAX = 60,
    TCP_CHECKSUM_AT = 16,
    OPTION_END = 0,
    OPTION_PADDING = 1,
};

/* ---- the Internet checksum (RFC 1071) ---- */

static uint32_t sum(uint32_t before, struct bytes b)
{
    uint32_t all = before;
    for (size_t i = 0; i < b.len; i++) {
        all += i % 2 == 0 ? (uint32_t)b.ptr[i] << 8 : b.ptr[i];
        all = (all & 0xffff) + (all >> 16);
    }
    return all;
}

static void put_16(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

/* ---- headers ---- */

static size_t address_bytes(const struct endpoint *e)
{
    return e->version == 4 ? 4 : 16;
}

/* A length beyond what the field holds is 0, as segmentation offload has it. */
static void add_ip_head(const struct packet *p, const struct endpoint *from,
                        const struct endpoint *to, size_t segment, struct buffer *out)
{
    uint8_t head[IPV6_HEAD] = {0};
    size_t len = from->version == 4 ? IPV4_HEAD : IPV6_HEAD;
    size_t told = from->version == 4 ? len + segment : segment;
    uint32_t told_16 = told > IP_LENGTH_MAX ? 0 : (uint32_t)told;
    size_t address = address_bytes(from);
    if (from->version == 4) {
        head[0] = 0x45;
        put_16(head + 2, told_16);
        put_16(head + 4, p->ip_id);
        head[8] = p->ttl;
        head[9] = TCP_PROTOCOL;
    } else {
        head[0] = 0x60;
        put_16(head + 4, told_16);
        head[6] = TCP_PROTOCOL;
        head[7] = p->ttl;
    }
    memcpy(head + len - 2 * address, from->address, address);
    memcpy(head + len - address, to->address, address);
    if (from->version == 4) put_16(head + 10, ~sum(0, bytes_of(head, len)));
    buffer_append(out, bytes_of(head, len));
}

static bool is_harmless(uint8_t option)
{
    /* MSS, window scale, SACK permitted, SACK, timestamps */
    return option == 2 || option == 3 || option == 4 || option == 5 || option == 8;
}

/* Cookies, keys and what is unknown become padding of their length. */
static void hide_options(uint8_t *options, size_t len)
{
    for (size_t at = 0; at < len;) {
        if (options[at] == OPTION_END) return;
        if (options[at] == OPTION_PADDING) {
            at++;
            continue;
        }
        size_t own = at + 1 < len ? options[at + 1] : len - at;
        bool is_whole = own >= 2 && own <= len - at;
        if (!is_whole) own = len - at;
        if (!is_whole || !is_harmless(options[at]))
            memset(options + at, OPTION_PADDING, own);
        at += own;
    }
}

static size_t tcp_head_length(const struct packet *p)
{
    size_t len = p->header_bytes;
    size_t told = len > 12 ? (size_t)(net_segment(p).ptr[12] >> 4) * 4 : 0;
    if (told >= TCP_HEAD && told < len) len = told;
    return len < TCP_HEAD_MAX ? len : TCP_HEAD_MAX;
}

static void put_checksum(const struct packet *p, const struct endpoint *from,
                         const struct endpoint *to, uint8_t *segment, size_t len)
{
    uint8_t pseudo[4] = {0, TCP_PROTOCOL};
    enum checksum before = net_checksum(p);
    put_16(segment + TCP_CHECKSUM_AT, 0);
    if (before == CHECKSUM_UNSEEN) return;
    put_16(pseudo + 2, (uint32_t)len);
    uint32_t all = sum(0, bytes_of(from->address, address_bytes(from)));
    all = sum(all, bytes_of(to->address, address_bytes(to)));
    all = sum(all, bytes_of(pseudo, sizeof pseudo));
    all = sum(all + (uint32_t)(len >> 16), bytes_of(segment, len));
    uint32_t checksum = ~all & 0xffff;
    put_16(segment + TCP_CHECKSUM_AT,
           before == CHECKSUM_GOOD ? checksum : checksum ^ 0x5555);
}

void disguise_packet_write(const struct packet *packet, const struct endpoint *from,
                           const struct endpoint *to, struct bytes payload,
                           struct buffer *out, struct frame *frame)
{
    size_t head = tcp_head_length(packet);
    buffer_clear(out);
    add_ip_head(packet, from, to, head + packet->payload_length, out);
    size_t start = out->len;
    buffer_append(out, bytes_first(net_segment(packet), head));
    buffer_append(out, payload);
    uint8_t *segment = out->ptr + start;
    if (head > TCP_HEAD) hide_options(segment + TCP_HEAD, head - TCP_HEAD);
    put_checksum(packet, from, to, segment, out->len - start);
    *frame = *packet->frame;
    frame->link_type = DISGUISE_LINK_TYPE;
    frame->interface = 0;
    frame->data = buffer_bytes(out);
    frame->captured = (uint32_t)out->len;
    frame->length = (uint32_t)(start + head + packet->payload_length);
}
