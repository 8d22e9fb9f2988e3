/* Fields that concern this hop alone (RFC 9110, section 7.6.1): what Connection lists,
 * what Keep-Alive promises, and what is sent without being listed. */
#ifndef HOPSCOPE_SRC_HTTP_HOP_FIELDS_H
#define HOPSCOPE_SRC_HTTP_HOP_FIELDS_H

#include "http/header.h"

/* Connection, most often: one option. False: it is none, and perhaps a list. */
bool hop_fields_read_option(struct header *h, struct bytes list);
/* Connection: its options into h->options. Notes one that names an end-to-end field. */
void hop_fields_read_options(struct header *h, struct bytes list,
                             const struct notes *n);
/* Keep-Alive: `timeout=` in seconds and `max=` in requests, into `h`. */
void hop_fields_read_keep_alive(struct header *h, struct bytes list);
/* At the end of the section: notes those that came without their option. */
void hop_fields_judge_seen(const struct header *h, const struct notes *n);
static inline void hop_fields_judge(const struct header *h, const struct notes *n)
{
    static const uint32_t hop_by_hop = 1u << FIELD_KEEP_ALIVE | 1u << FIELD_TE |
                                       1u << FIELD_UPGRADE |
                                       1u << FIELD_PROXY_CONNECTION;
    if (h->seen & hop_by_hop) hop_fields_judge_seen(h, n);
}

#endif
