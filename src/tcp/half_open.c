/* SYNs that nobody has answered yet, in a ring of fixed size apart from the flows: a
 * flood of them pushes out older ones, and never an established connection.
 *
 *   SYN --> [ oldest ... newest ] --any further packet of the tuple--> a flow
 *               '--pushed out, or the end--> reported as unanswered            */
#include "tcp/half_open.h"

enum { HALF_OPEN_FIRST = 1 << 8, HALF_OPEN_NONE = 0 };

struct half_open_ring {
    bool vlan_in_key;
    uint32_t capacity;       /* grows to TCP_HALF_OPEN_MAX; a power of two */
    uint32_t first, count;   /* of the places in use, the dead ones included */
    uint32_t live;           /* of them */
    struct half_open *place; /* `capacity` of them */
    /* Twice as many; the number of a place, its index + 1, chained through
     * half_open.next, so that memory never written is an empty table. */
    uint32_t *bucket;
};

static uint32_t *bucket_of(const struct half_open_ring *r, uint64_t hash)
{
    return &r->bucket[hash & (r->capacity * 2 - 1)];
}

static void link_place(struct half_open_ring *r, uint32_t at)
{
    struct half_open *h = &r->place[at];
    uint32_t *bucket = bucket_of(r, h->hash);
    h->next = *bucket;
    *bucket = at + 1;
}

/* Moves what is live to a ring of that size, or makes the first one. */
static void reserve(struct half_open_ring *r, uint32_t capacity)
{
    struct half_open_ring old = *r;
    r->capacity = capacity;
    r->first = r->count = 0;
    r->place = mem_alloc_array(capacity, sizeof *r->place);
    r->bucket = mem_alloc_array((size_t)capacity * 2, sizeof *r->bucket);
    for (uint32_t i = 0; i < old.count; i++) {
        const struct half_open *h = &old.place[(old.first + i) & (old.capacity - 1)];
        if (!h->is_live) continue;
        r->place[r->count] = *h;
        link_place(r, r->count++);
    }
    mem_free(old.place);
    mem_free(old.bucket);
}

/* The dead ones behind a live one keep their places; where they are half of all, moving
 * the others makes room without a larger ring, and a small ring stays in the cache. */
static bool is_half_dead(const struct half_open_ring *r)
{
    return r->live * 2 <= r->capacity;
}

struct half_open_ring *half_open_ring_new(bool vlan_in_key)
{
    struct half_open_ring *r = mem_alloc(sizeof *r);
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

static bool is_of(const struct half_open *h, const struct packet *p)
{
    return (endpoint_equal(&h->client, &p->from) &&
            endpoint_equal(&h->server, &p->to)) ||
           (endpoint_equal(&h->client, &p->to) && endpoint_equal(&h->server, &p->from));
}

struct half_open *half_open_find(const struct half_open_ring *r, const struct packet *p,
                                 uint64_t hash)
{
    uint32_t number = *bucket_of(r, hash);
    for (; number != HALF_OPEN_NONE; number = r->place[number - 1].next) {
        struct half_open *h = &r->place[number - 1];
        bool is_same_network =
            h->tunnel_id == p->tunnel_id && (!r->vlan_in_key || h->vlan == p->vlan);
        if (h->hash == hash && is_same_network && is_of(h, p)) return h;
    }
    return NULL;
}

bool half_open_is_full(const struct half_open_ring *r)
{
    return r->count == TCP_HALF_OPEN_MAX && !is_half_dead(r);
}

struct half_open *half_open_oldest(struct half_open_ring *r)
{
    while (r->count > 0) {
        struct half_open *h = &r->place[r->first];
        if (h->is_live) return h;
        r->first = (r->first + 1) & (r->capacity - 1);
        r->count--;
    }
    return NULL;
}

/* Most are answered at once: then one line of memory is all that is used. */
static void drop_dead(struct half_open_ring *r)
{
    if (half_open_oldest(r) == NULL) r->first = 0;
}

void half_open_add(struct half_open_ring *r, const struct packet *p, uint64_t hash)
{
    drop_dead(r);
    if (r->count == r->capacity)
        reserve(r, is_half_dead(r) ? r->capacity : r->capacity * 2);
    uint32_t at = (r->first + r->count) & (r->capacity - 1);
    r->count++;
    r->live++;
    struct half_open *h = &r->place[at];
    *h = (struct half_open){
        .hash = hash,
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
    uint32_t *link = bucket_of(r, h->hash);
    while (&r->place[*link - 1] != h) link = &r->place[*link - 1].next;
    *link = h->next;
    h->is_live = false;
    r->live--;
}
