/* Chained buckets, as many as there may be entries: with a keyed hash a chain stays
 * short. What is whole goes first when room is needed, then the oldest that waits. */
#include "net/ip_fragment_table.h"

#include <string.h>

enum { BUCKET_COUNT = NET_FRAGMENT_DATAGRAMS_MAX };

/* A mirror's copies are 50 ms late at most; 65,536 packets, after which a number comes
 * again, take longer. */
static const int64_t keep_whole_ns = INT64_C(200000000);

/* ---- lists and buckets ---- */

static struct ip_fragment_list *list_of(struct ip_fragment_table *t,
                                        const struct ip_fragment_entry *e)
{
    return e->state == IP_FRAGMENT_WHOLE ? &t->whole : &t->waiting;
}

static void list_add(struct ip_fragment_list *list, struct ip_fragment_entry *e)
{
    e->newer = NULL;
    e->older = list->newest;
    if (list->newest != NULL)
        list->newest->newer = e;
    else
        list->oldest = e;
    list->newest = e;
}

static void list_remove(struct ip_fragment_list *list, struct ip_fragment_entry *e)
{
    if (e->older != NULL)
        e->older->newer = e->newer;
    else
        list->oldest = e->newer;
    if (e->newer != NULL)
        e->newer->older = e->older;
    else
        list->newest = e->older;
}

static struct ip_fragment_entry **find_bucket(const struct ip_fragment_table *t,
                                              const struct ip_fragment_key *key)
{
    uint64_t hash = hash_keyed(t->key, bytes_of(key, sizeof(*key)));
    return &t->buckets[hash % BUCKET_COUNT];
}

void ip_fragment_table_forget(struct ip_fragment_table *t, struct ip_fragment_entry *e)
{
    if (!e->is_in_table) return;
    struct ip_fragment_entry **at = find_bucket(t, &e->key);
    while (*at != e) at = &(*at)->next_in_bucket;
    *at = e->next_in_bucket;
    e->is_in_table = false;
}

static void free_bytes(struct ip_fragment_table *t, struct ip_fragment_entry *e)
{
    t->counters->fragment_bytes -= ip_datagram_memory(&e->datagram);
    ip_datagram_done(&e->datagram);
}

static void free_entry(struct ip_fragment_table *t, struct ip_fragment_entry *e)
{
    ip_fragment_table_forget(t, e);
    list_remove(list_of(t, e), e);
    free_bytes(t, e);
    t->counters->fragment_bytes -= sizeof(*e);
    t->count--;
    mem_free(e);
}

void ip_fragment_table_done(struct ip_fragment_table *t)
{
    while (t->waiting.oldest != NULL) free_entry(t, t->waiting.oldest);
    while (t->whole.oldest != NULL) free_entry(t, t->whole.oldest);
    mem_free(t->buckets);
    t->buckets = NULL;
}

/* ---- caps ---- */

void ip_fragment_table_expire(struct ip_fragment_table *t, int64_t now_ns)
{
    struct ip_fragment_entry *e;
    if (now_ns > t->clock_ns) t->clock_ns = now_ns;
    while ((e = t->waiting.oldest) != NULL &&
           t->clock_ns - e->since_ns > NET_FRAGMENT_WAIT_NS) {
        if (e->state == IP_FRAGMENT_WAITING) t->counters->fragments_timed_out++;
        free_entry(t, e);
    }
    while ((e = t->whole.oldest) != NULL && e->frame != t->frame &&
           t->clock_ns - e->since_ns > keep_whole_ns)
        free_entry(t, e);
}

/* Never `kept`, nor what this frame still reads. */
static bool evict_one(struct ip_fragment_table *t, const struct ip_fragment_entry *kept)
{
    struct ip_fragment_entry *e = t->whole.oldest;
    if (e == NULL || e->frame == t->frame) {
        e = t->waiting.oldest;
        if (e != NULL && e == kept) e = e->newer;
        if (e == NULL) return false;
        if (e->state == IP_FRAGMENT_WAITING) t->counters->fragments_evicted++;
    }
    free_entry(t, e);
    return true;
}

static bool make_room(struct ip_fragment_table *t, const struct ip_fragment_entry *kept,
                      size_t more)
{
    while (t->counters->fragment_bytes + more > NET_FRAGMENT_BYTES_MAX)
        if (!evict_one(t, kept)) return false;
    return true;
}

/* ---- entries ---- */

struct ip_fragment_entry *ip_fragment_table_find(const struct ip_fragment_table *t,
                                                 const struct ip_fragment_key *key)
{
    if (t->buckets == NULL) return NULL;
    struct ip_fragment_entry *e = *find_bucket(t, key);
    while (e != NULL && memcmp(&e->key, key, sizeof(*key)) != 0) e = e->next_in_bucket;
    return e;
}

struct ip_fragment_entry *ip_fragment_table_add(struct ip_fragment_table *t,
                                                const struct ip_fragment_key *key)
{
    if (t->buckets == NULL) {
        t->buckets = mem_alloc_array(BUCKET_COUNT, sizeof(struct ip_fragment_entry *));
        t->key = hash_key_random();
    }
    while (t->count >= NET_FRAGMENT_DATAGRAMS_MAX)
        if (!evict_one(t, NULL)) return NULL;
    if (!make_room(t, NULL, sizeof(struct ip_fragment_entry))) return NULL;

    struct ip_fragment_entry *e = mem_alloc(sizeof(*e));
    struct ip_fragment_entry **bucket = find_bucket(t, key);
    ip_datagram_init(&e->datagram);
    e->key = *key;
    e->number = ++t->numbers;
    e->since_ns = t->clock_ns;
    e->next = LAYER_OTHER;
    e->next_in_bucket = *bucket;
    e->is_in_table = true;
    *bucket = e;
    list_add(&t->waiting, e);
    t->counters->fragment_bytes += sizeof(*e);
    t->count++;
    return e;
}

bool ip_fragment_table_store(struct ip_fragment_table *t, struct ip_fragment_entry *e,
                             const struct ip_piece *piece)
{
    size_t before = ip_datagram_memory(&e->datagram);
    size_t after = ip_datagram_memory_for(&e->datagram, piece->offset + piece->length);
    if (!make_room(t, e, after - before)) return false;
    ip_datagram_store(&e->datagram, piece);
    t->counters->fragment_bytes += after - before;
    return true;
}

void ip_fragment_table_refuse(struct ip_fragment_table *t, struct ip_fragment_entry *e)
{
    free_bytes(t, e);
    e->state = IP_FRAGMENT_REFUSED;
}

void ip_fragment_table_finish(struct ip_fragment_table *t, struct ip_fragment_entry *e)
{
    list_remove(&t->waiting, e);
    e->state = IP_FRAGMENT_WHOLE;
    e->since_ns = t->clock_ns;
    e->frame = t->frame;
    list_add(&t->whole, e);
}
