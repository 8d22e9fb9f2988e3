/* The two hellos, read from the bytes of their handshake message. */
#ifndef HOPSCOPE_SRC_TLS_HELLO_H
#define HOPSCOPE_SRC_TLS_HELLO_H

#include "hopscope/tls.h"

enum { HELLO_HEADER_LENGTH = 4 };

enum hello_type { HELLO_OTHER, HELLO_OF_CLIENT, HELLO_OF_SERVER };

/* Of a handshake message of which at least HELLO_HEADER_LENGTH bytes are there: what it
 * is, and how long with its header. */
enum hello_type hello_type(struct bytes message, size_t *length);

/* Reads as far as the message goes: what stands before a cut counts. Lengths that do
 * not fit end the reading. `offers_early_data`: RFC 8446, section 4.2.10. */
void hello_read_client(struct bytes message, struct tls_account *out,
                       bool *offers_early_data);
void hello_read_server(struct bytes message, struct tls_account *out);

#endif
