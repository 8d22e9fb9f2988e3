/* The opening of a connection (RFC 9293, section 3.5; SEMANTICS 1, "Opening"). */
#ifndef TCP_HANDSHAKE_H
#define TCP_HANDSHAKE_H

#include "tcp/flow.h"

/* Whether this SYN begins a new life of the four-tuple (SEMANTICS 1). */
bool handshake_is_new_life(const struct flow *f, const struct packet *p, int from);
/* Opens the account with its first packet: roles, kind, sequence numbers. */
void handshake_begin(struct flow *f, const struct packet *p);
/* What a later packet adds to the opening: SYN-ACK, ACK, repeated SYNs. */
void handshake_follow(struct flow *f, const struct packet *p, int from);
/* Whether it may add anything. Where both directions have begun with numbers that are
 * no guesses, all that is left to come without a SYN is the client's first ACK. */
static inline bool handshake_may_go_on(const struct flow *f, const struct packet *p)
{
    const struct direction *a = &f->direction[0], *b = &f->direction[1];
    bool is_settled = a->is_based && b->is_based && !a->is_guessed && !b->is_guessed &&
                      f->conn.ack_ns != TIME_UNKNOWN;
    return !is_settled || (p->flags & TCP_SYN) != 0;
}
/* The part of it that any ACK has without SYN or RST: the client's first one. */
void handshake_take_ack(struct flow *f, const struct packet *p, int from);
/* What became of the opening, when the connection is over. */
void handshake_conclude(struct flow *f);

#endif
