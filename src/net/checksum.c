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

static uint16_t fold_words(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* Both halves of a word, apart: so there are no carries. */
static inline uint64_t add_halves(uint64_t word)
{
    return (word & 0xffffffff) + (word >> 32);
}

static inline uint64_t add_address(const struct endpoint *e)
{
    uint64_t half[2];
    memcpy(half, e->address, sizeof(half));
    return add_halves(half[0]) + add_halves(half[1]);
}

/* RFC 8200, section 8.1: addresses, length, zeros and the protocol. Zeros add nothing,
 * so that of IPv4 has the same shape. */
static inline uint64_t add_pseudo_header(const struct packet *p, uint32_t length)
{
    return add_address(&p->from) + add_address(&p->to) + htobe32(length) +
           htobe32(PROTOCOL_TCP);
}

/* `payload_sum` NULL: the payload is still to be read. */
static inline enum checksum checksum_of(const struct packet *packet,
                                        const uint64_t *payload_sum)
{
    struct cursor in = cursor_of(packet->segment);
    cursor_skip(&in, DATA_OFFSET_AT);
    uint32_t header = (uint32_t)(cursor_8(&in) >> 4) * 4;
    uint32_t length = header + packet->payload_length;
    if (in.is_short || packet->segment.len < length) return CHECKSUM_UNSEEN;
    uint64_t sum = add_pseudo_header(packet, length);
    uint32_t unread = payload_sum == NULL ? length : header;
    sum = add_words(sum, bytes_first(packet->segment, unread));
    if (payload_sum != NULL) sum += *payload_sum;
    return fold_words(sum) == 0xffff ? CHECKSUM_GOOD : CHECKSUM_BAD;
}

enum checksum net_checksum(const struct packet *packet)
{
    return checksum_of(packet, NULL);
}

enum checksum checksum_with_payload(const struct packet *packet, uint64_t payload_sum)
{
    return checksum_of(packet, &payload_sum);
}
