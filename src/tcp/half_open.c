/* SYNs that nobody has answered yet, in a ring of fixed size apart from the flows: a
 * flood of them pushes out older ones, and never an established connection.
 *
 *   SYN --> [ oldest ... newest ] --any further packet of the tuple--> a flow
 *               '--pushed out, or the end--> reported as unanswered            */
#include "tcp/half_open.h"

#include <string.h>

enum { HALF_OPEN_FIRST = 1 << 8, HALF_OPEN_NONE = 0 };

struct half_open_ring {
    struct hash_key key;
    bool vlan_in_key;
    uint32_t capacity;       /* grows to TCP_HALF_OPEN_MAX; a power of two */
    uint32_t first, count;   /* of the places in use, the dead ones included */
    struct half_open *place; /* `capacity` of them */
    /* Twice as many; the number of a place, its index + 1, chained through
     * half_open.next, so that memory never written is an empty table. */
    uint32_t *bucket;
};

/* From whom to whom: one direction, since only one has spoken. */
static uint32_t *bucket_of(const struct half_open_ring *r, const struct endpoint *from,
                           const struct endpoint *to)
{
    uint8_t key[36];
    memcpy(key, from->address, 16);
    memcpy(key + 16, to->address, 16);
    memcpy(key + 32, &from->port, 2);
    memcpy(key + 34, &to->port, 2);
    uint64_t hash = hash_keyed(r->key, bytes_of(key, sizeof key));
    return &r->bucket[hash % ((uint64_t)r->capacity * 2)];
}

static void link_place(struct half_open_ring *r, uint32_t at)
{
    struct half_open *h = &r->place[at];
    uint32_t *bucket = bucket_of(r, &h->client, &h->server);
    h->next = *bucket;
    *bucket = at + 1;
}

/* Moves what is live to a larger ring, or to the first one. */
static void reserve(struct half_open_ring *r, uint32_t capacity)
{
    struct half_open_ring old = *r;
    r->capacity = capacity;
    r->first = r->count = 0;
    r->place = mem_alloc_array(capacity, sizeof *r->place);
    r->bucket = mem_alloc_array((size_t)capacity * 2, sizeof *r->bucket);
    for (uint32_t i = 0; i < old.count; i++) {
        const struct half_open *h = &old.place[(old.first + i) % old.capacity];
        if (!h->is_live) continue;
        r->place[r->count] = *h;
        link_place(r, r->count++);
    }
    mem_free(old.place);
    mem_free(old.bucket);
}

struct half_open_ring *half_open_ring_new(struct hash_key key, bool vlan_in_key)
{
    struct half_open_ring *r = mem_alloc(sizeof *r);
    r->key = key;
    r->vlan_in_key = vlan_in_key;
    reserve(r, HALF_OPEN_FIRST);
    return r;
}

void half_open_ring_free(struct half_open_ring *r)
{
    if (r == NULL) return;
    mem_free(r->place);
    mem_free(r->bucket);
    mem_free(r);
}

static struct half_open *find(const struct half_open_ring *r, const struct packet *p,
                              const struct endpoint *from, const struct endpoint *to)
{
    uint32_t number = *bucket_of(r, from, to);
    for (; number != HALF_OPEN_NONE; number = r->place[number - 1].next) {
        struct half_open *h = &r->place[number - 1];
        bool is_same_network =
            h->tunnel_id == p->tunnel_id && (!r->vlan_in_key || h->vlan == p->vlan);
        if (is_same_network && endpoint_equal(&h->client, from) &&
            endpoint_equal(&h->server, to))
            return h;
    }
    return NULL;
}

struct half_open *half_open_find(const struct half_open_ring *r, const struct packet *p)
{
    struct half_open *h = find(r, p, &p->from, &p->to);
    return h != NULL ? h : find(r, p, &p->to, &p->from);
}

bool half_open_is_full(const struct half_open_ring *r)
{
    return r->count == TCP_HALF_OPEN_MAX;
}

struct half_open *half_open_oldest(struct half_open_ring *r)
{
    while (r->count > 0) {
        struct half_open *h = &r->place[r->first];
        if (h->is_live) return h;
        r->first = (r->first + 1) % r->capacity;
        r->count--;
    }
    return NULL;
}

void half_open_add(struct half_open_ring *r, const struct packet *p)
{
    if (r->count == r->capacity) reserve(r, r->capacity * 2);
    uint32_t at = (r->first + r->count) % r->capacity;
    r->count++;
    struct half_open *h = &r->place[at];
    *h = (struct half_open){
        .client = p->from,
        .server = p->to,
        .tunnel_id = p->tunnel_id,
        .vlan = p->vlan,
        .ttl = p->ttl,
        .flags = p->flags,
        .has_window_shift = p->options.has_window_shift,
        .window_shift = p->options.window_shift,
        .window = p->window,
        .seq = p->seq,
        .first_ref = p->frame->ref,
        .last_ref = p->frame->ref,
        .syn_ns = p->frame->captured_ns,
        .last_syn_ns = p->frame->captured_ns,
        .is_live = true,
    };
    link_place(r, at);
}

bool half_open_take_repeat(struct half_open *h, const struct packet *p)
{
    bool is_syn = (p->flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) == TCP_SYN;
    bool is_repeat = is_syn && p->seq == h->seq && p->payload_length == 0 &&
                     endpoint_equal(&p->from, &h->client) &&
                     h->retransmits < UINT16_MAX;
    if (!is_repeat) return false;
    h->retransmits++;
    h->last_ref = p->frame->ref;
    h->last_syn_ns = p->frame->captured_ns;
    return true;
}

void half_open_remove(struct half_open_ring *r, struct half_open *h)
{
    uint32_t *link = bucket_of(r, &h->client, &h->server);
    while (&r->place[*link - 1] != h) link = &r->place[*link - 1].next;
    *link = h->next;
    h->is_live = false;
}
