/* The TCP checksum (RFC 9293, section 3.1; RFC 8200, section 8.1): the ones' complement
 * sum over the pseudo-header and the segment is all ones. That sum does not care for
 * the byte order (RFC 1071, section 2 B) nor for how wide the words are that are added,
 * so they are added as they lie in memory, four bytes at a time, into sums of eight. */
#include "net/checksum.h"

#include <endian.h>
#include <string.h>

enum {
    PROTOCOL_TCP = 6,
    DATA_OFFSET_AT = 12,
    TCP_BYTES = 20, /* of the header, without options */
};

static inline uint16_t checksum_word(uint8_t first, uint8_t second)
{
    uint8_t bytes[2] = {first, second};
    uint16_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* The last bytes, fewer than sixteen; an odd one is filled up with a zero. */
static inline uint64_t add_tail(const uint8_t *at, size_t left)
{
    uint64_t sum = 0;
    for (; left >= sizeof(uint32_t); left -= sizeof(uint32_t)) {
        uint32_t word;
        memcpy(&word, at, sizeof(word));
        at += sizeof(word);
        sum += word;
    }
    if (left >= 2) sum += checksum_word(at[0], at[1]);
    if (left % 2 != 0) sum += checksum_word(at[left - 1], 0);
    return sum;
}

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
    if (b.len != at) sum += add_tail(b.ptr + at, b.len - at);
    for (size_t i = 0; i < ARRAY_LENGTH(lanes); i++) sum += lanes[i];
    return sum;
}

static inline uint32_t word32(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* RFC 8200, section 8.1: addresses, length, zeros and the protocol. That of IPv4 adds
 * up to the same: all of its words but the first are zeros here. */
static inline uint64_t add_pseudo_header(uint64_t sum, const struct packet *p,
                                         uint32_t length)
{
    const uint8_t *from = p->from.address, *to = p->to.address;
    sum += (uint64_t)word32(from) + word32(to);
    for (size_t at = 4; p->from.version != 4 && at < sizeof(p->from.address); at += 4)
        sum += (uint64_t)word32(from + at) + word32(to + at);
    return sum + htobe32(length) + htobe32(PROTOCOL_TCP);
}

/* TCP's header: five words, then those of its options. */
static inline uint64_t add_header(uint64_t sum, const uint8_t *at, size_t len)
{
    const uint8_t *end = at + len;
#pragma GCC unroll 5 /* with every packet */
    for (size_t i = 0; i < TCP_BYTES; i += 4) sum += word32(at + i);
    for (at += TCP_BYTES; at < end; at += 4) sum += word32(at);
    return sum;
}

/* All ones, sixteen of them, once its halves are added up: a multiple of that, and not
 * zero, which it never is, as the protocol's number is in it. */
static inline bool is_all_ones(uint64_t sum)
{
    return sum % 0xffff == 0;
}

enum checksum checksum_with_payload(const struct packet *packet, uint64_t payload_sum)
{
    uint32_t header = packet->header_bytes;
    if (header < TCP_BYTES || packet->payload.len < packet->payload_length)
        return CHECKSUM_UNSEEN;
    const uint8_t *at = packet->payload.ptr - header;
    bool is_cut = (uint32_t)(at[DATA_OFFSET_AT] >> 4) * 4 != header;
    if (is_cut) return CHECKSUM_UNSEEN;
    uint64_t sum =
        add_pseudo_header(payload_sum, packet, header + packet->payload_length);
    sum = add_header(sum, at, header);
    return is_all_ones(sum) ? CHECKSUM_GOOD : CHECKSUM_BAD;
}

enum checksum net_checksum(const struct packet *packet)
{
    return checksum_with_payload(packet, add_words(0, packet->payload));
}
