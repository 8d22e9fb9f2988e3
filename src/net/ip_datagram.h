/* One IP datagram that arrives in fragments: its bytes, and which of them are there.
 *
 *   data     |#######|.......|#######|###    |   blocks of eight bytes, as offsets
 * count covered   1 1 1 1 . . . .  1 1 1 1 1 1 starts    1 . . . . . . .  1 . . . 1 .
 * where the pieces began
 *
 * Of a piece that the snaplen cut, all blocks are covered, but from there on (`intact`)
 * no byte counts. */
#ifndef NET_IP_DATAGRAM_H
#define NET_IP_DATAGRAM_H

#include "hopscope/base.h"

enum {
    IP_DATAGRAM_BYTES_MAX = 65535,
    IP_DATAGRAM_BLOCK = 8,
    IP_DATAGRAM_UNKNOWN = UINT16_MAX + 1,
};

/* A run of a datagram's bytes. */
struct ip_piece {
    uint32_t offset;    /* a multiple of eight */
    uint32_t length;    /* on the wire; such a multiple too where more follow; not 0 */
    struct bytes bytes; /* captured; not longer */
    bool has_more;      /* it is not the last */
};

struct ip_datagram {
    uint8_t *data;
    uint64_t *covered, *starts;
    uint32_t capacity;      /* of data; the maps have a bit for every block of it */
    uint32_t total;         /* known from the last piece, or IP_DATAGRAM_UNKNOWN */
    uint32_t end;           /* of the farthest piece */
    uint32_t intact;        /* bytes up to here are real where they are covered */
    uint32_t covered_count; /* blocks */
};

/* How a piece meets those before it. */
enum ip_datagram_fit {
    IP_DATAGRAM_NEW,         /* touches none */
    IP_DATAGRAM_REPEATED,    /* is one of them again */
    IP_DATAGRAM_SAME,        /* overlaps, with the same bytes */
    IP_DATAGRAM_DIFFERENT,   /* overlaps, with other bytes */
    IP_DATAGRAM_CONTRADICTS, /* another end than the known one, or beyond it */
};

void ip_datagram_init(struct ip_datagram *g);
void ip_datagram_done(struct ip_datagram *g); /* may be called again */
/* Bytes of memory that it takes, or will once a piece ending at `end` is stored. */
size_t ip_datagram_memory(const struct ip_datagram *g);
size_t ip_datagram_memory_for(const struct ip_datagram *g, uint32_t end);
enum ip_datagram_fit ip_datagram_compare(const struct ip_datagram *g,
                                         const struct ip_piece *piece);
/* Stores what of a piece is not covered (the first to arrive wins). The piece must not
 * contradict. */
void ip_datagram_store(struct ip_datagram *g, const struct ip_piece *piece);
bool ip_datagram_is_whole(const struct ip_datagram *g);
/* The bytes of a whole one, up to where they are all real; borrowed. */
struct bytes ip_datagram_bytes(const struct ip_datagram *g);
/* Its first eight bytes, or none while they are not there; borrowed. */
struct bytes ip_datagram_first_block(const struct ip_datagram *g);

#endif
