/* All connections that are tracked, by four-tuple and by age. */
#ifndef TCP_FLOW_TABLE_H
#define TCP_FLOW_TABLE_H

#include "tcp/flow.h"

struct flow_table;

struct flow_table *flow_table_new(struct hash_key key, bool vlan_in_key);
void flow_table_free(struct flow_table *t); /* all must have been removed */
/* The keyed hash of a packet's connection, the same for both directions. */
uint64_t flow_table_hash(const struct flow_table *t, const struct packet *p);
/* Fetch what a search for that hash reads: first where it looks, and once that is
 * there, what it finds. */
void flow_table_prefetch_slot(const struct flow_table *t, uint64_t hash);
void flow_table_prefetch_flow(const struct flow_table *t, uint64_t hash);
void flow_prefetch(const struct flow_entry *e); /* NULL is allowed */
/* What flow_table_remove reads beside the flow. */
void flow_table_prefetch_removal(const struct flow_table *t,
                                 const struct flow_entry *e);
/* The flow of a packet; *from says which of its directions sent it. NULL: none. One at
 * rest that has the hash may be the packet's: wake it, and look again. */
struct flow_entry *flow_table_find(const struct flow_table *t, uint64_t hash,
                                   const struct packet *p, int *from);
/* A new flow, cleared, its conn's identity filled; the packet's sender is direction 0.
 */
struct flow *flow_table_add(struct flow_table *t, uint64_t hash,
                            const struct packet *p);
void flow_table_remove(struct flow_table *t, struct flow *f); /* frees it */
/* Memory for a flow, cleared, and back: for whoever takes another's place. */
struct flow *flow_table_take_flow(struct flow_table *t);
void flow_table_give_flow(struct flow_table *t, struct flow *f);
/* `next` stands from now on where `e` stood, in every order. */
void flow_table_replace(struct flow_table *t, const struct flow_entry *e,
                        struct flow_entry *next);
/* How many slots a search for it reads. */
size_t flow_table_steps(const struct flow_table *t, const struct flow_entry *e);
void flow_table_touch(struct flow_table *t, struct flow *f); /* now the newest */
void flow_table_move(struct flow_table *t, struct flow *f, enum flow_state state);
struct flow_entry *flow_table_oldest(const struct flow_table *t, enum flow_state state);
struct flow_entry *flow_table_newest(const struct flow_table *t, enum flow_state state);
size_t flow_table_count(const struct flow_table *t, enum flow_state state);
/* The oldest flow that was not tried, if more than `count` were not; it counts as tried
 * then, until it is the newest once more. NULL: no more than that. */
struct flow *flow_table_try_oldest(struct flow_table *t, enum flow_state state,
                                   size_t count);

#endif
