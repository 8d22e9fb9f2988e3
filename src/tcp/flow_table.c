/* Flows by four-tuple: open addressing under a keyed hash, so that nobody can aim at
 * one place; a list by age for each state, so that the oldest is always at hand.
 *
 *   slots | hash, flow | hash, flow |  -  | ...   open:   oldest <-> ... <-> newest
 *               '--> flow                         reset:  oldest <-> ... <-> newest
 *                                                 closed: oldest <-> ... <-> newest
 *
 * The whole hash stands in the slot: a search reads one line of slots and the flow that
 * it was for, and growing reads no flow at all. */
#include "tcp/flow.h"

enum {
    TABLE_SLOTS_FIRST = 1 << 10,
    TABLE_SPARE_MAX = 64, /* flows kept for the next ones: few, as they are memory */
};

struct age_list {
    struct flow *oldest, *newest;
    size_t count;
};

struct slot {
    uint64_t hash;
    struct flow *flow; /* NULL: free */
};

struct flow_table {
    struct hash_key key;
    bool vlan_in_key;
    struct slot *slots;
    size_t mask; /* their count less one; the count is a power of two */
    size_t flow_count;
    struct flow *spare; /* linked by `older` */
    unsigned spare_count;
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

/* Both directions of a connection have one hash; the network it was seen in tells
 * connections apart that have the same tuple. */
uint64_t flow_table_hash(const struct flow_table *t, const struct packet *p)
{
    uint64_t network = p->tunnel_id;
    if (t->vlan_in_key) network |= (uint64_t)p->vlan << 32;
    uint64_t hash = flow_hash_of_packet(t->key, p);
    if (network == 0) return hash;
    /* Keyed too: whoever numbers the networks must not choose the places. */
    uint64_t both[] = {hash, network};
    return hash_keyed(t->key, bytes_of(both, sizeof both));
}

/* The slot where a flow of that hash goes, behind those whose place it shares. */
static struct slot *free_slot(const struct flow_table *t, uint64_t hash)
{
    size_t at = hash & t->mask;
    while (t->slots[at].flow != NULL) at = (at + 1) & t->mask;
    return &t->slots[at];
}

static void grow(struct flow_table *t)
{
    struct slot *old = t->slots;
    size_t old_count = t->mask + 1;
    t->slots = mem_alloc_array(old_count * 2, sizeof *t->slots);
    t->mask = old_count * 2 - 1;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].flow != NULL) *free_slot(t, old[i].hash) = old[i];
    mem_free(old);
}

struct flow_table *flow_table_new(struct hash_key key, bool vlan_in_key)
{
    struct flow_table *t = mem_alloc(sizeof *t);
    /* Not as whoever spreads connections over several tables hashes them. */
    t->key = (struct hash_key){.k0 = key.k1, .k1 = key.k0};
    t->vlan_in_key = vlan_in_key;
    t->mask = TABLE_SLOTS_FIRST - 1;
    t->slots = mem_alloc_array(TABLE_SLOTS_FIRST, sizeof *t->slots);
    return t;
}

void flow_table_free(struct flow_table *t)
{
    if (t == NULL) return;
    while (t->spare != NULL) {
        struct flow *f = t->spare;
        t->spare = f->older;
        mem_free(f);
    }
    mem_free(t->slots);
    mem_free(t);
}

static bool is_same_network(const struct flow_table *t, const struct flow *f,
                            const struct packet *p)
{
    if (f->conn.tunnel_id != p->tunnel_id) return false;
    return !t->vlan_in_key || f->conn.vlan == p->vlan;
}

/* Whether the packet belongs to `f`; *from says which of its directions sent it. */
static bool is_flow_of(const struct flow_table *t, const struct flow *f,
                       const struct packet *p, int *from)
{
    const struct conn *c = &f->conn;
    if (!is_same_network(t, f, p)) return false;
    bool is_forth =
        endpoint_equal(&c->client, &p->from) && endpoint_equal(&c->server, &p->to);
    bool is_back = !is_forth && endpoint_equal(&c->client, &p->to) &&
                   endpoint_equal(&c->server, &p->from);
    *from = is_back == c->is_flipped ? 0 : 1;
    return is_forth || is_back;
}

struct flow *flow_table_find(const struct flow_table *t, uint64_t hash,
                             const struct packet *p, int *from)
{
    size_t at = hash & t->mask;
    for (; t->slots[at].flow != NULL; at = (at + 1) & t->mask)
        if (t->slots[at].hash == hash && is_flow_of(t, t->slots[at].flow, p, from))
            return t->slots[at].flow;
    return NULL;
}

void flow_table_prefetch_slot(const struct flow_table *t, uint64_t hash)
{
    __builtin_prefetch(&t->slots[hash & t->mask]);
}

void flow_prefetch(const struct flow *f)
{
    enum { LINE_BYTES = 64 };
    const char *line = (const char *)f;
    if (f == NULL) return;
    for (size_t at = 0; at < sizeof *f; at += LINE_BYTES) __builtin_prefetch(line + at);
}

void flow_table_prefetch_flow(const struct flow_table *t, uint64_t hash)
{
    const struct slot *slot = &t->slots[hash & t->mask];
    if (slot->hash == hash) flow_prefetch(slot->flow);
}

/* A cleared flow; where connections come and go, one that was used a moment ago. */
static struct flow *take_spare(struct flow_table *t)
{
    struct flow *f = t->spare;
    if (f == NULL) return mem_alloc(sizeof *f);
    t->spare = f->older;
    t->spare_count--;
    memset(f, 0, sizeof *f);
    return f;
}

static void give_back(struct flow_table *t, struct flow *f)
{
    if (t->spare_count == TABLE_SPARE_MAX) {
        mem_free(f);
        return;
    }
    f->older = t->spare;
    t->spare = f;
    t->spare_count++;
}

struct flow *flow_table_add(struct flow_table *t, uint64_t hash, const struct packet *p)
{
    if ((t->flow_count + 1) * 4 > (t->mask + 1) * 3) grow(t);
    struct flow *f = take_spare(t);
    f->conn.client = p->from;
    f->conn.server = p->to;
    f->conn.tunnel_id = p->tunnel_id;
    f->conn.vlan = p->vlan;
    f->hash = hash;
    *free_slot(t, hash) = (struct slot){.hash = hash, .flow = f};
    t->flow_count++;
    list_append(&t->by_state[FLOW_OPEN], f);
    return f;
}

/* Those behind it move up, unless that would bring them before their own place: so no
 * search ends too early, and nothing is left of what was removed. */
static void free_up(struct flow_table *t, size_t hole)
{
    for (size_t at = (hole + 1) & t->mask; t->slots[at].flow != NULL;
         at = (at + 1) & t->mask) {
        size_t from_home = (at - t->slots[at].hash) & t->mask;
        if (from_home < ((at - hole) & t->mask)) continue;
        t->slots[hole] = t->slots[at];
        hole = at;
    }
    t->slots[hole] = (struct slot){0};
}

size_t flow_table_steps(const struct flow_table *t, const struct flow *f)
{
    size_t steps = 0;
    while (t->slots[(f->hash + steps) & t->mask].flow != f) steps++;
    return steps + 1;
}

void flow_table_remove(struct flow_table *t, struct flow *f)
{
    free_up(t, (f->hash + flow_table_steps(t, f) - 1) & t->mask);
    t->flow_count--;
    list_remove(&t->by_state[f->state], f);
    give_back(t, f);
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

struct flow *flow_table_newest(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].newest;
}

size_t flow_table_count(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].count;
}
