/* tls: what a TLS connection says in clear before it falls silent (RFC 8446, section 4;
 * RFC 5246, section 7.4): the name the client asks for, the protocols it offers, the
 * version, and how long the handshake took. Nothing is decrypted.
 *
 *   chunk --> records --> ClientHello, ServerHello --> account --> sink
 *                '--first application record of the client: seen enough */
#ifndef HOPSCOPE_TLS_H
#define HOPSCOPE_TLS_H

#include "hopscope/base.h"
#include "hopscope/stream.h"

enum {
    TLS_HELLO_BYTES_MAX = 32 << 10, /* kept of one hello; is_cut beyond */
    TLS_TEXT_MAX = 255,             /* of a name, and of the ALPN list */
};

struct tls_text {
    uint8_t length;
    uint8_t text[TLS_TEXT_MAX];
};

static inline struct bytes tls_text_bytes(const struct tls_text *t)
{
    return bytes_of(t->length > 0 ? t->text : NULL, t->length);
}

/* What both hellos said. A length of 0: that text was not there. */
struct tls_account {
    struct tls_text sni; /* RFC 6066, section 3; as sent, any byte may be in it */
    /* RFC 7301: the chosen one where the ServerHello tells (TLS 1.2 and older), else
     * all that were offered, joined by commas, reserved (GREASE) ones left out. */
    struct tls_text alpn;
    /* As on the wire: the chosen version, without a ServerHello the highest offered;
     * 0: no hello was seen. */
    uint16_t version;
    bool is_version_chosen, is_alpn_chosen;
    bool has_ech; /* the client sent encrypted_client_hello, or grease in its place:
                   * the name may be an outer one */
    bool is_cut;  /* a hello was lost in part, or longer than what is kept */
    /* From the ClientHello's first byte to the first application record of the client
     * (in TLS 1.3 the one with its Finished); TIME_UNKNOWN: not both were seen. Early
     * data do not count. */
    int64_t handshake_ns;
    struct chunk hello; /* where the ClientHello began, without data; ref 0: not seen */
};

/* Takes the account of one connection or tunnel, once: when the handshake is over, or
 * with the end of the streams. `open` is asked for the context of `closed`. */
struct tls_sink {
    void *context;
    void *(*open)(void *context, struct conn *conn);
    void (*closed)(void *opened, const struct tls_account *account);
};

/* The protocol row for the stream layer; `sink` must outlive it. */
struct protocol tls_protocol(struct tls_sink *sink);

/* "TLSv1.3" and the like, static; NULL: a number that is no version. */
const char *tls_version_name(uint16_t version);

#endif
