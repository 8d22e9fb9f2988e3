/* The TCP checksum (RFC 9293, section 3.1; RFC 8200, section 8.1): the ones' complement
 * sum over the pseudo-header and the segment is all ones. That sum does not care for
 * the byte order (RFC 1071, section 2 B) nor for how wide the words are that are added,
 * so they are added as they lie in memory, eight bytes at a time. */
#include "net/checksum.h"

#include <endian.h>
#include <string.h>

enum {
    PROTOCOL_TCP = 6,
    DATA_OFFSET_AT = 12,
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

static inline uint16_t fold_words(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* The ones' complement sum of words of any kind, which may be full. */
static inline uint64_t add_carried(uint64_t sum, uint64_t word)
{
    sum += word;
    return sum + (sum < word);
}

static inline uint64_t add_address(uint64_t sum, const struct endpoint *e)
{
    uint64_t half[2];
    memcpy(half, e->address, sizeof(half));
    return add_carried(add_carried(sum, half[0]), half[1]);
}

/* RFC 8200, section 8.1: addresses, length, zeros and the protocol. Zeros add nothing,
 * so that of IPv4 has the same shape. */
static inline uint64_t add_pseudo_header(uint64_t sum, const struct packet *p,
                                         uint32_t length)
{
    sum = add_address(add_address(sum, &p->from), &p->to);
    return add_carried(sum, (uint64_t)htobe32(length) + htobe32(PROTOCOL_TCP));
}

/* TCP's header; its length is a multiple of four. */
static inline uint64_t add_header(uint64_t sum, const uint8_t *at, size_t len)
{
    uint64_t word;
    uint32_t half;
    for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        sum = add_carried(sum, word);
    }
    if (len == 0) return sum;
    memcpy(&half, at, sizeof(half));
    return add_carried(sum, half);
}

enum checksum checksum_with_payload(const struct packet *packet, uint64_t payload_sum)
{
    if (packet->segment.len <= DATA_OFFSET_AT) return CHECKSUM_UNSEEN;
    uint32_t header = (uint32_t)(packet->segment.ptr[DATA_OFFSET_AT] >> 4) * 4;
    uint32_t length = header + packet->payload_length;
    if (packet->segment.len < length) return CHECKSUM_UNSEEN;
    uint64_t sum = add_pseudo_header(payload_sum, packet, length);
    sum = add_header(sum, packet->segment.ptr, header);
    return fold_words(sum) == 0xffff ? CHECKSUM_GOOD : CHECKSUM_BAD;
}

enum checksum net_checksum(const struct packet *packet)
{
    return checksum_with_payload(packet, add_words(0, packet->payload));
}
