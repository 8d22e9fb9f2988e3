/* The policy for fragments: one check after the other, and whatever fails one is
 * counted under that one's name. */
#include "net/ip_fragments.h"

#include <string.h>

enum {
    TCP_HEADER_BYTES = 20,
    TCP_DATA_OFFSET_AT = 12,
};

struct ip_fragments *ip_fragments_new(struct net_counters *counters)
{
    struct ip_fragments *f = mem_alloc(sizeof(*f));
    f->counters = counters;
    f->table.counters = counters;
    return f;
}

void ip_fragments_free(struct ip_fragments *f)
{
    if (f == NULL) return;
    ip_fragment_table_done(&f->table);
    mem_free(f);
}

void ip_fragments_begin_frame(struct ip_fragments *f)
{
    f->table.frame++;
    f->datagram = 0;
}

uint64_t ip_fragments_datagram(const struct ip_fragments *f)
{
    return f->datagram;
}

/* ---- refusal ---- */

/* The first bytes of TCP's header are its ports. */
static void note_ports(struct ip_fragment_notice *n, struct bytes ports)
{
    struct cursor in = cursor_of(ports);
    n->from.port = cursor_be16(&in);
    n->to.port = cursor_be16(&in);
    if (in.is_short) n->from.port = n->to.port = 0;
}

/* What there is of the datagram goes, and so will what comes. `ports` may be empty. */
static void refuse(struct ip_fragments *f, struct ip_fragment_entry *e,
                   const struct packet *p, uint32_t oddity, struct bytes ports)
{
    struct ip_fragment_notice *n = &f->notices[f->next_notice];
    if (n->oddities == 0) f->notice_count++;
    f->next_notice = (f->next_notice + 1) % IP_FRAGMENT_NOTICES;
    *n = (struct ip_fragment_notice){
        .from = p->from,
        .to = p->to,
        .tunnel_id = p->tunnel_id,
        .oddities = oddity,
        .since_ns = f->table.clock_ns,
    };
    note_ports(n, ports);
    ip_fragment_table_refuse(&f->table, e);
}

static bool is_port_of(const struct endpoint *noted, const struct endpoint *e)
{
    return noted->port == 0 || noted->port == e->port;
}

static bool is_for(const struct ip_fragment_notice *n, const struct packet *p)
{
    return n->tunnel_id == p->tunnel_id && n->from.version == p->from.version &&
           memcmp(n->from.address, p->from.address, sizeof(n->from.address)) == 0 &&
           memcmp(n->to.address, p->to.address, sizeof(n->to.address)) == 0 &&
           is_port_of(&n->from, &p->from) && is_port_of(&n->to, &p->to);
}

uint32_t ip_fragments_take_oddities(struct ip_fragments *f, const struct packet *packet)
{
    uint32_t oddities = 0;
    for (int i = 0; i < IP_FRAGMENT_NOTICES; i++) {
        struct ip_fragment_notice *n = &f->notices[i];
        int64_t age_ns = packet->frame->captured_ns - n->since_ns;
        bool is_late = age_ns > NET_FRAGMENT_WAIT_NS;
        if (n->oddities == 0 || (!is_late && !is_for(n, packet))) continue;
        if (!is_late) oddities |= n->oddities;
        n->oddities = 0;
        f->notice_count--;
    }
    return oddities;
}

/* ---- one piece ---- */

/* RFC 1858, sections 3 and 4: filters that look at flags and ports look at one piece.
 */
static bool is_tiny(const struct ip_fragment *fragment, const struct ip_piece *piece)
{
    if (fragment->next != LAYER_TCP) return false;
    if (piece->offset != 0) return piece->offset < TCP_HEADER_BYTES;
    if (piece->length < TCP_HEADER_BYTES) return true;
    struct cursor in = cursor_of(piece->bytes);
    cursor_skip(&in, TCP_DATA_OFFSET_AT);
    return (uint32_t)(cursor_8(&in) >> 4) * 4 > piece->length;
}

/* IPv4's receivers cut a piece that is not the last to whole blocks; IPv6's refuse it
 * (RFC 8200, section 4.5). False: malformed. */
static bool read_piece(const struct decoding *d, const struct ip_fragment *fragment,
                       struct ip_piece *piece)
{
    *piece = (struct ip_piece){
        .offset = fragment->offset,
        .length = layer_wire_length(d),
        .has_more = fragment->has_more,
    };
    uint32_t odd = piece->has_more ? piece->length % IP_DATAGRAM_BLOCK : 0;
    if (odd != 0 && d->packet->from.version == 6) return false;
    piece->length -= odd;
    piece->bytes = bytes_first(cursor_rest(&d->in), piece->length);
    return piece->length != 0;
}

static struct ip_fragment_key key_of(const struct packet *p,
                                     const struct ip_fragment *fragment)
{
    struct ip_fragment_key key = {
        .id = fragment->id,
        .tunnel_id = p->tunnel_id,
        .vlan = p->vlan,
        .version = p->from.version,
        .protocol = fragment->protocol,
    };
    memcpy(key.from, p->from.address, sizeof(key.from));
    memcpy(key.to, p->to.address, sizeof(key.to));
    return key;
}

/* The datagram of a piece: the one that waits, or a new one. NULL: the piece is none
 * of anything, a copy of what came whole, or there is no room. */
static struct ip_fragment_entry *find_datagram(struct ip_fragments *f,
                                               const struct ip_fragment_key *key,
                                               const struct ip_piece *piece)
{
    struct ip_fragment_entry *e = ip_fragment_table_find(&f->table, key);
    if (e != NULL && e->state == IP_FRAGMENT_WHOLE) {
        enum ip_datagram_fit fit = ip_datagram_compare(&e->datagram, piece);
        if (fit == IP_DATAGRAM_REPEATED || fit == IP_DATAGRAM_SAME) {
            f->counters->fragments_duplicate++;
            return NULL;
        }
        ip_fragment_table_forget(&f->table, e); /* the number came round */
        e = NULL;
    }
    if (e == NULL) e = ip_fragment_table_add(&f->table, key);
    if (e == NULL || e->state == IP_FRAGMENT_REFUSED) f->counters->fragments_dropped++;
    return e != NULL && e->state == IP_FRAGMENT_WAITING ? e : NULL;
}

/* Where the ports are, if they are known. */
static struct bytes find_ports(const struct ip_fragment_entry *e,
                               const struct ip_fragment *fragment,
                               const struct ip_piece *piece)
{
    if (e->next == LAYER_TCP) return ip_datagram_first_block(&e->datagram);
    bool is_first = fragment->next == LAYER_TCP && piece->offset == 0;
    return is_first ? piece->bytes : bytes_of(NULL, 0);
}

static void take_tiny(struct ip_fragments *f, struct ip_fragment_entry *e,
                      const struct packet *p, struct bytes ports)
{
    f->counters->fragments_tiny++;
    refuse(f, e, p, NET_ODDITY_FRAGMENT_TINY, ports);
}

/* How the piece meets the others; false: it is not to be stored. */
static bool check_overlap(struct ip_fragments *f, struct ip_fragment_entry *e,
                          const struct packet *p, const struct ip_piece *piece,
                          struct bytes ports)
{
    enum ip_datagram_fit fit = ip_datagram_compare(&e->datagram, piece);
    if (fit == IP_DATAGRAM_NEW) return true;
    if (fit == IP_DATAGRAM_REPEATED) {
        f->counters->fragments_duplicate++;
        return false;
    }
    f->counters->fragments_overlapping++;
    if (p->from.version == 6) {
        refuse(f, e, p, NET_ODDITY_FRAGMENT_OVERLAP, ports);
        return false;
    }
    if (fit != IP_DATAGRAM_SAME) e->has_conflict = true;
    return fit != IP_DATAGRAM_CONTRADICTS;
}

static enum layer take_whole(struct ip_fragments *f, struct ip_fragment_entry *e,
                             struct decoding *d)
{
    struct bytes bytes = ip_datagram_bytes(&e->datagram);
    ip_fragment_table_finish(&f->table, e);
    f->counters->fragments_reassembled++;
    d->in = cursor_of(bytes);
    d->uncaptured = e->datagram.total - (uint32_t)bytes.len;
    if (e->has_conflict) d->packet->oddities |= NET_ODDITY_FRAGMENT_OVERLAP;
    return e->next;
}

/* Stores the piece unless something is wrong with it; false: that was so. */
static bool store(struct ip_fragments *f, struct ip_fragment_entry *e,
                  const struct packet *p, const struct ip_fragment *fragment,
                  const struct ip_piece *piece)
{
    struct bytes ports = find_ports(e, fragment, piece);
    if (is_tiny(fragment, piece)) {
        take_tiny(f, e, p, ports);
        return false;
    }
    if (!check_overlap(f, e, p, piece, ports)) return false;
    if (!ip_fragment_table_store(&f->table, e, piece)) {
        f->counters->fragments_dropped++;
        return false;
    }
    if (piece->offset == 0) e->next = fragment->next;
    return true;
}

enum layer ip_fragments_push(struct decoding *d, const struct ip_fragment *fragment)
{
    struct ip_fragments *f = d->memory->fragments;
    const struct packet *p = d->packet;
    struct ip_piece piece;
    /* Of a datagram that cannot lead to TCP nothing is kept. */
    bool is_known = p->from.version == 4 || fragment->offset == 0;
    if (is_known && fragment->next == LAYER_OTHER) return LAYER_HELD;
    if (!read_piece(d, fragment, &piece)) {
        f->counters->fragments_dropped++;
        return LAYER_HELD;
    }
    if (fragment->header + piece.offset + piece.length > IP_DATAGRAM_BYTES_MAX) {
        f->counters->fragments_oversized++;
        return LAYER_HELD;
    }
    ip_fragment_table_expire(&f->table, p->frame->captured_ns);
    struct ip_fragment_key key = key_of(p, fragment);
    struct ip_fragment_entry *e = find_datagram(f, &key, &piece);
    if (e == NULL) return LAYER_HELD;
    f->datagram = e->number;
    if (!store(f, e, p, fragment, &piece)) return LAYER_HELD;
    return ip_datagram_is_whole(&e->datagram) ? take_whole(f, e, d) : LAYER_HELD;
}
