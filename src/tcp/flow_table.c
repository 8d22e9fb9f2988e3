/* Flows by four-tuple: a keyed hash with chains, so that nobody can aim at one bucket;
 * a list by age for each state, so that the oldest is always at hand.
 *
 *   buckets[hash] --> flow --> flow          open:   oldest <-> ... <-> newest
 *                                            reset:  oldest <-> ... <-> newest
 *                                            closed: oldest <-> ... <-> newest */
#include "tcp/flow.h"

#include <string.h>

enum { TABLE_BUCKETS_FIRST = 1 << 10 };

struct age_list {
    struct flow *oldest, *newest;
    size_t count;
};

struct flow_table {
    struct hash_key key;
    bool vlan_in_key;
    struct flow **buckets;
    size_t bucket_count; /* a power of two */
    size_t flow_count;
    struct age_list by_state[FLOW_STATE_COUNT];
};

static void list_remove(struct age_list *list, struct flow *f)
{
    if (f->older != NULL) f->older->newer = f->newer;
    if (f->newer != NULL) f->newer->older = f->older;
    if (list->oldest == f) list->oldest = f->newer;
    if (list->newest == f) list->newest = f->older;
    f->older = f->newer = NULL;
    list->count--;
}

static void list_append(struct age_list *list, struct flow *f)
{
    f->older = list->newest;
    f->newer = NULL;
    if (list->newest != NULL) list->newest->newer = f;
    if (list->oldest == NULL) list->oldest = f;
    list->newest = f;
    list->count++;
}

/* Appends what tells an endpoint from others: fewer bytes are fewer rounds. */
static size_t pack_endpoint(const struct endpoint *e, uint8_t *out)
{
    size_t len = e->version == 4 ? 4 : 16;
    memcpy(out, e->address, len);
    memcpy(out + len, &e->port, 2);
    return len + 2;
}

/* The tuple in one order for both directions. */
static uint64_t hash_packet(const struct flow_table *t, const struct packet *p)
{
    uint8_t key[42];
    bool in_order = endpoint_compare(&p->from, &p->to) <= 0;
    size_t len = pack_endpoint(in_order ? &p->from : &p->to, key);
    len += pack_endpoint(in_order ? &p->to : &p->from, key + len);
    uint32_t network = p->tunnel_id;
    if (t->vlan_in_key) network ^= (uint32_t)p->vlan << 16;
    memcpy(key + len, &network, sizeof network);
    return hash_keyed(t->key, bytes_of(key, len + sizeof network));
}

static void grow(struct flow_table *t)
{
    size_t count = t->bucket_count * 2;
    struct flow **buckets = mem_alloc_array(count, sizeof *buckets);
    for (size_t i = 0; i < t->bucket_count; i++) {
        struct flow *f = t->buckets[i];
        while (f != NULL) {
            struct flow *next = f->bucket_next;
            f->bucket_next = buckets[f->hash & (count - 1)];
            buckets[f->hash & (count - 1)] = f;
            f = next;
        }
    }
    mem_free(t->buckets);
    t->buckets = buckets;
    t->bucket_count = count;
}

struct flow_table *flow_table_new(struct hash_key key, bool vlan_in_key)
{
    struct flow_table *t = mem_alloc(sizeof *t);
    t->key = key;
    t->vlan_in_key = vlan_in_key;
    t->bucket_count = TABLE_BUCKETS_FIRST;
    t->buckets = mem_alloc_array(t->bucket_count, sizeof(struct flow *));
    return t;
}

void flow_table_free(struct flow_table *t)
{
    if (t == NULL) return;
    mem_free(t->buckets);
    mem_free(t);
}

static bool is_same_network(const struct flow_table *t, const struct flow *f,
                            const struct packet *p)
{
    if (f->conn.tunnel_id != p->tunnel_id) return false;
    return !t->vlan_in_key || f->conn.vlan == p->vlan;
}

struct flow *flow_table_find(struct flow_table *t, const struct packet *p, int *from)
{
    uint64_t hash = hash_packet(t, p);
    struct flow *f = t->buckets[hash & (t->bucket_count - 1)];
    for (; f != NULL; f = f->bucket_next) {
        if (f->hash != hash || !is_same_network(t, f, p)) continue;
        const struct conn *c = &f->conn;
        if (endpoint_equal(&c->client, &p->from) &&
            endpoint_equal(&c->server, &p->to)) {
            *from = c->is_flipped ? 1 : 0;
            return f;
        }
        if (endpoint_equal(&c->client, &p->to) &&
            endpoint_equal(&c->server, &p->from)) {
            *from = c->is_flipped ? 0 : 1;
            return f;
        }
    }
    return NULL;
}

struct flow *flow_table_add(struct flow_table *t, const struct packet *p)
{
    if (t->flow_count >= t->bucket_count) grow(t);
    struct flow *f = mem_alloc(sizeof *f);
    f->conn.client = p->from;
    f->conn.server = p->to;
    f->conn.tunnel_id = p->tunnel_id;
    f->conn.vlan = p->vlan;
    f->hash = hash_packet(t, p);
    struct flow **bucket = &t->buckets[f->hash & (t->bucket_count - 1)];
    f->bucket_next = *bucket;
    *bucket = f;
    t->flow_count++;
    list_append(&t->by_state[FLOW_OPEN], f);
    return f;
}

void flow_table_remove(struct flow_table *t, struct flow *f)
{
    struct flow **link = &t->buckets[f->hash & (t->bucket_count - 1)];
    while (*link != f) link = &(*link)->bucket_next;
    *link = f->bucket_next;
    t->flow_count--;
    list_remove(&t->by_state[f->state], f);
    mem_free(f);
}

void flow_table_touch(struct flow_table *t, struct flow *f)
{
    struct age_list *open = &t->by_state[FLOW_OPEN];
    if (f->state != FLOW_OPEN || open->newest == f) return;
    list_remove(open, f);
    list_append(open, f);
}

void flow_table_move(struct flow_table *t, struct flow *f, enum flow_state state)
{
    list_remove(&t->by_state[f->state], f);
    f->state = state;
    list_append(&t->by_state[state], f);
}

struct flow *flow_table_oldest(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].oldest;
}

size_t flow_table_count(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].count;
}
