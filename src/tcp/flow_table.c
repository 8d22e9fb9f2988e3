/* Flows by four-tuple: open addressing under a keyed hash, so that nobody can aim at
 * one place; a list by age for each state, so that the oldest is always at hand.
 *
 *   slots | hash, entry | hash, entry |  -  | ...
 *               '--> flow, or what is left of it while it rests
 *
 *   by state:   oldest <-> ... <-> untried <-> ... <-> newest
 *               at rest, or refused       all awake
 *
 * The whole hash stands in the slot: a search reads one line of slots and the flow that
 * it was for, and growing reads no flow at all. */
#include "tcp/flow_table.h"

#include "hopscope/pool.h"

enum { TABLE_SLOTS_FIRST = 1 << 10 };

struct age_list {
    struct flow_entry *oldest, *newest;
    struct flow_entry *untried; /* the oldest of those; NULL: all were tried */
    size_t count, untried_count;
};

struct slot {
    uint64_t hash;
    struct flow_entry *entry; /* NULL: free */
};

struct flow_table {
    struct hash_key key;
    bool vlan_in_key;
    struct slot *slots;
    size_t mask; /* their count less one; the count is a power of two */
    size_t flow_count;
    struct pool *flows; /* those that are awake */
    struct age_list by_state[FLOW_STATE_COUNT];
};

static void list_unlink(struct age_list *list, const struct flow_entry *e)
{
    if (e->older != NULL) e->older->newer = e->newer;
    if (e->newer != NULL) e->newer->older = e->older;
    if (list->oldest == e) list->oldest = e->newer;
    if (list->newest == e) list->newest = e->older;
    if (list->untried == e) list->untried = e->newer;
}

static void list_link(struct age_list *list, struct flow_entry *e)
{
    e->older = list->newest;
    e->newer = NULL;
    e->was_tried = false;
    if (list->newest != NULL) list->newest->newer = e;
    if (list->oldest == NULL) list->oldest = e;
    if (list->untried == NULL) list->untried = e;
    list->newest = e;
}

static void list_remove(struct age_list *list, struct flow_entry *e)
{
    list_unlink(list, e);
    if (!e->was_tried) list->untried_count--;
    list->count--;
}

static void list_append(struct age_list *list, struct flow_entry *e)
{
    list_link(list, e);
    list->untried_count++;
    list->count++;
}

/* list_remove and list_append of an entry that is untried and not the newest, as almost
 * every packet's: so another stands behind it, and the counts stay as they are. */
static inline void list_make_newest(struct age_list *list, struct flow_entry *e)
{
    struct flow_entry *older = e->older, *newer = e->newer;
    newer->older = older;
    if (older != NULL) older->newer = newer;
    if (list->oldest == e) list->oldest = newer;
    if (list->untried == e) list->untried = newer;
    e->older = list->newest;
    e->newer = NULL;
    list->newest->newer = e;
    list->newest = e;
}

/* Keyed too: whoever numbers the networks must not choose the places. Apart, so that it
 * costs packets of no network nothing. */
__attribute__((noinline)) static uint64_t hash_in_network(const struct flow_table *t,
                                                          const struct packet *p)
{
    uint64_t network = p->tunnel_id;
    if (t->vlan_in_key) network |= (uint64_t)p->vlan << 32;
    uint64_t both[] = {flow_hash_of_packet(t->key, p), network};
    return hash_keyed(t->key, bytes_of(both, sizeof both));
}

/* Both directions of a connection have one hash; the network it was seen in tells
 * connections apart that have the same tuple. */
uint64_t flow_table_hash(const struct flow_table *t, const struct packet *p)
{
    bool has_network = p->tunnel_id != 0 || (t->vlan_in_key && p->vlan != 0);
    return has_network ? hash_in_network(t, p) : flow_hash_of_packet(t->key, p);
}

/* The slot where a flow of that hash goes, behind those whose place it shares. */
static struct slot *free_slot(const struct flow_table *t, uint64_t hash)
{
    size_t at = hash & t->mask;
    while (t->slots[at].entry != NULL) at = (at + 1) & t->mask;
    return &t->slots[at];
}

static void grow(struct flow_table *t)
{
    struct slot *old = t->slots;
    size_t old_count = t->mask + 1;
    t->slots = mem_alloc_array(old_count * 2, sizeof *t->slots);
    t->mask = old_count * 2 - 1;
    for (size_t i = 0; i < old_count; i++)
        if (old[i].entry != NULL) *free_slot(t, old[i].hash) = old[i];
    mem_free(old);
}

struct flow_table *flow_table_new(struct hash_key key, bool vlan_in_key)
{
    struct flow_table *t = mem_alloc(sizeof *t);
    /* Not as whoever spreads connections over several tables hashes them. */
    t->key = (struct hash_key){.k0 = key.k1, .k1 = key.k0};
    t->vlan_in_key = vlan_in_key;
    t->flows = pool_new(sizeof(struct flow));
    t->mask = TABLE_SLOTS_FIRST - 1;
    t->slots = mem_alloc_array(TABLE_SLOTS_FIRST, sizeof *t->slots);
    return t;
}

void flow_table_free(struct flow_table *t)
{
    if (t == NULL) return;
    pool_free(t->flows);
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

/* A resting one is the packet's, but for a chance of 1 in 2^64. */
static bool may_be(const struct flow_table *t, const struct flow_entry *e,
                   const struct packet *p, int *from)
{
    return e->is_resting || is_flow_of(t, (const struct flow *)e, p, from);
}

struct flow_entry *flow_table_find(const struct flow_table *t, uint64_t hash,
                                   const struct packet *p, int *from)
{
    const struct slot *last = &t->slots[t->mask], *slot = &t->slots[hash & t->mask];
    for (; slot->entry != NULL; slot = slot == last ? t->slots : slot + 1)
        if (slot->hash == hash && may_be(t, slot->entry, p, from)) return slot->entry;
    return NULL;
}

void flow_table_prefetch_slot(const struct flow_table *t, uint64_t hash)
{
    mem_prefetch(&t->slots[hash & t->mask], 1);
}

/* One at rest is smaller: what stands behind it is asked for in vain. */
void flow_prefetch(const struct flow_entry *e)
{
    enum { LINE_BYTES = 64 };
    if (e == NULL) return;
#pragma GCC unroll 16 /* with every packet */
    for (size_t at = 0; at < sizeof(struct flow); at += LINE_BYTES)
        mem_prefetch((const char *)e + at, 1);
}

void flow_table_prefetch_removal(const struct flow_table *t, const struct flow_entry *e)
{
    flow_table_prefetch_slot(t, e->hash);
    pool_prefetch_giving(e);
}

void flow_table_prefetch_flow(const struct flow_table *t, uint64_t hash)
{
    const struct slot *slot = &t->slots[hash & t->mask];
    if (slot->hash == hash) flow_prefetch(slot->entry);
}

struct flow *flow_table_take_flow(struct flow_table *t)
{
    return pool_take(t->flows);
}

void flow_table_give_flow(struct flow_table *t, struct flow *f)
{
    pool_give(t->flows, f);
}

struct flow *flow_table_add(struct flow_table *t, uint64_t hash, const struct packet *p)
{
    if ((t->flow_count + 1) * 4 > (t->mask + 1) * 3) grow(t);
    struct flow *f = flow_table_take_flow(t);
    f->conn.client = p->from;
    f->conn.server = p->to;
    f->conn.tunnel_id = p->tunnel_id;
    f->conn.vlan = p->vlan;
    f->entry.hash = hash;
    *free_slot(t, hash) = (struct slot){.hash = hash, .entry = &f->entry};
    t->flow_count++;
    list_append(&t->by_state[FLOW_OPEN], &f->entry);
    return f;
}

/* Those behind it move up, unless that would bring them before their own place: so no
 * search ends too early, and nothing is left of what was removed. */
static void free_up(struct flow_table *t, size_t hole)
{
    for (size_t at = (hole + 1) & t->mask; t->slots[at].entry != NULL;
         at = (at + 1) & t->mask) {
        size_t from_home = (at - t->slots[at].hash) & t->mask;
        if (from_home < ((at - hole) & t->mask)) continue;
        t->slots[hole] = t->slots[at];
        hole = at;
    }
    t->slots[hole] = (struct slot){0};
}

size_t flow_table_steps(const struct flow_table *t, const struct flow_entry *e)
{
    size_t steps = 0;
    while (t->slots[(e->hash + steps) & t->mask].entry != e) steps++;
    return steps + 1;
}

static size_t slot_of(const struct flow_table *t, const struct flow_entry *e)
{
    return (e->hash + flow_table_steps(t, e) - 1) & t->mask;
}

void flow_table_remove(struct flow_table *t, struct flow *f)
{
    free_up(t, slot_of(t, &f->entry));
    t->flow_count--;
    list_remove(&t->by_state[f->entry.state], &f->entry);
    flow_table_give_flow(t, f);
}

void flow_table_replace(struct flow_table *t, const struct flow_entry *e,
                        struct flow_entry *next)
{
    struct age_list *list = &t->by_state[e->state];
    bool is_resting = next->is_resting;
    t->slots[slot_of(t, e)].entry = next;
    *next = *e;
    next->is_resting = is_resting;
    if (e->older != NULL) e->older->newer = next;
    if (e->newer != NULL) e->newer->older = next;
    if (list->oldest == e) list->oldest = next;
    if (list->newest == e) list->newest = next;
    if (list->untried == e) list->untried = next;
}

void flow_table_touch(struct flow_table *t, struct flow *f)
{
    struct age_list *open = &t->by_state[FLOW_OPEN];
    struct flow_entry *e = &f->entry;
    if (e->state != FLOW_OPEN) return;
    if (e->was_tried) {
        list_remove(open, e);
        list_append(open, e);
    } else if (open->newest != e) {
        list_make_newest(open, e);
    }
}

void flow_table_move(struct flow_table *t, struct flow *f, enum flow_state state)
{
    list_remove(&t->by_state[f->entry.state], &f->entry);
    f->entry.state = state;
    list_append(&t->by_state[state], &f->entry);
}

struct flow_entry *flow_table_oldest(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].oldest;
}

struct flow_entry *flow_table_newest(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].newest;
}

size_t flow_table_count(const struct flow_table *t, enum flow_state state)
{
    return t->by_state[state].count;
}

struct flow *flow_table_try_oldest(struct flow_table *t, enum flow_state state,
                                   size_t count)
{
    struct age_list *list = &t->by_state[state];
    if (list->untried_count <= count) return NULL;
    struct flow_entry *e = list->untried;
    e->was_tried = true;
    list->untried = e->newer;
    list->untried_count--;
    return (struct flow *)e;
}
