/* The TCP checksum (RFC 9293, section 3.1; RFC 8200, section 8.1): the ones' complement
 * sum over the pseudo-header and the segment is all ones. That sum does not care for
 * the byte order (RFC 1071, section 2 B) nor for how wide the words are that are added,
 * so they are added as they lie in memory, eight bytes at a time. */
#include "hopscope/net.h"

#include <string.h>

enum {
    PROTOCOL_TCP = 6,
    DATA_OFFSET_AT = 12,
    PSEUDO_HEADER_BYTES = 40, /* zeros add nothing, so IPv4's has the same shape */
};

/* Sums 32-bit words into 64 bits; four lanes let the compiler use wide registers. Fewer
 * than 2^32 words follow each other, so nothing overflows. */
static uint64_t add_words(uint64_t sum, struct bytes b)
{
    uint64_t lanes[4] = {0};
    uint32_t words[4];
    size_t at = 0;
    for (; b.len - at >= sizeof(words); at += sizeof(words)) {
        memcpy(words, b.ptr + at, sizeof(words));
        for (size_t i = 0; i < ARRAY_LENGTH(lanes); i++) lanes[i] += words[i];
    }
    memset(words, 0, sizeof(words));
    if (b.len != at) memcpy(words, b.ptr + at, b.len - at);
    for (size_t i = 0; i < ARRAY_LENGTH(lanes); i++) sum += lanes[i] + words[i];
    return sum;
}

static uint16_t fold_words(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* RFC 8200, section 8.1: addresses, length, zeros, protocol. */
static uint64_t add_pseudo_header(const struct packet *p, uint32_t length)
{
    uint8_t header[PSEUDO_HEADER_BYTES] = {0};
    memcpy(header, p->from.address, 16);
    memcpy(header + 16, p->to.address, 16);
    for (int i = 0; i < 4; i++) header[32 + i] = (uint8_t)(length >> (24 - 8 * i));
    header[39] = PROTOCOL_TCP;
    return add_words(0, bytes_of(header, sizeof(header)));
}

enum checksum net_checksum(const struct packet *packet)
{
    struct cursor in = cursor_of(packet->segment);
    cursor_skip(&in, DATA_OFFSET_AT);
    uint32_t header = (uint32_t)(cursor_8(&in) >> 4) * 4;
    uint32_t length = header + packet->payload_length;
    if (in.is_short || packet->segment.len < length) return CHECKSUM_UNSEEN;
    uint64_t sum = add_pseudo_header(packet, length);
    sum = add_words(sum, bytes_first(packet->segment, length));
    return fold_words(sum) == 0xffff ? CHECKSUM_GOOD : CHECKSUM_BAD;
}
